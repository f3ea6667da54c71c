//! What is done once and kept where the next call finds it: attributes and globals that are filled when they are asked
//! for first.
//!
//! `if self._client is None: self._client = connect()`, also as `if self._client is not None: return self._client` with
//! the rest of the function after it.

use ruff_python_ast as ast;
use ruff_python_ast::visitor::{Visitor, walk_stmt};

use super::{End, Frame, Library, Machine, Node, V};

/// Whether a test asks what of an object is not loaded yet: `"owners" in inspect(self).unloaded`. What it guards is done
/// for objects that came another way.
fn asks_what_is_loaded(test: &ast::Expr) -> bool {
    let ast::Expr::Compare(node) = test else { return false };
    let ([ast::CmpOp::In], [ast::Expr::Attribute(of)]) = (&*node.ops, &*node.comparators) else { return false };
    of.attr.as_str() == "unloaded"
}

/// A place that keeps what was made: a global, or an attribute of a name.
#[derive(Clone, Copy, PartialEq)]
struct Place<'a> {
    of: Option<&'a str>,
    name: &'a str,
}

impl<'a> Place<'a> {
    fn read(expr: &'a ast::Expr) -> Option<Self> {
        match expr {
            ast::Expr::Name(name) => Some(Self { of: None, name: &name.id }),
            ast::Expr::Attribute(node) => match &*node.value {
                ast::Expr::Name(of) => Some(Self { of: Some(&of.id), name: &node.attr }),
                _ => None,
            },
            // `hasattr(self, "_client")`.
            ast::Expr::Call(call) => match (&*call.func, &*call.arguments.args) {
                (ast::Expr::Name(func), [ast::Expr::Name(of), ast::Expr::StringLiteral(name)])
                    if func.id.as_str() == "hasattr" =>
                {
                    Some(Self { of: Some(&of.id), name: name.value.to_str() })
                }
                _ => None,
            },
            _ => None,
        }
    }

    /// The place that is empty where a test holds.
    fn empty(test: &'a ast::Expr) -> Option<Self> {
        match test {
            ast::Expr::UnaryOp(node) if node.op == ast::UnaryOp::Not => Self::read(&node.operand),
            ast::Expr::Compare(node) => match (&*node.ops, &*node.comparators) {
                ([ast::CmpOp::Is], [ast::Expr::NoneLiteral(_)]) => Self::read(&node.left),
                _ => None,
            },
            ast::Expr::BoolOp(node) if node.op == ast::BoolOp::And => node.values.iter().find_map(Self::empty),
            _ => None,
        }
    }

    /// The place that is empty where a test does not hold.
    fn full(test: &'a ast::Expr) -> Option<Self> {
        match test {
            ast::Expr::Compare(node) => match (&*node.ops, &*node.comparators) {
                ([ast::CmpOp::IsNot], [ast::Expr::NoneLiteral(_)]) => Self::read(&node.left),
                _ => None,
            },
            _ => Self::read(test),
        }
    }

    fn is_filled_in(self, body: &'a [ast::Stmt]) -> bool {
        struct Fills<'a>(Place<'a>, bool);
        impl<'a> Visitor<'a> for Fills<'a> {
            fn visit_stmt(&mut self, stmt: &'a ast::Stmt) {
                let targets = match stmt {
                    ast::Stmt::Assign(node) => &*node.targets,
                    ast::Stmt::AnnAssign(node) if node.value.is_some() => std::slice::from_ref(&*node.target),
                    ast::Stmt::FunctionDef(_) | ast::Stmt::ClassDef(_) => return,
                    _ => &[],
                };
                self.1 |= targets.iter().any(|target| Place::read(target) == Some(self.0));
                walk_stmt(self, stmt);
            }

            fn visit_expr(&mut self, _: &'a ast::Expr) {}
        }
        let mut fills = Fills(self, false);
        body.iter().for_each(|stmt| fills.visit_stmt(stmt));
        fills.1
    }
}

impl<'a, L: Library> Machine<'_, 'a, L> {
    /// Whether the body of an `if` fills what its test says is empty; to be asked before the test narrows what it is about.
    pub(super) fn keeps(&self, f: &Frame, test: &'a ast::Expr, body: &'a [ast::Stmt]) -> bool {
        asks_what_is_loaded(test)
            || Place::empty(test).is_some_and(|place| self.outlives(f, place) && place.is_filled_in(body))
    }

    /// Runs the body of an `if`, whose outcome may be kept.
    pub(super) fn guarded(&mut self, f: &mut Frame, body: &'a [ast::Stmt], is_kept: bool) -> End {
        if is_kept { self.once(f, body) } else { self.block(f, body) }
    }

    /// Whether statements fill what the `if` before them returns where it is there; to be asked before that runs.
    pub(super) fn fills(&self, f: &Frame, before: &'a ast::Stmt, rest: &'a [ast::Stmt]) -> bool {
        let ast::Stmt::If(node) = before else { return false };
        node.elif_else_clauses.is_empty()
            && matches!(node.body.last(), Some(ast::Stmt::Return(_)))
            && Place::full(&node.test).is_some_and(|place| self.outlives(f, place) && place.is_filled_in(rest))
    }

    /// Runs statements whose outcome is kept.
    pub(super) fn once(&mut self, f: &mut Frame, body: &'a [ast::Stmt]) -> End {
        f.open();
        let end = self.block(f, body);
        let nodes = f.close();
        if !nodes.is_empty() {
            f.node(Node::Once { body: nodes });
        }
        end
    }

    /// Whether what is put into a place is there in the next request: globals, and attributes of what importing made or
    /// of what somebody else keeps.
    fn outlives(&self, f: &Frame, place: Place<'a>) -> bool {
        let local = |name: &str| f.vars.iter().find(|(known, _)| self.name(*known) == name).map(|(_, value)| *value);
        match place.of {
            None => local(place.name).is_none(),
            Some(of) => match local(of).map(|value| self.v(value)) {
                None | Some(V::Heap(_)) => true,
                // What is handed in is filled for whoever handed it in.
                Some(V::Inst { site: None, .. }) => matches!(of, "self" | "cls"),
                Some(_) => false,
            },
        }
    }
}
