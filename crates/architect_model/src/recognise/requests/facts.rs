//! From summaries to facts: what each entry point costs, what is done where and how it is reached, and what loops do.
//!
//! Every summary is looked at once for each way it can run (on the loop or not, after the response or not), so that the
//! work is linear in the call graph.

use std::cell::RefCell;

use architect_python::flow::{Edge, End, Node, Size, SummaryId, V, Val};
use architect_python::{ModuleKind, Object, ObjectId, Site, Sym};
use architect_source::Location;
use rustc_hash::{FxHashMap, FxHashSet};

use super::Walked;
use super::blocking::is_slow;
use super::books::Flow;
use super::things::Effect;
use crate::Walks;
use crate::requests::{
    Cost, EffectFact, EffectKind, Entry, EntryKind, Executed, LoadFact, LoopFact, Requests, Serialisation, Step, Times,
};

/// Effects listed for a loop at most.
const MAX_DOES: usize = 32;
/// Places that call for a statement that are listed at most.
const MAX_CALLERS: usize = 64;
/// What a loop is over is told up to this length.
const MAX_OVER: usize = 40;

/// How something runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Mode {
    on_loop: bool,
    pub(super) background: bool,
    pub(super) handling: bool,
}

pub(super) struct Collector<'c, 'm, 'a> {
    pub(super) m: &'c Flow<'m, 'a>,
    pub(super) out: Requests,
    pub(super) costs: FxHashMap<SummaryId, std::rc::Rc<Cost>>,
    reach: FxHashMap<SummaryId, std::rc::Rc<Vec<Reached>>>,
    /// Classes of which functions, or what they call, insert rows.
    pub(super) inserts: FxHashMap<SummaryId, std::rc::Rc<Vec<ObjectId>>>,
    /// Whether functions, or what they call, lock rows.
    pub(super) locks: FxHashMap<SummaryId, bool>,
    /// Whether functions, or what they call, wait for an answer from outside.
    asks_outside: FxHashMap<SummaryId, bool>,
    visited: FxHashSet<(SummaryId, Mode)>,
    effects: FxHashMap<(u32, Site, Mode), usize>,
    /// The statements without a limit that functions execute themselves, as indices of effects.
    open: FxHashMap<SummaryId, Vec<usize>>,
    pub(super) loops: FxHashMap<Site, usize>,
    /// How long the way was where the loops under way were entered.
    pub(super) turning: Vec<usize>,
    /// Calls of functions that are under way, below summaries.
    pub(super) calls_again: FxHashMap<SummaryId, std::rc::Rc<Vec<super::again::Again>>>,
    pub(super) path: Vec<(SummaryId, Site)>,
    pub(super) entry: usize,
    pub(super) root: SummaryId,
    /// What the requests asked about load, by their root.
    loaded: RefCell<FxHashMap<SummaryId, super::loaded::Loaded>>,
    /// Functions that have an effect on the database in their own body.
    pub(super) busy: FxHashSet<Val>,
    /// Places that were looked up: ways share most of them.
    locations: RefCell<FxHashMap<Site, Location>>,
}

/// An effect below a summary and the way to it.
#[derive(Clone, Debug)]
pub(super) struct Reached {
    pub(super) payload: u32,
    pub(super) site: Site,
    /// The innermost loop around it, below the summary.
    pub(super) times: Option<Size>,
    pub(super) path: Vec<(SummaryId, Site)>,
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
                        | Effect::MayCommit
                        | Effect::Tested { .. }
                        | Effect::Decided { .. }
                        | Effect::NotUnique { .. }
                        | Effect::Outside { .. }
                        | Effect::Counted { .. }
                        | Effect::Product { .. }
                        | Effect::Reduced { .. }
                        | Effect::Rewritten { .. }
                        | Effect::Missing { .. }
                        | Effect::Inserted { .. }
                )
            ),
            Node::Call { summary, .. } => known.contains(summary),
            Node::Loop { body, .. } | Node::Once { body } => looks(m, body, known),
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

fn is_endpoint(entry: &Entry) -> bool {
    entry.kind == EntryKind::Endpoint
}

/// Whether an effect is a statement that reads all rows there are.
fn is_open(kind: &EffectKind) -> bool {
    matches!(kind, EffectKind::Query(query) if query.all && !query.limited && query.verb == "select")
}

/// What a loop is over, where that fits into a sentence.
fn told(written: &str) -> String {
    if written.len() > MAX_OVER || written.contains('\n') { String::new() } else { written.to_owned() }
}

/// Whether an iterable is a call of something that groups the elements of another one.
fn hands_out_batches(over: &str) -> bool {
    let Some((callee, _)) = over.split_once('(') else { return false };
    let name = callee.rsplit('.').next().unwrap_or(callee).trim_start_matches('_');
    matches!(
        name,
        "batched" | "batches" | "batch" | "chunked" | "chunks" | "chunk" | "ichunked" | "in_batches" | "in_chunks"
    ) || ["batch_", "batched_", "chunk_", "chunked_", "split_into_"].iter().any(|start| name.starts_with(start))
        || ["_batches", "_chunks"].iter().any(|end| name.ends_with(end))
}

/// Whether an iterable is a constant by its name: as long as whoever wrote or set up the service made it.
fn is_constant(over: &str) -> bool {
    let mut over = over.trim();
    while let Some((callee, rest)) = over.split_once('(')
        && matches!(callee, "sorted" | "list" | "set" | "tuple" | "reversed" | "enumerate")
        && let Some(inner) = rest.strip_suffix(')')
    {
        over = inner.trim();
    }
    for end in [".items()", ".values()", ".keys()"] {
        over = over.strip_suffix(end).unwrap_or(over);
    }
    let name = over.rsplit('.').next().unwrap_or(over);
    name.len() > 2
        && name.starts_with(|first: char| first.is_ascii_uppercase())
        && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
}

/// Everything that was walked, as data; what happens on the way, too, unless only costs are asked for.
pub(super) fn collect(m: &Flow<'_, '_>, walked: &[Walked], walks: Walks, goes_on: bool) -> Requests {
    let mut collector = Collector {
        m,
        out: Requests { exhausted: m.exhausted(), ..Requests::default() },
        costs: FxHashMap::default(),
        reach: FxHashMap::default(),
        inserts: FxHashMap::default(),
        locks: FxHashMap::default(),
        asks_outside: FxHashMap::default(),
        visited: FxHashSet::default(),
        effects: FxHashMap::default(),
        open: FxHashMap::default(),
        loops: FxHashMap::default(),
        turning: Vec::new(),
        calls_again: FxHashMap::default(),
        path: Vec::new(),
        entry: 0,
        root: 0,
        loaded: RefCell::default(),
        busy: busy(m),
        locations: RefCell::default(),
    };
    let mut held = super::transactions::Held::default();
    for root in walked {
        let mut cost = (*collector.cost(root.summary)).clone();
        // Who commits is not seen: somebody will.
        cost.flush();
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
            may_commit: false,
            closes: false,
        });
        if walks == Walks::Everything {
            collector.visit(root.summary, Mode { on_loop: true, background: false, handling: false });
            if root.kind == EntryKind::Endpoint {
                collector.note_held(&mut held);
            }
        }
    }
    if walks == Walks::Everything {
        super::colour::collect(m, walked, &mut collector.out);
    }
    let out = std::mem::take(&mut collector.out);
    if !goes_on {
        std::mem::forget(collector);
    }
    out
}

impl Collector<'_, '_, '_> {
    pub(super) fn location(&self, site: Site) -> Location {
        let mut known = self.locations.borrow_mut();
        known.entry(site).or_insert_with(|| self.m.ev.program.module(site.module).location(site.range)).clone()
    }

    /// Whether the request under way loads a relationship in another place than by reading it.
    pub(super) fn loaded_elsewhere(&self, class: ObjectId, name: Sym) -> bool {
        let mut known = self.loaded.borrow_mut();
        let loaded = known.entry(self.root).or_insert_with(|| super::loaded::below(self.m, self.root));
        loaded.has(self.m, class, name)
    }

    pub(super) fn effect(&self, payload: u32) -> Option<&Effect> {
        self.m.lib.effects.get_index(payload as usize)
    }

    /// The way from the entry point to a place in a function that is under way.
    pub(super) fn trace_to(&mut self, id: SummaryId, site: Site) -> Vec<Step> {
        self.path.push((id, site));
        let trace = self.steps(&self.path);
        self.path.pop();
        trace
    }

    pub(super) fn steps(&self, path: &[(SummaryId, Site)]) -> Vec<Step> {
        let mut out: Vec<Step> = Vec::with_capacity(path.len());
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

    fn visit(&mut self, id: SummaryId, mode: Mode) {
        if !self.visited.insert((id, mode)) {
            for at in self.open.get(&id).cloned().unwrap_or_default() {
                self.note_caller(at);
            }
            return;
        }
        if self.path.len() > 200 {
            return;
        }
        let m = self.m;
        if !mode.background && !mode.handling && self.out.entries.get(self.entry).is_some_and(is_endpoint) {
            self.note_races(id);
        }
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
                    let is_model = self.m.lib.model_summaries.contains(&id);
                    let model = |node: &Node| match node {
                        Node::Call { summary, .. } if !is_model => {
                            Some(*summary).filter(|summary| self.m.lib.model_summaries.contains(summary))
                        }
                        _ => None,
                    };
                    // Models that are made of the rows in each turn; something else may be done there as well.
                    let models: Vec<SummaryId> = body.iter().filter_map(model).collect();
                    let rest: Vec<&Node> = body.iter().filter(|node| model(node).is_none()).collect();
                    for model in &models {
                        self.note_serialisation(id, *model, *site, size);
                    }
                    if rest.is_empty() && !models.is_empty() {
                        continue;
                    }
                    self.note_loop(id, *site, size, *open, *leaves, body, mode);
                    self.turning.push(self.path.len());
                    for node in rest {
                        self.visit_nodes(id, std::slice::from_ref(node), mode);
                    }
                    self.turning.pop();
                }
                Node::Branch { arms, .. } => {
                    for (nodes, _) in arms {
                        self.visit_nodes(id, nodes, mode);
                    }
                }
                // Like what handlers do, it is not what a request does as a rule.
                Node::Once { body } => self.visit_nodes(id, body, Mode { handling: true, ..mode }),
                Node::Handlers { arms, .. } => {
                    for (nodes, _) in arms {
                        self.visit_nodes(id, nodes, Mode { handling: true, ..mode });
                    }
                }
                Node::Unknown { callee, site, .. } => self.note_again(id, *callee, *site, mode),
                Node::Yield => {}
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
        if let Some(&Effect::Missing { attribute, raises, lookup }) = self.effect(payload) {
            self.note_missing(id, (attribute, raises), lookup, site, mode.background || mode.handling);
            return;
        }
        if matches!(self.effect(payload), Some(Effect::Rewritten { .. })) {
            if !mode.background && !mode.handling {
                self.note_rewrite(id, payload, site);
            }
            return;
        }
        if let Some(at) = self.effects.get(&(payload, site, mode)).copied() {
            self.out.effects[at].reached_by += 1;
            if is_open(&self.out.effects[at].kind) {
                self.open.entry(id).or_default().push(at);
                self.note_caller(at);
            }
            return;
        }
        let Some(mut kind) = self.kind(payload, site) else { return };
        if let EffectKind::Query(query) = &mut kind {
            // Another condition may have an index of its own.
            let (module, whole) = (site.module, self.m.summary(id).whole);
            let conditions = self.m.lib.conditions.get(&module);
            if conditions.is_some_and(|all| all.iter().any(|one| whole.contains_range(one.range))) {
                query.looked_up.clear();
            }
            query.all &= !self.m.lib.taken_one.contains(&site) || self.m.lib.taken_all.contains(&site);
            query.takes_first = !query.all && self.m.lib.taken_first.contains(&site);
            query.ordered_on_request = query.limited
                && query.offset
                && !query.ordered
                && self.m.ev.program.module(module).orders_on_request(whole);
        }
        let trace = self.trace_to(id, site);
        if is_open(&kind) {
            self.open.entry(id).or_default().push(self.out.effects.len());
        }
        self.effects.insert((payload, site, mode), self.out.effects.len());
        self.out.effects.push(EffectFact {
            location: match &kind {
                EffectKind::Query(_) => self.m.ev.program.module(site.module).last_step(site.range),
                _ => self.location(site),
            },
            kind,
            entry: self.entry,
            reached_by: 1,
            trace,
            callers: Vec::new(),
            on_loop: mode.on_loop,
            background: mode.background,
            handling: mode.handling,
        });
    }

    /// Another place calls a function for a statement that is known.
    fn note_caller(&mut self, at: usize) {
        let Some(call) = self.path.last().copied() else { return };
        let Some(step) = self.steps(&[call]).pop() else { return };
        let entry = self.entry;
        let known = &mut self.out.effects[at];
        let mut steps = known.callers.iter().map(|(_, caller)| caller).chain(&known.trace);
        if steps.all(|one| one.location != step.location) && known.callers.len() < MAX_CALLERS {
            known.callers.push((entry, step));
        }
    }

    fn note_serialisation(&mut self, id: SummaryId, model: SummaryId, site: Site, size: &Size) {
        let reached = self.reached(model);
        let loads: Vec<(LoadFact, Times, Location)> = reached
            .iter()
            .filter_map(|one| {
                let EffectKind::Load(load) = self.kind(one.payload, one.site)? else { return None };
                let times = one.times.as_ref().map_or(Times::Known(1), |size| self.times(size, false));
                Some((load, times, self.location(one.site)))
            })
            .collect();
        let executes = self.executed(&reached);
        if loads.is_empty() && executes.is_empty() {
            return;
        }
        // What is read of a page are its rows.
        let rows = self.m.summary(model).nodes.iter().find_map(|node| match node {
            Node::Loop { size, .. } if self.m.lib.envelopes.contains(&model) => Some(size),
            _ => None,
        });
        let times = self.times(rows.unwrap_or(size), false);
        let trace = self.trace_to(id, site);
        let function = trace.last().map(|step| step.function.clone()).unwrap_or_default();
        let query = reached.iter().find_map(|one| match self.effect(one.payload) {
            Some(Effect::Lazy { query, .. }) => *query,
            _ => None,
        });
        let loaded = query.map(|query| self.way_to(query)).unwrap_or_default();
        self.out.serialisations.push(Serialisation {
            loaded,
            model: self.m.name(self.m.summary(model).qualname).to_owned(),
            location: self.location(site),
            function,
            times,
            loads,
            executes,
            entry: self.entry,
            trace,
        });
    }

    /// What functions execute that are called while a model is read.
    fn executed(&mut self, reached: &[Reached]) -> Vec<Executed> {
        let mut out = Vec::new();
        for one in reached {
            if !matches!(self.effect(one.payload), Some(Effect::Query { .. })) {
                continue;
            }
            let called = one.path.get(1..).unwrap_or_default();
            let is_of_row = |id: &SummaryId| {
                let owner = match self.m.v(self.m.summary(*id).callee) {
                    V::Heap(callee) => match self.m.ev.object(*callee) {
                        Object::Function(function) => function.owner,
                        _ => None,
                    },
                    _ => None,
                };
                owner.is_some_and(|owner| self.m.lib.mappers.get(owner).is_some())
            };
            let of_row = called.iter().map(|(id, _)| *id).find(is_of_row);
            let Some(by) = of_row.or(called.first().map(|(id, _)| *id)) else { continue };
            out.push(Executed {
                by: self.m.name(self.m.summary(by).qualname).to_owned(),
                of_row: of_row.is_some(),
                times: one.times.as_ref().map_or(Times::Known(1), |size| self.times(size, false)),
                location: self.location(one.site),
            });
        }
        out
    }

    /// The way from the entry point to a statement.
    fn way_to(&mut self, query: Site) -> Vec<Step> {
        let reached = self.reached(self.root);
        let is_query =
            |one: &&Reached| one.site == query && matches!(self.effect(one.payload), Some(Effect::Query { .. }));
        reached.iter().find(is_query).map(|one| self.steps(&one.path)).unwrap_or_default()
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
        let again = self.reach_again(id, body, &mut reached);
        if reached.is_empty() {
            return;
        }
        let module = self.m.ev.program.module(site.module);
        let written = module.source(site.range).unwrap_or_default();
        // What is handed out in batches is there to be asked for at once.
        let times = match self.times(size, open) {
            _ if hands_out_batches(written) => Times::Batches,
            Times::Unknown if is_constant(written) => Times::Known(1),
            Times::While | Times::Unknown if self.is_linked(site, open, &reached) => Times::Linked,
            times => times,
        };
        // An object that is the same in every turn is loaded in the first.
        let same = |one: &Reached| {
            let place = one.path.first().map(|(_, place)| place);
            place.is_some_and(|place| place.module == site.module && !module.varies(site.range, place.range))
        };
        let does: Vec<(EffectKind, Location, Vec<Step>)> = reached
            .iter()
            .filter_map(|one| {
                let kind = self.kind(one.payload, one.site)?;
                if matches!(kind, EffectKind::Load(_)) && same(one) {
                    return None;
                }
                Some((kind, self.location(one.site), self.steps(&one.path)))
            })
            .collect();
        if does.is_empty() {
            return;
        }
        if let Some(at) = self.loops.get(&site).copied() {
            // What a request does as a rule is told, and not what it does in a handler.
            if self.out.loops[at].handling && !mode.handling {
                let trace = self.trace_to(id, site);
                let known = &mut self.out.loops[at];
                (known.handling, known.background) = (false, mode.background);
                (known.entry, known.trace) = (self.entry, trace);
            }
            let known = &mut self.out.loops[at];
            for one in does {
                if known.does.len() < MAX_DOES
                    && !known.does.iter().any(|(kind, place, _)| *kind == one.0 && *place == one.1)
                {
                    known.does.push(one);
                }
            }
            known.leaves &= leaves;
            known.again |= again;
            if matches!(known.times, Times::Known(_) | Times::Unknown) {
                known.times = times;
            }
            return;
        }
        let trace = self.trace_to(id, site);
        self.loops.insert(site, self.out.loops.len());
        let function = trace.last().map(|step| step.function.clone()).unwrap_or_default();
        let waits_outside = self.waits_outside(body);
        self.out.loops.push(LoopFact {
            location: self.location(site),
            function,
            times,
            over: told(written),
            waits_outside,
            leaves,
            again,
            does,
            entry: self.entry,
            trace,
            background: mode.background,
            handling: mode.handling,
        });
    }

    /// Whether each turn waits for somebody else's service.
    pub(super) fn waits_outside(&mut self, nodes: &[Node]) -> bool {
        nodes.iter().any(|node| match node {
            Node::Effect { payload, .. } => match self.effect(*payload) {
                Some(Effect::Outside { .. }) => true,
                Some(Effect::Blocking { what, wait }) => is_slow(self.m.name(*what), *wait),
                _ => false,
            },
            Node::Call { summary, edge: Edge::Call | Edge::Thread, .. } => {
                if let Some(known) = self.asks_outside.get(summary) {
                    return *known;
                }
                self.asks_outside.insert(*summary, false);
                let m = self.m;
                let found = self.waits_outside(&m.summary(*summary).nodes);
                self.asks_outside.insert(*summary, found);
                found
            }
            Node::Loop { body, .. } => self.waits_outside(body),
            Node::Branch { arms, .. } => arms.iter().any(|(nodes, _)| self.waits_outside(nodes)),
            _ => false,
        })
    }

    /// What is reached from a summary that the database sees.
    pub(super) fn reached(&mut self, id: SummaryId) -> std::rc::Rc<Vec<Reached>> {
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
}
