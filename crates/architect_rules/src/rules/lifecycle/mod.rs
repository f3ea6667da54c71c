//! What runs at start and at the end.

use crate::Rule;

mod startup_handler_ignored;

/// The rules of this group.
pub(super) static RULES: &[&Rule] = &[&startup_handler_ignored::RULE];
