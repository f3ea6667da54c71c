//! Passwords that go through a fast hash, and keys that are stored as they are.

use architect_model::Service;
use architect_model::code::Operand;
use architect_source::{Confidence, Finding, Severity};

use crate::credentials::is_lasting_key;
use crate::requests::words;
use crate::text::short;
use crate::{Rule, step};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "weak-password-storage",
    group: "security",
    docs: include_str!("weak_password_storage.md"),
    severity: Severity::Error,
    since: "0.1.0",
    check,
};

const FAST: &[&str] = &[
    "hashlib.md5",
    "hashlib.sha1",
    "hashlib.sha224",
    "hashlib.sha256",
    "hashlib.sha384",
    "hashlib.sha512",
    "hashlib.sha3_256",
];

fn check(service: &Service) -> Vec<Finding> {
    let mut findings = hashed_fast(service);
    findings.extend(kept_in_clear(service));
    findings
}

fn hashed_fast(service: &Service) -> Vec<Finding> {
    let mut findings = Vec::new();
    for function in service.code.functions.iter().filter(|function| !function.aside) {
        if !function.calls.iter().any(|call| call.callee.as_deref().is_some_and(|callee| FAST.contains(&callee))) {
            continue;
        }
        // A fast hash in front of a slow one, or to ask a list of leaked passwords, stores nothing weak.
        let slow = function.calls.iter().any(|call| {
            let callee = call.callee.as_deref().unwrap_or_default();
            ["bcrypt", "argon2", "passlib", "pwdlib", "scrypt", "pbkdf2"].iter().any(|name| callee.contains(name))
                || matches!(call.name.as_str(), "hashpw" | "checkpw" | "verify" | "pbkdf2_hmac")
        });
        if slow
            || words(short(&function.name)).iter().any(|word| matches!(word.as_str(), "pwned" | "leaked" | "breached"))
        {
            continue;
        }
        for call in &function.calls {
            let Some(callee) = call.callee.as_deref().filter(|callee| FAST.contains(callee)) else { continue };
            let password = call.arguments.iter().flat_map(|one| &one.names).find(|name| {
                let words = words(name);
                // Constants say what passwords are called, not what they are.
                name.chars().any(char::is_lowercase)
                    && words.iter().any(|word| matches!(word.as_str(), "password" | "passwd" | "pwd"))
            });
            let Some(password) = password else { continue };
            findings.push(Finding {
                trace: vec![step(format!("`{password}` is hashed by `{callee}`"), &call.location)],
                why: "A graphics card tries billions of such hashes a second: a stolen table is a table of passwords."
                    .to_owned(),
                help: "Use `pwdlib` or `argon2-cffi` (or bcrypt), which salt and are slow by design.".to_owned(),
                trade_off:
                    "Old hashes stay until their owners log in again; rehash then. Hashing belongs off the event loop."
                        .to_owned(),
                ..RULE.finding(
                    Confidence::High,
                    format!("{} {callee}", function.name),
                    &call.location,
                    format!("`{}` hashes a password with `{callee}`, which is fast to guess.", short(&function.name)),
                )
            });
        }
    }
    findings
}

/// Columns of keys and tokens that are looked up by what a caller sends, unhashed.
fn kept_in_clear(service: &Service) -> Vec<Finding> {
    let mut findings = Vec::new();
    for mapper in &service.mappers {
        let Some(class) = service.code.class(&mapper.class).filter(|class| !class.aside) else { continue };
        for field in
            class.fields.iter().filter(|field| lets_in(&field.name) || is_lasting_key(short(&class.name), &field.name))
        {
            let name = format!("{}.{}", short(&class.name), field.name);
            let looked_up = service.code.functions.iter().filter(|function| !function.aside).find_map(|function| {
                let compared = function.compares.iter().filter(|one| one.operator == "==").find_map(|one| {
                    let other = match (&one.left, &one.right) {
                        (left, right) if left.text == name => right,
                        (left, right) if right.text == name => left,
                        _ => return None,
                    };
                    is_as_sent(other).then_some(&one.location)
                });
                let by_keyword = || {
                    let call = function.calls.iter().find(|call| {
                        call.name == "filter_by"
                            && call.receiver.as_deref().is_some_and(|receiver| receiver.contains(short(&class.name)))
                            && call.keyword(&field.name).is_some_and(is_as_sent)
                    })?;
                    Some(&call.location)
                };
                compared.or_else(by_keyword)
            });
            let Some(looked_up) = looked_up else { continue };
            findings.push(Finding {
                trace: vec![
                    step("the column holds the key", &field.location),
                    step("it is looked up by what a caller sends", looked_up),
                ],
                why: "Whoever reads the table, a backup or a log of statements can call the service as everyone in it."
                    .to_owned(),
                help: "Store `hashlib.sha256(key).hexdigest()` and look that up: keys are long and random, so a fast hash is \
                       enough. Show the key once, when it is made."
                    .to_owned(),
                trade_off: "Keys cannot be shown again; those that exist have to be hashed by a migration.".to_owned(),
                ..RULE.finding(
                    Confidence::High,
                    &name,
                    &field.location,
                    format!("`{name}` is stored as callers send it."),
                )
            });
        }
    }
    findings
}

/// Whether a column of that name lets in whoever knows it.
fn lets_in(name: &str) -> bool {
    let words = words(name);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    matches!(words.as_slice(), [.., "api", "key"] | [.., "access" | "refresh" | "session" | "auth" | "bearer", "token"])
}

/// Whether a value was not hashed on its way.
fn is_as_sent(value: &Operand) -> bool {
    let hashes = |name: &String| {
        let name = name.to_lowercase();
        ["hash", "digest", "sha", "hmac", "encrypt"].iter().any(|word| name.contains(word))
    };
    !value.sources.is_empty() && !value.through.iter().any(hashes) && !value.names.iter().any(hashes)
}
