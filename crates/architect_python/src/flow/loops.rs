//! Loops: what is iterated, and what its turns leave behind.

use super::{Args, End, Frame, Kind, Library, Machine, Node, Size, V, Val};
use crate::value::{Object, Site, Sym};

impl<'a, L: Library> Machine<'_, 'a, L> {
    /// Runs something for every element of what is iterated.
    pub(super) fn each(
        &mut self,
        f: &mut Frame,
        iterable: Val,
        site: Site,
        run: &mut dyn FnMut(&mut Self, &mut Frame, Val) -> End,
    ) -> End {
        if let Some(items) = self.known_items(iterable)
            && items.len() <= UNROLL
        {
            return self.unroll(f, &items, site, run);
        }
        let (elem, size) = self.iterate(f, iterable, site);
        L::walked(self, f, iterable, elem, site);
        let left = std::mem::take(&mut f.left);
        let mut before = f.vars.clone();
        f.open();
        f.turns.push(size.clone());
        let own = self.mark(elem, site);
        let (((end, last), _), kept_iterable) =
            self.kept(f, iterable, |m, f| m.kept(f, elem, |m, f| m.kept(f, own, |m, f| run(m, f, own))));
        // A second time, where the first left other elements changed: a commit expires them all.
        let elem_after = self.peek(kept_iterable);
        let mut end = end;
        if elem_after.is_some_and(|after| after != elem && self.expired_of(elem, after)) {
            f.open();
            let again = self.mark(elem_after.unwrap_or(elem), site);
            let ((), _) = self.kept(f, again, |m, f| {
                end = run(m, f, again);
            });
            let second = f.close();
            // What only the second time does comes on top: it is what all but the first do.
            if nodes_count(&second) > 0
                && let Some(sink) = f.sinks.last_mut()
            {
                *sink = second;
            }
        }
        f.turns.pop();
        let body = f.close();
        let leaves = std::mem::replace(&mut f.left, left) || end == End::Return;
        let mut after = std::mem::take(&mut f.vars);
        self.grown(&mut before, &mut after);
        f.vars = self.join_vars(before, after);
        if !body.is_empty() {
            // A turn that returns whatever happens is the only one: `for _ in range(3): try: return ask() except: ...`.
            let size = if end == End::Return { Size::Known(1) } else { size };
            f.node(Node::Loop { site, size, open: false, leaves, body });
        }
        // What every element has learned, the collection knows.
        if last != own {
            let plain = self.unmark(last, elem);
            if plain != elem {
                self.replace(f, elem, plain);
            }
        }
        if end == End::Raise { End::Raise } else { End::Normal }
    }

    /// The element of a collection.
    pub(super) fn peek(&self, val: Val) -> Option<Val> {
        match self.v(val) {
            V::Coll { elem, .. } => Some(*elem),
            _ => None,
        }
    }

    /// Whether a value has lost attributes.
    pub(super) fn expired_of(&self, before: Val, after: Val) -> bool {
        match (self.v(before), self.v(after)) {
            (V::Inst { tag: a, .. }, V::Inst { tag: b, .. }) => a != b,
            _ => false,
        }
    }

    /// An element as that of one iteration.
    pub(super) fn mark(&mut self, elem: Val, site: Site) -> Val {
        match self.v(elem).clone() {
            V::Inst { class, tag, attrs, .. } => self.make(V::Inst { class, tag, site: Some(site), attrs }),
            V::Union(parts) => {
                let parts = parts.iter().map(|part| self.mark(*part, site)).collect();
                self.union(parts)
            }
            _ => elem,
        }
    }

    pub(super) fn unmark(&mut self, last: Val, elem: Val) -> Val {
        match (self.v(last).clone(), self.v(elem).clone()) {
            (V::Inst { class, tag, attrs, .. }, V::Inst { class: same, site, .. }) if class == same => {
                self.make(V::Inst { class, tag, site, attrs })
            }
            // A row of several values: nothing marks it, so that what differs is what the turn did.
            (V::Lib(one, _), V::Lib(other, _)) if one == other => last,
            _ => elem,
        }
    }

    pub(super) fn unroll(
        &mut self,
        f: &mut Frame,
        items: &[Val],
        site: Site,
        run: &mut dyn FnMut(&mut Self, &mut Frame, Val) -> End,
    ) -> End {
        let mut effects = 0;
        for (at, item) in items.iter().enumerate() {
            if !self.step() {
                break;
            }
            f.open();
            let before = f.vars.clone();
            let left = std::mem::take(&mut f.left);
            let end = run(self, f, *item);
            let broke = std::mem::replace(&mut f.left, left);
            let nodes = f.close();
            effects += usize::from(!nodes.is_empty());
            if effects > UNROLL_EFFECTS {
                let size = Size::Known(u32::try_from(items.len() - at).unwrap_or(1));
                f.node(Node::Loop { site, size, open: false, leaves: false, body: nodes });
                break;
            }
            for node in nodes {
                f.node(node);
            }
            match end {
                End::Return | End::Raise => return end,
                End::Loop if broke => break,
                _ => {}
            }
            if broke && end == End::Normal {
                // One path left the loop and another goes on.
                let after = std::mem::take(&mut f.vars);
                f.vars = self.join_vars(before, after);
            }
        }
        End::Normal
    }

    /// Puts what the library says of variables that a loop made more of in the place of what they were before it and are
    /// after a turn: elements to go through are the rule.
    fn grown(&mut self, before: &mut [(Sym, Val)], after: &mut [(Sym, Val)]) {
        for (name, value) in before {
            let made = after.iter_mut().find(|(known, made)| known == name && made != value);
            let Some((_, made)) = made else { continue };
            if matches!((self.v(*value), self.v(*made)), (V::Lib(..), V::Lib(..)))
                && let Some(grown) = L::grown(self, *value, *made)
            {
                *value = grown;
                *made = grown;
            }
        }
    }

    /// The items of a value, where each is known.
    pub(super) fn known_items(&mut self, val: Val) -> Option<Vec<Val>> {
        match self.v(val).clone() {
            V::Seq { items, .. } => Some(items.into_vec()),
            V::Dict { items, rest: None, .. } => Some(items.iter().map(|(n, _)| self.make(V::Str(*n))).collect()),
            V::Heap(id) => {
                let container = match self.ev.object(id) {
                    Object::List(items, false) => Some(items.clone()),
                    Object::Tuple(items) => Some(items.clone()),
                    Object::Set(data) | Object::Dict(data) if !data.open => {
                        Some(data.items.values().map(|(key, _)| *key).collect())
                    }
                    Object::Class(class) => {
                        let members = class.ns.get(&self.names.members).copied();
                        match members.and_then(|members| self.ev.obj(members)) {
                            Some(Object::Dict(data)) => Some(data.items.values().map(|(_, member)| *member).collect()),
                            _ => None,
                        }
                    }
                    _ => None,
                };
                let items = container?;
                if items.len() > UNROLL {
                    return None;
                }
                Some(items.into_iter().map(|item| self.heap(item)).collect())
            }
            _ => None,
        }
    }

    /// One element of a value and how many there are.
    pub fn iterate(&mut self, f: &mut Frame, val: Val, site: Site) -> (Val, Size) {
        match self.v(val).clone() {
            V::Coll { kind: Kind::Dict, size, .. } => (self.scalar("str"), size),
            V::Coll { elem, size, .. } => (elem, size),
            V::Seq { items, .. } => {
                let size = Size::Known(u32::try_from(items.len()).unwrap_or(0));
                (self.union(items.into_vec()), size)
            }
            V::Dict { items, rest, .. } => {
                let size =
                    if rest.is_some() { Size::Unknown } else { Size::Known(u32::try_from(items.len()).unwrap_or(0)) };
                (self.scalar("str"), size)
            }
            V::Str(_) | V::Scalar(_) => (self.scalar("str"), Size::Unknown),
            V::Union(parts) => {
                let mut elems = Vec::new();
                let mut size = Size::Known(0);
                for part in parts.iter().filter(|part| **part != Val::NONE) {
                    let (elem, more) = self.iterate(f, *part, site);
                    elems.push(elem);
                    size = super::join::larger(size, more);
                }
                (self.union(elems), size)
            }
            V::Pending { .. } => {
                // A generator: what it does is done here.
                let (value, size) = self.run_generator(f, val, site);
                (value, size)
            }
            V::Inst { .. } | V::Lib(..) | V::Heap(_) => {
                if let Some(known) = L::iterate(self, f, val, site) {
                    return known;
                }
                for name in [self.names.iter, self.names.aiter] {
                    if let Some(method) = self.class_member(val, name) {
                        let bound = self.bind_member(method, val);
                        let iterator = self.call(f, bound, Args::default(), site);
                        if iterator != val {
                            return self.iterate(f, iterator, site);
                        }
                    }
                }
                (Val::UNKNOWN, Size::Unknown)
            }
            _ => (Val::UNKNOWN, Size::Unknown),
        }
    }
}

/// Iterations over known items at most.
const UNROLL: usize = 600;

/// Iterations over known items at most where each of them has effects.
const UNROLL_EFFECTS: usize = 12;

/// How much is done.
fn nodes_count(nodes: &[Node]) -> usize {
    nodes
        .iter()
        .map(|node| match node {
            Node::Loop { body, .. } | Node::Once { body } => 1 + nodes_count(body),
            Node::Branch { arms, .. } | Node::Handlers { arms, .. } => {
                1 + arms.iter().map(|(nodes, _)| nodes_count(nodes)).sum::<usize>()
            }
            _ => 1,
        })
        .sum()
}
