//! Operators: comparisons, arithmetic, `and` and `or`, and whether a value is true.

use ruff_python_ast as ast;
use ruff_text_size::Ranged;

use super::{Decides, End, Frame, Library, Machine, V, Val};
use crate::value::{Object, Site, Value};

impl<'a, L: Library> Machine<'_, 'a, L> {
    pub(super) fn bool_op(&mut self, f: &mut Frame, node: &'a ast::ExprBoolOp) -> Val {
        let start = f.vars.clone();
        let mut values = Vec::new();
        let and = node.op == ast::BoolOp::And;
        let mut conditional = 0;
        let count = node.values.len();
        let mut asked: Vec<(Val, Site)> = Vec::with_capacity(count);
        for (at, expr) in node.values.iter().enumerate() {
            if conditional > 0 {
                f.open();
            }
            let value = self.expr(f, expr);
            if conditional > 0 {
                let nodes = f.close();
                let site = self.site(f, expr.range());
                let end = if std::mem::take(&mut f.raised) { End::Raise } else { End::Normal };
                self.branch(f, site, vec![(nodes, end), (Vec::new(), End::Normal)]);
            }
            let last = at + 1 == count;
            asked.push((value, self.site(f, expr.range())));
            match self.truth(f, value) {
                Some(truth) if truth != and => {
                    values.push(value);
                    break;
                }
                Some(_) if last => values.push(value),
                Some(_) => {}
                None => {
                    // The value itself where it decides, narrowed to what decides.
                    for part in self.values.parts(value) {
                        if last || self.plain_truth(part) != Some(and) {
                            values.push(part);
                        }
                    }
                    conditional += 1;
                }
            }
            self.narrow(f, expr, and);
        }
        if let Some(library) = values
            .iter()
            .copied()
            .find(|value| matches!(self.v(*value), V::Lib(..)))
            .and_then(|value| L::operator(self, if and { "and" } else { "or" }, value, Val::NONE))
        {
            values = vec![library];
        }
        let is_asked = |value: &(Val, Site)| matches!(self.v(value.0), V::Lib(..));
        let decides = asked.len() == count && asked[..count - 1].iter().any(is_asked);
        // Bindings made on the way stay, what was narrowed does not.
        let after = std::mem::replace(&mut f.vars, start);
        for (name, value) in after {
            match f.vars.iter().find(|(n, _)| *n == name) {
                Some((_, old)) if matches!(self.v(*old), V::Union(_)) => {}
                _ => self.set_var(f, name, value),
            }
        }
        let value = self.union(values);
        if !decides {
            return value;
        }
        let site = self.site(f, node.range);
        L::decide(self, f, if and { Decides::And } else { Decides::Or }, &asked, value, site)
    }

    pub(super) fn compare(&mut self, f: &mut Frame, node: &'a ast::ExprCompare) -> Val {
        let mut left = self.expr(f, &node.left);
        let mut result = Val::TRUE;
        let mut operands = vec![(left, self.site(f, node.left.range()))];
        for (op, right) in node.ops.iter().zip(&node.comparators) {
            let right_value = self.expr(f, right);
            let one = self.compare_two(*op, left, right_value);
            result = if node.ops.len() == 1 { one } else { self.scalar("bool") };
            operands.push((right_value, self.site(f, right.range())));
            f.lookups.asked(left);
            f.lookups.asked(right_value);
            left = right_value;
        }
        let how = match &*node.ops {
            [ast::CmpOp::Is] => Decides::Is,
            [ast::CmpOp::IsNot] => Decides::IsNot,
            [ast::CmpOp::In] => Decides::In,
            [ast::CmpOp::NotIn] => Decides::NotIn,
            [_] => return result,
            _ => Decides::Chain,
        };
        if !operands.iter().any(|(value, _)| matches!(self.v(*value), V::Lib(..))) {
            return result;
        }
        let site = self.site(f, node.range);
        L::decide(self, f, how, &operands, result, site)
    }

    pub(super) fn compare_two(&mut self, op: ast::CmpOp, left: Val, right: Val) -> Val {
        let text = match op {
            ast::CmpOp::Eq => "==",
            ast::CmpOp::NotEq => "!=",
            ast::CmpOp::Lt => "<",
            ast::CmpOp::LtE => "<=",
            ast::CmpOp::Gt => ">",
            ast::CmpOp::GtE => ">=",
            ast::CmpOp::Is => "is",
            ast::CmpOp::IsNot => "is not",
            ast::CmpOp::In => "in",
            ast::CmpOp::NotIn => "not in",
        };
        if let Some(value) = L::operator(self, text, left, right) {
            return value;
        }
        let known = match op {
            ast::CmpOp::Eq | ast::CmpOp::Is => self.equal(left, right),
            ast::CmpOp::NotEq | ast::CmpOp::IsNot => self.equal(left, right).map(|equal| !equal),
            ast::CmpOp::In | ast::CmpOp::NotIn => {
                let items = self.known_items(right);
                let found = items.and_then(|items| {
                    let mut all = Some(false);
                    for item in items {
                        match self.equal(left, item) {
                            Some(true) => return Some(true),
                            Some(false) => {}
                            None => all = None,
                        }
                    }
                    all
                });
                if op == ast::CmpOp::In { found } else { found.map(|found| !found) }
            }
            ast::CmpOp::Lt | ast::CmpOp::LtE | ast::CmpOp::Gt | ast::CmpOp::GtE => {
                match (self.v(left), self.v(right)) {
                    (V::Int(a), V::Int(b)) => Some(match op {
                        ast::CmpOp::Lt => a < b,
                        ast::CmpOp::LtE => a <= b,
                        ast::CmpOp::Gt => a > b,
                        _ => a >= b,
                    }),
                    _ => None,
                }
            }
        };
        match known {
            Some(known) => self.bool(known),
            None => self.scalar("bool"),
        }
    }

    pub(super) fn equal(&mut self, left: Val, right: Val) -> Option<bool> {
        if left == right && !matches!(self.v(left), V::Unknown | V::Scalar(_) | V::Union(_) | V::Inst { .. }) {
            return Some(true);
        }
        let constant = |v: &V| matches!(v, V::None | V::Bool(_) | V::Int(_) | V::Str(_));
        let (a, b) = (self.v(left).clone(), self.v(right).clone());
        match (&a, &b) {
            (a, b) if constant(a) && constant(b) => Some(false),
            (V::None, V::Inst { .. } | V::Coll { .. } | V::Seq { .. } | V::Dict { .. } | V::Heap(_) | V::Scalar(_))
            | (V::Inst { .. } | V::Coll { .. } | V::Seq { .. } | V::Dict { .. } | V::Heap(_) | V::Scalar(_), V::None) => {
                Some(false)
            }
            (V::Heap(x), V::Heap(y)) => {
                let simple = |id| {
                    matches!(self.ev.object(id), Object::Class(_) | Object::Function(_))
                        || self.ev.enum_member(Value::Obj(id)).is_some()
                };
                (simple(*x) && simple(*y)).then_some(x == y)
            }
            (V::Heap(_), V::Str(_) | V::Int(_)) | (V::Str(_) | V::Int(_), V::Heap(_)) => {
                // A member of a textual enumeration is its value.
                let (heap, other) = if matches!(a, V::Heap(_)) { (left, right) } else { (right, left) };
                let V::Heap(id) = *self.v(heap) else { return None };
                self.ev.enum_member(Value::Obj(id))?;
                let name = self.sym("value");
                let own = self.ev.own_attr(id, name)?;
                let own = self.heap(own);
                let constant = |v: &V| matches!(v, V::Str(_) | V::Int(_));
                (constant(self.v(own)) && constant(self.v(other))).then_some(own == other)
            }
            _ => None,
        }
    }

    pub(super) fn binary(&mut self, op: ast::Operator, left: Val, right: Val) -> Val {
        if let Some(value) = L::operator(self, op.as_str(), left, right) {
            return value;
        }
        match (op, self.v(left).clone(), self.v(right).clone()) {
            (ast::Operator::Add, V::Str(a), V::Str(b)) => {
                let text = format!("{}{}", self.name(a), self.name(b));
                if text.len() < 10_000 { self.text(&text) } else { self.scalar("str") }
            }
            (ast::Operator::Add, V::Int(a), V::Int(b)) => self.make(V::Int(a.wrapping_add(b))),
            (ast::Operator::Sub, V::Int(a), V::Int(b)) => self.make(V::Int(a.wrapping_sub(b))),
            (ast::Operator::Mult, V::Int(a), V::Int(b)) => self.make(V::Int(a.wrapping_mul(b))),
            (ast::Operator::Add, V::Seq { tuple, items, site }, V::Seq { items: more, .. }) => {
                let mut items = items.into_vec();
                items.extend(more.into_vec());
                self.make(V::Seq { tuple, items: items.into(), site })
            }
            (ast::Operator::Add, V::Coll { .. } | V::Seq { .. }, V::Coll { .. } | V::Seq { .. }) => {
                self.union(vec![left, right])
            }
            (ast::Operator::BitOr, V::Dict { .. }, V::Dict { .. }) => self.union(vec![left, right]),
            (ast::Operator::Mod, V::Str(_), _) => self.scalar("str"),
            (_, V::Int(_) | V::Scalar(_), _) => match self.v(left).clone() {
                V::Int(_) => self.scalar("int"),
                _ => left,
            },
            (_, _, V::Scalar(_)) => right,
            _ => Val::UNKNOWN,
        }
    }

    /// Whether a value is true, as far as it shows.
    pub(super) fn plain_truth(&self, val: Val) -> Option<bool> {
        match self.v(val) {
            V::None => Some(false),
            V::Bool(b) => Some(*b),
            V::Int(int) => Some(*int != 0),
            V::Str(sym) => Some(!self.name(*sym).is_empty()),
            V::Seq { items, .. } => Some(!items.is_empty()),
            V::Dict { items, rest, .. } if rest.is_none() => Some(!items.is_empty()),
            V::Inst { class, .. } => {
                let class = self.ev.class(Value::Obj(*class))?;
                let has = |name: &str| {
                    self.ev.names.lookup(name).is_some_and(|name| {
                        class
                            .mro
                            .iter()
                            .any(|parent| self.ev.class(Value::Obj(*parent)).is_some_and(|c| c.ns.contains_key(&name)))
                    })
                };
                if class.open && class.site.is_none() || has("__bool__") || has("__len__") { None } else { Some(true) }
            }
            V::Closure(..) | V::Bound(..) | V::Pending { .. } => Some(true),
            V::Heap(id) => match self.ev.object(*id) {
                Object::Class(_) | Object::Function(_) | Object::Module(_) => Some(true),
                Object::Instance { .. } => match self.ev.enum_member(Value::Obj(*id)) {
                    Some(_) => {
                        let value = self.ev.names.lookup("value").and_then(|name| self.ev.own_attr(*id, name));
                        match value {
                            Some(Value::Str(sym)) => Some(!self.name(sym).is_empty()),
                            Some(Value::Int(int)) => Some(int != 0),
                            _ => None,
                        }
                    }
                    None => Some(true),
                },
                Object::List(items, false) | Object::Tuple(items) => Some(!items.is_empty()),
                Object::List(items, true) if !items.is_empty() => Some(true),
                _ => None,
            },
            V::Lib(..) => None,
            V::Union(parts) => {
                let mut all = parts.iter().map(|part| self.plain_truth(*part));
                let first = all.next()??;
                all.all(|truth| truth == Some(first)).then_some(first)
            }
            _ => None,
        }
    }

    /// Whether a value is true.
    pub(super) fn truth(&mut self, _f: &mut Frame, val: Val) -> Option<bool> {
        self.plain_truth(val)
    }
}
