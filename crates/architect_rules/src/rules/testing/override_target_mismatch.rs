//! A test that replaces a dependency nobody has.

use std::collections::BTreeSet;

use architect_model::Service;
use architect_model::service::{Dependency, Reach};
use architect_source::{Confidence, Finding, Severity};

use crate::text::short;
use crate::{Rule, step};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "override-target-mismatch",
    group: "testing",
    docs: include_str!("override_target_mismatch.md"),
    severity: Severity::Error,
    since: "0.1.0",
    check,
};

fn check(service: &Service) -> Vec<Finding> {
    let mut used: BTreeSet<&str> = BTreeSet::new();
    for one in service.endpoints() {
        used.extend(one.route.dependencies.iter().flat_map(Dependency::tree).map(|inner| inner.call.as_str()));
    }
    // Where a dependency is not known it may be the one.
    if used.is_empty() || used.contains("?") {
        return Vec::new();
    }
    // Endpoints of a router that may be served unseen depend on something, too.
    let unclear = service.routers.iter().any(|router| router.reach == Reach::Unclear);
    let confidence = if unclear { Confidence::Medium } else { Confidence::High };
    let mut findings = Vec::new();
    for function in &service.code.functions {
        for store in function.stores.iter().filter(|store| store.target.contains("dependency_overrides[")) {
            let Some(name) = store.key.as_ref().and_then(|key| key.name.as_deref()) else { continue };
            let Some(target) = service.code.function(name).filter(|_| !used.contains(name)) else { continue };
            let twin = used.iter().find(|other| short(other) == short(name));
            let mut trace = vec![
                step(format!("replaces `{name}`"), &store.location),
                step("which no endpoint depends on", &target.location),
            ];
            let other = twin.and_then(|twin| service.code.function(twin));
            trace.extend(other.map(|other| step("endpoints depend on this one of the same name", &other.location)));
            findings.push(Finding {
                trace,
                why: "The real dependency runs: tests reach the real database or skip the check they are about."
                    .to_owned(),
                help: match twin {
                    Some(twin) => format!("Replace `{twin}`, the very object the endpoints name in `Depends`."),
                    None => "Replace the very function the endpoints name in `Depends`.".to_owned(),
                },
                ..RULE.finding(
                    confidence,
                    format!("{} {name}", function.name),
                    &store.location,
                    format!("The override of `{}` has no effect: no endpoint depends on `{name}`.", short(name)),
                )
            });
        }
    }
    findings
}
