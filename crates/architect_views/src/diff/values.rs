//! What changed of values: schemas of parameters, bodies, responses and headers.
//!
//! A definition that many operations share is compared once for each side it is used on. What is found hangs on it, and
//! the operations that reach it are those the change is reported for.

use std::collections::{BTreeSet, HashMap, HashSet};

use serde_json::Value as Json;

use super::change::{Change, Said, Side, Subject};
use super::check::{Family, Place};
use super::checks::operations::SCHEMA_RENAMED;
use super::checks::values as table;
use super::contract::{Contract, Document};
use super::fields;
use super::shape::{Shape, kind_of, plain_name};
use crate::openapi::compared::UNKNOWN_DEFAULT;

/// Schemas nested deeper than this are not compared.
const MAX_DEPTH: usize = 40;

/// The same schema on both sides, and where it stands.
#[derive(Clone, Copy)]
pub(super) struct Both<'a> {
    pub old: &'a Json,
    pub new: &'a Json,
    /// The document that references of the old one are about.
    pub old_document: &'a Document,
    pub new_document: &'a Document,
    pub place: Place,
}

impl<'a> Both<'a> {
    /// Two schemas inside of these.
    pub(super) fn inner(self, old: &'a Json, new: &'a Json) -> Self {
        Self { old, new, ..self }
    }
}

/// What two schemas are about, and where what is found in them hangs.
#[derive(Clone, Copy)]
pub(super) struct At<'s> {
    pub subject: &'s Subject,
    /// The definition, or the operation, that they are a part of.
    pub node: usize,
    pub depth: usize,
}

impl At<'_> {
    /// One step further in.
    pub(super) fn inner(self, subject: &Subject) -> At<'_> {
        At { subject, node: self.node, depth: self.depth + 1 }
    }
}

/// What uses a definition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum User {
    Node(usize),
    Operation(usize),
}

/// A definition of both contracts, used in one place.
#[derive(Default)]
struct Node {
    changes: Vec<Change>,
    users: Vec<User>,
}

/// Compares schemas, each pair once.
pub(super) struct Values<'a> {
    pub(super) is_service: bool,
    nodes: Vec<Node>,
    known: HashMap<(*const Json, *const Json, Place), usize>,
    /// Uses of definitions that are known already.
    used: HashSet<(usize, User)>,
    operations: Vec<String>,
    old_names: BTreeSet<&'a str>,
    new_names: BTreeSet<&'a str>,
}

impl<'a> Values<'a> {
    pub(super) fn new(old: &'a Contract, new: &'a Contract) -> Self {
        Self {
            is_service: old.is_service && new.is_service,
            nodes: Vec::new(),
            known: HashMap::new(),
            used: HashSet::new(),
            operations: Vec::new(),
            old_names: names(old),
            new_names: names(new),
        }
    }

    /// Compares the schema of an operation.
    pub(super) fn compare(&mut self, operation: &str, both: Both<'a>, subject: &Subject) {
        let at = match self.operations.iter().rposition(|known| known == operation) {
            Some(at) => at,
            None => {
                self.operations.push(operation.to_owned());
                self.operations.len() - 1
            }
        };
        let root = self.add_node(User::Operation(at));
        let mut changes = Vec::new();
        self.walk(both, At { subject, node: root, depth: 0 }, &mut changes);
        self.nodes[root].changes = changes;
    }

    /// Every change, with the operations that reach it.
    pub(super) fn finish(self) -> Vec<Change> {
        let mut out = Vec::new();
        for (at, node) in self.nodes.iter().enumerate().filter(|(_, node)| !node.changes.is_empty()) {
            let operations = self.reaching(at);
            for change in &node.changes {
                out.push(Change { operations: operations.clone(), ..change.clone() });
            }
        }
        out
    }

    fn reaching(&self, node: usize) -> Vec<String> {
        let mut seen = BTreeSet::from([node]);
        let mut pending = vec![node];
        let mut found = BTreeSet::new();
        while let Some(at) = pending.pop() {
            for user in &self.nodes[at].users {
                match user {
                    User::Operation(operation) => {
                        found.insert(*operation);
                    }
                    User::Node(above) if seen.insert(*above) => pending.push(*above),
                    User::Node(_) => {}
                }
            }
        }
        found.into_iter().map(|operation| self.operations[operation].clone()).collect()
    }

    fn add_node(&mut self, user: User) -> usize {
        self.nodes.push(Node { changes: Vec::new(), users: vec![user] });
        self.nodes.len() - 1
    }

    /// Compares two schemas; what is found in definitions of their own goes there, the rest to `out`.
    pub(super) fn walk(&mut self, both: Both<'a>, at: At<'_>, out: &mut Vec<Change>) {
        if at.depth > MAX_DEPTH {
            return;
        }
        let old = Shape::read(&both.old_document.json, both.old);
        let new = Shape::read(&both.new_document.json, both.new);
        if old.unknown || new.unknown {
            return;
        }
        if old.nullable != new.nullable && !old.is_any() && !new.is_any() {
            let family = if new.nullable { &table::BECAME_NULLABLE } else { &table::BECAME_NOT_NULLABLE };
            out.push(Change::new(family.at(both.place), at.subject, Said::default(), Said::default()));
        }
        self.descend(both, &old, &new, at, out);
    }

    /// Compares two schemas, null left aside.
    fn descend(&mut self, both: Both<'a>, old: &Shape<'a>, new: &Shape<'a>, at: At<'_>, out: &mut Vec<Change>) {
        let (Some(old_name), Some(new_name)) = (old.definition, new.definition) else {
            self.shapes(both, old, new, at, out);
            return;
        };
        // What is said of a parameter is said of the parameter.
        if both.place == Place::Parameter {
            self.shapes(both, old, new, at, out);
            return;
        }
        let target = |document: &'a Document, name: &str| {
            document.json["components"]["schemas"].get(name).map_or(std::ptr::null(), std::ptr::from_ref)
        };
        let key = (target(both.old_document, old_name), target(both.new_document, new_name), both.place);
        if let Some(known) = self.known.get(&key).copied() {
            if self.used.insert((known, User::Node(at.node))) {
                self.nodes[known].users.push(User::Node(at.node));
            }
            return;
        }
        let inner = self.add_node(User::Node(at.node));
        self.used.insert((inner, User::Node(at.node)));
        self.known.insert(key, inner);
        let subject = Subject::code(plain_name(new_name));
        let mut changes = Vec::new();
        if let Some(change) = self.renamed(old_name, new_name) {
            changes.push(change);
        }
        self.shapes(both, old, new, At { subject: &subject, node: inner, depth: at.depth + 1 }, &mut changes);
        let new_place = both.new_document.places.get(new_name);
        let old_place = both.old_document.places.get(old_name);
        for change in &mut changes {
            *change = change.clone().at(Side::New, new_place).at(Side::Old, old_place);
        }
        self.nodes[inner].changes = changes;
    }

    /// A definition that only its name tells from the old one.
    fn renamed(&self, old: &str, new: &str) -> Option<Change> {
        let (old, new) = (plain_name(old), plain_name(new));
        let is_renamed = old != new && !self.new_names.contains(old) && !self.old_names.contains(new);
        // FastAPI names bodies after operations.
        let is_made = old.starts_with("Body_") && new.starts_with("Body_");
        (is_renamed && !is_made)
            .then(|| Change::new(&SCHEMA_RENAMED, &Subject::code(new), Said::code(old), Said::code(new)))
    }

    fn shapes(&mut self, both: Both<'a>, old: &Shape<'a>, new: &Shape<'a>, at: At<'_>, out: &mut Vec<Change>) {
        let place = both.place;
        let mut say = |family: &'static Family, old: Said, new: Said| {
            out.push(Change::new(family.at(place), at.subject, old, new));
        };
        let old_label = || Said::code(&old.label(&both.old_document.json));
        let new_label = || Said::code(&new.label(&both.new_document.json));
        match (old.is_any(), new.is_any()) {
            (true, true) => return,
            (true, false) => return say(&table::TYPE_NARROWED, old_label(), new_label()),
            (false, true) => return say(&table::TYPE_WIDENED, old_label(), new_label()),
            (false, false) => {}
        }
        discriminators(old, new, &mut say);
        if !old.members.is_empty() || !new.members.is_empty() {
            self.members(both, old, new, at, out);
            return;
        }
        if old.kinds != new.kinds {
            let is_within = |a: &BTreeSet<&str>, b: &BTreeSet<&str>| {
                a.iter().all(|kind| b.contains(kind) || *kind == "integer" && b.contains("number"))
            };
            let family = match (is_within(&old.kinds, &new.kinds), is_within(&new.kinds, &old.kinds)) {
                (true, _) => &table::TYPE_WIDENED,
                (_, true) => &table::TYPE_NARROWED,
                _ => &table::TYPE_CHANGED,
            };
            say(family, old_label(), new_label());
            if std::ptr::eq(family, &raw const table::TYPE_CHANGED) {
                return;
            }
        }
        formats(old, new, &mut say);
        enumerations(old, new, &mut say);
        constraints(old, new, &mut say);
        if let (Some(old), Some(new)) = (old.items, new.items) {
            self.walk(both.inner(old, new), at.inner(&at.subject.items()), out);
        }
        for (index, (old, new)) in old.prefix_items.iter().zip(new.prefix_items).enumerate() {
            let subject = Subject::code(format!("{}[{index}]", at.subject.id));
            self.walk(both.inner(old, new), at.inner(&subject), out);
        }
        if let (Some(old), Some(new)) = (old.additional, new.additional) {
            self.walk(both.inner(old, new), at.inner(&at.subject.values()), out);
        }
        fields::compare(self, both, old, new, at, out);
    }

    /// Compares what is one of several.
    fn members(&mut self, both: Both<'a>, old: &Shape<'a>, new: &Shape<'a>, at: At<'_>, out: &mut Vec<Change>) {
        let listed = |shape: &Shape<'a>, whole: &'a Json| {
            if shape.members.is_empty() { vec![whole] } else { shape.members.clone() }
        };
        let (old_document, new_document) = (&both.old_document.json, &both.new_document.json);
        let olds: Vec<(&Json, Shape<'a>)> =
            listed(old, both.old).into_iter().map(|one| (one, Shape::read(old_document, one))).collect();
        let mut news: Vec<(&Json, Shape<'a>)> =
            listed(new, both.new).into_iter().map(|one| (one, Shape::read(new_document, one))).collect();
        if olds.iter().chain(&news).any(|(_, shape)| shape.unknown) {
            return;
        }
        let mut gone: Vec<(&Json, Shape<'a>)> = Vec::new();
        // By name, then by what they look like; a lone pair of variants is one that changed.
        for (schema, shape) in olds {
            let label = shape.label(old_document);
            match news.iter().position(|(_, other)| other.label(new_document) == label && is_like(&shape, other)) {
                Some(found) => {
                    let (other, other_shape) = news.remove(found);
                    self.descend(both.inner(schema, other), &shape, &other_shape, at.inner(at.subject), out);
                }
                None => gone.push((schema, shape)),
            }
        }
        if let ([(old, old_shape)], [(new, new_shape)]) = (&gone[..], &news[..])
            && old_shape.kinds == new_shape.kinds
            && old_shape.members.is_empty()
            && new_shape.members.is_empty()
        {
            self.descend(both.inner(old, new), old_shape, new_shape, at.inner(at.subject), out);
            return;
        }
        let mut say = |family: &'static Family, old: Said, new: Said| {
            out.push(Change::new(family.at(both.place), at.subject, old, new));
        };
        let is_model = |(_, shape): &(&Json, Shape<'a>)| shape.definition.is_some();
        if gone.iter().chain(&news).all(is_model) {
            for (_, shape) in &gone {
                say(&table::VARIANT_REMOVED, Said::code(&shape.label(old_document)), Said::default());
            }
            for (_, shape) in &news {
                say(&table::VARIANT_ADDED, Said::default(), Said::code(&shape.label(new_document)));
            }
            return;
        }
        let family = match (gone.is_empty(), news.is_empty()) {
            (true, true) => return,
            (true, false) => &table::TYPE_WIDENED,
            (false, true) => &table::TYPE_NARROWED,
            (false, false) => &table::TYPE_CHANGED,
        };
        say(family, Said::code(&old.label(old_document)), Said::code(&new.label(new_document)));
    }
}

/// Whether two members of one label may be the same one: those without a name are told apart by what they hold.
fn is_like(old: &Shape<'_>, new: &Shape<'_>) -> bool {
    old.definition.is_some() || old.values.is_some() == new.values.is_some()
}

fn names(contract: &Contract) -> BTreeSet<&str> {
    let schemas = contract.documents.iter().filter_map(|one| one.json["components"]["schemas"].as_object());
    schemas.flat_map(|schemas| schemas.keys().map(|name| plain_name(name))).collect()
}

fn discriminators(old: &Shape<'_>, new: &Shape<'_>, say: &mut impl FnMut(&'static Family, Said, Said)) {
    match (old.discriminator, new.discriminator) {
        (Some(old), Some(new)) if old != new => say(&table::DISCRIMINATOR_CHANGED, Said::code(old), Said::code(new)),
        (None, Some(name)) if old.members.len() > 1 => {
            say(&table::DISCRIMINATOR_ADDED, Said::default(), Said::code(name));
        }
        (Some(name), None) if new.members.len() > 1 => {
            say(&table::DISCRIMINATOR_REMOVED, Said::code(name), Said::default());
        }
        _ => {}
    }
}

fn formats(old: &Shape<'_>, new: &Shape<'_>, say: &mut impl FnMut(&'static Family, Said, Said)) {
    match (old.format, new.format) {
        (Some(old), Some(new)) if old != new => say(&table::FORMAT_CHANGED, Said::code(old), Said::code(new)),
        (None, Some(new)) => say(&table::FORMAT_ADDED, Said::default(), Said::code(new)),
        (Some(old), None) => say(&table::FORMAT_REMOVED, Said::code(old), Said::default()),
        _ => {}
    }
    if old.encoding != new.encoding {
        let said = |encoding: Option<&str>| encoding.map_or_else(|| Said::new(Json::Null, "plain text"), Said::code);
        say(&table::ENCODING_CHANGED, said(old.encoding), said(new.encoding));
    }
}

fn enumerations(old: &Shape<'_>, new: &Shape<'_>, say: &mut impl FnMut(&'static Family, Said, Said)) {
    let listed = |values: &[&Json]| {
        let text: Vec<String> = values.iter().map(|value| Said::value(value).text).collect();
        Said::new(Json::Array(values.iter().map(|value| (*value).clone()).collect()), text.join(", "))
    };
    match (&old.values, &new.values) {
        (Some(old), Some(new)) => {
            for value in old.iter().filter(|value| !new.contains(value)) {
                say(&table::ENUM_VALUE_REMOVED, Said::value(value), Said::default());
            }
            for value in new.iter().filter(|value| !old.contains(value)) {
                say(&table::ENUM_VALUE_ADDED, Said::default(), Said::value(value));
            }
        }
        // Two values are all there are of a boolean.
        (None, Some(values)) if !is_boolean(old) => say(&table::BECAME_ENUM, Said::default(), listed(values)),
        (Some(values), None) if !is_boolean(new) => say(&table::ENUM_DROPPED, listed(values), Said::default()),
        _ => {}
    }
}

fn is_boolean(shape: &Shape<'_>) -> bool {
    shape.kinds.len() == 1 && shape.kinds.contains("boolean")
}

fn constraints(old: &Shape<'_>, new: &Shape<'_>, say: &mut impl FnMut(&'static Family, Said, Said)) {
    let upper = |limit: Option<(f64, bool)>| said_limit(limit, "at most", "below", "without upper limit");
    let lower = |limit: Option<(f64, bool)>| said_limit(limit, "at least", "above", "without lower limit");
    match compare_upper(old.maximum, new.maximum) {
        Some(true) => say(&table::MAXIMUM_LOWERED, upper(old.maximum), upper(new.maximum)),
        Some(false) => say(&table::MAXIMUM_RAISED, upper(old.maximum), upper(new.maximum)),
        None => {}
    }
    let mirrored = |limit: Option<(f64, bool)>| limit.map(|(value, excluded)| (-value, excluded));
    match compare_upper(mirrored(old.minimum), mirrored(new.minimum)) {
        Some(true) => say(&table::MINIMUM_RAISED, lower(old.minimum), lower(new.minimum)),
        Some(false) => say(&table::MINIMUM_LOWERED, lower(old.minimum), lower(new.minimum)),
        None => {}
    }
    match (old.multiple_of, new.multiple_of) {
        (old, Some(new)) if old != Some(new) => {
            let was = old.map_or_else(|| Said::new(Json::Null, "anything"), |old| Said::value(&number(old)));
            say(&table::MULTIPLE_CHANGED, was, Said::value(&number(new)));
        }
        (Some(old), None) => say(&table::MULTIPLE_DROPPED, Said::value(&number(old)), Said::default()),
        _ => {}
    }
    match (old.pattern, new.pattern) {
        (Some(old), Some(new)) if old != new => say(&table::PATTERN_CHANGED, Said::code(old), Said::code(new)),
        (None, Some(new)) => say(&table::PATTERN_ADDED, Said::default(), Said::code(new)),
        (Some(old), None) => say(&table::PATTERN_REMOVED, Said::code(old), Said::default()),
        _ => {}
    }
    if old.unique_items != new.unique_items {
        let family = if new.unique_items { &table::UNIQUE_ITEMS_ASKED } else { &table::UNIQUE_ITEMS_DROPPED };
        say(family, Said::default(), Said::default());
    }
    for (old, new, unit, lowered, raised) in [
        (old.max_length, new.max_length, "characters", &table::MAX_LENGTH_DECREASED, &table::MAX_LENGTH_INCREASED),
        (old.max_items, new.max_items, "items", &table::MAX_ITEMS_DECREASED, &table::MAX_ITEMS_INCREASED),
        (
            old.max_properties,
            new.max_properties,
            "entries",
            &table::MAX_PROPERTIES_DECREASED,
            &table::MAX_PROPERTIES_INCREASED,
        ),
    ] {
        let said = |count: Option<u64>| said_count(count, "at most", unit);
        let order = |count: Option<u64>| count.unwrap_or(u64::MAX);
        match order(new).cmp(&order(old)) {
            std::cmp::Ordering::Less => say(lowered, said(old), said(new)),
            std::cmp::Ordering::Greater => say(raised, said(old), said(new)),
            std::cmp::Ordering::Equal => {}
        }
    }
    for (old, new, unit, raised, lowered) in [
        (old.min_length, new.min_length, "characters", &table::MIN_LENGTH_INCREASED, &table::MIN_LENGTH_DECREASED),
        (old.min_items, new.min_items, "items", &table::MIN_ITEMS_INCREASED, &table::MIN_ITEMS_DECREASED),
        (
            old.min_properties,
            new.min_properties,
            "entries",
            &table::MIN_PROPERTIES_INCREASED,
            &table::MIN_PROPERTIES_DECREASED,
        ),
    ] {
        let said = |count: Option<u64>| said_count(count, "at least", unit);
        match new.unwrap_or(0).cmp(&old.unwrap_or(0)) {
            std::cmp::Ordering::Greater => say(raised, said(old), said(new)),
            std::cmp::Ordering::Less => say(lowered, said(old), said(new)),
            std::cmp::Ordering::Equal => {}
        }
    }
}

/// Whether the second upper limit is stricter (`true`) or looser than the first.
fn compare_upper(old: Option<(f64, bool)>, new: Option<(f64, bool)>) -> Option<bool> {
    let (old_limit, old_excluded) = old.unwrap_or((f64::INFINITY, false));
    let (new_limit, new_excluded) = new.unwrap_or((f64::INFINITY, false));
    match new_limit.partial_cmp(&old_limit)? {
        std::cmp::Ordering::Less => Some(true),
        std::cmp::Ordering::Greater => Some(false),
        std::cmp::Ordering::Equal if old_excluded == new_excluded => None,
        std::cmp::Ordering::Equal => Some(new_excluded),
    }
}

fn said_limit(limit: Option<(f64, bool)>, with: &str, without: &str, none: &str) -> Said {
    match limit {
        Some((limit, excluded)) => {
            let word = if excluded { without } else { with };
            Said::new(number(limit), format!("{word} {}", number(limit)))
        }
        None => Said::new(Json::Null, none),
    }
}

fn said_count(count: Option<u64>, word: &str, unit: &str) -> Said {
    match count {
        Some(count) => {
            let unit = match (count, unit) {
                (1, "entries") => "entry",
                (1, unit) => unit.trim_end_matches('s'),
                (_, unit) => unit,
            };
            Said::new(count, format!("{word} {count} {unit}"))
        }
        None => Said::new(Json::Null, format!("any number of {unit}")),
    }
}

/// A limit as people write it: without a fraction where it has none.
fn number(value: f64) -> Json {
    #[expect(clippy::cast_possible_truncation, reason = "only where it is exact")]
    let whole = value as i64;
    #[expect(clippy::cast_precision_loss, reason = "what was lost shows in the comparison")]
    let is_whole = (whole as f64 - value).abs() < f64::EPSILON && value.abs() < 9e15;
    if is_whole { Json::from(whole) } else { Json::from(value) }
}

/// What is taken for a value that is left out, by who receives a request or makes a response; only where it may be left
/// out on both sides.
pub(super) fn defaults(both: Both<'_>, subject: &Subject, out: &mut Vec<Change>) {
    let is_unknown = |schema: &Json| schema.get(UNKNOWN_DEFAULT).is_some();
    if is_unknown(both.old) || is_unknown(both.new) {
        return;
    }
    let given = |schema: &'_ Json| schema.get("default").filter(|default| !default.is_null()).cloned();
    let is_same = |old: &Json, new: &Json| {
        old == new || kind_of(old) != "string" && old.as_f64().is_some() && old.as_f64() == new.as_f64()
    };
    let mut say = |family: &'static Family, old: Said, new: Said| {
        out.push(Change::new(family.at(both.place), subject, old, new));
    };
    match (given(both.old), given(both.new)) {
        (Some(old), Some(new)) if !is_same(&old, &new) => {
            say(&table::DEFAULT_CHANGED, Said::value(&old), Said::value(&new));
        }
        (None, Some(new)) => say(&table::DEFAULT_ADDED, Said::default(), Said::value(&new)),
        (Some(old), None) => say(&table::DEFAULT_REMOVED, Said::value(&old), Said::default()),
        _ => {}
    }
}
