//! Background tasks that take long, or must not be lost.

use architect_model::Service;
use architect_model::code::{Call, Function};
use architect_source::{Confidence, Finding, Severity};

use crate::calls::search;
use crate::payments::payment;
use crate::requests::Requests;
use crate::text::short;
use crate::{Rule, step};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "long-job-in-background-task",
    group: "lifecycle",
    docs: include_str!("long_job_in_background_task.md"),
    severity: Severity::Info,
    since: "0.3.0",
    check,
};

/// Calls of calls are followed so far.
const DEEPEST: usize = 3;

/// Libraries that ask a model for text, pictures or speech.
const MODELS: &[&str] = &["openai", "anthropic", "litellm", "transformers", "diffusers", "whisper", "ollama"];

fn check(service: &Service) -> Vec<Finding> {
    let requests = Requests::of(service);
    let mut findings: Vec<Finding> = Vec::new();
    for (function, endpoint) in requests.functions(&service.code) {
        for call in function.calls.iter().filter(|call| adds_task(function, call)) {
            let Some(task) = call.arguments.first().and_then(|one| service.code.function(one.name.as_deref()?)) else {
                continue;
            };
            let find =
                |_: &Function, call: &'_ Call| long(call).map(|(what, pays)| (what, pays, call.location.clone()));
            let found = search(&service.code, task, DEEPEST, &|_, _| true, &find);
            let Some(((what, pays, place), way)) = found else { continue };
            let name = short(&task.name);
            let mut trace = vec![step(format!("`{endpoint}` adds `{name}`"), &call.location)];
            let through = |(call, callee): &(&Call, &Function)| {
                step(format!("through `{}`", short(&callee.name)), &call.location)
            };
            trace.extend(way.iter().map(through));
            trace.push(step("here", &place));
            findings.push(Finding {
                severity: if pays { Severity::Warning } else { Severity::Info },
                trace,
                why: "A background task lives in the process that answered: a deployment, a crash or a scale-down ends it, \
                      nothing starts it again, and until it is done it takes a thread or the event loop from requests."
                    .to_owned(),
                help: "Hand it to a queue with workers and retries (arq, taskiq, Celery), and answer 202.".to_owned(),
                trade_off: "A queue is one more service to run. Fine where nobody misses a job that is lost.".to_owned(),
                ..RULE.finding(
                    Confidence::Medium,
                    format!("{} {}", function.name, task.name),
                    &call.location,
                    format!("The background task `{name}` {what}."),
                )
            });
        }
    }
    findings.sort_by(|a, b| a.subject.cmp(&b.subject));
    findings.dedup_by(|a, b| a.subject == b.subject);
    findings
}

fn adds_task(function: &Function, call: &Call) -> bool {
    let Some(receiver) = call.receiver.as_deref().filter(|_| call.name == "add_task") else { return false };
    let is_given = function.parameters.iter().any(|one| {
        one.name == receiver && one.class.as_deref().is_some_and(|class| class.ends_with("BackgroundTasks"))
    });
    is_given || receiver.contains("background")
}

/// What makes a task a long one, and whether it moves money.
fn long(call: &Call) -> Option<(String, bool)> {
    if payment(call).is_some() {
        return Some((format!("moves money: `{}`", call.callee.as_deref().unwrap_or(&call.name)), true));
    }
    let callee = call.callee.as_deref()?;
    let top = callee.split('.').next()?;
    match callee {
        "time.sleep" | "asyncio.sleep" if call.context.loops > 0 && call.context.handler.is_none() => {
            Some(("waits in a loop".to_owned(), false))
        }
        "subprocess.run" | "subprocess.check_call" | "subprocess.check_output" | "asyncio.create_subprocess_exec" => {
            Some((format!("waits for another process: `{callee}`"), false))
        }
        _ if MODELS.contains(&top)
            && matches!(call.name.as_str(), "create" | "generate" | "completion" | "acompletion" | "transcribe") =>
        {
            Some((format!("asks a model: `{callee}`"), false))
        }
        _ => None,
    }
}
