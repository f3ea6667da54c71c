//! Types as JSON schemas.

use architect_model::schema::{Discriminator, Keywords, Scalar, Type};
use serde_json::{Map, Value as Json, json};

use super::compared::UNKNOWN;
use super::definitions::{Definitions, Mode};

/// What decimals look like as text.
pub(crate) const DECIMAL: &str = r"^(?!^[-+.]*$)[+-]?0*\d*\.?\d*$";

impl Definitions<'_> {
    /// A type as a schema.
    pub(super) fn schema(&mut self, ty: &Type, mode: Mode) -> Map<String, Json> {
        let value = match ty {
            Type::Any => json!({}),
            Type::Null => json!({"type": "null"}),
            Type::Scalar(scalar) => self.scalar_schema(*scalar, mode),
            Type::Literal(values) => literal(values, self.dialect().const_and_enum()),
            Type::Given(schema) => return schema.clone(),
            Type::Serialized { inner, output } => {
                return self.schema(if mode == Mode::Input { inner } else { output }, mode);
            }
            Type::Reference(index) => json!({"$ref": self.reference(*index, mode)}),
            Type::Array { items, unique } => {
                let items = self.schema(items, mode);
                let mut out = json!({"type": "array", "items": items});
                if *unique {
                    out["uniqueItems"] = json!(true);
                }
                out
            }
            Type::Tuple(items) => {
                let parts: Vec<Json> = items.iter().map(|item| Json::Object(self.schema(item, mode))).collect();
                let count = parts.len();
                if count == 0 {
                    json!({"type": "array", "maxItems": 0, "minItems": 0})
                } else {
                    json!({"type": "array", "prefixItems": parts, "maxItems": count, "minItems": count})
                }
            }
            Type::Object { keys, values } => {
                let mut out = json!({"type": "object"});
                let mut names = self.schema(keys, mode);
                names.remove("title");
                let pattern = names.remove("pattern");
                let values = self.schema(values, mode);
                match pattern {
                    Some(Json::String(pattern)) => out["patternProperties"] = json!({pattern: values}),
                    _ if values.is_empty() => {
                        if self.dialect().says_any_property() {
                            out["additionalProperties"] = json!(true);
                        }
                    }
                    _ => out["additionalProperties"] = Json::Object(values),
                }
                let named = self.dialect().names_keys();
                let plain = !named || matches!(&**keys, Type::Scalar(Scalar::String) | Type::Any);
                names.remove("type");
                if !plain && !names.is_empty() {
                    out["propertyNames"] = Json::Object(names);
                }
                out
            }
            Type::Union { members, discriminator } => return self.union(members, discriminator.as_ref(), mode),
            Type::Annotated { inner, facts } => {
                let mut out = self.schema(inner, mode);
                // Pydantic writes limits of a decimal on its branch for numbers, which responses do not have.
                if !(mode == Mode::Output && **inner == Type::Scalar(Scalar::Decimal)) {
                    constrain(&mut out, facts);
                }
                describe(&mut out, facts);
                return out;
            }
            Type::Unknown(why) if self.marks => json!({UNKNOWN: why}),
            Type::Unknown(_) | Type::Hidden => json!({}),
        };
        match value {
            Json::Object(out) => out,
            _ => Map::new(),
        }
    }

    fn scalar_schema(&self, scalar: Scalar, mode: Mode) -> Json {
        match scalar {
            Scalar::Bytes | Scalar::Binary if self.dialect().octet_stream() => {
                let mut out = json!({"type": "string", "contentMediaType": "application/octet-stream"});
                let base64 = match mode {
                    Mode::Input => self.encodings.base64_input,
                    Mode::Output => self.encodings.base64_output,
                };
                if base64 && scalar == Scalar::Bytes {
                    out["contentEncoding"] = json!("base64");
                }
                out
            }
            Scalar::Decimal => {
                let mut text = json!({"type": "string"});
                if self.dialect().decimal_pattern() {
                    text["pattern"] = json!(DECIMAL);
                }
                match mode {
                    Mode::Input => json!({"anyOf": [{"type": "number"}, text]}),
                    Mode::Output => text,
                }
            }
            Scalar::Duration if mode == Mode::Output && self.encodings.seconds => json!({"type": "number"}),
            Scalar::Object if self.dialect().says_any_property() => {
                json!({"type": "object", "additionalProperties": true})
            }
            other => plain_scalar(other),
        }
    }

    fn union(&mut self, members: &[Type], discriminator: Option<&Discriminator>, mode: Mode) -> Map<String, Json> {
        let mut parts: Vec<Json> = Vec::new();
        for member in members.iter().filter(|member| **member != Type::Hidden) {
            let part = self.schema(member, mode);
            let several = if part.len() == 1 { part.get("anyOf").and_then(Json::as_array).cloned() } else { None };
            for part in several.unwrap_or_else(|| vec![Json::Object(part)]) {
                if !parts.contains(&part) {
                    parts.push(part);
                }
            }
        }
        // `None` comes last, wherever it is written.
        let null = json!({"type": "null"});
        if let Some(at) = parts.iter().position(|part| *part == null) {
            let part = parts.remove(at);
            parts.push(part);
        }
        let mut out = Map::new();
        if let ([Json::Object(only)], None) = (parts.as_slice(), discriminator) {
            return only.clone();
        }
        match discriminator {
            Some(told_by) => {
                let optional = members.contains(&Type::Null);
                let mut one_of: Vec<Json> = parts.into_iter().filter(|part| *part != json!({"type": "null"})).collect();
                one_of.dedup();
                let mut tagged = Map::new();
                tagged.insert("oneOf".into(), Json::Array(one_of));
                if let Discriminator::Field(name) = told_by {
                    let mapping = self.mapping(members, name, mode);
                    let mut told = Map::new();
                    told.insert("propertyName".into(), json!(self.discriminator_alias(members, name)));
                    if !mapping.is_empty() {
                        told.insert("mapping".into(), Json::Object(mapping));
                    }
                    tagged.insert("discriminator".into(), Json::Object(told));
                }
                if optional {
                    out.insert("anyOf".into(), json!([tagged, {"type": "null"}]));
                    out
                } else {
                    tagged
                }
            }
            None => {
                out.insert("anyOf".into(), Json::Array(parts));
                out
            }
        }
    }
}

fn literal(values: &[Json], both: bool) -> Json {
    let mut out = Map::new();
    let kind = |value: &Json| match value {
        Json::String(_) => "string",
        Json::Bool(_) => "boolean",
        Json::Number(number) if number.is_f64() => "number",
        Json::Number(_) => "integer",
        Json::Array(_) => "array",
        Json::Null => "null",
        Json::Object(_) => "object",
    };
    if let [only] = values {
        out.insert("const".into(), only.clone());
        if both {
            out.insert("enum".into(), Json::Array(values.to_vec()));
        }
    } else {
        out.insert("enum".into(), Json::Array(values.to_vec()));
    }
    if let Some(first) = values.first() {
        let first = kind(first);
        if values.iter().all(|value| kind(value) == first) {
            out.insert("type".into(), json!(first));
        }
    }
    Json::Object(out)
}

fn plain_scalar(scalar: Scalar) -> Json {
    let format = |format: &str| json!({"type": "string", "format": format});
    match scalar {
        Scalar::Boolean => json!({"type": "boolean"}),
        Scalar::Integer => json!({"type": "integer"}),
        Scalar::Number => json!({"type": "number"}),
        Scalar::String => json!({"type": "string"}),
        Scalar::Bytes | Scalar::Binary => format("binary"),
        Scalar::Decimal => json!({"type": "string"}),
        Scalar::DateTime => format("date-time"),
        Scalar::Date => format("date"),
        Scalar::Time => format("time"),
        Scalar::Duration => format("duration"),
        Scalar::Uuid => format("uuid"),
        Scalar::Uuid1 => format("uuid1"),
        Scalar::Uuid3 => format("uuid3"),
        Scalar::Uuid4 => format("uuid4"),
        Scalar::Uuid5 => format("uuid5"),
        Scalar::Uri => json!({"type": "string", "minLength": 1, "format": "uri"}),
        Scalar::HttpUri => json!({"type": "string", "minLength": 1, "maxLength": 2083, "format": "uri"}),
        Scalar::MultiHostUri => json!({"type": "string", "minLength": 1, "format": "multi-host-uri"}),
        Scalar::Email => format("email"),
        Scalar::NameEmail => format("name-email"),
        Scalar::Path => format("path"),
        Scalar::FilePath => format("file-path"),
        Scalar::DirectoryPath => format("directory-path"),
        Scalar::Ipv4Address => format("ipv4"),
        Scalar::Ipv6Address => format("ipv6"),
        Scalar::IpAnyAddress => format("ipvanyaddress"),
        Scalar::Password => json!({"type": "string", "format": "password", "writeOnly": true}),
        Scalar::SecretBytes => json!({"type": "string", "format": "password", "writeOnly": true}),
        Scalar::Pattern => format("regex"),
        Scalar::Json => json!({"type": "string", "contentMediaType": "application/json"}),
        Scalar::Object => json!({"type": "object"}),
        Scalar::Array => json!({"type": "array", "items": {}}),
        Scalar::Callable => json!({}),
    }
}

/// Writes constraints in the words of JSON Schema.
pub(super) fn constrain(out: &mut Map<String, Json>, facts: &Keywords) {
    // The branch of a decimal that is a number has them.
    if let Some(Json::Array(parts)) = out.get_mut("anyOf") {
        for part in parts {
            if let Json::Object(part) = part
                && part.get("type") == Some(&json!("number"))
            {
                constrain(part, facts);
                return;
            }
        }
    }
    let kind = out.get("type").and_then(Json::as_str).unwrap_or_default().to_owned();
    for (name, value) in facts {
        let keyword = match (name.as_str(), kind.as_str()) {
            ("gt", _) => "exclusiveMinimum",
            ("ge", _) => "minimum",
            ("lt", _) => "exclusiveMaximum",
            ("le", _) => "maximum",
            ("multiple_of", _) => "multipleOf",
            ("min_length", "array") => "minItems",
            ("max_length", "array") => "maxItems",
            ("min_length", "object") => "minProperties",
            ("max_length", "object") => "maxProperties",
            ("min_length", _) => "minLength",
            ("max_length", _) => "maxLength",
            ("pattern", _) => "pattern",
            _ => continue,
        };
        out.insert(keyword.into(), value.clone());
    }
}

/// The default of a duration in seconds.
pub(super) fn in_seconds(default: &Json, ty: &Type) -> Option<Json> {
    let Type::Scalar(Scalar::Duration) = ty else { return None };
    let text = default.as_str()?.strip_prefix('P')?;
    let (mut total, mut digits, mut in_time) = (0.0, String::new(), false);
    for c in text.chars() {
        let factor = match (c, in_time) {
            ('T', _) => {
                in_time = true;
                continue;
            }
            ('D', _) => 86_400.0,
            ('H', true) => 3_600.0,
            ('M', true) => 60.0,
            ('S', true) => 1.0,
            _ => {
                digits.push(c);
                continue;
            }
        };
        total += digits.parse::<f64>().ok()? * factor;
        digits.clear();
    }
    Some(json!(total))
}

/// FastAPI reads the definitions of a document, and not its paths, into models whose limits are floating point numbers.
pub(super) fn limits_as_floats(schema: &mut Json) {
    match schema {
        Json::Array(items) => items.iter_mut().for_each(limits_as_floats),
        Json::Object(items) => {
            for (key, value) in items.iter_mut() {
                match (key.as_str(), value.as_f64()) {
                    ("exclusiveMinimum" | "minimum" | "exclusiveMaximum" | "maximum" | "multipleOf", Some(limit)) => {
                        *value = json!(limit);
                    }
                    ("default" | "examples" | "example" | "const" | "enum", _) => {}
                    _ => limits_as_floats(value),
                }
            }
        }
        _ => {}
    }
}

/// Writes what describes a value.
pub(super) fn describe(out: &mut Map<String, Json>, facts: &Keywords) {
    for name in ["title", "description", "examples", "readOnly"] {
        if let Some(value) = facts.get(name) {
            out.insert(name.into(), value.clone());
        }
    }
    if let Some(Json::Bool(true) | Json::String(_)) = facts.get("deprecated") {
        out.insert("deprecated".into(), json!(true));
    }
    if let Some(Json::Object(extra)) = facts.get("json_schema_extra") {
        out.extend(extra.clone());
    }
}
