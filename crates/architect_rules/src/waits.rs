//! What several rules ask about calls that keep the event loop waiting.

use architect_model::Service;
use architect_model::requests::{BlockingCall, BlockingFact, EntryKind, Step as Way, Wait};
use architect_source::{Location, Step};

use crate::loops::subject;
use crate::step;

/// Further places listed in a trace at most.
const MAX_PLACES: usize = 8;

/// A coroutine function and the calls in it that one rule is about; the first is the one to name.
pub(crate) struct Waiting<'s> {
    /// The function.
    pub fact: &'s BlockingFact,
    /// The calls, those outside of handlers first.
    pub calls: Vec<&'s BlockingCall>,
}

/// Coroutine functions that wait for what a rule is about.
pub(crate) fn waiting<'s>(service: &'s Service, wanted: &dyn Fn(Wait) -> bool) -> Vec<Waiting<'s>> {
    let mut out = Vec::new();
    for fact in &service.requests.blocking {
        let mut calls: Vec<&BlockingCall> = fact.calls.iter().filter(|call| wanted(call.wait)).collect();
        calls.sort_by_key(|call| call.handling);
        if !calls.is_empty() {
            out.push(Waiting { fact, calls });
        }
    }
    out
}

impl Waiting<'_> {
    /// The call to name.
    pub fn first(&self) -> &BlockingCall {
        self.calls[0]
    }

    /// Where it stands.
    pub fn place(&self) -> &Location {
        &self.first().location
    }

    /// What survives edits elsewhere.
    pub fn subject(&self) -> String {
        subject(&self.fact.function, self.place(), &self.first().what)
    }

    /// The function by its own name.
    pub fn function(&self) -> &str {
        self.fact.function.rsplit(':').next().unwrap_or(&self.fact.function)
    }

    /// Whether the function awaits nothing, so that `def` would do: it is an endpoint that only waits.
    pub fn could_be_plain(&self, service: &Service) -> bool {
        let is_endpoint =
            service.requests.entries.get(self.fact.entry).is_some_and(|entry| entry.kind == EntryKind::Endpoint);
        let mut functions = service.code.functions.iter();
        is_endpoint
            && self.fact.trace.len() <= 1
            && functions.find(|function| function.location == self.fact.location).is_some_and(|function| {
                function.is_async && !function.is_generator && !function.calls.iter().any(|call| call.awaited)
            })
    }

    /// The way from the entry point to what waits, and the other places in the function.
    pub fn trace(&self, service: &Service) -> Vec<Step> {
        let mut out = Vec::new();
        if let Some(entry) = service.requests.entries.get(self.fact.entry) {
            out.push(step(format!("`{}` starts here", entry.name), &entry.location));
        }
        out.extend(self.fact.trace.iter().map(through));
        let first = self.first();
        out.push(step(format!("`{}` runs on the event loop, and calls this", self.function()), &first.location));
        for way in first.ways.iter().skip(1).rev().skip(1).rev() {
            out.push(through(way));
        }
        if let (Some(last), true) = (first.ways.last(), first.ways.len() > 1) {
            out.push(step(format!("This waits: {}", shown(&first.what)), &last.location));
        }
        for call in self.calls.iter().skip(1).take(MAX_PLACES) {
            out.push(step(format!("This waits, too: {}", shown(&call.what)), &call.location));
        }
        out.dedup_by(|a, b| a.location == b.location && a.message == b.message);
        out
    }
}

/// What waits, as people write it.
pub(crate) fn shown(what: &str) -> String {
    if what.contains(' ') { what.to_owned() } else { format!("`{what}`") }
}

fn through(way: &Way) -> Step {
    if way.function.is_empty() {
        step("Through here", &way.location)
    } else {
        step(format!("Through `{}`", way.function), &way.location)
    }
}
