//! What values are made of: objects on the heap, texts, keys, and what is not known.

use super::{Evaluator, budget};
use crate::value::{ClassObject, DictData, DictKey, FunctionObject, Object, ObjectId, Site, UnknownId, Value};

/// Alternatives of one value at most.
const MAX_ALTERNATIVES: usize = 4;

impl<'a> Evaluator<'a> {
    /// Puts an object on the heap; one with too many parts to be walked is unknown.
    pub fn alloc(&mut self, object: Object<'a>) -> Value {
        let Some(size) = self.admit(&object) else { return self.unknown("a value of too many parts") };
        let id = ObjectId(u32::try_from(self.heap.len()).unwrap_or(u32::MAX));
        if let Object::Instance { class, .. } = &object {
            self.instances.push((id, *class));
        }
        self.heap.push(object);
        self.sizes.push(size);
        Value::Obj(id)
    }

    /// The object behind an id.
    #[must_use]
    pub fn object(&self, id: ObjectId) -> &Object<'a> {
        &self.heap[id.0 as usize]
    }

    pub(crate) fn object_mut(&mut self, id: ObjectId) -> &mut Object<'a> {
        &mut self.heap[id.0 as usize]
    }

    /// The object behind a value, if it is one.
    #[must_use]
    pub fn obj(&self, value: Value) -> Option<&Object<'a>> {
        match value {
            Value::Obj(id) => Some(self.object(id)),
            _ => None,
        }
    }

    /// Every object, in the order of creation.
    pub fn objects(&self) -> impl Iterator<Item = (ObjectId, &Object<'a>)> {
        self.heap.iter().enumerate().map(|(index, object)| (ObjectId(u32::try_from(index).unwrap_or(u32::MAX)), object))
    }

    /// Every instance with its class, in the order of creation.
    pub fn instances(&self) -> impl Iterator<Item = (ObjectId, ObjectId)> {
        self.instances.iter().copied()
    }

    /// Objects that were given to calls of something that is not known: what became of them is not known, either.
    pub fn handed_on(&self) -> impl Iterator<Item = Value> {
        self.handed_on.iter().map(|id| Value::Obj(*id))
    }

    /// The object that was made last.
    #[must_use]
    pub fn newest(&self) -> Option<ObjectId> {
        self.heap.len().checked_sub(1).and_then(|index| u32::try_from(index).ok()).map(ObjectId)
    }

    /// The class behind a value, if it is one.
    #[must_use]
    pub fn class(&self, value: Value) -> Option<&ClassObject<'a>> {
        match self.obj(value) {
            Some(Object::Class(class)) => Some(class),
            _ => None,
        }
    }

    /// The function behind a value: bound methods and decorated methods are looked through.
    #[must_use]
    pub fn function(&self, value: Value) -> Option<(ObjectId, &FunctionObject<'a>)> {
        match value {
            Value::Obj(id) => match self.object(id) {
                Object::Function(function) => Some((id, function)),
                Object::Bound { function, .. } | Object::Static(function) | Object::ClassMethod(function) => {
                    self.function(*function)
                }
                _ => None,
            },
            _ => None,
        }
    }

    /// A string value.
    pub fn str(&mut self, text: &str) -> Value {
        if text.len() > budget::MAX_TEXT {
            return self.unknown("a very long text");
        }
        self.charge(text.len() / 64);
        let before = self.names.len();
        let name = self.names.intern(text);
        if self.names.len() > before {
            self.weigh(text.len() * 2);
        }
        Value::Str(name)
    }

    /// The text of a string value, enumeration members of a `str` enumeration included.
    #[must_use]
    pub fn text(&self, value: Value) -> Option<&str> {
        match value {
            Value::Str(sym) => Some(self.names.text(sym)),
            Value::Obj(id) => match self.object(id) {
                Object::Instance { attrs, class, .. }
                    if self
                        .class(Value::Obj(*class))
                        .is_some_and(|c| c.mro.iter().any(|m| self.builtin_classes.get("str") == Some(m))) =>
                {
                    attrs.get(&self.known.value).and_then(|value| match value {
                        Value::Str(sym) => Some(self.names.text(*sym)),
                        _ => None,
                    })
                }
                _ => None,
            },
            _ => None,
        }
    }

    pub(crate) fn list(&mut self, items: Vec<Value>) -> Value {
        self.alloc(Object::List(items, false))
    }

    pub(crate) fn tuple(&mut self, items: Vec<Value>) -> Value {
        self.alloc(Object::Tuple(items))
    }

    /// A new dictionary.
    pub fn dict(&mut self, pairs: Vec<(Value, Value)>) -> Value {
        let mut data = DictData::default();
        for (key, value) in pairs {
            match self.key(key) {
                Some(k) => {
                    data.items.insert(k, (key, value));
                }
                None => data.open = true,
            }
        }
        self.alloc(Object::Dict(data))
    }

    /// The hashable form of a value; `None` for what is unknown or cannot be hashed.
    #[must_use]
    pub fn key(&self, value: Value) -> Option<DictKey> {
        Some(match value {
            Value::None => DictKey::None,
            Value::Ellipsis => DictKey::Ellipsis,
            Value::Bool(b) => DictKey::Int(i64::from(b)),
            Value::Int(i) => DictKey::Int(i),
            Value::Float(f) => DictKey::Float(f.to_bits()),
            Value::Str(s) => DictKey::Str(s),
            Value::Unknown(_) => return None,
            Value::Obj(id) => match self.object(id) {
                Object::Bytes(bytes) => {
                    self.charge_later(bytes.len() / 64);
                    DictKey::Bytes(bytes.clone())
                }
                Object::Tuple(items) => {
                    self.charge_later(items.len());
                    DictKey::Tuple(items.iter().map(|item| self.key(*item)).collect::<Option<_>>()?)
                }
                Object::Generic { origin, args } => {
                    let mut parts = vec![self.key(*origin)?];
                    for arg in args {
                        parts.push(self.key(*arg)?);
                    }
                    DictKey::Tuple(parts.into())
                }
                Object::Alternatives(_) => return None,
                Object::Instance { .. } => match self.text(value).and_then(|text| self.names.lookup(text)) {
                    Some(sym) => DictKey::Str(sym),
                    None => DictKey::Obj(id),
                },
                _ => DictKey::Obj(id),
            },
        })
    }

    /// An unknown value and why.
    pub fn unknown(&mut self, why: impl Into<String>) -> Value {
        let site = Some(self.current);
        self.unknown_at(why, site)
    }

    pub(crate) fn unknown_at(&mut self, why: impl Into<String>, site: Option<Site>) -> Value {
        let key = (why.into(), site);
        if let Some(id) = self.unknown_index.get(&key) {
            return Value::Unknown(*id);
        }
        let id = UnknownId(u32::try_from(self.unknowns.len()).unwrap_or(u32::MAX));
        self.weigh(2 * (key.0.len() + 64));
        self.unknowns.push(key.clone());
        self.unknown_index.insert(key, id);
        Value::Unknown(id)
    }

    /// Why a value is unknown, and where.
    #[must_use]
    pub fn reason(&self, id: UnknownId) -> (&str, Option<Site>) {
        let (why, site) = &self.unknowns[id.0 as usize];
        (why, *site)
    }

    /// One value for several: themselves if equal, alternatives if few, unknown if many.
    pub(crate) fn alternatives(&mut self, values: Vec<Value>) -> Value {
        if let [one] = values.as_slice() {
            return *one;
        }
        let mut flat: Vec<Value> = Vec::new();
        for value in values {
            if flat.len() > MAX_ALTERNATIVES {
                break;
            }
            let parts = match self.obj(value) {
                Some(Object::Alternatives(parts)) => parts,
                _ => std::slice::from_ref(&value),
            };
            for part in parts {
                if !flat.contains(part) {
                    flat.push(*part);
                }
            }
        }
        match flat.len() {
            0 => Value::None,
            1 => flat[0],
            n if n <= MAX_ALTERNATIVES => self.alloc(Object::Alternatives(flat)),
            _ => self.unknown("one of many values"),
        }
    }
}
