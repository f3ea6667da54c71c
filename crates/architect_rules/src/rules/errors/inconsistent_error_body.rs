//! Errors that callers never see as they were meant.

use std::collections::BTreeSet;

use architect_model::Service;
use architect_model::code::{Constant, Form, Function, Operand, Raise};
use architect_source::{Confidence, Finding, Severity};

use crate::missing::{LeftOut, Missing, is_refused, left_out, missing_rows};
use crate::requests::Requests;
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
    findings.extend(foreign(service));
    findings.extend(half_registered(service));
    findings.extend(nothing_to_raise(service));
    findings.extend(missing_rows(service).iter().map(missing));
    findings.extend(left_out(service).iter().map(unasked));
    findings.extend(nothing_answered(service));
    findings
}

/// A row that is used although it may not be there.
fn missing(one: &Missing<'_>) -> Finding {
    let (title, named_by) = (one.route.title(), &one.named_by);
    let looks = match &one.lookup.receiver {
        Some(receiver) if receiver.len() < 40 => format!("{receiver}.{}", one.lookup.name),
        _ => one.lookup.name.clone(),
    };
    let (used, raises) = match &one.fact.attribute {
        Some(name) if name == "__getitem__" => {
            ("an item of it is taken without a look whether it is there".to_owned(), "`None` has no items")
        }
        Some(name) if name == "__iter__" => {
            ("it is taken apart without a look whether it is there".to_owned(), "`None` has no items")
        }
        Some(name) => (format!("`.{name}` is used without a look whether it is there"), "`None` has no attributes"),
        None if one.fact.raises => (String::new(), "nothing answers `NoResultFound` with 404"),
        None => {
            ("it is answered without a look whether it is there".to_owned(), "the response model does not take `None`")
        }
    };
    let way = one.fact.way.iter().skip(1).rev().skip(1).rev();
    let mut trace = vec![step(format!("`{title}` takes `{named_by}` from its caller"), &one.route.route.location)];
    trace.extend(way.map(|via| step(format!("through `{}`", short(&via.function)), &via.location)));
    if one.fact.raises {
        trace
            .push(step(format!("`{looks}` raises where it finds nothing, and nothing catches that"), &one.fact.lookup));
    } else {
        trace.push(step(format!("`{looks}` gives `None` where it finds nothing"), &one.fact.lookup));
        trace.push(step(used, &one.fact.location));
    }
    Finding {
        trace,
        why: format!(
            "A `{named_by}` that does not exist, or is somebody else's, is answered with 500: {raises}. Callers cannot tell \
             it from a failure, and it is logged as one."
        ),
        help: "Raise the error other endpoints answer in this case right after the lookup: \
               `if row is None: raise HTTPException(404)`."
            .to_owned(),
        ..RULE.finding(
            Confidence::High,
            &title,
            &one.place,
            format!("`{title}` answers 500, not 404, where what `{named_by}` names is not there."),
        )
    }
}

/// A field that callers may leave out, used as if they never did.
fn unasked(one: &LeftOut<'_>) -> Finding {
    let (title, field) = (one.route.title(), &one.field.name);
    let used = match one.fact.attribute.as_deref() {
        Some("__getitem__") => "an item of it is taken",
        Some("__iter__") => "it is gone through",
        Some(_) | None => "an attribute of it is used",
    };
    let way = one.fact.way.iter().skip(1).rev().skip(1).rev();
    let mut trace = vec![step(format!("`{title}` takes `{}` from its caller", one.model), &one.route.route.location)];
    trace.extend(way.map(|via| step(format!("through `{}`", short(&via.function)), &via.location)));
    trace.push(step(format!("{used}, and nothing asked whether `{field}` was given"), &one.fact.location));
    Finding {
        trace,
        why: format!(
            "`{}.{field}` may be left out and is `None` then: the caller gets 500 instead of 422 with what is missing, and it \
             is logged as a failure of the service.",
            one.model
        ),
        help: format!(
            "Make `{field}` required where every call needs it; else say what happens without it, or refuse it with 422."
        ),
        trade_off: "Callers that leave it out get 422 afterwards; today they get 500.".to_owned(),
        ..RULE.finding(
            Confidence::High,
            format!("{}.{field} {}", one.model, one.fact.location.path),
            &one.fact.location,
            format!("`{title}` answers 500 where `{}.{field}` is left out.", one.model),
        )
    }
}

/// `return None` of an endpoint whose response model does not take it.
fn nothing_answered(service: &Service) -> Vec<Finding> {
    let requests = Requests::of(service);
    let mut findings: Vec<Finding> = Vec::new();
    for (one, function) in requests.with_code(&service.code).filter(|(one, _)| is_refused(one)) {
        let nothing = function.returns.iter().find(|returned| {
            returned.value.constant == Some(Constant::None)
                && returned.value.form == Form::Literal
                // What a handler calls before may always raise.
                && returned.context.handler.is_none()
        });
        let Some(nothing) = nothing else { continue };
        let place = &nothing.value.location;
        if function.is_generator || findings.iter().any(|known| known.location == *place) {
            continue;
        }
        findings.push(Finding {
            trace: vec![
                step(format!("`{}` promises an answer of a model", one.title()), &one.route.location),
                step("`None` is not one", place),
            ],
            why: "FastAPI checks what is returned against the response model, and answers 500 where it does not fit."
                .to_owned(),
            help: "Raise an `HTTPException` that says what is wrong, or let the response model be `… | None`."
                .to_owned(),
            ..RULE.finding(
                Confidence::High,
                format!("{} none", one.title()),
                place,
                format!("`{}` answers 500 here: its response model does not take `None`.", one.title()),
            )
        });
    }
    findings
}

/// `raise` where no exception is being handled.
fn nothing_to_raise(service: &Service) -> Vec<Finding> {
    let mut findings = Vec::new();
    // What a handler calls may raise again what is being handled.
    let handling: BTreeSet<&str> = service
        .code
        .functions
        .iter()
        .flat_map(|function| &function.calls)
        .filter(|call| call.context.handler.is_some())
        .map(|call| call.name.as_str())
        .collect();
    for function in service.code.functions.iter().filter(|function| !function.aside && !function.is_generator) {
        let name = short(&function.name).rsplit('.').next().unwrap_or_default();
        // Where the function has handlers of its own, one of them was meant.
        if handling.contains(name) || name.contains("exit") || function.tries.is_empty() {
            continue;
        }
        let bare = |raised: &&Raise| {
            raised.again && raised.class.is_none() && raised.name.is_empty() && raised.context.handler.is_none()
        };
        for raised in function.raises.iter().filter(bare) {
            findings.push(Finding {
                trace: vec![step("here no exception is being handled any more", &raised.location)],
                why: "A `raise` alone raises again what a handler is handling. Outside of one it raises `RuntimeError: No \
                      active exception to reraise`, and what went wrong is lost."
                    .to_owned(),
                help: "Raise inside of the handler, or keep the exception in a variable and raise that.".to_owned(),
                ..RULE.finding(
                    Confidence::High,
                    format!("{} raise", function.name),
                    &raised.location,
                    format!("`{}` raises again where there is nothing to raise.", short(&function.name)),
                )
            });
        }
    }
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

/// `raise HTTPException(…)` that FastAPI never sees as one: the class of `http.client`, or one made of a text alone.
fn foreign(service: &Service) -> Vec<Finding> {
    let mut findings = Vec::new();
    for function in service.code.functions.iter().filter(|function| !function.aside) {
        for raised in &function.raises {
            let first = raised.arguments.first();
            let says = |name: &str| raised.arguments.iter().any(|one| one.keyword.as_deref() == Some(name));
            let (title, why, help) = match raised.class.as_deref() {
                // A client of HTTP raises it without a status.
                Some("http.client.HTTPException")
                    if says("status_code")
                        || says("detail")
                        || matches!(first.and_then(|one| one.constant.as_ref()), Some(Constant::Int(_))) =>
                {
                    (
                        format!(
                            "The `HTTPException` of `{}` is that of `http.client`: callers get 500.",
                            short(&function.name)
                        ),
                        "FastAPI knows nothing of this class, whose import an editor completes as readily as its own: no status that \
                     it is given reaches a caller.",
                        "Import it from `fastapi`.",
                    )
                }
                Some(
                    "fastapi.exceptions.HTTPException" | "fastapi.HTTPException" | "starlette.exceptions.HTTPException",
                ) if raised.arguments.len() == 1 && first.is_some_and(|one| one.keyword.is_none() && is_text(one)) => (
                    format!(
                        "The `HTTPException` of `{}` has a text where its status belongs: it raises `ValueError`.",
                        short(&function.name)
                    ),
                    "The first argument is `status_code`; a text is no status of HTTP, and the caller gets 500 without it.",
                    "Say which status is meant: `HTTPException(status_code=404, detail=\"…\")`.",
                ),
                _ => continue,
            };
            findings.push(Finding {
                severity: Severity::Error,
                trace: vec![step("made here", &raised.location)],
                why: why.to_owned(),
                help: help.to_owned(),
                ..RULE.finding(
                    Confidence::High,
                    format!("{} foreign {}", function.name, first.map_or("", |one| one.text.as_str())),
                    &raised.location,
                    title,
                )
            });
        }
    }
    findings
}

/// Whether an argument is a text, whatever it says.
fn is_text(one: &Operand) -> bool {
    one.form == Form::Interpolated || matches!(one.constant, Some(Constant::Str(_)))
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
