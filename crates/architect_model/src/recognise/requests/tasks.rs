//! What goes on beside the running function: threads, tasks, executors, what is done after the response.

use architect_python::Site;
use architect_python::flow::{Args, Edge, Frame, Named, Node, Size, V, Val};

use super::books::{Flow, last, make, record, row, thing};
use super::rows;
use super::things::{Concurrency, Effect, Session, State, Thing};
use crate::requests::Wait;

/// Runs one of several branches: what it gives, and whether it asks the database through a session it is handed.
pub(super) fn branch(m: &mut Flow<'_, '_>, f: &mut Frame, part: Val, site: Site) -> (Val, bool) {
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
pub(super) fn awaited_session(m: &Flow<'_, '_>, val: Val, depth: u32) -> bool {
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
pub(super) fn in_thread<T>(
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
pub(super) fn stream(m: &mut Flow<'_, '_>, f: &mut Frame, content: Val, site: Site) {
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
pub(super) fn spawn(m: &mut Flow<'_, '_>, f: &mut Frame, args: &Args, site: Site, edge: Edge) {
    let Some(function) = args.pos.first().copied() else { return };
    let rest = Args { pos: args.pos[1..].to_vec(), kw: args.kw.clone(), rest: args.rest };
    let handed = rest.pos.iter().copied().chain(rest.kw.iter().map(|(_, v)| *v)).chain([function]);
    let given = handed.filter_map(|val| carried(m, val, 0)).next();
    record(m, f, Effect::Spawn { background: edge == Edge::Background, given }, site);
    m.call_by(f, function, rest, site, edge);
}

/// A session or a row inside a value, as people name it.
pub(super) fn carried(m: &Flow<'_, '_>, val: Val, depth: u32) -> Option<String> {
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

/// What a task gives where somebody waits for it.
pub(super) fn awaited(m: &mut Flow<'_, '_>, val: Val) -> Val {
    match thing(m, val) {
        Some((Thing::Concurrency(Concurrency::Task(started)), parts)) => {
            m.lib.joined.insert(started);
            parts.first().copied().unwrap_or(Val::UNKNOWN)
        }
        _ => val,
    }
}

pub(super) fn concurrency(m: &mut Flow<'_, '_>, f: &mut Frame, path: &str, args: &Args, site: Site) -> Option<Val> {
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
            Some(make(m, Thing::Concurrency(Concurrency::Task(site)), [value].into()))
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
        "wait" | "as_completed" if path.starts_with("asyncio") => {
            m.force(f, first?, site);
            Some(Val::UNKNOWN)
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

pub(super) fn concurrent_method(
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
        (Concurrency::Loop, "create_task") => match first {
            Some(pending) => m.force_by(f, pending, site, Edge::Task),
            None => Val::UNKNOWN,
        },
        (Concurrency::TaskGroup, "create_task") => match first {
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
