//! Tables and mappers in `map --format json`.

use architect_model::tables as model;
use serde::Serialize;

use super::Location;

/// One table.
#[derive(Serialize)]
pub struct Table<'s> {
    metadata: &'s str,
    name: &'s str,
    schema: Option<&'s str>,
    comment: Option<&'s str>,
    columns: Vec<Column<'s>>,
    primary_key: Key<'s>,
    foreign_keys: Vec<ForeignKey<'s>>,
    unique: Vec<Key<'s>>,
    checks: Vec<Check<'s>>,
    indexes: Vec<Index<'s>>,
    conditional: Option<&'s str>,
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

#[derive(Serialize)]
struct Column<'s> {
    name: &'s str,
    #[serde(rename = "type")]
    type_text: &'s str,
    type_postgresql: Option<&'s str>,
    type_sqlite: Option<&'s str>,
    nullable: bool,
    primary_key: bool,
    unique: Option<bool>,
    index: Option<bool>,
    default: Option<Default<'s>>,
    onupdate: Option<Default<'s>>,
    server_default: Option<Default<'s>>,
    server_onupdate: Option<Default<'s>>,
    computed: Option<&'s str>,
    identity: bool,
    comment: Option<&'s str>,
    foreign_keys: Vec<Reference<'s>>,
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

#[derive(Serialize)]
struct Reference<'s> {
    target: &'s str,
    ondelete: Option<&'s str>,
}

#[derive(Serialize)]
struct Default<'s> {
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<&'s str>,
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

#[derive(Serialize)]
struct Key<'s> {
    name: Option<&'s str>,
    columns: &'s [String],
}

impl<'s> From<&'s model::Key> for Key<'s> {
    fn from(key: &'s model::Key) -> Self {
        Self { name: key.name.as_deref(), columns: &key.columns }
    }
}

#[derive(Serialize)]
struct ForeignKey<'s> {
    name: Option<&'s str>,
    columns: &'s [String],
    targets: &'s [String],
    ondelete: Option<&'s str>,
    onupdate: Option<&'s str>,
    deferrable: Option<bool>,
    initially: Option<&'s str>,
    use_alter: bool,
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

#[derive(Serialize)]
struct Check<'s> {
    name: Option<&'s str>,
    sql: Option<&'s str>,
}

#[derive(Serialize)]
struct Index<'s> {
    name: Option<&'s str>,
    unique: bool,
    columns: &'s [String],
    expressions: bool,
    partial: bool,
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
#[derive(Serialize)]
pub struct Mapper<'s> {
    class: &'s str,
    table: &'s str,
    inherits: Option<&'s str>,
    concrete: bool,
    polymorphic_on: Option<&'s str>,
    polymorphic_identity: Option<&'s str>,
    version_id_col: Option<&'s str>,
    columns: Vec<Attribute<'s>>,
    relationships: Vec<Relationship<'s>>,
    hybrids: Vec<&'s str>,
    proxies: Vec<&'s str>,
    composites: Vec<&'s str>,
    synonyms: Vec<&'s str>,
    conditional: Option<&'s str>,
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

#[derive(Serialize)]
struct Attribute<'s> {
    name: &'s str,
    column: Option<&'s str>,
    deferred: bool,
    expression: bool,
}

/// The name of a strategy, or the flag that was written in its place.
#[derive(Serialize)]
#[serde(untagged)]
enum Lazy {
    Strategy(&'static str),
    Flag(bool),
}

#[derive(Serialize)]
struct Relationship<'s> {
    name: &'s str,
    target: &'s str,
    direction: &'static str,
    uselist: bool,
    lazy: Lazy,
    secondary: Option<&'s str>,
    back_populates: Option<&'s str>,
    cascade: &'s [&'static str],
    passive_deletes: bool,
    viewonly: bool,
    local_columns: &'s [String],
    remote_columns: &'s [String],
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
