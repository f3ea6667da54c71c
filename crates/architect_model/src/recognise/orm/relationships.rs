//! Relationships: whom they lead to and how they are loaded.
//!
//! Source: sqlalchemy/orm/relationships.py (`RelationshipProperty`) and clsregistry.py of 2.0.

use architect_python::{CallArgs, Object, ObjectId, Value};

use super::joins::{Link, Sides};
use super::mappers::Classes;
use super::{Recogniser, Schema};
use crate::tables::{ClassKey, Direction, Lazy, Relationship};

/// Cascades that write, which `viewonly` takes away (`RelationshipProperty.cascade`).
const WRITING: &[&str] = &["delete", "delete-orphan", "save-update"];

/// Both ends of a relationship, by place in [`Classes`].
struct Ends {
    at: usize,
    target: usize,
    direction: Direction,
    /// Columns of this end that are read to find the other.
    local: Vec<ObjectId>,
    /// Columns of the other end, or of the table between.
    remote: Vec<ObjectId>,
    /// Full name of the table between.
    secondary: Option<String>,
    /// Whether `primaryjoin` says how.
    joined_by_hand: bool,
}

impl Ends {
    /// As the other end sees it.
    fn turn(&mut self) {
        std::mem::swap(&mut self.at, &mut self.target);
        match self.direction {
            Direction::OneToMany => self.direction = Direction::ManyToOne,
            Direction::ManyToOne => self.direction = Direction::OneToMany,
            Direction::ManyToMany => return,
        }
        std::mem::swap(&mut self.local, &mut self.remote);
    }
}

/// Whom an annotation or argument names.
struct Target {
    class: Option<usize>,
    /// Whether the annotation says one object; nothing where there is none.
    scalar: Option<bool>,
    lazy: Option<Lazy>,
}

impl Recogniser<'_> {
    /// A relationship, and the one that its `backref` makes of the class at the other side.
    ///
    /// # Errors
    /// What is not known of it.
    pub(super) fn read_relationship(
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
        let link = Link { at, target: target_at, property, secondary, classes, schema };
        let joins = self.joins(&link);
        let Some(Sides { direction, local, remote }) = self.sides(&link, &joins) else {
            return Err("which side holds the foreign key is not known".into());
        };
        let mut ends = Ends {
            at,
            target: target_at,
            direction,
            local,
            remote,
            secondary: secondary.and_then(|table| self.held_text(Value::Obj(table), "fullname")),
            joined_by_hand: self.keyword(property, "primaryjoin").is_some(),
        };
        let location =
            self.made_at(property).or_else(|| self.held(property, "place").and_then(|place| self.made_at(place)));
        let mut relationship = self.relationship(name, property, &ends, classes, schema);
        relationship.location = location;
        if target.scalar == Some(true) && !matches!(self.keyword(property, "uselist"), Some(Value::Bool(_))) {
            relationship.uselist = false;
        }
        if let Some(lazy) = target.lazy {
            relationship.lazy = lazy;
        }
        let backref = self.keyword(property, "backref").filter(|value| *value != Value::None);
        let back_name = backref.and_then(|value| match self.machine.text(value) {
            Some(text) => Some(text.to_owned()),
            None => self.held_text(value, "name"),
        });
        relationship.back_populates = match self.keyword(property, "back_populates") {
            Some(value) => self.machine.text(value).map(str::to_owned),
            None => back_name.clone(),
        };
        let back = back_name.map(|back_name| {
            let options = backref.filter(|value| self.is_a(*value, "Backref")).unwrap_or(Value::None);
            ends.turn();
            if ends.direction == Direction::ManyToMany {
                ends.local = self.secondary_sides(target_at, &joins, classes);
            }
            let mut back = self.relationship(&back_name, options, &ends, classes, schema);
            back.back_populates = Some(name.to_owned());
            back.from_backref = true;
            back.viewonly |= relationship.viewonly;
            if back.viewonly {
                back.cascade.retain(|cascade| !WRITING.contains(cascade));
            }
            back.post_update |= relationship.post_update;
            back.location.clone_from(&relationship.location);
            (target_at, back)
        });
        Ok((relationship, back))
    }

    /// What the arguments of `relationship()` or `backref()` make of both ends.
    fn relationship(
        &self,
        name: &str,
        options: Value,
        ends: &Ends,
        classes: &Classes,
        schema: &Schema,
    ) -> Relationship {
        let truth = |name: &str| self.keyword(options, name).and_then(|value| self.machine.truth(value)) == Some(true);
        let target = &classes.all[ends.target];
        let primary = target.table.and_then(|table| schema.primary.get(&table)).map_or(&[][..], Vec::as_slice);
        let viewonly = truth("viewonly");
        let lazy = self.keyword(options, "lazy");
        Relationship {
            name: name.to_owned(),
            target: self.machine.qualified_name(Value::Obj(target.class)).unwrap_or_default(),
            target_key: ClassKey(target.class.0),
            direction: ends.direction,
            uselist: match self.keyword(options, "uselist") {
                Some(Value::Bool(uselist)) => uselist,
                _ => ends.direction != Direction::ManyToOne,
            },
            lazy: self.lazy_of(lazy),
            lazy_flag: match lazy {
                Some(Value::Bool(flag)) => Some(flag),
                _ => None,
            },
            secondary: ends.secondary.clone(),
            back_populates: None,
            from_backref: false,
            cascade: self.cascade_of(self.keyword(options, "cascade"), viewonly),
            passive_deletes: self.passive_deletes(self.keyword(options, "passive_deletes")),
            viewonly,
            local_columns: self.full_names(&ends.local, schema),
            remote_columns: self.full_names(&ends.remote, schema),
            by_primary_key: ends.direction == Direction::ManyToOne
                && !ends.joined_by_hand
                && !ends.remote.is_empty()
                && ends.remote.len() == primary.len()
                && ends.remote.iter().all(|column| primary.contains(column)),
            ordered: self.keyword(options, "order_by").is_some_and(|value| self.machine.truth(value) != Some(false)),
            innerjoin: truth("innerjoin"),
            post_update: truth("post_update"),
            location: None,
        }
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
        let kept = |name: &&str| !viewonly || !WRITING.contains(name);
        let Some(text) = value.and_then(|value| self.machine.text(value)) else {
            return ["merge", "save-update"].into_iter().filter(kept).collect();
        };
        let given: Vec<&str> = text.split(',').map(str::trim).collect();
        let all = given.contains(&"all");
        EVERY.iter().copied().filter(|name| given.contains(name) || all && ALL.contains(name)).filter(kept).collect()
    }

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
    pub(super) fn class_named(&self, text: &str, at: usize, classes: &Classes) -> Option<usize> {
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
}
