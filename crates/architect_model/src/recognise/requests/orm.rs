//! Mapped classes as request time asks for them: by class and attribute of the running program.

use architect_python::{Evaluator, ObjectId, Sym};
use rustc_hash::{FxHashMap, FxHashSet};

use super::things::Strategy;
use crate::Service;
use crate::tables::{Direction, Lazy, Table};

/// A relationship.
#[derive(Clone, Debug)]
pub(super) struct Relation {
    pub target: Option<ObjectId>,
    pub uselist: bool,
    pub lazy: Strategy,
    /// The foreign key is on this side: the identity map may answer.
    pub many_to_one: bool,
    /// The name on the other side.
    pub back: Option<Sym>,
}

/// A column.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct ColumnFacts {
    /// The whole primary key.
    pub primary_key: bool,
    /// Unique by itself.
    pub unique: bool,
    pub foreign_key: bool,
    /// Part of a key: few rows have the same value.
    pub identifies: bool,
    pub deferred: bool,
}

/// A mapped class.
#[derive(Clone, Debug, Default)]
pub(super) struct Mapper {
    pub name: String,
    pub columns: FxHashMap<Sym, ColumnFacts>,
    pub relations: FxHashMap<Sym, Relation>,
    /// How many other classes point to it.
    pub children: usize,
    /// How many other classes it points to.
    pub parents: usize,
    /// Whether its rows are reference data.
    pub is_reference_data: bool,
}

/// All mapped classes.
#[derive(Clone, Debug, Default)]
pub(super) struct Mappers {
    pub by_class: FxHashMap<ObjectId, Mapper>,
}

impl Mappers {
    pub fn get(&self, class: ObjectId) -> Option<&Mapper> {
        self.by_class.get(&class)
    }

    pub fn relation(&self, class: ObjectId, name: Sym) -> Option<&Relation> {
        self.get(class)?.relations.get(&name)
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
    for row in &service.mappers {
        let class = ObjectId(row.key.0);
        let name = row.class.rsplit([':', '.']).next().unwrap_or(&row.class).to_owned();
        let own = row.table_index.and_then(|index| service.tables.get(index));
        let mut mapper = Mapper { name, ..Mapper::default() };
        for attribute in &row.columns {
            let table = match &attribute.table {
                Some(table) => tables.get(table).copied().or(own),
                None => own,
            };
            let facts = match (table, &attribute.column) {
                (Some(table), Some(column)) => ColumnFacts { deferred: attribute.deferred, ..facts_of(table, column) },
                _ => ColumnFacts { deferred: attribute.deferred, ..ColumnFacts::default() },
            };
            mapper.columns.insert(ev.names.intern(&attribute.name), facts);
        }
        for relationship in &row.relationships {
            let relation = Relation {
                target: Some(ObjectId(relationship.target_key.0)),
                uselist: relationship.uselist,
                lazy: strategy(relationship.lazy),
                many_to_one: relationship.direction == Direction::ManyToOne,
                back: relationship.back_populates.as_deref().map(|name| ev.names.intern(name)),
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
            mapper.parents = parents.len();
            mapper.is_reference_data = table.is_reference_data();
        }
        for parent in parents {
            if let Some(mapper) = mappers.by_class.get_mut(&parent) {
                mapper.children += 1;
            }
        }
    }
    mappers
}

fn facts_of(table: &Table, column: &str) -> ColumnFacts {
    let alone = |columns: &[String]| columns == [column];
    let within = |columns: &[String]| columns.iter().any(|known| known == column);
    ColumnFacts {
        primary_key: alone(&table.primary_key.columns),
        unique: table.unique.iter().any(|key| alone(&key.columns))
            || table.indexes.iter().any(|index| index.unique && !index.partial && alone(&index.columns)),
        foreign_key: table.foreign_keys.iter().any(|key| key.columns.iter().any(|known| known == column)),
        identifies: within(&table.primary_key.columns)
            || table.unique.iter().any(|key| within(&key.columns))
            || table.indexes.iter().any(|index| index.unique && within(&index.columns)),
        deferred: false,
    }
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
