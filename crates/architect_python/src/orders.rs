//! Functions that give a statement its order only where somebody asks for one.

use ruff_python_ast as ast;
use ruff_python_ast::visitor::{Visitor, walk_expr, walk_stmt};
use ruff_text_size::{Ranged, TextRange};
use rustc_hash::FxHashSet;

use crate::chains::names_of;
use crate::parse::Module;

impl Module {
    /// Whether a function calls `order_by` in branches only, and there is a way past all of them that is taken where
    /// something is not given: a parameter that may be `None`, what a dictionary may not have. `whole` is the function.
    #[must_use]
    pub fn orders_on_request(&self, whole: TextRange) -> bool {
        let mut found = Function { whole, node: None };
        self.body.iter().for_each(|stmt| found.visit_stmt(stmt));
        found.node.is_some_and(|node| {
            let mut tests = Vec::new();
            goes_past(&node.body, &mut tests) && !tests.is_empty() && optional(node, &tests)
        })
    }
}

struct Function<'a> {
    whole: TextRange,
    node: Option<&'a ast::StmtFunctionDef>,
}

impl<'a> Visitor<'a> for Function<'a> {
    fn visit_stmt(&mut self, stmt: &'a ast::Stmt) {
        if !stmt.range().contains_range(self.whole) {
            return;
        }
        match stmt {
            ast::Stmt::FunctionDef(node) if node.range == self.whole => self.node = Some(node),
            _ => walk_stmt(self, stmt),
        }
    }
}

/// Whether a call of `order_by` stands in a statement.
fn orders(stmt: &ast::Stmt) -> bool {
    struct Orders(bool);
    impl<'a> Visitor<'a> for Orders {
        fn visit_expr(&mut self, expr: &'a ast::Expr) {
            self.0 |= matches!(expr, ast::Expr::Call(call)
                if matches!(&*call.func, ast::Expr::Attribute(method) if method.attr.as_str() == "order_by"));
            walk_expr(self, expr);
        }
    }
    let mut found = Orders(false);
    found.visit_stmt(stmt);
    found.0
}

/// Whether there is a way through a body on which nothing is ordered, and the tests that decide for it. Two decisions
/// one after the other may hang together: then nothing is said.
fn goes_past<'a>(body: &'a [ast::Stmt], tests: &mut Vec<&'a ast::Expr>) -> bool {
    let mut ordering = body.iter().filter(|stmt| orders(stmt));
    let (Some(stmt), None) = (ordering.next(), ordering.next()) else {
        // Nothing is ordered here, or by several statements.
        return !body.iter().any(orders) && !matches!(body.last(), Some(ast::Stmt::Raise(_)));
    };
    match stmt {
        ast::Stmt::With(node) => goes_past(&node.body, tests),
        ast::Stmt::Try(node) => goes_past(&node.body, tests),
        ast::Stmt::If(node) => {
            let mut before = vec![&*node.test];
            let mut arms = vec![(&node.body, 1)];
            let mut has_else = false;
            for clause in &node.elif_else_clauses {
                before.extend(&clause.test);
                has_else |= clause.test.is_none();
                arms.push((&clause.body, before.len()));
            }
            if !has_else {
                tests.extend(before);
                return true;
            }
            arms.into_iter().any(|(arm, decided)| {
                let mut inner = Vec::new();
                let past = goes_past(arm, &mut inner);
                if past {
                    tests.extend(before.iter().take(decided).copied());
                    tests.extend(inner);
                }
                past
            })
        }
        _ => false,
    }
}

/// Whether all that tests read of a function may not be given.
fn optional(function: &ast::StmtFunctionDef, tests: &[&ast::Expr]) -> bool {
    let mut locals = Locals::default();
    for parameter in function.parameters.iter_non_variadic_params() {
        let name = parameter.name().as_str();
        let is_none = parameter.default.as_deref().is_some_and(ast::Expr::is_none_literal_expr);
        let may = is_none || parameter.annotation().is_some_and(names_none);
        locals.all.insert(name);
        if may {
            locals.optional.insert(name);
        }
    }
    function.body.iter().for_each(|stmt| locals.visit_stmt(stmt));
    let read = tests.iter().flat_map(|test| names_of(test, false));
    let mut own = read.filter(|name| locals.all.contains(name)).peekable();
    own.peek().is_some() && own.all(|name| locals.optional.contains(name))
}

/// Whether an annotation has `None` or `Optional` in it.
fn names_none(annotation: &ast::Expr) -> bool {
    match annotation {
        ast::Expr::NoneLiteral(_) => true,
        ast::Expr::BinOp(node) => names_none(&node.left) || names_none(&node.right),
        ast::Expr::Subscript(node) => match &*node.value {
            ast::Expr::Name(name) => name.id.as_str() == "Optional",
            ast::Expr::Attribute(node) => node.attr.as_str() == "Optional",
            _ => false,
        },
        _ => false,
    }
}

/// Names of a function, and those of them that may be nothing.
#[derive(Default)]
struct Locals<'a> {
    all: FxHashSet<&'a str>,
    optional: FxHashSet<&'a str>,
}

impl<'a> Visitor<'a> for Locals<'a> {
    fn visit_stmt(&mut self, stmt: &'a ast::Stmt) {
        if let ast::Stmt::Assign(node) = stmt
            && let [ast::Expr::Name(name)] = &node.targets[..]
        {
            self.all.insert(&name.id);
            let may = match &*node.value {
                ast::Expr::Call(call) => {
                    matches!(&*call.func, ast::Expr::Attribute(method) if method.attr.as_str() == "get")
                        && call.arguments.len() == 1
                }
                ast::Expr::If(node) => node.orelse.is_none_literal_expr(),
                other => other.is_none_literal_expr(),
            };
            if may {
                self.optional.insert(&name.id);
            }
        }
        walk_stmt(self, stmt);
    }
}
