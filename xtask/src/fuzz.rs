//! `fuzz`: the commands on projects made of torn applications, until the time is over.
//!
//! A project follows from its seed and the applications alone. What a command does not bear is written down: the project
//! as it was, the smallest that still fails, and what was said.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use architect_fuzz::{Answer, CHECKS, Check, Files, Random, Stock, project, smallest};
use clap::Args;

use crate::corpus::{Application, Places, applications};
use crate::watched::{Ended, LIMITS, Limits, run as watched};
use crate::{Outcome, at};

/// `fuzz`.
#[derive(Args, Debug)]
pub struct Fuzz {
    #[command(flatten)]
    places: Places,
    /// How long
    #[arg(long, default_value_t = 10)]
    minutes: u64,
    /// The seed of the first project; the next ones follow
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many projects at most
    #[arg(long)]
    projects: Option<u64>,
    /// Only these applications
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// Run every command on every project, and not a part that the seed draws
    #[arg(long)]
    every: bool,
    /// Where to write what fails
    #[arg(long, default_value = "target/fuzz")]
    keep: PathBuf,
}

/// Commands that a project is given to, besides those that always are.
const DRAWN: usize = 4;

/// Fuzzing goes on beside other work: what counts is processor time, and what waits for ever takes none.
const FUZZED: Limits = Limits { time: Duration::from_secs(1_800), processor: Duration::from_secs(10), ..LIMITS };

/// How often a project is tried to be made smaller.
const ATTEMPTS: usize = 150;

/// Fuzzes, and prints what it found.
pub fn run(root: &Path, options: &Fuzz) -> Outcome {
    let binary = options.places.binary(root)?;
    let list = options.places.shared(root).join("corpus/apps.tsv");
    let text = fs::read_to_string(&list).map_err(at(&list))?;
    let stocks = stocks(&applications(&text), options)?;
    let others: Vec<&str> = stocks.iter().flat_map(|(stock, _)| stock.programs.values()).map(String::as_str).collect();
    let programs = others.len();
    let start = Instant::now();
    let end = Duration::from_secs(options.minutes * 60);
    let (mut made, mut asked, mut slowest, mut largest) = (0_u64, 0_u64, Duration::ZERO, 0_u64);
    let mut failures: Vec<(String, String)> = Vec::new();
    while start.elapsed() < end && options.projects.is_none_or(|limit| made < limit) {
        let seed = options.seed + made;
        made += 1;
        let mut random = Random::new(seed);
        let (stock, environment) = random.pick(&stocks).ok_or("no application to take apart")?;
        let (before, after) = project(stock, &others, &mut random);
        let python = random.chance(25).then_some(environment.as_path());
        let drawn = checks(options.every, &mut random);
        let bench = Bench { binary: &binary, python, before: &before };
        let folder = bench.laid_out(&after)?;
        for check in drawn {
            let (answer, ended) = bench.ask(folder.path(), check)?;
            asked += 1;
            slowest = slowest.max(ended.cpu);
            largest = largest.max(ended.peak);
            let Some(complaint) = check.complaint(&answer) else { continue };
            println!("seed {seed}: {}: {complaint}", check.arguments("PROJECT", "BEFORE").join(" "));
            // What fails alike is written down once.
            let kind = kind(&complaint);
            if failures.iter().any(|(_, known)| *known == kind) {
                continue;
            }
            let place = options.keep.join(format!("{seed}-{}", failures.len() + 1));
            bench.keep(&place, &after, check, &answer, &complaint)?;
            println!("  kept in {}", place.display());
            failures.push((complaint, kind));
        }
    }
    println!(
        "{made} projects of {programs} programs (seeds {} to {}), {asked} commands in {} s; the slowest {:.2} s \
         of processor time, the most memory {} MB; {} kinds of failures",
        options.seed,
        options.seed + made.saturating_sub(1),
        start.elapsed().as_secs(),
        slowest.as_secs_f64(),
        largest >> 20,
        failures.len(),
    );
    if failures.is_empty() { Ok(()) } else { Err(format!("{} kinds of failures", failures.len())) }
}

/// The programs of every application, by the path of their import, and its environment.
fn stocks(all: &[Application], options: &Fuzz) -> Result<Vec<(Stock, PathBuf)>, String> {
    let mut found = Vec::new();
    let mut seen = Vec::new();
    for application in all.iter().filter(|one| options.only.is_empty() || options.only.contains(&one.name)) {
        let Some((place, environment)) = application.place(&options.places.dir) else { continue };
        if seen.contains(&place) {
            continue;
        }
        // Imports begin above a package.
        let is_package = |folder: &&Path| folder.join("__init__.py").is_file();
        let packages = place.ancestors().take_while(is_package).count();
        let root = place.ancestors().nth(packages).unwrap_or(&place).to_path_buf();
        let mut stock = Stock::default();
        read(&place, &root, &mut stock)?;
        found.push((stock, environment));
        seen.push(place);
    }
    Ok(found)
}

fn read(folder: &Path, root: &Path, stock: &mut Stock) -> Outcome {
    let mut entries: Vec<PathBuf> =
        fs::read_dir(folder).map_err(at(folder))?.flatten().map(|entry| entry.path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() && !path.is_symlink() {
            read(&path, root, stock)?;
        } else if path.extension().is_some_and(|extension| extension == "py")
            && let (Ok(text), Ok(inside)) = (fs::read_to_string(&path), path.strip_prefix(root))
        {
            stock.programs.insert(inside.to_string_lossy().replace('\\', "/"), text);
        }
    }
    Ok(())
}

/// The first check and some that are drawn, in their order: the one that writes comes last.
fn checks(every: bool, random: &mut Random) -> Vec<&'static Check> {
    let drawn: Vec<usize> = (0..DRAWN).map(|_| 1 + random.below(CHECKS.len() - 1)).collect();
    let wanted = |index: &usize| every || *index == 0 || drawn.contains(index);
    (0..CHECKS.len()).filter(wanted).map(|index| &CHECKS[index]).collect()
}

/// What a complaint is about, without the figures and names of a case.
fn kind(complaint: &str) -> String {
    let place = complaint.split(" at ").last().filter(|_| complaint.starts_with("panic"));
    place.unwrap_or(complaint).chars().take(60).filter(|letter| !letter.is_ascii_digit()).collect()
}

/// Where projects are run.
struct Bench<'a> {
    binary: &'a Path,
    python: Option<&'a Path>,
    /// The project before its changes.
    before: &'a Files,
}

impl Bench<'_> {
    /// The files in a folder of their own: `after`, and `before` beside it.
    fn laid_out(&self, after: &Files) -> Result<tempfile::TempDir, String> {
        let folder = tempfile::tempdir().map_err(|error| format!("no temporary folder: {error}"))?;
        write(&folder.path().join("before"), self.before)?;
        write(&folder.path().join("after"), after)?;
        Ok(folder)
    }

    fn ask(&self, folder: &Path, check: &Check) -> Result<(Answer, Ended), String> {
        let (after, before) = (folder.join("after"), folder.join("before"));
        let broken = if check.writes { self.broken(&after)? } else { String::new() };
        let mut command = Command::new(self.binary);
        command.args(check.arguments(&after.to_string_lossy(), &before.to_string_lossy()));
        if let Some(python) = self.python {
            command.arg("--python").arg(python);
        }
        let mut ended = watched(&mut command, FUZZED)?;
        let code = ended.status.and_then(|status| status.code());
        let mut stopped = ended.stopped.take();
        if check.writes && stopped.is_none() && self.broken(&after)? != broken {
            stopped = Some("fixes broke a file that parsed".to_owned());
        }
        let (stdout, stderr) = (std::mem::take(&mut ended.stdout), std::mem::take(&mut ended.stderr));
        Ok((Answer { code, stdout, stderr, stopped }, ended))
    }

    /// How many files do not parse, in words.
    fn broken(&self, folder: &Path) -> Result<String, String> {
        let ended = watched(Command::new(self.binary).arg("debug-parse").arg(folder), FUZZED)?;
        let told = String::from_utf8_lossy(&ended.stdout).into_owned();
        Ok(told.rsplit(',').next().unwrap_or_default().trim().to_owned())
    }

    /// Writes down a failure, as it was and as small as it gets.
    fn keep(&self, place: &Path, files: &Files, check: &Check, answer: &Answer, complaint: &str) -> Outcome {
        write(&place.join("project"), files)?;
        write(&place.join("before"), self.before)?;
        let python = self.python.map(|path| format!(" --python {}", path.display())).unwrap_or_default();
        let words = check.arguments("project", "before").join(" ");
        let told =
            format!("{complaint}\n\nfastapi-architect {words}{python}\n\n{}", String::from_utf8_lossy(&answer.stderr));
        fs::write(place.join("failure.txt"), told).map_err(at(place))?;
        let kind = kind(complaint);
        // What takes long takes long each time.
        let attempts = if complaint.contains("longer than") { ATTEMPTS / 5 } else { ATTEMPTS };
        let small = smallest(files, attempts, &mut |files| {
            let asked = self.laid_out(files).and_then(|folder| self.ask(folder.path(), check));
            asked.is_ok_and(|(answer, _)| check.complaint(&answer).is_some_and(|new| self::kind(&new) == kind))
        });
        write(&place.join("smallest"), &small)
    }
}

fn write(folder: &Path, files: &Files) -> Outcome {
    fs::create_dir_all(folder).map_err(at(folder))?;
    for (path, text) in files {
        let path = folder.join(path);
        if let Some(above) = path.parent() {
            fs::create_dir_all(above).map_err(at(above))?;
        }
        fs::write(&path, text).map_err(at(&path))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use architect_fuzz::Prints;

    use super::*;

    #[test]
    fn alike_failures_are_of_a_kind() {
        let panic = |line: u32| kind(&format!("panic: thread 'main' ({line}) panicked at crates/a.rs:{line}:3:"));
        assert_eq!(panic(7), panic(12));
        assert_ne!(panic(7), kind("stopped: longer than 10 s"));
    }

    #[test]
    fn checks_are_drawn_in_their_order() {
        let drawn = checks(false, &mut Random::new(3));
        assert!(drawn.len() > 1 && drawn.len() <= 1 + DRAWN);
        assert_eq!(drawn[0].prints, Prints::Json);
        assert_eq!(checks(true, &mut Random::new(3)).len(), CHECKS.len());
    }
}
