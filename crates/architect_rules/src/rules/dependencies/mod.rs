//! How dependencies are declared, called and cleaned up.

use crate::Rule;

mod broken_dependency_declaration;
mod dependency_called_directly;
mod dependency_runs_twice;
mod unused_dependency;
mod yield_dependency_raises_late;
mod yield_dependency_swallows_exception;

/// The rules of this group.
pub(super) static RULES: &[&Rule] = &[
    &broken_dependency_declaration::RULE,
    &dependency_called_directly::RULE,
    &dependency_runs_twice::RULE,
    &unused_dependency::RULE,
    &yield_dependency_raises_late::RULE,
    &yield_dependency_swallows_exception::RULE,
];
