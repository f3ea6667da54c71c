//! Limits that callers set as high as they like, or switch off.

use architect_model::Service;
use architect_model::code::{Compare, Constant, Function, Operand};
use architect_model::requests::{ChosenLimit, EffectFact, EffectKind, QueryFact};
use architect_model::service::{Dependency, EffectiveRoute, Parameter};
use architect_source::{Confidence, Finding, Location, Severity};

use crate::effects::of_request;
use crate::models::{HIGHEST, bodies, bound, written};
use crate::{Rule, step};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "uncapped-limit-param",
    group: "queries",
    docs: include_str!("uncapped_limit_param.md"),
    severity: Severity::Warning,
    since: "0.3.0",
    check,
};

/// A parameter that gives the limit of a query.
struct Sent<'s> {
    title: String,
    alias: &'s str,
    /// The highest value that is let through.
    highest: Option<f64>,
    /// Whether it is part of a body, and not of the query string.
    in_body: bool,
    place: &'s Location,
}

fn check(service: &Service) -> Vec<Finding> {
    let endpoints = service.endpoints();
    let mut findings: Vec<Finding> = Vec::new();
    let queries = service.requests.effects.iter().filter_map(|fact| match &fact.kind {
        EffectKind::Query(query) => Some((fact, query)),
        _ => None,
    });
    // A place that pages several tables is told of one that grows.
    let (reference, growing): (Vec<_>, Vec<_>) = queries.partition(|(_, query)| query.is_reference_data);
    for (fact, query) in growing.into_iter().chain(reference) {
        let Some(chosen) = query.chosen_limit.as_ref().filter(|_| of_request(service, fact) && !fact.handling) else {
            continue;
        };
        // What several endpoints share pages other rows for each of them.
        let entry = service.requests.entries.get(fact.entry);
        let own = endpoints.iter().find(|one| entry.is_some_and(|entry| entry.name == one.title()));
        let own = own.and_then(|one| chosen_by(service, one, chosen));
        let of_own = own.is_some().then_some(fact);
        let sent = own.or_else(|| endpoints.iter().find_map(|one| chosen_by(service, one, chosen)));
        let Some(sent) = sent else { continue };
        let functions = functions(service, fact, chosen);
        let off = chosen.off.then(|| functions.iter().find_map(|one| switch(one, &chosen.parameter))).flatten();
        // A bound that bounds nothing is said by `unconstrained-input`.
        let open = sent.highest.is_none()
            && !functions.iter().any(|one| one.compares.iter().any(|one| caps(one, &chosen.parameter)));
        let place = off.map_or(sent.place, |(place, _)| place);
        if !open && !chosen.off || findings.iter().any(|known| known.location == *place) {
            continue;
        }
        findings.push(finding(of_own, query, &sent, chosen, off, place));
    }
    findings
}

/// What is said; `own` is where the endpoint that is named reaches the query, and not another one.
fn finding(
    own: Option<&EffectFact>,
    query: &QueryFact,
    sent: &Sent<'_>,
    chosen: &ChosenLimit,
    off: Option<(&Location, i64)>,
    place: &Location,
) -> Finding {
    let (alias, title) = (sent.alias, &sent.title);
    let mut trace = vec![step(format!("callers of `{title}` choose `{alias}`"), sent.place)];
    let ways = own.iter().flat_map(|fact| &fact.trace).filter(|way| !way.function.is_empty());
    trace.extend(ways.map(|way| step(format!("Through `{}`", way.function), &way.location)));
    trace.extend(off.map(|(place, value)| step(format!("{value} stands for no limit"), place)));
    trace.extend(query.paged.as_ref().map(|paged| step("it is the limit of the query as it is sent", paged)));
    let message = match off {
        Some((_, value)) => format!("`{alias}={value}` switches the limit of `{title}` off."),
        None if chosen.off => format!("`{title}` has no limit where `{alias}` is left out."),
        None => format!("`{alias}` of `{title}` may be as large as callers like."),
    };
    Finding {
        trace,
        why: format!(
            "One request can ask for every {} there is: time and memory of the process grow with the table.",
            own.map_or("row".to_owned(), |_| format!("`{}`", query.entity))
        ),
        help: format!(
            "Bound it where it is declared: `{}: Annotated[int, {}(ge=1, le=100)] = 50`.",
            chosen.parameter,
            if sent.in_body { "Field" } else { "Query" }
        ),
        trade_off: "Callers that ask for more get 422: look for them first.".to_owned(),
        ..RULE.finding(
            if query.is_reference_data { Confidence::Medium } else { Confidence::High },
            format!("{} {}", chosen.owner, chosen.parameter),
            place,
            message,
        )
    }
}

/// What of an endpoint gives the limit: of its query string, or of its body.
fn chosen_by<'s>(service: &'s Service, one: &EffectiveRoute<'s>, chosen: &ChosenLimit) -> Option<Sent<'s>> {
    sent(one, chosen).or_else(|| sent_in_body(service, one, chosen))
}

/// The parameter of a query string that a limit comes from.
fn sent<'s>(one: &EffectiveRoute<'s>, chosen: &ChosenLimit) -> Option<Sent<'s>> {
    fn below<'s>(dependency: &'s Dependency, chosen: &ChosenLimit) -> Option<&'s Parameter> {
        let own = (dependency.call == chosen.owner).then(|| named(&dependency.parameters.query, chosen)).flatten();
        own.or_else(|| dependency.dependencies.iter().find_map(|inner| below(inner, chosen)))
    }
    fn named<'s>(parameters: &'s [Parameter], chosen: &ChosenLimit) -> Option<&'s Parameter> {
        parameters.iter().find(|one| one.name == chosen.parameter)
    }
    let is_own = one.route.endpoint.as_ref().is_some_and(|endpoint| endpoint.name == chosen.owner);
    let own = is_own.then(|| named(&one.route.parameters.query, chosen)).flatten();
    let parameter = own.or_else(|| one.route.dependencies.iter().find_map(|dependency| below(dependency, chosen)))?;
    Some(Sent {
        title: one.title(),
        alias: &parameter.alias,
        highest: highest(parameter),
        in_body: false,
        place: parameter.location.as_ref()?,
    })
}

/// The field of a body that a limit comes from.
fn sent_in_body<'s>(service: &'s Service, one: &EffectiveRoute<'s>, chosen: &ChosenLimit) -> Option<Sent<'s>> {
    let owner = chosen.owner.replacen(':', ".", 1);
    let schema = bodies(service, one).find(|schema| schema.qualified == owner)?;
    let field = schema.fields.iter().find(|field| field.name == chosen.parameter)?;
    Some(Sent {
        title: one.title(),
        alias: &field.alias,
        highest: bound(&field.ty, HIGHEST),
        in_body: true,
        place: &written(service, &schema.qualified, &field.name)?.location,
    })
}

/// The highest value that is let through.
fn highest(parameter: &Parameter) -> Option<f64> {
    let field = parameter.field.as_ref()?;
    HIGHEST.iter().find_map(|key| field.facts.get(*key)?.as_f64()).or_else(|| bound(&field.ty, HIGHEST))
}

/// The functions on the way from the parameter to the query.
fn functions<'s>(service: &'s Service, fact: &EffectFact, chosen: &ChosenLimit) -> Vec<&'s Function> {
    let on_the_way = |function: &&Function| {
        function.name == chosen.owner
            || fact.trace.iter().any(|way| {
                way.location.path == function.location.path
                    && function.name.rsplit(':').next() == Some(way.function.as_str())
            })
    };
    service.code.functions.iter().filter(on_the_way).collect()
}

/// Where a value that is no size is looked for: `if limit == -1`.
fn switch<'f>(function: &'f Function, name: &str) -> Option<(&'f Location, i64)> {
    function.compares.iter().find_map(|one| {
        let value = one.right.int().filter(|value| *value <= 0 && one.operator == "==" && is_about(&one.left, name))?;
        Some((&one.location, value))
    })
}

/// Whether a comparison asks if it is too large.
fn caps(one: &Compare, name: &str) -> bool {
    let other = match (is_about(&one.left, name), is_about(&one.right, name)) {
        (true, false) => &one.right,
        (false, true) => &one.left,
        _ => return false,
    };
    let small = matches!(other.constant, Some(Constant::Int(value)) if value <= 1);
    matches!(one.operator, "<" | "<=" | ">" | ">=") && !small
}

fn is_about(operand: &Operand, name: &str) -> bool {
    operand.names.iter().any(|one| one == name)
}
