//! The service as data, and the recognisers that build it from a program.
//!
//! Invariant: this is the only crate that knows a framework. What it hands out ([`Service`]) is plain immutable data
//! without a syntax tree; rules and views read it and nobody changes it.

use std::path::PathBuf;

use architect_source::FileSystem;

pub use architect_python::code;

pub mod context;
pub mod dialect;
pub mod documents;
pub mod exceptions;
mod library;
pub mod reach;
mod recognise;
pub mod requests;
pub mod schema;
pub mod service;
pub mod tables;

pub use architect_python::title_case;
pub use context::{Context, Knowledge};
pub use service::Service;
pub use tables::ClassKey;

/// What the user said about the target.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The project folder.
    pub project: PathBuf,
    /// `MODULE:ATTR` or `MODULE:FACTORY()`; found by itself when absent.
    pub app: Option<String>,
    /// The project's environment: a folder with `lib/python3*/site-packages`, or an interpreter in one.
    pub python: Option<PathBuf>,
    /// Whether types, schemas and what an API document says of operations are read, too.
    pub documents: bool,
    /// Whether what the code of functions says is read, too.
    pub code: bool,
    /// Whether how that code is written is read with it, and what the project's documents name.
    pub conventions: bool,
    /// What is walked at request time: statements, loads, sessions, what each endpoint costs.
    pub walks: Walks,
    /// What the program under review sees as environment variables; the real environment is never read.
    pub env: Vec<(String, String)>,
    /// Applications by the same names, where there are several and `app` names none.
    pub applications: Vec<String>,
    /// The circumstances the service runs in.
    pub context: Context,
    /// What the company's own libraries do.
    pub knowledge: Knowledge,
    /// Whether more analyses follow in this process. What this one built is freed then; where the process is about to
    /// end, the system frees it faster.
    pub goes_on: bool,
    /// Hears how far the analysis is.
    pub on_stage: Option<fn(Stage)>,
}

/// What is walked at request time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Walks {
    /// Nothing.
    #[default]
    Nothing,
    /// Endpoints with their dependencies, for what each of them costs.
    Endpoints,
    /// Everything that starts by itself: middleware, start-up handlers and functions that nothing calls, too, with
    /// every effect and every loop.
    Everything,
}

/// How far an analysis is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Files are read and parsed.
    Reading,
    /// Modules are run.
    Running,
    /// Routes are read from what they built.
    Recognising,
}

impl Options {
    fn reached(&self, stage: Stage) {
        if let Some(hear) = self.on_stage {
            hear(stage);
        }
    }
}

/// Reads the project and builds the model of its service.
///
/// # Errors
/// When the project folder does not exist or `app` names nothing that is there.
pub fn analyse(files: &dyn FileSystem, options: &Options) -> Result<Service, String> {
    if !files.is_dir(&options.project) {
        return Err(format!("{}: no such folder; name the folder of the service", options.project.display()));
    }
    recognise::recognise(files, options, None)
}

/// What a maintainer asks the evaluator.
#[derive(Clone, Debug)]
pub enum Probe {
    /// Where the evaluation budget goes.
    Costs,
    /// Whether every module can be run, and everything it defines be called, without harm.
    Everything,
    /// What an expression is in the namespace of a module.
    Evaluate {
        /// Dotted name of the module.
        module: String,
        /// A Python expression.
        expression: String,
    },
}

/// Answers a maintainer's question about a project, as text for people.
#[must_use]
pub fn probe(files: &dyn FileSystem, options: &Options, probe: &Probe) -> String {
    recognise::recognise(files, options, Some(probe)).err().unwrap_or_default()
}
