//! Whether what documents and help show can be typed: every command line in them is one that the definition takes.

#![allow(clippy::disallowed_methods, reason = "a test looks at the disk")]

use std::path::{Path, PathBuf};

use clap::Parser as _;

use super::commands::{program, visible};
use crate::args::Cli;

/// The words of a command line as a shell would split it, up to a redirection, a pipe, a comment or two spaces, which is
/// where help says what the line is for.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    let mut characters = line.chars().peekable();
    while let Some(character) = characters.next() {
        match (quote, character) {
            (Some(open), close) if open == close => quote = None,
            (None, '"' | '\'') => {
                quote = Some(character);
                word.get_or_insert_default();
            }
            (None, '>' | '|' | '#' | ';' | '&') => break,
            (None, ' ') => {
                words.extend(word.take());
                if characters.peek() == Some(&' ') {
                    break;
                }
            }
            _ => word.get_or_insert_default().push(character),
        }
    }
    words.extend(word);
    words
}

/// The command lines of this program in a text: those that start a line, after the prompt or the indentation.
fn command_lines(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let line = line.trim_start().trim_start_matches("$ ");
        // The synopsis of a command is none of its examples.
        if !line.starts_with("fastapi-architect ") || line.contains("[OPTIONS]") {
            continue;
        }
        let mut whole = line.to_owned();
        while let Some(start) = whole.strip_suffix('\\') {
            let more = lines.next().unwrap_or_default().trim_start();
            whole = format!("{}{more}", start.trim_end().to_owned() + " ");
        }
        found.push(whole);
    }
    found
}

/// The lines of a Markdown page that stand in blocks of code.
fn code(page: &str) -> String {
    let mut fenced = false;
    let lines = page.lines().filter(|line| {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
            return false;
        }
        fenced || line.starts_with("    ")
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[track_caller]
fn check(place: &str, lines: &[String]) {
    for line in lines {
        let words = words(line);
        // The general form is no example.
        if words.get(1).is_some_and(|word| word == "COMMAND") {
            continue;
        }
        if let Err(error) = Cli::try_parse_from(&words) {
            let asked =
                matches!(error.kind(), clap::error::ErrorKind::DisplayHelp | clap::error::ErrorKind::DisplayVersion);
            assert!(asked, "{place}: {line}\n{error}");
        }
    }
}

/// The pages of the repository that tell users what to type.
fn pages() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut pages: Vec<PathBuf> =
        ["README.md", "CONTRIBUTING.md", "SECURITY.md"].iter().map(|name| root.join(name)).collect();
    let mut pending = vec![root.join("docs")];
    while let Some(folder) = pending.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                pending.push(path);
            } else if path.extension().is_some_and(|extension| extension == "md") {
                pages.push(path);
            }
        }
    }
    pages
}

#[test]
fn what_help_shows_can_be_typed() {
    let program = program();
    for command in visible(&program).chain([&program]) {
        let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        let lines = command_lines(&help);
        assert!(!lines.is_empty(), "{}: help has examples", command.get_name());
        check(command.get_name(), &lines);
    }
}

#[test]
fn what_documents_show_can_be_typed() {
    let mut seen = 0;
    for page in pages() {
        let text = std::fs::read_to_string(&page).expect("a page");
        let lines = command_lines(&code(&text));
        seen += lines.len();
        check(&page.display().to_string(), &lines);
    }
    assert!(seen > 50, "only {seen} command lines were found");
}

#[test]
fn lines_are_split_as_a_shell_does() {
    assert_eq!(words("a map endpoint \"GET /x y\"  one endpoint"), ["a", "map", "endpoint", "GET /x y"]);
    assert_eq!(words("a openapi > b.json"), ["a", "openapi"]);
    assert_eq!(words("a --x ''"), ["a", "--x", ""]);
    let text = "see\n    $ fastapi-architect new x --resource \"a \\\n       b\"   more\nfastapi-architect-x";
    assert_eq!(command_lines(text), ["fastapi-architect new x --resource \"a b\"   more"]);
}
