//! What becomes of a list of objects: whether it only is summed up, searched, filtered or cut, by attributes of its
//! elements.
//!
//! Only what a database could do as well is read: attributes of the elements, compared with each other or with what has
//! nothing to do with them, added up and counted.

use ruff_python_ast as ast;
use ruff_python_ast::visitor::{Visitor, walk_expr};
use ruff_text_size::{Ranged, TextRange};

use crate::parse::Module;
use crate::turned::in_loop;
use crate::ways::{Part, function};

/// What is made of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reduces {
    /// A sum or a mean.
    Sum,
    /// How many of them have something.
    Count,
    /// The largest, or what has the largest.
    Greatest,
    /// The smallest, or what has the smallest.
    Least,
    /// Whether one of them has something, or all have.
    Test,
    /// A number for each group.
    Group,
    /// Each value once.
    Distinct,
    /// The first few in an order.
    Top,
    /// The first that has something.
    Find,
    /// Those that have something.
    Filter,
    /// Some of them, by their place.
    Page,
    /// All of them in an order.
    Sort,
}

impl Reduces {
    /// Whether elements are left, and not only what was computed of them.
    #[must_use]
    pub fn keeps(self) -> bool {
        matches!(self, Self::Filter | Self::Page | Self::Sort)
    }
}

/// A list, and what is made of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reduction {
    /// What.
    pub how: Reduces,
    /// Attributes of the elements that are read for it.
    pub attributes: Vec<String>,
    /// Those of them that are measured: `len(post.comments)`.
    pub measured: Vec<String>,
    /// Whether an attribute is looked up in something that is not written down there.
    pub looked_up: bool,
    /// Whether the list is used for other such things as well.
    pub shared: bool,
    /// The list itself: an attribute, where it is one.
    pub of_attribute: bool,
}

impl Module {
    /// What is made of the list that a loop or a comprehension is over, that a call such as `sorted(rows, key=...)` is
    /// given, or that is cut (`rows[:10]`): `at` is what the loop is over, the call, or the cut. Nothing where more
    /// happens to the list, or where that is not seen.
    #[must_use]
    pub fn reduces(&self, at: TextRange) -> Option<Reduction> {
        let found = self.way_to(at)?;
        let Some(Part::Expr(expr)) = found.last() else { return None };
        let subject = match expr {
            ast::Expr::Call(call) if key_of(call).is_some() => call.arguments.args.first()?,
            ast::Expr::Subscript(node) if node.slice.is_slice_expr() => &*node.value,
            other => other,
        };
        let chain = if subject.range() == at { found } else { self.way_to(subject.range())? };
        let (Use::Reduced(mut own), body) = (classify(&chain), function(&chain)?) else { return None };
        match subject {
            ast::Expr::Name(name) => {
                let mut uses = Uses { name: &name.id, reads: Vec::new(), binds: Vec::new() };
                body.iter().for_each(|stmt| uses.visit_stmt(stmt));
                let start = name.range.start();
                let bound =
                    *uses.binds.iter().filter(|bound| bound.start() < start).max_by_key(|bound| bound.start())?;
                let until = uses.binds.iter().map(Ranged::start).filter(|bound| *bound > start).min();
                if repeated(&chain, bound) {
                    return None;
                }
                for read in uses.reads {
                    let before = read.start() < bound.start() || until.is_some_and(|until| read.start() > until);
                    if before || read == name.range {
                        continue;
                    }
                    let chain = self.way_to(read)?;
                    match classify(&chain) {
                        Use::Measured => {}
                        Use::Reduced(other) => {
                            // Two parts of a list may be all of it.
                            if repeated(&chain, bound) || other.how.keeps() && own.how.keeps() {
                                return None;
                            }
                            own.shared |= other.how.keeps() || own.how.keeps();
                        }
                        Use::Other => return None,
                    }
                }
            }
            ast::Expr::Call(_) | ast::Expr::Await(_) => {}
            ast::Expr::Attribute(node) => {
                // Read anywhere else in the function, it is loaded for that, too.
                let mut reads = AttributeReads { name: &node.attr, count: 0 };
                body.iter().for_each(|stmt| reads.visit_stmt(stmt));
                if reads.count != 1 {
                    return None;
                }
                own.of_attribute = true;
            }
            _ => return None,
        }
        Some(own)
    }
}

impl Module {
    /// The list that a comprehension makes of all elements of another one, each by a call that is given it
    /// (`[Shown.model_validate(row) for row in rows]`): where it stands. `at` is what the comprehension is over.
    #[must_use]
    pub fn converts(&self, at: TextRange) -> Option<TextRange> {
        let chain = self.way_to(at)?;
        let [.., Part::Expr(ast::Expr::ListComp(node)), Part::Expr(_)] = &chain[..] else { return None };
        let ([only], ast::Expr::Call(call)) = (&node.generators[..], &*node.elt) else { return None };
        let ast::Expr::Name(element) = &only.target else { return None };
        let given = call.arguments.args.iter().any(|arg| matches!(arg, ast::Expr::Name(name) if name.id == element.id));
        (given && only.ifs.is_empty() && only.iter.range() == at).then_some(node.range)
    }
}

/// Reads and bindings of a name.
struct Uses<'a> {
    name: &'a str,
    reads: Vec<TextRange>,
    binds: Vec<TextRange>,
}

impl<'a> Visitor<'a> for Uses<'a> {
    fn visit_expr(&mut self, expr: &'a ast::Expr) {
        if let ast::Expr::Name(node) = expr
            && node.id == self.name
        {
            if node.ctx.is_store() { self.binds.push(node.range) } else { self.reads.push(node.range) }
        }
        walk_expr(self, expr);
    }
}

/// How often an attribute of that name is read.
struct AttributeReads<'a> {
    name: &'a str,
    count: usize,
}

impl<'a> Visitor<'a> for AttributeReads<'a> {
    fn visit_expr(&mut self, expr: &'a ast::Expr) {
        self.count += usize::from(matches!(expr, ast::Expr::Attribute(node) if node.attr.as_str() == self.name));
        walk_expr(self, expr);
    }
}

/// Whether a list that is bound outside of a loop, or of a function, is used in it: rows that are fetched once and
/// looked up many times are what loading them is for.
fn repeated(chain: &[Part<'_>], bound: TextRange) -> bool {
    let Some(subject) = chain.last().map(|part| part.range()) else { return true };
    chain.iter().any(|part| {
        let turns = match part {
            Part::Stmt(ast::Stmt::For(node)) => !node.iter.range().contains_range(subject),
            Part::Stmt(ast::Stmt::While(_) | ast::Stmt::FunctionDef(_)) | Part::Expr(ast::Expr::Lambda(_)) => true,
            Part::Expr(expr) => generators(expr)
                .and_then(|all| all.first())
                .is_some_and(|first| !first.iter.range().contains_range(subject)),
            Part::Stmt(_) => false,
        };
        turns && !part.range().contains_range(bound)
    })
}

enum Use {
    /// Asked whether there are any, or how many.
    Measured,
    Reduced(Reduction),
    Other,
}

fn generators(expr: &ast::Expr) -> Option<&[ast::Comprehension]> {
    match expr {
        ast::Expr::ListComp(node) => Some(&node.generators),
        ast::Expr::SetComp(node) => Some(&node.generators),
        ast::Expr::DictComp(node) => Some(&node.generators),
        ast::Expr::Generator(node) => Some(&node.generators),
        _ => None,
    }
}

/// The last name of what is called: `Counter` of `collections.Counter`.
fn called(call: &ast::ExprCall) -> &str {
    match &*call.func {
        ast::Expr::Name(name) => &name.id,
        ast::Expr::Attribute(node) if node.value.is_name_expr() => &node.attr,
        _ => "",
    }
}

/// `key=` of `sorted`, `min` and `max`.
fn key_of(call: &ast::ExprCall) -> Option<&ast::Expr> {
    let ast::Expr::Name(name) = &*call.func else { return None };
    let key = call.arguments.keywords.iter().find(|keyword| keyword.arg.as_deref() == Some("key"))?;
    (matches!(name.id.as_str(), "sorted" | "min" | "max") && call.arguments.args.len() == 1).then_some(&key.value)
}

/// What is done with the last of a way.
fn classify(chain: &[Part<'_>]) -> Use {
    let Some((Part::Expr(subject), around)) = chain.split_last() else { return Use::Other };
    let of_subject = |expr: &ast::Expr| expr.range() == subject.range();
    let reduced = match around.last() {
        Some(Part::Stmt(ast::Stmt::For(node))) if of_subject(&node.iter) => in_loop(node),
        Some(Part::Stmt(ast::Stmt::If(_) | ast::Stmt::While(_))) => return Use::Measured,
        Some(Part::Expr(expr)) => match expr {
            ast::Expr::UnaryOp(node) if node.op == ast::UnaryOp::Not => return Use::Measured,
            ast::Expr::BoolOp(node) if !node.values.last().is_some_and(of_subject) => return Use::Measured,
            ast::Expr::If(node) if of_subject(&node.test) => return Use::Measured,
            ast::Expr::Call(call) if matches!(called(call), "len" | "bool") => return Use::Measured,
            ast::Expr::Call(call) => ordered(call, around),
            ast::Expr::Subscript(node) if node.slice.is_slice_expr() && of_subject(&node.value) => {
                Some(Found::default().into(Reduces::Page))
            }
            comprehension => match generators(comprehension) {
                Some([only]) if of_subject(&only.iter) => comprehended(comprehension, only, around),
                _ => None,
            },
        },
        _ => None,
    };
    reduced.map_or(Use::Other, Use::Reduced)
}

/// `sorted(rows, key=...)` and the like; the call is the last of the way.
fn ordered(call: &ast::ExprCall, around: &[Part<'_>]) -> Option<Reduction> {
    let mut found = Found::default();
    match key_of(call)? {
        ast::Expr::Lambda(lambda) => {
            let parameters = lambda.parameters.as_deref()?;
            let [only] = &parameters.args[..] else { return None };
            found.element = only.parameter.name.as_str();
            if !found.reads(&lambda.body) {
                return None;
            }
        }
        ast::Expr::Call(getter) if called(getter) == "attrgetter" => {
            for arg in &getter.arguments.args {
                let ast::Expr::StringLiteral(name) = arg else { return None };
                found.attributes.push(name.value.to_str().to_owned());
            }
        }
        _ => return None,
    }
    if found.attributes.is_empty() || !found.measured.is_empty() {
        return None;
    }
    let ends = matches!(around.iter().rev().nth(1), Some(Part::Expr(ast::Expr::Subscript(node)))
        if node.value.range() == call.range() && (node.slice.is_slice_expr() || is_number(&node.slice)));
    Some(found.into(match called(call) {
        "max" => Reduces::Greatest,
        "min" => Reduces::Least,
        _ if ends => Reduces::Top,
        _ => Reduces::Sort,
    }))
}

pub(crate) fn is_number(expr: &ast::Expr) -> bool {
    match expr {
        ast::Expr::UnaryOp(node) => is_number(&node.operand),
        other => other.is_number_literal_expr(),
    }
}

/// A comprehension over the list; it is the last of the way.
fn comprehended(expr: &ast::Expr, over: &ast::Comprehension, around: &[Part<'_>]) -> Option<Reduction> {
    let ast::Expr::Name(element) = &over.target else { return None };
    let mut found = Found { element: &element.id, ..Found::default() };
    if !over.ifs.iter().all(|test| found.reads(test)) || !found.measured.is_empty() {
        return None;
    }
    let filters = !found.attributes.is_empty();
    let given = match around.iter().rev().nth(1) {
        Some(Part::Expr(ast::Expr::Call(call)))
            if call.arguments.args.first().is_some_and(|first| first.range() == expr.range()) =>
        {
            called(call)
        }
        _ => "",
    };
    let value = match expr {
        ast::Expr::ListComp(node) => &node.elt,
        ast::Expr::Generator(node) => &node.elt,
        ast::Expr::SetComp(node) => &node.elt,
        _ => return filters.then(|| found.into(Reduces::Filter)),
    };
    let each_once = expr.is_set_comp_expr() || given == "set";
    let counts = is_number(value);
    let how = match given {
        "sum" if counts => Some(Reduces::Count),
        "len" => Some(Reduces::Count),
        "sum" | "fsum" | "mean" | "fmean" => Some(Reduces::Sum),
        "max" => Some(Reduces::Greatest),
        "min" => Some(Reduces::Least),
        "any" | "all" => Some(Reduces::Test),
        "Counter" => Some(Reduces::Group),
        "next" => {
            return filters.then(|| found.into(Reduces::Find));
        }
        _ => None,
    };
    match how {
        // `len([row for row in rows])` is the number of rows: another matter.
        Some(Reduces::Count) => filters.then(|| found.into(Reduces::Count)),
        Some(how) => {
            let sums = how == Reduces::Sum || found.measured.is_empty();
            (found.reads(value) && sums && !found.is_empty()).then(|| found.into(how))
        }
        None if each_once && !filters => {
            let reads = value.is_attribute_expr() && found.reads(value);
            (reads && !found.is_empty()).then(|| found.into(Reduces::Distinct))
        }
        None => filters.then(|| found.into(Reduces::Filter)),
    }
}

/// Attributes of an element that expressions read.
#[derive(Default)]
pub(crate) struct Found<'a> {
    pub(crate) element: &'a str,
    attributes: Vec<String>,
    measured: Vec<String>,
    looked_up: bool,
}

impl<'a> Found<'a> {
    pub(crate) fn of(element: &'a str) -> Self {
        Self { element, ..Self::default() }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.attributes.is_empty() && self.measured.is_empty()
    }

    pub(crate) fn into(self, how: Reduces) -> Reduction {
        let Self { attributes, measured, looked_up, .. } = self;
        Reduction { how, attributes, measured, looked_up, shared: false, of_attribute: false }
    }

    /// Whether an expression reads nothing of the element but attributes, and does nothing with them that a database
    /// could not do.
    pub(crate) fn reads(&mut self, expr: &ast::Expr) -> bool {
        match expr {
            ast::Expr::Attribute(node) => match &*node.value {
                ast::Expr::Name(name) if name.id == self.element => {
                    self.note(&node.attr);
                    true
                }
                _ => !self.mentions(expr),
            },
            ast::Expr::BoolOp(node) => node.values.iter().all(|value| self.reads(value)),
            ast::Expr::UnaryOp(node) => self.reads(&node.operand),
            ast::Expr::BinOp(node) => {
                use ast::Operator::{Add, Div, Mult, Sub};
                let known = matches!(node.op, Add | Sub | Mult | Div) || !self.mentions(expr);
                known && self.reads(&node.left) && self.reads(&node.right)
            }
            ast::Expr::If(node) => self.reads(&node.test) && self.reads(&node.body) && self.reads(&node.orelse),
            ast::Expr::Tuple(node) => node.elts.iter().all(|value| self.reads(value)),
            ast::Expr::Compare(node) => {
                for (op, right) in node.ops.iter().zip(&node.comparators) {
                    if matches!(op, ast::CmpOp::In | ast::CmpOp::NotIn) {
                        if self.mentions(right) {
                            return false;
                        }
                        self.looked_up |= !is_written(right);
                    }
                }
                self.reads(&node.left) && node.comparators.iter().all(|value| self.reads(value))
            }
            ast::Expr::Call(call) if self.mentions(expr) => {
                let ast::Expr::Name(function) = &*call.func else { return false };
                let ([only], true) = (&call.arguments.args[..], call.arguments.keywords.is_empty()) else {
                    return false;
                };
                match function.id.as_str() {
                    "len" => match only {
                        ast::Expr::Attribute(node) if matches!(&*node.value, ast::Expr::Name(name) if name.id == self.element) =>
                        {
                            self.measured.push(node.attr.to_string());
                            true
                        }
                        _ => false,
                    },
                    "float" | "int" | "bool" | "abs" | "round" | "Decimal" => self.reads(only),
                    _ => false,
                }
            }
            other => !self.mentions(other),
        }
    }

    fn note(&mut self, attribute: &str) {
        if !self.attributes.iter().any(|known| known == attribute) {
            self.attributes.push(attribute.to_owned());
        }
    }

    pub(crate) fn mentions(&self, expr: &ast::Expr) -> bool {
        let mut uses = Uses { name: self.element, reads: Vec::new(), binds: Vec::new() };
        uses.visit_expr(expr);
        !uses.reads.is_empty() || !uses.binds.is_empty()
    }
}

/// Whether a list is written down where it is looked up.
fn is_written(expr: &ast::Expr) -> bool {
    matches!(expr, ast::Expr::Tuple(_) | ast::Expr::List(_) | ast::Expr::Set(_))
}
