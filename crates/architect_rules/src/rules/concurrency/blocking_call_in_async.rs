//! Calls that keep the event loop waiting.

use architect_model::Service;
use architect_model::requests::Wait;
use architect_source::{Confidence, Finding, Severity};

use crate::Rule;
use crate::waits::{shared, shown, waiting};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "blocking-call-in-async",
    group: "concurrency",
    docs: include_str!("blocking_call_in_async.md"),
    severity: Severity::Error,
    since: "0.2.0",
    check,
};

fn check(service: &Service) -> Vec<Finding> {
    let wanted =
        |wait| matches!(wait, Wait::Network | Wait::Sleep | Wait::Process | Wait::Database | Wait::Files | Wait::Work);
    let mut findings = Vec::new();
    for waiting in shared(waiting(service, &wanted)) {
        let call = waiting.first();
        let why = match call.wait {
            Wait::Network => "waits for the network",
            Wait::Sleep => "sleeps",
            Wait::Process => "waits for another process",
            Wait::Database => "waits for the database",
            Wait::Work => "works for as long as the data is large",
            _ => "waits for the disk",
        };
        let help = if waiting.plain {
            "Nothing is awaited here: make it a plain `def`, and FastAPI runs it in a worker thread.".to_owned()
        } else {
            format!(
                "Use a library that can be awaited, or hand it to a worker thread: `await run_in_threadpool(...)` \
                 around {}.",
                if call.ways.len() > 1 && waiting.callers.is_empty() { "this call" } else { "it" }
            )
        };
        findings.push(Finding {
            trace: waiting.trace(service),
            why: "A coroutine that waits without `await` stops the event loop: no other request of this process is \
                  answered until it is done."
                .to_owned(),
            help,
            trade_off: "A thread costs a few microseconds and one of the 40 that FastAPI shares. Fine for calls that \
                        take no longer than that."
                .to_owned(),
            ..RULE.finding(
                if call.wait == Wait::Files { Confidence::Medium } else { waiting.confidence() },
                waiting.subject(),
                waiting.place(),
                format!(
                    "`{}` runs on the event loop and {why}: {}{}.",
                    waiting.function(),
                    shown(&call.what),
                    waiting.called()
                ),
            )
        });
    }
    findings
}
