//! `diff`: what changed between two revisions, folders or documents.

use std::path::{Path, PathBuf};

use architect_source::git::{Revision, work_tree};
use architect_source::{FileSystem, OsFileSystem, Stopwatch, read_named, reason};
use architect_views::diff::{self as view, Comparison, Contract, Level};
use serde_json::Value as Json;

use crate::args::{Diff, DiffFormat, Global, MinLevel};
use crate::{Outcome, STACK_BYTES, context, unknowns, wire};

/// One of the two things that are compared.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Source {
    /// A folder of the disk.
    Folder(PathBuf),
    /// A document on the disk.
    Document(PathBuf),
    /// A git revision.
    Revision(String),
    /// A document in a git revision, by its path in the repository.
    DocumentOf(String, PathBuf),
}

/// Compares, and prints what changed.
///
/// # Errors
/// When one of the two is not there, cannot be read or has nothing to compare.
pub fn run(options: &Diff, global: &Global) -> Result<Outcome, String> {
    let watch = Stopwatch::new();
    let files = OsFileSystem;
    let old_name = options.old.clone();
    let new_name = options.new.clone().unwrap_or_else(|| options.project.display().to_string());
    let old = source(&files, &options.old);
    let new =
        options.new.as_deref().map_or_else(|| Source::Folder(options.project.clone()), |name| source(&files, name));
    // Both are read at the same time; neither shows progress, which would be of the two at once.
    let quiet = Global { quiet: true, verbose: false, ..global.clone() };
    let (old, new) = std::thread::scope(|scope| -> Result<_, String> {
        let read = || contract(&old, &options.project, &quiet).map_err(|why| format!("{old_name}: {why}"));
        let first = std::thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, read);
        let first = first.map_err(|error| format!("cannot start a thread: {error}"))?;
        let second = contract(&new, &options.project, &quiet).map_err(|why| format!("{new_name}: {why}"));
        let first = first.join().map_err(|_| "internal error, which is our fault: please report the lines above")?;
        Ok((first?, second?))
    })?;
    let mut comparison = view::compare(&old, &new);
    let least = match options.min_level {
        MinLevel::Compatible => Level::Compatible,
        MinLevel::Risky => Level::Risky,
        MinLevel::Breaking => Level::Breaking,
    };
    comparison.changes.retain(|change| change.level <= least);
    print(&comparison, &old_name, &new_name, options.format, global)?;
    if !global.quiet && !comparison.unknowns.is_empty() {
        context::say(&format!("not known of {new_name}, and known of {old_name}:"));
        for line in unknowns::text(&comparison.unknowns, global.verbose).lines() {
            context::say(line);
        }
    }
    context::say_cost(watch, global);
    Ok(if comparison.changes.is_empty() { Outcome::Clean } else { Outcome::Reported })
}

/// The folder whose configuration counts: of the new side, else of the project.
pub fn configured(options: &Diff) -> PathBuf {
    let new = options.new.as_deref().map(Path::new).filter(|new| OsFileSystem.is_dir(new));
    new.map_or_else(|| options.project.clone(), Path::to_path_buf)
}

fn print(comparison: &Comparison, old: &str, new: &str, format: DiffFormat, global: &Global) -> Result<(), String> {
    match format {
        DiffFormat::Text => context::print(&view::text(comparison), global),
        DiffFormat::Markdown => context::print(&view::markdown(comparison, old, new), global),
        DiffFormat::Json => context::print_json(&wire::diff::Diff::new(comparison, old, new), global),
    }
}

fn is_document(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "json" || extension == "yaml" || extension == "yml")
}

/// What a name on the command line means.
fn source(files: &dyn FileSystem, name: &str) -> Source {
    let path = Path::new(name);
    if files.is_dir(path) {
        return Source::Folder(path.to_path_buf());
    }
    if is_document(path) && (files.is_file(path) || !name.contains(':')) {
        return Source::Document(path.to_path_buf());
    }
    match name.split_once(':') {
        Some((revision, path)) if is_document(Path::new(path)) => {
            Source::DocumentOf(revision.to_owned(), PathBuf::from(path))
        }
        _ => Source::Revision(name.to_owned()),
    }
}

fn contract(source: &Source, project: &Path, global: &Global) -> Result<Contract, String> {
    match source {
        Source::Folder(folder) => {
            // The environment of the project is that of its folders, unless each has its own.
            service(&OsFileSystem, folder, global)
        }
        Source::Document(path) => document(&read_named(path).map_err(|error| reason(&error))?),
        Source::Revision(name) => {
            let root = OsFileSystem.canonical(project);
            let python = context::python(&OsFileSystem, project, global)?;
            let files = Revision::open(&root, name, python.iter().cloned().collect())?;
            if !files.is_dir(&root) {
                return Err(format!("{} is not in it; name the folder with --project", project.display()));
            }
            service(&files, &root, &Global { python, ..global.clone() })
        }
        Source::DocumentOf(name, path) => {
            let files = Revision::open(project, name, Vec::new())?;
            let root = work_tree(project)?;
            document(&files.read(&root.join(path)).map_err(|error| reason(&error))?)
        }
    }
}

fn service(files: &dyn FileSystem, folder: &Path, global: &Global) -> Result<Contract, String> {
    let service = context::documents(files, folder, global)?;
    let contract = Contract::of_service(&service);
    if contract.applications().next().is_none() {
        return Err(context::no_application(&service));
    }
    Ok(contract)
}

fn document(bytes: &[u8]) -> Result<Contract, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned())?;
    // JSON is YAML, and read faster as itself.
    let json: Json = match serde_json::from_str(text) {
        Ok(json) => json,
        Err(why) if text.trim_start().starts_with('{') => return Err(format!("it is not JSON: {why}")),
        Err(_) => serde_yaml_ng::from_str(text).map_err(|why| format!("it is neither JSON nor YAML: {why}"))?,
    };
    Contract::of_document(json)
}

#[cfg(test)]
mod tests {
    use architect_source::MemoryFileSystem;

    use super::*;

    #[test]
    fn names_mean_folders_documents_and_revisions() {
        let mut files = MemoryFileSystem::default();
        files.write("services/billing/main.py", "");
        files.write("openapi.json", "");
        let meant = |name: &str| source(&files, name);
        assert_eq!(meant("services/billing"), Source::Folder("services/billing".into()));
        assert_eq!(meant("openapi.json"), Source::Document("openapi.json".into()));
        assert_eq!(meant("gone.yaml"), Source::Document("gone.yaml".into()));
        assert_eq!(meant("v1:api/openapi.yml"), Source::DocumentOf("v1".into(), "api/openapi.yml".into()));
        assert_eq!(meant("main"), Source::Revision("main".into()));
        assert_eq!(meant("HEAD~2"), Source::Revision("HEAD~2".into()));
    }

    #[test]
    fn documents_are_json_or_yaml() {
        assert!(document(b"openapi: 3.1.0\npaths: {}\n").is_ok());
        assert!(document(b"{\"openapi\": \"3.1.0\"}").is_ok());
        assert!(document(b"{oops").unwrap_err().contains("not JSON"));
        assert!(document(b"swagger: '2.0'\n").unwrap_err().contains("Swagger 2.0"));
    }
}
