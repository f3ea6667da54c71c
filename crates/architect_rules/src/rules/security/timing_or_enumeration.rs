//! Secrets compared with `==`.

use architect_model::Service;
use architect_model::code::{Form, Operand};
use architect_source::{Confidence, Finding, Severity};

use crate::requests::{Requests, words};
use crate::text::short;
use crate::{Rule, step};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "timing-or-enumeration",
    group: "security",
    docs: include_str!("timing_or_enumeration.md"),
    severity: Severity::Info,
    since: "0.1.0",
    check,
};

fn check(service: &Service) -> Vec<Finding> {
    let requests = Requests::of(service);
    let mut findings = Vec::new();
    for (function, endpoint) in requests.functions(&service.code) {
        for compare in function.compares.iter().filter(|one| matches!(one.operator, "==" | "!=")) {
            let (left, right) = (&compare.left, &compare.right);
            let is_number = |name: &String| {
                let parameter = function.parameters.iter().find(|parameter| parameter.name == *name);
                parameter.is_some_and(|one| matches!(one.annotation.as_deref(), Some("int" | "float" | "bool")))
            };
            if left.sources.iter().chain(&right.sources).any(is_number) {
                continue;
            }
            let sent = |one: &Operand| !one.sources.is_empty() && one.sources.iter().all(|name| name != "self");
            let kept = |one: &Operand| is_secret(one) && one.sources.iter().all(|name| name == "self");
            let secret = match (sent(left) && kept(right), sent(right) && kept(left)) {
                (true, _) => right,
                (_, true) => left,
                _ => continue,
            };
            findings.push(Finding {
                trace: vec![step(
                    format!("`{}` is compared with what a caller sends to `{endpoint}`", secret.text),
                    &compare.location,
                )],
                why: "`==` stops at the first difference: how long it takes tells how much of the secret was right."
                    .to_owned(),
                help: "Use `secrets.compare_digest(a, b)`.".to_owned(),
                ..RULE.finding(
                    Confidence::High,
                    format!("{} {}", function.name, secret.text),
                    &compare.location,
                    format!(
                        "`{}` compares the secret `{}` with `{}`.",
                        short(&function.name),
                        secret.text,
                        compare.operator
                    ),
                )
            });
        }
    }
    findings
}

/// Whether it names a secret as such: a setting or a constant, no literal, no part of it.
fn is_secret(one: &Operand) -> bool {
    if one.form != Form::Name || one.constant.is_some() && one.str().is_none() {
        return false;
    }
    let last = one.text.rsplit('.').next().unwrap_or_default();
    // A member of a class is a column or a member of an enumeration.
    let root = one.text.split('.').next().unwrap_or_default();
    if root != last && root.starts_with(char::is_uppercase) && root.contains(char::is_lowercase) {
        return false;
    }
    // A class is no secret.
    if last.starts_with(char::is_uppercase) && last.contains(char::is_lowercase) {
        return false;
    }
    // What masks a secret is none.
    if one.str().is_some_and(|text| text.chars().filter(|letter| letter.is_alphanumeric()).count() < 6) {
        return false;
    }
    // A constant that is a word is the name of a field, or stands for a value that is none.
    if one.str().is_some_and(|text| text.chars().all(|letter| letter.is_alphabetic() || "_-. /".contains(letter))) {
        return false;
    }
    let words = words(last);
    let has = |wanted: &[&str]| words.iter().any(|word| wanted.contains(&word.as_str()));
    (has(&["secret", "password", "token"]) || has(&["key"]) && has(&["api", "secret", "admin", "access"]))
        && !has(&["type", "name", "id", "count", "field", "header", "url", "kind", "length", "status", "prefix"])
        && !has(&[
            "subject",
            "route",
            "sentinel",
            "audience",
            "issuer",
            "scope",
            "purpose",
            "algorithm",
            "pending",
            "placeholder",
            "event",
            "action",
            "cancel",
            "cancellation",
            "continuation",
            "cursor",
            "page",
        ])
        && last.chars().any(|letter| letter.is_alphabetic())
}
