//! Relationships that a loop loads row by row.

use architect_model::Service;
use architect_model::requests::{EffectKind, EntryKind, LoopFact};
use architect_source::{Confidence, Finding, Severity};

use crate::Rule;
use crate::loops::{Does, all_places, class, confidence, listed, over, subject, trace, words};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "n-plus-one-lazy-load",
    group: "queries",
    docs: include_str!("n_plus_one_lazy_load.md"),
    severity: Severity::Warning,
    since: "0.2.0",
    check,
};

fn check(service: &Service) -> Vec<Finding> {
    let mut findings = Vec::new();
    for fact in &all_places(service) {
        if class(fact) != Some(Does::Load) {
            continue;
        }
        let what = words(fact, &|kind| matches!(kind, EffectKind::Load(_)));
        let message = format!(
            "This loop loads {} for {}: one more query each time.",
            listed(&what),
            over(&fact.times, &fact.over),
        );
        findings.push(Finding {
            trace: trace(service, fact, &|kind| matches!(kind, EffectKind::Load(_))),
            why: "Reading a relationship that the query did not load sends a query of its own. With a hundred rows that is a hundred queries that one could have answered."
                .to_owned(),
            help: "Load it with the query that gives the rows: `.options(selectinload(...))` for collections, `joinedload(...)` for one related object."
                .to_owned(),
            trade_off: "A loader option costs one statement, and its rows, on every call of this query. Fine when there are only a few rows, or few distinct related objects."
                .to_owned(),
            ..RULE.finding(sure(service, fact), subject(&fact.function, &fact.location, &listed(&what)), &fact.location, message)
        });
    }
    findings
}

/// Columns are loaded again after a commit, which a loop may reach only at its end.
fn sure(service: &Service, fact: &LoopFact) -> Confidence {
    let loads = || {
        fact.does.iter().filter_map(|(kind, _, _)| if let EffectKind::Load(load) = kind { Some(load) } else { None })
    };
    if loads().all(|load| load.few) {
        return Confidence::Low;
    }
    // What is loaded to be deleted is loaded rarely, and what is handed in may come with what it is related to.
    // Who calls a function that nothing is seen to call may have loaded all of it.
    let called = service.requests.entries.get(fact.entry).is_some_and(|entry| {
        let own = entry.name.rsplit(':').next() == fact.function.rsplit(':').next();
        entry.kind != EntryKind::Function || !own
    });
    let relationship = |kind: &EffectKind| match kind {
        EffectKind::Load(load) => {
            // A session of asyncio would raise: what is read there is loaded in a way that is not seen.
            load.is_async != Some(true)
                && load.relationship
                && !load.cascade
                && !load.handed_in_loaded
                && (called || !load.assumed)
        }
        _ => false,
    };
    if fact.does.iter().any(|(kind, _, _)| relationship(kind)) { confidence(&fact.times) } else { Confidence::Medium }
}
