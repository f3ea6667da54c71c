//! Who may call what.

use crate::Rule;

mod auth_gap;

/// The rules of this group.
pub(super) static RULES: &[&Rule] = &[&auth_gap::RULE];
