//! How the code of the service is laid out.

use crate::Rule;

mod duplicate_helper;
mod repeated_domain_constant;
mod untyped_boundary;

/// The rules of this group.
pub(super) static RULES: &[&Rule] =
    &[&duplicate_helper::RULE, &repeated_domain_constant::RULE, &untyped_boundary::RULE];
