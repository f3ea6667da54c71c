//! Comments that suppress findings: `# architect: ignore[rule] reason` on the line or above the statement, and
//! `# architect: file-ignore[rule]`.

mod scan;

use std::collections::{BTreeMap, HashMap};
use std::ops::{Range, RangeInclusive};
use std::sync::Arc;

use architect_model::service::SourceText;
use architect_source::{Applicability, Confidence, Edit, Finding, Fix, LineIndex, Location};

use crate::rules::{self, UNUSED_SUPPRESSION};

/// One rule in one comment.
struct Suppression {
    rule: String,
    /// The lines it covers; `None` for the whole file.
    lines: Option<RangeInclusive<u32>>,
    /// The comment.
    location: Location,
    used: bool,
    /// What removes it, and what it names, from the file.
    removal: Removal,
}

/// How a suppression goes away.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Removal {
    /// Bytes of the whole comment: with its line where nothing else is on it, else with the space before it.
    comment: Range<usize>,
    /// How many rules the comment names.
    rules: usize,
}

/// Takes out what is suppressed and adds a finding for every suppression that suppresses nothing.
///
/// A suppression of a rule that was not run (`ran`) may suppress something, and is not reported. Returns what is left
/// and how many findings were suppressed.
pub fn apply(
    files: &BTreeMap<String, SourceText>,
    findings: Vec<Finding>,
    ran: &dyn Fn(&str) -> bool,
) -> (Vec<Finding>, usize) {
    let mut suppressions: HashMap<&str, Vec<Suppression>> = files
        .iter()
        .filter(|(_, file)| file.text.contains("architect:"))
        .map(|(path, file)| (&**path, read(path, &file.text)))
        .collect();
    let before = findings.len();
    let mut kept = findings;
    kept.retain(|finding| {
        let mut hit = false;
        for suppression in suppressions.get_mut(&*finding.location.path).into_iter().flatten() {
            if suppression.rule == finding.rule && suppression.covers(&finding.location) {
                suppression.used = true;
                hit = true;
            }
        }
        !hit
    });
    let suppressed = before - kept.len();
    let unused = suppressions.into_values().flatten();
    let unused = unused.filter(|suppression| !suppression.used && ran(&suppression.rule));
    let mut unused: Vec<_> = unused.map(report).collect();
    unused.sort_by(|a, b| a.location.cmp(&b.location));
    kept.append(&mut unused);
    (kept, suppressed)
}

impl Suppression {
    fn covers(&self, place: &Location) -> bool {
        self.lines.as_ref().is_none_or(|lines| lines.contains(&place.line) || lines.contains(&place.end_line))
    }
}

fn read(path: &str, text: &str) -> Vec<Suppression> {
    let path: Arc<str> = path.into();
    let index = LineIndex::new(text);
    let scanned = scan::scan(text);
    let mut out = Vec::new();
    for comment in &scanned.comments {
        let Some((whole_file, rules)) = directive(&text[comment.range.clone()]) else { continue };
        let start = u32::try_from(comment.range.start).unwrap_or(u32::MAX);
        let end = u32::try_from(comment.range.end).unwrap_or(u32::MAX);
        let location = index.location(&path, text, start, end);
        let lines = (!whole_file).then(|| scanned.covered(comment));
        let removal = Removal { comment: removable(text, &comment.range), rules: rules.len() };
        for rule in rules {
            let (lines, location, removal) = (lines.clone(), location.clone(), removal.clone());
            out.push(Suppression { rule, lines, location, used: false, removal });
        }
    }
    out
}

/// The bytes that go with a comment.
fn removable(text: &str, comment: &Range<usize>) -> Range<usize> {
    let start = text[..comment.start].trim_end_matches([' ', '\t']).len();
    let alone = start == 0 || text[..start].ends_with(['\n', '\r']);
    let rest = &text[comment.end..];
    let line_end = ["\r\n", "\n", "\r"].iter().find(|end| rest.starts_with(**end)).map_or(0, |end| end.len());
    start..comment.end + if alone { line_end } else { 0 }
}

/// Whether the comment speaks of the whole file, and the rules it names.
fn directive(comment: &str) -> Option<(bool, Vec<String>)> {
    let said = comment.trim_start_matches('#').trim_start().strip_prefix("architect:")?.trim_start();
    let (whole_file, rest) = match said.strip_prefix("file-ignore") {
        Some(rest) => (true, rest),
        None => (false, said.strip_prefix("ignore")?),
    };
    // Without a list it names no rule, which is reported as suppressing nothing.
    let list = rest.strip_prefix('[').and_then(|rest| rest.split_once(']')).map_or("", |(list, _)| list);
    Some((whole_file, list.split(',').map(|rule| rule.trim().to_owned()).collect()))
}

fn report(suppression: Suppression) -> Finding {
    let Suppression { rule, lines, location, removal, .. } = suppression;
    // A comment that names several rules may be needed for the others.
    let fix = (removal.rules == 1).then(|| Fix {
        applicability: Applicability::Safe,
        title: "remove the comment".to_owned(),
        edits: vec![Edit {
            path: Arc::clone(&location.path),
            start: u32::try_from(removal.comment.start).unwrap_or(u32::MAX),
            end: u32::try_from(removal.comment.end).unwrap_or(u32::MAX),
            content: String::new(),
        }],
    });
    let message = if rule.is_empty() {
        "this suppression names no rule and suppresses nothing".to_owned()
    } else if rules::told(&rule).is_none() {
        format!("this suppression names {rule}, which is no rule")
    } else {
        format!("no finding of {rule} {}", if lines.is_some() { "here" } else { "in this file" })
    };
    Finding {
        rule: UNUSED_SUPPRESSION.name,
        group: UNUSED_SUPPRESSION.group,
        severity: UNUSED_SUPPRESSION.severity,
        confidence: Confidence::High,
        message,
        subject: format!("{} {rule}", location.path),
        location,
        trace: Vec::new(),
        why: "It would hide the next finding of that rule, which nobody has looked at.".to_owned(),
        help: "Remove it; a suppression is written `# architect: ignore[rule] reason`.".to_owned(),
        trade_off: String::new(),
        fix,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(line: u32, end_line: u32) -> Finding {
        let mut finding = report(Suppression {
            rule: String::new(),
            lines: None,
            location: Location { path: "a.py".into(), line, column: 1, end_line, end_column: 2, start: 0, end: 1 },
            used: false,
            removal: Removal { comment: 0..0, rules: 0 },
        });
        finding.rule = "syntax-error";
        finding
    }

    /// Rules left and number suppressed, for findings in the given lines.
    fn review(text: &str, lines: &[u32]) -> (Vec<&'static str>, usize) {
        let files = BTreeMap::from([("a.py".to_owned(), SourceText { text: text.to_owned(), lines: 0 })]);
        let (left, suppressed) = apply(&files, lines.iter().map(|line| finding(*line, *line)).collect(), &|_| true);
        (left.iter().map(|finding| finding.rule).collect(), suppressed)
    }

    #[test]
    fn a_comment_on_the_line_suppresses() {
        assert_eq!(review("a = 1  # architect: ignore[syntax-error] known\n", &[1]), (vec![], 1));
        assert_eq!(review("a = 1  # architect: ignore[syntax-error]\nb = 2\n", &[1, 2]), (vec!["syntax-error"], 1));
    }

    #[test]
    fn a_comment_above_covers_the_whole_statement_and_its_decorators() {
        let text =
            "# architect: ignore[syntax-error] why\n# more\n\n@get(\n    1,\n)\n@b\ndef f(\n    a,\n):\n    pass\n";
        assert_eq!(review(text, &[4, 5, 8, 9]), (vec![], 4));
        assert_eq!(review(text, &[8, 11]), (vec!["syntax-error"], 1), "the body is another statement");
    }

    #[test]
    fn a_comment_at_the_end_of_a_statement_covers_all_of_it() {
        assert_eq!(review("f(\n  a,\n)  # architect: ignore[syntax-error]\n", &[1]), (vec![], 1));
    }

    #[test]
    fn a_file_can_be_excepted() {
        assert_eq!(review("a\nb\n# architect: file-ignore[syntax-error]\n", &[1, 2]), (vec![], 2));
    }

    #[test]
    fn other_rules_stay_and_the_suppression_is_reported() {
        let (left, suppressed) = review("a  # architect: ignore[route-shadowed]\n", &[1]);
        assert_eq!((left, suppressed), (vec!["syntax-error", "unused-suppression"], 0));
    }

    #[test]
    fn each_rule_of_a_list_counts_for_itself() {
        let (left, suppressed) = review("a  # architect: ignore[x, syntax-error]\n", &[1]);
        assert_eq!((left, suppressed), (vec!["unused-suppression"], 1));
        assert_eq!(review("a  # architect: ignore\n", &[]).0, ["unused-suppression"]);
    }

    #[test]
    fn strings_are_not_comments() {
        let text = "a = '# architect: ignore[x]'\n\"\"\"\n# architect: ignore[x]\n\"\"\"\n";
        assert_eq!(review(text, &[]), (vec![], 0));
    }
}
