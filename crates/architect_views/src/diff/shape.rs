//! A schema at one level, whatever words it is written in: JSON Schema of OpenAPI 3.1 or the dialect of 3.0.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use crate::openapi::compared::UNKNOWN;
use crate::openapi::schemas::DECIMAL;

/// References and parts nested deeper than this are taken for a cycle.
const MAX_NESTING: usize = 24;

/// What a schema says of a value; what stands in it is left as it is.
#[derive(Clone, Debug, Default)]
pub(super) struct Shape<'a> {
    /// Whether anything about it is not known.
    pub unknown: bool,
    /// The name of the definition it is.
    pub definition: Option<&'a str>,
    /// Whether it may be null.
    pub nullable: bool,
    /// Types in JSON, null left aside; none where any goes.
    pub kinds: BTreeSet<&'a str>,
    pub format: Option<&'a str>,
    /// How it is encoded in a text.
    pub encoding: Option<&'a str>,
    pub pattern: Option<&'a str>,
    /// Values of an enumeration, null left aside.
    pub values: Option<Vec<&'a Json>>,
    /// The least value, and whether it is excluded.
    pub minimum: Option<(f64, bool)>,
    /// The greatest value, and whether it is excluded.
    pub maximum: Option<(f64, bool)>,
    pub multiple_of: Option<f64>,
    pub max_length: Option<u64>,
    pub min_length: Option<u64>,
    pub max_items: Option<u64>,
    pub min_items: Option<u64>,
    pub max_properties: Option<u64>,
    pub min_properties: Option<u64>,
    pub unique_items: bool,
    pub items: Option<&'a Json>,
    /// Items by their place.
    pub prefix_items: &'a [Json],
    pub properties: BTreeMap<&'a str, &'a Json>,
    pub required: BTreeSet<&'a str>,
    /// Whether fields that are not stated are refused.
    pub closed: bool,
    /// Whether a model says itself that it takes fields that are not stated.
    pub open: bool,
    /// The schema of fields that are not stated.
    pub additional: Option<&'a Json>,
    /// One of several.
    pub members: Vec<&'a Json>,
    /// The field that tells members apart.
    pub discriminator: Option<&'a str>,
}

impl<'a> Shape<'a> {
    /// Reads a schema of a document.
    pub(super) fn read(document: &'a Json, schema: &'a Json) -> Self {
        Self::read_at(document, schema, 0)
    }

    fn read_at(document: &'a Json, schema: &'a Json, depth: usize) -> Self {
        let Some(object) = schema.as_object() else {
            // `true` says nothing, `false` and what is no schema cannot be compared.
            return Self { unknown: *schema != Json::Bool(true), ..Self::default() };
        };
        if depth > MAX_NESTING || object.contains_key(UNKNOWN) {
            return Self { unknown: true, ..Self::default() };
        }
        if let Some(reference) = object.get("$ref").and_then(Json::as_str) {
            let Some(target) = resolve(document, reference) else { return Self { unknown: true, ..Self::default() } };
            let mut shape = Self::read_at(document, target, depth + 1);
            shape.definition = reference.strip_prefix("#/components/schemas/").or(shape.definition);
            shape.nullable |= object.get("nullable") == Some(&Json::Bool(true));
            return shape;
        }
        let mut shape = Self::own(schema);
        for part in array(schema, "allOf") {
            shape.take(Self::read_at(document, part, depth + 1));
        }
        let members: Vec<&Json> = array(schema, "anyOf").iter().chain(array(schema, "oneOf")).collect();
        let (nulls, rest): (Vec<&Json>, Vec<&Json>) = members.into_iter().partition(|member| is_null(member));
        shape.nullable |= !nulls.is_empty();
        match rest[..] {
            [] => {}
            [only] => shape.take(Self::read_at(document, only, depth + 1)),
            _ => shape.members = rest,
        }
        shape
    }

    /// What an object says itself.
    fn own(schema: &'a Json) -> Self {
        let text = |key: &str| schema[key].as_str();
        let count = |key: &str| schema[key].as_u64();
        let mut shape = Self {
            nullable: schema["nullable"] == true,
            format: text("format").filter(|format| !matches!(*format, "password")),
            encoding: text("contentEncoding"),
            pattern: text("pattern").filter(|pattern| *pattern != DECIMAL),
            minimum: limit(schema, "minimum", "exclusiveMinimum", f64::max),
            maximum: limit(schema, "maximum", "exclusiveMaximum", f64::min),
            multiple_of: schema["multipleOf"].as_f64(),
            max_length: count("maxLength"),
            min_length: count("minLength").filter(|count| *count > 0),
            max_items: count("maxItems"),
            min_items: count("minItems").filter(|count| *count > 0),
            max_properties: count("maxProperties"),
            min_properties: count("minProperties").filter(|count| *count > 0),
            unique_items: schema["uniqueItems"] == true,
            items: schema.get("items").filter(|items| items.as_object().is_some_and(|items| !items.is_empty())),
            prefix_items: array(schema, "prefixItems"),
            discriminator: schema["discriminator"]["propertyName"].as_str(),
            ..Self::default()
        };
        match &schema["type"] {
            Json::String(kind) => {
                shape.kinds.insert(kind);
            }
            Json::Array(kinds) => shape.kinds.extend(kinds.iter().filter_map(Json::as_str)),
            _ => {}
        }
        if shape.kinds.len() > 1 {
            shape.nullable |= shape.kinds.remove("null");
        }
        // A file is the same in both words.
        if text("contentMediaType") == Some("application/octet-stream") && shape.format.is_none() {
            shape.format = Some("binary");
        }
        let values = schema.get("const").map(std::slice::from_ref).or(schema["enum"].as_array().map(Vec::as_slice));
        if let Some(values) = values {
            shape.nullable |= values.iter().any(Json::is_null);
            shape.values = Some(values.iter().filter(|value| !value.is_null()).collect());
            if shape.kinds.is_empty() {
                shape.kinds = values.iter().filter(|value| !value.is_null()).map(kind_of).collect();
            }
        }
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            shape.properties.insert(name, property);
        }
        shape.required = array(schema, "required").iter().filter_map(Json::as_str).collect();
        match &schema["additionalProperties"] {
            Json::Bool(false) => shape.closed = true,
            Json::Bool(true) => shape.open = !shape.properties.is_empty(),
            other if other.as_object().is_some_and(|object| !object.is_empty()) => shape.additional = Some(other),
            _ => {}
        }
        if let (None, [(_, only)]) = (shape.additional, &entries(&schema["patternProperties"])[..]) {
            shape.additional = Some(only);
        }
        if shape.kinds.is_empty() {
            if !shape.properties.is_empty() || shape.additional.is_some() {
                shape.kinds.insert("object");
            } else if shape.items.is_some() || !shape.prefix_items.is_empty() {
                shape.kinds.insert("array");
            }
        }
        shape
    }

    /// Adds what a part says.
    fn take(&mut self, part: Self) {
        self.unknown |= part.unknown;
        self.nullable |= part.nullable;
        self.unique_items |= part.unique_items;
        self.closed |= part.closed;
        self.open |= part.open;
        if self.kinds.is_empty() {
            self.kinds = part.kinds;
        }
        // Two parts that are definitions are none together.
        self.definition = if self.definition.is_some() && part.definition.is_some() { None } else { part.definition };
        self.format = self.format.or(part.format);
        self.encoding = self.encoding.or(part.encoding);
        self.pattern = self.pattern.or(part.pattern);
        self.values = self.values.take().or(part.values);
        self.minimum = self.minimum.or(part.minimum);
        self.maximum = self.maximum.or(part.maximum);
        self.multiple_of = self.multiple_of.or(part.multiple_of);
        self.max_length = self.max_length.or(part.max_length);
        self.min_length = self.min_length.or(part.min_length);
        self.max_items = self.max_items.or(part.max_items);
        self.min_items = self.min_items.or(part.min_items);
        self.max_properties = self.max_properties.or(part.max_properties);
        self.min_properties = self.min_properties.or(part.min_properties);
        self.items = self.items.or(part.items);
        if self.prefix_items.is_empty() {
            self.prefix_items = part.prefix_items;
        }
        self.properties.extend(part.properties);
        self.required.extend(part.required);
        self.additional = self.additional.or(part.additional);
        if self.members.is_empty() {
            self.members = part.members;
        }
        self.discriminator = self.discriminator.or(part.discriminator);
    }

    /// Whether nothing is said of the value.
    pub(super) fn is_any(&self) -> bool {
        self.kinds.is_empty() && self.members.is_empty() && self.values.is_none()
    }

    /// What people call it.
    pub(super) fn label(&self, document: &'a Json) -> String {
        self.label_at(document, 0)
    }

    fn label_at(&self, document: &'a Json, depth: usize) -> String {
        if let Some(name) = self.definition {
            return plain_name(name).to_owned();
        }
        if depth > MAX_NESTING {
            return "anything".to_owned();
        }
        let inner = |schema: &'a Json| Self::read(document, schema).label_at(document, depth + 1);
        if !self.members.is_empty() {
            return self.members.iter().map(|member| inner(member)).collect::<Vec<_>>().join(" | ");
        }
        if self.kinds.is_empty() {
            return "anything".to_owned();
        }
        let one = |kind: &&str| match (*kind, self.format, self.items, self.additional) {
            ("array", _, Some(items), _) => format!("array of {}", inner(items)),
            ("object", _, _, Some(values)) => format!("object of {}", inner(values)),
            ("string" | "number" | "integer", Some(format), ..) => format!("{kind} ({format})"),
            _ => (*kind).to_owned(),
        };
        self.kinds.iter().map(one).collect::<Vec<_>>().join(" | ")
    }
}

/// The name of a definition without the side it is for.
pub(super) fn plain_name(name: &str) -> &str {
    name.strip_suffix("-Input").or(name.strip_suffix("-Output")).unwrap_or(name)
}

/// What a reference inside of a document means.
pub(super) fn resolve<'a>(document: &'a Json, reference: &str) -> Option<&'a Json> {
    document.pointer(reference.strip_prefix('#')?)
}

/// What a value or the reference to it means.
pub(super) fn resolved<'a>(document: &'a Json, mut value: &'a Json) -> &'a Json {
    for _ in 0..MAX_NESTING {
        let Some(target) = value["$ref"].as_str().and_then(|reference| resolve(document, reference)) else { break };
        value = target;
    }
    value
}

/// The type of a value in the words of JSON Schema.
pub(super) fn kind_of(value: &Json) -> &'static str {
    match value {
        Json::String(_) => "string",
        Json::Bool(_) => "boolean",
        Json::Number(number) if number.is_f64() => "number",
        Json::Number(_) => "integer",
        Json::Array(_) => "array",
        Json::Object(_) => "object",
        Json::Null => "null",
    }
}

fn is_null(schema: &Json) -> bool {
    schema["type"] == "null" || schema["const"].is_null() && schema.get("const").is_some()
}

fn array<'a>(schema: &'a Json, key: &str) -> &'a [Json] {
    schema[key].as_array().map(Vec::as_slice).unwrap_or_default()
}

fn entries(json: &Json) -> Vec<(&String, &Json)> {
    json.as_object().into_iter().flatten().collect()
}

/// A limit and whether it is excluded; in `OpenAPI` 3.0 the second keyword is a flag.
fn limit(schema: &Json, plain: &str, exclusive: &str, stricter: fn(f64, f64) -> f64) -> Option<(f64, bool)> {
    match (schema[plain].as_f64(), &schema[exclusive]) {
        (Some(limit), Json::Bool(excluded)) => Some((limit, *excluded)),
        (limit, other) => match (limit, other.as_f64()) {
            (Some(plain), Some(excluded)) => {
                let limit = stricter(plain, excluded);
                Some((limit, (limit - excluded).abs() < f64::EPSILON))
            }
            (Some(plain), None) => Some((plain, false)),
            (None, Some(excluded)) => Some((excluded, true)),
            (None, None) => None,
        },
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn null_is_told_in_three_ways() {
        for schema in [
            json!({"type": ["string", "null"]}),
            json!({"type": "string", "nullable": true}),
            json!({"anyOf": [{"type": "string"}, {"type": "null"}]}),
        ] {
            let shape = Shape::read(&Json::Null, &schema);
            assert!(shape.nullable, "{schema}");
            assert_eq!(shape.label(&Json::Null), "string", "{schema}");
        }
    }

    #[test]
    fn limits_of_both_dialects_are_the_same() {
        let new = json!({"exclusiveMinimum": 0.0});
        let old = json!({"minimum": 0, "exclusiveMinimum": true});
        assert_eq!(Shape::read(&Json::Null, &new).minimum, Some((0.0, true)));
        assert_eq!(Shape::read(&Json::Null, &old).minimum, Some((0.0, true)));
    }

    #[test]
    fn a_reference_to_itself_is_unknown() {
        let document = json!({"components": {"schemas": {"A": {"$ref": "#/components/schemas/A"}}}});
        assert!(Shape::read(&document, &json!({"$ref": "#/components/schemas/A"})).unknown);
    }
}
