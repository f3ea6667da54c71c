//! Functions and methods of a service that no request was seen to reach: jobs, consumers, and what others call in ways
//! that are not followed.

use architect_python::flow::{Frame, Size, SummaryId, V, Val};
use architect_python::{FunctionNode, ModuleId, Object, ObjectId, Site, Sym, Value};
use rustc_hash::{FxHashMap, FxHashSet};

use super::{Walk, is_own, speaks_of_database};
use crate::recognise::Recogniser;

/// Functions at the top of modules, then methods, those last whose names say that they are nobody else's: by then most of
/// them were called.
///
/// What nothing of the service names is left out: it runs for nobody.
pub(super) fn functions(recogniser: &Recogniser<'_>) -> Vec<ObjectId> {
    let machine = &recogniser.machine;
    let program = machine.program;
    let own: FxHashSet<_> = program.project_modules.iter().filter(|id| is_own(program.module(**id))).collect();
    let rows = classes_of_rows(recogniser);
    let (mut free, mut open, mut hidden) = (Vec::new(), Vec::new(), Vec::new());
    // Functions as they are written: a decorator may register one and leave nothing under its name.
    for (id, object) in machine.objects() {
        let Object::Function(function) = object else { continue };
        let FunctionNode::Def(def) = function.node else { continue };
        if function.env.is_some() || !own.contains(&function.module) {
            continue;
        }
        let candidate = Candidate { id, name: &def.name, is_decorated: !def.decorator_list.is_empty() };
        let Some(owner) = function.owner else {
            free.push(candidate);
            continue;
        };
        // Rows and models are what others work with; what they do is seen where it is done.
        if !speaks_of_database(program.module(function.module)) || def.name.starts_with("__") || rows.contains(&owner) {
            continue;
        }
        let first = def.parameters.iter().next().map(|one| one.name().as_str());
        if first == Some("self") {
            if def.name.starts_with('_') { hidden.push(candidate) } else { open.push(candidate) }
        }
    }
    let all: Vec<Candidate<'_>> = free.into_iter().chain(open).chain(hidden).collect();
    // How often each name stands anywhere, and how often in a definition.
    let mut times: FxHashMap<&str, (u32, u32)> = FxHashMap::default();
    for one in &all {
        times.entry(one.name).or_default().1 += 1;
    }
    for module in own.iter().map(|id| program.module(**id)) {
        for word in module.text.split(|letter: char| !letter.is_alphanumeric() && letter != '_') {
            if let Some((times, _)) = times.get_mut(word) {
                *times += 1;
            }
        }
    }
    let is_named = |one: &Candidate<'_>| {
        // Decorators hand a function to somebody, and programs start with what is called like this.
        one.is_decorated
            || matches!(one.name, "main" | "run" | "handler" | "lambda_handler")
            || times.get(one.name).is_some_and(|(times, written)| times > written)
    };
    all.into_iter().filter(is_named).map(|one| one.id).collect()
}

struct Candidate<'a> {
    id: ObjectId,
    name: &'a str,
    is_decorated: bool,
}

/// Mapped classes, models, and all they derive from.
fn classes_of_rows(recogniser: &Recogniser<'_>) -> FxHashSet<ObjectId> {
    let machine = &recogniser.machine;
    let mapped: FxHashSet<u32> = recogniser.service.mappers.iter().map(|mapper| mapper.key.0).collect();
    let mut out = FxHashSet::default();
    for (id, object) in machine.objects() {
        let Object::Class(class) = object else { continue };
        let is_row = mapped.contains(&id.0) || machine.is_subclass_of_named(Value::Obj(id), "BaseModel");
        if is_row {
            out.insert(id);
            out.extend(&class.mro);
        }
    }
    out
}

impl Walk<'_, '_, '_> {
    /// A function that starts by itself: its parameters are known by their types.
    pub(super) fn function(&mut self, id: ObjectId) -> SummaryId {
        let value = Value::Obj(id);
        let Some((_, function)) = self.m.ev.function(value) else {
            return self.m.keep("", ModuleId(0), Site::nowhere().range, Vec::new(), Val::NONE);
        };
        let (module, range, owner) = (function.module, function.node.range(), function.owner);
        let site = Site { module, range: self.m.head_of(value).unwrap_or(range) };
        let mut f = Frame::new(module);
        f.is_async = true;
        let receiver = owner.map(|class| self.receiver(&mut f, class, site));
        self.invoke_on(&mut f, value, receiver, site, 0, false);
        self.leave(&mut f);
        let name = self.m.ev.qualified_name(value).unwrap_or_default();
        self.m.keep(&name, module, range, f.into_nodes(), Val::NONE)
    }

    /// An object that methods are called on by others: made as its class says, and filled since then.
    fn receiver(&mut self, f: &mut Frame, class: ObjectId, site: Site) -> Val {
        f.open();
        let made = self.invoke(f, Value::Obj(class), site, 0, false);
        f.close();
        let (tag, place, attrs) = match self.m.v(made).clone() {
            V::Inst { class: of, tag, site, attrs } if of == class => (tag, site, attrs),
            _ => (0, Some(site), Box::default()),
        };
        let attrs: Vec<(Sym, Val)> = attrs
            .iter()
            .map(|(name, value)| match self.m.v(*value) {
                V::Seq { items, tuple: false, .. } if items.is_empty() => {
                    (*name, self.m.coll(Val::UNKNOWN, Size::Unknown, None))
                }
                V::Dict { items, .. } if items.is_empty() => (*name, Val::UNKNOWN),
                _ => (*name, *value),
            })
            .collect();
        self.m.make(V::Inst { class, tag, site: place, attrs: attrs.into() })
    }
}
