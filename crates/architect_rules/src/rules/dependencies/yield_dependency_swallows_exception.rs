//! `except` around the `yield` of a dependency that does not raise again.

use architect_model::Service;
use architect_source::{Applicability, Confidence, Finding, Fix, Severity};

use crate::text::{count, short};
use crate::{Rule, step};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "yield-dependency-swallows-exception",
    group: "dependencies",
    docs: include_str!("yield_dependency_swallows_exception.md"),
    severity: Severity::Error,
    since: "0.1.0",
    check,
};

fn check(service: &Service) -> Vec<Finding> {
    let mut findings = Vec::new();
    for function in service.dependency_functions.iter().filter(|function| function.used_by > 0) {
        for handler in &function.handlers_around_yield {
            if !handler.catches_http_exceptions || handler.always_raises {
                continue;
            }
            let clause = match handler.catches.as_slice() {
                [] => "except".to_owned(),
                [one] => format!("except {one}"),
                several => format!("except ({})", several.join(", ")),
            };
            let name = short(&function.name);
            findings.push(Finding {
                trace: vec![
                    step("Exceptions of the endpoint arrive at this `yield`", &handler.yield_location),
                    step(format!("`{clause}` catches them and may end without raising"), &handler.location),
                ],
                why: "An `HTTPException` of the endpoint passes through here before FastAPI makes a response of it. \
                      Swallowed, there is no response, and the client gets 500 instead of the 404 or 403."
                    .to_owned(),
                help: "End every path of the handler with `raise`, or catch only what the dependency itself can fail \
                       with."
                    .to_owned(),
                fix: handler.raise.clone().map(|edit| Fix {
                    applicability: Applicability::Safe,
                    title: "end the handler with `raise`".to_owned(),
                    edits: vec![edit],
                }),
                ..RULE.finding(
                    Confidence::High,
                    format!("{} {clause}", function.name),
                    &handler.location,
                    format!(
                        "`{clause}` around the `yield` of `{name}` swallows exceptions of the {} that use it.",
                        count(function.used_by, "endpoint")
                    ),
                )
            });
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use architect_model::service::{DependencyFunction, YieldHandler};

    use super::*;
    use crate::support::at;

    fn service(used_by: usize, catches_http_exceptions: bool, always_raises: bool) -> Service {
        let handler = YieldHandler {
            catches: vec!["Exception".to_owned()],
            catches_http_exceptions,
            always_raises,
            raise: None,
            location: at("app/db.py", 8),
            yield_location: at("app/db.py", 7),
        };
        let function = DependencyFunction {
            name: "app.db:get_db".to_owned(),
            location: at("app/db.py", 4),
            used_by,
            handlers_around_yield: vec![handler],
        };
        Service { dependency_functions: vec![function], ..Service::default() }
    }

    #[test]
    fn a_handler_that_swallows() {
        let found = check(&service(3, true, false));
        assert_eq!(
            found[0].message,
            "`except Exception` around the `yield` of `get_db` swallows exceptions of the 3 endpoints that use it."
        );
        assert_eq!((found[0].location.line, found[0].subject.as_str()), (8, "app.db:get_db except Exception"));
    }

    #[test]
    fn raising_narrow_and_unused_handlers_are_fine() {
        for service in [service(3, true, true), service(3, false, false), service(0, true, false)] {
            assert_eq!(check(&service), []);
        }
    }
}
