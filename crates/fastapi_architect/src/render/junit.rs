//! `--format junit`: every finding a failed test, for systems that read nothing else.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use architect_source::Finding;
use architect_views::escape::printable;

use super::Shown;

/// One suite a file; without findings one test that passes.
pub fn text(shown: &Shown<'_>) -> String {
    let mut files: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for finding in shown.findings {
        files.entry(&finding.location.path).or_default().push(finding);
    }
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let number = shown.findings.len();
    let _ = writeln!(
        out,
        "<testsuites name=\"fastapi-architect\" tests=\"{}\" failures=\"{number}\" errors=\"0\">",
        number.max(1)
    );
    if files.is_empty() {
        out.push_str("  <testsuite name=\"fastapi-architect\" tests=\"1\" failures=\"0\" errors=\"0\">\n");
        out.push_str("    <testcase name=\"review\" classname=\"fastapi-architect\"/>\n  </testsuite>\n");
    }
    for (path, findings) in files {
        let count = findings.len();
        let path = escaped(if path.is_empty() { "." } else { path });
        let _ = writeln!(out, "  <testsuite name=\"{path}\" tests=\"{count}\" failures=\"{count}\" errors=\"0\">");
        for finding in findings {
            let place = &finding.location;
            let name = escaped(&format!("{} {}:{}", finding.rule, place.line, place.column));
            let message = escaped(&finding.message);
            let kind = finding.severity.as_str();
            let _ = writeln!(out, "    <testcase name=\"{name}\" classname=\"{path}\">");
            let _ = write!(out, "      <failure type=\"{kind}\" message=\"{message}\">");
            let steps = finding.trace.iter().map(|step| format!("{} ({})", step.message, step.location));
            let told = [finding.why.clone(), finding.help.clone(), finding.trade_off.clone()];
            let lines: Vec<String> = std::iter::once(format!("{}:{} {}", place.path, place.line, finding.message))
                .chain(steps)
                .chain(told.into_iter().filter(|part| !part.is_empty()))
                .flat_map(|part| part.lines().map(escaped).collect::<Vec<_>>())
                .collect();
            out.push_str(&lines.join("\n"));
            out.push_str("</failure>\n    </testcase>\n");
        }
        out.push_str("  </testsuite>\n");
    }
    out.push_str("</testsuites>\n");
    out
}

/// Text without markup, and without characters that XML has no place for.
fn escaped(text: &str) -> String {
    printable(text).chars().fold(String::with_capacity(text.len()), |mut out, letter| {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            _ => out.push(letter),
        }
        out
    })
}
