//! Statements: how they are built, executed, and what becomes of their rows.

use architect_python::flow::{Args, Frame, Size, V, Val};
use architect_python::{Object, ObjectId, Site, Sym};

use super::books::{Flow, make, record, row, thing};
use super::rows::{class_name, info_of, load, product};
use super::things::{
    Effect, Entity, Expression, Limit, LoadOption, Relationship, RowInfo, Session, State, Statement, StatementKind,
    Strategy, Take, Thing,
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
fn restrict(m: &mut Flow<'_, '_>, statement: &mut Statement, conditions: &[Val], site: Site) {
    for condition in conditions {
        super::decisions::reaches(m, *condition);
        statement.filtered = true;
        statement.conditions = statement.conditions.saturating_add(1);
        let entity = statement.entities.iter().find_map(|entity| match entity {
            Entity::Class(class) | Entity::Column(class, _) => Some(*class),
            _ => None,
        });
        let mut narrows = true;
        let found = thing(m, *condition);
        let plain = match &found {
            Some((Thing::Expression(found), _)) => {
                found.equals[0].is_some() && !(found.either || found.listed || found.doubtful)
            }
            // A truth value: `where(User.is_active)`.
            Some((Thing::Column { .. }, _)) => true,
            _ => false,
        };
        if !plain {
            m.lib.note_condition(site);
        }
        match found {
            Some((Thing::Expression(found), _)) if !found.either => {
                for (class, column) in found.equals.into_iter().flatten() {
                    equal(statement, class, column, entity);
                    pin(m, statement, class, column);
                }
                statement.unique |= found.unique;
                if let Some((class, column)) = found.identifies
                    && Some(class) == entity
                {
                    compare_key(m, statement, class, column);
                }
                let belongs = |parent| match entity {
                    // Of an association: the rows that one parent is connected with.
                    Some(entity) => {
                        let mappers = &m.lib.mappers;
                        parent == entity || mappers.points_to(parent, entity) || mappers.connects(parent)
                    }
                    None => true,
                };
                let of_parent = found.parent.is_some_and(belongs);
                let of_root = found.of_root.is_some() && found.of_root == entity;
                narrows = !of_parent && !of_root;
                statement.parent |= of_parent;
                statement.of_root |= of_root;
                // What one parent is connected with is a list, kept in the association.
                let connected = of_parent && found.parent != entity && entity.is_some();
                statement.listed |= found.listed || connected;
                statement.window |= found.window;
                statement.doubtful |= found.doubtful;
            }
            Some((Thing::Expression(found), _)) => {
                statement.listed |= found.listed;
                statement.maybe_one |= found.maybe_one;
            }
            _ => statement.doubtful |= *condition == Val::UNKNOWN,
        }
        statement.narrowed |= narrows;
    }
}

/// Notes that a column equals something, where it is one of what is read.
fn equal(statement: &mut Statement, class: ObjectId, column: Sym, entity: Option<ObjectId>) {
    if statement.equals.0.or(entity).is_none_or(|known| known == class) {
        statement.equals.0 = Some(class);
        if !statement.equals.1.contains(&column) {
            statement.equals.1.push(column);
        }
    }
}

/// A condition on a joined collection: by a key, or by whose it is, one of each parent is left; by something else that may
/// be.
fn pin(m: &Flow<'_, '_>, statement: &mut Statement, class: ObjectId, column: Sym) {
    let Some((joined, narrowed)) = &mut statement.multiplied else { return };
    if *joined != class {
        return;
    }
    *narrowed = true;
    if m.lib.mappers.column(class, column).is_none_or(|facts| facts.identifies || facts.foreign_key) {
        statement.multiplied = None;
    }
}

/// The class that a join repeats the rows of a statement for: a collection of what is read.
fn multiplied(m: &Flow<'_, '_>, statement: &Statement, args: &Args) -> Option<ObjectId> {
    let [Entity::Class(entity)] = statement.entities[..] else { return None };
    match m.v(*args.pos.first()?) {
        V::Heap(target) => {
            let alone = args.pos.len() == 1 && args.kw.iter().all(|(name, _)| m.name(*name) == "isouter");
            let points = m.lib.mappers.points_to(*target, entity) && !m.lib.mappers.points_to(entity, *target);
            // A unique foreign key: one of each.
            let mut columns = m.lib.mappers.get(*target)?.columns.values();
            let single = columns.any(|facts| facts.foreign_key && (facts.unique || facts.primary_key));
            (alone && points && !single).then_some(*target)
        }
        _ => match thing(m, *args.pos.first()?) {
            Some((Thing::Attribute { class, name }, _)) if class == entity && args.pos.len() == 1 => {
                m.lib.mappers.relation(class, name).filter(|relation| relation.uselist)?.target
            }
            _ => None,
        },
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
    for (name, value) in names {
        statement.filtered = true;
        statement.conditions = statement.conditions.saturating_add(1);
        if let Some(class) = class {
            match m.lib.mappers.column(class, *name) {
                Some(facts) => {
                    if *value != Val::NONE {
                        equal(statement, class, *name, Some(class));
                    }
                    statement.of_root |= facts.of_root;
                    statement.narrowed |= !facts.foreign_key;
                    statement.unique |= facts.primary_key || facts.unique;
                    statement.parent |= facts.bounds();
                    if facts.identifies {
                        compare_key(m, statement, class, *name);
                    }
                }
                None => {
                    let related = m.lib.mappers.relation(class, *name).is_some();
                    statement.parent |= related;
                    statement.narrowed |= !related;
                }
            }
        }
    }
}

/// The limit that a value sets.
pub(super) fn limit_of(m: &Flow<'_, '_>, val: Val) -> Limit {
    match m.v(val) {
        V::Int(n) => u32::try_from(*n).map_or(Limit::None, Limit::Known),
        V::None => Limit::None,
        _ => {
            // What it is on another way, where that is not known, may be anything.
            let parts = m.values.parts(val);
            let tells = |part: &&Val| ![Val::NONE, Val::UNKNOWN].contains(part) && !matches!(m.v(**part), V::Scalar(_));
            let known: Vec<_> = parts.iter().filter(tells).map(|part| thing(m, *part)).collect();
            match &known[..] {
                [Some((Thing::Number(by), _))] => Limit::Chosen { by: *by, off: parts.contains(&Val::NONE) },
                _ => Limit::Given,
            }
        }
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
    } else if matches!(name, "filter" | "where" | "filter_by" | "join" | "outerjoin" | "order_by" | "having") {
        new.built = Some(site);
    }
    match name {
        "filter" | "where" | "having" => {
            restrict(m, &mut new, &args.pos, site);
            if let Some(rest) = args.rest {
                super::decisions::reaches(m, rest);
                new.filtered = true;
                new.doubtful = true;
                m.lib.note_condition(site);
            }
        }
        "filter_by" => {
            // After a join it may speak of what was joined.
            new.multiplied = None;
            let class = new.entities.iter().find_map(|entity| match entity {
                Entity::Class(class) | Entity::Column(class, _) => Some(*class),
                _ => None,
            });
            let is_column = |name: Sym| class.is_some_and(|class| m.lib.mappers.column(class, name).is_some());
            if args.rest.is_some() || !args.kw.iter().all(|(name, _)| is_column(*name)) {
                m.lib.note_condition(site);
            }
            restrict_by(m, &mut new, &args.kw);
        }
        "limit" | "fetch" => new.limit = args.pos.first().map_or(Limit::None, |n| limit_of(m, *n)),
        "slice" => new.limit = Limit::Given,
        "offset" => new.offset = true,
        "order_by" => {
            if let (None, Some((Thing::Column { class, name }, _))) =
                (new.order, args.pos.first().and_then(|first| thing(m, *first)))
                && !new.ordered
            {
                new.order = Some((class, name));
            }
            let condition = |arg: &Val| matches!(thing(m, *arg), Some((Thing::Expression(found), _)) if found.compares);
            if args.rest.is_none() && !args.pos.is_empty() && args.pos.iter().all(condition) {
                // Rows of which a condition says the same are in no order among each other.
                new.ordered_by_condition = !new.ordered;
            } else {
                new.ordered = args.rest.is_some() || args.pos.iter().any(|arg| *arg != Val::NONE);
                new.ordered_by_condition = false;
            }
        }
        "group_by" => new.grouped = true,
        "distinct" => {
            new.distinct = true;
            // One row of each value: as many as there are values.
            new.doubtful |= args.pos.iter().any(|arg| matches!(thing(m, *arg), Some((Thing::Column { .. }, _))));
        }
        "yield_per" => new.streamed = true,
        "execution_options" => {
            new.streamed |= args.kw.iter().any(|(n, _)| matches!(m.name(*n), "yield_per" | "stream_results"));
        }
        // Options that may not be given (`*([…] if full else [])`) are there where what they load is read.
        "options" => {
            for arg in args.pos.iter().chain(&args.rest) {
                collect_options(m, *arg, &mut new.options);
            }
        }
        "join" | "outerjoin" | "join_from" | "outerjoin_from" => {
            new.joins = new.joins.saturating_add(1);
            if matches!(name, "join" | "outerjoin") {
                new.multiplied = new.multiplied.or(multiplied(m, &new, args).map(|class| (class, false)));
            }
            bound_by(m, &mut new, args);
            // A condition of the join may compare what belongs to one parent.
            for arg in args.pos.iter().skip(1) {
                super::decisions::reaches(m, *arg);
                if let Some((Thing::Expression(found), _)) = thing(m, *arg) {
                    new.listed |= found.listed;
                }
            }
        }
        "with_entities" | "with_only_columns" => {
            new.entities = args.pos.iter().map(|arg| entity(m, *arg)).collect();
        }
        "add_columns" | "add_entity" | "add_column" => {
            new.entities.extend(args.pos.iter().map(|arg| entity(m, *arg)));
        }
        "select_from" => {
            m.lib.note_condition(site);
            bound_by(m, &mut new, args);
        }
        // Whatever stands there may have its conditions and its limit.
        "from_statement" => {
            m.lib.note_condition(site);
            new.filtered = true;
            new.doubtful = true;
        }
        "with_for_update" => new.locked = true,
        "on_conflict_do_nothing" | "on_conflict_do_update" | "on_duplicate_key_update" => new.upsert = true,
        "values" => {
            let class = new.entities.iter().find_map(|entity| match entity {
                Entity::Class(class) => Some(*class),
                _ => None,
            });
            let given = args.pos.first().map(|first| m.v(*first).clone());
            let items = match given {
                Some(V::Dict { items, .. }) => items.iter().map(|(name, _)| *name).collect(),
                _ => Vec::new(),
            };
            new.equals = (class, args.kw.iter().map(|(name, _)| *name).chain(items).collect());
        }
        "correlate" | "correlate_except" | "params" | "populate_existing" | "enable_eagerloads" | "prefix_with"
        | "suffix_with" | "returning" | "union" | "union_all" | "intersect" | "except_" | "with_session"
        | "autoflush" | "bindparams" | "columns" | "reset_joinpoint" | "execution_option" | "with_hint"
        | "ordered_values" | "from_select" | "inline" | "return_defaults" => {}
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
            // Columns that are not known may be any.
            if args.rest.is_none() && only.len() == args.pos.len() {
                options.push(LoadOption { path: prefix, only: Some(only), ..LoadOption::default() });
            }
        }
        "defer" => {
            let defer = columns_of(m, &args.pos);
            options.push(LoadOption { path: prefix, defer, ..LoadOption::default() });
        }
        "undefer" => {
            let undefer = match args.pos.first().map(|arg| m.v(*arg)) {
                Some(V::Str(star)) if m.name(*star) == "*" => vec![*star],
                _ => columns_of(m, &args.pos),
            };
            options.push(LoadOption { path: prefix, undefer, ..LoadOption::default() });
        }
        "undefer_group" | "with_expression" | "with_loader_criteria" | "selectin_polymorphic" => {}
        "options" => {
            let mut below = Vec::new();
            for arg in args.pos.iter().chain(&args.rest) {
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
            if matches!(strategy, Strategy::Selectin | Strategy::Joined | Strategy::Subquery | Strategy::Contains) {
                for arg in &args.pos {
                    if let Some((Thing::Attribute { class, name }, _)) = thing(m, *arg) {
                        m.lib.eager.insert((class, name));
                    }
                }
            }
            let mut path = prefix;
            for step in steps(m, &args.pos) {
                path.push((step, strategy));
                options.push(LoadOption { path: path.clone(), ..LoadOption::default() });
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
) -> (Val, Vec<Relationship>, Option<Relationship>) {
    let info = RowInfo {
        state: State::Persistent,
        is_async: Some(session.is_async && !session.greenlet),
        expire: session.expire,
        session: session.site,
        deferred: Vec::new(),
        undeferred: Vec::new(),
        only: None,
        options: Vec::new(),
        query: Some(site),
        many: take == Take::All,
        open: statement.limit == Limit::None
            && !(statement.unique || statement.listed || statement.grouped || statement.distinct),
        whole: !statement.narrowed && statement.joins == 0 && statement.limit == Limit::None,
    };
    let mut beside = Vec::new();
    let mut joined = None;
    let mut columns = Vec::new();
    let mut names = Vec::new();
    for entity in &statement.entities {
        match entity {
            Entity::Class(class) => {
                // Whether they are sure is a fact of the statement, and not of its rows.
                let known = |one: &LoadOption| LoadOption { sometimes: false, ..one.clone() };
                let info = info_of(&info, statement.options.iter().map(known).collect());
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
) -> (Val, Size, Option<Relationship>) {
    let (row, beside, joined) = row_of(m, statement, session, site, take);
    if let ([Entity::Class(class), ..], StatementKind::Select) = (&statement.entities[..], statement.kind)
        && let Some((first, second, [by_options, sometimes])) = product(m, *class, &statement.options)
    {
        let many = take == Take::All && !statement.unique && !by_key;
        let (first, second) = ((*class, first), (*class, second));
        record(m, f, Effect::Product { first, second, by_options, sometimes, many }, site);
    }
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
    super::reductions::note_amount(m, statement, site);
    if statement.locked {
        m.lib.locking.insert(site);
    }
    // What several statements that are executed here have in common.
    let asked = m.lib.lookups.entry(site).or_insert_with(|| statement.equals.1.clone());
    asked.retain(|column| statement.equals.1.contains(column));
    (row, size, joined)
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
        first.conditions = first.conditions.min(other.conditions);
        first.maybe_one |= other.maybe_one || first.unique || other.unique;
        first.unique &= other.unique;
        first.compared.retain(|column| other.compared.contains(column));
        first.parent &= other.parent;
        first.equals.1.retain(|column| other.equals.1.contains(column));
        first.order = first.order.filter(|_| first.order == other.order);
        // Where one path makes rows unique, or joins nothing, little is known.
        first.multiplied = first.multiplied.filter(|_| first.multiplied == other.multiplied);
        first.distinct |= other.distinct;
        first.locked |= other.locked;
        first.upsert |= other.upsert;
        first.of_root &= other.of_root;
        first.narrowed |= other.narrowed;
        first.listed &= other.listed;
        first.window &= other.window;
        first.doubtful &= other.doubtful;
        first.ordered &= other.ordered;
        first.ordered_by_condition |= other.ordered_by_condition;
        first.grouped |= other.grouped;
        first.offset |= other.offset;
        first.streamed |= other.streamed;
        first.limit = match (first.limit, other.limit) {
            (Limit::None, limit) => limit,
            (Limit::Chosen { by, off }, Limit::Chosen { by: same, off: also }) if by == same => {
                Limit::Chosen { by, off: off || also }
            }
            (limit, _) => limit,
        };
        let has = |options: &[LoadOption], one: &LoadOption| {
            options.iter().any(|known| LoadOption { sometimes: one.sometimes, ..known.clone() } == *one)
        };
        for option in &mut first.options {
            option.sometimes |= !has(&other.options, option);
        }
        for option in other.options {
            if !has(&first.options, &option) {
                first.options.push(LoadOption { sometimes: true, ..option });
            }
        }
    }
    Some(first)
}

// ------------------------------------------------------------------ sessions

pub(super) fn of_sqlalchemy(path: &str) -> bool {
    path.starts_with("sqlalchemy.") || path.starts_with("sqlmodel.")
}
