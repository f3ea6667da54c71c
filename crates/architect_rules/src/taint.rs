//! What callers of the service choose, followed through the functions it is passed to.

use std::collections::BTreeMap;

use architect_model::Service;
use architect_model::code::{Function, Operand, Parameter};
use architect_source::Step;

use crate::requests::Requests;
use crate::step;

/// Calls that leave the text a caller chose in it.
const KEEPS: &[&str] =
    &["str", "strip", "lower", "upper", "format", "join", "lstrip", "rstrip", "replace", "encode", "decode", "get"];

/// Where a parameter comes from.
#[derive(Clone)]
pub(crate) struct Source {
    /// The endpoint, as people name it.
    pub endpoint: String,
    /// How it gets there.
    pub trace: Vec<Step>,
    /// Whether it is one segment of a path, which holds no slash.
    pub one_segment: bool,
}

/// Parameters of functions that hold text a caller chose.
pub(crate) struct Taint {
    known: BTreeMap<(String, String), Source>,
}

impl Taint {
    /// Follows the parameters of endpoints.
    pub fn of(service: &Service) -> Self {
        let requests = Requests::of(service);
        let code = &service.code;
        let mut taint = Self { known: BTreeMap::new() };
        let mut work = Vec::new();
        for (one, function) in requests.with_code(code) {
            let places = &one.route.parameters;
            for place in [&places.path, &places.query, &places.header, &places.cookie, &places.body] {
                for sent in place {
                    let Some(parameter) = function.parameters.iter().find(|own| own.name == sent.name) else {
                        continue;
                    };
                    if !is_free(parameter) {
                        continue;
                    }
                    let title = one.title();
                    let in_path = places.path.iter().any(|own| own.name == sent.name);
                    let source = Source {
                        trace: vec![step(format!("callers of `{title}` choose `{}`", sent.name), &parameter.location)],
                        one_segment: in_path && !one.path.contains(&format!("{{{}:path}}", sent.alias)),
                        endpoint: title,
                    };
                    let key = (function.name.clone(), parameter.name.clone());
                    if taint.known.insert(key.clone(), source).is_none() {
                        work.push(key);
                    }
                }
            }
        }
        while let Some((name, _)) = work.pop() {
            let Some(function) = code.function(&name) else { continue };
            for call in &function.calls {
                let Some(callee) = call.callee.as_deref().and_then(|callee| code.function(callee)) else { continue };
                let skipped = usize::from(
                    callee.class.is_some() && callee.parameters.first().is_some_and(|one| one.name == "self"),
                );
                for (position, argument) in call.arguments.iter().enumerate() {
                    let Some((_, source)) = taint.reaches(function, argument) else { continue };
                    let parameter = match argument.keyword.as_deref() {
                        Some(keyword) => callee.parameters.iter().find(|one| one.name == keyword),
                        None => callee.parameters.get(position + skipped),
                    };
                    let Some(parameter) = parameter.filter(|one| is_free(one)) else { continue };
                    let key = (callee.name.clone(), parameter.name.clone());
                    if !taint.known.contains_key(&key) {
                        let mut source = source.clone();
                        source.trace.push(step(format!("passed on as `{}`", parameter.name), &call.location));
                        taint.known.insert(key.clone(), source);
                        work.push(key);
                    }
                }
            }
        }
        taint
    }

    /// The parameter whose text an expression holds, and where that comes from.
    pub fn reaches(&self, function: &Function, operand: &Operand) -> Option<(String, &Source)> {
        if !operand.through.iter().all(|name| KEEPS.contains(&name.as_str())) {
            return None;
        }
        operand.sources.iter().find_map(|name| {
            let source = self.known.get(&(function.name.clone(), name.clone()))?;
            // What the code chooses from a table or assigns anew is its own.
            Some((name.clone(), source))
        })
    }
}

/// Whether a parameter is text of any form. What is validated to something else, and models, whose fields have types of
/// their own, are not.
fn is_free(parameter: &Parameter) -> bool {
    let Some(annotation) = &parameter.annotation else { return true };
    let bare = annotation.replace(' ', "");
    let inner = bare.strip_prefix("Annotated[").map_or(bare.as_str(), |rest| rest.split(',').next().unwrap_or(rest));
    let inner = inner.strip_prefix("Optional[").map_or(inner, |rest| rest.trim_end_matches(']'));
    let constrained = bare.contains("pattern=") || bare.contains("regex=");
    !constrained && matches!(inner, "str" | "str|None" | "HttpUrl" | "AnyUrl" | "AnyHttpUrl" | "bytes")
}
