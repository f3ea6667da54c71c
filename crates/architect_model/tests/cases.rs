//! Small programs in Markdown and the routes they have: `tests/cases/*.md`.
//!
//! A case is a project as `architect_mdtest` reads it, with one more block whose path is `routes`: a line for every
//! route of the project's own, in matching order, with what is not empty of its facts. A block `unknowns` has what is not
//! known, all of it but packages that were not found: `what: why (file:line)`.

#![allow(clippy::disallowed_methods, reason = "a test looks at the disk")]

use std::fmt::Write as _;
use std::path::Path;

use architect_model::service::{AuthClass, Dependency, EffectiveRoute, Parameter};
use architect_model::{Options, Service, analyse};
use architect_source::MemoryFileSystem;

#[test]
fn every_program_has_the_routes_it_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut pages: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    pages.sort();
    let (mut wrong, mut count) = (String::new(), 0);
    for page in pages {
        let text = std::fs::read_to_string(&page).unwrap();
        let (cases, errors) = architect_mdtest::cases(&text);
        assert!(errors.is_empty(), "{}: {errors:?}", page.display());
        for case in cases.iter().filter(|case| !case.files.is_empty()) {
            count += 1;
            let expected = case.files.iter().find(|block| block.path == "routes");
            let expected = expected.unwrap_or_else(|| panic!("{}: [{}] no routes", page.display(), case.title));
            let mut files = MemoryFileSystem::default();
            for block in case.files.iter().filter(|block| !["routes", "unknowns"].contains(&block.path.as_str())) {
                files.write(format!("/project/{}", block.path), block.text.as_bytes());
            }
            let options = Options { project: "/project".into(), ..Options::default() };
            let service = analyse(&files, &options).unwrap();
            if let Some(expected) = case.files.iter().find(|block| block.path == "unknowns") {
                let found = unknowns(&service);
                if found.trim() != expected.text.trim() {
                    let name = page.file_name().unwrap().to_string_lossy();
                    let _ =
                        write!(wrong, "\n{name}: [{}] does not know\n{found}instead of\n{}", case.title, expected.text);
                }
            }
            for application in &service.applications {
                // What is printed can be asked for.
                let options = Options { app: Some(application.name.clone()), ..options.clone() };
                let names =
                    analyse(&files, &options).map(|service| service.applications.first().map(|app| app.name.clone()));
                if names.as_ref().ok().and_then(Option::as_ref) != Some(&application.name) {
                    let _ = write!(wrong, "\n[{}] --app {} gives {names:?}", case.title, application.name);
                }
            }
            let found = routes(&service);
            if found.trim() != expected.text.trim() {
                let name = page.file_name().unwrap().to_string_lossy();
                let _ = write!(wrong, "\n{name}: [{}] has\n{found}instead of\n{}", case.title, expected.text);
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert!(count > 15, "only {count} cases were found");
}

fn routes(service: &Service) -> String {
    let mut out = String::new();
    for one in service.endpoints() {
        let name = one.route.endpoint.as_ref().map_or("?", |endpoint| endpoint.name.as_str());
        if !name.starts_with("fastapi.") {
            let _ = writeln!(out, "{}", line(&one, name));
        }
    }
    out
}

fn unknowns(service: &Service) -> String {
    let mut out = String::new();
    for unknown in service.unknowns.iter().filter(|unknown| !unknown.what.starts_with("package ")) {
        let place = unknown.location.as_ref().map(|location| format!(" ({}:{})", location.path, location.line));
        let _ = writeln!(out, "{}: {}{}", unknown.what, unknown.why, place.unwrap_or_default());
    }
    out
}

fn line(one: &EffectiveRoute<'_>, endpoint: &str) -> String {
    let route = one.route;
    let mut out = format!("{} {endpoint}", one.title());
    let mut add = |name: &str, value: String| {
        if !value.is_empty() {
            let _ = write!(out, " {name}={value}");
        }
    };
    add("kind", if route.kind.starts_with("API") { String::new() } else { route.kind.clone() });
    add("status", route.status_code.map(|status| status.to_string()).unwrap_or_default());
    add("model", route.response_model.clone().unwrap_or_default());
    add("tags", route.tags.join(","));
    add("deps", dependencies(&route.dependencies));
    let parameters = &route.parameters;
    for (place, list) in [
        ("path", &parameters.path),
        ("query", &parameters.query),
        ("header", &parameters.header),
        ("cookie", &parameters.cookie),
        ("body", &parameters.body),
    ] {
        add(place, names(list));
    }
    add("auth", if route.auth.class == AuthClass::None { String::new() } else { route.auth.class.as_str().to_owned() });
    let usual = route
        .operation_id
        .as_deref()
        .is_some_and(|id| route.name.as_deref().is_some_and(|name| id.starts_with(&format!("{name}_"))));
    add("id", route.operation_id.clone().filter(|_| !usual).unwrap_or_default());
    add("if", route.conditional.as_ref().map(|_| "conditional".to_owned()).unwrap_or_default());
    out
}

fn names(parameters: &[Parameter]) -> String {
    parameters.iter().map(|parameter| parameter.alias.as_str()).collect::<Vec<_>>().join(",")
}

fn dependencies(list: &[Dependency]) -> String {
    let one = |dependency: &Dependency| {
        let name = dependency.call.rsplit(':').next().unwrap_or_default();
        let inner = dependencies(&dependency.dependencies);
        let name = if dependency.conditional.is_some() { format!("{name}?") } else { name.to_owned() };
        if inner.is_empty() { name } else { format!("{name}({inner})") }
    };
    list.iter().map(one).collect::<Vec<_>>().join(",")
}
