//! The rules of a review: from the model of a service to findings.
//!
//! Invariants: rules read [`Service`] and nothing else, neither files nor syntax trees; a rule that panics does not
//! stop the others; the same service gives the same findings in the same order.
//!
//! A rule is one `.rs` and one `.md` of the same name in the folder of its group, and one line in the group's list.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use architect_model::Service;
use architect_source::{Confidence, Finding, Location, Severity, Step, in_parallel};
use rayon::prelude::*;

mod calls;
mod credentials;
mod effects;
mod level;
mod loops;
mod migrated;
mod missing;
mod models;
mod operators;
mod path;
mod payments;
mod permissions;
mod requests;
mod rules;
mod seeds;
mod sent;
#[cfg(test)]
mod support;
mod taint;
mod text;
mod waits;

/// Stack of a thread that asks rules: facts nest as deeply as the code they are of.
const STACK_BYTES: usize = 1 << 28;

/// Name of the diagnostic that stands in for a rule that failed.
pub const INTERNAL_ERROR: &str = "internal-error";

/// A rule: what it is called, what it says about itself, and how it is decided.
#[derive(Debug)]
pub struct Rule {
    /// The name in every output and in suppressions, such as `route-shadowed`.
    pub name: &'static str,
    /// The group, such as `endpoints`; also the folder it is in.
    pub group: &'static str,
    /// The page, in Markdown.
    pub docs: &'static str,
    /// The severity its findings normally have.
    pub severity: Severity,
    /// The version it came with.
    pub since: &'static str,
    /// Decides.
    pub check: fn(&Service) -> Vec<Finding>,
}

impl Rule {
    /// A finding of this rule with its usual severity and nothing but the facts.
    pub(crate) fn finding(
        &self,
        confidence: Confidence,
        subject: impl Into<String>,
        location: &Location,
        message: impl Into<String>,
    ) -> Finding {
        Finding {
            rule: self.name,
            group: self.group,
            severity: self.severity,
            confidence,
            message: message.into(),
            subject: subject.into(),
            location: location.clone(),
            trace: Vec::new(),
            why: String::new(),
            help: String::new(),
            trade_off: String::new(),
            fix: None,
        }
    }
}

/// Every rule, group by group.
#[must_use]
pub fn all() -> Vec<&'static Rule> {
    rules::GROUPS.iter().flat_map(|group| group.iter().copied()).collect()
}

/// Whether a rule decides on how code is written, which is read only where it is asked for
/// ([`architect_model::Options::conventions`]): its findings are of interest to who looks for them.
#[must_use]
pub fn needs_conventions(rule: &Rule) -> bool {
    rule.group == "conventions" || rule.name == "duplicate-helper"
}

/// The rule of that name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Rule> {
    all().into_iter().find(|rule| rule.name == name)
}

/// Everything every rule says about the service, by path, line and rule.
#[must_use]
pub fn check(service: &Service) -> Vec<Finding> {
    check_with(&all(), service)
}

/// What the given rules say, by path, line and rule. A rule that panics is reported as [`INTERNAL_ERROR`].
#[must_use]
pub fn check_with(rules: &[&'static Rule], service: &Service) -> Vec<Finding> {
    let check = |rule: &&'static Rule| match catch_unwind(AssertUnwindSafe(|| (rule.check)(service))) {
        Ok(found) => found,
        Err(panic) => vec![internal_error(rule, &*panic)],
    };
    let found: Vec<Vec<Finding>> = in_parallel(STACK_BYTES, || rules.par_iter().map(check).collect());
    let mut findings: Vec<Finding> = found.into_iter().flatten().collect();
    findings.sort_by(|a, b| {
        (&a.location.path, a.location.line, a.rule, a.location.column, &a.subject, &a.message).cmp(&(
            &b.location.path,
            b.location.line,
            b.rule,
            b.location.column,
            &b.subject,
            &b.message,
        ))
    });
    findings
}

fn internal_error(rule: &Rule, panic: &(dyn std::any::Any + Send)) -> Finding {
    let reason = panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no reason given".to_owned());
    Finding {
        rule: INTERNAL_ERROR,
        group: "internal",
        severity: Severity::Warning,
        confidence: Confidence::High,
        message: format!("Rule `{}` failed and said nothing about this service: {reason}.", rule.name),
        subject: rule.name.to_owned(),
        location: Location { path: Arc::from(""), line: 1, column: 1, end_line: 1, end_column: 1, start: 0, end: 0 },
        trace: Vec::new(),
        why: "This is a mistake in fastapi-architect, not in the service; the other rules ran.".to_owned(),
        help: "Please report it with the message above.".to_owned(),
        trade_off: String::new(),
        fix: None,
    }
}

/// A step of a trace.
pub(crate) fn step(message: impl Into<String>, location: &Location) -> Step {
    Step { message: message.into(), location: location.clone() }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "a test looks at the disk and the clock")]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    fn stems(extension: &str) -> BTreeSet<(String, String)> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/rules");
        let mut found = BTreeSet::new();
        for group in std::fs::read_dir(root).expect("the folder of rules").flatten() {
            if !group.path().is_dir() {
                continue;
            }
            for file in std::fs::read_dir(group.path()).expect("a group").flatten() {
                let path = file.path();
                let stem = path.file_stem().expect("a name").to_string_lossy().into_owned();
                if path.extension().is_some_and(|found| found == extension) && stem != "mod" {
                    found.insert((group.file_name().to_string_lossy().into_owned(), stem.replace('_', "-")));
                }
            }
        }
        found
    }

    #[test]
    fn files_on_disk_are_the_registry() {
        let registered: BTreeSet<(String, String)> =
            all().iter().map(|rule| (rule.group.to_owned(), rule.name.to_owned())).collect();
        assert_eq!(registered.len(), all().len(), "a name is registered twice");
        assert_eq!(stems("rs"), registered, "src/rules/<group>/<rule>.rs and the lists of the groups");
        assert_eq!(stems("md"), registered, "src/rules/<group>/<rule>.md and the lists of the groups");
    }

    #[test]
    fn every_page_has_every_section() {
        for rule in all() {
            assert!(rule.docs.starts_with(&format!("# {}\n", rule.name)), "{}: the title", rule.name);
            let sections: Vec<&str> = rule.docs.lines().filter_map(|line| line.strip_prefix("## ")).collect();
            assert_eq!(
                sections,
                [
                    "What it does",
                    "Why",
                    "Example",
                    "Use instead",
                    "When it is fine",
                    "How it is decided",
                    "What it cannot see",
                    "Fix safety"
                ],
                "{}",
                rule.name
            );
        }
    }

    #[test]
    fn rules_are_found_by_name() {
        assert_eq!(find("auth-gap").map(|rule| rule.group), Some("security"));
        assert!(find("no-such-rule").is_none());
    }

    #[test]
    fn a_panicking_rule_does_not_stop_the_others() {
        static BROKEN: Rule = Rule {
            name: "broken",
            group: "test",
            docs: "",
            severity: Severity::Error,
            since: "0.1.0",
            check: |_| panic!("no luck"),
        };
        let mut service = Service::default();
        service.syntax_errors.push(support::syntax_error("app/a.py", 3));
        let rules = [&BROKEN, find("syntax-error").expect("it is registered")];
        let findings = check_with(&rules, &service);
        let names: Vec<&str> = findings.iter().map(|finding| finding.rule).collect();
        assert_eq!(names, [INTERNAL_ERROR, "syntax-error"]);
        assert!(findings[0].message.contains("`broken`") && findings[0].message.contains("no luck"));
    }

    #[test]
    fn an_empty_service_is_fine() {
        assert_eq!(check(&Service::default()), []);
    }
}
