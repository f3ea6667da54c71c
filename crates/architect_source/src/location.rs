//! Places in source files.

use std::sync::Arc;

/// A range of one file, in bytes and in lines and columns.
///
/// `path` is relative to the project root and uses `/`; a file outside the project keeps the path it was found by.
/// Lines and columns start at 1 and columns count characters; `start` and `end` count bytes from 0.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Location {
    /// The file, relative to the project root.
    pub path: Arc<str>,
    /// First line.
    pub line: u32,
    /// First column.
    pub column: u32,
    /// Last line.
    pub end_line: u32,
    /// Column after the last character.
    pub end_column: u32,
    /// First byte.
    pub start: u32,
    /// Byte after the last.
    pub end: u32,
}

impl std::fmt::Display for Location {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.path, self.line)
    }
}

/// Where the lines of a text begin; turns byte offsets into lines and columns.
#[derive(Clone, Debug)]
pub struct LineIndex {
    starts: Vec<u32>,
}

impl LineIndex {
    /// Indexes `text`; `\n`, `\r\n` and `\r` end a line.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut starts = Vec::with_capacity(bytes.len() / 32 + 1);
        starts.push(0);
        for index in memchr::memchr2_iter(b'\n', b'\r', bytes) {
            if bytes[index] == b'\n' || bytes.get(index + 1) != Some(&b'\n') {
                starts.push(u32::try_from(index + 1).unwrap_or(u32::MAX));
            }
        }
        Self { starts }
    }

    /// Number of lines, counting a last line without a line end.
    #[must_use]
    pub fn line_count(&self, text: &str) -> usize {
        self.starts.len() - usize::from(self.starts.last().is_some_and(|start| *start as usize == text.len()))
    }

    /// Line `number` (from 1) of `text` without its end.
    #[must_use]
    pub fn line<'t>(&self, text: &'t str, number: u32) -> Option<&'t str> {
        let start = *self.starts.get((number as usize).checked_sub(1)?)? as usize;
        let end = self.starts.get(number as usize).map_or(text.len(), |end| *end as usize);
        Some(text.get(start..end)?.trim_end_matches(['\n', '\r']))
    }

    /// Line and column (both from 1) of a byte offset.
    #[must_use]
    pub fn position(&self, text: &str, offset: u32) -> (u32, u32) {
        let line = self.starts.partition_point(|start| *start <= offset).max(1);
        let start = self.starts[line - 1] as usize;
        let end = (offset as usize).clamp(start, text.len());
        let column = text.get(start..end).map_or(end - start, |prefix| prefix.chars().count());
        (u32::try_from(line).unwrap_or(u32::MAX), u32::try_from(column + 1).unwrap_or(u32::MAX))
    }

    /// The location of a byte range of `text` in the file `path`.
    #[must_use]
    pub fn location(&self, path: &Arc<str>, text: &str, start: u32, end: u32) -> Location {
        let (line, column) = self.position(text, start);
        // Most ranges end in the line they begin in: only what is between is counted.
        let ends_here = self.starts.get(line as usize).is_none_or(|next| end < *next);
        let between = text.get(start as usize..end as usize).filter(|_| ends_here);
        let (end_line, end_column) = match between {
            Some(between) => {
                let count = u32::try_from(between.chars().count()).unwrap_or(u32::MAX);
                (line, column.saturating_add(count))
            }
            None => self.position(text, end),
        };
        Location { path: Arc::clone(path), line, column, end_line, end_column, start, end }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_characters_and_every_line_end() {
        let text = "a = 'é'\r\nb\rc\n";
        let index = LineIndex::new(text);
        assert_eq!(index.position(text, 0), (1, 1));
        assert_eq!(index.position(text, 7), (1, 7), "a two-byte character is one column");
        assert_eq!(index.position(text, 10), (2, 1));
        assert_eq!(index.position(text, 12), (3, 1));
        assert_eq!(index.line_count(text), 3);
    }

    #[test]
    fn an_offset_past_the_end_is_the_end() {
        let index = LineIndex::new("ab");
        assert_eq!(index.position("ab", 99), (1, 3));
    }
}
