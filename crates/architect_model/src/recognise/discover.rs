//! Which objects of the program are its applications.

use architect_python::{CallArgs, ModuleId, ModuleKind, Object, ObjectId, ParamKind, Site, Value, named_by_imports};
use architect_source::Location;
use rustc_hash::FxHashSet;

use super::Recogniser;

/// What functions that make applications are called.
pub(super) const FACTORY_NAMES: &[&str] = &[
    "create_app",
    "get_app",
    "make_app",
    "build_app",
    "get_application",
    "create_application",
    "init_app",
    "app_factory",
    "start_application",
];

/// Applications that are wrapped more often than this are not looked for.
const MAX_WRAPPERS: u32 = 5;

impl Recogniser<'_> {
    /// Applications with the names people use for them: those that were asked for, or all that the project makes.
    pub(super) fn find_applications(&mut self, named: &[String]) -> Result<Vec<(String, Value)>, String> {
        if named.is_empty() {
            return Ok(self.every_application());
        }
        let mut found = Vec::new();
        for app in named {
            if is_given_name(app) {
                let all = self.every_application();
                match self.application_called(app, &all) {
                    Some(value) => found.push((app.clone(), value)),
                    None => return Err(format!("--app {app}: there is no such application{}", suggestion(&all))),
                }
                continue;
            }
            match self.named_application(app) {
                Ok(Ok(value)) => found.push((app.clone(), value)),
                Ok(Err(why)) => {
                    // The rest of the service is of use without it.
                    self.every_application();
                    self.unknown(format!("the application {app}"), why, "", None);
                }
                Err(why) => {
                    let all = self.every_application();
                    match of_another_folder(app, &all) {
                        Some(value) => found.push((app.clone(), value)),
                        None => return Err(format!("--app {app}: {why}{}", suggestion(&all))),
                    }
                }
            }
        }
        self.start_named(&found);
        Ok(found)
    }

    /// The application that goes by a name of ours.
    fn application_called(&self, name: &str, all: &[(String, Value)]) -> Option<Value> {
        if let Some((_, value)) = all.iter().find(|(known, _)| known == name) {
            return Some(*value);
        }
        // One that another one mounts has none but its place.
        let mut made: Vec<Value> = self.applications_made().map(Value::Obj).collect();
        made.retain(|app| self.definition(*app).is_some_and(|location| name == at_place(&location)));
        made.first().copied()
    }

    fn every_application(&mut self) -> Vec<(String, Value)> {
        let program = self.machine.program;
        let mut candidates: Vec<ModuleId> = program
            .project_modules
            .iter()
            .copied()
            .filter(|id| {
                let module = program.module(*id);
                !is_aside(&module.path)
                    && (module.text.contains("FastAPI")
                        || module.text.contains("Starlette")
                        || module.text.contains("APIRouter"))
            })
            .collect();
        // Modules that import each other only load where they are entered as the service does: where it makes an
        // application, and there first where nothing else of it enters.
        let imported = named_by_imports(program);
        candidates.sort_by_cached_key(|id| {
            let text = &program.module(*id).text;
            (!text.contains("FastAPI(") && !text.contains("Starlette("), imported.contains(id))
        });
        let mut found = self.bound_in(&candidates);
        if found.is_empty() {
            let callers = self.callers_of_factories(&candidates);
            found = self.bound_in(&callers);
        }
        self.wrapped_in(&candidates, &mut found);
        if found.is_empty() {
            found = self.nameless(&[]);
            for id in &candidates {
                self.made_by_factories(*id, false, &mut found);
            }
        } else {
            self.beside(&candidates, &mut found);
        }
        self.started(&candidates, &mut found);
        // An application that another one mounts is read there.
        let key = self.machine.names.lookup("app");
        let mounted: Vec<ObjectId> = self
            .instances_of(&["Mount"])
            .into_iter()
            .filter_map(|mount| match (self.machine.obj(mount)?, key?) {
                (Object::Instance { attrs, .. }, key) => match attrs.get(&key) {
                    Some(Value::Obj(app)) => Some(*app),
                    _ => None,
                },
                _ => None,
            })
            .collect();
        found
            .into_iter()
            .filter(|(_, object)| !mounted.contains(object))
            .map(|(name, object)| (name, Value::Obj(object)))
            .collect()
    }

    /// Applications that names of the modules are bound to.
    fn bound_in(&mut self, modules: &[ModuleId]) -> Vec<(String, ObjectId)> {
        let program = self.machine.program;
        let mut found: Vec<(String, ObjectId)> = Vec::new();
        for id in modules {
            let name = program.module(*id).name.clone();
            self.machine.import(&name);
        }
        for id in modules {
            let module = program.module(*id).name.clone();
            for (name, value) in self.machine.module_names(*id) {
                let Value::Obj(object) = value else { continue };
                if !self.is_a(value, "FastAPI") && !self.is_a(value, "Starlette") {
                    continue;
                }
                match found.iter_mut().find(|(_, known)| *known == object) {
                    None => found.push((format!("{module}:{name}"), object)),
                    // The module that makes it names it better than one that imports it.
                    Some((known, _)) if self.is_made_in(value, *id) && !known.starts_with(&format!("{module}:")) => {
                        *known = format!("{module}:{name}");
                    }
                    Some(_) => {}
                }
            }
        }
        found
    }

    fn is_made_in(&self, value: Value, module: ModuleId) -> bool {
        self.place_of(value).is_some_and(|site| site.module == module)
    }

    /// Where code of the project made an object.
    pub(super) fn place_of(&self, value: Value) -> Option<Site> {
        match self.machine.obj(value)? {
            Object::Instance { site, .. } => Some(self.machine.origin(value).unwrap_or(*site)),
            _ => None,
        }
    }

    /// Applications inside what a name is bound to: `app = Middleware(app)`, `server = Server()` with `server.app`.
    fn wrapped_in(&mut self, modules: &[ModuleId], found: &mut Vec<(String, ObjectId)>) {
        for id in modules {
            let module = self.machine.program.module(*id).name.clone();
            for (name, value) in self.machine.module_names(*id) {
                for (inner, part) in self.inside(value) {
                    if found.iter().any(|(_, known)| *known == part) {
                        continue;
                    }
                    found.push((format!("{module}:{name}{inner}"), part));
                }
            }
        }
    }

    /// Applications that a value was made with, or has as an attribute, with what comes behind its name.
    pub(super) fn inside(&self, value: Value) -> Vec<(String, ObjectId)> {
        let mut out = Vec::new();
        let mut add = |this: &Self, inner: String, value: Value| {
            if let Value::Obj(id) = value
                && this.is_a(value, "FastAPI")
            {
                out.push((inner, id));
            }
        };
        let mut at = value;
        for _ in 0..MAX_WRAPPERS {
            match self.machine.obj(at) {
                Some(Object::Opaque { args, callee, .. }) => {
                    for value in args.pos.iter().copied().chain(args.kw.iter().map(|(_, value)| *value)) {
                        add(self, String::new(), value);
                    }
                    // A call of a method of something opaque: look at what that was made with.
                    at = args.pos.first().copied().unwrap_or(*callee);
                }
                Some(Object::Instance { attrs, site, .. })
                    if !self.is_a(at, "Starlette") && !self.machine.is_model(site.module) =>
                {
                    for (name, value) in attrs {
                        add(self, format!(".{}", self.machine.names.text(*name)), *value);
                    }
                    break;
                }
                _ => break,
            }
        }
        out
    }

    /// Applications of factories that nothing calls at import, beside others that were found: those that serve routers
    /// which these do not serve, or serve anything otherwise.
    fn beside(&mut self, candidates: &[ModuleId], found: &mut Vec<(String, ObjectId)>) {
        let known: Vec<ObjectId> = found.iter().map(|(_, object)| *object).collect();
        let mut lacking = self.unserved_routers(&known);
        let is_complete = lacking.is_empty();
        let mut made = if is_complete { Vec::new() } else { self.nameless(&known) };
        for id in candidates {
            self.made_by_factories(*id, is_complete, &mut made);
        }
        for (name, object) in made {
            let serves = self.routers_of(&[object]);
            let before = lacking.len();
            lacking.retain(|router| !serves.contains(router));
            let others: Vec<ObjectId> = found.iter().map(|(_, object)| *object).collect();
            if lacking.len() < before || is_complete && self.is_another(object, &others) {
                found.push((name, object));
            }
        }
    }

    /// Modules that call a factory of one of these, and name no framework themselves.
    fn callers_of_factories(&mut self, modules: &[ModuleId]) -> Vec<ModuleId> {
        let program = self.machine.program;
        let mut calls: Vec<String> = Vec::new();
        for id in modules {
            calls.extend(self.factories(*id).into_iter().map(|(name, ..)| format!("{name}(")));
            calls.extend(self.makers(*id).into_iter().map(|(name, _)| format!("{name}(")));
        }
        let is_caller = |id: &ModuleId| {
            let module = program.module(*id);
            !modules.contains(id) && !is_aside(&module.path) && calls.iter().any(|call| module.text.contains(call))
        };
        program.project_modules.iter().copied().filter(is_caller).collect()
    }

    /// The code at a place.
    pub(super) fn text_at(&self, site: Site) -> Option<&str> {
        self.machine.program.module(site.module).source(site.range)
    }

    /// Applications that code of the service made and no name is bound to.
    pub(super) fn nameless(&mut self, known: &[ObjectId]) -> Vec<(String, ObjectId)> {
        let program = self.machine.program;
        // Through links a file is a module of many names; the tree of the project has it once.
        let own: FxHashSet<ModuleId> = program.project_modules.iter().copied().collect();
        let mut out = Vec::new();
        for app in self.applications_made() {
            let Some(site) = self.place_of(Value::Obj(app)).filter(|_| !known.contains(&app)) else { continue };
            let module = program.module(site.module);
            if own.contains(&site.module) && !is_aside(&module.path) {
                out.push((at_place(&self.location(site)), app));
            }
        }
        out
    }

    /// Functions of a module that make applications: by their annotation, or where there is none, by their name or by
    /// what they call; and whether it is the annotation or the name that says so.
    fn factories(&mut self, id: ModuleId) -> Vec<(String, Value, bool)> {
        let mut out = Vec::new();
        for (name, value) in self.machine.module_names(id) {
            let Some((_, function)) = self.machine.function(value) else { continue };
            if function.module != id || !matches!(self.machine.obj(value), Some(Object::Function(_))) {
                continue;
            }
            let (range, function_is_plain) = (function.node.range(), function.node.decorators().is_empty());
            let Some(sig) = self.machine.signature(value) else { continue };
            let is_said = match sig.returns {
                Some(returns) => self.derives(returns, "Starlette"),
                None => FACTORY_NAMES.contains(&name.as_str()),
            };
            let text = self.text_at(Site { module: id, range }).unwrap_or_default();
            // A decorated function is a command, or a handler that has an application of its own.
            let is_seen =
                sig.returns.is_none() && function_is_plain && text.contains("FastAPI(") && text.contains("return ");
            if is_said || is_seen {
                out.push((name, value, is_said));
            }
        }
        out
    }

    /// Applications of factories that did not run yet: of all, or of those alone that make one themselves. What they ask
    /// for is not known, and they may do without.
    fn made_by_factories(&mut self, id: ModuleId, themselves: bool, found: &mut Vec<(String, ObjectId)>) {
        let module = self.machine.program.module(id).name.clone();
        for (name, value, is_said) in self.factories(id) {
            if self.has_run(value) || themselves && !self.makes_itself(value) {
                continue;
            }
            let Some(app) = self.called_factory(value, is_said) else { continue };
            // A factory that calls another one and adds to what that made says more than the other alone.
            let place = self.place_of(Value::Obj(app));
            found.retain(|(_, known)| place.is_none() || self.place_of(Value::Obj(*known)) != place);
            found.push((format!("{module}:{name}()"), app));
        }
    }

    /// Whether the code of a function says that it makes an application.
    fn makes_itself(&self, function: Value) -> bool {
        let Some((_, object)) = self.machine.function(function) else { return false };
        let site = Site { module: object.module, range: object.node.range() };
        self.text_at(site).is_some_and(|text| text.contains("FastAPI("))
    }

    /// Whether an application was made by the code of a function.
    pub(super) fn has_run(&self, function: Value) -> bool {
        let Some((_, object)) = self.machine.function(function) else { return false };
        let (module, range) = (object.module, object.node.range());
        let made_here = |site: &Site| site.module == module && range.contains_range(site.range);
        self.instances_of(&["FastAPI"]).into_iter().filter_map(|app| self.place_of(app)).any(|site| made_here(&site))
    }

    pub(super) fn applications_made(&self) -> impl Iterator<Item = ObjectId> + use<> {
        let objects = self.instances_of(&["FastAPI"]).into_iter();
        objects.filter_map(|value| if let Value::Obj(id) = value { Some(id) } else { None })
    }

    /// Arguments of which nothing is known, for the parameters that have no default.
    pub(super) fn unknown_arguments(&mut self, callee: Value) -> Option<CallArgs> {
        let sig = self.machine.signature(callee)?;
        let mut args = CallArgs::default();
        for param in &sig.params {
            let takes_rest = matches!(param.kind, ParamKind::VarArgs | ParamKind::VarKwargs);
            if param.default.is_none() && !takes_rest {
                let why = format!("argument `{}` of a factory", self.machine.names.text(param.name));
                let value = self.machine.unknown(why);
                if param.kind == ParamKind::PositionalOnly {
                    args.pos.push(value);
                } else {
                    args.kw.push((param.name, value));
                }
            }
        }
        Some(args)
    }

    /// What a factory makes. Where it `is_said` to make an application, that is so even if it does not come to its end.
    pub(super) fn called_factory(&mut self, factory: Value, is_said: bool) -> Option<ObjectId> {
        let args = self.unknown_arguments(factory)?;
        let before: FxHashSet<ObjectId> = self.applications_made().collect();
        match self.machine.build(factory, args) {
            Ok(Value::Obj(app)) if self.is_a(Value::Obj(app), "Starlette") => return Some(app),
            Ok(value) => {
                if let Some((_, app)) = self.inside(value).into_iter().next() {
                    return Some(app);
                }
            }
            Err(_) => {}
        }
        if !is_said {
            return None;
        }
        // Where it does not come to its end, or gives back what is not known, what it made by then is the application.
        self.applications_made().find(|app| !before.contains(app))
    }

    /// The application of that name, or why it is not known.
    ///
    /// # Errors
    /// When the name stands for nothing that could be one.
    fn named_application(&mut self, app: &str) -> Result<Result<Value, String>, String> {
        let (module, attr) = app.split_once(':').ok_or("write it as MODULE:NAME or MODULE:FACTORY()")?;
        let object =
            self.machine.import(module).ok_or_else(|| format!("there is no module {module:?} in the project"))?;
        let (name, factory) = attr.strip_suffix("()").map_or((attr, false), |name| (name, true));
        let mut value = object;
        for part in name.split('.') {
            value = match self.machine.get(value, part) {
                Some(value) => value,
                None if self.machine.exhausted() => return Ok(Err("the evaluation budget is spent".to_owned())),
                None => return Err(format!("{module} has no {name:?}")),
            };
        }
        if factory {
            if let Some(app) = self.called_factory(value, true) {
                return Ok(Ok(Value::Obj(app)));
            }
            match self.machine.build(value, CallArgs::default()) {
                Ok(made) => value = made,
                Err(_) => return Ok(Err("the factory could not be followed".to_owned())),
            }
        }
        if let Some((_, app)) = self.inside(value).into_iter().find(|(inner, _)| inner.is_empty()) {
            return Ok(Ok(Value::Obj(app)));
        }
        if let Some(Object::Alternatives(parts)) = self.machine.obj(value)
            && let Some(part) = parts.clone().into_iter().find(|part| self.is_a(*part, "Starlette"))
        {
            value = part;
        }
        let bound = self.has_name(module, name);
        match (value, self.machine.obj(value)) {
            (Value::Unknown(id), _) => {
                let (why, site) = self.machine.reason(id);
                let place = site.map(|site| format!(" at {}", self.location(site))).unwrap_or_default();
                Ok(Err(format!("{why}{place}")))
            }
            (_, Some(Object::Function(_) | Object::Bound { .. })) if !factory => {
                Err(format!("{name} is a function; where it makes the application, write {module}:{name}()"))
            }
            (_, Some(Object::External(_))) if !bound && self.machine.exhausted() => {
                Ok(Err("the evaluation budget is spent".to_owned()))
            }
            (_, Some(Object::External(_))) if !bound => Err(format!("{module} has no {name:?}")),
            (_, None | Some(Object::Function(_) | Object::Module(_) | Object::Class(_))) => {
                Err(format!("{name} is no application"))
            }
            (_, Some(Object::Opaque { callee, .. })) => {
                let maker = self.machine.external_path(*callee).unwrap_or("something that is not known");
                Ok(Err(format!("`{maker}` makes it, which is not read")))
            }
            _ => Ok(Ok(value)),
        }
    }

    /// Whether a module binds the first part of a dotted name, as far as that can be told.
    fn has_name(&mut self, module: &str, name: &str) -> bool {
        let first = name.split('.').next().unwrap_or(name);
        match self.machine.program.find(module) {
            Some(id) if self.machine.program.module(id).kind == ModuleKind::Project => {
                self.machine.module_names(id).iter().any(|(bound, _)| bound == first)
            }
            _ => true,
        }
    }
}

/// The one application whose name is what was asked for, with a folder before it: a server is started in a folder of the
/// project, where its modules have shorter names.
fn of_another_folder(app: &str, all: &[(String, Value)]) -> Option<Value> {
    let end = format!(".{app}");
    let mut meant = all.iter().filter(|(name, _)| name.ends_with(&end)).map(|(_, value)| *value);
    let only = meant.next()?;
    meant.next().is_none().then_some(only)
}

/// What could have been meant.
fn suggestion(all: &[(String, Value)]) -> String {
    let names: Vec<_> = all.iter().map(|(name, _)| name.as_str()).take(5).collect();
    if names.is_empty() { String::new() } else { format!("; the project has {}", names.join(", ")) }
}

/// What an application is called that no name is bound to.
pub(super) fn at_place(location: &Location) -> String {
    format!("application at {location}")
}

/// Whether a name is one that no expression of Python stands for, or a call that is not its end.
fn is_given_name(name: &str) -> bool {
    name.starts_with("application at ") || name.contains("().")
}

/// Whether a file belongs to tests, examples, documentation or scripts rather than to the service.
pub(super) fn is_aside(path: &str) -> bool {
    path.split('/').any(|part| {
        matches!(
            part,
            "tests"
                | "test"
                | "testing"
                | "examples"
                | "example"
                | "docs"
                | "scripts"
                | "benchmarks"
                | "conftest.py"
                | "migrations"
                | "alembic"
        ) || part.starts_with("test_")
            || part.ends_with("_test.py")
    })
}
