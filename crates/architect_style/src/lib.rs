//! Style and local bugs: ruff's linter and formatter, in this process, behind our findings.
//!
//! Invariants: with `architect_python` the only crate that names `ruff_*`; it reads texts it is given and the
//! configuration of the project, and knows no framework and no [`Finding`] of another crate. What the project's own
//! ruff, flake8, isort and black configuration switches off stays off.

mod catalogue;
mod file;
mod mypy;
mod neighbours;
mod overruled;
mod settings;
mod tidy;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use architect_source::{FileSystem, Finding, in_parallel};
use rayon::prelude::*;

pub use catalogue::{RuleText, explain, is_selector};
pub use settings::SELECTION;
pub use tidy::tidy;

/// Trees may be deep.
const STACK_BYTES: usize = 1 << 28;

/// What is checked, and how.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The folder that paths of files are relative to.
    pub root: PathBuf,
    /// No configuration above it is read.
    pub repository: PathBuf,
    /// Selectors in place of [`SELECTION`].
    pub select: Vec<String>,
    /// Selectors that are taken away.
    pub ignore: Vec<String>,
    /// Whether the configuration of the project is left aside.
    pub isolated: bool,
    /// Whether formatting is counted.
    pub format: bool,
    /// Functions by dotted name that may be called in a default.
    pub markers: Vec<String>,
    /// Paths of files that do something when they are run, so that importing them is a use of them.
    pub effects: Vec<String>,
}

/// What ruff says.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Its findings, by path and place, under its own names.
    pub findings: Vec<Finding>,
    /// What a formatter would do.
    pub formatting: Formatting,
    /// What of the configuration could not be followed.
    pub warnings: Vec<String>,
}

/// What the project's formatter would change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Formatting {
    /// Files that were looked at; none when formatting was not asked for.
    pub files: usize,
    /// Whose settings: `black` or `ruff`.
    pub formatter: &'static str,
    /// Paths of the files that would be changed, sorted.
    pub would_change: Vec<String>,
}

/// Checks the texts of the files in `texts`, which go by their path below the root.
///
/// # Errors
/// When `select` or `ignore` name what ruff does not know.
pub fn check(files: &dyn FileSystem, options: &Options, texts: &BTreeMap<String, String>) -> Result<Report, String> {
    let known: Vec<(&str, &str)> = texts.iter().map(|(path, text)| (&**path, &**text)).collect();
    check_texts(files, options, &known)
}

/// [`check`] of borrowed texts.
///
/// # Errors
/// When `select` or `ignore` name what ruff does not know.
pub fn check_texts(files: &dyn FileSystem, options: &Options, texts: &[(&str, &str)]) -> Result<Report, String> {
    for selector in options.select.iter().chain(&options.ignore) {
        if !is_selector(selector) {
            return Err(format!("ruff has no rule {selector:?}"));
        }
    }
    let mut settings = settings::Resolver::new(files, options);
    let jobs: Vec<_> = texts
        .iter()
        .filter_map(|(path, text)| {
            let absolute = options.root.join(path);
            let found = settings.of_folder(absolute.parent().unwrap_or(Path::new("")));
            (!found.excludes(&absolute)).then_some((*path, *text, absolute, found))
        })
        .collect();
    let packages = settings::Packages::new(&options.root, texts.iter().map(|(path, _)| *path));
    let work = || -> Vec<file::Checked> {
        jobs.par_iter()
            .map(|(path, text, absolute, settings)| {
                file::check(path, text, absolute, packages.of(absolute), settings, options.format)
            })
            .collect()
    };
    let checked = in_parallel(STACK_BYTES, work);
    let mut report = Report { warnings: settings.warnings, ..Report::default() };
    report.formatting.formatter = settings.formatter;
    for ((path, ..), checked) in jobs.iter().zip(&checked) {
        report.formatting.files += usize::from(checked.formatted.is_some());
        if checked.formatted == Some(false) {
            report.formatting.would_change.push((*path).to_owned());
        }
    }
    report.findings = overruled::left(checked, &options.effects);
    Ok(report)
}
