//! Which branches of a body are taken: what a test decides before it runs, what is there where it has a result, and
//! whether a block can go on below itself.

use ruff_python_ast as ast;
use ruff_python_ast::visitor::Visitor;
use ruff_text_size::Ranged;

use super::resolve::Known;
use super::{Local, Reader, last_name};
use crate::value::{Object, Value};

/// Groups of [`super::Call::present`] at most.
const MAX_PRESENT: usize = 16;
/// Expressions longer than this are none of them.
const MAX_TEXT: usize = 200;

impl<'a> Reader<'_, 'a> {
    pub(super) fn nested(&mut self, read: impl FnOnce(&mut Self)) {
        self.nesting += 1;
        read(self);
        self.nesting -= 1;
    }

    /// What is read where a test has a result.
    pub(super) fn below(&mut self, test: &'a ast::Expr, result: bool, read: impl FnOnce(&mut Self)) {
        let outer = self.present.len();
        self.go_on(test, result);
        self.nested(read);
        self.present.truncate(outer);
    }

    pub(super) fn branches(&mut self, node: &'a ast::StmtIf) {
        let outer = self.present.len();
        let tests = node.elif_else_clauses.iter().map(|clause| (clause.test.as_ref(), &clause.body));
        for (test, body) in std::iter::once((Some(&*node.test), &node.body)).chain(tests) {
            let Some(test) = test else {
                self.nested(|reader| reader.visit_body(body));
                break;
            };
            self.visit_expr(test);
            match self.decided(test) {
                Some(true) => {
                    self.visit_body(body);
                    break;
                }
                Some(false) => {}
                None => {
                    self.below(test, true, |reader| reader.visit_body(body));
                    self.go_on(test, false);
                }
            }
        }
        self.present.truncate(outer);
    }

    /// What is there where a test has a result; see [`super::Call::present`].
    fn holds(&self, test: &'a ast::Expr, result: bool) -> Vec<Vec<String>> {
        match test {
            ast::Expr::UnaryOp(node) if node.op == ast::UnaryOp::Not => self.holds(&node.operand, !result),
            ast::Expr::Compare(node) => match (&*node.ops, &*node.comparators) {
                ([ast::CmpOp::Is | ast::CmpOp::Eq], [ast::Expr::NoneLiteral(_)]) if !result => self.group(&node.left),
                ([ast::CmpOp::IsNot | ast::CmpOp::NotEq], [ast::Expr::NoneLiteral(_)]) if result => {
                    self.group(&node.left)
                }
                _ => Vec::new(),
            },
            ast::Expr::BoolOp(node) if (node.op == ast::BoolOp::And) == result => {
                node.values.iter().flat_map(|operand| self.holds(operand, result)).collect()
            }
            ast::Expr::BoolOp(node) => {
                // One of the operands has that result.
                let mut either = Vec::new();
                for operand in &node.values {
                    match self.holds(operand, result).into_iter().next() {
                        Some(group) => either.extend(group),
                        None => return Vec::new(),
                    }
                }
                vec![either]
            }
            ast::Expr::Named(node) if result => self.group(&node.target),
            ast::Expr::Name(_) | ast::Expr::Attribute(_) | ast::Expr::Subscript(_) if result => self.group(test),
            ast::Expr::Call(node) if result && last_name(&node.func) == "get" => self.group(test),
            _ => Vec::new(),
        }
    }

    /// Goes on with what a test lets through; of many tests one after the other the first ones count.
    pub(super) fn go_on(&mut self, test: &'a ast::Expr, result: bool) {
        if self.present.len() < MAX_PRESENT {
            let present = self.holds(test, result);
            self.present.extend(present);
            self.present.truncate(MAX_PRESENT);
        }
    }

    fn group(&self, expr: &'a ast::Expr) -> Vec<Vec<String>> {
        let expr = if let ast::Expr::Named(node) = expr { &*node.target } else { expr };
        let mut sources = Vec::new();
        self.sources(expr, 0, &mut sources);
        if sources.iter().all(|source| matches!(source.as_str(), "self" | "cls")) {
            return Vec::new();
        }
        if usize::from(expr.range().len()) > MAX_TEXT {
            return Vec::new();
        }
        let mut text = self.text(expr.range());
        if let ast::Expr::Name(name) = expr
            && let Some(Local::Expr(bound)) = self.locals.get(name.id.as_str())
            && usize::from(bound.range().len()) <= MAX_TEXT
        {
            text = format!("{text} = {}", self.text(bound.range()));
        }
        vec![vec![text]]
    }

    /// The result of a test that the receiver decides, an object with the attributes that it has, or what the functions
    /// around were called with.
    pub(super) fn decided(&mut self, test: &'a ast::Expr) -> Option<bool> {
        match test {
            ast::Expr::UnaryOp(node) if node.op == ast::UnaryOp::Not => self.decided(&node.operand).map(|it| !it),
            ast::Expr::BoolOp(node) => {
                let decisive = node.op == ast::BoolOp::Or;
                let results: Vec<Option<bool>> = node.values.iter().map(|operand| self.decided(operand)).collect();
                match results.contains(&Some(decisive)) {
                    true => Some(decisive),
                    false => results.iter().all(Option::is_some).then_some(!decisive),
                }
            }
            ast::Expr::Compare(node) => {
                let ([op], [right]) = (&*node.ops, &*node.comparators) else { return None };
                let (own, others) = (self.own_value(&node.left), self.own_value(right));
                if own.is_none() && others.is_none() {
                    return None;
                }
                let left = own.or_else(|| self.constant(&node.left))?;
                let right = others.or_else(|| self.constant(right))?;
                match op {
                    ast::CmpOp::Is | ast::CmpOp::Eq => self.machine.equal(left, right),
                    ast::CmpOp::IsNot | ast::CmpOp::NotEq => self.machine.equal(left, right).map(|it| !it),
                    ast::CmpOp::In => self.holds_item(right, left),
                    ast::CmpOp::NotIn => self.holds_item(right, left).map(|it| !it),
                    _ => None,
                }
            }
            _ => {
                let value = self.own_value(test)?;
                self.machine.truth(value)
            }
        }
    }

    fn holds_item(&mut self, container: Value, item: Value) -> Option<bool> {
        let is_collection = matches!(
            self.machine.obj(container)?,
            Object::List(..) | Object::Tuple(_) | Object::Set(_) | Object::Dict(_)
        );
        let (items, complete) = self.machine.items(container).ok().flatten().filter(|_| is_collection)?;
        let mut all_differ = complete;
        for one in items {
            match self.machine.equal(one, item) {
                Some(true) => return Some(true),
                Some(false) => {}
                None => all_differ = false,
            }
        }
        all_differ.then_some(false)
    }

    /// The value of an attribute of the receiver, where that is an object, or of what a function around this one was
    /// called with.
    fn own_value(&mut self, expr: &'a ast::Expr) -> Option<Value> {
        if let ast::Expr::Name(name) = expr {
            let name = name.id.as_str();
            let is_free = !self.parameters.contains(&name) && !self.locals.contains_key(name);
            let value = self.machine.closed_over(self.env.filter(|_| is_free), name)?;
            return (!matches!(value, Value::Unknown(_)) && self.machine.function(value).is_none()).then_some(value);
        }
        let mut at = expr;
        while let ast::Expr::Attribute(node) = at {
            at = &node.value;
        }
        let is_own = !std::ptr::eq(at, expr)
            && matches!(at, ast::Expr::Name(name) if name.id.as_str() == "self" && self.parameters.first() == Some(&"self"));
        if !is_own || !matches!(self.machine.obj(Value::Obj(self.receiver?)), Some(Object::Instance { .. })) {
            return None;
        }
        match self.known(expr, 0)? {
            Known::Value(value) if self.machine.function(value).is_none() => Some(value),
            _ => None,
        }
    }

    /// The value of a literal, or of a name that the function does not bind.
    fn constant(&mut self, expr: &'a ast::Expr) -> Option<Value> {
        match expr {
            ast::Expr::NoneLiteral(_) => Some(Value::None),
            ast::Expr::Name(name)
                if self.parameters.contains(&name.id.as_str()) || self.locals.contains_key(name.id.as_str()) =>
            {
                None
            }
            ast::Expr::Name(_)
            | ast::Expr::StringLiteral(_)
            | ast::Expr::NumberLiteral(_)
            | ast::Expr::BooleanLiteral(_) => match self.known(expr, 0)? {
                Known::Value(value) => Some(value),
                Known::Instance(_) => None,
            },
            _ => None,
        }
    }
}

/// Whether a block can only end by leaving the function.
pub(crate) fn ends(body: &[ast::Stmt]) -> bool {
    body.iter().any(|stmt| match stmt {
        ast::Stmt::Return(_) | ast::Stmt::Raise(_) => true,
        ast::Stmt::If(node) => {
            ends(&node.body)
                && node.elif_else_clauses.last().is_some_and(|clause| clause.test.is_none())
                && node.elif_else_clauses.iter().all(|clause| ends(&clause.body))
        }
        ast::Stmt::With(node) => ends(&node.body),
        ast::Stmt::Try(node) => {
            let mut handlers = node.handlers.iter();
            ends(&node.finalbody)
                || (ends(&node.body) || ends(&node.orelse))
                    && handlers.all(|ast::ExceptHandler::ExceptHandler(handler)| ends(&handler.body))
        }
        _ => false,
    })
}
