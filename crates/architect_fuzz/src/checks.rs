//! The commands that have to bear any project, and what is wrong with an answer.

/// How a command ended.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// Its exit status; `None` where a signal ended it.
    pub code: Option<i32>,
    /// What it printed.
    pub stdout: Vec<u8>,
    /// What it said beside.
    pub stderr: Vec<u8>,
    /// Why it had to be stopped, where it had to.
    pub stopped: Option<String>,
}

/// What a command prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prints {
    /// Lines that a terminal shows.
    Text,
    /// JSON.
    Json,
    /// How many of the program's parts made the evaluator panic.
    Panics,
}

/// A word of a command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// As it stands.
    Word(&'static str),
    /// The folder of the project.
    Project,
    /// The folder of the project before its changes.
    Original,
}

/// A command and what it prints.
#[derive(Clone, Copy, Debug)]
pub struct Check {
    /// The words after the name of the program.
    pub words: &'static [Place],
    /// What it prints.
    pub prints: Prints,
    /// Whether it writes into the project.
    pub writes: bool,
}

use Place::{Original, Project, Word};

const fn shows(words: &'static [Place], prints: Prints) -> Check {
    Check { words, prints, writes: false }
}

/// Every command in every format; the first says most.
pub const CHECKS: &[Check] = &[
    shows(&[Word("review"), Project, Word("--all"), Word("--style"), Word("--format"), Word("json")], Prints::Json),
    shows(&[Word("review"), Project, Word("--all"), Word("--style")], Prints::Text),
    shows(&[Word("review"), Project, Word("--all"), Word("--format"), Word("concise")], Prints::Text),
    shows(&[Word("review"), Project, Word("--all"), Word("--style"), Word("--format"), Word("sarif")], Prints::Json),
    shows(&[Word("review"), Project, Word("--all"), Word("--format"), Word("gitlab")], Prints::Json),
    shows(&[Word("review"), Project, Word("--all"), Word("--format"), Word("github")], Prints::Text),
    shows(&[Word("review"), Project, Word("--all"), Word("--format"), Word("junit")], Prints::Text),
    shows(&[Word("review"), Project, Word("--all"), Word("--format"), Word("markdown")], Prints::Text),
    shows(&[Word("map"), Project], Prints::Text),
    shows(&[Word("map"), Project, Word("--format"), Word("json")], Prints::Json),
    shows(&[Word("map"), Project, Word("--format"), Word("mermaid")], Prints::Text),
    shows(&[Word("map"), Word("tables"), Project, Word("--format"), Word("mermaid")], Prints::Text),
    shows(&[Word("map"), Word("queries"), Project], Prints::Text),
    shows(&[Word("map"), Project, Word("--debug-everything")], Prints::Panics),
    shows(&[Word("openapi"), Project], Prints::Json),
    shows(&[Word("openapi"), Project, Word("--format"), Word("yaml")], Prints::Text),
    shows(&[Word("conventions"), Project], Prints::Text),
    shows(&[Word("conventions"), Project, Word("--format"), Word("json")], Prints::Json),
    shows(&[Word("conventions"), Project, Word("--format"), Word("markdown")], Prints::Text),
    shows(&[Word("diff"), Original, Project], Prints::Text),
    shows(&[Word("diff"), Project, Original, Word("--format"), Word("json")], Prints::Json),
    shows(&[Word("diff"), Original, Project, Word("--format"), Word("markdown")], Prints::Text),
    shows(
        &[Word("review"), Project, Word("--all"), Word("--style"), Word("--unsafe-fixes"), Word("--diff")],
        Prints::Text,
    ),
    // The last, since the project is another one afterwards.
    Check {
        words: &[
            Word("review"),
            Project,
            Word("--all"),
            Word("--style"),
            Word("--fix"),
            Word("--unsafe-fixes"),
            Word("--allow-dirty"),
            Word("--format"),
            Word("json"),
        ],
        prints: Prints::Json,
        writes: true,
    },
];

impl Check {
    /// The arguments, for a project that is there and was there.
    #[must_use]
    pub fn arguments(&self, project: &str, original: &str) -> Vec<String> {
        let word = |place: &Place| match place {
            Word(word) => (*word).to_owned(),
            Project => project.to_owned(),
            Original => original.to_owned(),
        };
        self.words.iter().map(word).collect()
    }

    /// What is wrong with the answer, in a line; `None` where nothing is.
    #[must_use]
    pub fn complaint(&self, answer: &Answer) -> Option<String> {
        let stderr = String::from_utf8_lossy(&answer.stderr);
        if let Some(panic) = stderr.lines().find(|line| line.contains("panicked") || line.contains("internal error")) {
            return Some(format!("panic: {panic}"));
        }
        if let Some(why) = &answer.stopped {
            return Some(format!("stopped: {why}"));
        }
        match answer.code {
            Some(0 | 1) => self.unreadable(&answer.stdout),
            // A project without an application, for example, has no document.
            Some(2) if stderr.lines().count() == 1 && stderr.starts_with("error: ") => None,
            Some(code) => Some(format!("exit status {code}: {}", stderr.lines().next_back().unwrap_or_default())),
            None => Some(format!("ended by a signal: {}", stderr.lines().next_back().unwrap_or_default())),
        }
    }

    /// What a reader of the output stumbles over.
    fn unreadable(&self, stdout: &[u8]) -> Option<String> {
        let Ok(text) = std::str::from_utf8(stdout) else { return Some("prints what is not UTF-8".to_owned()) };
        // A patch ends its lines as the file does that it is for.
        let lines = text.split("\r\n");
        if let Some(letter) = lines.flat_map(str::chars).find(|letter| is_harmful(*letter)) {
            let line = text.lines().find(|line| line.contains(letter)).unwrap_or_default();
            let line: String = line.chars().take(100).collect();
            return Some(format!("prints {} unescaped: {line:?}", letter.escape_unicode()));
        }
        match self.prints {
            Prints::Text => None,
            Prints::Json => {
                serde_json::from_str::<serde_json::Value>(text).err().map(|error| format!("prints no JSON: {error}"))
            }
            Prints::Panics => (!text.contains(", 0 panics")).then(|| format!("panics: {}", text.trim())),
        }
    }
}

/// What moves the cursor of a terminal, or makes text look like other text.
fn is_harmful(letter: char) -> bool {
    let direction =
        matches!(letter, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    (letter.is_control() && !matches!(letter, '\n' | '\t')) || direction
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(check: usize, code: i32, stdout: &str, stderr: &str) -> Option<String> {
        let answer = Answer { code: Some(code), stdout: stdout.into(), stderr: stderr.into(), stopped: None };
        CHECKS[check].complaint(&answer)
    }

    #[test]
    fn answers_are_judged() {
        assert_eq!(said(0, 0, "{}", ""), None);
        assert_eq!(said(0, 2, "", "error: no application found\n"), None);
        assert!(said(0, 2, "", "error: internal error, which is our fault\n").is_some());
        assert!(said(0, 2, "", "a\nb\n").is_some());
        assert!(said(0, 101, "", "").is_some());
        assert!(said(0, 0, "{", "").unwrap().contains("no JSON"));
        assert!(said(0, 0, "{}", "thread 'main' panicked at x.rs\n").unwrap().starts_with("panic"));
        assert_eq!(said(1, 1, "a\n\tb", ""), None);
        assert!(said(1, 1, "a\u{1b}[31m", "").unwrap().contains("\\u{1b}"));
        assert!(said(1, 1, "a\u{202e}", "").is_some());
        let stopped = Answer { stopped: Some("10 s".into()), ..Answer::default() };
        assert_eq!(CHECKS[0].complaint(&stopped).as_deref(), Some("stopped: 10 s"));
    }

    #[test]
    fn only_the_last_check_writes() {
        let writing: Vec<usize> = (0..CHECKS.len()).filter(|index| CHECKS[*index].writes).collect();
        assert_eq!(writing, [CHECKS.len() - 1]);
    }
}
