//! Expressions as [`Operand`]s.

use std::rc::Rc;

use ruff_python_ast as ast;
use ruff_python_ast::visitor::{Visitor, walk_expr};
use ruff_text_size::{Ranged, TextRange};

use super::names::{Target, path_of};
use super::read::{Local, Reader};
use super::{Constant, Form, Operand};

/// Arguments of arguments are listed so far.
const MAX_DEPTH: u32 = 5;
/// More elements than this are not listed.
const MAX_ITEMS: usize = 60;
/// Longer texts are cut.
const MAX_TEXT: usize = 160;
/// Locals of locals are followed so far.
const MAX_LOCALS: u32 = 6;
/// So many expressions of locals are looked at for what one is computed from: a table that many places name would else
/// be read for each of them.
const MAX_TRACED: usize = 300;
/// What an expression is computed from is told so far.
const MAX_ORIGINS: usize = 100;
/// Longer texts are no values of names: each place that has the name would have a copy.
const MAX_NAMED_TEXT: usize = 2_000;

/// What an expression is computed from.
#[derive(Default)]
pub(super) struct Origin {
    pub sources: Vec<String>,
    pub names: Vec<String>,
    pub through: Vec<String>,
}

impl<'a> Reader<'_, 'a> {
    pub(super) fn text(&self, range: TextRange) -> String {
        let text = &self.names.modules[self.at].module.text;
        let text = text.get(usize::from(range.start())..usize::from(range.end())).unwrap_or_default();
        match text.char_indices().nth(MAX_TEXT) {
            Some((end, _)) => format!("{}…", &text[..end]),
            None => text.to_owned(),
        }
    }

    pub(super) fn operand(&self, expr: &'a ast::Expr, keyword: Option<String>, depth: u32) -> Operand {
        let expr_inner = match expr {
            ast::Expr::Await(node) => &node.value,
            ast::Expr::Starred(node) => &node.value,
            other => other,
        };
        let origin = self.origin(expr_inner);
        let mut items = Vec::new();
        let mut name = None;
        let form = match expr_inner {
            ast::Expr::Name(_) | ast::Expr::Attribute(_) => {
                name = self.resolve(expr_inner);
                Form::Name
            }
            ast::Expr::Call(call) => {
                name = self.resolve(&call.func).or_else(|| path_of(&call.func).map(|path| last(&path).to_owned()));
                if depth < MAX_DEPTH {
                    items = self.arguments(call, depth + 1);
                }
                let formats = matches!(&*call.func, ast::Expr::Attribute(node)
                    if node.attr.as_str() == "format" && matches!(&*node.value, ast::Expr::StringLiteral(_)));
                if formats { Form::Interpolated } else { Form::Call }
            }
            ast::Expr::FString(node) => {
                let fixed = !node.value.elements().any(ast::InterpolatedStringElement::is_interpolation);
                if fixed { Form::Literal } else { Form::Interpolated }
            }
            ast::Expr::BinOp(node)
                if matches!(node.op, ast::Operator::Add | ast::Operator::Mod) && is_text(&node.left)
                    || node.op == ast::Operator::Add && is_text(&node.right) =>
            {
                Form::Interpolated
            }
            ast::Expr::Dict(node) => {
                if depth < MAX_DEPTH {
                    for item in node.items.iter().take(MAX_ITEMS) {
                        let key = match &item.key {
                            None => "**".to_owned(),
                            Some(ast::Expr::StringLiteral(key)) => key.value.to_str().to_owned(),
                            Some(key) => self.text(key.range()),
                        };
                        items.push(self.operand(&item.value, Some(key), depth + 1));
                    }
                }
                Form::Dict
            }
            ast::Expr::Tuple(ast::ExprTuple { elts, .. }) => {
                items = self.elements(elts, depth);
                Form::Tuple
            }
            ast::Expr::List(ast::ExprList { elts, .. }) | ast::Expr::Set(ast::ExprSet { elts, .. }) => {
                items = self.elements(elts, depth);
                Form::Sequence
            }
            ast::Expr::StringLiteral(_)
            | ast::Expr::NumberLiteral(_)
            | ast::Expr::BooleanLiteral(_)
            | ast::Expr::NoneLiteral(_) => Form::Literal,
            ast::Expr::BoolOp(node) => {
                items = self.elements(&node.values, depth);
                Form::Other
            }
            ast::Expr::UnaryOp(node) if node.op == ast::UnaryOp::Not => {
                items = self.elements(std::slice::from_ref(&*node.operand), depth);
                Form::Other
            }
            _ => Form::Other,
        };
        Operand {
            keyword: keyword.or_else(|| expr.is_starred_expr().then(|| "*".to_owned())),
            text: self.text(expr.range()),
            form,
            constant: self.constant(expr_inner, 0),
            name,
            sources: origin.sources,
            names: origin.names,
            through: origin.through,
            items,
            location: self.location(expr.range()),
        }
    }

    fn elements(&self, elts: &'a [ast::Expr], depth: u32) -> Vec<Operand> {
        if depth >= MAX_DEPTH {
            return Vec::new();
        }
        elts.iter().take(MAX_ITEMS).map(|elt| self.operand(elt, None, depth + 1)).collect()
    }

    pub(super) fn arguments(&self, call: &'a ast::ExprCall, depth: u32) -> Vec<Operand> {
        let (args, keywords) = (call.arguments.args.iter(), call.arguments.keywords.iter());
        let mut out = Vec::with_capacity(args.len().min(MAX_ITEMS) + keywords.len().min(MAX_ITEMS));
        out.extend(args.take(MAX_ITEMS).map(|arg| self.operand(arg, None, depth)));
        for keyword in keywords.take(MAX_ITEMS) {
            let name = keyword.arg.as_ref().map_or("**".to_owned(), ToString::to_string);
            out.push(self.operand(&keyword.value, Some(name), depth));
        }
        out
    }

    /// The value of a literal, or of a name of the module or of an import that is bound to one.
    pub(super) fn constant(&self, expr: &'a ast::Expr, depth: u32) -> Option<Constant> {
        if depth > MAX_LOCALS {
            return None;
        }
        match expr {
            ast::Expr::StringLiteral(node) if depth > 0 => short(node),
            ast::Expr::StringLiteral(node) => Some(Constant::Str(node.value.to_str().to_owned())),
            ast::Expr::NumberLiteral(node) => match &node.value {
                ast::Number::Int(int) => int.as_i64().map(Constant::Int),
                ast::Number::Float(float) => Some(Constant::Float(*float)),
                ast::Number::Complex { .. } => None,
            },
            ast::Expr::BooleanLiteral(node) => Some(Constant::Bool(node.value)),
            ast::Expr::NoneLiteral(_) => Some(Constant::None),
            ast::Expr::UnaryOp(node) if node.op == ast::UnaryOp::USub => {
                match self.constant(&node.operand, depth + 1)? {
                    Constant::Int(value) => Some(Constant::Int(value.wrapping_neg())),
                    Constant::Float(value) => Some(Constant::Float(-value)),
                    _ => None,
                }
            }
            ast::Expr::Name(name) => match self.locals.get(name.id.as_str()) {
                Some(Local::Expr(value)) => self.constant(value, depth + 1),
                Some(_) => None,
                None if self.is_parameter(&name.id) => None,
                None => self.module_constant(&name.id),
            },
            ast::Expr::Attribute(node) => {
                // `status.HTTP_404_NOT_FOUND` and `HTTPStatus.NOT_FOUND` say what they are.
                if let Some(code) = status_constant(&node.attr, &node.value) {
                    return Some(Constant::Int(code));
                }
                let path = path_of(expr)?;
                let first = path.split('.').next()?;
                if self.locals.contains_key(first) || self.is_parameter(first) {
                    return None;
                }
                self.module_constant(&path)
            }
            _ => None,
        }
    }

    fn module_constant(&self, path: &str) -> Option<Constant> {
        let (at, value) = self.names.value(self.at, path)?;
        literal(value).or_else(|| {
            let path = path_of(value)?;
            let (_, value) = self.names.value(at, &path)?;
            literal(value)
        })
    }

    pub(super) fn origin(&self, expr: &'a ast::Expr) -> Origin {
        let mut out = Origin::default();
        let mut fuel = MAX_TRACED;
        self.trace(expr, 0, &mut fuel, &mut out);
        // There are many of them, and most have one name each: room for more would be most of what they take.
        for names in [&mut out.sources, &mut out.names, &mut out.through] {
            names.shrink_to_fit();
        }
        out
    }

    /// Adds what the expression is computed from; looks at `fuel` expressions of its locals at most.
    fn trace(&self, expr: &'a ast::Expr, depth: u32, fuel: &mut usize, out: &mut Origin) {
        struct Found<'a, 'f> {
            names: Vec<&'a str>,
            callees: Vec<&'a ast::Expr>,
            fuel: Option<&'f mut usize>,
        }
        impl<'a> Visitor<'a> for Found<'a, '_> {
            fn visit_expr(&mut self, expr: &'a ast::Expr) {
                if self.names.len() > MAX_ORIGINS * 4 {
                    return;
                }
                if let Some(fuel) = &mut self.fuel {
                    if **fuel == 0 {
                        return;
                    }
                    **fuel -= 1;
                }
                match expr {
                    ast::Expr::Name(name) => self.names.push(&name.id),
                    ast::Expr::Call(call) => self.callees.push(&call.func),
                    ast::Expr::Lambda(_) => return,
                    _ => {}
                }
                walk_expr(self, expr);
            }
        }
        match expr {
            ast::Expr::StringLiteral(_) | ast::Expr::NumberLiteral(_) => return,
            // Most are names, which need no search.
            ast::Expr::Name(name) if depth == 0 => {
                self.trace_name(&name.id, expr.range(), depth, fuel, out);
                return;
            }
            _ => {}
        }
        let mut found = Found { names: Vec::new(), callees: Vec::new(), fuel: (depth > 0).then_some(&mut *fuel) };
        found.visit_expr(expr);
        let Found { names, callees, .. } = found;
        for func in callees {
            let resolved = self.resolve_once(func);
            let name = resolved.as_deref().or(match func {
                ast::Expr::Attribute(node) => Some(node.attr.as_str()),
                _ => None,
            });
            if let Some(name) = name
                && out.through.len() < MAX_ORIGINS
                && !out.through.iter().any(|known| known == name)
            {
                push(&mut out.through, name.to_owned());
            }
        }
        for name in names {
            self.trace_name(name, expr.range(), depth, fuel, out);
        }
    }

    /// Adds a name that stands in the expression in `range`, and what that is computed from.
    fn trace_name(&self, name: &'a str, range: TextRange, depth: u32, fuel: &mut usize, out: &mut Origin) {
        if out.names.len() >= MAX_ORIGINS || out.names.iter().any(|known| known == name) {
            return;
        }
        push(&mut out.names, name.to_owned());
        if let Some(Local::Expr(value) | Local::Element(value)) = self.locals.get(name)
            && depth < MAX_LOCALS
        {
            let value: &'a ast::Expr = value;
            if !value.range().contains_range(range) {
                self.trace(value, depth + 1, fuel, out);
            }
        }
        // A parameter that is bound again still comes from what it was.
        if self.is_parameter(name) && !out.sources.iter().any(|known| known == name) {
            push(&mut out.sources, name.to_owned());
        }
    }

    /// What a name or an attribute stands for: `module:qualname` of the project, else a dotted path.
    pub(super) fn resolve(&self, expr: &'a ast::Expr) -> Option<String> {
        self.resolve_once(expr).as_deref().map(str::to_owned)
    }

    /// The same, worked out when the expression is first met: what is assigned later does not change what it stood for.
    fn resolve_once(&self, expr: &'a ast::Expr) -> Option<Rc<str>> {
        let place = std::ptr::from_ref(expr).addr();
        if let Some(known) = self.resolved.borrow().get(&place) {
            return known.clone();
        }
        let name = self.target(expr, 0).and_then(Target::into_name);
        self.resolved.borrow_mut().insert(place, name.clone());
        name
    }

    pub(super) fn target(&self, expr: &'a ast::Expr, depth: u32) -> Option<Target<'a>> {
        if depth > 8 {
            return None;
        }
        match expr {
            ast::Expr::Name(name) => {
                let id = name.id.as_str();
                match self.locals.get(id) {
                    Some(Local::Import(path)) => return self.names.dotted(path, 0),
                    Some(Local::Expr(value)) => {
                        let value: &'a ast::Expr = value;
                        return match value {
                            ast::Expr::Name(_) | ast::Expr::Attribute(_)
                                if !value.range().contains_range(expr.range()) =>
                            {
                                self.target(value, depth + 1)
                            }
                            _ => None,
                        };
                    }
                    Some(Local::Function(def)) => {
                        let name = format!("{}{}", self.inner.as_deref()?, def.name);
                        return Some(Target::Own(name.into(), super::names::Definition::Function(def)));
                    }
                    Some(_) => return None,
                    None => {}
                }
                if self.is_parameter(id) {
                    return None;
                }
                self.lookups.name(self.names, self.at, id).or_else(|| Some(Target::External(id.into())))
            }
            ast::Expr::Attribute(node) => {
                if let Some(class) = self.class_of(&node.value, depth + 1) {
                    return match class {
                        Target::Own(class, _) => self.lookups.member(self.names, &class, &node.attr),
                        Target::External(path) => Some(Target::External(format!("{path}.{}", node.attr).into())),
                        _ => None,
                    };
                }
                match self.target(&node.value, depth + 1)? {
                    Target::Own(name, super::names::Definition::Class(_)) => {
                        self.lookups.member(self.names, &name, &node.attr)
                    }
                    Target::Module(at) => {
                        let module = &self.names.modules[at].module.name;
                        self.names.dotted(&format!("{module}.{}", node.attr), 0)
                    }
                    Target::External(path) => Some(Target::External(format!("{path}.{}", node.attr).into())),
                    Target::Value(at, value, _) => match self.names.class_of_value(at, value, 0)? {
                        Target::Own(class, super::names::Definition::Class(_)) => {
                            self.lookups.member(self.names, &class, &node.attr)
                        }
                        Target::External(path) => Some(Target::External(format!("{path}.{}", node.attr).into())),
                        _ => None,
                    },
                    Target::Own(..) => None,
                }
            }
            ast::Expr::Call(call) => match self.target(&call.func, depth + 1)? {
                Target::External(path) => Some(Target::External(path)),
                _ => None,
            },
            _ => None,
        }
    }

    /// The class of which an expression is an instance.
    fn class_of(&self, expr: &'a ast::Expr, depth: u32) -> Option<Target<'a>> {
        match expr {
            ast::Expr::Name(name) => {
                let id = name.id.as_str();
                if let Some(Local::Expr(value)) = self.locals.get(id) {
                    let value: &'a ast::Expr = match value {
                        ast::Expr::Await(node) => &node.value,
                        other => other,
                    };
                    return match value {
                        ast::Expr::Call(_) if !value.range().contains_range(expr.range()) => {
                            self.class_of(value, depth + 1)
                        }
                        _ => None,
                    };
                }
                if self.locals.contains_key(id) {
                    return None;
                }
                if let (Some(class), true) = (&self.class, matches!(id, "self" | "cls"))
                    && self.parameters.first().is_some_and(|first| first.0 == id)
                {
                    return self.names.dotted(&class.replacen(':', ".", 1), 0);
                }
                let (_, annotation) = self.parameters.iter().find(|(name, _)| *name == id)?;
                match self.names.alias(self.at, (*annotation)?, 0)? {
                    Target::Own(name, definition @ super::names::Definition::Class(_)) => {
                        Some(Target::Own(name, definition))
                    }
                    Target::External(path) => Some(Target::External(path)),
                    _ => None,
                }
            }
            ast::Expr::Call(call) if depth < 8 => match self.target(&call.func, depth + 1)? {
                found @ Target::Own(_, super::names::Definition::Class(_)) => Some(found),
                _ => None,
            },
            _ => None,
        }
    }
}

/// Adds a name. Most lists have one: they get room for no more.
fn push(names: &mut Vec<String>, name: String) {
    if names.is_empty() {
        names.reserve_exact(1);
    }
    names.push(name);
}

/// The value of a text that is short enough to be copied to wherever it is named.
fn short(node: &ast::ExprStringLiteral) -> Option<Constant> {
    let text = node.value.to_str();
    (text.len() <= MAX_NAMED_TEXT).then(|| Constant::Str(text.to_owned()))
}

/// The value of a name that is bound to the literal.
fn literal(expr: &ast::Expr) -> Option<Constant> {
    Some(match expr {
        ast::Expr::StringLiteral(node) => short(node)?,
        ast::Expr::NumberLiteral(node) => match &node.value {
            ast::Number::Int(int) => Constant::Int(int.as_i64()?),
            ast::Number::Float(float) => Constant::Float(*float),
            ast::Number::Complex { .. } => return None,
        },
        ast::Expr::BooleanLiteral(node) => Constant::Bool(node.value),
        ast::Expr::NoneLiteral(_) => Constant::None,
        ast::Expr::Attribute(node) => Constant::Int(status_constant(&node.attr, &node.value)?),
        _ => return None,
    })
}

/// The number that names of statuses stand for.
fn status_constant(name: &str, base: &ast::Expr) -> Option<i64> {
    if let Some(rest) = name.strip_prefix("HTTP_") {
        return rest.get(..3)?.parse().ok();
    }
    let base = path_of(base)?;
    if last(&base) != "HTTPStatus" {
        return None;
    }
    Some(match name {
        "OK" => 200,
        "CREATED" => 201,
        "ACCEPTED" => 202,
        "NO_CONTENT" => 204,
        "BAD_REQUEST" => 400,
        "UNAUTHORIZED" => 401,
        "FORBIDDEN" => 403,
        "NOT_FOUND" => 404,
        "METHOD_NOT_ALLOWED" => 405,
        "NOT_ACCEPTABLE" => 406,
        "CONFLICT" => 409,
        "GONE" => 410,
        "PRECONDITION_FAILED" => 412,
        "UNPROCESSABLE_ENTITY" | "UNPROCESSABLE_CONTENT" => 422,
        "TOO_MANY_REQUESTS" => 429,
        "INTERNAL_SERVER_ERROR" => 500,
        "NOT_IMPLEMENTED" => 501,
        "SERVICE_UNAVAILABLE" => 503,
        _ => return None,
    })
}

pub(super) fn is_text(expr: &ast::Expr) -> bool {
    match expr {
        ast::Expr::StringLiteral(_) | ast::Expr::FString(_) => true,
        ast::Expr::BinOp(node) => node.op == ast::Operator::Add && (is_text(&node.left) || is_text(&node.right)),
        _ => false,
    }
}

pub(super) fn last(path: &str) -> &str {
    path.rsplit(['.', ':']).next().unwrap_or(path)
}
