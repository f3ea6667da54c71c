//! Settings that are read and not declared.

use std::collections::BTreeMap;

use architect_model::Service;
use architect_model::code::{Class, Form, Function, Lack};
use architect_source::{Confidence, Finding, Location, Severity};

use crate::text::short;
use crate::{Rule, step};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "undefined-setting",
    group: "lifecycle",
    docs: include_str!("undefined_setting.md"),
    severity: Severity::Error,
    since: "0.3.0",
    check,
};

/// Classes of which settings are made.
pub(super) const SETTINGS: &[&str] = &[
    "pydantic_settings.BaseSettings",
    "pydantic_settings.main.BaseSettings",
    "pydantic.BaseSettings",
    "pydantic.env_settings.BaseSettings",
    "pydantic.v1.BaseSettings",
];
/// Other bases that bring nothing but what is listed below.
const PLAIN: &[&str] = &["pydantic.BaseModel", "pydantic.main.BaseModel", "object", "abc.ABC"];
/// What every model has, by Pydantic 1 and 2.
const OF_MODELS: &[&str] = &[
    "dict",
    "json",
    "copy",
    "schema",
    "schema_json",
    "parse_obj",
    "parse_raw",
    "parse_file",
    "from_orm",
    "construct",
    "validate",
    "update_forward_refs",
    "settings_customise_sources",
    "Config",
    "fields",
];

fn check(service: &Service) -> Vec<Finding> {
    let code = &service.code;
    let mut lacks: BTreeMap<(&str, &str), Vec<(&Function, &Lack)>> = BTreeMap::new();
    for function in code.functions.iter().filter(|function| !function.aside) {
        for lack in &function.lacks {
            lacks.entry((&lack.class, &lack.attribute)).or_default().push((function, lack));
        }
    }
    if lacks.is_empty() {
        return Vec::new();
    }
    let classes = Classes::of(service);
    // Most classes are no settings at all.
    lacks.retain(|(class, attribute), _| {
        !attribute.starts_with("model_") && !OF_MODELS.contains(attribute) && classes.are_known(class)
    });
    let mut findings = Vec::new();
    for ((class, attribute), mut reads) in lacks {
        let Some(declared) = code.class(class) else { continue };
        reads.retain(|(function, lack)| !is_caught(function, lack) && are_together(function, declared));
        let Some((function, first)) = reads.first() else { continue };
        if is_bound_below(service, class, attribute) || is_set_elsewhere(service, class, attribute) {
            continue;
        }
        let name = short(class);
        let mut trace = vec![step(format!("`{name}` does not declare `{attribute}`"), &declared.location)];
        trace.extend(
            reads
                .iter()
                .skip(1)
                .take(4)
                .map(|(function, lack)| step(format!("`{}` reads it, too", short(&function.name)), &lack.location)),
        );
        let help = match alike(service, class, attribute) {
            Some(meant) => format!("Read `{meant}`, which `{name}` has, or declare `{attribute}`."),
            None => format!("Declare `{attribute}` in `{name}`, or take out what reads it."),
        };
        let also = match reads.len() - 1 {
            0 => String::new(),
            more => format!(" ({more} more)"),
        };
        let place = match short(&function.name) {
            "" => "The module".to_owned(),
            name => format!("`{name}`"),
        };
        findings.push(Finding {
            trace,
            why:
                "Settings have the attributes they declare and no others, whatever the environment holds: reading this \
                  one raises AttributeError, where it is read first, which may be a rare request."
                    .to_owned(),
            help,
            trade_off: String::new(),
            ..RULE.finding(
                Confidence::High,
                format!("{class} {attribute}"),
                &first.location,
                format!("{place} reads `{}.{attribute}`, which `{name}` does not declare{also}.", first.of),
            )
        });
    }
    findings
}

/// Classes of a service, as far as they matter here.
struct Classes<'s> {
    service: &'s Service,
    /// How many have the name.
    counts: BTreeMap<&'s str, usize>,
    /// Annotations of classes of settings.
    parts: Vec<&'s str>,
}

impl<'s> Classes<'s> {
    fn of(service: &'s Service) -> Self {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        let mut parts = Vec::new();
        for class in &service.code.classes {
            *counts.entry(&class.name).or_default() += 1;
            if is_settings(&service.code.ancestors(&class.name)) {
                parts.extend(class.fields.iter().filter_map(|field| field.annotation.as_deref()));
            }
        }
        Self { service, counts, parts }
    }

    /// Whether a class is one of settings, or a part of such a class, and all that it has is known.
    fn are_known(&self, class: &str) -> bool {
        let code = &self.service.code;
        let ancestors = code.ancestors(class);
        let is_part = || {
            ancestors.iter().any(|name| PLAIN[..2].contains(&name.as_str()))
                && self.parts.iter().any(|annotation| annotation.contains(short(class)))
        };
        (is_settings(&ancestors) || is_part())
            && ancestors.iter().all(|name| match code.class(name) {
                Some(own) => self.counts.get(name.as_str()) == Some(&1) && !takes_more(own),
                None => SETTINGS.contains(&name.as_str()) || PLAIN.contains(&name.as_str()),
            })
    }
}

fn is_settings(ancestors: &[String]) -> bool {
    ancestors.iter().any(|name| SETTINGS.contains(&name.as_str()))
}

/// Whether a class keeps what it does not declare.
fn takes_more(class: &Class) -> bool {
    class.fields.iter().any(|field| {
        let Some(value) = &field.value else { return false };
        match field.name.as_str() {
            "model_config" => {
                !matches!(value.form, Form::Call | Form::Dict)
                    || value.items.iter().any(|item| match item.keyword.as_deref() {
                        Some("extra") => !matches!(item.str(), Some("ignore" | "forbid")),
                        Some(key) => key.contains('*'),
                        None => true,
                    })
            }
            "Config.extra" => !(value.text.contains("ignore") || value.text.contains("forbid")),
            "Config" => true,
            _ => false,
        }
    })
}

/// Whether a class that derives from it has the attribute: what is read may be one of those.
fn is_bound_below(service: &Service, class: &str, attribute: &str) -> bool {
    let code = &service.code;
    code.classes.iter().any(|other| {
        let binds = other.fields.iter().any(|field| field.name == attribute)
            || code.function(&format!("{}.{attribute}", other.name)).is_some();
        binds && code.ancestors(&other.name).iter().any(|name| name == class)
    })
}

/// Whether something asks for the attribute first, or gives it to an object.
fn is_set_elsewhere(service: &Service, class: &str, attribute: &str) -> bool {
    let end = format!(".{attribute}");
    let ancestors = service.code.ancestors(class);
    service.code.functions.iter().any(|function| {
        let own = function.class.as_ref().is_some_and(|class| ancestors.contains(class));
        function.calls.iter().any(|call| {
            let asks = matches!(call.name.as_str(), "hasattr" | "setattr" | "__setattr__");
            asks && call.arguments.iter().any(|one| one.str() == Some(attribute))
                || own
                    && (matches!(call.name.as_str(), "setattr" | "__setattr__") || call.name == "update")
                    && call.arguments.iter().all(|one| one.str().is_none())
        }) || !function.aside && function.stores.iter().any(|store| store.target.ends_with(&end))
    })
}

/// Whether a function and a class belong to one program: of services side by side, several have a module of that name.
fn are_together(function: &Function, class: &Class) -> bool {
    fn root<'l>(name: &str, location: &'l Location) -> Option<&'l str> {
        let module = name.split(':').next()?.replace('.', "/");
        let path = location.path.strip_suffix(".py")?;
        path.strip_suffix("/__init__").unwrap_or(path).strip_suffix(module.as_str())
    }
    let own = root(&class.name, &class.location);
    own.is_some() && own == root(&function.name, &function.location)
}

/// Whether the error is expected.
fn is_caught(function: &Function, lack: &Lack) -> bool {
    let tries = lack.context.tries.iter().filter_map(|at| function.tries.get(*at));
    tries.flat_map(|one| &one.handlers).flat_map(|handler| &handler.catches).any(|class| class == "AttributeError")
}

/// What the class has that is spelled much the same.
fn alike<'s>(service: &'s Service, class: &str, attribute: &str) -> Option<&'s str> {
    let plain = |name: &str| name.replace('_', "").to_lowercase();
    let wanted = plain(attribute);
    let ancestors = service.code.ancestors(class);
    let fields = ancestors.iter().filter_map(|name| service.code.class(name)).flat_map(|class| &class.fields);
    fields
        .map(|field| field.name.as_str())
        .filter(|name| !name.contains('.'))
        .map(|name| (strsim::levenshtein(&plain(name), &wanted), name))
        .filter(|(distance, name)| *distance <= 2 && name.len() > 4)
        .min()
        .map(|(_, name)| name)
}
