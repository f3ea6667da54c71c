//! What response models read: the fields of a model, from the object that is returned.

use architect_python::flow::{Args, Edge, Frame, Named, Node, SummaryId, V, Val};
use architect_python::{Object, ObjectId, Site, Sym, Value};

use super::books::{Flow, row, thing};
use super::things::Thing;

/// How deep models are followed.
const MAX_DEPTH: u32 = 12;

/// A field of a model: what is read of the object, and its type.
#[derive(Clone, Debug)]
pub(super) struct ReadField {
    pub name: Sym,
    /// Ways to it, the first that is there counts: attributes one after the other.
    pub reads: Vec<Vec<Sym>>,
    pub annotation: Option<Value>,
    /// Whether it has to be given.
    pub required: bool,
    /// Whether it is `None` where it is not given.
    pub none: bool,
}

/// Whether a class is a model of Pydantic.
pub(super) fn is_model(m: &mut Flow<'_, '_>, class: ObjectId) -> bool {
    if let Some(known) = m.lib.models.get(&class) {
        return *known;
    }
    // A table is no response model, though it may be a model, too.
    let is = derives_from_model(m, class) && m.lib.mappers.get(class).is_none();
    m.lib.models.insert(class, is);
    is
}

/// Whether a class derives from the base of models, as tables of SQLModel do.
pub(super) fn derives_from_model(m: &Flow<'_, '_>, class: ObjectId) -> bool {
    m.lib.base_model.is_some_and(|base| m.ev.class(Value::Obj(class)).is_some_and(|class| class.mro.contains(&base)))
}

fn fields(m: &mut Flow<'_, '_>, class: ObjectId) -> std::rc::Rc<Vec<ReadField>> {
    if let Some(known) = m.lib.fields.get(&class) {
        return known.clone();
    }
    let mut out = Vec::new();
    let is_settings = m.ev.is_subclass_of_named(Value::Obj(class), "BaseSettings");
    for field in m.class_fields(class) {
        let mut reads = Vec::new();
        let mut sources: Vec<Value> = field.default.into_iter().collect();
        // `Annotated[X, Field(alias=...)]`.
        if let Some(Object::Generic { origin, args }) = field.annotation.and_then(|value| m.ev.obj(value))
            && m.ev.external_path(*origin) == Some("typing.Annotated")
        {
            sources.extend(args.iter().skip(1).copied());
        }
        let mut required = field.default.is_none();
        let mut none = field.default == Some(Value::None);
        for source in sources {
            let Value::Obj(id) = source else { continue };
            if m.ev.type_named(source, "FieldInfo") {
                required = has_no_default(m, id);
                let is_none = |m: &mut Flow<'_, '_>, key| m.ev.own_value(id, key) == Some(Value::None);
                none = is_none(m, "default") && is_none(m, "default_factory");
            }
            for key in ["validation_alias", "alias"] {
                if let Some(alias) = m.ev.own_value(id, key) {
                    // Paths through lists are not followed.
                    required &= alias == Value::None || m.ev.text(alias).is_some();
                    reads.extend(ways(m, alias));
                }
            }
        }
        // Settings come from the environment.
        none = none && !is_settings && !super::missing::may_fill(m, class, m.name(field.name));
        // With `populate_by_name` the name is read where the alias is not there.
        reads.push(vec![field.name]);
        reads.dedup();
        out.push(ReadField { name: field.name, reads, annotation: field.annotation, required, none });
    }
    let out = std::rc::Rc::new(out);
    m.lib.fields.insert(class, out.clone());
    out
}

/// Whether a `Field(…)` gives no default.
fn has_no_default(m: &Flow<'_, '_>, field: ObjectId) -> bool {
    let default = m.ev.own_value(field, "default");
    let factory = m.ev.own_value(field, "default_factory");
    default.is_none_or(|default| default == Value::Ellipsis) && factory.is_none_or(|factory| factory == Value::None)
}

/// What an alias reads: a name, an `AliasPath`, or `AliasChoices` of these.
fn ways(m: &mut Flow<'_, '_>, alias: Value) -> Vec<Vec<Sym>> {
    if let Some(text) = m.ev.text(alias).map(str::to_owned) {
        return vec![vec![m.sym(&text)]];
    }
    let Value::Obj(id) = alias else { return Vec::new() };
    if let Some(choices) = m.ev.own_value(id, "choices").and_then(|list| listed(m, list)) {
        return choices.into_iter().flat_map(|choice| ways(m, choice)).collect();
    }
    let path = m.ev.own_value(id, "path").and_then(|list| listed(m, list)).unwrap_or_default();
    let texts: Option<Vec<String>> = path.iter().map(|step| m.ev.text(*step).map(str::to_owned)).collect();
    match texts {
        Some(texts) if !texts.is_empty() => vec![texts.iter().map(|text| m.sym(text)).collect()],
        _ => Vec::new(),
    }
}

fn listed(m: &Flow<'_, '_>, value: Value) -> Option<Vec<Value>> {
    match m.ev.obj(value)? {
        Object::List(items, _) => Some(items.clone()),
        Object::Tuple(items) => Some(items.to_vec()),
        _ => None,
    }
}

/// Reads a value as a type says: the effects are left in `f`.
pub(super) fn read_as(m: &mut Flow<'_, '_>, f: &mut Frame, val: Val, annotation: Value, site: Site, depth: u32) {
    if depth > MAX_DEPTH || val.0 < 4 {
        return;
    }
    match m.ev.obj(annotation) {
        Some(Object::Class(_)) => {
            let Value::Obj(class) = annotation else { return };
            if !is_model(m, class) {
                return;
            }
            let parts = m.values.parts(val);
            let mixed = u32::from(super::shapes::is_mixed(m, &parts));
            m.lib.unsure += mixed;
            for part in parts {
                read_model(m, f, part, class, site, depth);
            }
            m.lib.unsure -= mixed;
        }
        Some(Object::Union(members)) => {
            let members = members.clone();
            // The first model is the one that rows are read as.
            let others = u32::from(members.iter().filter(|member| **member != Value::None).count() > 1);
            m.lib.unsure += others;
            for member in members {
                if member != Value::None {
                    read_as(m, f, val, member, site, depth + 1);
                    break;
                }
            }
            m.lib.unsure -= others;
        }
        Some(Object::Generic { origin, args }) => {
            let (origin, args) = (*origin, args.clone());
            let path = m.path_of(origin).unwrap_or_default();
            match super::books::last(&path) {
                "Annotated" | "Optional" | "Required" | "Final" => {
                    if let Some(arg) = args.first() {
                        read_as(m, f, val, *arg, site, depth + 1);
                    }
                }
                "Union" => {
                    let others = u32::from(args.iter().filter(|arg| **arg != Value::None).count() > 1);
                    m.lib.unsure += others;
                    if let Some(arg) = args.iter().find(|arg| **arg != Value::None) {
                        read_as(m, f, val, *arg, site, depth + 1);
                    }
                    m.lib.unsure -= others;
                }
                "list" | "List" | "Sequence" | "Iterable" | "Collection" | "set" | "Set" | "frozenset" | "tuple"
                | "Tuple" | "deque" => {
                    if let Some(arg) = args.first() {
                        each(m, f, val, *arg, site, depth);
                    }
                }
                "dict" | "Dict" | "Mapping" => {
                    if let Some(arg) = args.get(1) {
                        let elem = match m.v(val).clone() {
                            V::Dict { items, rest, .. } => {
                                let all: Vec<Val> = items.iter().map(|(_, v)| *v).chain(rest).collect();
                                m.union(all)
                            }
                            V::Coll { elem, .. } => elem,
                            _ => return,
                        };
                        read_as(m, f, elem, *arg, site, depth + 1);
                    }
                }
                _ => {
                    // A parametrised model that is not a class of its own.
                    if let Value::Obj(_) = origin {
                        read_as(m, f, val, origin, site, depth + 1);
                    }
                }
            }
        }
        _ => {}
    }
}

fn each(m: &mut Flow<'_, '_>, f: &mut Frame, val: Val, annotation: Value, site: Site, depth: u32) {
    for part in m.values.parts(val) {
        if part.0 < 4 || matches!(m.v(part), V::Scalar(_) | V::Str(_)) {
            continue;
        }
        m.for_each(f, part, site, &mut |m, f, elem| read_as(m, f, elem, annotation, site, depth + 1));
    }
}

/// Whether reading a value as a model reads anything of a row.
fn reaches_rows(m: &mut Flow<'_, '_>, val: Val) -> bool {
    match m.v(val).clone() {
        V::Inst { tag, class, .. } => tag > 0 || !is_model(m, class),
        V::Dict { .. } => true,
        V::Lib(..) => matches!(thing(m, val), Some((Thing::Row { .. }, _))),
        _ => false,
    }
}

fn read_model(m: &mut Flow<'_, '_>, f: &mut Frame, val: Val, class: ObjectId, site: Site, depth: u32) {
    if !reaches_rows(m, val) {
        return;
    }
    let key = (class, val);
    if let Some(known) = m.lib.serialised.get(&key).copied() {
        if let Some(id) = known {
            call(m, f, id, val, site);
        }
        return;
    }
    m.lib.serialised.insert(key, None);
    let answer = site;
    let (module, range) = match m.ev.class(Value::Obj(class)).and_then(|class| class.site) {
        Some(site) => (site.module, site.range),
        None => (site.module, site.range),
    };
    let mut inner = Frame::new(module);
    inner.is_async = f.is_async;
    m.lib.serialising += 1;
    let ((), _) = m.kept(&mut inner, val, |m, inner| {
        let given = rewritten(m, inner, val, class, Site { module, range });
        for field in fields(m, class).iter() {
            let place = m.field_site(class, field.name).unwrap_or(Site { module, range });
            let current = match given {
                Given::Itself => inner.vars.first().map_or(val, |(_, v)| *v),
                Given::Other(other) => other,
                Given::Unknown => return,
            };
            let read = read_field(m, inner, current, &field.reads, place);
            if read.is_none() && matches!(given, Given::Itself) {
                super::shapes::missing(m, current, class, field, answer, place);
            }
            if let (Some(read), Some(annotation)) = (read, field.annotation) {
                read_as(m, inner, read, annotation, place, depth + 1);
            }
        }
    });
    m.lib.serialising -= 1;
    let changes = m.condensed(inner.changes().to_vec());
    let nodes: Vec<Node> = inner.into_nodes();
    let name = super::rows::class_name(m, class);
    let id = m.keep(&name, module, range, nodes, Val::NONE);
    m.summaries[id as usize].changes = changes;
    m.lib.model_summaries.insert(id);
    if matches!(m.v(val), V::Dict { .. } | V::Inst { tag: 0, .. }) {
        m.lib.envelopes.insert(id);
    }
    let id = (!m.summaries[id as usize].nodes.is_empty()).then_some(id);
    m.lib.serialised.insert(key, id);
    if let Some(id) = id {
        call(m, f, id, val, site);
    }
}

/// What the fields of a model are read of.
#[derive(Clone, Copy)]
enum Given {
    /// The object.
    Itself,
    /// What a validator made of it.
    Other(Val),
    /// Something that is not known.
    Unknown,
}

/// Calls the validator of a model that is given the object before its fields are read.
fn rewritten(m: &mut Flow<'_, '_>, f: &mut Frame, val: Val, class: ObjectId, site: Site) -> Given {
    let Some((validator, is_called)) = rewriter(m, class) else { return Given::Itself };
    if !is_called {
        return Given::Unknown;
    }
    let (model, validator) = (m.heap(Value::Obj(class)), m.heap(validator));
    let current = f.vars.first().map_or(val, |(_, v)| *v);
    let made = m.call(f, validator, Args::of(vec![model, current]), site);
    let now = f.vars.first().map_or(val, |(_, v)| *v);
    if made == now || made == current {
        return Given::Itself;
    }
    match m.v(made) {
        V::Dict { .. } => Given::Other(made),
        _ => Given::Unknown,
    }
}

/// The validator of a model, or of a base, that is given the object before its fields are read, and whether nothing else
/// is given to it.
fn rewriter(m: &mut Flow<'_, '_>, class: ObjectId) -> Option<(Value, bool)> {
    if let Some(known) = m.lib.rewriters.get(&class) {
        return *known;
    }
    let marker = m.sym("__architect_rewrites__");
    let mro = m.ev.class(Value::Obj(class)).map(|class| class.mro.clone()).unwrap_or_default();
    let found = mro.into_iter().find_map(|parent| m.ev.marked_functions(parent, marker).into_iter().next());
    let found = found.map(|(validator, mode)| (validator, m.ev.text(mode) == Some("before")));
    m.lib.rewriters.insert(class, found);
    found
}

fn call(m: &mut Flow<'_, '_>, f: &mut Frame, id: SummaryId, _val: Val, site: Site) {
    f.node(Node::Call { summary: id, site, edge: Edge::Call });
    // They are put back below: nothing is called while they are applied.
    let changes = std::mem::take(&mut m.summaries[id as usize].changes);
    m.apply_changes(f, &changes);
    m.summaries[id as usize].changes = changes;
}

fn read_field(m: &mut Flow<'_, '_>, f: &mut Frame, val: Val, reads: &[Vec<Sym>], site: Site) -> Option<Val> {
    let way = reads.iter().find(|way| has(m, val, way[0]))?;
    let mut read = val;
    for name in way {
        let parts: Vec<Val> = m.values.parts(read).into_iter().filter(|part| part.0 >= 4).collect();
        let mut found = Vec::new();
        for part in parts {
            found.extend(read_attribute(m, f, part, *name, site));
        }
        read = m.union(found);
    }
    Some(read)
}

/// Whether a model finds an attribute or item of that name.
fn has(m: &Flow<'_, '_>, val: Val, name: Sym) -> bool {
    match m.v(val) {
        V::Dict { items, .. } => items.iter().any(|(known, _)| *known == name),
        V::Lib(..) => match thing(m, val) {
            Some((Thing::Row { names }, _)) => names.contains(&Some(name)),
            _ => false,
        },
        V::Inst { class, .. } => {
            m.own(val, name).is_some()
                || m.lib.mappers.column(*class, name).is_some()
                || m.lib.mappers.relation(*class, name).is_some()
                || m.has_member(*class, name)
        }
        _ => false,
    }
}

fn read_attribute(m: &mut Flow<'_, '_>, f: &mut Frame, val: Val, name: Sym, site: Site) -> Option<Val> {
    match m.v(val).clone() {
        V::Dict { items, .. } => items.iter().find(|(known, _)| *known == name).map(|(_, value)| *value),
        V::Lib(..) => match thing(m, val) {
            Some((Thing::Row { names }, parts)) => {
                let at = names.iter().position(|known| *known == Some(name))?;
                parts.get(at).copied()
            }
            _ => None,
        },
        V::Inst { .. } => Some(m.attribute(f, val, name, site)),
        _ => None,
    }
}

/// `Model(**values)`: every value is read as its field says.
pub(super) fn construct(m: &mut Flow<'_, '_>, f: &mut Frame, class: ObjectId, args: &Args, site: Site) -> Val {
    let mut attrs: Vec<(Sym, Val)> = Vec::new();
    let is_whole = args.rest.is_none() && args.pos.is_empty();
    for field in fields(m, class).iter() {
        let mut given = args.kw.iter();
        let Some((_, value)) = given.find(|(name, _)| field.reads.iter().any(|way| *way == [*name])) else {
            if is_whole && field.none {
                attrs.push((field.name, Val::NONE));
            }
            continue;
        };
        let value = *value;
        if let Some(annotation) = field.annotation {
            if value.0 >= 4 {
                let (_, _) = m.kept(f, value, |m, f| read_as(m, f, value, annotation, site, 0));
            }
            // What is kept is a copy of the type of the field, not the row.
            let copied = touches_row(m, value, 0).then(|| m.of_type(annotation, field.name, 0));
            // A field of any type takes what it is given.
            attrs.push((field.name, copied.filter(|typed| *typed != Val::UNKNOWN).unwrap_or(value)));
        } else {
            attrs.push((field.name, value));
        }
    }
    attrs.sort_by_key(|(name, _)| *name);
    attrs.dedup_by_key(|(name, _)| *name);
    let attrs: Named = attrs.into();
    m.make(V::Inst { class, tag: 0, site: Some(site), attrs })
}

/// Whether a value holds a row.
fn touches_row(m: &Flow<'_, '_>, val: Val, depth: u32) -> bool {
    if depth > 4 {
        return false;
    }
    match m.v(val) {
        V::Inst { .. } => row(m, val).is_some(),
        V::Coll { elem, .. } => touches_row(m, *elem, depth + 1),
        V::Seq { items, .. } | V::Union(items) => items.iter().any(|item| touches_row(m, *item, depth + 1)),
        V::Lib(..) => {
            matches!(thing(m, val), Some((Thing::Row { .. } | Thing::Result { .. } | Thing::Statement(_), _)))
        }
        _ => false,
    }
}

/// `Model.model_validate(object)`.
pub(super) fn validate(
    m: &mut Flow<'_, '_>,
    f: &mut Frame,
    class: ObjectId,
    val: Val,
    says_attributes: bool,
    site: Site,
) -> Val {
    if !says_attributes && val.0 >= 4 && rewriter(m, class).is_none() {
        super::shapes::validated(m, class, val, site);
    }
    read_as(m, f, val, Value::Obj(class), site, 0);
    m.make(V::Inst { class, tag: 0, site: Some(site), attrs: Box::default() })
}
