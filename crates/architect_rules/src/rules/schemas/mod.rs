//! What comes in, and what becomes of it.

use crate::Rule;

mod default_evaluated_at_import;
mod mass_assignment;
mod patch_overwrites_unset;
mod pydantic_v1_leftover;
mod raw_dict_body;
mod shared_mutable_column_default;
mod unconstrained_input;

/// The rules of this group.
pub(super) static RULES: &[&Rule] = &[
    &default_evaluated_at_import::RULE,
    &mass_assignment::RULE,
    &patch_overwrites_unset::RULE,
    &pydantic_v1_leftover::RULE,
    &raw_dict_body::RULE,
    &shared_mutable_column_default::RULE,
    &unconstrained_input::RULE,
];
