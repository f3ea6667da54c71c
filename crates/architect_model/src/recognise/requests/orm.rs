//! Mapped classes as request time asks for them: by class and attribute of the running program.

use architect_python::{Evaluator, ObjectId, Sym};
use rustc_hash::{FxHashMap, FxHashSet};

use super::things::Strategy;
use crate::Service;
use crate::tables::{ColumnAttribute, DefaultValue, Direction, Inheritance, Lazy, Relationship, Table};

/// A relationship.
#[derive(Clone, Debug)]
pub(super) struct Relation {
    pub target: Option<ObjectId>,
    pub uselist: bool,
    pub lazy: Strategy,
    /// The foreign key is on this side: the identity map may answer.
    pub many_to_one: bool,
    /// The attributes of that key, where it is on this side.
    pub key: Vec<Sym>,
    /// The name on the other side.
    pub back: Option<Sym>,
    /// New objects in it join the session of its owner.
    pub saves: bool,
    /// What is in it is deleted with its owner.
    pub deletes: bool,
    /// What is in it and not loaded is left to the database when its owner is deleted.
    pub passive_deletes: bool,
    /// Nothing is written through it.
    pub view_only: bool,
    /// A table between both sides connects them.
    pub through_table: bool,
}

/// A column.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct ColumnFacts {
    /// The whole primary key.
    pub primary_key: bool,
    /// Unique by itself.
    pub unique: bool,
    pub foreign_key: bool,
    /// Named after the key of something else, or after what few things have in common, and no foreign key.
    pub refers: bool,
    /// A foreign key to what most of the tables belong to, a tenant or a project: to be of one of them bounds nothing.
    pub of_root: bool,
    /// Part of a key: few rows have the same value.
    pub identifies: bool,
    /// A date or a time.
    pub temporal: bool,
    /// A number.
    pub numeric: bool,
    /// What the database compares as Python does: text, numbers, truth values, dates; nothing that a type of the
    /// program, or of a library, makes of it.
    pub plain: bool,
    pub deferred: bool,
}

/// A mapped class.
#[derive(Clone, Debug, Default)]
pub(super) struct Mapper {
    pub name: String,
    pub columns: FxHashMap<Sym, ColumnFacts>,
    pub relations: FxHashMap<Sym, Relation>,
    /// The attributes of its primary key and of each unique key.
    pub keys: Vec<Vec<Sym>>,
    /// How many other classes point to it.
    pub children: usize,
    /// The other classes it points to.
    pub parents: FxHashSet<ObjectId>,
    /// Whether its rows are reference data.
    pub is_reference_data: bool,
    /// Whether its table surely grows, see [`crate::tables::Table::grows_with_use`].
    pub grows_with_use: bool,
    /// The primary key, where the database counts it.
    pub counted_key: Option<Sym>,
    /// The class whose table holds a part of its rows: joined inheritance.
    pub joined_parent: Option<ObjectId>,
    /// Whether rows count their versions: each is updated by a statement of its own, to see whether it was there.
    pub is_versioned: bool,
    /// What an `UPDATE` lets the database compute, and has to be read again.
    pub expires_on_update: Vec<Sym>,
}

/// All mapped classes.
#[derive(Clone, Debug, Default)]
pub(super) struct Mappers {
    pub by_class: FxHashMap<ObjectId, Mapper>,
}

impl ColumnFacts {
    /// Whether to equal one value means to belong to one parent, which bounds the rows.
    pub fn bounds(self) -> bool {
        (self.foreign_key || self.refers) && !self.of_root
    }
}

impl Mappers {
    pub fn get(&self, class: ObjectId) -> Option<&Mapper> {
        self.by_class.get(&class)
    }

    pub fn relation(&self, class: ObjectId, name: Sym) -> Option<&Relation> {
        self.get(class)?.relations.get(&name)
    }

    /// A class and those whose tables hold parts of its rows, parents last.
    pub fn with_parents(&self, class: ObjectId) -> Vec<ObjectId> {
        let mut all = vec![class];
        while let Some(parent) = all.last().and_then(|last| self.get(*last)?.joined_parent)
            && !all.contains(&parent)
        {
            all.push(parent);
        }
        all
    }

    /// Whether a class only connects others: nothing points to it, and it points to several.
    pub fn connects(&self, class: ObjectId) -> bool {
        self.get(class).is_some_and(|mapper| mapper.parents.len() > 1 && mapper.children == 0)
    }

    /// Whether a class has a foreign key to another one.
    pub fn points_to(&self, class: ObjectId, other: ObjectId) -> bool {
        self.get(class).is_some_and(|mapper| mapper.parents.contains(&other))
    }

    /// Whether any class has an attribute of that name.
    pub fn names(&self, name: Sym) -> bool {
        self.by_class.values().any(|mapper| mapper.columns.contains_key(&name) || mapper.relations.contains_key(&name))
    }

    pub fn column(&self, class: ObjectId, name: Sym) -> Option<ColumnFacts> {
        self.get(class)?.columns.get(&name).copied()
    }
}

/// Arranges what was read of tables and mapped classes by the classes of the program.
pub(super) fn read(service: &Service, ev: &mut Evaluator<'_>) -> Mappers {
    let tables: FxHashMap<String, &Table> = service.tables.iter().map(|table| (table.full_name(), table)).collect();
    let mut mappers = Mappers::default();
    let mut by_table: FxHashMap<&str, ObjectId> = FxHashMap::default();
    let (roots, names) = (roots(&service.tables), root_names(&service.tables));
    for row in &service.mappers {
        let class = ObjectId(row.key.0);
        let name = row.class.rsplit([':', '.']).next().unwrap_or(&row.class).to_owned();
        let own = row.table_index.and_then(|index| service.tables.get(index));
        let mut mapper = Mapper { name, is_versioned: row.version_id_col.is_some(), ..Mapper::default() };
        for attribute in &row.columns {
            let table = match &attribute.table {
                Some(table) => tables.get(table).copied().or(own),
                None => own,
            };
            let facts = match (table, &attribute.column) {
                (Some(table), Some(column)) => {
                    ColumnFacts { deferred: attribute.deferred, ..facts_of(table, column, &roots, &names) }
                }
                _ => ColumnFacts { deferred: attribute.deferred, ..ColumnFacts::default() },
            };
            mapper.columns.insert(ev.names.intern(&attribute.name), facts);
        }
        if let Some(table) = own {
            mapper.is_reference_data = table.is_reference_data();
            mapper.grows_with_use = table.grows_with_use();
            let unique =
                table.indexes.iter().filter(|index| index.unique && !index.partial).map(|index| &index.columns);
            let keys = table.unique.iter().map(|key| &key.columns).chain(unique).chain([&table.primary_key.columns]);
            let mut attribute = |column: &String| {
                let found = row.columns.iter().find(|one| one.column.as_ref() == Some(column))?;
                Some(ev.names.intern(&found.name))
            };
            mapper.keys = keys.filter_map(|key| key.iter().map(&mut attribute).collect::<Option<Vec<Sym>>>()).collect();
            mapper.keys.retain(|key| !key.is_empty());
        }
        if let Some(table) = own {
            mapper.counted_key = counted_key(table, row).map(|name| ev.names.intern(name));
            if row.eager_defaults != Some(true) {
                let computed = row.columns.iter().filter(|one| is_computed_on_update(table, one));
                mapper.expires_on_update = computed.map(|one| ev.names.intern(&one.name)).collect();
            }
        }
        if row.inheritance == Inheritance::Joined
            && let Some(parent) = &row.inherits
        {
            let parent = service.mappers.iter().find(|one| one.class == *parent);
            mapper.joined_parent = parent.map(|one| ObjectId(one.key.0));
        }
        for relationship in &row.relationships {
            let relation = Relation {
                target: Some(ObjectId(relationship.target_key.0)),
                uselist: relationship.uselist,
                lazy: strategy(relationship.lazy),
                many_to_one: relationship.direction == Direction::ManyToOne,
                key: own_key(relationship, &row.columns).map(|name| ev.names.intern(name)).collect(),
                back: relationship.back_populates.as_deref().map(|name| ev.names.intern(name)),
                saves: relationship.cascade.contains(&"save-update") && !relationship.viewonly,
                deletes: relationship.cascade.contains(&"delete"),
                passive_deletes: relationship.passive_deletes,
                view_only: relationship.viewonly,
                through_table: relationship.secondary.is_some(),
            };
            mapper.relations.insert(ev.names.intern(&relationship.name), relation);
        }
        by_table.entry(&row.table).or_insert(class);
        mappers.by_class.insert(class, mapper);
    }
    for (name, from) in &by_table {
        let Some(table) = tables.get(*name) else { continue };
        let targets = table.foreign_keys.iter().flat_map(|key| &key.targets);
        let parents: FxHashSet<ObjectId> = targets
            .filter_map(|target| by_table.get(target.rsplit_once('.')?.0).copied())
            .filter(|target| target != from)
            .collect();
        if let Some(mapper) = mappers.by_class.get_mut(from) {
            mapper.parents.clone_from(&parents);
        }
        for parent in parents {
            if let Some(mapper) = mappers.by_class.get_mut(&parent) {
                mapper.children += 1;
            }
        }
    }
    mappers
}

/// The attribute of a primary key of one column that the database counts: a number that nothing else fills in.
fn counted_key<'r>(table: &Table, row: &'r crate::tables::Mapper) -> Option<&'r str> {
    let [name] = &table.primary_key.columns[..] else { return None };
    let column = table.column(name)?;
    let is_number = column.type_text.to_uppercase().contains("INT");
    let filled = matches!(column.default, Some(DefaultValue::Scalar(_) | DefaultValue::Callable(_)));
    if filled || !is_number && column.server_default.is_none() || !column.foreign_keys.is_empty() {
        return None;
    }
    let attribute = row.columns.iter().find(|one| one.column.as_ref() == Some(name))?;
    Some(&attribute.name)
}

/// Whether the database says what a column is after an `UPDATE`: `onupdate=` with SQL, or a computed column.
fn is_computed_on_update(table: &Table, attribute: &ColumnAttribute) -> bool {
    let Some(column) = attribute.column.as_ref().and_then(|name| table.column(name)) else { return false };
    matches!(column.onupdate, Some(DefaultValue::Sql(_) | DefaultValue::Sequence(_)))
        || column.server_onupdate.is_some()
        || column.computed.is_some()
}

/// Fewer tables than this do not make the one they all point to a root.
const FEWEST_OF_ROOT: usize = 10;

/// Tables that a third of all others point to: tenants, projects.
fn roots(tables: &[Table]) -> FxHashSet<&str> {
    let mut counts: FxHashMap<&str, usize> = FxHashMap::default();
    for table in tables {
        let targets =
            table.foreign_keys.iter().flat_map(|key| &key.targets).filter_map(|target| target.rsplit_once('.'));
        let targets: FxHashSet<&str> =
            targets.map(|(table, _)| table).filter(|name| *name != table.full_name()).collect();
        targets.into_iter().for_each(|name| *counts.entry(name).or_default() += 1);
    }
    counts.retain(|_, count| *count >= FEWEST_OF_ROOT && *count * 3 >= tables.len());
    // What one person has is little, beside what is of a tenant.
    for table in tables.iter().filter(|table| table.is_of_accounts()) {
        counts.remove(table.full_name().as_str());
    }
    counts.into_keys().collect()
}

/// Whether a column is named after the key of something else.
fn names_key(column: &str) -> bool {
    column.len() > 3 && (column.ends_with("_id") || column.ends_with("_uuid"))
}

/// The attributes of the foreign key of a relationship that holds it.
fn own_key<'r>(relationship: &'r Relationship, columns: &'r [ColumnAttribute]) -> impl Iterator<Item = &'r str> {
    let held = relationship.direction == Direction::ManyToOne;
    let is_local = |one: &&ColumnAttribute| {
        let name = one.table.as_deref().zip(one.column.as_deref()).map(|(table, column)| format!("{table}.{column}"));
        name.is_some_and(|name| relationship.local_columns.contains(&name))
    };
    columns.iter().filter(move |_| held).filter(is_local).map(|one| one.name.as_str())
}

/// Whether a column is called after what tells one thing from others: few rows have the same value.
fn names_one(column: &str) -> bool {
    let last = column.rsplit('_').next().unwrap_or(column);
    matches!(last, "name" | "email" | "username" | "slug" | "token" | "uuid" | "hash" | "fingerprint" | "phone")
}

/// Names of columns that a third of all tables have, and that say what a row belongs to without a foreign key.
fn root_names(tables: &[Table]) -> FxHashSet<&str> {
    let mut counts: FxHashMap<&str, usize> = FxHashMap::default();
    for column in tables.iter().flat_map(|table| &table.columns).filter(|column| names_key(&column.name)) {
        *counts.entry(&column.name).or_default() += 1;
    }
    counts.retain(|_, count| *count >= FEWEST_OF_ROOT && *count * 3 >= tables.len());
    counts.into_keys().collect()
}

fn facts_of(table: &Table, column: &str, roots: &FxHashSet<&str>, names: &FxHashSet<&str>) -> ColumnFacts {
    let alone = |columns: &[String]| columns == [column];
    let within = |columns: &[String]| columns.iter().any(|known| known == column);
    let keys = || table.foreign_keys.iter().filter(|key| within(&key.columns));
    let targets = || keys().flat_map(|key| &key.targets).filter_map(|target| target.rsplit_once('.'));
    let foreign_key = table.foreign_keys.iter().any(|key| within(&key.columns));
    ColumnFacts {
        of_root: targets().any(|(table, _)| roots.contains(table)) || !foreign_key && names.contains(column),
        refers: !foreign_key && (names_key(column) || names_one(column)),
        primary_key: alone(&table.primary_key.columns),
        unique: table.unique.iter().any(|key| alone(&key.columns))
            || table.indexes.iter().any(|index| index.unique && !index.partial && alone(&index.columns)),
        foreign_key,
        identifies: within(&table.primary_key.columns)
            || table.unique.iter().any(|key| within(&key.columns))
            || table.indexes.iter().any(|index| index.unique && within(&index.columns)),
        temporal: table.column(column).is_some_and(|column| {
            let kind = column.type_text.to_uppercase();
            ["DATE", "TIME"].iter().any(|part| kind.starts_with(part))
        }),
        numeric: table.column(column).is_some_and(|column| NUMERIC.contains(&type_name(&column.type_text).as_str())),
        plain: table.column(column).is_some_and(|column| is_plain(&column.type_text)),
        deferred: false,
    }
}

/// Types whose values mean the same to the database as to Python; one that a program makes may stand for anything.
const PLAIN: &[&str] = &[
    "autostring",
    "biginteger",
    "bigint",
    "boolean",
    "char",
    "citext",
    "date",
    "decimal",
    "double",
    "double_precision",
    "enum",
    "float",
    "integer",
    "interval",
    "numeric",
    "real",
    "smallinteger",
    "smallint",
    "string",
    "text",
    "time",
    "unicode",
    "unicodetext",
    "uuid",
    "varchar",
];

/// Those of them that are numbers.
const NUMERIC: &[&str] = &[
    "biginteger",
    "bigint",
    "decimal",
    "double",
    "double_precision",
    "float",
    "integer",
    "numeric",
    "real",
    "smallinteger",
    "smallint",
];

/// The class of a type, as SQLAlchemy prints it.
fn type_name(kind: &str) -> String {
    kind.split('(').next().unwrap_or_default().to_lowercase()
}

fn is_plain(kind: &str) -> bool {
    let name = type_name(kind);
    PLAIN.contains(&name.as_str()) || name.ends_with("datetime") || name.ends_with("timestamp")
}

fn strategy(lazy: Lazy) -> Strategy {
    match lazy {
        Lazy::Select => Strategy::Lazy,
        Lazy::Joined => Strategy::Joined,
        Lazy::Selectin | Lazy::Immediate => Strategy::Selectin,
        Lazy::Subquery => Strategy::Subquery,
        Lazy::Raise | Lazy::RaiseOnSql => Strategy::Raise,
        Lazy::Noload => Strategy::None,
        Lazy::Dynamic | Lazy::WriteOnly => Strategy::Dynamic,
    }
}
