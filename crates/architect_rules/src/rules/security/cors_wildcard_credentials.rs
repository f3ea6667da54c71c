//! CORS that lets every origin act with the credentials of its visitor.

use architect_model::Service;
use architect_model::code::Function;
use architect_model::service::{Dependency, EffectiveRoute};
use architect_source::{Confidence, Finding, Severity};

use crate::{Rule, step};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "cors-wildcard-credentials",
    group: "security",
    docs: include_str!("cors_wildcard_credentials.md"),
    severity: Severity::Error,
    since: "0.1.0",
    check,
};

/// Patterns that every origin matches.
const EVERYTHING: &[&str] = &["*", ".*", "^.*$", ".+", "https?://.*", "http.*", "https?://.+"];

fn check(service: &Service) -> Vec<Finding> {
    let mut findings = Vec::new();
    let by_itself = sent_by_browsers(service);
    for application in &service.applications {
        for cors in application.cors.iter().filter(|cors| cors.credentials) {
            let all = cors.origins.iter().any(|origin| origin == "*");
            let any = cors.origin_regex.as_deref().is_some_and(|pattern| EVERYTHING.contains(&pattern));
            if !all && !any {
                continue;
            }
            let said = if all { "`allow_origins=[\"*\"]`" } else { "a pattern that every origin matches" };
            findings.push(Finding {
                trace: vec![step(format!("{said} with `allow_credentials=True`"), &cors.location)],
                severity: if by_itself { RULE.severity } else { Severity::Warning },
                why: if by_itself {
                    "Starlette answers every origin with its own name and allows cookies: any page a user visits can \
                     call the service as that user and read the answers."
                } else {
                    "Starlette answers every origin with its own name and allows cookies. Nothing seen here takes \
                     any: from the first one on (a session, a proxy that logs in), any page a user visits can call \
                     the service as that user and read the answers."
                }
                .to_owned(),
                help: "Name the origins of your front ends (from settings), or set `allow_credentials=False`."
                    .to_owned(),
                trade_off: "Origins that are not named stop working in browsers.".to_owned(),
                ..RULE.finding(
                    Confidence::High,
                    &application.name,
                    &cors.location,
                    format!("CORS of `{}` allows credentials from every origin.", application.name),
                )
            });
        }
    }
    findings
}

/// Whether the service takes, or hands out, what browsers send without being told: cookies, sessions, basic
/// authentication.
fn sent_by_browsers(service: &Service) -> bool {
    let sent = |one: &EffectiveRoute<'_>| {
        !one.route.parameters.cookie.is_empty()
            || one.route.dependencies.iter().any(takes)
            || one.application.middleware.iter().any(|one| one.name.contains("Session"))
    };
    let handled = |function: &Function| {
        !function.aside && (function.reads_cookies || function.calls.iter().any(|call| call.name == "set_cookie"))
    };
    service.endpoints().iter().any(sent) || service.code.functions.iter().any(handled)
}

fn takes(dependency: &Dependency) -> bool {
    let scheme = dependency.scheme.as_ref().map(|(_, scheme)| scheme);
    let is = |key: &str, value: &str| {
        let said = scheme.and_then(|scheme| scheme.get(key)).and_then(|said| said.as_str());
        said.is_some_and(|said| said.eq_ignore_ascii_case(value))
    };
    !dependency.parameters.cookie.is_empty()
        || dependency.call.contains("Cookie")
        || dependency.call.ends_with("HTTPBasic")
        || is("in", "cookie")
        || is("scheme", "basic")
        || dependency.dependencies.iter().any(takes)
}
