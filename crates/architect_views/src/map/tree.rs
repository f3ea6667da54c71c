//! Trees as indented text.

use crate::escape::printable;

/// A node: a line, and what hangs below it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Node {
    /// The line.
    pub label: String,
    /// What hangs below.
    pub children: Vec<Node>,
}

impl Node {
    /// A node without children.
    pub(super) fn leaf(label: impl Into<String>) -> Self {
        Self { label: label.into(), children: Vec::new() }
    }

    /// The node and everything below it, one line each.
    pub(super) fn render(&self, out: &mut String) {
        out.push_str(&printable(&self.label));
        out.push('\n');
        render_below(&self.children, &mut String::new(), out);
    }
}

fn render_below(children: &[Node], indent: &mut String, out: &mut String) {
    for (index, child) in children.iter().enumerate() {
        let last = index + 1 == children.len();
        out.push_str(indent);
        out.push_str(if last { "└─ " } else { "├─ " });
        out.push_str(&printable(&child.label));
        out.push('\n');
        let length = indent.len();
        indent.push_str(if last { "   " } else { "│  " });
        render_below(&child.children, indent, out);
        indent.truncate(length);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn children_are_drawn_below_their_parent() {
        let tree = Node {
            label: "a".into(),
            children: vec![Node { label: "b".into(), children: vec![Node::leaf("c")] }, Node::leaf("d")],
        };
        let mut out = String::new();
        tree.render(&mut out);
        assert_eq!(out, "a\n├─ b\n│  └─ c\n└─ d\n");
    }
}
