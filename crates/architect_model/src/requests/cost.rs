//! What something costs: statements, by numbers of rows.

use std::collections::BTreeMap;
use std::fmt;

/// A number of statements that depends on numbers of rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// Statements that are always executed.
    pub fixed: u32,
    /// Statements for each of something.
    pub per: BTreeMap<String, Cost>,
    /// Statements for each distinct one of something: what the identity map keeps.
    pub distinct: BTreeMap<String, Cost>,
    /// Changes that wait for a flush, which sends one statement for each kind.
    pub pending: BTreeMap<String, u32>,
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
        for (name, cost) in &other.per {
            self.per.entry(name.clone()).or_default().add(cost);
        }
        for (name, cost) in &other.distinct {
            let own = self.distinct.entry(name.clone()).or_default();
            if cost.size() > own.size() {
                *own = cost.clone();
            }
        }
        for (name, count) in &other.pending {
            *self.pending.entry(name.clone()).or_default() += count;
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
        for (name, cost) in first.per {
            self.per.entry(name).or_default().precede(cost);
        }
        for (name, cost) in first.distinct {
            let own = self.distinct.entry(name).or_default();
            if own.size() <= cost.size() {
                *own = cost;
            }
        }
        for (name, count) in first.pending {
            *self.pending.entry(name).or_default() += count;
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
        self.pending.clear();
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
        let inner = |map: &BTreeMap<String, Self>| map.values().map(Self::size).fold(0_u64, u64::saturating_add);
        u64::from(self.fixed)
            .saturating_add(inner(&self.per).saturating_mul(1_000))
            .saturating_add(inner(&self.distinct).saturating_mul(100))
            .saturating_add(self.pending.len() as u64)
            .saturating_add(self.waiting.as_ref().map_or(0, |waiting| waiting.size()))
    }

    /// Whether all it does is to wait for a flush.
    #[must_use]
    pub fn only_waits(&self) -> bool {
        let rest = Self { pending: BTreeMap::new(), ..self.clone() };
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
        let inner = |map: &BTreeMap<String, Self>| {
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
            for (name, cost) in map {
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
