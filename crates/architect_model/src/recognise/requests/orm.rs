//! What classes are mapped to, as request time needs it.

use architect_python::{Evaluator, Object, ObjectId, Sym, Value};
use rustc_hash::FxHashMap;

use super::things::Strategy;

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
    pub primary_key: bool,
    pub unique: bool,
    pub foreign_key: bool,
    pub deferred: bool,
}

/// A mapped class.
#[derive(Clone, Debug, Default)]
pub(super) struct Mapper {
    pub name: String,
    pub table: String,
    pub columns: FxHashMap<Sym, ColumnFacts>,
    pub relations: FxHashMap<Sym, Relation>,
    /// How many other classes point to it.
    pub children: usize,
    /// How many other classes it points to.
    pub parents: usize,
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

    pub fn column(&self, class: ObjectId, name: Sym) -> Option<ColumnFacts> {
        self.get(class)?.columns.get(&name).copied()
    }
}

struct Args {
    pos: Vec<Value>,
    kw: Vec<(String, Value)>,
}

impl Args {
    fn get(&self, name: &str) -> Option<Value> {
        self.kw.iter().find(|(n, _)| n == name).map(|(_, v)| *v)
    }
}

fn arguments(ev: &Evaluator<'_>, value: Value) -> Args {
    match ev.obj(value) {
        Some(Object::Opaque { args, .. }) => Args {
            pos: args.pos.clone(),
            kw: args.kw.iter().map(|(name, value)| (ev.names.text(*name).to_owned(), *value)).collect(),
        },
        Some(Object::Instance { .. }) => {
            let attr = |name: &str| match value {
                Value::Obj(id) => ev.own_value(id, name),
                _ => None,
            };
            let pos = match attr("args").and_then(|args| ev.obj(args)) {
                Some(Object::Tuple(items) | Object::List(items, _)) => items.clone(),
                _ => Vec::new(),
            };
            let kw = match attr("kwargs").and_then(|kwargs| ev.obj(kwargs)) {
                Some(Object::Dict(data)) => data
                    .items
                    .iter()
                    .filter_map(|(key, (_, value))| match key {
                        architect_python::DictKey::Str(name) => Some((ev.names.text(*name).to_owned(), *value)),
                        _ => None,
                    })
                    .collect(),
                _ => Vec::new(),
            };
            Args { pos, kw }
        }
        _ => Args { pos: Vec::new(), kw: Vec::new() },
    }
}

fn strategy(ev: &Evaluator<'_>, lazy: Option<Value>) -> Strategy {
    match lazy {
        None | Some(Value::Bool(true)) => Strategy::Lazy,
        Some(Value::Bool(false)) => Strategy::Joined,
        Some(Value::None) => Strategy::None,
        Some(value) => match ev.text(value) {
            Some("joined") => Strategy::Joined,
            Some("selectin" | "immediate") => Strategy::Selectin,
            Some("subquery") => Strategy::Subquery,
            Some("raise" | "raise_on_sql") => Strategy::Raise,
            Some("noload") => Strategy::None,
            Some("dynamic" | "write_only") => Strategy::Dynamic,
            _ => Strategy::Lazy,
        },
    }
}

/// A relationship before its other side is known.
struct Draft {
    class: ObjectId,
    name: String,
    target: Option<Target>,
    uselist: Option<bool>,
    lazy: Strategy,
    secondary: bool,
    back: Option<String>,
    backref: Option<(String, Strategy, Option<bool>)>,
    remote_side: bool,
}

enum Target {
    Class(ObjectId),
    Named(String),
}

fn text_of(ev: &Evaluator<'_>, value: Option<Value>) -> Option<String> {
    ev.text(value?).map(str::to_owned)
}

fn own(ev: &Evaluator<'_>, value: Value, name: &str) -> Option<Value> {
    match value {
        Value::Obj(id) => ev.own_value(id, name),
        _ => None,
    }
}

fn pairs(ev: &Evaluator<'_>, value: Option<Value>) -> Vec<(Sym, Value)> {
    match value.and_then(|value| ev.obj(value)) {
        Some(Object::Dict(data)) => data
            .items
            .iter()
            .filter_map(|(key, (_, value))| match key {
                architect_python::DictKey::Str(name) => Some((*name, *value)),
                _ => None,
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// Whether a value is an instance of a class of that name, or of one that derives from it.
fn is(ev: &Evaluator<'_>, value: Value, name: &str) -> bool {
    matches!(ev.obj(value), Some(Object::Instance { .. })) && ev.is_subclass_of_named(value, name)
}

fn column(ev: &Evaluator<'_>, value: Value, owner: ObjectId, keys: &mut FxHashMap<ObjectId, Vec<String>>) -> ColumnFacts {
    let args = arguments(ev, value);
    let truth = |name: &str| args.get(name) == Some(Value::Bool(true));
    let mut facts = ColumnFacts {
        primary_key: truth("primary_key"),
        unique: truth("unique"),
        deferred: truth("deferred"),
        foreign_key: false,
    };
    let mut note = |target: Option<String>| {
        facts.foreign_key = true;
        if let Some((table, _)) = target.as_deref().and_then(|target| target.rsplit_once('.')) {
            keys.entry(owner).or_default().push(table.to_owned());
        }
    };
    for arg in &args.pos {
        if is(ev, *arg, "ForeignKey") {
            let first = arguments(ev, *arg).pos.first().copied().or_else(|| own(ev, *arg, "target"));
            let target = text_of(ev, first).or_else(|| first.and_then(|column| column_target(ev, column)));
            note(target);
        }
    }
    // A field of a model that is a table.
    if let Some(field) = own(ev, value, "field") {
        for (name, option) in pairs(ev, own(ev, field, "options")) {
            match (ev.names.text(name), option) {
                ("primary_key", Value::Bool(true)) => facts.primary_key = true,
                ("unique", Value::Bool(true)) => facts.unique = true,
                ("foreign_key", option) => {
                    if let Some(target) = text_of(ev, Some(option)) {
                        if let Some((table, _)) = target.rsplit_once('.') {
                            keys.entry(owner).or_default().push(table.to_owned());
                        }
                        facts.foreign_key = true;
                    }
                }
                _ => {}
            }
        }
    }
    facts
}

/// `table.column` of a column object.
fn column_target(ev: &Evaluator<'_>, column: Value) -> Option<String> {
    let table = text_of(ev, own(ev, own(ev, column, "table")?, "fullname"))?;
    let name = text_of(ev, own(ev, column, "name"))?;
    Some(format!("{table}.{name}"))
}

/// Reads the mapped classes of the program from what their models left on the heap.
pub(super) fn read(ev: &mut Evaluator<'_>) -> Mappers {
    let classes: Vec<ObjectId> = ev
        .objects()
        .filter_map(|(id, object)| match object {
            Object::Class(class) if class.site.is_some_and(|site| !ev.is_model(site.module)) => Some(id),
            _ => None,
        })
        .filter(|id| ev.own_value(*id, "__mapper__").is_some())
        .collect();
    let mut mappers = Mappers::default();
    let mut by_name: FxHashMap<String, ObjectId> = FxHashMap::default();
    let mut tables: FxHashMap<String, ObjectId> = FxHashMap::default();
    let mut drafts: Vec<Draft> = Vec::new();
    // Foreign keys by class: the table each points to.
    let mut keys: FxHashMap<ObjectId, Vec<String>> = FxHashMap::default();
    for id in &classes {
        let id = *id;
        let Some(class) = ev.class(Value::Obj(id)) else { continue };
        let name = ev.names.text(class.name).to_owned();
        let Some(mapper) = ev.own_value(id, "__mapper__") else { continue };
        let table = own(ev, mapper, "local_table");
        let table_name = table.and_then(|table| text_of(ev, own(ev, table, "fullname"))).unwrap_or_default();
        let mut entry = Mapper { name: name.clone(), table: table_name.clone(), ..Mapper::default() };
        let properties = pairs(ev, own(ev, mapper, "properties"));
        for (attr, value) in properties {
            if is(ev, value, "Relationship") {
                let text = ev.names.text(attr).to_owned();
                drafts.push(draft(ev, id, text, value));
            } else if is(ev, value, "Column") {
                let facts = column(ev, value, id, &mut keys);
                entry.columns.insert(attr, facts);
            } else if is(ev, value, "ColumnProperty") {
                let deferred = is(ev, value, "Deferred");
                let inner = arguments(ev, value).pos.first().copied();
                let mut facts = match inner.filter(|inner| is(ev, *inner, "Column")) {
                    Some(inner) => column(ev, inner, id, &mut keys),
                    None => ColumnFacts::default(),
                };
                facts.deferred |= deferred || arguments(ev, value).get("deferred") == Some(Value::Bool(true));
                entry.columns.insert(attr, facts);
            }
        }
        // Relationships that are not among the properties: those of models that are tables.
        let rest: Vec<(Sym, Value)> = ev
            .class(Value::Obj(id))
            .map(|class| class.ns.iter().map(|(name, value)| (*name, *value)).collect())
            .unwrap_or_default();
        for (attr, value) in rest {
            let text = ev.names.text(attr).to_owned();
            if is(ev, value, "Relationship") && !drafts.iter().any(|draft| draft.class == id && draft.name == text) {
                drafts.push(draft(ev, id, text, value));
            }
        }
        if !table_name.is_empty() {
            tables.entry(table_name).or_insert(id);
        }
        by_name.insert(name, id);
        mappers.by_class.insert(id, entry);
    }
    let short = |name: &str| name.rsplit('.').next().unwrap_or(name).to_owned();
    let by_table: FxHashMap<String, ObjectId> = tables.iter().map(|(table, class)| (short(table), *class)).collect();
    for (from, targets) in &keys {
        let mut seen: Vec<ObjectId> = targets.iter().filter_map(|target| by_table.get(&short(target)).copied()).collect();
        seen.sort();
        seen.dedup();
        seen.retain(|target| target != from);
        if let Some(mapper) = mappers.by_class.get_mut(from) {
            mapper.parents = seen.len();
        }
        for target in seen {
            if let Some(mapper) = mappers.by_class.get_mut(&target) {
                mapper.children += 1;
            }
        }
    }
    resolve(ev, &mut mappers, &by_name, &tables, &keys, drafts);
    // A class has what the classes it inherits from have.
    for id in classes {
        let mro = ev.class(Value::Obj(id)).map(|class| class.mro.clone()).unwrap_or_default();
        for parent in mro.into_iter().skip(1) {
            let Some(inherited) = mappers.by_class.get(&parent).cloned() else { continue };
            if let Some(mapper) = mappers.by_class.get_mut(&id) {
                for (name, facts) in inherited.columns {
                    mapper.columns.entry(name).or_insert(facts);
                }
                for (name, relation) in inherited.relations {
                    mapper.relations.entry(name).or_insert(relation);
                }
            }
        }
    }
    mappers
}

fn draft(ev: &mut Evaluator<'_>, class: ObjectId, attr: String, value: Value) -> Draft {
    let args = arguments(ev, value);
    let hint = hint(ev, class, &attr);
    let argument = args.pos.first().copied().filter(|v| *v != Value::None).or_else(|| args.get("argument"));
    let mut target = None;
    if let Some(argument) = argument {
        target = match ev.obj(argument) {
            Some(Object::Class(_)) => match argument {
                Value::Obj(id) => Some(Target::Class(id)),
                _ => None,
            },
            Some(Object::Function(_)) => match ev.invoke(argument, architect_python::CallArgs::default()) {
                Ok(Value::Obj(id)) => Some(Target::Class(id)),
                _ => None,
            },
            _ => ev
                .text(argument)
                .map(|text| Target::Named(text.rsplit([':', '.']).next().unwrap_or(text).to_owned())),
        };
    }
    let target = target.or_else(|| hint.as_ref().map(|(name, _)| Target::Named(name.clone())));
    let backref = args.get("backref").and_then(|value| match ev.text(value) {
        Some(name) => Some((name.to_owned(), Strategy::Lazy, None)),
        None => {
            let name = text_of(ev, own(ev, value, "name"))?;
            let inner = arguments(ev, value);
            let uselist = match inner.get("uselist") {
                Some(Value::Bool(b)) => Some(b),
                _ => None,
            };
            Some((name, strategy(ev, inner.get("lazy")), uselist))
        }
    });
    let uselist = match args.get("uselist") {
        Some(Value::Bool(b)) => Some(b),
        _ => hint.as_ref().map(|(_, many)| *many),
    };
    Draft {
        class,
        name: attr,
        target,
        uselist,
        lazy: strategy(ev, args.get("lazy")),
        secondary: args.get("secondary").is_some_and(|v| v != Value::None),
        back: text_of(ev, args.get("back_populates")),
        backref,
        remote_side: args.get("remote_side").is_some(),
    }
}

fn resolve(
    ev: &mut Evaluator<'_>,
    mappers: &mut Mappers,
    by_name: &FxHashMap<String, ObjectId>,
    tables: &FxHashMap<String, ObjectId>,
    keys: &FxHashMap<ObjectId, Vec<String>>,
    drafts: Vec<Draft>,
) {
    let table_of: FxHashMap<ObjectId, &String> = tables.iter().map(|(table, class)| (*class, table)).collect();
    let short = |name: &str| name.rsplit('.').next().unwrap_or(name).to_owned();
    let points = |from: ObjectId, to: ObjectId| {
        let Some(table) = table_of.get(&to) else { return false };
        keys.get(&from).is_some_and(|keys| keys.iter().any(|key| short(key) == short(table)))
    };
    for draft in drafts {
        let target = match &draft.target {
            Some(Target::Class(id)) => Some(*id),
            Some(Target::Named(name)) => by_name.get(name).copied(),
            None => None,
        };
        let many_to_one = match target {
            Some(target) if !draft.secondary => {
                draft.uselist != Some(true)
                    && points(draft.class, target)
                    && (target != draft.class || draft.remote_side)
            }
            _ => false,
        };
        let uselist = draft.uselist.unwrap_or(!many_to_one);
        let name = ev.names.intern(&draft.name);
        let back = draft.back.or_else(|| draft.backref.as_ref().map(|(name, _, _)| name.clone()));
        let back = back.map(|name| ev.names.intern(&name));
        let relation = Relation { target, uselist, lazy: draft.lazy, many_to_one, back };
        if let Some(mapper) = mappers.by_class.get_mut(&draft.class) {
            mapper.relations.insert(name, relation);
        }
        if let (Some((other, lazy, uselist)), Some(target)) = (draft.backref, target) {
            let other = ev.names.intern(&other);
            let back_to_one = !draft.secondary && !many_to_one;
            let relation = Relation {
                target: Some(draft.class),
                uselist: uselist.unwrap_or(!back_to_one),
                lazy,
                many_to_one: back_to_one,
                back: Some(name),
            };
            if let Some(mapper) = mappers.by_class.get_mut(&target) {
                mapper.relations.entry(other).or_insert(relation);
            }
        }
    }
}

/// The target of a relationship that its annotation names, and whether there are many.
fn hint(ev: &mut Evaluator<'_>, class: ObjectId, attr: &str) -> Option<(String, bool)> {
    let name = ev.names.lookup(attr)?;
    let annotation = ev.class_fields(class).into_iter().find(|field| field.name == name)?.annotation?;
    let mut many = false;
    let mut at = annotation;
    for _ in 0..8 {
        match ev.obj(at)? {
            Object::Generic { origin, args } => {
                let origin_name = ev.qualified_name(*origin).unwrap_or_default();
                many |= matches!(
                    origin_name.rsplit([':', '.']).next().unwrap_or_default(),
                    "list" | "List" | "set" | "Set" | "Sequence"
                );
                at = *args.first()?;
            }
            Object::Union(parts) => at = *parts.iter().find(|part| **part != Value::None)?,
            Object::Class(class) => return Some((ev.names.text(class.name).to_owned(), many)),
            _ => break,
        }
    }
    let text = ev.text(at)?.to_owned();
    let inner = text.rsplit('[').next().unwrap_or(&text).trim_end_matches(']');
    let inner = inner.split('|').next().unwrap_or(inner).trim();
    Some((inner.to_owned(), many || text.contains("ist[") || text.contains("et[")))
}
