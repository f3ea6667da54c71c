//! Changes as text for a terminal, and as Markdown to paste into the notes of a release.

use std::fmt::Write as _;

use super::change::Change;
use super::check::Level;
use super::{Comparison, table};
use crate::escape::{markdown as plain, markdown_code as code, say};

/// More operations than these are counted, not named, in text.
const NAMED: usize = 3;

/// For a terminal.
#[must_use]
pub fn text(comparison: &Comparison) -> String {
    let mut out = String::new();
    for level in Level::ALL {
        let all: Vec<&Change> = comparison.changes.iter().filter(|change| change.level == level).collect();
        if all.is_empty() {
            continue;
        }
        say(&mut out, &level.to_string());
        for change in all {
            say(&mut out, &format!("  {}: {}", change.check.id, change.message.replace('`', "")));
            if !change.operations.is_empty() {
                say(&mut out, &format!("    in {}", operations(change)));
            }
            if let Some((side, location)) = &change.location {
                let side = if side.as_str() == "old" { " (old)" } else { "" };
                say(&mut out, &format!("    at {location}{side}"));
            }
            if change.note != "nothing" {
                let who = if change.operations.is_empty() { "to do" } else { "callers" };
                say(&mut out, &format!("    {who}: {}", change.note.replace('`', "")));
            }
        }
        out.push('\n');
    }
    say(&mut out, &summary(comparison));
    out
}

fn operations(change: &Change) -> String {
    let all = &change.operations;
    // A moved prefix is about its operations.
    if all.len() <= NAMED + 1 || *change.check == table::ROUTER_PREFIX_CHANGED {
        return all.join(", ");
    }
    format!("{} and {} more", all[..NAMED].join(", "), all.len() - NAMED)
}

/// How many changes there are.
fn summary(comparison: &Comparison) -> String {
    if comparison.changes.is_empty() {
        return "no change for callers or the database".to_owned();
    }
    let counts = Level::ALL.map(|level| format!("{} {level}", comparison.count(level)));
    counts.join(", ")
}

/// Migration notes. `old` and `new` are what was compared.
#[must_use]
pub fn markdown(comparison: &Comparison, old: &str, new: &str) -> String {
    let mut out = format!("# Migration notes: {} to {}\n\n", code(old), code(new));
    if comparison.changes.is_empty() {
        out.push_str("Nothing changed for callers or the database.\n");
        return out;
    }
    let _ = writeln!(out, "{}.", summary(comparison));
    for (level, title) in [
        (Level::Breaking, "Breaking changes"),
        (Level::Risky, "Changes to check"),
        (Level::Compatible, "Other changes"),
    ] {
        let all: Vec<&Change> = comparison.changes.iter().filter(|change| change.level == level).collect();
        if all.is_empty() {
            continue;
        }
        let _ = write!(out, "\n## {title}\n\n");
        for change in all {
            let _ = writeln!(out, "- {}.", plain(&sentence(&change.message)));
            if change.note != "nothing" {
                let _ = writeln!(out, "  **What to do:** {}.", plain(&change.note));
            }
            match &change.operations[..] {
                [] => {}
                [only] if change.message.contains(only.as_str()) => {}
                [only] => {
                    let _ = writeln!(out, "  In {}.", code(only));
                }
                several => {
                    out.push_str("  In:\n");
                    for one in several {
                        let _ = writeln!(out, "  - {}", code(one));
                    }
                }
            }
        }
    }
    out
}

fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
