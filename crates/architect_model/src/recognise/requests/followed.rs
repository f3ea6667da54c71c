//! Which functions the walks went through, and from where.

use architect_python::Site;
use architect_python::flow::{Node, SummaryId};
use rustc_hash::FxHashSet;

use super::Walked;
use super::books::Flow;
use crate::requests::{Followed, Requests};

/// Lists them; endpoints come first, so that what one leads to is told of it.
pub(super) fn collect(m: &Flow<'_, '_>, walked: &[Walked], out: &mut Requests) {
    let mut visited: FxHashSet<SummaryId> = FxHashSet::default();
    let mut known: FxHashSet<Site> = FxHashSet::default();
    for (entry, root) in walked.iter().enumerate() {
        let mut work = vec![root.summary];
        while let Some(id) = work.pop() {
            if !visited.insert(id) {
                continue;
            }
            let summary = m.summary(id);
            calls(&summary.nodes, &mut work);
            let definition = Site { module: summary.module, range: summary.range };
            let module = m.ev.program.module(summary.module);
            if m.name(summary.qualname).is_empty() || m.ev.is_model(summary.module) || !known.insert(definition) {
                continue;
            }
            out.followed.push(Followed {
                function: format!("{}:{}", module.name, m.name(summary.qualname)),
                location: module.location(summary.range),
                entry,
            });
        }
    }
}

fn calls(nodes: &[Node], work: &mut Vec<SummaryId>) {
    for node in nodes {
        match node {
            Node::Call { summary, .. } => work.push(*summary),
            Node::Loop { body, .. } | Node::Once { body } => calls(body, work),
            Node::Branch { arms, .. } | Node::Handlers { arms, .. } => {
                arms.iter().for_each(|(nodes, _)| calls(nodes, work));
            }
            Node::Effect { .. } | Node::Yield | Node::Unknown { .. } => {}
        }
    }
}
