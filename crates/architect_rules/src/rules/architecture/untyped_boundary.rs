//! Parameters without types where they matter.

use std::collections::BTreeSet;

use architect_model::Service;
use architect_model::code::{Constant, Function, Parameter};
use architect_model::service::Dependency;
use architect_source::{Confidence, Finding, Severity, Step};

use crate::requests::Requests;
use crate::text::{names, short};
use crate::{Rule, step};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "untyped-boundary",
    group: "architecture",
    docs: include_str!("untyped_boundary.md"),
    severity: Severity::Info,
    since: "0.3.0",
    check,
};

/// Share of functions, in percent, that have types for all parameters where types are the way of the project.
const USUAL: usize = 90;
/// Fewer functions than this show no way.
const FEWEST: usize = 20;
/// Fewer functions without types are no blind spot.
const FEWEST_OPEN: usize = 2;
/// Nor is a smaller share than this, in percent.
const LEAST_OPEN: usize = 2;
/// So many functions are named.
const NAMED: usize = 8;

fn check(service: &Service) -> Vec<Finding> {
    let requests = Requests::of(service);
    let mut findings: Vec<Finding> = Vec::new();
    let mut told: BTreeSet<&str> = BTreeSet::new();
    for (one, function) in requests.with_code(&service.code) {
        let places = &one.route.parameters;
        let sent = |name: &str| {
            [&places.path, &places.query, &places.header, &places.cookie, &places.body]
                .iter()
                .any(|place| place.iter().any(|parameter| parameter.name == name))
        };
        // What matches the rest of a path is text, whatever is written.
        let is_rest = |name: &str| one.path.contains(&format!("{{{name}:path}}"));
        let open: Vec<String> = untyped(function).into_iter().filter(|name| sent(name) && !is_rest(name)).collect();
        if one.route.is_api && !open.is_empty() && told.insert(&function.name) {
            findings.push(sent_by_callers(function, &open, &one.title()));
        }
    }
    for name in requests.dependencies() {
        let Some(function) = service.code.function(name).filter(|function| !function.aside) else { continue };
        let open: Vec<String> = untyped(function).into_iter().filter(|name| is_sent(service, function, name)).collect();
        if !open.is_empty() && told.insert(&function.name) {
            let endpoint = requests.reached(name).unwrap_or_default();
            findings.push(sent_by_callers(function, &open, endpoint));
        }
    }
    findings.extend(blind_spots(service, &requests, &told));
    findings
}

/// Parameters without an annotation, whatever fills them.
fn untyped(function: &Function) -> Vec<String> {
    let bound = usize::from(function.class.is_some());
    let own = function.parameters.iter().skip(bound);
    own.filter(|one| one.annotation.is_none() && !is_plain(one) && !one.is_variadic)
        .map(|one| one.name.clone())
        .collect()
}

/// Whether a parameter needs no annotation: a default makes it plain, or its name says that it is nobody's.
fn is_plain(parameter: &Parameter) -> bool {
    let by_default = parameter.default.as_ref().is_some_and(|default| {
        matches!(default.constant, Some(Constant::Bool(_) | Constant::Int(_) | Constant::Float(_) | Constant::Str(_)))
    });
    // What FastAPI fills is of the type of what fills it.
    let injected = parameter
        .default
        .as_ref()
        .and_then(|default| default.name.as_deref())
        .is_some_and(|name| matches!(name.rsplit(['.', ':']).next(), Some("Depends" | "Security")));
    by_default
        || injected
        || parameter.name.starts_with('_')
        || matches!(parameter.name.as_str(), "args" | "kwargs" | "self" | "cls")
}

/// Whether callers send a parameter of a dependency.
fn is_sent(service: &Service, function: &Function, name: &str) -> bool {
    fn find<'s>(dependencies: &'s [Dependency], call: &str) -> Option<&'s Dependency> {
        dependencies.iter().find_map(|one| if one.call == call { Some(one) } else { find(&one.dependencies, call) })
    }
    let endpoints = service.endpoints();
    let Some(one) = endpoints.iter().find_map(|one| find(&one.route.dependencies, &function.name)) else {
        return false;
    };
    let places = &one.parameters;
    [&places.path, &places.query, &places.header, &places.cookie, &places.body]
        .iter()
        .any(|place| place.iter().any(|parameter| parameter.name == name))
}

fn sent_by_callers(function: &Function, open: &[String], endpoint: &str) -> Finding {
    let place =
        function.parameters.iter().find(|one| one.name == open[0]).map_or(&function.location, |one| &one.location);
    Finding {
        trace: vec![step(format!("callers of `{endpoint}` send it"), place)],
        why: "FastAPI converts and validates by type: without one, whatever is sent arrives as text, numbers \
              included, and the document says nothing of it."
            .to_owned(),
        help: "Annotate it with what it has to be.".to_owned(),
        trade_off: "Values of another form are refused with 422.".to_owned(),
        ..RULE.finding(
            Confidence::High,
            &function.name,
            place,
            format!(
                "{} of `{}` {} no type: nothing is validated.",
                names(open, 4),
                short(&function.name),
                if open.len() == 1 { "has" } else { "have" }
            ),
        )
    }
}

/// Functions that requests reach and that have parameters without types, where nearly all others have them.
fn blind_spots(service: &Service, requests: &Requests<'_>, told: &BTreeSet<&str>) -> Option<Finding> {
    let (mut typed, mut open): (usize, Vec<(&Function, Vec<String>)>) = (0, Vec::new());
    for (function, _) in requests.functions(&service.code) {
        if function.name.contains("<locals>") || told.contains(function.name.as_str()) {
            continue;
        }
        // Overloads say it for the function behind them.
        let is_overload =
            |one: &Function| one.decorators.iter().any(|by| by.text.rsplit('.').next() == Some("overload"));
        if service.code.hidden(&function.name).any(is_overload) {
            continue;
        }
        let missing = untyped(function);
        if !missing.is_empty() {
            open.push((function, missing));
        } else if function.parameters.iter().any(|one| one.annotation.is_some()) {
            typed += 1;
        }
    }
    let all = typed + open.len();
    let few = open.len() < FEWEST_OPEN || open.len() * 100 < all * LEAST_OPEN;
    if few || all < FEWEST || typed * 100 < all * USUAL {
        return None;
    }
    let (first, _) = open[0];
    let trace: Vec<Step> = open
        .iter()
        .take(NAMED)
        .map(|(function, missing)| {
            step(format!("`{}`: {}", short(&function.name), names(missing, 4)), &function.location)
        })
        .collect();
    Some(Finding {
        trace,
        why: "The rest of the service is typed. Where these values go, neither a type checker nor this review \
              follows them."
            .to_owned(),
        help: "Annotate their parameters.".to_owned(),
        ..RULE.finding(
            Confidence::High,
            "functions with parameters without types",
            &first.location,
            format!("At least {} of {all} functions that requests reach have parameters without types.", open.len()),
        )
    })
}
