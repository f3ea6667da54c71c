//! The rules, one folder a group.

use crate::Rule;

mod dependencies;
mod endpoints;
mod lifecycle;
mod queries;
mod security;
mod syntax;

/// Every group in the order the documentation lists them.
pub(crate) static GROUPS: &[&[&Rule]] =
    &[endpoints::RULES, dependencies::RULES, security::RULES, queries::RULES, lifecycle::RULES, syntax::RULES];
