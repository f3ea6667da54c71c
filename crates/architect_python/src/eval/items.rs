//! What containers hold: their items, and what stands at an index.

use super::{Eval, Evaluator, Flow};
use crate::value::{CallArgs, DictKey, Object, ObjectId, Value};

impl<'a> Evaluator<'a> {
    /// What iterating over a value gives, and whether that is all of it; `None` when nothing is known.
    pub fn items(&mut self, value: Value) -> Result<Option<(Vec<Value>, bool)>, Flow> {
        self.charge(self.length(value) / 16);
        Ok(match value {
            Value::Str(sym) => {
                self.charge(self.names.text(sym).len());
                let chars: Vec<String> = self.names.text(sym).chars().map(String::from).collect();
                Some((chars.iter().map(|c| self.str(c)).collect(), true))
            }
            Value::Obj(id) => match self.object(id) {
                Object::List(items, open) => Some((items.clone(), !open)),
                Object::Tuple(items) => Some((items.clone(), true)),
                Object::Dict(data) | Object::Set(data) => {
                    Some((data.items.values().map(|(key, _)| *key).collect(), !data.open))
                }
                Object::Class(class) => {
                    let members = class.ns.get(&self.known.members).copied();
                    match members {
                        Some(members) => match self.obj(members) {
                            Some(Object::Dict(data)) => {
                                Some((data.items.values().map(|(_, value)| *value).collect(), true))
                            }
                            _ => None,
                        },
                        None => None,
                    }
                }
                Object::Suspended { coroutine: false, .. } => {
                    let yields = self.run_generator(id)?;
                    Some((yields, true))
                }
                Object::Instance { .. } => match self.attribute_opt(value, self.known.iter)? {
                    Some(method) => {
                        let result = self.call(method, CallArgs::default())?;
                        if result == value { None } else { return self.items(result) }
                    }
                    None => None,
                },
                _ => None,
            },
            _ => None,
        })
    }

    /// Some element of an iterable whose elements are not known.
    pub(crate) fn element_of(&mut self, value: Value) -> Value {
        match value {
            Value::Unknown(_) => value,
            _ => self.unknown("an element of something that is not known"),
        }
    }

    pub(crate) fn subscript(&mut self, object: Value, index: Value) -> Eval {
        let Value::Obj(id) = object else {
            if let (Value::Str(sym), Some(Object::Slice(lower, upper, step))) = (object, self.obj(index)) {
                let (lower, upper, step) = (*lower, *upper, *step);
                self.charge(self.names.text(sym).len() / 16);
                let chars: Vec<char> = self.names.text(sym).chars().collect();
                return Ok(match slice(&chars, lower, upper, step) {
                    Some(part) => self.str(&part.into_iter().collect::<String>()),
                    None => self.unknown("a slice that is not known"),
                });
            }
            if let (Value::Str(sym), Value::Int(int)) = (object, index) {
                self.charge(self.names.text(sym).len() / 16);
                let chars: Vec<char> = self.names.text(sym).chars().collect();
                return Ok(match position(chars.len(), int) {
                    Some(at) => self.str(&chars[at].to_string()),
                    None => return Err(self.raise("IndexError", "string index out of range")),
                });
            }
            return Ok(match object {
                Value::Unknown(_) => object,
                _ => self.unknown("an item of something that has none"),
            });
        };
        match self.object(id) {
            Object::List(items, _) | Object::Tuple(items) => {
                let open = matches!(self.object(id), Object::List(_, true));
                match index {
                    Value::Int(int) => match position(items.len(), int) {
                        Some(at) if !open || int >= 0 => Ok(items[at]),
                        _ if open => Ok(self.unknown("an item of a list that is not all known")),
                        _ => Err(self.raise("IndexError", "list index out of range")),
                    },
                    _ => {
                        let is_tuple = matches!(self.object(id), Object::Tuple(_));
                        let part = match self.obj(index) {
                            Some(Object::Slice(lower, upper, step)) => slice(items, *lower, *upper, *step),
                            _ => None,
                        };
                        Ok(match part {
                            Some(part) if is_tuple => self.tuple(part),
                            Some(part) => self.alloc(Object::List(part, open)),
                            None => self.unknown("an item whose index is not known"),
                        })
                    }
                }
            }
            Object::Dict(data) => match self.key(index) {
                Some(key) => match data.items.get(&key) {
                    Some((_, value)) => Ok(*value),
                    None if data.open => Ok(self.unknown("an item of a dictionary that is not all known")),
                    // The environment in which the program does start has it.
                    None if self.trying == 0 && self.environ == Some(object) => {
                        let text = self.text_of_value(index, false)?.unwrap_or_default();
                        Ok(self.unknown(format!("{text} of the environment is not known")))
                    }
                    None if self.may_have(id, index) => {
                        Ok(self.unknown("an item of a dictionary that is not all known"))
                    }
                    None => {
                        let text = self.text_of_value(index, true)?.unwrap_or_default();
                        Err(self.raise("KeyError", &text))
                    }
                },
                None => Ok(self.unknown("an item whose key is not known")),
            },
            Object::Class(class) => {
                if let Some(members) = class.ns.get(&self.known.members).copied() {
                    return self.subscript(members, index);
                }
                self.parametrise(object, index)
            }
            Object::External(path) if self.names.text(*path) == "sys.modules" => match self.in_sys_modules(index) {
                Some(module) => Ok(module),
                None => {
                    let text = self.text_of_value(index, true)?.unwrap_or_default();
                    Err(self.raise("KeyError", &text))
                }
            },
            Object::External(_) | Object::Generic { .. } | Object::Union(_) | Object::TypeVar(_) => {
                self.parametrise(object, index)
            }
            Object::Instance { .. } => match self.attribute_opt(object, self.known.getitem)? {
                Some(method) => self.call(method, CallArgs { pos: vec![index], ..CallArgs::default() }),
                None => Ok(self.unknown("an item of an object that is not modelled")),
            },
            Object::Alternatives(parts) => {
                let parts = parts.clone();
                let mut out = Vec::new();
                for part in parts {
                    out.push(self.subscript(part, index)?);
                }
                Ok(self.alternatives(out))
            }
            Object::Opaque { .. } => Ok(self.unknown("an item of an object of a library that is not read")),
            _ => Ok(self.unknown("an item of something that has none")),
        }
    }

    /// What `sys.modules` has under a name; an unknown for what is not read.
    pub(super) fn in_sys_modules(&mut self, name: Value) -> Option<Value> {
        let Some(text) = self.text(name).map(str::to_owned) else {
            return Some(self.unknown("a module whose name is not known"));
        };
        match self.program.find(&text) {
            Some(id) => (self.state(id).state != super::State::New).then(|| self.module_object(id)),
            None => Some(self.external(&text)),
        }
    }

    /// Whether a dictionary may have an item that is not among those that are known: a library may have filled it, or
    /// what it is asked for, or one of its keys, is what something of a library gave.
    pub(super) fn may_have(&self, id: ObjectId, index: Value) -> bool {
        if self.filled.contains(&id) || self.is_given(index) {
            return true;
        }
        let Object::Dict(data) = self.object(id) else { return false };
        self.charge_later(data.items.len() / 16);
        data.items.values().any(|(key, _)| self.is_given(*key))
    }

    /// Whether a value is what a call of something that is not read gave, or a part of that.
    fn is_given(&self, value: Value) -> bool {
        match self.obj(value) {
            Some(Object::Opaque { .. } | Object::Alternatives(_)) => true,
            Some(Object::External(path)) => self.names.text(*path).contains("()"),
            _ => false,
        }
    }

    pub(crate) fn set_item(&mut self, object: Value, index: Value, value: Value) -> Eval<()> {
        let key = self.key(index);
        if let Value::Obj(id) = object {
            if let (Some(DictKey::Str(name)), false) = (&key, self.namespaces.is_empty())
                && let Some(module) = self.namespaces.get(&id).copied()
            {
                self.set_global(module, *name, value);
            }
            match self.object_mut(id) {
                Object::Dict(data) => match key {
                    Some(key) => {
                        let old = data.items.insert(key.clone(), (index, value)).map(|(_, old)| old);
                        self.record(super::Place::Item(id, key), old);
                    }
                    None => data.open = true,
                },
                Object::List(items, open) => match key {
                    Some(DictKey::Int(int)) => {
                        if let Some(at) = position(items.len(), int) {
                            items[at] = value;
                        }
                    }
                    _ => *open = true,
                },
                Object::Instance { .. } => {
                    let name = self.names.intern("__setitem__");
                    if let Some(method) = self.attribute_opt(object, name)? {
                        self.call(method, CallArgs { pos: vec![index, value], ..CallArgs::default() })?;
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }
}

fn position(len: usize, index: i64) -> Option<usize> {
    let len = i64::try_from(len).ok()?;
    let index = if index < 0 { index + len } else { index };
    usize::try_from(index).ok().filter(|_| index < len)
}

fn slice<T: Clone>(items: &[T], lower: Value, upper: Value, step: Value) -> Option<Vec<T>> {
    let len = i64::try_from(items.len()).ok()?;
    let step = match step {
        Value::None => 1,
        Value::Int(step) if step != 0 => step,
        _ => return None,
    };
    let bound = |value: Value, default: i64| match value {
        Value::None => Some(default),
        Value::Int(int) => Some(if int < 0 { (int + len).max(if step > 0 { 0 } else { -1 }) } else { int.min(len) }),
        _ => None,
    };
    let (mut at, end) = if step > 0 {
        (bound(lower, 0)?, bound(upper, len)?)
    } else {
        (bound(lower, len - 1)?.min(len - 1), bound(upper, -1)?)
    };
    let mut out = Vec::new();
    while if step > 0 { at < end } else { at > end } {
        out.push(items.get(usize::try_from(at).ok()?)?.clone());
        at += step;
    }
    Some(out)
}
