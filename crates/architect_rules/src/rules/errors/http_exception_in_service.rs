//! Services that answer HTTP themselves, where the project has errors of its own.

use std::collections::BTreeSet;

use architect_model::Service;
use architect_model::code::{Function, Raise};
use architect_source::{Confidence, Finding, Severity, Step};

use crate::requests::{Requests, words};
use crate::text::short;
use crate::{Rule, step};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "http-exception-in-service",
    group: "errors",
    docs: include_str!("http_exception_in_service.md"),
    severity: Severity::Info,
    since: "0.3.0",
    check,
};

/// Share of raises, in percent, that are errors of the project where that is its way.
const USUAL: usize = 80;
/// Fewer than this show no way.
const FEWEST: usize = 5;
/// So many places are named.
const NAMED: usize = 8;

fn check(service: &Service) -> Vec<Finding> {
    let requests = Requests::of(service);
    // Modules of endpoints and dependencies are where HTTP belongs.
    let module = |name: &str| name.split(':').next().unwrap_or_default().to_owned();
    let mut outer: BTreeSet<String> = requests.endpoints.keys().map(|name| module(name)).collect();
    outer.extend(requests.dependencies().iter().map(|name| module(name)));
    let handled: BTreeSet<&str> = service
        .applications
        .iter()
        .flat_map(|one| &one.exception_handlers)
        .map(|handler| handler.name.as_str())
        .filter(|name| service.code.class(name).is_some())
        .collect();
    let mut own: Vec<(&Function, &Raise)> = Vec::new();
    let mut http: Vec<(&Function, &Raise)> = Vec::new();
    for (function, _) in requests.functions(&service.code) {
        // Who is given the request works for HTTP, wherever it stands.
        let given = function.parameters.iter().any(|one| {
            one.class.as_deref().is_some_and(|class| class.ends_with("Request") || class.ends_with("HTTPConnection"))
        });
        if given || outer.contains(&module(&function.name)) {
            continue;
        }
        for raised in &function.raises {
            let Some(class) = raised.class.as_deref() else { continue };
            let family = service.code.ancestors(class);
            if is_http(class) {
                http.push((function, raised));
            } else if family.iter().any(|name| handled.contains(name.as_str()))
                && !family.iter().any(|name| is_http(name))
            {
                own.push((function, raised));
            }
        }
    }
    // A helper that parses what is sent is no service: services are where errors of the project are raised, or say so.
    let inner: BTreeSet<String> = own.iter().map(|(function, _)| module(&function.name)).collect();
    http.retain(|(function, _)| {
        let module = module(&function.name);
        inner.contains(&module)
            || words(&module).iter().any(|word| {
                matches!(word.as_str(), "service" | "services" | "repository" | "repositories" | "crud" | "domain")
            })
    });
    let all = own.len() + http.len();
    if http.is_empty() || own.len() < FEWEST || own.len() * 100 < all * USUAL {
        return Vec::new();
    }
    let (_, raised) = http[0];
    let (example, reference) = own[0];
    let mut trace: Vec<Step> = http
        .iter()
        .take(NAMED)
        .map(|(function, raised)| step(format!("`{}` raises `HTTPException`", short(&function.name)), &raised.location))
        .collect();
    trace.push(step(
        format!("`{}` raises `{}`, which a handler answers", short(&example.name), reference.name),
        &reference.location,
    ));
    vec![Finding {
        trace,
        why: "The service has errors of its own and handlers that answer them. Code behind endpoints that answers \
              HTTP itself cannot be used by jobs and commands, and its errors look different to callers."
            .to_owned(),
        help: format!("Raise an error of the project, as `{}` does.", short(&example.name)),
        ..RULE.finding(
            Confidence::High,
            "HTTPException behind endpoints",
            &raised.location,
            format!(
                "{} of {all} errors behind the endpoints are `HTTPException`; the others are errors of the \
                     project.",
                http.len()
            ),
        )
    }]
}

fn is_http(class: &str) -> bool {
    matches!(class, "fastapi.HTTPException" | "fastapi.exceptions.HTTPException" | "starlette.exceptions.HTTPException")
}
