//! Counting ways of doing one thing, and choosing who does it best.

use std::collections::BTreeMap;

use architect_source::Location;

/// What conventions are about, in the order a newcomer asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub enum Topic {
    Endpoints,
    Routers,
    Authentication,
    Sessions,
    Errors,
    Exceptions,
    Models,
    Naming,
    Schemas,
    Pagination,
    Filtering,
    Envelope,
    Layers,
    Settings,
    Background,
    Tests,
    Documentation,
}

impl Topic {
    /// Its heading.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Endpoints => "Endpoints",
            Self::Routers => "Routers",
            Self::Authentication => "Authentication",
            Self::Sessions => "Database sessions and commits",
            Self::Errors => "Error responses",
            Self::Exceptions => "Domain exceptions",
            Self::Models => "Models and mixins",
            Self::Naming => "Naming",
            Self::Schemas => "Schemas",
            Self::Pagination => "Pagination",
            Self::Filtering => "Filtering and sorting",
            Self::Envelope => "Response envelope",
            Self::Layers => "Services and repositories",
            Self::Settings => "Settings",
            Self::Background => "Background work",
            Self::Tests => "Tests and fixtures",
            Self::Documentation => "Docstrings and imports",
        }
    }

    /// Its name in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Endpoints => "endpoints",
            Self::Routers => "routers",
            Self::Authentication => "authentication",
            Self::Sessions => "sessions",
            Self::Errors => "errors",
            Self::Exceptions => "exceptions",
            Self::Models => "models",
            Self::Naming => "naming",
            Self::Schemas => "schemas",
            Self::Pagination => "pagination",
            Self::Filtering => "filtering",
            Self::Envelope => "envelope",
            Self::Layers => "layers",
            Self::Settings => "settings",
            Self::Background => "background",
            Self::Tests => "tests",
            Self::Documentation => "documentation",
        }
    }
}

/// How firmly something is a convention.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Strength {
    /// Seen once or twice, or nearly as often otherwise.
    Low,
    /// Most do it.
    Medium,
    /// Nearly all do it, and there are enough to say so.
    High,
}

impl Strength {
    /// The name used in every output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

/// One thing and how it is done.
#[derive(Clone, Debug)]
pub struct Practice {
    /// What it belongs to.
    pub topic: Topic,
    /// Its name: `endpoint-kind`.
    pub name: &'static str,
    /// What is counted: `endpoints`.
    pub noun: &'static str,
    /// The majority's way, as a sentence without its full stop.
    pub majority: String,
    /// How many take it.
    pub count: usize,
    /// Of how many.
    pub of: usize,
    /// How firm it is.
    pub strength: Strength,
    /// Whether there is a majority at all.
    pub settled: bool,
    /// The implementation to look at.
    pub reference: Option<Example>,
    /// Every way there is, the most frequent first.
    pub ways: Vec<Way>,
    /// Who takes another one.
    pub deviations: Vec<Deviation>,
    /// Whether another way is worth a word in a review.
    pub enforced: bool,
}

/// A way of doing something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    /// As a sentence without its full stop.
    pub says: String,
    /// How many take it.
    pub count: usize,
}

/// An implementation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    /// `module:qualname`.
    pub name: String,
    /// Where.
    pub location: Location,
}

/// Who does it otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deviation {
    /// `module:qualname`, or a path.
    pub subject: String,
    /// What it does, as the rest of a sentence that begins with it.
    pub does: String,
    /// Where.
    pub location: Location,
}

/// An implementation to look at before writing one of its kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exemplar {
    /// What it is an example of: `An endpoint that creates`.
    pub kind: &'static str,
    /// Which.
    pub example: Example,
    /// How many lines it has.
    pub lines: usize,
    /// How many of its kind there are.
    pub of: usize,
}

/// Something that may take one way or another.
#[derive(Clone, Debug)]
pub(crate) struct Subject {
    /// `module:qualname`: the same for the same thing in every survey.
    pub name: String,
    /// Where.
    pub location: Location,
    /// What it is an example of; empty where it is none.
    pub kind: &'static str,
    /// How many lines it has.
    pub lines: usize,
    /// How good an example it makes apart from what is counted: documented, typed, neither trivial nor long.
    pub merit: f64,
}

/// One thing, and who does it how.
pub(crate) struct Survey {
    topic: Topic,
    name: &'static str,
    noun: &'static str,
    enforced: bool,
    /// How many have to be seen for a convention.
    fewest: usize,
    seen: Vec<Seen>,
}

struct Seen {
    /// Whether the way is to go without.
    absent: bool,
    says: String,
    does: String,
    subject: Subject,
}

/// A share of this makes a majority.
const SETTLED: f64 = 0.6;

impl Survey {
    pub fn new(topic: Topic, name: &'static str, noun: &'static str) -> Self {
        Self { topic, name, noun, enforced: false, fewest: 2, seen: Vec::new() }
    }

    /// Another way is worth a word in a review.
    pub fn enforced(mut self) -> Self {
        self.enforced = true;
        self
    }

    /// One alone says how it is done: there is one such thing in a service.
    pub fn single(mut self) -> Self {
        self.fewest = 1;
        self
    }

    /// `says` is the way as a sentence, `does` the same of one that takes it.
    pub fn see(&mut self, says: impl Into<String>, does: impl Into<String>, subject: &Subject) {
        self.seen.push(Seen { absent: false, says: says.into(), does: does.into(), subject: subject.clone() });
    }

    /// The way is to go without: a convention only where nearly all do.
    pub fn lack(&mut self, says: impl Into<String>, does: impl Into<String>, subject: &Subject) {
        self.seen.push(Seen { absent: true, says: says.into(), does: does.into(), subject: subject.clone() });
    }

    fn ways(&self) -> Vec<Way> {
        let mut counts: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
        for (at, seen) in self.seen.iter().enumerate() {
            counts.entry(&seen.says).or_insert((0, at)).0 += 1;
        }
        let mut ways: Vec<_> = counts.into_iter().collect();
        ways.sort_by_key(|(_, (count, first))| (std::cmp::Reverse(*count), *first));
        ways.into_iter().map(|(says, (count, _))| Way { says: says.to_owned(), count }).collect()
    }

    /// The convention, where there are enough to speak of one.
    pub fn practice(&self, scores: &Scores) -> Option<Practice> {
        let of = self.seen.len();
        if of < self.fewest {
            return None;
        }
        let ways = self.ways();
        let first = ways.first()?.clone();
        let share = share(first.count, of);
        let absent = self.seen.iter().any(|seen| seen.absent && seen.says == first.says);
        if absent && share < 0.9 {
            return None;
        }
        let settled = share >= SETTLED;
        let strength = match () {
            () if !settled => Strength::Low,
            () if share >= 0.9 && (of >= 8 || (of >= 4 && first.count == of) || self.fewest == 1) => Strength::High,
            () if share >= 0.75 && of >= 3 => Strength::Medium,
            () => Strength::Low,
        };
        let takes = |seen: &&Seen| seen.says == first.says;
        let best = self.seen.iter().filter(takes).max_by(|a, b| scores.compare(&a.subject, &b.subject));
        let mut deviations: Vec<Deviation> = self
            .seen
            .iter()
            .filter(|seen| settled && seen.says != first.says)
            .map(|seen| Deviation {
                subject: seen.subject.name.clone(),
                does: seen.does.clone(),
                location: seen.subject.location.clone(),
            })
            .collect();
        deviations.sort_by(|a, b| (&a.location, &a.subject).cmp(&(&b.location, &b.subject)));
        Some(Practice {
            topic: self.topic,
            name: self.name,
            noun: self.noun,
            majority: first.says,
            count: first.count,
            of,
            strength,
            settled,
            reference: best.map(|seen| seen.subject.example()),
            ways,
            deviations,
            enforced: self.enforced,
        })
    }
}

impl Subject {
    fn example(&self) -> Example {
        Example { name: self.name.clone(), location: self.location.clone() }
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of code are small")]
fn share(count: usize, of: usize) -> f64 {
    count as f64 / of.max(1) as f64
}

/// How typical everything is that was seen.
pub(crate) struct Scores(BTreeMap<String, f64>);

impl Scores {
    /// The more typical, then the better, then the earlier one is greater.
    fn compare(&self, a: &Subject, b: &Subject) -> std::cmp::Ordering {
        let score = |one: &Subject| self.0.get(&one.name).copied().unwrap_or(0.0) + one.merit;
        score(a).total_cmp(&score(b)).then_with(|| (&b.location, &b.name).cmp(&(&a.location, &a.name)))
    }
}

/// Who takes the way of the majority gains by the share of the majority, who does not loses by it.
pub(crate) fn scores(surveys: &[Survey]) -> Scores {
    let mut out: BTreeMap<String, f64> = BTreeMap::new();
    for survey in surveys {
        let ways = survey.ways();
        let Some(first) = ways.first() else { continue };
        let share = share(first.count, survey.seen.len());
        if share < SETTLED {
            continue;
        }
        for seen in &survey.seen {
            let sign = if seen.says == first.says { 1.0 } else { -2.0 };
            *out.entry(seen.subject.name.clone()).or_default() += sign * share;
        }
    }
    Scores(out)
}

/// The best of each kind, where there are several to choose from.
pub(crate) fn exemplars(surveys: &[Survey], scores: &Scores) -> Vec<Exemplar> {
    let mut kinds: Vec<(&'static str, BTreeMap<&str, &Subject>)> = Vec::new();
    for subject in surveys.iter().flat_map(|survey| &survey.seen).map(|seen| &seen.subject) {
        if subject.kind.is_empty() {
            continue;
        }
        match kinds.iter_mut().find(|(kind, _)| *kind == subject.kind) {
            Some((_, all)) => {
                all.entry(&subject.name).or_insert(subject);
            }
            None => kinds.push((subject.kind, BTreeMap::from([(subject.name.as_str(), subject)]))),
        }
    }
    kinds
        .into_iter()
        .filter_map(|(kind, all)| {
            let best = all.values().max_by(|a, b| scores.compare(a, b))?;
            Some(Exemplar { kind, example: best.example(), lines: best.lines, of: all.len() })
        })
        .collect()
}
