//! Functions and methods of a service that no request was seen to reach: jobs, consumers, and what others call in ways
//! that are not followed.

use architect_python::{FunctionNode, Object, ObjectId, Value};
use rustc_hash::{FxHashMap, FxHashSet};

use super::is_own;
use crate::recognise::Recogniser;

/// Those that may be called from outside: at the top of modules first, then methods by the order of their names' openness.
///
/// What nothing of the service names is left out: it runs for nobody.
pub(super) fn functions(recogniser: &Recogniser<'_>) -> Vec<ObjectId> {
    let machine = &recogniser.machine;
    let program = machine.program;
    let own: FxHashSet<_> = program.project_modules.iter().filter(|id| is_own(program.module(**id))).collect();
    let speaks = |id: &architect_python::ModuleId| {
        let module = program.module(*id);
        module.text.contains("session") || module.text.contains("select(")
    };
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
        if !speaks(&function.module) || def.name.starts_with("__") || rows.contains(&owner) {
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
