//! What callers send in bodies without a bound: lists that cost a statement an item, and amounts of money below zero.

use std::collections::BTreeSet;

use architect_model::Service;
use architect_model::code::{Function, Operand};
use architect_model::requests::{EffectKind, LoopFact, Times};
use architect_model::schema::{Field, Scalar, Schema, Type};
use architect_model::service::EffectiveRoute;
use architect_source::Location;

use crate::models::{LOWEST, bare, bodies, bound, has_own_function, is_one_of, written};
use crate::requests::words;

/// A field of a body.
pub(crate) struct Sent<'s> {
    /// An endpoint that takes it.
    pub route: EffectiveRoute<'s>,
    /// Its schema.
    pub schema: &'s Schema,
    /// Its name.
    pub field: &'s str,
    /// Where it is written.
    pub place: &'s Location,
    /// Whether its items are plain: keys, names.
    pub plain: bool,
}

/// Lists of bodies without a longest length, with a loop over each that asks the database in every turn.
pub(crate) fn long_lists(service: &Service) -> Vec<(Sent<'_>, &LoopFact)> {
    let endpoints = service.endpoints();
    let mut found: Vec<(Sent<'_>, &LoopFact)> = Vec::new();
    let loops = service.requests.loops.iter().filter(|one| !one.background && !one.handling && !one.leaves);
    for one in loops.filter(|one| matches!(one.times, Times::Input(_, None))) {
        if !one.does.iter().any(|(kind, ..)| matches!(kind, EffectKind::Query(_))) {
            continue;
        }
        let Some(name) = one.over.rsplit('.').next().filter(|name| one.over.contains('.') && is_name(name)) else {
            continue;
        };
        let Some(entry) = service.requests.entries.get(one.entry) else { continue };
        let Some(route) = endpoints.iter().find(|route| route.route.location == entry.location) else { continue };
        let sent = bodies(service, route).find_map(|schema| {
            let field = schema.fields.iter().find(|field| field.name == name && is_open_list(field))?;
            let place = &written(service, &schema.qualified, &field.name)?.location;
            Some(Sent { route: route.clone(), schema, field: &field.name, place, plain: has_plain_items(&field.ty) })
        });
        if let Some(sent) = sent
            && !has_own_function(service, &sent.schema.qualified, sent.field)
            && !found.iter().any(|(known, _)| known.place == sent.place)
        {
            found.push((sent, one));
        }
    }
    found
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|letter| letter.is_alphanumeric() || letter == '_')
}

fn is_open_list(field: &Field) -> bool {
    fn is_list(ty: &Type) -> bool {
        match ty {
            Type::Array { .. } => true,
            Type::Annotated { inner, .. } => is_list(inner),
            Type::Union { members, .. } => members.iter().any(is_list),
            _ => false,
        }
    }
    is_list(&field.ty) && bound(&field.ty, &["max_length", "maxItems", "max_items"]).is_none()
}

fn has_plain_items(ty: &Type) -> bool {
    match ty {
        Type::Array { items, .. } => matches!(bare(items), Type::Scalar(_)),
        Type::Annotated { inner, .. } => has_plain_items(inner),
        Type::Union { members, .. } => members.iter().any(has_plain_items),
        _ => false,
    }
}

/// Calls of calls are followed so far.
const MAX_CALLS: u32 = 3;

/// Words of endpoints that move money.
const MOVES: &[&str] = &[
    "payment",
    "payments",
    "pay",
    "charge",
    "charges",
    "topup",
    "refund",
    "refunds",
    "payout",
    "payouts",
    "transfer",
    "transfers",
    "withdraw",
    "withdrawal",
    "deposit",
    "deposits",
    "donation",
    "donations",
];

/// Amounts of money in bodies of endpoints that move it, which nothing keeps from being negative.
pub(crate) fn open_amounts(service: &Service) -> Vec<Sent<'_>> {
    let mut found: Vec<Sent<'_>> = Vec::new();
    for one in service.endpoints() {
        if !one.route.methods.iter().any(|method| method == "POST") || !moves_money(&one) {
            continue;
        }
        let Some(function) = one.route.endpoint.as_ref().and_then(|one| service.code.function(&one.name)) else {
            continue;
        };
        for schema in bodies(service, &one) {
            for field in schema.fields.iter().filter(|field| is_amount(field)) {
                let Some(written) = written(service, &schema.qualified, &field.name) else { continue };
                if has_own_function(service, &schema.qualified, &field.name)
                    || may_be_compared(service, function, &field.name, 0, &mut BTreeSet::new())
                    || found.iter().any(|known| *known.place == written.location)
                {
                    continue;
                }
                found.push(Sent {
                    route: one.clone(),
                    schema,
                    field: &field.name,
                    place: &written.location,
                    plain: true,
                });
            }
        }
    }
    found
}

fn moves_money(one: &EffectiveRoute<'_>) -> bool {
    let function = one.route.endpoint.as_ref().map_or("", |endpoint| endpoint.name.as_str());
    let function = words(function.rsplit([':', '.']).next().unwrap_or_default());
    let all: Vec<String> = words(&one.path).into_iter().chain(function).collect();
    all.iter().any(|word| MOVES.contains(&word.as_str()))
        || all.windows(2).any(|pair| pair[0] == "top" && pair[1] == "up")
}

fn is_amount(field: &Field) -> bool {
    let named = words(&field.name).first().is_some_and(|word| word == "amount");
    named
        && is_one_of(&field.ty, &[Scalar::Integer, Scalar::Number, Scalar::Decimal])
        && bound(&field.ty, LOWEST).is_none()
        && !LOWEST.iter().any(|key| field.facts.contains_key(*key))
}

/// Whether the endpoint, or a function below it, compares something of that name with a number, or may: it is handed to
/// something that is not known.
fn may_be_compared<'s>(
    service: &'s Service,
    function: &'s Function,
    name: &str,
    depth: u32,
    seen: &mut BTreeSet<&'s str>,
) -> bool {
    if !seen.insert(&function.name) {
        return false;
    }
    let attribute = format!(".{name}");
    let about = |one: &Operand| one.text == name || one.text.ends_with(&attribute);
    let compared = function.compares.iter().any(|one| {
        let numbers = one.left.constant.is_some() || one.right.constant.is_some();
        !matches!(one.operator, "is" | "is not") && numbers && (about(&one.left) || about(&one.right))
    });
    compared
        || function.calls.iter().any(|call| {
            let handed = call.arguments.iter().any(about);
            match call.callee.as_deref() {
                None => handed,
                Some("max" | "abs" | "builtins.max" | "builtins.abs") => handed,
                Some(callee) => service.code.function(callee).is_some_and(|callee| {
                    if depth < MAX_CALLS { may_be_compared(service, callee, name, depth + 1, seen) } else { handed }
                }),
            }
        })
}
