//! Fields that grant rights, copied from the request.

use architect_model::Service;
use architect_model::code::{Call, Function, Operand};
use architect_model::schema::{Field, Schema, SchemaKind, Type};
use architect_model::service::{AuthClass, EffectiveRoute};
use architect_source::{Confidence, Finding, Location, Severity};

use crate::calls::handed;
use crate::requests::Requests;
use crate::{Rule, step};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "mass-assignment",
    group: "schemas",
    docs: include_str!("mass_assignment.md"),
    severity: Severity::Error,
    since: "0.1.0",
    check,
};

/// Fields that nobody may set for themselves.
const PRIVILEGED: &[&str] = &[
    "is_superuser",
    "is_admin",
    "is_staff",
    "is_owner",
    "superuser",
    "is_verified",
    "email_verified",
    "hashed_password",
    "password_hash",
    "balance",
    "credits",
];

fn check(service: &Service) -> Vec<Finding> {
    let requests = Requests::of(service);
    let usual = usual_checks(&requests);
    let mut findings: Vec<Finding> = Vec::new();
    for (one, function) in requests.with_code(&service.code) {
        for body in one.route.parameters.body.iter().filter(|body| body.media == Some("body")) {
            let raw = body
                .annotation
                .as_deref()
                .is_some_and(|annotation| annotation.starts_with("dict") || annotation.starts_with("typing.Dict"));
            let mut privileged = if raw { None } else { privileged(service, one, &body.name) };
            let mut owns = false;
            if !raw && privileged.is_none() && one.route.auth.class == AuthClass::Required {
                privileged = owner(service, one, &body.name)
                    .filter(|(field, _)| !is_looked_at(service, function, &body.name, field, 0));
                owns = privileged.is_some();
            }
            if !raw && (privileged.is_none() || has_permission(one, &usual)) {
                continue;
            }
            let Some((owner, place)) = copied(service, function, &body.name, 0) else { continue };
            if findings.iter().any(|known| known.location == place) {
                continue;
            }
            if privileged
                .as_ref()
                .is_some_and(|(field, _)| owner.stores.iter().any(|store| store.target.ends_with(&format!(".{field}"))))
            {
                continue;
            }
            let mut trace = vec![step(format!("`{}` takes `{}`", one.title(), body.name), &one.route.location)];
            let what = match &privileged {
                Some((field, place)) if owns => {
                    trace.extend(place.iter().map(|place| step(format!("which has the field `{field}`"), place)));
                    format!("choose whose the row is: they can set `{field}`")
                }
                Some((field, place)) => {
                    trace.extend(place.iter().map(|place| step(format!("which has the field `{field}`"), place)));
                    format!("can set `{field}`")
                }
                None => "can set any attribute: the body has no schema".to_owned(),
            };
            trace.push(step("every field is copied onto the object", &place));
            findings.push(Finding {
                trace,
                why:
                    "A caller adds the field to the request and has the right: nothing decides which fields may be set."
                        .to_owned(),
                help: "Give this endpoint a schema with the fields its callers may set, and set the others in code."
                    .to_owned(),
                trade_off: "Fine when only administrators can call it.".to_owned(),
                ..RULE.finding(
                    Confidence::High,
                    format!("{} {}", one.title(), body.name),
                    &place,
                    format!("Callers of `{}` {what}.", one.title()),
                )
            });
        }
    }
    findings
}

/// Columns that say whose a row is.
const OWNERS: &[&str] = &[
    "user_id",
    "owner_id",
    "author_id",
    "account_id",
    "tenant_id",
    "organization_id",
    "organisation_id",
    "org_id",
    "group_id",
    "household_id",
    "team_id",
    "workspace_id",
];

/// A field of the body that says whose the row is, of a user or tenant as a row: a foreign key of that name exists.
fn owner(service: &Service, one: &EffectiveRoute<'_>, parameter: &str) -> Option<(String, Option<Location>)> {
    let (schema, fields) = fields_of(service, one, parameter)?;
    let field = fields.iter().find(|field| OWNERS.contains(&field.name.as_str()))?;
    // What the path says is where the row belongs.
    let in_path = one.path.contains(&format!("{{{}}}", field.name));
    (!in_path).then(|| (field.name.clone(), schema.location.clone()))
}

/// Whether the field is read, compared or set on the way: then it was thought about.
fn is_looked_at(service: &Service, function: &Function, parameter: &str, field: &str, depth: u32) -> bool {
    let read = format!("{parameter}.{field}");
    let about = |one: &Operand| one.flat().iter().any(|part| part.text.contains(&read));
    let set = format!(".{field}");
    function.compares.iter().any(|one| about(&one.left) || about(&one.right))
        || function
            .stores
            .iter()
            .any(|store| store.target.ends_with(&set) || store.target.contains(&format!("\"{field}\"")))
        || function.keys.iter().any(|key| key == field)
        || function.calls.iter().any(|call| {
            call.arguments.iter().any(|one| about(one) || one.keyword.as_deref() == Some(field))
                || call.receiver.as_deref().is_some_and(|receiver| receiver.contains(&read))
        })
        || depth < 4
            && function.calls.iter().any(|call| {
                handed(&service.code, call, parameter)
                    .is_some_and(|(callee, inner)| is_looked_at(service, callee, &inner.name, field, depth + 1))
            })
}

/// Checks that most guarded endpoints share: who calls, not what they may do.
fn usual_checks(requests: &Requests<'_>) -> Vec<String> {
    let guarded: Vec<_> =
        requests.endpoints.values().flatten().filter(|one| one.route.auth.class != AuthClass::None).collect();
    let mut names: Vec<&str> =
        guarded.iter().flat_map(|one| &one.route.auth.checks).map(|check| check.name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    let share =
        |name: &str| guarded.iter().filter(|one| one.route.auth.checks.iter().any(|check| check.name == name)).count();
    names.into_iter().filter(|name| share(name) * 100 >= guarded.len() * 60).map(str::to_owned).collect()
}

fn has_permission(one: &EffectiveRoute<'_>, usual: &[String]) -> bool {
    one.route.auth.checks.iter().any(|check| !usual.contains(&check.name))
        || ["admin", "superuser", "root", "owner"].iter().any(|word| {
            one.route.auth.by.iter().chain(&one.route.auth.checks).any(|by| by.name.to_lowercase().contains(word))
        })
        || one.route.auth.class == AuthClass::Manual
}

fn privileged(service: &Service, one: &EffectiveRoute<'_>, parameter: &str) -> Option<(String, Option<Location>)> {
    let (schema, fields) = fields_of(service, one, parameter)?;
    let field = fields.iter().find(|field| PRIVILEGED.contains(&field.name.as_str()))?;
    Some((field.name.clone(), schema.location.clone()))
}

/// The schema of a body, and its fields.
fn fields_of<'s>(service: &'s Service, one: &EffectiveRoute<'_>, parameter: &str) -> Option<(&'s Schema, &'s [Field])> {
    let operation = one.route.operation.as_ref()?;
    let body = operation.body.iter().find(|body| body.field.name == parameter)?;
    let mut ty = &body.field.ty;
    while let Type::Annotated { inner, .. } = ty {
        ty = inner;
    }
    let Type::Reference(at) = ty else { return None };
    let schema = service.schemas.get(*at).filter(|schema| schema.kind == SchemaKind::Model)?;
    Some((schema, &schema.fields))
}

/// Where all fields of a parameter are copied onto an object, here or in a function it is passed to.
fn copied<'s>(
    service: &'s Service,
    function: &'s Function,
    parameter: &str,
    depth: u32,
) -> Option<(&'s Function, Location)> {
    // What is left out, or chosen, was thought about.
    let chosen = function.calls.iter().any(|call| {
        matches!(call.name.as_str(), "model_dump" | "dict")
            && call.receiver.as_deref() == Some(parameter)
            && (call.keyword("exclude").is_some() || call.keyword("include").is_some())
    });
    // A schema that is asked on the way decides what may be in it.
    let validated = function.calls.iter().any(|call| {
        matches!(call.name.as_str(), "model_validate" | "parse_obj" | "validate_python")
            && call.arguments.iter().any(|one| one.sources.iter().any(|name| name == parameter))
    });
    if depth > 4 || chosen || validated {
        return None;
    }
    let from = |call: &Call, position: usize| {
        call.arguments
            .get(position)
            .is_some_and(|one| one.sources.iter().any(|name| name == parameter) && !one.text.contains("exclude="))
    };
    for call in &function.calls {
        let assigned = call.name == "setattr" && call.context.loops > 0 && from(call, 1);
        let unpacked = call.arguments.iter().any(|one| {
            one.keyword.as_deref() == Some("**")
                && one.sources.iter().any(|name| name == parameter)
                && !one.text.contains("exclude=")
                && !one.text.contains("include=")
        }) && call.callee.as_deref().is_some_and(|callee| is_table(service, callee));
        if assigned || unpacked {
            return Some((function, call.location.clone()));
        }
    }
    function.calls.iter().find_map(|call| {
        let (callee, inner) = handed(&service.code, call, parameter)?;
        copied(service, callee, &inner.name, depth + 1)
    })
}

/// Whether a class is stored: it has columns or the name of a table.
fn is_table(service: &Service, class: &str) -> bool {
    service.code.class(class).is_some_and(|class| {
        class.fields.iter().any(|field| {
            field.name == "__tablename__"
                || field
                    .value
                    .as_ref()
                    .and_then(|value| value.name.as_deref())
                    .is_some_and(|name| name.ends_with("mapped_column") || name.ends_with(".Column"))
        })
    })
}
