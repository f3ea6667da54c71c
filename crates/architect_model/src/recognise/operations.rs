//! What an API document says of a path operation, decided as FastAPI does in `get_openapi_path`.
//!
//! Source: fastapi/openapi/utils.py and fastapi/routing.py of 0.115 to 0.165.

use architect_python::{Object, Value};
use serde_json::{Value as Json, json};

use super::Recogniser;
use super::schemas::clean_doc;
use crate::schema::{BodyField, Callback, DocumentFacts, FormModel, Keywords, Operation, SchemaKind, Stream, Type};
use crate::service::{Dependency, Parameters, Route};

/// What includes add to the document of a route.
#[derive(Clone, Default)]
pub(super) struct DocumentContext {
    pub responses: Vec<Value>,
    pub callbacks: Vec<Value>,
    pub response_class: Option<Value>,
}

impl Recogniser<'_> {
    /// The operation of an API route; the row holds what the route table knows.
    pub(super) fn operation(
        &mut self,
        route: Value,
        endpoint: Value,
        row: &Route,
        context: &DocumentContext,
    ) -> Operation {
        let name = row.name.clone().unwrap_or_default();
        let doc = self.text_of(endpoint, "__doc__");
        let description = self.text_of(route, "description").or_else(|| doc.map(|doc| clean_doc(&doc)));
        let description = description.map(|text| text.split('\u{c}').next().unwrap_or_default().trim().to_owned());
        let class = self
            .machine
            .get(route, "response_class")
            .filter(|class| !self.is_a(*class, "DefaultPlaceholder"))
            .or(context.response_class.filter(|class| !self.is_a(*class, "DefaultPlaceholder")));
        let default_status = class
            .and_then(|class| self.machine.get(class, "default_status"))
            .and_then(|status| if let Value::Int(status) = status { u16::try_from(status).ok() } else { None });
        let stream = self.stream(endpoint, class);
        let json = class.is_none_or(|class| self.derives(class, "JSONResponse"));
        let media_type = match class {
            Some(class) => self.text_of(class, "media_type"),
            None => Some("application/json".to_owned()),
        };
        let mut out = Operation {
            summary: self.text_of(route, "summary").unwrap_or_else(|| title(&name.replace('_', " "))),
            description: description.filter(|text| !text.is_empty()),
            response_description: self
                .text_of(route, "response_description")
                .unwrap_or_else(|| "Successful Response".to_owned()),
            media_type,
            json,
            stream,
            default_status: default_status.filter(|status| *status != 200),
            ..Operation::default()
        };
        out.response = self.response_type(route, endpoint);
        self.flatten(&row.parameters, &row.dependencies, &mut out);
        let mut all: Vec<(String, Value)> = Vec::new();
        let own = self.machine.get(route, "responses");
        for responses in context.responses.iter().copied().chain(own) {
            for (code, value) in self.response_items(responses) {
                match all.iter_mut().find(|(known, _)| *known == code) {
                    Some(slot) => slot.1 = value,
                    None => all.push((code, value)),
                }
            }
        }
        for (code, value) in all {
            let model = self.machine.get_item(value, "model").filter(|model| *model != Value::None);
            let ty = model.map(|model| self.type_of(model));
            let mut rest = Keywords::new();
            for (name, value) in self.dict_items(value).unwrap_or_default() {
                if name != "model"
                    && let Some(json) = self.json_of(value)
                {
                    rest.insert(name, json);
                }
            }
            out.responses.push((code, ty, rest));
        }
        if let Some(Json::Object(extra)) =
            self.machine.get(route, "openapi_extra").and_then(|value| self.json_of(value))
        {
            out.extra = extra;
        }
        let mut callbacks: Vec<Value> = context.callbacks.clone();
        callbacks.extend(self.list_of(route, "callbacks"));
        for callback in callbacks {
            if self.is_a(callback, "APIRoute") {
                out.callbacks.extend(self.callback(callback));
            }
        }
        out
    }

    /// A route that is described and not served: of `callbacks=` or of `app.webhooks`.
    fn callback(&mut self, route: Value) -> Option<Callback> {
        let endpoint = self.machine.get(route, "endpoint")?;
        let path = self.text_of(route, "path")?;
        let names = super::applications::path_names(&path);
        let mut row = Route::new("APIRoute", &path, self.registration_site(route)?);
        row.name = self.text_of(route, "name").or_else(|| self.text_of(endpoint, "__name__"));
        row.methods = self.methods_of(route);
        let own = self.dependant(endpoint, &names, &[]);
        row.parameters = own.parameters;
        row.dependencies = own.dependencies;
        row.tags = self.list_of(route, "tags").into_iter().filter_map(|tag| self.tag_text(tag)).collect();
        let operation = self.operation(route, endpoint, &row, &DocumentContext::default());
        let operation_id = self.text_of(route, "operation_id").or_else(|| super::applications::usual_id(&row));
        Some(Callback {
            name: row.name.clone().unwrap_or_default(),
            path,
            methods: row.methods,
            tags: row.tags,
            operation_id,
            deprecated: self.machine.get(route, "deprecated") == Some(Value::Bool(true)),
            status_code: self.status_code(route, ""),
            operation,
        })
    }

    /// What an endpoint that yields streams: events with the response class for them, JSON lines without any.
    fn stream(&mut self, endpoint: Value, class: Option<Value>) -> Option<Stream> {
        let yields =
            self.machine.function(endpoint).is_some_and(|(_, function)| architect_python::is_generator(function.node));
        if !yields || !self.service.dialect.streams() {
            return None;
        }
        let events = class.is_some_and(|class| self.derives(class, "EventSourceResponse"));
        if !events && class.is_some() {
            return None;
        }
        let returns = self.machine.signature(endpoint).and_then(|sig| sig.returns);
        let item = returns.and_then(|returns| match self.machine.obj(returns) {
            Some(Object::Generic { args, .. }) => args.first().copied(),
            _ => None,
        });
        let item = item.filter(|item| !events || !self.derives(*item, "ServerSentEvent"));
        let item = item.map(|item| self.type_of(item));
        Some(if events { Stream::Events(item) } else { Stream::Lines(item) })
    }

    fn response_items(&mut self, responses: Value) -> Vec<(String, Value)> {
        let entries: Vec<(Value, Value)> = match self.machine.obj(responses) {
            Some(Object::Dict(data)) => data.items.values().copied().collect(),
            _ => return Vec::new(),
        };
        entries
            .into_iter()
            .filter_map(|(key, value)| {
                let key = match self.json_of(key)? {
                    Json::String(text) => text,
                    other => other.to_string(),
                };
                Some((key, value))
            })
            .collect()
    }

    fn response_type(&mut self, route: Value, endpoint: Value) -> Option<Type> {
        match self.response_value(route, endpoint)? {
            Value::None => None,
            value => Some(self.type_of(value)),
        }
    }

    /// Parameters and security schemes of a dependency tree, each callable once, as FastAPI lists them.
    fn flatten(&mut self, parameters: &Parameters, dependencies: &[Dependency], out: &mut Operation) {
        let mut visited: Vec<(String, Vec<String>, Option<architect_source::Location>)> = Vec::new();
        let mut places: [Vec<crate::schema::Field>; 4] = Default::default();
        self.flatten_into(parameters, dependencies, &mut visited, &mut places, out);
        let several = self.service.dialect.several_parameter_models();
        for (place, fields) in ["path", "query", "header", "cookie"].into_iter().zip(places) {
            let alone = fields.len() == 1;
            for field in fields {
                out.validates = true;
                if field.facts.get("include_in_schema") == Some(&Json::Bool(false)) {
                    continue;
                }
                // A model stands for its fields.
                match self.parameter_model(&field, several && place != "path").filter(|_| several || alone) {
                    Some((index, optional)) => {
                        let underscores = field.facts.get("convert_underscores") != Some(&Json::Bool(false));
                        for mut field in self.service.schemas[index].fields.clone() {
                            // The title is that of the field, whatever the header is called.
                            if !field.facts.contains_key("title") {
                                let words = title(&field.alias).replace('_', " ");
                                field.facts.insert("title".to_owned(), Json::String(words));
                            }
                            if place == "header" && underscores && field.alias == field.name {
                                field.alias = field.name.replace('_', "-");
                            }
                            field.required &= !optional;
                            out.parameters.push((place, field));
                        }
                    }
                    None => out.parameters.push((place, field)),
                }
            }
        }
        out.validates |= !out.body.is_empty();
    }

    fn flatten_into(
        &mut self,
        parameters: &Parameters,
        dependencies: &[Dependency],
        visited: &mut Vec<(String, Vec<String>, Option<architect_source::Location>)>,
        places: &mut [Vec<crate::schema::Field>; 4],
        out: &mut Operation,
    ) {
        let lists = [&parameters.path, &parameters.query, &parameters.header, &parameters.cookie];
        for (list, place) in lists.into_iter().zip(places.iter_mut()) {
            place.extend(list.iter().filter_map(|parameter| parameter.field.as_deref().cloned()));
        }
        for parameter in &parameters.body {
            let Some(field) = parameter.field.as_deref() else { continue };
            let kind = match parameter.media {
                Some("file") => "file",
                Some("form") => "form",
                _ => "body",
            };
            let given = field.facts.get("media_type").and_then(Json::as_str).map(str::to_owned);
            let media_type = given.unwrap_or_else(|| {
                match kind {
                    "file" => "multipart/form-data",
                    "form" => "application/x-www-form-urlencoded",
                    _ => "application/json",
                }
                .to_owned()
            });
            let model = if kind == "body" { FormModel::No } else { self.form_model(&field.ty) };
            let embed = field.facts.get("embed") == Some(&Json::Bool(true));
            out.body.push(BodyField { field: field.clone(), kind, embed, media_type, model });
        }
        for dependency in dependencies {
            if let Some((name, definition)) = &dependency.scheme {
                match out.security.iter_mut().find(|(known, ..)| known == name) {
                    Some((_, _, scopes)) => {
                        for scope in &dependency.all_scopes {
                            if !scopes.contains(scope) {
                                scopes.push(scope.clone());
                            }
                        }
                    }
                    None => out.security.push((name.clone(), definition.clone(), dependency.all_scopes.clone())),
                }
            }
            let key = (dependency.call.clone(), dependency.scopes.clone(), dependency.location.clone());
            if dependency.use_cache && visited.contains(&key) {
                continue;
            }
            visited.push(key);
            self.flatten_into(&dependency.parameters, &dependency.dependencies, visited, places, out);
        }
    }

    /// The model a parameter is of, and whether it may be left out as a whole.
    fn parameter_model(&self, field: &crate::schema::Field, unwrap: bool) -> Option<(usize, bool)> {
        match &field.ty {
            Type::Reference(index) if self.is_model(*index) => Some((*index, false)),
            Type::Union { members, .. } if unwrap && members.len() == 2 && members.contains(&Type::Null) => {
                members.iter().find_map(|member| match member {
                    Type::Reference(index) if self.is_model(*index) => Some((*index, !field.required)),
                    _ => None,
                })
            }
            _ => None,
        }
    }

    fn is_model(&self, index: usize) -> bool {
        self.service.schemas[index].kind == SchemaKind::Model
    }

    fn form_model(&self, ty: &Type) -> FormModel {
        match ty {
            Type::Reference(index) if self.is_model(*index) => FormModel::Whole,
            Type::Union { members, .. } if self.service.dialect.several_parameter_models() => {
                let models = members.iter().filter(|member| **member != Type::Null);
                if models.clone().all(|member| self.form_model(member) == FormModel::Whole) {
                    FormModel::Part
                } else {
                    FormModel::No
                }
            }
            Type::Annotated { inner, .. } => self.form_model(inner),
            _ => FormModel::No,
        }
    }

    /// Name and definition of a security scheme.
    pub(super) fn scheme(&mut self, scheme: Value) -> Option<(String, Json)> {
        let name = self.text_of(scheme, "scheme_name")?;
        let mut definition = match self.machine.get(scheme, "model").map(|model| self.json_of(model)) {
            Some(Some(Json::Object(model))) => model,
            _ => return None,
        };
        definition.retain(|_, value| !value.is_null());
        Some((name, Json::Object(definition)))
    }

    /// What the document of an application says beside its operations.
    pub(super) fn document_facts(&mut self, app: Value) -> DocumentFacts {
        let mut out = DocumentFacts { separate: true, openapi_version: "3.1.0".into(), ..DocumentFacts::default() };
        let mut info = Keywords::new();
        for (key, name) in [
            ("title", "title"),
            ("version", "version"),
            ("summary", "summary"),
            ("description", "description"),
            ("termsOfService", "terms_of_service"),
            ("contact", "contact"),
            ("license", "license_info"),
        ] {
            if let Some(json) = self.machine.get(app, name).and_then(|value| self.json_of(value)) {
                let empty = json.is_null() || json.as_str().is_some_and(str::is_empty) || json == json!({});
                if !empty {
                    info.insert(key.into(), json);
                }
            }
        }
        out.info = info;
        for (key, name) in [("servers", "servers"), ("tags", "openapi_tags"), ("externalDocs", "openapi_external_docs")]
        {
            if let Some(json) = self.machine.get(app, name).and_then(|value| self.json_of(value))
                && !json.is_null()
                && json != json!([])
            {
                out.top.insert(key.into(), json);
            }
        }
        if let Some(given) = self.replaced_document(app, &mut out) {
            out.replaced = given;
        }
        if let Some(version) = self.text_of(app, "openapi_version") {
            out.openapi_version = version;
        }
        out.separate = self.machine.get(app, "separate_input_output_schemas") != Some(Value::Bool(false));
        if let Some(webhooks) = self.machine.get(app, "webhooks") {
            for route in self.list_of(webhooks, "routes") {
                if self.is_a(route, "APIRoute") {
                    out.webhooks.extend(self.callback(route));
                }
            }
        }
        out
    }
}

impl Recogniser<'_> {
    /// The document of a program that replaces `app.openapi`: what it calls `get_openapi` with, and what it adds.
    /// Gives why the rest is not known, if anything is not.
    fn replaced_document(&mut self, app: Value, out: &mut DocumentFacts) -> Option<Option<String>> {
        let function = match self.machine.obj(app)? {
            Object::Instance { attrs, .. } => *attrs.get(&self.machine.names.lookup("openapi")?)?,
            _ => return None,
        };
        let made = self.machine.invoke(function, architect_python::CallArgs::default()).ok();
        let entries = made.and_then(|made| self.dict_items(made));
        let Some(entries) = entries else {
            return Some(Some("the program makes the document itself, and what it makes is not known".to_owned()));
        };
        for (name, value) in entries {
            let json = self.json_of(value);
            match (name.as_str(), json) {
                ("openapi", _) => {}
                ("info", Some(Json::Object(info))) => out.info = info,
                ("paths", _) => {}
                ("components", Some(Json::Object(components))) => {
                    if let Some(Json::Object(schemes)) = components.get("securitySchemes") {
                        out.schemes = schemes.clone();
                    }
                }
                (_, Some(json)) => {
                    out.top.insert(name, json);
                }
                (_, None) => {
                    return Some(Some(format!("the program sets `{name}` of the document to what is not known")));
                }
            }
        }
        Some(None)
    }
}

/// `str.title`.
pub(crate) fn title(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut inside = false;
    for c in text.chars() {
        if c.is_alphabetic() {
            if inside {
                out.extend(c.to_lowercase());
            } else {
                out.extend(c.to_uppercase());
            }
            inside = true;
        } else {
            out.push(c);
            inside = false;
        }
    }
    out
}
