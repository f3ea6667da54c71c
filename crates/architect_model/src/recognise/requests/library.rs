//! What the request-time machine asks of libraries.

use architect_python::flow::{Args, Decides, Edge, Frame, Library, Named, Node, Size, V, Val};
use architect_python::{ModuleId, ObjectId, Site, Sym, Value};

use super::books::{Books, Flow, last, make, record, row, row_facts, thing};
use super::expressions::{column_method, expression, operator};
use super::session_methods::{self, session_kind};
use super::sqlalchemy::{paginate, sqlalchemy, sqlalchemy_filters};
use super::statements;
use super::tasks::{concurrency, concurrent_method, spawn, stream};
use super::things::{Effect, Entity, Expression, Session, State, Statement, StatementKind, Thing, Truth};
use super::{adopt, blocking, decisions, reductions, results, rows, serialise};
use crate::requests::Wait;

/// What reads the catalogue of a database: `inspect(engine)`.
pub(super) const INSPECTOR: &str = "sqlalchemy.Inspector";

impl Library for Books {
    fn adopt(m: &mut Flow<'_, '_>, value: Value) -> Option<Val> {
        adopt::object(m, value)
    }

    fn of_type(m: &mut Flow<'_, '_>, annotation: Value, _name: Sym) -> Option<Val> {
        adopt::of_type(m, annotation)
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
            super::injected::PACKAGE => {
                return if last(path) == "__call__" { super::injected::called(m, f, args, site) } else { None };
            }
            super::state::CALL_NEXT => {
                super::state::goes_on(m, args);
                return Some(Val::UNKNOWN);
            }
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
                        let says = args.rest.is_some() || m.arg(args, usize::MAX, "from_attributes").is_some();
                        Some(serialise::validate(m, f, class, value, says, site))
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
            // Sources: the documentation of fastapi-sqla 3, "open_session".
            "fastapi_sqla" if last(path) == "open_session" => {
                let is_async = path.contains("async_sqla");
                return Some(session_methods::new_session(m, is_async, !is_async, Some(site)));
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
        // What keeps the users of `fastapi-users` commits each change.
        if top.starts_with("fastapi_users") && matches!(last(path), "create" | "update" | "delete") {
            record(m, f, Effect::MayCommit, site);
        }
        // Those who write queries for others.
        if matches!(top, "fastapi_pagination") && last(path) == "paginate" {
            return paginate(m, f, args, site);
        }
        if top == "sqlalchemy_filters" {
            return sqlalchemy_filters(m, f, path, args, site);
        }
        let stated = crate::context::names(&m.lib.blocking_calls, path).then_some(Wait::Network);
        let quick = path == "hashlib.pbkdf2_hmac" && m.arg(args, 3, "iterations").is_some_and(|n| is_few(m, n));
        if let Some(wait) = stated.or_else(|| blocking::blocking(path)).filter(|_| !quick) {
            let shown = path.replace("()", "").replace(".__call__.<locals>", "");
            let what = m.sym(&shown);
            record(m, f, Effect::Blocking { what, wait }, site);
        }
        if blocking::is_outside(path) {
            let what = m.sym(&path.replace("()", ""));
            record(m, f, Effect::Outside { what }, site);
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
            return Some(serialise::construct(m, f, class, args, site));
        }
        if let Some(is_async) = session_kind(m, Value::Obj(class)) {
            let expire = m.arg(args, usize::MAX, "expire_on_commit") != Some(Val::FALSE);
            if is_async && expire && args.rest.is_none() {
                m.lib.expiring.push(site);
            }
            record(m, f, Effect::Open { is_async, managed: false, site }, site);
            return Some(session_methods::new_session(m, is_async, expire, Some(site)));
        }
        if is_getter_dict(m, class) {
            // The validators of Pydantic 1 see an object through it.
            let given = args.pos.first().copied().unwrap_or(Val::UNKNOWN);
            let name = m.sym("_obj");
            return Some(m.make(V::Inst { class, tag: 0, site: Some(site), attrs: [(name, given)].into() }));
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
        if row_facts(m, object).is_some() {
            if m.name(name) == "__dict__" {
                return rows::loaded(m, object, site);
            }
            return rows::read(m, f, object, name, site);
        }
        if let V::Inst { class, .. } = *m.v(object) {
            return super::state::of_request(m, f, object, class, name, site);
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
            // A table of SQLModel that is made of the fields of another model.
            if serialise::derives_from_model(m, class) && matches!(m.name(name), "model_validate" | "from_orm") {
                let path = m.sym("sqlmodel.model_validate");
                let receiver = m.make(V::Heap(class));
                return Some(make(m, Thing::Opaque(path), [receiver].into()));
            }
            return None;
        }
        let text = m.name(name).to_owned();
        if text == "session"
            && let Some(path) = m.path_of(Value::Obj(class))
            && let Some(is_async) = adopt::request_session(&path)
        {
            return Some(session_methods::new_session(m, is_async, !is_async, None));
        }
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

    fn put(m: &mut Flow<'_, '_>, f: &mut Frame, list: Val, value: Val, site: Site) -> Val {
        super::unit::put_into(m, f, list, value, site)
    }

    fn method(m: &mut Flow<'_, '_>, f: &mut Frame, object: Val, name: Sym, args: &Args, site: Site) -> Val {
        let text = m.name(name).to_owned();
        let Some((found, parts)) = thing(m, object) else { return Val::UNKNOWN };
        match found {
            Thing::Session(_) => session_methods::session_method(m, f, object, &text, args, site),
            Thing::Statement(_) => results::query_method(m, f, object, &text, args, site),
            Thing::Result { .. } => results::result_method(m, f, object, &text, args, site),
            Thing::Factory { is_async, expire, scoped } => match text.as_str() {
                "__call__" => {
                    record(m, f, Effect::Open { is_async, managed: scoped, site }, site);
                    if !scoped {
                        rows::of_another_session(m, f, site);
                    }
                    session_methods::new_session(m, is_async, expire, Some(site))
                }
                "begin" => {
                    record(m, f, Effect::Open { is_async, managed: true, site }, site);
                    let session = session_methods::new_session(m, is_async, expire, Some(site));
                    make(m, Thing::Transaction { nested: false, closes: true }, [session].into())
                }
                "configure" => Val::NONE,
                "remove" => {
                    record(m, f, Effect::Close { is_async, site: Some(site) }, site);
                    Val::NONE
                }
                // A registry passes on what a session has.
                _ => {
                    let session = session_methods::new_session(m, is_async, expire, None);
                    session_methods::session_method(m, f, session, &text, args, site)
                }
            },
            Thing::Engine { is_async } => match text.as_str() {
                "connect" | "raw_connection" => session_methods::new_session(m, is_async, false, Some(site)),
                "begin" => {
                    let connection = session_methods::new_session(m, is_async, false, Some(site));
                    make(m, Thing::Transaction { nested: false, closes: true }, [connection].into())
                }
                "execution_options" => object,
                "execute" => {
                    let session = session_methods::new_session(m, is_async, false, Some(site));
                    session_methods::session_method(m, f, session, &text, args, site)
                }
                _ => Val::UNKNOWN,
            },
            Thing::Transaction { .. } => match text.as_str() {
                "commit" | "rollback" => match parts.first() {
                    Some(session) => session_methods::session_method(m, f, *session, &text, args, site),
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
                "any" | "has" | "contains" => {
                    args.pos.iter().for_each(|arg| super::decisions::reaches(m, *arg));
                    expression(m, Expression { any: true, truth: Truth::Raises, ..Expression::default() })
                }
                "of_type" | "and_" => make(m, Thing::Attribute { class, name: relation }, Box::default()),
                _ => Val::UNKNOWN,
            },
            Thing::Expression(_) | Thing::Function { .. } if text == "in_" => {
                expression(m, Expression { any: true, listed: true, ..Expression::default() })
            }
            Thing::Expression(found) => match text.as_str() {
                "where" | "filter" => {
                    args.pos.iter().for_each(|arg| super::decisions::reaches(m, *arg));
                    object
                }
                "select_from" | "label" | "asc" | "desc" | "over" | "self_group" | "correlate" | "nulls_last"
                | "nullslast" | "nulls_first" | "within_group" | "cast" | "distinct" => object,
                "select" => {
                    let entities = vec![if found.aggregate { Entity::Aggregate } else { Entity::Other }];
                    let statement = Statement::new(StatementKind::Select, entities);
                    make(m, Thing::Statement(Box::new(statement)), Box::default())
                }
                _ => expression(m, Expression { any: true, truth: Truth::Raises, decided: None, ..found }),
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
            Thing::Number(_) => Val::UNKNOWN,
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
                if path.starts_with("pydantic.") || path.starts_with("sqlmodel.") {
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
                session_methods::is_coroutine(m.name(name))
            }
            Some((Thing::Factory { is_async: true, .. }, _)) => session_methods::is_coroutine(m.name(name)),
            _ => false,
        }
    }

    fn iterate(m: &mut Flow<'_, '_>, f: &mut Frame, object: Val, site: Site) -> Option<(Val, Size)> {
        results::iterate(m, f, object, site)
    }

    fn enter(m: &mut Flow<'_, '_>, f: &mut Frame, object: Val, site: Site) -> Option<Val> {
        match thing(m, object)? {
            (Thing::Factory { is_async, expire, .. }, _) => {
                record(m, f, Effect::Open { is_async, managed: true, site }, site);
                Some(session_methods::new_session(m, is_async, expire, Some(site)))
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

    /// A statement that a loop adds conditions to is asked with them: how many, nobody knows.
    fn grown(m: &mut Flow<'_, '_>, before: Val, after: Val) -> Option<Val> {
        let ((Thing::Statement(old), _), (Thing::Statement(mut new), parts)) = (thing(m, before)?, thing(m, after)?)
        else {
            return None;
        };
        if new.conditions <= old.conditions || old.entities != new.entities {
            return None;
        }
        new.doubtful = true;
        Some(make(m, Thing::Statement(new), parts))
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
            (Thing::Result { size, scalars, joined_collection }, Thing::Result { joined_collection: other, .. }) => {
                // Where one of them was made unique, both were meant to.
                let joined_collection = joined_collection.filter(|_| other.is_some());
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
                    equals: if a.equals == b.equals { a.equals } else { Default::default() },
                    parent: a.parent.filter(|parent| b.parent == Some(*parent)),
                    of_root: a.of_root.filter(|root| b.of_root == Some(*root)),
                    listed: a.listed && b.listed,
                    window: a.window && b.window,
                    doubtful: a.doubtful || b.doubtful,
                    any: a.any || b.any,
                    compares: a.compares && b.compares,
                    either: a.either || b.either,
                    maybe_one: a.names_one() || b.names_one(),
                    aggregate: a.aggregate && b.aggregate,
                    truth: if a.truth == b.truth { a.truth } else { Truth::Unknown },
                    decided: a.decided.or(b.decided),
                },
            )),
            (Thing::Opaque(a), Thing::Opaque(b)) if a == b => Some(left),
            _ => None,
        }
    }

    fn tells(m: &Flow<'_, '_>, val: Val) -> bool {
        !matches!(thing(m, val), Some((Thing::Number(_), _)))
    }

    fn tested(m: &mut Flow<'_, '_>, f: &mut Frame, val: Val, site: Site) {
        for part in m.values.parts(val) {
            let V::Coll { elem, size: Size::Rows(_, None), .. } = m.v(part).clone() else { continue };
            let Some((class, info, _)) = row(m, super::results::scalar_of(m, elem)) else { continue };
            if let Some(query) = info.query.filter(|_| info.whole) {
                record(m, f, Effect::Tested { class, query }, site);
            }
        }
    }

    fn asked(m: &mut Flow<'_, '_>, f: &mut Frame, val: Val, site: Site) {
        if let Some((class, query)) = all_rows(m, val)
            && m.ev.program.module(site.module).only_tested(site.range)
        {
            record(m, f, Effect::Counted { class, query, whether: true }, site);
        }
    }

    fn counted(m: &mut Flow<'_, '_>, f: &mut Frame, val: Val, site: Site) {
        if let Some((class, query)) = all_rows(m, val)
            && m.ev.program.module(site.module).only_measured(site.range)
        {
            record(m, f, Effect::Counted { class, query, whether: false }, site);
        }
    }

    fn walked(m: &mut Flow<'_, '_>, f: &mut Frame, list: Val, elem: Val, site: Site) {
        reductions::walked(m, f, list, elem, site);
    }

    fn operator(m: &mut Flow<'_, '_>, op: &str, left: Val, right: Val) -> Option<Val> {
        operator(m, op, left, right)
    }

    fn decide(
        m: &mut Flow<'_, '_>,
        f: &mut Frame,
        how: Decides,
        operands: &[(Val, Site)],
        value: Val,
        site: Site,
    ) -> Val {
        decisions::decide(m, f, how, operands, value, site)
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

    fn left(m: &mut Flow<'_, '_>, f: &mut Frame, nodes: &[Node]) {
        for (site, is_async) in super::touch::closed_in(m, nodes, 0) {
            let session = session_methods::session(is_async, true, Some(site));
            rows::settle(m, f, &session, State::Detached);
        }
    }

    fn returned(m: &mut Flow<'_, '_>, val: Val, function: Site) -> Val {
        match thing(m, val) {
            // One of its own, and not that of a request.
            Some((Thing::Session(session), parts)) if session.site.is_none() => {
                make(m, Thing::Session(Session { site: Some(function), ..session }), parts)
            }
            _ => val,
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

    fn awaited(m: &mut Flow<'_, '_>, val: Val) -> Val {
        super::tasks::awaited(m, val)
    }

    fn may_fail(m: &mut Flow<'_, '_>, body: &[Node]) -> bool {
        let touched = super::touch::touch_nodes(m, body);
        touched.leaves && !touched.rolls_back
    }

    fn gives_up(m: &mut Flow<'_, '_>, handler: &[Node]) -> bool {
        super::touch::touch_nodes(m, handler).rolls_back
    }

    fn failed(m: &mut Flow<'_, '_>, f: &mut Frame) {
        // Whichever session it was: all that a request holds are taken for it.
        for is_async in [false, true] {
            let session = session_methods::session(is_async, true, None);
            rows::settle(m, f, &session, State::Expired);
        }
    }

    fn missing(m: &mut Flow<'_, '_>, f: &mut Frame, _object: Val, attribute: Option<Sym>, lookup: Site, site: Site) {
        record(m, f, Effect::Missing { attribute, raises: false, lookup }, site);
    }

    fn is_sent(m: &mut Flow<'_, '_>, object: Val) -> bool {
        let &V::Inst { class, tag: 0, site: None, .. } = m.v(object) else { return false };
        serialise::derives_from_model(m, class) && !super::missing::asks_itself(m, class)
    }

    fn unknown_method(m: &mut Flow<'_, '_>, f: &mut Frame, name: Sym, site: Site) {
        // What is not known may commit where its block is left, too.
        if matches!(m.name(name), "commit" | "__exit__") {
            record(m, f, Effect::MayCommit, site);
        }
    }

    fn follows(m: &Flow<'_, '_>, module: ModuleId) -> bool {
        let _ = (m, module);
        false
    }
}

/// Whether a class derives from Pydantic's `GetterDict` and makes its instances as that does.
fn is_getter_dict(m: &Flow<'_, '_>, class: ObjectId) -> bool {
    let Some(own) = m.ev.class(Value::Obj(class)) else { return false };
    let bases = own.mro.iter().filter_map(|parent| m.ev.class(Value::Obj(*parent))).flat_map(|parent| &parent.bases);
    let mut paths = bases.filter_map(|base| m.path_of(*base));
    paths.any(|path| path.starts_with("pydantic.") && last(&path) == "GetterDict") && !m.has_own_init(class)
}

// ---------------------------------------------------------------- concurrency

/// The class of all rows that a query gives, and the query, where a list is just them.
fn all_rows(m: &mut Flow<'_, '_>, list: Val) -> Option<(ObjectId, Site)> {
    let V::Coll { elem, size: Size::Rows(_, None), site: Some(made), .. } = m.v(list).clone() else { return None };
    let elem = super::results::scalar_of(m, elem);
    let (class, info, _) = row(m, elem)?;
    let query = info.query.filter(|_| info.open && results::is_all_of_it(m, made))?;
    Some((class, query))
}

/// Whether so many rounds of a hash take no time worth a word: passwords are hashed with hundreds of thousands.
fn is_few(m: &Flow<'_, '_>, rounds: Val) -> bool {
    matches!(m.v(rounds), V::Int(rounds) if *rounds < 20_000)
}
