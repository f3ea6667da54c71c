//! Calls: functions of the program run once for each shape of arguments; everything else is asked of the library.

use ruff_python_ast as ast;
use ruff_text_size::Ranged;

use super::{Args, Edge, End, Frame, Library, Machine, Named, Node, SummaryId, V, Val};
use crate::parse::ModuleKind;
use crate::value::{EnvId, FunctionNode, ModuleId, Object, ObjectId, Site, Sym, Value};

/// What is run.
#[derive(Clone)]
pub(super) struct Target<'a> {
    pub(super) callee: Val,
    pub(super) node: FunctionNode<'a>,
    pub(super) module: ModuleId,
    pub(super) env: Option<EnvId>,
    pub(super) captured: Named,
    pub(super) owner: Option<ObjectId>,
    pub(super) qualname: Sym,
    pub(super) defaults: Vec<(Sym, Value)>,
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
        if let ast::Expr::Attribute(attribute) = &*node.func
            && (callee == Val::UNKNOWN || matches!(self.v(callee), V::Union(parts) if parts.contains(&Val::UNKNOWN)))
        {
            let name = self.ev.name_of(&attribute.attr);
            L::unknown_method(self, f, name, site);
        }
        f.awaiting = awaiting;
        let kept = self.handed_on(f, &node.func, &args);
        let value = self.call(f, callee, args, site);
        f.awaiting = false;
        if let Some((looked_up, site)) = kept
            && looked_up == value
        {
            self.looked_up(f, value, site);
        }
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
                    let name = self.ev.name_of(name);
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
                let path = self.path_of_callee(id).unwrap_or_default();
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
                if let Some(own) = self.wrapped_own(id) {
                    let own = self.heap(own);
                    return self.call(f, own, args, site);
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
                let path = self.path_of_callee(id).unwrap_or_default();
                if let Some(value) = L::call(self, f, &path, &args, site) {
                    return value;
                }
                let Some(own) = self.decorated_own(id) else { return Val::UNKNOWN };
                f.awaiting = awaiting;
                let function = self.ev.function(own).map(|(_, function)| (function.module, function.node.range()));
                let own = self.heap(own);
                let value = self.call(f, own, args, site);
                match (self.v(value).clone(), function) {
                    // The decorator may as well have run the coroutine: this function has not made it.
                    (V::Pending { callee, pos, kw, .. }, Some((module, range))) => {
                        self.make(V::Pending { callee, pos, kw, site: Site { module, range } })
                    }
                    _ => value,
                }
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

    /// The function of the program that a decorator of a package wraps: what a retry or a cache calls in the end.
    fn wrapped_own(&self, wrapper: ObjectId) -> Option<Value> {
        let chain = self.ev.wrapped_chain(Value::Obj(wrapper));
        chain.into_iter().skip(1).find(|inner| self.is_own_function(*inner))
    }

    /// The function of the program that a decorator which is not known was applied to.
    fn decorated_own(&self, made: ObjectId) -> Option<Value> {
        let Object::Opaque { callee, args, .. } = self.ev.object(made) else { return None };
        let [decorated] = args.pos[..] else { return None };
        let is_decorator =
            args.kw.is_empty() && matches!(self.ev.obj(*callee), Some(Object::External(_) | Object::Opaque { .. }));
        (is_decorator && self.is_own_function(decorated)).then_some(decorated)
    }

    fn is_own_function(&self, value: Value) -> bool {
        self.ev
            .function(value)
            .is_some_and(|(_, function)| self.ev.program.module(function.module).kind == ModuleKind::Project)
    }

    /// Makes an instance of a class.
    fn instantiate(&mut self, f: &mut Frame, class: ObjectId, args: Args, site: Site) -> Val {
        if let Some(name) = self.ev.builtin_type(class) {
            return self.construct(f, name, &args, site);
        }
        if let Some(value) = L::instantiate(self, f, class, &args, site) {
            return value;
        }
        if let Some(path) = self.path_of_callee(class)
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

    fn call_target(&mut self, f: &mut Frame, target: Target<'a>, args: Args, site: Site) -> Val {
        let awaiting = std::mem::take(&mut f.awaiting);
        if let FunctionNode::Def(def) = target.node {
            let generator = self.ev.is_generator(target.node);
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

    pub(super) fn target_of(&mut self, callee: Val) -> Option<Target<'a>> {
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
                // What a decorator or a helper made elsewhere runs where it is awaited.
                let made = if f.holds(made) { made } else { site };
                let mut args = Args { pos: pos.into_vec(), kw: kw.into_vec(), rest: None };
                let hidden = self.names.result;
                if let Some(at) = args.kw.iter().position(|(n, _)| *n == hidden) {
                    args.rest = Some(args.kw.remove(at).1);
                }
                f.awaiting = true;
                let value = match self.target_of(callee) {
                    Some(target) if !self.ev.is_generator(target.node) => {
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
            V::Lib(..) => L::awaited(self, val),
            V::Coll { kind, elem, size, site: made } if matches!(self.v(elem), V::Pending { .. } | V::Lib(..)) => {
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
    pub(super) fn run_edge(
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
                let summary = &mut self.summaries[id as usize];
                // They are put back below: nothing is called while they are applied.
                let (value, end, changes) = (summary.value, summary.end, std::mem::take(&mut summary.changes));
                let absent = summary.absent;
                if !summary.nodes.is_empty() {
                    f.node(Node::Call { summary: id, site, edge });
                }
                let (_, mut value) = self.kept(f, value, |m, f| m.apply_changes(f, &changes));
                self.summaries[id as usize].changes = changes;
                if !constant {
                    // Nothing to fold.
                } else if let Some(known) = self.fold(id, callee, &given) {
                    value = known;
                }
                if end == End::Raise {
                    f.raised = true;
                }
                if absent {
                    self.looked_up(f, value, site);
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
}
