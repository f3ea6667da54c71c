//! Coroutine functions whose coroutines are cached.

use architect_model::Service;
use architect_model::code::Operand;
use architect_source::{Confidence, Finding, Severity};

use crate::{Rule, step};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "cached-coroutine",
    group: "concurrency",
    docs: include_str!("cached_coroutine.md"),
    severity: Severity::Error,
    since: "0.3.0",
    check,
};

/// What caches whatever a function returns, and that is a coroutine here.
const CACHES: [&str; 3] = ["functools.lru_cache", "functools.cache", "functools.cached_property"];

fn cache(decorator: &Operand) -> Option<&'static str> {
    let name = decorator.name.as_deref()?;
    CACHES.into_iter().find(|known| *known == name)
}

fn check(service: &Service) -> Vec<Finding> {
    let mut findings = Vec::new();
    for function in &service.code.functions {
        // A decorator between them may make something else of the coroutine: only the one next to `def` is sure.
        let Some(decorator) = function.decorators.last() else { continue };
        let Some(cache) = cache(decorator) else { continue };
        if function.aside || !function.is_async || function.is_generator {
            continue;
        }
        let short = function.name.rsplit([':', '.']).next().unwrap_or(&function.name);
        let cache = cache.rsplit('.').next().unwrap_or(cache);
        findings.push(Finding {
            trace: vec![step(format!("`{cache}` keeps what `{short}` returns: a coroutine"), &decorator.location)],
            why: "Calling a coroutine function returns a coroutine, which can be awaited once. The first call works; the \
                  second one gets the same coroutine and raises `RuntimeError: cannot reuse already awaited coroutine`."
                .to_owned(),
            help: "Cache what the coroutine returns, with a cache that awaits (`async_lru.alru_cache`), or make the \
                   function a plain `def` where it awaits nothing."
                .to_owned(),
            trade_off: "A cache that awaits has to say what callers meanwhile wait for.".to_owned(),
            ..RULE.finding(
                Confidence::High,
                function.name.clone(),
                &function.location,
                format!("`{cache}` caches the coroutine of `{short}`: its second call fails."),
            )
        });
    }
    findings
}
