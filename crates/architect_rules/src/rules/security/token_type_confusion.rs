//! Tokens made for one purpose that are accepted for another.

use std::collections::{BTreeMap, BTreeSet};

use architect_model::Service;
use architect_model::code::{Call, Function, Operand};
use architect_source::{Confidence, Finding, Severity};

use crate::requests::{Requests, words};
use crate::text::short;
use crate::{Rule, step};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "token-type-confusion",
    group: "security",
    docs: include_str!("token_type_confusion.md"),
    severity: Severity::Error,
    since: "0.3.0",
    check,
};

/// Words of functions that make tokens for something else than access.
const PURPOSES: &[&str] = &[
    "refresh",
    "reset",
    "verify",
    "verification",
    "confirmation",
    "confirm",
    "invite",
    "invitation",
    "magic",
    "unsubscribe",
];
/// Claims that tell tokens apart.
const TELLING: &[&str] = &[
    "type",
    "token_type",
    "tokenType",
    "typ",
    "aud",
    "audience",
    "scope",
    "scopes",
    "purpose",
    "kind",
    "use",
    "token_use",
    "action",
    "refresh",
    "is_refresh",
    "mode",
    "iss",
    "jti",
];

/// A function that makes tokens.
struct Mint<'s> {
    function: &'s Function,
    /// Where the token is encoded, in it or in what it calls.
    encode: &'s Call,
    purpose: Option<&'static str>,
    /// The claims it names, its caller's among them.
    telling: bool,
}

fn check(service: &Service) -> Vec<Finding> {
    let mints = mints(service);
    let access: Vec<&Mint<'_>> = mints
        .iter()
        .filter(|mint| mint.purpose.is_none() && says(mint.function, &["access", "auth", "login"]))
        .collect();
    let others: Vec<&Mint<'_>> = mints.iter().filter(|mint| mint.purpose.is_some()).collect();
    if access.is_empty() || others.is_empty() {
        return Vec::new();
    }
    let requests = Requests::of(service);
    let mut findings: Vec<Finding> = Vec::new();
    for (name, endpoint) in requests.all_reached() {
        let Some(function) = service.code.function(name).filter(|function| !function.aside) else { continue };
        for decode in function.calls.iter().filter(|call| is_jwt(call, "decode")) {
            // What only the endpoint for such tokens uses may take them.
            if says(function, PURPOSES) || !guards(service, &requests, function) || tells(service, function, decode) {
                continue;
            }
            let Some(key) = decode.argument("key", 1).map(key_text) else { continue };
            let taken = others.iter().find(|mint| {
                mint.encode.argument("key", 1).map(key_text) == Some(key.clone())
                    && access.iter().any(|own| {
                        own.encode.argument("key", 1).map(key_text) == Some(key.clone()) && same_subject(own, mint)
                    })
            });
            let Some(mint) = taken else { continue };
            let purpose = mint.purpose.unwrap_or_default();
            let mut trace = vec![
                step(format!("`{}` makes tokens to {purpose}", short(&mint.function.name)), &mint.function.location),
                step("with this key", &mint.encode.location),
                step(
                    format!("`{}` takes any token of this key as a caller's", short(&function.name)),
                    &decode.location,
                ),
            ];
            trace.extend(mint.telling.then(|| step("the claim that tells them apart is never read", &decode.location)));
            findings.push(Finding {
                trace,
                why: format!(
                    "A token made to {purpose} opens every endpoint: it lives longer, travels by mail or rests in \
                     a browser, and was not meant for that. `{endpoint}` is one of them."
                ),
                help: "Put what a token is for into it (`\"type\": \"access\"`, or `aud`), and refuse every other \
                       when a caller is identified."
                    .to_owned(),
                trade_off: "Tokens without the claim stop working: accept them until they have expired.".to_owned(),
                ..RULE.finding(
                    Confidence::High,
                    format!("{} {}", function.name, mint.function.name),
                    &decode.location,
                    format!(
                        "`{}` accepts tokens of `{}`: nothing tells them from access tokens.",
                        short(&function.name),
                        short(&mint.function.name)
                    ),
                )
            });
        }
    }
    findings.sort_by(|a, b| a.subject.cmp(&b.subject));
    findings.dedup_by(|a, b| a.location == b.location);
    findings
}

/// Functions that make tokens, directly or through one helper.
fn mints(service: &Service) -> Vec<Mint<'_>> {
    let own = || service.code.functions.iter().filter(|function| !function.aside);
    let direct: BTreeMap<&str, (&Function, &Call)> = own()
        .filter_map(|function| {
            Some((function.name.as_str(), (function, function.calls.iter().find(|call| is_jwt(call, "encode"))?)))
        })
        .collect();
    let mut out: Vec<Mint<'_>> = Vec::new();
    for function in own() {
        let (encode, helper) = match direct.get(function.name.as_str()) {
            Some((_, encode)) => (*encode, None),
            None => {
                let helper = function.calls.iter().find_map(|call| direct.get(call.callee.as_deref()?));
                let Some((helper, encode)) = helper else { continue };
                (*encode, Some(*helper))
            }
        };
        let purpose = PURPOSES.iter().copied().find(|purpose| says(function, &[purpose]));
        // Who calls the helper for both is no mint of its own.
        if !says(function, &["token", "jwt"]) {
            continue;
        }
        let telling = |function: &Function| {
            function.keys.iter().any(|key| TELLING.contains(&key.as_str()))
                || function.calls.iter().any(|call| {
                    call.arguments.iter().any(|one| one.keyword.as_deref().is_some_and(|name| TELLING.contains(&name)))
                })
        };
        let telling = telling(function) || helper.is_some_and(telling);
        out.push(Mint { function, encode, purpose, telling });
    }
    out
}

fn is_jwt(call: &Call, what: &str) -> bool {
    matches!(
        call.callee.as_deref().and_then(|callee| callee.strip_suffix(what)),
        Some("jwt." | "jose.jwt." | "jwt.api_jwt.")
    )
}

fn says(function: &Function, wanted: &[&str]) -> bool {
    words(short(&function.name).rsplit('.').next().unwrap_or_default())
        .iter()
        .any(|word| wanted.contains(&word.as_str()))
}

/// The key as written, a secret taken out of its wrapper.
fn key_text(key: &Operand) -> String {
    key.text.replace(".get_secret_value()", "").replace("str(", "").replace([' ', ')'], "")
}

/// Whether tokens of a function identify callers: a dependency reaches it.
fn guards(service: &Service, requests: &Requests<'_>, function: &Function) -> bool {
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    let mut work: Vec<&str> = requests
        .endpoints
        .values()
        .flatten()
        .flat_map(|one| one.route.auth.by.iter().map(|by| by.name.as_str()))
        .filter(|name| requests.dependencies().contains(name))
        .collect();
    while let Some(name) = work.pop() {
        if name == function.name {
            return true;
        }
        let Some(one) = service.code.function(name).filter(|_| seen.insert(name)) else { continue };
        work.extend(one.calls.iter().filter_map(|call| call.callee.as_deref()));
    }
    false
}

/// Whether the way from a token to a caller looks at what the token is for: here, or in a function that calls this one.
fn tells(service: &Service, function: &Function, decode: &Call) -> bool {
    let looks = |function: &Function| {
        let names = |text: &str| {
            words(text)
                .iter()
                .any(|word| matches!(word.as_str(), "type" | "typ" | "scope" | "scopes" | "purpose" | "aud" | "kind"))
        };
        function.keys.iter().any(|key| TELLING.contains(&key.as_str()))
            || function.reads.iter().any(|name| names(name))
            || function.compares.iter().any(|one| names(&one.left.text) || names(&one.right.text))
            || function.calls.iter().any(|call| {
                call.arguments.iter().any(|one| {
                    one.keyword.as_deref().is_some_and(&names) || one.str().is_some_and(|text| TELLING.contains(&text))
                })
            })
    };
    decode.keyword("audience").is_some()
        || decode.keyword("issuer").is_some()
        || looks(function)
        || service.code.functions.iter().any(|other| {
            !other.aside
                && other.calls.iter().any(|call| call.callee.as_deref() == Some(function.name.as_str()))
                && looks(other)
        })
        || function.parameters.iter().any(|one| words(&one.name).iter().any(|word| TELLING.contains(&word.as_str())))
}

/// Whether both say the same of whom they are about: an address is no id.
fn same_subject(one: &Mint<'_>, other: &Mint<'_>) -> bool {
    let about_mail = |function: &Function| {
        function
            .parameters
            .iter()
            .any(|parameter| words(&parameter.name).iter().any(|word| word == "email" || word == "mail"))
    };
    about_mail(one.function) == about_mail(other.function)
}
