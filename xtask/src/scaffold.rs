//! Generated services: their tests, the probes of how they behave, the lock file they bring.

use std::path::{Path, PathBuf};
use std::process::Command;

use clap::Args;

use crate::{Outcome, at};

/// Where uv keeps what it resolved, and where it is embedded from.
const LOCK: &str = "crates/architect_scaffold/locks/uv.lock";

/// `scaffold`.
#[derive(Args, Debug)]
pub struct Options {
    /// Every size, design and variant
    #[arg(long, conflicts_with = "cells")]
    all: bool,
    /// These ones, such as service-three,prototype-ten
    #[arg(long, value_name = "NAMES")]
    cells: Option<String>,
    /// For pytest
    #[arg(last = true)]
    pytest: Vec<String>,
}

/// `probes`.
#[derive(Args, Debug)]
pub struct Probes {
    /// A service whose packages are installed in its `.venv`
    project: PathBuf,
    /// On SQLite, not on PostgreSQL
    #[arg(long)]
    sqlite: bool,
    /// Probes whose names contain this
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
    /// How another service than a generated one differs, as JSON
    #[arg(long, value_name = "FILE")]
    target: Option<PathBuf>,
}

/// Runs the tests of generated services.
pub fn run(root: &Path, options: &Options) -> Outcome {
    let mut command = Command::new("bash");
    command.arg(root.join("testdata/scaffold/test.sh")).args(&options.pytest);
    if options.all {
        command.env("SCAFFOLD_CELLS", "all");
    } else if let Some(cells) = &options.cells {
        command.env("SCAFFOLD_CELLS", cells);
    }
    succeed(&mut command, "a generated service is not what it should be")
}

/// Runs the probes on one service.
pub fn probe(root: &Path, options: &Probes) -> Outcome {
    let mut command = Command::new("python3");
    command.arg(root.join("testdata/scaffold/probes.py")).arg(&options.project);
    if options.sqlite {
        command.arg("--sqlite");
    }
    if let Some(only) = &options.only {
        command.args(["--only", only]);
    }
    if let Some(target) = &options.target {
        command.arg("--target").arg(target);
    }
    succeed(&mut command, "the service does not pass every probe")
}

/// Resolves everything that any service may need, in the newest versions.
pub fn lock(root: &Path) -> Outcome {
    let folder = tempfile::tempdir().map_err(|error| format!("no temporary folder: {error}"))?;
    let (runtime, development) = architect_scaffold::everything();
    let project = format!(
        "[project]\nname = \"service\"\nversion = \"0.1.0\"\nrequires-python = \">=3.11\"\ndependencies = {runtime:?}\n\n\
         [dependency-groups]\ndev = {development:?}\n"
    );
    let manifest = folder.path().join("pyproject.toml");
    std::fs::write(&manifest, project).map_err(at(&manifest))?;
    succeed(Command::new("uv").args(["lock", "--upgrade"]).current_dir(folder.path()), "uv found no resolution")?;
    let (new, old) = (folder.path().join("uv.lock"), root.join(LOCK));
    std::fs::copy(&new, &old).map_err(at(&old))?;
    println!("{LOCK} is written: run `cargo xtask scaffold --all` before it is committed");
    Ok(())
}

fn succeed(command: &mut Command, otherwise: &str) -> Outcome {
    let program = command.get_program().to_string_lossy().into_owned();
    let status = command.status().map_err(|error| format!("cannot run {program}: {error}"))?;
    if status.success() { Ok(()) } else { Err(otherwise.to_owned()) }
}
