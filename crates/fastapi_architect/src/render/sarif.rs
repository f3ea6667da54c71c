//! `--format sarif`: SARIF 2.1.0, which code scanning reads.

use std::fmt::Write as _;

use architect_source::{Applicability, Finding, Fix, Location, Severity};
use architect_views::escape::{self, uri};
use serde_json::{Map, Value, json};

use super::{Shown, Sources, unique};
use crate::rules;

/// The log of one run.
pub fn text(shown: &Shown<'_>) -> String {
    let findings = shown.findings;
    let mut names: Vec<&str> = findings.iter().map(|finding| finding.rule).collect();
    names.sort_unstable();
    names.dedup();
    let rules: Vec<Value> = names.iter().map(|name| rule(name, findings)).collect();
    let index = |name: &str| names.binary_search(&name).unwrap_or_default();
    let sources = Sources::of(shown.service, shown.findings);
    let results: Vec<Value> = findings
        .iter()
        .zip(unique(findings))
        .map(|(finding, fingerprint)| result(&sources, finding, index(finding.rule), &fingerprint))
        .collect();
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "fastapi-architect",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            }},
            "invocations": [{"executionSuccessful": true}],
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    escape::json(&format!("{log:#}\n")).into_owned()
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

fn rule(name: &str, findings: &[Finding]) -> Value {
    let mut out = Map::new();
    out.insert("id".into(), json!(name));
    if let Some(told) = rules::told(name) {
        out.insert("name".into(), json!(told.name));
        out.insert("shortDescription".into(), json!({"text": told.summary}));
        out.insert("fullDescription".into(), json!({"text": told.summary}));
        out.insert("help".into(), json!({"text": told.text, "markdown": told.text}));
    }
    let of_rule = findings.iter().find(|finding| finding.rule == name);
    if let Some(finding) = of_rule {
        out.insert("defaultConfiguration".into(), json!({"level": level(finding.severity)}));
        out.insert("properties".into(), json!({"tags": [finding.group]}));
    }
    Value::Object(out)
}

fn result(sources: &Sources<'_>, finding: &Finding, index: usize, fingerprint: &str) -> Value {
    let mut message = finding.message.clone();
    for part in [&finding.why, &finding.help] {
        if !part.is_empty() {
            let _ = write!(message, "\n{part}");
        }
    }
    let mut out = json!({
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": level(finding.severity),
        "message": {"text": message},
        "locations": [],
        "partialFingerprints": {"fastapiArchitect/v1": fingerprint},
        "properties": {"confidence": finding.confidence.as_str(), "subject": finding.subject},
    });
    if let Some(place) = physical(&finding.location) {
        out["locations"] = json!([{"physicalLocation": place}]);
    }
    let steps: Vec<Value> = finding
        .trace
        .iter()
        .filter_map(|step| {
            let place = physical(&step.location)?;
            Some(json!({"location": {"physicalLocation": place, "message": {"text": step.message}}}))
        })
        .collect();
    if !steps.is_empty() {
        out["codeFlows"] = json!([{"threadFlows": [{"locations": steps}]}]);
    }
    if let Some(fix) = finding.fix.as_ref().filter(|fix| fix.applicability > Applicability::Display) {
        out["fixes"] = json!([self::fix(sources, fix)]);
    }
    out
}

fn physical(location: &Location) -> Option<Value> {
    if location.path.is_empty() {
        return None;
    }
    let (end_line, end_column) = if (location.end_line, location.end_column) < (location.line, location.column) {
        (location.line, location.column)
    } else {
        (location.end_line, location.end_column)
    };
    Some(json!({
        "artifactLocation": {"uri": uri(&location.path), "uriBaseId": "%SRCROOT%"},
        "region": region(location.line, location.column, end_line, end_column),
    }))
}

/// Lines and columns from 1.
fn region(start_line: u32, start_column: u32, end_line: u32, end_column: u32) -> Value {
    json!({
        "startLine": start_line.max(1),
        "startColumn": start_column.max(1),
        "endLine": end_line.max(1),
        "endColumn": end_column.max(1),
    })
}

fn fix(sources: &Sources<'_>, fix: &Fix) -> Value {
    let mut paths: Vec<&str> = fix.edits.iter().map(|edit| &*edit.path).collect();
    paths.dedup();
    let changes: Vec<Value> = paths
        .iter()
        .map(|path| {
            let edits = fix.edits.iter().filter(|edit| &*edit.path == *path);
            let replacements: Vec<Value> = sources.file(path).map_or_else(Vec::new, |(text, lines)| {
                edits
                    .map(|edit| {
                        let (start_line, start_column) = lines.position(text, edit.start);
                        let (end_line, end_column) = lines.position(text, edit.end);
                        json!({
                            "deletedRegion": region(start_line, start_column, end_line, end_column),
                            "insertedContent": {"text": edit.content},
                        })
                    })
                    .collect()
            });
            json!({"artifactLocation": {"uri": uri(path), "uriBaseId": "%SRCROOT%"}, "replacements": replacements})
        })
        .collect();
    json!({"description": {"text": fix.title}, "artifactChanges": changes})
}
