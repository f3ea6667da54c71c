//! Conditions of statements that Python decides before the database sees them.

use architect_model::Service;
use architect_model::requests::{Becomes, ColumnTest, Decides, EffectKind};
use architect_source::{Applicability, Confidence, Finding, Fix, Severity};

use crate::Rule;
use crate::effects::{function, way};
use crate::loops::subject;

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "python-boolean-in-filter",
    group: "queries",
    docs: include_str!("python_boolean_in_filter.md"),
    severity: Severity::Error,
    since: "0.3.0",
    check,
};

/// How it is written.
fn written(by: Decides) -> &'static str {
    match by {
        Decides::And => "and",
        Decides::Or => "or",
        Decides::Not => "not",
        Decides::Is => "is",
        Decides::IsNot => "is not",
        Decides::In => "in",
        Decides::NotIn => "not in",
        Decides::Chain => "a chain of comparisons",
    }
}

/// What lets the database decide.
fn instead(by: Decides) -> &'static str {
    match by {
        Decides::And => "`&` between conditions in parentheses, or several arguments of `where()`",
        Decides::Or => "`|` between conditions in parentheses, or `or_()`",
        Decides::Not => "`~` or `not_()`",
        Decides::Is => "`.is_()`",
        Decides::IsNot => "`.is_not()`",
        Decides::In => "`.in_()`",
        Decides::NotIn => "`.not_in()`",
        Decides::Chain => "`&` between two comparisons, or `.between()`",
    }
}

fn message(test: &ColumnTest) -> String {
    let by = match test.by {
        Decides::Chain => "A chain of comparisons".to_owned(),
        by => format!("`{}`", written(by)),
    };
    match test.becomes {
        Becomes::First => format!("{by} keeps only the first of these conditions: the database never sees the others."),
        Becomes::Last => format!("{by} keeps only the last of these conditions: the database never sees the others."),
        Becomes::Always(known) => {
            format!("{by} is decided by Python before the query is sent: this condition is always {known}.")
        }
        Becomes::Raises => format!("{by} asks a condition of the query for its truth, which raises an exception."),
        Becomes::Unclear => format!("{by} is decided by Python, not by the database: conditions are lost."),
    }
}

fn check(service: &Service) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    for fact in &service.requests.effects {
        let EffectKind::ColumnTest(test) = &fact.kind else { continue };
        if findings.iter().any(|known| known.location == fact.location) {
            continue;
        }
        let why = match test.becomes {
            Becomes::Raises => "SQLAlchemy refuses to say whether a condition is true, so that the request fails here.",
            _ => {
                "Python has no way to leave `and`, `or`, `not`, `is` and `in` to the database: it decides them on the \
                 column objects, and the query runs without an error and gives other rows than it says."
            }
        };
        findings.push(Finding {
            trace: way(service, fact),
            why: why.to_owned(),
            help: format!("Let the database decide: {}.", instead(test.by)),
            fix: (!test.edits.is_empty()).then(|| Fix {
                applicability: Applicability::Safe,
                title: "use an operator that the database sees".to_owned(),
                edits: test.edits.clone(),
            }),
            ..RULE.finding(
                Confidence::High,
                subject(function(fact), &fact.location, written(test.by)),
                &fact.location,
                message(test),
            )
        });
    }
    findings
}
