//! What exists since import, as requests find it: engines, factories, sessions and statements that a module makes, and
//! values of which only the type is known.

use architect_python::flow::Val;
use architect_python::{Object, Value};

use super::books::{Flow, last, make, thing};
use super::expressions::expression;
use super::rows;
use super::session_methods::{self, session_kind};
use super::statements::{self, of_sqlalchemy};
use super::things::{Entity, Expression, Statement, StatementKind, Thing};

/// An object of the library, as requests find it.
pub(super) fn object(m: &mut Flow<'_, '_>, value: Value) -> Option<Val> {
    if let Some(made) = super::injected::marked(m, value) {
        return Some(made);
    }
    match m.ev.obj(value)? {
        Object::Opaque { callee, args, site, .. } => {
            let (callee, args, site) = (*callee, args.clone(), *site);
            let path = m.path_of(callee)?;
            let named =
                |m: &Flow<'_, '_>, name: &str| args.kw.iter().find(|(n, _)| m.name(*n) == name).map(|(_, v)| *v);
            if !of_sqlalchemy(&path) {
                return None;
            }
            let expire = named(m, "expire_on_commit") != Some(Value::Bool(false));
            match last(&path) {
                "create_engine" | "execution_options" | "engine_from_config" => {
                    Some(make(m, Thing::Engine { is_async: path.contains("asyncio") }, Box::default()))
                }
                "create_async_engine" | "async_engine_from_config" => {
                    Some(make(m, Thing::Engine { is_async: true }, Box::default()))
                }
                "sessionmaker" | "async_sessionmaker" => {
                    let class = named(m, "class_");
                    let kind = class.and_then(|class| session_kind(m, class));
                    let first = args.pos.first().copied().or_else(|| named(m, "bind"));
                    let first = first.map(|value| m.heap(value)).and_then(|val| thing(m, val));
                    let is_async = kind.unwrap_or(
                        last(&path) == "async_sessionmaker"
                            || matches!(first, Some((Thing::Engine { is_async: true }, _))),
                    );
                    if is_async && expire {
                        m.lib.expiring.push(site);
                    }
                    Some(make(m, Thing::Factory { is_async, expire, scoped: false }, Box::default()))
                }
                "sessionmaker()" | "async_sessionmaker()" => match thing_of(m, callee) {
                    Some(Thing::Factory { is_async, expire, scoped: false }) => {
                        m.lib.shared.push((site, is_async));
                        Some(session_methods::new_session(m, is_async, expire, Some(site)))
                    }
                    _ => None,
                },
                "scoped_session" | "async_scoped_session" => {
                    let inner = args.pos.first().copied().map(|value| m.heap(value));
                    match inner.and_then(|val| thing(m, val)) {
                        Some((Thing::Factory { is_async, expire, .. }, _)) => {
                            Some(make(m, Thing::Factory { is_async, expire, scoped: true }, Box::default()))
                        }
                        _ => {
                            let is_async = last(&path) == "async_scoped_session";
                            let registry = Thing::Factory { is_async, expire: !is_async, scoped: true };
                            Some(make(m, registry, Box::default()))
                        }
                    }
                }
                "Session" | "AsyncSession" => {
                    let is_async = session_kind(m, callee).unwrap_or(false);
                    m.lib.shared.push((site, is_async));
                    Some(session_methods::new_session(m, is_async, expire, Some(site)))
                }
                "select" | "text" => {
                    let entities: Vec<Val> = args.pos.iter().map(|value| m.heap(*value)).collect();
                    let entities: Vec<Entity> = entities.iter().map(|val| statements::entity(m, *val)).collect();
                    let kind = if last(&path) == "text" { StatementKind::Text } else { StatementKind::Select };
                    Some(make(m, Thing::Statement(Box::new(Statement::new(kind, entities))), Box::default()))
                }
                _ => None,
            }
        }
        Object::Instance { class, .. } => {
            let class = m.ev.class(Value::Obj(*class))?;
            let named = m.ev.names.text(class.name);
            let module = m.ev.names.text(class.module);
            if module == "sqlalchemy.sql.functions" && named == "_FunctionGenerator" {
                let path = m.sym("sqlalchemy.func");
                return Some(make(m, Thing::Opaque(path), Box::default()));
            }
            if module.starts_with("sqlalchemy.sql") && m.ev.is_subclass_of_named(value, "ColumnElement") {
                return Some(expression(m, Expression { any: true, ..Expression::default() }));
            }
            None
        }
        Object::External(path) => {
            let path = m.name(*path).to_owned();
            let is_async = request_session(path.strip_suffix(".session")?)?;
            Some(session_methods::new_session(m, is_async, !is_async, None))
        }
        _ => None,
    }
}

/// Whether an object of that path has the session of the request, which a middleware opens and closes, and whether that is
/// one of asyncio. Sources: the READMEs of fastapi-sqlalchemy 0.2 and fastapi-async-sqlalchemy 0.6.
pub(super) fn request_session(path: &str) -> Option<bool> {
    let is_proxy = matches!(last(path), "db" | "DBSession");
    match path.split('.').next()? {
        "fastapi_sqlalchemy" if is_proxy => Some(false),
        "fastapi_async_sqlalchemy" if is_proxy => Some(true),
        _ => None,
    }
}

/// A value of which only the type is known.
pub(super) fn of_type(m: &mut Flow<'_, '_>, annotation: Value) -> Option<Val> {
    match m.ev.obj(annotation)? {
        Object::Class(_) => {
            let Value::Obj(id) = annotation else { return None };
            if m.lib.mappers.get(id).is_some() {
                return Some(rows::assumed(m, id));
            }
            if m.path_of(annotation).is_some_and(|path| last(&path) == "BackgroundTasks") {
                return Some(make(m, Thing::BackgroundTasks, Box::default()));
            }
        }
        Object::External(_) | Object::Generic { .. } => {}
        _ => return None,
    }
    let path = m.path_of(annotation);
    if let Some(path) = &path
        && of_sqlalchemy(path)
    {
        match last(path) {
            "sessionmaker" | "scoped_session" => {
                let scoped = last(path) == "scoped_session";
                return Some(make(m, Thing::Factory { is_async: false, expire: true, scoped }, Box::default()));
            }
            // Whether what a factory makes expires objects is for whoever made the factory to say; where that would
            // be an error, nothing is assumed.
            "async_sessionmaker" | "async_scoped_session" => {
                let scoped = last(path) == "async_scoped_session";
                return Some(make(m, Thing::Factory { is_async: true, expire: false, scoped }, Box::default()));
            }
            "Engine" | "AsyncEngine" => {
                let is_async = last(path) == "AsyncEngine";
                return Some(make(m, Thing::Engine { is_async }, Box::default()));
            }
            _ => {}
        }
    }
    if let Some(is_async) = session_kind(m, annotation) {
        // The same holds for a session that is handed in.
        return Some(session_methods::new_session(m, is_async, !is_async, None));
    }
    None
}

/// What something that exists since import is, where it is one of the library's.
fn thing_of(m: &mut Flow<'_, '_>, value: Value) -> Option<Thing> {
    let value = m.heap(value);
    thing(m, value).map(|(thing, _)| thing)
}
