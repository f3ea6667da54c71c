//! What starting a program adds to what importing it built: routes that start-up code adds to an application, and
//! applications that programs, objects and commands make.
//!
//! Importing a service may not be all that happens before it serves. Start-up handlers and lifespans are run in any
//! case: they fill globals and `app.state` with what requests use, and add routes. Where routers of the service are
//! served by nothing then, or no application was built at all, what else runs when the service is started is run as well,
//! in the order in which it says how the service is meant to start: programs (`if __name__ == "__main__":`), functions
//! that hand something to a server. Classes that make applications, and did not yet, are made in any case.

use architect_python::{CallArgs, DictKey, ModuleId, ModuleKind, Object, ObjectId, Site, Value, is_program};

use rustc_hash::FxHashSet;

use super::Recogniser;
use super::discover::{FACTORY_NAMES, is_aside};

/// Programs, classes and functions of each kind that are tried at most.
const MAX_TRIED: usize = 12;
/// How code says that it hands something to a server.
const SERVES: &[&str] = &["uvicorn.run(", "uvicorn.Config(", "uvicorn.Server(", "hypercorn"];
/// A method that calls a method that calls … what makes an application: steps at most.
const MAX_CALLERS: usize = 8;

impl Recogniser<'_> {
    /// Starts what was found, and what makes what was not.
    pub(super) fn started(&mut self, candidates: &[ModuleId], found: &mut Vec<(String, ObjectId)>) {
        self.started_at = self.machine.newest();
        self.start_applications(found);
        if self.lacks(found) {
            self.start_programs(found);
        }
        for id in candidates {
            for (name, class) in self.makers(*id).into_iter().take(MAX_TRIED) {
                let module = self.machine.program.module(*id).name.clone();
                if let Some((behind, app)) = self.made_by_class(class)
                    && self.has_own_routes(app, found)
                {
                    found.push((format!("{module}:{name}(){behind}"), app));
                }
            }
        }
        if self.lacks(found) {
            self.start_servers(found);
        }
    }

    /// Starts applications that were asked for by name, unless looking for all of them has started these, too.
    pub(super) fn start_named(&mut self, found: &[(String, Value)]) {
        if self.started_at.is_some() {
            return;
        }
        self.started_at = self.machine.newest();
        let objects = found.iter().filter_map(|(name, value)| match value {
            Value::Obj(object) => Some((name.clone(), *object)),
            _ => None,
        });
        let objects: Vec<_> = objects.collect();
        self.start_applications(&objects);
    }

    /// Whether an application serves anything that others do not serve, or not in this way, beside its document.
    fn has_own_routes(&mut self, app: ObjectId, found: &[(String, ObjectId)]) -> bool {
        let known: Vec<ObjectId> = found.iter().map(|(_, object)| *object).collect();
        let (own, others) = (self.served_by(&[app]), self.served_by(&known));
        let place = self.place_of(Value::Obj(app));
        known.is_empty()
            || own.iter().any(|served| Some(*served) != place && !others.contains(served))
            || self.is_another(app, &known)
    }

    /// Whether there is no application, or routers that none of them serves.
    fn lacks(&mut self, found: &[(String, ObjectId)]) -> bool {
        found.is_empty() || !self.lacking(found).is_empty()
    }

    /// Where the code makes routers that none of these applications serves: what makes an application may make the same
    /// routers anew for it.
    fn lacking(&mut self, found: &[(String, ObjectId)]) -> FxHashSet<Site> {
        let known: Vec<ObjectId> = found.iter().map(|(_, object)| *object).collect();
        let unserved = self.unserved_routers(&known);
        let mut lacking = self.places_of(&unserved);
        if !lacking.is_empty() {
            let served = self.served_by(&known);
            lacking.retain(|place| !served.contains(place));
        }
        lacking
    }

    fn served_by(&mut self, applications: &[ObjectId]) -> FxHashSet<Site> {
        let served = self.routers_of(applications);
        self.places_of(&served)
    }

    fn places_of(&self, objects: &FxHashSet<ObjectId>) -> FxHashSet<Site> {
        objects.iter().filter_map(|id| self.place_of(Value::Obj(*id))).collect()
    }

    /// Takes applications that were made: where there are others already, those that serve what these do not.
    fn admit(&mut self, made: Vec<(String, ObjectId)>, found: &mut Vec<(String, ObjectId)>) {
        if found.is_empty() {
            found.extend(made);
            return;
        }
        let known: Vec<ObjectId> = found.iter().map(|(_, object)| *object).collect();
        let mut lacking = self.lacking(found);
        for (name, object) in made {
            let serves = self.served_by(&[object]);
            let before = lacking.len();
            lacking.retain(|place| !serves.contains(place));
            if lacking.len() < before && !known.contains(&object) {
                // The same code made it before with less known.
                let place = self.place_of(Value::Obj(object));
                let is_same = |(_, known): &(String, ObjectId)| self.place_of(Value::Obj(*known)) == place;
                match found.iter().position(|known| place.is_some() && is_same(known)) {
                    // One that may not be made says less.
                    Some(at) if self.condition_of(Value::Obj(object)).is_some() => {
                        let (_, known) = &found[at];
                        if self.condition_of(Value::Obj(*known)).is_some() {
                            found[at].1 = object;
                        }
                    }
                    Some(at) => found[at].1 = object,
                    None => found.push((name, object)),
                }
            }
        }
    }

    /// Whether what was made below a condition is there in any case.
    pub(super) fn is_settled(&self, value: Value, site: Site, condition: u32) -> bool {
        let Value::Obj(object) = value else { return false };
        self.machine.is_settled(object, self.machine.origin(value).unwrap_or(site), condition)
    }

    /// Routes of a router in their order. Where its list was replaced below a condition, those of each list; where code
    /// below a condition adds what the same code adds in any case, or several ways to start run the same code, only one of them.
    pub(super) fn routes_of(&mut self, router: Value) -> Vec<Value> {
        let Some(list) = self.machine.get(router, "routes") else { return Vec::new() };
        let lists = match self.machine.obj(list) {
            Some(Object::Alternatives(parts)) => parts.clone(),
            _ => vec![list],
        };
        let mut lists: Vec<Vec<Value>> = lists
            .into_iter()
            .filter_map(|list| self.machine.items(list).ok().flatten())
            .map(|(items, _)| items)
            .collect();
        // The order of the one that has most.
        lists.sort_by_key(|items| std::cmp::Reverse(items.len()));
        let mut seen: FxHashSet<DictKey> = FxHashSet::default();
        let mut routes: Vec<Value> = Vec::new();
        for items in lists {
            routes
                .extend(items.into_iter().filter(|route| self.machine.key(*route).is_some_and(|key| seen.insert(key))));
        }
        // What is certain comes first; code that an import ran adds as often as it says.
        let mut said = FxHashSet::default();
        let mut kept = vec![false; routes.len()];
        let unconditional: Vec<bool> = routes.iter().map(|route| self.condition_of(*route).is_none()).collect();
        for certain in [true, false] {
            for (at, route) in routes.iter().enumerate() {
                if unconditional[at] == certain {
                    let is_new = self.registered_as(*route).is_none_or(|registered| said.insert(registered));
                    kept[at] = is_new || certain && !self.is_of_start(*route);
                }
            }
        }
        let mut kept = kept.into_iter();
        routes.retain(|_| kept.next() == Some(true));
        routes
    }

    fn is_of_start(&self, route: Value) -> bool {
        matches!((route, self.started_at), (Value::Obj(id), Some(start)) if id > start)
    }

    /// What tells a registration from others: the code that made it, with the path and the methods, or the prefix and
    /// the router that it includes.
    fn registered_as(&self, route: Value) -> Option<(Site, Vec<DictKey>)> {
        let Object::Instance { attrs, site, .. } = self.machine.obj(route)? else { return None };
        let mut said = Vec::new();
        for name in ["path", "methods", "prefix", "router"] {
            let Some(value) = self.machine.names.lookup(name).and_then(|name| attrs.get(&name).copied()) else {
                continue;
            };
            match self.machine.obj(value) {
                Some(Object::List(items, _) | Object::Tuple(items)) => {
                    said.extend(items.iter().filter_map(|item| self.machine.key(*item)));
                }
                Some(Object::Set(data)) => said.extend(data.items.keys().cloned()),
                _ => said.extend(self.machine.key(value)),
            }
        }
        Some((self.machine.origin(route).unwrap_or(*site), said))
    }

    // -------------------------------------------------- start-up of applications

    /// Runs start-up handlers and lifespans.
    fn start_applications(&mut self, found: &[(String, ObjectId)]) {
        let known: Vec<ObjectId> = found.iter().map(|(_, object)| *object).collect();
        for app in known {
            let app = Value::Obj(app);
            let router = self.machine.get(app, "router").unwrap_or(app);
            let lifespan = self.machine.get(router, "lifespan").filter(|value| self.is_of_service(*value));
            if let Some(lifespan) = lifespan {
                self.machine.start_function(lifespan, CallArgs { pos: vec![app], ..CallArgs::default() });
            }
            for handler in self.list_of(router, "on_startup") {
                if self.is_of_service(handler) {
                    self.machine.start_function(handler, CallArgs::default());
                }
            }
        }
    }

    /// Whether a function stands in the project.
    fn is_of_service(&self, function: Value) -> bool {
        let module = self.machine.function(function).map(|(_, object)| object.module);
        module.is_some_and(|module| self.machine.program.module(module).kind == ModuleKind::Project)
    }

    // ------------------------------------------------------------------ programs

    /// Starts the programs of the project that may serve something.
    fn start_programs(&mut self, found: &mut Vec<(String, ObjectId)>) {
        let program = self.machine.program;
        let mut programs: Vec<(bool, ModuleId)> = Vec::new();
        for id in &program.project_modules {
            let module = program.module(*id);
            let says = says(&module.text, SERVES) || module.text.contains("FastAPI");
            let is_named = module.name.rsplit('.').next() == Some("__main__");
            if (says || is_named) && !is_aside(&module.path) && is_program(module) {
                programs.push((!says, *id));
            }
        }
        programs.sort();
        for (_, id) in programs.into_iter().take(MAX_TRIED) {
            let known: Vec<ObjectId> = self.applications_made().collect();
            self.machine.start_program(id);
            let made = self.nameless(&known);
            self.start_applications(&made);
            self.admit(made, found);
            if !self.lacks(found) {
                return;
            }
        }
    }

    /// Calls functions of the project that hand something to a server, commands for the most part.
    fn start_servers(&mut self, found: &mut Vec<(String, ObjectId)>) {
        let program = self.machine.program;
        let mut tried = 0;
        for id in &program.project_modules {
            let module = program.module(*id);
            if is_aside(&module.path) || !says(&module.text, SERVES) {
                continue;
            }
            self.machine.import(&module.name);
            for (_, value) in self.machine.module_names(*id) {
                let Some((_, function)) = self.machine.function(value) else { continue };
                let site = Site { module: function.module, range: function.node.range() };
                if site.module != *id || !self.text_at(site).is_some_and(|text| says(text, SERVES)) {
                    continue;
                }
                if self.machine.has_run(value) {
                    continue;
                }
                if tried == MAX_TRIED || !self.lacks(found) {
                    return;
                }
                tried += 1;
                let known: Vec<ObjectId> = self.applications_made().collect();
                let Some(args) = self.unknown_arguments(value) else { continue };
                self.machine.start_function(value, args);
                let made = self.nameless(&known);
                self.start_applications(&made);
                self.admit(made, found);
            }
        }
    }

    // ------------------------------------------------------------------- classes

    /// Classes of a module whose code makes an application, and did not yet.
    pub(super) fn makers(&mut self, id: ModuleId) -> Vec<(String, Value)> {
        if !self.machine.program.module(id).text.contains("FastAPI(") {
            return Vec::new();
        }
        let places: Vec<_> = self
            .applications_made()
            .filter_map(|app| self.place_of(Value::Obj(app)))
            .filter(|at| at.module == id)
            .collect();
        let mut out: Vec<(String, Value)> = Vec::new();
        for (name, value) in self.machine.module_names(id) {
            let site = self.machine.class(value).and_then(|class| class.site).filter(|site| site.module == id);
            let Some(site) = site else { continue };
            let has_run = places.iter().any(|place| site.range.contains_range(place.range));
            let makes = self.text_at(site).is_some_and(|text| text.contains("FastAPI("));
            if makes && !has_run && !self.derives(value, "FastAPI") && !out.iter().any(|(_, known)| *known == value) {
                out.push((name, value));
            }
        }
        out
    }

    /// The application that an object of a class makes when it is made, or by the method that is meant to, with what
    /// stands behind the call of the class in its name. Of what it is given nothing is known but defaults.
    fn made_by_class(&mut self, class: Value) -> Option<(String, ObjectId)> {
        let args = self.unknown_arguments(class).unwrap_or_default();
        let known: Vec<ObjectId> = self.applications_made().collect();
        let instance = self.machine.start_function(class, args)?;
        let own: Vec<ObjectId> = self.nameless(&known).into_iter().map(|(_, app)| app).collect();
        if let Some(app) = own.first() {
            let inside = self.inside(instance).into_iter().find(|(_, part)| part == app);
            return Some((inside.map(|(name, _)| name).unwrap_or_default(), *app));
        }
        let methods = self.making_methods(class);
        self.prepare(class, instance, &methods);
        for method in methods {
            let Some(bound) = self.machine.get(instance, &method) else { continue };
            let Some(args) = self.unknown_arguments(bound) else { continue };
            let made = self.machine.start_function(bound, args);
            let app = match made {
                Some(Value::Obj(app)) if self.is_a(Value::Obj(app), "FastAPI") => Some(app),
                _ => self.nameless(&known).into_iter().map(|(_, app)| app).next(),
            };
            if let Some(app) = app {
                return Some((format!(".{method}()"), app));
            }
        }
        None
    }

    /// Runs methods of an object that set what its other methods read, and nothing has set yet: what such a class is started
    /// with is told to one method, and the application is made by another.
    fn prepare(&mut self, class: Value, instance: Value, making: &[String]) {
        let Some(object) = self.machine.class(class) else { return };
        let Some(site) = object.site else { return };
        let entries: Vec<(String, Value)> =
            object.ns.iter().map(|(name, value)| (self.machine.names.text(*name).to_owned(), *value)).collect();
        let whole = self.text_at(site).unwrap_or_default().to_owned();
        for (name, value) in entries {
            // Behind decorators that are not known, too.
            let function = match self.machine.obj(value) {
                Some(Object::Opaque { args, .. }) => args.pos.first().copied().unwrap_or(value),
                _ => value,
            };
            let Some((_, own)) = self.machine.function(function) else { continue };
            let text = self.text_at(Site { module: own.module, range: own.node.range() }).unwrap_or_default();
            let sets: Vec<String> = attributes_set(text).map(str::to_owned).collect();
            if name == "__init__" || making.contains(&name) || says(text, SERVES) || text.contains("FastAPI(") {
                continue;
            }
            let set = match self.machine.obj(instance) {
                Some(Object::Instance { attrs, .. }) => attrs,
                _ => return,
            };
            // What a base class that is not read has is nothing that is known.
            let is_there = |attribute: &str| {
                self.machine.names.lookup(attribute).is_some_and(|name| {
                    set.get(&name).is_some()
                        || self.machine.class(class).is_some_and(|class| class.ns.get(&name).is_some())
                })
            };
            let reads = |attribute: &str| whole.matches(&format!("self.{attribute}")).count() > 1;
            if sets.iter().all(|attribute| is_there(attribute) || !reads(attribute)) {
                continue;
            }
            let Some(mut args) = self.unknown_arguments(function) else { continue };
            if !args.kw.is_empty() {
                args.kw.remove(0);
                args.pos.insert(0, instance);
                self.machine.start_function(function, args);
            }
        }
    }

    /// Methods of a class that make an application: those that say so, or else those that start what makes one.
    fn making_methods(&mut self, class: Value) -> Vec<String> {
        let Some(object) = self.machine.class(class) else { return Vec::new() };
        let entries: Vec<(String, Value)> =
            object.ns.iter().map(|(name, value)| (self.machine.names.text(*name).to_owned(), *value)).collect();
        let mut methods: Vec<(String, String, bool)> = Vec::new();
        for (name, value) in entries {
            let Some((_, function)) = self.machine.function(value) else { continue };
            let (module, range) = (function.module, function.node.range());
            let returns = self.machine.signature(value).and_then(|sig| sig.returns);
            let is_said = returns.map_or(FACTORY_NAMES.contains(&name.as_str()), |it| self.derives(it, "FastAPI"));
            let text = self.text_at(Site { module, range }).unwrap_or_default().to_owned();
            methods.push((name, text, is_said));
        }
        let caller_of = |name: &str| {
            let call = format!("self.{name}(");
            methods.iter().find(|(other, text, _)| other != name && text.contains(&call))
        };
        let said: Vec<&str> = methods.iter().filter(|(.., is_said)| *is_said).map(|(name, ..)| name.as_str()).collect();
        if !said.is_empty() {
            // One that calls another of them makes the whole.
            let is_part = |name: &&str| caller_of(name).is_some_and(|(caller, ..)| said.contains(&caller.as_str()));
            let whole = said.iter().copied().filter(|name| !is_part(name));
            return whole.map(str::to_owned).collect();
        }
        let mut out = Vec::new();
        for (name, ..) in methods.iter().filter(|(_, text, _)| text.contains("FastAPI(")) {
            let mut at = name.as_str();
            for _ in 0..MAX_CALLERS {
                match caller_of(at) {
                    Some((caller, ..)) if caller != "__init__" => at = caller.as_str(),
                    _ => break,
                }
            }
            out.push(at.to_owned());
        }
        out
    }
}

/// Attributes of `self` that the text of a method assigns.
fn attributes_set(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter_map(|line| {
        let (target, _) = line.trim_start().strip_prefix("self.")?.split_once('=')?;
        let name = target.split(':').next()?.trim();
        (!name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_')).then_some(name)
    })
}

/// Whether a text has one of some words.
fn says(text: &str, words: &[&str]) -> bool {
    words.iter().any(|word| text.contains(word))
}
