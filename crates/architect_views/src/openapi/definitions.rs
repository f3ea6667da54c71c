//! The definitions of a document: which classes it needs, what they are called, and their schemas.
//!
//! A class has the shortest name that is its own: its name, its name with the side it is used on, its dotted path.
//! Source: `GenerateJsonSchema.get_defs_ref` of pydantic/json_schema.py.

use std::collections::{BTreeMap, BTreeSet};

use architect_model::Service;
use architect_model::dialect::Dialect;
use architect_model::schema::{BodyField, Encodings, Field, FormModel, Operation, Schema, SchemaKind, Stream, Type};
use architect_model::service::Route;
use architect_source::{Location, Unknown};
use serde_json::{Map, Value as Json, json};

use super::compared::{NAME, UNKNOWN, UNKNOWN_DEFAULT};
use super::names;
use super::schemas::{describe, limits_as_floats};

/// Where definitions stand.
pub(super) const PREFIX: &str = "#/components/schemas/";

/// Which side of a class a schema shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Mode {
    /// What may be sent.
    Input,
    /// What is answered.
    Output,
}

/// Classes and sides that a document needs.
pub(super) struct Definitions<'s> {
    service: &'s Service,
    /// Whether a class may look different when it is sent and when it is answered.
    separate: bool,
    needed: BTreeSet<(usize, Mode)>,
    names: BTreeMap<(usize, Mode), String>,
    bodies: BTreeMap<String, Json>,
    /// Whether what a document cannot say is marked; see [`super::compared`].
    pub(super) marks: bool,
    /// How the model that is being written encodes what JSON does not have.
    pub(super) encodings: Encodings,
    pub(super) unknowns: Vec<Unknown>,
}

impl<'s> Definitions<'s> {
    pub(super) fn new(service: &'s Service, separate: bool) -> Self {
        Self {
            service,
            separate,
            needed: BTreeSet::new(),
            names: BTreeMap::new(),
            bodies: BTreeMap::new(),
            marks: false,
            encodings: Encodings::default(),
            unknowns: Vec::new(),
        }
    }

    pub(super) fn dialect(&self) -> Dialect {
        self.service.dialect
    }

    fn side(&self, mode: Mode) -> Mode {
        if self.separate { mode } else { Mode::Input }
    }

    // ------------------------------------------------------------ collecting

    pub(super) fn collect(&mut self, route: &Route) {
        if let Some(operation) = route.operation.as_deref() {
            self.collect_operation(operation, &route.path);
        }
    }

    pub(super) fn collect_operation(&mut self, operation: &Operation, what: &str) {
        for (_, field) in &operation.parameters {
            if field.unknown_default {
                let why = "its default is not known".to_owned();
                self.unknown(format!("the parameter {} of {what}", field.alias), why, None);
            }
            self.need(&field.ty, Mode::Input, what);
        }
        for part in &operation.body {
            self.need(&part.field.ty, Mode::Input, what);
        }
        if let Some(response) = &operation.response {
            self.need(response, Mode::Output, what);
        }
        if let Some(Stream::Events(Some(item)) | Stream::Lines(Some(item))) = &operation.stream {
            self.need(item, Mode::Output, what);
        }
        for (_, ty, _) in &operation.responses {
            if let Some(ty) = ty {
                self.need(ty, Mode::Output, what);
            }
        }
        for callback in &operation.callbacks {
            self.collect_operation(&callback.operation, what);
        }
    }

    fn need(&mut self, ty: &Type, mode: Mode, what: &str) {
        match ty {
            Type::Reference(index) => {
                let mode = self.side(mode);
                if self.needed.insert((*index, mode)) {
                    let schema = self.schema_of(*index);
                    if let Some(why) = &schema.unknown {
                        self.unknown(format!("the schema {}", schema.name), why.clone(), schema.location.clone());
                    }
                    if let (Mode::Output, Some(serialized)) = (mode, &schema.serialized) {
                        self.need(serialized, mode, &schema.name);
                        return;
                    }
                    for field in schema.fields.iter().filter(|field| shown(field, mode)) {
                        if field.unknown_default {
                            let why = "its default is not known".to_owned();
                            self.unknown(
                                format!("the field {}.{}", schema.name, field.name),
                                why,
                                schema.location.clone(),
                            );
                        }
                        self.need(type_on(field, mode), mode, &schema.name);
                    }
                    if let Some(root) = &schema.root {
                        self.need(root, mode, &schema.name);
                    }
                }
            }
            Type::Array { items, .. } => self.need(items, mode, what),
            Type::Tuple(items) => items.iter().for_each(|item| self.need(item, mode, what)),
            Type::Object { keys, values } => {
                self.need(keys, mode, what);
                self.need(values, mode, what);
            }
            Type::Union { members, .. } => members.iter().for_each(|member| self.need(member, mode, what)),
            Type::Annotated { inner, .. } => self.need(inner, mode, what),
            Type::Serialized { inner, output } => {
                self.need(if mode == Mode::Input { inner } else { output }, mode, what);
            }
            Type::Unknown(why) => self.unknown(format!("a type of {what}"), why.clone(), None),
            Type::Any | Type::Null | Type::Scalar(_) | Type::Literal(_) | Type::Given(_) | Type::Hidden => {}
        }
    }

    fn unknown(&mut self, what: String, why: String, location: Option<Location>) {
        let resolve = "install the project's environment and pass --python".to_owned();
        let unknown = Unknown { what, why, resolve, location };
        if !self.unknowns.contains(&unknown) {
            self.unknowns.push(unknown);
        }
    }

    /// Where each definition comes from, by name.
    pub(super) fn places(&self) -> BTreeMap<String, Location> {
        let place = |(index, _): &(usize, Mode)| self.schema_of(*index).location.clone();
        self.names.iter().filter_map(|(key, name)| Some((name.clone(), place(key)?))).collect()
    }

    fn schema_of(&self, index: usize) -> &'s Schema {
        &self.service.schemas[index]
    }

    // ---------------------------------------------------------------- naming

    /// Chooses the name of every definition.
    pub(super) fn name_all(&mut self) {
        let mut takers: BTreeMap<String, Vec<(usize, Mode)>> = BTreeMap::new();
        for (index, mode) in &self.needed {
            takers.entry(normal(&self.schema_of(*index).name)).or_default().push((*index, *mode));
        }
        let mut contested: Vec<(usize, Mode)> = Vec::new();
        for (short, takers) in takers {
            match takers.as_slice() {
                [only] => {
                    self.names.insert(*only, short);
                }
                _ => contested.extend(takers),
            }
        }
        // Where several want a name they get unique ones first, and shorter ones as long as nothing gets ambiguous.
        let mut occurrences: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        let mut choices: Vec<Vec<String>> = Vec::new();
        for (index, mode) in &contested {
            let schema = self.schema_of(*index);
            let side = if *mode == Mode::Input { "Input" } else { "Output" };
            let (short, long) = (normal(&schema.name), normal(&schema.qualified));
            let known = occurrences.entry(long.clone()).or_default();
            if !known.contains(index) {
                known.push(*index);
            }
            let count = known.iter().position(|known| known == index).unwrap_or(0) + 1;
            choices.push(vec![
                short.clone(),
                format!("{short}-{side}"),
                long.clone(),
                format!("{long}-{side}"),
                format!("{long}__{count}"),
                format!("{long}-{side}__{count}"),
            ]);
        }
        for (key, choices) in contested.iter().zip(&choices) {
            self.names.insert(*key, choices[5].clone());
        }
        let mut written: Vec<Json> =
            contested.iter().map(|(index, mode)| Json::Object(self.definition(*index, *mode))).collect();
        for (key, name) in contested.iter().zip(names::simplify(&mut written, &choices, self.dialect())) {
            self.names.insert(*key, name);
        }
    }

    pub(super) fn reference(&self, index: usize, mode: Mode) -> String {
        let name = self.names.get(&(index, self.side(mode)));
        let fallback = || self.names.get(&(index, Mode::Input)).or_else(|| self.names.get(&(index, Mode::Output)));
        let name = name.or_else(fallback).cloned().unwrap_or_else(|| normal(&self.schema_of(index).name));
        format!("{PREFIX}{name}")
    }

    // --------------------------------------------------------------- writing

    /// Every definition, by name.
    pub(super) fn written(&mut self, validates: bool) -> Map<String, Json> {
        let mut out: BTreeMap<String, Json> = BTreeMap::new();
        for ((index, mode), name) in self.names.clone() {
            let written = self.definition(index, mode);
            let mut written = Json::Object(written);
            limits_as_floats(&mut written);
            out.entry(name).or_insert(written);
        }
        out.append(&mut self.bodies);
        if validates {
            let with_input = self.dialect().error_with_input();
            out.entry("ValidationError".into()).or_insert_with(|| validation_error(with_input));
            out.entry("HTTPValidationError".into()).or_insert_with(http_validation_error);
        }
        out.into_iter().collect()
    }

    fn definition(&mut self, index: usize, mode: Mode) -> Map<String, Json> {
        let schema = self.schema_of(index);
        if let (Mode::Output, Some(serialized)) = (mode, &schema.serialized) {
            return self.schema(serialized, mode);
        }
        self.encodings = schema.encodings;
        let mut out = match schema.kind {
            SchemaKind::Enum => enumeration(schema, self.dialect()),
            SchemaKind::NamedTuple => return self.named_tuple(schema, mode),
            _ => match &schema.root {
                Some(root) => self.schema(root, mode),
                None => self.object(&schema.fields, mode, schema),
            },
        };
        self.encodings = Encodings::default();
        out.insert("title".into(), json!(schema.title.as_deref().unwrap_or(&schema.name)));
        if let Some(description) = &schema.description {
            let shown = description.split('\u{c}').next().unwrap_or_default();
            out.insert("description".into(), json!(shown));
        }
        match schema.extra.as_deref() {
            Some("forbid") => {
                out.insert("additionalProperties".into(), json!(false));
            }
            Some("allow") => {
                out.insert("additionalProperties".into(), json!(true));
            }
            _ => {}
        }
        out.extend(schema.keywords.clone());
        if let (true, Some(why)) = (self.marks, &schema.unknown) {
            out.insert(UNKNOWN.into(), json!(why));
        }
        out
    }

    fn named_tuple(&mut self, schema: &Schema, mode: Mode) -> Map<String, Json> {
        let items: Vec<Json> =
            schema.fields.iter().map(|field| Json::Object(self.property(field, &field.alias, mode))).collect();
        let needed = schema.fields.iter().filter(|field| field.required).count();
        let mut out = Map::new();
        out.insert("type".into(), json!("array"));
        out.insert("maxItems".into(), json!(items.len()));
        out.insert("minItems".into(), json!(needed));
        out.insert("prefixItems".into(), Json::Array(items));
        out
    }

    fn object(&mut self, fields: &[Field], mode: Mode, schema: &Schema) -> Map<String, Json> {
        let mut properties = Map::new();
        let mut required: Vec<Json> = Vec::new();
        for field in fields {
            if !shown(field, mode) {
                continue;
            }
            let name = if mode == Mode::Input { &field.alias } else { &field.serialization_alias };
            properties.insert(name.clone(), Json::Object(self.property(field, name, mode)));
            if field.required || mode == Mode::Output && schema.defaults_required {
                required.push(json!(name));
            }
        }
        let mut out = Map::new();
        out.insert("type".into(), json!("object"));
        out.insert("properties".into(), Json::Object(properties));
        if !required.is_empty() {
            out.insert("required".into(), Json::Array(required));
        }
        out
    }

    fn property(&mut self, field: &Field, name: &str, mode: Mode) -> Map<String, Json> {
        let ty = type_on(field, mode);
        let mut out = self.schema(ty, mode);
        if has_title(&field.ty) && !out.contains_key("title") {
            out.insert("title".into(), json!(words(name).trim()));
        }
        // A serializer would have to run to tell what its default is written as.
        if let (Some(default), true) = (&field.default, mode == Mode::Input || field.serialized.is_none()) {
            let seconds = mode == Mode::Output && self.encodings.seconds;
            let written = if seconds { super::schemas::in_seconds(default, ty) } else { None };
            out.insert("default".into(), written.unwrap_or_else(|| default.clone()));
        }
        describe(&mut out, &field.facts);
        if self.marks {
            mark(&mut out, field, name);
        }
        out
    }

    /// The schema of a parameter, a response or a body: with a title unless it is a reference.
    pub(super) fn titled(&mut self, ty: &Type, mode: Mode, title: &str) -> Map<String, Json> {
        let mut out = self.schema(ty, mode);
        if !out.contains_key("$ref") {
            out.insert("title".into(), json!(title));
        }
        out
    }

    /// The schema of a parameter.
    pub(super) fn parameter(&mut self, field: &Field, name: &str) -> Map<String, Json> {
        let mut out = self.schema(&field.ty, Mode::Input);
        if let Some(default) = &field.default {
            out.insert("default".into(), default.clone());
        }
        describe(&mut out, &field.facts);
        if !out.contains_key("$ref") {
            let title = field.facts.get("title").and_then(Json::as_str).map_or_else(|| words(name), str::to_owned);
            out.insert("title".into(), json!(title));
        }
        if self.marks {
            mark(&mut out, field, name);
        }
        out
    }

    /// Writes the model of a body with several fields and gives its reference.
    pub(super) fn body(&mut self, operation_id: &str, fields: &[BodyField]) -> Json {
        let name = format!("Body_{operation_id}");
        let mut properties = Map::new();
        let mut required: Vec<Json> = Vec::new();
        let mut conditions: Vec<Json> = Vec::new();
        let models = self.dialect().several_parameter_models();
        for part in fields {
            if models && part.model != FormModel::No {
                conditions.push(self.form_model(&part.field));
                continue;
            }
            let mut field = part.field.clone();
            // FastAPI's own marker replaces what tells the members of a union apart.
            if let (Type::Union { discriminator, .. }, "body") = (&mut field.ty, part.kind) {
                *discriminator = None;
            }
            let written = self.property(&field, &field.alias, Mode::Input);
            properties.insert(part.field.alias.clone(), Json::Object(written));
            if part.field.required {
                required.push(json!(part.field.alias));
            }
        }
        let mut out = json!({"type": "object", "title": name});
        if conditions.is_empty() || !properties.is_empty() {
            out["properties"] = Json::Object(properties);
        }
        if !required.is_empty() {
            out["required"] = Json::Array(required);
        }
        if !conditions.is_empty() {
            out["allOf"] = Json::Array(conditions);
        }
        let name = normal(&name);
        limits_as_floats(&mut out);
        self.bodies.insert(name.clone(), out);
        json!({"$ref": format!("{PREFIX}{name}")})
    }

    /// The condition that the fields of a model are fields of a form. One that may be left out is left out by absent
    /// fields.
    fn form_model(&mut self, field: &Field) -> Json {
        let optional = matches!(strip(&field.ty), Type::Union { members, .. } if members.contains(&Type::Null));
        let mut written = self.property(field, &field.alias, Mode::Input);
        written.remove("default");
        if !optional {
            return Json::Object(written);
        }
        if !written.contains_key("title") {
            written.insert("title".into(), json!(words(&field.alias).trim()));
        }
        if let Some(Json::Array(parts)) = written.get_mut("anyOf") {
            parts.retain(|part| part.get("type") != Some(&json!("null")));
        }
        let mut names: Vec<&str> = Vec::new();
        let mut strict = false;
        if let Type::Union { members, .. } = strip(&field.ty) {
            for member in members {
                if let Type::Reference(index) = strip(member) {
                    let schema = self.schema_of(*index);
                    strict |= schema.extra.is_some();
                    names
                        .extend(schema.fields.iter().filter(|field| !field.computed).map(|field| field.alias.as_str()));
                }
            }
        }
        names.sort_unstable();
        names.dedup();
        let absent = if strict {
            json!({"maxProperties": 0})
        } else if names.is_empty() {
            json!({})
        } else {
            let named: Vec<Json> = names.into_iter().map(|name| json!({"required": [name]})).collect();
            json!({"not": {"anyOf": named}})
        };
        json!({"anyOf": [absent, written]})
    }

    // ---------------------------------------------------------- tagged unions

    /// What each value of the discriminating field leads to.
    pub(super) fn mapping(&mut self, members: &[Type], name: &str, mode: Mode) -> Map<String, Json> {
        let mut out = Map::new();
        for member in members {
            let Type::Reference(index) = strip(member) else { continue };
            let schema = self.schema_of(*index);
            let Some(field) = schema.fields.iter().find(|field| field.name == name) else { continue };
            let values: Vec<Json> = match strip(&field.ty) {
                Type::Literal(values) => values.clone(),
                Type::Reference(inner) => self.schema_of(*inner).values.clone(),
                _ => Vec::new(),
            };
            for value in values {
                let key = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                out.insert(key, json!(self.reference(*index, mode)));
            }
        }
        out
    }

    pub(super) fn discriminator_alias(&self, members: &[Type], name: &str) -> String {
        members
            .iter()
            .find_map(|member| match strip(member) {
                Type::Reference(index) => self
                    .schema_of(*index)
                    .fields
                    .iter()
                    .find(|field| field.name == name)
                    .map(|field| field.alias.clone()),
                _ => None,
            })
            .unwrap_or_else(|| name.to_owned())
    }
}

fn mark(out: &mut Map<String, Json>, field: &Field, name: &str) {
    if field.unknown_default {
        out.insert(UNKNOWN_DEFAULT.into(), json!(true));
    }
    if field.name != name {
        out.insert(NAME.into(), json!(field.name));
    }
}

fn strip(ty: &Type) -> &Type {
    match ty {
        Type::Annotated { inner, .. } => strip(inner),
        other => other,
    }
}

/// Whether a field is there when a model is sent, or answered.
fn shown(field: &Field, mode: Mode) -> bool {
    field.ty != Type::Hidden && !(field.computed && mode == Mode::Input || field.excluded && mode == Mode::Output)
}

/// The type of a field when it is sent, or answered.
fn type_on(field: &Field, mode: Mode) -> &Type {
    match (mode, &field.serialized) {
        (Mode::Output, Some(serialized)) => serialized,
        _ => &field.ty,
    }
}

/// Whether the name of a field becomes its title: not for what has a definition of its own.
fn has_title(ty: &Type) -> bool {
    match ty {
        Type::Reference(_) => false,
        Type::Annotated { inner, .. } | Type::Serialized { inner, .. } => has_title(inner),
        Type::Union { members, .. } if members.len() == 2 && members.contains(&Type::Null) => {
            members.iter().filter(|member| **member != Type::Null).all(has_title)
        }
        _ => true,
    }
}

fn enumeration(schema: &Schema, dialect: Dialect) -> Map<String, Json> {
    let mut out = Map::new();
    let all = |test: fn(&Json) -> bool| !schema.values.is_empty() && schema.values.iter().all(test);
    out.insert("enum".into(), Json::Array(schema.values.clone()));
    if let ([only], true) = (schema.values.as_slice(), dialect.const_and_enum()) {
        out.insert("const".into(), only.clone());
    }
    let kind = if all(Json::is_string) {
        Some("string")
    } else if all(|value| value.is_i64() || value.is_u64()) {
        Some("integer")
    } else if all(Json::is_f64) {
        Some("number")
    } else if all(Json::is_boolean) {
        Some("boolean")
    } else {
        None
    };
    if let Some(kind) = kind {
        out.insert("type".into(), json!(kind));
    }
    out
}

/// A name of a definition: letters, digits, `.`, `-` and `_`, with dots doubled to underscores.
///
/// Arguments of a generic model are joined by a comma alone, those inside a construct of `typing` by a comma and a
/// space. Source: Pydantic 2, `pydantic/_internal/_core_utils.py` (`get_type_ref`).
pub(super) fn normal(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut heads: Vec<String> = Vec::new();
    let mut word = String::new();
    let mut letters = name.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '.' => out.push_str("__"),
            _ if letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_') => out.push(letter),
            _ => out.push('_'),
        }
        match letter {
            '[' => heads.push(std::mem::take(&mut word)),
            ']' => drop(heads.pop()),
            ',' if heads.last().is_some_and(|head| !is_construct(head)) => {
                letters.next_if_eq(&' ');
                word.clear();
            }
            ',' | ' ' => word.clear(),
            _ => word.push(letter),
        }
    }
    out
}

/// Whether something that takes arguments is of `typing` or a builtin collection, not a model.
fn is_construct(name: &str) -> bool {
    name.starts_with(char::is_lowercase) || matches!(name, "Union" | "Optional" | "Literal" | "Annotated" | "Callable")
}

/// `created_at` in words, as titles have them.
pub(super) fn words(name: &str) -> String {
    architect_model::title_case(name).replace('_', " ")
}

fn validation_error(with_input: bool) -> Json {
    let mut out = json!({
        "properties": {
            "loc": {
                "items": {"anyOf": [{"type": "string"}, {"type": "integer"}]},
                "type": "array",
                "title": "Location"
            },
            "msg": {"type": "string", "title": "Message"},
            "type": {"type": "string", "title": "Error Type"}
        },
        "type": "object",
        "required": ["loc", "msg", "type"],
        "title": "ValidationError"
    });
    if with_input {
        out["properties"]["input"] = json!({"title": "Input"});
        out["properties"]["ctx"] = json!({"type": "object", "title": "Context"});
    }
    out
}

fn http_validation_error() -> Json {
    json!({
        "properties": {
            "detail": {"items": {"$ref": "#/components/schemas/ValidationError"}, "type": "array", "title": "Detail"}
        },
        "type": "object",
        "title": "HTTPValidationError"
    })
}
