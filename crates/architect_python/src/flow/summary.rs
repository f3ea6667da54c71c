//! What functions do, as data: summaries and their nodes.

use ruff_text_size::TextRange;

use super::value::{Size, Val};
use crate::value::{ModuleId, Site, Sym};

/// A summary by number.
pub type SummaryId = u32;

/// How a caller runs what it calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Edge {
    /// Directly.
    Call,
    /// In a worker thread.
    Thread,
    /// As a task on the loop that the caller does not wait for.
    Task,
    /// After the response.
    Background,
}

/// How a path of a block ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// It goes on.
    Normal,
    /// The function returned.
    Return,
    /// An exception left.
    Raise,
    /// The loop goes on or ended.
    Loop,
}

/// What a function does, in order.
#[derive(Clone, Debug)]
pub enum Node {
    /// Something the library recorded.
    Effect {
        /// Which, in the library's books.
        payload: u32,
        /// Where.
        site: Site,
    },
    /// A call of a function of the program.
    Call {
        /// What it does.
        summary: SummaryId,
        /// Where.
        site: Site,
        /// How it runs.
        edge: Edge,
    },
    /// Something that is done several times.
    Loop {
        /// Where.
        site: Site,
        /// How often.
        size: Size,
        /// Whether the number of times hangs on more than what is iterated: `while`.
        open: bool,
        /// Whether it leaves at a match, so that one iteration may be all.
        leaves: bool,
        /// What is done.
        body: Vec<Node>,
    },
    /// One of several.
    Branch {
        /// Where.
        site: Site,
        /// The alternatives and how they end.
        arms: Vec<(Vec<Node>, End)>,
    },
    /// What handlers of exceptions do; not part of the path that succeeds.
    Handlers {
        /// The `try` statement.
        site: Site,
        /// Each of them.
        arms: Vec<(Vec<Node>, End)>,
    },
    /// What is done once and kept for all requests that follow: not part of what a request does as a rule.
    Once {
        /// What is done.
        body: Vec<Node>,
    },
    /// A generator hands out a value.
    Yield,
    /// Something is not known.
    Unknown {
        /// Why.
        why: &'static str,
        /// What is called there.
        callee: Val,
        /// Where.
        site: Site,
    },
}

/// What a function does with arguments of one shape.
#[derive(Clone, Debug)]
pub struct Summary {
    /// What was called.
    pub callee: Val,
    /// Its module.
    pub module: ModuleId,
    /// Its qualified name.
    pub qualname: Sym,
    /// Where it is defined.
    pub range: TextRange,
    /// All of its text.
    pub whole: TextRange,
    /// Whether it runs on the event loop.
    pub is_async: bool,
    /// What it does, in order.
    pub nodes: Vec<Node>,
    /// What it returns.
    pub value: Val,
    /// What it yields.
    pub yields: Option<Val>,
    /// Values it left changed: what was, what is.
    pub changes: Vec<(Val, Val)>,
    /// How its body ended: raising when no path returns.
    pub end: End,
    /// Whether what it returns is `None` where something that it looks for is not there.
    pub absent: bool,
}
