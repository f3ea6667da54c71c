//! How the code of the service is laid out.

use crate::Rule;

mod duplicate_helper;

/// The rules of this group.
pub(super) static RULES: &[&Rule] = &[&duplicate_helper::RULE];
