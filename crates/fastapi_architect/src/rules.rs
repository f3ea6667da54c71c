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
    docs: "\
A comment `# architect: ignore[rule]` or `# architect: file-ignore[rule]` suppresses nothing.

Why: it hides the next finding of that rule, which nobody has looked at.
How to fix: remove the comment, or the rule from its list.
How it is decided: every finding is compared with the comments before --select, --ignore and the thresholds apply.
What it cannot see: comments in files that are not part of the project.",
};

/// What the rules say about the service.
pub fn findings(service: &Service) -> Vec<Finding> {
    architect_rules::check(service)
}

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
