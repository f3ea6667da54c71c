//! `map`: the service, or one part of it.

use std::path::PathBuf;

use architect_model::{Probe, Service};
use architect_source::Stopwatch;
use architect_views::map as view;

use crate::args::{Global, Map, MapFormat, Review};
use crate::{Outcome, context, review, unknowns, wire};

/// What of the service to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// All parts.
    Everything,
    /// `routes`.
    Routes,
    /// `dependencies`.
    Dependencies,
    /// `tables`.
    Tables,
    /// `queries`.
    Queries,
    /// `endpoint`, and which one.
    Endpoint(String),
}

/// Prints the map.
///
/// # Errors
/// When the arguments make no sense or the service cannot be read.
pub fn run(options: &Map, global: &Global) -> Result<Outcome, String> {
    let (part, project) = target(&options.what)?;
    let probe = match options.debug_eval.as_slice() {
        [module, expression] => Some(Probe::Evaluate { module: module.clone(), expression: expression.clone() }),
        _ if options.debug_costs => Some(Probe::Costs),
        _ if options.debug_everything => Some(Probe::Everything),
        _ => None,
    };
    if let Some(probe) = probe {
        context::print(&(context::probe(&project, global, &probe)? + "\n"), global)?;
        return Ok(Outcome::Clean);
    }
    let watch = Stopwatch::new();
    if options.format == MapFormat::Html {
        let review = Review { project, ..(*options.review).clone() };
        let (page, service) = review::page(&review, &|service| address(service, &part), global)?;
        context::print(&page, global)?;
        return Ok(finish(service, watch, global));
    }
    let costs = match part {
        Part::Queries | Part::Endpoint(_) => true,
        Part::Everything => options.format == MapFormat::Json,
        Part::Routes | Part::Dependencies | Part::Tables => false,
    };
    let service = if costs { context::requests(&project, global)? } else { context::service(&project, global)? };
    if options.format == MapFormat::Json {
        if let Part::Endpoint(name) = &part {
            let found = view::find_endpoint(&service, name)?;
            context::print_json(&wire::map::Endpoint::new(&service, &found), global)?;
        } else {
            context::print_json(&wire::map::Map::new(&service), global)?;
        }
    } else {
        context::print(&draw(&service, &part, options.format)?, global)?;
    }
    Ok(finish(service, watch, global))
}

fn finish(service: Service, watch: Stopwatch, global: &Global) -> Outcome {
    if service.applications.is_empty() && !global.quiet {
        context::say(&format!("note: {}", context::no_application(&service)));
    }
    context::say_cost(watch, global);
    // The process ends now, and the system frees it faster.
    std::mem::forget(service);
    Outcome::Clean
}

/// Where a page opens that shows this part.
fn address(service: &Service, part: &Part) -> Result<String, String> {
    Ok(match part {
        Part::Everything => "/".to_owned(),
        Part::Routes => "/routers".to_owned(),
        Part::Dependencies => "/dependencies".to_owned(),
        Part::Tables => "/tables".to_owned(),
        Part::Queries => "/endpoints?sort=cost".to_owned(),
        Part::Endpoint(name) => {
            let found = view::find_endpoint(service, name)?;
            let number = service.endpoints().iter().position(|endpoint| std::ptr::eq(endpoint.route, found.route));
            format!("/endpoint/{}", number.unwrap_or_default())
        }
    })
}

/// The first argument is the name of a part, or else the project.
///
/// # Errors
/// When there are too many arguments or too few.
pub fn target(what: &[String]) -> Result<(Part, PathBuf), String> {
    let (part, rest) = match what.split_first() {
        Some((first, rest)) if first == "routes" => (Part::Routes, rest),
        Some((first, rest)) if first == "dependencies" => (Part::Dependencies, rest),
        Some((first, rest)) if first == "tables" => (Part::Tables, rest),
        Some((first, rest)) if first == "queries" => (Part::Queries, rest),
        Some((first, rest)) if first == "endpoint" => match rest.split_first() {
            Some((name, rest)) => (Part::Endpoint(name.clone()), rest),
            None => return Err("map endpoint: which one? write map endpoint \"GET /path\"".to_owned()),
        },
        _ => (Part::Everything, what),
    };
    match rest {
        [] => Ok((part, ".".into())),
        [project] => Ok((part, project.into())),
        [_, more, ..] => {
            Err(format!("map: {more:?} is one argument too many; an endpoint is one argument in quotes, \"GET /path\""))
        }
    }
}

fn draw(service: &Service, part: &Part, format: MapFormat) -> Result<String, String> {
    let mermaid = format == MapFormat::Mermaid;
    Ok(match part {
        Part::Endpoint(_) if mermaid => {
            return Err("map endpoint: there is no mermaid format; take text or json".to_owned());
        }
        Part::Queries if mermaid => {
            return Err("map queries: there is no mermaid format; take text or json".to_owned());
        }
        Part::Queries => view::queries_text(service),
        Part::Endpoint(name) => view::endpoint_text(service, name)?,
        Part::Dependencies if mermaid => view::dependencies_mermaid(service),
        Part::Dependencies => view::dependencies_text(service),
        Part::Tables if mermaid => view::tables_mermaid(service),
        Part::Tables => view::tables_text(service),
        _ if mermaid => view::routes_mermaid(service),
        Part::Routes => view::routes_text(service),
        Part::Everything => {
            let sections = [
                ("Applications", view::applications_text(service)),
                ("Routes", view::routes_text(service)),
                ("Dependencies", view::dependencies_text(service)),
                ("Tables", view::tables_text(service)),
                ("Not known", unknowns::text(&service.unknowns, false)),
            ];
            let shown = sections.iter().filter(|(_, text)| !text.is_empty());
            shown.map(|(title, text)| format!("{title}\n\n{text}")).collect::<Vec<_>>().join("\n")
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(what: &[&str]) -> Result<(Part, PathBuf), String> {
        target(&what.iter().map(|part| (*part).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn the_first_argument_is_a_part_or_the_project() {
        assert_eq!(parse(&[]), Ok((Part::Everything, ".".into())));
        assert_eq!(parse(&["svc"]), Ok((Part::Everything, "svc".into())));
        assert_eq!(parse(&["routes"]), Ok((Part::Routes, ".".into())));
        assert_eq!(parse(&["tables", "svc"]), Ok((Part::Tables, "svc".into())));
        assert_eq!(parse(&["dependencies", "svc"]), Ok((Part::Dependencies, "svc".into())));
        assert_eq!(parse(&["endpoint", "GET /x", "svc"]), Ok((Part::Endpoint("GET /x".into()), "svc".into())));
        assert_eq!(parse(&["./routes"]), Ok((Part::Everything, "./routes".into())));
    }

    #[test]
    fn an_endpoint_without_quotes_is_explained() {
        assert!(parse(&["endpoint"]).unwrap_err().contains("which one"));
        assert!(parse(&["endpoint", "GET", "/x", "svc"]).unwrap_err().contains("in quotes"));
    }
}
