//! Names: which ones Python, SQL and the generated code leave free, and the forms of a name that code needs.

/// Words that Python keeps for itself, soft ones included.
const PYTHON_KEYWORDS: &[&str] = &[
    "and", "as", "assert", "async", "await", "break", "case", "class", "continue", "def", "del", "elif", "else",
    "except", "false", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "match", "none",
    "nonlocal", "not", "or", "pass", "raise", "return", "true", "try", "type", "while", "with", "yield",
];

/// Words that PostgreSQL or SQLite reserve (PostgreSQL 18, appendix C, "reserved"; <https://sqlite.org/lang_keywords.html>).
const SQL_RESERVED: &[&str] = &[
    "add",
    "all",
    "alter",
    "analyse",
    "analyze",
    "and",
    "any",
    "array",
    "as",
    "asc",
    "asymmetric",
    "authorization",
    "autoincrement",
    "between",
    "binary",
    "both",
    "case",
    "cast",
    "check",
    "collate",
    "collation",
    "column",
    "commit",
    "concurrently",
    "constraint",
    "create",
    "cross",
    "current_catalog",
    "current_date",
    "current_role",
    "current_schema",
    "current_time",
    "current_timestamp",
    "current_user",
    "default",
    "deferrable",
    "delete",
    "desc",
    "distinct",
    "do",
    "drop",
    "else",
    "end",
    "escape",
    "except",
    "exists",
    "false",
    "fetch",
    "for",
    "foreign",
    "freeze",
    "from",
    "full",
    "grant",
    "group",
    "having",
    "if",
    "ilike",
    "in",
    "index",
    "initially",
    "inner",
    "insert",
    "intersect",
    "into",
    "is",
    "isnull",
    "join",
    "lateral",
    "leading",
    "left",
    "like",
    "limit",
    "localtime",
    "localtimestamp",
    "natural",
    "not",
    "notnull",
    "null",
    "offset",
    "on",
    "only",
    "or",
    "order",
    "outer",
    "overlaps",
    "placing",
    "primary",
    "references",
    "returning",
    "right",
    "select",
    "session_user",
    "set",
    "similar",
    "some",
    "symmetric",
    "system_user",
    "table",
    "tablesample",
    "then",
    "to",
    "trailing",
    "transaction",
    "true",
    "union",
    "unique",
    "update",
    "user",
    "using",
    "values",
    "variadic",
    "verbose",
    "when",
    "where",
    "window",
    "with",
];

/// Attributes that generated classes have already: of the base models, of Pydantic's and SQLAlchemy's bases.
const TAKEN_FIELDS: &[&str] = &[
    "id",
    "created_at",
    "updated_at",
    "user_id",
    "metadata",
    "registry",
    "query",
    "cursor",
    "page_size",
    "sort",
    "copy",
    "dict",
    "json",
    "schema",
    "validate",
    "construct",
    "fields",
];

/// Resources whose tables, modules or paths the generated service has already, whatever its options.
const TAKEN_RESOURCES: &[&str] = &[
    "user",
    "auth",
    "health",
    "refresh_token",
    "idempotency_record",
    "rate_limit_window",
    "outbox_event",
    "base",
    "page",
    "problem",
    "role",
    "session",
    "setting",
    "app",
    "test",
    "token",
    "common",
    "operation",
    "event",
];

/// Words of `SQL_RESERVED` that are fit for resources: only their plural reaches the database.
pub(crate) fn is_sql_reserved(word: &str) -> bool {
    SQL_RESERVED.binary_search(&word).is_ok()
}

/// Whether Python keeps the word, in any case: `None` is as little a name for an enumeration's member as `none`.
pub(crate) fn is_python_keyword(word: &str) -> bool {
    PYTHON_KEYWORDS.binary_search(&word.to_ascii_lowercase().as_str()).is_ok()
}

/// What a project may be called: the distribution, the folder and, with underscores, the database.
///
/// # Errors
/// One sentence that says what is wrong and what to do.
pub fn check_project(name: &str) -> Result<(), String> {
    if name.contains(['/', '\\']) || name.starts_with('.') {
        return Err(format!("{name:?} is a path, not a name: go to the folder and give the name alone"));
    }
    let shaped = name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.ends_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_'))
        && !name.contains("--")
        && !name.contains("__");
    if !shaped {
        return Err(format!(
            "{name:?} cannot name a project: use lower case letters, digits and single hyphens, such as \"order-service\""
        ));
    }
    if name.len() > 40 {
        return Err(format!(
            "{name:?} is longer than 40 characters, which the names of databases have to leave room for"
        ));
    }
    let plain = name.replace('-', "_");
    if is_python_keyword(&plain) {
        return Err(format!("{name:?} is a keyword of Python: call it \"{name}-service\""));
    }
    if is_sql_reserved(&plain) {
        return Err(format!(
            "{name:?} is a reserved word of SQL, and the database is called so: call it \"{name}-service\""
        ));
    }
    if matches!(plain.as_str(), "app" | "tests" | "alembic") {
        return Err(format!("{name:?} is the name of a package inside of the service: call it \"{name}-service\""));
    }
    Ok(())
}

/// What a resource may be called.
///
/// # Errors
/// One sentence that says what is wrong and what to do.
pub(crate) fn check_resource(name: &str) -> Result<(), String> {
    check_identifier("resource", name)?;
    if TAKEN_RESOURCES.contains(&name) {
        return Err(format!("resource {name:?}: the generated service has that already: choose another name"));
    }
    let table = plural(name);
    if is_sql_reserved(&table) {
        return Err(format!("resource {name:?}: its table {table:?} is a reserved word of SQL: choose another name"));
    }
    Ok(())
}

/// What a field may be called; `column` is its name in the table.
///
/// # Errors
/// One sentence that says what is wrong and what to do.
pub(crate) fn check_field(resource: &str, name: &str, column: &str) -> Result<(), String> {
    check_identifier(&format!("resource {resource:?}: field"), name)?;
    if is_sql_reserved(column) {
        return Err(format!(
            "resource {resource:?}: field {name:?} is a reserved word of SQL: call it \"{resource}_{name}\""
        ));
    }
    if TAKEN_FIELDS.contains(&name) || name.starts_with("model_") {
        return Err(format!(
            "resource {resource:?}: field {name:?} is taken by what every resource has: call it \"{resource}_{name}\""
        ));
    }
    Ok(())
}

fn check_identifier(what: &str, name: &str) -> Result<(), String> {
    let shaped = name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        && !name.ends_with('_')
        && !name.contains("__");
    if !shaped {
        return Err(format!("{what} {name:?}: use lower case letters, digits and single underscores, a letter first"));
    }
    if name.len() > 40 {
        return Err(format!("{what} {name:?} is longer than 40 characters: names of indexes are made from it"));
    }
    if is_python_keyword(name) {
        return Err(format!("{what} {name:?} is a keyword of Python: choose another name"));
    }
    Ok(())
}

/// `order_line` as `OrderLine`.
pub(crate) fn class(name: &str) -> String {
    name.split('_')
        .map(|word| {
            let mut letters = word.chars();
            letters.next().map_or_else(String::new, |first| first.to_ascii_uppercase().to_string() + letters.as_str())
        })
        .collect()
}

/// The English plural of the last word: `category` as `categories`.
pub(crate) fn plural(name: &str) -> String {
    let (head, last) = name.rsplit_once('_').map_or(("", name), |(head, last)| (head, last));
    let many = match last {
        "person" => "people".to_owned(),
        "child" => "children".to_owned(),
        "analysis" => "analyses".to_owned(),
        _ if last.ends_with('y') && !ends_with_vowel_y(last) => format!("{}ies", &last[..last.len() - 1]),
        _ if ["s", "x", "z", "ch", "sh"].iter().any(|end| last.ends_with(end)) => format!("{last}es"),
        _ => format!("{last}s"),
    };
    if head.is_empty() { many } else { format!("{head}_{many}") }
}

fn ends_with_vowel_y(word: &str) -> bool {
    ["ay", "ey", "iy", "oy", "uy"].iter().any(|end| word.ends_with(end))
}

/// `order-service` as `Order service`.
pub(crate) fn title(name: &str) -> String {
    let mut letters = name.replace(['-', '_'], " ");
    if let Some(first) = letters.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    letters
}

/// `a` or `an`, for sentences.
pub(crate) fn article(word: &str) -> &'static str {
    if word.starts_with(['a', 'e', 'i', 'o']) { "an" } else { "a" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_sorted_for_searching() {
        assert!(PYTHON_KEYWORDS.is_sorted() && SQL_RESERVED.is_sorted());
    }

    #[test]
    fn plurals_are_english() {
        for (one, many) in [
            ("order", "orders"),
            ("category", "categories"),
            ("survey", "surveys"),
            ("address", "addresses"),
            ("order_box", "order_boxes"),
            ("person", "people"),
        ] {
            assert_eq!(plural(one), many);
        }
    }

    #[test]
    fn names_of_projects() {
        for fine in ["shop", "order-service", "a1", "test_taking"] {
            assert_eq!(check_project(fine), Ok(()));
        }
        for (wrong, why) in [
            ("class", "keyword of Python"),
            ("select", "reserved word of SQL"),
            ("../shop", "is a path"),
            ("a/b", "is a path"),
            (".", "is a path"),
            ("Shop", "lower case"),
            ("1shop", "lower case"),
            ("", "lower case"),
            ("app", "package inside"),
        ] {
            let told = check_project(wrong).unwrap_err();
            assert!(told.contains(why), "{wrong}: {told}");
        }
    }
}
