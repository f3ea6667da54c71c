//! Relationships that response models load row by row.

use architect_model::Service;
use architect_model::requests::EffectKind;
use architect_source::{Confidence, Finding, Severity};

use crate::Rule;
use crate::loops::{Does, class, entry, listed, over, subject, trace, words};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "response-lazy-load",
    group: "queries",
    docs: include_str!("response_lazy_load.md"),
    severity: Severity::Warning,
    since: "0.2.0",
    check,
};

fn check(service: &Service) -> Vec<Finding> {
    let mut findings = Vec::new();
    for fact in &service.requests.loops {
        if class(fact) != Some(Does::Serialise) {
            continue;
        }
        let what = words(fact, &|kind| matches!(kind, EffectKind::Load(_)));
        let message = format!(
            "The response of {} loads {} for {}: one more query each time.",
            entry(service, fact.entry),
            listed(&what),
            over(&fact.times),
        );
        findings.push(Finding {
            trace: trace(service, fact, &|kind| matches!(kind, EffectKind::Load(_))),
            why: "Response models read attributes of the objects they are given. What the query did not load is loaded then, one query for each row, and the answer looks the same."
                .to_owned(),
            help: "Load it with the query: `.options(selectinload(...))` for collections, `joinedload(...)` for one related object; or leave the field out of the response model."
                .to_owned(),
            trade_off: "A loader option costs one statement, and its rows, on every call of this query. Fine when the list is short by nature."
                .to_owned(),
            ..RULE.finding(Confidence::High, subject(&fact.function, &fact.location, &listed(&what)), &fact.location, message)
        });
    }
    findings
}
