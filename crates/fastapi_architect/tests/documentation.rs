//! The examples of the documentation run, and the JSON is what its schemas say.
//!
//! A block marked `console` is run: each line that starts with `$ ` is given to a shell, and what is below it, up to the
//! next such line, is what has to come out. `...` alone on a line stands for any lines, at the end of a line for any
//! characters. The status has to be 0 or 1. The blocks of a page run one after the other, in one copy of
//! examples/assessment that is the main branch of a git repository.

#![allow(clippy::disallowed_methods, reason = "a test looks at the disk and starts processes")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// A line that is typed, and those that have to come out.
#[derive(Debug, PartialEq, Eq)]
struct Example {
    line: usize,
    typed: String,
    expected: Vec<String>,
}

fn examples(page: &str) -> Vec<Example> {
    let mut found: Vec<Example> = Vec::new();
    let mut inside = false;
    for (at, line) in page.lines().enumerate() {
        if line.starts_with("```") {
            inside = line == "```console";
        } else if let Some(typed) = line.strip_prefix("$ ").filter(|_| inside) {
            found.push(Example { line: at + 1, typed: typed.to_owned(), expected: Vec::new() });
        } else if inside {
            let example = found.last_mut().expect("a block starts with a line that is typed");
            example.expected.push(line.to_owned());
        }
    }
    found
}

/// Whether the lines are those that are expected.
fn matches(expected: &[String], lines: &[&str]) -> bool {
    match expected.split_first() {
        None => lines.is_empty(),
        Some((first, rest)) if first == "..." => (0..=lines.len()).any(|skipped| matches(rest, &lines[skipped..])),
        Some((first, rest)) => {
            let same = |line: &str| match first.strip_suffix("...") {
                Some(start) => line.starts_with(start.trim_end()),
                None => line.trim_end() == first.trim_end(),
            };
            lines.split_first().is_some_and(|(line, others)| same(line) && matches(rest, others))
        }
    }
}

/// Files of the example service that its authors wrote.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().flatten() {
        let name = entry.file_name();
        let hidden = name.to_string_lossy().starts_with('.');
        if entry.path().is_dir() {
            if !hidden && name != "__pycache__" {
                copy(&entry.path(), &to.join(name));
            }
        } else {
            fs::copy(entry.path(), to.join(name)).unwrap();
        }
    }
}

fn shell(folder: &Path, typed: &str) -> (Option<i32>, String) {
    let binary = assert_cmd::cargo::cargo_bin("fastapi-architect");
    let path = format!("{}:{}", binary.parent().unwrap().display(), std::env::var("PATH").unwrap());
    let output = Command::new("sh")
        .current_dir(folder)
        .args(["-c", &format!("exec 2>&1; {typed}")])
        .env("PATH", path)
        .env_remove("VIRTUAL_ENV")
        .env("NO_COLOR", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    (output.status.code(), String::from_utf8(output.stdout).unwrap())
}

fn service() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    copy(&root().join("examples/assessment"), folder.path());
    let git = "git init -q -b main && git add -A && \
               git -c user.name=a -c user.email=a@example.org commit -q -m first --no-verify";
    assert_eq!(shell(folder.path(), git), (Some(0), String::new()));
    folder
}

fn pages(folder: &Path) -> Vec<PathBuf> {
    let mut pages = Vec::new();
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            pages.extend(self::pages(&path));
        } else if path.extension().is_some_and(|extension| extension == "md") {
            pages.push(path);
        }
    }
    pages
}

#[test]
fn examples_do_what_they_show() {
    let root = root();
    let mut pages = pages(&root.join("docs"));
    pages.extend([root.join("README.md"), root.join("SECURITY.md")]);
    let (mut wrong, mut count) = (Vec::new(), 0);
    for page in pages {
        let all = examples(&fs::read_to_string(&page).unwrap());
        if all.is_empty() {
            continue;
        }
        let folder = service();
        for example in all {
            count += 1;
            let (status, said) = shell(folder.path(), &example.typed);
            let lines: Vec<&str> = said.lines().collect();
            if !matches!(status, Some(0 | 1)) || !matches(&example.expected, &lines) {
                let place = page.strip_prefix(&root).unwrap().display();
                wrong.push(format!("{place}:{}: {}\nstatus {status:?}\n{said}", example.line, example.typed));
            }
        }
    }
    assert!(count > 40, "only {count} examples were found");
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn expectations_are_read_as_they_are_meant() {
    let page = "```console\n$ a\none\n...\ntwo ...\n$ b\n```\n```sh\n$ c\n```\n";
    let found = examples(page);
    assert_eq!(found.iter().map(|example| &*example.typed).collect::<Vec<_>>(), ["a", "b"]);
    let expected = &found[0].expected;
    assert!(matches(expected, &["one", "two three"]) && matches(expected, &["one", "x", "y", "two three"]));
    assert!(!matches(expected, &["one", "two three", "more"]) && !matches(expected, &["two three"]));
    assert!(matches(&[], &[]) && !matches(&[], &["something"]));
}

/// An unknown field is an error where the schema lists fields.
fn close(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            if object.contains_key("properties") {
                object.entry("additionalProperties").or_insert(false.into());
            }
            object.values_mut().for_each(close);
        }
        Value::Array(items) => items.iter_mut().for_each(close),
        _ => {}
    }
}

#[test]
fn json_is_what_its_schema_says() {
    let folder = service();
    for (format, typed) in [
        ("review", "fastapi-architect review --style --all --format json"),
        ("map", "fastapi-architect map --format json"),
        ("map-endpoint", "fastapi-architect map endpoint 'GET /api/v1/sessions' --format json"),
        ("diff", "rm app/api/v1/sessions.py; fastapi-architect diff main --quiet --format json"),
        ("conventions", "fastapi-architect conventions --format json"),
        ("advise", "fastapi-architect advise workers --yes --format json"),
        ("advise-topics", "fastapi-architect advise --format json"),
        ("unknowns", "fastapi-architect openapi --quiet --unknowns u.json >/dev/null; cat u.json"),
        ("baseline", "fastapi-architect review --quiet --write-baseline b.json >/dev/null; cat b.json"),
    ] {
        let (_, said) = shell(folder.path(), typed);
        let value: Value = serde_json::from_str(&said).unwrap_or_else(|error| panic!("{typed}: {error}\n{said}"));
        let (_, schema) = shell(folder.path(), &format!("fastapi-architect explain {format} --schema"));
        let mut schema: Value = serde_json::from_str(&schema).unwrap();
        close(&mut schema);
        let validator = jsonschema::validator_for(&schema).unwrap();
        let errors: Vec<String> =
            validator.iter_errors(&value).map(|error| format!("{} {error}", error.instance_path())).collect();
        assert!(errors.is_empty(), "{format}: {errors:#?}");
    }
}

#[test]
fn a_schema_or_a_page_that_is_not_there_is_one_line() {
    let folder = tempfile::tempdir().unwrap();
    for (typed, says) in [
        ("fastapi-architect explain route-shadowed --schema", "has no schema; there is configuration, review, "),
        ("fastapi-architect man reveiw", "did you mean review?"),
    ] {
        let (status, said) = shell(folder.path(), typed);
        assert_eq!((status, said.lines().count()), (Some(2), 1), "{said}");
        assert!(said.contains(says), "{said}");
    }
}
