//! `explain`: the documentation of a rule, of a check of `diff`, or of the program itself.

use architect_views::diff::{self, checks};

use crate::args::{Explain, Global};
use crate::{Outcome, context, reference, rules};

/// Prints what a rule or a check means.
///
/// # Errors
/// When there is none of that name.
pub fn run(options: &Explain, global: &Global) -> Result<Outcome, String> {
    if let Some(text) = page(options)? {
        context::print(&text, global)?;
        return Ok(Outcome::Clean);
    }
    if let Some(told) = architect_style::explain(&options.rule) {
        let text = format!("{} ({}, {})\n\n{}\n", told.code, told.name, rules::STYLE, told.text);
        context::print(&text, global)?;
        return Ok(Outcome::Clean);
    }
    if let Some(check) = checks().find(|check| check.id == options.rule) {
        context::print(&diff::explain(check), global)?;
        return Ok(Outcome::Clean);
    }
    let rule = rules::find(&options.rule).ok_or_else(|| {
        let rules = rules::all();
        let names = rules.iter().map(|rule| rule.name).chain(checks().map(|check| check.id));
        rules::unknown(&options.rule, names)
    })?;
    let mut text = format!("{} ({}, {})\n\n", rule.name, rule.group, rule.severity.as_str());
    text.push_str(rule.docs.trim());
    text.push('\n');
    context::print(&text, global)?;
    Ok(Outcome::Clean)
}

/// What is said of the program itself, or the schema that was asked for.
fn page(options: &Explain) -> Result<Option<String>, String> {
    let name = options.rule.as_str();
    if options.schema {
        return match reference::formats::find(name) {
            Some(format) => Ok(Some(format.schema())),
            None if name == "configuration" => Ok(Some(reference::configuration::schema())),
            None => {
                let names: Vec<&str> = reference::formats::all().iter().map(|format| format.name).collect();
                Err(format!("{name:?} has no schema; there is configuration, {}", names.join(", ")))
            }
        };
    }
    Ok(match name {
        "commands" => Some(reference::commands::markdown()),
        "configuration" => Some(reference::configuration::text()),
        "diff-checks" => Some(diff::reference()),
        "formats" => Some(reference::formats::markdown()),
        "rules" => Some(reference::rules::markdown()),
        _ => None,
    })
}
