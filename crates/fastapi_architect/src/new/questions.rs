//! What `new` asks in a terminal. An empty answer is always one: no more resources, a number that is not known, yes.

use std::io::{self, BufRead as _, Write as _};

use architect_scaffold::{Context, Resource, check_design};
use architect_source::reason;

use crate::context;

/// Asks something that is answered by yes or no.
pub(super) fn agreed(question: &str) -> Result<bool, String> {
    loop {
        match line(&format!("{question} [Y/n]"))?.to_ascii_lowercase().as_str() {
            "" | "y" | "yes" => return Ok(true),
            "n" | "no" => return Ok(false),
            other => context::complain(&format!("{other:?} is neither yes nor no")),
        }
    }
}

/// Asks for the data model. One that will not do is asked for again.
pub(super) fn resources(accounts: bool) -> Result<Vec<Resource>, String> {
    let mut found: Vec<Resource> = Vec::new();
    loop {
        let answer = line("A resource, such as \"order total:decimal:gt=0 status:enum(new,paid)\" (empty: no more)")?;
        if answer.is_empty() {
            return Ok(found);
        }
        let tried = Resource::parse(&answer).and_then(|one| {
            let all: Vec<Resource> = found.iter().cloned().chain([one]).collect();
            check_design(&all, accounts).map(|()| all)
        });
        match tried {
            Ok(all) => found = all,
            Err(why) => context::complain(&why),
        }
    }
}

/// Asks for what is expected.
pub(super) fn context() -> Result<Context, String> {
    Ok(Context {
        users: number("How many users do you expect?")?,
        rps: number("How many requests per second at the busiest time?")?,
        data: number("How many gigabytes of data after a year?")?,
        team: number("How many people work on it?")?,
    })
}

fn number(question: &str) -> Result<Option<u64>, String> {
    loop {
        let answer = line(&format!("{question} (empty: not known)"))?;
        if answer.is_empty() {
            return Ok(None);
        }
        if let Ok(number) = answer.parse() {
            return Ok(Some(number));
        }
        context::complain(&format!("{answer:?} is not a whole number"));
    }
}

/// One line of an answer; the end of the input is an empty one.
fn line(question: &str) -> Result<String, String> {
    let mut answer = String::new();
    write!(io::stderr(), "{question} ")
        .and_then(|()| io::stdin().lock().read_line(&mut answer))
        .map_err(|error| format!("no answer could be read: {}: use --yes", reason(&error)))?;
    Ok(answer.trim().to_owned())
}
