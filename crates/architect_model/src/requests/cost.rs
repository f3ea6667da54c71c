//! What something costs: statements, by numbers of rows.

use std::fmt;

/// Values by name, in the order of the names. They are seldom more than two or three, and copied often.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ByName<T>(Vec<(String, T)>);

impl<T> Default for ByName<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> ByName<T> {
    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// All, with their names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &T)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// Sets the value of a name.
    pub fn insert(&mut self, name: String, value: T) {
        match self.place(&name) {
            Ok(at) => self.0[at].1 = value,
            Err(at) => self.0.insert(at, (name, value)),
        }
    }

    fn place(&self, name: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|(known, _)| known.as_str().cmp(name))
    }
}

impl<T: Default> ByName<T> {
    /// The value of a name, which is nothing at first.
    fn of(&mut self, name: &str) -> &mut T {
        let at = match self.place(name) {
            Ok(at) => at,
            Err(at) => {
                self.0.insert(at, (name.to_owned(), T::default()));
                at
            }
        };
        &mut self.0[at].1
    }

    /// Adds a value: to that of the name, or as it is.
    fn add(&mut self, name: String, value: T, add: impl FnOnce(&mut T, T)) {
        match self.place(&name) {
            Ok(at) => add(&mut self.0[at].1, value),
            Err(at) => self.0.insert(at, (name, value)),
        }
    }
}

/// A number of statements that depends on numbers of rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// Statements that are always executed.
    pub fixed: u32,
    /// Statements for each of something.
    pub per: ByName<Cost>,
    /// Statements for each distinct one of something: what the identity map keeps.
    pub distinct: ByName<Cost>,
    /// Changes that wait for a flush, which sends one statement for each kind.
    pub pending: ByName<u32>,
    /// Changes that wait for a flush, which sends a statement for each row.
    pub waiting: Option<Box<Cost>>,
    /// Commits.
    pub commits: u32,
    /// Whether a part is not known.
    pub unknown: bool,
    /// Whether it is the larger of several alternatives.
    pub larger: bool,
    /// Whether something in it sends what waits.
    pub flushes: bool,
    /// Whether something in it gives up what waits: a session ends without a commit.
    pub discards: bool,
}

impl Cost {
    /// Adds another cost.
    pub fn add(&mut self, other: &Self) {
        self.fixed = self.fixed.saturating_add(other.fixed);
        self.commits = self.commits.saturating_add(other.commits);
        self.unknown |= other.unknown;
        self.larger |= other.larger;
        self.flushes |= other.flushes;
        self.discards |= other.discards;
        for (name, cost) in other.per.iter() {
            self.per.of(name).add(cost);
        }
        for (name, cost) in other.distinct.iter() {
            let own = self.distinct.of(name);
            if cost.size() > own.size() {
                *own = cost.clone();
            }
        }
        for (name, count) in other.pending.iter() {
            *self.pending.of(name) += count;
        }
        if let Some(waiting) = &other.waiting {
            self.waiting.get_or_insert_default().add(waiting);
        }
    }

    /// Adds what is done first: the same as adding this to it, without a copy of this.
    pub fn precede(&mut self, first: Self) {
        self.fixed = self.fixed.saturating_add(first.fixed);
        self.commits = self.commits.saturating_add(first.commits);
        self.unknown |= first.unknown;
        self.larger |= first.larger;
        self.flushes |= first.flushes;
        self.discards |= first.discards;
        for (name, cost) in first.per.0 {
            self.per.add(name, cost, Self::precede);
        }
        for (name, cost) in first.distinct.0 {
            self.distinct.add(name, cost, |own, cost| {
                if own.size() <= cost.size() {
                    *own = cost;
                }
            });
        }
        for (name, count) in first.pending.0 {
            self.pending.add(name, count, |own, count| *own += count);
        }
        if let Some(waiting) = first.waiting {
            self.waiting.get_or_insert_default().precede(*waiting);
        }
    }

    /// Whether something waits for a flush.
    #[must_use]
    pub fn waits(&self) -> bool {
        !self.pending.is_empty() || self.waiting.is_some()
    }

    /// What waits is given up: no flush comes.
    pub fn give_up(&mut self) {
        self.pending = ByName::default();
        self.waiting = None;
    }

    /// Sends what waits.
    pub fn flush(&mut self) {
        let waiting = u32::try_from(std::mem::take(&mut self.pending).len()).unwrap_or(0);
        self.fixed = self.fixed.saturating_add(waiting);
        if let Some(waiting) = self.waiting.take() {
            self.add(&waiting);
        }
        self.flushes = true;
    }

    /// The cost of doing it several times.
    #[must_use]
    pub fn times(mut self, name: Option<&str>, known: u32) -> Self {
        let mut out = Self {
            unknown: self.unknown,
            larger: self.larger,
            flushes: self.flushes,
            discards: self.discards,
            ..Self::default()
        };
        out.distinct = std::mem::take(&mut self.distinct);
        if self.flushes {
            // Each turn sends its own.
            self.flush();
        } else {
            out.pending = std::mem::take(&mut self.pending);
            out.waiting = self.waiting.take().map(|waiting| Box::new(waiting.times(name, known)));
        }
        self.unknown = false;
        self.larger = false;
        match name {
            Some(name) => {
                if self.size() > 0 || self.commits > 0 {
                    out.per.insert(name.to_owned(), self);
                }
            }
            None => {
                for _ in 0..known.min(64) {
                    out.add(&self);
                }
            }
        }
        out
    }

    /// A number to compare costs by: that of a thousand rows of everything.
    #[must_use]
    pub fn size(&self) -> u64 {
        let inner = |map: &ByName<Self>| map.iter().map(|(_, cost)| cost.size()).fold(0_u64, u64::saturating_add);
        u64::from(self.fixed)
            .saturating_add(inner(&self.per).saturating_mul(1_000))
            .saturating_add(inner(&self.distinct).saturating_mul(100))
            .saturating_add(self.pending.len() as u64)
            .saturating_add(self.waiting.as_ref().map_or(0, |waiting| waiting.size()))
    }

    /// Whether all it does is to wait for a flush.
    #[must_use]
    pub fn only_waits(&self) -> bool {
        let rest = Self { pending: ByName::default(), ..self.clone() };
        !self.pending.is_empty() && rest == Self { larger: self.larger, ..Self::default() }
    }

    /// Whether nothing is executed.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        self.size() == 0 && self.commits == 0 && !self.unknown
    }

    /// The number of statements, where numbers of rows are given by name.
    #[must_use]
    pub fn evaluate(&self, count: &dyn Fn(&str) -> u64) -> u64 {
        let inner = |map: &ByName<Self>| {
            map.iter().map(|(name, cost)| count(name).saturating_mul(cost.evaluate(count))).fold(0, u64::saturating_add)
        };
        u64::from(self.fixed).saturating_add(inner(&self.per)).saturating_add(inner(&self.distinct))
    }
}

/// The formula.
impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts: Vec<String> = Vec::new();
        if self.fixed > 0 {
            parts.push(self.fixed.to_string());
        }
        for (prefix, map) in [("N", &self.per), ("D", &self.distinct)] {
            for (name, cost) in map.iter() {
                let inner = cost.to_string();
                if inner == "0" {
                    continue;
                }
                parts.push(match inner.as_str() {
                    "1" => format!("{prefix}({name})"),
                    inner if inner.contains(' ') => format!("{prefix}({name})·({inner})"),
                    inner => format!("{inner}·{prefix}({name})"),
                });
            }
        }
        if self.unknown {
            parts.push("?".to_owned());
        }
        if parts.is_empty() {
            parts.push("0".to_owned());
        }
        f.write_str(&parts.join(" + "))
    }
}
