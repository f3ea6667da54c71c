//! Revisions of a git repository, read from its objects: the work tree is neither read nor touched.

use std::collections::BTreeMap;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Component, Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Mutex, PoisonError};

use crate::fs::{FileKind, FileSystem, MAX_FILE_BYTES, OsFileSystem, is_skipped_folder};

/// The tree of files of one revision, in the place of the work tree. What lies outside of the repository, or in one of
/// the folders that pass, is the disk's.
pub struct Revision {
    root: PathBuf,
    files: BTreeMap<PathBuf, String>,
    /// What is in each folder, by name.
    folders: BTreeMap<PathBuf, BTreeMap<String, FileKind>>,
    passing: Vec<PathBuf>,
    objects: Mutex<Objects>,
}

/// A running `git cat-file --batch`.
struct Objects {
    child: Child,
    ask: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Drop for Objects {
    fn drop(&mut self) {
        // It ends when nobody can ask it any more.
        self.ask = None;
        let _ = self.child.wait();
    }
}

/// The folder of the work tree that `folder` is in.
///
/// # Errors
/// In one line: when it is in none, or git cannot be run.
pub fn work_tree(folder: &Path) -> Result<PathBuf, String> {
    let out = run(folder, &["rev-parse", "--show-toplevel"])?;
    let path = String::from_utf8_lossy(&out);
    Ok(OsFileSystem.canonical(Path::new(path.trim_end_matches(['\n', '\r']))))
}

/// Those of the files that git holds unsaved work of; untracked files are such work. None outside of a repository.
#[must_use]
pub fn unsaved(folder: &Path, files: &[PathBuf]) -> Vec<String> {
    let mut arguments = vec!["status", "--porcelain", "-z", "--untracked-files=all", "--ignored=no", "--"];
    let names: Vec<String> = files.iter().map(|file| format!(":(top,literal){}", file.display())).collect();
    let Ok(root) = work_tree(folder) else { return Vec::new() };
    arguments.extend(names.iter().map(String::as_str));
    let Ok(out) = run(&root, &arguments) else { return Vec::new() };
    let entries = String::from_utf8_lossy(&out).into_owned();
    entries.split('\0').filter_map(|entry| entry.get(3..)).filter(|path| !path.is_empty()).map(str::to_owned).collect()
}

impl Revision {
    /// Opens a revision of the repository that `folder` is in.
    ///
    /// # Errors
    /// In one line: when there is no repository, no such revision, or git cannot be run.
    pub fn open(folder: &Path, revision: &str, passing: Vec<PathBuf>) -> Result<Self, String> {
        let root = work_tree(folder)?;
        // It starts while the tree is listed.
        let objects = Mutex::new(Objects::open(&root)?);
        let wanted = format!("{revision}^{{commit}}");
        let tree = run(&root, &["ls-tree", "-r", "-z", "--full-tree", "--end-of-options", &wanted])
            .map_err(|_| format!("{revision:?} is no revision of {}; see git log", root.display()))?;
        let mut files = BTreeMap::new();
        // A repository is a folder with `.git` for who looks for one.
        let git_folder = BTreeMap::from([(".git".to_owned(), FileKind::Directory)]);
        let mut folders = BTreeMap::from([(root.clone(), git_folder), (root.join(".git"), BTreeMap::new())]);
        for entry in tree.split(|byte| *byte == 0) {
            let entry = String::from_utf8_lossy(entry);
            let Some((about, path)) = entry.split_once('\t') else { continue };
            let about: Vec<&str> = about.split(' ').collect();
            // Links and submodules are not followed.
            let [mode, "blob", object] = about[..] else { continue };
            let relative = Path::new(path);
            if mode == "120000" || !relative.components().all(|part| matches!(part, Component::Normal(_))) {
                continue;
            }
            let path = root.join(relative);
            let mut kind = FileKind::File;
            for inner in path.ancestors() {
                let (Some(above), Some(name)) = (inner.parent(), inner.file_name()) else { break };
                let name = name.to_string_lossy().into_owned();
                let is_known = folders.contains_key(above);
                folders.entry(above.to_path_buf()).or_default().insert(name, kind);
                if is_known {
                    break;
                }
                kind = FileKind::Directory;
            }
            files.insert(path, object.to_owned());
        }
        // By what they are called, and by where they really are.
        let passing = passing.into_iter().flat_map(|folder| [OsFileSystem.canonical(&folder), folder]).collect();
        Ok(Self { root, files, folders, passing, objects })
    }

    fn is_of_disk(&self, path: &Path) -> bool {
        !path.starts_with(&self.root) || self.passing.iter().any(|folder| path.starts_with(folder))
    }
}

impl FileSystem for Revision {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let path = self.canonical(path);
        if self.is_of_disk(&path) {
            return OsFileSystem.read(&path);
        }
        let object = self.files.get(&path).ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))?;
        let mut objects = self.objects.lock().unwrap_or_else(PoisonError::into_inner);
        objects.read(object)
    }

    fn kind(&self, path: &Path) -> Option<FileKind> {
        let path = self.canonical(path);
        if self.is_of_disk(&path) {
            OsFileSystem.kind(&path)
        } else if self.files.contains_key(&path) {
            Some(FileKind::File)
        } else {
            self.folders.contains_key(&path).then_some(FileKind::Directory)
        }
    }

    fn list(&self, path: &Path) -> Vec<(String, FileKind)> {
        let path = self.canonical(path);
        if self.is_of_disk(&path) {
            return OsFileSystem.list(&path);
        }
        self.folders.get(&path).into_iter().flatten().map(|(name, kind)| (name.clone(), *kind)).collect()
    }

    fn python_files(&self, root: &Path) -> Vec<PathBuf> {
        let root = self.canonical(root);
        let is_python = |path: &&PathBuf| path.extension().is_some_and(|extension| extension == "py");
        let is_shown = |path: &&PathBuf| {
            path.strip_prefix(&root).is_ok_and(|rest| {
                let above = rest.parent().into_iter().flat_map(Path::components);
                above.into_iter().all(|part| !is_skipped_folder(&part.as_os_str().to_string_lossy()))
            })
        };
        self.files.keys().filter(is_python).filter(is_shown).cloned().collect()
    }

    fn canonical(&self, path: &Path) -> PathBuf {
        // Links of the work tree of today say nothing of a revision, and each look at the disk costs.
        if path.starts_with(&self.root) {
            return plain(path);
        }
        let full = OsFileSystem.canonical(path);
        if full != path || !path.is_relative() {
            // What exists on disk is resolved there; what does not is taken by its parts.
            return plain(&full);
        }
        plain(&self.root.join(path))
    }
}

fn plain(path: &Path) -> PathBuf {
    path.components().fold(PathBuf::new(), |mut out, part| {
        match part {
            Component::ParentDir => {
                out.pop();
            }
            Component::CurDir => {}
            other => out.push(other),
        }
        out
    })
}

impl Objects {
    fn open(root: &Path) -> Result<Self, String> {
        let mut child = git(root)
            .args(["cat-file", "--batch"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("cannot run git: {error}"))?;
        let (ask, answers) = (child.stdin.take(), child.stdout.take());
        let answers = BufReader::new(answers.ok_or("cannot read from git")?);
        Ok(Self { child, ask, answers })
    }

    fn read(&mut self, object: &str) -> io::Result<Vec<u8>> {
        let ask = self.ask.as_mut().ok_or_else(|| io::Error::from(io::ErrorKind::BrokenPipe))?;
        writeln!(ask, "{object}")?;
        ask.flush()?;
        let mut header = String::new();
        self.answers.read_line(&mut header)?;
        // `OBJECT blob SIZE`, or `OBJECT missing`.
        let size = header.trim_end().rsplit(' ').next().and_then(|size| size.parse::<u64>().ok());
        let size = size.ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))?;
        if size > MAX_FILE_BYTES {
            io::copy(&mut (&mut self.answers).take(size + 1), &mut io::sink())?;
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, format!("{size} bytes are more than are read")));
        }
        let mut bytes = vec![0; usize::try_from(size).unwrap_or_default()];
        self.answers.read_exact(&mut bytes)?;
        let mut end = [0];
        self.answers.read_exact(&mut end)?;
        Ok(bytes)
    }
}

/// git without what a repository could make it run, and without locks.
fn git(folder: &Path) -> Command {
    let mut command = Command::new("git");
    command.arg("-C").arg(folder).args(["-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null"]);
    command.env("GIT_OPTIONAL_LOCKS", "0").env("LC_ALL", "C").stdin(Stdio::null());
    command
}

fn run(folder: &Path, arguments: &[&str]) -> Result<Vec<u8>, String> {
    let output = git(folder).args(arguments).output().map_err(|error| format!("cannot run git: {error}"))?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let line = said.lines().next().unwrap_or("git failed").trim_start_matches("fatal: ");
    Err(format!("{}: {line}", folder.display()))
}
