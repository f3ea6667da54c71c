//! Attributes: of instances, classes and what stands since import, and how members are bound.

use super::{Args, End, Frame, Library, Machine, V, Val};
use crate::value::{Object, ObjectId, Site, Sym, Value};

impl<'a, L: Library> Machine<'_, 'a, L> {
    /// What the class of a value has under a name.
    pub(super) fn class_member(&self, val: Val, name: Sym) -> Option<Value> {
        self.class_of(val).and_then(|class| self.ev.mro_attribute(class, name))
    }

    /// What reading a class attribute through an instance gives.
    pub(super) fn bind_member(&mut self, member: Value, receiver: Val) -> Val {
        match self.ev.obj(member) {
            Some(Object::Function(_) | Object::Native(_)) => {
                let function = self.heap(member);
                self.make(V::Bound(receiver, function))
            }
            Some(Object::Static(function)) => {
                let function = *function;
                self.heap(function)
            }
            Some(Object::ClassMethod(function)) => {
                let function = *function;
                let function = self.heap(function);
                let class = match self.class_of(receiver) {
                    Some(class) => self.make(V::Heap(class)),
                    None => receiver,
                };
                self.make(V::Bound(class, function))
            }
            Some(Object::Instance { .. }) if self.ev.is_subclass_of_named(member, "partial") => self.heap(member),
            _ => self.heap(member),
        }
    }

    /// `object.name`.
    pub fn attribute(&mut self, f: &mut Frame, object: Val, name: Sym, site: Site) -> Val {
        match self.v(object) {
            V::Union(parts) => {
                let parts = parts.clone();
                // A missing value would have raised: the others go on.
                let mut out = Vec::new();
                let many = parts.iter().filter(|part| **part != Val::NONE).count() > 1;
                let mut arms = Vec::new();
                for part in parts.iter().filter(|part| **part != Val::NONE) {
                    if many {
                        f.open();
                    }
                    out.push(self.attribute(f, *part, name, site));
                    if many {
                        arms.push((f.close(), End::Normal));
                    }
                }
                if many {
                    self.branch(f, site, arms);
                }
                self.union(out)
            }
            V::Inst { class, attrs, .. } => {
                let class = *class;
                if let Some((_, value)) = attrs.iter().find(|(n, _)| *n == name) {
                    let value = *value;
                    return if self.is_doubtful(object) { self.doubted(value) } else { value };
                }
                if let Some(value) = L::attribute(self, f, object, name, site) {
                    return value;
                }
                self.instance_attribute(f, object, class, name, site)
            }
            V::Lib(..) => match L::attribute(self, f, object, name, site) {
                Some(value) => value,
                None => self.make(V::Method(object, name)),
            },
            V::Heap(id) => {
                let id = *id;
                self.heap_attribute(f, object, id, name, site)
            }
            V::Super(class, receiver) => {
                let (class, receiver) = (*class, *receiver);
                self.super_attribute(f, class, receiver, name, site)
            }
            V::Bound(_, function) => {
                let function = *function;
                self.attribute(f, function, name, site)
            }
            V::Coll { .. }
            | V::Seq { .. }
            | V::Dict { .. }
            | V::Str(_)
            | V::Int(_)
            | V::Bool(_)
            | V::Scalar(_)
            | V::Pending { .. } => self.make(V::Method(object, name)),
            _ => Val::UNKNOWN,
        }
    }

    pub(super) fn instance_attribute(
        &mut self,
        f: &mut Frame,
        object: Val,
        class: ObjectId,
        name: Sym,
        site: Site,
    ) -> Val {
        if name == self.names.class {
            return self.make(V::Heap(class));
        }
        if name == self.names.dict {
            return Val::UNKNOWN;
        }
        if let Some(member) = self.ev.mro_attribute(class, name) {
            if let Some(Object::Property(getter)) = self.ev.obj(member) {
                let getter = *getter;
                let getter = self.heap(getter);
                return self.call(f, getter, Args::of(vec![object]), site);
            }
            let plain = !matches!(
                self.ev.obj(member),
                Some(
                    Object::Function(_)
                        | Object::Static(_)
                        | Object::ClassMethod(_)
                        | Object::Native(_)
                        | Object::Property(_)
                )
            );
            if !plain {
                return self.bind_member(member, object);
            }
            // A default of a field says less than its annotation; a class says more than `type[...]`.
            let is_class = matches!(self.ev.obj(member), Some(Object::Class(_)));
            return match self.field_type(class, name) {
                Some(typed) if !is_class && typed != Val::UNKNOWN => {
                    self.left_out(f, object, (class, name), typed, site);
                    typed
                }
                _ => self.heap(member),
            };
        }
        if let Some(typed) = self.field_type(class, name) {
            self.left_out(f, object, (class, name), typed, site);
            return typed;
        }
        if let Some(getter) = self.ev.mro_attribute(class, self.names.getattr)
            && self.ev.function(getter).is_some_and(|(_, function)| !self.ev.is_model(function.module))
        {
            let bound = self.bind_member(getter, object);
            let text = self.make(V::Str(name));
            return self.call(f, bound, Args::of(vec![text]), site);
        }
        Val::UNKNOWN
    }

    pub(super) fn heap_attribute(&mut self, f: &mut Frame, object: Val, id: ObjectId, name: Sym, site: Site) -> Val {
        match self.ev.object(id) {
            Object::Instance { class, attrs, .. } => {
                let class = *class;
                if let Some(value) = self.given(f, id, name) {
                    return value;
                }
                if let Some(value) = attrs.get(&name).copied() {
                    if value == Value::None && self.is_filled_by_a_method(f, class, name) {
                        return Val::UNKNOWN;
                    }
                    return self.heap(value);
                }
                if let Some(value) = L::attribute(self, f, object, name, site) {
                    return value;
                }
                self.instance_attribute(f, object, class, name, site)
            }
            Object::Class(_) => {
                if let Some(value) = L::class_attribute(self, id, name) {
                    return value;
                }
                match self.ev.mro_attribute(id, name) {
                    Some(member) => match self.ev.obj(member) {
                        Some(Object::ClassMethod(function)) => {
                            let function = *function;
                            let function = self.heap(function);
                            self.make(V::Bound(object, function))
                        }
                        Some(Object::Static(function)) => {
                            let function = *function;
                            self.heap(function)
                        }
                        _ => self.heap(member),
                    },
                    None if name == self.names.name => {
                        let name = self.ev.class(Value::Obj(id)).map(|class| class.name);
                        name.map_or(Val::UNKNOWN, |name| self.make(V::Str(name)))
                    }
                    None if self.ev.class(Value::Obj(id)).is_some_and(|class| class.site.is_none()) => {
                        self.make(V::Method(object, name))
                    }
                    None => Val::UNKNOWN,
                }
            }
            Object::List(..) | Object::Tuple(_) | Object::Dict(_) | Object::Set(_) => {
                self.make(V::Method(object, name))
            }
            _ => {
                let module = match self.ev.object(id) {
                    Object::Module(module) => Some(*module),
                    _ => None,
                };
                self.ev.refuel();
                match self.ev.peek_attribute(Value::Obj(id), name) {
                    Some(Value::None) if module.is_some_and(|module| self.is_filled_later(f, module, name)) => {
                        Val::UNKNOWN
                    }
                    Some(value) => self.heap(value),
                    None => Val::UNKNOWN,
                }
            }
        }
    }

    pub(super) fn super_attribute(
        &mut self,
        f: &mut Frame,
        class: ObjectId,
        receiver: Val,
        name: Sym,
        site: Site,
    ) -> Val {
        let own = match self.v(receiver) {
            V::Heap(id) if matches!(self.ev.object(*id), Object::Class(_)) => Some(*id),
            _ => self.class_of(receiver),
        };
        let Some(own) = own.and_then(|own| self.ev.class(Value::Obj(own))) else { return Val::UNKNOWN };
        let after = own.mro.iter().position(|parent| *parent == class).map_or(0, |at| at + 1);
        let rest = own.mro[after..].to_vec();
        for parent in rest {
            if let Some(found) = self.ev.own_attr(parent, name) {
                if let Some(Object::Property(getter)) = self.ev.obj(found) {
                    let getter = *getter;
                    let getter = self.heap(getter);
                    return self.call(f, getter, Args::of(vec![receiver]), site);
                }
                return self.bind_member(found, receiver);
            }
        }
        if self.is_plain_access(name) {
            return self.make(V::Method(receiver, name));
        }
        Val::NONE
    }
}
