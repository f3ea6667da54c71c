//! `new-rule`: the two files of a rule.

use std::fs;
use std::path::Path;

use clap::Args;

use crate::{Outcome, at, rules_folder};

/// What to write.
#[derive(Args, Debug)]
pub struct Options {
    /// The group, such as `endpoints`
    group: String,
    /// The name, such as `route-shadowed`: the pattern, not the remedy
    name: String,
}

const CODE: &str = r#"//! TODO: the pattern in a few words.

use architect_model::Service;
use architect_source::{Confidence, Finding, Severity};

use crate::Rule;

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "{name}",
    group: "{group}",
    docs: include_str!("{stem}.md"),
    severity: Severity::Warning,
    since: "{version}",
    check,
};

const WHY: &str = "TODO: what goes wrong, and for whom.";

fn check(service: &Service) -> Vec<Finding> {
    service
        .endpoints()
        .into_iter()
        .filter(|_endpoint| false) // TODO: what makes it a finding
        .map(|endpoint| {
            let title = endpoint.title();
            let message = format!("`{title}` TODO.");
            Finding {
                why: WHY.to_owned(),
                help: "TODO: what to do.".to_owned(),
                trade_off: "TODO: what the change costs, or when the code is fine as it is.".to_owned(),
                ..RULE.finding(Confidence::High, title, &endpoint.route.location, message)
            }
        })
        .collect()
}
"#;

const PAGE: &str = r#"# {name}

## What it does

TODO: one sentence; it becomes the line of the index.

## Why

TODO: what happens in production, and to whom.

## Example

```python
from fastapi import FastAPI

app = FastAPI()


@app.get("/todo")  # warning: {name}
def todo() -> None: ...
```

## Use instead

```python
from fastapi import FastAPI

app = FastAPI()


@app.get("/fine")
def fine() -> None: ...
```

## When it is fine

TODO: when to suppress it, and how that reads.

## How it is decided

TODO: which facts of the service, and what makes the confidence high or medium.

## What it cannot see

TODO: where it stays silent.

## Fix safety

There is no automatic fix.
"#;

/// Writes the files, refusing to replace any.
pub fn write(root: &Path, options: &Options) -> Outcome {
    let Options { group, name } = options;
    if !is_kebab(name) {
        return Err(format!("`{name}`: a rule is named in lower case with hyphens, such as `route-shadowed`"));
    }
    if !is_kebab(group) || group.contains('-') {
        return Err(format!("`{group}`: a group is one word in lower case, such as `endpoints`"));
    }
    let stem = name.replace('-', "_");
    let folder = rules_folder(root).join(group);
    let files = [(folder.join(format!("{stem}.rs")), CODE), (folder.join(format!("{stem}.md")), PAGE)];
    if let Some((path, _)) = files.iter().find(|(path, _)| path.exists()) {
        return Err(format!("{} is there already", path.display()));
    }
    fs::create_dir_all(&folder).map_err(at(&folder))?;
    for (path, template) in &files {
        let text = template
            .replace("{name}", name)
            .replace("{group}", group)
            .replace("{stem}", &stem)
            .replace("{version}", env!("CARGO_PKG_VERSION"));
        fs::write(path, text).map_err(at(path))?;
        println!("wrote {}", path.strip_prefix(root).unwrap_or(path).display());
    }
    let list = folder.join("mod.rs");
    if list.exists() {
        println!("add to {}:", list.strip_prefix(root).unwrap_or(&list).display());
        println!("    mod {stem};          with the other modules");
        println!("    &{stem}::RULE,       in RULES");
    } else {
        let text = format!(
            "//! TODO: what the rules of this group have in common.\n\nuse crate::Rule;\n\nmod {stem};\n\n\
             /// The rules of this group.\npub(super) static RULES: &[&Rule] = &[&{stem}::RULE];\n"
        );
        fs::write(&list, text).map_err(at(&list))?;
        println!("wrote {}", list.strip_prefix(root).unwrap_or(&list).display());
        println!("add to crates/architect_rules/src/rules/mod.rs:");
        println!("    mod {group};         with the other modules");
        println!("    {group}::RULES,      in GROUPS");
    }
    println!("then `cargo test -p architect_rules` and `cargo xtask gen`");
    Ok(())
}

fn is_kebab(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.split('-').all(|part| {
            !part.is_empty() && part.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit())
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_files_are_written_once() {
        let folder = tempfile::tempdir().expect("a folder");
        let options = Options { group: "queries".to_owned(), name: "n-plus-one".to_owned() };
        assert_eq!(write(folder.path(), &options), Ok(()));
        let group = rules_folder(folder.path()).join("queries");
        let code = fs::read_to_string(group.join("n_plus_one.rs")).expect("the code");
        assert!(code.contains("name: \"n-plus-one\"") && code.contains("include_str!(\"n_plus_one.md\")"), "{code}");
        let page = fs::read_to_string(group.join("n_plus_one.md")).expect("the page");
        assert!(page.starts_with("# n-plus-one\n") && !page.contains('{'), "{page}");
        assert!(fs::read_to_string(group.join("mod.rs")).expect("the list").contains("&n_plus_one::RULE"));
        assert!(write(folder.path(), &options).is_err(), "nothing is replaced");
    }

    #[test]
    fn names_are_checked() {
        let folder = tempfile::tempdir().expect("a folder");
        for (group, name) in [("queries", "N-plus"), ("queries", "a--b"), ("../queries", "a"), ("que-ries", "a")] {
            let options = Options { group: group.to_owned(), name: name.to_owned() };
            assert!(write(folder.path(), &options).is_err(), "{group} {name}");
        }
    }
}
