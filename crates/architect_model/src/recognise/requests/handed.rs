//! Sessions that a function gets from another one, and what it does with them.
//!
//! `get_session()` makes a session for whoever calls it, and an object may make one for whoever makes the object. That it
//! is closed is then the matter of the caller: it is asked for each place that calls what hands a session out.

use architect_python::flow::{Node, SummaryId, V, Val};
use architect_python::{ModuleKind, Site};
use rustc_hash::{FxHashMap, FxHashSet};

use super::books::Flow;
use super::sessions::holds;
use super::things::Effect;

/// A session that a call gives and nothing below the caller closes on every path.
#[derive(Debug)]
pub(super) struct Handed {
    /// The function that calls.
    pub function: SummaryId,
    /// The call.
    pub site: Site,
    /// Where the session is made.
    pub made: Site,
    /// Where the function itself closes it.
    pub closes: Vec<Site>,
    /// Whether the function hands it out by `yield`.
    pub yielded: bool,
}

/// What becomes of sessions below a function.
#[derive(Clone, Default)]
struct Below {
    /// Where those are made that are handed to whoever calls it.
    gives: Vec<Site>,
    /// Where those are made that are closed below it.
    closed: FxHashSet<Option<Site>>,
}

/// Finds the calls that give sessions; `opened` are the places where sessions are made outside of blocks that close them.
pub(super) fn handed(m: &Flow<'_, '_>, opened: &FxHashSet<Site>) -> Vec<Handed> {
    let mut search = Search { m, opened, known: FxHashMap::default(), out: Vec::new() };
    if !opened.is_empty() {
        for id in 0..m.summaries.len() {
            search.below(SummaryId::try_from(id).unwrap_or(0));
        }
    }
    search.out
}

struct Search<'m, 'f, 'a> {
    m: &'m Flow<'f, 'a>,
    opened: &'m FxHashSet<Site>,
    known: FxHashMap<SummaryId, Below>,
    out: Vec<Handed>,
}

/// What stands in a function itself.
#[derive(Default)]
struct Own {
    opens: Vec<Site>,
    closes: Vec<(Option<Site>, Site)>,
    managed: Vec<Site>,
    calls: Vec<(SummaryId, Site)>,
    /// What may do anything with what it is given.
    unknown: bool,
}

impl Own {
    fn read(&mut self, m: &Flow<'_, '_>, nodes: &[Node]) {
        for node in nodes {
            match node {
                Node::Effect { payload, site } => match m.lib.effects.get_index(*payload as usize) {
                    Some(Effect::Open { managed: false, site, .. }) => self.opens.push(*site),
                    Some(Effect::Managed { site }) => self.managed.push(*site),
                    Some(Effect::Close { site: made, .. }) => self.closes.push((*made, *site)),
                    _ => {}
                },
                Node::Call { summary, site, .. } => self.calls.push((*summary, *site)),
                Node::Loop { body, .. } => self.read(m, body),
                Node::Branch { arms, .. } | Node::Handlers { arms, .. } => {
                    arms.iter().for_each(|(nodes, _)| self.read(m, nodes));
                }
                Node::Unknown { .. } => self.unknown = true,
                // What is made once is kept.
                Node::Once { .. } | Node::Yield => {}
            }
        }
    }
}

impl Search<'_, '_, '_> {
    fn below(&mut self, id: SummaryId) -> Below {
        if let Some(known) = self.known.get(&id) {
            return known.clone();
        }
        self.known.insert(id, Below::default());
        let m = self.m;
        let summary = m.summary(id);
        let mut own = Own::default();
        own.read(m, &summary.nodes);
        let mut below = Below::default();
        below.closed.extend(own.closes.iter().map(|(made, _)| *made));
        below.closed.extend(own.managed.iter().map(|made| Some(*made)));
        let mut given: Vec<(Site, Site)> = Vec::new();
        for (called, site) in &own.calls {
            let inner = self.below(*called);
            given.extend(inner.gives.iter().map(|made| (*made, *site)));
            below.closed.extend(inner.closed);
        }
        // What is done to an object that is made here is nobody else's matter.
        let is_local = |val: Val| match m.v(val) {
            V::Inst { site: Some(site), .. } => {
                site.module == summary.module && summary.whole.contains_range(site.range)
            }
            _ => false,
        };
        let is_kept = |made: Site| {
            let keeps = |val: Val| holds(m, val, Some(made), 0);
            keeps(summary.value) || summary.changes.iter().any(|(from, to)| !is_local(*from) && keeps(*to))
        };
        // Of sessions that are made in several places it is not told which one it is.
        let gives_any = holds(m, summary.value, None, 0) || matches!(m.v(summary.value), V::Pending { .. });
        for made in own.opens.iter().filter(|made| self.opened.contains(made)) {
            if is_kept(*made) && !below.gives.contains(made) {
                below.gives.push(*made);
            }
        }
        let named = !m.name(summary.qualname).is_empty();
        let is_own = m.ev.program.module(summary.module).kind == ModuleKind::Project;
        for (made, site) in given {
            let yielded = summary.yields.is_some_and(|val| holds(m, val, Some(made), 0));
            if !yielded && summary.yields.is_some_and(|val| holds(m, val, None, 0)) {
                continue;
            }
            if is_kept(made) {
                if !below.gives.contains(&made) {
                    below.gives.push(made);
                }
                continue;
            }
            if gives_any {
                continue;
            }
            let closes: Vec<Site> =
                own.closes.iter().filter(|(closed, _)| *closed == Some(made)).map(|(_, place)| *place).collect();
            let elsewhere = below.closed.contains(&None) || below.closed.contains(&Some(made)) && closes.is_empty();
            if named && is_own && !elsewhere && !own.managed.contains(&made) && !own.unknown {
                self.out.push(Handed { function: id, site, made, closes, yielded });
            }
        }
        self.known.insert(id, below.clone());
        below
    }
}
