//! Configuration: what a project states once instead of on every command line.
//!
//! Options win over it. A repository may be hostile, so its configuration can name no file of variables outside of it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use architect_source::{FileSystem, OsFileSystem, read_named, reason};
use serde::Deserialize;
use toml::{Table, Value};

use crate::args::{Cli, Command, Global, MinConfidence, MinSeverity, Review};
use crate::{context, map};

const TABLE: &str = "fastapi-architect";

/// What can be configured.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct Config {
    app: Option<String>,
    python: Option<PathBuf>,
    env: BTreeMap<String, String>,
    env_file: Option<PathBuf>,
    select: Vec<String>,
    ignore: Vec<String>,
    min_severity: Option<MinSeverity>,
    min_confidence: Option<MinConfidence>,
}

/// Completes what the command line leaves open.
///
/// # Errors
/// When the configuration cannot be read or says what cannot be.
pub fn apply(cli: &mut Cli) -> Result<(), String> {
    let Some(project) = project(&cli.command)? else { return Ok(()) };
    let files = OsFileSystem;
    let Some((file, config)) = find(&files, &project, &cli.global)? else { return Ok(()) };
    if cli.global.verbose {
        context::say(&format!("configuration: {}", file.display()));
    }
    let given = cli.global.config.is_some();
    complete_global(&files, &mut cli.global, &config, &file, given)?;
    if let Command::Review(review) = &mut cli.command {
        complete_review(review, config);
    }
    Ok(())
}

/// The folder a command works on, if it works on one.
fn project(command: &Command) -> Result<Option<PathBuf>, String> {
    Ok(match command {
        Command::Review(options) => Some(options.project.clone()),
        Command::Map(options) => Some(map::target(&options.what)?.1),
        Command::Openapi(options) => Some(options.project.clone()),
        Command::Explain(_) | Command::DebugParse(_) => None,
    })
}

/// The configuration and where it stands: the file that was named, or the nearest one from the project up to its
/// repository.
fn find(files: &dyn FileSystem, project: &Path, global: &Global) -> Result<Option<(PathBuf, Config)>, String> {
    if let Some(file) = &global.config {
        let bytes = read_named(file).map_err(|error| format!("--config {}: {}", file.display(), reason(&error)))?;
        let table = parse(&bytes).map_err(|why| format!("--config {}: {why}", file.display()))?;
        let own = if is_pyproject(file) {
            own_table(table).ok_or_else(|| format!("--config {}: it has no [tool.{TABLE}]", file.display()))?
        } else {
            Value::Table(table)
        };
        return Ok(Some((file.clone(), read(own, file)?)));
    }
    if global.isolated {
        return Ok(None);
    }
    for folder in context::up_to_repository(files, project) {
        let file = folder.join("architect.toml");
        if files.is_file(&file) {
            let bytes = files.read(&file).map_err(|error| format!("{}: {}", file.display(), reason(&error)))?;
            let table = parse(&bytes).map_err(|why| format!("{}: {why}", file.display()))?;
            return Ok(Some((file.clone(), read(Value::Table(table), &file)?)));
        }
        let file = folder.join("pyproject.toml");
        let Ok(bytes) = files.read(&file) else { continue };
        match parse(&bytes) {
            Ok(table) => {
                if let Some(own) = own_table(table) {
                    return Ok(Some((file.clone(), read(own, &file)?)));
                }
            }
            // The file is for others first, and a broken one may have nothing to say to us.
            Err(why) if !global.quiet => context::say(&format!("warning: {}: {why}; it is ignored", file.display())),
            Err(_) => {}
        }
    }
    Ok(None)
}

fn is_pyproject(file: &Path) -> bool {
    file.file_name().is_some_and(|name| name == "pyproject.toml")
}

fn own_table(mut table: Table) -> Option<Value> {
    match table.remove("tool")? {
        Value::Table(mut tools) => tools.remove(TABLE),
        _ => None,
    }
}

fn parse(bytes: &[u8]) -> Result<Table, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned())?;
    text.parse::<Table>().map_err(|error| {
        let line = error.span().map_or(1, |span| text[..span.start.min(text.len())].matches('\n').count() + 1);
        format!("line {line} is not TOML: {}", one_line(error.message()))
    })
}

fn read(own: Value, file: &Path) -> Result<Config, String> {
    Config::deserialize(own).map_err(|error| {
        let place = if is_pyproject(file) { format!(": [tool.{TABLE}]") } else { String::new() };
        format!("{}{place}: {}", file.display(), one_line(error.message()))
    })
}

fn one_line(message: &str) -> String {
    message.lines().map(str::trim).collect::<Vec<_>>().join(" ")
}

fn complete_global(
    files: &dyn FileSystem,
    global: &mut Global,
    config: &Config,
    file: &Path,
    given: bool,
) -> Result<(), String> {
    let folder = file.parent().unwrap_or(Path::new(""));
    if global.app.is_none() {
        global.app.clone_from(&config.app);
    }
    if global.python.is_none() {
        global.python = config.python.as_ref().map(|path| folder.join(path));
    }
    if let (None, Some(path)) = (&global.env_file, &config.env_file) {
        let path = folder.join(path);
        let inside = context::repository(files, folder);
        if !given && !files.canonical(&path).starts_with(inside) {
            return Err(format!(
                "{}: env-file {} lies outside of the repository; pass it with --env-file",
                file.display(),
                path.display()
            ));
        }
        global.env_file = Some(path);
    }
    let own = config.env.iter().map(|(key, value)| format!("{key}={value}"));
    global.env = own.chain(std::mem::take(&mut global.env)).collect();
    Ok(())
}

fn complete_review(review: &mut Review, config: Config) {
    if review.select.is_empty() {
        review.select = config.select;
    }
    if review.ignore.is_empty() {
        review.ignore = config.ignore;
    }
    review.min_severity = review.min_severity.or(config.min_severity);
    review.min_confidence = review.min_confidence.or(config.min_confidence);
}

#[cfg(test)]
mod tests {
    use architect_source::MemoryFileSystem;

    use super::*;

    fn files() -> MemoryFileSystem {
        let mut files = MemoryFileSystem::default();
        files.write("/repo/.git/HEAD", "");
        files.write("/repo/pyproject.toml", "[tool.fastapi-architect]\napp = 'above:app'\n");
        files.write("/repo/one/pyproject.toml", "[project]\nname = 'one'\n");
        files.write("/repo/two/pyproject.toml", "[tool.fastapi-architect]\napp = 'two:app'\n");
        files.write("/repo/two/architect.toml", "env-file = '../.env'\nenv = { DEBUG = 'true' }\n");
        files.write("/repo/bad/architect.toml", "min-severity = 'high'\n");
        files.write("/repo/.env", "");
        files
    }

    fn found(project: &str) -> Result<Option<(PathBuf, Config)>, String> {
        find(&files(), Path::new(project), &Global::default())
    }

    #[test]
    fn the_nearest_configuration_counts() {
        assert_eq!(found("/repo/one").unwrap().unwrap().1.app.as_deref(), Some("above:app"));
        let (file, config) = found("/repo/two").unwrap().unwrap();
        assert_eq!((file, config.app), (PathBuf::from("/repo/two/architect.toml"), None));
        let isolated = Global { isolated: true, ..Global::default() };
        assert!(find(&files(), Path::new("/repo/two"), &isolated).unwrap().is_none());
    }

    #[test]
    fn what_cannot_be_is_refused_in_one_line() {
        let error = found("/repo/bad").unwrap_err();
        assert!(error.contains("high") && error.contains("warning") && !error.contains('\n'), "{error}");
        assert!(parse(b"a = 1\nb = = 2\n").unwrap_err().starts_with("line 2 is not TOML"));
        assert_eq!(parse(b"\xff").unwrap_err(), "it is not UTF-8");
    }

    #[test]
    fn options_win() {
        let mut global = Global { app: Some("mine:app".into()), env: vec!["DEBUG=false".into()], ..Global::default() };
        let (file, config) = found("/repo/two").unwrap().unwrap();
        complete_global(&files(), &mut global, &config, &file, false).unwrap();
        assert_eq!(global.app.as_deref(), Some("mine:app"));
        assert_eq!(global.env, ["DEBUG=true", "DEBUG=false"]);
        assert_eq!(global.env_file, Some("/repo/two/../.env".into()));
    }

    #[test]
    fn a_repository_names_no_file_outside_of_it() {
        let config = Config { env_file: Some("/home/me/.env".into()), ..Config::default() };
        let file = Path::new("/repo/two/architect.toml");
        let error = complete_global(&files(), &mut Global::default(), &config, file, false).unwrap_err();
        assert!(error.contains("outside"), "{error}");
        assert!(complete_global(&files(), &mut Global::default(), &config, file, true).is_ok());
    }
}
