//! Signatures of callables, as `inspect.signature` sees them, with annotations evaluated when asked for.

use ruff_python_ast as ast;
use ruff_text_size::Ranged;

use super::{Eval, Evaluator, Flow, Frame};
use crate::value::{FunctionNode, ModuleId, Object, ObjectId, ParamKind, Site, Sym, Value};

/// One parameter.
#[derive(Clone, Debug)]
pub struct SigParam {
    /// Its name.
    pub name: Sym,
    /// What it accepts.
    pub kind: ParamKind,
    /// Its default.
    pub default: Option<Value>,
    /// Its annotation, evaluated.
    pub annotation: Option<Value>,
    /// Where it is declared.
    pub site: Option<Site>,
}

/// A signature.
#[derive(Clone, Debug, Default)]
pub struct Sig {
    /// Parameters in order, `self` left out where it is bound.
    pub params: Vec<SigParam>,
    /// The return annotation, evaluated.
    pub returns: Option<Value>,
}

impl<'a> Evaluator<'a> {
    /// The signature of a callable; `None` when it is not known.
    pub fn signature(&mut self, callable: Value) -> Option<Sig> {
        self.signature_at(callable, 0)
    }

    fn signature_at(&mut self, callable: Value, depth: u32) -> Option<Sig> {
        if depth > 20 {
            return None;
        }
        let Value::Obj(id) = callable else { return None };
        match self.object(id) {
            Object::Function(function) => {
                if let Some(signature) = function.attrs.get(&self.known.signature).copied() {
                    return self.signature_of_object(signature);
                }
                if let Some(wrapped) = function.attrs.get(&self.known.wrapped).copied() {
                    return self.signature_at(wrapped, depth + 1);
                }
                Some(self.function_signature(id))
            }
            Object::Bound { function, .. } => {
                let function = *function;
                let mut sig = self.signature_at(function, depth + 1)?;
                drop_first(&mut sig);
                Some(sig)
            }
            Object::Static(function) | Object::ClassMethod(function) => {
                let function = *function;
                self.signature_at(function, depth + 1)
            }
            Object::Class(_) => {
                if let Some(signature) = self.own_attr(id, self.known.signature) {
                    return self.signature_of_object(signature);
                }
                if let Some(fields) = self.model_fields(id) {
                    return Some(Sig { params: fields, returns: None });
                }
                let init = self.mro_attribute(id, self.known.init)?;
                let mut sig = self.signature_at(init, depth + 1)?;
                drop_first(&mut sig);
                sig.returns = None;
                Some(sig)
            }
            Object::Instance { attrs, class, .. } => {
                if let Some(signature) = attrs.get(&self.known.signature).copied() {
                    return self.signature_of_object(signature);
                }
                if let Some(wrapped) = attrs.get(&self.known.wrapped).copied() {
                    return self.signature_at(wrapped, depth + 1);
                }
                let class = *class;
                if self.is_subclass_of_named(callable, "partial") {
                    return self.partial_signature(callable, depth);
                }
                let method = self.mro_attribute(class, self.known.call)?;
                let mut sig = self.signature_at(method, depth + 1)?;
                drop_first(&mut sig);
                Some(sig)
            }
            Object::Generic { origin, .. } => {
                let origin = *origin;
                self.signature_at(origin, depth + 1)
            }
            _ => None,
        }
    }

    fn partial_signature(&mut self, partial: Value, depth: u32) -> Option<Sig> {
        let func = self.get(partial, "func")?;
        let mut sig = self.signature_at(func, depth + 1)?;
        let args = self.get(partial, "args")?;
        let given = self.items(args).ok()??.0.len();
        let keywords = self.get(partial, "keywords")?;
        let pairs: Vec<(Value, Value)> = match self.obj(keywords) {
            Some(Object::Dict(data)) => data.items.values().copied().collect(),
            _ => Vec::new(),
        };
        sig.params.drain(..given.min(sig.params.len()));
        for (name, value) in pairs {
            if let Value::Str(name) = name {
                if let Some(at) = sig.params.iter().position(|param| param.name == name) {
                    sig.params[at].default = Some(value);
                    // What follows a parameter given by name can only be given by name.
                    for param in &mut sig.params[at..] {
                        if param.kind == ParamKind::Normal {
                            param.kind = ParamKind::KeywordOnly;
                        }
                    }
                }
            }
        }
        Some(sig)
    }

    /// The annotated attributes of a class and its bases, those of models of libraries left out.
    pub fn class_fields(&mut self, id: ObjectId) -> Vec<SigParam> {
        self.annotated_attributes(id).unwrap_or_default()
    }

    /// What a class itself, and no base of it, binds to a name.
    #[must_use]
    pub fn own_value(&self, id: ObjectId, name: &str) -> Option<Value> {
        self.own_attr(id, self.names.lookup(name)?)
    }

    /// The same as text.
    #[must_use]
    pub fn own_text(&self, id: ObjectId, name: &str) -> Option<String> {
        self.text(self.own_value(id, name)?).map(str::to_owned)
    }

    /// Whether a value is an instance of a class of that name.
    #[must_use]
    pub fn type_named(&self, value: Value, name: &str) -> bool {
        match self.obj(value) {
            Some(Object::Instance { class, .. }) => {
                self.class(Value::Obj(*class)).is_some_and(|class| self.names.text(class.name) == name)
            }
            _ => false,
        }
    }

    /// Properties of a class that are marked as computed fields, with their functions.
    #[must_use]
    pub fn computed(&self, id: ObjectId) -> Vec<(String, Value)> {
        let Object::Class(class) = self.object(id) else { return Vec::new() };
        let Some(marker) = self.names.lookup("__architect_computed__") else { return Vec::new() };
        let marked = |value: &Value| match self.obj(*value) {
            Some(Object::Property(getter)) => {
                let marked = self.function(*getter).is_some_and(|(_, function)| function.attrs.contains_key(&marker));
                marked.then_some(*getter)
            }
            _ => None,
        };
        class.ns.iter().filter_map(|(name, value)| Some((self.names.text(*name).to_owned(), marked(value)?))).collect()
    }

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
        env: Option<crate::value::EnvId>,
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
    fn string_expression(&mut self, text: &str, module: ModuleId) -> Option<&'a ast::Expr> {
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

    /// Fields of a class whose parameters are its annotated attributes (dataclasses, models).
    fn model_fields(&mut self, id: ObjectId) -> Option<Vec<SigParam>> {
        let marker = self.names.intern("__architect_fields__");
        self.mro_attribute(id, marker)?;
        if let Some(init) = self.mro_attribute(id, self.known.init) {
            if let Some((_, function)) = self.function(init) {
                if !self.is_model(function.module) {
                    return None;
                }
            }
        }
        self.annotated_attributes(id)
    }

    fn annotated_attributes(&mut self, id: ObjectId) -> Option<Vec<SigParam>> {
        let mro: Vec<ObjectId> = match self.object(id) {
            Object::Class(class) => class.mro.iter().rev().copied().collect(),
            _ => return None,
        };
        let aside = self.names.intern("__architect_not_a_field__");
        let mut out: Vec<SigParam> = Vec::new();
        for class_id in mro {
            let Object::Class(class) = self.object(class_id) else { continue };
            let (annotations, globals, env, in_model) = (
                class.annotations.clone(),
                class.globals,
                class.env,
                self.program.find(self.names.text(class.module)).is_some_and(|module| self.is_model(module)),
            );
            if in_model {
                continue;
            }
            for (name, expr) in annotations {
                let text = self.names.text(name);
                if text.starts_with('_') || text == "model_config" {
                    continue;
                }
                let annotation = self.annotation(expr, globals, env, Some(class_id));
                if annotation.is_some_and(|value| self.is_class_var(value)) {
                    continue;
                }
                let default = self.own_attr(class_id, name);
                if default.and_then(|value| self.class_attribute_of(value, aside)) == Some(Value::Bool(true)) {
                    continue;
                }
                let site = Some(Site { module: globals, range: expr.range() });
                let param = SigParam { name, kind: ParamKind::KeywordOnly, default, annotation, site };
                match out.iter_mut().find(|known| known.name == name) {
                    Some(slot) => *slot = param,
                    None => out.push(param),
                }
            }
        }
        Some(out)
    }

    fn is_class_var(&self, value: Value) -> bool {
        let origin = match self.obj(value) {
            Some(Object::Generic { origin, .. }) => *origin,
            _ => value,
        };
        self.external_path(origin) == Some("typing.ClassVar")
    }

    fn signature_of_object(&mut self, signature: Value) -> Option<Sig> {
        let parameters = self.get(signature, "parameters")?;
        let entries: Vec<Value> = match self.obj(parameters) {
            Some(Object::Dict(data)) => data.items.values().map(|(_, value)| *value).collect(),
            _ => self.items(parameters).ok()??.0,
        };
        let mut params = Vec::new();
        for entry in entries {
            let name = match self.get(entry, "name") {
                Some(Value::Str(name)) => name,
                _ => self.names.intern("?"),
            };
            let kind = match self.get(entry, "kind") {
                Some(Value::Int(0)) => ParamKind::PositionalOnly,
                Some(Value::Int(2)) => ParamKind::VarArgs,
                Some(Value::Int(3)) => ParamKind::KeywordOnly,
                Some(Value::Int(4)) => ParamKind::VarKwargs,
                _ => ParamKind::Normal,
            };
            let part = |machine: &mut Self, name: &str| {
                machine.get(entry, name).filter(|value| {
                    !(machine.class(*value).is_some() && machine.is_subclass_of_named(*value, "_empty"))
                })
            };
            let default = part(self, "default");
            let annotation = part(self, "annotation");
            params.push(SigParam { name, kind, default, annotation, site: None });
        }
        let returns =
            self.get(signature, "return_annotation").filter(|value| !self.is_subclass_of_named(*value, "_empty"));
        Some(Sig { params, returns })
    }

    fn function_signature(&mut self, id: ObjectId) -> Sig {
        let Object::Function(function) = self.object(id) else { return Sig::default() };
        let (node, module, env, defaults, owner) =
            (function.node, function.module, function.env, function.defaults.clone(), function.owner);
        let overridden = function.attrs.get(&self.known.annotations).copied();
        let mut sig = Sig::default();
        if let Some(parameters) = node.parameters() {
            let mut list: Vec<(&'a ast::Parameter, ParamKind)> = Vec::new();
            list.extend(parameters.posonlyargs.iter().map(|p| (&p.parameter, ParamKind::PositionalOnly)));
            list.extend(parameters.args.iter().map(|p| (&p.parameter, ParamKind::Normal)));
            list.extend(parameters.vararg.iter().map(|p| (&**p, ParamKind::VarArgs)));
            list.extend(parameters.kwonlyargs.iter().map(|p| (&p.parameter, ParamKind::KeywordOnly)));
            list.extend(parameters.kwarg.iter().map(|p| (&**p, ParamKind::VarKwargs)));
            for (parameter, kind) in list {
                let name = self.names.intern(&parameter.name);
                let default = defaults.iter().find(|(key, _)| *key == name).map(|(_, value)| *value);
                let mut annotation =
                    parameter.annotation.as_deref().and_then(|expr| self.annotation(expr, module, env, owner));
                if let Some(overridden) = overridden {
                    let key = Value::Str(name);
                    if let Ok(value) = self.subscript_quiet(overridden, key) {
                        annotation = Some(value);
                    }
                }
                sig.params.push(SigParam {
                    name,
                    kind,
                    default,
                    annotation,
                    site: Some(Site { module, range: parameter.range }),
                });
            }
        }
        if let FunctionNode::Def(def) = node {
            sig.returns = def.returns.as_deref().and_then(|expr| self.annotation(expr, module, env, owner));
        }
        sig
    }

    fn subscript_quiet(&mut self, object: Value, key: Value) -> Eval {
        match self.obj(object) {
            Some(Object::Dict(data)) => match self.key(key).and_then(|key| data.items.get(&key)) {
                Some((_, value)) => Ok(*value),
                None => Err(Flow::Raise(Value::None)),
            },
            _ => Err(Flow::Raise(Value::None)),
        }
    }

    /// An annotation in the scope where it is written; strings are parsed and evaluated, too.
    pub fn annotation(
        &mut self,
        expr: &'a ast::Expr,
        module: ModuleId,
        env: Option<crate::value::EnvId>,
        class: Option<ObjectId>,
    ) -> Option<Value> {
        let mut frame = Frame { env, class: None, owner: class, ..Frame::of_module(module) };
        let before = self.current;
        let value = match self.expr(&mut frame, expr) {
            // Names of the class body are visible where the annotation is written.
            Ok(Value::Unknown(_)) if class.is_some() => {
                frame.class = class;
                self.expr(&mut frame, expr).ok()
            }
            Ok(value) => Some(value),
            Err(_) => None,
        };
        self.current = before;
        value.map(|value| self.resolve_strings(value, module, env))
    }

    /// Replaces string annotations inside a type by what they name.
    pub(crate) fn resolve_strings(
        &mut self,
        value: Value,
        module: ModuleId,
        env: Option<crate::value::EnvId>,
    ) -> Value {
        match value {
            Value::Str(sym) => {
                let text = self.names.text(sym).to_owned();
                self.parse_annotation(&text, module, env).unwrap_or(value)
            }
            Value::Obj(id) => match self.object(id) {
                Object::Generic { origin, args } => {
                    let (origin, args) = (*origin, args.clone());
                    let path = self.external_path(origin).unwrap_or_default().to_owned();
                    if path == "typing.Literal" || !args.iter().any(|arg| matches!(arg, Value::Str(_) | Value::Obj(_)))
                    {
                        return value;
                    }
                    let limit = if path == "typing.Annotated" { 1 } else { args.len() };
                    let mut changed = false;
                    let mut new = args.clone();
                    for slot in new.iter_mut().take(limit) {
                        let resolved = self.resolve_strings(*slot, module, env);
                        changed |= resolved != *slot;
                        *slot = resolved;
                    }
                    if changed { self.alloc(Object::Generic { origin, args: new }) } else { value }
                }
                Object::Union(args) => {
                    let args = args.clone();
                    let new: Vec<Value> = args.iter().map(|arg| self.resolve_strings(*arg, module, env)).collect();
                    if new == args { value } else { self.alloc(Object::Union(new)) }
                }
                _ => value,
            },
            _ => value,
        }
    }

    fn parse_annotation(&mut self, text: &str, module: ModuleId, env: Option<crate::value::EnvId>) -> Option<Value> {
        if text.len() > 2_000 {
            return None;
        }
        let key = (module, self.names.intern(text));
        // A type alias may name itself in a string; the inner name stays a string, as a forward reference does.
        if self.annotations_under_way.contains(&key) {
            return None;
        }
        let expr = self.string_expression(text, module)?;
        self.annotations_under_way.push(key);
        let mut frame = Frame { env, ..Frame::of_module(module) };
        let resolved = match self.expr(&mut frame, expr) {
            Ok(Value::Str(_)) | Err(_) => None,
            Ok(value) => Some(self.resolve_strings(value, module, env)),
        };
        self.annotations_under_way.pop();
        resolved
    }

    /// `__annotations__` of a function or class, evaluated.
    pub(crate) fn annotations_of(&mut self, value: Value) -> Eval {
        let Value::Obj(id) = value else { return Ok(self.dict(Vec::new())) };
        let mut pairs = Vec::new();
        match self.object(id) {
            Object::Function(function) => {
                if let Some(value) = function.attrs.get(&self.known.annotations) {
                    return Ok(*value);
                }
                let sig = self.function_signature(id);
                for param in sig.params {
                    if let Some(annotation) = param.annotation {
                        pairs.push((Value::Str(param.name), annotation));
                    }
                }
                if let Some(returns) = sig.returns {
                    let key = self.str("return");
                    pairs.push((key, returns));
                }
            }
            Object::Class(class) => {
                let (annotations, values, globals, env) =
                    (class.annotations.clone(), class.annotation_values.clone(), class.globals, class.env);
                for (name, expr) in annotations {
                    let annotation = self.annotation(expr, globals, env, Some(id)).unwrap_or(Value::None);
                    pairs.push((Value::Str(name), annotation));
                }
                pairs.extend(values.into_iter().map(|(name, value)| (Value::Str(name), value)));
            }
            _ => {}
        }
        let result = self.dict(pairs);
        if let Object::Function(_) = self.object(id) {
            self.set_attribute_raw(value, self.known.annotations, result);
        }
        Ok(result)
    }
}

fn drop_first(sig: &mut Sig) {
    if sig.params.first().is_some_and(|param| matches!(param.kind, ParamKind::Normal | ParamKind::PositionalOnly)) {
        sig.params.remove(0);
    }
}
