//! Values of which an annotation says the type.

use super::{Kind, Library, Machine, Size, V, Val};
use crate::value::{Object, ObjectId, Sym, Value};

/// How deep types are followed.
const MAX_DEPTH: u32 = 6;

impl<L: Library> Machine<'_, '_, L> {
    /// A value of a type; `name` is what it is called where it comes from outside.
    pub fn of_type(&mut self, annotation: Value, name: Sym, depth: u32) -> Val {
        if depth > MAX_DEPTH {
            return Val::UNKNOWN;
        }
        let key = match annotation {
            Value::Obj(id) => Some(((0, id.0), name)),
            _ => None,
        };
        if let Some(known) = key.and_then(|key| self.typed.get(&key)) {
            return *known;
        }
        let value = self.of_type_anew(annotation, name, depth);
        if let Some(key) = key {
            self.typed.insert(key, value);
        }
        value
    }

    fn of_type_anew(&mut self, annotation: Value, name: Sym, depth: u32) -> Val {
        if annotation == Value::None {
            return Val::NONE;
        }
        if let Some(value) = L::of_type(self, annotation, name) {
            return value;
        }
        match self.ev.obj(annotation) {
            Some(Object::Class(class)) => {
                let Value::Obj(id) = annotation else { return Val::UNKNOWN };
                if let Some(builtin) = self.ev.builtin_type(id) {
                    return match builtin {
                        "list" | "tuple" => self.coll(Val::UNKNOWN, Size::Input(name, None), None),
                        "set" | "frozenset" => self.make(V::Coll {
                            kind: Kind::Set,
                            elem: Val::UNKNOWN,
                            size: Size::Input(name, None),
                            site: None,
                        }),
                        "dict" => Val::UNKNOWN,
                        "object" | "type" => Val::UNKNOWN,
                        _ => self.scalar(builtin),
                    };
                }
                let scalar = class.site.is_none();
                if scalar {
                    return Val::UNKNOWN;
                }
                if self.ev.mro_attribute(id, self.names.members).is_some() {
                    let text = self.ev.class(annotation).map(|class| class.name);
                    return text.map_or(Val::UNKNOWN, |text| self.make(V::Scalar(text)));
                }
                // A subclass of a builtin is as good as the builtin.
                for builtin in ["str", "int", "float"] {
                    if self
                        .ev
                        .builtin_class(builtin)
                        .is_some_and(|base| self.ev.class(annotation).is_some_and(|class| class.mro.contains(&base)))
                    {
                        return self.scalar(builtin);
                    }
                }
                self.make(V::Inst { class: id, tag: 0, site: None, attrs: Box::default() })
            }
            Some(Object::Union(members)) => {
                let members = members.clone();
                let values = members.into_iter().map(|member| self.of_type(member, name, depth + 1)).collect();
                self.union(values)
            }
            Some(Object::Generic { origin, args }) => {
                let (origin, args) = (*origin, args.clone());
                self.of_generic(origin, &args, name, depth)
            }
            Some(Object::External(path)) => {
                let path = self.ev.names.text(*path).to_owned();
                match path.rsplit('.').next().unwrap_or_default() {
                    "List" | "Sequence" | "Iterable" | "Iterator" | "Collection" | "Tuple" => {
                        self.coll(Val::UNKNOWN, Size::Input(name, None), None)
                    }
                    "UUID" | "datetime" | "date" | "time" | "timedelta" | "Decimal" | "EmailStr" | "HttpUrl"
                    | "SecretStr" | "AnyUrl" | "AnyHttpUrl" | "UUID4" | "PositiveInt" => {
                        let last = path.rsplit('.').next().unwrap_or_default().to_owned();
                        self.scalar(&last)
                    }
                    _ => Val::UNKNOWN,
                }
            }
            _ => Val::UNKNOWN,
        }
    }

    fn of_generic(&mut self, origin: Value, args: &[Value], name: Sym, depth: u32) -> Val {
        let path = self.path_of(origin).unwrap_or_default();
        let last = path.rsplit('.').next().unwrap_or_default();
        match last {
            "Annotated" | "Required" | "NotRequired" | "Final" | "ClassVar" | "Awaitable" => {
                args.first().map_or(Val::UNKNOWN, |arg| self.of_type(*arg, name, depth + 1))
            }
            "Coroutine" => args.get(2).map_or(Val::UNKNOWN, |arg| self.of_type(*arg, name, depth + 1)),
            "Optional" => {
                let value = args.first().map_or(Val::UNKNOWN, |arg| self.of_type(*arg, name, depth + 1));
                self.union(vec![value, Val::NONE])
            }
            "Union" => {
                let values = args.iter().map(|arg| self.of_type(*arg, name, depth + 1)).collect();
                self.union(values)
            }
            "list" | "List" | "Sequence" | "Iterable" | "Collection" | "MutableSequence" | "AsyncIterator"
            | "AsyncGenerator" | "Iterator" | "Generator" | "AsyncIterable" | "set" | "Set" | "frozenset"
            | "FrozenSet" | "AbstractSet" | "deque" | "conlist" => {
                let elem = args.first().map_or(Val::UNKNOWN, |arg| self.of_type(*arg, name, depth + 1));
                let once = matches!(last, "set" | "Set" | "frozenset" | "FrozenSet" | "AbstractSet");
                let most = args.first().filter(|_| once).and_then(|arg| self.members_of(*arg));
                self.coll(elem, Size::Input(name, most), None)
            }
            "tuple" | "Tuple" => {
                if args.len() == 2 && matches!(args[1], Value::Ellipsis) {
                    let elem = self.of_type(args[0], name, depth + 1);
                    return self.coll(elem, Size::Input(name, None), None);
                }
                let items: Vec<Val> = args.iter().map(|arg| self.of_type(*arg, name, depth + 1)).collect();
                self.make(V::Seq { tuple: true, items: items.into(), site: None })
            }
            "dict" | "Dict" | "Mapping" | "MutableMapping" | "OrderedDict" | "defaultdict" => {
                let elem = args.get(1).map_or(Val::UNKNOWN, |arg| self.of_type(*arg, name, depth + 1));
                let most = args.first().and_then(|key| self.members_of(*key));
                self.make(V::Coll { kind: Kind::Dict, elem, size: Size::Input(name, most), site: None })
            }
            "Literal" => self.scalar("str"),
            _ => self.of_type(origin, name, depth + 1),
        }
    }

    /// How many members an enumeration has: there are no more keys of a dictionary, and no more elements of a set.
    fn members_of(&self, annotation: Value) -> Option<u32> {
        let Value::Obj(class) = annotation else { return None };
        self.ev.class(annotation)?;
        let members = self.ev.mro_attribute(class, self.names.members)?;
        match self.ev.obj(members) {
            Some(Object::Dict(data)) => u32::try_from(data.items.len()).ok(),
            _ => None,
        }
    }

    /// What the annotation of a class says of an attribute.
    pub fn field_type(&mut self, class: ObjectId, name: Sym) -> Option<Val> {
        let annotation = self.field_annotation(class, name)?;
        Some(self.of_type(annotation, name, 0))
    }

    /// The annotation of an attribute, of a class or its bases.
    pub fn field_annotation(&mut self, class: ObjectId, name: Sym) -> Option<Value> {
        let mro = self.ev.class(Value::Obj(class))?.mro.clone();
        for parent in mro {
            let Some(object) = self.ev.class(Value::Obj(parent)) else { continue };
            if let Some((_, expr)) = object.annotations.iter().find(|(n, _)| *n == name) {
                let (expr, globals, env) = (*expr, object.globals, object.env);
                return self.annotation(expr, globals, env, Some(parent));
            }
            if let Some((_, value)) = object.annotation_values.iter().find(|(n, _)| *n == name) {
                return Some(*value);
            }
        }
        None
    }

    /// Names of the annotated attributes of a class, with the values of defaults that say something.
    pub(super) fn fields(&mut self, class: ObjectId) -> Vec<(Sym, Option<Val>)> {
        self.ev.refuel();
        let fields = self.ev.class_fields(class);
        fields
            .into_iter()
            .map(|field| {
                let default = match field.default {
                    Some(Value::None) => Some(Val::NONE),
                    Some(value @ (Value::Bool(_) | Value::Int(_) | Value::Str(_))) => Some(self.heap(value)),
                    _ => None,
                };
                (field.name, default)
            })
            .collect()
    }
}

impl<'a, L: Library> Machine<'_, 'a, L> {
    /// Annotated attributes of a class and its bases.
    pub fn class_fields(&mut self, class: ObjectId) -> Vec<crate::eval::SigParam> {
        self.ev.refuel();
        self.ev.class_fields(class)
    }

    /// Where an attribute of a class is annotated.
    #[must_use]
    pub fn field_site(&self, class: ObjectId, name: Sym) -> Option<crate::value::Site> {
        let mro = &self.ev.class(Value::Obj(class))?.mro;
        mro.iter().find_map(|parent| {
            let object = self.ev.class(Value::Obj(*parent))?;
            let (_, expr) = object.annotations.iter().find(|(n, _)| *n == name)?;
            Some(crate::value::Site { module: object.globals, range: ruff_text_size::Ranged::range(*expr) })
        })
    }

    /// Whether a class or a base of it binds a name.
    #[must_use]
    pub fn has_member(&self, class: ObjectId, name: Sym) -> bool {
        self.ev.mro_attribute(class, name).is_some()
    }

    /// Whether a class of the program, and no model of a library, binds a name.
    #[must_use]
    pub fn overrides(&self, class: ObjectId, name: Sym) -> bool {
        self.ev
            .mro_attribute(class, name)
            .and_then(|value| self.ev.function(value))
            .is_some_and(|(_, function)| !self.ev.is_model(function.module))
    }

    /// Whether a class of the program has an `__init__` of its own.
    #[must_use]
    pub fn has_own_init(&self, class: ObjectId) -> bool {
        self.overrides(class, self.names.init)
    }

    /// How people name what is called.
    #[must_use]
    pub fn callee_name(&self, callee: Val) -> String {
        match self.v(callee) {
            V::Heap(id) => self.ev.qualified_name(Value::Obj(*id)).unwrap_or_else(|| "a function".to_owned()),
            V::Closure(at, _) => self.name(self.closures[*at as usize].qualname).to_owned(),
            V::Bound(_, function) => self.callee_name(*function),
            V::Method(_, name) => self.name(*name).to_owned(),
            _ => "a function".to_owned(),
        }
    }

    /// Whether calling it makes a generator.
    #[must_use]
    pub fn is_generator_call(&self, callee: Val) -> bool {
        match self.v(callee) {
            V::Heap(id) => {
                self.ev.function(Value::Obj(*id)).is_some_and(|(_, function)| crate::facts::is_generator(function.node))
            }
            V::Closure(at, _) => crate::facts::is_generator(self.closures[*at as usize].node),
            _ => false,
        }
    }

    /// Runs something for every element.
    pub fn for_each(
        &mut self,
        f: &mut super::Frame,
        iterable: Val,
        site: crate::value::Site,
        run: &mut dyn FnMut(&mut Self, &mut super::Frame, Val),
    ) {
        self.each(f, iterable, site, &mut |m, f, elem| {
            run(m, f, elem);
            super::End::Normal
        });
    }
}

impl<L: Library> Machine<'_, '_, L> {
    /// The name of a function, where it is defined: what a person looks for.
    #[must_use]
    pub fn head_of(&self, callable: Value) -> Option<ruff_text_size::TextRange> {
        let (_, function) = self.ev.function(callable)?;
        match function.node {
            crate::value::FunctionNode::Def(def) => Some(ruff_text_size::Ranged::range(&def.name)),
            crate::value::FunctionNode::Lambda(lambda) => Some(lambda.range),
        }
    }

    /// Where a callable is defined.
    #[must_use]
    pub fn definition_of(&self, callable: Value) -> Option<crate::value::Site> {
        let (_, function) = self.ev.function(callable)?;
        Some(crate::value::Site { module: function.module, range: self.head_of(callable)? })
    }

    /// Whether a callable runs on the event loop.
    #[must_use]
    pub fn is_async_call(&self, callable: Value) -> bool {
        self.ev
            .function(callable)
            .is_some_and(|(_, function)| matches!(function.node, crate::value::FunctionNode::Def(def) if def.is_async))
    }
}

impl crate::value::Site {
    /// A place in the same module where nothing stands: an empty range.
    #[must_use]
    pub fn at_nothing(self, start: u32) -> Self {
        Self { module: self.module, range: ruff_text_size::TextRange::empty(start.into()) }
    }

    /// A place for what stands nowhere.
    #[must_use]
    pub fn nowhere() -> Self {
        Self { module: crate::value::ModuleId(0), range: ruff_text_size::TextRange::default() }
    }
}
