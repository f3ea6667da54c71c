//! Parsing alone: what every analysis costs at least.

use std::path::PathBuf;

use architect_source::{FileSystem, in_parallel};
use rayon::prelude::*;

use crate::parse::{Module, ModuleKind, STACK_BYTES, parse};

/// How much was parsed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Volume {
    /// Files that could be read.
    pub files: usize,
    /// Their lines.
    pub lines: usize,
    /// Their bytes.
    pub bytes: usize,
    /// Those that do not parse.
    pub broken: usize,
}

/// Reads and parses files the way an analysis does, and nothing else.
#[must_use]
pub fn parse_only(files: &dyn FileSystem, paths: Vec<PathBuf>) -> Volume {
    let modules: Vec<Module> = in_parallel(STACK_BYTES, || {
        let read = |path: PathBuf| {
            let bytes = files.read(&path).ok()?;
            let shown = path.to_string_lossy().as_ref().into();
            Some(parse(String::new(), path, shown, ModuleKind::Project, false, bytes))
        };
        paths.into_par_iter().filter_map(read).collect()
    });
    let volume = Volume {
        files: modules.len(),
        lines: modules.iter().map(|module| module.lines.line_count(&module.text)).sum(),
        bytes: modules.iter().map(|module| module.text.len()).sum(),
        broken: modules.iter().filter(|module| module.problem.is_some()).count(),
    };
    // An analysis keeps its trees until the process ends.
    std::mem::forget(modules);
    volume
}
