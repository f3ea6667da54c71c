//! An HTTP error after `yield`, when the answer is gone.

use architect_model::Service;
use architect_model::exceptions::is_http_exception;
use architect_source::{Confidence, Finding, Severity};

use crate::requests::Requests;
use crate::text::short;
use crate::{Rule, step};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "yield-dependency-raises-late",
    group: "dependencies",
    docs: include_str!("yield_dependency_raises_late.md"),
    severity: Severity::Warning,
    since: "0.1.0",
    check,
};

fn check(service: &Service) -> Vec<Finding> {
    let minor = service.libraries.get("fastapi").and_then(|version| version.split('.').nth(1)?.parse::<u32>().ok());
    // Between 0.106 and 0.117 the code after `yield` ran before the answer was sent.
    if minor.is_some_and(|minor| (106..118).contains(&minor)) {
        return Vec::new();
    }
    let requests = Requests::of(service);
    let mut findings = Vec::new();
    for name in requests.dependencies() {
        let Some(function) = service.code.function(name).filter(|function| function.is_generator) else { continue };
        let Some(yielded) = &function.first_yield else { continue };
        for raised in &function.raises {
            let late = raised.location.start > yielded.end
                && raised.context.handler.is_none()
                && raised.class.as_deref().is_some_and(|class| is_http_exception(&service.code, class));
            if !late {
                continue;
            }
            findings.push(Finding {
                trace: vec![step("the endpoint runs here, and its answer is sent", yielded), step("this comes too late", &raised.location)],
                why: "The caller has an answer of success by then; the error is only logged.".to_owned(),
                help: "Raise before the `yield`, or declare the dependency with `scope=\"function\"` (FastAPI 0.121), which ends \
                       before the answer is sent."
                    .to_owned(),
                ..RULE.finding(
                    Confidence::High,
                    *name,
                    &raised.location,
                    format!("`{}` raises an HTTP error after `yield`, when the answer is sent.", short(name)),
                )
            });
        }
    }
    findings
}
