//! A small service for the tests of the views.

use architect_model::Service;
use architect_model::service::{
    Application, Auth, AuthClass, Dependency, DependencyFunction, Named, Parameter, Parameters, Route,
};
use architect_source::Location;

pub(crate) fn location(path: &str, line: u32) -> Location {
    Location { path: path.into(), line, column: 1, end_line: line, end_column: 2, start: 0, end: 1 }
}

pub(crate) fn route(method: &str, path: &str, endpoint: &str, class: AuthClass) -> Route {
    Route {
        is_api: true,
        methods: vec![method.into()],
        endpoint: Some(Named { name: endpoint.into(), location: Some(location("app/users.py", 12)) }),
        auth: Auth { class, ..Auth::default() },
        ..Route::new("APIRoute", path, location("app/users.py", 11))
    }
}

pub(crate) fn dependency(call: &str, dependencies: Vec<Dependency>) -> Dependency {
    Dependency {
        call: call.into(),
        scopes: Vec::new(),
        use_cache: true,
        scope: None,
        is_yield: false,
        security_scheme: false,
        optional_scheme: false,
        guard: architect_model::service::Guard::default(),
        all_scopes: Vec::new(),
        scheme: None,
        parameters: Parameters::default(),
        dependencies,
        location: Some(location("app/deps.py", 3)),
        parameter: None,
        declared_at: None,
        conditional: None,
    }
}

pub(crate) fn application(name: &str, mounted_at: Option<&str>, routes: Vec<Route>) -> Application {
    Application {
        name: name.into(),
        mounted_at: mounted_at.map(Into::into),
        title: None,
        version: None,
        middleware: vec![Named { name: "starlette.middleware.cors:CORSMiddleware".into(), location: None }],
        uncertain_middleware: Vec::new(),
        cors: Vec::new(),
        exception_handlers: Vec::new(),
        lifespan: None,
        event_handlers: Vec::new(),
        dependencies: Vec::new(),
        redirect_slashes: true,
        serves_document: true,
        strict_content_type: true,
        dependency_overrides: Vec::new(),
        document: None,
        routes,
        location: location("app/main.py", 5),
    }
}

/// Five routes, one of them mounted; a session that a user dependency needs.
pub(crate) fn service() -> Service {
    let session = || dependency("app.deps:get_db", Vec::new());
    let user = || dependency("app.deps:get_user", vec![session()]);

    let mut list = route("GET", "/v1/users", "app.users:list_users", AuthClass::Required);
    list.dependencies = vec![user()];
    let mut create = route("POST", "/v1/users", "app.users:create_user", AuthClass::Required);
    create.dependencies = vec![user(), session()];
    let mut read = route("GET", "/v1/users/{user_id}", "app.users:read_user", AuthClass::Optional);
    read.dependencies = vec![session()];
    read.response_model = Some("app.schemas:User".into());
    read.included_at = vec![location("app/main.py", 9)];
    read.auth.by = vec![Named { name: "app.deps:get_user".into(), location: Some(location("app/deps.py", 8)) }];
    read.parameters.path = vec![Parameter {
        field: None,
        alias: "user_id".into(),
        name: "user_id".into(),
        annotation: Some("int".into()),
        required: true,
        media: None,
        location: None,
    }];
    let mut stats = route("GET", "/stats", "app.admin:stats", AuthClass::None);
    stats.include_in_schema = false;
    let mut mount = route("GET", "/admin", "", AuthClass::None);
    mount.kind = "Mount".into();
    mount.is_api = false;
    mount.endpoint = None;
    mount.methods = Vec::new();
    mount.routes = vec![stats.clone()];

    let routes = vec![route("GET", "/health", "app.main:health", AuthClass::None), list, create, read, mount];
    Service {
        applications: vec![
            application("app.main:app", None, routes),
            application("app.admin:app", Some("/admin"), vec![stats]),
        ],
        dependency_functions: ["get_db", "get_user"]
            .into_iter()
            .map(|name| DependencyFunction {
                name: format!("app.deps:{name}"),
                location: location("app/deps.py", 3),
                used_by: 2,
                handlers_around_yield: Vec::new(),
            })
            .collect(),
        ..Service::default()
    }
}
