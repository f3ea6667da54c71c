//! CORS inside a middleware that answers by itself.

use architect_model::Service;
use architect_model::code::{Form, Function};
use architect_source::{Confidence, Finding, Severity};

use crate::text::{names, short};
use crate::{Rule, step};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "middleware-order",
    group: "lifecycle",
    docs: include_str!("middleware_order.md"),
    severity: Severity::Warning,
    since: "0.1.0",
    check,
};

fn check(service: &Service) -> Vec<Finding> {
    let mut findings = Vec::new();
    for application in &service.applications {
        let Some(at) = application.middleware.iter().position(|one| one.name.ends_with(":CORSMiddleware")) else {
            continue;
        };
        let outer: Vec<_> = application.middleware[..at]
            .iter()
            .filter(|outer| application.always_has(outer))
            .filter_map(|outer| {
                let function = service.code.function(&outer.name).or_else(|| {
                    service.code.class(&outer.name).and_then(|class| service.code.method(&class.name, "dispatch"))
                })?;
                Some((outer, function, answers(function)?))
            })
            .collect();
        if outer.is_empty() {
            continue;
        }
        let cors = application.middleware[at].location.clone().unwrap_or_else(|| application.location.clone());
        let mut trace = vec![step("CORS is added here", &cors)];
        for (named, function, answer) in &outer {
            let place = named.location.as_ref().unwrap_or(&function.location);
            trace.push(step(format!("`{}` is added later and stands outside", short(&function.name)), place));
            trace.push(step("and answers by itself", answer));
        }
        let outside: Vec<String> = outer.iter().map(|(named, ..)| short(&named.name).to_owned()).collect();
        findings.push(Finding {
            trace,
            why: "Answers that are made outside `CORSMiddleware` have no CORS headers: browsers hide the error and its body \
                  from the page."
                .to_owned(),
            help: "Add `CORSMiddleware` last: what is added last stands outermost.".to_owned(),
            ..RULE.finding(
                Confidence::High,
                application.name.clone(),
                &cors,
                format!("Answers of middleware {} have no CORS headers: it stands outside CORS.", names(&outside, 4)),
            )
        });
    }
    findings
}

/// Where a middleware answers without asking what is inside it.
fn answers(function: &Function) -> Option<architect_source::Location> {
    function
        .returns
        .iter()
        .find(|returned| {
            returned.value.form == Form::Call
                && returned.value.name.as_deref().is_some_and(|name| name.ends_with("Response"))
        })
        .map(|returned| returned.value.location.clone())
}
