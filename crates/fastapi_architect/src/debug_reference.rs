//! `debug-reference`: everything in the repository that is written from definitions of the program, for `cargo xtask gen`.

use serde_json::{Map, Value};

use crate::args::Global;
use crate::{Outcome, context, reference};

/// Prints an object of texts by path from the root of the repository.
///
/// # Errors
/// When it cannot be written.
pub fn run(global: &Global) -> Result<Outcome, String> {
    let files: Map<String, Value> = reference::files().into_iter().map(|(path, text)| (path, text.into())).collect();
    context::print(&format!("{:#}\n", Value::Object(files)), global)?;
    Ok(Outcome::Clean)
}
