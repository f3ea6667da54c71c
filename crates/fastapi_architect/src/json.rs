//! JSON for people and programs: indented, and without letters that a terminal would obey.

use std::io::{self, Write};

use architect_views::escape;
use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};

/// Written this much at a time: one text of a large service would be larger than the service.
const BUFFER_BYTES: usize = 1 << 16;
/// A line end and blanks for deeper levels than most values have.
const INDENT: &[u8] = b"\n                                                                ";

/// Writes a value, with a line end behind it.
///
/// # Errors
/// When it cannot be written.
pub fn write(value: &impl Serialize, out: impl Write) -> io::Result<()> {
    let mut out = io::BufWriter::with_capacity(BUFFER_BYTES, out);
    value.serialize(&mut Serializer::with_formatter(&mut out, Harmless::default()))?;
    out.write_all(b"\n")?;
    out.flush()
}

/// Two blanks a level, like [`serde_json::to_string_pretty`]; hostile letters are escaped.
#[derive(Default)]
struct Harmless {
    level: usize,
    has_values: bool,
}

impl Harmless {
    fn open<W: ?Sized + Write>(&mut self, out: &mut W, bracket: &[u8]) -> io::Result<()> {
        self.level += 1;
        self.has_values = false;
        out.write_all(bracket)
    }

    fn close<W: ?Sized + Write>(&mut self, out: &mut W, bracket: &[u8]) -> io::Result<()> {
        self.level -= 1;
        if self.has_values {
            self.line(out)?;
        }
        out.write_all(bracket)
    }

    /// Goes on to the line of another value.
    fn next<W: ?Sized + Write>(&self, out: &mut W, first: bool) -> io::Result<()> {
        if !first {
            out.write_all(b",")?;
        }
        self.line(out)
    }

    fn line<W: ?Sized + Write>(&self, out: &mut W) -> io::Result<()> {
        let mut blanks = 2 * self.level;
        let most = INDENT.len() - 1;
        out.write_all(&INDENT[..=blanks.min(most)])?;
        while blanks > most {
            blanks -= most;
            out.write_all(&INDENT[1..=blanks.min(most)])?;
        }
        Ok(())
    }
}

impl Formatter for Harmless {
    fn begin_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.open(out, b"[")
    }

    fn end_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.close(out, b"]")
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.next(out, first)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.has_values = true;
        Ok(())
    }

    fn begin_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.open(out, b"{")
    }

    fn end_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.close(out, b"}")
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.next(out, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        out.write_all(b": ")
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.has_values = true;
        Ok(())
    }

    fn write_string_fragment<W: ?Sized + Write>(&mut self, out: &mut W, fragment: &str) -> io::Result<()> {
        out.write_all(escape::json(fragment).as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::write;

    fn written(value: &serde_json::Value) -> String {
        let mut out = Vec::new();
        write(value, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn it_is_indented_like_everywhere() {
        let deep = (0..80).fold(json!([1]), |inner, _| json!({ "in": [inner] }));
        let value = json!({"a": [], "b": {}, "c": [[], {"d": [1, "é\n\"", null]}, 2.5], "e": true, "f": deep});
        assert_eq!(written(&value), serde_json::to_string_pretty(&value).unwrap() + "\n");
    }

    #[test]
    fn hostile_letters_are_escaped() {
        let value = json!({"a\u{9b}": "\u{7f}b\u{202e}é\n\u{1b}"});
        assert_eq!(written(&value), "{\n  \"a\\u009b\": \"\\u007fb\\u202eé\\n\\u001b\"\n}\n");
    }
}
