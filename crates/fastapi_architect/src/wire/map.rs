//! `map --format json`.

use architect_model::Service;
use architect_model::requests;
use architect_model::service as model;
use serde::Serialize;

use super::tables::{Mapper, Table};
use super::{Location, Project, SCHEMA_VERSION, Unknown};

/// The whole map.
#[derive(Serialize)]
pub struct Map<'s> {
    schema_version: u32,
    project: Project<'s>,
    applications: Vec<Application<'s>>,
    routes: Vec<Route<'s>>,
    schemas: [(); 0],
    dependencies: Vec<DependencyFunction<'s>>,
    settings: [(); 0],
    background_tasks: [(); 0],
    tables: Vec<Table<'s>>,
    mappers: Vec<Mapper<'s>>,
    migrations: Migrations,
    unknowns: Vec<Unknown<'s>>,
}

#[derive(Default, Serialize)]
struct Migrations {
    heads: [(); 0],
    revisions: [(); 0],
}

impl<'s> Map<'s> {
    /// The map of a service.
    pub fn new(service: &'s Service) -> Self {
        let top = service.applications.iter().filter(|application| application.mounted_at.is_none());
        Self {
            schema_version: SCHEMA_VERSION,
            project: Project::new(service),
            applications: service.applications.iter().map(Into::into).collect(),
            routes: top.flat_map(|application| routes(service, application, &application.routes)).collect(),
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

/// One endpoint: its row of the map, with the path a caller uses.
#[derive(Serialize)]
pub struct Endpoint<'s> {
    schema_version: u32,
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

#[derive(Serialize)]
struct Application<'s> {
    name: &'s str,
    mounted_at: Option<&'s str>,
    title: Option<&'s str>,
    version: Option<&'s str>,
    middleware: Vec<&'s str>,
    exception_handlers: Vec<&'s str>,
    lifespan: Option<&'s str>,
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
#[derive(Serialize)]
struct Route<'s> {
    application: &'s str,
    kind: &'s str,
    path: &'s str,
    methods: &'s [String],
    name: Option<&'s str>,
    endpoint: Option<&'s str>,
    status_code: Option<u16>,
    include_in_schema: bool,
    tags: &'s [String],
    response_model: Option<&'s str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dependencies: Option<Vec<Dependency<'s>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parameters: Option<Parameters<'s>>,
    conditional: Option<&'s str>,
    auth: Auth<'s>,
    cost: Option<Cost<'s>>,
    location: Location<'s>,
    #[serde(skip_serializing_if = "Option::is_none")]
    routes: Option<Vec<Route<'s>>>,
}

fn routes<'s>(service: &'s Service, application: &'s model::Application, routes: &'s [model::Route]) -> Vec<Route<'s>> {
    routes.iter().map(|route| Route::new(service, application, route)).collect()
}

/// What a request costs.
#[derive(Serialize)]
struct Cost<'s> {
    formula: String,
    queries: Vec<Term<'s>>,
    writes: Vec<Term<'s>>,
    commits: u32,
    exact: bool,
    unknown: Vec<Reason<'s>>,
}

/// A statement, how often it is executed, and the way that leads to it.
#[derive(Serialize)]
struct Term<'s> {
    what: &'s str,
    times: &'s [String],
    location: Location<'s>,
    trace: Vec<Step<'s>>,
}

#[derive(Serialize)]
struct Step<'s> {
    function: &'s str,
    location: Location<'s>,
}

#[derive(Serialize)]
struct Reason<'s> {
    why: &'s str,
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
        Self {
            what: &term.what,
            times: &term.times,
            location: (&term.location).into(),
            trace: term
                .trace
                .iter()
                .map(|step| Step { function: &step.function, location: (&step.location).into() })
                .collect(),
        }
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

#[derive(Serialize)]
struct Dependency<'s> {
    call: &'s str,
    dependencies: Vec<Dependency<'s>>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    scopes: &'s [String],
}

fn dependencies(dependencies: &[model::Dependency]) -> Vec<Dependency<'_>> {
    dependencies
        .iter()
        .map(|dependency| Dependency {
            call: &dependency.call,
            dependencies: self::dependencies(&dependency.dependencies),
            scopes: &dependency.scopes,
        })
        .collect()
}

#[derive(Serialize)]
struct Parameters<'s> {
    path: Vec<&'s str>,
    query: Vec<&'s str>,
    header: Vec<&'s str>,
    cookie: Vec<&'s str>,
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

#[derive(Serialize)]
struct Auth<'s> {
    class: &'static str,
    by: Vec<Named<'s>>,
    scopes: &'s [String],
}

impl<'s> From<&'s model::Auth> for Auth<'s> {
    fn from(auth: &'s model::Auth) -> Self {
        Self { class: auth.class.as_str(), by: auth.by.iter().map(Into::into).collect(), scopes: &auth.scopes }
    }
}

#[derive(Serialize)]
struct Named<'s> {
    name: &'s str,
    location: Option<Location<'s>>,
}

impl<'s> From<&'s model::Named> for Named<'s> {
    fn from(named: &'s model::Named) -> Self {
        Self { name: &named.name, location: named.location.as_ref().map(Into::into) }
    }
}

#[derive(Serialize)]
struct DependencyFunction<'s> {
    call: &'s str,
    used_by: usize,
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
