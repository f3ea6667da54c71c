//! A security scheme whose value nobody looks at.

use std::collections::BTreeMap;

use architect_model::Service;
use architect_model::service::{AuthClass, Dependency, EffectiveRoute};
use architect_source::{Confidence, Finding, Location, Severity};

use crate::text::{count, short};
use crate::{Rule, step};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "token-presence-only-auth",
    group: "security",
    docs: include_str!("token_presence_only_auth.md"),
    severity: Severity::Error,
    since: "0.1.0",
    check,
};

fn check(service: &Service) -> Vec<Finding> {
    let mut open: BTreeMap<Location, (String, Vec<String>)> = BTreeMap::new();
    for one in service.endpoints().into_iter().filter(|one| one.route.is_api && one.route.conditional.is_none()) {
        let Some((scheme, place)) = unread(service, &one) else { continue };
        open.entry(place).or_insert_with(|| (scheme, Vec::new())).1.push(one.title());
    }
    let mut findings = Vec::new();
    for (place, (scheme, endpoints)) in open {
        let named = short(&scheme).to_owned();
        findings.push(Finding {
            trace: vec![step(
                format!("`{named}` only asks that something is sent; guards {}", crate::text::names(&endpoints, 3)),
                &place,
            )],
            why: "The scheme takes the credentials out of the request and checks nothing: any text passes.".to_owned(),
            help: "Depend on a function that takes the value of the scheme, verifies it and raises 401.".to_owned(),
            trade_off: "Fine when a gateway in front has verified the token; say so in a comment.".to_owned(),
            ..RULE.finding(
                Confidence::High,
                format!("{scheme} {}", endpoints.first().map_or("", String::as_str)),
                &place,
                format!(
                    "Any token passes: nothing looks at what `{named}` finds, at {}.",
                    count(endpoints.len(), "endpoint")
                ),
            )
        });
    }
    findings
}

/// The scheme that is all that guards an endpoint, and where it is declared.
fn unread(service: &Service, one: &EffectiveRoute<'_>) -> Option<(String, Location)> {
    let auth = &one.route.auth;
    if auth.class != AuthClass::Required {
        return None;
    }
    let mut schemes = Vec::new();
    let mut verified = false;
    let endpoint = one.route.endpoint.as_ref()?.name.as_str();
    collect(service, endpoint, &one.route.dependencies, &mut schemes, &mut verified);
    // Whatever else may refuse a caller, a middleware or a check of the endpoint, may look at the token.
    let others = auth.by.iter().chain(&auth.checks).any(|by| !schemes.iter().any(|scheme| scheme.call == by.name));
    if verified || others || one.application.middleware.iter().any(|one| !is_harmless(&one.name)) {
        return None;
    }
    let scheme = schemes.first()?;
    let place = scheme.declared_at.clone().unwrap_or_else(|| one.route.location.clone());
    Some((scheme.call.clone(), place))
}

fn is_harmless(middleware: &str) -> bool {
    ["CORSMiddleware", "GZipMiddleware", "TrustedHostMiddleware", "HTTPSRedirectMiddleware"]
        .iter()
        .any(|name| middleware.ends_with(name))
}

fn collect<'s>(
    service: &Service,
    owner: &str,
    dependencies: &'s [Dependency],
    schemes: &mut Vec<&'s Dependency>,
    verified: &mut bool,
) {
    for dependency in dependencies {
        if dependency.security_scheme {
            // What the project wrote itself may verify.
            *verified |= dependency.optional_scheme || service.code.class(&dependency.call).is_some();
            *verified |= is_read(service, owner, dependency);
            schemes.push(dependency);
        }
        collect(service, &dependency.call, &dependency.dependencies, schemes, verified);
    }
}

/// Whether the function that receives the value of a scheme reads it, or is not known.
fn is_read(service: &Service, owner: &str, scheme: &Dependency) -> bool {
    let code = &service.code;
    let function = code.function(owner).or_else(|| {
        let class = code.class(owner)?;
        code.method(&class.name, "__call__").or_else(|| code.method(&class.name, "__init__"))
    });
    let Some(place) = &scheme.declared_at else { return true };
    let Some(function) = function else { return true };
    let parameter = function.parameters.iter().find(|one| {
        one.location.path == place.path && one.location.start <= place.start && place.start <= one.location.end
            || one.location.path == place.path && place.start <= one.location.start && one.location.start <= place.end
    });
    // Without a parameter it stands in a list of dependencies, and its value is lost.
    parameter.is_some_and(|one| function.reads.contains(&one.name))
}
