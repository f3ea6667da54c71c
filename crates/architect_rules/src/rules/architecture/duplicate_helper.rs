//! The same function, written twice.

use std::collections::BTreeMap;

use architect_model::Service;
use architect_model::code::Function;
use architect_source::{Confidence, Finding, Severity};

use crate::requests::Requests;
use crate::text::short;
use crate::{Rule, step};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "duplicate-helper",
    group: "architecture",
    docs: include_str!("duplicate_helper.md"),
    severity: Severity::Info,
    since: "0.1.0",
    check,
};

/// Shorter functions are written twice for good.
const FEWEST_LINES: usize = 8;

fn check(service: &Service) -> Vec<Finding> {
    let mut same: BTreeMap<u64, Vec<&Function>> = BTreeMap::new();
    let requests = Requests::of(service);
    let plain = |function: &&Function| {
        let name = short(&function.name);
        // What Python calls by itself, and what stands inside another function, is said with it or belongs there.
        !function.aside
            && !name.contains("<locals>")
            && !name.contains("__")
            && !function.location.path.contains("/versions/")
    };
    for function in service.code.functions.iter().filter(|one| one.body_lines >= FEWEST_LINES).filter(plain) {
        same.entry(function.shape).or_default().push(function);
    }
    let mut findings = Vec::new();
    for copies in same.values().filter(|copies| copies.len() > 1) {
        // Copies for different modules' own sakes live in different files.
        let Some((first, rest)) = copies.split_first() else { continue };
        for copy in rest.iter().filter(|copy| copy.location.path != first.location.path) {
            let used = [first, copy].iter().any(|one| requests.reached.contains_key(one.name.as_str()));
            let confidence = if used { Confidence::Medium } else { Confidence::Low };
            findings.push(Finding {
                trace: vec![step("the same body stands here", &copy.location), step("and here", &first.location)],
                why: "A mistake that is mended in one stays in the other.".to_owned(),
                help: format!("Keep one, and import it: `{}`.", first.name),
                trade_off: "Two modules share code afterwards; fine when they are to change apart.".to_owned(),
                ..RULE.finding(
                    confidence,
                    &copy.name,
                    &copy.location,
                    format!("`{}` is a copy of `{}`.", short(&copy.name), first.name),
                )
            });
        }
    }
    findings
}
