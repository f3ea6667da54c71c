//! Conventions for people: on a terminal, as a document to commit, and what of such a document is still true.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use architect_conventions::{Conventions, Example, Helper, Practice, Repeat, Topic};
use architect_model::Service;
use architect_source::Location;

use crate::escape::{markdown as plain, markdown_code as code, markdown_link, say};

/// More of a kind than this is for programs.
const MOST_HELPERS: usize = 30;
const MOST_REPEATS: usize = 20;
const MOST_DEVIATIONS: usize = 5;
/// Helpers are shown with so many of their users.
const MOST_USERS: usize = 3;

/// What generated documents begin with, so that `--check` knows them.
const MARK: &str = "<!-- Written by `fastapi-architect conventions --format markdown`;";

/// For a terminal.
#[must_use]
pub fn text(found: &Conventions) -> String {
    let mut out = String::new();
    if is_empty(found) {
        return "No conventions: nothing is done often enough to speak of a way.\n".to_owned();
    }
    let mut topic = None;
    for practice in &found.practices {
        if topic != Some(practice.topic) {
            out.push_str(if topic.is_some() { "\n" } else { "" });
            say(&mut out, practice.topic.title());
            topic = Some(practice.topic);
        }
        if practice.settled {
            say(&mut out, &format!("  {} ({})", practice.majority, share(practice)));
            if let Some(reference) = &practice.reference {
                say(&mut out, &format!("      like {} at {}", short(&reference.name), place(&reference.location)));
            }
            for deviation in practice.deviations.iter().take(MOST_DEVIATIONS) {
                say(
                    &mut out,
                    &format!(
                        "      not {}: {} at {}",
                        short(&deviation.subject),
                        deviation.does,
                        place(&deviation.location)
                    ),
                );
            }
            if practice.deviations.len() > MOST_DEVIATIONS {
                say(&mut out, &format!("      and {} more that do not", practice.deviations.len() - MOST_DEVIATIONS));
            }
        } else {
            let ways: Vec<String> =
                practice.ways.iter().take(3).map(|way| format!("{} ({})", way.says, way.count)).collect();
            say(&mut out, &format!("  no one way: {}", ways.join("; ")));
        }
    }
    if !found.exemplars.is_empty() {
        out.push_str("\nLook at these first\n");
        for one in &found.exemplars {
            say(&mut out, &format!("  {}: {} at {}", one.kind, short(&one.example.name), place(&one.example.location)));
        }
    }
    if !found.helpers.is_empty() {
        out.push_str("\nHelpers to reuse\n");
        for helper in found.helpers.iter().take(MOST_HELPERS) {
            say(&mut out, &format!("  {} at {}", helper.signature, place(&helper.location)));
            say(&mut out, &format!("      {}; used {}", helper.does, times(helper.used_by.len())));
        }
        more(&mut out, found.helpers.len(), MOST_HELPERS);
    }
    if !found.repeats.is_empty() {
        out.push_str("\nDone again\n");
        for repeat in found.repeats.iter().take(MOST_REPEATS) {
            for (at, one) in repeat.places.iter().take(MOST_USERS).enumerate() {
                let instead = match &repeat.helper {
                    Some(helper) if at == 0 => {
                        format!("; there is {} at {}", short(&helper.name), place(&helper.location))
                    }
                    _ => String::new(),
                };
                say(&mut out, &format!("  {} {} at {}{instead}", short(&one.name), repeat.does, place(&one.location)));
            }
            if repeat.places.len() > MOST_USERS {
                say(&mut out, &format!("      and {} more", repeat.places.len() - MOST_USERS));
            }
        }
        more(&mut out, found.repeats.len(), MOST_REPEATS);
    }
    if !found.stale.is_empty() {
        out.push_str("\nDocuments that are no longer true\n");
        for stale in &found.stale {
            say(&mut out, &format!("  {}: {}", place(&stale.location), stale.message));
        }
    }
    out
}

fn more(out: &mut String, all: usize, most: usize) {
    if all > most {
        let _ = writeln!(out, "  and {} more: --format json has all", all - most);
    }
}

fn is_empty(found: &Conventions) -> bool {
    found.practices.is_empty() && found.helpers.is_empty() && found.repeats.is_empty() && found.stale.is_empty()
}

fn share(practice: &Practice) -> String {
    format!("{} of {} {}, {}", practice.count, practice.of, practice.noun, practice.strength.as_str())
}

fn times(count: usize) -> String {
    if count == 1 { "once".to_owned() } else { format!("{count} times") }
}

fn place(location: &Location) -> String {
    format!("{}:{}", location.path, location.line)
}

fn short(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}

/// A coding-standards document.
#[must_use]
pub fn markdown(found: &Conventions, project: &str) -> String {
    let mut out = format!(
        "# Coding standards of {}\n\n{MARK} check it with `fastapi-architect conventions --check FILE`. -->\n\n\
         This is how the code of this project is written today: what most of it does, counted, with an implementation to \
         look at for each. New code does the same. Where this document and a reviewer disagree, say so, change the code, \
         and write it anew.\n",
        plain(project)
    );
    if !found.exemplars.is_empty() {
        out.push_str("\n## Look at these first\n\nThe most typical of their kind; begin a new one like it.\n\n");
        out.push_str("| what | example | where |\n|---|---|---|\n");
        for one in &found.exemplars {
            let _ = writeln!(
                out,
                "| {} | {} | {} |",
                one.kind,
                cell(&code(short(&one.example.name))),
                link(&one.example.location)
            );
        }
    }
    let mut topic: Option<Topic> = None;
    for practice in found.practices.iter().filter(|one| one.settled) {
        if topic != Some(practice.topic) {
            let _ = write!(out, "\n## {}\n\n", practice.topic.title());
            topic = Some(practice.topic);
        }
        let _ = writeln!(out, "{}", statement(practice));
        let others: Vec<String> = practice
            .deviations
            .iter()
            .take(MOST_DEVIATIONS)
            .map(|one| format!("{} ({})", code(short(&one.subject)), link(&one.location)))
            .collect();
        // What only a few do otherwise is worth a look; what many do is another way.
        if practice.deviations.len() <= MOST_DEVIATIONS && !others.is_empty() {
            let _ = writeln!(out, "  Otherwise: {}.", others.join(", "));
        }
    }
    let open: Vec<&Practice> = found.practices.iter().filter(|one| !one.settled).collect();
    if !open.is_empty() {
        out.push_str("\n## Not settled\n\nThe code does these in several ways, none of which most of it takes.\n\n");
        for practice in open {
            let ways: Vec<String> =
                practice.ways.iter().take(3).map(|way| format!("{} ({})", plain(&way.says), way.count)).collect();
            let _ = writeln!(out, "- {}.", ways.join("; "));
        }
    }
    helpers(&mut out, &found.helpers);
    repeats(&mut out, &found.repeats);
    if !found.stale.is_empty() {
        out.push_str("\n## Documents that are no longer true\n\n");
        for stale in &found.stale {
            let _ = writeln!(out, "- {}: {}.", link(&stale.location), plain(&stale.message));
        }
    }
    out
}

fn statement(practice: &Practice) -> String {
    let like = practice.reference.as_ref().map_or_else(String::new, |reference: &Example| {
        format!(" See {}, {}.", code(short(&reference.name)), link(&reference.location))
    });
    format!("- {} ({} of {} {}).{like}", plain(&practice.majority), practice.count, practice.of, practice.noun)
}

fn helpers(out: &mut String, helpers: &[Helper]) {
    if helpers.is_empty() {
        return;
    }
    out.push_str("\n## Helpers to reuse\n\nCall these instead of writing them again; the most used first.\n\n");
    out.push_str("| call | what it does | used | where |\n|---|---|---|---|\n");
    for one in helpers.iter().take(MOST_HELPERS) {
        let (signature, does) = (cell(&code(&one.signature)), cell(&plain(&one.does)));
        let _ = writeln!(out, "| {signature} | {does} | {} | {} |", times(one.used_by.len()), link(&one.location));
    }
}

fn repeats(out: &mut String, repeats: &[Repeat]) {
    if repeats.is_empty() {
        return;
    }
    out.push_str("\n## Done again\n\nThe same code in several places: do not add another.\n\n");
    for repeat in repeats.iter().take(MOST_REPEATS) {
        let all: Vec<String> = repeat
            .places
            .iter()
            .take(MOST_USERS)
            .map(|one| format!("{} ({})", code(short(&one.name)), link(&one.location)))
            .collect();
        let rest = repeat.places.len().saturating_sub(MOST_USERS);
        let rest = if rest > 0 { format!(" and {rest} more") } else { String::new() };
        let instead = repeat.helper.as_ref().map_or_else(
            || "; nothing shared does it yet".to_owned(),
            |helper| format!("; use {} ({})", code(short(&helper.name)), link(&helper.location)),
        );
        let _ = writeln!(out, "- {}{rest} {}{instead}.", all.join(", "), plain(&repeat.does));
    }
}

/// Text in a cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

fn link(location: &Location) -> String {
    markdown_link(&location.path, location.line)
}

/// What a committed document and the code disagree about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Drift {
    /// Lines of the document that are not true any more, with their number.
    pub untrue: Vec<(usize, String)>,
    /// What the code does and the document does not say.
    pub missing: Vec<String>,
}

/// Compares a document that [`markdown`] wrote with what it would write today. Counts, lines and the choice among
/// implementations that are still there change every day and do not count; neither do other lines, which people wrote.
///
/// # Errors
/// When the document is none of ours.
pub fn drift(document: &str, found: &Conventions, project: &str, service: &Service) -> Result<Drift, String> {
    if !document.contains(MARK) {
        return Err("it was not written by `conventions --format markdown`".to_owned());
    }
    let today = markdown(found, project);
    let now: BTreeSet<String> = today.lines().filter_map(claim).collect();
    let said: BTreeSet<String> = document.lines().filter_map(claim).collect();
    let mut out = Drift::default();
    for (at, line) in document.lines().enumerate() {
        let untrue = claim(line).is_some_and(|one| !now.contains(&one)) || gone(line, service);
        if untrue {
            out.untrue.push((at + 1, line.trim().to_owned()));
        }
    }
    let lacking = today.lines().filter(|line| claim(line).is_some_and(|one| !said.contains(&one)));
    out.missing = lacking.map(|line| line.trim().to_owned()).collect();
    Ok(out)
}

/// What a line says, without what changes every day; nothing for lines that say nothing of the kind. What is not
/// settled, done again or stale is a list of work and no standard.
fn claim(line: &str) -> Option<String> {
    if let Some(rest) = line.strip_prefix("- ") {
        let (statement, tail) = rest.rsplit_once(" (").filter(|_| rest.contains(". See `")).map_or((rest, ""), |_| {
            let end = rest.find(". See `").unwrap_or(rest.len());
            let start = rest[..end].rfind(" (").unwrap_or(end);
            (&rest[..start], &rest[start..end])
        });
        return tail.contains(" of ").then(|| statement.to_owned());
    }
    // A helper, by how it is called.
    let call = line.strip_prefix("| `")?.split("` |").next()?;
    call.contains('(').then(|| call.to_owned())
}

/// Whether an implementation that a line names is not there any more.
fn gone(line: &str, service: &Service) -> bool {
    let Some((_, reference)) = line.split_once(". See `") else { return false };
    let Some((name, rest)) = reference.split_once("`, [") else { return false };
    let Some((path, _)) = rest.split_once(':') else { return false };
    // The file is not there, or nothing in it has that name.
    let own = name.rsplit(['.', '/']).next().unwrap_or(name);
    service.files.get(path).is_none_or(|file| {
        !path.ends_with(own) && !name.ends_with(".py") && !is_module(service, name) && !file.text.contains(own)
    })
}

/// Whether a module has that dotted name.
fn is_module(service: &Service, name: &str) -> bool {
    service.code.modules.iter().any(|one| one.name == name)
}
