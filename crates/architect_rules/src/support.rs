//! Hand-built services for the tests of the rules.

use std::sync::Arc;

use architect_model::Service;
use architect_model::service::{
    Application, Auth, AuthClass, Named, Parameter, Reach, Registration, Route, Router, SyntaxError,
};
use architect_source::Location;

pub(crate) fn at(path: &str, line: u32) -> Location {
    Location {
        path: Arc::from(path),
        line,
        column: 1,
        end_line: line,
        end_column: 2,
        start: line * 10,
        end: line * 10 + 1,
    }
}

pub(crate) fn named(name: &str, line: u32) -> Named {
    Named { name: name.to_owned(), location: Some(at("app/main.py", line)) }
}

/// `method` may name several, separated by commas; `line` is where it is registered in `app/main.py`.
pub(crate) fn route(method: &str, path: &str, endpoint: &str, line: u32) -> Route {
    Route {
        is_api: true,
        methods: method.split(',').filter(|method| !method.is_empty()).map(str::to_owned).collect(),
        endpoint: Some(named(&format!("app.main:{endpoint}"), line + 1)),
        ..Route::new("APIRoute", path, at("app/main.py", line))
    }
}

pub(crate) fn mount(path: &str, line: u32, routes: Vec<Route>) -> Route {
    Route { kind: "Mount".to_owned(), is_api: false, endpoint: None, routes, ..route("", path, "", line) }
}

pub(crate) fn guarded(route: Route) -> Route {
    Route {
        auth: Auth { class: AuthClass::Required, by: vec![named("app.auth:current_user", 1)], ..Auth::default() },
        ..route
    }
}

pub(crate) fn typed(mut route: Route, parameter: &str, annotation: &str) -> Route {
    route.parameters.path.push(Parameter {
        field: None,
        alias: parameter.to_owned(),
        name: parameter.to_owned(),
        annotation: Some(annotation.to_owned()),
        required: true,
        media: None,
        location: None,
    });
    route
}

pub(crate) fn application(routes: Vec<Route>) -> Application {
    Application {
        name: "app.main:app".to_owned(),
        mounted_at: None,
        title: None,
        version: None,
        middleware: Vec::new(),
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
        location: at("app/main.py", 1),
    }
}

pub(crate) fn service(routes: Vec<Route>) -> Service {
    Service { applications: vec![application(routes)], ..Service::default() }
}

pub(crate) fn router(name: &str, reach: Reach) -> Router {
    Router {
        name: name.to_owned(),
        location: at("app/items.py", 3),
        reach,
        registrations: vec![Registration {
            methods: vec!["GET".to_owned()],
            path: "/items".to_owned(),
            endpoint: "app.items:read_items".to_owned(),
            location: at("app/items.py", 6),
            added_after_include: None,
        }],
        aside: false,
        may_escape: false,
    }
}

pub(crate) fn syntax_error(path: &str, line: u32) -> SyntaxError {
    SyntaxError { message: "Expected an expression".to_owned(), location: at(path, line), needs_python: None }
}
