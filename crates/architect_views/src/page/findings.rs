//! Findings, and the endpoints they are about.

use std::collections::{BTreeSet, HashMap};

use architect_model::requests::Entry;
use architect_model::service::{Dependency, EffectiveRoute};
use architect_source::{Applicability, Location};
use serde::Serialize;

use super::data::Context;
use super::sources::Place;

/// One finding. Texts that many findings share are numbers of [`super::data::Context`].
#[derive(Serialize)]
pub(super) struct Finding<'s> {
    rule: &'s str,
    group: &'s str,
    severity: &'static str,
    confidence: &'static str,
    message: &'s str,
    subject: &'s str,
    fingerprint: String,
    at: Option<Place>,
    trace: Vec<(&'s str, Place)>,
    why: Option<usize>,
    help: Option<usize>,
    trade_off: Option<usize>,
    /// The option that makes the change, and what it does.
    fix: Option<(&'static str, &'s str)>,
}

impl<'s> Finding<'s> {
    pub(super) fn new(context: &mut Context<'s>, finding: &'s architect_source::Finding) -> Self {
        let at = (!finding.location.path.is_empty()).then(|| context.sources.frame(&finding.location, 2, 8));
        let fix = finding.fix.as_ref().and_then(|fix| match fix.applicability {
            Applicability::Safe => Some(("--fix", &*fix.title)),
            Applicability::Unsafe => Some(("--fix --unsafe-fixes", &*fix.title)),
            Applicability::Display => None,
        });
        let trace = finding.trace.iter().map(|step| (&*step.message, context.sources.frame(&step.location, 0, 4)));
        let trace = trace.collect();
        let mut text = |text: &'s str| (!text.is_empty()).then(|| context.texts.number(text));
        Self {
            rule: finding.rule,
            group: finding.group,
            severity: finding.severity.as_str(),
            confidence: finding.confidence.as_str(),
            message: &finding.message,
            subject: &finding.subject,
            fingerprint: finding.fingerprint(),
            at,
            trace,
            why: text(&finding.why),
            help: text(&finding.help),
            trade_off: text(&finding.trade_off),
            fix,
        }
    }
}

/// Which findings are about which endpoint.
pub(super) struct About<'s> {
    by_subject: HashMap<&'s str, Vec<usize>>,
    by_line: HashMap<(&'s str, u32), Vec<usize>>,
    by_file: HashMap<&'s str, Vec<(u32, usize)>>,
    findings: &'s [architect_source::Finding],
}

impl<'s> About<'s> {
    pub(super) fn new(findings: &'s [architect_source::Finding]) -> Self {
        let (mut by_subject, mut by_line, mut by_file): (HashMap<_, Vec<_>>, HashMap<_, Vec<_>>, HashMap<_, Vec<_>>) =
            Default::default();
        for (number, finding) in findings.iter().enumerate() {
            let Location { path, line, .. } = &finding.location;
            // A subject is a name, perhaps with more words behind it; that of an endpoint begins with its methods.
            by_subject.entry(&*finding.subject).or_default().push(number);
            if let Some((name, _)) = finding.subject.split_once([' ', '(']) {
                by_subject.entry(name).or_default().push(number);
            }
            by_line.entry((&**path, *line)).or_default().push(number);
            by_file.entry(&**path).or_default().push((*line, number));
        }
        Self { by_subject, by_line, by_file, findings }
    }

    /// Findings about an endpoint: it is their subject, they stand in its code or at one of its statements. And those
    /// about a dependency that it shares with others.
    pub(super) fn of(
        &self,
        endpoint: &EffectiveRoute<'s>,
        entry: Option<&'s Entry>,
        own: &'s Location,
    ) -> (Vec<usize>, Vec<usize>) {
        let mut found = BTreeSet::new();
        found.extend(self.by_subject.get(&*endpoint.title()).into_iter().flatten());
        for method in &endpoint.route.methods {
            found.extend(self.by_subject.get(&*format!("{method} {}", endpoint.path)).into_iter().flatten());
        }
        found.extend(self.inside(own).chain(self.inside(&endpoint.route.location)));
        let (mut shared, mut spans) = (BTreeSet::new(), Vec::new());
        self.through(&endpoint.route.dependencies, &mut shared, &mut spans);
        for term in entry.into_iter().flat_map(|entry| &entry.terms) {
            let begins = term.trace.first().map_or(&term.location, |step| &step.location);
            let is_own = !spans.iter().any(|span| contains(span, begins)) || contains(own, begins);
            let of_term = if is_own { &mut found } else { &mut shared };
            for Location { path, line, .. } in term.trace.iter().map(|step| &step.location).chain([&term.location]) {
                of_term.extend(self.by_line.get(&(&**path, *line)).into_iter().flatten());
            }
        }
        // What a dependency does is shared, also where its statements are this endpoint's, too.
        let is_own = |number: &usize| !shared.contains(number) || self.is_subject(*number, endpoint);
        found.retain(is_own);
        shared.retain(|number| !found.contains(number));
        (found.into_iter().collect(), shared.into_iter().collect())
    }

    /// Findings that stand inside of a place.
    fn inside(&self, place: &Location) -> impl Iterator<Item = &usize> {
        let of_file = self.by_file.get(&*place.path).into_iter().flatten();
        let (first, last) = (place.line, place.end_line);
        of_file.filter(move |(line, _)| (first..=last).contains(line)).map(|(_, number)| number)
    }

    fn is_subject(&self, number: usize, endpoint: &EffectiveRoute<'_>) -> bool {
        self.findings[number].subject == endpoint.title()
    }

    /// Findings about dependencies, and where those are defined.
    fn through(&self, dependencies: &'s [Dependency], found: &mut BTreeSet<usize>, spans: &mut Vec<&'s Location>) {
        for dependency in dependencies {
            found.extend(self.by_subject.get(&*dependency.call).into_iter().flatten());
            if let Some(location) = &dependency.location {
                found.extend(self.inside(location));
                spans.push(location);
            }
            self.through(&dependency.dependencies, found, spans);
        }
    }
}

/// Whether a place begins inside of another one.
fn contains(outer: &Location, inner: &Location) -> bool {
    outer.path == inner.path && (outer.line..=outer.end_line).contains(&inner.line)
}
