//! Which objects of the program are its applications.

use architect_python::{ModuleId, ModuleKind, Object, ObjectId, ParamKind, Value};

use super::Recogniser;

impl Recogniser<'_> {
    /// Applications with the names people use for them: those that were asked for, or all that the project makes.
    pub(super) fn find_applications(&mut self, named: &[String]) -> Result<Vec<(String, Value)>, String> {
        if named.is_empty() {
            return Ok(self.every_application());
        }
        let mut found = Vec::new();
        for app in named {
            match self.named_application(app) {
                Ok(Ok(value)) => found.push((app.clone(), value)),
                Ok(Err(why)) => {
                    // The rest of the service is of use without it.
                    self.every_application();
                    self.unknown(format!("the application {app}"), why, "", None);
                }
                Err(why) => return Err(format!("--app {app}: {why}{}", self.suggestion())),
            }
        }
        Ok(found)
    }

    /// What could have been meant.
    fn suggestion(&mut self) -> String {
        let names: Vec<_> = self.every_application().into_iter().map(|(name, _)| name).take(5).collect();
        if names.is_empty() { String::new() } else { format!("; the project has {}", names.join(", ")) }
    }

    fn every_application(&mut self) -> Vec<(String, Value)> {
        let program = self.machine.program;
        let candidates: Vec<ModuleId> = program
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
        let mut found = self.bound_in(&candidates);
        if found.is_empty() {
            let callers = self.callers_of_factories(&candidates);
            found = self.bound_in(&callers);
        }
        if found.is_empty() {
            for id in &candidates {
                self.made_by_factories(*id, &mut found);
            }
        }
        // An application that another one mounts is read there.
        let mounted: Vec<ObjectId> = self
            .machine
            .objects()
            .filter_map(|(_, object)| match object {
                Object::Instance { class, attrs, .. } if self.derives(Value::Obj(*class), "Mount") => {
                    let key = self.machine.names.lookup("app")?;
                    match attrs.get(&key) {
                        Some(Value::Obj(app)) => Some(*app),
                        _ => None,
                    }
                }
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
                if let Value::Obj(object) = value
                    && (self.is_a(value, "FastAPI") || self.is_a(value, "Starlette"))
                    && !found.iter().any(|(_, known)| *known == object)
                {
                    found.push((format!("{module}:{name}"), object));
                }
            }
        }
        found
    }

    /// Modules that call a factory of one of these, and name no framework themselves.
    fn callers_of_factories(&mut self, modules: &[ModuleId]) -> Vec<ModuleId> {
        let program = self.machine.program;
        let mut calls: Vec<String> = Vec::new();
        for id in modules {
            calls.extend(self.factories(*id).into_iter().map(|(name, _)| format!("{name}(")));
        }
        let is_caller = |id: &ModuleId| {
            let module = program.module(*id);
            !modules.contains(id) && !is_aside(&module.path) && calls.iter().any(|call| module.text.contains(call))
        };
        program.project_modules.iter().copied().filter(is_caller).collect()
    }

    /// Functions of a module that make applications: by their annotation, or where there is none, by their name.
    fn factories(&mut self, id: ModuleId) -> Vec<(String, Value)> {
        let mut out = Vec::new();
        for (name, value) in self.machine.module_names(id) {
            let Some((_, function)) = self.machine.function(value) else { continue };
            if function.module != id || !matches!(self.machine.obj(value), Some(Object::Function(_))) {
                continue;
            }
            let Some(sig) = self.machine.signature(value) else { continue };
            let makes = sig.returns.is_some_and(|returns| self.derives(returns, "FastAPI"))
                || (sig.returns.is_none()
                    && [
                        "create_app",
                        "get_app",
                        "make_app",
                        "build_app",
                        "get_application",
                        "create_application",
                        "init_app",
                        "app_factory",
                        "start_application",
                    ]
                    .contains(&name.as_str()));
            if makes {
                out.push((name, value));
            }
        }
        out
    }

    /// Applications of factories that ask for nothing.
    fn made_by_factories(&mut self, id: ModuleId, found: &mut Vec<(String, ObjectId)>) {
        let module = self.machine.program.module(id).name.clone();
        for (name, value) in self.factories(id) {
            let Some(sig) = self.machine.signature(value) else { continue };
            let asks = sig.params.iter().any(|param| {
                let takes_rest = matches!(param.kind, ParamKind::VarArgs | ParamKind::VarKwargs);
                param.default.is_none() && !takes_rest
            });
            if asks {
                continue;
            }
            if let Ok(Value::Obj(app)) = self.machine.build(value)
                && self.is_a(Value::Obj(app), "FastAPI")
            {
                found.push((format!("{module}:{name}()"), app));
            }
        }
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
            match self.machine.build(value) {
                Ok(made) => value = made,
                Err(_) => return Ok(Err("the factory could not be followed".to_owned())),
            }
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
