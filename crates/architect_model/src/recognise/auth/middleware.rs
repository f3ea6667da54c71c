//! Middleware that refuses callers without credentials, and the paths it lets through: those that its code names, in
//! itself or in what it asks for a yes or no.

use architect_python::{
    CallArgs, DictKey, Evaluator, ModuleKind, Object, ObjectId, Site, Strings, Value, body, strings,
};
use rustc_hash::FxHashMap;

use super::super::Recogniser;
use crate::service::Named;

/// A middleware that refuses callers, and the paths it lets through.
#[derive(Clone, Debug)]
pub(crate) struct MiddlewareGuard {
    pub(super) by: Named,
    /// Paths and prefixes that its code names, which it lets through.
    open: Vec<String>,
    /// Those that it asks for before it refuses anybody; all where there are none.
    closed: Vec<String>,
}

impl MiddlewareGuard {
    pub(super) fn guards(&self, path: &str) -> bool {
        let is_below = |named: &String| path == named || named.len() > 1 && path.starts_with(named.as_str());
        let is_closed = self.closed.is_empty() || self.closed.iter().any(|named| is_below(named) || named == "/");
        is_closed && !self.open.iter().any(is_below)
    }
}

impl Recogniser<'_> {
    /// Middleware of an application that refuses callers without credentials.
    pub(in crate::recognise) fn read_middleware_guards(&mut self, app: Value) -> Vec<MiddlewareGuard> {
        let mut out = Vec::new();
        for entry in self.list_of(app, "user_middleware") {
            // What only exists under an unknown condition guards nothing for sure.
            if self.condition_of(entry).is_some() {
                continue;
            }
            let Some(class) = self.machine.get(entry, "cls") else { continue };
            let mut functions = Vec::new();
            match self.machine.obj(class) {
                Some(Object::Class(_)) => {
                    let made = self.made_middleware(entry, class).unwrap_or(class);
                    functions.extend(["dispatch", "__call__"].iter().filter_map(|name| self.machine.get(made, name)));
                    if let Some(options) = self.machine.get(entry, "kwargs") {
                        functions.extend(self.machine.get_item(options, "dispatch"));
                    }
                }
                Some(Object::Function(_)) => functions.push(class),
                _ => {}
            }
            for function in functions {
                let guard = self.guard(function, 0);
                let (Some(place), Some(_)) = (guard.demands, guard.reads) else { continue };
                let name = self.machine.qualified_name(class).unwrap_or_default();
                let Strings { needed, others } = self.paths_in(function);
                let by = Named { name, location: Some(place) };
                out.push(MiddlewareGuard { by, open: others, closed: needed });
                break;
            }
        }
        out
    }

    /// The object that the application makes of a middleware of the project when it starts.
    fn made_middleware(&mut self, entry: Value, class: Value) -> Option<Value> {
        let site = self.machine.class(class)?.site?;
        if self.machine.program.module(site.module).kind != ModuleKind::Project {
            return None;
        }
        let mut args =
            CallArgs { pos: vec![self.machine.unknown("what a middleware stands before")], ..CallArgs::default() };
        args.pos.extend(self.list_of(entry, "args"));
        if let Some(Object::Dict(data)) = self.machine.get(entry, "kwargs").and_then(|kwargs| self.machine.obj(kwargs))
        {
            args.open = data.open;
            args.kw = data
                .items
                .iter()
                .filter_map(|(key, (_, value))| if let DictKey::Str(name) = key { Some((*name, *value)) } else { None })
                .collect();
        }
        let made = self.machine.build(class, args).ok()?;
        matches!(self.machine.obj(made), Some(Object::Instance { .. })).then_some(made)
    }

    /// Strings with a leading slash that a function holds, or a list it names, or what it asks for a yes or no; apart
    /// those without which it refuses nobody.
    fn paths_in(&mut self, function: Value) -> Strings {
        let receiver = receiver_of(&self.machine, function);
        let Some(body) = body(&mut self.machine, function, receiver, &[]) else { return Strings::default() };
        let mut places = Vec::new();
        for raised in &body.raises {
            if self.refuses(raised) {
                places.push(raised.site);
            }
        }
        for returned in &body.returns {
            if self.is_refusing_response(returned) {
                places.push(returned.site);
            }
        }
        let mut answers: FxHashMap<Site, Vec<String>> = FxHashMap::default();
        for call in &body.calls {
            let Some(callee) = call.callee else { continue };
            let Some((_, object)) = self.machine.function(callee) else { continue };
            if self.machine.is_model(object.module) || self.is_of_library(callee) {
                continue;
            }
            let guard = self.guard(callee, 0);
            if guard.refuses.is_some() {
                places.push(call.site);
            } else if guard.reads.is_none()
                && let Some(returns) = self.machine.signature(callee).and_then(|sig| sig.returns)
                && self.machine.type_text(returns) == "bool"
            {
                let of = receiver_of(&self.machine, callee);
                let found = strings(&mut self.machine, callee, of, &[], &FxHashMap::default());
                answers.insert(call.site, found.others);
            }
        }
        let mut out = strings(&mut self.machine, function, receiver, &places, &answers);
        for list in [&mut out.needed, &mut out.others] {
            list.retain(|text| text.starts_with('/') && !text.contains(char::is_whitespace));
        }
        out
    }
}

/// What a method is bound to.
fn receiver_of(machine: &Evaluator<'_>, method: Value) -> Option<ObjectId> {
    match machine.obj(method)? {
        Object::Bound { receiver: Value::Obj(id), .. } => Some(*id),
        _ => None,
    }
}
