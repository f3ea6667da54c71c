//! What the team states and code does not show: how much there is of everything, and what its own libraries do.

use std::collections::BTreeMap;

/// The circumstances a service runs in. What is not stated is not known.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Context {
    /// Rows a table is expected to have, by its name.
    pub rows: BTreeMap<String, u64>,
    /// Requests per second at the peak.
    pub requests_per_second: Option<f64>,
    /// Processes that serve requests, over all machines.
    pub processes: Option<u32>,
    /// What the data is stored in.
    pub database: Option<Database>,
    /// People who work on the service.
    pub team: Option<u32>,
    /// What a failure costs.
    pub cost_of_failure: Option<Cost>,
}

impl Context {
    /// Whether a table is stated to have at most so many rows.
    #[must_use]
    pub fn at_most(&self, table: &str, rows: u64) -> bool {
        self.rows.get(table).is_some_and(|stated| *stated <= rows)
    }

    /// Whether requests are stated to be served by one process.
    #[must_use]
    pub fn one_process(&self) -> bool {
        self.processes == Some(1)
    }
}

/// A database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Database {
    /// PostgreSQL.
    Postgresql,
    /// MySQL or MariaDB.
    Mysql,
    /// SQLite.
    Sqlite,
    /// Another one.
    Other,
}

/// What a failure costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cost {
    /// Somebody tries again.
    Low,
    /// Users notice.
    Medium,
    /// Money, data or people are harmed.
    High,
}

/// What the company's own libraries do, by dotted names: `acme.http.get`, or `acme.http.*`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Knowledge {
    /// Calls that block the thread.
    pub blocking_calls: Vec<String>,
    /// Functions and classes that make database sessions.
    pub session_factories: Vec<String>,
    /// Dependencies that let only known callers pass.
    pub auth_dependencies: Vec<String>,
    /// Functions whose results are safe to use in SQL, paths and URLs.
    pub sanitizers: Vec<String>,
}

/// Whether a list of dotted names means `name`, which may be written `module:qualname`.
#[must_use]
pub fn names(list: &[String], name: &str) -> bool {
    let name = name.replace(':', ".");
    list.iter().any(|known| match known.replace(':', ".").strip_suffix(".*") {
        Some(prefix) => name.strip_prefix(prefix).is_some_and(|rest| rest.starts_with('.')),
        None => known.replace(':', ".") == name,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_dotted_or_with_a_colon_and_may_end_in_a_star() {
        let list = ["acme.auth:current_user".to_owned(), "acme.http.*".to_owned()];
        for known in ["acme.auth.current_user", "acme.auth:current_user", "acme.http.get", "acme.http:Client.get"] {
            assert!(names(&list, known), "{known}");
        }
        for other in ["acme.auth", "acme.https.get", "acme.http"] {
            assert!(!names(&list, other), "{other}");
        }
    }

    #[test]
    fn what_is_not_stated_is_not_known() {
        let context = Context { rows: [("countries".to_owned(), 40)].into(), ..Context::default() };
        assert!(context.at_most("countries", 100) && !context.at_most("users", 100) && !context.one_process());
    }
}
