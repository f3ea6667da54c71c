//! Which size fits a context, and why.

use crate::{Database, Size};

/// What is expected of a service; what nobody said is unknown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Context {
    /// People or systems that use it.
    pub users: Option<u64>,
    /// Requests per second at the busiest time.
    pub rps: Option<u64>,
    /// Gigabytes of data after a year.
    pub data: Option<u64>,
    /// People who work on it.
    pub team: Option<u64>,
}

/// CPU milliseconds of a typical authenticated request, measured on the generated service and rounded up: what a
/// process can carry follows from it.
const REQUEST_MILLISECONDS: u64 = 4;
/// Share of a processor that is planned for, so that a peak has room.
const PLANNED_PERCENT: u64 = 60;
/// Processors of one ordinary host.
const HOST_PROCESSORS: u64 = 4;
/// Above it, copying a SQLite file for a backup or a migration takes noticeably long.
const SQLITE_GIGABYTES: u64 = 5;
/// Users who each send a request every ten minutes while they are active, one in ten at a time.
const USERS_PER_RPS: u64 = 6_000;

/// Requests per second that one process is planned for.
const PROCESS_RPS: u64 = 1000 / REQUEST_MILLISECONDS * PLANNED_PERCENT / 100;
/// Requests per second that one host is planned for.
const HOST_RPS: u64 = PROCESS_RPS * HOST_PROCESSORS;

/// Chooses the smallest size that carries the context, and says why.
#[must_use]
pub fn choose(context: Context) -> (Size, String) {
    let estimated = context.users.map(|users| users.div_ceil(USERS_PER_RPS));
    let rps = context.rps.or(estimated);
    if let Some(rps) = rps.filter(|rps| *rps > HOST_RPS) {
        return (
            Size::Scaled,
            format!(
                "{rps} requests per second are more than the {HOST_RPS} that one host of {HOST_PROCESSORS} processors is planned for (1000 ms / {REQUEST_MILLISECONDS} ms x {PLANNED_PERCENT} % x {HOST_PROCESSORS}), so there are several hosts, which count and queue in one place."
            ),
        );
    }
    if let Some(rps) = rps.filter(|rps| *rps > PROCESS_RPS) {
        return (
            Size::Service,
            format!(
                "{rps} requests per second are more than the {PROCESS_RPS} that one process is planned for (1000 ms / {REQUEST_MILLISECONDS} ms x {PLANNED_PERCENT} %), and fewer than the {HOST_RPS} of one host: several processes on PostgreSQL, which lets them write at once."
            ),
        );
    }
    if let Some(data) = context.data.filter(|data| *data > SQLITE_GIGABYTES) {
        return (
            Size::Service,
            format!("{data} GB are more than is comfortable in one file ({SQLITE_GIGABYTES} GB): PostgreSQL."),
        );
    }
    if let Some(team) = context.team.filter(|team| *team > 2) {
        return (
            Size::Service,
            format!("{team} people change it at the same time: layers keep them out of each other's files."),
        );
    }
    let known = context != Context::default();
    let why = if known {
        format!(
            "What is expected fits one process (up to {PROCESS_RPS} requests per second, {SQLITE_GIGABYTES} GB, two people): SQLite, and nothing to run beside it."
        )
    } else {
        "Nothing is known about its use, and the smallest size can be grown out of: the code does not change, the layout and the database do.".to_owned()
    };
    (
        Size::Prototype,
        format!(
            "{why} The answer changes with more than {PROCESS_RPS} requests per second, with a second host, or when writes wait for each other."
        ),
    )
}

/// The database of a size, and why.
#[must_use]
pub fn database_of(size: Size) -> (Database, &'static str) {
    match size {
        Size::Prototype => (
            Database::Sqlite,
            "One process writes, so a file is enough; the same code runs on PostgreSQL with another DATABASE_URL.",
        ),
        Size::Service | Size::Scaled => {
            (Database::Postgres, "Several processes write at once, which SQLite would put in a queue.")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size(context: Context) -> Size {
        choose(context).0
    }

    #[test]
    fn each_threshold_has_two_sides() {
        let rps = |rps| Context { rps: Some(rps), ..Context::default() };
        assert_eq!(
            [size(rps(150)), size(rps(151)), size(rps(600)), size(rps(601))],
            [Size::Prototype, Size::Service, Size::Service, Size::Scaled]
        );
        let users = |users| Context { users: Some(users), ..Context::default() };
        assert_eq!([size(users(900_000)), size(users(900_001))], [Size::Prototype, Size::Service]);
        let data = |data| Context { data: Some(data), ..Context::default() };
        assert_eq!([size(data(5)), size(data(6))], [Size::Prototype, Size::Service]);
        let team = |team| Context { team: Some(team), ..Context::default() };
        assert_eq!([size(team(2)), size(team(3))], [Size::Prototype, Size::Service]);
    }

    #[test]
    fn requests_count_for_more_than_a_guess_from_users() {
        let context = Context { users: Some(10_000_000), rps: Some(20), ..Context::default() };
        assert_eq!(size(context), Size::Prototype);
    }
}
