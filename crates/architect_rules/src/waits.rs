//! What several rules ask about calls that keep the event loop waiting.

use std::collections::{BTreeMap, BTreeSet};

use architect_model::Service;
use architect_model::requests::{BlockingCall, BlockingFact, EntryKind, Step as Way, Wait};
use architect_source::{Confidence, Location, Step};

use crate::loops::{calls_on, subject};
use crate::step;

/// So many steps from the coroutine function to what waits are a long way.
const LONG: usize = 6;
/// Further places listed in a trace at most.
const MAX_PLACES: usize = 8;

/// So many lines apart, calls in one function are two matters.
const APART: u32 = 3;
/// Findings about one function at most: by then it is clear that all of it has to move.
const MAX_FINDINGS: usize = 4;
/// So many coroutine functions that call one helper which waits: the helper is the matter, and not each of them.
const SHARED: usize = 4;
/// Callers of such a helper that a trace lists at most.
const MAX_CALLERS: usize = 64;

/// A coroutine function and calls in it that one rule is about; the first is the one to name.
pub(crate) struct Waiting<'s> {
    /// The function.
    pub fact: &'s BlockingFact,
    /// The calls, those outside of handlers first.
    pub calls: Vec<&'s BlockingCall>,
    /// Whether a plain `def` would do.
    pub plain: bool,
    /// Where it is a helper that many coroutine functions call, those: the calls, with the names of the functions.
    pub callers: Vec<(&'s BlockingFact, &'s BlockingCall)>,
}

/// The same, with what many coroutine functions wait for in one helper said of the helper.
pub(crate) fn shared<'s>(waiting: Vec<Waiting<'s>>) -> Vec<Waiting<'s>> {
    // Where the helper goes on to what waits, and what that is: of a function that waits for nothing else there.
    let of_call = |call: &'s BlockingCall| {
        let way = call.ways.get(1)?;
        Some((&*way.location.path, way.location.start, call.what.as_str()))
    };
    let key = |one: &Waiting<'s>| {
        let key = of_call(one.calls[0]).filter(|_| !one.plain)?;
        one.calls.iter().all(|call| of_call(call) == Some(key)).then_some(key)
    };
    let mut functions: BTreeMap<_, BTreeSet<&str>> = BTreeMap::new();
    for one in &waiting {
        if let Some(key) = key(one) {
            functions.entry(key).or_default().insert(&one.fact.function);
        }
    }
    let mut at: BTreeMap<_, usize> = BTreeMap::new();
    let mut out: Vec<Waiting<'s>> = Vec::new();
    for mut one in waiting {
        let Some(key) = key(&one).filter(|key| functions[key].len() >= SHARED) else {
            out.push(one);
            continue;
        };
        let callers = one.calls.iter().map(|call| (one.fact, *call));
        if let Some(known) = at.get(&key) {
            out[*known].callers.extend(callers);
            continue;
        }
        at.insert(key, out.len());
        one.callers = callers.collect();
        out.push(one);
    }
    out
}

/// Coroutine functions that wait for what a rule is about.
pub(crate) fn waiting<'s>(service: &'s Service, wanted: &dyn Fn(Wait) -> bool) -> Vec<Waiting<'s>> {
    let mut out = Vec::new();
    let relevant = |fact: &&BlockingFact| fact.calls.iter().any(|call| wanted(call.wait));
    let code = Known::of(service, service.requests.blocking.iter().any(|fact| relevant(&fact)));
    for fact in service.requests.blocking.iter().filter(relevant) {
        let mut calls: Vec<&BlockingCall> =
            fact.calls.iter().filter(|call| wanted(call.wait) && !code.is_harmless(call)).collect();
        // The end of a session that did nothing waits for nobody, and what is done after a failure is rare.
        let matters = |call: &&BlockingCall| !call.handling && call.what != CLOSES;
        let named = if calls.iter().any(|call| call.what != CLOSES) { calls.len() } else { 0 };
        calls.truncate(named);
        calls.sort_by_key(|call| (!matters(call), calls_on(&call.ways) > LONG, call.location.line));
        let Some(first) = calls.first().copied() else { continue };
        let plain = could_be_plain(service, fact);
        let mut groups = vec![vec![first]];
        for call in &calls[1..] {
            let near =
                |group: &Vec<&BlockingCall>| group.iter().any(|known| gap(&known.location, &call.location) <= APART);
            let full = plain || !matters(call) || groups.len() >= MAX_FINDINGS;
            match groups.iter().position(near) {
                Some(at) => groups[at].push(call),
                None if full => groups[0].push(call),
                None => groups.push(vec![call]),
            }
        }
        out.extend(groups.into_iter().map(|calls| Waiting { fact, calls, plain, callers: Vec::new() }));
    }
    out
}

/// Calls that look as if they waited and do not.
struct Known<'s> {
    /// Calls that are awaited, by file and start: a library has one method for both of its clients.
    awaited: BTreeSet<(&'s str, u32)>,
    /// Functions that run once, by file and name: their result is kept.
    kept: BTreeSet<(&'s str, &'s str)>,
}

impl<'s> Known<'s> {
    fn of(service: &'s Service, needed: bool) -> Self {
        let functions = if needed { service.code.functions.as_slice() } else { &[] };
        let awaited = functions
            .iter()
            .flat_map(|function| function.calls.iter().filter(|call| call.awaited))
            .map(|call| (&*call.location.path, call.location.start))
            .collect();
        let kept = functions
            .iter()
            .filter(|function| {
                let keeps = |name: &String| {
                    let last = name.rsplit(['.', ':']).next().unwrap_or(name);
                    matches!(last, "lru_cache" | "cache" | "cached" | "cached_property" | "alru_cache")
                };
                function.decorators.iter().any(|by| by.name.iter().chain(&by.through).any(keeps))
            })
            .filter_map(|function| Some((&*function.location.path, function.name.split_once(':')?.1)))
            .collect();
        Self { awaited, kept }
    }

    fn is_harmless(&self, call: &BlockingCall) -> bool {
        let last = call.ways.last().map_or(&call.location, |way| &way.location);
        self.awaited.contains(&(&*last.path, last.start))
            || call.ways.iter().any(|way| self.kept.contains(&(&*way.location.path, way.function.as_str())))
    }
}

/// How many lines are between two places.
fn gap(one: &Location, other: &Location) -> u32 {
    let (first, second) = if one.line <= other.line { (one, other) } else { (other, one) };
    second.line.saturating_sub(first.end_line)
}

/// How the end of a session is called.
const CLOSES: &str = "the end of the session";

/// Whether a function awaits nothing, so that `def` would do: it is an endpoint that only waits.
fn could_be_plain(service: &Service, fact: &BlockingFact) -> bool {
    let entry = fact.entry.and_then(|at| service.requests.entries.get(at));
    let is_endpoint = entry.is_some_and(|entry| entry.kind == EntryKind::Endpoint);
    let mut functions = service.code.functions.iter();
    is_endpoint
        && fact.trace.len() <= 1
        && functions.find(|function| function.location == fact.location).is_some_and(|function| {
            function.is_async && !function.is_generator && !function.calls.iter().any(|call| call.awaited)
        })
}

impl Waiting<'_> {
    /// The call to name.
    pub fn first(&self) -> &BlockingCall {
        self.calls[0]
    }

    /// The step into the helper, where it is one that many call.
    fn helper(&self) -> Option<&Way> {
        self.first().ways.get(1).filter(|_| !self.callers.is_empty())
    }

    /// Where it stands.
    pub fn place(&self) -> &Location {
        self.helper().map_or(&self.first().location, |way| &way.location)
    }

    /// How sure it is: on a long way there may be a step that is only done once.
    pub fn confidence(&self) -> Confidence {
        if calls_on(&self.first().ways) > LONG { Confidence::Medium } else { Confidence::High }
    }

    /// What survives edits elsewhere.
    pub fn subject(&self) -> String {
        let function = self.helper().map_or(&self.fact.function, |way| &way.function);
        subject(function, self.place(), &self.first().what)
    }

    /// The function by its own name.
    pub fn function(&self) -> &str {
        let function = self.helper().map_or(&self.fact.function, |way| &way.function);
        function.rsplit(':').next().unwrap_or(function)
    }

    /// Who calls it, where it is a helper: the end of a sentence.
    pub fn called(&self) -> String {
        let functions: BTreeSet<&str> = self.callers.iter().map(|(fact, _)| fact.function.as_str()).collect();
        match functions.len() {
            0 => String::new(),
            count => format!("; at least {count} coroutine functions call it"),
        }
    }

    /// The way from the entry point to what waits, and the other places in the function.
    pub fn trace(&self, service: &Service) -> Vec<Step> {
        let mut out = Vec::new();
        let first = self.first();
        if self.helper().is_some() {
            if let Some(last) = first.ways.last() {
                out.push(step(format!("This waits: {}", shown(&first.what)), &last.location));
            }
            out.extend(self.callers.iter().take(MAX_CALLERS).map(|(fact, call)| {
                let name = fact.function.rsplit(':').next().unwrap_or(&fact.function);
                step(format!("`{name}` runs on the event loop, and calls it"), &call.location)
            }));
            return out;
        }
        if let Some(entry) = self.fact.entry.and_then(|at| service.requests.entries.get(at)) {
            out.push(step(format!("`{}` starts here", entry.name), &entry.location));
        }
        out.extend(self.fact.trace.iter().map(through));
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
