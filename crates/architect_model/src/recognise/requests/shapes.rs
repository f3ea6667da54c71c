//! Where a model cannot be made of the object it is given: the object lacks what the model needs, or the model does not
//! read attributes.

use architect_python::flow::{V, Val};
use architect_python::{ModuleKind, ObjectId, Site, Sym, Value};
use architect_source::Location;

use super::books::{Flow, row};
use super::serialise::ReadField;
use crate::requests::{Misfit, RawAnswer, Requests, ShapeFact};

/// What is written down while models are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Shape {
    /// The model.
    model: ObjectId,
    /// The mapped class it is read of.
    class: ObjectId,
    /// The field that nothing fills; nothing where no attribute is read at all.
    field: Option<Sym>,
    /// Where the model is read.
    site: Site,
    /// Where the field, else the model, is defined.
    declared: Site,
}

/// Notes a field that a row has nothing for.
pub(super) fn missing(m: &mut Flow<'_, '_>, val: Val, model: ObjectId, field: &ReadField, site: Site, declared: Site) {
    if !field.required || m.lib.unsure > 0 || !is_plain(m, model) {
        return;
    }
    let Some((class, ..)) = row(m, val) else { return };
    let open = m.ev.class(Value::Obj(class)).is_none_or(|class| class.open);
    let dynamic = ["__getattr__", "__getattribute__"].iter().any(|name| {
        let name = m.sym(name);
        m.overrides(class, name)
    });
    if open || dynamic || m.lib.mappers.get(class).is_none() {
        return;
    }
    note(m, Shape { model, class, field: Some(field.name), site, declared });
}

/// Notes a row that is given to `model_validate` of a model that takes dictionaries only.
pub(super) fn validated(m: &mut Flow<'_, '_>, model: ObjectId, val: Val, site: Site) {
    let Some((class, ..)) = row(m, val) else { return };
    if m.lib.mappers.get(class).is_none() || !is_plain(m, model) || reads_attributes(m, model) {
        return;
    }
    let declared = m.ev.class(Value::Obj(model)).and_then(|class| class.site).unwrap_or(site);
    note(m, Shape { model, class, field: None, site, declared });
}

fn note(m: &mut Flow<'_, '_>, shape: Shape) {
    let same = |known: &Shape| known.model == shape.model && known.class == shape.class && known.field == shape.field;
    if m.lib.shapes.len() < 1_000 && !m.lib.shapes.iter().any(same) {
        m.lib.shapes.push(shape);
    }
}

/// Whether all that a model derives from is written in the project, so that nothing about it is left to guess.
fn is_plain(m: &Flow<'_, '_>, model: ObjectId) -> bool {
    let Some(class) = m.ev.class(Value::Obj(model)) else { return false };
    !class.open
        && class.mro.iter().filter(|parent| Some(**parent) != m.lib.base_model).all(|parent| {
            m.ev.class(Value::Obj(*parent)).is_some_and(|class| {
                class.site.is_none_or(|site| m.ev.program.module(site.module).kind == ModuleKind::Project)
            })
        })
}

/// Whether the configuration of a model lets it read attributes; what is not known may.
fn reads_attributes(m: &Flow<'_, '_>, model: ObjectId) -> bool {
    let Some(class) = m.ev.class(Value::Obj(model)) else { return true };
    let may = |value: Option<Value>| value.is_some_and(|value| value != Value::Bool(false));
    class.mro.iter().any(|parent| {
        let keyword = m.ev.class(Value::Obj(*parent)).is_some_and(|class| {
            class.keywords.iter().any(|(name, value)| m.name(*name) == "from_attributes" && may(Some(*value)))
        });
        let config = m.ev.own_value(*parent, "model_config");
        let inner = m.ev.own_value(*parent, "Config");
        let inner = inner.is_some_and(|inner| match inner {
            Value::Obj(id) => {
                ["from_attributes", "orm_mode"].iter().any(|name| may(m.ev.own_value(id, name)))
                // What the inner class derives from is not looked at.
                || m.ev.class(inner).is_none_or(|class| class.open || class.mro.len() > 2)
            }
            _ => true,
        });
        keyword || inner || config.is_some_and(|config| may(entry(m, config, "from_attributes")))
    })
}

/// An entry of a dictionary; `Unknown` where it cannot be told.
fn entry(m: &Flow<'_, '_>, dict: Value, key: &str) -> Option<Value> {
    let Some(architect_python::Object::Dict(dict)) = m.ev.obj(dict) else { return Some(Value::Bool(true)) };
    if dict.open {
        return Some(Value::Bool(true));
    }
    dict.items.values().find(|(name, _)| m.ev.text(*name) == Some(key)).map(|(_, value)| *value)
}

/// Lists and models within each other that are looked into.
const DEPTH: u32 = 3;

/// Notes that an endpoint answers rows as they are: alone, in a list, or in a model or dictionary around them.
pub(super) fn raw(m: &mut Flow<'_, '_>, val: Val, endpoint: &Location) {
    let class = row_in(m, val, 0);
    if let Some(class) = class.filter(|class| m.lib.mappers.get(*class).is_some()) {
        m.lib.raw.push((endpoint.clone(), class));
    }
}

/// The class of the first row in a value that is written as it is.
fn row_in(m: &Flow<'_, '_>, val: Val, depth: u32) -> Option<ObjectId> {
    let parts = m.values.parts(val);
    if let Some(class) = parts.iter().find_map(|part| row(m, *part).map(|(class, ..)| class)) {
        return Some(class);
    }
    let inner = |part: &Val| -> Option<ObjectId> {
        let within: Vec<Val> = match m.v(*part) {
            V::Coll { elem, .. } => vec![*elem],
            V::Seq { items, .. } => items.to_vec(),
            V::Dict { items, rest, .. } => items.iter().map(|(_, value)| *value).chain(*rest).collect(),
            // A field that takes anything keeps the row, which is written with its fields where it is a model itself.
            V::Inst { attrs, .. } => {
                let found = attrs.iter().find_map(|(_, value)| row_in(m, *value, depth + 1));
                return found.filter(|class| super::serialise::derives_from_model(m, *class));
            }
            _ => Vec::new(),
        };
        within.into_iter().find_map(|one| row_in(m, one, depth + 1))
    };
    if depth < DEPTH { parts.iter().find_map(inner) } else { None }
}

/// What was noted in code of the project, as data.
pub(super) fn collect(m: &Flow<'_, '_>, out: &mut Requests) {
    let location = |site: Site| m.ev.program.module(site.module).location(site.range);
    for (place, class) in &m.lib.raw {
        if let Some(class) = m.ev.qualified_name(Value::Obj(*class)) {
            out.raw_answers.push(RawAnswer { location: place.clone(), class });
        }
    }
    for shape in &m.lib.shapes {
        if m.ev.program.module(shape.site.module).kind != ModuleKind::Project {
            continue;
        }
        let (Some(model), Some(class)) =
            (m.ev.qualified_name(Value::Obj(shape.model)), m.ev.qualified_name(Value::Obj(shape.class)))
        else {
            continue;
        };
        out.shapes.push(ShapeFact {
            model,
            class,
            misfit: match shape.field {
                Some(field) => Misfit::Missing(m.name(field).to_owned()),
                None => Misfit::NoAttributes,
            },
            location: location(shape.site),
            declared: location(shape.declared),
        });
    }
}

/// Whether a value is of several classes, of which not each reaches every place.
pub(super) fn is_mixed(m: &Flow<'_, '_>, parts: &[Val]) -> bool {
    let mut classes = parts.iter().filter_map(|part| match m.v(*part) {
        V::Inst { class, .. } => Some(*class),
        _ => None,
    });
    let first = classes.next();
    classes.any(|class| Some(class) != first)
}
