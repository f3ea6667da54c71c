//! Rows that a joined collection repeats, taken without `unique()`.

use architect_model::Service;
use architect_model::requests::EffectKind;
use architect_source::{Applicability, Confidence, Finding, Fix, Severity};

use crate::Rule;
use crate::effects::{function, way};
use crate::loops::subject;

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "joined-collection-without-unique",
    group: "queries",
    docs: include_str!("joined_collection_without_unique.md"),
    severity: Severity::Error,
    since: "0.3.0",
    check,
};

fn check(service: &Service) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    for fact in &service.requests.effects {
        let EffectKind::NotUnique { collection, method, edit } = &fact.kind else { continue };
        if findings.iter().any(|known| known.location == fact.location) {
            continue;
        }
        let taken = method.as_ref().map_or("They are iterated".to_owned(), |method| format!("`{method}()` takes them"));
        findings.push(Finding {
            trace: way(service, fact),
            why: "The join gives one row for each element of the collection, the same object again and again. SQLAlchemy \
                  raises `InvalidRequestError` until it is told what to do with them: every call fails here."
                .to_owned(),
            help: format!(
                "Add `.unique()` before the rows are taken, or load `{collection}` with `selectinload`, which repeats \
                 none."
            ),
            trade_off: "`unique()` drops in Python what the database sends twice; `selectinload` takes a second query."
                .to_owned(),
            fix: edit.clone().map(|edit| Fix {
                applicability: Applicability::Safe,
                title: "make the rows unique".to_owned(),
                edits: vec![edit],
            }),
            ..RULE.finding(
                Confidence::High,
                subject(function(fact), &fact.location, collection),
                &fact.location,
                format!("The joined collection `{collection}` repeats rows. {taken} without `.unique()`."),
            )
        });
    }
    findings
}
