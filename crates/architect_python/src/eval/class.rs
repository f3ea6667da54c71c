//! Classes: creation, method resolution order, instances, enumerations.

use ruff_python_ast as ast;
use ruff_text_size::Ranged as _;

use super::{End, Eval, Evaluator, Flow, Frame};
use crate::parse::ModuleKind;
use crate::value::{CallArgs, ClassObject, DictData, DictKey, Namespace, Object, ObjectId, Site, Sym, Value};

/// Ancestors times bases from which on the order of a class hierarchy is not worked out.
const LARGE_HIERARCHY: usize = 200_000;

impl<'a> Evaluator<'a> {
    pub(crate) fn define_class(&mut self, frame: &mut Frame, node: &'a ast::StmtClassDef) -> Eval {
        self.bind_type_params(frame, node.type_params.as_deref());
        let mut decorators = Vec::new();
        for decorator in &node.decorator_list {
            decorators.push(self.expr(frame, &decorator.expression)?);
        }
        let mut bases = Vec::new();
        let mut keywords = Vec::new();
        if let Some(arguments) = &node.arguments {
            for base in &arguments.args {
                if let ast::Expr::Starred(starred) = base {
                    let value = self.expr(frame, &starred.value)?;
                    if let Some((items, _)) = self.items(value)? {
                        bases.extend(items);
                    }
                } else {
                    bases.push(self.expr(frame, base)?);
                }
            }
            for keyword in &arguments.keywords {
                let value = self.expr(frame, &keyword.value)?;
                if let Some(name) = &keyword.arg {
                    keywords.push((self.names.intern(name), value));
                }
            }
        }
        let name = self.name_of(&node.name);
        let qualname = self.qualify(frame, name);
        let module = self.names.intern(&self.program.module(frame.module).name);
        let site = self.site(frame, node.range);
        let class = self.new_class(name, qualname, module, bases, keywords);
        let mut params = Vec::new();
        if let Some(type_params) = &node.type_params {
            for param in &type_params.type_params {
                let name = self.names.intern(param.name());
                params.push(self.lookup(frame, name)?);
            }
        }
        if let Object::Class(object) = self.object_mut(class) {
            object.globals = frame.module;
            object.env = frame.env;
            object.site = Some(site);
            if !params.is_empty() {
                object.type_params = params;
            }
        }
        let mut inner = Frame {
            module: frame.module,
            env: frame.env,
            class: Some(class),
            owner: Some(class),
            first: None,
            yields: None,
            returns: Vec::new(),
            qualname: Some(qualname),
            handling: None,
            breaks: 0,
            passed: 0,
            resumes: None,
        };
        for stmt in &node.body {
            match self.statement(&mut inner, stmt) {
                Ok(End::Normal) => {}
                Ok(_) => break,
                Err(Flow::Raise(error)) if self.trying == 0 => {
                    let statement = Site { module: inner.module, range: stmt.range() };
                    self.note_failure(statement, error);
                }
                Err(flow) => return Err(flow),
            }
        }
        if let Some(ast::Stmt::Expr(doc)) = node.body.first()
            && let ast::Expr::StringLiteral(text) = &*doc.value
        {
            let text = self.str(text.value.to_str());
            let doc = self.known.doc;
            if let Object::Class(object) = self.object_mut(class) {
                object.ns.insert(doc, text);
            }
        }
        self.current = site;
        let mut value = self.finish_class(class)?;
        for decorator in decorators.into_iter().rev() {
            value = self.decorate(decorator, value)?;
        }
        Ok(value)
    }

    pub(crate) fn new_class(
        &mut self,
        name: Sym,
        qualname: Sym,
        module: Sym,
        bases: Vec<Value>,
        keywords: Vec<(Sym, Value)>,
    ) -> ObjectId {
        let mut open = false;
        let mut type_params = Vec::new();
        let mut parents = Vec::new();
        for base in &bases {
            match self.obj(*base) {
                Some(Object::Class(_)) => {
                    if let Value::Obj(id) = base {
                        parents.push(*id);
                    }
                }
                Some(Object::Generic { origin, args }) => {
                    let (origin, args) = (*origin, args.clone());
                    if self.class(origin).is_some() {
                        if let Value::Obj(id) = origin {
                            parents.push(id);
                        }
                    } else if self.external_path(origin).is_none_or(|path| !path.starts_with("typing.")) {
                        open = true;
                    }
                    for arg in args {
                        if matches!(self.obj(arg), Some(Object::TypeVar(_))) && !type_params.contains(&arg) {
                            type_params.push(arg);
                        }
                    }
                }
                Some(Object::External(path)) => {
                    let path = self.names.text(*path);
                    if path == "typing.NamedTuple" {
                        parents.extend(self.named_tuple());
                        continue;
                    }
                    open |= !(path.starts_with("typing.") || path.starts_with("abc.") || path == "builtins.object");
                }
                _ => open = true,
            }
        }
        let object = self.builtin_classes.get("object").copied();
        let id = match self.alloc(Object::None_placeholder()) {
            Value::Obj(id) => id,
            _ => unreachable!("alloc gives objects"),
        };
        let mro = self.linearise(id, &parents, object);
        // Whoever asks for an attribute looks through all of them.
        self.charge(mro.len() / 4);
        for parent in mro.iter().skip(1) {
            if let Object::Class(class) = self.object(*parent) {
                open |= class.open;
                if type_params.is_empty() && class.generic.is_none() {
                    // Type parameters are inherited only through subscripted bases.
                }
            }
        }
        *self.object_mut(id) = Object::Class(Box::new(ClassObject {
            name,
            qualname,
            module,
            globals: self.current.module,
            env: None,
            bases,
            mro,
            open,
            ns: Namespace::default(),
            annotations: Vec::new(),
            annotation_values: Vec::new(),
            keywords,
            site: None,
            generic: None,
            type_params,
        }));
        id
    }

    /// The base that gives classes derived from `typing.NamedTuple` their constructor and methods.
    fn named_tuple(&mut self) -> Option<ObjectId> {
        let module = self.import_module("collections").ok()?;
        let name = self.names.intern("_NamedTuple");
        match self.attribute_opt(module, name) {
            Ok(Some(Value::Obj(id))) if matches!(self.object(id), Object::Class(_)) => Some(id),
            _ => None,
        }
    }

    /// C3 linearisation; an inconsistent hierarchy falls back to depth first.
    fn linearise(&mut self, id: ObjectId, parents: &[ObjectId], object: Option<ObjectId>) -> Vec<ObjectId> {
        // `object` comes last in any case.
        let above = |parent: &ObjectId| match self.object(*parent) {
            Object::Class(class) => class.mro.iter().copied().filter(|class| Some(*class) != object).collect(),
            _ => Vec::new(),
        };
        let mut sequences: Vec<Vec<ObjectId>> = parents.iter().map(above).collect();
        let ancestors = sequences.iter().map(Vec::len).sum::<usize>();
        self.weigh(ancestors * size_of::<ObjectId>());
        if let [only] = sequences.as_mut_slice() {
            let mut out = vec![id];
            out.append(only);
            out.extend(object);
            return out;
        }
        let steps = ancestors * (parents.len() + 1);
        self.charge(steps / 8);
        if steps > LARGE_HIERARCHY {
            // Nobody writes this; the order hardly matters.
            let mut seen = rustc_hash::FxHashSet::default();
            let all = sequences.into_iter().flatten().chain(object);
            return std::iter::once(id).chain(all.filter(|class| seen.insert(*class))).collect();
        }
        sequences.push(parents.iter().copied().filter(|class| Some(*class) != object).collect());
        let mut out = vec![id];
        loop {
            sequences.retain(|sequence| !sequence.is_empty());
            if sequences.is_empty() {
                break;
            }
            let next = sequences
                .iter()
                .map(|sequence| sequence[0])
                .find(|head| sequences.iter().all(|sequence| !sequence[1..].contains(head)))
                .unwrap_or(sequences[0][0]);
            if !out.contains(&next) {
                out.push(next);
            }
            for sequence in &mut sequences {
                sequence.retain(|class| *class != next);
            }
        }
        if let Some(object) = object {
            out.retain(|class| *class != object);
            out.push(object);
        }
        out
    }

    /// Whether a class derives from `enum.Enum`, and not from something else of that name.
    pub(crate) fn is_enumeration(&self, id: ObjectId) -> bool {
        let Object::Class(class) = self.object(id) else { return false };
        class.mro.iter().any(|parent| {
            self.class(Value::Obj(*parent))
                .is_some_and(|class| self.names.text(class.name) == "Enum" && self.names.text(class.module) == "enum")
        })
    }

    /// What follows a class body: `__set_name__`, enumerations, `__init_subclass__`.
    pub(crate) fn finish_class(&mut self, id: ObjectId) -> Eval {
        let value = Value::Obj(id);
        if self.is_enumeration(id) {
            self.make_members(id)?;
            return Ok(value);
        }
        let entries: Vec<(Sym, Value)> = match self.object(id) {
            Object::Class(class) => class.ns.iter().map(|(name, value)| (*name, *value)).collect(),
            _ => Vec::new(),
        };
        for (name, entry) in entries {
            if let Some(Object::Instance { .. }) = self.obj(entry)
                && let Some(method) = self.class_attribute_of(entry, self.known.set_name)
            {
                let method = self.bind_method(method, entry);
                self.call(method, CallArgs { pos: vec![value, Value::Str(name)], ..CallArgs::default() })?;
            }
        }
        let (mro, keywords) = match self.object(id) {
            Object::Class(class) => (class.mro.clone(), class.keywords.clone()),
            _ => return Ok(value),
        };
        let metaclass = self.names.intern("metaclass");
        for parent in mro.iter().skip(1) {
            if let Some(hook) = self.own_attr(*parent, self.known.init_subclass) {
                let function = match self.obj(hook) {
                    Some(Object::ClassMethod(function)) => *function,
                    _ => hook,
                };
                let mut args = CallArgs { pos: vec![value], ..CallArgs::default() };
                args.kw = keywords.iter().filter(|(name, _)| *name != metaclass).copied().collect();
                self.call(function, args)?;
                break;
            }
        }
        let made = self.make_by_metaclass(id, &mro, metaclass)?;
        self.initialise_by_metaclass(id, &mro, metaclass)?;
        Ok(made)
    }

    /// Runs `__new__` of the metaclass that the class or a base of it names, where the project defines it. What that hands
    /// to `type` changes the class, which is there already.
    fn make_by_metaclass(&mut self, id: ObjectId, mro: &[ObjectId], keyword: Sym) -> Eval {
        let class = Value::Obj(id);
        let Some(metaclass) = self.metaclass(mro, keyword) else { return Ok(class) };
        let Some(new) = self.mro_attribute(metaclass, self.known.new) else { return Ok(class) };
        let own = self.function(new).map(|(_, function)| self.program.module(function.module).kind);
        if own != Some(ModuleKind::Project) {
            return Ok(class);
        }
        let Object::Class(object) = self.object(id) else { return Ok(class) };
        let (name, bases, keywords) = (object.name, object.bases.clone(), object.keywords.clone());
        let bases = self.tuple(bases);
        let namespace = self.attribute(class, self.known.dict)?;
        let mut args =
            CallArgs { pos: vec![Value::Obj(metaclass), Value::Str(name), bases, namespace], ..CallArgs::default() };
        args.kw = keywords.into_iter().filter(|(name, _)| *name != keyword).collect();
        let depth = self.making.len();
        self.making.push(id);
        let made = self.call(new, args);
        self.making.truncate(depth);
        match made? {
            made @ Value::Obj(_) if self.class(made).is_some() => Ok(made),
            _ => Ok(class),
        }
    }

    /// `type.__new__(metaclass, name, bases, namespace)`: the class that is being made, or another one.
    pub(super) fn new_by_metaclass(&mut self, metaclass: ObjectId, args: CallArgs) -> Eval {
        let names = self.making.last().copied().and_then(|id| match self.object(id) {
            Object::Class(class) => Some((id, Value::Str(class.name))),
            _ => None,
        });
        let Some((id, _)) = names.filter(|(_, name)| args.pos.get(1) == Some(name)) else {
            let is_type = self.builtin_class("type").is_some_and(|class| match self.object(metaclass) {
                Object::Class(object) => object.mro.contains(&class),
                _ => false,
            });
            return if is_type {
                self.construct("type", CallArgs { pos: args.pos[1..].to_vec(), ..args })
            } else {
                Ok(self.bare_instance(metaclass))
            };
        };
        self.making.pop();
        if let Some(Object::Dict(data)) = args.pos.get(3).and_then(|namespace| self.obj(*namespace)) {
            let entries: Vec<(DictKey, Value)> =
                data.items.iter().map(|(key, (_, value))| (key.clone(), *value)).collect();
            for (key, value) in entries {
                if let DictKey::Str(name) = key {
                    self.set_attribute_raw(Value::Obj(id), name, value);
                }
            }
        }
        Ok(Value::Obj(id))
    }

    /// Runs `__init__` of the metaclass that the class or a base of it names.
    fn initialise_by_metaclass(&mut self, id: ObjectId, mro: &[ObjectId], keyword: Sym) -> Eval<()> {
        let Some(metaclass) = self.metaclass(mro, keyword) else { return Ok(()) };
        let Some(init) = self.mro_attribute(metaclass, self.known.init) else { return Ok(()) };
        if self.function(init).is_none() {
            return Ok(());
        }
        let Object::Class(class) = self.object(id) else { return Ok(()) };
        let (name, bases, keywords) = (class.name, class.bases.clone(), class.keywords.clone());
        let bases = self.tuple(bases);
        let namespace = self.attribute(Value::Obj(id), self.known.dict)?;
        let mut args =
            CallArgs { pos: vec![Value::Obj(id), Value::Str(name), bases, namespace], ..CallArgs::default() };
        args.kw = keywords.into_iter().filter(|(name, _)| *name != keyword).collect();
        self.call(init, args)?;
        Ok(())
    }

    /// The metaclass that a class or a base of it names.
    fn metaclass(&self, mro: &[ObjectId], keyword: Sym) -> Option<ObjectId> {
        let named = mro.iter().find_map(|parent| match self.object(*parent) {
            Object::Class(class) => class.keywords.iter().find(|(name, _)| *name == keyword).map(|(_, value)| *value),
            _ => None,
        });
        match named {
            Some(Value::Obj(metaclass)) => Some(metaclass),
            _ => None,
        }
    }

    /// `__setattr__` of the metaclass of a class, where the program defines one.
    pub(super) fn class_setattr(&mut self, class: ObjectId) -> Option<Value> {
        let keyword = self.names.intern("metaclass");
        let Object::Class(object) = self.object(class) else { return None };
        let metaclass = self.metaclass(&object.mro, keyword)?;
        let hook = self.names.intern("__setattr__");
        self.mro_attribute(metaclass, hook).filter(|method| self.function(*method).is_some())
    }

    fn make_members(&mut self, id: ObjectId) -> Eval<()> {
        let entries: Vec<(Sym, Value)> = match self.object(id) {
            Object::Class(class) => class.ns.iter().map(|(name, value)| (*name, *value)).collect(),
            _ => Vec::new(),
        };
        let mut members = DictData::default();
        let mut last = 0;
        let site = self.current;
        for (name, value) in entries {
            let text = self.names.text(name).to_owned();
            if text.starts_with('_') {
                continue;
            }
            if let Some(
                Object::Function(_)
                | Object::Property(_)
                | Object::Static(_)
                | Object::ClassMethod(_)
                | Object::Class(_),
            ) = self.obj(value)
            {
                continue;
            }
            let mut member_value = value;
            if self.is_auto(value)
                || matches!(self.obj(value), Some(Object::Instance { .. })) && self.is_subclass_of_named(value, "auto")
            {
                last += 1;
                member_value = match self.next_member_value(id, name, last) {
                    Some(value) => value,
                    None if self.is_subclass_of_named(Value::Obj(id), "StrEnum") => self.str(&text.to_lowercase()),
                    None => Value::Int(last),
                };
            } else if let Value::Int(int) = value {
                last = int;
            }
            let mut attrs = Namespace::default();
            let name_text = Value::Str(name);
            attrs.insert(self.names.intern("name"), name_text);
            attrs.insert(self.names.intern("_name_"), name_text);
            attrs.insert(self.known.value, member_value);
            attrs.insert(self.names.intern("_value_"), member_value);
            let member = self.alloc(Object::Instance { class: id, attrs, condition: None, site });
            if let (Value::Obj(_), Some(Object::Tuple(items))) = (member_value, self.obj(member_value)) {
                let items = items.clone();
                if let Some(init) = self.class_attribute_of(member, self.known.init) {
                    let init = self.bind_method(init, member);
                    let _ = self.call(init, CallArgs { pos: items, ..CallArgs::default() });
                }
            }
            members.items.insert(DictKey::Str(name), (name_text, member));
            if let Object::Class(class) = self.object_mut(id) {
                class.ns.insert(name, member);
            }
        }
        let members = self.alloc(Object::Dict(members));
        let key = self.known.members;
        if let Object::Class(class) = self.object_mut(id) {
            class.ns.insert(key, members);
        }
        Ok(())
    }

    /// Whether a value is what an `auto` of another module gives.
    fn is_auto(&self, value: Value) -> bool {
        match self.obj(value) {
            Some(Object::Opaque { callee, .. }) => {
                self.external_path(*callee).is_some_and(|path| path.rsplit('.').next() == Some("auto"))
            }
            _ => false,
        }
    }

    /// What the program's own `_generate_next_value_` makes of `auto()`.
    fn next_member_value(&mut self, id: ObjectId, name: Sym, count: i64) -> Option<Value> {
        let hook = self.names.lookup("_generate_next_value_")?;
        let hook = self.mro_attribute(id, hook)?;
        let function = match self.obj(hook) {
            Some(Object::Static(function)) => *function,
            _ => hook,
        };
        let last_values = self.list(Vec::new());
        let pos = vec![Value::Str(name), Value::Int(1), Value::Int(count - 1), last_values];
        self.invoke(function, CallArgs { pos, ..CallArgs::default() }).ok()
    }

    /// Class and member name of an enumeration member.
    #[must_use]
    pub fn enum_member(&self, value: Value) -> Option<(String, String)> {
        let Some(Object::Instance { class, attrs, .. }) = self.obj(value) else { return None };
        let class = self.class(Value::Obj(*class))?;
        if !class
            .mro
            .iter()
            .any(|parent| self.class(Value::Obj(*parent)).is_some_and(|c| c.ns.contains_key(&self.known.members)))
            && !class.ns.contains_key(&self.known.members)
        {
            return None;
        }
        let name = self.text(*attrs.get(&self.names.lookup("name")?)?)?;
        Some((self.names.text(class.name).to_owned(), name.to_owned()))
    }

    /// Whether a class is `str`, `int` or `float` with more to it.
    #[must_use]
    pub fn derives_plain(&self, id: ObjectId) -> bool {
        let Object::Class(class) = self.object(id) else { return false };
        class.mro.iter().any(|parent| matches!(self.builtin_type(*parent), Some("str" | "int" | "float")))
    }

    /// Whether calls of a class make plain dictionaries.
    #[must_use]
    pub fn is_typed_dict(&self, id: ObjectId) -> bool {
        let Object::Class(class) = self.object(id) else { return false };
        class.mro.iter().any(|parent| {
            self.class(Value::Obj(*parent)).is_some_and(|class| {
                class.bases.iter().any(|base| self.external_path(*base) == Some("typing.TypedDict"))
            })
        })
    }

    /// Makes an instance and runs `__init__`.
    pub(crate) fn instantiate(&mut self, id: ObjectId, args: CallArgs) -> Eval {
        let value = Value::Obj(id);
        if let Some(members) = self.own_attr(id, self.known.members) {
            return self.member_by_value(members, &args);
        }
        if let Some(name) = self.builtin_type(id) {
            return self.construct(name, args);
        }
        if self.is_typed_dict(id) {
            return self.construct("dict", args);
        }
        if let Some(new) = self.mro_attribute(id, self.known.new) {
            let function = match self.obj(new) {
                Some(Object::Static(function)) => *function,
                _ => new,
            };
            if self.function(function).is_some() {
                let mut with = args.clone();
                with.pos.insert(0, value);
                let made = self.call(function, with)?;
                if let Some(Object::Instance { .. }) = self.obj(made)
                    && let Some(init) = self.class_attribute_of(made, self.known.init)
                {
                    let init = self.bind_method(init, made);
                    self.call(init, args)?;
                }
                return Ok(made);
            }
        }
        let instance = self.bare_instance(id);
        match self.mro_attribute(id, self.known.init) {
            Some(init) if self.function(init).is_some() || matches!(self.obj(init), Some(Object::Native(_))) => {
                let init = self.bind_method(init, instance);
                self.call(init, args)?;
            }
            _ => {
                // Exceptions keep their arguments; an open class may keep anything.
                let pos = self.tuple(args.pos.clone());
                self.set_attribute_raw(instance, self.known.args, pos);
                if matches!(self.object(id), Object::Class(class) if class.open) {
                    for (name, value) in args.kw {
                        self.set_attribute_raw(instance, name, value);
                    }
                }
            }
        }
        Ok(instance)
    }

    pub(crate) fn bare_instance(&mut self, id: ObjectId) -> Value {
        let condition = self.active_condition();
        let site = self.current;
        let value = self.alloc(Object::Instance { class: id, attrs: Namespace::default(), condition, site });
        self.note_origin(value);
        value
    }

    fn member_by_value(&mut self, members: Value, args: &CallArgs) -> Eval {
        let Some(wanted) = args.pos.first().copied() else { return Ok(self.unknown("an enumeration member")) };
        if let Some((items, _)) = self.items(members)? {
            self.charge(items.len());
            for name in items {
                let member = self.subscript(members, name)?;
                if member == wanted {
                    return Ok(member);
                }
                let value = self.attribute(member, self.known.value)?;
                if self.equal(value, wanted) == Some(true) {
                    return Ok(member);
                }
            }
        }
        Ok(self.unknown("an enumeration member"))
    }

    /// The first class of the method resolution order that has `name`.
    pub(crate) fn mro_attribute(&self, id: ObjectId, name: Sym) -> Option<Value> {
        let Object::Class(class) = self.object(id) else { return None };
        class.mro.iter().find_map(|parent| match self.object(*parent) {
            Object::Class(class) => class.ns.get(&name).copied(),
            _ => None,
        })
    }

    pub(crate) fn class_attribute_of(&self, value: Value, name: Sym) -> Option<Value> {
        match self.obj(value) {
            Some(Object::Instance { class, .. }) => self.mro_attribute(*class, name),
            Some(Object::Class(_)) => match value {
                Value::Obj(id) => self.mro_attribute(id, name),
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether a class, or the class of an instance, or one of its bases, has this name.
    #[must_use]
    pub fn is_subclass_of_named(&self, value: Value, name: &str) -> bool {
        let class = match self.obj(value) {
            Some(Object::Instance { class, .. }) => *class,
            Some(Object::Class(_)) => match value {
                Value::Obj(id) => id,
                _ => return false,
            },
            _ => return false,
        };
        match self.object(class) {
            Object::Class(class) => class.mro.iter().any(|parent| {
                self.class(Value::Obj(*parent)).is_some_and(|class| {
                    self.names.text(class.name) == name
                        && self.program.find(self.names.text(class.module)).is_none_or(|module| self.is_model(module))
                })
            }),
            _ => false,
        }
    }
}

impl Object<'_> {
    #[allow(non_snake_case)]
    pub(crate) fn None_placeholder() -> Self {
        Self::Native("placeholder")
    }
}
