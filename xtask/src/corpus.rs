//! `corpus`: a built binary on real applications, which are kept outside the repository.
//!
//! The folder given by `--shared` has `tools/measure.py`, which compares a map with what the running application says,
//! and `corpus/apps.tsv`, which names applications; `--dir` holds them: `NAME/venv`, and `NAME/src` for those that come
//! as source.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use architect_fuzz::Random;
use clap::{Args, Subcommand};
use serde_json::Value;

use crate::{Outcome, at, fixes, packages};

/// What to do with the applications.
#[derive(Debug, Subcommand)]
pub enum Task {
    /// Compare the map of every application with what the running application says
    Measure(Measure),
    /// Print findings drawn at random, for labelling: fingerprint, rule, place, message
    Sample(Sample),
    /// Apply every fix to copies of the applications, and look at what changed
    Fixes(fixes::Fixes),
    /// Review every package of the environments, and the standard library, each by itself and within limits
    Packages(packages::Packages),
}

/// Where things are.
#[derive(Args, Debug)]
pub struct Places {
    /// The built fastapi-architect [default: the release build of this workspace]
    #[arg(long)]
    binary: Option<PathBuf>,
    /// Where the applications are
    #[arg(long)]
    pub dir: PathBuf,
    /// Where tools and the list of applications are [default: `../shared`, beside the repository]
    #[arg(long)]
    shared: Option<PathBuf>,
}

impl Places {
    pub fn binary(&self, root: &Path) -> Result<PathBuf, String> {
        crate::bench::binary(root, self.binary.as_deref())
    }

    pub fn shared(&self, root: &Path) -> PathBuf {
        self.shared.clone().unwrap_or_else(|| root.join("../shared"))
    }
}

/// `corpus measure`.
#[derive(Args, Debug)]
pub struct Measure {
    #[command(flatten)]
    places: Places,
    /// More arguments for measure.py, such as `--only NAME --show 5`
    #[arg(last = true)]
    more: Vec<String>,
}

/// `corpus sample`.
#[derive(Args, Debug)]
pub struct Sample {
    #[command(flatten)]
    places: Places,
    /// The same seed draws the same findings from the same reviews
    #[arg(long)]
    seed: u64,
    /// How many to draw
    #[arg(long, default_value_t = 100)]
    count: usize,
    /// Draw from one rule after the other, so that rules that seldom find something are read, too
    #[arg(long)]
    spread: bool,
}

/// Runs the task.
pub fn run(root: &Path, task: &Task) -> Outcome {
    match task {
        Task::Measure(options) => measure(root, options),
        Task::Sample(options) => sample(root, options),
        Task::Fixes(options) => fixes::run(root, options),
        Task::Packages(options) => packages::run(root, options),
    }
}

fn measure(root: &Path, options: &Measure) -> Outcome {
    let tool = options.places.shared(root).join("tools/measure.py");
    if !tool.is_file() {
        return Err(format!("{}: no such file; name its folder with --shared", tool.display()));
    }
    let status = Command::new("python3")
        .arg(&tool)
        .arg(options.places.binary(root)?)
        .args(["map", "--corpus"])
        .arg(&options.places.dir)
        .args(&options.more)
        .status()
        .map_err(|error| format!("python3: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("measure.py ended with {status}")) }
}

fn sample(root: &Path, options: &Sample) -> Outcome {
    let binary = options.places.binary(root)?;
    let list = options.places.shared(root).join("corpus/apps.tsv");
    let text = fs::read_to_string(&list).map_err(at(&list))?;
    let mut findings: Vec<[String; 4]> = Vec::new();
    let mut reviewed = 0_usize;
    for application in applications(&text) {
        let Some((project, environment)) = application.place(&options.places.dir) else {
            eprintln!("{}: not in {}", application.name, options.places.dir.display());
            continue;
        };
        let mut command = Command::new(&binary);
        command.arg("review").arg(&project).args(["--format", "json", "--quiet", "--python"]).arg(&environment);
        command.args(application.arguments());
        let output = command.output().map_err(at(&binary))?;
        let found = if matches!(output.status.code(), Some(0 | 1)) {
            rows(&application.name, &output.stdout)
        } else {
            Err(String::from_utf8_lossy(&output.stderr).lines().last().unwrap_or("no answer").to_owned())
        };
        match found {
            Ok(found) => {
                reviewed += 1;
                eprintln!("{}: {} findings", application.name, found.len());
                findings.extend(found);
            }
            Err(error) => eprintln!("{}: review failed: {error}", application.name),
        }
    }
    if reviewed == 0 {
        return Err("no application could be reviewed".to_owned());
    }
    findings.sort();
    // An application that is mounted in another is reviewed with it, too.
    let mut known = BTreeSet::new();
    findings.retain(|row| known.insert((row[1].clone(), within(&row[2]).to_owned(), row[3].clone())));
    let drawn = if options.spread {
        spread(findings, options.count, options.seed)
    } else {
        draw(findings, options.count, options.seed)
    };
    for row in drawn {
        println!("{}", row.join("\t"));
    }
    Ok(())
}

/// One row of the list.
#[derive(Debug, PartialEq, Eq)]
pub struct Application {
    /// What the list calls it.
    pub name: String,
    folder: String,
    app: String,
    environment: Vec<String>,
}

impl Application {
    /// What a command has to be told about it, its folder and its environment aside.
    pub fn arguments(&self) -> Vec<String> {
        let app = ["--app".to_owned(), self.app.clone()];
        let app = app.into_iter().filter(|_| !self.app.is_empty());
        app.chain(self.environment.iter().flat_map(|pair| ["--env".to_owned(), pair.clone()])).collect()
    }

    /// Its project folder and its environment.
    pub fn place(&self, dir: &Path) -> Option<(PathBuf, PathBuf)> {
        // NAME-v1 is the mounted application of NAME.
        let home = dir.join(self.name.strip_suffix("-v1").unwrap_or(&self.name));
        let environment = home.join("venv");
        let source = home.join("src");
        let project = if source.is_dir() {
            source.join(&self.folder)
        } else {
            let library = environment.join("lib");
            let mut versions: Vec<PathBuf> =
                fs::read_dir(&library).ok()?.flatten().map(|entry| entry.path().join("site-packages")).collect();
            versions.sort();
            versions.into_iter().find(|packages| packages.is_dir())?.join(&self.folder)
        };
        project.is_dir().then_some((project, environment))
    }
}

/// The applications of the list that are one application each.
pub fn applications(text: &str) -> Vec<Application> {
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().unwrap_or_default().split('\t').collect();
    let rows: Vec<BTreeMap<&str, &str>> =
        lines.map(|line| header.iter().copied().zip(line.split('\t')).collect()).collect();
    let cell = |row: &BTreeMap<&str, &str>, column: &str| row.get(column).copied().unwrap_or_default().to_owned();
    rows.iter()
        .filter(|row| !cell(row, "name").is_empty() && !cell(row, "app").contains(' '))
        .map(|row| {
            let own = cell(row, "environment");
            // `as NAME` takes over the environment of another row.
            let environment = match own.strip_prefix("as ") {
                Some(other) => rows
                    .iter()
                    .find(|row| cell(row, "name") == other)
                    .map(|row| cell(row, "environment"))
                    .unwrap_or_default(),
                None => own,
            };
            Application {
                name: cell(row, "name"),
                folder: cell(row, "package_dir"),
                app: cell(row, "app"),
                environment: words(&environment),
            }
        })
        .collect()
}

/// Splits as a shell does: at blanks, except inside quotes.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for letter in text.chars() {
        match quote {
            Some(open) if letter == open => quote = None,
            Some(_) => word.get_or_insert_default().push(letter),
            None if letter == '"' || letter == '\'' => {
                quote = Some(letter);
                word.get_or_insert_default();
            }
            None if letter.is_whitespace() => words.extend(word.take()),
            None => word.get_or_insert_default().push(letter),
        }
    }
    words.extend(word);
    words
}

/// Fingerprint, rule, place and message of every finding of a review.
fn rows(application: &str, json: &[u8]) -> Result<Vec<[String; 4]>, String> {
    let review: Value = serde_json::from_slice(json).map_err(|error| format!("not JSON: {error}"))?;
    let findings = review["findings"].as_array().ok_or("no `findings`")?;
    let text = |value: &Value| value.as_str().unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ");
    Ok(findings
        .iter()
        .map(|finding| {
            let location = &finding["location"];
            let place = format!("{application}/{}:{}", text(&location["path"]), location["line"]);
            [text(&finding["fingerprint"]), text(&finding["rule"]), place, text(&finding["message"])]
        })
        .collect())
}

/// `count` of the items without replacement: the first steps of a Fisher-Yates shuffle.
fn draw<T>(mut items: Vec<T>, count: usize, seed: u64) -> Vec<T> {
    let mut random = Random::new(seed);
    let count = count.min(items.len());
    for index in 0..count {
        let left = items.len() - index;
        items.swap(index, index + random.below(left));
    }
    items.truncate(count);
    items
}

/// `count` of the findings, from one rule after the other as long as it has some.
fn spread(findings: Vec<[String; 4]>, count: usize, seed: u64) -> Vec<[String; 4]> {
    let all = findings.len();
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut turns: Vec<(usize, [String; 4])> = draw(findings, all, seed)
        .into_iter()
        .map(|row| {
            let turn = seen.entry(row[1].clone()).or_default();
            *turn += 1;
            (*turn, row)
        })
        .collect();
    turns.sort_by_key(|(turn, _)| *turn);
    turns.truncate(count);
    turns.into_iter().map(|(_, row)| row).collect()
}

/// A place without the application it is in.
fn within(place: &str) -> &str {
    place.split_once('/').map_or(place, |(_, path)| path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_draws_the_same_and_nothing_twice() {
        let drawn = draw((0..1000).collect(), 100, 7);
        assert_eq!(drawn, draw((0..1000).collect(), 100, 7));
        assert_ne!(drawn, draw((0..1000).collect(), 100, 8));
        let mut sorted = drawn.clone();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(sorted.len(), 100);
        assert_eq!(draw(vec![1, 2], 100, 7).len(), 2);
    }

    #[test]
    fn words_are_split_as_a_shell_does() {
        assert_eq!(words("A=1 B='x y'  C=\"\" "), ["A=1", "B=x y", "C="]);
        assert_eq!(words(""), [] as [&str; 0]);
    }

    #[test]
    fn rare_rules_are_drawn_first_when_spread() {
        let row = |rule: &str, n: usize| [n.to_string(), rule.to_owned(), String::new(), String::new()];
        let mut findings: Vec<_> = (0..50).map(|n| row("often", n)).collect();
        findings.extend([row("seldom", 50), row("seldom", 51)]);
        let drawn = spread(findings, 6, 7);
        assert_eq!(drawn.iter().filter(|row| row[1] == "seldom").count(), 2);
        assert_eq!(drawn.len(), 6);
    }

    #[test]
    fn rows_of_the_list_become_applications() {
        let list = "name\tsource\tpackage_dir\tapp\tenvironment\n\
                    one\tx\tsrc\tapp:app\tA=1 B=2\n\
                    two\tx\tsrc\tapp:two\tas one\n\
                    many\tx\tsrc\tevery module\t\n\
                    bare\tx\tsrc\n";
        let found = applications(list);
        assert_eq!(found.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), ["one", "two", "bare"]);
        assert_eq!(found[1].environment, ["A=1", "B=2"]);
        assert_eq!((found[2].app.as_str(), found[2].environment.len()), ("", 0));
    }

    #[test]
    fn findings_become_rows_of_one_line() {
        let json = br#"{"findings": [{"rule": "r", "fingerprint": "f", "message": "a\tb\nc",
                        "location": {"path": "app/a.py", "line": 3}}]}"#;
        let row = ["f", "r", "one/app/a.py:3", "a b c"].map(str::to_owned);
        assert_eq!(rows("one", json), Ok(vec![row]));
        assert!(rows("one", b"{}").is_err());
    }
}
