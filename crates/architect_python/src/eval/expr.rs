//! Expressions and operators.

use ruff_python_ast as ast;
use ruff_text_size::Ranged;

use super::{End, Eval, Evaluator, Frame, LOOP_LIMIT};
use crate::value::{CallArgs, DictData, FunctionNode, Object, Value};

/// Nested expressions at most.
const EXPRESSION_DEPTH: u32 = 3_000;

impl<'a> Evaluator<'a> {
    #[allow(clippy::too_many_lines)]
    pub(crate) fn expr(&mut self, frame: &mut Frame, expr: &'a ast::Expr) -> Eval {
        self.burn()?;
        Ok(match expr {
            ast::Expr::Name(node) => {
                let name = self.name_of(&node.id);
                return self.lookup(frame, name);
            }
            ast::Expr::Attribute(node) => {
                let object = self.expr(frame, &node.value)?;
                let name = self.name_of(&node.attr);
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
                if let Some(within) = frame.resumes.take() {
                    self.run_within(within, value)?;
                }
                if let Some(yields) = &mut frame.yields
                    && yields.len() < LOOP_LIMIT
                {
                    yields.push(value);
                }
                Value::None
            }
            ast::Expr::YieldFrom(node) => {
                let value = self.expr(frame, &node.value)?;
                if let Some((items, _)) = self.items(value)?
                    && let Some(yields) = &mut frame.yields
                {
                    yields.extend(items);
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
            breaks: 0,
            passed: 0,
            resumes: None,
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
}
