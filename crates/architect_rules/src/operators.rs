//! Endpoints for those who run a service.

use architect_model::service::{Dependency, EffectiveRoute};

use crate::requests::words;

/// Whether an endpoint asks for somebody who runs the service: by the names of what guards it.
pub(crate) fn is_for_operators(one: &EffectiveRoute<'_>) -> bool {
    one.route.auth.checks.iter().chain(&one.route.auth.by).any(|check| names_operator(&check.name))
        || one.route.dependencies.iter().flat_map(Dependency::tree).any(|inner| names_operator(&inner.call))
}

fn names_operator(name: &str) -> bool {
    let own = name.rsplit([':', '.']).next().unwrap_or(name);
    words(own).iter().any(|word| {
        matches!(
            word.as_str(),
            "admin" | "superuser" | "superadmin" | "sysadmin" | "administrator" | "staff" | "operator"
        )
    })
}
