//! The service as data, and the recognisers that build it from a program.
//!
//! Invariant: this is the only crate that knows a framework. What it hands out ([`Service`]) is plain immutable data
//! without a syntax tree; rules and views read it and nobody changes it.

pub mod service;

pub use service::Service;
