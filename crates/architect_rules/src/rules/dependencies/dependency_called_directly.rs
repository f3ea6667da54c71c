//! Endpoints and dependencies called as plain functions.

use std::collections::BTreeMap;

use architect_model::Service;
use architect_model::service::DirectCall;
use architect_source::{Confidence, Finding, Severity};

use crate::text::{identifiers, names, short};
use crate::{Rule, step};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "dependency-called-directly",
    group: "dependencies",
    docs: include_str!("dependency_called_directly.md"),
    severity: Severity::Error,
    since: "0.1.0",
    check,
};

fn check(service: &Service) -> Vec<Finding> {
    let mut calls: BTreeMap<(&str, &str), Vec<&DirectCall>> = BTreeMap::new();
    for call in service.direct_calls.iter().filter(|call| !call.in_tests && !call.missing.is_empty()) {
        calls.entry((&call.caller, &call.callee)).or_default().push(call);
    }
    calls.retain(|(caller, callee), _| !is_filled_by(service, caller, callee));
    calls.into_values().filter_map(|calls| finding(&calls)).collect()
}

/// Whether a caller has a parameter that FastAPI fills by what it calls: `db = db or get_db()` never calls.
fn is_filled_by(service: &Service, caller: &str, callee: &str) -> bool {
    let callee = short(callee);
    let names = |text: &str| identifiers(text).any(|one| one == callee);
    service.code.function(caller).is_some_and(|function| {
        let class = function.class.as_deref().and_then(|class| service.code.class(class));
        let fields = class.into_iter().flat_map(|class| &class.fields).filter_map(|field| field.value.as_ref());
        let is_field = fields.into_iter().any(|value| value.text.contains("Depends(") && names(&value.text));
        is_field
            || function.parameters.iter().any(|one| {
                let default = one.default.as_ref().map(|default| default.text.as_str());
                [default, one.annotation.as_deref()]
                    .into_iter()
                    .flatten()
                    .any(|text| text.contains("Depends(") && names(text))
            })
    })
}

fn finding(calls: &[&DirectCall]) -> Option<Finding> {
    let call = calls.first()?;
    let (caller, callee) = (short(&call.caller), short(&call.callee));
    // A parameter that starts with an underscore is there for what it does, and nobody looks at its value.
    let read = call.missing.iter().filter(|(name, _)| !name.starts_with('_'));
    let (_, marker) = read.clone().next()?;
    let missing: Vec<String> = read.map(|(name, _)| name.clone()).collect();
    let parameters = names(&missing, 4);
    let mut trace = vec![step(format!("`{callee}` declares {parameters} with markers"), &call.callee_location)];
    trace.extend(calls.iter().map(|call| step(format!("`{caller}` calls it without them"), &call.location)));
    Some(Finding {
        trace,
        why: "Only FastAPI resolves these markers. In a plain call the default is the marker object itself, which is \
              truthy and has none of the attributes of the value."
            .to_owned(),
        help: format!(
            "Pass {parameters} in the call, or move the shared work to a function without markers. With \
             `Annotated[…, {marker}(…)]` a forgotten argument is an error at once."
        ),
        ..RULE.finding(
            Confidence::High,
            format!("{} -> {}", call.caller, call.callee),
            &call.location,
            format!("`{caller}` calls `{callee}` without {parameters}, so `{}` is a `{marker}` object.", missing[0]),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::at;

    fn call(line: u32, in_tests: bool) -> DirectCall {
        DirectCall {
            callee: "app.db:get_user".to_owned(),
            callee_location: at("app/db.py", 2),
            caller: "app.main:job".to_owned(),
            missing: vec![("db".to_owned(), "Depends".to_owned())],
            location: at("app/main.py", line),
            in_tests,
        }
    }

    #[test]
    fn calls_of_one_caller_are_one_finding() {
        let service =
            Service { direct_calls: vec![call(4, false), call(9, false), call(5, true)], ..Service::default() };
        let found = check(&service);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].message, "`job` calls `get_user` without `db`, so `db` is a `Depends` object.");
        assert_eq!((found[0].location.line, found[0].trace.len()), (4, 3));
    }

    #[test]
    fn tests_may() {
        assert_eq!(check(&Service { direct_calls: vec![call(5, true)], ..Service::default() }), []);
    }
}
