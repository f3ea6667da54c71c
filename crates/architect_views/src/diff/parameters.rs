//! What changed of parameters: in the path, the query, headers and cookies.

use serde_json::Value as Json;

use super::change::{Change, Said, Subject};
use super::check::{Check, Place};
use super::checks::requests as table;
use super::contract::{Document, Operation};
use super::fields::plain;
use super::operations::Sides;
use super::pairing::Pair;
use super::shape::resolved;
use super::values::{Both, defaults};
use crate::openapi::compared::NAME;

/// A parameter outside of the body.
#[derive(Clone, Copy)]
struct Parameter<'a> {
    place: &'a str,
    name: &'a str,
    json: &'a Json,
    schema: &'a Json,
}

impl Parameter<'_> {
    fn is_required(&self) -> bool {
        self.json["required"] == true
    }

    fn is_same(&self, other: &Self) -> bool {
        self.place == other.place
            && if self.place == "header" { self.name.eq_ignore_ascii_case(other.name) } else { self.name == other.name }
    }

    fn subject(&self) -> Subject {
        let kind = match self.place {
            "header" => "header",
            "cookie" => "cookie",
            "path" => "path parameter",
            _ => "query parameter",
        };
        Subject::new(format!("{}.{}", self.place, self.name), format!("the {kind} `{}`", self.name))
    }

    /// Its name in Python, as far as it is known, without what naming conventions differ in.
    fn plain_name(&self) -> String {
        plain(self.schema[NAME].as_str().unwrap_or(self.name))
    }
}

static NO_SCHEMA: Json = Json::Null;

fn listed<'a>(operation: &'a Operation, document: &'a Document) -> Vec<Parameter<'a>> {
    let all = operation.json.as_ref().and_then(|json| json["parameters"].as_array());
    let mut out: Vec<Parameter<'a>> = Vec::new();
    for json in all.into_iter().flatten() {
        let json = resolved(&document.json, json);
        let (Some(place), Some(name)) = (json["in"].as_str(), json["name"].as_str()) else { continue };
        let content = || json["content"].as_object().and_then(|content| content.values().next()?.get("schema"));
        let schema = json.get("schema").or_else(content).unwrap_or(&NO_SCHEMA);
        out.push(Parameter { place, name, json, schema });
    }
    out
}

/// Compares the parameters of an operation.
pub(super) fn compare<'a>(sides: &mut Sides<'a, '_>, pair: &Pair<'a>, title: &str) -> Vec<Change> {
    let (old_document, new_document) = sides.documents(pair);
    let (olds, news) = (listed(pair.old, old_document), listed(pair.new, new_document));
    // The path says itself which it has: those are the same by their order.
    let in_path = |list: &[Parameter<'a>], path: &str| -> Vec<Parameter<'a>> {
        let names = path.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name);
        names.filter_map(|name| list.iter().find(|one| one.place == "path" && one.name == name).copied()).collect()
    };
    let (old_path, new_path) = (in_path(&olds, &pair.old.path), in_path(&news, &pair.new.path));
    let mut pairs: Vec<(Parameter<'a>, Parameter<'a>)> = if pair.old.key().2 == pair.new.key().2 {
        old_path.into_iter().zip(new_path).collect()
    } else {
        let same = |is: &Parameter<'a>| old_path.iter().find(|was| was.is_same(is)).map(|was| (*was, *is));
        new_path.iter().filter_map(same).collect()
    };
    let rest = |list: Vec<Parameter<'a>>| list.into_iter().filter(|one| one.place != "path").collect::<Vec<_>>();
    let (mut gone, mut come): (Vec<Parameter<'a>>, Vec<Parameter<'a>>) = (rest(olds), Vec::new());
    for is in rest(news) {
        match gone.iter().position(|was| was.is_same(&is)) {
            Some(at) => pairs.push((gone.remove(at), is)),
            None => come.push(is),
        }
    }
    let mut out = Vec::new();
    let mut say = |check: &'static Check, subject: &Subject, old: Said, new: Said, otherwise: bool| {
        out.push(Change::new(check, subject, old, new).otherwise(otherwise));
    };
    gone.retain(|was| {
        let only = |test: &dyn Fn(&Parameter<'a>) -> bool| -> Option<usize> {
            let found: Vec<usize> = (0..come.len()).filter(|at| test(&come[*at])).collect();
            if let [at] = found[..] { Some(at) } else { None }
        };
        if let Some(at) = only(&|is| is.place == was.place && is.plain_name() == was.plain_name()) {
            let is = come.remove(at);
            let said = |one: &Parameter<'_>| Said::new(one.name, one.subject().text);
            let new = Said::code(is.name);
            say(&table::PARAMETER_RENAMED, &is.subject(), said(was), new, !is.is_required());
            pairs.push((*was, is));
            return false;
        }
        if let Some(at) = only(&|is| is.plain_name() == was.plain_name()) {
            let is = come.remove(at);
            let subject = Subject::code(is.name);
            say(&table::PARAMETER_MOVED, &subject, Said::words(was.place), Said::words(is.place), false);
            pairs.push((*was, is));
            return false;
        }
        true
    });
    for was in &gone {
        say(&table::PARAMETER_REMOVED, &was.subject(), Said::default(), Said::default(), false);
    }
    for is in &come {
        let check: &'static Check =
            if is.is_required() { &table::PARAMETER_ADDED_REQUIRED } else { &table::PARAMETER_ADDED_OPTIONAL };
        say(check, &is.subject(), Said::default(), Said::default(), false);
    }
    for (was, is) in pairs {
        one(sides, pair, &was, &is, title, &mut out);
    }
    out
}

fn one<'a>(
    sides: &mut Sides<'a, '_>,
    pair: &Pair<'a>,
    was: &Parameter<'a>,
    is: &Parameter<'a>,
    title: &str,
    out: &mut Vec<Change>,
) {
    let subject = is.subject();
    let mut say = |check: &'static Check, old: Said, new: Said| out.push(Change::new(check, &subject, old, new));
    match (was.is_required(), is.is_required()) {
        (false, true) => say(&table::PARAMETER_BECAME_REQUIRED, Said::default(), Said::default()),
        (true, false) => say(&table::PARAMETER_BECAME_OPTIONAL, Said::default(), Said::default()),
        _ => {}
    }
    match (was.json["deprecated"] == true, is.json["deprecated"] == true) {
        (false, true) => say(&table::PARAMETER_DEPRECATED, Said::default(), Said::default()),
        (true, false) => say(&table::PARAMETER_UNDEPRECATED, Said::default(), Said::default()),
        _ => {}
    }
    if was.place == is.place && style(was) != style(is) {
        say(&table::PARAMETER_SERIALIZATION_CHANGED, Said::words(&style(was)), Said::words(&style(is)));
    }
    let (old_document, new_document) = sides.documents(pair);
    let both = Both { old: was.schema, new: is.schema, old_document, new_document, place: Place::Parameter };
    if was.is_required() == is.is_required() {
        defaults(both, &subject, out);
    }
    sides.values.compare(title, both, &subject);
}

/// How lists and objects in it are written.
fn style(parameter: &Parameter<'_>) -> String {
    let usual = if matches!(parameter.place, "query" | "cookie") { "form" } else { "simple" };
    let style = parameter.json["style"].as_str().unwrap_or(usual);
    let explode = parameter.json["explode"].as_bool().unwrap_or(style == "form");
    format!("{style}{}", if explode { ", each on its own" } else { ", together" })
}
