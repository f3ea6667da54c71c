//! Which expressions in a loop have to do with what it is over.

use ruff_python_ast as ast;
use ruff_python_ast::visitor::{Visitor, walk_expr, walk_stmt};
use ruff_text_size::{Ranged, TextRange};
use rustc_hash::FxHashSet;

use crate::parse::Module;

impl Module {
    /// Whether an expression in a loop can be another one each turn: whether it reads a name that the loop binds, by
    /// its target or in its body. `iterable` is what the loop is over and `at` the expression.
    ///
    /// Where the loop or the expression is not found, it may be.
    #[must_use]
    pub fn varies(&self, iterable: TextRange, at: TextRange) -> bool {
        let mut found = Loop { iterable, at, stored: FxHashSet::default(), read: None, is_found: false, inside: false };
        self.body.iter().for_each(|stmt| found.visit_stmt(stmt));
        match found.read {
            Some(read) if found.is_found => read.iter().any(|name| found.stored.contains(name)),
            _ => true,
        }
    }
}

struct Loop<'a> {
    iterable: TextRange,
    at: TextRange,
    stored: FxHashSet<&'a str>,
    read: Option<FxHashSet<&'a str>>,
    is_found: bool,
    inside: bool,
}

impl<'a> Loop<'a> {
    fn within(&mut self, walk: impl FnOnce(&mut Self)) {
        self.is_found = true;
        self.inside = true;
        walk(self);
        self.inside = false;
    }

    /// The name at the root of what is stored to: `a` of `a.b[c]`.
    fn store(&mut self, target: &'a ast::Expr) {
        let mut at = target;
        loop {
            at = match at {
                ast::Expr::Attribute(node) => &node.value,
                ast::Expr::Subscript(node) => &node.value,
                ast::Expr::Starred(node) => &node.value,
                _ => break,
            };
        }
        if let ast::Expr::Name(name) = at {
            self.stored.insert(&name.id);
        }
    }
}

impl<'a> Visitor<'a> for Loop<'a> {
    fn visit_stmt(&mut self, stmt: &'a ast::Stmt) {
        // Only what is around the loop is looked into.
        if !self.inside && !stmt.range().contains_range(self.iterable) {
            return;
        }
        match stmt {
            ast::Stmt::For(node) if !self.inside && node.iter.range() == self.iterable => {
                self.within(|one| walk_stmt(one, stmt));
            }
            _ => walk_stmt(self, stmt),
        }
    }

    fn visit_expr(&mut self, expr: &'a ast::Expr) {
        if self.inside {
            if expr.range() == self.at && self.read.is_none() {
                let mut names = Names(FxHashSet::default());
                names.visit_expr(expr);
                self.read = Some(names.0);
            }
            match expr {
                ast::Expr::Name(name) if name.ctx.is_store() => {
                    self.stored.insert(&name.id);
                }
                ast::Expr::Attribute(ast::ExprAttribute { ctx, .. })
                | ast::Expr::Subscript(ast::ExprSubscript { ctx, .. })
                    if ctx.is_store() =>
                {
                    self.store(expr);
                }
                _ => {}
            }
            walk_expr(self, expr);
            return;
        }
        let generators = match expr {
            ast::Expr::ListComp(node) => &node.generators,
            ast::Expr::SetComp(node) => &node.generators,
            ast::Expr::DictComp(node) => &node.generators,
            ast::Expr::Generator(node) => &node.generators,
            _ => return walk_expr(self, expr),
        };
        if generators.iter().any(|one| one.iter.range() == self.iterable) {
            self.within(|one| walk_expr(one, expr));
        } else {
            walk_expr(self, expr);
        }
    }
}

struct Names<'a>(FxHashSet<&'a str>);

impl<'a> Visitor<'a> for Names<'a> {
    fn visit_expr(&mut self, expr: &'a ast::Expr) {
        if let ast::Expr::Name(name) = expr {
            self.0.insert(&name.id);
        }
        walk_expr(self, expr);
    }
}
