//! What runs at start and at the end.

use crate::Rule;

mod engine_per_request;
mod startup_handler_ignored;

/// The rules of this group.
pub(super) static RULES: &[&Rule] = &[&engine_per_request::RULE, &startup_handler_ignored::RULE];
