//! Trees as indented text.

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

/// The text with everything a terminal would obey, or that would reorder a line, made visible. Names and paths come
/// from code that nobody vouches for.
#[must_use]
pub fn printable(text: &str) -> String {
    let hostile = |letter: char| {
        letter.is_control()
            || matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
    };
    if !text.contains(hostile) {
        return text.to_owned();
    }
    text.chars().fold(String::with_capacity(text.len()), |mut out, letter| {
        if hostile(letter) {
            out.extend(letter.escape_default());
        } else {
            out.push(letter);
        }
        out
    })
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

    #[test]
    fn escape_sequences_do_not_reach_the_terminal() {
        assert_eq!(printable("/a\u{1b}[31m\n"), "/a\\u{1b}[31m\\n");
        assert_eq!(printable("/größe"), "/größe");
    }
}
