//! A review as text.

use std::fmt::Write as _;

use annotate_snippets::{Annotation, AnnotationKind, Element, Group, Level, Origin, Renderer, Snippet};
use architect_model::Service;
use architect_source::{Finding, Location, Severity};
use architect_views::map::printable;

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
    findings.iter().fold(String::new(), |mut out, finding| {
        out.push_str(&renderer.render(&groups(service, finding)));
        out.push_str("\n\n");
        out
    })
}

/// `1 error, 2 warnings`, and what was looked at.
pub fn summary(service: &Service, findings: &[Finding], suppressed: usize) -> String {
    let parts: Vec<_> = [(Severity::Error, "error"), (Severity::Warning, "warning"), (Severity::Info, "info")]
        .into_iter()
        .map(|(severity, noun)| (findings.iter().filter(|finding| finding.severity == severity).count(), noun))
        .filter(|(number, _)| *number > 0)
        .map(|(number, noun)| counted(number, noun))
        .collect();
    let mut out = if parts.is_empty() { "no findings".to_owned() } else { parts.join(", ") };
    if suppressed > 0 {
        let _ = write!(out, " ({suppressed} suppressed)");
    }
    let files = counted(service.files.len(), "file");
    let endpoints = counted(service.endpoints().len(), "endpoint");
    let _ = writeln!(out, " in {files}, {endpoints}");
    out
}

fn counted(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

fn groups<'a>(service: &'a Service, finding: &'a Finding) -> Vec<Group<'a>> {
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Info => Level::INFO,
    };
    let title = level.primary_title(printable(&finding.message)).id(finding.rule);
    let mut first = title.element(place(service, &finding.location));
    for (level, text) in [(Level::NOTE, &finding.why), (Level::HELP, &finding.help), (Level::NOTE, &finding.trade_off)]
    {
        if !text.is_empty() {
            first = first.element(level.message(text.lines().map(printable).collect::<Vec<_>>().join("\n")));
        }
    }
    let steps = finding
        .trace
        .iter()
        .map(|step| Level::NOTE.secondary_title(printable(&step.message)).element(place(service, &step.location)));
    std::iter::once(first).chain(steps).collect()
}

/// The first line of a place with what is meant underlined; the place alone where its text is not known.
fn place<'a>(service: &'a Service, location: &'a Location) -> Element<'a> {
    let path = printable(&location.path);
    let source = service.files.get(&*location.path).and_then(|file| line(&file.text, location.line));
    let Some(source) = source else {
        return Origin::path(path).line(location.line as usize).char_column(location.column as usize).into();
    };
    let offset = |column: u32| {
        let letters = (column as usize).saturating_sub(1);
        source.char_indices().nth(letters).map_or(source.len(), |(offset, _)| offset)
    };
    let start = offset(location.column);
    let end = if location.end_line == location.line { offset(location.end_column) } else { source.len() };
    let annotation: Annotation<'a> = AnnotationKind::Primary.span(start..end.max(start));
    Snippet::source(source).line_start(location.line as usize).path(path).annotation(annotation).into()
}

/// Line `number` (from 1) of a text.
fn line(text: &str, number: u32) -> Option<&str> {
    let mut rest = text;
    for _ in 1..number {
        let end = rest.find(['\n', '\r'])?;
        rest = &rest[end + if rest[end..].starts_with("\r\n") { 2 } else { 1 }..];
    }
    Some(rest.split(['\n', '\r']).next().unwrap_or_default())
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
        assert_eq!(summary(&service(), &[finding()], 2), "1 error (2 suppressed) in 1 file, 0 endpoints\n");
        assert_eq!(summary(&service(), &[], 0), "no findings in 1 file, 0 endpoints\n");
    }
}
