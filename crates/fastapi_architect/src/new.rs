//! `new`: a service from its context and its data model.

mod questions;

use std::io::{self, IsTerminal as _};
use std::path::Path;

use architect_scaffold::{
    Context, Database, Design, Hasher, Resource, Size, check_name, choose, database_of, generate,
};
use architect_source::{FileSystem as _, OsFileSystem, reason, write_folder};

use crate::args::{AuthChoice, DatabaseChoice, Global, HasherChoice, New, ServiceSize};
use crate::{Outcome, context};

/// Packages of the generated service itself, which are imported last.
const OWN_PACKAGES: &[&str] = &["app", "tests"];

/// Writes a new service into a folder of its name.
///
/// # Errors
/// In one line, when the name, the data model or the folder will not do. Nothing is written then.
pub fn run(options: &New, global: &Global) -> Result<Outcome, String> {
    let design = design(options)?;
    let folder = Path::new(&design.name);
    let mut files = Vec::new();
    for file in generate(&design)? {
        let python = Path::new(&file.path).extension().is_some_and(|extension| extension == "py");
        let text = if python { architect_style::tidy(&file.path, &file.text, OWN_PACKAGES)? } else { file.text };
        files.push((file.path, text));
    }
    // Asked before the disk is, so that a dry run says it, too.
    if OsFileSystem.kind(folder).is_some() {
        return Err(format!("{} exists already: choose another name, or move it away", folder.display()));
    }
    let mut told = String::new();
    for (title, why) in &design.decisions {
        told.push_str(&format!("{title}. {why}\n"));
    }
    if options.dry_run {
        for (path, text) in &files {
            told.push_str(&format!("{}/{path} ({} lines)\n", design.name, text.lines().count()));
        }
        context::print(&told, global)?;
        return Ok(Outcome::Clean);
    }
    write_folder(folder, &files).map_err(|error| format!("{}: {}", folder.display(), reason(&error)))?;
    told.push_str(&format!("\n{} files in {}/. Next:\n\n{}", files.len(), design.name, next(&design)));
    context::print(&told, global)?;
    Ok(Outcome::Clean)
}

/// What to type next.
fn next(design: &Design) -> String {
    let folder = &design.name;
    match design.size {
        Size::Prototype => format!("    cd {folder} && uv run uvicorn app.main:app\n"),
        Size::Service | Size::Scaled => format!(
            "    cd {folder} && cp .env.example .env    and fill it in\n    uv run alembic upgrade head && uv run uvicorn app.main:app\n"
        ),
    }
}

fn design(options: &New) -> Result<Design, String> {
    // What will not do is said before anything is asked.
    check_name(&options.name)?;
    let mut resources = options.resource.iter().map(|text| Resource::parse(text)).collect::<Result<Vec<_>, _>>()?;
    let mut known = Context { users: options.users, rps: options.rps, data: options.data, team: options.team };
    let asks = !options.yes && io::stdin().is_terminal();
    let accounts = match options.auth {
        Some(choice) => choice == AuthChoice::Jwt,
        None if asks => questions::agreed("Shall it have accounts, with logins and roles?")?,
        None => true,
    };
    if asks && resources.is_empty() {
        resources = questions::resources(accounts)?;
    }
    if asks && options.size.is_none() && known == Context::default() {
        known = questions::context()?;
    }
    let (chosen, why) = choose(known);
    let (size, why) = match options.size {
        None => (chosen, why),
        Some(ServiceSize::Prototype) => (Size::Prototype, "Asked for with --size.".to_owned()),
        Some(ServiceSize::Service) => (Size::Service, "Asked for with --size.".to_owned()),
        Some(ServiceSize::Scaled) => (Size::Scaled, "Asked for with --size.".to_owned()),
    };
    let (usual, why_usual) = database_of(size);
    let (database, why_database) = match options.db {
        None => (usual, why_usual),
        Some(DatabaseChoice::Sqlite) => (Database::Sqlite, "Asked for with --db."),
        Some(DatabaseChoice::Postgres) => (Database::Postgres, "Asked for with --db."),
    };
    let named = if database == Database::Sqlite { "SQLite" } else { "PostgreSQL" };
    Ok(Design {
        name: options.name.clone(),
        size,
        database,
        accounts,
        hasher: if options.hasher == HasherChoice::Argon2 { Hasher::Argon2 } else { Hasher::Bcrypt },
        asynchronous: !options.sync,
        resources,
        decisions: vec![
            (format!("The size is {}", size.as_str()), why),
            (format!("The database is {named}"), why_database.to_owned()),
        ],
    })
}
