//! How SQLAlchemy prints a type of a column, and how databases spell it.
//!
//! Source: sqlalchemy/sql/compiler.py (`GenericTypeCompiler`) and dialects/{postgresql,sqlite}/base.py of 2.0 and 2.1.

use architect_python::{CallArgs, DictKey, Object, ObjectId, Value};

use super::Recogniser;

/// Types inside types are followed this deep.
const MAX_DEPTH: u32 = 12;

/// Names of parameters by place, for types whose arguments are printed and read.
const PARAMETERS: &[(&[&str], &[&str])] = &[
    (
        &[
            "String",
            "Text",
            "Unicode",
            "UnicodeText",
            "VARCHAR",
            "CHAR",
            "NVARCHAR",
            "NCHAR",
            "TEXT",
            "CLOB",
            "CITEXT",
            "AutoString",
        ],
        &["length", "collation"],
    ),
    (&["LargeBinary", "BINARY", "VARBINARY", "BLOB", "BYTEA"], &["length"]),
    (&["Numeric", "NUMERIC", "DECIMAL"], &["precision", "scale"]),
    (&["Float", "FLOAT", "Double", "DOUBLE", "DOUBLE_PRECISION", "REAL"], &["precision"]),
    (&["DateTime", "TIMESTAMP", "DATETIME", "Time", "TIME"], &["timezone", "precision"]),
    (&["Uuid", "UUID"], &["as_uuid"]),
];

/// What is known about one type.
#[derive(Clone, Debug, Default)]
pub(super) struct ColumnType {
    /// As SQLAlchemy prints it.
    pub text: String,
    /// As PostgreSQL spells it.
    pub postgresql: Option<String>,
    /// As SQLite spells it.
    pub sqlite: Option<String>,
}

/// Databases whose spelling is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Dialect {
    Postgresql,
    Sqlite,
}

impl Dialect {
    fn name(self) -> &'static str {
        match self {
            Self::Postgresql => "postgresql",
            Self::Sqlite => "sqlite",
        }
    }
}

impl Recogniser<'_> {
    /// All spellings of a type.
    pub(super) fn column_type(&mut self, value: Value) -> ColumnType {
        let value = self.type_instance(value);
        ColumnType {
            text: self.type_repr(value),
            postgresql: self.spell(value, Dialect::Postgresql, 0),
            sqlite: self.spell(value, Dialect::Sqlite, 0),
        }
    }

    /// A type that was given as a class, made.
    fn type_instance(&mut self, value: Value) -> Value {
        match self.machine.class(value) {
            Some(_) => self.machine.invoke(value, CallArgs::default()).unwrap_or(value),
            None => value,
        }
    }

    /// The class of the model that a type is, its own subclasses aside.
    fn sql_type_name(&self, value: Value) -> Option<&str> {
        let Some(Object::Instance { class, .. }) = self.machine.obj(value) else { return None };
        let class = self.machine.class(Value::Obj(*class))?;
        let known = class.mro.iter().find_map(|parent| {
            let class = self.machine.class(Value::Obj(*parent))?;
            self.machine.is_model(class.site?.module).then_some(class.name)
        })?;
        Some(self.machine.names.text(known))
    }

    fn type_argument(&self, value: Value, kind: &str, name: &str) -> Option<Value> {
        if let Some(given) = self.keyword(value, name) {
            return Some(given);
        }
        let (_, names) = PARAMETERS.iter().find(|(kinds, _)| kinds.contains(&kind))?;
        let at = names.iter().position(|known| *known == name)?;
        self.positional(value).get(at).copied()
    }

    fn type_number(&self, value: Value, kind: &str, name: &str) -> Option<i64> {
        match self.type_argument(value, kind, name) {
            Some(Value::Int(int)) => Some(int),
            _ => None,
        }
    }

    fn spell(&mut self, value: Value, dialect: Dialect, depth: u32) -> Option<String> {
        if depth > MAX_DEPTH {
            return None;
        }
        let value = self.type_instance(value);
        let kind = self.sql_type_name(value)?.to_owned();
        let postgresql = dialect == Dialect::Postgresql;
        let sized = |name: &str, length: Option<i64>| match length {
            Some(length) => format!("{name}({length})"),
            None => name.to_owned(),
        };
        let length = self.type_number(value, &kind, "length");
        Some(match kind.as_str() {
            "_Variant" => {
                let Value::Obj(id) = value else { return None };
                let variant = self.machine.own_value(id, "variants").and_then(|all| self.entry(all, dialect.name()));
                let chosen = variant.or_else(|| self.machine.own_value(id, "base"))?;
                return self.spell(chosen, dialect, depth + 1);
            }
            "String" | "VARCHAR" | "Unicode" | "AutoString" => sized("VARCHAR", length),
            "Text" | "TEXT" | "UnicodeText" => sized("TEXT", length),
            "CHAR" | "NCHAR" | "NVARCHAR" => sized(&kind, length),
            "CLOB" | "BLOB" | "DATE" | "BOOLEAN" | "INTEGER" | "SMALLINT" | "BIGINT" | "REAL" | "DOUBLE" => kind,
            "Integer" => "INTEGER".into(),
            "SmallInteger" => "SMALLINT".into(),
            "BigInteger" => "BIGINT".into(),
            "Boolean" | "MatchType" => "BOOLEAN".into(),
            "Date" => "DATE".into(),
            "Float" | "FLOAT" => match self.type_number(value, &kind, "precision") {
                Some(precision) if postgresql => format!("FLOAT({precision})"),
                _ => "FLOAT".into(),
            },
            "Double" if !postgresql => "DOUBLE".into(),
            "Double" | "DOUBLE_PRECISION" => "DOUBLE PRECISION".into(),
            "Numeric" | "NUMERIC" | "DECIMAL" => {
                let name = if kind == "DECIMAL" { "DECIMAL" } else { "NUMERIC" };
                match (self.type_number(value, &kind, "precision"), self.type_number(value, &kind, "scale")) {
                    (Some(precision), Some(scale)) => format!("{name}({precision}, {scale})"),
                    (Some(precision), None) => format!("{name}({precision})"),
                    _ => name.into(),
                }
            }
            "DateTime" | "TIMESTAMP" | "Time" | "TIME" if postgresql => {
                let base = if kind.eq_ignore_ascii_case("TIME") { "TIME" } else { "TIMESTAMP" };
                let zone = match self.type_argument(value, &kind, "timezone").map(|zone| self.machine.truth(zone)) {
                    Some(Some(true)) => "WITH",
                    Some(None) => return None,
                    _ => "WITHOUT",
                };
                let precision = self.type_number(value, &kind, "precision");
                format!("{} {zone} TIME ZONE", sized(base, precision))
            }
            "DateTime" | "DATETIME" => "DATETIME".into(),
            "TIMESTAMP" => "TIMESTAMP".into(),
            "Time" | "TIME" => "TIME".into(),
            "LargeBinary" | "PickleType" => if postgresql { "BYTEA" } else { "BLOB" }.into(),
            "BINARY" | "VARBINARY" => sized(&kind, length),
            "Interval" => if postgresql { "INTERVAL" } else { "DATETIME" }.into(),
            "JSON" => "JSON".into(),
            "Uuid" => {
                let native = self.keyword(value, "native_uuid").and_then(|native| self.machine.truth(native));
                if postgresql && native != Some(false) { "UUID" } else { "CHAR(32)" }.into()
            }
            "UUID" => "UUID".into(),
            "ARRAY" if postgresql => {
                let item = self.positional(value).first().copied().or_else(|| self.keyword(value, "item_type"))?;
                let dimensions = match self.keyword(value, "dimensions") {
                    Some(Value::Int(count)) => usize::try_from(count).unwrap_or(1).clamp(1, 10),
                    _ => 1,
                };
                self.spell(item, dialect, depth + 1)? + &"[]".repeat(dimensions)
            }
            "Enum" | "ENUM" => return self.spell_enum(value, dialect),
            "NullType" | "TypeEngine" => "NULL".into(),
            "TypeDecorator" | "Variant" => {
                let inner = self.decorated(value, dialect)?;
                return self.spell(inner, dialect, depth + 1);
            }
            "UserDefinedType" => {
                let Value::Obj(_) = value else { return None };
                let method = self.machine.get(value, "get_col_spec")?;
                let text = self.machine.invoke(method, CallArgs::default()).ok()?;
                self.machine.text(text)?.to_owned()
            }
            "JSONB" => {
                if !postgresql && !self.sqlalchemy_at_least((2, 1)) {
                    return None;
                }
                "JSONB".into()
            }
            "INTERVAL" if postgresql => "INTERVAL".into(),
            "BIT" if postgresql => sized("BIT", self.type_number(value, &kind, "length").or(Some(1))),
            "BYTEA" | "CIDR" | "INET" | "MACADDR" | "MACADDR8" | "MONEY" | "OID" | "REGCLASS" | "REGCONFIG"
            | "TSVECTOR" | "TSQUERY" | "HSTORE" | "CITEXT" | "JSONPATH"
                if postgresql =>
            {
                kind
            }
            range if postgresql && range.ends_with("RANGE") => kind,
            _ => return None,
        })
    }

    fn spell_enum(&mut self, value: Value, dialect: Dialect) -> Option<String> {
        let native = self.keyword(value, "native_enum").and_then(|native| self.machine.truth(native)) != Some(false);
        if native && dialect == Dialect::Postgresql {
            let class = self.positional(value).first().copied().filter(|first| self.machine.class(*first).is_some());
            let name = match self.keyword(value, "name").filter(|name| *name != Value::None) {
                Some(name) => self.machine.text(name)?.to_owned(),
                None => self.machine.names.text(self.machine.class(class?)?.name).to_lowercase(),
            };
            let name = quoted(&name);
            let schema = self.keyword(value, "schema").and_then(|schema| self.machine.text(schema));
            return Some(match schema {
                Some(schema) => format!("{}.{name}", quoted(schema)),
                None => name,
            });
        }
        if let Some(Value::Int(length)) = self.keyword(value, "length") {
            return Some(format!("VARCHAR({length})"));
        }
        let longest = self.enum_values(value)?.iter().map(|text| text.chars().count()).max()?;
        Some(format!("VARCHAR({longest})"))
    }

    /// The texts that an `Enum` stores.
    fn enum_values(&mut self, value: Value) -> Option<Vec<String>> {
        let given = self.positional(value);
        if let (Some(class), 1) = (given.first().copied(), given.len())
            && self.machine.class(class).is_some()
        {
            let values = match self.keyword(value, "values_callable").filter(|call| *call != Value::None) {
                Some(call) => self.machine.invoke(call, CallArgs { pos: vec![class], ..CallArgs::default() }).ok()?,
                None => self.machine.get(class, "__members__")?,
            };
            let (values, complete) = self.machine.items(values).ok()??;
            let texts: Vec<String> =
                values.iter().filter_map(|text| self.machine.text(*text)).map(Into::into).collect();
            return (complete && texts.len() == values.len()).then_some(texts);
        }
        given.iter().map(|text| self.machine.text(*text).map(str::to_owned)).collect()
    }

    /// What a `TypeDecorator` stands for on a database.
    fn decorated(&mut self, value: Value, dialect: Dialect) -> Option<Value> {
        let Some(Object::Instance { class, .. }) = self.machine.obj(value) else { return None };
        let class = *class;
        let make = self.machine.already_imported("sqlalchemy.sql.sqltypes")?;
        let make = self.machine.get(make, "Dialect")?;
        let name = self.machine.str(dialect.name());
        let object = self.machine.invoke(make, CallArgs { pos: vec![name], ..CallArgs::default() }).ok()?;
        let method = self.machine.get(value, "load_dialect_impl")?;
        if let Ok(made) = self.machine.invoke(method, CallArgs { pos: vec![object], ..CallArgs::default() }) {
            if self.is_type(made) {
                return Some(made);
            }
            if made != Value::None {
                // It calls what the base class has, which is what `impl` says, or it cannot be followed.
                let own =
                    self.machine.function(method).is_some_and(|(_, function)| !self.machine.is_model(function.module));
                if own && !matches!(made, Value::Unknown(_)) {
                    return None;
                }
            }
        }
        let implementation = self.machine.get(value, "impl")?;
        if self.machine.class(implementation).is_some() {
            let (pos, kw) = (self.positional(value), self.keywords(value));
            let _ = class;
            return self.machine.invoke(implementation, CallArgs { pos, kw, open: false }).ok();
        }
        Some(implementation)
    }

    /// Whether a value is a type of a column.
    pub(super) fn is_type(&self, value: Value) -> bool {
        self.is_a(value, "TypeEngine") || self.derives(value, "TypeEngine")
    }

    fn type_repr(&mut self, value: Value) -> String {
        let Some(Object::Instance { class, .. }) = self.machine.obj(value) else { return "NullType()".into() };
        let Some(class) = self.machine.class(Value::Obj(*class)) else { return "NullType()".into() };
        let name = self.machine.names.text(class.name).to_owned();
        let kind = self.sql_type_name(value).unwrap_or_default().to_owned();
        if kind == "_Variant" {
            let Value::Obj(id) = value else { return String::new() };
            let base = self.machine.own_value(id, "base").unwrap_or(Value::None);
            let base = self.type_instance(base);
            return self.type_repr(base);
        }
        let mut parts = Vec::new();
        match kind.as_str() {
            "Enum" | "ENUM" => {
                parts.extend(self.enum_values(value).unwrap_or_default().iter().map(|text| python_text(text)));
                let class = self.positional(value).first().copied().and_then(|first| self.machine.class(first));
                let given = self.keyword(value, "name").and_then(|name| self.machine.text(name)).map(str::to_owned);
                let own = class.map(|class| self.machine.names.text(class.name).to_lowercase());
                if let Some(name) = given.or(own) {
                    parts.push(format!("name={}", python_text(&name)));
                }
            }
            "ARRAY" => {
                if let Some(item) = self.positional(value).first().copied() {
                    let item = self.type_instance(item);
                    parts.push(self.type_repr(item));
                }
            }
            "JSONB" => parts.push("astext_type=Text()".into()),
            _ => {
                let names = PARAMETERS
                    .iter()
                    .find(|(kinds, _)| kinds.contains(&kind.as_str()))
                    .map_or(&[][..], |(_, names)| *names);
                for name in names {
                    let Some(given) = self.type_argument(value, &kind, name) else { continue };
                    if !(matches!(given, Value::None | Value::Bool(false))
                        || *name == "as_uuid" && given == Value::Bool(true))
                    {
                        parts.push(format!("{name}={}", self.constant_text(given)));
                    }
                }
            }
        }
        format!("{name}({})", parts.join(", "))
    }

    pub(super) fn sqlalchemy_at_least(&self, wanted: (u32, u32)) -> bool {
        let known = self.service.libraries.get("sqlalchemy").and_then(|text| crate::library::version(text));
        known.is_none_or(|known| known >= wanted)
    }

    // ------------------------------------------------------------- declared objects

    /// The keyword argument an object of a model was made with.
    pub(super) fn keyword(&self, value: Value, name: &str) -> Option<Value> {
        let Value::Obj(id) = value else { return None };
        self.entry(self.machine.own_value(id, "kwargs")?, name)
    }

    /// All keyword arguments an object of a model was made with.
    pub(super) fn keywords(&self, value: Value) -> Vec<(architect_python::Sym, Value)> {
        let Value::Obj(id) = value else { return Vec::new() };
        let kwargs = self.machine.own_value(id, "kwargs");
        match kwargs.and_then(|kwargs| self.machine.obj(kwargs)) {
            Some(Object::Dict(data)) => data
                .items
                .iter()
                .filter_map(|(key, (_, value))| if let DictKey::Str(name) = key { Some((*name, *value)) } else { None })
                .collect(),
            _ => Vec::new(),
        }
    }

    /// The positional arguments an object of a model was made with.
    pub(super) fn positional(&self, value: Value) -> Vec<Value> {
        let Value::Obj(id) = value else { return Vec::new() };
        match self.machine.own_value(id, "args").and_then(|args| self.machine.obj(args)) {
            Some(Object::Tuple(items) | Object::List(items, _)) => items.clone(),
            _ => Vec::new(),
        }
    }

    /// What a dictionary holds for a text.
    pub(super) fn entry(&self, dict: Value, name: &str) -> Option<Value> {
        match self.machine.obj(dict)? {
            Object::Dict(data) => {
                data.items.get(&DictKey::Str(self.machine.names.lookup(name)?)).map(|(_, value)| *value)
            }
            _ => None,
        }
    }

    /// What an object of a model holds.
    pub(super) fn held(&self, value: Value, name: &str) -> Option<Value> {
        let Value::Obj(id) = value else { return None };
        self.machine.own_value(id, name)
    }

    /// The same as text.
    pub(super) fn held_text(&self, value: Value, name: &str) -> Option<String> {
        self.machine.text(self.held(value, name)?).map(str::to_owned)
    }

    /// The object that is held, if it is one.
    pub(super) fn held_object(&self, value: Value, name: &str) -> Option<ObjectId> {
        match self.held(value, name) {
            Some(Value::Obj(id)) => Some(id),
            _ => None,
        }
    }

    /// A constant as Python prints it.
    pub(super) fn constant_text(&mut self, value: Value) -> String {
        match value {
            Value::Bool(true) => "True".into(),
            Value::Bool(false) => "False".into(),
            Value::Int(int) => int.to_string(),
            Value::Float(float) => format!("{float:?}"),
            Value::Str(_) => python_text(self.machine.text(value).unwrap_or_default()),
            _ => {
                if let Some((class, member)) = self.machine.enum_member(value) {
                    let inner = self.machine.get(value, "value").unwrap_or(Value::None);
                    return format!("<{class}.{member}: {}>", self.constant_text(inner));
                }
                self.machine.type_text(value)
            }
        }
    }
}

/// A text in the quotes Python would choose.
pub(super) fn python_text(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    let mut out = String::from(quote);
    for letter in text.chars() {
        match letter {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            letter if letter == quote => {
                out.push('\\');
                out.push(letter);
            }
            other => out.push(other),
        }
    }
    out.push(quote);
    out
}

/// A name as PostgreSQL wants it: in quotes where it is not plain.
fn quoted(name: &str) -> String {
    let plain = name.starts_with(|letter: char| letter.is_ascii_lowercase() || letter == '_')
        && name.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || "_$".contains(letter));
    if plain { name.to_owned() } else { format!("\"{name}\"") }
}
