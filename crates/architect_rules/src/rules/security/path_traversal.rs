//! What a caller sends, as the name of a file.

use architect_model::Service;
use architect_model::code::{Call, Function};
use architect_source::{Confidence, Finding, Severity};

use crate::taint::Taint;
use crate::text::short;
use crate::{Rule, step};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "path-traversal",
    group: "security",
    docs: include_str!("path_traversal.md"),
    severity: Severity::Error,
    since: "0.1.0",
    check,
};

/// Calls after which a path has been looked at.
const CHECKS: &[&str] = &[
    "resolve",
    "is_relative_to",
    "relative_to",
    "basename",
    "secure_filename",
    "commonpath",
    "abspath",
    "realpath",
    "fullmatch",
    "match",
    "safe_join",
    "sanitize_filename",
    "startswith",
    "normpath",
];

fn check(service: &Service) -> Vec<Finding> {
    let taint = Taint::of(service);
    let mut findings = Vec::new();
    for function in service.code.functions.iter().filter(|function| !function.aside) {
        if is_checked(function) {
            continue;
        }
        for call in &function.calls {
            let Some(path) = sink(call) else { continue };
            let Some((parameter, origin)) = taint.reaches(function, path) else { continue };
            // A part of a path below cannot hold a slash unless the route says so.
            if origin.one_segment {
                continue;
            }
            let mut trace = origin.trace.clone();
            trace.push(step(format!("`{parameter}` names the file"), &call.location));
            findings.push(Finding {
                trace,
                why: "`../` in the value leaves the folder: callers read or write any file the service can.".to_owned(),
                help: "Resolve the path and refuse what is not below the folder (`path.resolve().is_relative_to(folder)`), or \
                       store files under names of your own."
                    .to_owned(),
                ..RULE.finding(
                    Confidence::High,
                    format!("{} {parameter}", function.name),
                    &call.location,
                    format!("`{parameter}` of `{}` names a file that `{}` opens.", origin.endpoint, short(&function.name)),
                )
            });
        }
    }
    findings
}

fn is_checked(function: &Function) -> bool {
    function.calls.iter().any(|call| CHECKS.contains(&call.name.as_str()))
        || function.compares.iter().any(|one| matches!(one.operator, "in" | "not in"))
}

fn sink(call: &Call) -> Option<&architect_model::code::Operand> {
    let callee = call.callee.as_deref().unwrap_or_default();
    let opens =
        matches!(callee, "open" | "os.remove" | "os.unlink" | "shutil.rmtree" | "aiofiles.open" | "shutil.copyfile")
            || callee.ends_with("responses.FileResponse");
    opens.then(|| call.argument("path", 0)).flatten()
}
