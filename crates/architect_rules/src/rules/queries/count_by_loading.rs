//! Rows that are all loaded to be counted.

use architect_model::Service;
use architect_model::requests::{EffectFact, EffectKind};
use architect_source::{Confidence, Finding, Location, Severity};

use crate::effects::{by_itself, function, of_request, queries_at, way};
use crate::loops::subject;
use crate::{Rule, step};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "count-by-loading",
    group: "queries",
    docs: include_str!("count_by_loading.md"),
    severity: Severity::Warning,
    since: "0.3.0",
    check,
};

/// Whether the rows that a function counts are not the few of one parent: a job may load those.
fn counts_many(service: &Service, fact: &EffectFact, class: &str, place: &Location) -> bool {
    service.requests.effects.iter().any(|one| {
        let EffectKind::Query(query) = &one.kind else { return false };
        (&one.location.path, one.location.end) == (&place.path, place.end)
            && query.entity == class
            && !(query.parent || query.listed || query.unique)
            && one.trace.iter().any(|way| way.function == function(fact))
    })
}

fn check(service: &Service) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    for fact in &service.requests.effects {
        let EffectKind::Counted { class, query, whether } = &fact.kind else { continue };
        let known = findings.iter().any(|known| known.location == fact.location);
        // How many rows an insert or an update has touched is what it answered.
        let writes = queries_at(service, query).any(|one| one.verb != "select");
        let in_job = by_itself(service, fact) && counts_many(service, fact, class, query);
        if writes || known || fact.handling || !(of_request(service, fact) || in_job) {
            continue;
        }
        let mut trace = way(service, fact);
        trace.push(step("All of them are loaded here", query));
        findings.push(Finding {
            trace,
            why: format!(
                "Every row is read, sent and made an object to learn {}. Time and memory grow with the rows.",
                if *whether { "whether there is one" } else { "a number" }
            ),
            help: if *whether {
                "Ask the database: `select(exists().where(...))` with the same conditions, or add `.limit(1)`."
            } else {
                "Let the database count: `select(func.count()).select_from(...)` with the same conditions."
            }
            .to_owned(),
            trade_off: "A query of its own for the number. Fine where there are never more than a few rows.".to_owned(),
            ..RULE.finding(
                Confidence::High,
                subject(function(fact), &fact.location, class),
                &fact.location,
                format!(
                    "This loads every `{class}` that matches, to {}.",
                    if *whether { "see whether there is one" } else { "count them" }
                ),
            )
        });
    }
    findings
}
