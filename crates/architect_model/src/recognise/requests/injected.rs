//! What the providers of dependency-injector make (dependency-injector 4.48, "Providers" and "Wiring" of its
//! documentation): markers in the place of parameters hand it to functions.

use architect_python::flow::{Args, Frame, V, Val};
use architect_python::{Object, Site, Sym, Value};

use super::books::{Flow, last};

/// Where its modules are.
pub(super) const PACKAGE: &str = "dependency_injector";

/// A provider that is handed a provider that is handed a provider …: steps at most.
const MAX_DEPTH: u32 = 12;

/// What a marker that a parameter has for a default stands for; nothing for anything else.
pub(super) fn marked(m: &mut Flow<'_, '_>, value: Value) -> Option<Val> {
    let Object::Instance { class, site, .. } = m.ev.obj(value)? else { return None };
    let (class, site) = (*class, *site);
    if m.path_of(Value::Obj(class)).as_deref() != Some("dependency_injector.wiring._Marker") {
        return None;
    }
    let mut f = Frame::new(site.module);
    let provider = m.ev.get(value, "provider")?;
    Some(provided(m, &mut f, provider, &Args::default(), site, 0))
}

/// A marker or a provider is called.
pub(super) fn called(m: &mut Flow<'_, '_>, f: &mut Frame, args: &Args, site: Site) -> Option<Val> {
    let (first, rest) = args.pos.split_first()?;
    let V::Heap(id) = *m.v(*first) else { return None };
    let value = Value::Obj(id);
    let args = Args { pos: rest.to_vec(), kw: args.kw.clone(), rest: args.rest };
    match m.ev.get(value, "provider") {
        Some(provider) if m.ev.get(value, "provides").is_none() => Some(provided(m, f, provider, &args, site, 0)),
        _ => Some(provided(m, f, value, &args, site, 0)),
    }
}

/// What a provider makes.
fn provided(m: &mut Flow<'_, '_>, f: &mut Frame, provider: Value, more: &Args, site: Site, depth: u32) -> Val {
    let Some(Object::Instance { class, .. }) = m.ev.obj(provider) else { return Val::UNKNOWN };
    let kind = m.path_of(Value::Obj(*class)).unwrap_or_default();
    if !kind.starts_with("dependency_injector.providers.") || depth > MAX_DEPTH {
        return Val::UNKNOWN;
    }
    let Some(provides) = m.ev.get(provider, "provides") else { return Val::UNKNOWN };
    if last(&kind) == "Object" {
        return m.heap(provides);
    }
    let given = m.ev.get(provider, "args").and_then(|args| m.ev.items(args).ok().flatten());
    let given: Vec<Value> = given.map(|(items, _)| items).unwrap_or_default();
    let named: Vec<(Sym, Value)> = match m.ev.get(provider, "kwargs").and_then(|kwargs| m.ev.obj(kwargs)) {
        Some(Object::Dict(data)) => {
            let text = |key: &architect_python::DictKey| match key {
                architect_python::DictKey::Str(name) => Some(*name),
                _ => None,
            };
            data.items.iter().filter_map(|(key, (_, value))| Some((text(key)?, *value))).collect()
        }
        _ => Vec::new(),
    };
    let mut args = Args::default();
    for value in given {
        let value = argument(m, f, value, site, depth);
        args.pos.push(value);
    }
    for (name, value) in named {
        let value = argument(m, f, value, site, depth);
        args.kw.push((name, value));
    }
    args.pos.extend(&more.pos);
    args.kw.extend(&more.kw);
    let callee = m.heap(provides);
    let made = m.call(f, callee, args, site);
    // Generators are resources: what they hand out is used until they end.
    if last(&kind) == "Resource" && matches!(m.v(made), V::Pending { .. }) {
        return m.iterate(f, made, site).0;
    }
    made
}

/// What a provider hands to what it makes: what another one makes, or a value as it is.
fn argument(m: &mut Flow<'_, '_>, f: &mut Frame, value: Value, site: Site, depth: u32) -> Val {
    let is_provider = matches!(m.ev.obj(value), Some(Object::Instance { .. })) && m.ev.get(value, "provides").is_some();
    if is_provider {
        return provided(m, f, value, &Args::default(), site, depth + 1);
    }
    m.heap(value)
}
