//! What several rules ask about effects of requests.

use architect_model::Service;
use architect_model::code::Function;
use architect_model::requests::{EffectFact, EffectKind, EntryKind, QueryFact};
use architect_source::{Location, Step};

use crate::step;

/// The way from the entry point to an effect; the last step is where it happens.
pub(crate) fn way(service: &Service, fact: &EffectFact) -> Vec<Step> {
    let mut out = Vec::new();
    if let Some(entry) = service.requests.entries.get(fact.entry) {
        out.push(step(format!("`{}` starts here", entry.name), &entry.location));
    }
    out.extend(
        fact.trace
            .iter()
            .filter(|way| !way.function.is_empty())
            .map(|way| step(format!("Through `{}`", way.function), &way.location)),
    );
    out
}

/// The function an effect stands in.
pub(crate) fn function(fact: &EffectFact) -> &str {
    fact.trace.iter().rev().map(|way| way.function.as_str()).find(|name| !name.is_empty()).unwrap_or_default()
}

/// Whether an effect belongs to a request, as opposed to what runs at start-up or by itself.
pub(crate) fn of_request(service: &Service, fact: &EffectFact) -> bool {
    service
        .requests
        .entries
        .get(fact.entry)
        .is_some_and(|entry| matches!(entry.kind, EntryKind::Endpoint | EntryKind::Middleware))
}

/// The statements that are executed at a place: one that several functions build may be of several kinds.
pub(crate) fn queries_at<'s>(service: &'s Service, place: &'s Location) -> impl Iterator<Item = &'s QueryFact> {
    service.requests.effects.iter().filter_map(move |fact| match &fact.kind {
        EffectKind::Query(query) => {
            // Of a chain over several lines, the place of a statement is the last step.
            ((&fact.location.path, fact.location.end) == (&place.path, place.end)).then_some(query)
        }
        _ => None,
    })
}

/// Whether a function names a lock: it may make others wait.
pub(crate) fn takes_lock(function: &Function) -> bool {
    let locks = |text: &str| text.to_lowercase().contains("lock");
    function.calls.iter().any(|call| locks(&call.name) || call.receiver.as_deref().is_some_and(locks))
        || function.reads.iter().any(|name| locks(name))
}

/// How what is done after the response, or after `yield` in a dependency, relates to the response, by the version of
/// FastAPI (its documentation, "Advanced Dependencies").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Dependencies are left after the response and after background tasks: before 0.106, and from 0.118 on.
    AfterResponse,
    /// Dependencies are left before the response is sent: 0.106 to 0.117.
    BeforeResponse,
}

/// When dependencies are left; a version that is not known is a recent one.
pub(crate) fn exit(service: &Service) -> Exit {
    let minor = service.libraries.get("fastapi").and_then(|version| version.split('.').nth(1)?.parse::<u32>().ok());
    match minor {
        Some(106..=117) => Exit::BeforeResponse,
        _ => Exit::AfterResponse,
    }
}
