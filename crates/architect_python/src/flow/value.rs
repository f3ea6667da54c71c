//! Values of the request-time machine: immutable, interned, so that two of them are equal when their ids are.
//!
//! Invariant: a value never changes. What changes in Python (an attribute that is set, a list that grows) is a new
//! value that takes the place of the old one wherever a running function holds it.

use indexmap::IndexSet;
use rustc_hash::FxBuildHasher;

use crate::value::{ObjectId, Site, Sym};

/// An interned value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Val(pub u32);

/// How many there are of something.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Size {
    /// As many as stand there.
    Known(u32),
    /// As many as there are rows of something, at most so many.
    Rows(Sym, Option<u32>),
    /// As many as the caller of the service sends, at most so many.
    Input(Sym, Option<u32>),
    /// Several at a time, until all were there: `range(0, len(rows), 500)`.
    Batches,
    /// Not known.
    Unknown,
}

/// What a collection is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// `list` and what behaves like one.
    List,
    /// `set`.
    Set,
    /// `dict`: the element is its values.
    Dict,
    /// A generator or iterator.
    Iterator,
}

/// Keyword values.
pub type Named = Box<[(Sym, Val)]>;

/// What a value is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum V {
    /// Anything.
    Unknown,
    /// `None`.
    None,
    /// `True`, `False`.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A text.
    Str(Sym),
    /// A number, text, date … whose value is not known, by the name of its type.
    Scalar(Sym),
    /// Something that exists since import.
    Heap(ObjectId),
    /// An instance made, or received, while a request is served.
    Inst {
        /// Its class.
        class: ObjectId,
        /// What the library says of it: 0 for nothing.
        tag: u32,
        /// Where it comes from: tells two of a kind apart.
        site: Option<Site>,
        /// Attributes that are known.
        attrs: Named,
    },
    /// Many of a kind.
    Coll {
        /// What holds them.
        kind: Kind,
        /// One of them, for all.
        elem: Val,
        /// How many.
        size: Size,
        /// Where it was made.
        site: Option<Site>,
    },
    /// A list or tuple whose items are known one by one.
    Seq {
        /// Whether it cannot change.
        tuple: bool,
        /// The items.
        items: Box<[Val]>,
        /// Where it was made.
        site: Option<Site>,
    },
    /// A dictionary with known keys.
    Dict {
        /// Its items.
        items: Named,
        /// What else it may hold.
        rest: Option<Val>,
        /// Where it was made.
        site: Option<Site>,
    },
    /// A function made while a request is served: an index into the machine's closures, and what it captured.
    Closure(u32, Named),
    /// A function bound to a receiver.
    Bound(Val, Val),
    /// A method of a builtin value, or of one of the library's.
    Method(Val, Sym),
    /// `super()` after a class.
    Super(ObjectId, Val),
    /// A call that has not run: a coroutine or a generator.
    Pending {
        /// What was called.
        callee: Val,
        /// With what.
        pos: Box<[Val]>,
        /// With what by name.
        kw: Named,
        /// Where.
        site: Site,
    },
    /// A value of the library: what it is, and the values in it.
    Lib(u32, Box<[Val]>),
    /// One of several.
    Union(Box<[Val]>),
}

/// All values, by id.
#[derive(Debug)]
pub struct Values {
    all: IndexSet<V, FxBuildHasher>,
    /// For each value a bit for itself and for all that is in it, by id: what has no bit of a value does not hold it.
    /// Only what is ever replaced has a bit ([`V::is_replaced`]), so that the bits of others do not hide it.
    held: Vec<u128>,
}

/// What to look for in values: a quick way to see that one does not hold it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sought {
    id: u32,
    bit: u128,
}

/// What some values hold at most.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Held {
    bits: u128,
    newest: u32,
}

impl Held {
    /// Whether they may hold it; if not, they surely do not.
    pub(super) fn may_hold(self, sought: Sought) -> bool {
        sought.id <= self.newest && self.bits & sought.bit != 0
    }
}

/// Values that there is room for from the start.
const ROOM: usize = 1 << 14;

impl Default for Values {
    fn default() -> Self {
        let mut all = IndexSet::with_capacity_and_hasher(ROOM, FxBuildHasher);
        all.insert(V::Unknown);
        all.insert(V::None);
        all.insert(V::Bool(true));
        all.insert(V::Bool(false));
        let held = vec![ANYTHING; 4];
        Self { all, held }
    }
}

impl Val {
    /// Anything.
    pub const UNKNOWN: Self = Self(0);
    /// `None`.
    pub const NONE: Self = Self(1);
    /// `True`.
    pub const TRUE: Self = Self(2);
    /// `False`.
    pub const FALSE: Self = Self(3);

    fn bit(self) -> u128 {
        1 << (self.0 % ANYTHING.trailing_zeros())
    }
}

/// The bit of everything: what has no bit of its own is only told apart by its age.
const ANYTHING: u128 = 1 << (u128::BITS - 1);

impl V {
    /// Whether running functions put other values in the place of this one: what changes in Python.
    fn is_replaced(&self) -> bool {
        matches!(self, Self::Inst { .. } | Self::Coll { .. } | Self::Seq { .. } | Self::Dict { .. } | Self::Lib(..))
    }

    /// Calls a function with each value that stands directly in this one.
    fn for_each_part(&self, found: &mut dyn FnMut(Val)) {
        match self {
            Self::Unknown
            | Self::None
            | Self::Bool(_)
            | Self::Int(_)
            | Self::Str(_)
            | Self::Scalar(_)
            | Self::Heap(_) => {}
            Self::Inst { attrs, .. } | Self::Closure(_, attrs) => attrs.iter().for_each(|(_, value)| found(*value)),
            Self::Coll { elem, .. } => found(*elem),
            Self::Seq { items, .. } | Self::Lib(_, items) | Self::Union(items) => items.iter().copied().for_each(found),
            Self::Dict { items, rest, .. } => {
                items.iter().for_each(|(_, value)| found(*value));
                rest.iter().copied().for_each(found);
            }
            Self::Bound(one, other) => {
                found(*one);
                found(*other);
            }
            Self::Method(one, _) | Self::Super(_, one) => found(*one),
            Self::Pending { callee, pos, kw, .. } => {
                found(*callee);
                pos.iter().copied().for_each(&mut *found);
                kw.iter().for_each(|(_, value)| found(*value));
            }
        }
    }

    /// The same with other values in it: as many as [`V::for_each_part`] finds, in that order.
    pub(super) fn with_parts(&self, parts: &[Val]) -> Self {
        let mut parts = parts.iter().copied();
        let mut next = |old: Val| parts.next().unwrap_or(old);
        let mut named = |items: &Named| -> Named { items.iter().map(|(name, old)| (*name, next(*old))).collect() };
        match self {
            Self::Inst { class, tag, site, attrs } => {
                Self::Inst { class: *class, tag: *tag, site: *site, attrs: named(attrs) }
            }
            Self::Closure(at, captured) => Self::Closure(*at, named(captured)),
            Self::Coll { kind, elem, size, site } => {
                Self::Coll { kind: *kind, elem: next(*elem), size: size.clone(), site: *site }
            }
            Self::Seq { tuple, items, site } => {
                Self::Seq { tuple: *tuple, items: items.iter().map(|old| next(*old)).collect(), site: *site }
            }
            Self::Lib(tag, items) => Self::Lib(*tag, items.iter().map(|old| next(*old)).collect()),
            Self::Union(items) => Self::Union(items.iter().map(|old| next(*old)).collect()),
            Self::Dict { items, rest, site } => {
                let items = named(items);
                Self::Dict { items, rest: rest.map(next), site: *site }
            }
            Self::Bound(one, other) => Self::Bound(next(*one), next(*other)),
            Self::Method(one, name) => Self::Method(next(*one), *name),
            Self::Super(class, one) => Self::Super(*class, next(*one)),
            Self::Pending { callee, pos, kw, site } => {
                let callee = next(*callee);
                let pos = pos.iter().map(|old| next(*old)).collect();
                let kw = kw.iter().map(|(name, old)| (*name, next(*old))).collect();
                Self::Pending { callee, pos, kw, site: *site }
            }
            plain => plain.clone(),
        }
    }
}

impl Values {
    /// The id of a value.
    pub fn make(&mut self, v: V) -> Val {
        let known = self.all.len();
        let (at, _) = self.all.insert_full(v);
        let val = Val(u32::try_from(at).unwrap_or(0));
        if at == known {
            let mut held = ANYTHING | if self.get(val).is_replaced() { val.bit() } else { 0 };
            self.get(val)
                .for_each_part(&mut |part| held |= self.held.get(part.0 as usize).copied().unwrap_or(u128::MAX));
            self.held.push(held);
        }
        val
    }

    /// Adds the values that stand directly in a value.
    pub(super) fn parts_of(&self, val: Val, out: &mut Vec<Val>) {
        self.get(val).for_each_part(&mut |part| out.push(part));
    }

    /// A value to look for.
    pub(super) fn sought(&self, val: Val) -> Sought {
        Sought { id: val.0, bit: if self.get(val).is_replaced() { val.bit() } else { ANYTHING } }
    }

    /// Adds a value, and what is in it, to what some values hold. What is in a value is older than it is.
    pub(super) fn add_held(&self, val: Val, held: &mut Held) {
        held.bits |= self.held.get(val.0 as usize).copied().unwrap_or(u128::MAX);
        held.newest = held.newest.max(val.0);
    }

    /// Whether a value may be what is sought, or hold it at any depth; if not, it surely does not.
    pub(super) fn may_hold(&self, val: Val, sought: Sought) -> bool {
        sought.id <= val.0 && self.held.get(val.0 as usize).is_none_or(|held| held & sought.bit != 0)
    }

    /// Whether something that stands directly in a value may hold what is sought.
    pub(super) fn parts_may_hold(&self, val: Val, sought: Sought) -> bool {
        let mut any = false;
        self.get(val).for_each_part(&mut |part| any |= self.may_hold(part, sought));
        any
    }

    /// The value of an id.
    #[must_use]
    pub fn get(&self, val: Val) -> &V {
        self.all.get_index(val.0 as usize).unwrap_or(&V::Unknown)
    }

    /// Number of values.
    #[must_use]
    pub fn count(&self) -> usize {
        self.all.len()
    }

    /// The alternatives of a value.
    #[must_use]
    pub fn parts(&self, val: Val) -> Vec<Val> {
        match self.get(val) {
            V::Union(parts) => parts.to_vec(),
            _ => vec![val],
        }
    }
}
