//! Transactions that end when the client has its answer.

use std::collections::BTreeMap;

use architect_model::Service;
use architect_model::requests::{Entry, EntryKind, ExitFact};
use architect_source::{Confidence, Finding, Location, Severity};

use crate::effects::{Exit, exit};
use crate::text::short;
use crate::{Rule, step};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "commit-after-response",
    group: "sessions",
    docs: include_str!("commit_after_response.md"),
    severity: Severity::Error,
    since: "0.2.0",
    check,
};

/// A commit that comes too late, and the endpoints whose writes it ends.
struct Late<'s> {
    exit: &'s ExitFact,
    commit: &'s Location,
    endpoints: Vec<&'s Entry>,
}

fn check(service: &Service) -> Vec<Finding> {
    if exit(service) == Exit::BeforeResponse {
        return Vec::new();
    }
    let mut found: BTreeMap<(&str, u32), Late<'_>> = BTreeMap::new();
    for entry in service.requests.entries.iter().filter(|entry| entry.kind == EntryKind::Endpoint) {
        if !entry.writes || entry.commits {
            continue;
        }
        for exit in entry.exits.iter().filter(|exit| !exit.function_scope) {
            let Some(commit) = &exit.commit else { continue };
            let key = (exit.dependency.as_str(), commit.start);
            found.entry(key).or_insert_with(|| Late { exit, commit, endpoints: Vec::new() }).endpoints.push(entry);
        }
    }
    let mut findings = Vec::new();
    for Late { exit, commit, endpoints } in found.into_values() {
        let (first, place) = (&endpoints[0].name, &endpoints[0].location);
        let others = match endpoints.len() {
            1 => String::new(),
            count => format!(" and {} more", count - 1),
        };
        findings.push(Finding {
            trace: vec![
                step(format!("`{first}`{others} writes, and does not commit"), place),
                step("Its answer is sent before this is done", commit),
            ],
            why:
                "With this version of FastAPI the code after `yield` runs when the answer has been sent: a client that \
                  reads at once may not find what it wrote, and when the commit fails it was told that all is well."
                    .to_owned(),
            help: "Commit in the endpoint or service; or `Depends(..., scope=\"function\")`, from FastAPI 0.121 on, \
                   which leaves the dependency before the answer is sent."
                .to_owned(),
            trade_off: "A dependency of the scope of the function is gone while a response streams.".to_owned(),
            ..RULE.finding(
                Confidence::High,
                exit.dependency.clone(),
                commit,
                format!(
                    "`{}` commits what `{first}`{others} writes after the answer is sent.",
                    short(&exit.dependency)
                ),
            )
        });
    }
    findings
}
