//! What libraries' values are at request time, and what they do: plain data, interned.

use architect_python::flow::{Decides, Size, Val};
use architect_python::{ObjectId, Reduces, Site, Sym};

use crate::requests::{Amount, Wait};

/// A value of a library.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Thing {
    /// A database engine or connection.
    Engine { is_async: bool },
    /// What makes sessions.
    Factory {
        is_async: bool,
        expire: bool,
        /// Whether it is a registry: it keeps one session for each thread or task, and closes it itself.
        scoped: bool,
    },
    /// A session.
    Session(Session),
    /// `session.begin()` and the like; `closes` where the end of the block closes the session, too.
    Transaction { nested: bool, closes: bool },
    /// A statement; the session is its part where it is bound to one.
    Statement(Box<Statement>),
    /// The rows of a statement: the row is its part.
    Result { size: Size, scalars: bool, joined_collection: Option<Relationship> },
    /// A row of several columns: its parts are the columns.
    Row { names: Box<[Option<Sym>]> },
    /// A column of a mapped class.
    Column { class: ObjectId, name: Sym },
    /// An expression.
    Expression(Expression),
    /// A relationship of a class: `Post.author`.
    Attribute { class: ObjectId, name: Sym },
    /// Loader options.
    Options(Box<[LoadOption]>),
    /// A function of SQL.
    Function { aggregate: bool },
    /// `awaitable_attrs` of its part.
    Awaitable,
    /// `BackgroundTasks`.
    BackgroundTasks,
    /// The event loop, a task group, an executor.
    Concurrency(Concurrency),
    /// A response of a class: its part is the content.
    Response { streaming: bool },
    /// A number that callers choose: a parameter of an endpoint or a dependency.
    Number(Chosen),
    /// Something of a library by its path: what was called to make it.
    Opaque(Sym),
}

/// A parameter that callers choose: of which callable, as `module:qualname`, and its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Chosen {
    pub owner: Sym,
    pub name: Sym,
}

/// What starts things beside the running function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Concurrency {
    Loop,
    TaskGroup,
    Executor,
    /// Where it was started.
    Task(Site),
}

/// A session.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Session {
    pub is_async: bool,
    pub expire: bool,
    /// Which one: where it was made, or nothing for one that is handed in.
    pub site: Option<Site>,
    /// Changes that wait for a flush: class and what is done to it.
    pub pending: Vec<(Option<ObjectId>, Change)>,
    pub closed: bool,
    /// Whether it runs inside `run_sync`.
    pub greenlet: bool,
}

/// What happens to a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Change {
    Insert,
    Update,
    Delete,
}

/// What an expression compares.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Expression {
    /// A unique column equals something: at most one row.
    pub unique: bool,
    /// The column of this class that equals something and is part of a key.
    pub identifies: Option<(ObjectId, Sym)>,
    /// Columns that equal something.
    pub equals: [Option<(ObjectId, Sym)>; 4],
    /// A foreign key of this class, or what belongs to one parent of it, equals something.
    pub parent: Option<ObjectId>,
    /// A foreign key of this class to a root equals something: see [`super::orm::ColumnFacts::of_root`].
    pub of_root: Option<ObjectId>,
    /// A column is one of a list the caller holds.
    pub listed: bool,
    /// A date or time is later than something.
    pub window: bool,
    /// A part of it is not known.
    pub doubtful: bool,
    /// Some column is compared at all.
    pub any: bool,
    /// It is a condition: true or false.
    pub compares: bool,
    /// Several conditions of which one is enough.
    pub either: bool,
    /// One of several conditions is that a unique column equals something.
    pub maybe_one: bool,
    /// It counts or sums.
    pub aggregate: bool,
    /// What Python says when it is asked whether it is true.
    pub truth: Truth,
    /// Python decided on it, not the database: an index into [`super::books::Books::decisions`].
    pub decided: Option<u32>,
}

/// What Python says when it asks an expression of SQL whether it is true.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) enum Truth {
    #[default]
    Unknown,
    Known(bool),
    /// It raises `TypeError`.
    Raises,
}

/// Something that Python decides where the database is meant to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Decision {
    pub how: Decides,
    pub site: Site,
    /// The operands: what the value of the whole is made of.
    pub operands: Vec<Site>,
    /// What Python says to each operand; nothing for those that are not of SQL.
    pub truths: Vec<Option<Truth>>,
    /// What was decided on operands before.
    pub inner: Vec<u32>,
}

/// How something is loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Strategy {
    Lazy,
    Joined,
    Selectin,
    Subquery,
    Raise,
    None,
    Contains,
    Dynamic,
}

/// One loader option: the way to what it is about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct LoadOption {
    /// Relationships from the entity on, and how each is loaded.
    pub path: Vec<(Option<Sym>, Strategy)>,
    /// Columns of the last that are loaded, where only these are.
    pub only: Option<Vec<Sym>>,
    /// Columns of the last that are left out.
    pub defer: Vec<Sym>,
    /// Columns of the last that are loaded although the class leaves them out, or a star.
    pub undefer: Vec<Sym>,
    /// Whether only some of several ways give it.
    pub sometimes: bool,
}

/// What a statement reads.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Entity {
    Class(ObjectId),
    Column(ObjectId, Sym),
    Aggregate,
    Other,
}

/// What a statement does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum StatementKind {
    Select,
    Insert,
    Update,
    Delete,
    Text,
}

/// A bound of rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Limit {
    None,
    Known(u32),
    /// Given by something whose value is not known.
    Given,
    /// Given by a parameter as it is sent; `off` where it may be `None`, which is no limit.
    Chosen {
        by: Chosen,
        off: bool,
    },
}

/// A statement, as far as it was built.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Statement {
    pub kind: StatementKind,
    pub entities: Vec<Entity>,
    pub options: Vec<LoadOption>,
    pub filtered: bool,
    /// How many conditions there are.
    pub conditions: u8,
    /// Whether it asks for one row on some path, or by one of several conditions.
    pub maybe_one: bool,
    pub unique: bool,
    /// Columns of keys that equal something.
    pub compared: Vec<Sym>,
    pub parent: bool,
    /// Whether rows are those of one root, and whether there are other conditions.
    pub of_root: bool,
    pub narrowed: bool,
    pub listed: bool,
    pub window: bool,
    /// Whether a condition is not known.
    pub doubtful: bool,
    pub limit: Limit,
    pub offset: bool,
    pub ordered: bool,
    /// Whether it is ordered by conditions alone: true or false.
    pub ordered_by_condition: bool,
    pub grouped: bool,
    pub distinct: bool,
    pub streamed: bool,
    /// Columns of its first class that equal something, or that an `INSERT` fills.
    pub equals: (Option<ObjectId>, Vec<Sym>),
    /// The column that its rows are ordered by first.
    pub order: Option<(ObjectId, Sym)>,
    /// The class of a joined collection that repeats what is read, and whether a condition on it may leave one of each.
    pub multiplied: Option<(ObjectId, bool)>,
    /// Whether its rows are locked.
    pub locked: bool,
    /// Whether an `INSERT` says what to do with a row that is there.
    pub upsert: bool,
    /// Where pages are made of it.
    pub paged: Option<Site>,
    /// Where it was begun or narrowed last: what executes statements of others is not the place to look at.
    pub built: Option<Site>,
    /// Relationships that were joined, for `contains_eager`.
    pub joins: u8,
    /// Whether it was taken for more than a query: `Query` of 1.x.
    pub legacy: bool,
}

impl Statement {
    pub fn new(kind: StatementKind, entities: Vec<Entity>) -> Self {
        Self {
            kind,
            entities,
            options: Vec::new(),
            filtered: false,
            conditions: 0,
            maybe_one: false,
            unique: false,
            compared: Vec::new(),
            parent: false,
            of_root: false,
            narrowed: false,
            listed: false,
            window: false,
            doubtful: false,
            limit: Limit::None,
            offset: false,
            ordered: false,
            ordered_by_condition: false,
            grouped: false,
            distinct: false,
            streamed: false,
            equals: (None, Vec::new()),
            order: None,
            multiplied: None,
            locked: false,
            upsert: false,
            paged: None,
            built: None,
            joins: 0,
            legacy: false,
        }
    }
}

/// The state of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum State {
    Transient,
    Pending,
    Persistent,
    Expired,
    Detached,
    /// A parameter that nobody is seen to hand in.
    Assumed,
}

/// What is known of an instance of a mapped class.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct RowInfo {
    pub state: State,
    pub is_async: Option<bool>,
    pub expire: bool,
    /// The session it hangs on.
    pub session: Option<Site>,
    /// Columns that are loaded when they are read.
    pub deferred: Vec<Sym>,
    /// Columns that are loaded although the class leaves them out, or a star.
    pub undeferred: Vec<Sym>,
    /// Only these columns are loaded.
    pub only: Option<Vec<Sym>>,
    /// Relationships that are loaded in another way than the class says, and what options say of what is below.
    pub options: Vec<LoadOption>,
    /// The query that loaded it.
    pub query: Option<Site>,
    /// Whether there may be several rows of it at once.
    pub many: bool,
    /// Whether its query gives as many rows as there are.
    pub open: bool,
    /// Whether its query gives all rows, or all of one parent.
    pub whole: bool,
}

/// How a statement's rows are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Take {
    All,
    One,
    Nothing,
}

/// What is done.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Effect {
    /// A statement is executed.
    Query {
        statement: Box<Statement>,
        size: Size,
        take: Take,
        is_async: bool,
        /// Statements beside it that load relationships: class and name.
        beside: Vec<(ObjectId, Sym)>,
        /// What is read.
        entity: String,
        /// It may be answered from the identity map: `session.get`.
        by_key: bool,
        joined_collection: Option<Relationship>,
    },
    /// A relationship is loaded by reading it.
    Lazy {
        class: ObjectId,
        name: Sym,
        many: bool,
        many_to_one: bool,
        /// Nothing where it is not known which kind of session it hangs on.
        is_async: Option<bool>,
        state: State,
        beside: u32,
        /// The query that loaded the object.
        query: Option<Site>,
        /// Whether response models read it.
        serialised: bool,
        /// Whether it is loaded because the object is deleted.
        cascade: bool,
        entity: String,
    },
    /// An expired object is loaded again, or a deferred column.
    Refresh {
        class: ObjectId,
        name: Sym,
        is_async: Option<bool>,
        deferred: bool,
        /// Statements that load relationships with it.
        beside: u32,
        detached: bool,
        serialised: bool,
    },
    /// Changes are sent.
    Write {
        class: Option<ObjectId>,
        /// The relationship of the class whose table in between is written.
        through: Option<Sym>,
        change: Change,
        /// Whether each row takes a statement of its own, as where the database counts the keys and only tells the last.
        alone: bool,
        is_async: bool,
    },
    /// A new object joins a session, with these attributes; [`architect_python::flow::ANY_ATTRIBUTE`] among them where
    /// others may be.
    Inserted {
        class: ObjectId,
        sets: Vec<Sym>,
    },
    /// A number of a row that was loaded is set to what Python computes from what it was.
    Rewritten {
        class: ObjectId,
        name: Sym,
        /// The query that loaded the row.
        query: Site,
    },
    /// Changes are sent now.
    Flush,
    Commit {
        is_async: bool,
    },
    /// Something that is not known is told to commit: it may be a session.
    MayCommit,
    Rollback {
        is_async: bool,
    },
    Close {
        is_async: bool,
        site: Option<Site>,
    },
    /// A session is made.
    Open {
        is_async: bool,
        managed: bool,
        site: Site,
    },
    /// A block closes a session that was made there.
    Managed {
        site: Site,
    },
    /// A block gives up the transaction where it fails.
    Block,
    /// Several branches use one session at once.
    Concurrent,
    /// A response is sent piece by piece; `open` for one that goes on until the client leaves.
    Stream {
        open: bool,
    },
    /// An attribute of a mapped class is set on a session.
    SetOnSession {
        name: Sym,
    },
    /// A call that waits without letting others run.
    Blocking {
        what: Sym,
        wait: Wait,
    },
    /// An answer from outside is awaited, while others run.
    Outside {
        what: Sym,
    },
    /// Something waits that nobody awaits.
    NotAwaited {
        what: String,
    },
    /// All rows of a class that a query gives are only counted.
    Counted {
        class: ObjectId,
        query: Site,
        /// Whether only that there is any is asked.
        whether: bool,
    },
    /// All rows of a class that a query gives are only asked whether there are any.
    Tested {
        class: ObjectId,
        query: Site,
    },
    /// Two collections are joined side by side: as many rows as both have together, multiplied.
    Product {
        first: Relationship,
        second: Relationship,
        /// Whether options of the statement say so, and not the class.
        by_options: bool,
        /// Whether one of them may not be given.
        sometimes: bool,
        /// Whether it is so for each of several rows.
        many: bool,
    },
    /// Rows of a class are loaded, and only summed up, searched, filtered or cut.
    Reduced {
        class: ObjectId,
        /// The query; of a collection, where it is loaded.
        query: Site,
        how: Reduces,
        /// Attributes that are read for it.
        attributes: Vec<Sym>,
        amount: Amount,
        /// Whether a part is looked up in a list of Python, or the rows are used for other such things, too.
        open: bool,
    },
    /// Rows that a joined collection repeats are taken without `unique()`.
    NotUnique {
        /// The collection.
        joined: Relationship,
        /// How they are taken: a method, or nothing where they are iterated.
        method: Option<Sym>,
    },
    /// Python decides on a column or a condition: an index into [`super::books::Books::decisions`].
    Decided {
        decision: u32,
    },
    /// A task is started; a session or a row it is given.
    Spawn {
        background: bool,
        given: Option<String>,
    },
}

pub(super) type Parts = Box<[Val]>;

/// A relationship of a class.
pub(super) type Relationship = (ObjectId, Sym);
