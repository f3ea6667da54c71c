//! A list that is meant for the query string and read from the body.

use architect_model::Service;
use architect_source::{Confidence, Finding, Severity};

use crate::{Rule, step};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "collection-param-becomes-body",
    group: "endpoints",
    docs: include_str!("collection_param_becomes_body.md"),
    severity: Severity::Error,
    since: "0.1.0",
    check,
};

fn check(service: &Service) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    for one in service.endpoints().into_iter().filter(|one| one.route.is_api) {
        if one.route.methods.is_empty()
            || !one.route.methods.iter().all(|method| matches!(method.as_str(), "GET" | "HEAD"))
        {
            continue;
        }
        let function = one.route.endpoint.as_ref().and_then(|endpoint| service.code.function(&endpoint.name));
        for body in one.route.parameters.body.iter().filter(|body| body.media == Some("body")) {
            // `Body()` says that it is meant.
            let declared = function.and_then(|function| function.parameters.iter().find(|own| own.name == body.name));
            let meant = declared.is_none_or(|own| {
                own.annotation.as_deref().is_some_and(|text| text.contains("Body"))
                    || own.default.as_ref().is_some_and(|default| default.text.contains("Body"))
            });
            let Some(place) = body.location.as_ref().filter(|_| !meant) else { continue };
            if findings.iter().any(|known| known.location == *place) {
                continue;
            }
            findings.push(Finding {
                trace: vec![
                    step(format!("`{}` has no body", one.title()), &one.route.location),
                    step("this type is read from the body", place),
                ],
                why: "FastAPI reads lists, dictionaries and models from the body unless told otherwise; browsers, proxies and \
                      caches drop the body of a GET."
                    .to_owned(),
                help: format!("Write `{}: Annotated[…, Query()]`, or use POST.", body.name),
                ..RULE.finding(
                    Confidence::High,
                    format!("{} {}", one.title(), body.name),
                    place,
                    format!("`{}` of `{}` is read from the body.", body.name, one.title()),
                )
            });
        }
    }
    findings
}
