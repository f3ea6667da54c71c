//! What tests reach.

use crate::Rule;

mod override_target_mismatch;

/// The rules of this group.
pub(super) static RULES: &[&Rule] = &[&override_target_mismatch::RULE];
