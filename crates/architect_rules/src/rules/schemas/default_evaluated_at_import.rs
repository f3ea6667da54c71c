//! Defaults that are computed once, when the module is imported.

use std::collections::BTreeSet;

use architect_model::Service;
use architect_model::code::{Form, Operand};
use architect_model::service::Parameters;
use architect_source::{Confidence, Finding, Location, Severity};

use crate::requests::Requests;
use crate::{Rule, step};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "default-evaluated-at-import",
    group: "schemas",
    docs: include_str!("default_evaluated_at_import.md"),
    severity: Severity::Error,
    since: "0.1.0",
    check,
};

/// Functions of the standard library that answer something else each time and give plain values.
const CHANGING: &[&str] = &[
    "datetime.datetime.now",
    "datetime.datetime.utcnow",
    "datetime.datetime.today",
    "datetime.date.today",
    "time.time",
    "time.time_ns",
    "uuid.uuid1",
    "uuid.uuid4",
    "secrets.token_hex",
    "secrets.token_urlsafe",
    "secrets.token_bytes",
    "random.random",
    "random.randint",
];

fn check(service: &Service) -> Vec<Finding> {
    let code = &service.code;
    let mut findings = Vec::new();
    // The settings of a process may well be made once; so may what they are put together of.
    let settings: BTreeSet<String> = code
        .classes
        .iter()
        .map(|class| code.ancestors(&class.name))
        .filter(|ancestors| ancestors.iter().any(|name| name.ends_with(".BaseSettings")))
        .flatten()
        .collect();
    for class in code.classes.iter().filter(|class| !class.aside) {
        let dataclass = class.decorators.iter().any(|one| one.text.contains("dataclass"));
        let model = code.ancestors(&class.name).iter().any(|name| {
            name.starts_with("pydantic.") || name.ends_with(".DeclarativeBase") || name.starts_with("sqlmodel.")
        });
        for field in class.fields.iter().filter(|_| !settings.contains(&class.name)) {
            let Some(value) = &field.value else { continue };
            let (default, stored) = match column_default(value) {
                Some(default) => (default, true),
                None => (value, false),
            };
            let relevant = stored || (model || dataclass) && field.annotation.is_some();
            let Some(call) = changing(default).filter(|_| relevant && !field.name.contains('.')) else { continue };
            findings.push(finding(&format!("{}.{}", class.name, field.name), &field.name, call, &default.location));
        }
    }
    let requests = Requests::of(service);
    for (name, routes) in &requests.endpoints {
        let (Some(function), Some(one)) = (code.function(name), routes.first()) else { continue };
        for parameter in function.parameters.iter().filter(|one_| sent(&one.route.parameters, &one_.name)) {
            let Some(default) = &parameter.default else { continue };
            let default = column_default(default).unwrap_or(default);
            let Some(call) = changing(default) else { continue };
            findings.push(finding(&format!("{name} {}", parameter.name), &parameter.name, call, &default.location));
        }
    }
    findings
}

fn sent(parameters: &Parameters, name: &str) -> bool {
    [&parameters.query, &parameters.body, &parameters.header]
        .iter()
        .any(|place| place.iter().any(|one| one.name == name))
}

/// The default that `Field`, `Column`, `mapped_column` or `Query` is given.
fn column_default(value: &Operand) -> Option<&Operand> {
    let called = value.name.as_deref()?.rsplit(['.', ':']).next()?;
    match called {
        "Field" | "Query" | "Body" | "Header" | "Form" => value.argument("default", 0),
        "Column" | "mapped_column" | "dataclass_field" | "field" => value
            .items
            .iter()
            .find(|one| matches!(one.keyword.as_deref(), Some("default" | "onupdate" | "insert_default"))),
        _ => None,
    }
}

/// The call that changes, where the default is its result or made of it, and no function.
fn changing(default: &Operand) -> Option<&str> {
    if matches!(default.form, Form::Name | Form::Literal) || default.text.starts_with("lambda") {
        return None;
    }
    default.through.iter().find(|name| CHANGING.contains(&name.as_str())).map(String::as_str)
}

fn finding(subject: &str, name: &str, call: &str, place: &Location) -> Finding {
    Finding {
        trace: vec![step(format!("`{call}` runs once, when the module is imported"), place)],
        why: "Every row and every request of a process gets the value of its start: timestamps stand still, identifiers repeat."
            .to_owned(),
        help: "Pass a function: `default_factory=lambda: …` for Pydantic and dataclasses, `default=lambda: …` for columns, \
               `None` and a value in the body for parameters."
            .to_owned(),
        ..RULE.finding(
            Confidence::High,
            subject,
            place,
            format!("The default of `{name}` is computed once, by `{call}` at import."),
        )
    }
}
