//! Applications and their route tables, with every include resolved.
//!
//! Source: fastapi/routing.py and fastapi/applications.py of 0.115 to 0.165;
//! <https://fastapi.tiangolo.com/reference/apirouter/>.

use architect_python::{CallArgs, ModuleKind, Object, Value};
use architect_source::Location;
use serde_json::Value as Json;

use super::Recogniser;
use super::operations::DocumentContext;
use crate::service::{Application, Cors, Dependency, EventHandler, Named, ResponseFilter, Route};

/// Includes nested deeper than this are taken for a cycle.
const MAX_NESTING: u32 = 30;

/// What the includes above a route add to it.
#[derive(Clone, Default)]
struct Context {
    prefix: String,
    tags: Vec<Value>,
    dependencies: Vec<Value>,
    deprecated: bool,
    hidden: bool,
    included_at: Vec<Location>,
    condition: Option<u32>,
    unique_id: Option<Value>,
    unknown_prefix: bool,
    document: DocumentContext,
}

impl Recogniser<'_> {
    /// Reads an application and, nested, those it mounts.
    pub(super) fn read_application(&mut self, name: &str, value: Value, mounted_at: Option<String>, depth: u32) {
        let router = self.machine.get(value, "router").unwrap_or(value);
        let mut routes = Vec::new();
        let index = self.service.applications.len();
        let location = self.definition(value).unwrap_or_else(|| self.fallback_location());
        let mut application = Application {
            name: name.to_owned(),
            mounted_at: mounted_at.clone(),
            title: self.text_of(value, "title"),
            version: self.text_of(value, "version"),
            middleware: self.middleware(value),
            uncertain_middleware: self.uncertain_middleware(value),
            cors: self.cors(value),
            exception_handlers: self.exception_handlers(value),
            lifespan: self.named_attribute(router, "lifespan"),
            event_handlers: self.event_handlers(router),
            dependencies: Vec::new(),
            redirect_slashes: self.flag(value, "redirect_slashes") != Some(false),
            strict_content_type: self.flag(value, "strict_content_type") != Some(false),
            serves_document: self.flag(value, "openapi_url") != Some(false),
            dependency_overrides: self.dependency_overrides(value),
            document: self.documents.then(|| self.document_facts(value)),
            routes: Vec::new(),
            location,
        };
        self.start_tree();
        for marker in self.list_of(router, "dependencies") {
            if let Some(node) = self.marker(marker, &[], None) {
                application.dependencies.push(node);
            }
        }
        self.end_tree();
        self.service.applications.push(application);
        // A middleware of an application also stands before those it mounts.
        let own = self.read_middleware_guards(value);
        let outer = self.middleware_guards.len();
        self.middleware_guards.extend(own);
        let condition = self.condition_of(value);
        let outer_condition = std::mem::replace(&mut self.application_condition, condition);
        self.read_routes(
            router,
            &Context::default(),
            name,
            mounted_at.as_deref().unwrap_or_default(),
            depth,
            &mut routes,
        );
        self.application_condition = outer_condition;
        self.middleware_guards.truncate(outer);
        self.service.applications[index].routes = routes;
    }

    fn fallback_location(&self) -> Location {
        Location { path: "".into(), line: 1, column: 1, end_line: 1, end_column: 1, start: 0, end: 0 }
    }

    fn read_routes(
        &mut self,
        router: Value,
        context: &Context,
        application: &str,
        mounted_at: &str,
        depth: u32,
        out: &mut Vec<Route>,
    ) {
        if depth > MAX_NESTING || !self.may_read_router() {
            return;
        }
        if let Value::Obj(id) = router {
            self.served.insert(id);
        }
        let list = self.machine.get(router, "routes");
        if let Some(Object::List(_, true)) = list.and_then(|list| self.machine.obj(list)) {
            let location = self.definition(router);
            self.unknown("more routes of a router", "something unknown was added to its list of routes", "", location);
        }
        for route in self.routes_of(router) {
            if self.is_a(route, "_Included") {
                self.read_included(route, context, application, mounted_at, depth, out);
            } else if self.is_a(route, "Mount") {
                self.read_mount(route, context, application, mounted_at, depth, out);
            } else if !self.may_read_route() {
                return;
            } else if let Some(row) = self.read_route(route, context, mounted_at) {
                out.push(row);
            }
        }
    }

    fn read_included(
        &mut self,
        included: Value,
        context: &Context,
        application: &str,
        mounted_at: &str,
        depth: u32,
        out: &mut Vec<Route>,
    ) {
        let Some(router) = self.machine.get(included, "router") else { return };
        let mut inner = context.clone();
        match self.text_of(included, "prefix") {
            Some(prefix) => inner.prefix.push_str(&prefix),
            None => inner.unknown_prefix = true,
        }
        inner.tags.extend(self.list_of(included, "tags"));
        inner.dependencies.extend(self.list_of(included, "dependencies"));
        inner.deprecated |= self.flag(included, "deprecated") == Some(true);
        inner.hidden |= self.flag(included, "include_in_schema") == Some(false);
        inner.condition = inner.condition.or_else(|| self.condition_of(included));
        let unique = self.machine.get(included, "unique_id").filter(|value| !self.is_a(*value, "DefaultPlaceholder"));
        inner.unique_id = unique.or(inner.unique_id);
        if self.documents {
            inner.document.responses.extend(self.machine.get(included, "responses"));
            inner.document.callbacks.extend(self.list_of(included, "callbacks"));
            let class =
                self.machine.get(included, "response_class").filter(|class| !self.is_a(*class, "DefaultPlaceholder"));
            inner.document.response_class = class.or(inner.document.response_class);
        }
        let place = self.registration_site(included);
        inner.included_at.extend(place.clone());
        if !self.is_a(router, "Router") {
            let why = match router {
                Value::Unknown(id) => self.machine.reason(id).0.to_owned(),
                _ => format!(
                    "{} is not read",
                    self.machine.qualified_name(router).unwrap_or_else(|| "the router".into())
                ),
            };
            let resolve = self.resolution(&why);
            self.unknown("the routes of an included router", why, resolve, place);
            return;
        }
        self.read_routes(router, &inner, application, mounted_at, depth + 1, out);
    }

    fn read_mount(
        &mut self,
        mount: Value,
        context: &Context,
        application: &str,
        mounted_at: &str,
        depth: u32,
        out: &mut Vec<Route>,
    ) {
        let Some(own) = self.text_of(mount, "path") else {
            let location = self.registration_site(mount);
            self.unknown("a mounted application", "its path is not known", "", location);
            return;
        };
        let path = format!("{}{}", context.prefix, own);
        let Some(app) = self.machine.get(mount, "app") else { return };
        let full = format!("{mounted_at}{path}");
        let mut row = self.empty_row("Mount", &path, mount);
        row.name = self.text_of(mount, "name");
        row.conditional = self.conditional(mount, context);
        if self.is_a(app, "Starlette") && depth < MAX_NESTING && self.may_read_mounted() {
            let name = self.name_of_application(app);
            let at = self.service.applications.len();
            self.read_application(&name, app, Some(full), depth + 1);
            row.routes = self.service.applications[at].routes.clone();
            row.mounted = Some(name);
        } else if self.is_a(app, "Router") {
            let mut routes = Vec::new();
            self.read_routes(app, &Context::default(), application, &full, depth + 1, &mut routes);
            row.routes = routes;
        } else {
            row.mounted = self.machine.qualified_name(app);
        }
        out.push(row);
    }

    fn name_of_application(&mut self, app: Value) -> String {
        for id in self.machine.program.project_modules.clone() {
            let module = self.machine.program.module(id).name.clone();
            if let Some((name, _)) = self.machine.module_names(id).into_iter().find(|(_, value)| *value == app) {
                return format!("{module}:{name}");
            }
        }
        match self.definition(app) {
            Some(location) => super::discover::at_place(&location),
            None => "application".into(),
        }
    }

    fn read_route(&mut self, route: Value, context: &Context, mounted_at: &str) -> Option<Route> {
        let is_api = self.is_a(route, "APIRoute") || self.is_a(route, "APIWebSocketRoute");
        if !is_api && !self.is_a(route, "Route") && !self.is_a(route, "WebSocketRoute") {
            return None;
        }
        let location = self.registration_site(route);
        let endpoint = self.machine.get(route, "endpoint").map(|endpoint| self.one_function(endpoint))?;
        let Some(own) = self.text_of(route, "path").filter(|_| !context.unknown_prefix) else {
            let name = self.machine.qualified_name(endpoint).unwrap_or_else(|| "an endpoint".into());
            let why = match self.machine.get(route, "path") {
                Some(Value::Unknown(id)) => self.machine.reason(id).0.to_owned(),
                _ => "the prefix of an include is not known".to_owned(),
            };
            let resolve = self.resolution(&why);
            self.unknown(format!("the path of {name}"), why, resolve, location);
            return None;
        };
        let path = format!("{}{own}", context.prefix);
        let kind = self.class_name(route);
        let mut row = self.empty_row(&kind, &path, route);
        row.is_api = is_api;
        row.conditional = self.conditional(route, context);
        let mut included: Vec<Location> = context.included_at.clone();
        let mut at = route;
        for _ in 0..MAX_NESTING {
            let Some(include) = self.machine.get(at, "include").filter(|value| self.is_a(*value, "_Included")) else {
                break;
            };
            included.extend(self.registration_site(include));
            at = self.machine.get(at, "original")?;
        }
        row.included_at = included;
        row.location = self.registration_site(at).unwrap_or(row.location);
        self.prefer_decorator(&mut row, endpoint);
        if let Some(Value::Obj(router)) = self.machine.get(at, "registered_on") {
            // Its routes may have been handed over one by one.
            self.served.insert(router);
            // The place in the list of routers is known once they are read.
            row.router = usize::try_from(router.0).ok();
        }
        row.methods = if row.is_websocket() { Vec::new() } else { self.methods_of(route) };
        row.endpoint =
            self.machine.qualified_name(endpoint).map(|name| Named { name, location: self.definition(endpoint) });
        if row.endpoint.is_none() {
            self.unknown(format!("the endpoint of {path}"), "it is not known what is called", "", location.clone());
        }
        row.name = self.text_of(route, "name").or_else(|| self.text_of(endpoint, "__name__"));
        // Routes of websockets and of Starlette have none.
        if self.is_a(route, "APIRoute") {
            let mut tags = context.tags.clone();
            tags.extend(self.list_of(route, "tags"));
            row.tags = tags.into_iter().filter_map(|tag| self.tag_text(tag)).collect();
        }
        row.include_in_schema = !context.hidden && self.flag(route, "include_in_schema") != Some(false);
        row.deprecated = context.deprecated || self.flag(route, "deprecated") == Some(true);
        let title = format!(
            "{} {mounted_at}{path}",
            if row.methods.is_empty() { "WS".to_owned() } else { row.methods.join(",") }
        );
        if !is_api {
            return Some(row);
        }
        self.current_endpoint = Some(title.clone());
        self.start_tree();
        // A websocket answers with neither.
        if self.is_a(route, "APIRoute") {
            row.status_code = self.status_code(route, &title);
            row.response_model = self.response_model(route, endpoint, &title);
            row.response_filter = self.response_filter(route);
        }
        let names = path_names(&path);
        let mut markers = context.dependencies.clone();
        markers.extend(self.list_of(route, "dependencies"));
        let response = self.response_value(route, endpoint);
        row.request = Some(self.request_roots.len());
        // What a library registers is looked at where the service takes it in.
        let is_own = !std::path::Path::new(&*row.location.path).is_absolute();
        let here = if is_own { row.location.clone() } else { location.clone().unwrap_or_else(|| row.location.clone()) };
        self.request_roots.push(super::requests::Root {
            endpoint,
            dependencies: markers.clone(),
            response,
            name: title.clone(),
            location: here,
        });
        for marker in markers {
            if let Some(mut node) = self.marker(marker, &names, location.clone()) {
                // What stands below the condition of the route is there whenever that is.
                let own = self.condition_of(marker);
                let of_route = [context.condition, self.condition_of(route)];
                let implied = |own: u32| of_route.iter().flatten().any(|route| self.machine.is_below(*route, own));
                let own = own.filter(|own| !implied(*own));
                let own = own.and_then(|own| self.machine.condition_beside(own, self.application_condition));
                node.conditional = own.map(|own| self.condition_text(own));
                row.dependencies.push(node);
            }
        }
        let own = self.dependant(endpoint, &names, &[]);
        row.dependencies.extend(own.dependencies);
        row.parameters = own.parameters;
        row.auth = self.auth(&row.dependencies, &row.parameters, endpoint, &format!("{mounted_at}{path}"));
        let explicit = self.text_of(route, "operation_id");
        row.explicit_operation_id = explicit.is_some();
        row.operation_id = explicit.or_else(|| self.generated_id(route, &row, context));
        if self.documents {
            let operation = self.operation(route, endpoint, &row, &context.document);
            row.operation = Some(Box::new(operation));
        }
        self.end_tree();
        self.current_endpoint = None;
        Some(row)
    }

    /// Which function is called where a decorator gives one of several that wrap the same: the first of them.
    fn one_function(&self, endpoint: Value) -> Value {
        let Some(Object::Alternatives(parts)) = self.machine.obj(endpoint) else { return endpoint };
        let innermost = |part: &Value| self.machine.wrapped_chain(*part).last().copied();
        match parts.first().and_then(innermost) {
            Some(inner) if parts.iter().all(|part| innermost(part) == Some(inner)) => parts[0],
            _ => endpoint,
        }
    }

    fn response_filter(&mut self, route: Value) -> ResponseFilter {
        let mut is_set = |name: &str| self.flag(route, name) == Some(true);
        let mut out = ResponseFilter {
            exclude_unset: is_set("response_model_exclude_unset"),
            exclude_defaults: is_set("response_model_exclude_defaults"),
            exclude_none: is_set("response_model_exclude_none"),
            ..ResponseFilter::default()
        };
        out.by_alias = self.flag(route, "response_model_by_alias") != Some(false);
        out.include = self.field_names(route, "response_model_include", false);
        out.exclude = self.field_names(route, "response_model_exclude", true).unwrap_or_default();
        out
    }

    /// Names of fields at the top: of a set, or of a mapping to what of each is meant. With `whole`, only those that are
    /// meant as a whole.
    fn field_names(&mut self, route: Value, attribute: &str, whole: bool) -> Option<Vec<String>> {
        let value = self.machine.get(route, attribute).filter(|value| *value != Value::None)?;
        let mut names: Vec<String> = match self.json_of(value)? {
            Json::Array(names) => names.iter().filter_map(Json::as_str).map(str::to_owned).collect(),
            Json::Object(names) => {
                let meant = names.into_iter().filter(|(_, what)| !whole || *what == Json::Bool(true));
                meant.map(|(name, _)| name).collect()
            }
            _ => return None,
        };
        names.sort();
        Some(names)
    }

    /// Where the project's own router class registers a route, the decorator of the endpoint says more.
    fn prefer_decorator(&self, row: &mut Route, endpoint: Value) {
        let inner = self.machine.wrapped_chain(endpoint).last().copied().unwrap_or(endpoint);
        let Some((_, function)) = self.machine.function(inner) else { return };
        let module = self.machine.program.module(function.module);
        if row.location.path == module.path || module.kind != ModuleKind::Project {
            return;
        }
        if let Some(range) = function.node.decorators().last() {
            row.location = module.location(*range);
        }
    }

    /// What FastAPI's `generate_unique_id` makes, or the project's own function; nothing where that is not known.
    fn generated_id(&mut self, route: Value, row: &Route, context: &Context) -> Option<String> {
        let own = self
            .machine
            .get(route, "generate_unique_id_function")
            .filter(|value| !self.is_a(*value, "DefaultPlaceholder"))
            .or(context.unique_id);
        if let Some(function) = own {
            // The function sees the route with what its includes add.
            let path = self.machine.str(&row.path);
            let format = self.machine.str(&path_format(&row.path));
            let name = match row.name.as_deref() {
                Some(name) => self.machine.str(name),
                None => self.machine.unknown("the name of a route"),
            };
            let tags = row.tags.iter().map(|tag| self.machine.str(tag)).collect();
            let tags = self.machine.alloc(Object::List(tags, false));
            let methods = row.methods.iter().map(|method| self.machine.str(method)).collect();
            let methods = self.machine.alloc(Object::List(methods, false));
            let changes =
                [("path", path), ("path_format", format), ("name", name), ("tags", tags), ("methods", methods)];
            let seen = self.machine.with_attributes(route, &changes);
            let args = CallArgs { pos: vec![seen], ..CallArgs::default() };
            let made = self.machine.invoke(function, args).ok()?;
            return self.machine.text(made).map(str::to_owned);
        }
        usual_id(row)
    }

    fn empty_row(&mut self, kind: &str, path: &str, route: Value) -> Route {
        let location = self.registration_site(route).unwrap_or_else(|| self.fallback_location());
        Route::new(kind, path, location)
    }

    fn class_name(&self, value: Value) -> String {
        match self.machine.obj(value) {
            Some(Object::Instance { class, .. }) => self
                .machine
                .class(Value::Obj(*class))
                .map(|class| self.machine.names.text(class.name).to_owned())
                .unwrap_or_default(),
            _ => String::new(),
        }
    }

    /// Where project code registered a route: the decorator or call that led to it.
    pub(super) fn registration_site(&self, route: Value) -> Option<Location> {
        match self.machine.obj(route)? {
            Object::Instance { site, .. } => Some(self.location(self.machine.origin(route).unwrap_or(*site))),
            _ => None,
        }
    }

    pub(super) fn condition_of(&self, value: Value) -> Option<u32> {
        match self.machine.obj(value)? {
            Object::Instance { condition: Some(condition), site, .. } if !self.is_settled(value, *site, *condition) => {
                Some(*condition)
            }
            // A route that an include copied exists where its original does.
            Object::Instance { attrs, .. } => {
                let original = self.machine.names.lookup("original").and_then(|name| attrs.get(&name).copied())?;
                self.condition_of(original)
            }
            _ => None,
        }
    }

    fn conditional(&mut self, route: Value, context: &Context) -> Option<String> {
        // A factory that may give back what it made before makes the whole application, or nothing of it.
        let mut conditions: Vec<u32> = context.condition.into_iter().collect();
        // A copy that an include made hangs on what that hangs on, and on what its original does.
        let mut at = route;
        for _ in 0..MAX_NESTING {
            conditions.extend(self.condition_of(at));
            let Value::Obj(id) = at else { break };
            let Some(original) = self.machine.own_value(id, "original") else { break };
            at = original;
        }
        let condition = conditions
            .into_iter()
            .find_map(|condition| self.machine.condition_beside(condition, self.application_condition))?;
        Some(self.condition_text(condition))
    }

    fn condition_text(&self, condition: u32) -> String {
        let site = self.machine.condition(condition);
        let text = self.text_at(site).unwrap_or_default();
        let text: String = text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(120).collect();
        format!("depends on `{text}` ({})", self.location(site))
    }

    pub(super) fn methods_of(&mut self, route: Value) -> Vec<String> {
        let mut methods: Vec<String> = self
            .list_of(route, "methods")
            .into_iter()
            .filter_map(|method| self.machine.text(method).map(str::to_uppercase))
            .collect();
        methods.sort();
        methods.dedup();
        methods
    }

    fn flag(&mut self, object: Value, name: &str) -> Option<bool> {
        let value = self.machine.get(object, name)?;
        self.machine.truth(value)
    }

    pub(super) fn tag_text(&mut self, tag: Value) -> Option<String> {
        if let Some(text) = self.machine.text(tag) {
            return Some(text.to_owned());
        }
        if self.machine.enum_member(tag).is_some() {
            return self.text_of(tag, "value");
        }
        None
    }

    pub(super) fn status_code(&mut self, route: Value, title: &str) -> Option<u16> {
        let mut value = self.machine.get(route, "status_code")?;
        if self.machine.enum_member(value).is_some() {
            value = self.machine.get(value, "value")?;
        }
        match value {
            Value::Int(int) => u16::try_from(int).ok(),
            Value::None => None,
            _ => {
                let location = self.registration_site(route);
                self.unknown(format!("the status code of {title}"), "its value is not known", "", location);
                None
            }
        }
    }

    /// What a route answers with: `response_model=`, else the return annotation where that is not a response.
    pub(super) fn response_value(&mut self, route: Value, endpoint: Value) -> Option<Value> {
        // A websocket has none.
        let given = self.machine.get(route, "response_model")?;
        if matches!(given, Value::Unknown(_)) && !self.is_a(route, "APIRoute") {
            return None;
        }
        if !self.is_a(given, "DefaultPlaceholder") {
            return Some(given);
        }
        // Before 0.89 annotations of what is returned say nothing to FastAPI.
        let returns = self.machine.signature(endpoint)?.returns.filter(|_| self.fastapi_minor >= 89)?;
        if self.derives(returns, "Response") || self.unread_annotation(returns).is_some() {
            return None;
        }
        // From 0.134 on a generator streams the items of its return annotation.
        let streams =
            self.machine.function(endpoint).is_some_and(|(_, function)| architect_python::is_generator(function.node));
        if self.fastapi_minor >= 134
            && streams
            && let Some(Object::Generic { origin, .. }) = self.machine.obj(returns)
        {
            let kinds = ["AsyncIterable", "AsyncIterator", "AsyncGenerator", "Iterable", "Iterator", "Generator"];
            let path = self.machine.external_path(*origin);
            if path.is_some_and(|path| kinds.iter().any(|name| path.ends_with(&format!(".{name}")))) {
                return None;
            }
        }
        Some(returns)
    }

    /// What a return annotation comes from that is not read, so that it may be a response or the model of one. What is
    /// called a response is one.
    fn unread_annotation(&self, returns: Value) -> Option<String> {
        let is_class = matches!(self.machine.obj(returns)?, Object::External(_) | Object::Class(_));
        let path = match self.machine.external_path(returns) {
            // Its name is all that is known of a class of a library without a model, too.
            Some(path) if path.ends_with("Response") => Some(path.to_owned()),
            _ => self.unread_type(returns),
        };
        path.filter(|path| is_class && (path.ends_with("Response") || self.machine.class(returns).is_none()))
    }

    fn response_model(&mut self, route: Value, endpoint: Value, title: &str) -> Option<String> {
        let Some(model) = self.response_value(route, endpoint) else {
            let returns = self.machine.signature(endpoint)?.returns.filter(|_| self.fastapi_minor >= 89)?;
            let is_asked =
                self.machine.get(route, "response_model").is_some_and(|it| self.is_a(it, "DefaultPlaceholder"));
            if let Some(path) = self.unread_annotation(returns).filter(|path| is_asked && !path.ends_with("Response")) {
                let why = format!("{path} is not read");
                let (resolve, location) = (self.resolution(&why), self.definition(endpoint));
                self.unknown(format!("the response model of {title}"), why, resolve, location);
            }
            return None;
        };
        match model {
            Value::None => None,
            Value::Unknown(id) => {
                let (why, site) = self.machine.reason(id);
                let (why, location) = (why.to_owned(), site.map(|site| self.location(site)));
                let resolve = self.resolution(&why);
                self.unknown(format!("the response model of {title}"), why, resolve, location);
                None
            }
            _ => Some(self.type_name(model)),
        }
    }

    /// An entry of `dependencies=`.
    fn marker(&mut self, marker: Value, names: &[String], location: Option<Location>) -> Option<Dependency> {
        if !self.is_a(marker, "Depends") {
            return None;
        }
        let call = self.machine.get(marker, "dependency")?;
        let declared = self.registration_site(marker).or(location);
        self.dependency(marker, call, names, &[], declared, None)
    }

    fn named_attribute(&mut self, object: Value, name: &str) -> Option<Named> {
        let value = self.machine.get(object, name)?;
        if matches!(value, Value::None | Value::Unknown(_)) {
            return None;
        }
        let name = self.machine.qualified_name(value)?;
        Some(Named { name, location: self.definition(value) })
    }

    /// Where middleware is added that may not be.
    fn uncertain_middleware(&mut self, app: Value) -> Vec<Location> {
        let entries = self.list_of(app, "user_middleware");
        let uncertain = entries.into_iter().filter(|entry| self.condition_of(*entry).is_some());
        uncertain.filter_map(|entry| self.registration_site(entry)).collect()
    }

    fn middleware(&mut self, app: Value) -> Vec<Named> {
        let mut out = Vec::new();
        for entry in self.list_of(app, "user_middleware") {
            let place = self.registration_site(entry);
            self.middleware_functions(entry, place.as_ref());
            if let Some(mut named) = self.named_attribute(entry, "cls") {
                named.location = place;
                out.push(named);
            }
        }
        out
    }

    /// Remembers what of a middleware is walked for requests: its class, or the function of `@app.middleware("http")`.
    fn middleware_functions(&mut self, entry: Value, place: Option<&Location>) {
        let Some(class) = self.machine.get(entry, "cls") else { return };
        let given = self.machine.get(entry, "kwargs").and_then(|options| self.machine.get_item(options, "dispatch"));
        for value in [Some(class), given].into_iter().flatten() {
            if let Some(location) = place.cloned().or_else(|| self.definition(value))
                && !self.middleware_roots.iter().any(|(known, _)| *known == value)
            {
                self.middleware_roots.push((value, location));
            }
        }
    }

    /// What `CORSMiddleware` is told; nothing that exists under an unknown condition only.
    fn cors(&mut self, app: Value) -> Vec<Cors> {
        let mut out = Vec::new();
        for entry in self.list_of(app, "user_middleware") {
            let named = self.named_attribute(entry, "cls").is_some_and(|named| named.name.ends_with(":CORSMiddleware"));
            let (Some(location), Some(options)) = (self.registration_site(entry), self.machine.get(entry, "kwargs"))
            else {
                continue;
            };
            if !named || self.condition_of(entry).is_some() {
                continue;
            }
            let origins = self.machine.get_item(options, "allow_origins");
            let origins = match origins.map(|value| self.machine.items(value)) {
                Some(Ok(Some((items, _)))) => items,
                _ => Vec::new(),
            };
            let text = |machine: &Self, value: Value| machine.machine.text(value).map(str::to_owned);
            out.push(Cors {
                origins: origins.into_iter().filter_map(|value| text(self, value)).collect(),
                origin_regex: self.machine.get_item(options, "allow_origin_regex").and_then(|value| text(self, value)),
                credentials: self.machine.get_item(options, "allow_credentials") == Some(Value::Bool(true)),
                location,
            });
        }
        out
    }

    /// What the program itself replaces; tests do the same, and are not read for it.
    fn dependency_overrides(&mut self, app: Value) -> Vec<(Named, Named)> {
        let entries: Vec<(Value, Value)> = match self.machine.get(app, "dependency_overrides") {
            Some(overrides) => match self.machine.obj(overrides) {
                Some(Object::Dict(data)) => data.items.values().copied().collect(),
                _ => Vec::new(),
            },
            None => Vec::new(),
        };
        let named = |machine: &Self, value: Value| {
            machine.machine.qualified_name(value).map(|name| Named { name, location: machine.definition(value) })
        };
        entries.into_iter().filter_map(|(what, by)| Some((named(self, what)?, named(self, by)?))).collect()
    }

    fn exception_handlers(&mut self, app: Value) -> Vec<Named> {
        let Some(handlers) = self.machine.get(app, "exception_handlers") else { return Vec::new() };
        let entries: Vec<(Value, Value)> = match self.machine.obj(handlers) {
            Some(Object::Dict(data)) => data.items.values().copied().collect(),
            _ => Vec::new(),
        };
        entries
            .into_iter()
            .filter_map(|(key, handler)| {
                let name = match key {
                    Value::Int(code) => code.to_string(),
                    _ => self.machine.qualified_name(key)?,
                };
                Some(Named { name, location: self.definition(handler) })
            })
            .collect()
    }

    fn event_handlers(&mut self, router: Value) -> Vec<EventHandler> {
        let mut out = Vec::new();
        for entry in self.list_of(router, "event_sites") {
            let Some(event) = self.text_of(entry, "event") else { continue };
            let Some(function) = self.named_attribute(entry, "function") else { continue };
            let Some(location) = self.registration_site(entry) else { continue };
            out.push(EventHandler { event, function, location });
        }
        out
    }
}

/// Names of the parameters in a path, convertors left out.
pub(super) fn path_names(path: &str) -> Vec<String> {
    path.split('{')
        .skip(1)
        .filter_map(|part| part.split('}').next())
        .map(|part| part.split(':').next().unwrap_or(part).to_owned())
        .collect()
}

/// A path without convertors, `path_format` of a route: `/files/{path:path}` is `/files/{path}`.
pub(super) fn path_format(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    let mut rest = path;
    while let Some(open) = rest.find('{') {
        let (before, inside) = rest.split_at(open);
        out.push_str(before);
        let close = inside.find('}').unwrap_or(inside.len());
        out.push_str(inside[..close].split(':').next().unwrap_or_default());
        rest = &inside[close..];
    }
    out.push_str(rest);
    out
}

/// FastAPI's `generate_unique_id`.
pub(super) fn usual_id(row: &Route) -> Option<String> {
    let name = row.name.as_deref()?;
    let method = row.methods.first()?.to_lowercase();
    let id: String = format!("{name}{}", path_format(&row.path))
        .chars()
        .map(|c| if c.is_alphanumeric() || c == '_' { c } else { '_' })
        .collect();
    Some(format!("{id}_{method}"))
}
