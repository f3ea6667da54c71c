//! Sessions of asyncio whose objects a commit expires.

use architect_model::Service;
use architect_model::code::Function;
use architect_model::requests::{EffectFact, EffectKind};
use architect_source::{Confidence, Finding, Severity};

use crate::Rule;
use crate::effects::{of_request, way};
use crate::loops::subject;

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "expire-on-commit-async",
    group: "sessions",
    docs: include_str!("expire_on_commit_async.md"),
    severity: Severity::Warning,
    since: "0.3.0",
    check,
};

fn check(service: &Service) -> Vec<Finding> {
    if service.requests.expiring.is_empty() {
        return Vec::new();
    }
    let commits = service.requests.effects.iter().filter(|fact| fact.kind == EffectKind::Commit);
    let careless = commits.filter(|fact| of_request(service, fact)).find(|fact| !refreshes(service, fact));
    service
        .requests
        .expiring
        .iter()
        .map(|location| Finding {
            trace: careless.map(|fact| way(service, fact)).unwrap_or_default(),
            why:
                "A commit expires every object of the session. Reading one afterwards loads it again, which cannot be \
                  awaited from an attribute: `MissingGreenlet`."
                    .to_owned(),
            help: "Make the sessions with `expire_on_commit=False`.".to_owned(),
            trade_off:
                "What the database computes (defaults, triggers) is not read again by itself: `refresh` what needs \
                        it."
                .to_owned(),
            ..RULE.finding(
                if careless.is_some() { Confidence::High } else { Confidence::Medium },
                subject("", location, "expire_on_commit"),
                location,
                "Objects of these `AsyncSession`s cannot be read after a commit.".to_owned(),
            )
        })
        .collect()
}

/// Whether the function that commits reads its objects again.
fn refreshes(service: &Service, fact: &EffectFact) -> bool {
    let Some(last) = fact.trace.last() else { return true };
    let here = |function: &&Function| {
        function.location.path == last.location.path && function.name.rsplit(':').next() == Some(&last.function)
    };
    service
        .code
        .functions
        .iter()
        .find(here)
        .is_none_or(|function| function.calls.iter().any(|call| matches!(call.name.as_str(), "refresh" | "expire_all")))
}
