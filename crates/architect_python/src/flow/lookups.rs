//! What was looked for and may not be there: `first()` gives `None` where nothing is found, and a function that hands that
//! on gives it to its callers. Whatever asks whether it is there, or may ask (a call it is handed to), ends the doubt.

use ruff_python_ast as ast;
use ruff_text_size::TextRange;

use super::{Args, Frame, Library, Machine, V, Val};
use crate::value::{ObjectId, Site, Sym};

/// Of more than so many in one function no more is kept.
const MAX_LOOKUPS: usize = 64;

/// What a running function has looked up and not asked about.
#[derive(Debug, Default)]
pub(super) struct Lookups {
    open: Vec<(Val, Site)>,
    /// What was asked about since.
    settled: Vec<Val>,
    /// Whether the way under way is the one where something was not found.
    missing: bool,
    /// Whether such a value is among what is returned.
    answer: bool,
}

impl Lookups {
    /// Something asks whether a value is there, or may ask.
    pub(super) fn asked(&mut self, value: Val) {
        if let Some(at) = self.open.iter().position(|(open, _)| *open == value) {
            self.open.remove(at);
            self.settled.push(value);
        }
    }

    /// Whether a value was looked for, asked about or not.
    pub(super) fn knows(&self, value: Val) -> bool {
        self.settled.contains(&value) || self.place(value).is_some()
    }

    pub(super) fn missing(&self) -> bool {
        self.missing
    }

    pub(super) fn set_missing(&mut self, missing: bool) {
        self.missing = missing;
    }

    pub(super) fn is_answer(&self) -> bool {
        self.answer
    }

    /// Puts other values in the place of those that are in doubt.
    pub(super) fn each(&mut self, change: &mut dyn FnMut(Val) -> Val) {
        for (value, _) in &mut self.open {
            *value = change(*value);
        }
    }

    fn place(&self, value: Val) -> Option<Site> {
        self.open.iter().find(|(open, _)| *open == value).map(|(_, site)| *site)
    }
}

impl<'a, L: Library> Machine<'_, 'a, L> {
    /// A value was looked for there: it may be `None`, and nothing has asked so far.
    pub fn looked_up(&mut self, f: &mut Frame, value: Val, site: Site) {
        if self.may_be_none(value) && f.lookups.open.len() + f.lookups.settled.len() < MAX_LOOKUPS {
            f.lookups.asked(value);
            f.lookups.open.push((value, site));
        }
    }

    fn may_be_none(&self, value: Val) -> bool {
        matches!(self.v(value), V::Union(parts) if parts.contains(&Val::NONE))
    }

    /// An attribute is read that a caller may leave out: it is in doubt as long as the function has not asked about it, or
    /// about another one of its type.
    pub(super) fn left_out(&mut self, f: &mut Frame, object: Val, field: (ObjectId, Sym), value: Val, site: Site) {
        if self.may_be_none(value) && !f.lookups.settled.contains(&value) && L::is_sent(self, object) {
            self.sent.insert(site, field);
            self.looked_up(f, value, site);
        }
    }

    /// The field that was read there, where it is one that callers may leave out.
    #[must_use]
    pub fn sent_field(&self, site: Site) -> Option<(ObjectId, Sym)> {
        self.sent.get(&site).copied()
    }

    /// An attribute of a value is used, as if it were there.
    pub(super) fn used(&mut self, f: &mut Frame, object: Val, name: Sym, site: Site) {
        if let Some(lookup) = f.lookups.place(object) {
            // Where it is not there, nothing below runs.
            f.lookups.asked(object);
            L::missing(self, f, object, Some(name), lookup, site);
        }
    }

    /// A value is returned.
    pub(super) fn returned(&mut self, f: &mut Frame, value: Val, range: TextRange) {
        if value == Val::NONE {
            f.lookups.answer |= f.lookups.missing;
        } else if let Some(lookup) = f.lookups.place(value) {
            f.lookups.answer = true;
            let site = self.site(f, range);
            L::missing(self, f, value, None, lookup, site);
        }
    }

    /// Arguments are handed to somebody who may ask whether they are there; `cast` gives back what it is given, which
    /// is told with where that was looked for.
    pub(super) fn handed_on(&mut self, f: &mut Frame, function: &'a ast::Expr, args: &Args) -> Option<(Val, Site)> {
        let is_cast = matches!(function, ast::Expr::Name(name) if name.id.as_str() == "cast");
        let kept = args.pos.get(1).filter(|_| is_cast).and_then(|value| Some((*value, f.lookups.place(*value)?)));
        for value in args.pos.iter().chain(args.kw.iter().map(|(_, value)| value)) {
            f.lookups.asked(*value);
            if let V::Seq { items, .. } = self.v(*value) {
                items.iter().for_each(|item| f.lookups.asked(*item));
            }
        }
        kept
    }
}
