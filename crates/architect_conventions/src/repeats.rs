//! Code that does again what other code does: by structure, and by what it does.

use std::collections::{BTreeMap, BTreeSet};

use architect_model::Service;
use architect_model::code::{Form, Function, Operand, Raise};

use crate::helpers::Uses;
use crate::lens::Lens;
use crate::purpose::{Kind, is_not_found, pagination_parameters, purpose};
use crate::survey::Example;
use crate::words::{article, last, module, quoted, short};

/// What is done more than once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repeat {
    /// How it is the same.
    pub kind: RepeatKind,
    /// What is done, as the rest of a sentence that begins with who does it.
    pub does: String,
    /// What to call instead, where there is such a thing; else one of the places has to become it.
    pub helper: Option<Example>,
    /// Where it is done again.
    pub places: Vec<Example>,
    /// How many lines each takes.
    pub lines: usize,
}

/// In which way code is the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RepeatKind {
    /// Bodies are the same but for names of locals, annotations, docstrings, logs and texts of exceptions.
    Structure,
    /// The same effect, written otherwise.
    Effect,
}

impl RepeatKind {
    /// The name used in every output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Structure => "structure",
            Self::Effect => "effect",
        }
    }
}

/// Code of the service that is written again; see [`Repeat`].
#[must_use]
pub fn repeats(service: &Service) -> Vec<Repeat> {
    let lens = Lens::new(service);
    found(&lens, &Uses::new(&lens))
}

/// Fewer lines are written twice for good.
const FEWEST_LINES: usize = 4;
/// Less than this is a coincidence: nodes of syntax.
const FEWEST_NODES: usize = 30;
/// Without a helper, so many places have to look up the same.
const FEWEST_PLACES: usize = 3;

pub(crate) fn found(lens: &Lens<'_>, uses: &Uses<'_>) -> Vec<Repeat> {
    let mut out = copies(lens, uses);
    let told: BTreeSet<String> = out.iter().flat_map(|one| &one.places).map(|place| place.name.clone()).collect();
    out.extend(lookups(lens, uses, &told));
    out.extend(passwords(lens, uses, &told));
    out.extend(pages(lens, uses));
    out.sort_by(|a, b| {
        let size = |one: &Repeat| std::cmp::Reverse(one.lines * one.places.len());
        (size(a), &a.places[0].location).cmp(&(size(b), &b.places[0].location))
    });
    out
}

fn example(function: &Function) -> Example {
    Example { name: function.name.clone(), location: function.location.clone() }
}

/// Functions with the same body.
fn copies(lens: &Lens<'_>, uses: &Uses<'_>) -> Vec<Repeat> {
    let mut same: BTreeMap<u64, Vec<&Function>> = BTreeMap::new();
    for function in lens.functions.iter().copied().filter(|one| is_substantial(one)) {
        same.entry(function.shape).or_default().push(function);
    }
    let mut out = Vec::new();
    for group in same.into_values().filter(|group| group.len() > 1) {
        if is_meant(lens, &group) {
            continue;
        }
        // What others use already is what to keep; then what stands first.
        let keep = group.iter().copied().max_by_key(|one| {
            let place = std::cmp::Reverse((&one.location.path, one.location.line));
            (!lens.is_endpoint(&one.name), !last(&one.name).starts_with('_'), uses.of(&one.name).count(), place)
        });
        let Some(keep) = keep else { continue };
        let places: Vec<Example> = group.iter().filter(|one| one.name != keep.name).map(|one| example(one)).collect();
        if places.is_empty() {
            continue;
        }
        out.push(Repeat {
            kind: RepeatKind::Structure,
            does: format!("has the same body as `{}`", short(&keep.name)),
            helper: Some(example(keep)),
            places,
            lines: keep.body_lines,
        });
    }
    out
}

/// Whether a body is worth sharing: not what Python or a framework calls by itself, and more than handing on.
fn is_substantial(function: &Function) -> bool {
    let own = last(short(&function.name));
    function.body_lines >= FEWEST_LINES
        && function.nodes >= FEWEST_NODES
        && !function.name.contains("<locals>")
        && !own.starts_with("__")
        // A decorator gives the body another meaning: overloads, properties, validators of different fields.
        && !function.decorators.iter().any(|one| one.text.ends_with("overload") || one.text.ends_with("abstractmethod"))
}

/// Copies that are kept apart on purpose: in versions of an API, and redefinitions of one name in one module.
fn is_meant(lens: &Lens<'_>, group: &[&Function]) -> bool {
    let versions: BTreeSet<String> = group.iter().filter_map(|one| version(&one.location.path)).collect();
    let names: BTreeSet<&str> = group.iter().map(|one| one.name.as_str()).collect();
    // One of two bodies is chosen while the module is imported.
    let chosen = names.len() < group.len();
    // A derived class that says again what it inherits is another matter; classes of one family share a base.
    let inherited = group.iter().all(|one| {
        one.class.as_deref().is_some_and(|class| {
            let above = lens.service.code.ancestors(class);
            group
                .iter()
                .any(|other| other.name != one.name && other.class.as_ref().is_some_and(|two| above.contains(two)))
        })
    });
    versions.len() > 1 || chosen || inherited
}

/// `v1` of `api/v1/users.py`.
fn version(path: &str) -> Option<String> {
    let is = |part: &&str| {
        part.strip_prefix('v').is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit()))
    };
    path.split('/').find(is).map(str::to_owned)
}

/// What a lookup is: the same for those that find the same by the same.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Lookup {
    entity: String,
    by: String,
}

/// Places that look something up and raise where it is not there, beside a helper that does, or often enough for one.
fn lookups(lens: &Lens<'_>, uses: &Uses<'_>, told: &BTreeSet<String>) -> Vec<Repeat> {
    let mut helpers: BTreeMap<Lookup, &Function> = BTreeMap::new();
    let mut places: BTreeMap<Lookup, Vec<(&Function, &Raise)>> = BTreeMap::new();
    for function in &lens.functions {
        let is_helper = purpose(lens, function).is_some_and(|one| one.kind == Kind::GetOrRaise);
        for raise in function.raises.iter().filter(|raise| is_not_found(raise)) {
            let Some(lookup) = raise.missing.as_ref().and_then(|one| lookup(lens, &one.made_by, &one.mentions)) else {
                continue;
            };
            if is_helper {
                let better =
                    helpers.get(&lookup).is_none_or(|known| uses.modules(&known.name) < uses.modules(&function.name));
                if better {
                    helpers.insert(lookup, function);
                }
            } else if !told.contains(&function.name) {
                places.entry(lookup).or_default().push((function, raise));
            }
        }
    }
    let mut out = Vec::new();
    for (lookup, found) in places {
        let helper = helpers.get(&lookup).copied();
        let entity = last(&lookup.entity);
        let at = |(function, raise): &(&Function, &Raise)| Example {
            name: function.name.clone(),
            location: raise.location.clone(),
        };
        let mut again: Vec<Example> = found.iter().map(at).collect();
        again.dedup_by(|a, b| a.name == b.name);
        let does = format!("looks up {} `{entity}` by {} and refuses where there is none", article(entity), lookup.by);
        match helper {
            // A helper that no other module uses is private to its own.
            Some(helper) if uses.modules(&helper.name) > 0 => {
                again.retain(|one| module(&one.name) != module(&helper.name));
                if !again.is_empty() {
                    out.push(Repeat {
                        kind: RepeatKind::Effect,
                        does,
                        helper: Some(example(helper)),
                        places: again,
                        lines: 3,
                    });
                }
            }
            _ if again.len() >= FEWEST_PLACES => {
                out.push(Repeat { kind: RepeatKind::Effect, does, helper: None, places: again, lines: 3 });
            }
            _ => {}
        }
    }
    out
}

/// What is looked up, and by what, where that can be told.
fn lookup(lens: &Lens<'_>, made_by: &Operand, mentions: &[String]) -> Option<Lookup> {
    let mut entities = mentions.iter().filter(|one| lens.mapper(one).is_some());
    // A function of the project finds it.
    if made_by.form == Form::Call
        && let Some(finder) = made_by.name.as_deref().and_then(|name| lens.service.code.function(name))
    {
        let optional = finder.returns_type.as_deref().unwrap_or_default();
        let entity = lens.service.mappers.iter().map(|one| one.class.as_str()).find(|one| {
            optional.split(|letter: char| !letter.is_alphanumeric() && letter != '_').any(|word| word == last(one))
        });
        let entity = entity.or_else(|| entities.next().map(String::as_str))?;
        return Some(Lookup { entity: entity.to_owned(), by: format!("`{}`", short(&finder.name)) });
    }
    let entity = entities.next()?.clone();
    if entities.next().is_some() || made_by.text.ends_with('…') || made_by.form != Form::Call {
        return None;
    }
    // `session.get(User, user_id)` finds by the primary key.
    if made_by.text.contains(&format!(".get({},", last(&entity))) && !made_by.text.contains("options=") {
        return Some(Lookup { entity, by: "its primary key".to_owned() });
    }
    None
}

/// Functions that hash or verify passwords beside one that does.
fn passwords(lens: &Lens<'_>, uses: &Uses<'_>, told: &BTreeSet<String>) -> Vec<Repeat> {
    let mut out = Vec::new();
    for kind in [Kind::HashPassword, Kind::VerifyPassword] {
        let mut all: Vec<&Function> = lens
            .functions
            .iter()
            .copied()
            .filter(|one| !lens.is_endpoint(&one.name) && purpose(lens, one).is_some_and(|found| found.kind == kind))
            .collect();
        all.sort_by_key(|one| std::cmp::Reverse(uses.modules(&one.name)));
        let Some((keep, rest)) = all.split_first() else { continue };
        let places: Vec<Example> = rest
            .iter()
            .filter(|one| module(&one.name) != module(&keep.name) && !told.contains(&one.name))
            .map(|one| example(one))
            .collect();
        if !places.is_empty() {
            let does =
                if kind == Kind::HashPassword { "hashes passwords by itself" } else { "verifies passwords by itself" };
            let lines = keep.body_lines;
            out.push(Repeat {
                kind: RepeatKind::Effect,
                does: does.to_owned(),
                helper: Some(example(keep)),
                places,
                lines,
            });
        }
    }
    out
}

/// Endpoints that declare parameters which a dependency offers.
fn pages(lens: &Lens<'_>, uses: &Uses<'_>) -> Vec<Repeat> {
    let mut offered: Vec<(BTreeSet<&str>, &Function)> = Vec::new();
    for function in lens.functions.iter().copied().filter(|one| lens.dependencies.contains(one.name.as_str())) {
        if purpose(lens, function).is_some_and(|one| one.kind == Kind::Pagination)
            && uses.of(&function.name).count() > 1
        {
            offered.push((pagination_parameters(function).into_iter().collect(), function));
        }
    }
    let mut out = Vec::new();
    for (names, dependency) in offered {
        let again = |one: &&crate::lens::Endpoint<'_>| {
            let own: BTreeSet<&str> = pagination_parameters(one.function).into_iter().collect();
            own == names
        };
        let places: Vec<Example> = lens.endpoints.iter().filter(again).map(|one| example(one.function)).collect();
        if !places.is_empty() {
            let names: Vec<&str> = names.into_iter().collect();
            out.push(Repeat {
                kind: RepeatKind::Effect,
                does: format!("declares {} itself", quoted(&names)),
                helper: Some(example(dependency)),
                places,
                lines: names.len(),
            });
        }
    }
    out
}
