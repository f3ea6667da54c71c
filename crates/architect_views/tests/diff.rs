//! Pairs of small services in Markdown and what changed between them: `tests/diff/*.md`.
//!
//! A case is named after its check. Files below `old/` and `new/` are of one side, the others of both; `old.json` and
//! `new.json` are documents instead. The block `changes` has a line for each change: its level, its check, its message
//! and the operations. A case whose name starts with `trap` has none.

#![allow(clippy::disallowed_methods, reason = "a test looks at the disk")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use architect_mdtest::Case;
use architect_model::{Options, analyse};
use architect_source::MemoryFileSystem;
use architect_views::diff::{Comparison, Contract, checks, compare, markdown, text};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

fn cases() -> Vec<(String, Case)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/diff");
    let mut pages: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    pages.sort();
    let mut out = Vec::new();
    for page in pages {
        let name = page.file_name().unwrap().to_string_lossy().into_owned();
        let (cases, errors) = architect_mdtest::cases(&std::fs::read_to_string(&page).unwrap());
        assert!(errors.is_empty(), "{name}: {errors:?}");
        out.extend(cases.into_iter().map(|case| (name.clone(), case)));
    }
    out
}

/// One side of a case.
fn contract(case: &Case, side: &str) -> Contract {
    let document = format!("{side}.json");
    if let Some(block) = case.files.iter().find(|block| block.path == document) {
        let json = serde_json::from_str(&block.text).unwrap_or_else(|why| panic!("[{}] {document}: {why}", case.title));
        return Contract::of_document(json).unwrap();
    }
    let mut files = MemoryFileSystem::default();
    let own = format!("{side}/");
    for block in &case.files {
        match block.path.strip_prefix(&own) {
            Some(path) => files.write(format!("/project/{path}"), block.text.as_bytes()),
            None if block.path.starts_with("old/") || block.path.starts_with("new/") => {}
            None => files.write(format!("/project/{}", block.path), block.text.as_bytes()),
        }
    }
    let options = Options { project: "/project".into(), documents: true, ..Options::default() };
    Contract::of_service(&analyse(&files, &options).unwrap())
}

fn lines(comparison: &Comparison) -> String {
    comparison.changes.iter().fold(String::new(), |mut out, change| {
        let _ = write!(out, "{} {}: {}", change.level, change.check.id, change.message);
        let _ = writeln!(out, " [{}]", change.operations.join(", "));
        out
    })
}

#[test]
fn every_pair_has_the_changes_it_says() {
    let cases = cases();
    let mut wrong = String::new();
    for (page, case) in &cases {
        let expected = case.files.iter().find(|block| block.path == "changes");
        let (old, new) = (contract(case, "old"), contract(case, "new"));
        let comparison = compare(&old, &new);
        let found = lines(&comparison);
        let expected = expected.map(|block| block.text.trim()).unwrap_or_default();
        if found.trim() != expected {
            let _ = write!(wrong, "\n{page}: [{}] has\n{found}instead of\n{expected}\n", case.title);
        }
        let check = case.title.split(' ').next().unwrap_or_default();
        let is_trap = check == "trap:";
        let is_named = comparison.changes.iter().any(|change| change.check.id == check);
        if is_trap != found.is_empty() || !is_trap && !is_named {
            let _ = write!(wrong, "\n{page}: [{}] is not about what it is called after:\n{found}", case.title);
        }
        assert!(comparison.unknowns.is_empty(), "{page}: [{}] {:?}", case.title, comparison.unknowns);
        for same in [&old, &new] {
            let nothing = compare(same, same);
            assert!(nothing.changes.is_empty(), "{page}: [{}] against itself:\n{}", case.title, lines(&nothing));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert!(cases.len() > 250, "only {} cases were found", cases.len());
}

#[test]
fn every_check_has_a_case() {
    let titles: BTreeSet<String> =
        cases().iter().map(|(_, case)| case.title.split(' ').next().unwrap_or_default().to_owned()).collect();
    let missing: Vec<&str> = checks().map(|check| check.id).filter(|id| !titles.contains(*id)).collect();
    assert!(missing.is_empty(), "{} checks have no case: {}", missing.len(), missing.join(" "));
}

fn document(operation: Json) -> Contract {
    Contract::of_document(json!({"openapi": "3.1.0", "paths": {"/a": {"get": operation}}})).unwrap()
}

#[test]
fn notes_of_a_release_name_every_operation() {
    let parameter = json!([{"name": "q", "in": "query", "required": true, "schema": {"type": "string"}}]);
    let old = document(json!({"responses": {}}));
    let new = document(json!({"responses": {}, "parameters": parameter}));
    let comparison = compare(&old, &new);
    let notes = markdown(&comparison, "v1", "v2");
    assert_eq!(
        notes,
        "# Migration notes: `v1` to `v2`\n\n1 breaking, 0 risky, 0 compatible.\n\n## Breaking changes\n\n- The query \
         parameter `q` is new and has to be sent.\n  **What to do:** send it; without it the answer is 422.\n  In `GET \
         /a`.\n"
    );
    assert_eq!(
        text(&comparison),
        "breaking\n  request-parameter-added-required: the query parameter q is new and has to be sent\n    in GET \
         /a\n    callers: send it; without it the answer is 422\n\n1 breaking, 0 risky, 0 compatible\n"
    );
    let same = compare(&old, &old);
    assert_eq!(markdown(&same, "a", "b").lines().last(), Some("Nothing changed for callers or the database."));
    assert_eq!(text(&same), "no change for callers or the database\n");
}

/// Documents with everything that is compared, to take apart and mix.
fn documents() -> Vec<Json> {
    let mut out = Vec::new();
    for (_, case) in cases() {
        for block in case.files.iter().filter(|block| block.path == "old.json" || block.path == "new.json") {
            out.push(serde_json::from_str(&block.text).unwrap());
        }
    }
    assert!(out.len() > 10);
    out
}

/// Puts a part of one document into another, by numbers that mean places.
fn graft(into: &mut Json, from: &Json, places: &[usize]) {
    let part = places.iter().rev().fold(from, |at, place| child(at, *place));
    let part = part.clone();
    let mut at = into;
    for place in places {
        let count = match &*at {
            Json::Object(items) => items.len(),
            Json::Array(items) => items.len(),
            _ => 0,
        };
        if count == 0 {
            break;
        }
        at = match at {
            Json::Object(items) => items.values_mut().nth(place % count).unwrap(),
            Json::Array(items) => &mut items[place % count],
            _ => return,
        };
    }
    *at = part;
}

fn child(json: &Json, place: usize) -> &Json {
    match json {
        Json::Object(items) if !items.is_empty() => items.values().nth(place % items.len()).unwrap(),
        Json::Array(items) if !items.is_empty() => &items[place % items.len()],
        other => other,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, rng_seed: proptest::test_runner::RngSeed::Fixed(7), ..ProptestConfig::default() })]

    #[test]
    fn torn_documents_are_compared_without_harm(
        first in 0_usize..1000,
        second in 0_usize..1000,
        places in prop::collection::vec(0_usize..50, 1..9),
    ) {
        thread_local! {
            static ALL: Vec<Json> = documents();
        }
        ALL.with(|all| {
            let old = all[first % all.len()].clone();
            let mut new = old.clone();
            graft(&mut new, &all[second % all.len()], &places);
            let whole = Contract::of_document(old.clone()).unwrap();
            assert!(compare(&whole, &Contract::of_document(old).unwrap()).changes.is_empty());
            let Ok(torn) = Contract::of_document(new) else { return };
            let levels = |comparison: &Comparison| {
                let count = comparison.changes.iter().fold(BTreeMap::new(), |mut count: BTreeMap<_, usize>, change| {
                    *count.entry(change.level).or_default() += 1;
                    count
                });
                count.values().sum::<usize>()
            };
            // The same way each time.
            assert_eq!(levels(&compare(&whole, &torn)), levels(&compare(&whole, &torn)));
            assert!(compare(&torn, &torn).changes.is_empty());
            let back = compare(&torn, &whole);
            assert_eq!(levels(&back), levels(&compare(&torn, &whole)));
        });
    }
}
