//! Pools that hand out broken connections.

use architect_model::Service;
use architect_model::code::Call;
use architect_source::{Confidence, Finding, Location, Severity};

use crate::{Rule, step};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "no-pre-ping",
    group: "lifecycle",
    docs: include_str!("no_pre_ping.md"),
    severity: Severity::Info,
    since: "0.3.0",
    check,
};

fn check(service: &Service) -> Vec<Finding> {
    let own = |place: &Location| {
        let path = &place.path;
        // Alembic's environment makes an engine for one run.
        path.rsplit('/').next() != Some("env.py") && !is_aside(service, path)
    };
    // Requests that go through one engine, and that is all there is to say of it.
    let mut engines = service.requests.engines.iter().filter(|engine| own(&engine.location));
    let found = engines.find(|engine| {
        let networked = matches!(
            engine.dialect.as_deref(),
            Some("postgresql" | "postgres" | "mysql" | "mariadb" | "mssql" | "oracle" | "cockroachdb")
        );
        let behind_pooler = engine.options.contains_key("connect_args")
            && written(service, &engine.location).and_then(|call| call.keyword("connect_args")).is_none_or(
                |arguments| arguments.text.contains("statement_cache_size") || arguments.text.contains("prepare"),
            );
        networked
            && !engine.open
            && !behind_pooler
            && !["pool_pre_ping", "pool_recycle", "poolclass", "pool", "creator", "async_creator"]
                .iter()
                .any(|option| engine.options.contains_key(*option))
    });
    let Some(engine) = found else { return Vec::new() };
    // An event handler that pings does the same.
    if service.code.functions.iter().any(|function| {
        function.decorators.iter().any(|one| one.text.contains("\"checkout\"") || one.text.contains("engine_connect"))
    }) {
        return Vec::new();
    }
    vec![Finding {
        trace: vec![step("neither `pool_pre_ping` nor `pool_recycle` is set", &engine.location)],
        why: "When the database restarts, fails over, or a firewall drops idle connections, each connection of \
              the pool is broken, and the first request that gets it fails with 500."
            .to_owned(),
        help: "Make the engine with `pool_pre_ping=True`.".to_owned(),
        trade_off: "One small round trip each time a connection is taken from the pool.".to_owned(),
        ..RULE.finding(
            Confidence::High,
            "engine",
            &engine.location,
            "Connections that broke while they rested fail the requests that get them: the pool does not test them.",
        )
    }]
}

fn is_aside(service: &Service, path: &str) -> bool {
    service.code.functions.iter().any(|function| function.aside && *function.location.path == *path)
}

fn written<'s>(service: &'s Service, place: &Location) -> Option<&'s Call> {
    let calls = service.code.functions.iter().filter(|one| one.location.path == place.path).flat_map(|one| &one.calls);
    calls.into_iter().find(|call| call.location.line == place.line)
}
