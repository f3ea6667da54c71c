//! Sessions that are kept for as long as a client listens.

use architect_model::Service;
use architect_model::requests::{EffectKind, Entry};
use architect_source::{Confidence, Finding, Location, Severity};

use crate::effects::{Exit, exit};
use crate::text::short;
use crate::{Rule, step};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "session-held-during-stream",
    group: "sessions",
    docs: include_str!("session_held_during_stream.md"),
    severity: Severity::Error,
    since: "0.2.0",
    check,
};

fn check(service: &Service) -> Vec<Finding> {
    let mut findings = Vec::new();
    for one in service.endpoints() {
        let Some(at) = one.route.request else { continue };
        let Some(entry) = service.requests.entries.get(at) else { continue };
        let Some((holds, held_by)) = lasts(service, at, entry, one.route.is_websocket()) else { continue };
        if entry.closes {
            continue;
        }
        let Some(held) = entry.exits.iter().find(|exit| exit.closes && !exit.function_scope) else { continue };
        let (what, confidence) = match holds {
            Holds::Socket => ("the socket is open", Confidence::High),
            Holds::Events => ("the client listens", Confidence::High),
            Holds::Stream => ("the answer is sent", Confidence::Medium),
        };
        findings.push(Finding {
            trace: vec![
                step(format!("`{}` goes on until the client leaves", entry.name), &held_by),
                step(format!("`{}` is left only then", short(&held.dependency)), &entry.location),
            ],
            why:
                "The session of a dependency with `yield` is closed when the request is over, which here takes as long \
                  as a client likes. Each one holds a connection of the pool meanwhile, where it has asked anything."
                    .to_owned(),
            help: "Open a session where it is needed and close it before waiting: `with SessionLocal() as session:`; \
                   or close the session that was handed in, as soon as the caller is known."
                .to_owned(),
            trade_off: "Fine for few clients and a large pool.".to_owned(),
            ..RULE.finding(
                confidence,
                entry.name.clone(),
                &entry.location,
                format!("`{}` keeps the session of `{}` for as long as {what}.", entry.name, short(&held.dependency)),
            )
        });
    }
    findings
}

/// What makes a request last.
enum Holds {
    /// A websocket.
    Socket,
    /// Server-sent events.
    Events,
    /// Another response that is sent piece by piece.
    Stream,
}

fn lasts(service: &Service, at: usize, entry: &Entry, websocket: bool) -> Option<(Holds, Location)> {
    if websocket {
        return Some((Holds::Socket, entry.location.clone()));
    }
    if exit(service) == Exit::BeforeResponse {
        return None;
    }
    service.requests.effects.iter().filter(|fact| fact.entry == at).find_map(|fact| match fact.kind {
        EffectKind::Stream { open } => Some((if open { Holds::Events } else { Holds::Stream }, fact.location.clone())),
        _ => None,
    })
}
