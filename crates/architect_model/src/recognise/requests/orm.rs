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

/// The path of what was called to make a value.
fn made_by(ev: &Evaluator<'_>, value: Value) -> Option<String> {
    match ev.obj(value)? {
        Object::Opaque { callee, .. } => ev.external_path(*callee).map(str::to_owned),
        Object::Instance { class, .. } => ev.class(Value::Obj(*class)).map(|class| ev.names.text(class.name).to_owned()),
        _ => None,
    }
}

fn last(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
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
    target: Option<String>,
    uselist: Option<bool>,
    lazy: Strategy,
    secondary: bool,
    back: Option<String>,
    backref: Option<(String, Strategy, Option<bool>)>,
    remote_side: bool,
}

/// Reads the mapped classes of the program.
pub(super) fn read(ev: &mut Evaluator<'_>) -> Mappers {
    let classes: Vec<ObjectId> = ev
        .objects()
        .filter_map(|(id, object)| match object {
            Object::Class(class) if class.site.is_some_and(|site| !ev.is_model(site.module)) => Some(id),
            _ => None,
        })
        .collect();
    let mut mappers = Mappers::default();
    let mut by_name: FxHashMap<String, ObjectId> = FxHashMap::default();
    let mut tables: FxHashMap<String, ObjectId> = FxHashMap::default();
    let mut drafts: Vec<Draft> = Vec::new();
    // Foreign keys by class: the table each points to.
    let mut keys: FxHashMap<ObjectId, Vec<String>> = FxHashMap::default();
    for id in classes {
        let Some(class) = ev.class(Value::Obj(id)) else { continue };
        let name = ev.names.text(class.name).to_owned();
        let mro = class.mro.clone();
        let is_table = class.keywords.iter().any(|(name, value)| {
            ev.names.text(*name) == "table" && *value == Value::Bool(true)
        });
        let mut columns: FxHashMap<Sym, ColumnFacts> = FxHashMap::default();
        let mut found: Vec<(String, Value)> = Vec::new();
        let mut seen: Vec<Sym> = Vec::new();
        let mut own_keys: Vec<String> = Vec::new();
        let mut tablename = None;
        for parent in &mro {
            let Some(parent_class) = ev.class(Value::Obj(*parent)) else { continue };
            let entries: Vec<(Sym, Value)> = parent_class.ns.iter().map(|(name, value)| (*name, *value)).collect();
            for (attr, mut value) in entries {
                if seen.contains(&attr) {
                    continue;
                }
                seen.push(attr);
                let text = ev.names.text(attr).to_owned();
                if text == "__tablename__" {
                    tablename = tablename.or_else(|| ev.text(value).map(str::to_owned));
                }
                // `declared_attr`: what the function gives for this class.
                if matches!(made_by(ev, value).as_deref().map(last), Some("declared_attr")) {
                    if let Some(function) = arguments(ev, value).pos.first().copied() {
                        let args = architect_python::CallArgs { pos: vec![Value::Obj(id)], ..Default::default() };
                        value = ev.invoke(function, args).unwrap_or(value);
                        if text == "__tablename__" {
                            tablename = tablename.or_else(|| ev.text(value).map(str::to_owned));
                        }
                    }
                }
                let Some(maker) = made_by(ev, value) else { continue };
                match last(&maker) {
                    "Column" | "mapped_column" | "MappedColumn" | "deferred" | "column_property" => {
                        let args = arguments(ev, value);
                        let mut facts = ColumnFacts {
                            primary_key: args.get("primary_key") == Some(Value::Bool(true)),
                            unique: args.get("unique") == Some(Value::Bool(true)),
                            deferred: last(&maker) == "deferred" || args.get("deferred") == Some(Value::Bool(true)),
                            foreign_key: false,
                        };
                        for arg in &args.pos {
                            if made_by(ev, *arg).as_deref().map(last) == Some("ForeignKey") {
                                facts.foreign_key = true;
                                if let Some(target) = arguments(ev, *arg).pos.first().and_then(|v| ev.text(*v)) {
                                    own_keys.push(target.rsplit_once('.').map_or("", |(table, _)| table).to_owned());
                                }
                            }
                        }
                        columns.insert(attr, facts);
                    }
                    "Field" | "FieldInfo" => {
                        let args = arguments(ev, value);
                        let options = match args.get("options").or_else(|| match value {
                            Value::Obj(id) => ev.own_value(id, "options"),
                            _ => None,
                        }) {
                            Some(options) => match ev.obj(options) {
                                Some(Object::Dict(data)) => data
                                    .items
                                    .iter()
                                    .filter_map(|(key, (_, value))| match key {
                                        architect_python::DictKey::Str(name) => {
                                            Some((ev.names.text(*name).to_owned(), *value))
                                        }
                                        _ => None,
                                    })
                                    .collect(),
                                _ => Vec::new(),
                            },
                            None => args.kw,
                        };
                        let get = |name: &str| options.iter().find(|(n, _)| n == name).map(|(_, v)| *v);
                        let foreign = get("foreign_key").and_then(|value| ev.text(value).map(str::to_owned));
                        if let Some(target) = &foreign {
                            own_keys.push(target.rsplit_once('.').map_or("", |(table, _)| table).to_owned());
                        }
                        columns.insert(
                            attr,
                            ColumnFacts {
                                primary_key: get("primary_key") == Some(Value::Bool(true)),
                                unique: get("unique") == Some(Value::Bool(true)),
                                foreign_key: foreign.is_some(),
                                deferred: false,
                            },
                        );
                    }
                    "relationship" | "Relationship" | "RelationshipInfo" => found.push((text, value)),
                    _ => {}
                }
            }
        }
        let tablename = tablename.or_else(|| is_table.then(|| name.to_lowercase()));
        let mapped = is_table || !columns.is_empty() && tablename.is_some();
        if !mapped {
            continue;
        }
        for (attr, facts) in annotated(ev, id) {
            columns.entry(attr).or_insert(facts);
        }
        for (attr, value) in found {
            let args = arguments(ev, value);
            let hint = hint(ev, id, &attr);
            let argument = args.pos.first().copied().or_else(|| args.get("argument"));
            let target = argument.and_then(|argument| match ev.obj(argument) {
                Some(Object::Class(_)) => ev.qualified_name(argument),
                Some(Object::Function(_)) => {
                    let made = ev.invoke(argument, architect_python::CallArgs::default()).ok()?;
                    ev.class(made).map(|class| ev.names.text(class.name).to_owned())
                }
                _ => ev.text(argument).map(str::to_owned),
            });
            let target = target.or_else(|| hint.as_ref().map(|(name, _)| name.clone()));
            let backref = args.get("backref").and_then(|value| match ev.text(value) {
                Some(name) => Some((name.to_owned(), Strategy::Lazy, None)),
                None => {
                    let inner = arguments(ev, value);
                    let name = inner.pos.first().and_then(|name| ev.text(*name)).map(str::to_owned).or_else(|| match value {
                        Value::Obj(id) => ev.own_text(id, "name"),
                        _ => None,
                    })?;
                    let uselist = match inner.get("uselist") {
                        Some(Value::Bool(b)) => Some(b),
                        _ => None,
                    };
                    Some((name, strategy(ev, inner.get("lazy")), uselist))
                }
            });
            let kwargs = args.get("sa_relationship_kwargs").map(|value| match ev.obj(value) {
                Some(Object::Dict(data)) => data
                    .items
                    .iter()
                    .filter_map(|(key, (_, value))| match key {
                        architect_python::DictKey::Str(name) => Some((ev.names.text(*name).to_owned(), *value)),
                        _ => None,
                    })
                    .collect::<Vec<_>>(),
                _ => Vec::new(),
            });
            let option = |name: &str| {
                args.get(name).or_else(|| {
                    kwargs.as_ref().and_then(|kw| kw.iter().find(|(n, _)| n == name).map(|(_, v)| *v))
                })
            };
            let uselist = match option("uselist") {
                Some(Value::Bool(b)) => Some(b),
                _ => hint.as_ref().and_then(|(_, many)| many.then_some(true)),
            };
            drafts.push(Draft {
                class: id,
                name: attr,
                target: target.map(|target| target.rsplit([':', '.']).next().unwrap_or(&target).to_owned()),
                uselist,
                lazy: strategy(ev, option("lazy")),
                secondary: option("secondary").is_some_and(|v| v != Value::None) || option("link_model").is_some(),
                back: option("back_populates").and_then(|value| ev.text(value)).map(str::to_owned),
                backref,
                remote_side: option("remote_side").is_some(),
            });
        }
        if let Some(table) = &tablename {
            tables.insert(table.clone(), id);
        }
        keys.insert(id, own_keys);
        by_name.insert(name.clone(), id);
        let entry = mappers.by_class.entry(id).or_default();
        entry.name = name;
        entry.table = tablename.unwrap_or_default();
        entry.columns = columns;
    }
    resolve(ev, &mut mappers, &by_name, &tables, &keys, drafts);
    mappers
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
    let points = |from: ObjectId, to: ObjectId| {
        let Some(table) = table_of.get(&to) else { return false };
        keys.get(&from).is_some_and(|keys| {
            keys.iter().any(|key| key == *table || key.rsplit('.').next() == Some(table.as_str()))
        })
    };
    for draft in drafts {
        let target = draft.target.as_ref().and_then(|name| by_name.get(name)).copied();
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

/// Columns that only annotations declare: `id: Mapped[int]`, fields of SQLModel.
fn annotated(ev: &mut Evaluator<'_>, class: ObjectId) -> Vec<(Sym, ColumnFacts)> {
    ev.class_fields(class).into_iter().map(|field| (field.name, ColumnFacts::default())).collect()
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
