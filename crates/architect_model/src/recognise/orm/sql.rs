//! Defaults and conditions as text, and names by convention.
//!
//! Source: sqlalchemy/sql/naming.py and sql/compiler.py of 2.0.

use std::collections::BTreeMap;

use architect_python::{Object, ObjectId, Value};

use super::Recogniser;
use crate::tables::DefaultValue;

/// Expressions are searched this deep.
pub(super) const MAX_DEPTH: u32 = 40;

/// Functions of SQL that are written without parentheses (`AnsiFunction` of sql/functions.py).
const WITHOUT_PARENTHESES: &[&str] = &[
    "current_date",
    "current_time",
    "current_timestamp",
    "current_user",
    "localtime",
    "localtimestamp",
    "session_user",
    "sysdate",
    "user",
];

/// What names by convention are made of.
pub(super) struct Conventions<'n> {
    pub(super) metadata: Option<ObjectId>,
    pub(super) table: &'n str,
    pub(super) schema: Option<String>,
}

impl Recogniser<'_> {
    /// What `default=`, `onupdate=` and their server sides say.
    pub(super) fn default_value(&mut self, value: Value, server: bool) -> Option<DefaultValue> {
        if matches!(value, Value::None) {
            return None;
        }
        if self.is_a(value, "Sequence") {
            return self.held_text(value, "name").map(DefaultValue::Sequence);
        }
        if self.is_a(value, "DefaultClause") || self.is_a(value, "ColumnDefault") {
            let inner = self.held(value, "arg")?;
            return self.default_value(inner, server);
        }
        if self.is_a(value, "FetchedValue") {
            return Some(DefaultValue::Fetched);
        }
        if server {
            let text = self.machine.text(value).map(str::to_owned).or_else(|| self.sql_text(value, 0));
            return Some(text.map_or(DefaultValue::Fetched, DefaultValue::Server));
        }
        if self.is_a(value, "ClauseElement") {
            return self.sql_text(value, 0).map(DefaultValue::Sql);
        }
        if self.machine.function(value).is_some() || self.machine.class(value).is_some() {
            return self.machine.qualified_name(value).map(DefaultValue::Callable);
        }
        match self.machine.obj(value) {
            Some(Object::External(path)) => {
                let path = self.machine.names.text(*path);
                let name =
                    path.rsplit_once('.').map_or_else(|| path.to_owned(), |(module, name)| format!("{module}:{name}"));
                Some(DefaultValue::Callable(name))
            }
            Some(Object::Native(name)) => Some(DefaultValue::Callable(format!("builtins:{name}"))),
            _ if matches!(value, Value::Unknown(_)) => None,
            _ => Some(DefaultValue::Scalar(self.constant_text(value))),
        }
    }

    /// An SQL expression as text, where it is simple enough.
    pub(super) fn sql_text(&mut self, value: Value, depth: u32) -> Option<String> {
        if depth > MAX_DEPTH {
            return None;
        }
        if let Some(text) = self.machine.text(value) {
            return Some(text.to_owned());
        }
        if value == Value::None {
            return Some("NULL".into());
        }
        if let Some(text) = self.held_text(value, "text") {
            return Some(text);
        }
        if let Some(column) = self.plain_column(value) {
            return self.held_text(Value::Obj(column), "name");
        }
        let parts: Vec<Value> = match self.held(value, "parts").and_then(|parts| self.machine.obj(parts)) {
            Some(Object::Tuple(parts) | Object::List(parts, _)) => parts.clone(),
            _ => {
                return matches!(value, Value::Int(_) | Value::Bool(_) | Value::Float(_))
                    .then(|| self.constant_text(value));
            }
        };
        let texts = self.operands(&parts, depth + 1)?;
        if let Some(operator) = self.held_text(value, "operator") {
            return Some(match texts.as_slice() {
                [one] if matches!(operator.as_str(), "DESC" | "ASC" | "NULLS FIRST" | "NULLS LAST") => {
                    format!("{one} {operator}")
                }
                [one] => format!("{operator} {one}"),
                _ => texts.join(&format!(" {operator} ")),
            });
        }
        let name = self.machine.get(value, "name").and_then(|name| self.machine.text(name).map(str::to_owned))?;
        if texts.is_empty() && WITHOUT_PARENTHESES.contains(&name.to_ascii_lowercase().as_str()) {
            return Some(name.to_ascii_uppercase());
        }
        Some(format!("{name}({})", texts.join(", ")))
    }

    /// Parts of an expression: texts are constants, lists those of `IN`.
    fn operands(&mut self, parts: &[Value], depth: u32) -> Option<Vec<String>> {
        let mut out = Vec::with_capacity(parts.len());
        for part in parts {
            if let Some(Object::List(items, _) | Object::Tuple(items)) = self.machine.obj(*part) {
                let items = items.clone();
                out.push(format!("({})", self.operands(&items, depth + 1)?.join(", ")));
                continue;
            }
            let text = self.sql_text(*part, depth)?;
            let constant = matches!(part, Value::Str(_));
            out.push(if constant { format!("'{}'", text.replace('\'', "''")) } else { text });
        }
        Some(out)
    }

    /// A name given by hand, or made by the naming convention of the metadata.
    pub(super) fn conventional(
        &mut self,
        names: &Conventions<'_>,
        kind: &str,
        given: Option<String>,
        columns: &[String],
        referred: Option<&(String, String)>,
    ) -> Option<String> {
        let convention = names.metadata.and_then(|metadata| self.held(Value::Obj(metadata), "naming_convention"));
        let pattern = match convention.filter(|convention| *convention != Value::None) {
            Some(convention) => {
                self.entry(convention, kind).and_then(|text| self.machine.text(text)).map(str::to_owned)
            }
            None => (kind == "ix").then(|| "ix_%(column_0_label)s".to_owned()),
        };
        let Some(pattern) = pattern else { return given };
        if given.is_some() && !pattern.contains("%(constraint_name)s") {
            return given;
        }
        let prefix = names.schema.as_ref().map(|schema| schema.replace('.', "_") + "_").unwrap_or_default();
        let mut tokens: BTreeMap<String, String> = BTreeMap::new();
        tokens.insert("table_name".into(), names.table.to_owned());
        if let Some(given) = &given {
            tokens.insert("constraint_name".into(), given.clone());
        }
        if let Some((table, column)) = referred {
            tokens.insert("referred_table_name".into(), table.clone());
            tokens.insert("referred_column_0_name".into(), column.clone());
        }
        let label = |column: &String| format!("{prefix}{}_{column}", names.table);
        for (at, column) in columns.iter().enumerate() {
            tokens.insert(format!("column_{at}_name"), column.clone());
            tokens.insert(format!("column_{at}_key"), column.clone());
            tokens.insert(format!("column_{at}_label"), label(column));
        }
        if !columns.is_empty() {
            tokens.insert("column_0N_name".into(), columns.concat());
            tokens.insert("column_0_N_name".into(), columns.join("_"));
            tokens.insert("column_0_N_key".into(), columns.join("_"));
            tokens.insert("column_0_N_label".into(), columns.iter().map(label).collect::<Vec<_>>().join("_"));
        }
        let mut out = String::new();
        let mut rest = pattern.as_str();
        while let Some(at) = rest.find("%(") {
            out.push_str(&rest[..at]);
            let (token, after) = rest[at + 2..].split_once(")s")?;
            match tokens.get(token) {
                Some(text) => out.push_str(text),
                // `ConventionDict._column_X`: a column that is not there has no name.
                None if token.starts_with("column_") => {}
                None => return None,
            }
            rest = after;
        }
        out.push_str(rest);
        Some(out)
    }
}
