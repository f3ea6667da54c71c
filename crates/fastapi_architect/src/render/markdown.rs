//! `--format markdown`: a comment on a pull request.

use std::fmt::Write as _;

use architect_source::{Finding, Severity};
use architect_views::escape::{markdown_code as code, markdown_strict as inline};

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
