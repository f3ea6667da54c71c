//! What could not be known, for people.

use architect_source::Unknown;
use architect_views::escape::printable;

/// Groups that are shown unless the user wants to see everything.
const SHOWN_GROUPS: usize = 8;

/// Examples of a group.
const SHOWN_EXAMPLES: usize = 3;

/// Unknowns grouped by their reason, the most frequent first; every one with its place when `verbose`.
pub fn text(unknowns: &[Unknown], verbose: bool) -> String {
    let mut groups: Vec<(&str, Vec<&Unknown>)> = Vec::new();
    for unknown in unknowns {
        match groups.iter_mut().find(|(why, _)| *why == unknown.why) {
            Some((_, group)) => group.push(unknown),
            None => groups.push((&unknown.why, vec![unknown])),
        }
    }
    groups.sort_by_key(|(_, group)| std::cmp::Reverse(group.len()));
    let hidden = if verbose { 0 } else { groups.len().saturating_sub(SHOWN_GROUPS) };
    let mut out = String::new();
    for (why, group) in &groups[..groups.len() - hidden] {
        let resolve = group.iter().map(|unknown| &*unknown.resolve).find(|resolve| !resolve.is_empty());
        let resolve = resolve.map(|resolve| format!("; {resolve}")).unwrap_or_default();
        let examples = if verbose { String::new() } else { format!(": {}", examples(group)) };
        out.push_str(&printable(&format!("{:>4} x {why}{examples}{resolve}", group.len())));
        out.push('\n');
        if verbose {
            for unknown in group {
                out.push_str(&printable(&format!("         {}", describe(unknown))));
                out.push('\n');
            }
        }
    }
    if hidden > 0 {
        let rest: usize = groups[groups.len() - hidden..].iter().map(|(_, group)| group.len()).sum();
        out.push_str(&format!("{rest:>4} more for {hidden} other reasons; -v lists them\n"));
    }
    out
}

/// The first of a group by name; where there is one only, with its place.
fn examples(group: &[&Unknown]) -> String {
    if let [only] = group {
        return describe(only);
    }
    let mut names: Vec<&str> = Vec::new();
    for unknown in group {
        if !names.contains(&&*unknown.what) {
            names.push(&unknown.what);
        }
    }
    let more = names.len() > SHOWN_EXAMPLES;
    names.truncate(SHOWN_EXAMPLES);
    let place = if names.len() == 1 { group[0].location.as_ref() } else { None };
    let place = place.map(|place| format!(" at {place} and elsewhere")).unwrap_or_default();
    format!("{}{place}{}", names.join(", "), if more { ", …" } else { "" })
}

fn describe(unknown: &Unknown) -> String {
    match &unknown.location {
        Some(location) => format!("{} at {location}", unknown.what),
        None => unknown.what.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unknown(what: &str, why: &str) -> Unknown {
        Unknown { what: what.into(), why: why.into(), resolve: String::new(), location: None }
    }

    #[test]
    fn reasons_are_counted() {
        let all = [unknown("a", "dynamic"), unknown("b", "no source"), unknown("c", "no source")];
        assert_eq!(text(&all, false), "   2 x no source: b, c\n   1 x dynamic: a\n");
    }

    #[test]
    fn many_reasons_are_cut_unless_asked_for() {
        let all: Vec<_> = (0..30).map(|number| unknown("x", &format!("reason {number}"))).collect();
        let short = text(&all, false);
        assert_eq!(short.lines().count(), SHOWN_GROUPS + 1);
        assert!(short.ends_with("22 more for 22 other reasons; -v lists them\n"), "{short}");
        assert_eq!(text(&all, true).lines().count(), 60);
        assert_eq!(text(&[], false), "");
    }
}
