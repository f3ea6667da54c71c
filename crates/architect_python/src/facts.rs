//! Facts read from the syntax of a function that models ask for.

use ruff_python_ast as ast;
use ruff_python_ast::visitor::{Visitor, walk_expr, walk_stmt};
use ruff_text_size::{Ranged, TextRange};

use crate::parse::Module;
use crate::value::FunctionNode;

struct Yields<'a>(Option<&'a ast::Expr>);

impl<'a> Visitor<'a> for Yields<'a> {
    fn visit_stmt(&mut self, stmt: &'a ast::Stmt) {
        if self.0.is_none() && !matches!(stmt, ast::Stmt::FunctionDef(_) | ast::Stmt::ClassDef(_)) {
            walk_stmt(self, stmt);
        }
    }

    fn visit_expr(&mut self, expr: &'a ast::Expr) {
        match expr {
            ast::Expr::Yield(_) | ast::Expr::YieldFrom(_) => self.0 = Some(expr),
            ast::Expr::Lambda(_) => {}
            _ => walk_expr(self, expr),
        }
    }
}

pub(crate) fn first_yield(body: &[ast::Stmt]) -> Option<&ast::Expr> {
    let mut visitor = Yields(None);
    for stmt in body {
        visitor.visit_stmt(stmt);
    }
    visitor.0
}

/// Whether calling the function makes a generator.
#[must_use]
pub fn is_generator(node: FunctionNode<'_>) -> bool {
    match node {
        FunctionNode::Def(def) => first_yield(&def.body).is_some(),
        FunctionNode::Lambda(_) => false,
    }
}

/// An `except` clause around a `yield`.
#[derive(Clone, Debug)]
pub struct Handler<'a> {
    /// What it catches; `None` for a bare `except`.
    pub catches: Option<&'a ast::Expr>,
    /// Where that is written.
    pub catches_range: Option<TextRange>,
    /// Whether every path through it raises.
    pub always_raises: bool,
    /// The clause.
    pub range: TextRange,
    /// The `yield`.
    pub yield_range: TextRange,
    body: &'a [ast::Stmt],
}

impl Handler<'_> {
    /// Where a statement goes to be the last of the handler, in bytes, and what is written there; `None` where the body
    /// stands on the line of the `except`.
    #[must_use]
    pub fn append(&self, text: &str, statement: &str) -> Option<(u32, String)> {
        let (first, last) = (self.body.first()?, self.body.last()?);
        // What leaves the handler before its end would not come to the statement.
        if leaves(self.body) {
            return None;
        }
        let before = &text[..usize::from(first.start())];
        let indent = &before[before.rfind(['\n', '\r']).map_or(0, |end| end + 1)..];
        if !indent.chars().all(|letter| matches!(letter, ' ' | '\t')) {
            return None;
        }
        // A comment behind the last statement stays with it.
        let end = usize::from(last.end());
        let rest = &text[end..];
        let line = rest.find(['\n', '\r']).unwrap_or(rest.len());
        let line_end = if rest[line..].starts_with("\r\n") { "\r\n" } else { "\n" };
        Some((u32::try_from(end + line).ok()?, format!("{line_end}{indent}{statement}")))
    }
}

/// Whether a block may be left before its end without an exception.
fn leaves(body: &[ast::Stmt]) -> bool {
    let mut leaves = Leaves(false);
    body.iter().for_each(|statement| leaves.visit_stmt(statement));
    leaves.0
}

/// Whether a block can end in no other way than with an exception.
pub(crate) fn only_raises(body: &[ast::Stmt]) -> bool {
    always_raises(body) && !leaves(body)
}

/// Whether an exception in a `try` leaves it again: it has no handlers, or each of them ends in an exception.
pub(crate) fn catches_nothing(node: &ast::StmtTry) -> bool {
    node.handlers.iter().all(|ast::ExceptHandler::ExceptHandler(handler)| only_raises(&handler.body))
}

struct Leaves(bool);

impl<'a> Visitor<'a> for Leaves {
    fn visit_stmt(&mut self, statement: &'a ast::Stmt) {
        match statement {
            ast::Stmt::Return(_) | ast::Stmt::Break(_) | ast::Stmt::Continue(_) => self.0 = true,
            ast::Stmt::FunctionDef(_) | ast::Stmt::ClassDef(_) => {}
            other => ast::visitor::walk_stmt(self, other),
        }
    }
}

/// The `except` clauses of a generator whose `try` body holds a `yield`.
#[must_use]
pub fn handlers_around_yield<'a>(node: FunctionNode<'a>) -> Vec<Handler<'a>> {
    let mut out = Vec::new();
    if let FunctionNode::Def(def) = node {
        collect(&def.body, &mut out);
    }
    out
}

fn collect<'a>(body: &'a [ast::Stmt], out: &mut Vec<Handler<'a>>) {
    for stmt in body {
        match stmt {
            ast::Stmt::Try(node) => {
                if let Some(place) = first_yield(&node.body) {
                    let finally_raises = always_raises(&node.finalbody);
                    for ast::ExceptHandler::ExceptHandler(handler) in &node.handlers {
                        out.push(Handler {
                            catches: handler.type_.as_deref(),
                            catches_range: handler.type_.as_deref().map(Ranged::range),
                            always_raises: finally_raises || always_raises(&handler.body),
                            range: handler.range,
                            yield_range: place.range(),
                            body: &handler.body,
                        });
                    }
                }
                collect(&node.body, out);
                collect(&node.finalbody, out);
            }
            ast::Stmt::With(node) => collect(&node.body, out),
            ast::Stmt::If(node) => {
                collect(&node.body, out);
                for clause in &node.elif_else_clauses {
                    collect(&clause.body, out);
                }
            }
            ast::Stmt::For(node) => collect(&node.body, out),
            ast::Stmt::While(node) => collect(&node.body, out),
            _ => {}
        }
    }
}

/// Whether every path through `body` ends in `raise`.
pub(crate) fn always_raises(body: &[ast::Stmt]) -> bool {
    body.iter().any(|stmt| match stmt {
        ast::Stmt::Raise(_) => true,
        ast::Stmt::If(node) => {
            always_raises(&node.body)
                && node.elif_else_clauses.last().is_some_and(|clause| clause.test.is_none())
                && node.elif_else_clauses.iter().all(|clause| always_raises(&clause.body))
        }
        ast::Stmt::With(node) => always_raises(&node.body),
        ast::Stmt::Try(node) => {
            always_raises(&node.finalbody)
                || (always_raises(&node.body)
                    && node
                        .handlers
                        .iter()
                        .all(|ast::ExceptHandler::ExceptHandler(handler)| always_raises(&handler.body)))
        }
        _ => false,
    })
}

/// The function whose body has a place, the innermost one, and the test of the `if` in it whose side has the place.
pub(crate) fn guard_of(body: &[ast::Stmt], place: TextRange) -> (Option<&ast::StmtFunctionDef>, Option<TextRange>) {
    let (mut function, mut test) = (None, None);
    let mut body = body;
    while let Some(stmt) = body.iter().find(|stmt| stmt.range().contains_range(place)) {
        let inside = |part: &[ast::Stmt]| part.iter().any(|stmt| stmt.range().contains_range(place));
        body = match stmt {
            ast::Stmt::FunctionDef(node) => {
                (function, test) = (Some(node), None);
                &node.body
            }
            ast::Stmt::ClassDef(node) => &node.body,
            ast::Stmt::If(node) if inside(&node.body) => {
                test = Some(node.test.range());
                &node.body
            }
            ast::Stmt::If(node) => match node.elif_else_clauses.iter().position(|clause| inside(&clause.body)) {
                Some(at) => {
                    let clauses = &node.elif_else_clauses;
                    let before = clauses[..=at].iter().rev().find_map(|clause| clause.test.as_ref());
                    test = Some(before.map_or_else(|| node.test.range(), Ranged::range));
                    &clauses[at].body
                }
                None => break,
            },
            ast::Stmt::With(node) => &node.body,
            ast::Stmt::For(node) if inside(&node.body) => &node.body,
            ast::Stmt::While(node) if inside(&node.body) => &node.body,
            ast::Stmt::Try(node) => {
                match [&node.body, &node.orelse, &node.finalbody].into_iter().find(|part| inside(part)) {
                    Some(part) => part,
                    None => break,
                }
            }
            _ => break,
        };
    }
    (function, test)
}

/// Where the functions and statements of a module call a method of this name on anything.
#[must_use]
pub fn method_calls(module: &Module, method: &str) -> Vec<TextRange> {
    struct Calls<'m>(&'m str, Vec<TextRange>);
    impl<'a> Visitor<'a> for Calls<'_> {
        fn visit_expr(&mut self, expr: &'a ast::Expr) {
            if let ast::Expr::Call(call) = expr
                && let ast::Expr::Attribute(callee) = &*call.func
                && callee.attr.as_str() == self.0
            {
                self.1.push(call.range());
            }
            walk_expr(self, expr);
        }
    }
    let mut calls = Calls(method, Vec::new());
    if module.text.contains(&format!(".{method}(")) {
        module.body.iter().for_each(|stmt| calls.visit_stmt(stmt));
    }
    calls.1
}
