//! `map --format json`.

use architect_model::Service;
use architect_model::requests;
use architect_model::service as model;
use schemars::JsonSchema;
use serde::{Serialize, Serializer};

use super::tables::{Mapper, Table};
use super::{Location, Project, SCHEMA_VERSION, Unknown};

/// The whole map.
#[derive(JsonSchema, Serialize)]
pub struct Map<'s> {
    /// Goes up when a reader could break.
    schema_version: u32,
    /// What was looked at.
    project: Project<'s>,
    /// The applications, mounted ones too.
    applications: Vec<Application<'s>>,
    /// The route tables of the applications that are not mounted, in matching order.
    #[schemars(with = "Vec<Route<'s>>")]
    routes: Routes<'s>,
    /// Nothing yet.
    schemas: [(); 0],
    /// Functions that are dependencies.
    dependencies: Vec<DependencyFunction<'s>>,
    /// Nothing yet.
    settings: [(); 0],
    /// Nothing yet.
    background_tasks: [(); 0],
    /// Tables, as `MetaData` would hold them.
    tables: Vec<Table<'s>>,
    /// Mapped classes.
    mappers: Vec<Mapper<'s>>,
    /// Nothing yet.
    migrations: Migrations,
    /// What could not be resolved.
    unknowns: Vec<Unknown<'s>>,
}

#[derive(Default, JsonSchema, Serialize)]
struct Migrations {
    /// Nothing yet.
    heads: [(); 0],
    /// Nothing yet.
    revisions: [(); 0],
}

impl<'s> Map<'s> {
    /// The map of a service.
    pub fn new(service: &'s Service) -> Self {
        Self {
            schema_version: SCHEMA_VERSION,
            project: Project::new(service),
            applications: service.applications.iter().map(Into::into).collect(),
            routes: Routes(service),
            schemas: [],
            dependencies: service.dependency_functions.iter().map(Into::into).collect(),
            settings: [],
            background_tasks: [],
            tables: service.tables.iter().map(Into::into).collect(),
            mappers: service.mappers.iter().map(Into::into).collect(),
            migrations: Migrations::default(),
            unknowns: service.unknowns.iter().map(Into::into).collect(),
        }
    }
}

/// The routes of a service, which are most of its map: each is put together when it is written.
struct Routes<'s>(&'s Service);

impl Serialize for Routes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let top = self.0.applications.iter().filter(|application| application.mounted_at.is_none());
        let routes = top.flat_map(|application| application.routes.iter().map(move |route| (application, route)));
        serializer.collect_seq(routes.map(|(application, route)| Route::new(self.0, application, route)))
    }
}

/// One endpoint: its row of the map, with the path a caller uses.
#[derive(JsonSchema, Serialize)]
pub struct Endpoint<'s> {
    /// Goes up when a reader could break.
    schema_version: u32,
    /// The path that a caller uses, mounts included.
    full_path: String,
    #[serde(flatten)]
    route: Route<'s>,
}

impl<'s> Endpoint<'s> {
    /// The row of an endpoint.
    pub fn new(service: &'s Service, endpoint: &model::EffectiveRoute<'s>) -> Self {
        Self {
            schema_version: SCHEMA_VERSION,
            full_path: endpoint.path.clone(),
            route: Route::new(service, endpoint.application, endpoint.route),
        }
    }
}

#[derive(JsonSchema, Serialize)]
struct Application<'s> {
    /// Module and attribute.
    name: &'s str,
    /// The path it is mounted at in another one.
    mounted_at: Option<&'s str>,
    /// The title of its document.
    title: Option<&'s str>,
    /// The version of its document.
    version: Option<&'s str>,
    /// Its middleware, outermost first.
    middleware: Vec<&'s str>,
    /// What it has handlers for.
    exception_handlers: Vec<&'s str>,
    /// Its lifespan.
    lifespan: Option<&'s str>,
    /// Where it is made.
    location: Location<'s>,
}

impl<'s> From<&'s model::Application> for Application<'s> {
    fn from(application: &'s model::Application) -> Self {
        Self {
            name: &application.name,
            mounted_at: application.mounted_at.as_deref(),
            title: application.title.as_deref(),
            version: application.version.as_deref(),
            middleware: names(&application.middleware),
            exception_handlers: names(&application.exception_handlers),
            lifespan: application.lifespan.as_ref().map(|lifespan| &*lifespan.name),
            location: (&application.location).into(),
        }
    }
}

fn names(named: &[model::Named]) -> Vec<&str> {
    named.iter().map(|named| &*named.name).collect()
}

/// A row of the route table. What only FastAPI's own routes have is left out of others.
#[derive(JsonSchema, Serialize)]
struct Route<'s> {
    /// The application it belongs to.
    application: &'s str,
    /// The class of the route.
    kind: &'s str,
    /// The path, from its application.
    path: &'s str,
    /// Its methods.
    methods: &'s [String],
    /// Its name.
    name: Option<&'s str>,
    /// Module and function.
    endpoint: Option<&'s str>,
    /// What it answers where all is well, if it is declared.
    status_code: Option<u16>,
    /// Whether the document shows it.
    include_in_schema: bool,
    /// Its tags.
    tags: &'s [String],
    /// The model that is declared for the answer.
    response_model: Option<&'s str>,
    /// The dependency tree; of routes of FastAPI only.
    #[serde(skip_serializing_if = "Option::is_none")]
    dependencies: Option<Vec<Dependency<'s>>>,
    /// What a caller sends; of routes of FastAPI only.
    #[serde(skip_serializing_if = "Option::is_none")]
    parameters: Option<Parameters<'s>>,
    /// The unknown condition under which it exists.
    conditional: Option<&'s str>,
    /// Who may call it.
    auth: Auth<'s>,
    /// What a request costs, where it was worked out.
    cost: Option<Cost<'s>>,
    /// Where it is registered.
    location: Location<'s>,
    /// What a mount holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    routes: Option<Vec<Route<'s>>>,
}

fn routes<'s>(service: &'s Service, application: &'s model::Application, routes: &'s [model::Route]) -> Vec<Route<'s>> {
    routes.iter().map(|route| Route::new(service, application, route)).collect()
}

/// What a request costs.
#[derive(JsonSchema, Serialize)]
struct Cost<'s> {
    /// Statements as a formula over numbers of rows.
    formula: String,
    /// What reads.
    queries: Vec<Term<'s>>,
    /// What writes.
    writes: Vec<Term<'s>>,
    /// Commits of a request.
    commits: u32,
    /// Whether nothing is missing from the formula.
    exact: bool,
    /// What is missing, and why.
    unknown: Vec<Reason<'s>>,
}

/// A statement, how often it is executed, and the way that leads to it.
#[derive(JsonSchema, Serialize)]
struct Term<'s> {
    /// The statement.
    what: &'s str,
    /// What it is repeated for; empty for once.
    times: &'s [String],
    /// Where it is executed.
    location: Location<'s>,
    /// The calls that lead there.
    #[schemars(with = "Vec<Step<'s>>")]
    trace: Trace<'s>,
}

/// The calls that lead to a statement, each put together when it is written.
struct Trace<'s>(&'s [requests::Step]);

impl Serialize for Trace<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(Step::from))
    }
}

#[derive(JsonSchema, Serialize)]
struct Step<'s> {
    /// The function.
    function: &'s str,
    /// Where it calls the next one.
    location: Location<'s>,
}

#[derive(JsonSchema, Serialize)]
struct Reason<'s> {
    /// What is not known.
    why: &'s str,
    /// Where.
    location: Location<'s>,
}

impl<'s> From<&'s requests::Entry> for Cost<'s> {
    fn from(entry: &'s requests::Entry) -> Self {
        let terms = |write: bool| entry.terms.iter().filter(|term| term.write == write).map(Into::into).collect();
        Self {
            formula: entry.cost.to_string(),
            queries: terms(false),
            writes: terms(true),
            commits: entry.cost.commits,
            exact: !entry.cost.unknown && !entry.cost.larger,
            unknown: entry.reasons.iter().map(|(why, place)| Reason { why, location: place.into() }).collect(),
        }
    }
}

impl<'s> From<&'s requests::Term> for Term<'s> {
    fn from(term: &'s requests::Term) -> Self {
        Self { what: &term.what, times: &term.times, location: (&term.location).into(), trace: Trace(&term.trace) }
    }
}

impl<'s> From<&'s requests::Step> for Step<'s> {
    fn from(step: &'s requests::Step) -> Self {
        Self { function: &step.function, location: (&step.location).into() }
    }
}

impl<'s> Route<'s> {
    fn new(service: &'s Service, application: &'s model::Application, route: &'s model::Route) -> Self {
        Self {
            application: &application.name,
            kind: &route.kind,
            path: &route.path,
            methods: &route.methods,
            name: route.name.as_deref(),
            endpoint: route.endpoint.as_ref().map(|endpoint| &*endpoint.name),
            status_code: route.status_code,
            include_in_schema: route.include_in_schema,
            tags: &route.tags,
            response_model: route.response_model.as_deref(),
            dependencies: route.is_api.then(|| dependencies(&route.dependencies)),
            parameters: route.is_api.then(|| (&route.parameters).into()),
            conditional: route.conditional.as_deref(),
            auth: (&route.auth).into(),
            cost: route.request.and_then(|at| service.requests.entries.get(at)).map(Into::into),
            location: (&route.location).into(),
            routes: route.is_mount().then(|| routes(service, application, &route.routes)),
        }
    }
}

#[derive(JsonSchema, Serialize)]
struct Dependency<'s> {
    /// Module and function or class.
    call: &'s str,
    /// What it depends on itself.
    dependencies: Vec<Dependency<'s>>,
    /// Scopes it asks for.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    scopes: &'s [String],
    /// The condition on which an entry of `dependencies=` hangs, where it is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    conditional: Option<&'s str>,
}

fn dependencies(dependencies: &[model::Dependency]) -> Vec<Dependency<'_>> {
    dependencies
        .iter()
        .map(|dependency| Dependency {
            call: &dependency.call,
            dependencies: self::dependencies(&dependency.dependencies),
            scopes: &dependency.scopes,
            conditional: dependency.conditional.as_deref(),
        })
        .collect()
}

#[derive(JsonSchema, Serialize)]
struct Parameters<'s> {
    /// In the path.
    path: Vec<&'s str>,
    /// In the query.
    query: Vec<&'s str>,
    /// Headers.
    header: Vec<&'s str>,
    /// Cookies.
    cookie: Vec<&'s str>,
    /// In the body.
    body: Vec<&'s str>,
}

impl<'s> From<&'s model::Parameters> for Parameters<'s> {
    fn from(parameters: &'s model::Parameters) -> Self {
        let model::Parameters { path, query, header, cookie, body } = parameters;
        Self {
            path: aliases(path),
            query: aliases(query),
            header: aliases(header),
            cookie: aliases(cookie),
            body: aliases(body),
        }
    }
}

fn aliases(parameters: &[model::Parameter]) -> Vec<&str> {
    parameters.iter().map(|parameter| &*parameter.alias).collect()
}

#[derive(JsonSchema, Serialize)]
struct Auth<'s> {
    /// `required`, `optional`, `manual` or `none`.
    class: &'static str,
    /// What decides that.
    by: Vec<Named<'s>>,
    /// Scopes a caller needs.
    scopes: &'s [String],
}

impl<'s> From<&'s model::Auth> for Auth<'s> {
    fn from(auth: &'s model::Auth) -> Self {
        Self { class: auth.class.as_str(), by: auth.by.iter().map(Into::into).collect(), scopes: &auth.scopes }
    }
}

#[derive(JsonSchema, Serialize)]
struct Named<'s> {
    /// Module and name.
    name: &'s str,
    /// Where it is, if it is of the project.
    location: Option<Location<'s>>,
}

impl<'s> From<&'s model::Named> for Named<'s> {
    fn from(named: &'s model::Named) -> Self {
        Self { name: &named.name, location: named.location.as_ref().map(Into::into) }
    }
}

#[derive(JsonSchema, Serialize)]
struct DependencyFunction<'s> {
    /// Module and function or class.
    call: &'s str,
    /// Endpoints that use it.
    used_by: usize,
    /// Where it is.
    location: Location<'s>,
}

impl<'s> From<&'s model::DependencyFunction> for DependencyFunction<'s> {
    fn from(function: &'s model::DependencyFunction) -> Self {
        Self { call: &function.name, used_by: function.used_by, location: (&function.location).into() }
    }
}

#[cfg(test)]
mod tests {
    use architect_model::Service;

    use super::Map;

    #[test]
    fn an_empty_service_has_every_key() {
        let value = serde_json::to_value(Map::new(&Service::default())).unwrap();
        let expected = serde_json::json!({
            "schema_version": 1,
            "project": {"root": "", "files": 0, "lines": 0, "endpoints": 0, "tables": 0, "libraries": {}},
            "applications": [], "routes": [], "schemas": [], "dependencies": [], "settings": [],
            "background_tasks": [], "tables": [], "mappers": [], "migrations": {"heads": [], "revisions": []},
            "unknowns": [],
        });
        assert_eq!(value, expected);
    }
}
