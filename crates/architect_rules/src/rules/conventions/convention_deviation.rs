//! What nearly all of the code does one way, and this does not.

use architect_conventions::practices;
use architect_model::Service;
use architect_source::{Confidence, Finding, Severity};

use crate::text::short;
use crate::{Rule, step};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "convention-deviation",
    group: "conventions",
    docs: include_str!("convention_deviation.md"),
    severity: Severity::Info,
    since: "0.1.0",
    check,
};

/// Fewer say nothing about a convention.
const FEWEST: usize = 8;

fn check(service: &Service) -> Vec<Finding> {
    // How the code is written was not asked.
    if service.code.modules.is_empty() {
        return Vec::new();
    }
    let mut findings = Vec::new();
    for practice in practices(service) {
        // Nine of ten is a convention; less is a habit.
        let firm = practice.settled && practice.of >= FEWEST && practice.count * 10 >= practice.of * 9;
        if !practice.enforced || !firm {
            continue;
        }
        for deviation in &practice.deviations {
            let trace = practice
                .reference
                .iter()
                .map(|one| step(format!("`{}` does it as most do", short(&one.name)), &one.location));
            findings.push(Finding {
                trace: trace.collect(),
                why: format!("{}: {} of {} {}.", practice.majority, practice.count, practice.of, practice.noun),
                help: practice.reference.as_ref().map_or_else(
                    || "Do it as the others do.".to_owned(),
                    |one| format!("Do it as `{}` does.", one.name),
                ),
                trade_off: "Fine where this one is different on purpose; say so beside it.".to_owned(),
                ..RULE.finding(
                    Confidence::Medium,
                    format!("{} {}", practice.name, deviation.subject),
                    &deviation.location,
                    format!("`{}` {}.", short(&deviation.subject), deviation.does),
                )
            });
        }
    }
    findings
}
