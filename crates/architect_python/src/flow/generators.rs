//! Generators: what iterating one does, and what a context manager made of one does before and after its block.

use super::{Args, Edge, Frame, Library, Machine, Node, Size, V, Val};
use crate::parse::ModuleKind;
use crate::value::Site;

impl<'a, L: Library> Machine<'_, 'a, L> {
    /// Runs a generator to its end where it is iterated: what it yields and how often.
    pub(super) fn run_generator(&mut self, f: &mut Frame, pending: Val, site: Site) -> (Val, Size) {
        let V::Pending { callee, pos, kw, .. } = self.v(pending).clone() else { return (Val::UNKNOWN, Size::Unknown) };
        let Some(target) = self.target_of(callee) else {
            let value = self.force(f, pending, site);
            if matches!(self.v(value), V::Pending { .. }) {
                return (Val::UNKNOWN, Size::Unknown);
            }
            return self.iterate(f, value, site);
        };
        if !self.ev.is_generator(target.node) {
            return (Val::UNKNOWN, Size::Unknown);
        }
        let args = Args { pos: pos.into_vec(), kw: kw.into_vec(), rest: None };
        let (_, id) = self.run_edge(f, target, args, site, Edge::Call);
        let Some(id) = id else { return (Val::UNKNOWN, Size::Unknown) };
        let summary = &self.summaries[id as usize];
        let size = yield_size(&summary.nodes).unwrap_or(Size::Unknown);
        (summary.yields.unwrap_or(Val::UNKNOWN), size)
    }

    /// The parts of a generator before and after its first `yield`: what it hands out, what is done before, and what
    /// afterwards.
    pub fn split_generator(&mut self, f: &mut Frame, pending: Val) -> Option<(Val, Vec<Node>, Vec<Node>)> {
        let V::Pending { callee, pos, kw, site } = self.v(pending).clone() else { return None };
        let target = self.target_of(callee)?;
        if !self.ev.is_generator(target.node) {
            return None;
        }
        let args = Args { pos: pos.into_vec(), kw: kw.into_vec(), rest: None };
        let vars = self.parameters(&target, args);
        let id = self.summarise(target, vars)?;
        let summary = &self.summaries[id as usize];
        let (module, range, name) = (summary.module, summary.range, summary.qualname);
        let (nodes, is_async, value, changes) =
            (summary.nodes.clone(), summary.is_async, summary.yields.unwrap_or(Val::UNKNOWN), summary.changes.clone());
        let at = nodes.iter().position(|node| matches!(node, Node::Yield)).unwrap_or(nodes.len());
        let (before, after) = nodes.split_at(at);
        let after: Vec<Node> = after.iter().filter(|node| !matches!(node, Node::Yield)).cloned().collect();
        let before = before.to_vec();
        self.apply_changes(f, &changes);
        let name = self.name(name).to_owned();
        let part = |m: &mut Self, nodes: Vec<Node>| {
            if nodes.is_empty() {
                return Vec::new();
            }
            let summary = m.keep(&name, module, range, nodes, Val::NONE);
            m.summaries[summary as usize].is_async = is_async;
            m.summaries[summary as usize].callee = callee;
            vec![Node::Call { summary, site, edge: Edge::Call }]
        };
        Some((value, part(self, before), part(self, after)))
    }

    /// What `with` binds, and what is done at its end, where that is known already.
    pub(super) fn enter(&mut self, f: &mut Frame, manager: Val, site: Site) -> (Val, Option<Vec<Node>>) {
        match self.v(manager).clone() {
            V::Pending { .. } => {
                if let Some((value, before, after)) = self.split_generator(f, manager) {
                    for node in before {
                        f.node(node);
                    }
                    return (value, Some(after));
                }
                (Val::UNKNOWN, Some(Vec::new()))
            }
            V::Union(parts) => {
                let mut values = Vec::new();
                let mut exits = Vec::new();
                for part in parts.iter().filter(|part| **part != Val::NONE) {
                    let (value, exit) = self.enter(f, *part, site);
                    values.push(value);
                    exits.extend(exit.unwrap_or_default());
                }
                (self.union(values), Some(exits))
            }
            _ => {
                if let Some(value) = L::enter(self, f, manager, site) {
                    return (value, None);
                }
                for name in [self.names.enter, self.names.aenter] {
                    if let Some(method) = self.class_member(manager, name) {
                        let project = self.ev.function(method).is_some_and(|(_, function)| {
                            self.ev.program.module(function.module).kind == ModuleKind::Project
                        });
                        if project {
                            let bound = self.bind_member(method, manager);
                            f.awaiting = true;
                            let value = self.call(f, bound, Args::default(), site);
                            f.awaiting = false;
                            return (value, None);
                        }
                    }
                }
                let value = if matches!(self.v(manager), V::Inst { .. }) { manager } else { Val::UNKNOWN };
                (value, None)
            }
        }
    }

    /// The end of a `with` block.
    pub(super) fn leave(&mut self, f: &mut Frame, manager: Val, entered: Val, site: Site) {
        for name in [self.names.exit, self.names.aexit] {
            if let Some(method) = self.class_member(manager, name) {
                let project = self
                    .ev
                    .function(method)
                    .is_some_and(|(_, function)| self.ev.program.module(function.module).kind == ModuleKind::Project);
                if project {
                    let bound = self.bind_member(method, manager);
                    f.awaiting = true;
                    let args = Args::of(vec![Val::NONE, Val::NONE, Val::NONE]);
                    self.call(f, bound, args, site);
                    f.awaiting = false;
                    return;
                }
            }
        }
        L::exit(self, f, manager, entered, site);
    }
}

/// How often a generator yields.
fn yield_size(nodes: &[Node]) -> Option<Size> {
    let mut found: Option<Size> = None;
    for node in nodes {
        let here = match node {
            Node::Yield => Some(Size::Known(1)),
            Node::Loop { body, size, .. } => yield_size(body).map(|_| size.clone()),
            Node::Once { body } => yield_size(body),
            Node::Branch { arms, .. } => arms.iter().find_map(|(nodes, _)| yield_size(nodes)),
            _ => None,
        };
        found = match (found, here) {
            (None, here) => here,
            (found, None) => found,
            (Some(a), Some(b)) => Some(super::join::larger(a, b)),
        };
    }
    found
}
