//! Which requests reach which endpoint.

use crate::Rule;

mod duplicate_operation_id;
mod duplicate_route;
mod route_never_served;
mod route_shadowed;

/// The rules of this group.
pub(super) static RULES: &[&Rule] =
    &[&duplicate_operation_id::RULE, &duplicate_route::RULE, &route_never_served::RULE, &route_shadowed::RULE];
