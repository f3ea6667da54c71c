//! Whether a list is only measured: `len(rows)`, and nothing else is done with it.

use ruff_python_ast as ast;
use ruff_python_ast::visitor::{Visitor, walk_expr, walk_stmt};
use ruff_text_size::TextRange;

use crate::parse::Module;
use crate::ways::{Part, function};

impl Module {
    /// Whether a call such as `len(rows)` or `len(rows())` is all that happens to what it measures: its argument is no
    /// name, or a name that is read by such calls only until it is bound again.
    ///
    /// Where the call is not found, more may happen.
    #[must_use]
    pub fn only_measured(&self, call: TextRange) -> bool {
        let Some(way) = self.way_to(call) else { return false };
        let Some(Part::Expr(ast::Expr::Call(measures))) = way.last() else { return false };
        let Some(argument) = measures.arguments.args.first() else { return false };
        let ast::Expr::Name(name) = argument else {
            return matches!(argument, ast::Expr::Call(_) | ast::Expr::Await(_));
        };
        let Some(body) = function(&way) else { return false };
        only_measured_in(body, name, call)
    }

    /// Whether a name is only asked for its truth, or measured, until it is bound again: `if rows:`.
    #[must_use]
    pub fn only_tested(&self, test: TextRange) -> bool {
        let Some(way) = self.way_to(test) else { return false };
        match (way.last(), function(&way)) {
            (Some(Part::Expr(ast::Expr::Name(name))), Some(body)) => only_measured_in(body, name, test),
            _ => false,
        }
    }
}

/// Whether all that happens to a name is that it is measured, or asked for its truth, from where it was bound until it
/// is bound again.
fn only_measured_in(body: &[ast::Stmt], name: &ast::ExprName, place: TextRange) -> bool {
    let mut uses = Uses { name: &name.id, depth: 0, all: Vec::new() };
    body.iter().for_each(|stmt| uses.visit_stmt(stmt));
    let Some(own) = uses.all.iter().position(|(range, use_)| *use_ == Use::Measured && place.contains_range(*range))
    else {
        return false;
    };
    let bound = |one: &(TextRange, Use)| if let Use::Bound(depth) = one.1 { Some(depth) } else { None };
    let before = uses.all[..own].iter().enumerate().rev();
    let Some((first, depth)) = before.filter_map(|(at, one)| Some((at, bound(one)?))).next() else { return false };
    // What is bound again below a condition may still be the same behind it.
    let again = |one: &(TextRange, Use)| bound(one).is_some_and(|inner| inner <= depth);
    let last = uses.all[own..].iter().position(again).map_or(uses.all.len(), |at| own + at);
    uses.all[first + 1..last].iter().all(|one| matches!(one.1, Use::Measured | Use::Bound(_)))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Use {
    /// How many conditions and loops it stands in.
    Bound(u32),
    Measured,
    Other,
}

/// Uses of a name, in the order of the text; what is assigned counts after what it is computed from.
struct Uses<'a> {
    name: &'a str,
    depth: u32,
    all: Vec<(TextRange, Use)>,
}

impl Uses<'_> {
    /// The name, where a test is it or its opposite.
    fn asked(&self, test: &ast::Expr) -> Option<TextRange> {
        match test {
            ast::Expr::Name(name) => (name.id == self.name).then_some(name.range),
            ast::Expr::UnaryOp(node) if node.op == ast::UnaryOp::Not => self.asked(&node.operand),
            _ => None,
        }
    }
}

impl<'a> Visitor<'a> for Uses<'a> {
    fn visit_stmt(&mut self, stmt: &'a ast::Stmt) {
        if let ast::Stmt::Assign(node) = stmt {
            self.visit_expr(&node.value);
            node.targets.iter().for_each(|target| self.visit_expr(target));
            return;
        }
        let nests = matches!(
            stmt,
            ast::Stmt::If(_) | ast::Stmt::For(_) | ast::Stmt::While(_) | ast::Stmt::Try(_) | ast::Stmt::Match(_)
        );
        self.depth += u32::from(nests);
        if let ast::Stmt::If(node) = stmt
            && let Some(range) = self.asked(&node.test)
        {
            self.all.push((range, Use::Measured));
            node.body.iter().for_each(|stmt| self.visit_stmt(stmt));
            node.elif_else_clauses.iter().for_each(|clause| self.visit_elif_else_clause(clause));
            self.depth -= 1;
            return;
        }
        walk_stmt(self, stmt);
        self.depth -= u32::from(nests);
    }

    fn visit_expr(&mut self, expr: &'a ast::Expr) {
        match expr {
            ast::Expr::Name(node) if node.id == self.name => {
                self.all.push((node.range, if node.ctx.is_store() { Use::Bound(self.depth) } else { Use::Other }));
            }
            ast::Expr::Call(node) => {
                let measures = matches!(&*node.func, ast::Expr::Name(function) if function.id == "len");
                match &node.arguments.args[..] {
                    [ast::Expr::Name(name)] if measures && name.id == self.name => {
                        self.all.push((name.range, Use::Measured));
                    }
                    _ => walk_expr(self, expr),
                }
            }
            _ => walk_expr(self, expr),
        }
    }
}
