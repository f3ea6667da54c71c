//! Whether what a loop, or a function that calls itself, asks for in one turn is what it asks with in the next: a chain of
//! parents, or a tree.

use ruff_python_ast as ast;
use ruff_python_ast::visitor::{Visitor, walk_expr, walk_stmt};
use ruff_text_size::{Ranged, TextRange};
use rustc_hash::FxHashSet;

use crate::parse::Module;
use crate::ways::{Part, definition};

/// How a turn leads to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Linked {
    /// One by one: `node = get(node.parent_id)`.
    One,
    /// Through a list of what is still to be asked for: `waiting.extend(children_of(waiting.pop()))`.
    Several,
}

impl Module {
    /// How an expression in a loop feeds itself. `over` is the test of a `while`, or what a `for` is over; `at` is what is
    /// asked.
    #[must_use]
    pub fn links(&self, over: TextRange, at: TextRange) -> Option<Linked> {
        let chain = self.way_to(at)?;
        let body = chain.iter().rev().find_map(|part| match part {
            Part::Stmt(ast::Stmt::While(node)) if node.test.range() == over => Some(&node.body[..]),
            Part::Stmt(ast::Stmt::For(node)) if node.iter.range() == over => Some(&node.body[..]),
            _ => None,
        })?;
        let asked = asked(&chain)?;
        let mut found = Edges::default();
        for part in &chain {
            match part {
                Part::Stmt(ast::Stmt::While(node)) if node.test.range() == over => {
                    found.until = Some(&node.test);
                    found.visit_expr(&node.test);
                }
                Part::Stmt(ast::Stmt::For(node)) if node.iter.range() == over => found.bind(&node.target, &node.iter),
                _ => {}
            }
        }
        body.iter().for_each(|stmt| found.visit_stmt(stmt));
        found.linked(asked)
    }

    /// How what a function asks for feeds the call of itself: what is passed there has to come from what is asked `at`, and
    /// what is asked to hang on what is passed. A call that counts (`depth - 1`) goes as deep as it says.
    #[must_use]
    pub fn links_by_call(&self, call: TextRange, at: TextRange) -> Option<Linked> {
        let to_call = self.way_to(call)?;
        let chain = self.way_to(at)?;
        let (Some(Part::Expr(ast::Expr::Call(call))), Some(function)) = (to_call.last(), definition(&to_call)) else {
            return None;
        };
        if definition(&chain)?.range() != function.range() || counts(call, function) {
            return None;
        }
        let mut found = Edges::default();
        function.body.iter().for_each(|stmt| found.visit_stmt(stmt));
        for (parameter, value) in passed(call, function) {
            found.edges.push(Edge::new([parameter].into(), value, false));
        }
        found.linked(asked(&chain)?)
    }

    /// Whether a call of the function it stands in is bounded by a number that it counts: `depth - 1`, `level + 1`.
    #[must_use]
    pub fn counts_calls(&self, call: TextRange) -> bool {
        let Some(chain) = self.way_to(call) else { return false };
        match (chain.last(), definition(&chain)) {
            (Some(Part::Expr(ast::Expr::Call(call))), Some(function)) => counts(call, function),
            _ => false,
        }
    }
}

/// What is asked, with all that is done to the answer there: the value that a statement binds.
fn asked<'a>(chain: &[Part<'a>]) -> Option<&'a ast::Expr> {
    match chain.last()? {
        Part::Expr(expr) => Some(expr),
        Part::Stmt(_) => None,
    }
}

/// What a call gives the parameters of a function; those of methods begin behind `self`.
fn passed<'a>(call: &'a ast::ExprCall, function: &'a ast::StmtFunctionDef) -> Vec<(&'a str, &'a ast::Expr)> {
    let mut names: Vec<&str> = function.parameters.iter_non_variadic_params().map(|one| one.name().as_str()).collect();
    if call.func.is_attribute_expr() && names.first().is_some_and(|first| matches!(*first, "self" | "cls")) {
        names.remove(0);
    }
    let by_place = names.into_iter().zip(&call.arguments.args);
    let by_name = call.arguments.keywords.iter();
    let by_name = by_name.filter_map(|keyword| Some((keyword.arg.as_ref()?.as_str(), &keyword.value)));
    by_place.chain(by_name).collect()
}

/// Whether a call passes a number that it counts, and the function compares it with something.
fn counts(call: &ast::ExprCall, function: &ast::StmtFunctionDef) -> bool {
    passed(call, function).into_iter().any(|(name, value)| {
        let ast::Expr::BinOp(node) = value else { return false };
        let steps = matches!(node.op, ast::Operator::Add | ast::Operator::Sub) && node.right.is_number_literal_expr();
        let own = matches!(&*node.left, ast::Expr::Name(left) if left.id == name);
        steps && own && {
            let mut tests = Tests { name, found: false };
            function.body.iter().for_each(|stmt| tests.visit_stmt(stmt));
            tests.found
        }
    })
}

/// Whether a name is compared, or decides by itself.
struct Tests<'a> {
    name: &'a str,
    found: bool,
}

impl<'a> Visitor<'a> for Tests<'a> {
    fn visit_stmt(&mut self, stmt: &'a ast::Stmt) {
        if let ast::Stmt::If(node) = stmt {
            self.found |= names_of(&node.test, false).contains(self.name);
        }
        walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, expr: &'a ast::Expr) {
        let test = match expr {
            ast::Expr::If(node) => &node.test,
            ast::Expr::Compare(_) => expr,
            _ => return walk_expr(self, expr),
        };
        self.found |= names_of(test, false).contains(self.name);
        walk_expr(self, expr);
    }
}

/// Names get what an expression says.
struct Edge<'a> {
    names: Vec<&'a str>,
    value: &'a ast::Expr,
    /// Whether the names are lists to which it is added.
    adds: bool,
}

impl<'a> Edge<'a> {
    fn new(names: Vec<&'a str>, value: &'a ast::Expr, adds: bool) -> Self {
        Self { names, value, adds }
    }
}

/// What a body binds.
#[derive(Default)]
struct Edges<'a> {
    edges: Vec<Edge<'a>>,
    /// The test of the loop.
    until: Option<&'a ast::Expr>,
    /// Whether it waits for something to happen.
    waits: bool,
}

impl<'a> Edges<'a> {
    fn bind(&mut self, target: &'a ast::Expr, value: &'a ast::Expr) {
        let mut names = Vec::new();
        stored(target, &mut names);
        if !names.is_empty() {
            self.edges.push(Edge::new(names, value, false));
        }
    }

    /// How an expression feeds itself.
    fn linked(&self, asked: &ast::Expr) -> Option<Linked> {
        // One that asks again by the same key looks whether something has changed.
        if !self.waits && self.feeds(asked, false, true) {
            return Some(Linked::One);
        }
        (!self.feeds(asked, false, false) && self.feeds(asked, true, false)).then_some(Linked::Several)
    }

    /// Whether what an expression gives comes back to it: through lists as well, and by more than the key of what it gave.
    fn feeds(&self, asked: &ast::Expr, by_lists: bool, beyond_keys: bool) -> bool {
        let mut derived: FxHashSet<&str> = FxHashSet::default();
        let mut more = true;
        while more {
            more = false;
            for edge in self.edges.iter().filter(|edge| by_lists || !edge.adds) {
                let gets = edge.value.range().contains_range(asked.range())
                    || names_of(edge.value, beyond_keys).iter().any(|name| derived.contains(name));
                if gets {
                    for name in &edge.names {
                        more |= derived.insert(name);
                    }
                }
            }
        }
        // What ends the loop has to do with it, unless that is told inside.
        let ends = self.until.is_none_or(|test| {
            test.is_boolean_literal_expr() || names_of(test, false).iter().any(|name| derived.contains(name))
        });
        ends && names_of(asked, beyond_keys).iter().any(|name| derived.contains(name))
    }
}

/// Names that a target binds.
fn stored<'a>(target: &'a ast::Expr, names: &mut Vec<&'a str>) {
    match target {
        ast::Expr::Name(name) => names.push(&name.id),
        ast::Expr::Tuple(node) => node.elts.iter().for_each(|one| stored(one, names)),
        ast::Expr::List(node) => node.elts.iter().for_each(|one| stored(one, names)),
        ast::Expr::Starred(node) => stored(&node.value, names),
        _ => {}
    }
}

impl<'a> Visitor<'a> for Edges<'a> {
    fn visit_stmt(&mut self, stmt: &'a ast::Stmt) {
        match stmt {
            ast::Stmt::FunctionDef(_) | ast::Stmt::ClassDef(_) => return,
            ast::Stmt::Assign(node) => node.targets.iter().for_each(|target| self.bind(target, &node.value)),
            ast::Stmt::AnnAssign(node) => {
                if let Some(value) = &node.value {
                    self.bind(&node.target, value);
                }
            }
            ast::Stmt::AugAssign(node) => {
                let mut names = Vec::new();
                stored(&node.target, &mut names);
                self.edges.push(Edge::new(names, &node.value, true));
            }
            ast::Stmt::For(node) => self.bind(&node.target, &node.iter),
            _ => {}
        }
        walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, expr: &'a ast::Expr) {
        match expr {
            ast::Expr::Named(node) => self.bind(&node.target, &node.value),
            ast::Expr::Call(call) => match &*call.func {
                ast::Expr::Attribute(method) => {
                    self.waits |= matches!(method.attr.as_str(), "sleep" | "wait" | "wait_for");
                    let adds =
                        matches!(method.attr.as_str(), "append" | "appendleft" | "extend" | "extendleft" | "insert");
                    if let (true, ast::Expr::Name(list)) = (adds, &*method.value) {
                        let values = call.arguments.args.iter();
                        self.edges.extend(values.map(|value| Edge::new(vec![&list.id], value, true)));
                    }
                }
                ast::Expr::Name(name) => self.waits |= name.id.as_str() == "sleep",
                _ => {}
            },
            _ => {}
        }
        walk_expr(self, expr);
    }
}

/// Names that an expression reads; beyond keys, `row.id` does not read `row`.
pub(crate) fn names_of(expr: &ast::Expr, beyond_keys: bool) -> FxHashSet<&str> {
    struct Names<'a>(FxHashSet<&'a str>, bool);
    impl<'a> Visitor<'a> for Names<'a> {
        fn visit_expr(&mut self, expr: &'a ast::Expr) {
            match expr {
                ast::Expr::Attribute(node)
                    if self.1
                        && node.value.is_name_expr()
                        && matches!(node.attr.as_str(), "id" | "pk" | "uuid" | "uid") => {}
                ast::Expr::Name(name) => {
                    self.0.insert(&name.id);
                }
                _ => walk_expr(self, expr),
            }
        }
    }
    let mut names = Names(FxHashSet::default(), beyond_keys);
    names.visit_expr(expr);
    names.0
}
