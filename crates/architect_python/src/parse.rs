//! From text to syntax trees, without ever failing a run.

use std::path::PathBuf;
use std::sync::Arc;

use architect_source::{LineIndex, Location};
use ruff_python_ast as ast;
use ruff_python_parser::{Mode, ParseOptions};
use ruff_text_size::{Ranged, TextRange};

/// Whose code a module is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModuleKind {
    /// The project's own: evaluated completely, in import order.
    Project,
    /// A model of a library, shipped with the program.
    Model,
    /// A package of the environment: evaluated name by name, when asked for.
    ThirdParty,
}

/// A parsed module.
#[derive(Debug)]
pub struct Module {
    /// Dotted name.
    pub name: String,
    /// Where it lies.
    pub file: PathBuf,
    /// The path findings show.
    pub path: Arc<str>,
    /// Whose it is.
    pub kind: ModuleKind,
    /// Whether it is a package (`__init__.py`).
    pub is_package: bool,
    /// Its text.
    pub text: String,
    /// Its lines.
    pub lines: LineIndex,
    /// Its statements; what could be recovered when it does not parse.
    pub body: Vec<ast::Stmt>,
    /// What the parser complains about.
    pub problem: Option<ParseProblem>,
}

/// Why a file does not parse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseProblem {
    /// What the parser says.
    pub message: String,
    /// Where.
    pub range: TextRange,
}

impl Module {
    /// The absolute name of the module that `from` names here, with so many leading dots.
    #[must_use]
    pub fn absolute(&self, level: u32, name: Option<&str>) -> String {
        if level == 0 {
            return name.unwrap_or_default().to_owned();
        }
        let mut parts: Vec<&str> = self.name.split('.').collect();
        let up = (level as usize).saturating_sub(usize::from(self.is_package));
        parts.truncate(parts.len().saturating_sub(up));
        parts.extend(name);
        parts.retain(|part| !part.is_empty());
        parts.join(".")
    }

    /// The location of a range of this module.
    #[must_use]
    pub fn location(&self, range: TextRange) -> Location {
        self.lines.location(&self.path, &self.text, range.start().to_u32(), range.end().to_u32())
    }
}

/// Parses a module. Bytes that are not UTF-8 are replaced; a byte order mark is dropped.
#[must_use]
pub fn parse(
    name: String,
    file: PathBuf,
    path: Arc<str>,
    kind: ModuleKind,
    is_package: bool,
    bytes: Vec<u8>,
) -> Module {
    let mut text =
        String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
    if text.starts_with('\u{feff}') {
        text.drain(..'\u{feff}'.len_utf8());
    }
    let parsed = ruff_python_parser::parse_unchecked(&text, ParseOptions::from(Mode::Module));
    let problem =
        parsed.errors().first().map(|error| ParseProblem { message: error.error.to_string(), range: error.range() });
    let body = match parsed.into_syntax() {
        ast::Mod::Module(module) => module.body.into_iter().collect(),
        ast::Mod::Expression(_) => Vec::new(),
    };
    let lines = LineIndex::new(&text);
    Module { name, file, path, kind, is_package, text, lines, body, problem }
}
