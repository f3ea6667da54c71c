//! Attributes: lookup, descriptors, assignment.

use super::{Eval, Evaluator, Place};
use crate::value::{CallArgs, Namespace, Object, ObjectId, Sym, Value};

impl Evaluator<'_> {
    /// `object.name`.
    pub(crate) fn attribute(&mut self, object: Value, name: Sym) -> Eval {
        if let Some(value) = self.attribute_opt(object, name)? {
            return Ok(value);
        }
        let text = self.names.text(name).to_owned();
        if let Value::Unknown(_) = object {
            return Ok(object);
        }
        let class = match (self.obj(object), object) {
            (Some(Object::Instance { class, .. }), _) => Some(*class),
            // Those of Python itself have more than is listed.
            (Some(Object::Class(_)), Value::Obj(id)) if !self.builtin_types.contains_key(&id) => Some(id),
            _ => None,
        };
        let known = class.is_some_and(|class| self.is_complete(class));
        if known && self.trying > 0 {
            let type_name = self.type_name(object);
            return Err(self.raise("AttributeError", &format!("'{type_name}' object has no attribute '{text}'")));
        }
        Ok(self.unknown(format!("attribute `{text}` of {}", self.kind_name(object))))
    }

    /// Whether all that a class has is known: it and its bases are read, and none is a model of a library's class,
    /// which has only what matters.
    fn is_complete(&self, class: ObjectId) -> bool {
        let Object::Class(class) = self.object(class) else { return false };
        !class.open
            && !class.mro.iter().any(|parent| {
                self.class(Value::Obj(*parent))
                    .and_then(|class| class.site)
                    .is_some_and(|site| self.is_model(site.module))
            })
    }

    /// `object.name`, or `None` where there is surely no such attribute or nothing is known about it.
    pub(crate) fn attribute_opt(&mut self, object: Value, name: Sym) -> Eval<Option<Value>> {
        let Value::Obj(id) = object else {
            return Ok(match object {
                Value::Unknown(_) | Value::None => None,
                _ => Some(self.alloc(Object::Method { receiver: object, name })),
            });
        };
        Ok(match self.object(id) {
            Object::Module(module) => {
                let module = *module;
                if let Some(value) = self.global(module, name)? {
                    return Ok(Some(value));
                }
                if name == self.known.dict {
                    return Ok(Some(self.globals_of(module)));
                }
                let full = format!("{}.{}", self.program.module(module).name, self.names.text(name));
                if self.program.find(&full).is_some() {
                    return self.import_module(&full).map(Some);
                }
                if let Some(getter) = self.global(module, self.known.getattr)? {
                    return self
                        .call(getter, CallArgs { pos: vec![Value::Str(name)], ..CallArgs::default() })
                        .map(Some);
                }
                Some(self.external(&full))
            }
            Object::External(path) => {
                let path = self.names.text(*path);
                if let ("_name", Some(own)) = (self.names.text(name), path.strip_prefix("typing.")) {
                    let own = own.to_owned();
                    return Ok(Some(self.str(&own)));
                }
                let full = format!("{path}.{}", self.names.text(name));
                if let Some(value) = self.known_constant(&full) {
                    return Ok(Some(value));
                }
                if self.program.find(&full).is_some() {
                    return self.import_module(&full).map(Some);
                }
                Some(self.external(&full))
            }
            Object::Opaque { callee, attrs, .. } => {
                if let Some(value) = attrs.get(&name) {
                    return Ok(Some(*value));
                }
                let base = self.external_path(*callee).map_or_else(|| "?".to_owned(), str::to_owned);
                let full = format!("{base}().{}", self.names.text(name));
                Some(self.external(&full))
            }
            Object::Instance { class, attrs, .. } => {
                let class = *class;
                let own = attrs.get(&name).copied();
                if name == self.known.class {
                    return Ok(Some(Value::Obj(class)));
                }
                if name == self.known.dict {
                    let pairs: Vec<(Value, Value)> =
                        attrs.iter().map(|(name, value)| (Value::Str(*name), *value)).collect();
                    return Ok(Some(self.dict(pairs)));
                }
                let found = self.mro_attribute(class, name);
                if let Some(found) = found {
                    match self.obj(found) {
                        Some(Object::Property(getter)) => {
                            if let Some(own) = own {
                                return Ok(Some(own));
                            }
                            let getter = *getter;
                            return self.call(getter, CallArgs { pos: vec![object], ..CallArgs::default() }).map(Some);
                        }
                        Some(Object::Instance { .. }) if own.is_none() => {
                            if let Some(getter) = self.class_attribute_of(found, self.known.get) {
                                let getter = self.bind_method(getter, found);
                                return self
                                    .call(
                                        getter,
                                        CallArgs { pos: vec![object, Value::Obj(class)], ..CallArgs::default() },
                                    )
                                    .map(Some);
                            }
                        }
                        _ => {}
                    }
                }
                if let Some(own) = own {
                    return Ok(Some(own));
                }
                if let Some(found) = found {
                    return Ok(Some(self.bind_method(found, object)));
                }
                if let Some(getter) = self.mro_attribute(class, self.known.getattr)
                    && self.function(getter).is_some()
                {
                    let getter = self.bind_method(getter, object);
                    return self
                        .call(getter, CallArgs { pos: vec![Value::Str(name)], ..CallArgs::default() })
                        .map(Some);
                }
                None
            }
            Object::Class(class) => {
                if name == self.known.name {
                    return Ok(Some(Value::Str(class.name)));
                }
                if name == self.known.qualname {
                    return Ok(Some(Value::Str(class.qualname)));
                }
                if name == self.known.module {
                    return Ok(Some(Value::Str(class.module)));
                }
                if name == self.known.class {
                    let metaclass = self.names.intern("type");
                    return Ok(self.builtins.get(&metaclass).copied());
                }
                if name == self.known.bases {
                    let bases = class.bases.clone();
                    return Ok(Some(self.tuple(bases)));
                }
                if name == self.known.mro {
                    let mro = class.mro.iter().map(|id| Value::Obj(*id)).collect();
                    return Ok(Some(self.tuple(mro)));
                }
                if name == self.known.annotations {
                    return self.annotations_of(object).map(Some);
                }
                if name == self.known.dict {
                    let pairs: Vec<(Value, Value)> =
                        class.ns.iter().map(|(name, value)| (Value::Str(*name), *value)).collect();
                    return Ok(Some(self.dict(pairs)));
                }
                let is_builtin = class.site.is_none() && class.generic.is_none();
                match self.mro_attribute(id, name) {
                    Some(found) => match self.obj(found) {
                        Some(Object::ClassMethod(function)) => {
                            let function = *function;
                            Some(self.alloc(Object::Bound { receiver: object, function }))
                        }
                        Some(Object::Static(function)) => Some(*function),
                        Some(Object::Instance { .. }) => {
                            if let Some(getter) = self.class_attribute_of(found, self.known.get) {
                                let getter = self.bind_method(getter, found);
                                return self
                                    .call(getter, CallArgs { pos: vec![Value::None, object], ..CallArgs::default() })
                                    .map(Some);
                            }
                            Some(found)
                        }
                        _ => Some(found),
                    },
                    None if is_builtin => Some(match object_method(self.names.text(name)) {
                        Some(method) => self.alloc(Object::Native(method)),
                        None => self.alloc(Object::Method { receiver: object, name }),
                    }),
                    // Those of `type`.
                    None if matches!(self.names.text(name), "__subclasses__" | "mro") => {
                        Some(self.alloc(Object::Method { receiver: object, name }))
                    }
                    // That of `object`.
                    None if name == self.known.init && self.is_complete(id) => {
                        Some(self.alloc(Object::Native("object.method")))
                    }
                    None => None,
                }
            }
            Object::Function(function) => {
                if let Some(value) = function.attrs.get(&name) {
                    return Ok(Some(*value));
                }
                let (qualname, module, node) = (function.qualname, function.module, function.node);
                if name == self.known.name {
                    let text = self.names.text(qualname).rsplit('.').next().unwrap_or_default().to_owned();
                    Some(self.str(&text))
                } else if name == self.known.qualname {
                    Some(Value::Str(qualname))
                } else if name == self.known.module {
                    let text = self.program.module(module).name.clone();
                    Some(self.str(&text))
                } else if name == self.known.doc {
                    Some(self.docstring(node).map_or(Value::None, |text| self.str(&text)))
                } else if name == self.known.annotations {
                    return self.annotations_of(object).map(Some);
                } else if name == self.known.dict {
                    let pairs: Vec<(Value, Value)> = function_attrs(self.object(id))
                        .iter()
                        .map(|(name, value)| (Value::Str(*name), *value))
                        .collect();
                    Some(self.dict(pairs))
                } else if name == self.known.get || self.names.text(name) == "__code__" {
                    Some(self.unknown("a detail of a function"))
                } else {
                    None
                }
            }
            Object::Bound { function, receiver } => {
                let (function, receiver) = (*function, *receiver);
                match self.names.text(name) {
                    "__self__" => Some(receiver),
                    "__func__" => Some(function),
                    _ => return self.attribute_opt(function, name),
                }
            }
            Object::Property(_) => {
                let text = self.names.text(name);
                if matches!(
                    text,
                    "setter" | "getter" | "deleter" | "expression" | "inplace" | "comparator" | "update_expression"
                ) {
                    Some(self.alloc(Object::Method { receiver: object, name }))
                } else {
                    None
                }
            }
            Object::Static(function) | Object::ClassMethod(function) => {
                let function = *function;
                return match self.names.text(name) {
                    "__func__" | "__wrapped__" => Ok(Some(function)),
                    _ => self.attribute_opt(function, name),
                };
            }
            Object::Super { class, receiver } => {
                let (class, receiver) = (*class, *receiver);
                return Ok(self.super_attribute(class, receiver, name));
            }
            Object::Alternatives(parts) => {
                let parts = parts.clone();
                let mut out = Vec::new();
                for part in parts {
                    if part == Value::None {
                        continue;
                    }
                    out.push(self.attribute(part, name)?);
                }
                Some(self.alternatives(out))
            }
            Object::Generic { origin, args } => {
                let (origin, args) = (*origin, args.clone());
                match self.names.text(name) {
                    "__origin__" => Some(origin),
                    "__args__" => Some(self.tuple(args)),
                    _ => return self.attribute_opt(origin, name),
                }
            }
            Object::TypeVar(sym) if name == self.known.name => Some(Value::Str(*sym)),
            Object::Native(text) if name == self.known.name => {
                let text = *text;
                Some(self.str(text))
            }
            Object::Native(text) => {
                let full = format!("{text}.{}", self.names.text(name));
                Some(self.external(&full))
            }
            Object::Union(_) => match self.names.text(name) {
                "__class__" => Some(self.external("types.UnionType")),
                "__args__" => match self.object(id) {
                    Object::Union(args) => {
                        let args = args.clone();
                        Some(self.tuple(args))
                    }
                    _ => None,
                },
                _ => None,
            },
            _ => Some(self.alloc(Object::Method { receiver: object, name })),
        })
    }

    fn super_attribute(&mut self, class: crate::value::ObjectId, receiver: Value, name: Sym) -> Option<Value> {
        let own = match self.obj(receiver) {
            Some(Object::Instance { class, .. }) => *class,
            Some(Object::Class(_)) => match receiver {
                Value::Obj(id) => id,
                _ => return None,
            },
            _ => return None,
        };
        let Object::Class(object) = self.object(own) else { return None };
        let after = object.mro.iter().position(|parent| *parent == class).map_or(0, |at| at + 1);
        let rest: Vec<_> = object.mro[after..].to_vec();
        for parent in rest {
            if let Some(found) = self.own_attr(parent, name) {
                // It is a static method without being called one.
                if name == self.known.new && matches!(self.obj(found), Some(Object::Function(_))) {
                    return Some(found);
                }
                return Some(match self.obj(found) {
                    Some(Object::Property(getter)) => {
                        let getter = *getter;
                        self.call(getter, CallArgs { pos: vec![receiver], ..CallArgs::default() }).ok()?
                    }
                    Some(Object::Instance { .. }) => match self.class_attribute_of(found, self.known.get) {
                        Some(getter) if self.function(getter).is_some() => {
                            let getter = self.bind_method(getter, found);
                            let owner = Value::Obj(own);
                            let instance = if receiver == owner { Value::None } else { receiver };
                            let pos = vec![instance, owner];
                            self.call(getter, CallArgs { pos, ..CallArgs::default() }).ok()?
                        }
                        _ => found,
                    },
                    _ => self.bind_method(found, receiver),
                });
            }
        }
        if name == self.known.new {
            return Some(self.alloc(Object::Native("object.__new__")));
        }
        if let Some(method) = object_method(self.names.text(name)) {
            let function = self.alloc(Object::Native(method));
            return Some(self.alloc(Object::Bound { receiver, function }));
        }
        Some(self.alloc(Object::Native("object.method")))
    }

    /// What reading a class attribute through an instance gives.
    pub(crate) fn bind_method(&mut self, found: Value, receiver: Value) -> Value {
        match self.obj(found) {
            Some(Object::Function(_) | Object::Native(_)) => self.alloc(Object::Bound { receiver, function: found }),
            Some(Object::Static(function)) => *function,
            Some(Object::ClassMethod(function)) => {
                let function = *function;
                let class = match self.obj(receiver) {
                    Some(Object::Instance { class, .. }) => Value::Obj(*class),
                    _ => receiver,
                };
                self.alloc(Object::Bound { receiver: class, function })
            }
            Some(Object::Instance { .. }) => {
                // A callable object with `__get__`, such as a wrapper of `functools`, binds like a function.
                match self.class_attribute_of(found, self.known.get) {
                    Some(getter) if self.function(getter).is_some() => {
                        let getter = self.bind_method(getter, found);
                        self.call(getter, CallArgs { pos: vec![receiver, Value::None], ..CallArgs::default() })
                            .unwrap_or(found)
                    }
                    _ => found,
                }
            }
            _ => found,
        }
    }

    pub(crate) fn set_attribute(&mut self, object: Value, name: Sym, value: Value) -> Eval<()> {
        if let Some(Object::Alternatives(parts)) = self.obj(object) {
            for part in parts.clone() {
                self.set_attribute(part, name, value)?;
            }
            return Ok(());
        }
        if let Some(Object::Module(module)) = self.obj(object) {
            let module = *module;
            self.set_global(module, name, value);
            return Ok(());
        }
        if let Some(Object::Instance { .. }) = self.obj(object) {
            let hook = self.names.intern("__setattr__");
            if let Some(method) = self.class_attribute_of(object, hook)
                && self.function(method).is_some()
            {
                let method = self.bind_method(method, object);
                self.call(method, CallArgs { pos: vec![Value::Str(name), value], ..CallArgs::default() })?;
                return Ok(());
            }
        }
        if let Value::Obj(id) = object
            && let Some(method) = self.class_setattr(id)
        {
            self.call(method, CallArgs { pos: vec![object, Value::Str(name), value], ..CallArgs::default() })?;
            return Ok(());
        }
        self.set_attribute_raw(object, name, value);
        Ok(())
    }

    /// A copy of an instance with some attributes changed.
    pub fn with_attributes(&mut self, instance: Value, changes: &[(&str, Value)]) -> Value {
        let Some(object @ Object::Instance { .. }) = self.obj(instance) else { return instance };
        let copy = object.clone();
        let copy = self.alloc(copy);
        for (name, value) in changes {
            let name = self.names.intern(name);
            self.set_attribute_raw(copy, name, *value);
        }
        copy
    }

    pub(crate) fn set_attribute_raw(&mut self, object: Value, name: Sym, value: Value) {
        let Value::Obj(id) = object else { return };
        let id = match self.object(id) {
            Object::Bound { function: Value::Obj(function), .. } | Object::Property(Value::Obj(function)) => *function,
            _ => id,
        };
        let old = match self.object_mut(id) {
            Object::Class(class) => class.ns.insert(name, value),
            Object::Instance { attrs, .. } | Object::Opaque { attrs, .. } => attrs.insert(name, value),
            Object::Function(function) => function.attrs.insert(name, value),
            _ => return,
        };
        self.record(Place::Attr(id, name), old);
    }

    pub(crate) fn docstring(&self, node: crate::value::FunctionNode<'_>) -> Option<String> {
        use ruff_python_ast as ast;
        let crate::value::FunctionNode::Def(def) = node else { return None };
        match def.body.first() {
            Some(ast::Stmt::Expr(expr)) => match &*expr.value {
                ast::Expr::StringLiteral(text) => Some(text.value.to_str().to_owned()),
                _ => None,
            },
            _ => None,
        }
    }

    /// The dotted path of an external name, or of what made an opaque value.
    #[must_use]
    pub fn external_path(&self, value: Value) -> Option<&str> {
        match self.obj(value) {
            Some(Object::External(path)) => Some(self.names.text(*path)),
            _ => None,
        }
    }

    pub(crate) fn kind_name(&self, value: Value) -> String {
        match self.obj(value) {
            Some(Object::Instance { class, .. }) => match self.object(*class) {
                Object::Class(class) => format!("a `{}`", self.names.text(class.name)),
                _ => "an object".into(),
            },
            Some(Object::Class(class)) => format!("class `{}`", self.names.text(class.name)),
            Some(Object::Function(function)) => format!("function `{}`", self.names.text(function.qualname)),
            _ => "a value".into(),
        }
    }
}

/// Methods of `object` that do something to attributes.
fn object_method(name: &str) -> Option<&'static str> {
    Some(match name {
        "__setattr__" => "object.__setattr__",
        "__getattribute__" => "object.__getattribute__",
        "__delattr__" => "object.__delattr__",
        _ => return None,
    })
}

fn function_attrs<'o>(object: &'o Object<'_>) -> &'o Namespace {
    match object {
        Object::Function(function) => &function.attrs,
        _ => unreachable!("asked for a function"),
    }
}
