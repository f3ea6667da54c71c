//! Matching of regular expressions, for the model of `re`.

use std::ops::Range;

use regex::RegexBuilder;

use super::{Evaluator, LOOP_LIMIT};
use crate::value::{CallArgs, Value};

/// Compiled expressions larger than this are not run.
const SIZE_LIMIT: usize = 1 << 20;
/// Steps back that an expression may take.
const BACKTRACK_LIMIT: usize = 100_000;

impl Evaluator<'_> {
    /// `_architect.regex(before, pattern, after, flags, text)`: every match as
    /// `(start, end, [group, ...], {name: index})`. Unknown where Python's `re` may decide differently.
    pub(super) fn regex(&mut self, args: &CallArgs) -> Value {
        let text_of = |at: usize| args.pos.get(at).and_then(|value| self.text(*value)).map(str::to_owned);
        let (Some(before), Some(pattern), Some(after), Some(Value::Int(flags)), Some(text)) =
            (text_of(0), text_of(1), text_of(2), args.pos.get(3), text_of(4))
        else {
            return self.unknown("a match of a regular expression or a text that is not known");
        };
        let work = (text.len() / 16) as u64;
        self.fuel = self.fuel.saturating_sub(work);
        self.total = self.total.saturating_sub(work);
        let flag = |bit: i64| flags & bit != 0;
        let whole = format!("{before}(?:{pattern}){after}");
        let compiled = RegexBuilder::new(&whole)
            .case_insensitive(flag(2))
            .multi_line(flag(8))
            .dot_matches_new_line(flag(16))
            .ignore_whitespace(flag(64))
            .size_limit(SIZE_LIMIT)
            .build();
        let (found, names): Matches = match compiled {
            Ok(regex) => {
                // The dialects differ after empty matches.
                if regex.is_match("") && before.is_empty() {
                    return self.unknown("a regular expression in which Python is different");
                }
                let found = regex.captures_iter(&text).take(LOOP_LIMIT);
                let found =
                    found.map(|found| found.iter().map(|group| group.map(|group| group.range())).collect()).collect();
                let names = regex.capture_names().map(|name| name.map(str::to_owned)).collect();
                (found, names)
            }
            Err(_) => match look_around(&whole, *flags, &text) {
                Some(found) => found,
                None => return self.unknown("a regular expression that only Python understands"),
            },
        };
        // They also differ in what `$` means before a last line break.
        if pattern.contains('$') && text.ends_with('\n') || flag(256 | 4) {
            return self.unknown("a regular expression in which Python is different");
        }
        let mut position = (0, 0);
        let mut index = |byte: usize| {
            let (at, chars) = position;
            position = if byte >= at {
                (byte, chars + text[at..byte].chars().count())
            } else {
                (byte, text[..byte].chars().count())
            };
            Value::Int(i64::try_from(position.1).unwrap_or(i64::MAX))
        };
        let mut out = Vec::new();
        for groups in found {
            let Some(Some(whole)) = groups.first().cloned() else { continue };
            let (start, end) = (index(whole.start), index(whole.end));
            let groups = groups
                .into_iter()
                .map(|group| group.and_then(|range| text.get(range)).map_or(Value::None, |group| self.str(group)))
                .collect();
            let groups = self.list(groups);
            let names = names
                .iter()
                .zip(0..)
                .filter_map(|(name, at)| name.as_ref().map(|name| (self.str(name), Value::Int(at))))
                .collect();
            let names = self.dict(names);
            out.push(self.tuple(vec![start, end, groups, names]));
        }
        self.list(out)
    }
}

/// The groups of every match, and the names of the groups.
type Matches = (Vec<Vec<Option<Range<usize>>>>, Vec<Option<String>>);

/// Matches of an expression that looks ahead, looks behind or refers back. Where some matches are empty and others are
/// not, Python may find others.
fn look_around(pattern: &str, flags: i64, text: &str) -> Option<Matches> {
    if flags & !(2 | 8 | 16 | 32 | 64) != 0 {
        return None;
    }
    let letters: String = [(2, 'i'), (8, 'm'), (16, 's'), (64, 'x')]
        .iter()
        .filter(|(bit, _)| flags & bit != 0)
        .map(|(_, c)| *c)
        .collect();
    let pattern = if letters.is_empty() { pattern.to_owned() } else { format!("(?{letters}){pattern}") };
    let regex = fancy_regex::RegexBuilder::new(&pattern)
        .backtrack_limit(BACKTRACK_LIMIT)
        .delegate_size_limit(SIZE_LIMIT)
        .build()
        .ok()?;
    let mut out: Vec<Vec<Option<Range<usize>>>> = Vec::new();
    for found in regex.captures_iter(text).take(LOOP_LIMIT) {
        out.push(found.ok()?.iter().map(|group| group.map(|group| group.range())).collect());
    }
    let empty =
        out.iter().filter(|groups| groups.first().is_some_and(|whole| whole.as_ref().is_some_and(Range::is_empty)));
    let empty = empty.count();
    let names = regex.capture_names().map(|name| name.map(str::to_owned)).collect();
    (empty == 0 || empty == out.len()).then_some((out, names))
}
