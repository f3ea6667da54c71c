//! Calls: functions of the program run once for each shape of arguments; everything else is asked of the library.

use ruff_python_ast as ast;
use ruff_text_size::Ranged;

use super::{
    Args, CONTEXTS, DEPTH, Edge, End, Frame, Kind, Library, Machine, Named, Node, Size, Summary, SummaryId, V, Val,
    WIDE_CONTEXTS,
};
use crate::facts::is_generator;
use crate::parse::ModuleKind;
use crate::value::{EnvId, FunctionNode, ModuleId, Object, ObjectId, ParamKind, Site, Sym, Value};

/// What is run.
#[derive(Clone)]
pub(super) struct Target<'a> {
    callee: Val,
    node: FunctionNode<'a>,
    module: ModuleId,
    env: Option<EnvId>,
    captured: Named,
    owner: Option<ObjectId>,
    qualname: Sym,
    defaults: Vec<(Sym, Value)>,
}

impl<'a, L: Library> Machine<'_, 'a, L> {
    pub(super) fn call_expression(&mut self, f: &mut Frame, node: &'a ast::ExprCall) -> Val {
        let awaiting = std::mem::take(&mut f.awaiting);
        if let ast::Expr::Name(name) = &*node.func {
            if name.id.as_str() == "super" && node.arguments.args.is_empty() {
                return match (f.owner, f.first) {
                    (Some(class), Some(receiver)) => self.make(V::Super(class, receiver)),
                    _ => Val::UNKNOWN,
                };
            }
            if name.id.as_str() == "locals" {
                return Val::UNKNOWN;
            }
        }
        let callee = self.expr(f, &node.func);
        let (args, callee) = self.kept(f, callee, |m, f| m.arguments(f, &node.arguments));
        let site = self.site(f, node.range());
        f.awaiting = awaiting;
        let value = self.call(f, callee, args, site);
        f.awaiting = false;
        value
    }

    fn arguments(&mut self, f: &mut Frame, arguments: &'a ast::Arguments) -> Args {
        // Values that later arguments change are changed in those before them, too.
        let mut args = Args::default();
        for arg in &arguments.args {
            if let ast::Expr::Starred(starred) = arg {
                let value = self.expr(f, &starred.value);
                match self.known_items(value) {
                    Some(items) => args.pos.extend(items),
                    None => {
                        let site = self.site(f, arg.range());
                        let (elem, _) = self.iterate(f, value, site);
                        args.rest = Some(elem);
                    }
                }
            } else {
                let value = self.expr(f, arg);
                args.pos.push(value);
            }
        }
        for keyword in &arguments.keywords {
            let value = self.expr(f, &keyword.value);
            match &keyword.arg {
                Some(name) => {
                    let name = self.sym(name);
                    args.kw.push((name, value));
                }
                None => match self.v(value).clone() {
                    V::Dict { items, rest, .. } => {
                        for (name, value) in items {
                            args.kw.retain(|(n, _)| *n != name);
                            args.kw.push((name, value));
                        }
                        if rest.is_some() {
                            args.rest = rest;
                        }
                    }
                    V::Heap(id) => {
                        if let Object::Dict(data) = self.ev.object(id) {
                            let items: Vec<(Sym, Value)> = data
                                .items
                                .iter()
                                .filter_map(|(key, (_, value))| match key {
                                    crate::value::DictKey::Str(name) => Some((*name, *value)),
                                    _ => None,
                                })
                                .collect();
                            for (name, value) in items {
                                let value = self.heap(value);
                                args.kw.push((name, value));
                            }
                        }
                    }
                    _ => args.rest = Some(Val::UNKNOWN),
                },
            }
        }
        args
    }

    /// `callee(args)`.
    #[allow(clippy::too_many_lines)]
    pub fn call(&mut self, f: &mut Frame, callee: Val, args: Args, site: Site) -> Val {
        if !self.step() {
            return Val::UNKNOWN;
        }
        match self.v(callee).clone() {
            V::Closure(at, captured) => {
                let closure = self.closures[at as usize];
                let target = Target {
                    callee,
                    node: closure.node,
                    module: closure.module,
                    env: closure.env,
                    captured,
                    owner: closure.owner,
                    qualname: closure.qualname,
                    defaults: Vec::new(),
                };
                self.call_target(f, target, args, site)
            }
            V::Bound(receiver, function) => {
                let mut args = args;
                args.pos.insert(0, receiver);
                self.call(f, function, args, site)
            }
            V::Method(receiver, name) => {
                if matches!(self.v(receiver), V::Lib(..)) {
                    if L::is_coroutine(self, receiver, name) && !f.awaiting {
                        return self.make(V::Pending { callee, pos: args.pos.into(), kw: args.kw.into(), site });
                    }
                    f.awaiting = false;
                    return L::method(self, f, receiver, name, &args, site);
                }
                f.awaiting = false;
                self.builtin_method(f, receiver, name, &args, site)
            }
            V::Union(parts) => {
                let awaiting = f.awaiting;
                let mut values = Vec::new();
                let mut arms = Vec::new();
                for part in parts.iter().filter(|part| **part != Val::NONE) {
                    f.open();
                    f.awaiting = awaiting;
                    values.push(self.call(f, *part, args.clone(), site));
                    let end = if std::mem::take(&mut f.raised) { End::Raise } else { End::Normal };
                    arms.push((f.close(), end));
                }
                if arms.len() == 1 {
                    for node in arms.remove(0).0 {
                        f.node(node);
                    }
                } else {
                    self.branch(f, site, arms);
                }
                self.union(values)
            }
            V::Inst { .. } => {
                let Some(method) = self.class_member(callee, self.names.call) else { return Val::UNKNOWN };
                let bound = self.bind_member(method, callee);
                self.call(f, bound, args, site)
            }
            V::Lib(..) => {
                let name = self.names.call;
                f.awaiting = false;
                L::method(self, f, callee, name, &args, site)
            }
            V::Heap(id) => self.call_heap(f, callee, id, args, site),
            _ => Val::UNKNOWN,
        }
    }

    fn call_heap(&mut self, f: &mut Frame, callee: Val, id: ObjectId, args: Args, site: Site) -> Val {
        let awaiting = f.awaiting;
        match self.ev.object(id) {
            Object::Function(function) => {
                let kind = self.ev.program.module(function.module).kind;
                let target = Target {
                    callee,
                    node: function.node,
                    module: function.module,
                    env: function.env,
                    captured: Box::default(),
                    owner: function.owner,
                    qualname: function.qualname,
                    defaults: function.defaults.clone(),
                };
                if kind == ModuleKind::Project {
                    return self.call_target(f, target, args, site);
                }
                let path = self.path_of(Value::Obj(id)).unwrap_or_default();
                f.awaiting = false;
                if let Some(value) = L::call(self, f, &path, &args, site) {
                    return value;
                }
                f.awaiting = awaiting;
                if kind == ModuleKind::Model {
                    // A decorator of the standard library gives what it was given.
                    return Val::UNKNOWN;
                }
                if kind == ModuleKind::ThirdParty && L::follows(self, target.module) {
                    return self.call_target(f, target, args, site);
                }
                self.returned_type(&target, &args)
            }
            Object::Class(_) => {
                f.awaiting = false;
                self.instantiate(f, id, args, site)
            }
            Object::Native(name) => {
                let name = *name;
                f.awaiting = false;
                self.builtin(f, name, args, site)
            }
            Object::Static(function) | Object::ClassMethod(function) | Object::Property(function) => {
                let function = *function;
                let function = self.heap(function);
                self.call(f, function, args, site)
            }
            Object::Generic { origin, .. } => {
                let origin = *origin;
                // A parametrised class of the program is a class of its own; others are made by their origin.
                let origin = self.heap(origin);
                self.call(f, origin, args, site)
            }
            Object::Instance { class, .. } => {
                let class = *class;
                if self.ev.is_subclass_of_named(Value::Obj(class), "partial") {
                    let name = |m: &mut Self, name: &str| {
                        let name = m.sym(name);
                        m.ev.own_attr(id, name)
                    };
                    let function = name(self, "func").map(|value| self.heap(value));
                    let pos = name(self, "args").map(|value| self.heap(value));
                    let keywords = name(self, "keywords").map(|value| self.heap(value));
                    let mut all = Args::default();
                    if let Some(pos) = pos.and_then(|pos| self.known_items(pos)) {
                        all.pos.extend(pos);
                    }
                    all.pos.extend(args.pos);
                    if let Some(V::Heap(keywords)) = keywords.map(|keywords| self.v(keywords).clone())
                        && let Object::Dict(data) = self.ev.object(keywords)
                    {
                        let items: Vec<_> = data.items.iter().map(|(k, (_, v))| (k.clone(), *v)).collect();
                        for (key, value) in items {
                            if let crate::value::DictKey::Str(name) = key {
                                let value = self.heap(value);
                                all.kw.push((name, value));
                            }
                        }
                    }
                    all.kw.extend(args.kw);
                    all.rest = args.rest;
                    return match function {
                        Some(function) => self.call(f, function, all, site),
                        None => Val::UNKNOWN,
                    };
                }
                let Some(method) = self.class_member(callee, self.names.call) else { return Val::UNKNOWN };
                let bound = self.bind_member(method, callee);
                self.call(f, bound, args, site)
            }
            Object::External(_) | Object::Opaque { .. } => {
                f.awaiting = false;
                let path = self.path_of(Value::Obj(id)).unwrap_or_default();
                L::call(self, f, &path, &args, site).unwrap_or(Val::UNKNOWN)
            }
            Object::Method { receiver, name } => {
                let (receiver, name) = (*receiver, *name);
                let receiver = self.heap(receiver);
                f.awaiting = false;
                self.builtin_method(f, receiver, name, &args, site)
            }
            _ => Val::UNKNOWN,
        }
    }

    /// Makes an instance of a class.
    fn instantiate(&mut self, f: &mut Frame, class: ObjectId, args: Args, site: Site) -> Val {
        if let Some(name) = self.ev.builtin_type(class) {
            return self.construct(f, name, &args, site);
        }
        if let Some(value) = L::instantiate(self, f, class, &args, site) {
            return value;
        }
        if let Some(path) = self.path_of(Value::Obj(class))
            && let Some(value) = L::call(self, f, &path, &args, site)
        {
            return value;
        }
        if self.ev.mro_attribute(class, self.names.members).is_some() {
            // A member of an enumeration by its value.
            return self.make(V::Inst { class, tag: 0, site: None, attrs: Box::default() });
        }
        let mut instance = self.make(V::Inst { class, tag: 0, site: Some(site), attrs: Box::default() });
        if let Some(init) = self.ev.mro_attribute(class, self.names.init) {
            let known = self.ev.function(init).is_some_and(|(_, function)| {
                self.ev.program.module(function.module).kind == ModuleKind::Project || L::follows(self, function.module)
            });
            if known {
                let function = self.heap(init);
                let mut all = args;
                all.pos.insert(0, instance);
                let ((), made) = self.kept(f, instance, |m, f| {
                    m.call(f, function, all, site);
                });
                return made;
            }
        }
        if self.ev.mro_attribute(class, self.names.fields).is_some() {
            let fields = self.fields(class);
            for (at, (name, value)) in fields.into_iter().enumerate() {
                let given = args.kw.iter().find(|(n, _)| *n == name).map(|(_, v)| *v).or(args.pos.get(at).copied());
                if let Some(given) = given.or(value) {
                    instance = self.with(instance, name, Some(given));
                }
            }
        }
        instance
    }

    // ------------------------------------------------------- program functions

    fn call_target(&mut self, f: &mut Frame, target: Target<'a>, args: Args, site: Site) -> Val {
        let awaiting = std::mem::take(&mut f.awaiting);
        if let FunctionNode::Def(def) = target.node {
            let generator = is_generator(target.node);
            if generator || (def.is_async && !awaiting) {
                let mut kw = args.kw;
                if let Some(rest) = args.rest {
                    let name = self.names.result;
                    kw.push((name, rest));
                }
                return self.make(V::Pending { callee: target.callee, pos: args.pos.into(), kw: kw.into(), site });
            }
        }
        self.run_edge(f, target, args, site, Edge::Call).0
    }

    fn target_of(&mut self, callee: Val) -> Option<Target<'a>> {
        match self.v(callee).clone() {
            V::Closure(at, captured) => {
                let closure = self.closures[at as usize];
                Some(Target {
                    callee,
                    node: closure.node,
                    module: closure.module,
                    env: closure.env,
                    captured,
                    owner: closure.owner,
                    qualname: closure.qualname,
                    defaults: Vec::new(),
                })
            }
            V::Heap(id) => match self.ev.object(id) {
                Object::Function(function) => Some(Target {
                    callee,
                    node: function.node,
                    module: function.module,
                    env: function.env,
                    captured: Box::default(),
                    owner: function.owner,
                    qualname: function.qualname,
                    defaults: function.defaults.clone(),
                }),
                _ => None,
            },
            _ => None,
        }
    }

    /// Awaits: runs what has not run.
    pub fn force(&mut self, f: &mut Frame, val: Val, site: Site) -> Val {
        match self.v(val).clone() {
            V::Pending { callee, pos, kw, site: made } => {
                let mut args = Args { pos: pos.into_vec(), kw: kw.into_vec(), rest: None };
                let hidden = self.names.result;
                if let Some(at) = args.kw.iter().position(|(n, _)| *n == hidden) {
                    args.rest = Some(args.kw.remove(at).1);
                }
                f.awaiting = true;
                let value = match self.target_of(callee) {
                    Some(target) if !is_generator(target.node) => {
                        f.awaiting = false;
                        self.run_edge(f, target, args, made, Edge::Call).0
                    }
                    Some(_) => val,
                    None => self.call(f, callee, args, made),
                };
                f.awaiting = false;
                value
            }
            V::Union(parts) => {
                let mut values = Vec::new();
                for part in parts {
                    values.push(self.force(f, part, site));
                }
                self.union(values)
            }
            V::Coll { kind, elem, size, site: made } if matches!(self.v(elem), V::Pending { .. }) => {
                f.open();
                let value = self.force(f, elem, site);
                let body = f.close();
                if !body.is_empty() {
                    let at = made.unwrap_or(site);
                    f.node(Node::Loop { site: at, size: size.clone(), open: false, leaves: false, body });
                }
                self.make(V::Coll { kind, elem: value, size, site: made })
            }
            V::Seq { tuple, items, site: made } => {
                let items: Vec<Val> = items.iter().map(|item| self.force(f, *item, site)).collect();
                self.make(V::Seq { tuple, items: items.into(), site: made })
            }
            _ => val,
        }
    }

    /// Runs a call in another way than directly: in a thread, as a task.
    pub fn call_by(&mut self, f: &mut Frame, callee: Val, args: Args, site: Site, edge: Edge) -> Val {
        f.open();
        let before = f.vars.clone();
        let was_async = std::mem::replace(&mut f.is_async, edge != Edge::Thread);
        let value = self.call(f, callee, args, site);
        let value = if edge == Edge::Thread { value } else { self.force(f, value, site) };
        f.is_async = was_async;
        f.raised = false;
        let nodes = f.close();
        if edge == Edge::Background || edge == Edge::Task {
            f.vars = before;
        }
        if !nodes.is_empty() {
            let summary = self.keep("", site.module, site.range, nodes, value);
            f.node(Node::Call { summary, site, edge });
        }
        value
    }

    /// Runs something that waits as a task.
    pub fn force_by(&mut self, f: &mut Frame, pending: Val, site: Site, edge: Edge) -> Val {
        f.open();
        let before = f.vars.clone();
        let value = self.force(f, pending, site);
        f.raised = false;
        let nodes = f.close();
        if edge == Edge::Background || edge == Edge::Task {
            f.vars = before;
        }
        if !nodes.is_empty() {
            let summary = self.keep("", site.module, site.range, nodes, value);
            f.node(Node::Call { summary, site, edge });
        }
        value
    }

    /// Runs a function and leaves its call in what is done.
    fn run_edge(
        &mut self,
        f: &mut Frame,
        target: Target<'a>,
        args: Args,
        site: Site,
        edge: Edge,
    ) -> (Val, Option<SummaryId>) {
        let fallback = target.clone();
        let callee = target.callee;
        let constant = args.rest.is_none() && !args.pos.is_empty() | !args.kw.is_empty() && self.all_constant(&args);
        let given = if constant { args.clone() } else { Args::default() };
        let vars = self.parameters(&target, args);
        let first = vars.first().map(|(_, v)| *v);
        match self.summarise(target, vars) {
            Some(id) => {
                let summary = &self.summaries[id as usize];
                let (value, end, changes) = (summary.value, summary.end, summary.changes.clone());
                if !summary.nodes.is_empty() {
                    f.node(Node::Call { summary: id, site, edge });
                }
                let (_, mut value) = self.kept(f, value, |m, f| m.apply_changes(f, &changes));
                if !constant {
                    // Nothing to fold.
                } else if let Some(known) = self.fold(id, callee, &given) {
                    value = known;
                }
                if end == End::Raise {
                    f.raised = true;
                }
                (value, Some(id))
            }
            None => {
                f.node(Node::Unknown { why: "a call that calls itself again", callee, site });
                let mut args = Args::default();
                args.pos.extend(first);
                (self.returned_type(&fallback, &args), None)
            }
        }
    }

    fn all_constant(&self, args: &Args) -> bool {
        let constant = |val: &Val| matches!(self.v(*val), V::Str(_) | V::Int(_) | V::Bool(_) | V::None);
        args.pos.iter().all(constant) && args.kw.iter().all(|(_, val)| constant(val))
    }

    /// What a function without effects gives for constants: the import-time machine runs it for real.
    fn fold(&mut self, id: SummaryId, callee: Val, args: &Args) -> Option<Val> {
        let summary = &self.summaries[id as usize];
        if !summary.nodes.is_empty() || !summary.changes.is_empty() || summary.is_async {
            return None;
        }
        if !matches!(self.v(summary.value), V::Scalar(_) | V::Unknown) {
            return None;
        }
        let V::Heap(function) = *self.v(callee) else { return None };
        let plain = |val: Val| match self.v(val) {
            V::Str(sym) => Value::Str(*sym),
            V::Int(int) => Value::Int(*int),
            V::Bool(b) => Value::Bool(*b),
            _ => Value::None,
        };
        let given = crate::value::CallArgs {
            pos: args.pos.iter().map(|val| plain(*val)).collect(),
            kw: args.kw.iter().map(|(name, val)| (*name, plain(*val))).collect(),
            open: false,
        };
        let value = self.ev.compute(function, given)?;
        let known = self.heap(value);
        self.summaries[id as usize].value = known;
        Some(known)
    }

    /// Runs a generator to its end where it is iterated: what it yields and how often.
    pub(super) fn run_generator(&mut self, f: &mut Frame, pending: Val, site: Site) -> (Val, Size) {
        let V::Pending { callee, pos, kw, .. } = self.v(pending).clone() else { return (Val::UNKNOWN, Size::Unknown) };
        let Some(target) = self.target_of(callee) else {
            let value = self.force(f, pending, site);
            if matches!(self.v(value), V::Pending { .. }) {
                return (Val::UNKNOWN, Size::Unknown);
            }
            return self.iterate(f, value, site);
        };
        if !is_generator(target.node) {
            return (Val::UNKNOWN, Size::Unknown);
        }
        let args = Args { pos: pos.into_vec(), kw: kw.into_vec(), rest: None };
        let (_, id) = self.run_edge(f, target, args, site, Edge::Call);
        let Some(id) = id else { return (Val::UNKNOWN, Size::Unknown) };
        let summary = &self.summaries[id as usize];
        let size = yield_size(&summary.nodes).unwrap_or(Size::Unknown);
        (summary.yields.unwrap_or(Val::UNKNOWN), size)
    }

    /// The parts of a generator before and after its first `yield`: what it hands out, what is done before, and what
    /// afterwards.
    pub fn split_generator(&mut self, f: &mut Frame, pending: Val) -> Option<(Val, Vec<Node>, Vec<Node>)> {
        let V::Pending { callee, pos, kw, site } = self.v(pending).clone() else { return None };
        let target = self.target_of(callee)?;
        if !is_generator(target.node) {
            return None;
        }
        let args = Args { pos: pos.into_vec(), kw: kw.into_vec(), rest: None };
        let vars = self.parameters(&target, args);
        let id = self.summarise(target, vars)?;
        let summary = &self.summaries[id as usize];
        let (module, range, name) = (summary.module, summary.range, summary.qualname);
        let (nodes, is_async, value, changes) =
            (summary.nodes.clone(), summary.is_async, summary.yields.unwrap_or(Val::UNKNOWN), summary.changes.clone());
        let at = nodes.iter().position(|node| matches!(node, Node::Yield)).unwrap_or(nodes.len());
        let (before, after) = nodes.split_at(at);
        let after: Vec<Node> = after.iter().filter(|node| !matches!(node, Node::Yield)).cloned().collect();
        let before = before.to_vec();
        self.apply_changes(f, &changes);
        let name = self.name(name).to_owned();
        let part = |m: &mut Self, nodes: Vec<Node>| {
            if nodes.is_empty() {
                return Vec::new();
            }
            let summary = m.keep(&name, module, range, nodes, Val::NONE);
            m.summaries[summary as usize].is_async = is_async;
            m.summaries[summary as usize].callee = callee;
            vec![Node::Call { summary, site, edge: Edge::Call }]
        };
        Some((value, part(self, before), part(self, after)))
    }

    /// What `with` binds, and what is done at its end, where that is known already.
    pub(super) fn enter(&mut self, f: &mut Frame, manager: Val, site: Site) -> (Val, Option<Vec<Node>>) {
        match self.v(manager).clone() {
            V::Pending { .. } => {
                if let Some((value, before, after)) = self.split_generator(f, manager) {
                    for node in before {
                        f.node(node);
                    }
                    return (value, Some(after));
                }
                (Val::UNKNOWN, Some(Vec::new()))
            }
            V::Union(parts) => {
                let mut values = Vec::new();
                let mut exits = Vec::new();
                for part in parts.iter().filter(|part| **part != Val::NONE) {
                    let (value, exit) = self.enter(f, *part, site);
                    values.push(value);
                    exits.extend(exit.unwrap_or_default());
                }
                (self.union(values), Some(exits))
            }
            _ => {
                if let Some(value) = L::enter(self, f, manager, site) {
                    return (value, None);
                }
                for name in [self.names.enter, self.names.aenter] {
                    if let Some(method) = self.class_member(manager, name) {
                        let project = self.ev.function(method).is_some_and(|(_, function)| {
                            self.ev.program.module(function.module).kind == ModuleKind::Project
                        });
                        if project {
                            let bound = self.bind_member(method, manager);
                            f.awaiting = true;
                            let value = self.call(f, bound, Args::default(), site);
                            f.awaiting = false;
                            return (value, None);
                        }
                    }
                }
                let value = if matches!(self.v(manager), V::Inst { .. }) { manager } else { Val::UNKNOWN };
                (value, None)
            }
        }
    }

    /// The end of a `with` block.
    pub(super) fn leave(&mut self, f: &mut Frame, manager: Val, entered: Val, site: Site) {
        for name in [self.names.exit, self.names.aexit] {
            if let Some(method) = self.class_member(manager, name) {
                let project = self
                    .ev
                    .function(method)
                    .is_some_and(|(_, function)| self.ev.program.module(function.module).kind == ModuleKind::Project);
                if project {
                    let bound = self.bind_member(method, manager);
                    f.awaiting = true;
                    let args = Args::of(vec![Val::NONE, Val::NONE, Val::NONE]);
                    self.call(f, bound, args, site);
                    f.awaiting = false;
                    return;
                }
            }
        }
        L::exit(self, f, manager, entered, site);
    }

    /// Binds arguments to parameters; what is not given has its default, or is known by its type.
    fn parameters(&mut self, target: &Target<'a>, args: Args) -> Vec<(Sym, Val)> {
        let mut vars: Vec<(Sym, Val)> = Vec::new();
        let Some(parameters) = target.node.parameters() else { return vars };
        let mut pos = args.pos.into_iter();
        let mut kw = args.kw;
        let mut list: Vec<(&'a ast::Parameter, ParamKind, Option<&'a ast::Expr>)> = Vec::new();
        let with = |p: &'a ast::ParameterWithDefault, kind| (&p.parameter, kind, p.default.as_deref());
        list.extend(parameters.posonlyargs.iter().map(|p| with(p, ParamKind::PositionalOnly)));
        list.extend(parameters.args.iter().map(|p| with(p, ParamKind::Normal)));
        list.extend(parameters.vararg.iter().map(|p| (&**p, ParamKind::VarArgs, None)));
        list.extend(parameters.kwonlyargs.iter().map(|p| with(p, ParamKind::KeywordOnly)));
        list.extend(parameters.kwarg.iter().map(|p| (&**p, ParamKind::VarKwargs, None)));
        for (parameter, kind, default) in list {
            let name = self.sym(&parameter.name);
            let value = match kind {
                ParamKind::VarArgs => {
                    let items: Vec<Val> = pos.by_ref().collect();
                    match args.rest {
                        Some(rest) => {
                            let elem = self.union(items.into_iter().chain([rest]).collect());
                            self.coll(elem, Size::Unknown, None)
                        }
                        None => self.make(V::Seq { tuple: true, items: items.into(), site: None }),
                    }
                }
                ParamKind::VarKwargs => {
                    let mut items = std::mem::take(&mut kw);
                    items.sort_by_key(|(n, _)| *n);
                    self.make(V::Dict { items: items.into(), rest: args.rest, site: None })
                }
                _ => {
                    let mut given = match kind {
                        ParamKind::KeywordOnly => None,
                        _ => pos.next(),
                    };
                    if given.is_none()
                        && let Some(at) = kw.iter().position(|(n, _)| *n == name)
                    {
                        given = Some(kw.remove(at).1);
                    }
                    let value = match given {
                        Some(value) => value,
                        None => match target.defaults.iter().find(|(n, _)| *n == name).map(|(_, v)| *v) {
                            Some(_) if args.rest.is_some() => Val::UNKNOWN,
                            Some(value) => self.default_of(value),
                            None => match default {
                                Some(ast::Expr::NoneLiteral(_)) => Val::NONE,
                                Some(ast::Expr::BooleanLiteral(b)) => self.bool(b.value),
                                _ => Val::UNKNOWN,
                            },
                        },
                    };
                    if value == Val::UNKNOWN {
                        let typed = parameter
                            .annotation
                            .as_deref()
                            .and_then(|expr| self.annotation(expr, target.module, target.env, target.owner));
                        typed.map_or(Val::UNKNOWN, |typed| self.of_type(typed, name, 0))
                    } else {
                        value
                    }
                }
            };
            vars.push((name, value));
        }
        vars
    }

    /// A default: that of a declaration such as `Query(...)` is what it says.
    fn default_of(&mut self, value: Value) -> Val {
        match self.ev.obj(value) {
            Some(Object::Instance { class, .. }) if self.ev.enum_member(value).is_none() => {
                let class = *class;
                let model = self
                    .ev
                    .class(Value::Obj(class))
                    .and_then(|class| class.site)
                    .is_some_and(|site| self.ev.program.module(site.module).kind == ModuleKind::Model);
                if model { Val::UNKNOWN } else { self.heap(value) }
            }
            _ => self.heap(value),
        }
    }

    /// What a function returns by its annotation.
    fn returned_type(&mut self, target: &Target<'a>, args: &Args) -> Val {
        let FunctionNode::Def(def) = target.node else { return Val::UNKNOWN };
        let Some(expr) = def.returns.as_deref() else { return Val::UNKNOWN };
        // `Self` is the class of the receiver.
        if matches!(expr, ast::Expr::Name(name) if name.id.as_str() == "Self") {
            return args.pos.first().copied().unwrap_or(Val::UNKNOWN);
        }
        match self.annotation(expr, target.module, target.env, target.owner) {
            Some(value) => self.of_type(value, target.qualname, 0),
            None => Val::UNKNOWN,
        }
    }

    /// The summary of a function for these arguments; nothing for one that is under way.
    fn summarise(&mut self, target: Target<'a>, mut vars: Vec<(Sym, Val)>) -> Option<SummaryId> {
        let key = |vars: &[(Sym, Val)]| (target.callee, vars.iter().map(|(_, v)| *v).collect::<Box<[Val]>>());
        if let Some(known) = self.index.get(&key(&vars)) {
            return *known;
        }
        if self.depth >= DEPTH {
            return None;
        }
        // Closures are counted by their text, not by what they captured.
        let counted = match self.v(target.callee) {
            V::Closure(at, _) => {
                let at = *at;
                self.make(V::Closure(at, Box::default()))
            }
            _ => target.callee,
        };
        let (count, last) = self.contexts.get(&counted).copied().unwrap_or((0, 0));
        if count >= CONTEXTS {
            for slot in &mut vars {
                slot.1 = self.widen(slot.1, 0);
            }
            if let Some(known) = self.index.get(&key(&vars)) {
                return *known;
            }
            if count >= WIDE_CONTEXTS {
                return Some(last);
            }
        }
        let key = key(&vars);
        self.index.insert(key.clone(), None);
        let id = self.run(target, vars);
        self.index.insert(key, Some(id));
        self.contexts.insert(counted, (count + 1, id));
        Some(id)
    }

    /// A value with less detail: constants become their type, attributes that only differ by call are left out.
    fn widen(&mut self, val: Val, depth: u32) -> Val {
        match self.v(val).clone() {
            V::Bool(_) => self.scalar("bool"),
            V::Int(_) => self.scalar("int"),
            V::Str(_) => self.scalar("str"),
            V::Inst { class, tag, attrs, .. } => {
                let attrs: Vec<(Sym, Val)> = if depth > 2 {
                    Vec::new()
                } else {
                    attrs.iter().map(|(n, v)| (*n, self.widen(*v, depth + 1))).collect()
                };
                self.make(V::Inst { class, tag, site: None, attrs: attrs.into() })
            }
            V::Seq { items, .. } => {
                let items: Vec<Val> = items.iter().map(|item| self.widen(*item, depth + 1)).collect();
                let elem = self.union(items);
                self.make(V::Coll { kind: Kind::List, elem, size: Size::Unknown, site: None })
            }
            V::Coll { kind, elem, size, .. } => {
                let elem = self.widen(elem, depth + 1);
                self.make(V::Coll { kind, elem, size, site: None })
            }
            V::Dict { items, rest, .. } => {
                let items: Vec<(Sym, Val)> = items.iter().map(|(n, v)| (*n, self.widen(*v, depth + 1))).collect();
                self.make(V::Dict { items: items.into(), rest, site: None })
            }
            V::Union(parts) => {
                let parts: Vec<Val> = parts.iter().map(|part| self.widen(*part, depth + 1)).collect();
                self.union(parts)
            }
            _ => val,
        }
    }

    fn run(&mut self, target: Target<'a>, vars: Vec<(Sym, Val)>) -> SummaryId {
        let fallback = target.clone();
        let first = vars.first().map(|(_, v)| *v);
        let is_async = matches!(target.node, FunctionNode::Def(def) if def.is_async);
        let mut frame = Frame {
            env: target.env,
            captured: target.captured,
            owner: target.owner,
            first,
            vars,
            is_async,
            ..Frame::new(target.module)
        };
        self.depth += 1;
        let end = match target.node {
            FunctionNode::Def(def) => self.block(&mut frame, &def.body),
            FunctionNode::Lambda(lambda) => {
                let value = self.expr(&mut frame, &lambda.body);
                frame.returns.push(value);
                End::Return
            }
        };
        self.depth -= 1;
        let mut returns = std::mem::take(&mut frame.returns);
        if end == End::Normal && matches!(target.node, FunctionNode::Def(_)) {
            returns.push(Val::NONE);
        }
        let end =
            if returns.is_empty() && end == End::Raise && frame.yields.is_empty() { End::Raise } else { End::Normal };
        let mut value = self.union(returns);
        let yields = (!frame.yields.is_empty()).then(|| self.union(std::mem::take(&mut frame.yields)));
        if value == Val::UNKNOWN || matches!(self.v(value), V::Union(parts) if parts.contains(&Val::UNKNOWN)) {
            let mut args = Args::default();
            args.pos.extend(first);
            let typed = self.returned_type(&fallback, &args);
            if typed != Val::UNKNOWN {
                value = typed;
            }
        }
        let yields = match yields {
            Some(Val::UNKNOWN) => {
                // What a generator hands out is the first argument of its type.
                let typed = self.returned_type(&fallback, &Args::default());
                match self.v(typed) {
                    V::Coll { elem, .. } => Some(*elem),
                    V::Unknown => Some(Val::UNKNOWN),
                    _ => Some(typed),
                }
            }
            other => other,
        };
        let id = SummaryId::try_from(self.summaries.len()).unwrap_or(0);
        let changes = std::mem::take(&mut frame.changes);
        let range = match target.node {
            FunctionNode::Def(def) => def.name.range(),
            FunctionNode::Lambda(lambda) => lambda.range,
        };
        self.summaries.push(Summary {
            callee: target.callee,
            module: target.module,
            qualname: target.qualname,
            range,
            is_async,
            nodes: frame.into_nodes(),
            value,
            yields,
            changes,
            end,
        });
        id
    }
}

/// How often a generator yields.
fn yield_size(nodes: &[Node]) -> Option<Size> {
    let mut found: Option<Size> = None;
    for node in nodes {
        let here = match node {
            Node::Yield => Some(Size::Known(1)),
            Node::Loop { body, size, .. } => yield_size(body).map(|_| size.clone()),
            Node::Branch { arms, .. } => arms.iter().find_map(|(nodes, _)| yield_size(nodes)),
            _ => None,
        };
        found = match (found, here) {
            (None, here) => here,
            (found, None) => found,
            (Some(a), Some(b)) => Some(super::join::larger(a, b)),
        };
    }
    found
}
