//! Rows that a request names and that may not be there, used as if they were: `None` has no attributes, and the caller
//! gets 500 instead of 404.

use std::collections::{BTreeMap, BTreeSet};

use architect_model::Service;
use architect_model::code::{Call, Context, Function, Operand, Try};
use architect_model::requests::MissingFact;
use architect_model::schema::{Field, Schema, Type};
use architect_model::service::{Dependency, EffectiveRoute};
use architect_source::Location;

use crate::models::{bodies, model_of};
use crate::requests::{Requests, place_of};

/// A row that an endpoint uses without a look whether it is there.
pub(crate) struct Missing<'s> {
    /// The endpoint.
    pub route: EffectiveRoute<'s>,
    /// The row.
    pub fact: &'s MissingFact,
    /// The call that looks for it.
    pub lookup: &'s Call,
    /// What the caller sent to name it.
    pub named_by: String,
    /// Where the endpoint looks for it, or calls what does.
    pub place: Location,
}

/// Calls that build or run a statement: they do not say whether there is a row.
const BUILDS: &[&str] = &[
    "select",
    "where",
    "filter",
    "filter_by",
    "query",
    "execute",
    "scalars",
    "exec",
    "options",
    "join",
    "outerjoin",
    "order_by",
    "limit",
    "offset",
    "with_for_update",
    "and_",
    "or_",
    "unique",
    "selectinload",
    "joinedload",
    "in_",
    "eq",
    "func",
    "lower",
    "ilike",
    "like",
    "is_",
    "isnot",
    "is_not",
    "desc",
    "asc",
    "distinct",
    "group_by",
    "load_only",
];
/// Calls that say nothing of what they are given.
const PLAIN: &[&str] =
    &["str", "int", "UUID", "uuid", "print", "len", "repr", "format", "strip", "isinstance", "cast", "dict"];

/// One for each endpoint, in the order of their places.
pub(crate) fn missing_rows(service: &Service) -> Vec<Missing<'_>> {
    let requests = Requests::of(service);
    let routes = routes_by_place(&requests);
    let mut found: Vec<Missing<'_>> = Vec::new();
    let mut seen: BTreeSet<(&str, u32)> = BTreeSet::new();
    for fact in service.requests.missing.iter().filter(|fact| !fact.aside && fact.field.is_none()) {
        let Some(entry) = service.requests.entries.get(fact.entry) else { continue };
        let key = place_of(&entry.location);
        let Some(route) = routes.get(&key) else { continue };
        if seen.contains(&key) {
            continue;
        }
        if let Some((lookup, named_by, place)) = followed(service, route, fact)
            && !found.iter().any(|known| known.place == place)
        {
            seen.insert(key);
            found.push(Missing { route: (*route).clone(), fact, lookup, named_by, place });
        }
    }
    found
}

/// The endpoints by where they are registered; the first, where several are registered at one place.
fn routes_by_place<'r, 's>(requests: &'r Requests<'s>) -> BTreeMap<(&'r str, u32), &'r EffectiveRoute<'s>> {
    let mut routes = BTreeMap::new();
    for one in requests.endpoints.values().flatten() {
        routes.entry(place_of(&one.route.location)).or_insert(one);
    }
    routes
}

/// A field of what a caller sends that an endpoint uses without a look whether it was left out.
pub(crate) struct LeftOut<'s> {
    /// The endpoint.
    pub route: EffectiveRoute<'s>,
    /// The field and its use.
    pub fact: &'s MissingFact,
    /// The model, by its own name.
    pub model: &'s str,
    /// The field.
    pub field: &'s Field,
}

/// One for each place that uses such a field.
pub(crate) fn left_out(service: &Service) -> Vec<LeftOut<'_>> {
    let requests = Requests::of(service);
    let routes = routes_by_place(&requests);
    let mut found: Vec<LeftOut<'_>> = Vec::new();
    for fact in service.requests.missing.iter().filter(|fact| !fact.aside) {
        let Some((class, name)) = &fact.field else { continue };
        let Some(entry) = service.requests.entries.get(fact.entry) else { continue };
        let Some(route) = routes.get(&place_of(&entry.location)).copied() else { continue };
        let known =
            |known: &LeftOut<'_>| known.fact.field == fact.field && known.fact.location.path == fact.location.path;
        if found.iter().any(known) || !reaches(service, route, fact) {
            continue;
        }
        let class = class.replace(':', ".");
        let model = sent(service, route).into_iter().find(|model| model.qualified == class);
        let field = model.and_then(|model| model.fields.iter().find(|field| field.name == *name));
        let (Some(model), Some(field)) = (model, field) else { continue };
        // What stands there where the field is left out is `None`; a caller who sends `null` meant it.
        if !field.required && !field.unknown_default && field.default.as_ref().is_some_and(|default| default.is_null())
        {
            found.push(LeftOut { route: route.clone(), fact, model: &model.name, field });
        }
    }
    found
}

/// The models an endpoint reads its body as, and those of their fields.
fn sent<'s>(service: &'s Service, one: &EffectiveRoute<'s>) -> Vec<&'s Schema> {
    let mut found: Vec<&Schema> = bodies(service, one).collect();
    let mut at = 0;
    while let Some(model) = found.get(at).copied() {
        let inner = model.fields.iter().filter_map(|field| model_of(service, &field.ty));
        let new: Vec<&Schema> = inner.filter(|inner| !found.iter().any(|known| known.name == inner.name)).collect();
        found.extend(new);
        at += 1;
    }
    found
}

/// Whether nothing on the way that is handed what the caller sends may refuse it, and nothing catches what `None` raises.
fn reaches(service: &Service, one: &EffectiveRoute<'_>, fact: &MissingFact) -> bool {
    let Some(start) =
        one.route.endpoint.as_ref().and_then(|own| fact.way.iter().position(|step| step.function == own.name))
    else {
        return false;
    };
    let mut names: BTreeSet<&str> = one.route.parameters.body.iter().map(|body| body.name.as_str()).collect();
    let way = &fact.way[start..];
    for (at, step) in way.iter().enumerate() {
        let Some(function) = service.code.function(&step.function).filter(|function| !function.aside) else {
            return false;
        };
        if is_asked_before(service, function, &names, &step.location) {
            return false;
        }
        let Some(next) = way.get(at + 1) else { return !is_within_try(function, fact) };
        let call = function.calls.iter().find(|call| is_at(&call.location, &step.location));
        let (Some(call), Some(callee)) = (call, service.code.function(&next.function)) else { return false };
        let mut around = call.context.tries.iter().filter_map(|at| function.tries.get(*at));
        if around.any(|one| catches(one, false)) {
            return false;
        }
        names = received(callee, call, &names);
    }
    false
}

/// The parameters that a call computes from values of those names.
fn received<'c>(callee: &'c Function, call: &Call, names: &BTreeSet<&str>) -> BTreeSet<&'c str> {
    let from = |argument: &Operand| argument.sources.iter().any(|name| names.contains(name.as_str()));
    parameters_of(callee, call).filter(|(_, argument)| from(argument)).map(|(name, _)| name).collect()
}

/// The parameters of a function that a call gives something, each with what it gives.
fn parameters_of<'c, 'a>(callee: &'c Function, call: &'a Call) -> impl Iterator<Item = (&'c str, &'a Operand)> {
    let own = callee.parameters.first().is_some_and(|one| matches!(one.name.as_str(), "self" | "cls"));
    let mut position = usize::from(own);
    call.arguments.iter().filter_map(move |argument| {
        let parameter = match argument.keyword.as_deref() {
            Some(keyword) => callee.parameters.iter().find(|one| one.name == keyword),
            None => {
                position += 1;
                callee.parameters.get(position - 1)
            }
        };
        Some((parameter?.name.as_str(), argument))
    })
}

/// The call that looks for the row, and what names it, where a caller chooses that and nothing on the way asks.
fn followed<'s>(
    service: &'s Service,
    one: &EffectiveRoute<'_>,
    fact: &MissingFact,
) -> Option<(&'s Call, String, Location)> {
    let endpoint = one.route.endpoint.as_ref()?;
    let start = fact.way.iter().position(|step| step.function == endpoint.name)?;
    let way = &fact.way[start..];
    let (last, outer) = way.split_last()?;
    let function = service.code.function(&last.function).filter(|function| !function.aside)?;
    let lookup = function.calls.iter().find(|call| is_at(&call.location, &fact.lookup))?;
    if fact.attribute.is_none() && !fact.raises && (!outer.is_empty() || !is_refused(one)) {
        return None;
    }
    if fact.raises && answers_not_found(service, one) {
        return None;
    }
    let is_caught = |function: &Function, context: &Context| {
        context.tries.iter().filter_map(|at| function.tries.get(*at)).any(|one| catches(one, fact.raises))
    };
    let mut names = sources(&lookup.arguments);
    names.extend(lookup.receiver_sources.iter().map(String::as_str));
    if is_caught(function, &lookup.context) || is_within_try(function, fact) {
        return None;
    }
    let mut function = function;
    let mut call = lookup;
    for step in outer.iter().rev() {
        if is_asked_before(service, function, &names, &call.location) {
            return None;
        }
        let caller = service.code.function(&step.function)?;
        call = caller.calls.iter().find(|call| is_at(&call.location, &step.location))?;
        if is_caught(caller, &call.context) {
            return None;
        }
        names = handed_over(function, call, &names);
        function = caller;
    }
    if is_asked_before(service, function, &names, &call.location) {
        return None;
    }
    let places = &one.route.parameters;
    let sent = places.path.iter().chain(&places.query).chain(&places.body);
    let chosen = sent.filter(|parameter| names.contains(parameter.name.as_str()));
    let chosen: Vec<_> = chosen.collect();
    let asks = |dependency: &Dependency| {
        dependency.parameters.path.iter().any(|own| chosen.iter().any(|sent| sent.alias == own.alias))
    };
    if one.route.dependencies.iter().flat_map(Dependency::tree).any(asks) {
        return None;
    }
    Some((lookup, chosen.first()?.alias.clone(), way.first()?.location.clone()))
}

fn is_at(one: &Location, other: &Location) -> bool {
    (&one.path, one.start, one.end) == (&other.path, other.start, other.end)
}

fn sources(arguments: &[Operand]) -> BTreeSet<&str> {
    arguments
        .iter()
        .flat_map(|one| &one.sources)
        .map(String::as_str)
        .filter(|name| !matches!(*name, "self" | "cls"))
        .collect()
}

/// What a caller computes the parameters of those names from.
fn handed_over<'c>(callee: &Function, call: &'c Call, names: &BTreeSet<&str>) -> BTreeSet<&'c str> {
    parameters_of(callee, call)
        .filter(|(name, _)| names.contains(name))
        .flat_map(|(_, argument)| argument.sources.iter().map(String::as_str))
        .filter(|name| !matches!(*name, "self" | "cls"))
        .collect()
}

/// Whether something that is given one of the names before may refuse what is not there, or makes it.
fn is_asked_before(service: &Service, function: &Function, names: &BTreeSet<&str>, place: &Location) -> bool {
    function.calls.iter().any(|call| {
        let inside = place.start <= call.location.start && call.location.end <= place.end;
        let around = call.location.start <= place.start && place.end <= call.location.end;
        if call.location.start >= place.end || inside || around {
            return false;
        }
        let callee = call.callee.as_deref();
        let own = callee.is_some_and(|callee| service.code.function(callee).is_some());
        if !own && (BUILDS.contains(&call.name.as_str()) || PLAIN.contains(&call.name.as_str()) || logs(call)) {
            return false;
        }
        let given = call.arguments.iter().any(|one| one.sources.iter().any(|name| names.contains(name.as_str())));
        given || call.receiver_sources.iter().any(|name| names.contains(name.as_str()))
    })
}

fn logs(call: &Call) -> bool {
    let receiver = call.receiver.as_deref().unwrap_or_default().to_lowercase();
    receiver.rsplit('.').next().is_some_and(|last| last.contains("log"))
}

/// Whether what `one()` raises has a handler of its own.
fn answers_not_found(service: &Service, one: &EffectiveRoute<'_>) -> bool {
    let handlers = service.applications.iter().chain([one.application]).flat_map(|one| &one.exception_handlers);
    handlers.into_iter().any(|handler| catches_not_found(&handler.name))
}

/// What is registered for any exception answers 500.
fn catches_not_found(class: &str) -> bool {
    let last = class.rsplit(['.', ':']).next().unwrap_or(class);
    matches!(last, "NoResultFound" | "InvalidRequestError" | "SQLAlchemyError")
}

/// Whether a clause catches what reading an attribute of `None`, or `one()` without a row, raises.
fn catches(one: &Try, raises: bool) -> bool {
    one.handlers.iter().any(|handler| {
        handler.catches.is_empty()
            || handler.catches.iter().any(|class| {
                let wide = matches!(class.as_str(), "Exception" | "BaseException");
                wide || if raises { catches_not_found(class) } else { is_of_none(class) }
            })
    })
}

/// Whether it is what `None` raises where it is used as something else.
fn is_of_none(class: &str) -> bool {
    matches!(class, "AttributeError" | "TypeError")
}

fn is_within_try(function: &Function, fact: &MissingFact) -> bool {
    let place = &fact.location;
    let around = |one: &&Try| one.location.start <= place.start && place.end <= one.location.end;
    function.tries.iter().filter(around).any(|one| catches(one, fact.raises))
}

/// Whether what an endpoint answers may not be `None`.
pub(crate) fn is_refused(one: &EffectiveRoute<'_>) -> bool {
    let operation = one.route.operation.as_ref();
    operation.and_then(|operation| operation.response.as_ref()).is_some_and(refuses_none)
}

fn refuses_none(ty: &Type) -> bool {
    match ty {
        Type::Reference(_) | Type::Array { .. } => true,
        Type::Annotated { inner, .. } => refuses_none(inner),
        Type::Union { members, .. } => members.iter().all(refuses_none),
        _ => false,
    }
}
