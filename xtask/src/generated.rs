//! `gen`: what the repository keeps of the definitions of the program.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::{Outcome, at};

/// Folders that hold nothing else: what is in them and is not made any more is removed.
const WHOLLY: &[&str] = &["docs/schemas", "packaging/data/data/share/man/man1"];

/// Writes what the binary tells about itself, or with `check` fails when something on disk is otherwise.
pub fn generate(root: &Path, check: bool) -> Outcome {
    apply(root, &told(root)?, check)
}

/// Texts by path from the root, from the binary that these sources make.
fn told(root: &Path) -> Result<BTreeMap<String, String>, String> {
    let output = Command::new(env!("CARGO"))
        .current_dir(root)
        .args(["run", "--quiet", "--locked", "-p", "fastapi_architect", "--", "debug-reference"])
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("cannot run cargo: {error}"))?;
    if !output.status.success() {
        return Err("the binary does not build, so there is nothing to write".to_owned());
    }
    serde_json::from_slice(&output.stdout).map_err(|error| format!("debug-reference: {error}"))
}

fn apply(root: &Path, wanted: &BTreeMap<String, String>, check: bool) -> Outcome {
    let other = |(name, text): &(&String, &String)| fs::read_to_string(root.join(name)).ok().as_ref() != Some(text);
    let stale: Vec<(&String, &String)> = wanted.iter().filter(other).collect();
    let gone: BTreeSet<String> = WHOLLY
        .iter()
        .flat_map(|folder| {
            fs::read_dir(root.join(folder)).into_iter().flatten().flatten().map(move |entry| (folder, entry))
        })
        .map(|(folder, entry)| format!("{folder}/{}", entry.file_name().to_string_lossy()))
        .filter(|name| !wanted.contains_key(name))
        .collect();
    if check {
        return match stale.iter().map(|(name, _)| *name).chain(&gone).next() {
            Some(name) => Err(format!("{name} is stale: run `cargo xtask gen` and commit what it writes")),
            None => Ok(()),
        };
    }
    for (name, text) in stale {
        let path = root.join(name);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(at(folder))?;
        }
        fs::write(&path, text).map_err(at(&path))?;
        println!("wrote {name}");
    }
    for name in gone {
        let path = root.join(&name);
        fs::remove_file(&path).map_err(at(&path))?;
        println!("removed {name}");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stale_or_left_over_is_noticed_and_mended() {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path();
        let wanted = BTreeMap::from([("docs/schemas/a.json".to_owned(), "{}".to_owned())]);
        assert!(apply(root, &wanted, true).is_err(), "missing");
        assert_eq!(apply(root, &wanted, false), Ok(()));
        assert_eq!(apply(root, &wanted, true), Ok(()));
        fs::write(root.join("docs/schemas/a.json"), "[]").expect("an edit");
        assert!(apply(root, &wanted, true).is_err(), "edited");
        assert_eq!(apply(root, &wanted, false), Ok(()));
        fs::write(root.join("docs/schemas/b.json"), "").expect("a stranger");
        assert!(apply(root, &wanted, true).is_err(), "left over");
        assert_eq!(apply(root, &wanted, false), Ok(()));
        assert!(!root.join("docs/schemas/b.json").exists());
    }
}
