//! Modules that are parsed by whoever needs them first, on whatever thread: who comes meanwhile waits.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use rustc_hash::FxHashMap;

use crate::parse::{Module, ModuleKind, parse};

/// A module of the program.
pub(crate) enum Entry {
    /// One of the project, which may not be parsed yet.
    Own(Box<Own>),
    /// One that was parsed when it was asked for.
    Parsed(Arc<Module>),
}

impl Entry {
    pub(crate) fn module(&self) -> &Module {
        match self {
            Self::Own(own) => own.module(),
            Self::Parsed(module) => module,
        }
    }

    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Own(own) => &own.name,
            Self::Parsed(module) => &module.name,
        }
    }

    pub(crate) fn file(&self) -> &Path {
        match self {
            Self::Own(own) => &own.file,
            Self::Parsed(module) => &module.file,
        }
    }

    pub(crate) fn is_model(&self) -> bool {
        matches!(self, Self::Parsed(module) if module.kind == ModuleKind::Model)
    }
}

/// A file of the project.
pub(crate) struct Own {
    name: String,
    file: PathBuf,
    path: Arc<str>,
    bytes: Mutex<Vec<u8>>,
    module: OnceLock<Module>,
}

impl Own {
    pub(crate) fn new(name: String, file: PathBuf, path: Arc<str>, bytes: Vec<u8>) -> Self {
        Self { name, file, path, bytes: Mutex::new(bytes), module: OnceLock::new() }
    }

    pub(crate) fn module(&self) -> &Module {
        self.module.get_or_init(|| {
            let bytes = std::mem::take(&mut *self.bytes.lock().unwrap_or_else(PoisonError::into_inner));
            let is_package = self.file.file_name().is_some_and(|name| name == "__init__.py");
            let (name, file, path) = (self.name.clone(), self.file.clone(), self.path.clone());
            parse(name, file, path, ModuleKind::Project, is_package, bytes)
        })
    }
}

/// A file, under the name by which it was asked for.
type Key = (String, PathBuf);

/// What a file turned out to be: nothing where it cannot be read.
type Parsed = Arc<OnceLock<Option<Arc<Module>>>>;

/// Modules of the environment.
#[derive(Default)]
pub(crate) struct Shelf(Mutex<FxHashMap<Key, Parsed>>);

impl Shelf {
    fn lock(&self) -> MutexGuard<'_, FxHashMap<Key, Parsed>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The module of a file: as somebody else parsed it, or as `parse` does.
    pub(crate) fn get(&self, name: &str, file: &Path, parse: impl FnOnce() -> Option<Module>) -> Option<Arc<Module>> {
        let parsed = self.lock().entry((name.to_owned(), file.to_path_buf())).or_default().clone();
        parsed.get_or_init(|| parse().map(Arc::new)).clone()
    }

    /// Files that were parsed.
    pub(crate) fn files(&self) -> Vec<PathBuf> {
        let is_there = |parsed: &Parsed| parsed.get().is_some_and(Option::is_some);
        self.lock().iter().filter(|(_, parsed)| is_there(parsed)).map(|((_, file), _)| file.clone()).collect()
    }
}
