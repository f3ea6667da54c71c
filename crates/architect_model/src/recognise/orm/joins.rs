//! What the two sides of a relationship are joined by, and which holds the foreign key.
//!
//! Source: sqlalchemy/orm/relationships.py (`JoinCondition`) of 2.0.

use architect_python::{CallArgs, ModuleId, Object, ObjectId, Value};
use rustc_hash::FxHashSet;

use super::mappers::Classes;
use super::sql::MAX_DEPTH;
use super::{Recogniser, Schema};
use crate::tables::Direction;

/// A relationship whose sides are known, while it is worked out how they are joined.
pub(super) struct Link<'c> {
    /// The class that has it, and the one at its other side, by place in [`Classes`].
    pub at: usize,
    pub target: usize,
    /// What `relationship()` was given.
    pub property: Value,
    /// The table between.
    pub secondary: Option<ObjectId>,
    pub classes: &'c Classes,
    pub schema: &'c Schema,
}

impl Link<'_> {
    /// Tables of the class that has it.
    fn own(&self) -> &[ObjectId] {
        &self.classes.all[self.at].tables
    }

    /// Tables of the class at the other side.
    fn other(&self) -> &[ObjectId] {
        &self.classes.all[self.target].tables
    }

    /// Whether a column is one of some tables.
    fn belongs(&self, column: ObjectId, tables: &[ObjectId]) -> bool {
        self.schema.columns.get(&column).is_some_and(|(table, _)| tables.contains(table))
    }
}

/// How both sides find each other: which holds the foreign key, columns of this side, and columns of the other.
pub(super) struct Sides {
    pub direction: Direction,
    pub local: Vec<ObjectId>,
    pub remote: Vec<ObjectId>,
}

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
        let text = &self.without_modules(text, at, classes, &mut names);
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

    /// The text with classes that are written behind their modules (`shop.models.Order`) under names of their own.
    fn without_modules(&self, text: &str, at: usize, classes: &Classes, names: &mut Vec<(String, Value)>) -> String {
        let mut out = text.to_owned();
        for path in text.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '.') {
            // Some of it is the class, what follows are attributes.
            let ends = path.match_indices('.').map(|(end, _)| end).chain([path.len()]);
            let class = ends
                .map(|end| &path[..end])
                .filter(|part| part.contains('.'))
                .find_map(|part| Some((part, self.class_named(part, at, classes)?)));
            if let Some((part, found)) = class {
                let name = format!("class_{found}");
                out = out.replace(part, &name);
                names.push((name, Value::Obj(classes.all[found].class)));
            }
        }
        out
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
    pub(super) fn joins(&mut self, link: &Link<'_>) -> Vec<Pair> {
        let Link { at, property, classes, schema, .. } = *link;
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
        if !given {
            out = joins_by_keys(link);
        }
        // Which column is the foreign one.
        let keys = self.column_list(property, "foreign_keys", at, classes);
        let marked = out.iter().any(|pair| pair.foreign != [false, false]);
        for pair in out.iter_mut().filter(|_| !marked) {
            let [a, b] = pair.columns;
            let refers = |from: ObjectId, to: ObjectId| {
                schema.references.get(&from).is_some_and(|targets| targets.contains(&to))
            };
            pair.foreign = match &keys {
                Some(keys) => [keys.contains(&a), keys.contains(&b)],
                None => [refers(a, b), refers(b, a)],
            };
        }
        if marked || keys.is_some() || given {
            out.retain(|pair| pair.foreign != [false, false] || given && link.secondary.is_some());
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

    /// Which side holds the foreign key; nothing where the joins do not tell.
    pub(super) fn sides(&mut self, link: &Link<'_>, joins: &[Pair]) -> Option<Sides> {
        if let Some(between) = link.secondary {
            let columns = joins.iter().flat_map(|pair| pair.columns);
            let remote = columns.filter(|column| link.belongs(*column, &[between])).collect();
            let local = self.secondary_sides(link.at, joins, link.classes);
            return Some(Sides { direction: Direction::ManyToMany, local, remote });
        }
        let explicit =
            self.keyword(link.property, "remote_side").is_some() || joins.iter().any(|pair| pair.remote != [false; 2]);
        let mut found = None;
        let (mut local, mut remote) = (Vec::new(), Vec::new());
        for (pair, side) in joins.iter().flat_map(|pair| [(pair, 0), (pair, 1)]) {
            if !pair.foreign[side] {
                continue;
            }
            let (foreign, referred) = (pair.columns[side], pair.columns[1 - side]);
            let direction = match (link.belongs(foreign, link.own()), link.belongs(foreign, link.other())) {
                (true, false) => Direction::ManyToOne,
                (false, true) => Direction::OneToMany,
                (true, true) if explicit && !pair.remote[side] => Direction::ManyToOne,
                (true, true) if explicit => Direction::OneToMany,
                (true, true) if !link.belongs(referred, link.own()) => Direction::ManyToOne,
                (true, true) => Direction::OneToMany,
                (false, false) => continue,
            };
            found = found.or(Some(direction));
            let many_to_one = direction == Direction::ManyToOne;
            local.push(if many_to_one { foreign } else { referred });
            remote.push(if many_to_one { referred } else { foreign });
        }
        let mut sides = Sides { direction: found?, local, remote };
        self.read_by_hand(link, &mut sides);
        Some(sides)
    }

    /// What else a `primaryjoin` reads of this side, and compares with the other.
    fn read_by_hand(&mut self, link: &Link<'_>, sides: &mut Sides) {
        let join = self.keyword(link.property, "primaryjoin").filter(|join| *join != Value::None);
        let Some(join) = join.and_then(|join| self.settled(join, link.at, link.classes)) else { return };
        let (mut read, mut pairs) = (Vec::new(), Vec::new());
        self.expression_columns(join, &mut read, 0);
        self.collect_pairs(join, &mut pairs, 0);
        let here = |column: ObjectId| link.belongs(column, link.own()) && !link.belongs(column, link.other());
        let there = |column: ObjectId| link.belongs(column, link.other()) && !link.belongs(column, link.own());
        sides.local.extend(read.into_iter().filter(|column| here(*column)));
        for Pair { columns: [a, b], .. } in pairs {
            let compared = [(a, b), (b, a)].into_iter().filter(|(a, b)| here(*a) && there(*b));
            sides.remote.extend(compared.map(|(_, b)| b));
        }
    }
}

/// The foreign keys between both sides, or between them and the table between.
fn joins_by_keys(link: &Link<'_>) -> Vec<Pair> {
    let (own, other) = (link.own(), link.other());
    let mut found: Vec<[ObjectId; 2]> = match link.secondary {
        Some(table) => link
            .schema
            .references_of(&[table])
            .filter(|(_, referred)| link.belongs(*referred, own) || link.belongs(*referred, other))
            .map(|(column, referred)| [column, referred])
            .collect(),
        None => {
            let there = link.schema.references_of(own).filter(|(_, referred)| link.belongs(*referred, other));
            let back = link.schema.references_of(other).filter(|(_, referred)| link.belongs(*referred, own));
            there.chain(back).map(|(column, referred)| [column, referred]).collect()
        }
    };
    found.sort();
    found.dedup();
    found.into_iter().map(|columns| Pair { columns, foreign: [false; 2], remote: [false; 2] }).collect()
}
