//! Which operation of the new contract is which of the old one, also where it moved.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::contract::{Api, Kind, Operation, nameless};

/// How an operation is the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum How {
    /// By method and path.
    Same,
    /// By its path up to the last slash.
    Slash,
    /// By its function, and called with another method.
    Method,
    /// By its function, its id or what it takes and answers.
    Moved,
}

/// An operation of both contracts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pair<'a> {
    pub old: &'a Operation,
    pub new: &'a Operation,
    pub how: How,
}

/// What became of the operations of an application.
#[derive(Debug, Default)]
pub(super) struct Pairing<'a> {
    /// In the order of the new contract.
    pub pairs: Vec<Pair<'a>>,
    pub removed: Vec<&'a Operation>,
    pub added: Vec<&'a Operation>,
}

/// Pairs the operations of two applications. A path that is served on both sides is never taken for a moved one.
pub(super) fn pair<'a>(old: &'a Api, new: &'a Api, both_services: bool) -> Pairing<'a> {
    // A document does not show what a service hides.
    let is_shown =
        |one: &&Operation| both_services || !one.is_hidden() && matches!(one.kind, Kind::Http | Kind::Webhook);
    let mut known: BTreeMap<_, &Operation> = BTreeMap::new();
    for operation in old.operations.iter().filter(is_shown) {
        known.entry(operation.key()).or_insert(operation);
    }
    let mut found: Vec<Option<Pair<'a>>> = Vec::new();
    let mut added: Vec<(usize, &Operation)> = Vec::new();
    let mut seen = BTreeSet::new();
    for operation in new.operations.iter().filter(is_shown) {
        let key = operation.key();
        if !seen.insert(key.clone()) {
            continue;
        }
        let pair = known.remove(&key).map(|old| Pair { old, new: operation, how: How::Same });
        if pair.is_none() {
            added.push((found.len(), operation));
        }
        found.push(pair);
    }
    let order: BTreeMap<_, usize> = old.operations.iter().enumerate().map(|(at, one)| (one.key(), at)).rev().collect();
    let mut removed: Vec<&Operation> = known.into_values().collect();
    removed.sort_by_key(|one| order.get(&one.key()));
    for (how, identity) in RULES {
        match_by(&mut removed, &mut added, &mut found, *how, *identity);
    }
    // What exists under a condition may be in a document or not.
    let is_sure =
        |one: &&Operation| both_services || one.facts.as_ref().is_none_or(|facts| facts.conditional.is_none());
    Pairing {
        pairs: found.into_iter().flatten().collect(),
        removed: removed.into_iter().filter(is_sure).collect(),
        added: added.into_iter().map(|(_, one)| one).filter(is_sure).collect(),
    }
}

/// What an operation is known by; the same text on both sides means the same operation.
type Identity = fn(&Operation) -> Option<String>;

/// From the surest to the least sure.
const RULES: &[(How, Identity)] = &[
    (How::Slash, |one| {
        let path = nameless(&one.path);
        Some(format!("{:?} {} {}", one.kind, one.method, path.trim_end_matches('/')))
    }),
    (How::Moved, |one| {
        let name = one.facts.as_ref().and_then(|facts| facts.endpoint.clone());
        Some(format!("{:?} {} {}", one.kind, one.method, name.or_else(|| explicit_id(one))?))
    }),
    (How::Method, |one| {
        let name = one.facts.as_ref().and_then(|facts| facts.endpoint.as_deref()).or(one.handler());
        Some(format!("{} {}", nameless(&one.path), name?))
    }),
    (How::Moved, |one| Some(format!("{:?} {} {}", one.kind, one.method, explicit_id(one)?))),
    (How::Moved, |one| Some(format!("{:?} {} {} {}", one.kind, one.method, one.handler()?, tail(&one.path)?))),
    (How::Moved, |one| Some(format!("{:?} {} {} {}", one.kind, one.method, one.handler()?, signature(one)?))),
    (How::Moved, |one| Some(format!("{:?} {} {} {}", one.kind, one.method, tail(&one.path)?, signature(one)?))),
    (How::Moved, telling_name_and_shape),
];

/// What it takes and answers, whatever that is, by a function whose name says what it is about.
fn telling_name_and_shape(one: &Operation) -> Option<String> {
    let handler = one.handler().filter(|handler| handler.trim_matches('_').contains('_'))?;
    let mut json = one.json.clone()?;
    strip(&mut json);
    Some(format!("{:?} {} {handler} {} {json}", one.kind, one.method, one.path.matches('/').count()))
}

fn explicit_id(one: &Operation) -> Option<String> {
    one.id().filter(|_| !one.has_generated_id()).map(str::to_owned)
}

/// The last segment that is text, and what follows.
fn tail(path: &str) -> Option<String> {
    let path = nameless(path);
    let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    let at = segments.iter().rposition(|segment| !segment.contains('{'))?;
    Some(segments[at..].join("/"))
}

/// What it takes and answers, where that refers to schemas of the program; what says less is shared by too many.
fn signature(one: &Operation) -> Option<String> {
    let mut json = one.json.clone()?;
    strip(&mut json);
    let text = json.to_string();
    text.replace("#/components/schemas/HTTPValidationError", "").contains("#/components/schemas/").then_some(text)
}

/// Leaves out what is made from the name and the path.
fn strip(json: &mut Json) {
    match json {
        Json::Object(items) => {
            items.retain(|key, _| {
                !matches!(&**key, "operationId" | "summary" | "description" | "tags" | "title" | "deprecated")
            });
            items.values_mut().for_each(strip);
        }
        Json::Array(items) => items.iter_mut().for_each(strip),
        Json::String(text) if text.starts_with("#/components/schemas/Body_") => *text = "body".to_owned(),
        _ => {}
    }
}

/// Operations of both sides that have the same identity; new ones with their place in what was found.
#[derive(Default)]
struct Alike<'a> {
    olds: Vec<&'a Operation>,
    news: Vec<(usize, &'a Operation)>,
}

/// Pairs what is left where one and only one operation of each side has the same identity; several of one function are
/// told apart by how their paths end.
fn match_by<'a>(
    removed: &mut Vec<&'a Operation>,
    added: &mut Vec<(usize, &'a Operation)>,
    found: &mut [Option<Pair<'a>>],
    how: How,
    identity: Identity,
) {
    let mut groups: BTreeMap<String, Alike<'a>> = BTreeMap::new();
    for one in removed.iter() {
        if let Some(key) = identity(one) {
            groups.entry(key).or_default().olds.push(one);
        }
    }
    for (at, one) in added.iter() {
        if let Some(key) = identity(one) {
            groups.entry(key).or_default().news.push((*at, one));
        }
    }
    let mut paired: Vec<(*const Operation, usize)> = Vec::new();
    for Alike { olds, news } in groups.into_values() {
        for (old, (at, new)) in one_to_one(olds, news) {
            found[at] = Some(Pair { old, new, how });
            paired.push((std::ptr::from_ref(old), at));
        }
    }
    removed.retain(|one| !paired.iter().any(|(old, _)| std::ptr::eq(*old, *one)));
    added.retain(|(at, _)| !paired.iter().any(|(_, new)| new == at));
}

type Candidates<'a> = Vec<(&'a Operation, (usize, &'a Operation))>;

fn one_to_one<'a>(mut olds: Vec<&'a Operation>, mut news: Vec<(usize, &'a Operation)>) -> Candidates<'a> {
    let mut out = Vec::new();
    while !olds.is_empty() && !news.is_empty() {
        if let ([old], [new]) = (&olds[..], &news[..]) {
            out.push((*old, *new));
            break;
        }
        let likeness = |old: &Operation, new: &Operation| common_end(&old.path, &new.path).len();
        let mut scores: Vec<(usize, usize, usize)> = Vec::new();
        for (a, old) in olds.iter().enumerate() {
            scores.extend(news.iter().enumerate().map(|(b, (_, new))| (likeness(old, new), a, b)));
        }
        let best = scores.iter().map(|(score, ..)| *score).max().unwrap_or_default();
        let tops: Vec<_> = scores.iter().filter(|(score, ..)| *score == best).collect();
        // A draw decides nothing.
        let Some((_, a, b)) =
            tops.iter().find(|(_, a, b)| tops.iter().filter(|(_, x, y)| x == a || y == b).count() == 1)
        else {
            break;
        };
        out.push((olds.remove(*a), news.remove(*b)));
    }
    out
}

/// The segments that two paths end with, names of parameters left aside; of the second.
fn common_end<'a>(old: &str, new: &'a str) -> Vec<&'a str> {
    let is_same = |(old, new): &(&str, &str)| nameless(old) == nameless(new);
    let pairs = old.rsplit('/').zip(new.rsplit('/')).take_while(is_same);
    let mut out: Vec<&str> = pairs.map(|(_, new)| new).collect();
    out.reverse();
    out
}

/// What stands before the segments that both paths end with: `/api` and `/api/v1` of `/api/users` and `/api/v1/users`.
pub(super) fn prefixes<'a>(old: &'a str, new: &'a str) -> (&'a str, &'a str) {
    let count = common_end(old, new).len();
    let before = |path: &'a str| {
        let at = path.rmatch_indices('/').nth(count.saturating_sub(1)).map_or(0, |(at, _)| at);
        if count == 0 { path } else { &path[..at] }
    };
    (before(old), before(new))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_are_what_stands_before_the_common_end() {
        assert_eq!(prefixes("/api/users/{id}", "/api/v1/users/{user_id}"), ("/api", "/api/v1"));
        assert_eq!(prefixes("/users/{id}", "/accounts/{id}"), ("/users", "/accounts"));
        assert_eq!(prefixes("/users", "/accounts"), ("/users", "/accounts"));
        assert_eq!(prefixes("/users", "/v2/users"), ("", "/v2"));
    }

    #[test]
    fn the_tail_starts_with_text() {
        assert_eq!(tail("/a/users/{id}/{part}").as_deref(), Some("users/{}/{}"));
        assert_eq!(tail("/{id}"), None);
    }
}
