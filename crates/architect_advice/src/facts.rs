//! What a service says about the topics: facts with their places, some of which answer a question.
//!
//! Invariant: a fact is there because something was read; that something was not found is no fact.

mod imports;
mod requests;
mod stored;

use architect_conventions::detect;
use architect_model::context::{Context, Cost, Database};
use architect_model::service::{EffectiveRoute, Service};
use architect_source::Location;

use crate::input::{Input, Setting};
use crate::topic::topics;

/// Something that was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Fact {
    /// The topics it matters to, by id.
    pub topics: Vec<&'static str>,
    /// As a sentence without its full stop.
    pub statement: String,
    /// Where; the first of several places.
    pub location: Option<Location>,
    /// The question it answers, and how.
    pub answers: Option<(&'static str, Setting)>,
}

impl Fact {
    fn new(topics: &[&'static str], statement: impl Into<String>, location: Option<&Location>) -> Self {
        Self { topics: topics.to_vec(), statement: statement.into(), location: location.cloned(), answers: None }
    }

    fn answering(mut self, input: &'static str, setting: Setting) -> Self {
        self.answers = Some((input, setting));
        self
    }
}

/// What was read from a service whose code and conventions were read.
#[must_use]
pub fn facts(service: &Service) -> Vec<Fact> {
    let mut out = Vec::new();
    let endpoints: Vec<EffectiveRoute<'_>> =
        service.endpoints().into_iter().filter(|one| one.route.is_api && one.route.endpoint.is_some()).collect();
    requests::read(service, &endpoints, &mut out);
    stored::read(service, &mut out);
    imports::read(service, &mut out);
    practices(service, &mut out);
    out
}

/// What the team states in its configuration.
#[must_use]
pub fn stated(context: &Context) -> Vec<Fact> {
    let number = |value: f64| Setting::Number(value);
    let choice = |value: &str| Setting::Choice(value.to_owned());
    let largest = context.rows.iter().max_by_key(|(_, rows)| **rows);
    #[allow(clippy::cast_precision_loss, reason = "a number of rows is no account")]
    let settings = [
        ("requests-per-second", context.requests_per_second.map(number)),
        ("processes", context.processes.map(|count| number(f64::from(count)))),
        ("team", context.team.map(|count| number(f64::from(count)))),
        ("largest-table", largest.map(|(_, rows)| number(*rows as f64))),
        (
            "database",
            context.database.map(|database| match database {
                Database::Postgresql => choice("postgresql"),
                Database::Mysql => choice("mysql"),
                Database::Sqlite => choice("sqlite"),
                Database::Other => choice("other"),
            }),
        ),
        (
            "cost-of-failure",
            context.cost_of_failure.map(|cost| match cost {
                Cost::Low => choice("low"),
                Cost::Medium => choice("medium"),
                Cost::High => choice("high"),
            }),
        ),
    ];
    let all = settings.into_iter().filter_map(|(id, setting)| Some((crate::input(id)?, setting?)));
    all.map(|(input, setting)| {
        let said = input.assumed.split(',').next().unwrap_or_default().replace("{}", &setting.to_string());
        Fact::new(&interested(input), format!("the configuration says: {said}"), None).answering(&input.id, setting)
    })
    .collect()
}

/// Topics that ask a question.
fn interested(input: &Input) -> Vec<&'static str> {
    topics().iter().filter(|topic| topic.inputs.contains(&input.id)).map(|topic| topic.id.as_str()).collect()
}

/// Practices that say something about a topic, by their name.
const PRACTICES: &[(&str, &[&str])] = &[
    ("session-dependency", &["database-access", "pool-size"]),
    ("who-commits", &["layers"]),
    ("statements", &["layers"]),
    ("endpoint-statements", &["layers"]),
    ("pagination-parameters", &["pagination"]),
    ("pagination-declaration", &["pagination"]),
    ("list-envelope", &["pagination"]),
    ("error-raising", &["error-format"]),
    ("error-detail", &["error-format"]),
    ("error-body", &["error-format"]),
    ("auth-scheme", &["authentication"]),
    ("auth-dependency", &["authentication", "authorization"]),
    ("background-work", &["background-work"]),
];

fn practices(service: &Service, out: &mut Vec<Fact>) {
    for practice in detect(service).practices.iter().filter(|practice| practice.settled) {
        let Some((_, topics)) = PRACTICES.iter().find(|(name, _)| *name == practice.name) else { continue };
        let statement = format!("{} ({} of {} {})", practice.majority, practice.count, practice.of, practice.noun);
        out.push(Fact::new(topics, statement, practice.reference.as_ref().map(|example| &example.location)));
    }
}

/// `1 endpoint`, `2 endpoints`.
fn counted(count: usize, noun: &str) -> String {
    let plural = match noun.strip_suffix('y') {
        Some(stem) => format!("{stem}ies"),
        None => format!("{noun}s"),
    };
    format!("{count} {}", if count == 1 { noun } else { &plural })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::inputs;

    #[test]
    fn every_topic_and_question_named_here_exists() {
        for (_, of) in PRACTICES {
            assert!(of.iter().all(|id| crate::topic(id).is_some()), "{of:?}");
        }
        assert!(inputs().iter().all(|input| !interested(input).is_empty()), "a question that no topic asks");
    }

    #[test]
    fn what_the_team_states_answers_its_question() {
        let context = Context {
            requests_per_second: Some(40.0),
            processes: Some(2),
            database: Some(Database::Sqlite),
            cost_of_failure: Some(Cost::High),
            rows: [("users".to_owned(), 10), ("events".to_owned(), 5_000_000)].into(),
            ..Context::default()
        };
        let said: Vec<(String, Option<(&str, Setting)>)> =
            stated(&context).into_iter().map(|fact| (fact.statement, fact.answers)).collect();
        let expected = [
            ("40 requests per second at the busiest time", "requests-per-second", Setting::Number(40.0)),
            ("2 processes serve requests", "processes", Setting::Number(2.0)),
            ("the largest table has 5,000,000 rows", "largest-table", Setting::Number(5_000_000.0)),
            ("the data is in sqlite", "database", Setting::Choice("sqlite".to_owned())),
            ("the cost of a failure is high", "cost-of-failure", Setting::Choice("high".to_owned())),
        ];
        assert_eq!(
            said,
            expected.map(|(text, id, setting)| { (format!("the configuration says: {text}"), Some((id, setting))) })
        );
    }
}
