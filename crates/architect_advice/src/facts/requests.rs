//! Facts of endpoints: how they run, who may call them, what they take.

use architect_model::service::{AuthClass, Dependency, EffectiveRoute, Parameter, Parameters, Service};
use architect_source::Location;

use super::{Fact, counted};
use crate::input::Setting;

pub(super) fn read(service: &Service, endpoints: &[EffectiveRoute<'_>], out: &mut Vec<Fact>) {
    if endpoints.is_empty() {
        return;
    }
    colours(service, endpoints, out);
    let all = endpoints.len();
    #[allow(clippy::cast_precision_loss, reason = "nobody has that many endpoints")]
    let number = Setting::Number(all as f64);
    let statement = format!("there {} {}", if all == 1 { "is" } else { "are" }, counted(all, "endpoint"));
    out.push(
        Fact::new(&["layers", "api-versioning"], statement, first(endpoints.iter())).answering("endpoints", number),
    );
    let mut say = |topics: &[&'static str], says: &str, found: Vec<&EffectiveRoute<'_>>| {
        if !found.is_empty() {
            let statement = format!("endpoints that {says}: {} of {all}", found.len());
            out.push(Fact::new(topics, statement, first(found.into_iter())));
        }
    };
    let of = |test: &dyn Fn(&EffectiveRoute<'_>) -> bool| endpoints.iter().filter(|one| test(one)).collect::<Vec<_>>();
    let known = of(&|one| one.route.auth.class == AuthClass::Required);
    say(&["authentication", "authorization"], "require a caller who is known", known);
    let open = of(&|one| one.route.auth.class == AuthClass::None);
    say(&["authentication", "authorization", "rate-limiting"], "can be called by anybody", open);
    let scoped = of(&|one| !one.route.auth.scopes.is_empty());
    say(&["authorization"], "ask for scopes", scoped);
    let versioned = of(&|one| one.path.split('/').any(is_version));
    say(&["api-versioning"], "have a version in their path", versioned);
    let deprecated = of(&|one| one.route.deprecated);
    say(&["api-versioning"], "are marked deprecated", deprecated);
    let files = of(&|one| takes(one, &|parameters| parameters.body.iter().any(|one| one.media == Some("file"))));
    say(&["file-uploads"], "take files", files);
    let keyed = of(&|one| takes(one, &|parameters| parameters.header.iter().any(is_idempotency_key)));
    say(&["idempotency"], "take an `Idempotency-Key`", keyed);
    let refreshing = of(&|one| one.path.rsplit('/').next().is_some_and(|last| last.contains("refresh")));
    say(&["refresh-tokens"], "have `refresh` at the end of their path", refreshing);
    let health = of(&|one| one.path.to_ascii_lowercase().split('/').any(is_health));
    say(&["observability"], "answer health checks", health);
    let background = of(&|one| has_background_tasks(service, one));
    say(&["background-work"], "take `BackgroundTasks`", background);
    for application in &service.applications {
        let handlers = application.exception_handlers.len();
        if handlers > 0 {
            let location = application.exception_handlers.iter().find_map(|one| one.location.as_ref());
            let says = format!("`{}` has {}", application.name, counted(handlers, "exception handler"));
            out.push(Fact::new(&["error-format"], says, location));
        }
    }
}

/// How many endpoints are coroutine functions; of a service with engines that is how it reaches its database.
fn colours(service: &Service, endpoints: &[EffectiveRoute<'_>], out: &mut Vec<Fact>) {
    let known: Vec<(bool, &Location)> = endpoints
        .iter()
        .filter_map(|one| {
            let function = service.code.function(&one.route.endpoint.as_ref()?.name)?;
            Some((function.is_async, &function.location))
        })
        .collect();
    for (is_async, says) in [(true, "`async def`"), (false, "plain functions")] {
        let count = known.iter().filter(|(one, _)| *one == is_async).count();
        if let Some((_, location)) = known.iter().find(|(one, _)| *one == is_async) {
            let statement = format!("endpoints that are {says}: {count} of {}", known.len());
            let mut fact = Fact::new(&["database-access"], statement, Some(location));
            // Where a few are of the other kind, the service is still what most of it is.
            if count * 10 >= known.len() * 9 && !service.tables.is_empty() {
                let access = if is_async { "async" } else { "sync" };
                fact = fact.answering("access", Setting::Choice(access.to_owned()));
            }
            out.push(fact);
        }
    }
}

fn first<'r>(mut routes: impl Iterator<Item = &'r EffectiveRoute<'r>>) -> Option<&'r Location> {
    routes.next().map(|one| &one.route.location)
}

/// `v1`, `v2`.
fn is_version(segment: &str) -> bool {
    segment.strip_prefix('v').is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit()))
}

fn is_health(segment: &str) -> bool {
    matches!(
        segment,
        "health"
            | "healthz"
            | "healthcheck"
            | "health-check"
            | "live"
            | "livez"
            | "liveness"
            | "ready"
            | "readyz"
            | "readiness"
    )
}

fn is_idempotency_key(parameter: &Parameter) -> bool {
    parameter.alias.eq_ignore_ascii_case("idempotency-key")
}

/// Whether an endpoint or something it depends on takes a parameter.
fn takes(endpoint: &EffectiveRoute<'_>, test: &dyn Fn(&Parameters) -> bool) -> bool {
    fn below(dependencies: &[Dependency], test: &dyn Fn(&Parameters) -> bool) -> bool {
        dependencies.iter().any(|one| test(&one.parameters) || below(&one.dependencies, test))
    }
    test(&endpoint.route.parameters) || below(&endpoint.route.dependencies, test)
}

fn has_background_tasks(service: &Service, endpoint: &EffectiveRoute<'_>) -> bool {
    let function = endpoint.route.endpoint.as_ref().and_then(|one| service.code.function(&one.name));
    function.is_some_and(|function| {
        let classes = function.parameters.iter().filter_map(|one| one.class.as_deref());
        classes.into_iter().any(|class| class.rsplit(['.', ':']).next() == Some("BackgroundTasks"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_and_health_checks_are_told_by_their_segment() {
        assert!(
            is_version("v1") && is_version("v20") && !is_version("v") && !is_version("values") && !is_version("v1x")
        );
        assert!(is_health("healthz") && is_health("ready") && !is_health("deliveries"));
    }
}
