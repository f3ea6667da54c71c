//! Secrets that are written to logs.

use std::collections::BTreeSet;

use architect_model::Service;
use architect_model::code::{Call, Form, Function, Operand};
use architect_source::{Confidence, Finding, Severity};

use crate::requests::words;
use crate::text::short;
use crate::{Rule, step};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "secret-in-log",
    group: "security",
    docs: include_str!("secret_in_log.md"),
    severity: Severity::Warning,
    since: "0.3.0",
    check,
};

const LEVELS: &[&str] =
    &["debug", "info", "warning", "warn", "error", "exception", "critical", "log", "success", "trace"];
/// Last words of names of secrets.
const SECRETS: &[&str] = &["password", "passwd", "passphrase", "jwt"];
/// What a key is for, where it is one that opens something.
/// An access key is the half of a pair that says who calls.
const KEYS: &[&str] = &["api", "private", "secret", "signing", "encryption", "master"];
/// What a token or secret is for, where it is one that opens something: a bare `secret` is often a row that has
/// one.
const KINDS: &[&str] = &[
    "access",
    "refresh",
    "auth",
    "bearer",
    "id",
    "api",
    "reset",
    "session",
    "csrf",
    "private",
    "secret",
    "signing",
    "invite",
    "jwt",
    "verification",
    "client",
    "webhook",
    "shared",
    "totp",
    "consumer",
    "app",
];

fn check(service: &Service) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    let mut seen: BTreeSet<(&str, u32)> = BTreeSet::new();
    for function in service.code.functions.iter().filter(|function| !function.aside) {
        for call in function.calls.iter().filter(|call| is_log(call)) {
            let Some(secret) = call.arguments.iter().find_map(|one| secret(service, function, one)) else { continue };
            if !seen.insert((&call.location.path, call.location.line)) {
                continue;
            }
            findings.push(Finding {
                trace: vec![step(format!("`{secret}` is part of this line"), &call.location)],
                why: "Logs are kept for long, copied to other systems and read by people who may not have the \
                      secret; whoever reads the line has it."
                    .to_owned(),
                help: "Leave it out, or log something that names it without opening anything: an id, or its last \
                       characters."
                    .to_owned(),
                ..RULE.finding(
                    Confidence::High,
                    format!("{} {secret}", function.name),
                    &call.location,
                    format!("`{}` writes `{secret}` to the log.", short(&function.name)),
                )
            });
        }
    }
    findings
}

fn is_log(call: &Call) -> bool {
    let by_logger = call.receiver.as_deref().is_some_and(|receiver| {
        let last = receiver.rsplit('.').next().unwrap_or(receiver).trim_start_matches('_').to_lowercase();
        matches!(last.as_str(), "logger" | "log" | "logging" | "loguru") || last.ends_with("logger")
    });
    by_logger && LEVELS.contains(&call.name.as_str())
}

/// The secret that an argument writes as it is, by its name.
fn secret(service: &Service, function: &Function, operand: &Operand) -> Option<String> {
    match operand.form {
        Form::Name => {
            let text = operand.text.trim_start_matches('*');
            let last = text.rsplit('.').next().unwrap_or(text);
            (is_secret(last) && !is_masked(service, function, text)).then(|| text.to_owned())
        }
        Form::Call if operand.name.as_deref().is_some_and(|name| name.ends_with("get_secret_value")) => {
            Some(operand.text.clone())
        }
        // What stands between the braces of an f-string.
        Form::Interpolated => operand.text.split('{').skip(1).find_map(|part| {
            let value = part.split(['}', '!', ':', '=']).next().unwrap_or_default().trim();
            let last = value.rsplit('.').next().unwrap_or(value);
            let name = value.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.'));
            (name && is_secret(last) && !is_masked(service, function, value)).then(|| value.to_owned())
        }),
        Form::Dict | Form::Sequence | Form::Tuple => {
            operand.items.iter().find_map(|item| secret(service, function, item))
        }
        _ => None,
    }
}

fn is_secret(name: &str) -> bool {
    let all = words(name);
    let Some((last, before)) = all.split_last() else { return false };
    // A constant in capitals is the name of a setting or a message.
    if name.chars().all(|c| !c.is_lowercase()) {
        return false;
    }
    let plain = !before.iter().any(|word| {
        matches!(
            word.as_str(),
            "hashed"
                | "encrypted"
                | "masked"
                | "redacted"
                | "has"
                | "is"
                | "no"
                | "show"
                | "use"
                | "invalid"
                | "public"
                | "num"
                | "max"
        )
    });
    let kind = before.last().map(String::as_str).unwrap_or_default();
    let opens = match last.as_str() {
        "token" | "secret" => KINDS.contains(&kind),
        // Other keys find something: in a cache, a table, a session.
        "key" => KEYS.contains(&kind),
        last => SECRETS.contains(&last),
    };
    plain && opens
}

/// Whether the value hides itself when it is printed, or is no text at all.
fn is_masked(service: &Service, function: &Function, text: &str) -> bool {
    let hides = |annotation: &str| {
        annotation.contains("Secret")
            || !(annotation.contains("str") || annotation.contains("bytes") || annotation.contains("Any"))
    };
    let (root, attribute) = text.split_once('.').unwrap_or((text, ""));
    let parameter = function.parameters.iter().find(|one| one.name == root);
    if attribute.is_empty() {
        return parameter.and_then(|one| one.annotation.as_deref()).is_some_and(hides);
    }
    let class = parameter.and_then(|one| one.class.as_deref()).and_then(|name| service.code.class(name));
    match class {
        Some(class) => {
            let field = service
                .code
                .ancestors(&class.name)
                .iter()
                .find_map(|name| service.code.class(name)?.fields.iter().find(|field| field.name == attribute));
            field.and_then(|field| field.annotation.as_deref()).is_none_or(hides)
        }
        // Of what class it is, is not known: any of the project that has such a field and hides it may be it.
        None => {
            let mut fields = service
                .code
                .classes
                .iter()
                .flat_map(|class| &class.fields)
                .filter(|field| field.name == attribute)
                .peekable();
            fields.peek().is_none() || fields.any(|field| field.annotation.as_deref().is_none_or(hides))
        }
    }
}
