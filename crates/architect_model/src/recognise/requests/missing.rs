//! Rows that are looked for and used as if they were there.

use architect_python::flow::{Frame, SummaryId, Val};
use architect_python::{Site, Sym};

use super::books::Flow;
use super::facts::Collector;
use crate::requests::{EntryKind, MissingFact, Step};

/// One row or `None`, as `first()` gives it.
pub(super) fn row_or_none(m: &mut Flow<'_, '_>, f: &mut Frame, row: Val, site: Site) -> Val {
    let value = m.union(vec![row, Val::NONE]);
    m.looked_up(f, value, site);
    value
}

impl Collector<'_, '_, '_> {
    /// What an endpoint uses as if it were there.
    pub(super) fn note_missing(
        &mut self,
        id: SummaryId,
        attribute: Option<Sym>,
        lookup: Site,
        site: Site,
        aside: bool,
    ) {
        let is_endpoint = self.out.entries.get(self.entry).is_some_and(|entry| entry.kind == EntryKind::Endpoint);
        // What is returned matters where the endpoint itself returns it.
        let m = self.m;
        let is_named = |(id, _): &&(SummaryId, Site)| !m.name(m.summary(*id).qualname).is_empty();
        let deep = self.path.iter().filter(is_named).count() > 1;
        if !is_endpoint || attribute.is_none() && deep {
            return;
        }
        self.path.push((id, site));
        let way = self.path.iter().filter(is_named).map(|(id, site)| {
            let summary = m.summary(*id);
            let function = format!("{}:{}", m.ev.program.module(summary.module).name, m.name(summary.qualname));
            Step { function, location: self.location(*site) }
        });
        let fact = MissingFact {
            attribute: attribute.map(|name| m.name(name).to_owned()),
            lookup: self.location(lookup),
            location: self.location(site),
            entry: self.entry,
            way: way.collect(),
            aside,
        };
        self.path.pop();
        self.out.missing.push(fact);
    }
}
