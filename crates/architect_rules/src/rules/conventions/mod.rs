//! How the code base does things, and what does not follow.
//!
//! These rules need how the code is written ([`architect_model::Options::conventions`]); without it they say nothing.

use crate::Rule;

mod convention_deviation;
mod stale_document;

/// The rules of this group.
pub(super) static RULES: &[&Rule] = &[&convention_deviation::RULE, &stale_document::RULE];
