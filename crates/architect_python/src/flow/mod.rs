//! Request time: what a function does when it is called, on symbolic values.
//!
//! After import time the program stands on the heap; this machine calls its functions with values of which often only
//! the type is known, and records *effects*: what the library it was given ([`Library`]) says a call or an attribute
//! does. Values are immutable and interned ([`Val`]), so that a function that is called twice with equal values is run
//! once: its [`Summary`] is a node of the caller's. Cost is therefore linear in the call graph.
//!
//! Invariants: nothing of the import-time heap changes; it always ends (steps, depth, contexts a function); what it
//! does not know is [`Val::UNKNOWN`], never a guess.

mod attribute;
mod builtins;
mod call;
mod expr;
mod filled;
mod generators;
mod items;
mod join;
mod library;
mod lookups;
mod loops;
mod memo;
mod operators;
mod stmt;
mod summarise;
mod summary;
mod targets;
mod types;
mod value;

use std::rc::Rc;

use ruff_python_ast as ast;
use ruff_text_size::{TextRange, TextSize};
use rustc_hash::FxHashMap;

use crate::eval::Evaluator;
use crate::value::{EnvId, FunctionNode, ModuleId, Object, ObjectId, Site, Sym, Value};

pub use library::{Decides, Library};
pub use summary::{Edge, End, Node, Summary, SummaryId};
pub use value::{Kind, Named, Size, V, Val, Values};

/// Expressions and statements walked at most.
const STEPS: u64 = 6_000_000;
/// One request may take this part of the steps that are left.
const SHARE: u64 = 12;
/// Steps that every request gets as long as there are some.
const LEAST_SHARE: u64 = 20_000;
/// Values that are looked at for one step.
const VALUES_PER_STEP: usize = 16;
/// Nested calls at most.
const DEPTH: u32 = 70;
/// Shapes of arguments of the same classes for which a function is run on its own.
const CONTEXTS: u32 = 80;
/// Shapes of generalised arguments; beyond, the last summary stands for all.
const WIDE_CONTEXTS: u32 = 110;

/// The attribute that `setattr` sets where its name is not known.
pub const ANY_ATTRIBUTE: &str = "<any>";

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
    /// The text of its function; none of a frame for code that stands in no function.
    whole: Option<TextRange>,
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
    /// The key of the innermost loop, where that is over a dictionary.
    key: Option<Sym>,
    /// What the innermost loop does in one turn at most: for one key.
    single: Vec<Node>,
    /// Whether a `break` or `return` stood in the innermost loop.
    left: bool,
    /// Whether a call of the statement under way never returns.
    raised: bool,
    /// Values kept aside.
    temps: usize,
    /// What was looked for and may not be there, as long as nothing asked whether it is.
    lookups: lookups::Lookups,
    /// Attributes of objects of import time that it gave a value: the object, the attribute, and the variable with it.
    given: Vec<(ObjectId, Sym, Sym)>,
}

impl Frame {
    /// A frame for code that stands in no function.
    #[must_use]
    pub fn new(module: ModuleId) -> Self {
        Self {
            module,
            whole: None,
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
            key: None,
            single: Vec::new(),
            left: false,
            raised: false,
            temps: 0,
            lookups: lookups::Lookups::default(),
            given: Vec::new(),
        }
    }

    /// Whether a place stands in the function that runs.
    pub(super) fn holds(&self, site: Site) -> bool {
        site.module == self.module && self.whole.is_none_or(|whole| whole.contains_range(site.range))
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

    /// A loop that stands there waits for what comes, where it is not known to be over something that is there: a
    /// stream of events or of messages.
    fn waits(&mut self, at: Site) {
        if let Some(Node::Loop { site, size: Size::Unknown, open, .. }) =
            self.sinks.last_mut().and_then(|sink| sink.last_mut())
            && *site == at
        {
            *open = true;
        }
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
    /// For a function and the classes that it is called with: how often it was run, and what the last run gave.
    contexts: FxHashMap<Meant, (u32, SummaryId)>,
    closures: Vec<Closure<'a>>,
    closure_index: FxHashMap<(ModuleId, TextRange), u32>,
    adopted: FxHashMap<ObjectId, Val>,
    /// Dotted paths of what was called.
    paths: FxHashMap<ObjectId, Option<Rc<str>>>,
    annotations: FxHashMap<(ModuleId, TextRange), Option<Value>>,
    typed: FxHashMap<(Value0, Sym), Val>,
    /// Fields that callers may leave out, by where they are read.
    sent: FxHashMap<Site, (ObjectId, Sym)>,
    /// Steps left.
    pub steps: u64,
    depth: u32,
    names: Names,
    temporaries: Vec<Sym>,
    /// Parts of the values that are being rebuilt.
    parts: Vec<Val>,
    /// Room for the values that the replacement under way has changed.
    rewritten: FxHashMap<Val, Val>,
    /// What pairs of values were joined to.
    joined: FxHashMap<(Val, Val), Option<Val>>,
    /// Work on values that is less than a step.
    work: usize,
    /// Whether something had more to do than its share of the budget.
    spent: bool,
    /// For globals that were `None`: where functions of their module say `global`, and whether other modules set them.
    filled: FxHashMap<(ModuleId, Sym), (Vec<TextSize>, bool)>,
    /// For attributes that were `None`: where methods of their class set them.
    filled_by_methods: FxHashMap<(ObjectId, Sym), Vec<TextSize>>,
}

type Value0 = (u8, u32);

/// A function, and the classes that it is called with.
type Meant = (Val, Box<[ObjectId]>);

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
    /// An attribute that nobody wrote: the instance may as well be something that is not known.
    doubt: Sym,
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
            doubt: ev.names.intern("<doubt>"),
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
            paths: FxHashMap::default(),
            annotations: FxHashMap::default(),
            typed: FxHashMap::default(),
            sent: FxHashMap::default(),
            steps: STEPS,
            depth: 0,
            names,
            temporaries: Vec::new(),
            parts: Vec::new(),
            rewritten: FxHashMap::default(),
            joined: FxHashMap::default(),
            work: 0,
            spent: false,
            filled: FxHashMap::default(),
            filled_by_methods: FxHashMap::default(),
        }
    }

    /// Whether the budget was used up.
    #[must_use]
    pub fn exhausted(&self) -> bool {
        self.spent || self.steps == 0
    }

    /// Runs something with a share of what is left, so that it cannot take everything from what comes after it.
    pub fn with_share<T>(&mut self, run: impl FnOnce(&mut Self) -> T) -> T {
        let granted = (self.steps / SHARE).max(LEAST_SHARE.min(self.steps));
        let kept = self.steps - granted;
        self.steps = granted;
        let out = run(self);
        self.spent |= self.steps == 0;
        self.steps += kept;
        out
    }

    /// Pays for work on so many values.
    fn charge(&mut self, values: usize) {
        self.work += values;
        if self.work >= VALUES_PER_STEP {
            self.steps = self.steps.saturating_sub((self.work / VALUES_PER_STEP) as u64);
            self.work %= VALUES_PER_STEP;
        }
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

    /// The same for an object that is called.
    pub(super) fn path_of_callee(&mut self, id: ObjectId) -> Option<Rc<str>> {
        if let Some(known) = self.paths.get(&id) {
            return known.clone();
        }
        let path: Option<Rc<str>> = self.path_of(Value::Obj(id)).map(Into::into);
        self.paths.insert(id, path.clone());
        path
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
        let V::Inst { class, tag, site, attrs: known } = self.v(val) else { return val };
        let (class, tag, site) = (*class, *tag, *site);
        let mut attrs: Vec<(Sym, Val)> = Vec::with_capacity(known.len() + 1);
        attrs.extend(known.iter().filter(|(n, _)| *n != name));
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
            whole: range,
            is_async: false,
            nodes,
            value,
            yields: None,
            changes: Vec::new(),
            end: End::Normal,
            absent: false,
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
