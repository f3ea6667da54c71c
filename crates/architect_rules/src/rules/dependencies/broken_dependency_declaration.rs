//! Dependencies that are declared in a way that does something else.

use architect_model::Service;
use architect_model::service::{Suspicion, SuspiciousParameter};
use architect_source::{Confidence, Finding, Severity};

use crate::text::short;
use crate::{Rule, step};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "broken-dependency-declaration",
    group: "dependencies",
    docs: include_str!("broken_dependency_declaration.md"),
    severity: Severity::Error,
    since: "0.1.0",
    check,
};

fn check(service: &Service) -> Vec<Finding> {
    service.suspicious_parameters.iter().map(finding).collect()
}

fn finding(parameter: &SuspiciousParameter) -> Finding {
    let owner = short(&parameter.function);
    let name = &parameter.parameter;
    let (sure, message, why, help) = match &parameter.suspicion {
        Suspicion::DependsOnResult { what, function } => {
            let function = short(function);
            (
                true,
                format!(
                    "`Depends({function}())` in `{owner}` calls `{function}` at import and passes on {what}, which is not callable."
                ),
                "FastAPI raises a TypeError when the route is registered, so the service does not start.",
                format!("Pass the function itself: `Depends({function})`."),
            )
        }
        Suspicion::CallableDefault { function, becomes, is_dependency } => {
            let function = short(function);
            (
                *is_dependency,
                format!(
                    "`{name}={function}` in `{owner}` has no `Depends`, so `{name}` is a {becomes} parameter and `{function}` is never called."
                ),
                "Without `Depends` a default is only a default: callers can send a value of their own, and the endpoint receives the function object.",
                format!("Write `{name}: Annotated[…, Depends({function})]`."),
            )
        }
        Suspicion::CallableInAnnotated { function, is_dependency } => {
            let function = short(function);
            (
                *is_dependency,
                format!(
                    "`{function}` inside `Annotated` of `{name}` in `{owner}` has no `Depends`, so it has no effect."
                ),
                "FastAPI ignores what it does not know inside `Annotated`; a guard that stands there never runs.",
                format!("Wrap it: `Annotated[…, Depends({function})]`."),
            )
        }
        Suspicion::NotADependency { what } => (
            true,
            format!("`dependencies=[…]` of `{owner}` holds {what}, which is not `Depends(…)`."),
            "FastAPI fails when the route is registered, so the service does not start.",
            "Wrap the function: `dependencies=[Depends(…)]`.".to_owned(),
        ),
    };
    let mut trace = vec![step("It is declared here", &parameter.location)];
    if let Some(endpoint) = &parameter.endpoint {
        trace.push(step(format!("`{endpoint}` is affected"), &parameter.location));
    }
    let subject = if name.is_empty() { parameter.function.clone() } else { format!("{}({name})", parameter.function) };
    Finding {
        severity: if sure { RULE.severity } else { Severity::Warning },
        trace,
        why: why.to_owned(),
        help,
        ..RULE.finding(if sure { Confidence::High } else { Confidence::Low }, subject, &parameter.location, message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::at;

    fn one(suspicion: Suspicion) -> Finding {
        let parameter = SuspiciousParameter {
            function: "app.main:read".to_owned(),
            parameter: "db".to_owned(),
            suspicion,
            location: at("app/main.py", 4),
            endpoint: Some("GET /items".to_owned()),
        };
        let service = Service { suspicious_parameters: vec![parameter], ..Service::default() };
        check(&service).remove(0)
    }

    #[test]
    fn each_kind_has_its_sentence() {
        let function = "app.db:get_db".to_owned();
        let depends = one(Suspicion::DependsOnResult { what: "a generator".to_owned(), function: function.clone() });
        assert!(depends.message.starts_with("`Depends(get_db())` in `read`"), "{}", depends.message);
        assert_eq!(depends.subject, "app.main:read(db)");
        let default = one(Suspicion::CallableDefault { function, becomes: "query", is_dependency: true });
        assert!(default.message.contains("`db` is a query parameter"), "{}", default.message);
        assert_eq!((default.severity, default.confidence), (Severity::Error, Confidence::High));
        let list = one(Suspicion::NotADependency { what: "a function".to_owned() });
        assert!(list.message.contains("holds a function"), "{}", list.message);
    }

    #[test]
    fn without_a_clear_intent_it_is_a_guess() {
        let function = "app.main:key".to_owned();
        let found = one(Suspicion::CallableInAnnotated { function: function.clone(), is_dependency: false });
        assert_eq!((found.severity, found.confidence), (Severity::Warning, Confidence::Low));
        let found = one(Suspicion::CallableDefault { function, becomes: "query", is_dependency: false });
        assert_eq!(found.confidence, Confidence::Low);
    }
}
