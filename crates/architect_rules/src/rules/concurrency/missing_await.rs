//! Coroutines that nobody awaits.

use architect_model::Service;
use architect_model::requests::EffectKind;
use architect_source::{Confidence, Finding, Severity};

use crate::Rule;
use crate::effects::{function, way};
use crate::loops::subject;

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "missing-await",
    group: "concurrency",
    docs: include_str!("missing_await.md"),
    severity: Severity::Error,
    since: "0.2.0",
    check,
};

fn check(service: &Service) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    for fact in &service.requests.effects {
        let EffectKind::NotAwaited { what } = &fact.kind else { continue };
        if findings.iter().any(|known| known.location == fact.location) {
            continue;
        }
        let name = what.rsplit(':').next().unwrap_or(what);
        findings.push(Finding {
            trace: way(service, fact),
            why: "Calling a coroutine function only makes a coroutine. Without `await` nothing of it is done, and the \
                  endpoint answers as if it were."
                .to_owned(),
            help: format!("`await` the call of `{name}`."),
            trade_off: "None.".to_owned(),
            ..RULE.finding(
                Confidence::High,
                subject(function(fact), &fact.location, what),
                &fact.location,
                format!("The coroutine of `{name}` is made here and never awaited: nothing is done."),
            )
        });
    }
    findings
}
