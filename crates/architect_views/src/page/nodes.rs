//! Dependency trees, equal ones once: hundreds of endpoints share a few.

use std::collections::HashMap;

use architect_model::service::{Dependency, Parameter, Parameters};
use serde::Serialize;

use super::sources::{Place, Sources};

/// A dependency with everything it needs.
#[derive(Serialize)]
pub(super) struct Node<'s> {
    call: &'s str,
    at: Option<Place>,
    /// What is said of it: `yield`, `security scheme`.
    marks: Vec<&'static str>,
    scopes: &'s [String],
    takes: Vec<Taken<'s>>,
    /// Numbers of nodes, in the order they are resolved.
    needs: Vec<usize>,
}

/// A parameter.
#[derive(Serialize)]
pub(super) struct Taken<'s> {
    /// `path`, `query`, `header`, `cookie`, `body`; for the body its form: `form`, `file`.
    place: &'static str,
    name: &'s str,
    #[serde(rename = "type")]
    annotation: Option<&'s str>,
    required: bool,
}

/// All nodes of a service; what is needed stands before what needs it.
#[derive(Default)]
pub(super) struct Nodes<'s> {
    all: Vec<Node<'s>>,
    known: HashMap<Same<'s>, usize>,
}

/// What makes two dependencies one node: the callable, its scopes, whether its result is kept, and what it needs.
type Same<'s> = (&'s str, &'s [String], bool, Vec<usize>);

impl<'s> Nodes<'s> {
    /// Numbers of these dependencies.
    pub(super) fn add(&mut self, dependencies: &'s [Dependency], sources: &mut Sources<'s>) -> Vec<usize> {
        dependencies.iter().map(|dependency| self.number(dependency, sources)).collect()
    }

    fn number(&mut self, dependency: &'s Dependency, sources: &mut Sources<'s>) -> usize {
        let needs = self.add(&dependency.dependencies, sources);
        let key = (&*dependency.call, &*dependency.scopes, dependency.use_cache, needs.clone());
        if let Some(number) = self.known.get(&key) {
            return *number;
        }
        let marks = [
            (dependency.is_yield, "yield"),
            (dependency.security_scheme, "security scheme"),
            (dependency.optional_scheme, "lets callers without credentials pass"),
            (!dependency.use_cache, "not cached"),
        ];
        self.all.push(Node {
            call: &dependency.call,
            at: dependency.location.as_ref().map(|location| sources.frame(location, 0, 12)),
            marks: marks.into_iter().filter_map(|(is, mark)| is.then_some(mark)).collect(),
            scopes: &dependency.scopes,
            takes: taken(&dependency.parameters),
            needs,
        });
        self.known.insert(key, self.all.len() - 1);
        self.all.len() - 1
    }

    pub(super) fn into_all(self) -> Vec<Node<'s>> {
        self.all
    }
}

/// Parameters of an endpoint or of a dependency, in the order of their places.
pub(super) fn taken(parameters: &Parameters) -> Vec<Taken<'_>> {
    let Parameters { path, query, header, cookie, body } = parameters;
    let places: [(&'static str, &[Parameter]); 5] =
        [("path", path), ("query", query), ("header", header), ("cookie", cookie), ("body", body)];
    let all = places.into_iter().flat_map(|(place, all)| all.iter().map(move |parameter| (place, parameter)));
    all.map(|(place, parameter)| Taken {
        place: parameter.media.unwrap_or(place),
        name: &parameter.alias,
        annotation: parameter.annotation.as_deref(),
        required: parameter.required,
    })
    .collect()
}
