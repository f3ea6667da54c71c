//! Rows: what is loaded with them, and what reading an attribute does.

use architect_python::flow::{Args, Frame, Kind, Size, V, Val};
use architect_python::{Object, ObjectId, Site, Sym, Value};

use super::books::{Flow, last, make, record, row, row_facts, with_info};
use super::things::{Effect, LoadOption, Relationship, RowInfo, State, Strategy, Thing};

/// Relationships below relationships at most.
const MAX_EAGER: usize = 6;

/// What options say of a relationship: how it is loaded, and the options below it.
fn option_for(options: &[LoadOption], name: Sym) -> (Option<Strategy>, Vec<LoadOption>) {
    let mut strategy = None;
    let mut below = Vec::new();
    for option in options {
        let Some((step, how)) = option.path.first() else { continue };
        match step {
            Some(step) if *step == name => {
                strategy = Some(*how);
                if option.path.len() > 1
                    || option.only.is_some()
                    || !option.defer.is_empty()
                    || !option.undefer.is_empty()
                {
                    below.push(LoadOption { path: option.path[1..].to_vec(), ..option.clone() });
                }
            }
            None if option.path.len() == 1 && strategy.is_none() => strategy = Some(*how),
            _ => {}
        }
    }
    (strategy, below)
}

/// Two collections of a class that a statement with these options joins side by side: whether options say so, and
/// whether one of these may not be given.
pub(super) fn product(m: &Flow<'_, '_>, class: ObjectId, options: &[LoadOption]) -> Option<(Sym, Sym, [bool; 2])> {
    let mut relations: Vec<(Sym, Strategy)> = m
        .lib
        .mappers
        .get(class)?
        .relations
        .iter()
        .filter(|(_, one)| one.uselist)
        .map(|(name, one)| (*name, one.lazy))
        .collect();
    relations.sort_by_key(|(name, _)| *name);
    let mut found: Option<(Sym, bool, bool)> = None;
    for (name, lazy) in relations {
        let (option, _) = option_for(options, name);
        if option.unwrap_or(lazy) != Strategy::Joined {
            continue;
        }
        let mut own = options.iter().filter(|one| matches!(one.path[..], [(Some(step), _)] if step == name)).peekable();
        let sometimes = own.peek().is_some() && own.all(|one| one.sometimes);
        match found {
            // Where neither is sure, one may stand for the other: `if … else …`.
            Some((other, by_options, unsure)) if !(unsure && sometimes) => {
                return Some((other, name, [by_options || option.is_some(), unsure || sometimes]));
            }
            _ => found = Some((name, option.is_some(), sometimes)),
        }
    }
    None
}

/// What a row is like that is loaded with these options.
pub(super) fn info_of(base: &RowInfo, options: Vec<LoadOption>) -> RowInfo {
    let own = options.iter().filter(|option| option.path.is_empty());
    let mut only: Option<Vec<Sym>> = None;
    let mut deferred = Vec::new();
    let mut undeferred = Vec::new();
    for option in own {
        if let Some(columns) = &option.only {
            only.get_or_insert_with(Vec::new).extend(columns.iter().copied());
        }
        deferred.extend(option.defer.iter().copied());
        undeferred.extend(option.undefer.iter().copied());
    }
    RowInfo { only, deferred, undeferred, options, ..base.clone() }
}

/// A row of a class, with what is loaded beside it. `beside` collects the statements that this takes, `joined` whether
/// a collection is joined.
pub(super) fn load(
    m: &mut Flow<'_, '_>,
    class: ObjectId,
    info: RowInfo,
    site: Option<Site>,
    beside: &mut Vec<(ObjectId, Sym)>,
    joined: &mut Option<Relationship>,
    path: &mut Vec<(ObjectId, Sym)>,
) -> Val {
    let mut attrs: Vec<(Sym, Val)> = Vec::new();
    if path.len() < MAX_EAGER
        && let Some(mapper) = m.lib.mappers.get(class)
    {
        let is_eager = |(name, relation): &(&Sym, &super::orm::Relation)| {
            let strategy = option_for(&info.options, **name).0.unwrap_or(relation.lazy);
            matches!(strategy, Strategy::Joined | Strategy::Selectin | Strategy::Subquery | Strategy::Contains)
        };
        let eager = mapper.relations.iter().filter(is_eager);
        let mut relations: Vec<(Sym, super::orm::Relation)> =
            eager.map(|(name, relation)| (*name, relation.clone())).collect();
        relations.sort_by_key(|(name, _)| *name);
        for (name, relation) in relations {
            let (option, below) = option_for(&info.options, name);
            let strategy = option.unwrap_or(relation.lazy);
            if path.contains(&(class, name)) {
                continue;
            }
            let Some(target) = relation.target else { continue };
            match strategy {
                Strategy::Selectin | Strategy::Subquery => beside.push((class, name)),
                Strategy::Joined | Strategy::Contains if relation.uselist => *joined = joined.or(Some((class, name))),
                _ => {}
            }
            path.push((class, name));
            let mut inner_joined = None;
            let many = info.many || relation.uselist;
            let inner = info_of(&RowInfo { many, open: false, ..info.clone() }, below);
            let separate = matches!(strategy, Strategy::Selectin | Strategy::Subquery);
            let one = load(m, target, inner, site, beside, &mut inner_joined, path);
            *joined = joined.or(inner_joined.filter(|_| !separate));
            path.pop();
            attrs.push((name, related(m, target, &relation, one, site)));
        }
    }
    let tag = m.lib.row(info);
    attrs.sort_by_key(|(name, _)| *name);
    m.make(V::Inst { class, tag, site, attrs: attrs.into() })
}

/// What a relationship holds, of rows like `one`.
fn related(
    m: &mut Flow<'_, '_>,
    target: ObjectId,
    relation: &super::orm::Relation,
    one: Val,
    site: Option<Site>,
) -> Val {
    if relation.uselist {
        let name = m.lib.mappers.get(target).map(|mapper| mapper.name.clone()).unwrap_or_default();
        let name = m.sym(&name);
        m.make(V::Coll { kind: Kind::List, elem: one, size: Size::Rows(name, None), site })
    } else {
        m.union(vec![one, Val::NONE])
    }
}

/// An object that a framework made of what a caller sent: no session knows it.
pub(super) fn received(m: &mut Flow<'_, '_>, value: Val) -> Val {
    match row(m, value) {
        Some((_, info, _)) if info.state == State::Assumed => {
            with_info(m, value, RowInfo { state: State::Transient, ..info }, None)
        }
        _ => value,
    }
}

/// A row that somebody hands in and nobody is seen to load.
pub(super) fn assumed(m: &mut Flow<'_, '_>, class: ObjectId) -> Val {
    let info = RowInfo {
        state: State::Assumed,
        is_async: None,
        expire: false,
        session: None,
        deferred: Vec::new(),
        undeferred: Vec::new(),
        only: None,
        options: Vec::new(),
        query: None,
        many: false,
        open: false,
        whole: false,
    };
    load(m, class, info, None, &mut Vec::new(), &mut None, &mut Vec::new())
}

/// A new object of a mapped class.
pub(super) fn transient(m: &mut Flow<'_, '_>, class: ObjectId, args: &Args, site: Site) -> Val {
    let info = RowInfo {
        state: State::Transient,
        is_async: None,
        expire: false,
        session: None,
        deferred: Vec::new(),
        undeferred: Vec::new(),
        only: None,
        options: Vec::new(),
        query: None,
        many: false,
        open: false,
        whole: false,
    };
    let tag = m.lib.row(info);
    let mut attrs: Vec<(Sym, Val)> = args.kw.clone();
    if args.rest.is_some() {
        attrs.push((m.sym(architect_python::flow::ANY_ATTRIBUTE), Val::UNKNOWN));
    }
    // Collections are empty until something is put into them.
    let relations = m.lib.mappers.get(class).into_iter().flat_map(|mapper| &mapper.relations);
    let mut lists: Vec<Sym> = relations
        .filter(|(name, one)| one.uselist && one.lazy != Strategy::Dynamic && args.kw.iter().all(|(n, _)| n != *name))
        .map(|(name, _)| *name)
        .collect();
    lists.sort();
    for (at, name) in lists.into_iter().enumerate() {
        attrs.push((name, untouched(m, site, at)));
    }
    attrs.sort_by_key(|(name, _)| *name);
    attrs.dedup_by_key(|(name, _)| *name);
    m.make(V::Inst { class, tag, site: Some(site), attrs: attrs.into() })
}

/// What the collection of a new object holds that nobody put anything into: it is not loaded once the object is sent.
///
/// Every collection of every object has one of its own, so that what is put into one is put into no other: an empty range
/// tells them apart, which nothing that is written in a program has.
fn untouched(m: &mut Flow<'_, '_>, object: Site, at: usize) -> Val {
    let start = object.range.start().to_u32().saturating_mul(64).saturating_add(u32::try_from(at % 64).unwrap_or(0));
    let site = object.at_nothing(start);
    m.make(V::Seq { tuple: false, items: Box::default(), site: Some(site) })
}

fn is_untouched(m: &Flow<'_, '_>, val: Val) -> bool {
    matches!(m.v(val), V::Seq { items, site: Some(site), .. } if items.is_empty() && site.range.is_empty())
}

/// Reading an attribute of a row that is not loaded yet; nothing where the class decides.
pub(super) fn read(m: &mut Flow<'_, '_>, f: &mut Frame, object: Val, name: Sym, site: Site) -> Option<Val> {
    let (class, ..) = row_facts(m, object)?;
    if m.name(name) == "awaitable_attrs" {
        return Some(make(m, Thing::Awaitable, [object].into()));
    }
    if m.name(name) == "sqlmodel_update" && super::serialise::derives_from_model(m, class) {
        let path = m.sym("sqlmodel.sqlmodel_update");
        return Some(make(m, Thing::Opaque(path), [object].into()));
    }
    if let Some(facts) = m.lib.mappers.column(class, name) {
        let (_, info, _) = row_facts(m, object)?;
        let serialised = m.lib.serialising > 0;
        let expired = matches!(info.state, State::Expired);
        let loaded = info.undeferred.iter().any(|known| *known == name || m.name(*known) == "*");
        let deferred = info.deferred.contains(&name)
            || facts.deferred && !loaded
            || info.only.as_ref().is_some_and(|only| !only.contains(&name) && !facts.primary_key);
        if expired || deferred && matches!(info.state, State::Persistent | State::Detached) {
            let (_, info, attrs) = row(m, object)?;
            let is_async = info.is_async;
            let detached = info.state == State::Detached;
            if expired {
                revive(m, f, object, name, site);
            } else {
                let effect = Effect::Refresh { class, name, is_async, deferred: true, beside: 0, detached, serialised };
                record(m, f, effect, site);
                let mut new_info = info.clone();
                let together = m.lib.mappers.get(class).map(|mapper| mapper.expires_on_update.clone());
                let together = together.filter(|names| names.contains(&name)).unwrap_or_default();
                match &mut new_info.only {
                    Some(only) => only.push(name),
                    None => new_info.deferred.retain(|n| *n != name && !together.contains(n)),
                }
                let new = with_info(m, object, new_info, Some(attrs));
                m.replace(f, object, new);
            }
        }
        return Some(m.field_type(class, name).filter(|typed| row(m, *typed).is_none()).unwrap_or(Val::UNKNOWN));
    }
    if let Some(relation) = m.lib.mappers.relation(class, name).cloned() {
        let (_, info, _) = row(m, object)?;
        if info.state == State::Expired {
            // Its columns are loaded first, and what is loaded with them.
            let object = revive(m, f, object, name, site);
            let (_, info, attrs) = row(m, object)?;
            return Some(match attrs.iter().find(|(known, _)| *known == name) {
                Some((_, value)) => *value,
                None => relationship(m, f, object, class, &info, name, &relation, site),
            });
        }
        return Some(relationship(m, f, object, class, &info, name, &relation, site));
    }
    computed(m, f, object, class, name, site)
}

/// The `__dict__` of a row: what is loaded of it.
pub(super) fn loaded(m: &mut Flow<'_, '_>, object: Val, site: Site) -> Option<Val> {
    let (class, info, attrs) = row(m, object)?;
    if info.state != State::Persistent {
        return Some(Val::UNKNOWN);
    }
    let mapper = m.lib.mappers.get(class)?;
    let is_loaded = |name: &Sym, facts: &super::orm::ColumnFacts| {
        !facts.deferred && !info.deferred.contains(name) && info.only.as_ref().is_none_or(|only| only.contains(name))
    };
    let columns = mapper.columns.iter().filter(|(name, facts)| is_loaded(name, facts));
    let mut items: Vec<(Sym, Val)> = columns.map(|(name, _)| (*name, Val::UNKNOWN)).collect();
    items.retain(|(name, _)| attrs.iter().all(|(known, _)| known != name));
    items.extend(attrs.iter().copied());
    items.sort_by_key(|(name, _)| *name);
    Some(m.make(V::Dict { items: items.into(), rest: None, site: Some(site) }))
}

/// An expired object is loaded again, with the relationships that its class loads eagerly; options of the query that
/// loaded it first do not count.
fn revive(m: &mut Flow<'_, '_>, f: &mut Frame, object: Val, name: Sym, site: Site) -> Val {
    let Some((class, info, attrs)) = row(m, object) else { return object };
    let fresh =
        RowInfo { state: State::Persistent, only: None, deferred: Vec::new(), options: Vec::new(), ..info.clone() };
    let mut beside = Vec::new();
    let loaded = load(m, class, fresh.clone(), Some(site), &mut beside, &mut None, &mut Vec::new());
    let eager = row(m, loaded).map(|(_, _, attrs)| attrs).unwrap_or_default();
    let effect = Effect::Refresh {
        class,
        name,
        is_async: info.is_async,
        deferred: false,
        beside: u32::try_from(beside.len()).unwrap_or(0),
        detached: false,
        serialised: m.lib.serialising > 0,
    };
    record(m, f, effect, site);
    let mut all: Vec<(Sym, Val)> = attrs.to_vec();
    all.retain(|(known, _)| eager.iter().all(|(name, _)| name != known));
    all.extend(eager.iter().copied());
    all.sort_by_key(|(known, _)| *known);
    let new = with_info(m, object, RowInfo { options: info.options, ..fresh }, Some(all.into()));
    m.replace(f, object, new);
    new
}

#[allow(clippy::too_many_arguments)]
fn relationship(
    m: &mut Flow<'_, '_>,
    f: &mut Frame,
    object: Val,
    class: ObjectId,
    info: &RowInfo,
    name: Sym,
    relation: &super::orm::Relation,
    site: Site,
) -> Val {
    let Some(target) = relation.target else { return Val::UNKNOWN };
    let (option, below) = option_for(&info.options, name);
    let strategy = option.unwrap_or(relation.lazy);
    if strategy == Strategy::Dynamic {
        let mut statement = super::things::Statement::new(
            super::things::StatementKind::Select,
            vec![super::things::Entity::Class(target)],
        );
        statement.parent = true;
        statement.filtered = true;
        statement.legacy = true;
        return make(m, Thing::Statement(Box::new(statement)), Box::default());
    }
    let inner_state = match info.state {
        State::Assumed => State::Assumed,
        State::Detached => State::Detached,
        _ => State::Persistent,
    };
    let base = RowInfo {
        state: inner_state,
        many: relation.uselist || info.many,
        open: false,
        deferred: Vec::new(),
        undeferred: Vec::new(),
        only: None,
        ..info.clone()
    };
    let inner = info_of(&base, below);
    let mut beside = Vec::new();
    let mut one = load(m, target, inner, Some(site), &mut beside, &mut None, &mut vec![(class, name)]);
    // The other side is this object: the identity map answers.
    if let Some(back) = relation.back {
        let many_to_one = m.lib.mappers.relation(target, back).is_some_and(|back| back.many_to_one);
        if many_to_one && relation.uselist {
            let parent = with_info(m, object, info.clone(), None);
            one = m.with(one, back, Some(parent));
        }
    }
    let value = match strategy {
        // `noload`: never anything.
        Strategy::None if relation.uselist => m.make(V::Seq { tuple: false, items: Box::default(), site: Some(site) }),
        Strategy::None => Val::NONE,
        _ => related(m, target, relation, one, Some(site)),
    };
    let silent = matches!(info.state, State::Transient) || matches!(strategy, Strategy::Raise | Strategy::None);
    if !silent {
        let entity = format!("{}.{}", class_name(m, class), m.name(name));
        let effect = Effect::Lazy {
            class,
            name,
            many: relation.uselist,
            many_to_one: relation.many_to_one,
            is_async: info.is_async,
            state: info.state,
            beside: u32::try_from(beside.len()).unwrap_or(0),
            query: info.query,
            serialised: m.lib.serialising > 0,
            cascade: m.lib.cascading > 0,
            entity,
        };
        record(m, f, effect, site);
    }
    let new = m.with(object, name, Some(value));
    m.replace(f, object, new);
    value
}

/// Hybrids and proxies.
fn computed(m: &mut Flow<'_, '_>, f: &mut Frame, object: Val, class: ObjectId, name: Sym, site: Site) -> Option<Val> {
    let mro = m.ev.class(Value::Obj(class))?.mro.clone();
    let member = mro.iter().find_map(|parent| m.ev.class(Value::Obj(*parent))?.ns.get(&name).copied())?;
    let (path, first) = match m.ev.obj(member)? {
        Object::Opaque { callee, args, .. } => (
            m.path_of(*callee).unwrap_or_default(),
            args.pos.first().copied().map(|first| (first, args.pos.get(1).copied())),
        ),
        Object::Instance { class: own, .. } => {
            let name = m.ev.class(Value::Obj(*own)).map(|class| m.ev.names.text(class.name).to_owned())?;
            let Value::Obj(id) = member else { return None };
            let first = ["fget", "func", "target_collection"].iter().find_map(|name| m.ev.own_value(id, name));
            (name, first.map(|first| (first, m.ev.own_value(id, "attr"))))
        }
        _ => return None,
    };
    let (first, second) = first?;
    match last(&path) {
        "hybrid_property" => {
            let getter = m.heap(first);
            Some(m.call(f, getter, Args::of(vec![object]), site))
        }
        "hybrid_method" => {
            let function = m.heap(first);
            Some(m.make(V::Bound(object, function)))
        }
        "association_proxy" | "AssociationProxy" => {
            let through = m.ev.text(first)?.to_owned();
            let through = m.sym(&through);
            let loaded = m.attribute(f, object, through, site);
            let attr = second.and_then(|attr| m.ev.text(attr)).map(str::to_owned)?;
            let attr = m.sym(&attr);
            let mut found = Val::UNKNOWN;
            m.for_each(f, loaded, site, &mut |m, f, elem| {
                found = m.attribute(f, elem, attr, site);
            });
            let size = m.size_of(loaded);
            Some(m.coll(found, size, Some(site)))
        }
        _ => None,
    }
}

pub(super) fn class_name(m: &Flow<'_, '_>, class: ObjectId) -> String {
    m.ev.class(Value::Obj(class)).map(|class| m.ev.names.text(class.name).to_owned()).unwrap_or_default()
}

/// An attribute of a row is set.
pub(super) fn set(m: &mut Flow<'_, '_>, f: &mut Frame, object: Val, name: Sym, value: Val, site: Site) -> bool {
    let Some((class, info, _)) = row(m, object) else { return false };
    if m.lib.mappers.get(class).is_none() {
        return false;
    }
    let dirty = m.sym("<dirty>");
    super::rewrites::note(m, f, (class, name), &info, value, site);
    let value = super::unit::put(m, f, object, name, value, site);
    let mut new = m.with(object, name, Some(value));
    if matches!(info.state, State::Persistent | State::Expired | State::Assumed) && m.own(object, dirty).is_none() {
        // `setattr` with a name that is not known is taken for one that is mapped.
        let mapped = m.lib.mappers.column(class, name).is_some()
            || m.lib.mappers.relation(class, name).is_some()
            || m.name(name) == architect_python::flow::ANY_ATTRIBUTE;
        if mapped {
            let is_async = info.is_async.unwrap_or(false);
            let change = super::things::Change::Update;
            // So is what the database computes: `row.count = Row.count + 1`.
            let computed = matches!(
                super::books::thing(m, value),
                Some((Thing::Expression(_) | Thing::Column { .. } | Thing::Function { .. }, _))
            );
            let alone = computed || m.lib.mappers.get(class).is_some_and(|mapper| mapper.is_versioned);
            let effect = Effect::Write { class: Some(class), through: None, change, alone, is_async };
            record(m, f, effect, site);
            new = m.with(new, dirty, Some(Val::TRUE));
        }
    }
    m.replace(f, object, new);
    true
}

/// `expunge()`: rows keep what they have, and no commit or rollback of the session reaches them any more.
pub(super) fn expunge(m: &mut Flow<'_, '_>, f: &mut Frame, value: Val) {
    for part in m.values.parts(value) {
        let Some((_, info, attrs)) = row(m, part) else { continue };
        if matches!(info.state, State::Persistent | State::Expired) {
            let new = with_info(m, part, RowInfo { state: State::Detached, ..info }, Some(attrs));
            m.replace(f, part, new);
        }
    }
}

/// Another session is made where the sessions of these rows were made: what is done to it is not done to them.
pub(super) fn of_another_session(m: &mut Flow<'_, '_>, f: &mut Frame, site: Site) {
    let mut change = |m: &mut Flow<'_, '_>, val: Val| match row(m, val) {
        Some((_, info, attrs)) if info.session == Some(site) => {
            let session = Some(Site::nowhere());
            with_info(m, val, RowInfo { session, ..info }, Some(attrs))
        }
        _ => val,
    };
    m.change_all(f, &mut change);
}

/// What a commit, a rollback or the end of a session does to the rows of a session.
pub(super) fn settle(m: &mut Flow<'_, '_>, f: &mut Frame, session: &super::things::Session, to: State) {
    let dirty = m.sym("<dirty>");
    let site = session.site;
    let expire = session.expire || to == State::Detached;
    let mut change = |m: &mut Flow<'_, '_>, val: Val| {
        let Some((class, mut info, attrs)) = row(m, val) else { return val };
        let other_kind = info.is_async.is_some_and(|kind| kind != (session.is_async && !session.greenlet));
        // A session that is made here is none that was handed in; of those that are handed in nobody knows.
        if other_kind || info.session != site && site.is_some() {
            return val;
        }
        match info.state {
            State::Transient | State::Detached => val,
            State::Assumed => val,
            _ if expire => {
                let state = to;
                let attrs = if to == State::Expired { Some(Box::default()) } else { Some(attrs) };
                let new = with_info(m, val, RowInfo { state, ..info }, attrs);
                m.with(new, dirty, None)
            }
            State::Pending => {
                let attrs = attrs.iter().filter(|(_, value)| !is_untouched(m, *value)).copied().collect();
                let new = with_info(m, val, RowInfo { state: State::Persistent, ..info }, Some(attrs));
                m.with(new, dirty, None)
            }
            _ if m.own(val, dirty).is_some() => {
                let computed = m.lib.mappers.get(class).map(|mapper| mapper.expires_on_update.clone());
                info.deferred.extend(computed.unwrap_or_default());
                let new = with_info(m, val, info, Some(attrs));
                m.with(new, dirty, None)
            }
            _ => val,
        }
    };
    m.change_all(f, &mut change);
}
