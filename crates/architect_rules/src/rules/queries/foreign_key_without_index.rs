//! Foreign keys that the database has to find rows by, without an index.

use std::collections::BTreeSet;

use architect_model::Service;
use architect_model::context::Database;
use architect_model::tables::{Direction, ForeignKey, Table};
use architect_source::{Confidence, Finding, Location, Severity};

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

fn check(service: &Service) -> Vec<Finding> {
    // MySQL makes the index itself.
    if service.context.database == Some(Database::Mysql) {
        return Vec::new();
    }
    let used = columns_of_relationships(service);
    let mut findings = Vec::new();
    for table in &service.tables {
        if table.conditional.is_some() || service.context.at_most(&table.name, SMALL) {
            continue;
        }
        for key in &table.foreign_keys {
            let Some(column) = key.columns.first() else { continue };
            if table.is_indexed(column) {
                continue;
            }
            let place = table.column(column).and_then(|column| column.location.as_ref());
            let Some(place) = key.location.as_ref().or(place).or(table.location.as_ref()) else { continue };
            findings.push(finding(table, key, column, place, &used));
        }
    }
    findings
}

/// Columns by which relationships find rows, as `table.column`. From a child to its parent the key of the parent is
/// asked for, which has an index.
fn columns_of_relationships(service: &Service) -> BTreeSet<&str> {
    let relationships = service.mappers.iter().flat_map(|mapper| &mapper.relationships);
    relationships
        .filter(|relationship| !relationship.viewonly && relationship.direction != Direction::ManyToOne)
        .flat_map(|relationship| &relationship.remote_columns)
        .map(String::as_str)
        .collect()
}

fn finding(table: &Table, key: &ForeignKey, column: &str, place: &Location, used: &BTreeSet<&str>) -> Finding {
    let name = format!("{}.{column}", table.full_name());
    let target = key.targets.first().map_or("", String::as_str);
    let parent = target.rsplit_once('.').map_or(target, |(table, _)| table);
    let cascades = key.ondelete.as_deref().is_some_and(|what| !what.eq_ignore_ascii_case("no action"));
    let searched = used.contains(name.as_str());
    let why = match (cascades, searched) {
        (true, _) => {
            format!("Deleting one row of `{parent}` reads the whole of `{}` to find what refers to it.", table.name)
        }
        (false, true) => {
            format!("A relationship finds rows of `{}` by this column, and reads the whole table for it.", table.name)
        }
        (false, false) => format!("Deleting or joining rows of `{parent}` reads the whole of `{}`.", table.name),
    };
    Finding {
        trace: vec![step(format!("Refers to `{target}`; no index, key or unique constraint starts with it"), place)],
        why: format!("{why} PostgreSQL and SQLite make no index for a foreign key."),
        help: format!(
            "`index=True` on `{column}`, and a migration that creates the index (`CONCURRENTLY` on a large table)."
        ),
        trade_off:
            "Every write keeps the index in step. Fine without one where nothing joins, filters or deletes by it, \
                    or where the table stays small."
                .to_owned(),
        ..RULE.finding(
            if cascades || searched { Confidence::High } else { Confidence::Medium },
            name.clone(),
            place,
            format!("The foreign key `{name}` has no index."),
        )
    }
}
