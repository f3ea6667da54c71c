//! Every rule page is its rule's test, and so are the traps beside: `tests/traps/RULE.md`.

use std::panic::catch_unwind;
use std::path::Path;

use architect_model::{Options, analyse};
use architect_source::{FileSystem, Finding};

/// What one rule says about the project.
fn review(rule: &'static architect_rules::Rule, files: &dyn FileSystem, project: &Path) -> Vec<Finding> {
    let options = Options {
        project: project.to_path_buf(),
        documents: true,
        code: true,
        conventions: true,
        walks: architect_model::Walks::Everything,
        ..Options::default()
    };
    let service = analyse(files, &options).expect("the project folder is there");
    architect_rules::check_with(&[rule], &service)
}

#[test]
fn every_page_is_right() {
    let mut failed = Vec::new();
    for rule in architect_rules::all() {
        let page = format!("crates/architect_rules/src/rules/{}/{}.md", rule.group, rule.name.replace('-', "_"));
        let run = || architect_mdtest::run(rule.docs, &page, &|files, project| review(rule, files, project));
        if catch_unwind(run).is_err() {
            failed.push(rule.name);
        }
    }
    assert!(failed.is_empty(), "these pages and their rules disagree, see above: {}", failed.join(", "));
}

#[test]
#[allow(clippy::disallowed_methods, reason = "a test reads its cases")]
fn every_trap_is_known() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/traps");
    for file in std::fs::read_dir(folder).expect("the folder of traps").flatten() {
        let name = file.path().file_stem().expect("a name").to_string_lossy().into_owned();
        let rule = architect_rules::find(&name).unwrap_or_else(|| panic!("{name} is no rule"));
        let text = std::fs::read_to_string(file.path()).expect("a page");
        let page = format!("crates/architect_rules/tests/traps/{name}.md");
        architect_mdtest::run(&text, &page, &|files, project| review(rule, files, project));
    }
}
