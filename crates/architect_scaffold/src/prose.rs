//! Docstrings and comments of Python, wrapped: names of resources make them longer than their templates.

/// As Black, and as `.flake8` says.
const WIDTH: usize = 88;

/// Wraps comments that stand alone and lines of docstrings after the first, which is a summary of one line.
pub(crate) fn wrap(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut docstring = false;
    for line in text.lines() {
        let told = line.trim_start();
        let indent = &line[..line.len() - told.len()];
        let quotes = told.matches("\"\"\"").count();
        let prose = docstring && quotes == 0;
        if line.chars().count() > WIDTH && told.starts_with("# ") {
            fill(&mut out, &told[2..], &format!("{indent}# "), &format!("{indent}# "));
        } else if line.chars().count() > WIDTH && prose {
            // What an argument or an error is goes on further in.
            let entry = told.split_once(": ").is_some_and(|(name, _)| !name.contains(' ')) && indent.len() > 4;
            fill(&mut out, told, indent, &if entry { format!("{indent}    ") } else { indent.to_owned() });
        } else {
            out.push_str(line);
            out.push('\n');
        }
        docstring ^= quotes == 1;
    }
    out
}

fn fill(out: &mut String, words: &str, first: &str, next: &str) {
    let mut width = first.chars().count();
    out.push_str(first);
    for (at, word) in words.split(' ').enumerate() {
        let length = word.chars().count();
        if at > 0 && width + 1 + length > WIDTH {
            out.push('\n');
            out.push_str(next);
            width = next.chars().count();
        } else if at > 0 {
            out.push(' ');
            width += 1;
        }
        out.push_str(word);
        width += length;
    }
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_prose_is_wrapped() {
        let long = "word ".repeat(30);
        let text = format!("    # {long}end\nX = \"{long}\"\ndef f():\n    \"\"\"Do.\n\n    {long}end\n    \"\"\"\n");
        let wrapped = wrap(&text);
        assert!(wrapped.lines().filter(|line| line.len() > WIDTH).all(|line| line.starts_with("X = ")));
        assert_eq!(wrapped.lines().filter(|line| line.starts_with("    # ")).count(), 2);
        assert_eq!(wrapped.split_whitespace().filter(|word| word.trim_start_matches('"') == "word").count(), 90);
    }
}
