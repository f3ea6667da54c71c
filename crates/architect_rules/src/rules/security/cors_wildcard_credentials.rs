//! CORS that lets every origin act with the credentials of its visitor.

use architect_model::Service;
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
                why: "Starlette answers every origin with its own name and allows cookies: any page a user visits can \
                      call the service as that user and read the answers."
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
