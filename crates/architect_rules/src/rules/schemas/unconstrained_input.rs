//! Numbers that may be negative where that makes no sense.

use architect_model::Service;
use architect_model::code::Function;
use architect_model::schema::{Scalar, Type};
use architect_model::service::{Dependency, Parameter};
use architect_source::{Confidence, Finding, Severity};

use crate::{Rule, step};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "unconstrained-input",
    group: "schemas",
    docs: include_str!("unconstrained_input.md"),
    severity: Severity::Warning,
    since: "0.1.0",
    check,
};

fn check(service: &Service) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    for one in service.endpoints().into_iter().filter(|one| one.route.is_api) {
        let own = one.route.endpoint.as_ref().and_then(|endpoint| service.code.function(&endpoint.name));
        let mut found: Vec<(&Parameter, Option<&Function>)> =
            one.route.parameters.query.iter().map(|parameter| (parameter, own)).collect();
        one.route.dependencies.iter().for_each(|dependency| collect(service, dependency, &mut found));
        for (parameter, function) in found {
            if !is_offset(&parameter.name)
                || !may_be_negative(parameter)
                || function.is_none_or(|function| looks(function, parameter))
            {
                continue;
            }
            let Some(place) = &parameter.location else { continue };
            if findings.iter().any(|known| known.location == *place) {
                continue;
            }
            findings.push(Finding {
                trace: vec![step(format!("`{}` takes any integer as `{}`", one.title(), parameter.alias), place)],
                why: "A negative offset is an error of the database (500) or counts from the end: callers get no 422 that says \
                      so."
                    .to_owned(),
                help: format!("Write `{}: Annotated[int, Query(ge=0)] = 0`.", parameter.name),
                ..RULE.finding(
                    Confidence::High,
                    format!("{} {}", function.map_or("", |function| function.name.as_str()), parameter.name),
                    place,
                    format!("`{}` of `{}` may be negative.", parameter.alias, one.title()),
                )
            });
        }
    }
    findings
}

fn collect<'s>(service: &'s Service, dependency: &'s Dependency, out: &mut Vec<(&'s Parameter, Option<&'s Function>)>) {
    let function = service.code.function(&dependency.call);
    out.extend(dependency.parameters.query.iter().map(|parameter| (parameter, function)));
    dependency.dependencies.iter().for_each(|inner| collect(service, inner, out));
}

fn is_offset(name: &str) -> bool {
    matches!(name, "offset" | "skip" | "page_offset" | "start_index")
}

fn may_be_negative(parameter: &Parameter) -> bool {
    fn open(ty: &Type) -> bool {
        match ty {
            Type::Scalar(Scalar::Integer) => true,
            Type::Annotated { inner, facts } => {
                !["ge", "gt", "minimum", "exclusiveMinimum"].iter().any(|key| facts.contains_key(*key)) && open(inner)
            }
            Type::Union { members, .. } => members.iter().any(open),
            _ => false,
        }
    }
    parameter.field.as_ref().is_some_and(|field| {
        !["ge", "gt", "minimum", "exclusiveMinimum"].iter().any(|key| field.facts.contains_key(*key)) && open(&field.ty)
    })
}

/// Whether the code looks at the value itself.
fn looks(function: &Function, parameter: &Parameter) -> bool {
    let about = |operand: &architect_model::code::Operand| operand.sources.contains(&parameter.name);
    function.compares.iter().any(|one| about(&one.left) || about(&one.right))
        || function.calls.iter().any(|call| call.name == "max" && call.arguments.iter().any(about))
}
