//! The map of crates in ARCHITECTURE.md, enforced on the manifests of the workspace.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use toml::{Table, Value};

/// Which crates of the workspace each crate may use, tests included. A new crate takes its place here first.
const ALLOWED: &[(&str, &[&str])] = &[
    ("architect_source", &[]),
    ("architect_python", &["architect_source"]),
    ("architect_style", &["architect_source"]),
    ("architect_scaffold", &[]),
    ("architect_model", &["architect_source", "architect_python"]),
    ("architect_conventions", &["architect_source", "architect_model"]),
    ("architect_advice", &["architect_source", "architect_model", "architect_conventions", "architect_mdtest"]),
    ("architect_rules", &["architect_source", "architect_model", "architect_conventions"]),
    ("architect_views", &["architect_source", "architect_model", "architect_conventions", "architect_advice"]),
    (
        "fastapi_architect",
        &[
            "architect_source",
            "architect_python",
            "architect_style",
            "architect_scaffold",
            "architect_model",
            "architect_conventions",
            "architect_advice",
            "architect_rules",
            "architect_views",
        ],
    ),
    ("architect_mdtest", &["architect_source", "architect_python", "architect_model"]),
    ("architect_fuzz", &["architect_python"]),
    (
        "xtask",
        &[
            "architect_source",
            "architect_python",
            "architect_scaffold",
            "architect_model",
            "architect_rules",
            "architect_views",
            "architect_fuzz",
        ],
    ),
];

/// Used by tests, and by nothing that is shipped.
const FOR_TESTS: &[&str] = &["architect_mdtest", "architect_fuzz"];

/// The crates that may name `ruff_*`.
const RUFF: &[&str] = &["architect_python", "architect_style"];

/// A manifest: what the crate is called and which packages it uses, for its product and for its tests.
struct Manifest {
    name: String,
    product: BTreeSet<String>,
    tests: BTreeSet<String>,
}

#[test]
fn crates_use_only_what_stands_before_them() {
    let manifests = manifests();
    let allowed: BTreeMap<_, _> = ALLOWED.iter().copied().collect();
    let members: BTreeSet<&str> = manifests.iter().map(|manifest| manifest.name.as_str()).collect();
    let mut wrong = Vec::new();
    for manifest in &manifests {
        let Some(mine) = allowed.get(manifest.name.as_str()) else {
            wrong.push(format!("{} has no place: give it one in ARCHITECTURE.md and in this test", manifest.name));
            continue;
        };
        for used in manifest.product.union(&manifest.tests).filter(|used| members.contains(used.as_str())) {
            let only_for_tests = FOR_TESTS.contains(&used.as_str()) && !manifest.product.contains(used);
            if !only_for_tests && !mine.contains(&used.as_str()) {
                wrong.push(format!("{} must not use {used}", manifest.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn only_the_crates_that_know_syntax_name_ruff() {
    for manifest in manifests().iter().filter(|manifest| !RUFF.contains(&manifest.name.as_str())) {
        let named: Vec<&String> =
            manifest.product.union(&manifest.tests).filter(|used| used.starts_with("ruff")).collect();
        assert!(named.is_empty(), "{} names {named:?}: ask architect_python for the fact instead", manifest.name);
    }
}

#[test]
fn every_crate_has_a_subject() {
    for manifest in manifests() {
        for vague in ["util", "common", "helper", "misc", "shared"] {
            assert!(!manifest.name.contains(vague), "{}: put each function where its subject lives", manifest.name);
        }
    }
}

#[test]
fn every_crate_is_under_the_lints_of_the_workspace() {
    for path in members() {
        let lints = table(&path).get("lints").and_then(|lints| lints.get("workspace")).and_then(Value::as_bool);
        assert_eq!(lints, Some(true), "{}: [lints] workspace = true", path.display());
    }
}

fn manifests() -> Vec<Manifest> {
    let found: Vec<Manifest> = members().iter().map(|path| manifest(&table(path), path)).collect();
    assert!(found.iter().any(|manifest| manifest.name == "architect_source"), "the manifests were not found");
    found
}

fn manifest(table: &Table, path: &Path) -> Manifest {
    let name = table.get("package").and_then(|package| package.get("name")).and_then(Value::as_str);
    let mut product = packages(table, &["dependencies", "build-dependencies"]);
    let mut tests = packages(table, &["dev-dependencies"]);
    // `[target.'cfg(unix)'.dependencies]` counts as well.
    for target in table.get("target").and_then(Value::as_table).into_iter().flat_map(Table::values) {
        let Some(target) = target.as_table() else { continue };
        product.extend(packages(target, &["dependencies", "build-dependencies"]));
        tests.extend(packages(target, &["dev-dependencies"]));
    }
    Manifest { name: name.unwrap_or_else(|| panic!("{}: no name", path.display())).to_owned(), product, tests }
}

/// Names of packages, behind their renaming.
fn packages(table: &Table, sections: &[&str]) -> BTreeSet<String> {
    sections
        .iter()
        .filter_map(|section| table.get(*section)?.as_table())
        .flatten()
        .map(|(name, value)| value.get("package").and_then(Value::as_str).unwrap_or(name).to_owned())
        .collect()
}

/// The manifests of the workspace: `crates/*` and `xtask`.
fn members() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut found = vec![root.join("xtask/Cargo.toml")];
    let crates = std::fs::read_dir(root.join("crates")).expect("the folder of crates");
    found.extend(crates.flatten().map(|entry| entry.path().join("Cargo.toml")).filter(|path| path.is_file()));
    found.sort();
    found
}

fn table(path: &Path) -> Table {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    text.parse().unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
