//! The target's environment and the versions of its libraries.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use architect_python::Environment;
use architect_source::FileSystem;

use crate::Options;

/// Libraries whose version decides what the model says.
const LIBRARIES: &[&str] =
    &["fastapi", "starlette", "pydantic", "pydantic-settings", "sqlalchemy", "sqlmodel", "alembic"];

/// `site-packages` of the environment, and the versions found there or in the project's requirements.
pub(super) fn find(files: &dyn FileSystem, options: &Options) -> (Environment, BTreeMap<String, String>) {
    let mut site_packages = Vec::new();
    if let Some(python) = &options.python {
        let mut folder = python.clone();
        // An interpreter stands for the environment it lies in: ENV/bin/python.
        if files.is_file(&folder) {
            folder = folder.parent().and_then(Path::parent).map(Path::to_path_buf).unwrap_or_default();
        }
        site_packages = site_packages_of(files, &folder);
    }
    let mut libraries = BTreeMap::new();
    for folder in &site_packages {
        for (name, _) in files.list(folder) {
            let Some(stem) = name.strip_suffix(".dist-info") else { continue };
            let Some((package, version)) = stem.rsplit_once('-') else { continue };
            let package = package.to_lowercase().replace('_', "-");
            if LIBRARIES.contains(&package.as_str()) {
                libraries.insert(package, version.to_owned());
            }
        }
    }
    if libraries.is_empty() {
        from_requirements(files, &options.project, &mut libraries);
    }
    let python = site_packages.iter().find_map(|folder| python_version(folder));
    (Environment { site_packages, python }, libraries)
}

/// The version in `lib/python3.11/site-packages`.
fn python_version(folder: &Path) -> Option<(i64, i64)> {
    let name = folder.parent()?.file_name()?.to_str()?.strip_prefix("python")?;
    let (major, minor) = name.split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

fn site_packages_of(files: &dyn FileSystem, folder: &Path) -> Vec<PathBuf> {
    let mut out = Vec::new();
    for lib in ["lib", "lib64", "Lib"] {
        let lib = folder.join(lib);
        for (name, _) in files.list(&lib) {
            let candidate = lib.join(&name).join("site-packages");
            if name.starts_with("python") && files.is_dir(&candidate) {
                let candidate = files.canonical(&candidate);
                if !out.contains(&candidate) {
                    out.push(candidate);
                }
            }
        }
        let candidate = lib.join("site-packages");
        if files.is_dir(&candidate) {
            out.push(files.canonical(&candidate));
        }
    }
    if out.is_empty() && folder.file_name().is_some_and(|name| name == "site-packages") {
        out.push(files.canonical(folder));
    }
    out
}

/// Pinned versions (`name==1.2.3`, or `name = "1.2.3"` in a lock file) in the project or up to three folders above.
fn from_requirements(files: &dyn FileSystem, project: &Path, libraries: &mut BTreeMap<String, String>) {
    for folder in project.ancestors().take(4) {
        for name in ["uv.lock", "poetry.lock", "requirements.txt", "requirements.lock", "pyproject.toml"] {
            let Ok(bytes) = files.read(&folder.join(name)) else { continue };
            let text = String::from_utf8_lossy(&bytes);
            let mut package = String::new();
            for line in text.lines() {
                let line = line.trim();
                if name.ends_with(".lock") && !name.starts_with("requirements") {
                    if let Some(value) = line.strip_prefix("name = ") {
                        package = value.trim_matches('"').to_lowercase();
                    } else if let Some(value) = line.strip_prefix("version = ")
                        && LIBRARIES.contains(&package.as_str())
                    {
                        libraries.entry(package.clone()).or_insert_with(|| value.trim_matches('"').to_owned());
                    }
                } else if let Some((left, right)) = line.split_once("==") {
                    let left = left.trim_matches(|c: char| c == '"' || c == '\'' || c.is_whitespace());
                    let left = left.split('[').next().unwrap_or(left).to_lowercase();
                    let right: String = right.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
                    if LIBRARIES.contains(&left.as_str()) && !right.is_empty() {
                        libraries.entry(left).or_insert(right);
                    }
                }
            }
        }
        if !libraries.is_empty() || files.is_dir(&folder.join(".git")) {
            return;
        }
    }
}
