//! What Pydantic 1 understood and Pydantic 2 ignores.

use std::cell::LazyCell;
use std::collections::{BTreeMap, BTreeSet};

use architect_model::Service;
use architect_model::code::Class;
use architect_source::{Confidence, Finding, Location, Severity};

use crate::requests::Requests;
use crate::text::{identifiers, short};
use crate::{Rule, step};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "pydantic-v1-leftover",
    group: "schemas",
    docs: include_str!("pydantic_v1_leftover.md"),
    severity: Severity::Warning,
    since: "0.1.0",
    check,
};

/// Keys of `class Config` that have another name, and the effect of the old one.
const RENAMED: &[(&str, &str)] = &[
    ("orm_mode", "from_attributes"),
    ("allow_population_by_field_name", "populate_by_name"),
    ("schema_extra", "json_schema_extra"),
    ("anystr_strip_whitespace", "str_strip_whitespace"),
    ("min_anystr_length", "str_min_length"),
    ("max_anystr_length", "str_max_length"),
    ("allow_mutation", "frozen"),
    ("validate_all", "validate_default"),
    ("keep_untouched", "ignored_types"),
];

fn check(service: &Service) -> Vec<Finding> {
    let second = service.libraries.get("pydantic").is_none_or(|version| !version.starts_with("1."));
    let fastapi = service.libraries.get("fastapi").and_then(|version| version.split('.').nth(1)?.parse::<u32>().ok());
    let mut findings = Vec::new();
    if !second || needs_the_first(service) {
        return findings;
    }
    let exchanged = LazyCell::new(|| exchanged(service));
    for class in service.code.classes.iter().filter(|class| !class.aside && is_model(service, class)) {
        for field in &class.fields {
            let Some(key) = field.name.strip_prefix("Config.") else { continue };
            let Some((_, new)) = RENAMED.iter().find(|(old, _)| *old == key) else { continue };
            let what = format!("`{key}` of `class Config` has no effect in Pydantic 2");
            let help = format!("Write `model_config = ConfigDict({new}=…)`.");
            findings.push(finding(&format!("{} {key}", class.name), &field.location, &what, help));
        }
        if fastapi.is_some_and(|minor| minor >= 128)
            && class.bases.iter().any(|base| base.starts_with("pydantic.v1."))
            && exchanged.contains(&class.name)
        {
            let help = "Derive from `pydantic.BaseModel`.".to_owned();
            let what = format!("`{}` derives from `pydantic.v1`, which FastAPI dropped in 0.128", class.name);
            findings.push(Finding { severity: Severity::Error, ..finding(&class.name, &class.location, &what, help) });
        }
    }
    findings
}

/// Classes whose instances endpoints take or answer, and what those derive from: FastAPI never sees any other.
fn exchanged(service: &Service) -> BTreeSet<String> {
    let mut named: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for class in &service.code.classes {
        named.entry(short(&class.name)).or_default().push(&class.name);
    }
    let mut names: BTreeSet<&str> = BTreeSet::new();
    let requests = Requests::of(service);
    for (one, function) in requests.with_code(&service.code) {
        names.extend(function.parameters.iter().filter_map(|parameter| parameter.class.as_deref()));
        let answers = one.route.response_model.as_deref().unwrap_or_default();
        names.extend(identifiers(answers).filter_map(|name| named.get(name)).flatten());
    }
    names.into_iter().flat_map(|name| service.code.ancestors(name)).collect()
}

/// Whether the code can only run with Pydantic 1, whatever the project says of versions.
fn needs_the_first(service: &Service) -> bool {
    let moved = |name: &String| matches!(name.as_str(), "pydantic.BaseSettings" | "pydantic.env_settings.BaseSettings");
    service.code.classes.iter().filter(|class| !class.aside).any(|class| class.bases.iter().any(moved))
}

fn is_model(service: &Service, class: &Class) -> bool {
    service.code.ancestors(&class.name).iter().any(|name| name.starts_with("pydantic.") && name.ends_with(".BaseModel"))
}

fn finding(subject: &str, place: &Location, what: &str, help: String) -> Finding {
    Finding {
        trace: vec![step("written for Pydantic 1", place)],
        why: "Pydantic 2 warns once and goes on without it: what it was written for does not happen.".to_owned(),
        help,
        ..RULE.finding(Confidence::High, subject, place, format!("{what}."))
    }
}
