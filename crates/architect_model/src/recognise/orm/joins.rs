//! What the two sides of a relationship are joined by, and which holds the foreign key.
//!
//! Source: sqlalchemy/orm/relationships.py (`JoinCondition`) of 2.0.

use architect_python::{CallArgs, ModuleId, Object, ObjectId, Value};
use rustc_hash::FxHashSet;

use super::mappers::Classes;
use super::sql::MAX_DEPTH;
use super::{Recogniser, Schema};
use crate::tables::Direction;

/// Two columns that a join compares, and how they are marked.
pub(super) struct Pair {
    pub(super) columns: [ObjectId; 2],
    pub(super) foreign: [bool; 2],
    pub(super) remote: [bool; 2],
}

impl Recogniser<'_> {
    /// An expression given as text, as declarative evaluates it: names of classes and tables.
    pub(super) fn evaluate_join(&mut self, text: &str, at: usize, classes: &Classes) -> Option<Value> {
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
    pub(super) fn joins(
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
        if !given {
            let belongs = |column: ObjectId, tables: &[ObjectId]| {
                schema.columns.get(&column).is_some_and(|(table, _)| tables.contains(table))
            };
            let mut found: Vec<[ObjectId; 2]> = match secondary {
                Some(table) => schema
                    .references_of(&[table])
                    .filter(|(_, referred)| belongs(*referred, own) || belongs(*referred, other))
                    .map(|(column, referred)| [column, referred])
                    .collect(),
                None => {
                    let there = schema.references_of(own).filter(|(_, referred)| belongs(*referred, other));
                    let back = schema.references_of(other).filter(|(_, referred)| belongs(*referred, own));
                    there.chain(back).map(|(column, referred)| [column, referred]).collect()
                }
            };
            found.sort();
            found.dedup();
            out.extend(found.into_iter().map(|columns| Pair { columns, foreign: [false; 2], remote: [false; 2] }));
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
    pub(super) fn secondary_sides(&self, side: usize, joins: &[Pair], classes: &Classes) -> Vec<ObjectId> {
        let tables = &classes.all[side].tables;
        let all = joins.iter().flat_map(|pair| pair.columns);
        all.filter(|column| self.held_object(Value::Obj(*column), "table").is_some_and(|table| tables.contains(&table)))
            .collect()
    }

    /// Which side holds the foreign key, columns of this side, and columns of the other.
    #[allow(clippy::too_many_arguments)]
    pub(super) fn direction(
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
        if let Some(join) = self.keyword(property, "primaryjoin").filter(|join| *join != Value::None) {
            // What else a join by hand reads of this side, and compares with the other.
            let (mut read, mut pairs) = (Vec::new(), Vec::new());
            if let Some(join) = self.settled(join, at, classes) {
                self.expression_columns(join, &mut read, 0);
                self.collect_pairs(join, &mut pairs, 0);
            }
            let here = |column: ObjectId| has(own, column) && !has(other, column);
            let there = |column: ObjectId| has(other, column) && !has(own, column);
            local.extend(read.into_iter().filter(|column| here(*column)));
            for Pair { columns: [a, b], .. } in pairs {
                remote.extend([(a, b), (b, a)].into_iter().filter(|(a, b)| here(*a) && there(*b)).map(|(_, b)| b));
            }
        }
        found.map(|direction| (direction, local, remote))
    }
}
