//! Paths that are spelled otherwise than most of their service.

use std::collections::{BTreeMap, BTreeSet};

use architect_model::Service;
use architect_model::service::EffectiveRoute;
use architect_source::{Confidence, Finding, Location, Severity};

use crate::requests::words;
use crate::text::{count, names};
use crate::{Rule, step};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "path-style-inconsistent",
    group: "endpoints",
    docs: include_str!("path_style_inconsistent.md"),
    severity: Severity::Info,
    since: "0.3.0",
    check,
};

/// Fewer of a kind are no style.
const FEWEST: usize = 10;
/// In a hundred: fewer are no clear majority.
const CLEAR: usize = 80;

/// A way to spell something, with where it is spelled so.
type Ways<'s> = BTreeMap<&'static str, BTreeMap<String, &'s Location>>;

fn check(service: &Service) -> Vec<Finding> {
    let endpoints = service.endpoints();
    let mut seen = BTreeSet::new();
    let shown: Vec<&EffectiveRoute<'_>> = endpoints
        .iter()
        .filter(|one| {
            let route = one.route;
            route.is_api && !route.is_websocket() && route.include_in_schema && !route.deprecated
        })
        .filter(|one| seen.insert(one.title()))
        .collect();
    [verbs(&shown), case(&shown), number(&shown)].into_iter().flatten().collect()
}

/// Paths that repeat their method, where most do not.
fn verbs(shown: &[&EffectiveRoute<'_>]) -> Option<Finding> {
    let known: BTreeSet<String> = shown.iter().map(|one| one.title().trim_end_matches('/').to_owned()).collect();
    // Beside the plain path, the verb tells the two apart.
    let is_needed = |one: &EffectiveRoute<'_>, plain: &str| {
        known.contains(format!("{} {}", one.route.methods.join(","), plain).as_str())
    };
    let repeats: Vec<&EffectiveRoute<'_>> =
        shown.iter().copied().filter(|one| without_verb(one).is_some_and(|plain| !is_needed(one, &plain))).collect();
    let others = shown.len() - repeats.len();
    if repeats.is_empty() || others < FEWEST || others * 100 < shown.len() * CLEAR {
        return None;
    }
    let titles: Vec<String> = repeats.iter().map(|one| one.title()).collect();
    let first = repeats.first()?;
    Some(Finding {
        trace: repeats.iter().take(6).map(|one| step(format!("`{}`", one.title()), &one.route.location)).collect(),
        why: format!(
            "The method says what is done, the path to what. {} of the service do without; who calls these has to look \
             them up.",
            count(others, "other endpoint")
        ),
        help: "Name what it is about (`POST /items`), and leave actions that no method stands for after the id \
               (`/orders/{order_id}/cancel`)."
            .to_owned(),
        trade_off: "Callers have to change: add the new path beside the old one, and mark that as deprecated."
            .to_owned(),
        ..RULE.finding(
            Confidence::Medium,
            "verbs",
            &first.route.location,
            match titles.as_slice() {
                [one] => format!("The path of `{one}` repeats its method."),
                _ => format!("{} repeat their methods: {}.", count(titles.len(), "path"), names(&titles, 4)),
            },
        )
    })
}

/// The path without the verb in it that the method says already: `GET /users/get`, `POST /create_item`.
fn without_verb(one: &EffectiveRoute<'_>) -> Option<String> {
    let [method] = one.route.methods.as_slice() else { return None };
    let said: &[&str] = match method.as_str() {
        "GET" => &["get", "fetch", "list", "retrieve"],
        "POST" => &["create", "insert"],
        "PUT" | "PATCH" => &["update", "edit", "modify"],
        "DELETE" => &["delete"],
        _ => return None,
    };
    let parts: Vec<&str> = one.path.split('/').filter(|part| !part.is_empty()).collect();
    let at = parts.iter().rposition(|part| !part.contains('{'))?;
    let words = words(parts[at]);
    let first = words.first().filter(|first| said.contains(&first.as_str()))?;
    // A list is a thing, too, several at once are another matter, and so is what is made of something: an action.
    let is_thing = first == "list" && (words.len() > 1 || at == 0);
    let of_many =
        words.iter().any(|word| matches!(word.as_str(), "bulk" | "batch" | "many" | "multiple" | "all" | "from"));
    let is_action = words.len() > 1 && at > 0 && parts[at - 1].contains('{');
    if is_thing || of_many || is_action || words.len() == 1 && at == 0 {
        return None;
    }
    let others = parts.iter().enumerate().filter(|(place, _)| *place != at).map(|(_, part)| format!("/{part}"));
    Some(others.collect())
}

/// Words of paths joined otherwise than most.
fn case(shown: &[&EffectiveRoute<'_>]) -> Option<Finding> {
    let mut ways = Ways::new();
    for one in shown {
        for part in one.path.split('/').filter(|part| !part.contains(['{', '.', '~', ':', '@'])) {
            let upper = part.chars().any(char::is_uppercase);
            let way = match (part.contains('_'), part.contains('-'), upper) {
                (true, false, false) => "`snake_case`",
                (false, true, false) => "`kebab-case`",
                // One capital is a name, or belongs to a protocol: `/Users`.
                (false, false, true) if part.starts_with(char::is_lowercase) => "`camelCase`",
                _ => continue,
            };
            ways.entry(way).or_default().entry(part.to_owned()).or_insert(&one.route.location);
        }
    }
    minority(&ways, "case", |most, rest| {
        format!("Words in paths are {most}; {} {} not.", names(rest, 4), if rest.len() == 1 { "is" } else { "are" })
    })
}

/// Collections that are named in both numbers: `/user/{user_id}` beside `/users`.
fn number(shown: &[&EffectiveRoute<'_>]) -> Option<Finding> {
    let mut collections: BTreeMap<&str, &Location> = BTreeMap::new();
    for one in shown {
        let parts: Vec<&str> = one.path.split('/').collect();
        for pair in parts.windows(2) {
            if let [word, next] = pair
                && !word.is_empty()
                && !word.contains('{')
                && is_id(next, word)
            {
                collections.entry(word).or_insert(&one.route.location);
            }
        }
    }
    let every: BTreeSet<&str> = shown.iter().flat_map(|one| one.path.split('/')).collect();
    let mut ways = Ways::new();
    for (word, place) in collections {
        if word.ends_with('s') {
            ways.entry("plural").or_default().insert(word.to_owned(), place);
        } else if every.contains(format!("{word}s").as_str()) {
            ways.entry("singular").or_default().insert(word.to_owned(), place);
        }
    }
    let most = ways.get("plural").map_or(0, BTreeMap::len);
    if ways.get("singular").is_some_and(|few| few.len() > most / 4) {
        return None;
    }
    minority(&ways, "number", |_, rest| {
        let pairs: Vec<String> = rest.iter().map(|word| format!("/{word}/")).collect();
        format!("Collections are named in the plural; {} stand beside their plural.", names(&pairs, 4))
    })
}

/// Whether a segment is the id of what the segment before it names.
fn is_id(segment: &str, word: &str) -> bool {
    let Some(name) = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) else { return false };
    let name = name.split(':').next().unwrap_or(name);
    let own = |stem: &str| {
        let word = word.replace('-', "_");
        word == stem || word.strip_suffix('s') == Some(stem) || word.ends_with(&format!("_{stem}"))
    };
    matches!(name, "id" | "pk" | "uuid")
        || ["_id", "_uuid", "_pk"].iter().any(|end| name.strip_suffix(end).is_some_and(own))
}

/// What is spelled otherwise than a clear majority.
fn minority(ways: &Ways<'_>, subject: &str, says: impl Fn(&str, &[String]) -> String) -> Option<Finding> {
    let total: usize = ways.values().map(BTreeMap::len).sum();
    let (most, known) = ways.iter().max_by_key(|(_, known)| known.len())?;
    if known.len() < FEWEST || known.len() * 100 < total * CLEAR || known.len() == total {
        return None;
    }
    let mut rest: Vec<(&String, &Location)> = ways
        .iter()
        .filter(|(way, _)| *way != most)
        .flat_map(|(_, few)| few.iter().map(|(word, place)| (word, *place)))
        .collect();
    rest.sort_by_key(|(word, place)| (&place.path, place.line, *word));
    let (_, first) = rest.first()?;
    let words: Vec<String> = rest.iter().map(|(word, _)| (*word).clone()).collect();
    Some(Finding {
        trace: rest.iter().take(6).map(|(word, place)| step(format!("`{word}`"), place)).collect(),
        why: format!("{} of {total} are spelled one way; who writes a client guesses the others wrong.", known.len()),
        help: "Spell new paths as most are, and these when a version ends.".to_owned(),
        trade_off: "Callers have to change: add the new path beside the old one, and mark that as deprecated."
            .to_owned(),
        ..RULE.finding(Confidence::Medium, subject, first, says(most, &words))
    })
}
