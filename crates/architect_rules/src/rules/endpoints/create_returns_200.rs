//! POST endpoints that create something and answer 200.

use std::collections::BTreeMap;

use architect_model::Service;
use architect_model::code::{Call, Function};
use architect_model::schema::Schema;
use architect_model::service::EffectiveRoute;
use architect_source::{Confidence, Finding, Location, Severity};

use crate::models::model_of;
use crate::requests::{Requests, words};
use crate::text::{count, names, short};
use crate::{Rule, step};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "create-returns-200",
    group: "endpoints",
    docs: include_str!("create_returns_200.md"),
    severity: Severity::Info,
    since: "0.3.0",
    check,
};

/// Words that say that something else is done than to create, or not always.
const OTHERWISE: &[&str] = &[
    "login", "logout", "search", "query", "filter", "upsert", "or", "get", "find", "fetch", "sync", "import", "update",
    "replace", "set", "save", "put", "refresh", "verify", "confirm", "validate", "check", "test", "preview", "restore",
    "toggle", "retry", "ensure",
];
/// Words of names of models that say how, and not what.
const FORMS: &[&str] = &[
    "read",
    "public",
    "out",
    "output",
    "response",
    "schema",
    "model",
    "detail",
    "details",
    "detailed",
    "base",
    "view",
    "full",
    "dto",
    "db",
    "in",
    "i",
    "with",
    "relations",
    "rest",
    "retrieve",
    "created",
    "info",
    "data",
    "resp",
    "res",
];

/// Words of classes of work that goes on after the answer, for which 202 may be right.
const WORK: &[&str] = &["job", "run", "execution", "deployment", "backfill", "build", "import", "export"];

/// An endpoint that creates a row and answers it.
struct Creates<'s> {
    title: String,
    class: String,
    insert: &'s Location,
    location: &'s Location,
}

fn check(service: &Service) -> Vec<Finding> {
    let requests = Requests::of(service);
    let mut by_file: BTreeMap<&str, Vec<Creates<'_>>> = BTreeMap::new();
    for (one, function) in requests.with_code(&service.code) {
        if let Some(found) = creates(service, one, function) {
            let list = by_file.entry(&one.route.location.path).or_default();
            if !list.iter().any(|known| known.location == found.location) {
                list.push(found);
            }
        }
    }
    let others = service
        .endpoints()
        .into_iter()
        .filter(|one| one.route.methods == ["POST"] && one.route.status_code == Some(201));
    let (others, own) = (others.count(), by_file.values().map(Vec::len).sum::<usize>());
    // Where few answer 201 that is one decision, which callers may count on.
    if others <= own {
        let all: Vec<Creates<'_>> = by_file.into_values().flatten().collect();
        return finding("service", Confidence::Medium, others, all).into_iter().collect();
    }
    by_file.into_iter().filter_map(|(file, list)| finding(file, Confidence::High, others, list)).collect()
}

fn finding(subject: &str, confidence: Confidence, others: usize, mut all: Vec<Creates<'_>>) -> Option<Finding> {
    all.sort_by(|one, other| (&one.location.path, one.location.line).cmp(&(&other.location.path, other.location.line)));
    let first = all.first()?;
    let titles: Vec<String> = all.iter().map(|one| one.title.clone()).collect();
    let message = match titles.as_slice() {
        [one] => format!("`{one}` creates a `{}` and answers 200.", first.class),
        _ => format!("{} create something and answer 200: {}.", count(titles.len(), "endpoint"), names(&titles, 4)),
    };
    let others = match others {
        0 => "No endpoint of the service answers 201. ".to_owned(),
        _ => format!("{} of the service answer 201. ", count(others, "other POST")),
    };
    Some(Finding {
        trace: all
            .iter()
            .take(6)
            .map(|one| step(format!("`{}` inserts `{}`", one.title, one.class), one.insert))
            .collect(),
        why: format!(
            "{others}A client, a generated one above all, tells from the status that something is new; the document \
             says 200, too."
        ),
        help: "`status_code=201` in the decorator.".to_owned(),
        trade_off: "Clients that compare with 200 have to be asked first.".to_owned(),
        ..RULE.finding(confidence, subject, first.location, message)
    })
}

fn creates<'s>(service: &'s Service, one: &EffectiveRoute<'s>, function: &Function) -> Option<Creates<'s>> {
    let route = one.route;
    if route.methods != ["POST"]
        || !route.is_api
        || route.conditional.is_some()
        || !matches!(route.status_code, None | Some(200))
    {
        return None;
    }
    let operation = route.operation.as_deref()?;
    if operation.default_status.is_some() {
        return None;
    }
    let own = words(short(&function.name).rsplit('.').next().unwrap_or_default());
    let last = one.path.rsplit('/').find(|part| !part.is_empty() && !part.starts_with('{'))?;
    if own.iter().chain(&words(last)).any(|word| OTHERWISE.contains(&word.as_str())) {
        return None;
    }
    // It says another status itself, or answers early.
    let answers =
        function.calls.iter().any(|call| call.keyword("status_code").is_some() && call.name.ends_with("Response"))
            || function.stores.iter().any(|store| store.target.ends_with(".status_code"))
            || function.returns.iter().any(|one| one.context.conditional);
    if answers {
        return None;
    }
    // What goes on afterwards may be what was asked for, and what was there may be taken instead.
    let is_unsure = |call: &Call| {
        call.name == "add_task"
            || words(&call.name).iter().any(|word| matches!(word.as_str(), "or" | "upsert" | "merge" | "enqueue"))
    };
    if function.calls.iter().any(is_unsure) {
        return None;
    }
    let schema = model_of(service, operation.response.as_ref()?)?;
    let entry = service.requests.entries.get(route.request?)?;
    let mut writes = entry.terms.iter().filter(|term| term.write);
    let insert = writes.clone().find_map(|term| {
        let class = term.what.strip_prefix("insert ").filter(|_| term.times.is_empty())?;
        describes(service, schema, class).then_some((class, &term.location))
    });
    let (class, place) = insert?;
    if words(class).iter().any(|word| WORK.contains(&word.as_str())) {
        return None;
    }
    // What is changed instead may be the answer.
    let is_other = writes.any(|term| term.what.ends_with(&format!(" {class}")) && !term.what.starts_with("insert "));
    let makes = own.iter().any(|word| {
        matches!(word.as_str(), "create" | "add" | "new" | "register" | "insert" | "post" | "signup" | "make")
    });
    let named = words(last).last().is_some_and(|word| {
        words(class).last().is_some_and(|class| word == class || word.strip_suffix('s') == Some(class))
    });
    (!is_other && (makes || named)).then(|| Creates {
        title: one.title(),
        class: class.to_owned(),
        insert: place,
        location: &route.location,
    })
}

/// Whether a model is that of a class: it is named after it and has its key.
fn describes(service: &Service, schema: &Schema, class: &str) -> bool {
    let parts = |name: &str| -> Vec<String> {
        words(name).into_iter().filter(|word| !FORMS.contains(&word.as_str())).collect()
    };
    let Some(mapper) = service.mappers.iter().find(|mapper| short(&mapper.class).rsplit('.').next() == Some(class))
    else {
        return false;
    };
    let table = mapper.table_index.and_then(|at| service.tables.get(at));
    let has_key = mapper.columns.iter().any(|column| {
        let is_key = table.is_some_and(|table| {
            table.columns.iter().any(|one| one.primary_key && column.column.as_ref() == Some(&one.name))
        });
        is_key && schema.fields.iter().any(|field| field.name == column.name)
    });
    let name = schema.name.split('[').next().unwrap_or_default();
    has_key && !parts(name).is_empty() && parts(name) == parts(class)
}
