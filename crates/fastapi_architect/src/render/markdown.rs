//! `--format markdown`: a comment on a pull request.

use std::fmt::Write as _;

use architect_source::{Finding, Severity};
use architect_views::map::printable;

use super::{Shown, counts};

/// By this a script finds the comment of the last run and replaces it.
const MARK: &str = "<!-- fastapi-architect review -->";

/// Larger comments are refused by GitHub, at 65,536.
const MAX_BYTES: usize = 60_000;

/// The comment: what was found in a line each, then each in full.
pub fn text(shown: &Shown<'_>) -> String {
    let findings = shown.findings;
    let title = if findings.is_empty() { "no findings".to_owned() } else { counts(findings) };
    let mut out = format!("{MARK}\n## Review: {title}\n\n");
    let mut said = Vec::new();
    if let Some(baseline) = &shown.baseline {
        said.push(format!("{} known and {} fixed since the baseline", baseline.known, baseline.fixed));
    }
    if shown.suppressed > 0 {
        said.push(format!("{} suppressed", shown.suppressed));
    }
    if !shown.formatting.would_change.is_empty() {
        said.push(format!("{} files are not formatted", shown.formatting.would_change.len()));
    }
    if !said.is_empty() {
        let _ = writeln!(out, "{}.\n", said.join(", "));
    }
    let mut written = 0;
    for finding in findings {
        let one = in_full(finding);
        if out.len() + one.len() > MAX_BYTES {
            break;
        }
        out.push_str(&one);
        written += 1;
    }
    if written < findings.len() {
        let _ = writeln!(out, "{} more findings are left out here.", findings.len() - written);
    }
    out
}

fn in_full(finding: &Finding) -> String {
    let mark = match finding.severity {
        Severity::Error => "**error**",
        Severity::Warning => "**warning**",
        Severity::Info => "info",
    };
    let mut out = format!("- {mark} {} {}", code(finding.rule), inline(&finding.message));
    if !finding.location.path.is_empty() {
        let _ = write!(out, " · {}", code(&finding.location.to_string()));
    }
    out.push_str("\n\n");
    let told = [("why", &finding.why), ("do", &finding.help), ("but", &finding.trade_off)];
    if !finding.trace.is_empty() || told.iter().any(|(_, text)| !text.is_empty()) {
        out.push_str("  <details><summary>why, and what to do</summary>\n\n");
        for step in &finding.trace {
            let _ = writeln!(out, "  1. {} · {}", inline(&step.message), code(&step.location.to_string()));
        }
        if !finding.trace.is_empty() {
            out.push('\n');
        }
        for (word, text) in told.into_iter().filter(|(_, text)| !text.is_empty()) {
            let _ = writeln!(out, "  *{word}*: {}\n", inline(text));
        }
        out.push_str("  </details>\n\n");
    }
    out
}

/// Text as text: what stands in backticks is code, and nothing else is markup, a mention or a link.
fn inline(text: &str) -> String {
    let text = text.lines().map(printable).collect::<Vec<_>>().join(" ");
    let mut out = String::new();
    for (index, part) in text.split('`').enumerate() {
        if index % 2 == 1 && !part.is_empty() {
            out.push_str(&code(part));
            continue;
        }
        let mut last = ' ';
        for letter in part.chars() {
            match letter {
                '<' => out.push_str("&lt;"),
                '>' => out.push_str("&gt;"),
                '&' => out.push_str("&amp;"),
                // Rendered alike, but neither a mention, a reference to an issue nor a link.
                '@' | '#' => {
                    out.push('\\');
                    out.push(letter);
                    out.push_str("&#8203;");
                }
                '/' if last == ':' => out.push_str("&#8203;/"),
                '\\' | '*' | '_' | '{' | '}' | '[' | ']' | '(' | ')' | '!' | '|' | '~' | '+' | '$' => {
                    out.push('\\');
                    out.push(letter);
                }
                _ => out.push(letter),
            }
            last = letter;
        }
        // `www.` alone makes a link, too.
    }
    out.replace("www.", "www&#8203;.")
}

/// A code span, whatever is in it.
fn code(text: &str) -> String {
    let text = printable(text).replace('|', "\\|");
    let longest = text.split(|letter| letter != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest + 1);
    let space = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{space}{text}{space}{fence}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_stays_text() {
        assert_eq!(inline("<img src=x>"), "&lt;img src=x&gt;");
        assert_eq!(inline("hi @all #1"), "hi \\@&#8203;all \\#&#8203;1");
        assert_eq!(inline("[a](http://b)"), "\\[a\\]\\(http:&#8203;//b\\)");
        assert_eq!(inline("is `GET /a_b` fine"), "is `GET /a_b` fine");
    }

    #[test]
    fn code_spans_end_where_they_should() {
        assert_eq!(code("a`b"), "``a`b``");
        assert_eq!(code("`"), "`` ` ``");
    }
}
