//! Mapped classes: what `configure_mappers()` finds out.
//!
//! Source: sqlalchemy/orm/mapper.py, relationships.py (`RelationshipProperty`, `JoinCondition`) and clsregistry.py of 2.0.

use architect_python::{CallArgs, ModuleId, Object, ObjectId, Value};
use rustc_hash::{FxHashMap, FxHashSet};

use super::Recogniser;
use super::tables::Schema;
use crate::tables::{
    ClassKey, ColumnAttribute, Direction, Inheritance, Lazy, Mapper, OtherAttribute, OtherKind, Relationship,
};

/// Joins are searched for comparisons this deep.
const MAX_DEPTH: u32 = 40;

/// A mapped class while relationships are worked out.
struct Mapped {
    class: ObjectId,
    module: String,
    table: Option<ObjectId>,
    /// Its table and those of its parents, as far as rows are joined.
    tables: Vec<ObjectId>,
    parent: Option<usize>,
    registry: Option<ObjectId>,
    metadata: Option<ObjectId>,
    /// Relationships declared on it, by name.
    declared: Vec<(String, Value)>,
}

/// Mapped classes by what they are looked up by.
struct Classes {
    all: Vec<Mapped>,
    by_class: FxHashMap<ObjectId, usize>,
    by_name: FxHashMap<String, Vec<usize>>,
}

/// Two columns that a join compares, and how they are marked.
struct Pair {
    columns: [ObjectId; 2],
    foreign: [bool; 2],
    remote: [bool; 2],
}

/// Whom an annotation or argument names.
struct Target {
    class: Option<usize>,
    /// Whether the annotation says one object; nothing where there is none.
    scalar: Option<bool>,
    lazy: Option<Lazy>,
}

impl Recogniser<'_> {
    pub(super) fn read_mappers(&mut self, schema: &Schema) {
        let classes = self.collect_mappers(schema);
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

    fn collect_mappers(&mut self, schema: &Schema) -> Classes {
        let mappers: Vec<Value> =
            self.machine.objects().map(|(id, _)| Value::Obj(id)).filter(|value| self.is_a(*value, "Mapper")).collect();
        let mut out = Classes { all: Vec::new(), by_class: FxHashMap::default(), by_name: FxHashMap::default() };
        for mapper in mappers {
            let Some(class) = self.held_object(mapper, "class_") else { continue };
            let Some(object) = self.machine.class(Value::Obj(class)) else { continue };
            let (name, module) =
                (self.machine.names.text(object.name).to_owned(), self.machine.names.text(object.module).to_owned());
            let ns: Vec<(architect_python::Sym, Value)> =
                object.ns.iter().map(|(name, value)| (*name, *value)).collect();
            let declared = ns
                .into_iter()
                .filter(|(_, value)| self.is_a(*value, "Relationship"))
                .map(|(name, value)| (self.machine.names.text(name).to_owned(), value))
                .collect();
            let table = self.held_object(mapper, "local_table");
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
        let _ = schema;
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
            None => Inheritance::None,
            Some(_) if concrete => Inheritance::Concrete,
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
        let mut rest: Vec<(ObjectId, String)> = schema
            .columns
            .iter()
            .filter(|(id, (owner, _))| *owner == table && !assigned.contains(id))
            .map(|(id, _)| (*id, self.held_text(Value::Obj(*id), "key").unwrap_or_default()))
            .collect();
        rest.sort();
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

    fn read_relationship(
        &mut self,
        at: usize,
        name: &str,
        property: Value,
        classes: &Classes,
        schema: &Schema,
    ) -> Result<(Relationship, Option<(usize, Relationship)>), String> {
        let target = self.relationship_target(at, property, classes);
        let Some(target_at) = target.class else { return Err("the class at its other side is not known".into()) };
        let secondary = match self.relationship_option(property, "secondary", 1) {
            Some(value) if value != Value::None => {
                Some(self.secondary_table(value, at, classes, schema).ok_or("the table between is not known")?)
            }
            _ => None,
        };
        let joins = self.joins(at, target_at, property, secondary, classes, schema);
        let direction = self.direction(at, target_at, property, secondary, &joins, classes, schema);
        let Some((direction, local, remote)) = direction else {
            return Err("which side holds the foreign key is not known".into());
        };
        let truth = |recogniser: &Self, name: &str| {
            recogniser.keyword(property, name).and_then(|value| recogniser.machine.truth(value)) == Some(true)
        };
        let uselist = match self.keyword(property, "uselist") {
            Some(Value::Bool(uselist)) => uselist,
            _ => target.scalar != Some(true) && direction != Direction::ManyToOne,
        };
        let viewonly = truth(self, "viewonly");
        let backref = self.keyword(property, "backref").filter(|value| *value != Value::None);
        let back_name = backref.and_then(|value| match self.machine.text(value) {
            Some(text) => Some(text.to_owned()),
            None => self.held_text(value, "name"),
        });
        let secondary_name = secondary.and_then(|table| self.held_text(Value::Obj(table), "fullname"));
        let location =
            self.made_at(property).or_else(|| self.held(property, "place").and_then(|place| self.made_at(place)));
        let by_primary_key = direction == Direction::ManyToOne
            && self.keyword(property, "primaryjoin").is_none()
            && classes.all[target_at].table.is_some_and(|table| {
                let primary = schema.primary.get(&table).map_or(&[][..], Vec::as_slice);
                !remote.is_empty()
                    && remote.iter().all(|column| primary.contains(column))
                    && remote.len() == primary.len()
            });
        let relationship = Relationship {
            name: name.to_owned(),
            target: self.machine.qualified_name(Value::Obj(classes.all[target_at].class)).unwrap_or_default(),
            target_key: ClassKey(classes.all[target_at].class.0),
            direction,
            uselist,
            lazy: target.lazy.unwrap_or_else(|| self.lazy_of(self.keyword(property, "lazy"))),
            secondary: secondary_name.clone(),
            back_populates: match self.keyword(property, "back_populates") {
                Some(value) => self.machine.text(value).map(str::to_owned),
                None => back_name.clone(),
            },
            from_backref: false,
            cascade: self.cascade_of(self.keyword(property, "cascade"), viewonly),
            passive_deletes: self.passive_deletes(self.keyword(property, "passive_deletes")),
            viewonly,
            local_columns: self.full_names(&local, schema),
            remote_columns: self.full_names(&remote, schema),
            by_primary_key,
            ordered: self.keyword(property, "order_by").is_some_and(|value| self.machine.truth(value) != Some(false)),
            innerjoin: truth(self, "innerjoin"),
            post_update: truth(self, "post_update"),
            location: location.clone(),
        };
        let back = back_name.map(|back_name| {
            let options = backref.filter(|value| self.is_a(*value, "Backref")).unwrap_or(Value::None);
            let truth = |recogniser: &Self, name: &str| {
                recogniser.keyword(options, name).and_then(|value| recogniser.machine.truth(value)) == Some(true)
            };
            let direction = match direction {
                Direction::OneToMany => Direction::ManyToOne,
                Direction::ManyToOne => Direction::OneToMany,
                Direction::ManyToMany => Direction::ManyToMany,
            };
            let uselist = match self.keyword(options, "uselist") {
                Some(Value::Bool(uselist)) => uselist,
                _ => direction != Direction::ManyToOne,
            };
            let (local, remote) = if direction == Direction::ManyToMany {
                (self.secondary_sides(target_at, &joins, classes), remote.clone())
            } else {
                (remote.clone(), local.clone())
            };
            let viewonly = viewonly || truth(self, "viewonly");
            let table = classes.all[at].table;
            let made = Relationship {
                name: back_name,
                target: self.machine.qualified_name(Value::Obj(classes.all[at].class)).unwrap_or_default(),
                target_key: ClassKey(classes.all[at].class.0),
                direction,
                uselist,
                lazy: self.lazy_of(self.keyword(options, "lazy")),
                secondary: secondary_name,
                back_populates: Some(name.to_owned()),
                from_backref: true,
                cascade: self.cascade_of(self.keyword(options, "cascade"), viewonly),
                passive_deletes: self.passive_deletes(self.keyword(options, "passive_deletes")),
                viewonly,
                local_columns: self.full_names(&local, schema),
                remote_columns: self.full_names(&remote, schema),
                by_primary_key: direction == Direction::ManyToOne
                    && self.keyword(property, "primaryjoin").is_none()
                    && table.is_some_and(|table| {
                        let primary = schema.primary.get(&table).map_or(&[][..], Vec::as_slice);
                        !remote.is_empty()
                            && remote.len() == primary.len()
                            && remote.iter().all(|column| primary.contains(column))
                    }),
                ordered: self.keyword(options, "order_by").is_some(),
                innerjoin: truth(self, "innerjoin"),
                post_update: relationship.post_update || truth(self, "post_update"),
                location,
            };
            (target_at, made)
        });
        Ok((relationship, back))
    }

    fn relationship_option(&self, property: Value, name: &str, at: usize) -> Option<Value> {
        self.keyword(property, name).or_else(|| self.positional(property).get(at).copied())
    }

    fn full_names(&self, columns: &[ObjectId], schema: &Schema) -> Vec<String> {
        let mut out: Vec<String> = columns
            .iter()
            .filter_map(|column| schema.columns.get(column))
            .map(|(table, name)| {
                format!("{}.{name}", self.held_text(Value::Obj(*table), "fullname").unwrap_or_default())
            })
            .collect();
        out.sort();
        out.dedup();
        out
    }

    fn lazy_of(&self, value: Option<Value>) -> Lazy {
        match value {
            Some(Value::Bool(false)) => Lazy::Joined,
            Some(Value::None) => Lazy::Noload,
            Some(value) => self.machine.text(value).and_then(Lazy::named).unwrap_or_default(),
            None => Lazy::Select,
        }
    }

    fn passive_deletes(&self, value: Option<Value>) -> bool {
        value.is_some_and(|value| self.machine.text(value) == Some("all") || self.machine.truth(value) == Some(true))
    }

    fn cascade_of(&self, value: Option<Value>, viewonly: bool) -> Vec<&'static str> {
        const ALL: &[&str] = &["delete", "expunge", "merge", "refresh-expire", "save-update"];
        const EVERY: &[&str] = &["delete", "delete-orphan", "expunge", "merge", "refresh-expire", "save-update"];
        let Some(text) = value.and_then(|value| self.machine.text(value)) else {
            return if viewonly { vec!["merge"] } else { vec!["merge", "save-update"] };
        };
        let given: Vec<&str> = text.split(',').map(str::trim).collect();
        let all = given.contains(&"all");
        EVERY.iter().copied().filter(|name| given.contains(name) || all && ALL.contains(name)).collect()
    }

    // --------------------------------------------------------------- targets

    fn relationship_target(&mut self, at: usize, property: Value, classes: &Classes) -> Target {
        let argument = self.positional(property).first().copied().or_else(|| self.keyword(property, "argument"));
        let mut target = Target { class: None, scalar: None, lazy: None };
        if let Some(annotation) = self.attribute_type(property) {
            if let Some(Object::Generic { origin, .. }) = self.machine.obj(annotation) {
                let name = self.machine.class(*origin).map(|class| self.machine.names.text(class.name));
                target.lazy = match name {
                    Some("DynamicMapped") => Some(Lazy::Dynamic),
                    Some("WriteOnlyMapped") => Some(Lazy::WriteOnly),
                    _ => None,
                };
            }
            let (inner, _, _) = self.unwrap_mapped(annotation);
            let (class, collection) = self.annotated_target(inner, at, classes);
            target.class = class;
            target.scalar = Some(!collection && target.lazy.is_none());
            if class.is_none() {
                // Names that are only there for type checkers.
                if let Some((class, collection)) = self.target_in_text(property, at, classes) {
                    target.class = Some(class);
                    target.scalar = Some(!collection && target.lazy.is_none());
                }
            }
        }
        if let Some(argument) = argument.filter(|argument| *argument != Value::None) {
            target.class = self.named_class(argument, at, classes);
        }
        target
    }

    /// The class an annotation names, and whether it is a collection of them.
    fn annotated_target(&mut self, value: Value, at: usize, classes: &Classes) -> (Option<usize>, bool) {
        if let Some(Object::Generic { origin, args }) = self.machine.obj(value) {
            let (origin, args) = (*origin, args.clone());
            let generic_class = matches!(self.machine.obj(origin), Some(Object::Class(_)))
                && classes.by_class.contains_key(&match origin {
                    Value::Obj(id) => id,
                    _ => return (None, false),
                });
            if !generic_class {
                let last = args.last().copied().unwrap_or(Value::None);
                let (inner, _, _) = self.unwrap_mapped(last);
                return (self.named_class(inner, at, classes), true);
            }
            return (self.named_class(origin, at, classes), false);
        }
        (self.named_class(value, at, classes), false)
    }

    /// The same from the text of the annotation.
    fn target_in_text(&mut self, property: Value, at: usize, classes: &Classes) -> Option<(usize, bool)> {
        let home = self.held_object(property, "home")?;
        let name = self.held_text(property, "attribute")?;
        let site = self.machine.annotation_site(home, &name)?;
        let text = &self.machine.program.module(site.module).text;
        let text = text.get(usize::from(site.range.start())..usize::from(site.range.end()))?.to_owned();
        let names: Vec<&str> =
            text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|part| !part.is_empty()).collect();
        let found = names.iter().rev().find_map(|name| self.class_named(name, at, classes))?;
        let collection = ["List[", "list[", "Set[", "set[", "Sequence[", "Iterable[", "Collection[", "Dict[", "dict["]
            .iter()
            .any(|sign| text.contains(sign));
        Some((found, collection))
    }

    fn named_class(&mut self, value: Value, at: usize, classes: &Classes) -> Option<usize> {
        if let Some(text) = self.machine.text(value) {
            let text = text.to_owned();
            return self.class_named(&text, at, classes).or_else(|| {
                let found = self.evaluate_join(&text, at, classes)?;
                match found {
                    Value::Obj(id) => classes.by_class.get(&id).copied(),
                    _ => None,
                }
            });
        }
        let Value::Obj(id) = value else { return None };
        if let Some(found) = classes.by_class.get(&id) {
            return Some(*found);
        }
        if self.is_a(value, "Mapper") {
            return self.held_object(value, "class_").and_then(|class| classes.by_class.get(&class).copied());
        }
        if self.machine.function(value).is_some() {
            let made = self.machine.invoke(value, CallArgs::default()).ok()?;
            return match made {
                Value::Str(_) => self.named_class(made, at, classes),
                Value::Obj(id) => classes.by_class.get(&id).copied(),
                _ => None,
            };
        }
        None
    }

    /// A mapped class by its name, or by its name behind some of its modules.
    fn class_named(&self, text: &str, at: usize, classes: &Classes) -> Option<usize> {
        let text = text.trim();
        let (path, name) = text.rsplit_once('.').map_or((None, text), |(path, name)| (Some(path), name));
        let known = classes.by_name.get(name)?;
        let fits = |index: &&usize| {
            let mapped = &classes.all[**index];
            match path {
                None => true,
                Some(path) => mapped.module == path || mapped.module.ends_with(&format!(".{path}")),
            }
        };
        let registry = classes.all[at].registry;
        known
            .iter()
            .rev()
            .filter(fits)
            .find(|index| classes.all[**index].registry == registry)
            .or_else(|| known.iter().rev().find(fits))
            .copied()
    }

    fn secondary_table(&mut self, value: Value, at: usize, classes: &Classes, schema: &Schema) -> Option<ObjectId> {
        if let Some(text) = self.machine.text(value) {
            let text = text.to_owned();
            let metadata = classes.all[at].metadata;
            let qualified = metadata
                .and_then(|metadata| self.held_text(Value::Obj(metadata), "schema"))
                .and_then(|prefix| schema.table(metadata, &format!("{prefix}.{text}")));
            if let Some(found) = qualified.or_else(|| schema.table(metadata, &text)) {
                return Some(found);
            }
            if let Some(found) = self.class_named(&text, at, classes) {
                return classes.all[found].table;
            }
            let found = self.evaluate_join(&text, at, classes)?;
            return match found {
                Value::Str(_) => None,
                _ => self.secondary_table(found, at, classes, schema),
            };
        }
        if self.is_a(value, "Table") {
            return match value {
                Value::Obj(id) => Some(id),
                _ => None,
            };
        }
        if self.machine.function(value).is_some() {
            let made = self.machine.invoke(value, CallArgs::default()).ok()?;
            return self.secondary_table(made, at, classes, schema);
        }
        match value {
            Value::Obj(id) => classes.by_class.get(&id).and_then(|found| classes.all[*found].table),
            _ => None,
        }
    }

    // ----------------------------------------------------------------- joins

    /// An expression given as text, as declarative evaluates it: names of classes and tables.
    fn evaluate_join(&mut self, text: &str, at: usize, classes: &Classes) -> Option<Value> {
        let mut names: Vec<(String, Value)> = Vec::new();
        for (module, known) in [
            (
                "sqlalchemy.sql.elements",
                &["foreign", "remote", "and_", "or_", "not_", "desc", "asc", "cast", "text"][..],
            ),
            ("sqlalchemy.sql.functions", &["func"][..]),
        ] {
            let module = self.machine.already_imported(module)?;
            for name in known {
                if let Some(value) = self.machine.get(module, name) {
                    names.push(((*name).to_owned(), value));
                }
            }
        }
        // Only names that occur are looked up.
        let words: FxHashSet<&str> = text.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
        for word in words {
            if let Some(found) = self.class_named(word, at, classes) {
                names.push((word.to_owned(), Value::Obj(classes.all[found].class)));
            } else if let Some(metadata) = classes.all[at].metadata {
                let tables = self.held(Value::Obj(metadata), "tables");
                if let Some(table) = tables.and_then(|tables| self.entry(tables, word)) {
                    names.push((word.to_owned(), table));
                }
            }
        }
        let module = self.machine.class(Value::Obj(classes.all[at].class))?.globals;
        let module: ModuleId = module;
        self.machine.evaluate_text(text, module, &names).filter(|value| !matches!(value, Value::Unknown(_)))
    }

    /// An argument that may be text, a function or a value.
    fn settled(&mut self, value: Value, at: usize, classes: &Classes) -> Option<Value> {
        if let Some(text) = self.machine.text(value) {
            let text = text.to_owned();
            return self.evaluate_join(&text, at, classes);
        }
        if self.machine.function(value).is_some() {
            return self.machine.invoke(value, CallArgs::default()).ok();
        }
        Some(value)
    }

    /// The columns an argument lists.
    fn column_list(&mut self, property: Value, name: &str, at: usize, classes: &Classes) -> Option<Vec<ObjectId>> {
        let value = self.keyword(property, name).filter(|value| *value != Value::None)?;
        let value = self.settled(value, at, classes)?;
        let items = match self.machine.obj(value) {
            Some(Object::List(items, _) | Object::Tuple(items)) => items.clone(),
            Some(Object::Set(data)) => data.items.values().map(|(_, value)| *value).collect(),
            _ => vec![value],
        };
        let mut out = Vec::new();
        for item in items {
            let item = self.settled(item, at, classes).unwrap_or(item);
            self.expression_columns(item, &mut out, 0);
        }
        Some(out)
    }

    /// What the two sides are joined by.
    fn joins(
        &mut self,
        at: usize,
        target: usize,
        property: Value,
        secondary: Option<ObjectId>,
        classes: &Classes,
        schema: &Schema,
    ) -> Vec<Pair> {
        let mut out = Vec::new();
        let mut given = false;
        for name in ["primaryjoin", "secondaryjoin"] {
            if let Some(join) = self.keyword(property, name).filter(|join| *join != Value::None) {
                given = true;
                if let Some(join) = self.settled(join, at, classes) {
                    self.collect_pairs(join, &mut out, 0);
                }
            }
        }
        let (own, other) = (&classes.all[at].tables, &classes.all[target].tables);
        let belongs = |column: &ObjectId, tables: &[ObjectId]| {
            schema.columns.get(column).is_some_and(|(table, _)| tables.contains(table))
        };
        if !given {
            for (column, targets) in &schema.references {
                for referred in targets {
                    let fits = match secondary {
                        Some(table) => {
                            belongs(column, &[table]) && (belongs(referred, own) || belongs(referred, other))
                        }
                        None => {
                            belongs(column, own) && belongs(referred, other)
                                || belongs(column, other) && belongs(referred, own)
                        }
                    };
                    if fits {
                        out.push(Pair {
                            columns: [*column, *referred],
                            foreign: [false, false],
                            remote: [false, false],
                        });
                    }
                }
            }
            out.sort_by_key(|pair| pair.columns);
        }
        // Which column is the foreign one.
        let keys = self.column_list(property, "foreign_keys", at, classes);
        let marked = out.iter().any(|pair| pair.foreign != [false, false]);
        for pair in &mut out {
            if marked {
                continue;
            }
            let [a, b] = pair.columns;
            match &keys {
                Some(keys) => pair.foreign = [keys.contains(&a), keys.contains(&b)],
                None => {
                    let refers = |from: ObjectId, to: ObjectId| {
                        schema.references.get(&from).is_some_and(|targets| targets.contains(&to))
                    };
                    pair.foreign = [refers(a, b), refers(b, a)];
                }
            }
        }
        if marked || keys.is_some() || given {
            out.retain(|pair| pair.foreign != [false, false] || given && secondary.is_some());
        }
        if let Some(remote) = self.column_list(property, "remote_side", at, classes) {
            for pair in &mut out {
                pair.remote = [remote.contains(&pair.columns[0]), remote.contains(&pair.columns[1])];
            }
        }
        out
    }

    fn collect_pairs(&self, value: Value, out: &mut Vec<Pair>, depth: u32) {
        if depth > MAX_DEPTH {
            return;
        }
        let parts: Vec<Value> = match self.held(value, "parts").and_then(|parts| self.machine.obj(parts)) {
            Some(Object::Tuple(parts) | Object::List(parts, _)) => parts.clone(),
            _ => return,
        };
        let operator = self.held_text(value, "operator").unwrap_or_default();
        if let ("AND" | "OR" | "NOT", _) | (_, false) = (operator.as_str(), parts.len() == 2) {
            for part in parts {
                self.collect_pairs(part, out, depth + 1);
            }
            return;
        }
        let sides = [self.marked_column(parts[0]), self.marked_column(parts[1])];
        if let [Some(a), Some(b)] = sides {
            out.push(Pair { columns: [a.0, b.0], foreign: [a.1, b.1], remote: [a.2, b.2] });
        }
    }

    /// A column inside `foreign(…)` and `remote(…)`.
    fn marked_column(&self, value: Value) -> Option<(ObjectId, bool, bool)> {
        let (mut value, mut foreign, mut remote) = (value, false, false);
        for _ in 0..10 {
            if let Some(column) = self.plain_column(value) {
                return Some((column, foreign, remote));
            }
            match self.held_text(value, "operator").as_deref() {
                Some("foreign") => foreign = true,
                Some("remote") => remote = true,
                _ => {}
            }
            let parts = self.held(value, "parts").and_then(|parts| self.machine.obj(parts));
            value = match parts {
                Some(Object::Tuple(parts) | Object::List(parts, _)) => *parts.first()?,
                _ => return None,
            };
        }
        None
    }

    /// Columns of one side that the table between refers to.
    fn secondary_sides(&self, side: usize, joins: &[Pair], classes: &Classes) -> Vec<ObjectId> {
        let tables = &classes.all[side].tables;
        let all = joins.iter().flat_map(|pair| pair.columns);
        all.filter(|column| self.held_object(Value::Obj(*column), "table").is_some_and(|table| tables.contains(&table)))
            .collect()
    }

    /// Which side holds the foreign key, columns of this side, and columns of the other.
    #[allow(clippy::too_many_arguments)]
    fn direction(
        &mut self,
        at: usize,
        target: usize,
        property: Value,
        secondary: Option<ObjectId>,
        joins: &[Pair],
        classes: &Classes,
        schema: &Schema,
    ) -> Option<(Direction, Vec<ObjectId>, Vec<ObjectId>)> {
        let of_table = |column: ObjectId| schema.columns.get(&column).map(|(table, _)| *table);
        if let Some(between) = secondary {
            let remote: Vec<ObjectId> = joins
                .iter()
                .flat_map(|pair| pair.columns)
                .filter(|column| of_table(*column) == Some(between))
                .collect();
            return Some((Direction::ManyToMany, self.secondary_sides(at, joins, classes), remote));
        }
        let (own, other) = (&classes.all[at].tables, &classes.all[target].tables);
        let has = |tables: &[ObjectId], column: ObjectId| of_table(column).is_some_and(|table| tables.contains(&table));
        let explicit =
            self.keyword(property, "remote_side").is_some() || joins.iter().any(|pair| pair.remote != [false; 2]);
        let mut found = None;
        let (mut local, mut remote) = (Vec::new(), Vec::new());
        for pair in joins {
            for side in 0..2 {
                if !pair.foreign[side] {
                    continue;
                }
                let (foreign, referred) = (pair.columns[side], pair.columns[1 - side]);
                let (here, there) = (has(own, foreign), has(other, foreign));
                let direction = match (here, there) {
                    (true, false) => Direction::ManyToOne,
                    (false, true) => Direction::OneToMany,
                    (true, true) if explicit => {
                        if pair.remote[side] {
                            Direction::OneToMany
                        } else {
                            Direction::ManyToOne
                        }
                    }
                    (true, true) if !has(own, referred) => Direction::ManyToOne,
                    (true, true) => Direction::OneToMany,
                    (false, false) => continue,
                };
                found = found.or(Some(direction));
                match direction {
                    Direction::ManyToOne => {
                        local.push(foreign);
                        remote.push(referred);
                    }
                    _ => {
                        local.push(referred);
                        remote.push(foreign);
                    }
                }
            }
        }
        found.map(|direction| (direction, local, remote))
    }
}
