//! Which routers applications serve, and whether anything that may serve others was not followed.

use std::collections::BTreeSet;

use architect_python::{Object, ObjectId, Site, Value, method_calls};
use rustc_hash::FxHashSet;

use super::Recogniser;
use super::discover::is_aside;

/// Includes and mounts deeper than this, and more routes than these, are not compared.
const MAX_COMPARED_DEPTH: u32 = 30;
const MAX_COMPARED: usize = 5000;

/// A route as callers meet it: its path, its methods, and what they have to pass before it.
type Face = (String, Vec<String>, BTreeSet<String>);

/// What may include routers that no application is known to include.
#[derive(Debug, Default)]
pub(super) struct Doubt {
    /// Any router may be included there.
    any: bool,
    /// These may.
    routers: FxHashSet<ObjectId>,
}

impl Doubt {
    pub(super) fn is_about(&self, router: ObjectId) -> bool {
        self.any || self.routers.contains(&router)
    }
}

impl Recogniser<'_> {
    /// Routers whose routes these applications serve, through includes, mounts and routes handed over one by one.
    pub(super) fn routers_of(&mut self, applications: &[ObjectId]) -> FxHashSet<ObjectId> {
        let mut seen: FxHashSet<ObjectId> = applications.iter().copied().collect();
        let mut waiting: Vec<ObjectId> = applications.to_vec();
        while let Some(id) = waiting.pop() {
            let value = Value::Obj(id);
            let mut next: Vec<Option<Value>> = Vec::new();
            if self.is_a(value, "Starlette") {
                next.push(self.machine.get(value, "router"));
            } else if self.is_a(value, "Router") {
                next.extend(self.routes_of(value).into_iter().map(Some));
            } else if self.is_a(value, "_Included") {
                next.push(self.machine.get(value, "router"));
            } else if self.is_a(value, "Mount") {
                next.push(self.machine.get(value, "app"));
            } else {
                // An include may have copied a route, and a router registered it.
                for name in ["original", "registered_on", "include"] {
                    next.push(self.own_attribute(id, name));
                }
            }
            for value in next.into_iter().flatten() {
                if let Value::Obj(id) = value
                    && matches!(self.machine.obj(value), Some(Object::Instance { .. }))
                    && seen.insert(id)
                {
                    waiting.push(id);
                }
            }
        }
        seen
    }

    /// Whether an application serves anything otherwise than others do: below another path, or behind other dependencies.
    /// What is not known tells nothing apart.
    pub(super) fn is_another(&mut self, application: ObjectId, others: &[ObjectId]) -> bool {
        let place = self.place_of(Value::Obj(application));
        if others.iter().any(|other| *other == application || self.place_of(Value::Obj(*other)) == place) {
            return false;
        }
        let mut own = FxHashSet::default();
        self.faces(Value::Obj(application), "", &BTreeSet::new(), 0, &mut own);
        let mut known = FxHashSet::default();
        for other in others.iter().filter(|_| !own.is_empty()) {
            self.faces(Value::Obj(*other), "", &BTreeSet::new(), 0, &mut known);
        }
        own.len() < MAX_COMPARED && own.iter().any(|face| !known.contains(face))
    }

    fn faces(&mut self, of: Value, prefix: &str, behind: &BTreeSet<String>, depth: u32, out: &mut FxHashSet<Face>) {
        let router = self.machine.get(of, "router").filter(|_| self.is_a(of, "Starlette")).unwrap_or(of);
        if depth > MAX_COMPARED_DEPTH || !self.is_a(router, "Router") {
            return;
        }
        for route in self.routes_of(router) {
            if out.len() >= MAX_COMPARED {
                return;
            }
            let (name, inner) = match () {
                () if self.is_a(route, "_Included") => ("prefix", self.machine.get(route, "router")),
                () if self.is_a(route, "Mount") => ("path", self.machine.get(route, "app")),
                () if self.is_a(route, "APIRoute") || self.is_a(route, "APIWebSocketRoute") => ("path", None),
                () => continue,
            };
            let (Some(own), Some(behind)) = (self.text_of(route, name), self.with_dependencies(route, behind)) else {
                continue;
            };
            let path = format!("{prefix}{own}");
            match inner {
                Some(inner) if name == "path" => self.faces(inner, &path, &BTreeSet::new(), depth + 1, out),
                Some(inner) => self.faces(inner, &path, &behind, depth + 1, out),
                None => {
                    let methods = self.methods_of(route);
                    out.insert((path, methods, behind));
                }
            }
        }
    }

    /// Names of dependencies with those of a route or an include; nothing where they are not all known.
    fn with_dependencies(&mut self, of: Value, outer: &BTreeSet<String>) -> Option<BTreeSet<String>> {
        let mut out = outer.clone();
        if self.is_a(of, "Mount") {
            return Some(out);
        }
        let list = self.machine.get(of, "dependencies")?;
        let (markers, is_all) = self.machine.items(list).ok().flatten()?;
        for marker in markers {
            let call = self.machine.get(marker, "dependency")?;
            out.insert(self.machine.qualified_name(call)?);
        }
        is_all.then_some(out)
    }

    fn own_attribute(&self, id: ObjectId, name: &str) -> Option<Value> {
        let name = self.machine.names.lookup(name)?;
        match self.machine.obj(Value::Obj(id))? {
            Object::Instance { attrs, .. } => attrs.get(&name).copied(),
            _ => None,
        }
    }

    /// Routers of the service with routes of their own that none of these applications serves.
    pub(super) fn unserved_routers(&mut self, applications: &[ObjectId]) -> FxHashSet<ObjectId> {
        let reached = self.routers_of(applications);
        let of_service = |site: Site| {
            !self.machine.is_model(site.module) && !is_aside(&self.machine.program.module(site.module).path)
        };
        let mut candidates = self.instances_of(&["APIRouter"]);
        candidates.retain(|router| match (router, self.machine.obj(*router)) {
            (Value::Obj(id), Some(Object::Instance { site, .. })) => {
                !reached.contains(id) && of_service(self.machine.origin(*router).unwrap_or(*site))
            }
            _ => false,
        });
        candidates.retain(|router| !self.list_of(*router, "registered").is_empty());
        candidates.into_iter().filter_map(|router| if let Value::Obj(id) = router { Some(id) } else { None }).collect()
    }

    /// What may include a router without our knowing: code of the service that includes something and did not run,
    /// an include of something that is not known, and routers that were handed to code that is not read.
    pub(super) fn doubt_about_includes(&mut self) -> Doubt {
        let mut doubt = Doubt { any: self.machine.exhausted(), routers: FxHashSet::default() };
        let mut parts: Vec<Value> = Vec::new();
        let name = self.machine.names.lookup("router");
        for (id, object) in self.machine.objects() {
            match object {
                Object::Instance { attrs, .. } if self.is_a(Value::Obj(id), "_Included") => {
                    match name.and_then(|name| attrs.get(&name).copied()) {
                        Some(Value::Unknown(_)) => doubt.any = true,
                        Some(value) => {
                            if let Some(Object::Alternatives(either)) = self.machine.obj(value) {
                                doubt.any |= either.iter().any(|part| matches!(part, Value::Unknown(_)));
                                parts.extend(either);
                            }
                        }
                        None => {}
                    }
                }
                Object::Opaque { args, .. } => {
                    parts.extend(&args.pos);
                    parts.extend(args.kw.iter().map(|(_, value)| *value));
                }
                _ => {}
            }
        }
        parts.extend(self.machine.handed_on());
        for part in parts {
            match self.machine.obj(part) {
                Some(Object::List(items, _) | Object::Tuple(items)) => {
                    doubt.routers.extend(items.iter().filter_map(|item| self.router(*item)));
                }
                Some(Object::Dict(data)) => {
                    doubt.routers.extend(data.items.values().filter_map(|(_, item)| self.router(*item)));
                }
                _ => doubt.routers.extend(self.router(part)),
            }
        }
        // Whoever serves a router serves what it includes.
        let handed: Vec<ObjectId> = doubt.routers.iter().copied().collect();
        doubt.routers.extend(self.routers_of(&handed));
        if doubt.any {
            return doubt;
        }
        let program = self.machine.program;
        for id in &program.project_modules {
            let module = program.module(*id);
            if is_aside(&module.path) {
                continue;
            }
            let calls = method_calls(module, "include_router");
            if let Some(range) =
                calls.into_iter().find(|range| !self.machine.has_called(Site { module: *id, range: *range }))
            {
                let site = Site { module: *id, range };
                let location = self.location(site);
                let test = self.machine.kept_by(site).and_then(|test| self.text_at(test));
                let (why, resolve) = match test.map(|test| test.split_whitespace().collect::<Vec<_>>().join(" ")) {
                    Some(test) => (
                        format!("`{}` decides against it", test.chars().take(120).collect::<String>()),
                        "pass --env where that hangs on a setting",
                    ),
                    None => (
                        "nothing calls this code when the service is imported".to_owned(),
                        "name the application with --app MODULE:NAME or MODULE:FACTORY()",
                    ),
                };
                self.unknown("the routers that are included here", why, resolve, Some(location));
                doubt.any = true;
            }
        }
        doubt
    }

    fn router(&self, value: Value) -> Option<ObjectId> {
        match value {
            Value::Obj(id) if self.is_a(value, "Router") => Some(id),
            _ => None,
        }
    }
}
