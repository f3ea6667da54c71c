//! The target's environment and the versions of its libraries.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use architect_python::Environment;
use architect_source::FileSystem;

use crate::Options;
use crate::library::version;

/// Libraries whose version decides what the model, or a rule, says.
const LIBRARIES: &[&str] =
    &["fastapi", "starlette", "pydantic", "pydantic-settings", "sqlalchemy", "sqlmodel", "alembic", "bcrypt"];

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

/// Versions that the project states, in its folder or up to three folders above: those of a lock file and those that are
/// pinned; where there is only a range that ends (`^1.9`, `<2`), the newest that it allows.
fn from_requirements(files: &dyn FileSystem, project: &Path, libraries: &mut BTreeMap<String, String>) {
    let names = ["uv.lock", "poetry.lock", "requirements.txt", "requirements.lock", "pyproject.toml", "setup.cfg"];
    for folder in project.ancestors().take(4) {
        let mut ranges: BTreeMap<String, String> = BTreeMap::new();
        for name in names {
            let Ok(bytes) = files.read(&folder.join(name)) else { continue };
            let text = String::from_utf8_lossy(&bytes);
            if name.ends_with(".lock") && !name.starts_with("requirements") {
                from_lock(&text, libraries);
                continue;
            }
            for line in text.lines() {
                let Some((library, asked)) = requirement(line) else { continue };
                match pinned(&asked) {
                    Some(version) => drop(libraries.entry(library.to_owned()).or_insert(version)),
                    None => {
                        if let Some(version) = newest_allowed(library, &asked) {
                            ranges.entry(library.to_owned()).or_insert(version);
                        }
                    }
                }
            }
        }
        for (library, version) in ranges {
            libraries.entry(library).or_insert(version);
        }
        if !libraries.is_empty() || files.is_dir(&folder.join(".git")) {
            return;
        }
    }
}

/// `name = "…"` and `version = "…"` of the packages of a lock file.
fn from_lock(text: &str, libraries: &mut BTreeMap<String, String>) {
    let mut package = String::new();
    for line in text.lines().map(str::trim) {
        if let Some(value) = line.strip_prefix("name = ") {
            package = value.trim_matches('"').to_lowercase();
        } else if let Some(value) = line.strip_prefix("version = ")
            && LIBRARIES.contains(&package.as_str())
        {
            libraries.entry(package.clone()).or_insert_with(|| value.trim_matches('"').to_owned());
        }
    }
}

/// A line that asks for one of the libraries, and the versions it asks for: `pydantic>=1.8,<2`, `"pydantic[email]<2",`,
/// `pydantic = "^1.9"` and `pydantic = { version = "^1.9" }` of Poetry.
fn requirement(line: &str) -> Option<(&'static str, String)> {
    let line = line.trim().trim_start_matches(['"', '\'']).to_lowercase();
    let library = LIBRARIES.iter().copied().find(|library| {
        line.strip_prefix(library)
            .is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || "-_.".contains(c)))
    })?;
    let mut rest = line[library.len()..].trim_start();
    if let Some((_, after)) = rest.strip_prefix('[').and_then(|extras| extras.split_once(']')) {
        rest = after.trim_start();
    }
    if let Some(value) = rest.strip_prefix('=').filter(|value| !value.starts_with('=')) {
        rest = value.trim_start();
        if rest.starts_with('{') {
            let (_, version) = rest.split_once("version")?;
            rest = version.trim_start().strip_prefix('=')?.trim_start();
        }
        rest = rest.trim_start_matches(['"', '\'']);
    }
    let end = rest.find(['"', '\'', ';', '#']).unwrap_or(rest.len());
    let asked = rest[..end].replace([' ', '(', ')'], "");
    (!asked.is_empty()).then_some((library, asked))
}

fn pinned(asked: &str) -> Option<String> {
    let version = asked.strip_prefix("==").unwrap_or(asked).trim_start_matches('=');
    let plain = version.starts_with(|c: char| c.is_ascii_digit())
        && version.chars().all(|c| c.is_ascii_alphanumeric() || c == '.')
        && !asked.starts_with(['<', '>', '~', '^', '!']);
    plain.then(|| version.to_owned())
}

/// The newest version of a range that ends; nothing where it may be any later one.
fn newest_allowed(library: &str, asked: &str) -> Option<String> {
    let (mut end, mut least): (Option<(u32, u32)>, Option<&str>) = (None, None);
    for part in asked.split(',') {
        let digits = part.trim_start_matches(|c: char| !c.is_ascii_digit());
        let mut numbers = digits.split('.').map(|part| part.parse::<u32>().ok());
        let (Some(Some(major)), minor) = (numbers.next(), numbers.next().flatten()) else { continue };
        let exact = minor.unwrap_or(0);
        let next = match part.trim_end_matches(digits) {
            "^" if major > 0 => (major + 1, 0),
            "^" | "~" | "==" => (major, exact + 1),
            "~=" if numbers.next().is_some() => (major, exact + 1),
            "~=" => (major + 1, 0),
            "<" => (major, exact),
            "<=" => (major, exact + 1),
            ">=" | ">" => {
                least = Some(digits);
                continue;
            }
            _ => continue,
        };
        if part.starts_with(['^', '~']) {
            least = Some(digits);
        }
        end = Some(end.map_or(next, |known| known.min(next)));
    }
    let of_least = |wanted: (u32, u32)| least.filter(|text| version(text) == Some(wanted)).map(str::to_owned);
    match (library, end?) {
        ("pydantic", (2, 0)) => Some("1.10".to_owned()),
        ("sqlalchemy", (2, 0)) => Some("1.4".to_owned()),
        (_, (major, minor)) if minor > 0 => {
            Some(of_least((major, minor - 1)).unwrap_or_else(|| format!("{major}.{}", minor - 1)))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lines_ask_for() {
        for (line, library, asked) in [
            ("pydantic>=1.8,<2", "pydantic", ">=1.8,<2"),
            ("  \"pydantic[email] < 2\",", "pydantic", "<2"),
            ("pydantic = \"^1.9\"", "pydantic", "^1.9"),
            ("pydantic = { version = \"^1.9\", extras = [\"email\"] }", "pydantic", "^1.9"),
            ("fastapi==0.79.0 ; python_version > '3.8'", "fastapi", "==0.79.0"),
            ("pydantic-settings<3", "pydantic-settings", "<3"),
        ] {
            assert_eq!(requirement(line), Some((library, asked.to_owned())), "{line}");
        }
        for line in ["pydantic", "pydantic_core==2.1", "# pydantic<2", "fastapi-users==1"] {
            assert_eq!(requirement(line), None, "{line}");
        }
    }

    #[test]
    fn the_newest_that_a_range_allows() {
        for (library, asked, newest) in [
            ("pydantic", "^1.9", Some("1.10")),
            ("sqlalchemy", "==1.4.*", Some("1.4")),
            ("pydantic", ">=1.8,<2", Some("1.10")),
            ("pydantic", ">=2,<3", None),
            ("sqlalchemy", "<2.0", Some("1.4")),
            ("sqlalchemy", "~=1.4.0", Some("1.4.0")),
            ("fastapi", "^0.79.1", Some("0.79.1")),
            ("fastapi", ">=0.100,<0.116", Some("0.115")),
            ("fastapi", ">=0.100,<1", None),
            ("fastapi", ">=0.100", None),
        ] {
            assert_eq!(newest_allowed(library, asked).as_deref(), newest, "{library} {asked}");
        }
        assert_eq!(pinned("==0.79.0").as_deref(), Some("0.79.0"));
        assert_eq!(pinned("0.79.0").as_deref(), Some("0.79.0"));
        assert_eq!(pinned(">=1"), None);
    }
}
