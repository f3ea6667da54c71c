//! `diff --format json`.

use architect_views::diff::{Change, Comparison, Level};
use serde::Serialize;
use serde_json::Value as Json;

use super::{Location, SCHEMA_VERSION, Unknown};

/// What changed.
#[derive(Serialize)]
pub struct Diff<'c> {
    schema_version: u32,
    old: &'c str,
    new: &'c str,
    changes: Vec<Changed<'c>>,
    unknowns: Vec<Unknown<'c>>,
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

#[derive(Serialize)]
struct Changed<'c> {
    rule: &'static str,
    level: &'static str,
    direction: &'static str,
    /// The first of `operations`.
    operation: Option<&'c str>,
    operations: &'c [String],
    subject: &'c str,
    message: &'c str,
    old: &'c Json,
    new: &'c Json,
    location: Option<Location<'c>>,
    /// Which side the location is of: `old` or `new`.
    side: Option<&'static str>,
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

#[derive(Serialize)]
struct Summary {
    breaking: usize,
    risky: usize,
    compatible: usize,
}
