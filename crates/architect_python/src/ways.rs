//! The way to a place of a module: the statements and expressions around it.

use ruff_python_ast as ast;
use ruff_python_ast::visitor::{Visitor, walk_expr, walk_stmt};
use ruff_text_size::{Ranged, TextRange};

use crate::parse::Module;

impl Module {
    /// The way to an expression, outermost first.
    pub(crate) fn way_to(&self, target: TextRange) -> Option<Vec<Part<'_>>> {
        let mut chain = Chain { target, stack: Vec::new(), found: None };
        self.body.iter().for_each(|stmt| chain.visit_stmt(stmt));
        chain.found
    }
}

/// Something on a way.
#[derive(Clone, Copy)]
pub(crate) enum Part<'a> {
    Stmt(&'a ast::Stmt),
    Expr(&'a ast::Expr),
}

impl Part<'_> {
    pub(crate) fn range(self) -> TextRange {
        match self {
            Self::Stmt(stmt) => stmt.range(),
            Self::Expr(expr) => expr.range(),
        }
    }
}

/// Finds an expression by its place, and what is around it.
struct Chain<'a> {
    target: TextRange,
    stack: Vec<Part<'a>>,
    found: Option<Vec<Part<'a>>>,
}

impl<'a> Visitor<'a> for Chain<'a> {
    fn visit_stmt(&mut self, stmt: &'a ast::Stmt) {
        if self.found.is_none() && stmt.range().contains_range(self.target) {
            self.stack.push(Part::Stmt(stmt));
            walk_stmt(self, stmt);
            self.stack.pop();
        }
    }

    fn visit_expr(&mut self, expr: &'a ast::Expr) {
        if self.found.is_none() && expr.range().contains_range(self.target) {
            self.stack.push(Part::Expr(expr));
            if expr.range() == self.target {
                self.found = Some(self.stack.clone());
            } else {
                walk_expr(self, expr);
            }
            self.stack.pop();
        }
    }
}

/// The body of the innermost function on a way.
pub(crate) fn function<'a>(chain: &[Part<'a>]) -> Option<&'a [ast::Stmt]> {
    definition(chain).map(|node| &node.body[..])
}

/// The innermost function on a way.
pub(crate) fn definition<'a>(chain: &[Part<'a>]) -> Option<&'a ast::StmtFunctionDef> {
    chain.iter().rev().find_map(|part| match part {
        Part::Stmt(ast::Stmt::FunctionDef(node)) => Some(node),
        _ => None,
    })
}
