//! Questions in a terminal.

use std::io::{self, BufRead as _, Write as _};

use architect_source::reason;

/// One line of an answer; the end of the input is an empty one. `instead` says how to do without questions.
///
/// # Errors
/// When the terminal is gone.
pub fn line(question: &str, instead: &str) -> Result<String, String> {
    let mut answer = String::new();
    write!(io::stderr(), "{question} ")
        .and_then(|()| io::stdin().lock().read_line(&mut answer))
        .map_err(|error| format!("no answer could be read: {}: {instead}", reason(&error)))?;
    Ok(answer.trim().to_owned())
}
