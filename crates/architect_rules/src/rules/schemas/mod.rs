//! What comes in, and what becomes of it.

use crate::Rule;

mod default_evaluated_at_import;
mod mass_assignment;
mod naive_aware_datetime;
mod optional_without_default;
mod orm_validate_without_from_attributes;
mod patch_overwrites_unset;
mod pydantic_v1_leftover;
mod raw_dict_body;
mod schema_column_mismatch;
mod shared_mutable_column_default;
mod unconstrained_input;
mod validator_does_io;

/// The rules of this group.
pub(super) static RULES: &[&Rule] = &[
    &default_evaluated_at_import::RULE,
    &mass_assignment::RULE,
    &naive_aware_datetime::RULE,
    &optional_without_default::RULE,
    &orm_validate_without_from_attributes::RULE,
    &patch_overwrites_unset::RULE,
    &pydantic_v1_leftover::RULE,
    &raw_dict_body::RULE,
    &schema_column_mismatch::RULE,
    &shared_mutable_column_default::RULE,
    &unconstrained_input::RULE,
    &validator_does_io::RULE,
];
