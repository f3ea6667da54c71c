//! What a request loads in all that it calls: relationships that are loaded with their objects, and classes of objects.

use architect_python::flow::{Node, SummaryId};
use architect_python::{ObjectId, Sym};
use rustc_hash::FxHashSet;

use super::books::Flow;
use super::things::{Effect, Entity, Statement};

/// What one request loads.
#[derive(Default)]
pub(super) struct Loaded {
    relations: FxHashSet<(ObjectId, Sym)>,
    classes: FxHashSet<ObjectId>,
    seen: FxHashSet<SummaryId>,
}

/// Everything that is loaded below a summary.
pub(super) fn below(m: &Flow<'_, '_>, root: SummaryId) -> Loaded {
    let mut loaded = Loaded::default();
    loaded.summary(m, root);
    loaded
}

impl Loaded {
    /// Whether a relationship may be there already: it is loaded with other objects of its class, or the one object it
    /// points to may be in the identity map.
    pub fn has(&self, m: &Flow<'_, '_>, class: ObjectId, name: Sym) -> bool {
        let relation = m.lib.mappers.relation(class, name);
        self.relations.contains(&(class, name))
            || relation.is_some_and(|relation| {
                relation.many_to_one && relation.target.is_some_and(|target| self.classes.contains(&target))
            })
    }

    fn summary(&mut self, m: &Flow<'_, '_>, id: SummaryId) {
        if self.seen.insert(id) {
            self.nodes(m, &m.summary(id).nodes);
        }
    }

    fn nodes(&mut self, m: &Flow<'_, '_>, nodes: &[Node]) {
        for node in nodes {
            match node {
                Node::Effect { payload, .. } => {
                    if let Some(Effect::Query { statement, beside, .. }) = m.lib.effects.get_index(*payload as usize) {
                        self.statement(m, statement);
                        for (class, name) in beside {
                            self.relation(m, *class, *name);
                        }
                    }
                }
                Node::Call { summary, .. } => self.summary(m, *summary),
                Node::Loop { body, .. } | Node::Once { body } => self.nodes(m, body),
                Node::Branch { arms, .. } | Node::Handlers { arms, .. } => {
                    arms.iter().for_each(|(nodes, _)| self.nodes(m, nodes));
                }
                Node::Yield | Node::Unknown { .. } => {}
            }
        }
    }

    fn statement(&mut self, m: &Flow<'_, '_>, statement: &Statement) {
        for entity in &statement.entities {
            let Entity::Class(class) = entity else { continue };
            self.classes.insert(*class);
            for option in &statement.options {
                let mut at = Some(*class);
                for (step, _) in &option.path {
                    let (Some(class), Some(name)) = (at, step) else { break };
                    at = self.relation(m, class, *name);
                }
            }
        }
    }

    fn relation(&mut self, m: &Flow<'_, '_>, class: ObjectId, name: Sym) -> Option<ObjectId> {
        self.relations.insert((class, name));
        let target = m.lib.mappers.relation(class, name)?.target?;
        self.classes.insert(target);
        Some(target)
    }
}
