//! Who uses which dependency.

use std::collections::{BTreeMap, BTreeSet};

use architect_model::Service;
use architect_model::service::Dependency;

use super::count;
use super::tree::Node;

/// A dependency and what declares it directly.
#[derive(Default)]
pub(super) struct Use<'s> {
    /// Any occurrence, for its flags and its place.
    pub example: Option<&'s Dependency>,
    /// Endpoints that declare it, in matching order.
    pub endpoints: Vec<String>,
    /// Dependencies that declare it.
    pub dependencies: BTreeSet<&'s str>,
    /// How many endpoints resolve it, directly or through others.
    pub resolved_by: usize,
}

/// Every dependency by name.
pub(super) fn uses(service: &Service) -> BTreeMap<&str, Use<'_>> {
    let mut uses: BTreeMap<&str, Use<'_>> = BTreeMap::new();
    for endpoint in service.endpoints() {
        let mut seen = BTreeSet::new();
        for dependency in &endpoint.route.dependencies {
            let direct = &mut uses.entry(&dependency.call).or_default().endpoints;
            let title = endpoint.title();
            if direct.last() != Some(&title) {
                direct.push(title);
            }
            walk(dependency, &mut uses, &mut seen);
        }
    }
    uses
}

fn walk<'s>(dependency: &'s Dependency, uses: &mut BTreeMap<&'s str, Use<'s>>, seen: &mut BTreeSet<&'s str>) {
    let entry = uses.entry(&dependency.call).or_default();
    entry.example.get_or_insert(dependency);
    if seen.insert(&dependency.call) {
        entry.resolved_by += 1;
    }
    for child in &dependency.dependencies {
        uses.entry(&child.call).or_default().dependencies.insert(&dependency.call);
        walk(child, uses, seen);
    }
}

/// Each dependency with the dependencies and endpoints that declare it, the most used first.
#[must_use]
pub fn dependencies_text(service: &Service) -> String {
    let uses = uses(service);
    let mut order: Vec<_> = uses.iter().collect();
    order.sort_by(|a, b| b.1.resolved_by.cmp(&a.1.resolved_by).then(a.0.cmp(b.0)));
    let mut out = String::new();
    for (name, entry) in order {
        let mut label = (*name).to_owned();
        if let Some(place) = entry.example.and_then(|example| example.location.as_ref()) {
            label.push_str(&format!("  {place}"));
        }
        label.push_str(&format!("  {}", count(entry.resolved_by, "endpoint")));
        label.push_str(&flags(entry.example));
        let through = entry.dependencies.iter().map(|user| {
            let endpoints = uses.get(user).map_or(0, |user| user.resolved_by);
            Node::leaf(format!("{user}  ({})", count(endpoints, "endpoint")))
        });
        let children = through.chain(entry.endpoints.iter().map(Node::leaf)).collect();
        Node { label, children }.render(&mut out);
    }
    let unused = service.dependency_functions.iter().filter(|function| !uses.contains_key(&*function.name));
    for function in unused {
        Node::leaf(format!("{}  {}  no endpoint", function.name, function.location)).render(&mut out);
    }
    if out.is_empty() {
        out.push_str("no endpoint has dependencies\n");
    }
    out
}

/// ` [yield, security scheme]`, or nothing.
fn flags(dependency: Option<&Dependency>) -> String {
    let Some(dependency) = dependency else { return String::new() };
    let flags: Vec<&str> = [(dependency.is_yield, "yield"), (dependency.security_scheme, "security scheme")]
        .into_iter()
        .filter_map(|(is, name)| is.then_some(name))
        .collect();
    if flags.is_empty() { String::new() } else { format!("  [{}]", flags.join(", ")) }
}

/// The tree below an endpoint, in the order it is resolved.
pub(super) fn resolution(dependencies: &[Dependency]) -> Vec<Node> {
    dependencies
        .iter()
        .map(|dependency| {
            let mut label = dependency.call.clone();
            if let Some(place) = &dependency.location {
                label.push_str(&format!("  {place}"));
            }
            label.push_str(&flags(Some(dependency)));
            if let Some(condition) = &dependency.conditional {
                label.push_str(&format!("  {condition}"));
            }
            if !dependency.scopes.is_empty() {
                label.push_str(&format!("  scopes {}", dependency.scopes.join(" ")));
            }
            if let Some(scope) = &dependency.scope {
                label.push_str(&format!("  scope={scope}"));
            }
            if !dependency.use_cache {
                label.push_str("  use_cache=False");
            }
            Node { label, children: resolution(&dependency.dependencies) }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::map::sample;

    #[test]
    fn each_dependency_names_its_users() {
        assert_eq!(
            dependencies_text(&sample::service()),
            "\
app.deps:get_db  app/deps.py:3  3 endpoints
├─ app.deps:get_user  (2 endpoints)
├─ POST /v1/users
└─ GET /v1/users/{user_id}
app.deps:get_user  app/deps.py:3  2 endpoints
├─ GET /v1/users
└─ POST /v1/users
"
        );
    }

    #[test]
    fn nothing_to_show_is_said() {
        assert_eq!(dependencies_text(&Service::default()), "no endpoint has dependencies\n");
    }
}
