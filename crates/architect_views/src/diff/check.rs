//! What a check is: its name, how much it matters, and its words.

use std::fmt;

/// How much a change matters to who calls the service, or to what is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// What worked before fails now.
    Breaking,
    /// It fails for some, or works and means something else.
    Risky,
    /// What worked before works.
    Compatible,
}

impl Level {
    /// All of them, the worst first.
    pub const ALL: [Self; 3] = [Self::Breaking, Self::Risky, Self::Compatible];

    /// The name used in every output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Breaking => "breaking",
            Self::Risky => "risky",
            Self::Compatible => "compatible",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Which way what changed travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// From the caller to the service.
    Request,
    /// From the service to the caller.
    Response,
    /// Both ways, or neither.
    Both,
}

impl Direction {
    /// The name used in every output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Response => "response",
            Self::Both => "both",
        }
    }
}

/// One kind of change. There is one static of each, in [`super::checks`]; they are compared by [`Check::id`].
#[derive(Debug)]
pub struct Check {
    /// Its name in every output; a promise.
    pub id: &'static str,
    /// How much it matters.
    pub level: Level,
    /// How much it matters otherwise, and when.
    pub otherwise: Option<(Level, &'static str)>,
    /// Which way what changed travels.
    pub direction: Direction,
    /// What changed: a sentence with `{subject}`, `{old}` and `{new}`.
    pub message: &'static str,
    /// What a caller has to do: a clause with the same words in braces.
    pub note: &'static str,
    /// The checks of oasdiff that it answers.
    pub covers: &'static [&'static str],
}

impl Check {
    /// How much it matters; `otherwise` says whether the condition of [`Check::otherwise`] holds.
    #[must_use]
    pub fn level(&self, otherwise: bool) -> Level {
        match self.otherwise {
            Some((level, _)) if otherwise => level,
            _ => self.level,
        }
    }
}

impl PartialEq for Check {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for Check {}

/// Where a value stands: what is a loss for who sends it may be a gain for who receives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Place {
    /// A parameter: path, query, header, cookie.
    Parameter,
    /// The body of a request, or a part of it.
    Request,
    /// The body or a header of a response, or a part of it.
    Response,
}

/// A kind of change that values have in every place.
#[derive(Debug)]
pub(super) struct Family {
    pub parameter: Check,
    pub request: Check,
    pub response: Check,
}

impl Family {
    pub(super) fn at(&'static self, place: Place) -> &'static Check {
        match place {
            Place::Parameter => &self.parameter,
            Place::Request => &self.request,
            Place::Response => &self.response,
        }
    }
}

macro_rules! level {
    (breaking) => {
        $crate::diff::check::Level::Breaking
    };
    (risky) => {
        $crate::diff::check::Level::Risky
    };
    (compatible) => {
        $crate::diff::check::Level::Compatible
    };
}

macro_rules! direction {
    (request) => {
        $crate::diff::check::Direction::Request
    };
    (response) => {
        $crate::diff::check::Direction::Response
    };
    (both) => {
        $crate::diff::check::Direction::Both
    };
}

/// The condition under which a check has another level.
macro_rules! otherwise {
    () => {
        None
    };
    ($level:ident, $when:literal) => {
        Some((level!($level), $when))
    };
}

/// Rows of the table: name, level, direction, what changed, what to do, the checks of oasdiff that it answers.
macro_rules! checks {
    ($($name:ident = $id:literal $level:ident $(($other:ident if $when:literal))? $direction:ident
       $message:literal $note:literal [$($covers:literal)*];)*) => {
        $(pub(in crate::diff) static $name: $crate::diff::check::Check = $crate::diff::check::Check {
            id: $id,
            level: level!($level),
            otherwise: otherwise!($($other, $when)?),
            direction: direction!($direction),
            message: $message,
            note: $note,
            covers: &[$($covers),*],
        };)*
        /// In the order of the reference.
        pub(in crate::diff) static ALL: &[&$crate::diff::check::Check] = &[$(&$name),*];
    };
}

/// Rows of the table that stand for three checks each, `request-parameter-…`, `request-field-…` and
/// `response-field-…`: how much it matters in requests and in responses, what changed, what who sends and who receives
/// has to do, the checks of oasdiff in the three places.
macro_rules! families {
    ($($name:ident = $suffix:literal $request:ident $response:ident
       $message:literal $send:literal $receive:literal
       [$($of_parameter:literal)*] [$($of_request:literal)*] [$($of_response:literal)*];)*) => {
        $(pub(in crate::diff) static $name: $crate::diff::check::Family = $crate::diff::check::Family {
            parameter: $crate::diff::check::Check {
                id: concat!("request-parameter-", $suffix),
                level: level!($request),
                otherwise: None,
                direction: direction!(request),
                message: $message,
                note: $send,
                covers: &[$($of_parameter),*],
            },
            request: $crate::diff::check::Check {
                id: concat!("request-field-", $suffix),
                level: level!($request),
                otherwise: None,
                direction: direction!(request),
                message: $message,
                note: $send,
                covers: &[$($of_request),*],
            },
            response: $crate::diff::check::Check {
                id: concat!("response-field-", $suffix),
                level: level!($response),
                otherwise: None,
                direction: direction!(response),
                message: $message,
                note: $receive,
                covers: &[$($of_response),*],
            },
        };)*
        /// In the order of the reference.
        pub(in crate::diff) static ALL: &[&$crate::diff::check::Check] =
            &[$(&$name.parameter, &$name.request, &$name.response),*];
    };
}

pub(super) use {checks, direction, families, level, otherwise};
