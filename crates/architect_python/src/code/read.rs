//! What the body of a function does: calls, raises, returns, stores and compares.

use std::cell::RefCell;
use std::rc::Rc;

use architect_source::Location;
use ruff_python_ast as ast;
use ruff_python_ast::visitor::{Visitor, walk_expr, walk_stmt};
use ruff_text_size::{Ranged, TextRange};
use rustc_hash::FxHashMap;

use super::definitions::Nested;
use super::names::{Lookups, Names, imports};
use super::operand::last;
use super::{Call, Cause, Compare, Context, Function, Handler, Lack, Missing, Raise, Return, Store, Try};
use crate::facts::always_raises;

/// Locals of locals are followed so far for what they mention.
const MAX_MENTIONS: u32 = 4;

/// `x` of `x is None` and `not x`, also as the first of several conditions one of which is enough.
fn absent(test: &ast::Expr) -> Option<&ast::Expr> {
    match test {
        ast::Expr::UnaryOp(node) if node.op == ast::UnaryOp::Not => match &*node.operand {
            value @ (ast::Expr::Name(_) | ast::Expr::Call(_) | ast::Expr::Await(_)) => Some(value),
            _ => None,
        },
        ast::Expr::Compare(node) => {
            let is_none = matches!((&*node.ops, &*node.comparators), ([ast::CmpOp::Is], [ast::Expr::NoneLiteral(_)]));
            is_none.then_some(match &*node.left {
                ast::Expr::Named(named) => &*named.target,
                left => left,
            })
        }
        ast::Expr::BoolOp(node) if node.op == ast::BoolOp::Or => absent(node.values.first()?),
        _ => None,
    }
}

/// What a local name was bound to last.
pub(super) enum Local<'a> {
    Expr(&'a ast::Expr),
    /// An element of what is looped over, or what a `with` gives.
    Element(&'a ast::Expr),
    Import(String),
    /// A function that stands in this one.
    Function(&'a ast::StmtFunctionDef),
    Other,
}

pub(super) struct Reader<'n, 'a> {
    pub names: &'n Names<'a>,
    pub lookups: &'n Lookups<'a>,
    pub at: usize,
    pub class: Option<String>,
    /// The same, to be shared.
    pub own: Option<Rc<str>>,
    /// How the names of functions in this one begin, where it is one: `module:qualname.<locals>.`.
    pub(super) inner: Option<String>,
    pub parameters: Vec<(&'a str, Option<&'a ast::Expr>)>,
    pub locals: FxHashMap<&'a str, Local<'a>>,
    /// At the top level names are those of the module.
    pub(super) top: bool,
    pub(super) globals: Vec<&'a str>,
    pub(super) context: Context,
    pub(super) nested: Vec<Nested<'a>>,
    /// Whether it is asked how the code is written.
    pub(super) manner: bool,
    /// What the `if` right around says is missing.
    pub(super) missing: Option<&'a ast::Expr>,
    pub(super) out: Found,
    /// What names and attributes stand for that were met, by where they are in memory, where they stay.
    pub(super) resolved: RefCell<FxHashMap<usize, Option<Rc<str>>>>,
    pub(super) tries: Vec<Try>,
    pub(super) reads: Vec<&'a str>,
    pub(super) reads_cookies: bool,
    pub(super) keys: Vec<String>,
    pub(super) branches: usize,
    pub(super) awaited: bool,
    /// The test of the innermost `if` around.
    pub(super) test: Option<&'a ast::Expr>,
}

/// What a function does, by kind: they differ in size, so that one list of all would be mostly air.
#[derive(Default)]
pub(super) struct Found {
    raises: Vec<Raise>,
    calls: Vec<Call>,
    returns: Vec<Return>,
    stores: Vec<Store>,
    compares: Vec<Compare>,
    divisors: Vec<super::Operand>,
    lacks: Vec<Lack>,
}

impl Found {
    fn push(&mut self, fact: Facts) {
        match fact {
            Facts::Raise(one) => self.raises.push(one),
            Facts::Call(one) => self.calls.push(one),
            Facts::Return(one) => self.returns.push(one),
            Facts::Store(one) => self.stores.push(one),
            Facts::Compare(one) => self.compares.push(one),
            Facts::Divisor(one) => self.divisors.push(one),
            Facts::Lack(one) => self.lacks.push(one),
        }
    }

    /// Gives back the room that was kept for more: it would be a good part of what the code of a large project takes.
    fn fitted(mut self) -> Self {
        self.raises.shrink_to_fit();
        self.calls.shrink_to_fit();
        self.returns.shrink_to_fit();
        self.stores.shrink_to_fit();
        self.compares.shrink_to_fit();
        self.divisors.shrink_to_fit();
        self.lacks.shrink_to_fit();
        self
    }
}

enum Facts {
    Raise(Raise),
    Call(Call),
    Return(Return),
    Store(Store),
    Compare(Compare),
    Divisor(super::Operand),
    Lack(Lack),
}

impl<'n, 'a> Reader<'n, 'a> {
    pub(super) fn new(names: &'n Names<'a>, lookups: &'n Lookups<'a>, at: usize, class: Option<String>) -> Self {
        Self {
            names,
            lookups,
            at,
            own: class.as_deref().map(Rc::from),
            class,
            inner: None,
            parameters: Vec::new(),
            locals: FxHashMap::default(),
            top: false,
            globals: Vec::new(),
            context: Context::default(),
            nested: Vec::new(),
            manner: false,
            missing: None,
            out: Found::default(),
            resolved: RefCell::default(),
            tries: Vec::new(),
            reads: Vec::new(),
            reads_cookies: false,
            keys: Vec::new(),
            branches: 0,
            awaited: false,
            test: None,
        }
    }

    pub(super) fn done(self, name: String, location: Location) -> Function {
        let mut reads: Vec<String> = self.reads.into_iter().map(str::to_owned).collect();
        reads.sort();
        reads.dedup();
        reads.shrink_to_fit();
        let Found { raises, calls, returns, stores, compares, divisors, lacks } = self.out.fitted();
        Function {
            name,
            location,
            aside: false,
            is_async: false,
            is_generator: false,
            first_yield: None,
            class: None,
            decorators: Vec::new(),
            parameters: Vec::new(),
            returns_type: None,
            docstring: None,
            docstring_style: None,
            raises,
            tries: self.tries,
            calls,
            returns,
            stores,
            compares,
            lacks,
            divisors,
            reads,
            reads_cookies: self.reads_cookies,
            keys: self.keys,
            branches: self.branches,
            lines: 0,
            body_lines: 0,
            shape: 0,
            nodes: 0,
        }
    }

    pub(super) fn location(&self, range: TextRange) -> Location {
        self.names.modules[self.at].module.location(range)
    }

    /// The text of a range, in full.
    pub(super) fn source(&self, range: TextRange) -> &'a str {
        self.names.modules[self.at].module.source(range).unwrap_or_default()
    }

    pub(super) fn is_parameter(&self, name: &str) -> bool {
        self.parameters.iter().any(|(known, _)| *known == name)
    }

    fn bind(&mut self, target: &'a ast::Expr, value: Option<Local<'a>>) {
        match target {
            ast::Expr::Name(name) => {
                self.locals.insert(&name.id, value.unwrap_or(Local::Other));
            }
            ast::Expr::Tuple(ast::ExprTuple { elts, .. }) | ast::Expr::List(ast::ExprList { elts, .. }) => {
                for elt in elts {
                    let part = match &value {
                        Some(Local::Expr(value) | Local::Element(value)) => Some(Local::Element(value)),
                        _ => None,
                    };
                    self.bind(elt, part);
                }
            }
            ast::Expr::Starred(node) => self.bind(&node.value, value),
            _ => {}
        }
    }

    fn store(&mut self, target: &'a ast::Expr, value: Option<&'a ast::Expr>, range: TextRange) {
        let mut at = target;
        loop {
            match at {
                ast::Expr::Attribute(node) => at = &node.value,
                ast::Expr::Subscript(node) => at = &node.value,
                ast::Expr::Tuple(tuple) => {
                    tuple.elts.iter().for_each(|elt| self.store(elt, value, range));
                    return;
                }
                _ => break,
            }
        }
        let ast::Expr::Name(name) = at else { return };
        let id = name.id.as_str();
        if target.is_name_expr() && !self.globals.contains(&id) {
            return;
        }
        let local = !self.globals.contains(&id) && (self.locals.contains_key(id) || self.is_parameter(id));
        let key = match target {
            ast::Expr::Subscript(node) => Some(self.operand(&node.slice, None, 3)),
            _ => None,
        };
        let store = Store {
            root: id.to_owned(),
            resolved: if local { None } else { self.resolve(at) },
            local,
            target: self.text(target.range()),
            key,
            value: value.map(|value| self.operand(value, None, 1)),
            context: self.context.clone(),
            location: self.location(range),
        };
        self.out.push(Facts::Store(store));
    }

    fn call(&mut self, call: &'a ast::ExprCall) {
        let (name, receiver, receiver_sources) = match &*call.func {
            ast::Expr::Attribute(node) => {
                let origin = self.origin(&node.value);
                (node.attr.to_string(), Some(self.text(node.value.range())), origin.sources)
            }
            ast::Expr::Name(name) => (name.id.to_string(), None, Vec::new()),
            _ => (String::new(), None, Vec::new()),
        };
        let fact = Call {
            callee: self.resolve(&call.func),
            name,
            receiver,
            receiver_sources,
            arguments: self.arguments(call, 0),
            awaited: std::mem::take(&mut self.awaited),
            context: self.context.clone(),
            location: self.location(call.range()),
        };
        self.out.push(Facts::Call(fact));
    }

    fn raise(&mut self, node: &'a ast::StmtRaise) {
        let bound = self.context.handler.and_then(|(at, clause)| self.tries[at].handlers[clause].name.clone());
        let mut class = None;
        let mut name = String::new();
        let mut arguments = Vec::new();
        let mut again = node.exc.is_none();
        if let Some(exc) = node.exc.as_deref() {
            let mut made = exc;
            if let ast::Expr::Name(found) = exc {
                again = bound.as_deref() == Some(found.id.as_str());
                if let Some(Local::Expr(value)) = self.locals.get(found.id.as_str()) {
                    made = value;
                }
            }
            let func = match made {
                ast::Expr::Call(call) => {
                    arguments = self.arguments(call, 0);
                    &call.func
                }
                other => other,
            };
            if !again {
                class = self.target(func, 0).and_then(|target| target.name());
            }
            name = super::names::path_of(func).map(|path| last(&path).to_owned()).unwrap_or_default();
        }
        let cause = match node.cause.as_deref() {
            None => Cause::Implicit,
            Some(ast::Expr::NoneLiteral(_)) => Cause::Cut,
            Some(_) => Cause::Given,
        };
        let missing = self.missing.filter(|_| self.manner).map(|value| self.missing(value));
        let condition = self.test.map(|test| self.operand(test, None, 1));
        let context = self.context.clone();
        let location = self.location(node.range);
        self.out.push(Facts::Raise(Raise {
            class,
            name,
            arguments,
            again,
            cause,
            missing,
            condition,
            context,
            location,
        }));
    }

    fn missing(&self, value: &'a ast::Expr) -> Missing {
        let mut made_by = value;
        if let ast::Expr::Name(name) = value
            && let Some(Local::Expr(bound)) = self.locals.get(name.id.as_str())
        {
            made_by = bound;
        }
        let mut mentions = Vec::new();
        self.mentions(made_by, 0, &mut mentions);
        mentions.sort();
        mentions.dedup();
        Missing { made_by: self.operand(made_by, None, 0), mentions }
    }

    /// Functions and classes of the project that an expression names, through locals.
    fn mentions(&self, expr: &'a ast::Expr, depth: u32, out: &mut Vec<String>) {
        struct Found<'a>(Vec<&'a ast::Expr>);
        impl<'a> Visitor<'a> for Found<'a> {
            fn visit_expr(&mut self, expr: &'a ast::Expr) {
                if matches!(expr, ast::Expr::Name(_) | ast::Expr::Attribute(_)) {
                    self.0.push(expr);
                }
                walk_expr(self, expr);
            }
        }
        let mut found = Found(Vec::new());
        found.visit_expr(expr);
        for one in found.0 {
            if let ast::Expr::Name(name) = one
                && let Some(local) = self.locals.get(name.id.as_str())
            {
                if let Local::Expr(value) = local
                    && depth < MAX_MENTIONS
                    && !value.range().contains_range(expr.range())
                {
                    self.mentions(value, depth + 1, out);
                }
            } else if let Some(super::names::Target::Own(name, _)) = self.target(one, 0) {
                out.push(name.to_string());
            }
        }
    }

    fn divides(&mut self, operator: ast::Operator, left: &'a ast::Expr, right: &'a ast::Expr) {
        let divides = matches!(operator, ast::Operator::Div | ast::Operator::FloorDiv | ast::Operator::Mod);
        // `%` after a text puts values into it.
        if divides && !super::operand::is_text(left) && !matches!(right, ast::Expr::NumberLiteral(_)) {
            let divisor = self.operand(right, None, 2);
            self.out.push(Facts::Divisor(divisor));
        }
    }

    fn handle(&mut self, node: &'a ast::StmtTry) {
        let at = self.tries.len();
        let handlers = node
            .handlers
            .iter()
            .map(|ast::ExceptHandler::ExceptHandler(handler)| {
                let types: Vec<&'a ast::Expr> = match handler.type_.as_deref() {
                    None => Vec::new(),
                    Some(ast::Expr::Tuple(tuple)) => tuple.elts.iter().collect(),
                    Some(one) => vec![one],
                };
                let start = handler.range.start();
                let end = handler.type_.as_deref().map_or(start, |one| one.range().end());
                Handler {
                    catches: types
                        .into_iter()
                        .map(|one| self.resolve(one).unwrap_or_else(|| self.text(one.range())))
                        .collect(),
                    always_raises: always_raises(&handler.body),
                    name: handler.name.as_ref().map(ToString::to_string),
                    location: self.location(TextRange::new(start, end)),
                }
            })
            .collect();
        let finally = match (node.finalbody.first(), node.finalbody.last()) {
            (Some(first), Some(last)) => Some(self.location(TextRange::new(first.start(), last.end()))),
            _ => None,
        };
        self.tries.push(Try { handlers, finally, location: self.location(node.range) });
        self.context.tries.push(at);
        self.in_block(Vec::new(), |reader| node.body.iter().for_each(|stmt| reader.visit_stmt(stmt)));
        self.context.tries.pop();
        let outer = self.context.handler;
        for (clause, ast::ExceptHandler::ExceptHandler(handler)) in node.handlers.iter().enumerate() {
            self.branches += 1;
            if let Some(name) = &handler.name {
                self.locals.insert(name.as_str(), Local::Other);
            }
            self.context.handler = Some((at, clause));
            self.in_block(Vec::new(), |reader| handler.body.iter().for_each(|stmt| reader.visit_stmt(stmt)));
        }
        self.context.handler = outer;
        self.in_block(Vec::new(), |reader| {
            node.orelse.iter().chain(&node.finalbody).for_each(|stmt| reader.visit_stmt(stmt));
        });
    }

    fn looped(&mut self, body: &'a [ast::Stmt], orelse: &'a [ast::Stmt]) {
        self.branches += 1;
        let outer = self.context.loops;
        self.context.loops = outer.saturating_add(1);
        self.in_block(Vec::new(), |reader| body.iter().for_each(|stmt| reader.visit_stmt(stmt)));
        self.context.loops = outer;
        self.in_block(Vec::new(), |reader| orelse.iter().for_each(|stmt| reader.visit_stmt(stmt)));
    }

    fn generators(&mut self, generators: &'a [ast::Comprehension], elements: &[&'a ast::Expr]) {
        for generator in generators {
            self.visit_expr(&generator.iter);
            self.bind(&generator.target, Some(Local::Element(&generator.iter)));
        }
        let outer = self.context.loops;
        self.context.loops = outer.saturating_add(1);
        generators.iter().flat_map(|generator| &generator.ifs).for_each(|test| self.visit_expr(test));
        elements.iter().for_each(|element| self.visit_expr(element));
        self.context.loops = outer;
    }
}

impl<'a> Visitor<'a> for Reader<'_, 'a> {
    fn visit_stmt(&mut self, stmt: &'a ast::Stmt) {
        match stmt {
            ast::Stmt::FunctionDef(def) => {
                if self.inner.is_some() {
                    self.locals.insert(&def.name, Local::Function(def));
                }
                self.nested.push(Nested::Function(def));
                def.decorator_list.iter().for_each(|one| self.visit_expr(&one.expression));
                return;
            }
            ast::Stmt::ClassDef(def) => {
                self.nested.push(Nested::Class(def));
                return;
            }
            ast::Stmt::Import(_) | ast::Stmt::ImportFrom(_) if !self.top => {
                let mut found = FxHashMap::default();
                imports(self.names.modules[self.at].module, stmt, &mut found);
                for (name, path) in found {
                    self.locals.insert(name, Local::Import(path));
                }
            }
            ast::Stmt::Global(node) => self.globals.extend(node.names.iter().map(|name| name.as_str())),
            ast::Stmt::Try(node) => {
                self.handle(node);
                return;
            }
            ast::Stmt::For(node) => {
                self.visit_expr(&node.iter);
                self.bind(&node.target, Some(Local::Element(&node.iter)));
                self.looped(&node.body, &node.orelse);
                return;
            }
            ast::Stmt::While(node) => {
                self.visit_expr(&node.test);
                self.looped(&node.body, &node.orelse);
                return;
            }
            ast::Stmt::If(node) => {
                self.branches += 1 + node.elif_else_clauses.len();
                self.visit_expr(&node.test);
                let outer = std::mem::replace(&mut self.context.conditional, true);
                let missing = std::mem::replace(&mut self.missing, absent(&node.test));
                let around = self.test.replace(&node.test);
                let (asked, mut otherwise) = (self.asked(&node.test), self.asked_otherwise(&node.test));
                self.in_block(asked, |reader| node.body.iter().for_each(|stmt| reader.visit_stmt(stmt)));
                self.missing = missing;
                for clause in &node.elif_else_clauses {
                    self.test = clause.test.as_ref().or(around);
                    let mut needs = otherwise.clone();
                    if let Some(test) = &clause.test {
                        self.visit_expr(test);
                        needs.extend(self.asked(test));
                        otherwise.extend(self.asked_otherwise(test));
                    }
                    self.in_block(needs, |reader| clause.body.iter().for_each(|stmt| reader.visit_stmt(stmt)));
                }
                self.test = around;
                self.context.conditional = outer;
                self.passed(node);
                return;
            }
            ast::Stmt::Raise(node) => self.raise(node),
            ast::Stmt::Return(node) => {
                if let Some(value) = node.value.as_deref() {
                    let value = self.operand(value, None, 0);
                    self.out.push(Facts::Return(Return { value, context: self.context.clone() }));
                }
            }
            ast::Stmt::With(node) => {
                for item in &node.items {
                    self.visit_expr(&item.context_expr);
                    if let Some(target) = &item.optional_vars {
                        self.bind(target, Some(Local::Element(&item.context_expr)));
                    }
                }
                self.in_block(Vec::new(), |reader| node.body.iter().for_each(|stmt| reader.visit_stmt(stmt)));
                return;
            }
            ast::Stmt::Delete(node) => {
                node.targets.iter().for_each(|target| self.store(target, None, node.range));
            }
            _ => {}
        }
        self.in_block(Vec::new(), |reader| walk_stmt(reader, stmt));
        match stmt {
            ast::Stmt::Assign(node) => {
                for target in &node.targets {
                    self.store(target, Some(&node.value), node.range);
                    if !self.top {
                        self.bind(target, Some(Local::Expr(&node.value)));
                    }
                }
            }
            ast::Stmt::AnnAssign(node) => {
                if let Some(value) = node.value.as_deref() {
                    self.store(&node.target, Some(value), node.range);
                    if !self.top {
                        self.bind(&node.target, Some(Local::Expr(value)));
                    }
                }
            }
            ast::Stmt::AugAssign(node) => {
                self.store(&node.target, Some(&node.value), node.range);
                self.divides(node.op, &node.target, &node.value);
            }
            _ => {}
        }
    }

    fn visit_expr(&mut self, expr: &'a ast::Expr) {
        match expr {
            ast::Expr::Lambda(_) => return,
            ast::Expr::Await(node) => self.awaited = node.value.is_call_expr(),
            ast::Expr::Call(call) => self.call(call),
            ast::Expr::Name(name) if name.ctx.is_load() => self.reads.push(&name.id),
            ast::Expr::Attribute(node) if node.ctx.is_load() => {
                self.reads_cookies |= &*node.attr == "cookies";
                if let Some(class) = self.lacking(node) {
                    let lack = Lack {
                        class: class.to_string(),
                        attribute: node.attr.to_string(),
                        of: self.text(node.value.range()),
                        context: self.context.clone(),
                        location: self.location(node.range),
                    };
                    self.out.push(Facts::Lack(lack));
                }
            }
            ast::Expr::Named(node) => {
                self.visit_expr(&node.value);
                self.bind(&node.target, Some(Local::Expr(&node.value)));
                return;
            }
            ast::Expr::Subscript(node) => {
                if let ast::Expr::StringLiteral(key) = &*node.slice {
                    self.keys.push(key.value.to_str().to_owned());
                }
            }
            ast::Expr::Dict(node) => {
                for key in node.items.iter().filter_map(|item| item.key.as_ref()) {
                    if let ast::Expr::StringLiteral(key) = key {
                        self.keys.push(key.value.to_str().to_owned());
                    }
                }
            }
            ast::Expr::Compare(node) => {
                let mut left = &*node.left;
                for (operator, right) in node.ops.iter().zip(&node.comparators) {
                    let compare = Compare {
                        operator: operator.as_str(),
                        left: self.operand(left, None, 2),
                        right: self.operand(right, None, 2),
                        location: self.location(node.range),
                    };
                    self.out.push(Facts::Compare(compare));
                    left = right;
                }
            }
            ast::Expr::BinOp(node) => self.divides(node.op, &node.left, &node.right),
            ast::Expr::ListComp(node) => return self.generators(&node.generators, &[&*node.elt]),
            ast::Expr::SetComp(node) => return self.generators(&node.generators, &[&*node.elt]),
            ast::Expr::Generator(node) => return self.generators(&node.generators, &[&*node.elt]),
            ast::Expr::DictComp(node) => {
                let key = node.key.as_deref();
                let elements: Vec<&'a ast::Expr> = key.into_iter().chain([&*node.value]).collect();
                return self.generators(&node.generators, &elements);
            }
            _ => {}
        }
        walk_expr(self, expr);
    }
}
