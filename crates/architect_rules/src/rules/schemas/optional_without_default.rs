//! Values that may be `None` and still have to be sent.

use std::collections::BTreeSet;

use architect_model::Service;
use architect_model::schema::{Field, Schema, Type};
use architect_model::service::{Dependency, EffectiveRoute, Parameter};
use architect_source::{Confidence, Finding, Location, Severity};

use crate::models::{bare, bodies, written};
use crate::{Rule, step};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "optional-without-default",
    group: "schemas",
    docs: include_str!("optional_without_default.md"),
    severity: Severity::Warning,
    since: "0.3.0",
    check,
};

fn check(service: &Service) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    let mut seen: BTreeSet<(String, u32)> = BTreeSet::new();
    let mut models: BTreeSet<String> = BTreeSet::new();
    for one in service.endpoints().into_iter().filter(|one| one.route.is_api && one.route.conditional.is_none()) {
        let places = &one.route.parameters;
        if let Some(endpoint) = &one.route.endpoint {
            let sent = [&places.query, &places.header, &places.cookie].into_iter().flatten();
            let form = places.body.iter().filter(|body| body.media == Some("form"));
            for parameter in sent.chain(form) {
                findings.extend(parameter_of(service, &one, &endpoint.name, parameter, &mut seen));
            }
        }
        for dependency in &one.route.dependencies {
            of_dependency(service, &one, dependency, &mut seen, &mut findings);
        }
        for schema in bodies(service, &one) {
            if models.insert(schema.qualified.clone()) {
                findings.extend(model(service, &one, schema));
            }
        }
    }
    findings
}

fn of_dependency(
    service: &Service,
    one: &EffectiveRoute<'_>,
    dependency: &Dependency,
    seen: &mut BTreeSet<(String, u32)>,
    findings: &mut Vec<Finding>,
) {
    let places = &dependency.parameters;
    for parameter in [&places.query, &places.header, &places.cookie].into_iter().flatten() {
        findings.extend(parameter_of(service, one, &dependency.call, parameter, seen));
    }
    for inner in &dependency.dependencies {
        of_dependency(service, one, inner, seen, findings);
    }
}

/// A parameter outside the body: there is no way to send `None` there, so what may be `None` was meant to be left out.
fn parameter_of(
    service: &Service,
    one: &EffectiveRoute<'_>,
    function: &str,
    parameter: &Parameter,
    seen: &mut BTreeSet<(String, u32)>,
) -> Option<Finding> {
    let place = parameter.location.as_ref()?;
    let nullable = parameter.field.as_deref().is_some_and(|field| takes_none(&field.ty));
    if !parameter.required || !nullable || !seen.insert((place.path.to_string(), place.start)) {
        return None;
    }
    // `Query(...)` says that it has to be sent.
    let own = service.code.function(function)?.parameters.iter().find(|own| own.name == parameter.name)?;
    if own.default.is_some() || own.annotation.as_deref().is_some_and(|text| text.contains("...")) {
        return None;
    }
    let name = &parameter.name;
    Some(finding(
        Confidence::High,
        format!("{function} {name}"),
        place,
        format!("`{name}` of `{}` may be `None`, and has to be sent: callers who leave it out get 422.", one.title()),
        vec![step("the type allows `None`, and there is no default", place)],
        "Nobody can send `None` here, so it can only have been meant to be left out.",
    ))
}

/// Fields of a body that may be `None` and have no default.
fn model(service: &Service, one: &EffectiveRoute<'_>, schema: &Schema) -> Option<Finding> {
    let meant = |field: &&Field| {
        // `= ...` and `Field(...)` say so on purpose.
        field.required
            && takes_none(&field.ty)
            && written(service, &schema.qualified, &field.name).is_some_and(|own| {
                own.value.is_none() && !own.annotation.as_deref().unwrap_or_default().contains("...")
            })
    };
    let fields: Vec<&Field> = schema.fields.iter().filter(meant).collect();
    // Where other fields that may be `None` have that default, these were forgotten; else it may be the way of the
    // class.
    let others = schema.fields.iter().filter(|field| !field.required && takes_none(&field.ty)).count();
    let first = fields.first()?;
    let place = &written(service, &schema.qualified, &first.name)?.location;
    let names: Vec<String> = fields.iter().map(|field| field.name.clone()).collect();
    let confidence = if others >= fields.len() { Confidence::Medium } else { Confidence::Low };
    Some(finding(
        confidence,
        schema.qualified.clone(),
        place,
        format!(
            "{} of `{}` may be `None`, and {} to be sent.",
            crate::text::names(&names, 4),
            schema.name,
            if names.len() == 1 { "has" } else { "have" }
        ),
        vec![
            step("the type allows `None`, and there is no default", place),
            step(format!("`{}` reads it", one.title()), &one.route.location),
        ],
        "Pydantic 2 asks for every field without a default, whatever its type allows; in version 1 it was `None`.",
    ))
}

fn takes_none(ty: &Type) -> bool {
    matches!(bare(ty), Type::Union { members, .. } if members.contains(&Type::Null))
}

fn finding(
    confidence: Confidence,
    subject: String,
    place: &Location,
    message: String,
    trace: Vec<architect_source::Step>,
    why: &str,
) -> Finding {
    Finding {
        trace,
        why: why.to_owned(),
        help: "Give it the default `None`; or take `None` out of its type, where the code cannot do without it."
            .to_owned(),
        trade_off: "Code that reads it has to expect `None`, which its type says already.".to_owned(),
        ..RULE.finding(confidence, subject, place, message)
    }
}
