//! What the program tells about itself. Each part is written from the definition that the program itself runs on: the
//! arguments, the configuration, the types that are serialised, the registry of the rules. `explain` prints it,
//! `cargo xtask gen` keeps it in the repository.
//!
//! docs/ is plain Markdown that GitHub shows as it is; mkdocs makes the site of it. Its `console` blocks are run by a
//! test, and every command line in documents and help is given to the definition of the arguments.

pub mod commands;
pub mod configuration;
#[cfg(test)]
mod examples;
pub mod formats;
pub mod json_schema;
pub mod rules;
pub mod shell;

use architect_views::diff;

/// Where the wheel takes files from, in the layout that installers know.
const SHARE: &str = "packaging/data/data/share";

/// Every generated file of the repository: its path from the root, and its text.
pub fn files() -> Vec<(String, String)> {
    let mut files = vec![
        ("docs/commands.md".to_owned(), commands::markdown()),
        ("docs/configuration.md".to_owned(), configuration::markdown()),
        ("docs/configuration.schema.json".to_owned(), configuration::schema()),
        ("docs/diff-checks.md".to_owned(), diff::reference()),
        ("docs/formats.md".to_owned(), formats::markdown()),
        ("docs/rules.md".to_owned(), rules::markdown()),
    ];
    files.extend(formats::all().iter().map(|format| (format!("docs/schemas/{}.json", format.name), format.schema())));
    files.extend(shell::manual().into_iter().map(|page| (format!("{SHARE}/man/man1/{}", page.file), page.text)));
    files.extend(shell::installed().map(|(path, shell)| (format!("{SHARE}/{path}"), shell::completions(shell))));
    files
}
