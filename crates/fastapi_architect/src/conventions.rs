//! `conventions`: how this code base does things.

use std::fmt::Write as _;
use std::path::Path;

use architect_model::Service;
use architect_source::{FileSystem as _, OsFileSystem, Stopwatch, read_named, reason};
use architect_views::conventions as view;
use architect_views::escape::printable;

use crate::args::{Conventions, ConventionsFormat, Global};
use crate::{Outcome, context, wire};

/// Reads the code and prints how it is written, or what of a document about it is not true any more.
///
/// # Errors
/// When the service or the document cannot be read, or the document is none of ours.
pub fn run(options: &Conventions, global: &Global) -> Result<Outcome, String> {
    let watch = Stopwatch::new();
    let document = options.check.as_deref().map(|path| read(path).map(|text| (path, text))).transpose()?;
    let service = context::conventions(&options.project, global)?;
    let found = architect_conventions::detect(&service);
    let project = name(&options.project);
    if let Some((path, text)) = document {
        let drift = view::drift(&text, &found, &project, &service)
            .map_err(|why| format!("--check {}: {why}", path.display()))?;
        context::print(&told(&drift, path), global)?;
        context::say_cost(watch, global);
        let clean = drift == view::Drift::default();
        return Ok(if clean { Outcome::Clean } else { Outcome::Reported });
    }
    match options.format {
        ConventionsFormat::Text => context::print(&view::text(&found), global)?,
        ConventionsFormat::Markdown => context::print(&view::markdown(&found, &project), global)?,
        ConventionsFormat::Json => context::print_json(&wire::conventions::Conventions::new(&found, &service), global)?,
    }
    tell_unknowns(&service, global);
    context::say_cost(watch, global);
    Ok(Outcome::Clean)
}

fn read(path: &Path) -> Result<String, String> {
    let bytes = read_named(path).map_err(|error| format!("--check {}: {}", path.display(), reason(&error)))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// What the folder of the service is called.
fn name(project: &Path) -> String {
    let whole = OsFileSystem.canonical(project);
    whole.file_name().map_or_else(|| "this project".to_owned(), |name| name.to_string_lossy().into_owned())
}

fn told(drift: &view::Drift, path: &Path) -> String {
    let mut out = String::new();
    for (line, text) in &drift.untrue {
        let _ = writeln!(out, "{}:{line}: not true any more: {}", path.display(), printable(text));
    }
    for text in &drift.missing {
        let _ = writeln!(out, "{}: lacks: {}", path.display(), printable(text));
    }
    if !out.is_empty() {
        let _ =
            writeln!(out, "Write it anew: fastapi-architect conventions --format markdown --output {}", path.display());
    }
    out
}

fn tell_unknowns(service: &Service, global: &Global) {
    if global.verbose && !service.unknowns.is_empty() {
        context::say(&format!("{} things could not be known, see `map`", service.unknowns.len()));
    }
}
