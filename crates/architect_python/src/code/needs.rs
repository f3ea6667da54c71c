//! What parameters have to be for a statement to run: the tests around it, and those before it that leave.
//!
//! A caller that passes a constant, or leaves out an argument that has one as its default, decides such a test.

use ruff_python_ast as ast;

use super::read::Reader;
use super::{Call, Constant, Function, Operand};
use crate::body::ends;

/// Something that a parameter has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Need {
    /// Its position among the parameters of the function.
    pub parameter: usize,
    /// What it has to be.
    pub is: Needed,
}

/// What a test asks of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needed {
    /// `if x`.
    True,
    /// `if not x`.
    False,
    /// `if x is None`.
    Missing,
    /// `if x is not None`.
    Given,
}

impl Needed {
    fn opposite(self) -> Self {
        match self {
            Self::True => Self::False,
            Self::False => Self::True,
            Self::Missing => Self::Given,
            Self::Given => Self::Missing,
        }
    }

    fn allows(self, value: &Constant) -> bool {
        let truth = match value {
            Constant::None => false,
            Constant::Bool(value) => *value,
            Constant::Int(value) => *value != 0,
            Constant::Float(value) => *value != 0.0,
            Constant::Str(value) => !value.is_empty(),
        };
        match self {
            Self::True => truth,
            Self::False => !truth,
            Self::Missing => *value == Constant::None,
            Self::Given => *value != Constant::None,
        }
    }
}

impl Function {
    /// Whether a call of the function can get to what has these needs, by the constants that it passes or leaves to
    /// defaults.
    #[must_use]
    pub fn lets(&self, call: &Call, needs: &[Need]) -> bool {
        let is_open = |argument: &Operand| matches!(argument.keyword.as_deref(), Some("*" | "**"));
        if needs.is_empty() || call.arguments.iter().any(is_open) {
            return true;
        }
        // The object a method is called on is passed, but is no argument; through the class it is one.
        let is_plain = |one: &Operand| one.name.as_deref().unwrap_or(&one.text).ends_with("staticmethod");
        let bound = self.class.is_some() && !self.decorators.iter().any(is_plain);
        let class = self.class.as_deref().and_then(|class| class.rsplit([':', '.']).next());
        if bound && call.receiver.as_deref().is_none_or(|receiver| receiver.rsplit('.').next() == class) {
            return true;
        }
        needs.iter().all(|need| {
            let Some(parameter) = self.parameters.get(need.parameter) else { return true };
            let before = &self.parameters[..need.parameter];
            let Some(position) = need.parameter.checked_sub(usize::from(bound)) else { return true };
            let position = if before.iter().any(|one| one.is_variadic) { usize::MAX } else { position };
            if parameter.is_variadic {
                return true;
            }
            let given = call.argument(&parameter.name, position).or(parameter.default.as_ref());
            given.and_then(|given| given.constant.as_ref()).is_none_or(|value| need.is.allows(value))
        })
    }
}

impl<'a> Reader<'_, 'a> {
    /// What a test that holds asks of parameters that still are what was passed.
    pub(super) fn asked(&self, test: &'a ast::Expr) -> Vec<Need> {
        match test {
            ast::Expr::BoolOp(node) if node.op == ast::BoolOp::And => {
                node.values.iter().flat_map(|value| self.asked(value)).collect()
            }
            _ => self.asked_alone(test).into_iter().collect(),
        }
    }

    /// What a test that does not hold asks of them.
    pub(super) fn asked_otherwise(&self, test: &'a ast::Expr) -> Vec<Need> {
        match test {
            ast::Expr::BoolOp(node) if node.op == ast::BoolOp::Or => {
                node.values.iter().flat_map(|value| self.asked_otherwise(value)).collect()
            }
            _ => {
                let alone = self.asked_alone(test);
                alone.map(|need| Need { is: need.is.opposite(), ..need }).into_iter().collect()
            }
        }
    }

    fn asked_alone(&self, test: &'a ast::Expr) -> Option<Need> {
        match test {
            ast::Expr::Name(name) => self.need(name, Needed::True),
            ast::Expr::UnaryOp(node) if node.op == ast::UnaryOp::Not => {
                let need = self.asked_alone(&node.operand)?;
                Some(Need { is: need.is.opposite(), ..need })
            }
            ast::Expr::Compare(node) => match (&*node.left, &*node.ops, &*node.comparators) {
                (ast::Expr::Name(name), [ast::CmpOp::Is], [ast::Expr::NoneLiteral(_)]) => {
                    self.need(name, Needed::Missing)
                }
                (ast::Expr::Name(name), [ast::CmpOp::IsNot], [ast::Expr::NoneLiteral(_)]) => {
                    self.need(name, Needed::Given)
                }
                _ => None,
            },
            _ => None,
        }
    }

    fn need(&self, name: &ast::ExprName, is: Needed) -> Option<Need> {
        let id = name.id.as_str();
        // A later turn of a loop may find it changed.
        if self.context.loops > 0 || self.locals.contains_key(id) {
            return None;
        }
        let parameter = self.parameters.iter().position(|(known, _)| *known == id)?;
        Some(Need { parameter, is })
    }

    /// Reads statements of which the first that leaves says what those after it need.
    pub(super) fn in_block(&mut self, needs: Vec<Need>, read: impl FnOnce(&mut Self)) {
        let outer = self.context.needs.len();
        self.context.needs.extend(needs);
        read(self);
        self.context.needs.truncate(outer);
    }

    /// What an `if` that was passed says of what comes after it.
    pub(super) fn passed(&mut self, node: &'a ast::StmtIf) {
        if node.elif_else_clauses.is_empty() && ends(&node.body) {
            let needs = self.asked_otherwise(&node.test);
            self.context.needs.extend(needs);
        }
    }
}
