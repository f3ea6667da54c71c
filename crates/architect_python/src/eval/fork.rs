//! Branches that may both be taken: each runs on the heap as it is, and what they leave behind is joined.

use rustc_hash::FxHashMap;

use super::{Branch, Condition, End, Eval, Evaluator, Flow, Frame, Place};
use crate::value::{DictKey, Object, ObjectId, Site, Sym, Value};

impl<'a> Evaluator<'a> {
    /// Runs each branch on a heap as it is now, each under the unknown condition tested at `site`, and joins what they
    /// leave behind. Mutations of containers accumulate; bindings that differ become alternatives.
    pub(crate) fn fork(&mut self, frame: &mut Frame, site: Site, branches: &mut [&mut Branch<'_, 'a>]) -> Eval<End> {
        let condition = u32::try_from(self.conditions.len()).unwrap_or(u32::MAX);
        let enclosing = self.active_condition();
        self.conditions.push(Condition { site, enclosing, follows: false });
        let mut live: Vec<FxHashMap<Place, Value>> = Vec::new();
        let mut raised = None;
        let mut any_return = Vec::new();
        let mut ends = Vec::new();
        // The condition on which what follows hangs, where one branch leaves the function, the loop or the turn.
        let outer = self.active_conditions.len();
        let mut doubt = None;
        let mut touched: indexmap::IndexSet<Place, rustc_hash::FxBuildHasher> = indexmap::IndexSet::default();
        let total = branches.len();
        for branch in branches.iter_mut() {
            self.journal.push(Vec::new());
            let born = (self.heap.len(), self.envs.len());
            self.active_conditions.push(condition);
            let result = branch(self, frame);
            doubt = doubt.or(self.active_conditions.get(outer + 1).copied());
            self.active_conditions.truncate(outer);
            let mut writes = self.journal.pop().unwrap_or_default();
            // What the branch made is as it made it: nobody else knew it before.
            writes.retain(|(place, _)| match place {
                Place::Attr(id, _) | Place::Item(id, _) => (id.0 as usize) < born.0,
                Place::Env(env, _) => (env.0 as usize) < born.1,
                Place::Global(..) => true,
            });
            // What a branch wrote has to be undone and joined: that is work, too.
            let work = writes.len() as u64;
            self.fuel = self.fuel.saturating_sub(work);
            self.total = self.total.saturating_sub(work);
            let mut finals = FxHashMap::default();
            for (place, _) in &writes {
                if let Some(value) = self.read_place(place) {
                    finals.insert(place.clone(), value);
                }
            }
            for (place, old) in writes.into_iter().rev() {
                self.restore(&place, old);
                touched.insert(place);
            }
            match result {
                Ok(End::Return(value)) => any_return.push(value),
                Ok(end) => {
                    frame.breaks += u32::from(matches!(end, End::Break));
                    ends.push(end);
                    live.push(finals);
                }
                Err(Flow::Raise(value)) => raised = Some(value),
                Err(Flow::Exhausted) => return Err(Flow::Exhausted),
            }
        }
        if live.is_empty() {
            if any_return.len() == total || (!any_return.is_empty()) {
                let value = self.alternatives(any_return);
                return Ok(End::Return(value));
            }
            return Err(Flow::Raise(raised.unwrap_or(Value::None)));
        }
        let returns = !any_return.is_empty();
        frame.returns.extend(any_return);
        for place in touched {
            let base = self.read_place(&place);
            let mut values: Vec<Value> = Vec::new();
            for finals in &live {
                if let Some(value) = finals.get(&place).copied().or(base)
                    && !values.contains(&value)
                {
                    values.push(value);
                }
            }
            if !values.is_empty() {
                let joined = self.alternatives(values);
                self.write_place(&place, joined);
            }
        }
        let goes_on = ends.iter().filter(|end| matches!(end, End::Normal)).count();
        let leaves = goes_on < ends.len() || returns;
        if (leaves || doubt.is_some()) && !self.is_model(frame.module) {
            let site = self.condition(doubt.unwrap_or(condition));
            let follows = u32::try_from(self.conditions.len()).unwrap_or(u32::MAX);
            self.conditions.push(Condition { site, enclosing, follows: true });
            self.active_conditions.push(follows);
        }
        Ok(match ends.first() {
            Some(first @ (End::Break | End::Continue)) if goes_on == 0 => {
                let differ = ends.iter().any(|end| std::mem::discriminant(end) != std::mem::discriminant(first));
                if differ { End::Continue } else { *first }
            }
            _ => End::Normal,
        })
    }

    pub(super) fn read_place(&self, place: &Place) -> Option<Value> {
        match place {
            Place::Env(env, name) => self.envs[env.0 as usize].vars.iter().find(|(n, _)| n == name).map(|(_, v)| *v),
            Place::Global(module, name) => self.modules.get(module.0 as usize)?.ns.get(name).copied(),
            Place::Attr(id, name) => self.own_attr(*id, *name),
            Place::Item(id, key) => match self.object(*id) {
                Object::Dict(data) => data.items.get(key).map(|(_, value)| *value),
                _ => None,
            },
        }
    }

    pub(crate) fn own_attr(&self, id: ObjectId, name: Sym) -> Option<Value> {
        match self.object(id) {
            Object::Class(class) => class.ns.get(&name).copied(),
            Object::Instance { attrs, .. } | Object::Opaque { attrs, .. } => attrs.get(&name).copied(),
            Object::Function(function) => function.attrs.get(&name).copied(),
            _ => None,
        }
    }

    pub(super) fn restore(&mut self, place: &Place, old: Option<Value>) {
        match (place, old) {
            (Place::Env(env, name), None) => self.envs[env.0 as usize].vars.retain(|(n, _)| n != name),
            (Place::Global(module, name), None) => {
                self.state(*module).ns.shift_remove(name);
            }
            (Place::Attr(id, name), None) => match self.object_mut(*id) {
                Object::Class(class) => {
                    class.ns.shift_remove(name);
                }
                Object::Instance { attrs, .. } | Object::Opaque { attrs, .. } => {
                    attrs.shift_remove(name);
                }
                Object::Function(function) => {
                    function.attrs.shift_remove(name);
                }
                _ => {}
            },
            (Place::Item(id, key), None) => {
                if let Object::Dict(data) = self.object_mut(*id) {
                    data.items.shift_remove(key);
                }
            }
            (place, Some(value)) => self.put(place, value),
        }
    }

    pub(super) fn put(&mut self, place: &Place, value: Value) {
        match place {
            Place::Env(env, name) => {
                let vars = &mut self.envs[env.0 as usize].vars;
                match vars.iter_mut().find(|(n, _)| n == name) {
                    Some(slot) => slot.1 = value,
                    None => vars.push((*name, value)),
                }
            }
            Place::Global(module, name) => {
                self.state(*module).ns.insert(*name, value);
            }
            Place::Attr(id, name) => {
                let name = *name;
                match self.object_mut(*id) {
                    Object::Class(class) => {
                        class.ns.insert(name, value);
                    }
                    Object::Instance { attrs, .. } | Object::Opaque { attrs, .. } => {
                        attrs.insert(name, value);
                    }
                    Object::Function(function) => {
                        function.attrs.insert(name, value);
                    }
                    _ => {}
                }
            }
            Place::Item(id, key) => {
                if let Object::Dict(data) = self.object_mut(*id) {
                    match data.items.get_mut(key) {
                        Some(slot) => slot.1 = value,
                        None => {
                            let original = match key {
                                DictKey::Str(sym) => Value::Str(*sym),
                                DictKey::Int(int) => Value::Int(*int),
                                DictKey::Obj(id) => Value::Obj(*id),
                                _ => Value::None,
                            };
                            data.items.insert(key.clone(), (original, value));
                        }
                    }
                }
            }
        }
    }

    pub(super) fn write_place(&mut self, place: &Place, value: Value) {
        let old = self.read_place(place);
        self.put(place, value);
        self.record(place.clone(), old);
    }
}
