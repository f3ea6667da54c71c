//! Numbers that may be what makes no sense: negative offsets, pages of any size, divisors of zero.

use architect_model::Service;
use architect_model::code::{Call, Constant, Form, Function, Operand};
use architect_model::requests::LoopFact;
use architect_model::schema::Scalar;
use architect_model::service::{Dependency, Parameter};
use architect_source::{Confidence, Finding, Location, Severity};

use crate::calls::handed;
use crate::models::{HIGHEST, LOWEST, bodies, bound, has_own_function, is_one_of, written};
use crate::requests::words;
use crate::sent::{Sent, long_lists, open_amounts};
use crate::{Rule, step};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "unconstrained-input",
    group: "schemas",
    docs: include_str!("unconstrained_input.md"),
    severity: Severity::Warning,
    since: "0.1.0",
    check,
};

/// A page of more rows than this is no page.
const LARGEST_PAGE: f64 = 100_000.0;
/// Calls of calls are followed so far.
const MAX_CALLS: u32 = 3;

fn check(service: &Service) -> Vec<Finding> {
    let mut findings = parameters(service);
    findings.extend(divisors(service));
    findings.extend(long_lists(service).iter().map(|(sent, turn)| long_list(sent, turn)));
    findings.extend(open_amounts(service).iter().map(open_amount));
    findings
}

/// A list of any length that costs a statement an item.
fn long_list(sent: &Sent<'_>, turn: &LoopFact) -> Finding {
    let title = sent.route.title();
    Finding {
        severity: Severity::Info,
        trace: vec![
            step(format!("`{title}` takes a list of any length as `{}`", sent.field), sent.place),
            step("each item asks the database", &turn.location),
        ],
        why: "One request keeps a connection and a worker busy for as long as somebody likes: the length is the caller's \
              choice."
            .to_owned(),
        help: "Write `Field(max_length=…)` with what one request may need, and ask for all items at once.".to_owned(),
        trade_off: "Callers that send more get 422: look for them first.".to_owned(),
        ..RULE.finding(
            // Keys and names are short: many of them fit into one request. What is made of models is few, as a rule.
            if sent.plain { Confidence::High } else { Confidence::Medium },
            format!("{} {} list", sent.schema.qualified, sent.field),
            sent.place,
            format!("`{}.{}` may be of any length, and each item asks the database.", sent.schema.name, sent.field),
        )
    }
}

/// An amount of money that may be negative.
fn open_amount(sent: &Sent<'_>) -> Finding {
    let title = sent.route.title();
    Finding {
        trace: vec![step(format!("`{title}` takes any number as `{}`", sent.field), sent.place)],
        why: "An amount below zero turns a payment round, and one of zero is none: nothing in the code refuses them."
            .to_owned(),
        help: "Write `Field(gt=0)`, with an upper bound that makes sense.".to_owned(),
        ..RULE.finding(
            Confidence::High,
            format!("{} {} amount", sent.schema.qualified, sent.field),
            sent.place,
            format!("`{}.{}` of `{title}` may be zero or negative.", sent.schema.name, sent.field),
        )
    }
}

/// Offsets that may be negative, and page sizes whose bound bounds nothing.
fn parameters(service: &Service) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    for one in service.endpoints().into_iter().filter(|one| one.route.is_api) {
        let own = one.route.endpoint.as_ref().and_then(|endpoint| service.code.function(&endpoint.name));
        let mut found: Vec<(&Parameter, Option<&Function>)> =
            one.route.parameters.query.iter().map(|parameter| (parameter, own)).collect();
        for dependency in one.route.dependencies.iter().flat_map(Dependency::tree) {
            let function = service.code.function(&dependency.call);
            found.extend(dependency.parameters.query.iter().map(|parameter| (parameter, function)));
        }
        for (parameter, function) in found {
            let Some(place) = &parameter.location else { continue };
            if findings.iter().any(|known| known.location == *place) {
                continue;
            }
            if let Some(most) = largest_page(parameter) {
                findings.push(any_page(&one.title(), parameter, function, place, most));
                continue;
            }
            let Some(function) = function else { continue };
            if !may_be_negative(parameter) || looks(function, &parameter.name) {
                continue;
            }
            if is_page(&parameter.name) {
                if let Some(offset) = offset_of(service, function, &parameter.name, 0) {
                    findings.push(any_number_of_page(&one.title(), parameter, function, place, &offset));
                }
                continue;
            }
            if !is_offset(&parameter.name) {
                continue;
            }
            findings.push(Finding {
                trace: vec![step(format!("`{}` takes any integer as `{}`", one.title(), parameter.alias), place)],
                why: "A negative offset is an error of the database (500) or counts from the end: callers get no 422 that says \
                      so."
                    .to_owned(),
                help: format!("Write `{}: Annotated[int, Query(ge=0)] = 0`.", parameter.name),
                ..RULE.finding(
                    Confidence::High,
                    format!("{} {}", function.name, parameter.name),
                    place,
                    format!("`{}` of `{}` may be negative.", parameter.alias, one.title()),
                )
            });
        }
    }
    findings
}

fn is_offset(name: &str) -> bool {
    matches!(name, "offset" | "skip" | "page_offset" | "start_index")
}

/// Numbers of pages.
fn is_page(name: &str) -> bool {
    matches!(name, "page" | "page_number" | "page_num" | "page_no" | "page_index" | "pageNumber" | "current_page")
}

/// Where an offset is computed from a parameter that nothing looks at on the way.
fn offset_of(service: &Service, function: &Function, name: &str, depth: u32) -> Option<Location> {
    if depth > 0 && looks(function, name) || depth > MAX_CALLS {
        return None;
    }
    let from = |one: &Operand| {
        one.sources.iter().any(|source| source == name)
            && !one.through.iter().any(|call| matches!(call.as_str(), "max" | "abs" | "builtins.max" | "builtins.abs"))
    };
    let offset = |call: &&Call| {
        call.name == "offset" && call.arguments.first().is_some_and(from)
            || call.arguments.iter().any(|one| matches!(one.keyword.as_deref(), Some("offset" | "skip")) && from(one))
    };
    if let Some(call) = function.calls.iter().find(offset) {
        return Some(call.location.clone());
    }
    function.calls.iter().find_map(|call| {
        let (callee, inner) = handed(&service.code, call, name)?;
        offset_of(service, callee, &inner.name, depth + 1)
    })
}

fn any_number_of_page(
    title: &str,
    parameter: &Parameter,
    function: &Function,
    place: &Location,
    offset: &Location,
) -> Finding {
    let alias = &parameter.alias;
    Finding {
        trace: vec![
            step(format!("`{title}` takes any integer as `{alias}`"), place),
            step("an offset is computed from it", offset),
        ],
        why: "Pages before the first have a negative offset, which is an error of the database: callers get 500, and no 422 \
              that says what is wrong."
            .to_owned(),
        help: format!("Write `{}: Annotated[int, Query(ge=1)] = 1`, or `ge=0` where pages count from 0.", parameter.name),
        ..RULE.finding(
            Confidence::High,
            format!("{} {}", function.name, parameter.name),
            place,
            format!("`{alias}` of `{title}` may be negative, and so may the offset that is computed from it."),
        )
    }
}

fn may_be_negative(parameter: &Parameter) -> bool {
    parameter.field.as_ref().is_some_and(|field| {
        !LOWEST.iter().any(|key| field.facts.contains_key(*key))
            && bound(&field.ty, LOWEST).is_none()
            && is_one_of(&field.ty, &[Scalar::Integer])
    })
}

/// The bound of a page size that lets everything through.
fn largest_page(parameter: &Parameter) -> Option<f64> {
    let words = words(&parameter.name);
    let sizes = matches!(words.last().map_or("", String::as_str), "limit" | "size")
        || words.windows(2).any(|pair| pair[0] == "per" && pair[1] == "page");
    let field = parameter.field.as_ref().filter(|_| sizes)?;
    let most = HIGHEST.iter().find_map(|key| field.facts.get(*key)?.as_f64()).or_else(|| bound(&field.ty, HIGHEST))?;
    (most > LARGEST_PAGE).then_some(most)
}

fn any_page(title: &str, parameter: &Parameter, function: Option<&Function>, place: &Location, most: f64) -> Finding {
    Finding {
        trace: vec![step(format!("`{title}` takes `{}` up to {most}", parameter.alias), place)],
        why: "One request can ask for the whole table: the bound is there and bounds nothing.".to_owned(),
        help: "Lower the bound to what a page may hold, such as 100.".to_owned(),
        trade_off: "Callers that ask for more get 422: look for them first.".to_owned(),
        ..RULE.finding(
            Confidence::High,
            format!("{} {}", function.map_or("", |function| function.name.as_str()), parameter.name),
            place,
            format!("`{}` of `{title}` may be up to {most}.", parameter.alias),
        )
    }
}

/// Fields of bodies that may be zero, and by which the code divides.
fn divisors(service: &Service) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    for one in service.endpoints() {
        for schema in bodies(service, &one) {
            for field in &schema.fields {
                let may_be_zero = is_one_of(&field.ty, &[Scalar::Integer, Scalar::Number, Scalar::Decimal])
                    && bound(&field.ty, &["ge", "minimum"]).is_none_or(|least| least <= 0.0)
                    && bound(&field.ty, &["gt", "exclusiveMinimum"]).is_none_or(|least| least < 0.0);
                // One word may be the name of many things.
                if !may_be_zero || words(&field.name).len() < 2 {
                    continue;
                }
                let Some(written) = written(service, &schema.qualified, &field.name) else { continue };
                let Some((divided, by)) = divided_by(service, &field.name) else { continue };
                if has_own_function(service, &schema.qualified, &field.name) {
                    continue;
                }
                if findings.iter().any(|known| known.location == written.location) {
                    continue;
                }
                findings.push(Finding {
                    trace: vec![
                        step(format!("`{}` takes `{}` without a lowest value", one.title(), field.name), &written.location),
                        step("here something is divided by it", divided),
                    ],
                    why: "0 is stored like any other number, and every division by it raises `ZeroDivisionError` from then on."
                        .to_owned(),
                    help: "Write `Field(gt=0)`.".to_owned(),
                    trade_off: "Callers that send 0 get 422.".to_owned(),
                    ..RULE.finding(
                        // What no request is seen to reach may divide by something else of that name.
                        if service.reached.contains_key(&by.name) { Confidence::High } else { Confidence::Medium },
                        format!("{} {}", schema.qualified, field.name),
                        &written.location,
                        format!("`{}.{}` may be 0, and the code divides by it.", schema.name, field.name),
                    )
                });
            }
        }
    }
    findings
}

/// Where the code divides by an attribute of that name without a look at it, and the function that does.
fn divided_by<'s>(service: &'s Service, name: &str) -> Option<(&'s Location, &'s Function)> {
    let attribute = format!(".{name}");
    service.code.functions.iter().filter(|function| !function.aside).find_map(|function| {
        let divisor = function.divisors.iter().find(|one| one.text.ends_with(&attribute) && one.form == Form::Name)?;
        let looked_at = function
            .compares
            .iter()
            .any(|one| one.left.text.ends_with(&attribute) || one.right.text.ends_with(&attribute));
        (!looked_at).then_some((&divisor.location, function))
    })
}

/// Whether the code looks at the value itself: whether it is given says nothing.
fn looks(function: &Function, name: &str) -> bool {
    let about = |operand: &Operand| operand.sources.iter().any(|source| source == name);
    let none = |operand: &Operand| operand.constant == Some(Constant::None);
    function.compares.iter().any(|one| (about(&one.left) || about(&one.right)) && !none(&one.left) && !none(&one.right))
        || function.calls.iter().any(|call| call.name == "max" && call.arguments.iter().any(about))
}
