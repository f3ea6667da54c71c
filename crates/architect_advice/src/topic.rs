//! Topics: what is decided, as data.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::input::{Input, input};

/// Something to decide on.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Topic {
    /// Its name on the command line: that of its file.
    #[serde(skip)]
    pub id: String,
    /// Its name for people.
    pub title: String,
    /// The question it answers.
    pub asks: String,
    /// Ids of what it needs to know, the most telling first.
    pub inputs: Vec<String>,
    /// Calculations in order; later ones may use earlier ones.
    #[serde(default)]
    pub arithmetic: Vec<Step>,
    /// Cases in order; the first whose condition holds applies, and the last always does.
    #[serde(rename = "case")]
    pub cases: Vec<Case>,
    /// What else could be done.
    #[serde(rename = "alternative")]
    pub alternatives: Vec<Alternative>,
    /// When the answer changes: templates.
    pub changes_when: Vec<String>,
    /// How to get from one answer to the next.
    pub migration_path: Vec<String>,
    /// Where more is written.
    #[serde(rename = "source")]
    pub sources: Vec<Source>,
    /// Circumstances with the case that applies in them: its tests.
    #[serde(rename = "example")]
    pub examples: Vec<Example>,
}

/// A calculation.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// The variable it sets.
    pub name: String,
    /// An expression.
    pub value: String,
    /// How it is shown: a template.
    pub text: String,
}

/// One of the answers.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// Its name.
    pub id: String,
    /// When it applies: an expression.
    pub when: String,
    /// What to do: a template.
    pub recommend: String,
    /// Why: templates.
    pub why: Vec<String>,
}

/// Something else that could be done.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Alternative {
    /// What.
    pub name: String,
    /// When it is right.
    pub when: String,
    /// What it costs.
    pub trade_offs: String,
}

/// Where more is written.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// What it is called.
    pub title: String,
    /// Its address.
    pub url: String,
}

/// Circumstances, and the case that applies in them.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// Answers by the id of their question, as `--answer` takes them.
    #[serde(default)]
    pub with: std::collections::BTreeMap<String, String>,
    /// The case.
    pub case: String,
    /// What the calculation shows, each part of a line.
    #[serde(default)]
    pub shows: Vec<String>,
}

impl Topic {
    /// What it needs to know.
    pub fn inputs(&self) -> impl Iterator<Item = &'static Input> {
        self.inputs.iter().filter_map(|id| input(id))
    }

    /// The case that applies where no other does.
    pub(crate) fn last(&self) -> &Case {
        &self.cases[self.cases.len() - 1]
    }
}

macro_rules! topics {
    ($($id:literal),* $(,)?) => {
        &[$(($id, include_str!(concat!("../topics/", $id, ".toml")))),*]
    };
}

/// Every topic, in the order in which a service is designed.
const FILES: &[(&str, &str)] = topics![
    "database",
    "database-access",
    "pool-size",
    "workers",
    "migrations",
    "layers",
    "api-versioning",
    "error-format",
    "pagination",
    "search",
    "caching",
    "idempotency",
    "authentication",
    "refresh-tokens",
    "password-hashing",
    "authorization",
    "rate-limiting",
    "multi-tenancy",
    "soft-deletion",
    "background-work",
    "file-uploads",
    "observability",
];

static TOPICS: LazyLock<Vec<Topic>> = LazyLock::new(|| {
    FILES
        .iter()
        .map(|(id, text)| match toml::from_str::<Topic>(text) {
            Ok(topic) if !topic.cases.is_empty() => Topic { id: (*id).to_owned(), ..topic },
            Ok(_) => unreachable!("{id}.toml has no case"),
            Err(error) => unreachable!("{id}.toml: {error}"),
        })
        .collect()
});

/// Every topic, in the order in which a service is designed.
#[must_use]
pub fn topics() -> &'static [Topic] {
    &TOPICS
}

/// The topic of that name.
#[must_use]
pub fn topic(id: &str) -> Option<&'static Topic> {
    TOPICS.iter().find(|topic| topic.id == id)
}
