//! Numbers and words of the domain that stand in many places.

use std::collections::{BTreeMap, BTreeSet};

use architect_model::Service;
use architect_model::code::{Form, Operand};
use architect_source::{Confidence, Finding, Location, Severity, Step};

use crate::requests::{Requests, words};
use crate::text::names;
use crate::{Rule, step};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "repeated-domain-constant",
    group: "architecture",
    docs: include_str!("repeated_domain_constant.md"),
    severity: Severity::Info,
    since: "0.3.0",
    check,
};

/// Parameters that say how much of something there is to be on a page.
const SIZES: &[&str] =
    &["limit", "page_size", "per_page", "pagesize", "items_per_page", "size", "page_limit", "pageSize", "perPage"];
/// Keywords of how long something takes or lives.
const TIMES: &[&str] = &["timeout", "expires_in", "expires_delta", "ttl", "expire", "max_age", "ex"];
/// Attributes with a fixed set of values.
const STATES: &[&str] = &["status", "state"];
/// Fewer places than this are no repetition.
const FEWEST: usize = 3;
/// Comparisons with words, and the words there are.
const FEWEST_COMPARED: usize = 6;
const FEWEST_WORDS: usize = 3;
/// So many places are named.
const NAMED: usize = 8;

fn check(service: &Service) -> Vec<Finding> {
    let requests = Requests::of(service);
    let mut findings = contradicting_sizes(&requests, service);
    findings.extend(times(&requests, service));
    findings.extend(states(&requests, service));
    findings
}

/// Parameters and the endpoints they are of.
type Places<'s> = Vec<(&'s Location, String)>;

/// Page sizes that are written out in several places, and differ.
fn contradicting_sizes(requests: &Requests<'_>, service: &Service) -> Vec<Finding> {
    let mut by_name: BTreeMap<&str, BTreeMap<i64, Places<'_>>> = BTreeMap::new();
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    for (one, function) in requests.with_code(&service.code) {
        if !seen.insert(&function.name) {
            continue;
        }
        for parameter in &function.parameters {
            if !SIZES.contains(&parameter.name.as_str())
                || !one.route.parameters.query.iter().any(|sent| sent.name == parameter.name)
            {
                continue;
            }
            if let Some(value) = parameter.default.as_ref().and_then(default_of) {
                by_name
                    .entry(&parameter.name)
                    .or_default()
                    .entry(value)
                    .or_default()
                    .push((&parameter.location, one.title()));
            }
        }
    }
    let mut findings = Vec::new();
    for (name, values) in by_name {
        let places: usize = values.values().map(Vec::len).sum();
        // One that differs is perhaps meant; where there are several habits, there is no convention.
        let habits = values.values().filter(|places| places.len() >= 2).count();
        if places < FEWEST || habits < 2 {
            continue;
        }
        let mut counted: Vec<(i64, &Vec<(&Location, String)>)> =
            values.iter().map(|(value, places)| (*value, places)).collect();
        counted.sort_by_key(|(value, places)| (std::cmp::Reverse(places.len()), *value));
        let said: Vec<String> =
            counted.iter().take(4).map(|(value, places)| format!("{value} in {}", places.len())).collect();
        let trace: Vec<Step> = counted
            .iter()
            .flat_map(|(value, places)| {
                places
                    .iter()
                    .take(2)
                    .map(move |(place, title)| step(format!("`{name}` of `{title}` is {value} by default"), place))
            })
            .take(NAMED)
            .collect();
        let location = trace[0].location.clone();
        findings.push(finding(
            // Endpoints may have their reasons.
            Confidence::Medium,
            trace,
            name,
            &location,
            format!("`{name}` is {} endpoints by default, written out each time.", said.join(", ")),
            "Callers cannot tell how much they get, and whoever changes the size of a page changes some of them.",
            format!("Let one dependency, or one constant, say what `{name}` is."),
        ));
    }
    findings
}

/// The default of a parameter, as a number that is written out.
fn default_of(default: &Operand) -> Option<i64> {
    match default.form {
        Form::Literal => default.int(),
        Form::Call if default.name.as_deref().is_some_and(|name| name.ends_with("Query")) => {
            let given = default.argument("default", 0).filter(|one| one.form == Form::Literal)?;
            given.int()
        }
        _ => None,
    }
}

/// Times that are written out in several places with the same value.
fn times(requests: &Requests<'_>, service: &Service) -> Vec<Finding> {
    let mut found: BTreeMap<(&str, &str, String), Vec<&Location>> = BTreeMap::new();
    for (function, _) in requests.functions(&service.code) {
        for call in &function.calls {
            for argument in &call.arguments {
                let Some(name) =
                    argument.keyword.as_deref().and_then(|name| TIMES.iter().find(|known| **known == name))
                else {
                    continue;
                };
                let number = argument.form == Form::Literal
                    && argument.constant.is_some()
                    && argument.text.chars().all(|c| c.is_ascii_digit() || c == '.' || c == '_');
                // What waits for one thing has nothing to do with what waits for another.
                let callee = call.callee.as_deref().unwrap_or(&call.name);
                if number && !matches!(argument.text.as_str(), "0" | "1") {
                    found.entry((callee, name, argument.text.clone())).or_default().push(&argument.location);
                }
            }
        }
    }
    let mut findings = Vec::new();
    for ((callee, name, value), places) in found {
        let files: BTreeSet<&str> = places.iter().map(|place| &*place.path).collect();
        if places.len() < FEWEST + 1 || files.len() < 2 {
            continue;
        }
        let trace: Vec<Step> =
            places.iter().take(NAMED).map(|place| step(format!("`{name}={value}`"), place)).collect();
        findings.push(finding(
            Confidence::High,
            trace,
            &format!("{callee} {name} {value}"),
            places[0],
            format!("`{name}={value}` is written out in {} places.", places.len()),
            "Whoever has to change it has to find them all, and cannot tell which of them belong together.",
            "Give it a name beside the client it is for, or make it a setting.".to_owned(),
        ));
    }
    findings
}

/// Words that an attribute is compared with in many places.
fn states(requests: &Requests<'_>, service: &Service) -> Vec<Finding> {
    let mut found: BTreeMap<&str, Vec<(&str, &Location)>> = BTreeMap::new();
    // A word that some class lists in a `Literal` may be compared with one of its objects.
    let listed: Vec<(&str, &str)> = service
        .code
        .classes
        .iter()
        .flat_map(|class| &class.fields)
        .filter(|field| STATES.contains(&field.name.as_str()))
        .filter_map(|field| Some((field.name.as_str(), field.annotation.as_deref()?)))
        .filter(|(_, annotation)| annotation.contains("Literal["))
        .collect();
    let is_listed = |state: &str, text: &str| {
        let mut all = listed.iter().filter(|(name, _)| *name == state);
        all.any(|(_, annotation)| ['"', '\''].iter().any(|quote| annotation.contains(&format!("{quote}{text}{quote}"))))
    };
    for (function, _) in requests.functions(&service.code) {
        for one in &function.compares {
            if !matches!(one.operator, "==" | "!=") {
                continue;
            }
            for (attribute, word) in [(&one.left, &one.right), (&one.right, &one.left)] {
                let Some((_, name)) = attribute.text.rsplit_once('.') else { continue };
                let Some(state) = STATES.iter().find(|state| **state == name).filter(|_| attribute.form == Form::Name)
                else {
                    continue;
                };
                let Some(text) = word.str().filter(|_| word.form == Form::Literal) else { continue };
                let plain = !text.is_empty() && text.chars().all(|c| c.is_ascii_alphabetic() || c == '_' || c == '-');
                if plain && words(text).len() <= 3 && !is_listed(state, text) {
                    found.entry(*state).or_default().push((text, &one.location));
                }
            }
        }
    }
    let mut findings = Vec::new();
    for (name, places) in found {
        if !is_plain_text(service, name) {
            continue;
        }
        let mut texts: Vec<String> = places.iter().map(|(text, _)| (*text).to_owned()).collect();
        texts.sort();
        texts.dedup();
        if places.len() < FEWEST_COMPARED || texts.len() < FEWEST_WORDS {
            continue;
        }
        let trace: Vec<Step> = places
            .iter()
            .take(NAMED)
            .map(|(text, place)| step(format!("`{name}` is compared with `\"{text}\"`"), place))
            .collect();
        findings.push(finding(
            Confidence::High,
            trace,
            name,
            places[0].1,
            format!("`{name}` is compared with texts in {} places: {}.", places.len(), names(&texts, 5)),
            "A letter too many is a branch that is never taken, and nothing says which values there are.",
            "Make the values an `Enum` (or a `Literal` type) and compare with its members.".to_owned(),
        ));
    }
    findings
}

fn finding(
    confidence: Confidence,
    trace: Vec<Step>,
    subject: &str,
    place: &Location,
    message: String,
    why: &str,
    help: String,
) -> Finding {
    Finding {
        trace,
        why: why.to_owned(),
        help,
        trade_off: "Fine where the places have nothing to do with each other.".to_owned(),
        ..RULE.finding(confidence, subject, place, message)
    }
}

/// Whether the project's own tables keep an attribute as plain text, each that has it: the states of others have the
/// words of others.
fn is_plain_text(service: &Service, attribute: &str) -> bool {
    let mut own = service
        .mappers
        .iter()
        .filter_map(|mapper| service.code.class(&mapper.class))
        .filter_map(|class| class.fields.iter().find(|field| field.name == attribute))
        .peekable();
    own.peek().is_some()
        && own.all(|field| {
            let annotation = field.annotation.as_deref().unwrap_or_default().replace(' ', "");
            let typed =
                annotation.trim_start_matches("Mapped[").trim_end_matches(']').trim_end_matches("|None").to_owned();
            let written = field.value.as_ref().map(|value| value.text.as_str()).unwrap_or_default();
            (matches!(typed.as_str(), "str" | "Optional[str") || annotation.is_empty())
                && (typed.contains("str") || ["String", "Text", "Unicode"].iter().any(|kind| written.contains(kind)))
        })
}
