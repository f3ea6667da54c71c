//! Secrets among the fields of answers.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use architect_model::Service;
use architect_model::code::{Call, Function};
use architect_model::schema::{Field, Scalar, Schema};
use architect_model::service::EffectiveRoute;
use architect_source::{Confidence, Finding, Severity};

use crate::credentials::{ends_as_secret, is_lasting_key, secret_columns};
use crate::models::{has_own_function, is_one_of, references, written};
use crate::operators::is_for_operators;
use crate::requests::words;
use crate::text::{names, short};
use crate::{Rule, step};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "response-exposes-secret",
    group: "security",
    docs: include_str!("response_exposes_secret.md"),
    severity: Severity::Error,
    since: "0.1.0",
    check,
};

/// Fields of one schema, and the endpoints that answer them.
type Matter<'s> = (Vec<usize>, Vec<EffectiveRoute<'s>>);

/// So many fields beside the first are shown.
const NAMED: usize = 12;

fn check(service: &Service) -> Vec<Finding> {
    let mut found: BTreeMap<(usize, usize), Vec<EffectiveRoute<'_>>> = BTreeMap::new();
    let endpoints = service.endpoints();
    // Most schemas are part of several answers.
    let mut secrets: BTreeMap<usize, Vec<bool>> = BTreeMap::new();
    // What callers put into a path is theirs to know: the key of one object, which is handed to whoever may use it.
    let in_paths: BTreeSet<&str> = endpoints
        .iter()
        .flat_map(|one| one.path.split('/'))
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
        .map(|name| name.split(':').next().unwrap_or(name))
        .collect();
    for one in &endpoints {
        let Some(response) = one.route.operation.as_ref().and_then(|operation| operation.response.as_ref()) else {
            continue;
        };
        if hands_out(one) {
            continue;
        }
        let mut seen = BTreeSet::new();
        references(service, response, &mut seen);
        for schema in seen {
            let fields = &service.schemas[schema].fields;
            let secrets = secrets.entry(schema).or_insert_with(|| fields.iter().map(is_secret).collect());
            for (at, field) in fields.iter().enumerate() {
                let is_kept = secrets[at] || is_stored_key(service, one, &service.schemas[schema], field);
                if !is_kept || in_paths.contains(field.name.as_str()) {
                    continue;
                }
                let name = words(&field.name);
                // `GET /api_key` is asked for the key.
                let asked = words(one.path.rsplit('/').next().unwrap_or_default()) == name;
                let is_name = name.last().is_some_and(|last| last == "key") && names_entries(&service.schemas[schema]);
                if !asked && !is_name {
                    found.entry((schema, at)).or_default().push(one.clone());
                }
            }
        }
    }
    let rows = endpoints.iter().filter_map(|one| row_with_secret(service, one));
    let mut findings: Vec<Finding> = Vec::new();
    for finding in rows {
        if findings.iter().all(|known| known.location != finding.location) {
            findings.push(finding);
        }
    }
    let sent = sent(service, &endpoints);
    // Fields of one schema that the same endpoints answer are one matter.
    let mut matters: BTreeMap<(usize, Vec<String>), Matter<'_>> = BTreeMap::new();
    for ((schema, field), routes) in found {
        let titles = routes.iter().map(EffectiveRoute::title).collect();
        matters.entry((schema, titles)).or_insert_with(|| (Vec::new(), routes)).0.push(field);
    }
    for ((schema, _), (fields, routes)) in matters {
        // People who run the service see what they have set.
        if routes.iter().all(is_for_operators) && fields.iter().all(|field| is_set(service, schema, *field, &sent)) {
            continue;
        }
        // Every file of endpoints has its own readers: what one may show another must not.
        let mut files: Vec<Arc<str>> = Vec::new();
        for one in &routes {
            if !files.contains(&one.route.location.path) {
                files.push(Arc::clone(&one.route.location.path));
            }
        }
        for (at, file) in files.iter().enumerate() {
            let own: Vec<_> = routes.iter().filter(|one| one.route.location.path == *file).cloned().collect();
            findings.extend(finding(service, schema, &fields, &own, at == 0));
        }
    }
    findings
}

/// An endpoint without a response model that answers a row as it is, with a column that nobody should see.
fn row_with_secret(service: &Service, one: &EffectiveRoute<'_>) -> Option<Finding> {
    let raw = service.requests.raw_answers.iter().find(|raw| raw.location == one.route.location)?;
    let columns = secret_columns(service, &raw.class);
    let column = columns.iter().find(|column| column.contains("password") || !hands_out(one))?;
    let mapper = service.mappers.iter().find(|mapper| mapper.class == raw.class)?;
    let title = one.title();
    let mut trace = vec![step(format!("`{title}` has no response model"), &one.route.location)];
    trace.extend(
        mapper.location.iter().map(|place| step(format!("and answers all columns of `{}`", short(&raw.class)), place)),
    );
    let function = one.route.endpoint.as_ref().and_then(|endpoint| service.code.function(&endpoint.name));
    let returned = function.and_then(|function| function.returns.last());
    trace.extend(returned.map(|returned| step("It is returned here", &returned.value.location)));
    Some(Finding {
        trace,
        why: "Without a response model every loaded column is written into the answer, and ends in logs, caches and \
              browsers: a hash of a password can be tried at leisure."
            .to_owned(),
        help: format!("Answer with a model of its own, without `{column}`."),
        trade_off: "Callers that read other columns have to be asked first.".to_owned(),
        ..RULE.finding(
            Confidence::High,
            format!("{title} {column}"),
            &one.route.location,
            format!("`{title}` answers `{}` as it is, with its `{column}`.", short(&raw.class)),
        )
    })
}

/// Whether the keys of a schema are names under which a vault keeps things: that of a user is no secret.
fn names_entries(schema: &Schema) -> bool {
    let is_public = |field: &Field| {
        let words = words(&field.name);
        words.len() > 1
            && words.last().is_some_and(|last| last == "key")
            && matches!(words[0].as_str(), "user" | "username" | "email" | "login")
    };
    schema.fields.iter().any(is_public)
}

/// Schemas that are part of what callers send.
fn sent(service: &Service, endpoints: &[EffectiveRoute<'_>]) -> BTreeSet<usize> {
    let mut out = BTreeSet::new();
    for operation in endpoints.iter().filter_map(|one| one.route.operation.as_ref()) {
        operation.body.iter().for_each(|body| references(service, &body.field.ty, &mut out));
    }
    out
}

/// Whether callers send a field, with its own schema or with another that has it from the same class.
fn is_set(service: &Service, schema: usize, field: usize, sent: &BTreeSet<usize>) -> bool {
    let class_of = |at: usize| {
        let (module, class) = service.schemas[at].qualified.rsplit_once('.').unwrap_or_default();
        format!("{module}:{class}")
    };
    let name = &service.schemas[schema].fields[field].name;
    let own = service.code.ancestors(&class_of(schema));
    sent.contains(&schema)
        || sent.iter().any(|other| {
            let has = service.schemas[*other].fields.iter().any(|field| field.name == *name);
            let shared = |class: &String| class.contains(':') && own.contains(class);
            has && service.code.ancestors(&class_of(*other)).iter().any(shared)
        })
}

fn finding(
    service: &Service,
    schema: usize,
    fields: &[usize],
    routes: &[EffectiveRoute<'_>],
    first_file: bool,
) -> Option<Finding> {
    let schema = &service.schemas[schema];
    // What is only answered where something is made shows it once.
    if routes.iter().all(|one| one.route.methods == ["POST"]) && makes(&schema.name) {
        return None;
    }
    let mut shown: Vec<(&Field, Filled)> = fields
        .iter()
        .map(|at| &schema.fields[*at])
        .map(|field| (field, filled(service, &schema.qualified, field)))
        .filter(|(_, filled)| *filled != Filled::Hidden)
        .collect();
    // One that is always filled comes first.
    let surest = shown.iter().position(|(_, filled)| *filled != Filled::AtTimes).unwrap_or(0);
    shown.get_mut(..=surest)?.rotate_right(1);
    let (field, filled) = *shown.first()?;
    let place_of = |field: &Field| {
        let written = written(service, &schema.qualified, &field.name).map(|field| field.location.clone());
        written.or_else(|| schema.location.clone())
    };
    let place = place_of(field)?;
    let mut trace = vec![step(format!("`{}.{}` is written into answers", schema.name, field.name), &place)];
    for (other, _) in shown[1..].iter().take(NAMED) {
        if let Some(place) = place_of(other) {
            trace.push(step(format!("and so is `{}`", other.name), &place));
        }
    }
    let all: Vec<String> = shown.iter().map(|(field, _)| field.name.clone()).collect();
    for one in routes.iter().take(12) {
        trace.push(step(format!("`{}` answers it", one.title()), &one.route.location));
    }
    let here = if first_file { &place } else { &routes.first()?.route.location };
    let first = routes.first()?.title();
    Some(Finding {
        trace,
        why: "Whoever may read the object gets the secret of somebody else, and it ends in logs, caches and browsers."
            .to_owned(),
        help: format!("Give answers a schema of their own without `{}`; show a key once, when it is made.", field.name),
        trade_off: "Callers that read it today break. Fine when only its owner can read it.".to_owned(),
        ..RULE.finding(
            if filled == Filled::AtTimes { Confidence::Medium } else { Confidence::High },
            format!("{} {} {}", schema.qualified, field.name, if first_file { "" } else { &here.path }),
            here,
            format!(
                "The {} {} of `{}` {} part of what `{first}`{} answers.",
                if all.len() > 1 { "fields" } else { "field" },
                names(&all, 4),
                schema.name,
                if all.len() > 1 { "are" } else { "is" },
                if routes.len() > 1 { format!(" and {} more", routes.len() - 1) } else { String::new() }
            ),
        )
    })
}

/// Whether a schema is named after the making of something, or after the secret itself.
fn makes(name: &str) -> bool {
    let named =
        |word: &String| matches!(word.as_str(), "create" | "created" | "new" | "rotated" | "secret" | "secrets");
    words(name).iter().any(named)
}

/// Whether a field is the key or token that a class of the same words keeps, in what somebody reads: `GET /users` with the
/// tokens of each.
fn is_stored_key(service: &Service, one: &EffectiveRoute<'_>, schema: &Schema, field: &Field) -> bool {
    let is_text = is_one_of(field.serialized.as_ref().unwrap_or(&field.ty), &[Scalar::String]);
    if one.route.methods != ["GET"] || !is_text || field.excluded || !is_lasting_key(&schema.name, &field.name) {
        return false;
    }
    let asked = words(&schema.name);
    service.mappers.iter().any(|mapper| {
        let class = words(mapper.class.rsplit([':', '.']).next().unwrap_or_default());
        class.iter().filter(|word| *word != "model").all(|word| asked.contains(word))
            && mapper.columns.iter().any(|column| column.name == field.name)
    })
}

/// Whether a field holds a secret as text: not whether there is one, when it changed or what it is called.
fn is_secret(field: &Field) -> bool {
    if field.excluded || !is_one_of(field.serialized.as_ref().unwrap_or(&field.ty), &[Scalar::String, Scalar::Bytes]) {
        return false;
    }
    let words = words(&field.name);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let described = field
        .facts
        .iter()
        .any(|(name, text)| name == "description" && text.as_str().is_some_and(|text| hides(&text.to_lowercase())));
    if described || words.iter().any(|word| hides(word)) {
        return false;
    }
    ends_as_secret(&words)
}

/// Whether a text says that a secret is not shown as it is.
fn hides(text: &str) -> bool {
    ["mask", "redact", "obfuscat", "encrypted", "hidden", "censor", "truncat"].iter().any(|word| text.contains(word))
}

/// How the code fills a field of a schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Filled {
    /// With the value, or where that is not seen.
    Shown,
    /// At times only: some of the calls that make the schema leave it out.
    AtTimes,
    /// Always with nothing, or with what a function makes unreadable.
    Hidden,
}

fn filled(service: &Service, qualified: &str, field: &Field) -> Filled {
    if has_own_function(service, qualified, &field.name) {
        return Filled::Hidden;
    }
    let (module, class) = qualified.rsplit_once('.').unwrap_or_default();
    let (callee, own) = (format!("{module}:{class}"), format!("{module}:{class}."));
    let (mut given, mut hidden, mut left_out) = (0, 0, 0);
    for function in service.code.functions.iter().filter(|function| !function.aside) {
        if is_to_mask(function, &field.name) {
            return Filled::Hidden;
        }
        for call in &function.calls {
            if masks(call, &field.name) || looks_up(call, &field.name) {
                return Filled::Hidden;
            }
            let makes = call.callee.as_ref() == Some(&callee) || call.name == "cls" && function.name.starts_with(&own);
            if !makes {
                continue;
            }
            if let Some(all) = call.keyword("**") {
                // Whether the field is in it is not seen, but what was done to it may be.
                let masked = hides(&all.text.to_lowercase());
                given += usize::from(masked);
                hidden += usize::from(masked);
                continue;
            }
            match call.keyword(&field.name) {
                None => left_out += 1,
                Some(value) => {
                    given += 1;
                    let through = value.through.iter().any(|name| hides(&name.to_lowercase()));
                    let literal = matches!(value.text.as_str(), "None" | "\"\"") || value.str().is_some();
                    hidden += usize::from(through || literal || hides(&value.text.to_lowercase()));
                }
            }
        }
    }
    match (given, left_out) {
        (0, 0) => Filled::Shown,
        _ if given == hidden && (given > 0 || !field.required) => Filled::Hidden,
        (_, 1..) if !field.required => Filled::AtTimes,
        _ => Filled::Shown,
    }
}

/// Whether a function is there to mask things, and names the field.
fn is_to_mask(function: &Function, field: &str) -> bool {
    hides(&crate::text::short(&function.name).to_lowercase())
        && (function.keys.iter().any(|key| key == field)
            || function.stores.iter().any(|store| store.target.rsplit('.').next() == Some(field))
            || function.calls.iter().any(|call| call.keyword(field).is_some()))
}

/// Whether a copy of an object gets something else in place of the field: `model_copy(update={"api_key": MASK})`.
fn masks(call: &Call, field: &str) -> bool {
    let update = call.keyword("update").filter(|_| matches!(call.name.as_str(), "model_copy" | "copy"));
    let value = update.and_then(|update| update.items.iter().find(|item| item.keyword.as_deref() == Some(field)));
    value.is_some_and(|value| value.constant.is_some() || hides(&value.text.to_lowercase()))
}

/// Whether the field is what a secret is called where secrets are kept: `get_secret(item.api_key)`.
fn looks_up(call: &Call, field: &str) -> bool {
    let named = words(&call.name);
    let has = |word: &str| named.iter().any(|one| one == word);
    has("secret")
        && ["get", "read", "fetch", "load", "resolve", "lookup"].iter().any(|word| has(word))
        && call.arguments.iter().any(|one| one.text.rsplit_once('.').is_some_and(|(_, last)| last == field))
}

/// Whether the endpoint is there to hand the secret out: it makes it, renews it, logs in, or shows callers their own.
fn hands_out(one: &EffectiveRoute<'_>) -> bool {
    let name = one.route.endpoint.as_ref().map_or("", |endpoint| crate::text::short(&endpoint.name)).to_lowercase();
    let path = one.path.to_lowercase();
    let has = |wanted: &[&str]| wanted.iter().any(|word| path.contains(word) || name.contains(word));
    let resets = has(&["reset"]) && has(&["password"]);
    let makes = one.route.methods.iter().any(|method| method == "POST")
        && has(&["key", "token", "secret", "credential", "login", "auth", "signin", "register", "signup", "rotate"])
        || resets;
    let own = path.split('/').any(|part| matches!(part, "me" | "my" | "self" | "current"));
    makes || own || has(&["rotate", "regenerate", "oauth", "reveal"])
}
