//! Statements.

use ruff_python_ast as ast;
use ruff_python_ast::visitor::{Visitor, walk_expr};
use ruff_text_size::Ranged;

use super::{Args, End, Frame, Library, Machine, Node, Size, V, Val};
use crate::value::{FunctionNode, Sym, Value};

/// One of several paths.
pub(super) type Run<'r, M> = &'r mut dyn FnMut(&mut M, &mut Frame) -> End;
type OwnedRun<'r, M> = Box<dyn FnMut(&mut M, &mut Frame) -> End + 'r>;

impl<'a, L: Library> Machine<'_, 'a, L> {
    /// Runs statements one after the other.
    pub(super) fn block(&mut self, f: &mut Frame, body: &'a [ast::Stmt]) -> End {
        for (at, stmt) in body.iter().enumerate() {
            if !self.step() {
                return End::Normal;
            }
            let filled = self.fills(f, stmt, &body[at + 1..]);
            let mut end = self.stmt(f, stmt);
            // A call that never returns ends the path: `raise_not_found()`.
            if std::mem::take(&mut f.raised) && end != End::Return {
                end = End::Raise;
            }
            if end != End::Normal {
                return end;
            }
            if filled {
                return self.once(f, &body[at + 1..]);
            }
        }
        End::Normal
    }

    #[allow(clippy::too_many_lines)]
    fn stmt(&mut self, f: &mut Frame, stmt: &'a ast::Stmt) -> End {
        match stmt {
            ast::Stmt::Expr(node) => {
                let value = self.expr(f, &node.value);
                // What a function made that was called may as well have been run by it.
                if matches!(self.v(value), V::Pending { site, .. } if f.holds(*site))
                    && matches!(&*node.value, ast::Expr::Call(_))
                {
                    let site = self.site(f, node.range);
                    L::dropped(self, f, value, site);
                }
            }
            ast::Stmt::Return(node) => {
                let value = match &node.value {
                    Some(value) => self.expr(f, value),
                    None => Val::NONE,
                };
                self.returned(f, value, node.range);
                f.returns.push(value);
                return End::Return;
            }
            ast::Stmt::Raise(node) => {
                if let Some(exc) = &node.exc {
                    self.expr(f, exc);
                }
                return End::Raise;
            }
            ast::Stmt::Assign(node) => {
                let value = self.expr(f, &node.value);
                for target in &node.targets {
                    self.bind(f, target, value);
                }
            }
            ast::Stmt::AnnAssign(node) => {
                if let Some(expr) = &node.value {
                    let mut value = self.expr(f, expr);
                    if value == Val::UNKNOWN {
                        value = self.typed_by(f, &node.annotation, &node.target);
                    }
                    self.bind(f, &node.target, value);
                }
            }
            ast::Stmt::AugAssign(node) => {
                let left = self.expr(f, &node.target);
                let right = self.expr(f, &node.value);
                let value = self.binary(node.op, left, right);
                self.bind(f, &node.target, value);
            }
            ast::Stmt::If(node) => return self.if_statement(f, node),
            ast::Stmt::For(node) => {
                let mut iterable = self.expr(f, &node.iter);
                let site = self.site(f, node.iter.range());
                if matches!(self.v(iterable), V::Seq { .. }) && adds_to_its_list(node) {
                    let (elem, _) = self.iterate(f, iterable, site);
                    iterable = self.coll(elem, Size::Unknown, None);
                }
                let key = key_of(node).map(|key| self.ev.name_of(key));
                let outer_key = std::mem::replace(&mut f.key, key);
                let outer = std::mem::take(&mut f.single);
                let end = self.each(f, iterable, site, &mut |m, f, elem| {
                    m.bind(f, &node.target, elem);
                    m.block(f, &node.body)
                });
                f.key = outer_key;
                let single = std::mem::replace(&mut f.single, outer);
                if !single.is_empty() {
                    let none = (Vec::new(), End::Normal);
                    self.branch(f, site, vec![(single, End::Normal), none]);
                }
                if node.is_async {
                    f.waits(site);
                }
                if matches!(end, End::Return | End::Raise) {
                    return end;
                }
                return self.block(f, &node.orelse);
            }
            ast::Stmt::While(node) => {
                let site = self.site(f, node.test.range());
                f.open();
                let before = f.vars.clone();
                let left = std::mem::take(&mut f.left);
                let outer_key = f.key.take();
                f.turns.push(Size::Unknown);
                let test = self.expr(f, &node.test);
                f.lookups.asked(test);
                let mut end = End::Normal;
                if self.truth(f, test) != Some(false) {
                    end = self.block(f, &node.body);
                }
                f.turns.pop();
                f.key = outer_key;
                let body = f.close();
                let leaves = std::mem::replace(&mut f.left, left);
                let after = std::mem::take(&mut f.vars);
                f.vars = self.join_vars(before, after);
                if !body.is_empty() {
                    f.node(Node::Loop { site, size: Size::Unknown, open: true, leaves, body });
                }
                let forever = matches!(&*node.test, ast::Expr::BooleanLiteral(b) if b.value);
                if forever && matches!(end, End::Return | End::Raise) {
                    return end;
                }
            }
            ast::Stmt::With(node) => return self.with_statement(f, node, 0),
            ast::Stmt::Try(node) => return self.try_statement(f, node),
            ast::Stmt::FunctionDef(node) => {
                for parameter in node.parameters.iter_non_variadic_params() {
                    if let Some(default) = &parameter.default {
                        self.expr(f, default);
                    }
                }
                let mut value = self.closure(f, FunctionNode::Def(node), &node.name);
                for decorator in node.decorator_list.iter().rev() {
                    let callee = self.expr(f, &decorator.expression);
                    let wraps = self.path(callee).is_some_and(|path| {
                        path.starts_with("functools.") || path.contains("contextmanager") || path.contains("tenacity")
                    });
                    if !wraps {
                        let site = self.site(f, decorator.range);
                        let decorated = self.call(f, callee, Args::of(vec![value]), site);
                        if decorated != Val::UNKNOWN {
                            value = decorated;
                        }
                    }
                }
                let name = self.ev.name_of(&node.name);
                self.set_var(f, name, value);
            }
            ast::Stmt::ClassDef(node) => {
                let name = self.ev.name_of(&node.name);
                self.set_var(f, name, Val::UNKNOWN);
            }
            ast::Stmt::Import(node) => {
                for alias in &node.names {
                    let top = alias.name.split('.').next().unwrap_or_default();
                    let target = if alias.asname.is_some() { alias.name.as_str() } else { top };
                    let value = self.ev.import_late(target, None);
                    let value = self.heap(value);
                    let name = self.sym(alias.asname.as_ref().map_or(top, |name| name.as_str()));
                    self.set_var(f, name, value);
                }
            }
            ast::Stmt::ImportFrom(node) => {
                let base = self.ev.absolute(f.module, node.level, node.module.as_ref().map(|name| name.as_str()));
                for alias in &node.names {
                    let value = self.ev.import_late(&base, Some(&alias.name));
                    let value = self.heap(value);
                    let name = self.sym(alias.asname.as_ref().unwrap_or(&alias.name));
                    self.set_var(f, name, value);
                }
            }
            ast::Stmt::Assert(node) => {
                let test = self.expr(f, &node.test);
                let _ = test;
                self.narrow(f, &node.test, true);
            }
            ast::Stmt::Delete(node) => {
                for target in &node.targets {
                    if let ast::Expr::Subscript(subscript) = target {
                        self.expr(f, &subscript.value);
                    }
                }
            }
            ast::Stmt::Match(node) => return self.match_statement(f, node),
            ast::Stmt::Break(_) => {
                f.left = true;
                return End::Loop;
            }
            ast::Stmt::Continue(_) => return End::Loop,
            _ => {}
        }
        End::Normal
    }

    /// A value of the type an annotation names.
    fn typed_by(&mut self, f: &Frame, annotation: &'a ast::Expr, target: &ast::Expr) -> Val {
        let name = match target {
            ast::Expr::Name(name) => self.sym(&name.id),
            _ => self.names.result,
        };
        match self.annotation(annotation, f.module, f.env, f.owner) {
            Some(value) => self.of_type(value, name, 0),
            None => Val::UNKNOWN,
        }
    }

    pub(super) fn set_var(&mut self, f: &mut Frame, name: Sym, value: Val) {
        match f.vars.iter_mut().find(|(n, _)| *n == name) {
            Some(slot) => slot.1 = value,
            None => f.vars.push((name, value)),
        }
    }

    /// Runs one alternative apart: its effects, how it ended, and the variables it left.
    fn arm(
        &mut self,
        f: &mut Frame,
        vars: &[(Sym, Val)],
        run: &mut dyn FnMut(&mut Self, &mut Frame) -> End,
    ) -> (Vec<Node>, End, Vec<(Sym, Val)>) {
        f.vars = vars.to_vec();
        f.open();
        let (changes, returns) = (f.changes.len(), f.returns.len());
        let missing = f.lookups.missing();
        let end = run(self, f);
        f.lookups.set_missing(missing);
        let nodes = f.close();
        if end == End::Raise && f.returns.len() == returns {
            // Callers only go on where this way was not taken.
            f.changes.truncate(changes);
        }
        (nodes, end, std::mem::take(&mut f.vars))
    }

    /// Runs alternatives and joins them.
    pub(super) fn alternatives(&mut self, f: &mut Frame, site: crate::value::Site, runs: &mut [Run<'_, Self>]) -> End {
        let start = std::mem::take(&mut f.vars);
        let mut arms = Vec::new();
        let mut live: Option<Vec<(Sym, Val)>> = None;
        let mut last = Vec::new();
        let mut ends = Vec::new();
        for run in runs.iter_mut() {
            let (nodes, end, vars) = self.arm(f, &start, *run);
            arms.push((nodes, end));
            ends.push(end);
            if end == End::Normal {
                live = Some(match live {
                    Some(before) => self.join_vars(before, vars),
                    None => vars,
                });
            } else {
                last = vars;
            }
        }
        let alive = live.is_some();
        f.vars = live.unwrap_or(last);
        self.branch(f, site, arms);
        if alive {
            End::Normal
        } else if ends.contains(&End::Return) {
            End::Return
        } else if ends.contains(&End::Loop) {
            End::Loop
        } else {
            End::Raise
        }
    }

    fn if_statement(&mut self, f: &mut Frame, node: &'a ast::StmtIf) -> End {
        let mut clauses: Vec<(Option<&'a ast::Expr>, &'a [ast::Stmt])> = vec![(Some(&node.test), &node.body)];
        for clause in &node.elif_else_clauses {
            clauses.push((clause.test.as_ref(), &clause.body));
        }
        self.clauses(f, &clauses)
    }

    fn clauses(&mut self, f: &mut Frame, clauses: &[(Option<&'a ast::Expr>, &'a [ast::Stmt])]) -> End {
        let Some(((test, body), rest)) = clauses.split_first() else { return End::Normal };
        let Some(test) = test else { return self.block(f, body) };
        let value = self.expr(f, test);
        self.tested(f, test, value);
        let is_kept = self.keeps(f, test, body);
        // Programs come to what stands behind their checks: one that seems to fail always is not known well enough.
        let refuses = matches!(body.last(), Some(ast::Stmt::Raise(_)));
        match self.truth(f, value).filter(|truth| !(*truth && refuses)) {
            Some(true) => {
                self.narrow(f, test, true);
                self.guarded(f, body, is_kept)
            }
            Some(false) => {
                self.narrow(f, test, false);
                self.clauses(f, rest)
            }
            None => {
                let site = self.site(f, test.range());
                let is_single = self.is_for_one_key(f, test);
                self.alternatives(
                    f,
                    site,
                    &mut [
                        &mut |m, f| {
                            m.narrow(f, test, true);
                            if is_single {
                                f.open();
                            }
                            let end = m.guarded(f, body, is_kept);
                            if is_single {
                                let nodes = f.close();
                                f.single.extend(nodes);
                            }
                            end
                        },
                        &mut |m, f| {
                            m.narrow(f, test, false);
                            m.clauses(f, rest)
                        },
                    ],
                )
            }
        }
    }

    /// Whether a condition of the innermost loop, over a dictionary, holds in one turn at most: `if key == "name"`.
    fn is_for_one_key(&mut self, f: &Frame, test: &'a ast::Expr) -> bool {
        let Some(key) = f.key else { return false };
        match test {
            ast::Expr::BoolOp(node) if node.op == ast::BoolOp::And => {
                node.values.iter().any(|value| self.is_for_one_key(f, value))
            }
            ast::Expr::Compare(node) => {
                let ([ast::CmpOp::Eq], ast::Expr::Name(name)) = (&*node.ops, &*node.left) else { return false };
                matches!(node.comparators[0], ast::Expr::StringLiteral(_)) && self.ev.name_of(&name.id) == key
            }
            _ => false,
        }
    }

    /// Tells the library where the result of a call is only asked for its truth.
    pub(super) fn tested(&mut self, f: &mut Frame, test: &'a ast::Expr, value: Val) {
        let (mut asked, mut value) = (test, value);
        while let ast::Expr::UnaryOp(node) = asked
            && node.op == ast::UnaryOp::Not
        {
            asked = &node.operand;
        }
        if matches!(test, ast::Expr::Call(_) | ast::Expr::Await(_)) {
            let site = self.site(f, test.range());
            L::tested(self, f, value, site);
        } else if let ast::Expr::Name(name) = asked {
            if !asked.range().contains_range(test.range()) {
                let name = self.ev.name_of(&name.id);
                value = self.lookup(f, name);
            }
            if matches!(self.v(value), V::Coll { .. }) {
                let site = self.site(f, asked.range());
                L::asked(self, f, value, site);
            }
        }
    }

    fn match_statement(&mut self, f: &mut Frame, node: &'a ast::StmtMatch) -> End {
        let subject = self.expr(f, &node.subject);
        f.lookups.asked(subject);
        let site = self.site(f, node.subject.range());
        let catches_all = node.cases.last().is_some_and(|case| {
            case.guard.is_none() && matches!(&case.pattern, ast::Pattern::MatchAs(pattern) if pattern.pattern.is_none())
        });
        let mut runs: Vec<OwnedRun<'_, Self>> = Vec::new();
        for case in &node.cases {
            runs.push(Box::new(move |m: &mut Self, f: &mut Frame| m.block(f, &case.body)));
        }
        if !catches_all {
            runs.push(Box::new(|_: &mut Self, _: &mut Frame| End::Normal));
        }
        let mut refs: Vec<Run<'_, Self>> = Vec::new();
        for run in &mut runs {
            refs.push(&mut **run);
        }
        self.alternatives(f, site, &mut refs)
    }

    fn with_statement(&mut self, f: &mut Frame, node: &'a ast::StmtWith, at: usize) -> End {
        let Some(item) = node.items.get(at) else { return self.block(f, &node.body) };
        let manager = self.expr(f, &item.context_expr);
        let site = self.site(f, item.context_expr.range());
        let (entered, exit) = self.enter(f, manager, site);
        if let Some(target) = &item.optional_vars {
            self.bind(f, target, entered);
        }
        let ((end, entered), manager) =
            self.kept(f, manager, |m, f| m.kept(f, entered, |m, f| m.with_statement(f, node, at + 1)));
        match exit {
            Some(nodes) => {
                L::left(self, f, &nodes);
                for node in nodes {
                    f.node(node);
                }
            }
            None => {
                if manager == Val::UNKNOWN {
                    let exit = self.names.exit;
                    L::unknown_method(self, f, exit, site);
                }
                self.leave(f, manager, entered, site);
            }
        }
        let suppresses = self.path(manager).is_some_and(|path| path.ends_with("contextlib.suppress"))
            || matches!(self.v(manager), V::Inst { class, .. } if {
                let class = *class;
                self.ev.class(Value::Obj(class)).is_some_and(|class| self.ev.names.text(class.name) == "suppress")
            });
        if suppresses && end == End::Raise { End::Normal } else { end }
    }

    /// What a handler that ends the function changed, beginning with the given change, matters to callers where they had
    /// it before; what the body of the `try` made is only left on the other way.
    fn forget_own(&self, f: &mut Frame, from: usize, before: &[(Sym, Val)]) {
        if f.changes.len() <= from {
            return;
        }
        let mut kept: Vec<(Val, Val)> = Vec::new();
        for (old, new) in f.changes.split_off(from) {
            let sought = self.values.sought(old);
            let had = before.iter().any(|(_, value)| self.values.may_hold(*value, sought));
            if had || kept.iter().any(|(_, made)| *made == old) {
                kept.push((old, new));
            }
        }
        f.changes.extend(kept);
    }

    fn try_statement(&mut self, f: &mut Frame, node: &'a ast::StmtTry) -> End {
        let start = f.vars.clone();
        let done = f.sinks.last().map_or(0, Vec::len);
        let mut end = self.block(f, &node.body);
        // Where a handler raises in the end, nothing of what it finds changed is left.
        let raises = |handler: &ast::ExceptHandler| {
            let ast::ExceptHandler::ExceptHandler(handler) = handler;
            matches!(handler.body.last(), Some(ast::Stmt::Raise(_)))
        };
        let fails = node.handlers.iter().any(raises) && {
            let body = f.sinks.last().map(|nodes| nodes[done..].to_vec()).unwrap_or_default();
            !body.is_empty() && L::may_fail(self, &body)
        };
        if end == End::Normal {
            end = self.block(f, &node.orelse);
        }
        let after = std::mem::take(&mut f.vars);
        let mut live = (end != End::Raise).then(|| after.clone());
        let mut falls_through = end == End::Normal;
        let mut arms = Vec::new();
        for handler in &node.handlers {
            let fails = fails && raises(handler);
            let changes = f.changes.len();
            let ast::ExceptHandler::ExceptHandler(handler) = handler;
            // What the body did up to where it failed is not known: take what is the same before and after.
            let middle = self.join_vars(start.clone(), after.clone());
            // What was returned on the other way is not touched on this one.
            let returned = std::mem::take(&mut f.returns);
            let (nodes, handler_end, mut vars) = self.arm(f, &middle, &mut |m, f| {
                if let Some(name) = &handler.name {
                    let name = m.sym(name);
                    m.set_var(f, name, Val::UNKNOWN);
                }
                if fails {
                    L::failed(m, f);
                }
                m.block(f, &handler.body)
            });
            let own = std::mem::replace(&mut f.returns, returned);
            f.returns.extend(own);
            if fails {
                f.changes.truncate(changes);
            } else if handler_end == End::Normal && L::gives_up(self, &nodes) {
                // What that does to objects is so after a failure, and not as a rule.
                let made: Vec<(Val, Val)> = f.changes.drain(changes..).collect();
                let became = |val: Val| made.iter().fold(val, |at, (old, new)| if at == *old { *new } else { at });
                for (name, value) in &mut vars {
                    let before = middle.iter().find(|(known, _)| known == name).map(|(_, before)| *before);
                    if let Some(before) = before.filter(|before| became(*before) == *value) {
                        *value = before;
                    }
                }
            } else if handler_end != End::Normal {
                self.forget_own(f, changes, &start);
            }
            arms.push((nodes, handler_end));
            if handler_end == End::Normal {
                falls_through = true;
                live = Some(match live {
                    Some(before) if end == End::Normal => self.join_vars(before, vars),
                    _ => vars,
                });
            }
        }
        if !arms.is_empty() {
            let site = self.site(f, node.range);
            f.node(Node::Handlers { site, arms });
        }
        f.vars = live.unwrap_or(after);
        let last = self.block(f, &node.finalbody);
        if last != End::Normal {
            return last;
        }
        match end {
            End::Raise if falls_through => End::Normal,
            End::Normal if !falls_through => End::Raise,
            other => other,
        }
    }
}

/// The name of the key in `for key, value in values.items()`: no two turns have the same.
fn key_of(node: &ast::StmtFor) -> Option<&str> {
    let ast::Expr::Call(call) = &*node.iter else { return None };
    let ast::Expr::Attribute(method) = &*call.func else { return None };
    if !call.arguments.is_empty() {
        return None;
    }
    let key = match (method.attr.as_str(), &*node.target) {
        ("items", ast::Expr::Tuple(target)) => target.elts.first()?,
        ("keys", target) => target,
        _ => return None,
    };
    let ast::Expr::Name(name) = key else { return None };
    Some(name.id.as_str())
}

/// Whether a loop adds to the list that it is over: it goes on until nothing is left.
fn adds_to_its_list(node: &ast::StmtFor) -> bool {
    struct Adds<'a>(&'a str, bool);
    impl<'a> Visitor<'a> for Adds<'a> {
        fn visit_expr(&mut self, expr: &'a ast::Expr) {
            if let ast::Expr::Call(call) = expr
                && let ast::Expr::Attribute(method) = &*call.func
                && let ast::Expr::Name(list) = &*method.value
            {
                self.1 |= list.id == self.0 && matches!(method.attr.as_str(), "append" | "extend");
            }
            walk_expr(self, expr);
        }
    }
    let ast::Expr::Name(name) = &*node.iter else { return false };
    let mut adds = Adds(&name.id, false);
    node.body.iter().for_each(|stmt| adds.visit_stmt(stmt));
    adds.1
}
