//! `bench`: whole-process times as ratios of each other, interleaved so that a busy machine is busy for all of them.
//!
//! `map` and `review` are compared with parsing exactly the files that were read, the environment's included;
//! `review --style` with a `review` and a `ruff check` of the same rules on the same files of the project.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use clap::Args;
use serde_json::Value;

use crate::{Outcome, at, corpus, median};

/// What to time.
#[derive(Args, Debug)]
pub struct Options {
    /// Folders of services [default: examples/assessment]
    folders: Vec<PathBuf>,
    /// Where real applications are; times those that corpus/bench.txt names
    #[arg(long, value_name = "DIR")]
    corpus: Option<PathBuf>,
    /// Where the list of applications is [default: `../shared`, beside the repository]
    #[arg(long, requires = "corpus", value_name = "DIR")]
    shared: Option<PathBuf>,
    /// The built fastapi-architect [default: the release build of this workspace]
    #[arg(long)]
    binary: Option<PathBuf>,
    /// Runs of each
    #[arg(long, default_value_t = 7)]
    runs: usize,
    /// Time generated services of 100, 1,000 and 10,000 endpoints, too
    #[arg(long)]
    grow: bool,
}

/// Times and prints.
pub fn run(root: &Path, options: &Options) -> Outcome {
    let binary = binary(root, options.binary.as_deref())?;
    let runs = options.runs.max(1);
    let mut subjects: Vec<Subject> = options.folders.iter().map(|folder| Subject::folder(folder)).collect();
    if let Some(corpus) = &options.corpus {
        subjects.extend(applications(root, corpus, options.shared.as_deref())?);
    }
    if subjects.is_empty() && !options.grow {
        subjects.push(Subject::folder(&root.join("examples/assessment")));
    }
    let ruff = ruff();
    subjects.iter().try_for_each(|subject| compare(&binary, ruff.as_deref(), subject, runs))?;
    if options.grow { grow(&binary, runs) } else { Ok(()) }
}

/// A service and what `map` is told about it.
struct Subject {
    name: String,
    arguments: Vec<String>,
}

impl Subject {
    fn folder(folder: &Path) -> Self {
        let place = folder.to_string_lossy().into_owned();
        Self { name: place.clone(), arguments: vec![place] }
    }
}

/// The applications of the corpus that corpus/bench.txt names.
fn applications(root: &Path, corpus: &Path, shared: Option<&Path>) -> Result<Vec<Subject>, String> {
    let names = root.join("corpus/bench.txt");
    let names = fs::read_to_string(&names).map_err(at(&names))?;
    let list = shared.map_or_else(|| root.join("../shared"), Path::to_path_buf).join("corpus/apps.tsv");
    let list = fs::read_to_string(&list).map_err(at(&list))?;
    let known = corpus::applications(&list);
    let wanted = names.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    wanted
        .map(|name| {
            let application = known.iter().find(|one| one.name == name).ok_or_else(|| format!("{name}: not listed"))?;
            let (project, environment) =
                application.place(corpus).ok_or_else(|| format!("{name}: not in {}", corpus.display()))?;
            let mut arguments = vec![project.to_string_lossy().into_owned()];
            arguments.extend(["--python".to_owned(), environment.to_string_lossy().into_owned()]);
            arguments.extend(application.arguments());
            Ok(Subject { name: name.to_owned(), arguments })
        })
        .collect()
}

/// Ruff's own binary, behind the scripts that start it; `None` when it is not installed.
fn ruff() -> Option<PathBuf> {
    let ask = "from ruff.__main__ import find_ruff_bin; print(find_ruff_bin())";
    let asked = Command::new("python3").args(["-c", ask]).stderr(Stdio::null()).output().ok()?;
    let path = String::from_utf8(asked.stdout).ok().map(|path| PathBuf::from(path.trim()));
    let works = |path: &PathBuf| Command::new(path).arg("--version").output().is_ok_and(|done| done.status.success());
    path.filter(|path| path.is_file()).or_else(|| Some(PathBuf::from("ruff"))).filter(works)
}

/// The binary to run: the given one, or what `cargo build --release` left.
pub fn binary(root: &Path, given: Option<&Path>) -> Result<PathBuf, String> {
    let path = given.map_or_else(
        || {
            let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
            target.join("release").join(format!("fastapi-architect{}", std::env::consts::EXE_SUFFIX))
        },
        Path::to_path_buf,
    );
    path.canonicalize().map_err(|_| {
        format!(
            "{}: no such binary; run `cargo build --release --locked -p fastapi_architect` or name one with --binary",
            path.display()
        )
    })
}

/// One command and the statuses with which it has done its work.
struct Contender {
    name: &'static str,
    command: Vec<String>,
    good: &'static [i32],
}

impl Contender {
    fn new(name: &'static str, good: &'static [i32], program: &Path, arguments: &[&str]) -> Self {
        let command = std::iter::once(program.to_string_lossy().into_owned())
            .chain(arguments.iter().map(|argument| (*argument).to_owned()))
            .collect();
        Self { name, command, good }
    }

    /// What one run prints.
    fn says(&self) -> Result<String, String> {
        let done = Command::new(&self.command[0]).args(&self.command[1..]).output();
        let done = done.map_err(|error| format!("{}: {error}", self.command[0]))?;
        Ok(String::from_utf8_lossy(&done.stdout).trim().to_owned())
    }

    /// Milliseconds of one run, or why it is not a measurement.
    fn time(&self) -> Result<f64, String> {
        let mut command = Command::new(&self.command[0]);
        command.args(&self.command[1..]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let start = Instant::now();
        let status = command.status().map_err(|error| format!("{}: {error}", self.command[0]))?;
        let elapsed = start.elapsed().as_secs_f64() * 1000.0;
        if status.code().is_some_and(|code| self.good.contains(&code)) {
            Ok(elapsed)
        } else {
            Err(format!("`{}` ended with {status}", self.command.join(" ")))
        }
    }
}

/// Times of every contender, run by run: A B C A B C.
fn interleave(contenders: &[Contender], runs: usize) -> Result<Vec<Vec<f64>>, String> {
    let mut times = vec![Vec::with_capacity(runs); contenders.len()];
    for _ in 0..runs {
        for (contender, times) in contenders.iter().zip(&mut times) {
            times.push(contender.time()?);
        }
    }
    Ok(times)
}

/// The middle of the ratios of runs that stood beside each other.
fn ratio(ours: &[f64], theirs: &[f64]) -> f64 {
    median(&ours.iter().zip(theirs).map(|(ours, theirs)| ours / theirs).collect::<Vec<_>>())
}

/// What ruff is asked for, by itself and in `review --style`: the selection that is the default there.
const SELECTION: &str = "E,W,F,I,ANN,D,B,ASYNC,S,FAST,PLR2004";

fn compare(binary: &Path, ruff: Option<&Path>, subject: &Subject, runs: usize) -> Outcome {
    let folder = tempfile::tempdir().map_err(|error| format!("no temporary folder: {error}"))?;
    let [list, own_list, config] = ["files", "own", "architect.toml"].map(|name| folder.path().join(name));
    let selection: Vec<String> = SELECTION.split(',').map(|code| format!("{code:?}")).collect();
    let text = format!("[style]\nenabled = true\nformat = false\nselect = [{}]\n", selection.join(", "));
    fs::write(&config, text).map_err(at(&config))?;
    let [list, own_list, config] = [&list, &own_list, &config].map(|path| path.to_string_lossy());
    let project = subject.arguments.iter().map(String::as_str);
    let arguments: Vec<&str> = project.chain(["--format", "json"]).collect();
    let command = |name: &'static str, more: &[&'static str]| [&[name], &arguments[..], more].concat();
    let map = Contender::new("map", &[0], binary, &command("map", &["--quiet"]));
    let review = Contender::new("review", &[0, 1], binary, &command("review", &["--quiet", "--isolated"]));
    let styled = [&command("review", &["--quiet"])[..], &["--config", &*config]].concat();
    let styled = Contender::new("with ruff's", &[0, 1], binary, &styled);
    let formatted =
        Contender::new("with --style", &[0, 1], binary, &command("review", &["--quiet", "--isolated", "--style"]));
    // The first run shows what is read, how much memory it takes, and fills the caches of the operating system.
    let told = [&command("review", &["--verbose"])[..], &["--files-read", &*list]].concat();
    let told = Command::new(binary).args(&told).output().map_err(at(binary))?;
    if !matches!(told.status.code(), Some(0 | 1)) {
        return Err(format!("{}: {}", subject.name, String::from_utf8_lossy(&told.stderr).trim()));
    }
    let told = String::from_utf8_lossy(&told.stderr).into_owned();
    let memory = told.lines().find_map(|line| line.split_once("peak memory ")).map_or("not known", |(_, rest)| rest);
    let parse = Contender::new("parse only", &[0], binary, &["debug-parse", "--files-from", &*list]);
    println!("{}: {}, peak memory {memory}, {runs} runs", subject.name, parse.says()?);
    let mut contenders = vec![parse, map, review, styled, formatted];
    if let Some(ruff) = ruff {
        own_files(Path::new(&*list), Path::new(&subject.arguments[0]), Path::new(&*own_list))?;
        let same = format!("@{own_list}");
        let convention = "lint.pydocstyle.convention='google'";
        let options = ["check", "--no-cache", "--isolated", "--quiet", "--exit-zero", "--select", SELECTION];
        let options = [&options[..], &["--config", convention, &same]].concat();
        contenders.push(Contender::new("ruff check", &[0], ruff, &options));
    } else {
        println!("  {:<12} skipped: not installed (pip install ruff)", "ruff check");
    }
    let times = interleave(&contenders, runs)?;
    let sum = |ruff: &[f64]| -> Vec<f64> { ruff.iter().zip(&times[2]).map(|(ruff, ours)| ruff + ours).collect() };
    for (contender, own) in contenders.iter().zip(&times) {
        let mut line = format!("  {:<12} {:>9.1} ms", contender.name, median(own));
        let compared = match (contender.name, times.get(5)) {
            ("map" | "review", _) => Some((ratio(own, &times[0]), "parsing")),
            ("with ruff's" | "with --style", Some(ruff)) => Some((ratio(own, &sum(ruff)), "review and ruff check")),
            _ => None,
        };
        if let Some((ratio, what)) = compared {
            let _ = write!(line, "   {ratio:.2} times {what}");
        }
        println!("{line}");
    }
    Ok(())
}

/// Writes down which of the files that were read are the project's.
fn own_files(list: &Path, project: &Path, own: &Path) -> Outcome {
    let project = project.canonicalize().map_err(at(project))?;
    let read = fs::read_to_string(list).map_err(at(list))?;
    let files: Vec<&str> = read.lines().filter(|file| Path::new(file).starts_with(&project)).collect();
    fs::write(own, files.join("\n")).map_err(at(own))
}

const SIZES: [usize; 3] = [100, 1_000, 10_000];
const ROUTES_PER_FILE: usize = 50;

fn grow(binary: &Path, runs: usize) -> Outcome {
    let folder = tempfile::tempdir().map_err(|error| format!("no temporary folder: {error}"))?;
    let mut contenders = Vec::new();
    for size in SIZES {
        let project = folder.path().join(size.to_string());
        write_service(&project, size)?;
        let place = project.to_string_lossy();
        let arguments = ["map", &place, "--format", "json", "--quiet"];
        let output = Command::new(binary).args(arguments).output().map_err(at(binary))?;
        let seen = serde_json::from_slice::<Value>(&output.stdout)
            .ok()
            .and_then(|map| map["project"]["endpoints"].as_u64())
            .and_then(|seen| usize::try_from(seen).ok());
        // FastAPI adds the routes of its documentation.
        if seen.is_none_or(|seen| seen < size) {
            println!("  note: of {size} endpoints the map has {}", seen.map_or("none".to_owned(), |n| n.to_string()));
        }
        contenders.push(Contender::new("map", &[0], binary, &arguments));
        contenders.push(Contender::new("review", &[0, 1], binary, &["review", &place, "--format", "json", "--quiet"]));
    }
    let times = interleave(&contenders, runs)?;
    println!(
        "{:>9}  {:<7} {:>10}  {:>15}  {:>20}  growth exponent",
        "endpoints", "", "median", "per endpoint", "against the smallest"
    );
    for (index, (contender, own)) in contenders.iter().zip(&times).enumerate() {
        let size = SIZES[index / 2];
        #[expect(clippy::cast_precision_loss, reason = "sizes are small")]
        let (each, smallest) = (1000.0 / size as f64, 1000.0 / SIZES[0] as f64);
        let growth = ratio(own, &times[index % 2]) * each / smallest;
        let own = median(own);
        // 1 where twice the endpoints take twice the time, 2 where they take four times as long.
        let exponent = index.checked_sub(2).map_or("-".to_owned(), |before| {
            #[expect(clippy::cast_precision_loss, reason = "sizes are small")]
            let larger = size as f64 / SIZES[index / 2 - 1] as f64;
            format!("{:.2}", ratio(&times[index], &times[before]).ln() / larger.ln())
        });
        let name = contender.name;
        println!("{size:>9}  {name:<7} {own:>7.1} ms  {:>12.1} us  {growth:>19.2}x  {exponent:>15}", own * each);
    }
    Ok(())
}

/// A service of `endpoints` endpoints as people write them: routers in packages, shared dependencies, schemas.
fn write_service(project: &Path, endpoints: usize) -> Outcome {
    let put = |path: &str, text: &str| {
        let path = project.join(path);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(at(folder))?;
        }
        fs::write(&path, text).map_err(at(&path))
    };
    put("pyproject.toml", "[project]\nname = \"grown\"\nversion = \"0\"\ndependencies = [\"fastapi==0.115.0\"]\n")?;
    put("app/__init__.py", "")?;
    put("app/api/__init__.py", "")?;
    put(
        "app/deps.py",
        "from typing import Annotated\n\nfrom fastapi import Depends\nfrom fastapi.security import OAuth2PasswordBearer\n\n\
         scheme = OAuth2PasswordBearer(tokenUrl=\"/login\")\n\n\n\
         def get_db():\n    db = object()\n    try:\n        yield db\n    finally:\n        pass\n\n\n\
         DB = Annotated[object, Depends(get_db)]\n\n\n\
         def get_user(db: DB, token: Annotated[str, Depends(scheme)]) -> str:\n    return token\n\n\n\
         User = Annotated[str, Depends(get_user)]\n",
    )?;
    let files = endpoints.div_ceil(ROUTES_PER_FILE);
    let mut main = String::from("from fastapi import FastAPI\n\n");
    for file in 0..files {
        let _ = writeln!(main, "from app.api import routes_{file}");
    }
    main.push_str("\napp = FastAPI(title=\"grown\")\n");
    for file in 0..files {
        let _ = writeln!(main, "app.include_router(routes_{file}.router, prefix=\"/v1\")");
        put(
            &format!("app/api/routes_{file}.py"),
            &routes(file, ROUTES_PER_FILE.min(endpoints - file * ROUTES_PER_FILE)),
        )?;
    }
    put("app/main.py", &main)
}

fn routes(file: usize, count: usize) -> String {
    let mut text = format!(
        "from fastapi import APIRouter, HTTPException\nfrom pydantic import BaseModel\n\nfrom app.deps import DB, User\n\n\
         router = APIRouter(prefix=\"/area{file}\", tags=[\"area{file}\"])\n\n\n\
         class Item(BaseModel):\n    id: int\n    name: str\n    note: str | None = None\n"
    );
    for index in 0..count {
        let _ = write!(
            text,
            "\n\n@router.get(\"/things{index}/{{thing_id}}\", response_model=Item)\n\
             def read_thing_{index}(thing_id: int, db: DB, user: User, verbose: bool = False) -> Item:\n    \
             if thing_id < 0:\n        raise HTTPException(404)\n    \
             return Item(id=thing_id, name=f\"thing {{thing_id}} of {{user}}\")\n"
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grown_service_has_its_endpoints() {
        let folder = tempfile::tempdir().expect("a folder");
        assert_eq!(write_service(folder.path(), 120), Ok(()));
        let read = |path: &str| fs::read_to_string(folder.path().join(path)).expect(path);
        assert_eq!(read("app/main.py").matches("include_router").count(), 3);
        let routes: usize =
            (0..3).map(|file| read(&format!("app/api/routes_{file}.py")).matches("@router.get").count()).sum();
        assert_eq!(routes, 120);
    }

    #[test]
    fn ratios_are_taken_pair_by_pair() {
        assert!((ratio(&[2.0, 4.0, 60.0], &[1.0, 2.0, 10.0]) - 2.0).abs() < 1e-9);
    }

    #[test]
    fn a_missing_binary_says_what_to_do() {
        let error = binary(Path::new("/nowhere"), Some(Path::new("/nowhere/x"))).expect_err("no binary");
        assert!(error.contains("cargo build --release"), "{error}");
    }
}
