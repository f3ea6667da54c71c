//! A column: what is said about it, in its call and in its annotation, and the type it has.
//!
//! Source: sqlalchemy/sql/schema.py (`Column`) and orm/properties.py (`MappedColumn`) of 2.0.

use architect_python::{CallArgs, Object, ObjectId, Value};
use rustc_hash::FxHashMap;

use super::sql::Conventions;
use super::types::{ColumnType, TypeHome};
use super::{Recogniser, Schema};
use crate::tables::{Check, Column, DefaultValue, Index, Key, Table};

/// Foreign keys to foreign keys are followed this far.
const MAX_CHAIN: usize = 30;

/// What is said about a column, in its call and in its annotation.
#[derive(Default)]
pub(super) struct Spec {
    pub(super) args: Vec<Value>,
    pub(super) keywords: Vec<(String, Value)>,
    pub(super) ty: Option<Value>,
    /// The type to take where that of a foreign key's target is not known.
    pub(super) fallback: Option<Value>,
    pub(super) nullable: Option<bool>,
}

impl Spec {
    pub(in crate::recognise) fn get(&self, name: &str) -> Option<Value> {
        self.keywords.iter().find(|(known, _)| known == name).map(|(_, value)| *value)
    }
}

impl Recogniser<'_> {
    pub(super) fn read_column(
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
        let identity = spec.args.iter().any(|item| self.is_a(*item, "Identity"));
        let given = truth(self, "nullable");
        let nullable = given.unwrap_or(!primary_key && !identity && spec.nullable.unwrap_or(true));
        let (unique, index) = (truth(self, "unique"), truth(self, "index"));
        let keys: Vec<Value> = spec.args.iter().copied().filter(|item| self.is_a(*item, "ForeignKey")).collect();
        let location = self.column_place(column);
        let mut foreign_keys = Vec::new();
        for key in keys {
            let target = self.held(key, "target").unwrap_or(Value::None);
            let text = self.target_text(target, schema);
            foreign_keys.push(text.clone());
            let mut key = self.foreign_key(key, None, vec![name.clone()], vec![text], names);
            // SQLModel makes the key of what a field says: the field is the place to look at.
            if let (Some(own), Some(place)) = (&location, &key.location)
                && own.path != place.path
            {
                key.location = Some(own.clone());
            }
            table.foreign_keys.push(key);
        }
        foreign_keys.sort();
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
        let sequence = of_class(self, "Sequence").and_then(|sequence| self.held_text(sequence, "name"));
        for check in spec.args.iter().copied().filter(|item| self.is_a(*item, "CheckConstraint")).collect::<Vec<_>>() {
            let sql = self.positional(check).first().copied().and_then(|sql| self.sql_text(sql, 0));
            let given = self.held_text(check, "name");
            let name = self.conventional(names, "ck", given, std::slice::from_ref(&name), None);
            table.checks.push(Check { name, sql });
        }
        if let Some((given, sql)) = spec.ty.and_then(|ty| self.type_check(ty, &name)) {
            let name = self.conventional(names, "ck", given, std::slice::from_ref(&name), None);
            table.checks.push(Check { name, sql });
        }
        let default = match spec.get("default").or_else(|| spec.get("insert_default")) {
            Some(value) => self.default_value(value, false),
            None => sequence.map(DefaultValue::Sequence),
        };
        let onupdate = spec.get("onupdate").and_then(|value| self.default_value(value, false));
        let by_database = computed.clone().map(DefaultValue::Computed);
        let server_default = spec.get("server_default").and_then(|value| self.default_value(value, true));
        let server_default =
            server_default.or_else(|| by_database.clone()).or(identity.then_some(DefaultValue::Identity));
        let server_onupdate = spec.get("server_onupdate").and_then(|value| self.default_value(value, true));
        let server_onupdate = server_onupdate.or(by_database);
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
            Some(ty) => {
                let table = schema.columns.get(&at).map(|(table, _)| Value::Obj(*table)).unwrap_or(Value::None);
                let metadata = self.held(table, "metadata").unwrap_or(Value::None);
                let home = TypeHome {
                    table_schema: self.held_text(table, "schema"),
                    metadata_schema: self.held_text(metadata, "schema"),
                };
                self.column_type(ty, &home)
            }
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
                let some = self.without_none(outer);
                let found = [outer, some, inner].into_iter().find_map(|python| self.type_for(python, owner));
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

    /// What `type_annotation_map` of the registry of a class has for a Python type.
    fn mapped_type(&mut self, python: Value, owner: Value) -> Option<Value> {
        let registry = self.machine.get(owner, "registry").filter(|registry| self.is_a(*registry, "registry"));
        let registry = registry.or_else(|| self.held(self.held(owner, "__mapper__")?, "registry"))?;
        let map = self.held(registry, "type_annotation_map")?;
        let key = self.machine.key(python)?;
        match self.machine.obj(map)? {
            Object::Dict(data) => data.items.get(&key).map(|(_, ty)| *ty),
            _ => None,
        }
    }

    /// The type SQLAlchemy takes for a Python type.
    ///
    /// Source: sqlalchemy/orm/decl_api.py (`registry._resolve_type`), sql/sqltypes.py (`Enum._resolve_for_python_type`).
    fn type_for(&mut self, python: Value, owner: Value) -> Option<Value> {
        if let Some(ty) = self.mapped_type(python, owner) {
            return Some(ty);
        }
        let name = self.python_type_name(python)?;
        let float = if self.at_least("sqlalchemy", (2, 1, 0)) { "Double" } else { "Float" };
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
                // What is said for a parent holds for every enumeration that derives from it.
                let parents = self.machine.class(python)?.mro.clone();
                let given = parents.into_iter().skip(1).find_map(|parent| {
                    self.mapped_type(Value::Obj(parent), owner).filter(|ty| self.sql_type_is(*ty, "Enum"))
                });
                let kw = given.map(|given| self.keywords(given)).unwrap_or_default();
                return self.machine.invoke(class, CallArgs { pos: vec![python], kw, open: false }).ok();
            }
            "typing.Literal" => {
                let Some(Object::Generic { args, origin }) = self.machine.obj(python) else { return None };
                let (pos, origin) = (args.clone(), *origin);
                let class = self.sql_type("Enum")?;
                let kw = match self.mapped_type(origin, owner) {
                    Some(given) => self.keywords(given),
                    None => vec![(self.machine.names.intern("native_enum"), Value::Bool(false))],
                };
                return self.machine.invoke(class, CallArgs { pos, kw, open: false }).ok();
            }
            _ => return None,
        };
        self.sql_type(known)
    }

    pub(super) fn sql_type(&mut self, name: &str) -> Option<Value> {
        let types = self.machine.already_imported("sqlalchemy.sql.sqltypes")?;
        self.machine.get(types, name)
    }

    /// The dotted name of a Python type; `enum.Enum` for every enumeration, the origin of `Literal`.
    pub(super) fn python_type_name(&self, value: Value) -> Option<String> {
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
}
