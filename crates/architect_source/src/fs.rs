//! The one door to the disk, so that tests can replace it and nothing else can read or write behind our back.

use std::collections::BTreeMap;
use std::io;
use std::path::{Component, Path, PathBuf};

/// Larger files are not read: no person wrote them, and they would cost more than they tell.
pub const MAX_FILE_BYTES: u64 = 32 * 1024 * 1024;

/// What a path is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// A regular file.
    File,
    /// A folder.
    Directory,
}

/// Read access to a tree of files.
pub trait FileSystem: Send + Sync {
    /// The bytes of a file.
    ///
    /// # Errors
    /// When the file cannot be read or is larger than [`MAX_FILE_BYTES`].
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;

    /// What `path` is, links followed; `None` when there is nothing or it cannot be looked at.
    fn kind(&self, path: &Path) -> Option<FileKind>;

    /// Names and kinds of what a folder holds, sorted by name; empty when it cannot be read.
    fn list(&self, path: &Path) -> Vec<(String, FileKind)>;

    /// Every `.py` file below `root`, sorted. Hidden folders, virtual environments, caches and links are left out.
    fn python_files(&self, root: &Path) -> Vec<PathBuf>;

    /// The path with links and `..` resolved.
    fn canonical(&self, path: &Path) -> PathBuf;

    /// Whether `path` is a file.
    fn is_file(&self, path: &Path) -> bool {
        self.kind(path) == Some(FileKind::File)
    }

    /// Whether `path` is a folder.
    fn is_dir(&self, path: &Path) -> bool {
        self.kind(path) == Some(FileKind::Directory)
    }
}

/// The real disk.
#[derive(Clone, Copy, Debug, Default)]
pub struct OsFileSystem;

impl FileSystem for OsFileSystem {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let size = std::fs::metadata(path)?.len();
        if size > MAX_FILE_BYTES {
            return Err(io::Error::new(
                io::ErrorKind::FileTooLarge,
                format!("{size} bytes is more than the {MAX_FILE_BYTES} that are read"),
            ));
        }
        std::fs::read(path)
    }

    fn kind(&self, path: &Path) -> Option<FileKind> {
        let metadata = std::fs::metadata(path).ok()?;
        if metadata.is_dir() {
            Some(FileKind::Directory)
        } else if metadata.is_file() {
            Some(FileKind::File)
        } else {
            None
        }
    }

    fn list(&self, path: &Path) -> Vec<(String, FileKind)> {
        let Ok(entries) = std::fs::read_dir(path) else { return Vec::new() };
        let mut found: Vec<_> = entries
            .flatten()
            .filter_map(|entry| {
                let name = entry.file_name().into_string().ok()?;
                let kind = match entry.file_type().ok()? {
                    kind if kind.is_dir() => FileKind::Directory,
                    kind if kind.is_file() => FileKind::File,
                    _ => self.kind(&entry.path())?,
                };
                Some((name, kind))
            })
            .collect();
        found.sort_by(|a, b| a.0.cmp(&b.0));
        found
    }

    fn python_files(&self, root: &Path) -> Vec<PathBuf> {
        // The project's own ignore files decide, those of folders above it do not: a package under `site-packages`
        // inside an ignored folder is still what the user asked about.
        let mut files: Vec<PathBuf> = ignore::WalkBuilder::new(root)
            .follow_links(false)
            .parents(false)
            .git_global(false)
            .git_exclude(false)
            .require_git(false)
            .filter_entry(|entry| {
                entry.depth() == 0
                    || !entry.file_type().is_some_and(|kind| kind.is_dir())
                    || !(is_skipped_folder(&entry.file_name().to_string_lossy())
                        || entry.path().join("pyvenv.cfg").is_file())
            })
            .build()
            .flatten()
            .filter(|entry| entry.file_type().is_some_and(|kind| kind.is_file()))
            .map(ignore::DirEntry::into_path)
            .filter(|path| path.extension().is_some_and(|extension| extension == "py"))
            .collect();
        files.sort();
        files
    }

    fn canonical(&self, path: &Path) -> PathBuf {
        std::fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf())
    }
}

/// Writes a file that the user asked for (`--output`).
///
/// # Errors
/// When the disk refuses.
pub fn write_file(path: &Path, content: &[u8]) -> io::Result<()> {
    std::fs::write(path, content)
}

fn is_skipped_folder(name: &str) -> bool {
    matches!(name, "__pycache__" | "node_modules" | "site-packages" | ".git")
        || (name.starts_with('.') && name.len() > 1)
}

/// Files in memory, for tests and for what is not on disk yet. Paths are absolute and use `/`.
#[derive(Clone, Debug, Default)]
pub struct MemoryFileSystem {
    files: BTreeMap<PathBuf, Vec<u8>>,
}

impl MemoryFileSystem {
    /// Adds or replaces a file.
    pub fn write(&mut self, path: impl Into<PathBuf>, content: impl Into<Vec<u8>>) {
        self.files.insert(path.into(), content.into());
    }
}

impl FileSystem for MemoryFileSystem {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.files.get(&self.canonical(path)).cloned().ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))
    }

    fn kind(&self, path: &Path) -> Option<FileKind> {
        let path = self.canonical(path);
        if self.files.contains_key(&path) {
            Some(FileKind::File)
        } else if self.files.keys().any(|file| file.starts_with(&path)) {
            Some(FileKind::Directory)
        } else {
            None
        }
    }

    fn list(&self, path: &Path) -> Vec<(String, FileKind)> {
        let mut found: Vec<(String, FileKind)> = Vec::new();
        for file in self.files.keys() {
            let Ok(rest) = file.strip_prefix(path) else { continue };
            let mut parts = rest.components();
            let Some(Component::Normal(first)) = parts.next() else { continue };
            let kind = if parts.next().is_some() { FileKind::Directory } else { FileKind::File };
            let name = first.to_string_lossy().into_owned();
            if found.last().is_none_or(|(last, _)| *last != name) {
                found.push((name, kind));
            }
        }
        found
    }

    fn python_files(&self, root: &Path) -> Vec<PathBuf> {
        self.files
            .keys()
            .filter(|path| {
                path.strip_prefix(root).is_ok_and(|rest| {
                    rest.extension().is_some_and(|extension| extension == "py")
                        && rest
                            .parent()
                            .into_iter()
                            .flat_map(Path::components)
                            .all(|part| !is_skipped_folder(&part.as_os_str().to_string_lossy()))
                })
            })
            .cloned()
            .collect()
    }

    fn canonical(&self, path: &Path) -> PathBuf {
        let mut out = PathBuf::new();
        for part in path.components() {
            match part {
                Component::ParentDir => {
                    out.pop();
                }
                Component::CurDir => {}
                other => out.push(other),
            }
        }
        out
    }
}
