//! Numbers that may be what makes no sense: negative offsets, pages of any size, divisors of zero.

use architect_model::Service;
use architect_model::code::{Form, Function};
use architect_model::schema::Scalar;
use architect_model::service::{Dependency, Parameter};
use architect_source::{Confidence, Finding, Location, Severity};

use crate::models::{HIGHEST, LOWEST, bodies, bound, has_own_function, is_one_of, written};
use crate::requests::words;
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

fn check(service: &Service) -> Vec<Finding> {
    let mut findings = parameters(service);
    findings.extend(divisors(service));
    findings
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
            if !is_offset(&parameter.name)
                || !may_be_negative(parameter)
                || function.is_none_or(|function| looks(function, parameter))
            {
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
                    format!("{} {}", function.map_or("", |function| function.name.as_str()), parameter.name),
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

/// Whether the code looks at the value itself.
fn looks(function: &Function, parameter: &Parameter) -> bool {
    let about = |operand: &architect_model::code::Operand| operand.sources.contains(&parameter.name);
    function.compares.iter().any(|one| about(&one.left) || about(&one.right))
        || function.calls.iter().any(|call| call.name == "max" && call.arguments.iter().any(about))
}
