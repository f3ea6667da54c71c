//! `review --format json`.

use std::time::Duration;

use architect_source::Severity;
use serde::Serialize;

use crate::render::Shown;

use super::{Location, Project, SCHEMA_VERSION, Unknown};

/// A whole review.
#[derive(Serialize)]
pub struct Review<'s> {
    schema_version: u32,
    tool: Tool,
    project: Project<'s>,
    findings: Vec<Finding<'s>>,
    unknowns: Vec<Unknown<'s>>,
    summary: Summary<'s>,
}

#[derive(Serialize)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct Summary<'s> {
    errors: usize,
    warnings: usize,
    infos: usize,
    suppressed: usize,
    baselined: usize,
    /// Findings of the baseline that are gone.
    fixed: usize,
    elapsed_ms: u128,
    #[serde(skip_serializing_if = "Option::is_none")]
    formatting: Option<Formatting<'s>>,
}

/// What a formatter would do.
#[derive(Serialize)]
struct Formatting<'s> {
    formatter: &'s str,
    files: usize,
    would_change: usize,
    paths: &'s [String],
}

impl<'s> Review<'s> {
    /// The review that shows this.
    pub fn new(shown: &Shown<'s>, elapsed: Duration) -> Self {
        let Shown { service, findings, suppressed, baseline, formatting } = *shown;
        let baseline = baseline.unwrap_or_default();
        let count = |severity| findings.iter().filter(|finding| finding.severity == severity).count();
        Self {
            schema_version: SCHEMA_VERSION,
            tool: Tool { name: "fastapi-architect", version: env!("CARGO_PKG_VERSION") },
            project: Project::new(service),
            findings: findings.iter().map(Into::into).collect(),
            unknowns: service.unknowns.iter().map(Into::into).collect(),
            summary: Summary {
                errors: count(Severity::Error),
                warnings: count(Severity::Warning),
                infos: count(Severity::Info),
                suppressed,
                baselined: baseline.known,
                fixed: baseline.fixed,
                elapsed_ms: elapsed.as_millis(),
                formatting: (formatting.files > 0).then(|| Formatting {
                    formatter: formatting.formatter,
                    files: formatting.files,
                    would_change: formatting.would_change.len(),
                    paths: &formatting.would_change,
                }),
            },
        }
    }
}

#[derive(Serialize)]
struct Finding<'s> {
    rule: &'s str,
    group: &'s str,
    severity: &'static str,
    confidence: &'static str,
    message: &'s str,
    subject: &'s str,
    fingerprint: String,
    location: Location<'s>,
    trace: Vec<Step<'s>>,
    why: &'s str,
    help: &'s str,
    trade_off: &'s str,
    fix: Option<Fix<'s>>,
}

#[derive(Serialize)]
struct Fix<'s> {
    applicability: &'static str,
    title: &'s str,
    edits: Vec<Edit<'s>>,
}

/// Bytes from 0.
#[derive(Serialize)]
struct Edit<'s> {
    path: &'s str,
    start: u32,
    end: u32,
    content: &'s str,
}

impl<'s> From<&'s architect_source::Fix> for Fix<'s> {
    fn from(fix: &'s architect_source::Fix) -> Self {
        let edit = |edit: &'s architect_source::Edit| Edit {
            path: &edit.path,
            start: edit.start,
            end: edit.end,
            content: &edit.content,
        };
        Self {
            applicability: fix.applicability.as_str(),
            title: &fix.title,
            edits: fix.edits.iter().map(edit).collect(),
        }
    }
}

#[derive(Serialize)]
struct Step<'s> {
    message: &'s str,
    location: Location<'s>,
}

impl<'s> From<&'s architect_source::Finding> for Finding<'s> {
    fn from(finding: &'s architect_source::Finding) -> Self {
        let step =
            |step: &'s architect_source::Step| Step { message: &step.message, location: (&step.location).into() };
        Self {
            rule: finding.rule,
            group: finding.group,
            severity: finding.severity.as_str(),
            confidence: finding.confidence.as_str(),
            message: &finding.message,
            subject: &finding.subject,
            fingerprint: finding.fingerprint(),
            location: (&finding.location).into(),
            trace: finding.trace.iter().map(step).collect(),
            why: &finding.why,
            help: &finding.help,
            trade_off: &finding.trade_off,
            fix: finding.fix.as_ref().map(Into::into),
        }
    }
}
