//! What several rules ask about loops that reach the database.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};

use architect_model::Service;
use architect_model::requests::{EffectKind, EntryKind, LoopFact, Step as Way, Times};
use architect_source::{Confidence, Location, Step};

use crate::step;

/// So many turns cost nothing worth a word.
const FEW: u32 = 5;

/// Whether a loop turns as often as there are rows, or as a caller says.
pub(crate) fn grows(times: &Times) -> bool {
    match times {
        Times::Rows(_, bound) | Times::Input(_, bound) => bound.is_none_or(|bound| bound > FEW),
        Times::Linked | Times::Unknown => true,
        Times::Known(_) | Times::Batches | Times::While => false,
    }
}

/// What a loop is over, in words; `written` is its iterable as the code has it, if that is to be told.
pub(crate) fn over(times: &Times, written: &str) -> String {
    match times {
        Times::Rows(name, None) if name != "?" => format!("every `{name}`"),
        Times::Rows(name, Some(bound)) if name != "?" => format!("each of up to {bound} `{name}`"),
        Times::Input(name, None) => format!("every element of `{name}`"),
        Times::Input(name, Some(bound)) => format!("each of up to {bound} elements of `{name}`"),
        Times::Linked => "each of a chain or a tree of rows".to_owned(),
        Times::Rows(..) if written.is_empty() => "every row".to_owned(),
        _ if written.is_empty() => "every turn".to_owned(),
        _ => format!("every element of `{written}`"),
    }
}

/// A class of what a loop does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Does {
    /// It executes statements.
    Query,
    /// It loads by reading attributes.
    Load,
    /// Response models load by reading attributes.
    Serialise,
}

/// So many lines apart, places in one loop are two matters.
const APART: u32 = 4;

/// The function that a loop calls, on the way to what it does.
fn called(ways: &[Way]) -> Option<&str> {
    ways.get(1).map(|way| way.function.as_str())
}

/// The places in a loop that do something, each with what is done there: statements near to each other are one place.
fn places(fact: &LoopFact) -> Vec<LoopFact> {
    let mut out: Vec<LoopFact> = Vec::new();
    for one in &fact.does {
        let place = one.2.first().map_or(&one.1, |way| &way.location);
        let near = |known: &&mut LoopFact| {
            let before = known.does.first().and_then(|first| called(&first.2));
            let other_call = called(&one.2).zip(before).is_some_and(|(one, other)| one != other);
            let line = &known.location;
            line.path == place.path && line.line.abs_diff(place.line) <= if other_call { 0 } else { APART }
        };
        match out.iter_mut().find(near) {
            Some(known) => {
                // A statement is the place to look at, and not what is loaded beside it.
                if is_query(&one.0) && !known.does.iter().any(|(kind, _, _)| is_query(kind)) {
                    known.location = place.clone();
                }
                known.does.push(one.clone());
            }
            None => out.push(LoopFact { location: place.clone(), does: vec![one.clone()], ..fact.clone() }),
        }
    }
    out
}

/// Which of the loops around one place says most of how often it runs.
fn rank(times: &Times) -> u8 {
    if matches!(times, Times::Rows(..)) { 2 } else { u8::from(grows(times)) }
}

/// The places in all loops, each once: one that stands in several loops is told of the one whose rows are known, else
/// of one that grows: not of the batches that the elements come in.
pub(crate) fn all_places(service: &Service) -> Vec<LoopFact> {
    let mut out: Vec<LoopFact> = Vec::new();
    let mut at: HashMap<Location, usize> = HashMap::new();
    for place in service.requests.loops.iter().flat_map(places) {
        match at.entry(place.location.clone()) {
            Entry::Occupied(known) => {
                let known = &mut out[*known.get()];
                if rank(&place.times) > rank(&known.times) {
                    *known = place;
                }
            }
            Entry::Vacant(free) => {
                free.insert(out.len());
                out.push(place);
            }
        }
    }
    out
}

/// So many calls from a loop to a statement are a long way: on it there may be something that is done only once.
pub(crate) const LONG_WAY: usize = 9;

/// How many calls there are at least from the loop to what it does.
pub(crate) fn shortest_way(fact: &LoopFact, wanted: &dyn Fn(&EffectKind) -> bool) -> usize {
    let does = fact.does.iter().filter(|(kind, _, _)| wanted(kind));
    does.map(|(_, _, ways)| calls_on(ways)).min().unwrap_or(0)
}

/// How many calls are on a way, those aside that decorators make of what they wrap.
pub(crate) fn calls_on(ways: &[Way]) -> usize {
    ways.iter().filter(|way| !way.function.contains(".<locals>.")).count()
}

/// Whether a loop is over rows of which there are few.
pub(crate) fn is_over_reference_data(service: &Service, times: &Times) -> bool {
    let Times::Rows(name, _) = times else { return false };
    let class = |class: &str| class.rsplit([':', '.']).next() == Some(name.as_str());
    let mut tables = service.mappers.iter().filter(|mapper| class(&mapper.class)).filter_map(|one| one.table_index);
    tables.any(|index| service.tables.get(index).is_some_and(architect_model::tables::Table::is_reference_data))
}

/// How sure it is that there are many.
pub(crate) fn confidence(times: &Times) -> Confidence {
    if matches!(times, Times::Unknown) { Confidence::Medium } else { Confidence::High }
}

/// What a loop is to be reported as, if at all.
pub(crate) fn class(fact: &LoopFact) -> Option<Does> {
    if !grows(&fact.times) || fact.handling {
        return None;
    }
    let queries = fact.does.iter().any(|(kind, _, _)| is_query(kind));
    let loads: Vec<_> = fact
        .does
        .iter()
        .filter_map(|(kind, _, _)| match kind {
            EffectKind::Load(load) if !load.detached => Some(load),
            _ => None,
        })
        .collect();
    if queries {
        return Some(Does::Query);
    }
    if loads.is_empty() || loads.iter().all(|load| load.is_async == Some(true)) {
        return None;
    }
    Some(if loads.iter().all(|load| load.serialised) { Does::Serialise } else { Does::Load })
}

/// Whether an effect is a statement that a loop repeats.
pub(crate) fn is_query(kind: &EffectKind) -> bool {
    matches!(kind, EffectKind::Query(_))
}

/// What is done in each turn, in words, each once.
pub(crate) fn words(fact: &LoopFact, wanted: &dyn Fn(&EffectKind) -> bool) -> Vec<String> {
    let mut out: BTreeMap<String, usize> = BTreeMap::new();
    for (at, (kind, _, _)) in fact.does.iter().enumerate() {
        if !wanted(kind) {
            continue;
        }
        let text = match kind {
            EffectKind::Query(query) if query.entity == "?" && query.verb == "text" => "SQL text".to_owned(),
            EffectKind::Query(query) if query.entity == "?" => format!("a statement ({})", query.verb),
            EffectKind::Query(query) => format!("{} {}", query.verb, query.entity),
            EffectKind::Load(load) => format!("`{}`", load.what),
            EffectKind::Commit => "commit".to_owned(),
            EffectKind::Write { class, change } => format!("{change} {class}"),
            _ => continue,
        };
        out.entry(text).or_insert(at);
    }
    let mut list: Vec<(usize, String)> = out.into_iter().map(|(text, at)| (at, text)).collect();
    list.sort();
    list.into_iter().map(|(_, text)| text).collect()
}

/// A list for a sentence, with at most four of its items.
pub(crate) fn listed(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] if items.len() <= 4 => format!("{} and {last}", first.join(", ")),
        _ => format!("{} and {} more", items[..3].join(", "), items.len() - 3),
    }
}

/// The way from the entry point to a loop, and on to what it does first.
pub(crate) fn trace(service: &Service, fact: &LoopFact, wanted: &dyn Fn(&EffectKind) -> bool) -> Vec<Step> {
    let mut out = Vec::new();
    if let Some(entry) = service.requests.entries.get(fact.entry) {
        out.push(step(format!("`{}` starts here", entry.name), &entry.location));
    }
    for way in &fact.trace {
        out.push(through(way));
    }
    if let Some((kind, place, ways)) = fact.does.iter().find(|(kind, _, _)| wanted(kind)) {
        for way in ways.iter().take(ways.len().saturating_sub(1)) {
            out.push(through(way));
        }
        let what = match kind {
            EffectKind::Query(query) if query.entity == "?" => "A statement is executed here, each time".to_owned(),
            EffectKind::Query(query) => format!("A statement on `{}` is executed here, each time", query.entity),
            EffectKind::Load(load) => format!("`{}` is loaded here, each time", load.what),
            _ => "The transaction ends here, each time".to_owned(),
        };
        out.push(step(what, place));
    }
    out.dedup_by(|a, b| a.location == b.location && a.message == b.message);
    out
}

fn through(way: &Way) -> Step {
    if way.function.is_empty() {
        step("Through here", &way.location)
    } else {
        step(format!("Through `{}`", way.function), &way.location)
    }
}

/// The entry point in words: what somebody who reads the finding knows.
pub(crate) fn entry(service: &Service, at: usize) -> String {
    match service.requests.entries.get(at) {
        Some(entry) if entry.kind == EntryKind::Endpoint => format!("`{}`", entry.name),
        Some(entry) => format!("`{}`", entry.name.rsplit(':').next().unwrap_or(&entry.name)),
        None => "the service".to_owned(),
    }
}

/// What survives edits elsewhere: the function and what is done there.
pub(crate) fn subject(function: &str, location: &Location, what: &str) -> String {
    format!("{}:{function} {what}", location.path)
}
