//! Targets: assignments, and what tests say of the values behind names.

use ruff_python_ast as ast;
use ruff_text_size::Ranged;

use super::{Frame, Library, Machine, Size, V, Val};
use crate::value::{ObjectId, Site, Sym};

impl<'a, L: Library> Machine<'_, 'a, L> {
    /// Assigns to a target.
    pub(super) fn bind(&mut self, f: &mut Frame, target: &'a ast::Expr, value: Val) {
        match target {
            ast::Expr::Name(node) => {
                let name = self.ev.name_of(&node.id);
                self.set_var(f, name, value);
            }
            ast::Expr::Tuple(ast::ExprTuple { elts, .. }) | ast::Expr::List(ast::ExprList { elts, .. }) => {
                let items = match self.known_items(value) {
                    Some(items) if items.len() == elts.len() => items,
                    _ => {
                        let site = self.site(f, target.range());
                        let item = match self.v(value) {
                            V::Coll { elem, .. } => *elem,
                            V::Union(_) => {
                                self.used(f, value, self.names.iter, site);
                                self.iterate(f, value, site).0
                            }
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
                let name = self.ev.name_of(&node.attr);
                let site = self.site(f, target.range());
                self.used(f, object, name, site);
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
    pub fn assign_attribute(&mut self, f: &mut Frame, object: Val, name: Sym, value: Val, site: Site) {
        for part in self.values.parts(object) {
            if L::set_attribute(self, f, part, name, value, site) {
                continue;
            }
            match self.v(part) {
                V::Inst { .. } => {
                    let new = self.with(part, name, Some(value));
                    self.replace(f, part, new);
                }
                V::Heap(id) => {
                    let id = *id;
                    self.give(f, id, name, value);
                }
                _ => {}
            }
        }
    }

    /// Keeps what an attribute of an object of import time is given for as long as the function runs: the object itself
    /// stays as it is, since others are served meanwhile.
    fn give(&mut self, f: &mut Frame, id: ObjectId, name: Sym, value: Val) {
        let known = f.given.iter().find(|(object, attr, _)| (*object, *attr) == (id, name)).map(|(.., kept)| *kept);
        match known {
            // Whoever fills it next may be another function.
            _ if value == Val::NONE => {
                if let Some(kept) = known {
                    f.vars.retain(|(n, _)| *n != kept);
                }
            }
            Some(kept) => self.set_var(f, kept, value),
            None => {
                let kept = self.sym(&format!("<given {}>", f.given.len()));
                f.given.push((id, name, kept));
                self.set_var(f, kept, value);
            }
        }
    }

    /// What the function under way gave an attribute of an object of import time.
    pub(super) fn given(&self, f: &Frame, id: ObjectId, name: Sym) -> Option<Val> {
        let (.., kept) = f.given.iter().find(|(object, attr, _)| (*object, *attr) == (id, name))?;
        f.vars.iter().find(|(n, _)| n == kept).map(|(_, value)| *value)
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
    pub(super) fn filter(
        &mut self,
        f: &mut Frame,
        target: &'a ast::Expr,
        keep: &mut dyn FnMut(&mut Self, Val) -> bool,
    ) {
        let name = match target {
            ast::Expr::Name(node) => self.ev.name_of(&node.id),
            ast::Expr::Named(node) => return self.filter(f, &node.target, keep),
            ast::Expr::Attribute(node) => {
                // `self.x`: the attribute of the instance.
                let ast::Expr::Name(base) = &*node.value else { return };
                let base = self.ev.name_of(&base.id);
                let Some(object) = f.vars.iter().find(|(n, _)| *n == base).map(|(_, v)| *v) else { return };
                let attr = self.ev.name_of(&node.attr);
                let value = match (self.own(object, attr), self.v(object)) {
                    (Some(value), _) => value,
                    (None, V::Inst { class, .. }) => {
                        let class = *class;
                        let typed = if L::is_sent(self, object) { self.field_type(class, attr) } else { None };
                        let Some(typed) = typed else { return };
                        typed
                    }
                    _ => return,
                };
                f.lookups.asked(value);
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
        let looked_up = f.lookups.knows(value);
        f.lookups.asked(value);
        let V::Union(parts) = self.v(value).clone() else { return };
        let left: Vec<Val> = parts.iter().copied().filter(|part| keep(self, *part)).collect();
        if looked_up && *left == [Val::NONE] {
            f.lookups.set_missing(true);
        }
        if !left.is_empty() && left.len() < parts.len() {
            let value = self.union(left);
            self.set_var(f, name, value);
        }
    }
}
