//! Answers that lack what the response model needs.

use std::collections::BTreeSet;

use architect_model::Service;
use architect_model::code::{Form, Function};
use architect_model::requests::Misfit;
use architect_model::schema::{Schema, SchemaKind, Type};
use architect_model::service::EffectiveRoute;
use architect_model::tables::Mapper;
use architect_source::{Confidence, Finding, Location, Severity, Step};

use crate::models::bare;
use crate::requests::Requests;
use crate::text::{names, short};
use crate::{Rule, step};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "response-shape-mismatch",
    group: "endpoints",
    docs: include_str!("response_shape_mismatch.md"),
    severity: Severity::Error,
    since: "0.3.0",
    check,
};

/// The reader lists so many elements of a dictionary.
const LISTED: usize = 60;

fn check(service: &Service) -> Vec<Finding> {
    let mut findings = rows(service);
    let requests = Requests::of(service);
    let mut seen: BTreeSet<(u32, u32)> = BTreeSet::new();
    for (one, function) in requests.with_code(&service.code) {
        for finding in literals(service, one, function) {
            if seen.insert((finding.location.line, finding.location.column)) {
                findings.push(finding);
            }
        }
    }
    findings
}

/// Rows that lack an attribute, one finding for a model and a class.
fn rows(service: &Service) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    let mut seen: BTreeSet<(&str, &str)> = BTreeSet::new();
    for shape in &service.requests.shapes {
        if !matches!(shape.misfit, Misfit::Missing(_)) || !seen.insert((&shape.model, &shape.class)) {
            continue;
        }
        let Some(mapper) = service.mappers.iter().find(|mapper| mapper.class == shape.class) else { continue };
        let missing: Vec<(&String, &Location)> = service
            .requests
            .shapes
            .iter()
            .filter(|other| other.model == shape.model && other.class == shape.class)
            .filter_map(|other| match &other.misfit {
                Misfit::Missing(field) if !is_given_elsewhere(service, mapper, field) => Some((field, &other.declared)),
                _ => None,
            })
            .collect();
        if missing.is_empty() || !is_named_after(&shape.model, &shape.class) {
            continue;
        }
        let mut trace: Vec<Step> = missing
            .iter()
            .take(5)
            .map(|(field, place)| step(format!("`{}` needs `{field}`", short(&shape.model)), place))
            .collect();
        trace.extend(
            mapper.location.iter().map(|place| step(format!("`{}` has no such attribute", short(&shape.class)), place)),
        );
        trace.push(step("and is read as it here", &shape.location));
        let fields: Vec<String> = missing.iter().map(|(field, _)| (*field).clone()).collect();
        findings.push(finding(
            trace,
            format!("{} {}", shape.model, shape.class),
            &shape.location,
            format!(
                "`{}` needs {}, which `{}` does not have: the answer is an error 500.",
                short(&shape.model),
                names(&fields, 4),
                short(&shape.class)
            ),
        ));
    }
    findings
}

/// Whether a model is named after a class: `UserRead` and `User`. What generic code returns is sometimes taken for a
/// row of another class, and nobody reads a user as an invoice.
fn is_named_after(model: &str, class: &str) -> bool {
    let of_class = split(short(class));
    split(short(model)).iter().any(|word| word.len() > 2 && of_class.contains(word))
}

/// Words of a class name.
fn split(name: &str) -> Vec<String> {
    crate::requests::words(name.rsplit('.').next().unwrap_or(name))
}

/// Whether an attribute may come from somewhere that the mapping does not show: a subclass, or code that sets it.
fn is_given_elsewhere(service: &Service, mapper: &Mapper, field: &str) -> bool {
    mapper.polymorphic_on.is_some()
        || service.mappers.iter().any(|other| other.inherits.as_deref() == Some(mapper.class.as_str()))
        || service.code.functions.iter().any(|function| {
            function.stores.iter().any(|store| store.target.rsplit('.').next() == Some(field))
                || function.calls.iter().any(|call| {
                    call.name == "setattr" && call.argument("name", 1).and_then(|name| name.str()) == Some(field)
                })
        })
}

/// Dictionaries that an endpoint returns and that lack keys.
fn literals(service: &Service, one: &EffectiveRoute<'_>, function: &Function) -> Vec<Finding> {
    let Some(schema) = answered(service, one) else { return Vec::new() };
    // What a decorator returns may be something else.
    if function.is_generator || function.decorators.len() > 1 || rewrites(service, schema) {
        return Vec::new();
    }
    let mut findings = Vec::new();
    for returned in &function.returns {
        let value = &returned.value;
        let keys: Option<Vec<&str>> = value.items.iter().map(|item| item.keyword.as_deref()).collect();
        let Some(keys) = keys.filter(|keys| !keys.contains(&"**") && keys.len() < LISTED) else { continue };
        if value.form != Form::Dict || !value.text.starts_with('{') || keys.is_empty() && value.text.len() > 2 {
            continue;
        }
        let missing: Vec<String> = schema
            .fields
            .iter()
            .filter(|field| field.required && !field.computed)
            .filter(|field| !keys.contains(&field.alias.as_str()) && !keys.contains(&field.name.as_str()))
            .map(|field| field.name.clone())
            .collect();
        if missing.is_empty() {
            continue;
        }
        let mut trace = vec![step(format!("`{}` answers `{}`", one.title(), schema.name), &one.route.location)];
        trace.extend(schema.location.iter().map(|place| step(format!("which needs {}", names(&missing, 4)), place)));
        findings.push(finding(
            trace,
            format!("{} {}", one.title(), missing.join(" ")),
            &value.location,
            format!(
                "`{}` needs {}, which this dictionary lacks: the answer is an error 500.",
                schema.name,
                names(&missing, 4)
            ),
        ));
    }
    findings
}

/// The one model that an endpoint answers.
fn answered<'s>(service: &'s Service, one: &EffectiveRoute<'_>) -> Option<&'s Schema> {
    let operation = one.route.operation.as_deref().filter(|operation| operation.json && operation.stream.is_none())?;
    let Type::Reference(at) = bare(operation.response.as_ref()?) else { return None };
    service
        .schemas
        .get(*at)
        .filter(|schema| schema.kind == SchemaKind::Model && schema.root.is_none() && schema.unknown.is_none())
}

/// Whether the model changes what it is given before it looks at the fields, or says so in a way that is not known.
fn rewrites(service: &Service, schema: &Schema) -> bool {
    let Some(class) = service.code.class_at(&schema.qualified) else { return true };
    let family = service.code.ancestors(&class.name);
    let known = |name: &String| {
        service.code.class(name).is_some() || matches!(name.as_str(), "pydantic.BaseModel" | "pydantic.main.BaseModel")
    };
    !family.iter().all(known)
        || service.code.functions.iter().any(|function| {
            function.class.as_ref().is_some_and(|class| family.contains(class))
                && function
                    .decorators
                    .iter()
                    .any(|one| one.text.contains("model_validator") || one.text.contains("root_validator"))
        })
}

fn finding(trace: Vec<Step>, subject: String, place: &Location, message: String) -> Finding {
    Finding {
        trace,
        why: "FastAPI validates what it answers: a required field that is not there is a \
              `ResponseValidationError`, which callers see as 500."
            .to_owned(),
        help: "Give what is answered the field, give the field a default, or answer with a model that leaves it out."
            .to_owned(),
        ..RULE.finding(Confidence::High, subject, place, message)
    }
}
