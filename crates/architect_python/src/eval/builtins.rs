//! Builtin types and functions, and the functions of the standard library that decide what a service is.

use super::{Eval, Evaluator, Flow};
use crate::value::{CallArgs, DictData, DictKey, FunctionObject, ModuleId, Namespace, Object, ObjectId, Value};

const TYPES: &[&str] = &[
    "object",
    "type",
    "int",
    "float",
    "complex",
    "bool",
    "str",
    "bytes",
    "bytearray",
    "list",
    "tuple",
    "dict",
    "set",
    "frozenset",
    "slice",
    "range",
    "memoryview",
];

const EXCEPTIONS: &[(&str, &str)] = &[
    ("BaseException", "object"),
    ("Exception", "BaseException"),
    ("KeyboardInterrupt", "BaseException"),
    ("SystemExit", "BaseException"),
    ("GeneratorExit", "BaseException"),
    ("ArithmeticError", "Exception"),
    ("ZeroDivisionError", "ArithmeticError"),
    ("OverflowError", "ArithmeticError"),
    ("AssertionError", "Exception"),
    ("AttributeError", "Exception"),
    ("EOFError", "Exception"),
    ("ImportError", "Exception"),
    ("ModuleNotFoundError", "ImportError"),
    ("LookupError", "Exception"),
    ("IndexError", "LookupError"),
    ("KeyError", "LookupError"),
    ("NameError", "Exception"),
    ("UnboundLocalError", "NameError"),
    ("OSError", "Exception"),
    ("FileNotFoundError", "OSError"),
    ("FileExistsError", "OSError"),
    ("PermissionError", "OSError"),
    ("ConnectionError", "OSError"),
    ("TimeoutError", "OSError"),
    ("RuntimeError", "Exception"),
    ("NotImplementedError", "RuntimeError"),
    ("RecursionError", "RuntimeError"),
    ("StopIteration", "Exception"),
    ("StopAsyncIteration", "Exception"),
    ("SyntaxError", "Exception"),
    ("TypeError", "Exception"),
    ("ValueError", "Exception"),
    ("UnicodeError", "ValueError"),
    ("UnicodeDecodeError", "UnicodeError"),
    ("Warning", "Exception"),
    ("DeprecationWarning", "Warning"),
    ("UserWarning", "Warning"),
    ("RuntimeWarning", "Warning"),
];

const FUNCTIONS: &[&str] = &[
    "len",
    "print",
    "isinstance",
    "issubclass",
    "getattr",
    "setattr",
    "hasattr",
    "delattr",
    "callable",
    "any",
    "all",
    "enumerate",
    "zip",
    "map",
    "filter",
    "sorted",
    "reversed",
    "iter",
    "next",
    "vars",
    "dir",
    "id",
    "hash",
    "repr",
    "super",
    "property",
    "staticmethod",
    "classmethod",
    "min",
    "max",
    "sum",
    "abs",
    "round",
    "open",
    "__import__",
    "format",
    "chr",
    "ord",
    "input",
    "exec",
    "eval",
    "compile",
];

impl<'a> Evaluator<'a> {
    pub(crate) fn install_builtins(&mut self) {
        let module = self.names.intern("builtins");
        for name in TYPES {
            let sym = self.names.intern(name);
            let bases = match (*name, self.builtin_classes.get("object")) {
                ("object", _) | (_, None) => Vec::new(),
                ("bool", _) => vec![Value::Obj(self.builtin_classes["int"])],
                (_, Some(object)) => vec![Value::Obj(*object)],
            };
            let id = self.new_class(sym, sym, module, bases, Vec::new());
            self.builtin_classes.insert(name, id);
            self.builtins.insert(sym, Value::Obj(id));
        }
        for (name, base) in EXCEPTIONS {
            let sym = self.names.intern(name);
            let base = Value::Obj(self.builtin_classes[base]);
            let id = self.new_class(sym, sym, module, vec![base], Vec::new());
            self.builtin_classes.insert(name, id);
            self.builtins.insert(sym, Value::Obj(id));
        }
        for (alias, name) in [("IOError", "OSError"), ("EnvironmentError", "OSError")] {
            let sym = self.names.intern(alias);
            let value = Value::Obj(self.builtin_classes[name]);
            self.builtins.insert(sym, value);
        }
        for name in FUNCTIONS {
            let sym = self.names.intern(name);
            let value = self.alloc(Object::Native(name));
            self.builtins.insert(sym, value);
        }
        for (name, value) in [("__debug__", Value::Bool(true)), ("NotImplemented", Value::Ellipsis)] {
            let sym = self.names.intern(name);
            self.builtins.insert(sym, value);
        }
    }

    pub(crate) fn builtin_class(&self, name: &str) -> Option<ObjectId> {
        self.builtin_classes.get(name).copied()
    }

    /// The name of a builtin type that is constructed by the machine itself.
    pub(crate) fn builtin_type(&self, id: ObjectId) -> Option<&'static str> {
        TYPES.iter().copied().find(|name| self.builtin_classes.get(name) == Some(&id))
    }

    pub(crate) fn raise(&mut self, class: &str, message: &str) -> Flow {
        let Some(id) = self.builtin_class(class) else { return Flow::Raise(Value::None) };
        let text = self.str(message);
        let args = self.tuple(vec![text]);
        let instance = self.bare_instance(id);
        self.set_attribute_raw(instance, self.known.args, args);
        Flow::Raise(instance)
    }

    /// The class of a value.
    pub(crate) fn class_of(&self, value: Value) -> Option<ObjectId> {
        let name = match value {
            Value::Bool(_) => "bool",
            Value::Int(_) => "int",
            Value::Float(_) => "float",
            Value::Str(_) => "str",
            Value::None | Value::Ellipsis | Value::Unknown(_) => return None,
            Value::Obj(id) => match self.object(id) {
                Object::Instance { class, .. } => return Some(*class),
                Object::Bytes(_) => "bytes",
                Object::List(..) => "list",
                Object::Tuple(_) => "tuple",
                Object::Dict(_) => "dict",
                Object::Set(_) => "set",
                Object::Class(_) => "type",
                _ => return None,
            },
        };
        self.builtin_class(name)
    }

    pub(crate) fn is_instance(&self, value: Value, class: Value) -> Option<bool> {
        if let Some(Object::Tuple(classes)) = self.obj(class) {
            let mut result = Some(false);
            for class in classes {
                match self.is_instance(value, *class) {
                    Some(true) => return Some(true),
                    Some(false) => {}
                    None => result = None,
                }
            }
            return result;
        }
        if let Some(Object::Union(classes)) = self.obj(class) {
            let classes = classes.clone();
            return if classes.iter().any(|class| self.is_instance(value, *class) == Some(true)) {
                Some(true)
            } else {
                None
            };
        }
        if matches!(value, Value::Unknown(_))
            || matches!(self.obj(value), Some(Object::Opaque { .. } | Object::External(_) | Object::Alternatives(_)))
        {
            return None;
        }
        if value == Value::None && self.class(class).is_some() {
            return Some(false);
        }
        match self.class_of(value) {
            Some(own) => self.is_subclass(Value::Obj(own), class),
            None => match self.external_path(class) {
                Some("types.FunctionType") => Some(matches!(self.obj(value), Some(Object::Function(_)))),
                Some("types.ModuleType") => Some(matches!(self.obj(value), Some(Object::Module(_)))),
                Some(_) => None,
                None => Some(false),
            },
        }
    }

    /// Whether one class derives from another; `None` when that is not known.
    #[must_use]
    pub fn is_subclass(&self, class: Value, base: Value) -> Option<bool> {
        if let Some(Object::Tuple(bases)) = self.obj(base) {
            let results: Vec<_> = bases.iter().map(|base| self.is_subclass(class, *base)).collect();
            return if results.contains(&Some(true)) {
                Some(true)
            } else if results.contains(&None) {
                None
            } else {
                Some(false)
            };
        }
        let Some(own) = self.class(class) else { return None };
        if let Value::Obj(id) = base {
            if own.mro.contains(&id) {
                return Some(true);
            }
            if let Some(path) = self.external_path(base) {
                let found = own.mro.iter().any(|parent| {
                    self.class(Value::Obj(*parent))
                        .is_some_and(|class| class.bases.iter().any(|base| self.external_path(*base) == Some(path)))
                });
                if found {
                    return Some(true);
                }
            }
        }
        if own.open || self.class(base).is_none() { None } else { Some(false) }
    }

    pub(crate) fn construct(&mut self, name: &'static str, args: CallArgs) -> Eval {
        let first = args.pos.first().copied();
        Ok(match (name, first) {
            ("str", None) => self.str(""),
            ("str", Some(value)) => match self.to_text(value, false)? {
                Some(text) => self.str(&text),
                None => match value {
                    Value::Unknown(_) => value,
                    _ => self.unknown("text of a value that is not known"),
                },
            },
            ("int", None) => Value::Int(0),
            ("int", Some(value)) => match value {
                Value::Int(_) => value,
                Value::Bool(b) => Value::Int(i64::from(b)),
                Value::Float(float) => Value::Int(float as i64),
                Value::Str(text) => match self.names.text(text).trim().parse() {
                    Ok(int) => Value::Int(int),
                    Err(_) => return Err(self.raise("ValueError", "invalid literal for int()")),
                },
                Value::None => return Err(self.raise("TypeError", "int() argument must be a string or a number")),
                Value::Obj(_) if self.enum_member(value).is_some() => self.attribute(value, self.known.value)?,
                _ => self.unknown("a number that is not known"),
            },
            ("float", Some(Value::Int(int))) => Value::Float(int as f64),
            ("float", Some(Value::Float(float))) => Value::Float(float),
            ("float", Some(Value::Str(text))) => match self.names.text(text).trim().parse() {
                Ok(float) => Value::Float(float),
                Err(_) => return Err(self.raise("ValueError", "could not convert string to float")),
            },
            ("bool", None) => Value::Bool(false),
            ("bool", Some(value)) => match self.truth(value) {
                Some(truth) => Value::Bool(truth),
                None => value,
            },
            ("list", None) => self.list(Vec::new()),
            ("tuple", None) => self.tuple(Vec::new()),
            ("set" | "frozenset", None) => self.set_of(Vec::new(), false),
            ("list" | "tuple" | "set" | "frozenset", Some(value)) => match self.items(value)? {
                Some((items, complete)) => match name {
                    "list" => self.alloc(Object::List(items, !complete)),
                    "tuple" if complete => self.tuple(items),
                    "tuple" => self.alloc(Object::List(items, true)),
                    _ => self.set_of(items, !complete),
                },
                None => self.alloc(Object::List(Vec::new(), true)),
            },
            ("dict", _) => {
                let mut data = DictData { open: args.open, ..DictData::default() };
                if let Some(value) = first {
                    match self.obj(value) {
                        Some(Object::Dict(other)) => data = other.clone(),
                        _ => match self.items(value)? {
                            Some((pairs, complete)) => {
                                data.open |= !complete;
                                for pair in pairs {
                                    match self.items(pair)? {
                                        Some((parts, true)) if parts.len() == 2 => match self.key(parts[0]) {
                                            Some(key) => {
                                                data.items.insert(key, (parts[0], parts[1]));
                                            }
                                            None => data.open = true,
                                        },
                                        _ => data.open = true,
                                    }
                                }
                            }
                            None => data.open = true,
                        },
                    }
                }
                for (key, value) in args.kw {
                    data.items.insert(DictKey::Str(key), (Value::Str(key), value));
                }
                self.alloc(Object::Dict(data))
            }
            ("range", Some(_)) => {
                let ints: Option<Vec<i64>> =
                    args.pos.iter().map(|value| if let Value::Int(int) = value { Some(*int) } else { None }).collect();
                match ints.as_deref() {
                    Some([end]) => self.range(0, *end, 1),
                    Some([start, end]) => self.range(*start, *end, 1),
                    Some([start, end, step]) if *step != 0 => self.range(*start, *end, *step),
                    _ => self.unknown("a range that is not known"),
                }
            }
            ("object", _) => match self.builtin_class("object") {
                Some(id) => self.bare_instance(id),
                None => Value::None,
            },
            ("type", Some(value)) if args.pos.len() == 1 => match value {
                Value::None => self.external("types.NoneType"),
                _ => match self.class_of(value) {
                    Some(id) => Value::Obj(id),
                    None => match self.obj(value) {
                        Some(Object::Opaque { callee, .. }) => *callee,
                        _ => self.unknown("the type of something unknown"),
                    },
                },
            },
            ("type", Some(name_value)) if args.pos.len() >= 3 => {
                let Value::Str(class_name) = name_value else {
                    return Ok(self.unknown("a class whose name is not known"));
                };
                let bases = self.items(args.pos[1])?.map(|(items, _)| items).unwrap_or_default();
                let module = self.current.module;
                let module_name = self.names.intern(&self.program.module(module).name);
                let id = self.new_class(class_name, class_name, module_name, bases, args.kw);
                let entries: Vec<(DictKey, Value)> = match self.obj(args.pos[2]) {
                    Some(Object::Dict(data)) => {
                        data.items.iter().map(|(key, (_, value))| (key.clone(), *value)).collect()
                    }
                    _ => Vec::new(),
                };
                let site = self.current;
                if let Object::Class(class) = self.object_mut(id) {
                    class.site = Some(site);
                    for (key, value) in entries {
                        if let DictKey::Str(key) = key {
                            class.ns.insert(key, value);
                        }
                    }
                }
                let annotations = self.own_attr(id, self.known.annotations);
                let pairs: Vec<(Value, Value)> = match annotations.and_then(|value| self.obj(value)) {
                    Some(Object::Dict(data)) => data.items.values().copied().collect(),
                    _ => Vec::new(),
                };
                let module_override = self.own_attr(id, self.known.module);
                if let Object::Class(class) = self.object_mut(id) {
                    class.annotation_values = pairs
                        .into_iter()
                        .filter_map(|(key, value)| if let Value::Str(key) = key { Some((key, value)) } else { None })
                        .collect();
                    if let Some(Value::Str(module)) = module_override {
                        class.module = module;
                    }
                }
                self.finish_class(id)?
            }
            _ => self.unknown(format!("a `{name}`")),
        })
    }

    fn range(&mut self, start: i64, end: i64, step: i64) -> Value {
        let mut out = Vec::new();
        let mut at = start;
        while (step > 0 && at < end || step < 0 && at > end) && out.len() <= super::LOOP_LIMIT {
            out.push(Value::Int(at));
            match at.checked_add(step) {
                Some(next) => at = next,
                None => break,
            }
        }
        let open = out.len() > super::LOOP_LIMIT;
        self.alloc(Object::List(out, open))
    }

    #[allow(clippy::too_many_lines)]
    pub(crate) fn native(&mut self, name: &'static str, args: CallArgs) -> Eval {
        let first = args.pos.first().copied();
        let second = args.pos.get(1).copied();
        Ok(match (name, first) {
            ("len", Some(value)) => match value {
                Value::Str(text) => {
                    self.charge(self.names.text(text).len() / 256);
                    Value::Int(i64::try_from(self.names.text(text).chars().count()).unwrap_or(0))
                }
                _ => match self.items(value)? {
                    Some((items, true)) => Value::Int(i64::try_from(items.len()).unwrap_or(0)),
                    _ => self.unknown("a length that is not known"),
                },
            },
            ("print" | "delattr" | "exec" | "placeholder" | "object.method", _) => Value::None,
            ("object.__new__", Some(Value::Obj(id))) if self.class(Value::Obj(id)).is_some() => self.bare_instance(id),
            ("isinstance", Some(value)) => match self.is_instance(value, second.unwrap_or(Value::None)) {
                Some(result) => Value::Bool(result),
                None => self.unknown("whether something is an instance"),
            },
            ("issubclass", Some(value)) => match self.is_subclass(value, second.unwrap_or(Value::None)) {
                Some(result) => Value::Bool(result),
                None => self.unknown("whether something is a subclass"),
            },
            ("getattr", Some(object)) => {
                let Some(Value::Str(attr)) = second else {
                    return Ok(self.unknown("an attribute whose name is not known"));
                };
                match (self.attribute_opt(object, attr)?, args.pos.get(2)) {
                    (Some(value), _) => value,
                    (None, Some(default)) if !matches!(object, Value::Unknown(_)) => *default,
                    _ => self.attribute(object, attr)?,
                }
            }
            ("setattr", Some(object)) => {
                if let (Some(Value::Str(attr)), Some(value)) = (second, args.pos.get(2)) {
                    self.set_attribute(object, attr, *value)?;
                }
                Value::None
            }
            ("hasattr", Some(object)) => {
                let Some(Value::Str(attr)) = second else {
                    return Ok(self.unknown("an attribute whose name is not known"));
                };
                if matches!(object, Value::Unknown(_))
                    || matches!(self.obj(object), Some(Object::Opaque { .. } | Object::External(_)))
                {
                    return Ok(self.unknown("whether something has an attribute"));
                }
                Value::Bool(self.attribute_opt(object, attr)?.is_some())
            }
            ("callable", Some(value)) => match self.obj(value) {
                Some(
                    Object::Function(_)
                    | Object::Bound { .. }
                    | Object::Class(_)
                    | Object::Native(_)
                    | Object::Method { .. },
                ) => Value::Bool(true),
                Some(Object::Instance { .. }) => Value::Bool(self.class_attribute_of(value, self.known.call).is_some()),
                Some(Object::External(_) | Object::Opaque { .. } | Object::Alternatives(_)) => {
                    self.unknown("whether something can be called")
                }
                _ if matches!(value, Value::Unknown(_)) => value,
                _ => Value::Bool(false),
            },
            ("any" | "all", Some(value)) => {
                let Some((items, complete)) = self.items(value)? else {
                    return Ok(self.unknown("any or all of something unknown"));
                };
                let wanted = name == "any";
                let truths: Vec<_> = items.iter().map(|item| self.truth(*item)).collect();
                if truths.contains(&Some(wanted)) {
                    Value::Bool(wanted)
                } else if complete && !truths.contains(&None) {
                    Value::Bool(!wanted)
                } else {
                    self.unknown("any or all of something unknown")
                }
            }
            ("enumerate", Some(value)) => {
                let Some((items, complete)) = self.items(value)? else {
                    return Ok(self.alloc(Object::List(Vec::new(), true)));
                };
                let start = match second.or_else(|| args.kw.first().map(|(_, value)| *value)) {
                    Some(Value::Int(start)) => start,
                    _ => 0,
                };
                let pairs =
                    items.into_iter().zip(start..).map(|(item, at)| self.tuple(vec![Value::Int(at), item])).collect();
                self.alloc(Object::List(pairs, !complete))
            }
            ("zip", _) => {
                let mut columns = Vec::new();
                let mut open = false;
                for value in &args.pos {
                    let Some((items, complete)) = self.items(*value)? else {
                        return Ok(self.alloc(Object::List(Vec::new(), true)));
                    };
                    open |= !complete;
                    columns.push(items);
                }
                let len = columns.iter().map(Vec::len).min().unwrap_or(0);
                let rows = (0..len).map(|at| self.tuple(columns.iter().map(|column| column[at]).collect())).collect();
                self.alloc(Object::List(rows, open))
            }
            ("map" | "filter", Some(function)) => {
                let Some((items, complete)) = self.items(second.unwrap_or(Value::None))? else {
                    return Ok(self.alloc(Object::List(Vec::new(), true)));
                };
                let mut out = Vec::new();
                let mut open = !complete;
                for item in items {
                    let result = if function == Value::None {
                        item
                    } else {
                        self.call(function, CallArgs { pos: vec![item], ..CallArgs::default() })?
                    };
                    if name == "map" {
                        out.push(result);
                    } else {
                        match self.truth(result) {
                            Some(true) => out.push(item),
                            Some(false) => {}
                            None => open = true,
                        }
                    }
                }
                self.alloc(Object::List(out, open))
            }
            ("sorted", Some(value)) => {
                let Some((items, complete)) = self.items(value)? else {
                    return Ok(self.alloc(Object::List(Vec::new(), true)));
                };
                let key_name = self.names.intern("key");
                let reverse = self.names.intern("reverse");
                let key = args.kw.iter().find(|(name, _)| *name == key_name).map(|(_, value)| *value);
                let mut keyed: Vec<(Option<SortKey>, Value)> = Vec::new();
                self.charge(items.len());
                for item in items {
                    let by = match key {
                        Some(key) => self.call(key, CallArgs { pos: vec![item], ..CallArgs::default() })?,
                        None => item,
                    };
                    keyed.push((self.sort_key(by), item));
                }
                if keyed.iter().all(|(key, _)| key.is_some()) {
                    keyed.sort_by(|a, b| a.0.cmp(&b.0));
                    if args.kw.iter().any(|(name, value)| *name == reverse && self.truth(*value) == Some(true)) {
                        keyed.reverse();
                    }
                }
                let sorted = keyed.into_iter().map(|(_, item)| item).collect();
                self.alloc(Object::List(sorted, !complete))
            }
            ("reversed", Some(value)) => match self.items(value)? {
                Some((mut items, complete)) => {
                    items.reverse();
                    self.alloc(Object::List(items, !complete))
                }
                None => self.alloc(Object::List(Vec::new(), true)),
            },
            ("iter", Some(value)) => value,
            ("next", Some(value)) => match self.items(value)? {
                Some((items, _)) if !items.is_empty() => items[0],
                Some((_, true)) => match second {
                    Some(default) => default,
                    None => return Err(self.raise("StopIteration", "")),
                },
                _ => self.element_of(value),
            },
            ("vars", Some(value)) => self.attribute(value, self.known.dict)?,
            ("dir", Some(value)) => match self.obj(value) {
                Some(Object::Module(id)) => {
                    let id = *id;
                    let names: Vec<Value> = self.state(id).ns.keys().map(|name| Value::Str(*name)).collect();
                    self.list(names)
                }
                Some(Object::Class(class)) => {
                    let mut names: Vec<Value> = Vec::new();
                    for parent in class.mro.clone() {
                        if let Object::Class(class) = self.object(parent) {
                            names.extend(class.ns.keys().map(|name| Value::Str(*name)));
                        }
                    }
                    self.sorted_names(names)
                }
                Some(Object::Instance { class, attrs, .. }) => {
                    let mut names: Vec<Value> = attrs.keys().map(|name| Value::Str(*name)).collect();
                    if let Object::Class(class) = self.object(*class) {
                        for parent in &class.mro {
                            if let Object::Class(class) = self.object(*parent) {
                                names.extend(class.ns.keys().map(|name| Value::Str(*name)));
                            }
                        }
                    }
                    self.sorted_names(names)
                }
                _ => self.alloc(Object::List(Vec::new(), true)),
            },
            ("repr", Some(value)) => match self.to_text(value, true)? {
                Some(text) => self.str(&text),
                None => self.unknown("text of a value that is not known"),
            },
            ("super", Some(class)) => match (class, second) {
                (Value::Obj(class), Some(receiver)) => self.alloc(Object::Super { class, receiver }),
                _ => self.unknown("`super()` outside a method"),
            },
            ("property", Some(getter)) => self.alloc(Object::Property(getter)),
            ("staticmethod", Some(function)) => self.alloc(Object::Static(function)),
            ("classmethod", Some(function)) => self.alloc(Object::ClassMethod(function)),
            ("min" | "max", Some(value)) => {
                let items = if args.pos.len() > 1 { Some((args.pos.clone(), true)) } else { self.items(value)? };
                let ints: Option<Vec<i64>> = items.and_then(|(items, complete)| {
                    complete.then(|| {
                        items
                            .iter()
                            .map(|item| if let Value::Int(int) = item { Some(*int) } else { None })
                            .collect::<Option<Vec<_>>>()
                    })?
                });
                match ints.and_then(|ints| if name == "min" { ints.into_iter().min() } else { ints.into_iter().max() })
                {
                    Some(int) => Value::Int(int),
                    None => self.unknown("a smallest or largest value"),
                }
            }
            ("hash" | "id", _) => self.unknown("an identity"),
            ("__import__", Some(Value::Str(module))) => {
                let module = self.names.text(module).to_owned();
                self.import_module(&module)?
            }
            _ => self.unknown(format!("what `{name}()` gives")),
        })
    }

    fn sorted_names(&mut self, mut names: Vec<Value>) -> Value {
        names.sort_by(|a, b| self.text(*a).cmp(&self.text(*b)));
        names.dedup();
        self.list(names)
    }

    pub(crate) fn sort_key(&self, value: Value) -> Option<SortKey> {
        Some(match value {
            Value::Int(int) => SortKey::Int(int),
            Value::Bool(b) => SortKey::Int(i64::from(b)),
            Value::Str(_) => SortKey::Str(self.text(value).filter(|text| text.len() < 1_000)?.to_owned()),
            Value::Obj(id) => match self.object(id) {
                Object::Tuple(items) => {
                    SortKey::Tuple(items.iter().take(1_000).map(|item| self.sort_key(*item)).collect::<Option<_>>()?)
                }
                _ => SortKey::Str(self.text(value)?.to_owned()),
            },
            _ => return None,
        })
    }

    /// Functions of the standard library that the machine carries out itself.
    pub(crate) fn known_external(&mut self, path: &str, args: &CallArgs) -> Eval<Option<Value>> {
        let first = args.pos.first().copied();
        Ok(Some(match (path, first) {
            ("typing.cast", _) => args.pos.get(1).copied().unwrap_or(Value::None),
            ("typing.NewType", Some(_)) => args.pos.get(1).copied().unwrap_or(Value::None),
            ("typing.TypeVar" | "typing.ParamSpec" | "typing.TypeVarTuple", Some(Value::Str(name))) => {
                self.alloc(Object::TypeVar(name))
            }
            ("typing.get_type_hints", Some(value)) => self.annotations_of(value)?,
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
    fn in_project(&self, path: &str) -> std::path::PathBuf {
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

    fn copy(&mut self, value: Value) -> Value {
        match self.obj(value) {
            Some(object @ (Object::List(..) | Object::Dict(_) | Object::Set(_) | Object::Instance { .. })) => {
                let object = object.clone();
                self.alloc(object)
            }
            _ => value,
        }
    }

    fn signature_parts(&mut self, callable: Value) -> Value {
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
    fn fields(&mut self, class: Value) -> Value {
        let params = match self.signature(class) {
            Some(sig) => sig.params,
            None => Vec::new(),
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

    /// What a dotted path of names means in a module: modules and classes are entered, nothing is run.
    pub fn resolve_path(&mut self, module: ModuleId, names: &[&str]) -> Option<Value> {
        let (first, rest) = names.split_first()?;
        let first = self.names.intern(first);
        let mut value = self.global(module, first).ok()??;
        for name in rest {
            let name = self.names.intern(name);
            value = match self.obj(value)? {
                Object::Module(id) => {
                    let id = *id;
                    self.global(id, name).ok()??
                }
                Object::Class(_) => self.class_attribute_of(value, name)?,
                _ => return None,
            };
        }
        Some(value)
    }

    /// Names bound at the top of a module that was run.
    pub fn module_names(&mut self, module: ModuleId) -> Vec<(String, Value)> {
        let entries: Vec<_> = self.state(module).ns.iter().map(|(name, value)| (*name, *value)).collect();
        entries.into_iter().map(|(name, value)| (self.names.text(name).to_owned(), value)).collect()
    }
}

/// A value by which things can be sorted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum SortKey {
    Int(i64),
    Str(String),
    Tuple(Vec<SortKey>),
}
