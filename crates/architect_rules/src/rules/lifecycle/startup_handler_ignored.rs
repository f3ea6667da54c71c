//! Start-up code that never runs.

use architect_model::Service;
use architect_model::service::Application;
use architect_source::{Confidence, Finding, Location, Severity};

use crate::text::short;
use crate::{Rule, step};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "startup-handler-ignored",
    group: "lifecycle",
    docs: include_str!("startup_handler_ignored.md"),
    severity: Severity::Error,
    since: "0.1.0",
    check,
};

fn check(service: &Service) -> Vec<Finding> {
    let mut findings = Vec::new();
    for application in &service.applications {
        if let Some(path) = &application.mounted_at {
            findings.extend(mounted(service, application, path));
        } else if let Some(lifespan) = &application.lifespan {
            let because = format!("`{}` has `lifespan={}`", application.name, short(&lifespan.name));
            let place = lifespan.location.as_ref().unwrap_or(&application.location);
            findings.extend(handlers(application, Confidence::High, &because, place));
        }
    }
    findings
}

fn mounted(service: &Service, application: &Application, path: &str) -> Vec<Finding> {
    let outer = || service.applications.iter().filter(|outer| outer.mounted_at.is_none());
    let inner = application.lifespan.as_ref();
    // The outer application runs it itself (`FastAPI(lifespan=inner.lifespan)`), or may enter it in its own.
    let handed_up = outer()
        .any(|outer| outer.lifespan.is_some() && outer.lifespan.as_ref().map(|l| &l.name) == inner.map(|l| &l.name));
    let sure = if outer().any(|outer| outer.lifespan.is_some()) { Confidence::Medium } else { Confidence::High };
    let because = format!("`{}` is mounted at `{path}`", application.name);
    let mut findings = handlers(application, sure, &because, &application.location);
    if let Some(lifespan) = inner.filter(|_| !handed_up) {
        let place = lifespan.location.as_ref().unwrap_or(&application.location);
        findings.push(ignored(
            sure,
            format!("{} {}", application.name, lifespan.name),
            place,
            format!("Lifespan `{}` never runs, because {because}.", short(&lifespan.name)),
            (&because, &application.location),
        ));
    }
    findings
}

fn handlers(application: &Application, sure: Confidence, because: &str, place: &Location) -> Vec<Finding> {
    application
        .event_handlers
        .iter()
        .map(|handler| {
            let function = short(&handler.function.name);
            ignored(
                sure,
                format!("{} {}", handler.function.name, handler.event),
                &handler.location,
                format!("The {} handler `{function}` never runs, because {because}.", handler.event),
                (because, place),
            )
        })
        .collect()
}

fn ignored(
    sure: Confidence,
    subject: String,
    location: &Location,
    message: String,
    (because, place): (&str, &Location),
) -> Finding {
    Finding {
        trace: vec![step(because, place), step("This is skipped without an error", location)],
        why: "Starlette runs one lifespan, that of the outermost application, and with one it ignores `on_event` \
              handlers. Nothing is logged; connections and caches are simply not there."
            .to_owned(),
        help:
            "Move the code into the lifespan of the outermost application, before its `yield` for start-up and after \
               it for shutdown."
                .to_owned(),
        trade_off: "The code starts to run: look at what it does first. Fine when the outer lifespan enters the inner \
                    one by hand."
            .to_owned(),
        ..RULE.finding(sure, subject, location, message)
    }
}

#[cfg(test)]
mod tests {
    use architect_model::service::EventHandler;

    use super::*;
    use crate::support::{application, at, named};

    fn app(lifespan: Option<&str>, handler: bool, mounted_at: Option<&str>) -> Application {
        let mut app = application(Vec::new());
        app.lifespan = lifespan.map(|name| named(name, 3));
        app.mounted_at = mounted_at.map(str::to_owned);
        if handler {
            app.event_handlers.push(EventHandler {
                event: "startup".to_owned(),
                function: named("app.main:warm_up", 9),
                location: at("app/main.py", 8),
            });
        }
        app
    }

    fn run(applications: Vec<Application>) -> Vec<Finding> {
        check(&Service { applications, ..Service::default() })
    }

    #[test]
    fn handlers_beside_a_lifespan() {
        let found = run(vec![app(Some("app.main:lifespan"), true, None)]);
        assert_eq!(
            found[0].message,
            "The startup handler `warm_up` never runs, because `app.main:app` has `lifespan=lifespan`."
        );
        assert_eq!((found.len(), found[0].location.line), (1, 8));
    }

    #[test]
    fn mounted_applications_start_nothing() {
        let found = run(vec![app(None, false, None), app(Some("app.sub:life"), true, Some("/sub"))]);
        assert_eq!(found.len(), 2);
        assert!(found.iter().all(|finding| finding.confidence == Confidence::High));
        let found = run(vec![app(Some("a:b"), false, None), app(Some("app.sub:life"), false, Some("/sub"))]);
        assert_eq!(found[0].confidence, Confidence::Medium);
    }

    #[test]
    fn one_of_them_alone_is_fine() {
        assert_eq!(run(vec![app(Some("a:b"), false, None)]), []);
        assert_eq!(run(vec![app(None, true, None)]), []);
        assert_eq!(run(vec![app(Some("a:b"), false, None), app(Some("a:b"), false, Some("/sub"))]), []);
    }
}
