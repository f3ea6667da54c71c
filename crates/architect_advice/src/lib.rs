//! Decisions an architect is asked for: from what is known of a service and its circumstances to a recommendation.
//!
//! A topic is data (`topics/*.toml`): what it needs to know, arithmetic, cases in order with a recommendation each, and
//! what speaks for the alternatives. What is not known is asked ([`Advice::questions`]) and, until it is answered, taken
//! at its usual value, which is then said ([`Advice::assumptions`]).
//!
//! Invariants: a topic always recommends something; every number in an answer is computed from values that stand in it
//! too; what is read from a service is a fact with its place, and nothing is concluded from its absence.
//!
//! `formula.rs` computes (numbers, comparisons, `floor`, `max` and the like, nothing else); `inputs.toml` has the
//! questions that topics share, each with its usual answer. An answer comes from the command line, else the
//! configuration, else what `facts/` reads from the service, else the user in a terminal. The tests hold every topic
//! to its examples: each case is reached, each threshold from both sides, and the numbers it names appear.

mod facts;
mod formula;
mod input;
mod topic;

use std::collections::BTreeMap;

pub use facts::{Fact, facts, stated};
pub use input::{Input, Kind, Setting, input, inputs};
pub use topic::{Alternative, Case, Example, Source, Topic, topic, topics};

/// What is settled, by the id of the input.
pub type Settled = BTreeMap<&'static str, Setting>;

/// A decision, and everything that led to it.
#[derive(Clone, Debug)]
pub struct Advice {
    /// What it is about.
    pub topic: &'static Topic,
    /// The case that applies: its id.
    pub case: &'static str,
    /// What nobody has answered yet.
    pub questions: Vec<&'static Input>,
    /// What is taken for granted until somebody answers.
    pub assumptions: Vec<String>,
    /// What was read from the service and its configuration.
    pub facts: Vec<Fact>,
    /// What to do.
    pub recommendation: String,
    /// Why.
    pub why: Vec<String>,
    /// What else could be done, and when that is right.
    pub alternatives: &'static [Alternative],
    /// When the answer changes.
    pub changes_when: Vec<String>,
    /// How to get from one to the next.
    pub migration_path: &'static [String],
    /// The calculation, a line each.
    pub arithmetic: Vec<String>,
    /// Where more is written.
    pub sources: &'static [Source],
}

/// Decides on a topic. `answers` win over what the facts answer; what neither settles is asked.
#[must_use]
pub fn advise(topic: &'static Topic, facts: &[Fact], answers: &Settled) -> Advice {
    let facts: Vec<Fact> = facts.iter().filter(|fact| fact.topics.contains(&topic.id.as_str())).cloned().collect();
    let mut settled = Settled::new();
    for (id, setting) in facts.iter().filter_map(|fact| fact.answers.clone()) {
        settled.entry(id).or_insert(setting);
    }
    settled.extend(answers.iter().map(|(id, setting)| (*id, setting.clone())));
    let open: Vec<&'static Input> = topic.inputs().filter(|input| !settled.contains_key(input.id.as_str())).collect();
    let mut values: formula::Values =
        topic.inputs().map(|input| (formula::variable(&input.id), input.usual().value())).collect();
    values.extend(settled.iter().map(|(id, setting)| (formula::variable(id), setting.value())));
    let mut arithmetic = Vec::new();
    for step in &topic.arithmetic {
        let value = formula::number(&step.value, &values);
        values.insert(step.name.clone(), value.into());
        arithmetic.push(formula::text(&step.text, &values));
    }
    let case = topic.cases.iter().find(|case| formula::holds(&case.when, &values)).unwrap_or_else(|| topic.last());
    Advice {
        topic,
        case: &case.id,
        assumptions: open.iter().map(|input| input.assumption()).collect(),
        questions: open,
        facts,
        recommendation: formula::text(&case.recommend, &values),
        why: case.why.iter().map(|text| formula::text(text, &values)).collect(),
        alternatives: &topic.alternatives,
        changes_when: topic.changes_when.iter().map(|text| formula::text(text, &values)).collect(),
        migration_path: &topic.migration_path,
        arithmetic,
        sources: &topic.sources,
    }
}
