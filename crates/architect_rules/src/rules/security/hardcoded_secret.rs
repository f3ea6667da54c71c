//! Secrets that others know: with a value in the code, or from a generator whose numbers can be predicted.

use architect_model::Service;
use architect_model::code::{Class, Field, Form, Function, Operand};
use architect_source::{Confidence, Finding, Location, Severity};

use crate::requests::words;
use crate::text::short;
use crate::{Rule, step};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "hardcoded-secret",
    group: "security",
    docs: include_str!("hardcoded_secret.md"),
    severity: Severity::Error,
    since: "0.1.0",
    check,
};

fn check(service: &Service) -> Vec<Finding> {
    let mut findings = Vec::new();
    let code = &service.code;
    for class in code.classes.iter().filter(|class| !class.aside && is_settings(service, class)) {
        for field in class.fields.iter().filter(|field| signs_or_encrypts(&field.name)) {
            let Some(default) =
                default_of(field).filter(|one| !one.str().is_some_and(|text| is_name(&field.name, text)))
            else {
                continue;
            };
            if is_guarded(service, class, field, default) {
                continue;
            }
            findings.push(finding(
                &format!("{}.{}", class.name, field.name),
                &field.name,
                &field.location,
                "is the default",
            ));
        }
    }
    for function in code.functions.iter().filter(|function| !function.aside) {
        for call in &function.calls {
            let callee = call.callee.as_deref().unwrap_or_default();
            if matches!(callee, "jwt.encode" | "jwt.decode" | "jose.jwt.encode" | "jose.jwt.decode") {
                let verifies = call.keyword("options").is_none_or(|options| !options.text.contains("verify_signature"));
                if let Some(key) =
                    call.argument("key", 1).filter(|key| verifies && key.str().is_some_and(|text| !text.is_empty()))
                {
                    findings.push(finding(
                        &format!("{} {}", function.name, key.text),
                        "the signing key",
                        &key.location,
                        "stands",
                    ));
                }
            }
            if matches!(callee, "os.getenv" | "os.environ.get") {
                let (Some(name), Some(default)) =
                    (call.argument("key", 0).and_then(Operand::str), call.argument("default", 1))
                else {
                    continue;
                };
                if signs_or_encrypts(name) && default.str().is_some_and(|text| is_value(text) && !is_name(name, text)) {
                    findings.push(finding(
                        &format!("{} {name}", function.name),
                        name,
                        &call.location,
                        "is the default",
                    ));
                }
            }
        }
        findings.extend(predictable(function));
    }
    findings
}

/// A secret made by `random`, whose numbers follow from those seen before.
fn predictable(function: &Function) -> Option<Finding> {
    let weak = |name: &String| makes_characters(name);
    let made = function.calls.iter().find(|call| call.callee.as_ref().is_some_and(weak))?;
    let keeps = |name: &String| weak(name) || KEEPING.contains(&name.rsplit('.').next().unwrap_or(name));
    let of_random = |operand: &Operand| operand.through.iter().any(weak) && operand.through.iter().all(keeps);
    let about = words(short(&function.name));
    let answers = function.returns.iter().any(|returned| of_random(&returned.value));
    let named = if answers && names_credential(&about) {
        short(&function.name).to_owned()
    } else {
        let handed = function.calls.iter().flat_map(|call| &call.arguments);
        let returned = function.returns.iter().map(|returned| &returned.value);
        let stored = function.stores.iter().filter_map(|store| store.value.as_ref());
        let signs_in = function.name.to_lowercase().contains("oauth");
        handed.chain(returned).chain(stored).flat_map(Operand::flat).filter(|one| of_random(one)).find_map(|one| {
            let own = one.keyword.iter().chain((one.form == Form::Name).then_some(&one.text));
            let name = own.into_iter().find(|name| {
                let words = words(name);
                names_credential(&words) || signs_in && words.last().is_some_and(|word| word == "state")
            });
            name.cloned()
        })?
    };
    Some(Finding {
        trace: vec![step(format!("`{named}` is made of these numbers"), &made.location)],
        why: "`random` is no source of secrets: whoever sees some of its numbers can compute the next ones.".to_owned(),
        help: "Use `secrets.token_urlsafe(32)`, or `secrets.choice` for texts of a form.".to_owned(),
        ..RULE.finding(
            Confidence::High,
            format!("{} random", function.name),
            &made.location,
            format!("`{named}` comes from `random`, whose numbers can be predicted."),
        )
    })
}

/// Functions whose result is known to whoever knows what they are given.
const KEEPING: &[&str] = &[
    "join",
    "str",
    "repr",
    "hex",
    "format",
    "upper",
    "lower",
    "encode",
    "decode",
    "hexdigest",
    "sha256",
    "sha1",
    "md5",
    "int",
    "range",
    "list",
    "zfill",
    "map",
    "bytes",
    "b64encode",
    "urlsafe_b64encode",
    "len",
    "strip",
];

/// Functions of `random` that make numbers, or choose characters: what a secret is made of. `sample` and `shuffle` are
/// for things.
fn makes_characters(name: &str) -> bool {
    let Some(function) = name.strip_prefix("random.") else { return false };
    matches!(function, "choices" | "choice" | "randint" | "randrange" | "getrandbits" | "randbytes" | "random")
}

/// Whether a name is that of something whose knowledge lets in.
fn names_credential(words: &[String]) -> bool {
    let last = words.last().map_or("", String::as_str);
    let has = |wanted: &[&str]| words.iter().any(|word| wanted.contains(&word.as_str()));
    matches!(last, "token" | "password" | "passwd" | "secret" | "otp" | "salt")
        && !has(&["count", "max", "num", "page", "next"])
        || has(&["verification", "reset", "login", "otp"]) && matches!(last, "code" | "pin")
        || last == "key" && has(&["api", "secret", "private", "signing"])
}

fn is_settings(service: &Service, class: &Class) -> bool {
    service.code.ancestors(&class.name).iter().any(|name| name.ends_with(".BaseSettings"))
}

/// Whether a name is that of a key that must not be known: what signs, encrypts or lets in.
fn signs_or_encrypts(name: &str) -> bool {
    let words = words(name);
    let has = |wanted: &[&str]| words.iter().any(|word| wanted.contains(&word.as_str()));
    let is_secret = has(&["secret", "secrets"])
        && !has(&["name", "arn", "path", "file", "manager", "backend", "store", "id"])
        || has(&["key"]) && has(&["signing", "encryption", "private", "jwt", "session"]);
    is_secret
        && !has(&[
            "url",
            "uri",
            "path",
            "file",
            "header",
            "name",
            "algorithm",
            "expire",
            "expires",
            "minutes",
            "seconds",
            "prefix",
            "length",
            "cookie",
            "field",
            "provider",
            "type",
            "rotation",
            "enabled",
            "public",
            "ttl",
            "timeout",
            "columns",
        ])
}

fn is_value(text: &str) -> bool {
    text.len() >= 4 && !text.chars().any(char::is_whitespace)
}

/// Whether a value says what something is called where secrets are kept: `proxy-ca` for `PROXY_CA_SECRET`.
fn is_name(name: &str, value: &str) -> bool {
    let (named, parts) = (words(name), words(value));
    parts.len() > 1
        && parts.iter().all(|part| named.contains(part))
        && !parts.iter().any(|part| matches!(part.as_str(), "secret" | "secrets" | "key" | "password" | "token"))
}

fn default_of(field: &Field) -> Option<&Operand> {
    let value = field.value.as_ref()?;
    let value = if value.name.as_deref().is_some_and(|name| name.ends_with("Field") || name.ends_with("SecretStr")) {
        value.argument("default", 0)?
    } else {
        value
    };
    let inner = if value.name.as_deref().is_some_and(|name| name.ends_with("SecretStr")) {
        value.items.first()?
    } else {
        value
    };
    inner.str().is_some_and(is_value).then_some(inner)
}

/// Whether the project looks at start whether the default is still there.
fn is_guarded(service: &Service, class: &Class, field: &Field, default: &Operand) -> bool {
    let prefix = format!("{}.", class.name);
    service.code.functions.iter().any(|function| {
        let compares =
            function.compares.iter().any(|one| [&one.left, &one.right].iter().any(|side| side.str() == default.str()));
        let validates = function.name.starts_with(&prefix)
            && (function
                .decorators
                .iter()
                .any(|one| one.items.iter().any(|item| item.str() == Some(field.name.as_str()))));
        compares || validates
    })
}

fn finding(subject: &str, name: &str, place: &Location, stands: &str) -> Finding {
    Finding {
        trace: vec![step(format!("a value in the code {stands} of `{name}`"), place)],
        why: "Everyone who has seen the code can sign tokens and read what is encrypted, wherever nobody set another value."
            .to_owned(),
        help: "Leave out the default, so that the service does not start without a value of its own.".to_owned(),
        trade_off: "Development needs an `.env` file. Fine for values that tests or local runs use only.".to_owned(),
        ..RULE.finding(Confidence::High, subject, place, format!("The secret `{name}` has its value in the code."))
    }
}
