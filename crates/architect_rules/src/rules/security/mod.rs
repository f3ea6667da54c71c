//! Who may call what, and what leaks.

use crate::Rule;

mod auth_gap;
mod bcrypt_limits;
mod cors_wildcard_credentials;
mod hardcoded_secret;
mod identity_from_client;
mod jwt_unverified;
mod jwt_without_expiry;
mod login_without_rate_limit;
mod object_without_owner_check;
mod path_traversal;
mod refresh_without_rotation;
mod response_exposes_secret;
mod secret_in_log;
mod sql_interpolation;
mod ssrf;
mod timing_or_enumeration;
mod token_presence_only_auth;
mod token_type_confusion;
mod unbounded_upload;
mod weak_password_storage;

/// The rules of this group.
pub(super) static RULES: &[&Rule] = &[
    &auth_gap::RULE,
    &bcrypt_limits::RULE,
    &cors_wildcard_credentials::RULE,
    &hardcoded_secret::RULE,
    &identity_from_client::RULE,
    &jwt_unverified::RULE,
    &jwt_without_expiry::RULE,
    &login_without_rate_limit::RULE,
    &object_without_owner_check::RULE,
    &path_traversal::RULE,
    &refresh_without_rotation::RULE,
    &response_exposes_secret::RULE,
    &secret_in_log::RULE,
    &sql_interpolation::RULE,
    &ssrf::RULE,
    &timing_or_enumeration::RULE,
    &token_presence_only_auth::RULE,
    &token_type_confusion::RULE,
    &unbounded_upload::RULE,
    &weak_password_storage::RULE,
];
