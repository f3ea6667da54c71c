//! What revisions of the database make beside what the models declare.

use std::collections::BTreeSet;

use architect_model::Service;
use architect_model::code::{Call, Function, Operand};

/// Columns that an index or a unique key starts with which a revision makes and none drops, with the table.
///
/// Source: Alembic, Operation Reference (`create_index`, `create_unique_constraint`, `batch_alter_table`, `execute`).
pub(crate) fn indexed(service: &Service) -> BTreeSet<(String, String)> {
    let steps = || {
        let upgrades = |function: &&Function| function.aside && !function.name.contains("downgrade");
        service.code.functions.iter().filter(upgrades)
    };
    let dropped: BTreeSet<&str> = steps()
        .flat_map(|function| &function.calls)
        .filter(|call| matches!(call.name.as_str(), "drop_index" | "drop_constraint"))
        .filter_map(name)
        .collect();
    let mut out = BTreeSet::new();
    for function in steps() {
        let mut batch: Option<&str> = None;
        for call in &function.calls {
            let text = |at: usize| call.arguments.get(at).and_then(Operand::str);
            match call.name.as_str() {
                "batch_alter_table" => batch = text(0),
                "create_index" | "create_unique_constraint"
                    if name(call).is_none_or(|name| !dropped.contains(name)) =>
                {
                    let (table, columns) = match (text(1), batch) {
                        (Some(table), _) => (Some(table), columns(call, 2)),
                        (None, batch) => (batch, columns(call, 1)),
                    };
                    out.extend(table.zip(columns).map(|(table, column)| (table.to_owned(), column.to_owned())));
                }
                "execute" => {
                    let sql = call.arguments.first().and_then(|one| one.str().or_else(|| one.items.first()?.str()));
                    out.extend(sql.and_then(created));
                }
                _ => {}
            }
        }
    }
    out
}

/// The name that a call gives or takes away: `op.f(...)` says that it is final.
fn name(call: &Call) -> Option<&str> {
    let first = call.arguments.first()?;
    first.str().or_else(|| first.items.first()?.str())
}

/// The first column of those that a call names.
fn columns(call: &Call, at: usize) -> Option<&str> {
    call.arguments.get(at).or_else(|| call.keyword("columns"))?.items.first()?.str()
}

/// The table and the first column of `CREATE INDEX`; nothing where that is an expression.
fn created(sql: &str) -> Option<(String, String)> {
    let lower = sql.to_lowercase();
    let after = &lower[lower.find("create ")?..];
    let after = &after[after.find("index ")?..];
    let (_, on) = after.split_once(" on ")?;
    let (table, columns) = on.split_once('(')?;
    let table = table.split_whitespace().next()?.rsplit('.').next()?.trim_matches('"');
    let column = columns.split([',', ')', ' ']).next()?.trim().trim_matches('"');
    let plain = !column.is_empty() && column.chars().all(|letter| letter.is_alphanumeric() || letter == '_');
    plain.then(|| (table.to_owned(), column.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::created;

    #[test]
    fn an_index_is_read_from_its_sql() {
        let of = |sql: &str| created(sql).map(|(table, column)| format!("{table}.{column}"));
        let plain = "CREATE INDEX CONCURRENTLY IF NOT EXISTS ix ON public.\"orders\" USING btree (customer_id, at)";
        assert_eq!(of(plain).as_deref(), Some("orders.customer_id"));
        assert_eq!(of("CREATE INDEX ix ON users (lower(email))"), None);
        assert_eq!(of("DROP INDEX ix"), None);
    }
}
