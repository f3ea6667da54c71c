//! A table with its constraints and indexes.
//!
//! Source: sqlalchemy/sql/schema.py of 2.0.

use architect_python::{ObjectId, Value};
use architect_source::Location;
use rustc_hash::{FxHashMap, FxHashSet};

use super::sql::Conventions;
use super::types::ColumnType;
use super::{Recogniser, Schema};
use crate::tables::{Check, ForeignKey, Index, Key, Table};

impl Recogniser<'_> {
    /// A table with all that belongs to it; `types` are those of columns that are known already.
    pub(super) fn read_table(
        &mut self,
        id: ObjectId,
        schema: &Schema,
        types: &mut FxHashMap<ObjectId, ColumnType>,
    ) -> Table {
        let value = Value::Obj(id);
        let metadata = self.held_object(value, "metadata");
        let name = self.held_text(value, "name").unwrap_or_default();
        let location = match schema.class_places.get(&id) {
            Some(location) => Some(location.clone()),
            None => self.made_at(value),
        };
        let conditional = self.made_under(value);
        let mut table = Table {
            metadata: metadata.and_then(|id| schema.labels.get(&id).cloned()).unwrap_or_default(),
            name,
            schema: self.held_text(value, "schema"),
            columns: Vec::new(),
            primary_key: Key::default(),
            foreign_keys: Vec::new(),
            unique: Vec::new(),
            checks: Vec::new(),
            indexes: Vec::new(),
            comment: self.keyword(value, "comment").and_then(|text| self.machine.text(text)).map(str::to_owned),
            conditional,
            location,
        };
        let names = Conventions { metadata, table: &table.name.clone(), schema: table.schema.clone() };
        let primary = schema.primary.get(&id).cloned().unwrap_or_default();
        for column in self.columns_of(value) {
            self.read_column(column, schema, &primary, &names, &mut table, types);
        }
        let items: Vec<Value> = self
            .listed(value, "constraints")
            .into_iter()
            .chain(self.listed(value, "indexes"))
            .chain(schema.loose.get(&id).into_iter().flatten().copied())
            .collect();
        let mut primary_name = None;
        let mut seen = FxHashSet::default();
        for item in items {
            let Value::Obj(item_id) = item else { continue };
            if !seen.insert(item_id) {
                continue;
            }
            if self.is_a(item, "PrimaryKeyConstraint") {
                primary_name = self.held_text(item, "name");
            } else {
                self.read_constraint(item, id, schema, &names, &mut table);
            }
        }
        let columns: Vec<String> =
            primary.iter().filter_map(|column| schema.columns.get(column)).map(|(_, name)| name.clone()).collect();
        let name = self.conventional(&names, "pk", primary_name, &columns, None);
        table.primary_key = Key { name, columns };
        table.foreign_keys.sort_by(|a, b| (&a.columns, &a.name).cmp(&(&b.columns, &b.name)));
        table.unique.sort_by(|a, b| (&a.columns, &a.name).cmp(&(&b.columns, &b.name)));
        table.indexes.sort_by(|a, b| (&a.columns, &a.name).cmp(&(&b.columns, &b.name)));
        table
    }

    /// An index or a constraint that is no primary key.
    fn read_constraint(
        &mut self,
        item: Value,
        id: ObjectId,
        schema: &Schema,
        names: &Conventions<'_>,
        table: &mut Table,
    ) {
        let given = self.held_text(item, "name");
        if self.is_a(item, "Index") {
            let index = self.read_index(item, given, id, schema, names);
            table.indexes.push(index);
        } else if self.is_a(item, "UniqueConstraint") {
            let columns = self.column_names(&self.positional(item), id, schema);
            let name = self.conventional(names, "uq", given, &columns, None);
            table.unique.push(Key { name, columns });
        } else if self.is_a(item, "CheckConstraint") {
            let condition = self.positional(item).first().copied().or_else(|| self.keyword(item, "sqltext"));
            let sql = condition.and_then(|condition| self.sql_text(condition, 0));
            let mut columns = Vec::new();
            condition.into_iter().for_each(|condition| self.expression_columns(condition, &mut columns, 0));
            let columns: Vec<String> =
                columns.iter().filter_map(|column| schema.columns.get(column)).map(|(_, name)| name.clone()).collect();
            let name = self.conventional(names, "ck", given, &columns, None);
            table.checks.push(Check { name, sql });
        } else if self.is_a(item, "ForeignKeyConstraint") {
            let (own, targets) = self.constraint_pairs(item);
            let columns = self.column_names(&own, id, schema);
            let targets: Vec<String> = targets.iter().map(|target| self.target_text(*target, schema)).collect();
            for (column, target) in columns.iter().zip(&targets) {
                if let Some(column) = table.columns.iter_mut().find(|known| known.name == *column) {
                    column.foreign_keys.push(target.clone());
                    column.foreign_keys.sort();
                }
            }
            let key = self.foreign_key(item, given, columns, targets, names);
            table.foreign_keys.push(key);
        }
    }

    fn read_index(
        &mut self,
        item: Value,
        given: Option<String>,
        table_id: ObjectId,
        schema: &Schema,
        names: &Conventions<'_>,
    ) -> Index {
        let arguments = self.positional(item);
        let columns = self.column_names(&arguments, table_id, schema);
        let expressions =
            arguments.iter().any(|item| self.machine.text(*item).is_none() && self.plain_column(*item).is_none());
        let unique = self.keyword(item, "unique").and_then(|unique| self.machine.truth(unique)) == Some(true);
        let partial =
            ["postgresql_where", "sqlite_where", "mssql_where"].iter().any(|name| self.keyword(item, name).is_some());
        let name = self.conventional(names, "ix", given, &columns, None);
        let location = self.made_at(item);
        Index { name, unique, columns, expressions, partial, location }
    }

    /// Names of columns, the first of each expression.
    fn column_names(&mut self, items: &[Value], table: ObjectId, schema: &Schema) -> Vec<String> {
        items
            .iter()
            .filter_map(|item| {
                let named = self.machine.text(*item).map(str::to_owned);
                match self.named_column(*item, table, schema) {
                    Some(column) => Some(schema.columns.get(&column)?.1.clone()),
                    None => named,
                }
            })
            .collect()
    }

    pub(super) fn foreign_key(
        &mut self,
        item: Value,
        given: Option<String>,
        columns: Vec<String>,
        targets: Vec<String>,
        names: &Conventions<'_>,
    ) -> ForeignKey {
        let given =
            given.or_else(|| self.keyword(item, "name").and_then(|name| self.machine.text(name)).map(Into::into));
        let referred = targets
            .first()
            .and_then(|target| target.rsplit_once('.'))
            .map(|(table, column)| (table.rsplit('.').next().unwrap_or(table).to_owned(), column.to_owned()));
        let name = self.conventional(names, "fk", given, &columns, referred.as_ref());
        let text = |recogniser: &Self, name: &str| {
            recogniser.keyword(item, name).and_then(|value| recogniser.machine.text(value)).map(str::to_owned)
        };
        let truth = |recogniser: &Self, name: &str| {
            recogniser.keyword(item, name).and_then(|value| recogniser.machine.truth(value))
        };
        ForeignKey {
            name,
            columns,
            targets,
            ondelete: text(self, "ondelete"),
            onupdate: text(self, "onupdate"),
            deferrable: truth(self, "deferrable"),
            initially: text(self, "initially"),
            use_alter: truth(self, "use_alter") == Some(true),
            location: self.made_at(item),
        }
    }

    /// `table.column`, as SQLAlchemy prints what a foreign key refers to.
    pub(super) fn target_text(&mut self, target: Value, schema: &Schema) -> String {
        if let Some(text) = self.machine.text(target) {
            return text.to_owned();
        }
        match self.plain_column(target).and_then(|column| schema.columns.get(&column)) {
            Some((table, name)) => {
                let table = self.held_text(Value::Obj(*table), "fullname").unwrap_or_default();
                format!("{table}.{name}")
            }
            None => "?".into(),
        }
    }

    /// Indexes and constraints that are made beside their table.
    pub(super) fn loose_items(&mut self, schema: &Schema) -> FxHashMap<ObjectId, Vec<Value>> {
        let mut out: FxHashMap<ObjectId, Vec<Value>> = FxHashMap::default();
        for item in self.instances_of(&["Index", "Constraint"]) {
            if self.held(item, "table") != Some(Value::None) {
                continue;
            }
            let mut columns = Vec::new();
            for argument in self.positional(item) {
                self.expression_columns(argument, &mut columns, 0);
            }
            let table = columns.first().and_then(|column| schema.columns.get(column));
            if let Some((table, _)) = table {
                out.entry(*table).or_default().push(item);
            }
        }
        out
    }

    /// Where the classes of tables are defined.
    pub(super) fn table_classes(&self) -> FxHashMap<ObjectId, Location> {
        let mut out = FxHashMap::default();
        for mapper in self.instances_of(&["Mapper"]) {
            let class = self.held(mapper, "class_").and_then(|class| self.definition(class));
            if let (Some(table), Some(location)) = (self.held_object(mapper, "local_table"), class) {
                out.entry(table).or_insert(location);
            }
        }
        out
    }
}
