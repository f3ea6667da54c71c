//! What several rules ask about effects of requests.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use architect_model::Service;
use architect_model::code::{Call, Function};
use architect_model::requests::{EffectFact, EffectKind, EntryKind, QueryFact, Step as Way};
use architect_source::{Location, Step};

use crate::requests::words;
use crate::step;

/// The way from the entry point to an effect; the last step is where it happens.
pub(crate) fn way(service: &Service, fact: &EffectFact) -> Vec<Step> {
    let mut out = Vec::new();
    if let Some(entry) = service.requests.entries.get(fact.entry) {
        out.push(step(format!("`{}` starts here", entry.name), &entry.location));
    }
    out.extend(
        fact.trace
            .iter()
            .filter(|way| !way.function.is_empty())
            .map(|way| step(format!("Through `{}`", way.function), &way.location)),
    );
    out
}

/// Whether an effect belongs to what nothing that was seen calls: a job, a command, an endpoint of another framework.
pub(crate) fn by_itself(service: &Service, fact: &EffectFact) -> bool {
    service.requests.entries.get(fact.entry).is_some_and(|entry| entry.kind == EntryKind::Function)
}

/// What is done once in the life of a service, or of its data, is called like this.
const PREPARES: &[&str] = &[
    "init",
    "initialize",
    "initialise",
    "startup",
    "lifespan",
    "bootstrap",
    "seed",
    "migrate",
    "migration",
    "migrations",
    "backfill",
    "preflight",
];

/// Whether something is done to prepare a service: when it starts, or by what is called after such a step and belongs to
/// no request.
pub(crate) fn prepares(service: &Service, entry: usize, trace: &[Way]) -> bool {
    let Some(entry) = service.requests.entries.get(entry) else { return false };
    let says = |name: &str| {
        let own = name.rsplit([':', '.']).next().unwrap_or(name);
        own != "__init__" && words(own).iter().any(|word| PREPARES.contains(&word.as_str()))
    };
    match entry.kind {
        EntryKind::Startup => true,
        EntryKind::Function => {
            says(&entry.name)
                || trace.iter().any(|way| says(&way.function))
                || called_by(service, &entry.name).iter().any(|caller| says(caller))
        }
        EntryKind::Endpoint | EntryKind::Middleware => false,
    }
}

/// Callers of callers that are looked at.
const UPWARDS: usize = 4;

/// Functions that call one, and those that call them.
fn called_by<'s>(service: &'s Service, function: &'s str) -> BTreeSet<&'s str> {
    let mut found: BTreeSet<&str> = BTreeSet::new();
    let mut level = vec![function];
    for _ in 0..UPWARDS {
        let callers = service.code.callers(&level).filter(|one| !one.aside).map(|one| one.name.as_str());
        let new: Vec<&str> = callers.filter(|name| found.insert(name)).collect();
        if new.is_empty() {
            break;
        }
        level = new;
    }
    found
}

/// The class of which an effect adds rows.
pub(crate) fn added(fact: &EffectFact) -> Option<&str> {
    match &fact.kind {
        EffectKind::Write { class, change: "insert" } => Some(class),
        EffectKind::Query(query) if query.verb == "insert" => Some(&query.entity),
        _ => None,
    }
}

/// The function an effect stands in.
pub(crate) fn function(fact: &EffectFact) -> &str {
    fact.trace.iter().rev().map(|way| way.function.as_str()).find(|name| !name.is_empty()).unwrap_or_default()
}

/// Whether an effect belongs to a request, as opposed to what runs at start-up or by itself.
pub(crate) fn of_request(service: &Service, fact: &EffectFact) -> bool {
    service
        .requests
        .entries
        .get(fact.entry)
        .is_some_and(|entry| matches!(entry.kind, EntryKind::Endpoint | EntryKind::Middleware))
}

/// The statements that are executed at a place: one that several functions build may be of several kinds.
pub(crate) fn queries_at<'s>(service: &'s Service, place: &'s Location) -> impl Iterator<Item = &'s QueryFact> {
    service.requests.effects.iter().filter_map(move |fact| match &fact.kind {
        EffectKind::Query(query) => {
            // Of a chain over several lines, the place of a statement is the last step.
            ((&fact.location.path, fact.location.end) == (&place.path, place.end)).then_some(&**query)
        }
        _ => None,
    })
}

/// Functions that built statements, with what those are of.
type Builders<'s> = BTreeSet<(&'s str, &'s str)>;

/// Places that execute the statements of several functions, or one statement for several classes: what is to be said of
/// a statement is said where it is handed to them, or where the class is known.
pub(crate) struct Executors<'s> {
    /// The statements that are executed at a place.
    executed: BTreeMap<(&'s str, u32), Vec<&'s QueryFact>>,
    /// The functions that built the statements which are executed at a place or below it, with what those are of.
    builders: BTreeMap<(&'s str, u32), Builders<'s>>,
    /// Functions by file and first line.
    functions: BTreeMap<&'s str, BTreeMap<u32, &'s Function>>,
}

impl<'s> Executors<'s> {
    pub(crate) fn of(service: &'s Service) -> Self {
        let mut functions: BTreeMap<&str, BTreeMap<u32, &Function>> = BTreeMap::new();
        for function in service.code.functions.iter().filter(|function| !function.name.ends_with(':')) {
            functions.entry(&function.location.path).or_default().insert(function.location.line, function);
        }
        let mut out = Self { executed: BTreeMap::new(), builders: BTreeMap::new(), functions };
        for fact in &service.requests.effects {
            let EffectKind::Query(query) = &fact.kind else { continue };
            out.executed.entry((&fact.location.path, fact.location.end)).or_default().push(query);
            let by = query.built.as_ref().and_then(|built| around(&out.functions, built)).map_or("", |one| &one.name);
            for place in fact.trace.iter().map(|way| &way.location).chain([&fact.location]) {
                out.builders.entry((&place.path, place.end)).or_default().insert((by, &query.entity));
            }
        }
        out
    }

    /// Where a statement is to be looked at: the innermost place on the way to it that executes nobody else's.
    pub(crate) fn place(&self, fact: &'s EffectFact) -> &'s Location {
        let alone = |all: &Builders<'_>| all.iter().map(|(by, _)| by).collect::<BTreeSet<_>>().len() < 2;
        self.innermost(fact, &alone)
    }

    /// Where the rows of a statement are to be looked at: the same, and nothing of another class is read there.
    pub(crate) fn place_of_rows(&self, fact: &'s EffectFact) -> &'s Location {
        self.innermost(fact, &|all| all.len() < 2)
    }

    /// Whether the function that executes a statement gives it a limit where its callers hand one in.
    pub(crate) fn takes_limit(&self, fact: &EffectFact) -> bool {
        let Some(function) = around(&self.functions, &fact.location) else { return false };
        let is_handed_in = |call: &Call| {
            matches!(call.name.as_str(), "limit" | "fetch" | "slice")
                && call.arguments.iter().any(|one| !one.sources.is_empty())
        };
        function.calls.iter().any(is_handed_in)
    }

    /// The innermost place on the way to a statement where something holds of the functions that built what is executed
    /// there or below.
    fn innermost(&self, fact: &'s EffectFact, holds: &dyn Fn(&Builders<'_>) -> bool) -> &'s Location {
        let mut places = [&fact.location].into_iter().chain(fact.trace.iter().rev().map(|way| &way.location));
        let own = |place: &&Location| self.builders.get(&(&*place.path, place.end)).is_none_or(holds);
        places.find(own).unwrap_or(&fact.location)
    }

    /// The statements that are executed where this one is.
    pub(crate) fn beside(&self, fact: &'s EffectFact) -> impl Iterator<Item = &'s QueryFact> {
        self.executed.get(&(&*fact.location.path, fact.location.end)).into_iter().flatten().copied()
    }

    /// Those of them that were built where this one was, where it is up to whoever builds them.
    pub(crate) fn alike(&self, fact: &'s EffectFact, query: &'s QueryFact) -> impl Iterator<Item = &'s QueryFact> {
        let is_own = *self.place(fact) != fact.location;
        self.beside(fact).filter(move |one| !is_own || one.built == query.built)
    }
}

/// Functions that no decorator registers and whose names nothing of the service calls or hands on.
pub(crate) struct Unused<'s> {
    service: &'s Service,
    /// What is called and read; gathered when it is asked for.
    named: OnceCell<BTreeSet<&'s str>>,
}

impl<'s> Unused<'s> {
    pub(crate) fn of(service: &'s Service) -> Self {
        Self { service, named: OnceCell::new() }
    }

    /// Whether a walk began in one.
    pub(crate) fn begins(&self, entry: usize) -> bool {
        let code = &self.service.code;
        let entry = self.service.requests.entries.get(entry).filter(|entry| entry.kind == EntryKind::Function);
        let Some(function) = entry.and_then(|entry| code.function(&entry.name)) else { return false };
        let last = function.name.rsplit(['.', ':']).next().unwrap_or_default();
        let named = self.named.get_or_init(|| {
            let names = code.functions.iter().flat_map(|function| {
                function.calls.iter().map(|call| call.name.as_str()).chain(function.reads.iter().map(String::as_str))
            });
            // At the top of modules functions are handed to schedulers and the like.
            let modules = code.modules.iter().flat_map(|module| module.reads.iter().map(String::as_str));
            names.chain(modules).collect()
        });
        // Methods are handed on as attributes, which are not among what is read.
        function.class.is_none() && function.decorators.is_empty() && !named.contains(last)
    }
}

/// The function that a place stands in.
fn around<'s>(functions: &BTreeMap<&'s str, BTreeMap<u32, &'s Function>>, place: &Location) -> Option<&'s Function> {
    let before = functions.get(&*place.path)?.range(..=place.line).rev();
    before.map(|(_, function)| *function).find(|function| {
        let lines = u32::try_from(function.lines).unwrap_or(u32::MAX);
        place.line < function.location.line.saturating_add(lines)
    })
}

/// Exceptions that say that a row is there already, and those that are caught for it.
pub(crate) const REFUSALS: [&str; 5] =
    ["IntegrityError", "UniqueViolation", "UniqueViolationError", "DBAPIError", "SQLAlchemyError"];

/// Whether a function deals with what the database refuses; where `broad`, with anything.
pub(crate) fn catches(function: &Function, broad: bool) -> bool {
    function.tries.iter().flat_map(|one| &one.handlers).any(|handler| {
        let bare = handler.catches.is_empty();
        let named = |name: &String| {
            let short = name.rsplit(['.', ':']).next().unwrap_or(name);
            REFUSALS.contains(&short) || broad && matches!(short, "Exception" | "BaseException")
        };
        broad && bare || handler.catches.iter().any(named)
    })
}

/// Whether a function names a lock: it may make others wait.
pub(crate) fn takes_lock(function: &Function) -> bool {
    let locks = |text: &str| text.to_lowercase().contains("lock");
    function.calls.iter().any(|call| locks(&call.name) || call.receiver.as_deref().is_some_and(locks))
        || function.reads.iter().any(|name| locks(name))
}

/// How what is done after the response, or after `yield` in a dependency, relates to the response, by the version of
/// FastAPI (its documentation, "Advanced Dependencies").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Dependencies are left after the response and after background tasks: before 0.106, and from 0.118 on.
    AfterResponse,
    /// Dependencies are left before the response is sent: 0.106 to 0.117.
    BeforeResponse,
}

/// When dependencies are left; a version that is not known is a recent one.
pub(crate) fn exit(service: &Service) -> Exit {
    let minor = service.libraries.get("fastapi").and_then(|version| version.split('.').nth(1)?.parse::<u32>().ok());
    match minor {
        Some(106..=117) => Exit::BeforeResponse,
        _ => Exit::AfterResponse,
    }
}
