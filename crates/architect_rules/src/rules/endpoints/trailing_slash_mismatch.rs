//! One path, with and without a slash at its end.

use std::collections::BTreeMap;

use architect_model::Service;
use architect_model::service::Route;
use architect_source::{Confidence, Finding, Severity};

use crate::level::levels;
use crate::{Rule, step};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "trailing-slash-mismatch",
    group: "endpoints",
    docs: include_str!("trailing_slash_mismatch.md"),
    severity: Severity::Warning,
    since: "0.3.0",
    check,
};

fn check(service: &Service) -> Vec<Finding> {
    let mut findings = Vec::new();
    for level in levels(service) {
        let mut by_path: BTreeMap<&str, (Vec<&Route>, Vec<&Route>)> = BTreeMap::new();
        let routes =
            level.routes.iter().filter(|route| route.is_api && !route.is_websocket() && route.conditional.is_none());
        for route in routes {
            let entry = by_path.entry(route.path.trim_end_matches('/')).or_default();
            if route.path.ends_with('/') { entry.0.push(route) } else { entry.1.push(route) }
        }
        for (path, (with, without)) in by_path {
            let (Some(slashed), Some(bare)) = (with.first(), without.first()) else { continue };
            // Both spellings of one operation are there on purpose.
            let twice = with.iter().any(|one| {
                without.iter().any(|other| {
                    one.endpoint.as_ref().map(|endpoint| &endpoint.name)
                        == other.endpoint.as_ref().map(|endpoint| &endpoint.name)
                        || one.methods.iter().any(|method| other.methods.contains(method))
                })
            });
            if twice || path.is_empty() {
                continue;
            }
            let (one, other) = (level.title(slashed), level.title(bare));
            findings.push(Finding {
                trace: vec![
                    step(format!("`{one}` ends in a slash"), &slashed.location),
                    step(format!("`{other}` does not"), &bare.location),
                ],
                why: "The methods of one resource have two addresses. A client that uses one for both gets 405 \
                      for the other: the path is there, so nothing redirects."
                    .to_owned(),
                help: "Spell both the same way; `include_in_schema=False` on a second route keeps the old address \
                       alive."
                    .to_owned(),
                trade_off: "Callers of the address that goes away have to be asked first.".to_owned(),
                ..RULE.finding(
                    Confidence::High,
                    format!("{}{path}", level.prefix),
                    &bare.location,
                    format!("`{one}` and `{other}` are the same resource, with and without a slash."),
                )
            });
        }
    }
    findings
}
