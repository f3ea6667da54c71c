//! Lock files: the versions that a new service starts with, cut out of one resolution of all that any service may need.
//!
//! Dependencies that are resolved on the day a service is generated break on some day. So one resolution is embedded,
//! which the tests of the generator ran with, and each service gets the part of it that it reaches: as `uv.lock`, and as
//! files of requirements with hashes for pip. `cargo xtask lock` renews it.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

/// The resolution of [`crate::everything`], as uv wrote it.
const RESOLUTION: &str = include_str!("../locks/uv.lock");
/// How an entry starts.
const ENTRY: &str = "\n[[package]]\n";
/// Where the extras of an entry start; nothing follows them.
const EXTRAS: &str = "\n[package.optional-dependencies]\n";

/// The lock files of one service.
pub(crate) struct Locks {
    /// For uv.
    pub(crate) uv: String,
    /// For pip: what runs the service.
    pub(crate) runtime: String,
    /// For pip: what checks it, too.
    pub(crate) development: String,
}

/// Makes the lock files of a service.
///
/// # Errors
/// When the resolution does not have what is needed, which is our fault: `cargo xtask lock` was not run.
pub(crate) fn locks(name: &str, runtime: &[&str], development: &[&str]) -> Result<Locks, String> {
    let resolution: Resolution = toml::from_str(RESOLUTION).map_err(|error| defect(&error.to_string()))?;
    let entries: BTreeMap<&str, &Entry> = resolution.package.iter().map(|entry| (entry.name.as_str(), entry)).collect();
    let runs: Vec<Requirement> = runtime.iter().map(|text| Requirement::parse(text)).collect();
    let checks: Vec<Requirement> = development.iter().map(|text| Requirement::parse(text)).collect();
    let needed = reach(&runs, &entries)?;
    let all = reach(runs.iter().chain(&checks), &entries)?;
    Ok(Locks {
        uv: uv(name, &runs, &checks, &all),
        runtime: requirements(&needed, &entries),
        development: requirements(&all, &entries),
    })
}

fn defect(why: &str) -> String {
    format!("the embedded lock file does not fit, which is our fault: {why}")
}

#[derive(Deserialize)]
struct Resolution {
    package: Vec<Entry>,
}

/// One package of the resolution.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Entry {
    name: String,
    version: String,
    #[serde(default)]
    dependencies: Vec<Edge>,
    #[serde(default)]
    optional_dependencies: BTreeMap<String, Vec<Edge>>,
    sdist: Option<Artifact>,
    #[serde(default)]
    wheels: Vec<Artifact>,
}

#[derive(Deserialize)]
struct Edge {
    name: String,
    #[serde(default)]
    extra: Vec<String>,
    marker: Option<String>,
}

#[derive(Deserialize)]
struct Artifact {
    hash: String,
}

/// A requirement as `pyproject.toml` states it: `uvicorn[standard]>=0.54`.
struct Requirement<'a> {
    name: &'a str,
    extras: Vec<&'a str>,
    specifier: &'a str,
}

impl<'a> Requirement<'a> {
    fn parse(text: &'a str) -> Self {
        let (head, specifier) = text.split_at(text.find(['>', '<', '=', '~', '!']).unwrap_or(text.len()));
        let (name, extras) = match head.strip_suffix(']').and_then(|head| head.split_once('[')) {
            Some((name, extras)) => (name, extras.split(',').collect()),
            None => (head, Vec::new()),
        };
        Self { name, extras, specifier }
    }
}

/// A package that is needed: with which extras, and under which conditions.
#[derive(Default)]
struct Reached<'a> {
    extras: BTreeSet<&'a str>,
    /// Each set is one way to it, whose markers all have to hold; an empty one means always.
    ways: Vec<BTreeSet<&'a str>>,
}

impl<'a> Reached<'a> {
    /// Adds a way; false when it says nothing new.
    fn add(&mut self, way: &BTreeSet<&'a str>) -> bool {
        if self.ways.iter().any(|known| known.is_subset(way)) {
            return false;
        }
        self.ways.retain(|known| !way.is_subset(known));
        self.ways.push(way.clone());
        true
    }

    /// The condition in the words of PEP 508, or nothing where it is always needed.
    fn marker(&self) -> Option<String> {
        let joined = |parts: Vec<String>, word: &str| match parts.as_slice() {
            [one] => one.clone(),
            _ => parts
                .iter()
                .map(|part| if part.contains(' ') { format!("({part})") } else { part.clone() })
                .collect::<Vec<_>>()
                .join(word),
        };
        let ways: Vec<String> = self
            .ways
            .iter()
            .map(|way| joined(way.iter().map(|marker| (*marker).to_owned()).collect(), " and "))
            .collect();
        (!ways.iter().any(String::is_empty)).then(|| joined(ways, " or "))
    }
}

/// Everything that requirements lead to.
fn reach<'a>(
    from: impl IntoIterator<Item = &'a Requirement<'a>>,
    entries: &BTreeMap<&'a str, &'a Entry>,
) -> Result<BTreeMap<&'a str, Reached<'a>>, String> {
    let mut reached: BTreeMap<&str, Reached<'_>> = BTreeMap::new();
    let mut open: Vec<(&str, Vec<&str>, BTreeSet<&str>)> =
        from.into_iter().map(|one| (one.name, one.extras.clone(), BTreeSet::new())).collect();
    while let Some((name, extras, way)) = open.pop() {
        let entry = entries.get(name).ok_or_else(|| defect(&format!("it does not have {name}")))?;
        let found = reached.entry(name).or_default();
        let mut new: Vec<&Edge> = Vec::new();
        let widened = found.add(&way);
        let added: Vec<&str> = extras.into_iter().filter(|extra| found.extras.insert(extra)).collect();
        if widened {
            new.extend(&entry.dependencies);
        }
        // A new way leads to what was asked for before, a new extra to what it adds.
        let opened = if widened { found.extras.iter().copied().collect() } else { added };
        for extra in opened {
            let more = entry.optional_dependencies.get(extra);
            new.extend(more.ok_or_else(|| defect(&format!("it does not have {name}[{extra}]")))?);
        }
        for edge in new {
            let way = way.iter().copied().chain(edge.marker.as_deref()).collect();
            open.push((&edge.name, edge.extra.iter().map(String::as_str).collect(), way));
        }
    }
    Ok(reached)
}

/// The part of the resolution that is reached, and the entry of the service itself.
fn uv(
    name: &str,
    runtime: &[Requirement<'_>],
    development: &[Requirement<'_>],
    reached: &BTreeMap<&str, Reached<'_>>,
) -> String {
    let mut parts = RESOLUTION.split(ENTRY);
    let head = parts.next().unwrap_or_default();
    let mut entries: BTreeMap<String, String> = BTreeMap::new();
    for part in parts {
        let of = part.split('"').nth(1).unwrap_or_default();
        if let Some(found) = reached.get(of) {
            entries.insert(of.to_owned(), with_extras(part, &found.extras));
        }
    }
    // Names are compared in the form of PEP 503.
    let own = name.replace('_', "-");
    entries.insert(own.clone(), own_entry(&own, runtime, development));
    let entries: Vec<String> = entries.into_values().map(|entry| format!("{ENTRY}{}\n", entry.trim_end())).collect();
    format!("{}\n{}", head.trim_end(), entries.concat())
}

/// An entry without the extras that nobody asks for, whose packages may be missing.
fn with_extras(entry: &str, extras: &BTreeSet<&str>) -> String {
    let Some((head, tail)) = entry.split_once(EXTRAS) else { return entry.to_owned() };
    let kept: String = tail
        .split_inclusive("]\n")
        .filter(|part| part.trim_start().split_once(' ').is_some_and(|(extra, _)| extras.contains(extra)))
        .collect();
    if kept.is_empty() { head.to_owned() } else { format!("{head}{EXTRAS}{kept}") }
}

/// The entry of the service itself, which uv compares with `pyproject.toml`.
fn own_entry(name: &str, runtime: &[Requirement<'_>], development: &[Requirement<'_>]) -> String {
    let list = |requirements: &[Requirement<'_>], key: &str, stated: bool| {
        let mut sorted: Vec<&Requirement<'_>> = requirements.iter().collect();
        sorted.sort_by_key(|one| one.name);
        let line = |one: &Requirement<'_>| {
            let extras: Vec<String> = one.extras.iter().map(|extra| format!("\"{extra}\"")).collect();
            let word = if stated { "extras" } else { "extra" };
            let extras = if extras.is_empty() { String::new() } else { format!(", {word} = [{}]", extras.join(", ")) };
            let specifier = if stated { format!(", specifier = \"{}\"", one.specifier) } else { String::new() };
            format!("    {{ name = \"{}\"{extras}{specifier} }},\n", one.name)
        };
        format!("{key} = [\n{}]\n", sorted.into_iter().map(line).collect::<String>())
    };
    format!(
        "name = \"{name}\"\nversion = \"0.1.0\"\nsource = {{ virtual = \".\" }}\n{}\n[package.dev-dependencies]\n{}\n[package.metadata]\n{}\n[package.metadata.requires-dev]\n{}",
        list(runtime, "dependencies", false),
        list(development, "dev", false),
        list(runtime, "requires-dist", true),
        list(development, "dev", true),
    )
}

/// Packages that another package asks for with an extra which is empty on the Pythons that are supported, so that it is
/// not in the lock file: pytest-cov asks for `coverage[toml]`. Where hashes are asked for, pip (23.2) looks at the newest
/// version of what has an extra before it looks at the pin of what has none, and refuses it.
const ASKED_WITH_EXTRA: &[(&str, &str)] = &[("coverage", "[toml]")];

/// What is reached as pip reads it, with the hashes of every file.
fn requirements(reached: &BTreeMap<&str, Reached<'_>>, entries: &BTreeMap<&str, &Entry>) -> String {
    let mut out = String::from("# From uv.lock: `uv export --format requirements-txt` writes it again.\n");
    for (name, found) in reached {
        let entry = entries[name];
        let marker = found.marker().map_or_else(String::new, |marker| format!(" ; {marker}"));
        let hashes: BTreeSet<&str> = entry.wheels.iter().chain(&entry.sdist).map(|file| file.hash.as_str()).collect();
        let extra = ASKED_WITH_EXTRA.iter().find(|(asked, _)| asked == name).map_or("", |(_, extra)| extra);
        out.push_str(&format!("{name}{extra}=={}{marker}", entry.version));
        for hash in hashes {
            out.push_str(&format!(" \\\n    --hash={hash}"));
        }
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_reached_is_locked() {
        let locks = locks("my_shop", &["fastapi>=0.165", "sqlalchemy>=2.1"], &["black>=26.10"]).unwrap();
        assert!(locks.runtime.contains("\nstarlette==") && !locks.runtime.contains("\ngreenlet=="));
        assert!(!locks.runtime.contains("\nblack==") && locks.development.contains("\nblack=="));
        assert!(locks.uv.contains("name = \"my-shop\"\nversion = \"0.1.0\"\nsource = { virtual = \".\" }\n"));
        assert!(!locks.uv.contains("asyncio = ["), "an extra that nobody asks for");
        toml::from_str::<toml::Table>(&locks.uv).unwrap();
    }

    #[test]
    fn what_is_asked_with_an_extra_is_pinned_with_it() {
        let locks = locks("shop", &[], &["pytest-cov>=7.1"]).unwrap();
        assert!(locks.development.contains("\ncoverage[toml]==") && !locks.development.contains("\ncoverage=="));
    }

    #[test]
    fn extras_lead_on() {
        let locks = locks("shop", &["sqlalchemy[asyncio]>=2.1", "uvicorn[standard]>=0.54"], &[]).unwrap();
        assert!(locks.uv.contains("asyncio = [") && locks.runtime.contains("\ngreenlet=="));
        let uvloop = locks.runtime.lines().find(|line| line.starts_with("uvloop==")).unwrap();
        assert!(uvloop.contains(" ; platform_python_implementation != 'PyPy' and "), "{uvloop}");
    }

    #[test]
    fn conditions_of_several_ways_are_joined() {
        let mut reached = Reached::default();
        assert!(reached.add(&BTreeSet::from(["a == 'x'", "b == 'y'"])));
        assert!(reached.add(&BTreeSet::from(["c == 'z'"])));
        assert_eq!(reached.marker().unwrap(), "((a == 'x') and (b == 'y')) or (c == 'z')");
        assert!(reached.add(&BTreeSet::new()));
        assert!(!reached.add(&BTreeSet::from(["c == 'z'"])));
        assert_eq!(reached.marker(), None);
    }

    #[test]
    fn what_is_not_resolved_is_a_defect() {
        let told = locks("shop", &["nothing>=1"], &[]).err().unwrap();
        assert!(told.contains("our fault") && told.contains("nothing"), "{told}");
    }
}
