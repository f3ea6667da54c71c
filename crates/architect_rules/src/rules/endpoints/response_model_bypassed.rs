//! A response model that never sees what is answered.

use architect_model::Service;
use architect_model::code::{Constant, Form};
use architect_source::{Confidence, Finding, Severity};

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

const JSON: &[&str] = &["JSONResponse", "ORJSONResponse", "UJSONResponse"];

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
        let bypasses = |form: Form, name: Option<&str>| {
            form == Form::Call && name.is_some_and(|name| JSON.iter().any(|response| name.ends_with(response)))
        };
        if !function.returns.iter().all(|returned| bypasses(returned.value.form, returned.value.name.as_deref())) {
            continue;
        }
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
                Confidence::High,
                one.title(),
                &first.value.location,
                format!("The response model of `{}` is bypassed: every answer is a response of its own.", one.title()),
            )
        });
    }
    findings
}
