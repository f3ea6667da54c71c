//! Parses the packages of the environment that a project is going to ask for, in parallel.
//!
//! The evaluator reads such packages name by name, so it could only parse one file after the other. What it will ask
//! for can be seen from the imports: the project's own, and those that hand a name on. A wrong guess costs a parse or
//! a wait, never a different result.

use std::path::PathBuf;

use rayon::prelude::*;
use ruff_python_ast as ast;
use ruff_python_ast::visitor::{Visitor, walk_expr};
use rustc_hash::FxHashSet;

use crate::parse::{Module, ModuleKind, parse};
use crate::project::{Program, display_path};

/// Names handed on through more modules than this are left to the evaluator.
const MAX_ROUNDS: usize = 8;

/// A module, and a name that is asked of it.
type Request = (String, Option<String>);

/// Parses what the project's modules import from the environment.
pub(crate) fn prefetch(program: &Program<'_>) {
    if !program.has_environment() {
        return;
    }
    let mut requests: Vec<Request> = Vec::new();
    for id in &program.project_modules {
        let module = program.module(*id);
        imports(&module.body, &mut |stmt| match stmt {
            ast::Stmt::Import(node) => {
                requests.extend(node.names.iter().map(|alias| (alias.name.to_string(), None)));
            }
            ast::Stmt::ImportFrom(node) => {
                let base = module.absolute(node.level, node.module.as_deref());
                requests.extend(node.names.iter().map(|alias| (base.clone(), Some(alias.name.to_string()))));
            }
            _ => {}
        });
    }
    let mut seen: FxHashSet<Request> = FxHashSet::default();
    for _ in 0..MAX_ROUNDS {
        requests.retain(|request| seen.insert(request.clone()));
        if requests.is_empty() {
            return;
        }
        load(program, &requests);
        let mut next = Vec::new();
        for (name, wanted) in &requests {
            let Some(id) = program.known(name) else { continue };
            let module = program.module(id);
            if module.kind == ModuleKind::ThirdParty
                && let Some(wanted) = wanted
            {
                follow(module, wanted, &mut next);
            }
        }
        requests = next;
    }
}

/// Parses the files behind requests that were not read yet, packages above them included.
fn load(program: &Program<'_>, requests: &[Request]) {
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
    let places = program.places();
    let found: Vec<(String, PathBuf, bool)> = names
        .into_par_iter()
        .filter(|name| !name.is_empty())
        .filter_map(|name| places.third_party_file(&name).map(|(file, is_package)| (name, file, is_package)))
        .collect();
    let found: Vec<_> = found.into_iter().filter(|(name, file, _)| program.is_unread(name, file)).collect();
    let parsed: Vec<Option<Module>> = found
        .into_par_iter()
        .map(|(name, file, is_package)| {
            let bytes = crate::project::read_source(places.files, &file).ok()?;
            let path = display_path(places.project, &file);
            Some(parse(name, file, path, ModuleKind::ThirdParty, is_package, bytes))
        })
        .collect();
    for module in parsed.into_iter().flatten() {
        program.add(module);
    }
}

/// Where a module got a name from, if it only hands it on or builds on other names.
fn follow(module: &Module, wanted: &str, out: &mut Vec<Request>) {
    let mut needed: Vec<&str> = Vec::new();
    for stmt in &module.body {
        match stmt {
            ast::Stmt::ClassDef(class) if class.name.as_str() == wanted => {
                let mut names = Names(Vec::new());
                class.arguments.iter().for_each(|arguments| names.visit_arguments(arguments));
                class.decorator_list.iter().for_each(|decorator| names.visit_expr(&decorator.expression));
                needed.extend(names.0);
            }
            ast::Stmt::FunctionDef(function) if function.name.as_str() == wanted => {
                let mut names = Names(Vec::new());
                function.decorator_list.iter().for_each(|decorator| names.visit_expr(&decorator.expression));
                needed.extend(names.0);
            }
            ast::Stmt::Assign(node) if node.targets.iter().any(|target| is_name(target, wanted)) => {
                let mut names = Names(Vec::new());
                names.visit_expr(&node.value);
                needed.extend(names.0);
            }
            _ => {}
        }
    }
    needed.push(wanted);
    imports(&module.body, &mut |stmt| match stmt {
        ast::Stmt::Import(node) => {
            for alias in &node.names {
                let bound = alias
                    .asname
                    .as_ref()
                    .map_or_else(|| alias.name.split('.').next().unwrap_or_default(), |name| name.as_str());
                if needed.contains(&bound) {
                    out.push((alias.name.to_string(), None));
                }
            }
        }
        ast::Stmt::ImportFrom(node) => {
            for alias in &node.names {
                let bound = alias.asname.as_ref().unwrap_or(&alias.name).as_str();
                if bound == "*" {
                    let base = module.absolute(node.level, node.module.as_deref());
                    out.push((base, Some(wanted.to_owned())));
                } else if needed.contains(&bound) {
                    let base = module.absolute(node.level, node.module.as_deref());
                    out.push((base, Some(alias.name.to_string())));
                }
            }
        }
        _ => {}
    });
}

fn is_name(expr: &ast::Expr, wanted: &str) -> bool {
    matches!(expr, ast::Expr::Name(name) if name.id.as_str() == wanted)
}

struct Names<'a>(Vec<&'a str>);

impl<'a> Visitor<'a> for Names<'a> {
    fn visit_expr(&mut self, expr: &'a ast::Expr) {
        if let ast::Expr::Name(name) = expr {
            self.0.push(&name.id);
        }
        walk_expr(self, expr);
    }
}

/// The import statements that run with a module: functions, and what only type checkers read, are left out.
fn imports<'a>(body: &'a [ast::Stmt], found: &mut dyn FnMut(&'a ast::Stmt)) {
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
