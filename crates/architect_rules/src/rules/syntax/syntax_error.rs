//! Files that do not parse.

use architect_model::Service;
use architect_source::{Confidence, Finding, Severity};

use crate::{Rule, step};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "syntax-error",
    group: "syntax",
    docs: include_str!("syntax_error.md"),
    severity: Severity::Error,
    since: "0.1.0",
    check,
};

fn check(service: &Service) -> Vec<Finding> {
    service
        .syntax_errors
        .iter()
        .map(|error| {
            let message = error.message.trim_end_matches('.');
            let path = &error.location.path;
            let (message, help) = match &error.needs_python {
                Some(version) => (
                    format!("`{path}` needs Python {version}, newer than the project asks for: {message}."),
                    format!("Raise `requires-python` to {version}, or write it the older way."),
                ),
                None => (format!("`{path}` does not parse: {message}."), "Correct the syntax.".to_owned()),
            };
            Finding {
                trace: vec![step("The parser stops here", &error.location)],
                why: "Python cannot import the file, and nothing in it was reviewed.".to_owned(),
                help,
                ..RULE.finding(Confidence::High, &**path, &error.location, message)
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::syntax_error;

    #[test]
    fn the_file_is_named() {
        let mut newer = syntax_error("app/b.py", 4);
        newer.needs_python = Some("3.14".to_owned());
        let service = Service { syntax_errors: vec![syntax_error("app/a.py", 3), newer], ..Service::default() };
        let found = check(&service);
        assert_eq!(found[0].message, "`app/a.py` does not parse: Expected an expression.");
        assert_eq!(found[0].subject, "app/a.py");
        assert!(found[1].message.starts_with("`app/b.py` needs Python 3.14"), "{}", found[1].message);
    }
}
