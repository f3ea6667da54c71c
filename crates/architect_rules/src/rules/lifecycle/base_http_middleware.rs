//! Several middlewares that each run what is inside them in a task of its own.

use architect_model::Service;
use architect_model::service::{Application, Named};
use architect_source::{Confidence, Finding, Severity, Step};

use crate::text::short;
use crate::{Rule, step};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "base-http-middleware",
    group: "lifecycle",
    docs: include_str!("base_http_middleware.md"),
    severity: Severity::Info,
    since: "0.3.0",
    check,
};

/// Fewer cost little.
const FEWEST: usize = 3;

fn check(service: &Service) -> Vec<Finding> {
    let mut findings = Vec::new();
    for application in service.applications.iter().filter(|one| !one.routes.is_empty()) {
        let wrapping = wrapping(service, application);
        let Some(first) = wrapping.iter().find_map(|one| one.location.as_ref()).filter(|_| wrapping.len() >= FEWEST)
        else {
            continue;
        };
        let trace: Vec<Step> = wrapping
            .iter()
            .filter_map(|one| Some(step(format!("`{}` is one of them", short(&one.name)), one.location.as_ref()?)))
            .collect();
        findings.push(Finding {
            trace,
            why: format!(
                "Each `BaseHTTPMiddleware`, and each function of `@app.middleware(\"http\")`, starts a task for \
                 what is inside it and hands the body through a queue: {} of them are {} tasks and {} queues for \
                 every request, and context variables that an endpoint sets do not come back through them.",
                wrapping.len(),
                wrapping.len(),
                wrapping.len()
            ),
            help: "Write those that only look at headers and times as plain ASGI classes (`__call__(scope, \
                   receive, send)`)."
                .to_owned(),
            trade_off: "Plain ASGI is more code. Fine where requests are few or slow anyway.".to_owned(),
            ..RULE.finding(
                Confidence::High,
                application.name.clone(),
                first,
                format!(
                    "At least {} middlewares of `{}` each run the rest of a request in a task of its own.",
                    wrapping.len(),
                    application.name
                ),
            )
        });
    }
    findings
}

/// The project's own middlewares that derive from `BaseHTTPMiddleware` or are functions.
fn wrapping<'s>(service: &Service, application: &'s Application) -> Vec<&'s Named> {
    let derives = |name: &str| {
        service.code.class(name).is_some()
            && service
                .code
                .ancestors(name)
                .iter()
                .any(|one| one.ends_with(".BaseHTTPMiddleware") || one == "BaseHTTPMiddleware")
    };
    application
        .middleware
        .iter()
        .filter(|one| derives(&one.name) || service.code.function(&one.name).is_some())
        .filter(|one| application.always_has(one))
        .collect()
}
