//! One file: parsed once, formatted and linted.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

use architect_source::{Applicability, Confidence, Edit, Finding, Fix, LineIndex};
use ruff_linter::linter::{ParseSource, lint_only};
use ruff_linter::package::PackageRoot;
use ruff_linter::settings::flags::Noqa;
use ruff_linter::source_kind::SourceKind;
use ruff_python_ast::statement_visitor::{StatementVisitor, walk_stmt};
use ruff_python_ast::token::{TokenKind, Tokens};
use ruff_python_ast::{PySourceType, Stmt};
use ruff_python_formatter::format_module_ast;
use ruff_python_parser::{ParseOptions, parse_unchecked};
use ruff_python_trivia::TriviaRanges;
use ruff_text_size::{Ranged as _, TextRange};

use crate::catalogue;
use crate::overruled::{Doubts, Imported};
use crate::settings::Settings;

/// What came out.
#[derive(Default)]
pub(crate) struct Checked {
    pub path: String,
    pub findings: Vec<Finding>,
    /// What unused imports bind, by their place.
    pub bound: Vec<(u32, String)>,
    /// Whether the file is as its formatter would have it; `None` where that was not asked or cannot be said.
    pub formatted: Option<bool>,
    /// What the file takes from other modules.
    pub imports: Vec<Imported>,
}

/// Looks at one file. Never fails: ruff failing on a file leaves that file out.
pub(crate) fn check(
    path: &str,
    text: &str,
    absolute: &Path,
    package: Option<PackageRoot<'_>>,
    settings: &Settings,
    format: bool,
) -> Checked {
    let checked = catch_unwind(AssertUnwindSafe(|| check_one(path, text, absolute, package, settings, format)));
    checked.unwrap_or_else(|_| Checked { path: path.to_owned(), ..Checked::default() })
}

fn check_one(
    path: &str,
    text: &str,
    absolute: &Path,
    package: Option<PackageRoot<'_>>,
    settings: &Settings,
    format: bool,
) -> Checked {
    let version = settings.linter.resolve_target_version(absolute).parser_version();
    let source_type = PySourceType::Python;
    let parsed = parse_unchecked(text, ParseOptions::from(source_type).with_target_version(version));
    let mut out = Checked { path: path.to_owned(), ..Checked::default() };
    // That a file does not parse is said by a rule of ours, and the rest would be guessing. What a program writes
    // nobody mends by hand.
    if !parsed.has_valid_syntax() || is_generated(text) || has_deep_text(parsed.tokens(), text) {
        return out;
    }
    if format && !settings.leaves_format(absolute) {
        let options = settings.formatter.to_format_options(source_type, text, Some(absolute));
        let trivia = TriviaRanges::from(parsed.tokens());
        let printed = format_module_ast(&parsed, &trivia, text, options).and_then(|formatted| Ok(formatted.print()?));
        out.formatted = printed.ok().map(|printed| printed.as_code() == text);
    }
    let Some(parsed) = parsed.try_into_module() else { return out };
    if has_deep_loops(parsed.suite()) {
        return out;
    }
    let outline = Outline::of(parsed.suite());
    out.imports.clone_from(&outline.imports);
    let source = SourceKind::Python { code: text.to_owned(), is_stub: false };
    let doubts = Doubts::of(parsed.suite(), text);
    let parsed = ParseSource::Precomputed(parsed);
    let result = lint_only(absolute, package, &settings.linter, Noqa::Enabled, &source, source_type, parsed);
    if result.diagnostics.is_empty() {
        return out;
    }
    let index = LineIndex::new(text);
    let file: Arc<str> = path.into();
    for diagnostic in &result.diagnostics {
        let (Some(code), Some(range)) = (diagnostic.secondary_code(), diagnostic.range()) else { continue };
        let code = catalogue::interned(code.as_str());
        if doubts.overrule(code, range) {
            continue;
        }
        if code == "F401" {
            let name = text[range].split_whitespace().last().unwrap_or_default();
            out.bound.push((range.start().into(), name.to_owned()));
        }
        let message = diagnostic.concise_message().to_string();
        let owner = outline.owner(range);
        let help = diagnostic.first_help_text().map_or_else(
            || format!("`explain {code}` says more; `# noqa: {code}` with a reason leaves it."),
            |help| format!("{}.", help.trim_end_matches('.')),
        );
        out.findings.push(Finding {
            rule: code,
            group: "style",
            severity: catalogue::severity(code),
            confidence: Confidence::High,
            subject: format!("{path}{}{owner}: {message}", if owner.is_empty() { "" } else { " " }),
            message,
            location: index.location(&file, text, range.start().into(), range.end().into()),
            trace: Vec::new(),
            why: catalogue::why(code),
            help,
            trade_off: String::new(),
            fix: diagnostic.fix().map(|fix| fix_of(fix, diagnostic.first_help_text(), &file)),
        });
    }
    out
}

fn fix_of(fix: &ruff_diagnostics::Fix, title: Option<&str>, file: &Arc<str>) -> Fix {
    let edit = |edit: &ruff_diagnostics::Edit| Edit {
        path: Arc::clone(file),
        start: edit.start().into(),
        end: edit.end().into(),
        content: edit.content().unwrap_or_default().to_owned(),
    };
    Fix {
        applicability: match fix.applicability() {
            ruff_diagnostics::Applicability::Safe => Applicability::Safe,
            ruff_diagnostics::Applicability::Unsafe => Applicability::Unsafe,
            ruff_diagnostics::Applicability::DisplayOnly => Applicability::Display,
        },
        title: title.unwrap_or("apply the fix").to_owned(),
        edits: fix.edits().iter().map(edit).collect(),
    }
}

/// Annotations may be texts, and ruff looks at each level of one with all that it holds.
const MAX_TEXT_DEPTH: usize = 200;

/// Whether a literal nests deeper than anybody writes.
fn has_deep_text(tokens: &Tokens, text: &str) -> bool {
    let literals = tokens.iter().filter(|token| token.kind() == TokenKind::String);
    literals.map(|token| text[token.range()].as_bytes()).any(|literal| {
        let mut depth = 0_usize;
        literal.iter().any(|byte| {
            match byte {
                b'[' | b'(' => depth += 1,
                b']' | b')' => depth = depth.saturating_sub(1),
                _ => {}
            }
            depth > MAX_TEXT_DEPTH
        })
    })
}

/// To tell what a function returns, ruff follows the body of a loop twice, and so on in each loop in it.
const MAX_LOOP_DEPTH: usize = 12;

/// Whether loops stand in loops deeper than anybody writes.
fn has_deep_loops(body: &[Stmt]) -> bool {
    struct Loops {
        around: usize,
        deepest: usize,
    }
    impl<'a> StatementVisitor<'a> for Loops {
        fn visit_stmt(&mut self, statement: &'a Stmt) {
            let is_loop = usize::from(matches!(statement, Stmt::For(_) | Stmt::While(_)));
            self.around += is_loop;
            self.deepest = self.deepest.max(self.around);
            if self.deepest <= MAX_LOOP_DEPTH {
                walk_stmt(self, statement);
            }
            self.around -= is_loop;
        }
    }
    let mut loops = Loops { around: 0, deepest: 0 };
    loops.visit_body(body);
    loops.deepest > MAX_LOOP_DEPTH
}

/// What generators write above what they generate.
const GENERATED: &[&str] =
    &["@generated", "generated by", "generated from", "auto-generated", "autogenerated", "do not edit"];

/// A generated file says so in a comment at its top.
fn is_generated(text: &str) -> bool {
    const TOP: usize = 10;
    let comments = text.lines().take(TOP).filter(|line| line.starts_with('#'));
    let mut comments = comments.map(str::to_ascii_lowercase);
    comments.any(|line| GENERATED.iter().any(|mark| line.contains(mark)))
}

/// Who owns which part of a file, and what it imports.
#[derive(Default)]
struct Outline {
    /// In the order of the text: each before what stands in it.
    owners: Vec<Owner>,
    imports: Vec<Imported>,
}

/// A class or a function.
struct Owner {
    range: TextRange,
    /// Its qualified name.
    name: String,
    /// The class or function around it.
    outer: Option<usize>,
}

impl Outline {
    fn of(body: &[Stmt]) -> Self {
        let mut out = Self::default();
        out.read(body, None);
        out
    }

    fn own(&mut self, range: TextRange, name: &str, body: &[Stmt], outer: Option<usize>) {
        let name = outer.map_or_else(|| name.to_owned(), |outer| format!("{}.{name}", self.owners[outer].name));
        self.owners.push(Owner { range, name, outer });
        self.read(body, Some(self.owners.len() - 1));
    }

    fn read(&mut self, body: &[Stmt], outer: Option<usize>) {
        for statement in body {
            match statement {
                Stmt::FunctionDef(function) => {
                    self.own(statement.range(), function.name.as_str(), &function.body, outer);
                }
                Stmt::ClassDef(class) => self.own(statement.range(), class.name.as_str(), &class.body, outer),
                Stmt::If(branch) => {
                    self.read(&branch.body, outer);
                    branch.elif_else_clauses.iter().for_each(|clause| self.read(&clause.body, outer));
                }
                Stmt::Try(guarded) => {
                    for body in [&guarded.body, &guarded.orelse, &guarded.finalbody] {
                        self.read(body, outer);
                    }
                    for handler in &guarded.handlers {
                        let ruff_python_ast::ExceptHandler::ExceptHandler(handler) = handler;
                        self.read(&handler.body, outer);
                    }
                }
                Stmt::ImportFrom(import) => {
                    let module = import.module.as_ref().map(ToString::to_string).unwrap_or_default();
                    self.imports.extend(import.names.iter().map(|alias| Imported {
                        start: alias.start().into(),
                        level: import.level,
                        module: module.clone(),
                        name: Some(alias.name.to_string()),
                    }));
                }
                Stmt::Import(import) => self.imports.extend(import.names.iter().map(|alias| Imported {
                    start: alias.start().into(),
                    level: 0,
                    module: alias.name.to_string(),
                    name: None,
                })),
                _ => {}
            }
        }
    }

    /// The innermost class or function around a place, by qualified name.
    fn owner(&self, range: TextRange) -> &str {
        let before = self.owners.partition_point(|owner| owner.range.start() <= range.start());
        let mut around = before.checked_sub(1);
        while let Some(owner) = around.map(|at| &self.owners[at]) {
            if owner.range.contains_range(range) {
                return &owner.name;
            }
            around = owner.outer;
        }
        ""
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loops_in_loops_without_end_are_left_out() {
        let nested = |depth: usize| {
            let head = |at: usize| format!("{}for i{at} in range(3):\n", "    ".repeat(at + 1));
            let heads: String = (0..depth).map(head).collect();
            format!("def f():\n{heads}{}return 1\n", "    ".repeat(depth + 1))
        };
        let said = |text: &str| {
            let parsed = parse_unchecked(text, ParseOptions::from(PySourceType::Python)).try_into_module();
            has_deep_loops(parsed.unwrap().suite())
        };
        assert!(!said(&nested(12)) && said(&nested(13)));
        assert!(!said(&"for i in range(3):\n    pass\n".repeat(40)));
    }

    #[test]
    fn what_a_program_wrote_says_so_at_its_top() {
        for text in ["# Generated from Sql.g4 by ANTLR 4.13\n", "#!/bin/python\n# Code generated by x. DO NOT EDIT.\n"]
        {
            assert!(is_generated(text), "{text}");
        }
        for text in ["x = 1  # generated by hand\n", "# Generates reports.\n", "\n\"\"\"Do not edit.\"\"\"\n"] {
            assert!(!is_generated(text), "{text}");
        }
    }
}
