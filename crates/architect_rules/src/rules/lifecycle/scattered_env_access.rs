//! Environment variables that are read beside the settings of a service.

use std::collections::{BTreeMap, BTreeSet};

use architect_model::Service;
use architect_model::code::{Constant, Form, Operand};
use architect_source::{Confidence, Finding, Location, Severity};

use super::undefined_setting::SETTINGS;
use crate::text::{count, names};
use crate::{Rule, step};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "scattered-env-access",
    group: "lifecycle",
    docs: include_str!("scattered_env_access.md"),
    severity: Severity::Info,
    since: "0.3.0",
    check,
};

/// Modules that read the environment by themselves, from which on they are scattered.
const SCATTERED: usize = 3;

/// Variables that each program of a service may understand in its own way, and those of the system.
const OF_PROGRAMS: &[&str] =
    &["PORT", "HOST", "LOG_LEVEL", "LOGLEVEL", "WORKERS", "HOSTNAME", "POD_NAME", "HOME", "USER", "TZ", "PATH"];

/// A read of a variable.
struct Read<'s> {
    key: &'s str,
    /// The default that stands there.
    default: Option<String>,
    module: &'s str,
    location: &'s Location,
}

fn check(service: &Service) -> Vec<Finding> {
    let mut by_package: BTreeMap<&str, Vec<Read<'_>>> = BTreeMap::new();
    for read in reads(service) {
        by_package.entry(read.module.split('.').next().unwrap_or(read.module)).or_default().push(read);
    }
    // A program that sets a variable for the others says what holds.
    let own = service.code.functions.iter().filter(|function| !function.aside);
    let stores = own.flat_map(|function| &function.stores).filter(|store| store.target.contains("environ["));
    let written: BTreeSet<&str> = stores.filter_map(|store| store.key.as_ref()?.str()).collect();
    let mut findings = Vec::new();
    for (package, all) in by_package {
        findings.extend(differing(package, &all, &written));
        findings.extend(scattered(service, package, &all));
    }
    findings
}

/// Variables that have several defaults.
fn differing(package: &str, all: &[Read<'_>], written: &BTreeSet<&str>) -> Vec<Finding> {
    let mut by_key: BTreeMap<&str, BTreeMap<&str, &Read<'_>>> = BTreeMap::new();
    for read in all {
        // None and an empty text ask whether there is a value.
        if let Some(default) = read.default.as_deref().filter(|default| !default.is_empty())
            && !OF_PROGRAMS.contains(&read.key)
            && !read.key.ends_with("_LOG_LEVEL")
            && !written.contains(read.key)
        {
            by_key.entry(read.key).or_default().entry(default).or_insert(read);
        }
    }
    let differ = by_key.into_iter().filter(|(_, defaults)| {
        let modules: BTreeSet<&str> = defaults.values().map(|read| read.module).collect();
        defaults.len() > 1 && modules.len() > 1
    });
    differ
        .map(|(key, defaults)| {
            let mut reads: Vec<(&str, &Read<'_>)> = defaults.into_iter().collect();
            reads.sort_by_key(|(_, read)| (&read.location.path, read.location.line));
            let place = reads[0].1.location;
            // What the defaults are may be a secret: they are not told.
            Finding {
                severity: Severity::Warning,
                trace: reads.iter().map(|(_, read)| step(format!("`{}` has a default of its own", read.module), read.location)).collect(),
                why: "Where the variable is not set, parts of one service go by different values, and none of them is wrong \
                      by itself."
                    .to_owned(),
                help: "Declare it once, in the settings, and read it from there.".to_owned(),
                trade_off: "What relied on its own default changes: decide which one was meant.".to_owned(),
                ..RULE.finding(
                    Confidence::High,
                    format!("{package} {key}"),
                    place,
                    format!("`{key}` is read in {} with different defaults.", count(reads.len(), "place")),
                )
            }
        })
        .collect()
}

/// Modules that read the environment although the package has settings.
fn scattered(service: &Service, package: &str, all: &[Read<'_>]) -> Option<Finding> {
    let code = &service.code;
    let module = |name: &str| name.split(':').next().unwrap_or(name).to_owned();
    let settings = code.classes.iter().filter(|class| !class.aside).find(|class| {
        class.name.split(['.', ':']).next() == Some(package)
            && code.ancestors(&class.name).iter().any(|name| SETTINGS.contains(&name.as_str()))
    })?;
    let own = module(&settings.name);
    let mut first: BTreeMap<&str, &Read<'_>> = BTreeMap::new();
    for read in all {
        let last = read.module.rsplit('.').next().unwrap_or(read.module);
        let is_program =
            read.module.split('.').any(|part| matches!(part, "cli" | "commands" | "scripts" | "migrations"))
                || matches!(last, "__main__" | "cli" | "manage" | "gunicorn_conf" | "setup" | "version");
        if read.module != own && !is_program && !last.contains("config") && !last.contains("setting") && last != "env" {
            first.entry(read.module).or_insert(read);
        }
    }
    if first.len() < SCATTERED {
        return None;
    }
    let modules: Vec<String> = first.keys().map(|name| (*name).to_owned()).collect();
    let read = first.values().next()?;
    let mut trace = vec![step("the settings of the service", &settings.location)];
    trace.extend(
        first.values().take(6).map(|read| step(format!("`{}` reads `{}`", read.module, read.key), read.location)),
    );
    Some(Finding {
        trace,
        why:
            "What the service can be told is in several places: nothing checks these values when it starts, and `.env` \
              files that the settings read do not reach them."
                .to_owned(),
        help: "Declare them in the settings.".to_owned(),
        trade_off: "Fine for what belongs to a library, and for what is read before there are settings.".to_owned(),
        ..RULE.finding(
            Confidence::Medium,
            package,
            read.location,
            format!(
                "{} read the environment beside the settings: {}.",
                count(modules.len(), "module"),
                names(&modules, 4)
            ),
        )
    })
}

/// Reads of variables whose name is known, by calls.
fn reads(service: &Service) -> Vec<Read<'_>> {
    let code = &service.code;
    let mut out = Vec::new();
    for function in code.functions.iter().filter(|function| !function.aside) {
        let module = function.name.split(':').next().unwrap_or_default();
        for call in &function.calls {
            if call.callee.as_deref().is_some_and(is_read) {
                out.extend(read(&call.arguments, module, &call.location));
            }
        }
    }
    for class in code.classes.iter().filter(|class| !class.aside) {
        let module = class.name.split(':').next().unwrap_or_default();
        for value in class.fields.iter().filter_map(|field| field.value.as_ref()) {
            for call in value.flat() {
                if call.form == Form::Call && call.name.as_deref().is_some_and(is_read) {
                    out.extend(read(&call.items, module, &call.location));
                }
            }
        }
    }
    out
}

fn is_read(callee: &str) -> bool {
    matches!(callee, "os.getenv" | "os.environ.get")
}

fn read<'s>(arguments: &'s [Operand], module: &'s str, location: &'s Location) -> Option<Read<'s>> {
    let key = arguments.first()?.str()?;
    let default = match arguments.get(1).and_then(|one| one.constant.as_ref()) {
        Some(Constant::Str(text)) => Some(text.to_lowercase()),
        Some(Constant::Int(number)) => Some(number.to_string()),
        Some(Constant::Float(number)) => Some(number.to_string()),
        Some(Constant::Bool(value)) => Some(value.to_string()),
        _ => None,
    };
    Some(Read { key, default, module, location })
}
