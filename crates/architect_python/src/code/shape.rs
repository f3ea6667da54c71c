//! What a body does, as a number: two bodies with the same number do the same, whatever their names.
//!
//! Locals and parameters count by order, other names by what they stand for, keywords in any order. Annotations,
//! docstrings, log messages and the texts of exceptions do not count; `x = f(); return x` is `return f()`.

use std::hash::{Hash, Hasher};

use ruff_python_ast as ast;
use ruff_python_ast::visitor::{Visitor, walk_expr, walk_stmt};
use ruff_text_size::Ranged;
use rustc_hash::{FxHashMap, FxHasher};

use super::operand::last;
use super::read::Reader;

/// A body, without what does not matter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Shape {
    /// The same for bodies that do the same.
    pub hash: u64,
    /// How much it is: the number of its nodes.
    pub nodes: usize,
    /// Lines of text, without the docstring.
    pub lines: usize,
}

/// The shape of a body whose names `reader` has read.
pub(super) fn shape<'a>(reader: &Reader<'_, 'a>, parameters: &'a ast::Parameters, body: &'a [ast::Stmt]) -> Shape {
    let body = without_docstring(body);
    let (Some(first), Some(end)) = (body.first(), body.last()) else { return Shape::default() };
    let text = reader.source(ruff_text_size::TextRange::new(first.range().start(), end.range().end()));
    let lines = text.lines().filter(|line| !line.trim().is_empty()).count();
    let mut writer =
        Writer { reader, order: FxHashMap::default(), hasher: FxHasher::default(), nodes: 0, message: false };
    for parameter in parameters {
        writer.local(parameter.name());
        if let Some(default) = parameter.default() {
            writer.visit_expr(default);
        }
    }
    writer.visit_body(body);
    Shape { hash: writer.hasher.finish(), nodes: writer.nodes, lines }
}

/// A body without the text that documents it.
pub(super) fn without_docstring(body: &[ast::Stmt]) -> &[ast::Stmt] {
    match body.first() {
        Some(ast::Stmt::Expr(node)) if node.value.is_string_literal_expr() => &body[1..],
        _ => body,
    }
}

struct Writer<'r, 'n, 'a> {
    reader: &'r Reader<'n, 'a>,
    /// Locals in the order they are met.
    order: FxHashMap<&'a str, usize>,
    hasher: FxHasher,
    nodes: usize,
    /// Inside of what people read: texts do not count.
    message: bool,
}

impl<'a> Writer<'_, '_, 'a> {
    fn local(&mut self, name: &'a str) {
        let next = self.order.len();
        let at = *self.order.entry(name).or_insert(next);
        ("local", at).hash(&mut self.hasher);
    }

    fn mark(&mut self, what: &str) {
        what.hash(&mut self.hasher);
    }

    fn is_local(&self, name: &str) -> bool {
        self.reader.is_parameter(name) || self.reader.locals.contains_key(name)
    }

    /// A name or attribute of something that is no local, by what it stands for.
    fn known(&mut self, expr: &'a ast::Expr) -> bool {
        let Some(path) = super::names::path_of(expr) else { return false };
        let root = path.split('.').next().unwrap_or_default();
        if self.is_local(root) {
            return false;
        }
        if let Some(constant) = self.reader.constant(expr, 0) {
            if !self.message {
                format!("{constant:?}").hash(&mut self.hasher);
            }
            return true;
        }
        let Some(target) = self.reader.resolve(expr) else { return false };
        target.hash(&mut self.hasher);
        true
    }
}

impl<'a> Visitor<'a> for Writer<'_, '_, 'a> {
    fn visit_body(&mut self, body: &'a [ast::Stmt]) {
        let (head, tail) = match body {
            [head @ .., ast::Stmt::Assign(assign), ast::Stmt::Return(returned)] => {
                let named = matches!(
                    (assign.targets.as_slice(), returned.value.as_deref()),
                    ([ast::Expr::Name(bound)], Some(ast::Expr::Name(read))) if bound.id == read.id
                );
                if named { (head, Some(&*assign.value)) } else { (body, None) }
            }
            _ => (body, None),
        };
        head.iter().for_each(|stmt| self.visit_stmt(stmt));
        if let Some(value) = tail {
            self.nodes += 1;
            self.mark("return");
            self.visit_expr(value);
            self.mark("end");
        }
    }

    fn visit_stmt(&mut self, stmt: &'a ast::Stmt) {
        match stmt {
            ast::Stmt::Pass(_) | ast::Stmt::Import(_) | ast::Stmt::ImportFrom(_) => return,
            ast::Stmt::Expr(node) if is_log(&node.value) || node.value.is_string_literal_expr() => return,
            ast::Stmt::AnnAssign(node) => {
                let Some(value) = node.value.as_deref() else { return };
                self.nodes += 1;
                self.mark("assign");
                self.visit_expr(value);
                self.visit_expr(&node.target);
                return;
            }
            ast::Stmt::Assign(node) => {
                self.nodes += 1;
                self.mark("assign");
                self.visit_expr(&node.value);
                node.targets.iter().for_each(|target| self.visit_expr(target));
                return;
            }
            _ => {}
        }
        self.nodes += 1;
        self.mark(match stmt {
            ast::Stmt::Return(_) => "return",
            ast::Stmt::Raise(_) => "raise",
            ast::Stmt::If(_) => "if",
            ast::Stmt::For(node) if node.is_async => "async for",
            ast::Stmt::For(_) => "for",
            ast::Stmt::While(_) => "while",
            ast::Stmt::With(node) if node.is_async => "async with",
            ast::Stmt::With(_) => "with",
            ast::Stmt::Try(_) => "try",
            ast::Stmt::AugAssign(_) => "augment",
            ast::Stmt::Delete(_) => "delete",
            ast::Stmt::Assert(_) => "assert",
            ast::Stmt::FunctionDef(_) => "def",
            ast::Stmt::ClassDef(_) => "class",
            ast::Stmt::Break(_) => "break",
            ast::Stmt::Continue(_) => "continue",
            ast::Stmt::Match(_) => "match",
            _ => "statement",
        });
        if let ast::Stmt::AugAssign(node) = stmt {
            self.mark(node.op.as_str());
        }
        let outer = self.message;
        self.message |= stmt.is_raise_stmt() || stmt.is_assert_stmt();
        walk_stmt(self, stmt);
        self.message = outer;
        self.mark("end");
    }

    fn visit_annotation(&mut self, _annotation: &'a ast::Expr) {}

    fn visit_expr(&mut self, expr: &'a ast::Expr) {
        self.nodes += 1;
        match expr {
            ast::Expr::Name(name) if self.is_local(&name.id) => return self.local(&name.id),
            ast::Expr::Name(name) => {
                if !self.known(expr) {
                    self.mark(&name.id);
                }
                return;
            }
            ast::Expr::Attribute(node) => {
                if !self.known(expr) {
                    self.mark(".");
                    self.mark(&node.attr);
                    self.visit_expr(&node.value);
                }
                return;
            }
            ast::Expr::StringLiteral(node) => {
                self.mark("text");
                if !self.message {
                    self.mark(node.value.to_str());
                }
                return;
            }
            ast::Expr::FString(_) if self.message => return self.mark("text"),
            ast::Expr::NumberLiteral(_) | ast::Expr::BooleanLiteral(_) | ast::Expr::NoneLiteral(_) => {
                let constant = self.reader.constant(expr, 0);
                return format!("{constant:?}").hash(&mut self.hasher);
            }
            ast::Expr::Call(call) => {
                self.mark("call");
                self.visit_expr(&call.func);
                call.arguments.args.iter().for_each(|one| self.visit_expr(one));
                let mut keywords: Vec<&'a ast::Keyword> = call.arguments.keywords.iter().collect();
                keywords.sort_by_key(|one| one.arg.as_ref().map(|name| name.as_str()));
                for keyword in keywords {
                    self.mark(keyword.arg.as_ref().map_or("**", |name| name.as_str()));
                    self.visit_expr(&keyword.value);
                }
                return self.mark("end");
            }
            ast::Expr::Compare(node) => node.ops.iter().for_each(|op| self.mark(op.as_str())),
            ast::Expr::BinOp(node) => self.mark(node.op.as_str()),
            ast::Expr::BoolOp(node) => self.mark(node.op.as_str()),
            ast::Expr::UnaryOp(node) => self.mark(node.op.as_str()),
            ast::Expr::Await(_) => self.mark("await"),
            ast::Expr::Lambda(_) => self.mark("lambda"),
            ast::Expr::Dict(_) => self.mark("dict"),
            ast::Expr::List(_) => self.mark("list"),
            ast::Expr::Tuple(_) => self.mark("tuple"),
            ast::Expr::Set(_) => self.mark("set"),
            ast::Expr::ListComp(_) => self.mark("list of"),
            ast::Expr::SetComp(_) => self.mark("set of"),
            ast::Expr::DictComp(_) => self.mark("dict of"),
            ast::Expr::Generator(_) => self.mark("generator"),
            ast::Expr::Subscript(_) => self.mark("item"),
            ast::Expr::Slice(_) => self.mark("slice"),
            ast::Expr::Starred(_) => self.mark("*"),
            ast::Expr::FString(_) => self.mark("f"),
            ast::Expr::If(_) => self.mark("either"),
            ast::Expr::Yield(_) => self.mark("yield"),
            ast::Expr::YieldFrom(_) => self.mark("yield from"),
            _ => self.mark("expression"),
        }
        walk_expr(self, expr);
        self.mark("end");
    }

    fn visit_interpolated_string_element(&mut self, element: &'a ast::InterpolatedStringElement) {
        match element {
            ast::InterpolatedStringElement::Literal(text) => self.mark(&text.value),
            ast::InterpolatedStringElement::Interpolation(node) => self.visit_expr(&node.expression),
        }
    }
}

/// Whether an expression only writes a log.
fn is_log(expr: &ast::Expr) -> bool {
    let ast::Expr::Call(call) = expr else { return false };
    let Some(path) = super::names::path_of(&call.func) else { return false };
    let level = last(&path);
    let writes = matches!(level, "debug" | "info" | "warning" | "warn" | "error" | "exception" | "critical" | "log");
    let root = path.rsplit_once('.').map_or("", |(root, _)| root);
    writes && last(root).to_lowercase().contains("log")
}
