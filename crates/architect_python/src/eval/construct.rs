//! Calls of builtin types.

use super::{Eval, Evaluator};
use crate::value::{CallArgs, DictData, DictKey, Object, Value};

impl<'a> Evaluator<'a> {
    pub(crate) fn construct(&mut self, name: &'static str, args: CallArgs) -> Eval {
        let first = args.pos.first().copied();
        Ok(match (name, first) {
            ("str", None) => self.str(""),
            ("str", Some(value)) => match self.text_of_value(value, false)? {
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
                // A factory of a library makes it for the module that calls.
                self.note_origin(Value::Obj(id));
                self.finish_class(id)?
            }
            _ => self.unknown(format!("a `{name}`")),
        })
    }

    pub(super) fn range(&mut self, start: i64, end: i64, step: i64) -> Value {
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
}
