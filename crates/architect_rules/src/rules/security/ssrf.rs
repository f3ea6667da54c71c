//! What a caller sends, as the address of a request.

use architect_model::Service;
use architect_model::code::{Call, Form, Operand};
use architect_source::{Confidence, Finding, Severity};

use crate::taint::Taint;
use crate::text::short;
use crate::{Rule, step};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "ssrf",
    group: "security",
    docs: include_str!("ssrf.md"),
    severity: Severity::Warning,
    since: "0.1.0",
    check,
};

fn check(service: &Service) -> Vec<Finding> {
    let taint = Taint::of(service);
    let mut findings = Vec::new();
    for function in service.code.functions.iter().filter(|function| !function.aside) {
        for call in function.calls.iter().filter(|call| is_request(call)) {
            let position = usize::from(call.name == "request");
            let Some(url) = call.argument("url", position).filter(|url| chooses_host(url)) else { continue };
            let Some((parameter, origin)) = taint.reaches(function, url) else { continue };
            let looked_at =
                function.calls.iter().any(|call| matches!(call.name.as_str(), "urlparse" | "urlsplit" | "startswith"))
                    || function.compares.iter().any(|one| matches!(one.operator, "in" | "not in"));
            if looked_at {
                continue;
            }
            let mut trace = origin.trace.clone();
            trace.push(step(format!("`{parameter}` is the address"), &call.location));
            findings.push(Finding {
                trace,
                why: "Callers make the service ask addresses only it can reach: metadata of the cloud, internal services."
                    .to_owned(),
                help: "Allow hosts from a list, or refuse private addresses after resolving the name; do not follow redirects."
                    .to_owned(),
                trade_off: "Fine where only administrators may call it, or the network lets nothing through.".to_owned(),
                ..RULE.finding(
                    Confidence::High,
                    format!("{} {parameter}", function.name),
                    &call.location,
                    format!("`{parameter}` of `{}` is an address that `{}` requests.", origin.endpoint, short(&function.name)),
                )
            });
        }
    }
    findings
}

fn is_request(call: &Call) -> bool {
    let callee = call.callee.as_deref().unwrap_or_default();
    ["httpx.", "requests.", "aiohttp.", "urllib.request.urlopen"].iter().any(|library| callee.starts_with(library))
        && matches!(
            call.name.as_str(),
            "get" | "post" | "put" | "patch" | "delete" | "head" | "request" | "stream" | "urlopen"
        )
}

/// Whether the value is the address itself, or begins it.
fn chooses_host(url: &Operand) -> bool {
    match url.form {
        Form::Name => true,
        Form::Interpolated => ["f\"{", "f'{", "f\"http://{", "f\"https://{", "f'http://{", "f'https://{"]
            .iter()
            .any(|start| url.text.starts_with(start)),
        Form::Call => url.name.as_deref() == Some("str"),
        _ => false,
    }
}
