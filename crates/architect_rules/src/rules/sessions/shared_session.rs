//! One session for all requests.

use architect_model::Service;
use architect_source::{Confidence, Finding, Severity};

use crate::Rule;
use crate::loops::subject;

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "shared-session",
    group: "sessions",
    docs: include_str!("shared_session.md"),
    severity: Severity::Error,
    since: "0.3.0",
    check,
};

fn check(service: &Service) -> Vec<Finding> {
    let shared = service.requests.shared_sessions.iter();
    shared
        .map(|fact| {
            let why = if fact.is_async {
                "Tasks that use one `AsyncSession` at once fail with `InvalidRequestError`, or read each other's \
                 objects; after one failed statement every later request fails with `PendingRollbackError`."
            } else {
                "Requests run in several threads, and a session is for one: they commit and roll back each other's \
                 changes. After one failed statement every later request fails with `PendingRollbackError`."
            };
            Finding {
                why: why.to_owned(),
                help: "Make a session for each request: a dependency with `with SessionLocal() as session: yield session`."
                    .to_owned(),
                trade_off: "None.".to_owned(),
                ..RULE.finding(
                    Confidence::High,
                    subject("", &fact.location, "session"),
                    &fact.location,
                    "All requests share the session that is made here, at import.".to_owned(),
                )
            }
        })
        .collect()
}
