//! Questions several rules ask of request and response models.

use std::collections::BTreeSet;

use architect_model::Service;
use architect_model::code::Field as Written;
use architect_model::schema::{Scalar, Schema, SchemaKind, Type};
use architect_model::service::EffectiveRoute;

/// A type without its constraints.
pub(crate) fn bare(mut ty: &Type) -> &Type {
    while let Type::Annotated { inner, .. } = ty {
        ty = inner;
    }
    ty
}

/// The model a type is, or is beside `None`.
pub(crate) fn model_of<'s>(service: &'s Service, ty: &Type) -> Option<&'s Schema> {
    match bare(ty) {
        Type::Reference(at) => service.schemas.get(*at).filter(|schema| schema.kind == SchemaKind::Model),
        Type::Union { members, .. } => {
            let mut others = members.iter().filter(|member| **member != Type::Null);
            let only = others.next().filter(|_| others.next().is_none())?;
            model_of(service, only)
        }
        _ => None,
    }
}

/// The models an endpoint reads its body as.
pub(crate) fn bodies<'s>(service: &'s Service, one: &EffectiveRoute<'s>) -> impl Iterator<Item = &'s Schema> {
    let operation = one.route.operation.as_deref();
    operation.into_iter().flat_map(|operation| &operation.body).filter_map(|body| model_of(service, &body.field.ty))
}

/// Every class with a definition that a type writes into an answer.
pub(crate) fn references(service: &Service, ty: &Type, out: &mut BTreeSet<usize>) {
    match ty {
        Type::Reference(at) => {
            let Some(schema) = service.schemas.get(*at) else { return };
            if schema.kind == SchemaKind::Enum || schema.serialized.is_some() || !out.insert(*at) {
                return;
            }
            for field in schema.fields.iter().filter(|field| !field.excluded) {
                references(service, field.serialized.as_ref().unwrap_or(&field.ty), out);
            }
            schema.root.iter().for_each(|root| references(service, root, out));
        }
        Type::Array { items, .. } => references(service, items, out),
        Type::Tuple(parts) | Type::Union { members: parts, .. } => {
            parts.iter().for_each(|part| references(service, part, out));
        }
        Type::Object { values, .. } => references(service, values, out),
        Type::Annotated { inner, .. } => references(service, inner, out),
        _ => {}
    }
}

/// Where a field is written, in the class of that dotted name or in one it derives from.
pub(crate) fn written<'s>(service: &'s Service, qualified: &str, field: &str) -> Option<&'s Written> {
    let class = service.code.class_at(qualified)?;
    service
        .code
        .ancestors(&class.name)
        .iter()
        .find_map(|name| service.code.class(name)?.fields.iter().find(|one| one.name == field))
}

/// Whether the class of that dotted name, or one it derives from, has a function of its own for a field: a validator, or
/// what writes it into answers.
pub(crate) fn has_own_function(service: &Service, qualified: &str, field: &str) -> bool {
    let Some(class) = service.code.class_at(qualified) else { return false };
    let classes = service.code.ancestors(&class.name);
    service
        .code
        .functions
        .iter()
        .filter(|function| function.class.as_ref().is_some_and(|own| classes.contains(own)))
        .any(|function| {
            function.decorators.iter().any(|decorator| {
                let name = decorator.name.as_deref().unwrap_or_default();
                ["field_validator", "validator", "field_serializer"].iter().any(|kind| name.ends_with(kind))
                    && decorator
                        .items
                        .iter()
                        .any(|item| matches!(item.str(), Some(text) if text == field || text == "*"))
            })
        })
}

/// The number that one of these constraints of a type has, `None` aside.
pub(crate) fn bound(ty: &Type, keys: &[&str]) -> Option<f64> {
    match ty {
        Type::Annotated { inner, facts } => {
            keys.iter().find_map(|key| facts.get(*key)?.as_f64()).or_else(|| bound(inner, keys))
        }
        Type::Union { members, .. } => members.iter().find_map(|member| bound(member, keys)),
        _ => None,
    }
}

/// Names of constraints that say how small a number may be, the number itself included or not.
pub(crate) const LOWEST: &[&str] = &["ge", "gt", "minimum", "exclusiveMinimum"];
/// Names of constraints that say how large a number may be.
pub(crate) const HIGHEST: &[&str] = &["le", "lt", "maximum", "exclusiveMaximum"];

/// Whether a type is one of these, with constraints or `None` beside.
pub(crate) fn is_one_of(ty: &Type, scalars: &[Scalar]) -> bool {
    match ty {
        Type::Scalar(scalar) => scalars.contains(scalar),
        Type::Annotated { inner, .. } => is_one_of(inner, scalars),
        Type::Union { members, .. } => {
            members.iter().any(|member| is_one_of(member, scalars))
                && members.iter().all(|member| is_one_of(member, scalars) || *member == Type::Null)
        }
        _ => false,
    }
}
