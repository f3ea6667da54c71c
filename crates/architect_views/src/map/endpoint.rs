//! One endpoint in full.

use architect_model::Service;
use architect_model::service::{EffectiveRoute, Parameter};

use super::dependencies::resolution;
use super::tree::Node;
use super::{answers, methods};

/// The endpoint that `name` means: `GET /v1/users/{user_id}`, `WS /events`, or a path that only one endpoint has.
///
/// # Errors
/// When there is none or more than one, with the names that were probably meant.
pub fn find_endpoint<'s>(service: &'s Service, name: &str) -> Result<EffectiveRoute<'s>, String> {
    let (method, path) = split(name);
    let endpoints = service.endpoints();
    let is = |endpoint: &&EffectiveRoute<'_>| {
        endpoint.path == path
            && method.as_ref().is_none_or(|method| {
                endpoint.route.methods.contains(method) || (method == "WS" && endpoint.route.is_websocket())
            })
    };
    let found: Vec<_> = endpoints.iter().filter(is).collect();
    match (&found[..], &method) {
        ([one], _) | ([one, ..], Some(_)) => Ok((*one).clone()),
        ([], _) => Err(format!("no endpoint {name:?}{}", suggestion(&endpoints, path))),
        (several, None) => {
            let titles: Vec<_> = several.iter().map(|endpoint| format!("{:?}", endpoint.title())).collect();
            Err(format!("several endpoints {name:?}; say which: {}", titles.join(", ")))
        }
    }
}

fn split(name: &str) -> (Option<String>, &str) {
    match name.trim().split_once(char::is_whitespace) {
        Some((method, path)) => (Some(method.to_uppercase()), path.trim()),
        None => (None, name.trim()),
    }
}

fn suggestion(endpoints: &[EffectiveRoute<'_>], path: &str) -> String {
    let shared = |endpoint: &EffectiveRoute<'_>| {
        let wanted: Vec<_> = path.split('/').filter(|part| !part.is_empty()).collect();
        endpoint.path.split('/').filter(|part| wanted.contains(part)).count()
    };
    let best = endpoints.iter().map(shared).max().unwrap_or(0);
    let near: Vec<_> = endpoints
        .iter()
        .filter(|endpoint| best > 0 && shared(endpoint) == best)
        .take(3)
        .map(|endpoint| format!("{:?}", endpoint.title()))
        .collect();
    if near.is_empty() {
        "; `map routes` lists them".to_owned()
    } else {
        format!("; did you mean {}?", near.join(" or "))
    }
}

/// Everything that is known about one endpoint.
///
/// # Errors
/// As [`find_endpoint`].
pub fn endpoint_text(service: &Service, name: &str) -> Result<String, String> {
    let found = find_endpoint(service, name)?;
    let route = found.route;
    let mut root = Node::leaf(format!("{} {}", methods(route), found.path));
    let mut say = |title: &str, text: &str| root.children.push(Node::leaf(format!("{title}: {text}")));

    say("application", &found.application.name);
    let place = route.endpoint.as_ref().and_then(|endpoint| endpoint.location.as_ref()).unwrap_or(&route.location);
    say("endpoint", &format!("{}  {place}", answers(route)));
    say("registered", &route.location.to_string());
    if let Some(name) = &route.name {
        say("name", name);
    }
    if let Some(id) = &route.operation_id {
        say("operation id", id);
    }
    say("kind", &route.kind);
    if let Some(status) = route.status_code {
        say("status", &status.to_string());
    }
    if route.is_api && !route.is_websocket() {
        say("response model", route.response_model.as_deref().unwrap_or("none"));
    }
    if !route.tags.is_empty() {
        say("tags", &route.tags.join(", "));
    }
    if !route.include_in_schema {
        say("document", "hidden");
    }
    if route.deprecated {
        say("deprecated", "yes");
    }
    if let Some(condition) = &route.conditional {
        say("exists if", condition);
    }

    let mut auth = Node::leaf(format!("auth: {}", route.auth.class.as_str()));
    for by in &route.auth.by {
        let place = by.location.as_ref().map(|place| format!("  {place}")).unwrap_or_default();
        auth.children.push(Node::leaf(format!("by {}{place}", by.name)));
    }
    if !route.auth.scopes.is_empty() {
        auth.children.push(Node::leaf(format!("scopes {}", route.auth.scopes.join(" "))));
    }
    root.children.push(auth);

    let parameters = &route.parameters;
    for (place, parameters) in [
        ("path", &parameters.path),
        ("query", &parameters.query),
        ("header", &parameters.header),
        ("cookie", &parameters.cookie),
        ("body", &parameters.body),
    ] {
        if !parameters.is_empty() {
            let children = parameters.iter().map(|parameter| Node::leaf(describe(parameter))).collect();
            root.children.push(Node { label: format!("{place} parameters"), children });
        }
    }
    if let Some(entry) = route.request.and_then(|at| service.requests.entries.get(at)) {
        let label = format!("statements: {}", super::queries::formula(entry));
        root.children.push(Node { label, children: super::queries::terms(entry) });
    }
    for (label, children) in [
        ("dependencies", resolution(&route.dependencies)),
        ("included at", route.included_at.iter().map(|place| Node::leaf(place.to_string())).collect()),
    ] {
        if !children.is_empty() {
            root.children.push(Node { label: label.to_owned(), children });
        }
    }

    let mut out = String::new();
    root.render(&mut out);
    Ok(out)
}

fn describe(parameter: &Parameter) -> String {
    let mut out = parameter.alias.clone();
    if let Some(annotation) = &parameter.annotation {
        out.push_str(&format!(": {annotation}"));
    }
    if parameter.name != parameter.alias {
        out.push_str(&format!("  (in Python: {})", parameter.name));
    }
    if let Some(media) = parameter.media.filter(|media| *media != "body") {
        out.push_str(&format!("  {media}"));
    }
    if !parameter.required {
        out.push_str("  optional");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::map::sample;

    #[test]
    fn one_endpoint_in_full() {
        assert_eq!(
            endpoint_text(&sample::service(), "get /v1/users/{user_id}").unwrap(),
            "\
GET /v1/users/{user_id}
├─ application: app.main:app
├─ endpoint: app.users:read_user  app/users.py:12
├─ registered: app/users.py:11
├─ kind: APIRoute
├─ response model: app.schemas:User
├─ auth: optional
│  └─ by app.deps:get_user  app/deps.py:8
├─ path parameters
│  └─ user_id: int
├─ dependencies
│  └─ app.deps:get_db  app/deps.py:3
└─ included at
   └─ app/main.py:9
"
        );
    }

    #[test]
    fn a_mounted_endpoint_has_its_whole_path() {
        let service = sample::service();
        assert_eq!(find_endpoint(&service, "/admin/stats").unwrap().title(), "GET /admin/stats");
    }

    #[test]
    fn a_path_of_several_endpoints_asks_which() {
        let service = sample::service();
        let error = find_endpoint(&service, "/v1/users").unwrap_err();
        assert_eq!(error, r#"several endpoints "/v1/users"; say which: "GET /v1/users", "POST /v1/users""#);
    }

    #[test]
    fn an_unknown_endpoint_suggests_near_ones() {
        let service = sample::service();
        let error = find_endpoint(&service, "GET /v1/users/{id}").unwrap_err();
        assert!(error.contains("did you mean") && error.contains("GET /v1/users"), "{error}");
        assert!(find_endpoint(&service, "GET /zzz").unwrap_err().contains("`map routes`"));
    }
}
