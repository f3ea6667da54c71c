//! What modules say: what they import and bind, and how they and their functions are documented.

use architect_source::Location;
use ruff_python_ast as ast;
use ruff_python_ast::visitor::{Visitor, walk_expr};
use ruff_text_size::Ranged;

use super::names::{Names, path_of};
use super::read::Reader;
use super::{DocstringStyle, Field, Import, ImportOrigin, Module};
use crate::stdlib::is_stdlib;

/// What the top level of a module says, as far as functions do not.
pub(super) fn read_module(reader: &Reader<'_, '_>, aside: bool, location: Location) -> Module {
    let module = reader.names.modules[reader.at].module;
    let mut out = Module {
        name: module.name.clone(),
        location,
        is_package: module.is_package,
        aside,
        docstring: docstring(&module.body).map(first_line),
        imports: Vec::new(),
        values: Vec::new(),
        binds: Vec::new(),
        reads: Vec::new(),
    };
    statements(reader, &module.body, false, &mut out);
    for names in [&mut out.binds, &mut out.reads] {
        names.sort_unstable();
        names.dedup();
    }
    out
}

fn statements<'a>(reader: &Reader<'_, 'a>, body: &'a [ast::Stmt], for_types: bool, out: &mut Module) {
    for stmt in body {
        match stmt {
            ast::Stmt::Import(node) => {
                for alias in &node.names {
                    let bound = alias.asname.as_ref().unwrap_or(&alias.name);
                    out.binds.push(bound.split('.').next().unwrap_or_default().to_owned());
                    out.imports.push(Import {
                        module: alias.name.to_string(),
                        names: Vec::new(),
                        relative: false,
                        origin: origin(reader.names, &alias.name),
                        for_types,
                        location: reader.location(node.range),
                    });
                }
            }
            ast::Stmt::ImportFrom(node) => {
                let own = reader.names.modules[reader.at].module;
                let path = own.absolute(node.level, node.module.as_ref().map(|name| name.as_str()));
                out.binds.extend(node.names.iter().map(|one| one.asname.as_ref().unwrap_or(&one.name).to_string()));
                out.imports.push(Import {
                    origin: if node.level > 0 { ImportOrigin::Own } else { origin(reader.names, &path) },
                    module: path,
                    names: node.names.iter().map(|one| one.name.to_string()).collect(),
                    relative: node.level > 0,
                    for_types,
                    location: reader.location(node.range),
                });
            }
            ast::Stmt::Expr(node) => Reads(&mut out.reads).visit_expr(&node.value),
            ast::Stmt::Assign(node) => {
                Reads(&mut out.reads).visit_expr(&node.value);
                for target in &node.targets {
                    bound(target, &mut out.binds);
                    if let ast::Expr::Name(name) = target {
                        out.values.push(Field {
                            name: name.id.to_string(),
                            annotation: None,
                            value: Some(reader.operand(&node.value, None, 0)),
                            location: reader.location(node.range),
                        });
                    }
                }
            }
            ast::Stmt::AnnAssign(node) => {
                node.value.iter().for_each(|value| Reads(&mut out.reads).visit_expr(value));
                bound(&node.target, &mut out.binds);
                if let ast::Expr::Name(name) = &*node.target {
                    out.values.push(Field {
                        name: name.id.to_string(),
                        annotation: Some(reader.text(node.annotation.range())),
                        value: node.value.as_deref().map(|value| reader.operand(value, None, 0)),
                        location: reader.location(node.range),
                    });
                }
            }
            ast::Stmt::TypeAlias(node) => bound(&node.name, &mut out.binds),
            ast::Stmt::FunctionDef(node) => out.binds.push(node.name.to_string()),
            ast::Stmt::ClassDef(node) => out.binds.push(node.name.to_string()),
            ast::Stmt::If(node) => {
                let for_types = for_types || path_of(&node.test).is_some_and(|path| path.ends_with("TYPE_CHECKING"));
                statements(reader, &node.body, for_types, out);
                for clause in &node.elif_else_clauses {
                    statements(reader, &clause.body, false, out);
                }
            }
            ast::Stmt::Try(node) => {
                statements(reader, &node.body, for_types, out);
                for ast::ExceptHandler::ExceptHandler(handler) in &node.handlers {
                    statements(reader, &handler.body, for_types, out);
                }
                statements(reader, &node.orelse, for_types, out);
            }
            ast::Stmt::With(node) => statements(reader, &node.body, for_types, out),
            ast::Stmt::For(node) => {
                Reads(&mut out.reads).visit_expr(&node.iter);
                bound(&node.target, &mut out.binds);
                statements(reader, &node.body, for_types, out);
            }
            _ => {}
        }
    }
}

/// Gathers names and attributes that are read.
struct Reads<'o>(&'o mut Vec<String>);

impl<'a> Visitor<'a> for Reads<'_> {
    fn visit_expr(&mut self, expr: &'a ast::Expr) {
        match expr {
            ast::Expr::Name(name) if name.ctx.is_load() => self.0.push(name.id.to_string()),
            ast::Expr::Attribute(node) if node.ctx.is_load() => self.0.push(node.attr.to_string()),
            _ => {}
        }
        walk_expr(self, expr);
    }
}

fn bound(target: &ast::Expr, out: &mut Vec<String>) {
    match target {
        ast::Expr::Name(name) => out.push(name.id.to_string()),
        ast::Expr::Tuple(ast::ExprTuple { elts, .. }) | ast::Expr::List(ast::ExprList { elts, .. }) => {
            elts.iter().for_each(|elt| bound(elt, out));
        }
        _ => {}
    }
}

fn origin(names: &Names<'_>, path: &str) -> ImportOrigin {
    let top = path.split('.').next().unwrap_or(path);
    if top == "__future__" {
        ImportOrigin::Future
    } else if names.is_own(top) {
        ImportOrigin::Own
    } else if is_stdlib(top) {
        ImportOrigin::Standard
    } else {
        ImportOrigin::ThirdParty
    }
}

/// The text that documents a module, a class or a function.
pub(super) fn docstring(body: &[ast::Stmt]) -> Option<&str> {
    let Some(ast::Stmt::Expr(node)) = body.first() else { return None };
    let ast::Expr::StringLiteral(text) = &*node.value else { return None };
    Some(text.value.to_str())
}

/// The first line of a docstring, which says what it is about.
pub(super) fn first_line(text: &str) -> String {
    text.trim().lines().next().unwrap_or_default().trim().to_owned()
}

/// How a docstring is written.
pub(super) fn style(text: &str) -> DocstringStyle {
    let lines: Vec<&str> = text.trim().lines().map(str::trim).collect();
    let google = ["Args:", "Arguments:", "Returns:", "Raises:", "Yields:", "Attributes:", "Example:", "Examples:"];
    let numpy = |at: usize| lines.get(at + 1).is_some_and(|below| below.len() > 2 && below.bytes().all(|b| b == b'-'));
    let fields = [":param", ":return", ":raises", ":rtype", ":type"];
    if lines.iter().any(|line| google.contains(line)) {
        DocstringStyle::Google
    } else if (0..lines.len()).any(|at| !lines[at].is_empty() && numpy(at)) {
        DocstringStyle::Numpy
    } else if lines.iter().any(|line| fields.iter().any(|field| line.starts_with(field))) {
        DocstringStyle::Sphinx
    } else if lines.len() > 1 {
        DocstringStyle::Prose
    } else {
        DocstringStyle::Line
    }
}
