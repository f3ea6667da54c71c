//! What a function does to sessions in all that it calls, in short: asked while requests are walked and afterwards.

use architect_python::Site;
use architect_python::flow::{Edge, Node, SummaryId};

use super::books::{Books, Flow};
use super::things::{Effect, StatementKind};

/// What is done, on any path.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Touch {
    /// Statements are executed, or something is loaded by reading it.
    pub asks: bool,
    /// Rows are added, changed or deleted.
    pub writes: bool,
    /// A transaction is committed.
    pub commits: bool,
    /// Something that may be a session is told to commit.
    pub may_commit: bool,
    /// A transaction is given up, in handlers as well, or a block does it where it fails.
    pub rolls_back: bool,
    /// Statements are executed, or what is pending is sent, as the code says.
    pub sends: bool,
    /// What is pending is sent, as the code says, or objects change before a statement sends them: what fails then
    /// leaves the session without a transaction.
    pub flushes: bool,
    /// A session is made.
    pub opens: bool,
    /// A session ends.
    pub closes: bool,
    /// Rows are changed, or a transaction is committed, through a session that somebody else made: what fails there is
    /// left to them.
    pub leaves: bool,
}

impl Touch {
    fn add(&mut self, other: Self) {
        self.asks |= other.asks;
        self.writes |= other.writes;
        self.commits |= other.commits;
        self.may_commit |= other.may_commit;
        self.rolls_back |= other.rolls_back;
        self.sends |= other.sends;
        self.flushes |= other.flushes;
        self.opens |= other.opens;
        self.closes |= other.closes;
        self.leaves |= other.leaves;
    }
}

/// What a summary does, with all that it waits for.
pub(super) fn touch(m: &mut Flow<'_, '_>, id: SummaryId) -> Touch {
    if let Some(known) = m.lib.touches.get(&id) {
        return *known;
    }
    m.lib.touches.insert(id, Touch::default());
    let mut calls = Vec::new();
    let mut out = Touch::default();
    direct(&m.lib, &m.summaries[id as usize].nodes, false, &mut out, &mut calls);
    below(m, &calls, &mut out);
    m.lib.touches.insert(id, out);
    out
}

/// The same for some of what a function does.
pub(super) fn touch_nodes<'n>(m: &mut Flow<'_, '_>, nodes: impl IntoIterator<Item = &'n Node>) -> Touch {
    let mut calls = Vec::new();
    let mut out = Touch::default();
    direct(&m.lib, nodes, false, &mut out, &mut calls);
    below(m, &calls, &mut out);
    out
}

/// The sessions that end in some of what a function does: where they were made, and whether they are awaited.
pub(super) fn closed_in(m: &Flow<'_, '_>, nodes: &[Node], depth: u32) -> Vec<(Site, bool)> {
    let mut out = Vec::new();
    for node in nodes {
        match node {
            Node::Effect { payload, .. } => {
                if let Some(Effect::Close { is_async, site: Some(made) }) = m.lib.effects.get_index(*payload as usize) {
                    out.push((*made, *is_async));
                }
            }
            Node::Call { summary, edge: Edge::Call, .. } if depth < 4 => {
                out.extend(closed_in(m, &m.summary(*summary).nodes, depth + 1));
            }
            _ => {}
        }
    }
    out
}

fn below(m: &mut Flow<'_, '_>, calls: &[(SummaryId, bool)], out: &mut Touch) {
    let mut leaves = (out.writes || out.commits) && !out.opens;
    for (id, handling) in calls {
        let found = touch(m, *id);
        // What only opens sessions makes the one that is used here.
        leaves &= !found.opens || found.writes;
        out.add(if *handling { only_rollback(found) } else { found });
    }
    out.leaves |= leaves;
}

fn only_rollback(found: Touch) -> Touch {
    Touch { rolls_back: found.rolls_back, ..Touch::default() }
}

fn direct<'n>(
    books: &Books,
    nodes: impl IntoIterator<Item = &'n Node>,
    handling: bool,
    out: &mut Touch,
    calls: &mut Vec<(SummaryId, bool)>,
) {
    for node in nodes {
        match node {
            Node::Effect { payload, .. } => {
                let found = books.effects.get_index(*payload as usize).map(of_effect).unwrap_or_default();
                out.add(if handling { only_rollback(found) } else { found });
            }
            Node::Call { edge: Edge::Background | Edge::Task, .. } | Node::Yield | Node::Unknown { .. } => {}
            Node::Call { summary, .. } => calls.push((*summary, handling)),
            Node::Loop { body, .. } | Node::Once { body } => direct(books, body, handling, out, calls),
            Node::Branch { arms, .. } => {
                arms.iter().for_each(|(nodes, _)| direct(books, nodes, handling, out, calls));
            }
            Node::Handlers { arms, .. } => {
                arms.iter().for_each(|(nodes, _)| direct(books, nodes, true, out, calls));
            }
        }
    }
}

fn of_effect(effect: &Effect) -> Touch {
    let nothing = Touch::default();
    match effect {
        Effect::Query { statement, .. } => Touch {
            asks: true,
            sends: true,
            writes: matches!(statement.kind, StatementKind::Insert | StatementKind::Update | StatementKind::Delete),
            ..nothing
        },
        Effect::Lazy { .. } | Effect::Refresh { .. } => Touch { asks: true, ..nothing },
        Effect::Write { .. } => Touch { writes: true, flushes: true, ..nothing },
        Effect::Commit { .. } => Touch { commits: true, sends: true, ..nothing },
        Effect::Flush => Touch { sends: true, flushes: true, ..nothing },
        Effect::MayCommit => Touch { may_commit: true, sends: true, flushes: true, ..nothing },
        Effect::Rollback { .. } | Effect::Block => Touch { rolls_back: true, ..nothing },
        Effect::Open { .. } => Touch { opens: true, ..nothing },
        Effect::Close { .. } => Touch { closes: true, ..nothing },
        _ => nothing,
    }
}
