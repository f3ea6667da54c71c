//! Attributes that would be loaded by reading them, where loading has to be awaited.

use std::collections::BTreeSet;

use architect_model::Service;
use architect_model::code::{Form, Operand};
use architect_model::requests::{EffectKind, LoadFact, Serialisation};
use architect_source::{Confidence, Finding, Location, Severity, Step};

use crate::effects::{by_itself, function, way};
use crate::loops::{entry, listed, subject};
use crate::{Rule, step};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "async-lazy-load",
    group: "sessions",
    docs: include_str!("async_lazy_load.md"),
    severity: Severity::Error,
    since: "0.2.0",
    check,
};

fn check(service: &Service) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    for fact in &service.requests.effects {
        let EffectKind::Load(load) = &fact.kind else { continue };
        if load.serialised || fact.handling || !fails(load) || at(&findings, &fact.location) {
            continue;
        }
        let what = format!("`{}`", load.what);
        let subject = subject(function(fact), &fact.location, &load.what);
        let mut trace = way(service, fact);
        loaded(load, &mut trace);
        let mut one = finding(load, &what, subject, &fact.location, trace, format!("Reading {what} here"));
        // Who calls what nothing was seen to call may use another session than the one that expires its objects.
        if load.expired && by_itself(service, fact) {
            one.confidence = Confidence::Medium;
        }
        findings.push(one);
    }
    for fact in &service.requests.serialisations {
        let loads: Vec<&LoadFact> = fact.loads.iter().map(|(load, _, _)| load).filter(|load| fails(load)).collect();
        let Some(first) = loads.first().copied() else { continue };
        if at(&findings, &fact.location) {
            continue;
        }
        let names: BTreeSet<String> = loads.iter().map(|load| format!("`{}`", load.what)).collect();
        let what = listed(&names.into_iter().collect::<Vec<_>>());
        // The way to the statement that lacks the option tells more than the one to the answer.
        let shown = if fact.loaded.is_empty() { &fact.trace } else { &fact.loaded };
        let shown = shown.iter().filter(|way| way.location != fact.location);
        let mut trace: Vec<Step> =
            shown.map(|way| step(format!("Through `{}`", way.function), &way.location)).collect();
        if fact.loaded.is_empty() {
            trace.insert(0, step(format!("{} starts here", entry(service, fact.entry)), &fact.location));
        } else {
            trace.pop();
        }
        loaded(first, &mut trace);
        if let Some((_, _, place)) = fact.loads.iter().find(|(load, _, _)| fails(load)) {
            trace.push(step(format!("`{}` reads `{}` here", fact.model, first.what), place));
        }
        // Where it has to be written comes last: it is what somebody who reads the finding goes to.
        trace.extend(option(service, fact, first));
        let subject = subject(&fact.function, &fact.location, &fact.model);
        findings.push(finding(
            first,
            &what,
            subject,
            &fact.location,
            trace,
            format!("Reading {what} for `{}`", fact.model),
        ));
    }
    findings
}

/// Whether reading it is an error: it would have to be awaited, or its session is gone.
fn fails(load: &LoadFact) -> bool {
    load.is_async == Some(true) && !load.assumed && !load.elsewhere
}

/// The loader option, on the way to the query, that loads the objects whose relationship is missing.
fn option(service: &Service, fact: &Serialisation, load: &LoadFact) -> Option<Step> {
    let class = load.what.split('.').next()?;
    let is_target = |target: &str| target.rsplit([':', '.']).next() == Some(class);
    let relationships = service.mappers.iter().flat_map(|mapper| &mapper.relationships);
    let names: Vec<String> =
        relationships.filter(|one| is_target(&one.target)).map(|one| format!(".{}", one.name)).collect();
    let calls = service.code.functions.iter().flat_map(|function| &function.calls);
    let on_the_way = calls.filter(|call| fact.loaded.iter().any(|way| way.location == call.location));
    let options = on_the_way.flat_map(|call| call.arguments.iter().flat_map(Operand::flat));
    let mut named = options.filter(|one| one.form == Form::Name && names.iter().any(|name| one.text.ends_with(name)));
    named.next().map(|one| step(format!("`{}` has to be loaded with this", load.what), &one.location))
}

fn at(findings: &[Finding], location: &Location) -> bool {
    findings.iter().any(|known| known.location == *location)
}

fn loaded(load: &LoadFact, trace: &mut Vec<Step>) {
    if let Some(query) = &load.query {
        trace.push(step("The object is loaded here, without it", query));
    }
}

fn finding(
    load: &LoadFact,
    what: &str,
    subject: String,
    location: &Location,
    trace: Vec<Step>,
    reading: String,
) -> Finding {
    let (error, why, help) = if load.detached {
        (
            "`DetachedInstanceError`",
            "The session is closed by then, and what was not loaded cannot be loaded any more.",
            "Load it with the query, or read it before the session ends.",
        )
    } else if load.expired && !load.relationship {
        (
            "`MissingGreenlet`",
            "A commit expires every object of the session. Reading a column then loads it again, which cannot be \
             awaited from an attribute.",
            "Make the sessions with `expire_on_commit=False`, or `await session.refresh(...)` the object first.",
        )
    } else {
        (
            "`MissingGreenlet`",
            "What a query did not load is loaded when it is read. With an `AsyncSession` that would have to be awaited, \
             which an attribute cannot.",
            "Load it with the query: `.options(selectinload(...))`; or `await session.refresh(obj, [\"name\"])` where \
             the object is new.",
        )
    };
    Finding {
        trace,
        why: why.to_owned(),
        help: help.to_owned(),
        trade_off: "A loader option costs one statement on every call of the query.".to_owned(),
        ..RULE.finding(Confidence::High, subject, location, format!("{reading} raises {error}: {what} is not loaded."))
    }
}
