//! Tables with their columns, what they refer to, and the classes that are mapped to them.

use std::collections::BTreeMap;

use architect_model::tables;
use serde::Serialize;

use super::data::Context;
use super::sources::Place;
use crate::map::{referred, type_of};

/// One table.
#[derive(Serialize)]
pub(super) struct Table<'s> {
    name: String,
    metadata: &'s str,
    at: Option<Place>,
    conditional: Option<&'s str>,
    comment: Option<&'s str>,
    columns: Vec<Column<'s>>,
    refers: Vec<Reference<'s>>,
    unique: Vec<&'s [String]>,
    indexes: Vec<Index<'s>>,
    checks: Vec<&'s str>,
    classes: Vec<Class<'s>>,
}

#[derive(Serialize)]
struct Column<'s> {
    name: &'s str,
    #[serde(rename = "type")]
    type_text: &'s str,
    nullable: bool,
    key: bool,
    unique: bool,
    indexed: bool,
    refers: &'s [String],
}

#[derive(Serialize)]
struct Reference<'s> {
    columns: &'s [String],
    targets: &'s [String],
    ondelete: Option<&'s str>,
    /// Number of the other table, if it is known.
    table: Option<usize>,
}

#[derive(Serialize)]
struct Index<'s> {
    name: Option<&'s str>,
    unique: bool,
    columns: &'s [String],
}

#[derive(Serialize)]
struct Class<'s> {
    name: &'s str,
    at: Option<Place>,
    inherits: Option<&'s str>,
    relationships: Vec<Relationship<'s>>,
}

#[derive(Serialize)]
struct Relationship<'s> {
    name: &'s str,
    target: &'s str,
    many: bool,
    lazy: &'static str,
    secondary: Option<&'s str>,
    view_only: bool,
}

/// All tables in the order they were declared.
pub(super) fn all<'s>(context: &mut Context<'s>) -> Vec<Table<'s>> {
    let service = context.service;
    let known = service.tables.iter().enumerate().map(|(number, table)| (table.full_name(), number)).collect();
    let mut mappers: BTreeMap<&str, Vec<&tables::Mapper>> = BTreeMap::new();
    for mapper in &service.mappers {
        mappers.entry(&mapper.table).or_default().push(mapper);
    }
    service.tables.iter().map(|table| Table::new(context, table, &known, &mappers)).collect()
}

impl<'s> Table<'s> {
    fn new(
        context: &mut Context<'s>,
        table: &'s tables::Table,
        known: &BTreeMap<String, usize>,
        mappers: &BTreeMap<&str, Vec<&'s tables::Mapper>>,
    ) -> Self {
        let name = table.full_name();
        let mut place = |location: &'s Option<architect_source::Location>| {
            location.as_ref().map(|location| context.sources.place(location))
        };
        Self {
            metadata: &table.metadata,
            at: place(&table.location),
            conditional: table.conditional.as_deref(),
            comment: table.comment.as_deref(),
            columns: table.columns.iter().map(|column| Column::new(table, column)).collect(),
            refers: table
                .foreign_keys
                .iter()
                .map(|key| Reference {
                    columns: &key.columns,
                    targets: &key.targets,
                    ondelete: key.ondelete.as_deref(),
                    table: referred(table, key, |name| known.get(name).copied()),
                })
                .collect(),
            unique: table.unique.iter().map(|key| &*key.columns).collect(),
            indexes: table
                .indexes
                .iter()
                .map(|index| Index { name: index.name.as_deref(), unique: index.unique, columns: &index.columns })
                .collect(),
            checks: table.checks.iter().filter_map(|check| check.sql.as_deref()).collect(),
            classes: mappers
                .get(&*name)
                .into_iter()
                .flatten()
                .map(|mapper| Class {
                    name: &mapper.class,
                    at: place(&mapper.location),
                    inherits: mapper.inherits.as_deref(),
                    relationships: mapper.relationships.iter().map(Into::into).collect(),
                })
                .collect(),
            name,
        }
    }
}

impl<'s> Column<'s> {
    fn new(table: &tables::Table, column: &'s tables::Column) -> Self {
        Self {
            name: &column.name,
            type_text: type_of(column),
            nullable: column.nullable,
            key: column.primary_key,
            unique: column.unique == Some(true),
            indexed: table.is_indexed(&column.name),
            refers: &column.foreign_keys,
        }
    }
}

impl<'s> From<&'s tables::Relationship> for Relationship<'s> {
    fn from(relationship: &'s tables::Relationship) -> Self {
        Self {
            name: &relationship.name,
            target: &relationship.target,
            many: relationship.uselist,
            lazy: relationship.lazy.as_str(),
            secondary: relationship.secondary.as_deref(),
            view_only: relationship.viewonly,
        }
    }
}
