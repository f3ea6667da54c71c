//! The rules there are: those of `architect_rules`, and the one about suppressions, which only the binary can decide.

use architect_model::Service;
use architect_source::{Finding, Severity};

use crate::suggest::closest;

pub use architect_rules::Rule;

/// The rule about suppressions that suppress nothing.
pub const UNUSED_SUPPRESSION: Rule = Rule {
    name: "unused-suppression",
    group: "suppressions",
    severity: Severity::Info,
    since: "0.1.0",
    check: |_| Vec::new(),
    docs: include_str!("unused_suppression.md"),
};

/// What the rules say about the service.
pub fn findings(service: &Service) -> Vec<Finding> {
    architect_rules::check(service)
}

/// What is said of a rule, of ours or of ruff.
pub struct Told {
    /// The name people read.
    pub name: String,
    /// What it does, in a line.
    pub summary: String,
    /// The page.
    pub text: String,
}

/// What is said of the rule with that name.
pub fn told(name: &str) -> Option<Told> {
    if let Some(rule) = find(name) {
        let text = rule.docs.trim().to_owned();
        return Some(Told { name: rule.name.to_owned(), summary: summary(&text), text });
    }
    let rule = architect_style::explain(name)?;
    Some(Told { summary: summary(&rule.text), name: rule.name, text: rule.text })
}

/// The first paragraph that is no heading.
pub fn summary(page: &str) -> String {
    let lines = page.lines().map(str::trim).skip_while(|line| line.is_empty() || line.starts_with('#'));
    lines.take_while(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Whether this names a rule or a group, of ours or of ruff.
pub fn is_selector(name: &str) -> bool {
    all().iter().any(|rule| rule.name == name || rule.group == name) || is_delegated(name)
}

/// Whether this names rules of ruff.
pub fn is_delegated(name: &str) -> bool {
    name == STYLE || architect_style::is_selector(name)
}

/// Whether this names a rule that decides on how code is written.
pub fn is_of_conventions(name: &str) -> bool {
    find(name).is_some_and(architect_rules::needs_conventions)
}

/// Whether this names such a rule, or the group of one.
pub fn asks_for_conventions(name: &str) -> bool {
    all().iter().any(|rule| (rule.name == name || rule.group == name) && architect_rules::needs_conventions(rule))
}

/// The group of everything that ruff says.
pub const STYLE: &str = "style";

/// Every rule.
pub fn all() -> Vec<&'static Rule> {
    architect_rules::all().iter().copied().chain([&UNUSED_SUPPRESSION]).collect()
}

/// The rule of that name.
pub fn find(name: &str) -> Option<&'static Rule> {
    all().into_iter().find(|rule| rule.name == name)
}

/// The message for a name that is not among `names`.
pub fn unknown<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> String {
    match closest(name, names) {
        Some(near) => format!("no rule {name:?}; did you mean {near}?"),
        None => format!("no rule {name:?}; `review --format concise` names the rules of its findings"),
    }
}
