//! Joining what several paths leave behind, and putting one value in the place of another.

use rustc_hash::FxHashMap;

use super::{Frame, Kind, Library, Machine, Node, Size, V, Val};
use crate::value::Sym;

/// Alternatives of one value at most.
const MAX_PARTS: usize = 8;
/// How deep values are searched.
const MAX_DEPTH: u32 = 7;
/// Changes a summary hands to its callers at most.
const MAX_CHANGES: usize = 160;

impl<L: Library> Machine<'_, '_, L> {
    /// One of several values.
    pub fn union(&mut self, values: Vec<Val>) -> Val {
        let mut flat: Vec<Val> = Vec::new();
        for value in values {
            for part in self.values.parts(value) {
                if !flat.contains(&part) {
                    flat.push(part);
                }
            }
        }
        if flat.len() > 1 {
            flat = self.merge(flat);
        }
        match flat.len() {
            0 => Val::NONE,
            1 => flat[0],
            n if n <= MAX_PARTS => {
                flat.sort();
                self.make(V::Union(flat.into()))
            }
            _ => Val::UNKNOWN,
        }
    }

    /// Merges values of one kind.
    fn merge(&mut self, flat: Vec<Val>) -> Vec<Val> {
        let mut out: Vec<Val> = Vec::new();
        'next: for value in flat {
            if value == Val::UNKNOWN && !out.is_empty() && out.iter().any(|v| self.is_telling(*v)) {
                continue;
            }
            for slot in &mut out {
                if let Some(joined) = self.join_two(*slot, value) {
                    *slot = joined;
                    continue 'next;
                }
            }
            out.push(value);
        }
        // What is known of one path is worth more than that nothing is known of another.
        if out.len() > 1 && out.contains(&Val::UNKNOWN) && out.iter().any(|v| self.is_telling(*v)) {
            out.retain(|v| *v != Val::UNKNOWN);
        }
        out
    }

    fn is_telling(&self, value: Val) -> bool {
        matches!(self.v(value), V::Inst { .. } | V::Lib(..) | V::Coll { .. })
    }

    fn join_two(&mut self, a: Val, b: Val) -> Option<Val> {
        let (left, right) = (self.v(a).clone(), self.v(b).clone());
        match (left, right) {
            (V::Bool(_), V::Bool(_)) => Some(self.scalar("bool")),
            (V::Bool(_), V::Scalar(s)) | (V::Scalar(s), V::Bool(_)) if self.name(s) == "bool" => {
                Some(self.make(V::Scalar(s)))
            }
            (V::Int(_), V::Int(_)) => Some(self.scalar("int")),
            (V::Int(_), V::Scalar(s)) | (V::Scalar(s), V::Int(_)) if self.name(s) == "int" => {
                Some(self.make(V::Scalar(s)))
            }
            (V::Str(_), V::Scalar(s)) | (V::Scalar(s), V::Str(_)) if self.name(s) == "str" => {
                Some(self.make(V::Scalar(s)))
            }
            (
                V::Inst { class, tag, site, attrs },
                V::Inst { class: other_class, tag: other_tag, site: other_site, attrs: other },
            ) if class == other_class && (tag == other_tag) => {
                let mut joined: Vec<(Sym, Val)> = Vec::new();
                for (name, value) in &attrs {
                    if let Some((_, theirs)) = other.iter().find(|(n, _)| n == name) {
                        let value = if value == theirs { *value } else { self.union(vec![*value, *theirs]) };
                        joined.push((*name, value));
                    }
                }
                let site = if site == other_site { site } else { site.or(other_site) };
                Some(self.make(V::Inst { class, tag, site, attrs: joined.into() }))
            }
            (V::Coll { kind, elem, size, site }, V::Coll { elem: other, size: other_size, .. }) => {
                let elem = self.union(vec![elem, other]);
                let size = larger(size, other_size);
                Some(self.make(V::Coll { kind, elem, size, site }))
            }
            (V::Coll { kind, elem, size, site }, V::Seq { items, .. })
            | (V::Seq { items, .. }, V::Coll { kind, elem, size, site }) => {
                let mut all = items.into_vec();
                all.push(elem);
                let elem = self.union(all);
                Some(self.make(V::Coll { kind, elem, size, site }))
            }
            (V::Seq { tuple, items, site }, V::Seq { items: other, .. }) => {
                if items.len() == other.len() {
                    let items: Vec<Val> =
                        items.iter().zip(other.iter()).map(|(a, b)| self.union(vec![*a, *b])).collect();
                    return Some(self.make(V::Seq { tuple, items: items.into(), site }));
                }
                let size = Size::Known(u32::try_from(items.len().max(other.len())).unwrap_or(0));
                let mut all = items.into_vec();
                all.extend(other.into_vec());
                let elem = self.union(all);
                Some(self.make(V::Coll { kind: Kind::List, elem, size, site }))
            }
            (V::Dict { items, rest, site }, V::Dict { items: other, rest: other_rest, .. }) => {
                let mut joined: Vec<(Sym, Val)> = items.to_vec();
                for (name, value) in other {
                    match joined.iter_mut().find(|(n, _)| *n == name) {
                        Some(slot) => slot.1 = self.union(vec![slot.1, value]),
                        None => joined.push((name, value)),
                    }
                }
                joined.sort_by_key(|(n, _)| *n);
                let rest = match (rest, other_rest) {
                    (Some(a), Some(b)) => Some(self.union(vec![a, b])),
                    (a, b) => a.or(b),
                };
                Some(self.make(V::Dict { items: joined.into(), rest, site }))
            }
            (V::Lib(..), V::Lib(..)) => L::join(self, a, b),
            _ => None,
        }
    }

    /// Joins the variables of two paths.
    pub(super) fn join_vars(&mut self, a: Vec<(Sym, Val)>, b: Vec<(Sym, Val)>) -> Vec<(Sym, Val)> {
        let mut out = a;
        for (name, value) in b {
            match out.iter_mut().find(|(n, _)| *n == name) {
                Some(slot) if slot.1 == value => {}
                Some(slot) => slot.1 = self.union(vec![slot.1, value]),
                None => out.push((name, value)),
            }
        }
        out
    }

    /// A value with another in the place of one inside it. What is known already is not built again: values share parts.
    fn rewrite(&mut self, val: Val, from: Val, to: Val, depth: u32, known: &mut FxHashMap<Val, Val>) -> Val {
        if val == from {
            return to;
        }
        if !self.values.may_hold(val, from) {
            return val;
        }
        if let Some(new) = known.get(&val) {
            return *new;
        }
        let new = self.rebuild(val, depth, &mut |m, inner, depth| m.rewrite(inner, from, to, depth, known));
        known.insert(val, new);
        new
    }

    /// A value with its parts changed by a function.
    pub fn rebuild(&mut self, val: Val, depth: u32, change: &mut dyn FnMut(&mut Self, Val, u32) -> Val) -> Val {
        if depth > MAX_DEPTH || val.0 < 4 {
            return val;
        }
        self.steps = self.steps.saturating_sub(1);
        let next = depth + 1;
        let named = |m: &mut Self, items: &[(Sym, Val)], change: &mut dyn FnMut(&mut Self, Val, u32) -> Val| {
            let mut changed = false;
            let new: Vec<(Sym, Val)> = items
                .iter()
                .map(|(name, value)| {
                    let new = change(m, *value, next);
                    changed |= new != *value;
                    (*name, new)
                })
                .collect();
            changed.then_some(new)
        };
        let list = |m: &mut Self, items: &[Val], change: &mut dyn FnMut(&mut Self, Val, u32) -> Val| {
            let mut changed = false;
            let new: Vec<Val> = items
                .iter()
                .map(|value| {
                    let new = change(m, *value, next);
                    changed |= new != *value;
                    new
                })
                .collect();
            changed.then_some(new)
        };
        match self.v(val).clone() {
            V::Inst { class, tag, site, attrs } => match named(self, &attrs, change) {
                Some(attrs) => self.make(V::Inst { class, tag, site, attrs: attrs.into() }),
                None => val,
            },
            V::Coll { kind, elem, size, site } => {
                let new = change(self, elem, next);
                if new == elem { val } else { self.make(V::Coll { kind, elem: new, size, site }) }
            }
            V::Seq { tuple, items, site } => match list(self, &items, change) {
                Some(items) => self.make(V::Seq { tuple, items: items.into(), site }),
                None => val,
            },
            V::Dict { items, rest, site } => {
                let new_rest = rest.map(|rest| change(self, rest, next));
                match named(self, &items, change) {
                    Some(items) => self.make(V::Dict { items: items.into(), rest: new_rest, site }),
                    None if new_rest != rest => self.make(V::Dict { items, rest: new_rest, site }),
                    None => val,
                }
            }
            V::Closure(node, captured) => match named(self, &captured, change) {
                Some(captured) => self.make(V::Closure(node, captured.into())),
                None => val,
            },
            V::Bound(receiver, function) => {
                let new = change(self, receiver, next);
                if new == receiver { val } else { self.make(V::Bound(new, function)) }
            }
            V::Method(receiver, name) => {
                let new = change(self, receiver, next);
                if new == receiver { val } else { self.make(V::Method(new, name)) }
            }
            V::Super(class, receiver) => {
                let new = change(self, receiver, next);
                if new == receiver { val } else { self.make(V::Super(class, new)) }
            }
            V::Lib(tag, parts) => match list(self, &parts, change) {
                Some(parts) => self.make(V::Lib(tag, parts.into())),
                None => val,
            },
            V::Union(parts) => match list(self, &parts, change) {
                Some(parts) => self.union(parts),
                None => val,
            },
            V::Pending { callee, pos, kw, site } => {
                let new_callee = change(self, callee, next);
                let new_pos = list(self, &pos, change);
                let new_kw = named(self, &kw, change);
                if new_callee == callee && new_pos.is_none() && new_kw.is_none() {
                    return val;
                }
                let pos = new_pos.map_or(pos, Into::into);
                let kw = new_kw.map_or(kw, Into::into);
                self.make(V::Pending { callee: new_callee, pos, kw, site })
            }
            _ => val,
        }
    }

    /// Puts one value in the place of another wherever the running function holds it, and tells its callers.
    pub fn replace(&mut self, f: &mut Frame, from: Val, to: Val) {
        if from == to || from.0 < 4 {
            return;
        }
        self.replace_here(f, from, to);
        if f.changes.len() < MAX_CHANGES {
            f.changes.push((from, to));
        }
    }

    fn replace_here(&mut self, f: &mut Frame, from: Val, to: Val) {
        let mut known = FxHashMap::default();
        let mut rewritten = |val: Val| self.rewrite(val, from, to, 0, &mut known);
        for (_, value) in &mut f.vars {
            *value = rewritten(*value);
        }
        f.first = f.first.map(&mut rewritten);
        if f.captured.iter().any(|(_, value)| value.0 >= 4) {
            f.captured = f.captured.iter().map(|(name, value)| (*name, rewritten(*value))).collect();
        }
        for value in &mut f.returns {
            *value = rewritten(*value);
        }
    }

    /// What a called function changed.
    pub(super) fn apply_changes(&mut self, f: &mut Frame, changes: &[(Val, Val)]) {
        for (from, to) in changes {
            self.replace(f, *from, *to);
        }
    }

    /// Changes every value the running function holds.
    pub fn change_all(&mut self, f: &mut Frame, change: &mut dyn FnMut(&mut Self, Val) -> Val) {
        let mut pairs: Vec<(Val, Val)> = Vec::new();
        let mut seen: rustc_hash::FxHashSet<Val> = rustc_hash::FxHashSet::default();
        let mut found: Vec<Val> = Vec::new();
        let roots: Vec<Val> = f.vars.iter().map(|(_, v)| *v).chain(f.captured.iter().map(|(_, v)| *v)).collect();
        for root in roots {
            self.collect(root, 0, &mut seen, &mut found);
        }
        for value in found {
            let new = change(self, value);
            if new != value {
                pairs.push((value, new));
            }
        }
        for (from, to) in pairs {
            self.replace(f, from, to);
        }
    }

    fn collect(&mut self, val: Val, depth: u32, seen: &mut rustc_hash::FxHashSet<Val>, out: &mut Vec<Val>) {
        if val.0 < 4 || !seen.insert(val) {
            return;
        }
        // Outer ones first: what replaces them may hold inner ones, which are replaced then.
        if matches!(self.v(val), V::Inst { .. } | V::Lib(..)) {
            out.push(val);
        }
        self.rebuild(val, depth, &mut |m, inner, depth| {
            m.collect(inner, depth, seen, out);
            inner
        });
    }

    /// Keeps a value where changes reach it while something else runs.
    pub fn kept<T>(&mut self, f: &mut Frame, val: Val, run: impl FnOnce(&mut Self, &mut Frame) -> T) -> (T, Val) {
        let name = self.temporary(f.temps);
        f.temps += 1;
        f.vars.push((name, val));
        let out = run(self, f);
        f.temps -= 1;
        let value = match f.vars.iter().position(|(n, _)| *n == name) {
            Some(at) => f.vars.remove(at).1,
            None => val,
        };
        (out, value)
    }

    fn temporary(&mut self, at: usize) -> Sym {
        while self.temporaries.len() <= at {
            let name = self.sym(&format!("<{}>", self.temporaries.len()));
            self.temporaries.push(name);
        }
        self.temporaries[at]
    }

    /// Effects of alternatives that were evaluated apart.
    pub(super) fn branch(&mut self, f: &mut Frame, site: crate::value::Site, arms: Vec<(Vec<Node>, super::End)>) {
        if arms.iter().any(|(nodes, end)| !nodes.is_empty() || *end != super::End::Normal) {
            f.node(Node::Branch { site, arms });
        }
    }
}

/// The larger of two sizes.
pub(super) fn larger(a: Size, b: Size) -> Size {
    match (&a, &b) {
        (Size::Known(x), Size::Known(y)) => Size::Known(*x.max(y)),
        (Size::Known(_), _) => b,
        (_, Size::Known(_)) => a,
        (Size::Unknown, _) => b,
        _ => a,
    }
}
