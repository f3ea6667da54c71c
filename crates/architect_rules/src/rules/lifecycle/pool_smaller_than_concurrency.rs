//! Pools with fewer connections than requests that run at once.

use architect_model::Service;
use architect_model::requests::EngineFact;
use architect_source::{Confidence, Finding, Severity};

use crate::{Rule, step};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "pool-smaller-than-concurrency",
    group: "lifecycle",
    docs: include_str!("pool_smaller_than_concurrency.md"),
    severity: Severity::Warning,
    since: "0.3.0",
    check,
};

/// Threads in which AnyIO runs plain endpoints.
const THREADS: i64 = 40;
/// Connections that a pool of SQLAlchemy keeps, and opens beyond that, where nothing else is said.
const POOL_SIZE: i64 = 5;
const MAX_OVERFLOW: i64 = 10;
/// Pools of so few connections serialise requests, whatever the traffic.
const FEW: i64 = 3;

fn check(service: &Service) -> Vec<Finding> {
    let [engine] = service.requests.engines.as_slice() else { return Vec::new() };
    let Some((size, overflow, said)) = pool(engine) else { return Vec::new() };
    let most = size + overflow;
    let sync = service
        .endpoints()
        .iter()
        .filter_map(|one| service.code.function(&one.route.endpoint.as_ref()?.name))
        .filter(|function| !function.is_async && !function.aside)
        .count();
    // The threads may be limited, too.
    let limited = service.code.functions.iter().any(|function| {
        function.stores.iter().any(|store| store.target.ends_with("total_tokens"))
            || function.calls.iter().any(|call| call.name == "current_default_thread_limiter")
    });
    if engine.is_async || limited || sync == 0 || overflow < 0 || size == 0 || most >= THREADS {
        return Vec::new();
    }
    // Whether that is too few is a matter of traffic; a pool of two or three is too small for any.
    let confidence = if said && most <= FEW { Confidence::High } else { Confidence::Low };
    vec![Finding {
        trace: vec![step(format!("the pool opens {size} + {overflow} connections"), &engine.location)],
        why: format!(
            "Plain endpoints run in {THREADS} threads. As soon as more than {most} of them use the database at \
             once, the others wait for a connection, and fail with `QueuePool limit … reached` after \
             `pool_timeout` seconds."
        ),
        help: format!(
            "Let `pool_size + max_overflow` be {THREADS}, or lower the number of threads; and see to it that \
             processes × that number stays below the limit of the database."
        ),
        trade_off: "Each connection takes memory of the database.".to_owned(),
        ..RULE.finding(
            confidence,
            "engine",
            &engine.location,
            format!("{THREADS} requests run at once, and the pool has at most {most} connections for them."),
        )
    }]
}

/// Size and overflow of the pool, and whether they are said; nothing where there is no such pool or it cannot be told.
fn pool(engine: &EngineFact) -> Option<(i64, i64, bool)> {
    let networked =
        matches!(engine.dialect.as_deref(), Some("postgresql" | "postgres" | "mysql" | "mariadb" | "mssql"));
    if engine.open
        || !networked
        || ["poolclass", "pool", "creator"].iter().any(|name| engine.options.contains_key(*name))
    {
        return None;
    }
    let number = |name: &str, usual: i64| match engine.options.get(name) {
        None => Some(usual),
        Some(value) => value.as_deref()?.parse().ok(),
    };
    let said = engine.options.contains_key("pool_size");
    Some((number("pool_size", POOL_SIZE)?, number("max_overflow", MAX_OVERFLOW)?, said))
}
