//! Operators: truth, comparison, identity, membership, arithmetic.

use ruff_python_ast as ast;

use super::budget::{MAX_COMPARISON, MAX_TEXT};
use super::{Eval, Evaluator, Frame};
use crate::value::{CallArgs, DictData, Object, Value};

impl<'a> Evaluator<'a> {
    /// The value of an expression of which only the truth matters: `unknown and False` is what is not known where that is
    /// false, and `False` where it is not.
    pub(super) fn condition_value(&mut self, frame: &mut Frame, test: &'a ast::Expr) -> Eval {
        let ast::Expr::BoolOp(node) = test else { return self.expr(frame, test) };
        self.burn()?;
        match self.bool_parts(frame, node.op, &node.values)? {
            (_, Some(decided)) => Ok(decided),
            (maybe, None) => Ok(self.alternatives(maybe)),
        }
    }

    pub(super) fn bool_op(&mut self, frame: &mut Frame, op: ast::BoolOp, values: &'a [ast::Expr]) -> Eval {
        let (mut maybe, decided) = self.bool_parts(frame, op, values)?;
        maybe.extend(decided);
        Ok(self.alternatives(maybe))
    }

    /// What `and` and `or` may give: values that are not known well enough, and the one that ends the question.
    fn bool_parts(
        &mut self,
        frame: &mut Frame,
        op: ast::BoolOp,
        values: &'a [ast::Expr],
    ) -> Eval<(Vec<Value>, Option<Value>)> {
        let mut maybe: Vec<Value> = Vec::new();
        for (index, expr) in values.iter().enumerate() {
            let value = self.expr(frame, expr)?;
            let last = index + 1 == values.len();
            match (op, self.truth(value)) {
                (ast::BoolOp::Or, Some(true)) | (ast::BoolOp::And, Some(false)) => return Ok((maybe, Some(value))),
                (_, Some(_)) if !last => {}
                _ => maybe.push(value),
            }
        }
        Ok((maybe, None))
    }

    /// Whether a value is true; `None` when that is not known.
    #[must_use]
    pub fn truth(&self, value: Value) -> Option<bool> {
        match value {
            Value::None => Some(false),
            Value::Ellipsis => Some(true),
            Value::Bool(b) => Some(b),
            Value::Int(i) => Some(i != 0),
            Value::Float(f) => Some(f != 0.0),
            Value::Str(s) => Some(!self.names.text(s).is_empty()),
            Value::Unknown(_) => None,
            Value::Obj(id) => match self.object(id) {
                Object::Bytes(bytes) => Some(!bytes.is_empty()),
                Object::List(items, open) => {
                    if items.is_empty() && *open {
                        None
                    } else {
                        Some(!items.is_empty())
                    }
                }
                Object::Tuple(items) => Some(!items.is_empty()),
                Object::Dict(data) | Object::Set(data) => {
                    if data.items.is_empty() && data.open {
                        None
                    } else {
                        Some(!data.items.is_empty())
                    }
                }
                Object::Instance { .. } => match self.text(value) {
                    Some(text) => Some(!text.is_empty()),
                    None => {
                        let has = |name: &str| {
                            self.names.lookup(name).is_some_and(|name| self.class_attribute_of(value, name).is_some())
                        };
                        if has("__bool__") || has("__len__") { None } else { Some(true) }
                    }
                },
                Object::External(_) if self.is_type_checking(value) => Some(false),
                Object::External(_) | Object::Opaque { .. } => None,
                Object::Alternatives(values) => {
                    let mut truths = values.iter().map(|value| self.truth(*value));
                    let first = truths.next()??;
                    truths.all(|truth| truth == Some(first)).then_some(first)
                }
                _ => Some(true),
            },
        }
    }

    fn is_definite(&self, value: Value) -> bool {
        matches!(
            self.obj(value),
            Some(Object::Class(_) | Object::Function(_) | Object::Native(_) | Object::External(_))
        )
    }

    /// Whether two values are equal; `None` when that is not known.
    #[must_use]
    pub fn equal(&self, left: Value, right: Value) -> Option<bool> {
        let mut steps = MAX_COMPARISON;
        let equal = self.equal_within(left, right, &mut steps);
        self.charge_later((MAX_COMPARISON - steps) as usize / 8);
        equal
    }

    /// The same in so many steps: lists may share parts, and hold themselves.
    pub(super) fn equal_within(&self, left: Value, right: Value, steps: &mut u32) -> Option<bool> {
        *steps = steps.checked_sub(1)?;
        if matches!(left, Value::Unknown(_)) || matches!(right, Value::Unknown(_)) {
            return None;
        }
        if left == right && !matches!(left, Value::Float(_)) {
            return Some(true);
        }
        if let (Some(a), Some(b)) = (self.text(left), self.text(right)) {
            return Some(a == b);
        }
        let number = |value: Value| match value {
            Value::Int(int) => Some(int as f64),
            Value::Bool(b) => Some(f64::from(u8::from(b))),
            Value::Float(float) => Some(float),
            _ => None,
        };
        if let (Some(a), Some(b)) = (number(left), number(right)) {
            return Some(a == b);
        }
        let opaque = |value: Value| {
            matches!(self.obj(value), Some(Object::External(_) | Object::Opaque { .. } | Object::Alternatives(_)))
        };
        // Constructs of `typing` are what they are called, and none of them is `None`.
        let construct = |value: Value| {
            self.external_path(value).filter(|path| path.starts_with("typing.") || *path == "types.UnionType")
        };
        match (construct(left), construct(right)) {
            (Some(a), Some(b)) => return Some(a == b),
            (Some(_), None) if right == Value::None => return Some(false),
            (None, Some(_)) if left == Value::None => return Some(false),
            // Nor is one of them a class, a function, or what another package has.
            (Some(_), None) if self.is_definite(right) => return Some(false),
            (None, Some(_)) if self.is_definite(left) => return Some(false),
            _ => {}
        }
        if opaque(left) || opaque(right) {
            return None;
        }
        match (self.obj(left), self.obj(right)) {
            (Some(Object::List(a, false)), Some(Object::List(b, false)))
            | (Some(Object::Tuple(a)), Some(Object::Tuple(b))) => {
                if a.len() != b.len() {
                    return Some(false);
                }
                let mut all = Some(true);
                for (a, b) in a.iter().zip(b) {
                    match self.equal_within(*a, *b, steps) {
                        Some(true) => {}
                        Some(false) => return Some(false),
                        None => all = None,
                    }
                }
                all
            }
            (Some(Object::Instance { .. }), Some(Object::Instance { .. })) => None,
            (Some(Object::Dict(_)), Some(Object::Dict(_))) | (Some(Object::Set(_)), Some(Object::Set(_))) => None,
            (Some(Object::Generic { .. }), _) | (_, Some(Object::Generic { .. })) => {
                match (self.key(left), self.key(right)) {
                    (Some(a), Some(b)) => Some(a == b),
                    _ => None,
                }
            }
            _ => Some(false),
        }
    }

    pub(super) fn compare(&mut self, frame: &mut Frame, node: &'a ast::ExprCompare) -> Eval {
        let mut left = self.expr(frame, &node.left)?;
        if let ([op], [right]) = (&*node.ops, &*node.comparators) {
            let right = self.expr(frame, right)?;
            if let Some(result) = self.rich_comparison(*op, left, right)? {
                return Ok(result);
            }
            return Ok(match self.compare_values(*op, left, right)? {
                Some(value) => Value::Bool(value),
                None => match right {
                    Value::Unknown(_) => right,
                    _ => self.unknown("a comparison with something unknown"),
                },
            });
        }
        let mut result = Some(true);
        for (op, right) in node.ops.iter().zip(&node.comparators) {
            let right = self.expr(frame, right)?;
            let this = self.compare_values(*op, left, right)?;
            match this {
                Some(false) => return Ok(Value::Bool(false)),
                Some(true) => {}
                None => result = None,
            }
            left = right;
        }
        Ok(match result {
            Some(value) => Value::Bool(value),
            None => match left {
                Value::Unknown(_) => left,
                _ => self.unknown("a comparison with something unknown"),
            },
        })
    }

    /// A comparison by a method that the program defines; nothing where there is none.
    fn rich_comparison(&mut self, op: ast::CmpOp, left: Value, right: Value) -> Eval<Option<Value>> {
        let (method, reflected) = match op {
            ast::CmpOp::Eq => ("__eq__", "__eq__"),
            ast::CmpOp::NotEq => ("__ne__", "__ne__"),
            ast::CmpOp::Lt => ("__lt__", "__gt__"),
            ast::CmpOp::LtE => ("__le__", "__ge__"),
            ast::CmpOp::Gt => ("__gt__", "__lt__"),
            ast::CmpOp::GtE => ("__ge__", "__le__"),
            _ => return Ok(None),
        };
        for (receiver, name, other) in [(left, method, right), (right, reflected, left)] {
            if let Some(method) = self.operator_method(receiver, name) {
                let result = self.call(method, CallArgs { pos: vec![other], ..CallArgs::default() })?;
                if self.external_path(result) != Some("builtins.NotImplemented") {
                    return Ok(Some(result));
                }
            }
        }
        Ok(None)
    }

    /// The method by which the class of an instance answers an operator.
    pub(super) fn operator_method(&mut self, value: Value, name: &str) -> Option<Value> {
        let Some(Object::Instance { .. }) = self.obj(value) else { return None };
        let name = self.names.lookup(name)?;
        let method = self.class_attribute_of(value, name)?;
        self.function(method)?;
        Some(self.bind_method(method, value))
    }

    pub(super) fn compare_values(&mut self, op: ast::CmpOp, left: Value, right: Value) -> Eval<Option<bool>> {
        Ok(match op {
            ast::CmpOp::Eq => self.equal(left, right),
            ast::CmpOp::NotEq => self.equal(left, right).map(|equal| !equal),
            ast::CmpOp::Is | ast::CmpOp::IsNot => {
                let same = self.identical(left, right);
                if op == ast::CmpOp::Is { same } else { same.map(|same| !same) }
            }
            ast::CmpOp::In => self.contains(right, left)?,
            ast::CmpOp::NotIn => self.contains(right, left)?.map(|found| !found),
            ast::CmpOp::Lt | ast::CmpOp::LtE | ast::CmpOp::Gt | ast::CmpOp::GtE => {
                let order = match (left, right) {
                    (Value::Int(a), Value::Int(b)) => Some(a.cmp(&b)),
                    (Value::Float(a), Value::Float(b)) => a.partial_cmp(&b),
                    (Value::Str(a), Value::Str(b)) => Some(self.names.text(a).cmp(self.names.text(b))),
                    _ => match (self.obj(left), self.obj(right)) {
                        (Some(Object::Tuple(a)), Some(Object::Tuple(b))) => {
                            // What comes after the first difference does not matter, known or not.
                            let differing = a.iter().zip(b).find(|(a, b)| a != b || matches!(a, Value::Unknown(_)));
                            match differing {
                                Some((Value::Int(a), Value::Int(b))) => Some(a.cmp(b)),
                                None => Some(a.len().cmp(&b.len())),
                                Some(_) => None,
                            }
                        }
                        _ => None,
                    },
                };
                order.map(|order| match op {
                    ast::CmpOp::Lt => order.is_lt(),
                    ast::CmpOp::LtE => order.is_le(),
                    ast::CmpOp::Gt => order.is_gt(),
                    _ => order.is_ge(),
                })
            }
        })
    }

    pub(crate) fn identical(&self, left: Value, right: Value) -> Option<bool> {
        match (left, right) {
            (Value::Unknown(_), _) | (_, Value::Unknown(_)) => None,
            (Value::Obj(a), Value::Obj(b)) if a == b => Some(true),
            (Value::Obj(_), _) | (_, Value::Obj(_)) => {
                let opaque = |value: Value| {
                    matches!(
                        self.obj(value),
                        Some(Object::External(_) | Object::Opaque { .. } | Object::Alternatives(_))
                    )
                };
                if opaque(left) || opaque(right) {
                    // A callable of a library is not None, though what a call gives back may be.
                    return None;
                }
                Some(
                    matches!(
                        (self.obj(left), self.obj(right)),
                        (Some(Object::Generic { .. }), Some(Object::Generic { .. }))
                    ) && self.key(left) == self.key(right),
                )
            }
            _ => self.equal(left, right),
        }
    }

    pub(crate) fn contains(&mut self, container: Value, item: Value) -> Eval<Option<bool>> {
        if let (Value::Str(text), Value::Str(part)) = (container, item) {
            self.charge(self.names.text(text).len() / 64);
            return Ok(Some(self.names.text(text).contains(self.names.text(part))));
        }
        if let Value::Obj(id) = container {
            if let Object::Dict(data) | Object::Set(data) = self.object(id) {
                return Ok(match self.key(item) {
                    Some(key) if data.items.contains_key(&key) => Some(true),
                    Some(_) if !data.open => Some(false),
                    _ => None,
                });
            }
            if let Object::Instance { .. } = self.object(id) {
                let method = self.names.intern("__contains__");
                if let Some(method) = self.attribute_opt(container, method)? {
                    let result = self.call(method, CallArgs { pos: vec![item], ..CallArgs::default() })?;
                    return Ok(self.truth(result));
                }
            }
        }
        let Some((items, complete)) = self.items(container)? else { return Ok(None) };
        self.charge(items.len() / 8);
        let mut unknown = !complete;
        for other in items {
            match self.equal(other, item) {
                Some(true) => return Ok(Some(true)),
                Some(false) => {}
                None => unknown = true,
            }
        }
        Ok(if unknown { None } else { Some(false) })
    }

    pub(crate) fn in_place(&mut self, op: ast::Operator, left: Value, right: Value) -> Eval {
        if let (ast::Operator::Add, Value::Obj(id)) = (op, left)
            && matches!(self.object(id), Object::List(..))
        {
            let more = self.items(right)?;
            self.weigh(more.as_ref().map_or(0, |(more, _)| more.len()) * 16);
            if let Object::List(items, open) = self.object_mut(id) {
                match more {
                    Some((more, complete)) => {
                        items.extend(more);
                        *open |= !complete;
                    }
                    None => *open = true,
                }
            }
            return Ok(left);
        }
        if let (ast::Operator::BitOr, Value::Obj(id), Some(Object::Dict(_) | Object::Set(_))) =
            (op, left, self.obj(left))
        {
            let other = match self.obj(right) {
                Some(Object::Dict(data) | Object::Set(data)) => data.clone(),
                _ => DictData { open: true, ..DictData::default() },
            };
            if let Object::Dict(data) | Object::Set(data) = self.object_mut(id) {
                data.open |= other.open;
                data.items.extend(other.items);
            }
            return Ok(left);
        }
        self.binary(op, left, right)
    }

    pub(crate) fn binary(&mut self, op: ast::Operator, left: Value, right: Value) -> Eval {
        use ast::Operator as Op;
        // Classes of C modules have names in lower case: `datetime | None`.
        let types = |a: Value, b: Value| {
            self.is_type_like(a) && (self.is_type_like(b) || matches!(self.obj(b), Some(Object::External(_))))
        };
        if op == Op::BitOr && (types(left, right) || types(right, left)) {
            return Ok(self.union(vec![left, right], true));
        }
        if let Value::Unknown(_) = left {
            return Ok(left);
        }
        if let Value::Unknown(_) = right {
            return Ok(right);
        }
        for (value, first) in [(left, true), (right, false)] {
            if let Some(Object::Alternatives(parts)) = self.obj(value) {
                let parts = parts.clone();
                let mut out = Vec::new();
                for part in parts {
                    out.push(if first { self.binary(op, part, right)? } else { self.binary(op, left, part)? });
                }
                return Ok(self.alternatives(out));
            }
        }
        if let (Some(a), Some(b)) = (self.text(left).map(str::to_owned), self.text(right).map(str::to_owned)) {
            if op == Op::Add && a.len() + b.len() > MAX_TEXT {
                return Ok(self.unknown("a very long text"));
            }
            if op == Op::Add {
                return Ok(self.str(&format!("{a}{b}")));
            }
        }
        if let (Op::Mod, Value::Str(format)) = (op, left) {
            let format = self.names.text(format).to_owned();
            let args = match self.obj(right) {
                Some(Object::Tuple(items)) => items.clone(),
                _ => vec![right],
            };
            return self.percent_format(&format, &args);
        }
        self.charge((self.length(left) + self.length(right)) / 8);
        Ok(match (op, left, right) {
            (Op::Add, Value::Int(a), Value::Int(b)) => self.int(a.checked_add(b)),
            (Op::Sub, Value::Int(a), Value::Int(b)) => self.int(a.checked_sub(b)),
            (Op::Mult, Value::Int(a), Value::Int(b)) => self.int(a.checked_mul(b)),
            (Op::FloorDiv, Value::Int(a), Value::Int(b)) if b > 0 => Value::Int(a.div_euclid(b)),
            (Op::Mod, Value::Int(a), Value::Int(b)) if b > 0 => Value::Int(a.rem_euclid(b)),
            (Op::Div, Value::Int(a), Value::Int(b)) if b != 0 => Value::Float(a as f64 / b as f64),
            (Op::Pow, Value::Int(a), Value::Int(b)) if (0..=62).contains(&b) => {
                self.int(a.checked_pow(u32::try_from(b).unwrap_or(0)))
            }
            (Op::LShift, Value::Int(a), Value::Int(b)) if (0..=40).contains(&b) => {
                self.int(a.checked_shl(u32::try_from(b).unwrap_or(0)))
            }
            (Op::BitOr, Value::Int(a), Value::Int(b)) => Value::Int(a | b),
            (Op::BitAnd, Value::Int(a), Value::Int(b)) => Value::Int(a & b),
            (Op::Mult, Value::Str(s), Value::Int(n))
                if (0..=1_000).contains(&n) && self.names.text(s).len() < 1_000 =>
            {
                let text = self.names.text(s).repeat(usize::try_from(n).unwrap_or(0));
                self.str(&text)
            }
            _ => match (self.obj(left), self.obj(right)) {
                (Some(Object::List(a, x)), Some(Object::List(b, y))) if op == Op::Add => {
                    let (items, open) = ([a.as_slice(), b.as_slice()].concat(), *x || *y);
                    self.alloc(Object::List(items, open))
                }
                (Some(Object::Tuple(a)), Some(Object::Tuple(b))) if op == Op::Add => {
                    let items = [a.as_slice(), b.as_slice()].concat();
                    self.tuple(items)
                }
                (Some(Object::List(a, open)), None) if op == Op::Mult && a.len() < 100 => {
                    let (a, open) = (a.clone(), *open);
                    let times =
                        if let Value::Int(n) = right { usize::try_from(n.clamp(0, 1_000)).unwrap_or(0) } else { 0 };
                    self.alloc(Object::List(a.repeat(times), open))
                }
                (Some(Object::Dict(a)), Some(Object::Dict(b))) if op == Op::BitOr => {
                    let mut data = a.clone();
                    data.open |= b.open;
                    data.items.extend(b.items.iter().map(|(key, pair)| (key.clone(), *pair)));
                    self.alloc(Object::Dict(data))
                }
                (Some(Object::Set(a)), Some(Object::Set(b))) if matches!(op, Op::BitOr | Op::Sub | Op::BitAnd) => {
                    let mut data = DictData { open: a.open || b.open, ..DictData::default() };
                    for (key, pair) in &a.items {
                        if op == Op::BitOr || (op == Op::Sub) != b.items.contains_key(key) {
                            data.items.insert(key.clone(), *pair);
                        }
                    }
                    if op == Op::BitOr {
                        data.items.extend(b.items.iter().map(|(key, pair)| (key.clone(), *pair)));
                    }
                    self.alloc(Object::Set(data))
                }
                (Some(Object::Instance { .. }), _) => {
                    let method = match op {
                        Op::Add => "__add__",
                        Op::Div => "__truediv__",
                        Op::BitOr => "__or__",
                        Op::BitAnd => "__and__",
                        Op::Sub => "__sub__",
                        Op::Mult => "__mul__",
                        Op::Mod => "__mod__",
                        _ => "",
                    };
                    let name = self.names.intern(method);
                    match self.attribute_opt(left, name)? {
                        Some(method) => self.call(method, CallArgs { pos: vec![right], ..CallArgs::default() })?,
                        None => self.unknown("an operator that is not modelled"),
                    }
                }
                _ => self.unknown("an operator of types that are not modelled"),
            },
        })
    }

    pub(super) fn int(&mut self, value: Option<i64>) -> Value {
        match value {
            Some(int) => Value::Int(int),
            None => self.unknown("a very large integer"),
        }
    }
}
