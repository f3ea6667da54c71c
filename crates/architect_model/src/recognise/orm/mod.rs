//! Tables and mapped classes: what SQLAlchemy and SQLModel make of their declarations.
//!
//! The model modules of `sqlalchemy` and `sqlmodel` keep what a program declares; here it is read from the heap when all
//! modules have run: `tables` and `columns` are what `MetaData` would hold, `mappers`, `relationships` and `joins` what
//! `configure_mappers()` finds out, `types` how databases spell a type, `sql` texts and names by convention, `fields`
//! what SQLModel adds, and `declared` how all of them look into objects of the model.

use architect_python::{Object, ObjectId, Value};
use architect_source::Location;
use rustc_hash::FxHashMap;

use super::Recogniser;
use super::discover::is_aside;

mod columns;
mod declared;
mod fields;
mod joins;
mod mappers;
mod relationships;
mod sql;
mod tables;
mod types;

use types::ColumnType;

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
struct Schema {
    /// Tables in the order they are listed.
    pub tables: Vec<ObjectId>,
    /// Their places.
    pub places: FxHashMap<ObjectId, usize>,
    /// Columns to their tables and names.
    pub columns: FxHashMap<ObjectId, (ObjectId, String)>,
    /// Columns of each table in order.
    pub columns_of: FxHashMap<ObjectId, Vec<ObjectId>>,
    /// Tables by metadata and key.
    by_key: FxHashMap<(ObjectId, String), ObjectId>,
    /// The first table of each key, whatever its metadata.
    by_key_alone: FxHashMap<String, ObjectId>,
    /// Columns of a table by name and by key.
    by_name: FxHashMap<(ObjectId, String), ObjectId>,
    /// What a column refers to.
    pub references: FxHashMap<ObjectId, Vec<ObjectId>>,
    /// Columns of primary keys.
    pub primary: FxHashMap<ObjectId, Vec<ObjectId>>,
    /// Under which names metadata objects are known.
    pub labels: FxHashMap<ObjectId, String>,
    /// Indexes and constraints that are made beside their tables.
    pub loose: FxHashMap<ObjectId, Vec<Value>>,
    /// Where the classes of tables are defined.
    pub class_places: FxHashMap<ObjectId, Location>,
}

impl Schema {
    /// A table by its key in a metadata object, or in any.
    pub fn table(&self, metadata: Option<ObjectId>, key: &str) -> Option<ObjectId> {
        let own = metadata.and_then(|metadata| self.by_key.get(&(metadata, key.to_owned())));
        own.or_else(|| self.by_key_alone.get(key)).copied()
    }

    /// What columns of some tables refer to: column, and column that is referred to.
    pub fn references_of(&self, tables: &[ObjectId]) -> impl Iterator<Item = (ObjectId, ObjectId)> {
        let columns = tables.iter().filter_map(|table| self.columns_of.get(table)).flatten();
        columns
            .flat_map(|column| self.references.get(column).into_iter().flatten().map(|referred| (*column, *referred)))
    }

    /// A column by its name or key.
    pub fn column(&self, table: ObjectId, name: &str) -> Option<ObjectId> {
        self.by_name.get(&(table, name.to_owned())).copied()
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
        schema.labels = self.metadata_labels();
        schema.loose = self.loose_items(&schema);
        schema.class_places = self.table_classes();
        self.collect_references(&mut schema);
        let mut types: FxHashMap<ObjectId, ColumnType> = FxHashMap::default();
        for id in schema.tables.clone() {
            let table = self.read_table(id, &schema, &mut types);
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
            if [
                "__tablename__",
                "table=True",
                "Table(",
                "DeclarativeBase",
                "declarative_base",
                "mapped_column(",
                "Column(",
            ]
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
        for metadata in self.instances_of(&["MetaData"]) {
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
                if self.is_version_table(table) {
                    continue;
                }
                schema.places.insert(id, schema.tables.len());
                schema.tables.push(id);
                let key = self.held_text(table, "key").unwrap_or_default();
                schema.by_key_alone.entry(key.clone()).or_insert(id);
                schema.by_key.insert((metadata_id, key), id);
                for column in self.columns_of(table) {
                    let Value::Obj(column_id) = column else { continue };
                    let name = self.held_text(column, "name").unwrap_or_default();
                    if let Some(key) = self.held_text(column, "key") {
                        schema.by_name.insert((id, key), column_id);
                    }
                    schema.by_name.entry((id, name.clone())).or_insert(column_id);
                    schema.columns.insert(column_id, (id, name));
                    schema.columns_of.entry(id).or_default().push(column_id);
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
            if let Some(name) = self.base_name(class, &names) {
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

    /// The name of a declarative base: where it is defined, or else where it is bound.
    fn base_name(&mut self, class: ObjectId, names: &[(ObjectId, String)]) -> Option<String> {
        let value = Value::Obj(class);
        let object = self.machine.class(value)?;
        let modelled = object.site.is_some_and(|site| self.machine.is_model(site.module));
        let name = self.machine.names.text(object.name).to_owned();
        // One of a library is known by the package that offers it.
        let package = self.machine.names.text(object.module).split('.').next().unwrap_or_default().to_owned();
        if let Some(package_object) = self.machine.already_imported(&package)
            && modelled
            && self.machine.get(package_object, &name) == Some(value)
        {
            return Some(format!("{package}:{name}"));
        }
        let bound: Vec<&str> = names.iter().filter(|(id, _)| *id == class).map(|(_, name)| name.as_str()).collect();
        let made_in = self.machine.origin(value).map(|site| &self.machine.program.module(site.module).name);
        let home = |name: &&str| made_in.is_some_and(|module| name.split(':').next() == Some(module.as_str()));
        let defined = self.machine.qualified_name(value);
        let here = defined.as_deref().and_then(|defined| bound.iter().find(|name| **name == defined));
        here.or_else(|| bound.iter().find(|name| home(name)))
            .or(bound.first())
            .map(|name| (*name).to_owned())
            .or(defined)
    }

    /// Whether a table is where Alembic notes the revision: that is no table of the service, and `autogenerate` leaves
    /// it out as well.
    ///
    /// Source: alembic/runtime/migration.py (`version_table`), alembic/autogenerate/compare.py.
    fn is_version_table(&self, table: Value) -> bool {
        self.held_text(table, "name").as_deref() == Some("alembic_version")
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
