//! Tables that are made at start in a project with migrations.

use architect_model::Service;
use architect_source::{Confidence, Finding, Severity};

use crate::text::short;
use crate::{Rule, step};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "create-all-with-alembic",
    group: "lifecycle",
    docs: include_str!("create_all_with_alembic.md"),
    severity: Severity::Warning,
    since: "0.1.0",
    check,
};

fn check(service: &Service) -> Vec<Finding> {
    let migrated = service.code.functions.iter().find(|function| {
        function.name.ends_with(':')
            && function.location.path.ends_with("env.py")
            && function
                .calls
                .iter()
                .any(|call| call.callee.as_deref().is_some_and(|callee| callee.starts_with("alembic.context")))
            || function.location.path.ends_with("env.py") && function.name.contains("run_migrations")
    });
    let Some(migrated) = migrated else { return Vec::new() };
    let mut starts: Vec<&str> = Vec::new();
    for application in &service.applications {
        starts.extend(application.lifespan.iter().map(|one| one.name.as_str()));
        starts.extend(application.event_handlers.iter().map(|one| one.function.name.as_str()));
    }
    let mut reached: Vec<&str> = Vec::new();
    while let Some(name) = starts.pop() {
        if reached.contains(&name) {
            continue;
        }
        reached.push(name);
        if let Some(function) = service.code.function(name) {
            let calls = function.calls.iter().filter(|call| !call.context.conditional);
            starts.extend(calls.filter_map(|call| call.callee.as_deref()));
        }
    }
    let mut findings = Vec::new();
    for function in service.code.functions.iter().filter(|function| !function.aside) {
        if !reached.contains(&function.name.as_str()) && !function.name.ends_with(':') {
            continue;
        }
        let made = function.calls.iter().filter(|call| !call.context.conditional).find(|call| {
            call.name == "create_all" && call.receiver.as_deref().is_some_and(|receiver| receiver.contains("metadata"))
                || call.arguments.iter().any(|one| one.text.ends_with("metadata.create_all"))
        });
        let Some(call) = made else { continue };
        let place = if function.name.ends_with(':') { "at import" } else { "at start" };
        findings.push(Finding {
            trace: vec![step(format!("tables are made {place}"), &call.location), step("and by migrations", &migrated.location)],
            why: "A new table exists before its migration runs, which then fails, or is marked as done with another form."
                .to_owned(),
            help: "Leave the tables to Alembic; call `create_all` in tests only.".to_owned(),
            ..RULE.finding(
                Confidence::High,
                &function.name,
                &call.location,
                format!("`{}` makes tables {place}, beside the migrations.", short(&function.name)),
            )
        });
    }
    findings
}
