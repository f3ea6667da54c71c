//! Refresh tokens that nothing can end.

use std::collections::BTreeSet;

use architect_model::Service;
use architect_model::code::{Call, Function};
use architect_model::service::{Dependency, EffectiveRoute};
use architect_source::{Confidence, Finding, Severity};

use crate::requests::{Requests, words};
use crate::text::short;
use crate::{Rule, step};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "refresh-without-rotation",
    group: "security",
    docs: include_str!("refresh_without_rotation.md"),
    severity: Severity::Info,
    since: "0.3.0",
    check,
};

/// Calls of calls are followed so far.
const DEEPEST: usize = 6;
/// Functions that are looked at for one endpoint.
const MOST: usize = 200;

/// Words of names that say that something is known of a token beside its signature.
const KEPT: &[&str] = &[
    "blacklist",
    "blacklisted",
    "denylist",
    "blocklist",
    "whitelist",
    "allowlist",
    "revoke",
    "revoked",
    "revocation",
    "rotate",
    "rotation",
    "jti",
    "redis",
    "cache",
    "invalidate",
    "invalidated",
    "version",
    "family",
    "fingerprint",
    "used",
    "consume",
    "consumed",
    "stamp",
    "epoch",
];

fn check(service: &Service) -> Vec<Finding> {
    let requests = Requests::of(service);
    let mut findings: Vec<Finding> = Vec::new();
    for (one, function) in requests.with_code(&service.code) {
        if one.route.is_websocket() || !is_refresh(one, function) {
            continue;
        }
        let Some((decode, encode)) = trusts(service, one, function) else { continue };
        if findings.iter().any(|known| known.location == function.location) {
            continue;
        }
        let title = one.title();
        findings.push(Finding {
            trace: vec![
                step("the refresh token is read, and only its signature and date are checked", &decode.location),
                step("a new token is made", &encode.location),
            ],
            why: "A refresh token that leaks is good until it expires: whoever has it makes access tokens with it, beside \
                  the owner and unnoticed, and neither a logout nor a new password ends that."
                .to_owned(),
            help: "Keep refresh tokens, or their `jti`, where they can be looked up: take each one once, answer with the \
                   next, and end all of a login when one comes a second time."
                .to_owned(),
            trade_off: "A lookup for each refresh. Fine where refresh tokens live as briefly as a session may."
                .to_owned(),
            ..RULE.finding(
                Confidence::Medium,
                title.clone(),
                &function.location,
                format!("`{title}` takes a refresh token again and again: nothing stores, replaces or revokes it."),
            )
        });
    }
    findings
}

/// Whether an endpoint is for refresh tokens.
fn is_refresh(one: &EffectiveRoute<'_>, function: &Function) -> bool {
    let of = |text: &str| words(text);
    let named = [of(one.path.rsplit('/').find(|part| !part.is_empty()).unwrap_or_default()), of(short(&function.name))];
    named.iter().flatten().any(|word| word == "refresh")
}

/// Where a refresh token is read and where another token is made, if that is all there is to it.
fn trusts<'s>(service: &'s Service, one: &EffectiveRoute<'s>, function: &'s Function) -> Option<(&'s Call, &'s Call)> {
    if let Some(entry) = one.route.request.and_then(|at| service.requests.entries.get(at)) {
        let of_tokens = |what: &str| {
            words(what).iter().any(|word| {
                matches!(word.as_str(), "token" | "tokens" | "session" | "sessions" | "device" | "devices" | "grant")
            })
        };
        if entry.writes || entry.commits || entry.may_commit || entry.terms.iter().any(|term| of_tokens(&term.what)) {
            return None;
        }
    }
    let all = closure(service, one, function)?;
    let mut decode = None;
    let mut encode = None;
    for function in &all {
        let keeps = |text: &str| words(text).iter().any(|word| KEPT.contains(&word.as_str()));
        if function.keys.iter().chain(&function.reads).any(|name| keeps(name)) || keeps(short(&function.name)) {
            return None;
        }
        if function.compares.iter().any(|one| is_kept_token(&one.left.text) || is_kept_token(&one.right.text)) {
            return None;
        }
        for call in &function.calls {
            if is_jwt(call, "decode") {
                decode.get_or_insert(call);
            } else if is_jwt(call, "encode") {
                encode.get_or_insert(call);
            } else if keeps(&call.name) || call.receiver.as_deref().is_some_and(keeps) || looks_up(service, call) {
                return None;
            }
        }
    }
    decode.zip(encode)
}

/// The functions that an endpoint runs; nothing where there are too many to know.
fn closure<'s>(service: &'s Service, one: &EffectiveRoute<'s>, function: &'s Function) -> Option<Vec<&'s Function>> {
    let code = &service.code;
    let dependencies = one.route.dependencies.iter().flat_map(Dependency::tree);
    let mut level: Vec<&Function> = dependencies.filter_map(|dependency| code.function(&dependency.call)).collect();
    level.push(function);
    let mut out: Vec<&Function> = Vec::new();
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    for _ in 0..=DEEPEST {
        let callees = level.iter().flat_map(|function| &function.calls).filter_map(|call| call.callee.as_deref());
        let next: Vec<&Function> =
            callees.filter(|name| seen.insert(name)).filter_map(|name| code.function(name)).collect();
        out.append(&mut level);
        if out.len() > MOST {
            return None;
        }
        level = next;
    }
    level.is_empty().then_some(out)
}

/// A token that an object has: `user.refresh_token`.
fn is_kept_token(text: &str) -> bool {
    text.rsplit_once('.').is_some_and(|(_, name)| {
        let words = words(name);
        words.iter().any(|word| matches!(word.as_str(), "token" | "hash" | "changed"))
            && !words.iter().any(|word| matches!(word.as_str(), "type"))
    })
}

/// Whether a call that is not followed may look a token up: it is given one, and neither makes an answer nor reads one.
fn looks_up(service: &Service, call: &Call) -> bool {
    let known = call.callee.as_deref();
    if known.is_some_and(|name| service.code.function(name).is_some() || service.code.class(name).is_some()) {
        return false;
    }
    let of_token =
        |text: &str| words(text).iter().any(|word| matches!(word.as_str(), "token" | "refresh" | "payload" | "claims"));
    let given = call.arguments.iter().any(|one| one.names.iter().any(|name| of_token(name)));
    // What a value has by itself.
    let is_plain = matches!(
        call.name.as_str(),
        "get"
            | "set_cookie"
            | "delete_cookie"
            | "split"
            | "strip"
            | "encode"
            | "decode"
            | "startswith"
            | "replace"
            | "update"
            | "copy"
            | "items"
            | "pop"
    ) || call.receiver.is_none()
        || known.is_some_and(|name| {
            ["logging.", "datetime.", "uuid.", "fastapi.", "starlette.", "jwt.", "jose."]
                .iter()
                .any(|library| name.starts_with(library))
        })
        || call.receiver.as_deref().is_some_and(|receiver| {
            let last = receiver.rsplit('.').next().unwrap_or(receiver);
            matches!(last, "logger" | "log" | "logging" | "jwt" | "self")
        });
    given && !is_plain
}

fn is_jwt(call: &Call, what: &str) -> bool {
    matches!(
        call.callee.as_deref().and_then(|callee| callee.strip_suffix(what)),
        Some("jwt." | "jose.jwt." | "jwt.api_jwt.")
    )
}
