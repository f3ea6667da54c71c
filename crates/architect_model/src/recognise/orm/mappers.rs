//! Mapped classes and their attributes: what `configure_mappers()` finds out.
//!
//! Source: sqlalchemy/orm/mapper.py of 2.0.

use architect_python::{ObjectId, Sym, Value};
use rustc_hash::{FxHashMap, FxHashSet};

use super::{Recogniser, Schema};
use crate::tables::{ClassKey, ColumnAttribute, Inheritance, Mapper, OtherAttribute, OtherKind, Relationship};

/// A mapped class while relationships are worked out.
pub(super) struct Mapped {
    pub(super) class: ObjectId,
    pub(super) module: String,
    pub(super) table: Option<ObjectId>,
    /// Its table and those of its parents, as far as rows are joined.
    pub(super) tables: Vec<ObjectId>,
    pub(super) parent: Option<usize>,
    pub(super) registry: Option<ObjectId>,
    pub(super) metadata: Option<ObjectId>,
    /// Relationships declared on it, by name.
    pub(super) declared: Vec<(String, Value)>,
}

/// Mapped classes by what they are looked up by.
pub(super) struct Classes {
    pub(super) all: Vec<Mapped>,
    pub(super) by_class: FxHashMap<ObjectId, usize>,
    pub(super) by_name: FxHashMap<String, Vec<usize>>,
}

impl Recogniser<'_> {
    pub(super) fn read_mappers(&mut self, schema: &Schema) {
        let classes = self.collect_mappers();
        let mut rows: Vec<Mapper> = Vec::new();
        let mut backrefs: Vec<(usize, Relationship)> = Vec::new();
        for at in 0..classes.all.len() {
            let (row, back) = self.read_mapper(at, &classes, schema);
            rows.push(row);
            backrefs.extend(back);
        }
        for (at, relationship) in backrefs {
            if rows[at].relationship(&relationship.name).is_none() {
                rows[at].relationships.push(relationship);
            }
        }
        // Parents come before their children: what a parent has, its children have.
        for at in 0..rows.len() {
            let Some(parent) = classes.all[at].parent else { continue };
            if rows[at].inheritance == Inheritance::Concrete {
                continue;
            }
            let from = rows[parent].clone();
            rows[at].polymorphic_on = rows[at].polymorphic_on.take().or(from.polymorphic_on);
            rows[at].version_id_col = rows[at].version_id_col.take().or(from.version_id_col);
            let own: FxHashSet<String> = rows[at]
                .columns
                .iter()
                .map(|column| column.name.clone())
                .chain(rows[at].relationships.iter().map(|r| r.name.clone()))
                .collect();
            rows[at].columns.extend(from.columns.into_iter().filter(|column| !own.contains(&column.name)));
            rows[at].relationships.extend(from.relationships.into_iter().filter(|known| !own.contains(&known.name)));
            for other in from.others {
                if !rows[at].others.iter().any(|known| known.name == other.name) {
                    rows[at].others.push(other);
                }
            }
        }
        for row in &mut rows {
            row.relationships.sort_by(|a, b| a.name.cmp(&b.name));
        }
        self.service.mappers = rows;
    }

    fn collect_mappers(&mut self) -> Classes {
        let mappers = self.instances_of(&["Mapper"]);
        let mut out = Classes { all: Vec::new(), by_class: FxHashMap::default(), by_name: FxHashMap::default() };
        for mapper in mappers {
            let Some(class) = self.held_object(mapper, "class_") else { continue };
            let Some(object) = self.machine.class(Value::Obj(class)) else { continue };
            let table = self.held_object(mapper, "local_table");
            if table.is_some_and(|table| self.is_version_table(Value::Obj(table))) {
                continue;
            }
            let (name, module) =
                (self.machine.names.text(object.name).to_owned(), self.machine.names.text(object.module).to_owned());
            let ns: Vec<(Sym, Value)> = object.ns.iter().map(|(name, value)| (*name, *value)).collect();
            let declared = ns
                .into_iter()
                .filter(|(_, value)| self.is_a(*value, "Relationship"))
                .map(|(name, value)| (self.machine.names.text(name).to_owned(), value))
                .collect();
            let parent = self.held_object(mapper, "inherits").and_then(|class| out.by_class.get(&class).copied());
            let concrete =
                self.mapper_option(mapper, "concrete").and_then(|value| self.machine.truth(value)) == Some(true);
            let mut tables: Vec<ObjectId> = table.into_iter().collect();
            if let (Some(parent), false) = (parent, concrete) {
                tables.extend(out.all[parent].tables.iter().filter(|known| Some(**known) != table));
            }
            let metadata = table.and_then(|table| self.held_object(Value::Obj(table), "metadata"));
            let at = out.all.len();
            out.by_class.insert(class, at);
            out.by_name.entry(name).or_default().push(at);
            let registry = self.held_object(mapper, "registry");
            out.all.push(Mapped { class, module, table, tables, parent, registry, metadata, declared });
        }
        out
    }

    fn mapper_option(&self, mapper: Value, name: &str) -> Option<Value> {
        self.entry(self.held(mapper, "options")?, name)
    }

    fn read_mapper(&mut self, at: usize, classes: &Classes, schema: &Schema) -> (Mapper, Vec<(usize, Relationship)>) {
        let mapped = &classes.all[at];
        let class = Value::Obj(mapped.class);
        let mapper = self.machine.own_value(mapped.class, "__mapper__").unwrap_or(Value::None);
        let concrete = self.mapper_option(mapper, "concrete").and_then(|value| self.machine.truth(value)) == Some(true);
        let inheritance = match mapped.parent {
            _ if concrete => Inheritance::Concrete,
            None => Inheritance::None,
            Some(parent) if classes.all[parent].table == mapped.table => Inheritance::Single,
            Some(_) => Inheritance::Joined,
        };
        let polymorphic_on = self.mapper_option(mapper, "polymorphic_on").and_then(|on| match self.machine.text(on) {
            Some(text) => Some(text.to_owned()),
            None => self.plain_column(on).and_then(|column| schema.columns.get(&column)).map(|(_, name)| name.clone()),
        });
        let identity = self.mapper_option(mapper, "polymorphic_identity").filter(|value| *value != Value::None);
        let polymorphic_identity = identity.map(|value| match self.machine.text(value) {
            Some(text) => text.to_owned(),
            None => self.constant_text(value),
        });
        let version_id_col = self
            .mapper_option(mapper, "version_id_col")
            .and_then(|column| self.plain_column(column))
            .and_then(|column| schema.columns.get(&column))
            .map(|(_, name)| name.clone());
        let eager_defaults = self.mapper_option(mapper, "eager_defaults").and_then(|value| match value {
            Value::Bool(eager) => Some(eager),
            _ => None,
        });
        let table_name =
            mapped.table.and_then(|table| self.held_text(Value::Obj(table), "fullname")).unwrap_or_default();
        let mut row = Mapper {
            key: ClassKey(mapped.class.0),
            class: self.machine.qualified_name(class).unwrap_or_default(),
            table: table_name,
            table_index: mapped.table.and_then(|table| schema.places.get(&table).copied()),
            inherits: mapped
                .parent
                .and_then(|parent| self.machine.qualified_name(Value::Obj(classes.all[parent].class))),
            inheritance,
            polymorphic_on,
            polymorphic_identity,
            version_id_col,
            eager_defaults,
            columns: Vec::new(),
            relationships: Vec::new(),
            others: Vec::new(),
            conditional: self.made_under(mapper),
            location: self.definition(class),
        };
        self.read_attributes(mapped, schema, &mut row);
        let mut backrefs = Vec::new();
        for (name, property) in &mapped.declared {
            match self.read_relationship(at, name, *property, classes, schema) {
                Ok((relationship, back)) => {
                    row.relationships.push(relationship);
                    backrefs.extend(back);
                }
                Err(why) => {
                    let location = self.made_at(*property);
                    self.unknown(format!("the relationship {}.{name}", row.class), why, "", location);
                }
            }
        }
        (row, backrefs)
    }

    /// Columns, hybrids and the like.
    fn read_attributes(&mut self, mapped: &Mapped, schema: &Schema, row: &mut Mapper) {
        let Some(object) = self.machine.class(Value::Obj(mapped.class)) else { return };
        let mro = object.mro.clone();
        let mut assigned: FxHashSet<ObjectId> = FxHashSet::default();
        for (depth, parent) in mro.iter().enumerate() {
            if depth > 0 && self.machine.own_value(*parent, "__mapper__").is_some() {
                continue;
            }
            let Some(object) = self.machine.class(Value::Obj(*parent)) else { continue };
            let ns: Vec<(String, Value)> =
                object.ns.iter().map(|(name, value)| (self.machine.names.text(*name).to_owned(), *value)).collect();
            for (name, value) in ns {
                let known = |row: &Mapper| {
                    row.columns.iter().any(|column| column.name == name)
                        || row.others.iter().any(|other| other.name == name)
                };
                if self.is_a(value, "hybrid_property") {
                    if !known(row) {
                        row.others.push(OtherAttribute {
                            name,
                            kind: OtherKind::Hybrid,
                            through: None,
                            attribute: None,
                        });
                    }
                    continue;
                }
                if self.is_a(value, "AssociationProxy") {
                    if !known(row) {
                        let through = self.held_text(value, "target_collection");
                        let attribute = self.held_text(value, "value_attr");
                        row.others.push(OtherAttribute { name, kind: OtherKind::AssociationProxy, through, attribute });
                    }
                    continue;
                }
                if depth > 0 || name == "__table__" {
                    continue;
                }
                if self.is_a(value, "Composite") || self.is_a(value, "Synonym") {
                    let synonym = self.is_a(value, "Synonym");
                    let through =
                        self.positional(value).first().and_then(|first| self.machine.text(*first)).map(Into::into);
                    let kind = if synonym { OtherKind::Synonym } else { OtherKind::Composite };
                    let through = if synonym { through } else { None };
                    row.others.push(OtherAttribute { name, kind, through, attribute: None });
                    continue;
                }
                let column = self.plain_column(value);
                if column.is_none() && !self.is_a(value, "ColumnProperty") {
                    continue;
                }
                let place = column.and_then(|column| schema.columns.get(&column));
                if self.is_a(value, "Column") && place.is_none() {
                    continue;
                }
                assigned.extend(column);
                let given = |recogniser: &Self, name: &str| recogniser.keyword(value, name);
                let truth = |recogniser: &Self, name: &str| {
                    given(recogniser, name).and_then(|value| recogniser.machine.truth(value)) == Some(true)
                };
                let deferred_group = given(self, "deferred_group").or_else(|| given(self, "group"));
                let attribute = ColumnAttribute {
                    name,
                    column: place.map(|(_, name)| name.clone()),
                    table: place.and_then(|(table, _)| self.held_text(Value::Obj(*table), "fullname")),
                    deferred: self.is_a(value, "Deferred") || truth(self, "deferred"),
                    deferred_group: deferred_group.and_then(|group| self.machine.text(group)).map(str::to_owned),
                    deferred_raiseload: truth(self, "deferred_raiseload") || truth(self, "raiseload"),
                };
                row.columns.push(attribute);
            }
        }
        // Columns of a table that was given whole have attributes, too.
        let Some(table) = mapped.table else { return };
        if row.inheritance == Inheritance::Single {
            return;
        }
        let rest: Vec<(ObjectId, String)> = schema
            .columns_of
            .get(&table)
            .into_iter()
            .flatten()
            .filter(|id| !assigned.contains(id))
            // Not those that subclasses add to the table.
            .filter(|id| self.held_object(Value::Obj(**id), "owner").is_none_or(|owner| owner == mapped.class))
            .map(|id| (*id, self.held_text(Value::Obj(*id), "key").unwrap_or_default()))
            .collect();
        for (id, name) in rest {
            if row.columns.iter().any(|column| column.name == name) {
                continue;
            }
            let column = schema.columns.get(&id).map(|(_, name)| name.clone());
            let table = Some(row.table.clone());
            row.columns.push(ColumnAttribute {
                name,
                column,
                table,
                deferred: false,
                deferred_group: None,
                deferred_raiseload: false,
            });
        }
    }
}
