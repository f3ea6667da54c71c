//! What programs read, from the types that are serialised.

use std::collections::VecDeque;
use std::fmt::Write as _;

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::Value;

use super::json_schema::words;
use crate::review::Baseline;
use crate::wire;

/// A JSON format.
pub struct Format {
    /// What it is called.
    pub name: &'static str,
    /// What prints it.
    pub command: &'static str,
    schema: fn() -> Value,
}

impl Format {
    /// Its JSON schema.
    pub fn schema(&self) -> String {
        format!("{:#}\n", (self.schema)())
    }
}

const ALL: &[Format] = &[
    Format { name: "review", command: "review --format json", schema: schema::<wire::review::Review<'static>> },
    Format { name: "map", command: "map --format json", schema: schema::<wire::map::Map<'static>> },
    Format {
        name: "map-endpoint",
        command: "map endpoint \"GET /path\" --format json",
        schema: schema::<wire::map::Endpoint<'static>>,
    },
    Format { name: "diff", command: "diff --format json", schema: schema::<wire::diff::Diff<'static>> },
    Format {
        name: "conventions",
        command: "conventions --format json",
        schema: schema::<wire::conventions::Conventions<'static>>,
    },
    Format { name: "advise", command: "advise TOPIC --format json", schema: schema::<wire::advice::Advised<'static>> },
    Format { name: "advise-topics", command: "advise --format json", schema: schema::<wire::advice::Topics<'static>> },
    Format { name: "unknowns", command: "openapi --unknowns FILE", schema: schema::<Vec<wire::Unknown<'static>>> },
    Format { name: "baseline", command: "review --write-baseline FILE", schema: schema::<Baseline> },
];

/// Every JSON format there is.
pub fn all() -> &'static [Format] {
    ALL
}

/// The format of that name.
pub fn find(name: &str) -> Option<&'static Format> {
    ALL.iter().find(|format| format.name == name)
}

fn schema<T: JsonSchema>() -> Value {
    SchemaSettings::draft2020_12().for_serialize().into_generator().into_root_schema_for::<T>().to_value()
}

/// Every format, with every field of those that are JSON, as Markdown.
pub fn markdown() -> String {
    let mut out = String::from(include_str!("formats.md"));
    for format in ALL {
        let _ = write!(
            out,
            "\n## `{}`\n\nIts [JSON schema](schemas/{}.json) is what `fastapi-architect explain {} --schema` prints.\n",
            format.command, format.name, format.name
        );
        describe(format.name, &(format.schema)(), &mut out);
    }
    out
}

/// The document, then what it refers to, in the order in which that is met.
fn describe(format: &str, root: &Value, out: &mut String) {
    let mut met: Vec<String> = Vec::new();
    let mut pending: VecDeque<(String, &Value)> = VecDeque::from([(String::new(), root)]);
    while let Some((name, object)) = pending.pop_front() {
        if !name.is_empty() {
            let _ = write!(out, "\n### {format}: {name}\n");
        }
        if let Some(told) = object["description"].as_str() {
            let _ = write!(out, "\n{}\n", told.replace('\n', " "));
        }
        if let Some(properties) = object["properties"].as_object() {
            out.push_str("\n| field | value | what it is |\n|---|---|---|\n");
            for (field, property) in properties {
                let link = |name: &str| format!("[{name}](#{format}-{})", name.to_lowercase());
                let required = object["required"].as_array().is_some_and(|names| names.iter().any(|one| one == field));
                let missing = if required { "" } else { ", may be missing" };
                let told = property["description"].as_str().unwrap_or_default().replace('\n', " ").replace('|', "\\|");
                let _ = writeln!(out, "| `{field}` | {}{missing} | {told} |", words(property, &link));
            }
        } else {
            let _ = write!(out, "\nIt is: {}.\n", words(object, &|name| name.to_owned()));
        }
        for name in references(object) {
            if !met.contains(&name) {
                pending.push_back((name.clone(), &root["$defs"][&name]));
                met.push(name);
            }
        }
    }
}

/// The definitions that an object names, in order.
fn references(object: &Value) -> Vec<String> {
    match object {
        Value::Object(fields) => {
            let own = fields.get("$ref").and_then(Value::as_str).and_then(|path| path.rsplit('/').next());
            let below = fields.iter().filter(|(key, _)| *key != "$defs").flat_map(|(_, value)| references(value));
            own.map(str::to_owned).into_iter().chain(below).collect()
        }
        Value::Array(items) => items.iter().flat_map(references).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_of_every_format_is_there_and_explained() {
        let text = markdown();
        for format in ALL {
            let root = (format.schema)();
            let definitions = root["$defs"].as_object().into_iter().flatten().map(|(_, definition)| definition);
            for object in definitions.chain([&root]) {
                for (field, property) in object["properties"].as_object().into_iter().flatten() {
                    assert!(text.contains(&format!("| `{field}` | ")), "{}: {field}", format.name);
                    let told = property["description"].as_str().is_some_and(|told| !told.is_empty());
                    assert!(told, "{}: {field} of {}", format.name, object["title"]);
                }
            }
        }
    }
}
