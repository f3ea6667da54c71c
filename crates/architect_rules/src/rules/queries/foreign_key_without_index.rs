//! Foreign keys that the database has to find rows by, without an index.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use architect_model::Service;
use architect_model::context::Database;
use architect_model::requests::EffectKind;
use architect_model::tables::{Direction, ForeignKey, Relationship, Table};
use architect_source::{Confidence, Finding, Location, Severity};

use crate::effects::of_request;
use crate::migrated::Migrated;
use crate::seeds::seeds;
use crate::{Rule, step};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "foreign-key-without-index",
    group: "queries",
    docs: include_str!("foreign_key_without_index.md"),
    severity: Severity::Warning,
    since: "0.2.0",
    check,
};

/// A table stated to have no more rows than this is read whole anyway.
const SMALL: u64 = 1_000;
/// Tables that a message names at most.
const MAX_TABLES: usize = 3;

fn check(service: &Service) -> Vec<Finding> {
    // MySQL makes the index itself.
    if service.context.database == Some(Database::Mysql) {
        return Vec::new();
    }
    let used = Used { by_relationships: columns_of_relationships(service), by_queries: columns_of_queries(service) };
    let migrated = Migrated::read(service);
    let seeds = seeds(service);
    let few: BTreeSet<String> =
        service.tables.iter().filter(|table| table.is_reference_data()).map(Table::full_name).collect();
    // A mixin has one place for the columns of many tables: they are one matter.
    let mut places: Vec<(&Location, Vec<Missing<'_>>)> = Vec::new();
    let mut at: HashMap<&Location, usize> = HashMap::new();
    for table in &service.tables {
        if table.conditional.is_some() || service.context.at_most(&table.name, SMALL) {
            continue;
        }
        for key in &table.foreign_keys {
            let Some(column) = key.columns.first() else { continue };
            // The rest of a composite key is compared row by row, whichever column is found by an index.
            let is_indexed = |column: &String| table.is_indexed(column) || migrated.starts_with(&table.name, column);
            if key.columns.iter().any(is_indexed) {
                continue;
            }
            let place = table.column(column).and_then(|column| column.location.as_ref());
            let Some(place) = key.location.as_ref().or(place).or(table.location.as_ref()) else { continue };
            let mut parents = key.targets.iter().filter_map(|target| target.rsplit_once('.'));
            let to_seeds = parents.next().is_some_and(|(parent, _)| seeds.contains(parent));
            let missing = Missing { table, key, column, stays_small: stays_small(table, &few), to_seeds };
            let known = *at.entry(place).or_insert_with(|| {
                places.push((place, Vec::new()));
                places.len() - 1
            });
            places[known].1.push(missing);
        }
    }
    places.into_iter().filter_map(|(place, missing)| finding(&missing, place, &used)).collect()
}

/// A foreign key that nothing starts with.
struct Missing<'s> {
    table: &'s Table,
    key: &'s ForeignKey,
    column: &'s str,
    stays_small: bool,
    /// Whether it refers to rows that come with an installation: nobody deletes them, and each has many children.
    to_seeds: bool,
}

impl Missing<'_> {
    fn name(&self) -> String {
        format!("{}.{}", self.table.full_name(), self.column)
    }

    fn cascades(&self) -> bool {
        self.key.ondelete.as_deref().is_some_and(|what| !what.eq_ignore_ascii_case("no action"))
    }
}

/// Whether a table has few rows by nature: reference data, or what only connects reference data with each other.
fn stays_small(table: &Table, few: &BTreeSet<String>) -> bool {
    let connects =
        table.columns.iter().all(|column| table.foreign_keys.iter().any(|key| key.columns.contains(&column.name)));
    let mut parents = table.foreign_keys.iter().flat_map(|key| &key.targets).filter_map(|to| to.rsplit_once('.'));
    few.contains(&table.full_name()) || connects && parents.all(|(parent, _)| few.contains(parent))
}

/// Columns by which relationships find rows, as `table.column`. From a child to its parent the key of the parent is
/// asked for, which has an index; so is that of the other side behind a table between both.
fn columns_of_relationships(service: &Service) -> BTreeSet<&str> {
    let mut out = BTreeSet::new();
    let tables: BTreeMap<String, &Table> = service.tables.iter().map(|table| (table.full_name(), table)).collect();
    for mapper in &service.mappers {
        let own =
            |relationship: &&Relationship| !relationship.viewonly && relationship.direction != Direction::ManyToOne;
        for relationship in mapper.relationships.iter().filter(own) {
            let columns = relationship.remote_columns.iter().map(String::as_str);
            match &relationship.secondary {
                Some(_) => out.extend(columns.filter(|column| refers_to(&tables, column, &relationship.local_columns))),
                None => out.extend(columns),
            }
        }
    }
    out
}

/// Whether a column, as `table.column`, is a foreign key to one of some columns.
fn refers_to(tables: &BTreeMap<String, &Table>, column: &str, targets: &[String]) -> bool {
    let Some((table, name)) = column.rsplit_once('.') else { return false };
    let keys = tables.get(table).into_iter().flat_map(|table| &table.foreign_keys);
    let mut of_column = keys.filter(|key| key.columns.iter().any(|own| own == name));
    of_column.any(|key| key.targets.iter().any(|target| targets.contains(target)))
}

/// Columns by which requests look rows up, as `table.column`, where none of the columns of a look-up has an index. What is
/// looked up when something is deleted is so rarely.
fn columns_of_queries(service: &Service) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    for fact in &service.requests.effects {
        let EffectKind::Query(query) = &fact.kind else { continue };
        let deletes = service.requests.entries.get(fact.entry).is_some_and(|entry| entry.name.starts_with("DELETE "));
        if fact.handling || deletes || query.unique || query.looked_up.is_empty() || !of_request(service, fact) {
            continue;
        }
        let Some(mapper) = query.class.and_then(|class| service.mapper(class)) else { continue };
        let Some(table) = mapper.table_index.and_then(|index| service.tables.get(index)) else { continue };
        let column = |name: &String| mapper.column(name).and_then(|column| column.column.as_deref());
        let columns: Vec<&str> = query.looked_up.iter().filter_map(column).collect();
        if columns.iter().all(|column| !table.is_indexed(column)) {
            out.extend(columns.iter().map(|column| format!("{}.{column}", table.full_name())));
        }
    }
    out
}

/// What finds rows by a column.
struct Used<'s> {
    by_relationships: BTreeSet<&'s str>,
    by_queries: BTreeSet<String>,
}

fn finding(all: &[Missing<'_>], place: &Location, used: &Used<'_>) -> Option<Finding> {
    let searched = |missing: &Missing<'_>| used.by_relationships.contains(missing.name().as_str());
    let asked = |missing: &Missing<'_>| used.by_queries.contains(&missing.name());
    let matters = |missing: &Missing<'_>| {
        !missing.stays_small && (!missing.to_seeds && (missing.cascades() || searched(missing)) || asked(missing))
    };
    let first = all.iter().find(|missing| matters(missing)).or_else(|| all.first())?;
    let name = first.name();
    let target = first.key.targets.first().map_or("", String::as_str);
    let parent = target.rsplit_once('.').map_or(target, |(table, _)| table);
    let table = &first.table.name;
    let why = match (first.cascades(), searched(first)) {
        (true, _) => format!("Deleting one row of `{parent}` reads the whole of `{table}` to find what refers to it."),
        (false, true) => {
            format!("A relationship finds rows of `{table}` by this column, and reads the whole table for it.")
        }
        (false, false) if asked(first) => {
            format!("Requests look rows of `{table}` up by this column, and read the whole table for it.")
        }
        (false, false) => format!("Deleting or joining rows of `{parent}` reads the whole of `{table}`."),
    };
    let message = match all {
        [_] => format!("The foreign key `{name}` has no index."),
        _ if all.iter().any(|missing| missing.column != first.column) => {
            let more = all.len() - 1;
            format!("`{name}` and {more} more foreign keys that are made here have no index.")
        }
        _ => {
            let tables: Vec<String> =
                all.iter().take(MAX_TABLES).map(|missing| format!("`{}`", missing.table.full_name())).collect();
            let more = all.len().saturating_sub(MAX_TABLES);
            let rest = if more == 0 { String::new() } else { format!(" and {more} more") };
            format!(
                "The foreign key `{}` has no index in {} tables: {}{rest}.",
                first.column,
                all.len(),
                tables.join(", ")
            )
        }
    };
    Some(Finding {
        trace: vec![step(format!("Refers to `{target}`; no index, key or unique constraint starts with it"), place)],
        why: format!("{why} PostgreSQL and SQLite make no index for a foreign key."),
        help: format!(
            "`index=True` on `{}`, and a migration that creates the index (`CONCURRENTLY` on a large table).",
            first.column
        ),
        trade_off: "Every write keeps the index in step. Fine without one where nothing joins, filters or deletes by \
                    it, or where the table stays small."
            .to_owned(),
        ..RULE.finding(
            if all.iter().any(matters) { Confidence::High } else { Confidence::Medium },
            name,
            place,
            message,
        )
    })
}
