//! What changed of the database: tables, columns, keys, indexes.

use std::collections::{BTreeMap, BTreeSet};

use architect_model::tables::{Column, DefaultValue, Table};
use serde_json::Value as Json;

use super::change::{Change, Said, Side, Subject};
use super::check::Check;
use super::checks::database as table;

/// Compares two sets of tables. Where something could not be read, a table that is missing may be there.
pub(super) fn compare(old: &[Table], new: &[Table], may_be_unread: bool) -> Vec<Change> {
    let by_name = |tables: &'_ [Table]| -> BTreeMap<String, usize> {
        tables.iter().enumerate().rev().map(|(at, table)| (table.full_name(), at)).collect()
    };
    let (olds, news) = (by_name(old), by_name(new));
    let mut out = Vec::new();
    let mut gone: Vec<&Table> = Vec::new();
    let mut come: Vec<&Table> = Vec::new();
    for (at, one) in old.iter().enumerate() {
        if olds.get(&one.full_name()) == Some(&at) && !news.contains_key(&one.full_name()) {
            gone.push(one);
        }
    }
    for (at, one) in new.iter().enumerate().filter(|(at, one)| news.get(&one.full_name()) == Some(at)) {
        match olds.get(&one.full_name()) {
            Some(was) => tables(&old[*was], one, &mut out),
            None => come.push(&new[at]),
        }
    }
    // Columns that all are the same are another name of the same table.
    let columns = |table: &Table| -> BTreeSet<(String, String)> {
        table.columns.iter().map(|column| (column.name.clone(), type_of(column).to_owned())).collect()
    };
    for was in gone {
        let alike: Vec<usize> = (0..come.len()).filter(|at| columns(come[*at]) == columns(was)).collect();
        if let [at] = alike[..]
            && was.columns.len() > 1
        {
            let is = come.remove(at);
            let said = |table: &Table| Said::code(&table.full_name());
            let change = Change::new(&table::TABLE_RENAMED, &Subject::code(is.full_name()), said(was), said(is));
            out.push(change.at(Side::New, is.location.as_ref()));
            continue;
        }
        let subject = Subject::code(was.full_name());
        let change = Change::new(&table::TABLE_DROPPED, &subject, Said::default(), Said::default());
        out.push(change.otherwise(may_be_unread).at(Side::Old, was.location.as_ref()));
    }
    for is in come {
        let change = Change::new(&table::TABLE_ADDED, &Subject::code(is.full_name()), Said::default(), Said::default());
        out.push(change.at(Side::New, is.location.as_ref()));
    }
    out
}

/// The type as the usual database has it, else as it is written.
fn type_of(column: &Column) -> &str {
    column.type_postgresql.as_deref().unwrap_or(&column.type_text)
}

fn tables(old: &Table, new: &Table, out: &mut Vec<Change>) {
    let name = new.full_name();
    let start = out.len();
    let mut gone: Vec<&Column> = old.columns.iter().filter(|column| new.column(&column.name).is_none()).collect();
    let mut come: Vec<&Column> = new.columns.iter().filter(|column| old.column(&column.name).is_none()).collect();
    // One column that went and one that came, alike in everything but the name, are one.
    if let ([was], [is]) = (&gone[..], &come[..])
        && type_of(was) == type_of(is)
        && was.nullable == is.nullable
        && was.foreign_keys == is.foreign_keys
    {
        let (was, is) = (*was, *is);
        let subject = Subject::code(format!("{name}.{}", is.name));
        let change = Change::new(&table::COLUMN_RENAMED, &subject, Said::code(&was.name), Said::code(&is.name));
        out.push(change.at(Side::New, is.location.as_ref()));
        gone.clear();
        come.clear();
    }
    for column in gone {
        let subject = Subject::code(format!("{name}.{}", column.name));
        let change = Change::new(&table::COLUMN_DROPPED, &subject, Said::default(), Said::default());
        out.push(change.at(Side::Old, column.location.as_ref()));
    }
    for column in come {
        let subject = Subject::code(format!("{name}.{}", column.name));
        let is_filled = column.nullable
            || column.server_default.is_some()
            || column.computed.is_some()
            || column.identity
            || column.primary_key;
        let check: &'static Check = if is_filled { &table::COLUMN_ADDED } else { &table::COLUMN_ADDED_REQUIRED };
        out.push(
            Change::new(check, &subject, Said::default(), Said::default()).at(Side::New, column.location.as_ref()),
        );
    }
    for is in &new.columns {
        if let Some(was) = old.column(&is.name) {
            column(&Subject::code(format!("{name}.{}", is.name)), was, is, out);
        }
    }
    keys(&name, old, new, out);
    for change in &mut out[start..] {
        *change = change.clone().at(Side::New, new.location.as_ref());
    }
}

fn column(subject: &Subject, old: &Column, new: &Column, out: &mut Vec<Change>) {
    let place = new.location.as_ref();
    let mut say = |check, was: Said, is: Said, otherwise: bool| {
        out.push(Change::new(check, subject, was, is).otherwise(otherwise).at(Side::New, place));
    };
    if type_of(old) != type_of(new) && is_known(old) && is_known(new) {
        let fits = fits(type_of(old), type_of(new));
        say(&table::COLUMN_RETYPED, Said::code(type_of(old)), Said::code(type_of(new)), fits);
    }
    match (old.nullable, new.nullable) {
        (true, false) => say(&table::COLUMN_BECAME_NOT_NULL, Said::default(), Said::default(), false),
        (false, true) => say(&table::COLUMN_BECAME_NULLABLE, Said::default(), Said::default(), false),
        _ => {}
    }
    match (&old.server_default, &new.server_default) {
        (Some(old), Some(new)) if old != new => {
            say(&table::SERVER_DEFAULT_CHANGED, said_default(old), said_default(new), false);
        }
        (None, Some(new)) => say(&table::SERVER_DEFAULT_ADDED, Said::default(), said_default(new), false),
        (Some(old), None) => say(&table::SERVER_DEFAULT_REMOVED, said_default(old), Said::default(), false),
        _ => {}
    }
}

fn is_known(column: &Column) -> bool {
    !column.type_text.is_empty()
}

fn said_default(value: &DefaultValue) -> Said {
    match value {
        DefaultValue::Scalar(text)
        | DefaultValue::Callable(text)
        | DefaultValue::Sql(text)
        | DefaultValue::Server(text)
        | DefaultValue::Computed(text)
        | DefaultValue::Sequence(text) => Said::code(text),
        DefaultValue::Identity => Said::words("counted up by the database"),
        DefaultValue::Fetched => Said::new(Json::Null, "what the database does"),
    }
}

/// Whether every value of one type fits into the other, in the words of PostgreSQL.
fn fits(old: &str, new: &str) -> bool {
    let (old_name, old_sizes) = parts(old);
    let (new_name, new_sizes) = parts(new);
    let rank = |name: &str, order: &[&str]| order.iter().position(|known| *known == name);
    let grows = |order: &[&str]| matches!((rank(&old_name, order), rank(&new_name, order)), (Some(old), Some(new)) if old < new);
    let is_text = |name: &str| matches!(name, "VARCHAR" | "CHAR" | "TEXT");
    if is_text(&old_name) && is_text(&new_name) {
        return match (old_sizes.first(), new_sizes.first()) {
            (_, None) => true,
            (Some(old), Some(new)) => old <= new,
            (None, Some(_)) => false,
        };
    }
    if old_name == "NUMERIC" && new_name == "NUMERIC" {
        return match (&old_sizes[..], &new_sizes[..]) {
            (_, []) => true,
            ([precision, scale], [new_precision, new_scale]) => {
                scale <= new_scale && precision.saturating_sub(*scale) <= new_precision.saturating_sub(*new_scale)
            }
            _ => false,
        };
    }
    grows(&["SMALLINT", "INTEGER", "BIGINT", "NUMERIC"]) || grows(&["REAL", "FLOAT", "DOUBLE PRECISION"])
}

fn parts(kind: &str) -> (String, Vec<u64>) {
    let (name, rest) = kind.split_once('(').unwrap_or((kind, ""));
    let sizes = rest.trim_end_matches(')').split(',').filter_map(|size| size.trim().parse().ok()).collect();
    (name.trim().to_uppercase(), sizes)
}

/// Compares what is said of several columns. Names of constraints do not matter.
fn keys(name: &str, old: &Table, new: &Table, out: &mut Vec<Change>) {
    let list = |columns: &[String]| columns.join(", ");
    let subject = |columns: &str| Subject::code(format!("{name}({columns})"));
    let mut say = |check, subject: &Subject, old: Said, new: Said| out.push(Change::new(check, subject, old, new));
    let (was, is) = (list(&old.primary_key.columns), list(&new.primary_key.columns));
    if was != is {
        say(&table::PRIMARY_KEY_CHANGED, &Subject::code(name), Said::code(&was), Said::code(&is));
    }
    let unique = |table: &Table| -> BTreeSet<String> {
        let indexes = table.indexes.iter().filter(|index| index.unique && !index.partial && !index.expressions);
        let keys = table.unique.iter().map(|key| list(&key.columns));
        keys.chain(indexes.map(|index| list(&index.columns))).filter(|columns| !columns.is_empty()).collect()
    };
    differ(&unique(old), &unique(new), |columns, is_new| {
        let check = if is_new { &table::UNIQUE_ADDED } else { &table::UNIQUE_REMOVED };
        // What is unique in a column that is new, or gone with it, is no news.
        if exists(if is_new { old } else { new }, columns) {
            say(check, &subject(columns), Said::default(), Said::default());
        }
    });
    let plain = |table: &Table| -> BTreeSet<String> {
        let kept = table.indexes.iter().filter(|index| !index.unique && !index.expressions);
        kept.map(|index| list(&index.columns)).filter(|columns| !columns.is_empty()).collect()
    };
    differ(&plain(old), &plain(new), |columns, is_new| {
        let check = if is_new { &table::INDEX_ADDED } else { &table::INDEX_REMOVED };
        if exists(if is_new { old } else { new }, columns) {
            say(check, &subject(columns), Said::default(), Said::default());
        }
    });
    let checks =
        |table: &Table| -> BTreeSet<String> { table.checks.iter().filter_map(|one| one.sql.clone()).collect() };
    differ(&checks(old), &checks(new), |sql, is_new| {
        if is_new {
            say(&table::CHECK_ADDED, &Subject::code(name), Said::default(), Said::code(sql));
        } else {
            say(&table::CHECK_REMOVED, &Subject::code(name), Said::code(sql), Said::default());
        }
    });
    let references = |table: &Table| -> BTreeMap<(String, String), Option<String>> {
        table.foreign_keys.iter().map(|key| ((list(&key.columns), list(&key.targets)), key.ondelete.clone())).collect()
    };
    let (olds, news) = (references(old), references(new));
    let action = |action: &Option<String>| Said::code(action.as_deref().unwrap_or("NO ACTION"));
    for (key, is) in &news {
        let (columns, targets) = key;
        match olds.get(key) {
            None if exists(old, columns) => {
                say(&table::FOREIGN_KEY_ADDED, &subject(columns), Said::default(), Said::code(targets));
            }
            Some(was) if action(was) != action(is) => {
                say(&table::FOREIGN_KEY_ACTION_CHANGED, &subject(columns), action(was), action(is));
            }
            _ => {}
        }
    }
    for (columns, targets) in olds.keys().filter(|key| !news.contains_key(*key)) {
        if exists(new, columns) {
            say(&table::FOREIGN_KEY_REMOVED, &subject(columns), Said::code(targets), Said::default());
        }
    }
}

/// Whether a table has all of the columns.
fn exists(table: &Table, columns: &str) -> bool {
    columns.split(", ").all(|column| table.column(column).is_some())
}

fn differ(old: &BTreeSet<String>, new: &BTreeSet<String>, mut hear: impl FnMut(&str, bool)) {
    new.difference(old).for_each(|one| hear(one, true));
    old.difference(new).for_each(|one| hear(one, false));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_that_grow_fit() {
        for (old, new) in [
            ("VARCHAR(50)", "VARCHAR(100)"),
            ("VARCHAR(50)", "TEXT"),
            ("INTEGER", "BIGINT"),
            ("NUMERIC(10, 2)", "NUMERIC(12, 2)"),
        ] {
            assert!(fits(old, new), "{old} {new}");
            assert!(!fits(new, old), "{new} {old}");
        }
        assert!(!fits("INTEGER", "UUID"));
        assert!(!fits("NUMERIC(10, 2)", "NUMERIC(10, 4)"));
    }
}
