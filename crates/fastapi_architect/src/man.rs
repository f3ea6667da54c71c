//! `man`: manual pages.

use crate::args::{Global, Man};
use crate::suggest::closest;
use crate::{Outcome, context, reference};

/// Prints the page of the program, or of one of its commands.
///
/// # Errors
/// When there is no such command.
pub fn run(options: &Man, global: &Global) -> Result<Outcome, String> {
    let pages = reference::shell::manual();
    let wanted = options.command.as_deref();
    let page = pages.iter().find(|page| page.command.as_deref() == wanted).ok_or_else(|| {
        let name = wanted.unwrap_or_default();
        let near = closest(name, pages.iter().filter_map(|page| page.command.as_deref()));
        let hint = near.map_or_else(|| "see --help".to_owned(), |near| format!("did you mean {near}?"));
        format!("no command {name:?}; {hint}")
    })?;
    context::print(&page.text, global)?;
    Ok(Outcome::Clean)
}
