//! What each endpoint costs in statements, worst first.

use architect_model::Service;
use architect_model::requests::{Entry, EntryKind, Term};

use super::tree::Node;

/// Statements listed for one endpoint at most.
const MAX_TERMS: usize = 20;

/// Every endpoint that reaches the database with its cost, the most expensive first.
#[must_use]
pub fn queries_text(service: &Service) -> String {
    let mut entries: Vec<&Entry> = service
        .requests
        .entries
        .iter()
        .filter(|entry| entry.kind == EntryKind::Endpoint && !entry.cost.is_nothing())
        .collect();
    entries.sort_by(|a, b| b.cost.size().cmp(&a.cost.size()).then(a.name.cmp(&b.name)));
    let mut out = String::new();
    for entry in entries {
        cost_node(entry).render(&mut out);
    }
    out
}

/// One entry point with its statements.
fn cost_node(entry: &Entry) -> Node {
    let mut node = Node::leaf(format!("{}  {}", formula(entry), entry.name));
    node.children = terms(entry);
    node
}

/// The formula, and what it is of.
pub(super) fn formula(entry: &Entry) -> String {
    let mut text = entry.cost.to_string();
    if entry.cost.larger {
        text.push_str(" at most");
    }
    if entry.cost.commits > 0 {
        text.push_str(&format!(", {} commit{}", entry.cost.commits, if entry.cost.commits == 1 { "" } else { "s" }));
    }
    text
}

/// The statements of an entry point.
pub(super) fn terms(entry: &Entry) -> Vec<Node> {
    let mut out: Vec<Node> = entry.terms.iter().take(MAX_TERMS).map(term).collect();
    if entry.terms.len() > MAX_TERMS {
        out.push(Node::leaf(format!("and {} more", entry.terms.len() - MAX_TERMS)));
    }
    for (why, location) in &entry.reasons {
        out.push(Node::leaf(format!("? {why}  {location}")));
    }
    out
}

fn term(term: &Term) -> Node {
    let times: Vec<String> =
        term.times.iter().map(|name| if name == "?" { "?".to_owned() } else { format!("N({name})") }).collect();
    let prefix = if times.is_empty() { String::new() } else { format!("{} × ", times.join("·")) };
    Node::leaf(format!("{prefix}{}  {}", term.what, term.location))
}
