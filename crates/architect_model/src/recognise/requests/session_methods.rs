//! Methods of sessions, and which values are sessions.

use architect_python::flow::{Args, Frame, V, Val};
use architect_python::{Site, Sym, Value};

use super::books::{Flow, last, make, record, row, thing};
use super::results::scalar_of;
use super::rows::settle;
use super::statements::{collect_options, entity, execute, of_sqlalchemy, statement_of};
use super::things::{
    Change, Effect, Entity, LoadOption, RowInfo, Session, State, Statement, StatementKind, Strategy, Take, Thing,
};
use super::unit;

/// The session a value is.
pub(super) fn session_of(m: &Flow<'_, '_>, val: Val) -> Option<Session> {
    match thing(m, val) {
        Some((Thing::Session(session), _)) => Some(session),
        _ => match m.v(val) {
            V::Union(parts) => parts.iter().find_map(|part| session_of(m, *part)),
            _ => None,
        },
    }
}

pub(super) fn any_session(m: &Flow<'_, '_>) -> Session {
    session(m.lib.uses_async, !m.lib.uses_async, None)
}

/// A session as it is made: open, with nothing to write.
pub(super) fn session(is_async: bool, expire: bool, site: Option<Site>) -> Session {
    Session { is_async, expire, site, pending: Vec::new(), closed: false, greenlet: false }
}

pub(super) fn new_session(m: &mut Flow<'_, '_>, is_async: bool, expire: bool, site: Option<Site>) -> Val {
    let session = session(is_async, expire, site);
    make(m, Thing::Session(session), Box::default())
}

/// Whether a method of a session of asyncio has to be awaited.
pub(super) fn is_coroutine(name: &str) -> bool {
    matches!(
        name,
        "execute"
            | "scalars"
            | "scalar"
            | "get"
            | "get_one"
            | "commit"
            | "rollback"
            | "close"
            | "flush"
            | "refresh"
            | "delete"
            | "merge"
            | "exec"
            | "stream"
            | "stream_scalars"
            | "run_sync"
            | "connection"
            | "reset"
            | "close_all"
            | "invalidate"
            | "aclose"
    )
}

/// A method of a session.
#[allow(clippy::too_many_lines)]
pub(super) fn session_method(
    m: &mut Flow<'_, '_>,
    f: &mut Frame,
    object: Val,
    name: &str,
    args: &Args,
    site: Site,
) -> Val {
    let Some((Thing::Session(session), _)) = thing(m, object) else { return Val::UNKNOWN };
    let first = args.pos.first().copied();
    // Inside `run_sync` the loop goes on while a statement is under way.
    let is_async = session.is_async || session.greenlet;
    match name {
        "query" => {
            let mut statement =
                Statement::new(StatementKind::Select, args.pos.iter().map(|arg| entity(m, *arg)).collect());
            statement.legacy = true;
            make(m, Thing::Statement(Box::new(statement)), [object].into())
        }
        "execute" | "exec" | "scalars" | "stream" | "stream_scalars" | "exec_driver_sql" => {
            let given = first.or_else(|| m.arg(args, usize::MAX, "statement")).unwrap_or(Val::UNKNOWN);
            let statement = statement_of(m, given);
            let (row, size, joined_collection) = execute(
                m,
                f,
                &statement,
                &session,
                if name.starts_with("stream") || statement.streamed { Take::Nothing } else { Take::All },
                site,
                false,
            );
            let scalars =
                matches!(name, "scalars" | "stream_scalars") || name == "exec" && statement.entities.len() == 1;
            let elem = if scalars { scalar_of(m, row) } else { row };
            // A `Query` makes its objects unique by itself.
            let joined_collection =
                joined_collection.filter(|_| !statement.legacy && statement.kind == StatementKind::Select);
            make(m, Thing::Result { size, scalars, joined_collection }, [elem].into())
        }
        "scalar" => {
            let statement = statement_of(m, first.unwrap_or(Val::UNKNOWN));
            let (row, _, _) = execute(m, f, &statement, &session, Take::One, site, false);
            if !statement.legacy {
                m.lib.taken_first.insert(site);
            }
            let one = scalar_of(m, row);
            if matches!(m.v(one), V::Scalar(_)) { one } else { m.union(vec![one, Val::NONE]) }
        }
        "get" | "get_one" => {
            let entities = first.map(|first| entity(m, first)).into_iter().collect();
            let mut statement = Statement::new(StatementKind::Select, entities);
            statement.unique = true;
            statement.filtered = true;
            statement.legacy = true;
            statement.locked = locks(m, args);
            if let Some(options) = m.arg(args, usize::MAX, "options") {
                collect_options(m, options, &mut statement.options);
            }
            let (row, _, _) = execute(m, f, &statement, &session, Take::One, site, true);
            if name == "get_one" { row } else { m.union(vec![row, Val::NONE]) }
        }
        "add" => first.map_or(Val::NONE, |value| unit::add(m, f, value, &session, site)),
        "merge" => first.map_or(Val::NONE, |value| unit::merge(m, f, value, &session, site)),
        // Sent at once, without asking for keys.
        "bulk_save_objects" => {
            let one = first.map_or(Val::UNKNOWN, |list| m.listed(f, list, site));
            let elem = match m.v(one).clone() {
                V::Seq { items, .. } => items.first().copied(),
                V::Coll { elem, .. } => Some(elem),
                _ => None,
            };
            let class = elem.and_then(|elem| row(m, elem)).map(|(class, _, _)| class);
            let change = Change::Insert;
            record(m, f, Effect::Write { class, through: None, change, alone: false, is_async }, site);
            record(m, f, Effect::Flush, site);
            Val::NONE
        }
        "add_all" => {
            if let Some(value) = first {
                let known = m.listed(f, value, site);
                match m.v(known).clone() {
                    V::Seq { items, .. } => {
                        for item in items {
                            unit::add(m, f, item, &session, site);
                        }
                    }
                    V::Coll { .. } => m.for_each(f, known, site, &mut |m, f, elem| {
                        unit::add(m, f, elem, &session, site);
                    }),
                    _ => {}
                }
            }
            Val::NONE
        }
        "bulk_insert_mappings" | "bulk_update_mappings" => {
            let class = first.and_then(|first| match m.v(first) {
                V::Heap(id) => Some(*id),
                _ => None,
            });
            let change = if name == "bulk_insert_mappings" { Change::Insert } else { Change::Update };
            record(m, f, Effect::Write { class, through: None, change, alone: false, is_async }, site);
            Val::NONE
        }
        "delete" => {
            if let Some(value) = first {
                unit::delete(m, f, value, &session, site);
            }
            Val::NONE
        }
        "commit" => {
            record(m, f, Effect::Commit { is_async }, site);
            settle(m, f, &session, State::Expired);
            Val::NONE
        }
        "rollback" => {
            record(m, f, Effect::Rollback { is_async }, site);
            let all = Session { expire: true, ..session };
            settle(m, f, &all, State::Expired);
            Val::NONE
        }
        "close" | "remove" | "aclose" | "close_all" => {
            record(m, f, Effect::Close { is_async, site: session.site }, site);
            settle(m, f, &session, State::Detached);
            Val::NONE
        }
        "expire_all" => {
            let all = Session { expire: true, ..session };
            settle(m, f, &all, State::Expired);
            Val::NONE
        }
        "flush" => {
            record(m, f, Effect::Flush, site);
            settle(m, f, &Session { expire: false, ..session }, State::Persistent);
            Val::NONE
        }
        "refresh" => {
            if let Some(value) = first {
                let names = m.arg(args, 1, "attribute_names");
                if locks(m, args) {
                    let parts = m.values.parts(value);
                    let queries: Vec<Site> = parts.iter().filter_map(|part| row(m, *part)?.1.query).collect();
                    m.lib.locking.extend(queries);
                }
                refresh(m, f, value, names, &session, site);
            }
            Val::NONE
        }
        "begin" | "begin_nested" | "connection" | "connect" => {
            let transaction = Thing::Transaction { nested: name == "begin_nested", closes: false };
            if matches!(name, "connection" | "connect") {
                return object;
            }
            make(m, transaction, [object].into())
        }
        "run_sync" => {
            let mut inner = session.clone();
            inner.is_async = false;
            inner.greenlet = true;
            let sync = make(m, Thing::Session(inner), Box::default());
            let Some(function) = first else { return Val::UNKNOWN };
            let mut all = Args { pos: vec![sync], kw: args.kw.clone(), rest: args.rest };
            all.pos.extend(args.pos.iter().skip(1));
            m.call(f, function, all, site)
        }
        "scoped_session" | "sync_session" | "__call__" | "session" => object,
        "expunge" => {
            if let Some(value) = first {
                super::rows::expunge(m, f, value);
            }
            Val::NONE
        }
        "expunge_all" | "expire" | "no_autoflush" | "info" | "is_modified" => Val::UNKNOWN,
        _ => Val::UNKNOWN,
    }
}

/// Whether a call asks for a lock: `with_for_update=True`, or with options.
fn locks(m: &Flow<'_, '_>, args: &Args) -> bool {
    m.arg(args, usize::MAX, "with_for_update").is_some_and(|given| given != Val::FALSE && given != Val::NONE)
}

/// `session.refresh(object)`, which also loads relationships that are loaded with it or are named.
pub(super) fn refresh(
    m: &mut Flow<'_, '_>,
    f: &mut Frame,
    value: Val,
    names: Option<Val>,
    session: &Session,
    site: Site,
) {
    let names: Vec<Sym> = match names.map(|names| m.v(names).clone()) {
        Some(V::Seq { items, .. }) => items
            .iter()
            .filter_map(|item| match m.v(*item) {
                V::Str(name) => Some(*name),
                _ => None,
            })
            .collect(),
        _ => Vec::new(),
    };
    for part in m.values.parts(value) {
        let Some((class, info, attrs)) = row(m, part) else { continue };
        let mut statement = Statement::new(StatementKind::Select, vec![Entity::Class(class)]);
        statement.unique = true;
        statement.filtered = true;
        statement.legacy = true;
        if !names.is_empty() {
            // Only what is named is loaded; relationships each by a statement of their own, unless they are joined.
            let relations = m.lib.mappers.get(class).into_iter().flat_map(|mapper| mapper.relations.keys());
            let quiet = |name: &Sym| LoadOption { path: vec![(Some(*name), Strategy::Lazy)], ..LoadOption::default() };
            let unnamed = |name: &&Sym| {
                let joined = m.lib.mappers.relation(class, **name).is_some_and(|one| one.lazy == Strategy::Joined);
                !joined || !names.contains(name)
            };
            statement.options = relations.filter(unnamed).map(quiet).collect();
            statement.options.sort_by_key(|option| option.path[0].0);
        }
        let (fresh, _, _) = execute(m, f, &statement, session, Take::One, site, false);
        let eager = row(m, fresh).map(|(_, _, attrs)| attrs).unwrap_or_default();
        let mut new_attrs: Vec<(Sym, Val)> = attrs.to_vec();
        new_attrs.retain(|(n, _)| !names.contains(n) && eager.iter().all(|(name, _)| name != n));
        new_attrs.extend(eager.iter().copied());
        for name in
            names.iter().filter(|name| m.lib.mappers.column(class, **name).is_some()).copied().collect::<Vec<_>>()
        {
            new_attrs.push((name, m.field_type(class, name).unwrap_or(Val::UNKNOWN)));
        }
        new_attrs.sort_by_key(|(n, _)| *n);
        // What is not named stays expired.
        let state = if names.is_empty() { State::Persistent } else { info.state };
        let state = if state == State::Expired { state } else { State::Persistent };
        let is_async = Some(session.is_async && !session.greenlet);
        let mut new_info = RowInfo { state: State::Persistent, is_async: Some(false), session: session.site, ..info };
        // What an update left to the database is loaded with the rest, or where it is named.
        let computed = m.lib.mappers.get(class).map(|mapper| mapper.expires_on_update.clone()).unwrap_or_default();
        new_info.deferred.retain(|name| !computed.contains(name) || !names.is_empty() && !names.contains(name));
        let new = super::books::with_info(m, part, new_info.clone(), Some(new_attrs.into()));
        m.replace(f, part, new);
        let ((), read) = m.kept(f, new, |m, f| {
            for name in &names {
                if m.lib.mappers.relation(class, *name).is_some() {
                    m.lib.eager.insert((class, *name));
                    let current = f.vars.last().map_or(new, |(_, kept)| *kept);
                    m.attribute(f, current, *name, site);
                }
            }
        });
        let now = super::books::with_info(m, read, RowInfo { is_async, state, ..new_info }, None);
        m.replace(f, read, now);
    }
}

/// Which kind of session a class or a path is: whether it has to be awaited.
pub(super) fn session_kind(m: &mut Flow<'_, '_>, value: Value) -> Option<bool> {
    if let Some(path) = m.path_of(value) {
        return session_path(&path);
    }
    let Value::Obj(id) = value else { return None };
    if let Some(known) = m.lib.sessions.get(&id) {
        return *known;
    }
    let mro = match m.ev.class(value) {
        Some(class) => class.mro.clone(),
        None => return None,
    };
    let mut found = None;
    for parent in mro {
        let bases = m.ev.class(Value::Obj(parent)).map(|class| class.bases.clone()).unwrap_or_default();
        for base in bases {
            if let Some(kind) = m.path_of(base).and_then(|path| session_path(&path)) {
                found = Some(kind);
            }
        }
    }
    m.lib.sessions.insert(id, found);
    found
}

pub(super) fn session_path(path: &str) -> Option<bool> {
    if !of_sqlalchemy(path) {
        return None;
    }
    match last(path) {
        "Session" | "scoped_session" | "Connection" => Some(path.contains("asyncio") || path.contains(".aio.")),
        "AsyncSession" | "async_scoped_session" | "AsyncConnection" => Some(true),
        _ => None,
    }
}
