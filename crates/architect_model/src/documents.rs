//! What a project writes about itself for people and agents: files, modules, commands and endpoints that its documents
//! name.
//!
//! Whether a file or a command is there is decided while the project is read; what of modules and endpoints is there
//! follows from the rest of the model.

use architect_source::Location;

/// A document of the project: `README`, `CONTRIBUTING`, coding standards, instructions for agents.
#[derive(Clone, Debug)]
pub struct Document {
    /// Its path, relative to the project.
    pub path: String,
    /// What it names, in order.
    pub references: Vec<Reference>,
}

/// Something that a document names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// As written.
    pub text: String,
    /// What it is.
    pub kind: ReferenceKind,
    /// Where.
    pub location: Location,
}

/// What a document names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReferenceKind {
    /// A file or folder.
    Path {
        /// How much of it is there.
        presence: Presence,
        /// Whether it is the target of a link.
        link: bool,
    },
    /// A module, and what of it: `app.core.security.hash_password`, `uvicorn app.main:app`, an import in an example.
    Module {
        /// The dotted path.
        path: String,
        /// What is taken from it, where that is told apart.
        name: Option<String>,
        /// Whether it is code, which says for sure that a module is meant.
        code: bool,
    },
    /// A function or class, beside the file it is said to be in.
    Name {
        /// The name.
        name: String,
        /// The file, as the project knows it.
        file: String,
    },
    /// A task: a target of `make`, a script of `npm`.
    Task {
        /// `make`, `npm`, `just`.
        tool: &'static str,
        /// The task.
        name: String,
        /// Where tasks of that tool are defined; nothing where no such file is there.
        defined_in: Option<String>,
        /// Tasks there are.
        known: Vec<String>,
    },
    /// An operation of the API.
    Endpoint {
        /// The method.
        method: String,
        /// The path, without host and query.
        path: String,
    },
}

/// How much of a path is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Presence {
    /// Nothing: it may belong to something else.
    Nowhere,
    /// Its first folder.
    Root,
    /// The folder it should be in.
    Folder,
    /// All of it.
    There,
}
