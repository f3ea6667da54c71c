//! What runs at start and at the end.

use crate::Rule;

mod base_http_middleware;
mod create_all_with_alembic;
mod debug_or_docs_exposed;
mod engine_per_request;
mod import_time_side_effect;
mod long_job_in_background_task;
mod middleware_order;
mod no_pre_ping;
mod pool_smaller_than_concurrency;
mod process_local_state;
mod scattered_env_access;
mod startup_handler_ignored;
mod undefined_setting;

/// The rules of this group.
pub(super) static RULES: &[&Rule] = &[
    &base_http_middleware::RULE,
    &create_all_with_alembic::RULE,
    &debug_or_docs_exposed::RULE,
    &engine_per_request::RULE,
    &import_time_side_effect::RULE,
    &long_job_in_background_task::RULE,
    &middleware_order::RULE,
    &no_pre_ping::RULE,
    &pool_smaller_than_concurrency::RULE,
    &process_local_state::RULE,
    &scattered_env_access::RULE,
    &startup_handler_ignored::RULE,
    &undefined_setting::RULE,
];
