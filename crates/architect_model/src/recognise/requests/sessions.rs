//! How long sessions live, and what is left of them where a statement fails.

use architect_python::flow::{End, Node, SummaryId, V, Val};
use architect_python::{ModuleKind, Site};
use architect_source::Location;
use rustc_hash::{FxHashMap, FxHashSet};

use super::Walked;
use super::books::{Flow, thing};
use super::handed::handed;
use super::things::{Effect, Thing};
use super::touch::{Touch, touch, touch_nodes};
use crate::requests::{ExitFact, Fate, Requests, SessionFact, SharedSession, TryArm, TryFact};

/// Adds what is known of sessions: where they are made and how they end, what dependencies do when they are left, and
/// what handlers of failed statements do.
pub(super) fn collect(m: &mut Flow<'_, '_>, walked: &[Walked], out: &mut Requests) {
    let mut closed = Closed::default();
    for (root, entry) in walked.iter().zip(&mut out.entries) {
        let nodes = m.summary(root.summary).nodes.clone();
        let own = nodes.len().saturating_sub(root.exits.iter().filter(|exit| exit.summary.is_some()).count());
        let touched = touch_nodes(m, &nodes[..own]);
        entry.writes = touched.writes;
        entry.commits = touched.commits;
        entry.may_commit = touched.may_commit;
        for exit in &root.exits {
            let Some(id) = exit.summary else { continue };
            let Touch { commits, may_commit, closes, .. } = touch(m, id);
            entry.may_commit |= may_commit;
            entry.exits.push(ExitFact {
                dependency: exit.name.clone(),
                function_scope: exit.function_scope,
                commit: commits.then(|| first_commit(m, id, 0)).flatten().map(|site| location(m, site)),
                closes,
            });
        }
        // What opens a session of its own and closes it leaves the one that was handed in as it is.
        entry.closes = nodes[..own].iter().any(|node| closed.node(m, node) > 0);
    }
    let mut found = Found::default();
    for id in 0..m.summaries.len() {
        let id = SummaryId::try_from(id).unwrap_or(0);
        let nodes = std::mem::take(&mut m.summaries[id as usize].nodes);
        if m.ev.program.module(m.summary(id).module).kind != ModuleKind::Model {
            found.nodes(m, id, &nodes, false);
        }
        m.summaries[id as usize].nodes = nodes;
    }
    out.sessions = found.sessions(m);
    out.tries = found.tries;
}

/// How many more sessions calls close than they open: what is handed in is closed where that is one.
#[derive(Default)]
struct Closed {
    known: FxHashMap<SummaryId, i32>,
}

impl Closed {
    fn call(&mut self, m: &Flow<'_, '_>, id: SummaryId) -> i32 {
        if let Some(known) = self.known.get(&id) {
            return *known;
        }
        self.known.insert(id, 0);
        let balance = self.nodes(m, &m.summary(id).nodes);
        self.known.insert(id, balance);
        balance
    }

    fn nodes(&mut self, m: &Flow<'_, '_>, nodes: &[Node]) -> i32 {
        nodes.iter().map(|node| self.node(m, node)).sum()
    }

    fn node(&mut self, m: &Flow<'_, '_>, node: &Node) -> i32 {
        match node {
            Node::Effect { payload, .. } => match m.lib.effects.get_index(*payload as usize) {
                Some(Effect::Close { .. }) => 1,
                Some(Effect::Open { .. }) => -1,
                _ => 0,
            },
            Node::Call { summary, .. } => self.call(m, *summary),
            Node::Loop { body, .. } | Node::Once { body } => self.nodes(m, body),
            Node::Branch { arms, .. } => arms.iter().map(|(nodes, _)| self.nodes(m, nodes)).max().unwrap_or(0),
            Node::Handlers { .. } | Node::Yield | Node::Unknown { .. } => 0,
        }
    }
}

/// Adds the sessions that outlive requests, and what makes sessions that expire their objects.
pub(super) fn lasting(m: &Flow<'_, '_>, shared: &[(Site, bool)], expiring: &[Site], out: &mut Requests) {
    let is_own = |site: &Site| m.ev.program.module(site.module).kind == ModuleKind::Project;
    for (site, is_async) in shared.iter().filter(|(site, _)| is_own(site)) {
        let location = location(m, *site);
        if out.shared_sessions.iter().all(|known| known.location != location) {
            out.shared_sessions.push(SharedSession { location, is_async: *is_async });
        }
    }
    for site in expiring.iter().filter(|site| is_own(site)) {
        let location = location(m, *site);
        if !out.expiring.contains(&location) {
            out.expiring.push(location);
        }
    }
}

fn location(m: &Flow<'_, '_>, site: Site) -> Location {
    m.ev.program.module(site.module).location(site.range)
}

/// The function of a summary, as `module:qualname`.
fn function(m: &Flow<'_, '_>, id: SummaryId) -> String {
    let summary = m.summary(id);
    format!("{}:{}", m.ev.program.module(summary.module).name, m.name(summary.qualname))
}

fn first_commit(m: &Flow<'_, '_>, id: SummaryId, depth: u32) -> Option<Site> {
    fn find(m: &Flow<'_, '_>, nodes: &[Node], depth: u32) -> Option<Site> {
        nodes.iter().find_map(|node| match node {
            Node::Effect { payload, site } => {
                matches!(m.lib.effects.get_index(*payload as usize), Some(Effect::Commit { .. })).then_some(*site)
            }
            Node::Call { summary, .. } if depth < 20 => first_commit(m, *summary, depth + 1),
            Node::Loop { body, .. } | Node::Once { body } => find(m, body, depth),
            Node::Branch { arms, .. } => arms.iter().find_map(|(nodes, _)| find(m, nodes, depth)),
            _ => None,
        })
    }
    find(m, &m.summary(id).nodes, depth)
}

/// Whether a value is a session made at a place, or holds it.
pub(super) fn holds(m: &Flow<'_, '_>, val: Val, site: Option<Site>, depth: u32) -> bool {
    if depth > 4 {
        return false;
    }
    match m.v(val) {
        V::Lib(..) => match thing(m, val) {
            Some((Thing::Session(session), _)) => site.is_none() || session.site == site,
            _ => false,
        },
        V::Inst { attrs, .. } => attrs.iter().any(|(_, part)| holds(m, *part, site, depth + 1)),
        V::Seq { items, .. } | V::Union(items) => items.iter().any(|part| holds(m, *part, site, depth + 1)),
        _ => false,
    }
}

#[derive(Default)]
struct Found {
    /// Sessions that no block closes, by the place they are made: the function, and whether they are awaited.
    opened: Vec<(Site, SummaryId, bool)>,
    known: FxHashSet<Site>,
    /// Places where a block closes what was made.
    managed: FxHashSet<Site>,
    /// Where sessions are closed, by the place they are made.
    closed: FxHashMap<Option<Site>, Vec<Site>>,
    /// Generators that are left before their end: the loop, the function, what is iterated.
    abandoned: Vec<(Site, SummaryId, SummaryId)>,
    tries: Vec<TryFact>,
}

impl Found {
    fn nodes(&mut self, m: &mut Flow<'_, '_>, id: SummaryId, nodes: &[Node], repeated: bool) {
        for (at, node) in nodes.iter().enumerate() {
            match node {
                Node::Effect { payload, site } => match m.lib.effects.get_index(*payload as usize) {
                    Some(Effect::Open { managed: false, is_async, site: made }) if self.known.insert(*made) => {
                        self.opened.push((*made, id, *is_async));
                    }
                    Some(Effect::Managed { site }) => {
                        self.managed.insert(*site);
                    }
                    Some(Effect::Close { site: made, .. }) => {
                        let places = self.closed.entry(*made).or_default();
                        if !places.contains(site) {
                            places.push(*site);
                        }
                    }
                    _ => {}
                },
                Node::Loop { site, leaves, body, .. } => {
                    if *leaves && let Some(generator) = generator_of(m, &nodes[..at], *site) {
                        self.abandoned.push((*site, id, generator));
                    }
                    self.nodes(m, id, body, true);
                }
                Node::Once { body } => self.nodes(m, id, body, repeated),
                Node::Branch { arms, .. } => {
                    for (nodes, end) in arms {
                        self.nodes(m, id, nodes, repeated && comes_back(*end));
                    }
                }
                Node::Handlers { site, arms } => {
                    for (nodes, end) in arms {
                        self.nodes(m, id, nodes, repeated && comes_back(*end));
                    }
                    self.attempt(m, id, nodes, at, *site, arms, repeated);
                }
                Node::Call { .. } | Node::Yield | Node::Unknown { .. } => {}
            }
        }
    }

    /// A `try` whose body writes.
    #[expect(clippy::too_many_arguments, reason = "the surroundings of one node")]
    fn attempt(
        &mut self,
        m: &mut Flow<'_, '_>,
        id: SummaryId,
        nodes: &[Node],
        at: usize,
        site: Site,
        arms: &[(Vec<Node>, End)],
        repeated: bool,
    ) {
        let start = nodes[..at].iter().rposition(|node| !inside(node, site)).map_or(0, |before| before + 1);
        // What a `try` inside of it catches is not what fails here.
        let tried = &nodes[start..at];
        let caught: Vec<Site> = tried
            .iter()
            .filter_map(|node| match node {
                Node::Handlers { site, arms } => arms.iter().all(|(_, end)| comes_back(*end)).then_some(*site),
                _ => None,
            })
            .collect();
        let own = |node: &&Node| !caught.iter().any(|place| inside(node, *place));
        let body = touch_nodes(m, tried.iter().filter(own));
        // A session of its own, and a block that rolls back, leave nothing behind; what only changes objects sends
        // nothing yet.
        // What is not known may end in any way.
        if !body.leaves || body.rolls_back || !body.sends || body.may_commit {
            return;
        }
        let place = location(m, site);
        if self.tries.iter().any(|known| known.location == place) {
            return;
        }
        let after = touch_nodes(m, &nodes[at + 1..]);
        let arms = arms
            .iter()
            .map(|(nodes, end)| {
                let touched = touch_nodes(m, nodes);
                TryArm {
                    rolls_back: touched.rolls_back || touched.closes,
                    asks: first_use(m, nodes, body.flushes).map(|site| location(m, site)),
                    asks_after: *end == End::Normal && (after.asks || after.writes || after.commits),
                    repeated: repeated && comes_back(*end),
                }
            })
            .collect();
        self.tries.push(TryFact { function: function(m, id), location: place, arms });
    }

    fn sessions(&self, m: &Flow<'_, '_>) -> Vec<SessionFact> {
        let mut out = Vec::new();
        let removed = self.closed.get(&None).map(Vec::as_slice).unwrap_or_default();
        for (site, id, is_async) in &self.opened {
            let summary = m.summary(*id);
            if self.managed.contains(site) {
                continue;
            }
            let fate = if summary.yields.is_some_and(|val| holds(m, val, Some(*site), 0)) {
                Fate::Yielded
            } else if holds(m, summary.value, Some(*site), 0) {
                Fate::Returned
            } else {
                Fate::Kept
            };
            let closed = self.closed.get(&Some(*site)).map(Vec::as_slice).unwrap_or_default();
            let near = removed.iter().filter(|place| place.module == site.module);
            out.push(SessionFact {
                function: function(m, *id),
                location: location(m, *site),
                is_async: *is_async,
                made: None,
                closes: closed.iter().chain(near).map(|site| location(m, *site)).collect(),
                fate,
            });
        }
        let opened = self.opened.iter().map(|(site, ..)| *site).collect();
        for one in handed(m, &opened) {
            let place = location(m, one.site);
            if out.iter().any(|known| known.location == place) {
                continue;
            }
            let made = self.opened.iter().find(|(site, ..)| *site == one.made);
            out.push(SessionFact {
                function: function(m, one.function),
                location: place,
                is_async: made.is_some_and(|(.., is_async)| *is_async),
                made: Some(location(m, one.made)),
                closes: one.closes.iter().map(|site| location(m, *site)).collect(),
                fate: if one.yielded { Fate::Yielded } else { Fate::Kept },
            });
        }
        for (site, id, generator) in &self.abandoned {
            out.push(SessionFact {
                function: function(m, *id),
                location: location(m, *site),
                is_async: true,
                made: None,
                closes: Vec::new(),
                fate: Fate::Abandoned(m.name(m.summary(*generator).qualname).to_owned()),
            });
        }
        out
    }
}

/// Whether a loop around it may turn again after it.
fn comes_back(end: End) -> bool {
    matches!(end, End::Normal | End::Loop)
}

/// The asynchronous generator a loop is over, where it hands out a session.
fn generator_of(m: &Flow<'_, '_>, before: &[Node], over: Site) -> Option<SummaryId> {
    before.iter().rev().find_map(|node| match node {
        Node::Call { summary, site, .. } if *site == over => {
            let found = m.summary(*summary);
            (found.is_async && found.yields.is_some_and(|val| holds(m, val, None, 0))).then_some(*summary)
        }
        _ => None,
    })
}

/// Whether something stands inside a place.
fn inside(node: &Node, place: Site) -> bool {
    match node {
        Node::Effect { site, .. }
        | Node::Call { site, .. }
        | Node::Loop { site, .. }
        | Node::Branch { site, .. }
        | Node::Handlers { site, .. }
        | Node::Unknown { site, .. } => site.module == place.module && place.range.contains_range(site.range),
        Node::Once { body } => body.iter().any(|node| inside(node, place)),
        Node::Yield => false,
    }
}

/// The first thing in a handler that asks the database; objects are only loaded again where a flush failed.
fn first_use(m: &mut Flow<'_, '_>, nodes: &[Node], expired: bool) -> Option<Site> {
    for node in nodes {
        let found = match node {
            Node::Effect { payload, site } => match m.lib.effects.get_index(*payload as usize) {
                Some(Effect::Query { .. } | Effect::Commit { .. }) => Some(*site),
                Some(Effect::Lazy { .. } | Effect::Refresh { .. }) => expired.then_some(*site),
                _ => None,
            },
            Node::Call { summary, site, .. } => {
                let touched = touch(m, *summary);
                ((touched.asks || touched.commits) && !touched.opens).then_some(*site)
            }
            Node::Loop { body, .. } | Node::Once { body } => first_use(m, body, expired),
            Node::Branch { arms, .. } => arms.iter().find_map(|(nodes, _)| first_use(m, nodes, expired)),
            Node::Handlers { .. } | Node::Yield | Node::Unknown { .. } => None,
        };
        if found.is_some() {
            return found;
        }
    }
    None
}
