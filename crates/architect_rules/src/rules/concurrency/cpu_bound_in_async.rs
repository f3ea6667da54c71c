//! Password hashes on the event loop.

use architect_model::Service;
use architect_model::requests::Wait;
use architect_source::{Finding, Severity};

use crate::Rule;
use crate::waits::{shared, shown, waiting};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "cpu-bound-in-async",
    group: "concurrency",
    docs: include_str!("cpu_bound_in_async.md"),
    severity: Severity::Warning,
    since: "0.2.0",
    check,
};

fn check(service: &Service) -> Vec<Finding> {
    let mut findings = Vec::new();
    for waiting in shared(waiting(service, &|wait| wait == Wait::Hashing)) {
        let makes_keys = waiting.first().what.contains("generate");
        let help = if waiting.plain {
            "Nothing is awaited here: make it a plain `def`, and FastAPI runs it in a worker thread."
        } else if makes_keys {
            "Hand it to a worker thread: `await run_in_threadpool(make_key)`. The libraries release the interpreter lock \
             while they compute."
        } else {
            "Hand it to a worker thread: `await run_in_threadpool(hash_password, password)`. The libraries release \
             the interpreter lock while they compute."
        };
        findings.push(Finding {
            trace: waiting.trace(service),
            why: if makes_keys {
                "Primes for a key are looked for at random: a tenth of a second to some seconds each. On the event loop \
                 nobody else is answered meanwhile."
            } else {
                "Password hashes are slow on purpose, about a tenth to half a second each. On the event loop nobody \
                 else is answered meanwhile: a few logins a second stop the service."
            }
            .to_owned(),
            help: help.to_owned(),
            trade_off: "One of the 40 threads that FastAPI shares is busy instead.".to_owned(),
            ..RULE.finding(
                waiting.confidence(),
                waiting.subject(),
                waiting.place(),
                format!(
                    "`{}` {} on the event loop: {}{}.",
                    waiting.function(),
                    if makes_keys {
                        "makes a key"
                    } else if waiting.first().what.ends_with("derive") {
                        "derives a key from a password"
                    } else {
                        "hashes a password"
                    },
                    shown(&waiting.first().what),
                    waiting.called()
                ),
            )
        });
    }
    findings
}
