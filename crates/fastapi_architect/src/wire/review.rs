//! `review --format json`.

use std::time::Duration;

use architect_source::Severity;
use schemars::JsonSchema;
use serde::Serialize;

use crate::render::Shown;

use super::{Location, Project, SCHEMA_VERSION, Unknown};

/// A whole review.
#[derive(JsonSchema, Serialize)]
pub struct Review<'s> {
    /// Goes up when a reader could break.
    schema_version: u32,
    /// What wrote this.
    tool: Tool,
    /// What was looked at.
    project: Project<'s>,
    /// What there is to say, in the order of text output.
    findings: Vec<Finding<'s>>,
    /// What could not be resolved.
    unknowns: Vec<Unknown<'s>>,
    /// Counts.
    summary: Summary<'s>,
}

#[derive(JsonSchema, Serialize)]
struct Tool {
    /// Its name.
    name: &'static str,
    /// Its version.
    version: &'static str,
}

#[derive(JsonSchema, Serialize)]
struct Summary<'s> {
    /// Findings that are errors.
    errors: usize,
    /// Findings that are warnings.
    warnings: usize,
    /// Findings that are infos.
    infos: usize,
    /// Findings that a comment suppresses.
    suppressed: usize,
    /// Findings that the baseline knows.
    baselined: usize,
    /// Findings of the baseline that are gone.
    fixed: usize,
    /// How long it took.
    elapsed_ms: u128,
    /// What a formatter would do, with `--style`.
    #[serde(skip_serializing_if = "Option::is_none")]
    formatting: Option<Formatting<'s>>,
}

/// What a formatter would do.
#[derive(JsonSchema, Serialize)]
struct Formatting<'s> {
    /// Which formatter.
    formatter: &'s str,
    /// Files it was asked about.
    files: usize,
    /// Files it would change.
    would_change: usize,
    /// Which those are.
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

#[derive(JsonSchema, Serialize)]
struct Finding<'s> {
    /// The rule, by the name that `explain` and suppressions take.
    rule: &'s str,
    /// Its group; `style` for what ruff says.
    group: &'s str,
    /// How much it matters: `error`, `warning`, `info`.
    severity: &'static str,
    /// How sure we are: `high`, `medium`, `low`.
    confidence: &'static str,
    /// What is wrong, in one sentence.
    message: &'s str,
    /// What it is about: an endpoint, a function, a table.
    subject: &'s str,
    /// 12 hexadecimal digits that survive edits elsewhere.
    fingerprint: String,
    /// Where.
    location: Location<'s>,
    /// The steps that lead to it.
    trace: Vec<Step<'s>>,
    /// Why it is wrong; may be empty.
    why: &'s str,
    /// What to do; may be empty.
    help: &'s str,
    /// What speaks for the code as it is; may be empty.
    trade_off: &'s str,
    /// What `--fix` would do.
    fix: Option<Fix<'s>>,
}

#[derive(JsonSchema, Serialize)]
struct Fix<'s> {
    /// `safe` keeps behaviour but for the defect, `unsafe` may not, `display` is never applied.
    applicability: &'static str,
    /// What it does.
    title: &'s str,
    /// What it changes.
    edits: Vec<Edit<'s>>,
}

/// Bytes from 0.
#[derive(JsonSchema, Serialize)]
struct Edit<'s> {
    /// The file, from the project.
    path: &'s str,
    /// The first byte that is replaced, from 0.
    start: u32,
    /// The byte after the last one.
    end: u32,
    /// What stands there instead.
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

#[derive(JsonSchema, Serialize)]
struct Step<'s> {
    /// What happens there.
    message: &'s str,
    /// Where.
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
