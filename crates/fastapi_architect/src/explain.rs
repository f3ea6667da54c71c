//! `explain`: the documentation of a rule.

use crate::args::{Explain, Global};
use crate::{Outcome, config, context, rules};

/// Prints what a rule means.
///
/// # Errors
/// When there is no such rule.
pub fn run(options: &Explain, global: &Global) -> Result<Outcome, String> {
    if options.rule == "configuration" {
        let text = if options.schema { config::schema() } else { config::reference() };
        context::print(&text, global)?;
        return Ok(Outcome::Clean);
    }
    if let Some(told) = architect_style::explain(&options.rule) {
        let text = format!("{} ({}, {})\n\n{}\n", told.code, told.name, rules::STYLE, told.text);
        context::print(&text, global)?;
        return Ok(Outcome::Clean);
    }
    let rule = rules::find(&options.rule)
        .ok_or_else(|| rules::unknown(&options.rule, rules::all().iter().map(|rule| rule.name)))?;
    let mut text = format!("{} ({}, {})\n\n", rule.name, rule.group, rule.severity.as_str());
    text.push_str(rule.docs.trim());
    text.push('\n');
    context::print(&text, global)?;
    Ok(Outcome::Clean)
}
