//! `review`: findings of the whole service.

mod baseline;
mod fix;
mod mypy;
mod since;
mod style;

pub use baseline::Baseline;

use architect_model::Service;
use architect_source::{Confidence, FileSystem, Finding, OsFileSystem, Severity, Stopwatch};
use architect_style::Formatting;

use crate::args::{Global, MinConfidence, MinSeverity, Review, ReviewFormat, Tool};
use crate::render::Shown;
use crate::{Outcome, context, render, rules, suppress, unknowns, wire};

/// Reviews the service and prints what is to be said.
///
/// # Errors
/// When an option names no rule, a file cannot be read or written, or the service cannot be read.
pub fn run(options: &Review, global: &Global) -> Result<Outcome, String> {
    let watch = Stopwatch::new();
    check_names(options.select.iter().chain(&options.ignore))?;
    let known = options.baseline.as_deref().map(baseline::read).transpose()?;
    let mut said = said(&OsFileSystem, options, global)?;
    if options.fix || options.diff {
        said = match fix::run(said, options, global)? {
            fix::Outcome::Shown(outcome) => return Ok(outcome),
            fix::Outcome::Left(left) => *left,
        };
    }
    for warning in said.warnings.iter().filter(|_| !global.quiet) {
        context::say(&format!("warning: {warning}"));
    }
    // What was chosen from is asked for where it is compared alone.
    let everything: Vec<Finding> = if known.is_some() { said.findings.clone() } else { Vec::new() };
    if let Some(revision) = &options.since {
        since::narrow(&mut said, revision, options, global)?;
    }
    let mut findings = shown(said.findings, options);
    if let Some(path) = &options.write_baseline {
        baseline::write(path, &findings)?;
    }
    let compared = known.map(|known| known.compare(&mut findings, &everything, &|rule| said.ran.has(rule)));
    let shown = Shown {
        service: &said.service,
        findings: &findings,
        suppressed: said.suppressed,
        baseline: compared,
        formatting: &said.formatting,
    };
    print(&shown, options.format, watch, global)?;
    context::say_cost(watch, global);
    // A run that records what is known has found nothing new.
    let clean = findings.is_empty() || options.write_baseline.is_some();
    // The process ends now, and the system frees it faster.
    std::mem::forget(said.service);
    Ok(if clean { Outcome::Clean } else { Outcome::Reported })
}

/// The page of a service with what a review says of it, and the service. `opens_at` names the part that is seen first.
///
/// # Errors
/// When a file cannot be read, or the service cannot be read.
pub fn page(
    options: &Review,
    opens_at: &dyn Fn(&Service) -> Result<String, String>,
    global: &Global,
) -> Result<(String, Service), String> {
    let known = options.baseline.as_deref().map(baseline::read).transpose()?;
    let Said { service, findings: everything, suppressed, formatting, warnings, ran } =
        said(&OsFileSystem, options, global)?;
    for warning in warnings.iter().filter(|_| !global.quiet) {
        context::say(&format!("warning: {warning}"));
    }
    let opens_at = opens_at(&service)?;
    let mut findings = shown(everything.clone(), options);
    let baseline = known.map(|known| known.compare(&mut findings, &everything, &|rule| ran.has(rule)));
    let shown = Shown { service: &service, findings: &findings, suppressed, baseline, formatting: &formatting };
    Ok((render::html(&shown, &opens_at), service))
}

fn print(shown: &Shown<'_>, format: ReviewFormat, watch: Stopwatch, global: &Global) -> Result<(), String> {
    let text = match format {
        ReviewFormat::Json => {
            return context::print_json(&wire::review::Review::new(shown, watch.elapsed()), global);
        }
        ReviewFormat::Concise => render::concise(shown.findings),
        ReviewFormat::Text => text(shown, global),
        ReviewFormat::Sarif => render::sarif(shown),
        ReviewFormat::Github => render::github(shown),
        ReviewFormat::Gitlab => render::gitlab(shown),
        ReviewFormat::Junit => render::junit(shown),
        ReviewFormat::Markdown => render::markdown(shown),
        ReviewFormat::Html => render::html(shown, "/findings"),
    };
    context::print(&text, global)
}

/// What is said of a tree of files, before anybody chooses what to look at.
pub struct Said {
    /// What was looked at.
    pub service: Service,
    /// Everything that nobody suppressed.
    pub findings: Vec<Finding>,
    suppressed: usize,
    formatting: Formatting,
    warnings: Vec<String>,
    ran: Ran,
}

/// Who was asked besides the rules of every review.
#[derive(Clone, Copy, Debug)]
struct Ran {
    /// Ruff.
    style: bool,
    /// Rules that decide on how code is written.
    conventions: bool,
}

impl Ran {
    /// Whether a rule had its say: what it does not report is not there.
    fn has(self, rule: &str) -> bool {
        (self.style || !rules::is_delegated(rule)) && (self.conventions || !rules::is_of_conventions(rule))
    }
}

/// Whether somebody wants to hear of conventions: by name, or of whatever is less than sure.
fn asks_for_conventions(options: &Review) -> bool {
    let unsure = options.all || matches!(options.min_confidence, Some(MinConfidence::Low | MinConfidence::Medium));
    match options.select.as_slice() {
        [] => unsure,
        names => names.iter().any(|name| rules::asks_for_conventions(name)),
    }
}

/// Asks the rules, and whoever else was asked for.
fn said(files: &dyn FileSystem, options: &Review, global: &Global) -> Result<Said, String> {
    let ran = Ran {
        style: options.style || options.select.iter().any(|name| rules::is_delegated(name)),
        conventions: asks_for_conventions(options),
    };
    let service = context::reviewed(files, &options.project, ran.conventions, global)?;
    let mut findings = rules::findings(&service);
    let mut formatting = Formatting::default();
    let mut warnings = Vec::new();
    if ran.style {
        let report = style::report(files, &service, options, global)?;
        (formatting, warnings) = (report.formatting, report.warnings);
        style::add(&service, &mut findings, report.findings);
    }
    if options.with.contains(&Tool::Mypy) && files.is_disk() {
        findings.extend(mypy::findings(&service, options, global)?);
    }
    options.policy.apply(&mut findings);
    let (findings, suppressed) = suppress::apply(&service.files, findings, &|rule| ran.has(rule));
    Ok(Said { service, findings, suppressed, formatting, warnings, ran })
}

fn text(shown: &Shown<'_>, global: &Global) -> String {
    let mut out = render::frames(shown.service, shown.findings, context::colored(global));
    if global.quiet {
        return out;
    }
    out.push_str(&render::summary(shown));
    let unknowns = &shown.service.unknowns;
    if !unknowns.is_empty() {
        out.push_str("not known:\n");
        out.push_str(&unknowns::text(unknowns, global.verbose));
    }
    out
}

fn check_names<'a>(names: impl Iterator<Item = &'a String>) -> Result<(), String> {
    for name in names {
        if !rules::is_selector(name) {
            let all = rules::all();
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
        Some(MinConfidence::Medium) => Confidence::Medium,
        None | Some(MinConfidence::High) => Confidence::High,
    };
    let named = |names: &[String], finding: &Finding| names.iter().any(|name| is_named(name, finding));
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

/// Whether a name on the command line or in the configuration means this finding: its rule, its group, or a prefix
/// of a code of ruff.
pub fn is_named(name: &str, finding: &Finding) -> bool {
    name == finding.rule
        || name == finding.group
        || (finding.group == rules::STYLE && finding.rule.starts_with(name) && rules::is_delegated(name))
}

#[cfg(test)]
mod tests {
    use architect_model::service::SyntaxError;
    use architect_source::Location;

    use super::*;

    fn options() -> Review {
        crate::args::tests::review()
    }

    fn some() -> Vec<Finding> {
        let location =
            Location { path: "a.py".into(), line: 1, column: 1, end_line: 1, end_column: 2, start: 0, end: 1 };
        let error = SyntaxError { message: "bad".into(), location, needs_python: None };
        let service = Service { syntax_errors: vec![error], ..Service::default() };
        let error = rules::findings(&service).remove(0);
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
