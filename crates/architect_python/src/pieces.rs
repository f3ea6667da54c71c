//! Where the statements and expressions of a program stand, for tests that take programs apart.

use std::ops::Range;

use ruff_python_ast as ast;
use ruff_python_ast::visitor::{Visitor, walk_expr, walk_stmt};
use ruff_text_size::Ranged;

use crate::parse::{ModuleKind, parse};

/// Bytes of a text that are statements and expressions, in the order in which they begin to be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pieces {
    /// Statements, compound ones with all that is in them.
    pub statements: Vec<Range<usize>>,
    /// Expressions, each with its parts after it.
    pub expressions: Vec<Range<usize>>,
}

/// The pieces of a text; of one that does not parse, those that could be recovered.
#[must_use]
pub fn pieces(text: &str) -> Pieces {
    let module = parse(String::new(), "pieces.py".into(), "pieces.py".into(), ModuleKind::Project, false, text.into());
    let mut found = Found { mark: text.len() - module.text.len(), pieces: Pieces::default() };
    found.visit_body(&module.body);
    found.pieces
}

struct Found {
    /// Bytes of the byte order mark, which is not parsed.
    mark: usize,
    pieces: Pieces,
}

impl Found {
    fn bytes(&self, node: &impl Ranged) -> Range<usize> {
        node.start().to_usize() + self.mark..node.end().to_usize() + self.mark
    }
}

impl<'a> Visitor<'a> for Found {
    fn visit_stmt(&mut self, stmt: &'a ast::Stmt) {
        self.pieces.statements.push(self.bytes(stmt));
        walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, expr: &'a ast::Expr) {
        self.pieces.expressions.push(self.bytes(expr));
        walk_expr(self, expr);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_where_they_stand() {
        let text = "\u{feff}if a:\n    b = c(1)\n";
        let pieces = pieces(text);
        let cut = |ranges: Vec<Range<usize>>| ranges.into_iter().map(|range| &text[range]).collect::<Vec<_>>();
        assert_eq!(cut(pieces.statements), ["if a:\n    b = c(1)", "b = c(1)"]);
        assert_eq!(cut(pieces.expressions), ["a", "c(1)", "c", "1", "b"]);
    }
}
