//! One operation id for several operations.

use std::collections::{BTreeMap, HashSet};

use architect_model::Service;
use architect_model::service::Route;
use architect_source::{Confidence, Finding, Severity};

use crate::level::{Level, levels};
use crate::text::names;
use crate::{Rule, step};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "duplicate-operation-id",
    group: "endpoints",
    docs: include_str!("duplicate_operation_id.md"),
    severity: Severity::Warning,
    since: "0.1.0",
    check,
};

const WHY: &str = "An operation id has to be unique in an OpenAPI document: client generators make one method of it, so \
                   operations overwrite each other or get numbered names that change with the order.";

fn check(service: &Service) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut seen = HashSet::new();
    for level in levels(service).into_iter().filter(|level| level.document) {
        let mut by_id: BTreeMap<&str, Vec<&Route>> = BTreeMap::new();
        let shown =
            level.routes.iter().filter(|route| route.is_api && route.include_in_schema && route.conditional.is_none());
        for route in shown {
            match &route.operation_id {
                Some(id) => by_id.entry(id).or_default().push(route),
                None if route.methods.len() > 1 => findings.extend(several_methods(&level, route)),
                None => {}
            }
        }
        for (id, mut routes) in by_id {
            // The same operation twice is one entry of the document, and the matter of `duplicate-route`.
            let mut operations = HashSet::new();
            routes.retain(|route| operations.insert((&route.path, &route.methods)));
            match routes.as_slice() {
                [] => {}
                [route] => findings.extend(several_methods(&level, route)),
                [first, .., last] => findings.push(shared(&level, id, &routes, first, last)),
            }
        }
    }
    // One registration is one matter, under however many prefixes its router is served.
    let matter = |finding: &Finding| if finding.trace.len() == 1 { String::new() } else { finding.subject.clone() };
    findings.retain(|finding| seen.insert((finding.location.clone(), matter(finding))));
    findings
}

fn shared(level: &Level<'_>, id: &str, routes: &[&Route], first: &Route, last: &Route) -> Finding {
    let titles: Vec<String> = routes.iter().map(|route| level.title(route)).collect();
    let explicit = routes.iter().any(|route| route.explicit_operation_id);
    Finding {
        trace: routes
            .iter()
            .map(|route| step(format!("`{}` has operation id `{id}`", level.title(route)), &route.location))
            .collect(),
        why: WHY.to_owned(),
        help: if explicit && first.location == last.location {
            "Leave `operation_id=` out: the router is served under several paths, and only generated ids differ."
        } else if explicit {
            "Give each operation an `operation_id=` of its own, or leave it out."
        } else {
            "Set `generate_unique_id_function` to something that tells the operations apart, or rename a function."
        }
        .to_owned(),
        trade_off: "Generated clients see another method name.".to_owned(),
        ..RULE.finding(
            Confidence::High,
            id,
            &last.location,
            format!("Operation id `{id}` is used by {}.", names(&titles, 4)),
        )
    }
}

/// One route with several methods: FastAPI gives them all the same id.
fn several_methods(level: &Level<'_>, route: &Route) -> Option<Finding> {
    if route.methods.len() < 2 {
        return None;
    }
    let title = level.title(route);
    let methods: Vec<String> = route.methods.clone();
    let (subject, id) = match &route.operation_id {
        Some(id) if route.explicit_operation_id => (id.clone(), format!("operation id `{id}`")),
        Some(id) => (id.clone(), "one operation id".to_owned()),
        None => (title.clone(), "one operation id".to_owned()),
    };
    let order = if route.explicit_operation_id {
        ""
    } else {
        " FastAPI builds a generated id from the first method of a set, so it may differ from start to start."
    };
    Some(Finding {
        trace: vec![step(format!("{} are registered by one call", names(&methods, 7)), &route.location)],
        why: format!("{WHY}{order}"),
        help: "Register one route for each method; they can share a helper.".to_owned(),
        trade_off: "Generated clients see other method names.".to_owned(),
        ..RULE.finding(
            // What passes on whatever comes is nothing that clients are generated for.
            if route.path.contains(":path}") { Confidence::Medium } else { Confidence::High },
            subject,
            &route.location,
            format!("{} of `{}{}` share {id}.", names(&methods, 7), level.prefix, route.path),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::{mount, route, service};

    fn with_id(mut route: Route, id: &str) -> Route {
        route.operation_id = Some(id.to_owned());
        route
    }

    #[test]
    fn one_finding_for_one_id() {
        let routes =
            [("/a", 3), ("/b", 6), ("/c", 9)].map(|(path, line)| with_id(route("GET", path, path, line), "read"));
        let found = check(&service(routes.to_vec()));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].message, "Operation id `read` is used by `GET /a`, `GET /b` and `GET /c`.");
        assert_eq!((found[0].location.line, found[0].subject.as_str()), (9, "read"));
    }

    #[test]
    fn several_methods_share_an_id() {
        let found = check(&service(vec![route("GET,POST", "/a", "a", 3)]));
        assert_eq!(found[0].message, "`GET` and `POST` of `/a` share one operation id.");
    }

    #[test]
    fn hidden_routes_other_documents_and_plain_duplicates_are_fine() {
        let mut hidden = with_id(route("GET", "/b", "b", 6), "read");
        hidden.include_in_schema = false;
        let inner = mount("/sub", 9, vec![with_id(route("GET", "/a", "a", 3), "read")]);
        let same = with_id(route("GET", "/a", "a", 12), "read");
        assert_eq!(check(&service(vec![with_id(route("GET", "/a", "a", 3), "read"), hidden, inner, same])), []);
    }
}
