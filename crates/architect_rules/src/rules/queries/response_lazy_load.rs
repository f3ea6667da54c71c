//! Relationships that response models load row by row.

use std::collections::{BTreeMap, BTreeSet};

use architect_model::Service;
use architect_model::requests::{EntryKind, Executed, LoadFact, Times};
use architect_source::{Confidence, Finding, Severity};

use crate::loops::{self, entry, grows, listed, over, subject};
use crate::{Rule, step};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "response-lazy-load",
    group: "queries",
    docs: include_str!("response_lazy_load.md"),
    severity: Severity::Warning,
    since: "0.2.0",
    check,
};

/// Rows with so many related objects that are not loaded are not all related to the same few.
const FEWEST_RELATED: usize = 2;

/// How many of the relationships are those of the rows themselves.
fn direct(what: &[String], times: &Times) -> usize {
    let Times::Rows(name, _) = times else { return 0 };
    what.iter().filter(|one| one.trim_matches('`').split('.').next() == Some(name)).count()
}

/// So many statements for each row make a page slow that shows one object.
const MANY_PER_ROW: usize = 2;

/// How many different statements there are for each row that no other row answers.
fn per_row(repeated: &[&(LoadFact, Times, architect_source::Location)], executed: &[&Executed]) -> usize {
    let loads = repeated.iter().filter(|(load, ..)| !load.many_to_one).map(|(load, ..)| &load.what);
    loads.chain(executed.iter().map(|one| &one.by)).collect::<BTreeSet<_>>().len()
}

/// Whether an entry point is an endpoint that reads.
fn reads(service: &Service, entry: usize) -> bool {
    let entry = service.requests.entries.get(entry);
    entry.is_some_and(|one| one.kind == EntryKind::Endpoint && one.name.starts_with("GET "))
}

/// What to do about what is not loaded.
const OPTION: &str = "Load it with the query: `.options(selectinload(...))` for collections, `joinedload(...)` for one related object; or leave the field out of the response model.";

/// What to do about a property that asks the database.
const ASK_ONCE: &str = "Ask once for all objects of the answer, beside the query that loads them, and hand each model what is its own; or make it a relationship and load it with the query.";

fn check(service: &Service) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    let mut models: BTreeMap<(&str, u32), BTreeSet<&str>> = BTreeMap::new();
    for fact in &service.requests.serialisations {
        models.entry((&fact.location.path, fact.location.end)).or_default().insert(&fact.model);
    }
    for fact in &service.requests.serialisations {
        let mut inner: Option<&Times> = None;
        let repeated: Vec<&(LoadFact, Times, architect_source::Location)> = fact
            .loads
            .iter()
            .filter(|(load, times, _)| {
                let counts = !load.detached && load.is_async != Some(true) && !load.assumed;
                if counts && grows(times) && inner.is_none() {
                    inner = Some(times);
                }
                counts && (grows(&fact.times) || grows(times))
            })
            .collect();
        let executed: Vec<&Executed> = fact
            .executes
            .iter()
            .filter(|one| {
                if grows(&one.times) && inner.is_none() {
                    inner = Some(&one.times);
                }
                grows(&fact.times) || grows(&one.times)
            })
            .collect();
        // Where the answer is one object, each of its collections has attributes of its own: the first is named.
        let same = |times: &Times| grows(&fact.times) || inner.is_none_or(|inner| inner == times);
        let repeated: Vec<_> = repeated.into_iter().filter(|(_, times, _)| same(times)).collect();
        let executed: Vec<_> = executed.into_iter().filter(|one| same(&one.times)).collect();
        let mut places = repeated.iter().map(|(_, _, place)| place).chain(executed.iter().map(|one| &one.location));
        let Some(place) = places.next() else { continue };
        let times = if grows(&fact.times) { &fact.times } else { inner.unwrap_or(&fact.times) };
        let loads = repeated.iter().map(|(load, _, _)| &load.what);
        let mut what: Vec<String> =
            loads.chain(executed.iter().map(|one| &one.by)).map(|what| format!("`{what}`")).collect();
        let mut seen = Vec::new();
        what.retain(|name| {
            let new = !seen.contains(name);
            seen.push(name.clone());
            new
        });
        let one_per_row = repeated.iter().any(|(load, _, _)| !load.many_to_one) || !executed.is_empty();
        let confidence = match (grows(&fact.times), one_per_row) {
            (true, true) => loops::confidence(times),
            // Related objects are often the same few, and the identity map answers: sure only where rows have several.
            (true, false) if direct(&what, times) >= FEWEST_RELATED => loops::confidence(times),
            // What hangs on one object is often short: sure where reading it asks several times for each.
            (false, true) if reads(service, fact.entry) && per_row(&repeated, &executed) >= MANY_PER_ROW => {
                loops::confidence(times)
            }
            (false, true) => Confidence::Medium,
            (_, false) => Confidence::Low,
        };
        // What reads any model for others is not the place to look at.
        let is_shared = models.get(&(&*fact.location.path, fact.location.end)).is_some_and(|all| all.len() > 1);
        let asked = service.requests.entries.get(fact.entry).filter(|one| is_shared && one.kind == EntryKind::Endpoint);
        let here = asked.map_or(&fact.location, |known| &known.location);
        let same = subject(&fact.function, here, &fact.model);
        if findings.iter().any(|finding| finding.location == *here || is_shared && finding.subject == same) {
            continue;
        }
        let answer = match service.requests.entries.get(fact.entry) {
            Some(known)
                if known.kind == EntryKind::Endpoint
                    && (asked.is_some() || known.location.path == fact.location.path) =>
            {
                format!("The response of {}", entry(service, fact.entry))
            }
            _ => format!("Reading `{}`", fact.model),
        };
        let related = repeated.iter().any(|(load, _, _)| load.many_to_one);
        let each = match (one_per_row, related) {
            (true, false) => "one more query each time",
            (true, true) => "one more query each time, and for what it refers to, each that is not the same",
            (false, _) => "one more query for each that is not the same",
        };
        let message = format!("{answer} loads {} for {}: {each}.", listed(&what), over(times, ""));
        let mut trace = Vec::new();
        if let Some(known) = service.requests.entries.get(fact.entry) {
            trace.push(step(format!("`{}` starts here", known.name), &known.location));
        }
        trace.extend(fact.trace.iter().map(|way| step(format!("Through `{}`", way.function), &way.location)));
        if let Some(query) = repeated.iter().find_map(|(load, _, _)| load.query.clone()) {
            trace.push(step("The rows are loaded here, without it", &query));
        }
        trace.push(if repeated.is_empty() {
            step(format!("{} executes a statement here, each time it is read", what[0]), place)
        } else {
            step(format!("The response model reads {} here", what[0]), place)
        });
        findings.push(Finding {
            trace,
            why: "Response models read attributes of the objects they are given. What the query did not load is \
                  loaded then, one query for each row, and the answer looks the same."
                .to_owned(),
            help: if repeated.is_empty() { ASK_ONCE } else { OPTION }.to_owned(),
            trade_off: "A loader option costs one statement, and its rows, on every call of this query. Fine when \
                        the list is short by nature."
                .to_owned(),
            ..RULE.finding(confidence, same, here, message)
        });
    }
    findings
}
