//! Reads the code of a project, module by module, in parallel.

use std::hash::{Hash, Hasher};

use architect_source::Location;
use rayon::prelude::*;
use ruff_python_ast as ast;
use ruff_python_ast::visitor::{Visitor, walk_expr, walk_stmt};
use ruff_text_size::{Ranged, TextRange};
use rustc_hash::FxHashMap;

use super::names::{ModuleNames, Names, imports};
use super::operand::last;
use super::{
    Call, Cause, Class, Code, Compare, Context, Field, Function, Handler, Parameter, Raise, Return, Store, Try,
};
use crate::facts::{always_raises, first_yield};
use crate::parse::Module;
use crate::project::Program;
use crate::threads::in_parallel;

/// What the code of the project says. `aside` tells which paths are no part of the service.
pub fn read_code(program: &Program<'_>, aside: &(dyn Fn(&str) -> bool + Sync)) -> Code {
    let modules: Vec<&Module> = program.project_modules.iter().map(|id| program.module(*id)).collect();
    let found: Vec<(Vec<Function>, Vec<Class>)> = in_parallel(|| {
        let names = Names::new(modules.par_iter().map(|module| ModuleNames::read(module)).collect());
        (0..names.modules.len())
            .into_par_iter()
            .map(|at| {
                let aside = aside(&names.modules[at].module.path);
                let mut out = Collector { names: &names, at, aside, functions: Vec::new(), classes: Vec::new() };
                out.module();
                (out.functions, out.classes)
            })
            .collect()
    });
    let mut functions = Vec::new();
    let mut classes = Vec::new();
    for (own, theirs) in found {
        functions.extend(own);
        classes.extend(theirs);
    }
    Code::new(functions, classes)
}

struct Collector<'n, 'a> {
    names: &'n Names<'a>,
    at: usize,
    aside: bool,
    functions: Vec<Function>,
    classes: Vec<Class>,
}

impl<'a> Collector<'_, 'a> {
    fn module(&mut self) {
        let module = self.names.modules[self.at].module;
        let mut reader = Reader { top: true, ..Reader::new(self.names, self.at, None) };
        module.body.iter().for_each(|stmt| reader.visit_stmt(stmt));
        let nested = std::mem::take(&mut reader.nested);
        let mut top = reader.done(format!("{}:", module.name), module.location(TextRange::default()));
        top.aside = self.aside;
        self.functions.push(top);
        nested.into_iter().for_each(|def| self.definition(def, "", None));
    }

    fn definition(&mut self, def: Nested<'a>, prefix: &str, class: Option<&str>) {
        let module = self.names.modules[self.at].module;
        match def {
            Nested::Function(def) => {
                let qualname = format!("{prefix}{}", def.name);
                let mut reader = Reader::new(self.names, self.at, class.map(str::to_owned));
                reader.parameters = def
                    .parameters
                    .iter()
                    .map(|parameter| (parameter.name().as_str(), parameter.annotation()))
                    .collect();
                def.body.iter().for_each(|stmt| reader.visit_stmt(stmt));
                let nested = std::mem::take(&mut reader.nested);
                let outer = Reader::new(self.names, self.at, None);
                let decorators = def.decorator_list.iter().map(|one| outer.operand(&one.expression, None, 0)).collect();
                let parameters = def
                    .parameters
                    .iter()
                    .map(|one| Parameter {
                        name: one.name().to_string(),
                        annotation: one.annotation().map(|annotation| outer.text(annotation.range())),
                        class: one.annotation().and_then(|annotation| self.names.alias(self.at, annotation, 0)?.name()),
                        default: one.default().map(|default| outer.operand(default, None, 0)),
                        location: module.location(one.range()),
                    })
                    .collect();
                let returns_type = def.returns.as_deref().map(|one| outer.text(one.range()));
                let mut function =
                    reader.done(format!("{}:{qualname}", module.name), module.location(def.name.range()));
                function.aside = self.aside;
                function.is_async = def.is_async;
                function.first_yield = first_yield(&def.body).map(|one| module.location(one.range()));
                function.is_generator = function.first_yield.is_some();
                function.class = class.map(str::to_owned);
                function.decorators = decorators;
                function.parameters = parameters;
                function.returns_type = returns_type;
                function.docstring = docstring(&def.body);
                let end = module.location(def.range());
                function.lines = (end.end_line.saturating_sub(end.line) + 1) as usize;
                (function.shape, function.body_lines) = shape(module, &def.body);
                self.functions.push(function);
                let inner = format!("{qualname}.<locals>.");
                nested.into_iter().for_each(|def| self.definition(def, &inner, None));
            }
            Nested::Class(def) => {
                let qualname = format!("{prefix}{}", def.name);
                let name = format!("{}:{qualname}", module.name);
                let outer = Reader::new(self.names, self.at, None);
                let bases = def
                    .bases()
                    .iter()
                    .filter_map(|base| {
                        self.names.alias(self.at, base, 0).and_then(|base| base.name()).or_else(|| outer.resolve(base))
                    })
                    .collect();
                let mut fields = Vec::new();
                class_fields(&outer, &def.body, "", &mut fields);
                let decorators = def.decorator_list.iter().map(|one| outer.operand(&one.expression, None, 0)).collect();
                let location = module.location(def.name.range());
                self.classes.push(Class { name: name.clone(), location, aside: self.aside, bases, fields, decorators });
                for stmt in &def.body {
                    match stmt {
                        ast::Stmt::FunctionDef(inner) => {
                            self.definition(Nested::Function(inner), &format!("{qualname}."), Some(&name));
                        }
                        ast::Stmt::ClassDef(inner) => {
                            self.definition(Nested::Class(inner), &format!("{qualname}."), None);
                        }
                        _ => {}
                    }
                }
            }
        }
    }
}

fn class_fields<'a>(reader: &Reader<'_, 'a>, body: &'a [ast::Stmt], prefix: &str, out: &mut Vec<Field>) {
    for stmt in body {
        match stmt {
            ast::Stmt::AnnAssign(node) => {
                if let ast::Expr::Name(name) = &*node.target {
                    out.push(Field {
                        name: format!("{prefix}{}", name.id),
                        annotation: Some(reader.text(node.annotation.range())),
                        value: node.value.as_deref().map(|value| reader.operand(value, None, 0)),
                        location: reader.location(node.range),
                    });
                }
            }
            ast::Stmt::Assign(node) => {
                if let [ast::Expr::Name(name)] = node.targets.as_slice() {
                    out.push(Field {
                        name: format!("{prefix}{}", name.id),
                        annotation: None,
                        value: Some(reader.operand(&node.value, None, 0)),
                        location: reader.location(node.range),
                    });
                }
            }
            ast::Stmt::ClassDef(node) if prefix.is_empty() => {
                class_fields(reader, &node.body, &format!("{}.", node.name), out);
            }
            _ => {}
        }
    }
}

/// A hash of a body and its number of lines, without docstring and white space.
fn shape(module: &Module, body: &[ast::Stmt]) -> (u64, usize) {
    let skipped = usize::from(docstring(body).is_some());
    let (Some(first), Some(last)) = (body.get(skipped), body.last()) else { return (0, 0) };
    let range = TextRange::new(first.range().start(), last.range().end());
    let text = module.text.get(usize::from(range.start())..usize::from(range.end())).unwrap_or_default();
    let mut hasher = rustc_hash::FxHasher::default();
    text.split_whitespace().for_each(|word| word.hash(&mut hasher));
    (hasher.finish(), text.lines().filter(|line| !line.trim().is_empty()).count())
}

fn docstring(body: &[ast::Stmt]) -> Option<String> {
    let Some(ast::Stmt::Expr(node)) = body.first() else { return None };
    let ast::Expr::StringLiteral(text) = &*node.value else { return None };
    text.value.to_str().trim().lines().next().map(str::to_owned)
}

enum Nested<'a> {
    Function(&'a ast::StmtFunctionDef),
    Class(&'a ast::StmtClassDef),
}

/// What a local name was bound to last.
pub(super) enum Local<'a> {
    Expr(&'a ast::Expr),
    /// An element of what is looped over, or what a `with` gives.
    Element(&'a ast::Expr),
    Import(String),
    Other,
}

pub(super) struct Reader<'n, 'a> {
    pub names: &'n Names<'a>,
    pub at: usize,
    pub class: Option<String>,
    pub parameters: Vec<(&'a str, Option<&'a ast::Expr>)>,
    pub locals: FxHashMap<&'a str, Local<'a>>,
    /// At the top level names are those of the module.
    top: bool,
    globals: Vec<&'a str>,
    context: Context,
    nested: Vec<Nested<'a>>,
    out: Vec<Facts>,
    tries: Vec<Try>,
    reads: Vec<&'a str>,
    keys: Vec<String>,
    branches: usize,
    awaited: bool,
    /// The test of the innermost `if` around.
    test: Option<&'a ast::Expr>,
}

enum Facts {
    Raise(Raise),
    Call(Call),
    Return(Return),
    Store(Store),
    Compare(Compare),
    Divisor(super::Operand),
}

impl<'n, 'a> Reader<'n, 'a> {
    fn new(names: &'n Names<'a>, at: usize, class: Option<String>) -> Self {
        Self {
            names,
            at,
            class,
            parameters: Vec::new(),
            locals: FxHashMap::default(),
            top: false,
            globals: Vec::new(),
            context: Context::default(),
            nested: Vec::new(),
            out: Vec::new(),
            tries: Vec::new(),
            reads: Vec::new(),
            keys: Vec::new(),
            branches: 0,
            awaited: false,
            test: None,
        }
    }

    fn done(self, name: String, location: Location) -> Function {
        let mut reads: Vec<String> = self.reads.into_iter().map(str::to_owned).collect();
        reads.sort();
        reads.dedup();
        let mut function = Function {
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
            raises: Vec::new(),
            tries: self.tries,
            calls: Vec::new(),
            returns: Vec::new(),
            stores: Vec::new(),
            compares: Vec::new(),
            divisors: Vec::new(),
            reads,
            keys: self.keys,
            branches: self.branches,
            lines: 0,
            body_lines: 0,
            shape: 0,
        };
        for fact in self.out {
            match fact {
                Facts::Raise(one) => function.raises.push(one),
                Facts::Call(one) => function.calls.push(one),
                Facts::Return(one) => function.returns.push(one),
                Facts::Store(one) => function.stores.push(one),
                Facts::Compare(one) => function.compares.push(one),
                Facts::Divisor(one) => function.divisors.push(one),
            }
        }
        function
    }

    pub(super) fn location(&self, range: TextRange) -> Location {
        self.names.modules[self.at].module.location(range)
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
        let condition = self.test.map(|test| self.operand(test, None, 1));
        let context = self.context.clone();
        let location = self.location(node.range);
        self.out.push(Facts::Raise(Raise { class, name, arguments, again, cause, condition, context, location }));
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
        node.body.iter().for_each(|stmt| self.visit_stmt(stmt));
        self.context.tries.pop();
        let outer = self.context.handler;
        for (clause, ast::ExceptHandler::ExceptHandler(handler)) in node.handlers.iter().enumerate() {
            self.branches += 1;
            if let Some(name) = &handler.name {
                self.locals.insert(name.as_str(), Local::Other);
            }
            self.context.handler = Some((at, clause));
            handler.body.iter().for_each(|stmt| self.visit_stmt(stmt));
        }
        self.context.handler = outer;
        node.orelse.iter().chain(&node.finalbody).for_each(|stmt| self.visit_stmt(stmt));
    }

    fn looped(&mut self, body: &'a [ast::Stmt], orelse: &'a [ast::Stmt]) {
        self.branches += 1;
        self.context.loops = self.context.loops.saturating_add(1);
        body.iter().for_each(|stmt| self.visit_stmt(stmt));
        self.context.loops -= 1;
        orelse.iter().for_each(|stmt| self.visit_stmt(stmt));
    }

    fn generators(&mut self, generators: &'a [ast::Comprehension], elements: &[&'a ast::Expr]) {
        for generator in generators {
            self.visit_expr(&generator.iter);
            self.bind(&generator.target, Some(Local::Element(&generator.iter)));
        }
        self.context.loops = self.context.loops.saturating_add(1);
        generators.iter().flat_map(|generator| &generator.ifs).for_each(|test| self.visit_expr(test));
        elements.iter().for_each(|element| self.visit_expr(element));
        self.context.loops -= 1;
    }
}

impl<'a> Visitor<'a> for Reader<'_, 'a> {
    fn visit_stmt(&mut self, stmt: &'a ast::Stmt) {
        match stmt {
            ast::Stmt::FunctionDef(def) => {
                if !self.parameters.is_empty() || self.class.is_some() {
                    self.locals.insert(&def.name, Local::Other);
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
                let around = self.test.replace(&node.test);
                node.body.iter().for_each(|stmt| self.visit_stmt(stmt));
                for clause in &node.elif_else_clauses {
                    self.test = clause.test.as_ref().or(around);
                    if let Some(test) = &clause.test {
                        self.visit_expr(test);
                    }
                    clause.body.iter().for_each(|stmt| self.visit_stmt(stmt));
                }
                self.test = around;
                self.context.conditional = outer;
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
                node.body.iter().for_each(|stmt| self.visit_stmt(stmt));
                return;
            }
            ast::Stmt::Delete(node) => {
                node.targets.iter().for_each(|target| self.store(target, None, node.range));
            }
            _ => {}
        }
        walk_stmt(self, stmt);
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
