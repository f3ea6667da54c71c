//! The rules, one folder a group.

use crate::Rule;

mod architecture;
mod concurrency;
mod dependencies;
mod endpoints;
mod errors;
mod lifecycle;
mod queries;
mod schemas;
mod security;
mod sessions;
mod syntax;
mod testing;

/// Every group in the order the documentation lists them.
pub(crate) static GROUPS: &[&[&Rule]] = &[
    endpoints::RULES,
    concurrency::RULES,
    dependencies::RULES,
    errors::RULES,
    schemas::RULES,
    queries::RULES,
    sessions::RULES,
    security::RULES,
    lifecycle::RULES,
    testing::RULES,
    architecture::RULES,
    syntax::RULES,
];
