//! Tables: what SQLAlchemy makes of their declarations.
//!
//! Source: sqlalchemy/sql/schema.py, sql/naming.py and orm/properties.py (`MappedColumn`) of 2.0;
//! sqlmodel/main.py (`get_column_from_field`).

use std::collections::BTreeMap;

use architect_python::{Object, ObjectId, Site, Value};
use architect_source::Location;
use rustc_hash::{FxHashMap, FxHashSet};

use super::Recogniser;
use super::column_types::ColumnType;
use super::discover::is_aside;
use crate::tables::{Check, Column, DefaultValue, ForeignKey, Index, Key, Table};

/// Expressions are searched for columns this deep.
const MAX_DEPTH: u32 = 40;
/// Foreign keys to foreign keys are followed this far.
const MAX_CHAIN: usize = 30;

/// Modules of the model and the classes that recognisers ask for.
const CLASSES: &[(&str, &[&str])] = &[
    (
        "sqlalchemy.sql.schema",
        &[
            "Column",
            "Table",
            "MetaData",
            "ForeignKey",
            "ForeignKeyConstraint",
            "PrimaryKeyConstraint",
            "UniqueConstraint",
            "CheckConstraint",
            "Constraint",
            "Index",
            "Sequence",
            "Identity",
            "Computed",
            "FetchedValue",
            "DefaultClause",
            "ColumnDefault",
        ],
    ),
    ("sqlalchemy.sql.sqltypes", &["TypeEngine", "TypeDecorator"]),
    ("sqlalchemy.sql.elements", &["Expression", "TextClause", "ClauseElement"]),
    ("sqlalchemy.sql.functions", &["FunctionElement"]),
    (
        "sqlalchemy.orm.interfaces",
        &[
            "MappedColumn",
            "MapperProperty",
            "Relationship",
            "ColumnProperty",
            "Deferred",
            "Composite",
            "Synonym",
            "Backref",
        ],
    ),
    ("sqlalchemy.orm.decl_api", &["Mapper", "registry"]),
    ("sqlalchemy.ext.hybrid", &["hybrid_property"]),
    ("sqlalchemy.ext.associationproxy", &["AssociationProxy"]),
    ("sqlmodel.main", &["FieldColumn", "TableField"]),
];

/// What tables and mappers are looked up by while they are read.
#[derive(Default)]
pub(super) struct Schema {
    /// Tables in the order they are listed.
    pub tables: Vec<ObjectId>,
    /// Their places.
    pub places: FxHashMap<ObjectId, usize>,
    /// Columns to their tables and names.
    pub columns: FxHashMap<ObjectId, (ObjectId, String)>,
    /// Tables by metadata and key.
    by_key: FxHashMap<(ObjectId, String), ObjectId>,
    /// Columns of a table by name and by key.
    by_name: FxHashMap<(ObjectId, String), ObjectId>,
    /// What a column refers to.
    pub references: FxHashMap<ObjectId, Vec<ObjectId>>,
    /// Columns of primary keys.
    pub primary: FxHashMap<ObjectId, Vec<ObjectId>>,
}

impl Schema {
    /// A table by its key in a metadata object, or in any.
    pub fn table(&self, metadata: Option<ObjectId>, key: &str) -> Option<ObjectId> {
        if let Some(found) = metadata.and_then(|metadata| self.by_key.get(&(metadata, key.to_owned()))) {
            return Some(*found);
        }
        let mut all =
            self.tables.iter().filter(|table| self.by_key.iter().any(|((_, known), id)| known == key && id == *table));
        all.next().copied()
    }

    /// A column by its name or key.
    pub fn column(&self, table: ObjectId, name: &str) -> Option<ObjectId> {
        self.by_name.get(&(table, name.to_owned())).copied()
    }
}

/// What is said about a column, in its call and in its annotation.
#[derive(Default)]
pub(super) struct Spec {
    args: Vec<Value>,
    keywords: Vec<(String, Value)>,
    ty: Option<Value>,
    /// The type to take where that of a foreign key's target is not known.
    fallback: Option<Value>,
    nullable: Option<bool>,
}

impl Spec {
    fn get(&self, name: &str) -> Option<Value> {
        self.keywords.iter().find(|(known, _)| known == name).map(|(_, value)| *value)
    }
}

impl Recogniser<'_> {
    /// Tables and mapped classes.
    pub(super) fn read_tables(&mut self) {
        self.import_models();
        for (module, names) in CLASSES {
            let Some(object) = self.machine.already_imported(module) else { continue };
            for name in *names {
                if let Some(value) = self.machine.get(object, name) {
                    self.classes.insert(name, value);
                }
            }
        }
        if !self.classes.knows("Table") {
            return;
        }
        let mut schema = self.collect_tables();
        let labels = self.metadata_labels();
        let loose = self.loose_items(&schema);
        let class_places = self.table_classes();
        self.collect_references(&mut schema);
        let mut types: FxHashMap<ObjectId, ColumnType> = FxHashMap::default();
        for id in schema.tables.clone() {
            let table = self.read_table(id, &schema, &labels, &loose, &class_places, &mut types);
            self.service.tables.push(table);
        }
        self.read_mappers(&schema);
    }

    /// Imports modules of the project that declare tables; a service may import them late.
    fn import_models(&mut self) {
        let program = self.machine.program;
        for id in &program.project_modules {
            let module = program.module(*id);
            let text = &module.text;
            if is_aside(&module.path) || !(text.contains("sqlalchemy") || text.contains("sqlmodel")) {
                continue;
            }
            if ["__tablename__", "table=True", "Table(", "DeclarativeBase", "declarative_base", "mapped_column("]
                .iter()
                .any(|sign| text.contains(sign))
                && !is_revision(text)
            {
                self.machine.import(&module.name);
            }
        }
    }

    fn collect_tables(&mut self) -> Schema {
        let mut schema = Schema::default();
        let all: Vec<Value> = self
            .machine
            .objects()
            .map(|(id, _)| Value::Obj(id))
            .filter(|value| self.is_a(*value, "MetaData"))
            .collect();
        for metadata in all {
            let Value::Obj(metadata_id) = metadata else { continue };
            let Some(Object::Dict(data)) = self.held(metadata, "tables").and_then(|tables| self.machine.obj(tables))
            else {
                continue;
            };
            for (_, table) in data.items.values().copied().collect::<Vec<_>>() {
                let Value::Obj(id) = table else { continue };
                if !self.is_a(table, "Table") || schema.places.contains_key(&id) {
                    continue;
                }
                schema.places.insert(id, schema.tables.len());
                schema.tables.push(id);
                let key = self.held_text(table, "key").unwrap_or_default();
                schema.by_key.insert((metadata_id, key), id);
                for column in self.columns_of(table) {
                    let Value::Obj(column_id) = column else { continue };
                    let name = self.held_text(column, "name").unwrap_or_default();
                    if let Some(key) = self.held_text(column, "key") {
                        schema.by_name.insert((id, key), column_id);
                    }
                    schema.by_name.entry((id, name.clone())).or_insert(column_id);
                    schema.columns.insert(column_id, (id, name));
                }
            }
        }
        schema
    }

    fn columns_of(&self, table: Value) -> Vec<Value> {
        let all = self.held(table, "columns").and_then(|columns| self.held(columns, "_all"));
        match all.and_then(|all| self.machine.obj(all)) {
            Some(Object::Dict(data)) => data.items.values().map(|(_, column)| *column).collect(),
            _ => Vec::new(),
        }
    }

    fn listed(&self, value: Value, name: &str) -> Vec<Value> {
        match self.held(value, name).and_then(|list| self.machine.obj(list)) {
            Some(Object::List(items, _)) => items.clone(),
            _ => Vec::new(),
        }
    }

    /// Under which names metadata objects are known: declarative bases first.
    fn metadata_labels(&mut self) -> FxHashMap<ObjectId, String> {
        let mut out: FxHashMap<ObjectId, String> = FxHashMap::default();
        let classes: Vec<(ObjectId, ObjectId)> = self
            .machine
            .objects()
            .filter_map(|(id, object)| match object {
                Object::Class(_) => match self.machine.own_value(id, "metadata") {
                    Some(Value::Obj(metadata)) => Some((id, metadata)),
                    _ => None,
                },
                _ => None,
            })
            .collect();
        let names = self.bound_names();
        for (class, metadata) in classes {
            let made = self.machine.class(Value::Obj(class)).and_then(|class| class.site);
            let in_model = made.is_none_or(|site| self.machine.is_model(site.module));
            let name = match names.iter().find(|(id, _)| *id == class) {
                Some((_, name)) => Some(name.clone()),
                None if in_model && self.machine.qualified_name(Value::Obj(class)).is_none() => None,
                None => self.machine.qualified_name(Value::Obj(class)),
            };
            if let Some(name) = name {
                out.entry(metadata).or_insert(name);
            }
        }
        for (id, name) in names {
            if self.is_a(Value::Obj(id), "MetaData") {
                out.entry(id).or_insert(name);
            }
        }
        out
    }

    /// Indexes and constraints that are made beside their table.
    fn loose_items(&mut self, schema: &Schema) -> FxHashMap<ObjectId, Vec<Value>> {
        let mut out: FxHashMap<ObjectId, Vec<Value>> = FxHashMap::default();
        let all: Vec<Value> = self
            .machine
            .objects()
            .map(|(id, _)| Value::Obj(id))
            .filter(|value| {
                (self.is_a(*value, "Index") || self.is_a(*value, "Constraint"))
                    && self.held(*value, "table") == Some(Value::None)
            })
            .collect();
        for item in all {
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
    fn table_classes(&self) -> FxHashMap<ObjectId, Location> {
        let mut out = FxHashMap::default();
        for (id, _) in self.machine.objects() {
            let mapper = Value::Obj(id);
            if !self.is_a(mapper, "Mapper") {
                continue;
            }
            let class = self.held(mapper, "class_").and_then(|class| self.definition(class));
            if let (Some(table), Some(location)) = (self.held_object(mapper, "local_table"), class) {
                out.entry(table).or_insert(location);
            }
        }
        out
    }

    /// What columns refer to, and which are primary keys.
    fn collect_references(&mut self, schema: &mut Schema) {
        for table in schema.tables.clone() {
            let value = Value::Obj(table);
            let metadata = self.held_object(value, "metadata");
            let default_schema = metadata.and_then(|metadata| self.held_text(Value::Obj(metadata), "schema"));
            let mut primary = Vec::new();
            for column in self.columns_of(value) {
                let Value::Obj(id) = column else { continue };
                let spec = self.column_spec(column);
                if spec.get("primary_key").and_then(|value| self.machine.truth(value)) == Some(true) {
                    primary.push(id);
                }
                for key in spec.args.iter().copied() {
                    if !self.is_a(key, "ForeignKey") {
                        continue;
                    }
                    if let Some(target) = self.held(key, "target")
                        && let Some(found) = self.target_column(target, metadata, default_schema.as_deref(), schema)
                    {
                        schema.references.entry(id).or_default().push(found);
                    }
                }
            }
            for constraint in self.listed(value, "constraints") {
                if self.is_a(constraint, "PrimaryKeyConstraint") {
                    for item in self.positional(constraint) {
                        primary.extend(self.named_column(item, table, schema).filter(|id| !primary.contains(id)));
                    }
                } else if self.is_a(constraint, "ForeignKeyConstraint") {
                    let (own, targets) = self.constraint_pairs(constraint);
                    for (own, target) in own.into_iter().zip(targets) {
                        let own = self.named_column(own, table, schema);
                        let found = self.target_column(target, metadata, default_schema.as_deref(), schema);
                        if let (Some(own), Some(found)) = (own, found) {
                            schema.references.entry(own).or_default().push(found);
                        }
                    }
                }
            }
            schema.primary.insert(table, primary);
        }
    }

    /// Columns and targets of a `ForeignKeyConstraint`.
    fn constraint_pairs(&mut self, constraint: Value) -> (Vec<Value>, Vec<Value>) {
        let given = self.positional(constraint);
        let mut side = |at: usize, name: &str| {
            let list = given.get(at).copied().or_else(|| self.keyword(constraint, name));
            list.and_then(|list| self.machine.items(list).ok().flatten()).map(|(items, _)| items).unwrap_or_default()
        };
        (side(0, "columns"), side(1, "refcolumns"))
    }

    /// A column of a table, given by name or as itself.
    fn named_column(&mut self, item: Value, table: ObjectId, schema: &Schema) -> Option<ObjectId> {
        match self.machine.text(item) {
            Some(name) => schema.column(table, name),
            None => {
                let mut found = Vec::new();
                self.expression_columns(item, &mut found, 0);
                found.first().copied()
            }
        }
    }

    /// The column that a foreign key means.
    fn target_column(
        &mut self,
        target: Value,
        metadata: Option<ObjectId>,
        default_schema: Option<&str>,
        schema: &Schema,
    ) -> Option<ObjectId> {
        let Some(text) = self.machine.text(target) else {
            return self.plain_column(target);
        };
        let (table, column) = text.rsplit_once('.')?;
        let own = default_schema.filter(|_| !table.contains('.')).map(|schema| format!("{schema}.{table}"));
        let table = own.and_then(|key| schema.table(metadata, &key)).or_else(|| schema.table(metadata, table))?;
        schema.column(table, column)
    }

    /// The column behind an attribute of a class or table.
    pub(super) fn plain_column(&self, value: Value) -> Option<ObjectId> {
        let Value::Obj(id) = value else { return None };
        if self.is_a(value, "Column") {
            return Some(id);
        }
        if self.is_a(value, "TableField") {
            return self.held_object(value, "column");
        }
        if self.is_a(value, "ColumnProperty") {
            return self.positional(value).first().and_then(|first| self.plain_column(*first));
        }
        None
    }

    /// Columns inside an expression.
    pub(super) fn expression_columns(&self, value: Value, out: &mut Vec<ObjectId>, depth: u32) {
        if depth > MAX_DEPTH {
            return;
        }
        if let Some(column) = self.plain_column(value) {
            out.push(column);
            return;
        }
        let parts = self.held(value, "parts").and_then(|parts| self.machine.obj(parts));
        if let Some(Object::Tuple(parts) | Object::List(parts, _)) = parts {
            for part in parts {
                self.expression_columns(*part, out, depth + 1);
            }
        }
    }

    #[allow(clippy::too_many_lines)]
    fn read_table(
        &mut self,
        id: ObjectId,
        schema: &Schema,
        labels: &FxHashMap<ObjectId, String>,
        loose: &FxHashMap<ObjectId, Vec<Value>>,
        class_places: &FxHashMap<ObjectId, Location>,
        types: &mut FxHashMap<ObjectId, ColumnType>,
    ) -> Table {
        let value = Value::Obj(id);
        let metadata = self.held_object(value, "metadata");
        let name = self.held_text(value, "name").unwrap_or_default();
        let location = match class_places.get(&id) {
            Some(location) => Some(location.clone()),
            None => self.made_at(value),
        };
        let conditional = self.made_under(value);
        let mut table = Table {
            metadata: metadata.and_then(|id| labels.get(&id).cloned()).unwrap_or_default(),
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
            .chain(loose.get(&id).into_iter().flatten().copied())
            .collect();
        let mut primary_name = None;
        let mut seen = FxHashSet::default();
        for item in items {
            let Value::Obj(item_id) = item else { continue };
            if !seen.insert(item_id) {
                continue;
            }
            let given = self.held_text(item, "name");
            if self.is_a(item, "Index") {
                self.read_index(item, given, id, schema, &names, &mut table);
            } else if self.is_a(item, "PrimaryKeyConstraint") {
                primary_name = given;
            } else if self.is_a(item, "UniqueConstraint") {
                let columns = self.column_names(&self.positional(item), id, schema);
                let name = self.conventional(&names, "uq", given, &columns, None);
                table.unique.push(Key { name, columns });
            } else if self.is_a(item, "CheckConstraint") {
                let condition = self.positional(item).first().copied().or_else(|| self.keyword(item, "sqltext"));
                let sql = condition.and_then(|condition| self.sql_text(condition, 0));
                let mut columns = Vec::new();
                condition.into_iter().for_each(|condition| self.expression_columns(condition, &mut columns, 0));
                let columns: Vec<String> = columns
                    .iter()
                    .filter_map(|column| schema.columns.get(column))
                    .map(|(_, name)| name.clone())
                    .collect();
                let name = self.conventional(&names, "ck", given, &columns, None);
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
                let key = self.foreign_key(item, given, columns, targets, &names);
                table.foreign_keys.push(key);
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

    fn read_index(
        &mut self,
        item: Value,
        given: Option<String>,
        table_id: ObjectId,
        schema: &Schema,
        names: &Conventions<'_>,
        table: &mut Table,
    ) {
        let arguments = self.positional(item);
        let columns = self.column_names(&arguments, table_id, schema);
        let expressions =
            arguments.iter().any(|item| self.machine.text(*item).is_none() && self.plain_column(*item).is_none());
        let unique = self.keyword(item, "unique").and_then(|unique| self.machine.truth(unique)) == Some(true);
        let partial =
            ["postgresql_where", "sqlite_where", "mssql_where"].iter().any(|name| self.keyword(item, name).is_some());
        let name = self.conventional(names, "ix", given, &columns, None);
        let location = self.made_at(item);
        table.indexes.push(Index { name, unique, columns, expressions, partial, location });
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

    fn foreign_key(
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
    fn target_text(&mut self, target: Value, schema: &Schema) -> String {
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

    fn read_column(
        &mut self,
        column: Value,
        schema: &Schema,
        primary: &[ObjectId],
        names: &Conventions<'_>,
        table: &mut Table,
        types: &mut FxHashMap<ObjectId, ColumnType>,
    ) {
        let Value::Obj(id) = column else { return };
        let spec = self.column_spec(column);
        let name = self.held_text(column, "name").unwrap_or_default();
        let ty = self.resolved_type(id, &spec, schema, types);
        let primary_key = primary.contains(&id);
        let truth = |recogniser: &Self, name: &str| spec.get(name).and_then(|value| recogniser.machine.truth(value));
        let given = truth(self, "nullable");
        let nullable = given.unwrap_or(!primary_key && spec.nullable.unwrap_or(true));
        let (unique, index) = (truth(self, "unique"), truth(self, "index"));
        let keys: Vec<Value> = spec.args.iter().copied().filter(|item| self.is_a(*item, "ForeignKey")).collect();
        let mut foreign_keys = Vec::new();
        for key in keys {
            let target = self.held(key, "target").unwrap_or(Value::None);
            let text = self.target_text(target, schema);
            foreign_keys.push(text.clone());
            let key = self.foreign_key(key, None, vec![name.clone()], vec![text], names);
            table.foreign_keys.push(key);
        }
        foreign_keys.sort();
        let location = self.column_place(column);
        if index == Some(true) {
            let columns = vec![name.clone()];
            let name = self.conventional(names, "ix", None, &columns, None);
            let unique = unique == Some(true);
            let location = location.clone();
            table.indexes.push(Index { name, unique, columns, expressions: false, partial: false, location });
        } else if unique == Some(true) {
            let columns = vec![name.clone()];
            let name = self.conventional(names, "uq", None, &columns, None);
            table.unique.push(Key { name, columns });
        }
        let of_class =
            |recogniser: &Self, class: &str| spec.args.iter().copied().find(|item| recogniser.is_a(*item, class));
        let computed = of_class(self, "Computed").and_then(|computed| self.held(computed, "sqltext"));
        let computed = computed.and_then(|sql| self.sql_text(sql, 0));
        let identity = of_class(self, "Identity").is_some();
        let sequence = of_class(self, "Sequence").and_then(|sequence| self.held_text(sequence, "name"));
        for check in spec.args.iter().copied().filter(|item| self.is_a(*item, "CheckConstraint")).collect::<Vec<_>>() {
            let sql = self.positional(check).first().copied().and_then(|sql| self.sql_text(sql, 0));
            let given = self.held_text(check, "name");
            let name = self.conventional(names, "ck", given, std::slice::from_ref(&name), None);
            table.checks.push(Check { name, sql });
        }
        let default = match spec.get("default").or_else(|| spec.get("insert_default")) {
            Some(value) => self.default_value(value, false),
            None => sequence.map(DefaultValue::Sequence),
        };
        let onupdate = spec.get("onupdate").and_then(|value| self.default_value(value, false));
        let server_default = spec.get("server_default").and_then(|value| self.default_value(value, true));
        let server_onupdate = spec.get("server_onupdate").and_then(|value| self.default_value(value, true));
        let comment = spec.get("comment").and_then(|text| self.machine.text(text)).map(str::to_owned);
        table.columns.push(Column {
            name,
            type_text: ty.text,
            type_postgresql: ty.postgresql,
            type_sqlite: ty.sqlite,
            nullable,
            primary_key,
            unique,
            index,
            default,
            onupdate,
            server_default,
            server_onupdate,
            computed,
            identity,
            comment,
            foreign_keys,
            location,
        });
    }

    /// The type of a column; one that has none takes that of the column it refers to.
    fn resolved_type(
        &mut self,
        id: ObjectId,
        spec: &Spec,
        schema: &Schema,
        types: &mut FxHashMap<ObjectId, ColumnType>,
    ) -> ColumnType {
        if let Some(known) = types.get(&id) {
            return known.clone();
        }
        let mut ty = spec.ty;
        let mut at = id;
        let mut steps = 0;
        while ty.is_none() && steps < MAX_CHAIN {
            let Some(next) = schema.references.get(&at).and_then(|targets| targets.first()).copied() else { break };
            at = next;
            steps += 1;
            if let Some(known) = types.get(&at) {
                let known = known.clone();
                types.insert(id, known.clone());
                return known;
            }
            ty = self.column_spec(Value::Obj(at)).ty;
        }
        let found = match ty.or(spec.fallback) {
            Some(ty) => self.column_type(ty),
            None => {
                ColumnType { text: "NullType()".into(), postgresql: Some("NULL".into()), sqlite: Some("NULL".into()) }
            }
        };
        if found.postgresql.is_none() && found.sqlite.is_none() {
            let (table, name) = schema.columns.get(&id).cloned().unwrap_or((id, String::new()));
            let table = self.held_text(Value::Obj(table), "fullname").unwrap_or_default();
            let location = self.column_place(Value::Obj(id));
            self.unknown(format!("the type of column {table}.{name}"), "its class could not be followed", "", location);
        }
        types.insert(id, found.clone());
        found
    }

    /// What is said about a column.
    pub(super) fn column_spec(&mut self, column: Value) -> Spec {
        let mut spec = Spec { args: self.positional(column), ..Spec::default() };
        for (name, value) in self.keywords(column) {
            spec.keywords.push((self.machine.names.text(name).to_owned(), value));
        }
        if self.is_a(column, "FieldColumn") {
            self.field_spec(column, &mut spec);
            return spec;
        }
        spec.ty = spec.args.iter().copied().chain(spec.get("type_")).find(|item| self.is_type(*item));
        if self.is_a(column, "MappedColumn")
            && let Some(annotation) = self.attribute_type(column)
        {
            let (inner, optional, beside) = self.unwrap_mapped(annotation);
            spec.nullable = Some(optional);
            for other in beside {
                if !self.is_a(other, "MappedColumn") && !self.is_a(other, "Column") {
                    continue;
                }
                let other = self.column_spec_plain(other);
                spec.args.extend(other.args.iter().copied().filter(|item| self.machine.text(*item).is_none()));
                spec.ty = spec.ty.or(other.ty);
                for (name, value) in other.keywords {
                    if spec.get(&name).is_none() {
                        spec.keywords.push((name, value));
                    }
                }
            }
            let keys = spec.args.iter().any(|item| self.is_a(*item, "ForeignKey"));
            if spec.ty.is_none() {
                let owner = self.held(column, "owner").unwrap_or(Value::None);
                let outer = self.without_mapped(annotation);
                let found = self.type_for(outer, owner).or_else(|| self.type_for(inner, owner));
                // A foreign key takes the type of what it refers to.
                if keys {
                    spec.fallback = found;
                } else {
                    spec.ty = found;
                }
            }
        }
        spec
    }

    fn column_spec_plain(&mut self, column: Value) -> Spec {
        let mut spec = Spec { args: self.positional(column), ..Spec::default() };
        for (name, value) in self.keywords(column) {
            spec.keywords.push((self.machine.names.text(name).to_owned(), value));
        }
        spec.ty = spec.args.iter().copied().find(|item| self.is_type(*item));
        spec
    }

    /// The annotation of a mapped attribute, where it is written.
    pub(super) fn attribute_type(&mut self, property: Value) -> Option<Value> {
        let home = self.held(property, "home")?;
        if self.machine.class(home).is_some() {
            let Value::Obj(home) = home else { return None };
            let name = self.held_text(property, "attribute")?;
            return self.machine.attribute_annotation(home, &name);
        }
        self.machine.signature(home)?.returns
    }

    /// `X` of `Mapped[X]`.
    pub(super) fn without_mapped(&self, value: Value) -> Value {
        match self.machine.obj(value) {
            Some(Object::Generic { origin, args })
                if self.machine.class(*origin).is_some_and(|class| {
                    matches!(self.machine.names.text(class.name), "Mapped" | "DynamicMapped" | "WriteOnlyMapped")
                }) =>
            {
                args.first().copied().unwrap_or(value)
            }
            _ => value,
        }
    }

    /// The type inside `Mapped`, `Optional` and `Annotated`; whether it may be nothing; what stands beside it.
    pub(super) fn unwrap_mapped(&mut self, value: Value) -> (Value, bool, Vec<Value>) {
        let mut value = self.without_mapped(value);
        let mut optional = false;
        let mut beside = Vec::new();
        for _ in 0..10 {
            let parts = match self.machine.obj(value) {
                Some(Object::Union(parts)) => parts.clone(),
                Some(Object::Generic { origin, args }) => match self.machine.external_path(*origin) {
                    Some("typing.Union") => args.clone(),
                    Some("typing.Annotated") => {
                        beside.extend(args.iter().skip(1).copied());
                        value = args.first().copied().unwrap_or(Value::None);
                        continue;
                    }
                    Some("typing.ClassVar" | "typing.Final" | "typing.Optional") => {
                        value = args.first().copied().unwrap_or(Value::None);
                        continue;
                    }
                    _ => break,
                },
                _ => break,
            };
            let rest: Vec<Value> = parts.iter().copied().filter(|part| *part != Value::None).collect();
            optional |= rest.len() < parts.len();
            match rest.as_slice() {
                [one] => value = *one,
                _ => break,
            }
        }
        (value, optional, beside)
    }

    /// The type SQLAlchemy takes for a Python type.
    fn type_for(&mut self, python: Value, owner: Value) -> Option<Value> {
        let map = self
            .machine
            .get(owner, "registry")
            .filter(|registry| self.is_a(*registry, "registry"))
            .and_then(|registry| self.held(registry, "type_annotation_map"));
        if let (Some(Object::Dict(data)), Some(key)) =
            (map.and_then(|map| self.machine.obj(map)), self.machine.key(python))
            && let Some((_, ty)) = data.items.get(&key)
        {
            return Some(*ty);
        }
        let name = self.python_type_name(python)?;
        let float = if self.sqlalchemy_at_least((2, 1)) { "Double" } else { "Float" };
        let known = match name.as_str() {
            "builtins.int" => "Integer",
            "builtins.str" => "String",
            "builtins.bool" => "Boolean",
            "builtins.float" => float,
            "builtins.bytes" => "LargeBinary",
            "decimal.Decimal" => "Numeric",
            "datetime.date" => "Date",
            "datetime.datetime" => "DateTime",
            "datetime.time" => "Time",
            "datetime.timedelta" => "Interval",
            "uuid.UUID" => "Uuid",
            "enum.Enum" => {
                let class = self.sql_type("Enum")?;
                let args = architect_python::CallArgs { pos: vec![python], ..Default::default() };
                return self.machine.invoke(class, args).ok();
            }
            "typing.Literal" => {
                let Some(Object::Generic { args, .. }) = self.machine.obj(python) else { return None };
                let pos = args.clone();
                let class = self.sql_type("Enum");
                let native = self.machine.names.intern("native_enum");
                let args = architect_python::CallArgs { pos, kw: vec![(native, Value::Bool(false))], open: false };
                return self.machine.invoke(class?, args).ok();
            }
            _ => return None,
        };
        self.sql_type(known)
    }

    fn sql_type(&mut self, name: &str) -> Option<Value> {
        let types = self.machine.already_imported("sqlalchemy.sql.sqltypes")?;
        self.machine.get(types, name)
    }

    /// The dotted name of a Python type; `enum.Enum` for every enumeration, the origin of `Literal`.
    fn python_type_name(&self, value: Value) -> Option<String> {
        match self.machine.obj(value)? {
            Object::Class(class) => {
                if self.machine.is_subclass_of_named(value, "Enum") {
                    return Some("enum.Enum".into());
                }
                Some(format!("{}.{}", self.machine.names.text(class.module), self.machine.names.text(class.name)))
            }
            Object::External(path) => Some(self.machine.names.text(*path).to_owned()),
            Object::Generic { origin, .. } if self.machine.external_path(*origin) == Some("typing.Literal") => {
                Some("typing.Literal".into())
            }
            _ => None,
        }
    }

    /// What a field of a model says about its column.
    fn field_spec(&mut self, column: Value, spec: &mut Spec) {
        let field = self.held(column, "field");
        let options = field.and_then(|field| self.held(field, "options"));
        let option = |recogniser: &Self, name: &str| {
            options.and_then(|options| recogniser.entry(options, name)).filter(|value| *value != Value::Ellipsis)
        };
        let annotation = match (self.held_object(column, "home"), self.held_text(column, "attribute")) {
            (Some(home), Some(name)) => self.machine.attribute_annotation(home, &name),
            _ => None,
        };
        let (inner, mut optional, beside) = match annotation {
            Some(annotation) => self.unwrap_mapped(annotation),
            None => (Value::None, false, Vec::new()),
        };
        // A default of nothing makes a field accept it, too.
        optional |= annotation.is_none();
        let primary = option(self, "primary_key").and_then(|value| self.machine.truth(value)) == Some(true);
        let nullable = option(self, "nullable").and_then(|value| self.machine.truth(value));
        spec.keywords.push(("primary_key".into(), Value::Bool(primary)));
        spec.keywords.push(("nullable".into(), Value::Bool(nullable.unwrap_or(optional && !primary))));
        for name in ["index", "unique"] {
            let given = option(self, name).and_then(|value| self.machine.truth(value)).unwrap_or(false);
            spec.keywords.push((name.into(), Value::Bool(given)));
        }
        if let Some(target) = option(self, "foreign_key").filter(|target| *target != Value::None) {
            let schema = self.machine.already_imported("sqlalchemy.sql.schema");
            let class = schema.and_then(|schema| self.machine.get(schema, "ForeignKey"));
            let mut kw = Vec::new();
            if let Some(ondelete) = option(self, "ondelete") {
                kw.push((self.machine.names.intern("ondelete"), ondelete));
            }
            let args = architect_python::CallArgs { pos: vec![target], kw, open: false };
            spec.args.extend(class.and_then(|class| self.machine.invoke(class, args).ok()));
        }
        let more = option(self, "sa_column_args").and_then(|more| self.machine.items(more).ok().flatten());
        spec.args.extend(more.into_iter().flat_map(|(items, _)| items));
        if let Some(Object::Dict(data)) = option(self, "sa_column_kwargs").and_then(|more| self.machine.obj(more)) {
            for (key, value) in data.items.values().copied().collect::<Vec<_>>() {
                if let Some(name) = self.machine.text(key).map(str::to_owned) {
                    spec.keywords.retain(|(known, _)| *known != name);
                    spec.keywords.push((name, value));
                }
            }
        }
        let default = match field {
            Some(field) if self.is_a(field, "FieldInfo") => self
                .held(field, "default_factory")
                .filter(|factory| *factory != Value::None)
                .or_else(|| self.held(field, "default")),
            other => other,
        };
        if let Some(default) = default.filter(|default| !matches!(default, Value::Ellipsis | Value::None))
            && spec.get("default").is_none()
        {
            spec.keywords.push(("default".into(), default));
        }
        spec.ty = option(self, "sa_type").or_else(|| {
            let length = option(self, "max_length").or_else(|| {
                beside
                    .iter()
                    .filter_map(|info| self.held(*info, "options"))
                    .find_map(|all| self.entry(all, "max_length"))
            });
            let digits = (option(self, "max_digits"), option(self, "decimal_places"));
            self.field_type(inner, length, digits)
        });
    }

    /// `get_sqlalchemy_type` of SQLModel.
    fn field_type(
        &mut self,
        python: Value,
        length: Option<Value>,
        digits: (Option<Value>, Option<Value>),
    ) -> Option<Value> {
        let is = |recogniser: &Self, name: &str| recogniser.python_type_name(python).as_deref() == Some(name);
        let mut kw = Vec::new();
        let mut pos = Vec::new();
        let name = if is(self, "enum.Enum") {
            pos.push(python);
            "Enum"
        } else {
            let derived = |recogniser: &Self, base: &str| match recogniser.machine.class(python) {
                Some(class) => class.mro.iter().any(|parent| {
                    recogniser.machine.class(Value::Obj(*parent)).is_some_and(|class| {
                        recogniser.machine.names.text(class.name) == base
                            && recogniser.machine.names.text(class.module) == "builtins"
                    })
                }),
                None => false,
            };
            let path = self.python_type_name(python)?;
            match path.as_str() {
                _ if derived(self, "str") => "AutoString",
                _ if derived(self, "float") => "Float",
                _ if derived(self, "bool") => "Boolean",
                _ if derived(self, "int") => "Integer",
                _ if derived(self, "bytes") => "LargeBinary",
                "datetime.datetime"
                | "pydantic.AwareDatetime"
                | "pydantic.NaiveDatetime"
                | "pydantic.PastDatetime"
                | "pydantic.FutureDatetime" => "DateTime",
                "datetime.date" | "pydantic.PastDate" | "pydantic.FutureDate" => "Date",
                "datetime.timedelta" => "Interval",
                "datetime.time" => "Time",
                "decimal.Decimal" => "Numeric",
                "uuid.UUID" | "pydantic.UUID1" | "pydantic.UUID3" | "pydantic.UUID4" | "pydantic.UUID5" => "Uuid",
                "typing.Literal" => "AutoString",
                "pydantic.EmailStr" | "pydantic.networks.EmailStr" | "pathlib.Path" | "pydantic.types.StrictStr" => {
                    "AutoString"
                }
                path if path.starts_with("ipaddress.") => "AutoString",
                _ => return None,
            }
        };
        if name == "AutoString" {
            if let Some(length) = length {
                kw.push((self.machine.names.intern("length"), length));
            }
            let module = self.machine.already_imported("sqlmodel.sql.sqltypes")?;
            let class = self.machine.get(module, "AutoString")?;
            return self.machine.invoke(class, architect_python::CallArgs { pos, kw, open: false }).ok();
        }
        if name == "Numeric" {
            for (name, value) in [("precision", digits.0), ("scale", digits.1)] {
                if let Some(value) = value {
                    kw.push((self.machine.names.intern(name), value));
                }
            }
        }
        let class = self.sql_type(name)?;
        self.machine.invoke(class, architect_python::CallArgs { pos, kw, open: false }).ok()
    }

    /// What `default=`, `onupdate=` and their server sides say.
    fn default_value(&mut self, value: Value, server: bool) -> Option<DefaultValue> {
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
        let mut texts = Vec::new();
        for part in parts {
            let literal = matches!(part, Value::Str(_));
            let text = self.sql_text(part, depth + 1)?;
            texts.push(if literal { format!("'{text}'") } else { text });
        }
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
        Some(format!("{name}({})", texts.join(", ")))
    }

    /// A name given by hand, or made by the naming convention of the metadata.
    fn conventional(
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
            out.push_str(tokens.get(token)?);
            rest = after;
        }
        out.push_str(rest);
        Some(out)
    }

    /// Where a column is declared.
    pub(super) fn column_place(&self, column: Value) -> Option<Location> {
        let mut at = column;
        for _ in 0..10 {
            match self.held(at, "origin") {
                Some(origin @ Value::Obj(_)) => at = origin,
                _ => break,
            }
        }
        if let Some(place) = self.held(at, "place").and_then(|place| self.made_at(place)) {
            return Some(place);
        }
        self.made_at(at).filter(|_| !self.positional(at).is_empty() || !self.keywords(at).is_empty()).or_else(|| {
            let home = self.held_object(at, "home").or_else(|| self.held_object(column, "home"))?;
            let name = self.held_text(at, "attribute").or_else(|| self.held_text(column, "attribute"))?;
            self.machine.annotation_site(home, &name).map(|site| self.location(site))
        })
    }

    /// Where an object was made, in code that is no model.
    pub(super) fn made_at(&self, value: Value) -> Option<Location> {
        let Some(Object::Instance { site, .. }) = self.machine.obj(value) else { return None };
        let site: Site = if self.machine.is_model(site.module) { self.machine.origin(value)? } else { *site };
        Some(self.location(site))
    }

    /// The unknown condition an object was made under.
    pub(super) fn made_under(&self, value: Value) -> Option<String> {
        let site = self.machine.condition(self.condition_of(value)?);
        let module = self.machine.program.module(site.module);
        let text = module.text.get(usize::from(site.range.start())..usize::from(site.range.end())).unwrap_or_default();
        let text: String = text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(120).collect();
        Some(format!("depends on `{text}` ({})", self.location(site)))
    }
}

/// What names by convention are made of.
struct Conventions<'n> {
    metadata: Option<ObjectId>,
    table: &'n str,
    schema: Option<String>,
}

/// Whether a module is a revision of Alembic: what it declares are tables as they once were.
///
/// Source: alembic/script/base.py (`Script`): a revision binds both names.
fn is_revision(text: &str) -> bool {
    let binds = |name: &str| {
        text.lines().any(|line| {
            line.strip_prefix(name).is_some_and(|rest| rest.trim_start().starts_with('=') || rest.starts_with(':'))
        })
    };
    binds("revision") && binds("down_revision")
}
