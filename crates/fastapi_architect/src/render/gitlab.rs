//! `--format gitlab`: a code quality report, which GitLab shows in merge requests.

use architect_source::Severity;
use architect_views::escape;
use serde_json::{Value, json};

use super::{Shown, unique};

/// The report.
pub fn text(shown: &Shown<'_>) -> String {
    let issues: Vec<Value> = shown
        .findings
        .iter()
        .zip(unique(shown.findings))
        .map(|(finding, fingerprint)| {
            let place = &finding.location;
            let body = [&*finding.why, &finding.help].join("\n\n");
            json!({
                "type": "issue",
                "check_name": finding.rule,
                "description": finding.message,
                "content": {"body": body.trim()},
                "categories": [if finding.group == "style" { "Style" } else { "Bug Risk" }],
                "severity": match finding.severity {
                    Severity::Error => "critical",
                    Severity::Warning => "major",
                    Severity::Info => "info",
                },
                "fingerprint": fingerprint,
                "location": {
                    "path": if place.path.is_empty() { "." } else { &*place.path },
                    "lines": {"begin": place.line.max(1), "end": place.end_line.max(place.line).max(1)},
                },
            })
        })
        .collect();
    escape::json(&format!("{:#}\n", Value::Array(issues))).into_owned()
}
