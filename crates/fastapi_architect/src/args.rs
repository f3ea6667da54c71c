//! The command line.

mod program;

pub use program::{Completions, DebugParse, Explain, Man};

use std::path::PathBuf;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{Args, Parser, Subcommand, ValueEnum};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::config::{Policy, Stated};
use crate::context;

/// The senior architect of a FastAPI service: reads it as source, never imports or runs it.
#[derive(Debug, Parser)]
#[command(name = "fastapi-architect", version, after_help = EXAMPLES)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// Options of every command.
    #[command(flatten)]
    pub global: Global,
}

const EXAMPLES: &str = "\
Examples:
  fastapi-architect review                       findings of the service in this folder
  fastapi-architect map routes services/billing  its routes as a tree
  fastapi-architect diff main                    what this work tree changes for callers
  fastapi-architect advise pool-size             a decision, with its arithmetic
  fastapi-architect explain route-shadowed       what a rule means and how to fix it
  fastapi-architect review --isolated            without the configuration of the project

Configuration: architect.toml, or [tool.fastapi-architect] in pyproject.toml, in the project or above it in the
repository. Options win. `fastapi-architect explain configuration` lists its keys.

Exit status: 0 clean, 1 there is something to report, 2 it could not be done.";

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Findings of the whole service
    Review(Box<Review>),
    /// The service, or one part of it
    Map(Map),
    /// The OpenAPI document the running application would serve
    Openapi(Openapi),
    /// What changed for callers and for the database between two revisions, folders or documents
    Diff(Diff),
    /// How this code base does things: patterns, implementations to look at, helpers to reuse
    Conventions(Conventions),
    /// A decision: what to do, why, what else could be done, and when the answer changes
    Advise(Advise),
    /// A new service, sized to its context
    New(New),
    /// What a rule means, why, when it is fine and how to fix it
    Explain(Explain),
    /// What a shell completes: print its script
    Completions(Completions),
    /// The manual page of the program or of a command, for `man`
    Man(Man),
    /// For maintainers: parse and do nothing else
    #[command(hide = true)]
    DebugParse(DebugParse),
    /// For maintainers: what the repository keeps of the definitions of the program
    #[command(hide = true)]
    DebugReference,
}

/// Options of every command.
#[derive(Args, Clone, Debug, Default)]
pub struct Global {
    /// The application, where several or none can be found: MODULE:ATTR or MODULE:FACTORY()
    #[arg(long, global = true, value_name = "MODULE:ATTR", help_heading = "Project")]
    pub app: Option<String>,
    /// The project's environment, read as source [default: `.venv` or `venv` of the project, else $VIRTUAL_ENV]
    #[arg(long, global = true, value_name = "PATH", help_heading = "Project")]
    pub python: Option<PathBuf>,
    /// An environment variable the service sees; ours are never read (repeatable)
    #[arg(long, global = true, value_name = "KEY=VALUE", help_heading = "Project")]
    pub env: Vec<String>,
    /// A file of KEY=VALUE lines the service sees as environment; --env wins
    #[arg(long, global = true, value_name = "FILE", help_heading = "Project")]
    pub env_file: Option<PathBuf>,
    /// Configuration instead of the project's: an `architect.toml`, or a `pyproject.toml` with [tool.fastapi-architect]
    #[arg(long, global = true, value_name = "FILE", help_heading = "Project")]
    pub config: Option<PathBuf>,
    /// Ignore the project's configuration
    #[arg(long, global = true, conflicts_with = "config", help_heading = "Project")]
    pub isolated: bool,
    /// Write to a file instead of standard output
    #[arg(long, global = true, value_name = "FILE", help_heading = "Output")]
    pub output: Option<PathBuf>,
    /// When to use colors; NO_COLOR is honoured
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto", help_heading = "Output")]
    pub color: Color,
    /// Say only what was asked for, and show no progress
    #[arg(short, long, global = true, conflicts_with = "verbose", help_heading = "Output")]
    pub quiet: bool,
    /// Say more
    #[arg(short, long, global = true, help_heading = "Output")]
    pub verbose: bool,
    /// For maintainers: where to list the files that were read
    #[arg(long, global = true, hide = true, value_name = "FILE")]
    pub files_read: Option<PathBuf>,
    /// What only configuration says.
    #[arg(skip)]
    pub stated: Stated,
}

/// When to use colors.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// `map`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  fastapi-architect map                                  everything, for this folder
  fastapi-architect map services/billing --format json   everything, for programs
  fastapi-architect map routes --format mermaid          a flowchart of the routes
  fastapi-architect map tables --format mermaid          an entity relationship diagram
  fastapi-architect map endpoint \"GET /users/{id}\"       one endpoint in full
  fastapi-architect map --format html --output map.html  one page to look at, with the findings of a review

A project folder with the name of a part is written ./routes.")]
pub struct Map {
    /// `routes`, `dependencies`, `tables`, `queries` or `endpoint "GET /path"`, then the project folder
    #[arg(value_name = "[PART] [PROJECT]", num_args = 0..)]
    pub what: Vec<String>,
    /// How to print it; json and html are always the whole map
    #[arg(long, default_value = "text", value_name = "FORMAT")]
    pub format: MapFormat,
    /// For maintainers: where the evaluation budget goes
    #[arg(long, hide = true)]
    pub debug_costs: bool,
    /// For maintainers: run every module, and whatever it defines
    #[arg(long, hide = true)]
    pub debug_everything: bool,
    /// For maintainers: what an expression is in the namespace of a module
    #[arg(long, hide = true, num_args = 2, value_names = ["MODULE", "EXPRESSION"])]
    pub debug_eval: Vec<String>,
    /// What the page says of findings: a review by the configuration of the project.
    #[arg(skip)]
    pub review: Box<Review>,
}

/// Formats of `map`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum MapFormat {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
    /// A flowchart.
    Mermaid,
    /// One page for a browser, with the findings of a review.
    Html,
}

/// `openapi`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  fastapi-architect openapi > openapi.json                  of this folder
  fastapi-architect openapi services/billing --app app.main:api
  fastapi-architect openapi --format yaml --output openapi.yaml
  fastapi-architect openapi --unknowns unknowns.json        what had to be left out, as JSON

The application is never imported or run. What is not known is left out and listed on standard error.")]
pub struct Openapi {
    /// The folder of the service
    #[arg(default_value = ".")]
    pub project: PathBuf,
    /// How to print it
    #[arg(long, default_value = "json", value_name = "FORMAT")]
    pub format: OpenapiFormat,
    /// Write what had to be left out to a file, as JSON
    #[arg(long, value_name = "FILE")]
    pub unknowns: Option<PathBuf>,
}

/// Formats of `openapi`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum OpenapiFormat {
    /// JSON.
    #[default]
    Json,
    /// YAML.
    Yaml,
}

/// `diff`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  fastapi-architect diff main                              what this work tree changes
  fastapi-architect diff v1.2 v1.3 --format markdown       migration notes to paste into a release
  fastapi-architect diff main --min-level breaking         fails where callers break, for CI
  fastapi-architect diff openapi.json                      the service against a document
  fastapi-architect diff main:openapi.json openapi.json    two documents
  fastapi-architect diff ../old/billing services/billing   two folders

OLD and NEW are each a folder, an OpenAPI document (.json, .yaml, .yml), a git revision, or a document in a revision
(REVISION:PATH). What is both a folder and a revision is the folder; write refs/heads/NAME for the other. Revisions are
read from git's objects; the work tree is not touched.")]
pub struct Diff {
    /// What was
    pub old: String,
    /// What is [default: the folder of the service]
    pub new: Option<String>,
    /// The folder of the service in revisions, and in the work tree
    #[arg(long, value_name = "FOLDER", default_value = ".")]
    pub project: PathBuf,
    /// Leave out what matters less
    #[arg(long, value_name = "LEVEL", default_value = "compatible")]
    pub min_level: MinLevel,
    /// How to print it; markdown is for the notes of a release
    #[arg(long, default_value = "text", value_name = "FORMAT")]
    pub format: DiffFormat,
}

/// Formats of `diff`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum DiffFormat {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
    /// Migration notes.
    Markdown,
}

/// `--min-level`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum MinLevel {
    /// Everything.
    #[default]
    Compatible,
    /// What is risky or breaks callers.
    Risky,
    /// What breaks callers.
    Breaking,
}

/// `conventions`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  fastapi-architect conventions                                        of this folder
  fastapi-architect conventions --format json                          for programs and agents
  fastapi-architect conventions --format markdown --output CODING_STANDARDS.md
                                                                       a document to commit
  fastapi-architect conventions --check CODING_STANDARDS.md            whether it is still true, for CI

What a committed document says is compared without its counts and line numbers, which change every day.")]
pub struct Conventions {
    /// The folder of the service
    #[arg(default_value = ".")]
    pub project: PathBuf,
    /// How to print it; markdown is a coding-standards document
    #[arg(long, default_value = "text", value_name = "FORMAT")]
    pub format: ConventionsFormat,
    /// Tell what this document says and is not true any more, and what it lacks
    #[arg(long, value_name = "FILE", conflicts_with = "format")]
    pub check: Option<PathBuf>,
}

/// Formats of `conventions`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ConventionsFormat {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
    /// A coding-standards document.
    Markdown,
}

/// `advise`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  fastapi-architect advise                                    the topics
  fastapi-architect advise pool-size                          for the service in this folder
  fastapi-architect advise workers --answer requests-per-second=300 --answer cores=4
                                                              what the code cannot show
  fastapi-architect advise background-work --record           a decision record for the project

What it needs to know it reads from the code and from the [context] of the configuration, asks in a terminal, and
otherwise assumes; what is assumed is said.")]
pub struct Advise {
    /// What to decide on; without one the topics are listed
    pub topic: Option<String>,
    /// The folder of the service, if there is one
    #[arg(default_value = ".")]
    pub project: PathBuf,
    /// The answer to a question (repeatable)
    #[arg(long, value_name = "ID=VALUE")]
    pub answer: Vec<String>,
    /// Ask nothing: what nobody said is assumed
    #[arg(short, long)]
    pub yes: bool,
    /// How to print it
    #[arg(long, default_value = "text", value_name = "FORMAT", conflicts_with = "record")]
    pub format: AdviseFormat,
    /// Write a decision record where the project keeps them, else into docs/decisions
    #[arg(long)]
    pub record: bool,
    /// With --record: show it and write nothing
    #[arg(long, requires = "record")]
    pub dry_run: bool,
}

/// Formats of `advise`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum AdviseFormat {
    /// For people.
    #[default]
    Text,
    /// For documents and pull requests.
    Markdown,
    /// For programs.
    Json,
}

/// `review`.
#[derive(Args, Clone, Debug, Default)]
#[command(after_help = "\
Examples:
  fastapi-architect review                             this folder
  fastapi-architect review --select endpoints --all    one group, unsure findings too
  fastapi-architect review --format concise            one line a finding
  fastapi-architect review --since main                what this branch touches or causes
  fastapi-architect review --style                     with ruff's findings and what a formatter would change
  fastapi-architect review --write-baseline known.json
                                                       what is known now
  fastapi-architect review --baseline known.json       then only what is new
  fastapi-architect review --format html --output review.html
                                                       one page to look at, with the map of the service
  fastapi-architect review --fix --diff                what the safe fixes would change

Suppress with `# architect: ignore[RULE] reason` on the line or above the statement,
or `# architect: file-ignore[RULE]` anywhere in the file.")]
pub struct Review {
    /// The folder of the service
    #[arg(default_value = ".")]
    pub project: PathBuf,
    /// Only these rules or groups
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    pub select: Vec<String>,
    /// Not these rules or groups
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    pub ignore: Vec<String>,
    /// Leave out what matters less [default: info]
    #[arg(long, value_name = "SEVERITY")]
    pub min_severity: Option<MinSeverity>,
    /// Leave out what is less sure [default: high]
    #[arg(long, value_name = "CONFIDENCE")]
    pub min_confidence: Option<MinConfidence>,
    /// Show findings of low confidence, too
    #[arg(long, conflicts_with = "min_confidence")]
    pub all: bool,
    /// Only what the change since this git revision touches or causes
    #[arg(long, value_name = "REV")]
    pub since: Option<String>,
    /// Style and local bugs, too: ruff's rules in this process, and what the project's formatter would change
    #[arg(long, help_heading = "Delegated")]
    pub style: bool,
    /// Run the project's own type checker in a process of its own, and report what it says
    #[arg(long, value_name = "TOOL", help_heading = "Delegated")]
    pub with: Vec<Tool>,
    /// Leave out the findings that this file lists
    #[arg(long, value_name = "FILE", help_heading = "Baseline")]
    pub baseline: Option<PathBuf>,
    /// Write the findings to this file, as the baseline of later runs
    #[arg(long, value_name = "FILE", help_heading = "Baseline", conflicts_with_all = ["fix", "diff"])]
    pub write_baseline: Option<PathBuf>,
    /// Apply the fixes that leave the API and the tests as they were
    #[arg(long, help_heading = "Fixes")]
    pub fix: bool,
    /// With --fix or --diff: those that may change behaviour, too
    #[arg(long, help_heading = "Fixes")]
    pub unsafe_fixes: bool,
    /// Show what the fixes would change, and write nothing
    #[arg(long, help_heading = "Fixes")]
    pub diff: bool,
    /// Fix files that git holds unsaved work of, too
    #[arg(long, help_heading = "Fixes")]
    pub allow_dirty: bool,
    /// How to print it
    #[arg(long, default_value = "text", value_name = "FORMAT")]
    pub format: ReviewFormat,
    /// What only configuration says.
    #[arg(skip)]
    pub policy: Policy,
}

/// Programs of the project that `--with` runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Tool {
    /// The type checker, from the project's environment.
    Mypy,
}

/// Formats of `review`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ReviewFormat {
    /// With code frames.
    #[default]
    Text,
    /// One line a finding.
    Concise,
    /// For programs.
    Json,
    /// For code scanning: SARIF 2.1.0.
    Sarif,
    /// Annotations of a GitHub workflow.
    Github,
    /// A code quality report of GitLab.
    Gitlab,
    /// Every finding a failed test.
    Junit,
    /// A comment on a pull request.
    Markdown,
    /// One page for a browser, with the map of the service.
    Html,
}

/// `--min-severity`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum MinSeverity {
    /// Everything.
    Info,
    /// Warnings and errors.
    Warning,
    /// Errors.
    Error,
}

/// `--min-confidence`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum MinConfidence {
    /// Everything.
    Low,
    /// What may hang on one unresolved fact.
    Medium,
    /// What is decided.
    High,
}

/// `new`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  fastapi-architect new shop --yes                     the smallest service that does it all: SQLite, one process
  fastapi-architect new shop --rps 200 --team 4        sized to what is expected; the record says why
  fastapi-architect new shop --size service --resource \"order total:decimal:gt=0 status:enum(new,paid):index \\
      user:ref:cascade note:text?\"                      with a data model; --resource is repeatable

A resource is its name and its fields, NAME:TYPE:MODIFIER:...
  types      string, text, int, bigint, float, decimal, bool, date, datetime, uuid, enum(a,b), ref, ref(RESOURCE);
             with ? it may be left out
  modifiers  index, unique; gt=, ge=, lt=, le= of numbers; min=, max= length of texts; of references, what deleting
             the other does: restrict (unless said), cascade, set-null
  user:ref   makes its rows the property of the account that creates them

Nothing is written when anything is wrong.")]
pub struct New {
    /// What the service, its folder and its database are called
    pub name: String,
    /// How big [default: chosen from the context, else prototype]
    #[arg(long)]
    pub size: Option<ServiceSize>,
    /// A table with its endpoints (repeatable)
    #[arg(long, value_name = "RESOURCE")]
    pub resource: Vec<String>,
    /// Users that are expected
    #[arg(long, value_name = "N", help_heading = "Context")]
    pub users: Option<u64>,
    /// Requests per second at the busiest time
    #[arg(long, value_name = "N", help_heading = "Context")]
    pub rps: Option<u64>,
    /// Gigabytes of data after a year
    #[arg(long, value_name = "GB", help_heading = "Context")]
    pub data: Option<u64>,
    /// People who work on it
    #[arg(long, value_name = "N", help_heading = "Context")]
    pub team: Option<u64>,
    /// The database it is made for first; the code runs on both [default: that of the size]
    #[arg(long, help_heading = "Choices")]
    pub db: Option<DatabaseChoice>,
    /// Accounts with tokens, or none [default: jwt]
    #[arg(long, help_heading = "Choices")]
    pub auth: Option<AuthChoice>,
    /// How passwords are hashed
    #[arg(long, default_value = "bcrypt", help_heading = "Choices")]
    pub hasher: HasherChoice,
    /// Endpoints and database access in threads, for teams with synchronous libraries
    #[arg(long, help_heading = "Choices")]
    pub sync: bool,
    /// Ask nothing; without it a terminal is asked for what no option says
    #[arg(short, long)]
    pub yes: bool,
    /// Say what would be written, and write nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// `--size`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ServiceSize {
    /// SQLite, one process, nothing to install.
    Prototype,
    /// Several processes on one database.
    Service,
    /// Several hosts, with Redis and a worker.
    Scaled,
}

/// `--db`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DatabaseChoice {
    /// A file.
    Sqlite,
    /// A server.
    Postgres,
}

/// `--auth`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum AuthChoice {
    /// Accounts, access tokens and rotating refresh tokens.
    Jwt,
    /// Everything is open.
    None,
}

/// `--hasher`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum HasherChoice {
    /// bcrypt with 12 rounds.
    Bcrypt,
    /// argon2id with the parameters of OWASP.
    Argon2,
}

/// Reads the command line.
///
/// # Errors
/// With the exit status, after the help, the version or one line about what is wrong has been printed.
pub fn parse() -> Result<Cli, ExitCode> {
    Cli::try_parse().map_err(|error| match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            // The reader may have gone away; nothing is left to do then.
            let _ = error.print();
            ExitCode::SUCCESS
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            let _ = error.print();
            ExitCode::from(2)
        }
        _ => {
            context::complain(&one_line(&error.render().to_string()));
            ExitCode::from(2)
        }
    })
}

/// Clap's paragraphs as one line: what is wrong and its tip, without the usage.
fn one_line(rendered: &str) -> String {
    let told = rendered.lines().take_while(|line| !line.starts_with("Usage:") && !line.starts_with("For more"));
    let joined = told.map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ");
    format!("{}; see --help", joined.strip_prefix("error: ").unwrap_or(&joined))
}

#[cfg(test)]
pub(crate) mod tests {
    use clap::CommandFactory as _;

    use super::*;

    /// `review` without options.
    pub(crate) fn review() -> Review {
        match Cli::parse_from(["fastapi-architect", "review"]).command {
            Command::Review(review) => *review,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn usage_errors_are_one_line() {
        let error = Cli::try_parse_from(["fastapi-architect", "review", "--formt", "json"]).unwrap_err();
        let line = one_line(&error.render().to_string());
        assert!(line.contains("--formt") && line.contains("--format") && !line.contains('\n'), "{line}");
    }

    #[test]
    fn options_of_every_command_stand_anywhere() {
        let cli =
            Cli::try_parse_from(["fastapi-architect", "map", "x", "--app", "m:a", "--env", "A=1", "--env", "B=2"]);
        assert_eq!(cli.unwrap().global.env, ["A=1", "B=2"]);
    }
}
