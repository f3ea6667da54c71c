//! What topics need to know: questions with their answers.

use std::sync::LazyLock;

use minijinja::value::Value;
use serde::Deserialize;

use crate::formula;

/// A question.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Input {
    /// Its name in `--answer ID=VALUE`.
    pub id: String,
    /// The question.
    pub question: String,
    /// What the answer changes.
    pub why: String,
    /// What answers there are; none for a number.
    #[serde(default)]
    pub options: Vec<String>,
    /// What is taken for granted until somebody answers.
    pub usual: String,
    /// What is assumed, as a sentence without its full stop; `{}` stands for the value.
    pub assumed: String,
}

/// What kind of answer a question has.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// A number that is not negative.
    Number,
    /// Yes or no.
    Agreement,
    /// One of the options.
    Choice,
}

/// An answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Setting {
    /// A number.
    Number(f64),
    /// Yes or no.
    Agreement(bool),
    /// One of the options.
    Choice(String),
}

impl Setting {
    pub(crate) fn value(&self) -> Value {
        match self {
            Self::Number(number) => Value::from(*number),
            Self::Agreement(agreed) => Value::from(*agreed),
            Self::Choice(choice) => Value::from(choice.clone()),
        }
    }
}

impl std::fmt::Display for Setting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Number(number) => f.write_str(&formula::shown(*number)),
            Self::Agreement(agreed) => f.write_str(if *agreed { "yes" } else { "no" }),
            Self::Choice(choice) => f.write_str(choice),
        }
    }
}

impl Input {
    /// What kind of answer it has.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self.options.as_slice() {
            [] => Kind::Number,
            [yes, no] if yes == "yes" && no == "no" => Kind::Agreement,
            _ => Kind::Choice,
        }
    }

    /// Reads an answer.
    ///
    /// # Errors
    /// When it is none that the question has, with those it has.
    pub fn parse(&self, text: &str) -> Result<Setting, String> {
        let text = text.trim();
        match self.kind() {
            Kind::Number => match text.replace(['_', ','], "").parse::<f64>() {
                Ok(number) if number.is_finite() && number >= 0.0 => Ok(Setting::Number(number)),
                _ => Err(format!("{text:?} is not a number of at least 0")),
            },
            Kind::Agreement => match text.to_ascii_lowercase().as_str() {
                "y" | "yes" | "true" => Ok(Setting::Agreement(true)),
                "n" | "no" | "false" => Ok(Setting::Agreement(false)),
                _ => Err(format!("{text:?} is neither yes nor no")),
            },
            Kind::Choice if self.options.iter().any(|option| option == text) => Ok(Setting::Choice(text.to_owned())),
            Kind::Choice => Err(format!("{text:?} is none of {}", self.options.join(", "))),
        }
    }

    /// What is taken for granted until somebody answers.
    #[must_use]
    pub fn usual(&self) -> Setting {
        self.parse(&self.usual).unwrap_or(Setting::Number(0.0))
    }

    /// What is taken for granted, as a sentence without its full stop.
    #[must_use]
    pub fn assumption(&self) -> String {
        self.assumed.replace("{}", &self.usual().to_string())
    }
}

#[derive(Deserialize)]
struct Inputs {
    input: Vec<Input>,
}

static INPUTS: LazyLock<Vec<Input>> =
    LazyLock::new(|| match toml::from_str::<Inputs>(include_str!("../inputs.toml")) {
        Ok(inputs) => inputs.input,
        Err(error) => unreachable!("inputs.toml: {error}"),
    });

/// Every question there is.
#[must_use]
pub fn inputs() -> &'static [Input] {
    &INPUTS
}

/// The question of that id.
#[must_use]
pub fn input(id: &str) -> Option<&'static Input> {
    INPUTS.iter().find(|input| input.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_usual_answer_is_one() {
        for input in inputs() {
            assert!(input.parse(&input.usual).is_ok(), "{}: {}", input.id, input.usual);
            assert!(input.question.ends_with('?'), "{}", input.question);
            assert!(input.why.ends_with('.'), "{}", input.why);
            assert!(!input.assumption().ends_with('.') && input.assumed.contains("{}"), "{}", input.assumed);
        }
    }

    #[test]
    fn answers_are_read_and_others_refused() {
        let of = |id: &str| input(id).unwrap();
        assert_eq!(of("requests-per-second").parse("1_000"), Ok(Setting::Number(1000.0)));
        assert!(of("requests-per-second").parse("-1").is_err() && of("requests-per-second").parse("NaN").is_err());
        assert_eq!(of("jobs-may-be-lost").parse("Y"), Ok(Setting::Agreement(true)));
        assert_eq!(of("cost-of-failure").parse("high"), Ok(Setting::Choice("high".to_owned())));
        assert_eq!(of("cost-of-failure").parse("huge"), Err("\"huge\" is none of low, medium, high".to_owned()));
    }
}
