//! Errors that callers never see as they were meant.

use architect_model::Service;
use architect_model::code::{Form, Function};
use architect_source::{Confidence, Finding, Severity};

use crate::text::short;
use crate::{Rule, step};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "inconsistent-error-body",
    group: "errors",
    docs: include_str!("inconsistent_error_body.md"),
    severity: Severity::Warning,
    since: "0.1.0",
    check,
};

fn check(service: &Service) -> Vec<Finding> {
    let mut findings = unbuildable(service);
    findings.extend(half_registered(service));
    findings
}

/// `raise ValidationError([...])` of Pydantic 2, which cannot be made from a list.
fn unbuildable(service: &Service) -> Vec<Finding> {
    let second = service.libraries.get("pydantic").is_none_or(|version| !version.starts_with("1."));
    let mut findings = Vec::new();
    for function in service.code.functions.iter().filter(|function| second && !function.aside) {
        for raised in &function.raises {
            let pydantic = matches!(
                raised.class.as_deref(),
                Some(
                    "pydantic.ValidationError"
                        | "pydantic_core.ValidationError"
                        | "pydantic.error_wrappers.ValidationError"
                )
            );
            // With a title and line errors some versions of pydantic-core can make it.
            let plain = raised.arguments.iter().filter(|one| one.keyword.is_none()).count();
            let listed = raised.arguments.iter().any(|one| one.keyword.as_deref() == Some("line_errors"));
            if !pydantic || raised.arguments.is_empty() || plain > 1 || listed {
                continue;
            }
            findings.push(Finding {
                severity: Severity::Error,
                trace: vec![step(
                    "`ValidationError` of Pydantic 2 is not made from a list of errors",
                    &raised.location,
                )],
                why: "Making it raises `TypeError`: where nothing catches that, the caller gets 500 instead of the errors meant \
                      here."
                    .to_owned(),
                help: "Raise `RequestValidationError([...])` of FastAPI or an `HTTPException` with 422, or use \
                       `ValidationError.from_exception_data(title, line_errors)`."
                    .to_owned(),
                ..RULE.finding(
                    Confidence::High,
                    format!("{} {}", function.name, raised.arguments.first().map_or("", |one| one.text.as_str())),
                    &raised.location,
                    format!(
                        "The `ValidationError` of `{}` cannot be made in Pydantic 2: it raises `TypeError`.",
                        short(&function.name)
                    ),
                )
            });
        }
    }
    findings
}

/// A handler for FastAPI's `HTTPException` that answers another body, and misses the errors of the router.
fn half_registered(service: &Service) -> Vec<Finding> {
    let mut findings = Vec::new();
    let registered = |name: &str| {
        service
            .applications
            .iter()
            .flat_map(|one| &one.exception_handlers)
            .any(|one| one.name.replace(':', ".") == name)
    };
    if !registered("fastapi.exceptions.HTTPException") || registered("starlette.exceptions.HTTPException") {
        return findings;
    }
    for function in service.code.functions.iter().filter(|function| !function.aside) {
        let Some(decorator) = function.decorators.iter().find(|one| {
            one.text.contains("exception_handler(")
                && one
                    .items
                    .first()
                    .and_then(|item| item.name.as_deref())
                    .is_some_and(|name| name.starts_with("fastapi.") && name.ends_with(".HTTPException"))
        }) else {
            continue;
        };
        if !answers_another_body(function) {
            continue;
        }
        findings.push(Finding {
            trace: vec![
                step("registered for the exception of FastAPI", &decorator.location),
                step("and answers a body of its own", &function.location),
            ],
            why: "Unknown paths and methods raise Starlette's `HTTPException`, which is no instance of FastAPI's: their 404 and \
                  405 keep the body `{\"detail\": …}`."
                .to_owned(),
            help: "Register the handler for `starlette.exceptions.HTTPException`; FastAPI's derives from it.".to_owned(),
            ..RULE.finding(
                Confidence::High,
                &function.name,
                &decorator.location,
                format!("`{}` misses the 404 and 405 of the router, whose body differs.", short(&function.name)),
            )
        });
    }
    findings
}

fn answers_another_body(function: &Function) -> bool {
    function.returns.iter().any(|returned| {
        let value = &returned.value;
        value.form == Form::Call
            && value.argument("content", 0).is_some_and(|content| {
                content.form == Form::Dict
                    && !content.items.iter().any(|one| matches!(one.keyword.as_deref(), Some("detail" | "**")))
            })
    })
}
