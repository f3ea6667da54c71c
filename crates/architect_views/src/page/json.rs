//! JSON that may stand inside of a page.

use std::io;

use serde::Serialize;
use serde_json::ser::{CharEscape, CompactFormatter, Formatter};

/// The value as JSON without a letter that HTML could read as markup. Letters that would reorder or hide text become
/// visible escapes, as everywhere in our output: a browser obeys them as a terminal does.
pub(super) fn embedded(value: &impl Serialize) -> String {
    let mut out = Vec::new();
    let mut serializer = serde_json::Serializer::with_formatter(&mut out, Embedded(CompactFormatter));
    // Keys are texts and numbers, and a vector takes everything.
    if value.serialize(&mut serializer).is_err() {
        return "null".to_owned();
    }
    String::from_utf8(out).unwrap_or_else(|_| "null".to_owned())
}

struct Embedded(CompactFormatter);

impl Formatter for Embedded {
    fn write_string_fragment<W: ?Sized + io::Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        let mut plain = 0;
        for (at, letter) in fragment.char_indices() {
            let escape = match letter {
                // An end tag or a comment would begin or end here.
                '<' => "\\u003c".to_owned(),
                '>' => "\\u003e".to_owned(),
                '&' => "\\u0026".to_owned(),
                _ if is_hostile(letter) => format!("\\\\u{{{:x}}}", u32::from(letter)),
                _ => continue,
            };
            writer.write_all(&fragment.as_bytes()[plain..at])?;
            writer.write_all(escape.as_bytes())?;
            plain = at + letter.len_utf8();
        }
        writer.write_all(&fragment.as_bytes()[plain..])
    }

    fn write_char_escape<W: ?Sized + io::Write>(&mut self, writer: &mut W, escape: CharEscape) -> io::Result<()> {
        let byte = match escape {
            CharEscape::Backspace => 0x08,
            CharEscape::FormFeed => 0x0c,
            CharEscape::CarriageReturn => 0x0d,
            CharEscape::AsciiControl(byte) => byte,
            visible => return self.0.write_char_escape(writer, visible),
        };
        write!(writer, "\\\\u{{{byte:x}}}")
    }
}

/// Whether a letter controls a terminal, or reorders, joins or hides what stands beside it.
pub(super) fn is_hostile(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_text() {
        let text = "</script><!-- & \" \\ ü\u{2029}\u{7f}\u{1}\n\t";
        let json = embedded(&text);
        assert_eq!(json, "\"\\u003c/script\\u003e\\u003c!-- \\u0026 \\\" \\\\ ü\\\\u{2029}\\\\u{7f}\\\\u{1}\\n\\t\"");
        let read: String = serde_json::from_str(&json).unwrap();
        assert_eq!(read, "</script><!-- & \" \\ ü\\u{2029}\\u{7f}\\u{1}\n\t");
    }

    #[test]
    fn keys_are_escaped_as_values_are() {
        let map = std::collections::BTreeMap::from([("<a>", 1)]);
        assert_eq!(embedded(&map), "{\"\\u003ca\\u003e\":1}");
    }
}
