//! Answers from outside that are waited for while a transaction is open.

use std::collections::BTreeSet;

use architect_model::Service;
use architect_source::{Confidence, Finding, Severity};

use crate::loops::subject;
use crate::{Rule, step};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "io-inside-transaction",
    group: "sessions",
    docs: include_str!("io_inside_transaction.md"),
    severity: Severity::Warning,
    since: "0.3.0",
    check,
};

fn check(service: &Service) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut known = BTreeSet::new();
    for fact in &service.requests.held {
        let Some(entry) = service.requests.entries.get(fact.entry) else { continue };
        // Several calls in one function are one matter: a connection, a login and a message.
        let here = fact.trace.iter().find(|way| way.location == fact.location).or(fact.trace.last());
        let function = here.map(|way| way.function.as_str()).filter(|name| !name.is_empty());
        if !known.insert((fact.location.path.clone(), function)) {
            continue;
        }
        let mut trace = vec![step(format!("`{}` starts here", entry.name), &entry.location)];
        trace.push(step("This statement takes a connection from the pool", &fact.since));
        let ways = fact.trace.iter().filter(|way| !way.function.is_empty());
        trace.extend(ways.map(|way| step(format!("Through `{}`", way.function), &way.location)));
        if trace.last().is_none_or(|last| last.location != fact.waits) {
            trace.push(step(format!("`{}` is waited for here", fact.what), &fact.waits));
        }
        findings.push(Finding {
            trace,
            why: "A session keeps its connection, and the locks of what it wrote, from its first statement until it \
                  commits or ends. While somebody else's service answers, or does not, both are kept: so many slow \
                  answers as the pool has connections stop every endpoint."
                .to_owned(),
            help: "End the transaction first (`commit()`, or a session of its own in a `with`), wait, and write what \
                   came back in a new one."
                .to_owned(),
            trade_off: "What was read before may have changed by then, and what fails afterwards is not rolled back."
                .to_owned(),
            ..RULE.finding(
                Confidence::High,
                subject(function.unwrap_or_default(), &fact.location, &fact.what),
                &fact.location,
                format!("`{}` is waited for while a transaction is open.", fact.what),
            )
        });
    }
    findings
}
