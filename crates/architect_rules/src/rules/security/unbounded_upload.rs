//! Files that are read as a whole, however large.

use architect_model::Service;
use architect_source::{Confidence, Finding, Severity};

use crate::requests::Requests;
use crate::text::short;
use crate::{Rule, step};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "unbounded-upload",
    group: "security",
    docs: include_str!("unbounded_upload.md"),
    severity: Severity::Warning,
    since: "0.1.0",
    check,
};

fn check(service: &Service) -> Vec<Finding> {
    let requests = Requests::of(service);
    let mut findings = Vec::new();
    for (function, endpoint) in requests.functions(&service.code) {
        let sized =
            function.compares.iter().any(|one| one.left.text.contains(".size") || one.right.text.contains(".size"));
        for call in function.calls.iter().filter(|call| call.name == "read" && call.arguments.is_empty() && !sized) {
            let upload = call.callee.as_deref().is_some_and(|callee| callee.ends_with("UploadFile.read"));
            let Some(file) = call.receiver.as_deref().filter(|_| upload) else { continue };
            findings.push(Finding {
                trace: vec![step(format!("`{endpoint}` reads the whole file into memory"), &call.location)],
                why: "A file as large as the caller likes fills the memory of the process, which ends for all its callers.".to_owned(),
                help: format!("Refuse by `{file}.size` first (413), or read in pieces and stop at a limit; limit bodies at the proxy."),
                trade_off: "Fine where a proxy limits the size of bodies, which is not seen here.".to_owned(),
                ..RULE.finding(
                    Confidence::Medium,
                    format!("{} {file}", function.name),
                    &call.location,
                    format!("`{}` reads the upload `{file}` whole, without looking at its size.", short(&function.name)),
                )
            });
        }
    }
    findings
}
