//! One change, and how it is put together from a check and what it is about.

use architect_source::Location;
use serde_json::Value as Json;

use super::check::{Check, Level};

/// Which of the two trees of files a place is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// What was.
    Old,
    /// What is.
    New,
}

impl Side {
    /// The name used in every output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Old => "old",
            Self::New => "new",
        }
    }
}

/// One thing that changed.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// What kind of change.
    pub check: &'static Check,
    /// How much it matters here.
    pub level: Level,
    /// The operations it is seen in, in matching order; none for the database.
    pub operations: Vec<String>,
    /// What it is about: `User.email`, `query.limit`, `users.name`.
    pub subject: String,
    /// What changed, as a sentence without a full stop.
    pub message: String,
    /// What was, where that is a value.
    pub old: Json,
    /// What is, where that is a value.
    pub new: Json,
    /// Where it was, or is now.
    pub location: Option<(Side, Location)>,
    /// What a caller has to do, as a clause without a full stop.
    pub note: String,
}

/// What a change is about: for programs, and for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Subject {
    pub id: String,
    pub text: String,
}

impl Subject {
    pub(super) fn new(id: impl Into<String>, text: impl Into<String>) -> Self {
        Self { id: id.into(), text: text.into() }
    }

    /// Something that has a name in code.
    pub(super) fn code(id: impl Into<String>) -> Self {
        let id = id.into();
        Self { text: code(&id), id }
    }

    /// A field of it.
    pub(super) fn field(&self, name: &str) -> Self {
        Self::code(format!("{}.{name}", self.id))
    }

    /// Its items.
    pub(super) fn items(&self) -> Self {
        Self { id: format!("{}[]", self.id), text: format!("an item of {}", self.text) }
    }

    /// Its values, where it is a mapping.
    pub(super) fn values(&self) -> Self {
        Self { id: format!("{}{{}}", self.id), text: format!("a value of {}", self.text) }
    }
}

/// A value that was or is: for programs, and for people.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Said {
    pub json: Json,
    pub text: String,
}

impl Said {
    pub(super) fn new(json: impl Into<Json>, text: impl Into<String>) -> Self {
        Self { json: json.into(), text: text.into() }
    }

    /// Something that has a name in code.
    pub(super) fn code(text: &str) -> Self {
        Self { json: Json::String(text.to_owned()), text: code(text) }
    }

    /// Words.
    pub(super) fn words(text: &str) -> Self {
        Self { json: Json::String(text.to_owned()), text: text.to_owned() }
    }

    /// A value of JSON.
    pub(super) fn value(json: &Json) -> Self {
        Self { json: json.clone(), text: code(&json.to_string()) }
    }
}

fn code(text: &str) -> String {
    // What holds the mark itself stands between two.
    if text.contains('`') { format!("`` {text} ``") } else { format!("`{text}`") }
}

impl Change {
    /// A change that nothing else is known of.
    pub(super) fn new(check: &'static Check, subject: &Subject, old: Said, new: Said) -> Self {
        let fill = |template: &str| {
            // One pass: what is filled in may hold braces.
            let mut out = String::new();
            let mut rest = template;
            while let Some(at) = rest.find('{') {
                let (before, after) = rest.split_at(at);
                out.push_str(before);
                let word = [("{subject}", &subject.text), ("{old}", &old.text), ("{new}", &new.text)];
                match word.iter().find(|(word, _)| after.starts_with(word)) {
                    Some((word, text)) => {
                        out.push_str(text);
                        rest = &after[word.len()..];
                    }
                    None => {
                        out.push('{');
                        rest = &after[1..];
                    }
                }
            }
            out + rest
        };
        Self {
            check,
            level: check.level,
            operations: Vec::new(),
            subject: subject.id.clone(),
            message: fill(check.message),
            note: fill(check.note),
            old: old.json,
            new: new.json,
            location: None,
        }
    }

    /// With the other level of the check, where that holds.
    pub(super) fn otherwise(mut self, holds: bool) -> Self {
        self.level = self.check.level(holds);
        self
    }

    pub(super) fn at(mut self, side: Side, location: Option<&Location>) -> Self {
        self.location = self.location.or(location.map(|location| (side, location.clone())));
        self
    }

    pub(super) fn of(mut self, operation: impl Into<String>) -> Self {
        self.operations.push(operation.into());
        self
    }

    /// Whether two changes say the same of different operations.
    pub(super) fn is_alike(&self, other: &Self) -> bool {
        self.check == other.check
            && self.level == other.level
            && self.subject == other.subject
            && self.message == other.message
            && self.note == other.note
            && self.old == other.old
            && self.new == other.new
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diff::checks::requests::REQUEST_FIELD_RENAMED;

    #[test]
    fn words_in_braces_are_filled_in_once() {
        let change = Change::new(&REQUEST_FIELD_RENAMED, &Subject::code("A.b"), Said::code("{new}"), Said::code("c`d"));
        assert_eq!(change.message, "`{new}` is called `A.b`");
        assert_eq!(change.note, "send it as `` c`d ``");
    }
}
