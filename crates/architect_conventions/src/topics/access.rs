//! Who may call, where sessions come from, and who commits.

use std::collections::BTreeMap;

use architect_model::service::{AuthClass, Dependency};

use crate::lens::{Endpoint, Layer, Lens, declared_in, on_session, session_parameters};
use crate::survey::{Subject, Survey, Topic};
use crate::words::{last, short};

pub(super) fn surveys(lens: &Lens<'_>) -> Vec<Survey> {
    vec![required(lens), dependency(lens), place(lens), scheme(lens), session(lens), session_name(lens), commit(lens)]
}

fn required(lens: &Lens<'_>) -> Survey {
    let mut survey = Survey::new(Topic::Authentication, "authenticated", "endpoints");
    for one in &lens.endpoints {
        match one.route.route.auth.class {
            AuthClass::Required | AuthClass::Manual => {
                survey.see("Endpoints require a caller who is known", "requires a caller who is known", &one.subject);
            }
            AuthClass::Optional => {
                survey.see(
                    "Endpoints accept callers who are not known",
                    "accepts callers who are not known",
                    &one.subject,
                );
            }
            AuthClass::None => survey.see("Endpoints are public", "is public", &one.subject),
        }
    }
    survey
}

/// The dependencies of a route that decide who may call, outermost nodes of the tree.
fn guards<'e>(one: &'e Endpoint<'_>) -> Vec<&'e Dependency> {
    let route = one.route.route;
    let decides = |name: &str| route.auth.by.iter().any(|by| by.name == name);
    fn holds(node: &Dependency, decides: &dyn Fn(&str) -> bool) -> bool {
        decides(&node.call) || node.dependencies.iter().any(|inner| holds(inner, decides))
    }
    route.dependencies.iter().filter(|node| holds(node, &decides)).collect()
}

/// Which dependency identifies the caller.
fn dependency(lens: &Lens<'_>) -> Survey {
    let mut survey = Survey::new(Topic::Authentication, "auth-dependency", "authenticated endpoints");
    // The one in most trees is what all others build on.
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for one in lens.endpoints.iter().filter(|one| one.route.route.auth.class == AuthClass::Required) {
        for by in &one.route.route.auth.by {
            let own = lens.service.code.function(&by.name).is_some() || lens.service.code.class(&by.name).is_some();
            if own {
                *counts.entry(&by.name).or_default() += 1;
            }
        }
    }
    let most = |one: &Endpoint<'_>| -> Option<String> {
        let own = one.route.route.auth.by.iter().filter(|by| counts.contains_key(by.name.as_str()));
        own.max_by_key(|by| (counts[by.name.as_str()], std::cmp::Reverse(by.name.clone()))).map(|by| by.name.clone())
    };
    for one in lens.endpoints.iter().filter(|one| one.route.route.auth.class == AuthClass::Required) {
        let name = most(one).or_else(|| one.route.route.auth.by.first().map(|by| by.name.clone()));
        let Some(name) = name else { continue };
        let alias = lens.alias_of(&name).map(|alias| format!(", through the alias `{alias}`")).unwrap_or_default();
        survey.see(
            format!("`{}` decides who calls{alias}", short(&name)),
            format!("is guarded by `{}`", short(&name)),
            &one.subject,
        );
    }
    survey
}

/// Where an endpoint asks for it.
fn place(lens: &Lens<'_>) -> Survey {
    let mut survey = Survey::new(Topic::Authentication, "auth-place", "authenticated endpoints");
    for one in lens.endpoints.iter().filter(|one| one.route.route.auth.class == AuthClass::Required) {
        let guards = guards(one);
        let function = one.function;
        let in_signature = guards.iter().any(|guard| {
            function.parameters.iter().any(|parameter| declared_in(std::slice::from_ref(*guard), parameter).is_some())
        });
        let (start, end) = (one.route.route.location.line, function.location.line);
        let in_decorator = guards.iter().any(|guard| {
            guard
                .declared_at
                .as_ref()
                .is_some_and(|at| at.path == function.location.path && (start..=end).contains(&at.line))
        });
        if guards.is_empty() {
            survey.see("Middleware decides who may call", "is guarded by middleware", &one.subject);
        } else if in_signature {
            survey.see("An endpoint asks for its caller with a parameter", "asks with a parameter", &one.subject);
        } else if in_decorator {
            let say = "An endpoint asks for its caller in the decorator: `dependencies=[…]`";
            survey.see(say, "asks in its decorator", &one.subject);
        } else {
            let say = "A router, or what includes it, asks for the caller: `dependencies=[…]`";
            survey.see(say, "is guarded by its router", &one.subject);
        }
    }
    survey
}

fn scheme(lens: &Lens<'_>) -> Survey {
    fn schemes<'d>(list: &'d [Dependency], out: &mut Vec<&'d str>) {
        for one in list {
            if one.security_scheme {
                out.push(&one.call);
            }
            schemes(&one.dependencies, out);
        }
    }
    let mut survey = Survey::new(Topic::Authentication, "auth-scheme", "authenticated endpoints");
    for one in lens.endpoints.iter().filter(|one| one.route.route.auth.class == AuthClass::Required) {
        let mut found = Vec::new();
        schemes(&one.route.route.dependencies, &mut found);
        if let Some(scheme) = found.first().map(|name| last(name)) {
            survey.see(format!("The security scheme is `{scheme}`"), format!("uses `{scheme}`"), &one.subject);
        }
    }
    survey
}

fn session(lens: &Lens<'_>) -> Survey {
    let mut survey = Survey::new(Topic::Sessions, "session-dependency", "endpoints that use a session").enforced();
    for one in &lens.endpoints {
        for parameter in session_parameters(one.function) {
            let Some(found) = declared_in(&one.route.route.dependencies, parameter) else { continue };
            let alias =
                lens.alias_of(&found.call).map(|alias| format!(", through the alias `{alias}`")).unwrap_or_default();
            let name = short(&found.call);
            survey.see(
                format!("Endpoints get their session from `{name}`{alias}"),
                format!("gets its session from `{name}`"),
                &one.subject,
            );
        }
        for call in &one.function.calls {
            let makes = call.callee.as_deref().is_some_and(|callee| {
                crate::lens::is_session_class(callee)
                    || last(callee) == "SessionLocal"
                    || last(callee) == "sessionmaker"
            });
            if makes {
                let name = &call.name;
                survey.see(
                    format!("Endpoints make their session: `{name}()`"),
                    format!("makes a session: `{name}()`"),
                    &one.subject,
                );
                break;
            }
        }
    }
    survey
}

fn session_name(lens: &Lens<'_>) -> Survey {
    let mut survey = Survey::new(Topic::Sessions, "session-name", "functions that take a session");
    for function in &lens.functions {
        if let Some(parameter) = session_parameters(function).next() {
            let name = &parameter.name;
            survey.see(
                format!("The session is called `{name}`"),
                format!("calls it `{name}`"),
                &lens.subject(function, ""),
            );
        }
    }
    survey
}

/// Who ends a transaction.
fn commit(lens: &Lens<'_>) -> Survey {
    let mut survey = Survey::new(Topic::Sessions, "who-commits", "functions that commit").enforced();
    for function in &lens.functions {
        let commits = function.calls.iter().find(|call| call.name == "commit" && on_session(call));
        let Some(call) = commits else { continue };
        let subject = Subject { location: call.location.clone(), ..lens.subject(function, "") };
        match lens.layer(function) {
            Layer::Endpoint => survey.see("Endpoints commit", "is an endpoint and commits", &subject),
            Layer::Dependency => {
                survey.see("The dependency that gives the session commits", "is a dependency and commits", &subject);
            }
            Layer::Named(layer) => {
                survey.see(
                    format!("Functions of {layer} commit"),
                    format!("is one of the {layer} and commits"),
                    &subject,
                );
            }
            Layer::Elsewhere => {
                survey.see("Functions outside of any layer commit", "commits", &subject);
            }
        }
    }
    survey
}
