//! The OpenAPI document the running application would serve.
//!
//! Source: fastapi/openapi/utils.py of 0.115 to 0.165 and pydantic/json_schema.py of 2. What is not known is left out
//! and listed.
//!
//! Reading a service for a document costs more than for a map, so it is done on request: the model's `operations` and
//! `schemas` then hold what an operation says and the types it reaches, with their fields, constraints and own core
//! schemas as facts; this view writes them as FastAPI and Pydantic would. What their versions write differently is
//! asked of one table, `dialect.rs`; nothing else compares versions. Definitions are named the way Pydantic names them
//! (`names.rs`), which needs all that the document reaches, both for requests and for responses.

pub(crate) mod compared;
mod definitions;
mod names;
mod operations;
pub(crate) mod schemas;

use architect_model::Service;
use architect_model::schema::DocumentFacts;
use architect_model::service::{Application, Route};
use architect_source::Unknown;
use serde_json::{Map, Value as Json, json};

use definitions::Definitions;

/// The document of an application, and what had to be left out.
#[derive(Clone, Debug)]
pub struct Document {
    /// The document.
    pub json: Json,
    /// What is not known.
    pub unknowns: Vec<Unknown>,
}

/// Writes the document of an application. The service has to be read with its documents.
#[must_use]
pub fn openapi(service: &Service, application: &Application) -> Document {
    let facts = application.document.clone().unwrap_or_default();
    let mut paths: Map<String, Json> = Map::new();
    let mut schemes: Map<String, Json> = facts.schemes.clone();
    let mut validates = false;
    let routes: Vec<&Route> = served(&application.routes);
    let mut definitions = named(Definitions::new(service, facts.separate), &routes, &facts);
    for route in &routes {
        let Some(operation) = route.operation.as_deref() else { continue };
        let item = paths.entry(plain_path(&route.path)).or_insert_with(|| json!({}));
        let Json::Object(item) = item else { continue };
        for method in &route.methods {
            let written = operations::operation(&mut definitions, route, operation, method, &mut validates);
            item.insert(method.to_lowercase(), written);
        }
        for (name, definition, _) in &operation.security {
            schemes.insert(name.clone(), definition.clone());
        }
    }
    let mut webhooks: Map<String, Json> = Map::new();
    for webhook in &facts.webhooks {
        let item = operations::callback_item(&mut definitions, webhook, &mut validates);
        webhooks.insert(webhook.path.trim_start_matches('/').to_owned(), item);
    }
    let mut components: Map<String, Json> = Map::new();
    let schemas = definitions.written(validates);
    if !schemas.is_empty() {
        components.insert("schemas".into(), Json::Object(schemas));
    }
    if !schemes.is_empty() {
        components.insert("securitySchemes".into(), Json::Object(schemes));
    }
    let mut out = Map::new();
    out.insert("openapi".into(), Json::String(facts.openapi_version.clone()));
    out.insert("info".into(), Json::Object(facts.info.clone()));
    if let Some(servers) = facts.top.get("servers") {
        out.insert("servers".into(), servers.clone());
    }
    out.insert("paths".into(), Json::Object(paths));
    if !components.is_empty() {
        out.insert("components".into(), Json::Object(components));
    }
    if !webhooks.is_empty() {
        out.insert("webhooks".into(), Json::Object(webhooks));
    }
    for (key, value) in &facts.top {
        out.entry(key.clone()).or_insert_with(|| value.clone());
    }
    if let Some(why) = facts.replaced {
        definitions.unknowns.push(Unknown { what: "the document".into(), why, resolve: String::new(), location: None });
    }
    Document { json: without_null(Json::Object(out)), unknowns: definitions.unknowns }
}

/// Collects what a document needs of definitions. Their names hang on all of them, so that comes first.
fn named<'s>(mut definitions: Definitions<'s>, routes: &[&Route], facts: &DocumentFacts) -> Definitions<'s> {
    for route in routes {
        definitions.collect(route);
    }
    for webhook in &facts.webhooks {
        definitions.collect_operation(&webhook.operation, webhook.operation_id.as_deref().unwrap_or_default());
    }
    definitions.name_all();
    definitions
}

/// API routes of the application itself that are part of its document.
fn served(routes: &[Route]) -> Vec<&Route> {
    routes
        .iter()
        .filter(|route| route.is_api && !route.is_websocket() && route.include_in_schema && route.conditional.is_none())
        .collect()
}

/// A path without convertors: `/files/{path:path}` is `/files/{path}`.
pub(crate) fn plain_path(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    let mut inside = false;
    let mut skipping = false;
    for c in path.chars() {
        match c {
            '{' => inside = true,
            '}' => (inside, skipping) = (false, false),
            ':' if inside => skipping = true,
            _ => {}
        }
        if !skipping {
            out.push(c);
        }
    }
    out
}

/// FastAPI drops every `null` of the document, also those in defaults and examples of its own keys.
fn without_null(value: Json) -> Json {
    match value {
        Json::Object(items) => Json::Object(
            items
                .into_iter()
                .filter(|(_, value)| !value.is_null())
                .map(|(key, value)| (key, without_null(value)))
                .collect(),
        ),
        Json::Array(items) => Json::Array(items.into_iter().map(without_null).collect()),
        other => other,
    }
}
