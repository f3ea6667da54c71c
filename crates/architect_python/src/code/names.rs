//! What names of a module stand for, through imports: the project's own functions and classes, and dotted paths of
//! libraries.

use std::cell::RefCell;
use std::rc::Rc;

use ruff_python_ast as ast;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::parse::Module;

/// Imports of imports are followed so far.
const MAX_STEPS: u32 = 12;

/// What one module binds.
pub(super) struct ModuleNames<'a> {
    pub module: &'a Module,
    /// Imported names and their absolute dotted paths.
    pub imports: FxHashMap<&'a str, String>,
    /// Functions and classes by qualified name.
    pub definitions: FxHashMap<String, Definition<'a>>,
    /// What names of the top level are bound to, where that is one value.
    pub values: FxHashMap<&'a str, &'a ast::Expr>,
    /// Names of the top level that are bound to several values.
    pub rebound: FxHashSet<&'a str>,
}

#[derive(Clone, Copy)]
pub(super) enum Definition<'a> {
    Function(&'a ast::StmtFunctionDef),
    Class(&'a ast::StmtClassDef),
}

/// What all modules bind.
pub(super) struct Names<'a> {
    pub modules: Vec<ModuleNames<'a>>,
    by_name: FxHashMap<&'a str, usize>,
    /// First names of modules.
    tops: FxHashSet<&'a str>,
    /// Names that several modules have: services stand side by side.
    shared: FxHashSet<&'a str>,
}

/// What a name stands for.
#[derive(Clone)]
pub(super) enum Target<'a> {
    /// A function or class of the project: `module:qualname`.
    Own(Rc<str>, Definition<'a>),
    /// A value bound at the top of a module of the project.
    Value(usize, &'a ast::Expr, Rc<str>),
    /// Something of a library.
    External(Rc<str>),
    /// A module of the project.
    Module(usize),
}

/// What was looked up while a module is read: its functions ask for the same names again and again.
#[derive(Default)]
pub(super) struct Lookups<'a> {
    names: RefCell<FxHashMap<&'a str, Option<Target<'a>>>>,
    members: RefCell<FxHashMap<&'a str, ByClass<'a>>>,
    pub instances: super::lacks::Instances<'a>,
}

/// A member of one name, for each class that was asked for it.
type ByClass<'a> = Vec<(Rc<str>, Option<Target<'a>>)>;

impl<'a> Lookups<'a> {
    /// What a name stands for in the module.
    pub fn name(&self, names: &Names<'a>, at: usize, name: &'a str) -> Option<Target<'a>> {
        self.names.borrow_mut().entry(name).or_insert_with(|| names.within(at, name, 0)).clone()
    }

    /// A member of a class of the project, or of what it derives from.
    pub fn member(&self, names: &Names<'a>, class: &Rc<str>, name: &'a str) -> Option<Target<'a>> {
        let mut members = self.members.borrow_mut();
        let known = members.entry(name).or_default();
        if let Some((_, found)) = known.iter().find(|(known, _)| known == class) {
            return found.clone();
        }
        let found = names.member(class, name, 0);
        known.push((Rc::clone(class), found.clone()));
        found
    }
}

impl<'a> ModuleNames<'a> {
    pub fn read(module: &'a Module) -> Self {
        let mut out = Self {
            module,
            imports: FxHashMap::default(),
            definitions: FxHashMap::default(),
            values: FxHashMap::default(),
            rebound: FxHashSet::default(),
        };
        out.scan(&module.body, "");
        out
    }

    fn scan(&mut self, body: &'a [ast::Stmt], prefix: &str) {
        for stmt in body {
            match stmt {
                ast::Stmt::Import(_) | ast::Stmt::ImportFrom(_) if prefix.is_empty() => {
                    imports(self.module, stmt, &mut self.imports);
                }
                ast::Stmt::FunctionDef(def) => {
                    self.definitions.insert(format!("{prefix}{}", def.name), Definition::Function(def));
                }
                ast::Stmt::ClassDef(def) => {
                    let name = format!("{prefix}{}", def.name);
                    self.scan(&def.body, &format!("{name}."));
                    self.definitions.insert(name, Definition::Class(def));
                }
                ast::Stmt::Assign(node) if prefix.is_empty() => {
                    if let [ast::Expr::Name(name)] = node.targets.as_slice() {
                        self.value(&name.id, &node.value);
                    }
                }
                ast::Stmt::AnnAssign(node) if prefix.is_empty() => {
                    if let (ast::Expr::Name(name), Some(value)) = (&*node.target, node.value.as_deref()) {
                        self.value(&name.id, value);
                    }
                }
                ast::Stmt::If(node) => {
                    self.scan(&node.body, prefix);
                    node.elif_else_clauses.iter().for_each(|clause| self.scan(&clause.body, prefix));
                }
                ast::Stmt::Try(node) => {
                    self.scan(&node.body, prefix);
                    for ast::ExceptHandler::ExceptHandler(handler) in &node.handlers {
                        self.scan(&handler.body, prefix);
                    }
                }
                _ => {}
            }
        }
    }
}

impl<'a> ModuleNames<'a> {
    fn value(&mut self, name: &'a str, value: &'a ast::Expr) {
        if let Some(first) = self.values.get(name) {
            if !std::ptr::eq(*first, value) {
                self.rebound.insert(name);
            }
        } else {
            self.values.insert(name, value);
        }
    }
}

/// Adds what an import statement binds.
pub(super) fn imports<'a>(module: &Module, stmt: &'a ast::Stmt, out: &mut FxHashMap<&'a str, String>) {
    match stmt {
        ast::Stmt::Import(node) => {
            for alias in &node.names {
                match &alias.asname {
                    Some(name) => out.insert(name, alias.name.to_string()),
                    None => {
                        let top = alias.name.split('.').next().unwrap_or_default();
                        out.insert(top, top.to_owned())
                    }
                };
            }
        }
        ast::Stmt::ImportFrom(node) => {
            let base = module.absolute(node.level, node.module.as_ref().map(|name| name.as_str()));
            for alias in &node.names {
                let name = alias.asname.as_ref().unwrap_or(&alias.name);
                out.insert(name, format!("{base}.{}", alias.name));
            }
        }
        _ => {}
    }
}

impl<'a> Names<'a> {
    pub fn new(modules: Vec<ModuleNames<'a>>) -> Self {
        let by_name = modules.iter().enumerate().map(|(at, one)| (one.module.name.as_str(), at)).collect();
        let tops = modules.iter().filter_map(|one| one.module.name.split('.').next()).collect();
        let mut seen = FxHashSet::default();
        let names = modules.iter().map(|one| one.module.name.as_str());
        let shared = names.filter(|name| !seen.insert(*name)).collect();
        Self { modules, by_name, tops, shared }
    }

    /// The module of that name, where there is one only.
    pub fn module(&self, name: &str) -> Option<usize> {
        self.by_name.get(name).copied().filter(|_| !self.shared.contains(name))
    }

    /// Whether the project has modules below this top-level name.
    pub fn is_own(&self, top: &str) -> bool {
        self.tops.contains(top)
    }

    /// What a dotted path stands for.
    pub fn dotted(&self, path: &str, steps: u32) -> Option<Target<'a>> {
        if steps > MAX_STEPS {
            return None;
        }
        let mut end = path.len();
        loop {
            if let Some(at) = self.by_name.get(&path[..end]) {
                let rest = path[end..].trim_start_matches('.');
                if rest.is_empty() {
                    return Some(Target::Module(*at));
                }
                return self.within(*at, rest, steps + 1);
            }
            match path[..end].rfind('.') {
                Some(dot) => end = dot,
                None => return Some(Target::External(path.into())),
            }
        }
    }

    /// What a name, and attributes of it, stand for in a module.
    pub fn within(&self, at: usize, path: &str, steps: u32) -> Option<Target<'a>> {
        if steps > MAX_STEPS {
            return None;
        }
        let names = self.modules.get(at)?;
        if let Some(found) = names.definitions.get(path) {
            return Some(Target::Own(format!("{}:{path}", names.module.name).into(), *found));
        }
        let (first, rest) = path.split_once('.').unwrap_or((path, ""));
        if let Some(Definition::Class(_)) = names.definitions.get(first) {
            return self.member(&format!("{}:{first}", names.module.name), rest, steps + 1);
        }
        if let Some(target) = names.imports.get(first) {
            if rest.is_empty() {
                return self.dotted(target, steps + 1);
            }
            return self.dotted(&format!("{target}.{rest}"), steps + 1);
        }
        let value = names.values.get(first)?;
        if rest.is_empty() {
            return Some(Target::Value(at, value, format!("{}:{first}", names.module.name).into()));
        }
        match self.class_of_value(at, value, steps + 1)? {
            Target::Own(class, Definition::Class(_)) => self.member(&class, rest, steps + 1),
            Target::External(class) => Some(Target::External(format!("{class}.{rest}").into())),
            _ => None,
        }
    }

    /// The class a value is made of, where it is a call of one.
    pub fn class_of_value(&self, at: usize, value: &'a ast::Expr, steps: u32) -> Option<Target<'a>> {
        if steps > MAX_STEPS {
            return None;
        }
        match value {
            ast::Expr::Call(call) => {
                let path = path_of(&call.func)?;
                match self.within(at, &path, steps + 1)? {
                    Target::Value(at, value, _) => self.alias(at, value, steps + 1),
                    target => Some(target),
                }
            }
            ast::Expr::Name(_) | ast::Expr::Attribute(_) => match self.within(at, &path_of(value)?, steps + 1)? {
                Target::Value(at, value, _) => self.class_of_value(at, value, steps + 1),
                _ => None,
            },
            _ => None,
        }
    }

    /// What an alias of a type stands for: past `Annotated`, `Optional`, unions with `None` and subscripts.
    pub fn alias(&self, at: usize, value: &'a ast::Expr, steps: u32) -> Option<Target<'a>> {
        if steps > MAX_STEPS {
            return None;
        }
        match value {
            ast::Expr::Name(_) | ast::Expr::Attribute(_) => match self.within(at, &path_of(value)?, steps + 1)? {
                Target::Value(at, value, _) => self.alias(at, value, steps + 1),
                target => Some(target),
            },
            ast::Expr::Subscript(node) => {
                let name = path_of(&node.value)?;
                let last = name.rsplit('.').next().unwrap_or(&name);
                if matches!(last, "Annotated" | "Optional" | "Type" | "type") {
                    let inner = match &*node.slice {
                        ast::Expr::Tuple(tuple) => tuple.elts.first()?,
                        one => one,
                    };
                    return self.alias(at, inner, steps + 1);
                }
                self.alias(at, &node.value, steps + 1)
            }
            ast::Expr::BinOp(node) if node.op == ast::Operator::BitOr => match &*node.right {
                ast::Expr::NoneLiteral(_) => self.alias(at, &node.left, steps + 1),
                _ => None,
            },
            ast::Expr::StringLiteral(node) => match self.within(at, node.value.to_str(), steps + 1)? {
                Target::Value(at, value, _) => self.alias(at, value, steps + 1),
                target => Some(target),
            },
            _ => None,
        }
    }

    /// A member of a class of the project, or of what it derives from.
    pub fn member(&self, class: &str, name: &str, steps: u32) -> Option<Target<'a>> {
        if steps > MAX_STEPS {
            return None;
        }
        let (module, qualname) = class.split_once(':')?;
        let at = *self.by_name.get(module)?;
        let names = &self.modules[at];
        let full = format!("{qualname}.{name}");
        if let Some(found) = names.definitions.get(&full) {
            return Some(Target::Own(format!("{module}:{full}").into(), *found));
        }
        let Some(Definition::Class(def)) = names.definitions.get(qualname) else { return None };
        for base in def.bases() {
            match self.alias(at, base, steps + 1) {
                Some(Target::Own(base, Definition::Class(_))) => {
                    if let Some(found) = self.member(&base, name, steps + 1) {
                        return Some(found);
                    }
                }
                Some(Target::External(base)) if &*base != "object" && !base.starts_with("typing") => {
                    return Some(Target::External(format!("{base}.{name}").into()));
                }
                _ => {}
            }
        }
        None
    }

    /// The constant behind a name, through imports.
    pub fn value(&self, at: usize, path: &str) -> Option<(usize, &'a ast::Expr)> {
        match self.within(at, path, 0)? {
            Target::Value(at, value, _) => Some((at, value)),
            _ => None,
        }
    }
}

impl Target<'_> {
    /// `module:qualname` of what is of the project, else the dotted path.
    pub fn name(self) -> Option<String> {
        self.into_name().map(|name| name.to_string())
    }

    /// The same, to be shared.
    pub fn into_name(self) -> Option<Rc<str>> {
        match self {
            Self::Own(name, _) | Self::Value(_, _, name) | Self::External(name) => Some(name),
            Self::Module(_) => None,
        }
    }
}

/// `a.b.c` of names and attributes.
pub(super) fn path_of(expr: &ast::Expr) -> Option<String> {
    match expr {
        ast::Expr::Name(name) => Some(name.id.to_string()),
        ast::Expr::Attribute(node) => {
            let mut path = path_of(&node.value)?;
            path.push('.');
            path.push_str(&node.attr);
            Some(path)
        }
        _ => None,
    }
}
