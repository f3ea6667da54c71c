//! Facts of the data: engines, tables, revisions, how texts are searched.

use architect_model::code::{Call, Constant};
use architect_model::service::Service;
use architect_model::tables::Table;
use architect_source::Location;

use super::{Fact, counted};
use crate::input::Setting;

/// Columns that tell whose a row is.
const TENANT_COLUMNS: &[&str] =
    &["tenant_id", "organization_id", "organisation_id", "org_id", "workspace_id", "company_id"];
/// Columns that mark a row as deleted.
const DELETED_COLUMNS: &[&str] = &["deleted_at", "is_deleted", "deleted", "deleted_on", "date_deleted"];
/// Functions of PostgreSQL's full-text search.
const FULL_TEXT: &[&str] =
    &["to_tsvector", "to_tsquery", "plainto_tsquery", "websearch_to_tsquery", "phraseto_tsquery"];

pub(super) fn read(service: &Service, out: &mut Vec<Fact>) {
    engines(service, out);
    tables(service, out);
    revisions(service, out);
    let mut say = |topics: &[&'static str], says: &str, test: &dyn Fn(&Call) -> bool| {
        let found: Vec<&Call> = calls(service).filter(|call| test(call)).collect();
        if let Some(call) = found.first() {
            out.push(Fact::new(topics, format!("{says} ({})", counted(found.len(), "place")), Some(&call.location)));
        }
    };
    say(&["search"], "texts are searched with `ilike`", &|call| call.name == "ilike");
    say(&["search"], "PostgreSQL's full-text search is used", &|call| FULL_TEXT.contains(&call.name.as_str()));
    say(&["migrations"], "tables are made by `create_all`", &|call| call.name == "create_all");
    say(&["file-uploads"], "files are written with `shutil.copyfileobj`", &|call| {
        call.callee.as_deref() == Some("shutil.copyfileobj")
    });
}

/// Calls of the service itself: no tests, revisions or scripts.
fn calls(service: &Service) -> impl Iterator<Item = &Call> {
    service.code.functions.iter().filter(|function| !function.aside).flat_map(|function| &function.calls)
}

/// How engines are made: the colour of access, and what is said about their pools.
fn engines(service: &Service, out: &mut Vec<Fact>) {
    let made: Vec<(&Call, bool)> = calls(service)
        .filter_map(|call| {
            let callee = call.callee.as_deref()?;
            // Alembic's environment makes one of its own for each run.
            if call.location.path.rsplit('/').next() == Some("env.py") {
                return None;
            }
            let library = callee.split('.').next()?;
            if !matches!(library, "sqlalchemy" | "sqlmodel") {
                return None;
            }
            match callee.rsplit('.').next()? {
                "create_engine" => Some((call, false)),
                "create_async_engine" => Some((call, true)),
                _ => None,
            }
        })
        .collect();
    // A second engine of the other kind is often for scripts: only what all agree on is an answer.
    let agreed = made.iter().all(|(_, is_async)| *is_async == made[0].1);
    for (call, is_async) in made {
        let pool: Vec<String> = ["pool_size", "max_overflow", "pool_timeout", "poolclass"]
            .iter()
            .filter_map(|name| {
                let value = call.keyword(name)?;
                Some(format!("{name}={}", constant(value.constant.as_ref()).unwrap_or_else(|| value.text.clone())))
            })
            .collect();
        let with = if pool.is_empty() { String::new() } else { format!(" with {}", pool.join(", ")) };
        let mut fact = Fact::new(
            &["database-access", "pool-size"],
            format!("an engine is made by `{}`{with}", call.name),
            Some(&call.location),
        );
        if agreed {
            fact = fact.answering("access", Setting::Choice(if is_async { "async" } else { "sync" }.to_owned()));
        }
        out.push(fact);
    }
}

fn constant(value: Option<&Constant>) -> Option<String> {
    match value? {
        Constant::Int(number) => Some(number.to_string()),
        _ => None,
    }
}

fn tables(service: &Service, out: &mut Vec<Fact>) {
    let all = service.tables.len();
    if all == 0 {
        return;
    }
    let with = |names: &[&str]| -> Vec<(&Table, &str)> {
        service.tables.iter().filter_map(|table| Some((table, column_of(table, names)?))).collect()
    };
    let mut say = |topics: &[&'static str], says: &str, found: &[(&Table, &str)]| {
        if let Some((table, column)) = found.first() {
            let statement = format!("tables {says} `{column}`: {} of {all}", found.len());
            out.push(Fact::new(topics, statement, table.location.as_ref()));
        }
    };
    say(&["soft-deletion"], "with a column that marks deleted rows, such as", &with(DELETED_COLUMNS));
    say(&["multi-tenancy"], "with a column that tells whose a row is, such as", &with(TENANT_COLUMNS));
    let unique: Vec<&Table> = service
        .tables
        .iter()
        .filter(|table| {
            !table.unique.is_empty()
                || table.indexes.iter().any(|index| index.unique)
                || table.columns.iter().any(|column| column.unique == Some(true))
        })
        .collect();
    if let Some(table) = unique.first() {
        let statement = format!("tables with a unique constraint beside their key: {} of {all}", unique.len());
        out.push(Fact::new(&["idempotency"], statement, table.location.as_ref()));
    }
    let statement = format!("there {} {}", if all == 1 { "is" } else { "are" }, counted(all, "table"));
    out.push(Fact::new(
        &["database", "migrations"],
        statement,
        service.tables.first().and_then(|table| table.location.as_ref()),
    ));
}

/// The column of a table that has one of those names.
fn column_of<'t>(table: &'t Table, names: &[&str]) -> Option<&'t str> {
    table.columns.iter().map(|column| column.name.as_str()).find(|name| names.contains(name))
}

/// Revisions of Alembic, by what each of them has to have.
fn revisions(service: &Service, out: &mut Vec<Fact>) {
    let is_revision =
        |text: &str| text.lines().any(|line| line.starts_with("down_revision")) && text.contains("def upgrade");
    let found: Vec<&String> =
        service.files.iter().filter(|(_, source)| is_revision(&source.text)).map(|(path, _)| path).collect();
    if let Some(path) = found.first() {
        let location =
            Location { path: path.as_str().into(), line: 1, column: 1, end_line: 1, end_column: 1, start: 0, end: 0 };
        let says = format!("there {} of Alembic", verb(found.len()));
        out.push(Fact::new(&["migrations"], says, Some(&location)));
    }
}

fn verb(count: usize) -> String {
    format!("{} {}", if count == 1 { "is" } else { "are" }, counted(count, "revision"))
}
