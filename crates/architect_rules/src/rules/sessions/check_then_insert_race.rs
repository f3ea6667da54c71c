//! Rows that are looked for before they are inserted: two requests at once both find none.

use architect_model::Service;
use architect_model::code::{Function, Operand};
use architect_model::requests::RaceFact;
use architect_source::{Confidence, Finding, Severity};

use crate::effects::{REFUSALS, catches, takes_lock};
use crate::loops::subject;
use crate::{Rule, step};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "check-then-insert-race",
    group: "sessions",
    docs: include_str!("check_then_insert_race.md"),
    severity: Severity::Warning,
    since: "0.3.0",
    check,
};

/// Whether somebody deals with a row that is there already, wherever the insert comes from.
fn dealt_with_everywhere(service: &Service) -> bool {
    let handlers = service.applications.iter().flat_map(|application| &application.exception_handlers);
    let mut handled = handlers.map(|handler| handler.name.rsplit(['.', ':']).next().unwrap_or_default());
    let around = |function: &&Function| {
        !function.aside
            && (function.is_generator || function.name.ends_with(".dispatch") || function.name.ends_with(".__call__"))
    };
    let named =
        |one: &Operand| one.keyword.as_deref().is_some_and(|key| REFUSALS.iter().any(|name| key.ends_with(name)));
    // A table of handlers that is handed to whoever makes the application.
    let listed = |function: &Function| {
        let arguments = function.calls.iter().flat_map(|call| &call.arguments);
        arguments.flat_map(|one| [one].into_iter().chain(&one.items)).any(|one| one.items.iter().any(named))
    };
    handled.any(|name| REFUSALS.contains(&name))
        || service.code.functions.iter().filter(|function| !function.aside).any(listed)
        || service.code.functions.iter().filter(around).any(|function| catches(function, false))
}

/// Whether something on the way makes others wait, or deals with a row that is there.
fn is_guarded(service: &Service, fact: &RaceFact) -> bool {
    fact.functions
        .iter()
        .filter_map(|name| service.code.function(name))
        .any(|function| catches(function, true) || takes_lock(function))
}

fn check(service: &Service) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    if service.requests.races.is_empty() || dealt_with_everywhere(service) {
        return findings;
    }
    for fact in &service.requests.races {
        let Some(entry) = service.requests.entries.get(fact.entry) else { continue };
        if is_guarded(service, fact) || findings.iter().any(|known| known.location == fact.insert) {
            continue;
        }
        let columns = fact.columns.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        let mut trace = vec![step(format!("`{}` starts here", entry.name), &entry.location)];
        let ways = fact.trace.iter().chain(&fact.looks);
        trace.extend(
            ways.filter(|way| !way.function.is_empty())
                .map(|way| step(format!("Through `{}`", way.function), &way.location)),
        );
        trace.push(step(format!("`{}` is looked for here, by {columns}", fact.class), &fact.query));
        let inserts = fact.inserts.iter().filter(|way| !way.function.is_empty());
        trace.extend(inserts.map(|way| step(format!("Inserted through `{}`", way.function), &way.location)));
        let (severity, message, why) = if fact.is_unique {
            (
                Severity::Warning,
                format!("Of two requests at once that insert the same `{}`, one fails with 500.", fact.class),
                format!(
                    "Both look for {columns} before either has inserted it, and find nothing. The unique key refuses the \
                     second row with an `IntegrityError` that nobody catches."
                ),
            )
        } else {
            (
                Severity::Error,
                format!("Two requests at once both insert the same `{}`: nothing keeps {columns} unique.", fact.class),
                format!(
                    "Both look for {columns} before either has inserted it, and find nothing. The table has no unique \
                     key over it, so that there are two rows from then on: `one_or_none()` raises, and `first()` takes either."
                ),
            )
        };
        let function = fact.inserts.first().map(|way| way.function.as_str()).unwrap_or_default();
        findings.push(Finding {
            severity,
            trace,
            why,
            help: "Let the database decide: a unique key over these columns, and `IntegrityError` caught around the \
                   flush and answered with 409; or an insert with `on_conflict_do_nothing()`."
                .to_owned(),
            trade_off: "The check before stays useful for a good message. Fine where there is one writer only."
                .to_owned(),
            ..RULE.finding(
                Confidence::High,
                subject(function, &fact.insert, &format!("{} {}", fact.class, fact.columns.join(" "))),
                &fact.insert,
                message,
            )
        });
    }
    findings
}
