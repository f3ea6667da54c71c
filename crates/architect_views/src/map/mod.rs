//! The service drawn for people: routes, dependencies, tables, one endpoint.

mod dependencies;
mod endpoint;
mod mermaid;
mod queries;
mod routes;
#[cfg(test)]
pub(crate) mod sample;
mod tables;
mod tree;

pub use crate::escape::printable;
pub use dependencies::dependencies_text;
pub use endpoint::{endpoint_text, find_endpoint};
pub use mermaid::{dependencies_mermaid, routes_mermaid};
pub use queries::queries_text;
pub use routes::{applications_text, routes_text};
pub use tables::{tables_mermaid, tables_text};

pub(crate) use tables::{referred, type_of};

use architect_model::service::Route;

/// What answers a route, in words, where it has no endpoint of its own.
pub(crate) fn answers(route: &Route) -> &str {
    match (&route.endpoint, &route.mounted) {
        (Some(endpoint), _) => &endpoint.name,
        (None, Some(mounted)) => mounted,
        (None, None) => "?",
    }
}

/// `GET,HEAD`, `WS` for websockets, `ANY` for a plain route without methods.
pub(crate) fn methods(route: &Route) -> String {
    if !route.methods.is_empty() {
        route.methods.join(",")
    } else if route.is_websocket() {
        "WS".to_owned()
    } else {
        "ANY".to_owned()
    }
}

/// `1 route`, `2 routes`.
fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}
