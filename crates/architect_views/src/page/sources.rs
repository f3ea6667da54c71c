//! Places, and the lines of code that are shown with them, each once.

use std::collections::{BTreeMap, HashMap};
use std::ops::RangeInclusive;

use architect_model::Service;
use architect_source::{LineIndex, Location};
use serde::Serialize;

use super::json::is_hostile;

/// Letters of a line that are shown at most.
const MAX_LINE: usize = 240;
/// Lines that a page holds at most: those of what matters most, which asks first.
const MAX_LINES: usize = 120_000;

/// A place: file, line, column, last line, column after the last; files by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub(super) struct Place(usize, u32, u32, u32, u32);

/// The files and lines that a page speaks of.
pub(super) struct Sources<'s> {
    service: &'s Service,
    numbers: HashMap<&'s str, usize>,
    files: Vec<&'s str>,
    indexes: HashMap<usize, LineIndex>,
    lines: BTreeMap<usize, BTreeMap<u32, String>>,
    kept: usize,
}

impl<'s> Sources<'s> {
    pub(super) fn new(service: &'s Service) -> Self {
        let (numbers, files, indexes, lines) = Default::default();
        Self { service, numbers, files, indexes, lines, kept: 0 }
    }

    /// A place without its code.
    pub(super) fn place(&mut self, location: &'s Location) -> Place {
        let path: &'s str = &location.path;
        let files = &mut self.files;
        let number = *self.numbers.entry(path).or_insert_with(|| {
            files.push(path);
            files.len() - 1
        });
        Place(number, location.line, location.column, location.end_line, location.end_column)
    }

    /// A place whose code is shown, with `around` lines before and after its first `most` lines.
    pub(super) fn frame(&mut self, location: &'s Location, around: u32, most: u32) -> Place {
        let place = self.place(location);
        let last = location.end_line.clamp(location.line, location.line.saturating_add(most.saturating_sub(1)));
        self.keep(place.0, location.line.saturating_sub(around).max(1)..=last.saturating_add(around));
        place
    }

    fn keep(&mut self, file: usize, wanted: RangeInclusive<u32>) {
        let Some(source) = self.service.files.get(self.files[file]) else { return };
        let index = self.indexes.entry(file).or_insert_with(|| LineIndex::new(&source.text));
        let lines = self.lines.entry(file).or_default();
        for number in wanted {
            if self.kept == MAX_LINES {
                return;
            }
            let Some(line) = index.line(&source.text, number) else { return };
            lines.entry(number).or_insert_with(|| {
                self.kept += 1;
                shown(line)
            });
        }
    }

    /// The files by number, and their lines by number.
    pub(super) fn into_parts(self) -> (Vec<&'s str>, BTreeMap<usize, BTreeMap<u32, String>>) {
        (self.files, self.lines)
    }
}

/// A line with one visible letter for each of its own, so that columns stay true.
fn shown(line: &str) -> String {
    let visible = |letter: char| match letter {
        '\t' => '\t',
        '\0'..='\u{1f}' => char::from_u32(0x2400 + u32::from(letter)).unwrap_or('\u{fffd}'),
        _ if is_hostile(letter) => '\u{fffd}',
        _ => letter,
    };
    let mut out: String = line.chars().take(MAX_LINE).map(visible).collect();
    if line.len() > out.len() && line.chars().nth(MAX_LINE).is_some() {
        out.push('…');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stay_true() {
        assert_eq!(shown("a\u{1b}[0m\t\u{202e}b"), "a\u{241b}[0m\t\u{fffd}b");
    }

    #[test]
    fn a_long_line_is_cut() {
        let line = "é".repeat(1_000);
        assert_eq!(shown(&line).chars().count(), MAX_LINE + 1);
        assert_eq!(shown(&line[..MAX_LINE * 2]).chars().count(), MAX_LINE);
    }
}
