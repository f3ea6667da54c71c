//! Plain sessions on the event loop.

use architect_model::Service;
use architect_model::requests::Wait;
use architect_source::{Finding, Severity};

use crate::Rule;
use crate::waits::{shown, waiting};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "sync-session-in-async",
    group: "concurrency",
    docs: include_str!("sync_session_in_async.md"),
    severity: Severity::Error,
    since: "0.2.0",
    check,
};

fn check(service: &Service) -> Vec<Finding> {
    let mut findings = Vec::new();
    for waiting in waiting(service, &|wait| wait == Wait::Session) {
        let help = if waiting.plain {
            "Nothing is awaited here: make it a plain `def`, and FastAPI runs it in a worker thread."
        } else {
            "Use an `AsyncSession`, or move what talks to the database into a plain function and `await \
             run_in_threadpool(...)` it."
        };
        findings.push(Finding {
            trace: waiting.trace(service),
            why: "A plain session waits for the database without `await`: the event loop stops, and no other request \
                  of this process is answered until the database has answered."
                .to_owned(),
            help: help.to_owned(),
            trade_off: "Plain endpoints share 40 threads, which is enough for most services.".to_owned(),
            ..RULE.finding(
                waiting.confidence(),
                waiting.subject(),
                waiting.place(),
                format!(
                    "`{}` runs on the event loop and waits for {}.",
                    waiting.function(),
                    shown(&waiting.first().what)
                ),
            )
        });
    }
    findings
}
