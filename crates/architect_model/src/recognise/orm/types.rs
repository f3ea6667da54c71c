//! How SQLAlchemy prints a type of a column, and how databases spell it.
//!
//! Source: sqlalchemy/sql/compiler.py (`GenericTypeCompiler`) and dialects/{postgresql,sqlite}/base.py of 2.0 and 2.1.

use architect_python::{CallArgs, Object, Value};

use super::Recogniser;
use super::declared::python_text;

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
    (&["Uuid", "UUID"], &["as_uuid", "native_uuid"]),
    (&["TINYINT"], &["display_width"]),
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

/// Where a column with a type stands.
#[derive(Clone, Debug, Default)]
pub(super) struct TypeHome {
    /// The schema of the table.
    pub table_schema: Option<String>,
    /// The schema of its `MetaData`.
    pub metadata_schema: Option<String>,
}

/// Databases whose spelling is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    Postgresql,
    Sqlite,
}

impl Dialect {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Postgresql => "postgresql",
            Self::Sqlite => "sqlite",
        }
    }
}

impl Recogniser<'_> {
    /// All spellings of a type.
    pub(super) fn column_type(&mut self, value: Value, home: &TypeHome) -> ColumnType {
        let value = self.type_instance(value);
        ColumnType {
            text: self.type_repr(value),
            postgresql: self.spell(value, Dialect::Postgresql, home, 0),
            sqlite: self.spell(value, Dialect::Sqlite, home, 0),
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
            let of_library =
                ["sqlalchemy", "sqlmodel"].contains(&self.machine.names.text(class.module).split('.').next()?);
            (of_library && self.machine.is_model(class.site?.module)).then_some(class.name)
        })?;
        Some(self.machine.names.text(known))
    }

    /// Whether a type, given as an object or as a class, is of that class of the model.
    pub(super) fn sql_type_is(&mut self, value: Value, name: &str) -> bool {
        let value = self.type_instance(value);
        self.sql_type_name(value) == Some(name)
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

    pub(super) fn spell(&mut self, value: Value, dialect: Dialect, home: &TypeHome, depth: u32) -> Option<String> {
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
                return self.spell(chosen, dialect, home, depth + 1);
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
                self.spell(item, dialect, home, depth + 1)? + &"[]".repeat(dimensions)
            }
            "Enum" | "ENUM" => return self.spell_enum(value, dialect, home),
            "NullType" | "TypeEngine" => "NULL".into(),
            "TypeDecorator" | "UTCDateTime" => {
                let inner = self.decorated(value, dialect)?;
                return self.spell(inner, dialect, home, depth + 1);
            }
            "UserDefinedType" => {
                let Value::Obj(_) = value else { return None };
                let method = self.machine.get(value, "get_col_spec")?;
                let text = self.machine.invoke(method, CallArgs::default()).ok()?;
                self.machine.text(text)?.to_owned()
            }
            "JSONB" => {
                if !postgresql && !self.at_least("sqlalchemy", (2, 1, 0)) {
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

    fn spell_enum(&mut self, value: Value, dialect: Dialect, home: &TypeHome) -> Option<String> {
        let native = self.keyword(value, "native_enum").and_then(|native| self.machine.truth(native)) != Some(false);
        if native && dialect == Dialect::Postgresql {
            let name = match self.keyword(value, "name").filter(|name| *name != Value::None) {
                Some(name) => self.machine.text(name)?.to_owned(),
                None => self.enum_class_name(value)?,
            };
            let name = quoted(&name);
            return Some(match self.enum_schema(value, home) {
                Some(schema) => format!("{}.{name}", quoted(&schema)),
                None => name,
            });
        }
        if let Some(Value::Int(length)) = self.keyword(value, "length") {
            return Some(format!("VARCHAR({length})"));
        }
        let longest = self.enum_values(value)?.iter().map(|text| text.chars().count()).max()?;
        Some(format!("VARCHAR({longest})"))
    }

    /// The schema an enumeration of the database stands in.
    ///
    /// Source: sqlalchemy/sql/sqltypes.py (`SchemaType`); it takes that of the `MetaData` by itself from 2.1 on.
    fn enum_schema(&self, value: Value, home: &TypeHome) -> Option<String> {
        if let Some(schema) = self.keyword(value, "schema").and_then(|schema| self.machine.text(schema)) {
            return Some(schema.to_owned());
        }
        if self.keyword(value, "inherit_schema").and_then(|inherits| self.machine.truth(inherits)) == Some(true) {
            return home.table_schema.clone();
        }
        if let Some(metadata) = self.keyword(value, "metadata") {
            return self.held_text(metadata, "schema");
        }
        home.metadata_schema.clone().filter(|_| self.at_least("sqlalchemy", (2, 1, 0)))
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

    /// The name and condition of the check that a type asks for (`create_constraint=True`) on a column.
    pub(super) fn type_check(&mut self, ty: Value, column: &str) -> Option<(Option<String>, Option<String>)> {
        let ty = self.type_instance(ty);
        let wanted = self.keyword(ty, "create_constraint").and_then(|wanted| self.machine.truth(wanted));
        if wanted != Some(true) {
            return None;
        }
        let name = self.keyword(ty, "name").and_then(|name| self.machine.text(name)).map(str::to_owned);
        match self.sql_type_name(ty)? {
            "Boolean" => Some((name, Some(format!("{column} IN (0, 1)")))),
            "Enum" | "ENUM" => {
                let name = name.or_else(|| self.enum_class_name(ty));
                let values = self.enum_values(ty)?;
                let values: Vec<String> =
                    values.iter().map(|value| format!("'{}'", value.replace('\'', "''"))).collect();
                Some((name, Some(format!("{column} IN ({})", values.join(", ")))))
            }
            _ => None,
        }
    }

    /// The name an enumeration of the database takes from its class.
    fn enum_class_name(&self, value: Value) -> Option<String> {
        let class = self.machine.class(*self.positional(value).first()?)?;
        Some(self.machine.names.text(class.name).to_lowercase())
    }

    /// What a `TypeDecorator` stands for on a database.
    fn decorated(&mut self, value: Value, dialect: Dialect) -> Option<Value> {
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
        self.implementation(value)
    }

    /// `impl` of a `TypeDecorator`, made with the arguments it was made with.
    fn implementation(&mut self, value: Value) -> Option<Value> {
        let implementation = self.machine.get(value, "impl")?;
        if self.machine.class(implementation).is_some() {
            let (pos, kw) = (self.positional(value), self.keywords(value));
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
        let (name, class_module) = (self.machine.names.text(class.name).to_owned(), class.module);
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
                let given = self.keyword(value, "name").and_then(|name| self.machine.text(name)).map(str::to_owned);
                if let Some(name) = given.or_else(|| self.enum_class_name(value)) {
                    parts.push(format!("name={}", python_text(&name)));
                }
                if self.keyword(value, "native_enum") == Some(Value::Bool(false)) {
                    parts.push("native_enum=False".into());
                }
                if let Some(Value::Int(length)) = self.keyword(value, "length") {
                    parts.push(format!("length={length}"));
                }
                if self.keyword(value, "create_constraint") == Some(Value::Bool(true)) {
                    parts.push("create_constraint=True".into());
                }
            }
            "ARRAY" => {
                if let Some(item) = self.positional(value).first().copied() {
                    let item = self.type_instance(item);
                    parts.push(self.type_repr(item));
                }
                if let Some(Value::Int(dimensions)) = self.keyword(value, "dimensions") {
                    parts.push(format!("dimensions={dimensions}"));
                }
            }
            "TypeDecorator" => {
                // It is printed with the arguments of what it decorates.
                let inner = self.implementation(value).map(|inner| self.type_repr(inner));
                let arguments = inner.as_deref().and_then(|text| text.split_once('(')).map(|(_, rest)| rest.to_owned());
                parts.extend(arguments.and_then(|rest| rest.strip_suffix(')').map(str::to_owned)));
                parts.retain(|part| !part.is_empty());
            }
            "HSTORE" => parts.push("text_type=Text()".into()),
            "JSONB" => parts.push("astext_type=Text()".into()),
            "JSON" if self.machine.names.text(class_module).starts_with("sqlalchemy.dialects.postgresql") => {
                parts.push("astext_type=Text()".into());
            }
            _ => {
                let names = PARAMETERS
                    .iter()
                    .find(|(kinds, _)| kinds.contains(&kind.as_str()))
                    .map_or(&[][..], |(_, names)| *names);
                for name in names {
                    let Some(given) = self.type_argument(value, &kind, name) else { continue };
                    let usual = Value::Bool(matches!(*name, "as_uuid" | "native_uuid"));
                    if !(given == Value::None || given == usual) {
                        parts.push(format!("{name}={}", self.constant_text(given)));
                    }
                }
            }
        }
        format!("{name}({})", parts.join(", "))
    }

    /// Whether a library is of that version or later; the newest where none is known.
    pub(super) fn at_least(&self, library: &str, wanted: crate::dialect::Version) -> bool {
        let known = self.service.libraries.get(library).and_then(|text| crate::dialect::parse_version(text));
        known.is_none_or(|known| known >= wanted)
    }
}

/// A name as PostgreSQL wants it: in quotes where it is not plain.
fn quoted(name: &str) -> String {
    let plain = name.starts_with(|letter: char| letter.is_ascii_lowercase() || letter == '_')
        && name.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || "_$".contains(letter));
    if plain { name.to_owned() } else { format!("\"{name}\"") }
}
