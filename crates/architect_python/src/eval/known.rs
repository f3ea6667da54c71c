//! Functions of the standard library that the machine knows itself.

use super::{Eval, Evaluator};
use crate::value::{CallArgs, FunctionObject, Namespace, Object, Value};

impl<'a> Evaluator<'a> {
    /// Functions of the standard library that the machine carries out itself.
    pub(crate) fn known_external(&mut self, path: &str, args: &CallArgs) -> Eval<Option<Value>> {
        let first = args.pos.first().copied();
        Ok(Some(match (path, first) {
            ("typing.cast", _) => args.pos.get(1).copied().unwrap_or(Value::None),
            ("typing.NewType", Some(_)) => args.pos.get(1).copied().unwrap_or(Value::None),
            ("typing.TypeVar" | "typing.ParamSpec" | "typing.TypeVarTuple", Some(Value::Str(name))) => {
                self.alloc(Object::TypeVar(name))
            }
            ("typing.get_type_hints", Some(value)) => self.type_hints(value)?,
            (
                "typing.overload"
                | "typing.final"
                | "typing.runtime_checkable"
                | "typing.no_type_check"
                | "abc.abstractmethod"
                | "typing.override",
                Some(value),
            ) => value,
            ("typing.get_origin", Some(value)) => match self.obj(value) {
                Some(Object::Generic { origin, .. }) => *origin,
                Some(Object::Union(_)) => self.external("types.UnionType"),
                _ if matches!(value, Value::Unknown(_)) => value,
                _ => Value::None,
            },
            ("typing.get_args", Some(value)) => match self.obj(value) {
                Some(Object::Generic { args, .. } | Object::Union(args)) => {
                    let args = args.clone();
                    self.tuple(args)
                }
                _ => self.tuple(Vec::new()),
            },
            ("copy.copy" | "copy.deepcopy", Some(value)) => self.copy(value),
            (
                "asyncio.iscoroutinefunction"
                | "asyncio.coroutines.iscoroutinefunction"
                | "asgiref.sync.iscoroutinefunction"
                | "starlette._utils.is_async_callable",
                Some(value),
            ) => self.is_coroutine_function(value),
            ("asyncio.run" | "uvloop.run", Some(value)) => self.awaited(value)?,
            ("anyio.run" | "trio.run", Some(function)) => {
                let rest = args.pos[1..].to_vec();
                let started = self.call(function, CallArgs { pos: rest, ..CallArgs::default() })?;
                self.awaited(started)?
            }
            (path, Some(value)) if path.ends_with(".run_until_complete") => self.awaited(value)?,
            ("importlib.import_module", Some(Value::Str(name))) => {
                let mut name = self.names.text(name).to_owned();
                if let Some(rest) = name.strip_prefix('.') {
                    let package = self.names.intern("package");
                    let package = args
                        .pos
                        .get(1)
                        .copied()
                        .or_else(|| args.kw.iter().find(|(key, _)| *key == package).map(|(_, value)| *value));
                    match package.and_then(|package| self.text(package)) {
                        Some(package) => name = format!("{package}.{}", rest.trim_start_matches('.')),
                        None => return Ok(Some(self.unknown("a module whose name is not known"))),
                    }
                }
                if self.program.find(&name).is_none() && self.trying > 0 {
                    return Err(self.raise("ModuleNotFoundError", &format!("No module named '{name}'")));
                }
                self.import_module(&name)?
            }
            ("sys.modules.get", Some(name)) => {
                let default = args.pos.get(1).copied().unwrap_or(Value::None);
                self.in_sys_modules(name).unwrap_or(default)
            }
            ("typing.NamedTuple" | "collections.namedtuple", Some(_)) => {
                let module = self.import_module("collections")?;
                let name = if path == "typing.NamedTuple" { "_typed" } else { "namedtuple" };
                match self.get(module, name) {
                    Some(function) if self.function(function).is_some() => self.call(function, args.clone())?,
                    _ => return Ok(None),
                }
            }
            ("_architect.module_at", Some(path)) => match self.text(path).map(str::to_owned) {
                Some(text) => {
                    let file = self.program.files.canonical(&self.in_project(&text));
                    match self.program.module_at(&file) {
                        Some(id) => {
                            self.run_module(id)?;
                            self.module_object(id)
                        }
                        None => self.unknown("a module whose file is not read"),
                    }
                }
                None => self.unknown("a module whose file is not known"),
            },
            ("_architect.fnmatch", Some(name)) => {
                match (self.text(name), args.pos.get(1).and_then(|pattern| self.text(*pattern))) {
                    (Some(name), Some(pattern)) if name.len() < 1_000 && pattern.len() < 1_000 => {
                        let (name, pattern): (Vec<char>, Vec<char>) =
                            (name.chars().collect(), pattern.chars().collect());
                        let fits = super::text::fits_pattern(&name, &pattern);
                        self.charge(name.len() * pattern.len() / 64);
                        Value::Bool(fits)
                    }
                    _ => self.unknown("whether a name fits a pattern"),
                }
            }
            ("_architect.quote", Some(text)) => {
                match (self.text(text), args.pos.get(1).and_then(|safe| self.text(*safe))) {
                    (Some(text), Some(safe)) if text.len() < super::budget::MAX_TEXT / 4 => {
                        let quoted = super::text::percent_encoded(text, safe);
                        self.str(&quoted)
                    }
                    _ => self.unknown("a quoted text"),
                }
            }
            ("_architect.unquote", Some(text)) => match self.text(text) {
                Some(text) => {
                    let plain = super::text::percent_decoded(text);
                    self.str(&plain)
                }
                _ => self.unknown("a text without its quotation"),
            },
            ("os.getenv" | "os.environ.get", Some(key)) => {
                let environ = self.environ();
                match self.key(key) {
                    Some(key) => match self.obj(environ) {
                        Some(Object::Dict(data)) => data.items.get(&key).map_or_else(
                            || {
                                args.pos
                                    .get(1)
                                    .copied()
                                    .or_else(|| args.kw.first().map(|(_, value)| *value))
                                    .unwrap_or(Value::None)
                            },
                            |(_, value)| *value,
                        ),
                        _ => Value::None,
                    },
                    None => self.unknown("an environment variable whose name is not known"),
                }
            }
            ("_architect.environ", _) => self.environ(),
            ("_architect.setting", Some(key)) => {
                let key = self.text(key).unwrap_or_default().to_owned();
                match self.setup.settings.iter().find(|(name, _)| *name == key).map(|(_, value)| value.clone()) {
                    Some(value) => self.str(&value),
                    None => Value::None,
                }
            }
            ("_architect.signature_parts", Some(callable)) => self.signature_parts(callable),
            ("_architect.caller_module", _) => {
                let sites = self.stack.iter().rev().map(|site| site.module);
                let caller = sites.chain([self.current.module]).find(|module| !self.is_model(*module));
                match caller.map(|module| self.program.module(module).name.clone()) {
                    Some(name) => self.str(&name),
                    None => Value::None,
                }
            }
            ("_architect.fields", Some(class)) => self.fields(class),
            ("_architect.class_body", Some(class)) => self.class_body(class),
            // What is surely an instance; `isinstance` forks where that is not known.
            ("_architect.is_instance", Some(value)) => {
                Value::Bool(self.is_instance(value, args.pos.get(1).copied().unwrap_or(Value::None)) == Some(true))
            }
            ("_architect.unknown", _) => {
                self.unknown(first.and_then(|value| self.text(value)).unwrap_or("not known").to_owned())
            }
            ("_architect.is_unknown", Some(value)) => Value::Bool(
                matches!(value, Value::Unknown(_))
                    || matches!(
                        self.obj(value),
                        Some(Object::Opaque { .. } | Object::External(_) | Object::Alternatives(_))
                    ),
            ),
            // A second function of the same code and closure, without the attributes of the first.
            ("_architect.copy_function", Some(value)) => match self.obj(value) {
                Some(Object::Function(function)) => {
                    let copy = FunctionObject { attrs: Namespace::default(), ..function.clone() };
                    self.alloc(Object::Function(copy))
                }
                _ => Value::None,
            },
            ("_architect.remember", Some(function)) => {
                if let Value::Obj(id) = function {
                    self.remembering.insert(id);
                }
                function
            }
            ("_architect.is_generator", Some(value)) => {
                Value::Bool(self.function(value).is_some_and(|(_, function)| crate::facts::is_generator(function.node)))
            }
            ("_architect.set", Some(object)) => {
                if let (Some(Value::Str(name)), Some(value)) = (args.pos.get(1).copied(), args.pos.get(2)) {
                    self.set_attribute_raw(object, name, *value);
                }
                Value::None
            }
            ("_architect.list_dir", Some(path)) => {
                let Some(text) = self.text(path).map(str::to_owned) else {
                    return Ok(Some(self.unknown("a folder that is not known")));
                };
                let entries = self.program.files.list(&self.in_project(&text));
                let items = entries
                    .into_iter()
                    .map(|(name, kind)| {
                        let name = self.str(&name);
                        self.tuple(vec![name, Value::Bool(kind == architect_source::FileKind::Directory)])
                    })
                    .collect();
                self.list(items)
            }
            ("_architect.exists", Some(path)) => match self.text(path) {
                Some(text) => Value::Bool(self.program.files.kind(&self.in_project(text)).is_some()),
                None => self.unknown("a path that is not known"),
            },
            ("_architect.regex", _) => self.regex(args),
            ("_architect.super_init", _) => Value::None,
            ("_architect.resolve", Some(path)) => match self.text(path).map(str::to_owned) {
                Some(text) => {
                    let resolved = self.program.files.canonical(&self.in_project(&text));
                    self.str(&resolved.to_string_lossy())
                }
                None => self.unknown("a path that is not known"),
            },
            ("_architect.read_text", Some(path)) => {
                let Some(text) = self.text(path).map(str::to_owned) else { return Ok(Some(Value::None)) };
                let path = self.program.files.canonical(&self.in_project(&text));
                if !path.starts_with(&self.program.project) {
                    return Ok(Some(Value::None));
                }
                match self.program.files.read(&path) {
                    Ok(bytes) => self.str(&String::from_utf8_lossy(&bytes)),
                    Err(_) => Value::None,
                }
            }
            _ => return self.host(path, args),
        }))
    }

    /// The path a program means that is started in the project's folder.
    pub(super) fn in_project(&self, path: &str) -> std::path::PathBuf {
        self.program.project.join(path)
    }

    pub(crate) fn environ(&mut self) -> Value {
        if let Some(value) = self.environ {
            return value;
        }
        let pairs = self.setup.env.clone();
        let pairs = pairs.iter().map(|(key, value)| (self.str(key), self.str(value))).collect();
        let value = self.dict(pairs);
        self.environ = Some(value);
        value
    }

    pub(super) fn copy(&mut self, value: Value) -> Value {
        match self.obj(value) {
            Some(object @ (Object::List(..) | Object::Dict(_) | Object::Set(_) | Object::Instance { .. })) => {
                let object = object.clone();
                self.alloc(object)
            }
            _ => value,
        }
    }

    /// Annotations of a function, or of a class and its bases.
    fn type_hints(&mut self, value: Value) -> Eval {
        let Some(class) = self.class(value) else { return self.annotations_of(value) };
        let mut pairs = Vec::new();
        for base in class.mro.clone().into_iter().rev() {
            let own = self.annotations_of(Value::Obj(base))?;
            if let Some(Object::Dict(data)) = self.obj(own) {
                pairs.extend(data.items.values().copied());
            }
        }
        Ok(self.dict(pairs))
    }

    /// `(self, /, *args, **kwargs)`, which `object` takes.
    fn any_signature(&mut self) -> Value {
        let row = |machine: &mut Self, name: &str, kind: i64| {
            let name = machine.str(name);
            let no = Value::Bool(false);
            machine.tuple(vec![name, Value::Int(kind), no, Value::Ellipsis, no, Value::Ellipsis])
        };
        let rows = vec![row(self, "self", 0), row(self, "args", 2), row(self, "kwargs", 4)];
        let rows = self.list(rows);
        self.tuple(vec![rows, Value::Bool(false), Value::Ellipsis])
    }

    pub(super) fn signature_parts(&mut self, callable: Value) -> Value {
        if let Some(Object::Native("object.method")) = self.obj(callable) {
            return self.any_signature();
        }
        let Some(sig) = self.signature(callable) else { return Value::None };
        let mut rows = Vec::new();
        for param in sig.params {
            let kind = match param.kind {
                crate::value::ParamKind::PositionalOnly => 0,
                crate::value::ParamKind::Normal => 1,
                crate::value::ParamKind::VarArgs => 2,
                crate::value::ParamKind::KeywordOnly => 3,
                crate::value::ParamKind::VarKwargs => 4,
            };
            let missing = Value::Ellipsis;
            let has_default = Value::Bool(param.default.is_some());
            let has_annotation = Value::Bool(param.annotation.is_some());
            rows.push(self.tuple(vec![
                Value::Str(param.name),
                Value::Int(kind),
                has_default,
                param.default.unwrap_or(missing),
                has_annotation,
                param.annotation.unwrap_or(missing),
            ]));
        }
        let rows = self.list(rows);
        let has_returns = Value::Bool(sig.returns.is_some());
        self.tuple(vec![rows, has_returns, sig.returns.unwrap_or(Value::Ellipsis)])
    }

    /// Fields of a model or settings class: `[(name, annotation, has_default, default)]`, bases first.
    pub(super) fn fields(&mut self, class: Value) -> Value {
        let params = match class {
            Value::Obj(id) if self.class(class).is_some() => self.class_fields(id),
            _ => self.signature(class).map(|sig| sig.params).unwrap_or_default(),
        };
        let rows = params
            .into_iter()
            .map(|param| {
                let has_default = Value::Bool(param.default.is_some());
                self.tuple(vec![
                    Value::Str(param.name),
                    param.annotation.unwrap_or(Value::None),
                    has_default,
                    param.default.unwrap_or(Value::None),
                ])
            })
            .collect();
        self.list(rows)
    }
}
