//! Everything that a page shows, as data for its script.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;

use architect_model::{Service, service};
use serde::Serialize;

use super::Page;
use super::endpoints::{Endpoint, Failure};
use super::findings::{About, Finding};
use super::nodes::{Node, Nodes};
use super::sources::{Place, Sources};
use super::tables::{self, Table};

/// The data of a page.
#[derive(Serialize)]
pub(super) struct Data<'s> {
    version: &'s str,
    opens_at: &'s str,
    root: &'s str,
    file_count: usize,
    line_count: usize,
    libraries: &'s BTreeMap<String, String>,
    suppressed: usize,
    known: usize,
    applications: Vec<Application<'s>>,
    routers: Vec<(&'s str, Place)>,
    endpoints: Vec<Endpoint<'s>>,
    nodes: Vec<Node<'s>>,
    unused: Vec<(&'s str, Place)>,
    tables: Vec<Table<'s>>,
    findings: Vec<Finding<'s>>,
    unknowns: Vec<Unknown<'s>>,
    texts: Vec<&'s str>,
    steps: Vec<(&'s str, Place)>,
    failures: Vec<Failure<'s>>,
    files: Vec<&'s str>,
    lines: BTreeMap<usize, BTreeMap<u32, String>>,
}

#[derive(Serialize)]
struct Application<'s> {
    name: &'s str,
    mounted_at: Option<&'s str>,
    title: Option<&'s str>,
    version: Option<&'s str>,
    middleware: Vec<&'s str>,
    exception_handlers: Vec<&'s str>,
    lifespan: Option<&'s str>,
    at: Place,
}

#[derive(Serialize)]
struct Unknown<'s> {
    what: &'s str,
    why: &'s str,
    resolve: &'s str,
    at: Option<Place>,
}

/// What parts of the data are gathered with.
pub(super) struct Context<'s> {
    pub(super) service: &'s Service,
    pub(super) sources: Sources<'s>,
    pub(super) nodes: Nodes<'s>,
    pub(super) texts: Once<&'s str>,
    /// Steps of the ways that lead to statements: a function, and where it goes on from there.
    pub(super) steps: Once<(&'s str, Place)>,
    pub(super) failures: Once<Failure<'s>>,
    pub(super) about: About<'s>,
}

/// What many parts of a page say, each once and by its number.
pub(super) struct Once<T> {
    numbers: HashMap<T, usize>,
    all: Vec<T>,
}

impl<T> Default for Once<T> {
    fn default() -> Self {
        Self { numbers: HashMap::new(), all: Vec::new() }
    }
}

impl<T: Clone + Eq + Hash> Once<T> {
    /// The number of what is said.
    pub(super) fn number(&mut self, said: T) -> usize {
        let all = &mut self.all;
        *self.numbers.entry(said).or_insert_with_key(|said| {
            all.push(said.clone());
            all.len() - 1
        })
    }

    /// Everything, by number.
    pub(super) fn into_all(self) -> Vec<T> {
        self.all
    }
}

impl<'s> Data<'s> {
    pub(super) fn new(page: &Page<'s>) -> Self {
        let Page { service, findings, left_out, opens_at, version } = *page;
        let mut context = Context {
            service,
            sources: Sources::new(service),
            nodes: Nodes::default(),
            texts: Once::default(),
            steps: Once::default(),
            failures: Once::default(),
            about: About::new(findings),
        };
        // What stands first has its code shown first.
        let findings = findings.iter().map(|finding| Finding::new(&mut context, finding)).collect();
        let found = service.endpoints();
        let endpoints =
            found.iter().enumerate().map(|(number, route)| Endpoint::new(&mut context, number, route)).collect();
        let tables = tables::all(&mut context);
        let sources = &mut context.sources;
        let applications =
            service.applications.iter().map(|application| Application::new(sources, application)).collect();
        let routers = service.routers.iter().map(|router| (&*router.name, sources.place(&router.location))).collect();
        let unused = service.dependency_functions.iter().filter(|function| function.used_by == 0);
        let unused = unused.map(|function| (&*function.name, sources.place(&function.location))).collect();
        let unknowns = service.unknowns.iter().map(|unknown| Unknown::new(sources, unknown)).collect();
        let (files, lines) = context.sources.into_parts();
        Self {
            version,
            opens_at,
            root: &service.root,
            file_count: service.files.len(),
            line_count: service.files.values().map(|file| file.lines).sum(),
            libraries: &service.libraries,
            suppressed: left_out.suppressed,
            known: left_out.known,
            applications,
            routers,
            endpoints,
            nodes: context.nodes.into_all(),
            unused,
            tables,
            findings,
            unknowns,
            texts: context.texts.into_all(),
            steps: context.steps.into_all(),
            failures: context.failures.into_all(),
            files,
            lines,
        }
    }
}

impl<'s> Application<'s> {
    fn new(sources: &mut Sources<'s>, application: &'s service::Application) -> Self {
        let names = |named: &'s [service::Named]| named.iter().map(|named| &*named.name).collect();
        Self {
            name: &application.name,
            mounted_at: application.mounted_at.as_deref(),
            title: application.title.as_deref(),
            version: application.version.as_deref(),
            middleware: names(&application.middleware),
            exception_handlers: names(&application.exception_handlers),
            lifespan: application.lifespan.as_ref().map(|lifespan| &*lifespan.name),
            at: sources.frame(&application.location, 0, 8),
        }
    }
}

impl<'s> Unknown<'s> {
    fn new(sources: &mut Sources<'s>, unknown: &'s architect_source::Unknown) -> Self {
        let architect_source::Unknown { what, why, resolve, location } = unknown;
        Self { what, why, resolve, at: location.as_ref().map(|location| sources.frame(location, 0, 1)) }
    }
}
