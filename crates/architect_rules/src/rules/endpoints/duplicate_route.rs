//! The same method and path twice.

use std::collections::{BTreeMap, HashMap, HashSet};

use architect_model::Service;
use architect_model::service::Route;
use architect_source::{Confidence, Finding, Location, Severity};

use crate::level::{Level, levels, shared_methods};
use crate::path::Pattern;
use crate::requests::removes_routes;
use crate::text::{count, names, short};
use crate::{Rule, step};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "duplicate-route",
    group: "endpoints",
    docs: include_str!("duplicate_route.md"),
    severity: Severity::Error,
    since: "0.1.0",
    check,
};

const WHY: &str = "Starlette takes the first route that matches, so the later one is dead code, and the document keeps \
                   the later one: callers read about a function that never runs.";

fn check(service: &Service) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut seen = HashSet::new();
    for level in levels(service) {
        let mut first: HashMap<String, Vec<&Route>> = HashMap::new();
        let mut twice: BTreeMap<(&Location, &Location), Vec<&Route>> = BTreeMap::new();
        for route in level.routes {
            if route.is_mount() || route.conditional.is_some() {
                continue;
            }
            let Some(key) = Pattern::parse(&route.path).map(|pattern| pattern.key()) else { continue };
            let earlier = first.entry(key).or_default();
            let hit = earlier.iter().find_map(|earlier| Some((*earlier, shared_methods(earlier, route)?)));
            if let Some((earlier, methods)) = hit
                && seen.insert((earlier.location.clone(), route.location.clone(), route.included_at.clone()))
            {
                match second_include(earlier, route) {
                    Some(includes) => twice.entry(includes).or_default().push(route),
                    None => findings.push(duplicate(&level, earlier, route, &methods)),
                }
            }
            earlier.push(route);
        }
        findings.extend(twice.into_iter().map(|(includes, routes)| included_twice(&level, includes, &routes)));
    }
    if !findings.is_empty() && removes_routes(service) {
        findings.iter_mut().for_each(|found| found.confidence = Confidence::Low);
    }
    findings
}

/// The two includes through which one registration is served twice.
fn second_include<'s>(earlier: &'s Route, route: &'s Route) -> Option<(&'s Location, &'s Location)> {
    let same = earlier.location == route.location;
    earlier.included_at.iter().zip(&route.included_at).find(|(one, two)| same && one != two)
}

fn duplicate(level: &Level<'_>, earlier: &Route, route: &Route, methods: &[String]) -> Finding {
    let title = level.title_of(route, methods);
    let name = |route: &Route| route.endpoint.as_ref().map_or("?", |endpoint| short(&endpoint.name)).to_owned();
    let (one, two) = (name(earlier), name(route));
    let same = earlier.endpoint.is_some()
        && earlier.endpoint.as_ref().map(|e| &e.name) == route.endpoint.as_ref().map(|e| &e.name);
    let message = if same {
        format!("`{title}` is registered twice for `{two}`; first at {}.", earlier.location)
    } else {
        format!("`{title}` is registered twice: `{one}` answers, `{two}` never runs.")
    };
    Finding {
        severity: if same { Severity::Warning } else { RULE.severity },
        trace: vec![
            step(format!("`{}` is registered first, for `{one}`", level.title(earlier)), &earlier.location),
            step(format!("`{}` again, for `{two}`", level.title(route)), &route.location),
        ],
        why: WHY.to_owned(),
        help: "Remove one of the two, or give it a path of its own.".to_owned(),
        trade_off: "Removing the first one changes what callers get.".to_owned(),
        ..RULE.finding(Confidence::High, title, &route.location, message)
    }
}

fn included_twice(level: &Level<'_>, (one, two): (&Location, &Location), routes: &[&Route]) -> Finding {
    let titles: Vec<String> = routes.iter().map(|route| level.title(route)).collect();
    let subject = titles.first().cloned().unwrap_or_default();
    let message = format!(
        "A router is included a second time under the same prefix: {} ({}) already served by the include at {one}.",
        count(routes.len(), "route"),
        names(&titles, 3)
    );
    let mut trace = vec![step("The router is included here first", one), step("and here again", two)];
    trace.extend(routes.iter().take(3).map(|route| step(format!("`{}`", level.title(route)), &route.location)));
    Finding {
        severity: Severity::Warning,
        trace,
        why: WHY.to_owned(),
        help: "Remove one of the two includes, or give one of them another prefix.".to_owned(),
        trade_off: "Dependencies of the second include are never run; see which of the two has them.".to_owned(),
        ..RULE.finding(Confidence::High, subject, two, message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::{at, route, service};

    #[test]
    fn names_of_parameters_do_not_matter() {
        let found = check(&service(vec![route("GET", "/u/{a}", "one", 3), route("GET,PUT", "/u/{b}", "two", 7)]));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].message, "`GET /u/{b}` is registered twice: `one` answers, `two` never runs.");
        assert_eq!((found[0].location.line, found[0].severity), (7, Severity::Error));
    }

    #[test]
    fn a_router_included_twice_is_one_finding() {
        let mut routes = Vec::new();
        for include in [40, 41] {
            for (path, line) in [("/a", 3), ("/b", 6)] {
                let mut one = route("GET", path, "same", line);
                one.included_at = vec![at("app/main.py", include)];
                routes.push(one);
            }
        }
        let found = check(&service(routes));
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].location.line, found[0].severity), (41, Severity::Warning));
        assert!(found[0].message.contains("2 routes (`GET /a` and `GET /b`)"), "{}", found[0].message);
    }

    #[test]
    fn other_methods_convertors_and_conditions_are_fine() {
        let mut conditional = route("GET", "/u/{a}", "b", 7);
        conditional.conditional = Some("settings.v2".to_owned());
        for second in [route("POST", "/u/{a}", "b", 7), route("GET", "/u/{a:int}", "b", 7), conditional] {
            assert_eq!(check(&service(vec![route("GET", "/u/{a}", "a", 3), second])), []);
        }
    }
}
