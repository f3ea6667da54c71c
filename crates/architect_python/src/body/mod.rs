//! What the body of a function does, as far as it can be seen without running it: what it raises, calls, returns and
//! reads of its parameters.

mod branches;
mod resolve;

use ruff_python_ast as ast;
use ruff_python_ast::visitor::{Visitor, walk_expr, walk_stmt};
use ruff_text_size::{Ranged, TextRange};
use rustc_hash::FxHashMap;

pub(crate) use self::branches::ends;
use crate::eval::Evaluator;
use crate::facts::always_raises;
use crate::value::{EnvId, FunctionNode, ModuleId, ObjectId, Site, Sym, Value};

/// What a function's body does; nested functions are left out.
#[derive(Clone, Debug, Default)]
pub struct Body {
    /// Names of its parameters, in order, and behind them of the arguments that it takes out of `**kwargs`.
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
        rest: def.parameters.kwarg.as_ref().map(|parameter| parameter.name.as_str()),
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

struct Reader<'m, 'a> {
    machine: &'m mut Evaluator<'a>,
    module: ModuleId,
    env: Option<EnvId>,
    owner: Option<ObjectId>,
    receiver: Option<ObjectId>,
    given: FxHashMap<String, Value>,
    parameters: Vec<&'a str>,
    /// The parameter that takes all other arguments by name.
    rest: Option<&'a str>,
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
                if value.is_some_and(|value| self.is_argument(value)) && !self.parameters.contains(&name.id.as_str()) {
                    self.parameters.push(&name.id);
                    self.body.parameters.push(name.id.to_string());
                }
                self.locals.insert(&name.id, value.map_or(Local::Other, Local::Expr));
            }
            ast::Expr::Tuple(tuple) => tuple.elts.iter().for_each(|elt| self.bind(elt, value)),
            _ => {}
        }
    }

    /// Whether an expression is an argument that was passed by name, as decorators take it out: `kwargs["request"]`,
    /// `kwargs.get("request", …)`.
    fn is_argument(&self, expr: &ast::Expr) -> bool {
        let (of, name) = match expr {
            ast::Expr::Subscript(node) => (&*node.value, Some(&*node.slice)),
            ast::Expr::Call(node) => match &*node.func {
                ast::Expr::Attribute(func) if matches!(func.attr.as_str(), "get" | "pop") => {
                    (&*func.value, node.arguments.args.first())
                }
                _ => return false,
            },
            _ => return false,
        };
        let is_rest = matches!(of, ast::Expr::Name(of) if Some(of.id.as_str()) == self.rest);
        is_rest && matches!(name, Some(ast::Expr::StringLiteral(_)))
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
            ast::Expr::Call(call) => self.raised_call(call, range),
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

fn last_name(expr: &ast::Expr) -> String {
    match expr {
        ast::Expr::Name(name) => name.id.to_string(),
        ast::Expr::Attribute(node) => node.attr.to_string(),
        ast::Expr::Call(node) => last_name(&node.func),
        _ => String::new(),
    }
}
