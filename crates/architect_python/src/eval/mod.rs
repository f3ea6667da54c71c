//! The evaluator: runs module bodies the way Python would, on values that may be unknown.
//!
//! Invariants: it always ends (fuel, depth), never fails (what it cannot do is an unknown with a reason), and never
//! asserts what only exists on an unknown branch (such objects carry their condition).

mod attr;
mod budget;
mod builtins;
mod call;
mod class;
mod expr;
mod host;
mod import;
mod methods;
mod probe;
mod regex;
mod signature;
mod stmt;
mod typing;

use ruff_text_size::TextRange;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::parse::ModuleKind;
use crate::project::Program;
use crate::value::{
    CallArgs, ClassObject, DictData, DictKey, EnvId, FunctionObject, Interner, ModuleId, Namespace, Object, ObjectId,
    Site, Sym, UnknownId, Value,
};

pub use signature::{Sig, SigParam};

/// Expressions evaluated at most, over the whole run.
const FUEL: u64 = 12_000_000;
/// Expressions evaluated at most for one statement of a module, or one question of a recogniser.
pub(crate) const STATEMENT_FUEL: u64 = 600_000;
/// Expressions evaluated at most to find out one name of a package of the environment.
pub(crate) const NAME_FUEL: u64 = 40_000;
/// Expressions evaluated at most for one call into a package of the environment.
pub(crate) const ABROAD_FUEL: u64 = 60_000;
/// Iterations of one loop at most.
const LOOP_LIMIT: usize = 20_000;
/// Nested calls at most.
const DEPTH_LIMIT: u32 = 140;
/// Alternatives of one value at most.
const MAX_ALTERNATIVES: usize = 4;

/// Why evaluation does not go on.
#[derive(Clone, Copy, Debug)]
pub enum Flow {
    /// An exception.
    Raise(Value),
    /// The budget is spent.
    Exhausted,
}

pub(crate) type Eval<T = Value> = Result<T, Flow>;

/// How a block ended.
#[derive(Clone, Copy, Debug)]
pub(crate) enum End {
    Normal,
    Return(Value),
    Break,
    Continue,
}

/// What the evaluator is told about the target.
#[derive(Clone, Debug, Default)]
pub struct Setup {
    /// Environment variables of the program under review.
    pub env: Vec<(String, String)>,
    /// Names that models read through `_architect.setting(name)`: library versions and the like.
    pub settings: Vec<(String, String)>,
}

#[derive(Debug, Default)]
pub(crate) struct Env {
    pub vars: Vec<(Sym, Value)>,
    pub parent: Option<EnvId>,
    pub outer: Vec<(Sym, bool)>,
}

/// A running piece of code.
#[derive(Debug)]
pub(crate) struct Frame {
    pub module: ModuleId,
    pub env: Option<EnvId>,
    pub class: Option<ObjectId>,
    pub owner: Option<ObjectId>,
    pub first: Option<Value>,
    pub yields: Option<Vec<Value>>,
    pub returns: Vec<Value>,
    pub qualname: Option<Sym>,
    pub handling: Option<Value>,
}

impl Frame {
    fn of_module(module: ModuleId) -> Self {
        Self {
            module,
            env: None,
            class: None,
            owner: None,
            first: None,
            yields: None,
            returns: Vec::new(),
            qualname: None,
            handling: None,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    New,
    Running,
    Done,
}

pub(crate) struct ModuleState<'a> {
    state: State,
    pub ns: Namespace,
    /// What its import raised where somebody catches it.
    failed: Option<Value>,
    object: Option<ObjectId>,
    /// For modules evaluated name by name: which statements bind a name.
    bindings: Option<FxHashMap<Sym, Vec<&'a ruff_python_ast::Stmt>>>,
    resolving: Vec<Sym>,
    /// Packages whose names `from … import *` brought in, to be looked up when one is asked for.
    stars: Vec<ModuleId>,
    /// Names that none of them has.
    absent: FxHashSet<Sym>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Place {
    Env(EnvId, Sym),
    Global(ModuleId, Sym),
    Attr(ObjectId, Sym),
    Item(ObjectId, DictKey),
}

/// The abstract machine.
pub struct Evaluator<'a> {
    /// The program it runs.
    pub program: &'a Program<'a>,
    /// Its strings.
    pub names: Interner,
    heap: Vec<Object<'a>>,
    /// For every object, how many values hang on it that cannot change.
    sizes: Vec<u32>,
    limits: budget::Limits,
    envs: Vec<Env>,
    pub(crate) modules: Vec<ModuleState<'a>>,
    unknowns: Vec<(String, Option<Site>)>,
    unknown_index: FxHashMap<(String, Option<Site>), UnknownId>,
    conditions: Vec<Site>,
    active_conditions: Vec<u32>,
    journal: Vec<Vec<(Place, Option<Value>)>>,
    builtins: FxHashMap<Sym, Value>,
    externals: FxHashMap<Sym, ObjectId>,
    generics: FxHashMap<(ObjectId, Vec<DictKey>), ObjectId>,
    builtin_classes: FxHashMap<&'static str, ObjectId>,
    fuel: u64,
    total: u64,
    costs: Option<probe::Costs>,
    /// Whether a call into a package of the environment is under way.
    abroad: bool,
    /// Syntax trees of annotations written as strings, by module and text; nothing for what is no expression.
    string_annotations: FxHashMap<(ModuleId, Sym), Option<&'a ruff_python_ast::Expr>>,
    /// Those that are being resolved.
    annotations_under_way: Vec<(ModuleId, Sym)>,
    /// Functions of packages that found no end within their budget once.
    too_costly: FxHashSet<(ModuleId, Sym)>,
    depth: u32,
    trying: u32,
    setup: Setup,
    missing: FxHashMap<String, Site>,
    import_failures: Vec<(String, Site)>,
    current: Site,
    environ: Option<Value>,
    /// Whether the subscription that is evaluated stands at the top of a module and not in a function or class.
    at_top: bool,
    /// Calls under way, outermost first.
    stack: Vec<Site>,
    origins: FxHashMap<ObjectId, Site>,
    known: Known,
}

/// Symbols the machine itself uses.
#[derive(Debug)]
pub(crate) struct Known {
    init: Sym,
    new: Sym,
    call: Sym,
    name: Sym,
    qualname: Sym,
    module: Sym,
    doc: Sym,
    dict: Sym,
    class: Sym,
    file: Sym,
    all: Sym,
    getattr: Sym,
    wrapped: Sym,
    annotations: Sym,
    value: Sym,
    members: Sym,
    signature: Sym,
    init_subclass: Sym,
    set_name: Sym,
    get: Sym,
    enter: Sym,
    aenter: Sym,
    getitem: Sym,
    class_getitem: Sym,
    iter: Sym,
    args: Sym,
    bases: Sym,
    mro: Sym,
}

impl<'a> Evaluator<'a> {
    /// A fresh machine for `program`.
    #[must_use]
    pub fn new(program: &'a Program<'a>, setup: Setup) -> Self {
        let mut names = Interner::default();
        let known = Known {
            init: names.intern("__init__"),
            new: names.intern("__new__"),
            call: names.intern("__call__"),
            name: names.intern("__name__"),
            qualname: names.intern("__qualname__"),
            module: names.intern("__module__"),
            doc: names.intern("__doc__"),
            dict: names.intern("__dict__"),
            class: names.intern("__class__"),
            file: names.intern("__file__"),
            all: names.intern("__all__"),
            getattr: names.intern("__getattr__"),
            wrapped: names.intern("__wrapped__"),
            annotations: names.intern("__annotations__"),
            value: names.intern("value"),
            members: names.intern("__members__"),
            signature: names.intern("__signature__"),
            init_subclass: names.intern("__init_subclass__"),
            set_name: names.intern("__set_name__"),
            get: names.intern("__get__"),
            enter: names.intern("__enter__"),
            aenter: names.intern("__aenter__"),
            getitem: names.intern("__getitem__"),
            class_getitem: names.intern("__class_getitem__"),
            iter: names.intern("__iter__"),
            args: names.intern("args"),
            bases: names.intern("__bases__"),
            mro: names.intern("__mro__"),
        };
        let mut machine = Self {
            program,
            names,
            heap: Vec::new(),
            sizes: Vec::new(),
            limits: budget::Limits::new(),
            envs: Vec::new(),
            modules: Vec::new(),
            unknowns: Vec::new(),
            unknown_index: FxHashMap::default(),
            conditions: Vec::new(),
            active_conditions: Vec::new(),
            journal: Vec::new(),
            builtins: FxHashMap::default(),
            externals: FxHashMap::default(),
            generics: FxHashMap::default(),
            builtin_classes: FxHashMap::default(),
            fuel: STATEMENT_FUEL,
            total: FUEL,
            costs: None,
            abroad: false,
            string_annotations: FxHashMap::default(),
            annotations_under_way: Vec::new(),
            too_costly: FxHashSet::default(),
            depth: 0,
            trying: 0,
            setup,
            missing: FxHashMap::default(),
            import_failures: Vec::new(),
            current: Site { module: ModuleId(0), range: TextRange::default() },
            environ: None,
            at_top: false,
            stack: Vec::new(),
            origins: FxHashMap::default(),
            known,
        };
        machine.install_builtins();
        machine
    }

    // ------------------------------------------------------------------ heap

    /// Puts an object on the heap; one with too many parts to be walked is unknown.
    pub fn alloc(&mut self, object: Object<'a>) -> Value {
        let Some(size) = self.admit(&object) else { return self.unknown("a value of too many parts") };
        let id = ObjectId(u32::try_from(self.heap.len()).unwrap_or(u32::MAX));
        self.heap.push(object);
        self.sizes.push(size);
        Value::Obj(id)
    }

    /// The object behind an id.
    #[must_use]
    pub fn object(&self, id: ObjectId) -> &Object<'a> {
        &self.heap[id.0 as usize]
    }

    pub(crate) fn object_mut(&mut self, id: ObjectId) -> &mut Object<'a> {
        &mut self.heap[id.0 as usize]
    }

    /// The object behind a value, if it is one.
    #[must_use]
    pub fn obj(&self, value: Value) -> Option<&Object<'a>> {
        match value {
            Value::Obj(id) => Some(self.object(id)),
            _ => None,
        }
    }

    /// Every object, in the order of creation.
    pub fn objects(&self) -> impl Iterator<Item = (ObjectId, &Object<'a>)> {
        self.heap.iter().enumerate().map(|(index, object)| (ObjectId(u32::try_from(index).unwrap_or(u32::MAX)), object))
    }

    /// The class behind a value, if it is one.
    #[must_use]
    pub fn class(&self, value: Value) -> Option<&ClassObject<'a>> {
        match self.obj(value) {
            Some(Object::Class(class)) => Some(class),
            _ => None,
        }
    }

    /// The function behind a value: bound methods and decorated methods are looked through.
    #[must_use]
    pub fn function(&self, value: Value) -> Option<(ObjectId, &FunctionObject<'a>)> {
        match value {
            Value::Obj(id) => match self.object(id) {
                Object::Function(function) => Some((id, function)),
                Object::Bound { function, .. } | Object::Static(function) | Object::ClassMethod(function) => {
                    self.function(*function)
                }
                _ => None,
            },
            _ => None,
        }
    }

    /// A string value.
    pub fn str(&mut self, text: &str) -> Value {
        if text.len() > budget::MAX_TEXT {
            return self.unknown("a very long text");
        }
        self.charge(text.len() / 64);
        let before = self.names.len();
        let name = self.names.intern(text);
        if self.names.len() > before {
            self.weigh(text.len() * 2);
        }
        Value::Str(name)
    }

    /// The text of a string value, enumeration members of a `str` enumeration included.
    #[must_use]
    pub fn text(&self, value: Value) -> Option<&str> {
        match value {
            Value::Str(sym) => Some(self.names.text(sym)),
            Value::Obj(id) => match self.object(id) {
                Object::Instance { attrs, class, .. }
                    if self
                        .class(Value::Obj(*class))
                        .is_some_and(|c| c.mro.iter().any(|m| self.builtin_classes.get("str") == Some(m))) =>
                {
                    attrs.get(&self.known.value).and_then(|value| match value {
                        Value::Str(sym) => Some(self.names.text(*sym)),
                        _ => None,
                    })
                }
                _ => None,
            },
            _ => None,
        }
    }

    pub(crate) fn list(&mut self, items: Vec<Value>) -> Value {
        self.alloc(Object::List(items, false))
    }

    pub(crate) fn tuple(&mut self, items: Vec<Value>) -> Value {
        self.alloc(Object::Tuple(items))
    }

    pub(crate) fn dict(&mut self, pairs: Vec<(Value, Value)>) -> Value {
        let mut data = DictData::default();
        for (key, value) in pairs {
            match self.key(key) {
                Some(k) => {
                    data.items.insert(k, (key, value));
                }
                None => data.open = true,
            }
        }
        self.alloc(Object::Dict(data))
    }

    /// The hashable form of a value; `None` for what is unknown or cannot be hashed.
    #[must_use]
    pub fn key(&self, value: Value) -> Option<DictKey> {
        Some(match value {
            Value::None => DictKey::None,
            Value::Ellipsis => DictKey::Ellipsis,
            Value::Bool(b) => DictKey::Int(i64::from(b)),
            Value::Int(i) => DictKey::Int(i),
            Value::Float(f) => DictKey::Float(f.to_bits()),
            Value::Str(s) => DictKey::Str(s),
            Value::Unknown(_) => return None,
            Value::Obj(id) => match self.object(id) {
                Object::Bytes(bytes) => {
                    self.charge_later(bytes.len() / 64);
                    DictKey::Bytes(bytes.clone())
                }
                Object::Tuple(items) => {
                    self.charge_later(items.len());
                    DictKey::Tuple(items.iter().map(|item| self.key(*item)).collect::<Option<_>>()?)
                }
                Object::Generic { origin, args } => {
                    let mut parts = vec![self.key(*origin)?];
                    for arg in args {
                        parts.push(self.key(*arg)?);
                    }
                    DictKey::Tuple(parts.into())
                }
                Object::Alternatives(_) => return None,
                Object::Instance { .. } => match self.text(value).and_then(|text| self.names.lookup(text)) {
                    Some(sym) => DictKey::Str(sym),
                    None => DictKey::Obj(id),
                },
                _ => DictKey::Obj(id),
            },
        })
    }

    // --------------------------------------------------------------- unknown

    /// An unknown value and why.
    pub fn unknown(&mut self, why: impl Into<String>) -> Value {
        let site = Some(self.current);
        self.unknown_at(why, site)
    }

    pub(crate) fn unknown_at(&mut self, why: impl Into<String>, site: Option<Site>) -> Value {
        let key = (why.into(), site);
        if let Some(id) = self.unknown_index.get(&key) {
            return Value::Unknown(*id);
        }
        let id = UnknownId(u32::try_from(self.unknowns.len()).unwrap_or(u32::MAX));
        self.weigh(2 * (key.0.len() + 64));
        self.unknowns.push(key.clone());
        self.unknown_index.insert(key, id);
        Value::Unknown(id)
    }

    /// Why a value is unknown, and where.
    #[must_use]
    pub fn reason(&self, id: UnknownId) -> (&str, Option<Site>) {
        let (why, site) = &self.unknowns[id.0 as usize];
        (why, *site)
    }

    /// Packages that were imported and are not installed, with one place each.
    #[must_use]
    pub fn missing_packages(&self) -> Vec<(&str, Site)> {
        let mut out: Vec<_> = self.missing.iter().map(|(name, site)| (name.as_str(), *site)).collect();
        out.sort_by(|a, b| a.0.cmp(b.0));
        out
    }

    /// Modules of the project whose evaluation ended early, and where.
    #[must_use]
    pub fn failures(&self) -> &[(String, Site)] {
        &self.import_failures
    }

    /// Whether the evaluation budget is spent.
    #[must_use]
    pub fn exhausted(&self) -> bool {
        self.total == 0
    }

    /// Where a condition is tested.
    #[must_use]
    pub fn condition(&self, index: u32) -> Site {
        self.conditions[index as usize]
    }

    pub(crate) fn active_condition(&self) -> Option<u32> {
        self.active_conditions.last().copied()
    }

    /// One value for several: themselves if equal, alternatives if few, unknown if many.
    pub(crate) fn alternatives(&mut self, values: Vec<Value>) -> Value {
        let mut flat: Vec<Value> = Vec::new();
        for value in values {
            if flat.len() > MAX_ALTERNATIVES {
                break;
            }
            let parts = match self.obj(value) {
                Some(Object::Alternatives(parts)) => parts.clone(),
                _ => vec![value],
            };
            for part in parts {
                if !flat.contains(&part) {
                    flat.push(part);
                }
            }
        }
        match flat.len() {
            0 => Value::None,
            1 => flat[0],
            n if n <= MAX_ALTERNATIVES => self.alloc(Object::Alternatives(flat)),
            _ => self.unknown("one of many values"),
        }
    }

    // ------------------------------------------------------------- variables

    fn record(&mut self, place: Place, old: Option<Value>) {
        if let Some(journal) = self.journal.last_mut() {
            journal.push((place, old));
        }
    }

    pub(crate) fn new_env(&mut self, parent: Option<EnvId>) -> EnvId {
        let id = EnvId(u32::try_from(self.envs.len()).unwrap_or(u32::MAX));
        self.weigh_env();
        self.envs.push(Env { vars: Vec::new(), parent, outer: Vec::new() });
        id
    }

    pub(crate) fn set_local(&mut self, env: EnvId, name: Sym, value: Value) {
        self.charge(self.envs[env.0 as usize].vars.len() / 64);
        let vars = &mut self.envs[env.0 as usize].vars;
        let old = match vars.iter_mut().find(|(n, _)| *n == name) {
            Some(slot) => Some(std::mem::replace(&mut slot.1, value)),
            None => {
                vars.push((name, value));
                None
            }
        };
        self.record(Place::Env(env, name), old);
    }

    pub(crate) fn set_global(&mut self, module: ModuleId, name: Sym, value: Value) {
        let old = self.state(module).ns.insert(name, value);
        self.record(Place::Global(module, name), old);
    }

    pub(crate) fn state(&mut self, module: ModuleId) -> &mut ModuleState<'a> {
        let index = module.0 as usize;
        while self.modules.len() <= index {
            self.modules.push(ModuleState {
                state: State::New,
                ns: Namespace::default(),
                failed: None,
                object: None,
                bindings: None,
                resolving: Vec::new(),
                stars: Vec::new(),
                absent: FxHashSet::default(),
            });
        }
        &mut self.modules[index]
    }

    pub(crate) fn assign(&mut self, frame: &Frame, name: Sym, value: Value) {
        if let Some(env) = frame.env {
            if let Some((_, global)) = self.envs[env.0 as usize].outer.iter().find(|(n, _)| *n == name) {
                if *global {
                    self.set_global(frame.module, name, value);
                } else {
                    let mut scope = self.envs[env.0 as usize].parent;
                    while let Some(id) = scope {
                        if self.envs[id.0 as usize].vars.iter().any(|(n, _)| *n == name) {
                            self.set_local(id, name, value);
                            return;
                        }
                        scope = self.envs[id.0 as usize].parent;
                    }
                }
                return;
            }
        }
        if let Some(class) = frame.class {
            let old = match self.object_mut(class) {
                Object::Class(class) => class.ns.insert(name, value),
                _ => None,
            };
            self.record(Place::Attr(class, name), old);
        } else if let Some(env) = frame.env {
            self.set_local(env, name, value);
        } else {
            self.set_global(frame.module, name, value);
        }
    }

    pub(crate) fn lookup(&mut self, frame: &Frame, name: Sym) -> Eval {
        if let Some(class) = frame.class {
            if let Object::Class(class) = self.object(class) {
                if let Some(value) = class.ns.get(&name) {
                    return Ok(*value);
                }
            }
        }
        let mut scope = frame.env;
        while let Some(id) = scope {
            let env = &self.envs[id.0 as usize];
            if let Some(at) = env.vars.iter().position(|(n, _)| *n == name) {
                let value = env.vars[at].1;
                self.charge(at / 32);
                return Ok(value);
            }
            scope = env.parent;
        }
        if let Some(value) = self.global(frame.module, name)? {
            return Ok(value);
        }
        if let Some(value) = self.builtins.get(&name) {
            return Ok(*value);
        }
        let text = self.names.text(name).to_owned();
        if frame.env.is_none() && frame.class.is_none() && self.trying > 0 {
            return Err(self.raise("NameError", &format!("name '{text}' is not defined")));
        }
        Ok(self.unknown(format!("name `{text}` is not bound where it is read")))
    }

    /// A name of a module's namespace, evaluated first if the module is read name by name.
    pub(crate) fn global(&mut self, module: ModuleId, name: Sym) -> Eval<Option<Value>> {
        if let Some(value) = self.state(module).ns.get(&name) {
            return Ok(Some(*value));
        }
        self.resolve_lazily(module, name)
    }

    // ----------------------------------------------------------------- forks

    /// Runs each branch on a heap as it is now, each under the unknown condition tested at `site`, and joins what they
    /// leave behind. Mutations of containers accumulate; bindings that differ become alternatives.
    pub(crate) fn fork(
        &mut self,
        frame: &mut Frame,
        site: Site,
        branches: &mut [&mut dyn FnMut(&mut Self, &mut Frame) -> Eval<End>],
    ) -> Eval<End> {
        let condition = u32::try_from(self.conditions.len()).unwrap_or(u32::MAX);
        self.conditions.push(site);
        let mut live: Vec<FxHashMap<Place, Value>> = Vec::new();
        let mut raised = None;
        let mut any_return = Vec::new();
        let mut touched: indexmap::IndexSet<Place, rustc_hash::FxBuildHasher> = indexmap::IndexSet::default();
        let total = branches.len();
        for branch in branches.iter_mut() {
            self.journal.push(Vec::new());
            self.active_conditions.push(condition);
            let result = branch(self, frame);
            self.active_conditions.pop();
            let writes = self.journal.pop().unwrap_or_default();
            // What a branch wrote has to be undone and joined: that is work, too.
            let work = writes.len() as u64;
            self.fuel = self.fuel.saturating_sub(work);
            self.total = self.total.saturating_sub(work);
            let mut finals = FxHashMap::default();
            for (place, _) in &writes {
                if let Some(value) = self.read_place(place) {
                    finals.insert(place.clone(), value);
                }
            }
            for (place, old) in writes.into_iter().rev() {
                self.restore(&place, old);
                touched.insert(place);
            }
            match result {
                Ok(End::Return(value)) => any_return.push(value),
                Ok(_) => live.push(finals),
                Err(Flow::Raise(value)) => raised = Some(value),
                Err(Flow::Exhausted) => return Err(Flow::Exhausted),
            }
        }
        if live.is_empty() {
            if any_return.len() == total || (!any_return.is_empty()) {
                let value = self.alternatives(any_return);
                return Ok(End::Return(value));
            }
            return Err(Flow::Raise(raised.unwrap_or(Value::None)));
        }
        frame.returns.extend(any_return);
        for place in touched {
            let base = self.read_place(&place);
            let mut values: Vec<Value> = Vec::new();
            for finals in &live {
                if let Some(value) = finals.get(&place).copied().or(base) {
                    if !values.contains(&value) {
                        values.push(value);
                    }
                }
            }
            if !values.is_empty() {
                let joined = self.alternatives(values);
                self.write_place(&place, joined);
            }
        }
        Ok(End::Normal)
    }

    fn read_place(&self, place: &Place) -> Option<Value> {
        match place {
            Place::Env(env, name) => self.envs[env.0 as usize].vars.iter().find(|(n, _)| n == name).map(|(_, v)| *v),
            Place::Global(module, name) => self.modules.get(module.0 as usize)?.ns.get(name).copied(),
            Place::Attr(id, name) => self.own_attr(*id, *name),
            Place::Item(id, key) => match self.object(*id) {
                Object::Dict(data) => data.items.get(key).map(|(_, value)| *value),
                _ => None,
            },
        }
    }

    pub(crate) fn own_attr(&self, id: ObjectId, name: Sym) -> Option<Value> {
        match self.object(id) {
            Object::Class(class) => class.ns.get(&name).copied(),
            Object::Instance { attrs, .. } | Object::Opaque { attrs, .. } => attrs.get(&name).copied(),
            Object::Function(function) => function.attrs.get(&name).copied(),
            _ => None,
        }
    }

    fn restore(&mut self, place: &Place, old: Option<Value>) {
        match (place, old) {
            (Place::Env(env, name), None) => self.envs[env.0 as usize].vars.retain(|(n, _)| n != name),
            (Place::Global(module, name), None) => {
                self.state(*module).ns.shift_remove(name);
            }
            (Place::Attr(id, name), None) => match self.object_mut(*id) {
                Object::Class(class) => {
                    class.ns.shift_remove(name);
                }
                Object::Instance { attrs, .. } | Object::Opaque { attrs, .. } => {
                    attrs.shift_remove(name);
                }
                Object::Function(function) => {
                    function.attrs.shift_remove(name);
                }
                _ => {}
            },
            (Place::Item(id, key), None) => {
                if let Object::Dict(data) = self.object_mut(*id) {
                    data.items.shift_remove(key);
                }
            }
            (place, Some(value)) => self.put(place, value),
        }
    }

    fn put(&mut self, place: &Place, value: Value) {
        match place {
            Place::Env(env, name) => {
                let vars = &mut self.envs[env.0 as usize].vars;
                match vars.iter_mut().find(|(n, _)| n == name) {
                    Some(slot) => slot.1 = value,
                    None => vars.push((*name, value)),
                }
            }
            Place::Global(module, name) => {
                self.state(*module).ns.insert(*name, value);
            }
            Place::Attr(id, name) => {
                let name = *name;
                match self.object_mut(*id) {
                    Object::Class(class) => {
                        class.ns.insert(name, value);
                    }
                    Object::Instance { attrs, .. } | Object::Opaque { attrs, .. } => {
                        attrs.insert(name, value);
                    }
                    Object::Function(function) => {
                        function.attrs.insert(name, value);
                    }
                    _ => {}
                }
            }
            Place::Item(id, key) => {
                if let Object::Dict(data) = self.object_mut(*id) {
                    match data.items.get_mut(key) {
                        Some(slot) => slot.1 = value,
                        None => {
                            let original = match key {
                                DictKey::Str(sym) => Value::Str(*sym),
                                DictKey::Int(int) => Value::Int(*int),
                                DictKey::Obj(id) => Value::Obj(*id),
                                _ => Value::None,
                            };
                            data.items.insert(key.clone(), (original, value));
                        }
                    }
                }
            }
        }
    }

    fn write_place(&mut self, place: &Place, value: Value) {
        let old = self.read_place(place);
        self.put(place, value);
        self.record(place.clone(), old);
    }

    // -------------------------------------------------------------- run code

    /// Imports a module as Python would and gives its object; `None` if there is no source for it.
    pub fn import(&mut self, name: &str) -> Option<Value> {
        let id = self.program.find(name)?;
        let _ = self.run_module(id);
        Some(self.module_object(id))
    }

    /// A module that was imported, and only then.
    #[must_use]
    pub fn already_imported(&mut self, name: &str) -> Option<Value> {
        let id = self.program.find(name)?;
        (self.state(id).state != State::New).then(|| self.module_object(id))
    }

    /// An attribute of a value, evaluated like `value.name`.
    pub fn get(&mut self, value: Value, name: &str) -> Option<Value> {
        self.fuel = STATEMENT_FUEL;
        let name = self.names.intern(name);
        self.attribute(value, name).ok()
    }

    /// Calls a value.
    ///
    /// # Errors
    /// When the call raises or the budget is spent.
    pub fn invoke(&mut self, callee: Value, args: CallArgs) -> Result<Value, Flow> {
        self.fuel = STATEMENT_FUEL;
        self.call(callee, args)
    }

    /// A short text for an exception value.
    pub fn describe_exception(&mut self, value: Value) -> String {
        let name = self.type_name(value);
        let message = match self.obj(value) {
            Some(Object::Instance { attrs, .. }) => {
                attrs.get(&self.known.args).and_then(|args| match self.obj(*args) {
                    Some(Object::Tuple(items)) => items.first().and_then(|item| self.text(*item)).map(str::to_owned),
                    _ => None,
                })
            }
            _ => None,
        };
        message.map_or(name.clone(), |message| format!("{name}: {message}"))
    }

    /// Where project code made an object that a model's code made for it: the innermost call in project code.
    #[must_use]
    pub fn origin(&self, value: Value) -> Option<Site> {
        match value {
            Value::Obj(id) => self.origins.get(&id).copied(),
            _ => None,
        }
    }

    pub(crate) fn note_origin(&mut self, value: Value) {
        if let (Value::Obj(id), true) = (value, self.is_model(self.current.module)) {
            let from_project = |site: &&Site| !self.is_model(site.module);
            if let Some(site) = self.stack.iter().rev().find(from_project).copied() {
                self.origins.insert(id, site);
            }
        }
    }

    /// The module a name was imported from is a model of a library.
    #[must_use]
    pub fn is_model(&self, module: ModuleId) -> bool {
        self.program.module(module).kind == ModuleKind::Model
    }
}
