//! Text from code that nobody vouches for, made harmless for where it goes: a terminal, Markdown, JSON.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Whether a terminal would obey the letter, or show what stands around it in another order or on another line.
fn is_hostile(letter: char) -> bool {
    letter.is_control()
        || matches!(
            letter,
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}'
        )
}

/// Whether what reads the log of a run would obey the line: commands of GitHub's workflows begin with `::`, those of
/// Azure's and TeamCity's with `##`, blanks before them aside.
fn is_command(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with("::") || line.starts_with("##")
}

/// The text with everything a terminal or the reader of a log would obey, or that would reorder a line, made visible.
#[must_use]
pub fn printable(text: &str) -> String {
    let mut is_command = is_command(text);
    if !is_command && !text.contains(is_hostile) {
        return text.to_owned();
    }
    text.chars().fold(String::with_capacity(text.len()), |mut out, letter| {
        if is_hostile(letter) {
            out.extend(letter.escape_default());
        } else if is_command && !letter.is_whitespace() {
            out.extend(letter.escape_unicode());
            is_command = false;
        } else {
            out.push(letter);
        }
        out
    })
}

/// Adds a line, made [`printable`].
pub fn say(out: &mut String, line: &str) {
    out.push_str(&printable(line));
    out.push('\n');
}

/// A line of code as it is, letter by letter, with a sign in place of what a terminal would obey; tabs stay.
#[must_use]
pub fn code_line(line: &str) -> String {
    line.chars().map(|letter| if letter != '\t' && is_hostile(letter) { '\u{fffd}' } else { letter }).collect()
}

/// JSON that means the same, without letters that a terminal would obey.
#[must_use]
pub fn json(text: &str) -> Cow<'_, str> {
    // Nearly every text is plain, which is quickly seen byte by byte, all of them at once.
    let plain = |byte: u8| byte == b'\n' || (b' '..b'\x7f').contains(&byte);
    if text.bytes().fold(true, |all, byte| all & plain(byte)) {
        return Cow::Borrowed(text);
    }
    let is_raw = |letter: char| letter != '\n' && is_hostile(letter);
    if !text.contains(is_raw) {
        return Cow::Borrowed(text);
    }
    // They stand inside of strings: JSON has no place for them elsewhere.
    Cow::Owned(text.chars().fold(String::with_capacity(text.len()), |mut out, letter| {
        if is_raw(letter) {
            let _ = write!(out, "\\u{:04x}", u32::from(letter));
        } else {
            out.push(letter);
        }
        out
    }))
}

/// Whether nothing in lines of text is for a terminal or the reader of a log to obey.
#[must_use]
pub fn is_plain(text: &str) -> bool {
    !text.contains(|letter| letter != '\n' && is_hostile(letter)) && !text.lines().any(is_command)
}

/// A sentence in Markdown: what stands in backticks is code, and the rest neither HTML nor a link.
#[must_use]
pub fn markdown(text: &str) -> String {
    spans(text, |letter, out| match letter {
        '<' => out.push_str("&lt;"),
        '>' => out.push_str("&gt;"),
        '&' => out.push_str("&amp;"),
        '\\' | '[' | ']' => {
            out.push('\\');
            out.push(letter);
        }
        _ => out.push(letter),
    })
}

/// A text that may say anything, in Markdown: what stands in backticks is code, the rest is not even a mention.
#[must_use]
pub fn markdown_strict(text: &str) -> String {
    let mut last = ' ';
    let text = spans(text, |letter, out| {
        match letter {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            // Rendered alike, but neither a mention, a reference to an issue nor a link.
            '@' | '#' => {
                out.push('\\');
                out.push(letter);
                out.push_str("&#8203;");
            }
            '/' if last == ':' => out.push_str("&#8203;/"),
            '\\' | '*' | '_' | '{' | '}' | '[' | ']' | '(' | ')' | '!' | '|' | '~' | '+' | '$' => {
                out.push('\\');
                out.push(letter);
            }
            _ => out.push(letter),
        }
        last = letter;
    });
    // `www.` alone makes a link, too.
    text.replace("www.", "www&#8203;.")
}

/// One line: code where backticks say so, and the rest letter by letter.
fn spans(text: &str, mut letter: impl FnMut(char, &mut String)) -> String {
    let text = text.lines().map(printable).collect::<Vec<_>>().join(" ");
    let mut out = String::with_capacity(text.len());
    for (index, part) in text.split('`').enumerate() {
        if index % 2 == 1 && !part.is_empty() {
            out.push_str(&markdown_code(part));
        } else {
            part.chars().for_each(|one| letter(one, &mut out));
        }
    }
    out
}

/// A code span in Markdown, whatever is in it.
#[must_use]
pub fn markdown_code(text: &str) -> String {
    let text = printable(text);
    let longest = text.split(|letter| letter != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest + 1);
    let space = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{space}{text}{space}{fence}")
}

/// A link in Markdown to a line of a file of the project.
#[must_use]
pub fn markdown_link(path: &str, line: u32) -> String {
    format!("[{}:{line}]({}#L{line})", markdown(path), uri(path))
}

/// A path as a relative reference.
#[must_use]
pub fn uri(path: &str) -> String {
    path.bytes().fold(String::with_capacity(path.len()), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_obeys_is_made_visible() {
        assert_eq!(printable("a\u{1b}[31mb\nc\u{202e}\u{9b}\u{200f}é"), "a\\u{1b}[31mb\\nc\\u{202e}\\u{9b}\\u{200f}é");
        assert_eq!(printable("/größe"), "/größe");
        assert_eq!(code_line("\ta\u{1b}\u{9b}b\u{202e}é"), "\ta\u{fffd}\u{fffd}b\u{fffd}é");
        assert!(is_plain("a\nb") && !is_plain("a\rb"));
    }

    #[test]
    fn logs_have_no_commands() {
        assert_eq!(printable(" ::error file=x::y"), " \\u{3a}:error file=x::y");
        assert_eq!(printable("##[error]"), "\\u{23}#[error]");
        assert_eq!(printable("a::b"), "a::b");
        assert!(!is_plain("a: |\n  ::error::b\n"));
    }

    #[test]
    fn json_means_the_same() {
        assert_eq!(json("{\n\"a\": \"\u{9b}\u{202e}é\"}"), "{\n\"a\": \"\\u009b\\u202eé\"}");
    }

    #[test]
    fn text_stays_text() {
        assert_eq!(markdown_strict("<img src=x>"), "&lt;img src=x&gt;");
        assert_eq!(markdown_strict("hi @all #1"), "hi \\@&#8203;all \\#&#8203;1");
        assert_eq!(markdown_strict("[a](http://b)"), "\\[a\\]\\(http:&#8203;//b\\)");
        assert_eq!(markdown_strict("is `GET /a_b` fine"), "is `GET /a_b` fine");
        assert_eq!(markdown("`a_b` of <b> ![x](y) (1)"), "`a_b` of &lt;b&gt; !\\[x\\](y) (1)");
        assert_eq!(markdown("one\n# two\u{1b}"), "one # two\\\\u{1b}");
    }

    #[test]
    fn code_spans_end_where_they_should() {
        assert_eq!(markdown_code("a`b"), "``a`b``");
        assert_eq!(markdown_code("`"), "`` ` ``");
    }

    #[test]
    fn links_lead_to_their_file() {
        assert_eq!(markdown_link("app/a.py", 3), "[app/a.py:3](app/a.py#L3)");
        assert_eq!(markdown_link("a](x \n.py", 1), "[a\\](x  .py:1](a%5D%28x%20%0A.py#L1)");
    }
}
