//! What changed of who may call.

use std::collections::{BTreeMap, BTreeSet};

use architect_model::service::AuthClass;
use serde_json::Value as Json;

use super::change::{Change, Said, Subject};
use super::checks::security as table;
use super::contract::{Document, Operation};

/// What an operation asks of who calls.
struct Asked {
    class: AuthClass,
    scopes: BTreeSet<String>,
    /// Schemes that have to be satisfied, all of them.
    all: BTreeSet<String>,
    /// Schemes of which one has to be satisfied.
    any: BTreeSet<String>,
}

/// Compares what an operation asks. Services say it themselves; of documents it is what `security` says.
pub(super) fn compare(old: &Operation, new: &Operation, both_services: bool) -> Vec<Change> {
    let (old, new) = (asked(old, both_services), asked(new, both_services));
    let subject = Subject::new("authentication", "authentication");
    let mut out = Vec::new();
    let mut say = |check, old: Said, new: Said| out.push(Change::new(check, &subject, old, new));
    let is_strict = |class: AuthClass| matches!(class, AuthClass::Required | AuthClass::Manual);
    match (old.class, new.class) {
        (AuthClass::None, AuthClass::Optional) => {
            say(&table::AUTHENTICATION_ACCEPTED, Said::default(), Said::default())
        }
        (AuthClass::None, _) if is_strict(new.class) => {
            say(&table::AUTHENTICATION_REQUIRED, Said::words("anybody was let in"), schemes_text(&new));
        }
        (AuthClass::Optional, _) if is_strict(new.class) => {
            say(&table::AUTHENTICATION_REQUIRED, Said::words("it was optional"), schemes_text(&new));
        }
        (AuthClass::Optional, AuthClass::None) => {}
        (_, AuthClass::None) if is_strict(old.class) => {
            say(&table::AUTHENTICATION_DROPPED, Said::default(), Said::default());
        }
        (_, AuthClass::Optional) if is_strict(old.class) => {
            say(&table::AUTHENTICATION_OPTIONAL, Said::default(), Said::default());
        }
        _ => {}
    }
    if old.class == AuthClass::None || new.class == AuthClass::None {
        return out;
    }
    let only = |here: &BTreeSet<String>, there: &Asked| -> Vec<String> {
        here.iter().filter(|name| !there.all.contains(*name) && !there.any.contains(*name)).cloned().collect()
    };
    match (&only(&old.all, &new)[..], &only(&new.all, &old)[..]) {
        ([was], [is]) => say(&table::SECURITY_SCHEME_REPLACED, Said::code(was), Said::code(is)),
        (gone, come) => {
            gone.iter().for_each(|name| say(&table::SECURITY_SCHEME_DROPPED, Said::code(name), Said::default()));
            come.iter().for_each(|name| say(&table::SECURITY_SCHEME_ADDED, Said::default(), Said::code(name)));
        }
    }
    match (&only(&old.any, &new)[..], &only(&new.any, &old)[..]) {
        ([was], [is]) => say(&table::SECURITY_SCHEME_REPLACED, Said::code(was), Said::code(is)),
        (gone, come) => {
            gone.iter().for_each(|name| say(&table::SECURITY_ALTERNATIVE_REMOVED, Said::code(name), Said::default()));
            come.iter().for_each(|name| say(&table::SECURITY_ALTERNATIVE_ADDED, Said::default(), Said::code(name)));
        }
    }
    for scope in new.scopes.difference(&old.scopes) {
        say(&table::SECURITY_SCOPE_ADDED, Said::default(), Said::code(scope));
    }
    for scope in old.scopes.difference(&new.scopes) {
        say(&table::SECURITY_SCOPE_REMOVED, Said::code(scope), Said::default());
    }
    out
}

fn schemes_text(asked: &Asked) -> Said {
    let names: Vec<&str> = asked.all.iter().chain(&asked.any).map(String::as_str).collect();
    if names.is_empty() {
        return Said::new(Json::Null, "as the code of the service checks them");
    }
    let text = names.iter().map(|name| Said::code(name).text).collect::<Vec<_>>();
    Said::new(names, text.join(", "))
}

fn asked(operation: &Operation, both_services: bool) -> Asked {
    let listed = operation.json.as_ref().and_then(|json| json["security"].as_array());
    let requirements: Vec<&serde_json::Map<String, Json>> =
        listed.into_iter().flatten().filter_map(Json::as_object).collect();
    let names: BTreeSet<String> = requirements.iter().flat_map(|one| one.keys().cloned()).collect();
    let mut scopes: BTreeSet<String> = BTreeSet::new();
    for wanted in requirements.iter().flat_map(|one| one.values()).filter_map(Json::as_array) {
        scopes.extend(wanted.iter().filter_map(Json::as_str).map(str::to_owned));
    }
    match operation.facts.as_ref().filter(|_| both_services) {
        Some(facts) => {
            scopes.extend(facts.scopes.iter().cloned());
            let (any, all) = names.into_iter().partition(|name| facts.optional_schemes.contains(name));
            Asked { class: facts.auth, scopes, all, any }
        }
        None => {
            let class = match (names.is_empty(), requirements.iter().any(|one| one.is_empty())) {
                (true, _) => AuthClass::None,
                (false, true) => AuthClass::Optional,
                (false, false) => AuthClass::Required,
            };
            // FastAPI lists every scheme as an alternative, whether or not all of them are asked for.
            Asked { class, scopes, all: BTreeSet::new(), any: names }
        }
    }
}

/// Compares the definitions of schemes that both sides have. `users` are the operations that use each.
pub(super) fn schemes(old: &Document, new: &Document, users: &BTreeMap<String, Vec<String>>) -> Vec<Change> {
    let listed = |document: &'_ Document| document.json["components"]["securitySchemes"].as_object().cloned();
    let (Some(old), Some(new)) = (listed(old), listed(new)) else { return Vec::new() };
    let mut out = Vec::new();
    for (name, is) in &new {
        let (Some(was), Some(operations)) = (old.get(name), users.get(name)) else { continue };
        for mut change in scheme(name, was, is) {
            change.operations.clone_from(operations);
            out.push(change);
        }
    }
    out
}

fn scheme(name: &str, old: &Json, new: &Json) -> Vec<Change> {
    let subject = Subject::code(name);
    let mut out = Vec::new();
    let mut say = |check, subject: &Subject, old: Said, new: Said| out.push(Change::new(check, subject, old, new));
    let kind = |scheme: &Json| {
        let text = |key: &str| scheme[key].as_str().map(str::to_lowercase);
        let words: Vec<String> = [text("type"), text("scheme")].into_iter().flatten().collect();
        words.join(" ")
    };
    if kind(old) != kind(new) {
        say(&table::SCHEME_TYPE_CHANGED, &subject, Said::code(&kind(old)), Said::code(&kind(new)));
        return out;
    }
    let key = |scheme: &Json| format!("{} {}", scheme["in"].as_str().unwrap_or("key"), scheme["name"]);
    if old["type"] == "apiKey" && (old["in"] != new["in"] || old["name"] != new["name"]) {
        say(&table::SCHEME_KEY_MOVED, &subject, Said::words(&key(old)), Said::words(&key(new)));
    }
    let mut urls = vec![(&old["openIdConnectUrl"], &new["openIdConnectUrl"])];
    let none = serde_json::Map::new();
    let flows = |scheme: &'_ Json| scheme["flows"].as_object().cloned().unwrap_or_else(|| none.clone());
    let (old_flows, new_flows) = (flows(old), flows(new));
    for flow in old_flows.keys().filter(|flow| !new_flows.contains_key(*flow)) {
        say(&table::SCHEME_FLOW_REMOVED, &subject, Said::code(flow), Said::default());
    }
    for (flow, is) in &new_flows {
        let Some(was) = old_flows.get(flow) else {
            say(&table::SCHEME_FLOW_ADDED, &subject, Said::default(), Said::code(flow));
            continue;
        };
        for key in ["authorizationUrl", "tokenUrl", "refreshUrl"] {
            urls.push((&was[key], &is[key]));
        }
        let scopes = |flow: &Json| -> BTreeSet<String> {
            flow["scopes"].as_object().into_iter().flatten().map(|(name, _)| name.clone()).collect()
        };
        for scope in scopes(was).difference(&scopes(is)) {
            say(&table::SCHEME_SCOPE_REMOVED, &subject, Said::code(scope), Said::default());
        }
        for scope in scopes(is).difference(&scopes(was)) {
            say(&table::SCHEME_SCOPE_ADDED, &subject, Said::default(), Said::code(scope));
        }
    }
    for (was, is) in urls {
        if let (Some(was), Some(is)) = (was.as_str(), is.as_str())
            && was != is
        {
            say(&table::SCHEME_URL_CHANGED, &subject, Said::code(was), Said::code(is));
        }
    }
    out
}
