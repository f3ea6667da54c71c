//! For tests: programs taken apart by their structure and put together wrongly, the commands that have to bear it, and
//! the smallest program that they do not bear.
//!
//! Everything follows from a seed: the same seed makes the same projects from the same stock, on every machine.
//!
//! It knows where statements and expressions of a program stand, exchanges, nests, renames and splices them, and lists
//! the commands that have to bear the result. The tests of the binary run them on a few such projects, `cargo xtask
//! fuzz` on applications for as long as wanted, within limits of processor time and memory; what fails is kept with
//! its seed and the smallest project that still fails.

mod changes;
mod checks;
mod project;
mod random;
mod smallest;

pub use changes::changed;
pub use checks::{Answer, CHECKS, Check, Place, Prints};
pub use project::{Files, Stock, project};
pub use random::Random;
pub use smallest::smallest;
