//! Endpoints that say nothing of what they answer.

use std::collections::BTreeSet;

use architect_model::Service;
use architect_model::code::{Form, Function};
use architect_model::schema::Type;
use architect_model::service::EffectiveRoute;
use architect_source::{Confidence, Finding, Severity, Step};

use crate::credentials::secret_columns;
use crate::requests::Requests;
use crate::text::short;
use crate::{Rule, step};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "missing-response-model",
    group: "endpoints",
    docs: include_str!("missing_response_model.md"),
    severity: Severity::Warning,
    since: "0.3.0",
    check,
};

/// So many endpoints are named.
const NAMED: usize = 16;
/// Fewer endpoints than this are no habit.
const FEWEST: usize = 3;

fn check(service: &Service) -> Vec<Finding> {
    let requests = Requests::of(service);
    let mut findings: Vec<Finding> = Vec::new();
    let (mut silent, mut answering) = (Vec::new(), 0_usize);
    let mut seen: BTreeSet<(&str, u32)> = BTreeSet::new();
    for (one, function) in requests.with_code(&service.code) {
        if !answers_json(one) || !seen.insert((&one.route.location.path, one.route.location.start)) {
            continue;
        }
        answering += 1;
        let Some(operation) = one.route.operation.as_deref() else { continue };
        if operation.response.as_ref().is_some_and(|ty| *ty != Type::Any) || !answers_something(service, function) {
            continue;
        }
        let raw = service.requests.raw_answers.iter().find(|raw| raw.location == one.route.location);
        match raw {
            // With a secret among its columns the row is told as that.
            Some(raw) if !secret_columns(service, &raw.class).is_empty() => {}
            Some(raw) => findings.push(rows(service, one, function, &raw.class)),
            None if function.returns_type.is_none() && !says_none(function) => silent.push((one, function)),
            None => {}
        }
    }
    silent.sort_by(|(a, _), (b, _)| {
        (&a.route.location.path, a.route.location.line).cmp(&(&b.route.location.path, b.route.location.line))
    });
    let Some((first, _)) = silent.first().filter(|_| silent.len() >= FEWEST) else { return findings };
    let trace: Vec<Step> = silent
        .iter()
        .take(NAMED)
        .map(|(one, _)| {
            step(format!("`{}` has neither annotation nor `response_model`", one.title()), &one.route.location)
        })
        .collect();
    findings.push(Finding {
        trace,
        severity: Severity::Info,
        why: "The document shows an empty schema for them, generated clients get `any`, and nothing filters what \
              is sent: a field that is added to what they return is public at once."
            .to_owned(),
        help: "Annotate what they return with a model, or give `response_model=`; what returns anything keeps `-> \
               Any`, which says so."
            .to_owned(),
        trade_off: "Fine for answers whose form is somebody else's.".to_owned(),
        ..RULE.finding(
            Confidence::High,
            "endpoints that say nothing of what they answer",
            &first.route.location,
            format!("At least {} of {answering} endpoints say nothing of what they answer.", silent.len()),
        )
    });
    findings
}

/// Whether it is registered with `response_model=None`, which says that there shall be none.
fn says_none(function: &Function) -> bool {
    let mut arguments = function.decorators.iter().flat_map(|one| &one.items);
    arguments.any(|one| one.keyword.as_deref() == Some("response_model") && one.text == "None")
}

/// Whether FastAPI writes what the endpoint returns as JSON.
fn answers_json(one: &EffectiveRoute<'_>) -> bool {
    let Some(operation) = one.route.operation.as_deref() else { return false };
    one.route.is_api
        && !one.route.is_websocket()
        && one.route.include_in_schema
        && one.route.conditional.is_none()
        && operation.json
        && operation.stream.is_none()
        && !matches!(one.route.status_code.or(operation.default_status), Some(204 | 205 | 304))
}

/// Whether it returns anything that is not a response already.
fn answers_something(service: &Service, function: &Function) -> bool {
    // A decorator may answer for it, and a generator streams.
    if function.is_generator {
        return false;
    }
    function.returns.iter().any(|returned| {
        let value = &returned.value;
        let none = value.text == "None";
        let response = |name: &str| {
            let name = short(name);
            let last = name.rsplit('.').next().unwrap_or(name);
            let last = last.to_lowercase();
            last.ends_with("response") || last.contains("redirect")
        };
        let made = value.name.as_deref().is_some_and(response)
            || value.through.iter().any(|name| response(name) || makes_response(service, name));
        !none && !made
    })
}

/// Whether a function of the project says that it returns a response, or does so everywhere.
fn makes_response(service: &Service, name: &str) -> bool {
    let Some(function) = service.code.function(name) else { return false };
    match &function.returns_type {
        Some(annotation) => annotation.contains("Response") || annotation.contains("Any"),
        None => function.returns.iter().any(|returned| {
            returned.value.form == Form::Call
                && returned.value.name.as_deref().is_some_and(|name| name.ends_with("Response"))
        }),
    }
}

/// Rows that are answered as they are.
fn rows(service: &Service, one: &EffectiveRoute<'_>, function: &Function, class: &str) -> Finding {
    let title = one.title();
    let mut trace = vec![step(format!("`{title}` has no response model"), &one.route.location)];
    let place = function.returns.first().map_or(&function.location, |returned| &returned.value.location);
    let mapper = service.mappers.iter().find(|mapper| mapper.class == class);
    if let Some((mapper, place)) = mapper.and_then(|mapper| Some((mapper, mapper.location.as_ref()?))) {
        let columns = mapper.columns.len();
        trace.push(step(format!("all {columns} columns of `{}`, and each that is added", short(class)), place));
    }
    trace.push(step(format!("it answers `{}` as it is", short(class)), place));
    Finding {
        trace,
        why: "Without a response model FastAPI writes every loaded attribute: columns that are nobody's business \
              are sent, those that are added later, too, and the document shows an empty schema."
            .to_owned(),
        help: "Answer with a model that has the fields callers may see.".to_owned(),
        trade_off: "Callers that use other columns have to be asked first.".to_owned(),
        ..RULE.finding(
            Confidence::High,
            &title,
            &one.route.location,
            format!("`{title}` answers every loaded column of `{}`: it has no response model.", short(class)),
        )
    }
}
