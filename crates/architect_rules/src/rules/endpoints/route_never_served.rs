//! Routes that no application serves.

use architect_model::Service;
use architect_model::service::{Reach, Registration, Router};
use architect_source::{Confidence, Finding, Location, Severity};

use crate::text::{count, names};
use crate::{Rule, step};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "route-never-served",
    group: "endpoints",
    docs: include_str!("route_never_served.md"),
    severity: Severity::Error,
    since: "0.1.0",
    check,
};

fn check(service: &Service) -> Vec<Finding> {
    let mut findings = Vec::new();
    for router in service.routers.iter().filter(|router| !router.aside) {
        match router.reach {
            Reach::NeverIncluded if !router.registrations.is_empty() => findings.push(never_included(router)),
            Reach::Served => findings.extend(router.registrations.iter().filter_map(|registration| {
                let include = registration.added_after_include.as_ref()?;
                Some(too_late(router, registration, include))
            })),
            Reach::NeverIncluded | Reach::Unclear | Reach::NoApplication => {}
        }
    }
    findings
}

fn title(registration: &Registration) -> String {
    let methods = registration.methods.join(",");
    format!("{} {}", if methods.is_empty() { "WS" } else { &methods }, registration.path)
}

fn never_included(router: &Router) -> Finding {
    let titles: Vec<String> = router.registrations.iter().map(title).collect();
    let doubt = if router.may_escape { "; code that could not be followed may include it" } else { "" };
    Finding {
        trace: std::iter::once(step(format!("Router `{}` is made here", router.name), &router.location))
            .chain(router.registrations.iter().take(5).map(|registration| {
                step(format!("`{}` is registered on it", title(registration)), &registration.location)
            }))
            .collect(),
        why: "A route exists only once its router is included in an application; until then callers get 404 and the \
              document does not show it."
            .to_owned(),
        help: "Call `include_router` with it where the other routers are included, or delete it.".to_owned(),
        trade_off: "Including it publishes its routes: look at their authentication first.".to_owned(),
        ..RULE.finding(
            if router.may_escape { Confidence::Low } else { Confidence::High },
            &router.name,
            &router.location,
            format!(
                "Router `{}` is in no application, so its {} ({}) cannot be reached{doubt}.",
                router.name,
                count(titles.len(), "route"),
                names(&titles, 3)
            ),
        )
    }
}

fn too_late(router: &Router, registration: &Registration, include: &Location) -> Finding {
    let title = title(registration);
    Finding {
        trace: vec![
            step(format!("Router `{}` is included here, and its routes are copied", router.name), include),
            step(format!("`{title}` is registered afterwards"), &registration.location),
        ],
        why: "Before FastAPI 0.137 `include_router` copies the routes that are there at the call; later ones are \
              answered with 404."
            .to_owned(),
        help: "Move the include below the registration, or the registration above the include. FastAPI 0.137 and \
               later serve it either way."
            .to_owned(),
        ..RULE.finding(
            if router.may_escape { Confidence::Low } else { Confidence::High },
            format!("{} {title}", registration.endpoint),
            &registration.location,
            format!(
                "`{title}` is added to router `{}` after it was included at {include}, so it is never served.",
                router.name
            ),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::{at, router};

    fn service(router: Router) -> Service {
        Service { routers: vec![router], ..Service::default() }
    }

    #[test]
    fn a_forgotten_router() {
        let found = check(&service(router("app.items:router", Reach::NeverIncluded)));
        assert_eq!(found.len(), 1);
        assert_eq!(
            found[0].message,
            "Router `app.items:router` is in no application, so its 1 route (`GET /items`) cannot be reached."
        );
        assert_eq!(found[0].confidence, Confidence::High);
        let escaping = Router { may_escape: true, ..router("app.items:router", Reach::NeverIncluded) };
        assert_eq!(check(&service(escaping))[0].confidence, Confidence::Low);
    }

    #[test]
    fn served_aside_and_libraries_are_fine() {
        let aside = Router { aside: true, ..router("tests.items:router", Reach::NeverIncluded) };
        for router in
            [router("a:r", Reach::Served), router("a:r", Reach::NoApplication), router("a:r", Reach::Unclear), aside]
        {
            assert_eq!(check(&service(router)), []);
        }
    }

    #[test]
    fn a_registration_after_the_include() {
        let mut late = router("app.items:router", Reach::Served);
        late.registrations[0].added_after_include = Some(at("app/items.py", 5));
        let found = check(&service(late));
        assert_eq!((found.len(), found[0].location.line), (1, 6));
        assert!(found[0].message.contains("after it was included at app/items.py:5"));
    }
}
