//! What the body of a function does, as far as it can be seen without running it: what it raises, calls, returns and
//! reads of its parameters.

use ruff_python_ast as ast;
use ruff_python_ast::visitor::{Visitor, walk_expr, walk_stmt};
use ruff_text_size::{Ranged, TextRange};
use rustc_hash::FxHashMap;

use crate::eval::Evaluator;
use crate::facts::always_raises;
use crate::value::{DictKey, EnvId, FunctionNode, ModuleId, Object, ObjectId, Site, Value};

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
/// `cls` is, where that is known better than by the class that defines it.
pub fn body<'a>(machine: &mut Evaluator<'a>, function: Value, receiver: Option<ObjectId>) -> Option<Body> {
    let (_, object) = machine.function(function)?;
    let FunctionNode::Def(def) = object.node else { return None };
    let parameters: Vec<&'a str> = def.parameters.iter().map(|parameter| parameter.name().as_str()).collect();
    let mut reader = Reader {
        module: object.module,
        env: object.env,
        receiver: receiver.or(object.owner),
        machine,
        locals: FxHashMap::default(),
        handlers: Vec::new(),
        body: Body { parameters: parameters.iter().map(|name| (*name).to_owned()).collect(), ..Body::default() },
        parameters,
    };
    for stmt in &def.body {
        reader.visit_stmt(stmt);
    }
    Some(reader.body)
}

/// What a local name was bound to last.
enum Local<'a> {
    Expr(&'a ast::Expr),
    Import(Option<Value>),
    /// An element of what is looped over.
    Element(&'a ast::Expr),
    Other,
}

struct Reader<'m, 'a> {
    machine: &'m mut Evaluator<'a>,
    module: ModuleId,
    env: Option<EnvId>,
    receiver: Option<ObjectId>,
    parameters: Vec<&'a str>,
    locals: FxHashMap<&'a str, Local<'a>>,
    /// What the handlers around the statement that is read catch.
    handlers: Vec<String>,
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

    /// The value of a name, an attribute or a literal, where no local variable is in the way.
    fn value(&mut self, expr: &'a ast::Expr, depth: u32) -> Option<Value> {
        if depth > 20 {
            return None;
        }
        match expr {
            ast::Expr::Name(name) if self.parameters.contains(&name.id.as_str()) => {
                let first = self.parameters.first() == Some(&name.id.as_str());
                self.receiver.filter(|_| first && matches!(name.id.as_str(), "self" | "cls")).map(Value::Obj)
            }
            ast::Expr::Name(name) => match self.locals.get(name.id.as_str()) {
                Some(Local::Expr(ast::Expr::Call(call))) => {
                    let call: &'a ast::ExprCall = call;
                    self.value(&call.func, depth + 1).filter(|value| self.machine.class(*value).is_some())
                }
                Some(Local::Expr(other)) => {
                    let other: &'a ast::Expr = other;
                    if other.range().contains_range(expr.range()) { None } else { self.value(other, depth + 1) }
                }
                Some(Local::Import(value)) => *value,
                Some(Local::Element(iterable)) => {
                    let iterable: &'a ast::Expr = iterable;
                    let value = self.value(iterable, depth + 1)?;
                    self.machine.items(value).ok()??.0.first().copied()
                }
                Some(Local::Other) => None,
                None => self.machine.annotation(expr, self.module, self.env, None),
            },
            ast::Expr::Attribute(node) => {
                let base = self.value(&node.value, depth + 1)?;
                let value = self.machine.get(base, &node.attr)?;
                (!matches!(value, Value::Unknown(_))).then_some(value)
            }
            ast::Expr::StringLiteral(_) | ast::Expr::NumberLiteral(_) | ast::Expr::BooleanLiteral(_) => {
                self.machine.annotation_literal(expr, self.module)
            }
            _ => None,
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
        let callee = self.value(&call.func, 0);
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
        let caught = self.handlers.clone();
        Call { callee, name: last_name(&call.func), arguments, passes, caught, site: self.site(call.range()) }
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
        Call {
            callee: self.value(expr, 0),
            name: last_name(expr),
            arguments: Vec::new(),
            passes: Vec::new(),
            caught: self.handlers.clone(),
            site: self.site(range),
        }
    }

    /// Records what is read of a parameter, and whether `expr` is such a read.
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
        loop {
            match at {
                ast::Expr::Attribute(node) => {
                    path.push(node.attr.to_string());
                    at = &node.value;
                }
                ast::Expr::Name(name) => {
                    if self.parameters.contains(&name.id.as_str()) {
                        if path.is_empty() && key.is_none() {
                            return false;
                        }
                        path.reverse();
                        let site = self.site(expr.range());
                        self.body.reads.push(Read { parameter: name.id.to_string(), path, key, site });
                        return true;
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
            let value = self.machine.imported(&base, &alias.name);
            self.locals.insert(alias.asname.as_ref().unwrap_or(&alias.name).as_str(), Local::Import(value));
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
            ast::Stmt::For(node) => {
                if let ast::Expr::Name(name) = &*node.target {
                    self.locals.insert(&name.id, Local::Element(&node.iter));
                }
            }
            ast::Stmt::Try(node) => {
                let outer = self.handlers.len();
                for ast::ExceptHandler::ExceptHandler(handler) in &node.handlers {
                    if !always_raises(&handler.body) {
                        match handler.type_.as_deref() {
                            None => self.handlers.push(String::new()),
                            Some(ast::Expr::Tuple(types)) => self.handlers.extend(types.elts.iter().map(last_name)),
                            Some(one) => self.handlers.push(last_name(one)),
                        }
                    }
                }
                node.body.iter().for_each(|stmt| self.visit_stmt(stmt));
                self.handlers.truncate(outer);
                for ast::ExceptHandler::ExceptHandler(handler) in &node.handlers {
                    if let Some(name) = &handler.name {
                        self.locals.insert(name.as_str(), Local::Other);
                    }
                    handler.body.iter().for_each(|stmt| self.visit_stmt(stmt));
                }
                node.orelse.iter().chain(&node.finalbody).for_each(|stmt| self.visit_stmt(stmt));
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
            ast::Stmt::Assign(node) => node.targets.iter().for_each(|target| self.bind(target, Some(&node.value))),
            ast::Stmt::AnnAssign(node) => self.bind(&node.target, node.value.as_deref()),
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
            _ => {}
        }
        walk_expr(self, expr);
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

    /// The strings in a function's body, and in the module-level collections it names.
    pub fn strings_of(&mut self, function: Value) -> Vec<String> {
        struct Strings<'a>(Vec<String>, Vec<&'a ast::Expr>);
        impl<'a> Visitor<'a> for Strings<'a> {
            fn visit_expr(&mut self, expr: &'a ast::Expr) {
                match expr {
                    ast::Expr::StringLiteral(node) => self.0.push(node.value.to_str().to_owned()),
                    ast::Expr::Name(name) if name.ctx.is_load() => self.1.push(expr),
                    _ => {}
                }
                walk_expr(self, expr);
            }
        }
        let Some((_, object)) = self.function(function) else { return Vec::new() };
        let FunctionNode::Def(def) = object.node else { return Vec::new() };
        let (module, env) = (object.module, object.env);
        let mut found = Strings(Vec::new(), Vec::new());
        def.body.iter().for_each(|stmt| found.visit_stmt(stmt));
        let mut out = found.0;
        for name in found.1 {
            let Some(value) = self.annotation(name, module, env, None) else { continue };
            if matches!(self.obj(value), Some(Object::List(..) | Object::Tuple(_) | Object::Set(_))) {
                let items = self.items(value).ok().flatten().map(|(items, _)| items).unwrap_or_default();
                out.extend(items.into_iter().filter_map(|item| self.text(item).map(str::to_owned)));
            } else if let Some(text) = self.text(value) {
                out.push(text.to_owned());
            }
        }
        out
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
