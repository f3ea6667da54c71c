//! Path operations of a document.

use architect_model::schema::{BodyField, Callback, FormModel, Operation, Stream};
use architect_model::service::Route;
use serde_json::{Map, Value as Json, json};

use super::definitions::{Definitions, Mode, words};

/// What of an operation is the same for a route and for a callback.
struct Head<'a> {
    tags: &'a [String],
    operation_id: &'a str,
    deprecated: bool,
    status: Option<u16>,
}

pub(super) fn operation(
    definitions: &mut Definitions<'_>,
    route: &Route,
    operation: &Operation,
    method: &str,
    validates: &mut bool,
) -> Json {
    let head = Head {
        tags: &route.tags,
        operation_id: route.operation_id.as_deref().unwrap_or_default(),
        deprecated: route.deprecated,
        status: route.status_code,
    };
    write(definitions, &head, operation, method, validates)
}

/// The path item of a callback or webhook.
pub(super) fn callback_item(definitions: &mut Definitions<'_>, callback: &Callback, validates: &mut bool) -> Json {
    let mut item = Map::new();
    let head = Head {
        tags: &callback.tags,
        operation_id: callback.operation_id.as_deref().unwrap_or_default(),
        deprecated: callback.deprecated,
        status: callback.status_code,
    };
    for method in &callback.methods {
        item.insert(method.to_lowercase(), write(definitions, &head, &callback.operation, method, validates));
    }
    Json::Object(item)
}

fn write(
    definitions: &mut Definitions<'_>,
    head: &Head<'_>,
    operation: &Operation,
    method: &str,
    validates: &mut bool,
) -> Json {
    let mut out = Map::new();
    if !head.tags.is_empty() {
        out.insert("tags".into(), json!(head.tags));
    }
    out.insert("summary".into(), json!(operation.summary));
    if let Some(description) = &operation.description {
        out.insert("description".into(), json!(description));
    }
    if !head.operation_id.is_empty() {
        out.insert("operationId".into(), json!(head.operation_id));
    }
    if head.deprecated {
        out.insert("deprecated".into(), json!(true));
    }
    if !operation.security.is_empty() {
        let all: Vec<Json> = operation.security.iter().map(|(name, _, scopes)| json!({name: scopes})).collect();
        out.insert("security".into(), Json::Array(all));
    }
    let parameters = parameters(definitions, operation);
    if !parameters.is_empty() {
        out.insert("parameters".into(), Json::Array(parameters));
    }
    if matches!(method, "GET" | "HEAD" | "POST" | "PUT" | "DELETE" | "PATCH")
        && let Some(body) = request_body(definitions, head.operation_id, &operation.body)
    {
        out.insert("requestBody".into(), body);
    }
    if !operation.callbacks.is_empty() {
        let mut all = Map::new();
        for callback in &operation.callbacks {
            let item = callback_item(definitions, callback, validates);
            all.insert(callback.name.clone(), json!({callback.path.clone(): item}));
        }
        out.insert("callbacks".into(), Json::Object(all));
    }
    let responses = responses(definitions, head, operation, validates);
    out.insert("responses".into(), Json::Object(responses));
    merge(&mut out, &operation.extra);
    Json::Object(out)
}

fn parameters(definitions: &mut Definitions<'_>, operation: &Operation) -> Vec<Json> {
    let mut all: Vec<((&str, String), bool, Json)> = Vec::new();
    for (place, field) in &operation.parameters {
        let schema = definitions.parameter(field, &field.alias);
        let mut written = json!({"name": field.alias, "in": place, "required": field.required, "schema": schema});
        if let Some(description) = field.facts.get("description") {
            written["description"] = description.clone();
        }
        match (field.facts.get("openapi_examples"), field.facts.get("example")) {
            (Some(examples), _) => written["examples"] = examples.clone(),
            (None, Some(example)) => written["example"] = example.clone(),
            _ => {}
        }
        if matches!(field.facts.get("deprecated"), Some(Json::Bool(true) | Json::String(_))) {
            written["deprecated"] = json!(true);
        }
        let key = (*place, field.alias.clone());
        match all.iter_mut().find(|(known, ..)| *known == key) {
            // Where one is declared twice, the one that has to be given wins, else the last one.
            Some(slot) if field.required || !slot.1 => *slot = (key, field.required, written),
            Some(_) => {}
            None => all.push((key, field.required, written)),
        }
    }
    all.into_iter().map(|(_, _, written)| written).collect()
}

fn request_body(definitions: &mut Definitions<'_>, operation_id: &str, body: &[BodyField]) -> Option<Json> {
    let first = body.first()?;
    let several = body.iter().any(|part| part.field.name != first.field.name);
    let whole = if definitions.dialect().several_parameter_models() {
        first.model == FormModel::Whole && body.iter().all(|part| part.field.ty == first.field.ty)
    } else {
        first.model != FormModel::No
    };
    let embeds = several || first.embed || (first.kind != "body" && !whole);
    let mut fields: Vec<BodyField> = Vec::new();
    for part in body {
        if !fields.iter().any(|known| known.field.name == part.field.name) {
            fields.push(part.clone());
        }
    }
    let (schema, required, media_type) = if embeds {
        let kind = ["file", "form"].into_iter().find(|kind| fields.iter().any(|part| part.kind == *kind));
        let media_type = match kind {
            Some("file") => "multipart/form-data".to_owned(),
            Some(_) => "application/x-www-form-urlencoded".to_owned(),
            None if fields.iter().all(|part| part.media_type == first.media_type) => first.media_type.clone(),
            None => "application/json".to_owned(),
        };
        let required = fields.iter().any(|part| part.field.required);
        let mut schema = definitions.body(operation_id, &fields);
        if !required {
            // A body that may be left out has a default of its own.
            schema = json!({"$ref": schema["$ref"]});
        }
        (schema, required, media_type)
    } else {
        let schema = Json::Object(definitions.parameter(&first.field, &first.field.alias));
        (schema, first.field.required, first.media_type.clone())
    };
    let mut content = json!({"schema": schema});
    if !embeds {
        match (first.field.facts.get("openapi_examples"), first.field.facts.get("example")) {
            (Some(examples), _) => content["examples"] = examples.clone(),
            (None, Some(example)) => content["example"] = example.clone(),
            _ => {}
        }
    }
    let mut out = json!({"content": {media_type: content}});
    if required {
        out["required"] = json!(true);
    }
    Some(out)
}

fn responses(
    definitions: &mut Definitions<'_>,
    head: &Head<'_>,
    operation: &Operation,
    validates: &mut bool,
) -> Map<String, Json> {
    let mut out: Map<String, Json> = Map::new();
    let status = head.status.or(operation.default_status).unwrap_or(200);
    let mut main = json!({"description": operation.response_description});
    let has_body = !(matches!(status, 204 | 205 | 304) || status < 200);
    if let (Some(stream), true) = (&operation.stream, has_body) {
        main["content"] = stream_content(definitions, head, stream);
    } else if let (Some(media_type), true) = (&operation.media_type, has_body) {
        let schema = match (&operation.response, operation.json) {
            (Some(ty), true) => {
                let title = words(&format!("Response_{}", head.operation_id));
                Json::Object(definitions.titled(ty, Mode::Output, &title))
            }
            (None, true) => json!({}),
            _ => json!({"type": "string"}),
        };
        main["content"] = json!({media_type: {"schema": schema}});
    }
    out.insert(status.to_string(), main);
    for (code, ty, rest) in &operation.responses {
        let key = if code.eq_ignore_ascii_case("default") { "default".to_owned() } else { code.to_uppercase() };
        let mut own = rest.clone();
        if let Some(ty) = ty {
            let title = words(&format!("Response_{code}_{}", head.operation_id));
            let schema = definitions.titled(ty, Mode::Output, &title);
            let media_type = operation.media_type.clone().unwrap_or_else(|| "application/json".to_owned());
            let content = own.entry("content").or_insert_with(|| json!({}));
            if !content[&media_type].is_object() {
                content[&media_type] = json!({});
            }
            let mut merged = content[&media_type]["schema"].as_object().cloned().unwrap_or_default();
            merge(&mut merged, &schema);
            content[&media_type]["schema"] = Json::Object(merged);
        }
        let slot = out.entry(key.clone()).or_insert_with(|| json!({}));
        let known = slot.get("description").and_then(Json::as_str).map(str::to_owned);
        let given = own.get("description").and_then(Json::as_str).map(str::to_owned);
        let description = given.or(known).unwrap_or_else(|| status_text(&key).to_owned());
        if let Json::Object(slot) = slot {
            merge(slot, &own);
            slot.insert("description".into(), json!(description));
        }
    }
    if operation.validates && !["422", "4XX", "default"].iter().any(|code| out.contains_key(*code)) {
        *validates = true;
        out.insert(
            "422".into(),
            json!({
                "description": "Validation Error",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/HTTPValidationError"}}}
            }),
        );
    }
    out
}

/// What a stream is made of: JSON lines, or events as the standard has them.
fn stream_content(definitions: &mut Definitions<'_>, head: &Head<'_>, stream: &Stream) -> Json {
    let title = words(&format!("StreamItem_{}", head.operation_id));
    let mut item = |ty: &Option<architect_model::schema::Type>| {
        ty.as_ref().map(|ty| Json::Object(definitions.titled(ty, Mode::Output, &title)))
    };
    match stream {
        Stream::Lines(ty) => json!({"application/jsonl": {"itemSchema": item(ty).unwrap_or_else(|| json!({}))}}),
        Stream::Events(ty) => {
            let mut event = json!({
                "type": "object",
                "properties": {
                    "data": {"type": "string"},
                    "event": {"type": "string"},
                    "id": {"type": "string"},
                    "retry": {"type": "integer", "minimum": 0}
                }
            });
            if let Some(schema) = item(ty) {
                event["required"] = json!(["data"]);
                event["properties"]["data"] =
                    json!({"type": "string", "contentMediaType": "application/json", "contentSchema": schema});
            }
            json!({"text/event-stream": {"itemSchema": event}})
        }
    }
}

/// Puts one object into another, nested ones too; lists are joined, as FastAPI does it.
fn merge(main: &mut Map<String, Json>, update: &Map<String, Json>) {
    for (key, value) in update {
        match (main.get_mut(key), value) {
            (Some(Json::Object(main)), Json::Object(value)) => merge(main, value),
            (Some(Json::Array(main)), Json::Array(value)) => main.extend(value.iter().cloned()),
            _ => {
                main.insert(key.clone(), value.clone());
            }
        }
    }
}

fn status_text(code: &str) -> &'static str {
    match code {
        "1XX" => "Information",
        "2XX" => "Success",
        "3XX" => "Redirection",
        "4XX" => "Client Error",
        "5XX" => "Server Error",
        "default" => "Default Response",
        "200" => "OK",
        "201" => "Created",
        "202" => "Accepted",
        "204" => "No Content",
        "206" => "Partial Content",
        "301" => "Moved Permanently",
        "302" => "Found",
        "303" => "See Other",
        "304" => "Not Modified",
        "307" => "Temporary Redirect",
        "308" => "Permanent Redirect",
        "400" => "Bad Request",
        "401" => "Unauthorized",
        "402" => "Payment Required",
        "403" => "Forbidden",
        "404" => "Not Found",
        "405" => "Method Not Allowed",
        "406" => "Not Acceptable",
        "408" => "Request Timeout",
        "409" => "Conflict",
        "410" => "Gone",
        "412" => "Precondition Failed",
        "413" => "Request Entity Too Large",
        "415" => "Unsupported Media Type",
        "418" => "I'm a Teapot",
        "422" => "Unprocessable Entity",
        "423" => "Locked",
        "424" => "Failed Dependency",
        "425" => "Too Early",
        "426" => "Upgrade Required",
        "428" => "Precondition Required",
        "429" => "Too Many Requests",
        "500" => "Internal Server Error",
        "501" => "Not Implemented",
        "502" => "Bad Gateway",
        "503" => "Service Unavailable",
        "504" => "Gateway Timeout",
        _ => "Additional Response",
    }
}

/// `str.title`.
pub(super) fn title(text: &str) -> String {
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
