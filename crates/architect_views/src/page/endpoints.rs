//! Endpoints with the way from their router to their statements.

use architect_model::exceptions::Leaving;
use architect_model::requests;
use architect_model::service::{Auth, EffectiveRoute};
use serde::Serialize;

use super::data::Context;
use super::nodes::{Taken, taken};
use super::sources::Place;
use crate::map::{answers, methods};

/// Lines of an endpoint's own code that are shown.
const OWN_LINES: u32 = 60;

/// One endpoint.
#[derive(Serialize)]
pub(super) struct Endpoint<'s> {
    methods: String,
    path: String,
    /// Number of the application.
    application: Option<usize>,
    answers: &'s str,
    at: Place,
    registered: Place,
    /// `include_router` and `mount` calls it came through, outermost first.
    included: Vec<Place>,
    router: Option<usize>,
    kind: &'s str,
    name: Option<&'s str>,
    operation_id: Option<&'s str>,
    status: Option<u16>,
    response: Option<&'s str>,
    tags: &'s [String],
    hidden: bool,
    deprecated: bool,
    conditional: Option<&'s str>,
    auth: Asked<'s>,
    takes: Vec<Taken<'s>>,
    needs: Vec<usize>,
    cost: Option<Cost<'s>>,
    /// Numbers of the errors that may leave it.
    fails: Vec<usize>,
    /// Numbers of findings about it.
    findings: Vec<usize>,
    /// Numbers of findings about what it shares with others: its dependencies.
    shared: Vec<usize>,
}

#[derive(Serialize)]
struct Asked<'s> {
    class: &'static str,
    by: Vec<(&'s str, Option<Place>)>,
    scopes: &'s [String],
}

#[derive(Serialize)]
struct Cost<'s> {
    formula: String,
    /// A number to compare by.
    size: u64,
    /// Whether it grows with the number of rows.
    grows: bool,
    exact: bool,
    commits: u32,
    statements: Vec<Statement<'s>>,
    unknown: Vec<(&'s str, Place)>,
}

#[derive(Serialize)]
struct Statement<'s> {
    what: &'s str,
    times: &'s [String],
    write: bool,
    at: Place,
    /// Numbers of the steps that lead there.
    trace: Vec<usize>,
}

/// An exception that may leave endpoints.
#[derive(Clone, PartialEq, Eq, Hash, Serialize)]
pub(super) struct Failure<'s> {
    class: &'s str,
    status: Option<u16>,
    detail: Option<&'s str>,
    at: Place,
}

impl<'s> Endpoint<'s> {
    pub(super) fn new(context: &mut Context<'s>, number: usize, endpoint: &EffectiveRoute<'s>) -> Self {
        let route = endpoint.route;
        let service = context.service;
        let entry = route.request.and_then(|at| service.requests.entries.get(at));
        let own = route.endpoint.as_ref().and_then(|named| named.location.as_ref()).unwrap_or(&route.location);
        let (findings, shared) = context.about.of(endpoint, entry, own);
        let sources = &mut context.sources;
        Self {
            methods: methods(route),
            path: endpoint.path.clone(),
            application: service.applications.iter().position(|known| known.name == endpoint.application.name),
            answers: answers(route),
            at: sources.frame(own, 0, OWN_LINES),
            registered: sources.frame(&route.location, 0, 6),
            included: route.included_at.iter().map(|location| sources.frame(location, 0, 6)).collect(),
            router: route.router,
            kind: &route.kind,
            name: route.name.as_deref(),
            operation_id: route.operation_id.as_deref(),
            status: route.status_code,
            response: route.response_model.as_deref(),
            tags: &route.tags,
            hidden: !route.include_in_schema,
            deprecated: route.deprecated,
            conditional: route.conditional.as_deref(),
            auth: Asked::new(context, &route.auth),
            takes: taken(&route.parameters),
            needs: context.nodes.add(&route.dependencies, &mut context.sources),
            cost: entry.map(|entry| Cost::new(context, entry)),
            fails: service
                .leaving
                .get(number)
                .into_iter()
                .flatten()
                .map(|fact| Failure::number(context, fact))
                .collect(),
            findings,
            shared,
        }
    }
}

impl<'s> Asked<'s> {
    fn new(context: &mut Context<'s>, auth: &'s Auth) -> Self {
        let place = |named: &'s architect_model::service::Named| {
            (&*named.name, named.location.as_ref().map(|location| context.sources.place(location)))
        };
        Self { class: auth.class.as_str(), by: auth.by.iter().map(place).collect(), scopes: &auth.scopes }
    }
}

impl<'s> Cost<'s> {
    fn new(context: &mut Context<'s>, entry: &'s requests::Entry) -> Self {
        let Context { sources, steps, .. } = context;
        let statement = |term: &'s requests::Term| Statement {
            what: &term.what,
            times: &term.times,
            write: term.write,
            at: sources.frame(&term.location, 0, 8),
            trace: term
                .trace
                .iter()
                .map(|step| steps.number((&*step.function, sources.frame(&step.location, 0, 1))))
                .collect(),
        };
        let statements = entry.terms.iter().map(statement).collect();
        Self {
            formula: entry.cost.to_string(),
            size: entry.cost.size(),
            grows: !entry.cost.per.is_empty() || !entry.cost.distinct.is_empty(),
            exact: !entry.cost.unknown && !entry.cost.larger,
            commits: entry.cost.commits,
            statements,
            unknown: entry.reasons.iter().map(|(why, location)| (&**why, sources.frame(location, 0, 1))).collect(),
        }
    }
}

impl<'s> Failure<'s> {
    fn number(context: &mut Context<'s>, fact: &'s Leaving) -> usize {
        let Leaving { class, status, detail, location, .. } = fact;
        let at = context.sources.frame(location, 0, 3);
        context.failures.number(Self { class, status: *status, detail: detail.as_deref(), at })
    }
}
