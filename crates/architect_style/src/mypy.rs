//! What the project's mypy is told about functions without types: what it lets pass, annotations are not asked of.

use std::path::{Path, PathBuf};

use architect_source::FileSystem;
use toml::{Table, Value};

use crate::neighbours::{plain_parts, sections, tools, words};

/// What is taken from it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Mypy {
    /// Untyped functions are let pass everywhere, in so many words.
    pub lets_untyped_pass: bool,
    /// Patterns of the files in which they are, or which it does not look at.
    pub aside: Vec<String>,
}

/// Options that let untyped functions pass when they are off.
const DEMANDS: &[&str] = &["disallow_untyped_defs", "disallow_incomplete_defs"];

/// Reads the nearest configuration of mypy, in the order in which mypy looks.
pub(crate) fn read(files: &dyn FileSystem, folders: &[PathBuf]) -> Mypy {
    folders.iter().find_map(|folder| of_folder(files, folder)).unwrap_or_default()
}

fn of_folder(files: &dyn FileSystem, folder: &Path) -> Option<Mypy> {
    let ini = |name: &str| of_ini(&String::from_utf8_lossy(&files.read(&folder.join(name)).ok()?));
    ["mypy.ini", ".mypy.ini"]
        .iter()
        .find_map(|name| ini(name))
        .or_else(|| Some(of_table(tools(files, folder)?.get("mypy")?.as_table()?)))
        .or_else(|| ini("setup.cfg"))
}

fn of_ini(text: &str) -> Option<Mypy> {
    let all = sections(text);
    let (_, own) = all.iter().find(|(name, _)| name == "mypy")?;
    let is = |pairs: &[(String, String)], key: &str, wanted: &str| {
        pairs.iter().any(|(name, value)| name == key && value.trim().eq_ignore_ascii_case(wanted))
    };
    let passes = |pairs: &[(String, String)]| DEMANDS.iter().any(|key| is(pairs, key, "false"));
    let mut out = Mypy { lets_untyped_pass: passes(own), aside: Vec::new() };
    for (_, pattern) in own.iter().filter(|(key, _)| key == "exclude") {
        out.aside.extend(plain_parts(pattern).into_iter().map(folder_pattern));
    }
    for (name, pairs) in &all {
        let Some(modules) = name.strip_prefix("mypy-") else { continue };
        if passes(pairs) || is(pairs, "ignore_errors", "true") {
            out.aside.extend(words(modules).flat_map(|module| module_patterns(&module)));
        }
    }
    Some(out)
}

fn of_table(own: &Table) -> Mypy {
    let is = |table: &Table, key: &str, wanted: bool| table.get(key).and_then(Value::as_bool) == Some(wanted);
    let passes = |table: &Table| DEMANDS.iter().any(|key| is(table, key, false));
    let mut out = Mypy { lets_untyped_pass: passes(own), aside: Vec::new() };
    for pattern in own.get("exclude").into_iter().flat_map(texts) {
        out.aside.extend(plain_parts(pattern).into_iter().map(folder_pattern));
    }
    let overrides = own.get("overrides").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_table);
    for table in overrides.filter(|table| passes(table) || is(table, "ignore_errors", true)) {
        out.aside.extend(table.get("module").into_iter().flat_map(texts).flat_map(module_patterns));
    }
    out
}

/// One text, or a list of them.
fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::Array(values) => values.iter().filter_map(Value::as_str).collect(),
        other => other.as_str().into_iter().collect(),
    }
}

fn folder_pattern(part: String) -> String {
    if part.ends_with(".py") { format!("**/{part}") } else { format!("**/{part}/**") }
}

/// `a.b` is a file or a package, `a.b.*` everything below it, too.
fn module_patterns(module: &str) -> Vec<String> {
    let path = |module: &str| module.trim_start_matches("*.").replace('.', "/");
    match module.strip_suffix(".*") {
        Some(module) => vec![format!("**/{}/**", path(module)), format!("**/{}.py", path(module))],
        None => vec![format!("**/{}.py", path(module)), format!("**/{}/__init__.py", path(module))],
    }
}

#[cfg(test)]
mod tests {
    use architect_source::MemoryFileSystem;

    use super::*;

    fn of(name: &str, text: &str) -> Mypy {
        let mut files = MemoryFileSystem::default();
        files.write(Path::new("/p").join(name), text);
        read(&files, &[PathBuf::from("/p")])
    }

    #[test]
    fn what_mypy_lets_pass_is_let_pass() {
        let ini = "[mypy]\ndisallow_untyped_defs = False\n[mypy-app.old.*,app.legacy]\nignore_errors = True\n[mypy-requests]\nignore_missing_imports = True\n";
        let read = of("mypy.ini", ini);
        assert!(read.lets_untyped_pass);
        assert_eq!(read.aside, ["**/app/old/**", "**/app/old.py", "**/app/legacy.py", "**/app/legacy/__init__.py"]);
        assert_eq!(of("setup.cfg", ini), read);
        let toml = "[tool.mypy]\nstrict = true\nexclude = ['venv', '^alembic/']\n[[tool.mypy.overrides]]\nmodule = '*.migrations.*'\ndisallow_untyped_defs = false\n";
        let read = of("pyproject.toml", toml);
        assert!(!read.lets_untyped_pass);
        assert_eq!(read.aside, ["**/venv/**", "**/alembic/**", "**/migrations/**", "**/migrations.py"]);
        assert_eq!(of("setup.cfg", "[flake8]\n"), Mypy::default());
    }
}
