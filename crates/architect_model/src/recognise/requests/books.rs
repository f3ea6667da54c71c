//! What is written down while requests are walked.

use architect_python::flow::{Machine, Named, SummaryId, V, Val};
use architect_python::{ModuleId, ObjectId, Reduction, Site, Sym, Value};
use indexmap::IndexSet;
use rustc_hash::{FxBuildHasher, FxHashMap};

use super::orm::Mappers;
use super::things::{Decision, Effect, Parts, RowInfo, Thing};
use crate::requests::Amount;

/// The library's own state.
#[derive(Default)]
pub(super) struct Books {
    things: IndexSet<Thing, FxBuildHasher>,
    rows: IndexSet<RowInfo, FxBuildHasher>,
    pub effects: IndexSet<Effect, FxBuildHasher>,
    pub mappers: Mappers,
    /// Response models that were read from a value.
    pub serialised: FxHashMap<(ObjectId, Val), Option<SummaryId>>,
    /// Fields of response models: name, what is read, annotation.
    pub fields: FxHashMap<ObjectId, std::rc::Rc<Vec<super::serialise::ReadField>>>,
    /// Validators of response models that are given the object first, and whether nothing else is given to them.
    pub rewriters: FxHashMap<ObjectId, Option<(Value, bool)>>,
    /// Summaries of response models.
    pub model_summaries: rustc_hash::FxHashSet<SummaryId>,
    /// Of these, models that read no row themselves: a page with its rows in a field.
    pub envelopes: rustc_hash::FxHashSet<SummaryId>,
    /// Statements of whose rows one is taken, and those whose rows are all taken: some are both.
    pub taken_one: rustc_hash::FxHashSet<Site>,
    pub taken_all: rustc_hash::FxHashSet<Site>,
    /// Statements of whose result the first row is taken: without a limit, as they are, all rows are sent.
    pub taken_first: rustc_hash::FxHashSet<Site>,
    /// Tasks that the function that started them, or one that it handed them to, waited for.
    pub joined: rustc_hash::FxHashSet<Site>,
    /// How many rows statements may give, by where they are executed: the least that one of them bounds.
    pub amounts: FxHashMap<Site, Option<Amount>>,
    /// Statements that lock their rows, by where they are executed.
    pub locking: rustc_hash::FxHashSet<Site>,
    /// Columns that statements of one class ask to equal something, by where they are executed.
    pub lookups: FxHashMap<Site, Vec<Sym>>,
    /// Where statements are given other conditions than that columns equal something, or are true.
    pub conditions: FxHashMap<ModuleId, rustc_hash::FxHashSet<Site>>,
    /// Lists of what all rows of statements were made to: the class of the rows, and the statement.
    pub converted: FxHashMap<Site, (ObjectId, Site)>,
    /// Places where a list may be made of what is gone through, with where it is made.
    pub conversions: FxHashMap<Site, Option<Site>>,
    /// What is made of lists, by the place.
    pub reductions: FxHashMap<Site, Option<std::rc::Rc<Reduction>>>,
    /// What Python decides on columns and conditions, and which of it became part of a statement.
    pub decisions: IndexSet<Decision, FxBuildHasher>,
    pub in_statements: rustc_hash::FxHashSet<u32>,
    /// Whether a response model is being read.
    pub serialising: u32,
    /// Whether objects are being deleted, which loads what hangs on them.
    pub cascading: u32,
    /// Whether an `INSERT` of several rows is one statement a row, where the database counts the keys: SQLite does not
    /// say which key belongs to which row, MySQL says only one.
    pub keys_one_by_one: bool,
    /// Sessions that exist since import and were used: where they are made, and whether they are awaited.
    pub shared: Vec<(Site, bool)>,
    /// Factories and sessions of asyncio that were used and expire objects with every commit.
    pub expiring: Vec<Site>,
    /// Models that cannot be made of what they are given.
    pub shapes: Vec<super::shapes::Shape>,
    /// Endpoints without a response model that answer rows: where they are registered, and the class.
    pub raw: Vec<(architect_source::Location, ObjectId)>,
    /// Whether what is read may be of another class than the one at hand.
    pub unsure: u32,
    /// What middleware puts on `request.state` before it goes on.
    pub state: Vec<(Sym, Val)>,
    /// Whether the program uses sessions that have to be awaited.
    pub uses_async: bool,
    /// Classes that derive from the base of models.
    pub models: FxHashMap<ObjectId, bool>,
    /// Models that look at themselves as a whole.
    pub asking: FxHashMap<ObjectId, bool>,
    /// Classes that derive from a session: whether it has to be awaited.
    pub sessions: FxHashMap<ObjectId, Option<bool>>,
    /// The base class of models.
    pub base_model: Option<ObjectId>,
    /// The base class of requests.
    pub connection: Option<ObjectId>,
    /// The application that requests come with, where it is known which: what start-up code puts on its state is found
    /// there.
    pub application: Option<ObjectId>,
    /// What summaries do to sessions.
    pub touches: FxHashMap<SummaryId, super::touch::Touch>,
    /// Relationships that some query loads with its rows.
    pub eager: rustc_hash::FxHashSet<(ObjectId, Sym)>,
    /// Calls that are stated to block the thread.
    pub blocking_calls: Vec<String>,
}

pub(super) type Flow<'m, 'a> = Machine<'m, 'a, Books>;

impl Books {
    pub fn effect(&mut self, effect: Effect) -> u32 {
        u32::try_from(self.effects.insert_full(effect).0).unwrap_or(0)
    }

    /// Notes where a statement is given another condition than that a column equals something.
    pub fn note_condition(&mut self, site: Site) {
        self.conditions.entry(site.module).or_default().insert(site);
    }

    pub fn row(&mut self, info: RowInfo) -> u32 {
        u32::try_from(self.rows.insert_full(info).0 + 1).unwrap_or(0)
    }

    pub fn row_info(&self, tag: u32) -> Option<&RowInfo> {
        self.rows.get_index((tag as usize).checked_sub(1)?)
    }
}

/// Makes a value of a thing.
pub(super) fn make(m: &mut Flow<'_, '_>, thing: Thing, parts: Parts) -> Val {
    let tag = u32::try_from(m.lib.things.insert_full(thing).0).unwrap_or(0);
    m.make(V::Lib(tag, parts))
}

/// What a value is, where it is one of the library's.
pub(super) fn thing(m: &Flow<'_, '_>, val: Val) -> Option<(Thing, Parts)> {
    match m.v(val) {
        V::Lib(tag, parts) => Some((m.lib.things.get_index(*tag as usize)?.clone(), parts.clone())),
        _ => None,
    }
}

/// A row: its class, what is known of it, its attributes.
pub(super) fn row(m: &Flow<'_, '_>, val: Val) -> Option<(ObjectId, RowInfo, Named)> {
    row_facts(m, val).map(|(class, info, attrs)| (class, info.clone(), attrs.clone()))
}

/// The same for who looks at it only.
pub(super) fn row_facts<'f>(m: &'f Flow<'_, '_>, val: Val) -> Option<(ObjectId, &'f RowInfo, &'f Named)> {
    match m.v(val) {
        V::Inst { class, tag, attrs, .. } if *tag > 0 => Some((*class, m.lib.row_info(*tag)?, attrs)),
        _ => None,
    }
}

/// A row with other facts.
pub(super) fn with_info(m: &mut Flow<'_, '_>, val: Val, info: RowInfo, attrs: Option<Named>) -> Val {
    let V::Inst { class, site, attrs: own, .. } = m.v(val).clone() else { return val };
    let tag = m.lib.row(info);
    m.make(V::Inst { class, tag, site, attrs: attrs.unwrap_or(own) })
}

/// Records an effect.
pub(super) fn record(m: &mut Flow<'_, '_>, f: &mut architect_python::flow::Frame, effect: Effect, site: Site) {
    let payload = m.lib.effect(effect);
    f.effect(payload, site);
}

/// The last name of a path.
pub(super) fn last(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
}
