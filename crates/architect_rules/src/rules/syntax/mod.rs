//! What cannot be read at all.

use crate::Rule;

mod syntax_error;

/// The rules of this group.
pub(super) static RULES: &[&Rule] = &[&syntax_error::RULE];
