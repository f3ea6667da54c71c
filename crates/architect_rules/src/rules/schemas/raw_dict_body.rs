//! A body without a schema.

use architect_model::Service;
use architect_model::code::{Function, Operand};
use architect_source::{Confidence, Finding, Severity};

use crate::requests::words;
use crate::{Rule, step};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "raw-dict-body",
    group: "schemas",
    docs: include_str!("raw_dict_body.md"),
    severity: Severity::Info,
    since: "0.1.0",
    check,
};

/// Words of parameters that hold objects of any form.
const OPEN: &[&str] = &[
    "labels",
    "metadata",
    "schema",
    "values",
    "parameters",
    "params",
    "config",
    "settings",
    "properties",
    "attributes",
    "extra",
    "tags",
    "context",
    "variables",
    "options",
    "annotations",
    "event",
    "document",
];

/// Whether a function asks for keys of a parameter: then their names and types are known, and could be declared. What
/// is only stored or handed on may have any form.
fn reads_keys(function: &Function, name: &str) -> bool {
    let asks = |one: &Operand| {
        let starts = |quote: &str| one.text.contains(&format!("{name}[{quote}"));
        starts("\"") || starts("'")
    };
    let calls = function.calls.iter().any(|call| {
        let gets = call.receiver.as_deref() == Some(name)
            && matches!(call.name.as_str(), "get" | "pop")
            && call.arguments.first().is_some_and(|key| key.str().is_some());
        gets || call.arguments.iter().flat_map(Operand::flat).any(asks)
    });
    let stored = function.stores.iter().filter_map(|store| store.value.as_ref());
    let compared = function.compares.iter().flat_map(|compare| [&compare.left, &compare.right]);
    let returned = function.returns.iter().map(|returned| &returned.value);
    let listed = function.compares.iter().any(|compare| {
        matches!(compare.operator, "in" | "not in") && compare.left.str().is_some() && compare.right.text == name
    });
    calls || listed || stored.chain(compared).chain(returned).flat_map(Operand::flat).any(asks)
}

/// Whether a function makes a schema of a parameter as it is: `Form(**body)`, `Form.model_validate(body)`.
fn becomes_schema(service: &Service, function: &Function, name: &str) -> bool {
    function.calls.iter().any(|call| {
        let Some(callee) = call.callee.as_deref() else { return false };
        let class = callee.strip_suffix(".model_validate").unwrap_or(callee);
        let unpacks = |one: &Operand| one.text == name && (one.keyword.as_deref() == Some("**") || class != callee);
        call.arguments.iter().any(unpacks)
            && service.code.ancestors(class).iter().any(|name| name.starts_with("pydantic."))
    })
}

fn check(service: &Service) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    for one in service.endpoints().into_iter().filter(|one| one.route.is_api) {
        let path = one.path.to_lowercase();
        // What others send has their form.
        if ["webhook", "callback", "hook", "events", "proxy"].iter().any(|word| path.contains(word)) {
            continue;
        }
        let function = one.route.endpoint.as_ref().and_then(|endpoint| service.code.function(&endpoint.name));
        for body in one.route.parameters.body.iter().filter(|body| body.media == Some("body")) {
            let written = function
                .and_then(|function| function.parameters.iter().find(|own| own.name == body.name))
                .and_then(|own| own.annotation.as_deref());
            let (Some(written), Some(place)) = (written, &body.location) else { continue };
            // These are any object by their nature.
            let open = words(&body.name).iter().any(|word| OPEN.contains(&word.as_str()));
            let bare = !open
                && matches!(
                    written.replace(' ', "").as_str(),
                    "dict" | "Dict" | "dict[str,Any]" | "Dict[str,Any]" | "dict[str,object]" | "typing.Dict" | "Any"
                );
            // What is made a schema of at once has one, if not in the document.
            if function.is_some_and(|function| becomes_schema(service, function, &body.name)) {
                continue;
            }
            if !bare || findings.iter().any(|known| known.location == *place) {
                continue;
            }
            findings.push(Finding {
                trace: vec![step(format!("`{}` takes any object as `{}`", one.title(), body.name), place)],
                why: "Nothing says which keys there are and of what type: mistakes of callers become errors of the service, and \
                      the document shows an empty object."
                    .to_owned(),
                help: "Describe the body as a Pydantic model.".to_owned(),
                trade_off: "Fine for documents whose form the service does not know.".to_owned(),
                ..RULE.finding(
                    if function.is_some_and(|function| reads_keys(function, &body.name)) {
                        Confidence::High
                    } else {
                        Confidence::Low
                    },
                    format!("{} {}", one.title(), body.name),
                    place,
                    format!("The body of `{}` has no schema: `{}: {written}`.", one.title(), body.name),
                )
            });
        }
    }
    findings
}
