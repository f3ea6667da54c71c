//! Builtin functions and the methods of builtin values.

use super::{Args, End, Frame, Kind, Library, Machine, Size, V, Val};
use crate::value::{Object, Site, Sym, Value};

/// What `object` has to get around the methods of a class that answer for its attributes, and the builtin that each is.
const PLAIN_ACCESS: [(&str, &str); 2] = [("__getattribute__", "getattr"), ("__setattr__", "setattr")];

impl<L: Library> Machine<'_, '_, L> {
    /// Whether a name is that of a method that every class has from `object` and that gets or sets an attribute.
    pub(super) fn is_plain_access(&self, name: Sym) -> bool {
        PLAIN_ACCESS.iter().any(|(method, _)| *method == self.name(name))
    }

    /// `object.__getattribute__(instance, name)`, or the same of `super()` where the instance is bound.
    fn plain_access(&mut self, f: &mut Frame, object: Val, builtin: &'static str, args: &Args, site: Site) -> Val {
        let mut args = args.clone();
        if !matches!(self.heap_object(object), Some(Object::Class(_))) {
            args.pos.insert(0, object);
        }
        self.builtin(f, builtin, args, site)
    }

    /// A builtin function.
    #[allow(clippy::too_many_lines)]
    pub(super) fn builtin(&mut self, f: &mut Frame, name: &'static str, args: Args, site: Site) -> Val {
        let first = args.pos.first().copied();
        if let Some(value) = L::call(self, f, &format!("builtins.{name}"), &args, site) {
            return value;
        }
        match (name, first) {
            ("len", Some(value)) => match self.size_of(value) {
                Size::Known(n) if matches!(self.v(value), V::Seq { .. } | V::Dict { .. }) => {
                    self.make(V::Int(i64::from(n)))
                }
                _ => {
                    L::counted(self, f, value, site);
                    self.scalar("int")
                }
            },
            ("isinstance", Some(value)) => {
                let class = args.pos.get(1).copied().unwrap_or(Val::UNKNOWN);
                match self.is_instance(value, class) {
                    Some(known) => self.bool(known),
                    None => self.scalar("bool"),
                }
            }
            ("getattr", Some(object)) => {
                let Some(name) = args.pos.get(1).and_then(|name| self.str_of(*name)).map(str::to_owned) else {
                    return Val::UNKNOWN;
                };
                let name = self.sym(&name);
                let value = self.attribute(f, object, name, site);
                match args.pos.get(2) {
                    Some(default) if value == Val::UNKNOWN => self.union(vec![*default, Val::UNKNOWN]),
                    _ => value,
                }
            }
            ("setattr", Some(object)) => {
                let name = args.pos.get(1).and_then(|name| self.str_of(*name)).map(str::to_owned);
                let name = self.sym(name.as_deref().unwrap_or(super::ANY_ATTRIBUTE));
                let value = args.pos.get(2).copied().unwrap_or(Val::UNKNOWN);
                self.assign_attribute(f, object, name, value, site);
                Val::NONE
            }
            ("hasattr", Some(object)) => {
                let Some(name) = args.pos.get(1).and_then(|name| self.str_of(*name)).map(str::to_owned) else {
                    return self.scalar("bool");
                };
                let name = self.sym(&name);
                if self.own(object, name).is_some() {
                    return Val::TRUE;
                }
                let class = match self.v(object) {
                    V::Heap(id) if matches!(self.ev.object(*id), Object::Class(_)) => Some(*id),
                    _ => self.class_of(object),
                };
                let has = class.is_some_and(|class| {
                    self.ev.mro_attribute(class, name).is_some() || L::class_attribute(self, class, name).is_some()
                });
                if has { Val::TRUE } else { self.scalar("bool") }
            }
            ("sorted" | "reversed" | "filter" | "map" | "enumerate" | "zip" | "iter", _) => {
                self.iterating(f, name, args, site)
            }
            ("any" | "all" | "sum", Some(value)) => {
                // Walks what it is given.
                if !matches!(self.v(value), V::Seq { .. } | V::Coll { .. }) {
                    self.iterate(f, value, site);
                }
                self.scalar(if name == "sum" { "int" } else { "bool" })
            }
            ("min" | "max", Some(value)) => {
                if args.pos.len() > 1 {
                    if let (Some(V::Int(a)), Some(V::Int(b)), 2) = (
                        args.pos.first().map(|v| self.v(*v).clone()),
                        args.pos.get(1).map(|v| self.v(*v).clone()),
                        args.pos.len(),
                    ) {
                        return self.make(V::Int(if name == "min" { a.min(b) } else { a.max(b) }));
                    }
                    if name == "min" && args.pos.iter().any(|v| matches!(self.v(*v), V::Int(_))) {
                        return L::operator(self, "min", args.pos[0], args.pos[1])
                            .unwrap_or_else(|| self.scalar("int"));
                    }
                    return self.union(args.pos);
                }
                let key = args.kw.iter().find(|(n, _)| self.name(*n) == "key").map(|(_, v)| *v);
                let (elem, _) = self.iterate(f, value, site);
                if let Some(key) = key {
                    self.each(f, value, site, &mut |m, f, elem| {
                        m.call(f, key, Args::of(vec![elem]), site);
                        End::Normal
                    });
                }
                elem
            }
            ("next", Some(value)) => {
                let (elem, _) = self.iterate(f, value, site);
                match args.pos.get(1) {
                    Some(default) => self.union(vec![elem, *default]),
                    None => elem,
                }
            }
            ("property" | "staticmethod" | "classmethod", Some(value)) => value,
            ("callable", Some(_)) | ("issubclass", Some(_)) => self.scalar("bool"),
            ("abs" | "round", Some(value)) => value,
            ("repr" | "format" | "chr", _) => self.scalar("str"),
            ("id" | "hash" | "ord", _) => self.scalar("int"),
            ("print", _) => Val::NONE,
            _ => Val::UNKNOWN,
        }
    }

    fn iterating(&mut self, f: &mut Frame, name: &str, args: Args, site: Site) -> Val {
        let key = args.kw.iter().find(|(n, _)| self.name(*n) == "key").map(|(_, v)| *v);
        match name {
            "sorted" | "reversed" | "iter" => {
                let Some(value) = args.pos.first().copied() else { return Val::UNKNOWN };
                if let Some(key) = key {
                    let ((), value) = self.kept(f, value, |m, f| {
                        m.each(f, value, site, &mut |m, f, elem| {
                            m.call(f, key, Args::of(vec![elem]), site);
                            End::Normal
                        });
                    });
                    return self.listed(f, value, site);
                }
                self.listed(f, value, site)
            }
            "enumerate" => {
                let Some(value) = args.pos.first().copied() else { return Val::UNKNOWN };
                let index = self.scalar("int");
                if let Some(items) = self.known_items(value) {
                    let pairs: Vec<Val> = items
                        .into_iter()
                        .map(|item| self.make(V::Seq { tuple: true, items: [index, item].into(), site: None }))
                        .collect();
                    return self.make(V::Seq { tuple: true, items: pairs.into(), site: None });
                }
                let (elem, size) = self.iterate(f, value, site);
                let pair = self.make(V::Seq { tuple: true, items: [index, elem].into(), site: None });
                self.make(V::Coll { kind: Kind::Iterator, elem: pair, size, site: Some(site) })
            }
            "zip" => {
                let mut elems = Vec::new();
                let mut smallest = Size::Unknown;
                for value in &args.pos {
                    let (elem, size) = self.iterate(f, *value, site);
                    elems.push(elem);
                    if matches!(smallest, Size::Unknown) || matches!(size, Size::Known(_)) {
                        smallest = size;
                    }
                }
                let elem = self.make(V::Seq { tuple: true, items: elems.into(), site: None });
                self.make(V::Coll { kind: Kind::Iterator, elem, size: smallest, site: Some(site) })
            }
            _ => {
                let (Some(function), Some(value)) = (args.pos.first().copied(), args.pos.get(1).copied()) else {
                    return Val::UNKNOWN;
                };
                let mut results = Vec::new();
                let ((), value) = self.kept(f, value, |m, f| {
                    m.each(f, value, site, &mut |m, f, elem| {
                        if function != Val::NONE {
                            results.push(m.call(f, function, Args::of(vec![elem]), site));
                        }
                        End::Normal
                    });
                });
                let (elem, size) = match self.v(value) {
                    V::Coll { elem, size, .. } => (*elem, size.clone()),
                    _ => (Val::UNKNOWN, self.size_of(value)),
                };
                let elem = match (name, self.known_items(value)) {
                    ("map", _) => self.union(results),
                    (_, Some(items)) => self.union(items),
                    _ => elem,
                };
                self.make(V::Coll { kind: Kind::Iterator, elem, size, site: Some(site) })
            }
        }
    }

    /// A new list of what a value holds.
    pub fn listed(&mut self, f: &mut Frame, value: Val, site: Site) -> Val {
        if let Some(items) = self.known_items(value)
            && items.len() <= 64
        {
            return self.make(V::Seq { tuple: false, items: items.into(), site: Some(site) });
        }
        let (elem, size) = self.iterate(f, value, site);
        self.coll(elem, size, Some(site))
    }

    /// A builtin type is called.
    pub(super) fn construct(&mut self, f: &mut Frame, name: &'static str, args: &Args, site: Site) -> Val {
        let first = args.pos.first().copied();
        match (name, first) {
            ("list" | "tuple" | "set" | "frozenset", None) => {
                self.make(V::Seq { tuple: name == "tuple", items: Box::default(), site: Some(site) })
            }
            ("list" | "tuple" | "set" | "frozenset", Some(value)) => self.listed(f, value, site),
            ("dict", None) => {
                let mut items = args.kw.clone();
                items.sort_by_key(|(n, _)| *n);
                self.make(V::Dict { items: items.into(), rest: args.rest, site: Some(site) })
            }
            ("dict", Some(value)) => {
                if matches!(self.v(value), V::Dict { .. }) {
                    return value;
                }
                let (elem, size) = self.iterate(f, value, site);
                let elem = match self.v(elem) {
                    V::Seq { items, .. } if items.len() == 2 => items[1],
                    _ => Val::UNKNOWN,
                };
                self.make(V::Coll { kind: Kind::Dict, elem, size, site: Some(site) })
            }
            ("str" | "int" | "bool", Some(value)) => match (name, self.v(value)) {
                ("str", V::Str(_)) | ("int", V::Int(_)) | ("bool", V::Bool(_)) => value,
                ("bool", _) => match self.plain_truth(value) {
                    Some(truth) => self.bool(truth),
                    None => self.scalar("bool"),
                },
                ("int", V::Lib(..)) => value,
                ("str", V::Heap(id)) => {
                    let id = *id;
                    let sym = self.sym("value");
                    match self.ev.enum_member(Value::Obj(id)).and_then(|_| self.ev.own_attr(id, sym)) {
                        Some(own) => self.heap(own),
                        None => self.scalar("str"),
                    }
                }
                _ => self.scalar(name),
            },
            ("range", _) => {
                let known: Option<Vec<i64>> = args
                    .pos
                    .iter()
                    .map(|v| match self.v(*v) {
                        V::Int(int) => Some(*int),
                        _ => None,
                    })
                    .collect();
                let step = args.pos.get(2).map(|step| self.v(*step));
                let size = match known.as_deref() {
                    None if step.is_some_and(|step| !matches!(step, V::Int(-1..=1))) => Size::Batches,
                    Some([end]) => Size::Known(u32::try_from(*end).unwrap_or(0)),
                    Some([start, end, ..]) => Size::Known(u32::try_from(end - start).unwrap_or(0)),
                    _ => Size::Unknown,
                };
                let elem = self.scalar("int");
                self.make(V::Coll { kind: Kind::Iterator, elem, size, site: Some(site) })
            }
            ("type", Some(value)) if args.pos.len() == 1 => {
                match self.class_of(value).filter(|_| !self.is_doubtful(value)) {
                    Some(class) => self.make(V::Heap(class)),
                    None => Val::UNKNOWN,
                }
            }
            ("object" | "type", _) => Val::UNKNOWN,
            _ => self.scalar(name),
        }
    }

    /// Whether a value is an instance of a class, or of one of several.
    pub(super) fn is_instance(&mut self, value: Val, class: Val) -> Option<bool> {
        if let Some(classes) = self.known_items(class)
            && !matches!(self.heap_object(class), Some(Object::Class(_)))
        {
            let mut all = Some(false);
            for class in classes {
                match self.is_instance(value, class) {
                    Some(true) => return Some(true),
                    Some(false) => {}
                    None => all = None,
                }
            }
            return all;
        }
        let V::Heap(wanted) = *self.v(class) else { return None };
        let builtin = self.ev.builtin_type(wanted);
        let own = match self.v(value).clone() {
            V::Union(parts) => {
                let mut all = parts.iter().map(|part| self.is_instance(*part, class)).collect::<Vec<_>>().into_iter();
                let first = all.next()??;
                return all.all(|truth| truth == Some(first)).then_some(first);
            }
            V::None => return Some(false),
            V::Bool(_) => "bool",
            V::Int(_) => "int",
            V::Str(_) => "str",
            V::Scalar(sym) => {
                let name = self.name(sym).to_owned();
                return builtin.map(|builtin| builtin == name);
            }
            V::Seq { tuple: true, .. } => "tuple",
            V::Seq { .. } => "list",
            V::Coll { kind: Kind::Dict, .. } | V::Dict { .. } => "dict",
            V::Coll { kind: Kind::List, .. } => "list",
            V::Inst { class: own, site, .. } => {
                let (own, wanted) = (Value::Obj(own), Value::Obj(wanted));
                let found = if builtin.is_some() { Some(false) } else { self.ev.is_subclass(own, wanted) };
                // What is only known by its annotation may be of a class that derives from it.
                let may_be = site.is_none() && builtin.is_none() && self.ev.is_subclass(wanted, own) != Some(false);
                return if found == Some(false) && (may_be || self.is_doubtful(value)) { None } else { found };
            }
            V::Heap(id) => return self.ev.is_instance(Value::Obj(id), Value::Obj(wanted)),
            _ => return None,
        };
        match builtin {
            Some(builtin) => Some(builtin == own),
            None if matches!(self.ev.object(wanted), Object::Class(_)) => Some(false),
            None => None,
        }
    }

    /// A method of a builtin value.
    #[allow(clippy::too_many_lines)]
    pub(super) fn builtin_method(&mut self, f: &mut Frame, object: Val, name: Sym, args: &Args, site: Site) -> Val {
        let text = self.name(name).to_owned();
        if let Some(plain) = PLAIN_ACCESS.iter().find(|(method, _)| *method == text) {
            return self.plain_access(f, object, plain.1, args, site);
        }
        let first = args.pos.first().copied();
        match self.v(object).clone() {
            V::Str(sym) => {
                let own = self.name(sym).to_owned();
                let known = match (text.as_str(), first.and_then(|v| self.str_of(v)).map(str::to_owned)) {
                    ("lower", _) => Some(own.to_lowercase()),
                    ("upper", _) => Some(own.to_uppercase()),
                    ("strip", None) => Some(own.trim().to_owned()),
                    ("title", _) => None,
                    ("removeprefix", Some(prefix)) => Some(own.strip_prefix(&prefix).unwrap_or(&own).to_owned()),
                    ("startswith", Some(prefix)) => return self.bool(own.starts_with(&prefix)),
                    ("endswith", Some(suffix)) => return self.bool(own.ends_with(&suffix)),
                    ("replace", Some(from)) => match args.pos.get(1).and_then(|v| self.str_of(*v)) {
                        Some(to) if !from.is_empty() && own.len() < 2_000 => Some(own.replace(&from, to)),
                        _ => None,
                    },
                    _ => None,
                };
                match known {
                    Some(known) => self.text(&known),
                    None => self.of_text_method(&text, first),
                }
            }
            V::Scalar(sym) if self.name(sym) == "str" => self.of_text_method(&text, first),
            V::Scalar(_) | V::Int(_) | V::Bool(_) => match text.as_str() {
                "isoformat" | "strftime" | "hex" | "decode" => self.scalar("str"),
                _ => object,
            },
            V::Seq { tuple, items, site: made } => match (text.as_str(), first) {
                ("append" | "add", Some(value)) => {
                    let value = L::put(self, f, object, value, site);
                    let new = if !f.turns.is_empty() || items.len() > 24 {
                        let mut all = items.into_vec();
                        all.push(value);
                        let elem = self.union(all);
                        let size = f.turns.iter().cloned().reduce(super::join::larger).unwrap_or(Size::Unknown);
                        self.make(V::Coll { kind: Kind::List, elem, size, site: made })
                    } else {
                        let mut items = items.into_vec();
                        items.push(value);
                        self.make(V::Seq { tuple, items: items.into(), site: made })
                    };
                    self.replace(f, object, new);
                    Val::NONE
                }
                ("extend" | "update", Some(value)) => {
                    let value = L::put(self, f, object, value, site);
                    let new = match self.known_items(value) {
                        Some(more) if f.turns.is_empty() && items.len() + more.len() < 40 => {
                            let mut items = items.into_vec();
                            items.extend(more);
                            self.make(V::Seq { tuple, items: items.into(), site: made })
                        }
                        _ => {
                            let (elem, size) = self.iterate(f, value, site);
                            let mut all = items.into_vec();
                            all.push(elem);
                            let elem = self.union(all);
                            self.make(V::Coll { kind: Kind::List, elem, size, site: made })
                        }
                    };
                    self.replace(f, object, new);
                    Val::NONE
                }
                ("insert", _) => {
                    let mut all = items.into_vec();
                    all.extend(args.pos.get(1));
                    let new = self.make(V::Seq { tuple, items: all.into(), site: made });
                    self.replace(f, object, new);
                    Val::NONE
                }
                ("pop", _) => self.union(items.into_vec()),
                ("copy", _) => self.make(V::Seq { tuple, items, site: Some(site) }),
                ("sort", _) => {
                    self.sort(f, object, args, site);
                    Val::NONE
                }
                ("index" | "count", _) => self.scalar("int"),
                ("union" | "intersection" | "difference", Some(value)) => self.union(vec![object, value]),
                _ => Val::NONE,
            },
            V::Coll { kind, elem, size, site: made } => match (text.as_str(), first) {
                ("append" | "add" | "appendleft", Some(value)) => {
                    let value = L::put(self, f, object, value, site);
                    let elem = self.union(vec![elem, value]);
                    let size = f.turns.iter().cloned().fold(size, super::join::larger);
                    let new = self.make(V::Coll { kind, elem, size, site: made });
                    self.replace(f, object, new);
                    Val::NONE
                }
                ("insert", _) => {
                    let value = args.pos.get(1).copied().unwrap_or(Val::UNKNOWN);
                    let elem = self.union(vec![elem, value]);
                    let new = self.make(V::Coll { kind, elem, size, site: made });
                    self.replace(f, object, new);
                    Val::NONE
                }
                ("extend" | "update", Some(value)) => {
                    let value = L::put(self, f, object, value, site);
                    let (more, more_size) = self.iterate(f, value, site);
                    let elem = self.union(vec![elem, more]);
                    let size = super::join::larger(size, more_size);
                    let new = self.make(V::Coll { kind, elem, size, site: made });
                    self.replace(f, object, new);
                    Val::NONE
                }
                ("values", _) => self.make(V::Coll { kind: Kind::List, elem, size, site: made }),
                ("keys", _) => {
                    let key = self.scalar("str");
                    self.make(V::Coll { kind: Kind::List, elem: key, size, site: made })
                }
                ("items", _) => {
                    let key = self.scalar("str");
                    let pair = self.make(V::Seq { tuple: true, items: [key, elem].into(), site: None });
                    self.make(V::Coll { kind: Kind::List, elem: pair, size, site: made })
                }
                ("get" | "setdefault", _) => {
                    let default = args.pos.get(1).copied().unwrap_or(Val::NONE);
                    self.union(vec![elem, default])
                }
                ("pop" | "popitem" | "popleft", _) => elem,
                ("copy" | "union" | "intersection" | "difference", _) => object,
                ("sort", _) => {
                    self.sort(f, object, args, site);
                    Val::NONE
                }
                ("index" | "count", _) => self.scalar("int"),
                _ => Val::NONE,
            },
            V::Dict { items, rest, site: made } => match (text.as_str(), first) {
                ("get" | "pop" | "setdefault", Some(key)) => {
                    let default = args.pos.get(1).copied();
                    match *self.v(key) {
                        V::Str(name) => {
                            let found = items.iter().find(|(n, _)| *n == name).map(|(_, v)| *v);
                            match (found, rest) {
                                (Some(found), _) => found,
                                (None, Some(rest)) => self.union(vec![rest, default.unwrap_or(Val::NONE)]),
                                (None, None) => default.unwrap_or(Val::NONE),
                            }
                        }
                        _ => {
                            let all = items.iter().map(|(_, v)| *v).chain(rest).chain(default).collect();
                            self.union(all)
                        }
                    }
                }
                ("items", _) => {
                    if rest.is_none() {
                        let pairs: Vec<Val> = items
                            .iter()
                            .map(|(name, value)| {
                                let key = self.make(V::Str(*name));
                                self.make(V::Seq { tuple: true, items: [key, *value].into(), site: None })
                            })
                            .collect();
                        return self.make(V::Seq { tuple: true, items: pairs.into(), site: None });
                    }
                    let elem = self.union(items.iter().map(|(_, v)| *v).chain(rest).collect());
                    let key = self.scalar("str");
                    let pair = self.make(V::Seq { tuple: true, items: [key, elem].into(), site: None });
                    self.coll(pair, Size::Unknown, made)
                }
                ("values", _) => {
                    if rest.is_none() {
                        let all: Vec<Val> = items.iter().map(|(_, v)| *v).collect();
                        return self.make(V::Seq { tuple: true, items: all.into(), site: None });
                    }
                    let elem = self.union(items.iter().map(|(_, v)| *v).chain(rest).collect());
                    self.coll(elem, Size::Unknown, made)
                }
                ("keys", _) => {
                    let key = self.scalar("str");
                    self.coll(key, Size::Unknown, made)
                }
                ("update", _) => {
                    let mut new = object;
                    if let Some(other) = first {
                        new = self.union(vec![object, other]);
                    }
                    for (name, value) in &args.kw {
                        if let V::Dict { items, rest, site } = self.v(new).clone() {
                            let mut items = items.into_vec();
                            items.retain(|(n, _)| n != name);
                            items.push((*name, *value));
                            items.sort_by_key(|(n, _)| *n);
                            new = self.make(V::Dict { items: items.into(), rest, site });
                        }
                    }
                    if matches!(self.v(new), V::Dict { .. }) {
                        self.replace(f, object, new);
                    }
                    Val::NONE
                }
                ("copy", _) => object,
                _ => Val::UNKNOWN,
            },
            V::Heap(id) => match (self.ev.object(id), text.as_str()) {
                (Object::Dict(_), "get" | "pop") => {
                    let found = self.subscript(f, object, first.unwrap_or(Val::UNKNOWN), site);
                    let default = args.pos.get(1).copied().unwrap_or(Val::NONE);
                    self.union(vec![found, default])
                }
                (Object::Dict(data), "values" | "items") => {
                    let pairs: Vec<(Value, Value)> = data.items.values().copied().take(600).collect();
                    let items: Vec<Val> = pairs
                        .into_iter()
                        .map(|(key, value)| {
                            let value = self.heap(value);
                            if text == "values" {
                                return value;
                            }
                            let key = self.heap(key);
                            self.make(V::Seq { tuple: true, items: [key, value].into(), site: None })
                        })
                        .collect();
                    self.make(V::Seq { tuple: true, items: items.into(), site: None })
                }
                (Object::Dict(_), "keys") => object,
                (Object::List(..), "copy") => object,
                _ => Val::UNKNOWN,
            },
            // A generator, asked by hand.
            V::Pending { .. } if text == "__anext__" || text == "__next__" => {
                let (value, _) = self.iterate(f, object, site);
                value
            }
            _ => Val::UNKNOWN,
        }
    }

    fn of_text_method(&mut self, name: &str, first: Option<Val>) -> Val {
        match name {
            "split" | "splitlines" | "rsplit" => {
                let text = self.scalar("str");
                self.coll(text, Size::Unknown, None)
            }
            "startswith" | "endswith" | "isdigit" | "isalpha" => self.scalar("bool"),
            "find" | "index" | "count" => self.scalar("int"),
            "encode" => self.scalar("bytes"),
            _ => {
                let _ = first;
                self.scalar("str")
            }
        }
    }

    fn sort(&mut self, f: &mut Frame, object: Val, args: &Args, site: Site) {
        let key = args.kw.iter().find(|(n, _)| self.name(*n) == "key").map(|(_, v)| *v);
        if let Some(key) = key {
            self.each(f, object, site, &mut |m, f, elem| {
                m.call(f, key, Args::of(vec![elem]), site);
                End::Normal
            });
        }
    }
}
