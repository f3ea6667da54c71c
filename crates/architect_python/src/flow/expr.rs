//! Expressions.

use ruff_python_ast as ast;
use ruff_python_ast::visitor::{Visitor, walk_expr, walk_stmt};
use ruff_text_size::Ranged;
use rustc_hash::FxHashSet;

use super::{Closure, Decides, End, Frame, Kind, Library, Machine, Node, Size, V, Val};
use crate::value::{FunctionNode, Site, Sym, Value};

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
                let name = self.ev.name_of(&node.id);
                self.lookup(f, name)
            }
            ast::Expr::Attribute(node) => {
                let object = self.expr(f, &node.value);
                let name = self.ev.name_of(&node.attr);
                let site = self.site(f, node.range);
                self.used(f, object, name, site);
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
                    ast::UnaryOp::Not => {
                        f.lookups.asked(value);
                        self.tested(f, &node.operand, value);
                        let result = match self.truth(f, value) {
                            Some(truth) => self.bool(!truth),
                            None => self.scalar("bool"),
                        };
                        if !matches!(self.v(value), V::Lib(..)) {
                            return result;
                        }
                        let operand = self.site(f, node.operand.range());
                        let site = self.site(f, node.range);
                        L::decide(self, f, Decides::Not, &[(value, operand)], result, site)
                    }
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
                        let absent = std::cell::Cell::new(false);
                        let run = |m: &mut Self, f: &mut Frame, truth: bool, body: &'a ast::Expr| {
                            m.narrow(f, &node.test, truth);
                            let value = m.expr(f, body);
                            if std::mem::take(&mut f.raised) {
                                return End::Raise;
                            }
                            absent.set(absent.get() || value == Val::NONE && f.lookups.missing());
                            values.borrow_mut().push(value);
                            End::Normal
                        };
                        self.alternatives(
                            f,
                            site,
                            &mut [&mut |m, f| run(m, f, true, &node.body), &mut |m, f| run(m, f, false, &node.orelse)],
                        );
                        let values = std::mem::take(*values.borrow_mut());
                        let value = self.union(values);
                        if absent.get() {
                            let site = self.site(f, node.range);
                            self.looked_up(f, value, site);
                        }
                        value
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
                let site = self.site(f, node.value.range());
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
                let site = self.site(f, node.range);
                self.used(f, object, self.names.getitem, site);
                if let ast::Expr::Slice(slice) = &*node.slice {
                    for part in [&slice.lower, &slice.upper, &slice.step].into_iter().flatten() {
                        self.expr(f, part);
                    }
                    if let Some(elem) = self.peek(object) {
                        let site = self.site(f, node.range);
                        L::walked(self, f, object, elem, site);
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
        if value == Value::None && self.is_filled_later(f, f.module, name) {
            return Val::UNKNOWN;
        }
        self.heap(value)
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
