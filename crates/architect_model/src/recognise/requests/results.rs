//! Results: what becomes of the rows of a statement.

use architect_python::Site;
use architect_python::flow::{Args, Frame, Kind, Size, V, Val};
use architect_source::Edit;

use super::books::{Flow, make, record, thing};
use super::missing::{row_or_none, row_or_raise};
use super::session_methods::{any_session, session_of};
use super::statements::{build, execute};
use super::things::{Effect, Entity, Limit, Session, Statement, StatementKind, Take, Thing};
use super::unit;

/// A list of rows.
pub(super) fn rows(m: &mut Flow<'_, '_>, elem: Val, size: Size, site: Site) -> Val {
    m.make(V::Coll { kind: Kind::List, elem, size, site: Some(site) })
}

/// A method of a statement that is bound to a session: `Query` of 1.x.
pub(super) fn query_method(
    m: &mut Flow<'_, '_>,
    f: &mut Frame,
    object: Val,
    name: &str,
    args: &Args,
    site: Site,
) -> Val {
    let Some((Thing::Statement(statement), parts)) = thing(m, object) else { return Val::UNKNOWN };
    if let Some(new) = build(m, &statement, &parts, name, args, site) {
        return new;
    }
    let Some(session) = parts.first().and_then(|part| session_of(m, *part)) else {
        // Executed by something that is not known, or a relationship that is a query.
        return match name {
            // A relationship that is only written: what is put into it joins the session of its owner.
            "add" | "append" | "add_all" => {
                let session = any_session(m);
                let new = args.pos.first().copied().unwrap_or(Val::UNKNOWN);
                match m.v(new) {
                    V::Coll { .. } | V::Seq { .. } => m.for_each(f, new, site, &mut |m, f, elem| {
                        unit::add(m, f, elem, &session, site);
                    }),
                    _ => {
                        unit::add(m, f, new, &session, site);
                    }
                }
                Val::NONE
            }
            "all" | "first" | "one" | "one_or_none" | "scalar" | "count" | "get" | "delete" | "update" => {
                let session = any_session(m);
                finish(m, f, &statement, &session, name, args, site)
            }
            _ => Val::UNKNOWN,
        };
    };
    finish(m, f, &statement, &session, name, args, site)
}

pub(super) fn finish(
    m: &mut Flow<'_, '_>,
    f: &mut Frame,
    statement: &Statement,
    session: &Session,
    name: &str,
    args: &Args,
    site: Site,
) -> Val {
    match name {
        "all" => {
            let (row, size, _) = execute(m, f, statement, session, Take::All, site, false);
            rows(m, row, size, site)
        }
        "first" | "one_or_none" => {
            let (row, size, _) = execute(m, f, statement, session, Take::One, site, false);
            // Of aggregates there always is one.
            if size == Size::Known(1) { row } else { row_or_none(m, f, row, site) }
        }
        "one" => {
            let (row, _, _) = execute(m, f, statement, session, Take::One, site, false);
            row_or_raise(m, f, row, site)
        }
        "get" => {
            let mut statement = statement.clone();
            statement.unique = true;
            statement.filtered = true;
            let (row, _, _) = execute(m, f, &statement, session, Take::One, site, true);
            row_or_none(m, f, row, site)
        }
        "scalar" | "scalar_one" | "scalar_one_or_none" => {
            let (row, _, _) = execute(m, f, statement, session, Take::One, site, false);
            scalar_of(m, row)
        }
        "count" => {
            let mut counted = statement.clone();
            counted.entities = vec![Entity::Aggregate];
            counted.options.clear();
            execute(m, f, &counted, session, Take::One, site, false);
            m.scalar("int")
        }
        "delete" | "update" => {
            let mut written = statement.clone();
            written.kind = if name == "delete" { StatementKind::Delete } else { StatementKind::Update };
            written.options.clear();
            execute(m, f, &written, session, Take::Nothing, site, false);
            m.scalar("int")
        }
        "__call__" => Val::UNKNOWN,
        "session" => Val::UNKNOWN,
        "paginate" => {
            let mut bounded = statement.clone();
            bounded.limit = Limit::Given;
            let (row, size, _) = execute(m, f, &bounded, session, Take::All, site, false);
            let mut counted = statement.clone();
            counted.entities = vec![Entity::Aggregate];
            execute(m, f, &counted, session, Take::One, site, false);
            rows(m, row, size, site)
        }
        _ => {
            let _ = args;
            Val::UNKNOWN
        }
    }
}

/// The rows of a query or result that is iterated.
pub(super) fn iterate(m: &mut Flow<'_, '_>, f: &mut Frame, object: Val, site: Site) -> Option<(Val, Size)> {
    match thing(m, object)? {
        (Thing::Statement(statement), parts) => {
            let session = parts.first().and_then(|part| session_of(m, *part)).unwrap_or_else(|| any_session(m));
            let (row, size, _) = execute(m, f, &statement, &session, Take::All, site, false);
            Some((row, size))
        }
        (Thing::Result { size, joined_collection, .. }, parts) => {
            if let Some(joined) = joined_collection {
                record(m, f, Effect::NotUnique { joined, method: None }, site);
            }
            let elem = parts.first().copied().unwrap_or(Val::UNKNOWN);
            m.lib.taken_all.extend(query_of(m, elem));
            Some((elem, size))
        }
        (Thing::Row { .. }, parts) => {
            let elem = m.union(parts.to_vec());
            Some((elem, Size::Known(u32::try_from(parts.len()).unwrap_or(0))))
        }
        _ => None,
    }
}

/// Whether a method takes rows one by one and refuses to where a joined collection repeats them; `first` and `scalar`
/// take the first and are content.
fn is_checked(name: &str) -> bool {
    matches!(
        name,
        "all"
            | "fetchall"
            | "fetchmany"
            | "fetchone"
            | "one"
            | "one_or_none"
            | "scalar_one"
            | "scalar_one_or_none"
            | "partitions"
    )
}

/// Puts `.unique()` before what takes the rows; nothing where it would have to stand elsewhere.
pub(super) fn unique_edit(m: &Flow<'_, '_>, site: Site, method: Option<&str>) -> Option<Edit> {
    let module = m.ev.program.module(site.module);
    let (start, end) = (usize::from(site.range.start()), usize::from(site.range.end()));
    let text = module.text.get(start..end)?;
    let at = match method {
        Some(method) => text.rfind(&format!(".{method}("))?,
        None => {
            let inner = ["list(", "set(", "tuple(", "sorted("].iter().find(|head| text.starts_with(**head));
            let last = text.len() - usize::from(inner.is_some());
            let iterated = &text[inner.map_or(0, |head| head.len())..last];
            let is_name = iterated.chars().all(|letter| letter.is_alphanumeric() || letter == '_');
            let is_call = iterated.ends_with(')') && !iterated.starts_with(['(', '[', '*']) && !iterated.contains(',');
            if iterated.starts_with("await ") || iterated.contains(" for ") || !(is_name || is_call) {
                return None;
            }
            last
        }
    };
    let at = u32::try_from(start + at).ok()?;
    Some(Edit { path: std::sync::Arc::clone(&module.path), start: at, end: at, content: ".unique()".to_owned() })
}

/// Whether a list is all that a query gives, and not what Python chose of it.
pub(super) fn is_all_of_it(m: &Flow<'_, '_>, list: Site) -> bool {
    let text = m.ev.program.module(list.module).source(list.range).unwrap_or_default();
    let taken = [".all()", ".fetchall()", ".to_list()"].iter().any(|end| text.ends_with(end));
    let executes = [".scalars(", ".execute(", ".exec(", ".query("].iter().any(|call| text.contains(call));
    let listed = text.starts_with("list(") && executes && !text.contains(" for ");
    taken && !text.starts_with('[') || listed
}

/// A method of a result.
pub(super) fn result_method(
    m: &mut Flow<'_, '_>,
    f: &mut Frame,
    object: Val,
    name: &str,
    args: &Args,
    site: Site,
) -> Val {
    let Some((Thing::Result { size, scalars, joined_collection }, parts)) = thing(m, object) else {
        return Val::UNKNOWN;
    };
    let elem = parts.first().copied().unwrap_or(Val::UNKNOWN);
    match name {
        "first" | "one_or_none" | "fetchone" | "one" | "scalar" | "scalar_one_or_none" | "scalar_one" => {
            let query = query_of(m, elem);
            m.lib.taken_one.extend(query);
            if matches!(name, "first" | "scalar") {
                m.lib.taken_first.extend(query);
            }
        }
        "all" | "fetchall" | "fetchmany" | "to_list" | "partitions" => m.lib.taken_all.extend(query_of(m, elem)),
        _ => {}
    }
    if let Some(joined) = joined_collection
        && is_checked(name)
    {
        let method = Some(m.sym(name));
        record(m, f, Effect::NotUnique { joined, method }, site);
    }
    match name {
        "all" | "fetchall" | "fetchmany" | "to_list" => rows(m, elem, size, site),
        "first" | "one_or_none" | "fetchone" if size == Size::Known(1) => elem,
        "first" | "one_or_none" | "fetchone" => row_or_none(m, f, elem, site),
        "one" => row_or_raise(m, f, elem, site),
        "scalar" | "scalar_one_or_none" => {
            let one = scalar_of(m, elem);
            // A count is never missing.
            if matches!(m.v(one), V::Scalar(_)) { one } else { row_or_none(m, f, one, site) }
        }
        "scalar_one" => {
            let one = scalar_of(m, elem);
            row_or_raise(m, f, one, site)
        }
        "scalars" => {
            let index = args.pos.first().and_then(|arg| match m.v(*arg) {
                V::Int(n) => usize::try_from(*n).ok(),
                _ => None,
            });
            let one = match (index, thing(m, elem)) {
                (Some(at), Some((Thing::Row { .. }, parts))) => parts.get(at).copied().unwrap_or(Val::UNKNOWN),
                _ => scalar_of(m, elem),
            };
            make(m, Thing::Result { size, scalars: true, joined_collection }, [one].into())
        }
        "unique" => {
            // It changes the result itself.
            let unique = make(m, Thing::Result { size, scalars, joined_collection: None }, parts);
            m.replace(f, object, unique);
            unique
        }
        "mappings" | "tuples" | "columns" | "yield_per" | "execution_options" | "freeze" => object,
        "partitions" => {
            let chunk = rows(m, elem, size.clone(), site);
            m.coll(chunk, size, Some(site))
        }
        "rowcount" | "inserted_primary_key" | "lastrowid" => m.scalar("int"),
        "keys" => {
            let key = m.scalar("str");
            m.coll(key, Size::Unknown, Some(site))
        }
        "close" => Val::NONE,
        _ => Val::UNKNOWN,
    }
}

/// The row of one column, where it is one.
pub(super) fn scalar_of(m: &Flow<'_, '_>, row: Val) -> Val {
    match thing(m, row) {
        Some((Thing::Row { .. }, parts)) => parts.first().copied().unwrap_or(Val::UNKNOWN),
        _ => row,
    }
}

/// The statement that gave a row.
pub(super) fn query_of(m: &Flow<'_, '_>, row: Val) -> Option<Site> {
    super::books::row(m, scalar_of(m, row)).and_then(|(_, info, _)| info.query)
}
