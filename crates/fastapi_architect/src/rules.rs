//! The rules there are: those of `architect_rules`, and the one about suppressions, which only the binary can decide.
//!
//! SHIM: until `architect_rules` has `check` and `all`, the module `shim` stands in for it. Nothing else in
//! the binary has to change when they arrive.

use architect_model::Service;
use architect_source::{Finding, Severity};

use self::shim as architect_rules;

use crate::suggest::closest;

pub use architect_rules::Rule;

/// The rule about suppressions that suppress nothing.
pub const UNUSED_SUPPRESSION: Rule = Rule {
    name: "unused-suppression",
    group: "suppressions",
    severity: Severity::Info,
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

/// Stands in for `architect_rules`.
mod shim {
    use architect_model::Service;
    use architect_source::{Confidence, Finding, Severity};

    /// A rule.
    pub struct Rule {
        /// Its name.
        pub name: &'static str,
        /// Its group.
        pub group: &'static str,
        /// Its documentation.
        pub docs: &'static str,
        /// How much its findings matter.
        pub severity: Severity,
    }

    const SYNTAX_ERROR: Rule = Rule {
        name: "syntax-error",
        group: "project",
        docs: "A file does not parse, so nothing in it is part of the model.",
        severity: Severity::Error,
    };

    /// Every rule.
    pub fn all() -> &'static [&'static Rule] {
        &[&SYNTAX_ERROR]
    }

    /// What the rules say.
    pub fn check(service: &Service) -> Vec<Finding> {
        let finding = |error: &architect_model::service::SyntaxError| Finding {
            rule: SYNTAX_ERROR.name,
            group: SYNTAX_ERROR.group,
            severity: SYNTAX_ERROR.severity,
            confidence: Confidence::High,
            message: error.message.clone(),
            subject: error.location.path.to_string(),
            location: error.location.clone(),
            trace: Vec::new(),
            why: SYNTAX_ERROR.docs.to_owned(),
            help: "Correct the file, or exclude it.".to_owned(),
            trade_off: String::new(),
        };
        service.syntax_errors.iter().map(finding).collect()
    }
}
