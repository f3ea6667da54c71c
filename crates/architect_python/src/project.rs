//! Where modules come from: the project's source roots, the models of libraries, the target's environment.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use architect_source::{FileSystem, PythonFiles, in_parallel, reason};
use elsa::FrozenVec;
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::parse::{MAX_SOURCE_BYTES, Module, ModuleKind, STACK_BYTES, parse};
use crate::prefetch::Ahead;
use crate::shelf::{Entry, Own, Shelf};
use crate::stdlib::is_stdlib;
use crate::value::ModuleId;

/// Model modules that stand in for real libraries, and packages that are never read as source.
#[derive(Clone, Copy, Debug)]
pub struct Library {
    /// Dotted module name and Python source of each model.
    pub models: &'static [(&'static str, &'static str)],
    /// Models that stand in for a library where the environment does not have it: its own source says more.
    pub fallbacks: &'static [(&'static str, &'static str)],
    /// Top-level packages whose source is never evaluated.
    pub opaque: &'static [&'static str],
}

/// The folders below which the project's modules lie.
#[derive(Clone, Debug, Default)]
pub struct Roots {
    /// Source roots, most specific first.
    pub roots: Vec<PathBuf>,
}

/// The target's installed packages.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    /// `site-packages` folders.
    pub site_packages: Vec<PathBuf>,
    /// Major and minor version of its Python, where that is known.
    pub python: Option<(i64, i64)>,
}

/// All modules of the program, parsed once.
pub struct Program<'fs> {
    /// Where files are read.
    pub files: &'fs dyn FileSystem,
    /// The project folder.
    pub project: PathBuf,
    /// Its source roots.
    pub roots: Vec<PathBuf>,
    /// Its environment.
    pub environment: Environment,
    /// Models of libraries.
    pub library: Library,
    modules: FrozenVec<Box<Entry>>,
    /// Modules of the environment that were parsed, asked for or not.
    shelf: Shelf,
    expressions: FrozenVec<Box<ruff_python_ast::Expr>>,
    by_name: RefCell<FxHashMap<String, Option<ModuleId>>>,
    by_file: RefCell<FxHashMap<PathBuf, ModuleId>>,
    folders: Folders,
    /// Project modules in path order.
    pub project_modules: Vec<ModuleId>,
    unreadable: Vec<(PathBuf, String)>,
    models: FxHashMap<&'static str, &'static str>,
    /// First names of the project's modules.
    own: FxHashSet<String>,
    /// Source roots whose modules have names that another root has, too, with what stands before theirs.
    twins: Vec<(PathBuf, String)>,
}

impl<'fs> Program<'fs> {
    /// Reads every file of the project; they are parsed when they are asked for, or before ([`Program::ahead`]).
    #[must_use]
    pub fn load(files: &'fs dyn FileSystem, project: &Path, environment: Environment, library: Library) -> Self {
        let project = files.canonical(project);
        let mut program = Self {
            files,
            roots: Vec::new(),
            project: project.clone(),
            environment,
            library,
            modules: FrozenVec::new(),
            shelf: Shelf::default(),
            expressions: FrozenVec::new(),
            by_name: RefCell::default(),
            by_file: RefCell::default(),
            folders: Folders::default(),
            project_modules: Vec::new(),
            unreadable: Vec::new(),
            models: library.models.iter().copied().collect(),
            own: FxHashSet::default(),
            twins: Vec::new(),
        };
        let PythonFiles { files: paths, unlisted } = files.python_tree(&project);
        program.unreadable =
            unlisted.into_iter().map(|(path, why)| (path, format!("it cannot be read: {why}"))).collect();
        program.roots = source_roots(files, &project, &paths);
        program.twins = twins(&project, &program.roots, &paths);
        let (roots, twins) = (&program.roots, &program.twins);
        let read = |file: PathBuf| {
            let bytes = read_source(files, &file).map_err(|why| (file.clone(), why))?;
            let name = module_name(roots, &file);
            let name = twin_of(twins, roots, &file).map_or(name.clone(), |prefix| format!("{prefix}.{name}"));
            let path = display_path(&project, &file);
            Ok(Own::new(name, file, path, bytes))
        };
        let found: Vec<Result<Own, (PathBuf, String)>> =
            in_parallel(STACK_BYTES, || paths.into_par_iter().map(read).collect());
        for result in found {
            match result {
                Ok(own) => {
                    let own = Entry::Own(Box::new(own));
                    let top = own.name().split('.').next().unwrap_or_default();
                    if !program.own.contains(top) {
                        program.own.insert(top.to_owned());
                    }
                    let id = program.add(own);
                    program.project_modules.push(id);
                }
                Err(problem) => program.unreadable.push(problem),
            }
        }
        program
    }

    /// What can be parsed while the program is evaluated.
    #[must_use]
    pub fn ahead(&self) -> Ahead<'_> {
        let entries = self.project_modules.iter().filter_map(|id| self.modules.get(id.0 as usize));
        let own = entries.filter_map(|entry| match entry {
            Entry::Own(own) => Some((&**own, self.goes_by_its_name(entry))),
            Entry::Parsed(_) => None,
        });
        Ahead { places: self.places(), shelf: &self.shelf, own: own.collect() }
    }

    fn add(&self, entry: Entry) -> ModuleId {
        let id = ModuleId(u32::try_from(self.modules.len()).unwrap_or(u32::MAX));
        if self.goes_by_its_name(&entry) {
            self.by_name.borrow_mut().entry(entry.name().to_owned()).or_insert(Some(id));
        }
        self.by_file.borrow_mut().insert(entry.file().to_path_buf(), id);
        self.modules.push(Box::new(entry));
        id
    }

    /// A project that is, or carries along, the source of a library has it read through its model all the same.
    fn goes_by_its_name(&self, entry: &Entry) -> bool {
        let top = entry.name().split('.').next().unwrap_or(entry.name());
        entry.is_model() || !self.library.opaque.contains(&top)
    }

    /// A module.
    #[must_use]
    pub fn module(&self, id: ModuleId) -> &Module {
        self.modules.get(id.0 as usize).expect("module ids come from this program").module()
    }

    /// Number of modules that were read so far.
    #[must_use]
    pub fn module_count(&self) -> usize {
        self.modules.len()
    }

    /// Files that were read and parsed so far: the project's, and those of the environment that it asked for.
    #[must_use]
    pub fn files_read(&self) -> Vec<PathBuf> {
        let entries = (0..self.modules.len()).filter_map(|index| self.modules.get(index));
        let read = entries.filter(|entry| !entry.is_model());
        let mut files: Vec<PathBuf> = read.map(|entry| entry.file().to_path_buf()).collect();
        let mut unasked: Vec<PathBuf> =
            self.shelf.files().into_iter().filter(|file| !self.by_file.borrow().contains_key(file)).collect();
        unasked.sort();
        unasked.dedup();
        files.extend(unasked);
        files
    }

    /// Keeps an expression that was parsed later for as long as the program lives.
    pub(crate) fn keep_expression(&self, expr: ruff_python_ast::Expr) -> &ruff_python_ast::Expr {
        self.expressions.push_get(Box::new(expr))
    }

    /// Files and folders that could not be read, and why.
    #[must_use]
    pub fn unreadable(&self) -> &[(PathBuf, String)] {
        &self.unreadable
    }

    /// `site-packages` folders of the target.
    #[must_use]
    pub fn site_packages(&self) -> &[PathBuf] {
        &self.environment.site_packages
    }

    /// Major and minor version of the target's Python.
    #[must_use]
    pub fn python(&self) -> Option<(i64, i64)> {
        self.environment.python
    }

    /// Whether packages of the target can be read.
    #[must_use]
    pub fn has_environment(&self) -> bool {
        !self.environment.site_packages.is_empty()
    }

    /// The source of the module `name`: models first, then the project, then the environment.
    pub fn find(&self, name: &str) -> Option<ModuleId> {
        if let Some(known) = self.by_name.borrow().get(name) {
            return *known;
        }
        let found = self.locate(name);
        self.by_name.borrow_mut().insert(name.to_owned(), found);
        found
    }

    /// The module of a file of the project, under the name by which it would be imported.
    pub(crate) fn module_at(&self, file: &Path) -> Option<ModuleId> {
        if let Some(id) = self.by_file.borrow().get(file) {
            return Some(*id);
        }
        let root = self.roots.iter().find(|root| file.starts_with(root))?;
        self.find(&module_name(std::slice::from_ref(root), file))
    }

    /// Where modules are searched.
    pub(crate) fn places(&self) -> Places<'_> {
        Places {
            files: self.files,
            project: &self.project,
            roots: &self.roots,
            site_packages: &self.environment.site_packages,
            library: self.library,
            models: &self.models,
            folders: &self.folders,
        }
    }

    /// Whether a library of this top-level name has a model.
    pub(crate) fn is_modelled(&self, top: &str) -> bool {
        self.models.keys().any(|model| model.split('.').next() == Some(top))
    }

    /// Whether the project has modules below this top-level name.
    pub(crate) fn is_own(&self, top: &str) -> bool {
        self.own.contains(top)
    }

    /// The module `name`, if it was read already.
    pub(crate) fn known(&self, name: &str) -> Option<ModuleId> {
        self.by_name.borrow().get(name).copied().flatten()
    }

    /// What stands before the names that a file imports, where it belongs to one of several services whose modules
    /// have the same names.
    pub(crate) fn prefix_of(&self, module: &Module) -> Option<&str> {
        twin_of(&self.twins, &self.roots, &module.file)
    }

    fn locate(&self, name: &str) -> Option<ModuleId> {
        if let Some(source) = self.models.get(name) {
            return Some(self.model(name, source, self.library.models));
        }
        let relative: PathBuf = name.split('.').collect();
        let top = name.split('.').next().unwrap_or(name);
        for root in &self.roots {
            // Also where the project lies in `site-packages`, and so has its libraries beside it.
            if self.library.opaque.contains(&top) {
                break;
            }
            if let Some(id) = self.source_at(name, &root.join(&relative)) {
                return Some(id);
            }
        }
        if self.library.opaque.contains(&top) {
            return None;
        }
        for root in &self.environment.site_packages {
            if let Some(id) = self.source_at(name, &root.join(&relative)) {
                return Some(id);
            }
        }
        let (_, source) = self.library.fallbacks.iter().find(|(model, _)| *model == name)?;
        (!self.is_own(top) && !self.is_installed(top)).then(|| self.model(name, source, self.library.fallbacks))
    }

    fn model(&self, name: &str, source: &str, models: &[(&str, &str)]) -> ModuleId {
        let is_package = models.iter().any(|(model, _)| {
            model.len() > name.len() && model.starts_with(name) && model.as_bytes()[name.len()] == b'.'
        });
        let path: Arc<str> = format!("<model {name}>").into();
        let file = PathBuf::from(&*path);
        let bytes = source.as_bytes().to_vec();
        let module = parse(name.to_owned(), file, path, ModuleKind::Model, is_package, bytes);
        self.add(Entry::Parsed(Arc::new(module)))
    }

    fn source_at(&self, name: &str, base: &Path) -> Option<ModuleId> {
        if !self.folders.may_hold(self.files, name, base) {
            return None;
        }
        for (file, is_package) in [(base.join("__init__.py"), true), (base.with_extension_py(), false)] {
            if let Some(id) = self.by_file.borrow().get(&file) {
                return Some(*id);
            }
            if self.files.is_file(&file) {
                let kind = if file.starts_with(&self.project) { ModuleKind::Project } else { ModuleKind::ThirdParty };
                let module = self.shelf.get(name, &file, || {
                    let bytes = read_source(self.files, &file).ok()?;
                    let path = display_path(&self.project, &file);
                    Some(parse(name.to_owned(), file.clone(), path, kind, is_package, bytes))
                })?;
                return Some(self.add(Entry::Parsed(module)));
            }
        }
        None
    }

    /// Whether `name` is a folder that can be a namespace package.
    #[must_use]
    pub fn is_namespace(&self, name: &str) -> bool {
        let relative: PathBuf = name.split('.').collect();
        self.roots.iter().chain(&self.environment.site_packages).any(|root| self.files.is_dir(&root.join(&relative)))
    }

    /// Whether the environment has the package, in any form.
    #[must_use]
    pub fn is_installed(&self, top: &str) -> bool {
        self.environment.site_packages.iter().any(|root| {
            self.files.is_dir(&root.join(top))
                || self.files.list(root).iter().any(|(name, _)| {
                    name.strip_prefix(top)
                        .is_some_and(|rest| rest.starts_with('.') && (rest.ends_with(".so") || rest.ends_with(".py")))
                })
        })
    }
}

/// Where modules are searched, for threads to share.
#[derive(Clone, Copy)]
pub(crate) struct Places<'p> {
    pub files: &'p dyn FileSystem,
    pub project: &'p Path,
    roots: &'p [PathBuf],
    site_packages: &'p [PathBuf],
    library: Library,
    models: &'p FxHashMap<&'static str, &'static str>,
    folders: &'p Folders,
}

/// Which folders there are. Most names that are asked for as modules are those of classes and functions, of which
/// neither this nor that root has a file: the disk is asked once for the folder, and not twice for each name.
#[derive(Default)]
struct Folders(Mutex<FxHashMap<PathBuf, bool>>);

impl Folders {
    /// Whether the folder is there in which the source of a module would lie, by its path without an ending.
    fn may_hold(&self, files: &dyn FileSystem, name: &str, base: &Path) -> bool {
        // Roots are there.
        let Some(folder) = base.parent().filter(|_| name.contains('.')) else { return true };
        let known = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(is_there) = known().get(folder) {
            return *is_there;
        }
        let is_there = files.is_dir(folder);
        known().insert(folder.to_path_buf(), is_there);
        is_there
    }
}

impl Places<'_> {
    /// Whether packages of the target can be read.
    pub(crate) fn has_environment(self) -> bool {
        !self.site_packages.is_empty()
    }

    /// Where the environment has the source of a module, and whether that is a package.
    pub(crate) fn third_party_file(self, name: &str) -> Option<(PathBuf, bool)> {
        let top = name.split('.').next().unwrap_or(name);
        if self.library.opaque.contains(&top) || self.models.contains_key(name) || is_stdlib(top) {
            return None;
        }
        let relative: PathBuf = name.split('.').collect();
        let roots = self.roots.iter().chain(self.site_packages);
        let bases = roots.map(|root| root.join(&relative));
        bases.filter(|base| self.folders.may_hold(self.files, name, base)).find_map(|base| {
            [(base.join("__init__.py"), true), (base.with_extension_py(), false)]
                .into_iter()
                .find(|(file, _)| !file.starts_with(self.project) && self.files.is_file(file))
        })
    }
}

/// The bytes of a file that is to be parsed, or why it is not.
pub(crate) fn read_source(files: &dyn FileSystem, file: &Path) -> Result<Vec<u8>, String> {
    let bytes = files.read(file).map_err(|error| format!("it cannot be read: {}", reason(&error)))?;
    if bytes.len() > MAX_SOURCE_BYTES {
        return Err(format!("its {} bytes are more than the {MAX_SOURCE_BYTES} that are parsed", bytes.len()));
    }
    Ok(bytes)
}

trait PyFile {
    fn with_extension_py(&self) -> PathBuf;
}

impl PyFile for Path {
    fn with_extension_py(&self) -> PathBuf {
        let mut name = self.as_os_str().to_owned();
        name.push(".py");
        PathBuf::from(name)
    }
}

pub(crate) fn display_path(project: &Path, file: &Path) -> Arc<str> {
    let shown = file.strip_prefix(project).unwrap_or(file);
    shown.to_string_lossy().replace('\\', "/").into()
}

/// The folder above the outermost package that holds `dir`.
fn root_of_package(files: &dyn FileSystem, dir: &Path) -> PathBuf {
    let mut root = dir.to_path_buf();
    while files.is_file(&root.join("__init__.py")) {
        match root.parent() {
            Some(parent) if parent != root => root = parent.to_path_buf(),
            _ => break,
        }
    }
    root
}

/// Source roots: the folder above each outermost package, the folders that hold scripts or namespace packages, the
/// project itself. Longer paths come first, so that a file gets its shortest module name.
fn source_roots(files: &dyn FileSystem, project: &Path, paths: &[PathBuf]) -> Vec<PathBuf> {
    let mut roots = vec![root_of_package(files, project)];
    if roots[0] != project && !imports_itself(files, project, paths) {
        // `__init__.py` stands beside the code, and yet the folder is what is on the path.
        roots[0] = project.to_path_buf();
    }
    while let Some(above) = namespace_root(files, &roots[0], project, paths) {
        roots[0] = above;
    }
    if roots[0] == project
        && let Some(above) = folder_is_namespace(files, project, paths)
    {
        roots[0] = above;
    }
    if roots[0] == project {
        for folder in ["src", "backend", "app/src", "backend/src", "server", "api"] {
            let candidate = project.join(folder);
            if files.is_dir(&candidate) && !files.is_file(&candidate.join("__init__.py")) {
                roots.push(candidate);
            }
        }
        let mut seen: FxHashSet<&Path> = FxHashSet::default();
        let folders = paths.iter().flat_map(|path| path.ancestors().skip(1).take_while(|dir| dir.starts_with(project)));
        for dir in folders {
            if !seen.insert(dir) {
                continue;
            }
            let holds_project_file = ["pyproject.toml", "setup.py", "requirements.txt", "setup.cfg"]
                .iter()
                .any(|name| files.is_file(&dir.join(name)));
            if holds_project_file && !roots.contains(&dir.to_path_buf()) && !files.is_file(&dir.join("__init__.py")) {
                roots.push(dir.to_path_buf());
                let src = dir.join("src");
                if files.is_dir(&src) && !roots.contains(&src) {
                    roots.push(src);
                }
            }
        }
    }
    roots.sort_by_key(|root| std::cmp::Reverse(root.components().count()));
    roots
}

/// The folder above `root`, where the files import themselves by a name that has the folder `root` in it: a package
/// of a namespace, or one that was copied out of the package around it.
fn namespace_root(files: &dyn FileSystem, root: &Path, project: &Path, paths: &[PathBuf]) -> Option<PathBuf> {
    let inside = project.strip_prefix(root).ok().filter(|inside| !inside.as_os_str().is_empty())?;
    let above = root.parent()?;
    let mut name = root.file_name()?.to_string_lossy().into_owned();
    for part in inside {
        name.push('.');
        name.push_str(&part.to_string_lossy());
    }
    let own = [format!("from {name}"), format!("import {name}")];
    let named = paths.iter().take(50).any(|path| {
        files.read(path).is_ok_and(|bytes| {
            let text = String::from_utf8_lossy(&bytes);
            own.iter().any(|pattern| text.contains(pattern.as_str()))
        })
    });
    named.then(|| above.to_path_buf())
}

/// The folder above the project, where that is a folder without `__init__.py` whose files import each other by its name,
/// and more of them than by what lies in it.
fn folder_is_namespace(files: &dyn FileSystem, project: &Path, paths: &[PathBuf]) -> Option<PathBuf> {
    let name = project.file_name()?.to_string_lossy().into_owned();
    let above = project.parent()?;
    let is_module = |base: PathBuf| files.is_dir(&base) || files.is_file(&base.with_extension_py());
    if !is_identifier(&name) || is_module(project.join(&name)) || is_module(project.join("src").join(&name)) {
        return None;
    }
    let (mut by_name, mut by_child) = (0, 0);
    let mut children: FxHashMap<String, bool> = FxHashMap::default();
    let mut is_child = |name: &str| {
        *children.entry(name.to_owned()).or_insert_with(|| !name.is_empty() && is_module(project.join(name)))
    };
    for path in paths.iter().take(100) {
        let Ok(bytes) = files.read(path) else { continue };
        let text = String::from_utf8_lossy(&bytes);
        let (mut named, mut direct) = (false, false);
        for line in text.lines().map(str::trim_start) {
            let Some(module) = line.strip_prefix("from ").or_else(|| line.strip_prefix("import ")) else { continue };
            let mut parts = module.split(|c: char| !c.is_alphanumeric() && c != '_');
            let first = parts.next().unwrap_or_default();
            if first == name && module[first.len()..].starts_with('.') {
                named |= is_child(parts.next().unwrap_or_default());
            } else {
                direct |= is_child(first);
            }
        }
        by_name += usize::from(named);
        by_child += usize::from(direct);
    }
    (by_name > 0 && by_name >= by_child).then(|| above.to_path_buf())
}

fn is_identifier(name: &str) -> bool {
    !name.starts_with(|c: char| c.is_ascii_digit()) && name.chars().all(|c| c.is_alphanumeric() || c == '_')
}

/// Whether the files of a package import it by its own name.
fn imports_itself(files: &dyn FileSystem, project: &Path, paths: &[PathBuf]) -> bool {
    let Some(name) = project.file_name().map(|name| name.to_string_lossy().into_owned()) else { return true };
    let children: Vec<String> = files
        .list(project)
        .into_iter()
        .filter(|(child, kind)| {
            *kind == architect_source::FileKind::Directory && files.is_file(&project.join(child).join("__init__.py"))
        })
        .map(|(child, _)| format!("from {child}."))
        .collect();
    let own = [format!("from {name}."), format!("from {name} "), format!("import {name}")];
    let mut children_imported = false;
    for path in paths.iter().take(200) {
        let Ok(bytes) = files.read(path) else { continue };
        let text = String::from_utf8_lossy(&bytes);
        if own.iter().any(|pattern| text.contains(pattern.as_str())) {
            return true;
        }
        children_imported |= children.iter().any(|pattern| text.contains(pattern.as_str()));
    }
    !children_imported
}

/// First names that many folders have, and that nothing of a service imports.
const NOT_IMPORTED: &[&str] = &[
    "",
    "__main__",
    "alembic",
    "benchmarks",
    "conf",
    "conftest",
    "docs",
    "examples",
    "gunicorn_conf",
    "manage",
    "migrations",
    "noxfile",
    "scripts",
    "setup",
    "tasks",
    "test",
    "tests",
    "versioneer",
];

/// Roots that have a module of the same name as one before them: services side by side, each with its package `app`.
fn twins(project: &Path, roots: &[PathBuf], paths: &[PathBuf]) -> Vec<(PathBuf, String)> {
    if roots.len() < 2 {
        return Vec::new();
    }
    let mut owners: FxHashMap<String, &PathBuf> = FxHashMap::default();
    let mut found: Vec<(PathBuf, String)> = Vec::new();
    for file in paths {
        let Some(root) = root_of(roots, file) else { continue };
        let name = module_name(roots, file);
        let top = name.split('.').next().unwrap_or_default();
        if found.iter().any(|(known, _)| known == root) || NOT_IMPORTED.contains(&top) {
            continue;
        }
        let owner = *owners.entry(name.clone()).or_insert(root);
        if owner == root {
            continue;
        }
        // The root above the others keeps its names.
        let twin = if root == project { owner } else { root };
        if twin == owner {
            owners.insert(name, root);
        }
        let Ok(inside) = twin.strip_prefix(project) else { continue };
        let parts: Vec<_> = inside.components().map(|part| part.as_os_str().to_string_lossy()).collect();
        if !parts.is_empty() && !found.iter().any(|(known, _)| known == twin) {
            found.push((twin.clone(), parts.join(".")));
        }
    }
    found
}

fn root_of<'r>(roots: &'r [PathBuf], file: &Path) -> Option<&'r PathBuf> {
    roots.iter().find(|root| file.starts_with(root))
}

fn twin_of<'t>(twins: &'t [(PathBuf, String)], roots: &[PathBuf], file: &Path) -> Option<&'t str> {
    if twins.is_empty() {
        return None;
    }
    let root = root_of(roots, file)?;
    twins.iter().find(|(twin, _)| twin == root).map(|(_, prefix)| prefix.as_str())
}

fn module_name(roots: &[PathBuf], file: &Path) -> String {
    let relative = roots.iter().find_map(|root| file.strip_prefix(root).ok()).unwrap_or(file);
    let mut parts: Vec<String> =
        relative.with_extension("").components().map(|part| part.as_os_str().to_string_lossy().into_owned()).collect();
    if parts.last().is_some_and(|last| last == "__init__") {
        parts.pop();
    }
    parts.join(".")
}
