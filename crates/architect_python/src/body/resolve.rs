//! What names stand for, without running anything: what an expression of a body is, where names alone decide it, and
//! which parameters it is computed from; what a local import binds, what a dictionary holds under a name, and which
//! functions are behind a callable.

use ruff_python_ast as ast;
use ruff_python_ast::visitor::{Visitor, walk_expr};
use ruff_text_size::Ranged;

use super::{Local, Reader};
use crate::eval::Evaluator;
use crate::value::{DictKey, ModuleId, Object, Value};

/// What an expression is.
#[derive(Clone, Copy)]
pub(super) enum Known {
    Value(Value),
    /// Some instance of a class.
    Instance(Value),
}

impl<'a> Reader<'_, 'a> {
    /// The value of a name, an attribute or a literal, where no local variable is in the way. An instance of which no
    /// more is known than its class is that class.
    pub(super) fn value(&mut self, expr: &'a ast::Expr, depth: u32) -> Option<Value> {
        match self.known(expr, depth)? {
            Known::Value(value) => Some(value),
            Known::Instance(class) => (!expr.is_call_expr()).then_some(class),
        }
    }

    pub(super) fn known(&mut self, expr: &'a ast::Expr, depth: u32) -> Option<Known> {
        if depth > 20 {
            return None;
        }
        match expr {
            ast::Expr::Name(name) if self.parameters.contains(&name.id.as_str()) => {
                let first = self.parameters.first() == Some(&name.id.as_str());
                if first
                    && matches!(name.id.as_str(), "self" | "cls")
                    && let Some(receiver) = self.receiver
                {
                    return Some(Known::Value(Value::Obj(receiver)));
                }
                let given = self.given.get(name.id.as_str()).copied()?;
                Some(if self.machine.class(given).is_some() { Known::Instance(given) } else { Known::Value(given) })
            }
            ast::Expr::Name(name) => {
                let known = match self.locals.get(name.id.as_str()) {
                    Some(Local::Expr(other)) => {
                        let other: &'a ast::Expr = other;
                        if other.range().contains_range(expr.range()) { None } else { self.known(other, depth + 1) }
                    }
                    Some(Local::Import(base, imported)) => {
                        let (base, imported) = (base.clone(), *imported);
                        self.machine.imported(&base, imported).map(Known::Value)
                    }
                    Some(Local::Element(iterable)) => {
                        let iterable: &'a ast::Expr = iterable;
                        let value = self.value(iterable, depth + 1)?;
                        self.machine.items(value).ok()??.0.first().copied().map(Known::Value)
                    }
                    Some(Local::Other) => None,
                    None => self.machine.annotation(expr, self.module, self.env, None).map(Known::Value),
                };
                if known.is_none()
                    && let Some(annotation) = self.declared.get(name.id.as_str()).copied()
                {
                    let annotation = self.machine.annotation(annotation, self.module, self.env, None)?;
                    return self.machine.class(annotation).is_some().then_some(Known::Instance(annotation));
                }
                known
            }
            ast::Expr::Attribute(node) => {
                let base = self.known(&node.value, depth + 1)?;
                self.attribute(base, &node.attr)
            }
            ast::Expr::Await(node) => {
                self.known(&node.value, depth + 1).filter(|known| matches!(known, Known::Instance(_)))
            }
            ast::Expr::Call(call) => self.made(call, depth),
            ast::Expr::StringLiteral(_) | ast::Expr::NumberLiteral(_) | ast::Expr::BooleanLiteral(_) => {
                self.machine.annotation_literal(expr, self.module).map(Known::Value)
            }
            _ => None,
        }
    }

    fn attribute(&mut self, base: Known, name: &str) -> Option<Known> {
        let (Known::Value(base) | Known::Instance(base)) = base;
        let value = self.machine.get(base, name)?;
        if !matches!(value, Value::Unknown(_)) {
            return Some(Known::Value(value));
        }
        let class = match (self.machine.obj(base)?, base) {
            (Object::Instance { class, .. }, _) => *class,
            (Object::Class(_), Value::Obj(class)) => class,
            _ => return None,
        };
        let annotation = self.machine.attribute_annotation(class, name)?;
        self.machine.class(annotation).is_some().then_some(Known::Instance(annotation))
    }

    /// What a call makes: an instance of a class, what a function says that it returns, or `super()`.
    fn made(&mut self, call: &'a ast::ExprCall, depth: u32) -> Option<Known> {
        if let ast::Expr::Name(name) = &*call.func
            && name.id.as_str() == "super"
            && call.arguments.is_empty()
        {
            let (class, receiver) = (self.owner?, Value::Obj(self.receiver?));
            return Some(Known::Value(self.machine.alloc(Object::Super { class, receiver })));
        }
        let made = match self.known(&call.func, depth + 1)? {
            Known::Value(value) if self.machine.class(value).is_some() => value,
            Known::Value(value) if self.machine.function(value).is_some() => self.machine.signature(value)?.returns?,
            _ => return None,
        };
        self.machine.class(made).is_some().then_some(Known::Instance(made))
    }

    /// What a call runs: for an instance its `__call__`. A method that is found by the class of an instance goes on with
    /// that class.
    pub(super) fn callee(&mut self, func: &'a ast::Expr) -> Option<Value> {
        let (base, callee) = match func {
            ast::Expr::Attribute(node) => {
                let base = self.known(&node.value, 1)?;
                (Some(base), self.attribute(base, &node.attr)?)
            }
            _ => (None, self.known(func, 0)?),
        };
        let (base, callee) = match (base, callee) {
            (base, Known::Value(callee)) => (base, callee),
            (_, Known::Instance(class)) => (Some(callee), self.machine.get(class, "__call__")?),
        };
        match (base, self.machine.obj(callee)) {
            (Some(Known::Instance(class)), Some(Object::Function(_))) => {
                Some(self.machine.alloc(Object::Bound { receiver: class, function: callee }))
            }
            (_, _) => (!matches!(callee, Value::Unknown(_))).then_some(callee),
        }
    }

    /// Parameters an expression is computed from.
    pub(super) fn sources(&self, expr: &'a ast::Expr, depth: u32, out: &mut Vec<String>) {
        struct Names<'a>(Vec<&'a str>);
        impl<'a> Visitor<'a> for Names<'a> {
            fn visit_expr(&mut self, expr: &'a ast::Expr) {
                if let ast::Expr::Name(name) = expr {
                    self.0.push(&name.id);
                }
                walk_expr(self, expr);
            }
        }
        if depth > 6 {
            return;
        }
        let mut names = Names(Vec::new());
        names.visit_expr(expr);
        for name in names.0 {
            if self.parameters.contains(&name) {
                if !out.iter().any(|known| known == name) {
                    out.push(name.to_owned());
                }
            } else if let Some(Local::Expr(value) | Local::Element(value)) = self.locals.get(name) {
                let value: &'a ast::Expr = value;
                if !value.range().contains_range(expr.range()) {
                    self.sources(value, depth + 1, out);
                }
            }
        }
    }
}

impl<'a> Evaluator<'a> {
    fn annotation_literal(&mut self, expr: &'a ast::Expr, module: ModuleId) -> Option<Value> {
        match expr {
            ast::Expr::StringLiteral(node) => Some(self.str(node.value.to_str())),
            _ => self.annotation(expr, module, None, None),
        }
    }

    /// A name that `from base import name` binds inside a function.
    fn imported(&mut self, base: &str, name: &str) -> Option<Value> {
        let module = self.import(base)?;
        match self.get(module, name) {
            Some(value) if !matches!(value, Value::Unknown(_)) => Some(value),
            _ => self.import(&format!("{base}.{name}")),
        }
    }

    /// What a dictionary holds under a name.
    pub fn get_item(&mut self, dict: Value, name: &str) -> Option<Value> {
        let key = DictKey::Str(self.names.lookup(name)?);
        match self.obj(dict)? {
            Object::Dict(data) => data.items.get(&key).map(|(_, value)| *value),
            _ => None,
        }
    }

    /// The functions behind a callable: itself, and those it wraps, outermost first.
    pub fn wrapped_chain(&self, callable: Value) -> Vec<Value> {
        let mut out = Vec::new();
        let mut at = callable;
        while let Some((id, function)) = self.function(at) {
            let here = Value::Obj(id);
            if out.contains(&here) || out.len() > 20 {
                break;
            }
            out.push(here);
            let wrapped = self.names.lookup("__wrapped__").and_then(|name| function.attrs.get(&name).copied());
            match wrapped {
                Some(inner) if matches!(self.obj(inner), Some(Object::Function(_) | Object::Bound { .. })) => {
                    at = inner
                }
                _ => break,
            }
        }
        out
    }
}
