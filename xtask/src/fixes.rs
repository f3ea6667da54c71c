//! `corpus fixes`: every fix, safe or not, on copies of real applications, and what came of it.
//!
//! What has to hold: every file that parsed still does, there are fewer findings, none that was not there before, and
//! lines that changed are lines that some finding stood on or asked to change.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use clap::Args;
use serde_json::Value;
use similar::{DiffOp, TextDiff};

use crate::corpus::{Application, Places, applications};
use crate::{Outcome, at};

/// `corpus fixes`.
#[derive(Args, Debug)]
pub struct Fixes {
    #[command(flatten)]
    places: Places,
    /// Only these applications
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// More options of review; without any, `--style --all`
    #[arg(last = true)]
    more: Vec<String>,
}

/// Fixes copies of the applications and looks at what changed.
pub fn run(root: &Path, options: &Fixes) -> Outcome {
    let binary = options.places.binary(root)?;
    let list = options.places.shared(root).join("corpus/apps.tsv");
    let text = fs::read_to_string(&list).map_err(at(&list))?;
    let mut seen: BTreeSet<PathBuf> = BTreeSet::new();
    let mut wrong = 0_usize;
    for application in applications(&text) {
        if !options.only.is_empty() && !options.only.contains(&application.name) {
            continue;
        }
        let Some((project, environment)) = application.place(&options.places.dir) else {
            eprintln!("{}: not in {}", application.name, options.places.dir.display());
            continue;
        };
        // Several rows may be applications of one project.
        if !seen.insert(project.clone()) {
            continue;
        }
        let copy = Copy::of(&application, &project, &environment)?;
        let report = copy.fixed(&binary, &options.more)?;
        println!("{}: {}", application.name, report.line);
        for complaint in &report.wrong {
            println!("  {complaint}");
        }
        wrong += report.wrong.len();
    }
    match (seen.len(), wrong) {
        (0, _) => Err("no application could be fixed".to_owned()),
        (_, 0) => Ok(()),
        (_, wrong) => Err(format!("{wrong} things are wrong with what the fixes did")),
    }
}

/// A copy of an application that may be changed.
struct Copy {
    folder: tempfile::TempDir,
    project: PathBuf,
    arguments: Vec<String>,
}

/// What came of the fixes of an application.
struct Report {
    line: String,
    wrong: Vec<String>,
}

/// Files that matter to a review; what else an application ships may be large.
const KINDS: &[&str] = &["py", "pyi", "toml", "cfg", "ini", "txt", "yaml", "lock"];
const LARGEST: u64 = 16 << 20;

impl Copy {
    fn of(application: &Application, project: &Path, environment: &Path) -> Result<Self, String> {
        let folder = tempfile::tempdir().map_err(|error| format!("no temporary folder: {error}"))?;
        // The configuration of tools stands above the project, as far as its sources go.
        let above = |folder: &&Path| folder.join("pyproject.toml").is_file() || folder.join(".git").exists();
        let root = project.ancestors().take(3).filter(above).last().unwrap_or(project);
        let name = root.file_name().map_or_else(|| "project".into(), PathBuf::from);
        let target = folder.path().join(name);
        copy(root, &target)?;
        let inside = project.strip_prefix(root).map_err(|error| error.to_string())?;
        let mut arguments = vec!["--python".to_owned(), environment.to_string_lossy().into_owned()];
        arguments.extend(application.arguments());
        Ok(Self { project: target.join(inside), folder, arguments })
    }

    fn fixed(&self, binary: &Path, more: &[String]) -> Result<Report, String> {
        let shown: Vec<String> =
            if more.is_empty() { vec!["--style".to_owned(), "--all".to_owned()] } else { more.to_vec() };
        let (old_texts, old_broken) = (self.texts()?, self.broken(binary)?);
        let before = Findings::of(&self.review(binary, &shown)?)?;
        let fix = ["--fix", "--unsafe-fixes", "--allow-dirty"].map(str::to_owned);
        self.review(binary, &[&shown[..], &fix].concat())?;
        let after = Findings::of(&self.review(binary, &shown)?)?;
        let (new_texts, new_broken) = (self.texts()?, self.broken(binary)?);
        let mut wrong = Vec::new();
        if new_broken > old_broken {
            wrong.push(format!("{} files do not parse any more", new_broken - old_broken));
        }
        if before.fixable > 0 && after.count() >= before.count() {
            wrong.push("there are not fewer findings".to_owned());
        }
        let added = after.without(&before);
        wrong.extend(added.iter().map(|(what, count)| format!("new: {what} ({count})")));
        wrong.extend(after.longer(&before).map(|what| format!("longer: {what}")));
        let mut changed = 0_usize;
        for (path, old) in &old_texts {
            let Some(new) = new_texts.get(path) else {
                wrong.push(format!("{path}: gone"));
                continue;
            };
            if old == new {
                continue;
            }
            changed += 1;
            let asked = before.lines_of(path, old);
            wrong.extend(
                unasked(old, new, &asked).into_iter().map(|line| format!("{path}:{line}: nobody asked for it")),
            );
        }
        wrong.extend(new_texts.keys().filter(|path| !old_texts.contains_key(*path)).map(|path| format!("{path}: new")));
        let line = format!(
            "{} findings, {} with a fix; {} after the fixes, {} still with one; {changed} of {} files changed",
            before.count(),
            before.fixable,
            after.count(),
            after.fixable,
            old_texts.len()
        );
        Ok(Report { line, wrong })
    }

    fn review(&self, binary: &Path, options: &[String]) -> Result<Value, String> {
        let mut command = Command::new(binary);
        command.arg("review").arg(&self.project).args(["--format", "json", "--quiet"]);
        let output = command.args(&self.arguments).args(options).output().map_err(at(binary))?;
        if !matches!(output.status.code(), Some(0 | 1)) {
            return Err(String::from_utf8_lossy(&output.stderr).trim().to_owned());
        }
        serde_json::from_slice(&output.stdout).map_err(|error| format!("not JSON: {error}"))
    }

    /// How many files do not parse.
    fn broken(&self, binary: &Path) -> Result<usize, String> {
        let output = Command::new(binary).arg("debug-parse").arg(&self.project).output().map_err(at(binary))?;
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let number = said.split(", ").find_map(|part| part.trim().strip_suffix(" do not parse"));
        number.and_then(|number| number.parse().ok()).ok_or_else(|| format!("debug-parse says {said:?}"))
    }

    /// Every file of the copy, by its path below the project, or below the copy where it stands above the project.
    fn texts(&self) -> Result<BTreeMap<String, String>, String> {
        let mut out = BTreeMap::new();
        let mut folders = vec![self.folder.path().to_path_buf()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder).map_err(at(&folder))?.flatten() {
                let path = entry.path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let text = fs::read(&path).map_err(at(&path))?;
                let name = path.strip_prefix(&self.project).unwrap_or(&path);
                out.insert(name.to_string_lossy().into_owned(), String::from_utf8_lossy(&text).into_owned());
            }
        }
        Ok(out)
    }
}

fn copy(from: &Path, to: &Path) -> Outcome {
    fs::create_dir_all(to).map_err(at(to))?;
    for entry in fs::read_dir(from).map_err(at(from))?.flatten() {
        let (path, kind) = (entry.path(), entry.file_type().map_err(at(from))?);
        let name = entry.file_name();
        if kind.is_dir() {
            if !matches!(&*name.to_string_lossy(), ".git" | "node_modules" | "__pycache__" | "venv" | ".venv") {
                copy(&path, &to.join(name))?;
            }
        } else if kind.is_file() {
            let ending = path.extension().map(|ending| ending.to_string_lossy().into_owned()).unwrap_or_default();
            let is_dotfile = name.to_string_lossy().starts_with('.');
            let size = entry.metadata().map_err(at(&path))?.len();
            if (is_dotfile || KINDS.contains(&&*ending)) && size <= LARGEST {
                fs::copy(&path, to.join(name)).map_err(at(&path))?;
            }
        }
    }
    Ok(())
}

/// What a finding says; messages of ruff also say where the other half stands, which fixes change.
fn what(rule: &str, subject: &str) -> String {
    let of_ruff = rule.starts_with(|letter: char| letter.is_ascii_uppercase());
    let plain = subject.chars().filter(|letter| !of_ruff || !letter.is_ascii_digit());
    format!("{rule} {}", plain.collect::<String>())
}

/// The findings of a review, without their places.
struct Findings {
    counts: BTreeMap<String, usize>,
    /// How long lines are that are too long, the longest first.
    lengths: BTreeMap<String, Vec<usize>>,
    /// Lines by file that findings stand on.
    lines: BTreeMap<String, Vec<(usize, usize)>>,
    /// Bytes by file that fixes would change.
    edits: BTreeMap<String, Vec<(usize, usize)>>,
    fixable: usize,
}

impl Findings {
    fn of(review: &Value) -> Result<Self, String> {
        let mut out = Self {
            counts: BTreeMap::new(),
            lengths: BTreeMap::new(),
            lines: BTreeMap::new(),
            edits: BTreeMap::new(),
            fixable: 0,
        };
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let number = |value: &Value| value.as_u64().and_then(|number| usize::try_from(number).ok()).unwrap_or_default();
        for finding in review["findings"].as_array().ok_or("no `findings`")? {
            let (rule, said) = (text(&finding["rule"]), text(&finding["message"]));
            let what = what(&rule, &text(&finding["subject"]));
            if matches!(&*rule, "E501" | "W505") {
                let mut numbers = said.split(|letter: char| !letter.is_ascii_digit());
                let length = numbers.find_map(|part| part.parse::<usize>().ok());
                out.lengths.entry(what.clone()).or_default().extend(length);
            }
            *out.counts.entry(what).or_default() += 1;
            let place = &finding["location"];
            let lines = (number(&place["line"]), number(&place["end_line"]));
            out.lines.entry(text(&place["path"])).or_default().push(lines);
            let is_applied = matches!(finding["fix"]["applicability"].as_str(), Some("safe" | "unsafe"));
            out.fixable += usize::from(is_applied);
            for edit in finding["fix"]["edits"].as_array().into_iter().flatten() {
                let bytes = (number(&edit["start"]), number(&edit["end"]));
                out.edits.entry(text(&edit["path"])).or_default().push(bytes);
            }
        }
        out.lengths.values_mut().for_each(|lengths| lengths.sort_unstable_by(|one, other| other.cmp(one)));
        Ok(out)
    }

    /// Lines that are too long here and were shorter there.
    fn longer<'s>(&'s self, other: &'s Self) -> impl Iterator<Item = &'s str> {
        let grown = |(what, lengths): &(&String, &Vec<usize>)| {
            other.lengths.get(*what).is_some_and(|before| before.iter().zip(*lengths).any(|(old, new)| new > old))
        };
        self.lengths.iter().filter(grown).map(|(what, _)| what.as_str())
    }

    fn count(&self) -> usize {
        self.counts.values().sum()
    }

    /// What is here and not there.
    fn without<'s>(&'s self, other: &Self) -> Vec<(&'s str, usize)> {
        let more = self.counts.iter().filter_map(|(what, count)| {
            let more = count.saturating_sub(other.counts.get(what).copied().unwrap_or_default());
            (more > 0).then_some((&**what, more))
        });
        more.collect()
    }

    /// Lines of a file that findings stand on or would change, counted from 1, both ends included.
    fn lines_of(&self, path: &str, text: &str) -> Vec<(usize, usize)> {
        let line = |byte: usize| 1 + text.bytes().take(byte).filter(|byte| *byte == b'\n').count();
        let mut out = self.lines.get(path).cloned().unwrap_or_default();
        out.extend(self.edits.get(path).into_iter().flatten().map(|(start, end)| (line(*start), line(*end))));
        out
    }
}

/// Lines of the old text that changed although no finding is about them.
fn unasked(old: &str, new: &str, asked: &[(usize, usize)]) -> Vec<usize> {
    // A line that goes may take the empty one beside it along.
    let is_asked = |line: usize| asked.iter().any(|(start, end)| start.saturating_sub(1) <= line && line <= end + 1);
    let diff = TextDiff::from_lines(old, new);
    let lines: Vec<&str> = old.lines().collect();
    let mut out = Vec::new();
    for op in diff.ops() {
        let (start, count) = match *op {
            DiffOp::Equal { .. } => continue,
            DiffOp::Insert { old_index, .. } => (old_index, 0),
            DiffOp::Delete { old_index, old_len, .. } | DiffOp::Replace { old_index, old_len, .. } => {
                (old_index, old_len)
            }
        };
        if count == 0 && !is_asked(start) && !is_asked(start + 1) {
            out.push(start + 1);
        }
        let is_empty = |line: usize| lines.get(line - 1).is_none_or(|line| line.trim().is_empty());
        out.extend((start + 1..=start + count).filter(|line| !is_asked(*line) && !is_empty(*line)));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_asked_for_is_seen() {
        let old = "a\nb\nc\nd\ne\nf\n";
        assert_eq!(unasked(old, "a\nX\nc\nd\ne\nf\n", &[(2, 2)]), [0; 0]);
        assert_eq!(unasked(old, "a\nb\nc\nd\ne\nX\n", &[(2, 2)]), [6]);
        assert_eq!(unasked(old, "a\nb\nc\nd\nX\ne\nf\n", &[(1, 1)]), [5]);
        assert_eq!(unasked(old, "b\nc\nd\ne\nf\n", &[(1, 1)]), [0; 0]);
    }

    #[test]
    fn findings_are_compared_without_places() {
        let review = |line: u64, rule: &str| {
            let fix = serde_json::json!({"applicability": "safe", "edits": [{"path": "a.py", "start": 2, "end": 3}]});
            let finding = serde_json::json!({
                "rule": rule, "subject": "s", "fix": fix,
                "location": {"path": "a.py", "line": line, "end_line": line},
            });
            Findings::of(&serde_json::json!({ "findings": [finding] })).expect("findings")
        };
        assert_eq!(review(3, "r").without(&review(9, "r")), []);
        assert_eq!(review(3, "r").without(&review(3, "q")), [("r s", 1)]);
        assert_eq!(review(3, "r").lines_of("a.py", "a\nb\nc\n"), [(3, 3), (2, 2)]);
        assert_eq!(review(3, "r").fixable, 1);
    }
}
