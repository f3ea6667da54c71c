//! Sessions of a request that are given to what goes on after it.

use architect_model::Service;
use architect_model::requests::EffectKind;
use architect_source::{Confidence, Finding, Severity};

use crate::Rule;
use crate::effects::{Exit, exit, function, of_request, way};
use crate::loops::subject;

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "session-captured-by-background-task",
    group: "sessions",
    docs: include_str!("session_captured_by_background_task.md"),
    severity: Severity::Error,
    since: "0.2.0",
    check,
};

fn check(service: &Service) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    for fact in &service.requests.effects {
        let EffectKind::Spawn { background, given: Some(given) } = &fact.kind else { continue };
        if !of_request(service, fact) || findings.iter().any(|known| known.location == fact.location) {
            continue;
        }
        let is_session = given == SESSION;
        let (why, confidence) = match (background, is_session, exit(service)) {
            (true, true, Exit::BeforeResponse) => (
                "With this version of FastAPI dependencies are left before the task runs: the session is closed by \
                 then, opens a connection again, and nobody gives that back.",
                Confidence::High,
            ),
            (true, true, Exit::AfterResponse) => (
                "The task runs after the response, while the request is wound up: whoever closes the session closes \
                 it under the task, or keeps its connection for as long as the task takes.",
                Confidence::High,
            ),
            (true, false, _) => (
                "The task runs after the response: reading what is not loaded then needs a session that is closed, or \
                 keeps its connection.",
                Confidence::Low,
            ),
            (false, true, _) => (
                "The task goes on beside the request: both use one session at once, and the request closes it under \
                 the task.",
                Confidence::High,
            ),
            (false, false, _) => {
                ("The task goes on beside the request, which closes the session the object hangs on.", Confidence::Low)
            }
        };
        let what =
            if is_session { "The session of the request".to_owned() } else { format!("A `{given}` of the session") };
        let to = if *background { "a background task" } else { "a task that goes on beside it" };
        findings.push(Finding {
            trace: way(service, fact),
            why: why.to_owned(),
            help: "Pass ids and plain values, and let the task open a session of its own: `with SessionLocal() as \
                   session:`."
                .to_owned(),
            trade_off: "The task reads again what the request had read.".to_owned(),
            ..RULE.finding(
                confidence,
                subject(function(fact), &fact.location, given),
                &fact.location,
                format!("{what} is given to {to}."),
            )
        });
    }
    findings
}

/// How facts call a session that is handed over.
const SESSION: &str = "the session";
