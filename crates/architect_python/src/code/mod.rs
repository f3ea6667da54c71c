//! What the code of a program says, as plain facts: what functions call, raise, catch, return and store, with names
//! resolved through imports. Nothing is run here; what names alone do not decide is left out.

use architect_source::Location;
use rustc_hash::FxHashMap;

mod definitions;
mod lacks;
mod module;
mod names;
mod needs;
mod operand;
mod read;
mod shape;

pub use definitions::read_code;
pub use needs::{Need, Needed};

/// The code of a project.
#[derive(Clone, Debug, Default)]
pub struct Code {
    /// Functions, methods and, under the name `module:`, the top level of every module.
    pub functions: Vec<Function>,
    /// Classes.
    pub classes: Vec<Class>,
    /// Modules, where it was asked how the code is written.
    pub modules: Vec<Module>,
    by_name: FxHashMap<String, usize>,
    /// Those that a later one of the same name hides.
    hidden: FxHashMap<String, Vec<usize>>,
    classes_by_name: FxHashMap<String, usize>,
}

impl Code {
    pub(crate) fn new(functions: Vec<Function>, classes: Vec<Class>, modules: Vec<Module>) -> Self {
        let mut by_name = FxHashMap::default();
        let mut hidden: FxHashMap<String, Vec<usize>> = FxHashMap::default();
        for (at, one) in functions.iter().enumerate() {
            if let Some(earlier) = by_name.insert(one.name.clone(), at) {
                hidden.entry(one.name.clone()).or_default().push(earlier);
            }
        }
        let classes_by_name = classes.iter().enumerate().map(|(at, one)| (one.name.clone(), at)).collect();
        Self { functions, classes, modules, by_name, hidden, classes_by_name }
    }

    /// The function of that name, as `module:qualname`.
    #[must_use]
    pub fn function(&self, name: &str) -> Option<&Function> {
        self.by_name.get(name).map(|at| &self.functions[*at])
    }

    /// The functions that call one of those names.
    pub fn callers<'c, 'n>(&'c self, names: &'n [&'n str]) -> impl Iterator<Item = &'c Function> + use<'c, 'n> {
        let is_one = |call: &Call| call.callee.as_deref().is_some_and(|callee| names.contains(&callee));
        self.functions.iter().filter(move |function| function.calls.iter().any(is_one))
    }

    /// The functions of that name that a later one hides: a module may define several.
    pub fn hidden(&self, name: &str) -> impl Iterator<Item = &Function> {
        self.hidden.get(name).into_iter().flatten().map(|at| &self.functions[*at])
    }

    /// The class of that name, as `module:qualname`.
    #[must_use]
    pub fn class(&self, name: &str) -> Option<&Class> {
        self.classes_by_name.get(name).map(|at| &self.classes[*at])
    }

    /// The class of that dotted path: what separates its module is not told.
    #[must_use]
    pub fn class_at(&self, path: &str) -> Option<&Class> {
        let dots = path.match_indices('.').rev();
        dots.map(|(at, _)| format!("{}:{}", &path[..at], &path[at + 1..])).find_map(|name| self.class(&name))
    }

    /// A class and everything it derives from, itself first: names, those of libraries and builtins included.
    #[must_use]
    pub fn ancestors(&self, name: &str) -> Vec<String> {
        let mut out = vec![name.to_owned()];
        let mut at = 0;
        while at < out.len() && out.len() < 100 {
            if let Some(class) = self.class(&out[at]) {
                for base in &class.bases {
                    if !out.contains(base) {
                        out.push(base.clone());
                    }
                }
            }
            at += 1;
        }
        out
    }

    /// A method of a class or of what it derives from.
    #[must_use]
    pub fn method(&self, class: &str, name: &str) -> Option<&Function> {
        let of = |class: &str| self.function(&format!("{class}.{name}"));
        of(class).or_else(|| self.ancestors(class)[1..].iter().find_map(|one| of(one)))
    }
}

/// A function, a method, or the top level of a module.
#[derive(Clone, Debug)]
pub struct Function {
    /// `module:qualname`; `module:` for the top level of a module.
    pub name: String,
    /// Where its name stands; the first line of a module.
    pub location: Location,
    /// Whether the file belongs to tests, migrations, examples or scripts.
    pub aside: bool,
    /// Whether it is `async def`.
    pub is_async: bool,
    /// Whether it yields.
    pub is_generator: bool,
    /// Its first `yield`.
    pub first_yield: Option<Location>,
    /// The class it is a method of, as `module:qualname`.
    pub class: Option<String>,
    /// What decorates it.
    pub decorators: Vec<Operand>,
    /// Its parameters in order.
    pub parameters: Vec<Parameter>,
    /// The annotation of what it returns, as written.
    pub returns_type: Option<String>,
    /// The first line of its docstring.
    pub docstring: Option<String>,
    /// How its docstring is written, where that was asked.
    pub docstring_style: Option<DocstringStyle>,
    /// `raise` statements.
    pub raises: Vec<Raise>,
    /// `try` statements.
    pub tries: Vec<Try>,
    /// Calls, in order of the text; those of nested functions are their own.
    pub calls: Vec<Call>,
    /// `return` statements that return something.
    pub returns: Vec<Return>,
    /// Assignments to attributes, items and global names.
    pub stores: Vec<Store>,
    /// `==`, `!=`, `is`, `in` and their like.
    pub compares: Vec<Compare>,
    /// Attributes that are read of instances of classes that do not bind them.
    pub lacks: Vec<Lack>,
    /// What is divided by: the right side of `/`, `//` and `%`.
    pub divisors: Vec<Operand>,
    /// Parameters and other names that are read.
    pub reads: Vec<String>,
    /// Whether it reads the `cookies` of something.
    pub reads_cookies: bool,
    /// Literal keys of dictionaries and items that it names.
    pub keys: Vec<String>,
    /// Number of decisions: `if`, loops, handlers.
    pub branches: usize,
    /// Number of lines.
    pub lines: usize,
    /// Number of lines of its body, without its docstring.
    pub body_lines: usize,
    /// A number that bodies share which do the same: names of locals, annotations, docstrings, logs and the texts of
    /// exceptions do not count, other names by what they stand for. 0 where that was not asked.
    pub shape: u64,
    /// How much that is: nodes of its syntax.
    pub nodes: usize,
}

/// A module.
#[derive(Clone, Debug)]
pub struct Module {
    /// Its dotted name.
    pub name: String,
    /// Its first line.
    pub location: Location,
    /// Whether it is a package (`__init__.py`).
    pub is_package: bool,
    /// Whether the file belongs to tests, migrations, examples or scripts.
    pub aside: bool,
    /// The first line of its docstring.
    pub docstring: Option<String>,
    /// Its import statements in order, those inside of functions left out.
    pub imports: Vec<Import>,
    /// Values bound at its top level, in order.
    pub values: Vec<Field>,
    /// Every name that its top level binds, in alphabetical order.
    pub binds: Vec<String>,
    /// Names and attributes that statements of its top level read, in alphabetical order.
    pub reads: Vec<String>,
}

/// An import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    /// The module, by its absolute name.
    pub module: String,
    /// What of it, for `from` imports.
    pub names: Vec<String>,
    /// Whether it is written with leading dots.
    pub relative: bool,
    /// Where the module comes from.
    pub origin: ImportOrigin,
    /// Whether it is for type checkers only (`if TYPE_CHECKING:`).
    pub for_types: bool,
    /// Where.
    pub location: Location,
}

/// Where an imported module comes from, in the order PEP 8 wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ImportOrigin {
    /// `__future__`.
    Future,
    /// The standard library.
    Standard,
    /// A package of the environment.
    ThirdParty,
    /// The project.
    Own,
}

/// How a docstring is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DocstringStyle {
    /// One line.
    Line,
    /// Several lines without sections.
    Prose,
    /// Sections such as `Args:`, as Google writes them.
    Google,
    /// Sections that are underlined, as NumPy writes them.
    Numpy,
    /// Fields such as `:param x:`, as Sphinx reads them.
    Sphinx,
}

/// A class.
#[derive(Clone, Debug)]
pub struct Class {
    /// `module:qualname`.
    pub name: String,
    /// Where its name stands.
    pub location: Location,
    /// Whether the file belongs to tests, migrations, examples or scripts.
    pub aside: bool,
    /// Its bases: project classes as `module:qualname`, others by dotted path.
    pub bases: Vec<String>,
    /// Names that its body binds or annotates, in order.
    pub fields: Vec<Field>,
    /// What decorates it.
    pub decorators: Vec<Operand>,
    /// The first line of its docstring.
    pub docstring: Option<String>,
    /// Number of lines.
    pub lines: usize,
}

/// A name in a class body.
#[derive(Clone, Debug)]
pub struct Field {
    /// The name; `Config.orm_mode` for what an inner class binds.
    pub name: String,
    /// The annotation, as written.
    pub annotation: Option<String>,
    /// What it is bound to.
    pub value: Option<Operand>,
    /// Where.
    pub location: Location,
}

/// A parameter of a function.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// Its annotation, as written.
    pub annotation: Option<String>,
    /// The class the annotation names, past `Annotated`, `Optional` and aliases.
    pub class: Option<String>,
    /// Its default.
    pub default: Option<Operand>,
    /// Whether it takes all that is left: `*args`, `**options`.
    pub is_variadic: bool,
    /// Where.
    pub location: Location,
}

/// A `raise` statement.
#[derive(Clone, Debug)]
pub struct Raise {
    /// The class, resolved; nothing for a bare `raise` or what is not known.
    pub class: Option<String>,
    /// The name as written.
    pub name: String,
    /// Arguments of the exception.
    pub arguments: Vec<Operand>,
    /// Whether the same exception goes on: a bare `raise`, or that of the name a handler binds.
    pub again: bool,
    /// `from`.
    pub cause: Cause,
    /// What has to be missing for it: `x` of the `if x is None` or `if not x` right around it; only where
    /// it was asked how the code is written.
    pub missing: Option<Missing>,
    /// The test of the `if` or `elif` in whose body it stands, the innermost.
    pub condition: Option<Operand>,
    /// Where it stands.
    pub context: Context,
    /// Where.
    pub location: Location,
}

/// A value that turned out to be missing.
#[derive(Clone, Debug)]
pub struct Missing {
    /// What it was made by, where that is one expression; else the name itself.
    pub made_by: Operand,
    /// Functions and classes of the project that it was made with, through locals: `module:qualname`.
    pub mentions: Vec<String>,
}

/// What an exception says of the one that is being handled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// Nothing.
    Implicit,
    /// `from` an exception.
    Given,
    /// `from None`.
    Cut,
}

/// What surrounds a statement.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Context {
    /// The `try` statements in whose body it stands, outermost first: indices.
    pub tries: Vec<usize>,
    /// The handler it stands in: `try` and clause.
    pub handler: Option<(usize, usize)>,
    /// How many loops and comprehensions surround it.
    pub loops: u8,
    /// Whether a condition surrounds it.
    pub conditional: bool,
    /// What parameters have to be for it to run.
    pub needs: Vec<Need>,
}

/// A `try` statement.
#[derive(Clone, Debug)]
pub struct Try {
    /// Its clauses in order.
    pub handlers: Vec<Handler>,
    /// What is done in any case: the body of `finally`.
    pub finally: Option<Location>,
    /// Where.
    pub location: Location,
}

/// An `except` clause.
#[derive(Clone, Debug)]
pub struct Handler {
    /// Classes it catches, resolved; as written where that is not known. Nothing for a bare `except`.
    pub catches: Vec<String>,
    /// Whether every path through it ends in `raise`.
    pub always_raises: bool,
    /// The name it binds.
    pub name: Option<String>,
    /// Where the clause begins.
    pub location: Location,
}

/// A call.
#[derive(Clone, Debug)]
pub struct Call {
    /// What is called: `module:qualname` for functions and classes of the project, else a dotted path.
    pub callee: Option<String>,
    /// The last name as written.
    pub name: String,
    /// What the method is called on, as written.
    pub receiver: Option<String>,
    /// What the receiver comes from.
    pub receiver_sources: Vec<String>,
    /// Arguments.
    pub arguments: Vec<Operand>,
    /// Whether it is awaited.
    pub awaited: bool,
    /// What surrounds it.
    pub context: Context,
    /// Where.
    pub location: Location,
}

impl Call {
    /// The argument of that name, or at that position.
    #[must_use]
    pub fn argument(&self, name: &str, position: usize) -> Option<&Operand> {
        argument(&self.arguments, name, position)
    }

    /// The argument of that name.
    #[must_use]
    pub fn keyword(&self, name: &str) -> Option<&Operand> {
        self.arguments.iter().find(|one| one.keyword.as_deref() == Some(name))
    }
}

/// The argument of that name, or at that position.
#[must_use]
pub fn argument<'o>(arguments: &'o [Operand], name: &str, position: usize) -> Option<&'o Operand> {
    arguments
        .iter()
        .find(|one| one.keyword.as_deref() == Some(name))
        .or_else(|| arguments.iter().filter(|one| one.keyword.is_none()).nth(position))
}

/// A `return` statement.
#[derive(Clone, Debug)]
pub struct Return {
    /// What is returned.
    pub value: Operand,
    /// What surrounds it.
    pub context: Context,
}

/// An assignment to an attribute, an item or a global name.
#[derive(Clone, Debug)]
pub struct Store {
    /// The name at the root of the target.
    pub root: String,
    /// Where the root comes from, resolved; nothing for locals.
    pub resolved: Option<String>,
    /// Whether the root is a parameter or a local.
    pub local: bool,
    /// The target, as written.
    pub target: String,
    /// What is between the last brackets.
    pub key: Option<Operand>,
    /// What is stored; nothing for `del`.
    pub value: Option<Operand>,
    /// What surrounds it.
    pub context: Context,
    /// Where.
    pub location: Location,
}

/// A comparison.
#[derive(Clone, Debug)]
pub struct Compare {
    /// `==`, `!=`, `is`, `in`, `<`, ….
    pub operator: &'static str,
    /// The left side.
    pub left: Operand,
    /// The right side.
    pub right: Operand,
    /// Where.
    pub location: Location,
}

/// An attribute that is read of an instance of a class of the project which does not bind it, nor does one of the project
/// that it derives from. What it derives from of libraries may.
#[derive(Clone, Debug)]
pub struct Lack {
    /// The class, as `module:qualname`.
    pub class: String,
    /// The attribute.
    pub attribute: String,
    /// What it is read of, as written.
    pub of: String,
    /// What surrounds it.
    pub context: Context,
    /// Where.
    pub location: Location,
}

/// A known value.
#[derive(Clone, Debug, PartialEq)]
pub enum Constant {
    /// `None`.
    None,
    /// `True` or `False`.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A float.
    Float(f64),
    /// A string.
    Str(String),
}

/// What kind of expression it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Form {
    /// A literal.
    Literal,
    /// A name or an attribute.
    Name,
    /// A call; its arguments are the items.
    Call,
    /// Text with values put into it: an f-string, `%`, `format`, `+`.
    Interpolated,
    /// A dictionary; its values are the items, its keys their keywords.
    Dict,
    /// A list, a set or a tuple.
    Sequence,
    /// A tuple.
    Tuple,
    /// Anything else.
    #[default]
    Other,
}

/// An expression, as far as it matters from outside.
#[derive(Clone, Debug)]
pub struct Operand {
    /// The keyword of an argument or the key of a dictionary; `*` and `**` for what is unpacked.
    pub keyword: Option<String>,
    /// As written, shortened.
    pub text: String,
    /// Its kind.
    pub form: Form,
    /// Its value, through names of the module and of imports.
    pub constant: Option<Constant>,
    /// What it names, or what it calls.
    pub name: Option<String>,
    /// Parameters of the function it is computed from, through locals.
    pub sources: Vec<String>,
    /// Names it is computed from, through locals, parameters included.
    pub names: Vec<String>,
    /// Calls it is computed by, through locals: resolved names, else last names.
    pub through: Vec<String>,
    /// Arguments, elements or values; what `and`, `or` and `not` join.
    pub items: Vec<Operand>,
    /// Where.
    pub location: Location,
}

impl Operand {
    /// Its value as text.
    #[must_use]
    pub fn str(&self) -> Option<&str> {
        match &self.constant {
            Some(Constant::Str(text)) => Some(text),
            _ => None,
        }
    }

    /// Its value as an integer.
    #[must_use]
    pub fn int(&self) -> Option<i64> {
        match self.constant {
            Some(Constant::Int(value)) => Some(value),
            _ => None,
        }
    }

    /// Its value as a truth value.
    #[must_use]
    pub fn bool(&self) -> Option<bool> {
        match self.constant {
            Some(Constant::Bool(value)) => Some(value),
            _ => None,
        }
    }

    /// The argument of that name, or at that position, of a call.
    #[must_use]
    pub fn argument(&self, name: &str, position: usize) -> Option<&Operand> {
        argument(&self.items, name, position)
    }

    /// It and everything in it.
    #[must_use]
    pub fn flat(&self) -> Vec<&Operand> {
        let mut out = vec![self];
        let mut at = 0;
        while at < out.len() {
            out.extend(&out[at].items);
            at += 1;
        }
        out
    }
}
