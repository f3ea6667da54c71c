//! Rows that are looked for before they are inserted: two requests at once both find none.
//!
//! Only the narrow form is read: in one function a query compares columns of a class, a branch asks what it found, and on
//! the side where there was nothing a row of that class with those columns is inserted, by the function or by one it
//! calls.

use std::rc::Rc;

use architect_python::flow::{Edge, End, Node, SummaryId};
use architect_python::{ModuleKind, ObjectId, Site, Sym};

use super::facts::Collector;
use super::things::{Effect, Entity, StatementKind};
use crate::requests::RaceFact;

/// A query that looks for a row by some of its columns.
struct Lookup {
    class: ObjectId,
    columns: Vec<Sym>,
    query: Site,
    /// What calls it, in the function under way.
    call: Site,
    /// The way from there.
    path: Vec<(SummaryId, Site)>,
}

/// The side of a branch on which nothing was found.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Missing {
    Then,
    Else,
}

impl Collector<'_, '_, '_> {
    /// Rows that a function looks for and inserts.
    pub(super) fn note_races(&mut self, id: SummaryId) {
        let m = self.m;
        let summary = m.summary(id);
        if m.ev.program.module(summary.module).kind != ModuleKind::Project {
            return;
        }
        self.races_in(id, &summary.nodes);
    }

    fn races_in(&mut self, id: SummaryId, nodes: &[Node]) {
        for (at, node) in nodes.iter().enumerate() {
            match node {
                Node::Branch { arms, .. } => arms.iter().for_each(|(nodes, _)| self.races_in(id, nodes)),
                Node::Loop { body, .. } | Node::Once { body } => self.races_in(id, body),
                Node::Effect { .. } | Node::Call { .. } => {
                    if let Some(lookup) = self.lookup(id, node) {
                        self.guarded(id, &lookup, &nodes[at + 1..]);
                    }
                }
                _ => {}
            }
        }
    }

    /// What a node looks for; nothing where it does more, or less.
    fn lookup(&mut self, id: SummaryId, node: &Node) -> Option<Lookup> {
        let (call, found) = match node {
            Node::Effect { payload, site } => (*site, vec![(*payload, *site, Vec::new())]),
            Node::Call { summary, site, edge: Edge::Call | Edge::Thread } => {
                let reached = self.reached(*summary);
                // More than one statement: what is returned may be of another one.
                if reached.len() != 1 {
                    return None;
                }
                (*site, reached.iter().map(|one| (one.payload, one.site, one.path.clone())).collect())
            }
            _ => return None,
        };
        let (payload, query, path) = found.into_iter().next()?;
        let Some(Effect::Query { statement, .. }) = self.effect(payload) else { return None };
        // How many there are is a question about all of them.
        let counts = statement.entities.iter().all(|entity| matches!(entity, Entity::Aggregate));
        let of_rows = statement.kind == StatementKind::Select && !statement.locked && !statement.grouped && !counts;
        let (class, columns) = statement.equals.clone();
        let class = class.filter(|_| of_rows && !columns.is_empty() && !statement.offset)?;
        // A row that something else has to complete is not the one that is inserted.
        let text = &self.m.ev.program.module(query.module).text[query.range];
        if ["isnot(None)", "is_not(None)", "!= None"].iter().any(|filled| text.contains(filled)) {
            return None;
        }
        let mut way = vec![(id, call)];
        way.extend(path);
        Some(Lookup { class, columns, query, call, path: way })
    }

    /// Looks for the branch on what was found, and for what is inserted where there was nothing.
    fn guarded(&mut self, id: SummaryId, lookup: &Lookup, rest: &[Node]) {
        let module = self.m.ev.program.module(lookup.call.module);
        let Some(name) = assigned(&module.text, lookup.call) else { return };
        for (at, node) in rest.iter().enumerate() {
            let Node::Branch { site, arms } = node else { continue };
            let test = module.source(site.range).unwrap_or_default();
            let inside = site.range.contains_range(lookup.call.range);
            let between = module.text.get(usize::from(lookup.call.range.end())..usize::from(site.range.start()));
            let asked = |name: &str| {
                mentions(test, name)
                    || between.is_some_and(|between| taken_from(between, name).any(|own| mentions(test, own)))
            };
            if !(inside || name.is_some_and(asked)) {
                continue;
            }
            let ([(then, then_end), rest_arms @ ..], Some(missing)) = (&arms[..], missing(test)) else { return };
            let other = rest_arms.first();
            let (found_ends, side): (bool, &[Node]) = match missing {
                Missing::Then => (other.is_some_and(|(_, end)| leaves(*end)), then),
                Missing::Else => (leaves(*then_end), other.map_or(&[][..], |(nodes, _)| nodes)),
            };
            let missing_ends = match missing {
                Missing::Then => leaves(*then_end),
                Missing::Else => other.is_some_and(|(_, end)| leaves(*end)),
            };
            let inserted = self.inserted(id, side, lookup).or_else(|| {
                let goes_on = found_ends && !missing_ends;
                if goes_on { self.inserted(id, &rest[at + 1..], lookup) } else { None }
            });
            if let Some((insert, way)) = inserted {
                self.note_race(lookup, insert, &way);
            }
            return;
        }
    }

    /// The first insert of a row of the class with the columns that were looked for.
    fn inserted(&mut self, id: SummaryId, nodes: &[Node], lookup: &Lookup) -> Option<(Site, Vec<(SummaryId, Site)>)> {
        for node in nodes {
            let found = match node {
                Node::Effect { payload, site } => self.sets(*payload, lookup).then(|| (*site, vec![(id, *site)])),
                Node::Call { summary, site, edge: Edge::Call | Edge::Thread } => {
                    let mut way = vec![(id, *site)];
                    let below = self.inserts_below(*summary, lookup, 0);
                    below.map(|(insert, path)| {
                        way.extend(path);
                        (insert, way)
                    })
                }
                Node::Branch { arms, .. } => arms
                    .iter()
                    .filter(|(_, end)| *end != End::Raise)
                    .find_map(|(nodes, _)| self.inserted(id, nodes, lookup)),
                _ => None,
            };
            if found.is_some() {
                return found;
            }
        }
        None
    }

    fn inserts_below(&mut self, id: SummaryId, lookup: &Lookup, depth: u32) -> Option<(Site, Vec<(SummaryId, Site)>)> {
        if depth > 6 || !self.classes_inserted(id).contains(&lookup.class) {
            return None;
        }
        let m = self.m;
        self.inserted_at(id, &m.summary(id).nodes, lookup, depth)
    }

    /// Classes of which a function, or what it calls, inserts rows.
    fn classes_inserted(&mut self, id: SummaryId) -> Rc<Vec<ObjectId>> {
        if let Some(known) = self.inserts.get(&id) {
            return known.clone();
        }
        self.inserts.insert(id, Rc::default());
        let m = self.m;
        let mut out = Vec::new();
        let mut work: Vec<&Node> = m.summary(id).nodes.iter().collect();
        while let Some(node) = work.pop() {
            match node {
                Node::Effect { payload, .. } => match self.effect(*payload) {
                    Some(Effect::Inserted { class, .. }) => out.push(*class),
                    Some(Effect::Query { statement, .. }) if statement.kind == StatementKind::Insert => {
                        out.extend(statement.equals.0);
                    }
                    _ => {}
                },
                Node::Call { summary, edge: Edge::Call | Edge::Thread, .. } => {
                    out.extend(self.classes_inserted(*summary).iter().copied());
                }
                Node::Branch { arms, .. } => work.extend(arms.iter().flat_map(|(nodes, _)| nodes)),
                Node::Loop { body, .. } | Node::Once { body } => work.extend(body),
                _ => {}
            }
        }
        out.sort_unstable();
        out.dedup();
        let out = Rc::new(out);
        self.inserts.insert(id, out.clone());
        out
    }

    fn inserted_at(
        &mut self,
        id: SummaryId,
        nodes: &[Node],
        lookup: &Lookup,
        depth: u32,
    ) -> Option<(Site, Vec<(SummaryId, Site)>)> {
        nodes.iter().find_map(|node| match node {
            Node::Effect { payload, site } => self.sets(*payload, lookup).then(|| (*site, vec![(id, *site)])),
            Node::Call { summary, site, edge: Edge::Call | Edge::Thread } => {
                let (insert, path) = self.inserts_below(*summary, lookup, depth + 1)?;
                Some((insert, std::iter::once((id, *site)).chain(path).collect()))
            }
            Node::Branch { arms, .. } => arms.iter().find_map(|(nodes, _)| self.inserted_at(id, nodes, lookup, depth)),
            _ => None,
        })
    }

    /// Whether an effect inserts a row of the class with the columns.
    fn sets(&self, payload: u32, lookup: &Lookup) -> bool {
        let any = self.m.ev.names.lookup(architect_python::flow::ANY_ATTRIBUTE);
        let has = |sets: &[Sym]| {
            any.is_some_and(|any| sets.contains(&any)) || lookup.columns.iter().all(|column| sets.contains(column))
        };
        match self.effect(payload) {
            Some(Effect::Inserted { class, sets }) => *class == lookup.class && has(sets),
            Some(Effect::Query { statement, .. }) => {
                statement.kind == StatementKind::Insert
                    && !statement.upsert
                    && statement.equals.0 == Some(lookup.class)
                    && has(&statement.equals.1)
            }
            _ => false,
        }
    }

    fn note_race(&mut self, lookup: &Lookup, insert: Site, way: &[(SummaryId, Site)]) {
        let location = self.location(lookup.query);
        let m = self.m;
        let inserts = self.steps(way);
        let place = inserts.first().map_or_else(|| self.location(insert), |way| way.location.clone());
        if self.out.races.iter().any(|known| known.insert == place && known.query == location) {
            return;
        }
        let keys = m.lib.mappers.get(lookup.class).map_or(&[][..], |mapper| &mapper.keys);
        // A key over more columns refuses a row that is the same in these, too: in a project, of a tenant.
        let is_unique = keys.iter().any(|key| {
            key.iter().all(|column| lookup.columns.contains(column))
                || lookup.columns.iter().all(|column| key.contains(column))
        });
        let mut functions: Vec<String> = Vec::new();
        for (id, _) in self.path.iter().chain(&lookup.path).chain(way) {
            let summary = m.summary(*id);
            let name = format!("{}:{}", m.ev.program.module(summary.module).name, m.name(summary.qualname));
            if !functions.contains(&name) {
                functions.push(name);
            }
        }
        let trace = self.steps(&self.path);
        let fact = RaceFact {
            class: super::rows::class_name(m, lookup.class),
            columns: lookup.columns.iter().map(|column| m.name(*column).to_owned()).collect(),
            is_unique,
            query: location,
            looks: self.steps(&lookup.path),
            insert: place,
            inserts,
            functions,
            entry: self.entry,
            trace,
        };
        self.out.races.push(fact);
    }
}

fn leaves(end: End) -> bool {
    matches!(end, End::Raise | End::Return | End::Loop)
}

/// The name that a call is assigned to; the outer nothing where it is used in another way that cannot be followed.
#[allow(clippy::option_option, reason = "a call in the test itself has no name")]
fn assigned(text: &str, call: Site) -> Option<Option<&str>> {
    let start = usize::from(call.range.start());
    let before = text.get(..start)?;
    // What is chained before the call is part of it; lines of a statement in parentheses belong together.
    let line = before.rfind('\n').map_or(0, |at| at + 1);
    let head = before[line..].trim_start();
    let Some((name, value)) = head.split_once('=') else { return Some(None) };
    let name = name.trim_start_matches("if ").trim().trim_start_matches('(').trim_end_matches(':');
    let name = name.split(':').next().unwrap_or_default().trim();
    let is_name = !name.is_empty() && name.chars().all(|letter| letter.is_alphanumeric() || letter == '_');
    let plain = matches!(value.trim().trim_start_matches('('), "" | "await" | "await (");
    (is_name && plain).then_some(Some(name))
}

/// Names that are assigned what is taken from another one: `row = result.first()`.
fn taken_from<'t>(text: &'t str, name: &'t str) -> impl Iterator<Item = &'t str> {
    text.lines().filter_map(move |line| {
        let (own, value) = line.split_once(" = ")?;
        let rest = value.trim_start_matches("await ").trim_start_matches('(').strip_prefix(name)?;
        let own = own.split(':').next().unwrap_or_default().trim();
        (rest.is_empty() || rest.starts_with(['.', '['])).then_some(own)
    })
}

/// Whether a test reads a name.
fn mentions(test: &str, name: &str) -> bool {
    test.split(|letter: char| !(letter.is_alphanumeric() || letter == '_')).any(|word| word == name)
}

/// On which side of a test nothing was found; nothing where the text does not say.
fn missing(test: &str) -> Option<Missing> {
    let test = test.trim().trim_start_matches('(').trim();
    if test.contains(" or ") {
        return None;
    }
    let negated = test.starts_with("not ") || test.contains(" is None") || test.contains("== None");
    let asked = test.contains(" and ");
    Some(match (negated, asked) {
        (true, false) => Missing::Then,
        (true, true) => return None,
        (false, _) => Missing::Else,
    })
}
