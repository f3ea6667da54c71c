//! From a program that was run to the service it builds.

mod applications;
mod auth;
mod bounds;
mod dependants;
mod discover;
mod documents;
mod environment;
mod exercise;
mod facts;
mod operations;
mod orm;
mod requests;
mod schemas;
mod served;
mod starting;

use std::collections::{BTreeMap, BTreeSet};

use architect_python::{Ahead, Evaluator, ImportFailure, ModuleKind, Object, ObjectId, Program, Setup, Site, Value};
use architect_source::{FileSystem, Location, Unknown};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::library::{LIBRARY, generic_model_module, include_semantics, version};
use crate::service::{Guard, Service, SourceText, SyntaxError};
use crate::{Options, Probe, Stage, Walks};
use crate::{code, exceptions};

/// What the user can do where libraries are not read.
const NO_ENVIRONMENT: &str = "install the project's environment and pass --python";

/// What recognisers share while they read one program.
pub(crate) struct Recogniser<'a> {
    pub machine: Evaluator<'a>,
    pub service: Service,
    pub classes: Classes,
    /// Minor version of the target's FastAPI; new ones where it is not known.
    pub fastapi_minor: u32,
    /// How many endpoints resolve a function as a dependency.
    pub dependency_uses: FxHashMap<ObjectId, usize>,
    /// Routers that applications serve, by identity.
    pub served: FxHashSet<ObjectId>,
    /// The endpoint that is being read, as people name it.
    pub current_endpoint: Option<String>,
    /// The condition below which the application is made whose routes are being read.
    application_condition: Option<u32>,
    /// How deep the dependency tree that is being read is.
    pub depth: u32,
    /// Whether what documents need is read, too.
    pub documents: bool,
    /// Places of classes in the list of schemas.
    pub schema_ids: FxHashMap<ObjectId, usize>,
    /// What functions do about their caller.
    pub guards: FxHashMap<(ObjectId, Option<ObjectId>), Guard>,
    /// Middleware that stands before the routes that are being read.
    pub middleware_guards: Vec<auth::MiddlewareGuard>,
    /// The last object that importing the service made, where starting it makes others.
    pub started_at: Option<ObjectId>,
    /// How much is still listed.
    pub bounds: bounds::Bounds,
    /// Endpoints whose requests are to be walked.
    pub request_roots: Vec<requests::Root>,
    /// Middleware that is to be walked: a class or function, and where it is added.
    pub middleware_roots: Vec<(Value, Location)>,
}

/// Classes of the models that recognisers ask for.
#[derive(Default)]
pub(crate) struct Classes {
    by_name: FxHashMap<&'static str, Value>,
}

impl Classes {
    /// A class of the models.
    pub fn value(&self, class: &str) -> Option<Value> {
        self.by_name.get(class).copied()
    }

    fn load(machine: &mut Evaluator<'_>) -> Self {
        let mut by_name = FxHashMap::default();
        for (module, names) in [
            ("fastapi.applications", &["FastAPI"][..]),
            ("fastapi.routing", &["APIRouter", "APIRoute", "APIWebSocketRoute", "_Included"][..]),
            (
                "fastapi.params",
                &["Param", "Path", "Query", "Header", "Cookie", "Body", "Form", "File", "Depends", "Security"][..],
            ),
            ("fastapi.datastructures", &["DefaultPlaceholder"][..]),
            ("fastapi.security.base", &["SecurityBase"][..]),
            ("fastapi.security.oauth2", &["SecurityScopes"][..]),
            ("starlette.applications", &["Starlette"][..]),
            ("starlette.routing", &["Route", "WebSocketRoute", "Mount", "Host", "Router"][..]),
            ("starlette.requests", &["HTTPConnection"][..]),
            ("starlette.websockets", &["WebSocket"][..]),
            ("starlette.responses", &["Response"][..]),
            ("starlette.background", &["BackgroundTasks"][..]),
            ("starlette.datastructures", &["UploadFile"][..]),
            ("pydantic.main", &["BaseModel"][..]),
            ("pydantic", &["RootModel"][..]),
            ("pydantic.fields", &["FieldInfo"][..]),
            ("starlette.responses", &["JSONResponse"][..]),
            ("fastapi.sse", &["EventSourceResponse", "ServerSentEvent"][..]),
        ] {
            if let Some(object) = machine.import(module) {
                for name in names {
                    if let Some(value) = machine.get(object, name) {
                        by_name.insert(*name, value);
                    }
                }
            }
        }
        Self { by_name }
    }
}

impl Classes {
    /// A class of a model that is not always loaded.
    fn insert(&mut self, name: &'static str, class: Value) {
        self.by_name.insert(name, class);
    }

    fn knows(&self, name: &str) -> bool {
        self.by_name.contains_key(name)
    }
}

impl<'a> Recogniser<'a> {
    /// Whether an instance is of a model class.
    pub fn is_a(&self, value: Value, class: &str) -> bool {
        let Some(wanted) = self.classes.by_name.get(class) else { return false };
        match self.machine.obj(value) {
            Some(Object::Instance { class, .. }) => self.machine.is_subclass(Value::Obj(*class), *wanted) == Some(true),
            _ => false,
        }
    }

    /// Everything on the heap that is an instance of one of some model classes.
    pub fn instances_of(&self, classes: &[&str]) -> Vec<Value> {
        let wanted: Vec<Value> = classes.iter().filter_map(|class| self.classes.value(class)).collect();
        let mut known: FxHashMap<ObjectId, bool> = FxHashMap::default();
        let derives = |class: ObjectId| {
            wanted.iter().any(|wanted| self.machine.is_subclass(Value::Obj(class), *wanted) == Some(true))
        };
        self.machine
            .instances()
            .filter(|(_, class)| *known.entry(*class).or_insert_with(|| derives(*class)))
            .map(|(id, _)| Value::Obj(id))
            .collect()
    }

    /// Whether a class derives from a model class.
    pub fn derives(&self, value: Value, class: &str) -> bool {
        self.classes.by_name.get(class).is_some_and(|wanted| self.machine.is_subclass(value, *wanted) == Some(true))
    }

    pub fn location(&self, site: Site) -> Location {
        self.machine.program.module(site.module).location(site.range)
    }

    /// Where a callable or class is defined.
    pub fn definition(&self, value: Value) -> Option<Location> {
        if let Some((_, function)) = self.machine.function(value) {
            if self.machine.is_model(function.module) {
                return None;
            }
            return Some(self.location(Site { module: function.module, range: function.node.range() }));
        }
        match self.machine.obj(value)? {
            Object::Class(class) => {
                let site = class.site?;
                (!self.machine.is_model(site.module)).then(|| self.location(site))
            }
            Object::Instance { site, .. } => (!self.machine.is_model(site.module)).then(|| self.location(*site)),
            _ => None,
        }
    }

    pub fn unknown(
        &mut self,
        what: impl Into<String>,
        why: impl Into<String>,
        resolve: impl Into<String>,
        location: Option<Location>,
    ) {
        // Those that are said twice are found when all are sorted.
        let unknown = Unknown { what: what.into(), why: why.into(), resolve: resolve.into(), location };
        self.service.unknowns.push(unknown);
    }

    pub fn text_of(&mut self, object: Value, name: &str) -> Option<String> {
        let value = self.machine.get(object, name)?;
        self.machine.text(value).map(str::to_owned)
    }

    pub fn list_of(&mut self, object: Value, name: &str) -> Vec<Value> {
        match self.machine.get(object, name) {
            Some(value) => self.machine.items(value).ok().flatten().map(|(items, _)| items).unwrap_or_default(),
            None => Vec::new(),
        }
    }
}

/// Reads the project and everything it imports, and builds the model.
pub(crate) fn recognise(files: &dyn FileSystem, options: &Options, probe: Option<&Probe>) -> Result<Service, String> {
    let (environment, libraries) = environment::find(files, options);
    options.reached(Stage::Reading);
    let program = Program::load(files, &options.project, environment, LIBRARY);
    if let Some((_, why)) = program.unreadable().iter().find(|(path, _)| *path == program.project) {
        return Err(format!("{}: {why}; name a folder that can be read", options.project.display()));
    }
    let fastapi = libraries.get("fastapi").map(String::as_str);
    let pydantic = libraries.get("pydantic").map(String::as_str);
    let setup = Setup {
        env: options.env.clone(),
        settings: vec![
            ("fastapi.include".to_owned(), include_semantics(fastapi).to_owned()),
            ("pydantic.generic_module".to_owned(), generic_model_module(pydantic).to_owned()),
        ],
        watched: &["include_router"],
    };
    let (service, code) = std::thread::scope(|scope| {
        // What needs files and syntax trees alone is done while the program runs, which only one thread can: first what
        // that may wait for.
        let read = |ahead: &Ahead<'_>| code::read_code(&ahead.modules(), options.conventions, &discover::is_aside);
        let ahead = program.ahead();
        let beside = move || {
            ahead.parse();
            options.code.then(|| read(&ahead))
        };
        let beside = std::thread::Builder::new().spawn_scoped(scope, beside);
        let service = run(&program, setup, &libraries, options, probe);
        let code = match beside {
            Ok(beside) => beside.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
            // The system grants no more threads.
            Err(_) => options.code.then(|| read(&program.ahead())),
        };
        (service, code)
    });
    let mut service = service?;
    service.files = sources(&program);
    service.files_read = program.files_read();
    if let Some(code) = code {
        service.code = code;
        if options.conventions {
            service.documents = documents::read(&program);
        }
        service.reached = crate::reach::reached(&service);
        requests::unfollowed::collect(&service.code, &service.imported, &mut service.requests);
        service.leaving = exceptions::leaving_endpoints(&service);
    }
    service.unknowns.sort();
    service.unknowns.dedup();
    if !options.goes_on {
        std::mem::forget(program);
    }
    Ok(service)
}

/// Runs the program as far as importing it does, and reads what it built.
fn run(
    program: &Program<'_>,
    setup: Setup,
    libraries: &BTreeMap<String, String>,
    options: &Options,
    probe: Option<&Probe>,
) -> Result<Service, String> {
    let fastapi = libraries.get("fastapi").map(String::as_str);
    let pydantic = libraries.get("pydantic").map(String::as_str);
    if let Some(Probe::Everything) = probe {
        return Err(exercise::everything(program, &setup));
    }
    options.reached(Stage::Running);
    let mut machine = Evaluator::new(program, setup);
    let classes = Classes::load(&mut machine);
    let mut recogniser = Recogniser {
        machine,
        service: Service {
            root: options.project.display().to_string(),
            dialect: crate::dialect::Dialect::of(fastapi, pydantic),
            libraries: libraries.clone(),
            context: options.context.clone(),
            knowledge: options.knowledge.clone(),
            ..Service::default()
        },
        classes,
        fastapi_minor: fastapi.and_then(version).map_or(999, |(major, minor)| if major > 0 { 999 } else { minor }),
        dependency_uses: FxHashMap::default(),
        served: FxHashSet::default(),
        current_endpoint: None,
        application_condition: None,
        depth: 0,
        documents: options.documents,
        schema_ids: FxHashMap::default(),
        guards: FxHashMap::default(),
        middleware_guards: Vec::new(),
        started_at: None,
        bounds: bounds::Bounds::default(),
        request_roots: Vec::new(),
        middleware_roots: Vec::new(),
    };
    if let Some(Probe::Costs) = probe {
        recogniser.machine.count_costs();
    }
    let named = match &options.app {
        Some(app) => std::slice::from_ref(app),
        None => &*options.applications,
    };
    let found = match recogniser.find_applications(named) {
        Err(_) if probe.is_some() => Vec::new(),
        found => found?,
    };
    recogniser.machine.run_is_over();
    options.reached(Stage::Recognising);
    for (name, value) in found {
        recogniser.read_application(&name, value, None, 0);
    }
    recogniser.read_routers();
    recogniser.read_lost_endpoints();
    recogniser.read_dependency_functions();
    recogniser.read_direct_calls();
    recogniser.read_tables();
    recogniser.read_problems();
    recogniser.service.imported = recogniser.imported();
    if options.walks != Walks::Nothing && probe.is_none() {
        recogniser.read_requests(options.walks, options.goes_on);
    }
    if let Some(probe) = probe {
        return Err(match probe {
            Probe::Costs => recogniser.machine.cost_report(40),
            Probe::Everything => String::new(),
            Probe::Evaluate { module, expression } => recogniser.machine.evaluate_in(module, expression),
        });
    }
    let service = std::mem::take(&mut recogniser.service);
    if !options.goes_on {
        std::mem::forget(recogniser.machine);
    }
    Ok(service)
}

/// Why a statement has no result whose evaluation had to stop.
const TOO_COSTLY: &str = "it needs more steps than an evaluation may take";

/// Whether an error is one that code raises by being wrong, and not by saying so.
fn is_slip(error: &str) -> bool {
    let class = error.split(':').next().unwrap_or_default();
    matches!(class, "AttributeError" | "IndexError" | "NameError" | "TypeError" | "UnboundLocalError")
}

fn sources(program: &Program<'_>) -> BTreeMap<String, SourceText> {
    program
        .project_modules
        .iter()
        .map(|id| {
            let module = program.module(*id);
            let text = SourceText { text: module.text.clone(), lines: module.lines.line_count(&module.text) };
            (module.path.to_string(), text)
        })
        .collect()
}

impl Recogniser<'_> {
    /// Modules of the project that ran by now.
    fn imported(&mut self) -> BTreeSet<String> {
        let program = self.machine.program;
        let names = program.project_modules.iter().map(|id| &program.module(*id).name);
        names.filter(|name| self.machine.already_imported(name).is_some()).cloned().collect()
    }

    /// What stands in the way: files that do not parse, packages that are missing, modules that ended early.
    fn read_problems(&mut self) {
        let program = self.machine.program;
        for id in &program.project_modules {
            let module = program.module(*id);
            if let Some(problem) = &module.problem {
                self.service.syntax_errors.push(SyntaxError {
                    message: problem.message.clone(),
                    location: module.location(problem.range),
                    needs_python: None,
                });
            }
        }
        for (path, why) in program.unreadable() {
            let path = path.strip_prefix(&program.project).unwrap_or(path).display().to_string();
            self.unknown(path, why.clone(), "", None);
        }
        let missing: Vec<(String, Site)> =
            self.machine.missing_packages().into_iter().map(|(name, site)| (name.to_owned(), site)).collect();
        let resolve = if program.has_environment() { "install it into the environment" } else { NO_ENVIRONMENT };
        for (name, site) in missing {
            // What only a library asks for, it can do without, or else the project could not be started.
            if program.module(site.module).kind == ModuleKind::Project {
                let location = self.location(site);
                self.unknown(format!("package {name}"), "its source was not found", resolve, Some(location));
            }
        }
        let failures = self.machine.failures().to_vec();
        let (exhausted, failures): (Vec<_>, Vec<_>) = failures.into_iter().partition(|failure| failure.error.is_none());
        for failure in failures {
            self.read_failure(&failure);
        }
        self.read_exhausted(exhausted);
        if self.machine.exhausted() {
            self.unknown("the rest of the program", "the evaluation budget is spent", "", None);
        }
    }

    /// A statement of the project that had no result. What fails inside a library shows in what is built on it, and
    /// the user could do nothing about it.
    fn read_failure(&mut self, failure: &ImportFailure) {
        let program = self.machine.program;
        if program.module(failure.statement.module).kind != ModuleKind::Project {
            return;
        }
        let raised_by = program.module(failure.at.module);
        let (why, resolve) = match (&failure.error, raised_by.kind) {
            (None, _) => (TOO_COSTLY.to_owned(), ""),
            (Some(error), ModuleKind::ThirdParty) => {
                let package = raised_by.name.split('.').next().unwrap_or_default();
                (format!("the package {package} could not be followed: {error}"), "")
            }
            (Some(error), ModuleKind::Model) if is_slip(error) => {
                let package = raised_by.name.split('.').next().unwrap_or_default();
                (format!("our model of {package} could not follow it: {error}"), "report it if the code runs")
            }
            (Some(error), _) => (format!("it raises {error}"), "pass --env if it needs a setting"),
        };
        let location = self.location(failure.statement);
        self.unknown("a statement at import", why, resolve, Some(location));
    }

    /// Statements of the project that need more steps than there are: each with what is missing for it, those of one file
    /// that are alike in one line.
    fn read_exhausted(&mut self, failures: Vec<ImportFailure>) {
        let program = self.machine.program;
        let mut values: BTreeMap<usize, Vec<(String, Site)>> = BTreeMap::new();
        let mut steps: BTreeMap<usize, Vec<(String, Site)>> = BTreeMap::new();
        for ImportFailure { statement, .. } in failures {
            if program.module(statement.module).kind != ModuleKind::Project {
                continue;
            }
            let text = self.text_at(statement).unwrap_or_default();
            let line = text.lines().find(|line| !line.trim_start().starts_with('@')).unwrap_or_default();
            let line: String = line.trim().chars().take(80).collect();
            match line.split_once(" = ").map(|(name, _)| name.split(':').next().unwrap_or_default()) {
                Some(name) if name.chars().all(|c| c.is_alphanumeric() || c == '_') => {
                    let file = statement.module.0 as usize;
                    values.entry(file).or_default().push((name.to_owned(), statement));
                }
                _ if line.contains(".include_router(") => {
                    let location = self.location(statement);
                    self.unknown(format!("the routes that `{line}` adds"), TOO_COSTLY, "", Some(location));
                }
                _ => steps.entry(statement.module.0 as usize).or_default().push((line, statement)),
            }
        }
        for (alike, head, tail) in [(values, "the value of", ""), (steps, "what", " does")] {
            for found in alike.into_values() {
                let (first, site) = &found[0];
                let what = match found.len() - 1 {
                    0 => format!("{head} `{first}`{tail}"),
                    more => format!("{head} `{first}`{tail}, and {more} more of this file"),
                };
                let location = self.location(*site);
                self.unknown(what, TOO_COSTLY, "", Some(location));
            }
        }
    }

    /// What helps against a reason of the evaluator, if anything does.
    pub fn resolution(&self, why: &str) -> &'static str {
        if why.contains("environment") {
            "pass --env for settings it needs"
        } else if !self.machine.program.has_environment() && (why.contains("not read") || why.contains("library")) {
            NO_ENVIRONMENT
        } else {
            ""
        }
    }
}
