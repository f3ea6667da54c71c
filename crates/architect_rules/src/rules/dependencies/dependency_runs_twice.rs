//! Dependencies that run more than once for a request.

use std::collections::{BTreeMap, BTreeSet};

use architect_model::Service;
use architect_model::service::Dependency;
use architect_source::{Confidence, Finding, Severity, Step};

use crate::text::short;
use crate::{Rule, step};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "dependency-runs-twice",
    group: "dependencies",
    docs: include_str!("dependency_runs_twice.md"),
    severity: Severity::Info,
    since: "0.3.0",
    check,
};

fn check(service: &Service) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    for one in service.endpoints() {
        let mut runs: BTreeMap<&str, Vec<&Dependency>> = BTreeMap::new();
        one.route.dependencies.iter().for_each(|dependency| collect(dependency, &mut runs, 0));
        for (call, places) in runs {
            let uncached = places.iter().filter(|place| !place.use_cache).count();
            let times = uncached + usize::from(places.len() > uncached);
            let Some(function) =
                service.code.function(call).filter(|function| !function.aside && !function.calls.is_empty())
            else {
                continue;
            };
            // A session of its own is what `use_cache=False` is for.
            if uncached == 0 || times < 2 || function.is_generator || !seen.insert(call) {
                continue;
            }
            let trace: Vec<Step> = places
                .iter()
                .filter_map(|place| {
                    let how = if place.use_cache { "is asked for" } else { "is asked for with `use_cache=False`" };
                    Some(step(format!("`{}` {how}", short(call)), place.declared_at.as_ref()?))
                })
                .collect();
            let place = trace.first().map_or(&one.route.location, |step| &step.location).clone();
            findings.push(Finding {
                trace,
                why: format!(
                    "It runs {times} times for `{}`, with all it does, and each time may give another answer.",
                    one.title()
                ),
                help:
                    "Leave `use_cache=False` out: a request asks for a dependency once, and all who need it get that."
                        .to_owned(),
                trade_off: "Fine where it has to be asked anew: it counts, or gives out something that is used up."
                    .to_owned(),
                ..RULE.finding(
                    Confidence::High,
                    call,
                    &place,
                    format!("`{}` runs {times} times for one request.", short(call)),
                )
            });
        }
    }
    findings
}

fn collect<'s>(dependency: &'s Dependency, out: &mut BTreeMap<&'s str, Vec<&'s Dependency>>, depth: u32) {
    out.entry(dependency.call.as_str()).or_default().push(dependency);
    if depth < 20 {
        dependency.dependencies.iter().for_each(|inner| collect(inner, out, depth + 1));
    }
}
