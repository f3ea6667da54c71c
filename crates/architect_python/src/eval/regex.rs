//! Matching of regular expressions, for the model of `re`.

use regex::RegexBuilder;

use super::{Evaluator, LOOP_LIMIT};
use crate::value::{CallArgs, Value};

/// Compiled expressions larger than this are not run.
const SIZE_LIMIT: usize = 1 << 20;

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
        if let Some((inner, not_first)) = lookahead(&pattern).filter(|_| before.is_empty() && after.is_empty()) {
            return self.before_each(inner, not_first, flag(2), &text);
        }
        let Ok(regex) = RegexBuilder::new(&format!("{before}(?:{pattern}){after}"))
            .case_insensitive(flag(2))
            .multi_line(flag(8))
            .dot_matches_new_line(flag(16))
            .ignore_whitespace(flag(64))
            .size_limit(SIZE_LIMIT)
            .build()
        else {
            return self.unknown("a regular expression that only Python understands");
        };
        // The dialects differ after empty matches, and in what `$` means before a last line break.
        if regex.is_match("") && before.is_empty() || pattern.contains('$') && text.ends_with('\n') || flag(256 | 4) {
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
        for found in regex.captures_iter(&text).take(LOOP_LIMIT) {
            let Some(whole) = found.get(0) else { continue };
            let (start, end) = (index(whole.start()), index(whole.end()));
            let groups =
                found.iter().map(|group| group.map_or(Value::None, |group| self.str(group.as_str()))).collect();
            let groups = self.list(groups);
            let names = regex
                .capture_names()
                .zip(0..)
                .filter_map(|(name, at)| name.map(|name| (self.str(name), Value::Int(at))))
                .collect();
            let names = self.dict(names);
            out.push(self.tuple(vec![start, end, groups, names]));
        }
        self.list(out)
    }

    /// Every place before which a pattern matches: what a pattern that only looks ahead finds.
    fn before_each(&mut self, pattern: &str, not_first: bool, any_case: bool, text: &str) -> Value {
        let built = RegexBuilder::new(&format!("^(?:{pattern})")).case_insensitive(any_case).size_limit(SIZE_LIMIT).build();
        let Ok(regex) = built else {
            return self.unknown("a regular expression that only Python understands");
        };
        self.charge(text.len());
        let mut out = Vec::new();
        for (at, (byte, _)) in text.char_indices().enumerate().take(LOOP_LIMIT) {
            if (at > 0 || !not_first) && regex.is_match(&text[byte..]) {
                let place = Value::Int(i64::try_from(at).unwrap_or(i64::MAX));
                let empty = self.str("");
                let groups = self.list(vec![empty]);
                let names = self.dict(Vec::new());
                out.push(self.tuple(vec![place, place, groups, names]));
            }
        }
        self.list(out)
    }
}

/// The inner pattern of one that only looks ahead, and whether it leaves out the start: `(?<!^)(?=[A-Z])`.
fn lookahead(pattern: &str) -> Option<(&str, bool)> {
    let (not_first, rest) = match pattern.strip_prefix("(?<!^)") {
        Some(rest) => (true, rest),
        None => (false, pattern),
    };
    let inner = rest.strip_prefix("(?=")?.strip_suffix(')')?;
    (!inner.contains(['(', ')'])).then_some((inner, not_first))
}
