//! Attributes that are set to what is computed from what they were: `account.balance -= amount`.

use ruff_python_ast as ast;
use ruff_python_ast::visitor::{Visitor, walk_stmt};
use ruff_text_size::{Ranged, TextRange};

use crate::parse::Module;
use crate::ways::{Part, function};

/// Names that are followed to what they were bound to at most.
const DEPTH: u32 = 3;

impl Module {
    /// Whether an attribute is set to a number that is computed from the same attribute, directly or through names of
    /// the function; `target` is the attribute as it stands on the left side.
    #[must_use]
    pub fn computes_from_itself(&self, target: TextRange) -> bool {
        let Some(way) = self.way_to(target) else { return false };
        let stmt = way.iter().rev().find_map(|part| if let Part::Stmt(stmt) = part { Some(*stmt) } else { None });
        let is_target = |expr: &ast::Expr| expr.range() == target;
        let value = match stmt {
            Some(ast::Stmt::AugAssign(node)) if is_target(&node.target) => return is_arithmetic(node.op),
            Some(ast::Stmt::Assign(node)) if node.targets.iter().any(is_target) => Some(&*node.value),
            Some(ast::Stmt::AnnAssign(node)) if is_target(&node.target) => node.value.as_deref(),
            _ => None,
        };
        let (Some(value), Some(body)) = (value, function(&way)) else { return false };
        let own = Own { module: self, target, body };
        own.mentions(value, DEPTH) == Mentions::Computed
    }
}

fn is_arithmetic(op: ast::Operator) -> bool {
    !matches!(op, ast::Operator::MatMult | ast::Operator::LShift | ast::Operator::RShift)
}

/// How an expression depends on an attribute.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Mentions {
    No,
    /// It may be the attribute itself.
    Same,
    /// It is computed from it.
    Computed,
}

struct Own<'a> {
    module: &'a Module,
    target: TextRange,
    body: &'a [ast::Stmt],
}

impl Own<'_> {
    fn text(&self, range: TextRange) -> &str {
        self.module.source(range).unwrap_or_default()
    }

    fn mentions(&self, expr: &ast::Expr, depth: u32) -> Mentions {
        let most = |all: &[&ast::Expr]| all.iter().map(|one| self.mentions(one, depth)).max().unwrap_or(Mentions::No);
        match expr {
            ast::Expr::Attribute(node) if self.text(node.range) == self.text(self.target) => Mentions::Same,
            ast::Expr::Name(node) if depth > 0 => match self.bound(&node.id) {
                Some(value) => self.mentions(value, depth - 1),
                None => Mentions::No,
            },
            ast::Expr::BinOp(node) if is_arithmetic(node.op) => match most(&[&node.left, &node.right]) {
                Mentions::No => Mentions::No,
                _ => Mentions::Computed,
            },
            ast::Expr::UnaryOp(node) if node.op != ast::UnaryOp::Not => self.mentions(&node.operand, depth),
            ast::Expr::BoolOp(node) => most(&node.values.iter().collect::<Vec<_>>()),
            ast::Expr::If(node) => most(&[&node.body, &node.orelse]),
            ast::Expr::Call(node) => match &*node.func {
                ast::Expr::Name(name)
                    if matches!(name.id.as_str(), "min" | "max" | "int" | "float" | "round" | "abs" | "Decimal") =>
                {
                    most(&node.arguments.args.iter().collect::<Vec<_>>())
                }
                _ => Mentions::No,
            },
            _ => Mentions::No,
        }
    }

    /// What a name of the function is bound to, where that is one expression before the assignment.
    fn bound(&self, name: &str) -> Option<&ast::Expr> {
        let mut binds = Binds { name, values: Vec::new(), others: false };
        self.body.iter().for_each(|stmt| binds.visit_stmt(stmt));
        match &binds.values[..] {
            [only] if !binds.others && only.start() < self.target.start() => Some(only),
            _ => None,
        }
    }
}

/// What a name is bound to.
struct Binds<'a, 'n> {
    name: &'n str,
    values: Vec<&'a ast::Expr>,
    others: bool,
}

impl<'a> Visitor<'a> for Binds<'a, '_> {
    fn visit_stmt(&mut self, stmt: &'a ast::Stmt) {
        let is = |expr: &ast::Expr| matches!(expr, ast::Expr::Name(name) if name.id == self.name);
        match stmt {
            ast::Stmt::Assign(node) if node.targets.iter().any(is) => self.values.push(&node.value),
            ast::Stmt::AnnAssign(node) if is(&node.target) => self.values.extend(node.value.as_deref()),
            _ => walk_stmt(self, stmt),
        }
    }

    fn visit_expr(&mut self, expr: &'a ast::Expr) {
        if let ast::Expr::Name(node) = expr
            && node.id == self.name
            && node.ctx.is_store()
        {
            self.others = true;
        }
        ruff_python_ast::visitor::walk_expr(self, expr);
    }
}
