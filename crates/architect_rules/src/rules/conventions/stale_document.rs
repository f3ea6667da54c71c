//! Documents that name what is not there any more.

use architect_conventions::stale_references;
use architect_model::Service;
use architect_source::{Confidence, Finding, Severity};

use crate::Rule;

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "stale-document",
    group: "conventions",
    docs: include_str!("stale_document.md"),
    severity: Severity::Info,
    since: "0.1.0",
    check,
};

fn check(service: &Service) -> Vec<Finding> {
    stale_references(service)
        .into_iter()
        .map(|stale| {
            let confidence = if stale.sure { Confidence::High } else { Confidence::Medium };
            let subject = format!("{} {}", stale.document, stale.text);
            Finding {
                why: "People and agents follow documents: they look for what is gone, or write it anew.".to_owned(),
                help: "Name what took its place, or take the line out.".to_owned(),
                ..RULE.finding(
                    confidence,
                    subject,
                    &stale.location,
                    format!("`{}` is out of date: {}.", stale.document, stale.message),
                )
            }
        })
        .collect()
}
