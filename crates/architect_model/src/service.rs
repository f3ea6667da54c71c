//! The model of a service: plain data that rules and views read.
//!
//! Every fact has the place it was read from. What could not be known is absent here and stands in
//! [`Service::unknowns`] with its reason.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use architect_source::{Edit, Location, Unknown};

use crate::code::Code;
use crate::documents::Document;
use crate::exceptions::Leaving;
use crate::requests::Requests;
use crate::schema::{DocumentFacts, Field, Operation, Schema};
use crate::tables::{ClassKey, Mapper, Table};

/// Everything that is known about one service.
#[derive(Clone, Debug, Default)]
pub struct Service {
    /// The project root as the user gave it.
    pub root: String,
    /// Project files that were read, by path.
    pub files: BTreeMap<String, SourceText>,
    /// Every file that was parsed, the environment's included.
    pub files_read: Vec<PathBuf>,
    /// Libraries of the target and their versions, where they could be found.
    pub libraries: BTreeMap<String, String>,
    /// What documents look like with these versions.
    pub dialect: crate::dialect::Dialect,
    /// The circumstances it runs in, as far as they are stated.
    pub context: crate::context::Context,
    /// What the company's own libraries do, as far as it is stated.
    pub knowledge: crate::context::Knowledge,
    /// Applications in the order they were found; mounted ones follow the one that mounts them.
    pub applications: Vec<Application>,
    /// Routers that have routes of their own.
    pub routers: Vec<Router>,
    /// Classes with a definition in an API document, in the order they were met; read on request.
    pub schemas: Vec<Schema>,
    /// Tables, by metadata in the order they were declared.
    pub tables: Vec<Table>,
    /// Mapped classes in the order they were made; parents come before their children.
    pub mappers: Vec<Mapper>,
    /// Every function or class that serves as a dependency somewhere, once.
    pub dependency_functions: Vec<DependencyFunction>,
    /// Parameters of endpoints and dependencies whose declaration does not do what it seems to.
    pub suspicious_parameters: Vec<SuspiciousParameter>,
    /// Calls of endpoints and dependencies as plain functions.
    pub direct_calls: Vec<DirectCall>,
    /// What the code of the project says: functions, classes, calls, exceptions.
    pub code: Code,
    /// What the project writes about itself, where its conventions are read.
    pub documents: Vec<Document>,
    /// Functions that run while requests are answered, where code is read.
    pub reached: crate::reach::Reached,
    /// Exceptions that may leave an endpoint, in the order of [`Service::endpoints`].
    pub leaving: Vec<Vec<Leaving>>,
    /// Files that do not parse.
    pub syntax_errors: Vec<SyntaxError>,
    /// Modules of the project that importing its applications, and starting them, imports.
    pub imported: BTreeSet<String>,
    /// What requests do; read on request.
    pub requests: Requests,
    /// What could not be known.
    pub unknowns: Vec<Unknown>,
}

impl Service {
    /// All routes that answer requests, mounts entered, in matching order, one application after the other.
    /// Paths of mounted routes include where they are mounted.
    #[must_use]
    pub fn endpoints(&self) -> Vec<EffectiveRoute<'_>> {
        let mut out = Vec::new();
        for application in self.applications.iter().filter(|application| application.mounted_at.is_none()) {
            collect(application, &application.routes, "", &mut out);
        }
        out
    }

    /// The mapper of a class, by the identity it has while the program is read.
    #[must_use]
    pub fn mapper(&self, key: ClassKey) -> Option<&Mapper> {
        self.mappers.iter().find(|mapper| mapper.key == key)
    }
}

fn collect<'s>(application: &'s Application, routes: &'s [Route], prefix: &str, out: &mut Vec<EffectiveRoute<'s>>) {
    for route in routes {
        let path = format!("{prefix}{}", route.path);
        if route.is_mount() {
            collect(application, &route.routes, &path, out);
        } else {
            out.push(EffectiveRoute { application, route, path });
        }
    }
}

/// A route with the path a caller has to use.
#[derive(Clone, Debug)]
pub struct EffectiveRoute<'s> {
    /// The outermost application that serves it.
    pub application: &'s Application,
    /// The route.
    pub route: &'s Route,
    /// The whole path, mounts included.
    pub path: String,
}

impl EffectiveRoute<'_> {
    /// How people name it: `GET /v1/users/{user_id}`.
    #[must_use]
    pub fn title(&self) -> String {
        let methods = self.route.methods.join(",");
        format!("{} {}", if methods.is_empty() { "WS" } else { &methods }, self.path)
    }
}

/// The text of a file, for code frames and suppression comments.
#[derive(Clone, Debug, Default)]
pub struct SourceText {
    /// The text; bytes that are not UTF-8 are replaced.
    pub text: String,
    /// Number of lines.
    pub lines: usize,
}

impl Application {
    /// Whether one of its middlewares is added whatever the configuration says.
    #[must_use]
    pub fn always_has(&self, middleware: &Named) -> bool {
        middleware.location.as_ref().is_none_or(|place| !self.uncertain_middleware.contains(place))
    }
}

/// A `FastAPI` (or Starlette) application object.
#[derive(Clone, Debug)]
pub struct Application {
    /// `module:attribute`, or `module:factory()`, or the class and place of an application without a name.
    pub name: String,
    /// Path at which another application mounts it.
    pub mounted_at: Option<String>,
    /// `title=`, where it is known.
    pub title: Option<String>,
    /// `version=`, where it is known.
    pub version: Option<String>,
    /// Middleware classes or functions by dotted name, outermost first.
    pub middleware: Vec<Named>,
    /// Places where middleware is added under a condition that is not known.
    pub uncertain_middleware: Vec<Location>,
    /// What `CORSMiddleware` is told.
    pub cors: Vec<Cors>,
    /// Exceptions or status codes that have a handler.
    pub exception_handlers: Vec<Named>,
    /// The lifespan function, by dotted name.
    pub lifespan: Option<Named>,
    /// `on_event` / `add_event_handler` handlers.
    pub event_handlers: Vec<EventHandler>,
    /// Dependencies of the application itself.
    pub dependencies: Vec<Dependency>,
    /// `redirect_slashes=`: whether a path that differs in its last slash is redirected.
    pub redirect_slashes: bool,
    /// `strict_content_type=`: whether JSON without a JSON content type is refused, by versions of FastAPI that ask.
    pub strict_content_type: bool,
    /// Whether it may serve an OpenAPI document: `openapi_url=` is not known to be empty.
    pub serves_document: bool,
    /// `dependency_overrides` that product code sets: what is replaced, and by what.
    pub dependency_overrides: Vec<(Named, Named)>,
    /// What its document says beside operations; read on request.
    pub document: Option<DocumentFacts>,
    /// Routes in matching order.
    pub routes: Vec<Route>,
    /// Where the application is made.
    pub location: Location,
}

/// What `CORSMiddleware` lets other origins do, as far as it is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cors {
    /// `allow_origins`.
    pub origins: Vec<String>,
    /// `allow_origin_regex`.
    pub origin_regex: Option<String>,
    /// `allow_credentials`.
    pub credentials: bool,
    /// Where it is added.
    pub location: Location,
}

/// Something with a name and a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// `module:qualname`.
    pub name: String,
    /// Where it is defined or registered.
    pub location: Option<Location>,
}

/// A start-up or shutdown handler.
#[derive(Clone, Debug)]
pub struct EventHandler {
    /// `startup` or `shutdown`.
    pub event: String,
    /// The function, by dotted name.
    pub function: Named,
    /// Where it is registered.
    pub location: Location,
}

/// One row of the route table.
#[derive(Clone, Debug)]
pub struct Route {
    /// What a document says of it; read on request, for API routes.
    pub operation: Option<Box<Operation>>,
    /// Name of the route class (`APIRoute`, `APIWebSocketRoute`, `Route`, `Mount`, or the project's own subclass).
    pub kind: String,
    /// Whether FastAPI runs it (dependencies, parameters, document), as opposed to plain Starlette.
    pub is_api: bool,
    /// The path below the application, prefixes included.
    pub path: String,
    /// Methods in alphabetical order; none for websockets and mounts.
    pub methods: Vec<String>,
    /// The route's name.
    pub name: Option<String>,
    /// The endpoint, as `module:qualname`.
    pub endpoint: Option<Named>,
    /// `status_code=`, where one is set.
    pub status_code: Option<u16>,
    /// Whether the document shows it.
    pub include_in_schema: bool,
    /// Whether it is marked deprecated.
    pub deprecated: bool,
    /// The operation id the document uses, where it is known.
    pub operation_id: Option<String>,
    /// Whether the operation id was given by hand (`operation_id=`).
    pub explicit_operation_id: bool,
    /// Tags, outermost first.
    pub tags: Vec<String>,
    /// The response model as Python would print it.
    pub response_model: Option<String>,
    /// What of the response model is left out, whatever the document says.
    pub response_filter: ResponseFilter,
    /// The dependency tree, in the order FastAPI resolves it.
    pub dependencies: Vec<Dependency>,
    /// The parameters of the endpoint itself, by place.
    pub parameters: Parameters,
    /// The condition under which the route exists, where that is unknown.
    pub conditional: Option<String>,
    /// Who may call it.
    pub auth: Auth,
    /// Where the route is registered: its decorator, or the call that adds it.
    pub location: Location,
    /// The `include_router` and `mount` calls it came through, outermost first.
    pub included_at: Vec<Location>,
    /// The router it was registered on: an index into [`Service::routers`].
    pub router: Option<usize>,
    /// What a request does: an index into the entries of [`Service::requests`].
    pub request: Option<usize>,
    /// For a mount: the routes of the mounted application.
    pub routes: Vec<Route>,
    /// For a mount of something that is not an application of this program: what it is.
    pub mounted: Option<String>,
}

impl Route {
    /// A route of which only the class, the path and the place are known.
    #[must_use]
    pub fn new(kind: &str, path: &str, location: Location) -> Self {
        Self {
            operation: None,
            kind: kind.to_owned(),
            is_api: false,
            path: path.to_owned(),
            methods: Vec::new(),
            name: None,
            endpoint: None,
            status_code: None,
            include_in_schema: true,
            deprecated: false,
            operation_id: None,
            explicit_operation_id: false,
            tags: Vec::new(),
            response_model: None,
            response_filter: ResponseFilter::default(),
            dependencies: Vec::new(),
            parameters: Parameters::default(),
            conditional: None,
            auth: Auth::default(),
            location,
            included_at: Vec::new(),
            router: None,
            request: None,
            routes: Vec::new(),
            mounted: None,
        }
    }

    /// Whether it is a mount.
    #[must_use]
    pub fn is_mount(&self) -> bool {
        self.kind == "Mount"
    }

    /// Whether it is a websocket.
    #[must_use]
    pub fn is_websocket(&self) -> bool {
        self.kind.contains("WebSocket")
    }
}

/// What a route leaves out of its response model: the `response_model_*` arguments, which no document shows.
///
/// Source: `serialize_response` of fastapi/routing.py.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResponseFilter {
    /// `response_model_include`, names of fields at the top; nothing where it is not given or not known.
    pub include: Option<Vec<String>>,
    /// `response_model_exclude`, names of fields at the top that are left out as a whole.
    pub exclude: Vec<String>,
    /// `response_model_exclude_unset`.
    pub exclude_unset: bool,
    /// `response_model_exclude_defaults`.
    pub exclude_defaults: bool,
    /// `response_model_exclude_none`.
    pub exclude_none: bool,
    /// `response_model_by_alias`.
    pub by_alias: bool,
}

impl Default for ResponseFilter {
    fn default() -> Self {
        Self {
            include: None,
            exclude: Vec::new(),
            exclude_unset: false,
            exclude_defaults: false,
            exclude_none: false,
            by_alias: true,
        }
    }
}

/// One node of a dependency tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dependency {
    /// The callable, as `module:qualname`; the type for instances.
    pub call: String,
    /// Security scopes declared here.
    pub scopes: Vec<String>,
    /// `use_cache=`.
    pub use_cache: bool,
    /// `scope=`, where one is set.
    pub scope: Option<String>,
    /// Whether it is a generator (cleans up after `yield`).
    pub is_yield: bool,
    /// Whether it is a security scheme of FastAPI.
    pub security_scheme: bool,
    /// Whether a security scheme lets callers without credentials pass (`auto_error=False`).
    pub optional_scheme: bool,
    /// What the callable does about who calls.
    pub guard: Guard,
    /// Security scopes declared here and by everything that depends on it.
    pub all_scopes: Vec<String>,
    /// Name and definition of a security scheme in an API document; read on request.
    pub scheme: Option<(String, serde_json::Value)>,
    /// Parameters by place.
    pub parameters: Parameters,
    /// What it depends on.
    pub dependencies: Vec<Dependency>,
    /// Where the callable is defined, if in a file that was read.
    pub location: Option<Location>,
    /// The parameter that it fills; nothing in `dependencies=`.
    pub parameter: Option<String>,
    /// Where it is declared: the parameter or the `dependencies=` entry.
    pub declared_at: Option<Location>,
    /// For an entry of `dependencies=` that exists under a condition that is not known: that condition.
    pub conditional: Option<String>,
}

impl Dependency {
    /// It and everything it depends on, in the order in which they are declared, each before what it asks for.
    #[must_use]
    pub fn tree(&self) -> Vec<&Self> {
        fn add<'d>(one: &'d Dependency, out: &mut Vec<&'d Dependency>) {
            out.push(one);
            one.dependencies.iter().for_each(|inner| add(inner, out));
        }
        let mut out = Vec::new();
        add(self, &mut out);
        out
    }
}

/// Parameters by place, by the name a caller uses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parameters {
    /// In the path.
    pub path: Vec<Parameter>,
    /// In the query string.
    pub query: Vec<Parameter>,
    /// In headers.
    pub header: Vec<Parameter>,
    /// In cookies.
    pub cookie: Vec<Parameter>,
    /// In the body: JSON, form fields and files.
    pub body: Vec<Parameter>,
}

/// One parameter of an endpoint or dependency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// The name a caller uses.
    pub alias: String,
    /// The name in the signature.
    pub name: String,
    /// The type as Python would print it, where it is known.
    pub annotation: Option<String>,
    /// Whether it has to be sent.
    pub required: bool,
    /// `body`, `form` or `file`, for parameters in the body.
    pub media: Option<&'static str>,
    /// Its type and what is said about it; read on request.
    pub field: Option<Box<Field>>,
    /// Where it is declared.
    pub location: Option<Location>,
}

/// What a callable does about who calls; the helpers it calls are part of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Guard {
    /// Where it reads credentials: a header, a cookie, a session, what a middleware put on the request.
    pub reads: Option<Location>,
    /// Where it refuses a caller: raises or returns 401 or 403.
    pub refuses: Option<Location>,
    /// Where it refuses a caller that brings no credentials: without asking first whether there are any.
    pub demands: Option<Location>,
    /// Where it refuses every caller, whatever is brought.
    pub closes: Option<Location>,
}

/// Who may call an endpoint.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Auth {
    /// How it is decided.
    pub class: AuthClass,
    /// The dependencies, middleware or checks that decide it, with their places.
    pub by: Vec<Named>,
    /// Security scopes that are asked for, outermost first.
    pub scopes: Vec<String>,
    /// Everything that can refuse a caller with 401 or 403, the endpoint's own body included.
    pub checks: Vec<Named>,
}

/// How authentication is decided.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AuthClass {
    /// A dependency or middleware refuses callers without credentials.
    Required,
    /// Credentials are read and their absence is accepted.
    Optional,
    /// The endpoint's own body checks the request.
    Manual,
    /// Nothing checks who calls.
    #[default]
    None,
}

impl AuthClass {
    /// The name used in every output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::Optional => "optional",
            Self::Manual => "manual",
            Self::None => "none",
        }
    }
}

/// A router that has routes of its own.
#[derive(Clone, Debug)]
pub struct Router {
    /// `module:name` where it is bound to a name, else the place it is made.
    pub name: String,
    /// Where it is made.
    pub location: Location,
    /// Whether routes registered on it are served by any application, and if not, why.
    pub reach: Reach,
    /// Routes registered on it, in order.
    pub registrations: Vec<Registration>,
    /// Whether the file belongs to tests, examples or scripts rather than to the service.
    pub aside: bool,
    /// Whether code that could not be followed may include it (plugin loaders, unknown imports, returned to a caller).
    pub may_escape: bool,
}

/// Whether a router is part of an application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// An application includes it, directly or through others.
    Served,
    /// No application of the project includes it.
    NeverIncluded,
    /// No application is known to include it, and something that may was not followed: a factory, an include, a loop.
    Unclear,
    /// There is no application in the project, so nothing can be said.
    NoApplication,
}

/// One `@router.get(...)` or `add_api_route(...)`.
#[derive(Clone, Debug)]
pub struct Registration {
    /// Methods.
    pub methods: Vec<String>,
    /// The path as registered, with the router's own prefix.
    pub path: String,
    /// The endpoint, as `module:qualname`.
    pub endpoint: String,
    /// Where.
    pub location: Location,
    /// The include that came too early for this route to be served, where the target's FastAPI copies routes at the
    /// call (before 0.137).
    pub added_after_include: Option<Location>,
}

/// A function or class that serves as a dependency.
#[derive(Clone, Debug)]
pub struct DependencyFunction {
    /// `module:qualname`.
    pub name: String,
    /// Where it is defined.
    pub location: Location,
    /// How many endpoints resolve it.
    pub used_by: usize,
    /// For generators: handlers around a `yield`, which see exceptions of the endpoint.
    pub handlers_around_yield: Vec<YieldHandler>,
}

/// An `except` clause around the `yield` of a dependency.
#[derive(Clone, Debug)]
pub struct YieldHandler {
    /// What it catches, as written; empty for a bare `except`.
    pub catches: Vec<String>,
    /// Whether one of the caught classes is `HTTPException`, a base of it, or everything.
    pub catches_http_exceptions: bool,
    /// Whether every path through the handler raises again.
    pub always_raises: bool,
    /// The `except` clause.
    pub location: Location,
    /// The `yield` it surrounds.
    pub yield_location: Location,
    /// What makes the handler end with `raise`, where that can be written down.
    pub raise: Option<Edit>,
}

/// Why a parameter of an endpoint or dependency is suspicious.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Suspicion {
    /// `Depends(get_db())`: the dependency is called at import and its result, which is `what`, cannot be called.
    DependsOnResult {
        /// What was passed: `a generator`, `a coroutine`, `a str`.
        what: String,
        /// The function that was called.
        function: String,
    },
    /// `db=get_db`: a function as a plain default, so FastAPI makes a query or body parameter of it.
    CallableDefault {
        /// The function.
        function: String,
        /// The place FastAPI reads the parameter from: `query` or `body`.
        becomes: &'static str,
        /// Whether the function is a dependency elsewhere, or a generator: then the intent is clear.
        is_dependency: bool,
    },
    /// A marker inside `Annotated` that has no effect, such as a dependency function without `Depends`.
    CallableInAnnotated {
        /// The function.
        function: String,
        /// Whether the function is a dependency elsewhere.
        is_dependency: bool,
    },
    /// An entry of `dependencies=[...]` that is not `Depends(...)`: FastAPI fails at start.
    NotADependency {
        /// What was passed.
        what: String,
    },
}

/// A parameter whose declaration does not do what it seems to.
#[derive(Clone, Debug)]
pub struct SuspiciousParameter {
    /// The function it belongs to, as `module:qualname`.
    pub function: String,
    /// The parameter; empty for `dependencies=` entries.
    pub parameter: String,
    /// What is wrong.
    pub suspicion: Suspicion,
    /// Where it is declared.
    pub location: Location,
    /// An endpoint that is affected, as `GET /path`.
    pub endpoint: Option<String>,
}

/// A call of an endpoint or dependency as a plain function that leaves out parameters with marker defaults.
#[derive(Clone, Debug)]
pub struct DirectCall {
    /// The called function, as `module:qualname`.
    pub callee: String,
    /// Where the callee is defined.
    pub callee_location: Location,
    /// The function that calls, as `module:qualname`, or the module.
    pub caller: String,
    /// Left-out parameters and the marker each receives: (`db`, `Depends`).
    pub missing: Vec<(String, String)>,
    /// The call.
    pub location: Location,
    /// Whether the file belongs to tests.
    pub in_tests: bool,
}

/// A file that does not parse.
#[derive(Clone, Debug)]
pub struct SyntaxError {
    /// What the parser says.
    pub message: String,
    /// Where.
    pub location: Location,
    /// The oldest Python that accepts the file, where a newer one does than the project asks for.
    pub needs_python: Option<String>,
}
