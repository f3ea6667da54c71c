//! `--since REV`: what a change touches, and what it causes elsewhere.
//!
//! A change touches a finding when a line of its place or of its trace is new. It causes one when the old revision does
//! not have it, wherever it stands: the old revision is read from the objects of git and reviewed like the new one.

use std::collections::{BTreeMap, HashMap};

use architect_model::Service;
use architect_source::git::Revision;
use architect_source::{FileSystem, Finding, Location, OsFileSystem};
use similar::{Algorithm, DiffOp, TextDiff};

use super::Said;
use crate::args::{Global, Review};
use crate::context;

/// The first line and the one after the last.
type Lines = (u32, u32);

/// Leaves what the change since `revision` touches or causes.
///
/// # Errors
/// In one line: when there is no such revision.
pub fn narrow(said: &mut Said, revision: &str, options: &Review, global: &Global) -> Result<(), String> {
    let root = OsFileSystem.canonical(&options.project);
    let python = context::python(&OsFileSystem, &options.project, global)?;
    let old_files = Revision::open(&root, revision, python.iter().cloned().collect())
        .map_err(|why| format!("--since {revision}: {why}"))?;
    let changed = changed(&said.service, |path| old_files.read(&root.join(path)).ok());
    // The project may be younger than the revision: everything is new then.
    let mut known: HashMap<String, usize> = HashMap::new();
    if old_files.is_dir(&root) {
        let quiet = Global { python, quiet: true, verbose: false, ..global.clone() };
        let old = Review { project: root.clone(), with: Vec::new(), ..options.clone() };
        // What does not analyse has no findings to compare with.
        if let Ok(old) = super::said(&old_files, &old, &quiet) {
            for finding in &old.findings {
                *known.entry(finding.fingerprint()).or_default() += 1;
            }
        }
    }
    said.findings.retain(|finding| {
        let is_known = known.get_mut(&finding.fingerprint()).is_some_and(|count| {
            let some = *count > 0;
            *count = count.saturating_sub(1);
            some
        });
        !is_known || touched(finding, &changed)
    });
    Ok(())
}

fn touched(finding: &Finding, changed: &BTreeMap<&str, Vec<Lines>>) -> bool {
    let is_new = |place: &Location| {
        let lines = changed.get(&*place.path);
        lines.is_some_and(|lines| lines.iter().any(|(start, end)| *start <= place.end_line && place.line < *end))
    };
    is_new(&finding.location) || finding.trace.iter().any(|step| is_new(&step.location))
}

/// New lines, by file.
fn changed(service: &Service, old: impl Fn(&str) -> Option<Vec<u8>>) -> BTreeMap<&str, Vec<Lines>> {
    let mut out = BTreeMap::new();
    for (path, file) in &service.files {
        let Some(old) = old(path) else {
            out.insert(&**path, vec![(1, u32::MAX)]);
            continue;
        };
        let old = String::from_utf8_lossy(&old);
        if *old != file.text {
            out.insert(&**path, new_lines(&old, &file.text));
        }
    }
    out
}

/// Lines of `new` that `old` does not have; where lines went away, the one that follows.
fn new_lines(old: &str, new: &str) -> Vec<Lines> {
    let number = |line: usize| u32::try_from(line + 1).unwrap_or(u32::MAX);
    let diff = TextDiff::configure().algorithm(Algorithm::Myers).diff_lines(old, new);
    let lines = diff.ops().iter().filter_map(|op| match *op {
        DiffOp::Equal { .. } => None,
        DiffOp::Delete { new_index, .. } => Some((number(new_index), number(new_index + 1))),
        DiffOp::Insert { new_index, new_len, .. } | DiffOp::Replace { new_index, new_len, .. } => {
            Some((number(new_index), number(new_index + new_len)))
        }
    });
    lines.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_lines_are_those_that_changed() {
        assert_eq!(new_lines("a\nb\nc\n", "a\nX\nc\nd\n"), [(2, 3), (4, 5)]);
        assert_eq!(new_lines("a\nb\nc\n", "a\nc\n"), [(2, 3)]);
        assert_eq!(new_lines("a\n", "a\n"), []);
    }
}
