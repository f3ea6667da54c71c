//! Functions that call themselves, and loops that follow rows from one to the next: how often they ask the database is up
//! to the rows.

use std::rc::Rc;

use architect_python::flow::{Edge, End, Node, SummaryId, Val};
use architect_python::{Linked, Site};

use super::facts::{Collector, Mode, Reached};
use super::things::{Change, Effect, StatementKind};
use crate::requests::{EffectKind, LoopFact, QueryFact, Times};

/// Calls of one summary at most.
const MAX_CALLS: usize = 4;
/// From a loop to the statement that leads it on there are so many calls at most: what far more is done for hangs together
/// in other ways.
const MAX_WAY: usize = 5;

/// A call of a function that is under way: what is called, and the way to the call.
#[derive(Clone, Debug)]
pub(super) struct Again {
    callee: Val,
    path: Vec<(SummaryId, Site)>,
}

impl Collector<'_, '_, '_> {
    /// Adds what a loop does because it calls a function again that is under way, and says whether it does.
    pub(super) fn reach_again(&mut self, id: SummaryId, body: &[Node], out: &mut Vec<Reached>) -> bool {
        let mut found = Vec::new();
        self.again_in(id, body, &mut found);
        let mut again = false;
        for Again { callee, path } in found {
            let Some((_, call)) = path.last().copied() else { continue };
            let under_way = self.path.iter().map(|(one, _)| *one).chain([id]);
            let of_callee = |one: &SummaryId| self.m.summary(*one).callee == callee;
            let under_way: Vec<SummaryId> = under_way.filter(of_callee).collect();
            let Some(same) = under_way.last() else { continue };
            if self.m.ev.program.module(call.module).counts_calls(call.range) {
                continue;
            }
            again = true;
            for one in self.reached(*same).iter() {
                if out.iter().all(|known| known.payload != one.payload || known.site != one.site) {
                    let path = path.iter().chain(&one.path).copied().collect();
                    out.push(Reached { path, ..one.clone() });
                }
            }
        }
        again
    }

    fn again_in(&mut self, id: SummaryId, nodes: &[Node], out: &mut Vec<Again>) {
        for node in nodes {
            if out.len() >= MAX_CALLS {
                return;
            }
            match node {
                Node::Unknown { callee, site, .. } => out.push(Again { callee: *callee, path: vec![(id, *site)] }),
                Node::Call { summary, site, edge: Edge::Call | Edge::Thread } => {
                    let below = self.again_below(*summary);
                    out.extend(below.iter().map(|one| {
                        let path = [(id, *site)].into_iter().chain(one.path.iter().copied()).collect();
                        Again { callee: one.callee, path }
                    }));
                }
                Node::Loop { body, .. } => self.again_in(id, body, out),
                Node::Branch { arms, .. } => {
                    for (nodes, end) in arms {
                        if *end != End::Raise {
                            self.again_in(id, nodes, out);
                        }
                    }
                }
                _ => {}
            }
        }
    }

    fn again_below(&mut self, id: SummaryId) -> Rc<Vec<Again>> {
        if let Some(known) = self.calls_again.get(&id) {
            return known.clone();
        }
        self.calls_again.insert(id, Rc::default());
        let m = self.m;
        let mut out = Vec::new();
        self.again_in(id, &m.summary(id).nodes, &mut out);
        let out = Rc::new(out);
        self.calls_again.insert(id, out.clone());
        out
    }

    /// The statement that is asked there, as it is known with what becomes of its rows.
    fn asked(&self, one: &Reached) -> Option<QueryFact> {
        if !matches!(self.effect(one.payload), Some(Effect::Query { .. })) {
            return None;
        }
        let EffectKind::Query(query) = self.kind(one.payload, one.site)? else { return None };
        let mut query = *query;
        query.all &= !self.m.lib.taken_one.contains(&one.site) || self.m.lib.taken_all.contains(&one.site);
        (query.verb == "select").then_some(query)
    }

    /// Whether what is called at a place inserts a row: what it gives back is new, and leads to no other.
    fn inserts_there(&self, reached: &[Reached], place: Site) -> bool {
        reached.iter().filter(|one| one.path.first().is_some_and(|first| first.1 == place)).any(|one| {
            match self.effect(one.payload) {
                Some(Effect::Write { change, .. }) => *change == Change::Insert,
                Some(Effect::Query { statement, .. }) => statement.kind == StatementKind::Insert,
                _ => false,
            }
        })
    }

    /// Whether a statement of a loop asks with what it gave in the turn before: one row that leads to the next, or rows
    /// that are put on a list of what is still to be asked for. Pages and levels of a tree are asked for at once.
    pub(super) fn is_linked(&self, site: Site, open: bool, reached: &[Reached]) -> bool {
        let module = self.m.ev.program.module(site.module);
        reached.iter().any(|one| {
            let Some((_, place)) = one.path.first().filter(|_| one.path.len() <= MAX_WAY) else { return false };
            if self.inserts_there(reached, *place) {
                return false;
            }
            let Some(query) = self.asked(one).filter(|_| place.module == site.module) else { return false };
            match module.links(site.range, place.range) {
                Some(Linked::One) => open && (!query.all || query.unique),
                Some(Linked::Several) => !query.listed && !query.limited,
                None => false,
            }
        })
    }

    /// A function calls itself outside of a loop with what it asked for: as often as a chain of rows is long.
    pub(super) fn note_again(&mut self, id: SummaryId, callee: Val, site: Site, mode: Mode) {
        let m = self.m;
        let in_loop = self.turning.last() == Some(&self.path.len());
        if in_loop || m.summary(id).callee != callee || self.loops.contains_key(&site) {
            return;
        }
        let module = m.ev.program.module(site.module);
        let reached = self.reached(id);
        let is_linked = reached.iter().any(|one| {
            let Some((_, place)) = one.path.first().filter(|(_, place)| !self.inserts_there(&reached, *place)) else {
                return false;
            };
            let one_row = |query: QueryFact| !query.all || query.unique;
            self.asked(one).is_some_and(one_row) && module.links_by_call(site.range, place.range) == Some(Linked::One)
        });
        if !is_linked {
            return;
        }
        let does = reached.iter().filter_map(|one| {
            let path: Vec<_> = [(id, site)].into_iter().chain(one.path.iter().copied()).collect();
            Some((self.kind(one.payload, one.site)?, self.location(one.site), self.steps(&path)))
        });
        let does: Vec<_> = does.collect();
        let trace = self.trace_to(id, site);
        let function = trace.last().map(|step| step.function.clone()).unwrap_or_default();
        let waits_outside = self.waits_outside(&m.summary(id).nodes);
        self.loops.insert(site, self.out.loops.len());
        self.out.loops.push(LoopFact {
            location: self.location(site),
            function,
            times: Times::Linked,
            over: String::new(),
            waits_outside,
            leaves: false,
            again: true,
            does,
            entry: self.entry,
            trace,
            background: mode.background,
            handling: mode.handling,
        });
    }
}
