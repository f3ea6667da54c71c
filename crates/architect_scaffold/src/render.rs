//! Templates to files.

use std::collections::{BTreeMap, BTreeSet};

use minijinja::{Environment, UndefinedBehavior, context};

use crate::layout::{flat_module, flatten_imports, merge, module_of, path_of};
use crate::resource::Resource;
use crate::view::{ResourceView, views};
use crate::{Database, Design, Hasher, Size, links, lock, names, packages, prose};

/// A generated file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Relative to the folder of the service, with `/`.
    pub path: String,
    /// What is in it. Python is not formatted yet, and may import what it does not use.
    pub text: String,
}

macro_rules! templates {
    ($($path:literal),* $(,)?) => {
        &[$(($path, include_str!(concat!("../templates/", $path, ".j2")))),*]
    };
}

/// Every template, by the path of what it makes in the layered layout; `resource.py` is made for each resource.
const TEMPLATES: &[(&str, &str)] = templates![
    ".dockerignore",
    ".env.example",
    ".flake8",
    ".github/workflows/ci.yml",
    ".gitignore",
    "Dockerfile",
    "README.md",
    "alembic.ini",
    "app/api/deps.py",
    "app/api/health.py",
    "app/api/v1/auth.py",
    "app/api/v1/resource.py",
    "app/api/v1/router.py",
    "app/api/v1/users.py",
    "app/application.py",
    "app/cli.py",
    "app/core/config.py",
    "app/core/context.py",
    "app/core/database.py",
    "app/core/errors.py",
    "app/core/idempotency.py",
    "app/core/logs.py",
    "app/core/middleware.py",
    "app/core/openapi.py",
    "app/core/outbox.py",
    "app/core/pagination.py",
    "app/core/policies.py",
    "app/core/ratelimit.py",
    "app/core/security.py",
    "app/core/upsert.py",
    "app/main.py",
    "app/models/__init__.py",
    "app/models/base.py",
    "app/models/operations.py",
    "app/models/resource.py",
    "app/models/user.py",
    "app/schemas/common.py",
    "app/schemas/resource.py",
    "app/schemas/user.py",
    "app/services/auth.py",
    "app/services/maintenance.py",
    "app/services/resource.py",
    "app/services/users.py",
    "app/worker.py",
    "compose.yaml",
    "docs/CODING_STANDARDS.md",
    "docs/DECISIONS.md",
    "migrations/env.py",
    "migrations/script.py.mako",
    "migrations/versions/0001_initial.py",
    "pyproject.toml",
    "tests/api/resource.py",
    "tests/api/test_auth.py",
    "tests/api/test_service.py",
    "tests/api/test_users.py",
    "tests/conftest.py",
    "tests/factories.py",
    "tests/unit/test_cli.py",
    "tests/unit/test_config.py",
    "tests/unit/test_database.py",
    "tests/unit/test_migrations.py",
    "tests/unit/test_worker.py",
];

/// Templates that only a service with accounts needs.
const FOR_ACCOUNTS: &[&str] = &[
    "app/api/v1/auth.py",
    "app/api/v1/users.py",
    "app/core/policies.py",
    "app/core/security.py",
    "app/models/user.py",
    "app/schemas/user.py",
    "app/services/auth.py",
    "app/services/users.py",
    "tests/api/test_auth.py",
    "tests/api/test_users.py",
];

/// Templates that only a scaled service needs.
const FOR_SCALED: &[&str] = &["app/core/outbox.py", "app/worker.py", "tests/unit/test_worker.py"];

/// Templates that a prototype does without.
const NOT_FOR_PROTOTYPE: &[&str] = &[".dockerignore", "Dockerfile", "app/models/__init__.py", "compose.yaml"];

/// What `__init__.py` says of a package, by its module.
const PACKAGES: &[(&str, &str)] = &[
    ("app", "The service."),
    ("app.api", "What callers reach."),
    ("app.api.v1", "Version 1 of the API."),
    ("app.core", "What every part of the service rests upon; nothing here knows a resource."),
    ("app.models", "The tables."),
    ("app.routers", "Endpoints, and the queries behind them."),
    ("app.schemas", "What callers send and get."),
    ("app.services", "What can be done; nothing here knows HTTP."),
    ("tests", "Tests, on a database of their own."),
    ("tests.api", "Tests of what callers see."),
    ("tests.unit", "Tests of parts."),
];

/// Tells whether resources go together: names, references, circles.
///
/// # Errors
/// One sentence that says what does not.
pub fn check_design(resources: &[Resource], accounts: bool) -> Result<(), String> {
    links::resolve(resources, accounts).map(|_| ())
}

/// Generates a service.
///
/// # Errors
/// One sentence about the name or the data model. A template that does not render is a defect of ours, and the error
/// says which one.
pub fn generate(design: &Design) -> Result<Vec<File>, String> {
    names::check_project(&design.name)?;
    let links = links::resolve(&design.resources, design.accounts)?;
    let waits = if design.asynchronous { "await " } else { "" };
    let resources = views(&design.resources, &links, design.accounts, waits);
    let flat = design.size == Size::Prototype;
    let renderer = Renderer::new(design, &resources)?;
    let mut modules: Vec<(String, String)> = Vec::new();
    let mut files: Vec<File> = Vec::new();
    for (path, _) in TEMPLATES.iter().filter(|(path, _)| is_needed(path, design)) {
        let made = if let Some(folder) = path.strip_suffix("resource.py") {
            let prefix = if folder.starts_with("tests") { "test_" } else { "" };
            let one = |resource: &ResourceView| {
                Ok((format!("{folder}{prefix}{}.py", resource.name()), renderer.render(path, Some(resource))?))
            };
            resources.iter().map(one).collect::<Result<Vec<_>, String>>()?
        } else {
            vec![((*path).to_owned(), renderer.render(path, None)?)]
        };
        for (path, text) in made {
            match module_of(&path) {
                Some(module) => modules.push((module, text)),
                None if flat => files.push(File { text: flatten_imports(&text, ""), path }),
                None => files.push(File { path, text }),
            }
        }
    }
    files.extend(with_packages(if flat { flatten(modules) } else { modules }));
    for file in files.iter_mut().filter(|file| file.path.ends_with(".py")) {
        file.text = prose::wrap(&file.text);
    }
    let locks = lock::locks(&design.name, &packages::runtime(design), &packages::development(design))?;
    for (path, text) in
        [("uv.lock", locks.uv), ("requirements.txt", locks.runtime), ("requirements-dev.txt", locks.development)]
    {
        files.push(File { path: path.to_owned(), text });
    }
    files.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(files)
}

fn is_needed(path: &str, design: &Design) -> bool {
    let sized = match design.size {
        Size::Prototype => !FOR_SCALED.contains(&path) && !NOT_FOR_PROTOTYPE.contains(&path),
        Size::Service => !FOR_SCALED.contains(&path),
        Size::Scaled => true,
    };
    let accounts = design.accounts || !FOR_ACCOUNTS.contains(&path);
    let resources = !design.resources.is_empty();
    let used = match path {
        "app/core/idempotency.py" | "tests/factories.py" => resources,
        "app/core/pagination.py" | "app/core/upsert.py" | "app/schemas/common.py" => design.accounts || resources,
        "app/core/ratelimit.py" => design.accounts || design.size == Size::Scaled,
        "app/cli.py" | "app/models/operations.py" | "app/services/maintenance.py" | "tests/unit/test_cli.py" => {
            design.accounts || resources || design.size == Size::Scaled
        }
        _ => true,
    };
    sized && accounts && used
}

/// Moves modules to the flat layout, and joins those that share a place there.
fn flatten(modules: Vec<(String, String)>) -> Vec<(String, String)> {
    let mut grouped: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    for (module, text) in modules {
        let flat = flat_module(&module);
        let moved = flatten_imports(&text, &flat);
        grouped.entry(flat).or_default().push((module, moved));
    }
    let join = |(flat, mut parts): (String, Vec<(String, String)>)| {
        // What queries stands before what calls it, and what all share before everything.
        parts.sort_by_key(|(module, _)| {
            (!module.ends_with(".base") && !module.ends_with(".common"), !module.contains(".services."))
        });
        let text = match parts.as_slice() {
            [(_, only)] => only.clone(),
            _ => {
                let told = PACKAGES.iter().find(|(package, _)| *package == flat).map(|(_, told)| *told);
                let endpoints = parts.last().and_then(|(_, text)| text.split("\"\"\"").nth(1));
                let docstring = told.or(endpoints).unwrap_or_default().to_owned();
                merge(&docstring, &parts.into_iter().map(|(_, text)| text).collect::<Vec<_>>())
            }
        };
        (flat, text)
    };
    grouped.into_iter().map(join).collect()
}

/// Modules as files, with the `__init__.py` of every package they are in.
fn with_packages(modules: Vec<(String, String)>) -> Vec<File> {
    let found: BTreeSet<&str> =
        modules.iter().filter_map(|(module, _)| module.rsplit_once('.')).map(|(package, _)| package).collect();
    let written = |package: &str| modules.iter().any(|(module, _)| module.strip_suffix(".__init__") == Some(package));
    let mut files: Vec<File> = found
        .iter()
        .filter(|package| !written(package))
        .map(|package| {
            let told = PACKAGES.iter().find(|(name, _)| name == package).map_or("", |(_, told)| told);
            File { path: path_of(&format!("{package}.__init__")), text: format!("\"\"\"{told}\"\"\"\n") }
        })
        .collect();
    // A package whose parts are deeper still is one.
    if found.contains("app.api.v1") && !found.contains("app.api") {
        files.push(File { path: path_of("app.api.__init__"), text: "\"\"\"What callers reach.\"\"\"\n".to_owned() });
    }
    files.extend(modules.into_iter().map(|(module, text)| File { path: path_of(&module), text }));
    files
}

struct Renderer<'a> {
    environment: Environment<'a>,
    design: &'a Design,
    resources: &'a [ResourceView],
}

impl<'a> Renderer<'a> {
    fn new(design: &'a Design, resources: &'a [ResourceView]) -> Result<Self, String> {
        let mut environment = Environment::new();
        environment.set_trim_blocks(true);
        environment.set_lstrip_blocks(true);
        environment.set_keep_trailing_newline(true);
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
        for (path, text) in TEMPLATES {
            environment.add_template(path, text).map_err(|error| defect(path, &error))?;
        }
        Ok(Self { environment, design, resources })
    }

    /// Every model, sorted: its module and its class.
    fn models(&self) -> Vec<(&str, &str)> {
        let mut models: Vec<(&str, &str)> =
            self.resources.iter().map(|resource| (resource.name(), resource.class())).collect();
        if !self.resources.is_empty() {
            models.push(("operations", "IdempotencyRecord"));
        }
        if self.design.size == Size::Scaled {
            models.push(("operations", "OutboxEvent"));
        } else if self.design.accounts {
            models.push(("operations", "RateLimitWindow"));
        }
        if self.design.accounts {
            models.extend([("user", "RefreshToken"), ("user", "User")]);
        }
        models.sort_unstable_by_key(|(_, class)| *class);
        models
    }

    fn render(&self, path: &str, resource: Option<&ResourceView>) -> Result<String, String> {
        let design = self.design;
        let waits = design.asynchronous;
        let either = |asynchronous: &'static str, synchronous| if waits { asynchronous } else { synchronous };
        let values = context! {
            name => design.name,
            snake => design.name.replace('-', "_"),
            title => names::title(&design.name),
            flat => design.size == Size::Prototype,
            scaled => design.size == Size::Scaled,
            size => design.size.as_str(),
            db => if design.database == Database::Sqlite { "sqlite" } else { "postgres" },
            auth => design.accounts,
            hasher => if design.hasher == Hasher::Bcrypt { "bcrypt" } else { "argon2" },
            decisions => design.decisions,
            dependencies => packages::runtime(design),
            dev_dependencies => packages::development(design),
            operations => self.models().into_iter().filter(|(module, _)| *module == "operations").map(|(_, class)| class).collect::<Vec<_>>(),
            models => self.models(),
            tables => self.resources,
            resources => self.resources,
            uses_spelling => self.resources.iter().any(ResourceView::uses_spelling),
            r => resource,
            // How code waits, and what it waits for: `{{ A }}def`, `{{ W }}session.commit()`.
            async => waits,
            A => either("async ", ""),
            W => either("await ", ""),
            Session => either("AsyncSession", "Session"),
            Engine => either("AsyncEngine", "Engine"),
            create_engine => either("create_async_engine", "create_engine"),
            make_sessions => either("async_sessionmaker", "sessionmaker"),
            sessionmaker => either("async_sessionmaker[AsyncSession]", "sessionmaker[Session]"),
            drivers => context! {
                postgresql => either("postgresql+asyncpg", "postgresql+psycopg"),
                sqlite => either("sqlite+aiosqlite", "sqlite+pysqlite"),
            },
        };
        let template = self.environment.get_template(path).map_err(|error| defect(path, &error))?;
        template.render(values).map_err(|error| defect(path, &error))
    }
}

fn defect(path: &str, error: &minijinja::Error) -> String {
    format!("the template {path} does not render, which is our fault: {error:#}")
}
