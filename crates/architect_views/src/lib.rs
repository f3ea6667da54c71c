//! Views of a service: pure functions from the model to text.
//!
//! Invariant: no view touches a syntax tree, and views and rules never see each other.

pub mod map;
pub mod openapi;
