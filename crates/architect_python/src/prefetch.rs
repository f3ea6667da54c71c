//! Parses the project, and the packages of the environment that it is going to ask for, beside the evaluator.
//!
//! The evaluator reads such packages name by name, so it could only parse one file after the other. What it will ask
//! for can be seen from the imports: the project's own, and those that hand a name on. A wrong guess costs a parse,
//! never a different result: who needs a file that nobody has begun parses it, who needs one that is under way waits.

use std::path::PathBuf;
use std::sync::Arc;

use architect_source::in_parallel_beside;
use rayon::prelude::*;
use ruff_python_ast as ast;
use ruff_python_ast::visitor::{Visitor, walk_expr, walk_stmt};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::parse::{Module, ModuleKind, STACK_BYTES, parse};
use crate::project::{Places, display_path};
use crate::shelf::{Own, Shelf};
use crate::stdlib::is_stdlib;

/// Names handed on through more modules than this are left to the evaluator.
const MAX_ROUNDS: usize = 24;

/// A module, and a name that is asked of it.
type Request = (String, Option<String>);

/// What is to be parsed ahead, for another thread than the one that evaluates.
pub struct Ahead<'p> {
    pub(crate) places: Places<'p>,
    pub(crate) shelf: &'p Shelf,
    /// The modules of the project, and whether they are found by their names.
    pub(crate) own: Vec<(&'p Own, bool)>,
}

impl<'p> Ahead<'p> {
    /// Parses the project's modules and what they import from the environment, while the program is evaluated.
    pub fn parse(&self) {
        in_parallel_beside(STACK_BYTES, || {
            // Who looks at all of them begins with the first: the two meet.
            self.own.par_iter().rev().for_each(|(own, _)| {
                own.module();
            });
            if self.places.has_environment() {
                self.rounds();
            }
        });
    }

    /// The project's modules.
    #[must_use]
    pub fn modules(&self) -> Vec<&'p Module> {
        self.own.iter().map(|(own, _)| own.module()).collect()
    }

    fn rounds(&self) {
        let mut requests = self.requests();
        let mut seen: FxHashSet<Request> = FxHashSet::default();
        let mut known = Known::default();
        for (own, is_named) in &self.own {
            let module = own.module();
            known.files.insert(module.file.clone());
            if *is_named {
                known.names.entry(module.name.clone()).or_insert(None);
            }
        }
        for _ in 0..MAX_ROUNDS {
            requests.retain(|request| seen.insert(request.clone()));
            if requests.is_empty() {
                return;
            }
            self.load(&requests, &mut known);
            let mut next = Vec::new();
            for (name, wanted) in &requests {
                if let Some(Some(module)) = known.names.get(name)
                    && let Some(wanted) = wanted
                {
                    follow(module, wanted, &mut next);
                }
            }
            requests = next;
        }
    }

    /// What the project itself imports.
    fn requests(&self) -> Vec<Request> {
        let mut requests: Vec<Request> = Vec::new();
        for module in self.modules() {
            let mut needed: Option<Names> = None;
            imports(&module.body, &mut |stmt| match stmt {
                ast::Stmt::Import(node) => {
                    for alias in &node.names {
                        let whole = alias.name.as_str();
                        requests.push((whole.to_owned(), None));
                        // `click.group()` asks for a name of the package, as `from click import group` does.
                        let bound = alias.asname.as_ref().map_or(whole, |name| name.as_str());
                        if !bound.contains('.') && !is_stdlib(whole.split('.').next().unwrap_or(whole)) {
                            let needed = needed.get_or_insert_with(|| Names::of(&module.body));
                            let asked = needed.attributes(bound).flatten();
                            requests.extend(asked.map(|attribute| (whole.to_owned(), Some(attribute.clone()))));
                        }
                    }
                }
                ast::Stmt::ImportFrom(node) => {
                    let base = module.absolute(node.level, node.module.as_deref());
                    requests.extend(node.names.iter().map(|alias| (base.clone(), Some(alias.name.to_string()))));
                }
                _ => {}
            });
        }
        requests
    }

    /// Parses the files behind requests that are not known yet, packages above them included.
    fn load(&self, requests: &[Request], known: &mut Known) {
        let mut names: Vec<String> = Vec::new();
        let mut taken: FxHashSet<String> = FxHashSet::default();
        for (name, wanted) in requests {
            let mut end = 0;
            while let Some(dot) = name[end..].find('.') {
                end += dot;
                if taken.insert(name[..end].to_owned()) {
                    names.push(name[..end].to_owned());
                }
                end += 1;
            }
            let submodule = wanted.as_ref().map(|wanted| format!("{name}.{wanted}"));
            for full in [Some(name.clone()), submodule].into_iter().flatten() {
                if taken.insert(full.clone()) {
                    names.push(full);
                }
            }
        }
        let places = self.places;
        let unknown = &*known;
        let parsed: Vec<Arc<Module>> = names
            .into_par_iter()
            .filter(|name| !name.is_empty() && !unknown.names.contains_key(name))
            .filter_map(|name| places.third_party_file(&name).map(|(file, is_package)| (name, file, is_package)))
            .filter(|(_, file, _)| !unknown.files.contains(file))
            .filter_map(|(name, file, is_package)| {
                self.shelf.get(&name, &file, || {
                    let bytes = crate::project::read_source(places.files, &file).ok()?;
                    let path = display_path(places.project, &file);
                    Some(parse(name.clone(), file.clone(), path, ModuleKind::ThirdParty, is_package, bytes))
                })
            })
            .collect();
        for module in parsed {
            known.files.insert(module.file.clone());
            known.names.entry(module.name.clone()).or_insert(Some(module));
        }
    }
}

/// Names and files that need no parsing any more.
#[derive(Default)]
struct Known {
    /// With the modules of the environment.
    names: FxHashMap<String, Option<Arc<Module>>>,
    files: FxHashSet<PathBuf>,
}

/// Where a module got a name from, and what the definition of the name asks for while it runs.
fn follow(module: &Module, wanted: &str, out: &mut Vec<Request>) {
    let mut needed = Names::default();
    needed.want(wanted);
    // Definitions of this module that the wanted one asks for are run as well.
    let mut at = 0;
    while let Some((name, _)) = needed.found.get(at) {
        let name = name.clone();
        at += 1;
        if !needed.opened.insert(name.clone()) {
            continue;
        }
        for stmt in &module.body {
            match stmt {
                ast::Stmt::ClassDef(class) if *class.name == *name => needed.visit_stmt(stmt),
                ast::Stmt::FunctionDef(function) if *function.name == *name => needed.visit_stmt(stmt),
                ast::Stmt::Assign(node) if node.targets.iter().any(|target| is_name(target, &name)) => {
                    needed.visit_expr(&node.value);
                }
                _ => {}
            }
        }
    }
    imports(&module.body, &mut |stmt| match stmt {
        ast::Stmt::Import(node) => {
            for alias in &node.names {
                let whole = alias.name.as_str();
                let bound = alias.asname.as_ref().map_or(whole.split('.').next().unwrap_or_default(), |name| name);
                out.extend(needed.attributes(bound).map(|attribute| (whole.to_owned(), attribute.clone())));
            }
        }
        ast::Stmt::ImportFrom(node) => {
            let base = module.absolute(node.level, node.module.as_deref());
            for alias in &node.names {
                let bound = alias.asname.as_ref().unwrap_or(&alias.name).as_str();
                if bound == "*" {
                    out.extend(needed.opened.iter().map(|name| (base.clone(), Some(name.clone()))));
                }
                for attribute in needed.attributes(bound) {
                    out.push((base.clone(), Some(alias.name.to_string())));
                    if attribute.is_some() {
                        out.push((format!("{base}.{}", alias.name), attribute.clone()));
                    }
                }
            }
        }
        _ => {}
    });
}

fn is_name(expr: &ast::Expr, wanted: &str) -> bool {
    matches!(expr, ast::Expr::Name(name) if name.id.as_str() == wanted)
}

/// Names that run with a definition, each with the attribute that is asked of it: of a function its decorators and
/// defaults, of a class also its bases and body.
#[derive(Default)]
struct Names {
    found: Vec<(String, Option<String>)>,
    known: FxHashSet<(String, Option<String>)>,
    opened: FxHashSet<String>,
}

impl Names {
    /// Those that run with a module.
    fn of(body: &[ast::Stmt]) -> Self {
        let mut names = Self::default();
        body.iter().for_each(|stmt| names.visit_stmt(stmt));
        names
    }

    fn want(&mut self, name: &str) {
        self.add(name, None);
    }

    /// What is asked of a name, once for each attribute.
    fn attributes<'n>(&'n self, bound: &'n str) -> impl Iterator<Item = &'n Option<String>> {
        self.found.iter().filter(move |(name, _)| name == bound).map(|(_, attribute)| attribute)
    }

    fn add(&mut self, name: &str, attribute: Option<&str>) {
        let entry = (name.to_owned(), attribute.map(str::to_owned));
        if self.known.insert(entry.clone()) {
            self.found.push(entry);
        }
    }
}

impl<'a> Visitor<'a> for Names {
    fn visit_stmt(&mut self, stmt: &'a ast::Stmt) {
        match stmt {
            ast::Stmt::FunctionDef(function) => {
                function.decorator_list.iter().for_each(|decorator| self.visit_expr(&decorator.expression));
                let defaults = function.parameters.iter_non_variadic_params().filter_map(|param| param.default());
                defaults.for_each(|default| self.visit_expr(default));
            }
            ast::Stmt::AnnAssign(node) => node.value.iter().for_each(|value| self.visit_expr(value)),
            _ => walk_stmt(self, stmt),
        }
    }

    fn visit_expr(&mut self, expr: &'a ast::Expr) {
        match expr {
            ast::Expr::Lambda(_) => {}
            ast::Expr::Attribute(node) => match &*node.value {
                ast::Expr::Name(name) => self.add(&name.id, Some(&node.attr)),
                value => self.visit_expr(value),
            },
            ast::Expr::Name(name) => self.add(&name.id, None),
            _ => walk_expr(self, expr),
        }
    }
}

/// The import statements that run with a module: functions, and what only type checkers read, are left out.
pub(crate) fn imports<'a>(body: &'a [ast::Stmt], found: &mut dyn FnMut(&'a ast::Stmt)) {
    for stmt in body {
        match stmt {
            ast::Stmt::Import(_) | ast::Stmt::ImportFrom(_) => found(stmt),
            ast::Stmt::If(node) => {
                let for_checkers = match &*node.test {
                    ast::Expr::Name(name) => name.id.as_str() == "TYPE_CHECKING",
                    ast::Expr::Attribute(node) => node.attr.as_str() == "TYPE_CHECKING",
                    _ => false,
                };
                if !for_checkers {
                    imports(&node.body, found);
                }
                node.elif_else_clauses.iter().for_each(|clause| imports(&clause.body, found));
            }
            ast::Stmt::Try(node) => {
                imports(&node.body, found);
                for ast::ExceptHandler::ExceptHandler(handler) in &node.handlers {
                    imports(&handler.body, found);
                }
                imports(&node.orelse, found);
            }
            ast::Stmt::With(node) => imports(&node.body, found),
            _ => {}
        }
    }
}
