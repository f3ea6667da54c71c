//! The text of an unforeseen exception in a response.

use std::collections::{BTreeSet, HashMap};

use architect_model::Service;
use architect_model::code::{Code, Context, Function, Handler, Operand};
use architect_model::exceptions::is_http_exception;
use architect_model::service::EffectiveRoute;
use architect_source::{Confidence, Finding, Location, Severity};

use crate::models::references;
use crate::operators::is_for_operators;
use crate::requests::{Requests, broad_handler, clause, tells_exception};
use crate::text::short;
use crate::{Rule, step};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "exception-text-to-client",
    group: "errors",
    docs: include_str!("exception_text_to_client.md"),
    severity: Severity::Warning,
    since: "0.1.0",
    check,
};

fn check(service: &Service) -> Vec<Finding> {
    let requests = Requests::of(service);
    let mut answered = BTreeSet::new();
    for one in service.endpoints() {
        if let Some(response) = one.route.operation.as_ref().and_then(|operation| operation.response.as_ref()) {
            references(service, response, &mut answered);
        }
    }
    let operators = for_operators(service);
    let told_by_class = Answered::of(service);
    let mut findings = Vec::new();
    for (function, endpoint) in requests.functions(&service.code) {
        let told = |place: &Location, handler: &Handler| {
            let confidence = if operators.contains(endpoint) { Confidence::Low } else { Confidence::High };
            Finding { confidence, ..finding(function, endpoint, place, &clause(handler), &handler.location) }
        };
        for raised in &function.raises {
            let Some(handler) = broad_handler(function, &raised.context) else { continue };
            if only_reads_input(service, function, &raised.context) {
                continue;
            }
            let Some(class) = &raised.class else { continue };
            let tells = |one: &Operand| tells_exception(one, handler.name.as_deref());
            let answers = is_http_exception(&service.code, class) && raised.arguments.iter().any(tells)
                || told_by_class.is_told(&service.code, class, &raised.arguments, &tells);
            if answers {
                findings.push(told(&raised.location, handler));
            }
        }
        let is_endpoint = requests.endpoints.contains_key(function.name.as_str());
        for returned in &function.returns {
            let Some(handler) = broad_handler(function, &returned.context) else { continue };
            if !tells_exception(&returned.value, handler.name.as_deref()) {
                continue;
            }
            if is_endpoint && is_answer(&returned.value) {
                let place = &returned.value.location;
                findings.push(told(place, handler));
            }
        }
        for call in &function.calls {
            // A model of the document that is filled with the text inside the handler.
            let Some(handler) = broad_handler(function, &call.context) else { continue };
            let Some(callee) = &call.callee else { continue };
            let qualified = callee.replacen(':', ".", 1);
            let model = service.schemas.iter().position(|schema| schema.qualified == qualified);
            let has_text = call.arguments.iter().any(|one| {
                one.keyword
                    .as_deref()
                    .is_some_and(|name| matches!(name, "detail" | "error" | "message" | "msg" | "reason"))
                    && tells_exception(one, handler.name.as_deref())
            });
            if let Some(model) = model
                && has_text
                && !findings.iter().any(|known| covers(&known.location, &call.location))
            {
                let found = told(&call.location, handler);
                // Whether what a helper fills is answered is followed by its class alone.
                let sure = is_endpoint || answered.contains(&model);
                let confidence = if sure { found.confidence } else { Confidence::Medium };
                findings.push(Finding { confidence, ..found });
            }
        }
    }
    findings.extend(registered(service));
    findings.extend(helpers(service));
    findings
}

/// Functions that are handed whatever a handler catches, and raise an `HTTPException` with its text.
fn helpers(service: &Service) -> Vec<Finding> {
    let mut handed: HashMap<(&str, &str), (&Function, &Handler)> = HashMap::new();
    for function in service.code.functions.iter().filter(|function| !function.aside) {
        for call in function.calls.iter().filter(|call| call.context.handler.is_some()) {
            let Some(handler) = broad_handler(function, &call.context) else { continue };
            let Some(name) = handler.name.as_deref() else { continue };
            if only_reads_input(service, function, &call.context) || !call.arguments.iter().any(|one| one.text == name)
            {
                continue;
            }
            if let Some((callee, parameter)) = crate::calls::handed(&service.code, call, name) {
                handed.entry((&callee.name, &parameter.name)).or_insert((function, handler));
            }
        }
    }
    let mut findings = Vec::new();
    for function in service.code.functions.iter().filter(|function| !function.aside) {
        for parameter in &function.parameters {
            let Some((caller, handler)) = handed.get(&(function.name.as_str(), parameter.name.as_str())) else {
                continue;
            };
            let told = function.raises.iter().find(|raised| {
                raised.context.handler.is_none()
                    && raised.class.as_deref().is_some_and(|class| is_http_exception(&service.code, class))
                    && raised.arguments.iter().any(|one| tells_exception(one, Some(&parameter.name)))
            });
            if let Some(told) = told {
                let by = format!("`{}`", short(&caller.name));
                findings.push(finding(function, &by, &told.location, &clause(handler), &handler.location));
            }
        }
    }
    findings
}

/// Exceptions of the project that a registered handler answers with their text.
struct Answered(BTreeSet<String>);

impl Answered {
    fn of(service: &Service) -> Self {
        const TEXTS: [&str; 6] = [".message", ".detail", ".msg", ".error_message", ".description", ".args[0]"];
        let mut out = BTreeSet::new();
        for handler in service.applications.iter().flat_map(|one| &one.exception_handlers) {
            let name = &handler.name;
            let Some(class) = service.code.class(name).or_else(|| service.code.class_at(name)) else { continue };
            let Some(place) = &handler.location else { continue };
            let mut functions = service.code.functions.iter();
            let Some(function) = functions.find(|one| {
                one.location.path == place.path && place.start <= one.location.start && one.location.end <= place.end
            }) else {
                continue;
            };
            let Some(bound) = function.parameters.iter().filter(|one| one.name != "self").nth(1) else { continue };
            let texts = function.returns.iter().map(|returned| &returned.value);
            let told = texts.chain(function.calls.iter().flat_map(|call| &call.arguments)).any(|value| {
                value.flat().iter().any(|part| {
                    part.text.strip_prefix(bound.name.as_str()).is_some_and(|rest| TEXTS.contains(&rest))
                        || part.text == format!("str({})", bound.name)
                })
            });
            if told {
                out.insert(class.name.clone());
            }
        }
        Self(out)
    }

    /// Whether an exception of that class, made with these arguments, is answered with what one of them tells.
    fn is_told(&self, code: &Code, class: &str, arguments: &[Operand], tells: &dyn Fn(&Operand) -> bool) -> bool {
        if !code.ancestors(class).iter().any(|one| self.0.contains(one)) {
            return false;
        }
        let init = code.method(class, "__init__");
        arguments.iter().enumerate().filter(|(_, one)| tells(one)).any(|(at, argument)| {
            let Some(init) = init else { return true };
            let parameter = match argument.keyword.as_deref() {
                Some(keyword) => init.parameters.iter().find(|one| one.name == keyword),
                None => init.parameters.get(at + 1),
            };
            // What it makes of it is its text, as a rule: `super().__init__(f"… {reason}")`.
            parameter.is_some_and(|parameter| {
                let about = |one: &Operand| one.sources.contains(&parameter.name);
                init.calls.iter().any(|call| call.name == "__init__" && call.arguments.iter().any(about))
                    || init.stores.iter().any(|store| {
                        TEXT_ATTRIBUTES.contains(&store.target.as_str()) && store.value.as_ref().is_some_and(about)
                    })
            })
        })
    }
}

/// Attributes of exceptions that are answered.
const TEXT_ATTRIBUTES: [&str; 4] = ["self.message", "self.detail", "self.msg", "self.error_message"];

/// Endpoints, by their titles, that people who run the service use: what goes wrong there is theirs to know.
fn for_operators(service: &Service) -> BTreeSet<String> {
    service.endpoints().iter().filter(|one| is_for_operators(one)).map(EffectiveRoute::title).collect()
}

/// Whether all that is tried is to make schemas of what was sent: what goes wrong there is the caller's to know.
fn only_reads_input(service: &Service, function: &Function, context: &Context) -> bool {
    let Some((at, _)) = context.handler else { return false };
    let is_schema = |callee: &str| {
        let class = callee.strip_suffix(".model_validate").unwrap_or(callee);
        service.code.ancestors(class).iter().any(|name| name.starts_with("pydantic."))
    };
    let mut tried = function.calls.iter().filter(|call| call.context.tries.contains(&at)).peekable();
    tried.peek().is_some() && tried.all(|call| call.callee.as_deref().is_some_and(is_schema))
}

fn covers(one: &Location, other: &Location) -> bool {
    one.path == other.path && one.start <= other.end && other.start <= one.end
}

fn is_answer(value: &Operand) -> bool {
    use architect_model::code::Form;
    match value.form {
        Form::Dict => true,
        Form::Call => value.name.as_deref().is_some_and(|name| name.ends_with("Response")),
        _ => false,
    }
}

/// Handlers that are registered for every exception, or for all of a builtin kind, and answer with its text.
fn registered(service: &Service) -> Vec<Finding> {
    let catchers = catchers(service);
    let mut findings = Vec::new();
    for function in service.code.functions.iter().filter(|function| !function.aside) {
        let Some((caught, place)) = catchers.get(function.name.as_str()).copied() else { continue };
        let Some(parameter) = function.parameters.iter().filter(|one| one.name != "self").nth(1) else { continue };
        let told = function.returns.iter().find(|returned| {
            returned.value.form == architect_model::code::Form::Call
                && tells_exception(&returned.value, Some(&parameter.name))
        });
        if let Some(told) = told {
            findings.push(Finding {
                trace: vec![
                    step(format!("`{}` answers every `{caught}`", short(&function.name)), place),
                    step("with the text of the exception", &told.value.location),
                ],
                why: format!(
                    "A `{caught}` can come from any library and any bug: its text names tables, hosts, paths and values, \
                     and a bug looks like a mistake of the caller."
                ),
                help: "Log the exception and answer a fixed text; raise an exception of your own where the text is meant \
                       for callers."
                    .to_owned(),
                trade_off: "Fine where every exception of that kind is raised by your own code with a text for callers."
                    .to_owned(),
                ..RULE.finding(
                    Confidence::High,
                    &function.name,
                    &function.location,
                    format!("`{}` sends the text of every `{caught}` to callers.", short(&function.name)),
                )
            });
        }
    }
    findings
}

/// Functions that are registered for a builtin exception of many causes, with its name and the place.
fn catchers(service: &Service) -> HashMap<&str, (&'static str, &Location)> {
    const WIDE: [&str; 3] = ["Exception", "ValueError", "RuntimeError"];
    let wide = |operand: &Operand| WIDE.into_iter().find(|name| operand.name.as_deref() == Some(name));
    let mut out = HashMap::new();
    for function in service.code.functions.iter().filter(|function| !function.aside) {
        for call in function.calls.iter().filter(|call| call.name == "add_exception_handler") {
            let handler = call.argument("handler", 1).and_then(|handler| handler.name.as_deref());
            let class = call.argument("exc_class_or_status_code", 0).and_then(wide);
            if let (Some(handler), Some(class)) = (handler, class) {
                out.entry(handler).or_insert((class, &call.location));
            }
        }
        let registers = function.decorators.iter().find(|decorator| decorator.text.contains("exception_handler("));
        if let Some(decorator) = registers
            && let Some(class) = decorator.items.first().and_then(wide)
        {
            out.insert(&function.name, (class, &decorator.location));
        }
    }
    out
}

fn finding(function: &Function, endpoint: &str, place: &Location, clause: &str, handler: &Location) -> Finding {
    Finding {
        trace: vec![
            step(format!("`{clause}` catches whatever goes wrong"), handler),
            step("its text becomes part of the answer", place),
        ],
        why: format!(
            "Nobody knows what an exception nobody foresaw says: SQL, hosts, paths and values of other users reach callers \
             of `{endpoint}`."
        ),
        help: "Log the exception (`logger.exception`) and answer a fixed text.".to_owned(),
        trade_off: "Callers see less; an id of the log entry in the answer helps support.".to_owned(),
        ..RULE.finding(
            Confidence::High,
            format!("{} {}", function.name, clause),
            place,
            format!("`{}` sends the text of any exception to callers.", short(&function.name)),
        )
    }
}
