//! `review --format json`.

use std::time::Duration;

use architect_model::Service;
use architect_source::Severity;
use serde::Serialize;

use super::{Location, Project, SCHEMA_VERSION, Unknown};

/// A whole review.
#[derive(Serialize)]
pub struct Review<'s> {
    schema_version: u32,
    tool: Tool,
    project: Project<'s>,
    findings: Vec<Finding<'s>>,
    unknowns: Vec<Unknown<'s>>,
    summary: Summary,
}

#[derive(Serialize)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct Summary {
    errors: usize,
    warnings: usize,
    infos: usize,
    suppressed: usize,
    baselined: usize,
    elapsed_ms: u128,
}

impl<'s> Review<'s> {
    /// The review that shows `findings`.
    pub fn new(
        service: &'s Service,
        findings: &'s [architect_source::Finding],
        suppressed: usize,
        elapsed: Duration,
    ) -> Self {
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
                baselined: 0,
                elapsed_ms: elapsed.as_millis(),
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
    /// No rule offers one yet.
    fix: Option<()>,
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
            fix: None,
        }
    }
}
