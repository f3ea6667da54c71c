//! Which settings hold for a file: the nearest ruff configuration of the project, what its other tools are told, and
//! our selection of rules.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use architect_source::FileSystem;
use ruff_linter::UnresolvedRuleSelector;
use ruff_linter::package::PackageRoot;
use ruff_linter::registry::{Rule, RuleSet};
use ruff_linter::settings::LinterSettings;
use ruff_linter::settings::types::{FilePattern, GlobPath, PerFileIgnore, PreviewMode};
use ruff_python_ast::PythonVersion;
use ruff_ranged_value::{ValueSource, ValueSourceGuard};
use ruff_workspace::configuration::{Configuration, RuleSelection};
use ruff_workspace::options::Options as RuffOptions;
use ruff_workspace::resolver::match_any_exclusion;
use ruff_workspace::{FileResolverSettings, FormatterSettings};
use serde::Deserialize as _;
use toml::{Table, Value};

use crate::mypy::{self, Mypy};
use crate::neighbours::{self, Hook, Neighbours};
use crate::{Options, catalogue};

/// What teams that use such tools switch on: pycodestyle, pyflakes, the order of imports, annotations, docstrings in
/// Google's style, bugbear, async, security, FastAPI's own and magic values.
pub const SELECTION: &[&str] = &["E", "W", "F", "I", "ANN", "D", "B", "ASYNC", "S", "FAST", "PLR2004"];

/// Tests assert, have no readers of docstrings, and their numbers are examples. Migrations are generated.
const ASIDE: &[(&[&str], &[&str])] = &[
    (&["**/tests/**", "**/test_*.py", "**/*_test.py", "**/conftest.py"], &["S", "D", "ANN", "PLR2004"]),
    (&["**/migrations/**", "**/alembic/**/versions/**"], &["D", "ANN", "E501", "PLR2004"]),
];

/// What mypy decides on.
const ANNOTATIONS: &[&str] = &["ANN"];

/// Black's own.
const BLACK_LINE_LENGTH: u16 = 88;

/// A file of configuration cannot extend without end.
const MAX_EXTENDED: usize = 16;

/// What holds for the files of a folder.
pub(crate) struct Settings {
    pub linter: LinterSettings,
    pub formatter: FormatterSettings,
    files: FileResolverSettings,
}

impl Settings {
    /// Whether the file is none of ruff's business.
    pub fn excludes(&self, path: &Path) -> bool {
        match_any_exclusion(path, &self.files, Some(&self.linter.exclude), None).is_some()
    }

    /// Whether the formatter is told to leave the file alone.
    pub fn leaves_format(&self, path: &Path) -> bool {
        match_any_exclusion(path, &self.files, None, Some(&self.formatter.exclude)).is_some()
    }
}

/// Finds settings, each file of configuration once.
pub(crate) struct Resolver<'a> {
    files: &'a dyn FileSystem,
    options: &'a Options,
    neighbours: Neighbours,
    mypy: Mypy,
    /// By the folder they were asked for.
    of_folder: HashMap<PathBuf, Arc<Settings>>,
    /// By the folder with the configuration.
    of_configuration: HashMap<Option<PathBuf>, Arc<Settings>>,
    pub warnings: Vec<String>,
    /// Whose formatting is counted.
    pub formatter: &'static str,
}

impl<'a> Resolver<'a> {
    pub fn new(files: &'a dyn FileSystem, options: &'a Options) -> Self {
        let above: Vec<PathBuf> = options
            .root
            .ancestors()
            .take_while(|folder| folder.starts_with(&options.repository))
            .map(Path::to_path_buf)
            .collect();
        let (neighbours, mypy) = if options.isolated {
            (Neighbours::default(), Mypy::default())
        } else {
            (neighbours::read(files, &above), mypy::read(files, &above))
        };
        let formats_by_ruff = neighbours.hook == Some(Hook::RuffFormat)
            || above
                .iter()
                .any(|folder| own_table(files, folder).is_some_and(|(_, table)| table.contains_key("format")));
        let formatter = if neighbours.black.is_some() || !formats_by_ruff { "black" } else { "ruff" };
        Self {
            files,
            options,
            neighbours,
            mypy,
            of_folder: HashMap::new(),
            of_configuration: HashMap::new(),
            warnings: Vec::new(),
            formatter,
        }
    }

    /// What holds for files that stand in a folder.
    pub fn of_folder(&mut self, folder: &Path) -> Arc<Settings> {
        if let Some(known) = self.of_folder.get(folder) {
            return Arc::clone(known);
        }
        let inside = folder.starts_with(&self.options.repository) && folder != self.options.repository;
        let settings = if self.options.isolated {
            self.of_configuration(None)
        } else if own_table(self.files, folder).is_some() {
            self.of_configuration(Some(folder.to_path_buf()))
        } else {
            match folder.parent().filter(|_| inside) {
                Some(parent) => self.of_folder(parent),
                None => self.of_configuration(None),
            }
        };
        self.of_folder.insert(folder.to_path_buf(), Arc::clone(&settings));
        settings
    }

    fn of_configuration(&mut self, folder: Option<PathBuf>) -> Arc<Settings> {
        if let Some(known) = self.of_configuration.get(&folder) {
            return Arc::clone(known);
        }
        let root = folder.clone().unwrap_or_else(|| self.options.root.clone());
        let tables = folder.as_deref().map(|folder| self.chain(folder)).unwrap_or_default();
        let settings = match self.settings(tables, &root) {
            Ok(settings) => settings,
            Err(why) => {
                self.warnings.push(format!(
                    "the configuration of ruff in {} cannot be followed, and is left aside: {why}",
                    root.display()
                ));
                self.settings(Vec::new(), &root).unwrap_or_else(|_| Settings {
                    linter: LinterSettings::new(&root),
                    formatter: FormatterSettings::default(),
                    files: ruff_workspace::Settings::default().file_resolver,
                })
            }
        };
        let settings = Arc::new(settings);
        self.of_configuration.insert(folder, Arc::clone(&settings));
        settings
    }

    /// The tables of a folder's configuration and of what it extends, each with its folder.
    fn chain(&mut self, folder: &Path) -> Vec<(PathBuf, Table)> {
        let mut chain: Vec<(PathBuf, Table)> = Vec::new();
        let mut next = own_table(self.files, folder);
        while let Some((file, mut table)) = next {
            let folder = file.parent().unwrap_or(Path::new("")).to_path_buf();
            let extended = table.remove("extend");
            // These are about the run of ruff itself, and may name places outside of the project.
            table.remove("cache-dir");
            table.remove("required-version");
            chain.push((folder.clone(), table));
            next = extended.as_ref().and_then(Value::as_str).filter(|_| chain.len() < MAX_EXTENDED).and_then(|path| {
                let path = self.files.canonical(&folder.join(path));
                if !path.starts_with(&self.options.repository) {
                    let text =
                        format!("{}: extends a file outside of the repository, which is not read", file.display());
                    self.warnings.push(text);
                    return None;
                }
                Some((path.clone(), table_of(self.files, &path)?))
            });
        }
        chain
    }

    fn settings(&self, mut tables: Vec<(PathBuf, Table)>, root: &Path) -> Result<Settings, String> {
        let tells_convention = |table: &Table| lint_option(table, "pydocstyle", "convention").is_some();
        if !tables.iter().any(|(_, table)| tells_convention(table)) {
            match tables.first_mut() {
                Some((_, table)) => set_convention(table),
                None => {
                    let mut table = Table::new();
                    set_convention(&mut table);
                    tables.push((root.to_path_buf(), table));
                }
            }
        }
        if let Some((_, table)) = tables.last_mut().filter(|_| !self.neighbours.isort.is_empty()) {
            let lint = table.entry("lint").or_insert_with(|| Value::Table(Table::new()));
            if let Some(lint) = lint.as_table_mut() {
                lint.entry("isort").or_insert_with(|| Value::Table(self.neighbours.isort.clone()));
            }
        }
        if let Some((_, table)) = tables.first_mut() {
            let markers = self.options.markers.iter().cloned().map(Value::String);
            if let Some(calls) = immutable_calls(table) {
                calls.extend(markers);
            }
        }
        let sorts_by_ruff =
            tables.iter().any(|(_, table)| table_at(table, "lint").is_some_and(|lint| lint.contains_key("isort")));
        let tells_annotations = tables.iter().any(|(_, table)| {
            let linters = [Some(table), table_at(table, "lint")];
            linters.into_iter().flatten().any(|table| table.contains_key("flake8-annotations"))
        });
        let mut configuration = Configuration::default();
        for (folder, table) in tables {
            configuration = configuration.combine(read(table, &folder)?);
        }
        self.complete(&mut configuration, root);
        let told = configuration.lint.rule_selections.clone();
        let preview = configuration.lint.preview.or(configuration.preview).unwrap_or_default();
        let of_project = settings_of(configuration.clone(), root)?;
        let select: Vec<&str> = match &*self.options.select {
            [] => SELECTION.to_vec(),
            own => own.iter().map(|selector| &**selector).collect(),
        };
        configuration.lint.rule_selections = vec![RuleSelection {
            select: Some(catalogue::selectors(select)),
            ignore: catalogue::selectors(self.options.ignore.iter().map(|selector| &**selector)),
            ..RuleSelection::default()
        }];
        // What only preview has is not for everyone.
        configuration.preview = Some(PreviewMode::Disabled);
        configuration.lint.preview = Some(PreviewMode::Disabled);
        let mut settings = settings_of(configuration, root)?;
        let mut off: RuleSet = rules(told.iter().flat_map(|selection| &selection.ignore), preview);
        off = off.subtract(&rules_of(&of_project.linter));
        off = off.union(&rules(&catalogue::selectors(self.neighbours.ignore.iter().map(|code| &**code)), preview));
        if self.neighbours.sorts_otherwise && !sorts_by_ruff {
            off = off.union(&rules(&catalogue::selectors(["I"]), preview));
        }
        if self.mypy.lets_untyped_pass {
            off = off.union(&rules(&catalogue::selectors(ANNOTATIONS.iter().copied()), preview));
        }
        settings.linter.rules = rules_of(&settings.linter).subtract(&off).iter().collect();
        if !tells_annotations {
            // As mypy has it: a constructor with typed parameters returns nothing, and `_` and `**kwargs: Any` need no
            // type.
            let annotations = &mut settings.linter.flake8_annotations;
            annotations.mypy_init_return = true;
            annotations.suppress_dummy_args = true;
            annotations.allow_star_arg_any = true;
        }
        let is_black = self.neighbours.black.is_some() || self.neighbours.hook == Some(Hook::Black);
        if self.formatter == "black" && is_black {
            // Black does not read ruff's line length.
            let length = self.neighbours.black.as_ref().and_then(|black| black.line_length);
            if let Ok(width) = length.unwrap_or(BLACK_LINE_LENGTH).try_into() {
                settings.formatter.line_width = width;
            }
        }
        Ok(Settings { linter: settings.linter, formatter: settings.formatter, files: settings.file_resolver })
    }

    /// What the project's other tools are told, where ruff is not.
    fn complete(&self, configuration: &mut Configuration, root: &Path) {
        let own_length = configuration.line_length.is_some();
        let lengths = [self.neighbours.line_length, self.neighbours.black.as_ref().and_then(|black| black.line_length)];
        let [longest, formatted] = lengths.map(|length| length.and_then(|length| length.try_into().ok()));
        configuration.line_length = configuration.line_length.or(formatted);
        if let Some(longest) = longest.filter(|_| !own_length && configuration.lint.pycodestyle.is_none()) {
            let length = u16::from(longest);
            let table = Table::from_iter([("max-line-length".to_owned(), Value::Integer(i64::from(length)))]);
            configuration.lint.pycodestyle = Value::Table(table).try_into().ok();
        }
        if let Some(black) = &self.neighbours.black {
            use ruff_python_formatter::{MagicTrailingComma, QuoteStyle};
            let format = &mut configuration.format;
            format.quote_style = format.quote_style.or(black.keeps_quotes.then_some(QuoteStyle::Preserve));
            format.magic_trailing_comma =
                format.magic_trailing_comma.or(black.ignores_magic_comma.then_some(MagicTrailingComma::Ignore));
            let left = black.exclude.iter().map(|pattern| excluded(pattern, &self.options.root));
            format.exclude.get_or_insert_default().extend(left);
        }
        let folder = &self.options.root;
        configuration.extend_exclude.extend(self.neighbours.exclude.iter().map(|pattern| excluded(pattern, folder)));
        if configuration.target_version.is_none() {
            configuration.target_version = folder
                .ancestors()
                .take_while(|folder| folder.starts_with(&self.options.repository))
                .find_map(|folder| required_python(self.files, folder));
        }
        let ignores = &mut configuration.lint.extend_per_file_ignores;
        let mut leave_out = |pattern: &str, selectors: Vec<UnresolvedRuleSelector>| {
            ignores.push(PerFileIgnore::new(pattern.to_owned(), selectors, Some(root)));
        };
        for (pattern, codes) in &self.neighbours.per_file {
            leave_out(pattern, catalogue::selectors(codes.iter().map(|code| &**code)));
        }
        for pattern in &self.mypy.aside {
            leave_out(pattern, catalogue::selectors(ANNOTATIONS.iter().copied()));
        }
        if self.options.select.is_empty() {
            for (patterns, codes) in ASIDE {
                for pattern in *patterns {
                    leave_out(pattern, catalogue::selectors(codes.iter().copied()));
                }
            }
        }
    }
}

fn excluded(pattern: &str, folder: &Path) -> FilePattern {
    FilePattern::User(pattern.to_owned(), GlobPath::normalize(pattern, folder))
}

fn rules_of(linter: &LinterSettings) -> RuleSet {
    linter.rules.iter_enabled().collect()
}

fn rules<'s>(selectors: impl IntoIterator<Item = &'s UnresolvedRuleSelector>, preview: PreviewMode) -> RuleSet {
    let resolved = selectors.into_iter().filter_map(|selector| selector.resolve(preview).ok());
    resolved.flat_map(|selector| selector.all_rules().collect::<Vec<Rule>>()).collect()
}

fn read(table: Table, folder: &Path) -> Result<Configuration, String> {
    let _source = ValueSourceGuard::new(ValueSource::Cli, false);
    let options = RuffOptions::deserialize(Value::Table(table)).map_err(|error| first_line(error.message()))?;
    Configuration::from_options(options, None, folder).map_err(|error| first_line(&error.to_string()))
}

fn settings_of(configuration: Configuration, root: &Path) -> Result<ruff_workspace::Settings, String> {
    configuration.into_settings(root).map_err(|error| first_line(&error.to_string()))
}

fn first_line(message: &str) -> String {
    message.lines().next().unwrap_or_default().to_owned()
}

/// The table of ruff's options in a folder, and its file, in the order in which ruff looks.
fn own_table(files: &dyn FileSystem, folder: &Path) -> Option<(PathBuf, Table)> {
    [".ruff.toml", "ruff.toml", "pyproject.toml"].iter().find_map(|name| {
        let file = folder.join(name);
        let table = table_of(files, &file)?;
        Some((file, table))
    })
}

fn table_of(files: &dyn FileSystem, file: &Path) -> Option<Table> {
    if !files.is_file(file) {
        return None;
    }
    if file.file_name().is_some_and(|name| name == "pyproject.toml") {
        return neighbours::tools(files, file.parent()?)?.get("ruff")?.as_table().cloned();
    }
    let bytes = files.read(file).ok()?;
    String::from_utf8_lossy(&bytes).parse().ok()
}

fn table_at<'t>(table: &'t Table, key: &str) -> Option<&'t Table> {
    table.get(key)?.as_table()
}

/// An option of a linter, which may stand at the top in old files.
fn lint_option<'t>(table: &'t Table, linter: &str, key: &str) -> Option<&'t Value> {
    let at = |table: &'t Table| table_at(table, linter)?.get(key);
    table_at(table, "lint").and_then(at).or_else(|| at(table))
}

fn set_convention(table: &mut Table) {
    let empty = || Value::Table(Table::new());
    let old = table.contains_key("pydocstyle");
    let place = if old { Some(table) } else { table.entry("lint").or_insert_with(empty).as_table_mut() };
    let docstrings = place.and_then(|place| place.entry("pydocstyle").or_insert_with(empty).as_table_mut());
    if let Some(docstrings) = docstrings {
        docstrings.insert("convention".to_owned(), Value::String("google".to_owned()));
    }
}

/// `extend-immutable-calls` of bugbear.
fn immutable_calls(table: &mut Table) -> Option<&mut Vec<Value>> {
    let empty = || Value::Table(Table::new());
    let name = "flake8-bugbear";
    let place =
        if table.contains_key(name) { table } else { table.entry("lint").or_insert_with(empty).as_table_mut()? };
    let bugbear = place.entry(name).or_insert_with(empty).as_table_mut()?;
    bugbear.entry("extend-immutable-calls").or_insert_with(|| Value::Array(Vec::new())).as_array_mut()
}

/// The oldest Python of `requires-python`.
fn required_python(files: &dyn FileSystem, folder: &Path) -> Option<PythonVersion> {
    let bytes = files.read(&folder.join("pyproject.toml")).ok()?;
    let table: Table = String::from_utf8_lossy(&bytes).parse().ok()?;
    let required = table_at(&table, "project")?.get("requires-python")?.as_str()?;
    let lower = required.split(',').map(str::trim).find(|part| part.starts_with(['>', '=', '~', '^']))?;
    let mut numbers = lower
        .trim_start_matches(['>', '=', '~', '^', ' '])
        .split('.')
        .map(|part| part.trim_end_matches('*').parse::<u8>());
    let version = PythonVersion { major: numbers.next()?.ok()?, minor: numbers.next()?.ok()? };
    PythonVersion::iter().find(|known| *known == version)
}

/// Which folders are packages, by the files there are.
pub(crate) struct Packages {
    folders: BTreeSet<PathBuf>,
}

impl Packages {
    pub fn new<'p>(root: &Path, paths: impl Iterator<Item = &'p str>) -> Self {
        let inits = paths.filter_map(|path| Path::new(path).parent().filter(|_| path.ends_with("__init__.py")));
        Self { folders: inits.map(|folder| root.join(folder)).collect() }
    }

    /// The outermost package that a file is in.
    pub fn of<'f>(&self, file: &'f Path) -> Option<PackageRoot<'f>> {
        let above = file.ancestors().skip(1);
        above.take_while(|folder| self.folders.contains(*folder)).last().map(PackageRoot::root)
    }
}
