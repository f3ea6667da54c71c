//! What the configuration of the tools beside ruff says: flake8, isort, black and hooks before a commit.

use std::path::{Path, PathBuf};

use architect_source::FileSystem;
use toml::{Table, Value};

/// What is taken from it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Neighbours {
    /// Codes flake8 leaves out.
    pub ignore: Vec<String>,
    /// Codes flake8 leaves out of some files.
    pub per_file: Vec<(String, Vec<String>)>,
    /// Patterns of files flake8 does not look at.
    pub exclude: Vec<String>,
    /// The longest line by flake8, or by black.
    pub line_length: Option<u16>,
    /// Black's settings as those of `[tool.ruff.format]` and its line length; none where black is not configured.
    pub black: Option<Black>,
    /// The formatter that runs before a commit.
    pub hook: Option<Hook>,
    /// isort has settings under which ruff would sort otherwise.
    pub sorts_otherwise: bool,
    /// What isort is told that ruff is told in the same words.
    pub isort: Table,
}

/// A formatter that `.pre-commit-config.yaml` names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hook {
    Black,
    RuffFormat,
}

/// Black's settings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Black {
    pub line_length: Option<u16>,
    pub keeps_quotes: bool,
    pub ignores_magic_comma: bool,
    /// Lines of the regular expression, as far as they are plain names.
    pub exclude: Vec<String>,
}

/// Settings of isort that change nothing of what ruff does, or that ruff has under the same name.
const SAME: &[&str] = &["known_first_party", "known_third_party", "force_sort_within_sections", "combine_as_imports"];
const HARMLESS: &[&str] = &[
    "profile",
    "line_length",
    "multi_line_output",
    "include_trailing_comma",
    "force_grid_wrap",
    "use_parentheses",
    "ensure_newline_before_comments",
    "skip",
    "skip_glob",
    "extend_skip",
    "extend_skip_glob",
    "skip_gitignore",
    "src_paths",
    "filter_files",
    "py_version",
    "atomic",
    "verbose",
    "color_output",
    "virtual_env",
];

/// What stands in the folders, the nearest of each tool counts.
pub(crate) fn read(files: &dyn FileSystem, folders: &[PathBuf]) -> Neighbours {
    let mut out = Neighbours::default();
    let ini = |folder: &Path, name: &str, section: &str| {
        let bytes = files.read(&folder.join(name)).ok()?;
        section_of(&String::from_utf8_lossy(&bytes), section)
    };
    let flake8 = folders
        .iter()
        .find_map(|folder| [".flake8", "setup.cfg", "tox.ini"].iter().find_map(|name| ini(folder, name, "flake8")));
    for (key, value) in flake8.into_iter().flatten() {
        match &*key.replace('-', "_") {
            "ignore" | "extend_ignore" => out.ignore.extend(words(&value)),
            "per_file_ignores" => out.per_file.extend(per_file(&value)),
            "exclude" | "extend_exclude" => out.exclude.extend(words(&value)),
            "max_line_length" => out.line_length = value.trim().parse().ok(),
            _ => {}
        }
    }
    let tools: Vec<Table> = folders.iter().filter_map(|folder| tools(files, folder)).collect();
    out.black = tools.iter().find_map(|tools| Some(black(tools.get("black")?.as_table()?)));
    out.line_length = out.line_length.or(out.black.as_ref().and_then(|black| black.line_length));
    out.hook = folders.iter().find_map(|folder| hook(files, folder));
    let isort = tools.iter().find_map(|tools| tools.get("isort")?.as_table().cloned()).or_else(|| {
        let found = folders.iter().find_map(|folder| {
            let own = ini(folder, ".isort.cfg", "settings");
            own.or_else(|| ini(folder, "setup.cfg", "isort")).or_else(|| ini(folder, "tox.ini", "isort"))
        })?;
        Some(found.into_iter().map(|(key, value)| (key, of_ini(&value))).collect())
    });
    if let Some(isort) = isort {
        let black = isort.get("profile").and_then(Value::as_str) == Some("black");
        let strange = isort.keys().any(|key| !SAME.contains(&&**key) && !HARMLESS.contains(&&**key));
        out.sorts_otherwise = !black || strange;
        out.isort = isort
            .into_iter()
            .filter(|(key, _)| SAME.contains(&&**key))
            .map(|(key, value)| {
                let listed = key.starts_with("known");
                let value = match value {
                    Value::String(text) if listed => Value::Array(words(&text).map(Value::String).collect()),
                    other => other,
                };
                (key.replace('_', "-"), value)
            })
            .collect();
    }
    out
}

fn hook(files: &dyn FileSystem, folder: &Path) -> Option<Hook> {
    let bytes = files.read(&folder.join(".pre-commit-config.yaml")).ok()?;
    String::from_utf8_lossy(&bytes).lines().find_map(|line| {
        let (_, name) = line.split('#').next()?.split_once("id:")?;
        match name.trim().trim_matches(['"', '\'']) {
            "black" | "black-jupyter" => Some(Hook::Black),
            "ruff-format" => Some(Hook::RuffFormat),
            _ => None,
        }
    })
}

/// `[tool]` of a folder's `pyproject.toml`.
pub(crate) fn tools(files: &dyn FileSystem, folder: &Path) -> Option<Table> {
    let bytes = files.read(&folder.join("pyproject.toml")).ok()?;
    let table: Table = String::from_utf8_lossy(&bytes).parse().ok()?;
    table.get("tool")?.as_table().cloned()
}

fn black(table: &Table) -> Black {
    let flag = |name: &str| table.get(name).and_then(Value::as_bool).unwrap_or_default();
    let length = table.get("line-length").or_else(|| table.get("line_length")).and_then(Value::as_integer);
    let patterns = ["exclude", "extend-exclude", "force-exclude"];
    let exclude = patterns.iter().filter_map(|name| table.get(*name)?.as_str()).flat_map(plain_parts).collect();
    Black {
        line_length: length.and_then(|length| u16::try_from(length).ok()),
        keeps_quotes: flag("skip-string-normalization"),
        ignores_magic_comma: flag("skip-magic-trailing-comma"),
        exclude,
    }
}

/// The alternatives of a regular expression that are plain paths: `/(\.venv|migrations)/`.
pub(crate) fn plain_parts(pattern: &str) -> Vec<String> {
    let separators = ['|', '(', ')', '\n', '^', '$', ' '];
    let part = |part: &str| part.replace("\\.", ".").replace("\\/", "/").trim_matches('/').to_owned();
    let plain = |part: &String| {
        !part.is_empty() && part.chars().all(|letter| letter.is_alphanumeric() || "._-/".contains(letter))
    };
    pattern
        .lines()
        .flat_map(|line| line.split(" #").next())
        .flat_map(|line| line.split(separators))
        .map(part)
        .filter(plain)
        .collect()
}

fn of_ini(value: &str) -> Value {
    match value.trim().to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" => Value::Boolean(true),
        "false" | "0" | "no" => Value::Boolean(false),
        _ => Value::String(value.trim().to_owned()),
    }
}

/// Words between commas and white space, comments left out.
pub(crate) fn words(value: &str) -> impl Iterator<Item = String> {
    let lines = value.lines().map(|line| line.split('#').next().unwrap_or_default());
    let words = lines.flat_map(|line| line.split([',', ' ', '\t'])).filter(|word| !word.is_empty());
    words.map(str::to_owned).collect::<Vec<_>>().into_iter()
}

/// `pattern,pattern: CODE,CODE` in lines or one after the other.
fn per_file(value: &str) -> Vec<(String, Vec<String>)> {
    let mut out: Vec<(String, Vec<String>)> = Vec::new();
    let mut patterns: Vec<String> = Vec::new();
    let mut in_codes = false;
    let spaced = value.replace(':', " : ");
    for word in words(&spaced) {
        if word == ":" {
            in_codes = true;
        } else if in_codes && is_code(&word) {
            for pattern in &patterns {
                match out.iter_mut().find(|(known, _)| known == pattern) {
                    Some((_, codes)) => codes.push(word.clone()),
                    None => out.push((pattern.clone(), vec![word.clone()])),
                }
            }
        } else {
            if in_codes {
                patterns.clear();
                in_codes = false;
            }
            patterns.push(word);
        }
    }
    out
}

fn is_code(word: &str) -> bool {
    word.starts_with(|letter: char| letter.is_ascii_uppercase())
        && word.chars().all(|letter| letter.is_ascii_alphanumeric())
}

/// Keys and values of a section; `None` where there is no such section.
fn section_of(text: &str, section: &str) -> Option<Vec<(String, String)>> {
    sections(text).into_iter().find(|(name, _)| name == section).map(|(_, pairs)| pairs)
}

/// Sections with their keys and values, as `configparser` reads them.
pub(crate) fn sections(text: &str) -> Vec<(String, Vec<(String, String)>)> {
    let mut out: Vec<(String, Vec<(String, String)>)> = Vec::new();
    for line in text.lines() {
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with('#') || trimmed.starts_with(';') {
            continue;
        }
        if let Some(name) = trimmed.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            out.push((name.trim().to_owned(), Vec::new()));
        } else if let Some((_, pairs)) = out.last_mut() {
            let continues = line.starts_with([' ', '\t']);
            match (pairs.last_mut().filter(|_| continues), trimmed.split_once(['=', ':'])) {
                (Some((_, value)), _) => {
                    value.push('\n');
                    value.push_str(trimmed);
                }
                (None, Some((key, value))) => pairs.push((key.trim().to_owned(), value.trim().to_owned())),
                (None, None) => {}
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use architect_source::MemoryFileSystem;

    use super::*;

    fn of(name: &str, text: &str) -> Neighbours {
        let mut files = MemoryFileSystem::default();
        files.write(Path::new("/p").join(name), text);
        read(&files, &[PathBuf::from("/p")])
    }

    #[test]
    fn flake8_is_read_from_any_of_its_files() {
        let text = "[flake8]\nmax-line-length = 100\nextend-ignore =\n    E203,  # black\n    W503\nexclude = .git,old\nper-file-ignores =\n    __init__.py: F401\n    tests/*,conftest.py: S101 D\n";
        for name in [".flake8", "setup.cfg", "tox.ini"] {
            let read = of(name, text);
            assert_eq!(read.line_length, Some(100));
            assert_eq!(read.ignore, ["E203", "W503"]);
            assert_eq!(read.exclude, [".git", "old"]);
            let codes = |codes: &[&str]| codes.iter().map(|code| (*code).to_owned()).collect::<Vec<_>>();
            let expected = [
                ("__init__.py".to_owned(), codes(&["F401"])),
                ("tests/*".to_owned(), codes(&["S101", "D"])),
                ("conftest.py".to_owned(), codes(&["S101", "D"])),
            ];
            assert_eq!(read.per_file, expected);
        }
    }

    #[test]
    fn black_decides_on_lines_unless_flake8_does() {
        let text = "[tool.black]\nline-length = 100\nskip-string-normalization = true\nextend-exclude = '''\n/(\n  \\.venv\n  | migrations/versions # generated\n)/\n'''\n";
        let read = of("pyproject.toml", text);
        assert_eq!(read.line_length, Some(100));
        let black = read.black.expect("it is configured");
        assert!(black.keeps_quotes && !black.ignores_magic_comma);
        assert_eq!(black.exclude, [".venv", "migrations/versions"]);
    }

    #[test]
    fn the_formatter_is_the_one_before_a_commit() {
        let of = |text: &str| of(".pre-commit-config.yaml", text).hook;
        assert_eq!(
            of("repos:\n  - hooks:\n      - id: ruff\n      - id: ruff-format  # like black\n"),
            Some(Hook::RuffFormat)
        );
        assert_eq!(of("    -   id: black\n"), Some(Hook::Black));
        assert_eq!(of("    - id: mypy\n# - id: black\n"), None);
    }

    #[test]
    fn isort_as_black_would_is_what_ruff_does() {
        let read = of("pyproject.toml", "[tool.isort]\nprofile = 'black'\nknown_first_party = ['app']\n");
        assert!(!read.sorts_otherwise);
        assert_eq!(read.isort["known-first-party"].as_array().map(Vec::len), Some(1));
        assert!(of(".isort.cfg", "[settings]\nforce_alphabetical_sort = True\n").sorts_otherwise);
        assert!(!of("setup.cfg", "[isort]\nprofile = black\nknown_first_party = a, b\n").sorts_otherwise);
    }
}
