//! `--format github`: workflow commands, which GitHub shows beside the changed lines.

use architect_source::Severity;
use architect_views::escape::printable;

use super::Shown;

/// One command a finding.
pub fn text(shown: &Shown<'_>) -> String {
    let mut out = String::new();
    for finding in shown.findings {
        let command = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "notice",
        };
        let place = &finding.location;
        let mut properties = vec![("title", format!("fastapi-architect ({})", finding.rule))];
        if !place.path.is_empty() {
            properties.push(("file", place.path.to_string()));
            properties.push(("line", place.line.to_string()));
            properties.push(("endLine", place.end_line.to_string()));
            // Columns make no sense to GitHub over several lines.
            if place.line == place.end_line {
                properties.push(("col", place.column.to_string()));
                properties.push(("endColumn", place.end_column.to_string()));
            }
        }
        let properties: Vec<String> =
            properties.into_iter().map(|(name, value)| format!("{name}={}", property(&value))).collect();
        let mut message = format!("{} {}", finding.rule, finding.message);
        for part in [&finding.why, &finding.help] {
            if !part.is_empty() {
                message.push('\n');
                message.push_str(part);
            }
        }
        let message: Vec<String> = message.lines().map(|line| data(&printable(line))).collect();
        out.push_str(&format!("::{command} {}::{}\n", properties.join(","), message.join("%0A")));
    }
    out
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(&printable(text)).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_a_command_early() {
        assert_eq!(property("a,b:c%0A\n"), "a%2Cb%3Ac%250A\\n");
        assert_eq!(data("100%"), "100%25");
    }
}
