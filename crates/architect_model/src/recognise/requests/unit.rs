//! The unit of work: what joins a session, what is deleted from it, and what a flush sends.
//!
//! Source: sqlalchemy/orm/{session,unitofwork,dependency,persistence}.py of 2.0 and 2.1.

use architect_python::flow::{Frame, V, Val};
use architect_python::{ObjectId, Site, Sym};

use super::books::{Flow, record, row, with_info};
use super::orm::Relation;
use super::things::{Change, Effect, RowInfo, Session, State, Strategy};

/// Objects behind objects at most.
const MAX_CASCADE: u32 = 6;

/// What one flush sends for something that was changed.
type Sent = (ObjectId, Option<Sym>, Change);

/// The relationships of a class, in an order that is the same from run to run.
fn relations(m: &Flow<'_, '_>, class: ObjectId) -> Vec<(Sym, Relation)> {
    let Some(mapper) = m.lib.mappers.get(class) else { return Vec::new() };
    let mut all: Vec<(Sym, Relation)> = mapper.relations.iter().map(|(name, one)| (*name, one.clone())).collect();
    all.sort_by_key(|(name, _)| *name);
    all
}

/// `session.add(object)`: a new object joins the session, and the new objects that hang on it (`save-update`).
pub(super) fn add(m: &mut Flow<'_, '_>, f: &mut Frame, value: Val, session: &Session, site: Site) -> Val {
    let mut out = Val::UNKNOWN;
    for part in m.values.parts(value) {
        let Some((_, info, _)) = row(m, part) else {
            if part == Val::UNKNOWN {
                let effect = Effect::Write {
                    class: None,
                    through: None,
                    change: Change::Insert,
                    alone: false,
                    is_async: session.is_async,
                };
                record(m, f, effect, site);
            }
            continue;
        };
        if info.state == State::Transient {
            insert(m, f, part, session, site, 0);
            let new = pending(m, part, session, 0);
            m.replace(f, part, new);
            out = new;
        }
    }
    out
}

/// `session.merge(object)`: the row is loaded and changed.
pub(super) fn merge(m: &mut Flow<'_, '_>, f: &mut Frame, value: Val, session: &Session, site: Site) -> Val {
    let mut out = Val::UNKNOWN;
    for part in m.values.parts(value) {
        let Some((class, ..)) = row(m, part) else { continue };
        write(m, f, (class, None, Change::Update), false, session, site);
        out = part;
    }
    out
}

/// What a flush sends for a new object and for those that hang on it.
fn insert(m: &mut Flow<'_, '_>, f: &mut Frame, object: Val, session: &Session, site: Site, depth: u32) {
    let Some((class, info, attrs)) = row(m, object) else { return };
    if info.state != State::Transient || depth > MAX_CASCADE {
        return;
    }
    if depth == 0 {
        // What is not set stays `None`, and collections are no columns.
        let sets = attrs.iter().map(|(name, _)| *name).collect();
        record(m, f, Effect::Inserted { class, sets }, site);
    }
    let given = |m: &Flow<'_, '_>, name: Sym| {
        attrs.iter().any(|(known, value)| *known == name && !matches!(m.v(*value), V::None))
    };
    // Rows of a class that inherits stand in the tables of its parents, too; those come first.
    for class in m.lib.mappers.with_parents(class).into_iter().rev() {
        let counted = m.lib.mappers.get(class).and_then(|mapper| mapper.counted_key);
        let alone = m.lib.keys_one_by_one && counted.is_some_and(|key| !given(m, key));
        write(m, f, (class, None, Change::Insert), alone, session, site);
    }
    for (name, relation) in relations(m, class) {
        let Some((_, held)) = attrs.iter().find(|(known, _)| *known == name).copied() else { continue };
        if !relation.saves || held.0 < 4 {
            continue;
        }
        insert_held(m, f, held, session, site, depth + 1);
        let empty = matches!(m.v(held), V::Seq { items, .. } if items.is_empty());
        if relation.through_table && !empty {
            write(m, f, (class, Some(name), Change::Insert), false, session, site);
        }
    }
}

/// A new object and those that hang on it, as they are in a session before they are sent.
fn pending(m: &mut Flow<'_, '_>, object: Val, session: &Session, depth: u32) -> Val {
    if depth > MAX_CASCADE {
        return object;
    }
    match m.v(object).clone() {
        V::Coll { kind, elem, size, site } => {
            let elem = pending(m, elem, session, depth + 1);
            m.make(V::Coll { kind, elem, size, site })
        }
        V::Seq { tuple, items, site } => {
            let items = items.iter().map(|item| pending(m, *item, session, depth + 1)).collect();
            m.make(V::Seq { tuple, items, site })
        }
        V::Union(parts) => {
            let parts = parts.iter().map(|part| pending(m, *part, session, depth + 1)).collect();
            m.union(parts)
        }
        V::Inst { .. } => {
            let Some((class, info, attrs)) = row(m, object) else { return object };
            if info.state != State::Transient {
                return object;
            }
            let mut new_attrs = attrs;
            for (name, held) in &mut new_attrs {
                if m.lib.mappers.relation(class, *name).is_some_and(|relation| relation.saves) {
                    *held = pending(m, *held, session, depth + 1);
                }
            }
            let info = RowInfo {
                state: State::Pending,
                is_async: Some(session.is_async && !session.greenlet),
                expire: session.expire,
                session: session.site,
                ..info
            };
            with_info(m, object, info, Some(new_attrs))
        }
        _ => object,
    }
}

/// New objects are put into a relationship of an object: where that is in a session, they join it at once.
pub(super) fn put(m: &mut Flow<'_, '_>, f: &mut Frame, owner: Val, name: Sym, value: Val, site: Site) -> Val {
    let Some((class, info, _)) = row(m, owner) else { return value };
    let Some(relation) = m.lib.mappers.relation(class, name).cloned() else { return value };
    if matches!(info.state, State::Transient | State::Detached) || !relation.saves {
        return value;
    }
    let session = Session {
        is_async: info.is_async.unwrap_or(false),
        expire: info.expire,
        ..super::session_methods::session(false, true, info.session)
    };
    if relation.through_table {
        write(m, f, (class, Some(name), Change::Insert), false, &session, site);
    }
    if !holds_new(m, value, 0) {
        return value;
    }
    insert_held(m, f, value, &session, site, 0);
    let new = pending(m, value, &session, 0);
    m.replace(f, value, new);
    new
}

/// The same for a list: it may be what a relationship of an object holds.
pub(super) fn put_into(m: &mut Flow<'_, '_>, f: &mut Frame, list: Val, value: Val, site: Site) -> Val {
    if !holds_row(m, value, 0) {
        return value;
    }
    let mut owner = None;
    m.change_all(f, &mut |m, val| {
        if let (None, Some((class, _, attrs))) = (owner, row(m, val)) {
            let held = attrs.iter().find(|(name, held)| {
                *held == list && m.lib.mappers.relation(class, *name).is_some_and(|relation| relation.uselist)
            });
            owner = held.map(|(name, _)| (val, *name));
        }
        val
    });
    match owner {
        Some((owner, name)) => put(m, f, owner, name, value, site),
        None => value,
    }
}

/// Whether a value holds an object of a mapped class.
fn holds_row(m: &Flow<'_, '_>, val: Val, depth: u32) -> bool {
    match m.v(val) {
        V::Inst { .. } => row(m, val).is_some(),
        V::Coll { elem, .. } => depth < 3 && holds_row(m, *elem, depth + 1),
        V::Seq { items, .. } | V::Union(items) => depth < 3 && items.iter().any(|item| holds_row(m, *item, depth + 1)),
        _ => false,
    }
}

/// Whether a value is an object that is in no session yet.
fn is_new(m: &Flow<'_, '_>, val: Val) -> bool {
    row(m, val).is_some_and(|(_, info, _)| info.state == State::Transient)
}

/// Whether a value holds an object that is in no session yet.
fn holds_new(m: &Flow<'_, '_>, val: Val, depth: u32) -> bool {
    if depth > 3 {
        return false;
    }
    match m.v(val) {
        V::Inst { .. } => is_new(m, val),
        V::Coll { elem, .. } => holds_new(m, *elem, depth + 1),
        V::Seq { items, .. } | V::Union(items) => items.iter().any(|item| holds_new(m, *item, depth + 1)),
        _ => false,
    }
}

/// What a relationship holds joins a session with its owner.
fn insert_held(m: &mut Flow<'_, '_>, f: &mut Frame, held: Val, session: &Session, site: Site, depth: u32) {
    // Of several that it may be, it is one.
    let each = |m: &mut Flow<'_, '_>, f: &mut Frame, one: Val| {
        if let Some(new) = m.values.parts(one).into_iter().find(|part| is_new(m, *part)) {
            insert(m, f, new, session, site, depth);
        }
    };
    let lists: Vec<Val> =
        m.values.parts(held).into_iter().filter(|part| matches!(m.v(*part), V::Coll { .. } | V::Seq { .. })).collect();
    match lists.into_iter().find(|list| holds_new(m, *list, 0)) {
        Some(list) => m.for_each(f, list, site, &mut |m, f, elem| each(m, f, elem)),
        None => each(m, f, held),
    }
}

/// `session.delete(object)`: loads what goes with it, and deletes all of it.
pub(super) fn delete(m: &mut Flow<'_, '_>, f: &mut Frame, value: Val, session: &Session, site: Site) {
    for part in m.values.parts(value) {
        let mut sent = Vec::new();
        m.lib.cascading += 1;
        let mut way = Vec::new();
        gather(m, f, part, site, &mut way, &mut sent);
        m.lib.cascading -= 1;
        for one in sent {
            write(m, f, one, false, session, site);
        }
    }
}

/// Loads what is deleted or changed with an object, and says what a flush will send.
fn gather(
    m: &mut Flow<'_, '_>,
    f: &mut Frame,
    object: Val,
    site: Site,
    way: &mut Vec<(ObjectId, Sym)>,
    sent: &mut Vec<Sent>,
) {
    let Some((class, info, _)) = row(m, object) else { return };
    for class in m.lib.mappers.with_parents(class) {
        note(sent, (class, None, Change::Delete));
    }
    if matches!(info.state, State::Transient | State::Pending) || way.len() > MAX_CASCADE as usize {
        return;
    }
    // The session loads it, and waits for that where that is needed.
    let awaited = with_info(m, object, RowInfo { is_async: Some(false), ..info }, None);
    let ((), _) = m.kept(f, awaited, |m, f| {
        for (name, relation) in relations(m, class) {
            let loaded = m.own(awaited, name).is_some();
            let skipped = relation.view_only
                || relation.many_to_one && !relation.deletes
                || relation.passive_deletes && !loaded
                || matches!(relation.lazy, Strategy::Dynamic)
                || way.contains(&(class, name));
            if skipped {
                continue;
            }
            let held = m.attribute(f, awaited, name, site);
            if relation.through_table {
                note(sent, (class, Some(name), Change::Delete));
            }
            let Some(target) = relation.target else { continue };
            if relation.deletes {
                way.push((class, name));
                if relation.uselist {
                    m.for_each(f, held, site, &mut |m, f, elem| {
                        for part in m.values.parts(elem) {
                            gather(m, f, part, site, way, sent);
                        }
                    });
                } else {
                    for part in m.values.parts(held) {
                        gather(m, f, part, site, way, sent);
                    }
                }
                way.pop();
            } else if !relation.through_table && !relation.many_to_one {
                // What is left behind points to nothing.
                note(sent, (target, None, Change::Update));
            }
        }
    });
}

/// One statement for each kind is sent, however many rows it is about.
fn note(sent: &mut Vec<Sent>, one: Sent) {
    if !sent.contains(&one) {
        sent.push(one);
    }
}

/// Notes that a flush sends something.
pub(super) fn write(m: &mut Flow<'_, '_>, f: &mut Frame, sent: Sent, alone: bool, session: &Session, site: Site) {
    let (class, through, change) = sent;
    let is_async = session.is_async || session.greenlet;
    record(m, f, Effect::Write { class: Some(class), through, change, alone, is_async }, site);
}
