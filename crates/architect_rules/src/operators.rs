//! Endpoints for those who run a service.

use architect_model::Service;
use architect_model::service::{Dependency, EffectiveRoute};

use crate::requests::words;

/// Whether an endpoint asks for somebody who runs the service: by the names of what guards it.
pub(crate) fn is_for_operators(one: &EffectiveRoute<'_>) -> bool {
    one.route.auth.checks.iter().chain(&one.route.auth.by).any(|check| names_operator(&check.name))
        || one.route.dependencies.iter().flat_map(Dependency::tree).any(|inner| names_operator(&inner.call))
}

/// Whether an endpoint declares a dependency under a name that says so: `Depends(current_superuser)`, which may be made by a
/// call and have no name of its own.
pub(crate) fn declares_operator(service: &Service, one: &EffectiveRoute<'_>) -> bool {
    let function = one.route.endpoint.as_ref().and_then(|endpoint| service.code.function(&endpoint.name));
    let mut parameters = function.into_iter().flat_map(|function| &function.parameters);
    parameters.any(|own| {
        let default = own.default.as_ref().map(|default| default.text.as_str());
        default.into_iter().chain(own.annotation.as_deref()).any(says_operator)
    })
}

fn names_operator(name: &str) -> bool {
    says_operator(name.rsplit([':', '.']).next().unwrap_or(name))
}

fn says_operator(text: &str) -> bool {
    words(text).iter().any(|word| {
        matches!(
            word.as_str(),
            "admin" | "superuser" | "superadmin" | "sysadmin" | "administrator" | "staff" | "operator"
        )
    })
}
