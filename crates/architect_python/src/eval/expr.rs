//! Expressions and operators.

use ruff_python_ast as ast;
use ruff_text_size::Ranged;

use super::budget::{MAX_COMPARISON, MAX_TEXT};
use super::{End, Eval, Evaluator, Flow, Frame, LOOP_LIMIT};
use crate::value::{CallArgs, DictData, DictKey, FunctionNode, Object, Value};

/// Nested expressions at most.
const EXPRESSION_DEPTH: u32 = 3_000;
/// Containers in containers whose text is known.
const TEXT_DEPTH: u32 = 100;

impl<'a> Evaluator<'a> {
    #[allow(clippy::too_many_lines)]
    pub(crate) fn expr(&mut self, frame: &mut Frame, expr: &'a ast::Expr) -> Eval {
        self.burn()?;
        Ok(match expr {
            ast::Expr::Name(node) => {
                let name = self.names.intern(&node.id);
                return self.lookup(frame, name);
            }
            ast::Expr::Attribute(node) => {
                let object = self.expr(frame, &node.value)?;
                let name = self.names.intern(&node.attr);
                self.current = self.site(frame, node.range);
                return self.attribute(object, name);
            }
            ast::Expr::Call(node) => return self.call_expression(frame, node),
            ast::Expr::StringLiteral(node) => self.str(node.value.to_str()),
            ast::Expr::BytesLiteral(node) => {
                let bytes: Vec<u8> = node.value.bytes().collect();
                self.alloc(Object::Bytes(bytes.into()))
            }
            ast::Expr::NumberLiteral(node) => match &node.value {
                ast::Number::Int(int) => match int.as_i64() {
                    Some(int) => Value::Int(int),
                    None => self.unknown("a very large integer"),
                },
                ast::Number::Float(float) => Value::Float(*float),
                ast::Number::Complex { .. } => self.unknown("a complex number"),
            },
            ast::Expr::BooleanLiteral(node) => Value::Bool(node.value),
            ast::Expr::NoneLiteral(_) => Value::None,
            ast::Expr::EllipsisLiteral(_) => Value::Ellipsis,
            ast::Expr::FString(node) => self.f_string(frame, node)?,
            ast::Expr::TString(_) => self.unknown("a template string"),
            ast::Expr::List(node) => {
                let (items, open) = self.elements(frame, &node.elts)?;
                self.alloc(Object::List(items, open))
            }
            ast::Expr::Tuple(node) => {
                let (items, open) = self.elements(frame, &node.elts)?;
                if open { self.alloc(Object::List(items, true)) } else { self.tuple(items) }
            }
            ast::Expr::Set(node) => {
                let (items, open) = self.elements(frame, &node.elts)?;
                self.set_of(items, open)
            }
            ast::Expr::Dict(node) => self.dict_display(frame, node)?,
            ast::Expr::BoolOp(node) => self.bool_op(frame, node.op, &node.values)?,
            ast::Expr::Named(node) => {
                let value = self.expr(frame, &node.value)?;
                self.bind(frame, &node.target, value)?;
                value
            }
            ast::Expr::BinOp(node) => {
                self.depth_guard(EXPRESSION_DEPTH)?;
                let left = self.expr(frame, &node.left);
                self.depth -= 1;
                let left = left?;
                let right = self.expr(frame, &node.right)?;
                self.current = self.site(frame, node.range);
                self.binary(node.op, left, right)?
            }
            ast::Expr::UnaryOp(node) => {
                self.depth_guard(EXPRESSION_DEPTH)?;
                let value = self.expr(frame, &node.operand);
                self.depth -= 1;
                let value = value?;
                match (node.op, value) {
                    (ast::UnaryOp::Not, value) => match self.truth(value) {
                        Some(truth) => Value::Bool(!truth),
                        None => self.unknown("not of something unknown"),
                    },
                    (ast::UnaryOp::USub, Value::Int(int)) => Value::Int(int.wrapping_neg()),
                    (ast::UnaryOp::USub, Value::Float(float)) => Value::Float(-float),
                    (ast::UnaryOp::UAdd, value) => value,
                    (_, Value::Unknown(_)) => value,
                    (op, value) => {
                        let method = match op {
                            ast::UnaryOp::Invert => "__invert__",
                            ast::UnaryOp::USub => "__neg__",
                            _ => "__pos__",
                        };
                        match self.operator_method(value, method) {
                            Some(method) => self.call(method, CallArgs::default())?,
                            None => self.unknown("an operator of a type that is not modelled"),
                        }
                    }
                }
            }
            ast::Expr::Lambda(node) => {
                let name = self.names.intern("<lambda>");
                self.make_function(frame, FunctionNode::Lambda(node), name)?
            }
            ast::Expr::If(node) => {
                let test = self.expr(frame, &node.test)?;
                match self.truth(test) {
                    Some(true) => self.expr(frame, &node.body)?,
                    Some(false) => self.expr(frame, &node.orelse)?,
                    None => {
                        let site = self.site(frame, node.test.range());
                        let mut values = Vec::new();
                        {
                            let values = std::cell::RefCell::new(&mut values);
                            let keep = |value: Value| values.borrow_mut().push(value);
                            self.fork(
                                frame,
                                site,
                                &mut [
                                    &mut |machine, frame| {
                                        machine.expr(frame, &node.body).map(|value| {
                                            keep(value);
                                            End::Normal
                                        })
                                    },
                                    &mut |machine, frame| {
                                        machine.expr(frame, &node.orelse).map(|value| {
                                            keep(value);
                                            End::Normal
                                        })
                                    },
                                ],
                            )?;
                        }
                        self.alternatives(values)
                    }
                }
            }
            ast::Expr::ListComp(node) => {
                let (items, open) =
                    self.comprehension(frame, &node.generators, &mut |machine, frame| machine.expr(frame, &node.elt))?;
                self.alloc(Object::List(items, open))
            }
            ast::Expr::Generator(node) => {
                let (items, open) =
                    self.comprehension(frame, &node.generators, &mut |machine, frame| machine.expr(frame, &node.elt))?;
                self.alloc(Object::List(items, open))
            }
            ast::Expr::SetComp(node) => {
                let (items, open) =
                    self.comprehension(frame, &node.generators, &mut |machine, frame| machine.expr(frame, &node.elt))?;
                self.set_of(items, open)
            }
            ast::Expr::DictComp(node) => {
                let (items, open) = self.comprehension(frame, &node.generators, &mut |machine, frame| {
                    let key = match &node.key {
                        Some(key) => machine.expr(frame, key)?,
                        None => Value::None,
                    };
                    let value = machine.expr(frame, &node.value)?;
                    Ok(machine.tuple(vec![key, value]))
                })?;
                let mut pairs = Vec::with_capacity(items.len());
                for item in items {
                    if let Some(Object::Tuple(parts)) = self.obj(item) {
                        pairs.push((parts[0], parts[1]));
                    }
                }
                let value = self.dict(pairs);
                if open {
                    self.mark_open(value);
                }
                value
            }
            ast::Expr::Await(node) => {
                let value = self.expr(frame, &node.value)?;
                self.awaited(value)?
            }
            ast::Expr::Yield(node) => {
                let value = match &node.value {
                    Some(value) => self.expr(frame, value)?,
                    None => Value::None,
                };
                if let Some(yields) = &mut frame.yields {
                    if yields.len() < LOOP_LIMIT {
                        yields.push(value);
                    }
                }
                Value::None
            }
            ast::Expr::YieldFrom(node) => {
                let value = self.expr(frame, &node.value)?;
                if let Some((items, _)) = self.items(value)? {
                    if let Some(yields) = &mut frame.yields {
                        yields.extend(items);
                    }
                }
                Value::None
            }
            ast::Expr::Compare(node) => self.compare(frame, node)?,
            ast::Expr::Subscript(node) => {
                let object = self.expr(frame, &node.value)?;
                let index = self.expr(frame, &node.slice)?;
                self.current = self.site(frame, node.range);
                self.at_top = frame.env.is_none() && frame.class.is_none() && frame.owner.is_none();
                let value = self.subscript(object, index);
                self.at_top = false;
                value?
            }
            ast::Expr::Starred(node) => self.expr(frame, &node.value)?,
            ast::Expr::Slice(node) => {
                let mut part = |machine: &mut Self, expr: &'a Option<Box<ast::Expr>>| match expr {
                    Some(expr) => machine.expr(frame, expr),
                    None => Ok(Value::None),
                };
                let lower = part(self, &node.lower)?;
                let upper = part(self, &node.upper)?;
                let step = part(self, &node.step)?;
                self.alloc(Object::Slice(lower, upper, step))
            }
            ast::Expr::IpyEscapeCommand(_) => Value::None,
        })
    }

    pub(crate) fn depth_guard(&mut self, limit: u32) -> Eval<()> {
        if self.depth > limit {
            return Err(self.raise("RecursionError", "the program nests too deeply to be followed"));
        }
        self.depth += 1;
        Ok(())
    }

    fn elements(&mut self, frame: &mut Frame, elts: &'a [ast::Expr]) -> Eval<(Vec<Value>, bool)> {
        let mut items = Vec::with_capacity(elts.len());
        let mut open = false;
        for elt in elts {
            if let ast::Expr::Starred(starred) = elt {
                let value = self.expr(frame, &starred.value)?;
                match self.items(value)? {
                    Some((more, complete)) => {
                        items.extend(more);
                        open |= !complete;
                    }
                    None => open = true,
                }
            } else {
                items.push(self.expr(frame, elt)?);
            }
        }
        Ok((items, open))
    }

    pub(crate) fn set_of(&mut self, items: Vec<Value>, open: bool) -> Value {
        let mut data = DictData { open, ..DictData::default() };
        for item in items {
            match self.key(item) {
                Some(key) => {
                    data.items.entry(key).or_insert((item, Value::None));
                }
                None => data.open = true,
            }
        }
        self.alloc(Object::Set(data))
    }

    pub(crate) fn mark_open(&mut self, value: Value) {
        if let Value::Obj(id) = value {
            match self.object_mut(id) {
                Object::Dict(data) | Object::Set(data) => data.open = true,
                Object::List(_, open) => *open = true,
                _ => {}
            }
        }
    }

    fn dict_display(&mut self, frame: &mut Frame, node: &'a ast::ExprDict) -> Eval {
        let mut data = DictData::default();
        for item in node.iter() {
            let value = self.expr(frame, &item.value)?;
            if let Some(key) = &item.key {
                let key = self.expr(frame, key)?;
                match self.key(key) {
                    Some(k) => {
                        data.items.insert(k, (key, value));
                    }
                    None => data.open = true,
                }
            } else if let Some(Object::Dict(other)) = self.obj(value) {
                data.open |= other.open;
                data.items.extend(other.items.iter().map(|(key, pair)| (key.clone(), *pair)));
            } else {
                data.open = true;
            }
        }
        Ok(self.alloc(Object::Dict(data)))
    }

    fn bool_op(&mut self, frame: &mut Frame, op: ast::BoolOp, values: &'a [ast::Expr]) -> Eval {
        let mut maybe: Vec<Value> = Vec::new();
        for (index, expr) in values.iter().enumerate() {
            let value = self.expr(frame, expr)?;
            let last = index + 1 == values.len();
            match (op, self.truth(value)) {
                (ast::BoolOp::Or, Some(true)) | (ast::BoolOp::And, Some(false)) => {
                    maybe.push(value);
                    return Ok(self.alternatives(maybe));
                }
                (_, Some(_)) if !last => {}
                _ => maybe.push(value),
            }
        }
        Ok(self.alternatives(maybe))
    }

    fn f_string(&mut self, frame: &mut Frame, node: &'a ast::ExprFString) -> Eval {
        let mut text = String::new();
        for part in &node.value {
            match part {
                ast::FStringPart::Literal(literal) => text.push_str(&literal.value),
                ast::FStringPart::FString(fstring) => {
                    for element in &fstring.elements {
                        match element {
                            ast::InterpolatedStringElement::Literal(literal) => text.push_str(&literal.value),
                            ast::InterpolatedStringElement::Interpolation(item) => {
                                let value = self.expr(frame, &item.expression)?;
                                if item.format_spec.is_some() {
                                    return Ok(match value {
                                        Value::Unknown(_) => value,
                                        _ => self.unknown("a formatted value"),
                                    });
                                }
                                if text.len() > MAX_TEXT {
                                    return Ok(self.unknown("a very long text"));
                                }
                                match self.to_text(value, matches!(item.conversion, ast::ConversionFlag::Repr))? {
                                    Some(part) => text.push_str(&part),
                                    None => {
                                        return Ok(match value {
                                            Value::Unknown(_) => value,
                                            _ => self.unknown("text of a value that is not known"),
                                        });
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
        Ok(self.str(&text))
    }

    /// `str(value)` or `repr(value)`, where it can be known.
    pub(crate) fn to_text(&mut self, value: Value, repr: bool) -> Eval<Option<String>> {
        // A list may hold itself.
        if self.limits.nesting > TEXT_DEPTH {
            return Ok(None);
        }
        self.burn()?;
        self.limits.nesting += 1;
        let text = self.text_of(value, repr);
        self.limits.nesting -= 1;
        text
    }

    fn text_of(&mut self, value: Value, repr: bool) -> Eval<Option<String>> {
        Ok(match value {
            Value::None => Some("None".into()),
            Value::Ellipsis => Some("Ellipsis".into()),
            Value::Bool(b) => Some(if b { "True" } else { "False" }.into()),
            Value::Int(i) => Some(i.to_string()),
            Value::Float(f) => Some(if f.fract() == 0.0 && f.abs() < 1e16 { format!("{f:.1}") } else { f.to_string() }),
            Value::Str(s) => {
                let text = self.names.text(s);
                Some(if repr { python_repr(text) } else { text.to_owned() })
            }
            Value::Unknown(_) => None,
            Value::Obj(id) => match self.object(id) {
                Object::Instance { .. } => {
                    let method = self.names.intern(if repr { "__repr__" } else { "__str__" });
                    match self.attribute_opt(value, method)? {
                        Some(method) => {
                            let result = self.call(method, CallArgs::default())?;
                            self.text(result).map(str::to_owned)
                        }
                        None if self.enum_member(value).is_some() => {
                            let is_str = self.text(value).map(str::to_owned);
                            let (class, name) = self.enum_member(value).unwrap_or_default();
                            let is_str_enum = self.is_subclass_of_named(value, "StrEnum");
                            match is_str {
                                Some(text) if is_str_enum => Some(text),
                                _ => Some(format!("{class}.{name}")),
                            }
                        }
                        None => None,
                    }
                }
                Object::Tuple(_) | Object::List(_, false) => {
                    let (open, close, items) = match self.object(id) {
                        Object::Tuple(items) => ("(", ")", items.clone()),
                        Object::List(items, _) => ("[", "]", items.clone()),
                        _ => return Ok(None),
                    };
                    let mut parts = Vec::with_capacity(items.len());
                    let mut length = 0;
                    for item in items {
                        match self.to_text(item, true)? {
                            Some(text) if length <= MAX_TEXT => {
                                length += text.len();
                                parts.push(text);
                            }
                            _ => return Ok(None),
                        }
                    }
                    let comma = if open == "(" && parts.len() == 1 { "," } else { "" };
                    Some(format!("{open}{}{comma}{close}", parts.join(", ")))
                }
                Object::Class(_) | Object::Generic { .. } | Object::Union(_) => Some(self.type_text(value)),
                _ => None,
            },
        })
    }

    fn comprehension(
        &mut self,
        frame: &mut Frame,
        generators: &'a [ast::Comprehension],
        element: &mut dyn FnMut(&mut Self, &mut Frame) -> Eval,
    ) -> Eval<(Vec<Value>, bool)> {
        let env = self.new_env(frame.env);
        let mut inner = Frame {
            module: frame.module,
            env: Some(env),
            class: None,
            owner: frame.class.or(frame.owner),
            first: frame.first,
            yields: None,
            returns: Vec::new(),
            qualname: frame.qualname,
            handling: frame.handling,
        };
        if let Some(class) = frame.class {
            let visible: Vec<_> = match self.object(class) {
                Object::Class(class) => class.ns.iter().map(|(name, value)| (*name, *value)).collect(),
                _ => Vec::new(),
            };
            self.envs[env.0 as usize].vars = visible;
        }
        let mut out = Vec::new();
        let open = self.comprehend(&mut inner, generators, element, &mut out)?;
        Ok((out, open))
    }

    fn comprehend(
        &mut self,
        frame: &mut Frame,
        generators: &'a [ast::Comprehension],
        element: &mut dyn FnMut(&mut Self, &mut Frame) -> Eval,
        out: &mut Vec<Value>,
    ) -> Eval<bool> {
        let Some((generator, rest)) = generators.split_first() else {
            out.push(element(self, frame)?);
            return Ok(false);
        };
        let iterable = self.expr(frame, &generator.iter)?;
        let Some((items, complete)) = self.items(iterable)? else { return Ok(true) };
        let mut open = !complete;
        for item in items.into_iter().take(LOOP_LIMIT) {
            self.bind(frame, &generator.target, item)?;
            let mut keep = Some(true);
            for test in &generator.ifs {
                let value = self.expr(frame, test)?;
                match self.truth(value) {
                    Some(true) => {}
                    Some(false) => {
                        keep = Some(false);
                        break;
                    }
                    None => keep = None,
                }
            }
            match keep {
                Some(true) => open |= self.comprehend(frame, rest, element, out)?,
                Some(false) => {}
                None => open = true,
            }
        }
        Ok(open)
    }

    // ------------------------------------------------------------- operators

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

    /// Whether two values are equal; `None` when that is not known.
    #[must_use]
    pub fn equal(&self, left: Value, right: Value) -> Option<bool> {
        let mut steps = MAX_COMPARISON;
        let equal = self.equal_within(left, right, &mut steps);
        self.charge_later((MAX_COMPARISON - steps) as usize / 8);
        equal
    }

    /// The same in so many steps: lists may share parts, and hold themselves.
    fn equal_within(&self, left: Value, right: Value, steps: &mut u32) -> Option<bool> {
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

    fn compare(&mut self, frame: &mut Frame, node: &'a ast::ExprCompare) -> Eval {
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
    fn operator_method(&mut self, value: Value, name: &str) -> Option<Value> {
        let Some(Object::Instance { .. }) = self.obj(value) else { return None };
        let name = self.names.lookup(name)?;
        let method = self.class_attribute_of(value, name)?;
        self.function(method)?;
        Some(self.bind_method(method, value))
    }

    fn compare_values(&mut self, op: ast::CmpOp, left: Value, right: Value) -> Eval<Option<bool>> {
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
                            let ints = |items: &[Value]| -> Option<Vec<i64>> {
                                items
                                    .iter()
                                    .map(|item| if let Value::Int(int) = item { Some(*int) } else { None })
                                    .collect()
                            };
                            match (ints(a), ints(b)) {
                                (Some(a), Some(b)) => Some(a.cmp(&b)),
                                _ => None,
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
        if let (ast::Operator::Add, Value::Obj(id)) = (op, left) {
            if matches!(self.object(id), Object::List(..)) {
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
        if let (Op::BitOr, true) = (op, self.is_type_like(left) && self.is_type_like(right)) {
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

    fn int(&mut self, value: Option<i64>) -> Value {
        match value {
            Some(int) => Value::Int(int),
            None => self.unknown("a very large integer"),
        }
    }

    fn percent_format(&mut self, format: &str, args: &[Value]) -> Eval {
        let mut out = String::new();
        let mut args = args.iter();
        let mut chars = format.chars();
        while let Some(c) = chars.next() {
            if out.len() > MAX_TEXT {
                return Ok(self.unknown("a very long text"));
            }
            if c != '%' {
                out.push(c);
                continue;
            }
            match chars.next() {
                Some('%') => out.push('%'),
                Some('s' | 'd' | 'i') => match args.next() {
                    Some(value) => match self.to_text(*value, false)? {
                        Some(text) => out.push_str(&text),
                        None => return Ok(self.unknown("text of a value that is not known")),
                    },
                    None => return Ok(self.unknown("a format with too few values")),
                },
                _ => return Ok(self.unknown("a format that is not modelled")),
            }
        }
        Ok(self.str(&out))
    }

    // -------------------------------------------------------------- sequences

    /// What iterating over a value gives, and whether that is all of it; `None` when nothing is known.
    pub fn items(&mut self, value: Value) -> Result<Option<(Vec<Value>, bool)>, Flow> {
        self.charge(self.length(value) / 16);
        Ok(match value {
            Value::Str(sym) => {
                self.charge(self.names.text(sym).len());
                let chars: Vec<String> = self.names.text(sym).chars().map(String::from).collect();
                Some((chars.iter().map(|c| self.str(c)).collect(), true))
            }
            Value::Obj(id) => match self.object(id) {
                Object::List(items, open) => Some((items.clone(), !open)),
                Object::Tuple(items) => Some((items.clone(), true)),
                Object::Dict(data) | Object::Set(data) => {
                    Some((data.items.values().map(|(key, _)| *key).collect(), !data.open))
                }
                Object::Class(class) => {
                    let members = class.ns.get(&self.known.members).copied();
                    match members {
                        Some(members) => match self.obj(members) {
                            Some(Object::Dict(data)) => {
                                Some((data.items.values().map(|(_, value)| *value).collect(), true))
                            }
                            _ => None,
                        },
                        None => None,
                    }
                }
                Object::Suspended { coroutine: false, .. } => {
                    let yields = self.run_generator(id)?;
                    Some((yields, true))
                }
                Object::Instance { .. } => match self.attribute_opt(value, self.known.iter)? {
                    Some(method) => {
                        let result = self.call(method, CallArgs::default())?;
                        if result == value { None } else { return self.items(result) }
                    }
                    None => None,
                },
                _ => None,
            },
            _ => None,
        })
    }

    /// Some element of an iterable whose elements are not known.
    pub(crate) fn element_of(&mut self, value: Value) -> Value {
        match value {
            Value::Unknown(_) => value,
            _ => self.unknown("an element of something that is not known"),
        }
    }

    pub(crate) fn subscript(&mut self, object: Value, index: Value) -> Eval {
        let Value::Obj(id) = object else {
            if let (Value::Str(sym), Some(Object::Slice(lower, upper, step))) = (object, self.obj(index)) {
                let (lower, upper, step) = (*lower, *upper, *step);
                self.charge(self.names.text(sym).len() / 16);
                let chars: Vec<char> = self.names.text(sym).chars().collect();
                return Ok(match slice(&chars, lower, upper, step) {
                    Some(part) => self.str(&part.into_iter().collect::<String>()),
                    None => self.unknown("a slice that is not known"),
                });
            }
            if let (Value::Str(sym), Value::Int(int)) = (object, index) {
                self.charge(self.names.text(sym).len() / 16);
                let chars: Vec<char> = self.names.text(sym).chars().collect();
                return Ok(match position(chars.len(), int) {
                    Some(at) => self.str(&chars[at].to_string()),
                    None => return Err(self.raise("IndexError", "string index out of range")),
                });
            }
            return Ok(match object {
                Value::Unknown(_) => object,
                _ => self.unknown("an item of something that has none"),
            });
        };
        match self.object(id) {
            Object::List(items, _) | Object::Tuple(items) => {
                let open = matches!(self.object(id), Object::List(_, true));
                match index {
                    Value::Int(int) => match position(items.len(), int) {
                        Some(at) if !open || int >= 0 => Ok(items[at]),
                        _ if open => Ok(self.unknown("an item of a list that is not all known")),
                        _ => Err(self.raise("IndexError", "list index out of range")),
                    },
                    _ => {
                        let items = items.clone();
                        let is_tuple = matches!(self.object(id), Object::Tuple(_));
                        if let Some(Object::Slice(lower, upper, step)) = self.obj(index) {
                            if let Some(part) = slice(&items, *lower, *upper, *step) {
                                return Ok(if is_tuple {
                                    self.tuple(part)
                                } else {
                                    self.alloc(Object::List(part, open))
                                });
                            }
                        }
                        Ok(self.unknown("an item whose index is not known"))
                    }
                }
            }
            Object::Dict(data) => match self.key(index) {
                Some(key) => match data.items.get(&key) {
                    Some((_, value)) => Ok(*value),
                    None if data.open => Ok(self.unknown("an item of a dictionary that is not all known")),
                    None => {
                        let text = self.to_text(index, true)?.unwrap_or_default();
                        Err(self.raise("KeyError", &text))
                    }
                },
                None => Ok(self.unknown("an item whose key is not known")),
            },
            Object::Class(class) => {
                if let Some(members) = class.ns.get(&self.known.members).copied() {
                    return self.subscript(members, index);
                }
                self.parametrise(object, index)
            }
            Object::External(_) | Object::Generic { .. } | Object::Union(_) | Object::TypeVar(_) => {
                self.parametrise(object, index)
            }
            Object::Instance { .. } => match self.attribute_opt(object, self.known.getitem)? {
                Some(method) => self.call(method, CallArgs { pos: vec![index], ..CallArgs::default() }),
                None => Ok(self.unknown("an item of an object that is not modelled")),
            },
            Object::Alternatives(parts) => {
                let parts = parts.clone();
                let mut out = Vec::new();
                for part in parts {
                    out.push(self.subscript(part, index)?);
                }
                Ok(self.alternatives(out))
            }
            Object::Opaque { .. } => Ok(self.unknown("an item of an object of a library that is not read")),
            _ => Ok(self.unknown("an item of something that has none")),
        }
    }

    pub(crate) fn set_item(&mut self, object: Value, index: Value, value: Value) -> Eval<()> {
        let key = self.key(index);
        if let Value::Obj(id) = object {
            match self.object_mut(id) {
                Object::Dict(data) => match key {
                    Some(key) => {
                        let old = data.items.insert(key.clone(), (index, value)).map(|(_, old)| old);
                        self.record(super::Place::Item(id, key), old);
                    }
                    None => data.open = true,
                },
                Object::List(items, open) => match key {
                    Some(DictKey::Int(int)) => {
                        if let Some(at) = position(items.len(), int) {
                            items[at] = value;
                        }
                    }
                    _ => *open = true,
                },
                Object::Instance { .. } => {
                    let name = self.names.intern("__setitem__");
                    if let Some(method) = self.attribute_opt(object, name)? {
                        self.call(method, CallArgs { pos: vec![index, value], ..CallArgs::default() })?;
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }
}

fn position(len: usize, index: i64) -> Option<usize> {
    let len = i64::try_from(len).ok()?;
    let index = if index < 0 { index + len } else { index };
    usize::try_from(index).ok().filter(|_| index < len)
}

fn slice<T: Clone>(items: &[T], lower: Value, upper: Value, step: Value) -> Option<Vec<T>> {
    let len = i64::try_from(items.len()).ok()?;
    let step = match step {
        Value::None => 1,
        Value::Int(step) if step != 0 => step,
        _ => return None,
    };
    let bound = |value: Value, default: i64| match value {
        Value::None => Some(default),
        Value::Int(int) => Some(if int < 0 { (int + len).max(if step > 0 { 0 } else { -1 }) } else { int.min(len) }),
        _ => None,
    };
    let (mut at, end) = if step > 0 {
        (bound(lower, 0)?, bound(upper, len)?)
    } else {
        (bound(lower, len - 1)?.min(len - 1), bound(upper, -1)?)
    };
    let mut out = Vec::new();
    while if step > 0 { at < end } else { at > end } {
        out.push(items.get(usize::try_from(at).ok()?)?.clone());
        at += step;
    }
    Some(out)
}

/// How Python writes a string literal.
pub(crate) fn python_repr(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    let mut out = String::with_capacity(text.len() + 2);
    out.push(quote);
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c == quote => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out.push(quote);
    out
}
