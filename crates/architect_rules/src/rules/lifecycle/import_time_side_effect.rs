//! Modules that need the network while they are imported.

use architect_model::Service;
use architect_model::code::Call;
use architect_source::{Confidence, Finding, Severity};

use crate::{Rule, step};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "import-time-side-effect",
    group: "lifecycle",
    docs: include_str!("import_time_side_effect.md"),
    severity: Severity::Warning,
    since: "0.3.0",
    check,
};

fn check(service: &Service) -> Vec<Finding> {
    // Without an application there is nothing that somebody would want to import without a network.
    if service.endpoints().is_empty() {
        return Vec::new();
    }
    let mut findings = Vec::new();
    for module in service.code.functions.iter().filter(|one| one.name.ends_with(':') && !one.aside) {
        let file = module.location.path.rsplit('/').next().unwrap_or_default();
        // These run by themselves.
        if matches!(file, "env.py" | "manage.py" | "__main__.py" | "conftest.py" | "setup.py") {
            continue;
        }
        // So does what reads its own command line.
        if module.calls.iter().any(|call| matches!(call.name.as_str(), "parse_args" | "parse_known_args")) {
            continue;
        }
        for call in module.calls.iter().filter(|call| !call.context.conditional && call.context.handler.is_none()) {
            let Some(what) = reaches(service, call) else { continue };
            findings.push(Finding {
                trace: vec![step(what, &call.location)],
                why: "Importing the module needs what it connects to: tests, migrations and whoever writes the \
                      OpenAPI document fail where that is not there, and each process that starts does it again."
                    .to_owned(),
                help: "Do it in the lifespan, or in a command of its own.".to_owned(),
                ..RULE.finding(
                    Confidence::High,
                    format!("{}{}", module.name, call.name),
                    &call.location,
                    format!("Importing `{}` {what}.", module.name.trim_end_matches(':')),
                )
            });
            break;
        }
    }
    findings
}

/// What a call at the top of a module asks of the world.
fn reaches(service: &Service, call: &Call) -> Option<&'static str> {
    let callee = call.callee.as_deref().unwrap_or_default();
    let last = callee.rsplit('.').next().unwrap_or_default();
    // `create_all` of a mapped base, with an engine that connects.
    if call.name == "create_all" && call.receiver.as_deref().is_some_and(|receiver| receiver.ends_with("metadata")) {
        let bind = call.argument("bind", 0)?;
        let local = service.requests.engines.iter().any(|engine| engine.dialect.as_deref() == Some("sqlite"));
        return (!local && !bind.text.is_empty()).then_some("connects to the database and creates tables");
    }
    let network = ["requests.", "httpx."].iter().any(|library| callee.starts_with(library))
        && matches!(last, "get" | "post" | "put" | "patch" | "delete" | "head" | "request")
        || callee == "urllib.request.urlopen";
    network.then_some("asks another service")
}
