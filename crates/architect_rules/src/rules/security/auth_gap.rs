//! Endpoints that are open while their siblings are not.

use std::collections::BTreeSet;

use architect_model::Service;
use architect_model::service::{AuthClass, EffectiveRoute};
use architect_source::{Confidence, Finding, Severity};

use crate::credentials::{are_checked, asks_for_a_right};
use crate::models::bodies;
use crate::permissions::{Among, Weaker, is_guarded, is_mutating, weaker};
use crate::{Rule, step};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "auth-gap",
    group: "security",
    docs: include_str!("auth_gap.md"),
    severity: Severity::Error,
    since: "0.1.0",
    check,
};

/// Fewer siblings than this say nothing about what is usual.
const FEWEST_SIBLINGS: usize = 4;

/// An application with fewer other endpoints of the kind says nothing about what is usual in it.
const MANY: usize = 12;
/// So many in a hundred of them ask who calls where it is usual in the application.
const MOSTLY: usize = 80;

/// Words in a path or function name of endpoints that have to be open.
const OPEN: &[&str] = &[
    "login",
    "logout",
    "signin",
    "signup",
    "signout",
    "register",
    "registration",
    "token",
    "tokens",
    "refresh",
    "reset",
    "forgot",
    "recover",
    "recovery",
    "verify",
    "verification",
    "confirm",
    "activate",
    "health",
    "healthz",
    "healthcheck",
    "livez",
    "liveness",
    "ready",
    "readyz",
    "readiness",
    "ping",
    "docs",
    "redoc",
    "openapi",
    "webhook",
    "webhooks",
    "callback",
    "callbacks",
    "metrics",
    "oauth",
    "oauth2",
    "sso",
    "saml",
    "public",
    "about",
    "status",
    "info",
    "unsubscribe",
    "version",
    "setup",
    "bootstrap",
    "otp",
    "totp",
    "mfa",
    "2fa",
    "ldap",
];

fn check(service: &Service) -> Vec<Finding> {
    let routes: Vec<EffectiveRoute<'_>> = service
        .endpoints()
        .into_iter()
        .filter(|one| one.route.is_api && !one.route.is_websocket() && one.route.conditional.is_none() && !is_open(one))
        .collect();
    // Where nobody is asked anywhere, nothing is a gap.
    let compared = if routes.iter().any(is_guarded) { routes.as_slice() } else { &[] };
    let open = compared
        .iter()
        .filter(|one| one.route.auth.class == AuthClass::None)
        .filter_map(|one| Some((one, judge(service, one, &routes)?)));
    let weaker = weaker(service, &routes);
    let weak = weaker.iter().filter(|weaker| weaker.about.is_none() && !asks_for_a_right(service, weaker.one));
    let weak = weak.map(|weaker| (weaker.one, judge_weak(service, weaker)));
    let mut found: Vec<Finding> = Vec::new();
    let mut functions: BTreeSet<&str> = BTreeSet::new();
    for (one, finding) in open.chain(weak) {
        // One registration, or one function, may serve several paths, with and without a slash at the end.
        let function = one.route.endpoint.as_ref().map(|endpoint| endpoint.name.as_str());
        let is_new =
            function.is_none_or(|function| service.code.function(function).is_none() || functions.insert(function));
        if is_new && !found.iter().any(|known| known.location == finding.location) {
            found.push(finding);
        }
    }
    found
}

/// An endpoint that any caller with credentials may use, while its siblings ask for more.
fn judge_weak(service: &Service, weaker: &Weaker<'_, '_>) -> Finding {
    let one = weaker.one;
    let title = one.title();
    let mut trace = vec![step(format!("`{title}` asks only who calls"), &one.route.location)];
    for (sibling, check) in weaker.strict.iter().take(3) {
        trace.push(step(format!("`{}` also asks `{check}`", sibling.title()), &sibling.route.location));
    }
    let router = one.route.router.and_then(|index| service.routers.get(index));
    let router = router.map_or("its router", |router| router.name.as_str());
    let message = match weaker.among {
        Among::Item | Among::Router => format!(
            "`{title}` can be called by every user, while {} of the {} other changing endpoints of router `{router}` ask for more.",
            weaker.strict.len(),
            weaker.of
        ),
        Among::Application => format!(
            "`{title}` can be called by every user: nothing that router `{router}` changes takes a permission, while most \
             other routers that change data ask for one."
        ),
    };
    let confidence = if weaker.sure { Confidence::High } else { Confidence::Medium };
    Finding {
        severity: Severity::Warning,
        trace,
        why: "Every user of the service can change data here that otherwise takes a permission.".to_owned(),
        help: "Add the permission its siblings ask for, or say in a comment why everyone may do this.".to_owned(),
        trade_off: "Users without the permission get 403 afterwards. Fine when everyone is meant to do this."
            .to_owned(),
        ..RULE.finding(confidence, &title, &one.route.location, message)
    }
}

fn judge(service: &Service, one: &EffectiveRoute<'_>, routes: &[EffectiveRoute<'_>]) -> Option<Finding> {
    let mutating = is_mutating(one);
    let share = if mutating { 70 } else { 80 };
    let near = siblings(service, one, routes).filter(|(_, siblings)| is_usual(siblings, share));
    let (group, siblings) = near.or_else(|| {
        if !mutating || !writes(service, one) || takes_a_password(service, one) {
            return None;
        }
        let all = of_application(one, routes);
        is_usual(&all, MOSTLY).then(|| ("the application that change data".to_owned(), all))
    })?;
    let guarded: Vec<_> = siblings.iter().filter(|sibling| is_guarded(sibling)).collect();
    if !mutating {
        let root = one.path.trim_end_matches('/');
        if !reads_data(one) || siblings.iter().all(|sibling| sibling.path.starts_with(root)) {
            // A fixed answer, or the page at the root of an API that says what it is.
            return None;
        }
        // Where most reading is open, reading is meant to be open.
        let reading: Vec<_> = siblings.iter().filter(|sibling| !is_mutating(sibling)).collect();
        let reading_guarded = reading.iter().filter(|sibling| is_guarded(sibling)).count();
        if reading_guarded == 0 || reading_guarded * 2 < reading.len() {
            return None;
        }
    }
    if does_nothing(service, one) || are_checked(service, one) {
        return None;
    }
    let title = one.title();
    let mut trace =
        vec![step(format!("`{title}` has no dependency or check that asks who calls"), &one.route.location)];
    for sibling in guarded.iter().take(3) {
        let by = sibling.route.auth.by.first().map(|by| format!(" by `{}`", by.name)).unwrap_or_default();
        trace.push(step(format!("`{}` is guarded{by}", sibling.title()), &sibling.route.location));
    }
    let message = format!(
        "`{title}` can be called by anyone, while {} of the {} other endpoints of {group} ask who calls.",
        guarded.len(),
        siblings.len()
    );
    let sure = if mutating { Confidence::High } else { Confidence::Medium };
    Some(Finding {
        severity: if mutating { Severity::Error } else { Severity::Warning },
        trace,
        why: if mutating {
            "Anyone who can reach the service can change data here; a guard that was forgotten looks like this."
        } else {
            "Anyone who can reach the service can read this; a guard that was forgotten looks like this."
        }
        .to_owned(),
        help: "Declare the dependency its siblings use, best once on the router (`dependencies=[Depends(…)]`)."
            .to_owned(),
        trade_off: "Callers without credentials get 401 or 403 afterwards. Fine when it is public by intent, or when \
                    a gateway in front decides."
            .to_owned(),
        ..RULE.finding(sure, &title, &one.route.location, message)
    })
}

/// Whether so many in a hundred ask who calls.
fn is_usual(siblings: &[&EffectiveRoute<'_>], share: usize) -> bool {
    !siblings.is_empty()
        && siblings.iter().filter(|sibling| is_guarded(sibling)).count() * 100 >= siblings.len() * share
}

/// The other endpoints that change data, of its version of the API where that has many, else of its application.
fn of_application<'r, 's>(one: &EffectiveRoute<'_>, routes: &'r [EffectiveRoute<'s>]) -> Vec<&'r EffectiveRoute<'s>> {
    let others = routes.iter().filter(|other| {
        other.application.location == one.application.location
            && other.route.location != one.route.location
            && is_mutating(other)
    });
    let all: Vec<_> = others.collect();
    let own = version(&one.path);
    let mut same: Vec<_> = all.clone();
    same.retain(|other| version(&other.path) == own);
    match (same.len() > MANY, all.len() > MANY) {
        (true, _) => same,
        (false, true) => all,
        (false, false) => Vec::new(),
    }
}

/// The path up to its version: `/api/v2`.
fn version(path: &str) -> Option<&str> {
    let mut end = 0;
    for segment in path.split_inclusive('/') {
        end += segment.len();
        let number = segment.trim_end_matches('/').strip_prefix('v');
        if number.is_some_and(|number| number.starts_with(|letter: char| letter.is_ascii_digit())) {
            return Some(&path[..end]);
        }
    }
    None
}

/// Whether it takes a password: whoever registers or logs in has nothing else to show yet.
fn takes_a_password(service: &Service, one: &EffectiveRoute<'_>) -> bool {
    let places = &one.route.parameters;
    let mut names = places.query.iter().chain(&places.body).map(|parameter| &parameter.name);
    let is_one = |name: &String| name.to_lowercase().contains("password");
    names.any(is_one) || bodies(service, one).any(|model| model.fields.iter().any(|field| is_one(&field.name)))
}

/// Whether it writes to the database.
fn writes(service: &Service, one: &EffectiveRoute<'_>) -> bool {
    let mut entries = service.requests.entries.iter();
    entries.find(|entry| entry.location == one.route.location).is_some_and(|entry| entry.writes || entry.commits)
}

/// The endpoints it is compared with, and what they have in common: the router, else a tag, else the resource.
fn siblings<'r, 's>(
    service: &Service,
    one: &EffectiveRoute<'_>,
    routes: &'r [EffectiveRoute<'s>],
) -> Option<(String, Vec<&'r EffectiveRoute<'s>>)> {
    let others = |same: &dyn Fn(&EffectiveRoute<'_>) -> bool| -> Option<Vec<&'r EffectiveRoute<'s>>> {
        let found: Vec<_> = routes
            .iter()
            .filter(|other| {
                other.application.location == one.application.location
                    && other.route.location != one.route.location
                    && same(other)
            })
            .collect();
        (found.len() >= FEWEST_SIBLINGS).then_some(found)
    };
    if let Some(index) = one.route.router
        && let Some(found) =
            others(&|other| other.route.router == Some(index) && other.route.included_at == one.route.included_at)
    {
        let name =
            service.routers.get(index).map_or("its router".to_owned(), |router| format!("router `{}`", router.name));
        return Some((name, found));
    }
    if let Some(tag) = one.route.tags.last()
        && let Some(found) = others(&|other| other.route.tags.last() == Some(tag))
    {
        return Some((format!("tag `{tag}`"), found));
    }
    let resource = resource(&one.path)?;
    let found = others(&|other| self::resource(&other.path).as_ref() == Some(&resource))?;
    Some((format!("`{resource}`"), found))
}

/// The path up to the first segment that names something: `/api/v1/users` of `/api/v1/users/{id}`.
fn resource(path: &str) -> Option<String> {
    let mut out = String::new();
    for segment in path.split('/').filter(|segment| !segment.is_empty()) {
        if segment.contains('{') {
            return None;
        }
        out.push('/');
        out.push_str(segment);
        let version = segment.strip_prefix('v').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        if segment != "api" && !version {
            return Some(out);
        }
    }
    None
}

/// Whether it reads something of a caller's choice or of the data, and not a fixed answer.
fn reads_data(one: &EffectiveRoute<'_>) -> bool {
    !one.route.dependencies.is_empty() || one.path.contains('{')
}

/// Whether it takes nothing, and its function calls nothing and keeps nothing: it answers what the code says.
fn does_nothing(service: &Service, one: &EffectiveRoute<'_>) -> bool {
    let function = one.route.endpoint.as_ref().and_then(|endpoint| service.code.function(&endpoint.name));
    function.is_some_and(|function| function.calls.is_empty() && function.stores.is_empty())
        && one.route.dependencies.is_empty()
        && one.route.parameters.body.is_empty()
        && !one.path.contains('{')
}

/// Whether its path or function is named like something that has to be open.
fn is_open(one: &EffectiveRoute<'_>) -> bool {
    let function = one.route.endpoint.as_ref().map_or("", |endpoint| crate::text::short(&endpoint.name));
    let fixed = one.path.split('/').filter(|segment| !segment.contains('{'));
    let texts: Vec<String> = fixed.chain([function]).map(str::to_lowercase).collect();
    texts.iter().any(|text| {
        let words: Vec<&str> = text.split(|c: char| !c.is_ascii_alphanumeric()).collect();
        words.iter().any(|word| OPEN.contains(word))
            || words.windows(2).any(|pair| matches!(pair, ["sign", "in" | "up" | "out"] | ["log", "in" | "out"]))
    })
}

#[cfg(test)]
mod tests {
    use architect_model::service::Route;

    use super::*;
    use crate::support::{guarded, route, service};

    fn with(open: Route) -> Vec<Finding> {
        let mut routes: Vec<Route> =
            [("GET", "/items"), ("GET", "/items/{id}"), ("POST", "/items"), ("PUT", "/items/{id}")]
                .into_iter()
                .zip(10..)
                .map(|((method, path), line)| guarded(route(method, path, "x", line)))
                .collect();
        routes.push(open);
        check(&service(routes))
    }

    #[test]
    fn the_one_that_was_forgotten() {
        let found = with(route("DELETE", "/items/{id}", "remove", 30));
        assert_eq!(
            found[0].message,
            "`DELETE /items/{id}` can be called by anyone, while 4 of the 4 other endpoints of `/items` ask who calls."
        );
        assert_eq!((found[0].severity, found[0].confidence), (Severity::Error, Confidence::High));
        let found = with(route("GET", "/items/{id}/parts", "read_parts", 30));
        assert_eq!((found[0].severity, found[0].confidence), (Severity::Warning, Confidence::Medium));
    }

    #[test]
    fn what_has_to_be_open_may_be() {
        let mut optional = route("DELETE", "/items/x", "remove", 30);
        optional.auth.class = AuthClass::Optional;
        let mut conditional = route("DELETE", "/items/x", "remove", 30);
        conditional.conditional = Some("settings.debug".to_owned());
        for open in [
            route("POST", "/items/login", "x", 30),
            route("POST", "/items/x", "reset_password", 30),
            route("POST", "/other", "x", 30),
            optional,
            conditional,
        ] {
            assert_eq!(with(open), []);
        }
    }

    #[test]
    fn mostly_open_groups_and_open_reading_are_fine() {
        let open = |line| route("POST", "/a", "x", line);
        assert_eq!(check(&service((1..6).map(open).collect())), []);
        let mut routes: Vec<Route> = (1..9).map(|line| guarded(open(line))).collect();
        routes.push(route("GET", "/a", "x", 30));
        assert_eq!(check(&service(routes)), []);
    }

    /// A route of router 0 that asks who calls and, for `permission`, what they may do.
    fn of_router(method: &str, path: &str, permission: bool, line: u32) -> Route {
        let mut one = guarded(route(method, path, "x", line));
        one.auth.checks.push(crate::support::named("app.auth:current_user", 1));
        if permission {
            one.auth.checks.push(crate::support::named("app.auth:may_edit", 2));
        }
        one.router = Some(0);
        one
    }

    #[test]
    fn one_that_asks_for_less_than_its_siblings() {
        let strict = |lines: std::ops::Range<u32>| -> Vec<Route> {
            let kinds = [("POST", "/flows"), ("PUT", "/flows/{id}"), ("DELETE", "/flows/{id}")];
            kinds.into_iter().zip(lines).map(|((method, path), line)| of_router(method, path, true, line)).collect()
        };
        let with = |last: Route| {
            let mut routes = strict(10..20);
            routes.push(last);
            check(&service(routes))
        };
        let found = with(of_router("POST", "/flows/{id}/run", false, 30));
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].severity, found[0].confidence), (Severity::Warning, Confidence::High));
        assert!(found[0].message.contains("`POST /flows/{id}/run` can be called by every user, while 3 of the 3"));
        for fine in [
            of_router("POST", "/flows/{id}/run", true, 30),
            of_router("GET", "/flows/{id}/runs", false, 30),
            of_router("POST", "/flows/me/{id}", false, 30),
            of_router("POST", "/flows/{id}/preview", false, 30),
        ] {
            assert_eq!(with(fine.clone()), [], "{} {}", fine.methods[0], fine.path);
        }
        let creating = [of_router("POST", "/flows", false, 30)];
        let mut routes = strict(10..20);
        routes.remove(0);
        routes.push(of_router("PATCH", "/flows/{id}", true, 25));
        routes.extend(creating);
        assert_eq!(check(&service(routes)), []);
    }
}
