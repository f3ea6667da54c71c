//! Sessions that are not closed on every path.

use architect_model::Service;
use architect_model::code::Function;
use architect_model::requests::{EffectFact, EffectKind, Fate, SessionFact};
use architect_source::{Confidence, Finding, Location, Severity};

use crate::effects::way;
use crate::loops::subject;
use crate::requests::Requests;
use crate::text::short;
use crate::{Rule, step};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "session-leak",
    group: "sessions",
    docs: include_str!("session_leak.md"),
    severity: Severity::Error,
    since: "0.2.0",
    check,
};

fn check(service: &Service) -> Vec<Finding> {
    if service.requests.sessions.is_empty() {
        return Vec::new();
    }
    let requests = Requests::of(service);
    let mut findings: Vec<Finding> = Vec::new();
    for fact in &service.requests.sessions {
        let function = service.code.function(&fact.function);
        if function.is_some_and(|function| function.aside)
            || findings.iter().any(|known| known.location == fact.location)
        {
            continue;
        }
        if function.is_some_and(|function| closed_by_helper(service, fact, function)) {
            continue;
        }
        let Some((message, confidence)) = verdict(fact, function, &requests) else { continue };
        let mut trace = Vec::new();
        if let Some(effect) = service.requests.effects.iter().find(|effect| opens_at(effect, &fact.location)) {
            trace = way(service, effect);
        }
        if let (Fate::Abandoned(_), Some(function)) = (&fact.fate, function) {
            let left = function
                .returns
                .iter()
                .find(|one| one.context.loops > 0 && one.value.location.start > fact.location.start);
            trace
                .extend(left.map(|one| step("The loop is left here, before the generator ended", &one.value.location)));
        }
        trace.extend(fact.made.iter().map(|made| step("The session is made here, for whoever calls this", made)));
        trace.extend(fact.closes.iter().map(|place| step("It is closed here, unless something raised before", place)));
        findings.push(Finding {
            trace,
            why: "A session that is not closed keeps its connection until it is garbage collected. A few failing \
                  requests empty the pool, and the service stops with `QueuePool limit reached`."
                .to_owned(),
            help: match &fact.fate {
                Fate::Abandoned(_) => {
                    "Make it an `@asynccontextmanager` and use `async with`: leaving that ends the session at once."
                        .to_owned()
                }
                _ => "Let a block close it: `with SessionLocal() as session:`, around the `yield` in a dependency."
                    .to_owned(),
            },
            trade_off: "None.".to_owned(),
            ..RULE.finding(
                confidence,
                subject(short(&fact.function), &fact.location, "session"),
                &fact.location,
                message,
            )
        });
    }
    findings
}

/// Whether a `finally` calls a function that closes it.
fn closed_by_helper(service: &Service, fact: &SessionFact, function: &Function) -> bool {
    let bodies: Vec<&Location> = function.tries.iter().filter_map(|one| one.finally.as_ref()).collect();
    let called = function.calls.iter().filter(|call| bodies.iter().any(|body| covers(body, &call.location)));
    called.filter_map(|call| service.code.function(call.callee.as_deref()?)).any(|helper| {
        let at = &helper.location;
        let holds = |place: &&Location| {
            let before = |one: &Location| one.path == place.path && one.start <= place.start;
            let nearer = |other: &Function| before(&other.location) && other.location.start > at.start;
            before(at) && !service.code.functions.iter().any(nearer)
        };
        fact.closes.iter().any(|place| holds(&place))
    })
}

fn opens_at(effect: &EffectFact, location: &Location) -> bool {
    matches!(effect.kind, EffectKind::Open { .. }) && effect.location == *location
}

/// What is wrong with a session, if anything is.
fn verdict(fact: &SessionFact, function: Option<&Function>, requests: &Requests<'_>) -> Option<(String, Confidence)> {
    if let Fate::Abandoned(generator) = &fact.fate {
        return Some((
            format!("`{generator}` is left before its end: its session is not closed until it is garbage collected."),
            Confidence::High,
        ));
    }
    let function = function?;
    let name = short(&function.name);
    let in_finally =
        |place: &Location| function.tries.iter().filter_map(|one| one.finally.as_ref()).any(|body| covers(body, place));
    // Closed elsewhere: a class or a middleware sees to it.
    if fact.closes.iter().any(|place| in_finally(place) || place.path != fact.location.path) {
        return None;
    }
    match &fact.fate {
        Fate::Yielded if function.is_generator => Some((
            match fact.closes.is_empty() {
                true => format!("`{name}` never closes the session it hands out."),
                false => format!("`{name}` does not close its session when the endpoint raises."),
            },
            Confidence::High,
        )),
        Fate::Returned if fact.closes.is_empty() && requests.dependencies().contains(function.name.as_str()) => {
            Some((format!("`{name}` returns a session that nobody closes."), Confidence::High))
        }
        Fate::Kept if requests.reached(&function.name).is_some() => {
            // Kept on an object, which may close it later.
            if function.stores.iter().any(|store| same_statement(&store.location, &fact.location)) {
                return None;
            }
            Some(match (fact.closes.is_empty(), fact.made.is_some()) {
                (true, true) => (format!("`{name}` gets a session that nothing closes."), Confidence::High),
                (true, false) => (format!("`{name}` makes a session and never closes it."), Confidence::High),
                (false, _) => (format!("`{name}` does not close its session when something raises."), Confidence::High),
            })
        }
        _ => None,
    }
}

fn covers(outer: &Location, place: &Location) -> bool {
    outer.path == place.path && outer.start <= place.start && place.end <= outer.end
}

fn same_statement(store: &Location, place: &Location) -> bool {
    store.path == place.path && store.line <= place.line && place.line <= store.end_line
}
