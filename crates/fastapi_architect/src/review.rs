//! `review`: findings of the whole service.

use architect_model::Service;
use architect_source::{Confidence, Finding, Severity, Stopwatch};

use crate::args::{Global, MinConfidence, MinSeverity, Review, ReviewFormat};
use crate::{Outcome, context, render, rules, suppress, unknowns, wire};

/// Reviews the service and prints what is to be said.
///
/// # Errors
/// When an option names no rule or the service cannot be read.
pub fn run(options: &Review, global: &Global) -> Result<Outcome, String> {
    let watch = Stopwatch::new();
    check_names(options.select.iter().chain(&options.ignore))?;
    let service = context::reviewed(&options.project, global)?;
    let (findings, suppressed) = suppress::apply(&service.files, findings(&service));
    let findings = shown(findings, options);
    match options.format {
        ReviewFormat::Json => {
            let review = wire::review::Review::new(&service, &findings, suppressed, watch.elapsed());
            context::print_json(&review, global)?;
        }
        ReviewFormat::Concise => context::print(&render::concise(&findings), global)?,
        ReviewFormat::Text => context::print(&text(&service, &findings, suppressed, global), global)?,
    }
    context::say_cost(watch, global);
    Ok(if findings.is_empty() { Outcome::Clean } else { Outcome::Reported })
}

/// What the rules say, unfiltered.
fn findings(service: &Service) -> Vec<Finding> {
    rules::findings(service)
}

fn text(service: &Service, findings: &[Finding], suppressed: usize, global: &Global) -> String {
    let mut out = render::frames(service, findings, context::colored(global));
    if global.quiet {
        return out;
    }
    out.push_str(&render::summary(service, findings, suppressed));
    if !service.unknowns.is_empty() {
        out.push_str("not known:\n");
        out.push_str(&unknowns::text(&service.unknowns, global.verbose));
    }
    out
}

fn check_names<'a>(names: impl Iterator<Item = &'a String>) -> Result<(), String> {
    let all = rules::all();
    for name in names {
        if !all.iter().any(|rule| rule.name == name || rule.group == name) {
            return Err(rules::unknown(name, all.iter().flat_map(|rule| [rule.name, rule.group])));
        }
    }
    Ok(())
}

/// What the options let through: what matters most first, then by place.
fn shown(findings: Vec<Finding>, options: &Review) -> Vec<Finding> {
    let severity = match options.min_severity {
        None | Some(MinSeverity::Info) => Severity::Info,
        Some(MinSeverity::Warning) => Severity::Warning,
        Some(MinSeverity::Error) => Severity::Error,
    };
    let confidence = match options.min_confidence {
        _ if options.all => Confidence::Low,
        Some(MinConfidence::Low) => Confidence::Low,
        None | Some(MinConfidence::Medium) => Confidence::Medium,
        Some(MinConfidence::High) => Confidence::High,
    };
    let named =
        |names: &[String], finding: &Finding| names.iter().any(|name| name == finding.rule || name == finding.group);
    let mut shown = findings;
    shown.retain(|finding| {
        finding.severity >= severity
            && finding.confidence >= confidence
            && (options.select.is_empty() || named(&options.select, finding))
            && !named(&options.ignore, finding)
    });
    shown.sort_by(|a, b| {
        (b.severity.cmp(&a.severity)).then_with(|| a.location.cmp(&b.location)).then_with(|| a.rule.cmp(b.rule))
    });
    shown
}

#[cfg(test)]
mod tests {
    use architect_model::service::SyntaxError;
    use architect_source::Location;

    use super::*;

    fn options() -> Review {
        Review {
            project: ".".into(),
            select: Vec::new(),
            ignore: Vec::new(),
            min_severity: None,
            min_confidence: None,
            all: false,
            format: ReviewFormat::Text,
        }
    }

    fn some() -> Vec<Finding> {
        let location =
            Location { path: "a.py".into(), line: 1, column: 1, end_line: 1, end_column: 2, start: 0, end: 1 };
        let error = SyntaxError { message: "bad".into(), location, needs_python: None };
        let service = Service { syntax_errors: vec![error], ..Service::default() };
        let error = findings(&service).remove(0);
        let low = Finding { confidence: Confidence::Low, group: "queries", ..error.clone() };
        let info = Finding { severity: Severity::Info, rule: "unused-suppression", ..error.clone() };
        vec![info, low, error]
    }

    #[test]
    fn unsure_findings_are_left_out_unless_asked_for() {
        let severities = |options: &Review| shown(some(), options).iter().map(|f| f.severity).collect::<Vec<_>>();
        assert_eq!(severities(&options()), [Severity::Error, Severity::Info]);
        assert_eq!(severities(&Review { all: true, ..options() }).len(), 3);
        assert_eq!(severities(&Review { min_severity: Some(MinSeverity::Error), ..options() }), [Severity::Error]);
    }

    #[test]
    fn rules_and_groups_can_be_named() {
        let select = Review { select: vec!["queries".into()], all: true, ..options() };
        assert_eq!(shown(some(), &select).len(), 1);
        let ignore = Review { ignore: vec!["unused-suppression".into()], ..options() };
        assert_eq!(shown(some(), &ignore).len(), 1);
        let error = check_names([&"unused-supression".to_owned()].into_iter()).unwrap_err();
        assert!(error.contains("did you mean unused-suppression?"), "{error}");
    }
}
