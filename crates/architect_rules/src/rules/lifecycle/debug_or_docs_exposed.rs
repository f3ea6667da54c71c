//! Applications that show errors and documents to everyone.

use architect_model::Service;
use architect_model::code::{Call, Form};
use architect_source::{Confidence, Finding, Severity};

use crate::{Rule, step};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "debug-or-docs-exposed",
    group: "lifecycle",
    docs: include_str!("debug_or_docs_exposed.md"),
    severity: Severity::Warning,
    since: "0.3.0",
    check,
};

fn check(service: &Service) -> Vec<Finding> {
    let mut findings = Vec::new();
    for application in service.applications.iter().filter(|one| one.mounted_at.is_none()) {
        let place = &application.location;
        let calls = service
            .code
            .functions
            .iter()
            .filter(|one| !one.aside && one.location.path == place.path)
            .flat_map(|one| &one.calls);
        let made = calls.into_iter().find(|call| {
            is_application(call) && call.location.line <= place.line && place.line <= call.location.end_line
        });
        let Some(debug) = made.and_then(|call| call.keyword("debug")) else { continue };
        if debug.form != Form::Literal || debug.bool() != Some(true) {
            continue;
        }
        findings.push(Finding {
            trace: vec![step("`debug=True`, whatever the environment", &debug.location)],
            why: "Every unhandled error is answered with its traceback: paths, code and values of the server, to \
                  whoever sent the request. Handlers for `Exception` are not asked."
                .to_owned(),
            help: "Leave it out, or read it from the settings with `False` as default.".to_owned(),
            ..RULE.finding(
                Confidence::High,
                application.name.clone(),
                &debug.location,
                format!("`{}` answers errors with tracebacks: `debug=True` is written in the code.", application.name),
            )
        });
    }
    findings
}

fn is_application(call: &Call) -> bool {
    matches!(
        call.callee.as_deref(),
        Some("fastapi.FastAPI" | "fastapi.applications.FastAPI" | "starlette.applications.Starlette")
    )
}
