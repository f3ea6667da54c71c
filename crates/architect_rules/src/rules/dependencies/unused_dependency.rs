//! Dependencies whose value nobody reads, and that do nothing else.

use std::collections::BTreeSet;

use architect_model::Service;
use architect_model::code::Function;
use architect_model::requests::EffectKind;
use architect_model::service::{Dependency, EffectiveRoute};
use architect_source::{Confidence, Finding, Severity};

use crate::requests::Requests;
use crate::text::short;
use crate::{Rule, step};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "unused-dependency",
    group: "dependencies",
    docs: include_str!("unused_dependency.md"),
    severity: Severity::Info,
    since: "0.3.0",
    check,
};

fn check(service: &Service) -> Vec<Finding> {
    let requests = Requests::of(service);
    let mut findings = Vec::new();
    let mut seen: BTreeSet<(&str, &str)> = BTreeSet::new();
    let busy = busy(service);
    for (one, function) in requests.with_code(&service.code) {
        // A body that does nothing yet, or that a decorator or a nested function completes, reads nothing.
        if function.calls.is_empty() && function.returns.is_empty() || function.decorators.len() > 1 {
            continue;
        }
        for dependency in &one.route.dependencies {
            let Some(place) = &dependency.declared_at else { continue };
            let parameter = function.parameters.iter().find(|own| {
                own.location.path == place.path && own.location.start <= place.start && place.end <= own.location.end
            });
            let Some(parameter) = parameter.filter(|own| !own.name.starts_with('_')) else { continue };
            if is_read(service, function, &parameter.name)
                || does_something(service, one, dependency, &busy)
                || !seen.insert((&function.name, &parameter.name))
            {
                continue;
            }
            findings.push(Finding {
                trace: vec![
                    step(format!("`{}` is injected", parameter.name), &parameter.location),
                    step("and never read", &function.location),
                ],
                why: format!(
                    "`{}` runs for every request, what it depends on, too, and nobody needs what it makes; \
                     whoever reads the signature thinks otherwise.",
                    short(&dependency.call)
                ),
                help: "Remove the parameter.".to_owned(),
                ..RULE.finding(
                    Confidence::High,
                    format!("{} {}", function.name, parameter.name),
                    &parameter.location,
                    format!("`{}` of `{}` is never read.", parameter.name, short(&function.name)),
                )
            });
        }
    }
    findings
}

/// Whether the function, or one that stands in it, reads a parameter.
fn is_read(service: &Service, function: &Function, name: &str) -> bool {
    let reads = |one: &Function| one.reads.iter().any(|read| read == name);
    let inner = format!("{}.<locals>.", function.name);
    reads(function)
        || function.stores.iter().any(|store| store.root == name)
        || service.code.functions.iter().any(|one| one.name.starts_with(&inner) && reads(one))
}

/// Functions that do something a request can notice.
fn busy(service: &Service) -> BTreeSet<&str> {
    let effects = service
        .requests
        .effects
        .iter()
        .filter(|fact| !matches!(fact.kind, EffectKind::Open { .. } | EffectKind::Close | EffectKind::Rollback));
    effects.flat_map(|fact| fact.trace.iter().map(|step| step.function.as_str())).collect()
}

/// Whether a dependency does more than to make its value: it may refuse, store, or commit; what is not read may do
/// anything.
fn does_something(service: &Service, one: &EffectiveRoute<'_>, dependency: &Dependency, busy: &BTreeSet<&str>) -> bool {
    let Some(function) = service.code.function(&dependency.call) else { return true };
    let guards = dependency.security_scheme
        || dependency.guard.refuses.is_some()
        || dependency.guard.reads.is_some()
        || one.route.auth.by.iter().chain(&one.route.auth.checks).any(|by| by.name == dependency.call);
    // What it validates is part of the contract.
    let places = &dependency.parameters;
    let validates = [&places.path, &places.query, &places.header, &places.cookie, &places.body]
        .iter()
        .any(|place| !place.is_empty());
    guards
        || validates
        || !function.raises.is_empty()
        || !function.stores.is_empty()
        || busy.contains(short(&function.name))
        || !only_makes(function)
        || dependency.dependencies.iter().any(|inner| does_something(service, one, inner, busy))
}

/// Whether a function only opens a session, or returns what it calls: then nothing is lost without it.
fn only_makes(function: &Function) -> bool {
    let session = |name: &str| {
        let name = name.to_lowercase();
        ["session", "close", "rollback", "get_db", "maker"].iter().any(|part| name.contains(part))
    };
    function.calls.iter().all(|call| session(&call.name) || call.receiver.as_deref().is_some_and(session))
        && !function.calls.iter().any(|call| matches!(call.name.as_str(), "commit" | "begin" | "execute" | "set"))
        && (function.is_generator || !function.returns.is_empty())
}
