//! What waits for others while a transaction is open: what is surely so on the way there.
//!
//! A session takes a connection with its first statement and keeps it until it commits, rolls back or ends. Where that is
//! not sure (one of several ways ends it, something is called that is not known), nothing is open.

use std::rc::Rc;

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

/// Something that is waited for: what, and the way to it from the function that leads there.
struct Wait {
    what: String,
    path: Vec<(SummaryId, Site)>,
}

/// What a function leaves open, and the first thing that it waits for, where something was open before.
type Outcome = (Open, Option<Rc<Wait>>);

#[derive(Default)]
pub(super) struct Held {
    /// What functions do, by whether something was open before.
    known: FxHashMap<(SummaryId, bool), Outcome>,
    seen: FxHashSet<Site>,
    path: Vec<(SummaryId, Site)>,
}

/// A function that is looked at.
struct Inside {
    id: SummaryId,
    /// Whether something was open when it was called: then its caller is the one to end it.
    entered_open: bool,
    first: Option<Rc<Wait>>,
    /// What is open where it is left early.
    ends: Vec<Open>,
}

impl Collector<'_, '_, '_> {
    /// What an endpoint waits for with a transaction open.
    pub(super) fn note_held(&mut self, held: &mut Held) {
        self.held_by(held, self.root, None);
    }

    fn held_by(&mut self, held: &mut Held, id: SummaryId, open: Open) -> Outcome {
        if let Some((known, first)) = held.known.get(&(id, open.is_some())) {
            return (known.and_then(|site| open.or(Some(site))), first.clone());
        }
        // A function that calls itself leaves nothing that is sure.
        held.known.insert((id, open.is_some()), (None, None));
        let m = self.m;
        let mut inside = Inside { id, entered_open: open.is_some(), first: None, ends: Vec::new() };
        let end = self.held_in(held, &mut inside, &m.summary(id).nodes, open);
        if m.summary(id).end != End::Raise {
            inside.ends.extend(end);
        }
        let out = (join(&inside.ends), inside.first);
        held.known.insert((id, open.is_some()), out.clone());
        out
    }

    /// What is open after nodes; nothing where none of the ways through them goes on.
    fn held_in(&mut self, held: &mut Held, inside: &mut Inside, nodes: &[Node], before: Open) -> Option<Open> {
        let mut open = before;
        for node in nodes {
            match node {
                Node::Effect { payload, site } => {
                    let what = match self.effect(*payload) {
                        Some(
                            Effect::Query { .. } | Effect::Refresh { .. } | Effect::Lazy { many_to_one: false, .. },
                        ) => {
                            open = open.or(Some(*site));
                            continue;
                        }
                        Some(Effect::Commit { .. } | Effect::Rollback { .. } | Effect::Close { .. }) => {
                            open = None;
                            continue;
                        }
                        Some(Effect::Blocking { what, wait }) if is_slow(self.m.name(*what), *wait) => *what,
                        Some(Effect::Outside { what }) => *what,
                        _ => continue,
                    };
                    if let Some(since) = open {
                        let wait = Wait { what: self.m.name(what).to_owned(), path: vec![(inside.id, *site)] };
                        self.held_at(held, inside, since, wait);
                    }
                }
                Node::Call { summary, site, edge: Edge::Call | Edge::Thread } => {
                    if held.path.len() > DEPTH {
                        open = None;
                        continue;
                    }
                    held.path.push((inside.id, *site));
                    let (after, below) = self.held_by(held, *summary, open);
                    held.path.pop();
                    // Of several things that a caller waits for here, it is told the first.
                    if let (Some(since), Some(below), None) = (open, below, &inside.first) {
                        let path = [(inside.id, *site)].into_iter().chain(below.path.iter().copied()).take(DEPTH);
                        self.held_at(held, inside, since, Wait { what: below.what.clone(), path: path.collect() });
                    }
                    open = after;
                }
                Node::Branch { arms, .. } => {
                    let mut after = Vec::new();
                    for (nodes, end) in arms {
                        let one = self.held_in(held, inside, nodes, open);
                        match end {
                            End::Normal | End::Loop => after.extend(one),
                            End::Return => inside.ends.extend(one),
                            End::Raise => {}
                        }
                    }
                    if after.is_empty() {
                        return None;
                    }
                    open = join(&after);
                }
                Node::Loop { body, .. } => {
                    let after = self.held_in(held, inside, body, open);
                    open = join(&[open, after.unwrap_or(open)]);
                }
                Node::Unknown { .. } => open = None,
                Node::Call { .. } | Node::Handlers { .. } | Node::Once { .. } | Node::Yield => {}
            }
        }
        Some(open)
    }

    /// Whoever has the transaction and calls what waits can end it first; what waits for whoever calls cannot.
    fn held_at(&mut self, held: &mut Held, inside: &mut Inside, since: Site, wait: Wait) {
        if inside.entered_open {
            inside.first.get_or_insert_with(|| Rc::new(wait));
            return;
        }
        // What a dependency opened is open in the whole endpoint: the call in that is meant.
        let is_root = self.m.name(self.m.summary(inside.id).qualname).is_empty();
        let (_, place) = wait.path.get(usize::from(is_root)).copied().unwrap_or(wait.path[0]);
        let Some((_, last)) = wait.path.last().copied() else { return };
        if !held.seen.insert(place) {
            return;
        }
        let way: Vec<(SummaryId, Site)> = held.path.iter().copied().chain(wait.path).collect();
        let trace = self.steps(&way);
        let (location, waits, since) = (self.location(place), self.location(last), self.location(since));
        self.out.held.push(HeldFact { what: wait.what, location, waits, since, entry: self.entry, trace });
    }
}

/// What is open after one of several ways.
fn join(ways: &[Open]) -> Open {
    let first = *ways.first()?;
    ways.iter().all(Option::is_some).then_some(first).flatten()
}
