//! Expressions.

use ruff_python_ast as ast;
use ruff_python_ast::visitor::{Visitor, walk_expr, walk_stmt};
use ruff_text_size::Ranged;
use rustc_hash::FxHashSet;

use super::{Args, Closure, End, Frame, Kind, Library, Machine, Node, Size, V, Val};
use crate::value::{FunctionNode, Object, Site, Sym, Value};

impl<'a, L: Library> Machine<'_, 'a, L> {
    /// The value of an expression.
    #[allow(clippy::too_many_lines)]
    pub(super) fn expr(&mut self, f: &mut Frame, expr: &'a ast::Expr) -> Val {
        if !self.step() {
            return Val::UNKNOWN;
        }
        let awaiting = std::mem::take(&mut f.awaiting);
        match expr {
            ast::Expr::Name(node) => {
                let name = self.sym(&node.id);
                self.lookup(f, name)
            }
            ast::Expr::Attribute(node) => {
                let object = self.expr(f, &node.value);
                let name = self.sym(&node.attr);
                let site = self.site(f, node.range);
                self.attribute(f, object, name, site)
            }
            ast::Expr::Call(node) => {
                f.awaiting = awaiting;
                self.call_expression(f, node)
            }
            ast::Expr::StringLiteral(node) => self.text(node.value.to_str()),
            ast::Expr::BytesLiteral(_) => self.scalar("bytes"),
            ast::Expr::NumberLiteral(node) => match &node.value {
                ast::Number::Int(int) => match int.as_i64() {
                    Some(int) => self.make(V::Int(int)),
                    None => self.scalar("int"),
                },
                _ => self.scalar("float"),
            },
            ast::Expr::BooleanLiteral(node) => self.bool(node.value),
            ast::Expr::NoneLiteral(_) | ast::Expr::EllipsisLiteral(_) => Val::NONE,
            ast::Expr::FString(node) => self.f_string(f, node),
            ast::Expr::List(node) => {
                let items = self.elements(f, &node.elts);
                let site = Some(self.site(f, node.range));
                match items {
                    Ok(items) => self.make(V::Seq { tuple: false, items: items.into(), site }),
                    Err((elem, size)) => self.make(V::Coll { kind: Kind::List, elem, size, site }),
                }
            }
            ast::Expr::Tuple(node) => match self.elements(f, &node.elts) {
                Ok(items) => self.make(V::Seq { tuple: true, items: items.into(), site: None }),
                Err((elem, size)) => self.coll(elem, size, None),
            },
            ast::Expr::Set(node) => match self.elements(f, &node.elts) {
                Ok(items) => {
                    let site = Some(self.site(f, node.range));
                    self.make(V::Seq { tuple: false, items: items.into(), site })
                }
                Err((elem, size)) => self.make(V::Coll { kind: Kind::Set, elem, size, site: None }),
            },
            ast::Expr::Dict(node) => {
                let mut items: Vec<(Sym, Val)> = Vec::new();
                let mut rest = None;
                for item in node.iter() {
                    let key = item.key.as_ref().map(|key| self.expr(f, key));
                    let value = self.expr(f, &item.value);
                    match key.map(|key| self.v(key).clone()) {
                        Some(V::Str(name)) => {
                            items.retain(|(n, _)| *n != name);
                            items.push((name, value));
                        }
                        Some(_) => rest = Some(self.union(rest.into_iter().chain([value]).collect())),
                        None => match self.v(value).clone() {
                            V::Dict { items: more, rest: more_rest, .. } => {
                                for (name, value) in more {
                                    items.retain(|(n, _)| *n != name);
                                    items.push((name, value));
                                }
                                rest = rest.or(more_rest);
                            }
                            _ => rest = Some(Val::UNKNOWN),
                        },
                    }
                }
                items.sort_by_key(|(n, _)| *n);
                let site = Some(self.site(f, node.range));
                self.make(V::Dict { items: items.into(), rest, site })
            }
            ast::Expr::BoolOp(node) => self.bool_op(f, node),
            ast::Expr::Named(node) => {
                let value = self.expr(f, &node.value);
                self.bind(f, &node.target, value);
                value
            }
            ast::Expr::BinOp(node) => {
                let left = self.expr(f, &node.left);
                let right = self.expr(f, &node.right);
                self.binary(node.op, left, right)
            }
            ast::Expr::UnaryOp(node) => {
                let value = self.expr(f, &node.operand);
                match node.op {
                    ast::UnaryOp::Not => match self.truth(f, value) {
                        Some(truth) => self.bool(!truth),
                        None => self.scalar("bool"),
                    },
                    ast::UnaryOp::USub => match self.v(value) {
                        V::Int(int) => {
                            let int = int.wrapping_neg();
                            self.make(V::Int(int))
                        }
                        _ => value,
                    },
                    ast::UnaryOp::Invert => L::operator(self, "~", value, Val::NONE).unwrap_or(value),
                    ast::UnaryOp::UAdd => value,
                }
            }
            ast::Expr::Lambda(node) => self.closure(f, FunctionNode::Lambda(node), "<lambda>"),
            ast::Expr::If(node) => {
                let test = self.expr(f, &node.test);
                match self.truth(f, test) {
                    Some(true) => self.expr(f, &node.body),
                    Some(false) => self.expr(f, &node.orelse),
                    None => {
                        let site = self.site(f, node.test.range());
                        let mut values = Vec::new();
                        let values = std::cell::RefCell::new(&mut values);
                        let run = |m: &mut Self, f: &mut Frame, truth: bool, body: &'a ast::Expr| {
                            m.narrow(f, &node.test, truth);
                            let value = m.expr(f, body);
                            if std::mem::take(&mut f.raised) {
                                return End::Raise;
                            }
                            values.borrow_mut().push(value);
                            End::Normal
                        };
                        self.alternatives(
                            f,
                            site,
                            &mut [&mut |m, f| run(m, f, true, &node.body), &mut |m, f| run(m, f, false, &node.orelse)],
                        );
                        let values = std::mem::take(*values.borrow_mut());
                        self.union(values)
                    }
                }
            }
            ast::Expr::ListComp(node) => {
                let site = self.site(f, node.range);
                self.comprehension(f, &node.generators, site, Kind::List, &mut |m, f| m.expr(f, &node.elt))
            }
            ast::Expr::SetComp(node) => {
                let site = self.site(f, node.range);
                self.comprehension(f, &node.generators, site, Kind::Set, &mut |m, f| m.expr(f, &node.elt))
            }
            ast::Expr::Generator(node) => {
                let site = self.site(f, node.range);
                self.comprehension(f, &node.generators, site, Kind::Iterator, &mut |m, f| m.expr(f, &node.elt))
            }
            ast::Expr::DictComp(node) => {
                let site = self.site(f, node.range);
                self.comprehension(f, &node.generators, site, Kind::Dict, &mut |m, f| {
                    if let Some(key) = &node.key {
                        m.expr(f, key);
                    }
                    m.expr(f, &node.value)
                })
            }
            ast::Expr::Await(node) => {
                f.awaiting = true;
                let value = self.expr(f, &node.value);
                f.awaiting = false;
                let site = self.site(f, node.range);
                self.force(f, value, site)
            }
            ast::Expr::Yield(node) => {
                let value = node.value.as_ref().map_or(Val::NONE, |value| self.expr(f, value));
                f.yields.push(value);
                f.node(Node::Yield);
                Val::UNKNOWN
            }
            ast::Expr::YieldFrom(node) => {
                let value = self.expr(f, &node.value);
                let site = self.site(f, node.range);
                let (elem, _) = self.iterate(f, value, site);
                f.yields.push(elem);
                f.node(Node::Yield);
                Val::UNKNOWN
            }
            ast::Expr::Compare(node) => self.compare(f, node),
            ast::Expr::Subscript(node) => {
                let object = self.expr(f, &node.value);
                if let ast::Expr::Slice(slice) = &*node.slice {
                    for part in [&slice.lower, &slice.upper, &slice.step].into_iter().flatten() {
                        self.expr(f, part);
                    }
                    return self.slice(f, object, slice);
                }
                let index = self.expr(f, &node.slice);
                let site = self.site(f, node.range);
                self.subscript(f, object, index, site)
            }
            ast::Expr::Starred(node) => self.expr(f, &node.value),
            _ => Val::UNKNOWN,
        }
    }

    /// What a name is bound to.
    pub(super) fn lookup(&mut self, f: &Frame, name: Sym) -> Val {
        if let Some((_, value)) = f.vars.iter().find(|(n, _)| *n == name) {
            return *value;
        }
        if let Some((_, value)) = f.captured.iter().find(|(n, _)| *n == name) {
            return *value;
        }
        self.ev.refuel();
        let value = self.ev.free_name(f.env, f.module, name);
        self.heap(value)
    }

    /// Items of a display: each, or one for all and how many.
    fn elements(&mut self, f: &mut Frame, elts: &'a [ast::Expr]) -> Result<Vec<Val>, (Val, Size)> {
        let mut items = Vec::with_capacity(elts.len());
        let mut rest: Option<Size> = None;
        for elt in elts {
            if let ast::Expr::Starred(starred) = elt {
                let value = self.expr(f, &starred.value);
                if let Some(known) = self.known_items(value) {
                    items.extend(known);
                } else {
                    let site = self.site(f, elt.range());
                    let (elem, size) = self.iterate(f, value, site);
                    items.push(elem);
                    rest = Some(size);
                }
            } else {
                items.push(self.expr(f, elt));
            }
        }
        match rest {
            None => Ok(items),
            Some(size) => Err((self.union(items), size)),
        }
    }

    fn f_string(&mut self, f: &mut Frame, node: &'a ast::ExprFString) -> Val {
        let mut text = Some(String::new());
        for part in &node.value {
            match part {
                ast::FStringPart::Literal(literal) => {
                    if let Some(text) = &mut text {
                        text.push_str(&literal.value);
                    }
                }
                ast::FStringPart::FString(fstring) => {
                    for element in &fstring.elements {
                        match element {
                            ast::InterpolatedStringElement::Literal(literal) => {
                                if let Some(text) = &mut text {
                                    text.push_str(&literal.value);
                                }
                            }
                            ast::InterpolatedStringElement::Interpolation(item) => {
                                let value = self.expr(f, &item.expression);
                                let known = match self.v(value) {
                                    V::Int(int) => Some(int.to_string()),
                                    _ => self.str_of(value).map(str::to_owned),
                                };
                                match (known, &mut text) {
                                    (Some(known), Some(text)) if known.len() < 2_000 => text.push_str(&known),
                                    _ => text = None,
                                }
                            }
                        }
                    }
                }
            }
        }
        match text {
            Some(text) => self.text(&text),
            None => self.scalar("str"),
        }
    }

    fn bool_op(&mut self, f: &mut Frame, node: &'a ast::ExprBoolOp) -> Val {
        let start = f.vars.clone();
        let mut values = Vec::new();
        let and = node.op == ast::BoolOp::And;
        let mut conditional = 0;
        let count = node.values.len();
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
        // Bindings made on the way stay, what was narrowed does not.
        let after = std::mem::replace(&mut f.vars, start);
        for (name, value) in after {
            match f.vars.iter().find(|(n, _)| *n == name) {
                Some((_, old)) if matches!(self.v(*old), V::Union(_)) => {}
                _ => self.set_var(f, name, value),
            }
        }
        self.union(values)
    }

    fn compare(&mut self, f: &mut Frame, node: &'a ast::ExprCompare) -> Val {
        let mut left = self.expr(f, &node.left);
        let mut result = Val::TRUE;
        for (op, right) in node.ops.iter().zip(&node.comparators) {
            let right_value = self.expr(f, right);
            let one = self.compare_two(*op, left, right_value);
            result = if node.ops.len() == 1 { one } else { self.scalar("bool") };
            left = right_value;
        }
        result
    }

    fn compare_two(&mut self, op: ast::CmpOp, left: Val, right: Val) -> Val {
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

    fn equal(&mut self, left: Val, right: Val) -> Option<bool> {
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

    fn comprehension(
        &mut self,
        f: &mut Frame,
        generators: &'a [ast::Comprehension],
        site: Site,
        kind: Kind,
        element: &mut dyn FnMut(&mut Self, &mut Frame) -> Val,
    ) -> Val {
        let outer = f.vars.len();
        let mut out: Vec<Val> = Vec::new();
        let mut size = Size::Known(1);
        let mut exact = true;
        self.generator(f, generators, 0, element, &mut out, &mut size, &mut exact);
        // Names of a comprehension are its own; a walrus inside is rare.
        if f.vars.len() > outer {
            f.vars.truncate(outer);
        }
        if exact && kind == Kind::List {
            return self.make(V::Seq { tuple: false, items: out.into(), site: Some(site) });
        }
        let elem = self.union(out);
        self.make(V::Coll { kind, elem, size, site: Some(site) })
    }

    #[allow(clippy::too_many_arguments)]
    fn generator(
        &mut self,
        f: &mut Frame,
        generators: &'a [ast::Comprehension],
        at: usize,
        element: &mut dyn FnMut(&mut Self, &mut Frame) -> Val,
        out: &mut Vec<Val>,
        size: &mut Size,
        exact: &mut bool,
    ) {
        let Some(node) = generators.get(at) else {
            let value = element(self, f);
            // A coroutine of a comprehension runs when all are gathered.
            out.push(value);
            return;
        };
        let iterable = self.expr(f, &node.iter);
        let site = self.site(f, node.iter.range());
        let known = self.known_items(iterable).map(|items| items.len());
        match known {
            Some(n) if n <= 12 => {}
            _ => {
                *exact = false;
                let (_, more) = match self.v(iterable).clone() {
                    V::Coll { elem, size, .. } => (elem, size),
                    _ => (Val::UNKNOWN, Size::Unknown),
                };
                let more = if matches!(more, Size::Unknown) { self.size_of(iterable) } else { more };
                *size = super::join::larger(size.clone(), more);
            }
        }
        let out = std::cell::RefCell::new(out);
        let state = std::cell::RefCell::new((size, exact, element));
        self.each(f, iterable, site, &mut |m, f, elem| {
            m.bind(f, &node.target, elem);
            let mut state = state.borrow_mut();
            let (size, exact, element) = &mut *state;
            for test in &node.ifs {
                let value = m.expr(f, test);
                match m.truth(f, value) {
                    Some(false) => return End::Normal,
                    Some(true) => {}
                    None => **exact = false,
                }
                m.narrow(f, test, true);
            }
            let mut out = out.borrow_mut();
            m.generator(f, generators, at + 1, *element, *out, size, exact);
            End::Normal
        });
    }

    /// How many a value holds.
    pub fn size_of(&self, val: Val) -> Size {
        match self.v(val) {
            V::Coll { size, .. } => size.clone(),
            V::Seq { items, .. } => Size::Known(u32::try_from(items.len()).unwrap_or(0)),
            V::Dict { items, rest: None, .. } => Size::Known(u32::try_from(items.len()).unwrap_or(0)),
            V::Union(parts) => {
                parts.iter().map(|part| self.size_of(*part)).reduce(super::join::larger).unwrap_or(Size::Unknown)
            }
            _ => Size::Unknown,
        }
    }

    fn slice(&mut self, f: &mut Frame, object: Val, slice: &'a ast::ExprSlice) -> Val {
        let upper = match slice.upper.as_deref() {
            Some(ast::Expr::NumberLiteral(ast::ExprNumberLiteral { value: ast::Number::Int(int), .. })) => {
                int.as_i64().and_then(|int| u32::try_from(int).ok())
            }
            _ => None,
        };
        match self.v(object).clone() {
            V::Coll { kind, elem, size, .. } => {
                let site = Some(self.site(f, slice.range));
                let size = match (size, upper) {
                    (Size::Rows(name, None), Some(n)) => Size::Rows(name, Some(n)),
                    (Size::Input(name, None), Some(n)) => Size::Input(name, Some(n)),
                    (size, _) => size,
                };
                self.make(V::Coll { kind, elem, size, site })
            }
            V::Seq { items, tuple, .. } => {
                let site = Some(self.site(f, slice.range));
                if slice.lower.is_none() && slice.upper.is_none() {
                    return self.make(V::Seq { tuple, items, site });
                }
                let size = Size::Known(u32::try_from(items.len()).unwrap_or(0));
                let elem = self.union(items.into_vec());
                self.make(V::Coll { kind: Kind::List, elem, size, site })
            }
            V::Str(_) => self.scalar("str"),
            V::Lib(..) => {
                let site = self.site(f, slice.range);
                let end = upper.map_or(Val::UNKNOWN, |n| self.make(V::Int(i64::from(n))));
                let bounds = self.make(V::Seq { tuple: true, items: [Val::NONE, end].into(), site: None });
                L::item(self, f, object, bounds, site).unwrap_or(Val::UNKNOWN)
            }
            _ => object,
        }
    }

    /// `object[index]`.
    pub fn subscript(&mut self, f: &mut Frame, object: Val, index: Val, site: Site) -> Val {
        match self.v(object).clone() {
            V::Coll { elem, .. } => elem,
            V::Seq { items, .. } => match *self.v(index) {
                V::Int(at) => {
                    let count = i64::try_from(items.len()).unwrap_or(0);
                    let at = if at < 0 { at + count } else { at };
                    usize::try_from(at).ok().and_then(|at| items.get(at).copied()).unwrap_or(Val::UNKNOWN)
                }
                _ => self.union(items.into_vec()),
            },
            V::Dict { items, rest, .. } => match *self.v(index) {
                V::Str(name) => {
                    items.iter().find(|(n, _)| *n == name).map(|(_, v)| *v).or(rest).unwrap_or(Val::UNKNOWN)
                }
                _ => {
                    let all = items.iter().map(|(_, v)| *v).chain(rest).collect();
                    self.union(all)
                }
            },
            V::Union(parts) => {
                let parts: Vec<Val> = parts
                    .iter()
                    .filter(|part| **part != Val::NONE)
                    .map(|part| self.subscript(f, *part, index, site))
                    .collect();
                self.union(parts)
            }
            V::Lib(..) | V::Inst { .. } => {
                if let Some(value) = L::item(self, f, object, index, site) {
                    return value;
                }
                match self.class_member(object, self.names.getitem) {
                    Some(method) => {
                        let bound = self.bind_member(method, object);
                        self.call(f, bound, Args::of(vec![index]), site)
                    }
                    None => Val::UNKNOWN,
                }
            }
            V::Heap(id) => {
                let key = match self.v(index) {
                    V::Str(sym) => Some(crate::value::DictKey::Str(*sym)),
                    V::Int(int) => Some(crate::value::DictKey::Int(*int)),
                    V::Heap(id) => self.ev.key(Value::Obj(*id)),
                    _ => None,
                };
                let found = match (self.ev.object(id), key) {
                    (Object::Dict(data), Some(key)) => data.items.get(&key).map(|(_, value)| vec![*value]),
                    (Object::Dict(data), None) => Some(data.items.values().map(|(_, value)| *value).take(40).collect()),
                    (Object::List(items, _) | Object::Tuple(items), Some(crate::value::DictKey::Int(at))) => {
                        usize::try_from(at).ok().and_then(|at| items.get(at)).map(|value| vec![*value])
                    }
                    (Object::List(items, _) | Object::Tuple(items), _) => {
                        Some(items.iter().take(40).copied().collect())
                    }
                    (Object::Class(_) | Object::External(_), _) => return object,
                    _ => None,
                };
                match found {
                    Some(values) => {
                        let values = values.into_iter().map(|value| self.heap(value)).collect();
                        self.union(values)
                    }
                    None => L::item(self, f, object, index, site).unwrap_or(Val::UNKNOWN),
                }
            }
            V::Str(_) => self.scalar("str"),
            _ => Val::UNKNOWN,
        }
    }

    /// A function made here.
    pub(super) fn closure(&mut self, f: &Frame, node: FunctionNode<'a>, name: &str) -> Val {
        let key = (f.module, node.range());
        let at = match self.closure_index.get(&key) {
            Some(at) => *at,
            None => {
                let qualname = self.sym(name);
                let at = u32::try_from(self.closures.len()).unwrap_or(0);
                self.closures.push(Closure { node, module: f.module, env: f.env, owner: f.owner, qualname });
                self.closure_index.insert(key, at);
                at
            }
        };
        let mut used = Used(FxHashSet::default());
        match node {
            FunctionNode::Def(def) => def.body.iter().for_each(|stmt| used.visit_stmt(stmt)),
            FunctionNode::Lambda(lambda) => used.visit_expr(&lambda.body),
        }
        let mut captured: Vec<(Sym, Val)> = f.captured.to_vec();
        for (name, value) in &f.vars {
            match captured.iter_mut().find(|(n, _)| n == name) {
                Some(slot) => slot.1 = *value,
                None => captured.push((*name, *value)),
            }
        }
        captured.retain(|(name, _)| used.0.contains(self.ev.names.text(*name)));
        captured.sort_by_key(|(n, _)| *n);
        self.make(V::Closure(at, captured.into()))
    }

    // ------------------------------------------------------------ attributes

    /// What the class of a value has under a name.
    pub(super) fn class_member(&self, val: Val, name: Sym) -> Option<Value> {
        self.class_of(val).and_then(|class| self.ev.mro_attribute(class, name))
    }

    /// What reading a class attribute through an instance gives.
    pub(super) fn bind_member(&mut self, member: Value, receiver: Val) -> Val {
        match self.ev.obj(member) {
            Some(Object::Function(_) | Object::Native(_)) => {
                let function = self.heap(member);
                self.make(V::Bound(receiver, function))
            }
            Some(Object::Static(function)) => {
                let function = *function;
                self.heap(function)
            }
            Some(Object::ClassMethod(function)) => {
                let function = *function;
                let function = self.heap(function);
                let class = match self.class_of(receiver) {
                    Some(class) => self.make(V::Heap(class)),
                    None => receiver,
                };
                self.make(V::Bound(class, function))
            }
            Some(Object::Instance { .. }) if self.ev.is_subclass_of_named(member, "partial") => self.heap(member),
            _ => self.heap(member),
        }
    }

    /// `object.name`.
    pub fn attribute(&mut self, f: &mut Frame, object: Val, name: Sym, site: Site) -> Val {
        match self.v(object).clone() {
            V::Union(parts) => {
                // A missing value would have raised: the others go on.
                let mut out = Vec::new();
                let many = parts.iter().filter(|part| **part != Val::NONE).count() > 1;
                let mut arms = Vec::new();
                for part in parts.iter().filter(|part| **part != Val::NONE) {
                    if many {
                        f.open();
                    }
                    out.push(self.attribute(f, *part, name, site));
                    if many {
                        arms.push((f.close(), End::Normal));
                    }
                }
                if many {
                    self.branch(f, site, arms);
                }
                self.union(out)
            }
            V::Inst { class, attrs, .. } => {
                if let Some((_, value)) = attrs.iter().find(|(n, _)| *n == name) {
                    return *value;
                }
                if let Some(value) = L::attribute(self, f, object, name, site) {
                    return value;
                }
                self.instance_attribute(f, object, class, name, site)
            }
            V::Lib(..) => match L::attribute(self, f, object, name, site) {
                Some(value) => value,
                None => self.make(V::Method(object, name)),
            },
            V::Heap(id) => self.heap_attribute(f, object, id, name, site),
            V::Super(class, receiver) => self.super_attribute(f, class, receiver, name, site),
            V::Bound(_, function) => self.attribute(f, function, name, site),
            V::Coll { .. }
            | V::Seq { .. }
            | V::Dict { .. }
            | V::Str(_)
            | V::Int(_)
            | V::Bool(_)
            | V::Scalar(_)
            | V::Pending { .. } => self.make(V::Method(object, name)),
            _ => Val::UNKNOWN,
        }
    }

    fn instance_attribute(
        &mut self,
        f: &mut Frame,
        object: Val,
        class: crate::value::ObjectId,
        name: Sym,
        site: Site,
    ) -> Val {
        if name == self.names.class {
            return self.make(V::Heap(class));
        }
        if name == self.names.dict {
            return Val::UNKNOWN;
        }
        if let Some(member) = self.ev.mro_attribute(class, name) {
            if let Some(Object::Property(getter)) = self.ev.obj(member) {
                let getter = *getter;
                let getter = self.heap(getter);
                return self.call(f, getter, Args::of(vec![object]), site);
            }
            let plain = !matches!(
                self.ev.obj(member),
                Some(
                    Object::Function(_)
                        | Object::Static(_)
                        | Object::ClassMethod(_)
                        | Object::Native(_)
                        | Object::Property(_)
                )
            );
            if !plain {
                return self.bind_member(member, object);
            }
            // A default of a field says less than its annotation.
            if let Some(typed) = self.field_type(class, name) {
                return typed;
            }
            return self.heap(member);
        }
        if let Some(typed) = self.field_type(class, name) {
            return typed;
        }
        if let Some(getter) = self.ev.mro_attribute(class, self.names.getattr)
            && self.ev.function(getter).is_some_and(|(_, function)| !self.ev.is_model(function.module))
        {
            let bound = self.bind_member(getter, object);
            let text = self.make(V::Str(name));
            return self.call(f, bound, Args::of(vec![text]), site);
        }
        Val::UNKNOWN
    }

    fn heap_attribute(&mut self, f: &mut Frame, object: Val, id: crate::value::ObjectId, name: Sym, site: Site) -> Val {
        match self.ev.object(id) {
            Object::Instance { class, attrs, .. } => {
                let class = *class;
                if let Some(value) = attrs.get(&name).copied() {
                    return self.heap(value);
                }
                if let Some(value) = L::attribute(self, f, object, name, site) {
                    return value;
                }
                self.instance_attribute(f, object, class, name, site)
            }
            Object::Class(_) => {
                if let Some(value) = L::class_attribute(self, id, name) {
                    return value;
                }
                match self.ev.mro_attribute(id, name) {
                    Some(member) => match self.ev.obj(member) {
                        Some(Object::ClassMethod(function)) => {
                            let function = *function;
                            let function = self.heap(function);
                            self.make(V::Bound(object, function))
                        }
                        Some(Object::Static(function)) => {
                            let function = *function;
                            self.heap(function)
                        }
                        _ => self.heap(member),
                    },
                    None if name == self.names.name => {
                        let name = self.ev.class(Value::Obj(id)).map(|class| class.name);
                        name.map_or(Val::UNKNOWN, |name| self.make(V::Str(name)))
                    }
                    None if self.ev.class(Value::Obj(id)).is_some_and(|class| class.site.is_none()) => {
                        self.make(V::Method(object, name))
                    }
                    None => Val::UNKNOWN,
                }
            }
            Object::List(..) | Object::Tuple(_) | Object::Dict(_) | Object::Set(_) => {
                self.make(V::Method(object, name))
            }
            _ => {
                self.ev.refuel();
                match self.ev.peek_attribute(Value::Obj(id), name) {
                    Some(value) => self.heap(value),
                    None => Val::UNKNOWN,
                }
            }
        }
    }

    fn super_attribute(
        &mut self,
        f: &mut Frame,
        class: crate::value::ObjectId,
        receiver: Val,
        name: Sym,
        site: Site,
    ) -> Val {
        let own = match self.v(receiver) {
            V::Heap(id) if matches!(self.ev.object(*id), Object::Class(_)) => Some(*id),
            _ => self.class_of(receiver),
        };
        let Some(own) = own.and_then(|own| self.ev.class(Value::Obj(own))) else { return Val::UNKNOWN };
        let after = own.mro.iter().position(|parent| *parent == class).map_or(0, |at| at + 1);
        let rest = own.mro[after..].to_vec();
        for parent in rest {
            if let Some(found) = self.ev.own_attr(parent, name) {
                if let Some(Object::Property(getter)) = self.ev.obj(found) {
                    let getter = *getter;
                    let getter = self.heap(getter);
                    return self.call(f, getter, Args::of(vec![receiver]), site);
                }
                return self.bind_member(found, receiver);
            }
        }
        Val::NONE
    }
}

/// Names a function reads.
struct Used<'a>(FxHashSet<&'a str>);

impl<'a> Visitor<'a> for Used<'a> {
    fn visit_expr(&mut self, expr: &'a ast::Expr) {
        if let ast::Expr::Name(name) = expr {
            self.0.insert(&name.id);
        }
        walk_expr(self, expr);
    }

    fn visit_stmt(&mut self, stmt: &'a ast::Stmt) {
        walk_stmt(self, stmt);
    }
}
