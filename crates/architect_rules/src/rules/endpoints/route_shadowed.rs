//! A route that an earlier one hides.

use std::collections::{BTreeMap, HashSet};

use architect_model::Service;
use architect_model::service::Route;
use architect_source::{Confidence, Finding, Severity};

use crate::level::{Level, levels, shared_methods};
use crate::path::{Pattern, Segment};
use crate::requests::removes_routes;
use crate::text::short;
use crate::{Rule, step};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "route-shadowed",
    group: "endpoints",
    docs: include_str!("route_shadowed.md"),
    severity: Severity::Error,
    since: "0.1.0",
    check,
};

fn check(service: &Service) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut seen = HashSet::new();
    for level in levels(service) {
        let mut index = Index::default();
        let mut patterns: Vec<Option<Pattern>> = Vec::new();
        for (number, route) in level.routes.iter().enumerate() {
            let pattern = pattern(route);
            if let Some(pattern) = &pattern {
                if let Some((earlier, methods)) = hidden_by(&level, &patterns, &index, route, pattern)
                    && seen.insert((earlier.location.clone(), route.location.clone()))
                {
                    findings.push(finding(&level, earlier, route, &methods));
                }
                index.insert(&pattern.steps(), number);
            }
            patterns.push(pattern);
        }
    }
    if !findings.is_empty() && removes_routes(service) {
        findings.iter_mut().for_each(|found| found.confidence = Confidence::Low);
    }
    findings
}

/// What the route matches; `None` where that is not known or only sometimes so.
fn pattern(route: &Route) -> Option<Pattern> {
    if route.conditional.is_some() {
        None
    } else if route.is_mount() {
        Pattern::parse(&format!("{}/{{path:path}}", route.path.trim_end_matches('/')))
    } else if route.methods.is_empty() && !route.is_websocket() {
        None
    } else {
        Pattern::parse(&route.path)
    }
}

/// The first earlier route that takes every request of `route`, and the methods it takes.
fn hidden_by<'s>(
    level: &Level<'s>,
    patterns: &[Option<Pattern>],
    index: &Index,
    route: &Route,
    pattern: &Pattern,
) -> Option<(&'s Route, Vec<String>)> {
    let mut candidates = Vec::new();
    index.candidates(&pattern.steps(), &mut candidates);
    candidates.sort_unstable();
    for number in candidates {
        let earlier = &level.routes[number];
        let methods = if earlier.is_mount() {
            Some(route.methods.clone())
        } else if route.is_mount() {
            None
        } else {
            shared_methods(earlier, route)
        };
        let (Some(methods), Some(earlier_pattern)) = (methods, &patterns[number]) else { continue };
        if !earlier_pattern.covers(pattern) {
            continue;
        }
        let same_endpoint = earlier.endpoint.is_some()
            && earlier.endpoint.as_ref().map(|e| &e.name) == route.endpoint.as_ref().map(|e| &e.name);
        // `duplicate-route` speaks of equal patterns, and the same endpoint under two paths answers either way.
        let silent = same_endpoint || (!earlier.is_mount() && earlier_pattern.key() == pattern.key());
        return (!silent).then_some((earlier, methods));
    }
    None
}

fn finding(level: &Level<'_>, earlier: &Route, route: &Route, methods: &[String]) -> Finding {
    let title = level.title_of(route, methods);
    let earlier_title = level.title(earlier);
    let happens = happens(earlier, route);
    Finding {
        trace: vec![
            step(format!("`{earlier_title}` is registered first and matches every such path"), &earlier.location),
            step(format!("`{}` comes later and is never tried", level.title(route)), &route.location),
        ],
        why: "Starlette tries routes in the order of registration and takes the first that matches.".to_owned(),
        help: if earlier.is_mount() {
            format!("Register `{title}` before `{earlier_title}`; a mount takes everything below its path.")
        } else {
            format!(
                "Register `{title}` before `{earlier_title}`, or narrow the earlier path with a convertor such as \
                 `{{id:int}}`."
            )
        },
        trade_off: "Changing the order changes which function answers; fine as it is when the earlier route is meant \
                    to override the later one, but then the later one is dead code."
            .to_owned(),
        ..RULE.finding(
            Confidence::High,
            &title,
            &route.location,
            format!(
                "`{title}` is never reached: `{earlier_title}` comes first and matches every such request{happens}."
            ),
        )
    }
}

/// What a caller sees instead, as the end of a sentence.
fn happens(earlier: &Route, route: &Route) -> String {
    let Some(endpoint) = &earlier.endpoint else { return String::new() };
    let function = short(&endpoint.name);
    let (Some(one), Some(two)) = (Pattern::parse(&earlier.path), Pattern::parse(&route.path)) else {
        return String::new();
    };
    let captures = one.captures(&two);
    for (name, text) in &captures {
        let kind = annotation(earlier, name).and_then(Kind::of);
        if let Some(kind) = kind.filter(|kind| !kind.accepts(text)) {
            return format!(", so the caller gets 422 because `{text}` is not {} (`{name}`)", kind.words());
        }
    }
    match captures.first() {
        Some((name, text)) => format!(", so `{function}` runs with {name}=\"{text}\""),
        None => format!(", so `{function}` runs"),
    }
}

fn annotation<'s>(route: &'s Route, name: &str) -> Option<&'s str> {
    route.parameters.path.iter().find(|parameter| parameter.alias == name)?.annotation.as_deref()
}

/// Types that refuse some text.
#[derive(Clone, Copy)]
enum Kind {
    Int,
    Float,
    Uuid,
}

impl Kind {
    fn of(annotation: &str) -> Option<Self> {
        match annotation.rsplit('.').next()? {
            "int" | "PositiveInt" | "NonNegativeInt" => Some(Self::Int),
            "float" | "Decimal" => Some(Self::Float),
            "UUID" | "UUID1" | "UUID3" | "UUID4" | "UUID5" | "UUID7" => Some(Self::Uuid),
            _ => None,
        }
    }

    fn accepts(self, text: &str) -> bool {
        match self {
            Self::Int => text.parse::<i128>().is_ok(),
            Self::Float => text.parse::<f64>().is_ok(),
            Self::Uuid => text.chars().filter(char::is_ascii_hexdigit).count() == 32,
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Int => "an integer",
            Self::Float => "a number",
            Self::Uuid => "a UUID",
        }
    }
}

/// Earlier routes by their segments, so that a route is compared with the few that can match it.
#[derive(Default)]
struct Index {
    fixed: BTreeMap<String, Index>,
    open: BTreeMap<String, Index>,
    /// Patterns that end here.
    here: Vec<usize>,
    /// Patterns whose next segment has a `path` parameter.
    rest: Vec<usize>,
}

impl Index {
    fn insert(&mut self, steps: &[Segment], number: usize) {
        match steps {
            [] => self.here.push(number),
            [Segment::Rest, ..] => self.rest.push(number),
            [Segment::Fixed(text), more @ ..] => {
                self.fixed.entry(text.clone()).or_default().insert(more, number);
            }
            [Segment::Open(key), more @ ..] => self.open.entry(key.clone()).or_default().insert(more, number),
        }
    }

    fn candidates(&self, steps: &[Segment], out: &mut Vec<usize>) {
        out.extend(&self.rest);
        match steps {
            [] => out.extend(&self.here),
            [Segment::Rest, ..] => {}
            [step, more @ ..] => {
                if let Segment::Fixed(text) = step
                    && let Some(next) = self.fixed.get(text)
                {
                    next.candidates(more, out);
                }
                self.open.values().for_each(|next| next.candidates(more, out));
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "a test looks at the disk and the clock")]
mod tests {
    use super::*;
    use crate::support::{mount, route, service, typed};

    fn messages(routes: Vec<Route>) -> Vec<String> {
        check(&service(routes)).into_iter().map(|finding| finding.message).collect()
    }

    #[test]
    fn the_general_before_the_specific() {
        let found = check(&service(vec![
            typed(route("GET", "/users/{id}", "read_user", 3), "id", "str"),
            route("GET", "/users/me", "read_me", 7),
        ]));
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].location.line, found[0].subject.as_str()), (7, "GET /users/me"));
        assert!(found[0].message.ends_with("so `read_user` runs with id=\"me\"."), "{}", found[0].message);
        assert_eq!(found[0].trace.len(), 2);
    }

    #[test]
    fn a_typed_parameter_refuses_the_segment() {
        let routes = vec![typed(route("GET", "/users/{id}", "a", 3), "id", "int"), route("GET", "/users/me", "b", 7)];
        let found = messages(routes);
        assert!(found[0].contains("gets 422 because `me` is not an integer (`id`)"), "{found:?}");
    }

    #[test]
    fn what_does_not_hide() {
        let mut conditional = route("GET", "/u/{id}", "a", 3);
        conditional.conditional = Some("settings.debug".to_owned());
        for first in [
            route("GET", "/u/{id:int}", "a", 3),
            route("POST", "/u/{id}", "a", 3),
            route("GET", "/u/{id:slug}", "a", 3),
            route("GET", "/u/me", "a", 3),
            route("GET", "/u/{id}", "b", 3),
            conditional,
        ] {
            assert_eq!(messages(vec![first.clone(), route("GET", "/u/me", "b", 7)]), [""; 0], "{first:?}");
        }
        assert_eq!(messages(vec![route("GET", "/u/me", "a", 3), route("GET", "/{p:path}", "b", 7)]), [""; 0]);
    }

    #[test]
    fn mounts_hide_what_is_below_them() {
        let found = messages(vec![mount("/", 3, Vec::new()), route("GET", "/a", "a", 7), mount("/b", 9, Vec::new())]);
        assert_eq!(found.len(), 2, "{found:?}");
        let inside = mount("/api", 3, vec![route("GET", "/{x}", "a", 4), route("GET", "/me", "b", 5)]);
        let found = check(&service(vec![route("GET", "/{x}", "c", 1), inside]));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].subject, "GET /api/me");
    }

    #[test]
    fn thousands_of_routes_are_compared_with_few() {
        let routes = (0..4000).map(|n| route("GET", &format!("/api/v1/r{n}/{{id}}"), &format!("e{n}"), n)).collect();
        let start = std::time::Instant::now();
        assert_eq!(messages(routes), [""; 0]);
        assert!(start.elapsed().as_secs() < 5);
    }
}
