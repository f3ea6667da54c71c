//! Tables and mappers in `map --format json`.

use architect_model::tables as model;
use schemars::JsonSchema;
use serde::Serialize;

use super::Location;

/// One table.
#[derive(JsonSchema, Serialize)]
pub struct Table<'s> {
    /// The `MetaData` it belongs to, by the class or name that holds it.
    metadata: &'s str,
    /// Its name.
    name: &'s str,
    /// Its schema in the database.
    schema: Option<&'s str>,
    /// Its comment.
    comment: Option<&'s str>,
    /// Its columns, in order.
    columns: Vec<Column<'s>>,
    /// Its primary key.
    primary_key: Key<'s>,
    /// Its foreign keys.
    foreign_keys: Vec<ForeignKey<'s>>,
    /// Its unique constraints.
    unique: Vec<Key<'s>>,
    /// Its check constraints.
    checks: Vec<Check<'s>>,
    /// Its indexes.
    indexes: Vec<Index<'s>>,
    /// The unknown condition under which it exists.
    conditional: Option<&'s str>,
    /// Where it is defined.
    location: Option<Location<'s>>,
}

impl<'s> From<&'s model::Table> for Table<'s> {
    fn from(table: &'s model::Table) -> Self {
        Self {
            metadata: &table.metadata,
            name: &table.name,
            schema: table.schema.as_deref(),
            comment: table.comment.as_deref(),
            columns: table.columns.iter().map(|column| Column::new(table, column)).collect(),
            primary_key: (&table.primary_key).into(),
            foreign_keys: table.foreign_keys.iter().map(Into::into).collect(),
            unique: table.unique.iter().map(Into::into).collect(),
            checks: table
                .checks
                .iter()
                .map(|check| Check { name: check.name.as_deref(), sql: check.sql.as_deref() })
                .collect(),
            indexes: table.indexes.iter().map(Into::into).collect(),
            conditional: table.conditional.as_deref(),
            location: table.location.as_ref().map(Into::into),
        }
    }
}

#[derive(JsonSchema, Serialize)]
struct Column<'s> {
    /// Its name in the database.
    name: &'s str,
    /// The type, as SQLAlchemy prints it.
    #[serde(rename = "type")]
    type_text: &'s str,
    /// The type in PostgreSQL.
    type_postgresql: Option<&'s str>,
    /// The type in SQLite.
    type_sqlite: Option<&'s str>,
    /// Whether it may be null.
    nullable: bool,
    /// Whether it is part of the primary key.
    primary_key: bool,
    /// What `unique=` says.
    unique: Option<bool>,
    /// What `index=` says.
    index: Option<bool>,
    /// What an insert puts there.
    default: Option<Default<'s>>,
    /// What an update puts there.
    onupdate: Option<Default<'s>>,
    /// What the database puts there.
    server_default: Option<Default<'s>>,
    /// What the database puts there on an update.
    server_onupdate: Option<Default<'s>>,
    /// The expression it is computed from.
    computed: Option<&'s str>,
    /// Whether the database counts it.
    identity: bool,
    /// Its comment.
    comment: Option<&'s str>,
    /// What it refers to.
    foreign_keys: Vec<Reference<'s>>,
    /// Where it is defined.
    location: Option<Location<'s>>,
}

impl<'s> Column<'s> {
    fn new(table: &'s model::Table, column: &'s model::Column) -> Self {
        Self {
            name: &column.name,
            type_text: &column.type_text,
            type_postgresql: column.type_postgresql.as_deref(),
            type_sqlite: column.type_sqlite.as_deref(),
            nullable: column.nullable,
            primary_key: column.primary_key,
            unique: column.unique,
            index: column.index,
            default: column.default.as_ref().map(Into::into),
            onupdate: column.onupdate.as_ref().map(Into::into),
            server_default: column.server_default.as_ref().map(Into::into),
            server_onupdate: column.server_onupdate.as_ref().map(Into::into),
            computed: column.computed.as_deref(),
            identity: column.identity,
            comment: column.comment.as_deref(),
            foreign_keys: column
                .foreign_keys
                .iter()
                .map(|target| {
                    let key = table.foreign_keys.iter().find(|key| {
                        key.columns.iter().zip(&key.targets).any(|(own, known)| *own == column.name && known == target)
                    });
                    Reference { target, ondelete: key.and_then(|key| key.ondelete.as_deref()) }
                })
                .collect(),
            location: column.location.as_ref().map(Into::into),
        }
    }
}

#[derive(JsonSchema, Serialize)]
struct Reference<'s> {
    /// Table and column.
    target: &'s str,
    /// What deleting the other does.
    ondelete: Option<&'s str>,
}

#[derive(JsonSchema, Serialize)]
struct Default<'s> {
    /// `scalar`, `callable`, `sql`, `server`, `sequence`, `computed`, `identity` or `fetchedvalue`.
    kind: &'static str,
    /// The value, but for callables.
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<&'s str>,
    /// What is called, of callables.
    #[serde(skip_serializing_if = "Option::is_none")]
    call: Option<&'s str>,
}

impl<'s> From<&'s model::DefaultValue> for Default<'s> {
    fn from(value: &'s model::DefaultValue) -> Self {
        let of = |kind, text: &'s str| Self { kind, value: Some(text), call: None };
        match value {
            model::DefaultValue::Scalar(text) => of("scalar", text),
            model::DefaultValue::Callable(name) => Self { kind: "callable", value: None, call: Some(name) },
            model::DefaultValue::Sql(text) => of("sql", text),
            model::DefaultValue::Server(text) => of("server", text),
            model::DefaultValue::Sequence(name) => of("sequence", name),
            model::DefaultValue::Computed(sql) => of("computed", sql),
            model::DefaultValue::Identity => of("identity", ""),
            model::DefaultValue::Fetched => of("fetchedvalue", ""),
        }
    }
}

#[derive(JsonSchema, Serialize)]
struct Key<'s> {
    /// Its name, also by convention.
    name: Option<&'s str>,
    /// Its columns.
    columns: &'s [String],
}

impl<'s> From<&'s model::Key> for Key<'s> {
    fn from(key: &'s model::Key) -> Self {
        Self { name: key.name.as_deref(), columns: &key.columns }
    }
}

#[derive(JsonSchema, Serialize)]
struct ForeignKey<'s> {
    /// Its name, also by convention.
    name: Option<&'s str>,
    /// Its columns.
    columns: &'s [String],
    /// What they refer to.
    targets: &'s [String],
    /// What deleting the other does.
    ondelete: Option<&'s str>,
    /// What changing the other does.
    onupdate: Option<&'s str>,
    /// Whether it can be checked later.
    deferrable: Option<bool>,
    /// When it is checked.
    initially: Option<&'s str>,
    /// Whether it is added after its table.
    use_alter: bool,
    /// Where it is defined.
    location: Option<Location<'s>>,
}

impl<'s> From<&'s model::ForeignKey> for ForeignKey<'s> {
    fn from(key: &'s model::ForeignKey) -> Self {
        Self {
            name: key.name.as_deref(),
            columns: &key.columns,
            targets: &key.targets,
            ondelete: key.ondelete.as_deref(),
            onupdate: key.onupdate.as_deref(),
            deferrable: key.deferrable,
            initially: key.initially.as_deref(),
            use_alter: key.use_alter,
            location: key.location.as_ref().map(Into::into),
        }
    }
}

#[derive(JsonSchema, Serialize)]
struct Check<'s> {
    /// Its name, also by convention.
    name: Option<&'s str>,
    /// Its condition.
    sql: Option<&'s str>,
}

#[derive(JsonSchema, Serialize)]
struct Index<'s> {
    /// Its name, also by convention.
    name: Option<&'s str>,
    /// Whether it is unique.
    unique: bool,
    /// Its columns.
    columns: &'s [String],
    /// Whether it has expressions, too.
    expressions: bool,
    /// Whether it has a condition.
    partial: bool,
    /// Where it is defined.
    location: Option<Location<'s>>,
}

impl<'s> From<&'s model::Index> for Index<'s> {
    fn from(index: &'s model::Index) -> Self {
        Self {
            name: index.name.as_deref(),
            unique: index.unique,
            columns: &index.columns,
            expressions: index.expressions,
            partial: index.partial,
            location: index.location.as_ref().map(Into::into),
        }
    }
}

/// One mapped class.
#[derive(JsonSchema, Serialize)]
pub struct Mapper<'s> {
    /// Module and class.
    class: &'s str,
    /// Its table.
    table: &'s str,
    /// The mapped class it inherits from.
    inherits: Option<&'s str>,
    /// Whether it has a table of its own all the same.
    concrete: bool,
    /// The column that tells classes apart.
    polymorphic_on: Option<&'s str>,
    /// What that column says of this class.
    polymorphic_identity: Option<&'s str>,
    /// The column that counts versions.
    version_id_col: Option<&'s str>,
    /// Attributes that are columns.
    columns: Vec<Attribute<'s>>,
    /// Attributes that are other objects.
    relationships: Vec<Relationship<'s>>,
    /// Hybrid attributes.
    hybrids: Vec<&'s str>,
    /// Association proxies.
    proxies: Vec<&'s str>,
    /// Composite attributes.
    composites: Vec<&'s str>,
    /// Synonyms.
    synonyms: Vec<&'s str>,
    /// The unknown condition under which it exists.
    conditional: Option<&'s str>,
    /// Where it is defined.
    location: Option<Location<'s>>,
}

impl<'s> From<&'s model::Mapper> for Mapper<'s> {
    fn from(mapper: &'s model::Mapper) -> Self {
        let named = |kind| {
            mapper.others.iter().filter(|other| other.kind == kind).map(|other| &*other.name).collect::<Vec<_>>()
        };
        Self {
            class: &mapper.class,
            table: &mapper.table,
            inherits: mapper.inherits.as_deref(),
            concrete: mapper.inheritance == model::Inheritance::Concrete,
            polymorphic_on: mapper.polymorphic_on.as_deref(),
            polymorphic_identity: mapper.polymorphic_identity.as_deref(),
            version_id_col: mapper.version_id_col.as_deref(),
            columns: mapper
                .columns
                .iter()
                .map(|column| Attribute {
                    name: &column.name,
                    column: column.column.as_deref(),
                    deferred: column.deferred,
                    expression: column.column.is_none(),
                })
                .collect(),
            relationships: mapper.relationships.iter().map(Into::into).collect(),
            hybrids: named(model::OtherKind::Hybrid),
            proxies: named(model::OtherKind::AssociationProxy),
            composites: named(model::OtherKind::Composite),
            synonyms: named(model::OtherKind::Synonym),
            conditional: mapper.conditional.as_deref(),
            location: mapper.location.as_ref().map(Into::into),
        }
    }
}

#[derive(JsonSchema, Serialize)]
struct Attribute<'s> {
    /// Its name.
    name: &'s str,
    /// The column.
    column: Option<&'s str>,
    /// Whether it is loaded only when it is read.
    deferred: bool,
    /// Whether it is an expression and no column.
    expression: bool,
}

/// The name of a strategy, or the flag that was written in its place.
#[derive(JsonSchema, Serialize)]
#[serde(untagged)]
enum Lazy {
    Strategy(&'static str),
    Flag(bool),
}

#[derive(JsonSchema, Serialize)]
struct Relationship<'s> {
    /// Its name.
    name: &'s str,
    /// The class at the other end.
    target: &'s str,
    /// `ONETOMANY`, `MANYTOONE` or `MANYTOMANY`.
    direction: &'static str,
    /// Whether it is a list.
    uselist: bool,
    /// The strategy that loads it, or the flag in its place.
    lazy: Lazy,
    /// The table between.
    secondary: Option<&'s str>,
    /// The attribute at the other end.
    back_populates: Option<&'s str>,
    /// What is carried over.
    cascade: &'s [&'static str],
    /// Whether the database deletes.
    passive_deletes: bool,
    /// Whether it is only read.
    viewonly: bool,
    /// Columns at this end.
    local_columns: &'s [String],
    /// Columns at the other end.
    remote_columns: &'s [String],
    /// Where it is defined.
    location: Option<Location<'s>>,
}

impl<'s> From<&'s model::Relationship> for Relationship<'s> {
    fn from(relationship: &'s model::Relationship) -> Self {
        Self {
            name: &relationship.name,
            target: &relationship.target,
            direction: relationship.direction.as_str(),
            uselist: relationship.uselist,
            lazy: relationship.lazy_flag.map_or(Lazy::Strategy(relationship.lazy.as_str()), Lazy::Flag),
            secondary: relationship.secondary.as_deref(),
            back_populates: relationship.back_populates.as_deref(),
            cascade: &relationship.cascade,
            passive_deletes: relationship.passive_deletes,
            viewonly: relationship.viewonly,
            local_columns: &relationship.local_columns,
            remote_columns: &relationship.remote_columns,
            location: relationship.location.as_ref().map(Into::into),
        }
    }
}
