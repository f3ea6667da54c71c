//! Every rule page is its rule's test.

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
