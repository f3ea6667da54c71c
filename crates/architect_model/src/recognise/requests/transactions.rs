//! What waits for others while a transaction is open: what is surely so on the way there.
//!
//! A session takes a connection with its first statement and keeps it until it commits, rolls back or ends. Where that is
//! not sure (one of several ways ends it, something is called that is not known), nothing is open.

use architect_python::Site;
use architect_python::flow::{Edge, End, Node, SummaryId};
use rustc_hash::{FxHashMap, FxHashSet};

use super::blocking::is_slow;
use super::facts::Collector;
use super::things::Effect;
use crate::requests::HeldFact;

/// Calls within calls at most.
const DEPTH: usize = 60;

/// The statement that began the transaction; nothing where there may be none.
type Open = Option<Site>;

#[derive(Default)]
pub(super) struct Held {
    /// What functions leave open, by whether something was open before.
    known: FxHashMap<(SummaryId, bool), Open>,
    seen: FxHashSet<Site>,
    path: Vec<(SummaryId, Site)>,
}

impl Collector<'_, '_, '_> {
    /// What an endpoint waits for with a transaction open.
    pub(super) fn note_held(&mut self, held: &mut Held) {
        self.held_by(held, self.root, None);
    }

    fn held_by(&mut self, held: &mut Held, id: SummaryId, open: Open) -> Open {
        if let Some(known) = held.known.get(&(id, open.is_some())) {
            return known.and_then(|site| open.or(Some(site)));
        }
        // A function that calls itself leaves nothing that is sure.
        held.known.insert((id, open.is_some()), None);
        let m = self.m;
        let mut ends = Vec::new();
        let end = self.held_in(held, id, &m.summary(id).nodes, open, &mut ends);
        if m.summary(id).end != End::Raise {
            ends.extend(end);
        }
        let after = join(&ends);
        held.known.insert((id, open.is_some()), after);
        after
    }

    /// What is open after nodes; nothing where none of the ways through them goes on.
    fn held_in(
        &mut self,
        held: &mut Held,
        id: SummaryId,
        nodes: &[Node],
        before: Open,
        ends: &mut Vec<Open>,
    ) -> Option<Open> {
        let mut open = before;
        for node in nodes {
            match node {
                Node::Effect { payload, site } => {
                    let effect = self.effect(*payload);
                    match effect {
                        Some(Effect::Query { .. } | Effect::Refresh { .. }) => {
                            open = open.or(Some(*site));
                        }
                        Some(Effect::Lazy { many_to_one: false, .. }) => open = open.or(Some(*site)),
                        Some(Effect::Commit { .. } | Effect::Rollback { .. } | Effect::Close { .. }) => open = None,
                        Some(Effect::Blocking { what, wait }) => {
                            let what = self.m.name(*what);
                            if let (Some(since), true) = (open, is_slow(what, *wait)) {
                                let what = what.to_owned();
                                self.held_at(held, id, *site, since, what);
                            }
                        }
                        Some(Effect::Outside { what }) => {
                            if let Some(since) = open {
                                let what = self.m.name(*what).to_owned();
                                self.held_at(held, id, *site, since, what);
                            }
                        }
                        _ => {}
                    }
                }
                Node::Call { summary, site, edge: Edge::Call | Edge::Thread } => {
                    if held.path.len() > DEPTH {
                        open = None;
                        continue;
                    }
                    held.path.push((id, *site));
                    open = self.held_by(held, *summary, open);
                    held.path.pop();
                }
                Node::Branch { arms, .. } => {
                    let mut after = Vec::new();
                    for (nodes, end) in arms {
                        let one = self.held_in(held, id, nodes, open, ends);
                        match end {
                            End::Normal | End::Loop => after.extend(one),
                            End::Return => ends.extend(one),
                            End::Raise => {}
                        }
                    }
                    if after.is_empty() {
                        return None;
                    }
                    open = join(&after);
                }
                Node::Loop { body, .. } => {
                    let after = self.held_in(held, id, body, open, ends);
                    open = join(&[open, after.unwrap_or(open)]);
                }
                Node::Unknown { .. } => open = None,
                Node::Call { .. } | Node::Handlers { .. } | Node::Once { .. } | Node::Yield => {}
            }
        }
        Some(open)
    }

    fn held_at(&mut self, held: &mut Held, id: SummaryId, site: Site, since: Site, what: String) {
        if !held.seen.insert(site) {
            return;
        }
        held.path.push((id, site));
        let trace = self.steps(&held.path);
        held.path.pop();
        let fact =
            HeldFact { what, location: self.location(site), since: self.location(since), entry: self.entry, trace };
        self.out.held.push(fact);
    }
}

/// What is open after one of several ways.
fn join(ways: &[Open]) -> Open {
    let first = *ways.first()?;
    ways.iter().all(Option::is_some).then_some(first).flatten()
}
