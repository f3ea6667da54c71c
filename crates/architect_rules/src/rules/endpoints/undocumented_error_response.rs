//! Errors an endpoint answers and its document leaves out.

use architect_model::Service;
use architect_source::{Confidence, Finding, Severity};

use crate::{Rule, step};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "undocumented-error-response",
    group: "endpoints",
    docs: include_str!("undocumented_error_response.md"),
    severity: Severity::Info,
    since: "0.1.0",
    check,
};

fn check(service: &Service) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    for (one, leaving) in service.endpoints().iter().zip(&service.leaving) {
        let Some(operation) = one.route.operation.as_ref().filter(|_| one.route.include_in_schema) else { continue };
        let named = |status: u16| {
            let class = format!("{}XX", status / 100);
            operation.responses.iter().any(|(known, ..)| {
                *known == status.to_string() || known.eq_ignore_ascii_case(&class) || known == "default"
            })
        };
        let mut missing: Vec<_> = leaving
            .iter()
            .filter_map(|one| Some((one.status?, one)))
            .filter(|(status, _)| (400..500).contains(status) && *status != 422 && !named(*status))
            .collect();
        missing.sort_by_key(|(status, _)| *status);
        missing.dedup_by_key(|(status, _)| *status);
        if missing.is_empty() || findings.iter().any(|known| known.location == one.route.location) {
            continue;
        }
        let statuses: Vec<String> = missing.iter().map(|(status, _)| status.to_string()).collect();
        let mut trace =
            vec![step(format!("the document of `{}` names none of them", one.title()), &one.route.location)];
        trace.extend(
            missing.iter().take(6).map(|(status, one)| step(format!("{status} is raised here"), &one.location)),
        );
        findings.push(Finding {
            trace,
            why: "Clients that are generated from the document do not know these answers.".to_owned(),
            help: format!(
                "Add `responses={{{}}}`.",
                statuses
                    .iter()
                    .map(|status| format!("{status}: {{\"description\": \"…\"}}"))
                    .collect::<Vec<_>>()
                    .join(", ")
            ),
            trade_off: "The document grows; once on a router is enough for what all its endpoints share.".to_owned(),
            ..RULE.finding(
                Confidence::Low,
                one.title(),
                &one.route.location,
                format!("`{}` may answer {}, which its document leaves out.", one.title(), statuses.join(", ")),
            )
        });
    }
    findings
}
