//! What runs beside other requests, on one event loop.

use crate::Rule;

mod blocking_call_in_async;
mod cached_coroutine;
mod cpu_bound_in_async;
mod missing_await;
mod sync_session_in_async;

/// The rules of this group.
pub(super) static RULES: &[&Rule] = &[
    &blocking_call_in_async::RULE,
    &sync_session_in_async::RULE,
    &cpu_bound_in_async::RULE,
    &missing_await::RULE,
    &cached_coroutine::RULE,
];
