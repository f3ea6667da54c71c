//! From text to syntax trees, without ever failing a run.

use std::path::PathBuf;
use std::sync::Arc;

use architect_source::{LineIndex, Location};
use ruff_python_ast as ast;
use ruff_python_ast::visitor::{Visitor, walk_expr, walk_pattern, walk_stmt};
use ruff_python_parser::{Mode, ParseOptions};
use ruff_text_size::{Ranged, TextLen as _, TextRange, TextSize};

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

/// Larger files are not parsed: no person wrote them, and their trees would take more memory than they tell.
pub const MAX_SOURCE_BYTES: usize = 4 << 20;

/// Levels of syntax inside each other that are kept. Python itself gives up at about as many.
const MAX_DEPTH: usize = 2_000;

/// Stack of a thread that parses or walks a tree: room for the deepest that [`parse()`] keeps, in debug builds as well.
pub(crate) const STACK_BYTES: usize = 64 * 1024 * 1024;

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
    /// What stands in a range of its text.
    #[must_use]
    pub fn source(&self, range: TextRange) -> Option<&str> {
        self.text.get(usize::from(range.start())..usize::from(range.end()))
    }

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

    /// The location of the last step of a call: where a chain is written one step a line, the line of its last method
    /// is the one to look at; else the whole of it.
    #[must_use]
    pub fn last_step(&self, range: TextRange) -> Location {
        let text = &self.text[range];
        let name = text.rfind('\n').and_then(|end| text[end..].trim_start().strip_prefix('.'));
        self.location(match name {
            Some(name) => TextRange::new(range.end() - TextSize::of(name), range.end()),
            None => range,
        })
    }
}

/// Parses a module. A byte order mark is dropped; bytes that Python could not decode are replaced, and a problem.
#[must_use]
pub fn parse(
    name: String,
    file: PathBuf,
    path: Arc<str>,
    kind: ModuleKind,
    is_package: bool,
    bytes: Vec<u8>,
) -> Module {
    let (mut text, undecoded) = decode(bytes);
    if text.starts_with('\u{feff}') {
        text.drain(..'\u{feff}'.len_utf8());
    }
    let parsed = ruff_python_parser::parse_unchecked(&text, ParseOptions::from(Mode::Module));
    let first = parsed.errors().first();
    let mut problem =
        first.map(|error| ParseProblem { message: error.error.to_string(), range: error.range() }).or(undecoded);
    let mut body: Vec<ast::Stmt> = match parsed.into_syntax() {
        ast::Mod::Module(module) => module.body.into_iter().collect(),
        ast::Mod::Expression(_) => Vec::new(),
    };
    if body.iter().any(|stmt| Depth::of_statement(stmt) > MAX_DEPTH) {
        let (deep, rest): (Vec<_>, Vec<_>) = body.into_iter().partition(|stmt| Depth::of_statement(stmt) > MAX_DEPTH);
        body = rest;
        let message = format!("nests more than {MAX_DEPTH} levels deep");
        problem = problem.or_else(|| deep.first().map(|stmt| ParseProblem { message, range: start_of(stmt) }));
        // Even to free such a tree needs more stack than there may be.
        std::mem::forget(deep);
    }
    let lines = LineIndex::new(&text);
    Module { name, file, path, kind, is_package, text, lines, body, problem }
}

/// The text of a file, and what is wrong with its encoding.
fn decode(bytes: Vec<u8>) -> (String, Option<ParseProblem>) {
    let error = match String::from_utf8(bytes) {
        Ok(text) => return (text, None),
        Err(error) => error,
    };
    match declared_encoding(error.as_bytes()).as_deref() {
        Some("latin-1" | "latin1" | "iso-8859-1" | "iso8859-1" | "l1") => {
            return (error.as_bytes().iter().copied().map(char::from).collect(), None);
        }
        // What the other encodings have beyond ASCII stands in texts and comments.
        Some(name) if !matches!(name, "utf-8" | "utf8" | "u8") => {
            return (String::from_utf8_lossy(error.as_bytes()).into_owned(), None);
        }
        _ => {}
    }
    let start = u32::try_from(error.utf8_error().valid_up_to()).unwrap_or_default();
    let range = TextRange::at(start.into(), '\u{fffd}'.text_len());
    let problem = ParseProblem { message: "it is not UTF-8, and declares no other encoding".to_owned(), range };
    (String::from_utf8_lossy(error.as_bytes()).into_owned(), Some(problem))
}

/// The encoding that a comment in one of the first two lines declares, in lower case.
fn declared_encoding(bytes: &[u8]) -> Option<String> {
    bytes.split(|byte| *byte == b'\n').take(2).find_map(|line| {
        let line = String::from_utf8_lossy(line);
        let comment = line.trim_start().strip_prefix('#')?;
        let name = comment.split_once("coding")?.1.strip_prefix([':', '='])?.trim_start();
        let end =
            name.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))).unwrap_or(name.len());
        Some(name[..end].to_lowercase().replace('_', "-")).filter(|name| !name.is_empty())
    })
}

/// Parses the text of an annotation.
pub(crate) fn parse_expression(text: &str) -> Option<ast::Expr> {
    let expr = ruff_python_parser::parse_expression(text).ok()?.into_expr();
    if Depth::of_expression(&expr) > MAX_DEPTH {
        std::mem::forget(expr);
        return None;
    }
    Some(expr)
}

/// The first character of a statement: what nests deeply is long, too.
fn start_of(stmt: &ast::Stmt) -> TextRange {
    TextRange::at(stmt.start(), 1.into())
}

/// How deeply a tree nests, found without walking deeper than [`MAX_DEPTH`] and without looking at what is too short
/// to be deep: every level takes at least a character.
struct Depth {
    here: usize,
    deepest: usize,
}

impl Depth {
    fn of_statement(stmt: &ast::Stmt) -> usize {
        let mut depth = Self { here: 0, deepest: 0 };
        depth.visit_stmt(stmt);
        depth.deepest
    }

    fn of_expression(expr: &ast::Expr) -> usize {
        let mut depth = Self { here: 0, deepest: 0 };
        depth.visit_expr(expr);
        depth.deepest
    }

    fn enter(&mut self, range: TextRange, walk: impl FnOnce(&mut Self)) {
        // Some levels share their range with the one above: a statement that is an expression, a pattern that is one.
        let possible = self.here + 2 * range.len().to_usize() + 2;
        if possible <= MAX_DEPTH || self.deepest > MAX_DEPTH {
            return;
        }
        self.here += 1;
        self.deepest = self.deepest.max(self.here);
        walk(self);
        self.here -= 1;
    }
}

impl<'a> Visitor<'a> for Depth {
    fn visit_stmt(&mut self, stmt: &'a ast::Stmt) {
        self.enter(stmt.range(), |depth| walk_stmt(depth, stmt));
    }

    fn visit_expr(&mut self, expr: &'a ast::Expr) {
        self.enter(expr.range(), |depth| walk_expr(depth, expr));
    }

    fn visit_pattern(&mut self, pattern: &'a ast::Pattern) {
        self.enter(pattern.range(), |depth| walk_pattern(depth, pattern));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn module(bytes: &[u8]) -> Module {
        parse("m".into(), "m.py".into(), "m.py".into(), ModuleKind::Project, false, bytes.to_vec())
    }

    #[test]
    fn a_file_says_how_it_is_encoded() {
        assert_eq!(
            module(b"# -*- coding: latin-1 -*-\nx = '\xe9'\n").text,
            "# -*- coding: latin-1 -*-\nx = '\u{e9}'\n"
        );
        assert_eq!(module(b"#!/usr/bin/python\n# vim: fileencoding=cp1250\nx = '\xe9'\n").problem, None);
        let problem = module(b"# \xc3\xa9\nx = '\xe9'\n").problem.unwrap();
        assert_eq!(problem.message, "it is not UTF-8, and declares no other encoding");
        assert_eq!(problem.range.start().to_u32(), 10);
    }

    #[test]
    fn what_nests_too_deeply_is_left_out_and_the_rest_stays() {
        let module = module(format!("a = 1\nb = {}1\nc = 2\n", "-".repeat(10_000)).as_bytes());
        assert_eq!(module.body.len(), 2);
        assert_eq!(module.problem.unwrap().message, "nests more than 2000 levels deep");
    }
}
