//! Routes that compete for the same requests: those of one application, mounts apart.

use architect_model::Service;
use architect_model::service::Route;

/// The routes one router object tries in order.
pub(crate) struct Level<'s> {
    /// What is in front of every path: where the application is mounted.
    pub prefix: String,
    /// In matching order.
    pub routes: &'s [Route],
    /// Whether a document of the application they belong to is served.
    pub documented: bool,
}

impl Level<'_> {
    /// How people name a route of this level.
    pub fn title(&self, route: &Route) -> String {
        self.title_of(route, &route.methods)
    }

    /// The same with some of the route's methods only.
    pub fn title_of(&self, route: &Route, methods: &[String]) -> String {
        let path = format!("{}{}", self.prefix, route.path);
        if route.is_mount() {
            format!("mount {}", if path.is_empty() { "/" } else { &path })
        } else if methods.is_empty() {
            format!("WS {path}")
        } else {
            format!("{} {path}", methods.join(","))
        }
    }
}

/// Every level of every application that is served.
pub(crate) fn levels(service: &Service) -> Vec<Level<'_>> {
    let mut out = Vec::new();
    for application in service.applications.iter().filter(|application| application.mounted_at.is_none()) {
        enter(service, String::new(), &application.routes, application.serves_document, &mut out);
    }
    out
}

fn enter<'s>(service: &'s Service, prefix: String, routes: &'s [Route], documented: bool, out: &mut Vec<Level<'s>>) {
    for mount in routes.iter().filter(|route| route.is_mount() && !route.routes.is_empty()) {
        let path = format!("{prefix}{}", mount.path);
        let mut applications = service.applications.iter();
        let own = applications
            .find(|one| one.mounted_at.as_deref() == Some(&path) && mount.mounted.as_ref() == Some(&one.name));
        enter(service, path, &mount.routes, own.is_none_or(|one| one.serves_document), out);
    }
    out.push(Level { prefix, routes, documented });
}

/// Methods two routes both answer: `None` when they share none, an empty list for websockets.
/// `HEAD` and `OPTIONS` alone do not count: nobody writes those by hand.
pub(crate) fn shared_methods(one: &Route, two: &Route) -> Option<Vec<String>> {
    if one.is_websocket() || two.is_websocket() {
        return (one.is_websocket() && two.is_websocket()).then(Vec::new);
    }
    let shared: Vec<String> = one.methods.iter().filter(|method| two.methods.contains(method)).cloned().collect();
    let counts = shared.iter().any(|method| method != "HEAD" && method != "OPTIONS");
    counts.then_some(shared)
}
