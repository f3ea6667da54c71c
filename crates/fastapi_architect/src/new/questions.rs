//! What `new` asks in a terminal. An empty answer is always one: no more resources, a number that is not known, yes.

use architect_scaffold::{Context, Resource, check_design};

use crate::ask::line;
use crate::context;

/// Asks something that is answered by yes or no.
pub(super) fn agreed(question: &str) -> Result<bool, String> {
    loop {
        match ask(&format!("{question} [Y/n]"))?.to_ascii_lowercase().as_str() {
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
        let answer = ask("A resource, such as \"order total:decimal:gt=0 status:enum(new,paid)\" (empty: no more)")?;
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
        let answer = ask(&format!("{question} (empty: not known)"))?;
        if answer.is_empty() {
            return Ok(None);
        }
        if let Ok(number) = answer.parse() {
            return Ok(Some(number));
        }
        context::complain(&format!("{answer:?} is not a whole number"));
    }
}

fn ask(question: &str) -> Result<String, String> {
    line(question, "use --yes")
}
