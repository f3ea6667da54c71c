//! Plain sessions on the event loop.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use architect_model::Service;
use architect_model::requests::Wait;
use architect_source::{Confidence, Finding, Location, Severity};

use crate::text::names;
use crate::waits::{Waiting, shown, waiting};
use crate::{Rule, step};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "sync-session-in-async",
    group: "concurrency",
    docs: include_str!("sync_session_in_async.md"),
    severity: Severity::Error,
    since: "0.2.0",
    check,
};

/// More than so many in one file are told function by function.
const FEW: usize = 3;
/// More functions than this in one file are one matter: the file's way to talk to its database.
const MANY: usize = 12;
/// So many functions of a file are named.
const NAMED: usize = 30;

fn check(service: &Service) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut files: BTreeMap<Arc<str>, Vec<Waiting<'_>>> = BTreeMap::new();
    for waiting in waiting(service, &|wait| wait == Wait::Session) {
        files.entry(Arc::clone(&waiting.place().path)).or_default().push(waiting);
    }
    for waiting in files.into_values() {
        let functions: BTreeSet<&Location> = waiting.iter().map(|one| &one.fact.location).collect();
        if functions.len() > MANY {
            findings.extend(whole_file(service, &waiting));
        } else if waiting.len() > FEW {
            findings.extend(each(service, by_function(waiting)));
        } else {
            findings.extend(each(service, waiting));
        }
    }
    findings
}

/// What is waited for, once for each function.
fn by_function(all: Vec<Waiting<'_>>) -> Vec<Waiting<'_>> {
    let mut out: Vec<Waiting<'_>> = Vec::new();
    for waiting in all {
        match out.iter_mut().find(|known| known.fact.location == waiting.fact.location) {
            Some(known) => known.calls.extend(waiting.calls),
            None => out.push(waiting),
        }
    }
    out
}

/// A file whose functions do so nearly everywhere.
fn whole_file(service: &Service, all: &[Waiting<'_>]) -> Option<Finding> {
    let sure: Vec<&Waiting<'_>> = all.iter().filter(|one| one.confidence() == Confidence::High).collect();
    let of = if sure.is_empty() { all.iter().collect() } else { sure };
    let functions: BTreeSet<String> = of.iter().map(|one| one.function().to_owned()).collect();
    let first = of.iter().min_by_key(|one| one.place().line)?;
    let mut trace = first.trace(service);
    for one in of.iter().filter(|one| one.place() != first.place()).take(NAMED) {
        trace.push(step(format!("`{}` waits for {}", one.function(), shown(&one.first().what)), one.place()));
    }
    Some(Finding {
        trace,
        why: "A plain session waits for the database without `await`: while one of them does, no other request of this \
              process is answered."
            .to_owned(),
        help: "Where nothing is awaited, make the endpoint a plain `def`, and FastAPI runs it in a worker thread. Else use \
               an `AsyncSession`, or move what talks to the database into plain functions and `await \
               run_in_threadpool(...)` them."
            .to_owned(),
        trade_off: "Plain endpoints share 40 threads, which is enough for most services.".to_owned(),
        ..RULE.finding(
            first.confidence(),
            format!("{} as a whole", first.place().path),
            first.place(),
            format!(
                "{} functions here run on the event loop and wait for the database through a plain session: {}.",
                functions.len(),
                names(&functions.into_iter().collect::<Vec<_>>(), 4)
            ),
        )
    })
}

fn each(service: &Service, all: Vec<Waiting<'_>>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for waiting in all {
        let help = if waiting.plain {
            "Nothing is awaited here: make it a plain `def`, and FastAPI runs it in a worker thread."
        } else {
            "Use an `AsyncSession`, or move what talks to the database into a plain function and `await \
             run_in_threadpool(...)` it."
        };
        findings.push(Finding {
            trace: waiting.trace(service),
            why: "A plain session waits for the database without `await`: the event loop stops, and no other request \
                  of this process is answered until the database has answered."
                .to_owned(),
            help: help.to_owned(),
            trade_off: "Plain endpoints share 40 threads, which is enough for most services.".to_owned(),
            ..RULE.finding(
                waiting.confidence(),
                waiting.subject(),
                waiting.place(),
                format!(
                    "`{}` runs on the event loop and waits for {}.",
                    waiting.function(),
                    shown(&waiting.first().what)
                ),
            )
        });
    }
    findings
}
