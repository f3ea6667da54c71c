//! Calls of SQLAlchemy by their dotted path, and of packages that page and filter its queries.

use architect_python::flow::{Args, Frame, V, Val};
use architect_python::{Site, Value};

use super::books::{Flow, last, make, record, thing};
use super::expressions::{expression, facts};
use super::library::INSPECTOR;
use super::rows;
use super::session_methods::{self, session_kind};
use super::statements;
use super::things::{Effect, Entity, Expression, Statement, StatementKind, Thing};

#[allow(clippy::too_many_lines)]
pub(super) fn sqlalchemy(m: &mut Flow<'_, '_>, f: &mut Frame, path: &str, args: &Args, site: Site) -> Option<Val> {
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
    if matches!(name, "and_" | "or_" | "not_" | "case" | "case()") {
        args.pos.iter().chain(&args.rest).for_each(|arg| super::decisions::reaches(m, *arg));
    }
    Some(match name {
        "select" => {
            let entities: Vec<Entity> = match first.map(|first| m.v(first).clone()) {
                Some(V::Seq { items, .. }) => items.iter().map(|arg| statements::entity(m, *arg)).collect(),
                _ => args.pos.iter().map(|arg| statements::entity(m, *arg)).collect(),
            };
            let statement = Statement { built: Some(site), ..Statement::new(StatementKind::Select, entities) };
            make(m, Thing::Statement(Box::new(statement)), Box::default())
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
            all.doubtful = args.rest.is_some() || args.pos.contains(&Val::UNKNOWN);
            for arg in &args.pos {
                let Some(found) = facts(m, *arg) else { continue };
                if found.either {
                    all.listed |= found.listed;
                } else {
                    all.equals = super::expressions::both(all.equals, found.equals);
                    all.unique |= found.unique;
                    all.parent = all.parent.or(found.parent);
                    all.listed |= found.listed;
                    all.window |= found.window;
                    all.doubtful |= found.doubtful;
                }
            }
            expression(m, all)
        }
        "or_" if args.pos.len() > 1 || args.rest.is_some() => {
            let all =
                args.rest.is_none() && args.pos.iter().all(|part| facts(m, *part).is_some_and(Expression::bounds));
            let maybe_one = args.pos.iter().any(|part| facts(m, *part).is_some_and(Expression::names_one));
            expression(m, Expression { any: true, either: true, maybe_one, listed: all, ..Expression::default() })
        }
        "or_" | "not_" | "exists" | "case" | "cast" | "literal" | "literal_column" | "desc" | "asc" | "tuple_"
        | "extract" | "null" | "true" | "false" | "distinct" | "between" | "column" | "type_coerce" | "nulls_last"
        | "nullslast" | "any_" | "all_" | "over" | "label" => {
            let turned = matches!(name, "desc" | "asc" | "nulls_last" | "nullslast" | "not_");
            let compares = turned && first.and_then(|first| facts(m, first)).is_some_and(|found| found.compares);
            expression(m, Expression { any: true, compares, ..Expression::default() })
        }
        "model_validate" => {
            let Some(V::Heap(class)) = first.map(|first| m.v(first).clone()) else { return None };
            rows::transient(m, class, &Args { rest: Some(Val::UNKNOWN), ..Args::default() }, site)
        }
        "sqlmodel_update" => {
            let any = m.sym(architect_python::flow::ANY_ATTRIBUTE);
            rows::set(m, f, first?, any, Val::UNKNOWN, site);
            return first;
        }
        "set_committed_value" => {
            let [object, key, value] = args.pos[..] else { return None };
            let name = m.str_of(key).map(str::to_owned)?;
            let name = m.sym(&name);
            let new = m.with(object, name, Some(value));
            m.replace(f, object, new);
            Val::NONE
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
            make(m, Thing::Factory { is_async, expire, scoped: false }, Box::default())
        }
        "scoped_session" | "async_scoped_session" => match first.and_then(|first| thing(m, first)) {
            Some((Thing::Factory { is_async, expire, .. }, _)) => {
                make(m, Thing::Factory { is_async, expire, scoped: true }, Box::default())
            }
            _ => return first,
        },
        "Session" | "AsyncSession" => {
            let is_async = name == "AsyncSession" || path.contains("asyncio") || path.contains(".aio.");
            let expire = m.arg(args, usize::MAX, "expire_on_commit") != Some(Val::FALSE);
            if is_async && expire && args.rest.is_none() {
                m.lib.expiring.push(site);
            }
            record(m, f, Effect::Open { is_async, managed: false, site }, site);
            session_methods::new_session(m, is_async, expire, Some(site))
        }
        "inspect"
            if matches!(first.and_then(|first| thing(m, first)), Some((Thing::Engine { is_async: false }, _))) =>
        {
            let path = m.sym(INSPECTOR);
            make(m, Thing::Opaque(path), Box::default())
        }
        "create_engine" => make(m, Thing::Engine { is_async: false }, Box::default()),
        "create_async_engine" => make(m, Thing::Engine { is_async: true }, Box::default()),
        "object_session" | "async_object_session" => {
            session_methods::new_session(m, name.starts_with("async"), true, None)
        }
        _ => return None,
    })
}

/// `paginate(session, query)`: a count and a page.
pub(super) fn paginate(m: &mut Flow<'_, '_>, f: &mut Frame, args: &Args, site: Site) -> Option<Val> {
    let session = args.pos.iter().find_map(|arg| session_methods::session_of(m, *arg));
    for arg in &args.pos {
        if let Some((Thing::Statement(statement), parts)) = thing(m, *arg) {
            let session = session.clone().or_else(|| parts.first().and_then(|p| session_methods::session_of(m, *p)))?;
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
pub(super) fn sqlalchemy_filters(
    m: &mut Flow<'_, '_>,
    f: &mut Frame,
    path: &str,
    args: &Args,
    site: Site,
) -> Option<Val> {
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
            if let Some(session) = parts.first().and_then(|part| session_methods::session_of(m, *part)) {
                let mut counted = (*statement).clone();
                counted.entities = vec![Entity::Aggregate];
                counted.options.clear();
                statements::execute(m, f, &counted, &session, super::things::Take::One, site, false);
            }
            let mut new = *statement;
            let size = m.arg(args, 2, "page_size");
            new.limit = size.map_or(super::things::Limit::Given, |size| statements::limit_of(m, size));
            new.offset = true;
            new.paged = Some(site);
            let limited = make(m, Thing::Statement(Box::new(new)), parts);
            let page = Val::UNKNOWN;
            Some(m.make(V::Seq { tuple: true, items: [limited, page].into(), site: None }))
        }
        _ => None,
    }
}
