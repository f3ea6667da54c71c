//! Rows that are all loaded for what the database could compute of them.

use std::collections::HashMap;

use architect_model::Service;
use architect_model::requests::{Amount, EffectFact, EffectKind, ReducedFact, Reduces};
use architect_source::{Confidence, Finding, Location, Severity};

use crate::effects::{function, of_request, queries_at, way};
use crate::loops::subject;
use crate::{Rule, step};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "python-side-aggregation",
    group: "queries",
    docs: include_str!("python_side_aggregation.md"),
    severity: Severity::Warning,
    since: "0.3.0",
    check,
};

/// A table stated to have no more rows than this is read whole anyway.
const SMALL: u64 = 1_000;

/// What is done, and what does it in SQL.
fn words(how: Reduces) -> (&'static str, &'static str) {
    match how {
        Reduces::Sum => ("to add up", "`select(func.sum(...))`"),
        Reduces::Count => ("to count some of them", "`select(func.count()).where(...)`"),
        Reduces::Greatest => ("to find the largest", "`func.max(...)`, or `order_by(... .desc()).limit(1)`"),
        Reduces::Least => ("to find the smallest", "`func.min(...)`, or `order_by(...).limit(1)`"),
        Reduces::Test => ("to see whether some are of a kind", "`select(exists().where(...))`"),
        Reduces::Group => ("to add up by groups", "`select(column, func.count()).group_by(column)`"),
        Reduces::Distinct => ("for the different values of", "`select(column).distinct()`"),
        Reduces::Top => ("to keep the first few by", "`order_by(...).limit(...)`"),
        Reduces::Find => ("to find one by", "`where(...).limit(1)`"),
        Reduces::Filter => ("to keep some of them", "`where(...)` with the same condition"),
        Reduces::Page => ("to keep a part of them", "`order_by(...).limit(...).offset(...)`"),
        Reduces::Sort => ("to sort them", "`order_by(...)`"),
    }
}

/// How sure it is that loading them is a waste; nothing where it is none.
fn confidence(fact: &ReducedFact) -> Option<Confidence> {
    match (fact.amount, fact.how) {
        // Sorted or not, all of them are loaded.
        (Amount::Any | Amount::Doubtful, Reduces::Sort) => Some(Confidence::Low),
        (_, Reduces::Sort) => None,
        // What hangs on one object is often small, and often loaded for something else.
        (Amount::Collection, Reduces::Sum | Reduces::Count | Reduces::Group) => Some(Confidence::Medium),
        (Amount::Collection, how) if how.keeps() => None,
        (Amount::Collection, _) => Some(Confidence::Low),
        (Amount::OfParent, how) if how.keeps() => Some(Confidence::Low),
        (Amount::OfParent | Amount::Doubtful, _) | (Amount::Any, Reduces::Distinct) => Some(Confidence::Medium),
        (Amount::Any, _) if fact.open => Some(Confidence::Medium),
        (Amount::Any, _) => Some(Confidence::High),
    }
}

/// Whether there are few rows of a class by nature.
fn stays_small(service: &Service, class: &str) -> bool {
    let named = |full: &str| full.rsplit([':', '.']).next() == Some(class);
    let tables = service.mappers.iter().filter(|mapper| named(&mapper.class)).filter_map(|mapper| mapper.table_index);
    tables
        .filter_map(|index| service.tables.get(index))
        .any(|table| table.is_reference_data() || service.context.at_most(&table.name, SMALL))
}

fn check(service: &Service) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    // Several sums of one query are one matter.
    let mut at: HashMap<(Location, String), usize> = HashMap::new();
    for fact in &service.requests.effects {
        let EffectKind::Reduced(reduced) = &fact.kind else { continue };
        let Some(mut confidence) = confidence(reduced) else { continue };
        // Who narrows a query and then leaves out a few of what it gave had a reason, as often as not.
        if confidence == Confidence::High
            && matches!(reduced.how, Reduces::Filter | Reduces::Page)
            && queries_at(service, &reduced.query).any(|query| query.filtered)
        {
            confidence = Confidence::Medium;
        }
        if fact.handling || !of_request(service, fact) || stays_small(service, &reduced.class) {
            continue;
        }
        let known = at.get(&(reduced.query.clone(), function(fact).to_owned()));
        if let Some(known) = known.copied().filter(|known| findings[*known].location != fact.location) {
            findings[known].trace.push(step(format!("And here, {}", words(reduced.how).0), &fact.location));
            continue;
        }
        if known.is_none() && findings.iter().all(|finding| finding.location != fact.location) {
            at.insert((reduced.query.clone(), function(fact).to_owned()), findings.len());
            findings.push(finding(service, fact, reduced, confidence));
        }
    }
    findings
}

fn finding(service: &Service, fact: &EffectFact, reduced: &ReducedFact, confidence: Confidence) -> Finding {
    let (what, instead) = words(reduced.how);
    let class = &reduced.class;
    let columns: Vec<String> = reduced.attributes.iter().map(|name| format!("`{name}`")).collect();
    let by = match (reduced.how, columns.is_empty()) {
        (_, true) => String::new(),
        (Reduces::Sum | Reduces::Distinct | Reduces::Top | Reduces::Find, _) => format!(" {}", columns.join(", ")),
        _ => format!(" by {}", columns.join(", ")),
    };
    let mut trace = way(service, fact);
    if reduced.query != fact.location {
        trace.push(step("All of them are loaded here", &reduced.query));
    }
    let message = match reduced.amount {
        Amount::Collection => format!("This loads a whole collection of `{class}` {what}{by}."),
        Amount::OfParent => format!("This loads every `{class}` of one parent {what}{by}."),
        Amount::Doubtful => {
            format!("This loads every `{class}` that a condition leaves, which is not known, {what}{by}.")
        }
        Amount::Any => format!("This loads every `{class}` that matches {what}{by}."),
    };
    Finding {
        trace,
        why:
            "Every row is read, sent and made an object for what the database computes where they lie. Time and memory \
              grow with the table."
                .to_owned(),
        help: format!("Let the database do it: {instead}."),
        trade_off: "A query of its own for each such value. Fine where there are never more than a few rows, or where \
                    they are loaded anyway."
            .to_owned(),
        ..RULE.finding(
            confidence,
            subject(function(fact), &fact.location, &format!("{class} {}", reduced.attributes.join(" "))),
            &fact.location,
            message,
        )
    }
}
