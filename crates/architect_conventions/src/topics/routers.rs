//! Where routers are, and what they are told where.

use std::collections::BTreeMap;

use architect_model::code::{Field, Function};
use architect_model::service::Router;

use crate::lens::Lens;
use crate::survey::{Subject, Survey, Topic};
use crate::words::last;

pub(super) fn surveys(lens: &Lens<'_>) -> Vec<Survey> {
    vec![layout(lens), per_module(lens), variable(lens), registration(lens), prefix(lens), tags(lens)]
}

fn subject(router: &Router) -> Subject {
    Subject {
        name: router.name.clone(),
        location: router.location.clone(),
        kind: "A router module",
        lines: 1,
        merit: if router.registrations.len() >= 3 { 0.5 } else { 0.0 },
    }
}

fn layout(lens: &Lens<'_>) -> Survey {
    let mut survey = Survey::new(Topic::Routers, "router-layout", "routers");
    let mut stems: BTreeMap<&str, usize> = BTreeMap::new();
    for (router, _) in &lens.routers {
        *stems.entry(stem(&router.location.path)).or_default() += 1;
    }
    let by_file =
        stems.iter().find(|(stem, count)| **count * 2 > lens.routers.len() && **count > 2 && **stem != "__init__");
    for (router, _) in &lens.routers {
        let path = &*router.location.path;
        let says = match by_file {
            Some((stem_of_most, _)) if stem(path) == *stem_of_most => {
                format!("Each package has its routes in `{stem_of_most}.py`")
            }
            _ => format!("Routers are modules of `{}`", folder(path)),
        };
        survey.see(says, format!("is in `{path}`"), &subject(router));
    }
    survey
}

fn stem(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.strip_suffix(".py").unwrap_or(name)
}

fn folder(path: &str) -> String {
    path.rsplit_once('/').map_or_else(|| "the project's folder".to_owned(), |(folder, _)| format!("{folder}/"))
}

fn per_module(lens: &Lens<'_>) -> Survey {
    let mut survey = Survey::new(Topic::Routers, "routers-per-module", "modules with routers");
    let mut by_path: BTreeMap<&str, Vec<&Router>> = BTreeMap::new();
    for (router, _) in &lens.routers {
        by_path.entry(&router.location.path).or_default().push(router);
    }
    for routers in by_path.values() {
        if let [only] = routers.as_slice() {
            survey.see("A module has one router", "has one router", &subject(only));
        } else {
            survey.see(
                "A module has several routers",
                format!("is one of {} in its module", routers.len()),
                &subject(routers[0]),
            );
        }
    }
    survey
}

fn variable(lens: &Lens<'_>) -> Survey {
    let mut survey = Survey::new(Topic::Routers, "router-name", "routers").enforced();
    for (router, value) in &lens.routers {
        let Some(field) = value else { continue };
        survey.see(
            format!("The router is called `{}`", field.name),
            format!("is called `{}`", field.name),
            &subject(router),
        );
    }
    survey
}

/// A call of `include_router` that names the router.
fn includes<'s>(lens: &Lens<'s>) -> Vec<Include<'s>> {
    let code = &lens.service.code;
    let mut out = Vec::new();
    for function in code.functions.iter().filter(|one| !one.aside) {
        for call in function.calls.iter().filter(|call| call.name == "include_router") {
            let Some(router) = call.argument("router", 0) else { continue };
            let keywords = call.arguments.iter().filter_map(|one| one.keyword.as_deref()).collect();
            out.push(Include {
                router: router.name.as_deref(),
                text: &router.text,
                keywords,
                function,
                looped: call.context.loops > 0,
            });
        }
    }
    out
}

struct Include<'s> {
    router: Option<&'s str>,
    text: &'s str,
    keywords: Vec<&'s str>,
    function: &'s Function,
    looped: bool,
}

fn registration(lens: &Lens<'_>) -> Survey {
    let mut survey = Survey::new(Topic::Routers, "router-registration", "calls of `include_router`");
    for include in includes(lens) {
        let path = &include.function.location.path;
        let what = match include.function.name.split_once(':') {
            Some((_, "")) | None => format!("Routers are included in `{path}`"),
            Some((_, name)) => format!("Routers are included in `{name}` of `{path}`"),
        };
        let does = format!("is included in `{path}`");
        let name = include.router.unwrap_or(include.text).to_owned();
        let subject = Subject { name, location: include.function.location.clone(), kind: "", lines: 1, merit: 0.0 };
        survey.see(what, does, &subject);
    }
    survey
}

/// Where something is said of a router: `prefix`, `tags`.
fn said_where(lens: &Lens<'_>, keyword: &str) -> Vec<(Subject, &'static str)> {
    let includes = includes(lens);
    let has = |field: &Field| {
        let value = field.value.as_ref();
        value.is_some_and(|call| call.items.iter().any(|one| one.keyword.as_deref() == Some(keyword)))
    };
    let mut out = Vec::new();
    for (router, value) in &lens.routers {
        let Some(field) = value else { continue };
        let own = has(field);
        let dotted = router.name.replace(':', ".");
        let module = router.name.split(':').next().map(last).unwrap_or_default();
        let include = includes.iter().find(|one| {
            one.router.is_some_and(|name| name == router.name || name.replace(':', ".") == dotted)
                || one.text == format!("{module}.{}", field.name)
        });
        let way = match include {
            _ if own => "router",
            Some(include) if include.looped && include.keywords.contains(&keyword) => continue,
            Some(include) if include.keywords.contains(&keyword) => "include",
            Some(include) if include.keywords.contains(&"**") => continue,
            _ => "neither",
        };
        out.push((subject(router), way));
    }
    out
}

fn prefix(lens: &Lens<'_>) -> Survey {
    let mut survey = Survey::new(Topic::Routers, "router-prefix", "routers").enforced();
    for (subject, way) in said_where(lens, "prefix") {
        match way {
            "router" => {
                survey.see("A router states its own prefix: `APIRouter(prefix=…)`", "states its own prefix", &subject)
            }
            "include" => survey.see(
                "The prefix is given where a router is included",
                "gets its prefix where it is included",
                &subject,
            ),
            _ => survey.see("Routers have no prefix; paths are written in full", "has no prefix", &subject),
        }
    }
    survey
}

fn tags(lens: &Lens<'_>) -> Survey {
    let mut survey = Survey::new(Topic::Routers, "router-tags", "routers").enforced();
    let served: BTreeMap<&str, bool> = tagged(lens);
    for (subject, way) in said_where(lens, "tags") {
        match way {
            "router" => {
                survey.see("A router states its own tags: `APIRouter(tags=…)`", "states its own tags", &subject)
            }
            "include" => {
                survey.see("Tags are given where a router is included", "gets its tags where it is included", &subject)
            }
            _ if served.get(subject.name.as_str()) == Some(&true) => {
                survey.see(
                    "Tags are given with each route, or by what includes a router",
                    "gets its tags elsewhere",
                    &subject,
                );
            }
            _ => survey.see("Routers have no tags", "has no tags", &subject),
        }
    }
    survey
}

/// Whether all routes of a router have tags.
fn tagged<'s>(lens: &Lens<'s>) -> BTreeMap<&'s str, bool> {
    let mut out: BTreeMap<&str, bool> = BTreeMap::new();
    for one in &lens.endpoints {
        if let Some(router) = one.route.route.router.and_then(|at| lens.service.routers.get(at)) {
            let all = out.entry(&router.name).or_insert(true);
            *all &= !one.route.route.tags.is_empty();
        }
    }
    out
}
