//! One session in several tasks.

use architect_model::Service;
use architect_model::requests::EffectKind;
use architect_source::{Confidence, Finding, Severity};

use crate::Rule;
use crate::effects::{function, way};
use crate::loops::subject;

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "concurrent-session-use",
    group: "sessions",
    docs: include_str!("concurrent_session_use.md"),
    severity: Severity::Error,
    since: "0.2.0",
    check,
};

fn check(service: &Service) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    for fact in service.requests.effects.iter().filter(|fact| fact.kind == EffectKind::Concurrent) {
        if findings.iter().any(|known| known.location == fact.location) {
            continue;
        }
        findings.push(Finding {
            trace: way(service, fact),
            why: "A session has one connection and one state, and is made for one task. Two that use it at once fail \
                  (`InterfaceError`, `IllegalStateChangeError`) or see each other's half of the work; SQLite hides it."
                .to_owned(),
            help: "Await them one after the other, or let each branch open a session of its own.".to_owned(),
            trade_off: "A session for each branch takes a connection for each, and sees only what is committed."
                .to_owned(),
            ..RULE.finding(
                Confidence::High,
                subject(function(fact), &fact.location, "gather"),
                &fact.location,
                "Several branches that run at once use one session.",
            )
        });
    }
    findings
}
