//! Numbers of rows that Python reads, changes and writes back: of two requests at once, one is lost.

use architect_python::flow::{Edge, Frame, Node, SummaryId, Val};
use architect_python::{ObjectId, Site, Sym};

use super::books::{Flow, record, thing};
use super::facts::Collector;
use super::things::{Effect, RowInfo, State, Thing};
use crate::requests::{EntryKind, RewriteFact};
use crate::tables::ClassKey;

/// An attribute of a row is set: whether it is a number that is computed from what it was.
pub(super) fn note(
    m: &mut Flow<'_, '_>,
    f: &mut Frame,
    (class, name): (ObjectId, Sym),
    info: &RowInfo,
    value: Val,
    site: Site,
) {
    let loaded = matches!(info.state, State::Persistent | State::Expired);
    let (Some(query), true) = (info.query, loaded) else { return };
    let is_number = m.lib.mappers.column(class, name).is_some_and(|facts| facts.numeric && !facts.foreign_key);
    let by_database = matches!(
        thing(m, value),
        Some((Thing::Expression(_) | Thing::Column { .. } | Thing::Function { .. } | Thing::Statement(_), _))
    );
    let is_versioned = m.lib.mappers.with_parents(class).iter().any(|one| {
        let mapper = m.lib.mappers.get(*one);
        mapper.is_some_and(|mapper| mapper.is_versioned)
    });
    if !is_number || by_database || is_versioned || m.lib.locking.contains(&query) {
        return;
    }
    if m.ev.program.module(site.module).computes_from_itself(site.range) {
        record(m, f, Effect::Rewritten { class, name, query }, site);
    }
}

impl Collector<'_, '_, '_> {
    /// A number that is written back, where nothing in the request locks rows.
    pub(super) fn note_rewrite(&mut self, id: SummaryId, payload: u32, site: Site) {
        let m = self.m;
        let Some(Effect::Rewritten { class, name, query }) = self.effect(payload).cloned() else { return };
        let is_endpoint = self.out.entries.get(self.entry).is_some_and(|entry| entry.kind == EntryKind::Endpoint);
        if !is_endpoint || m.lib.locking.contains(&query) || self.locks_rows(self.root) {
            return;
        }
        let location = self.location(site);
        if self.out.rewrites.iter().any(|known| known.location == location) {
            return;
        }
        self.path.push((id, site));
        let trace = self.steps(&self.path);
        let mut functions: Vec<String> = Vec::new();
        for (id, _) in &self.path {
            let summary = m.summary(*id);
            let name = format!("{}:{}", m.ev.program.module(summary.module).name, m.name(summary.qualname));
            if !functions.contains(&name) {
                functions.push(name);
            }
        }
        self.path.pop();
        let fact = RewriteFact {
            class: super::rows::class_name(m, class),
            attribute: m.name(name).to_owned(),
            query: self.location(query),
            key: ClassKey(class.0),
            looked_up: m.lib.lookups.get(&query).into_iter().flatten().map(|name| m.name(*name).to_owned()).collect(),
            function: m.name(m.summary(id).qualname).to_owned(),
            location,
            functions,
            entry: self.entry,
            trace,
        };
        self.out.rewrites.push(fact);
    }

    /// Whether a function, or what it calls, locks rows.
    fn locks_rows(&mut self, id: SummaryId) -> bool {
        if let Some(known) = self.locks.get(&id) {
            return *known;
        }
        self.locks.insert(id, false);
        let m = self.m;
        let mut work: Vec<&Node> = m.summary(id).nodes.iter().collect();
        let mut locks = false;
        while let Some(node) = work.pop() {
            match node {
                Node::Effect { payload, .. } => {
                    locks |= matches!(self.effect(*payload), Some(Effect::Query { statement, .. }) if statement.locked);
                }
                Node::Call { summary, edge: Edge::Call | Edge::Thread, .. } => locks |= self.locks_rows(*summary),
                Node::Branch { arms, .. } | Node::Handlers { arms, .. } => {
                    work.extend(arms.iter().flat_map(|(nodes, _)| nodes));
                }
                Node::Loop { body, .. } | Node::Once { body } => work.extend(body),
                _ => {}
            }
            if locks {
                break;
            }
        }
        self.locks.insert(id, locks);
        locks
    }
}
