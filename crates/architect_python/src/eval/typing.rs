//! Types as values: subscription, unions, and how Python prints them.

use ruff_python_ast as ast;

use super::expr::python_repr;
use super::{Eval, Evaluator, Frame};
use crate::value::{CallArgs, ClassObject, Namespace, Object, ObjectId, Value};

/// Annotations are searched for generic models this deep.
const ANNOTATION_DEPTH: u32 = 100;

impl<'a> Evaluator<'a> {
    pub(crate) fn is_type_like(&self, value: Value) -> bool {
        match value {
            Value::None => true,
            Value::Obj(id) => match self.object(id) {
                Object::Class(_) | Object::Generic { .. } | Object::Union(_) | Object::TypeVar(_) => true,
                Object::External(path) => {
                    let path = self.names.text(*path);
                    path.rsplit('.').next().is_some_and(|name| name.starts_with(char::is_uppercase))
                        || matches!(
                            path,
                            "datetime.datetime"
                                | "datetime.date"
                                | "datetime.time"
                                | "datetime.timedelta"
                                | "datetime.tzinfo"
                        )
                }
                _ => false,
            },
            _ => false,
        }
    }

    /// `A | B`, or `Union[A, B]`; a union with a construct of `typing` prints as one of `typing`.
    pub(crate) fn union(&mut self, parts: Vec<Value>, pep604: bool) -> Value {
        let mut flat: Vec<Value> = Vec::new();
        let mut typing = !pep604;
        for part in parts {
            let inner = match self.obj(part) {
                Some(Object::Union(args)) => args.clone(),
                Some(Object::Generic { origin, args }) if self.external_path(*origin) == Some("typing.Union") => {
                    typing = true;
                    args.clone()
                }
                Some(Object::Generic { origin, .. }) => {
                    typing |= self.external_path(*origin).is_some_and(|path| path.starts_with("typing."));
                    vec![part]
                }
                Some(Object::External(path)) => {
                    typing |= self.names.text(*path).starts_with("typing.") && self.names.text(*path) != "typing.Any";
                    vec![part]
                }
                Some(Object::TypeVar(_)) => {
                    typing = true;
                    vec![part]
                }
                _ => vec![part],
            };
            for value in inner {
                let known = flat.iter().any(|other| {
                    *other == value || (self.key(*other).is_some() && self.key(*other) == self.key(value))
                });
                if !known {
                    flat.push(value);
                }
            }
        }
        if flat.len() == 1 {
            return flat[0];
        }
        if typing {
            let origin = self.external("typing.Union");
            self.alloc(Object::Generic { origin, args: flat })
        } else {
            self.alloc(Object::Union(flat))
        }
    }

    /// `X[...]` for types.
    pub(crate) fn parametrise(&mut self, object: Value, index: Value) -> Eval {
        // What is parametrised on the way is not written at the top of a module.
        let at_top = std::mem::take(&mut self.at_top);
        let args = match self.obj(index) {
            Some(Object::Tuple(items)) => items.clone(),
            _ => vec![index],
        };
        let path = self.external_path(object).map(str::to_owned);
        let Some(first) = args.first().copied() else {
            return Ok(self.alloc(Object::Generic { origin: object, args }));
        };
        match path.as_deref() {
            Some("typing.Optional") => return Ok(self.union(vec![first, Value::None], false)),
            Some("typing.Union") => return Ok(self.union(args, false)),
            Some("typing.Annotated") => {
                // Nested `Annotated` is one.
                if let Some(Object::Generic { origin, args: inner }) = self.obj(first)
                    && *origin == object
                {
                    let mut all = inner.clone();
                    all.extend(args.iter().skip(1));
                    return Ok(self.alloc(Object::Generic { origin: object, args: all }));
                }
            }
            _ => {}
        }
        match self.obj(object) {
            Some(Object::Class(_)) => {
                let Value::Obj(id) = object else { return Ok(object) };
                self.parametrise_class(id, object, args, at_top)
            }
            Some(Object::Generic { origin, args: inner }) => {
                let (origin, inner) = (*origin, inner.clone());
                let params = self.free_variables(&inner);
                if params.is_empty() {
                    return Ok(object);
                }
                let new: Vec<Value> = inner.iter().map(|arg| self.substitute(*arg, &params, &args)).collect();
                if self.external_path(origin) == Some("typing.Union") {
                    return Ok(self.union(new, false));
                }
                Ok(self.alloc(Object::Generic { origin, args: new }))
            }
            Some(Object::Union(inner)) => {
                let inner = inner.clone();
                let params = self.free_variables(&inner);
                let new: Vec<Value> = inner.iter().map(|arg| self.substitute(*arg, &params, &args)).collect();
                Ok(self.union(new, true))
            }
            _ => Ok(self.alloc(Object::Generic { origin: object, args })),
        }
    }

    fn parametrise_class(&mut self, id: ObjectId, object: Value, args: Vec<Value>, at_top: bool) -> Eval {
        let Object::Class(class) = self.object(id) else { return Ok(object) };
        let marker = self.names.lookup("__architect_fields__");
        let is_model = marker.is_some_and(|marker| self.mro_attribute(id, marker).is_some()) && class.site.is_some();
        if !is_model {
            if let Some(hook) = self.mro_attribute(id, self.known.class_getitem)
                && self.function(hook).is_some_and(|(_, function)| !self.is_model(function.module))
            {
                let function = match self.obj(hook) {
                    Some(Object::ClassMethod(function)) => *function,
                    _ => hook,
                };
                let index = if args.len() == 1 { args[0] } else { self.tuple(args.clone()) };
                let made = self.call(function, CallArgs { pos: vec![object, index], ..CallArgs::default() })?;
                if !matches!(made, Value::Unknown(_)) {
                    return Ok(made);
                }
            }
            return Ok(self.alloc(Object::Generic { origin: object, args }));
        }
        // Pydantic makes a class of its own for each set of arguments, named after them.
        let Some(keys) = args.iter().map(|arg| self.key(*arg)).collect::<Option<Vec<_>>>() else {
            return Ok(self.unknown("a generic model of something unknown"));
        };
        if let Some(known) = self.generics.get(&(id, keys.clone())) {
            return Ok(Value::Obj(*known));
        }
        let Object::Class(class) = self.object(id) else { return Ok(object) };
        let (name, qualname, module, globals, env, site) =
            (class.name, class.qualname, class.module, class.globals, class.env, class.site);
        let texts: Vec<String> = args.iter().map(|arg| self.short_type_text(*arg)).collect();
        let new_name = format!("{}[{}]", self.names.text(name), texts.join(", "));
        let new_qualname = format!("{}[{}]", self.names.text(qualname), texts.join(", "));
        let (new_name, _) = (self.names.intern(&new_name), self.names.intern(&new_qualname));
        let follows_caller =
            self.names.lookup("__architect_generic_module__").and_then(|marker| self.mro_attribute(id, marker));
        let module = if at_top && follows_caller == Some(Value::Bool(true)) {
            self.names.intern(&self.program.module(self.current.module).name)
        } else {
            module
        };
        let made = self.new_class(new_name, new_name, module, vec![object], Vec::new());
        if let Object::Class(class) = self.object_mut(made) {
            class.globals = globals;
            class.env = env;
            class.site = site;
            class.generic = Some((id, args.clone()));
        }
        let free = self.free_variables(&args);
        if let Object::Class(class) = self.object_mut(made) {
            class.type_params = free;
        }
        self.generics.insert((id, keys), made);
        Ok(Value::Obj(made))
    }

    /// Evaluates the annotations of a function that parametrise generic models, see [`Self::settle_annotation`].
    pub(crate) fn settle_annotations(&mut self, frame: &Frame, node: &'a ast::StmtFunctionDef) {
        let parameters = node.parameters.iter().filter_map(|parameter| parameter.annotation());
        for annotation in parameters.chain(node.returns.as_deref()) {
            self.settle_annotation(frame, annotation);
        }
    }

    /// Evaluates an annotation where it stands if it parametrises a generic model. Other annotations wait until
    /// somebody asks; these make classes, and who comes first matters.
    pub(crate) fn settle_annotation(&mut self, frame: &Frame, annotation: &'a ast::Expr) {
        if self.names_generic_model(frame, annotation, 0) {
            self.annotation(annotation, frame.module, frame.env, frame.class);
        }
    }

    fn names_generic_model(&mut self, frame: &Frame, annotation: &ast::Expr, depth: u32) -> bool {
        let depth = depth + 1;
        match annotation {
            _ if depth > ANNOTATION_DEPTH => false,
            ast::Expr::Subscript(node) => {
                if let ast::Expr::Name(name) = &*node.value {
                    let name = self.names.intern(&name.id);
                    let value = self.state(frame.module).ns.get(&name).copied();
                    let follows_caller = self.names.intern("__architect_generic_module__");
                    let marked = value.and_then(|value| self.class_attribute_of(value, follows_caller));
                    if marked == Some(Value::Bool(true)) && value.is_some_and(|value| self.class(value).is_some()) {
                        return true;
                    }
                }
                self.names_generic_model(frame, &node.slice, depth)
            }
            ast::Expr::Tuple(node) => node.elts.iter().any(|elt| self.names_generic_model(frame, elt, depth)),
            ast::Expr::BinOp(node) => {
                self.names_generic_model(frame, &node.left, depth)
                    || self.names_generic_model(frame, &node.right, depth)
            }
            _ => false,
        }
    }

    pub(crate) fn free_variables(&self, args: &[Value]) -> Vec<Value> {
        let mut out = Vec::new();
        for arg in args {
            match self.obj(*arg) {
                Some(Object::TypeVar(_)) if !out.contains(arg) => {
                    out.push(*arg);
                }
                Some(Object::Generic { args, .. } | Object::Union(args)) => {
                    for inner in self.free_variables(args) {
                        if !out.contains(&inner) {
                            out.push(inner);
                        }
                    }
                }
                _ => {}
            }
        }
        out
    }

    pub(crate) fn substitute(&mut self, value: Value, params: &[Value], args: &[Value]) -> Value {
        if let Some(at) = params.iter().position(|param| *param == value) {
            return args.get(at).copied().unwrap_or(value);
        }
        match self.obj(value) {
            Some(Object::Generic { origin, args: inner }) => {
                let (origin, inner) = (*origin, inner.clone());
                let new: Vec<Value> = inner.iter().map(|arg| self.substitute(*arg, params, args)).collect();
                if new == inner { value } else { self.alloc(Object::Generic { origin, args: new }) }
            }
            Some(Object::Union(inner)) => {
                let inner = inner.clone();
                let new: Vec<Value> = inner.iter().map(|arg| self.substitute(*arg, params, args)).collect();
                self.union(new, true)
            }
            Some(Object::Class(class)) if class.type_params.iter().any(|param| params.contains(param)) => {
                let own = class.type_params.clone();
                let new: Vec<Value> = own.iter().map(|arg| self.substitute(*arg, params, args)).collect();
                let index = if new.len() == 1 { new[0] } else { self.tuple(new) };
                self.parametrise(value, index).unwrap_or(value)
            }
            _ => value,
        }
    }

    pub(crate) fn bind_type_params(&mut self, frame: &mut Frame, params: Option<&'a ast::TypeParams>) {
        for param in params.iter().flat_map(|params| &params.type_params) {
            let name = self.names.intern(param.name());
            let value = self.alloc(Object::TypeVar(name));
            self.assign(frame, name, value);
        }
    }

    /// `module.qualname` of a class or external name.
    fn dotted(&self, value: Value) -> Option<String> {
        match self.obj(value) {
            Some(Object::Class(class)) => {
                let module = self.names.text(class.module);
                let qualname = self.names.text(class.qualname);
                Some(if module == "builtins" { qualname.to_owned() } else { format!("{module}.{qualname}") })
            }
            Some(Object::External(path)) => Some(self.names.text(*path).to_owned()),
            Some(Object::TypeVar(name)) => Some(format!("~{}", self.names.text(*name))),
            _ => None,
        }
    }

    /// How Pydantic names a type inside the name of a generic model.
    fn short_type_text(&mut self, value: Value) -> String {
        match self.obj(value) {
            Some(Object::Class(class)) => self.names.text(class.name).to_owned(),
            Some(Object::External(path)) => {
                let path = self.names.text(*path);
                path.rsplit('.').next().unwrap_or(path).to_owned()
            }
            Some(Object::Generic { origin, args }) => {
                let (origin, args) = (*origin, args.clone());
                if self.external_path(origin) == Some("typing.Union") {
                    return self.union_text(&args, Self::short_type_text);
                }
                let args: Vec<String> = args.into_iter().map(|arg| self.short_type_text(arg)).collect();
                format!("{}[{}]", self.short_type_text(origin), args.join(", "))
            }
            Some(Object::Union(args)) => {
                let args = args.clone();
                let args: Vec<String> = args.into_iter().map(|arg| self.short_type_text(arg)).collect();
                format!("Union[{}]", args.join(", "))
            }
            _ => self.type_text(value),
        }
    }

    fn union_text(&mut self, args: &[Value], text: fn(&mut Self, Value) -> String) -> String {
        if args.len() == 2 && args.contains(&Value::None) {
            let other = args.iter().find(|arg| **arg != Value::None).copied().unwrap_or(Value::None);
            return format!("Optional[{}]", text(self, other));
        }
        let args: Vec<String> = args.iter().map(|arg| text(self, *arg)).collect();
        format!("Union[{}]", args.join(", "))
    }

    /// How Python prints a type inside another one; what stands beside it in `Annotated` may have a `__repr__`.
    pub fn type_text(&mut self, value: Value) -> String {
        match value {
            Value::None => "NoneType".into(),
            Value::Ellipsis => "...".into(),
            Value::Bool(b) => if b { "True" } else { "False" }.into(),
            Value::Int(int) => int.to_string(),
            Value::Float(float) => float.to_string(),
            Value::Str(sym) => format!("ForwardRef({})", python_repr(self.names.text(sym))),
            Value::Unknown(_) => "?".into(),
            Value::Obj(id) => match self.object(id) {
                Object::Generic { origin, args } => {
                    let (origin, args) = (*origin, args.clone());
                    self.generic_text(origin, &args)
                }
                Object::Union(args) => {
                    let args = args.clone();
                    let parts: Vec<String> = args
                        .into_iter()
                        .map(|arg| if arg == Value::None { "None".to_owned() } else { self.type_text(arg) })
                        .collect();
                    parts.join(" | ")
                }
                Object::List(items, _) => {
                    let items = items.clone();
                    // A list may hold itself.
                    if self.limits.nesting > 50 || self.burn().is_err() {
                        return "[…]".to_owned();
                    }
                    self.limits.nesting += 1;
                    let parts: Vec<String> = items.into_iter().map(|item| self.type_text(item)).collect();
                    self.limits.nesting -= 1;
                    format!("[{}]", parts.join(", "))
                }
                Object::Instance { .. } => match self.enum_member(value) {
                    Some((class, name)) => format!("<{class}.{name}>"),
                    None => match self.text_of_value(value, true) {
                        Ok(Some(text)) => text,
                        _ => format!("{}()", self.type_name(value)),
                    },
                },
                _ => self.dotted(value).unwrap_or_else(|| "?".into()),
            },
        }
    }

    fn generic_text(&mut self, origin: Value, args: &[Value]) -> String {
        match self.external_path(origin).unwrap_or_default() {
            "typing.Union" => format!("typing.{}", self.union_text(args, Self::type_text)),
            "typing.Literal" => {
                let parts: Vec<String> = args
                    .iter()
                    .map(|arg| match arg {
                        Value::Str(sym) => python_repr(self.names.text(*sym)),
                        Value::None => "None".into(),
                        other => self.type_text(*other),
                    })
                    .collect();
                format!("typing.Literal[{}]", parts.join(", "))
            }
            _ => {
                let parts: Vec<String> = args.iter().map(|arg| self.type_text(*arg)).collect();
                format!("{}[{}]", self.dotted(origin).unwrap_or_else(|| "?".into()), parts.join(", "))
            }
        }
    }

    /// `module:qualname` of a callable or of the type of an object.
    #[must_use]
    pub fn qualified_name(&self, value: Value) -> Option<String> {
        let Value::Obj(id) = value else { return None };
        let text = |ns: &Namespace, name| ns.get(&name).and_then(|value| self.text(*value)).map(str::to_owned);
        Some(match self.object(id) {
            Object::Function(function) => {
                let module = text(&function.attrs, self.known.module)
                    .unwrap_or_else(|| self.program.module(function.module).name.clone());
                let qualname = text(&function.attrs, self.known.qualname)
                    .unwrap_or_else(|| self.names.text(function.qualname).to_owned());
                format!("{module}:{qualname}")
            }
            Object::Bound { function, .. } | Object::Static(function) | Object::ClassMethod(function) => {
                return self.qualified_name(*function);
            }
            Object::Class(class) => class_name(self, class),
            Object::Instance { class, attrs, .. } => {
                match (text(attrs, self.known.module), text(attrs, self.known.qualname)) {
                    (Some(module), Some(qualname)) => format!("{module}:{qualname}"),
                    _ => return self.qualified_name(Value::Obj(*class)),
                }
            }
            Object::External(path) => {
                let path = self.names.text(*path);
                match path.rsplit_once('.') {
                    Some((module, name)) => format!("{module}:{name}"),
                    None => path.to_owned(),
                }
            }
            Object::Generic { origin, .. } => return self.qualified_name(*origin),
            Object::Native(name) => format!("builtins:{name}"),
            Object::Opaque { callee, .. } => return self.qualified_name(*callee),
            _ => return None,
        })
    }

    pub(crate) fn type_name(&self, value: Value) -> String {
        match self.obj(value) {
            Some(Object::Instance { class, .. }) => match self.object(*class) {
                Object::Class(class) => self.names.text(class.name).to_owned(),
                _ => "object".into(),
            },
            Some(Object::Opaque { callee, .. }) => self
                .external_path(*callee)
                .map_or_else(|| "object".to_owned(), |path| path.rsplit('.').next().unwrap_or(path).to_owned()),
            _ => "object".into(),
        }
    }
}

fn class_name(machine: &Evaluator<'_>, class: &ClassObject<'_>) -> String {
    format!("{}:{}", machine.names.text(class.module), machine.names.text(class.qualname))
}
