//! An object that is taken by an id of its own, whatever it belongs to.

use std::collections::BTreeMap;

use architect_model::Service;
use architect_model::code::{Form, Function, Operand};
use architect_model::requests::{EffectFact, EffectKind, Term};
use architect_model::schema::{SchemaKind, Type};
use architect_model::service::{AuthClass, Dependency, EffectiveRoute, Parameters};
use architect_model::tables::ColumnAttribute;
use architect_source::{Confidence, Finding, Severity};

use crate::credentials::names_a_right;
use crate::effects::of_request;
use crate::permissions::{Weaker, is_mutating, is_weak, usual_checks, weaker};
use crate::requests::{Requests, entries_by_place, place_of, words};
use crate::text::{last, short};
use crate::{Rule, step};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "object-without-owner-check",
    group: "security",
    docs: include_str!("object_without_owner_check.md"),
    severity: Severity::Warning,
    since: "0.1.0",
    check,
};

fn check(service: &Service) -> Vec<Finding> {
    let requests = Requests::of(service);
    let mut findings: Vec<Finding> = Vec::new();
    for (one, function) in requests.with_code(&service.code) {
        // Only parents somebody guards can be got around.
        if one.route.auth.class == AuthClass::None {
            continue;
        }
        if findings.iter().any(|known| known.location == one.route.location) {
            continue;
        }
        findings.extend(unrelated_child(service, one, function).or_else(|| foreign_object(service, one, function)));
    }
    let owned = owned(service);
    let entries = entries_by_place(service);
    let all = service.endpoints();
    let usual = usual_checks(&all);
    for (one, function) in requests.with_code(&service.code) {
        let is_plain = one.route.auth.class == AuthClass::Required && is_mutating(one);
        let asks_who = |dependency: &Dependency| authenticates(dependency, one) && asks_only_who(dependency, one);
        if is_plain
            && (is_weak(one, &usual) || one.route.dependencies.iter().any(asks_who))
            && findings.iter().all(|known| known.location != one.route.location)
        {
            let at = entries.get(&place_of(&one.route.location)).copied();
            findings.extend(at.and_then(|at| anybodys(service, one, function, at, &owned)));
        }
    }
    let routes: Vec<EffectiveRoute<'_>> = service
        .endpoints()
        .into_iter()
        .filter(|one| one.route.is_api && !one.route.is_websocket() && one.route.conditional.is_none())
        .collect();
    for weaker in weaker(service, &routes) {
        let Some(id) = weaker.about else { continue };
        if findings.iter().all(|known| known.location != weaker.one.route.location) {
            findings.push(without_permission(&weaker, id));
        }
    }
    findings
}

/// Siblings ask whether the caller may touch this object, and this one does not.
fn without_permission(weaker: &Weaker<'_, '_>, id: &str) -> Finding {
    let one = weaker.one;
    let title = one.title();
    let mut trace = vec![step(format!("`{title}` takes any `{id}`"), &one.route.location)];
    for (sibling, check) in weaker.strict.iter().take(3) {
        trace.push(step(format!("`{}` asks `{check}`", sibling.title()), &sibling.route.location));
    }
    let confidence = if weaker.sure { Confidence::High } else { Confidence::Medium };
    Finding {
        trace,
        why: format!(
            "Whoever is logged in can do this to any object by its `{id}`, also to those its siblings would refuse them."
        ),
        help: "Ask for the permission that its siblings ask for.".to_owned(),
        trade_off: "Users without the permission get 403 afterwards. Fine when everyone is meant to do this."
            .to_owned(),
        ..RULE.finding(
            confidence,
            &title,
            &one.route.location,
            format!(
                "`{title}` does not ask whether the caller may touch this `{id}`, as {} of {} other changes of it do.",
                weaker.strict.len(),
                weaker.of
            ),
        )
    }
}

/// An object that belongs to what the path names before it, and is taken by its own id alone.
fn unrelated_child(service: &Service, one: &EffectiveRoute<'_>, function: &Function) -> Option<Finding> {
    let (parent, child, in_body) = unrelated(service, one, function)?;
    if within_the_callers(one, function, &child, in_body) {
        return None;
    }
    let changes = one.route.methods.iter().any(|method| method != "GET");
    let taken = function.calls.iter().rfind(|call| {
        let wanted = |name: &String| {
            *name == child || in_body && one.route.parameters.body.iter().any(|body| body.name == *name)
        };
        call.callee.is_some() && call.arguments.iter().any(|argument| argument.sources.iter().any(wanted))
    });
    Some(Finding {
        trace: vec![
            step(format!("the path says `{parent}`, and what is checked is checked for it"), &one.route.location),
            step(
                format!("the code takes the object by `{child}` alone"),
                taken.map_or(&function.location, |call| &call.location),
            ),
        ],
        why: format!(
            "Whoever may use one `{parent}` of their own reaches every object: they send it with the `{child}` of somebody \
             else."
        ),
        help: format!(
            "Load the object by both (`where(… == {child}, … == {parent})`) and answer 404 when there is none."
        ),
        trade_off: "Fine when these objects are open to everyone who may call this.".to_owned(),
        ..RULE.finding(
            if changes { Confidence::High } else { Confidence::Medium },
            one.title(),
            &one.route.location,
            format!("`{}` acts on `{child}` without asking whether it belongs to `{parent}`.", one.title()),
        )
    })
}

/// Whether the object is asked for together with something of the caller: it is looked up among their own.
fn within_the_callers(one: &EffectiveRoute<'_>, function: &Function, child: &str, in_body: bool) -> bool {
    let callers: Vec<&str> = one
        .route
        .dependencies
        .iter()
        .filter(|dependency| authenticates(dependency, one))
        .filter_map(|dependency| dependency.parameter.as_deref())
        .collect();
    function.calls.iter().filter(|call| call.callee.is_some()).any(|call| {
        let has = |name: &str| {
            call.arguments.iter().any(|argument| argument.sources.iter().chain(&argument.names).any(|one| one == name))
        };
        // Beside the whole body, the caller as such is handed on to be written down; something of theirs is asked for.
        let from = |argument: &Operand, name: &str| argument.sources.iter().any(|one| one == name);
        let within = |body: &str, name: &str| {
            call.arguments.iter().any(|argument| argument.text == body)
                && call.arguments.iter().any(|argument| {
                    argument.form == Form::Name
                        && argument.text != name
                        && from(argument, name)
                        && !from(argument, body)
                })
        };
        let bodies = || one.route.parameters.body.iter().filter(|_| in_body);
        callers.iter().any(|name| has(child) && has(name) || bodies().any(|body| within(&body.name, name)))
    })
}

fn authenticates(dependency: &Dependency, one: &EffectiveRoute<'_>) -> bool {
    dependency.security_scheme
        || one.route.auth.by.iter().chain(&one.route.auth.checks).any(|by| by.name == dependency.call)
        || dependency.dependencies.iter().any(|inner| authenticates(inner, one))
}

/// Columns that say whose a row is.
const OWNERS: &[&str] = &["user_id", "owner_id", "author_id"];
/// Columns that say so where requests ask for rows by them; else they may only say who made it.
const MAKERS: &[&str] = &["creator_id", "created_by", "created_by_id", "create_by"];

fn says_whose(column: &str) -> bool {
    OWNERS.contains(&column) || MAKERS.contains(&column)
}

/// Classes whose rows are somebody's, with the column that says whose: it is named so, or requests ask for rows by it.
fn owned(service: &Service) -> BTreeMap<&str, &str> {
    let mut out = BTreeMap::new();
    for mapper in &service.mappers {
        let named = |column: &&ColumnAttribute| OWNERS.contains(&column.name.as_str());
        if let Some(column) = mapper.columns.iter().find(named) {
            out.insert(last(&mapper.class), column.name.as_str());
        }
    }
    for fact in service.requests.effects.iter().filter(|fact| of_request(service, fact)) {
        let EffectKind::Query(query) = &fact.kind else { continue };
        let by = query.looked_up.iter().find(|column| says_whose(column));
        if let (Some(by), false) = (by, query.entity == "?") {
            out.entry(query.entity.as_str()).or_insert(by.as_str());
        }
    }
    out
}

/// Whether a word of a function's name says that it asks whether a caller may do something.
fn is_about_rights(word: &str) -> bool {
    names_a_right(word) || matches!(word, "rbac" | "verify" | "ensure" | "guard" | "require" | "owner" | "owned")
}

/// Whether all that an endpoint asks is who calls: by one dependency, which is not named after a right.
fn asks_only_who(dependency: &Dependency, one: &EffectiveRoute<'_>) -> bool {
    let own: Vec<&str> = dependency.tree().into_iter().map(|inner| inner.call.as_str()).collect();
    let is_right = |name: &str| {
        words(name).iter().any(|word| {
            matches!(
                word.as_str(),
                "admin"
                    | "administrator"
                    | "superuser"
                    | "superadmin"
                    | "staff"
                    | "role"
                    | "roles"
                    | "permission"
                    | "permissions"
                    | "owner"
                    | "member"
                    | "require"
                    | "requires"
                    | "authorize"
                    | "authorized"
            )
        })
    };
    one.route.auth.checks.iter().all(|check| own.contains(&check.name.as_str()) && !is_right(&check.name))
}

/// A change of somebody's row, named by its id alone, by an endpoint that asks who calls and never looks at it.
fn anybodys(
    service: &Service,
    one: &EffectiveRoute<'_>,
    function: &Function,
    at: usize,
    owned: &BTreeMap<&str, &str>,
) -> Option<Finding> {
    let mut callers = one.route.dependencies.iter().filter(|dependency| authenticates(dependency, one));
    let caller = callers.next().filter(|_| callers.next().is_none())?.parameter.as_deref()?;
    let places = &one.route.parameters;
    let id = places.path.iter().chain(&places.query).chain(&places.body).find(|sent| is_id(&sent.name))?;
    if function.reads.iter().any(|read| read == caller) || !function.reads.contains(&id.name) {
        return None;
    }
    // What dependencies change is about the caller: when a token was used last. Rights may be asked for without the caller.
    let own = short(&function.name);
    if function.calls.iter().any(|call| words(&call.name).iter().any(|word| is_about_rights(word))) {
        return None;
    }
    let changed = |term: &Term| {
        if !term.trace.iter().any(|step| step.function == own) {
            return None;
        }
        let (verb, class) = term.what.split_once(' ')?;
        let (class, owner) =
            owned.get_key_value(class).filter(|_| term.write && matches!(verb, "update" | "delete"))?;
        Some((*class, *owner, term.location.clone()))
    };
    let (class, owner, place) = service.requests.entries[at].terms.iter().find_map(changed)?;
    let asks = |fact: &EffectFact| {
        matches!(&fact.kind, EffectKind::Query(query)
            if query.entity == class && query.looked_up.iter().any(|column| says_whose(column)))
    };
    if service.requests.effects.iter().filter(|fact| fact.entry == at).any(asks) {
        return None;
    }
    let title = one.title();
    Some(Finding {
        trace: vec![
            step(format!("`{title}` takes `{}`, and does not look at `{caller}`", id.alias), &one.route.location),
            step(format!("a `{class}` is changed here, whoever `{class}.{owner}` is"), &place),
        ],
        why: format!("Whoever is logged in can do this to the `{class}` of everybody else by its id."),
        help: format!(
            "Ask for the row with the caller beside the id (`{class}.{owner} == …`), and answer 404 when there is none."
        ),
        trade_off: "Fine when everyone may change what belongs to others.".to_owned(),
        ..RULE.finding(
            Confidence::High,
            &title,
            &one.route.location,
            format!("`{title}` changes any `{class}`, whoever it belongs to."),
        )
    })
}

/// The caller's rights in a tenant are checked, and the object is taken whatever tenant it is of.
fn foreign_object(service: &Service, one: &EffectiveRoute<'_>, function: &Function) -> Option<Finding> {
    let names: Vec<&str> = one
        .path
        .split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
        .map(|name| name.split(':').next().unwrap_or(name))
        .collect();
    let [.., tenant, id] = names.as_slice() else { return None };
    let own =
        |alias: &str| one.route.parameters.path.iter().find(|one| one.alias == alias).map(|one| one.name.as_str());
    let (tenant, id) = (own(tenant)?, own(id).filter(|_| is_id(id))?);
    if is_id(tenant) || one.route.methods.iter().any(|method| method == "GET") {
        return None;
    }
    let has = |operand: &Operand, name: &str| operand.sources.iter().any(|source| source == name);
    // The right is asked for the tenant alone.
    let asked = function.raises.iter().find(|raised| {
        let forbidden = raised.arguments.iter().any(|one| one.int() == Some(403));
        forbidden
            && raised.condition.as_ref().is_some_and(|test| {
                test.flat().iter().any(|part| has(part, tenant) && !has(part, id) && part.items.is_empty())
                    || has(test, tenant) && !has(test, id)
            })
    })?;
    let both = |operands: &mut dyn Iterator<Item = &Operand>| {
        let (mut of_tenant, mut of_id) = (false, false);
        for operand in operands {
            of_tenant |= has(operand, tenant);
            of_id |= has(operand, id);
        }
        of_tenant && of_id
    };
    let related = function.calls.iter().any(|call| {
        both(&mut call.arguments.iter())
            || call.receiver_sources.iter().any(|source| source == id)
                && call.arguments.iter().any(|argument| has(argument, tenant))
    }) || function.compares.iter().any(|one| both(&mut [&one.left, &one.right].into_iter()));
    let filled = one
        .route
        .dependencies
        .iter()
        .any(|dependency| takes(dependency, tenant) && does_something(service, dependency));
    let taken = function.calls.iter().find(|call| {
        call.callee.is_some() && call.arguments.iter().any(|argument| argument.names.iter().any(|name| name == id))
    })?;
    if related || filled {
        return None;
    }
    let title = one.title();
    Some(Finding {
        trace: vec![
            step(format!("the caller's right is asked for `{tenant}`"), &asked.location),
            step(format!("the object is taken by `{id}`, whatever it belongs to"), &taken.location),
        ],
        why: format!(
            "Whoever has the right in one `{tenant}` can do this to the objects of every other: ids are easy to guess."
        ),
        help: format!(
            "Load the object within `{tenant}`, or compare what it belongs to, and answer 404 when it is of another."
        ),
        trade_off: format!("Fine when the database of each `{tenant}` holds only its own objects."),
        ..RULE.finding(
            Confidence::High,
            &title,
            &one.route.location,
            format!("`{title}` asks for a right in `{tenant}` and acts on any `{id}`."),
        )
    })
}

/// The parent in the path that the code never looks at, what it takes instead, and whether that is in the body.
fn unrelated(service: &Service, one: &EffectiveRoute<'_>, function: &Function) -> Option<(String, String, bool)> {
    let names: Vec<&str> = one
        .path
        .split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
        .map(|name| name.split(':').next().unwrap_or(name))
        .filter(|name| is_id(name))
        .collect();
    let own = &one.route.parameters;
    let parameter = |alias: &str| own.path.iter().find(|one| one.alias == alias).map(|one| one.name.as_str());
    let declared = |alias: &str| {
        parameter(alias).is_some() || one.route.dependencies.iter().any(|dependency| takes(dependency, alias))
    };
    let (parent, child, in_body) = match names.as_slice() {
        [.., parent, child] => (*parent, parameter(child)?.to_owned(), false),
        [parent] if one.route.methods.iter().any(|method| matches!(method.as_str(), "PATCH" | "PUT" | "DELETE")) => {
            (*parent, names_object(service, one, own)?, true)
        }
        _ => return None,
    };
    if in_body && one.path.ends_with('}') || !declared(parent) {
        return None;
    }
    let reads_child =
        function.reads.iter().any(|name| *name == child || in_body && own.body.iter().any(|body| body.name == *name));
    let reads_parent = parameter(parent).is_some_and(|name| function.reads.iter().any(|read| read == name));
    // A parameter that a dependency on the parent fills relates the two, if it is read: the dependency may find the parent
    // in the path itself, and declare it as something else for other paths.
    let filled = |dependency: &Dependency| {
        let read = dependency.parameter.as_ref().is_some_and(|filled| function.reads.contains(filled));
        read && mentions(dependency, parent)
    };
    let related = one.route.dependencies.iter().any(filled)
        || one.route.dependencies.iter().filter(|dependency| takes(dependency, parent)).any(|dependency| {
            let Some(place) = &dependency.declared_at else { return true };
            function.parameters.iter().any(|own| {
                let here = own.location.path == place.path
                    && own.location.start <= place.end
                    && place.start <= own.location.end;
                // An alias of a type is declared elsewhere: then every parameter that is not a caller's may be it.
                let alias = own.annotation.as_deref().is_some_and(|text| !text.contains("Depends")) && !here;
                (here || alias && !is_sent(one, &own.name) && is_about(&own.name, parent))
                    && function.reads.contains(&own.name)
            }) || takes_both(dependency, parent, &child)
        });
    (reads_child && !reads_parent && !related).then(|| (parent.to_owned(), child, in_body))
}

fn is_id(name: &str) -> bool {
    words(name).last().is_some_and(|word| matches!(word.as_str(), "id" | "uuid"))
}

/// Whether a parameter is named after what an id identifies: `current_case` and `case_id`.
fn is_about(name: &str, id: &str) -> bool {
    let of_id = words(id);
    words(name).iter().any(|word| of_id.iter().any(|other| other == word))
}

fn is_sent(one: &EffectiveRoute<'_>, name: &str) -> bool {
    let Parameters { path, query, header, cookie, body } = &one.route.parameters;
    [path, query, header, cookie, body].iter().any(|place| place.iter().any(|one| one.name == name))
}

fn takes(dependency: &Dependency, alias: &str) -> bool {
    dependency.parameters.path.iter().any(|one| one.alias == alias)
        || dependency.dependencies.iter().any(|inner| takes(inner, alias))
}

/// The same for a parameter in the path or in the query.
fn mentions(dependency: &Dependency, alias: &str) -> bool {
    let Parameters { path, query, .. } = &dependency.parameters;
    path.iter().chain(query).any(|one| one.alias == alias)
        || dependency.dependencies.iter().any(|inner| mentions(inner, alias))
}

/// Whether a dependency can tell anything about what it takes: one with an empty body only declares a parameter.
fn does_something(service: &Service, dependency: &Dependency) -> bool {
    service.code.function(&dependency.call).is_none_or(|function| {
        !(function.calls.is_empty() && function.raises.is_empty() && function.returns.is_empty())
    }) || dependency.dependencies.iter().any(|inner| does_something(service, inner))
}

fn takes_both(dependency: &Dependency, parent: &str, child: &str) -> bool {
    let has = |name: &str| dependency.parameters.path.iter().any(|one| one.alias == name);
    has(parent) && has(child) || dependency.dependencies.iter().any(|inner| takes_both(inner, parent, child))
}

/// The field of the body that says which object is meant.
fn names_object(service: &Service, one: &EffectiveRoute<'_>, own: &Parameters) -> Option<String> {
    let operation = one.route.operation.as_ref()?;
    let [_] = own.body.as_slice() else { return None };
    let mut ty = &operation.body.first()?.field.ty;
    while let Type::Annotated { inner, .. } = ty {
        ty = inner;
    }
    let Type::Reference(at) = ty else { return None };
    let schema = service.schemas.get(*at).filter(|schema| schema.kind == SchemaKind::Model)?;
    let field = schema.fields.iter().find(|field| matches!(field.name.as_str(), "id" | "uuid"))?;
    Some(field.name.clone())
}
