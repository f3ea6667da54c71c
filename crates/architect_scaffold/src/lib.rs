//! New services: a data model, and the templates that make a service from it.
//!
//! The data model ([`Resource`]) knows no template, and templates read nothing but views of it, so that resources can
//! be added to services that exist. Invariants: nothing here touches the disk, and nothing knows of Python's syntax
//! beyond the lines of imports: what is generated is put into its final form by whoever writes it.
//!
//! The way: a data model (`resource.rs`), what refers to what and whose rows are whose (`links.rs`), views of that
//! (`view.rs`), templates. Templates are written once, in the layout of a `service`; `layout.rs` joins the modules of
//! the flatter `prototype`. They may import too much and be formatted as they like: `architect_style::tidy` puts
//! Python into its final form. `lock.rs` cuts the lock file of a service out of one embedded resolution of everything
//! that any service needs, exactly as uv would write it.
//!
//! What a generated service is worth is seen when it runs: `testdata/scaffold` generates services (`cells.py`),
//! installs each from its own lock file and runs formatters, linters, types, its own tests and migrations on SQLite
//! and PostgreSQL, our review, and schemathesis on a server. `probes.py` and `cost.py` beside it measure behaviour and
//! CPU time, of generated services and of others.

mod layout;
mod links;
mod lock;
mod names;
mod packages;
mod prose;
mod render;
mod resource;
mod sizing;
mod view;

pub use names::check_project as check_name;
pub use packages::everything;
pub use render::{File, check_design, generate};
pub use resource::{Bound, Field, Kind, OnDelete, Resource};
pub use sizing::{Context, choose, database_of};

/// How big a service is meant to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Size {
    /// One process on SQLite, nothing to install.
    Prototype,
    /// Several processes on one database.
    Service,
    /// Several hosts, with Redis and a worker.
    Scaled,
}

impl Size {
    /// As `--size` spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Prototype => "prototype",
            Self::Service => "service",
            Self::Scaled => "scaled",
        }
    }
}

/// The database that a service is made for first; its code runs on both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Database {
    /// A file.
    Sqlite,
    /// A server.
    Postgres,
}

/// How passwords are hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hasher {
    /// bcrypt with 12 rounds.
    Bcrypt,
    /// argon2id with the parameters of OWASP.
    Argon2,
}

/// What a new service is to be.
#[derive(Clone, Debug)]
pub struct Design {
    /// Of the distribution and the folder.
    pub name: String,
    /// How big.
    pub size: Size,
    /// On which database.
    pub database: Database,
    /// Whether there are accounts.
    pub accounts: bool,
    /// How passwords are hashed.
    pub hasher: Hasher,
    /// Whether endpoints and database access are asynchronous.
    pub asynchronous: bool,
    /// The data model.
    pub resources: Vec<Resource>,
    /// What was decided and why, for the record: a title and a paragraph each.
    pub decisions: Vec<(String, String)>,
}
