//! What the body of a function does, as far as it can be seen without running it: what it raises, calls, returns and
//! reads of its parameters.

use ruff_python_ast as ast;
use ruff_python_ast::visitor::{Visitor, walk_expr, walk_stmt};
use ruff_text_size::{Ranged, TextRange};
use rustc_hash::FxHashMap;

use crate::eval::Evaluator;
use crate::facts::always_raises;
use crate::value::{DictKey, EnvId, FunctionNode, ModuleId, Object, ObjectId, Site, Sym, Value};

/// Groups of [`Call::present`] at most.
const MAX_PRESENT: usize = 16;
/// Expressions longer than this are none of them.
const MAX_TEXT: usize = 200;

/// What a function's body does; nested functions are left out.
#[derive(Clone, Debug, Default)]
pub struct Body {
    /// Names of its parameters, in order.
    pub parameters: Vec<String>,
    /// `raise` statements.
    pub raises: Vec<Call>,
    /// Calls, those that are raised and returned among them.
    pub calls: Vec<Call>,
    /// Calls whose result is returned.
    pub returns: Vec<Call>,
    /// Attributes and items of parameters that are read: `request.headers["x"]` is the parameter `request`, the path
    /// `headers` and the key `x`.
    pub reads: Vec<Read>,
}

/// A call, or something raised without one.
#[derive(Clone, Debug)]
pub struct Call {
    /// What is called or raised, where names alone decide it.
    pub callee: Option<Value>,
    /// Its last name as written.
    pub name: String,
    /// Arguments: the keyword, the value where names alone decide it, the text.
    pub arguments: Vec<(Option<String>, Option<Value>, String)>,
    /// Parameters of the function that the arguments and the receiver come from.
    pub passes: Vec<String>,
    /// Last names of the exceptions that handlers around it catch without raising again; `""` for a bare `except`.
    pub caught: Vec<String>,
    /// Whether each of these handlers leaves the function.
    pub stops: bool,
    /// What the way here was let through for, as the code writes it, with what a local variable was bound to: of each
    /// group something is there, that is, neither nothing nor empty. Only what comes from parameters is listed.
    pub present: Vec<Vec<String>>,
    /// Whether every call of the function comes here.
    pub always: bool,
    /// Where.
    pub site: Site,
}

/// Something read of a parameter.
#[derive(Clone, Debug)]
pub struct Read {
    /// The parameter.
    pub parameter: String,
    /// The attributes, outermost last.
    pub path: Vec<String>,
    /// The literal item or the first argument of `get`, as text; the source where its value is not known.
    pub key: Option<String>,
    /// Where.
    pub site: Site,
}

/// What the body of `function` does; `None` for what is not a function of the program. `receiver` is what `self` or
/// `cls` is, where that is known better than by the class that defines it; `given` says of other parameters what they
/// are, or the class of which they are an instance. Of branches that the receiver or a function around it decides only the
/// one taken is read.
pub fn body<'a>(
    machine: &mut Evaluator<'a>,
    function: Value,
    receiver: Option<ObjectId>,
    given: &[(Sym, Value)],
) -> Option<Body> {
    let (_, object) = machine.function(function)?;
    let FunctionNode::Def(def) = object.node else { return None };
    let parameters: Vec<&'a str> = def.parameters.iter().map(|parameter| parameter.name().as_str()).collect();
    let mut reader = Reader {
        module: object.module,
        env: object.env,
        owner: object.owner,
        receiver: receiver.or(object.owner),
        given: given.iter().map(|(name, value)| (machine.names.text(*name).to_owned(), *value)).collect(),
        machine,
        locals: FxHashMap::default(),
        declared: FxHashMap::default(),
        handlers: Vec::new(),
        present: Vec::new(),
        nesting: 0,
        has_left: false,
        body: Body { parameters: parameters.iter().map(|name| (*name).to_owned()).collect(), ..Body::default() },
        parameters,
    };
    reader.visit_body(&def.body);
    Some(reader.body)
}

/// What a local name was bound to last.
enum Local<'a> {
    Expr(&'a ast::Expr),
    /// What `from … import` takes of a module.
    Import(String, &'a str),
    /// An element of what is looped over.
    Element(&'a ast::Expr),
    Other,
}

/// What an expression is.
#[derive(Clone, Copy)]
enum Known {
    Value(Value),
    /// Some instance of a class.
    Instance(Value),
}

struct Reader<'m, 'a> {
    machine: &'m mut Evaluator<'a>,
    module: ModuleId,
    env: Option<EnvId>,
    owner: Option<ObjectId>,
    receiver: Option<ObjectId>,
    given: FxHashMap<String, Value>,
    parameters: Vec<&'a str>,
    locals: FxHashMap<&'a str, Local<'a>>,
    /// Annotations of local variables.
    declared: FxHashMap<&'a str, &'a ast::Expr>,
    /// What the handlers around the statement that is read catch, and whether they leave the function.
    handlers: Vec<(String, bool)>,
    /// See [`Call::present`].
    present: Vec<Vec<String>>,
    /// How many branches and loops are around the statement that is read.
    nesting: u32,
    /// Whether the function may have ended, or paused, before it.
    has_left: bool,
    body: Body,
}

impl<'a> Reader<'_, 'a> {
    fn site(&self, range: TextRange) -> Site {
        Site { module: self.module, range }
    }

    fn text(&self, range: TextRange) -> String {
        let text = &self.machine.program.module(self.module).text;
        text.get(usize::from(range.start())..usize::from(range.end())).unwrap_or_default().to_owned()
    }

    fn bind(&mut self, target: &'a ast::Expr, value: Option<&'a ast::Expr>) {
        match target {
            ast::Expr::Name(name) => {
                self.locals.insert(&name.id, value.map_or(Local::Other, Local::Expr));
            }
            ast::Expr::Tuple(tuple) => tuple.elts.iter().for_each(|elt| self.bind(elt, value)),
            _ => {}
        }
    }

    /// The value of a name, an attribute or a literal, where no local variable is in the way. An instance of which no
    /// more is known than its class is that class.
    fn value(&mut self, expr: &'a ast::Expr, depth: u32) -> Option<Value> {
        match self.known(expr, depth)? {
            Known::Value(value) => Some(value),
            Known::Instance(class) => (!expr.is_call_expr()).then_some(class),
        }
    }

    fn known(&mut self, expr: &'a ast::Expr, depth: u32) -> Option<Known> {
        if depth > 20 {
            return None;
        }
        match expr {
            ast::Expr::Name(name) if self.parameters.contains(&name.id.as_str()) => {
                let first = self.parameters.first() == Some(&name.id.as_str());
                if first
                    && matches!(name.id.as_str(), "self" | "cls")
                    && let Some(receiver) = self.receiver
                {
                    return Some(Known::Value(Value::Obj(receiver)));
                }
                let given = self.given.get(name.id.as_str()).copied()?;
                Some(if self.machine.class(given).is_some() { Known::Instance(given) } else { Known::Value(given) })
            }
            ast::Expr::Name(name) => {
                let known = match self.locals.get(name.id.as_str()) {
                    Some(Local::Expr(other)) => {
                        let other: &'a ast::Expr = other;
                        if other.range().contains_range(expr.range()) { None } else { self.known(other, depth + 1) }
                    }
                    Some(Local::Import(base, imported)) => {
                        let (base, imported) = (base.clone(), *imported);
                        self.machine.imported(&base, imported).map(Known::Value)
                    }
                    Some(Local::Element(iterable)) => {
                        let iterable: &'a ast::Expr = iterable;
                        let value = self.value(iterable, depth + 1)?;
                        self.machine.items(value).ok()??.0.first().copied().map(Known::Value)
                    }
                    Some(Local::Other) => None,
                    None => self.machine.annotation(expr, self.module, self.env, None).map(Known::Value),
                };
                if known.is_none()
                    && let Some(annotation) = self.declared.get(name.id.as_str()).copied()
                {
                    let annotation = self.machine.annotation(annotation, self.module, self.env, None)?;
                    return self.machine.class(annotation).is_some().then_some(Known::Instance(annotation));
                }
                known
            }
            ast::Expr::Attribute(node) => {
                let base = self.known(&node.value, depth + 1)?;
                self.attribute(base, &node.attr)
            }
            ast::Expr::Await(node) => {
                self.known(&node.value, depth + 1).filter(|known| matches!(known, Known::Instance(_)))
            }
            ast::Expr::Call(call) => self.made(call, depth),
            ast::Expr::StringLiteral(_) | ast::Expr::NumberLiteral(_) | ast::Expr::BooleanLiteral(_) => {
                self.machine.annotation_literal(expr, self.module).map(Known::Value)
            }
            _ => None,
        }
    }

    fn attribute(&mut self, base: Known, name: &str) -> Option<Known> {
        let (Known::Value(base) | Known::Instance(base)) = base;
        let value = self.machine.get(base, name)?;
        if !matches!(value, Value::Unknown(_)) {
            return Some(Known::Value(value));
        }
        let class = match (self.machine.obj(base)?, base) {
            (Object::Instance { class, .. }, _) => *class,
            (Object::Class(_), Value::Obj(class)) => class,
            _ => return None,
        };
        let annotation = self.machine.attribute_annotation(class, name)?;
        self.machine.class(annotation).is_some().then_some(Known::Instance(annotation))
    }

    /// What a call makes: an instance of a class, what a function says that it returns, or `super()`.
    fn made(&mut self, call: &'a ast::ExprCall, depth: u32) -> Option<Known> {
        if let ast::Expr::Name(name) = &*call.func
            && name.id.as_str() == "super"
            && call.arguments.is_empty()
        {
            let (class, receiver) = (self.owner?, Value::Obj(self.receiver?));
            return Some(Known::Value(self.machine.alloc(Object::Super { class, receiver })));
        }
        let made = match self.known(&call.func, depth + 1)? {
            Known::Value(value) if self.machine.class(value).is_some() => value,
            Known::Value(value) if self.machine.function(value).is_some() => self.machine.signature(value)?.returns?,
            _ => return None,
        };
        self.machine.class(made).is_some().then_some(Known::Instance(made))
    }

    /// What a call runs: for an instance its `__call__`. A method that is found by the class of an instance goes on with
    /// that class.
    fn callee(&mut self, func: &'a ast::Expr) -> Option<Value> {
        let (base, callee) = match func {
            ast::Expr::Attribute(node) => {
                let base = self.known(&node.value, 1)?;
                (Some(base), self.attribute(base, &node.attr)?)
            }
            _ => (None, self.known(func, 0)?),
        };
        let (base, callee) = match (base, callee) {
            (base, Known::Value(callee)) => (base, callee),
            (_, Known::Instance(class)) => (Some(callee), self.machine.get(class, "__call__")?),
        };
        match (base, self.machine.obj(callee)) {
            (Some(Known::Instance(class)), Some(Object::Function(_))) => {
                Some(self.machine.alloc(Object::Bound { receiver: class, function: callee }))
            }
            (_, _) => (!matches!(callee, Value::Unknown(_))).then_some(callee),
        }
    }

    /// Parameters an expression is computed from.
    fn sources(&self, expr: &'a ast::Expr, depth: u32, out: &mut Vec<String>) {
        struct Names<'a>(Vec<&'a str>);
        impl<'a> Visitor<'a> for Names<'a> {
            fn visit_expr(&mut self, expr: &'a ast::Expr) {
                if let ast::Expr::Name(name) = expr {
                    self.0.push(&name.id);
                }
                walk_expr(self, expr);
            }
        }
        if depth > 6 {
            return;
        }
        let mut names = Names(Vec::new());
        names.visit_expr(expr);
        for name in names.0 {
            if self.parameters.contains(&name) {
                if !out.iter().any(|known| known == name) {
                    out.push(name.to_owned());
                }
            } else if let Some(Local::Expr(value) | Local::Element(value)) = self.locals.get(name) {
                let value: &'a ast::Expr = value;
                if !value.range().contains_range(expr.range()) {
                    self.sources(value, depth + 1, out);
                }
            }
        }
    }

    fn call(&mut self, call: &'a ast::ExprCall) -> Call {
        let callee = self.callee(&call.func);
        let mut passes = Vec::new();
        if let ast::Expr::Attribute(node) = &*call.func {
            self.sources(&node.value, 0, &mut passes);
        }
        let mut arguments = Vec::new();
        for argument in &call.arguments.args {
            self.sources(argument, 0, &mut passes);
            arguments.push((None, self.value(argument, 0), self.text(argument.range())));
        }
        for keyword in &call.arguments.keywords {
            self.sources(&keyword.value, 0, &mut passes);
            let name = keyword.arg.as_ref().map(ToString::to_string);
            arguments.push((name, self.value(&keyword.value, 0), self.text(keyword.value.range())));
        }
        Call { callee, arguments, passes, ..self.reached(last_name(&call.func), call.range()) }
    }

    /// What is known of a place that is reached.
    fn reached(&self, name: String, range: TextRange) -> Call {
        Call {
            callee: None,
            name,
            arguments: Vec::new(),
            passes: Vec::new(),
            caught: self.handlers.iter().map(|(name, _)| name.clone()).collect(),
            stops: !self.handlers.is_empty() && self.handlers.iter().all(|(_, leaves)| *leaves),
            present: self.present.clone(),
            always: self.nesting == 0 && !self.has_left,
            site: self.site(range),
        }
    }

    fn raised(&mut self, expr: &'a ast::Expr, range: TextRange) -> Call {
        match expr {
            ast::Expr::Call(call) => {
                let mut raised = self.call(call);
                raised.site = self.site(range);
                raised
            }
            ast::Expr::Name(name) => {
                if let Some(Local::Expr(ast::Expr::Call(call))) = self.locals.get(name.id.as_str()) {
                    let call: &'a ast::ExprCall = call;
                    return self.raised_call(call, range);
                }
                self.raised_value(expr, range)
            }
            _ => self.raised_value(expr, range),
        }
    }

    fn raised_call(&mut self, call: &'a ast::ExprCall, range: TextRange) -> Call {
        let mut raised = self.call(call);
        raised.site = self.site(range);
        raised
    }

    fn raised_value(&mut self, expr: &'a ast::Expr, range: TextRange) -> Call {
        Call { callee: self.value(expr, 0), ..self.reached(last_name(expr), range) }
    }

    /// Records what is read of a parameter, and whether `expr` is such a read and nothing else. What a method of it
    /// gives is read by the name of the method: `(await socket.receive())["x"]`.
    fn read(&mut self, expr: &'a ast::Expr) -> bool {
        let mut key = None;
        let mut at = expr;
        match expr {
            ast::Expr::Subscript(node) => {
                key = Some(self.key_text(&node.slice));
                at = &node.value;
            }
            ast::Expr::Call(node) => {
                let ast::Expr::Attribute(func) = &*node.func else { return false };
                if !matches!(func.attr.as_str(), "get" | "getlist" | "pop") {
                    return false;
                }
                let Some(first) = node.arguments.args.first() else { return false };
                key = Some(self.key_text(first));
                at = &func.value;
            }
            _ => {}
        }
        let mut path = Vec::new();
        let mut steps = 0;
        let mut calls = false;
        loop {
            match at {
                ast::Expr::Attribute(node) => {
                    path.push(node.attr.to_string());
                    at = &node.value;
                }
                ast::Expr::Await(node) => at = &node.value,
                ast::Expr::Call(node) if node.func.is_attribute_expr() => {
                    calls = true;
                    at = &node.func;
                }
                ast::Expr::Name(name) => {
                    if self.parameters.contains(&name.id.as_str()) {
                        if path.is_empty() && key.is_none() {
                            return false;
                        }
                        path.reverse();
                        let site = self.site(expr.range());
                        self.body.reads.push(Read { parameter: name.id.to_string(), path, key, site });
                        return !calls;
                    }
                    match self.locals.get(name.id.as_str()) {
                        Some(Local::Expr(value)) => at = value,
                        _ => return false,
                    }
                }
                _ => return false,
            }
            steps += 1;
            if steps > 30 {
                return false;
            }
        }
    }

    fn key_text(&mut self, expr: &'a ast::Expr) -> String {
        let value = self.value(expr, 0);
        match value.and_then(|value| self.machine.text(value)) {
            Some(text) => text.to_owned(),
            None => self.text(expr.range()),
        }
    }

    fn import_from(&mut self, node: &'a ast::StmtImportFrom) {
        let name = node.module.as_ref().map(|name| name.as_str());
        let base = self.machine.absolute(self.module, node.level, name);
        for alias in &node.names {
            let name = alias.asname.as_ref().unwrap_or(&alias.name).as_str();
            self.locals.insert(name, Local::Import(base.clone(), alias.name.as_str()));
        }
    }
}

impl<'a> Visitor<'a> for Reader<'_, 'a> {
    fn visit_stmt(&mut self, stmt: &'a ast::Stmt) {
        match stmt {
            ast::Stmt::FunctionDef(def) => {
                self.locals.insert(&def.name, Local::Other);
                return;
            }
            ast::Stmt::ClassDef(def) => {
                self.locals.insert(&def.name, Local::Other);
                return;
            }
            ast::Stmt::ImportFrom(node) => self.import_from(node),
            ast::Stmt::If(node) => {
                self.branches(node);
                return;
            }
            ast::Stmt::For(node) => {
                if let ast::Expr::Name(name) = &*node.target {
                    self.locals.insert(&name.id, Local::Element(&node.iter));
                }
                self.nested(|reader| walk_stmt(reader, stmt));
                return;
            }
            ast::Stmt::While(_) | ast::Stmt::Match(_) => {
                self.nested(|reader| walk_stmt(reader, stmt));
                return;
            }
            ast::Stmt::Try(node) => {
                let outer = self.handlers.len();
                for ast::ExceptHandler::ExceptHandler(handler) in &node.handlers {
                    if !always_raises(&handler.body) {
                        let leaves = ends(&handler.body);
                        match handler.type_.as_deref() {
                            None => self.handlers.push((String::new(), leaves)),
                            Some(ast::Expr::Tuple(types)) => {
                                self.handlers.extend(types.elts.iter().map(|one| (last_name(one), leaves)));
                            }
                            Some(one) => self.handlers.push((last_name(one), leaves)),
                        }
                    }
                }
                self.nested(|reader| reader.visit_body(&node.body));
                self.handlers.truncate(outer);
                for ast::ExceptHandler::ExceptHandler(handler) in &node.handlers {
                    if let Some(name) = &handler.name {
                        self.locals.insert(name.as_str(), Local::Other);
                    }
                    self.nested(|reader| reader.visit_body(&handler.body));
                }
                self.nested(|reader| reader.visit_body(&node.orelse));
                self.visit_body(&node.finalbody);
                return;
            }
            ast::Stmt::Raise(node) => {
                if let Some(exc) = &node.exc {
                    let raised = self.raised(exc, node.range);
                    self.body.raises.push(raised);
                }
            }
            ast::Stmt::Return(node) => {
                let value = match node.value.as_deref() {
                    Some(ast::Expr::Await(inner)) => Some(&*inner.value),
                    value => value,
                };
                if let Some(ast::Expr::Call(call)) = value {
                    let call = self.call(call);
                    self.body.returns.push(call);
                }
            }
            _ => {}
        }
        walk_stmt(self, stmt);
        match stmt {
            ast::Stmt::Return(_) => self.has_left = true,
            ast::Stmt::Assign(node) => node.targets.iter().for_each(|target| self.bind(target, Some(&node.value))),
            ast::Stmt::AnnAssign(node) => {
                self.bind(&node.target, node.value.as_deref());
                if let ast::Expr::Name(name) = &*node.target {
                    self.declared.insert(&name.id, &node.annotation);
                }
            }
            _ => {}
        }
    }

    fn visit_expr(&mut self, expr: &'a ast::Expr) {
        match expr {
            ast::Expr::Lambda(_) => return,
            ast::Expr::Call(call) => {
                let found = self.call(call);
                self.body.calls.push(found);
                if self.read(expr) {
                    call.arguments.args.iter().for_each(|argument| self.visit_expr(argument));
                    return;
                }
            }
            ast::Expr::Subscript(_) | ast::Expr::Attribute(_) if self.read(expr) => {
                return;
            }
            ast::Expr::Named(node) => self.bind(&node.target, Some(&node.value)),
            ast::Expr::If(node) => {
                self.visit_expr(&node.test);
                self.below(&node.test, true, |reader| reader.visit_expr(&node.body));
                self.below(&node.test, false, |reader| reader.visit_expr(&node.orelse));
                return;
            }
            ast::Expr::BoolOp(node) => {
                let outer = self.present.len();
                self.nested(|reader| {
                    for operand in &node.values {
                        reader.visit_expr(operand);
                        reader.go_on(operand, node.op == ast::BoolOp::And);
                    }
                });
                self.present.truncate(outer);
                return;
            }
            ast::Expr::Yield(_) | ast::Expr::YieldFrom(_) => self.has_left = true,
            _ => {}
        }
        walk_expr(self, expr);
    }

    /// Statements one after the other, as far as they are reached.
    fn visit_body(&mut self, body: &'a [ast::Stmt]) {
        let outer = self.present.len();
        for stmt in body {
            self.visit_stmt(stmt);
            let ast::Stmt::If(node) = stmt else { continue };
            // What a test lets through goes on below the statement.
            match self.decided(&node.test) {
                Some(true) if ends(&node.body) => break,
                Some(_) => {}
                None if ends(&node.body) => self.go_on(&node.test, false),
                None => {}
            }
        }
        self.present.truncate(outer);
    }
}

/// Branches: which of them are taken, and what is there in each.
impl<'a> Reader<'_, 'a> {
    fn nested(&mut self, read: impl FnOnce(&mut Self)) {
        self.nesting += 1;
        read(self);
        self.nesting -= 1;
    }

    /// What is read where a test has a result.
    fn below(&mut self, test: &'a ast::Expr, result: bool, read: impl FnOnce(&mut Self)) {
        let outer = self.present.len();
        self.go_on(test, result);
        self.nested(read);
        self.present.truncate(outer);
    }

    fn branches(&mut self, node: &'a ast::StmtIf) {
        let outer = self.present.len();
        let tests = node.elif_else_clauses.iter().map(|clause| (clause.test.as_ref(), &clause.body));
        for (test, body) in std::iter::once((Some(&*node.test), &node.body)).chain(tests) {
            let Some(test) = test else {
                self.nested(|reader| reader.visit_body(body));
                break;
            };
            self.visit_expr(test);
            match self.decided(test) {
                Some(true) => {
                    self.visit_body(body);
                    break;
                }
                Some(false) => {}
                None => {
                    self.below(test, true, |reader| reader.visit_body(body));
                    self.go_on(test, false);
                }
            }
        }
        self.present.truncate(outer);
    }

    /// What is there where a test has a result; see [`Call::present`].
    fn holds(&self, test: &'a ast::Expr, result: bool) -> Vec<Vec<String>> {
        match test {
            ast::Expr::UnaryOp(node) if node.op == ast::UnaryOp::Not => self.holds(&node.operand, !result),
            ast::Expr::Compare(node) => match (&*node.ops, &*node.comparators) {
                ([ast::CmpOp::Is | ast::CmpOp::Eq], [ast::Expr::NoneLiteral(_)]) if !result => self.group(&node.left),
                ([ast::CmpOp::IsNot | ast::CmpOp::NotEq], [ast::Expr::NoneLiteral(_)]) if result => {
                    self.group(&node.left)
                }
                _ => Vec::new(),
            },
            ast::Expr::BoolOp(node) if (node.op == ast::BoolOp::And) == result => {
                node.values.iter().flat_map(|operand| self.holds(operand, result)).collect()
            }
            ast::Expr::BoolOp(node) => {
                // One of the operands has that result.
                let mut either = Vec::new();
                for operand in &node.values {
                    match self.holds(operand, result).into_iter().next() {
                        Some(group) => either.extend(group),
                        None => return Vec::new(),
                    }
                }
                vec![either]
            }
            ast::Expr::Named(node) if result => self.group(&node.target),
            ast::Expr::Name(_) | ast::Expr::Attribute(_) | ast::Expr::Subscript(_) if result => self.group(test),
            ast::Expr::Call(node) if result && last_name(&node.func) == "get" => self.group(test),
            _ => Vec::new(),
        }
    }

    /// Goes on with what a test lets through; of many tests one after the other the first ones count.
    fn go_on(&mut self, test: &'a ast::Expr, result: bool) {
        if self.present.len() < MAX_PRESENT {
            let present = self.holds(test, result);
            self.present.extend(present);
            self.present.truncate(MAX_PRESENT);
        }
    }

    fn group(&self, expr: &'a ast::Expr) -> Vec<Vec<String>> {
        let expr = if let ast::Expr::Named(node) = expr { &*node.target } else { expr };
        let mut sources = Vec::new();
        self.sources(expr, 0, &mut sources);
        if sources.iter().all(|source| matches!(source.as_str(), "self" | "cls")) {
            return Vec::new();
        }
        if usize::from(expr.range().len()) > MAX_TEXT {
            return Vec::new();
        }
        let mut text = self.text(expr.range());
        if let ast::Expr::Name(name) = expr
            && let Some(Local::Expr(bound)) = self.locals.get(name.id.as_str())
            && usize::from(bound.range().len()) <= MAX_TEXT
        {
            text = format!("{text} = {}", self.text(bound.range()));
        }
        vec![vec![text]]
    }

    /// The result of a test that the receiver decides, an object with the attributes that it has, or what the functions
    /// around were called with.
    fn decided(&mut self, test: &'a ast::Expr) -> Option<bool> {
        match test {
            ast::Expr::UnaryOp(node) if node.op == ast::UnaryOp::Not => self.decided(&node.operand).map(|it| !it),
            ast::Expr::BoolOp(node) => {
                let decisive = node.op == ast::BoolOp::Or;
                let results: Vec<Option<bool>> = node.values.iter().map(|operand| self.decided(operand)).collect();
                match results.contains(&Some(decisive)) {
                    true => Some(decisive),
                    false => results.iter().all(Option::is_some).then_some(!decisive),
                }
            }
            ast::Expr::Compare(node) => {
                let ([op], [right]) = (&*node.ops, &*node.comparators) else { return None };
                let (own, others) = (self.own_value(&node.left), self.own_value(right));
                if own.is_none() && others.is_none() {
                    return None;
                }
                let left = own.or_else(|| self.constant(&node.left))?;
                let right = others.or_else(|| self.constant(right))?;
                match op {
                    ast::CmpOp::Is | ast::CmpOp::Eq => self.machine.equal(left, right),
                    ast::CmpOp::IsNot | ast::CmpOp::NotEq => self.machine.equal(left, right).map(|it| !it),
                    ast::CmpOp::In => self.holds_item(right, left),
                    ast::CmpOp::NotIn => self.holds_item(right, left).map(|it| !it),
                    _ => None,
                }
            }
            _ => {
                let value = self.own_value(test)?;
                self.machine.truth(value)
            }
        }
    }

    fn holds_item(&mut self, container: Value, item: Value) -> Option<bool> {
        let is_collection = matches!(
            self.machine.obj(container)?,
            Object::List(..) | Object::Tuple(_) | Object::Set(_) | Object::Dict(_)
        );
        let (items, complete) = self.machine.items(container).ok().flatten().filter(|_| is_collection)?;
        let mut all_differ = complete;
        for one in items {
            match self.machine.equal(one, item) {
                Some(true) => return Some(true),
                Some(false) => {}
                None => all_differ = false,
            }
        }
        all_differ.then_some(false)
    }

    /// The value of an attribute of the receiver, where that is an object, or of what a function around this one was
    /// called with.
    fn own_value(&mut self, expr: &'a ast::Expr) -> Option<Value> {
        if let ast::Expr::Name(name) = expr {
            let name = name.id.as_str();
            let is_free = !self.parameters.contains(&name) && !self.locals.contains_key(name);
            let value = self.machine.closed_over(self.env.filter(|_| is_free), name)?;
            return (!matches!(value, Value::Unknown(_)) && self.machine.function(value).is_none()).then_some(value);
        }
        let mut at = expr;
        while let ast::Expr::Attribute(node) = at {
            at = &node.value;
        }
        let is_own = !std::ptr::eq(at, expr)
            && matches!(at, ast::Expr::Name(name) if name.id.as_str() == "self" && self.parameters.first() == Some(&"self"));
        if !is_own || !matches!(self.machine.obj(Value::Obj(self.receiver?)), Some(Object::Instance { .. })) {
            return None;
        }
        match self.known(expr, 0)? {
            Known::Value(value) if self.machine.function(value).is_none() => Some(value),
            _ => None,
        }
    }

    /// The value of a literal, or of a name that the function does not bind.
    fn constant(&mut self, expr: &'a ast::Expr) -> Option<Value> {
        match expr {
            ast::Expr::NoneLiteral(_) => Some(Value::None),
            ast::Expr::Name(name)
                if self.parameters.contains(&name.id.as_str()) || self.locals.contains_key(name.id.as_str()) =>
            {
                None
            }
            ast::Expr::Name(_)
            | ast::Expr::StringLiteral(_)
            | ast::Expr::NumberLiteral(_)
            | ast::Expr::BooleanLiteral(_) => match self.known(expr, 0)? {
                Known::Value(value) => Some(value),
                Known::Instance(_) => None,
            },
            _ => None,
        }
    }
}

/// Whether a block can only end by leaving the function.
pub(crate) fn ends(body: &[ast::Stmt]) -> bool {
    body.iter().any(|stmt| match stmt {
        ast::Stmt::Return(_) | ast::Stmt::Raise(_) => true,
        ast::Stmt::If(node) => {
            ends(&node.body)
                && node.elif_else_clauses.last().is_some_and(|clause| clause.test.is_none())
                && node.elif_else_clauses.iter().all(|clause| ends(&clause.body))
        }
        ast::Stmt::With(node) => ends(&node.body),
        ast::Stmt::Try(node) => {
            let mut handlers = node.handlers.iter();
            ends(&node.finalbody)
                || (ends(&node.body) || ends(&node.orelse))
                    && handlers.all(|ast::ExceptHandler::ExceptHandler(handler)| ends(&handler.body))
        }
        _ => false,
    })
}

fn last_name(expr: &ast::Expr) -> String {
    match expr {
        ast::Expr::Name(name) => name.id.to_string(),
        ast::Expr::Attribute(node) => node.attr.to_string(),
        ast::Expr::Call(node) => last_name(&node.func),
        _ => String::new(),
    }
}

impl<'a> Evaluator<'a> {
    fn annotation_literal(&mut self, expr: &'a ast::Expr, module: ModuleId) -> Option<Value> {
        match expr {
            ast::Expr::StringLiteral(node) => Some(self.str(node.value.to_str())),
            _ => self.annotation(expr, module, None, None),
        }
    }

    /// A name that `from base import name` binds inside a function.
    fn imported(&mut self, base: &str, name: &str) -> Option<Value> {
        let module = self.import(base)?;
        match self.get(module, name) {
            Some(value) if !matches!(value, Value::Unknown(_)) => Some(value),
            _ => self.import(&format!("{base}.{name}")),
        }
    }

    /// What a dictionary holds under a name.
    pub fn get_item(&mut self, dict: Value, name: &str) -> Option<Value> {
        let key = DictKey::Str(self.names.lookup(name)?);
        match self.obj(dict)? {
            Object::Dict(data) => data.items.get(&key).map(|(_, value)| *value),
            _ => None,
        }
    }

    /// The functions behind a callable: itself, and those it wraps, outermost first.
    pub fn wrapped_chain(&self, callable: Value) -> Vec<Value> {
        let mut out = Vec::new();
        let mut at = callable;
        while let Some((id, function)) = self.function(at) {
            let here = Value::Obj(id);
            if out.contains(&here) || out.len() > 20 {
                break;
            }
            out.push(here);
            let wrapped = self.names.lookup("__wrapped__").and_then(|name| function.attrs.get(&name).copied());
            match wrapped {
                Some(inner) if matches!(self.obj(inner), Some(Object::Function(_) | Object::Bound { .. })) => {
                    at = inner
                }
                _ => break,
            }
        }
        out
    }
}
