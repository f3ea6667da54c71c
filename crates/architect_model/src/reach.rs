//! Which functions run while requests are answered.

use std::collections::BTreeMap;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::code::Code;
use crate::requests::EntryKind;
use crate::service::{Dependency, Service};

/// Functions that run while requests are answered: by their name, one of [`Service::endpoints`] that each serves.
pub type Reached = BTreeMap<String, usize>;

/// Follows calls from endpoints and their dependencies.
pub(crate) fn reached(service: &Service) -> Reached {
    let code = &service.code;
    let endpoints = service.endpoints();
    let mut work: Vec<(&str, usize)> = Vec::new();
    // The walks of requests know the classes of receivers, which names alone do not tell.
    let titles: FxHashMap<String, usize> =
        endpoints.iter().enumerate().map(|(at, one)| (one.title(), at)).rev().collect();
    for one in &service.requests.followed {
        let entry = service.requests.entries.get(one.entry).filter(|entry| entry.kind == EntryKind::Endpoint);
        if let Some(at) = entry.and_then(|entry| titles.get(&entry.name)) {
            work.push((one.function.as_str(), *at));
        }
    }
    for (at, one) in endpoints.iter().enumerate() {
        for dependency in &one.route.dependencies {
            callables(dependency, at, &mut work);
        }
        if let Some(endpoint) = &one.route.endpoint {
            work.push((endpoint.name.as_str(), at));
        }
    }
    let mut reached = Reached::new();
    let mut seen: FxHashSet<&str> = FxHashSet::default();
    while let Some((name, at)) = work.pop() {
        if !seen.insert(name) {
            continue;
        }
        let Some(function) = called(code, name) else { continue };
        if reached.contains_key(&function.name) {
            continue;
        }
        for call in &function.calls {
            work.extend(call.callee.iter().map(|callee| (callee.as_str(), at)));
        }
        reached.insert(function.name.clone(), at);
    }
    reached
}

/// What runs when a callable of that name is called.
fn called<'c>(code: &'c Code, name: &str) -> Option<&'c crate::code::Function> {
    code.function(name).or_else(|| {
        let class = code.class(name)?;
        code.method(&class.name, "__call__").or_else(|| code.method(&class.name, "__init__"))
    })
}

fn callables<'s>(dependency: &'s Dependency, at: usize, work: &mut Vec<(&'s str, usize)>) {
    work.push((dependency.call.as_str(), at));
    dependency.dependencies.iter().for_each(|inner| callables(inner, at, work));
}
