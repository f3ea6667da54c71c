//! Views of a service: pure functions from the model to text or to data.
//!
//! Invariant: no view touches a syntax tree, and views and rules never see each other.

pub mod advice;
pub mod conventions;
pub mod diff;
pub mod escape;
pub mod map;
pub mod openapi;
pub mod page;
