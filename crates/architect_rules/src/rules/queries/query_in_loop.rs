//! Statements that a loop repeats.

use architect_model::Service;
use architect_model::requests::{EffectKind, LoopFact, Times};
use architect_source::{Confidence, Finding, Severity};

use crate::Rule;
use crate::effects::{Unused, prepares};
use crate::loops::{
    Does, LONG_WAY, all_places, class, confidence, is_over_reference_data, is_query, listed, over, shortest_way,
    subject, trace, words,
};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "query-in-loop",
    group: "queries",
    docs: include_str!("query_in_loop.md"),
    severity: Severity::Warning,
    since: "0.2.0",
    check,
};

/// What to do about a loop.
const KEYS: &str = "Ask once for all: collect the keys, `where(Model.id.in_(keys))`, and look the rows up in a dictionary; or write them with one statement and one commit.";

/// What to do about a chain or a tree.
const TREE: &str = "Let the database follow the rows: a recursive CTE (`select(...).cte(recursive=True)`) gives all of them at once. Or ask once a level, `where(Model.parent_id.in_(ids))`, or for all rows that the tree can be of, and put them together in a dictionary.";

fn check(service: &Service) -> Vec<Finding> {
    let mut findings = Vec::new();
    let unused = Unused::of(service);
    for fact in &all_places(service) {
        if class(fact) != Some(Does::Query) {
            continue;
        }
        let what = words(fact, &is_query);
        let message = match fact {
            LoopFact { again: true, times: Times::Linked, .. } => {
                format!("This function calls itself, and executes {} for each row of a chain.", listed(&what))
            }
            LoopFact { again: true, .. } => format!(
                "This function calls itself for {}, and executes {} each time.",
                over(&fact.times, &fact.over),
                listed(&what)
            ),
            _ => format!("This loop executes {} for {}.", listed(&what), over(&fact.times, &fact.over)),
        };
        let is_tree = fact.again || fact.times == Times::Linked;
        findings.push(Finding {
            trace: trace(service, fact, &is_query),
            why: "Every statement is a round trip. A loop multiplies it by the number of rows or of elements a caller sends, which nobody sees in a test with one row."
                .to_owned(),
            help: if is_tree { TREE } else { KEYS }.to_owned(),
            trade_off: "The code gets a step longer. Fine in jobs that run rarely on few rows, or where each element has to stand on its own."
                .to_owned(),
            ..RULE.finding(sure(service, &unused, fact), subject(&fact.function, &fact.location, &listed(&what)), &fact.location, message)
        });
    }
    findings
}

/// Statements in a loop are meant to be repeated, whatever it is over; at the start of a process they are paid once.
fn sure(service: &Service, unused: &Unused<'_>, fact: &LoopFact) -> Confidence {
    let plain = fact.does.iter().any(|(kind, _, _)| matches!(kind, EffectKind::Query(query) if query.entity != "?"));
    let rare = prepares(service, fact.entry, &fact.trace) || unused.begins(fact.entry);
    if rare || shortest_way(fact, &is_query) > LONG_WAY || is_over_reference_data(service, &fact.times) {
        return Confidence::Medium;
    }
    // Rows are locked one after the other where their order matters.
    let locks = |kind: &EffectKind| matches!(kind, EffectKind::Query(query) if query.locked);
    // Beside an answer from outside a statement is not what takes the time.
    if fact.waits_outside || fact.does.iter().any(|(kind, _, _)| locks(kind)) {
        return Confidence::Medium;
    }
    // What is walked may be no rows at all: a document, say.
    if plain && !(fact.again && fact.times == Times::Unknown) { Confidence::High } else { confidence(&fact.times) }
}
