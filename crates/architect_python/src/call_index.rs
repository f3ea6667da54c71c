//! Calls inside function bodies whose callee a name of the module or of an import decides.

use ruff_python_ast as ast;
use ruff_python_ast::visitor::{Visitor, walk_expr, walk_stmt};
use ruff_text_size::TextRange;
use rustc_hash::FxHashSet;

use crate::eval::Evaluator;
use crate::value::{ModuleId, Value};

/// A call of a known function.
#[derive(Clone, Debug)]
pub struct CallSite {
    /// The module it stands in.
    pub module: ModuleId,
    /// The enclosing functions and classes, dotted; empty at module level.
    pub caller: String,
    /// What is called.
    pub callee: Value,
    /// Number of positional arguments.
    pub positional: usize,
    /// Names of keyword arguments.
    pub keywords: Vec<String>,
    /// Whether `*args` or `**kwargs` are passed, too.
    pub open: bool,
    /// Where.
    pub range: TextRange,
}

struct Collector<'a> {
    path: Vec<String>,
    /// Names the enclosing functions bind themselves, which hide those of the module.
    local: Vec<FxHashSet<&'a str>>,
    found: Vec<(String, &'a ast::ExprCall, Vec<&'a str>)>,
}

impl<'a> Visitor<'a> for Collector<'a> {
    fn visit_stmt(&mut self, stmt: &'a ast::Stmt) {
        match stmt {
            ast::Stmt::FunctionDef(def) => {
                self.path.push(def.name.to_string());
                let mut names: FxHashSet<&str> =
                    def.parameters.iter().map(|parameter| parameter.name().as_str()).collect();
                let mut bound = Bound(Vec::new());
                for stmt in &def.body {
                    bound.visit_stmt(stmt);
                }
                names.extend(bound.0);
                self.local.push(names);
                for stmt in &def.body {
                    self.visit_stmt(stmt);
                }
                self.local.pop();
                self.path.pop();
            }
            ast::Stmt::ClassDef(def) => {
                self.path.push(def.name.to_string());
                for stmt in &def.body {
                    self.visit_stmt(stmt);
                }
                self.path.pop();
            }
            _ => walk_stmt(self, stmt),
        }
    }

    fn visit_expr(&mut self, expr: &'a ast::Expr) {
        if let ast::Expr::Call(call) = expr {
            let mut names = Vec::new();
            let mut at = &*call.func;
            loop {
                match at {
                    ast::Expr::Attribute(node) => {
                        names.push(node.attr.as_str());
                        at = &node.value;
                    }
                    ast::Expr::Name(node) => {
                        let name = node.id.as_str();
                        if !self.local.iter().any(|scope| scope.contains(name)) {
                            names.push(name);
                            names.reverse();
                            self.found.push((self.path.join("."), call, names));
                        }
                        break;
                    }
                    _ => break,
                }
            }
        }
        walk_expr(self, expr);
    }
}

struct Bound<'a>(Vec<&'a str>);

impl<'a> Visitor<'a> for Bound<'a> {
    fn visit_stmt(&mut self, stmt: &'a ast::Stmt) {
        match stmt {
            ast::Stmt::FunctionDef(def) => self.0.push(&def.name),
            ast::Stmt::ClassDef(def) => self.0.push(&def.name),
            ast::Stmt::Import(node) => {
                self.0.extend(node.names.iter().map(|alias| alias.asname.as_ref().unwrap_or(&alias.name).as_str()))
            }
            ast::Stmt::ImportFrom(node) => {
                self.0.extend(node.names.iter().map(|alias| alias.asname.as_ref().unwrap_or(&alias.name).as_str()))
            }
            _ => walk_stmt(self, stmt),
        }
    }

    fn visit_expr(&mut self, expr: &'a ast::Expr) {
        if let ast::Expr::Name(name) = expr
            && name.ctx.is_store()
        {
            self.0.push(&name.id);
        }
        walk_expr(self, expr);
    }
}

/// Calls in function bodies of a module that was run, with the functions they call.
pub fn call_sites(machine: &mut Evaluator<'_>, module: ModuleId) -> Vec<CallSite> {
    let program = machine.program;
    let mut collector = Collector { path: Vec::new(), local: Vec::new(), found: Vec::new() };
    for stmt in &program.module(module).body {
        collector.visit_stmt(stmt);
    }
    let mut out = Vec::new();
    for (caller, call, names) in collector.found {
        if caller.is_empty() {
            continue;
        }
        let Some(callee) = machine.resolve_path(module, &names) else { continue };
        if machine.function(callee).is_some() {
            let arguments = &call.arguments;
            out.push(CallSite {
                module,
                caller,
                callee,
                positional: arguments.args.len(),
                keywords: arguments
                    .keywords
                    .iter()
                    .filter_map(|keyword| keyword.arg.as_ref().map(ToString::to_string))
                    .collect(),
                open: arguments.args.iter().any(ast::Expr::is_starred_expr)
                    || arguments.keywords.iter().any(|keyword| keyword.arg.is_none()),
                range: ruff_text_size::Ranged::range(call),
            });
        }
    }
    out
}
