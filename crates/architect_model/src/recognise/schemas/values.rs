//! Values as JSON: defaults, examples, extra keywords.

use architect_python::{Object, ObjectId, Value};
use serde_json::Value as Json;

use super::super::Recogniser;
use super::MAX_DEPTH;
use crate::schema::Keywords;

impl Recogniser<'_> {
    pub(in crate::recognise) fn dict_items(&self, value: Value) -> Option<Vec<(String, Value)>> {
        match self.machine.obj(value)? {
            Object::Dict(data) => Some(
                data.items
                    .values()
                    .filter_map(|(key, value)| Some((self.machine.text(*key)?.to_owned(), *value)))
                    .collect(),
            ),
            _ => None,
        }
    }

    pub(in crate::recognise) fn is_path(&self, class: ObjectId) -> bool {
        self.machine.class(Value::Obj(class)).is_some_and(|class| self.machine.names.text(class.module) == "pathlib")
    }

    /// The seconds of `timedelta(…)`.
    pub(in crate::recognise) fn seconds(&self, args: &architect_python::CallArgs) -> Option<f64> {
        let units = ["days", "seconds", "microseconds", "milliseconds", "minutes", "hours", "weeks"];
        let factors = [86_400.0, 1.0, 1e-6, 1e-3, 60.0, 3_600.0, 604_800.0];
        let number = |value: Value| match value {
            Value::Int(int) => Some(int as f64),
            Value::Float(float) => Some(float),
            _ => None,
        };
        let mut total = 0.0;
        for (at, value) in args.pos.iter().enumerate() {
            total += number(*value)? * factors.get(at)?;
        }
        for (name, value) in &args.kw {
            let at = units.iter().position(|unit| *unit == self.machine.names.text(*name))?;
            total += number(*value)? * factors[at];
        }
        Some(total)
    }

    /// A value as JSON, where all of it is known.
    pub(in crate::recognise) fn json_of(&mut self, value: Value) -> Option<Json> {
        self.json_at(value, 0)
    }

    pub(in crate::recognise) fn json_at(&mut self, value: Value, depth: u32) -> Option<Json> {
        if depth > MAX_DEPTH {
            return None;
        }
        Some(match value {
            Value::None => Json::Null,
            Value::Bool(b) => Json::Bool(b),
            Value::Int(int) => Json::from(int),
            Value::Float(float) => serde_json::Number::from_f64(float).map(Json::Number)?,
            Value::Str(sym) => Json::String(self.machine.names.text(sym).to_owned()),
            Value::Ellipsis | Value::Unknown(_) => return None,
            Value::Obj(id) => match self.machine.object(id).clone() {
                Object::List(items, false) | Object::Tuple(items) => {
                    Json::Array(items.into_iter().map(|item| self.json_at(item, depth + 1)).collect::<Option<_>>()?)
                }
                Object::Set(data) if !data.open => Json::Array(
                    data.items.into_values().map(|(item, _)| self.json_at(item, depth + 1)).collect::<Option<_>>()?,
                ),
                Object::Dict(data) if !data.open => {
                    let mut out = Keywords::new();
                    for (key, value) in data.items.into_values() {
                        let key = match self.json_at(key, depth + 1)? {
                            Json::String(text) => text,
                            Json::Null => "null".into(),
                            other => other.to_string(),
                        };
                        out.insert(key, self.json_at(value, depth + 1)?);
                    }
                    Json::Object(out)
                }
                Object::Opaque { callee, args, .. }
                    if self.machine.external_path(callee) == Some("datetime.timedelta") =>
                {
                    Json::String(iso_duration(self.seconds(&args)?))
                }
                Object::Bytes(bytes) => Json::String(String::from_utf8_lossy(&bytes).into_owned()),
                Object::Instance { .. } if self.machine.enum_member(value).is_some() => {
                    let inner = self.machine.get(value, "value")?;
                    return self.json_at(inner, depth + 1);
                }
                // `class Code(str)`: made of one value of a builtin type.
                Object::Instance { class, attrs, .. } if self.machine.derives_plain(class) => {
                    let args = attrs.get(&self.machine.names.lookup("args")?).copied()?;
                    let (items, _) = self.machine.items(args).ok()??;
                    match items.as_slice() {
                        [only] => self.json_at(*only, depth + 1)?,
                        _ => return None,
                    }
                }
                Object::Instance { attrs, class, .. } if self.is_path(class) => {
                    let text = attrs.get(&self.machine.names.lookup("_text")?).copied()?;
                    self.json_at(text, depth + 1)?
                }
                Object::Instance { attrs, .. } if self.is_a(value, "BaseModel") => {
                    let mut out = Keywords::new();
                    for (name, value) in &attrs {
                        let name = self.machine.names.text(*name).to_owned();
                        out.insert(name, self.json_at(*value, depth + 1)?);
                    }
                    Json::Object(out)
                }
                _ => return None,
            },
        })
    }
}

/// A duration as Pydantic writes it.
fn iso_duration(seconds: f64) -> String {
    let sign = if seconds < 0.0 { "-" } else { "" };
    let whole = seconds.abs();
    let (days, rest) = ((whole / 86_400.0).floor(), whole % 86_400.0);
    let (hours, rest) = ((rest / 3_600.0).floor(), rest % 3_600.0);
    let (minutes, rest) = ((rest / 60.0).floor(), rest % 60.0);
    let mut out = format!("{sign}P");
    let part = |value: f64, unit: &str| if value > 0.0 { format!("{value}{unit}") } else { String::new() };
    out.push_str(&part(days, "D"));
    if hours > 0.0 || minutes > 0.0 || rest > 0.0 || days == 0.0 {
        out.push('T');
        out.push_str(&part(hours, "H"));
        out.push_str(&part(minutes, "M"));
        if rest > 0.0 || (hours == 0.0 && minutes == 0.0) {
            out.push_str(&format!("{rest}S"));
        }
    }
    out
}
