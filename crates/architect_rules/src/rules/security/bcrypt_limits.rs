//! Passwords longer than bcrypt reads.

use architect_model::Service;
use architect_model::code::Operand;
use architect_model::schema::{Field, Scalar};
use architect_source::{Confidence, Finding, Location, Severity};

use crate::models::{bound, is_one_of, model_of, written};
use crate::requests::words;
use crate::{Rule, step};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "bcrypt-limits",
    group: "security",
    docs: include_str!("bcrypt_limits.md"),
    severity: Severity::Warning,
    since: "0.1.0",
    check,
};

/// Bytes bcrypt reads.
const LIMIT: f64 = 72.0;

/// A field that may be longer.
struct Long {
    field: String,
    title: String,
    /// The most characters that it takes, where there is such a bound.
    most: Option<f64>,
    place: Location,
}

fn check(service: &Service) -> Vec<Finding> {
    let Some(hashed) = hashing(service) else { return Vec::new() };
    let version = service.libraries.get("bcrypt").and_then(|version| version.split('.').next()?.parse::<u32>().ok());
    let raises = version.is_none_or(|major| major >= 5);
    let mut long: Vec<Long> = Vec::new();
    for one in service.endpoints() {
        let Some(operation) = &one.route.operation else { continue };
        for body in &operation.body {
            let Some(schema) = model_of(service, &body.field.ty) else { continue };
            for field in schema.fields.iter().filter(|field| is_of_account(&field.name)) {
                let most = longest(field);
                if !is_one_of(&field.ty, &[Scalar::String, Scalar::Password]) || most.is_some_and(|most| most <= LIMIT)
                {
                    continue;
                }
                let Some((place, validated)) = place(service, &schema.qualified, &field.name, raises) else { continue };
                if !validated && long.iter().all(|known| known.place != place) {
                    let field = format!("{}.{}", schema.name, field.name);
                    long.push(Long { field, title: one.title(), most, place });
                }
            }
        }
    }
    let Some(first) = long.first() else { return Vec::new() };
    let effect = match version {
        Some(major) if major < 5 => {
            "bcrypt before 5 ignores what is beyond 72 bytes: other passwords open the account, and version 5 raises \
             `ValueError` instead."
        }
        Some(_) => {
            "bcrypt 5 raises `ValueError` beyond 72 bytes, where nobody expects one: callers are not told what is wrong."
        }
        None => {
            "bcrypt 5 raises `ValueError` beyond 72 bytes, where nobody expects one; versions before ignore the rest: \
             other passwords open the account."
        }
    };
    let mut trace = vec![step("passwords are hashed by bcrypt", &hashed)];
    for Long { field, title, most, place } in &long {
        let length = most.map_or("of any length".to_owned(), |most| format!("of up to {most} characters"));
        trace.push(step(format!("`{title}` takes `{field}` {length}"), place));
    }
    let more = if long.len() > 1 { format!(" and {} more", long.len() - 1) } else { String::new() };
    vec![Finding {
        trace,
        why: effect.to_owned(),
        help: "Set `max_length=72` (characters; some take more than one byte), or hash with Argon2 (`pwdlib`)."
            .to_owned(),
        trade_off: "Longer passwords are refused with 422.".to_owned(),
        ..RULE.finding(
            Confidence::High,
            "bcrypt",
            &first.place,
            format!("`{}`{more} may be longer than the 72 bytes bcrypt reads.", first.field),
        )
    }]
}

/// Whether a field is the password of an account here, and not one for some other service.
fn is_of_account(field: &str) -> bool {
    const OWN: &[&str] = &[
        "new",
        "old",
        "current",
        "confirm",
        "confirmed",
        "repeat",
        "repeated",
        "plain",
        "user",
        "account",
        "raw",
        "login",
        "admin",
        "initial",
        "temporary",
    ];
    let words = words(field);
    let Some((last, first)) = words.split_last() else { return false };
    last == "password" && first.iter().all(|word| OWN.contains(&word.as_str()))
}

/// Where the service hashes passwords by bcrypt: where the code says that it is one of passwords, if it does.
fn hashing(service: &Service) -> Option<Location> {
    let has = |name: &str, wanted: &[&str]| words(name).iter().any(|word| wanted.contains(&word.as_str()));
    let about = |name: &str| has(name, &["password", "passwd", "pwd"]);
    let mut found: Option<(u8, Location)> = None;
    for function in service.code.functions.iter().filter(|function| !function.aside) {
        // What is cut before it is hashed is no longer than it may be.
        let cut = |one: &Operand| one.text.contains(":72]") || one.names.iter().any(|name| name.contains(":72]"));
        let stored = function.stores.iter().filter_map(|store| store.value.as_ref());
        if function.calls.iter().flat_map(|call| &call.arguments).chain(stored).any(cut) {
            continue;
        }
        for call in &function.calls {
            let callee = call.callee.as_deref().unwrap_or_default();
            let mut names = call.arguments.iter().flat_map(|one| one.names.iter().chain([&one.text]));
            let mut passwords = || {
                about(&function.name)
                    || names.any(|name| about(name))
                    || function.parameters.iter().any(|one| about(&one.name))
            };
            let direct = callee == "bcrypt.hashpw" || callee.ends_with("passlib.hash.bcrypt.hash");
            let context = callee.ends_with("CryptContext")
                && call.argument("schemes", 0).is_some_and(|schemes| {
                    schemes.items.first().and_then(Operand::str).is_some_and(|name| name.starts_with("bcrypt"))
                });
            if !direct && !context {
                continue;
            }
            let rank = match passwords() {
                true => 0,
                false if direct => continue,
                false if has(&function.name, &["user", "users", "auth", "account", "accounts", "security"]) => 1,
                false => 2,
            };
            if found.as_ref().is_none_or(|(known, _)| rank < *known) {
                found = Some((rank, call.location.clone()));
            }
        }
    }
    found.map(|(_, place)| place)
}

fn longest(field: &Field) -> Option<f64> {
    bound(&field.ty, &["max_length", "maxLength"])
}

/// Where a field is written, and whether a validator of the class looks at it: one that hashes it answers with 422 where
/// bcrypt raises.
fn place(service: &Service, qualified: &str, field: &str, raises: bool) -> Option<(Location, bool)> {
    let place = written(service, qualified, field)?.location.clone();
    let class = service.code.class_at(qualified)?;
    let ancestors = service.code.ancestors(&class.name);
    let hashes = |name: &str| words(name).iter().any(|word| word == "hash" || word == "hashpw");
    let validated = service.code.functions.iter().any(|function| {
        function.class.as_ref().is_some_and(|class| ancestors.contains(class))
            && (!function.compares.is_empty()
                || function.calls.iter().any(|call| call.name == "len" || raises && hashes(&call.name)))
            && function.decorators.iter().any(|one| {
                one.items.iter().any(|item| item.str() == Some(field)) || one.text.contains("model_validator")
            })
    });
    Some((place, validated))
}
