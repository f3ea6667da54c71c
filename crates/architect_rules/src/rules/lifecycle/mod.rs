//! What runs at start and at the end.

use crate::Rule;

mod create_all_with_alembic;
mod engine_per_request;
mod middleware_order;
mod startup_handler_ignored;

/// The rules of this group.
pub(super) static RULES: &[&Rule] = &[
    &create_all_with_alembic::RULE,
    &engine_per_request::RULE,
    &middleware_order::RULE,
    &startup_handler_ignored::RULE,
];
