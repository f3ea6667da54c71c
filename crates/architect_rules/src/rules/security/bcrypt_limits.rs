//! Passwords longer than bcrypt reads.

use architect_model::Service;
use architect_model::code::Operand;
use architect_model::schema::{Scalar, SchemaKind, Type};
use architect_source::{Confidence, Finding, Location, Severity};

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
const LIMIT: i64 = 72;

fn check(service: &Service) -> Vec<Finding> {
    let Some(hashed) = hashing(service) else { return Vec::new() };
    let raises = service
        .libraries
        .get("bcrypt")
        .and_then(|version| version.split('.').next()?.parse::<u32>().ok())
        .is_none_or(|major| major >= 5);
    let mut findings: Vec<Finding> = Vec::new();
    for one in service.endpoints() {
        let Some(operation) = &one.route.operation else { continue };
        for body in &operation.body {
            let mut ty = &body.field.ty;
            while let Type::Annotated { inner, .. } = ty {
                ty = inner;
            }
            let Type::Reference(at) = ty else { continue };
            let Some(schema) = service.schemas.get(*at).filter(|schema| schema.kind == SchemaKind::Model) else {
                continue;
            };
            for field in
                schema.fields.iter().filter(|field| words(&field.name).last().is_some_and(|word| word == "password"))
            {
                if !is_text(&field.ty) || longest(&field.ty).is_some_and(|most| most <= LIMIT) {
                    continue;
                }
                let Some((place, validated)) = place(service, &schema.qualified, &field.name) else { continue };
                if validated || findings.iter().any(|known| known.location == place) {
                    continue;
                }
                let effect = if raises {
                    "bcrypt 5 raises `ValueError` beyond 72 bytes: the caller gets 500"
                } else {
                    "bcrypt before 5 ignores what is beyond 72 bytes: other passwords open the account"
                };
                findings.push(Finding {
                    trace: vec![
                        step(format!("`{}` takes passwords of any length", one.title()), &place),
                        step("passwords are hashed by bcrypt", &hashed),
                    ],
                    why: format!("{effect}."),
                    help: "Set `max_length=72` (characters; some take more than one byte), or hash with Argon2 (`pwdlib`).".to_owned(),
                    trade_off: "Longer passwords are refused with 422.".to_owned(),
                    ..RULE.finding(
                        Confidence::High,
                        format!("{} {}", schema.qualified, field.name),
                        &place,
                        format!("`{}.{}` may be longer than the 72 bytes bcrypt reads.", schema.name, field.name),
                    )
                });
            }
        }
    }
    findings
}

/// Where the service hashes passwords by bcrypt.
fn hashing(service: &Service) -> Option<Location> {
    let about = |name: &str| words(name).iter().any(|word| matches!(word.as_str(), "password" | "passwd" | "pwd"));
    for function in service.code.functions.iter().filter(|function| !function.aside) {
        for call in &function.calls {
            let callee = call.callee.as_deref().unwrap_or_default();
            let mut names = call.arguments.iter().flat_map(|one| one.names.iter().chain([&one.text]));
            let passwords = about(&function.name)
                || names.any(|name| about(name))
                || function.parameters.iter().any(|one| about(&one.name));
            let direct = callee == "bcrypt.hashpw" || callee.ends_with("passlib.hash.bcrypt.hash");
            let context = callee.ends_with("CryptContext")
                && call.argument("schemes", 0).is_some_and(|schemes| {
                    schemes.items.first().and_then(Operand::str).is_some_and(|name| name.starts_with("bcrypt"))
                });
            if direct && passwords || context {
                return Some(call.location.clone());
            }
        }
    }
    None
}

fn is_text(ty: &Type) -> bool {
    match ty {
        Type::Scalar(scalar) => matches!(scalar, Scalar::String | Scalar::Password),
        Type::Annotated { inner, .. } => is_text(inner),
        Type::Union { members, .. } => members.iter().any(is_text),
        _ => false,
    }
}

fn longest(ty: &Type) -> Option<i64> {
    match ty {
        Type::Annotated { inner, facts } => {
            ["max_length", "maxLength"].iter().find_map(|key| facts.get(*key)?.as_i64()).or_else(|| longest(inner))
        }
        Type::Union { members, .. } => members.iter().find_map(longest),
        _ => None,
    }
}

/// Where a field is written, and whether a validator of the class looks at it.
fn place(service: &Service, qualified: &str, field: &str) -> Option<(Location, bool)> {
    let class = service.code.classes.iter().find(|class| class.name.replacen(':', ".", 1) == qualified)?;
    let ancestors = service.code.ancestors(&class.name);
    let place = ancestors.iter().find_map(|name| {
        service.code.class(name)?.fields.iter().find(|one| one.name == field).map(|one| one.location.clone())
    })?;
    let validated = service.code.functions.iter().any(|function| {
        function.class.as_ref().is_some_and(|class| ancestors.contains(class))
            && (!function.compares.is_empty() || function.calls.iter().any(|call| call.name == "len"))
            && function.decorators.iter().any(|one| {
                one.items.iter().any(|item| item.str() == Some(field)) || one.text.contains("model_validator")
            })
    });
    Some((place, validated))
}
