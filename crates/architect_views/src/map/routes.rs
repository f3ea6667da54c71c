//! Routes as a tree of paths.

use architect_model::Service;
use architect_model::service::{Application, Route};

use super::tree::Node;
use super::{answers, count, methods};

/// All routes, grouped by path prefix, one tree an application.
///
/// A line is `METHODS  endpoint  [auth]`; `hidden`, `deprecated` and the condition of a route follow where they apply.
#[must_use]
pub fn routes_text(service: &Service) -> String {
    let mut out = String::new();
    for application in top(service) {
        if !out.is_empty() {
            out.push('\n');
        }
        let total = total(&application.routes);
        let children = PathNode::of(&application.routes).into_nodes();
        Node { label: format!("{}  {}", application.name, count(total, "route")), children }.render(&mut out);
    }
    if out.is_empty() {
        out.push_str("no application found; name one with --app MODULE:ATTR\n");
    }
    out
}

/// What stands before the routes in a map of the whole service: the applications and what wraps them.
#[must_use]
pub fn applications_text(service: &Service) -> String {
    let mut out = String::new();
    for application in &service.applications {
        let mut node = Node::leaf(format!("{}  {}", application.name, application.location));
        if let Some(at) = &application.mounted_at {
            node.label.push_str(&format!("  mounted at {at}"));
        }
        let titled = [&application.title, &application.version].into_iter().flatten().cloned().collect::<Vec<_>>();
        if !titled.is_empty() {
            node.children.push(Node::leaf(format!("title: {}", titled.join(" "))));
        }
        let lists = [("middleware", &application.middleware), ("exception handlers", &application.exception_handlers)];
        for (title, names) in lists {
            if !names.is_empty() {
                let children = names.iter().map(|named| Node::leaf(&named.name)).collect();
                node.children.push(Node { label: title.to_owned(), children });
            }
        }
        if let Some(lifespan) = &application.lifespan {
            node.children.push(Node::leaf(format!("lifespan: {}", lifespan.name)));
        }
        for handler in &application.event_handlers {
            node.children.push(Node::leaf(format!("on {}: {}", handler.event, handler.function.name)));
        }
        for (what, by) in &application.dependency_overrides {
            node.children.push(Node::leaf(format!("override: {} -> {}", what.name, by.name)));
        }
        node.render(&mut out);
    }
    out
}

/// Applications that no other one mounts.
pub(super) fn top(service: &Service) -> impl Iterator<Item = &Application> {
    service.applications.iter().filter(|application| application.mounted_at.is_none())
}

fn total(routes: &[Route]) -> usize {
    routes.iter().map(|route| if route.is_mount() { total(&route.routes) } else { 1 }).sum()
}

/// A path segment, the routes that end there and the segments that follow.
#[derive(Default)]
struct PathNode<'s> {
    segment: String,
    routes: Vec<&'s Route>,
    children: Vec<PathNode<'s>>,
}

impl<'s> PathNode<'s> {
    fn of(routes: &'s [Route]) -> Self {
        let mut root = Self::default();
        for route in routes {
            root.add(&segments(&route.path), route);
        }
        root
    }

    fn add(&mut self, segments: &[&str], route: &'s Route) {
        let Some((first, rest)) = segments.split_first() else {
            self.routes.push(route);
            return;
        };
        let index = self.children.iter().position(|child| child.segment == *first).unwrap_or_else(|| {
            self.children.push(Self { segment: (*first).to_owned(), ..Self::default() });
            self.children.len() - 1
        });
        self.children[index].add(rest, route);
    }

    /// One node for a chain of segments that do not branch.
    fn into_node(mut self) -> Node {
        while self.routes.is_empty() && self.children.len() == 1 {
            let child = self.children.remove(0);
            self = Self { segment: format!("{}{}", self.segment, child.segment), ..child };
        }
        let [route] = self.routes[..] else {
            return Node { label: self.segment.clone(), children: self.into_nodes() };
        };
        let label = format!("{}  {}", self.segment, line(route));
        self.routes.clear();
        let mut children = below(route);
        children.extend(self.into_nodes());
        Node { label, children }
    }

    fn into_nodes(self) -> Vec<Node> {
        let own = self.routes.into_iter().map(|route| Node { label: line(route), children: below(route) });
        own.chain(self.children.into_iter().map(Self::into_node)).collect()
    }
}

fn below(route: &Route) -> Vec<Node> {
    if route.is_mount() { PathNode::of(&route.routes).into_nodes() } else { Vec::new() }
}

fn line(route: &Route) -> String {
    if route.is_mount() {
        return format!("mount  {}", route.mounted.as_deref().or(route.name.as_deref()).unwrap_or("application"));
    }
    let mut line = format!("{}  {}", methods(route), answers(route));
    if route.is_api {
        line.push_str(&format!("  [{}]", route.auth.class.as_str()));
    }
    if !route.include_in_schema {
        line.push_str("  hidden");
    }
    if route.deprecated {
        line.push_str("  deprecated");
    }
    if let Some(condition) = &route.conditional {
        line.push_str(&format!("  if {condition}"));
    }
    line
}

/// `/a/{b:path}/` as `/a`, `/{b:path}`, `/`; a slash inside braces does not split.
fn segments(path: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let (mut start, mut depth) = (0, 0_usize);
    for (index, letter) in path.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            '/' if depth == 0 && index > start => {
                out.push(&path[start..index]);
                start = index;
            }
            _ => {}
        }
    }
    if start < path.len() {
        out.push(&path[start..]);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::map::sample;

    #[test]
    fn paths_split_outside_braces() {
        assert_eq!(segments("/a/{b:path}/"), ["/a", "/{b:path}", "/"]);
        assert_eq!(segments(""), [""; 0]);
        assert_eq!(segments("items"), ["items"]);
    }

    #[test]
    fn routes_are_grouped_by_prefix() {
        assert_eq!(
            routes_text(&sample::service()),
            "\
app.main:app  5 routes
├─ /health  GET  app.main:health  [none]
├─ /v1/users
│  ├─ GET  app.users:list_users  [required]
│  ├─ POST  app.users:create_user  [required]
│  └─ /{user_id}  GET  app.users:read_user  [optional]
└─ /admin  mount  application
   └─ /stats  GET  app.admin:stats  [none]  hidden
"
        );
    }

    #[test]
    fn without_an_application_the_map_says_what_to_do() {
        assert!(routes_text(&Service::default()).contains("--app MODULE:ATTR"));
    }

    #[test]
    fn applications_name_what_wraps_them() {
        let text = applications_text(&sample::service());
        assert!(text.contains("middleware"), "{text}");
        assert!(text.contains("mounted at /admin"), "{text}");
    }
}
