//! `new`: what it refuses, and what our own review says of what it writes. What generated services do when they run is
//! tested in `testdata/scaffold`.

#![allow(clippy::disallowed_methods, reason = "a test looks at the disk")]

use std::path::Path;
use std::process::Output;

use assert_cmd::Command;
use serde_json::Value;

const ORDER: &str = "order total:decimal:gt=0 status:enum(new,paid):index user:ref:cascade note:text?";
const LINE: &str = "line order:ref:cascade product:string:index amount:int:ge=1:le=99";

fn run(folder: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::cargo_bin("fastapi-architect").unwrap();
    let Output { status, stdout, stderr } =
        command.current_dir(folder).env("NO_COLOR", "1").args(arguments).output().unwrap();
    (status.code(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

/// What stands in a folder, at any depth.
fn entries(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(next) = open.pop() {
        for entry in std::fs::read_dir(next).unwrap().flatten() {
            if entry.path().is_dir() {
                open.push(entry.path());
            }
            found.push(entry.path().strip_prefix(folder).unwrap().to_str().unwrap().replace('\\', "/"));
        }
    }
    found.sort();
    found
}

#[test]
fn bad_input_is_one_line_and_nothing_is_written() {
    for (arguments, says) in [
        (&["class"][..], "keyword of Python"),
        (&["select"], "reserved word of SQL"),
        (&["../shop"], "is a path"),
        (&["/tmp/shop"], "is a path"),
        (&["Shop"], "lower case"),
        (&["app"], "package inside"),
        (&["taken"], "exists already"),
        (&["file"], "exists already"),
        (&["shop", "--resource", "order customer:ref"], "no such resource"),
        (&["shop", "--resource", "class title:string"], "keyword of Python"),
        (&["shop", "--resource", "../order title:string"], "lower case"),
        (&["shop", "--resource", "order select:string"], "reserved word of SQL"),
        (&["shop", "--resource", "chicken egg:ref", "--resource", "egg chicken:ref"], "in a circle"),
        (&["shop", "--resource", "node parent:ref(node)"], "in a circle"),
        (&["shop", "--resource", "order total:money"], "not a type"),
        (&["shop", "--auth", "none", "--resource", "order user:ref"], "--auth none"),
        (&["shop", "--size", "huge"], "--size"),
        (&["shop", "--rps", "many"], "--rps"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("taken")).unwrap();
        std::fs::write(folder.path().join("file"), "").unwrap();
        let (code, stdout, stderr) = run(folder.path(), &[&["new", "--yes"], arguments].concat());
        assert_eq!((code, &*stdout), (Some(2), ""), "{arguments:?} {stderr}");
        assert_eq!(stderr.lines().count(), 1, "{stderr}");
        assert!(stderr.starts_with("error: ") && stderr.contains(says), "{arguments:?} {stderr}");
        assert_eq!(entries(folder.path()), ["file", "taken"], "{arguments:?}");
    }
}

#[test]
fn a_dry_run_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (code, stdout, stderr) = run(folder.path(), &["new", "shop", "--yes", "--dry-run", "--resource", ORDER]);
    assert_eq!(code, Some(0), "{stderr}");
    assert!(stdout.contains("shop/app/routers/order.py"), "{stdout}");
    assert!(entries(folder.path()).is_empty());
}

#[test]
fn the_context_decides_and_is_recorded() {
    for (arguments, size, database) in [
        (&[][..], "prototype", "SQLite"),
        (&["--rps", "200"], "service", "PostgreSQL"),
        (&["--rps", "5000"], "scaled", "PostgreSQL"),
        (&["--rps", "5000", "--size", "prototype"], "prototype", "SQLite"),
        (&["--size", "service", "--db", "sqlite"], "service", "SQLite"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let (code, stdout, stderr) = run(folder.path(), &[&["new", "shop", "--yes"], arguments].concat());
        assert_eq!(code, Some(0), "{stderr}");
        let record = std::fs::read_to_string(folder.path().join("shop/docs/DECISIONS.md")).unwrap();
        for told in [format!("The size is {size}"), format!("The database is {database}")] {
            assert!(stdout.contains(&told) && record.contains(&told), "{arguments:?} {stdout}");
        }
    }
}

#[test]
fn what_is_written_is_written_the_same_again() {
    let folder = tempfile::tempdir().unwrap();
    let texts = ["one", "two"].map(|name| {
        let place = folder.path().join(name);
        std::fs::create_dir(&place).unwrap();
        run(&place, &["new", "shop", "--size", "scaled", "--yes", "--resource", ORDER, "--resource", LINE]);
        let files = entries(&place.join("shop")).into_iter().filter(|path| place.join("shop").join(path).is_file());
        files.map(|path| (std::fs::read(place.join("shop").join(&path)).unwrap(), path)).collect::<Vec<_>>()
    });
    assert!(texts[0].len() > 60 && texts[0] == texts[1]);
}

/// Sizes, designs and variants; services that run in Python are in `testdata/scaffold`.
#[test]
fn our_own_review_has_nothing_to_say() {
    let designs = [&[][..], &["--resource", ORDER, "--resource", LINE]];
    let mut variants: Vec<Vec<&str>> = Vec::new();
    for size in ["prototype", "service", "scaled"] {
        for design in designs {
            for options in [&[][..], &["--sync"], &["--hasher", "argon2"]] {
                variants.push([&["--size", size], options, design].concat());
            }
        }
        variants.push(vec!["--size", size, "--auth", "none", "--resource", "book title:string:index pages:int:gt=0"]);
    }
    for variant in variants {
        let folder = tempfile::tempdir().unwrap();
        let (code, _, stderr) = run(folder.path(), &[&["new", "shop", "--yes"], &*variant].concat());
        assert_eq!(code, Some(0), "{variant:?} {stderr}");
        // What is only asked for, how code is usually written here, is another matter.
        let aside = ["--ignore", "convention-deviation,duplicate-helper"];
        let (_, stdout, stderr) =
            run(folder.path(), &[&["review", "shop", "--all", "--format", "json"], &aside[..]].concat());
        let review: Value = serde_json::from_str(&stdout).unwrap_or_else(|_| panic!("{stderr}{stdout}"));
        assert_eq!(review["findings"], serde_json::json!([]), "{variant:?}");
        assert_ne!(review["project"]["endpoints"], 0);
    }
}
