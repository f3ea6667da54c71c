//! Who acts, told by the caller.

use std::collections::BTreeSet;

use architect_model::Service;
use architect_model::code::{Call, Function};
use architect_model::schema::Schema;
use architect_model::service::{AuthClass, Dependency, EffectiveRoute};
use architect_source::{Confidence, Finding, Location, Severity};

use crate::calls::handed;
use crate::models::{bodies, written};
use crate::permissions::{is_mutating, usual_checks};
use crate::requests::{Requests, words};
use crate::text::short;
use crate::{Rule, step};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "identity-from-client",
    group: "security",
    docs: include_str!("identity_from_client.md"),
    severity: Severity::Error,
    since: "0.3.0",
    check,
};

/// Names of whoever does something. An owner may be somebody else: things are given to people.
const ACTORS: &[&str] = &[
    "author_id",
    "creator_id",
    "created_by",
    "created_by_id",
    "sender_id",
    "actor_id",
    "performed_by",
    "requester_id",
    "requested_by",
    "submitted_by",
    "uploaded_by",
    "uploader_id",
    "updated_by",
    "updated_by_id",
    "modified_by",
    "current_user_id",
    "acting_user_id",
    "from_user_id",
    "commenter_id",
    "reviewer_user_id",
];

fn check(service: &Service) -> Vec<Finding> {
    let requests = Requests::of(service);
    let routes = service.endpoints();
    let usual = usual_checks(&routes);
    let mut findings: Vec<Finding> = Vec::new();
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    for (one, function) in requests.with_code(&service.code) {
        if one.route.auth.class != AuthClass::Required
            || !is_mutating(one)
            || is_privileged(one, &usual)
            || !seen.insert(&function.name)
        {
            continue;
        }
        // Whoever looks at the caller may compare, or put the caller in its place.
        if knows_caller(one, function) {
            continue;
        }
        let by_name = named(service, one, function);
        let Some((name, place, used)) = by_name else { continue };
        let Some(by) = one.route.auth.by.first() else { continue };
        let mut trace = vec![step(format!("callers of `{}` send `{name}`", one.title()), &place)];
        trace.extend(by.location.iter().map(|place| step(format!("`{}` knows who they are", short(&by.name)), place)));
        trace.push(step(format!("and it is stored as `{name}` as it was sent"), &used.location));
        findings.push(Finding {
            trace,
            why: "Whoever is logged in can do this in the name of anybody else: the id is theirs to choose.".to_owned(),
            help: format!("Take `{name}` from the caller the token names, and leave it out of what is sent."),
            trade_off: "Fine where only other services call this, on behalf of users.".to_owned(),
            ..RULE.finding(
                Confidence::High,
                format!("{} {name}", one.title()),
                &place,
                format!(
                    "`{}` lets its caller say who acts: `{name}` is what was sent, not who is logged in.",
                    one.title()
                ),
            )
        });
    }
    findings
}

/// The name of the actor that is sent, where it is declared, and the call that stores it.
fn named<'s>(
    service: &'s Service,
    one: &EffectiveRoute<'s>,
    function: &'s Function,
) -> Option<(String, Location, &'s Call)> {
    let places = &one.route.parameters;
    for sent in places.query.iter().chain(&places.body) {
        if ACTORS.contains(&sent.name.as_str()) {
            let used = stores(service, function, &sent.name, None, 0)?;
            return Some((sent.name.clone(), sent.location.clone()?, used));
        }
    }
    for schema in bodies(service, one) {
        let Some(field) = schema.fields.iter().find(|field| ACTORS.contains(&field.name.as_str())) else { continue };
        let body =
            function.parameters.iter().find(|own| own.class.as_deref().is_some_and(|class| is(schema, class)))?;
        let used = stores(service, function, &body.name, Some(&field.name), 0)?;
        let place = written(service, &schema.qualified, &field.name)?.location.clone();
        return Some((field.name.clone(), place, used));
    }
    None
}

fn is(schema: &Schema, class: &str) -> bool {
    class.replacen(':', ".", 1) == schema.qualified
}

/// The call that makes a row with the value, here or in a function it is passed to.
fn stores<'s>(
    service: &'s Service,
    function: &'s Function,
    parameter: &str,
    field: Option<&str>,
    depth: u32,
) -> Option<&'s Call> {
    // What is compared, or assigned anew, was thought about.
    let name = field.unwrap_or(parameter);
    let thought = function.stores.iter().any(|store| store.target.rsplit('.').next() == Some(name))
        || function.compares.iter().any(|one| {
            [&one.left, &one.right].iter().any(|side| {
                side.text.ends_with(name) || field.is_none() && side.sources.iter().any(|source| source == name)
            })
        });
    if thought || depth > 3 {
        return None;
    }
    for call in &function.calls {
        let row =
            call.callee.as_deref().is_some_and(|callee| service.mappers.iter().any(|mapper| mapper.class == callee));
        if !row {
            continue;
        }
        let given = call.arguments.iter().any(|argument| match (argument.keyword.as_deref(), field) {
            (Some("**"), Some(_)) => {
                argument.sources.iter().any(|source| source == parameter)
                    && !argument.text.contains("exclude")
                    && !call.arguments.iter().any(|other| other.keyword.as_deref() == Some(name))
            }
            (Some(keyword), Some(field)) => keyword == field && argument.text == format!("{parameter}.{field}"),
            (Some(keyword), None) => keyword == parameter && argument.text == parameter,
            _ => false,
        });
        if given {
            return Some(call);
        }
    }
    function.calls.iter().find_map(|call| {
        let (callee, inner) = handed(&service.code, call, parameter)?;
        stores(service, callee, &inner.name, field, depth + 1)
    })
}

/// Whether an endpoint reads who calls: a parameter that is filled by what identifies callers, the request, or one
/// whose name says so.
fn knows_caller(one: &EffectiveRoute<'_>, function: &Function) -> bool {
    const CALLERS: &[&str] =
        &["user", "current", "principal", "caller", "identity", "auth", "token", "me", "request", "account", "role"];
    function.parameters.iter().any(|parameter| {
        let is_sent = {
            let places = &one.route.parameters;
            [&places.path, &places.query, &places.body]
                .iter()
                .any(|place| place.iter().any(|sent| sent.name == parameter.name))
        };
        !is_sent
            && function.reads.contains(&parameter.name)
            && words(&parameter.name).iter().any(|word| CALLERS.contains(&word.as_str()))
            || one.route.dependencies.iter().any(|dependency| {
                dependency.declared_at.as_ref().is_some_and(|place| {
                    parameter.location.path == place.path
                        && parameter.location.start <= place.start
                        && place.end <= parameter.location.end
                }) && tells_caller(one, dependency)
                    && function.reads.contains(&parameter.name)
            })
    }) || function.calls.iter().any(|call| call.name.contains("current_user") || call.name.contains("get_user"))
}

fn tells_caller(one: &EffectiveRoute<'_>, dependency: &Dependency) -> bool {
    one.route.auth.by.iter().any(|by| by.name == dependency.call)
        || dependency.dependencies.iter().any(|inner| tells_caller(one, inner))
}

/// Whether it asks for more than who calls, or is for administrators by its names.
fn is_privileged(one: &EffectiveRoute<'_>, usual: &[&str]) -> bool {
    one.route.auth.checks.iter().any(|check| !usual.contains(&check.name.as_str()))
        || one.route.auth.by.iter().chain(&one.route.auth.checks).any(|by| {
            words(&by.name).iter().any(|word| {
                matches!(
                    word.as_str(),
                    "admin" | "superuser" | "internal" | "service" | "api" | "key" | "worker" | "system" | "webhook"
                )
            })
        })
        || words(&one.path)
            .iter()
            .any(|word| matches!(word.as_str(), "admin" | "internal" | "webhook" | "webhooks" | "import"))
}
