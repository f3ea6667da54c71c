//! Pages of rows in no order.

use architect_model::Service;
use architect_model::requests::EffectKind;
use architect_source::{Confidence, Finding, Severity};

use crate::Rule;
use crate::effects::{Executors, function, way};
use crate::loops::subject;

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "pagination-without-order",
    group: "queries",
    docs: include_str!("pagination_without_order.md"),
    severity: Severity::Warning,
    since: "0.2.0",
    check,
};

fn check(service: &Service) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    let executors = Executors::of(service);
    for fact in &service.requests.effects {
        let EffectKind::Query(query) = &fact.kind else { continue };
        let pages = query.verb == "select" && query.all && query.limited && query.offset && !query.aggregate;
        if !pages || query.ordered || query.unique {
            continue;
        }
        // Where some of those whose statements are executed there order them, it is up to the others.
        let up_to_callers = executors.beside(fact).any(|one| one.ordered);
        let place = match executors.place(fact) {
            place if up_to_callers && *place != fact.location => place,
            _ => query.paged.as_ref().unwrap_or(&fact.location),
        };
        // The same statement may get its order on one way only: whoever calls it that way decides.
        let ordered_elsewhere = !query.ordered_on_request && executors.alike(fact, query).any(|one| one.ordered);
        if ordered_elsewhere || findings.iter().any(|known| known.location == *place) {
            continue;
        }
        findings.push(Finding {
            trace: way(service, fact),
            why: "Without an order a database gives rows as it finds them, which changes from one statement to the \
                  next: some rows are on two pages and some on none. SQLite hides it."
                .to_owned(),
            help: "Order by something unique: `.order_by(Model.created_at, Model.id)`.".to_owned(),
            trade_off: "The database has to sort, or read along an index.".to_owned(),
            ..RULE.finding(
                Confidence::High,
                subject(function(fact), place, &query.entity),
                place,
                match query {
                    query if query.ordered_by_condition => format!(
                        "Pages of `{}` are ordered by a condition only: rows of which it says the same are in no order.",
                        query.entity
                    ),
                    query if query.ordered_on_request => format!(
                        "Pages of `{}` are read without an order where nobody asks for one.",
                        query.entity
                    ),
                    query => format!("Pages of `{}` are read without an order.", query.entity),
                },
            )
        });
    }
    findings
}
