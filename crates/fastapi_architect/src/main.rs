//! The binary: arguments in, one of the views or a review out.

mod advise;
mod args;
mod ask;
mod completions;
mod config;
mod context;
mod conventions;
mod debug_parse;
mod debug_reference;
mod diff;
mod explain;
mod json;
mod man;
mod map;
mod new;
mod openapi;
mod progress;
mod reference;
mod render;
mod review;
mod rules;
mod suggest;
mod suppress;
mod unknowns;
mod wire;

use std::process::ExitCode;

use args::{Cli, Command};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Deeply nested code makes deep recursion, which must not end the process.
const STACK_BYTES: usize = 1 << 30;

/// How a command ended, where it could do what it was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    /// Nothing to report.
    Clean,
    /// There is something to report.
    Reported,
}

fn main() -> ExitCode {
    let mut cli = match args::parse() {
        Ok(cli) => cli,
        Err(code) => return code,
    };
    let worker =
        std::thread::Builder::new().name("main".to_owned()).stack_size(STACK_BYTES).spawn(move || run(&mut cli));
    let result = match worker.map(std::thread::JoinHandle::join) {
        Ok(Ok(result)) => result,
        Ok(Err(_)) => Err("internal error, which is our fault: please report the lines above".to_owned()),
        Err(error) => Err(format!("cannot start a thread: {error}")),
    };
    match result {
        Ok(Outcome::Clean) => ExitCode::SUCCESS,
        Ok(Outcome::Reported) => ExitCode::from(1),
        Err(message) => {
            context::complain(&message);
            ExitCode::from(2)
        }
    }
}

fn run(cli: &mut Cli) -> Result<Outcome, String> {
    config::apply(cli)?;
    match &cli.command {
        Command::Map(options) => map::run(options, &cli.global),
        Command::Openapi(options) => openapi::run(options, &cli.global),
        Command::Diff(options) => diff::run(options, &cli.global),
        Command::Conventions(options) => conventions::run(options, &cli.global),
        Command::Review(options) => review::run(options, &cli.global),
        Command::Advise(options) => advise::run(options, &cli.global),
        Command::New(options) => new::run(options, &cli.global),
        Command::Explain(options) => explain::run(options, &cli.global),
        Command::Completions(options) => completions::run(options, &cli.global),
        Command::Man(options) => man::run(options, &cli.global),
        Command::DebugReference => debug_reference::run(&cli.global),
        Command::DebugParse(options) => debug_parse::run(options, &cli.global),
    }
}
