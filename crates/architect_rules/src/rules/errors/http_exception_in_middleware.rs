//! `HTTPException` raised in a middleware, outside of what makes responses of them.

use architect_model::Service;
use architect_model::exceptions::{Escapes, is_http_exception};
use architect_source::{Confidence, Finding, Severity};

use crate::text::short;
use crate::{Rule, step};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "http-exception-in-middleware",
    group: "errors",
    docs: include_str!("http_exception_in_middleware.md"),
    severity: Severity::Error,
    since: "0.1.0",
    check,
};

fn check(service: &Service) -> Vec<Finding> {
    let mut escapes = Escapes::new(&service.code);
    let mut findings = Vec::new();
    for function in service.code.functions.iter().filter(|function| !function.aside) {
        let decorated = function
            .decorators
            .iter()
            .any(|one| one.text.ends_with(".middleware(\"http\")") || one.text.ends_with(".middleware('http')"));
        let dispatches = function.name.ends_with(".dispatch")
            && function.class.as_ref().is_some_and(|class| {
                service.code.ancestors(class).iter().any(|name| name.ends_with(".BaseHTTPMiddleware"))
            });
        if !decorated && !dispatches {
            continue;
        }
        // What is meant to be 500 is.
        let raised = escapes.of(&function.name);
        let wrong = raised.iter().filter(|one| one.status != Some(500));
        for one in wrong.filter(|one| is_http_exception(&service.code, &one.class)) {
            let place = one.via.first().unwrap_or(&one.location);
            if findings.iter().any(|known: &Finding| known.location == *place) {
                continue;
            }
            let status = one.status.map_or("its status".to_owned(), |status| status.to_string());
            let mut trace = vec![step(format!("`{}` is a middleware", short(&function.name)), &function.location)];
            trace.extend(one.via.iter().map(|call| step("calls", call)));
            trace.push(step(format!("raises an HTTP error with {status}"), &one.location));
            findings.push(Finding {
                trace,
                why:
                    "Responses are made of `HTTPException` inside all middleware: raised here it passes everything and \
                      ends as 500."
                        .to_owned(),
                help: format!("Return `JSONResponse(status_code={status}, content=…)`, or check in a dependency."),
                ..RULE.finding(
                    Confidence::High,
                    format!("{} {status}", function.name),
                    place,
                    format!(
                        "The HTTP error {status} raised in middleware `{}` reaches callers as 500.",
                        short(&function.name)
                    ),
                )
            });
        }
    }
    findings
}
