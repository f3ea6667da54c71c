//! Endpoints that take passwords and may be called as often as one likes.

use std::collections::BTreeSet;

use architect_model::Service;
use architect_model::code::{Call, Function, Operand};
use architect_model::schema::Field;
use architect_model::service::{Dependency, EffectiveRoute};
use architect_source::{Confidence, Finding, Location, Severity};

use crate::models::references;
use crate::requests::words;
use crate::{Rule, step};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "login-without-rate-limit",
    group: "security",
    docs: include_str!("login_without_rate_limit.md"),
    severity: Severity::Warning,
    since: "0.1.0",
    check,
};

fn check(service: &Service) -> Vec<Finding> {
    let limiter = limiter(service);
    let mut open: Vec<EffectiveRoute<'_>> = Vec::new();
    for one in service.endpoints() {
        let known = open.iter().any(|known| known.route.location == one.route.location);
        if !known && takes_credentials(service, &one) && !is_limited(service, &one) && !has_limiting_middleware(&one) {
            open.push(one);
        }
    }
    if let Some(limiter) = limiter {
        return open.iter().map(|one| forgotten(one, &limiter)).collect();
    }
    // A limiter with limits of its own may limit all that there is.
    let limits_all = service.code.functions.iter().filter(|function| !function.aside).any(|function| {
        function.calls.iter().any(|call| {
            call.name == "Limiter"
                && ["default_limits", "application_limits"].iter().any(|name| call.keyword(name).is_some())
        })
    });
    if limits_all { Vec::new() } else { nowhere(&open).into_iter().collect() }
}

/// An endpoint without the limit that others have.
fn forgotten(one: &EffectiveRoute<'_>, limiter: &Location) -> Finding {
    let title = one.title();
    Finding {
        trace: vec![
            step(format!("`{title}` takes a password"), &one.route.location),
            step("here a limit is set", limiter),
        ],
        help: "Limit it by address and by account, with the limiter the service has.".to_owned(),
        ..finding(one, format!("`{title}` takes passwords without a rate limit, which other endpoints have."))
    }
}

/// Nothing in the service limits anything: one decision, said once.
fn nowhere(open: &[EffectiveRoute<'_>]) -> Option<Finding> {
    let first = open.first()?;
    let title = first.title();
    let more = match open.len() {
        1 => String::new(),
        count => format!(" and {} more", count - 1),
    };
    Some(Finding {
        severity: Severity::Info,
        trace: open
            .iter()
            .map(|one| step(format!("`{}` takes a password", one.title()), &one.route.location))
            .collect(),
        help: "Limit it by address and by account, in the service or at the gateway.".to_owned(),
        ..finding(first, format!("`{title}`{more} takes passwords, and nothing in the service limits how often."))
    })
}

fn finding(one: &EffectiveRoute<'_>, message: String) -> Finding {
    Finding {
        why: "Passwords can be guessed as fast as the service answers, and each guess costs a slow hash.".to_owned(),
        trade_off: "Fine when a gateway limits it.".to_owned(),
        ..RULE.finding(Confidence::High, one.title(), &one.route.location, message)
    }
}

fn limits(name: &str) -> bool {
    let words = words(name);
    let pair = |first: &str, second: &str| words.windows(2).any(|pair| pair[0] == first && pair[1].starts_with(second));
    words.iter().any(|word| matches!(word.as_str(), "limiter" | "ratelimiter" | "throttle" | "ratelimit" | "throttler"))
        || pair("rate", "limit")
}

/// What a decorator is, without what it is given: a path may speak of limits.
fn called(decorator: &Operand) -> &str {
    decorator.text.split('(').next().unwrap_or_default()
}

/// Where the service limits something.
fn limiter(service: &Service) -> Option<Location> {
    // What stands at other functions limits something else: calls to another service, how often a row is written.
    service.endpoints().iter().find_map(|one| {
        let function = one.route.endpoint.as_ref().and_then(|endpoint| service.code.function(&endpoint.name));
        let decorators = function.into_iter().flat_map(|function| &function.decorators);
        let mut found = decorators.into_iter().find(|one| limits(called(one))).map(|one| one.location.clone());
        one.route.dependencies.iter().for_each(|dependency| find(dependency, &mut found));
        found.or_else(|| function.and_then(asks_limiter))
    })
}

/// Where a function asks a limiter by hand: `if await login_limiter.is_limited(key)`. Limits that are kept as rows are
/// looked up, and limit nothing by that.
fn asks_limiter(function: &Function) -> Option<Location> {
    const LOOK_UP: &[&str] = &["get", "list", "read", "fetch", "find", "create", "update", "delete", "exists", "count"];
    let asks = |call: &&Call| {
        let looks_up = words(&call.name).first().is_some_and(|word| LOOK_UP.contains(&word.as_str()));
        !looks_up
            && call.receiver.as_deref().is_some_and(|receiver| limits(receiver.rsplit('.').next().unwrap_or(receiver)))
    };
    function.calls.iter().find(asks).map(|call| call.location.clone())
}

fn find(dependency: &Dependency, found: &mut Option<Location>) {
    if limits(&dependency.call) {
        *found = dependency.declared_at.clone().or_else(|| dependency.location.clone());
    }
    dependency.dependencies.iter().for_each(|inner| find(inner, found));
}

fn is_limited(service: &Service, one: &EffectiveRoute<'_>) -> bool {
    let mut found = None;
    one.route.dependencies.iter().for_each(|dependency| find(dependency, &mut found));
    let function = one.route.endpoint.as_ref().and_then(|endpoint| service.code.function(&endpoint.name));
    found.is_some()
        || function.is_none_or(|function| {
            function.decorators.iter().any(|one| limits(called(one)))
                || function.calls.iter().any(|call| limits(call.callee.as_deref().unwrap_or(&call.name)))
                || asks_limiter(function).is_some()
                || function
                    .calls
                    .iter()
                    .filter_map(|call| service.code.function(call.callee.as_deref()?))
                    .any(|callee| asks_limiter(callee).is_some() || callee.calls.iter().any(|call| limits(&call.name)))
        })
}

fn has_limiting_middleware(one: &EffectiveRoute<'_>) -> bool {
    // `SlowAPIMiddleware` alone limits nothing but what has a default limit.
    one.application.middleware.iter().any(|one| limits(&one.name))
}

/// Whether it is posted to and takes a password without knowing who calls.
fn takes_credentials(service: &Service, one: &EffectiveRoute<'_>) -> bool {
    if !one.route.methods.iter().any(|method| method == "POST")
        || one.route.auth.class == architect_model::service::AuthClass::Required
    {
        return false;
    }
    let last = one.path.trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_lowercase();
    let named = words(&last).iter().any(|word| matches!(word.as_str(), "login" | "signin" | "token" | "authenticate"));
    let mut forms = false;
    // Clients have secrets that are made for them, which nobody guesses.
    let clients = one.route.dependencies.iter().any(takes_client_secret);
    one.route.dependencies.iter().for_each(|dependency| takes_form(dependency, clients, &mut forms));
    let fields = one.route.parameters.body.iter().any(|field| field.alias.contains("password"));
    // A key in the path is long, and nobody's choice.
    let keyed = one
        .path
        .split('/')
        .filter(|part| part.starts_with('{'))
        .any(|part| words(part).iter().any(|word| matches!(word.as_str(), "token" | "key" | "secret" | "code")));
    if !named {
        return logs_in(service, one);
    }
    forms || fields || !one.route.parameters.body.is_empty() && !keyed && !is_without_password(service, one)
}

/// Whether an endpoint of another path takes a password and is named after a login: `/ldap` of `ldap_auth`.
fn logs_in(service: &Service, one: &EffectiveRoute<'_>) -> bool {
    let (Some(endpoint), Some(operation)) = (&one.route.endpoint, &one.route.operation) else { return false };
    let name = endpoint.name.rsplit([':', '.']).next().unwrap_or_default();
    let words = words(name);
    let has = |wanted: &[&str]| words.iter().any(|word| wanted.contains(&word.as_str()));
    if !has(&["auth", "login", "signin", "authenticate"]) || has(&["set", "update", "add", "test", "config"]) {
        return false;
    }
    let mut schemas = BTreeSet::new();
    operation.body.iter().for_each(|body| references(service, &body.field.ty, &mut schemas));
    schemas.iter().flat_map(|at| &service.schemas[*at].fields).any(|field| field.name == "password")
}

/// Whether the fields of the body are known, and none of them is something one could guess.
fn is_without_password(service: &Service, one: &EffectiveRoute<'_>) -> bool {
    let Some(operation) = &one.route.operation else { return false };
    let mut schemas = BTreeSet::new();
    operation.body.iter().for_each(|body| references(service, &body.field.ty, &mut schemas));
    let guessed = |field: &Field| {
        words(&field.name).iter().any(|word| {
            matches!(
                word.as_str(),
                "password" | "passwd" | "pwd" | "pin" | "secret" | "otp" | "code" | "passcode" | "key"
            )
        })
    };
    let mut fields = schemas.iter().flat_map(|at| &service.schemas[*at].fields).peekable();
    fields.peek().is_some() && !fields.any(guessed)
}

fn takes_form(dependency: &Dependency, clients: bool, found: &mut bool) {
    *found |=
        dependency.call.contains("OAuth2PasswordRequestForm") || !clients && dependency.call.ends_with(":HTTPBasic");
    dependency.dependencies.iter().for_each(|inner| takes_form(inner, clients, found));
}

fn takes_client_secret(dependency: &Dependency) -> bool {
    dependency.parameters.body.iter().any(|one| one.alias == "client_secret")
        || dependency.dependencies.iter().any(takes_client_secret)
}
