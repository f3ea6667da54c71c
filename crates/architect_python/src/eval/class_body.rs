//! What the body of a class says: names, annotations, texts that are expressions.

use ruff_python_ast as ast;
use ruff_text_size::Ranged;

use super::{Evaluator, Frame};
use crate::value::{EnvId, ModuleId, Object, ObjectId, Site, Sym, Value};

impl<'a> Evaluator<'a> {
    /// What the body of a class binds and annotates: `[(name, type, has_value, value)]` in order, where `type` is the
    /// dotted name of what the annotation is, its arguments aside, or `None`.
    pub(super) fn class_body(&mut self, class: Value) -> Value {
        let Value::Obj(id) = class else { return self.list(Vec::new()) };
        let Object::Class(object) = self.object(id) else { return self.list(Vec::new()) };
        let (annotations, globals, env) = (object.annotations.clone(), object.globals, object.env);
        let mut names: Vec<Sym> = Vec::with_capacity(object.ns.len() + annotations.len());
        // Where an annotated name stands is known from the annotations; those without stand where they were bound.
        let mut rest = annotations.iter().map(|(name, _)| *name).peekable();
        for name in object.ns.keys() {
            if annotations.iter().any(|(known, _)| known == name) {
                for annotated in rest.by_ref() {
                    names.push(annotated);
                    if annotated == *name {
                        break;
                    }
                }
            } else {
                names.push(*name);
            }
        }
        names.extend(rest);
        let mut seen = rustc_hash::FxHashSet::default();
        names.retain(|name| seen.insert(*name));
        self.charge(names.len() / 4 + annotations.len() * annotations.len() / 256);
        let rows = names
            .into_iter()
            .map(|name| {
                let annotation = annotations.iter().find(|(known, _)| *known == name);
                let head = match annotation {
                    Some((_, expr)) => {
                        let head = self.annotation_head(expr, globals, env, id);
                        self.str(&head)
                    }
                    None => Value::None,
                };
                let value = self.own_attr(id, name);
                let has_value = Value::Bool(value.is_some());
                self.tuple(vec![Value::Str(name), head, has_value, value.unwrap_or(Value::None)])
            })
            .collect();
        self.list(rows)
    }

    fn annotation_head(
        &mut self,
        expr: &'a ast::Expr,
        module: ModuleId,
        env: Option<EnvId>,
        class: ObjectId,
    ) -> String {
        let head = match expr {
            ast::Expr::Subscript(node) => &*node.value,
            ast::Expr::StringLiteral(node) => {
                let Some(parsed) = self.string_expression(node.value.to_str(), module) else { return String::new() };
                return match parsed {
                    ast::Expr::StringLiteral(_) => String::new(),
                    parsed => self.annotation_head(parsed, module, env, class),
                };
            }
            other => other,
        };
        if !matches!(head, ast::Expr::Name(_) | ast::Expr::Attribute(_)) {
            return String::new();
        }
        let value = self.annotation(head, module, env, Some(class));
        match value.and_then(|value| self.obj(value)) {
            Some(Object::Class(class)) => {
                format!("{}.{}", self.names.text(class.module), self.names.text(class.qualname))
            }
            Some(Object::External(path)) => self.names.text(*path).to_owned(),
            _ => String::new(),
        }
    }

    /// The syntax tree of an annotation or expression that is written as text.
    pub(super) fn string_expression(&mut self, text: &str, module: ModuleId) -> Option<&'a ast::Expr> {
        if text.len() > 2_000 {
            return None;
        }
        let key = (module, self.names.intern(text));
        match self.string_annotations.get(&key) {
            Some(known) => *known,
            None => {
                let parsed = crate::parse::parse_expression(text);
                // The syntax tree of a string annotation lives as long as the program; there are few and they are small.
                let kept = parsed.map(|parsed| self.program.keep_expression(parsed));
                self.string_annotations.insert(key, kept);
                kept
            }
        }
    }

    /// What the annotation of an attribute in the body of a class is.
    pub fn attribute_annotation(&mut self, class: ObjectId, name: &str) -> Option<Value> {
        let name = self.names.lookup(name)?;
        let Object::Class(object) = self.object(class) else { return None };
        let (globals, env) = (object.globals, object.env);
        if let Some((_, value)) = object.annotation_values.iter().find(|(known, _)| *known == name) {
            return Some(*value);
        }
        let expr = object.annotations.iter().find(|(known, _)| *known == name)?.1;
        self.fuel = super::STATEMENT_FUEL;
        self.annotation(expr, globals, env, Some(class))
    }

    /// Where an attribute is annotated in the body of a class.
    #[must_use]
    pub fn annotation_site(&self, class: ObjectId, name: &str) -> Option<Site> {
        let name = self.names.lookup(name)?;
        let Object::Class(object) = self.object(class) else { return None };
        let expr = object.annotations.iter().find(|(known, _)| *known == name)?.1;
        Some(Site { module: object.globals, range: expr.range() })
    }

    /// The value of an expression given as text, as a module sees it with some more names.
    pub fn evaluate_text(&mut self, text: &str, module: ModuleId, names: &[(String, Value)]) -> Option<Value> {
        let expr = self.string_expression(text, module)?;
        let env = self.new_env(None);
        for (name, value) in names {
            let name = self.names.intern(name);
            self.set_local(env, name, *value);
        }
        self.fuel = super::STATEMENT_FUEL;
        let mut frame = Frame { env: Some(env), ..Frame::of_module(module) };
        let before = self.current;
        let value = self.expr(&mut frame, expr).ok();
        self.current = before;
        value
    }
}
