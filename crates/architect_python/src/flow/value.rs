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
}

impl Default for Values {
    fn default() -> Self {
        let mut all = IndexSet::with_hasher(FxBuildHasher);
        all.insert(V::Unknown);
        all.insert(V::None);
        all.insert(V::Bool(true));
        all.insert(V::Bool(false));
        Self { all }
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
}

impl Values {
    /// The id of a value.
    pub fn make(&mut self, v: V) -> Val {
        Val(u32::try_from(self.all.insert_full(v).0).unwrap_or(0))
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
