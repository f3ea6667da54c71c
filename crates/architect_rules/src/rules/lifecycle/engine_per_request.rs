//! An engine that is made for every request.

use std::collections::BTreeSet;

use architect_model::Service;
use architect_model::code::Function;
use architect_source::{Confidence, Finding, Severity};

use crate::requests::Requests;
use crate::text::short;
use crate::{Rule, step};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "engine-per-request",
    group: "lifecycle",
    docs: include_str!("engine_per_request.md"),
    severity: Severity::Error,
    since: "0.1.0",
    check,
};

fn check(service: &Service) -> Vec<Finding> {
    let requests = Requests::of(service);
    let mut findings = Vec::new();
    let roots = requests.endpoints.keys().chain(requests.dependencies()).copied();
    let mut work: Vec<(&str, &str)> = roots.map(|name| (name, name)).collect();
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    while let Some((name, endpoint)) = work.pop() {
        let Some(function) = service.code.function(name).filter(|function| !function.aside) else { continue };
        if !seen.insert(name) || is_cached(function) {
            continue;
        }
        let runs = function.calls.iter().filter(|call| !call.context.conditional);
        work.extend(runs.clone().filter_map(|call| Some((call.callee.as_deref()?, endpoint))));
        let found = runs.clone().find(|call| {
            call.callee.as_deref().is_some_and(|callee| {
                callee.starts_with("sqlalchemy.")
                    && (callee.ends_with(".create_engine") || callee.ends_with(".create_async_engine"))
                    || callee == "sqlmodel.create_engine"
            })
        });
        let Some(call) = found else { continue };
        let endpoint = requests.reached(name).unwrap_or(endpoint);
        findings.push(Finding {
            trace: vec![step(format!("`{}` runs for `{endpoint}`", short(&function.name)), &function.location), step("and makes an engine", &call.location)],
            why: "Every request opens a pool of its own, connects anew, and leaves connections behind until the database refuses more."
                .to_owned(),
            help: "Make the engine once, at the top of a module or in the lifespan, and sessions from it per request.".to_owned(),
            ..RULE.finding(
                Confidence::High,
                &function.name,
                &call.location,
                format!("`{}` makes a database engine for every request.", short(&function.name)),
            )
        });
    }
    findings
}

/// Whether what the function makes is kept: by a cache, an attribute, an item or a global name, as instances do.
fn is_cached(function: &Function) -> bool {
    function.decorators.iter().any(|one| one.text.contains("cache") || one.text.contains("singleton"))
        || function.stores.iter().any(|store| store.value.as_ref().is_some_and(|value| !value.through.is_empty()))
        || function.name.ends_with(".__init__")
}
