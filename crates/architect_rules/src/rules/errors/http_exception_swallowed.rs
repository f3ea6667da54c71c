//! `except Exception` that turns an `HTTPException` into something else.

use architect_model::Service;
use architect_model::code::{Function, Handler};
use architect_model::exceptions::{Escapes, Leaving, is_http_exception, lineage, passes};
use architect_source::{Confidence, Finding, Location, Severity};

use crate::requests::{Requests, clause, is_broad};
use crate::text::short;
use crate::{Rule, step};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "http-exception-swallowed",
    group: "errors",
    docs: include_str!("http_exception_swallowed.md"),
    severity: Severity::Error,
    since: "0.1.0",
    check,
};

fn check(service: &Service) -> Vec<Finding> {
    let requests = Requests::of(service);
    let mut escapes = Escapes::new(&service.code);
    let mut findings = Vec::new();
    for (function, endpoint) in requests.functions(&service.code) {
        for (at, one) in function.tries.iter().enumerate() {
            let Some(broad) = one.handlers.iter().position(is_broad) else { continue };
            let handler = &one.handlers[broad];
            if names_it(service, &one.handlers[..=broad]) || looks_at_it(function, at, broad, handler) {
                continue;
            }
            let Some((raised, called, looped)) = swallowed(service, function, at, &mut escapes) else { continue };
            if ends_alike(function, at, broad, raised.status) {
                continue;
            }
            // A web socket that was accepted has no status to lose.
            let routes = requests.endpoints.get(function.name.as_str());
            let is_endpoint = routes.is_some_and(|routes| routes.iter().any(|one| !one.route.is_websocket()));
            if routes.is_some() && !is_endpoint {
                continue;
            }
            // A helper that answers something else instead may well mean to, and so does a loop that goes on, or what
            // tidies up after another error.
            let sure = handler.always_raises || is_endpoint && !looped && !tidies_up(function, at);
            let confidence = if sure { Confidence::High } else { Confidence::Low };
            let status = raised.status.map_or("its status".to_owned(), |status| status.to_string());
            let mut trace = vec![step(format!("raises an HTTP error with {status}"), &raised.location)];
            trace.extend(called.iter().map(|call| step("inside this `try`", call)));
            trace.push(step(format!("`{}` catches it and ends otherwise", clause(handler)), &handler.location));
            findings.push(Finding {
                trace,
                why: format!(
                    "`HTTPException` is an `Exception`: callers of `{endpoint}` get what the handler makes of it, most \
                     often a 500, instead of {status}."
                ),
                help: "Put `except HTTPException: raise` before it, or catch only what the statements can fail with."
                    .to_owned(),
                ..RULE.finding(
                    confidence,
                    format!("{} {at}", function.name),
                    &handler.location,
                    format!(
                        "`{}` in `{}` swallows the HTTP error {status} raised inside its `try`.",
                        clause(handler),
                        short(&function.name)
                    ),
                )
            });
        }
    }
    findings
}

/// Whether a clause up to this one names `HTTPException`: then it is meant.
fn names_it(service: &Service, handlers: &[Handler]) -> bool {
    handlers
        .iter()
        .flat_map(|handler| &handler.catches)
        .any(|name| name.ends_with("HTTPException") || is_http_exception(&service.code, name))
}

/// Whether the handler raises the same exception again, or looks at what it is.
fn looks_at_it(function: &Function, at: usize, broad: usize, handler: &Handler) -> bool {
    let here = Some((at, broad));
    let again = function.raises.iter().any(|raised| {
        raised.context.handler == here
            && (raised.again || raised.arguments.iter().any(|one| one.text.contains(".status_code")))
    });
    let Some(name) = &handler.name else { return again };
    let asked = function.calls.iter().any(|call| {
        let about = call.arguments.iter().any(|one| one.names.contains(name));
        call.context.handler == here && matches!(call.name.as_str(), "isinstance" | "hasattr" | "getattr") && about
    });
    let status = format!("{name}.status_code");
    let compared = function.compares.iter().any(|one| {
        let inside = one.location.start >= handler.location.start;
        inside && [&one.left, &one.right].iter().any(|side| side.text == status)
    });
    again || asked || compared
}

/// Whether the handler answers with the same status, so that only a text differs.
fn ends_alike(function: &Function, at: usize, broad: usize, status: Option<u16>) -> bool {
    let Some(status) = status else { return false };
    let mut ends = function.raises.iter().filter(|raised| raised.context.handler == Some((at, broad))).peekable();
    ends.peek().is_some() && ends.all(|raised| raised.arguments.iter().any(|one| one.int() == Some(i64::from(status))))
}

/// Whether a `try` stands in a handler of another one.
fn tidies_up(function: &Function, at: usize) -> bool {
    let contexts = function.calls.iter().map(|call| &call.context);
    let mut inside = contexts
        .chain(function.raises.iter().map(|raised| &raised.context))
        .filter(|context| context.tries.contains(&at));
    inside.any(|context| context.handler.is_some_and(|(outer, _)| outer != at))
}

/// An HTTP error that is raised in the body of the `try` and reaches its handlers, and the call that leads to it.
fn swallowed(
    service: &Service,
    function: &Function,
    at: usize,
    escapes: &mut Escapes<'_>,
) -> Option<(Leaving, Option<Location>, bool)> {
    let inner = |tries: &[usize]| -> Option<Vec<usize>> {
        let place = tries.iter().position(|one| *one == at)?;
        Some(tries[place + 1..].to_vec())
    };
    let reaches = |context: &architect_model::code::Context, class: &str| {
        inner(&context.tries).is_some_and(|tries| {
            let context = architect_model::code::Context { tries, ..context.clone() };
            passes(&service.code, function, &context, class)
        })
    };
    for raised in &function.raises {
        let Some(class) = &raised.class else { continue };
        if is_http_exception(&service.code, class) && reaches(&raised.context, class) {
            let status = raised.arguments.iter().find_map(architect_model::code::Operand::int);
            return Some((
                Leaving {
                    class: class.clone(),
                    status: status.and_then(|status| u16::try_from(status).ok()),
                    detail: None,
                    location: raised.location.clone(),
                    via: Vec::new(),
                    needs: raised.context.needs.clone(),
                },
                None,
                raised.context.loops > 0,
            ));
        }
    }
    for call in function.calls.iter().filter(|call| call.context.tries.contains(&at)) {
        let Some(callee) = call.callee.as_ref().and_then(|name| service.code.function(name)) else { continue };
        if callee.is_generator || callee.is_async && !call.awaited {
            continue;
        }
        for one in escapes.of(&callee.name).iter().filter(|one| callee.lets(call, &one.needs)) {
            let is_http =
                lineage(&service.code, &one.class).iter().any(|name| name == "starlette.exceptions.HTTPException");
            if is_http && one.status.is_some_and(|status| status < 500) && reaches(&call.context, &one.class) {
                return Some((one.clone(), Some(call.location.clone()), call.context.loops > 0));
            }
        }
    }
    None
}
