//! `advise --format json`.

use architect_advice::{Advice, Alternative, Fact, Input, Source, Topic};
use schemars::JsonSchema;
use serde::Serialize;

use super::{Location, SCHEMA_VERSION};

/// A decision and what led to it.
#[derive(JsonSchema, Serialize)]
pub struct Advised<'a> {
    /// Goes up when a reader could break.
    schema_version: u32,
    /// The topic, as it was asked for.
    topic: &'a str,
    /// What it is called.
    title: &'a str,
    /// What nobody has answered yet.
    questions: Vec<Question<'a>>,
    /// What is taken for granted until somebody answers.
    assumptions: &'a [String],
    /// What was read from the service or stated.
    facts: Vec<Read<'a>>,
    /// The case that applies.
    case: &'a str,
    /// What to do.
    recommendation: &'a str,
    /// Why.
    why: &'a [String],
    /// What else could be done.
    alternatives: Vec<Other<'a>>,
    /// What would change the answer.
    changes_when: &'a [String],
    /// The way there.
    migration_path: &'a [String],
    /// How figures come about.
    arithmetic: &'a [String],
    /// Where to read on.
    sources: Vec<Reference<'a>>,
}

impl<'a> Advised<'a> {
    /// What was decided.
    pub fn new(advice: &'a Advice) -> Self {
        Self {
            schema_version: SCHEMA_VERSION,
            topic: &advice.topic.id,
            title: &advice.topic.title,
            questions: advice.questions.iter().map(|input| Question::new(input)).collect(),
            assumptions: &advice.assumptions,
            facts: advice.facts.iter().map(Read::new).collect(),
            case: advice.case,
            recommendation: &advice.recommendation,
            why: &advice.why,
            alternatives: advice.alternatives.iter().map(Other::new).collect(),
            changes_when: &advice.changes_when,
            migration_path: advice.migration_path,
            arithmetic: &advice.arithmetic,
            sources: advice.sources.iter().map(Reference::new).collect(),
        }
    }
}

#[derive(JsonSchema, Serialize)]
struct Question<'a> {
    /// What `--answer` takes.
    id: &'a str,
    /// The question.
    question: &'a str,
    /// What hangs on it.
    why: &'a str,
    /// None for a number.
    options: &'a [String],
    /// What is assumed until somebody answers.
    assumed: &'a str,
}

impl<'a> Question<'a> {
    fn new(input: &'a Input) -> Self {
        let Input { id, question, why, options, usual, .. } = input;
        Self { id, question, why, options, assumed: usual }
    }
}

#[derive(JsonSchema, Serialize)]
struct Read<'a> {
    /// What is so.
    statement: &'a str,
    /// Where it was read.
    location: Option<Location<'a>>,
    /// The question it answers.
    answers: Option<&'a str>,
}

impl<'a> Read<'a> {
    fn new(fact: &'a Fact) -> Self {
        Self {
            statement: &fact.statement,
            location: fact.location.as_ref().map(Into::into),
            answers: fact.answers.as_ref().map(|(id, _)| *id),
        }
    }
}

#[derive(JsonSchema, Serialize)]
struct Other<'a> {
    /// What could be done.
    name: &'a str,
    /// When it is better.
    when: &'a str,
    /// What it costs.
    trade_offs: &'a str,
}

impl<'a> Other<'a> {
    fn new(one: &'a Alternative) -> Self {
        Self { name: &one.name, when: &one.when, trade_offs: &one.trade_offs }
    }
}

#[derive(JsonSchema, Serialize)]
struct Reference<'a> {
    /// What it is.
    title: &'a str,
    /// Where it is.
    url: &'a str,
}

impl<'a> Reference<'a> {
    fn new(source: &'a Source) -> Self {
        Self { title: &source.title, url: &source.url }
    }
}

/// Every topic.
#[derive(JsonSchema, Serialize)]
pub struct Topics<'a> {
    /// Goes up when a reader could break.
    schema_version: u32,
    /// Every topic.
    topics: Vec<Listed<'a>>,
}

#[derive(JsonSchema, Serialize)]
struct Listed<'a> {
    /// What `advise` takes.
    topic: &'a str,
    /// What it is called.
    title: &'a str,
    /// What is decided.
    question: &'a str,
    /// Ids of what `--answer` takes.
    inputs: &'a [String],
}

impl<'a> Topics<'a> {
    /// Those there are.
    pub fn new(topics: &'a [Topic]) -> Self {
        let listed = |topic: &'a Topic| Listed {
            topic: &topic.id,
            title: &topic.title,
            question: &topic.asks,
            inputs: &topic.inputs,
        };
        Self { schema_version: SCHEMA_VERSION, topics: topics.iter().map(listed).collect() }
    }
}
