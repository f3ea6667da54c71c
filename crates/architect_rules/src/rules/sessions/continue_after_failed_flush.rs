//! Sessions that are used after a statement failed, and nobody rolled back.

use architect_model::Service;
use architect_model::code::Handler;
use architect_model::requests::TryArm;
use architect_source::{Confidence, Finding, Location, Severity};

use crate::loops::subject;
use crate::requests::{Requests, clause, is_broad};
use crate::text::short;
use crate::{Rule, step};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "continue-after-failed-flush",
    group: "sessions",
    docs: include_str!("continue_after_failed_flush.md"),
    severity: Severity::Error,
    since: "0.2.0",
    check,
};

fn check(service: &Service) -> Vec<Finding> {
    if service.requests.tries.is_empty() || rolls_back_itself(service) {
        return Vec::new();
    }
    let requests = Requests::of(service);
    let mut findings = Vec::new();
    for fact in &service.requests.tries {
        let Some(function) = service.code.function(&fact.function).filter(|function| !function.aside) else { continue };
        let mut tries = function.tries.iter().enumerate();
        let Some((at, one)) = tries.find(|(_, one)| one.location == fact.location) else { continue };
        let by = requests.reached(&function.name);
        for (which, (arm, handler)) in fact.arms.iter().zip(&one.handlers).enumerate() {
            // Also where it is not known that it is a session that is rolled back.
            let here = Some((at, which));
            if function.calls.iter().any(|call| call.name == "rollback" && call.context.handler == here) {
                continue;
            }
            let Some((what, place)) = goes_on(arm, handler, &one.location) else { continue };
            if arm.rolls_back || by.is_none() {
                continue;
            }
            let mut trace = Vec::new();
            if let Some(title) = by {
                trace.push(step(
                    format!("`{title}` leads here, and what is tried writes to the database"),
                    &one.location,
                ));
            }
            trace.push(step("The error of the database is caught here, and nothing is rolled back", &handler.location));
            trace.push(step("The session is used again", place));
            findings.push(Finding {
                trace,
                why: "After a statement failed, a session refuses everything but a rollback: `PendingRollbackError`. \
                      Objects it holds are expired, so that reading a column asks the database, too."
                    .to_owned(),
                help: "Roll back first: `session.rollback()` in the handler; or try inside of `with \
                       session.begin_nested():`, which only gives up what is in it. Read what the message needs before."
                    .to_owned(),
                trade_off: "A savepoint costs two statements.".to_owned(),
                ..RULE.finding(
                    if is_broad(handler) && arm.asks.is_some() { Confidence::Medium } else { Confidence::High },
                    subject(short(&function.name), &handler.location, "handler"),
                    &handler.location,
                    format!("`{}` catches a failed statement, and {what} without a rollback.", clause(handler)),
                )
            });
        }
    }
    findings
}

/// Whether the sessions of the service are of a class that rolls back when a commit fails.
fn rolls_back_itself(service: &Service) -> bool {
    service.code.functions.iter().filter(|function| !function.aside).any(|function| {
        let overrides = matches!(function.name.rsplit('.').next(), Some("commit" | "flush"));
        let session = || {
            let class = function.class.as_deref();
            let bases = class.map(|class| service.code.ancestors(class)).unwrap_or_default();
            bases.iter().any(|base| base.starts_with("sqlalchemy.") && base.ends_with("Session"))
        };
        overrides && function.calls.iter().any(|call| call.name == "rollback") && session()
    })
}

/// Whether a handler catches errors of the database, and how the session is used after it.
fn goes_on<'f>(arm: &'f TryArm, handler: &Handler, whole: &'f Location) -> Option<(&'static str, &'f Location)> {
    let class = |name: &String| name.rsplit(['.', ':']).next().unwrap_or(name).to_owned();
    let of_database = handler.catches.iter().map(class).any(|name| {
        matches!(
            name.as_str(),
            "IntegrityError"
                | "SQLAlchemyError"
                | "DBAPIError"
                | "OperationalError"
                | "DatabaseError"
                | "StatementError"
        )
    });
    if !of_database && !is_broad(handler) {
        return None;
    }
    if let Some(place) = &arm.asks {
        return Some(("asks the database again", place));
    }
    if arm.repeated {
        return Some(("the next turn of the loop uses the session", whole));
    }
    (arm.asks_after && of_database).then_some(("the function goes on with the session", whole))
}
