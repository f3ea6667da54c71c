//! What programs read: the JSON of every command. Names here are a promise; the model is free to change behind them.

pub mod advice;
pub mod conventions;
pub mod diff;
pub mod map;
pub mod review;
pub mod tables;

use std::collections::BTreeMap;

use architect_model::Service;
use schemars::JsonSchema;
use serde::Serialize;

/// Goes up when a reader could break.
pub const SCHEMA_VERSION: u32 = 1;

/// What was looked at.
#[derive(JsonSchema, Serialize)]
pub struct Project<'s> {
    /// Its folder, as it was named.
    root: &'s str,
    /// Python files of the project.
    files: usize,
    /// Lines of them.
    lines: usize,
    /// Operations that an application answers.
    endpoints: usize,
    /// Tables of all metadata.
    tables: usize,
    /// Versions of the libraries that were found, by name.
    libraries: &'s BTreeMap<String, String>,
}

impl<'s> Project<'s> {
    /// The figures of a service.
    pub fn new(service: &'s Service) -> Self {
        Self {
            root: &service.root,
            files: service.files.len(),
            lines: service.files.values().map(|file| file.lines).sum(),
            endpoints: service.endpoints().len(),
            tables: service.tables.len(),
            libraries: &service.libraries,
        }
    }
}

/// A place.
#[derive(JsonSchema, Serialize)]
pub struct Location<'s> {
    /// The file, from the project; empty for the project itself.
    path: &'s str,
    /// The line, from 1.
    line: u32,
    /// The column, from 1, in characters.
    column: u32,
    /// The last line.
    end_line: u32,
    /// The column after the last character.
    end_column: u32,
}

impl<'s> From<&'s architect_source::Location> for Location<'s> {
    fn from(location: &'s architect_source::Location) -> Self {
        let architect_source::Location { path, line, column, end_line, end_column, .. } = location;
        Self { path, line: *line, column: *column, end_line: *end_line, end_column: *end_column }
    }
}

/// Something that could not be known.
#[derive(JsonSchema, Serialize)]
pub struct Unknown<'s> {
    /// What is not known.
    what: &'s str,
    /// Why not.
    why: &'s str,
    /// What would resolve it.
    resolve: &'s str,
    /// Where it starts, if it is at a place.
    location: Option<Location<'s>>,
}

impl<'s> From<&'s architect_source::Unknown> for Unknown<'s> {
    fn from(unknown: &'s architect_source::Unknown) -> Self {
        let architect_source::Unknown { what, why, resolve, location } = unknown;
        Self { what, why, resolve, location: location.as_ref().map(Into::into) }
    }
}

/// Unknowns on their own.
pub fn unknowns(all: &[architect_source::Unknown]) -> Vec<Unknown<'_>> {
    all.iter().map(Into::into).collect()
}
