//! Columns that requests look rows up by, or order them by, without an index.

use std::collections::{BTreeMap, BTreeSet};

use architect_model::Service;
use architect_model::requests::{EffectFact, EffectKind, EntryKind, QueryFact};
use architect_model::tables::{Column, Table};
use architect_source::{Confidence, Finding, Location, Severity};

use crate::effects::{of_request, way};
use crate::migrated::Migrated;
use crate::{Rule, step};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "unindexed-filter-or-order",
    group: "queries",
    docs: include_str!("unindexed_filter_or_order.md"),
    severity: Severity::Warning,
    since: "0.3.0",
    check,
};

/// A table stated to have no more rows than this is read whole anyway.
const SMALL: u64 = 1_000;
/// What so many other tables point to, and points to none, is what everything belongs to: tenants, projects.
const MANY: usize = 5;
/// Queries that a finding shows at most.
const MAX_QUERIES: usize = 3;

/// Last words of columns that one row has, or few.
const OF_ONE: &[&str] = &[
    "email",
    "username",
    "login",
    "slug",
    "token",
    "uuid",
    "guid",
    "hash",
    "digest",
    "fingerprint",
    "sub",
    "handle",
    "sku",
    "isbn",
    "iban",
];
/// Last words of columns that few rows may have.
const OF_FEW: &[&str] = &["name", "code", "key", "id", "number", "phone", "reference", "path", "url"];

/// How a column is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Ask {
    /// Rows are ordered by it, and the first few are taken.
    Order,
    /// Rows that have a value are listed.
    List,
    /// The row that has a value is looked for.
    One,
}

/// A column without an index, and who asks for it.
struct Missing<'s> {
    table: &'s Table,
    column: &'s Column,
    class: &'s str,
    is_root: bool,
    /// Whether it holds the key of another table, or of its own: a foreign key that is not declared.
    refers: bool,
    ask: Ask,
    queries: Vec<&'s EffectFact>,
    endpoints: BTreeSet<usize>,
}

/// Whether a column is named after a table, as foreign keys are: `channel_id` beside a table `channels`.
fn refers(service: &Service, name: &str) -> bool {
    let Some(stem) = name.strip_suffix("_id") else { return false };
    let names = |table: &Table| {
        let table = table.name.as_str();
        table.strip_prefix(stem).is_some_and(|rest| matches!(rest, "" | "s" | "es"))
            || stem.strip_suffix('y').is_some_and(|stem| table.strip_prefix(stem) == Some("ies"))
    };
    stem == "parent" || service.tables.iter().any(names)
}

fn last_word(name: &str) -> &str {
    name.rsplit('_').next().unwrap_or(name)
}

/// Whether values of a column are texts or keys: not switches, kinds, numbers or times.
fn tells_apart(column: &Column) -> bool {
    let kind = column.type_text.split('(').next().unwrap_or_default().to_lowercase();
    matches!(
        kind.as_str(),
        "string" | "varchar" | "text" | "unicode" | "autostring" | "char" | "citext" | "uuid" | "guid" | "emailtype"
    )
}

/// Whether an index starts with a column, or may: of an index over expressions that is not known.
fn is_indexed(table: &Table, column: &str, made: &Migrated<'_>) -> bool {
    table.is_indexed(column)
        || table.indexes.iter().any(|index| index.expressions)
        || made.may_start_with(&table.name, column)
}

/// The column that an equality leaves few rows by; nothing where one of the columns has an index. `of_root` says that one
/// of them is a key of what most tables belong to.
fn selective<'s>(table: &'s Table, columns: &[&str], of_root: bool, made: &Migrated<'_>) -> Option<&'s Column> {
    let foreign = |name: &str| table.foreign_keys.iter().any(|key| key.columns.iter().any(|one| one == name));
    // To belong to what most tables belong to leaves many rows, with an index on that or without.
    let bounds = |name: &str| foreign(name) && !of_root;
    if columns.iter().any(|name| is_indexed(table, name, made) || bounds(name)) {
        return None;
    }
    let rank = |column: &&Column| {
        match last_word(&column.name) {
            last if OF_ONE.contains(&last) => 3,
            // More rows have a name than belong to one row of another table.
            "id" => 2,
            last => i32::from(OF_FEW.contains(&last)),
        }
    };
    let known = columns
        .iter()
        .filter_map(|name| table.column(name))
        .filter(|column| tells_apart(column) && !foreign(&column.name));
    known.filter(|column| rank(column) > 0).max_by_key(rank)
}

/// What a query asks of the columns of its table that have no index.
fn asked<'s>(
    table: &'s Table,
    query: &QueryFact,
    attribute: &dyn Fn(&str) -> Option<&'s str>,
    made: &Migrated<'_>,
) -> Option<(Ask, &'s Column)> {
    if query.verb != "select" || query.unique || query.listed {
        return None;
    }
    if !query.looked_up.is_empty() {
        let columns: Option<Vec<&str>> = query.looked_up.iter().map(|name| attribute(name)).collect();
        let column = selective(table, &columns?, query.narrowed_root, made)?;
        return Some((if query.all { Ask::List } else { Ask::One }, column));
    }
    let ordered = query.ordered_by.as_ref().filter(|_| query.limited && !query.filtered && !query.aggregate)?;
    let name = attribute(ordered)?;
    (!is_indexed(table, name, made)).then(|| table.column(name)).flatten().map(|column| (Ask::Order, column))
}

/// Endpoints that reach a statement.
fn endpoints(service: &Service, place: &Location) -> BTreeSet<usize> {
    let holds = |own: &Location| own.path == place.path && own.start <= place.start && own.end >= place.end;
    let entries = service.requests.entries.iter().enumerate();
    entries
        .filter(|(_, entry)| entry.kind == EntryKind::Endpoint && entry.terms.iter().any(|term| holds(&term.location)))
        .map(|(at, _)| at)
        .collect()
}

fn check(service: &Service) -> Vec<Finding> {
    let mut all: BTreeMap<(String, &str), Missing<'_>> = BTreeMap::new();
    let made = Migrated::read(service);
    for fact in &service.requests.effects {
        let EffectKind::Query(query) = &fact.kind else { continue };
        if fact.handling || !of_request(service, fact) {
            continue;
        }
        let Some(mapper) = query.class.and_then(|class| service.mapper(class)) else { continue };
        let Some(table) = mapper.table_index.and_then(|index| service.tables.get(index)) else { continue };
        let stays_small = table.is_reference_data() || service.context.at_most(&table.name, SMALL);
        if stays_small || table.conditional.is_some() {
            continue;
        }
        let attribute = |name: &str| {
            let found = mapper.column(name)?;
            let own = found.table.as_ref().is_none_or(|name| *name == table.full_name());
            found.column.as_deref().filter(|_| own)
        };
        let Some((ask, column)) = asked(table, query, &attribute, &made) else { continue };
        let missing = all.entry((table.full_name(), &column.name)).or_insert_with(|| Missing {
            table,
            column,
            class: mapper.class.rsplit([':', '.']).next().unwrap_or(&mapper.class),
            is_root: query.children >= MANY && query.parents == 0 && !table.keeps_passwords(),
            refers: refers(service, &column.name),
            ask,
            queries: Vec::new(),
            endpoints: BTreeSet::new(),
        });
        missing.endpoints.extend(endpoints(service, &fact.location));
        missing.endpoints.insert(fact.entry);
        if ask >= missing.ask {
            if ask > missing.ask {
                missing.queries.clear();
            }
            missing.ask = ask;
            missing.queries.push(fact);
        }
    }
    let mut findings: Vec<Finding> = Vec::new();
    for missing in all.values() {
        let finding = finding(service, missing);
        // A mixin has one place for the columns of many tables: they are one matter.
        if findings.iter().all(|known| known.location != finding.location) {
            findings.push(finding);
        }
    }
    findings
}

fn confidence(missing: &Missing<'_>) -> Confidence {
    let of_one = OF_ONE.contains(&last_word(&missing.column.name));
    match missing.ask {
        // As sure as an index that a declared foreign key lacks.
        Ask::One | Ask::List if missing.refers && !missing.is_root && missing.endpoints.len() > 1 => Confidence::High,
        Ask::One if of_one && !missing.is_root && missing.endpoints.len() > 1 => Confidence::High,
        Ask::One if !missing.is_root => Confidence::Medium,
        Ask::List if of_one && !missing.is_root => Confidence::Medium,
        Ask::Order if !missing.is_root => Confidence::Medium,
        _ => Confidence::Low,
    }
}

fn finding(service: &Service, missing: &Missing<'_>) -> Finding {
    let (class, name, table) = (missing.class, &missing.column.name, &missing.table.name);
    let first = missing.queries[0];
    let place = missing.column.location.as_ref().or(missing.table.location.as_ref()).unwrap_or(&first.location);
    let mut trace = way(service, first);
    for query in missing.queries.iter().take(MAX_QUERIES) {
        trace.push(step(format!("`{class}` is asked for by `{name}` here"), &query.location));
    }
    trace.push(step(format!("No index, key or unique constraint starts with `{name}`"), place));
    let (message, why) = match missing.ask {
        Ask::Order => (
            format!("Pages of `{class}` are ordered by `{name}`, which has no index."),
            format!("Every page reads and sorts the whole of `{table}`, the first as well as the last."),
        ),
        Ask::List => (
            format!("Rows of `{class}` are listed by `{name}`, which has no index."),
            format!("Every such query reads the whole of `{table}` to find a few rows."),
        ),
        Ask::One => (
            format!("One `{class}` is looked up by `{name}`, which has no index."),
            format!(
                "Every look-up reads the whole of `{table}` to find one row; {} do so. Without a unique index there may \
                 be two such rows, too.",
                match missing.endpoints.len() {
                    1 => "one endpoint".to_owned(),
                    many => format!("{many} endpoints"),
                }
            ),
        ),
    };
    let index = if missing.ask == Ask::One {
        "`unique=True`, or `index=True` where several may have it,"
    } else {
        "`index=True`"
    };
    Finding {
        trace,
        why,
        help: format!("{index} on `{name}`, and a migration that creates the index (`CONCURRENTLY` on a large table)."),
        trade_off: "Every write keeps the index in step. Fine without one where the table stays small.".to_owned(),
        ..RULE.finding(confidence(missing), format!("{}.{name}", missing.table.full_name()), place, message)
    }
}
