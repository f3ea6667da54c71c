//! Facts beside the route table: routers that are never included, handlers around a yield, direct calls.

use std::sync::Arc;

use architect_python::{Object, ObjectId, Site, Value, call_sites, handlers_around_yield};
use architect_source::Edit;

use rustc_hash::{FxHashMap, FxHashSet};

use super::Recogniser;
use super::discover::is_aside;
use crate::service::{DependencyFunction, DirectCall, Reach, Registration, Route, Router, YieldHandler};

/// Replaces the identity of the router a route was registered on by its place in the list.
fn place_routers(routes: &mut [Route], indices: &FxHashMap<usize, usize>) {
    for route in routes {
        route.router = route.router.and_then(|router| indices.get(&router).copied());
        place_routers(&mut route.routes, indices);
    }
}

/// Methods of applications and routers that take an endpoint after a path.
const REGISTERS: &[&str] = &[
    "get",
    "post",
    "put",
    "patch",
    "delete",
    "head",
    "options",
    "trace",
    "api_route",
    "route",
    "websocket",
    "websocket_route",
];

impl Recogniser<'_> {
    /// Endpoints of the project whose decorator is of an application or a router that is not read.
    pub(super) fn read_lost_endpoints(&mut self) {
        let mut registered: FxHashMap<Site, String> = FxHashMap::default();
        for (_, object) in self.machine.objects() {
            let Object::Opaque { callee, args, site, .. } = object else { continue };
            let Some((owner, method)) = self.machine.unread_path(*callee).and_then(|path| path.rsplit_once('.')) else {
                continue;
            };
            let path = args.pos.first().and_then(|path| self.machine.text(*path));
            // What a class that is not read makes may be anything; what is imported and gets a path tells more.
            if !owner.contains("()") && REGISTERS.contains(&method) && path.is_some_and(|path| path.starts_with('/')) {
                registered.insert(*site, owner.to_owned());
            }
        }
        if registered.is_empty() {
            return;
        }
        let mut lost = Vec::new();
        for (id, object) in self.machine.objects() {
            let Object::Function(function) = object else { continue };
            for range in function.node.decorators() {
                let site = Site { module: function.module, range };
                let Some(owner) = registered.get(&site) else { continue };
                let place = self.location(site);
                if let Some(name) = self.machine.qualified_name(Value::Obj(id)).filter(|_| !is_aside(&place.path)) {
                    lost.push((name, format!("{owner} is not read"), place));
                }
            }
        }
        for (name, why, place) in lost {
            let resolve = self.resolution(&why);
            self.unknown(format!("the route of {name}"), why, resolve, Some(place));
        }
    }

    /// Routers of the project that have routes of their own, and whether an application serves them.
    pub(super) fn read_routers(&mut self) {
        let routers: Vec<(ObjectId, Site)> = self
            .machine
            .objects()
            .filter_map(|(id, object)| match object {
                Object::Instance { class, site, .. }
                    if self.derives(Value::Obj(*class), "APIRouter") && !self.machine.is_model(site.module) =>
                {
                    Some((id, *site))
                }
                _ => None,
            })
            .collect();
        let names = self.bound_names();
        let mut doubt = None;
        let mut indices: FxHashMap<usize, usize> = FxHashMap::default();
        for (id, site) in routers {
            let value = Value::Obj(id);
            let registered = self.list_of(value, "registered");
            if registered.is_empty() {
                continue;
            }
            let location = self.location(site);
            // The name it has where it is made says more than an alias elsewhere.
            let home = format!("{}:", self.machine.program.module(site.module).name);
            let mut own = names.iter().filter(|(object, _)| *object == id).map(|(_, name)| name);
            let first = own.clone().next();
            let name = own.find(|name| name.starts_with(&home)).or(first).cloned();
            let may_escape = name.is_none();
            let copied_by = self.list_of(value, "copied_by");
            let aside = is_aside(&location.path) || !self.service_file(&location);
            let reach = if self.service.applications.is_empty() {
                Reach::NoApplication
            } else if self.served.contains(&id) || !copied_by.is_empty() {
                Reach::Served
            } else if !aside && doubt.get_or_insert_with(|| self.doubt_about_includes()).is_about(id) {
                Reach::Unclear
            } else {
                Reach::NeverIncluded
            };
            // A decorator for classes of endpoints takes their routes out and registers them anew.
            let object = |route: &Value| if let Value::Obj(id) = route { Some(*id) } else { None };
            let routes: FxHashSet<ObjectId> = self.list_of(value, "routes").iter().filter_map(object).collect();
            let kept = |route: &Value| object(route).is_some_and(|id| routes.contains(&id));
            let rearranged = registered.iter().any(&kept);
            let mut registrations = Vec::new();
            for (at, route) in registered.iter().enumerate() {
                if rearranged && !kept(route) {
                    continue;
                }
                let Some(place) = self.registration_site(*route) else { continue };
                let methods = self.methods_of(*route);
                let path = self.text_of(*route, "path").unwrap_or_default();
                let endpoint = self
                    .machine
                    .get(*route, "endpoint")
                    .and_then(|value| self.machine.qualified_name(value))
                    .unwrap_or_default();
                let early = copied_by.iter().copied().find(|marker| {
                    matches!(self.machine.get(*marker, "copied"), Some(Value::Int(count)) if usize::try_from(count).is_ok_and(|count| at >= count))
                });
                let late_only = copied_by.len() == 1;
                let added_after_include = early.filter(|_| late_only).and_then(|marker| self.registration_site(marker));
                registrations.push(Registration { methods, path, endpoint, location: place, added_after_include });
            }
            let name = name.unwrap_or_else(|| location.to_string());
            indices.insert(id.0 as usize, self.service.routers.len());
            self.service.routers.push(Router { name, location, reach, registrations, aside, may_escape });
        }
        for application in &mut self.service.applications {
            place_routers(&mut application.routes, &indices);
        }
    }

    fn service_file(&self, location: &architect_source::Location) -> bool {
        self.machine.program.project_modules.iter().any(|id| self.machine.program.module(*id).path == location.path)
    }

    pub(super) fn bound_names(&mut self) -> Vec<(ObjectId, String)> {
        let mut out = Vec::new();
        for id in self.machine.program.project_modules.clone() {
            let module = self.machine.program.module(id).name.clone();
            for (name, value) in self.machine.module_names(id) {
                if let Value::Obj(object) = value {
                    out.push((object, format!("{module}:{name}")));
                }
            }
        }
        out
    }

    /// Dependencies and the handlers around their yields.
    pub(super) fn read_dependency_functions(&mut self) {
        let mut uses: Vec<(ObjectId, usize)> = self.dependency_uses.iter().map(|(id, count)| (*id, *count)).collect();
        uses.sort();
        for (id, used_by) in uses {
            let value = Value::Obj(id);
            let (Some(location), Some(name)) = (self.definition(value), self.machine.qualified_name(value)) else {
                continue;
            };
            let Some((_, function)) = self.machine.function(value) else { continue };
            let (module, env, node) = (function.module, function.env, function.node);
            let mut handlers = Vec::new();
            for handler in handlers_around_yield(node) {
                let catches: Vec<String> = match handler.catches_range {
                    Some(range) => {
                        let text = &self.machine.program.module(module).text;
                        let text = text.get(usize::from(range.start())..usize::from(range.end())).unwrap_or_default();
                        text.trim_matches(['(', ')'])
                            .split(',')
                            .map(|part| part.trim().to_owned())
                            .filter(|part| !part.is_empty())
                            .collect()
                    }
                    None => Vec::new(),
                };
                let catches_http_exceptions = match handler.catches {
                    None => true,
                    Some(expr) => {
                        let class = self.machine.annotation(expr, module, env, None);
                        class.is_some_and(|class| self.catches_http(class))
                    }
                };
                let location = self.location(Site { module, range: handler.range });
                let raise = handler.append(&self.machine.program.module(module).text, "raise");
                let raise =
                    raise.map(|(at, content)| Edit { path: Arc::clone(&location.path), start: at, end: at, content });
                handlers.push(YieldHandler {
                    raise,
                    catches,
                    catches_http_exceptions,
                    always_raises: handler.always_raises,
                    location,
                    yield_location: self.location(Site { module, range: handler.yield_range }),
                });
            }
            self.service.dependency_functions.push(DependencyFunction {
                name,
                location,
                used_by,
                handlers_around_yield: handlers,
            });
        }
    }

    fn catches_http(&mut self, class: Value) -> bool {
        if let Some(Object::Tuple(parts)) = self.machine.obj(class) {
            return parts.clone().into_iter().any(|part| self.catches_http(part));
        }
        let http =
            self.machine.import("fastapi.exceptions").and_then(|module| self.machine.get(module, "HTTPException"));
        http.is_some_and(|http| self.machine.is_subclass(http, class) == Some(true))
    }

    /// Calls of endpoints and dependencies that leave out parameters whose defaults are markers.
    pub(super) fn read_direct_calls(&mut self) {
        for id in self.machine.program.project_modules.clone() {
            let module = self.machine.program.module(id);
            let in_tests = is_aside(&module.path);
            let (name, path) = (module.name.clone(), module.path.clone());
            let _ = path;
            for site in call_sites(&mut self.machine, id) {
                let Some((_, function)) = self.machine.function(site.callee) else { continue };
                if self.machine.is_model(function.module) || site.open {
                    continue;
                }
                if !function
                    .defaults
                    .iter()
                    .any(|(_, default)| self.is_a(*default, "Param") || self.is_a(*default, "Depends"))
                {
                    continue;
                }
                let Some(sig) = self.machine.signature(site.callee) else { continue };
                let mut missing = Vec::new();
                for (at, param) in sig.params.iter().enumerate() {
                    let Some(default) = param.default else { continue };
                    let given = (matches!(
                        param.kind,
                        architect_python::ParamKind::Normal | architect_python::ParamKind::PositionalOnly
                    ) && at < site.positional)
                        || site.keywords.iter().any(|keyword| keyword == self.machine.names.text(param.name));
                    if given || !(self.is_a(default, "Param") || self.is_a(default, "Depends")) {
                        continue;
                    }
                    let marker = match self.machine.obj(default) {
                        Some(Object::Instance { class, .. }) => self
                            .machine
                            .class(Value::Obj(*class))
                            .map(|class| self.machine.names.text(class.name).to_owned()),
                        _ => None,
                    };
                    missing.push((self.machine.names.text(param.name).to_owned(), marker.unwrap_or_default()));
                }
                let (Some(callee), Some(callee_location)) =
                    (self.machine.qualified_name(site.callee), self.definition(site.callee))
                else {
                    continue;
                };
                if !missing.is_empty() {
                    let location = self.location(Site { module: id, range: site.range });
                    let caller = format!("{name}:{}", site.caller);
                    self.service.direct_calls.push(DirectCall {
                        callee,
                        callee_location,
                        caller,
                        missing,
                        location,
                        in_tests,
                    });
                }
            }
        }
    }
}
