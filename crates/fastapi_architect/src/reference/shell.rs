//! What shells and `man` read.

use clap::CommandFactory as _;
use clap_complete::Shell;

use crate::args::Cli;

/// A manual page.
pub struct Page {
    /// The command it is about; none for the program.
    pub command: Option<String>,
    /// What its file is called.
    pub file: String,
    /// roff.
    pub text: String,
}

/// The page of the program, and one of each of its commands.
pub fn manual() -> Vec<Page> {
    let mut program = Cli::command().disable_help_subcommand(true);
    program.build();
    let commands = program.get_subcommands().filter(|command| !command.is_hide_set());
    let all = std::iter::once((None, &program)).chain(commands.map(|command| (Some(command.get_name()), command)));
    all.map(|(name, command)| {
        let man = clap_mangen::Man::new(command.clone());
        let mut text = Vec::new();
        // Writing into memory does not fail.
        let _ = man.render(&mut text);
        Page {
            command: name.map(str::to_owned),
            file: man.get_filename(),
            text: String::from_utf8_lossy(&text).into_owned(),
        }
    })
    .collect()
}

/// The script with which a shell completes.
pub fn completions(shell: Shell) -> String {
    let mut out = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "fastapi-architect", &mut out);
    String::from_utf8_lossy(&out).into_owned()
}

/// The scripts that are found where they are installed, and the path of each below `share`.
pub fn installed() -> impl Iterator<Item = (&'static str, Shell)> {
    [
        ("bash-completion/completions/fastapi-architect", Shell::Bash),
        ("fish/vendor_completions.d/fastapi-architect.fish", Shell::Fish),
        ("zsh/site-functions/_fastapi-architect", Shell::Zsh),
    ]
    .into_iter()
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum as _;

    use super::*;

    #[test]
    fn every_shell_completes_every_command() {
        for shell in Shell::value_variants() {
            let script = completions(*shell);
            for word in ["conventions", "min-severity"] {
                assert!(script.contains(word), "{word} in {shell}");
            }
            // Not every shell is told what an option takes.
            let knows_values = matches!(shell, Shell::Bash | Shell::Fish | Shell::Zsh);
            assert!(!knows_values || script.contains("mermaid"), "values in {shell}");
        }
    }

    #[test]
    fn every_command_has_a_page() {
        let pages = manual();
        let review = pages.iter().find(|page| page.command.as_deref() == Some("review")).expect("a page");
        assert_eq!(review.file, "fastapi-architect-review.1");
        for part in ["write\\-baseline", "Examples:", "python"] {
            assert!(review.text.contains(part), "{part} in {}", review.text);
        }
        assert!(pages[0].command.is_none() && pages[0].text.contains("fastapi\\-architect\\-diff(1)"));
        assert!(pages.iter().all(|page| !page.file.contains("debug")));
    }
}
