//! Statements.

use ruff_python_ast as ast;
use ruff_text_size::Ranged;

use super::{Args, End, Frame, Kind, Library, Machine, Node, Size, V, Val};
use crate::value::{FunctionNode, Sym, Value};

/// Iterations over known items at most.
const UNROLL: usize = 600;
/// Iterations over known items at most where each of them has effects.
const UNROLL_EFFECTS: usize = 12;

/// One of several paths.
pub(super) type Run<'r, M> = &'r mut dyn FnMut(&mut M, &mut Frame) -> End;
type OwnedRun<'r, M> = Box<dyn FnMut(&mut M, &mut Frame) -> End + 'r>;

impl<'a, L: Library> Machine<'_, 'a, L> {
    /// Runs statements one after the other.
    pub(super) fn block(&mut self, f: &mut Frame, body: &'a [ast::Stmt]) -> End {
        for stmt in body {
            if !self.step() {
                return End::Normal;
            }
            let mut end = self.stmt(f, stmt);
            // A call that never returns ends the path: `raise_not_found()`.
            if std::mem::take(&mut f.raised) && end != End::Return {
                end = End::Raise;
            }
            if end != End::Normal {
                return end;
            }
        }
        End::Normal
    }

    #[allow(clippy::too_many_lines)]
    fn stmt(&mut self, f: &mut Frame, stmt: &'a ast::Stmt) -> End {
        match stmt {
            ast::Stmt::Expr(node) => {
                let value = self.expr(f, &node.value);
                if matches!(self.v(value), V::Pending { .. }) && matches!(&*node.value, ast::Expr::Call(_)) {
                    let site = self.site(f, node.range);
                    L::dropped(self, f, value, site);
                }
            }
            ast::Stmt::Return(node) => {
                let value = match &node.value {
                    Some(value) => self.expr(f, value),
                    None => Val::NONE,
                };
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
                let iterable = self.expr(f, &node.iter);
                let site = self.site(f, node.iter.range());
                let end = self.each(f, iterable, site, &mut |m, f, elem| {
                    m.bind(f, &node.target, elem);
                    m.block(f, &node.body)
                });
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
                f.turns.push(Size::Unknown);
                let test = self.expr(f, &node.test);
                let mut end = End::Normal;
                if self.truth(f, test) != Some(false) {
                    end = self.block(f, &node.body);
                }
                f.turns.pop();
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
                let name = self.sym(&node.name);
                self.set_var(f, name, value);
            }
            ast::Stmt::ClassDef(node) => {
                let name = self.sym(&node.name);
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
        let end = run(self, f);
        let nodes = f.close();
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
        match self.truth(f, value) {
            Some(true) => {
                self.narrow(f, test, true);
                self.block(f, body)
            }
            Some(false) => {
                self.narrow(f, test, false);
                self.clauses(f, rest)
            }
            None => {
                let site = self.site(f, test.range());
                self.alternatives(
                    f,
                    site,
                    &mut [
                        &mut |m, f| {
                            m.narrow(f, test, true);
                            m.block(f, body)
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

    fn match_statement(&mut self, f: &mut Frame, node: &'a ast::StmtMatch) -> End {
        self.expr(f, &node.subject);
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
                for node in nodes {
                    f.node(node);
                }
            }
            None => self.leave(f, manager, entered, site),
        }
        let suppresses = self.path(manager).is_some_and(|path| path.ends_with("contextlib.suppress"))
            || matches!(self.v(manager), V::Inst { class, .. } if {
                let class = *class;
                self.ev.class(Value::Obj(class)).is_some_and(|class| self.ev.names.text(class.name) == "suppress")
            });
        if suppresses && end == End::Raise { End::Normal } else { end }
    }

    fn try_statement(&mut self, f: &mut Frame, node: &'a ast::StmtTry) -> End {
        let start = f.vars.clone();
        let returned = f.returns.len();
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
            let (nodes, handler_end, vars) = self.arm(f, &middle, &mut |m, f| {
                if let Some(name) = &handler.name {
                    let name = m.sym(name);
                    m.set_var(f, name, Val::UNKNOWN);
                }
                if fails {
                    L::failed(m, f);
                }
                m.block(f, &handler.body)
            });
            if fails {
                f.changes.truncate(changes);
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
        let _ = returned;
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

    // ----------------------------------------------------------------- loops

    /// Runs something for every element of what is iterated.
    pub(super) fn each(
        &mut self,
        f: &mut Frame,
        iterable: Val,
        site: crate::value::Site,
        run: &mut dyn FnMut(&mut Self, &mut Frame, Val) -> End,
    ) -> End {
        if let Some(items) = self.known_items(iterable)
            && items.len() <= UNROLL
        {
            return self.unroll(f, &items, site, run);
        }
        let (elem, size) = self.iterate(f, iterable, site);
        let left = std::mem::take(&mut f.left);
        let before = f.vars.clone();
        f.open();
        f.turns.push(size.clone());
        let own = self.mark(elem, site);
        let (((end, last), _), kept_iterable) =
            self.kept(f, iterable, |m, f| m.kept(f, elem, |m, f| m.kept(f, own, |m, f| run(m, f, own))));
        // A second time, where the first left other elements changed: a commit expires them all.
        let elem_after = self.peek(kept_iterable);
        let mut end = end;
        if elem_after.is_some_and(|after| after != elem && self.expired_of(elem, after)) {
            f.open();
            let again = self.mark(elem_after.unwrap_or(elem), site);
            let ((), _) = self.kept(f, again, |m, f| {
                end = run(m, f, again);
            });
            let second = f.close();
            // What only the second time does comes on top: it is what all but the first do.
            if nodes_count(&second) > 0
                && let Some(sink) = f.sinks.last_mut()
            {
                *sink = second;
            }
        }
        f.turns.pop();
        let body = f.close();
        let leaves = std::mem::replace(&mut f.left, left) || end == End::Return;
        let after = std::mem::take(&mut f.vars);
        f.vars = self.join_vars(before, after);
        if !body.is_empty() {
            f.node(Node::Loop { site, size, open: false, leaves, body });
        }
        // What every element has learned, the collection knows.
        if last != own {
            let plain = self.unmark(last, elem);
            if plain != elem {
                self.replace(f, elem, plain);
            }
        }
        if end == End::Raise { End::Raise } else { End::Normal }
    }

    /// The element of a collection.
    fn peek(&self, val: Val) -> Option<Val> {
        match self.v(val) {
            V::Coll { elem, .. } => Some(*elem),
            _ => None,
        }
    }

    /// Whether a value has lost attributes.
    fn expired_of(&self, before: Val, after: Val) -> bool {
        match (self.v(before), self.v(after)) {
            (V::Inst { tag: a, .. }, V::Inst { tag: b, .. }) => a != b,
            _ => false,
        }
    }

    /// An element as that of one iteration.
    fn mark(&mut self, elem: Val, site: crate::value::Site) -> Val {
        match self.v(elem).clone() {
            V::Inst { class, tag, attrs, .. } => self.make(V::Inst { class, tag, site: Some(site), attrs }),
            V::Union(parts) => {
                let parts = parts.iter().map(|part| self.mark(*part, site)).collect();
                self.union(parts)
            }
            _ => elem,
        }
    }

    fn unmark(&mut self, last: Val, elem: Val) -> Val {
        match (self.v(last).clone(), self.v(elem).clone()) {
            (V::Inst { class, tag, attrs, .. }, V::Inst { class: same, site, .. }) if class == same => {
                self.make(V::Inst { class, tag, site, attrs })
            }
            _ => elem,
        }
    }

    fn unroll(
        &mut self,
        f: &mut Frame,
        items: &[Val],
        site: crate::value::Site,
        run: &mut dyn FnMut(&mut Self, &mut Frame, Val) -> End,
    ) -> End {
        let mut effects = 0;
        for (at, item) in items.iter().enumerate() {
            if !self.step() {
                break;
            }
            f.open();
            let before = f.vars.clone();
            let left = std::mem::take(&mut f.left);
            let end = run(self, f, *item);
            let broke = std::mem::replace(&mut f.left, left);
            let nodes = f.close();
            effects += usize::from(!nodes.is_empty());
            if effects > UNROLL_EFFECTS {
                let size = Size::Known(u32::try_from(items.len() - at).unwrap_or(1));
                f.node(Node::Loop { site, size, open: false, leaves: false, body: nodes });
                break;
            }
            for node in nodes {
                f.node(node);
            }
            match end {
                End::Return | End::Raise => return end,
                End::Loop if broke => break,
                _ => {}
            }
            if broke && end == End::Normal {
                // One path left the loop and another goes on.
                let after = std::mem::take(&mut f.vars);
                f.vars = self.join_vars(before, after);
            }
        }
        End::Normal
    }

    /// The items of a value, where each is known.
    pub(super) fn known_items(&mut self, val: Val) -> Option<Vec<Val>> {
        match self.v(val).clone() {
            V::Seq { items, .. } => Some(items.into_vec()),
            V::Dict { items, rest: None, .. } => Some(items.iter().map(|(n, _)| self.make(V::Str(*n))).collect()),
            V::Heap(id) => {
                let container = match self.ev.object(id) {
                    crate::value::Object::List(items, false) => Some(items.clone()),
                    crate::value::Object::Tuple(items) => Some(items.clone()),
                    crate::value::Object::Set(data) | crate::value::Object::Dict(data) if !data.open => {
                        Some(data.items.values().map(|(key, _)| *key).collect())
                    }
                    crate::value::Object::Class(class) => {
                        let members = class.ns.get(&self.names.members).copied();
                        match members.and_then(|members| self.ev.obj(members)) {
                            Some(crate::value::Object::Dict(data)) => {
                                Some(data.items.values().map(|(_, member)| *member).collect())
                            }
                            _ => None,
                        }
                    }
                    _ => None,
                };
                let items = container?;
                if items.len() > UNROLL {
                    return None;
                }
                Some(items.into_iter().map(|item| self.heap(item)).collect())
            }
            _ => None,
        }
    }

    /// One element of a value and how many there are.
    pub fn iterate(&mut self, f: &mut Frame, val: Val, site: crate::value::Site) -> (Val, Size) {
        match self.v(val).clone() {
            V::Coll { kind: Kind::Dict, size, .. } => (self.scalar("str"), size),
            V::Coll { elem, size, .. } => (elem, size),
            V::Seq { items, .. } => {
                let size = Size::Known(u32::try_from(items.len()).unwrap_or(0));
                (self.union(items.into_vec()), size)
            }
            V::Dict { items, rest, .. } => {
                let size =
                    if rest.is_some() { Size::Unknown } else { Size::Known(u32::try_from(items.len()).unwrap_or(0)) };
                (self.scalar("str"), size)
            }
            V::Str(_) | V::Scalar(_) => (self.scalar("str"), Size::Unknown),
            V::Union(parts) => {
                let mut elems = Vec::new();
                let mut size = Size::Known(0);
                for part in parts.iter().filter(|part| **part != Val::NONE) {
                    let (elem, more) = self.iterate(f, *part, site);
                    elems.push(elem);
                    size = super::join::larger(size, more);
                }
                (self.union(elems), size)
            }
            V::Pending { .. } => {
                // A generator: what it does is done here.
                let (value, size) = self.run_generator(f, val, site);
                (value, size)
            }
            V::Inst { .. } | V::Lib(..) | V::Heap(_) => {
                if let Some(known) = L::iterate(self, f, val, site) {
                    return known;
                }
                for name in [self.names.iter, self.names.aiter] {
                    if let Some(method) = self.class_member(val, name) {
                        let bound = self.bind_member(method, val);
                        let iterator = self.call(f, bound, Args::default(), site);
                        if iterator != val {
                            return self.iterate(f, iterator, site);
                        }
                    }
                }
                (Val::UNKNOWN, Size::Unknown)
            }
            _ => (Val::UNKNOWN, Size::Unknown),
        }
    }

    // --------------------------------------------------------------- targets

    /// Assigns to a target.
    pub(super) fn bind(&mut self, f: &mut Frame, target: &'a ast::Expr, value: Val) {
        match target {
            ast::Expr::Name(node) => {
                let name = self.sym(&node.id);
                self.set_var(f, name, value);
            }
            ast::Expr::Tuple(ast::ExprTuple { elts, .. }) | ast::Expr::List(ast::ExprList { elts, .. }) => {
                let items = match self.known_items(value) {
                    Some(items) if items.len() == elts.len() => items,
                    _ => {
                        let site = self.site(f, target.range());
                        let item = match self.v(value) {
                            V::Coll { elem, .. } => *elem,
                            V::Union(_) => self.iterate(f, value, site).0,
                            V::Lib(..) => {
                                let mut items = Vec::new();
                                for at in 0..elts.len() {
                                    let index = self.make(V::Int(i64::try_from(at).unwrap_or(0)));
                                    items.push(L::item(self, f, value, index, site).unwrap_or(Val::UNKNOWN));
                                }
                                for (elt, item) in elts.iter().zip(items) {
                                    self.bind(f, elt, item);
                                }
                                return;
                            }
                            _ => Val::UNKNOWN,
                        };
                        vec![item; elts.len()]
                    }
                };
                for (elt, item) in elts.iter().zip(items) {
                    self.bind(f, elt, item);
                }
            }
            ast::Expr::Starred(node) => {
                let list = self.coll(value, Size::Unknown, None);
                self.bind(f, &node.value, list);
            }
            ast::Expr::Attribute(node) => {
                let object = self.expr(f, &node.value);
                let name = self.sym(&node.attr);
                let site = self.site(f, target.range());
                self.assign_attribute(f, object, name, value, site);
            }
            ast::Expr::Subscript(node) => {
                let object = self.expr(f, &node.value);
                let index = self.expr(f, &node.slice);
                self.set_item(f, object, index, value);
            }
            _ => {}
        }
    }

    /// `object.name = value`.
    pub fn assign_attribute(&mut self, f: &mut Frame, object: Val, name: Sym, value: Val, site: crate::value::Site) {
        for part in self.values.parts(object) {
            if L::set_attribute(self, f, part, name, value, site) {
                continue;
            }
            if let V::Inst { .. } = self.v(part) {
                let new = self.with(part, name, Some(value));
                self.replace(f, part, new);
            }
        }
    }

    pub(super) fn set_item(&mut self, f: &mut Frame, object: Val, index: Val, value: Val) {
        let new = match self.v(object).clone() {
            V::Dict { items, rest, site } => match self.v(index) {
                V::Str(name) => {
                    let name = *name;
                    let mut items = items.into_vec();
                    items.retain(|(n, _)| *n != name);
                    items.push((name, value));
                    items.sort_by_key(|(n, _)| *n);
                    self.make(V::Dict { items: items.into(), rest, site })
                }
                _ => {
                    let rest = match rest {
                        Some(rest) => self.union(vec![rest, value]),
                        None => value,
                    };
                    self.make(V::Dict { items, rest: Some(rest), site })
                }
            },
            V::Coll { kind, elem, size, site } => {
                let elem = self.union(vec![elem, value]);
                self.make(V::Coll { kind, elem, size, site })
            }
            _ => return,
        };
        self.replace(f, object, new);
    }

    // ------------------------------------------------------------- narrowing

    /// What is known of variables where a condition holds or does not.
    pub(super) fn narrow(&mut self, f: &mut Frame, test: &'a ast::Expr, truth: bool) {
        match test {
            ast::Expr::UnaryOp(node) if node.op == ast::UnaryOp::Not => self.narrow(f, &node.operand, !truth),
            ast::Expr::BoolOp(node) if (node.op == ast::BoolOp::And) == truth => {
                for value in &node.values {
                    self.narrow(f, value, truth);
                }
            }
            ast::Expr::Named(node) => self.narrow(f, &node.target, truth),
            ast::Expr::Name(_) | ast::Expr::Attribute(_) => {
                self.filter(f, test, &mut |m, part| m.plain_truth(part) != Some(!truth));
            }
            ast::Expr::Compare(node) if node.ops.len() == 1 => {
                let is_none = matches!(&node.comparators[0], ast::Expr::NoneLiteral(_));
                match node.ops[0] {
                    ast::CmpOp::Is | ast::CmpOp::Eq if is_none => {
                        self.filter(f, &node.left, &mut |_, part| (part == Val::NONE) == truth || part == Val::UNKNOWN);
                    }
                    ast::CmpOp::IsNot | ast::CmpOp::NotEq if is_none => {
                        self.filter(f, &node.left, &mut |_, part| (part != Val::NONE) == truth || part == Val::UNKNOWN);
                    }
                    _ => {}
                }
            }
            ast::Expr::Call(node) => {
                let is = matches!(&*node.func, ast::Expr::Name(name) if name.id.as_str() == "isinstance");
                if is && node.arguments.args.len() == 2 {
                    let class = self.expr(f, &node.arguments.args[1]);
                    self.filter(f, &node.arguments.args[0], &mut |m, part| m.is_instance(part, class) != Some(!truth));
                }
            }
            _ => {}
        }
    }

    /// Leaves only some alternatives of what an expression names.
    fn filter(&mut self, f: &mut Frame, target: &'a ast::Expr, keep: &mut dyn FnMut(&mut Self, Val) -> bool) {
        let name = match target {
            ast::Expr::Name(node) => self.sym(&node.id),
            ast::Expr::Named(node) => return self.filter(f, &node.target, keep),
            ast::Expr::Attribute(node) => {
                // `self.x`: the attribute of the instance.
                let ast::Expr::Name(base) = &*node.value else { return };
                let base = self.sym(&base.id);
                let Some(object) = f.vars.iter().find(|(n, _)| *n == base).map(|(_, v)| *v) else { return };
                let attr = self.sym(&node.attr);
                let Some(value) = self.own(object, attr) else { return };
                let V::Union(parts) = self.v(value).clone() else { return };
                let left: Vec<Val> = parts.iter().copied().filter(|part| keep(self, *part)).collect();
                if !left.is_empty() && left.len() < parts.len() {
                    let value = self.union(left);
                    let new = self.with(object, attr, Some(value));
                    self.set_var(f, base, new);
                }
                return;
            }
            _ => return,
        };
        let Some(value) = f.vars.iter().find(|(n, _)| *n == name).map(|(_, v)| *v) else { return };
        let V::Union(parts) = self.v(value).clone() else { return };
        let left: Vec<Val> = parts.iter().copied().filter(|part| keep(self, *part)).collect();
        if !left.is_empty() && left.len() < parts.len() {
            let value = self.union(left);
            self.set_var(f, name, value);
        }
    }
}

/// How much is done.
fn nodes_count(nodes: &[Node]) -> usize {
    nodes
        .iter()
        .map(|node| match node {
            Node::Loop { body, .. } => 1 + nodes_count(body),
            Node::Branch { arms, .. } | Node::Handlers { arms, .. } => {
                1 + arms.iter().map(|(nodes, _)| nodes_count(nodes)).sum::<usize>()
            }
            _ => 1,
        })
        .sum()
}
