//! Queries that give as many rows as there are.

use std::cell::OnceCell;
use std::collections::BTreeSet;

use architect_model::Service;
use architect_model::requests::{EffectFact, EffectKind, EntryKind, QueryFact, Step as Way};
use architect_model::tables::Table;
use architect_source::{Confidence, Finding, Location, Severity};

use crate::effects::{Executors, Unused, added, function, of_request, prepares, way};
use crate::loops::{entry, subject};
use crate::operators::{declares_operator, is_for_operators};
use crate::requests::{entries_by_place, place_of, words};
use crate::seeds::seeds;
use crate::{Rule, step};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "unbounded-query",
    group: "queries",
    docs: include_str!("unbounded_query.md"),
    severity: Severity::Warning,
    since: "0.2.0",
    check,
};

/// What so many other tables point to stands at the centre of a service, and grows however it is filtered.
const MANY: usize = 5;

/// Rows that are all loaded to see whether there are any.
fn existence(service: &Service, fact: &EffectFact, class: &str, query: &Location) -> Finding {
    let mut trace = way(service, fact);
    trace.push(step("All of them are loaded here", query));
    Finding {
        trace,
        why: "Every row is read and made an object, and none is looked at: one would say the same.".to_owned(),
        help: "Ask the database: `select(exists().where(...))`, or add `.limit(1)`.".to_owned(),
        trade_off: "A second function beside the one that lists. Fine where there are never more than a few."
            .to_owned(),
        ..RULE.finding(
            Confidence::High,
            subject(function(fact), &fact.location, &format!("exists {class}")),
            &fact.location,
            format!("This loads every `{class}` that matches, to see whether there is one."),
        )
    }
}

/// So many conditions leave few rows, as a rule.
const NARROW: u8 = 3;

/// The first of all rows that match, which are sent all the same.
fn first_of_all(service: &Service, fact: &EffectFact, query: &QueryFact) -> Option<Finding> {
    let many = query.verb == "select" && query.takes_first && query.ordered && query.objects;
    let few = query.limited || query.unique || query.maybe_one || query.listed || query.aggregate || query.streamed;
    if !many || few || fact.handling || query.entity == "?" {
        return None;
    }
    let narrowed = query.parent || query.doubtful || query.is_reference_data || query.conditions >= NARROW;
    let entity = &query.entity;
    Some(Finding {
        trace: way(service, fact),
        why:
            "The first row of a result is taken after the statement has run: nothing is added to it, and most drivers \
              fetch all rows that match before they give one. Only `first()` of the older `Query` adds a limit."
                .to_owned(),
        help: "Add `.limit(1)` to the statement.".to_owned(),
        trade_off: "None. Fine as it is where never more than a few rows match.".to_owned(),
        ..RULE.finding(
            if narrowed { Confidence::Medium } else { Confidence::High },
            subject(function(fact), &fact.location, &format!("first {entity}")),
            &fact.location,
            format!("This reads every `{entity}` that matches, in order, to take the first: there is no limit."),
        )
    })
}

/// Whether rows of what is read are set up one by one.
fn is_set_up(service: &Service, query: &QueryFact) -> bool {
    let mapper = query.class.and_then(|class| service.mapper(class));
    let table = mapper.and_then(|mapper| service.tables.get(mapper.table_index?));
    table.is_some_and(Table::is_set_up)
}

/// Whether the rows come with an installation.
fn is_seed(service: &Service, query: &QueryFact, seeds: &BTreeSet<String>) -> bool {
    let mapper = query.class.and_then(|class| service.mapper(class));
    mapper.is_some_and(|mapper| seeds.contains(&mapper.table))
}

fn check(service: &Service) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    let unused = Unused::of(service);
    let seeds = seeds(service);
    let operators = Operators { service, entries: OnceCell::new() };
    let how_sure = |query: &QueryFact, by: usize, way: &[Way]| {
        let rare = unused.begins(by)
            || prepares(service, by, way)
            || is_meant(&operators, by, query)
            // The rows of one parent are few, as a rule, even where they are at the centre of the service.
            || query.parent;
        let sure = sure(service, query, &seeds);
        if rare { sure.min(Confidence::Medium) } else { sure }
    };
    let executors = Executors::of(service);
    let mut others = Vec::new();
    for fact in &service.requests.effects {
        let query = match &fact.kind {
            EffectKind::Query(query) => query,
            EffectKind::Tested { class, query } => {
                if !fact.handling && findings.iter().all(|finding| finding.location != fact.location) {
                    findings.push(existence(service, fact, class, query));
                }
                continue;
            }
            _ => continue,
        };
        if let Some(finding) = first_of_all(service, fact, query) {
            if findings.iter().all(|known| known.location != finding.location) {
                findings.push(finding);
            }
            continue;
        }
        let open = query.verb == "select"
            && query.all
            && (query.objects || !query.filtered && query.grows_with_use)
            && !query.limited
            && !query.unique
            && (!query.parent || query.children >= MANY)
            && !query.listed
            && !query.aggregate
            && !query.streamed
            && !fact.handling;
        if !open || at_start(service, fact.entry) || query.entity == "?" {
            continue;
        }
        let shared = executors.place_of_rows(fact);
        // Whoever leaves a limit out that the function would take is who decides.
        let takes_limit = executors.takes_limit(fact);
        let called = fact.trace.len().checked_sub(2).map(|at| &fact.trace[at].location);
        let place = called.filter(|_| takes_limit && *shared == fact.location).unwrap_or(shared);
        if takes_limit {
            others.extend(fact.callers.iter().map(|(entry, caller)| (fact, query, *entry, caller)));
        }
        if findings.iter().any(|finding| finding.location == *place) {
            continue;
        }
        let function = fact.trace.last().map(|way| way.function.clone()).unwrap_or_default();
        let mut trace = Vec::new();
        if let Some(entry) = service.requests.entries.get(fact.entry) {
            trace.push(step(format!("`{}` starts here", entry.name), &entry.location));
        }
        trace.extend(fact.trace.iter().map(|way| step(format!("Through `{}`", way.function), &way.location)));
        trace.extend(
            query
                .built
                .as_ref()
                .filter(|_| *place != fact.location)
                .map(|built| step("The statement is built here", built)),
        );
        if *place != fact.location && trace.last().is_none_or(|last| last.location != fact.location) {
            trace.push(step("The statement is executed here", &fact.location));
        }
        let sure = how_sure(query, fact.entry, &fact.trace);
        findings.push(Finding { trace, ..told(service, query, &function, place, fact.entry, sure) });
    }
    for (fact, query, by, caller) in others {
        if at_start(service, by) || findings.iter().any(|finding| finding.location == caller.location) {
            continue;
        }
        let trace = vec![
            step(format!("`{}` asks without a limit", caller.function), &caller.location),
            step("The statement is executed here", &fact.location),
        ];
        let sure = how_sure(query, by, std::slice::from_ref(caller));
        findings.push(Finding { trace, ..told(service, query, &caller.function, &caller.location, by, sure) });
    }
    findings
}

/// Whether something is done when the service starts.
fn at_start(service: &Service, entry: usize) -> bool {
    service.requests.entries.get(entry).is_none_or(|entry| entry.kind == EntryKind::Startup)
}

/// What is said of one query.
fn told(
    service: &Service,
    query: &QueryFact,
    function: &str,
    place: &Location,
    by: usize,
    sure: Confidence,
) -> Finding {
    let who = entry(service, by);
    let answers = service.requests.entries.get(by).is_some_and(|entry| entry.kind == EntryKind::Endpoint);
    let (why, help, trade_off) = if answers {
        (
            format!(
                "{who} reads all of them into memory: its time and the memory of the process grow with their number, and \
                 one call can take it down."
            ),
            "What callers list gets a limit and pages: `.limit(page_size)` with an order that is unique. What has to go \
             through all of them does so in batches (`yield_per`), or in one statement.",
            "Callers have to ask for the next page. Fine for what stays small by nature.",
        )
    } else {
        (
            format!(
                "{who} reads all of them into memory at once: its time and memory grow with their number, and so does the \
                 time its transaction is open."
            ),
            "Go through them in batches: `yield_per(500)`, or one page after the other by key; and leave out, in the \
             statement, what needs nothing done.",
            "A little more code in the job. Fine for what stays small by nature.",
        )
    };
    Finding {
        why,
        help: help.to_owned(),
        trade_off: trade_off.to_owned(),
        ..RULE.finding(
            sure,
            subject(function, place, &query.entity),
            place,
            format!(
                "This query gives every `{}`{}, without a limit.",
                query.entity,
                if query.filtered { " that matches" } else { " there is" },
            ),
        )
    }
}

/// Whether an endpoint has to read all there is, or what it reads is few: it exports, deletes, or answers to those who run
/// the service what only they add.
fn is_meant(operators: &Operators<'_>, by: usize, query: &QueryFact) -> bool {
    let entries = &operators.service.requests.entries;
    let Some(entry) = entries.get(by).filter(|entry| entry.kind == EntryKind::Endpoint) else { return false };
    let exports = words(&entry.name).iter().any(|word| matches!(word.as_str(), "export" | "download" | "dump"));
    exports || entry.name.starts_with("DELETE ") || operators.are_asked(by) && operators.add_all(&query.entity)
}

/// The endpoints for those who run the service.
struct Operators<'s> {
    service: &'s Service,
    /// Their entry points; gathered when it is asked for.
    entries: OnceCell<BTreeSet<usize>>,
}

impl Operators<'_> {
    /// Whether an endpoint asks that they call.
    fn are_asked(&self, by: usize) -> bool {
        let entries = self.entries.get_or_init(|| {
            let at = entries_by_place(self.service);
            let endpoints = self.service.endpoints().into_iter();
            let theirs = endpoints.filter(|one| is_for_operators(one) || declares_operator(self.service, one));
            theirs.filter_map(|one| at.get(&place_of(&one.route.location)).copied()).collect()
        });
        entries.contains(&by)
    }

    /// Whether every request that adds a row of a class is theirs.
    fn add_all(&self, class: &str) -> bool {
        let facts = self.service.requests.effects.iter().filter(|fact| of_request(self.service, fact));
        let mut adding = facts.filter(|fact| added(fact) == Some(class)).peekable();
        adding.peek().is_some() && adding.all(|fact| self.are_asked(fact.entry))
    }
}

/// How sure it is that there are many.
fn sure(service: &Service, query: &QueryFact, seeds: &BTreeSet<String>) -> Confidence {
    match query {
        // Nothing tells how many there are of what stands alone, unless its columns do.
        query if query.children + query.parents == 0 && (query.filtered && !query.window || !query.grows_with_use) => {
            Confidence::Low
        }
        query if query.is_reference_data || query.doubtful => Confidence::Medium,
        query if query.window && !query.grows_with_use => Confidence::Medium,
        query if is_set_up(service, query) || is_seed(service, query, seeds) => Confidence::Medium,
        query if query.narrowed_root && query.children < MANY => Confidence::Medium,
        _ => Confidence::High,
    }
}
