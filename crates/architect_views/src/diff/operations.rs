//! What changed of one operation: its path, whether it is shown, what it takes and answers.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::change::{Change, Said, Side, Subject};
use super::check::{Check, Place};
use super::checks::operations as table;
use super::contract::{Contract, Document, Kind, Operation};
use super::pairing::{How, Pair};
use super::values::Values;
use super::{exchange, parameters, security};

/// The two contracts, and what collects changes of schemas.
pub(super) struct Sides<'a, 'v> {
    pub old: &'a Contract,
    pub new: &'a Contract,
    pub values: &'v mut Values<'a>,
}

impl<'a> Sides<'a, '_> {
    pub(super) fn documents(&self, pair: &Pair<'a>) -> (&'a Document, &'a Document) {
        (&self.old.documents[pair.old.document], &self.new.documents[pair.new.document])
    }
}

/// Compares an operation of both contracts.
pub(super) fn compare<'a>(sides: &mut Sides<'a, '_>, pair: Pair<'a>) -> Vec<Change> {
    let both_services = sides.old.is_service && sides.new.is_service;
    let title = pair.new.title();
    let mut out = identity(&pair);
    out.extend(standing(&pair));
    if pair.old.json.is_some() && pair.new.json.is_some() {
        out.extend(security::compare(pair.old, pair.new, both_services));
        // What a webhook sends is received by who reads this.
        let (taken, answered) = match pair.new.kind {
            Kind::Webhook => (Place::Response, Place::Request),
            _ => (Place::Request, Place::Response),
        };
        out.extend(parameters::compare(sides, &pair, &title));
        out.extend(exchange::body(sides, &pair, &title, taken));
        // A websocket answers no request.
        if pair.new.kind != Kind::WebSocket {
            out.extend(exchange::responses(sides, &pair, &title, answered));
        }
        out.extend(exchange::filters(sides, &pair));
        out.extend(callbacks(sides, &pair, &title));
    }
    for change in &mut out {
        let at_new = change.clone().at(Side::New, pair.new.location()).at(Side::Old, pair.old.location());
        *change = if at_new.operations.is_empty() { at_new.of(title.clone()) } else { at_new };
    }
    out
}

/// What it is called.
fn identity(pair: &Pair<'_>) -> Vec<Change> {
    let Pair { old, new, how } = pair;
    let mut out = Vec::new();
    let mut say = |check: &'static Check, subject: &Subject, old: Said, new: Said| {
        out.push(Change::new(check, subject, old, new));
    };
    match how {
        How::Method => {
            say(
                &table::OPERATION_METHOD_CHANGED,
                &Subject::code(&new.path),
                Said::code(&old.method),
                Said::code(&new.method),
            );
        }
        // Those that moved are told by who knows all of them.
        How::Moved | How::Slash => {}
        How::Same => {
            let names = |path: &str| -> Vec<String> { placeholders(path).map(|(name, _)| name.to_owned()).collect() };
            for (was, is) in names(&old.path).iter().zip(&names(&new.path)).filter(|(was, is)| was != is) {
                let subject = Subject::code(format!("path.{is}"));
                say(&table::PATH_PARAMETER_RENAMED, &subject, Said::code(was), Said::code(is));
            }
            if old.facts.is_some() && new.facts.is_some() {
                for ((_, was), (name, is)) in placeholders(&old.pattern).zip(placeholders(&new.pattern)) {
                    if let Some(is_wider) = compare_convertors(was, is) {
                        let check =
                            if is_wider { &table::PATH_CONVERTOR_WIDENED } else { &table::PATH_CONVERTOR_NARROWED };
                        let subject = Subject::new(format!("path.{name}"), format!("the path parameter `{name}`"));
                        say(check, &subject, Said::new(was, matches_text(was)), Said::new(is, matches_text(is)));
                    }
                }
            }
        }
    }
    // An id that is made from the path moves with it.
    let is_made = *how != How::Same && old.has_generated_id() && new.has_generated_id();
    if let (Some(was), Some(is), false) = (old.id(), new.id(), is_made)
        && was != is
        && !is_renamed_parameter(pair)
    {
        say(
            &table::OPERATION_ID_CHANGED,
            &Subject::new("operationId", "the operation id"),
            Said::code(was),
            Said::code(is),
        );
    }
    out
}

/// Whether the id differs because a parameter in the path has another name.
fn is_renamed_parameter(pair: &Pair<'_>) -> bool {
    pair.old.path != pair.new.path && pair.old.handler().is_some() && pair.old.handler() == pair.new.handler()
}

/// Names and convertors of the parameters in a path.
fn placeholders(path: &str) -> impl Iterator<Item = (&str, &str)> {
    let parts = path.split('{').skip(1).filter_map(|rest| rest.split_once('}'));
    parts.map(|(inner, _)| inner.split_once(':').unwrap_or((inner, "str")))
}

/// Whether the second convertor matches more (`true`) or not all of what the first one matches.
///
/// Source: starlette/convertors.py.
fn compare_convertors(old: &str, new: &str) -> Option<bool> {
    let rank = |convertor: &str| match convertor {
        "path" => Some(3),
        "str" => Some(2),
        "float" => Some(1),
        "int" | "uuid" => Some(0),
        _ => None,
    };
    match (rank(old)?, rank(new)?) {
        _ if old == new => None,
        // What matches numbers does not match UUIDs.
        (0 | 1, 0 | 1) => Some(old == "int" && new == "float"),
        (old, new) => Some(new > old),
    }
}

fn matches_text(convertor: &str) -> &'static str {
    match convertor {
        "path" => "any text, slashes among it",
        "int" => "whole numbers",
        "float" => "numbers",
        "uuid" => "UUIDs",
        _ => "text without slashes",
    }
}

/// How it stands in the document.
fn standing(pair: &Pair<'_>) -> Vec<Change> {
    let Pair { old, new, .. } = pair;
    let subject = Subject::code(new.title());
    let mut out = Vec::new();
    let mut say = |check: &'static Check, old: Said, new: Said| out.push(Change::new(check, &subject, old, new));
    match (old.is_deprecated(), new.is_deprecated()) {
        (false, true) => say(&table::OPERATION_DEPRECATED, Said::default(), Said::default()),
        (true, false) => say(&table::OPERATION_UNDEPRECATED, Said::default(), Said::default()),
        _ => {}
    }
    if let (Some(was), Some(is)) = (&old.facts, &new.facts) {
        let is_documented = new.kind == Kind::Http && old.json.is_some() && new.json.is_some();
        match (was.hidden, is.hidden) {
            (false, true) if is_documented => say(&table::OPERATION_HIDDEN, Said::default(), Said::default()),
            (true, false) if is_documented => say(&table::OPERATION_SHOWN, Said::default(), Said::default()),
            _ => {}
        }
        match (&was.conditional, &is.conditional) {
            (None, Some(why)) => say(&table::OPERATION_BECAME_CONDITIONAL, Said::default(), Said::words(why)),
            (Some(why), None) => say(&table::OPERATION_BECAME_UNCONDITIONAL, Said::words(why), Said::default()),
            _ => {}
        }
    }
    let tags = |one: &Operation| -> BTreeSet<String> {
        let listed = one.json.as_ref().and_then(|json| json["tags"].as_array());
        listed.into_iter().flatten().filter_map(Json::as_str).map(str::to_owned).collect()
    };
    let (was, is) = (tags(old), tags(new));
    let subject = Subject::new("tags", "the tags");
    for tag in was.difference(&is) {
        out.push(Change::new(&table::OPERATION_TAG_REMOVED, &subject, Said::code(tag), Said::default()));
    }
    for tag in is.difference(&was) {
        out.push(Change::new(&table::OPERATION_TAG_ADDED, &subject, Said::default(), Said::code(tag)));
    }
    out
}

/// Operations of the caller that the service calls back: what they take is sent by the service.
fn callbacks<'a>(sides: &mut Sides<'a, '_>, pair: &Pair<'a>, title: &str) -> Vec<Change> {
    let listed = |operation: &'a Operation| -> Vec<(&'a String, &'a Json)> {
        let all = operation.json.as_ref().and_then(|json| json["callbacks"].as_object());
        all.into_iter().flatten().collect()
    };
    let (olds, news) = (listed(pair.old), listed(pair.new));
    let mut out = Vec::new();
    for (name, _) in olds.iter().filter(|(name, _)| !news.iter().any(|(other, _)| other == name)) {
        let subject = Subject::code(*name);
        out.push(Change::new(&table::CALLBACK_REMOVED, &subject, Said::default(), Said::default()));
    }
    for (name, is) in &news {
        let Some((_, was)) = olds.iter().find(|(other, _)| other == name) else {
            let subject = Subject::code(*name);
            out.push(Change::new(&table::CALLBACK_ADDED, &subject, Said::default(), Said::default()));
            continue;
        };
        let title = format!("{title} callback {name}");
        for ((was_method, was), (is_method, is)) in called_back(was).into_iter().zip(called_back(is)) {
            if was_method == is_method {
                exchange::called_back(sides, pair, (was, is), &title);
            }
        }
    }
    out
}

/// Methods and operations of a callback, whatever the expressions of its paths.
fn called_back(callback: &Json) -> Vec<(&String, &Json)> {
    let items = callback.as_object().into_iter().flatten();
    items.flat_map(|(_, item)| item.as_object().into_iter().flatten()).collect()
}
