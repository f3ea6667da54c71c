//! Statements: how they are built, executed, and what becomes of their rows.

use architect_python::flow::{Args, Frame, Kind, Size, V, Val};
use architect_python::{Object, ObjectId, Site, Sym, Value};

use super::books::{Flow, last, make, record, row, thing};
use super::rows::{class_name, info_of, load, settle};
use super::things::{
    Change, Effect, Entity, Expression, Limit, LoadOption, RowInfo, Session, State, Statement, StatementKind, Strategy,
    Take, Thing,
};

/// What a value means as something that is selected.
pub(super) fn entity(m: &Flow<'_, '_>, val: Val) -> Entity {
    match m.v(val) {
        V::Heap(id) if m.lib.mappers.get(*id).is_some() => Entity::Class(*id),
        V::Heap(id) if matches!(m.ev.object(*id), Object::Class(_)) => Entity::Other,
        V::Lib(..) => match thing(m, val) {
            Some((Thing::Column { class, name }, _)) => Entity::Column(class, name),
            Some((Thing::Function { .. } | Thing::Expression(Expression { aggregate: true, .. }), _)) => {
                Entity::Aggregate
            }
            _ => Entity::Other,
        },
        _ => Entity::Other,
    }
}

/// How people name what is read.
pub(super) fn entity_name(m: &Flow<'_, '_>, statement: &Statement) -> String {
    for entity in &statement.entities {
        match entity {
            Entity::Class(class) | Entity::Column(class, _) => {
                return m.lib.mappers.get(*class).map_or_else(|| class_name(m, *class), |mapper| mapper.name.clone());
            }
            _ => {}
        }
    }
    match statement.entities.first() {
        Some(Entity::Aggregate) => "an aggregate".to_owned(),
        _ => "?".to_owned(),
    }
}

/// Adds a condition.
fn restrict(m: &Flow<'_, '_>, statement: &mut Statement, conditions: &[Val]) {
    for condition in conditions {
        statement.filtered = true;
        match thing(m, *condition) {
            Some((Thing::Expression(found), _)) if !found.either => {
                let entity = statement.entities.iter().find_map(|entity| match entity {
                    Entity::Class(class) | Entity::Column(class, _) => Some(*class),
                    _ => None,
                });
                statement.unique |= found.unique;
                if let Some((class, column)) = found.identifies
                    && Some(class) == entity
                {
                    compare_key(m, statement, class, column);
                }
                let belongs = |parent| match entity {
                    // Of an association: the rows that one parent is connected with.
                    Some(entity) => parent == entity || m.lib.mappers.points_to(parent, entity),
                    None => true,
                };
                statement.parent |= found.parent.is_some_and(belongs);
                statement.listed |= found.listed;
                statement.window |= found.window;
            }
            _ => {}
        }
    }
}

/// Notes that a column of a key equals something; with all columns of the key there is at most one row.
fn compare_key(m: &Flow<'_, '_>, statement: &mut Statement, class: ObjectId, column: Sym) {
    if !statement.compared.contains(&column) {
        statement.compared.push(column);
    }
    let keys = m.lib.mappers.get(class).map_or(&[][..], |mapper| &mapper.keys);
    statement.unique |= keys.iter().any(|key| key.iter().all(|part| statement.compared.contains(part)));
}

/// Another query (a subquery, a `WITH`) may bound what is joined with it or read from it.
fn bound_by(m: &Flow<'_, '_>, statement: &mut Statement, args: &Args) {
    let is_query = |arg: &Val| matches!(thing(m, *arg), Some((Thing::Expression(_), _)));
    if args.pos.first().is_some_and(is_query) && statement.limit == Limit::None {
        statement.limit = Limit::Given;
    }
}

/// The columns compared by `filter_by(name=value)`.
fn restrict_by(m: &Flow<'_, '_>, statement: &mut Statement, names: &[(Sym, Val)]) {
    let class = statement.entities.iter().find_map(|entity| match entity {
        Entity::Class(class) | Entity::Column(class, _) => Some(*class),
        _ => None,
    });
    for (name, _) in names {
        statement.filtered = true;
        if let Some(class) = class {
            match m.lib.mappers.column(class, *name) {
                Some(facts) => {
                    statement.unique |= facts.primary_key || facts.unique;
                    statement.parent |= facts.foreign_key;
                    if facts.identifies {
                        compare_key(m, statement, class, *name);
                    }
                }
                None => statement.parent |= m.lib.mappers.relation(class, *name).is_some(),
            }
        }
    }
}

fn limit_of(m: &Flow<'_, '_>, val: Val) -> Limit {
    match m.v(val) {
        V::Int(n) => u32::try_from(*n).map_or(Limit::None, Limit::Known),
        V::None => Limit::None,
        _ => Limit::Given,
    }
}

/// A method that builds a statement: the new one, or nothing where it is none.
pub(super) fn build(
    m: &mut Flow<'_, '_>,
    statement: &Statement,
    parts: &[Val],
    name: &str,
    args: &Args,
    site: Site,
) -> Option<Val> {
    let mut new = statement.clone();
    if matches!(name, "limit" | "fetch" | "offset" | "slice") {
        new.paged = Some(site);
    }
    match name {
        "filter" | "where" | "having" => restrict(m, &mut new, &args.pos),
        "filter_by" => restrict_by(m, &mut new, &args.kw),
        "limit" | "fetch" => new.limit = args.pos.first().map_or(Limit::None, |n| limit_of(m, *n)),
        "slice" => new.limit = Limit::Given,
        "offset" => new.offset = true,
        "order_by" => new.ordered = args.rest.is_some() || args.pos.iter().any(|arg| *arg != Val::NONE),
        "group_by" => new.grouped = true,
        "distinct" => new.distinct = true,
        "yield_per" => new.streamed = true,
        "execution_options" => {
            new.streamed |= args.kw.iter().any(|(n, _)| matches!(m.name(*n), "yield_per" | "stream_results"));
        }
        "options" => {
            for arg in &args.pos {
                collect_options(m, *arg, &mut new.options);
            }
        }
        "join" | "outerjoin" | "join_from" | "outerjoin_from" => {
            new.joins = new.joins.saturating_add(1);
            bound_by(m, &mut new, args);
            // A condition of the join may compare what belongs to one parent.
            for arg in args.pos.iter().skip(1) {
                if let Some((Thing::Expression(found), _)) = thing(m, *arg) {
                    new.listed |= found.listed && !found.either;
                }
            }
        }
        "with_entities" | "with_only_columns" => {
            new.entities = args.pos.iter().map(|arg| entity(m, *arg)).collect();
        }
        "add_columns" | "add_entity" | "add_column" => {
            new.entities.extend(args.pos.iter().map(|arg| entity(m, *arg)));
        }
        "select_from" => bound_by(m, &mut new, args),
        "correlate"
        | "correlate_except"
        | "params"
        | "with_for_update"
        | "populate_existing"
        | "enable_eagerloads"
        | "prefix_with"
        | "suffix_with"
        | "returning"
        | "values"
        | "on_conflict_do_nothing"
        | "on_conflict_do_update"
        | "union"
        | "union_all"
        | "intersect"
        | "except_"
        | "with_session"
        | "autoflush"
        | "bindparams"
        | "columns"
        | "reset_joinpoint"
        | "from_statement"
        | "execution_option"
        | "with_hint"
        | "ordered_values"
        | "from_select"
        | "inline"
        | "return_defaults" => {}
        "add_criteria" => {}
        "subquery" | "exists" | "scalar_subquery" | "as_scalar" | "label" | "cte" | "alias" | "compile" | "in_"
        | "any_" | "lateral" => {
            return Some(make(m, Thing::Expression(Expression { any: true, ..Expression::default() }), Box::default()));
        }
        "whereclause" | "column_descriptions" | "selectable" | "statement" | "froms" | "selected_columns" => {
            return Some(Val::UNKNOWN);
        }
        _ => return None,
    }
    Some(make(m, Thing::Statement(Box::new(new)), parts.into()))
}

/// Gathers loader options.
pub(super) fn collect_options(m: &mut Flow<'_, '_>, val: Val, out: &mut Vec<LoadOption>) {
    if let Some((Thing::Options(options), _)) = thing(m, val) {
        for option in options.iter() {
            if !out.contains(option) && out.len() < 64 {
                out.push(option.clone());
            }
        }
        return;
    }
    match m.v(val).clone() {
        V::Seq { items, .. } | V::Union(items) => {
            for item in &items {
                collect_options(m, *item, out);
            }
        }
        V::Coll { elem, .. } => collect_options(m, elem, out),
        _ => {}
    }
}

/// The relationships an option names: attributes of classes, or a star.
fn steps(m: &Flow<'_, '_>, args: &[Val]) -> Vec<Option<Sym>> {
    args.iter()
        .filter_map(|arg| match thing(m, *arg) {
            Some((Thing::Attribute { name, .. }, _)) => Some(Some(name)),
            _ => match m.v(*arg) {
                V::Str(name) => Some((m.name(*name) != "*").then_some(*name)),
                _ => None,
            },
        })
        .collect()
}

fn strategy_named(name: &str) -> Option<Strategy> {
    Some(match name {
        "selectinload" | "immediateload" => Strategy::Selectin,
        "joinedload" => Strategy::Joined,
        "subqueryload" => Strategy::Subquery,
        "contains_eager" => Strategy::Contains,
        "lazyload" => Strategy::Lazy,
        "raiseload" => Strategy::Raise,
        "noload" => Strategy::None,
        "defaultload" => Strategy::Lazy,
        _ => return None,
    })
}

fn columns_of(m: &Flow<'_, '_>, args: &[Val]) -> Vec<Sym> {
    args.iter()
        .filter_map(|arg| match thing(m, *arg) {
            Some((Thing::Column { name, .. } | Thing::Attribute { name, .. }, _)) => Some(name),
            _ => match m.v(*arg) {
                V::Str(name) => Some(*name),
                _ => None,
            },
        })
        .collect()
}

/// `selectinload(A.b)` and what is chained to it.
pub(super) fn option(m: &mut Flow<'_, '_>, before: &[LoadOption], name: &str, args: &Args) -> Option<Val> {
    let name = if name == "Load" { "defaultload" } else { name };
    let mut options: Vec<LoadOption> = before.to_vec();
    let prefix = before.last().map(|option| option.path.clone()).unwrap_or_default();
    match name {
        "load_only" => {
            let only = columns_of(m, &args.pos);
            options.push(LoadOption { path: prefix, only: Some(only), defer: Vec::new() });
        }
        "defer" => {
            let defer = columns_of(m, &args.pos);
            options.push(LoadOption { path: prefix, only: None, defer });
        }
        "undefer" | "undefer_group" | "with_expression" | "with_loader_criteria" | "selectin_polymorphic" => {}
        "options" => {
            let mut below = Vec::new();
            for arg in &args.pos {
                collect_options(m, *arg, &mut below);
            }
            for option in below {
                let mut path = prefix.clone();
                path.extend(option.path);
                options.push(LoadOption { path, ..option });
            }
        }
        _ => {
            let strategy = strategy_named(name)?;
            let mut path = prefix;
            for step in steps(m, &args.pos) {
                path.push((step, strategy));
                options.push(LoadOption { path: path.clone(), only: None, defer: Vec::new() });
            }
        }
    }
    Some(make(m, Thing::Options(options.into()), Box::default()))
}

/// How many rows a statement may give.
fn size_of(m: &mut Flow<'_, '_>, statement: &Statement) -> Size {
    let name = entity_name(m, statement);
    if name == "?" && statement.entities.is_empty() {
        return Size::Unknown;
    }
    let only_aggregates =
        !statement.entities.is_empty() && statement.entities.iter().all(|e| matches!(e, Entity::Aggregate));
    if only_aggregates && !statement.grouped {
        return Size::Known(1);
    }
    let name = m.sym(&name);
    if statement.unique {
        return Size::Rows(name, Some(1));
    }
    match statement.limit {
        Limit::Known(n) => Size::Rows(name, Some(n)),
        _ => Size::Rows(name, None),
    }
}

/// A row that a statement gives, and what it takes to load it.
fn row_of(
    m: &mut Flow<'_, '_>,
    statement: &Statement,
    session: &Session,
    site: Site,
    take: Take,
) -> (Val, Vec<(ObjectId, Sym)>, bool) {
    let info = RowInfo {
        state: State::Persistent,
        is_async: Some(session.is_async && !session.greenlet),
        expire: session.expire,
        session: session.site,
        deferred: Vec::new(),
        only: None,
        options: Vec::new(),
        query: Some(site),
        many: take == Take::All,
    };
    let mut beside = Vec::new();
    let mut joined = false;
    let mut columns = Vec::new();
    let mut names = Vec::new();
    for entity in &statement.entities {
        match entity {
            Entity::Class(class) => {
                let info = info_of(&info, statement.options.clone());
                let mut path = Vec::new();
                columns.push(load(m, *class, info, Some(site), &mut beside, &mut joined, &mut path));
                let name = class_name(m, *class);
                names.push(Some(m.sym(&name)));
            }
            Entity::Column(class, name) => {
                columns.push(m.field_type(*class, *name).filter(|v| row(m, *v).is_none()).unwrap_or(Val::UNKNOWN));
                names.push(Some(*name));
            }
            Entity::Aggregate => {
                columns.push(m.scalar("int"));
                names.push(None);
            }
            Entity::Other => {
                columns.push(Val::UNKNOWN);
                names.push(None);
            }
        }
    }
    let single = columns.len() == 1 && (statement.legacy && matches!(statement.entities[0], Entity::Class(_)));
    let row = if single { columns[0] } else { make(m, Thing::Row { names: names.into() }, columns.into()) };
    (row, beside, joined)
}

/// Executes a statement: records it and gives the row, and how many there are.
pub(super) fn execute(
    m: &mut Flow<'_, '_>,
    f: &mut Frame,
    statement: &Statement,
    session: &Session,
    take: Take,
    site: Site,
    by_key: bool,
) -> (Val, Size, bool) {
    let (row, beside, joined) = row_of(m, statement, session, site, take);
    let size = size_of(m, statement);
    let entity = entity_name(m, statement);
    let effect = Effect::Query {
        statement: Box::new(statement.clone()),
        size: size.clone(),
        take,
        is_async: session.is_async || session.greenlet,
        beside,
        entity,
        by_key,
        joined_collection: joined,
    };
    record(m, f, effect, site);
    (row, size, joined)
}

/// The statement that gave a row.
fn query_of(m: &Flow<'_, '_>, row: Val) -> Option<Site> {
    super::books::row(m, scalar_of(m, row)).and_then(|(_, info, _)| info.query)
}

/// The row of one column, where it is one.
pub(super) fn scalar_of(m: &Flow<'_, '_>, row: Val) -> Val {
    match thing(m, row) {
        Some((Thing::Row { .. }, parts)) => parts.first().copied().unwrap_or(Val::UNKNOWN),
        _ => row,
    }
}

fn unknown_statement() -> Statement {
    Statement::new(StatementKind::Text, vec![Entity::Other])
}

/// The statement a value is.
pub(super) fn statement_of(m: &Flow<'_, '_>, val: Val) -> Statement {
    match thing(m, val) {
        Some((Thing::Statement(statement), _)) => *statement,
        _ => match m.v(val) {
            V::Union(parts) => {
                let found: Vec<Statement> = parts
                    .iter()
                    .filter_map(|part| match thing(m, *part) {
                        Some((Thing::Statement(statement), _)) => Some(*statement),
                        _ => None,
                    })
                    .collect();
                join(found).unwrap_or_else(unknown_statement)
            }
            _ => unknown_statement(),
        },
    }
}

/// One statement for several that differ by what was built on one path only.
pub(super) fn join(found: Vec<Statement>) -> Option<Statement> {
    let mut found = found.into_iter();
    let mut first = found.next()?;
    for other in found {
        // What holds on every path holds.
        first.filtered &= other.filtered;
        first.unique &= other.unique;
        first.compared.retain(|column| other.compared.contains(column));
        first.parent &= other.parent;
        first.listed &= other.listed;
        first.window &= other.window;
        first.ordered &= other.ordered;
        first.grouped |= other.grouped;
        first.offset |= other.offset;
        first.streamed |= other.streamed;
        if first.limit == Limit::None {
            first.limit = other.limit;
        }
        for option in other.options {
            if !first.options.contains(&option) {
                first.options.push(option);
            }
        }
    }
    Some(first)
}

/// A list of rows.
fn rows(m: &mut Flow<'_, '_>, elem: Val, size: Size, site: Site) -> Val {
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
            "all" | "first" | "one" | "one_or_none" | "scalar" | "count" | "get" | "delete" | "update" => {
                let session = any_session(m);
                finish(m, f, &statement, &session, name, args, site)
            }
            _ => Val::UNKNOWN,
        };
    };
    finish(m, f, &statement, &session, name, args, site)
}

fn finish(
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
            let (row, _, _) = execute(m, f, statement, session, Take::One, site, false);
            m.union(vec![row, Val::NONE])
        }
        "one" => execute(m, f, statement, session, Take::One, site, false).0,
        "get" => {
            let mut statement = statement.clone();
            statement.unique = true;
            statement.filtered = true;
            let (row, _, _) = execute(m, f, &statement, session, Take::One, site, true);
            m.union(vec![row, Val::NONE])
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
        (Thing::Result { size, .. }, parts) => {
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

/// A method of a result.
pub(super) fn result_method(m: &mut Flow<'_, '_>, object: Val, name: &str, args: &Args, site: Site) -> Val {
    let Some((Thing::Result { size, scalars, joined_collection }, parts)) = thing(m, object) else {
        return Val::UNKNOWN;
    };
    let elem = parts.first().copied().unwrap_or(Val::UNKNOWN);
    match name {
        "first" | "one_or_none" | "fetchone" | "one" | "scalar" | "scalar_one_or_none" | "scalar_one" => {
            m.lib.taken_one.extend(query_of(m, elem));
        }
        "all" | "fetchall" | "fetchmany" | "to_list" | "partitions" => m.lib.taken_all.extend(query_of(m, elem)),
        _ => {}
    }
    match name {
        "all" | "fetchall" | "fetchmany" | "to_list" => rows(m, elem, size, site),
        "first" | "one_or_none" | "fetchone" => m.union(vec![elem, Val::NONE]),
        "one" => elem,
        "scalar" | "scalar_one_or_none" => {
            let one = scalar_of(m, elem);
            // A count is never missing.
            if matches!(m.v(one), V::Scalar(_)) { one } else { m.union(vec![one, Val::NONE]) }
        }
        "scalar_one" => scalar_of(m, elem),
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
        "unique" => make(m, Thing::Result { size, scalars, joined_collection: false }, parts),
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

// ------------------------------------------------------------------ sessions

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

fn any_session(m: &Flow<'_, '_>) -> Session {
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
            make(m, Thing::Result { size, scalars, joined_collection }, [elem].into())
        }
        "scalar" => {
            let statement = statement_of(m, first.unwrap_or(Val::UNKNOWN));
            let (row, _, _) = execute(m, f, &statement, &session, Take::One, site, false);
            let one = scalar_of(m, row);
            if matches!(m.v(one), V::Scalar(_)) { one } else { m.union(vec![one, Val::NONE]) }
        }
        "get" | "get_one" => {
            let entities = first.map(|first| entity(m, first)).into_iter().collect();
            let mut statement = Statement::new(StatementKind::Select, entities);
            statement.unique = true;
            statement.filtered = true;
            statement.legacy = true;
            if let Some(options) = m.arg(args, usize::MAX, "options") {
                collect_options(m, options, &mut statement.options);
            }
            let (row, _, _) = execute(m, f, &statement, &session, Take::One, site, true);
            if name == "get_one" { row } else { m.union(vec![row, Val::NONE]) }
        }
        "add" | "merge" => {
            if let Some(value) = first {
                return add(m, f, value, &session, site, name == "merge");
            }
            Val::NONE
        }
        "add_all" | "bulk_save_objects" => {
            if let Some(value) = first {
                let known = m.listed(f, value, site);
                match m.v(known).clone() {
                    V::Seq { items, .. } => {
                        let mut classes: Vec<Option<ObjectId>> = Vec::new();
                        for item in items {
                            let class = row(m, item).map(|(class, _, _)| class);
                            if !classes.contains(&class) {
                                classes.push(class);
                                add(m, f, item, &session, site, false);
                            }
                        }
                    }
                    V::Coll { elem, .. } => {
                        add(m, f, elem, &session, site, false);
                    }
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
            record(m, f, Effect::Write { class, change, is_async }, site);
            Val::NONE
        }
        "delete" => {
            let class = first.and_then(|first| row(m, first)).map(|(class, _, _)| class);
            record(m, f, Effect::Write { class, change: Change::Delete, is_async }, site);
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
            settle(m, f, &Session { expire: false, ..session }, State::Persistent);
            Val::NONE
        }
        "refresh" => {
            if let Some(value) = first {
                let names = m.arg(args, 1, "attribute_names");
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
        "expunge" | "expunge_all" | "expire" | "no_autoflush" | "info" | "is_modified" => Val::UNKNOWN,
        _ => Val::UNKNOWN,
    }
}

fn add(m: &mut Flow<'_, '_>, f: &mut Frame, value: Val, session: &Session, site: Site, merge: bool) -> Val {
    let mut out = Val::UNKNOWN;
    for part in m.values.parts(value) {
        let Some((class, info, attrs)) = row(m, part) else {
            if part == Val::UNKNOWN {
                record(m, f, Effect::Write { class: None, change: Change::Insert, is_async: session.is_async }, site);
            }
            continue;
        };
        if merge {
            let effect = Effect::Write { class: Some(class), change: Change::Update, is_async: session.is_async };
            record(m, f, effect, site);
            out = part;
            continue;
        }
        if info.state == State::Transient {
            let effect = Effect::Write { class: Some(class), change: Change::Insert, is_async: session.is_async };
            record(m, f, effect, site);
            let new_info = RowInfo {
                state: State::Pending,
                is_async: Some(session.is_async && !session.greenlet),
                expire: session.expire,
                session: session.site,
                ..info
            };
            let new = super::books::with_info(m, part, new_info, Some(attrs));
            m.replace(f, part, new);
            out = new;
        }
    }
    out
}

fn refresh(m: &mut Flow<'_, '_>, f: &mut Frame, value: Val, names: Option<Val>, session: &Session, site: Site) {
    for part in m.values.parts(value) {
        let Some((class, info, attrs)) = row(m, part) else { continue };
        let mut statement = Statement::new(StatementKind::Select, vec![Entity::Class(class)]);
        statement.unique = true;
        statement.filtered = true;
        statement.legacy = true;
        let (fresh, _, _) = execute(m, f, &statement, session, Take::One, site, false);
        let eager = row(m, fresh).map(|(_, _, attrs)| attrs).unwrap_or_default();
        let mut new_attrs: Vec<(Sym, Val)> = attrs.to_vec();
        for (name, value) in eager {
            new_attrs.retain(|(n, _)| *n != name);
            new_attrs.push((name, value));
        }
        new_attrs.sort_by_key(|(n, _)| *n);
        let new_info = RowInfo {
            state: State::Persistent,
            is_async: Some(session.is_async && !session.greenlet),
            session: session.site,
            ..info
        };
        let mut new = super::books::with_info(m, part, new_info.clone(), Some(new_attrs.into()));
        // Relationships that are named are loaded, too.
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
        for name in names {
            let Some(relation) = m.lib.mappers.relation(class, name).cloned() else { continue };
            let Some(target) = relation.target else { continue };
            let mut beside = Vec::new();
            let one = load(m, target, new_info.clone(), Some(site), &mut beside, &mut false, &mut Vec::new());
            let value = if relation.uselist {
                let text = class_name(m, target);
                let text = m.sym(&text);
                rows(m, one, Size::Rows(text, None), site)
            } else {
                m.union(vec![one, Val::NONE])
            };
            new = m.with(new, name, Some(value));
        }
        m.replace(f, part, new);
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

pub(super) fn of_sqlalchemy(path: &str) -> bool {
    path.starts_with("sqlalchemy.") || path.starts_with("sqlmodel.")
}

fn session_path(path: &str) -> Option<bool> {
    if !of_sqlalchemy(path) {
        return None;
    }
    match last(path) {
        "Session" | "scoped_session" | "Connection" => Some(path.contains("asyncio") || path.contains(".aio.")),
        "AsyncSession" | "async_scoped_session" | "AsyncConnection" => Some(true),
        _ => None,
    }
}
