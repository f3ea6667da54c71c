//! A service from the side of whoever asks how it is written: what is what, and what belongs together.

use std::collections::BTreeSet;

use architect_model::Service;
use architect_model::code::{Call, Class, Field, Form, Function, Module, Operand, Parameter};
use architect_model::service::{Dependency, EffectiveRoute, Named, Reach, Router};
use architect_model::tables::Mapper;

use crate::aliases::{Alias, aliases};
use crate::survey::Subject;
use crate::words::{last, short};

pub(crate) struct Lens<'s> {
    pub service: &'s Service,
    /// HTTP endpoints of the project's own, each function once.
    pub endpoints: Vec<Endpoint<'s>>,
    /// Functions and methods of the service.
    pub functions: Vec<&'s Function>,
    /// Classes of the service.
    pub classes: Vec<&'s Class>,
    /// Modules of the service.
    pub modules: Vec<&'s Module>,
    /// Routers that applications serve, with the call that makes each.
    pub routers: Vec<(&'s Router, Option<&'s Field>)>,
    /// Functions that endpoints depend on.
    pub dependencies: BTreeSet<&'s str>,
    pub aliases: Vec<Alias<'s>>,
    endpoint_names: BTreeSet<&'s str>,
}

/// An endpoint and its function.
pub(crate) struct Endpoint<'s> {
    pub route: EffectiveRoute<'s>,
    pub function: &'s Function,
    /// The decorator that registers it.
    pub decorator: Option<&'s Operand>,
    pub subject: Subject,
    pub role: Role,
}

/// What an endpoint does to the resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    List,
    ReadOne,
    Create,
    Update,
    Delete,
    Other,
}

impl<'s> Lens<'s> {
    pub fn new(service: &'s Service) -> Self {
        let code = &service.code;
        let functions: Vec<&Function> = code
            .functions
            .iter()
            .filter(|one| !one.aside && !one.name.ends_with(':') && !is_aside(&one.location.path))
            .collect();
        let endpoints = endpoints(service);
        let mut dependencies = BTreeSet::new();
        for one in &endpoints {
            collect(&one.route.route.dependencies, &mut dependencies);
        }
        let modules: Vec<&Module> =
            code.modules.iter().filter(|one| !one.aside && !is_aside(&one.location.path)).collect();
        let router_value = |router: &Router| {
            let module = modules.iter().find(|module| module.location.path == router.location.path)?;
            module.values.iter().find(|field| {
                field.location.line <= router.location.line && router.location.line <= field.location.end_line
            })
        };
        Self {
            service,
            endpoint_names: endpoints.iter().map(|one| one.function.name.as_str()).collect(),
            functions,
            classes: code.classes.iter().filter(|one| !one.aside && !is_aside(&one.location.path)).collect(),
            routers: service
                .routers
                .iter()
                .filter(|one| one.reach == Reach::Served && !one.aside && !one.registrations.is_empty())
                .filter(|one| service.files.contains_key(&*one.location.path))
                .map(|one| (one, router_value(one)))
                .collect(),
            modules,
            endpoints,
            dependencies,
            aliases: aliases(service),
        }
    }

    pub fn is_endpoint(&self, name: &str) -> bool {
        self.endpoint_names.contains(name)
    }

    /// The shared alias that calls a dependency, where there is one.
    pub fn alias_of(&self, dependency: &str) -> Option<&str> {
        let wanted = last(dependency);
        self.aliases.iter().find(|alias| alias.calls.contains(&wanted)).map(|alias| last(&alias.name))
    }

    /// The mapped class of that name.
    pub fn mapper(&self, class: &str) -> Option<&'s Mapper> {
        self.service.mappers.iter().find(|mapper| mapper.class == class)
    }

    /// Whether a class derives, directly or not, from one of these dotted paths.
    pub fn derives(&self, class: &str, bases: &[&str]) -> bool {
        self.service.code.ancestors(class).iter().skip(1).any(|one| bases.contains(&one.as_str()))
    }

    /// Whether a class is a Pydantic model that is no table and no settings.
    pub fn is_schema(&self, class: &Class) -> bool {
        let ancestors = self.service.code.ancestors(&class.name);
        let model = ancestors.iter().any(|one| {
            matches!(
                one.as_str(),
                "pydantic.BaseModel"
                    | "pydantic.main.BaseModel"
                    | "sqlmodel.SQLModel"
                    | "sqlmodel.main.SQLModel"
                    | "pydantic.RootModel"
                    | "pydantic.generics.GenericModel"
            )
        });
        model && self.mapper(&class.name).is_none() && !self.is_settings(&class.name)
    }

    pub fn is_settings(&self, class: &str) -> bool {
        self.derives(
            class,
            &["pydantic_settings.BaseSettings", "pydantic_settings.main.BaseSettings", "pydantic.BaseSettings"],
        )
    }

    /// The kind of layer a function belongs to, by where it stands: `services/`, `crud/`, `repository.py`.
    pub fn layer(&self, function: &Function) -> Layer {
        if self.is_endpoint(&function.name) {
            return Layer::Endpoint;
        }
        if self.dependencies.contains(function.name.as_str()) {
            return Layer::Dependency;
        }
        let class = function.class.as_deref().map(last);
        for part in function.location.path.split('/').rev() {
            let stem = part.strip_suffix(".py").unwrap_or(part);
            if let Some(word) = LAYERS.iter().find(|(words, _)| words.contains(&stem)) {
                return Layer::Named(word.1);
            }
        }
        match class {
            Some(class) if ["Repository", "Repo", "DAO", "Dao"].iter().any(|end| class.ends_with(end)) => {
                Layer::Named("repositories")
            }
            Some(class) if class.ends_with("Service") || class.ends_with("Manager") => Layer::Named("services"),
            Some(class) if class.starts_with("CRUD") || class.ends_with("CRUD") => Layer::Named("CRUD modules"),
            _ => Layer::Elsewhere,
        }
    }

    /// A function as something that is counted.
    pub fn subject(&self, function: &Function, kind: &'static str) -> Subject {
        Subject {
            name: function.name.clone(),
            location: function.location.clone(),
            kind,
            lines: function.lines,
            merit: merit(function),
        }
    }
}

/// Where a function stands in the order of calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Layer {
    Endpoint,
    Dependency,
    Named(&'static str),
    Elsewhere,
}

const LAYERS: &[(&[&str], &str)] = &[
    (&["services", "service"], "services"),
    (&["crud", "cruds"], "CRUD modules"),
    (&["repositories", "repository", "repos", "dao", "daos", "dal"], "repositories"),
    (&["managers", "manager"], "managers"),
    (&["usecases", "use_cases", "usecase"], "use cases"),
    (&["queries", "actions", "operations", "handlers"], "operation modules"),
    (&["stores", "store"], "stores"),
    (&["contexts"], "modules of `contexts`"),
];

/// Files that are no part of the service although they lie in it.
fn is_aside(path: &str) -> bool {
    path.split('/')
        .any(|part| matches!(part, "versions" | "alembic" | "migrations" | "_vendor" | "vendor" | "third_party"))
}

/// Whether a path belongs to tests.
pub(crate) fn is_test(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    (name.starts_with("test_") || name.ends_with("_test.py")) && name.ends_with(".py")
}

fn collect<'s>(list: &'s [Dependency], out: &mut BTreeSet<&'s str>) {
    for one in list {
        out.insert(&one.call);
        collect(&one.dependencies, out);
    }
}

/// Documented, typed, neither trivial nor long.
fn merit(function: &Function) -> f64 {
    let typed = function
        .parameters
        .iter()
        .filter(|one| !matches!(one.name.as_str(), "self" | "cls"))
        .all(|one| one.annotation.is_some());
    let checks =
        [function.docstring.is_some(), typed, function.returns_type.is_some(), (3..=25).contains(&function.body_lines)];
    checks.iter().filter(|good| **good).map(|_| 0.25).sum()
}

fn endpoints(service: &Service) -> Vec<Endpoint<'_>> {
    let mut seen = BTreeSet::new();
    let mut out = Vec::new();
    for route in service.endpoints() {
        let Some(Named { name, .. }) = &route.route.endpoint else { continue };
        if !route.route.is_api || route.route.is_websocket() || route.route.methods.is_empty() {
            continue;
        }
        let Some(function) = service.code.function(name) else { continue };
        // An endpoint that is made in a loop or by a factory is one of many by the same hand.
        if function.aside || name.contains("<locals>") || !seen.insert(name.as_str()) {
            continue;
        }
        let place = &route.route.location;
        let decorator = function
            .decorators
            .iter()
            .find(|one| one.location.path == place.path && one.location.line == place.line && one.form == Form::Call);
        let role = role(&route);
        let kind = match role {
            Role::List => "An endpoint that lists",
            Role::ReadOne => "An endpoint that reads one",
            Role::Create => "An endpoint that creates",
            Role::Update => "An endpoint that changes",
            Role::Delete => "An endpoint that deletes",
            Role::Other => "",
        };
        let subject = Subject {
            name: name.clone(),
            location: function.location.clone(),
            kind,
            lines: function.lines,
            merit: merit(function),
        };
        out.push(Endpoint { route, function, decorator, subject, role });
    }
    out
}

fn role(route: &EffectiveRoute<'_>) -> Role {
    let path = route.path.trim_end_matches('/');
    let one = path.ends_with('}');
    let methods = &route.route.methods;
    let is = |method: &str| methods.iter().any(|known| known == method);
    let model = route.route.response_model.as_deref().unwrap_or_default();
    if is("GET") {
        return match () {
            () if is_many(model) && !one => Role::List,
            () if one => Role::ReadOne,
            () => Role::Other,
        };
    }
    let verb = route.route.endpoint.as_ref().map_or("", |one| short(&one.name));
    let begins = |verbs: &[&str]| verbs.iter().any(|one| verb.rsplit('.').next().unwrap_or(verb).starts_with(one));
    if is("DELETE") {
        Role::Delete
    } else if (is("PATCH") || is("PUT"))
        && (one || begins(&["update", "change", "replace", "edit", "put", "patch", "write"]))
    {
        Role::Update
    } else if is("POST") && !one && begins(&["create", "add", "new", "register", "write", "post", "insert", "start"]) {
        Role::Create
    } else {
        Role::Other
    }
}

/// Whether a response model holds many.
pub(crate) fn is_many(model: &str) -> bool {
    let head = model.split('[').next().unwrap_or_default();
    let head = last(head.trim());
    let base = matches!(
        head.to_lowercase().as_str(),
        "list" | "sequence" | "set" | "page" | "paginated" | "iterable" | "tuple" | "collection"
    );
    let words = head.to_lowercase();
    base || ["page", "list", "paginat", "pagination", "collection"].iter().any(|part| words.contains(part))
        || (is_envelope_of_many(head))
}

fn is_envelope_of_many(head: &str) -> bool {
    // `UsersPublic`, `ItemsResponse`: the resource is in the plural, and something follows.
    let humps = crate::words::humps(head);
    humps.len() > 1 && humps[..humps.len() - 1].last().is_some_and(|word| crate::words::is_plural(word) == Some(true))
}

/// The parameters of a function that take a database session.
pub(crate) fn session_parameters(function: &Function) -> impl Iterator<Item = &Parameter> {
    function.parameters.iter().filter(|one| one.class.as_deref().is_some_and(is_session_class))
}

pub(crate) fn is_session_class(class: &str) -> bool {
    let known = ["sqlalchemy.", "sqlmodel."].iter().any(|library| class.starts_with(library));
    known && matches!(last(class), "Session" | "AsyncSession" | "scoped_session" | "async_scoped_session")
}

/// Whether a call goes to a database session.
pub(crate) fn on_session(call: &Call) -> bool {
    if let Some(callee) = &call.callee
        && let Some((class, _)) = callee.rsplit_once('.')
        && is_session_class(class)
    {
        return true;
    }
    let Some(receiver) = &call.receiver else { return false };
    let name = last(receiver.trim_end_matches("()")).to_lowercase();
    name == "db" || name.contains("session") && !name.contains("http") && !name.contains("maker")
}

/// Methods of a session that send statements or change what is stored.
pub(crate) const STATEMENTS: &[&str] = &[
    "execute",
    "scalar",
    "scalars",
    "exec",
    "query",
    "get",
    "get_one",
    "add",
    "add_all",
    "delete",
    "merge",
    "stream",
    "bulk_save_objects",
    "stream_scalars",
];

/// Whether a function speaks to the database itself.
pub(crate) fn queries(function: &Function) -> bool {
    function.calls.iter().any(|call| STATEMENTS.contains(&call.name.as_str()) && on_session(call))
}

/// The dependency of an endpoint that a place in its signature declares.
pub(crate) fn declared_in<'d>(list: &'d [Dependency], parameter: &Parameter) -> Option<&'d Dependency> {
    list.iter().find(|one| {
        one.declared_at.as_ref().is_some_and(|at| {
            at.path == parameter.location.path
                && at.start >= parameter.location.start
                && at.end <= parameter.location.end
        })
    })
}
