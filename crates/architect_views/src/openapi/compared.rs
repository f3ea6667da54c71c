//! What an application serves, written like a document and for comparison: hidden routes, routes under a condition and
//! websockets among it, and with marks for what a document has no words for.

use std::collections::{BTreeMap, BTreeSet};

use architect_model::Service;
use architect_model::service::{Application, Route};
use architect_source::{Location, Unknown};
use serde_json::{Map, Value as Json};

use super::definitions::Definitions;
use super::{named, operations, plain_path, without_null};

/// A keyword of schemas of which something is not known: why.
pub(crate) const UNKNOWN: &str = "x-architect-unknown";
/// A keyword of schemas of what has a default that is not known.
pub(crate) const UNKNOWN_DEFAULT: &str = "x-architect-unknown-default";
/// A keyword of schemas of fields and parameters: the name in Python, where it is another one.
pub(crate) const NAME: &str = "x-architect-name";

/// What an application serves.
pub(crate) struct Compared<'s> {
    /// One entry for each method of a route, in matching order; what is never reached behind another one is left out.
    pub(crate) operations: Vec<Written<'s>>,
    /// `components` of a document.
    pub(crate) components: Json,
    /// Path items of webhooks by name.
    pub(crate) webhooks: Vec<(String, Json)>,
    /// `servers` of the document.
    pub(crate) servers: Option<Json>,
    /// Where definitions come from, by name.
    pub(crate) places: BTreeMap<String, Location>,
    /// What is not known of the definitions.
    pub(crate) unknowns: Vec<Unknown>,
}

/// One method of a route.
pub(crate) struct Written<'s> {
    /// The route.
    pub(crate) route: &'s Route,
    /// `GET`, `WS` for websockets, `MOUNT` for what is mounted and no application of the program.
    pub(crate) method: String,
    /// The path below the application, with convertors.
    pub(crate) path: String,
    /// The operation; nothing for routes that FastAPI does not run.
    pub(crate) json: Option<Json>,
}

/// Writes what an application serves. The service has to be read with its documents.
pub(crate) fn compared<'s>(service: &'s Service, application: &'s Application) -> Compared<'s> {
    let facts = application.document.clone().unwrap_or_default();
    let mut served: Vec<(&Route, String)> = Vec::new();
    collect(&application.routes, "", &mut served);
    let routes: Vec<&Route> = served.iter().map(|(route, _)| *route).collect();
    let mut definitions = Definitions::new(service, facts.separate);
    definitions.marks = true;
    let mut definitions = named(definitions, &routes, &facts);
    let mut schemes = facts.schemes.clone();
    let mut validates = false;
    let mut operations = Vec::new();
    let mut seen: BTreeSet<(String, String)> = BTreeSet::new();
    for (route, path) in served {
        for method in methods(route) {
            if !seen.insert((method.clone(), plain_path(&path))) {
                continue;
            }
            let json = route.operation.as_deref().filter(|_| route.is_api).map(|operation| {
                for (name, definition, _) in &operation.security {
                    schemes.insert(name.clone(), definition.clone());
                }
                without_null(operations::operation(&mut definitions, route, operation, &method, &mut validates))
            });
            operations.push(Written { route, method, path: path.clone(), json });
        }
    }
    let webhooks = facts.webhooks.iter().map(|webhook| {
        let item = operations::callback_item(&mut definitions, webhook, &mut validates);
        (webhook.path.trim_start_matches('/').to_owned(), without_null(item))
    });
    let webhooks = webhooks.collect();
    let mut components = Map::new();
    components.insert("schemas".into(), Json::Object(definitions.written(validates)));
    components.insert("securitySchemes".into(), Json::Object(schemes));
    Compared {
        operations,
        components: without_null(Json::Object(components)),
        webhooks,
        servers: facts.top.get("servers").cloned(),
        places: definitions.places(),
        unknowns: definitions.unknowns,
    }
}

/// Routes of the application itself; those of a mounted application are its own.
fn collect<'s>(routes: &'s [Route], prefix: &str, out: &mut Vec<(&'s Route, String)>) {
    for route in routes {
        let path = format!("{prefix}{}", route.path);
        if !route.is_mount() || route.mounted.is_none() && route.routes.is_empty() {
            out.push((route, path));
        } else if route.mounted.is_none() {
            collect(&route.routes, &path, out);
        }
    }
}

fn methods(route: &Route) -> Vec<String> {
    if route.is_mount() {
        return vec!["MOUNT".to_owned()];
    }
    if route.is_websocket() {
        return vec!["WS".to_owned()];
    }
    // Starlette answers HEAD where it answers GET.
    let has_get = route.methods.iter().any(|method| method == "GET");
    route.methods.iter().filter(|method| !(has_get && *method == "HEAD")).cloned().collect()
}
