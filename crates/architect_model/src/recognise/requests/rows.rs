//! Rows: what is loaded with them, and what reading an attribute does.

use architect_python::flow::{Args, Frame, Kind, Size, V, Val};
use architect_python::{Object, ObjectId, Site, Sym, Value};

use super::books::{Flow, last, make, record, row, with_info};
use super::things::{Effect, LoadOption, RowInfo, State, Strategy, Thing};

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
                if option.path.len() > 1 || option.only.is_some() || !option.defer.is_empty() {
                    below.push(LoadOption { path: option.path[1..].to_vec(), ..option.clone() });
                }
            }
            None if option.path.len() == 1 && strategy.is_none() => strategy = Some(*how),
            _ => {}
        }
    }
    (strategy, below)
}

/// What a row is like that is loaded with these options.
pub(super) fn info_of(base: &RowInfo, options: Vec<LoadOption>) -> RowInfo {
    let own = options.iter().filter(|option| option.path.is_empty());
    let mut only: Option<Vec<Sym>> = None;
    let mut deferred = Vec::new();
    for option in own {
        if let Some(columns) = &option.only {
            only.get_or_insert_with(Vec::new).extend(columns.iter().copied());
        }
        deferred.extend(option.defer.iter().copied());
    }
    RowInfo { only, deferred, options, ..base.clone() }
}

/// A row of a class, with what is loaded beside it. `beside` collects the statements that this takes, `joined` whether
/// a collection is joined.
pub(super) fn load(
    m: &mut Flow<'_, '_>,
    class: ObjectId,
    info: RowInfo,
    site: Option<Site>,
    beside: &mut Vec<(ObjectId, Sym)>,
    joined: &mut bool,
    path: &mut Vec<(ObjectId, Sym)>,
) -> Val {
    let relations: Vec<(Sym, super::orm::Relation)> = m
        .lib
        .mappers
        .get(class)
        .map(|mapper| mapper.relations.iter().map(|(name, relation)| (*name, relation.clone())).collect())
        .unwrap_or_default();
    let mut attrs: Vec<(Sym, Val)> = Vec::new();
    if path.len() < MAX_EAGER {
        let mut relations = relations;
        relations.sort_by_key(|(name, _)| *name);
        for (name, relation) in relations {
            let (option, below) = option_for(&info.options, name);
            let strategy = option.unwrap_or(relation.lazy);
            let eager =
                matches!(strategy, Strategy::Joined | Strategy::Selectin | Strategy::Subquery | Strategy::Contains);
            if !eager || path.contains(&(class, name)) {
                continue;
            }
            let Some(target) = relation.target else { continue };
            match strategy {
                Strategy::Selectin | Strategy::Subquery => beside.push((class, name)),
                Strategy::Joined | Strategy::Contains if relation.uselist => *joined |= strategy == Strategy::Joined,
                _ => {}
            }
            path.push((class, name));
            let mut inner_joined = false;
            let inner = info_of(&RowInfo { many: info.many || relation.uselist, ..info.clone() }, below);
            let separate = matches!(strategy, Strategy::Selectin | Strategy::Subquery);
            let one = load(m, target, inner, site, beside, &mut inner_joined, path);
            *joined |= inner_joined && !separate;
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

/// A row that somebody hands in and nobody is seen to load.
pub(super) fn assumed(m: &mut Flow<'_, '_>, class: ObjectId) -> Val {
    let info = RowInfo {
        state: State::Assumed,
        is_async: None,
        expire: false,
        session: None,
        deferred: Vec::new(),
        only: None,
        options: Vec::new(),
        query: None,
        many: false,
    };
    load(m, class, info, None, &mut Vec::new(), &mut false, &mut Vec::new())
}

/// A new object of a mapped class.
pub(super) fn transient(m: &mut Flow<'_, '_>, class: ObjectId, args: &Args, site: Site) -> Val {
    let info = RowInfo {
        state: State::Transient,
        is_async: None,
        expire: false,
        session: None,
        deferred: Vec::new(),
        only: None,
        options: Vec::new(),
        query: None,
        many: false,
    };
    let tag = m.lib.row(info);
    let mut attrs: Vec<(Sym, Val)> = args.kw.clone();
    attrs.sort_by_key(|(name, _)| *name);
    attrs.dedup_by_key(|(name, _)| *name);
    m.make(V::Inst { class, tag, site: Some(site), attrs: attrs.into() })
}

/// Reading an attribute of a row that is not loaded yet; nothing where the class decides.
pub(super) fn read(m: &mut Flow<'_, '_>, f: &mut Frame, object: Val, name: Sym, site: Site) -> Option<Val> {
    let (class, info, attrs) = row(m, object)?;
    if m.name(name) == "awaitable_attrs" {
        return Some(make(m, Thing::Awaitable, [object].into()));
    }
    let (column, relation) = (m.lib.mappers.column(class, name), m.lib.mappers.relation(class, name).cloned());
    if let Some(facts) = column {
        let serialised = m.lib.serialising > 0;
        let expired = matches!(info.state, State::Expired);
        let deferred = info.deferred.contains(&name)
            || facts.deferred
            || info.only.as_ref().is_some_and(|only| !only.contains(&name) && !facts.primary_key);
        if expired || deferred && matches!(info.state, State::Persistent | State::Detached) {
            let is_async = info.is_async;
            let detached = info.state == State::Detached;
            record(m, f, Effect::Refresh { class, name, is_async, deferred: !expired, detached, serialised }, site);
            let mut new_info = info.clone();
            if expired {
                new_info.state = State::Persistent;
            } else {
                match &mut new_info.only {
                    Some(only) => only.push(name),
                    None => new_info.deferred.retain(|n| *n != name),
                }
            }
            let new = with_info(m, object, new_info, Some(attrs));
            m.replace(f, object, new);
        }
        return Some(m.field_type(class, name).filter(|typed| row(m, *typed).is_none()).unwrap_or(Val::UNKNOWN));
    }
    if let Some(relation) = relation {
        return Some(relationship(m, f, object, class, &info, name, &relation, site));
    }
    computed(m, f, object, class, name, site)
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
        deferred: Vec::new(),
        only: None,
        ..info.clone()
    };
    let inner = info_of(&base, below);
    let mut beside = Vec::new();
    let mut one = load(m, target, inner, Some(site), &mut beside, &mut false, &mut vec![(class, name)]);
    // The other side is this object: the identity map answers.
    if let Some(back) = relation.back {
        let many_to_one = m.lib.mappers.relation(target, back).is_some_and(|back| back.many_to_one);
        if many_to_one && relation.uselist {
            let parent = with_info(m, object, info.clone(), None);
            one = m.with(one, back, Some(parent));
        }
    }
    let value = related(m, target, relation, one, Some(site));
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
            entity,
        };
        record(m, f, effect, site);
    }
    let mut fresh = object;
    if info.state == State::Expired {
        fresh = with_info(m, object, RowInfo { state: State::Persistent, ..info.clone() }, None);
    }
    let new = m.with(fresh, name, Some(value));
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
    let mut new = m.with(object, name, Some(value));
    if matches!(info.state, State::Persistent | State::Expired | State::Assumed) && m.own(object, dirty).is_none() {
        let mapped = m.lib.mappers.column(class, name).is_some() || m.lib.mappers.relation(class, name).is_some();
        if mapped {
            let is_async = info.is_async.unwrap_or(false);
            record(m, f, Effect::Write { class: Some(class), change: super::things::Change::Update, is_async }, site);
            new = m.with(new, dirty, Some(Val::TRUE));
        }
    }
    m.replace(f, object, new);
    true
}

/// What a commit, a rollback or the end of a session does to the rows of a session.
pub(super) fn settle(m: &mut Flow<'_, '_>, f: &mut Frame, session: &super::things::Session, to: State) {
    let dirty = m.sym("<dirty>");
    let site = session.site;
    let expire = session.expire || to == State::Detached;
    let mut change = |m: &mut Flow<'_, '_>, val: Val| {
        let Some((_, info, attrs)) = row(m, val) else { return val };
        let other_kind = info.is_async.is_some_and(|kind| kind != (session.is_async && !session.greenlet));
        if other_kind || info.session != site && info.session.is_some() && site.is_some() {
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
                let new = with_info(m, val, RowInfo { state: State::Persistent, ..info }, Some(attrs));
                m.with(new, dirty, None)
            }
            _ => m.with(val, dirty, None),
        }
    };
    m.change_all(f, &mut change);
}
