//! What changed of what an operation takes and answers: bodies, responses, and what is left out of them.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::change::{Change, Said, Subject};
use super::check::{Check, Place};
use super::checks::{requests, responses as answers};
use super::contract::{Document, Operation};
use super::operations::Sides;
use super::pairing::Pair;
use super::shape::{Shape, resolved};
use super::values::{Both, Values};

/// Media types and their schemas.
type Content<'a> = Vec<(&'a String, &'a Json)>;

/// The schema of what has none: anything.
static EMPTY: Json = Json::Bool(true);

/// Compares the bodies of requests.
pub(super) fn body<'a>(sides: &mut Sides<'a, '_>, pair: &Pair<'a>, title: &str, place: Place) -> Vec<Change> {
    let (old_document, new_document) = sides.documents(pair);
    let found = |operation: &'a Operation, document: &'a Document| {
        let body = operation.json.as_ref()?.get("requestBody")?;
        Some(resolved(&document.json, body))
    };
    let subject = Subject::new("body", "the request body");
    let mut out = Vec::new();
    let mut say = |check: &'static Check, old: Said, new: Said| out.push(Change::new(check, &subject, old, new));
    let is_required = |body: &Json| body["required"] == true;
    let (was, is) = match (found(pair.old, old_document), found(pair.new, new_document)) {
        (None, None) => return out,
        (Some(_), None) => {
            say(&requests::BODY_REMOVED, Said::default(), Said::default());
            return out;
        }
        (None, Some(is)) => {
            let check: &'static Check =
                if is_required(is) { &requests::BODY_ADDED_REQUIRED } else { &requests::BODY_ADDED_OPTIONAL };
            say(check, Said::default(), Said::default());
            return out;
        }
        (Some(was), Some(is)) => (was, is),
    };
    match (is_required(was), is_required(is)) {
        (false, true) => say(&requests::BODY_BECAME_REQUIRED, Said::default(), Said::default()),
        (true, false) => say(&requests::BODY_BECAME_OPTIONAL, Said::default(), Said::default()),
        _ => {}
    }
    let (olds, news) = (content(was), content(is));
    let kinds = MediaChecks {
        changed: &requests::REQUEST_MEDIA_TYPE_CHANGED,
        removed: &requests::REQUEST_MEDIA_TYPE_REMOVED,
        added: &requests::REQUEST_MEDIA_TYPE_ADDED,
    };
    for (old, new) in media_types(&olds, &news, &kinds, &subject, &mut out) {
        let both = Both { old, new, old_document, new_document, place };
        match embedding(both) {
            Some(Embedding::In(name, inner)) => {
                out.push(Change::new(&requests::BODY_EMBEDDED, &subject, Said::default(), Said::code(name)));
                embedded(both.new, &new_document.json, name, &mut out);
                sides.values.compare(title, both.inner(old, inner), &subject);
            }
            Some(Embedding::Out(name, inner)) => {
                out.push(Change::new(&requests::BODY_UNEMBEDDED, &subject, Said::code(name), Said::default()));
                sides.values.compare(title, both.inner(inner, new), &subject);
            }
            None => sides.values.compare(title, both, &subject),
        }
    }
    out
}

/// What was the whole body is a field now, or the other way round.
enum Embedding<'a> {
    In(&'a str, &'a Json),
    Out(&'a str, &'a Json),
}

/// FastAPI takes a lone body parameter for the whole body, and makes every one a field as soon as there are two.
fn embedding(both: Both<'_>) -> Option<Embedding<'_>> {
    let old = Shape::read(&both.old_document.json, both.old);
    let new = Shape::read(&both.new_document.json, both.new);
    let is_made = |shape: &Shape<'_>| shape.definition.is_none_or(|name| name.starts_with("Body_"));
    let find = |whole: &Shape<'_>, parts: &Shape<'_>, document: &_| {
        let name = whole.definition?;
        let holds = |(_, schema): &(&&str, &&Json)| Shape::read(document, schema).definition == Some(name);
        parts.properties.iter().find(holds).map(|(name, _)| (*name).to_owned())
    };
    if is_made(&new) && !is_made(&old) {
        let name = find(&old, &new, &both.new_document.json)?;
        let (name, schema) = new.properties.iter().find(|(known, _)| ***known == *name)?;
        return Some(Embedding::In(name, schema));
    }
    if is_made(&old) && !is_made(&new) {
        let name = find(&new, &old, &both.old_document.json)?;
        let (name, schema) = old.properties.iter().find(|(known, _)| ***known == *name)?;
        return Some(Embedding::Out(name, schema));
    }
    None
}

/// The fields beside the one that was the whole body.
fn embedded(new: &Json, document: &Json, name: &str, out: &mut Vec<Change>) {
    let shape = Shape::read(document, new);
    for field in shape.properties.keys().filter(|field| **field != name) {
        let check: &'static Check = if shape.required.contains(field) {
            &requests::REQUEST_FIELD_ADDED_REQUIRED
        } else {
            &requests::REQUEST_FIELD_ADDED_OPTIONAL
        };
        out.push(Change::new(check, &Subject::code(format!("body.{field}")), Said::default(), Said::default()));
    }
}

fn content(json: &Json) -> Content<'_> {
    json["content"].as_object().into_iter().flatten().collect()
}

fn schema(media: &Json) -> &Json {
    media.get("schema").or_else(|| media.get("itemSchema")).unwrap_or(&EMPTY)
}

struct MediaChecks {
    changed: &'static Check,
    removed: &'static Check,
    added: &'static Check,
}

/// Compares media types, and gives the schemas of those that are the same, or took the place of another.
fn media_types<'a>(
    olds: &Content<'a>,
    news: &Content<'a>,
    checks: &MediaChecks,
    subject: &Subject,
    out: &mut Vec<Change>,
) -> Vec<(&'a Json, &'a Json)> {
    let find = |list: &Content<'a>, name: &str| list.iter().find(|(other, _)| *other == name).map(|(_, media)| *media);
    let mut pairs = Vec::new();
    let gone: Vec<_> = olds.iter().filter(|(name, _)| find(news, name).is_none()).collect();
    let come: Vec<_> = news.iter().filter(|(name, _)| find(olds, name).is_none()).collect();
    for (name, media) in news {
        if let Some(was) = find(olds, name) {
            pairs.push((schema(was), schema(media)));
        }
    }
    if let ([(was, old)], [(is, new)]) = (&gone[..], &come[..]) {
        out.push(Change::new(checks.changed, subject, Said::code(was), Said::code(is)));
        pairs.push((schema(old), schema(new)));
        return pairs;
    }
    for (name, _) in gone {
        out.push(Change::new(checks.removed, subject, Said::code(name), Said::default()));
    }
    for (name, _) in come {
        out.push(Change::new(checks.added, subject, Said::default(), Said::code(name)));
    }
    pairs
}

/// Compares responses.
pub(super) fn responses<'a>(sides: &mut Sides<'a, '_>, pair: &Pair<'a>, title: &str, place: Place) -> Vec<Change> {
    let (old_document, new_document) = sides.documents(pair);
    let olds = answered(pair.old, old_document);
    let news = answered(pair.new, new_document);
    let mut out = Vec::new();
    let mut say = |check: &'static Check, subject: &str, old: Said, new: Said| {
        out.push(Change::new(check, &Subject::new(subject, subject), old, new));
    };
    let is_success = |code: &str| code.starts_with('2');
    let gone: Vec<&str> = olds.keys().filter(|code| !news.contains_key(*code)).copied().collect();
    let come: Vec<&str> = news.keys().filter(|code| !olds.contains_key(*code)).copied().collect();
    let successes = |codes: &[&'a str]| codes.iter().filter(|code| is_success(code)).copied().collect::<Vec<_>>();
    let mut pairs: Vec<(&str, &Json, &Json)> = Vec::new();
    for (code, is) in &news {
        // What FastAPI says of its own answer to invalid requests hangs on its version; the answer is the same.
        let was = olds.get(code).filter(|was| !(is_invalid(code, was) && is_invalid(code, is)));
        pairs.extend(was.map(|was| (*code, *was, *is)));
    }
    match (&successes(&gone)[..], &successes(&come)[..]) {
        ([was], [is]) => {
            say(&answers::SUCCESS_STATUS_CHANGED, "status", Said::code(was), Said::code(is));
            pairs.push((is, olds[was], news[is]));
        }
        (gone, come) => {
            for code in gone {
                say(&answers::SUCCESS_STATUS_REMOVED, "status", Said::code(code), Said::default());
            }
            for code in come {
                say(&answers::SUCCESS_STATUS_ADDED, "status", Said::default(), Said::code(code));
            }
        }
    }
    for code in gone.iter().filter(|code| !is_success(code) && !is_invalid(code, olds[*code])) {
        say(&answers::ERROR_STATUS_REMOVED, "status", Said::code(code), Said::default());
    }
    for code in come.iter().filter(|code| !is_success(code) && !is_invalid(code, news[*code])) {
        say(&answers::ERROR_STATUS_ADDED, "status", Said::default(), Said::code(code));
    }
    for (code, was, is) in pairs {
        let answer = Answer { old_document, new_document, place, title, code };
        out.extend(answer.compare(sides.values, was, is));
    }
    out
}

/// Responses by status code.
fn answered<'a>(operation: &'a Operation, document: &'a Document) -> BTreeMap<&'a str, &'a Json> {
    let all = operation.json.as_ref().and_then(|json| json["responses"].as_object());
    all.into_iter().flatten().map(|(code, json)| (&**code, resolved(&document.json, json))).collect()
}

/// Whether it is the answer to invalid requests that FastAPI adds by itself.
fn is_invalid(code: &str, response: &Json) -> bool {
    let reference = &response["content"]["application/json"]["schema"]["$ref"];
    code == "422" && *reference == "#/components/schemas/HTTPValidationError"
}

/// One response of both sides.
struct Answer<'a, 't> {
    old_document: &'a Document,
    new_document: &'a Document,
    place: Place,
    title: &'t str,
    code: &'t str,
}

impl<'a> Answer<'a, '_> {
    fn compare(&self, values: &mut Values<'a>, was: &'a Json, is: &'a Json) -> Vec<Change> {
        let mut out = Vec::new();
        let subject = Subject::new(format!("response {}", self.code), format!("the body of {}", self.code));
        let whole = Subject::new(format!("response {}", self.code), self.code);
        let (olds, news) = (content(was), content(is));
        match (olds.is_empty(), news.is_empty()) {
            (true, true) => {}
            (false, true) => {
                out.push(Change::new(&answers::RESPONSE_BODY_REMOVED, &whole, Said::default(), Said::default()))
            }
            (true, false) => {
                out.push(Change::new(&answers::RESPONSE_BODY_ADDED, &whole, Said::default(), Said::default()))
            }
            (false, false) => {
                let kinds = MediaChecks {
                    changed: &answers::RESPONSE_MEDIA_TYPE_CHANGED,
                    removed: &answers::RESPONSE_MEDIA_TYPE_REMOVED,
                    added: &answers::RESPONSE_MEDIA_TYPE_ADDED,
                };
                for (old, new) in media_types(&olds, &news, &kinds, &subject, &mut out) {
                    let both = self.both(old, new);
                    let any = |document: &Document, schema: &Json| {
                        let shape = Shape::read(&document.json, schema);
                        shape.is_any() && !shape.unknown
                    };
                    let check: &'static Check = match (any(self.old_document, old), any(self.new_document, new)) {
                        (true, true) => continue,
                        (true, false) => &answers::RESPONSE_SCHEMA_ADDED,
                        (false, true) => &answers::RESPONSE_SCHEMA_REMOVED,
                        (false, false) => {
                            values.compare(self.title, both, &subject);
                            continue;
                        }
                    };
                    if !self.is_unknown(both) {
                        out.push(Change::new(check, &whole, Said::default(), Said::default()));
                    }
                }
            }
        }
        self.headers(values, was, is, &mut out);
        out
    }

    fn both(&self, old: &'a Json, new: &'a Json) -> Both<'a> {
        Both { old, new, old_document: self.old_document, new_document: self.new_document, place: self.place }
    }

    fn is_unknown(&self, both: Both<'a>) -> bool {
        Shape::read(&self.old_document.json, both.old).unknown || Shape::read(&self.new_document.json, both.new).unknown
    }

    fn headers(&self, values: &mut Values<'a>, was: &'a Json, is: &'a Json, out: &mut Vec<Change>) {
        let listed = |response: &'a Json, document: &'a Document| -> BTreeMap<String, (&'a str, &'a Json)> {
            let all = response["headers"].as_object().into_iter().flatten();
            all.map(|(name, header)| (name.to_lowercase(), (&**name, resolved(&document.json, header)))).collect()
        };
        let (olds, news) = (listed(was, self.old_document), listed(is, self.new_document));
        let mut say = |check: &'static Check, name: &str| {
            let subject = Subject::new(format!("header.{name}"), format!("`{name}` of {}", self.code));
            out.push(Change::new(check, &subject, Said::default(), Said::default()));
        };
        for (key, (name, _)) in &olds {
            if !news.contains_key(key) {
                say(&answers::RESPONSE_HEADER_REMOVED, name);
            }
        }
        for (key, (name, is)) in &news {
            let Some((_, was)) = olds.get(key) else {
                say(&answers::RESPONSE_HEADER_ADDED, name);
                continue;
            };
            if was["required"] == true && is["required"] != true {
                say(&answers::RESPONSE_HEADER_BECAME_OPTIONAL, name);
            }
            if let (Some(old), Some(new)) = (was.get("schema"), is.get("schema")) {
                let subject = Subject::new(format!("header.{name}"), format!("the header `{name}`"));
                values.compare(self.title, self.both(old, new), &subject);
            }
        }
    }
}

/// Compares an operation that the service calls: what it takes is received by who reads this.
pub(super) fn called_back<'a>(
    sides: &mut Sides<'a, '_>,
    pair: &Pair<'a>,
    (was, is): (&'a Json, &'a Json),
    title: &str,
) {
    let (old_document, new_document) = sides.documents(pair);
    let subject = Subject::new("body", "the body you receive");
    for (name, new) in content(&is["requestBody"]) {
        if let Some((_, old)) = content(&was["requestBody"]).into_iter().find(|(other, _)| *other == name) {
            let both = Both { old: schema(old), new: schema(new), old_document, new_document, place: Place::Response };
            sides.values.compare(title, both, &subject);
        }
    }
}

/// Compares what a route leaves out of its response model, which no document shows.
pub(super) fn filters<'a>(sides: &Sides<'a, '_>, pair: &Pair<'a>) -> Vec<Change> {
    let (Some(was), Some(is)) = (&pair.old.facts, &pair.new.facts) else { return Vec::new() };
    let (was, is) = (&was.filter, &is.filter);
    let mut out = Vec::new();
    let (old_document, new_document) = sides.documents(pair);
    let (Some((old_name, olds)), Some((new_name, news))) =
        (answered_fields(pair.old, old_document), answered_fields(pair.new, new_document))
    else {
        return out;
    };
    let is_left_out = |filter: &architect_model::service::ResponseFilter, (alias, name): &(String, String)| {
        filter.exclude.contains(name)
            || filter.exclude.contains(alias)
            || filter.include.as_ref().is_some_and(|kept| !kept.contains(name) && !kept.contains(alias))
    };
    for field in news.iter().filter(|field| is_left_out(is, field)) {
        if olds.contains(field) && !is_left_out(was, field) {
            let subject = Subject::code(format!("{new_name}.{}", field.0));
            out.push(Change::new(&answers::RESPONSE_FIELD_EXCLUDED, &subject, Said::default(), Said::default()));
        }
    }
    for field in olds.iter().filter(|field| is_left_out(was, field)) {
        if news.contains(field) && !is_left_out(is, field) {
            let subject = Subject::code(format!("{old_name}.{}", field.0));
            out.push(Change::new(&answers::RESPONSE_FIELD_INCLUDED, &subject, Said::default(), Said::default()));
        }
    }
    let subject = Subject::code(&new_name);
    for (was, is, what) in [
        (was.exclude_unset, is.exclude_unset, "that were not set"),
        (was.exclude_defaults, is.exclude_defaults, "that have their default"),
        (was.exclude_none, is.exclude_none, "that are null"),
    ] {
        match (was, is) {
            (false, true) => {
                out.push(Change::new(&answers::RESPONSE_VALUES_DROPPED, &subject, Said::default(), Said::words(what)));
            }
            (true, false) => {
                out.push(Change::new(&answers::RESPONSE_VALUES_KEPT, &subject, Said::words(what), Said::default()));
            }
            _ => {}
        }
    }
    let has_aliases = news.iter().any(|(alias, name)| alias != name);
    if was.by_alias != is.by_alias && has_aliases {
        let said = |by_alias: bool| Said::words(if by_alias { "their aliases" } else { "their names in Python" });
        out.push(Change::new(&answers::RESPONSE_BY_NAME, &subject, said(was.by_alias), said(is.by_alias)));
    }
    out
}

/// The model that is answered in success, and its fields: their names in the document, and in Python.
fn answered_fields(operation: &Operation, document: &Document) -> Option<(String, Vec<(String, String)>)> {
    let answers = answered(operation, document);
    let (_, success) = answers.iter().find(|(code, _)| code.starts_with('2'))?;
    let shape = Shape::read(&document.json, success["content"].as_object()?.values().next()?.get("schema")?);
    let name = super::shape::plain_name(shape.definition.unwrap_or("response")).to_owned();
    let own = |alias: &str, schema: &Json| schema[crate::openapi::compared::NAME].as_str().unwrap_or(alias).to_owned();
    let fields = shape.properties.iter().map(|(alias, schema)| ((*alias).to_owned(), own(alias, schema)));
    Some((name, fields.collect()))
}
