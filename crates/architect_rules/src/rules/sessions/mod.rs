//! Sessions: how long they live, who shares them, and when their transactions end.

use crate::Rule;

mod async_lazy_load;
mod check_then_insert_race;
mod commit_after_response;
mod concurrent_session_use;
mod continue_after_failed_flush;
mod expire_on_commit_async;
mod io_inside_transaction;
mod lost_update;
mod missing_commit;
mod relationship_nulls_fk;
mod session_captured_by_background_task;
mod session_held_during_stream;
mod session_leak;
mod shared_session;

/// The rules of this group.
pub(super) static RULES: &[&Rule] = &[
    &async_lazy_load::RULE,
    &expire_on_commit_async::RULE,
    &session_leak::RULE,
    &shared_session::RULE,
    &commit_after_response::RULE,
    &session_held_during_stream::RULE,
    &session_captured_by_background_task::RULE,
    &concurrent_session_use::RULE,
    &continue_after_failed_flush::RULE,
    &missing_commit::RULE,
    &relationship_nulls_fk::RULE,
    &check_then_insert_race::RULE,
    &lost_update::RULE,
    &io_inside_transaction::RULE,
];
