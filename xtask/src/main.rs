//! The project's own chores: `cargo xtask --help`.
#![allow(clippy::disallowed_methods, reason = "chores read and write the repository and start processes")]

mod bench;
mod corpus;
mod fixes;
mod fuzz;
mod generated;
mod new_rule;
mod packages;
mod scaffold;
mod watched;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// The project's own chores.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Write what is generated from definitions of the program: references, JSON schemas, manual pages, completions
    Gen {
        /// Write nothing, and fail when something is stale
        #[arg(long)]
        check: bool,
    },
    /// Write the two files of a new rule and say what to add where
    NewRule(new_rule::Options),
    /// Run a built binary on real applications
    #[command(subcommand)]
    Corpus(corpus::Task),
    /// Run every command on projects made of torn applications, and keep what fails
    Fuzz(fuzz::Fuzz),
    /// Generate services and run their tools, tests, migrations and servers: the part whose turn it is
    Scaffold(scaffold::Options),
    /// Probe how a service behaves: refresh tokens, pages, logins, connections, readiness, errors
    Probes(scaffold::Probes),
    /// Resolve the packages of new services anew
    Lock,
    /// Time a release binary against parsing alone and against `ruff check`
    Bench(bench::Options),
}

/// What a chore answers: nothing, or one sentence that says what is wrong and what to do.
type Outcome = Result<(), String>;

fn main() -> ExitCode {
    let outcome = match Cli::parse().task {
        Task::Gen { check } => generated::generate(&root(), check),
        Task::NewRule(options) => new_rule::write(&root(), &options),
        Task::Corpus(task) => corpus::run(&root(), &task),
        Task::Fuzz(options) => fuzz::run(&root(), &options),
        Task::Scaffold(options) => scaffold::run(&root(), &options),
        Task::Probes(options) => scaffold::probe(&root(), &options),
        Task::Lock => scaffold::lock(&root()),
        Task::Bench(options) => bench::run(&root(), &options),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("xtask: {message}");
            ExitCode::FAILURE
        }
    }
}

/// The root of the repository.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map_or_else(|| PathBuf::from("."), Path::to_path_buf)
}

/// Where the rules are.
fn rules_folder(root: &Path) -> PathBuf {
    root.join("crates/architect_rules/src/rules")
}

/// Turns an IO error into a sentence that names the file.
fn at<E: std::fmt::Display>(path: &Path) -> impl FnOnce(E) -> String + '_ {
    move |error| format!("{}: {error}", path.display())
}

/// The middle of the values: the mean of the two middle ones when they are even in number, 0 when there are none.
fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => 0.0,
        even if even % 2 == 0 => f64::midpoint(sorted[middle - 1], sorted[middle]),
        _ => sorted[middle],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle() {
        assert!(median(&[]).abs() < 1e-9);
        assert!((median(&[3.0, 1.0, 2.0]) - 2.0).abs() < 1e-9);
        assert!((median(&[4.0, 1.0, 2.0, 3.0]) - 2.5).abs() < 1e-9);
    }
}
