//! Sessions: how long they live, who shares them, and when their transactions end.

use crate::Rule;

mod async_lazy_load;
mod session_captured_by_background_task;

/// The rules of this group.
pub(super) static RULES: &[&Rule] = &[&async_lazy_load::RULE, &session_captured_by_background_task::RULE];
