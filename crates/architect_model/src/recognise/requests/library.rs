//! What the request-time machine asks of libraries.

use architect_python::flow::{Args, Edge, Frame, Library, Named, Node, Size, V, Val};
use architect_python::{ModuleId, Object, ObjectId, Site, Sym, Value};

use super::books::{Books, Flow, last, make, record, row, thing};
use super::statements::{self, of_sqlalchemy, session_kind};
use super::things::{Concurrency, Effect, Entity, Expression, Session, State, Statement, StatementKind, Thing};
use super::{blocking, rows, serialise};
use crate::requests::Wait;

/// What reads the catalogue of a database: `inspect(engine)`.
const INSPECTOR: &str = "sqlalchemy.Inspector";

impl Library for Books {
    fn adopt(m: &mut Flow<'_, '_>, value: Value) -> Option<Val> {
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
                        Some(make(m, Thing::Factory { is_async, expire }, Box::default()))
                    }
                    "scoped_session" | "async_scoped_session" => {
                        let inner = args.pos.first().copied().map(|value| m.heap(value));
                        match inner.and_then(|val| thing(m, val)) {
                            Some((thing @ Thing::Factory { .. }, _)) => Some(make(m, thing, Box::default())),
                            _ => {
                                let is_async = last(&path) == "async_scoped_session";
                                Some(make(m, Thing::Factory { is_async, expire: !is_async }, Box::default()))
                            }
                        }
                    }
                    "Session" | "AsyncSession" => {
                        let is_async = session_kind(m, callee).unwrap_or(false);
                        Some(statements::new_session(m, is_async, expire, Some(site)))
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
            _ => None,
        }
    }

    fn of_type(m: &mut Flow<'_, '_>, annotation: Value, _name: Sym) -> Option<Val> {
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
                    return Some(make(m, Thing::Factory { is_async: false, expire: true }, Box::default()));
                }
                // Whether what a factory makes expires objects is for whoever made the factory to say; where that would
                // be an error, nothing is assumed.
                "async_sessionmaker" | "async_scoped_session" => {
                    return Some(make(m, Thing::Factory { is_async: true, expire: false }, Box::default()));
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
            return Some(statements::new_session(m, is_async, !is_async, None));
        }
        None
    }

    #[allow(clippy::too_many_lines)]
    fn call(m: &mut Flow<'_, '_>, f: &mut Frame, path: &str, args: &Args, site: Site) -> Option<Val> {
        let first = args.pos.first().copied();
        let top = path.split('.').next().unwrap_or_default();
        match top {
            "sqlalchemy" if path.starts_with(INSPECTOR) => {
                let what = m.sym(path);
                record(m, f, Effect::Blocking { what, wait: Wait::Session }, site);
                return None;
            }
            "sqlalchemy" | "sqlmodel" => return sqlalchemy(m, f, path, args, site),
            "builtins" => {
                if path == "builtins.input" {
                    let what = m.sym("input");
                    record(m, f, Effect::Blocking { what, wait: Wait::Input }, site);
                }
                return None;
            }
            "asyncio" | "anyio" | "starlette" | "fastapi" | "asgiref" | "concurrent" | "asyncer" => {
                if let Some(value) = concurrency(m, f, path, args, site) {
                    return Some(value);
                }
            }
            "pydantic" => {
                return match last(path) {
                    "model_validate" | "from_orm" | "parse_obj" | "validate" => {
                        let class = first.and_then(|first| match m.v(first) {
                            V::Heap(id) => Some(*id),
                            _ => None,
                        })?;
                        let value = args.pos.get(1).copied().or_else(|| m.arg(args, usize::MAX, "obj"))?;
                        Some(serialise::validate(m, f, class, value, site))
                    }
                    "model_dump" | "dict" => {
                        Some(m.make(V::Dict { items: Box::default(), rest: Some(Val::UNKNOWN), site: Some(site) }))
                    }
                    "model_copy" | "copy" => first,
                    "model_dump_json" | "json" => Some(m.scalar("str")),
                    "model_construct" => {
                        let V::Heap(class) = *m.v(first?) else { return None };
                        Some(m.make(V::Inst { class, tag: 0, site: Some(site), attrs: Box::default() }))
                    }
                    _ => None,
                };
            }
            "contextlib" if last(path) == "closing" || last(path) == "nullcontext" => return first,
            "copy" if matches!(last(path), "copy" | "deepcopy") => return first,
            "typing" if last(path) == "cast" => return args.pos.get(1).copied(),
            "functools" if last(path) == "partial" => return None,
            "json" if last(path) == "dumps" => return Some(m.scalar("str")),
            "datetime" | "time" if last(path) != "sleep" => {
                return Some(m.scalar(if top == "time" { "float" } else { "datetime" }));
            }
            "uuid" => return Some(m.scalar("UUID")),
            "math" | "random" => return Some(m.scalar("int")),
            "itertools" => {
                return match last(path) {
                    "chain" => Some(m.union(args.pos.clone())),
                    "groupby" => {
                        let inner = first?;
                        let key = Val::UNKNOWN;
                        let pair = m.make(V::Seq { tuple: true, items: [key, inner].into(), site: None });
                        let size = m.size_of(inner);
                        Some(m.coll(pair, size, Some(site)))
                    }
                    _ => first,
                };
            }
            _ => {}
        }
        // Those who write queries for others.
        if matches!(top, "fastapi_pagination") && last(path) == "paginate" {
            return paginate(m, f, args, site);
        }
        if top == "sqlalchemy_filters" {
            return sqlalchemy_filters(m, f, path, args, site);
        }
        let stated = crate::context::names(&m.lib.blocking_calls, path).then_some(Wait::Network);
        if let Some(wait) = stated.or_else(|| blocking::blocking(path)) {
            let shown = path.replace("()", "").replace(".__call__.<locals>", "");
            let what = m.sym(&shown);
            record(m, f, Effect::Blocking { what, wait }, site);
        }
        if blocking::is_client(path) {
            let made = format!("{path}()");
            let made = m.sym(&made);
            return Some(make(m, Thing::Opaque(made), Box::default()));
        }
        None
    }

    fn instantiate(m: &mut Flow<'_, '_>, f: &mut Frame, class: ObjectId, args: &Args, site: Site) -> Option<Val> {
        if m.lib.mappers.get(class).is_some() {
            return Some(rows::transient(m, class, args, site));
        }
        if serialise::is_model(m, class) {
            let own_init = m.has_own_init(class);
            if own_init {
                return None;
            }
            return Some(serialise::construct(m, f, class, &args.kw, site));
        }
        if let Some(is_async) = session_kind(m, Value::Obj(class)) {
            let expire = m.arg(args, usize::MAX, "expire_on_commit") != Some(Val::FALSE);
            record(m, f, Effect::Open { is_async, managed: false, site }, site);
            return Some(statements::new_session(m, is_async, expire, Some(site)));
        }
        let path = m.path_of(Value::Obj(class));
        match path.as_deref().map(last) {
            Some("BackgroundTasks") => Some(make(m, Thing::BackgroundTasks, Box::default())),
            Some("StreamingResponse" | "EventSourceResponse" | "FileResponse") => {
                if let Some(content) = args.pos.first().copied().or_else(|| m.arg(args, usize::MAX, "content")) {
                    let open = m.path_of(Value::Obj(class)).is_some_and(|path| path.ends_with("EventSourceResponse"))
                        || m.arg(args, 3, "media_type")
                            .and_then(|kind| m.str_of(kind))
                            .is_some_and(|kind| kind.contains("event-stream"));
                    if matches!(m.v(content), V::Pending { .. }) {
                        record(m, f, Effect::Stream { open }, site);
                    }
                    stream(m, f, content, site);
                }
                Some(make(m, Thing::Response { streaming: true }, args.pos.clone().into()))
            }
            Some("partial") => {
                let function = *args.pos.first()?;
                let rest: Vec<Val> = args.pos.iter().skip(1).copied().collect();
                let kw: Named = args.kw.clone().into();
                Some(m.make(V::Pending { callee: function, pos: rest.into(), kw, site })).map(|pending| {
                    let name = m.sym("partial");
                    make(m, Thing::Opaque(name), [pending].into())
                })
            }
            _ => None,
        }
    }

    fn attribute(m: &mut Flow<'_, '_>, f: &mut Frame, object: Val, name: Sym, site: Site) -> Option<Val> {
        if row(m, object).is_some() {
            return rows::read(m, f, object, name, site);
        }
        if let V::Inst { class, .. } = *m.v(object) {
            return request_state(m, f, object, class, name, site);
        }
        let (found, parts) = thing(m, object)?;
        let text = m.name(name).to_owned();
        match found {
            Thing::Awaitable => {
                // Loaded while it is awaited: a statement, and no surprise.
                let loaded = parts.first().copied()?;
                let mut inner = loaded;
                if let Some((_, info, _)) = row(m, loaded) {
                    let sync = super::things::RowInfo { is_async: Some(false), ..info.clone() };
                    inner = super::books::with_info(m, loaded, sync, None);
                    m.replace(f, loaded, inner);
                    let value = m.attribute(f, inner, name, site);
                    let ((), _) = m.kept(f, value, |_, _| ());
                    let now = m.with(inner, name, Some(value));
                    let back = super::books::with_info(m, now, info, None);
                    m.replace(f, now, back);
                    return Some(value);
                }
                Some(m.attribute(f, inner, name, site))
            }
            Thing::Row { names } => {
                let at = names.iter().position(|n| *n == Some(name));
                at.and_then(|at| parts.get(at).copied())
            }
            Thing::Opaque(path) => {
                let full = format!("{}.{text}", m.name(path));
                let full = m.sym(&full);
                Some(make(m, Thing::Opaque(full), parts))
            }
            Thing::Session(_) if text == "bind" => Some(Val::UNKNOWN),
            Thing::Result { .. } if matches!(text.as_str(), "rowcount" | "lastrowid") => Some(m.scalar("int")),
            Thing::Column { .. } if text == "property" => Some(Val::UNKNOWN),
            Thing::Attribute { class, name: relation } => {
                // `Post.author.of_type(...)`, or a column of the target.
                let target = m.lib.mappers.relation(class, relation).and_then(|relation| relation.target);
                match target {
                    Some(target) if m.lib.mappers.column(target, name).is_some() => {
                        Some(make(m, Thing::Column { class: target, name }, Box::default()))
                    }
                    _ => None,
                }
            }
            _ => None,
        }
    }

    fn class_attribute(m: &mut Flow<'_, '_>, class: ObjectId, name: Sym) -> Option<Val> {
        if m.lib.mappers.get(class).is_some() {
            if m.lib.mappers.column(class, name).is_some() {
                return Some(make(m, Thing::Column { class, name }, Box::default()));
            }
            if m.lib.mappers.relation(class, name).is_some() {
                return Some(make(m, Thing::Attribute { class, name }, Box::default()));
            }
            return None;
        }
        let text = m.name(name).to_owned();
        if matches!(text.as_str(), "from_orm" | "parse_obj" | "model_validate")
            && serialise::is_model(m, class)
            && (!m.has_member(class, name) || text == "model_validate" && !m.overrides(class, name))
        {
            let path = m.sym("pydantic.main.BaseModel.model_validate");
            let receiver = m.make(V::Heap(class));
            return Some(make(m, Thing::Opaque(path), [receiver].into()));
        }
        None
    }

    fn set_attribute(m: &mut Flow<'_, '_>, f: &mut Frame, object: Val, name: Sym, value: Val, site: Site) -> bool {
        if rows::set(m, f, object, name, value, site) {
            return true;
        }
        let on_session = matches!(thing(m, object), Some((Thing::Session(_), _)));
        if on_session && m.lib.mappers.names(name) {
            record(m, f, Effect::SetOnSession { name }, site);
        }
        thing(m, object).is_some()
    }

    fn method(m: &mut Flow<'_, '_>, f: &mut Frame, object: Val, name: Sym, args: &Args, site: Site) -> Val {
        let text = m.name(name).to_owned();
        let Some((found, parts)) = thing(m, object) else { return Val::UNKNOWN };
        match found {
            Thing::Session(_) => statements::session_method(m, f, object, &text, args, site),
            Thing::Statement(_) => statements::query_method(m, f, object, &text, args, site),
            Thing::Result { .. } => statements::result_method(m, object, &text, args, site),
            Thing::Factory { is_async, expire } => match text.as_str() {
                "__call__" => {
                    record(m, f, Effect::Open { is_async, managed: false, site }, site);
                    statements::new_session(m, is_async, expire, Some(site))
                }
                "begin" => {
                    record(m, f, Effect::Open { is_async, managed: true, site }, site);
                    let session = statements::new_session(m, is_async, expire, Some(site));
                    make(m, Thing::Transaction { nested: false, closes: true }, [session].into())
                }
                "configure" => Val::NONE,
                "remove" => {
                    record(m, f, Effect::Close { is_async, site: None }, site);
                    Val::NONE
                }
                // A registry passes on what a session has.
                _ => {
                    let session = statements::new_session(m, is_async, expire, None);
                    statements::session_method(m, f, session, &text, args, site)
                }
            },
            Thing::Engine { is_async } => match text.as_str() {
                "connect" | "raw_connection" => statements::new_session(m, is_async, false, Some(site)),
                "begin" => {
                    let connection = statements::new_session(m, is_async, false, Some(site));
                    make(m, Thing::Transaction { nested: false, closes: true }, [connection].into())
                }
                "execution_options" => object,
                "execute" => {
                    let session = statements::new_session(m, is_async, false, Some(site));
                    statements::session_method(m, f, session, &text, args, site)
                }
                _ => Val::UNKNOWN,
            },
            Thing::Transaction { .. } => match text.as_str() {
                "commit" | "rollback" => match parts.first() {
                    Some(session) => statements::session_method(m, f, *session, &text, args, site),
                    None => Val::NONE,
                },
                _ => object,
            },
            Thing::Row { .. } => match text.as_str() {
                "_asdict" | "_mapping" => object,
                _ => Val::UNKNOWN,
            },
            Thing::Column { class, name: column } => column_method(m, class, column, &text),
            Thing::Attribute { class, name: relation } => match text.as_str() {
                "any" | "has" | "contains" => expression(m, Expression { any: true, ..Expression::default() }),
                "of_type" | "and_" => make(m, Thing::Attribute { class, name: relation }, Box::default()),
                _ => Val::UNKNOWN,
            },
            Thing::Expression(_) | Thing::Function { .. } if text == "in_" => {
                expression(m, Expression { any: true, listed: true, ..Expression::default() })
            }
            Thing::Expression(found) => match text.as_str() {
                "where" | "filter" | "select_from" | "label" | "asc" | "desc" | "over" | "self_group" | "correlate"
                | "nulls_last" | "nullslast" | "nulls_first" | "within_group" | "cast" | "distinct" => object,
                "select" => {
                    let entities = vec![if found.aggregate { Entity::Aggregate } else { Entity::Other }];
                    let statement = Statement::new(StatementKind::Select, entities);
                    make(m, Thing::Statement(Box::new(statement)), Box::default())
                }
                _ => expression(m, Expression { any: true, ..found }),
            },
            Thing::Function { .. } => object,
            Thing::Options(before) => statements::option(m, &before, &text, args).unwrap_or(object),
            Thing::BackgroundTasks => {
                if text == "add_task" {
                    spawn(m, f, args, site, Edge::Background);
                }
                Val::NONE
            }
            Thing::Concurrency(kind) => concurrent_method(m, f, kind, &text, args, site),
            Thing::Opaque(path) => {
                let path = m.name(path).to_owned();
                if path == "partial"
                    && let Some(V::Pending { callee, pos, kw, .. }) = parts.first().map(|part| m.v(*part).clone())
                {
                    let mut all = Args { pos: pos.into_vec(), kw: kw.into_vec(), rest: args.rest };
                    all.pos.extend(args.pos.iter().copied());
                    all.kw.extend(args.kw.iter().copied());
                    return m.call(f, callee, all, site);
                }
                let mut all = args.clone();
                if path.starts_with("pydantic.") {
                    for part in parts.iter().rev() {
                        all.pos.insert(0, *part);
                    }
                }
                let path = if text == "__call__" { path } else { format!("{path}.{text}") };
                Self::call(m, f, &path, &all, site).unwrap_or(Val::UNKNOWN)
            }
            Thing::Awaitable | Thing::Response { .. } => Val::UNKNOWN,
        }
    }

    fn is_coroutine(m: &Flow<'_, '_>, object: Val, name: Sym) -> bool {
        match thing(m, object) {
            Some((Thing::Session(Session { is_async: true, greenlet: false, .. }), _)) => {
                statements::is_coroutine(m.name(name))
            }
            Some((Thing::Factory { is_async: true, .. }, _)) => statements::is_coroutine(m.name(name)),
            _ => false,
        }
    }

    fn iterate(m: &mut Flow<'_, '_>, f: &mut Frame, object: Val, site: Site) -> Option<(Val, Size)> {
        statements::iterate(m, f, object, site)
    }

    fn enter(m: &mut Flow<'_, '_>, f: &mut Frame, object: Val, site: Site) -> Option<Val> {
        match thing(m, object)? {
            (Thing::Factory { is_async, expire }, _) => {
                record(m, f, Effect::Open { is_async, managed: true, site }, site);
                Some(statements::new_session(m, is_async, expire, Some(site)))
            }
            (Thing::Session(session), _) => {
                if let Some(made) = session.site {
                    record(m, f, Effect::Managed { site: made }, site);
                }
                Some(object)
            }
            (Thing::Transaction { .. }, parts) => Some(parts.first().copied().unwrap_or(object)),
            _ => Some(object),
        }
    }

    fn exit(m: &mut Flow<'_, '_>, f: &mut Frame, object: Val, entered: Val, site: Site) {
        if let Some((Thing::Transaction { nested, closes }, parts)) = thing(m, object) {
            record(m, f, Effect::Block, site);
            if let (false, Some(session)) = (nested, parts.first()) {
                let name = m.sym("commit");
                Self::method(m, f, *session, name, &Args::default(), site);
                if closes {
                    let name = m.sym("close");
                    Self::method(m, f, *session, name, &Args::default(), site);
                }
            }
            return;
        }
        if let Some((Thing::Session(session), _)) = thing(m, object) {
            record(m, f, Effect::Close { is_async: session.is_async, site: session.site }, site);
            rows::settle(m, f, &session, State::Detached);
        }
        let _ = entered;
    }

    fn join(m: &mut Flow<'_, '_>, left: Val, right: Val) -> Option<Val> {
        let ((a, mine), (b, theirs)) = (thing(m, left)?, thing(m, right)?);
        match (a, b) {
            (Thing::Statement(a), Thing::Statement(b)) => {
                if a.entities != b.entities || a.kind != b.kind {
                    return None;
                }
                let joined = statements::join(vec![*a, *b])?;
                let parts = if mine.is_empty() { theirs } else { mine };
                Some(make(m, Thing::Statement(Box::new(joined)), parts))
            }
            (Thing::Session(a), Thing::Session(b)) => {
                (a.is_async == b.is_async).then(|| if a.site.is_some() { left } else { right })
            }
            (Thing::Result { size, scalars, joined_collection }, Thing::Result { .. }) => {
                let all = mine.iter().chain(theirs.iter()).copied().collect();
                let row = m.union(all);
                Some(make(m, Thing::Result { size, scalars, joined_collection }, [row].into()))
            }
            (Thing::Row { names }, Thing::Row { names: others }) if names == others => {
                let parts: Vec<Val> = mine.iter().zip(theirs.iter()).map(|(a, b)| m.union(vec![*a, *b])).collect();
                Some(make(m, Thing::Row { names }, parts.into()))
            }
            (Thing::Expression(a), Thing::Expression(b)) => Some(expression(
                m,
                Expression {
                    unique: a.unique && b.unique,
                    identifies: a.identifies.filter(|column| b.identifies == Some(*column)),
                    parent: a.parent.filter(|parent| b.parent == Some(*parent)),
                    listed: a.listed && b.listed,
                    window: a.window && b.window,
                    any: a.any || b.any,
                    either: a.either || b.either,
                    aggregate: a.aggregate && b.aggregate,
                },
            )),
            (Thing::Opaque(a), Thing::Opaque(b)) if a == b => Some(left),
            _ => None,
        }
    }

    fn operator(m: &mut Flow<'_, '_>, op: &str, left: Val, right: Val) -> Option<Val> {
        operator(m, op, left, right)
    }

    fn item(m: &mut Flow<'_, '_>, f: &mut Frame, object: Val, index: Val, site: Site) -> Option<Val> {
        match thing(m, object) {
            Some((Thing::Row { names }, parts)) => match m.v(index) {
                V::Int(at) => usize::try_from(*at).ok().and_then(|at| parts.get(at).copied()),
                V::Str(name) => {
                    let name = *name;
                    names.iter().position(|n| *n == Some(name)).and_then(|at| parts.get(at).copied())
                }
                _ => None,
            },
            Some((Thing::Statement(statement), parts)) => {
                // A slice of a query is a limit.
                let mut bounded = statement;
                bounded.limit = super::things::Limit::Given;
                let limited = make(m, Thing::Statement(bounded), parts);
                if matches!(m.v(index), V::Int(_)) {
                    let name = m.sym("first");
                    return Some(Self::method(m, f, limited, name, &Args::default(), site));
                }
                let name = m.sym("all");
                Some(Self::method(m, f, limited, name, &Args::default(), site))
            }
            Some((Thing::Result { .. }, parts)) => parts.first().copied(),
            Some((Thing::Column { .. } | Thing::Expression(_), _)) => {
                Some(expression(m, Expression { any: true, ..Expression::default() }))
            }
            Some((Thing::Opaque(path), parts)) => Some(make(m, Thing::Opaque(path), parts)),
            _ => None,
        }
    }

    fn dropped(m: &mut Flow<'_, '_>, f: &mut Frame, pending: Val, site: Site) {
        if let V::Pending { callee, .. } = m.v(pending).clone() {
            let what = match m.v(callee).clone() {
                V::Method(_, name) => m.name(name).to_owned(),
                _ => m.callee_name(callee),
            };
            if !m.is_generator_call(callee) {
                record(m, f, Effect::NotAwaited { what }, site);
            }
        }
    }

    fn may_fail(m: &mut Flow<'_, '_>, body: &[Node]) -> bool {
        let touched = super::touch::touch_nodes(m, body);
        (touched.writes || touched.commits) && !touched.rolls_back && !touched.opens
    }

    fn failed(m: &mut Flow<'_, '_>, f: &mut Frame) {
        // Whichever session it was: all that a request holds are taken for it.
        for is_async in [false, true] {
            let session = statements::session(is_async, true, None);
            rows::settle(m, f, &session, State::Expired);
        }
    }

    fn follows(m: &Flow<'_, '_>, module: ModuleId) -> bool {
        let _ = (m, module);
        false
    }
}

/// `request.state`: what middleware and dependencies put there is found there.
fn request_state(
    m: &mut Flow<'_, '_>,
    f: &mut Frame,
    object: Val,
    class: ObjectId,
    name: Sym,
    site: Site,
) -> Option<Val> {
    let connection = m.lib.connection?;
    if m.name(name) != "state" || !m.ev.class(Value::Obj(class))?.mro.contains(&connection) {
        return None;
    }
    let state = m.make(V::Inst { class: connection, tag: 0, site: Some(site), attrs: Box::default() });
    let new = m.with(object, name, Some(state));
    m.replace(f, object, new);
    Some(state)
}

fn expression(m: &mut Flow<'_, '_>, found: Expression) -> Val {
    make(m, Thing::Expression(found), Box::default())
}

fn column_method(m: &mut Flow<'_, '_>, class: ObjectId, column: Sym, name: &str) -> Val {
    let found = match name {
        // A list of keys bounds the rows; a list of states does not.
        "in_" => {
            let listed = m.lib.mappers.column(class, column).is_none_or(|facts| facts.identifies || facts.foreign_key);
            Expression { any: true, listed, ..Expression::default() }
        }
        "between" => {
            let window = m.lib.mappers.column(class, column).is_some_and(|facts| facts.temporal);
            Expression { any: true, window, ..Expression::default() }
        }
        "is_" | "is_not" | "isnot" | "like" | "ilike" | "contains" | "startswith" | "endswith" | "notin_"
        | "not_in" | "is_distinct_from" | "op" | "any" | "has" | "match" => {
            Expression { any: true, ..Expression::default() }
        }
        _ => return make(m, Thing::Column { class, name: column }, Box::default()),
    };
    expression(m, found)
}

fn facts(m: &Flow<'_, '_>, val: Val) -> Option<Expression> {
    match thing(m, val) {
        Some((Thing::Expression(found), _)) => Some(found),
        Some((Thing::Column { .. } | Thing::Attribute { .. }, _)) => {
            Some(Expression { any: true, ..Expression::default() })
        }
        Some((Thing::Function { aggregate }, _)) => Some(Expression { aggregate, any: true, ..Expression::default() }),
        _ => None,
    }
}

fn operator(m: &mut Flow<'_, '_>, op: &str, left: Val, right: Val) -> Option<Val> {
    let (l, r) = (thing(m, left), thing(m, right));
    let is_sql = |thing: &Option<(Thing, super::things::Parts)>| {
        matches!(
            thing,
            Some((Thing::Column { .. } | Thing::Expression(_) | Thing::Attribute { .. } | Thing::Function { .. }, _))
        )
    };
    if !is_sql(&l) && !is_sql(&r) {
        return None;
    }
    match op {
        "==" => {
            let (column, other) = if matches!(l, Some((Thing::Column { .. } | Thing::Attribute { .. }, _))) {
                (&l, &r)
            } else {
                (&r, &l)
            };
            let mut found = Expression { any: true, ..Expression::default() };
            let joins = is_sql(other);
            match column {
                Some((Thing::Column { class, name }, _)) if !joins => {
                    if let Some(facts) = m.lib.mappers.column(*class, *name) {
                        found.unique = (facts.primary_key || facts.unique) && right != Val::NONE;
                        found.identifies = (facts.identifies && right != Val::NONE).then_some((*class, *name));
                        found.parent = (facts.foreign_key && right != Val::NONE).then_some(*class);
                    }
                }
                Some((Thing::Attribute { class, .. }, _)) => found.parent = (right != Val::NONE).then_some(*class),
                _ => {}
            }
            Some(expression(m, found))
        }
        "&" | "and" => {
            let (a, b) = (facts(m, left).unwrap_or_default(), facts(m, right).unwrap_or_default());
            Some(expression(
                m,
                Expression {
                    unique: a.unique || b.unique,
                    identifies: a.identifies.or(b.identifies),
                    parent: a.parent.or(b.parent),
                    listed: a.listed || b.listed,
                    window: a.window || b.window,
                    any: true,
                    either: a.either && b.either,
                    aggregate: false,
                },
            ))
        }
        "|" | "or" => Some(expression(m, Expression { any: true, either: true, ..Expression::default() })),
        "is" | "is not" | "in" | "not in" => None,
        "min" => None,
        ">" | ">=" | "<" | "<=" => {
            // What is later than something: the rows since then.
            let later = if op.starts_with('>') { &l } else { &r };
            let window = match later {
                Some((Thing::Column { class, name }, _)) => {
                    m.lib.mappers.column(*class, *name).is_some_and(|facts| facts.temporal)
                }
                _ => false,
            };
            Some(expression(m, Expression { any: true, window, ..Expression::default() }))
        }
        _ => {
            let aggregate = facts(m, left).is_some_and(|facts| facts.aggregate);
            Some(expression(m, Expression { any: true, aggregate, ..Expression::default() }))
        }
    }
}

#[allow(clippy::too_many_lines)]
fn sqlalchemy(m: &mut Flow<'_, '_>, f: &mut Frame, path: &str, args: &Args, site: Site) -> Option<Val> {
    let name = match path.rsplit_once(':') {
        Some((_, "AND")) => "and_",
        Some((_, "OR")) => "or_",
        Some(_) => "not_",
        None => last(path),
    };
    if path.contains(".func.") {
        let aggregate = matches!(name, "count" | "sum" | "max" | "min" | "avg" | "array_agg" | "coalesce" | "now");
        return Some(make(m, Thing::Function { aggregate }, Box::default()));
    }
    if path.contains("filters") && path.starts_with("sqlalchemy_filters") {
        return None;
    }
    let first = args.pos.first().copied();
    Some(match name {
        "select" => {
            let entities: Vec<Entity> = match first.map(|first| m.v(first).clone()) {
                Some(V::Seq { items, .. }) => items.iter().map(|arg| statements::entity(m, *arg)).collect(),
                _ => args.pos.iter().map(|arg| statements::entity(m, *arg)).collect(),
            };
            make(m, Thing::Statement(Box::new(Statement::new(StatementKind::Select, entities))), Box::default())
        }
        "insert" | "update" | "delete" => {
            let kind = match name {
                "insert" => StatementKind::Insert,
                "update" => StatementKind::Update,
                _ => StatementKind::Delete,
            };
            let entities = args.pos.iter().map(|arg| statements::entity(m, *arg)).collect();
            make(m, Thing::Statement(Box::new(Statement::new(kind, entities))), Box::default())
        }
        "text" => make(
            m,
            Thing::Statement(Box::new(Statement::new(StatementKind::Text, vec![Entity::Other]))),
            Box::default(),
        ),
        "and_" => {
            let mut all = Expression { any: true, ..Expression::default() };
            for arg in &args.pos {
                if let Some(found) = facts(m, *arg)
                    && !found.either
                {
                    all.unique |= found.unique;
                    all.parent = all.parent.or(found.parent);
                    all.listed |= found.listed;
                    all.window |= found.window;
                }
            }
            expression(m, all)
        }
        "or_" if args.pos.len() > 1 || args.rest.is_some() => {
            expression(m, Expression { any: true, either: true, ..Expression::default() })
        }
        "or_" | "not_" | "exists" | "case" | "cast" | "literal" | "literal_column" | "desc" | "asc" | "tuple_"
        | "extract" | "null" | "true" | "false" | "distinct" | "between" | "column" | "type_coerce" | "nulls_last"
        | "nullslast" | "any_" | "all_" | "over" | "label" => {
            expression(m, Expression { any: true, ..Expression::default() })
        }
        "count" => make(m, Thing::Function { aggregate: true }, Box::default()),
        "aliased" | "with_polymorphic" | "with_parent" | "joinedload_all" => return first,
        "union" | "union_all" | "intersect" | "except_" => return first,
        "selectinload"
        | "joinedload"
        | "subqueryload"
        | "contains_eager"
        | "lazyload"
        | "raiseload"
        | "noload"
        | "immediateload"
        | "defaultload"
        | "load_only"
        | "defer"
        | "undefer"
        | "Load"
        | "with_loader_criteria"
        | "undefer_group" => return statements::option(m, &[], name, args),
        "sessionmaker" | "async_sessionmaker" => {
            let class = m.arg(args, usize::MAX, "class_");
            let kind = match class.map(|class| m.v(class).clone()) {
                Some(V::Heap(id)) => session_kind(m, Value::Obj(id)),
                _ => None,
            };
            let bind = first.or_else(|| m.arg(args, usize::MAX, "bind")).and_then(|bind| thing(m, bind));
            let is_async = kind
                .unwrap_or(name == "async_sessionmaker" || matches!(bind, Some((Thing::Engine { is_async: true }, _))));
            let expire = m.arg(args, usize::MAX, "expire_on_commit") != Some(Val::FALSE);
            make(m, Thing::Factory { is_async, expire }, Box::default())
        }
        "scoped_session" | "async_scoped_session" => return first,
        "Session" | "AsyncSession" => {
            let is_async = name == "AsyncSession" || path.contains("asyncio") || path.contains(".aio.");
            let expire = m.arg(args, usize::MAX, "expire_on_commit") != Some(Val::FALSE);
            record(m, f, Effect::Open { is_async, managed: false, site }, site);
            statements::new_session(m, is_async, expire, Some(site))
        }
        "inspect"
            if matches!(first.and_then(|first| thing(m, first)), Some((Thing::Engine { is_async: false }, _))) =>
        {
            let path = m.sym(INSPECTOR);
            make(m, Thing::Opaque(path), Box::default())
        }
        "create_engine" => make(m, Thing::Engine { is_async: false }, Box::default()),
        "create_async_engine" => make(m, Thing::Engine { is_async: true }, Box::default()),
        "object_session" | "async_object_session" => statements::new_session(m, name.starts_with("async"), true, None),
        _ => return None,
    })
}

// ---------------------------------------------------------------- concurrency

/// Runs one of several branches: what it gives, and whether it asks the database through a session it is handed.
fn branch(m: &mut Flow<'_, '_>, f: &mut Frame, part: Val, site: Site) -> (Val, bool) {
    let session = awaited_session(m, part, 0);
    f.open();
    let value = m.force(f, part, site);
    let nodes = f.close();
    let touched = super::touch::touch_nodes(m, &nodes);
    for node in nodes {
        f.node(node);
    }
    (value, session && (touched.asks || touched.commits) && !touched.opens)
}

/// Whether a value carries a session that has to be awaited.
fn awaited_session(m: &Flow<'_, '_>, val: Val, depth: u32) -> bool {
    if depth > 4 {
        return false;
    }
    let mut inner = |part: &Val| awaited_session(m, *part, depth + 1);
    match m.v(val) {
        V::Lib(..) => matches!(thing(m, val), Some((Thing::Session(Session { is_async: true, .. }), _))),
        V::Pending { callee, pos, kw, .. } => {
            inner(callee) || pos.iter().any(&mut inner) || kw.iter().any(|(_, part)| inner(part))
        }
        V::Method(receiver, _) => inner(receiver),
        V::Bound(receiver, function) => inner(receiver) || inner(function),
        V::Inst { attrs, .. } | V::Closure(_, attrs) => attrs.iter().any(|(_, part)| inner(part)),
        V::Coll { elem, .. } => inner(elem),
        V::Seq { items, .. } | V::Union(items) => items.iter().any(inner),
        _ => false,
    }
}

/// Does something in a worker thread.
fn in_thread<T>(
    m: &mut Flow<'_, '_>,
    f: &mut Frame,
    site: Site,
    run: impl FnOnce(&mut Flow<'_, '_>, &mut Frame) -> T,
) -> T {
    f.open();
    let done = run(m, f);
    let nodes = f.close();
    if !nodes.is_empty() {
        let summary = m.keep("", site.module, site.range, nodes, Val::NONE);
        f.node(Node::Call { summary, site, edge: Edge::Thread });
    }
    done
}

/// The body of a response that is sent piece by piece: plain generators are run in a thread.
fn stream(m: &mut Flow<'_, '_>, f: &mut Frame, content: Val, site: Site) {
    f.open();
    m.iterate(f, content, site);
    for node in f.close() {
        match node {
            Node::Call { summary, site, edge: Edge::Call } if !m.summary(summary).is_async => {
                f.node(Node::Call { summary, site, edge: Edge::Thread });
            }
            other => f.node(other),
        }
    }
}

/// Starts something that goes on beside the running function.
fn spawn(m: &mut Flow<'_, '_>, f: &mut Frame, args: &Args, site: Site, edge: Edge) {
    let Some(function) = args.pos.first().copied() else { return };
    let rest = Args { pos: args.pos[1..].to_vec(), kw: args.kw.clone(), rest: args.rest };
    let handed = rest.pos.iter().copied().chain(rest.kw.iter().map(|(_, v)| *v)).chain([function]);
    let given = handed.filter_map(|val| carried(m, val, 0)).next();
    record(m, f, Effect::Spawn { background: edge == Edge::Background, given }, site);
    m.call_by(f, function, rest, site, edge);
}

/// A session or a row inside a value, as people name it.
fn carried(m: &Flow<'_, '_>, val: Val, depth: u32) -> Option<String> {
    if depth > 3 {
        return None;
    }
    if let Some((class, info, _)) = row(m, val) {
        let from_session = matches!(info.state, State::Persistent | State::Expired | State::Pending);
        return from_session.then(|| rows::class_name(m, class));
    }
    match thing(m, val) {
        Some((Thing::Session(_), _)) => return Some("the session".to_owned()),
        Some(_) => return None,
        None => {}
    }
    match m.v(val) {
        V::Inst { attrs, .. } => attrs.iter().find_map(|(_, v)| carried(m, *v, depth + 1)),
        V::Coll { elem, .. } => carried(m, *elem, depth + 1),
        V::Seq { items, .. } | V::Union(items) => items.iter().find_map(|v| carried(m, *v, depth + 1)),
        V::Bound(receiver, _) => carried(m, *receiver, depth + 1),
        V::Closure(_, captured) => captured.iter().find_map(|(_, v)| carried(m, *v, depth + 1)),
        _ => None,
    }
}

fn concurrency(m: &mut Flow<'_, '_>, f: &mut Frame, path: &str, args: &Args, site: Site) -> Option<Val> {
    let first = args.pos.first().copied();
    match last(path) {
        "gather" => {
            let mut results = Vec::new();
            if let Some(rest) = args.rest {
                let list = m.coll(rest, Size::Unknown, Some(site));
                let (forced, asks) = branch(m, f, list, site);
                if asks {
                    record(m, f, Effect::Concurrent, site);
                }
                results.push(m.subscript(f, forced, Val::UNKNOWN, site));
                return Some(m.coll(results[0], Size::Unknown, Some(site)));
            }
            let mut sharing = 0;
            for part in &args.pos {
                let (value, asks) = branch(m, f, *part, site);
                results.push(value);
                sharing += usize::from(asks);
            }
            if sharing > 1 {
                record(m, f, Effect::Concurrent, site);
            }
            Some(m.make(V::Seq { tuple: false, items: results.into(), site: Some(site) }))
        }
        "create_task" | "ensure_future" => {
            let pending = first?;
            let given = match m.v(pending).clone() {
                V::Pending { callee, pos, kw, .. } => pos
                    .iter()
                    .copied()
                    .chain(kw.iter().map(|(_, v)| *v))
                    .chain([callee])
                    .find_map(|val| carried(m, val, 0)),
                _ => None,
            };
            record(m, f, Effect::Spawn { background: false, given }, site);
            let value = m.force_by(f, pending, site, Edge::Task);
            let _ = value;
            Some(make(m, Thing::Concurrency(Concurrency::Task), [value].into()))
        }
        "to_thread" | "run_in_threadpool" | "run_sync" if path != "anyio.from_thread.run_sync" => {
            let function = first?;
            let rest = Args { pos: args.pos[1..].to_vec(), kw: args.kw.clone(), rest: args.rest };
            Some(m.call_by(f, function, rest, site, Edge::Thread))
        }
        "iterate_in_threadpool" => {
            let content = first?;
            let (elem, size) = in_thread(m, f, site, |m, f| m.iterate(f, content, site));
            Some(m.coll(elem, size, Some(site)))
        }
        "sync_to_async" | "asyncify" => {
            let function = first?;
            let kw: Named = Box::default();
            let pending = m.make(V::Pending { callee: function, pos: Box::default(), kw, site });
            let _ = pending;
            Some(make(m, Thing::Concurrency(Concurrency::Executor), [function].into()))
        }
        "wait_for" | "shield" | "run" if path.starts_with("asyncio") => {
            let pending = first?;
            if last(path) == "run" && f.is_async {
                let what = m.sym("asyncio.run");
                record(m, f, Effect::Blocking { what, wait: Wait::Loop }, site);
            }
            Some(m.force(f, pending, site))
        }
        "get_event_loop" | "get_running_loop" | "new_event_loop" => {
            Some(make(m, Thing::Concurrency(Concurrency::Loop), Box::default()))
        }
        "TaskGroup" | "create_task_group" => Some(make(m, Thing::Concurrency(Concurrency::TaskGroup), Box::default())),
        "ThreadPoolExecutor" | "ProcessPoolExecutor" => {
            Some(make(m, Thing::Concurrency(Concurrency::Executor), Box::default()))
        }
        "BackgroundTasks" => Some(make(m, Thing::BackgroundTasks, Box::default())),
        "BackgroundTask" => {
            spawn(m, f, args, site, Edge::Background);
            Some(Val::UNKNOWN)
        }
        "add_task" => {
            let rest = Args { pos: args.pos.get(1..)?.to_vec(), kw: args.kw.clone(), rest: args.rest };
            spawn(m, f, &rest, site, Edge::Background);
            Some(Val::NONE)
        }
        "jsonable_encoder" => Some(Val::UNKNOWN),
        _ => None,
    }
}

fn concurrent_method(
    m: &mut Flow<'_, '_>,
    f: &mut Frame,
    kind: Concurrency,
    name: &str,
    args: &Args,
    site: Site,
) -> Val {
    let first = args.pos.first().copied();
    match (kind, name) {
        (Concurrency::Loop, "run_in_executor") => {
            let Some(function) = args.pos.get(1).copied() else { return Val::UNKNOWN };
            let rest = Args { pos: args.pos[2..].to_vec(), kw: args.kw.clone(), rest: args.rest };
            m.call_by(f, function, rest, site, Edge::Thread)
        }
        (Concurrency::Loop, "run_until_complete") => match first {
            Some(pending) => m.force(f, pending, site),
            None => Val::UNKNOWN,
        },
        (Concurrency::Loop, "create_task") | (Concurrency::TaskGroup, "create_task") => match first {
            Some(pending) => m.force_by(f, pending, site, Edge::Call),
            None => Val::UNKNOWN,
        },
        (Concurrency::TaskGroup, "start_soon" | "start") => match first {
            Some(function) => {
                let rest = Args { pos: args.pos[1..].to_vec(), kw: args.kw.clone(), rest: args.rest };
                m.call_by(f, function, rest, site, Edge::Call)
            }
            None => Val::UNKNOWN,
        },
        (Concurrency::Executor, "submit") => match first {
            Some(function) => {
                let rest = Args { pos: args.pos[1..].to_vec(), kw: args.kw.clone(), rest: args.rest };
                m.call_by(f, function, rest, site, Edge::Thread)
            }
            None => Val::UNKNOWN,
        },
        (Concurrency::Executor, "map") => {
            let (Some(function), Some(items)) = (first, args.pos.get(1).copied()) else { return Val::UNKNOWN };
            let mut found = Val::UNKNOWN;
            m.for_each(f, items, site, &mut |m, f, elem| {
                found = m.call_by(f, function, Args::of(vec![elem]), site, Edge::Thread);
            });
            let size = m.size_of(items);
            m.coll(found, size, Some(site))
        }
        _ => Val::UNKNOWN,
    }
}

/// `paginate(session, query)`: a count and a page.
fn paginate(m: &mut Flow<'_, '_>, f: &mut Frame, args: &Args, site: Site) -> Option<Val> {
    let session = args.pos.iter().find_map(|arg| statements::session_of(m, *arg));
    for arg in &args.pos {
        if let Some((Thing::Statement(statement), parts)) = thing(m, *arg) {
            let session = session.clone().or_else(|| parts.first().and_then(|p| statements::session_of(m, *p)))?;
            let mut bounded = (*statement).clone();
            bounded.limit = super::things::Limit::Given;
            let (row, size, _) = statements::execute(m, f, &bounded, &session, super::things::Take::All, site, false);
            let mut counted = *statement;
            counted.entities = vec![Entity::Aggregate];
            statements::execute(m, f, &counted, &session, super::things::Take::One, site, false);
            return Some(m.coll(row, size, Some(site)));
        }
    }
    None
}

/// The package that filters, sorts and pages queries by a specification.
fn sqlalchemy_filters(m: &mut Flow<'_, '_>, f: &mut Frame, path: &str, args: &Args, site: Site) -> Option<Val> {
    let query = args.pos.first().copied()?;
    let Some((Thing::Statement(statement), parts)) = thing(m, query) else { return None };
    match last(path) {
        "apply_filters" => {
            let mut new = *statement;
            new.filtered = true;
            Some(make(m, Thing::Statement(Box::new(new)), parts))
        }
        "apply_sort" => {
            let mut new = *statement;
            new.ordered = true;
            Some(make(m, Thing::Statement(Box::new(new)), parts))
        }
        "apply_pagination" => {
            if let Some(session) = parts.first().and_then(|part| statements::session_of(m, *part)) {
                let mut counted = (*statement).clone();
                counted.entities = vec![Entity::Aggregate];
                counted.options.clear();
                statements::execute(m, f, &counted, &session, super::things::Take::One, site, false);
            }
            let mut new = *statement;
            new.limit = super::things::Limit::Given;
            new.offset = true;
            new.paged = Some(site);
            let limited = make(m, Thing::Statement(Box::new(new)), parts);
            let page = Val::UNKNOWN;
            Some(m.make(V::Seq { tuple: true, items: [limited, page].into(), site: None }))
        }
        _ => None,
    }
}
