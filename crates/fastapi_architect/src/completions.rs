//! `completions`: what a shell completes.

use crate::args::{Completions, Global};
use crate::{Outcome, context, reference};

/// Prints the script of a shell.
///
/// # Errors
/// When it cannot be written.
pub fn run(options: &Completions, global: &Global) -> Result<Outcome, String> {
    context::print(&reference::shell::completions(options.shell), global)?;
    Ok(Outcome::Clean)
}
