//! Tokens that are decoded without their signature being verified.

use architect_model::Service;
use architect_model::code::{Call, Function, Operand};
use architect_source::{Confidence, Finding, Severity};

use crate::text::short;
use crate::{Rule, step};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "jwt-unverified",
    group: "security",
    docs: include_str!("jwt_unverified.md"),
    severity: Severity::Error,
    since: "0.1.0",
    check,
};

fn check(service: &Service) -> Vec<Finding> {
    let requests = crate::requests::Requests::of(service);
    let mut findings = Vec::new();
    for (function, endpoint) in requests.functions(&service.code) {
        for call in &function.calls {
            let Some(what) = weakness(call) else { continue };
            // A look at the header before the token is decoded for real is fine.
            if function.calls.iter().any(|other| is_decode(other) && weakness(other).is_none())
                || continues(service, function)
            {
                continue;
            }
            if is_trusted(service, call) || is_asked_before(&requests, function, call) {
                continue;
            }
            findings.push(Finding {
                trace: vec![step(format!("{what}; reached from `{endpoint}`"), &call.location)],
                why: "Anyone can write a token with any content: what it says of its owner proves nothing.".to_owned(),
                help: "Decode with the key and `algorithms=[…]` as constants, and leave verification on.".to_owned(),
                trade_off: "Fine when the token has been verified before, by a gateway or another function.".to_owned(),
                ..RULE.finding(
                    // An identity token that comes from the provider itself over TLS need not be verified.
                    if call.argument("jwt", 0).is_some_and(|token| token.text.contains("id_token")) {
                        Confidence::Medium
                    } else {
                        Confidence::High
                    },
                    format!("{} {what}", function.name),
                    &call.location,
                    format!("`{}` trusts a token whose signature is not verified: {what}.", short(&function.name)),
                )
            });
        }
    }
    findings
}

/// Whether the function calls another of the project that decodes tokens for real.
fn continues(service: &Service, function: &Function) -> bool {
    let called = function.calls.iter().filter_map(|call| service.code.function(call.callee.as_deref()?));
    called.flat_map(|inner| &inner.calls).any(|call| is_decode(call) && weakness(call).is_none())
}

/// Whether the token comes from where it was made: the service itself, or somebody the service asked.
fn is_trusted(service: &Service, call: &Call) -> bool {
    let Some(token) = call.argument("jwt", 0).or_else(|| call.keyword("token")) else { return false };
    token.through.iter().any(|name| {
        let makes = service.code.function(name).is_some_and(|function| {
            function.calls.iter().any(|call| library(call).is_some_and(|callee| callee.ends_with(".encode")))
        });
        let last = name.rsplit(['.', ':']).next().unwrap_or(name);
        makes || matches!(last, "post" | "fetch_token" | "fetch_access_token" | "authorize_access_token")
    })
}

/// Whether an endpoint has its caller authenticated first, and looks at the token the request brought.
fn is_asked_before(requests: &crate::requests::Requests<'_>, function: &Function, call: &Call) -> bool {
    let Some(routes) = requests.endpoints.get(function.name.as_str()) else { return false };
    let of_request =
        call.arguments.first().is_some_and(|token| {
            token.names.iter().chain(&token.sources).any(|name| {
                matches!(name.as_str(), "request" | "authorization" | "credentials" | "token" | "auth_header")
            })
        });
    of_request && routes.iter().all(|one| one.route.auth.class == architect_model::service::AuthClass::Required)
}

fn library(call: &Call) -> Option<&str> {
    let callee = call.callee.as_deref()?;
    let known = ["jwt.", "jose.", "authlib.jose."].iter().any(|prefix| callee.starts_with(prefix));
    known.then_some(callee)
}

fn is_decode(call: &Call) -> bool {
    library(call).is_some_and(|callee| callee.ends_with(".decode"))
}

fn weakness(call: &Call) -> Option<&'static str> {
    let callee = library(call)?;
    if callee.ends_with(".get_unverified_claims") {
        return Some("`get_unverified_claims` verifies nothing");
    }
    if !is_decode(call) {
        return None;
    }
    let off = |operand: Option<&Operand>| operand.and_then(Operand::bool) == Some(false);
    let options = call.keyword("options");
    let signature =
        options.and_then(|options| options.items.iter().find(|one| one.keyword.as_deref() == Some("verify_signature")));
    if off(signature) || off(call.keyword("verify")) {
        return Some("verification of the signature is off");
    }
    let algorithms = call.argument("algorithms", 2);
    if algorithms.is_some_and(|one| {
        one.items.iter().any(|item| item.str().is_some_and(|name| name.eq_ignore_ascii_case("none")))
    }) {
        return Some("the algorithm `none` is accepted");
    }
    if algorithms.is_some_and(|one| one.through.iter().any(|name| name.ends_with("get_unverified_header"))) {
        return Some("the token itself chooses the algorithm");
    }
    let open = call.arguments.iter().any(|one| matches!(one.keyword.as_deref(), Some("*" | "**")));
    (callee.starts_with("jose.jwt") && algorithms.is_none() && !open).then_some("no `algorithms` are given")
}
