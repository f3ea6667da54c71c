//! What every command does: find the environment, analyse, print.

use std::io::{self, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

use architect_model::{Options, Probe, Service, Walks};
use architect_source::{
    FileSystem, OsFileSystem, Stopwatch, parse_dotenv, peak_memory, process_environment, read_named, reason, write_file,
};
use architect_views::escape::printable;

use crate::args::{Color, Global};
use crate::{json, progress};

/// Reads the project and builds its model.
///
/// # Errors
/// In one line: what was wrong and what to do.
pub fn service(project: &Path, global: &Global) -> Result<Service, String> {
    analysed(&OsFileSystem, project, global, |options| options)
}

/// Reads a project in some tree of files with what API documents need.
///
/// # Errors
/// In one line: what was wrong and what to do.
pub fn documents(files: &dyn FileSystem, project: &Path, global: &Global) -> Result<Service, String> {
    analysed(files, project, global, |options| Options { documents: true, ..options })
}

/// Reads the project with what its endpoints cost.
///
/// # Errors
/// In one line: what was wrong and what to do.
pub fn requests(project: &Path, global: &Global) -> Result<Service, String> {
    analysed(&OsFileSystem, project, global, |options| Options { walks: Walks::Endpoints, ..options })
}

/// Reads a project in some tree of files with what a review needs; with `conventions`, how its code is written, too.
///
/// # Errors
/// In one line: what was wrong and what to do.
pub fn reviewed(files: &dyn FileSystem, project: &Path, conventions: bool, global: &Global) -> Result<Service, String> {
    analysed(files, project, global, |options| Options {
        documents: true,
        code: true,
        conventions,
        walks: Walks::Everything,
        ..options
    })
}

/// Reads the project with how its code is written.
///
/// # Errors
/// In one line: what was wrong and what to do.
pub fn conventions(project: &Path, global: &Global) -> Result<Service, String> {
    let more = |options| Options { documents: true, code: true, conventions: true, ..options };
    analysed(&OsFileSystem, project, global, more)
}

fn analysed(
    files: &dyn FileSystem,
    project: &Path,
    global: &Global,
    more: impl FnOnce(Options) -> Options,
) -> Result<Service, String> {
    let options = more(options(files, project, global)?);
    let _progress = progress::show(global);
    let service = architect_model::analyse(files, &options)?;
    if let Some(list) = global.files_read.as_ref().filter(|_| files.is_disk()) {
        let lines = service.files_read.iter().fold(String::new(), |all, file| all + &file.to_string_lossy() + "\n");
        write_file(list, lines.as_bytes()).map_err(|error| format!("--files-read {}: {error}", list.display()))?;
    }
    Ok(service)
}

/// Answers a maintainer's question about the project.
///
/// # Errors
/// In one line: what was wrong and what to do.
pub fn probe(project: &Path, global: &Global, probe: &Probe) -> Result<String, String> {
    let files = OsFileSystem;
    Ok(architect_model::probe(&files, &options(&files, project, global)?, probe))
}

/// Why a service has no application, and what to do: one that is named may be one that cannot be followed.
pub fn no_application(service: &Service) -> String {
    let unknown = service.unknowns.iter().find(|unknown| unknown.what.starts_with("the application "));
    match unknown {
        Some(unknown) => {
            format!("{} could not be followed: {}; `map` says what is not known", unknown.what, unknown.why)
        }
        None => "no application found; name one with --app MODULE:ATTR".to_owned(),
    }
}

/// Refuses what is not a folder.
///
/// # Errors
/// In one line.
pub fn check_folder(files: &dyn FileSystem, project: &Path) -> Result<(), String> {
    if files.is_dir(project) {
        return Ok(());
    }
    let what = if files.is_file(project) { "not a folder" } else { "no such folder" };
    Err(format!("{}: {what}; name the folder of the service", project.display()))
}

fn options(files: &dyn FileSystem, project: &Path, global: &Global) -> Result<Options, String> {
    check_folder(files, project)?;
    let python = python(files, project, global)?;
    if global.verbose {
        match &python {
            Some(path) => say(&format!("environment: {}", path.display())),
            None => say("environment: none found; libraries are taken at their newest known version"),
        }
    }
    let env = variables(global)?;
    Ok(Options {
        // A revision of git, or the files as a fix would leave them: something else is analysed beside it.
        goes_on: !files.is_disk(),
        project: project.to_path_buf(),
        app: global.app.clone(),
        python,
        env,
        applications: global.stated.applications.clone(),
        context: global.stated.context.clone(),
        knowledge: global.stated.knowledge.clone(),
        documents: false,
        code: false,
        conventions: false,
        walks: Walks::Nothing,
        on_stage: Some(progress::reached),
    })
}

/// The environment that counts: the one that was named, or what is found.
///
/// # Errors
/// In one line, when the named one is not there.
pub fn python(files: &dyn FileSystem, project: &Path, global: &Global) -> Result<Option<PathBuf>, String> {
    match &global.python {
        Some(given) if files.kind(given).is_none() => {
            Err(format!("--python {}: no such environment; name its folder", given.display()))
        }
        Some(given) => Ok(Some(given.clone())),
        None => Ok(environment(files, project, process_environment("VIRTUAL_ENV").map(PathBuf::from))),
    }
}

/// The project's own environment, in its folder or one above it in the same repository; else the activated one.
fn environment(files: &dyn FileSystem, project: &Path, activated: Option<PathBuf>) -> Option<PathBuf> {
    let folders = up_to_repository(files, project).into_iter();
    folders
        .flat_map(|folder| [folder.join(".venv"), folder.join("venv")])
        .find(|folder| files.is_file(&folder.join("pyvenv.cfg")))
        .or_else(|| activated.filter(|folder| files.is_dir(folder)))
}

/// The folder and those above it, up to its repository. Outside of one, up to the folder whose `pyproject.toml`
/// describes the package that the folder is; else the folder alone.
pub fn up_to_repository(files: &dyn FileSystem, folder: &Path) -> Vec<PathBuf> {
    let folder = files.canonical(folder);
    let is_repository = |folder: &Path| files.kind(&folder.join(".git")).is_some();
    let repository = folder.ancestors().position(is_repository);
    let depth = repository.or_else(|| described_above(files, &folder)).unwrap_or(0);
    folder.ancestors().take(depth + 1).map(Path::to_path_buf).collect()
}

/// How far above a package its `pyproject.toml` stands: nothing but packages and `src` lies between.
fn described_above(files: &dyn FileSystem, folder: &Path) -> Option<usize> {
    let is_within = |folder: &Path| {
        files.is_file(&folder.join("__init__.py")) || folder.file_name().is_some_and(|name| name == "src")
    };
    let described = folder.ancestors().position(|folder| files.is_file(&folder.join("pyproject.toml")))?;
    folder.ancestors().take(described).all(is_within).then_some(described)
}

/// The topmost of [`up_to_repository`].
pub fn repository(files: &dyn FileSystem, folder: &Path) -> PathBuf {
    up_to_repository(files, folder).pop().unwrap_or_else(|| folder.to_path_buf())
}

fn variables(global: &Global) -> Result<Vec<(String, String)>, String> {
    let mut out = Vec::new();
    if let Some(path) = &global.env_file {
        let bytes = read_named(path).map_err(|error| format!("--env-file {}: {}", path.display(), reason(&error)))?;
        out = parse_dotenv(&String::from_utf8_lossy(&bytes));
    }
    for entry in &global.env {
        // The value may be a secret: it is not repeated.
        let (key, value) = entry
            .split_once('=')
            .filter(|(key, _)| !key.is_empty())
            .ok_or("--env: not KEY=VALUE; write for example --env DEBUG=false")?;
        out.retain(|(name, _)| name != key);
        out.push((key.to_owned(), value.to_owned()));
    }
    Ok(out)
}

/// Whether what goes to the output is coloured.
pub fn colored(global: &Global) -> bool {
    match global.color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => {
            global.output.is_none() && process_environment("NO_COLOR").is_none() && io::stdout().is_terminal()
        }
    }
}

/// Hands out what was asked for. A reader that stops reading is no error.
///
/// # Errors
/// When it cannot be written.
pub fn print(text: &str, global: &Global) -> Result<(), String> {
    if let Some(path) = &global.output {
        return write_file(path, text.as_bytes())
            .map_err(|error| format!("--output {}: {}", path.display(), reason(&error)));
    }
    let mut out = io::stdout().lock();
    printed(out.write_all(text.as_bytes()).and_then(|()| out.flush()))
}

/// How printing ended: a reader that stops reading is no error.
fn printed(result: io::Result<()>) -> Result<(), String> {
    match result {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(format!("cannot write: {error}")),
        _ => Ok(()),
    }
}

/// JSON with a line end, harmless on a terminal.
///
/// # Errors
/// When it cannot be written.
pub fn json(value: &impl serde::Serialize) -> Result<String, String> {
    let mut text = Vec::new();
    json::write(value, &mut text).map_err(|error| format!("cannot write JSON: {error}"))?;
    String::from_utf8(text).map_err(|error| format!("cannot write JSON: {error}"))
}

/// JSON with a line end. What goes to a file is written at once, or not at all.
///
/// # Errors
/// When it cannot be written.
pub fn print_json(value: &impl serde::Serialize, global: &Global) -> Result<(), String> {
    if global.output.is_some() {
        return print(&json(value)?, global);
    }
    printed(json::write(value, io::stdout().lock()))
}

/// One line on standard error.
pub fn say(line: &str) {
    // Nobody can be told that standard error is gone.
    let _ = writeln!(io::stderr().lock(), "{}", printable(line));
}

/// What the command cost, for who asked for more than the result.
pub fn say_cost(watch: Stopwatch, global: &Global) {
    if global.verbose {
        let memory = peak_memory().map(|bytes| format!(", peak memory {} MB", bytes / 1_000_000)).unwrap_or_default();
        say(&format!("took {} ms{memory}", watch.elapsed().as_millis()));
    }
}

/// One line on standard error about why it could not be done.
pub fn complain(message: &str) {
    say(&format!("error: {message}"));
}

#[cfg(test)]
mod tests {
    use architect_source::MemoryFileSystem;

    use super::*;

    fn repository() -> MemoryFileSystem {
        let mut files = MemoryFileSystem::default();
        files.write("/repo/.git/HEAD", "");
        files.write("/repo/.venv/pyvenv.cfg", "");
        files.write("/repo/service/venv/__init__.py", "");
        files.write("/repo/service/main.py", "");
        files.write("/home/.venv/pyvenv.cfg", "");
        files.write("/home/service/main.py", "");
        files.write("/active/lib/x", "");
        files
    }

    #[test]
    fn the_environment_is_searched_up_to_the_repository() {
        let found = environment(&repository(), Path::new("/repo/service"), Some("/active".into()));
        assert_eq!(found, Some("/repo/.venv".into()));
    }

    #[test]
    fn outside_a_repository_only_the_project_is_searched() {
        assert_eq!(environment(&repository(), Path::new("/home/service"), None), None);
        let found = environment(&repository(), Path::new("/home/service"), Some("/active".into()));
        assert_eq!(found, Some("/active".into()));
        assert_eq!(environment(&repository(), Path::new("/home/service"), Some("/gone".into())), None);
    }

    #[test]
    fn a_package_outside_a_repository_belongs_to_what_describes_it() {
        let mut files = repository();
        files.write("/home/unpacked/pyproject.toml", "");
        files.write("/home/unpacked/src/app/__init__.py", "");
        files.write("/home/unpacked/src/app/api/__init__.py", "");
        files.write("/home/unpacked/services/one/main.py", "");
        let root = |folder: &str| super::repository(&files, Path::new(folder));
        assert_eq!(root("/home/unpacked/src/app/api"), Path::new("/home/unpacked"));
        assert_eq!(root("/home/unpacked/services/one"), Path::new("/home/unpacked/services/one"));
        assert_eq!(root("/home/service"), Path::new("/home/service"));
    }

    #[test]
    fn a_malformed_variable_is_refused_without_its_value() {
        let global = Global { env: vec!["s3cret".into()], ..Global::default() };
        let error = variables(&global).unwrap_err();
        assert!(error.contains("KEY=VALUE") && !error.contains("s3cret"), "{error}");
    }
}
