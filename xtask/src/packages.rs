//! `corpus packages`: a review of every package of the applications' environments and of the standard library, each by
//! itself.
//!
//! What has to hold: no panic, at most ten seconds and a gigabyte each, and an answer that is JSON.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use architect_fuzz::{Answer, CHECKS};
use clap::Args;
use serde_json::Value;

use crate::corpus::Places;
use crate::watched::{Ended, LIMITS, run as watched};
use crate::{Outcome, at};

/// What took too long is tried so often again: the machine may have been busy.
const AGAIN: usize = 2;

/// `corpus packages`.
#[derive(Args, Debug)]
pub struct Packages {
    #[command(flatten)]
    places: Places,
    /// Only packages whose name and version contain one of these
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// How many of the slowest and the largest to print
    #[arg(long, default_value_t = 10)]
    show: usize,
}

/// Reviews all, and prints what it cost.
pub fn run(root: &Path, options: &Packages) -> Outcome {
    let binary = options.places.binary(root)?;
    let mut packages = packages(&options.places.dir)?;
    packages.retain(|one| options.only.is_empty() || options.only.iter().any(|name| one.name.contains(name.as_str())));
    let mut reviews = Vec::new();
    for package in &packages {
        let mut review = package.review(&binary)?;
        for _ in 0..AGAIN {
            if !review.took_too_long() {
                break;
            }
            review = package.review(&binary)?;
        }
        if let Some(complaint) = &review.complaint {
            println!("{}: {complaint}", package.name);
        }
        reviews.push(review);
    }
    let distributions: BTreeSet<&str> =
        packages.iter().map(|one| one.name.split(' ').next().unwrap_or_default()).collect();
    let sum = |figure: fn(&Review) -> u64| reviews.iter().map(figure).sum::<u64>();
    println!(
        "{} packages of {} distributions, {} files, {} lines, {} findings",
        packages.len(),
        distributions.len(),
        sum(|review| review.files),
        sum(|review| review.lines),
        sum(|review| review.findings),
    );
    let mut order: Vec<usize> = (0..reviews.len()).collect();
    order.sort_by_key(|index| std::cmp::Reverse(reviews[*index].ended.wall));
    println!("slowest:");
    order.iter().take(options.show).for_each(|index| println!("  {}", reviews[*index].told(&packages[*index].name)));
    order.sort_by_key(|index| std::cmp::Reverse(reviews[*index].ended.peak));
    println!("most memory:");
    order.iter().take(options.show).for_each(|index| println!("  {}", reviews[*index].told(&packages[*index].name)));
    match (reviews.len(), reviews.iter().filter(|review| review.complaint.is_some()).count()) {
        (0, _) => Err(format!("{}: no package found", options.places.dir.display())),
        (_, 0) => Ok(()),
        (_, wrong) => Err(format!("{wrong} packages could not be reviewed as they should")),
    }
}

/// A folder or a module that is reviewed by itself.
struct Package {
    /// The distribution with its version, and what of it is reviewed.
    name: String,
    place: PathBuf,
}

/// What came of a review.
struct Review {
    ended: Ended,
    complaint: Option<String>,
    files: u64,
    lines: u64,
    findings: u64,
}

impl Package {
    fn review(&self, binary: &Path) -> Result<Review, String> {
        let alone = tempfile::tempdir().map_err(|error| format!("no temporary folder: {error}"))?;
        let folder = if self.place.is_dir() {
            &*self.place
        } else {
            let name = self.place.file_name().unwrap_or_default();
            fs::copy(&self.place, alone.path().join(name)).map_err(at(&self.place))?;
            alone.path()
        };
        let check = &CHECKS[0];
        let ended = watched(Command::new(binary).args(check.arguments(".", ".")).current_dir(folder), LIMITS)?;
        let answer = Answer {
            code: ended.status.and_then(|status| status.code()),
            stdout: ended.stdout.clone(),
            stderr: ended.stderr.clone(),
            stopped: ended.stopped.clone(),
        };
        let review: Value = serde_json::from_slice(&ended.stdout).unwrap_or_default();
        let refused = || (answer.code == Some(2)).then(|| String::from_utf8_lossy(&answer.stderr).trim().to_owned());
        Ok(Review {
            complaint: check.complaint(&answer).or_else(refused),
            files: review["project"]["files"].as_u64().unwrap_or_default(),
            lines: review["project"]["lines"].as_u64().unwrap_or_default(),
            findings: review["findings"].as_array().map_or(0, |findings| findings.len() as u64),
            ended: Ended { stdout: Vec::new(), ..ended },
        })
    }
}

impl Review {
    fn took_too_long(&self) -> bool {
        self.ended.stopped.is_some() && self.ended.wall > LIMITS.time
    }

    fn told(&self, name: &str) -> String {
        format!(
            "{:>6.2} s, {:>6.2} s of processor time, {:>5} MB, {:>7} lines  {name}",
            self.ended.wall.as_secs_f64(),
            self.ended.cpu.as_secs_f64(),
            self.ended.peak >> 20,
            self.lines,
        )
    }
}

/// The packages of all environments, each version of a distribution once, and of the standard libraries behind them.
fn packages(corpus: &Path) -> Result<Vec<Package>, String> {
    let mut found: BTreeMap<String, PathBuf> = BTreeMap::new();
    let mut libraries = BTreeSet::new();
    let mut seen = BTreeSet::new();
    for application in folders(corpus)? {
        let environment = application.join("venv");
        for version in folders(&environment.join("lib")).unwrap_or_default() {
            libraries.extend(standard_library(&environment, &version));
            let packages = version.join("site-packages");
            for information in folders(&packages).unwrap_or_default() {
                let Some(distribution) = named(&information).strip_suffix(".dist-info").map(str::to_owned) else {
                    continue;
                };
                if !seen.insert(distribution.clone()) {
                    continue;
                }
                let record = fs::read_to_string(information.join("RECORD")).unwrap_or_default();
                let is_package = |folder: &str| packages.join(folder).join("__init__.py").is_file();
                for top in tops(&record, &is_package) {
                    found.insert(format!("{distribution} {top}"), packages.join(top));
                }
            }
        }
    }
    for library in libraries {
        let version = named(&library).to_owned();
        let entries = fs::read_dir(&library).map_err(at(&library))?.flatten().map(|entry| entry.path());
        let is_python = |path: &PathBuf| path.is_dir() || path.extension().is_some_and(|extension| extension == "py");
        let is_foreign = |path: &PathBuf| matches!(named(path), "site-packages" | "__pycache__");
        for path in entries.filter(|path| is_python(path) && !is_foreign(path)) {
            found.insert(format!("{version} {}", named(&path)), path);
        }
    }
    Ok(found.into_iter().map(|(name, place)| Package { name, place }).collect())
}

fn named(path: &Path) -> &str {
    path.file_name().and_then(|name| name.to_str()).unwrap_or_default()
}

fn folders(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let mut found: Vec<PathBuf> =
        fs::read_dir(folder).map_err(at(folder))?.flatten().map(|entry| entry.path()).collect();
    found.retain(|path| path.is_dir());
    found.sort();
    Ok(found)
}

/// The standard library of an environment: beside the interpreter that `pyvenv.cfg` names.
fn standard_library(environment: &Path, version: &Path) -> Option<PathBuf> {
    let text = fs::read_to_string(environment.join("pyvenv.cfg")).ok()?;
    let home = text.lines().find_map(|line| line.split_once('=').filter(|(key, _)| key.trim() == "home"))?.1;
    let library = Path::new(home.trim()).parent()?.join("lib").join(version.file_name()?);
    library.is_dir().then_some(library)
}

/// What a distribution adds to the packages: its packages and modules, those of a namespace one by one.
fn tops(record: &str, is_package: &dyn Fn(&str) -> bool) -> BTreeSet<String> {
    let paths = record.lines().filter_map(|line| line.split(',').next()).map(|path| path.trim_matches('"'));
    paths
        .filter(|path| path.ends_with(".py") && !path.starts_with("..") && !path.starts_with('/'))
        .map(|path| {
            let inside = path.match_indices('/').map(|(end, _)| &path[..end]);
            inside.into_iter().find(|folder| is_package(folder)).unwrap_or_else(|| {
                // A module, or a folder of scripts without any package.
                path.split('/').next().filter(|_| path.matches('/').count() == 1).unwrap_or(path)
            })
        })
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_distribution_has_packages_and_modules() {
        let record = "a/__init__.py,sha256=x,1\na/b/c.py,,\nspace/one/__init__.py,,\nspace/one/x.py,,\nsix.py,,\n\
                      ../../bin/tool.py,,\na-1.dist-info/METADATA,,\nscripts/run.py,,\n";
        let is_package = |folder: &str| ["a", "a/b", "space/one"].contains(&folder);
        let found: Vec<String> = tops(record, &is_package).into_iter().collect();
        assert_eq!(found, ["a", "scripts", "six.py", "space/one"]);
    }
}
