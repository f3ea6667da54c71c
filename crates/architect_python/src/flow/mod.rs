//! Request time: what a function does when it is called, on symbolic values.
//!
//! After import time the program stands on the heap; this machine calls its functions with values of which often only
//! the type is known, and records *effects*: what the library it was given ([`Library`]) says a call or an attribute
//! does. Values are immutable and interned ([`Val`]), so that a function that is called twice with equal values is run
//! once: its [`Summary`] is a node of the caller's. Cost is therefore linear in the call graph.
//!
//! Invariants: nothing of the import-time heap changes; it always ends (steps, depth, contexts a function); what it
//! does not know is [`Val::UNKNOWN`], never a guess.

mod builtins;
mod call;
mod expr;
mod join;
mod stmt;
mod types;
mod value;

use ruff_python_ast as ast;
use ruff_text_size::TextRange;
use rustc_hash::FxHashMap;

use crate::eval::Evaluator;
use crate::value::{EnvId, FunctionNode, ModuleId, Object, ObjectId, Site, Sym, Value};

pub use value::{Kind, Named, Size, V, Val, Values};

/// Expressions and statements walked at most.
const STEPS: u64 = 3_000_000;
/// Nested calls at most.
const DEPTH: u32 = 70;
/// Shapes of arguments for which a function is run on its own.
const CONTEXTS: u32 = 80;
/// Shapes of generalised arguments; beyond, the last summary stands for all.
const WIDE_CONTEXTS: u32 = 110;

/// A summary by number.
pub type SummaryId = u32;

/// How a caller runs what it calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Edge {
    /// Directly.
    Call,
    /// In a worker thread.
    Thread,
    /// As a task on the loop that the caller does not wait for.
    Task,
    /// After the response.
    Background,
}

/// How a path of a block ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// It goes on.
    Normal,
    /// The function returned.
    Return,
    /// An exception left.
    Raise,
    /// The loop goes on or ended.
    Loop,
}

/// What a function does, in order.
#[derive(Clone, Debug)]
pub enum Node {
    /// Something the library recorded.
    Effect {
        /// Which, in the library's books.
        payload: u32,
        /// Where.
        site: Site,
    },
    /// A call of a function of the program.
    Call {
        /// What it does.
        summary: SummaryId,
        /// Where.
        site: Site,
        /// How it runs.
        edge: Edge,
    },
    /// Something that is done several times.
    Loop {
        /// Where.
        site: Site,
        /// How often.
        size: Size,
        /// Whether the number of times hangs on more than what is iterated: `while`.
        open: bool,
        /// Whether it leaves at a match, so that one iteration may be all.
        leaves: bool,
        /// What is done.
        body: Vec<Node>,
    },
    /// One of several.
    Branch {
        /// Where.
        site: Site,
        /// The alternatives and how they end.
        arms: Vec<(Vec<Node>, End)>,
    },
    /// What handlers of exceptions do; not part of the path that succeeds.
    Handlers {
        /// The `try` statement.
        site: Site,
        /// Each of them.
        arms: Vec<(Vec<Node>, End)>,
    },
    /// A generator hands out a value.
    Yield,
    /// Something is not known.
    Unknown {
        /// Why.
        why: &'static str,
        /// What is called there.
        callee: Val,
        /// Where.
        site: Site,
    },
}

/// What a function does with arguments of one shape.
#[derive(Clone, Debug)]
pub struct Summary {
    /// What was called.
    pub callee: Val,
    /// Its module.
    pub module: ModuleId,
    /// Its qualified name.
    pub qualname: Sym,
    /// Where it is defined.
    pub range: TextRange,
    /// Whether it runs on the event loop.
    pub is_async: bool,
    /// What it does, in order.
    pub nodes: Vec<Node>,
    /// What it returns.
    pub value: Val,
    /// What it yields.
    pub yields: Option<Val>,
    /// Values it left changed: what was, what is.
    pub changes: Vec<(Val, Val)>,
    /// How its body ended: raising when no path returns.
    pub end: End,
}

/// Arguments of a call.
#[derive(Clone, Debug, Default)]
pub struct Args {
    /// Positional ones.
    pub pos: Vec<Val>,
    /// By name.
    pub kw: Vec<(Sym, Val)>,
    /// What else may be passed: `*args` or `**kwargs` of unknown content.
    pub rest: Option<Val>,
}

impl Args {
    /// Positional arguments only.
    #[must_use]
    pub fn of(pos: Vec<Val>) -> Self {
        Self { pos, ..Self::default() }
    }
}

/// A running function.
#[derive(Debug)]
pub struct Frame {
    /// Where its globals are.
    pub module: ModuleId,
    env: Option<EnvId>,
    captured: Named,
    owner: Option<ObjectId>,
    first: Option<Val>,
    /// Its variables.
    pub vars: Vec<(Sym, Val)>,
    sinks: Vec<Vec<Node>>,
    returns: Vec<Val>,
    yields: Vec<Val>,
    changes: Vec<(Val, Val)>,
    /// Whether it runs on the event loop.
    pub is_async: bool,
    /// Whether the call that is evaluated stands right behind `await`.
    pub awaiting: bool,
    /// How often the loops under way turn, outermost first.
    turns: Vec<Size>,
    /// Whether a `break` or `return` stood in the innermost loop.
    left: bool,
    /// Whether a call of the statement under way never returns.
    raised: bool,
    /// Values kept aside.
    temps: usize,
}

impl Frame {
    /// A frame for code that stands in no function.
    #[must_use]
    pub fn new(module: ModuleId) -> Self {
        Self {
            module,
            env: None,
            captured: Box::default(),
            owner: None,
            first: None,
            vars: Vec::new(),
            sinks: vec![Vec::new()],
            returns: Vec::new(),
            yields: Vec::new(),
            changes: Vec::new(),
            is_async: false,
            awaiting: false,
            turns: Vec::new(),
            left: false,
            raised: false,
            temps: 0,
        }
    }

    /// Adds to what is done.
    pub fn node(&mut self, node: Node) {
        if let Some(sink) = self.sinks.last_mut() {
            sink.push(node);
        }
    }

    /// Records an effect.
    pub fn effect(&mut self, payload: u32, site: Site) {
        self.node(Node::Effect { payload, site });
    }

    /// Starts to gather what is done apart.
    pub fn open(&mut self) {
        self.sinks.push(Vec::new());
    }

    /// What was done since [`Frame::open`].
    pub fn close(&mut self) -> Vec<Node> {
        self.sinks.pop().unwrap_or_default()
    }

    /// Everything that was done.
    #[must_use]
    pub fn into_nodes(mut self) -> Vec<Node> {
        self.close()
    }

    /// How many changes of values there were.
    #[must_use]
    pub fn changes(&self) -> &[(Val, Val)] {
        &self.changes
    }
}

/// What libraries do when they are called; implemented where frameworks are known.
pub trait Library: Sized {
    /// What something that exists since import is at request time.
    fn adopt(m: &mut Machine<'_, '_, Self>, value: Value) -> Option<Val>;
    /// A value of which the type is known.
    fn of_type(m: &mut Machine<'_, '_, Self>, annotation: Value, name: Sym) -> Option<Val>;
    /// A call of something that is not read, or is a model, by its dotted path.
    fn call(m: &mut Machine<'_, '_, Self>, f: &mut Frame, path: &str, args: &Args, site: Site) -> Option<Val>;
    /// A call of a class of the program.
    fn instantiate(
        m: &mut Machine<'_, '_, Self>,
        f: &mut Frame,
        class: ObjectId,
        args: &Args,
        site: Site,
    ) -> Option<Val>;
    /// An attribute of a value of the library, or of an instance whose attribute is not known.
    fn attribute(m: &mut Machine<'_, '_, Self>, f: &mut Frame, object: Val, name: Sym, site: Site) -> Option<Val>;
    /// An attribute of a class.
    fn class_attribute(m: &mut Machine<'_, '_, Self>, class: ObjectId, name: Sym) -> Option<Val>;
    /// Whether the assignment of an attribute was dealt with.
    fn set_attribute(
        m: &mut Machine<'_, '_, Self>,
        f: &mut Frame,
        object: Val,
        name: Sym,
        value: Val,
        site: Site,
    ) -> bool;
    /// A method of a value of the library.
    fn method(m: &mut Machine<'_, '_, Self>, f: &mut Frame, object: Val, name: Sym, args: &Args, site: Site) -> Val;
    /// Whether a method of a value of the library has to be awaited.
    fn is_coroutine(m: &Machine<'_, '_, Self>, object: Val, name: Sym) -> bool;
    /// What iterating gives, and how often.
    fn iterate(m: &mut Machine<'_, '_, Self>, f: &mut Frame, object: Val, site: Site) -> Option<(Val, Size)>;
    /// What `with` binds.
    fn enter(m: &mut Machine<'_, '_, Self>, f: &mut Frame, object: Val, site: Site) -> Option<Val>;
    /// The end of a `with` block.
    fn exit(m: &mut Machine<'_, '_, Self>, f: &mut Frame, object: Val, entered: Val, site: Site);
    /// One value for two of the library, where that says what both do.
    fn join(m: &mut Machine<'_, '_, Self>, left: Val, right: Val) -> Option<Val>;
    /// An operator on values of the library.
    fn operator(m: &mut Machine<'_, '_, Self>, op: &str, left: Val, right: Val) -> Option<Val>;
    /// Something went on in an item of a value of the library: `value[index]`.
    fn item(m: &mut Machine<'_, '_, Self>, f: &mut Frame, object: Val, index: Val, site: Site) -> Option<Val>;
    /// A statement that is only a call whose coroutine nobody awaits.
    fn dropped(m: &mut Machine<'_, '_, Self>, f: &mut Frame, pending: Val, site: Site);
    /// Whether a handler has to expect that objects are not what they were: what the body of its `try` did may fail.
    fn may_fail(m: &mut Machine<'_, '_, Self>, body: &[Node]) -> bool;
    /// A handler begins after such a failure.
    fn failed(m: &mut Machine<'_, '_, Self>, f: &mut Frame);
    /// Whether functions of a package of the environment are followed.
    fn follows(m: &Machine<'_, '_, Self>, module: ModuleId) -> bool;
}

/// A function made while a request is served.
#[derive(Clone, Copy, Debug)]
struct Closure<'a> {
    node: FunctionNode<'a>,
    module: ModuleId,
    env: Option<EnvId>,
    owner: Option<ObjectId>,
    qualname: Sym,
}

/// The request-time machine.
pub struct Machine<'m, 'a, L: Library> {
    /// The machine that ran the imports.
    pub ev: &'m mut Evaluator<'a>,
    /// What is known of libraries.
    pub lib: L,
    /// Values.
    pub values: Values,
    /// What functions do.
    pub summaries: Vec<Summary>,
    index: FxHashMap<(Val, Box<[Val]>), Option<SummaryId>>,
    contexts: FxHashMap<Val, (u32, SummaryId)>,
    closures: Vec<Closure<'a>>,
    closure_index: FxHashMap<(ModuleId, TextRange), u32>,
    adopted: FxHashMap<ObjectId, Val>,
    annotations: FxHashMap<(ModuleId, TextRange), Option<Value>>,
    typed: FxHashMap<(Value0, Sym), Val>,
    /// Steps left.
    pub steps: u64,
    depth: u32,
    names: Names,
    temporaries: Vec<Sym>,
}

type Value0 = (u8, u32);

/// Symbols the machine itself uses.
#[derive(Debug)]
struct Names {
    init: Sym,
    enter: Sym,
    aenter: Sym,
    exit: Sym,
    aexit: Sym,
    call: Sym,
    iter: Sym,
    aiter: Sym,
    getitem: Sym,
    getattr: Sym,
    class: Sym,
    dict: Sym,
    name: Sym,
    fields: Sym,
    members: Sym,
    result: Sym,
}

impl<'m, 'a, L: Library> Machine<'m, 'a, L> {
    /// A machine on what the evaluator built.
    pub fn new(ev: &'m mut Evaluator<'a>, lib: L) -> Self {
        let names = Names {
            init: ev.names.intern("__init__"),
            enter: ev.names.intern("__enter__"),
            aenter: ev.names.intern("__aenter__"),
            exit: ev.names.intern("__exit__"),
            aexit: ev.names.intern("__aexit__"),
            call: ev.names.intern("__call__"),
            iter: ev.names.intern("__iter__"),
            aiter: ev.names.intern("__aiter__"),
            getitem: ev.names.intern("__getitem__"),
            getattr: ev.names.intern("__getattr__"),
            class: ev.names.intern("__class__"),
            dict: ev.names.intern("__dict__"),
            name: ev.names.intern("__name__"),
            fields: ev.names.intern("__architect_fields__"),
            members: ev.names.intern("__members__"),
            result: ev.names.intern("<result>"),
        };
        Self {
            ev,
            lib,
            values: Values::default(),
            summaries: Vec::new(),
            index: FxHashMap::default(),
            contexts: FxHashMap::default(),
            closures: Vec::new(),
            closure_index: FxHashMap::default(),
            adopted: FxHashMap::default(),
            annotations: FxHashMap::default(),
            typed: FxHashMap::default(),
            steps: STEPS,
            depth: 0,
            names,
            temporaries: Vec::new(),
        }
    }

    /// Whether the budget was used up.
    #[must_use]
    pub fn exhausted(&self) -> bool {
        self.steps == 0
    }

    /// What a value is.
    #[must_use]
    pub fn v(&self, val: Val) -> &V {
        self.values.get(val)
    }

    /// The id of a value.
    pub fn make(&mut self, v: V) -> Val {
        self.values.make(v)
    }

    /// A symbol.
    pub fn sym(&mut self, text: &str) -> Sym {
        self.ev.names.intern(text)
    }

    /// Its text.
    #[must_use]
    pub fn name(&self, sym: Sym) -> &str {
        self.ev.names.text(sym)
    }

    /// A text as a value.
    pub fn text(&mut self, text: &str) -> Val {
        let sym = self.sym(text);
        self.make(V::Str(sym))
    }

    /// The text of a value.
    #[must_use]
    pub fn str_of(&self, val: Val) -> Option<&str> {
        match self.v(val) {
            V::Str(sym) => Some(self.name(*sym)),
            V::Heap(id) => self.ev.text(Value::Obj(*id)),
            _ => None,
        }
    }

    /// A value of a scalar type.
    pub fn scalar(&mut self, type_name: &str) -> Val {
        let sym = self.sym(type_name);
        self.make(V::Scalar(sym))
    }

    /// A boolean.
    #[must_use]
    pub fn bool(&self, value: bool) -> Val {
        if value { Val::TRUE } else { Val::FALSE }
    }

    /// A collection.
    pub fn coll(&mut self, elem: Val, size: Size, site: Option<Site>) -> Val {
        self.make(V::Coll { kind: Kind::List, elem, size, site })
    }

    /// An import-time value at request time.
    pub fn heap(&mut self, value: Value) -> Val {
        match value {
            Value::None | Value::Ellipsis => Val::NONE,
            Value::Bool(b) => self.bool(b),
            Value::Int(int) => self.make(V::Int(int)),
            Value::Float(_) => self.scalar("float"),
            Value::Str(sym) => self.make(V::Str(sym)),
            Value::Unknown(_) => Val::UNKNOWN,
            Value::Obj(id) => {
                if let Some(known) = self.adopted.get(&id) {
                    return *known;
                }
                let plain = self.make(V::Heap(id));
                self.adopted.insert(id, plain);
                let val = match self.ev.object(id) {
                    Object::Alternatives(parts) => {
                        let parts = parts.clone();
                        let parts = parts.into_iter().map(|part| self.heap(part)).collect();
                        self.union(parts)
                    }
                    Object::Bound { receiver, function } => {
                        let (receiver, function) = (*receiver, *function);
                        let (receiver, function) = (self.heap(receiver), self.heap(function));
                        self.make(V::Bound(receiver, function))
                    }
                    Object::Bytes(_) => self.scalar("bytes"),
                    _ => L::adopt(self, value).unwrap_or(plain),
                };
                self.adopted.insert(id, val);
                val
            }
        }
    }

    /// The object of an import-time value.
    #[must_use]
    pub fn heap_object(&self, val: Val) -> Option<&Object<'a>> {
        match self.v(val) {
            V::Heap(id) => Some(self.ev.object(*id)),
            _ => None,
        }
    }

    /// The dotted path of something that is not read, or of a name of a model module.
    #[must_use]
    pub fn path(&self, val: Val) -> Option<String> {
        let V::Heap(id) = self.v(val) else { return None };
        self.path_of(Value::Obj(*id))
    }

    /// The same for an import-time value.
    #[must_use]
    pub fn path_of(&self, value: Value) -> Option<String> {
        match self.ev.obj(value)? {
            Object::External(path) => Some(self.name(*path).to_owned()),
            Object::Opaque { callee, .. } => self.path_of(*callee).map(|path| format!("{path}()")),
            Object::Function(function) => {
                let module = self.ev.program.module(function.module);
                let own = module.kind == crate::parse::ModuleKind::Project;
                (!own).then(|| {
                    let mut path = format!("{}.{}", module.name, self.name(function.qualname));
                    // A function that a model makes by name: `and_ = _function("AND")`.
                    if let Some(made) = function.env.and_then(|env| self.ev.scope_text(env, "name")) {
                        path.push(':');
                        path.push_str(&made);
                    }
                    path
                })
            }
            Object::Class(class) => {
                let own = class
                    .site
                    .is_some_and(|site| self.ev.program.module(site.module).kind == crate::parse::ModuleKind::Project);
                (!own).then(|| format!("{}.{}", self.name(class.module), self.name(class.qualname)))
            }
            Object::Native(name) => Some(format!("builtins.{name}")),
            Object::Generic { origin, .. } => self.path_of(*origin),
            _ => None,
        }
    }

    /// The class a value is an instance of.
    #[must_use]
    pub fn class_of(&self, val: Val) -> Option<ObjectId> {
        match self.v(val) {
            V::Inst { class, .. } => Some(*class),
            V::Heap(id) => match self.ev.object(*id) {
                Object::Instance { class, .. } => Some(*class),
                _ => None,
            },
            _ => None,
        }
    }

    /// An attribute that an instance was given.
    #[must_use]
    pub fn own(&self, val: Val, name: Sym) -> Option<Val> {
        match self.v(val) {
            V::Inst { attrs, .. } => attrs.iter().find(|(n, _)| *n == name).map(|(_, v)| *v),
            _ => None,
        }
    }

    /// An instance with an attribute changed; without it where there is no value.
    pub fn with(&mut self, val: Val, name: Sym, value: Option<Val>) -> Val {
        let V::Inst { class, tag, site, attrs } = self.v(val).clone() else { return val };
        let mut attrs = attrs.into_vec();
        attrs.retain(|(n, _)| *n != name);
        if let Some(value) = value {
            attrs.push((name, value));
            attrs.sort_by_key(|(n, _)| *n);
        }
        self.make(V::Inst { class, tag, site, attrs: attrs.into() })
    }

    /// An argument by place or name.
    #[must_use]
    pub fn arg(&self, args: &Args, at: usize, name: &str) -> Option<Val> {
        let named = || args.kw.iter().find(|(n, _)| self.name(*n) == name).map(|(_, v)| *v);
        if at == usize::MAX { named() } else { args.pos.get(at).copied().or_else(named) }
    }

    fn step(&mut self) -> bool {
        self.steps = self.steps.saturating_sub(1);
        self.steps > 0
    }

    fn site(&self, f: &Frame, range: TextRange) -> Site {
        Site { module: f.module, range }
    }

    /// The summary of a function.
    #[must_use]
    pub fn summary(&self, id: SummaryId) -> &Summary {
        &self.summaries[id as usize]
    }

    /// Keeps what was done as the summary of something that is no function of the program.
    pub fn keep(&mut self, name: &str, module: ModuleId, range: TextRange, nodes: Vec<Node>, value: Val) -> SummaryId {
        let qualname = self.sym(name);
        let id = SummaryId::try_from(self.summaries.len()).unwrap_or(0);
        self.summaries.push(Summary {
            callee: Val::NONE,
            module,
            qualname,
            range,
            is_async: false,
            nodes,
            value,
            yields: None,
            changes: Vec::new(),
            end: End::Normal,
        });
        id
    }

    fn annotation(
        &mut self,
        expr: &'a ast::Expr,
        module: ModuleId,
        env: Option<EnvId>,
        owner: Option<ObjectId>,
    ) -> Option<Value> {
        let key = (module, ruff_text_size::Ranged::range(expr));
        if let Some(known) = self.annotations.get(&key) {
            return *known;
        }
        self.ev.refuel();
        let value = self.ev.annotation(expr, module, env, owner);
        self.annotations.insert(key, value);
        value
    }
}
