//! An engine that is made for every request.

use architect_model::Service;
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
    for (function, endpoint) in requests.functions(&service.code) {
        let cached = function.decorators.iter().any(|one| one.text.contains("cache") || one.text.contains("singleton"));
        // What is kept in an attribute, an item or a global name is made once; so is what a condition guards.
        if cached
            || function.stores.iter().any(|store| store.value.as_ref().is_some_and(made))
            || short(&function.name).ends_with("__init__")
        {
            continue;
        }
        let found = function.calls.iter().find(|call| {
            !call.context.conditional
                && call.callee.as_deref().is_some_and(|callee| {
                    callee.starts_with("sqlalchemy.")
                        && (callee.ends_with(".create_engine") || callee.ends_with(".create_async_engine"))
                        || callee == "sqlmodel.create_engine"
                })
        });
        let Some(call) = found else { continue };
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

fn made(value: &architect_model::code::Operand) -> bool {
    value.through.iter().any(|name| name.contains("engine")) || value.names.iter().any(|name| name.contains("engine"))
}
