//! Configuration: what a project states once instead of on every command line.
//!
//! Options win over it. A repository may be hostile, so its configuration can name no file of variables outside of it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use architect_model::context::{Cost, Database};
use architect_model::{Context, Knowledge};
use architect_source::{FileSystem, Finding, OsFileSystem, Severity, read_named, reason};
use globset::{GlobBuilder, GlobMatcher, GlobSet, GlobSetBuilder};
use schemars::JsonSchema;
use serde::Deserialize;
use toml::{Table, Value};

use crate::args::{Cli, Command, Global, MinConfidence, MinSeverity, Review, Tool};
use crate::reference::json_schema::resolve;
use crate::review::is_named;
use crate::suggest::closest;
use crate::{context, diff, map, rules};

/// The table of pyproject.toml.
pub const TABLE: &str = "fastapi-architect";

/// What can be configured: `[tool.fastapi-architect]` in pyproject.toml, or the top of architect.toml.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// The application, where several or none can be found: `MODULE:ATTR` or `MODULE:FACTORY()`.
    app: Option<String>,
    /// Applications, where there are several and each is reviewed.
    applications: Vec<String>,
    /// The project's environment, read as source; relative to this file.
    python: Option<PathBuf>,
    /// Environment variables the service sees.
    env: BTreeMap<String, String>,
    /// A file of KEY=VALUE lines the service sees as environment; inside of the repository.
    env_file: Option<PathBuf>,
    /// Only these rules or groups.
    select: Vec<String>,
    /// Not these rules or groups.
    ignore: Vec<String>,
    /// Rules or groups that are not for some files: patterns of paths, relative to this file, to names.
    per_file_ignores: BTreeMap<String, Vec<String>>,
    /// Files nothing is said about: patterns of paths, relative to this file.
    exclude: Vec<String>,
    /// How much findings of a rule or a group matter here.
    severity: BTreeMap<String, Level>,
    /// Leave out what matters less.
    min_severity: Option<MinSeverity>,
    /// Leave out what is less sure.
    min_confidence: Option<MinConfidence>,
    /// The baseline; relative to this file.
    baseline: Option<PathBuf>,
    /// Programs of the project that a review runs, as `--with` does.
    with: Vec<Tool>,
    /// Style and local bugs, which ruff finds.
    style: StyleConfig,
    /// The circumstances the service runs in. Findings and advice follow them; what is not stated is not assumed.
    context: ContextConfig,
    /// What the company's own libraries do, by dotted names: `acme.http.get`, or `acme.http.*`.
    knowledge: KnowledgeConfig,
}

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Level {
    /// Wrong now.
    Error,
    /// Will hurt under some condition.
    Warning,
    /// Worth knowing.
    Info,
    /// Not said.
    Off,
}

/// Style and local bugs, which ruff finds.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct StyleConfig {
    /// Whether a review asks ruff, as `--style` does.
    enabled: bool,
    /// Codes and prefixes of ruff in place of the usual selection.
    pub select: Vec<String>,
    /// Codes and prefixes of ruff that are left out.
    pub ignore: Vec<String>,
    /// Whether files are counted that the project's formatter would change.
    pub format: Option<bool>,
}

/// The circumstances the service runs in.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct ContextConfig {
    /// Rows that tables are expected to have, by name of the table.
    rows: BTreeMap<String, u64>,
    /// Requests per second at the peak.
    requests_per_second: Option<f64>,
    /// Processes that serve requests, over all machines.
    processes: Option<u32>,
    /// What the data is stored in.
    database: Option<DatabaseConfig>,
    /// People who work on the service.
    team: Option<u32>,
    /// What a failure costs: somebody tries again, users notice, or money, data or people are harmed.
    cost_of_failure: Option<CostConfig>,
}

/// A database.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum DatabaseConfig {
    Postgresql,
    Mysql,
    Sqlite,
    Other,
}

/// What a failure costs.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum CostConfig {
    Low,
    Medium,
    High,
}

/// What the company's own libraries do.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct KnowledgeConfig {
    /// Calls that block the thread.
    blocking_calls: Vec<String>,
    /// Functions and classes that make database sessions.
    session_factories: Vec<String>,
    /// Dependencies that let only known callers pass.
    auth_dependencies: Vec<String>,
    /// Functions whose results are safe to use in SQL, paths and URLs.
    sanitizers: Vec<String>,
}

/// What only configuration can say of the service.
#[derive(Clone, Debug, Default)]
pub struct Stated {
    /// Applications by name.
    pub applications: Vec<String>,
    /// The circumstances it runs in.
    pub context: Context,
    /// What the company's own libraries do.
    pub knowledge: Knowledge,
}

/// What only configuration can say of a review.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    /// Style and local bugs.
    pub style: StyleConfig,
    severity: BTreeMap<String, Level>,
    per_file: Vec<(GlobMatcher, Vec<String>)>,
    exclude: GlobSet,
    /// The path of the project from the folder of the configuration.
    prefix: PathBuf,
}

impl Policy {
    /// Sets severities, and takes out what is not for its file.
    pub fn apply(&self, findings: &mut Vec<Finding>) {
        findings.retain_mut(|finding| {
            let path = self.prefix.join(&*finding.location.path);
            let ignored = self
                .per_file
                .iter()
                .any(|(pattern, names)| names.iter().any(|name| is_named(name, finding)) && pattern.is_match(&path));
            if ignored || self.exclude.is_match(&path) {
                return false;
            }
            // A rule is meant more than its group, and a longer prefix of a code more than a shorter one.
            let rank = |name: &str| {
                if name == finding.rule { usize::MAX } else { name.len() * usize::from(name != finding.group) }
            };
            let meant = self.severity.iter().filter(|(name, _)| is_named(name, finding));
            match meant.max_by_key(|(name, _)| rank(name)).map(|(_, level)| level) {
                Some(Level::Off) => return false,
                Some(Level::Error) => finding.severity = Severity::Error,
                Some(Level::Warning) => finding.severity = Severity::Warning,
                Some(Level::Info) => finding.severity = Severity::Info,
                None => {}
            }
            true
        });
    }
}

/// The first key that there is not, with the table it stands in and what was probably meant.
fn unknown_key(own: &Value) -> Option<String> {
    let schema = schemars::schema_for!(Config).to_value();
    unknown_below(&schema, &schema, own.as_table()?, "")
}

fn unknown_below(root: &serde_json::Value, schema: &serde_json::Value, table: &Table, prefix: &str) -> Option<String> {
    let properties = schema["properties"].as_object()?;
    for (key, value) in table {
        let Some(property) = properties.get(key) else {
            let place = if prefix.is_empty() { String::new() } else { format!(" in {}", prefix.trim_end_matches('.')) };
            let near = closest(key, properties.keys().map(String::as_str));
            let hint = match near {
                Some(near) => format!("did you mean {near}?"),
                None => format!("there is {}", properties.keys().cloned().collect::<Vec<_>>().join(", ")),
            };
            return Some(format!("unknown key {key:?}{place}; {hint}"));
        };
        let inner = value
            .as_table()
            .and_then(|table| unknown_below(root, resolve(root, property), table, &format!("{prefix}{key}.")));
        if inner.is_some() {
            return inner;
        }
    }
    None
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
    let review = match &mut cli.command {
        Command::Review(review) => Some(review),
        Command::Map(map) => Some(&mut map.review),
        _ => None,
    };
    if let Some(review) = review {
        let folder =
            files.canonical(file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new(".")));
        let prefix = files.canonical(&project).strip_prefix(&folder).map(Path::to_path_buf).unwrap_or_default();
        complete_review(review, config, &folder, prefix).map_err(|why| format!("{}: {why}", file.display()))?;
    }
    Ok(())
}

/// The folder a command works on, if it works on one.
fn project(command: &Command) -> Result<Option<PathBuf>, String> {
    Ok(match command {
        Command::Review(options) => Some(options.project.clone()),
        Command::Map(options) => Some(map::target(&options.what)?.1),
        Command::Openapi(options) => Some(options.project.clone()),
        Command::Conventions(options) => Some(options.project.clone()),
        Command::Diff(options) => Some(diff::configured(options)),
        Command::Advise(options) => options.topic.is_some().then(|| options.project.clone()),
        Command::New(_)
        | Command::Explain(_)
        | Command::Completions(_)
        | Command::Man(_)
        | Command::DebugParse(_)
        | Command::DebugReference => None,
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
    let place = if is_pyproject(file) { format!(": [tool.{TABLE}]") } else { String::new() };
    if let Some(why) = unknown_key(&own) {
        return Err(format!("{}{place}: {why}", file.display()));
    }
    Config::deserialize(own).map_err(|error| format!("{}{place}: {}", file.display(), one_line(error.message())))
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
    global.stated = stated(config);
    let own = config.env.iter().map(|(key, value)| format!("{key}={value}"));
    global.env = own.chain(std::mem::take(&mut global.env)).collect();
    Ok(())
}

fn complete_review(review: &mut Review, config: Config, folder: &Path, prefix: PathBuf) -> Result<(), String> {
    let per_file = config.per_file_ignores.values().flatten();
    for name in config.select.iter().chain(&config.ignore).chain(per_file).chain(config.severity.keys()) {
        if !rules::is_selector(name) {
            let all = rules::all();
            return Err(rules::unknown(name, all.iter().flat_map(|rule| [rule.name, rule.group])));
        }
    }
    if review.select.is_empty() {
        review.select = config.select;
    }
    if review.ignore.is_empty() {
        review.ignore = config.ignore;
    }
    review.min_severity = review.min_severity.or(config.min_severity);
    review.min_confidence = review.min_confidence.or(config.min_confidence);
    if review.baseline.is_none() && review.write_baseline.is_none() {
        review.baseline = config.baseline.map(|path| folder.join(path));
    }
    review.style |= config.style.enabled;
    if review.with.is_empty() {
        review.with = config.with;
    }
    let mut exclude = GlobSetBuilder::new();
    for pattern in &config.exclude {
        exclude.add(glob(pattern)?);
        exclude.add(glob(&format!("{}/**", pattern.trim_end_matches('/')))?);
    }
    let mut per_file = Vec::new();
    for (pattern, names) in config.per_file_ignores {
        per_file.push((glob(&pattern)?.compile_matcher(), names));
    }
    review.policy = Policy {
        style: config.style,
        severity: config.severity,
        per_file,
        exclude: exclude.build().map_err(|error| one_line(&error.to_string()))?,
        prefix,
    };
    Ok(())
}

fn glob(pattern: &str) -> Result<globset::Glob, String> {
    let built = GlobBuilder::new(pattern).literal_separator(true).build();
    built.map_err(|error| format!("{pattern:?} is no pattern of paths: {}", one_line(&error.to_string())))
}

fn stated(config: &Config) -> Stated {
    let ContextConfig { rows, requests_per_second, processes, database, team, cost_of_failure } = &config.context;
    let knowledge = &config.knowledge;
    Stated {
        applications: config.applications.clone(),
        context: Context {
            rows: rows.clone(),
            requests_per_second: *requests_per_second,
            processes: *processes,
            database: database.map(|database| match database {
                DatabaseConfig::Postgresql => Database::Postgresql,
                DatabaseConfig::Mysql => Database::Mysql,
                DatabaseConfig::Sqlite => Database::Sqlite,
                DatabaseConfig::Other => Database::Other,
            }),
            team: *team,
            cost_of_failure: cost_of_failure.map(|cost| match cost {
                CostConfig::Low => Cost::Low,
                CostConfig::Medium => Cost::Medium,
                CostConfig::High => Cost::High,
            }),
        },
        knowledge: Knowledge {
            blocking_calls: knowledge.blocking_calls.clone(),
            session_factories: knowledge.session_factories.clone(),
            auth_dependencies: knowledge.auth_dependencies.clone(),
            sanitizers: knowledge.sanitizers.clone(),
        },
    }
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
    fn an_unknown_key_is_named_with_what_was_meant() {
        let of = |text: &str| unknown_key(&Value::Table(text.parse().unwrap()));
        assert_eq!(of("selct = []").as_deref(), Some("unknown key \"selct\"; did you mean select?"));
        let nested = of("[context]\nproceses = 1").unwrap();
        assert_eq!(nested, "unknown key \"proceses\" in context; did you mean processes?");
        assert_eq!(of("env = { ANY = 'x' }\n[context.rows]\nusers = 1\n[severity]\nauth-gap = 'off'"), None);
        assert!(of("zzzzzzzz = 1").unwrap().contains("there is app, "));
    }

    #[test]
    fn the_policy_decides_by_rule_group_and_file() {
        let config: Config = toml::from_str(
            "exclude = ['old']\nseverity = { endpoints = 'info', auth-gap = 'off', E = 'warning', E501 = 'error' }\n\
             [per-file-ignores]\n'svc/tests/**' = ['route-shadowed']\n",
        )
        .unwrap();
        let mut review = crate::args::tests::review();
        complete_review(&mut review, config, Path::new("/repo"), "svc".into()).unwrap();
        let finding = |rule: &'static str, group: &'static str, path: &str| Finding {
            rule,
            group,
            severity: Severity::Error,
            confidence: architect_source::Confidence::High,
            message: String::new(),
            subject: String::new(),
            location: architect_source::Location {
                path: path.into(),
                line: 1,
                column: 1,
                end_line: 1,
                end_column: 1,
                start: 0,
                end: 0,
            },
            trace: Vec::new(),
            why: String::new(),
            help: String::new(),
            trade_off: String::new(),
            fix: None,
        };
        let mut findings = vec![
            finding("route-shadowed", "endpoints", "a.py"),
            finding("route-shadowed", "endpoints", "tests/a.py"),
            finding("auth-gap", "security", "a.py"),
            finding("E501", "style", "a.py"),
            finding("E711", "style", "a.py"),
            finding("syntax-error", "syntax", "a.py"),
        ];
        review.policy.apply(&mut findings);
        let left: Vec<_> = findings.iter().map(|finding| (finding.rule, finding.severity)).collect();
        let expected = [
            ("route-shadowed", Severity::Info),
            ("E501", Severity::Error),
            ("E711", Severity::Warning),
            ("syntax-error", Severity::Error),
        ];
        assert_eq!(left, expected);
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
