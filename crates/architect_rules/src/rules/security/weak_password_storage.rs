//! Passwords that go through a fast hash.

use architect_model::Service;
use architect_source::{Confidence, Finding, Severity};

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
    let mut findings = Vec::new();
    for function in service.code.functions.iter().filter(|function| !function.aside) {
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
                words.iter().any(|word| matches!(word.as_str(), "password" | "passwd" | "pwd"))
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
