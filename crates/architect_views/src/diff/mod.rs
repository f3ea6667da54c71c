//! What changed between two services for who calls them, and for what they store.
//!
//! Two [`Contract`]s are compared, each of a service or of a document: operations are paired (`pairing`), then what each
//! takes and answers (`operations`, `parameters`, `exchange`, `security`), the schemas behind that (`values`, `fields`,
//! each pair of definitions once), and tables (`database`). What can be found is one table (`checks`).
//!
//! A contract is what a service or a document promises, operations in the words of an OpenAPI document, hidden ones
//! too, and beside that the facts that a document has no words for. Definitions that many operations share are
//! compared once for each side they are used on, and a change is reported for every operation that reaches it; `shape`
//! reads a schema so that two ways to write the same are the same. `docs/diff-checks.md` and `explain` are written
//! from the table of checks, and every check has a pair of services in `tests/diff/`. What is not known is marked in
//! the schemas (`openapi/compared.rs`) and never compared.

mod change;
mod check;
mod checks;
mod contract;
mod database;
mod exchange;
mod fields;
mod operations;
mod pairing;
mod parameters;
mod reference;
mod security;
mod shape;
mod text;
mod values;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use architect_model::dialect::Version;
use architect_source::Unknown;
use serde_json::Value as Json;

pub use change::{Change, Side};
pub use check::{Check, Direction, Level};
pub use contract::Contract;
pub use reference::{explain, reference};
pub use text::{markdown, text};

use change::{Said, Subject};
use checks::operations as table;
use contract::{Api, Kind, Operation};
use operations::Sides;
use pairing::{How, Pair};
use values::Values;

/// What changed, and what could not be compared.
#[derive(Debug, Default)]
pub struct Comparison {
    /// The worst first, then by operation.
    pub changes: Vec<Change>,
    /// What is not known of the new side and was of the old one: what seems to be gone may be hidden by it.
    pub unknowns: Vec<Unknown>,
}

impl Comparison {
    /// How many changes there are of a level.
    #[must_use]
    pub fn count(&self, level: Level) -> usize {
        self.changes.iter().filter(|change| change.level == level).count()
    }
}

/// Every check there is, in the order of the reference.
pub fn checks() -> impl Iterator<Item = &'static Check> {
    checks::PARTS.into_iter().flat_map(|(_, checks)| checks.iter().copied())
}

/// Compares two contracts.
#[must_use]
pub fn compare(old: &Contract, new: &Contract) -> Comparison {
    let unknowns = new_unknowns(old, new);
    let mut out: Vec<Change> = Vec::new();
    let mut values = Values::new(old, new);
    for (was, is) in applications(old, new, &mut out) {
        api(&mut Sides { old, new, values: &mut values }, was, is, !unknowns.is_empty(), &mut out);
    }
    out.extend(values.finish());
    if let (Some(olds), Some(news)) = (&old.tables, &new.tables) {
        out.extend(database::compare(olds, news, !unknowns.is_empty()));
    }
    Comparison { changes: ordered(merged(out)), unknowns }
}

/// What cannot be known of the new side though it can of the old one.
fn new_unknowns(old: &Contract, new: &Contract) -> Vec<Unknown> {
    let known: BTreeSet<(&str, &str)> = old.unknowns.iter().map(|one| (&*one.what, &*one.why)).collect();
    let mut out: Vec<Unknown> = Vec::new();
    for one in new.unknowns.iter().filter(|one| !known.contains(&(&*one.what, &*one.why))) {
        if !out.contains(one) {
            out.push(one.clone());
        }
    }
    out
}

/// Applications of both sides: those of one name, and the one of each side that is left.
fn applications<'a>(old: &'a Contract, new: &'a Contract, out: &mut Vec<Change>) -> Vec<(&'a Api, &'a Api)> {
    let mut gone: Vec<&Api> = old.apis.iter().collect();
    let mut come: Vec<&Api> = Vec::new();
    let mut pairs = Vec::new();
    for is in &new.apis {
        match gone.iter().position(|was| was.name == is.name) {
            Some(at) => pairs.push((gone.remove(at), is)),
            None => come.push(is),
        }
    }
    if let ([was], [is]) = (&gone[..], &come[..]) {
        pairs.push((was, is));
        return pairs;
    }
    let count = |api: &Api| {
        let shown = api.operations.iter().filter(|one| !one.is_hidden()).count();
        Said::new(shown, format!("{shown} operation{}", if shown == 1 { "" } else { "s" }))
    };
    let subject = |api: &Api| Subject::code(api.name.as_deref().unwrap_or("application"));
    for was in gone {
        out.push(Change::new(&table::APPLICATION_REMOVED, &subject(was), count(was), Said::default()));
    }
    for is in come {
        out.push(Change::new(&table::APPLICATION_ADDED, &subject(is), Said::default(), count(is)));
    }
    pairs
}

fn api<'a>(sides: &mut Sides<'a, '_>, old: &'a Api, new: &'a Api, may_be_unread: bool, out: &mut Vec<Change>) {
    let both_services = sides.old.is_service && sides.new.is_service;
    let pairing = pairing::pair(old, new, both_services);
    for gone in &pairing.removed {
        let check = match gone.kind {
            Kind::WebSocket => &table::WEBSOCKET_REMOVED,
            Kind::Mount => &table::MOUNT_REMOVED,
            Kind::Webhook => &table::WEBHOOK_REMOVED,
            Kind::Http if gone.is_hidden() => &table::HIDDEN_OPERATION_REMOVED,
            Kind::Http if gone.is_deprecated() => &table::DEPRECATED_OPERATION_REMOVED,
            Kind::Http => &table::OPERATION_REMOVED,
        };
        let change = Change::new(check, &named(gone), Said::default(), Said::default()).otherwise(may_be_unread);
        out.push(change.at(Side::Old, gone.location()).of(gone.title()));
    }
    for come in &pairing.added {
        let check = match come.kind {
            Kind::WebSocket => &table::WEBSOCKET_ADDED,
            Kind::Mount => &table::MOUNT_ADDED,
            Kind::Webhook => &table::WEBHOOK_ADDED,
            Kind::Http if come.is_hidden() => &table::HIDDEN_OPERATION_ADDED,
            Kind::Http => &table::OPERATION_ADDED,
        };
        let change = Change::new(check, &named(come), Said::default(), Said::default());
        out.push(change.at(Side::New, come.location()).of(come.title()));
    }
    moved(&pairing.pairs, old.redirects && new.redirects, out);
    for pair in &pairing.pairs {
        out.extend(operations::compare(sides, *pair));
    }
    servers(old, new, out);
    let users = scheme_users(&pairing.pairs);
    let document = |contract: &'a Contract, api: &Api| contract.documents.get(api.document);
    if let (Some(was), Some(is)) = (document(sides.old, old), document(sides.new, new)) {
        out.extend(security::schemes(was, is, &users));
    }
    versions(sides, new, &pairing.pairs, out);
}

fn named(operation: &Operation) -> Subject {
    match operation.kind {
        Kind::Webhook | Kind::WebSocket | Kind::Mount => Subject::code(&operation.path),
        Kind::Http => Subject::code(operation.title()),
    }
}

/// Operations that moved: together, where several moved from below one prefix to below another.
fn moved(pairs: &[Pair<'_>], redirects: bool, out: &mut Vec<Change>) {
    let mut groups: Vec<((&str, &str), Vec<&Pair<'_>>)> = Vec::new();
    for pair in pairs {
        match pair.how {
            How::Slash => {
                let check = if redirects { &table::TRAILING_SLASH_CHANGED } else { &table::OPERATION_MOVED };
                out.push(moved_alone(pair, check));
            }
            How::Moved => {
                let prefixes = pairing::prefixes(&pair.old.path, &pair.new.path);
                match groups.iter_mut().find(|(known, _)| *known == prefixes) {
                    Some((_, group)) => group.push(pair),
                    None => groups.push((prefixes, vec![pair])),
                }
            }
            How::Same | How::Method => {}
        }
    }
    for ((was, is), group) in groups {
        if let [alone] = group[..] {
            out.push(moved_alone(alone, &table::OPERATION_MOVED));
            continue;
        }
        let prefix = |text: &str| Said::code(if text.is_empty() { "/" } else { text });
        let subject = Subject::new(is, format!("{} operations", group.len()));
        let mut change = Change::new(&table::ROUTER_PREFIX_CHANGED, &subject, prefix(was), prefix(is));
        change.operations = group.iter().map(|pair| pair.new.title()).collect();
        out.push(change.at(Side::New, group[0].new.location()));
    }
}

fn moved_alone(pair: &Pair<'_>, check: &'static Check) -> Change {
    let said = |one: &Operation| Said::code(&one.title());
    let change = Change::new(check, &named(pair.new), said(pair.old), said(pair.new));
    change.at(Side::New, pair.new.location()).of(pair.new.title())
}

fn servers(old: &Api, new: &Api, out: &mut Vec<Change>) {
    for url in old.servers.iter().filter(|url| !new.servers.contains(url)) {
        out.push(Change::new(&table::SERVER_REMOVED, &Subject::code(url), Said::default(), Said::default()));
    }
    for url in new.servers.iter().filter(|url| !old.servers.contains(url)) {
        out.push(Change::new(&table::SERVER_ADDED, &Subject::code(url), Said::default(), Said::default()));
    }
}

/// Operations of both sides by the security schemes they use.
fn scheme_users(pairs: &[Pair<'_>]) -> BTreeMap<String, Vec<String>> {
    let mut out: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for pair in pairs {
        let listed = pair.new.json.as_ref().and_then(|json| json["security"].as_array());
        for name in listed.into_iter().flatten().filter_map(Json::as_object).flat_map(serde_json::Map::keys) {
            out.entry(name.clone()).or_default().push(pair.new.title());
        }
    }
    out
}

/// What changed because the service runs on another version of FastAPI.
///
/// Source: release notes of 0.122 and 0.132, <https://fastapi.tiangolo.com/release-notes/>.
fn versions(sides: &Sides<'_, '_>, new: &Api, pairs: &[Pair<'_>], out: &mut Vec<Change>) {
    const CREDENTIALS_401: Version = (0, 122, 0);
    const CONTENT_TYPE: Version = (0, 132, 0);
    let (Some((old_text, was)), Some((new_text, is))) = (&sides.old.fastapi, &sides.new.fastapi) else { return };
    let crosses = |version: Version| *was < version && version <= *is;
    let subject = Subject::new("fastapi", "FastAPI");
    let mut say = |check: &'static Check, pair: &Pair<'_>| {
        let change = Change::new(check, &subject, Said::words(old_text), Said::words(new_text));
        out.push(change.of(pair.new.title()));
    };
    for pair in pairs {
        let Some(json) = &pair.new.json else { continue };
        let document = &sides.new.documents[pair.new.document].json;
        let refuses = |name: &String| {
            let scheme = &document["components"]["securitySchemes"][name];
            let is_basic = scheme["scheme"].as_str().is_some_and(|scheme| scheme.eq_ignore_ascii_case("basic"));
            let is_optional = pair.new.facts.as_ref().is_some_and(|facts| facts.optional_schemes.contains(name));
            !is_optional && !is_basic && matches!(scheme["type"].as_str(), Some("http" | "apiKey" | "openIdConnect"))
        };
        let schemes = json["security"].as_array().into_iter().flatten().filter_map(Json::as_object);
        if crosses(CREDENTIALS_401) && schemes.flat_map(serde_json::Map::keys).any(refuses) {
            say(&table::CREDENTIALS_STATUS_CHANGED, pair);
        }
        let is_json = json["requestBody"]["content"].get("application/json").is_some();
        if crosses(CONTENT_TYPE) && new.strict_content_type && is_json {
            say(&table::CONTENT_TYPE_CHECKED, pair);
        }
    }
}

/// Changes that say the same of several operations are one.
fn merged(changes: Vec<Change>) -> Vec<Change> {
    let mut out: Vec<Change> = Vec::new();
    let mut known: HashMap<(&'static str, String), Vec<usize>> = HashMap::new();
    for change in changes {
        let alike = known.entry((change.check.id, change.subject.clone())).or_default();
        if let Some(at) = alike.iter().find(|at| out[**at].is_alike(&change)) {
            let into = &mut out[*at];
            for operation in change.operations {
                if !into.operations.contains(&operation) {
                    into.operations.push(operation);
                }
            }
            continue;
        }
        alike.push(out.len());
        out.push(change);
    }
    out
}

fn ordered(mut changes: Vec<Change>) -> Vec<Change> {
    changes.sort_by(|a, b| {
        (a.level.cmp(&b.level))
            .then_with(|| a.operations.first().cmp(&b.operations.first()))
            .then_with(|| a.subject.cmp(&b.subject))
            .then_with(|| a.check.id.cmp(b.check.id))
            .then_with(|| a.message.cmp(&b.message))
    });
    changes
}
