//! A review in every format.

mod github;
mod gitlab;
mod junit;
mod markdown;
mod sarif;

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;

use annotate_snippets::{Annotation, AnnotationKind, Element, Group, Level, Origin, Renderer, Snippet};
use architect_model::Service;
use architect_source::{Applicability, Finding, LineIndex, Location, Severity, fingerprint};
use architect_style::Formatting;
use architect_views::escape::{code_line, printable};
use architect_views::page::{self, LeftOut, Page};
use rayon::prelude::*;

pub use self::{
    github::text as github, gitlab::text as gitlab, junit::text as junit, markdown::text as markdown,
    sarif::text as sarif,
};

/// What there is to show.
pub struct Shown<'a> {
    /// What was looked at.
    pub service: &'a Service,
    /// What is said, in the order in which it is said.
    pub findings: &'a [Finding],
    /// How many findings comments suppress.
    pub suppressed: usize,
    /// What became of a baseline, where there is one.
    pub baseline: Option<Compared>,
    /// What a formatter would do.
    pub formatting: &'a Formatting,
}

/// A review against a baseline.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Compared {
    /// Findings that are in the baseline.
    pub known: usize,
    /// Findings of the baseline that are gone.
    pub fixed: usize,
}

/// A fingerprint for each finding, no two alike: what reads them keeps one finding each.
fn unique(findings: &[Finding]) -> Vec<String> {
    let mut seen: HashMap<String, usize> = HashMap::new();
    let number = |finding: &Finding| {
        let own = finding.fingerprint();
        let count = seen.entry(own.clone()).or_default();
        *count += 1;
        if *count == 1 { own } else { fingerprint(&own, &count.to_string()) }
    };
    findings.iter().map(number).collect()
}

/// One line a finding: `path:line:column rule severity message`.
pub fn concise(findings: &[Finding]) -> String {
    findings.iter().fold(String::new(), |mut out, finding| {
        let Location { path, line, column, .. } = &finding.location;
        let text = format!("{path}:{line}:{column} {} {} {}", finding.rule, finding.severity.as_str(), finding.message);
        out.push_str(&printable(&text));
        out.push('\n');
        out
    })
}

/// Findings with code frames, their reasoning and what to do.
pub fn frames(service: &Service, findings: &[Finding], colored: bool) -> String {
    let renderer = if colored { Renderer::styled() } else { Renderer::plain() };
    let sources = Sources::of(service, findings);
    let frame = |finding| renderer.render(&groups(&sources, finding)) + "\n\n";
    findings.par_iter().map(frame).collect()
}

/// `1 error, 2 warnings`, and what was looked at.
pub fn summary(shown: &Shown<'_>) -> String {
    let Shown { service, findings, suppressed, baseline, formatting } = shown;
    let mut out = counts(findings);
    let mut aside = Vec::new();
    if *suppressed > 0 {
        aside.push(format!("{suppressed} suppressed"));
    }
    if let Some(Compared { known, fixed }) = baseline {
        aside.push(format!("{known} in the baseline, {fixed} of it fixed"));
    }
    if !aside.is_empty() {
        let _ = write!(out, " ({})", aside.join("; "));
    }
    let files = counted(service.files.len(), "file");
    let endpoints = counted(service.endpoints().len(), "endpoint");
    let _ = writeln!(out, " in {files}, {endpoints}");
    let changed = formatting.would_change.len();
    if changed > 0 {
        let whose = if formatting.formatter == "black" { "Black" } else { "ruff format" };
        let _ = writeln!(out, "{whose} would change {changed} of {}", counted(formatting.files, "file"));
    }
    out
}

/// One page for a browser, which opens at a part of it.
pub fn html(shown: &Shown<'_>, opens_at: &str) -> String {
    let known = shown.baseline.unwrap_or_default().known;
    page::html(&Page {
        service: shown.service,
        findings: shown.findings,
        left_out: LeftOut { suppressed: shown.suppressed, known },
        opens_at,
        version: env!("CARGO_PKG_VERSION"),
    })
}

/// `1 error, 2 warnings`.
fn counts(findings: &[Finding]) -> String {
    let parts: Vec<_> = [(Severity::Error, "error"), (Severity::Warning, "warning"), (Severity::Info, "info")]
        .into_iter()
        .map(|(severity, noun)| (findings.iter().filter(|finding| finding.severity == severity).count(), noun))
        .filter(|(number, _)| *number > 0)
        .map(|(number, noun)| counted(number, noun))
        .collect();
    if parts.is_empty() { "no findings".to_owned() } else { parts.join(", ") }
}

fn counted(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// Texts of the files that findings name, and where their lines begin.
struct Sources<'a>(HashMap<&'a str, (&'a str, LineIndex)>);

impl<'a> Sources<'a> {
    fn of(service: &'a Service, findings: &'a [Finding]) -> Self {
        let named = |finding: &'a Finding| {
            let steps = finding.trace.iter().map(|step| &*step.location.path);
            let edits = finding.fix.iter().flat_map(|fix| fix.edits.iter().map(|edit| &*edit.path));
            std::iter::once(&*finding.location.path).chain(steps).chain(edits)
        };
        let paths: HashSet<&str> = findings.iter().flat_map(named).collect();
        let read = |path| service.files.get(path).map(|file| (path, (&*file.text, LineIndex::new(&file.text))));
        Self(paths.into_par_iter().filter_map(read).collect())
    }

    /// The text of a file and its lines; `None` for one that was not read.
    fn file(&self, path: &str) -> Option<(&'a str, &LineIndex)> {
        self.0.get(path).map(|(text, lines)| (*text, lines))
    }
}

fn groups<'a>(sources: &Sources<'a>, finding: &'a Finding) -> Vec<Group<'a>> {
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Info => Level::INFO,
    };
    let title = level.primary_title(printable(&finding.message)).id(finding.rule);
    let mut first = title.element(place(sources, &finding.location));
    for (level, text) in [(Level::NOTE, &finding.why), (Level::HELP, &finding.help), (Level::NOTE, &finding.trade_off)]
    {
        if !text.is_empty() {
            first = first.element(level.message(text.lines().map(printable).collect::<Vec<_>>().join("\n")));
        }
    }
    if let Some(fix) = finding.fix.as_ref().filter(|fix| fix.applicability > Applicability::Display) {
        let flag = if fix.applicability == Applicability::Safe { "--fix" } else { "--fix --unsafe-fixes" };
        first = first.element(Level::HELP.message(printable(&format!("`{flag}` can do it: {}", fix.title))));
    }
    let steps = finding
        .trace
        .iter()
        .map(|step| Level::NOTE.secondary_title(printable(&step.message)).element(place(sources, &step.location)));
    std::iter::once(first).chain(steps).collect()
}

/// The first line of a place with what is meant underlined; the place alone where its text is not known.
fn place<'a>(sources: &Sources<'a>, location: &'a Location) -> Element<'a> {
    let path = printable(&location.path);
    let source = sources.file(&location.path).and_then(|(text, lines)| lines.line(text, location.line));
    let Some(source) = source else {
        return Origin::path(path).line(location.line as usize).char_column(location.column as usize).into();
    };
    let source = code_line(source);
    let offset = |column: u32| {
        let letters = (column as usize).saturating_sub(1);
        source.char_indices().nth(letters).map_or(source.len(), |(offset, _)| offset)
    };
    let start = offset(location.column);
    let end = if location.end_line == location.line { offset(location.end_column) } else { source.len() };
    let annotation: Annotation<'a> = AnnotationKind::Primary.span(start..end.max(start));
    Snippet::source(source).line_start(location.line as usize).path(path).annotation(annotation).into()
}

#[cfg(test)]
mod tests {
    use architect_model::service::SourceText;
    use architect_source::{Confidence, Step};

    use super::*;

    fn location(path: &str, line: u32, column: u32, end_column: u32) -> Location {
        Location { path: path.into(), line, column, end_line: line, end_column, start: 0, end: 0 }
    }

    fn finding() -> Finding {
        Finding {
            rule: "route-shadowed",
            group: "endpoints",
            severity: Severity::Error,
            confidence: Confidence::High,
            message: "GET /users/me is never reached".into(),
            subject: "GET /users/me".into(),
            location: location("app/users.py", 2, 5, 8),
            trace: vec![Step { message: "this one answers first".into(), location: location("app/other.py", 7, 1, 2) }],
            why: "Routes are tried in order.".into(),
            help: "Move it up.".into(),
            trade_off: String::new(),
            fix: None,
        }
    }

    fn service() -> Service {
        let text = SourceText { text: "a = 1\r\nüb, get = 2\r\n".into(), lines: 2 };
        Service { files: [("app/users.py".to_owned(), text)].into(), ..Service::default() }
    }

    #[test]
    fn every_place_has_its_frame_or_its_name() {
        let text = frames(&service(), &[finding()], false);
        assert!(text.starts_with("error[route-shadowed]: GET /users/me is never reached\n"), "{text}");
        assert!(text.contains("--> app/users.py:2:5\n"), "{text}");
        assert!(text.contains("2 | üb, get = 2\n  |     ^^^\n"), "{text}");
        assert!(text.contains("= help: Move it up."), "{text}");
        assert!(text.contains("note: this one answers first\n"), "{text}");
        assert!(text.contains("--> app/other.py:7:1\n"), "{text}");
    }

    #[test]
    fn a_place_beyond_its_file_does_no_harm() {
        let mut finding = finding();
        finding.location = location("app/users.py", 99, 50, 3);
        assert!(frames(&service(), &[finding.clone()], true).contains("app/users.py:99:50"));
        finding.location = location("app/users.py", 2, 50, 3);
        assert!(frames(&service(), &[finding], false).contains("--> app/users.py:2"));
    }

    #[test]
    fn concise_is_one_line() {
        let expected = "app/users.py:2:5 route-shadowed error GET /users/me is never reached\n";
        assert_eq!(concise(&[finding()]), expected);
    }

    #[test]
    fn the_summary_counts() {
        let service = service();
        let findings = [finding()];
        let mut shown = Shown {
            service: &service,
            findings: &findings,
            suppressed: 2,
            baseline: None,
            formatting: &Formatting::default(),
        };
        assert_eq!(summary(&shown), "1 error (2 suppressed) in 1 file, 0 endpoints\n");
        shown.baseline = Some(Compared { known: 3, fixed: 1 });
        let expected = "1 error (2 suppressed; 3 in the baseline, 1 of it fixed) in 1 file, 0 endpoints\n";
        assert_eq!(summary(&shown), expected);
        let none = Shown { findings: &[], suppressed: 0, baseline: None, ..shown };
        assert_eq!(summary(&none), "no findings in 1 file, 0 endpoints\n");
    }

    #[test]
    fn fingerprints_of_a_report_differ() {
        let all = unique(&[finding(), finding(), finding()]);
        assert_eq!(all[0], finding().fingerprint());
        assert!(all[0] != all[1] && all[1] != all[2], "{all:?}");
    }
}
