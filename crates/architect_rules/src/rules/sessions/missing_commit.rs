//! Changes that are never saved.

use architect_model::Service;
use architect_model::requests::{EffectKind, EntryKind};
use architect_source::{Confidence, Finding, Severity};

use crate::Rule;
use crate::effects::{function, way};
use crate::loops::subject;
use crate::permissions::asks;

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "missing-commit",
    group: "sessions",
    docs: include_str!("missing_commit.md"),
    severity: Severity::Error,
    since: "0.2.0",
    check,
};

fn check(service: &Service) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    for fact in &service.requests.effects {
        let EffectKind::SetOnSession { name } = &fact.kind else { continue };
        if findings.iter().any(|known| known.location == fact.location) {
            continue;
        }
        findings.push(Finding {
            trace: way(service, fact),
            why: "A session takes any attribute, and writes none of them: only attributes of mapped objects are saved."
                .to_owned(),
            help: format!("Set `{name}` on the object that is meant."),
            trade_off: "None.".to_owned(),
            ..RULE.finding(
                Confidence::High,
                subject(function(fact), &fact.location, name),
                &fact.location,
                format!("`{name}` is set on the session and not on an object: it is never saved."),
            )
        });
    }
    let commits_elsewhere =
        service.requests.entries.iter().any(|entry| entry.kind == EntryKind::Middleware && entry.commits);
    if commits_elsewhere {
        return findings;
    }
    // Where no request commits, something else does: the driver, or a layer that is not seen.
    let commits = |entry: &architect_model::requests::Entry| {
        entry.commits || entry.may_commit || entry.exits.iter().any(|exit| exit.commit.is_some())
    };
    if !service.requests.entries.iter().any(commits) {
        return findings;
    }
    let endpoints = service.endpoints();
    for (at, entry) in service.requests.entries.iter().enumerate() {
        // What reads changes objects to answer with, and means to lose that.
        let asks = entry.name.strip_prefix("POST ").is_some_and(asks);
        let reads = asks || entry.name.starts_with("GET ") || entry.name.starts_with("HEAD ");
        if reads || entry.kind != EntryKind::Endpoint || !entry.writes || commits(entry) || entry.cost.unknown {
            continue;
        }
        // What a dependency changes on its way is not what the endpoint is for.
        let endpoint = endpoints.iter().find(|one| one.route.request == Some(at));
        let endpoint = endpoint.and_then(|one| one.route.endpoint.as_ref());
        let name = endpoint.and_then(|endpoint| endpoint.name.rsplit(':').next());
        let write = service.requests.effects.iter().find(|fact| {
            fact.entry == at
                && !fact.background
                && !fact.handling
                && matches!(&fact.kind, EffectKind::Write { class, .. } if !class.is_empty())
                && name.is_none_or(|name| fact.trace.iter().any(|way| way.function == name))
        });
        let Some(fact) = write else { continue };
        let EffectKind::Write { class, change } = &fact.kind else { continue };
        findings.push(Finding {
            trace: way(service, fact),
            why:
                "A session that is closed without a commit rolls back. The endpoint answers with success, and nothing \
                  is saved."
                    .to_owned(),
            help: "Commit when the endpoint, or the service it calls, is done: `session.commit()`.".to_owned(),
            trade_off: "None.".to_owned(),
            ..RULE.finding(
                Confidence::High,
                entry.name.clone(),
                &fact.location,
                format!("`{}` never commits: the {change} of `{class}` here is lost.", entry.name),
            )
        });
    }
    findings
}
