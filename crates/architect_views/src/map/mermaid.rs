//! Flowcharts in Mermaid's language.

use std::collections::BTreeMap;

use architect_model::Service;
use architect_model::service::Route;

use super::dependencies::uses;
use super::routes::top;
use super::{answers, methods};

/// Applications, path prefixes and endpoints as a flowchart.
#[must_use]
pub fn routes_mermaid(service: &Service) -> String {
    let mut chart = Chart::new();
    for application in top(service) {
        let id = chart.node(&application.name, Shape::Round);
        chart.routes(&id, &application.routes, "");
    }
    chart.out
}

/// Endpoints and dependencies, an arrow from what declares to what it declares.
#[must_use]
pub fn dependencies_mermaid(service: &Service) -> String {
    let mut chart = Chart::new();
    let uses = uses(service);
    let ids: BTreeMap<_, _> = uses.keys().map(|name| (*name, chart.node(name, Shape::Round))).collect();
    let mut endpoints: BTreeMap<&str, String> = BTreeMap::new();
    for (name, entry) in &uses {
        for user in &entry.dependencies {
            chart.edge(&ids[user], &ids[name]);
        }
        for title in &entry.endpoints {
            let from = endpoints.entry(title).or_insert_with(|| chart.node(title, Shape::Box)).clone();
            chart.edge(&from, &ids[name]);
        }
    }
    chart.out
}

#[derive(Clone, Copy)]
enum Shape {
    Box,
    Round,
}

struct Chart {
    out: String,
    nodes: usize,
}

impl Chart {
    fn new() -> Self {
        Self { out: "flowchart LR\n".to_owned(), nodes: 0 }
    }

    fn node(&mut self, label: &str, shape: Shape) -> String {
        let id = format!("n{}", self.nodes);
        self.nodes += 1;
        let (open, close) = match shape {
            Shape::Box => ("[", "]"),
            Shape::Round => ("([", "])"),
        };
        self.out.push_str(&format!("    {id}{open}\"{}\"{close}\n", quoted(label)));
        id
    }

    fn edge(&mut self, from: &str, to: &str) {
        self.out.push_str(&format!("    {from} --> {to}\n"));
    }

    fn routes(&mut self, parent: &str, routes: &[Route], base: &str) {
        let mut groups: Vec<(String, String)> = Vec::new();
        for route in routes {
            let path = format!("{base}{}", route.path);
            if route.is_mount() {
                let id = self.node(&format!("mount {path}"), Shape::Round);
                self.edge(parent, &id);
                self.routes(&id, &route.routes, &path);
                continue;
            }
            let group = prefix(&route.path);
            let from = if group.is_empty() {
                parent.to_owned()
            } else if let Some((_, id)) = groups.iter().find(|(name, _)| *name == group) {
                id.clone()
            } else {
                let id = self.node(&format!("{base}{group}"), Shape::Round);
                self.edge(parent, &id);
                groups.push((group, id.clone()));
                id
            };
            let id = self.node(&format!("{} {path}<br/>{}", methods(route), answers(route)), Shape::Box);
            self.edge(&from, &id);
        }
    }
}

/// The fixed part of a path that names its resource: `/v1/users` of `/v1/users/{user_id}/posts`.
fn prefix(path: &str) -> String {
    let fixed: Vec<_> = path.split('/').skip(1).take_while(|part| !part.is_empty() && !part.contains('{')).collect();
    let versions = fixed.iter().take_while(|part| is_version_or_api(part)).count();
    fixed.iter().take(versions + 1).fold(String::new(), |out, part| out + "/" + part)
}

fn is_version_or_api(part: &str) -> bool {
    part == "api"
        || part.strip_prefix('v').is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit()))
}

/// A label in quotes: Mermaid reads HTML entities, so everything it could take for syntax becomes one.
fn quoted(label: &str) -> String {
    label.split("<br/>").map(entities).collect::<Vec<_>>().join("<br/>")
}

/// The text without anything that Mermaid, or the page it draws on, could take for syntax.
pub(super) fn entities(text: &str) -> String {
    let mut out = String::new();
    for letter in super::printable(text).chars() {
        match letter {
            '"' => out.push_str("#quot;"),
            '#' => out.push_str("#35;"),
            '<' => out.push_str("#lt;"),
            '>' => out.push_str("#gt;"),
            '&' => out.push_str("#amp;"),
            '`' => out.push_str("#96;"),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::map::sample;

    #[test]
    fn prefixes_skip_versions() {
        assert_eq!(prefix("/api/v1/users/{id}/posts"), "/api/v1/users");
        assert_eq!(prefix("/health"), "/health");
        assert_eq!(prefix("/{slug}"), "");
    }

    #[test]
    fn routes_hang_below_their_prefix() {
        let chart = routes_mermaid(&sample::service());
        assert!(chart.starts_with("flowchart LR\n    n0([\"app.main:app\"])\n"), "{chart}");
        assert!(chart.contains("([\"/v1/users\"])"), "{chart}");
        assert!(chart.contains("[\"GET /v1/users/{user_id}<br/>app.users:read_user\"]"), "{chart}");
        assert!(chart.contains("[\"GET /admin/stats<br/>app.admin:stats\"]"), "{chart}");
    }

    #[test]
    fn dependencies_point_at_what_they_need() {
        let chart = dependencies_mermaid(&sample::service());
        assert!(chart.contains("    n0([\"app.deps:get_db\"])\n    n1([\"app.deps:get_user\"])\n"), "{chart}");
        assert!(chart.contains("    n1 --> n0\n"), "{chart}");
    }

    #[test]
    fn labels_cannot_end_their_quotes() {
        assert_eq!(quoted("a\"]; click <b>"), "a#quot;]; click #lt;b#gt;");
    }
}
