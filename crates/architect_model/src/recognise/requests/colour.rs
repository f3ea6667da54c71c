//! The colour of functions: what runs on the event loop, and which calls keep it waiting.
//!
//! A coroutine function that is reached without a worker thread in between runs on the loop. What it does itself, or
//! through plain functions, is done there; a thread (`to_thread`, an executor, a plain endpoint or dependency) ends the
//! way. Every summary is looked at once, so that the work is linear in the call graph.

use std::rc::Rc;

use architect_python::flow::{Edge, Node, SummaryId};
use architect_python::{ModuleKind, Site};
use rustc_hash::{FxHashMap, FxHashSet};

use super::Walked;
use super::books::Flow;
use super::things::Effect;
use crate::requests::{BlockingCall, BlockingFact, EntryKind, Requests, Step, Wait};

/// Ways from one plain function that are kept.
const MAX_WAYS: usize = 6;
/// Calls of one coroutine function that are kept.
const MAX_CALLS: usize = 24;

/// A call that waits, below a plain function.
#[derive(Clone)]
struct Below {
    what: Rc<str>,
    wait: Wait,
    handling: bool,
    path: Vec<(SummaryId, Site)>,
}

struct Colours<'c, 'm, 'a> {
    m: &'c Flow<'m, 'a>,
    below: FxHashMap<SummaryId, Rc<Vec<Below>>>,
    visited: FxHashSet<(SummaryId, bool)>,
    /// Facts by the function: its definition.
    known: FxHashMap<Site, usize>,
    path: Vec<(SummaryId, Site)>,
    entry: usize,
    out: Vec<BlockingFact>,
}

/// Adds what keeps the event loop waiting.
pub(super) fn collect(m: &Flow<'_, '_>, walked: &[Walked], out: &mut Requests) {
    let mut colours = Colours {
        m,
        below: FxHashMap::default(),
        visited: FxHashSet::default(),
        known: FxHashMap::default(),
        path: Vec::new(),
        entry: 0,
        out: Vec::new(),
    };
    for (at, root) in walked.iter().enumerate() {
        // What runs at start-up keeps nobody waiting; what else starts by itself may run anywhere.
        if matches!(root.kind, EntryKind::Endpoint | EntryKind::Middleware) {
            colours.entry = at;
            colours.visit(root.summary, false);
        }
    }
    out.blocking = colours.out;
}

impl Colours<'_, '_, '_> {
    /// Follows a summary that runs on the loop.
    fn visit(&mut self, id: SummaryId, background: bool) {
        if self.path.len() > 200 || !self.visited.insert((id, background)) {
            return;
        }
        let m = self.m;
        let summary = m.summary(id);
        if summary.is_async {
            self.note(id, background);
        }
        self.follow(id, &summary.nodes, background);
    }

    fn follow(&mut self, id: SummaryId, nodes: &[Node], background: bool) {
        for node in nodes {
            match node {
                Node::Call { summary, site, edge } => {
                    let background = match edge {
                        Edge::Thread => continue,
                        Edge::Call => background,
                        Edge::Task => true,
                        Edge::Background if self.starts_coroutine(*summary) => true,
                        Edge::Background => continue,
                    };
                    self.path.push((id, *site));
                    self.visit(*summary, background);
                    self.path.pop();
                }
                Node::Loop { body, .. } | Node::Once { body } => self.follow(id, body, background),
                Node::Branch { arms, .. } | Node::Handlers { arms, .. } => {
                    for (nodes, _) in arms {
                        self.follow(id, nodes, background);
                    }
                }
                Node::Effect { .. } | Node::Yield | Node::Unknown { .. } => {}
            }
        }
    }

    /// Whether a task after the response is a coroutine function; others run in a thread.
    fn starts_coroutine(&self, id: SummaryId) -> bool {
        self.m.summary(id).nodes.iter().any(|node| match node {
            Node::Call { summary, .. } => self.m.summary(*summary).is_async,
            _ => false,
        })
    }

    /// What a coroutine function does that keeps the loop waiting.
    fn note(&mut self, id: SummaryId, background: bool) {
        let m = self.m;
        let summary = m.summary(id);
        let mut found = Vec::new();
        self.waits(id, &summary.nodes, false, &mut found);
        if found.is_empty() {
            return;
        }
        let definition = Site { module: summary.module, range: summary.range };
        let at = match self.known.get(&definition) {
            Some(at) => *at,
            None => {
                let function = m.name(summary.qualname).to_owned();
                self.out.push(BlockingFact {
                    function,
                    location: self.location(definition),
                    calls: Vec::new(),
                    entry: Some(self.entry),
                    trace: self.steps(&self.path),
                    background,
                });
                self.known.insert(definition, self.out.len() - 1);
                self.out.len() - 1
            }
        };
        for one in found {
            let Some((_, site)) = one.path.first().copied() else { continue };
            let location = self.location(site);
            let ways = self.steps(&one.path);
            let fact = &mut self.out[at];
            let new = !fact.calls.iter().any(|call| call.location == location && call.wait == one.wait);
            if new && fact.calls.len() < MAX_CALLS {
                let (wait, handling) = (one.wait, one.handling);
                fact.calls.push(BlockingCall { what: one.what.to_string(), wait, location, ways, handling });
            }
        }
        self.out[at].background &= background;
    }

    /// What plain functions below keep waiting for.
    fn below(&mut self, id: SummaryId) -> Rc<Vec<Below>> {
        if let Some(known) = self.below.get(&id) {
            return known.clone();
        }
        self.below.insert(id, Rc::default());
        let m = self.m;
        let mut out = Vec::new();
        self.waits(id, &m.summary(id).nodes, false, &mut out);
        out.truncate(MAX_WAYS);
        let out = Rc::new(out);
        self.below.insert(id, out.clone());
        out
    }

    fn waits(&mut self, id: SummaryId, nodes: &[Node], handling: bool, out: &mut Vec<Below>) {
        for node in nodes {
            match node {
                Node::Effect { payload, site } => {
                    if let Some((what, wait)) = self.wait_of(*payload)
                        && !out.iter().any(|one| one.path.first() == Some(&(id, *site)))
                    {
                        out.push(Below { what: what.into(), wait, handling, path: vec![(id, *site)] });
                    }
                }
                Node::Call { summary, site, edge: Edge::Call } if !self.m.summary(*summary).is_async => {
                    for one in self.below(*summary).iter() {
                        let same = |known: &Below| known.path.first() == Some(&(id, *site)) && known.wait == one.wait;
                        if out.iter().any(same) {
                            continue;
                        }
                        let mut path = vec![(id, *site)];
                        path.extend(one.path.iter().copied());
                        out.push(Below { path, handling: handling || one.handling, ..one.clone() });
                    }
                }
                Node::Loop { body, .. } => self.waits(id, body, handling, out),
                Node::Once { body } => self.waits(id, body, true, out),
                Node::Branch { arms, .. } => {
                    for (nodes, _) in arms {
                        self.waits(id, nodes, handling, out);
                    }
                }
                Node::Handlers { arms, .. } => {
                    for (nodes, _) in arms {
                        self.waits(id, nodes, true, out);
                    }
                }
                Node::Call { .. } | Node::Yield | Node::Unknown { .. } => {}
            }
        }
    }

    /// What an effect waits for.
    fn wait_of(&self, payload: u32) -> Option<(String, Wait)> {
        Some(match self.m.lib.effects.get_index(payload as usize)? {
            Effect::Blocking { what, wait } => (self.m.name(*what).to_owned(), *wait),
            Effect::Query { is_async: false, entity, .. } if entity == "?" => ("a statement".to_owned(), Wait::Session),
            Effect::Query { is_async: false, entity, .. } => (format!("a statement on `{entity}`"), Wait::Session),
            Effect::Commit { is_async: false } => ("a commit".to_owned(), Wait::Session),
            Effect::Rollback { is_async: false } => ("a rollback".to_owned(), Wait::Session),
            Effect::Close { is_async: false, .. } => ("the end of the session".to_owned(), Wait::Session),
            _ => return None,
        })
    }

    fn location(&self, site: Site) -> architect_source::Location {
        self.m.ev.program.module(site.module).location(site.range)
    }

    fn steps(&self, path: &[(SummaryId, Site)]) -> Vec<Step> {
        let mut out: Vec<Step> = Vec::new();
        for (id, site) in path {
            if self.m.ev.program.module(site.module).kind == ModuleKind::Model {
                continue;
            }
            let function = self.m.name(self.m.summary(*id).qualname).to_owned();
            let location = self.location(*site);
            match out.last_mut() {
                Some(step) if step.location == location => {
                    if step.function.is_empty() {
                        step.function = function;
                    }
                }
                _ => out.push(Step { function, location }),
            }
        }
        out
    }
}
