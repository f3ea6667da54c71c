//! Tables and mapped classes as data.
//!
//! Every fact has the place it was read from. What is not known is absent, with the reason in
//! [`crate::Service::unknowns`].

use architect_source::Location;

/// A table as the database will have it.
#[derive(Clone, Debug)]
pub struct Table {
    /// The declarative base, registry or `MetaData` that holds it, as `module:name`.
    pub metadata: String,
    /// Its name.
    pub name: String,
    /// Its schema, where one is set.
    pub schema: Option<String>,
    /// Its columns in order.
    pub columns: Vec<Column>,
    /// The primary key.
    pub primary_key: Key,
    /// Foreign keys, those of single columns among them.
    pub foreign_keys: Vec<ForeignKey>,
    /// Unique constraints.
    pub unique: Vec<Key>,
    /// Check constraints.
    pub checks: Vec<Check>,
    /// Indexes.
    pub indexes: Vec<Index>,
    /// What a comment in the database says.
    pub comment: Option<String>,
    /// The unknown condition under which it exists.
    pub conditional: Option<String>,
    /// Where it is declared: the class or the `Table(…)`.
    pub location: Option<Location>,
}

impl Table {
    /// Its name with the schema before it.
    #[must_use]
    pub fn full_name(&self) -> String {
        match &self.schema {
            Some(schema) => format!("{schema}.{}", self.name),
            None => self.name.clone(),
        }
    }

    /// The column of that name.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// Whether an index, the primary key or a unique constraint starts with this column.
    #[must_use]
    pub fn is_indexed(&self, column: &str) -> bool {
        let first = |columns: &[String]| columns.first().is_some_and(|first| first == column);
        first(&self.primary_key.columns)
            || self.unique.iter().any(|key| first(&key.columns))
            || self.indexes.iter().any(|index| first(&index.columns))
    }

    /// Whether its rows log in: it keeps passwords.
    #[must_use]
    pub fn keeps_passwords(&self) -> bool {
        self.columns.iter().any(|column| PASSWORD_COLUMNS.contains(&column.name.as_str()))
    }

    /// Whether it looks like reference data: rows that people who run the service set up (kinds, priorities, plugins,
    /// templates), so that there are few of them however much the service is used.
    ///
    /// Two signs stand for it: a name that says so, and rows that are named and switched on and off. Accounts are
    /// switched off, too, and have an address or a password.
    #[must_use]
    pub fn is_reference_data(&self) -> bool {
        let named = self.is_named(KINDS);
        let has = |names: &[&str]| self.columns.iter().any(|column| names.contains(&column.name.as_str()));
        named || has(SWITCHES) && has(LABELS) && !self.is_of_accounts()
    }

    /// Whether its rows are accounts of people: they have an address or a password.
    #[must_use]
    pub fn is_of_accounts(&self) -> bool {
        self.columns.iter().any(|column| ACCOUNT_COLUMNS.contains(&column.name.as_str())) || self.keeps_passwords()
    }

    /// Whether its name says that people set its rows up one by one (providers, servers, credentials), so that there are
    /// rarely many; each may still have much that belongs to it.
    #[must_use]
    pub fn is_set_up(&self) -> bool {
        self.is_named(SET_UP)
    }

    /// Whether its name ends in one of some words, or in many of it.
    fn is_named(&self, words: &[&str]) -> bool {
        let word = self.name.rsplit('_').next().unwrap_or_default();
        let singular = word.strip_suffix("ies").map(|stem| format!("{stem}y"));
        let singular = singular.as_deref().or_else(|| word.strip_suffix('s')).unwrap_or(word);
        words.contains(&word) || words.contains(&singular)
    }

    /// Whether its rows surely become more while the service is used: accounts, and what somebody owns that has no name.
    #[must_use]
    pub fn grows_with_use(&self) -> bool {
        let has = |names: &[&str]| self.columns.iter().any(|column| names.contains(&column.name.as_str()));
        let is_named = has(LABELS) || has(KEYS);
        !self.is_reference_data() && (self.is_of_accounts() || has(OWNERS) && !is_named)
    }
}

/// Last words of the names of tables whose rows are set up once.
const KINDS: &[&str] = &[
    "type",
    "kind",
    "category",
    "priority",
    "severity",
    "level",
    "status",
    "role",
    "permission",
    "scope",
    "plugin",
    "template",
    "setting",
    "configuration",
    "config",
    "currency",
    "country",
    "language",
    "locale",
    "unit",
];
/// Last words of the names of tables whose rows are set up one by one, as many as what they stand for.
const SET_UP: &[&str] = &[
    "provider",
    "connector",
    "credential",
    "integration",
    "server",
    "instance",
    "region",
    "platform",
    "architecture",
    "feature",
    "flag",
    "limit",
    "label",
];
/// Columns by which a definition is switched on and off.
const SWITCHES: &[&str] = &["enabled", "is_enabled", "active", "is_active", "disabled", "is_default", "default"];
/// Columns that name a definition for people.
const LABELS: &[&str] = &["name", "title", "label", "slug", "code"];
/// Other columns that tell definitions from each other.
const KEYS: &[&str] = &["key", "command", "type_name", "alias"];
/// Columns that say whose a row is.
const OWNERS: &[&str] = &["user_id", "owner_id", "author_id", "account_id", "customer_id", "member_id"];
/// Columns of passwords.
const PASSWORD_COLUMNS: &[&str] = &["password", "hashed_password", "password_hash"];
/// Other columns that only accounts have.
const ACCOUNT_COLUMNS: &[&str] = &["email", "username", "login"];

/// A column.
#[derive(Clone, Debug)]
pub struct Column {
    /// Its name in the database.
    pub name: String,
    /// The type as SQLAlchemy prints it.
    pub type_text: String,
    /// The type as PostgreSQL spells it; nothing where it has none or it is not known.
    pub type_postgresql: Option<String>,
    /// The type as SQLite spells it.
    pub type_sqlite: Option<String>,
    /// Whether it may be NULL.
    pub nullable: bool,
    /// Whether it belongs to the primary key.
    pub primary_key: bool,
    /// `unique=`, where it is given.
    pub unique: Option<bool>,
    /// `index=`, where it is given.
    pub index: Option<bool>,
    /// The value that Python fills in.
    pub default: Option<DefaultValue>,
    /// What Python fills in when a row changes.
    pub onupdate: Option<DefaultValue>,
    /// The value that the database fills in.
    pub server_default: Option<DefaultValue>,
    /// Whether the database changes it when a row changes.
    pub server_onupdate: Option<DefaultValue>,
    /// The expression of a computed column.
    pub computed: Option<String>,
    /// Whether it is an `IDENTITY` column.
    pub identity: bool,
    /// What a comment in the database says.
    pub comment: Option<String>,
    /// Columns it refers to, as `table.column`, in alphabetical order.
    pub foreign_keys: Vec<String>,
    /// Where it is declared.
    pub location: Option<Location>,
}

/// A value a column gets when none is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DefaultValue {
    /// A constant, as Python prints it.
    Scalar(String),
    /// A function, by its dotted name.
    Callable(String),
    /// An SQL expression.
    Sql(String),
    /// What the database does, as `DEFAULT` says it.
    Server(String),
    /// A sequence, by its name.
    Sequence(String),
    /// The database computes it from this expression.
    Computed(String),
    /// The database counts it up.
    Identity,
    /// The database does something that is not said here.
    Fetched,
}

/// A primary key or unique constraint.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Key {
    /// Its name, given or by convention.
    pub name: Option<String>,
    /// Its columns in order.
    pub columns: Vec<String>,
}

/// A foreign key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForeignKey {
    /// Its name, given or by convention.
    pub name: Option<String>,
    /// Columns of this table.
    pub columns: Vec<String>,
    /// Columns it refers to, as `table.column`.
    pub targets: Vec<String>,
    /// `ON DELETE`.
    pub ondelete: Option<String>,
    /// `ON UPDATE`.
    pub onupdate: Option<String>,
    /// `DEFERRABLE`.
    pub deferrable: Option<bool>,
    /// `INITIALLY`.
    pub initially: Option<String>,
    /// Whether it is added after the table (`use_alter=True`).
    pub use_alter: bool,
    /// Where it is declared.
    pub location: Option<Location>,
}

/// A check constraint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// Its name, given or by convention.
    pub name: Option<String>,
    /// The condition, where it is text.
    pub sql: Option<String>,
}

/// An index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
    /// Its name, given or by convention.
    pub name: Option<String>,
    /// Whether it is unique.
    pub unique: bool,
    /// Columns it is about; those inside of expressions, too.
    pub columns: Vec<String>,
    /// Whether it holds expressions rather than plain columns.
    pub expressions: bool,
    /// Whether it covers only some of the rows.
    pub partial: bool,
    /// Where it is declared.
    pub location: Option<Location>,
}

/// A mapped class.
#[derive(Clone, Debug)]
pub struct Mapper {
    /// Which object of the program the class is; see [`crate::Service::mapper`].
    pub key: ClassKey,
    /// `module:qualname`.
    pub class: String,
    /// Full name of the table it is mapped to.
    pub table: String,
    /// The place of that table in [`crate::Service::tables`].
    pub table_index: Option<usize>,
    /// The mapped class it inherits from, as `module:qualname`.
    pub inherits: Option<String>,
    /// How it inherits.
    pub inheritance: Inheritance,
    /// Column that tells subclasses apart.
    pub polymorphic_on: Option<String>,
    /// What that column holds for this class.
    pub polymorphic_identity: Option<String>,
    /// Column that counts versions.
    pub version_id_col: Option<String>,
    /// `eager_defaults` of the mapper, where it is set.
    pub eager_defaults: Option<bool>,
    /// Attributes that are columns or SQL expressions, inherited ones among them.
    pub columns: Vec<ColumnAttribute>,
    /// Relationships, inherited ones and backrefs among them, by name.
    pub relationships: Vec<Relationship>,
    /// Attributes that are neither: hybrids, association proxies, composites, synonyms.
    pub others: Vec<OtherAttribute>,
    /// The unknown condition under which it exists.
    pub conditional: Option<String>,
    /// Where the class is defined.
    pub location: Option<Location>,
}

impl Mapper {
    /// The relationship of that name.
    #[must_use]
    pub fn relationship(&self, name: &str) -> Option<&Relationship> {
        self.relationships.iter().find(|relationship| relationship.name == name)
    }

    /// The column attribute of that name.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&ColumnAttribute> {
        self.columns.iter().find(|column| column.name == name)
    }
}

/// The identity of a class while one program is read: evaluation at request time finds mappers by it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ClassKey(pub u32);

/// How a mapped class inherits from another one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Inheritance {
    /// It does not.
    #[default]
    None,
    /// A table of its own, joined with that of its parent.
    Joined,
    /// Rows of its parent's table.
    Single,
    /// A whole table of its own; said of the parent as well, where that is concrete (`ConcreteBase`).
    Concrete,
}

/// An attribute that holds a column or an SQL expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnAttribute {
    /// Its name in Python.
    pub name: String,
    /// The column's name; nothing for expressions.
    pub column: Option<String>,
    /// Full name of the table that has the column.
    pub table: Option<String>,
    /// Whether it is loaded only when it is read.
    pub deferred: bool,
    /// The group it is loaded with, for deferred ones.
    pub deferred_group: Option<String>,
    /// Whether reading it fails where it was not loaded.
    pub deferred_raiseload: bool,
}

/// An attribute that is computed from others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtherAttribute {
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: OtherKind,
    /// What it goes through: the relationship of an association proxy, the attribute of a synonym.
    pub through: Option<String>,
    /// The attribute of the target, for association proxies.
    pub attribute: Option<String>,
}

/// What an attribute is that is neither column nor relationship.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OtherKind {
    /// `hybrid_property`.
    Hybrid,
    /// `association_proxy`.
    AssociationProxy,
    /// `composite`.
    Composite,
    /// `synonym`.
    Synonym,
}

/// A relationship between mapped classes.
#[derive(Clone, Debug)]
pub struct Relationship {
    /// Its name.
    pub name: String,
    /// The class at the other side, as `module:qualname`.
    pub target: String,
    /// The same, by identity.
    pub target_key: ClassKey,
    /// Which side holds the foreign key.
    pub direction: Direction,
    /// Whether it is a collection.
    pub uselist: bool,
    /// When it is loaded.
    pub lazy: Lazy,
    /// `lazy=True` and `lazy=False`, which SQLAlchemy keeps as they are written.
    pub lazy_flag: Option<bool>,
    /// Full name of the table between both sides.
    pub secondary: Option<String>,
    /// The attribute of the other side that is kept in step.
    pub back_populates: Option<String>,
    /// Whether `backref=` of the other side made it.
    pub from_backref: bool,
    /// Cascades, in alphabetical order.
    pub cascade: Vec<&'static str>,
    /// Whether the database deletes what hangs on a row (`passive_deletes`).
    pub passive_deletes: bool,
    /// Whether it is for reading only.
    pub viewonly: bool,
    /// Columns of this side that it reads, as `table.column`: whether they are loaded decides whether it can be.
    pub local_columns: Vec<String>,
    /// Columns of the other side or of the table between, as `table.column`.
    pub remote_columns: Vec<String>,
    /// Whether a many-to-one can be answered by primary key, without a statement where the object is known already.
    pub by_primary_key: bool,
    /// Whether the rows come in a given order.
    pub ordered: bool,
    /// Whether a join never loses rows (`innerjoin=True`).
    pub innerjoin: bool,
    /// Whether the statement is `INSERT` first and `UPDATE` after (`post_update=True`).
    pub post_update: bool,
    /// Where it is declared.
    pub location: Option<Location>,
}

/// Which side holds the foreign key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// The other side.
    OneToMany,
    /// This side.
    ManyToOne,
    /// A table between them.
    ManyToMany,
}

impl Direction {
    /// As SQLAlchemy names it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OneToMany => "ONETOMANY",
            Self::ManyToOne => "MANYTOONE",
            Self::ManyToMany => "MANYTOMANY",
        }
    }
}

/// When a relationship is loaded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lazy {
    /// When it is read: one statement each.
    #[default]
    Select,
    /// With the parent, by a join.
    Joined,
    /// With the parents, by a second statement.
    Selectin,
    /// With the parents, by a second statement around the first.
    Subquery,
    /// With the first parent, for all that are there.
    Immediate,
    /// Never: reading raises.
    Raise,
    /// Never where it would take a statement: reading raises.
    RaiseOnSql,
    /// Never: reading gives nothing.
    Noload,
    /// Reading gives a query.
    Dynamic,
    /// Only written.
    WriteOnly,
}

impl Lazy {
    /// As SQLAlchemy names it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Select => "select",
            Self::Joined => "joined",
            Self::Selectin => "selectin",
            Self::Subquery => "subquery",
            Self::Immediate => "immediate",
            Self::Raise => "raise",
            Self::RaiseOnSql => "raise_on_sql",
            Self::Noload => "noload",
            Self::Dynamic => "dynamic",
            Self::WriteOnly => "write_only",
        }
    }

    /// The strategy of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [
            Self::Select,
            Self::Joined,
            Self::Selectin,
            Self::Subquery,
            Self::Immediate,
            Self::Raise,
            Self::RaiseOnSql,
            Self::Noload,
            Self::Dynamic,
            Self::WriteOnly,
        ]
        .into_iter()
        .find(|lazy| lazy.as_str() == name)
    }
}
