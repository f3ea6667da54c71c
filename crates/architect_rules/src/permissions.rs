//! Endpoints that change something and ask only who calls, while their siblings ask what the caller may do.

use std::collections::{BTreeMap, BTreeSet};

use architect_model::Service;
use architect_model::code::Operand;
use architect_model::service::{AuthClass, Dependency, EffectiveRoute};

use crate::requests::words;
use crate::text::short;

/// Fewer siblings with a permission than this say nothing about what is usual.
const FEWEST_STRICT: usize = 3;
/// Fewer routers whose changes take a permission than this say nothing about what is usual.
const FEWEST_ROUTERS: usize = 5;
/// Share of siblings, in percent, that have to ask for more.
const USUAL: usize = 70;
/// Share of the other routers, in percent, whose changes have to take a permission.
const USUAL_ROUTERS: usize = 50;

/// Last words of paths whose POST only asks.
const QUESTIONS: &[&str] =
    &["search", "query", "filter", "count", "validate", "check", "preview", "exists", "lookup", "calculate", "compare"];

/// With whom an endpoint is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Among {
    /// Changes of the same item: paths that begin with `/cases/{case_id}`.
    Item,
    /// Changes that the same router serves.
    Router,
    /// Other routers: in this one, no change takes a permission.
    Application,
}

/// An endpoint that asks for less than its siblings.
pub(crate) struct Weaker<'r, 's> {
    /// The endpoint.
    pub one: &'r EffectiveRoute<'s>,
    /// Siblings, or one endpoint of each router, that ask for more, and what they ask.
    pub strict: Vec<(&'r EffectiveRoute<'s>, String)>,
    /// How many there are to compare with.
    pub of: usize,
    /// With whom it is compared.
    pub among: Among,
    /// The path parameter that names the object, where what its siblings ask is about that object.
    pub about: Option<&'r str>,
    /// Whether nearly all of them ask for more.
    pub sure: bool,
}

/// Endpoints that change something and ask for less than their siblings.
pub(crate) fn weaker<'r, 's>(service: &Service, routes: &'r [EffectiveRoute<'s>]) -> Vec<Weaker<'r, 's>> {
    let mut usual = usual_checks(routes);
    // What hands out a session may refuse, too: that is no permission.
    routes.iter().for_each(|one| handed_out(&one.route.dependencies, &mut usual));
    let changes: Vec<&EffectiveRoute<'_>> =
        routes.iter().filter(|one| is_mutating(one) && !is_about_the_caller(one)).collect();
    let lax_routers = lax_routers(&changes, &usual);
    let mut out = Vec::new();
    for one in changes.iter().copied().filter(|one| is_guarded(one) && is_weak(one, &usual)) {
        let Some(router) = one.route.router else { continue };
        let siblings: Vec<_> = changes
            .iter()
            .copied()
            .filter(|other| other.route.router == Some(router) && other.route.location != one.route.location)
            .collect();
        let compare = |siblings: &[&'r EffectiveRoute<'s>], among| {
            // What the code of a sibling asks itself, this one may leave to what it hands the caller to.
            let inside = knows_caller(service, one);
            let asks =
                |other: &EffectiveRoute<'_>| {
                    let own = other.route.endpoint.as_ref().map(|endpoint| endpoint.name.as_str());
                    other.route.auth.checks.iter().any(|check| {
                        !(usual.contains(&check.name.as_str()) || inside && Some(check.name.as_str()) == own)
                    })
                };
            let strict: Vec<_> = siblings.iter().copied().filter(|other| is_guarded(other) && asks(other)).collect();
            let enough = strict.len() >= FEWEST_STRICT && strict.len() * 100 >= siblings.len() * USUAL;
            enough.then(|| Weaker {
                one,
                about: item(&one.path).and_then(|(_, id)| about(service, &strict, id)),
                strict: strict.iter().map(|other| (*other, asked(service, other, &usual))).collect(),
                of: siblings.len(),
                among,
                sure: strict.len() * 100 >= siblings.len() * 90,
            })
        };
        let of_item = item(&one.path).and_then(|(prefix, _)| {
            let same: Vec<_> = siblings.iter().copied().filter(|other| other.path.starts_with(prefix)).collect();
            compare(&same, Among::Item)
        });
        let found = of_item.or_else(|| (!creates(one, routes)).then(|| compare(&siblings, Among::Router)).flatten());
        let found = found.or_else(|| {
            let (strict, of) = lax_routers.get(&router)?;
            if knows_caller(service, one) {
                return None;
            }
            Some(Weaker {
                one,
                about: None,
                strict: strict.iter().map(|other| (*other, asked(service, other, &usual))).collect(),
                of: *of,
                among: Among::Application,
                sure: true,
            })
        });
        out.extend(found);
    }
    out
}

/// Checks that most guarded endpoints share: who calls, not what they may do.
pub(crate) fn usual_checks<'s>(routes: &[EffectiveRoute<'s>]) -> Vec<&'s str> {
    let guarded: Vec<_> = routes.iter().filter(|one| is_guarded(one)).collect();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for one in &guarded {
        let names: BTreeSet<&str> = one.route.auth.checks.iter().map(|check| check.name.as_str()).collect();
        names.into_iter().for_each(|name| *counts.entry(name).or_default() += 1);
    }
    counts.into_iter().filter(|(_, count)| count * 100 >= guarded.len() * 90).map(|(name, _)| name).collect()
}

/// Adds the dependencies that clean up after the request.
fn handed_out<'s>(dependencies: &'s [Dependency], out: &mut Vec<&'s str>) {
    for dependency in dependencies {
        if dependency.is_yield && !out.contains(&dependency.call.as_str()) {
            out.push(&dependency.call);
        }
        handed_out(&dependency.dependencies, out);
    }
}

/// By router without any permission on changes of items: the others that have them, by one endpoint each, and how many
/// there are.
fn lax_routers<'r, 's>(
    changes: &[&'r EffectiveRoute<'s>],
    usual: &[&str],
) -> BTreeMap<usize, (Vec<&'r EffectiveRoute<'s>>, usize)> {
    let mut by_router: BTreeMap<usize, Vec<&'r EffectiveRoute<'s>>> = BTreeMap::new();
    for one in changes.iter().filter(|one| is_guarded(one)) {
        if let Some(router) = one.route.router {
            by_router.entry(router).or_default().push(one);
        }
    }
    let changes_items = |own: &&Vec<&EffectiveRoute<'_>>| {
        let removes = |method: &str| own.iter().any(|one| one.path.ends_with('}') && has(one, &[method]));
        removes("DELETE") && (removes("PUT") || removes("PATCH"))
    };
    let asks = by_router.values().filter_map(|own| own.iter().copied().find(|one| !is_weak(one, usual)));
    let strict: Vec<_> = asks.collect();
    let mut out = BTreeMap::new();
    for (router, own) in by_router.iter().filter(|(_, own)| changes_items(own)) {
        let others = by_router.len() - 1;
        if own.iter().all(|one| is_weak(one, usual))
            && strict.len() >= FEWEST_ROUTERS
            && strict.len() * 100 >= others * USUAL_ROUTERS
        {
            out.insert(*router, (strict.clone(), others));
        }
    }
    out
}

/// The path up to its last parameter that is followed by more or by nothing, and the name of that parameter.
fn item(path: &str) -> Option<(&str, &str)> {
    let (mut end, mut id) = (0, "");
    let mut at = 0;
    for segment in path.split_inclusive('/') {
        at += segment.len();
        let segment = segment.trim_end_matches('/');
        if let Some(name) = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
            let name = name.split(':').next().unwrap_or(name);
            if words(name).last().is_some_and(|word| matches!(word.as_str(), "id" | "uuid" | "slug" | "name")) {
                (end, id) = (at, name);
            }
        }
    }
    (!id.is_empty()).then(|| (path[..end].trim_end_matches('/'), id))
}

/// Whether what most of them ask is named after the object: `CaseEditPermission` for `case_id`.
fn about<'s>(service: &Service, strict: &[&EffectiveRoute<'_>], id: &'s str) -> Option<&'s str> {
    let of_id: Vec<String> =
        words(id).into_iter().filter(|word| !matches!(word.as_str(), "id" | "uuid" | "slug" | "name")).collect();
    let named = strict
        .iter()
        .filter(|one| {
            let names = permissions(service, one);
            names.iter().any(|name| words(name).iter().any(|word| of_id.contains(word)))
        })
        .count();
    (named * 2 > strict.len()).then_some(id)
}

/// What an endpoint asks beside who calls, by the classes and functions its declaration names.
fn permissions(service: &Service, one: &EffectiveRoute<'_>) -> Vec<String> {
    let Some(function) = one.route.endpoint.as_ref().and_then(|endpoint| service.code.function(&endpoint.name)) else {
        return Vec::new();
    };
    let declared = function.decorators.iter().flat_map(|one| &one.items);
    declared
        .filter(|one| one.keyword.as_deref() == Some("dependencies"))
        .flat_map(Operand::flat)
        .filter_map(|one| one.name.as_deref())
        .filter(|name| !name.ends_with("Depends") && !name.ends_with("Security"))
        .map(|name| short(name).to_owned())
        .collect()
}

/// The check that an endpoint has beside the usual ones, as its declaration names it.
fn asked(service: &Service, one: &EffectiveRoute<'_>, usual: &[&str]) -> String {
    let declared = permissions(service, one);
    let check = one.route.auth.checks.iter().find(|check| !usual.contains(&check.name.as_str()));
    declared.last().cloned().or_else(|| check.map(|check| short(&check.name).to_owned())).unwrap_or_default()
}

/// Whether it asks for nothing but what nearly all endpoints ask for.
pub(crate) fn is_weak(one: &EffectiveRoute<'_>, usual: &[&str]) -> bool {
    one.route.auth.checks.iter().all(|check| usual.contains(&check.name.as_str()))
}

/// Whether it adds to a collection, which often more people may do than change what is in it.
fn creates(one: &EffectiveRoute<'_>, routes: &[EffectiveRoute<'_>]) -> bool {
    let item = format!("{}/{{", one.path.trim_end_matches('/'));
    has(one, &["POST"]) && routes.iter().any(|other| other.path.starts_with(&item))
}

/// Whether the endpoint takes the caller as an argument, and may decide by it what is done: whose rows are touched.
fn knows_caller(service: &Service, one: &EffectiveRoute<'_>) -> bool {
    let Some(function) = one.route.endpoint.as_ref().and_then(|endpoint| service.code.function(&endpoint.name)) else {
        return true;
    };
    let is_parameter = |dependency: &&Dependency| {
        dependency.declared_at.as_ref().is_none_or(|place| {
            function.parameters.iter().any(|parameter| {
                let at = &parameter.location;
                at.path == place.path && at.start <= place.start && place.end <= at.end
            })
        })
    };
    one.route.dependencies.iter().filter(is_parameter).any(|dependency| tells_caller(one, dependency))
}

fn tells_caller(one: &EffectiveRoute<'_>, dependency: &Dependency) -> bool {
    one.route.auth.by.iter().any(|by| by.name == dependency.call)
        || dependency.dependencies.iter().any(|inner| tells_caller(one, inner))
}

/// Whether it changes what belongs to the caller: `/users/me`.
fn is_about_the_caller(one: &EffectiveRoute<'_>) -> bool {
    one.path.split('/').any(|segment| matches!(segment, "me" | "my" | "self" | "own" | "mine" | "current"))
}

/// Whether it asks who calls.
pub(crate) fn is_guarded(one: &EffectiveRoute<'_>) -> bool {
    matches!(one.route.auth.class, AuthClass::Required | AuthClass::Manual)
}

/// Whether it changes data, by its methods; a POST that is named like a question changes nothing.
pub(crate) fn is_mutating(one: &EffectiveRoute<'_>) -> bool {
    has(one, &["PUT", "PATCH", "DELETE"]) || has(one, &["POST"]) && !asks(&one.path)
}

/// Whether a path is named like a question.
pub(crate) fn asks(path: &str) -> bool {
    let last = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_lowercase();
    last.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| QUESTIONS.contains(&word))
}

fn has(one: &EffectiveRoute<'_>, wanted: &[&str]) -> bool {
    one.route.methods.iter().any(|method| wanted.contains(&method.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_named_by_the_last_parameter() {
        assert_eq!(item("/a/{tenant}/cases/{case_id}"), Some(("/a/{tenant}/cases/{case_id}", "case_id")));
        assert_eq!(item("/cases/{case_id}/resources"), Some(("/cases/{case_id}", "case_id")));
        assert_eq!(item("/cases/{case_id:int}/run"), Some(("/cases/{case_id:int}", "case_id")));
        assert_eq!(item("/cases/latest"), None);
    }
}
