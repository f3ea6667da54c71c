//! Joining what several paths leave behind, and putting one value in the place of another.

use rustc_hash::{FxBuildHasher, FxHashMap};

use super::value::{Held, Sought};
use super::{Frame, Kind, Library, Machine, Node, Size, V, Val};
use crate::value::Sym;

/// Alternatives of one value at most.
const MAX_PARTS: usize = 8;
/// How deep values are searched.
const MAX_DEPTH: u32 = 7;
/// Room for rewritten values that is kept for the next time.
const REWRITTEN: usize = 256;
/// Changes a summary hands to its callers at most.
const MAX_CHANGES: usize = 160;

/// One value to be put in the place of another.
#[derive(Clone, Copy)]
struct Swap {
    from: Val,
    to: Val,
    sought: Sought,
}

impl<L: Library> Machine<'_, '_, L> {
    /// One of several values.
    pub fn union(&mut self, values: Vec<Val>) -> Val {
        self.charge(values.len());
        if let [first, rest @ ..] = &*values
            && rest.iter().all(|value| value == first)
            && !matches!(self.v(*first), V::Union(_))
        {
            return *first;
        }
        let mut flat: Vec<Val> = Vec::with_capacity(values.len());
        for value in values {
            let parts = match self.v(value) {
                V::Union(parts) => parts,
                _ => std::slice::from_ref(&value),
            };
            for part in parts {
                if !flat.contains(part) {
                    flat.push(*part);
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
        let mut out: Vec<Val> = Vec::with_capacity(flat.len());
        let mut dropped = false;
        'next: for value in flat {
            self.charge(out.len());
            if value == Val::UNKNOWN && !out.is_empty() && out.iter().any(|v| self.is_telling(*v)) {
                dropped = true;
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
            dropped = true;
        }
        if dropped {
            for value in &mut out {
                *value = self.doubted(*value);
            }
        }
        out
    }

    /// An instance that may as well be something that is not known, as far as its class is asked for.
    pub(super) fn doubted(&mut self, value: Val) -> Val {
        match self.v(value).clone() {
            V::Inst { .. } if !self.is_doubtful(value) => {
                let name = self.names.doubt;
                self.with(value, name, Some(Val::NONE))
            }
            V::Union(parts) => {
                let parts = parts.iter().map(|part| self.doubted(*part)).collect();
                self.union(parts)
            }
            _ => value,
        }
    }

    /// Whether a value may as well be something that is not known.
    pub(super) fn is_doubtful(&self, value: Val) -> bool {
        self.own(value, self.names.doubt).is_some()
    }

    fn is_telling(&self, value: Val) -> bool {
        match self.v(value) {
            V::Inst { .. } | V::Coll { .. } => true,
            V::Lib(..) => L::tells(self, value),
            _ => false,
        }
    }

    /// Whether two values are of kinds that are joined.
    fn may_join(&self, a: Val, b: Val) -> bool {
        match (self.v(a), self.v(b)) {
            (V::Inst { class, tag, .. }, V::Inst { class: other_class, tag: other_tag, .. }) => {
                class == other_class && tag == other_tag
            }
            (V::Bool(_) | V::Int(_) | V::Str(_) | V::Scalar(_), V::Bool(_) | V::Int(_) | V::Str(_) | V::Scalar(_))
            | (V::Coll { .. } | V::Seq { .. }, V::Coll { .. } | V::Seq { .. })
            | (V::Dict { .. }, V::Dict { .. })
            | (V::Lib(..), V::Lib(..)) => true,
            _ => false,
        }
    }

    fn join_two(&mut self, a: Val, b: Val) -> Option<Val> {
        if !self.may_join(a, b) {
            return None;
        }
        // Values share their parts: without this, joining two would take as long as all ways through them are many.
        if let Some(known) = self.joined.get(&(a, b)) {
            return *known;
        }
        if self.steps == 0 {
            return Some(Val::UNKNOWN);
        }
        let joined = self.joined_parts(a, b);
        self.joined.insert((a, b), joined);
        joined
    }

    fn joined_parts(&mut self, a: Val, b: Val) -> Option<Val> {
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
                let doubt = self.names.doubt;
                if let Some(mark) = attrs.iter().chain(&*other).find(|(name, _)| *name == doubt)
                    && !joined.contains(mark)
                {
                    joined.push(*mark);
                    joined.sort_by_key(|(name, _)| *name);
                }
                // It is neither of two objects, or else what is done to that one would be done to it.
                let site = site.filter(|_| site == other_site);
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
                let mut places: FxHashMap<Sym, usize> =
                    items.iter().enumerate().map(|(at, (name, _))| (*name, at)).collect();
                for (name, value) in other {
                    match places.get(&name) {
                        Some(at) => joined[*at].1 = self.union(vec![joined[*at].1, value]),
                        None => {
                            places.insert(name, joined.len());
                            joined.push((name, value));
                        }
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
    fn rewrite(&mut self, val: Val, swap: Swap, depth: u32, known: &mut FxHashMap<Val, Val>) -> Val {
        if val == swap.from {
            return swap.to;
        }
        if !self.values.may_hold(val, swap.sought) || !self.values.parts_may_hold(val, swap.sought) {
            return val;
        }
        if let Some(new) = known.get(&val) {
            return *new;
        }
        let new = self.rebuild(val, depth, &mut |m, inner, depth| m.rewrite(inner, swap, depth, known));
        known.insert(val, new);
        new
    }

    /// A value with its parts changed by a function.
    pub fn rebuild(&mut self, val: Val, depth: u32, change: &mut dyn FnMut(&mut Self, Val, u32) -> Val) -> Val {
        if depth > MAX_DEPTH || val.0 < 4 {
            return val;
        }
        self.steps = self.steps.saturating_sub(1);
        // The parts of all values that are being rebuilt stand in one list, those of this one at its end.
        let start = self.parts.len();
        self.values.parts_of(val, &mut self.parts);
        let end = self.parts.len();
        let mut changed = false;
        for at in start..end {
            let part = self.parts[at];
            let new = change(self, part, depth + 1);
            changed |= new != part;
            self.parts[at] = new;
        }
        let new = if !changed {
            val
        } else if matches!(self.v(val), V::Union(_)) {
            let parts = self.parts[start..end].to_vec();
            self.union(parts)
        } else {
            let new = self.v(val).with_parts(&self.parts[start..end]);
            self.make(new)
        };
        self.parts.truncate(start);
        new
    }

    /// Puts one value in the place of another wherever the running function holds it, and tells its callers.
    pub fn replace(&mut self, f: &mut Frame, from: Val, to: Val) {
        self.apply_changes(f, &[(from, to)]);
    }

    /// What the variables and results of the running function hold.
    fn held_by(&self, f: &Frame) -> Held {
        let mut held = Held::default();
        let variables = f.vars.iter().chain(&f.captured).map(|(_, value)| *value);
        variables
            .chain(f.first)
            .chain(f.returns.iter().copied())
            .for_each(|value| self.values.add_held(value, &mut held));
        held
    }

    /// Replaces a value in what the running function holds, and adds what that holds now.
    fn replace_here(&mut self, f: &mut Frame, swap: Swap, held: &mut Held) {
        let mut known = std::mem::take(&mut self.rewritten);
        let mut rewritten = |val: Val| {
            let new = self.rewrite(val, swap, 0, &mut known);
            if new != val {
                self.values.add_held(new, held);
            }
            new
        };
        for (_, value) in &mut f.vars {
            *value = rewritten(*value);
        }
        f.first = f.first.map(&mut rewritten);
        for (_, value) in &mut f.captured {
            *value = rewritten(*value);
        }
        for value in &mut f.returns {
            *value = rewritten(*value);
        }
        f.lookups.each(&mut rewritten);
        // To clear a table takes as long as there is room in it.
        if known.capacity() <= REWRITTEN {
            known.clear();
            self.rewritten = known;
        }
    }

    /// What a called function changed.
    pub fn apply_changes(&mut self, f: &mut Frame, changes: &[(Val, Val)]) {
        let mut held = self.held_by(f);
        for (from, to) in changes.iter().copied() {
            if from == to || from.0 < 4 {
                continue;
            }
            let swap = Swap { from, to, sought: self.values.sought(from) };
            if held.may_hold(swap.sought) {
                self.replace_here(f, swap, &mut held);
            }
            if f.changes.len() < MAX_CHANGES {
                f.changes.push((from, to));
            }
        }
    }

    /// Changes with their chains shortened: a value that is changed several times goes where it ends at once. Each
    /// stands where it stood, for others may hold what is on the way.
    #[must_use]
    pub fn condensed(&self, mut changes: Vec<(Val, Val)>) -> Vec<(Val, Val)> {
        if changes.len() < 2 {
            return changes;
        }
        let holds = |whole: Val, part: Val| self.values.may_hold(whole, self.values.sought(part));
        let mut next: FxHashMap<Val, usize> = FxHashMap::with_capacity_and_hasher(changes.len(), FxBuildHasher);
        for at in (0..changes.len()).rev() {
            let (from, to) = changes[at];
            if let Some(then) = next.get(&to).copied() {
                let end = changes[then].1;
                // Nothing on the way may be about the value in between, nor do anything to the last.
                let alone = changes[at + 1..then].iter().all(|(other, _)| !holds(*other, to))
                    && changes[at + 1..=then].iter().all(|(other, _)| !holds(end, *other));
                if alone {
                    changes[at].1 = end;
                }
            }
            next.insert(from, at);
        }
        changes
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
        // What holds others is younger than they are; it is replaced first, or it would no longer be found.
        pairs.sort_by_key(|(from, _)| std::cmp::Reverse(from.0));
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
