//! Comments and logical lines of Python, found without parsing: files that do not parse have suppressions, too.

use std::ops::{Range, RangeInclusive};

/// A comment.
pub struct Comment {
    /// Its bytes, from `#` to the end of the line.
    pub range: Range<usize>,
    line: u32,
    alone: bool,
    bracketed: bool,
}

/// What a file consists of.
#[derive(Default)]
pub struct Scanned {
    /// Comments in order.
    pub comments: Vec<Comment>,
    /// First and last line of every logical line, and whether it begins with `@`.
    statements: Vec<(u32, u32, bool)>,
    /// Lines with code, in order.
    code: Vec<u32>,
}

impl Scanned {
    /// The lines a suppression in `comment` covers.
    pub fn covered(&self, comment: &Comment) -> RangeInclusive<u32> {
        if !comment.alone {
            let whole = self.statements.iter().find(|(first, last, _)| (*first..=*last).contains(&comment.line));
            return match whole {
                Some((first, last, _)) if comment.line == *first || comment.line == *last => *first..=*last,
                _ => comment.line..=comment.line,
            };
        }
        if comment.bracketed {
            let next = self.code.iter().copied().find(|line| *line > comment.line).unwrap_or(comment.line);
            return next..=next;
        }
        let below = &self.statements[self.statements.partition_point(|(first, ..)| *first <= comment.line)..];
        let Some((first, ..)) = below.first() else { return comment.line..=comment.line };
        let last = below.iter().find(|(.., decorator)| !decorator).map_or(*first, |(_, last, _)| *last);
        *first..=last
    }
}

/// Finds comments and logical lines.
pub fn scan(text: &str) -> Scanned {
    let bytes = text.as_bytes();
    let mut out = Scanned::default();
    let (mut at, mut line, mut depth) = (0, 1_u32, 0_u32);
    let mut statement: Option<(u32, bool)> = None;
    while at < bytes.len() {
        match bytes[at] {
            b'\n' | b'\r' => {
                if depth == 0
                    && let Some((first, decorator)) = statement.take()
                {
                    out.statements.push((first, line, decorator));
                }
                at += usize::from(bytes[at..].starts_with(b"\r\n"));
                line += 1;
            }
            b'#' => {
                let end = bytes[at..].iter().position(|byte| matches!(byte, b'\n' | b'\r'));
                let end = end.map_or(bytes.len(), |length| at + length);
                let alone = out.code.last() != Some(&line);
                out.comments.push(Comment { range: at..end, line, alone, bracketed: depth > 0 });
                at = end;
                continue;
            }
            b' ' | b'\t' | 0x0c => {}
            byte => {
                statement.get_or_insert((line, byte == b'@'));
                mark(&mut out.code, line);
                match byte {
                    b'(' | b'[' | b'{' => depth += 1,
                    b')' | b']' | b'}' => depth = depth.saturating_sub(1),
                    b'"' | b'\'' => {
                        at = string(bytes, at, &mut line);
                        mark(&mut out.code, line);
                        continue;
                    }
                    b'\\' if bytes[at + 1..].starts_with(b"\r\n") => {
                        at += 2;
                        line += 1;
                    }
                    b'\\' if matches!(bytes.get(at + 1), Some(b'\n' | b'\r')) => {
                        at += 1;
                        line += 1;
                    }
                    _ => {}
                }
            }
        }
        at += 1;
    }
    if let Some((first, decorator)) = statement {
        out.statements.push((first, line, decorator));
    }
    out
}

fn mark(lines: &mut Vec<u32>, line: u32) {
    if lines.last() != Some(&line) {
        lines.push(line);
    }
}

/// The byte after the string that begins at `at`. A string without an end stops at the line's end.
fn string(bytes: &[u8], at: usize, line: &mut u32) -> usize {
    let quote = bytes[at];
    let triple = bytes[at..].starts_with(&[quote; 3]);
    let mut at = at + if triple { 3 } else { 1 };
    while at < bytes.len() {
        match bytes[at] {
            b'\\' if at + 1 < bytes.len() => {
                at += 1;
                at += usize::from(bytes[at..].starts_with(b"\r\n"));
                *line += u32::from(matches!(bytes[at], b'\n' | b'\r'));
            }
            b'\n' | b'\r' if !triple => return at,
            b'\n' => *line += 1,
            b'\r' if bytes.get(at + 1) != Some(&b'\n') => *line += 1,
            byte if byte == quote && !triple => return at + 1,
            byte if byte == quote && bytes[at..].starts_with(&[quote; 3]) => return at + 3,
            _ => {}
        }
        at += 1;
    }
    bytes.len()
}
