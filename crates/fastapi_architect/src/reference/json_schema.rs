//! Reading JSON schemas as schemars writes them.

use serde_json::Value;

/// What a property refers to, directly, in a list, as a value or as one of two; or the property itself.
pub fn resolve<'v>(root: &'v Value, property: &'v Value) -> &'v Value {
    let reference = |value: &'v Value| root.pointer(value["$ref"].as_str()?.strip_prefix('#')?);
    let inner = ["anyOf", "allOf"].iter().find_map(|key| property[*key].as_array()?.iter().find_map(reference));
    let items = || reference(&property["items"]).or_else(|| reference(&property["additionalProperties"]));
    reference(property).or(inner).or_else(items).unwrap_or(property)
}

/// The texts that a property may be, where they are listed.
pub fn choices<'v>(root: &'v Value, property: &'v Value) -> Vec<&'v str> {
    let own = resolve(root, property);
    let listed = own["enum"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let told = own["oneOf"].as_array().into_iter().flatten().filter_map(|value| value["const"].as_str());
    listed.chain(told).collect()
}

/// What a value is, in words; `named` says how the name of a definition is written.
pub fn words(property: &Value, named: &dyn Fn(&str) -> String) -> String {
    if let Some(reference) = property["$ref"].as_str() {
        return named(reference.rsplit('/').next().unwrap_or(reference));
    }
    if let Some(one_of) = ["anyOf", "oneOf"].iter().find_map(|key| property[*key].as_array()) {
        return one_of.iter().map(|one| words(one, named)).collect::<Vec<_>>().join(" or ");
    }
    match &property["type"] {
        Value::String(one) => word(one, property, named),
        Value::Array(several) => {
            let several = several.iter().filter_map(Value::as_str).map(|one| word(one, property, named));
            several.collect::<Vec<_>>().join(" or ")
        }
        _ => "anything".to_owned(),
    }
}

fn word(one: &str, property: &Value, named: &dyn Fn(&str) -> String) -> String {
    match one {
        "array" if property["maxItems"] == 0 => "empty list".to_owned(),
        "array" => format!("list of {}", words(&property["items"], named)),
        "object" if property["additionalProperties"].is_object() => {
            format!("map to {}", words(&property["additionalProperties"], named))
        }
        other => other.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn types_have_words() {
        let named = |name: &str| format!("`{name}`");
        let of = |schema| words(&schema, &named);
        assert_eq!(of(json!({"type": ["string", "null"]})), "string or null");
        assert_eq!(of(json!({"type": "array", "items": {"$ref": "#/$defs/Step"}})), "list of `Step`");
        assert_eq!(of(json!({"anyOf": [{"$ref": "#/$defs/Fix"}, {"type": "null"}]})), "`Fix` or null");
        assert_eq!(of(json!({"type": "object", "additionalProperties": {"type": "integer"}})), "map to integer");
        assert_eq!(of(json!(true)), "anything");
    }
}
