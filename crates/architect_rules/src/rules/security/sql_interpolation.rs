//! What a caller sends, in the text of an SQL statement, a path or an address.

use architect_model::Service;
use architect_model::code::{Call, Form, Operand};
use architect_source::{Confidence, Finding, Severity};

use crate::taint::Taint;
use crate::text::short;
use crate::{Rule, step};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "sql-interpolation",
    group: "security",
    docs: include_str!("sql_interpolation.md"),
    severity: Severity::Error,
    since: "0.1.0",
    check,
};

fn check(service: &Service) -> Vec<Finding> {
    let taint = Taint::of(service);
    let mut findings = Vec::new();
    for function in service.code.functions.iter().filter(|function| !function.aside) {
        for call in function.calls.iter().filter(|call| is_sink(call)) {
            let Some(text) = call.arguments.first().filter(|text| has_values(text, call)) else { continue };
            let Some((parameter, origin)) = taint.reaches(function, text) else { continue };
            let mut trace = origin.trace.clone();
            trace.push(step(format!("`{parameter}` becomes part of the statement"), &text.location));
            findings.push(Finding {
                trace,
                why: "A quote in the value ends the text of the statement: callers write SQL of their own.".to_owned(),
                help: "Pass the value as a bound parameter (`text(\"… = :name\")` with `{\"name\": value}`); choose names of \
                       columns from a fixed table."
                    .to_owned(),
                ..RULE.finding(
                    Confidence::High,
                    format!("{} {parameter}", function.name),
                    &call.location,
                    format!(
                        "`{parameter}` of `{}` is put into the text of an SQL statement in `{}`.",
                        origin.endpoint,
                        short(&function.name)
                    ),
                )
            });
        }
    }
    findings
}

fn is_sink(call: &Call) -> bool {
    let callee = call.callee.as_deref().unwrap_or_default();
    matches!(
        callee,
        "sqlalchemy.text" | "sqlalchemy.sql.text" | "sqlalchemy.literal_column" | "sqlalchemy.sql.expression.text"
    ) || matches!(call.name.as_str(), "exec_driver_sql" | "executescript")
        || matches!(call.name.as_str(), "execute" | "fetch" | "fetchrow" | "fetchval" | "executemany")
            && call.receiver.is_some()
}

/// Whether the text is put together from values, here or in a local.
fn has_values(text: &Operand, call: &Call) -> bool {
    if text.form == Form::Interpolated {
        return true;
    }
    // A name that is handed to `text()` and comes from outside is a statement of the caller's.
    call.callee.as_deref().is_some_and(|callee| callee.ends_with(".text")) && text.form == Form::Name
}
