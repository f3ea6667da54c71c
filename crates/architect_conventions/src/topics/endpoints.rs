//! How endpoints are written.

use architect_model::code::{Form, Parameter};

use crate::lens::{Endpoint, Lens, Role, declared_in};
use crate::survey::{Subject, Survey, Topic};
use crate::words::quoted;

pub(super) fn surveys(lens: &Lens<'_>) -> Vec<Survey> {
    vec![kind(lens), dependencies(lens), response(lens), status(lens), spelled_status(lens), body(lens), summary(lens)]
}

fn kind(lens: &Lens<'_>) -> Survey {
    let mut survey = Survey::new(Topic::Endpoints, "endpoint-kind", "endpoints");
    for one in &lens.endpoints {
        if one.function.is_async {
            survey.see("Endpoints are `async def`", "is `async def`", &one.subject);
        } else {
            survey.see("Endpoints are plain functions: `def`, not `async def`", "is a plain `def`", &one.subject);
        }
    }
    survey
}

/// How a parameter says that it is a dependency.
fn dependencies(lens: &Lens<'_>) -> Survey {
    let mut survey = Survey::new(Topic::Endpoints, "dependency-style", "parameters of endpoints").enforced();
    for one in &lens.endpoints {
        for parameter in &one.function.parameters {
            let Some(way) = dependency_style(one, parameter) else { continue };
            let subject = Subject { location: parameter.location.clone(), ..one.subject.clone() };
            let (says, does) = match way {
                Style::Alias => {
                    ("Dependencies are shared aliases of `Annotated[…, Depends(…)]`", "names a shared alias")
                }
                Style::Annotated => (
                    "Dependencies are written into the signature: `Annotated[…, Depends(…)]`",
                    "writes `Annotated[…, Depends(…)]` into the signature",
                ),
                Style::Default => ("Dependencies are defaults: `= Depends(…)`", "declares a dependency as a default"),
            };
            survey.see(says, does, &subject);
        }
    }
    survey
}

enum Style {
    Alias,
    Annotated,
    Default,
}

fn dependency_style(endpoint: &Endpoint<'_>, parameter: &Parameter) -> Option<Style> {
    let default = parameter
        .default
        .as_ref()
        .is_some_and(|default| default.form == Form::Call && default.name.as_deref().is_some_and(is_depends));
    if default {
        return Some(Style::Default);
    }
    let annotation = parameter.annotation.as_deref()?;
    if annotation.contains("Depends(") || annotation.contains("Security(") {
        // `Annotated[Page, Depends()]` names its class; there is nothing to share.
        return (!annotation.contains("Depends()")).then_some(Style::Annotated);
    }
    declared_in(&endpoint.route.route.dependencies, parameter)?;
    Some(Style::Alias)
}

fn is_depends(name: &str) -> bool {
    name.starts_with("fastapi.") && (name.ends_with(".Depends") || name.ends_with(".Security"))
}

fn response(lens: &Lens<'_>) -> Survey {
    let mut survey = Survey::new(Topic::Endpoints, "response-declaration", "endpoints that answer JSON");
    for one in &lens.endpoints {
        let Some(decorator) = one.decorator else { continue };
        let argument = |name: &str| decorator.items.iter().any(|item| item.keyword.as_deref() == Some(name));
        if argument("response_class") || one.route.route.status_code == Some(204) || argument("**") {
            continue;
        }
        let returns = one.function.returns_type.as_deref();
        if returns.is_some_and(|one| one.ends_with("Response")) {
            continue;
        }
        if argument("response_model") {
            let say = "The response model is named by the decorator: `response_model=`";
            survey.see(say, "declares it with `response_model=`", &one.subject);
        } else if returns.is_some_and(|returns| !matches!(returns, "Any" | "None" | "dict" | "typing.Any"))
            && one.route.route.response_model.is_some()
        {
            let say = "The response model is the annotation of what the endpoint returns";
            survey.see(say, "declares it by its return annotation", &one.subject);
        } else {
            survey.lack("Endpoints declare no response model", "declares no response model", &one.subject);
        }
    }
    survey
}

/// The status of what creates.
fn status(lens: &Lens<'_>) -> Survey {
    let mut survey = Survey::new(Topic::Endpoints, "create-status", "endpoints that create").enforced();
    for one in lens.endpoints.iter().filter(|one| one.role == Role::Create) {
        let status = one.route.route.status_code.unwrap_or(200);
        survey.see(format!("What creates answers {status}"), format!("answers {status}"), &one.subject);
    }
    survey
}

/// `status.HTTP_404_NOT_FOUND` or `404`.
fn spelled_status(lens: &Lens<'_>) -> Survey {
    let mut survey = Survey::new(Topic::Endpoints, "status-spelling", "status codes");
    let mut see = |text: &str, subject: &Subject| {
        if text.contains("HTTP_") {
            survey.see("Status codes are names: `status.HTTP_…`", "writes a status by name", subject);
        } else if text.contains("HTTPStatus") {
            survey.see("Status codes are names: `HTTPStatus.…`", "writes a status by name", subject);
        } else if text.bytes().all(|byte| byte.is_ascii_digit()) {
            survey.see("Status codes are numbers", "writes a status as a number", subject);
        }
    };
    for one in &lens.endpoints {
        let given = one.decorator.into_iter().flat_map(|decorator| &decorator.items);
        for item in given.filter(|item| item.keyword.as_deref() == Some("status_code")) {
            see(&item.text, &one.subject);
        }
    }
    for function in &lens.functions {
        for raised in function.raises.iter().filter(|raised| raised.name == "HTTPException") {
            let status = raised.arguments.iter().find(|one| one.keyword.as_deref() == Some("status_code"));
            let status = status.or_else(|| raised.arguments.iter().find(|one| one.keyword.is_none()));
            if let Some(status) = status {
                let subject = Subject { location: raised.location.clone(), ..lens.subject(function, "") };
                see(&status.text, &subject);
            }
        }
    }
    survey
}

/// What the parameter of the body is called.
fn body(lens: &Lens<'_>) -> Survey {
    let mut survey = Survey::new(Topic::Endpoints, "body-name", "endpoints with a JSON body");
    for one in &lens.endpoints {
        let body: Vec<_> = one.route.route.parameters.body.iter().filter(|one| one.media == Some("body")).collect();
        let [only] = body.as_slice() else { continue };
        let name = &only.name;
        let says = match name.rsplit_once('_') {
            Some((
                _,
                end @ ("in" | "create" | "update" | "data" | "request" | "payload" | "body" | "input" | "schema"),
            )) => {
                format!("The body is called after its resource, with `_{end}`")
            }
            _ if ["data", "payload", "body", "request", "values", "obj_in", "params", "input", "item"]
                .contains(&name.as_str()) =>
            {
                format!("The body is called `{name}`")
            }
            _ => "The body is called after its resource".to_owned(),
        };
        survey.see(says, format!("calls its body `{name}`"), &one.subject);
    }
    survey
}

/// Where the title of an operation comes from.
fn summary(lens: &Lens<'_>) -> Survey {
    let mut survey = Survey::new(Topic::Endpoints, "endpoint-description", "endpoints");
    for one in &lens.endpoints {
        let given: Vec<&str> = one
            .decorator
            .into_iter()
            .flat_map(|decorator| &decorator.items)
            .filter_map(|item| item.keyword.as_deref())
            .filter(|name| matches!(*name, "summary" | "description"))
            .collect();
        if one.function.docstring.is_some() {
            survey.see("A docstring says what an endpoint does", "has a docstring", &one.subject);
        } else if given.is_empty() {
            survey.lack("Endpoints are not described", "has no description", &one.subject);
        } else {
            let say = format!("The decorator says what an endpoint does: {}", quoted(&given));
            survey.see(say, "is described by its decorator", &one.subject);
        }
    }
    survey
}
