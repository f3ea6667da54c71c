//! Requests: every endpoint is called with symbolic arguments, its dependencies in their order, and what it does is
//! written down as data.

mod adopt;
mod again;
mod blocking;
mod books;
mod colour;
mod cost;
mod decisions;
mod engines;
mod expressions;
mod facts;
mod followed;
mod handed;
mod injected;
mod kinds;
mod library;
mod loaded;
mod missing;
mod orm;
mod races;
mod reductions;
mod results;
mod rewrites;
mod rows;
mod serialise;
mod session_methods;
mod sessions;
mod shapes;
mod sqlalchemy;
mod state;
mod statements;
mod tasks;
mod things;
mod touch;
mod transactions;
pub(super) mod unfollowed;
mod unit;
mod unreached;

use architect_python::flow::{Args, Edge, Frame, Machine, Node, SummaryId, V, Val};
use architect_python::{FunctionNode, Module, ModuleKind, Object, ObjectId, Site, Sym, Value};
use architect_source::Location;
use rustc_hash::{FxHashMap, FxHashSet};

use self::books::{Books, Flow};
use self::things::{Chosen, Effect, Thing};
use super::Recogniser;
use super::discover::is_aside;
use crate::Walks;
use crate::context::Database;
use crate::requests::EntryKind;

/// An endpoint that is to be walked.
#[derive(Clone, Debug)]
pub(crate) struct Root {
    /// The endpoint.
    pub endpoint: Value,
    /// What `dependencies=` name, outermost first.
    pub dependencies: Vec<Value>,
    /// What it answers with.
    pub response: Option<Value>,
    /// How people name it.
    pub name: String,
    /// Where it is registered.
    pub location: Location,
}

/// What was walked.
pub(super) struct Walked {
    pub kind: EntryKind,
    pub name: String,
    pub location: Location,
    pub summary: SummaryId,
    /// What dependencies do when they are left, in the order of the last nodes of the summary.
    pub exits: Vec<Exit>,
}

/// What a dependency does when it is left.
#[derive(Clone)]
pub(super) struct Exit {
    /// The dependency, as `module:qualname`.
    pub name: String,
    /// Whether it is left before the response is sent: `scope="function"`.
    pub function_scope: bool,
    /// What it does; nothing where that is nothing.
    pub summary: Option<SummaryId>,
    nodes: Vec<Node>,
}

/// What the most of a list is called.
const LIMITS: &[&str] =
    &["limit", "page_size", "per_page", "pageSize", "perPage", "size", "count", "max_results", "top_k"];

/// Dependencies of dependencies at most.
const MAX_DEPTH: u32 = 40;

impl Recogniser<'_> {
    /// The one application, or of several the one on whose state something is put.
    fn application_of_requests(&mut self) -> Option<ObjectId> {
        let mut applications: Vec<ObjectId> = self.applications_made().collect();
        if applications.len() > 1 {
            applications.retain(|id| {
                let state = self.machine.get(Value::Obj(*id), "state").and_then(|state| self.machine.obj(state));
                matches!(state, Some(Object::Instance { attrs, .. }) if !attrs.is_empty())
            });
        }
        match applications[..] {
            [only] => Some(only),
            _ => None,
        }
    }

    /// Walks every endpoint and, where it is asked for, what else starts by itself. Where nothing goes on afterwards, what
    /// that took is left to the system, which frees it faster.
    pub(super) fn read_requests(&mut self, walks: Walks, goes_on: bool) {
        let roots = std::mem::take(&mut self.request_roots);
        let mut middleware = std::mem::take(&mut self.middleware_roots);
        if walks == Walks::Everything {
            self.import_the_rest();
        } else {
            middleware.retain(|(class, _)| self.fills_state(*class));
        }
        let mut books = Books::default();
        books.mappers = orm::read(&self.service, &mut self.machine);
        books.base_model =
            self.machine.import("pydantic.main").and_then(|module| match self.machine.get(module, "BaseModel") {
                Some(Value::Obj(id)) => Some(id),
                _ => None,
            });
        books.connection = match self.classes.value("HTTPConnection") {
            Some(Value::Obj(id)) => Some(id),
            _ => None,
        };
        books.application = self.application_of_requests();
        books.keys_one_by_one =
            self.database().is_some_and(|known| matches!(known, Database::Sqlite | Database::Mysql));
        books.blocking_calls.clone_from(&self.service.knowledge.blocking_calls);
        books.uses_async = self.machine.objects().any(|(_, object)| match object {
            Object::External(path) => {
                let path = self.machine.names.text(*path);
                path.starts_with("sqlalchemy.ext.asyncio") || path.starts_with("sqlmodel.ext.asyncio")
            }
            _ => false,
        });
        let classes = std::mem::take(&mut self.classes);
        let depends = classes.value("Depends");
        let (handlers, functions) = match walks {
            Walks::Everything => (self.startup_functions(), unreached::functions(self)),
            Walks::Endpoints | Walks::Nothing => (Vec::new(), Vec::new()),
        };
        let mut locations: FxHashMap<ObjectId, Location> = FxHashMap::default();
        for id in handlers.iter().chain(&functions) {
            if let Some(location) = self.definition(Value::Obj(*id)) {
                locations.insert(*id, location);
            }
        }
        let mut walked: Vec<Walked> = Vec::new();
        let requests = {
            let mut m = Machine::new(&mut self.machine, books);
            // Before the endpoints, which find on the request what it puts there.
            let of_middleware: Vec<_> =
                middleware.iter().map(|(class, _)| Walk::new(&mut m, depends).middleware(*class)).collect();
            let mut seen: FxHashMap<RootKey, (SummaryId, Vec<Exit>)> = FxHashMap::default();
            for root in &roots {
                let key = (
                    key_of(root.endpoint),
                    root.dependencies.iter().map(|value| key_of(*value)).collect::<Vec<_>>(),
                    root.response.map(key_of),
                );
                let (summary, exits) = match seen.get(&key) {
                    Some(known) => known.clone(),
                    None => {
                        let known = m.with_share(|m| Walk { sent: true, ..Walk::new(m, depends) }.root(root));
                        seen.insert(key, known.clone());
                        known
                    }
                };
                walked.push(Walked {
                    kind: EntryKind::Endpoint,
                    name: root.name.clone(),
                    location: root.location.clone(),
                    summary,
                    exits,
                });
            }
            if walks != Walks::Everything {
                middleware.clear();
            }
            for ((class, location), summary) in middleware.iter().zip(of_middleware) {
                let Some(summary) = summary else { continue };
                let name = m.ev.qualified_name(*class).unwrap_or_default();
                walked.push(Walked {
                    kind: EntryKind::Middleware,
                    name,
                    location: location.clone(),
                    summary,
                    exits: Vec::new(),
                });
            }
            // What only jobs and start-up use from here on is theirs.
            let (shared, expiring) = (m.lib.shared.clone(), m.lib.expiring.clone());
            let mut called: FxHashSet<Val> = FxHashSet::default();
            let mut known = 0;
            for (kind, ids) in [(EntryKind::Startup, &handlers), (EntryKind::Function, &functions)] {
                for id in ids {
                    let callee = m.make(V::Heap(*id));
                    called.extend(m.summaries[known..].iter().map(|summary| summary.callee));
                    known = m.summaries.len();
                    if kind == EntryKind::Function && called.contains(&callee) {
                        continue;
                    }
                    let Some(location) = locations.get(id) else { continue };
                    let name = m.ev.qualified_name(Value::Obj(*id)).unwrap_or_default();
                    let summary = m.with_share(|m| Walk::new(m, depends).function(*id));
                    walked.push(Walked { kind, name, location: location.clone(), summary, exits: Vec::new() });
                }
            }
            let mut requests = facts::collect(&m, &walked, walks, goes_on);
            followed::collect(&m, &walked, &mut requests);
            if walks == Walks::Everything {
                sessions::collect(&mut m, &walked, &mut requests);
                sessions::lasting(&m, &shared, &expiring, &mut requests);
                shapes::collect(&m, &mut requests);
            }
            if !goes_on {
                std::mem::forget(m);
            }
            requests
        };
        self.classes = classes;
        self.service.requests = requests;
        self.service.requests.engines = self.engines();
        self.service.requests.drivers = self.drivers();
        if self.service.requests.exhausted {
            self.unknown("what some requests do", "the budget for walking them is spent", "", None);
        }
    }

    /// Whether the code of a middleware speaks of the state of requests.
    fn fills_state(&self, middleware: Value) -> bool {
        let class = self.machine.class(middleware).and_then(|class| class.site);
        let function = || {
            let (_, function) = self.machine.function(middleware)?;
            Some(Site { module: function.module, range: function.node.range() })
        };
        class.or_else(function).and_then(|site| self.text_at(site)).is_some_and(|text| text.contains(".state."))
    }

    /// Modules of the service that no application imports: jobs and commands that share its code.
    fn import_the_rest(&mut self) {
        if roots_are_missing(&self.service) {
            return;
        }
        for module in self.machine.program.project_modules.clone() {
            let module = self.machine.program.module(module);
            if is_own(module) && speaks_of_database(module) {
                let name = module.name.clone();
                self.machine.import(&name);
            }
        }
    }

    /// What the data is stored in: stated, or seen in the URLs of engines where all say the same.
    fn database(&self) -> Option<Database> {
        if let Some(stated) = self.service.context.database {
            return Some(stated);
        }
        let mut found = None;
        for (_, object) in self.machine.objects() {
            let Object::Opaque { callee, args, .. } = object else { continue };
            let path = self.machine.external_path(*callee).unwrap_or_default();
            if !path.ends_with("create_engine") && !path.ends_with("create_async_engine") {
                continue;
            }
            let named =
                || args.kw.iter().find(|(name, _)| self.machine.names.text(*name) == "url").map(|(_, url)| *url);
            let url = args.pos.first().copied().or_else(named)?;
            let scheme = self.machine.text(url)?.split([':', '+']).next().unwrap_or_default().to_owned();
            let database = match scheme.as_str() {
                "postgresql" | "postgres" => Database::Postgresql,
                "mysql" => Database::Mysql,
                "sqlite" => Database::Sqlite,
                _ => Database::Other,
            };
            if found.is_some_and(|known| known != database) {
                return None;
            }
            found = Some(database);
        }
        found
    }

    /// Functions that run when the service starts.
    fn startup_functions(&self) -> Vec<ObjectId> {
        let mut out = Vec::new();
        let names: FxHashSet<String> = self
            .service
            .applications
            .iter()
            .flat_map(|application| {
                application
                    .lifespan
                    .iter()
                    .map(|named| named.name.clone())
                    .chain(application.event_handlers.iter().map(|handler| handler.function.name.clone()))
            })
            .collect();
        for (id, object) in self.machine.objects() {
            if let Object::Function(_) = object
                && self.machine.qualified_name(Value::Obj(id)).is_some_and(|name| names.contains(&name))
            {
                out.push(id);
            }
        }
        out
    }
}

/// Whether a module serves requests: no tests, commands or revisions.
fn is_own(module: &Module) -> bool {
    module.kind == ModuleKind::Project
        && !is_aside(&module.path)
        && !is_command(&module.path)
        && !module.text.contains("down_revision")
}

/// Whether a module may ask a database: what never speaks of one does nothing that is written down here.
fn speaks_of_database(module: &Module) -> bool {
    module.text.contains("session") || module.text.contains("select(")
}

/// Whether a file holds commands for people at a terminal, or what prepares a database.
fn is_command(path: &str) -> bool {
    path.split('/').any(|part| {
        matches!(
            part.trim_end_matches(".py"),
            "cli" | "manage" | "commands" | "management" | "seed" | "seeds" | "fixtures" | "env" | "initial_data"
        )
    })
}

/// Without an application there are no requests.
fn roots_are_missing(service: &crate::Service) -> bool {
    service.applications.is_empty()
}

type Value0 = (u8, u64);

/// What is the same for two routes that are served in the same way: endpoint, dependencies, response.
type RootKey = (Value0, Vec<Value0>, Option<Value0>);

fn key_of(value: Value) -> Value0 {
    match value {
        Value::Obj(id) => (1, u64::from(id.0)),
        Value::Str(sym) => (2, u64::from(sym.0)),
        Value::Unknown(id) => (3, u64::from(id.0)),
        _ => (0, 0),
    }
}

struct Walk<'w, 'm, 'a> {
    m: &'w mut Flow<'m, 'a>,
    depends: Option<Value>,
    /// Results of dependencies within one request.
    cache: FxHashMap<Value0, Val>,
    /// What dependencies do when they are left, in the order they were entered.
    exits: Vec<Exit>,
    /// Whether callers of the service send the parameters that no dependency fills.
    sent: bool,
}

impl<'w, 'm, 'a> Walk<'w, 'm, 'a> {
    fn new(m: &'w mut Flow<'m, 'a>, depends: Option<Value>) -> Self {
        Self { m, depends, cache: FxHashMap::default(), exits: Vec::new(), sent: false }
    }

    /// One endpoint: dependencies, the call, the response.
    fn root(&mut self, root: &Root) -> (SummaryId, Vec<Exit>) {
        let (module, range) = match self.m.ev.function(root.endpoint) {
            Some((_, function)) => (function.module, function.node.range()),
            None => (architect_python::ModuleId(0), Site::nowhere().range),
        };
        let site = Site { module, range: self.m.head_of(root.endpoint).unwrap_or(range) };
        let mut f = Frame::new(module);
        f.is_async = true;
        for marker in &root.dependencies {
            self.dependency(&mut f, *marker, Value::None, site, 0);
        }
        let value = self.invoke(&mut f, root.endpoint, site, 0, false);
        let response = root.response;
        if response.is_none() {
            shapes::raw(self.m, value, &root.location);
        }
        // What a wrapper of all endpoints returns is of any of them.
        let named = self.m.ev.qualified_name(root.endpoint);
        let own = &self.m.ev.program.module(module).name;
        let wrapped = u32::from(named.is_none_or(|named| named.split(':').next() != Some(own.as_str())));
        self.m.lib.unsure += wrapped;
        self.m.kept(&mut f, value, |m, f| {
            if let Some(annotation) = response {
                if matches!(m.v(value), V::Pending { .. }) {
                    // A generator as an endpoint streams.
                    m.iterate(f, value, site);
                    return;
                }
                serialise::read_as(m, f, value, annotation, site, 0);
            }
        });
        self.m.lib.unsure -= wrapped;
        let exits = self.leave(&mut f);
        (self.m.keep(&root.name, module, range, f.into_nodes(), Val::NONE), exits)
    }

    /// Leaves dependencies, the last one first.
    fn leave(&mut self, f: &mut Frame) -> Vec<Exit> {
        let exits: Vec<Exit> = self.exits.drain(..).rev().collect();
        for exit in &exits {
            for node in &exit.nodes {
                f.node(node.clone());
            }
        }
        exits
    }

    /// What a middleware does with a request: a class with `dispatch` or `__call__`, or a function.
    fn middleware(&mut self, class: Value) -> Option<SummaryId> {
        let method = ["dispatch", "__call__"].iter().find_map(|name| {
            let found = self.m.ev.get(class, name)?;
            self.m.ev.function(found).is_some_and(|(_, function)| !self.m.ev.is_model(function.module)).then_some(found)
        });
        let function = match (self.m.ev.obj(class)?, method) {
            (Object::Class(_), method) => method?,
            _ => class,
        };
        let (_, target) = self.m.ev.function(function)?;
        let (module, range, target_name) = (target.module, target.node.range(), target.qualname);
        let site = Site { module, range: self.m.head_of(function).unwrap_or(range) };
        let mut f = Frame::new(module);
        f.is_async = true;
        let mut args = Args::default();
        if let (Value::Obj(class), true) = (class, function != class) {
            args.pos.push(self.m.make(V::Inst { class, tag: 0, site: Some(site), attrs: Box::default() }));
        }
        if let (Some(class), false) = (self.m.lib.connection, self.m.name(target_name).ends_with("__call__")) {
            args.pos.push(self.m.make(V::Inst { class, tag: 0, site: Some(site), attrs: Box::default() }));
            args.pos.push(state::call_next(self.m));
        }
        let callee = self.m.heap(function);
        let value = self.m.call(&mut f, callee, args, site);
        self.m.force(&mut f, value, site);
        let name = self.m.ev.qualified_name(class).unwrap_or_default();
        Some(self.m.keep(&name, module, range, f.into_nodes(), Val::NONE))
    }

    /// Calls an endpoint or a dependency with what it depends on.
    fn invoke(&mut self, f: &mut Frame, call: Value, site: Site, depth: u32, function_scope: bool) -> Val {
        self.invoke_on(f, call, None, site, depth, function_scope)
    }

    /// The same for a function that is a method of what is given.
    fn invoke_on(
        &mut self,
        f: &mut Frame,
        call: Value,
        receiver: Option<Val>,
        site: Site,
        depth: u32,
        function_scope: bool,
    ) -> Val {
        let callee = self.m.heap(call);
        let Some(sig) = self.m.ev.signature(call) else { return Val::UNKNOWN };
        let mut kept: Vec<(Sym, Val)> = Vec::new();
        for param in sig.params.into_iter().skip(usize::from(receiver.is_some())) {
            if matches!(param.kind, architect_python::ParamKind::VarArgs | architect_python::ParamKind::VarKwargs) {
                continue;
            }
            let mut annotation = param.annotation;
            let mut marker = param.default.filter(|default| self.is_marker(*default));
            if let Some(Object::Generic { origin, args }) = annotation.and_then(|value| self.m.ev.obj(value))
                && self.m.ev.external_path(*origin) == Some("typing.Annotated")
            {
                let args = args.clone();
                annotation = args.first().copied();
                marker = marker.or_else(|| args.iter().skip(1).rev().copied().find(|arg| self.is_marker(*arg)));
            }
            let value = match marker {
                Some(marker) => self.dependency(f, marker, annotation.unwrap_or(Value::None), site, depth),
                None => annotation.map_or(Val::UNKNOWN, |annotation| {
                    let value = self.m.of_type(annotation, param.name, 0);
                    let value = if self.sent { rows::received(self.m, value) } else { value };
                    let value = self.chosen(call, param.name, value, param.default);
                    self.choosing(f, value, site)
                }),
            };
            kept.push((param.name, value));
            // Kept in the frame, so that what later dependencies change reaches it.
            let slot = self.m.sym(&format!("<parameter {} {}>", depth, kept.len()));
            f.vars.retain(|(n, _)| *n != slot);
            f.vars.push((slot, value));
        }
        let mut args = Args { pos: receiver.into_iter().collect(), ..Args::default() };
        for (at, (name, _)) in kept.iter().enumerate() {
            let slot = self.m.sym(&format!("<parameter {} {}>", depth, at + 1));
            let value = f.vars.iter().find(|(n, _)| *n == slot).map_or(Val::UNKNOWN, |(_, v)| *v);
            args.kw.push((*name, value));
        }
        let target = self.m.ev.function(call).map(|(_, function)| function.node);
        let is_async = matches!(target, Some(FunctionNode::Def(_))) && self.m.is_async_call(call);
        f.open();
        let value = self.m.call(f, callee, args, site);
        let value = match self.m.v(value) {
            V::Pending { .. } => match self.m.split_generator(f, value) {
                Some((entered, before, after)) if depth > 0 => {
                    for node in before {
                        f.node(node);
                    }
                    let nodes = self.wrap(after, site, is_async);
                    let summary = nodes.first().and_then(|node| match node {
                        Node::Call { summary, .. } => Some(*summary),
                        _ => None,
                    });
                    let name = self.m.ev.qualified_name(call).unwrap_or_default();
                    self.exits.push(Exit { name, function_scope, summary, nodes });
                    entered
                }
                Some(_) => {
                    // A generator that is no dependency: a lifespan, or an endpoint that streams.
                    self.m.iterate(f, value, site).0
                }
                None => self.m.force(f, value, site),
            },
            _ => value,
        };
        let nodes = f.close();
        for node in self.wrap(nodes, site, is_async) {
            f.node(node);
        }
        value
    }

    /// An integer that callers send, as what it is: no text of a query string stands for `None`, so that only a default
    /// can be it.
    fn chosen(&mut self, call: Value, name: Sym, value: Val, default: Option<Value>) -> Val {
        let integer = self.m.scalar("int");
        let mut parts = self.m.values.parts(value);
        if !parts.contains(&integer) {
            return value;
        }
        let default = default.map(|default| self.m.ev.get(default, "default").unwrap_or(default));
        if default != Some(Value::None) {
            parts.retain(|part| *part != Val::NONE);
        }
        let owner = self.m.ev.qualified_name(call).unwrap_or_default();
        let by = Chosen { owner: self.m.sym(&owner), name };
        let number = books::make(self.m, Thing::Number(by), Box::default());
        self.m.union(parts.into_iter().map(|part| if part == integer { number } else { part }).collect())
    }

    /// A model that callers send, with its limits as what they are.
    fn choosing(&mut self, f: &mut Frame, value: Val, site: Site) -> Val {
        let V::Inst { class, .. } = *self.m.v(value) else { return value };
        if !serialise::is_model(self.m, class) {
            return value;
        }
        let mut value = value;
        for field in self.m.class_fields(class) {
            let (name, default) = (field.name, field.default);
            if !LIMITS.contains(&self.m.name(name)) {
                continue;
            }
            let sent = self.m.attribute(f, value, name, site);
            let chosen = self.chosen(Value::Obj(class), name, sent, default);
            if chosen != sent {
                value = self.m.with(value, name, Some(chosen));
            }
        }
        value
    }

    /// What plain functions do is done in a worker thread.
    fn wrap(&mut self, nodes: Vec<Node>, site: Site, is_async: bool) -> Vec<Node> {
        if is_async || nodes.is_empty() {
            return nodes;
        }
        let summary = self.m.keep("", site.module, site.range, nodes, Val::NONE);
        vec![Node::Call { summary, site, edge: Edge::Thread }]
    }

    fn is_marker(&self, value: Value) -> bool {
        match (self.m.ev.obj(value), self.depends) {
            (Some(Object::Instance { class, .. }), Some(depends)) => {
                self.m.ev.is_subclass(Value::Obj(*class), depends) == Some(true)
            }
            _ => false,
        }
    }

    fn dependency(&mut self, f: &mut Frame, marker: Value, annotation: Value, site: Site, depth: u32) -> Val {
        if depth > MAX_DEPTH {
            return Val::UNKNOWN;
        }
        let mut call = self.m.ev.get(marker, "dependency").unwrap_or(Value::None);
        if call == Value::None {
            call = annotation;
        }
        let function_scope = self
            .m
            .ev
            .get(marker, "scope")
            .and_then(|scope| self.m.ev.text(scope))
            .is_some_and(|scope| scope == "function");
        let cached = self.m.ev.get(marker, "use_cache") != Some(Value::Bool(false));
        let slot = self.m.sym(&format!("<dependency {:?}>", key_of(call)));
        if cached
            && self.cache.contains_key(&key_of(call))
            && let Some((_, value)) = f.vars.iter().find(|(n, _)| *n == slot)
        {
            return *value;
        }
        let site = self.m.definition_of(call).unwrap_or(site);
        let mut value = match injected::marked(self.m, call) {
            Some(made) => made,
            None => self.invoke(f, call, site, depth + 1, function_scope),
        };
        if value == Val::UNKNOWN && annotation != Value::None {
            let name = self.m.sym("dependency");
            value = self.m.of_type(annotation, name, 0);
            // Nobody saw who opens this session, nor what is done where it is left.
            if let Some((Thing::Session(_), _)) = books::thing(self.m, value) {
                books::record(self.m, f, Effect::MayCommit, site);
            }
        }
        self.cache.insert(key_of(call), value);
        f.vars.retain(|(n, _)| *n != slot);
        f.vars.push((slot, value));
        value
    }
}
