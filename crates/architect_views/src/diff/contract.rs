//! What a service or a document promises to who calls it: the thing that is compared.

use std::collections::{BTreeMap, BTreeSet};

use architect_model::Service;
use architect_model::dialect::{Version, parse_version};
use architect_model::service::{Application, AuthClass, Dependency, ResponseFilter, Route};
use architect_model::tables::Table;
use architect_source::{Location, Unknown};
use serde_json::{Map, Value as Json, json};

use crate::openapi::compared::{Compared, Written, compared};
use crate::openapi::plain_path;

/// What a service, or an `OpenAPI` document, promises.
#[derive(Debug)]
pub struct Contract {
    /// What operations refer to, by [`Operation::document`].
    pub(super) documents: Vec<Document>,
    pub(super) apis: Vec<Api>,
    /// Nothing where a document is all there is.
    pub(super) tables: Option<Vec<Table>>,
    /// The version of FastAPI, where it is known.
    pub(super) fastapi: Option<(String, Version)>,
    /// What could not be known.
    pub unknowns: Vec<Unknown>,
    /// Whether it was read from source, hidden routes and all.
    pub(super) is_service: bool,
}

/// What references of operations mean.
#[derive(Debug, Default)]
pub(super) struct Document {
    /// With `components`.
    pub json: Json,
    /// Where schemas come from, by name.
    pub places: BTreeMap<String, Location>,
}

/// What one application serves, with what is mounted in it.
#[derive(Debug, Default)]
pub(super) struct Api {
    /// Its name, where there is one.
    pub name: Option<String>,
    /// URLs of its servers.
    pub servers: Vec<String>,
    pub operations: Vec<Operation>,
    /// Whether a path that differs in its last slash is redirected.
    pub redirects: bool,
    /// Whether JSON has to be sent as JSON, by versions of FastAPI that ask.
    pub strict_content_type: bool,
    /// The document that its security schemes are in.
    pub document: usize,
}

/// What an operation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Http,
    WebSocket,
    Mount,
    Webhook,
}

/// One method of one path.
#[derive(Debug)]
pub(super) struct Operation {
    pub kind: Kind,
    /// In capitals.
    pub method: String,
    /// The path with the names of its parameters, without convertors.
    pub path: String,
    /// The path with convertors.
    pub pattern: String,
    /// What a document says of it, if FastAPI runs it.
    pub json: Option<Json>,
    /// The place in [`Contract::documents`] of what it refers to.
    pub document: usize,
    /// What only the service tells.
    pub facts: Option<Facts>,
}

/// What a document does not say of an operation.
#[derive(Debug)]
pub(super) struct Facts {
    /// `module:qualname`.
    pub endpoint: Option<String>,
    pub hidden: bool,
    pub conditional: Option<String>,
    pub explicit_id: bool,
    pub auth: AuthClass,
    pub scopes: Vec<String>,
    /// Security schemes that let callers without credentials pass, so that others can be tried.
    pub optional_schemes: BTreeSet<String>,
    pub filter: ResponseFilter,
    pub location: Location,
}

impl Operation {
    /// How people name it.
    pub(super) fn title(&self) -> String {
        match self.kind {
            Kind::Webhook => format!("webhook {}", self.path),
            _ => format!("{} {}", self.method, self.path),
        }
    }

    /// The same for paths that match the same requests: names of parameters left out.
    pub(super) fn key(&self) -> (Kind, &str, String) {
        (self.kind, &self.method, nameless(&self.path))
    }

    pub(super) fn is_hidden(&self) -> bool {
        self.facts.as_ref().is_some_and(|facts| facts.hidden) || self.json.is_none()
    }

    pub(super) fn location(&self) -> Option<&Location> {
        self.facts.as_ref().map(|facts| &facts.location)
    }

    pub(super) fn is_deprecated(&self) -> bool {
        self.json.as_ref().is_some_and(|json| json["deprecated"] == true)
    }

    pub(super) fn id(&self) -> Option<&str> {
        self.json.as_ref()?["operationId"].as_str()
    }

    /// What its function is called: of the service, or in an id that FastAPI made.
    pub(super) fn handler(&self) -> Option<&str> {
        if let Some(endpoint) = self.facts.as_ref().and_then(|facts| facts.endpoint.as_deref()) {
            return endpoint.rsplit([':', '.']).next();
        }
        self.id()?.strip_suffix(&*generated_suffix(&self.path, &self.method))
    }

    /// Whether its id says nothing that its path and function do not.
    pub(super) fn has_generated_id(&self) -> bool {
        match &self.facts {
            Some(facts) => !facts.explicit_id,
            None => self.handler().is_some(),
        }
    }
}

/// What FastAPI appends to the name of a function to make an operation id.
///
/// Source: `generate_unique_id` of fastapi/utils.py.
fn generated_suffix(path: &str, method: &str) -> String {
    let path: String = path.chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '_' }).collect();
    format!("{path}_{}", method.to_lowercase())
}

/// `/users/{}` for `/users/{user_id}`.
pub(super) fn nameless(path: &str) -> String {
    let mut inside = false;
    path.chars()
        .filter(|c| {
            let shown = !inside || *c == '}';
            inside = if *c == '{' { true } else { inside && *c != '}' };
            shown
        })
        .collect()
}

impl Contract {
    /// What a service promises. It has to be read with its documents.
    #[must_use]
    pub fn of_service(service: &Service) -> Self {
        let mut out = Self {
            documents: Vec::new(),
            apis: Vec::new(),
            tables: Some(service.tables.iter().filter(|table| table.conditional.is_none()).cloned().collect()),
            fastapi: service.libraries.get("fastapi").and_then(|text| Some((text.clone(), parse_version(text)?))),
            unknowns: service.unknowns.clone(),
            is_service: true,
        };
        for application in &service.applications {
            let written = compared(service, application);
            out.unknowns.extend(written.unknowns.iter().cloned());
            out.add(application, written);
        }
        out
    }

    /// Adds an application: its own, or where it is mounted in the last one.
    fn add(&mut self, application: &Application, written: Compared<'_>) {
        let document = self.documents.len();
        let prefix = application.mounted_at.as_deref().unwrap_or_default();
        if application.mounted_at.is_none() || self.apis.is_empty() {
            self.apis.push(Api {
                name: Some(application.name.clone()),
                servers: servers(written.servers.as_ref()),
                operations: Vec::new(),
                redirects: application.redirect_slashes,
                strict_content_type: application.strict_content_type,
                document,
            });
        }
        let Some(api) = self.apis.last_mut() else { return };
        let of_route = |one: Written<'_>| Operation {
            kind: match &*one.method {
                "WS" => Kind::WebSocket,
                "MOUNT" => Kind::Mount,
                _ => Kind::Http,
            },
            path: plain_path(&format!("{prefix}{}", one.path)),
            pattern: format!("{prefix}{}", one.path),
            method: one.method,
            json: one.json,
            document,
            facts: Some(facts(one.route)),
        };
        api.operations.extend(written.operations.into_iter().map(of_route));
        for (name, item) in &written.webhooks {
            api.operations.extend(of_item(Kind::Webhook, name, item, &Json::Null, document));
        }
        let json = json!({"components": written.components});
        self.documents.push(Document { json, places: written.places });
    }

    /// What a document promises.
    ///
    /// # Errors
    /// In one line, when it is no `OpenAPI` document of version 3.
    pub fn of_document(json: Json) -> Result<Self, String> {
        if let Some(version) = json["swagger"].as_str() {
            return Err(format!("it is Swagger {version}; convert it to OpenAPI 3"));
        }
        if !json["openapi"].as_str().is_some_and(|version| version.starts_with("3.")) {
            return Err("it is no OpenAPI 3 document: it has no `openapi: 3.…`".to_owned());
        }
        let mut api = Api { redirects: true, servers: servers(json.get("servers")), ..Api::default() };
        for (part, kind) in [("paths", Kind::Http), ("webhooks", Kind::Webhook)] {
            for (path, item) in json[part].as_object().into_iter().flatten() {
                api.operations.extend(of_item(kind, path, item, &json["security"], 0));
            }
        }
        Ok(Self {
            documents: vec![Document { json, places: BTreeMap::new() }],
            apis: vec![api],
            tables: None,
            fastapi: None,
            unknowns: Vec::new(),
            is_service: false,
        })
    }

    /// Names of its applications.
    pub fn applications(&self) -> impl Iterator<Item = &str> {
        self.apis.iter().filter_map(|api| api.name.as_deref())
    }

    /// Whether it promises anything at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.apis.is_empty() && self.tables.as_ref().is_none_or(Vec::is_empty)
    }
}

const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// The operations of a path item, each with the parameters that all of them have.
pub(super) fn of_item(kind: Kind, path: &str, item: &Json, security: &Json, document: usize) -> Vec<Operation> {
    let mut out = Vec::new();
    for (method, operation) in item.as_object().into_iter().flatten() {
        let Some(mut own) = operation.as_object().filter(|_| METHODS.contains(&&**method)).cloned() else { continue };
        if let Some(shared) = item["parameters"].as_array() {
            inherit(&mut own, shared);
        }
        if !security.is_null() && !own.contains_key("security") {
            own.insert("security".into(), security.clone());
        }
        out.push(Operation {
            kind,
            method: method.to_uppercase(),
            path: path.to_owned(),
            pattern: path.to_owned(),
            json: Some(Json::Object(own)),
            document,
            facts: None,
        });
    }
    out
}

fn inherit(own: &mut Map<String, Json>, shared: &[Json]) {
    let listed = own.entry("parameters").or_insert_with(|| json!([]));
    let Some(listed) = listed.as_array_mut() else { return };
    for parameter in shared {
        let is_known = |one: &Json| one["name"] == parameter["name"] && one["in"] == parameter["in"];
        if parameter.get("$ref").is_some() || !listed.iter().any(is_known) {
            listed.push(parameter.clone());
        }
    }
}

fn servers(listed: Option<&Json>) -> Vec<String> {
    let urls = listed.and_then(Json::as_array).into_iter().flatten();
    urls.filter_map(|server| server["url"].as_str()).map(str::to_owned).collect()
}

fn facts(route: &Route) -> Facts {
    let mut optional_schemes = BTreeSet::new();
    collect_optional(&route.dependencies, &mut optional_schemes);
    Facts {
        endpoint: route.endpoint.as_ref().map(|endpoint| endpoint.name.clone()),
        hidden: !route.include_in_schema,
        conditional: route.conditional.clone(),
        explicit_id: route.explicit_operation_id,
        auth: route.auth.class,
        scopes: route.auth.scopes.clone(),
        optional_schemes,
        filter: route.response_filter.clone(),
        location: route.location.clone(),
    }
}

fn collect_optional(dependencies: &[Dependency], out: &mut BTreeSet<String>) {
    for dependency in dependencies {
        if let (true, Some((name, _))) = (dependency.optional_scheme, &dependency.scheme) {
            out.insert(name.clone());
        }
        collect_optional(&dependency.dependencies, out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_compared_without_names() {
        assert_eq!(nameless("/users/{user_id}/posts/{id}"), "/users/{}/posts/{}");
        assert_eq!(nameless("/users"), "/users");
    }

    #[test]
    fn other_files_are_refused() {
        let why = |json: Json| Contract::of_document(json).err().unwrap_or_default();
        assert!(why(json!({"swagger": "2.0"})).contains("Swagger 2.0"));
        assert!(why(json!([1])).contains("no OpenAPI 3"));
        assert_eq!(why(json!({"openapi": "3.0.3"})), "");
    }

    #[test]
    fn the_function_is_found_in_a_generated_id() {
        let item = json!({"get": {"operationId": "read_user_users__user_id__get"}, "put": {"operationId": "save"}});
        let all = of_item(Kind::Http, "/users/{user_id}", &item, &Json::Null, 0);
        let handlers: Vec<_> = all.iter().map(Operation::handler).collect();
        assert_eq!(handlers, [Some("read_user"), None]);
    }
}
