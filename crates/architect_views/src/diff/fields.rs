//! What changed of the fields of an object.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::change::{Change, Said, Subject};
use super::check::{Check, Place};
use super::checks::{requests, responses};
use super::shape::Shape;
use super::values::{At, Both, Values, defaults};
use crate::openapi::compared::NAME;

/// A field that only one side has, or whose name changed.
struct Moves<'a> {
    removed: Vec<&'a str>,
    added: Vec<&'a str>,
    renamed: Vec<(&'a str, &'a str)>,
}

/// Compares the fields of two objects.
pub(super) fn compare<'a>(
    values: &mut Values<'a>,
    both: Both<'a>,
    old: &Shape<'a>,
    new: &Shape<'a>,
    at: At<'_>,
    out: &mut Vec<Change>,
) {
    let subject = at.subject;
    let response = both.place == Place::Response;
    let moves = moves(old, new);
    for name in &moves.removed {
        let field = subject.field(name);
        let change = if response {
            let was_sure = old.required.contains(name) || values.is_service;
            Change::new(&responses::RESPONSE_FIELD_REMOVED, &field, Said::default(), Said::default())
                .otherwise(!was_sure)
        } else {
            Change::new(&requests::REQUEST_FIELD_REMOVED, &field, Said::default(), Said::default())
                .otherwise(new.closed)
        };
        out.push(change);
    }
    for (was, is) in &moves.renamed {
        let check: &'static Check =
            if response { &responses::RESPONSE_FIELD_RENAMED } else { &requests::REQUEST_FIELD_RENAMED };
        let change = Change::new(check, &subject.field(is), Said::code(was), Said::code(is));
        out.push(change.otherwise(!new.required.contains(is)));
    }
    for name in &moves.added {
        let check: &'static Check = match (response, new.required.contains(name)) {
            (true, _) => &responses::RESPONSE_FIELD_ADDED,
            (false, true) => &requests::REQUEST_FIELD_ADDED_REQUIRED,
            (false, false) => &requests::REQUEST_FIELD_ADDED_OPTIONAL,
        };
        out.push(Change::new(check, &subject.field(name), Said::default(), Said::default()));
    }
    let same = new.properties.keys().filter(|name| old.properties.contains_key(*name)).map(|name| (*name, *name));
    for (was, is) in same.chain(moves.renamed.iter().copied()) {
        let (Some(was_schema), Some(is_schema)) = (old.properties.get(was), new.properties.get(is)) else { continue };
        let field = subject.field(is);
        let inner = both.inner(was_schema, is_schema);
        let was_required = old.required.contains(was);
        let is_required = new.required.contains(is);
        presence(was_required, is_required, values.is_service, both.place, &field, out);
        if !was_required && !is_required {
            defaults(inner, &field, out);
        }
        flags(inner, &field, out);
        values.walk(inner, at.inner(&field), out);
    }
    openness(old, new, both.place, subject, out);
}

/// What is on one side only. A field whose name in Python is the same, or that differs in case and underscores only, has
/// another alias now.
fn moves<'a>(old: &Shape<'a>, new: &Shape<'a>) -> Moves<'a> {
    let mut out = Moves {
        removed: old.properties.keys().filter(|name| !new.properties.contains_key(*name)).copied().collect(),
        added: new.properties.keys().filter(|name| !old.properties.contains_key(*name)).copied().collect(),
        renamed: Vec::new(),
    };
    let name_of = |shape: &Shape<'a>, name: &'a str| {
        let own = shape.properties.get(name).and_then(|schema| schema[NAME].as_str());
        plain(own.unwrap_or(name))
    };
    let mut by_name: BTreeMap<String, Vec<&'a str>> = BTreeMap::new();
    for name in &out.added {
        by_name.entry(name_of(new, name)).or_default().push(name);
    }
    out.removed.retain(|was| match by_name.get_mut(&name_of(old, was)).map(std::mem::take).as_deref() {
        Some([is]) => {
            out.renamed.push((was, is));
            false
        }
        _ => true,
    });
    out.added.retain(|name| !out.renamed.iter().any(|(_, is)| is == name));
    out
}

/// A name without what naming conventions differ in.
pub(super) fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

fn presence(was: bool, is: bool, is_service: bool, place: Place, field: &Subject, out: &mut Vec<Change>) {
    let check: &'static Check = match (place == Place::Response, was, is) {
        (_, true, true) | (_, false, false) => return,
        (false, false, true) => &requests::REQUEST_FIELD_BECAME_REQUIRED,
        (false, true, false) => &requests::REQUEST_FIELD_BECAME_OPTIONAL,
        (true, false, true) => &responses::RESPONSE_FIELD_BECAME_REQUIRED,
        (true, true, false) => &responses::RESPONSE_FIELD_BECAME_OPTIONAL,
    };
    out.push(Change::new(check, field, Said::default(), Said::default()).otherwise(is_service));
}

/// What is said of a field beside its schema.
fn flags(both: Both<'_>, field: &Subject, out: &mut Vec<Change>) {
    let is_set = |schema: &Json, key: &str| schema[key] == true;
    let (set, unset): (&'static Check, &'static Check) = match both.place {
        Place::Response => (&responses::RESPONSE_FIELD_DEPRECATED, &responses::RESPONSE_FIELD_UNDEPRECATED),
        _ => (&requests::REQUEST_FIELD_DEPRECATED, &requests::REQUEST_FIELD_UNDEPRECATED),
    };
    let (only, other_set, other_unset): (&str, &'static Check, &'static Check) = match both.place {
        Place::Response => {
            ("writeOnly", &responses::RESPONSE_FIELD_BECAME_WRITE_ONLY, &responses::RESPONSE_FIELD_BECAME_READABLE)
        }
        _ => ("readOnly", &requests::REQUEST_FIELD_BECAME_READ_ONLY, &requests::REQUEST_FIELD_BECAME_WRITABLE),
    };
    for (key, set, unset) in [("deprecated", set, unset), (only, other_set, other_unset)] {
        let check = match (is_set(both.old, key), is_set(both.new, key)) {
            (false, true) => set,
            (true, false) => unset,
            _ => continue,
        };
        // Secrets say that they are written only, whatever is answered.
        if both.old["format"] == "password" || both.new["format"] == "password" {
            continue;
        }
        out.push(Change::new(check, field, Said::default(), Said::default()));
    }
}

/// Whether fields that are not stated may come.
fn openness(old: &Shape<'_>, new: &Shape<'_>, place: Place, subject: &Subject, out: &mut Vec<Change>) {
    let is_object = |shape: &Shape<'_>| !shape.properties.is_empty();
    if !is_object(old) || !is_object(new) {
        return;
    }
    let check: Option<&'static Check> = match place {
        Place::Response => match (old.open, new.open) {
            (false, true) => Some(&responses::RESPONSE_EXTRA_ALLOWED),
            (true, false) => Some(&responses::RESPONSE_EXTRA_FORBIDDEN),
            _ => None,
        },
        _ => match (old.closed, new.closed) {
            (false, true) => Some(&requests::REQUEST_EXTRA_FORBIDDEN),
            (true, false) => Some(&requests::REQUEST_EXTRA_ALLOWED),
            _ => None,
        },
    };
    if let Some(check) = check {
        out.push(Change::new(check, subject, Said::default(), Said::default()));
    }
}
