//! Imports: eager and ordered for the project, name by name for packages of the environment.

use ruff_python_ast as ast;
use ruff_text_size::Ranged as _;
use rustc_hash::{FxHashMap, FxHashSet};

use super::{Eval, Evaluator, Flow, Frame, ImportFailure, State};
use crate::parse::ModuleKind;
use crate::stdlib::{is_stdlib, is_stdlib_elsewhere};
use crate::value::{ModuleId, Object, Site, Sym, Value};

/// Longer dotted names stand for nothing that exists.
const MAX_EXTERNAL: usize = 300;

/// Whether a text imports a package by this top-level name.
fn imports(text: &str, top: &str) -> bool {
    text.lines().map(str::trim_start).any(|line| {
        let rest = line.strip_prefix("from ").or_else(|| line.strip_prefix("import "));
        let rest = rest.and_then(|rest| rest.strip_prefix(top));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', ' ', ',']))
    })
}

impl<'a> Evaluator<'a> {
    /// Runs a module if it has not run yet.
    pub(crate) fn run_module(&mut self, id: ModuleId) -> Eval<()> {
        if let Some(error) = self.state(id).failed {
            if self.trying > 0 {
                return Err(Flow::Raise(error));
            }
            // As in Python, a module whose import failed is as good as never imported.
            let state = self.state(id);
            (state.failed, state.state) = (None, State::New);
            state.ns.clear();
        }
        if self.state(id).state != State::New {
            self.settle_import(id);
            return Ok(());
        }
        self.note_doubtful_import(id);
        let program = self.program;
        let module = program.module(id);
        if let Some((parent, _)) = module.name.rsplit_once('.')
            && let Some(parent) = program.find(parent)
        {
            self.run_module(parent)?;
            if self.state(id).state != State::New {
                return Ok(());
            }
        }
        self.state(id).state = State::Running;
        let name = self.str(&module.name);
        let file = self.str(&module.file.to_string_lossy());
        self.set_global(id, self.known.name, name);
        self.set_global(id, self.known.file, file);
        if module.is_package {
            let folder = module.file.parent().map(|folder| folder.to_string_lossy().into_owned()).unwrap_or_default();
            let folder = self.str(&folder);
            let path = self.list(vec![folder]);
            let name = self.names.intern("__path__");
            self.set_global(id, name, path);
        }
        if module.kind == ModuleKind::ThirdParty {
            let mut bindings = FxHashMap::default();
            for stmt in &module.body {
                self.index_bindings(stmt, stmt, &mut bindings);
            }
            self.index_changes(&module.body, &mut bindings);
            self.state(id).bindings = Some(bindings);
            self.state(id).state = State::Done;
            return Ok(());
        }
        // A module starts from a clean slate: it is not part of the branch or the call that imports it.
        let saved = (std::mem::take(&mut self.journal), self.current, self.depth);
        let mut frame = Frame::of_module(id);
        let mut result = Ok(());
        let outer = self.fuel;
        let share = self.open_share();
        self.running += 1;
        for stmt in &module.body {
            let granted = self.grant();
            let start = self.total;
            let done = self.statement(&mut frame, stmt);
            self.note_statement_cost(id, stmt, start);
            self.settle(granted);
            match done {
                Ok(_) => {}
                Err(Flow::Exhausted) => {
                    if self.total == 0 {
                        result = Err(Flow::Exhausted);
                        break;
                    }
                    let statement = Site { module: id, range: stmt.range() };
                    self.note_exhausted(statement);
                    self.bind_unknown(&mut frame, stmt);
                }
                Err(Flow::Raise(error)) => {
                    if self.trying > 0 {
                        self.state(id).failed = Some(error);
                        result = Err(Flow::Raise(error));
                        break;
                    }
                    // A real interpreter would stop here. We go on: the rest of the file still tells what the
                    // application is like, and what raised is usually something that we do not know well enough.
                    let statement = Site { module: id, range: stmt.range() };
                    self.note_failure(statement, error);
                    self.bind_unknown(&mut frame, stmt);
                }
            }
        }
        self.fuel = outer;
        self.close_share(share);
        self.running -= 1;
        let end = self.heap.len();
        if let Some(doubtful) = &mut self.state(id).doubtful {
            doubtful.made.end = end;
        }
        (self.journal, self.current, self.depth) = saved;
        self.state(id).state = State::Done;
        result
    }

    /// A variable whose assignment had no result is there all the same.
    fn bind_unknown(&mut self, frame: &mut Frame, stmt: &'a ast::Stmt) {
        let ast::Stmt::Assign(node) = stmt else { return };
        self.current = Site { module: frame.module, range: stmt.range() };
        let value = self.unknown("the statement that makes it had no result");
        for target in &node.targets {
            self.bind_names(frame, target, value);
        }
    }

    pub(crate) fn module_object(&mut self, id: ModuleId) -> Value {
        if let Some(object) = self.state(id).object {
            return Value::Obj(object);
        }
        let value = self.alloc(Object::Module(id));
        if let Value::Obj(object) = value {
            self.state(id).object = Some(object);
        }
        value
    }

    /// A dotted name of a library that is not read.
    pub fn external(&mut self, path: &str) -> Value {
        let path =
            path.strip_prefix("typing_extensions.").map_or_else(|| path.to_owned(), |rest| format!("typing.{rest}"));
        // A loop over an attribute that every unread name seems to have would make longer names for ever.
        if path.len() > MAX_EXTERNAL {
            return self.unknown("an attribute of a library that is not read");
        }
        let sym = self.names.intern(&path);
        if let Some(id) = self.externals.get(&sym) {
            return Value::Obj(*id);
        }
        let value = self.alloc(Object::External(sym));
        if let Value::Obj(id) = value {
            self.externals.insert(sym, id);
        }
        value
    }

    /// The module `name`, run; or the external of that name; or `ModuleNotFoundError` where it is surely absent.
    pub(crate) fn import_module(&mut self, name: &str) -> Eval {
        if let Some(id) = self.program.find(name) {
            self.run_module(id)?;
            if let Some((parent, child)) = name.rsplit_once('.') {
                let object = self.module_object(id);
                if let Some(parent) = self.program.find(parent) {
                    let child = self.names.intern(child);
                    self.run_module(parent)?;
                    if !self.state(parent).ns.contains_key(&child) || self.is_module_value(parent, child) {
                        self.state(parent).ns.insert(child, object);
                    }
                }
            }
            return Ok(self.module_object(id));
        }
        let top = name.split('.').next().unwrap_or(name);
        let known = self.is_known_package(top) || self.program.is_namespace(name);
        let own = self.program.is_own(top);
        if !known || own && !self.program.is_namespace(name) {
            // What can be done without, and is not there, is known.
            let absent = self.trying > 0 && (own || self.program.has_environment());
            let unsure = self.active_condition().is_some();
            if !own && !absent && !unsure && !is_stdlib_elsewhere(top) {
                self.note_missing(top);
            }
            if absent {
                return Err(self.raise("ModuleNotFoundError", &format!("No module named '{name}'")));
            }
        }
        Ok(self.external(name))
    }

    /// The dotted path of a name of a package, or of a module of the project, that was not found.
    #[must_use]
    pub fn unread_path(&self, value: Value) -> Option<&str> {
        let path = self.external_path(value)?;
        let top = path.split('.').next().unwrap_or(path);
        (!self.is_known_package(top) || self.program.is_own(top)).then_some(path)
    }

    /// Whether something of this top-level name is there without our looking for its source.
    fn is_known_package(&self, top: &str) -> bool {
        is_stdlib(top)
            || self.program.library.opaque.contains(&top)
            || self.program.is_modelled(top)
            || self.program.is_installed(top)
    }

    /// The name under which the project has what a file imports from a folder that is on the path where it is started:
    /// its own folder, or one above it, that is no package. Asked only for what is nowhere else.
    fn beside(&self, importer: ModuleId, name: &str, names: &[ast::Alias]) -> Option<String> {
        let module = self.program.module(importer);
        let top = name.split('.').next().unwrap_or(name);
        if let Some(prefix) = self.program.prefix_of(module) {
            // One of several services in a repository sees its own modules first.
            let own = format!("{prefix}.{name}");
            let has = |alias: &ast::Alias| self.program.find(&format!("{own}.{}", alias.name)).is_some();
            if self.program.find(&own).is_some() || names.iter().any(has) {
                return Some(own);
            }
        }
        if module.kind != ModuleKind::Project
            || self.program.is_own(top)
            || self.is_known_package(top)
            || self.program.find(name).is_some()
        {
            return None;
        }
        let mut folder = module.name.rsplit_once('.')?.0;
        loop {
            let candidate = format!("{folder}.{name}");
            let has = |alias: &ast::Alias| self.program.find(&format!("{candidate}.{}", alias.name)).is_some();
            let found = match self.program.find(&candidate) {
                // A file named after the package that it wraps stands for itself, not for the package.
                Some(id) => id != importer && !imports(&self.program.module(id).text, top),
                None => names.iter().any(has),
            };
            if found && self.program.find(folder).is_none() {
                return Some(candidate);
            }
            folder = folder.rsplit_once('.')?.0;
        }
    }

    pub(super) fn note_failure(&mut self, statement: Site, error: Value) {
        let at = match self.obj(error) {
            Some(Object::Instance { site, .. }) => *site,
            _ => self.current,
        };
        // One statement may fail for each of many callers.
        if !self.failed.insert(statement) {
            return;
        }
        let error = Some(self.describe_exception(error));
        self.import_failures.push(ImportFailure { statement, at, error });
    }

    /// Remembers that a package is not there, with a place in the project if there is one.
    fn note_missing(&mut self, top: &str) {
        let site = self.current;
        let in_project = self.program.module(site.module).kind == ModuleKind::Project;
        match self.missing.get_mut(top) {
            Some(known) if in_project && self.program.module(known.module).kind != ModuleKind::Project => *known = site,
            Some(_) => {}
            None => {
                self.missing.insert(top.to_owned(), site);
            }
        }
    }

    fn is_module_value(&mut self, module: ModuleId, name: Sym) -> bool {
        let value = self.state(module).ns.get(&name).copied();
        matches!(value.and_then(|value| self.obj(value)), Some(Object::Module(_)))
    }

    pub(crate) fn import_statement(&mut self, frame: &mut Frame, node: &'a ast::StmtImport) -> Eval<()> {
        for alias in &node.names {
            if let Some(beside) = self.beside(frame.module, &alias.name, &[]) {
                let value = self.import_module(&beside)?;
                let name = alias.asname.as_ref().map_or(alias.name.as_str(), |name| name.as_str());
                if !name.contains('.') {
                    let name = self.names.intern(name);
                    self.assign(frame, name, value);
                    continue;
                }
            }
            let value = self.import_module(&alias.name)?;
            if let Some(name) = &alias.asname {
                let name = self.names.intern(name);
                self.assign(frame, name, value);
            } else {
                let top = alias.name.split('.').next().unwrap_or(&alias.name).to_owned();
                let value = self.import_module(&top)?;
                let name = self.names.intern(&top);
                self.assign(frame, name, value);
            }
        }
        Ok(())
    }

    /// The absolute name of what `from` names.
    pub(crate) fn absolute(&self, module: ModuleId, level: u32, name: Option<&str>) -> String {
        self.program.module(module).absolute(level, name)
    }

    pub(crate) fn import_from(&mut self, frame: &mut Frame, node: &'a ast::StmtImportFrom) -> Eval<()> {
        self.import_names(frame, node, None)
    }

    /// `from base import …`: all names, or the one that is asked for.
    fn import_names(&mut self, frame: &mut Frame, node: &'a ast::StmtImportFrom, only: Option<Sym>) -> Eval<()> {
        let base = self.absolute(frame.module, node.level, node.module.as_ref().map(|name| name.as_str()));
        if base == "__future__" {
            return Ok(());
        }
        let base = match node.level {
            0 => self.beside(frame.module, &base, &node.names).unwrap_or(base),
            _ => base,
        };
        let module = self.import_module(&base)?;
        for alias in &node.names {
            if alias.name.as_str() == "*" {
                self.import_star(frame, module)?;
                continue;
            }
            let name = self.names.intern(alias.asname.as_ref().unwrap_or(&alias.name));
            if only.is_some_and(|only| only != name) {
                continue;
            }
            let value = self.member(module, &base, &alias.name)?;
            self.assign(frame, name, value);
        }
        Ok(())
    }

    /// `from base import name`: an attribute of the module, else a submodule.
    pub(crate) fn member(&mut self, module: Value, base: &str, name: &str) -> Eval {
        if let Some(Object::Module(id)) = self.obj(module) {
            let id = *id;
            let sym = self.names.intern(name);
            if let Some(value) = self.global(id, sym)? {
                return Ok(value);
            }
            let full = format!("{base}.{name}");
            if self.program.find(&full).is_some() {
                return self.import_module(&full);
            }
            if let Some(getter) = self.global(id, self.known.getattr)? {
                let text = self.str(name);
                return self.call(getter, crate::value::CallArgs { pos: vec![text], ..Default::default() });
            }
            let kind = self.program.module(id).kind;
            if kind != ModuleKind::Model && self.trying > 0 && self.state(id).state == State::Done {
                return Err(self.raise("ImportError", &format!("cannot import name '{name}' from '{base}'")));
            }
            return Ok(self.external(&full));
        }
        let full = format!("{base}.{name}");
        if self.program.find(&full).is_some() {
            return self.import_module(&full);
        }
        Ok(self.external(&full))
    }

    fn import_star(&mut self, frame: &mut Frame, module: Value) -> Eval<()> {
        let Some(Object::Module(id)) = self.obj(module) else { return Ok(()) };
        let id = *id;
        let inherited = self.state(id).stars.clone();
        if self.program.module(id).kind == ModuleKind::ThirdParty && frame.env.is_none() && frame.class.is_none() {
            // Finding out everything a package exports may be a lot of work for the few names that are used.
            self.add_star(frame.module, id);
            return Ok(());
        }
        for star in inherited {
            self.add_star(frame.module, star);
        }
        let all = self.global(id, self.known.all)?;
        let names: Vec<Sym> = match all {
            Some(all) => match self.items(all)? {
                Some((items, _)) => items
                    .into_iter()
                    .filter_map(|item| if let Value::Str(sym) = item { Some(sym) } else { None })
                    .collect(),
                None => Vec::new(),
            },
            None => {
                let names: Vec<Sym> = self.state(id).ns.keys().copied().collect();
                names.into_iter().filter(|name| !self.names.text(*name).starts_with('_')).collect()
            }
        };
        self.charge(names.len() / 2);
        for name in names {
            if let Some(value) = self.global(id, name)? {
                self.assign(frame, name, value);
            }
        }
        Ok(())
    }

    fn add_star(&mut self, module: ModuleId, source: ModuleId) {
        let state = self.state(module);
        if module != source && !state.stars.contains(&source) {
            state.stars.push(source);
            state.absent.clear();
        }
    }

    /// A name that `from package import *` brought into a module, the last one first.
    pub(super) fn resolve_by_star(&mut self, module: ModuleId, name: Sym) -> Eval<Option<Value>> {
        let state = self.state(module);
        if state.stars.is_empty() || state.absent.contains(&name) || state.resolving.contains(&name) {
            return Ok(None);
        }
        let stars = state.stars.clone();
        state.resolving.push(name);
        let mut found = Ok(None);
        for star in stars.into_iter().rev() {
            found = self.exported(star, name);
            if !matches!(found, Ok(None)) {
                break;
            }
        }
        let state = self.state(module);
        state.resolving.retain(|known| *known != name);
        match found {
            Ok(Some(value)) => {
                state.ns.insert(name, value);
            }
            Ok(None) => {
                state.absent.insert(name);
            }
            Err(_) => {}
        }
        found
    }

    /// A name of a module as a star import sees it.
    fn exported(&mut self, module: ModuleId, name: Sym) -> Eval<Option<Value>> {
        if name == self.known.all {
            return Ok(None);
        }
        let listed = match self.global(module, self.known.all)? {
            Some(all) => self.items(all)?.map(|(items, complete)| !complete || items.contains(&Value::Str(name))),
            None => None,
        };
        if listed.unwrap_or_else(|| !self.names.text(name).starts_with('_')) {
            self.global(module, name)
        } else {
            Ok(None)
        }
    }

    // ------------------------------------------------------------ on demand

    fn index_bindings(
        &mut self,
        root: &'a ast::Stmt,
        stmt: &'a ast::Stmt,
        out: &mut FxHashMap<Sym, Vec<&'a ast::Stmt>>,
    ) {
        let mut add = |machine: &mut Self, name: &str| {
            let list = out.entry(machine.names.intern(name)).or_default();
            // Statements come one after the other.
            if !list.last().is_some_and(|known| std::ptr::eq(*known, root)) {
                list.push(root);
            }
        };
        match stmt {
            ast::Stmt::FunctionDef(node) => add(self, &node.name),
            ast::Stmt::ClassDef(node) => add(self, &node.name),
            ast::Stmt::Assign(node) => {
                for target in &node.targets {
                    match target {
                        ast::Expr::Name(name) => add(self, &name.id),
                        ast::Expr::Tuple(tuple) => {
                            for elt in &tuple.elts {
                                if let ast::Expr::Name(name) = elt {
                                    add(self, &name.id);
                                }
                            }
                        }
                        _ => {}
                    }
                }
            }
            ast::Stmt::AnnAssign(node) => {
                if let (ast::Expr::Name(name), Some(_)) = (&*node.target, &node.value) {
                    add(self, &name.id);
                }
            }
            ast::Stmt::AugAssign(node) => {
                if let ast::Expr::Name(name) = &*node.target {
                    add(self, &name.id);
                }
            }
            ast::Stmt::TypeAlias(node) => {
                if let ast::Expr::Name(name) = &*node.name {
                    add(self, &name.id);
                }
            }
            ast::Stmt::Import(node) => {
                for alias in &node.names {
                    let name = alias
                        .asname
                        .as_ref()
                        .map_or_else(|| alias.name.split('.').next().unwrap_or_default(), |name| name.as_str());
                    add(self, name);
                }
            }
            ast::Stmt::ImportFrom(node) => {
                for alias in &node.names {
                    if alias.name.as_str() == "*" {
                        add(self, "*");
                    } else {
                        add(self, alias.asname.as_ref().unwrap_or(&alias.name));
                    }
                }
            }
            ast::Stmt::If(node) => {
                for stmt in node.body.iter().chain(node.elif_else_clauses.iter().flat_map(|clause| &clause.body)) {
                    self.index_bindings(root, stmt, out);
                }
            }
            ast::Stmt::Try(node) => {
                let handlers =
                    node.handlers.iter().flat_map(|ast::ExceptHandler::ExceptHandler(handler)| &handler.body);
                for stmt in node.body.iter().chain(handlers).chain(&node.orelse).chain(&node.finalbody) {
                    self.index_bindings(root, stmt, out);
                }
            }
            ast::Stmt::With(node) => {
                for stmt in &node.body {
                    self.index_bindings(root, stmt, out);
                }
            }
            _ => {}
        }
    }

    /// Adds the statements that change what a name is bound to, such as `router.include_router(...)` or a function that
    /// `@router.get(...)` registers, to those that bind it: an object is what all of them made of it.
    fn index_changes(&mut self, body: &'a [ast::Stmt], out: &mut FxHashMap<Sym, Vec<&'a ast::Stmt>>) {
        let mut made: FxHashSet<Sym> = FxHashSet::default();
        for stmt in body {
            let (target, value) = match stmt {
                ast::Stmt::Assign(node) if node.targets.len() == 1 => (&node.targets[0], Some(&*node.value)),
                ast::Stmt::AnnAssign(node) => (&*node.target, node.value.as_deref()),
                _ => continue,
            };
            if let (ast::Expr::Name(name), Some(ast::Expr::Call(_))) = (target, value) {
                made.insert(self.names.intern(&name.id));
            }
        }
        if made.is_empty() {
            return;
        }
        let mut changed: Vec<&'a str> = Vec::new();
        for stmt in body {
            changed.clear();
            changes(stmt, &mut changed);
            for name in &changed {
                let name = self.names.intern(name);
                let Some(list) = out.get_mut(&name).filter(|_| made.contains(&name)) else { continue };
                if !list.last().is_some_and(|known| std::ptr::eq(*known, stmt)) {
                    list.push(stmt);
                    list.sort_by_key(|stmt| stmt.range().start());
                }
            }
        }
    }

    /// `typing.TYPE_CHECKING`, which is false while a program runs.
    pub(crate) fn is_type_checking(&self, value: Value) -> bool {
        self.external_path(value) == Some("typing.TYPE_CHECKING")
    }

    /// Keeps statements that do not run, those below `if TYPE_CHECKING`, for annotations that name what they bind.
    pub(crate) fn defer_bindings(&mut self, module: ModuleId, body: &'a [ast::Stmt]) {
        let mut bindings = self.state(module).bindings.take().unwrap_or_default();
        for stmt in body {
            self.index_bindings(stmt, stmt, &mut bindings);
        }
        self.state(module).bindings = Some(bindings);
    }

    /// Runs the statements that bind `name` in a module that is read name by name.
    pub(crate) fn resolve_lazily(&mut self, module: ModuleId, name: Sym) -> Eval<Option<Value>> {
        let star = self.names.intern("*");
        let waits = self.running > 0 && self.program.module(module).kind != ModuleKind::ThirdParty;
        let state = self.state(module);
        let Some(bindings) = &mut state.bindings else { return self.resolve_by_star(module, name) };
        // Below `if TYPE_CHECKING` stands what would be imported in a circle: it waits until all modules have run.
        if waits || state.resolving.contains(&name) {
            return Ok(None);
        }
        let statements = match bindings.remove(&name) {
            Some(statements) => statements,
            None if name != star && bindings.contains_key(&star) => {
                self.resolve_lazily(module, star)?;
                return match self.state(module).ns.get(&name).copied() {
                    Some(value) => Ok(Some(value)),
                    None => self.resolve_by_star(module, name),
                };
            }
            None => return self.resolve_by_star(module, name),
        };
        state.resolving.push(name);
        let saved = (std::mem::take(&mut self.journal), self.current, std::mem::take(&mut self.active_conditions));
        let mut frame = Frame::of_module(module);
        let mut result = Ok(());
        let outer = self.fuel;
        let memory = self.open_memory();
        for stmt in statements {
            // What both binds a name and changes what another is bound to runs once.
            let shared = matches!(stmt, ast::Stmt::FunctionDef(_) | ast::Stmt::ClassDef(_));
            if shared && !self.state(module).ran.insert(std::ptr::from_ref(stmt).addr()) {
                continue;
            }
            self.fuel = super::NAME_FUEL;
            let start = self.total;
            let done = match stmt {
                ast::Stmt::ImportFrom(node) if name != star => {
                    self.current = Site { module, range: node.range };
                    self.import_names(&mut frame, node, Some(name))
                }
                _ => self.statement(&mut frame, stmt).map(drop),
            };
            self.note_statement_cost(module, stmt, start);
            if let Err(Flow::Exhausted) = done
                && self.total == 0
            {
                result = Err(Flow::Exhausted);
                break;
            }
        }
        self.fuel = outer;
        self.close_memory(memory);
        (self.journal, self.current, self.active_conditions) = saved;
        self.state(module).resolving.retain(|known| *known != name);
        result?;
        Ok(self.state(module).ns.get(&name).copied())
    }
}

/// Names at the root of what a statement calls methods of, or sets attributes or items of.
fn changes<'a>(stmt: &'a ast::Stmt, out: &mut Vec<&'a str>) {
    let mut add = |expr: &'a ast::Expr| out.extend(root_of(expr));
    match stmt {
        ast::Stmt::Expr(node) => {
            if let ast::Expr::Call(call) = &*node.value {
                add(&call.func);
            }
        }
        ast::Stmt::Assign(node) => node.targets.iter().for_each(add),
        ast::Stmt::FunctionDef(node) => node.decorator_list.iter().for_each(|decorator| add(&decorator.expression)),
        ast::Stmt::ClassDef(node) => node.decorator_list.iter().for_each(|decorator| add(&decorator.expression)),
        ast::Stmt::For(node) => node.body.iter().for_each(|stmt| changes(stmt, out)),
        ast::Stmt::With(node) => node.body.iter().for_each(|stmt| changes(stmt, out)),
        ast::Stmt::If(node) => {
            let clauses = node.elif_else_clauses.iter().flat_map(|clause| &clause.body);
            node.body.iter().chain(clauses).for_each(|stmt| changes(stmt, out));
        }
        ast::Stmt::Try(node) => node.body.iter().chain(&node.orelse).for_each(|stmt| changes(stmt, out)),
        _ => {}
    }
}

/// `a` of `a.b`, `a.b(...).c` and `a["b"]`; nothing of `a` alone.
fn root_of(mut expr: &ast::Expr) -> Option<&str> {
    let mut inside = false;
    loop {
        expr = match expr {
            ast::Expr::Attribute(node) => &node.value,
            ast::Expr::Subscript(node) => &node.value,
            ast::Expr::Call(node) => {
                expr = &node.func;
                continue;
            }
            ast::Expr::Name(name) => return inside.then_some(name.id.as_str()),
            _ => return None,
        };
        inside = true;
    }
}
