//! Code that does again what other code does.

use architect_conventions::{RepeatKind, repeats};
use architect_model::Service;
use architect_source::{Confidence, Finding, Severity};

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

fn check(service: &Service) -> Vec<Finding> {
    // Shapes of bodies were not read.
    if service.code.modules.is_empty() {
        return Vec::new();
    }
    let mut findings = Vec::new();
    for repeat in repeats(service) {
        for place in &repeat.places {
            let (trace, help) = match &repeat.helper {
                Some(helper) => (
                    vec![step("it is done here, too", &helper.location)],
                    if repeat.kind == RepeatKind::Structure {
                        format!("Keep one of the two and call it: `{}`.", helper.name)
                    } else {
                        format!("Use `{}`.", helper.name)
                    },
                ),
                None => (
                    repeat
                        .places
                        .iter()
                        .filter(|one| *one != place)
                        .map(|one| step("it is done here, too", &one.location))
                        .collect(),
                    "Write it once, where all of them can import it.".to_owned(),
                ),
            };
            let beside = repeat.helper.as_ref().map(|helper| format!(", as `{}` does", short(&helper.name)));
            let beside = beside.filter(|_| repeat.kind == RepeatKind::Effect).unwrap_or_default();
            findings.push(Finding {
                trace,
                why: "A mistake that is mended in one stays in the other.".to_owned(),
                help,
                trade_off: "Two modules share code afterwards; fine when they are to change apart.".to_owned(),
                ..RULE.finding(
                    Confidence::Medium,
                    &place.name,
                    &place.location,
                    format!("`{}` {}{beside}.", short(&place.name), repeat.does),
                )
            });
        }
    }
    findings
}
