//! Reads the documents of a project, and looks up the files and tasks they name.

mod commands;
mod markdown;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use architect_python::Program;
use architect_source::{FileKind, FileSystem, LineIndex, Location};

use crate::documents::{Document, Presence, Reference};

/// Names of documents that say how a project is worked on, without their extension.
const NAMES: &[&str] = &[
    "readme",
    "contributing",
    "coding_standards",
    "coding-standards",
    "coding_guidelines",
    "style_guide",
    "styleguide",
    "conventions",
    "development",
    "architecture",
    "claude",
    "agents",
    "copilot-instructions",
];
const EXTENSIONS: &[&str] = &["md", "markdown", "mdx"];
/// Folders of folders are searched so far.
const MAX_DEPTH: usize = 3;
/// More documents than this were not written by hand.
const MAX_DOCUMENTS: usize = 60;
/// Folders with more entries than this hold data.
const MAX_ENTRIES: usize = 400;

/// The documents of the project and what they name.
pub(super) fn read(program: &Program<'_>) -> Vec<Document> {
    let files = program.files;
    let mut paths = Vec::new();
    find(files, &program.project, 0, &mut paths);
    paths.sort();
    let mut out = Vec::new();
    for path in paths {
        let Ok(bytes) = files.read(&path) else { continue };
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let name = relative(&program.project, &path);
        let places = Places::new(program, &path);
        let page = Page { path: name.as_str().into(), lines: LineIndex::new(&text), text: &text };
        out.push(Document { path: name, references: markdown::references(&page, &places) });
    }
    out
}

fn find(files: &dyn FileSystem, folder: &Path, depth: usize, out: &mut Vec<PathBuf>) {
    let entries = files.list(folder);
    if entries.len() > MAX_ENTRIES {
        return;
    }
    for (name, kind) in entries {
        if out.len() >= MAX_DOCUMENTS {
            return;
        }
        match kind {
            FileKind::File => {
                let lower = name.to_lowercase();
                let (stem, extension) = lower.rsplit_once('.').unwrap_or((&lower, ""));
                if EXTENSIONS.contains(&extension) && NAMES.contains(&stem) {
                    out.push(folder.join(name));
                }
            }
            FileKind::Directory => {
                let skipped = name == "node_modules"
                    || name == "site-packages"
                    || (name.starts_with('.') && !matches!(name.as_str(), ".github" | ".claude"))
                    || files.is_file(&folder.join(&name).join("pyvenv.cfg"));
                if depth < MAX_DEPTH && !skipped {
                    find(files, &folder.join(name), depth + 1, out);
                }
            }
        }
    }
}

fn relative(project: &Path, path: &Path) -> String {
    path.strip_prefix(project)
        .unwrap_or(path)
        .components()
        .map(|part| part.as_os_str().to_string_lossy())
        .fold(String::new(), |out, part| if out.is_empty() { part.into_owned() } else { format!("{out}/{part}") })
}

/// A document while it is read.
struct Page<'t> {
    path: Arc<str>,
    lines: LineIndex,
    text: &'t str,
}

impl Page<'_> {
    fn reference(&self, start: usize, text: &str, kind: crate::documents::ReferenceKind) -> Reference {
        Reference { text: text.to_owned(), kind, location: self.location(start, start + text.len()) }
    }

    fn location(&self, start: usize, end: usize) -> Location {
        let byte = |at: usize| u32::try_from(at.min(self.text.len())).unwrap_or(u32::MAX);
        self.lines.location(&self.path, self.text, byte(start), byte(end))
    }
}

/// Where names of files in a document start from.
struct Places<'p> {
    files: &'p dyn FileSystem,
    project: &'p Path,
    /// Folder of the document first, then the project, its source roots, and folders above it in the repository.
    bases: Vec<PathBuf>,
    /// What git does not keep: it comes and goes.
    ignored: Vec<String>,
}

impl<'p> Places<'p> {
    fn new(program: &'p Program<'_>, document: &Path) -> Self {
        let files = program.files;
        let mut bases: Vec<PathBuf> = Vec::new();
        bases.extend(document.parent().map(Path::to_path_buf));
        bases.push(program.project.clone());
        bases.extend(program.roots.iter().cloned());
        // A document may name files from the root of the repository, or with the name of the project's folder.
        let repository = program.project.ancestors().position(|folder| files.kind(&folder.join(".git")).is_some());
        bases.extend(program.project.ancestors().skip(1).take(repository.unwrap_or(0).max(1)).map(Path::to_path_buf));
        let mut seen = Vec::new();
        bases.retain(|base| {
            !seen.contains(base) && {
                seen.push(base.clone());
                true
            }
        });
        let mut ignored = Vec::new();
        for base in &bases {
            if let Ok(bytes) = files.read(&base.join(".gitignore")) {
                let text = String::from_utf8_lossy(&bytes).into_owned();
                let patterns = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
                ignored.extend(patterns.map(|line| line.trim_matches('/').to_owned()));
            }
        }
        Self { files, project: &program.project, bases, ignored }
    }

    /// How much of a path is there, from wherever it may be meant.
    fn presence(&self, path: &str, cwd: Option<&str>) -> Presence {
        let path = path.trim_end_matches('/').trim_start_matches("./");
        if path.is_empty() || self.is_ignored(path) {
            return Presence::There;
        }
        let from = |base: &PathBuf| {
            let base = cwd.map_or_else(|| base.clone(), |cwd| base.join(cwd));
            self.from(&base, path)
        };
        let best = self.bases.iter().map(from).max().unwrap_or(Presence::Nowhere);
        // A folder that a command changes into is left again at the end of the block, or is not the one we think.
        if cwd.is_some() && best != Presence::There { self.presence(path, None) } else { best }
    }

    fn from(&self, base: &Path, path: &str) -> Presence {
        let whole = self.files.canonical(&base.join(path));
        if self.files.kind(&whole).is_some() {
            return Presence::There;
        }
        let Some((folder, _)) = path.rsplit_once('/') else { return Presence::Nowhere };
        if self.files.is_dir(&self.files.canonical(&base.join(folder))) {
            return Presence::Folder;
        }
        let first = path.split('/').next().unwrap_or_default();
        let own = !matches!(first, "." | "..") && self.files.is_dir(&base.join(first));
        if own { Presence::Root } else { Presence::Nowhere }
    }

    fn is_ignored(&self, path: &str) -> bool {
        let parts = || path.split('/');
        self.ignored.iter().any(|pattern| match pattern.strip_prefix('*') {
            Some(end) => !end.is_empty() && parts().any(|part| part.ends_with(end)),
            None => pattern == path || parts().any(|part| part == pattern) || path.starts_with(&format!("{pattern}/")),
        })
    }

    /// The first of these files that is there, as the project knows it.
    fn first(&self, names: &[&str]) -> Option<(String, Vec<u8>)> {
        self.bases.iter().flat_map(|base| names.iter().map(|name| base.join(name))).find_map(|path| {
            let bytes = self.files.read(&path).ok()?;
            Some((relative(self.project, &path), bytes))
        })
    }

    /// The path of a file as the project knows it.
    fn known(&self, path: &str) -> Option<String> {
        let found = self.bases.iter().map(|base| self.files.canonical(&base.join(path)));
        found.filter(|file| self.files.is_file(file)).map(|file| relative(self.project, &file)).next()
    }
}
