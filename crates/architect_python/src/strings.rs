//! Texts that a function names, and which of them it asks for on its way to some places.

use ruff_python_ast as ast;
use ruff_python_ast::visitor::{Visitor, walk_expr, walk_stmt};
use ruff_text_size::{Ranged, TextRange};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::body::ends;
use crate::eval::Evaluator;
use crate::value::{EnvId, FunctionNode, ModuleId, Object, ObjectId, Site, Value};

/// Tests and variables are followed so deep.
const MAX_DEPTH: u32 = 20;
/// Parts of tests that are looked at in one function, at most.
const MAX_PARTS: u32 = 10_000;

/// Texts that a function names: in its body, in what that names of modules, and in attributes of the object that it is a
/// method of.
#[derive(Clone, Debug, Default)]
pub struct Strings {
    /// Those without one of which it does not come to any of the places.
    pub needed: Vec<String>,
    /// All others.
    pub others: Vec<String>,
}

/// The texts of a function, with the places it may come to, and what calls in it stand for.
pub fn strings<'a>(
    machine: &mut Evaluator<'a>,
    function: Value,
    receiver: Option<ObjectId>,
    places: &[Site],
    calls: &FxHashMap<Site, Vec<String>>,
) -> Strings {
    let Some((_, object)) = machine.function(function) else { return Strings::default() };
    let FunctionNode::Def(def) = object.node else { return Strings::default() };
    let mut reader = Reader {
        module: object.module,
        env: object.env,
        def,
        receiver,
        machine,
        places,
        calls,
        bound: FxHashMap::default(),
        seen: FxHashSet::default(),
        visited: FxHashSet::default(),
        left: MAX_PARTS,
        needed: vec![Vec::new(); places.len()],
        others: Vec::new(),
    };
    let mut tests = Tests::default();
    def.body.iter().for_each(|stmt| tests.visit_stmt(stmt));
    reader.bound = tests.bound;
    for (test, body, leaves) in tests.tests {
        let inside = |place: &Site| body.contains_range(place.range);
        let after = |place: &Site| leaves && place.range.start() >= body.end();
        let (mut asked, mut excluded) = (Vec::new(), Vec::new());
        reader.visited.clear();
        reader.asked(test, true, 0, &mut asked, &mut excluded);
        for (at, place) in places.iter().enumerate() {
            let needed = if inside(place) {
                &asked
            } else if after(place) {
                &excluded
            } else {
                continue;
            };
            reader.needed[at].extend(needed.iter().filter(|text| text.starts_with('/')).cloned());
        }
        // What leads to a place is asked for, and what leads around it let through.
        let leads_there = places.iter().any(inside);
        reader.others.extend(if leads_there { excluded } else { asked });
    }
    for expr in tests.texts {
        if !reader.seen.contains(&expr.range()) {
            reader.text(expr);
        }
    }
    let is_needed = !reader.needed.is_empty() && reader.needed.iter().all(|needed| !needed.is_empty());
    let needed = if is_needed { reader.needed.concat() } else { Vec::new() };
    // A test that leads nowhere says nothing else of it.
    let known: FxHashSet<&String> = needed.iter().collect();
    reader.others.retain(|text| !known.contains(text));
    Strings { others: reader.others, needed }
}

/// Tests with the range of what they lead to and whether that leaves the function; what variables are bound to; all that
/// may be a text.
#[derive(Default)]
struct Tests<'a> {
    tests: Vec<(&'a ast::Expr, TextRange, bool)>,
    bound: FxHashMap<&'a str, &'a ast::Expr>,
    texts: Vec<&'a ast::Expr>,
}

impl<'a> Visitor<'a> for Tests<'a> {
    fn visit_stmt(&mut self, stmt: &'a ast::Stmt) {
        match stmt {
            ast::Stmt::If(node) => {
                let clauses = node.elif_else_clauses.iter().map(|clause| (clause.test.as_ref(), &clause.body));
                for (test, body) in std::iter::once((Some(&*node.test), &node.body)).chain(clauses) {
                    if let (Some(test), Some(first), Some(last)) = (test, body.first(), body.last()) {
                        let range = TextRange::new(first.start(), last.end());
                        self.tests.push((test, range, ends(body)));
                    }
                }
            }
            ast::Stmt::Assign(node) => {
                if let [ast::Expr::Name(name)] = &*node.targets {
                    self.bound.insert(&name.id, &node.value);
                }
            }
            _ => {}
        }
        walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, expr: &'a ast::Expr) {
        match expr {
            ast::Expr::Name(name) if !name.ctx.is_load() => {}
            ast::Expr::StringLiteral(_) | ast::Expr::Name(_) | ast::Expr::Attribute(_) | ast::Expr::Call(_) => {
                self.texts.push(expr);
            }
            _ => {}
        }
        walk_expr(self, expr);
    }
}

struct Reader<'m, 'a> {
    machine: &'m mut Evaluator<'a>,
    module: ModuleId,
    env: Option<EnvId>,
    def: &'a ast::StmtFunctionDef,
    receiver: Option<ObjectId>,
    places: &'m [Site],
    calls: &'m FxHashMap<Site, Vec<String>>,
    bound: FxHashMap<&'a str, &'a ast::Expr>,
    /// Texts in tests.
    seen: FxHashSet<TextRange>,
    /// What of one test was looked at.
    visited: FxHashSet<TextRange>,
    left: u32,
    /// What is needed for each place.
    needed: Vec<Vec<String>>,
    others: Vec<String>,
}

impl<'a> Reader<'_, 'a> {
    /// Texts that a test asks for, and those of which it asks that they are not there.
    fn asked(
        &mut self,
        test: &'a ast::Expr,
        sign: bool,
        depth: u32,
        asked: &mut Vec<String>,
        excluded: &mut Vec<String>,
    ) {
        struct Parts<'a>(Vec<&'a ast::Expr>);
        impl<'a> Visitor<'a> for Parts<'a> {
            fn visit_expr(&mut self, expr: &'a ast::Expr) {
                self.0.push(expr);
            }
        }
        if depth > MAX_DEPTH || self.left == 0 || self.places.is_empty() || !self.visited.insert(test.range()) {
            return;
        }
        self.left -= 1;
        let mut inner = sign;
        match test {
            ast::Expr::UnaryOp(node) if node.op == ast::UnaryOp::Not => inner = !sign,
            ast::Expr::Compare(node) => {
                let is_not = |op: &ast::CmpOp| matches!(op, ast::CmpOp::NotIn | ast::CmpOp::NotEq);
                if node.ops.iter().any(is_not) {
                    inner = !sign;
                }
            }
            ast::Expr::Name(name) => {
                if let Some(bound) = self.bound.get(name.id.as_str()).copied()
                    && !bound.range().contains_range(test.range())
                {
                    self.asked(bound, sign, depth + 1, asked, excluded);
                    return;
                }
            }
            _ => {}
        }
        if matches!(
            test,
            ast::Expr::StringLiteral(_) | ast::Expr::Name(_) | ast::Expr::Attribute(_) | ast::Expr::Call(_)
        ) {
            self.seen.insert(test.range());
            let before = self.others.len();
            self.text(test);
            let found = self.others.split_off(before);
            if sign { asked.extend(found) } else { excluded.extend(found) }
        }
        let mut parts = Parts(Vec::new());
        walk_expr(&mut parts, test);
        for part in parts.0 {
            self.asked(part, inner, depth + 1, asked, excluded);
        }
    }

    /// The texts that an expression is, or holds.
    fn text(&mut self, expr: &'a ast::Expr) {
        match expr {
            ast::Expr::StringLiteral(node) => {
                self.others.push(node.value.to_str().to_owned());
                return;
            }
            ast::Expr::Call(_) => {
                let site = Site { module: self.module, range: expr.range() };
                self.others.extend(self.calls.get(&site).into_iter().flatten().cloned());
                return;
            }
            _ => {}
        }
        let mut names = Vec::new();
        let mut at = expr;
        while let ast::Expr::Attribute(node) = at {
            names.push(node.attr.as_str());
            at = &node.value;
        }
        let ast::Expr::Name(root) = at else { return };
        let mut parameters = self.def.parameters.iter().map(|parameter| parameter.name().as_str());
        let first = parameters.next();
        let mut value = match self.receiver {
            Some(receiver) if first == Some(root.id.as_str()) => Some(Value::Obj(receiver)),
            // What comes with the call is not known.
            _ if first == Some(root.id.as_str()) || parameters.any(|name| name == root.id.as_str()) => None,
            _ => self.machine.annotation(at, self.module, self.env, None),
        };
        while let (Some(base), Some(name)) = (value, names.pop()) {
            value = self.machine.get(base, name);
        }
        let Some(value) = value else { return };
        if matches!(self.machine.obj(value), Some(Object::List(..) | Object::Tuple(_) | Object::Set(_))) {
            let items = self.machine.items(value).ok().flatten().map(|(items, _)| items).unwrap_or_default();
            self.others.extend(items.into_iter().filter_map(|item| self.machine.text(item).map(str::to_owned)));
        } else if let Some(text) = self.machine.text(value) {
            self.others.push(text.to_owned());
        }
    }
}
