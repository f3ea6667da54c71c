//! State of requests in the memory of one process.

use std::collections::BTreeMap;

use architect_model::Service;
use architect_model::code::{Function, Store};
use architect_source::{Confidence, Finding, Severity, Step};

use crate::requests::{Requests, words};
use crate::text::short;
use crate::{Rule, step};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "process-local-state",
    group: "lifecycle",
    docs: include_str!("process_local_state.md"),
    severity: Severity::Warning,
    since: "0.3.0",
    check,
};

/// Words of names that hold what each process may have of its own.
const OWN: &[&str] = &[
    "cache",
    "caches",
    "cached",
    "memo",
    "memoized",
    "registry",
    "metrics",
    "stats",
    "counter",
    "counters",
    "lock",
    "locks",
    "pool",
    "pools",
    "connection",
    "connections",
    "client",
    "clients",
    "engine",
    "engines",
    "session",
    "sessionmaker",
    "sessions_by_engine",
    "instance",
    "instances",
    "singleton",
    "loaded",
    "last",
    "plugins",
    "handlers",
    "logger",
    "semaphore",
    "semaphores",
    "websockets",
    "sockets",
    "queues",
    "subscribers",
    "listeners",
    "tasks",
    "loop",
    "executor",
    "models",
    "tokenizer",
    "initialized",
];

fn check(service: &Service) -> Vec<Finding> {
    if service.context.one_process() {
        return Vec::new();
    }
    let requests = Requests::of(service);
    let mut written: BTreeMap<&str, Vec<(&Function, &Store, &str)>> = BTreeMap::new();
    for (function, endpoint) in requests.functions(&service.code) {
        if endpoint.starts_with("WS") {
            continue;
        }
        for store in &function.stores {
            if let Some(name) = kept(function, store) {
                written.entry(name).or_default().push((function, store, endpoint));
            }
        }
    }
    let mut findings = keys(service);
    for (name, stores) in written {
        let (module, variable) = name.split_once(':').unwrap_or(("", name));
        // What nobody reads again while a request is answered is no state.
        let reader = requests.functions(&service.code).find(|(function, _)| {
            function.reads.iter().any(|read| read == variable)
                && (function.name.starts_with(&format!("{module}:")) || imports(service, function, variable))
                && stores.iter().any(|(writer, ..)| writer.name != function.name)
        });
        let Some((reader, other)) = reader else { continue };
        let (function, store, endpoint) = stores[0];
        let several = service.context.processes.is_some_and(|processes| processes > 1);
        let mut trace: Vec<Step> = vec![
            step(format!("`{}` keeps this for `{endpoint}`", short(&function.name)), &store.location),
            step(format!("`{}` looks for it for `{other}`", short(&reader.name)), &reader.location),
        ];
        if !several {
            trace.push(step("how many processes serve requests is not stated", &store.location));
        }
        findings.push(Finding {
            trace,
            why: "Each process has a copy of its own: with more than one, the next request finds the entry only \
                  when it meets the same process by chance. A restart loses all of it, and nothing ever removes \
                  what is old."
                .to_owned(),
            help: "Keep it where all processes see it: the database, or Redis.".to_owned(),
            trade_off: "Fine with one process whose restarts may lose it: say `processes = 1` in the context."
                .to_owned(),
            ..RULE.finding(
                if several { Confidence::High } else { Confidence::Medium },
                name,
                &store.location,
                format!("`{variable}` keeps what requests need in the memory of one process."),
            )
        });
    }
    findings
}

/// Settings that sign or encrypt, and that each process makes anew.
fn keys(service: &Service) -> Vec<Finding> {
    let several = service.context.processes.is_some_and(|processes| processes > 1);
    let mut findings = Vec::new();
    for class in service.code.classes.iter().filter(|class| !class.aside) {
        if !service.code.ancestors(&class.name).iter().any(|name| name.ends_with("BaseSettings")) {
            continue;
        }
        for field in &class.fields {
            let all = words(&field.name);
            let secret = all.iter().any(|word| word == "secret") || all.last().is_some_and(|word| word == "key");
            let Some(value) = field.value.as_ref().filter(|_| secret) else { continue };
            let random =
                value.through.iter().chain(value.flat().iter().filter_map(|one| one.name.as_ref())).any(|made| {
                    made.starts_with("secrets.token") || matches!(made.as_str(), "uuid.uuid4" | "os.urandom")
                }) || value.items.iter().any(|item| {
                    item.keyword.as_deref() == Some("default_factory")
                        && ["uuid4(", "secrets.token", "urandom("].iter().any(|made| item.text.contains(made))
                });
            if !random {
                continue;
            }
            findings.push(Finding {
                trace: vec![
                    step(format!("`{}` is random where nobody sets it", field.name), &field.location),
                    step(
                        "whether it is set where this runs, and how many processes there are, is not stated",
                        &field.location,
                    ),
                ],
                why: "Each process makes a key of its own: what one signs, another refuses, and a restart logs \
                      everybody out.                       Nothing says so at start."
                    .to_owned(),
                help: "Leave the default out, so that a service without the setting does not start.".to_owned(),
                trade_off: "Developers have to set it; a default for development belongs into their `.env`.".to_owned(),
                ..RULE.finding(
                    if several { Confidence::High } else { Confidence::Medium },
                    format!("{} {}", class.name, field.name),
                    &field.location,
                    format!("Each process makes its own `{}` where it is not set.", field.name),
                )
            });
        }
    }
    findings
}

/// The variable of a module in which a store keeps an entry, as `module:name`.
fn kept<'s>(function: &Function, store: &'s Store) -> Option<&'s str> {
    let name = store.resolved.as_deref().filter(|_| !store.local)?;
    let variable = name.split_once(':')?.1;
    let entry = store.key.is_some() && store.target.starts_with(&format!("{}[", store.root));
    // A number that is counted up; what is made once and kept is no state.
    let counted = store.target == store.root
        && store
            .value
            .as_ref()
            .is_some_and(|value| value.names.iter().any(|own| own == variable) && value.through.is_empty());
    let own = words(variable).iter().any(|word| OWN.contains(&word.as_str()));
    // A cache that checks first, whatever it is called: `if key not in table: table[key] = …`.
    let looked_up = store.context.conditional
        && function.compares.iter().any(|one| {
            matches!(one.operator, "in" | "not in") && one.right.text == variable
                || one.operator == "is" && one.left.text.contains(variable)
        });
    let handle = store.value.as_ref().is_some_and(|value| {
        value.through.iter().any(|made| {
            [
                "Event",
                "Lock",
                "Queue",
                "Task",
                "create_task",
                "Semaphore",
                "Thread",
                "Future",
                "lru_cache",
                "Popen",
                "submit",
            ]
            .iter()
            .any(|kind| made.rsplit('.').next() == Some(*kind))
        })
    });
    let plain = store.value.is_some() && !variable.contains('.');
    ((entry || counted) && plain && !own && !looked_up && !handle && !store.root.starts_with("__")).then_some(name)
}

/// Whether a module imports a variable; where that is not known, it does not.
fn imports(service: &Service, function: &Function, variable: &str) -> bool {
    let module = function.name.split(':').next().unwrap_or_default();
    service
        .code
        .modules
        .iter()
        .find(|one| one.name == module)
        .is_some_and(|one| one.imports.iter().any(|import| import.names.iter().any(|name| name == variable)))
}
