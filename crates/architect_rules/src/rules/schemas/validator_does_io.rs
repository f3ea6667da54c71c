//! Validators of models that wait for something outside.

use std::collections::BTreeSet;

use architect_model::Service;
use architect_model::code::{Call, Function};
use architect_model::schema::SchemaKind;
use architect_source::{Confidence, Finding, Severity};

use crate::calls::search;
use crate::text::short;
use crate::{Rule, step};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "validator-does-io",
    group: "schemas",
    docs: include_str!("validator_does_io.md"),
    severity: Severity::Warning,
    since: "0.3.0",
    check,
};

/// Calls of calls are followed so far.
const DEEPEST: usize = 4;

/// What makes a function a validator, by its last name.
const VALIDATORS: &[&str] = &["field_validator", "model_validator", "validator", "root_validator"];

#[derive(Clone, Copy, PartialEq)]
enum Outside {
    Network,
    Database,
    Process,
    Files,
}

fn check(service: &Service) -> Vec<Finding> {
    let code = &service.code;
    let shown: BTreeSet<&str> = service
        .schemas
        .iter()
        .filter(|schema| schema.kind == SchemaKind::Model)
        .map(|schema| schema.qualified.as_str())
        .collect();
    let models: BTreeSet<String> = code
        .classes
        .iter()
        .filter(|class| shown.contains(class.name.replacen(':', ".", 1).as_str()))
        .flat_map(|class| code.ancestors(&class.name))
        .collect();
    let mut findings = Vec::new();
    for function in code.functions.iter().filter(|function| !function.aside) {
        let Some(class) = function.class.as_ref().filter(|class| models.contains(*class)) else { continue };
        if !is_validator(function) {
            continue;
        }
        // What is kept is asked for once.
        let enters = |call: &Call, callee: &Function| (!callee.is_async || call.awaited) && !is_kept(callee);
        let find = |_: &Function, call: &'_ Call| outside(call).map(|(what, it)| (what, it, call.location.clone()));
        if is_kept(function) {
            continue;
        }
        let found = search(code, function, DEEPEST, &enters, &find);
        let Some(((what, outside, place), way)) = found else { continue };
        let does = match outside {
            Outside::Network => "waits for the network",
            Outside::Database => "asks the database",
            Outside::Process => "waits for another process",
            Outside::Files => "reads a file",
        };
        let name = short(&function.name);
        let mut trace = vec![step(format!("`{name}` runs whenever a `{}` is made", short(class)), &function.location)];
        trace.extend(
            way.iter().map(|(call, callee)| step(format!("through `{}`", short(&callee.name)), &call.location)),
        );
        trace.push(step(format!("`{what}`"), &place));
        findings.push(Finding {
            trace,
            why: "Validators run on the event loop while a request is read, and again wherever the model is made: for \
                  answers, in tests, in a loop over rows. All other requests wait meanwhile, and a failure outside looks \
                  like invalid input or becomes a 500."
                .to_owned(),
            help: "Let the model check what it is given, and ask outside in a dependency or in the service.".to_owned(),
            trade_off: "The check no longer runs by itself wherever the model is used.".to_owned(),
            ..RULE.finding(
                if outside == Outside::Files { Confidence::Medium } else { Confidence::High },
                function.name.clone(),
                &function.location,
                format!("The validator `{name}` {does}: `{what}`."),
            )
        });
    }
    findings
}

fn is_validator(function: &Function) -> bool {
    function.decorators.iter().any(|one| {
        let name = one.name.as_deref().unwrap_or(&one.text);
        let last = name.rsplit(['.', ':']).next().unwrap_or(name);
        VALIDATORS.contains(&last) && (name.starts_with("pydantic") || !name.contains(['.', ':']))
    })
}

/// Whether what a function answers is kept.
fn is_kept(function: &Function) -> bool {
    function.decorators.iter().any(|by| {
        let name = by.name.as_deref().unwrap_or(&by.text);
        name.contains("cache")
    })
}

/// What a call does outside of the process, by the library it is of.
fn outside(call: &Call) -> Option<(String, Outside)> {
    let receiver = call.receiver.as_deref().unwrap_or_default();
    let last = receiver.rsplit('.').next().unwrap_or(receiver);
    if matches!(call.name.as_str(), "execute" | "query" | "scalars" | "scalar" | "exec")
        && matches!(last, "db" | "session" | "db_session")
    {
        return Some((format!("{receiver}.{}", call.name), Outside::Database));
    }
    let callee = call.callee.as_deref()?;
    let top = callee.split('.').next()?;
    let verb =
        matches!(call.name.as_str(), "get" | "post" | "put" | "patch" | "delete" | "head" | "request" | "urlopen");
    let found = match top {
        "requests" | "httpx" | "urllib" | "urllib3" if verb => Outside::Network,
        "socket" if matches!(call.name.as_str(), "getaddrinfo" | "gethostbyname" | "create_connection") => {
            Outside::Network
        }
        "dns" if call.name == "resolve" || call.name == "query" => Outside::Network,
        "subprocess" if matches!(call.name.as_str(), "run" | "check_output" | "check_call" | "call") => {
            Outside::Process
        }
        "open" if callee == "open" => Outside::Files,
        "pathlib" if matches!(call.name.as_str(), "read_text" | "read_bytes" | "write_text") => Outside::Files,
        _ => return None,
    };
    Some((callee.to_owned(), found))
}
