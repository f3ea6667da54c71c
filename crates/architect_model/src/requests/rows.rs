//! What requests make of the rows they load.

use architect_source::Location;

use super::{Reduces, Step};
use crate::tables::ClassKey;

/// Rows that are loaded, and only summed up, searched, filtered or cut by their columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReducedFact {
    /// The class.
    pub class: String,
    /// The query; of a collection, where it is loaded.
    pub query: Location,
    /// What is made of them.
    pub how: Reduces,
    /// Attributes that are read for it.
    pub attributes: Vec<String>,
    /// How many rows there may be.
    pub amount: Amount,
    /// Whether a column is looked up in a list of Python, or the rows are used for other such things as well.
    pub open: bool,
}

/// How many rows a query may give.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Amount {
    /// As many as there are, or as meet conditions that many may meet.
    Any,
    /// The same, but some condition is not known.
    Doubtful,
    /// Those that belong to one parent.
    OfParent,
    /// Those of a collection that is loaded by reading it.
    Collection,
}

/// A row that is looked for and, where there is none, inserted: two requests at once both find none.
#[derive(Clone, Debug)]
pub struct RaceFact {
    /// The class.
    pub class: String,
    /// The columns it is looked for by, which the new row has, too.
    pub columns: Vec<String>,
    /// Whether the table refuses a second row with these columns.
    pub is_unique: bool,
    /// The query.
    pub query: Location,
    /// The way from the function that does both to the query.
    pub looks: Vec<Step>,
    /// What inserts it, in that function: a call of another one, or the row joins the session there.
    pub insert: Location,
    /// The way from the function that does both to there.
    pub inserts: Vec<Step>,
    /// All functions on the way, as `module:qualname`, the endpoint first.
    pub functions: Vec<String>,
    /// The entry point from which it is reached.
    pub entry: usize,
    /// The way from the entry point to the function that does both.
    pub trace: Vec<Step>,
}

/// A number of a loaded row that is set to what Python computes from what it was: of two requests at once, one is lost.
///
/// Nothing in the same request locks rows, the class counts no versions, and the database does not compute it.
#[derive(Clone, Debug)]
pub struct RewriteFact {
    /// The class.
    pub class: String,
    /// The attribute.
    pub attribute: String,
    /// The class, by its identity.
    pub key: ClassKey,
    /// Where the row is loaded.
    pub query: Location,
    /// Attributes that the query asks to equal something.
    pub looked_up: Vec<String>,
    /// Where it is set.
    pub location: Location,
    /// The function it is set in, as people name it.
    pub function: String,
    /// All functions on the way, as `module:qualname`, the endpoint first.
    pub functions: Vec<String>,
    /// The entry point from which it is reached.
    pub entry: usize,
    /// The way from the entry point; the last step is where it is set.
    pub trace: Vec<Step>,
}

/// A row that may not be there, or a field that may be left out, used as if it were there: nothing on the way asks.
#[derive(Clone, Debug)]
pub struct MissingFact {
    /// Where it is no row, but a field of what the caller sends that may be left out: the model and the field.
    pub field: Option<(String, String)>,
    /// The attribute that is read or set; nothing where the row is returned.
    pub attribute: Option<String>,
    /// Whether looking for it raises where it is not there: `one()`.
    pub raises: bool,
    /// Where the row is looked for: a call in the function that uses it.
    pub lookup: Location,
    /// Where it is used.
    pub location: Location,
    /// The entry point from which it is reached.
    pub entry: usize,
    /// The way from the entry point, functions as `module:qualname`; the last step is where it is used.
    pub way: Vec<Step>,
    /// Whether only a handler of exceptions does it, or something that runs after the response.
    pub aside: bool,
}
