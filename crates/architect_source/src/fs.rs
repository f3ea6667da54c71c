//! The one door to the disk, so that tests can replace it and nothing else can read or write behind our back.

use std::collections::BTreeMap;
use std::io::{self, Read as _, Write as _};
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

/// The Python files below a folder.
#[derive(Clone, Debug, Default)]
pub struct PythonFiles {
    /// Those there are, sorted.
    pub files: Vec<PathBuf>,
    /// Folders whose content could not be listed, and why.
    pub unlisted: Vec<(PathBuf, String)>,
}

/// Read access to a tree of files.
pub trait FileSystem: Send + Sync {
    /// The bytes of a file.
    ///
    /// # Errors
    /// When it is no regular file, cannot be read or is larger than [`MAX_FILE_BYTES`].
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;

    /// What `path` is, links followed; `None` when there is nothing or it cannot be looked at.
    fn kind(&self, path: &Path) -> Option<FileKind>;

    /// Names and kinds of what a folder holds, sorted by name; empty when it cannot be read.
    fn list(&self, path: &Path) -> Vec<(String, FileKind)>;

    /// Every `.py` file below `root`, sorted. Hidden folders, virtual environments, caches and links are left out.
    fn python_files(&self, root: &Path) -> Vec<PathBuf>;

    /// [`Self::python_files`], and the folders that may hold more of them.
    fn python_tree(&self, root: &Path) -> PythonFiles {
        PythonFiles { files: self.python_files(root), unlisted: Vec::new() }
    }

    /// The path with links and `..` resolved.
    fn canonical(&self, path: &Path) -> PathBuf;

    /// Whether `path` is a file.
    fn is_file(&self, path: &Path) -> bool {
        self.kind(path) == Some(FileKind::File)
    }

    /// Whether this is the disk as it is, which other programs see, too.
    fn is_disk(&self) -> bool {
        false
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
    fn is_disk(&self) -> bool {
        true
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        // To open a pipe waits for who writes into it, and a device may never end.
        if !std::fs::metadata(path)?.is_file() {
            return Err(io::Error::other("not a regular file"));
        }
        read_bounded(path)
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
        self.python_tree(root).files
    }

    fn python_tree(&self, root: &Path) -> PythonFiles {
        // The project's own ignore files decide, those of folders above it do not: a package under `site-packages`
        // inside an ignored folder is still what the user asked about.
        let walk = ignore::WalkBuilder::new(root)
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
            .build();
        let mut found = PythonFiles::default();
        for entry in walk {
            match entry {
                Ok(entry) => {
                    let is_file = entry.file_type().is_some_and(|kind| kind.is_file());
                    if is_file && entry.path().extension().is_some_and(|extension| extension == "py") {
                        found.files.push(entry.into_path());
                    }
                }
                Err(error) => found.unlisted.extend(unlisted(&error)),
            }
        }
        found.files.sort();
        found.unlisted.sort();
        found
    }

    fn canonical(&self, path: &Path) -> PathBuf {
        std::fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf())
    }
}

/// The folder that could not be listed, and why.
fn unlisted(error: &ignore::Error) -> Option<(PathBuf, String)> {
    match error {
        ignore::Error::WithPath { path, err } => Some((path.clone(), err.io_error()?.kind().to_string())),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => unlisted(err),
        ignore::Error::Partial(errors) => errors.iter().find_map(unlisted),
        _ => None,
    }
}

/// What the system says, without the number of the error.
#[must_use]
pub fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or_default();
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

/// The bytes of what the user named, which may be a pipe.
///
/// # Errors
/// When it cannot be read or is larger than [`MAX_FILE_BYTES`].
pub fn read_named(path: &Path) -> io::Result<Vec<u8>> {
    read_bounded(path)
}

fn read_bounded(path: &Path) -> io::Result<Vec<u8>> {
    let file = std::fs::File::open(path)?;
    let size = file.metadata()?.len();
    let mut bytes = Vec::with_capacity(usize::try_from(size.min(MAX_FILE_BYTES)).unwrap_or_default() + 1);
    // The size that is stated is not always what there is.
    file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        let size = size.max(bytes.len() as u64);
        let text = format!("{size} bytes are more than the {MAX_FILE_BYTES} that are read");
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, text));
    }
    Ok(bytes)
}

/// Writes a file that the user asked for (`--output`).
///
/// # Errors
/// When the disk refuses.
pub fn write_file(path: &Path, content: &[u8]) -> io::Result<()> {
    std::fs::write(path, content)
}

/// Writes a file that must not be there yet, and the folders it stands in.
///
/// # Errors
/// When there is something of this name already, or the disk refuses.
pub fn create_file(path: &Path, content: &[u8]) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::OpenOptions::new().write(true).create_new(true).open(path)?.write_all(content)
}

/// Writes a new folder with these files, paths relative to it: all of it or, where the disk refuses, nothing.
///
/// # Errors
/// When there is something of this name already, or the disk refuses.
pub fn write_folder(folder: &Path, files: &[(String, String)]) -> io::Result<()> {
    if std::fs::symlink_metadata(folder).is_ok() {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let draft = folder.with_file_name(format!(".{name}.{}.architect-new", std::process::id()));
    let written = (|| {
        for (path, text) in files {
            let path = draft.join(path);
            std::fs::create_dir_all(path.parent().unwrap_or(&draft))?;
            std::fs::write(path, text)?;
        }
        std::fs::rename(&draft, folder)
    })();
    if written.is_err() {
        // What cannot be removed is named like what it is.
        let _ = std::fs::remove_dir_all(&draft);
    }
    written
}

pub(crate) fn is_skipped_folder(name: &str) -> bool {
    matches!(name, "__pycache__" | "node_modules" | "site-packages" | ".git")
        || (name.starts_with('.') && name.len() > 1)
}

/// Writes files anew, all of them or, where the disk refuses early, none: each beside its place first, then renamed.
///
/// # Errors
/// When the disk refuses.
pub fn replace_files(files: &[(PathBuf, Vec<u8>)]) -> io::Result<()> {
    let mut ready: Vec<(PathBuf, &Path)> = Vec::new();
    let clear = |ready: &[(PathBuf, &Path)]| {
        for (new, _) in ready {
            // What cannot be removed is named like what it is.
            let _ = std::fs::remove_file(new);
        }
    };
    for (path, content) in files {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let new = path.with_file_name(format!(".{name}.{}.architect-new", std::process::id()));
        let written = std::fs::OpenOptions::new().write(true).create_new(true).open(&new).and_then(|mut file| {
            file.write_all(content)?;
            file.set_permissions(std::fs::metadata(path)?.permissions())?;
            file.sync_all()
        });
        ready.push((new, path));
        if let Err(error) = written {
            clear(&ready);
            return Err(error);
        }
    }
    for (index, (new, path)) in ready.iter().enumerate() {
        if let Err(error) = std::fs::rename(new, path) {
            clear(&ready[index..]);
            return Err(error);
        }
    }
    Ok(())
}

/// A tree of files with some of them changed, in memory.
pub struct Overlay<'a> {
    below: &'a dyn FileSystem,
    changed: BTreeMap<PathBuf, Vec<u8>>,
}

impl<'a> Overlay<'a> {
    /// `changed` by canonical path; only files that are there.
    #[must_use]
    pub fn new(below: &'a dyn FileSystem, changed: BTreeMap<PathBuf, Vec<u8>>) -> Self {
        Self { below, changed }
    }
}

impl FileSystem for Overlay<'_> {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        match self.changed.get(path).or_else(|| self.changed.get(&self.below.canonical(path))) {
            Some(content) => Ok(content.clone()),
            None => self.below.read(path),
        }
    }

    fn kind(&self, path: &Path) -> Option<FileKind> {
        self.below.kind(path)
    }

    fn list(&self, path: &Path) -> Vec<(String, FileKind)> {
        self.below.list(path)
    }

    fn python_files(&self, root: &Path) -> Vec<PathBuf> {
        self.below.python_files(root)
    }

    fn python_tree(&self, root: &Path) -> PythonFiles {
        self.below.python_tree(root)
    }

    fn canonical(&self, path: &Path) -> PathBuf {
        self.below.canonical(path)
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_system_says_fits_into_a_sentence() {
        assert_eq!(reason(&io::Error::from_raw_os_error(13)), "permission denied");
        assert_eq!(reason(&io::Error::other("not a regular file")), "not a regular file");
    }

    #[test]
    fn what_never_ends_is_not_read() {
        assert!(OsFileSystem.read(Path::new("/dev/zero")).is_err());
        assert!(read_named(Path::new("/dev/zero")).is_err());
        assert!(OsFileSystem.read(Path::new("/")).is_err());
    }
}
