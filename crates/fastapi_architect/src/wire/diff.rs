//! `diff --format json`.

use architect_views::diff::{Change, Comparison, Level};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value as Json;

use super::{Location, SCHEMA_VERSION, Unknown};

/// What changed.
#[derive(JsonSchema, Serialize)]
pub struct Diff<'c> {
    /// Goes up when a reader could break.
    schema_version: u32,
    /// What was, as it was named.
    old: &'c str,
    /// What is, as it was named.
    new: &'c str,
    /// What changed, breaking first.
    changes: Vec<Changed<'c>>,
    /// What the new side hides and the old one did not.
    unknowns: Vec<Unknown<'c>>,
    /// Counts.
    summary: Summary,
}

impl<'c> Diff<'c> {
    /// `old` and `new` are what was compared, as the user named it.
    pub fn new(comparison: &'c Comparison, old: &'c str, new: &'c str) -> Self {
        Self {
            schema_version: SCHEMA_VERSION,
            old,
            new,
            changes: comparison.changes.iter().map(Changed::new).collect(),
            unknowns: super::unknowns(&comparison.unknowns),
            summary: Summary {
                breaking: comparison.count(Level::Breaking),
                risky: comparison.count(Level::Risky),
                compatible: comparison.count(Level::Compatible),
            },
        }
    }
}

#[derive(JsonSchema, Serialize)]
struct Changed<'c> {
    /// The check, by the name that `explain` takes.
    rule: &'static str,
    /// `breaking`, `risky` or `compatible`.
    level: &'static str,
    /// Whom it is about: `request`, `response` or `both`.
    direction: &'static str,
    /// The first of `operations`.
    operation: Option<&'c str>,
    /// The operations that reach it.
    operations: &'c [String],
    /// What changed: an operation, a field, a column.
    subject: &'c str,
    /// What changed, in one sentence.
    message: &'c str,
    /// What was, where it is a value.
    old: &'c Json,
    /// What is, where it is a value.
    new: &'c Json,
    /// Where it comes from.
    location: Option<Location<'c>>,
    /// Which side the location is of: `old` or `new`.
    side: Option<&'static str>,
    /// What a caller has to do.
    note: &'c str,
}

impl<'c> Changed<'c> {
    fn new(change: &'c Change) -> Self {
        Self {
            rule: change.check.id,
            level: change.level.as_str(),
            direction: change.check.direction.as_str(),
            operation: change.operations.first().map(String::as_str),
            operations: &change.operations,
            subject: &change.subject,
            message: &change.message,
            old: &change.old,
            new: &change.new,
            location: change.location.as_ref().map(|(_, location)| location.into()),
            side: change.location.as_ref().map(|(side, _)| side.as_str()),
            note: &change.note,
        }
    }
}

#[derive(JsonSchema, Serialize)]
struct Summary {
    /// What worked before fails now.
    breaking: usize,
    /// It fails for some, or means something else.
    risky: usize,
    /// What worked before works.
    compatible: usize,
}
