//! Methods of strings, lists, dictionaries and sets.

use super::budget::MAX_TEXT;
use super::{Eval, Evaluator};
use crate::value::{CallArgs, DictData, DictKey, Object, Sym, Value};

impl Evaluator<'_> {
    pub(crate) fn method(&mut self, receiver: Value, name: Sym, args: CallArgs) -> Eval {
        let method = self.names.text(name).to_owned();
        if let Some(text) = self.text(receiver).map(str::to_owned) {
            return self.string_method(&text, &method, &args);
        }
        let Value::Obj(id) = receiver else { return Ok(self.unknown(format!("what `.{method}()` gives"))) };
        match self.object(id) {
            Object::Property(_) => {
                // `@x.setter` and the like give the property back.
                Ok(receiver)
            }
            Object::List(..) => self.list_method(receiver, &method, &args),
            Object::Tuple(_) => match method.as_str() {
                "index" | "count" => Ok(self.unknown("a position")),
                _ => Ok(self.unknown(format!("what `.{method}()` gives"))),
            },
            Object::Dict(_) => self.dict_method(receiver, &method, &args),
            Object::Set(_) => self.set_method(receiver, &method, &args),
            Object::Class(_) => match method.as_str() {
                "fromkeys" => {
                    let value = args.pos.get(1).copied().unwrap_or(Value::None);
                    let keys = match args.pos.first() {
                        Some(keys) => self.items(*keys)?,
                        None => None,
                    };
                    Ok(match keys {
                        Some((keys, _)) => self.dict(keys.into_iter().map(|key| (key, value)).collect()),
                        None => self.unknown("a dictionary"),
                    })
                }
                "__subclasses__" => {
                    let Value::Obj(base) = receiver else { return Ok(receiver) };
                    self.charge(self.heap.len() / 64);
                    let derives = |class: &crate::value::ClassObject<'_>| {
                        class.generic.is_none()
                            && class.bases.iter().any(|known| match self.obj(*known) {
                                Some(Object::Generic { origin, .. }) => *origin == receiver,
                                _ => *known == receiver,
                            })
                    };
                    let found: Vec<Value> = self
                        .objects()
                        .filter(|(id, object)| *id != base && matches!(object, Object::Class(class) if derives(class)))
                        .map(|(id, _)| Value::Obj(id))
                        .collect();
                    Ok(self.list(found))
                }
                "__init__" | "__init_subclass__" => Ok(Value::None),
                "__new__" => match args.pos.first() {
                    Some(Value::Obj(class)) if args.pos.len() == 4 => self.new_by_metaclass(*class, args.clone()),
                    Some(Value::Obj(class)) if self.class(Value::Obj(*class)).is_some() => {
                        Ok(self.bare_instance(*class))
                    }
                    _ => Ok(self.unknown("a new object")),
                },
                "mro" => self.attribute(receiver, self.known.mro),
                // `str.lower(x)` and the like.
                _ => match args.pos.split_first() {
                    Some((first, rest)) if !matches!(self.obj(*first), Some(Object::Class(_))) => {
                        let rest = CallArgs { pos: rest.to_vec(), kw: args.kw.clone(), open: args.open };
                        self.method(*first, name, rest)
                    }
                    _ => Ok(self.unknown(format!("what `.{method}()` gives"))),
                },
            },
            _ => Ok(self.unknown(format!("what `.{method}()` gives"))),
        }
    }

    fn string_method(&mut self, text: &str, method: &str, args: &CallArgs) -> Eval {
        self.charge(text.len() / 32);
        let arg =
            |machine: &Self, at: usize| args.pos.get(at).and_then(|value| machine.text(*value)).map(str::to_owned);
        let first = arg(self, 0);
        let second = arg(self, 1);
        let chars = |set: Option<String>| move |c: char| set.as_ref().map_or(c.is_whitespace(), |set| set.contains(c));
        Ok(match (method, first, second) {
            ("lower" | "casefold", ..) => self.str(&text.to_lowercase()),
            ("upper", ..) => self.str(&text.to_uppercase()),
            ("strip", first, _) => self.str(text.trim_matches(chars(first))),
            ("lstrip", first, _) => self.str(text.trim_start_matches(chars(first))),
            ("rstrip", first, _) => self.str(text.trim_end_matches(chars(first))),
            ("title", ..) => self.str(&super::text::title_case(text)),
            ("capitalize", ..) => {
                let mut rest = text.chars();
                let head: String = rest.next().map(|c| c.to_uppercase().collect()).unwrap_or_default();
                self.str(&format!("{head}{}", rest.as_str().to_lowercase()))
            }
            ("removeprefix", Some(part), _) => self.str(text.strip_prefix(&*part).unwrap_or(text)),
            ("removesuffix", Some(part), _) => self.str(text.strip_suffix(&*part).unwrap_or(text)),
            ("replace", Some(from), Some(to)) => {
                let grows = to.len().saturating_sub(from.len());
                if text.len() + text.matches(&*from).count().saturating_mul(grows) > MAX_TEXT {
                    return Ok(self.unknown("a very long text"));
                }
                self.str(&text.replace(&from, &to))
            }
            ("startswith" | "endswith", None, _) => match args.pos.first().and_then(|value| self.obj(*value)) {
                Some(Object::Tuple(options)) => {
                    let options: Option<Vec<&str>> = options.iter().map(|option| self.text(*option)).collect();
                    match options {
                        Some(options) => Value::Bool(
                            options
                                .iter()
                                .any(|o| if method == "startswith" { text.starts_with(o) } else { text.ends_with(o) }),
                        ),
                        None => self.unknown("a prefix that is not known"),
                    }
                }
                _ => self.unknown("a prefix that is not known"),
            },
            ("startswith", Some(part), _) => Value::Bool(text.starts_with(&*part)),
            ("endswith", Some(part), _) => Value::Bool(text.ends_with(&*part)),
            ("split" | "rsplit", first, _) => {
                let limit = match args.pos.get(1).or_else(|| args.kw.first().map(|(_, value)| value)) {
                    Some(Value::Int(limit)) if *limit >= 0 => {
                        usize::try_from(*limit).unwrap_or(usize::MAX).saturating_add(1)
                    }
                    _ => usize::MAX,
                };
                let parts: Vec<String> = match (first, method) {
                    (Some(sep), _) if sep.is_empty() => return Err(self.raise("ValueError", "empty separator")),
                    (Some(sep), "split") => text.splitn(limit, &*sep).map(str::to_owned).collect(),
                    (Some(sep), _) => {
                        let mut parts: Vec<String> = text.rsplitn(limit, &*sep).map(str::to_owned).collect();
                        parts.reverse();
                        parts
                    }
                    (None, _) => text.split_whitespace().map(str::to_owned).collect(),
                };
                let items = parts.iter().map(|part| self.str(part)).collect();
                self.list(items)
            }
            ("splitlines", ..) => {
                let lines: Vec<String> = text.lines().map(str::to_owned).collect();
                let items = lines.iter().map(|part| self.str(part)).collect();
                self.list(items)
            }
            ("partition" | "rpartition", Some(sep), _) => {
                let parts = if method == "partition" { text.split_once(&*sep) } else { text.rsplit_once(&*sep) };
                let (a, b, c) = match parts {
                    Some((a, c)) => (a, &*sep, c),
                    None if method == "partition" => (text, "", ""),
                    None => ("", "", text),
                };
                let items = [a, b, c].map(|part| self.str(part)).to_vec();
                self.tuple(items)
            }
            ("join", ..) => {
                let Some(value) = args.pos.first() else { return Ok(self.unknown("joined text")) };
                let Some((items, true)) = self.items(*value)? else { return Ok(self.unknown("joined text")) };
                let parts: Option<Vec<&str>> = items.iter().map(|item| self.text(*item)).collect();
                match parts {
                    Some(parts) if parts.iter().map(|part| part.len() + text.len()).sum::<usize>() > MAX_TEXT => {
                        self.unknown("a very long text")
                    }
                    Some(parts) => {
                        let joined = parts.join(text);
                        self.str(&joined)
                    }
                    None => self.unknown("joined text"),
                }
            }
            ("format", ..) => self.format(text, args)?,
            ("encode", ..) => self.alloc(Object::Bytes(text.as_bytes().into())),
            ("isidentifier", ..) => Value::Bool(
                !text.is_empty()
                    && text.chars().all(|c| c.is_alphanumeric() || c == '_')
                    && !text.starts_with(|c: char| c.is_numeric()),
            ),
            ("isdigit" | "isnumeric" | "isdecimal", ..) => {
                Value::Bool(!text.is_empty() && text.chars().all(char::is_numeric))
            }
            ("isalnum", ..) => Value::Bool(!text.is_empty() && text.chars().all(char::is_alphanumeric)),
            ("isalpha", ..) => Value::Bool(!text.is_empty() && text.chars().all(char::is_alphabetic)),
            ("isascii", ..) => Value::Bool(text.is_ascii()),
            ("isspace", ..) => Value::Bool(!text.is_empty() && text.chars().all(char::is_whitespace)),
            ("isupper", ..) => {
                Value::Bool(text.chars().any(char::is_uppercase) && !text.chars().any(char::is_lowercase))
            }
            ("islower", ..) => {
                Value::Bool(text.chars().any(char::is_lowercase) && !text.chars().any(char::is_uppercase))
            }
            ("find", Some(part), _) => {
                Value::Int(text.find(&*part).map_or(-1, |at| i64::try_from(text[..at].chars().count()).unwrap_or(0)))
            }
            ("count", Some(part), _) => Value::Int(i64::try_from(text.matches(&*part).count()).unwrap_or(0)),
            _ => self.unknown(format!("what `str.{method}()` gives")),
        })
    }

    fn format(&mut self, text: &str, args: &CallArgs) -> Eval {
        let mut out = String::new();
        let mut next = 0;
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            if out.len() > MAX_TEXT {
                return Ok(self.unknown("a very long text"));
            }
            out.push_str(&rest[..at]);
            let tail = &rest[at..];
            if tail.starts_with("{{") || tail.starts_with("}}") {
                out.push_str(&tail[..1]);
                rest = &tail[2..];
                continue;
            }
            let Some(end) = tail.find('}') else { return Ok(self.unknown("a format that is not modelled")) };
            let field = tail.get(1..end).unwrap_or_default();
            rest = &tail[end + 1..];
            let (field, form) = field.split_once(':').map_or((field, ""), |(field, form)| (field, form));
            let (field, conversion) = field.split_once('!').unwrap_or((field, ""));
            let value = if field.is_empty() {
                next += 1;
                args.pos.get(next - 1).copied()
            } else if let Ok(at) = field.parse::<usize>() {
                args.pos.get(at).copied()
            } else {
                let name = self.names.intern(field);
                args.kw.iter().find(|(key, _)| *key == name).map(|(_, value)| *value)
            };
            let Some(value) = value else { return Ok(self.unknown("a format that is not modelled")) };
            let value = match (conversion, form) {
                ("", _) | (_, "") => value,
                _ => match self.text_of_value(value, conversion == "r")? {
                    Some(text) => self.str(&text),
                    None => value,
                },
            };
            let part = if form.is_empty() {
                self.text_of_value(value, conversion == "r")?
            } else {
                self.formatted(value, form)
            };
            match part {
                Some(part) => out.push_str(&part),
                None => return Ok(self.unknown("text of a value that is not known")),
            }
        }
        out.push_str(rest);
        Ok(self.str(&out))
    }

    fn list_method(&mut self, receiver: Value, method: &str, args: &CallArgs) -> Eval {
        let Value::Obj(id) = receiver else { return Ok(receiver) };
        let first = args.pos.first().copied();
        // Most methods look at every item or move them.
        self.charge(self.length(receiver) / 64);
        let more = match (method, first) {
            ("extend" | "extendleft", Some(value)) => self.items(value)?,
            _ => None,
        };
        self.weigh(more.as_ref().map_or(0, |(more, _)| more.len()) * 16);
        let equal_at = match (method, first, self.object(id)) {
            ("remove" | "index", Some(value), Object::List(items, _)) => {
                items.iter().position(|item| self.equal(*item, value) == Some(true))
            }
            _ => None,
        };
        let Object::List(items, open) = self.object_mut(id) else { return Ok(Value::None) };
        match (method, first) {
            ("append", Some(value)) => items.push(value),
            ("insert", Some(Value::Int(at))) => {
                let at = usize::try_from(at).unwrap_or(0).min(items.len());
                if let Some(value) = args.pos.get(1) {
                    items.insert(at, *value);
                }
            }
            ("extend", _) => match more {
                Some((more, complete)) => {
                    items.extend(more);
                    *open |= !complete;
                }
                None => *open = true,
            },
            ("remove", _) => {
                if let Some(at) = equal_at {
                    items.remove(at);
                }
            }
            ("index", _) => {
                return Ok(match equal_at {
                    Some(at) => Value::Int(i64::try_from(at).unwrap_or(0)),
                    None => self.unknown("a position"),
                });
            }
            ("pop", first) => {
                let value = match first {
                    Some(Value::Int(0)) if !items.is_empty() => Some(items.remove(0)),
                    None | Some(Value::Int(-1)) => items.pop(),
                    _ => None,
                };
                return Ok(value.unwrap_or_else(|| self.unknown("an item of a list that is not all known")));
            }
            ("popleft", _) => {
                let value = if items.is_empty() { None } else { Some(items.remove(0)) };
                return Ok(match value {
                    Some(value) => value,
                    None if *open => self.unknown("an item of a list that is not all known"),
                    None => return Err(self.raise("IndexError", "pop from an empty deque")),
                });
            }
            ("appendleft", Some(value)) => items.insert(0, value),
            ("extendleft", _) => match more {
                Some((more, complete)) => {
                    items.splice(0..0, more.into_iter().rev());
                    *open |= !complete;
                }
                None => *open = true,
            },
            ("rotate", by) if !items.is_empty() => {
                let by = match by {
                    Some(Value::Int(by)) => by,
                    _ => 1,
                };
                let by = by.rem_euclid(i64::try_from(items.len()).unwrap_or(1));
                items.rotate_right(usize::try_from(by).unwrap_or(0));
            }
            ("clear", _) => items.clear(),
            ("reverse", _) => items.reverse(),
            ("copy", _) => {
                let copy = Object::List(items.clone(), *open);
                return Ok(self.alloc(copy));
            }
            ("sort", _) => {
                let mut call = args.clone();
                call.pos.insert(0, receiver);
                let sorted = self.native("sorted", call)?;
                if let Some(Object::List(new, _)) = self.obj(sorted) {
                    let new = new.clone();
                    if let Object::List(items, _) = self.object_mut(id) {
                        *items = new;
                    }
                }
            }
            _ => return Ok(self.unknown(format!("what `list.{method}()` gives"))),
        }
        Ok(Value::None)
    }

    fn dict_method(&mut self, receiver: Value, method: &str, args: &CallArgs) -> Eval {
        let Value::Obj(id) = receiver else { return Ok(receiver) };
        let first = args.pos.first().copied();
        let second = args.pos.get(1).copied();
        let key = first.and_then(|value| self.key(value));
        let Object::Dict(data) = self.object(id) else { return Ok(Value::None) };
        Ok(match method {
            "get" => match key {
                Some(key) => match data.items.get(&key) {
                    Some((_, value)) => *value,
                    None if data.open => self.unknown("an item of a dictionary that is not all known"),
                    None => second.or_else(|| args.kw.first().map(|(_, value)| *value)).unwrap_or(Value::None),
                },
                None => self.unknown("an item whose key is not known"),
            },
            "setdefault" => match key {
                Some(key) => match data.items.get(&key) {
                    Some((_, value)) => *value,
                    None => {
                        let value = second.unwrap_or(Value::None);
                        self.set_item(receiver, first.unwrap_or(Value::None), value)?;
                        value
                    }
                },
                None => self.unknown("an item whose key is not known"),
            },
            "keys" => {
                let (keys, open) = (data.items.values().map(|(key, _)| *key).collect(), data.open);
                self.alloc(Object::List(keys, open))
            }
            "values" => {
                let (values, open) = (data.items.values().map(|(_, value)| *value).collect(), data.open);
                self.alloc(Object::List(values, open))
            }
            "items" => {
                let pairs: Vec<(Value, Value)> = data.items.values().copied().collect();
                let open = data.open;
                let rows = pairs.into_iter().map(|(key, value)| self.tuple(vec![key, value])).collect();
                self.alloc(Object::List(rows, open))
            }
            "copy" => {
                let copy = Object::Dict(data.clone());
                self.alloc(copy)
            }
            "pop" => match key {
                Some(key) => {
                    let found = match self.object_mut(id) {
                        Object::Dict(data) => data.items.shift_remove(&key),
                        _ => None,
                    };
                    match found {
                        Some((_, value)) => value,
                        None => match second {
                            Some(default) => default,
                            None if matches!(self.object(id), Object::Dict(data) if data.open) => {
                                self.unknown("an item of a dictionary that is not all known")
                            }
                            None => return Err(self.raise("KeyError", "")),
                        },
                    }
                }
                None => self.unknown("an item whose key is not known"),
            },
            "update" => {
                let mut new = DictData::default();
                if let Some(value) = first {
                    let made = self.construct("dict", CallArgs { pos: vec![value], ..CallArgs::default() })?;
                    if let Some(Object::Dict(data)) = self.obj(made) {
                        new = data.clone();
                    }
                }
                for (name, value) in &args.kw {
                    new.items.insert(DictKey::Str(*name), (Value::Str(*name), *value));
                }
                if let Some(module) = self.namespaces.get(&id).copied() {
                    for (key, (_, value)) in &new.items {
                        if let DictKey::Str(name) = key {
                            self.set_global(module, *name, *value);
                        }
                    }
                }
                if let Object::Dict(data) = self.object_mut(id) {
                    data.open |= new.open || args.open;
                    data.items.extend(new.items);
                }
                Value::None
            }
            "clear" => {
                if let Object::Dict(data) = self.object_mut(id) {
                    data.items.clear();
                }
                Value::None
            }
            _ => self.unknown(format!("what `dict.{method}()` gives")),
        })
    }

    fn set_method(&mut self, receiver: Value, method: &str, args: &CallArgs) -> Eval {
        let Value::Obj(id) = receiver else { return Ok(receiver) };
        let first = args.pos.first().copied();
        let key = first.and_then(|value| self.key(value));
        match method {
            "add" => {
                if let Object::Set(data) = self.object_mut(id) {
                    match (key, first) {
                        (Some(key), Some(value)) => {
                            data.items.entry(key).or_insert((value, Value::None));
                        }
                        _ => data.open = true,
                    }
                }
                Ok(Value::None)
            }
            "discard" | "remove" => {
                if let (Object::Set(data), Some(key)) = (self.object_mut(id), key) {
                    data.items.shift_remove(&key);
                }
                Ok(Value::None)
            }
            "update" | "union" => {
                let mut all = match self.object(id) {
                    Object::Set(data) => data.clone(),
                    _ => DictData::default(),
                };
                for value in &args.pos {
                    match self.items(*value)? {
                        Some((items, complete)) => {
                            all.open |= !complete;
                            for item in items {
                                match self.key(item) {
                                    Some(key) => {
                                        all.items.entry(key).or_insert((item, Value::None));
                                    }
                                    None => all.open = true,
                                }
                            }
                        }
                        None => all.open = true,
                    }
                }
                if method == "union" {
                    return Ok(self.alloc(Object::Set(all)));
                }
                *self.object_mut(id) = Object::Set(all);
                Ok(Value::None)
            }
            "copy" => {
                let copy = self.object(id).clone();
                Ok(self.alloc(copy))
            }
            _ => Ok(self.unknown(format!("what `set.{method}()` gives"))),
        }
    }
}
