//! Which requests reach which endpoint, and what they answer.

use crate::Rule;

mod collection_param_becomes_body;
mod create_returns_200;
mod duplicate_operation_id;
mod duplicate_route;
mod get_with_side_effects;
mod missing_response_model;
mod non_idempotent_payment_post;
mod path_style_inconsistent;
mod response_filter_ineffective;
mod response_model_bypassed;
mod response_shape_mismatch;
mod route_never_served;
mod route_shadowed;
mod trailing_slash_mismatch;
mod undocumented_error_response;

/// The rules of this group.
pub(super) static RULES: &[&Rule] = &[
    &collection_param_becomes_body::RULE,
    &create_returns_200::RULE,
    &duplicate_operation_id::RULE,
    &duplicate_route::RULE,
    &get_with_side_effects::RULE,
    &missing_response_model::RULE,
    &non_idempotent_payment_post::RULE,
    &path_style_inconsistent::RULE,
    &response_filter_ineffective::RULE,
    &response_model_bypassed::RULE,
    &response_shape_mismatch::RULE,
    &route_never_served::RULE,
    &route_shadowed::RULE,
    &trailing_slash_mismatch::RULE,
    &undocumented_error_response::RULE,
];
