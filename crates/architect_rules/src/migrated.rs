//! What revisions of the database make beside what the models declare.

use std::collections::BTreeSet;

use architect_model::Service;
use architect_model::code::{Call, Function, Operand};

use crate::text::identifiers;

/// Indexes and unique keys that revisions make and none drops.
///
/// Source: Alembic, Operation Reference (`create_index`, `create_unique_constraint`, `batch_alter_table`, `execute`).
#[derive(Default)]
pub(crate) struct Migrated<'s> {
    /// Tables, each with a column that an index starts with.
    columns: BTreeSet<(String, String)>,
    /// Statements that speak of indexes.
    statements: Vec<&'s str>,
}

impl<'s> Migrated<'s> {
    pub(crate) fn read(service: &'s Service) -> Self {
        let steps = || {
            let upgrades = |function: &&Function| function.aside && !function.name.contains("downgrade");
            service.code.functions.iter().filter(upgrades)
        };
        let dropped: BTreeSet<&str> = steps()
            .flat_map(|function| &function.calls)
            .filter(|call| matches!(call.name.as_str(), "drop_index" | "drop_constraint"))
            .filter_map(name)
            .collect();
        let mut made = Self::default();
        for function in steps() {
            let mut batch: Option<&str> = None;
            for call in &function.calls {
                let text = |at: usize| call.arguments.get(at).and_then(Operand::str);
                match call.name.as_str() {
                    "batch_alter_table" => batch = text(0),
                    "create_index" | "create_unique_constraint"
                        if name(call).is_none_or(|name| !dropped.contains(name)) =>
                    {
                        // In a batch, the columns stand where the table would.
                        let (table, column) = match text(1) {
                            Some(table) => (Some(table), first_column(call, 2)),
                            None => (batch, first_column(call, 1)),
                        };
                        let both = table.zip(column);
                        made.columns.extend(both.map(|(table, column)| (table.to_owned(), column.to_owned())));
                    }
                    // `Index` and `UniqueConstraint` among the columns.
                    "create_table" => {
                        let parts = call.arguments.iter().filter_map(in_table);
                        let table = text(0).unwrap_or_default();
                        made.columns.extend(parts.map(|column| (table.to_owned(), column.to_owned())));
                    }
                    "execute" | "text" | "DDL" => {
                        let texts = call.arguments.iter().flat_map(Operand::flat).filter_map(Operand::str);
                        made.statements.extend(texts.filter(|text| text.to_uppercase().contains("INDEX")));
                    }
                    _ => {}
                }
            }
        }
        made.columns.extend(made.statements.iter().filter_map(|sql| created(sql)));
        made
    }

    /// Whether an index of a table starts with a column.
    pub(crate) fn starts_with(&self, table: &str, column: &str) -> bool {
        self.columns.contains(&(table.to_owned(), column.to_owned()))
    }

    /// Whether an index of a table starts with a column, or may: a statement about indexes names it.
    pub(crate) fn may_start_with(&self, table: &str, column: &str) -> bool {
        let names = |text: &&str| identifiers(text).any(|word| word == column);
        self.starts_with(table, column) || self.statements.iter().any(names)
    }
}

/// The name that a call gives or takes away: `op.f(...)` says that it is final.
fn name(call: &Call) -> Option<&str> {
    let first = call.arguments.first()?;
    first.str().or_else(|| first.items.first()?.str())
}

/// The column that an index or a unique key of a table starts with, which is declared with the table.
fn in_table(part: &Operand) -> Option<&str> {
    let at = match part.name.as_deref()?.rsplit('.').next()? {
        "Index" => 1,
        "UniqueConstraint" => 0,
        _ => return None,
    };
    part.items.iter().filter(|item| item.keyword.is_none()).nth(at)?.str()
}

/// The first column of those that a call names.
fn first_column(call: &Call, at: usize) -> Option<&str> {
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
