//! `return HTTPException(…)` and Flask's `return body, 404`.

use architect_model::Service;
use architect_model::code::{Form, Return};
use architect_model::exceptions::is_http_exception;
use architect_source::{Confidence, Finding, Severity};

use crate::requests::Requests;
use crate::text::short;
use crate::{Rule, step};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "error-returned-not-raised",
    group: "errors",
    docs: include_str!("error_returned_not_raised.md"),
    severity: Severity::Error,
    since: "0.1.0",
    check,
};

fn check(service: &Service) -> Vec<Finding> {
    let requests = Requests::of(service);
    let mut findings = Vec::new();
    for (name, routes) in &requests.endpoints {
        let (Some(function), Some(one)) = (service.code.function(name), routes.first()) else { continue };
        if !one.route.is_api || function.aside {
            continue;
        }
        for returned in &function.returns {
            let Some(what) = mistaken(service, returned) else { continue };
            let place = &returned.value.location;
            findings.push(Finding {
                trace: vec![
                    step(format!("`{}` answers `{}`", short(name), one.title()), &one.route.location),
                    step(what.to_owned(), place),
                ],
                why: "FastAPI answers 200 with it as the body (500 with a response model): callers take the error for \
                      success."
                    .to_owned(),
                help:
                    "Write `raise HTTPException(status_code=…, detail=…)`, or return a `JSONResponse` with the status."
                        .to_owned(),
                ..RULE.finding(
                    Confidence::High,
                    format!("{name} {}", returned.value.text),
                    place,
                    format!("`{}` returns an error instead of raising it: `{}`.", short(name), returned.value.text),
                )
            });
        }
    }
    findings
}

fn mistaken(service: &Service, returned: &Return) -> Option<&'static str> {
    let value = &returned.value;
    if value.form == Form::Call && value.name.as_ref().is_some_and(|name| is_http_exception(&service.code, name)) {
        return Some("the exception is returned");
    }
    let [body, status] = value.items.as_slice() else { return None };
    let is_body = body.form == Form::Dict || body.name.as_deref().is_some_and(|name| name.ends_with("Response"));
    let is_status = status.int().is_some_and(|status| (400..600).contains(&status));
    (value.form == Form::Tuple && is_body && is_status).then_some("FastAPI has no answers of body and status")
}
