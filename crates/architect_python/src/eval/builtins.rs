//! Builtin types and functions, and the functions of the standard library that decide what a service is.

use super::{Eval, Evaluator, Flow};
use crate::value::{CallArgs, ModuleId, Object, ObjectId, Value};

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
    ("PackageNotFoundError", "ModuleNotFoundError"),
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
            self.builtin_types.insert(id, name);
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
        self.builtin_types.get(&id).copied()
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
        if let Some(Object::Native(kind @ ("classmethod" | "staticmethod" | "property"))) = self.obj(class) {
            return match self.obj(value) {
                Some(Object::ClassMethod(_)) => Some(*kind == "classmethod"),
                Some(Object::Static(_)) => Some(*kind == "staticmethod"),
                Some(Object::Property(_)) => Some(*kind == "property"),
                _ => Some(false),
            };
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
        let own = self.class(class)?;
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
            ("print" | "exec" | "placeholder" | "object.method", _) => Value::None,
            ("object.__setattr__", Some(object)) => {
                if let (Some(Value::Str(attr)), Some(value)) = (second, args.pos.get(2)) {
                    self.set_attribute_raw(object, attr, *value);
                }
                Value::None
            }
            ("object.__delattr__" | "delattr", Some(object)) => {
                if let Some(Value::Str(attr)) = second {
                    self.delete_attribute(object, attr);
                }
                Value::None
            }
            ("object.__getattribute__", Some(object)) => match second {
                Some(Value::Str(attr)) => self.attribute(object, attr)?,
                _ => self.unknown("an attribute whose name is not known"),
            },
            ("object.__new__", Some(Value::Obj(id))) if args.pos.len() == 4 => self.new_by_metaclass(id, args)?,
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
                if self.is_plain_data(object) && LACKED_BY_DATA.contains(&self.names.text(attr)) {
                    return Ok(Value::Bool(false));
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
            ("repr", Some(value)) => match self.text_of_value(value, true)? {
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
            ("chr", Some(Value::Int(code))) => match u32::try_from(code).ok().and_then(char::from_u32) {
                Some(letter) => self.str(&letter.to_string()),
                None => return Err(self.raise("ValueError", "chr() arg not in range(0x110000)")),
            },
            ("ord", Some(value)) => {
                let mut letters = self.text(value).unwrap_or_default().chars();
                match (letters.next(), letters.next()) {
                    (Some(letter), None) => Value::Int(i64::from(u32::from(letter))),
                    _ => self.unknown("the code of a letter"),
                }
            }
            ("format", Some(value)) => {
                let form = second.and_then(|form| self.text(form)).unwrap_or_default().to_owned();
                let text =
                    if form.is_empty() { self.text_of_value(value, false)? } else { self.formatted(value, &form) };
                match text {
                    Some(text) => self.str(&text),
                    None => self.unknown("a formatted value"),
                }
            }
            ("open", Some(_)) => {
                let module = self.import_module("io")?;
                match self.get(module, "open") {
                    Some(function) if self.function(function).is_some() => self.call(function, args.clone())?,
                    _ => self.unknown("a file"),
                }
            }
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

    fn is_plain_data(&self, value: Value) -> bool {
        match value {
            Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Str(_) | Value::None => true,
            _ => matches!(
                self.obj(value),
                Some(Object::List(..) | Object::Tuple(_) | Object::Dict(_) | Object::Set(_) | Object::Bytes(_))
            ),
        }
    }
}

/// Names that texts, numbers and collections do not have.
const LACKED_BY_DATA: &[&str] =
    &["__call__", "__get__", "__set__", "__wrapped__", "__name__", "__await__", "__dict__", "__dataclass_fields__"];

/// A value by which things can be sorted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum SortKey {
    Int(i64),
    Str(String),
    Tuple(Vec<SortKey>),
}
