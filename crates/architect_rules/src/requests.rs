//! What runs while a request is answered, and other questions several rules ask of the code.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use architect_model::Service;
use architect_model::code::{Code, Context, Function, Operand};
use architect_model::service::{Dependency, EffectiveRoute};
use architect_source::Location;

/// Functions that run while requests are answered, and an endpoint each serves.
pub(crate) struct Requests<'s> {
    /// Endpoints by the name of their function.
    pub endpoints: BTreeMap<&'s str, Vec<EffectiveRoute<'s>>>,
    service: &'s Service,
    /// How people name the endpoints. Few rules ask for these and for what follows, and those that find something.
    titles: OnceCell<Vec<String>>,
    dependencies: OnceCell<BTreeSet<&'s str>>,
}

impl<'s> Requests<'s> {
    /// Those of a service.
    pub fn of(service: &'s Service) -> Self {
        let mut endpoints: BTreeMap<&str, Vec<EffectiveRoute<'_>>> = BTreeMap::new();
        for one in service.endpoints() {
            if let Some(endpoint) = &one.route.endpoint {
                endpoints.entry(endpoint.name.as_str()).or_default().push(one);
            }
        }
        Self { endpoints, service, titles: OnceCell::new(), dependencies: OnceCell::new() }
    }

    /// An endpoint that a function runs for, as people name it.
    pub fn reached(&self, function: &str) -> Option<&str> {
        let at = self.service.reached.get(function)?;
        let titles = self.titles.get_or_init(|| self.service.endpoints().iter().map(EffectiveRoute::title).collect());
        Some(titles.get(*at).map_or("", String::as_str))
    }

    /// Everything that runs, with an endpoint it runs for, by the names of the functions.
    pub fn all_reached(&self) -> BTreeMap<&'s str, &str> {
        let names = self.service.reached.keys().map(String::as_str);
        names.filter_map(|name| Some((name, self.reached(name)?))).collect()
    }

    /// Names of callables that serve as dependencies.
    pub fn dependencies(&self) -> &BTreeSet<&'s str> {
        self.dependencies.get_or_init(|| {
            let endpoints = self.service.endpoints();
            let trees = endpoints.iter().flat_map(|one| one.route.dependencies.iter()).flat_map(Dependency::tree);
            trees.map(|inner| inner.call.as_str()).collect()
        })
    }

    /// Functions of the service that run while requests are answered, with an endpoint each serves.
    pub fn functions<'r>(&'r self, code: &'r Code) -> impl Iterator<Item = (&'r Function, &'r str)> {
        code.functions
            .iter()
            .filter(|function| !function.aside)
            .filter_map(|function| Some((function, self.reached(&function.name)?)))
    }

    /// Endpoints with their functions.
    pub fn with_code<'r>(&'r self, code: &'r Code) -> impl Iterator<Item = (&'r EffectiveRoute<'s>, &'r Function)> {
        self.endpoints
            .iter()
            .filter_map(|(name, routes)| Some((routes, code.function(name)?)))
            .filter(|(_, function)| !function.aside)
            .flat_map(move |(routes, function)| routes.iter().map(move |one| (one, meant(code, one, function))))
    }
}

/// What tells one place from another, as a key.
pub(crate) fn place_of(location: &Location) -> (&str, u32) {
    (&location.path, location.start)
}

/// Where each entry point is among [`architect_model::requests::Requests::entries`], by where it is registered; the first,
/// where several are registered at one place.
pub(crate) fn entries_by_place(service: &Service) -> BTreeMap<(&str, u32), usize> {
    let entries = service.requests.entries.iter().enumerate().rev();
    entries.map(|(at, entry)| (place_of(&entry.location), at)).collect()
}

/// The function that an endpoint is: a module may define several of one name, each registered in its turn.
fn meant<'c>(code: &'c Code, one: &EffectiveRoute<'_>, function: &'c Function) -> &'c Function {
    let Some(place) = one.route.endpoint.as_ref().and_then(|endpoint| endpoint.location.as_ref()) else {
        return function;
    };
    let is_there = |function: &&Function| {
        let own = &function.location;
        own.path == place.path && place.start <= own.start && own.end <= place.end
    };
    if is_there(&function) { function } else { code.hidden(&function.name).find(is_there).unwrap_or(function) }
}

/// Whether the code takes routes away again: then one that is hidden by another may be gone. What takes them from one
/// router and gives them to another, as class-based views do, only moves them.
pub(crate) fn removes_routes(service: &Service) -> bool {
    let of_routes = |text: &str| text.ends_with(".routes") || text.contains(".routes[");
    let moves = |function: &Function| {
        function.calls.iter().any(|call| {
            matches!(call.name.as_str(), "include_router" | "add_api_route" | "add_route")
                || matches!(call.name.as_str(), "append" | "insert" | "extend")
                    && call.receiver.as_deref().is_some_and(of_routes)
        })
    };
    service.code.functions.iter().filter(|function| !function.aside && !moves(function)).any(|function| {
        function.stores.iter().any(|store| of_routes(&store.target))
            || function.calls.iter().any(|call| {
                matches!(call.name.as_str(), "remove" | "pop" | "clear")
                    && call.receiver.as_deref().is_some_and(of_routes)
            })
    })
}

/// Whether the clause that surrounds a statement catches everything.
pub(crate) fn broad_handler<'f>(
    function: &'f Function,
    context: &Context,
) -> Option<&'f architect_model::code::Handler> {
    let (at, clause) = context.handler?;
    let handler = function.tries.get(at)?.handlers.get(clause)?;
    is_broad(handler).then_some(handler)
}

/// Whether a clause catches everything.
pub(crate) fn is_broad(handler: &architect_model::code::Handler) -> bool {
    handler.catches.is_empty()
        || handler.catches.iter().any(|one| matches!(one.as_str(), "Exception" | "BaseException"))
}

/// How a clause is written.
pub(crate) fn clause(handler: &architect_model::code::Handler) -> String {
    let short = |name: &String| name.rsplit(['.', ':']).next().unwrap_or(name).to_owned();
    match handler.catches.as_slice() {
        [] => "except".to_owned(),
        [one] => format!("except {}", short(one)),
        several => format!("except ({})", several.iter().map(short).collect::<Vec<_>>().join(", ")),
    }
}

/// Whether a text is made of an exception that a handler binds: `str(e)`, `f"… {e}"`, `traceback.format_exc()`.
pub(crate) fn tells_exception(operand: &Operand, bound: Option<&str>) -> bool {
    let about = bound.is_some_and(|bound| operand.names.iter().any(|name| name == bound));
    // An attribute such as `e.detail` was meant to be shown, and the name of its class tells nothing.
    let told = |bound: &str| {
        let forms = ["{@}", "{@!", "str(@)", "repr(@)"];
        forms.iter().any(|form| operand.text.contains(&form.replace('@', bound)))
    };
    let chosen = bound.is_some_and(|bound| {
        let starts = |with: &str| operand.flat().iter().any(|part| part.text.starts_with(with));
        starts(&format!("{bound}.")) || operand.text.contains(&format!("type({bound})")) && !told(bound)
    });
    let as_text = operand.through.iter().any(|name| matches!(name.as_str(), "str" | "repr"))
        || operand.flat().iter().any(|part| part.form == architect_model::code::Form::Interpolated);
    (about && as_text && !chosen) || operand.through.iter().any(|name| name == "traceback.format_exc")
}

/// Words of a name: `access_token` and `accessToken` have two.
pub(crate) fn words(name: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut last_lower = false;
    for letter in name.chars() {
        if !letter.is_alphanumeric() {
            last_lower = false;
            out.push(String::new());
            continue;
        }
        if out.is_empty() || letter.is_uppercase() && last_lower {
            out.push(String::new());
        }
        last_lower = letter.is_lowercase() || letter.is_numeric();
        if let Some(word) = out.last_mut() {
            if letter.is_ascii() {
                word.push(letter.to_ascii_lowercase());
            } else {
                word.extend(letter.to_lowercase());
            }
        }
    }
    out.retain(|word| !word.is_empty());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_words() {
        assert_eq!(words("access_token"), ["access", "token"]);
        assert_eq!(words("accessToken"), ["access", "token"]);
        assert_eq!(words("HTTPBearer"), ["httpbearer"]);
    }
}
