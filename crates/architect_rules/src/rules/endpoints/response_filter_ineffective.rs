//! `response_model_exclude={"field"}` on a list.

use architect_model::Service;
use architect_model::code::Form;
use architect_model::schema::Type;
use architect_source::{Confidence, Finding, Severity};

use crate::requests::Requests;
use crate::{Rule, step};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "response-filter-ineffective",
    group: "endpoints",
    docs: include_str!("response_filter_ineffective.md"),
    severity: Severity::Error,
    since: "0.1.0",
    check,
};

fn check(service: &Service) -> Vec<Finding> {
    let requests = Requests::of(service);
    let mut findings = Vec::new();
    // Pydantic 1 hands the names down to the elements of a list.
    if service.libraries.get("pydantic").is_some_and(|version| version.starts_with("1.")) {
        return findings;
    }
    for (one, function) in requests.with_code(&service.code) {
        let response = one.route.operation.as_ref().and_then(|operation| operation.response.as_ref());
        if !response.is_some_and(is_list) {
            continue;
        }
        for decorator in &function.decorators {
            for filter in &decorator.items {
                let (Some(which @ ("response_model_exclude" | "response_model_include")), true) =
                    (filter.keyword.as_deref(), filter.form == Form::Sequence && !filter.items.is_empty())
                else {
                    continue;
                };
                let effect = if which.ends_with("exclude") { "removes nothing" } else { "empties the list" };
                findings.push(Finding {
                    trace: vec![
                        step(format!("`{}` answers a list", one.title()), &one.route.location),
                        step(format!("here the filter {effect}"), &filter.location),
                    ],
                    why: "On a list the names are taken for positions: fields that were to be hidden are sent.".to_owned(),
                    help: format!("Give the endpoint a response model without these fields, or write `{which}={{\"__all__\": {}}}`.", filter.text),
                    ..RULE.finding(
                        Confidence::High,
                        format!("{} {which}", one.title()),
                        &filter.location,
                        format!("`{which}` of `{}` {effect}: the response is a list.", one.title()),
                    )
                });
            }
        }
    }
    findings
}

fn is_list(ty: &Type) -> bool {
    match ty {
        Type::Array { .. } => true,
        Type::Annotated { inner, .. } => is_list(inner),
        _ => false,
    }
}
