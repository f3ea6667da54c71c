//! What goes wrong, and what callers learn of it.

use crate::Rule;

mod error_returned_not_raised;
mod exception_text_to_client;
mod http_exception_in_middleware;
mod http_exception_in_service;
mod http_exception_swallowed;
mod inconsistent_error_body;

/// The rules of this group.
pub(super) static RULES: &[&Rule] = &[
    &error_returned_not_raised::RULE,
    &exception_text_to_client::RULE,
    &http_exception_in_middleware::RULE,
    &http_exception_in_service::RULE,
    &http_exception_swallowed::RULE,
    &inconsistent_error_body::RULE,
];
