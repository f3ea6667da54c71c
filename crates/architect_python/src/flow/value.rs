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
    held: Vec<u128>,
}

impl Default for Values {
    fn default() -> Self {
        let mut all = IndexSet::with_hasher(FxBuildHasher);
        all.insert(V::Unknown);
        all.insert(V::None);
        all.insert(V::Bool(true));
        all.insert(V::Bool(false));
        let held = (0..4).map(|id| Val(id).bit()).collect();
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
        1 << (self.0 % u128::BITS)
    }
}

impl V {
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
}

impl Values {
    /// The id of a value.
    pub fn make(&mut self, v: V) -> Val {
        let known = self.all.len();
        let (at, _) = self.all.insert_full(v);
        let val = Val(u32::try_from(at).unwrap_or(0));
        if at == known {
            let mut held = val.bit();
            self.get(val)
                .for_each_part(&mut |part| held |= self.held.get(part.0 as usize).copied().unwrap_or(u128::MAX));
            self.held.push(held);
        }
        val
    }

    /// Whether a value may be `part`, or hold it at any depth; if not, it surely does not.
    #[must_use]
    pub fn may_hold(&self, val: Val, part: Val) -> bool {
        self.held.get(val.0 as usize).is_none_or(|held| held & part.bit() != 0)
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
