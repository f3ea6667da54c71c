//! Commands about the program itself.

use std::path::PathBuf;

use clap::Args;
use clap_complete::Shell;

/// `explain`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  fastapi-architect explain route-shadowed           what it means, why, and how to fix it
  fastapi-architect explain B904                     a rule of ruff that --style reports
  fastapi-architect explain response-field-removed   a check of diff; diff-checks lists all of them
  fastapi-architect explain configuration            every key of the configuration
  fastapi-architect explain configuration --schema   the same as a JSON schema
  fastapi-architect explain formats                  what programs may rely on in every output
  fastapi-architect explain review --schema          the JSON schema of `review --format json`")]
pub struct Explain {
    /// A rule, of ours or of ruff, a check of `diff`, or `rules`, `commands`, `configuration`, `formats`, `diff-checks`
    #[arg(value_name = "RULE")]
    pub rule: String,
    /// With `configuration`, or the name of a format: its JSON schema
    #[arg(long)]
    pub schema: bool,
}

/// `completions`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  fastapi-architect completions bash > ~/.local/share/bash-completion/completions/fastapi-architect
  fastapi-architect completions fish > ~/.config/fish/completions/fastapi-architect.fish
  fastapi-architect completions zsh > ~/.zfunc/_fastapi-architect

The wheel has those of bash, zsh and fish in its folder share; a shell finds them there when the environment's share
is on its path.")]
pub struct Completions {
    /// The shell
    pub shell: Shell,
}

/// `man`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  fastapi-architect man > ~/.local/share/man/man1/fastapi-architect.1
  fastapi-architect man review | man -l -

The wheel has all of them in its folder share/man.")]
pub struct Man {
    /// The command that the page is about [default: the program]
    pub command: Option<String>,
}

/// `debug-parse`.
#[derive(Args, Debug)]
pub struct DebugParse {
    /// Every Python file below it is parsed
    #[arg(default_value = ".")]
    pub folder: PathBuf,
    /// The files that this one lists are parsed instead, one a line
    #[arg(long, value_name = "FILE", conflicts_with = "folder")]
    pub files_from: Option<PathBuf>,
}
