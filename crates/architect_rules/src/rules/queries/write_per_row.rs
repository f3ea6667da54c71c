//! Transactions that a loop ends.

use architect_model::Service;
use architect_model::requests::{EffectKind, EntryKind};
use architect_source::{Confidence, Finding, Severity};

use crate::Rule;
use crate::loops::{all_places, grows, over, subject, trace};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "write-per-row",
    group: "queries",
    docs: include_str!("write_per_row.md"),
    severity: Severity::Warning,
    since: "0.2.0",
    check,
};

fn check(service: &Service) -> Vec<Finding> {
    let mut findings = Vec::new();
    for fact in all_places(service) {
        let commits = |kind: &EffectKind| *kind == EffectKind::Commit;
        let in_request = service
            .requests
            .entries
            .get(fact.entry)
            .is_some_and(|entry| matches!(entry.kind, EntryKind::Endpoint | EntryKind::Middleware));
        if !in_request || !grows(&fact.times) || fact.handling || !fact.does.iter().any(|(kind, _, _)| commits(kind)) {
            continue;
        }
        findings.push(Finding {
            trace: trace(service, &fact, &commits),
            why: "Every commit waits until the disk has it. A loop multiplies that, and where one turn fails, the \
                  work of those before stays."
                .to_owned(),
            help: "Collect the rows, `add_all` them, and commit once after the loop.".to_owned(),
            trade_off: "One transaction holds its locks until the end. Fine in jobs that have to keep what is done \
                        when they are stopped."
                .to_owned(),
            ..RULE.finding(
                Confidence::Medium,
                subject(&fact.function, &fact.location, "commit"),
                &fact.location,
                format!("This loop commits for {}.", over(&fact.times, &fact.over)),
            )
        });
    }
    findings
}
