//! What an entry point costs: the formula of its statements, and a term for each of them.

use std::hash::BuildHasher;
use std::rc::Rc;

use architect_python::flow::{Edge, End, Node, Size, SummaryId, Val};
use architect_python::{ObjectId, Site, Sym};
use architect_source::Location;
use rustc_hash::{FxBuildHasher, FxHashSet};

use super::facts::Collector;
use super::things::{Change, Effect, StatementKind};
use crate::requests::{Cost, Term, Times};

/// Terms listed for an entry at most.
const MAX_TERMS: usize = 60;
/// Steps of a way at most.
const MAX_STEPS: usize = 40;
/// Functions that are searched for the terms of an entry at most, each for each way in which it is repeated.
const MAX_SEARCHED: usize = 1_000;
/// Loops inside each other at most: deeper ones are recursion.
const MAX_NESTED: usize = 6;

impl Collector<'_, '_, '_> {
    pub(super) fn cost(&mut self, id: SummaryId) -> Rc<Cost> {
        if let Some(known) = self.costs.get(&id) {
            return known.clone();
        }
        self.costs.insert(id, Rc::new(Cost { unknown: true, ..Cost::default() }));
        let m = self.m;
        let cost = Rc::new(self.sequence(&m.summary(id).nodes, Cost::default()));
        self.costs.insert(id, cost.clone());
        cost
    }

    /// The cost of nodes one after the other, and of what follows them.
    pub(super) fn sequence(&mut self, nodes: &[Node], rest: Cost) -> Cost {
        let mut after = rest;
        for node in nodes.iter().rev() {
            after = self.node(node, after);
        }
        after
    }

    pub(super) fn node(&mut self, node: &Node, after: Cost) -> Cost {
        let mut here = match node {
            Node::Effect { payload, .. } => self.effect_cost(*payload),
            Node::Call { summary, edge, .. } => match edge {
                Edge::Background | Edge::Task => Cost::default(),
                _ => {
                    let cost = self.cost(*summary);
                    if *cost == Cost::default() {
                        return after;
                    }
                    (*cost).clone()
                }
            },
            Node::Loop { size, body, open, .. } => {
                let body = self.sequence(body, Cost::default());
                match self.times(size, *open) {
                    Times::Known(n) => body.times(None, n),
                    Times::Rows(name, Some(n)) if n <= 1 => {
                        let _ = name;
                        body
                    }
                    Times::Rows(name, _) | Times::Input(name, _) => body.times(Some(&name), 1),
                    // What only waits is sent at once, however often it happens.
                    Times::Batches | Times::While | Times::Linked | Times::Unknown if body.only_waits() => body,
                    Times::Batches | Times::While | Times::Linked | Times::Unknown => {
                        let unknown = !body.is_nothing();
                        Cost { unknown, ..Cost::default() }
                    }
                }
            }
            Node::Once { body } => self.sequence(body, Cost::default()),
            Node::Branch { arms, .. } if self.all_idle(arms) => return after,
            Node::Branch { arms, .. } => {
                let mut best: Option<Cost> = None;
                let mut distinct = 0;
                for (nodes, end) in arms {
                    if *end == End::Raise {
                        continue;
                    }
                    let follows = if *end == End::Normal { after.clone() } else { Cost::default() };
                    let cost = self.sequence(nodes, follows);
                    best = Some(match best {
                        None => cost,
                        Some(before) => {
                            if cost.size() != before.size() {
                                distinct += 1;
                            }
                            let unknown = before.unknown || cost.unknown;
                            let mut larger = if cost.size() > before.size() { cost } else { before };
                            larger.unknown |= unknown;
                            larger
                        }
                    });
                }
                let mut best = best.unwrap_or_default();
                best.larger |= distinct > 0;
                return best;
            }
            Node::Handlers { .. } | Node::Yield => return after,
            Node::Unknown { callee, .. } => Cost { unknown: self.matters(*callee), ..Cost::default() },
        };
        if here == Cost::default() {
            return after;
        }
        // What waits is sent by what follows.
        if here.waits() && after.flushes {
            here.flush();
        } else if after.discards {
            here.give_up();
        }
        let mut all = after;
        all.precede(here);
        all
    }

    /// Whether nodes do nothing that costs anything, and go on.
    fn idle(&mut self, nodes: &[Node]) -> bool {
        nodes.iter().all(|node| match node {
            Node::Effect { payload, .. } => !matches!(
                self.effect(*payload),
                Some(
                    Effect::Query { .. }
                        | Effect::Lazy { .. }
                        | Effect::Refresh { .. }
                        | Effect::Flush
                        | Effect::Write { .. }
                        | Effect::Commit { .. }
                        | Effect::Close { .. }
                        | Effect::Rollback { .. }
                )
            ),
            Node::Call { edge: Edge::Background | Edge::Task, .. } => true,
            Node::Call { summary, .. } => *self.cost(*summary) == Cost::default(),
            Node::Loop { body, .. } | Node::Once { body } => self.idle(body),
            Node::Branch { arms, .. } => self.all_idle(arms),
            Node::Handlers { .. } | Node::Yield => true,
            Node::Unknown { callee, .. } => !self.matters(*callee),
        })
    }

    /// Whether it makes no difference which alternative is taken: none that succeeds costs anything or ends here.
    fn all_idle(&mut self, arms: &[(Vec<Node>, End)]) -> bool {
        let mut any = false;
        for (nodes, end) in arms.iter().filter(|(_, end)| *end != End::Raise) {
            any = true;
            if *end != End::Normal || !self.idle(nodes) {
                return false;
            }
        }
        any
    }

    /// Whether a function that calls itself reaches the database at all.
    pub(super) fn matters(&self, callee: Val) -> bool {
        self.busy.contains(&callee)
    }

    pub(super) fn effect_cost(&self, payload: u32) -> Cost {
        let one = |n: u32| Cost { fixed: n, flushes: true, ..Cost::default() };
        match self.effect(payload) {
            Some(Effect::Query { beside, .. }) => one(1 + u32::try_from(beside.len()).unwrap_or(0)),
            Some(Effect::Lazy { many_to_one, beside, class, name, .. }) => {
                if *many_to_one {
                    let target = self.m.lib.mappers.relation(*class, *name).and_then(|relation| relation.target);
                    let target = target.map(|target| super::rows::class_name(self.m, target)).unwrap_or_default();
                    let mut cost = Cost::default();
                    cost.distinct.insert(target, Cost { fixed: 1 + beside, ..Cost::default() });
                    cost
                } else {
                    one(1 + beside)
                }
            }
            Some(Effect::Refresh { beside, .. }) => one(1 + beside),
            Some(Effect::Flush) => one(0),
            Some(Effect::Write { alone: true, .. }) => {
                let each = Cost { fixed: 1, ..Cost::default() };
                Cost { waiting: Some(Box::new(each)), ..Cost::default() }
            }
            Some(Effect::Write { class, through, change, .. }) => {
                let mut cost = Cost::default();
                cost.pending.insert(format!("{} {}", change_name(*change), self.written(*class, *through)), 1);
                cost
            }
            Some(Effect::Commit { .. }) => Cost { commits: 1, flushes: true, ..Cost::default() },
            Some(Effect::Close { .. } | Effect::Rollback { .. }) => Cost { discards: true, ..Cost::default() },
            _ => Cost::default(),
        }
    }

    pub(super) fn times(&self, size: &Size, open: bool) -> Times {
        if open {
            return Times::While;
        }
        match size {
            Size::Known(n) => Times::Known(*n),
            Size::Rows(name, bound) => Times::Rows(self.m.name(*name).to_owned(), *bound),
            Size::Input(name, bound) => Times::Input(self.m.name(*name).to_owned(), *bound),
            Size::Batches => Times::Batches,
            Size::Unknown => Times::Unknown,
        }
    }

    pub(super) fn terms(
        &self,
        id: SummaryId,
        path: &mut Vec<(SummaryId, Site)>,
        times: &mut Vec<String>,
        out: &mut Vec<Term>,
        reasons: &mut Vec<(String, Location)>,
        seen: &mut FxHashSet<(SummaryId, u64)>,
    ) {
        if out.len() >= MAX_TERMS || path.len() >= MAX_STEPS || times.len() > MAX_NESTED || seen.len() >= MAX_SEARCHED {
            return;
        }
        // What costs nothing has no terms.
        if self.costs.get(&id).is_some_and(|cost| cost.is_nothing())
            || !seen.insert((id, FxBuildHasher.hash_one(&*times)))
        {
            return;
        }
        let nodes = &self.m.summary(id).nodes;
        self.terms_of(id, nodes, path, times, out, reasons, seen);
    }

    #[allow(clippy::too_many_arguments)]
    pub(super) fn terms_of(
        &self,
        id: SummaryId,
        nodes: &[Node],
        path: &mut Vec<(SummaryId, Site)>,
        times: &mut Vec<String>,
        out: &mut Vec<Term>,
        reasons: &mut Vec<(String, Location)>,
        seen: &mut FxHashSet<(SummaryId, u64)>,
    ) {
        for node in nodes {
            if out.len() >= MAX_TERMS {
                return;
            }
            match node {
                Node::Effect { payload, site } => {
                    if let Some((what, write)) = self.described(*payload) {
                        path.push((id, *site));
                        let trace = self.steps(path);
                        path.pop();
                        let location = self.location(*site);
                        out.push(Term { what, times: times.clone(), write, location, trace });
                    }
                }
                Node::Call { summary, site, edge } if !matches!(edge, Edge::Background | Edge::Task) => {
                    path.push((id, *site));
                    self.terms(*summary, path, times, out, reasons, seen);
                    path.pop();
                }
                Node::Loop { site, size, open, body, .. } => {
                    let name = match self.times(size, *open) {
                        Times::Known(_) => None,
                        Times::Rows(name, _) | Times::Input(name, _) => Some(name),
                        other @ (Times::Batches | Times::While | Times::Linked | Times::Unknown) => {
                            if reasons.len() < 8 && !self.reached_in(body).is_empty() {
                                let why = match other {
                                    Times::While => "how often this loop runs",
                                    Times::Batches => "how many batches there are",
                                    _ => "how many there are",
                                };
                                reasons.push((why.to_owned(), self.location(*site)));
                            }
                            Some("?".to_owned())
                        }
                    };
                    let pushed = name.is_some();
                    times.extend(name);
                    self.terms_of(id, body, path, times, out, reasons, seen);
                    if pushed {
                        times.pop();
                    }
                }
                Node::Once { body } => self.terms_of(id, body, path, times, out, reasons, seen),
                Node::Branch { arms, .. } => {
                    for (nodes, end) in arms {
                        if *end != End::Raise {
                            self.terms_of(id, nodes, path, times, out, reasons, seen);
                        }
                    }
                }
                Node::Unknown { why, site, callee } if reasons.len() < 8 && self.matters(*callee) => {
                    reasons.push(((*why).to_owned(), self.location(*site)));
                }
                _ => {}
            }
        }
    }

    /// Effects right in these nodes or below them, for a quick look.
    pub(super) fn reached_in(&self, nodes: &[Node]) -> Vec<u32> {
        let mut out = Vec::new();
        for node in nodes {
            match node {
                Node::Effect { payload, .. } => out.push(*payload),
                Node::Call { summary, .. } if self.costs.get(summary).is_none_or(|cost| !cost.is_nothing()) => {
                    out.push(0);
                }
                Node::Loop { body, .. } | Node::Once { body } => out.extend(self.reached_in(body)),
                Node::Branch { arms, .. } => {
                    for (nodes, _) in arms {
                        out.extend(self.reached_in(nodes));
                    }
                }
                _ => {}
            }
        }
        out
    }

    /// What a flush writes, in words: a class, or the table that a relationship goes through.
    pub(super) fn written(&self, class: Option<ObjectId>, through: Option<Sym>) -> String {
        let Some(class) = class else { return "?".to_owned() };
        let class = super::rows::class_name(self.m, class);
        through.map_or_else(|| class.clone(), |name| format!("{class}.{}", self.m.name(name)))
    }

    /// What a statement is called, and whether it writes.
    pub(super) fn described(&self, payload: u32) -> Option<(String, bool)> {
        Some(match self.effect(payload)? {
            Effect::Query { statement, entity, beside, .. } => {
                let mut text = format!("{} {entity}", verb(statement.kind));
                if !beside.is_empty() {
                    let names: Vec<String> = beside
                        .iter()
                        .map(|(class, name)| {
                            format!("{}.{}", super::rows::class_name(self.m, *class), self.m.name(*name))
                        })
                        .collect();
                    text.push_str(&format!(" and {}", names.join(", ")));
                }
                let write = !matches!(statement.kind, StatementKind::Select | StatementKind::Text);
                (text, write)
            }
            Effect::Lazy { entity, .. } => (format!("load {entity}"), false),
            Effect::Refresh { class, name, .. } => {
                (format!("reload {}.{}", super::rows::class_name(self.m, *class), self.m.name(*name)), false)
            }
            Effect::Write { class, through, change, .. } => {
                (format!("{} {}", change_name(*change), self.written(*class, *through)), true)
            }
            _ => return None,
        })
    }
}

pub(super) fn verb(kind: StatementKind) -> &'static str {
    match kind {
        StatementKind::Select => "select",
        StatementKind::Insert => "insert",
        StatementKind::Update => "update",
        StatementKind::Delete => "delete",
        StatementKind::Text => "text",
    }
}

pub(super) fn change_name(change: Change) -> &'static str {
    match change {
        Change::Insert => "insert",
        Change::Update => "update",
        Change::Delete => "delete",
    }
}
