//! A PATCH that writes the fields nobody sent.

use architect_model::Service;
use architect_model::code::{Call, Function};
use architect_model::schema::Type;
use architect_model::service::EffectiveRoute;
use architect_source::{Confidence, Finding, Severity};

use crate::calls::handed;
use crate::requests::Requests;
use crate::text::short;
use crate::{Rule, step};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "patch-overwrites-unset",
    group: "schemas",
    docs: include_str!("patch_overwrites_unset.md"),
    severity: Severity::Warning,
    since: "0.1.0",
    check,
};

fn check(service: &Service) -> Vec<Finding> {
    let requests = Requests::of(service);
    let mut findings = Vec::new();
    for (one, function) in requests.with_code(&service.code) {
        if one.route.methods != ["PATCH"] {
            continue;
        }
        for body in one.route.parameters.body.iter().filter(|body| body.media == Some("body")) {
            if !leaves_out(service, one, &body.name) {
                continue;
            }
            let Some((owner, call)) = dump(service, function, &body.name, 0) else { continue };
            if !writes(owner) {
                continue;
            }
            findings.push(Finding {
                trace: vec![
                    step(format!("`{}` changes a part", one.title()), &one.route.location),
                    step("every field is written, with its default where it was not sent", &call.location),
                ],
                why: "Fields that a caller leaves out have their defaults here, most often `None`, and overwrite what is stored."
                    .to_owned(),
                help: format!("Write `{}.model_dump(exclude_unset=True)`.", body.name),
                trade_off: "Callers that count on missing fields being cleared have to send `null`.".to_owned(),
                ..RULE.finding(
                    Confidence::High,
                    format!("{} {}", one.title(), body.name),
                    &call.location,
                    format!("`{}` overwrites fields that were not sent with their defaults.", one.title()),
                )
            });
        }
    }
    let mut seen = Vec::new();
    findings.retain(|one| {
        let new = !seen.contains(&one.location);
        seen.push(one.location.clone());
        new
    });
    findings
}

/// Whether the schema of the body has fields that need not be sent.
fn leaves_out(service: &Service, one: &EffectiveRoute<'_>, parameter: &str) -> bool {
    let Some(operation) = &one.route.operation else { return false };
    let Some(body) = operation.body.iter().find(|body| body.field.name == parameter) else { return false };
    let mut ty = &body.field.ty;
    while let Type::Annotated { inner, .. } = ty {
        ty = inner;
    }
    let Type::Reference(at) = ty else { return false };
    service.schemas.get(*at).is_some_and(|schema| schema.fields.iter().any(|field| !field.required))
}

/// The call that makes a dictionary of all fields of a parameter, here or in a function it is passed to.
fn dump<'s>(
    service: &'s Service,
    function: &'s Function,
    parameter: &str,
    depth: u32,
) -> Option<(&'s Function, &'s Call)> {
    if depth > 3 {
        return None;
    }
    let mut dumps = function
        .calls
        .iter()
        .filter(|call| {
            matches!(call.name.as_str(), "model_dump" | "dict") && call.receiver.as_deref() == Some(parameter)
        })
        .peekable();
    if let Some(first) = dumps.peek().copied() {
        let partial = ["exclude_unset", "include", "exclude", "exclude_none", "exclude_defaults", "**"];
        return dumps.all(|call| partial.iter().all(|name| call.keyword(name).is_none())).then_some((function, first));
    }
    function.calls.iter().find_map(|call| {
        let (callee, inner) = handed(&service.code, call, parameter)?;
        dump(service, callee, &inner.name, depth + 1)
    })
}

/// Whether the function that makes the dictionary writes what is in it.
fn writes(function: &Function) -> bool {
    let named = short(&function.name).to_lowercase();
    function.calls.iter().any(|call| {
        call.name == "setattr"
            || matches!(call.name.as_str(), "values" | "update" | "update_one")
                && call
                    .arguments
                    .iter()
                    .any(|one| one.through.iter().any(|name| name.ends_with("model_dump") || name.ends_with("dict")))
    }) && !named.contains("create")
}
