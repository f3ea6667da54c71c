//! `conventions --format json`.

use architect_conventions::{Conventions as Found, Deviation, Example, Exemplar, Helper, Practice, Repeat, Stale, Way};
use architect_model::Service;
use serde::Serialize;

use super::{Location, Project, SCHEMA_VERSION};

/// How a code base does things.
#[derive(Serialize)]
pub struct Conventions<'c> {
    schema_version: u32,
    project: Project<'c>,
    patterns: Vec<Pattern<'c>>,
    references: Vec<Reference<'c>>,
    helpers: Vec<Offered<'c>>,
    repeats: Vec<Again<'c>>,
    stale: Vec<Gone<'c>>,
}

impl<'c> Conventions<'c> {
    /// What was found of a service.
    pub fn new(found: &'c Found, service: &'c Service) -> Self {
        Self {
            schema_version: SCHEMA_VERSION,
            project: Project::new(service),
            patterns: found.practices.iter().map(Pattern::new).collect(),
            references: found.exemplars.iter().map(Reference::new).collect(),
            helpers: found.helpers.iter().map(Offered::new).collect(),
            repeats: found.repeats.iter().map(Again::new).collect(),
            stale: found.stale.iter().map(Gone::new).collect(),
        }
    }
}

#[derive(Serialize)]
struct Pattern<'c> {
    topic: &'static str,
    name: &'static str,
    /// What most do; also where `settled` says that there is no majority.
    majority: &'c str,
    settled: bool,
    count: usize,
    of: usize,
    /// What is counted.
    noun: &'static str,
    confidence: &'static str,
    reference: Option<Named<'c>>,
    ways: Vec<Counted<'c>>,
    deviations: Vec<Deviating<'c>>,
}

impl<'c> Pattern<'c> {
    fn new(one: &'c Practice) -> Self {
        Self {
            topic: one.topic.as_str(),
            name: one.name,
            majority: &one.majority,
            settled: one.settled,
            count: one.count,
            of: one.of,
            noun: one.noun,
            confidence: one.strength.as_str(),
            reference: one.reference.as_ref().map(Into::into),
            ways: one.ways.iter().map(|Way { says, count }| Counted { says, count: *count }).collect(),
            deviations: one.deviations.iter().map(Deviating::new).collect(),
        }
    }
}

#[derive(Serialize)]
struct Counted<'c> {
    says: &'c str,
    count: usize,
}

#[derive(Serialize)]
struct Deviating<'c> {
    subject: &'c str,
    does: &'c str,
    location: Location<'c>,
}

impl<'c> Deviating<'c> {
    fn new(Deviation { subject, does, location }: &'c Deviation) -> Self {
        Self { subject, does, location: location.into() }
    }
}

#[derive(Serialize)]
struct Named<'c> {
    name: &'c str,
    location: Location<'c>,
}

impl<'c> From<&'c Example> for Named<'c> {
    fn from(Example { name, location }: &'c Example) -> Self {
        Self { name, location: location.into() }
    }
}

#[derive(Serialize)]
struct Reference<'c> {
    kind: &'static str,
    name: &'c str,
    of: usize,
    location: Location<'c>,
}

impl<'c> Reference<'c> {
    fn new(one: &'c Exemplar) -> Self {
        Self { kind: one.kind, name: &one.example.name, of: one.of, location: (&one.example.location).into() }
    }
}

#[derive(Serialize)]
struct Offered<'c> {
    name: &'c str,
    kind: &'static str,
    does: &'c str,
    signature: &'c str,
    used_by: Vec<Named<'c>>,
    location: Location<'c>,
}

impl<'c> Offered<'c> {
    fn new(Helper { name, kind, does, signature, used_by, location }: &'c Helper) -> Self {
        Self {
            name,
            kind,
            does,
            signature,
            used_by: used_by.iter().map(Into::into).collect(),
            location: location.into(),
        }
    }
}

#[derive(Serialize)]
struct Again<'c> {
    kind: &'static str,
    does: &'c str,
    helper: Option<Named<'c>>,
    places: Vec<Named<'c>>,
}

impl<'c> Again<'c> {
    fn new(one: &'c Repeat) -> Self {
        Self {
            kind: one.kind.as_str(),
            does: &one.does,
            helper: one.helper.as_ref().map(Into::into),
            places: one.places.iter().map(Into::into).collect(),
        }
    }
}

#[derive(Serialize)]
struct Gone<'c> {
    document: &'c str,
    text: &'c str,
    message: &'c str,
    location: Location<'c>,
}

impl<'c> Gone<'c> {
    fn new(one: &'c Stale) -> Self {
        Self { document: &one.document, text: &one.text, message: &one.message, location: (&one.location).into() }
    }
}
