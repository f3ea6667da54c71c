//! What response models read: the fields of a model, from the object that is returned.

use architect_python::flow::{Edge, Frame, Named, Node, SummaryId, V, Val};
use architect_python::{Object, ObjectId, Site, Sym, Value};

use super::books::{Flow, row, thing};
use super::things::Thing;

/// How deep models are followed.
const MAX_DEPTH: u32 = 12;

/// A field of a model: what is read of the object, and its type.
#[derive(Clone, Debug)]
pub(super) struct ReadField {
    pub name: Sym,
    pub reads: Vec<Sym>,
    pub annotation: Option<Value>,
}

/// Whether a class is a model of Pydantic.
pub(super) fn is_model(m: &mut Flow<'_, '_>, class: ObjectId) -> bool {
    if let Some(known) = m.lib.models.get(&class) {
        return *known;
    }
    let is = match m.lib.base_model {
        Some(base) => m.ev.class(Value::Obj(class)).is_some_and(|class| class.mro.contains(&base)),
        None => false,
    };
    // A table is no response model, though it may be a model, too.
    let is = is && m.lib.mappers.get(class).is_none();
    m.lib.models.insert(class, is);
    is
}

fn fields(m: &mut Flow<'_, '_>, class: ObjectId) -> std::rc::Rc<Vec<ReadField>> {
    if let Some(known) = m.lib.fields.get(&class) {
        return known.clone();
    }
    let mut out = Vec::new();
    for field in m.class_fields(class) {
        let mut reads = Vec::new();
        let mut sources: Vec<Value> = field.default.into_iter().collect();
        // `Annotated[X, Field(alias=...)]`.
        if let Some(Object::Generic { origin, args }) = field.annotation.and_then(|value| m.ev.obj(value))
            && m.ev.external_path(*origin) == Some("typing.Annotated")
        {
            sources.extend(args.iter().skip(1).copied());
        }
        for source in sources {
            let Value::Obj(id) = source else { continue };
            for key in ["validation_alias", "alias"] {
                if let Some(alias) = m.ev.own_text(id, key) {
                    reads.push(m.sym(&alias));
                }
            }
        }
        if reads.is_empty() {
            reads.push(field.name);
        } else {
            // With `populate_by_name` the name is read where the alias is not there.
            reads.push(field.name);
        }
        reads.dedup();
        out.push(ReadField { name: field.name, reads, annotation: field.annotation });
    }
    let out = std::rc::Rc::new(out);
    m.lib.fields.insert(class, out.clone());
    out
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
            for part in m.values.parts(val) {
                read_model(m, f, part, class, site, depth);
            }
        }
        Some(Object::Union(members)) => {
            let members = members.clone();
            // The first model is the one that rows are read as.
            for member in members {
                if member != Value::None {
                    read_as(m, f, val, member, site, depth + 1);
                    break;
                }
            }
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
                    if let Some(arg) = args.iter().find(|arg| **arg != Value::None) {
                        read_as(m, f, val, *arg, site, depth + 1);
                    }
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
    let (module, range) = match m.ev.class(Value::Obj(class)).and_then(|class| class.site) {
        Some(site) => (site.module, site.range),
        None => (site.module, site.range),
    };
    let mut inner = Frame::new(module);
    inner.is_async = f.is_async;
    m.lib.serialising += 1;
    let ((), _) = m.kept(&mut inner, val, |m, inner| {
        for field in fields(m, class).iter() {
            let place = m.field_site(class, field.name).unwrap_or(Site { module, range });
            let current = inner.vars.first().map_or(val, |(_, v)| *v);
            let read = read_field(m, inner, current, &field.reads, place);
            if let (Some(read), Some(annotation)) = (read, field.annotation) {
                read_as(m, inner, read, annotation, place, depth + 1);
            }
        }
    });
    m.lib.serialising -= 1;
    let changes = inner.changes().to_vec();
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

fn call(m: &mut Flow<'_, '_>, f: &mut Frame, id: SummaryId, _val: Val, site: Site) {
    f.node(Node::Call { summary: id, site, edge: Edge::Call });
    let changes = m.summaries[id as usize].changes.clone();
    for (from, to) in changes {
        m.replace(f, from, to);
    }
}

fn read_field(m: &mut Flow<'_, '_>, f: &mut Frame, val: Val, reads: &[Sym], site: Site) -> Option<Val> {
    match m.v(val).clone() {
        V::Dict { items, .. } => reads.iter().find_map(|name| items.iter().find(|(n, _)| n == name).map(|(_, v)| *v)),
        V::Lib(..) => match thing(m, val) {
            Some((Thing::Row { names }, parts)) => reads
                .iter()
                .find_map(|name| names.iter().position(|n| *n == Some(*name)).and_then(|at| parts.get(at).copied())),
            _ => None,
        },
        V::Inst { class, .. } => {
            let known = |m: &Flow<'_, '_>, name: Sym| {
                m.own(val, name).is_some()
                    || m.lib.mappers.column(class, name).is_some()
                    || m.lib.mappers.relation(class, name).is_some()
                    || m.has_member(class, name)
            };
            let name = reads.iter().copied().find(|name| known(m, *name))?;
            Some(m.attribute(f, val, name, site))
        }
        _ => None,
    }
}

/// `Model(**values)`: every value is read as its field says.
pub(super) fn construct(m: &mut Flow<'_, '_>, f: &mut Frame, class: ObjectId, given: &[(Sym, Val)], site: Site) -> Val {
    let mut attrs: Vec<(Sym, Val)> = Vec::new();
    for field in fields(m, class).iter() {
        let Some((_, value)) = given.iter().find(|(name, _)| field.reads.contains(name) || *name == field.name) else {
            continue;
        };
        let value = *value;
        if let Some(annotation) = field.annotation {
            if value.0 >= 4 {
                let (_, _) = m.kept(f, value, |m, f| read_as(m, f, value, annotation, site, 0));
            }
            // What is kept is a copy of the type of the field, not the row.
            let typed = if touches_row(m, value, 0) { m.of_type(annotation, field.name, 0) } else { value };
            attrs.push((field.name, typed));
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
pub(super) fn validate(m: &mut Flow<'_, '_>, f: &mut Frame, class: ObjectId, val: Val, site: Site) -> Val {
    read_as(m, f, val, Value::Obj(class), site, 0);
    m.make(V::Inst { class, tag: 0, site: Some(site), attrs: Box::default() })
}
