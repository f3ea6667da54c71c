//! `explain`: the documentation of a rule, of a check of `diff`, or of the configuration.

use architect_views::diff::{self, checks};

use crate::args::{Explain, Global};
use crate::{Outcome, config, context, rules};

/// Prints what a rule or a check means.
///
/// # Errors
/// When there is none of that name.
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
    if options.rule == "diff-checks" {
        context::print(&diff::reference(), global)?;
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
