//! Deleting a parent whose children cannot do without.

use std::collections::BTreeMap;

use architect_model::Service;
use architect_model::requests::{EffectFact, EffectKind};
use architect_model::tables::Direction;
use architect_source::{Confidence, Finding, Severity};

use crate::effects::way;
use crate::{Rule, step};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "relationship-nulls-fk",
    group: "sessions",
    docs: include_str!("relationship_nulls_fk.md"),
    severity: Severity::Error,
    since: "0.2.0",
    check,
};

fn check(service: &Service) -> Vec<Finding> {
    let mut deleted: BTreeMap<&str, &EffectFact> = BTreeMap::new();
    for fact in &service.requests.effects {
        if let EffectKind::Write { class, change: "delete" } = &fact.kind {
            deleted.entry(class.as_str()).or_insert(fact);
        }
    }
    let mut findings = Vec::new();
    for mapper in &service.mappers {
        let name = mapper.class.rsplit([':', '.']).next().unwrap_or(&mapper.class);
        let Some(fact) = deleted.get(name) else { continue };
        for relationship in &mapper.relationships {
            let keeps_children = relationship.direction == Direction::OneToMany
                && !relationship.viewonly
                && !relationship.passive_deletes
                && !relationship.cascade.iter().any(|one| matches!(*one, "delete" | "all" | "delete-orphan"));
            let required = relationship.remote_columns.iter().find(|column| {
                column.rsplit_once('.').is_some_and(|(table, column)| {
                    service
                        .tables
                        .iter()
                        .filter(|known| known.full_name() == table)
                        .filter_map(|known| known.column(column))
                        .any(|column| !column.nullable)
                })
            });
            let (true, Some(column), Some(place)) = (keeps_children, required, &relationship.location) else {
                continue;
            };
            let mut trace = way(service, fact);
            trace.push(step(format!("`{column}` may not be null"), place));
            findings.push(Finding {
                trace,
                why: "When the parent is deleted, SQLAlchemy sets the foreign key of the children it relates to null, \
                      also where the database would delete them: `IntegrityError` as soon as there is a child."
                    .to_owned(),
                help: "`cascade=\"all, delete-orphan\"` on the relationship, with `passive_deletes=True` where the \
                       foreign key has `ON DELETE CASCADE`."
                    .to_owned(),
                trade_off: "Children go with their parent; where that must not happen, refuse to delete.".to_owned(),
                ..RULE.finding(
                    Confidence::Medium,
                    format!("{name}.{}", relationship.name),
                    place,
                    format!(
                        "Deleting a `{name}` that has `{}` fails, unless that is refused before: `{column}` is set to null.",
                        relationship.name
                    ),
                )
            });
        }
    }
    findings
}
