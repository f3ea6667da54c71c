//! What endpoints ask of their callers besides security schemes: codes, signatures, passwords in a body.

use std::collections::BTreeSet;

use architect_model::Service;
use architect_model::code::{Call, Function};
use architect_model::service::{Dependency, EffectiveRoute};

use crate::requests::words;

/// Calls that are followed from an endpoint to what checks its caller.
const DEEPEST: usize = 4;
/// Functions that are looked at for one endpoint.
const MOST: usize = 200;

/// Whether something that an endpoint runs may refuse a caller who does not know a secret: it compares one, reads a
/// signed token, or answers 401 or 403.
pub(crate) fn are_checked(service: &Service, one: &EffectiveRoute<'_>) -> bool {
    let dependencies: Vec<&Dependency> = one.route.dependencies.iter().flat_map(Dependency::tree).collect();
    if dependencies.iter().any(|dependency| asks_for_a_code(service, dependency)) {
        return true;
    }
    let endpoint = one.route.endpoint.iter().map(|endpoint| endpoint.name.as_str());
    let mut level: Vec<&Function> = endpoint
        .chain(dependencies.iter().map(|dependency| dependency.call.as_str()))
        .filter_map(|name| service.code.function(name))
        .collect();
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    for _ in 0..=DEEPEST {
        if level.iter().any(|function| refuses(function) || function.calls.iter().any(verifies)) {
            return true;
        }
        let next = level.iter().flat_map(|function| &function.calls).filter_map(|call| call.callee.as_deref());
        let next: Vec<&Function> = next
            .filter(|name| seen.len() < MOST && seen.insert(name))
            .filter_map(|name| service.code.function(name))
            .collect();
        level = next;
    }
    false
}

/// Whether the code of an endpoint calls something that is named after a right and may answer 401 or 403.
pub(crate) fn asks_for_a_right(service: &Service, one: &EffectiveRoute<'_>) -> bool {
    let Some(function) = one.route.endpoint.as_ref().and_then(|endpoint| service.code.function(&endpoint.name)) else {
        return false;
    };
    function.calls.iter().any(|call| {
        let named = words(&call.name).iter().any(|word| names_a_right(word));
        let callee = call.callee.as_deref().filter(|_| named).and_then(|name| service.code.function(name));
        callee.is_some_and(|callee| {
            let mut below = callee.calls.iter().filter_map(|call| service.code.function(call.callee.as_deref()?));
            refuses(callee) || below.any(refuses)
        })
    })
}

/// Whether a word of a name says that it is about a right.
pub(crate) fn names_a_right(word: &str) -> bool {
    matches!(word, "authorize" | "authorized" | "permission" | "permissions" | "access" | "allowed" | "rights")
}

/// A dependency that takes what few know and raises.
fn asks_for_a_code(service: &Service, dependency: &Dependency) -> bool {
    let places = &dependency.parameters;
    let sent = [&places.path, &places.query, &places.header, &places.cookie, &places.body];
    let knows = sent.into_iter().flatten().any(|parameter| {
        words(&parameter.name).iter().any(|word| {
            matches!(
                word.as_str(),
                "code" | "token" | "secret" | "password" | "otp" | "invite" | "challenge" | "signature" | "key"
            )
        })
    });
    knows && service.code.function(&dependency.call).is_some_and(|function| !function.raises.is_empty())
}

fn refuses(function: &Function) -> bool {
    function.raises.iter().any(|raised| {
        raised.arguments.iter().any(|one| {
            matches!(one.int(), Some(401 | 403))
                || one.int().is_none() && (one.text.contains("403") || one.text.contains("401"))
        }) || words(&raised.name)
            .iter()
            .any(|word| matches!(word.as_str(), "unauthorized" | "unauthenticated" | "forbidden" | "authentication"))
    })
}

/// A call that proves something of whoever sent the values it is given.
fn verifies(call: &Call) -> bool {
    let callee = call.callee.as_deref().unwrap_or(&call.name);
    if callee.ends_with("compare_digest") || callee.ends_with("jwt.decode") || callee.ends_with("checkpw") {
        return true;
    }
    let words = words(&call.name);
    let has = |wanted: &[&str]| words.iter().any(|word| wanted.contains(&word.as_str()));
    has(&["verify", "check", "authenticate", "validate"])
        && has(&["password", "signature", "credentials", "otp", "totp", "secret", "hmac", "challenge"])
}

/// Whether a field is what a class of keys or tokens is about: `ApiKey.key`, `AccessToken.token`. What is sent once and
/// used up, such as an invitation, does not count.
pub(crate) fn is_lasting_key(class: &str, field: &str) -> bool {
    let words = words(class);
    let has = |wanted: &[&str]| words.iter().any(|word| wanted.contains(&word.as_str()));
    let lasting = has(&["api", "access", "auth", "bearer", "personal", "lived", "service"]);
    match field {
        "key" => lasting && has(&["key", "keys"]),
        "token" => lasting && has(&["token", "tokens"]),
        _ => false,
    }
}

/// Whether the words of a name end as those of a secret do.
pub(crate) fn ends_as_secret(words: &[&str]) -> bool {
    let endings: [&[&str]; 9] = [
        &["password"],
        &["hashed", "password"],
        &["password", "hash"],
        &["api", "key"],
        &["secret"],
        &["secret", "key"],
        &["private", "key"],
        &["otp", "secret"],
        &["ssn"],
    ];
    endings.iter().any(|ending| words.ends_with(ending))
}

/// The attributes of a mapped class that are named as secrets and loaded with it.
pub(crate) fn secret_columns(service: &Service, class: &str) -> Vec<String> {
    let mapper = service.mappers.iter().find(|mapper| mapper.class == class);
    let columns = mapper.into_iter().flat_map(|mapper| &mapper.columns).filter(|column| !column.deferred);
    let is_secret = |name: &String| {
        let words = words(name);
        ends_as_secret(&words.iter().map(String::as_str).collect::<Vec<_>>())
    };
    columns.map(|column| column.name.clone()).filter(is_secret).collect()
}
