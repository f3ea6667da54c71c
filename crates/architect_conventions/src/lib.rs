//! How a code base does things: from the model of a service to its conventions.
//!
//! For each pattern the way most of the code takes, with counts, the implementation to look at first, and what does it
//! otherwise; helpers that shared modules offer; code that does again what a helper does; what documents name that is
//! not there any more.
//!
//! Invariants: reads [`Service`] and nothing else; the same service gives the same answer in the same order. A pattern
//! that the code does not have is absent, and what cannot be decided is not counted.
//!
//! A survey (`survey.rs`) is one question, such as how a dependency is declared, put to everything it can be put to;
//! each answer is a sentence, and the majority's is the convention. Who is with the majority in most surveys,
//! documented, typed and of ordinary length, is the implementation to look at. To go without something is a convention
//! only where nearly all do. `topics/` has the questions, `lens.rs` says what is an endpoint, a layer, a schema,
//! `purpose.rs` what a function is for, by what it calls, raises and returns and not by its name. Bodies are the same
//! where their shapes are ([`architect_model::code`]): names of locals, annotations, docstrings, logs and texts of
//! exceptions do not count.
//!
//! What only this needs (modules, shapes, styles of docstrings, documents) is read where `Options::conventions` asks
//! for it; rules that use it are silent without, and a review asks for it only when one of them, its group or unsure
//! findings are wanted. Suppressions and baselines count such rules as not run.

use architect_model::Service;

mod aliases;
mod documents;
mod helpers;
mod lens;
mod purpose;
mod repeats;
mod survey;
mod topics;
mod words;

pub use documents::{Stale, stale_references};
pub use helpers::Helper;
pub use repeats::{Repeat, RepeatKind, repeats};
pub use survey::{Deviation, Example, Exemplar, Practice, Strength, Topic, Way};

/// How a code base does things.
#[derive(Clone, Debug, Default)]
pub struct Conventions {
    /// What is done one way or another, by topic.
    pub practices: Vec<Practice>,
    /// The implementations to look at before writing one of the same kind.
    pub exemplars: Vec<Exemplar>,
    /// What shared modules offer, the most used first.
    pub helpers: Vec<Helper>,
    /// Code that does again what other code does.
    pub repeats: Vec<Repeat>,
    /// What documents name that is not there any more.
    pub stale: Vec<Stale>,
}

/// Reads the conventions of a service whose code was read.
#[must_use]
pub fn detect(service: &Service) -> Conventions {
    let lens = lens::Lens::new(service);
    let uses = helpers::Uses::new(&lens);
    let surveys = topics::all(&lens);
    let scores = survey::scores(&surveys);
    Conventions {
        exemplars: survey::exemplars(&surveys, &scores),
        practices: surveys.iter().filter_map(|one| one.practice(&scores)).collect(),
        helpers: helpers::helpers(&lens, &uses),
        repeats: repeats::found(&lens, &uses),
        stale: stale_references(service),
    }
}

/// What of the code does something otherwise than nearly everything like it.
#[must_use]
pub fn practices(service: &Service) -> Vec<Practice> {
    let surveys = topics::all(&lens::Lens::new(service));
    let scores = survey::scores(&surveys);
    surveys.iter().filter_map(|one| one.practice(&scores)).collect()
}
