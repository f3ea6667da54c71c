//! A response model that never sees what is answered.

use architect_model::Service;
use architect_model::code::{Constant, Form, Operand};
use architect_model::schema::Type;
use architect_model::service::EffectiveRoute;
use architect_source::{Confidence, Finding, Severity};

use crate::models::bare;
use crate::requests::Requests;
use crate::{Rule, step};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "response-model-bypassed",
    group: "endpoints",
    docs: include_str!("response_model_bypassed.md"),
    severity: Severity::Warning,
    since: "0.1.0",
    check,
};

/// Responses of the libraries that say nothing of their content; a project's own class is there for a reason.
const JSON: &[&str] = &["JSONResponse", "ORJSONResponse", "UJSONResponse"];

fn is_json_response(value: &Operand) -> bool {
    let name = value.name.as_deref().filter(|name| value.form == Form::Call && !name.contains(':'));
    name.is_some_and(|name| JSON.contains(&name.rsplit('.').next().unwrap_or(name)))
}

/// Whether a dictionary that stands there has the keys of the model.
fn is_of_the_form(service: &Service, one: &EffectiveRoute<'_>, content: &Operand) -> bool {
    let response = one.route.operation.as_ref().and_then(|operation| operation.response.as_ref());
    let Some(Type::Reference(at)) = response.filter(|_| content.form == Form::Dict).map(bare) else { return false };
    let Some(model) = service.schemas.get(*at) else { return false };
    let keys: Vec<&str> = content.items.iter().filter_map(|item| item.keyword.as_deref()).collect();
    keys.iter().all(|key| model.fields.iter().any(|field| field.alias == *key || field.name == *key))
        && model
            .fields
            .iter()
            .all(|field| !field.required || keys.iter().any(|key| field.alias == *key || field.name == *key))
}

fn check(service: &Service) -> Vec<Finding> {
    let requests = Requests::of(service);
    let mut findings: Vec<Finding> = Vec::new();
    for (one, function) in requests.with_code(&service.code) {
        let declared =
            function.decorators.iter().flat_map(|decorator| &decorator.items).find(|item| {
                item.keyword.as_deref() == Some("response_model") && item.constant != Some(Constant::None)
            });
        let Some(declared) = declared.filter(|_| !function.is_generator && !function.returns.is_empty()) else {
            continue;
        };
        if !function.returns.iter().all(|returned| is_json_response(&returned.value)) {
            continue;
        }
        // What a variable holds may well be of the model; what stands there is of no model.
        let written = |content: &Operand| {
            matches!(content.form, Form::Dict | Form::Sequence) && !is_of_the_form(service, one, content)
        };
        let sure = function.returns.iter().any(|returned| returned.value.argument("content", 0).is_some_and(written));
        let Some(first) = function.returns.first() else { continue };
        if findings.iter().any(|known| known.location == first.value.location) {
            continue;
        }
        findings.push(Finding {
            trace: vec![
                step("a response model is declared", &declared.location),
                step("FastAPI sends a response as it is", &first.value.location),
            ],
            why: "Nothing is validated or left out: the document promises a form that nothing ensures.".to_owned(),
            help: "Return the object itself; set the status with `status_code=` or the `Response` parameter. Or declare the form \
                   under `responses=`, where it promises less."
                .to_owned(),
            trade_off: "Validation costs time on large answers.".to_owned(),
            ..RULE.finding(
                if sure { Confidence::High } else { Confidence::Low },
                one.title(),
                &first.value.location,
                format!("The response model of `{}` is bypassed: every answer is a response of its own.", one.title()),
            )
        });
    }
    findings
}
