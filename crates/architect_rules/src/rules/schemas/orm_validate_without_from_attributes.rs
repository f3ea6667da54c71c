//! Rows given to a model that takes dictionaries only.

use architect_model::Service;
use architect_model::requests::Misfit;
use architect_source::{Confidence, Finding, Severity};

use crate::text::short;
use crate::{Rule, step};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "orm-validate-without-from-attributes",
    group: "schemas",
    docs: include_str!("orm_validate_without_from_attributes.md"),
    severity: Severity::Error,
    since: "0.3.0",
    check,
};

fn check(service: &Service) -> Vec<Finding> {
    let shapes = service.requests.shapes.iter().filter(|shape| shape.misfit == Misfit::NoAttributes);
    shapes
        .map(|shape| {
            let (model, class) = (short(&shape.model), short(&shape.class));
            Finding {
                trace: vec![
                    step(format!("`{model}` does not set `from_attributes`"), &shape.declared),
                    step(format!("and is given a `{class}`"), &shape.location),
                ],
                why: "Pydantic reads attributes only where it is told to: for any object that is no dictionary, \
                      this raises a `ValidationError`."
                    .to_owned(),
                help: format!("Give `{model}` `model_config = ConfigDict(from_attributes=True)`."),
                ..RULE.finding(
                    Confidence::High,
                    format!("{} {}", shape.model, shape.class),
                    &shape.location,
                    format!("`{model}` cannot be made of a `{class}`: it reads no attributes."),
                )
            }
        })
        .collect()
}
