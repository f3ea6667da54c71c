//! `--with mypy`: the project's own type checker, with its own configuration, in a process of its own.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use architect_model::Service;
use architect_source::{Confidence, FileSystem as _, Finding, LineIndex, Location, OsFileSystem, Severity, output_of};

use crate::args::{Global, Review};
use crate::context;

/// The group of what it says.
pub const GROUP: &str = "mypy";

/// What the project's mypy says of the files that were reviewed.
///
/// # Errors
/// In one line: when the project has none, or it cannot do its work.
pub fn findings(service: &Service, options: &Review, global: &Global) -> Result<Vec<Finding>, String> {
    let root = OsFileSystem.canonical(&options.project);
    let python = context::python(&OsFileSystem, &options.project, global)?;
    let program = python.as_deref().and_then(program).ok_or(
        "--with mypy: the project's environment has no mypy; install it there, or name the environment with --python",
    )?;
    let configured = ["mypy.ini", ".mypy.ini", "setup.cfg", "pyproject.toml"].iter().any(|name| {
        let text = OsFileSystem.read(&root.join(name)).unwrap_or_default();
        let text = String::from_utf8_lossy(&text).into_owned();
        let (_, own) = text.split_once("mypy]").unwrap_or_default();
        own.lines()
            .take_while(|line| !line.starts_with('['))
            .any(|line| ["files", "packages", "modules"].iter().any(|key| line.trim_start().starts_with(key)))
    });
    let mut arguments = vec![
        "--show-column-numbers",
        "--show-error-codes",
        "--no-error-summary",
        "--no-color-output",
        "--no-pretty",
        "--hide-error-context",
    ];
    if !configured {
        arguments.push(".");
    }
    let (said, complaint, code) =
        output_of(&program, &arguments, &root).map_err(|error| format!("--with mypy: {error}"))?;
    // 0 clean, 1 findings, 2 it could not do it.
    if !matches!(code, Some(0 | 1)) {
        let line = complaint.lines().chain(said.lines()).find(|line| !line.is_empty()).unwrap_or("no reason given");
        return Err(format!("--with mypy: {line}"));
    }
    Ok(said.lines().filter_map(|line| finding(service, line)).collect())
}

fn program(environment: &Path) -> Option<PathBuf> {
    let folder = if OsFileSystem.is_file(environment) { environment.parent()?.parent()? } else { environment };
    let found = ["bin/mypy", "Scripts/mypy.exe"].iter().map(|name| folder.join(name));
    let found = found.into_iter().find(|file| OsFileSystem.is_file(file))?;
    Some(OsFileSystem.canonical(found.parent()?).join(found.file_name()?))
}

/// `path:line:column: error: message  [code]`.
fn finding(service: &Service, line: &str) -> Option<Finding> {
    let (path, rest) = line.split_once(".py:")?;
    let path = format!("{}.py", path.trim_start_matches("./")).replace('\\', "/");
    let mut parts = rest.splitn(4, ':');
    let number: u32 = parts.next()?.trim().parse().ok()?;
    let column: u32 = parts.next()?.trim().parse().ok()?;
    let severity = match parts.next()?.trim() {
        "error" => Severity::Error,
        _ => return None,
    };
    let text = parts.next()?.trim();
    let (message, code) = match text.rsplit_once("  [") {
        Some((message, code)) => (message, code.trim_end_matches(']')),
        None => (text, "mypy"),
    };
    let file: Arc<str> = path.as_str().into();
    let location = service.files.get(&path).map_or_else(
        || Location {
            path: Arc::clone(&file),
            line: number,
            column,
            end_line: number,
            end_column: column,
            start: 0,
            end: 0,
        },
        |source| {
            let start = source.text.split_inclusive('\n').take(number as usize - 1).map(str::len).sum::<usize>();
            let width = column.saturating_sub(1) as usize;
            let start = u32::try_from(start + width).unwrap_or(u32::MAX);
            LineIndex::new(&source.text).location(&file, &source.text, start, start)
        },
    );
    Some(Finding {
        rule: interned(code),
        group: GROUP,
        severity,
        confidence: Confidence::High,
        message: message.to_owned(),
        subject: format!("{path}: {message}"),
        location,
        trace: Vec::new(),
        why: String::new(),
        help: format!("`# type: ignore[{code}]` with a reason leaves it."),
        trade_off: String::new(),
        fix: None,
    })
}

/// Codes of mypy are few; each is kept for as long as the program runs.
fn interned(code: &str) -> &'static str {
    static CODES: OnceLock<Mutex<BTreeSet<&'static str>>> = OnceLock::new();
    let mut codes = CODES.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = codes.get(code) {
        return known;
    }
    let kept: &'static str = Box::leak(code.to_owned().into_boxed_str());
    codes.insert(kept);
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_mypy_are_findings() {
        let service = Service::default();
        let found = finding(&service, "app/a.py:3:5: error: Bad: thing  [attr-defined]").unwrap();
        assert_eq!((found.rule, &*found.message, found.location.line), ("attr-defined", "Bad: thing", 3));
        assert!(finding(&service, "app/a.py:3:5: note: see").is_none());
        assert!(finding(&service, "Success: no issues").is_none());
    }
}
