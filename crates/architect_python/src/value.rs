//! The values of the abstract machine and the heap objects they point to.
//!
//! Invariant: an object has the identity of the place that made it; aliases share the [`ObjectId`]. What cannot be
//! known is [`Value::Unknown`] with a reason, never a guess.

use indexmap::IndexMap;
use ruff_python_ast as ast;
use ruff_text_size::{Ranged, TextRange};
use rustc_hash::{FxBuildHasher, FxHashMap};

/// An interned string.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Sym(pub u32);

/// The strings behind [`Sym`].
#[derive(Debug)]
pub struct Interner {
    map: FxHashMap<Box<str>, Sym>,
    names: Vec<Box<str>>,
    /// What was asked for last, by the address of the text: names of syntax trees, which stay where they are, are asked
    /// for again whenever their statement runs. Only a hint where to look first.
    recent: Box<[Sym]>,
}

/// Names that are found again without a search.
const RECENT: usize = 1 << 13;

impl Default for Interner {
    fn default() -> Self {
        Self { map: FxHashMap::default(), names: Vec::new(), recent: vec![Sym(0); RECENT].into() }
    }
}

impl Interner {
    /// The symbol of `text`.
    pub fn intern(&mut self, text: &str) -> Sym {
        let slot = text.as_ptr().addr() / align_of::<usize>() % RECENT;
        let hint = self.recent[slot];
        if self.names.get(hint.0 as usize).is_some_and(|known| **known == *text) {
            return hint;
        }
        if let Some(sym) = self.map.get(text) {
            self.recent[slot] = *sym;
            return *sym;
        }
        let sym = Sym(u32::try_from(self.names.len()).unwrap_or(u32::MAX));
        self.recent[slot] = sym;
        self.names.push(text.into());
        self.map.insert(text.into(), sym);
        sym
    }

    /// The symbol of `text` if there is one already.
    #[must_use]
    pub fn lookup(&self, text: &str) -> Option<Sym> {
        self.map.get(text).copied()
    }

    /// Number of strings.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "it is never empty for long")]
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// The text of a symbol.
    #[must_use]
    pub fn text(&self, sym: Sym) -> &str {
        &self.names[sym.0 as usize]
    }
}

/// A heap object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ObjectId(pub u32);

/// A module of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ModuleId(pub u32);

/// A reason why something is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UnknownId(pub u32);

/// A scope of a running function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct EnvId(pub u32);

/// A place in a module's source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Site {
    /// The module.
    pub module: ModuleId,
    /// The range in its text.
    pub range: TextRange,
}

/// A value of the program under review.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value {
    /// `None`.
    None,
    /// `...`.
    Ellipsis,
    /// `True` and `False`.
    Bool(bool),
    /// An integer that fits.
    Int(i64),
    /// A float.
    Float(f64),
    /// A string.
    Str(Sym),
    /// Anything on the heap.
    Obj(ObjectId),
    /// Not known, and why.
    Unknown(UnknownId),
}

pub use crate::namespace::Namespace;

/// A hashable value.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum DictKey {
    /// `None`.
    None,
    /// `...`.
    Ellipsis,
    /// Integers and booleans, which compare equal.
    Int(i64),
    /// A float by its bits.
    Float(u64),
    /// A string.
    Str(Sym),
    /// Bytes.
    Bytes(Box<[u8]>),
    /// A tuple by content.
    Tuple(Box<[DictKey]>),
    /// Everything else by identity.
    Obj(ObjectId),
}

/// A dictionary or set; `open` when it may hold more than is listed.
#[derive(Clone, Debug, Default)]
pub struct DictData {
    /// Keys with their original value and what they map to.
    pub items: IndexMap<DictKey, (Value, Value), FxBuildHasher>,
    /// Whether there may be other items.
    pub open: bool,
}

/// Arguments of a call.
#[derive(Clone, Debug, Default)]
pub struct CallArgs {
    /// Positional ones.
    pub pos: Vec<Value>,
    /// Keyword ones.
    pub kw: Vec<(Sym, Value)>,
    /// Whether an unknown `*args` or `**kwargs` was passed, too.
    pub open: bool,
}

/// The syntax of a function.
#[derive(Clone, Copy, Debug)]
pub enum FunctionNode<'a> {
    /// `def`.
    Def(&'a ast::StmtFunctionDef),
    /// `lambda`.
    Lambda(&'a ast::ExprLambda),
}

impl<'a> FunctionNode<'a> {
    /// The parameters, if it has any.
    #[must_use]
    pub fn parameters(self) -> Option<&'a ast::Parameters> {
        match self {
            Self::Def(def) => Some(&def.parameters),
            Self::Lambda(lambda) => lambda.parameters.as_deref(),
        }
    }

    /// Where its decorators are, outermost first.
    #[must_use]
    pub fn decorators(self) -> Vec<TextRange> {
        match self {
            Self::Def(def) => def.decorator_list.iter().map(|decorator| decorator.expression.range()).collect(),
            Self::Lambda(_) => Vec::new(),
        }
    }

    /// Its range.
    #[must_use]
    pub fn range(self) -> TextRange {
        match self {
            Self::Def(def) => def.range,
            Self::Lambda(lambda) => lambda.range,
        }
    }
}

/// A function with its closure.
#[derive(Clone, Debug)]
pub struct FunctionObject<'a> {
    /// Its syntax.
    pub node: FunctionNode<'a>,
    /// Where its globals are.
    pub module: ModuleId,
    /// The enclosing function scope.
    pub env: Option<EnvId>,
    /// The class whose body defines it, for `super()`.
    pub owner: Option<ObjectId>,
    /// Values of the defaults, positional then keyword-only, as the signature lists them.
    pub defaults: Vec<(Sym, Value)>,
    /// Attributes set on it; `__wrapped__`, `__name__` and the like among them.
    pub attrs: Namespace,
    /// `__qualname__` as defined.
    pub qualname: Sym,
}

/// A class.
#[derive(Clone, Debug)]
pub struct ClassObject<'a> {
    /// `__name__`.
    pub name: Sym,
    /// `__qualname__`.
    pub qualname: Sym,
    /// `__module__`.
    pub module: Sym,
    /// The module whose globals its annotations see.
    pub globals: ModuleId,
    /// The enclosing function scope.
    pub env: Option<EnvId>,
    /// The bases as written, after evaluation.
    pub bases: Vec<Value>,
    /// Method resolution order, itself first; known classes only.
    pub mro: Vec<ObjectId>,
    /// Whether a base is not known as source.
    pub open: bool,
    /// Class attributes.
    pub ns: Namespace,
    /// Annotated names of the body, in order.
    pub annotations: Vec<(Sym, &'a ast::Expr)>,
    /// Annotations given as values (for classes made by calls).
    pub annotation_values: Vec<(Sym, Value)>,
    /// Keywords of the class statement.
    pub keywords: Vec<(Sym, Value)>,
    /// Where it is defined; builtin types have no place.
    pub site: Option<Site>,
    /// For a parametrised generic class: its origin and arguments.
    pub generic: Option<(ObjectId, Vec<Value>)>,
    /// Its type parameters.
    pub type_params: Vec<Value>,
}

/// What a parameter accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParamKind {
    /// Before `/`.
    PositionalOnly,
    /// Ordinary.
    Normal,
    /// `*args`.
    VarArgs,
    /// After `*`.
    KeywordOnly,
    /// `**kwargs`.
    VarKwargs,
}

/// An object on the abstract heap.
#[derive(Clone, Debug)]
pub enum Object<'a> {
    /// `bytes`.
    Bytes(Box<[u8]>),
    /// `list`; the flag says that it may hold more.
    List(Vec<Value>, bool),
    /// `tuple`.
    Tuple(Vec<Value>),
    /// `dict`.
    Dict(DictData),
    /// `set` and `frozenset`.
    Set(DictData),
    /// `slice`.
    Slice(Value, Value, Value),
    /// A function or lambda.
    Function(FunctionObject<'a>),
    /// A function bound to an instance or class.
    Bound {
        /// `self` or `cls`.
        receiver: Value,
        /// The function.
        function: Value,
    },
    /// A builtin function by name.
    Native(&'static str),
    /// A method of a builtin value.
    Method {
        /// The value.
        receiver: Value,
        /// The method's name.
        name: Sym,
    },
    /// A class.
    Class(Box<ClassObject<'a>>),
    /// An instance of a class of the program.
    Instance {
        /// Its class.
        class: ObjectId,
        /// Its attributes.
        attrs: Namespace,
        /// The unknown condition it was made under: an index into the evaluator's conditions.
        condition: Option<u32>,
        /// Where it was made.
        site: Site,
    },
    /// A module.
    Module(ModuleId),
    /// A name of a library that is not read, by its dotted path.
    External(Sym),
    /// The result of calling something external.
    Opaque {
        /// What was called.
        callee: Value,
        /// With what.
        args: CallArgs,
        /// Attributes set on it.
        attrs: Namespace,
        /// Where.
        site: Site,
    },
    /// `X[...]`.
    Generic {
        /// What is subscripted.
        origin: Value,
        /// With what.
        args: Vec<Value>,
    },
    /// `A | B`.
    Union(Vec<Value>),
    /// A type variable.
    TypeVar(Sym),
    /// `property`, `cached_property` and what behaves like them.
    Property(Value),
    /// `staticmethod`.
    Static(Value),
    /// `classmethod`.
    ClassMethod(Value),
    /// A generator or coroutine that has not run.
    Suspended {
        /// The function.
        function: ObjectId,
        /// Its arguments, bound.
        env: EnvId,
        /// Whether it is a coroutine.
        coroutine: bool,
    },
    /// `super()`.
    Super {
        /// The class after which the search starts.
        class: ObjectId,
        /// The receiver.
        receiver: Value,
    },
    /// One of several values, depending on something unknown.
    Alternatives(Vec<Value>),
}
