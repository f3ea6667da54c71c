//! `--fix`, `--unsafe-fixes` and `--diff`.
//!
//! Fixes are applied to copies first, and the copies reviewed: what does not parse afterwards, or has a finding that
//! was not there, is not written; neither is a safe fix that changes the document. Files that changed underneath are
//! left alone.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use architect_model::Service;
use architect_model::service::EffectiveRoute;
use architect_model::tables::{Column, Table};
use architect_source::{
    Applicability, Edit, FileSystem as _, Finding, Fix, OsFileSystem, Overlay, git, reason, replace_files,
};
use architect_views::escape::printable;
use similar::TextDiff;

use super::Said;
use crate::args::{Global, Review};
use crate::context;

/// A fix may make room for the next, and one that does harm has to be found; the project is not reviewed more often than
/// this: what is left by then, another run takes up.
const MAX_REVIEWS: usize = 32;

/// What came of it.
pub enum Outcome {
    /// The changes were shown, and nothing written.
    Shown(crate::Outcome),
    /// The changes are written; what is left to say.
    Left(Box<Said>),
}

/// Applies fixes to what is found and shown, or shows what they would change.
///
/// # Errors
/// In one line: when a file changed underneath, holds unsaved work or cannot be written.
pub fn run(said: Said, options: &Review, global: &Global) -> Result<Outcome, String> {
    let least = if options.unsafe_fixes { Applicability::Unsafe } else { Applicability::Safe };
    let root = OsFileSystem.canonical(&options.project);
    let before: BTreeMap<String, String> =
        said.service.files.iter().map(|(path, file)| (path.clone(), file.text.clone())).collect();
    let fixed = settle(said, &before, &root, least, options, global)?;
    if options.diff {
        let text: String = fixed.texts.iter().map(|(path, new)| diff(path, &before[path], new)).collect();
        let any = !text.is_empty();
        context::print(&text, global)?;
        return Ok(Outcome::Shown(if any { crate::Outcome::Reported } else { crate::Outcome::Clean }));
    }
    write(&fixed.texts, &before, &root, options.allow_dirty)?;
    if !global.quiet && fixed.count > 0 {
        context::say(&format!("fixed {} in {}", plural(fixed.count, "finding"), plural(fixed.texts.len(), "file")));
    }
    Ok(Outcome::Left(Box::new(fixed.said)))
}

fn plural(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

struct Fixed {
    said: Said,
    /// Files that changed.
    texts: BTreeMap<String, String>,
    count: usize,
}

/// Applies what can be applied until nothing more can.
///
/// A round applies some fixes to copies and reviews the copies; where that made files worse, once more without those. What
/// made a file worse is found by halving: half as many of its fixes are tried in the next round, and one that fails alone
/// is refused.
fn settle(
    mut said: Said,
    before: &BTreeMap<String, String>,
    root: &Path,
    least: Applicability,
    options: &Review,
    global: &Global,
) -> Result<Fixed, String> {
    let quiet = Global { quiet: true, verbose: false, ..global.clone() };
    let options = &Review { with: Vec::new(), ..options.clone() };
    let mut texts: BTreeMap<String, String> = BTreeMap::new();
    let mut count = 0;
    let mut refused: BTreeSet<String> = BTreeSet::new();
    let mut limits = Limits::default();
    let mut reviews = 0;
    while reviews < MAX_REVIEWS {
        let shown = super::shown(said.findings.clone(), options);
        let wanted: Vec<&Finding> = shown
            .iter()
            .filter(|finding| !refused.contains(&key(finding)))
            .filter(|finding| finding.fix.as_ref().is_some_and(|fix| fix.applicability >= least))
            .collect();
        // Fixes that make the same promise go together, so that the promise can be checked.
        let Some(promise) = wanted.iter().map(|finding| Promise::of(finding)).min() else { break };
        let wanted: Vec<&Finding> = wanted.into_iter().filter(|finding| Promise::of(finding) == promise).collect();
        let text_of = |path: &str| texts.get(path).or_else(|| before.get(path));
        let chosen = limits.within(choose(&wanted, |path| text_of(path).map(String::len)));
        if chosen.is_empty() {
            // Fixes whose edits lie outside of their files are nobody's to apply.
            refused.extend(wanted.iter().map(|finding| key(finding)));
            reviews += 1;
            continue;
        }
        // What makes some files worse may still be good for the others.
        let mut tried = chosen;
        let kept = loop {
            if tried.is_empty() || reviews == MAX_REVIEWS {
                break None;
            }
            reviews += 1;
            let mut next = texts.clone();
            for (path, edits) in edits_by_file(&tried) {
                let Some(text) = text_of(path) else { continue };
                next.insert(path.to_owned(), applied(text, &edits));
            }
            next.retain(|path, text| before.get(path) != Some(text));
            let changed = next.iter().map(|(path, text)| (root.join(path), text.clone().into_bytes())).collect();
            let after = super::said(&Overlay::new(&OsFileSystem, changed), options, &quiet)?;
            let worse = worse(&said, &after, &tried);
            if worse.is_empty() && promise.is_kept(&said.service, &after.service) {
                count += tried.len();
                limits.raise(&tried);
                break Some((after, next));
            }
            refused.extend(limits.lower(&tried, &worse).into_iter().map(key));
            let rest = tried.iter().copied().filter(|finding| !worse.iter().any(|path| touches(finding, path)));
            let rest: Vec<&Finding> = rest.collect();
            tried = if rest.len() < tried.len() { rest } else { Vec::new() };
        };
        if let Some(kept) = kept {
            (said, texts) = kept;
        }
    }
    Ok(Fixed { said, texts, count })
}

/// What a fix leaves as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Promise {
    /// The documents and the tables: safe fixes.
    Document,
    /// Which routes and tables there are: unsafe fixes of style.
    Routes,
    /// Nothing that could be checked.
    Nothing,
}

impl Promise {
    fn of(finding: &Finding) -> Self {
        let is_safe = finding.fix.as_ref().is_some_and(|fix| fix.applicability == Applicability::Safe);
        match (is_safe, finding.group == crate::rules::STYLE) {
            (true, _) => Self::Document,
            (false, true) => Self::Routes,
            (false, false) => Self::Nothing,
        }
    }

    fn is_kept(self, before: &Service, after: &Service) -> bool {
        match self {
            Self::Document => documents(before) == documents(after) && tables(before) == tables(after),
            Self::Routes => {
                let names = |service: &Service| -> (Vec<String>, Vec<String>) {
                    let tables = service.tables.iter().map(Table::full_name);
                    (service.endpoints().iter().map(EffectiveRoute::title).collect(), tables.collect())
                };
                names(before) == names(after)
            }
            Self::Nothing => true,
        }
    }
}

fn documents(service: &Service) -> Vec<serde_json::Value> {
    let served = service.applications.iter().filter(|application| application.mounted_at.is_none());
    served.map(|application| architect_views::openapi::openapi(service, application).json).collect()
}

/// Tables as a database sees them.
fn tables(service: &Service) -> Vec<(String, Vec<SeenColumn<'_>>)> {
    service.tables.iter().map(|table| (table.full_name(), table.columns.iter().map(seen).collect())).collect()
}

/// Name, type and whether it may be null.
type SeenColumn<'s> = (&'s str, &'s str, bool);

fn seen(column: &Column) -> SeenColumn<'_> {
    (&column.name, &column.type_text, column.nullable)
}

/// Which fixes are tried at once.
#[derive(Default)]
struct Limits {
    /// How many, by file.
    files: HashMap<String, usize>,
    /// Keys of fixes one of which does harm that shows in no file. They are tried by halves until it is found, and what
    /// is not among them waits.
    suspects: BTreeSet<String>,
}

impl Limits {
    fn within<'f>(&self, chosen: Vec<&'f Finding>) -> Vec<&'f Finding> {
        let mut taken: HashMap<&str, usize> = HashMap::new();
        let few = chosen.into_iter().filter(|finding| {
            let count = taken.entry(&finding.location.path).or_default();
            *count += 1;
            self.files.get(&*finding.location.path).is_none_or(|limit| *count <= *limit)
        });
        let few: Vec<&Finding> = few.collect();
        let suspected: Vec<&Finding> =
            few.iter().copied().filter(|finding| self.suspects.contains(&key(finding))).collect();
        match suspected.len() {
            0 => few,
            count => suspected.into_iter().take(count.div_ceil(2)).collect(),
        }
    }

    /// After fixes that did well.
    fn raise(&mut self, chosen: &[&Finding]) {
        for finding in chosen {
            self.suspects.remove(&key(finding));
        }
        for path in chosen.iter().map(|finding| &*finding.location.path).collect::<BTreeSet<_>>() {
            if let Some(limit) = self.files.get_mut(path) {
                *limit = limit.saturating_mul(2);
            }
        }
    }

    /// After fixes that made some files, or the whole, worse; hands out those that failed alone.
    fn lower<'f>(&mut self, chosen: &[&'f Finding], worse: &BTreeSet<String>) -> Vec<&'f Finding> {
        let mut failed = Vec::new();
        let mut is_known = false;
        for path in worse {
            let own: Vec<&Finding> = chosen.iter().copied().filter(|finding| touches(finding, path)).collect();
            is_known |= !own.is_empty();
            match own.as_slice() {
                [] => {}
                [only] => failed.push(*only),
                several => {
                    self.files.insert(path.clone(), several.len() / 2);
                }
            }
        }
        if !is_known {
            match chosen {
                [only] => failed.push(*only),
                several => self.suspects = several.iter().map(|finding| key(finding)).collect(),
            }
        }
        // The one that was sought is found: the others may all be good.
        if !failed.is_empty() {
            self.suspects.clear();
        }
        failed
    }
}

fn touches(finding: &Finding, path: &str) -> bool {
    &*finding.location.path == path || finding.fix.iter().flat_map(|fix| &fix.edits).any(|edit| &*edit.path == path)
}

fn key(finding: &Finding) -> String {
    if finding.group != crate::rules::STYLE {
        return format!("{} {}", finding.rule, finding.subject);
    }
    // Messages of style say how long a line is, or in which line the other half stands.
    let plain: String = finding.subject.chars().filter(|letter| !letter.is_ascii_digit()).collect();
    format!("{} {plain}", finding.rule)
}

/// Fixes whose edits lie inside of their files and do not touch each other.
fn choose<'f>(wanted: &[&'f Finding], length: impl Fn(&str) -> Option<usize>) -> Vec<&'f Finding> {
    let mut taken: HashMap<&str, Vec<(u32, u32)>> = HashMap::new();
    let mut seen: Vec<&Fix> = Vec::new();
    let mut chosen = Vec::new();
    for finding in wanted {
        let Some(fix) = &finding.fix else { continue };
        // Several findings may have one fix, such as all of an import.
        if seen.contains(&fix) {
            continue;
        }
        let free = fix.edits.iter().all(|edit| {
            let inside = length(&edit.path).is_some_and(|length| edit.start <= edit.end && edit.end as usize <= length);
            let others = taken.get(&*edit.path).map(Vec::as_slice).unwrap_or_default();
            inside && others.iter().all(|(start, end)| edit.end < *start || *end < edit.start)
        });
        if free && !fix.edits.is_empty() {
            for edit in &fix.edits {
                taken.entry(&edit.path).or_default().push((edit.start, edit.end));
            }
            seen.push(fix);
            chosen.push(*finding);
        }
    }
    chosen
}

fn edits_by_file<'f>(chosen: &[&'f Finding]) -> BTreeMap<&'f str, Vec<&'f Edit>> {
    let mut out: BTreeMap<&str, Vec<&Edit>> = BTreeMap::new();
    for edit in chosen.iter().filter_map(|finding| finding.fix.as_ref()).flat_map(|fix| &fix.edits) {
        out.entry(&edit.path).or_default().push(edit);
    }
    out
}

fn applied(text: &str, edits: &[&Edit]) -> String {
    let mut edits = edits.to_vec();
    edits.sort_by_key(|edit| (edit.start, edit.end));
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for edit in edits {
        let (start, end) = (edit.start as usize, edit.end as usize);
        // Edits of ruff and of ours stand between letters.
        let (Some(kept), true) = (text.get(at..start), text.is_char_boundary(end)) else { return text.to_owned() };
        out.push_str(kept);
        out.push_str(&edit.content);
        at = end;
    }
    out.push_str(&text[at..]);
    out
}

/// How long lines are that are too long, the longest first: a fix may shorten one, and must not make one longer.
fn longest(findings: &[Finding]) -> HashMap<String, Vec<u32>> {
    let mut out: HashMap<String, Vec<u32>> = HashMap::new();
    for finding in findings.iter().filter(|finding| matches!(finding.rule, "E501" | "W505")) {
        let digits = finding.message.split(|letter: char| !letter.is_ascii_digit()).find(|part| !part.is_empty());
        out.entry(key(finding)).or_default().extend(digits.and_then(|digits| digits.parse::<u32>().ok()));
    }
    out.values_mut().for_each(|lengths| lengths.sort_unstable_by(|one, other| other.cmp(one)));
    out
}

/// Files in which something is found that was not, or in which a fix left its finding.
fn worse(before: &Said, after: &Said, chosen: &[&Finding]) -> BTreeSet<String> {
    let count = |findings: &[Finding]| {
        findings.iter().fold(HashMap::<String, usize>::new(), |mut counts, finding| {
            *counts.entry(key(finding)).or_default() += 1;
            counts
        })
    };
    let (old, new) = (count(&before.findings), count(&after.findings));
    let number = |counts: &HashMap<String, usize>, key: &str| counts.get(key).copied().unwrap_or_default();
    let (was, is) = (longest(&before.findings), longest(&after.findings));
    let added = after.findings.iter().filter(|finding| {
        let key = key(finding);
        number(&new, &key) > number(&old, &key)
            || is.get(&key).is_some_and(|long| was.get(&key).is_none_or(|before| before < long))
    });
    let left = chosen.iter().copied().filter(|finding| {
        let key = key(finding);
        number(&new, &key) >= number(&old, &key)
    });
    added.chain(left).map(|finding| finding.location.path.to_string()).collect()
}

fn diff(path: &str, old: &str, new: &str) -> String {
    let path = printable(path);
    let diff = TextDiff::from_lines(old, new);
    let text = diff.unified_diff().context_radius(3).header(&format!("a/{path}"), &format!("b/{path}")).to_string();
    // A patch has to be the bytes it is of, but nobody's terminal.
    text.split_inclusive('\n').map(visible).collect()
}

/// A line without what a terminal would obey; tabs and line ends stay.
fn visible(line: &str) -> String {
    let end = if line.ends_with("\r\n") { 2 } else { usize::from(line.ends_with('\n')) };
    let (line, end) = line.split_at(line.len() - end);
    line.split('\t').map(printable).collect::<Vec<_>>().join("\t") + end
}

fn write(
    texts: &BTreeMap<String, String>,
    before: &BTreeMap<String, String>,
    root: &Path,
    allow_dirty: bool,
) -> Result<(), String> {
    let mut files: Vec<(PathBuf, Vec<u8>)> = Vec::new();
    for (path, text) in texts {
        let file = OsFileSystem.canonical(&root.join(path));
        if !file.starts_with(root) {
            return Err(format!("{path}: it leads out of the project, and is not changed"));
        }
        let now = OsFileSystem.read(&file).map_err(|error| format!("{path}: {}", reason(&error)))?;
        if now != before[path].as_bytes() {
            return Err(format!("{path}: it changed underneath, or is not UTF-8; nothing is written, run it again"));
        }
        files.push((file, text.clone().into_bytes()));
    }
    let paths: Vec<PathBuf> = match git::work_tree(root) {
        Ok(tree) => files.iter().filter_map(|(file, _)| file.strip_prefix(&tree).ok().map(Path::to_path_buf)).collect(),
        Err(_) => Vec::new(),
    };
    if let Some(unsaved) = git::unsaved(root, &paths).first().filter(|_| !allow_dirty && !paths.is_empty()) {
        return Err(format!("git holds unsaved work of {unsaved}; commit it, or insist with --allow-dirty"));
    }
    replace_files(&files).map_err(|error| format!("cannot write: {}", reason(&error)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edit(start: u32, end: u32, content: &str) -> Edit {
        Edit { path: "a.py".into(), start, end, content: content.into() }
    }

    #[test]
    fn edits_are_applied_in_order() {
        assert_eq!(applied("abcdef", &[&edit(4, 6, ""), &edit(0, 1, "X"), &edit(2, 2, "-")]), "Xb-cd");
        assert_eq!(applied("ü", &[&edit(1, 2, "x")]), "ü", "not between letters");
    }

    #[test]
    fn what_does_harm_is_found_by_halving() {
        let fixes: Vec<Finding> = (0..5).map(|number| finding("a.py", number)).collect();
        let all: Vec<&Finding> = fixes.iter().collect();
        let worse = BTreeSet::from(["a.py".to_owned()]);
        let mut limits = Limits::default();
        assert_eq!(limits.within(all.clone()).len(), 5);
        assert!(limits.lower(&all, &worse).is_empty());
        let half = limits.within(all.clone());
        assert_eq!(half.len(), 2);
        assert!(limits.lower(&half, &worse).is_empty());
        let one = limits.within(all.clone());
        assert_eq!(limits.lower(&one, &worse).len(), 1, "it failed alone");
        limits.raise(&one);
        assert_eq!(limits.within(all.clone()).len(), 2);
    }

    #[test]
    fn harm_that_shows_in_no_file_is_found_among_suspects() {
        let fixes: Vec<Finding> = (0..9).map(|number| finding(&format!("{number}.py"), number)).collect();
        let mut left: Vec<&Finding> = fixes.iter().collect();
        let mut limits = Limits::default();
        let mut rounds = 0;
        // The sixth does harm.
        loop {
            rounds += 1;
            let tried = limits.within(left.clone());
            if tried.iter().all(|finding| finding.location.line != 5) {
                limits.raise(&tried);
                left.retain(|finding| !tried.contains(finding));
            } else if let [failed] = limits.lower(&tried, &BTreeSet::new()).as_slice() {
                assert_eq!(failed.location.line, 5);
                break;
            }
        }
        assert!(rounds <= 6, "{rounds} rounds");
        left.retain(|finding| finding.location.line != 5);
        assert_eq!(limits.within(left.clone()).len(), left.len(), "the others go together again");
    }

    fn finding(path: &str, number: u32) -> Finding {
        let location = architect_source::Location {
            path: path.into(),
            line: number,
            column: 1,
            end_line: number,
            end_column: 1,
            start: number,
            end: number,
        };
        Finding {
            rule: "F401",
            group: crate::rules::STYLE,
            severity: architect_source::Severity::Info,
            confidence: architect_source::Confidence::High,
            message: String::new(),
            subject: format!("{path} {}", ["a", "b", "c", "d", "e", "f", "g", "h", "i"][number as usize]),
            location,
            trace: Vec::new(),
            why: String::new(),
            help: String::new(),
            trade_off: String::new(),
            fix: None,
        }
    }

    #[test]
    fn a_diff_moves_no_cursor() {
        let text = diff("a\u{1b}.py", "a\tb\n", "a\tc\u{1b}[2J\n");
        assert!(!text.contains('\u{1b}') && text.contains("-a\tb\n+a\tc\\u{1b}[2J\n"), "{text}");
        let text = diff("a.py", "a\r\nb\rc\r\r\n", "a\r\n");
        assert!(
            text.contains(" a\r\n") && text.contains("\\r") && !text.replace("\r\n", "").contains('\r'),
            "{text:?}"
        );
    }
}
