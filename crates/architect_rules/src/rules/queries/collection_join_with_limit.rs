//! Pages that count the rows of a joined collection.

use architect_model::Service;
use architect_model::requests::EffectKind;
use architect_source::{Confidence, Finding, Severity};

use crate::Rule;
use crate::effects::{function, way};
use crate::loops::subject;

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "collection-join-with-limit",
    group: "queries",
    docs: include_str!("collection_join_with_limit.md"),
    severity: Severity::Error,
    since: "0.3.0",
    check,
};

fn check(service: &Service) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    for fact in &service.requests.effects {
        let EffectKind::Query(query) = &fact.kind else { continue };
        let Some((joined, narrowed)) = &query.multiplied else { continue };
        let pages = query.verb == "select" && query.all && query.limited && !query.unique && !query.aggregate;
        let place = query.paged.as_ref().unwrap_or(&fact.location);
        if !pages || findings.iter().any(|known| known.location == *place) {
            continue;
        }
        let entity = &query.entity;
        findings.push(Finding {
            trace: way(service, fact),
            why: format!(
                "The join gives each `{entity}` once for each of its `{joined}`, and the limit counts those rows: a page \
                 has fewer `{entity}` than it says, and one of them is on several pages."
            ),
            help: format!(
                "Ask whether there is one, without a join: `.where({entity}.….any(...))`; or add `.distinct()`, or page \
                 over a subquery of ids."
            ),
            trade_off: "`EXISTS` is as fast where the foreign key has an index; `distinct()` sorts all rows first."
                .to_owned(),
            ..RULE.finding(
                if *narrowed { Confidence::Medium } else { Confidence::High },
                subject(function(fact), place, &format!("{entity} {joined}")),
                place,
                format!("This limit counts the rows of a join with `{joined}`, not each `{entity}`."),
            )
        });
    }
    findings
}
