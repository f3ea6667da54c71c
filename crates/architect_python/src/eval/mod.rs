//! The evaluator: runs module bodies the way Python would, on values that may be unknown.
//!
//! Invariants: it always ends (fuel, depth), never fails (what it cannot do is an unknown with a reason), and never
//! asserts what only exists on an unknown branch (such objects carry their condition).
//!
//! By subject: `heap`, `scope` and `fork` keep values, names and branches; `stmt`, `loops`, `managers`, `patterns`,
//! `expr`, `operators`, `items` and `text` run syntax; `call`, `signature`, `class`, `attr` and `methods` are the object model; `import` runs modules
//! in order, or name by name for packages of the environment; `builtins`, `construct`, `typing` and `known` are what
//! Python brings along, and `regex` its regular expressions where Rust's mean the same. `host` hands in what the
//! program reads from outside: settings files, JSON, files of the project. `budget` bounds it all; `probe` answers
//! maintainers, `resume` goes on where Python would end, and `start` runs what starting a program runs. `stdlib.rs`
//! lists the modules of the standard library, which are modelled or known by name and never read.

mod attr;
mod budget;
mod builtins;
mod call;
mod class;
mod class_body;
mod construct;
mod expr;
mod fork;
mod heap;
mod host;
mod import;
mod items;
mod known;
mod loops;
mod managers;
mod methods;
mod operators;
mod patterns;
mod probe;
mod regex;
mod resume;
mod scope;
mod signature;
mod start;
mod stmt;
mod text;
mod typing;

use ruff_text_size::TextRange;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::parse::ModuleKind;
use crate::project::Program;
use crate::value::{
    CallArgs, DictKey, EnvId, Interner, ModuleId, Namespace, Object, ObjectId, Site, Sym, UnknownId, Value,
};

pub use signature::{Sig, SigParam};
pub use start::is_program;
pub use text::title_case;

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

/// Objects that there is room for from the start: what a heap that grows copies is most of what there is to be copied,
/// and memory that nothing is written to costs nothing.
const OBJECTS: usize = 1 << 17;

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
    /// Methods by name: the places that call them are remembered ([`Evaluator::has_called`]).
    pub watched: &'static [&'static str],
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
    /// How often a branch that may be taken ended a loop.
    pub breaks: u32,
    /// How often it went on behind a condition whose side only raises.
    pub passed: u32,
    /// Which body of a `with` statement runs where it yields.
    pub resumes: Option<usize>,
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
            breaks: 0,
            passed: 0,
            resumes: None,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    New,
    Running,
    Done,
}

/// An import below a condition that is not known.
#[derive(Clone, Debug)]
struct DoubtfulImport {
    condition: u32,
    /// The module that imported it, where that is itself imported below the condition.
    importer: Option<ModuleId>,
    /// What its import made.
    made: std::ops::Range<usize>,
    /// It was imported without a condition later.
    settled: bool,
}

/// A condition that is not known.
#[derive(Clone, Copy, Debug)]
struct Condition {
    /// Where it is tested.
    site: Site,
    /// The one below which it stands.
    enclosing: Option<u32>,
    /// What stands below it is not one side of it, but what follows a side that leaves the function or the loop.
    follows: bool,
}

pub(crate) struct ModuleState<'a> {
    state: State,
    pub ns: Namespace,
    /// What its import raised where somebody catches it.
    failed: Option<Value>,
    object: Option<ObjectId>,
    /// The dictionary of its names, once somebody asked for it.
    dict: Option<ObjectId>,
    /// How it was imported first, if that hung on a condition.
    doubtful: Option<DoubtfulImport>,
    /// For modules evaluated name by name: which statements bind a name.
    bindings: Option<FxHashMap<Sym, Vec<&'a ruff_python_ast::Stmt>>>,
    resolving: Vec<Sym>,
    /// Definitions that have run in modules evaluated name by name, by where their syntax stands in memory.
    ran: FxHashSet<usize>,
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

/// One side of a fork.
type Branch<'b, 'a> = dyn FnMut(&mut Evaluator<'a>, &mut Frame) -> Eval<End> + 'b;

/// A statement of a module or a class that had no result. What follows it was evaluated all the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportFailure {
    /// The statement.
    pub statement: Site,
    /// Where it ended, which can be in what it called.
    pub at: Site,
    /// The exception; `None` where the budget was spent.
    pub error: Option<String>,
}

/// The abstract machine.
pub struct Evaluator<'a> {
    /// The program it runs.
    pub program: &'a Program<'a>,
    /// Its strings.
    pub names: Interner,
    /// Symbols of names of syntax trees, by where those stand.
    fixed: scope::Fixed,
    heap: Vec<Object<'a>>,
    /// For every object, how many values hang on it that cannot change.
    sizes: Vec<u32>,
    /// Instances and their classes, which never change: most questions about the heap are about these.
    instances: Vec<(ObjectId, ObjectId)>,
    /// What calls of something unknown were given.
    handed_on: FxHashSet<ObjectId>,
    limits: budget::Limits,
    envs: Vec<Env>,
    pub(crate) modules: Vec<ModuleState<'a>>,
    unknowns: Vec<(String, Option<Site>)>,
    unknown_index: FxHashMap<(String, Option<Site>), UnknownId>,
    /// Conditions that are not known.
    conditions: Vec<Condition>,
    active_conditions: Vec<u32>,
    journal: Vec<Vec<(Place, Option<Value>)>>,
    builtins: FxHashMap<Sym, Value>,
    externals: FxHashMap<Sym, ObjectId>,
    generics: FxHashMap<(ObjectId, Vec<DictKey>), ObjectId>,
    /// Functions that keep their results, and what they kept by the arguments.
    remembering: FxHashSet<ObjectId>,
    results: FxHashMap<(ObjectId, Vec<DictKey>), Value>,
    builtin_classes: FxHashMap<&'static str, ObjectId>,
    /// Those of them that the machine constructs itself.
    builtin_types: FxHashMap<ObjectId, &'static str>,
    fuel: u64,
    total: u64,
    /// Whether running the program took all of it.
    spent: bool,
    costs: Option<probe::Costs>,
    /// Whether a call into a package of the environment is under way.
    abroad: bool,
    /// Syntax trees of annotations written as strings, by module and text; nothing for what is no expression.
    string_annotations: FxHashMap<(ModuleId, Sym), Option<&'a ruff_python_ast::Expr>>,
    /// Those that are being resolved.
    annotations_under_way: Vec<(ModuleId, Sym)>,
    /// Calls of watched methods that were carried out.
    called: FxHashSet<Site>,
    /// Functions whose body ran, by where their syntax stands in memory.
    bodies_run: FxHashSet<usize>,
    /// Functions of packages that found no end within their budget once.
    too_costly: FxHashSet<(ModuleId, Sym)>,
    depth: u32,
    /// Whether the program is being started.
    is_starting: bool,
    /// Modules of the project that are being run.
    running: u32,
    trying: u32,
    setup: Setup,
    missing: FxHashMap<String, Site>,
    import_failures: Vec<ImportFailure>,
    /// Their statements.
    failed: FxHashSet<Site>,
    current: Site,
    environ: Option<Value>,
    /// Whether the subscription that is evaluated stands at the top of a module and not in a function or class.
    at_top: bool,
    /// Calls under way, outermost first.
    stack: Vec<Site>,
    origins: FxHashMap<ObjectId, Site>,
    /// Whether functions that were called are generators, by where their syntax stands in memory, which stays there.
    generators: FxHashMap<usize, bool>,
    /// The dictionaries of modules' names that were asked for.
    namespaces: FxHashMap<ObjectId, ModuleId>,
    /// Dictionaries that were given to calls of libraries that are not read, which may have filled them.
    filled: FxHashSet<ObjectId>,
    /// Classes whose metaclass is asked to make them.
    making: Vec<ObjectId>,
    /// Bodies of `with` statements that wait for generators to yield, outermost first.
    within: Vec<Option<managers::Within<'a>>>,
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
            fixed: scope::Fixed::default(),
            heap: Vec::with_capacity(OBJECTS),
            sizes: Vec::with_capacity(OBJECTS),
            instances: Vec::new(),
            handed_on: FxHashSet::default(),
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
            remembering: FxHashSet::default(),
            results: FxHashMap::default(),
            generators: FxHashMap::default(),
            builtin_classes: FxHashMap::default(),
            builtin_types: FxHashMap::default(),
            fuel: STATEMENT_FUEL,
            total: FUEL,
            spent: false,
            costs: None,
            abroad: false,
            string_annotations: FxHashMap::default(),
            annotations_under_way: Vec::new(),
            called: FxHashSet::default(),
            bodies_run: FxHashSet::default(),
            too_costly: FxHashSet::default(),
            depth: 0,
            is_starting: false,
            running: 0,
            trying: 0,
            setup,
            missing: FxHashMap::default(),
            import_failures: Vec::new(),
            failed: FxHashSet::default(),
            current: Site { module: ModuleId(0), range: TextRange::default() },
            environ: None,
            at_top: false,
            stack: Vec::new(),
            origins: FxHashMap::default(),
            namespaces: FxHashMap::default(),
            filled: FxHashSet::default(),
            making: Vec::new(),
            within: Vec::new(),
            known,
        };
        machine.install_builtins();
        machine
    }

    // ------------------------------------------------------- what went wrong

    /// Packages that were imported and are not installed, with one place each.
    #[must_use]
    pub fn missing_packages(&self) -> Vec<(&str, Site)> {
        let mut out: Vec<_> = self.missing.iter().map(|(name, site)| (name.as_str(), *site)).collect();
        out.sort_by(|a, b| a.0.cmp(b.0));
        out
    }

    /// Statements of modules and classes that had no result.
    #[must_use]
    pub fn failures(&self) -> &[ImportFailure] {
        &self.import_failures
    }

    /// Whether a call of a watched method was carried out.
    #[must_use]
    pub fn has_called(&self, site: Site) -> bool {
        self.called.contains(&site)
    }

    /// Whether the evaluation budget is spent.
    #[must_use]
    pub fn exhausted(&self) -> bool {
        self.spent || self.total == 0
    }

    /// Where a condition is tested.
    #[must_use]
    pub fn condition(&self, index: u32) -> Site {
        self.conditions[index as usize].site
    }

    /// Whether what stands below one condition stands below the other, too.
    #[must_use]
    pub fn is_below(&self, condition: u32, other: u32) -> bool {
        let mut at = Some(condition);
        while let Some(index) = at {
            if index == other {
                return true;
            }
            at = self.conditions[index as usize].enclosing;
        }
        false
    }

    /// The condition on which something hangs for whoever has something else that hangs on `other`: where that was made,
    /// neither the function nor the loop was left before.
    #[must_use]
    pub fn condition_beside(&self, condition: u32, other: Option<u32>) -> Option<u32> {
        let mut at = Some(condition);
        while let Some(index) = at {
            let condition = self.conditions[index as usize];
            if !condition.follows || !other.is_some_and(|other| self.is_below(other, index)) {
                break;
            }
            at = condition.enclosing;
        }
        at
    }

    /// The test of the `if` that kept a place of a module, or of a function that ran, from being run.
    #[must_use]
    pub fn kept_by(&self, site: Site) -> Option<Site> {
        let (function, test) = crate::facts::guard_of(&self.program.module(site.module).body, site.range);
        let runs = function.is_none_or(|def| self.bodies_run.contains(&std::ptr::from_ref(def).addr()));
        test.filter(|_| runs).map(|range| Site { module: site.module, range })
    }

    pub(crate) fn active_condition(&self) -> Option<u32> {
        self.active_conditions.last().copied()
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
