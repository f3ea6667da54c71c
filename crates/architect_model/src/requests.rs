//! What requests do, as data: statements and other effects with the way that leads to them, loops with what is done in
//! each turn, and what each entry point costs.

mod cost;
mod objects;
mod rows;

use architect_source::{Edit, Location};

use crate::tables::ClassKey;

pub use architect_python::Reduces;
pub use architect_python::flow::Decides;
pub use cost::{ByName, Cost};
pub use objects::{EngineFact, Misfit, RawAnswer, ShapeFact};
pub use rows::{Amount, MissingFact, RaceFact, ReducedFact, RewriteFact};

/// Everything that is known of request time.
#[derive(Clone, Debug, Default)]
pub struct Requests {
    /// Endpoints and other functions from which the walk started, endpoints first.
    pub entries: Vec<Entry>,
    /// Effects by place; each with one way that leads to it.
    pub effects: Vec<EffectFact>,
    /// Loops, comprehensions and response models that do something with the database in each turn.
    pub loops: Vec<LoopFact>,
    /// Places where response models read objects.
    pub serialisations: Vec<Serialisation>,
    /// Sessions that no block closes.
    pub sessions: Vec<SessionFact>,
    /// Sessions that exist since import, and that requests use.
    pub shared_sessions: Vec<SharedSession>,
    /// Where sessions of asyncio are made that expire their objects with every commit: a factory, or a session.
    pub expiring: Vec<Location>,
    /// `try` statements whose body writes to the database.
    pub tries: Vec<TryFact>,
    /// Rows that requests look for before they insert them.
    pub races: Vec<RaceFact>,
    /// Numbers of rows that requests read, change and write back.
    pub rewrites: Vec<RewriteFact>,
    /// Rows that endpoints look for and use as if they were there.
    pub missing: Vec<MissingFact>,
    /// Answers from outside that endpoints wait for while a transaction is open.
    pub held: Vec<HeldFact>,
    /// Coroutine functions that keep the event loop waiting, in the order they are reached.
    pub blocking: Vec<BlockingFact>,
    /// Functions that the walks went through, each with the first entry point that leads there.
    pub followed: Vec<Followed>,
    /// Models that cannot be made of the objects they are given.
    pub shapes: Vec<ShapeFact>,
    /// Database engines that exist after import.
    pub engines: Vec<EngineFact>,
    /// Drivers that URLs of databases in the code name, such as `asyncpg`.
    pub drivers: Vec<String>,
    /// Endpoints without a response model that answer rows.
    pub raw_answers: Vec<RawAnswer>,
    /// Whether the walk ended before everything was seen.
    pub exhausted: bool,
}

/// A function that a walk went through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Followed {
    /// The function, as `module:qualname`.
    pub function: String,
    /// Its name, where it is defined.
    pub location: Location,
    /// The entry point.
    pub entry: usize,
}

/// What an entry point is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// An endpoint.
    Endpoint,
    /// A middleware.
    Middleware,
    /// A start-up handler, or a lifespan.
    Startup,
    /// A function that nothing the walk saw calls.
    Function,
}

/// Where the walk started.
#[derive(Clone, Debug)]
pub struct Entry {
    /// What it is.
    pub kind: EntryKind,
    /// How people name it: `GET /users`, or `module:function`.
    pub name: String,
    /// Where it is registered or defined.
    pub location: Location,
    /// What one call costs.
    pub cost: Cost,
    /// The statements, as far as they are listed.
    pub terms: Vec<Term>,
    /// Why the cost is not known exactly.
    pub reasons: Vec<(String, Location)>,
    /// What its dependencies do when they are left, in that order.
    pub exits: Vec<ExitFact>,
    /// Whether rows are added, changed or deleted before dependencies are left.
    pub writes: bool,
    /// Whether a transaction is committed before dependencies are left.
    pub commits: bool,
    /// Whether something that is not known, and may be a session, is told to commit, by dependencies as well.
    pub may_commit: bool,
    /// Whether a session that is handed in is closed before dependencies are left.
    pub closes: bool,
}

/// What a dependency does when it is left: the code after its `yield`.
#[derive(Clone, Debug)]
pub struct ExitFact {
    /// The dependency, as `module:qualname`.
    pub dependency: String,
    /// Whether it is left before the response is sent: `scope="function"`.
    pub function_scope: bool,
    /// Where it commits.
    pub commit: Option<Location>,
    /// Whether it closes a session.
    pub closes: bool,
}

/// A session that no `with` closes.
#[derive(Clone, Debug)]
pub struct SessionFact {
    /// The function that makes it, as `module:qualname`.
    pub function: String,
    /// Where it is made.
    pub location: Location,
    /// Whether it is one of asyncio.
    pub is_async: bool,
    /// Where it is made, if that is not there but in what is called there.
    pub made: Option<Location>,
    /// Where it is closed.
    pub closes: Vec<Location>,
    /// What becomes of it.
    pub fate: Fate,
}

/// A session that all requests share.
#[derive(Clone, Debug)]
pub struct SharedSession {
    /// Where it is made.
    pub location: Location,
    /// Whether it is one of asyncio.
    pub is_async: bool,
}

/// What becomes of a session that a function makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It stays in the function, or is stored.
    Kept,
    /// It is returned.
    Returned,
    /// It is handed out by `yield`.
    Yielded,
    /// It comes from a generator of that name, over which an `async for` is left before its end.
    Abandoned(String),
}

/// A `try` statement whose body writes to the database, through a session that is used elsewhere, too.
#[derive(Clone, Debug)]
pub struct TryFact {
    /// The function it stands in, as `module:qualname`.
    pub function: String,
    /// The statement.
    pub location: Location,
    /// Its handlers in order.
    pub arms: Vec<TryArm>,
}

/// A handler of a [`TryFact`].
#[derive(Clone, Debug)]
pub struct TryArm {
    /// Whether it gives up the transaction, or closes the session.
    pub rolls_back: bool,
    /// The first thing in it that asks the database: reading an object that the failure expired counts.
    pub asks: Option<Location>,
    /// Whether the function goes on after it, and asks the database.
    pub asks_after: bool,
    /// Whether a loop goes on after it, with the same `try` in the next turn.
    pub repeated: bool,
}

/// One statement of a cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// What is executed: `select User`, `load Post.author`.
    pub what: String,
    /// How often: names of what is counted, outermost first.
    pub times: Vec<String>,
    /// Whether it writes.
    pub write: bool,
    /// Where.
    pub location: Location,
    /// The way that leads there.
    pub trace: Vec<Step>,
}

/// One step of a way: a function, and where it goes on from there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The function, as people name it.
    pub function: String,
    /// The call in it.
    pub location: Location,
}

/// Something that is done.
#[derive(Clone, Debug)]
pub struct EffectFact {
    /// What.
    pub kind: EffectKind,
    /// Where.
    pub location: Location,
    /// The entry point from which it is reached: an index into [`Requests::entries`].
    pub entry: usize,
    /// How many entry points reach it.
    pub reached_by: usize,
    /// The way from the entry point, outermost first.
    pub trace: Vec<Step>,
    /// For statements without a limit: where else the function they stand in is called for the same, with the entry points
    /// from which that is reached.
    pub callers: Vec<(usize, Step)>,
    /// Whether it runs on the event loop.
    pub on_loop: bool,
    /// Whether it runs after the response, or beside it.
    pub background: bool,
    /// Whether it is part of a handler of exceptions.
    pub handling: bool,
}

/// What is done.
#[derive(Clone, Debug, PartialEq)]
pub enum EffectKind {
    /// A statement.
    Query(Box<QueryFact>),
    /// A relationship, an expired object or a deferred column is loaded by reading it.
    Load(LoadFact),
    /// Changes are sent.
    Write {
        /// The class.
        class: String,
        /// `insert`, `update`, `delete`.
        change: &'static str,
    },
    /// A transaction ends.
    Commit,
    /// A transaction is given up.
    Rollback,
    /// A session is made.
    Open {
        /// Whether a `with` or the like closes it.
        managed: bool,
        /// Whether it is one of asyncio.
        is_async: bool,
    },
    /// A session ends.
    Close,
    /// A call that waits without letting others run.
    Blocking {
        /// What is called.
        what: String,
        /// What for.
        wait: Wait,
    },
    /// All rows of a query are loaded, and asked for nothing but whether there are any.
    Tested {
        /// The class.
        class: String,
        /// The query.
        query: Location,
    },
    /// All rows of a query are loaded, and only counted.
    Counted {
        /// The class.
        class: String,
        /// The query.
        query: Location,
        /// Whether only that there is any is asked.
        whether: bool,
    },
    /// A statement joins two collections side by side: it gives a row for each pair of their rows.
    Product {
        /// One: `Post.comments`.
        first: String,
        /// The other.
        second: String,
        /// Whether options of the statement say so, and not the class.
        by_options: bool,
        /// Whether one of them may not be given.
        sometimes: bool,
        /// Whether it is so for each of several rows.
        many: bool,
    },
    /// Rows are loaded, and Python computes of them what the database could.
    Reduced(ReducedFact),
    /// Rows that a joined collection repeats are taken without `unique()`, which SQLAlchemy refuses.
    NotUnique {
        /// The collection: `Post.comments`.
        collection: String,
        /// The method that takes them; nothing where they are iterated.
        method: Option<String>,
        /// What makes them unique, where that is one more call.
        edit: Option<Edit>,
    },
    /// Python decides on columns or conditions, and what it makes of them is part of a statement.
    ColumnTest(ColumnTest),
    /// Several branches that run at once use one session.
    Concurrent,
    /// A response is sent piece by piece.
    Stream {
        /// Whether it goes on until the client leaves: server-sent events.
        open: bool,
    },
    /// An attribute of a mapped class is set on a session.
    SetOnSession {
        /// The attribute.
        name: String,
    },
    /// A coroutine nobody awaits.
    NotAwaited {
        /// What was called.
        what: String,
    },
    /// Something is started that goes on beside.
    Spawn {
        /// Whether it runs after the response.
        background: bool,
        /// The session or object it is given.
        given: Option<String>,
    },
}

/// A part of a statement that Python decides before the database sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnTest {
    /// What decides.
    pub by: Decides,
    /// What is left in the statement.
    pub becomes: Becomes,
    /// What lets the database decide; none where that takes more than other operators.
    pub edits: Vec<Edit>,
}

/// What Python makes of conditions that the database was meant to see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Becomes {
    /// Only the first is left.
    First,
    /// Only the last is left.
    Last,
    /// A constant.
    Always(bool),
    /// It raises.
    Raises,
    /// That is not known.
    Unclear,
}

/// What a call waits for while its thread does nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Wait {
    /// An answer from the network.
    Network,
    /// Nothing: it sleeps.
    Sleep,
    /// Another process.
    Process,
    /// A database, through its driver.
    Database,
    /// A database, through a session of SQLAlchemy.
    Session,
    /// The processor: a hash that is slow on purpose.
    Hashing,
    /// The disk.
    Files,
    /// The processor and the disk, for as long as the data is large: archives, copies of folders, pictures.
    Work,
    /// An event loop inside of this one.
    Loop,
    /// Somebody at a terminal.
    Input,
}

/// An answer from outside that is waited for while a transaction is surely open.
#[derive(Clone, Debug)]
pub struct HeldFact {
    /// What is called: the path of the library's function.
    pub what: String,
    /// The call that leads to it in the function that has the transaction, where that could be ended first.
    pub location: Location,
    /// Where it is waited for.
    pub waits: Location,
    /// The statement that began the transaction.
    pub since: Location,
    /// The entry point from which it is reached.
    pub entry: usize,
    /// The way from the entry point to the call.
    pub trace: Vec<Step>,
}

/// A coroutine function that keeps the event loop waiting.
#[derive(Clone, Debug)]
pub struct BlockingFact {
    /// The function, as people name it.
    pub function: String,
    /// Its name, where it is defined.
    pub location: Location,
    /// The calls in it that wait, in the order they are met.
    pub calls: Vec<BlockingCall>,
    /// The entry point from which it is reached; none where nothing was seen to call it.
    pub entry: Option<usize>,
    /// The way from the entry point to the function.
    pub trace: Vec<Step>,
    /// Whether it only runs after the response, or beside it.
    pub background: bool,
}

/// A call in a coroutine function that waits.
#[derive(Clone, Debug)]
pub struct BlockingCall {
    /// What waits in the end: the path of the library's function.
    pub what: String,
    /// What for.
    pub wait: Wait,
    /// The call in the coroutine function.
    pub location: Location,
    /// The way from there through plain functions, the last step being what waits.
    pub ways: Vec<Step>,
    /// Whether it is part of a handler of exceptions.
    pub handling: bool,
}

/// A statement.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "they are independent facts of one statement")]
pub struct QueryFact {
    /// What is read: the name of a class.
    pub entity: String,
    /// The class.
    pub class: Option<ClassKey>,
    /// Attributes of the class that equal something, where there is no other condition but that columns are true,
    /// and nothing is joined.
    pub looked_up: Vec<String>,
    /// The attribute of the class that its rows are ordered by first, where nothing is joined.
    pub ordered_by: Option<String>,
    /// `select`, `insert`, `update`, `delete`, `text`.
    pub verb: &'static str,
    /// Whether all rows are taken.
    pub all: bool,
    /// Whether there is a limit.
    pub limited: bool,
    /// The parameter that gives the limit as it is sent.
    pub chosen_limit: Option<ChosenLimit>,
    /// Whether there is an offset.
    pub offset: bool,
    /// Where pages are made of it.
    pub paged: Option<Location>,
    /// Where it was begun or narrowed last, which may be in another function than that which executes it.
    pub built: Option<Location>,
    /// Whether there is an order.
    pub ordered: bool,
    /// Whether what orders it are conditions alone, which are true or false.
    pub ordered_by_condition: bool,
    /// Whether the function that executes it orders it only where somebody asks for an order.
    pub ordered_on_request: bool,
    /// Whether the first row of its result is taken, and the others that were sent are thrown away.
    pub takes_first: bool,
    /// Whether its rows are locked (`FOR UPDATE`).
    pub locked: bool,
    /// Whether there is a condition.
    pub filtered: bool,
    /// How many conditions there are, as they are written one beside the other.
    pub conditions: u8,
    /// Whether a unique column equals something on some path, or by one of several conditions.
    pub maybe_one: bool,
    /// Whether a unique column equals something.
    pub unique: bool,
    /// Whether rows belong to one parent.
    pub parent: bool,
    /// Whether rows belong to one of what most tables belong to (a tenant, a project), and other conditions hold, too.
    pub narrowed_root: bool,
    /// Whether a key is one of a list.
    pub listed: bool,
    /// Whether only what is later than some time is read.
    pub window: bool,
    /// Whether a condition is not known, which may leave few rows.
    pub doubtful: bool,
    /// Whether rows are groups or sums.
    pub aggregate: bool,
    /// Whether rows are read one after the other.
    pub streamed: bool,
    /// Whether objects are read, not columns.
    pub objects: bool,
    /// Whether it runs through a session of asyncio.
    pub is_async: bool,
    /// How many mapped classes point to what is read.
    pub children: usize,
    /// How many mapped classes it points to.
    pub parents: usize,
    /// Whether the table that is read surely grows, see [`crate::tables::Table::grows_with_use`].
    pub grows_with_use: bool,
    /// Whether what is read is reference data, see [`crate::tables::Table::is_reference_data`].
    pub is_reference_data: bool,
    /// Whether the identity map may answer.
    pub by_key: bool,
    /// Whether a collection is joined and rows have to be made unique.
    pub joined_collection: bool,
    /// The class of a joined collection for which its rows are repeated, and whether a condition on that may leave one of
    /// each.
    pub multiplied: Option<(String, bool)>,
    /// Statements beside it that load relationships.
    pub beside: Vec<String>,
}

/// A limit that is whatever a caller sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChosenLimit {
    /// The endpoint or dependency whose parameter it is, as `module:qualname`.
    pub owner: String,
    /// The parameter, by its name in the signature.
    pub parameter: String,
    /// Whether it may be `None` by then, which is no limit.
    pub off: bool,
}

/// A load by reading.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "they are independent facts of one load")]
pub struct LoadFact {
    /// The class and the attribute: `Post.author`.
    pub what: String,
    /// Whether it is a relationship, and not a column.
    pub relationship: bool,
    /// Whether it is a collection.
    pub many: bool,
    /// Whether the identity map may answer.
    pub many_to_one: bool,
    /// Whether its session has to be awaited; nothing where that is not known.
    pub is_async: Option<bool>,
    /// Whether a commit or rollback expired the object.
    pub expired: bool,
    /// Whether its session is closed.
    pub detached: bool,
    /// Whether a response model reads it.
    pub serialised: bool,
    /// Whether it is one of few objects that the identity map soon has: a many-to-one to reference data, see
    /// [`crate::tables::Table::is_reference_data`], or of rows that were asked for by that very key.
    pub few: bool,
    /// Whether it is loaded because its owner is deleted.
    pub cascade: bool,
    /// Whether the object comes from a parameter nobody is seen to fill.
    pub assumed: bool,
    /// Whether it may be loaded all the same: nobody is seen to load the object, and some query of the service loads this
    /// relationship with its rows.
    pub handed_in_loaded: bool,
    /// Whether the request loads it in another place, or objects like it: the identity map may have it.
    pub elsewhere: bool,
    /// Where the object was loaded.
    pub query: Option<Location>,
}

/// How often something is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Times {
    /// As many as stand there.
    Known(u32),
    /// As many as there are rows, at most so many.
    Rows(String, Option<u32>),
    /// As many as a caller sends, at most so many.
    Input(String, Option<u32>),
    /// Several at a time, until all were there.
    Batches,
    /// Until a condition holds, or as often as something comes that is waited for.
    While,
    /// As many as hang together: what one turn asks for, the next asks with (a chain of parents, a tree).
    Linked,
    /// Not known.
    Unknown,
}

/// Response models read an object, or each of several.
#[derive(Clone, Debug)]
pub struct Serialisation {
    /// The model, by name.
    pub model: String,
    /// Where: the endpoint whose answer it is, or the call.
    pub location: Location,
    /// The function it stands in.
    pub function: String,
    /// How many objects are read; of a page that holds them, how many it holds.
    pub times: Times,
    /// What is loaded while it is read, how often for each object, and the fields that lead to it.
    pub loads: Vec<(LoadFact, Times, Location)>,
    /// Statements that functions execute which it calls: properties of the objects, validators.
    pub executes: Vec<Executed>,
    /// The way from the entry point to the statement that loads the objects, where one is seen.
    pub loaded: Vec<Step>,
    /// The entry point from which it is reached.
    pub entry: usize,
    /// The way from the entry point.
    pub trace: Vec<Step>,
}

/// A statement that is executed while a response model reads an object.
#[derive(Clone, Debug)]
pub struct Executed {
    /// The property or function that is called: `Invoice.total`.
    pub by: String,
    /// Whether it belongs to the object that is read, and not to the model.
    pub of_row: bool,
    /// How often for each object.
    pub times: Times,
    /// Where it is executed.
    pub location: Location,
}

/// A loop that reaches the database.
#[derive(Clone, Debug)]
pub struct LoopFact {
    /// Where.
    pub location: Location,
    /// The function it stands in.
    pub function: String,
    /// How often.
    pub times: Times,
    /// What it is over, as written; nothing where that is long.
    pub over: String,
    /// Whether each turn waits for an answer from outside, too.
    pub waits_outside: bool,
    /// Whether it stops at a match.
    pub leaves: bool,
    /// Whether each turn calls the function again that the loop stands in; of a call outside of loops, whether it does.
    pub again: bool,
    /// What each turn does: the effect, its place, and the way from the loop.
    pub does: Vec<(EffectKind, Location, Vec<Step>)>,
    /// The entry point from which it is reached.
    pub entry: usize,
    /// The way from the entry point.
    pub trace: Vec<Step>,
    /// Whether it runs after the response, or beside it.
    pub background: bool,
    /// Whether it is part of a handler of exceptions.
    pub handling: bool,
}
