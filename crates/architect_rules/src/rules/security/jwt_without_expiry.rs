//! Tokens that are valid forever.

use architect_model::Service;
use architect_model::code::{Call, Code, Form, Function};
use architect_source::{Confidence, Finding, Severity};

use crate::text::short;
use crate::{Rule, step};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "jwt-without-expiry",
    group: "security",
    docs: include_str!("jwt_without_expiry.md"),
    severity: Severity::Warning,
    since: "0.1.0",
    check,
};

fn check(service: &Service) -> Vec<Finding> {
    let mut findings = Vec::new();
    for function in service.code.functions.iter().filter(|function| !function.aside) {
        for call in function.calls.iter().filter(|call| is_encode(call)) {
            let Some(payload) = call.argument("payload", 0).or_else(|| call.keyword("claims")) else { continue };
            // What comes from elsewhere may hold it already; only what is written here is known.
            let own =
                payload.form == Form::Dict && !payload.items.iter().any(|one| one.keyword.as_deref() == Some("**"));
            let copied = payload.form == Form::Name && !payload.sources.is_empty();
            if says_expiry(function) || !(own || copied && callers_leave_it_out(&service.code, function)) {
                continue;
            }
            findings.push(Finding {
                trace: vec![step("this token has no `exp`", &call.location)],
                why: "A token without `exp` is accepted forever: one that leaks, or belongs to a user who left, stays valid."
                    .to_owned(),
                help: "Add `\"exp\": datetime.now(UTC) + timedelta(minutes=…)`, and decode with \
                       `options={\"require\": [\"exp\"]}`."
                    .to_owned(),
                trade_off: "Callers have to renew tokens. Fine when every token is looked up in a table that can revoke it."
                    .to_owned(),
                ..RULE.finding(
                    Confidence::High,
                    &function.name,
                    &call.location,
                    format!("Tokens made in `{}` never expire.", short(&function.name)),
                )
            });
        }
    }
    findings
}

fn is_encode(call: &Call) -> bool {
    matches!(call.callee.as_deref(), Some("jwt.encode" | "jose.jwt.encode" | "jwt.api_jwt.encode"))
}

fn says_expiry(function: &Function) -> bool {
    function.keys.iter().any(|key| key == "exp") || function.calls.iter().any(|call| call.keyword("exp").is_some())
}

/// Whether every function that calls this one is known and says nothing of `exp` either.
fn callers_leave_it_out(code: &Code, function: &Function) -> bool {
    let names = [function.name.as_str()];
    let mut callers = code.callers(&names).peekable();
    callers.peek().is_some()
        && callers.all(|caller| {
            !says_expiry(caller)
                && caller
                    .calls
                    .iter()
                    .filter(|call| call.callee.as_deref() == Some(function.name.as_str()))
                    .all(|call| call.arguments.iter().any(|one| one.form == Form::Dict))
        })
}
