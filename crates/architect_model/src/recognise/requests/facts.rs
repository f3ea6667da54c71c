//! From summaries to facts: what each entry point costs, what is done where and how it is reached, and what loops do.
//!
//! Every summary is looked at once for each way it can run (on the loop or not, after the response or not), so that the
//! work is linear in the call graph.

use std::cell::RefCell;

use architect_python::flow::{Edge, End, Node, Size, SummaryId, Val};
use architect_python::{ModuleKind, ObjectId, Site, Sym};
use architect_source::Location;
use rustc_hash::{FxHashMap, FxHashSet};

use super::Walked;
use super::books::Flow;
use super::things::{Change, Effect, Entity, Limit, State, StatementKind, Take};
use crate::requests::{
    Cost, EffectFact, EffectKind, Entry, LoadFact, LoopFact, QueryFact, Requests, Serialisation, Step, Term, Times,
};

/// Terms listed for an entry at most.
const MAX_TERMS: usize = 60;
/// Effects listed for a loop at most.
const MAX_DOES: usize = 32;
/// Steps of a way at most.
const MAX_STEPS: usize = 40;

/// How something runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Mode {
    on_loop: bool,
    background: bool,
    handling: bool,
}

struct Collector<'c, 'm, 'a> {
    m: &'c Flow<'m, 'a>,
    out: Requests,
    costs: FxHashMap<SummaryId, Cost>,
    reach: FxHashMap<SummaryId, std::rc::Rc<Vec<Reached>>>,
    visited: FxHashSet<(SummaryId, Mode)>,
    effects: FxHashMap<(u32, Site, Mode), usize>,
    loops: FxHashMap<Site, usize>,
    path: Vec<(SummaryId, Site)>,
    entry: usize,
    root: SummaryId,
    /// What the requests asked about load, by their root.
    loaded: RefCell<FxHashMap<SummaryId, super::loaded::Loaded>>,
    /// Functions that have an effect on the database in their own body.
    busy: FxHashSet<Val>,
}

/// An effect below a summary and the way to it.
#[derive(Clone, Debug)]
struct Reached {
    payload: u32,
    site: Site,
    /// The innermost loop around it, below the summary.
    times: Option<Size>,
    path: Vec<(SummaryId, Site)>,
}

/// Functions that reach the database: those with an effect, and those that call them.
fn busy(m: &Flow<'_, '_>) -> FxHashSet<Val> {
    fn looks(m: &Flow<'_, '_>, nodes: &[Node], known: &FxHashSet<SummaryId>) -> bool {
        nodes.iter().any(|node| match node {
            Node::Effect { payload, .. } => !matches!(
                m.lib.effects.get_index(*payload as usize),
                None | Some(
                    Effect::Blocking { .. }
                        | Effect::Spawn { .. }
                        | Effect::NotAwaited { .. }
                        | Effect::Managed { .. }
                        | Effect::Block
                        | Effect::Concurrent
                        | Effect::Stream { .. }
                        | Effect::SetOnSession { .. }
                )
            ),
            Node::Call { summary, .. } => known.contains(summary),
            Node::Loop { body, .. } => looks(m, body, known),
            Node::Branch { arms, .. } => arms.iter().any(|(nodes, _)| looks(m, nodes, known)),
            _ => false,
        })
    }
    // What a summary calls is older than itself, but for recursion: one pass finds nearly all, two the rest.
    let mut known: FxHashSet<SummaryId> = FxHashSet::default();
    for _ in 0..2 {
        for (id, summary) in (0..).zip(&m.summaries) {
            if !known.contains(&id) && looks(m, &summary.nodes, &known) {
                known.insert(id);
            }
        }
    }
    known.iter().map(|id| m.summary(*id).callee).collect()
}

/// Everything that was walked, as data.
pub(super) fn collect(m: &Flow<'_, '_>, walked: &[Walked]) -> Requests {
    let mut collector = Collector {
        m,
        out: Requests { exhausted: m.exhausted(), ..Requests::default() },
        costs: FxHashMap::default(),
        reach: FxHashMap::default(),
        visited: FxHashSet::default(),
        effects: FxHashMap::default(),
        loops: FxHashMap::default(),
        path: Vec::new(),
        entry: 0,
        root: 0,
        loaded: RefCell::default(),
        busy: busy(m),
    };
    for root in walked {
        let cost = collector.cost(root.summary);
        collector.entry = collector.out.entries.len();
        collector.root = root.summary;
        let mut terms = Vec::new();
        let mut reasons = Vec::new();
        let mut seen = FxHashSet::default();
        collector.terms(root.summary, &mut Vec::new(), &mut Vec::new(), &mut terms, &mut reasons, &mut seen);
        collector.out.entries.push(Entry {
            kind: root.kind,
            name: root.name.clone(),
            location: root.location.clone(),
            cost,
            terms,
            reasons,
            exits: Vec::new(),
            writes: false,
            commits: false,
            closes: false,
        });
        collector.visit(root.summary, Mode { on_loop: true, background: false, handling: false });
    }
    super::colour::collect(m, walked, &mut collector.out);
    collector.out
}

impl Collector<'_, '_, '_> {
    fn location(&self, site: Site) -> Location {
        self.m.ev.program.module(site.module).location(site.range)
    }

    /// Whether the request under way loads a relationship in another place than by reading it.
    fn loaded_elsewhere(&self, class: ObjectId, name: Sym) -> bool {
        let mut known = self.loaded.borrow_mut();
        let loaded = known.entry(self.root).or_insert_with(|| super::loaded::below(self.m, self.root));
        loaded.has(self.m, class, name)
    }

    fn effect(&self, payload: u32) -> Option<&Effect> {
        self.m.lib.effects.get_index(payload as usize)
    }

    // ------------------------------------------------------------------ cost

    fn cost(&mut self, id: SummaryId) -> Cost {
        if let Some(known) = self.costs.get(&id) {
            return known.clone();
        }
        self.costs.insert(id, Cost { unknown: true, ..Cost::default() });
        let m = self.m;
        let cost = self.sequence(&m.summary(id).nodes, Cost::default());
        self.costs.insert(id, cost.clone());
        cost
    }

    /// The cost of nodes one after the other, and of what follows them.
    fn sequence(&mut self, nodes: &[Node], rest: Cost) -> Cost {
        let mut after = rest;
        for node in nodes.iter().rev() {
            after = self.node(node, after);
        }
        after
    }

    fn node(&mut self, node: &Node, after: Cost) -> Cost {
        let mut here = match node {
            Node::Effect { payload, .. } => self.effect_cost(*payload),
            Node::Call { summary, edge, .. } => match edge {
                Edge::Background | Edge::Task => Cost::default(),
                _ => self.cost(*summary),
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
                    Times::While | Times::Unknown => {
                        let unknown = !body.is_nothing();
                        Cost { unknown, ..Cost::default() }
                    }
                }
            }
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
        // What waits is sent by what follows.
        if !here.pending.is_empty() && after.flushes {
            here.flush();
        }
        here.add(&after);
        here
    }

    /// Whether a function that calls itself reaches the database at all.
    fn matters(&self, callee: Val) -> bool {
        self.busy.contains(&callee)
    }

    fn effect_cost(&self, payload: u32) -> Cost {
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
            Some(Effect::Refresh { .. }) => one(1),
            Some(Effect::Write { class, change, .. }) => {
                let class = class.map(|class| super::rows::class_name(self.m, class)).unwrap_or_default();
                let mut cost = Cost::default();
                cost.pending.insert(format!("{} {class}", change_name(*change)), 1);
                cost
            }
            Some(Effect::Commit { .. }) => Cost { commits: 1, flushes: true, ..Cost::default() },
            _ => Cost::default(),
        }
    }

    fn times(&self, size: &Size, open: bool) -> Times {
        if open {
            return Times::While;
        }
        match size {
            Size::Known(n) => Times::Known(*n),
            Size::Rows(name, bound) => Times::Rows(self.m.name(*name).to_owned(), *bound),
            Size::Input(name, bound) => Times::Input(self.m.name(*name).to_owned(), *bound),
            Size::Unknown => Times::Unknown,
        }
    }

    // ----------------------------------------------------------------- terms

    fn terms(
        &self,
        id: SummaryId,
        path: &mut Vec<(SummaryId, Site)>,
        times: &mut Vec<String>,
        out: &mut Vec<Term>,
        reasons: &mut Vec<(String, Location)>,
        seen: &mut FxHashSet<(SummaryId, Vec<String>)>,
    ) {
        if out.len() >= MAX_TERMS || path.len() >= MAX_STEPS || !seen.insert((id, times.clone())) {
            return;
        }
        let nodes = &self.m.summary(id).nodes;
        self.terms_of(id, nodes, path, times, out, reasons, seen);
    }

    #[allow(clippy::too_many_arguments)]
    fn terms_of(
        &self,
        id: SummaryId,
        nodes: &[Node],
        path: &mut Vec<(SummaryId, Site)>,
        times: &mut Vec<String>,
        out: &mut Vec<Term>,
        reasons: &mut Vec<(String, Location)>,
        seen: &mut FxHashSet<(SummaryId, Vec<String>)>,
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
                        Times::While | Times::Unknown => {
                            if reasons.len() < 8 && !self.reached_in(body).is_empty() {
                                let why = if *open { "how often a `while` runs" } else { "how many there are" };
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
    fn reached_in(&self, nodes: &[Node]) -> Vec<u32> {
        let mut out = Vec::new();
        for node in nodes {
            match node {
                Node::Effect { payload, .. } => out.push(*payload),
                Node::Call { summary, .. } if self.costs.get(summary).is_none_or(|cost| !cost.is_nothing()) => {
                    out.push(0);
                }
                Node::Loop { body, .. } => out.extend(self.reached_in(body)),
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

    /// What a statement is called, and whether it writes.
    fn described(&self, payload: u32) -> Option<(String, bool)> {
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
            Effect::Write { class, change, .. } => {
                let class = class.map(|class| super::rows::class_name(self.m, class)).unwrap_or_else(|| "?".to_owned());
                (format!("{} {class}", change_name(*change)), true)
            }
            _ => return None,
        })
    }

    fn steps(&self, path: &[(SummaryId, Site)]) -> Vec<Step> {
        let mut out: Vec<Step> = Vec::new();
        for (id, site) in path {
            let summary = self.m.summary(*id);
            let module = self.m.ev.program.module(site.module);
            if module.kind == ModuleKind::Model {
                continue;
            }
            let name = self.m.name(summary.qualname).to_owned();
            let location = self.location(*site);
            match out.last_mut() {
                Some(step) if step.location == location => {
                    if step.function.is_empty() {
                        step.function = name;
                    }
                }
                _ => out.push(Step { function: name, location }),
            }
        }
        out
    }

    // --------------------------------------------------------------- effects

    fn visit(&mut self, id: SummaryId, mode: Mode) {
        if !self.visited.insert((id, mode)) || self.path.len() > 200 {
            return;
        }
        let m = self.m;
        self.visit_nodes(id, &m.summary(id).nodes, mode);
    }

    fn visit_nodes(&mut self, id: SummaryId, nodes: &[Node], mode: Mode) {
        for node in nodes {
            match node {
                Node::Effect { payload, site } => self.note_effect(id, *payload, *site, mode),
                Node::Call { summary, site, edge } => {
                    if self.m.lib.model_summaries.contains(summary) && !self.m.lib.model_summaries.contains(&id) {
                        self.note_serialisation(id, *summary, *site, &Size::Known(1));
                        continue;
                    }
                    let mode = match edge {
                        Edge::Call => mode,
                        Edge::Thread => Mode { on_loop: false, ..mode },
                        Edge::Task => Mode { background: true, ..mode },
                        Edge::Background => Mode { background: true, on_loop: self.runs_on_loop(*summary), ..mode },
                    };
                    self.path.push((id, *site));
                    self.visit(*summary, mode);
                    self.path.pop();
                }
                Node::Loop { site, size, open, leaves, body } => {
                    let model = body.iter().find_map(|node| match node {
                        Node::Call { summary, .. } if self.m.lib.model_summaries.contains(summary) => Some(*summary),
                        _ => None,
                    });
                    if let (Some(model), false) = (model, self.m.lib.model_summaries.contains(&id))
                        && body.len() == 1
                    {
                        self.note_serialisation(id, model, *site, size);
                        continue;
                    }
                    self.note_loop(id, *site, size, *open, *leaves, body, mode);
                    self.visit_nodes(id, body, mode);
                }
                Node::Branch { arms, .. } => {
                    for (nodes, _) in arms {
                        self.visit_nodes(id, nodes, mode);
                    }
                }
                Node::Handlers { arms, .. } => {
                    for (nodes, _) in arms {
                        self.visit_nodes(id, nodes, Mode { handling: true, ..mode });
                    }
                }
                Node::Yield | Node::Unknown { .. } => {}
            }
        }
    }

    /// Whether a task after the response is a coroutine function.
    fn runs_on_loop(&self, id: SummaryId) -> bool {
        self.m.summary(id).nodes.iter().any(|node| match node {
            Node::Call { summary, .. } => self.m.summary(*summary).is_async,
            _ => false,
        })
    }

    fn note_effect(&mut self, id: SummaryId, payload: u32, site: Site, mode: Mode) {
        if let Some(at) = self.effects.get(&(payload, site, mode)) {
            self.out.effects[*at].reached_by += 1;
            return;
        }
        let Some(kind) = self.kind(payload) else { return };
        self.path.push((id, site));
        let trace = self.steps(&self.path);
        self.path.pop();
        self.effects.insert((payload, site, mode), self.out.effects.len());
        self.out.effects.push(EffectFact {
            location: match kind {
                EffectKind::Query(_) => self.m.ev.program.module(site.module).last_step(site.range),
                _ => self.location(site),
            },
            kind,
            entry: self.entry,
            reached_by: 1,
            trace,
            on_loop: mode.on_loop,
            background: mode.background,
            handling: mode.handling,
        });
    }

    fn note_serialisation(&mut self, id: SummaryId, model: SummaryId, site: Site, size: &Size) {
        let reached = self.reached(model);
        let loads: Vec<(LoadFact, Times, Location)> = reached
            .iter()
            .filter_map(|one| {
                let EffectKind::Load(load) = self.kind(one.payload)? else { return None };
                let times = one.times.as_ref().map_or(Times::Known(1), |size| self.times(size, false));
                Some((load, times, self.location(one.site)))
            })
            .collect();
        if loads.is_empty() {
            return;
        }
        // What is read of a page are its rows.
        let rows = self.m.summary(model).nodes.iter().find_map(|node| match node {
            Node::Loop { size, .. } if self.m.lib.envelopes.contains(&model) => Some(size),
            _ => None,
        });
        let times = self.times(rows.unwrap_or(size), false);
        self.path.push((id, site));
        let trace = self.steps(&self.path);
        self.path.pop();
        let function = trace.last().map(|step| step.function.clone()).unwrap_or_default();
        self.out.serialisations.push(Serialisation {
            model: self.m.name(self.m.summary(model).qualname).to_owned(),
            location: self.location(site),
            function,
            times,
            loads,
            entry: self.entry,
            trace,
        });
    }

    #[allow(clippy::too_many_arguments)]
    fn note_loop(
        &mut self,
        id: SummaryId,
        site: Site,
        size: &Size,
        open: bool,
        leaves: bool,
        body: &[Node],
        mode: Mode,
    ) {
        let mut reached = Vec::new();
        self.reach_nodes(id, body, true, &mut reached);
        if reached.is_empty() {
            return;
        }
        let times = self.times(size, open);
        let does: Vec<(EffectKind, Location, Vec<Step>)> = reached
            .iter()
            .filter_map(|one| {
                let kind = self.kind(one.payload)?;
                Some((kind, self.location(one.site), self.steps(&one.path)))
            })
            .collect();
        if does.is_empty() {
            return;
        }
        if let Some(at) = self.loops.get(&site).copied() {
            let known = &mut self.out.loops[at];
            for one in does {
                if known.does.len() < MAX_DOES
                    && !known.does.iter().any(|(kind, place, _)| *kind == one.0 && *place == one.1)
                {
                    known.does.push(one);
                }
            }
            known.leaves &= leaves;
            if matches!(known.times, Times::Known(_) | Times::Unknown) {
                known.times = times;
            }
            return;
        }
        self.path.push((id, site));
        let trace = self.steps(&self.path);
        self.path.pop();
        self.loops.insert(site, self.out.loops.len());
        let function = trace.last().map(|step| step.function.clone()).unwrap_or_default();
        self.out.loops.push(LoopFact {
            location: self.location(site),
            function,
            times,
            leaves,
            does,
            entry: self.entry,
            trace,
            background: mode.background,
            handling: mode.handling,
        });
    }

    /// What is reached from a summary that the database sees.
    fn reached(&mut self, id: SummaryId) -> std::rc::Rc<Vec<Reached>> {
        if let Some(known) = self.reach.get(&id) {
            return known.clone();
        }
        self.reach.insert(id, std::rc::Rc::default());
        let m = self.m;
        let mut out = Vec::new();
        self.reach_nodes(id, &m.summary(id).nodes, false, &mut out);
        let out = std::rc::Rc::new(out);
        self.reach.insert(id, out.clone());
        out
    }

    /// What nodes reach; `turns` leaves out what a loop does only in its last turn, before it returns.
    fn reach_nodes(&mut self, id: SummaryId, nodes: &[Node], turns: bool, out: &mut Vec<Reached>) {
        for node in nodes {
            if out.len() >= MAX_DOES {
                return;
            }
            match node {
                Node::Effect { payload, site } => {
                    let counts = matches!(
                        self.effect(*payload),
                        Some(
                            Effect::Query { .. }
                                | Effect::Lazy { .. }
                                | Effect::Refresh { .. }
                                | Effect::Commit { .. }
                                | Effect::Write { .. }
                        )
                    );
                    if counts && !out.iter().any(|one| one.payload == *payload && one.site == *site) {
                        out.push(Reached { payload: *payload, site: *site, times: None, path: vec![(id, *site)] });
                    }
                }
                Node::Call { summary, site, edge } => {
                    if matches!(edge, Edge::Background | Edge::Task) {
                        continue;
                    }
                    let below = self.reached(*summary);
                    for one in below.iter() {
                        if out.len() >= MAX_DOES {
                            break;
                        }
                        if out.iter().any(|known| known.payload == one.payload && known.site == one.site) {
                            continue;
                        }
                        let mut path = vec![(id, *site)];
                        path.extend(one.path.iter().copied());
                        out.push(Reached { payload: one.payload, site: one.site, times: one.times.clone(), path });
                    }
                }
                Node::Loop { body, size, .. } => {
                    let before = out.len();
                    self.reach_nodes(id, body, turns, out);
                    for one in &mut out[before..] {
                        one.times.get_or_insert_with(|| size.clone());
                    }
                }
                Node::Branch { arms, .. } => {
                    for (nodes, end) in arms {
                        if *end != End::Raise && !(turns && *end == End::Return) {
                            self.reach_nodes(id, nodes, turns, out);
                        }
                    }
                }
                _ => {}
            }
        }
    }

    fn mapper_of(&self, statement: &super::things::Statement) -> Option<&super::orm::Mapper> {
        statement.entities.iter().find_map(|entity| match entity {
            Entity::Class(class) | Entity::Column(class, _) => self.m.lib.mappers.get(*class),
            _ => None,
        })
    }

    /// An effect as a fact.
    fn kind(&self, payload: u32) -> Option<EffectKind> {
        Some(match self.effect(payload)? {
            Effect::Query { statement, take, is_async, beside, entity, by_key, joined_collection, .. } => {
                let aggregate = statement.grouped
                    || !statement.entities.is_empty()
                        && statement.entities.iter().all(|entity| matches!(entity, Entity::Aggregate));
                EffectKind::Query(QueryFact {
                    entity: entity.clone(),
                    verb: verb(statement.kind),
                    all: *take == Take::All,
                    limited: statement.limit != Limit::None,
                    offset: statement.offset,
                    paged: statement.paged.map(|site| self.location(site)),
                    ordered: statement.ordered,
                    filtered: statement.filtered,
                    unique: statement.unique,
                    parent: statement.parent,
                    listed: statement.listed,
                    aggregate,
                    streamed: statement.streamed,
                    objects: statement.entities.iter().any(|entity| matches!(entity, Entity::Class(_))),
                    is_async: *is_async,
                    children: self.mapper_of(statement).map_or(0, |mapper| mapper.children),
                    parents: self.mapper_of(statement).map_or(0, |mapper| mapper.parents),
                    is_reference_data: self.mapper_of(statement).is_some_and(|mapper| mapper.is_reference_data),
                    by_key: *by_key,
                    joined_collection: *joined_collection,
                    beside: beside
                        .iter()
                        .map(|(class, name)| {
                            format!("{}.{}", super::rows::class_name(self.m, *class), self.m.name(*name))
                        })
                        .collect(),
                })
            }
            Effect::Lazy { class, name, many, many_to_one, is_async, state, query, serialised, entity, .. } => {
                EffectKind::Load(LoadFact {
                    elsewhere: *is_async == Some(true) && self.loaded_elsewhere(*class, *name),
                    what: entity.clone(),
                    relationship: true,
                    many: *many,
                    many_to_one: *many_to_one,
                    is_async: *is_async,
                    expired: *state == State::Expired,
                    detached: *state == State::Detached,
                    serialised: *serialised,
                    assumed: *state == State::Assumed,
                    query: query.map(|site| self.location(site)),
                })
            }
            Effect::Refresh { class, name, is_async, deferred, detached, serialised } => EffectKind::Load(LoadFact {
                what: format!("{}.{}", super::rows::class_name(self.m, *class), self.m.name(*name)),
                relationship: false,
                many: false,
                many_to_one: false,
                is_async: *is_async,
                expired: !deferred,
                detached: *detached,
                serialised: *serialised,
                assumed: false,
                elsewhere: false,
                query: None,
            }),
            Effect::Write { class, change, .. } => EffectKind::Write {
                class: class.map(|class| super::rows::class_name(self.m, class)).unwrap_or_default(),
                change: change_name(*change),
            },
            Effect::Commit { .. } => EffectKind::Commit,
            Effect::Rollback { .. } => EffectKind::Rollback,
            Effect::Open { managed, is_async, .. } => EffectKind::Open { managed: *managed, is_async: *is_async },
            Effect::Close { .. } => EffectKind::Close,
            Effect::Blocking { what, wait } => {
                EffectKind::Blocking { what: self.m.name(*what).to_owned(), wait: *wait }
            }
            Effect::Concurrent => EffectKind::Concurrent,
            Effect::Stream { open } => EffectKind::Stream { open: *open },
            Effect::SetOnSession { name } => EffectKind::SetOnSession { name: self.m.name(*name).to_owned() },
            Effect::Managed { .. } | Effect::Block => return None,
            Effect::NotAwaited { what } => EffectKind::NotAwaited { what: what.clone() },
            Effect::Spawn { background, given } => EffectKind::Spawn { background: *background, given: given.clone() },
        })
    }
}

fn verb(kind: StatementKind) -> &'static str {
    match kind {
        StatementKind::Select => "select",
        StatementKind::Insert => "insert",
        StatementKind::Update => "update",
        StatementKind::Delete => "delete",
        StatementKind::Text => "text",
    }
}

fn change_name(change: Change) -> &'static str {
    match change {
        Change::Insert => "insert",
        Change::Update => "update",
        Change::Delete => "delete",
    }
}
