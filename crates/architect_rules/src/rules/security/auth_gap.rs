//! Endpoints that are open while their siblings are not.

use architect_model::Service;
use architect_model::service::{AuthClass, EffectiveRoute};
use architect_source::{Confidence, Finding, Severity};

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
    "unsubscribe",
    "version",
];

fn check(service: &Service) -> Vec<Finding> {
    let routes: Vec<EffectiveRoute<'_>> = service
        .endpoints()
        .into_iter()
        .filter(|one| one.route.is_api && !one.route.is_websocket() && one.route.conditional.is_none() && !is_open(one))
        .collect();
    routes
        .iter()
        .filter(|one| one.route.auth.class == AuthClass::None)
        .filter_map(|one| judge(service, one, &routes))
        .collect()
}

fn judge(service: &Service, one: &EffectiveRoute<'_>, routes: &[EffectiveRoute<'_>]) -> Option<Finding> {
    let (group, siblings) = siblings(service, one, routes)?;
    let guarded: Vec<_> = siblings.iter().filter(|sibling| is_guarded(sibling)).collect();
    let mutating = is_mutating(one);
    let share = if mutating { 70 } else { 80 };
    if guarded.len() * 100 < siblings.len() * share {
        return None;
    }
    if !mutating {
        // Where most reading is open, reading is meant to be open.
        let reading: Vec<_> = siblings.iter().filter(|sibling| !is_mutating(sibling)).collect();
        let reading_guarded = reading.iter().filter(|sibling| is_guarded(sibling)).count();
        if reading_guarded == 0 || reading_guarded * 2 < reading.len() {
            return None;
        }
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

fn is_guarded(one: &EffectiveRoute<'_>) -> bool {
    matches!(one.route.auth.class, AuthClass::Required | AuthClass::Manual)
}

fn is_mutating(one: &EffectiveRoute<'_>) -> bool {
    one.route.methods.iter().any(|method| matches!(method.as_str(), "POST" | "PUT" | "PATCH" | "DELETE"))
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
        let found = with(route("GET", "/items/all", "read_all", 30));
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
}
