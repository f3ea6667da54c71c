//! A list or dictionary as the default of a column.

use architect_model::Service;
use architect_model::code::{Call, Form};
use architect_source::{Confidence, Finding, Severity};

use crate::{Rule, step};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "shared-mutable-column-default",
    group: "schemas",
    docs: include_str!("shared_mutable_column_default.md"),
    severity: Severity::Warning,
    since: "0.1.0",
    check,
};

/// Whether some row is made without a value for the column, as far as rows are seen to be made: what `**` unpacks may
/// have one.
fn is_left_out(service: &Service, class: &str, field: &str) -> bool {
    let last = |name: &str| name.rsplit(['.', ':']).next().unwrap_or(name).to_owned();
    let own = last(class);
    // A name that leads to no class that is known may lead here.
    let makes = |call: &&Call| match call.callee.as_deref() {
        Some(callee) => callee == class || last(callee) == own && service.code.class(callee).is_none(),
        None => call.name == own,
    };
    let calls = service.code.functions.iter().filter(|function| !function.aside).flat_map(|function| &function.calls);
    let mut made = calls.filter(makes).peekable();
    made.peek().is_none() || made.any(|call| call.keyword(field).is_none() && call.keyword("**").is_none())
}

fn check(service: &Service) -> Vec<Finding> {
    let mut findings = Vec::new();
    for class in service.code.classes.iter().filter(|class| !class.aside) {
        for field in &class.fields {
            let Some(value) = &field.value else { continue };
            let called = value.name.as_deref().and_then(|name| name.rsplit(['.', ':']).next());
            if !matches!(called, Some("Column" | "mapped_column")) {
                continue;
            }
            let Some(default) = value.items.iter().find(|one| one.keyword.as_deref() == Some("default")) else {
                continue;
            };
            let kind = match default.form {
                Form::Dict => "dict",
                Form::Sequence => "list",
                _ => continue,
            };
            findings.push(Finding {
                trace: vec![step("one object, made at import", &default.location)],
                why: "SQLAlchemy gives every new row the same object: what is added to one row's value is in all of them \
                      until they are loaded again."
                    .to_owned(),
                help: format!("Write `default={kind}` (or a lambda for one that is not empty)."),
                ..RULE.finding(
                    if value.text.contains("as_mutable") || !is_left_out(service, &class.name, &field.name) {
                        Confidence::Medium
                    } else {
                        Confidence::High
                    },
                    format!("{}.{}", class.name, field.name),
                    &default.location,
                    format!("All new rows share the default {kind} of column `{}`.", field.name),
                )
            });
        }
    }
    findings
}
