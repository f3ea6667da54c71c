//! `conventions --format json`.

use architect_conventions::{Conventions as Found, Deviation, Example, Exemplar, Helper, Practice, Repeat, Stale, Way};
use architect_model::Service;
use schemars::JsonSchema;
use serde::Serialize;

use super::{Location, Project, SCHEMA_VERSION};

/// How a code base does things.
#[derive(JsonSchema, Serialize)]
pub struct Conventions<'c> {
    /// Goes up when a reader could break.
    schema_version: u32,
    /// What was looked at.
    project: Project<'c>,
    /// What is done one way or another.
    patterns: Vec<Pattern<'c>>,
    /// The implementations to look at first, by kind.
    references: Vec<Reference<'c>>,
    /// What shared modules offer.
    helpers: Vec<Offered<'c>>,
    /// Code that does again what other code does.
    repeats: Vec<Again<'c>>,
    /// What documents name and is not there any more.
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

#[derive(JsonSchema, Serialize)]
struct Pattern<'c> {
    /// The topic it belongs to.
    topic: &'static str,
    /// Its name, for programs.
    name: &'static str,
    /// What most do; also where `settled` says that there is no majority.
    majority: &'c str,
    /// Whether most do it one way.
    settled: bool,
    /// How many do as the majority.
    count: usize,
    /// How many were counted.
    of: usize,
    /// What is counted.
    noun: &'static str,
    /// How sure we are that it is a convention: `high`, `medium`, `low`.
    confidence: &'static str,
    /// The implementation to look at.
    reference: Option<Named<'c>>,
    /// Every way with its count.
    ways: Vec<Counted<'c>>,
    /// Who does it otherwise.
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

#[derive(JsonSchema, Serialize)]
struct Counted<'c> {
    /// What is done.
    says: &'c str,
    /// By how many.
    count: usize,
}

#[derive(JsonSchema, Serialize)]
struct Deviating<'c> {
    /// Who.
    subject: &'c str,
    /// What it does instead.
    does: &'c str,
    /// Where.
    location: Location<'c>,
}

impl<'c> Deviating<'c> {
    fn new(Deviation { subject, does, location }: &'c Deviation) -> Self {
        Self { subject, does, location: location.into() }
    }
}

#[derive(JsonSchema, Serialize)]
struct Named<'c> {
    /// Its name.
    name: &'c str,
    /// Where it is.
    location: Location<'c>,
}

impl<'c> From<&'c Example> for Named<'c> {
    fn from(Example { name, location }: &'c Example) -> Self {
        Self { name, location: location.into() }
    }
}

#[derive(JsonSchema, Serialize)]
struct Reference<'c> {
    /// What it is an example of.
    kind: &'static str,
    /// Its name.
    name: &'c str,
    /// How many there are of the kind.
    of: usize,
    /// Where it is.
    location: Location<'c>,
}

impl<'c> Reference<'c> {
    fn new(one: &'c Exemplar) -> Self {
        Self { kind: one.kind, name: &one.example.name, of: one.of, location: (&one.example.location).into() }
    }
}

#[derive(JsonSchema, Serialize)]
struct Offered<'c> {
    /// Its name.
    name: &'c str,
    /// What it is for.
    kind: &'static str,
    /// What it does, in a line.
    does: &'c str,
    /// How it is called.
    signature: &'c str,
    /// Who uses it.
    used_by: Vec<Named<'c>>,
    /// Where it is.
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

#[derive(JsonSchema, Serialize)]
struct Again<'c> {
    /// In which respect it is the same.
    kind: &'static str,
    /// What it does.
    does: &'c str,
    /// What does it already, if that is shared.
    helper: Option<Named<'c>>,
    /// Where it is done again.
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

#[derive(JsonSchema, Serialize)]
struct Gone<'c> {
    /// The document.
    document: &'c str,
    /// What it names.
    text: &'c str,
    /// What is wrong with that.
    message: &'c str,
    /// Where it stands.
    location: Location<'c>,
}

impl<'c> Gone<'c> {
    fn new(one: &'c Stale) -> Self {
        Self { document: &one.document, text: &one.text, message: &one.message, location: (&one.location).into() }
    }
}
