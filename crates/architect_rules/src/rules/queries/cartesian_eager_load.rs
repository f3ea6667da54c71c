//! Collections that are joined side by side: their rows multiply.

use architect_model::Service;
use architect_model::requests::EffectKind;
use architect_source::{Confidence, Finding, Severity};

use crate::Rule;
use crate::effects::{function, of_request, way};
use crate::loops::subject;

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "cartesian-eager-load",
    group: "queries",
    docs: include_str!("cartesian_eager_load.md"),
    severity: Severity::Warning,
    since: "0.3.0",
    check,
};

fn check(service: &Service) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    let mut of_classes: Vec<(&str, &str)> = Vec::new();
    for fact in &service.requests.effects {
        let EffectKind::Product { first, second, by_options, sometimes, many } = &fact.kind else { continue };
        let known = findings.iter().any(|known| known.location == fact.location);
        if known || fact.handling || !of_request(service, fact) {
            continue;
        }
        // What the class says is one matter, however many queries pay for it.
        if !by_options {
            if of_classes.contains(&(first, second)) {
                continue;
            }
            of_classes.push((first, second));
        }
        let confidence = if *many && *by_options && !sometimes { Confidence::High } else { Confidence::Medium };
        let each = if *many { "each of its objects" } else { "its object" };
        findings.push(Finding {
            trace: way(service, fact),
            why: format!(
                "A join gives a row for every pair: with 20 rows of each, {each} comes as 400 rows, with all columns \
                 repeated, and SQLAlchemy throws most of them away."
            ),
            help: format!(
                "`selectinload()` for {}: one more statement, and no row twice.",
                if *by_options { "one of them, or both" } else { "one of them, or `lazy=\"select\"` in the class" }
            ),
            trade_off: "One more round trip for each collection. Fine where one of them holds a row or two.".to_owned(),
            ..RULE.finding(
                confidence,
                subject(function(fact), &fact.location, &format!("{first} {second}")),
                &fact.location,
                format!("This joins `{first}` and `{second}` side by side: their rows multiply."),
            )
        });
    }
    findings
}
