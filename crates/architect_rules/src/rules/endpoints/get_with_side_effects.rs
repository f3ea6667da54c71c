//! A GET that writes.

use std::collections::BTreeMap;

use architect_model::Service;
use architect_model::code::{Call, Function};
use architect_model::requests::EffectKind;
use architect_source::{Confidence, Finding, Location, Severity};

use crate::calls::search;
use crate::requests::{Requests, words};
use crate::text::short;
use crate::{Rule, step};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "get-with-side-effects",
    group: "endpoints",
    docs: include_str!("get_with_side_effects.md"),
    severity: Severity::Warning,
    since: "0.1.0",
    check,
};

/// Words of paths and functions that say that something is done.
const DOES: &[&str] = &[
    "generate",
    "regenerate",
    "create",
    "add",
    "update",
    "delete",
    "remove",
    "send",
    "run",
    "start",
    "stop",
    "trigger",
    "sync",
    "import",
    "approve",
    "cancel",
    "close",
    "enable",
    "disable",
    "reset",
    "mark",
    "set",
    "toggle",
    "archive",
    "publish",
    "submit",
];

/// Words of functions that write beside what they answer, or have to: books of what happened, first use, logins.
const BESIDE: &[&str] = &[
    "audit",
    "log",
    "seen",
    "visit",
    "visited",
    "last",
    "track",
    "record",
    "metric",
    "metrics",
    "cache",
    "session",
    "sessions",
    "login",
    "callback",
    "token",
    "auth",
    "oauth",
    "authorize",
    "verify",
    "confirm",
    "or",
    "current",
    "refresh",
    "usage",
    "activity",
    "user",
    "init",
    "default",
    "defaults",
    "ensure",
];

/// Calls of calls are followed so far.
const DEEPEST: usize = 4;

fn check(service: &Service) -> Vec<Finding> {
    let requests = Requests::of(service);
    let inserts = inserts(service);
    let mut findings: Vec<Finding> = Vec::new();
    for (one, function) in requests.with_code(&service.code) {
        if one.route.methods.iter().any(|method| !matches!(method.as_str(), "GET" | "HEAD"))
            || one.route.methods.is_empty()
        {
            continue;
        }
        let beside = words(&one.path).into_iter().any(|word| BESIDE.contains(&word.as_str()));
        if beside || is_beside(function) || findings.iter().any(|known| known.location == one.route.location) {
            continue;
        }
        let enters = |_: &Call, callee: &Function| !is_beside(callee) && !callee.is_generator;
        let find = |_: &Function, call: &'_ Call| is_commit(call).then(|| call.location.clone());
        let writes = inserts.get(&(&*one.route.location.path, one.route.location.start));
        let Some((commit, way)) = search(&service.code, function, DEEPEST, &enters, &find) else { continue };
        let mut trace = vec![step(format!("`{}` is safe by its method", one.title()), &one.route.location)];
        trace.extend(way.iter().map(|(call, callee)| step(format!("calls `{}`", short(&callee.name)), &call.location)));
        trace.push(step("commits what was changed", &commit));
        // What is named after an act is meant to change something.
        let mut named = words(&one.path).into_iter().chain(words(short(&function.name)));
        let sure = writes.is_some() || named.any(|word| DOES.contains(&word.as_str()));
        let confidence = if sure { Confidence::High } else { Confidence::Medium };
        if let Some((what, place)) = writes {
            trace.pop();
            trace.push(step(what.clone(), place));
        }
        findings.push(Finding {
            trace,
            why: "Browsers prefetch, proxies repeat, crawlers follow and other sites embed a GET: each changes data."
                .to_owned(),
            help: "Make it a POST, or move the change out of the request.".to_owned(),
            trade_off:
                "Callers have to change the method. Fine where what is written only remembers what was computed."
                    .to_owned(),
            ..RULE.finding(
                confidence,
                one.title(),
                &one.route.location,
                format!("`{}` writes to the database.", one.title()),
            )
        });
    }
    findings
}

/// Rows that GETs insert or delete, by where the endpoint is registered: those that no function beside the matter writes.
fn inserts(service: &Service) -> BTreeMap<(&str, u32), (String, &Location)> {
    let mut out = BTreeMap::new();
    for fact in service.requests.effects.iter().filter(|fact| !fact.background && !fact.handling) {
        let EffectKind::Write { class, change: change @ ("insert" | "delete") } = &fact.kind else { continue };
        let Some(entry) = service.requests.entries.get(fact.entry) else { continue };
        let beside = fact.trace.iter().map(|way| way.function.as_str()).chain([class.as_str()]);
        if entry.commits && !beside.into_iter().any(is_named_beside) {
            let key = (&*entry.location.path, entry.location.start);
            out.entry(key).or_insert_with(|| (format!("{change}s a row of `{}`", short(class)), &fact.location));
        }
    }
    out
}

fn is_beside(function: &Function) -> bool {
    is_named_beside(short(&function.name))
}

fn is_named_beside(name: &str) -> bool {
    words(name).iter().any(|word| BESIDE.contains(&word.as_str()))
}

fn is_commit(call: &Call) -> bool {
    call.name == "commit"
        && call.receiver.as_deref().is_some_and(|receiver| {
            let last = receiver.rsplit('.').next().unwrap_or(receiver);
            matches!(last, "db" | "session" | "db_session" | "async_session")
        })
}
