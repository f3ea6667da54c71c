//! Who may call an endpoint: what asks for credentials, and what refuses a caller without them.
//!
//! Security schemes of FastAPI decide by themselves. Everything else is decided by two facts of a function, its helpers
//! included: it *reads credentials* (a header, a cookie, a session, what a middleware put on the request), and it
//! *refuses* (raises or returns 401 or 403). A dependency that does both is a guard, unless it refuses only those that
//! bring something: `if token is None: return None` lets all others pass.
//!
//! Source: fastapi/security/*.py; <https://fastapi.tiangolo.com/tutorial/security/>,
//! <https://www.starlette.io/authentication/>.

use architect_python::{
    Body, Call, CallArgs, DictKey, Evaluator, ModuleKind, Object, ObjectId, Sig, Site, Strings, Sym, Value, body,
    strings,
};
use rustc_hash::FxHashMap;

use super::Recogniser;
use crate::service::{Auth, AuthClass, Dependency, Guard, Named, Parameters};

/// Helpers of helpers are followed so far.
const MAX_CALLS: u32 = 5;

/// A middleware that refuses callers, and the paths it lets through.
#[derive(Clone, Debug)]
pub(crate) struct MiddlewareGuard {
    by: Named,
    /// Paths and prefixes that its code names, which it lets through.
    open: Vec<String>,
    /// Those that it asks for before it refuses anybody; all where there are none.
    closed: Vec<String>,
}

impl MiddlewareGuard {
    fn guards(&self, path: &str) -> bool {
        let is_below = |named: &String| path == named || named.len() > 1 && path.starts_with(named.as_str());
        let is_closed = self.closed.is_empty() || self.closed.iter().any(|named| is_below(named) || named == "/");
        is_closed && !self.open.iter().any(is_below)
    }
}

impl Recogniser<'_> {
    /// How the caller of an endpoint is checked: by dependencies, decorators, middleware or its own body.
    pub(super) fn auth(
        &mut self,
        dependencies: &[Dependency],
        parameters: &Parameters,
        endpoint: Value,
        path: &str,
    ) -> Auth {
        let mut auth = Auth::default();
        let mut class = AuthClass::None;
        for dependency in dependencies {
            // What only exists under an unknown condition lets callers pass where that is false.
            let asked = match self.auth_of(dependency, &mut auth) {
                AuthClass::Required if dependency.conditional.is_some() => AuthClass::Optional,
                asked => asked,
            };
            class = stronger(class, asked);
        }
        if class != AuthClass::Required {
            class = stronger(class, self.auth_of_decorators(endpoint, &mut auth));
        }
        if class != AuthClass::Required
            && let Some(guard) = self.middleware_guards.iter().find(|guard| guard.guards(path))
        {
            class = AuthClass::Required;
            auth.by.push(guard.by.clone());
        }
        let inner = self.machine.wrapped_chain(endpoint).last().copied().unwrap_or(endpoint);
        let guard = self.guard(inner, 0);
        if let Some(place) = guard.refuses {
            let name = self.machine.qualified_name(endpoint).unwrap_or_default();
            let named = Named { name, location: Some(place) };
            let reads = guard.reads.is_some() || class == AuthClass::Optional || asks_credentials(parameters);
            if class != AuthClass::Required && reads {
                class = AuthClass::Manual;
                auth.by.push(named.clone());
            }
            auth.checks.push(named);
        }
        auth.class = class;
        auth
    }

    /// Decorators around an endpoint: wrappers that check the caller, and what `requires(…)` of Starlette asks for.
    fn auth_of_decorators(&mut self, endpoint: Value, auth: &mut Auth) -> AuthClass {
        if let Some(scopes) = self.machine.get(endpoint, "__architect_requires__")
            && (self.machine.text(scopes).is_some() || matches!(self.machine.items(scopes), Ok(Some(_))))
        {
            let scopes = match self.machine.text(scopes) {
                Some(text) => vec![text.to_owned()],
                None => self.texts(scopes),
            };
            auth.scopes.extend(scopes);
            let location = self.definition(endpoint);
            auth.by.push(Named { name: "starlette.authentication:requires".into(), location });
            return AuthClass::Required;
        }
        let chain = self.machine.wrapped_chain(endpoint);
        for wrapper in chain.iter().take(chain.len().saturating_sub(1)) {
            let guard = self.guard_of_function(*wrapper, None, 0);
            if let (Some(place), Some(_)) = (guard.demands, guard.reads) {
                let name = match self.machine.function(*wrapper) {
                    Some((_, function)) => {
                        let module = &self.machine.program.module(function.module).name;
                        format!("{module}:{}", self.machine.names.text(function.qualname))
                    }
                    None => String::new(),
                };
                auth.by.push(Named { name, location: Some(place) });
                return AuthClass::Required;
            }
        }
        AuthClass::None
    }

    fn texts(&mut self, list: Value) -> Vec<String> {
        let items = self.machine.items(list).ok().flatten().map(|(items, _)| items).unwrap_or_default();
        items.into_iter().filter_map(|item| self.machine.text(item).map(str::to_owned)).collect()
    }

    fn auth_of(&mut self, dependency: &Dependency, auth: &mut Auth) -> AuthClass {
        for scope in &dependency.scopes {
            if !auth.scopes.contains(scope) {
                auth.scopes.push(scope.clone());
            }
        }
        let mut class = AuthClass::None;
        for inner in &dependency.dependencies {
            class = stronger(class, self.auth_of(inner, auth));
        }
        let named = Named { name: dependency.call.clone(), location: dependency.location.clone() };
        if dependency.security_scheme {
            class = stronger(class, if dependency.optional_scheme { AuthClass::Optional } else { AuthClass::Required });
        } else if crate::context::names(&self.service.knowledge.auth_dependencies, &dependency.call) {
            class = AuthClass::Required;
        } else if class != AuthClass::Required {
            class = class_of(dependency, class);
            if class == AuthClass::None && is_unread(dependency) && names_caller(&dependency.call) {
                class = AuthClass::Manual;
            }
        }
        if (dependency.guard.refuses.is_some() || dependency.security_scheme && !dependency.optional_scheme)
            && !auth.checks.contains(&named)
        {
            auth.checks.push(named.clone());
        }
        if class != AuthClass::None && !auth.by.contains(&named) {
            auth.by.push(named);
        }
        class
    }

    /// Whether a security scheme lets callers without credentials pass. The project's own `__call__` decides, unless it
    /// leaves the decision to the scheme.
    pub(super) fn is_optional_scheme(&mut self, scheme: Value, guard: &Guard) -> bool {
        let lenient = self.machine.get(scheme, "auto_error") == Some(Value::Bool(false));
        match self.own_call(scheme) {
            Some(own) => guard.demands.is_none() && (lenient || !self.asks_scheme(own)),
            None => lenient,
        }
    }

    /// `__call__` of an instance whose class the project wrote.
    fn own_call(&mut self, callable: Value) -> Option<Value> {
        if !matches!(self.machine.obj(callable), Some(Object::Instance { .. })) {
            return None;
        }
        let call = self.machine.get(callable, "__call__")?;
        let (_, function) = self.machine.function(call)?;
        (!self.machine.is_model(function.module)).then_some(call)
    }

    fn asks_scheme(&mut self, function: Value) -> bool {
        body(&mut self.machine, function, None, &[])
            .is_some_and(|body| body.calls.iter().any(|call| call.name == "super" || call.name == "__call__"))
    }

    /// What a callable does about its caller.
    pub(super) fn guard(&mut self, callable: Value, depth: u32) -> Guard {
        let (functions, receiver) = match (self.machine.obj(callable), callable) {
            (Some(Object::Instance { .. }), Value::Obj(id)) => {
                (self.machine.get(callable, "__call__").into_iter().collect(), Some(id))
            }
            // Making an instance runs `__init__`, which may check as well.
            (Some(Object::Class(_)), Value::Obj(id)) => {
                (self.machine.get(callable, "__init__").into_iter().collect(), Some(id))
            }
            (Some(Object::Bound { receiver: Value::Obj(id), .. }), _) => {
                let id = *id;
                (self.machine.wrapped_chain(callable), Some(id))
            }
            _ => (self.machine.wrapped_chain(callable), None),
        };
        let mut out = Guard::default();
        for function in functions {
            let own = self.guard_of_function(function, receiver, depth);
            out.reads = out.reads.or(own.reads);
            out.refuses = out.refuses.or(own.refuses);
            out.demands = out.demands.or(own.demands);
            out.closes = out.closes.or(own.closes);
        }
        out
    }

    fn is_of_library(&self, callable: Value) -> bool {
        let module = match self.machine.class(callable) {
            Some(class) => class.site.map(|site| site.module),
            None => self.machine.function(callable).map(|(_, function)| function.module),
        };
        module.is_some_and(|module| self.machine.program.module(module).kind == ModuleKind::ThirdParty)
    }

    fn guard_of_function(&mut self, function: Value, receiver: Option<ObjectId>, depth: u32) -> Guard {
        let Some((id, object)) = self.machine.function(function) else { return Guard::default() };
        if self.machine.is_model(object.module) || depth > MAX_CALLS {
            return Guard::default();
        }
        let key = (id, receiver);
        if let Some(known) = self.guards.get(&key) {
            return known.clone();
        }
        // A cycle of helpers ends here; the answer is replaced below.
        self.guards.insert(key, Guard::default());
        let sig = self.machine.signature(Value::Obj(id)).unwrap_or_default();
        let given = self.given(&sig);
        let guard = match body(&mut self.machine, Value::Obj(id), receiver, &given) {
            Some(body) => self.guard_of_body(&sig, &body, depth),
            None => Guard::default(),
        };
        self.guards.insert(key, guard.clone());
        guard
    }

    /// What is known of parameters: the object that is their default, or the class of the project that they are an
    /// instance of, as their annotation or what they depend on says.
    fn given(&mut self, sig: &Sig) -> Vec<(Sym, Value)> {
        let mut out = Vec::new();
        for param in &sig.params {
            let mut class = param.annotation.and_then(|annotation| self.own_class(annotation));
            let mut markers: Vec<Value> = param.default.into_iter().collect();
            if let Some(Object::Generic { args, .. }) = param.annotation.and_then(|value| self.machine.obj(value)) {
                markers.extend(args.iter().skip(1).copied());
            }
            for marker in markers {
                if class.is_some() {
                    break;
                }
                if self.is_a(marker, "Depends") {
                    let made = self.machine.get(marker, "dependency").filter(|made| *made != Value::None);
                    class = made.and_then(|made| match self.machine.function(made) {
                        Some(_) => self.machine.signature(made)?.returns.and_then(|returns| self.own_class(returns)),
                        None => self.own_class(made),
                    });
                } else if let Some(Object::Instance { class: of, .. }) = self.machine.obj(marker)
                    && Some(marker) == param.default
                    && self.own_class(Value::Obj(*of)).is_some()
                {
                    class = Some(marker);
                }
            }
            out.extend(class.map(|class| (param.name, class)));
        }
        out
    }

    /// The class that an annotation names, or one of which it says that it may be missing; none of libraries' models.
    fn own_class(&self, annotation: Value) -> Option<Value> {
        match self.machine.obj(annotation)? {
            Object::Class(class) => class.site.filter(|site| !self.machine.is_model(site.module)).map(|_| annotation),
            Object::Union(args) => args.iter().find_map(|arg| self.own_class(*arg)),
            Object::Generic { origin, args } => match self.machine.external_path(*origin)? {
                "typing.Annotated" | "typing.Union" | "typing.Optional" => {
                    args.iter().find_map(|arg| self.own_class(*arg))
                }
                _ => None,
            },
            _ => None,
        }
    }

    fn guard_of_body(&mut self, sig: &Sig, body: &Body, depth: u32) -> Guard {
        let mut guard = Guard::default();
        let connections = self.connections(sig, body);
        let is_socket = self.takes_socket(sig, &connections);
        // What may be a credential is one where the caller is refused.
        let mut perhaps = None;
        for read in &body.reads {
            if !connections.contains(&read.parameter) {
                continue;
            }
            if reads_credentials(&read.path, read.key.as_deref()) {
                guard.reads.get_or_insert(self.location(read.site));
            } else if asks_for_credentials(&read.path, read.key.as_deref()) {
                perhaps.get_or_insert(self.location(read.site));
            }
        }
        for raised in &body.raises {
            if !is_caught(raised, is_socket) && self.refuses(raised) {
                self.refusal(raised, &mut guard);
            }
        }
        for returned in &body.returns {
            if self.is_refusing_response(returned) {
                self.refusal(returned, &mut guard);
            }
        }
        for call in &body.calls {
            if guard.reads.is_some() && guard.demands.is_some() {
                break;
            }
            let place = self.location(call.site);
            let gets_connection = call.passes.iter().any(|parameter| connections.contains(parameter));
            if gets_connection && names_authentication(&call.name) {
                guard.reads.get_or_insert_with(|| place.clone());
            }
            if call.name == "close"
                && gets_connection
                && self.argument_is(call, "code", &[1008, 4001, 4003, 4401, 4403])
            {
                self.refusal(call, &mut guard);
            }
            let Some(callee) = call.callee else { continue };
            // Code of libraries knows nothing of this request unless it is handed something of it.
            if !gets_connection && self.is_of_library(callee) {
                continue;
            }
            let inner = self.guard(callee, depth + 1);
            if inner.refuses.is_some() && !is_caught(call, is_socket) {
                let mut own = Guard::default();
                self.refusal(call, &mut own);
                guard.refuses = guard.refuses.or(own.refuses);
                guard.demands = guard.demands.or(own.demands.filter(|_| inner.demands.is_some()));
                guard.closes = guard.closes.or(own.closes.filter(|_| inner.closes.is_some()));
            }
            if inner.reads.is_some() && gets_connection {
                guard.reads.get_or_insert(place);
            }
        }
        if guard.refuses.is_some() {
            guard.reads = guard.reads.or(perhaps);
        }
        guard
    }

    /// Notes a place where callers are refused, and which of them are.
    fn refusal(&self, call: &Call, guard: &mut Guard) {
        let place = self.location(call.site);
        if !call.present.iter().any(|group| group.iter().all(|text| names_identity(text))) {
            guard.demands.get_or_insert_with(|| place.clone());
        }
        if call.always && call.caught.is_empty() {
            guard.closes.get_or_insert_with(|| place.clone());
        }
        guard.refuses.get_or_insert(place);
    }

    /// Parameters that are the request, or hold what identifies its caller.
    fn connections(&mut self, sig: &Sig, body: &Body) -> Vec<String> {
        let mut out = Vec::new();
        for name in &body.parameters {
            let sym = self.machine.names.lookup(name);
            let param = sig.params.iter().find(|param| Some(param.name) == sym);
            let typed = param.and_then(|param| param.annotation).is_some_and(|annotation| {
                self.derives(annotation, "HTTPConnection") || self.annotated_as_connection(annotation)
            });
            let bare = param.is_none_or(|param| param.annotation.is_none());
            let called =
                bare && matches!(name.as_str(), "request" | "req" | "websocket" | "ws" | "conn" | "connection");
            if typed || called {
                out.push(name.clone());
            }
        }
        out
    }

    /// Whether one of these is a websocket, which has no answer: who is refused is told so, or not heard any more.
    fn takes_socket(&self, sig: &Sig, connections: &[String]) -> bool {
        connections.iter().any(|name| {
            let sym = self.machine.names.lookup(name);
            let param = sig.params.iter().find(|param| Some(param.name) == sym);
            match param.and_then(|param| param.annotation) {
                Some(annotation) => self.derives(annotation, "WebSocket"),
                None => matches!(name.as_str(), "websocket" | "ws"),
            }
        })
    }

    fn annotated_as_connection(&self, annotation: Value) -> bool {
        match self.machine.obj(annotation) {
            Some(Object::Generic { args, .. } | Object::Union(args)) => {
                args.iter().any(|arg| self.derives(*arg, "HTTPConnection"))
            }
            _ => false,
        }
    }

    // ------------------------------------------------------------- refusals

    /// Whether an exception ends the request with 401 or 403.
    fn refuses(&mut self, raised: &Call) -> bool {
        if self.argument_is(raised, "status_code", &[401, 403]) || self.argument_is(raised, "code", &[1008]) {
            return true;
        }
        let Some(value) = raised.callee else { return names_refusal(&raised.name) };
        if let Some(status) = self.status_of(value) {
            // What an instance or a class says wins over its name.
            return matches!(status, 401 | 403);
        }
        let name = match self.machine.class(value) {
            Some(class) => self.machine.names.text(class.name).to_owned(),
            None => raised.name.clone(),
        };
        names_refusal(&name)
    }

    /// The status an exception has: of the instance, or what its class says whatever it is called with.
    fn status_of(&mut self, exception: Value) -> Option<i64> {
        let class = match self.machine.obj(exception)? {
            Object::Instance { attrs, class, .. } => {
                let key = self.machine.names.lookup("status_code")?;
                if let Some(value) = attrs.get(&key).copied() {
                    return self.integer(value);
                }
                Value::Obj(*class)
            }
            Object::Class(_) => exception,
            _ => return None,
        };
        for name in ["status_code", "http_status_code", "STATUS_CODE", "code", "status"] {
            if let Some(status) = self.machine.get(class, name).and_then(|value| self.integer(value)) {
                return Some(status);
            }
        }
        let init = self.machine.get(class, "__init__")?;
        let (_, function) = self.machine.function(init)?;
        if self.machine.is_model(function.module) {
            return None;
        }
        if let Some((_, value)) = function.defaults.iter().find(|(name, _)| {
            self.machine.names.text(*name).ends_with("status_code") || self.machine.names.text(*name) == "status"
        }) && let Some(status) = self.integer(*value)
        {
            return Some(status);
        }
        let body = body(&mut self.machine, init, None, &[])?;
        let handed = body.calls.iter().filter(|call| call.name == "__init__").find_map(|call| {
            let given = call.arguments.iter().find(|(name, ..)| name.as_deref() == Some("status_code"));
            given.or_else(|| call.arguments.iter().find(|(name, ..)| name.is_none())).and_then(|(_, value, _)| *value)
        })?;
        self.integer(handed)
    }

    fn integer(&mut self, value: Value) -> Option<i64> {
        match value {
            Value::Int(int) => Some(int),
            Value::Obj(_) if self.machine.enum_member(value).is_some() => match self.machine.get(value, "value")? {
                Value::Int(int) => Some(int),
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether an argument of that name, or the first one, is one of these numbers; constants go by their names.
    fn argument_is(&mut self, call: &Call, name: &str, wanted: &[i64]) -> bool {
        let named = call.arguments.iter().find(|(key, ..)| key.as_deref() == Some(name));
        let first = call.arguments.first().filter(|(key, ..)| key.is_none());
        let Some((_, value, text)) = named.or(first) else { return false };
        match value.and_then(|value| self.integer(value)) {
            Some(status) => wanted.contains(&status),
            None => {
                wanted.iter().any(|status| {
                    text.contains(&format!("_{status}_")) || (text.len() < 60 && text.ends_with(&format!("_{status}")))
                }) || wanted.contains(&401) && (text.ends_with(".UNAUTHORIZED") || text.ends_with(".FORBIDDEN"))
            }
        }
    }

    /// `return JSONResponse(…, status_code=401)` and the like.
    fn is_refusing_response(&mut self, returned: &Call) -> bool {
        returned.name.ends_with("Response")
            && returned.arguments.iter().any(|(name, ..)| name.as_deref() == Some("status_code"))
            && self.argument_is(returned, "status_code", &[401, 403])
    }

    // ----------------------------------------------------------- middleware

    /// Middleware of an application that refuses callers without credentials.
    pub(super) fn read_middleware_guards(&mut self, app: Value) -> Vec<MiddlewareGuard> {
        let mut out = Vec::new();
        for entry in self.list_of(app, "user_middleware") {
            // What only exists under an unknown condition guards nothing for sure.
            if self.condition_of(entry).is_some() {
                continue;
            }
            let Some(class) = self.machine.get(entry, "cls") else { continue };
            let mut functions = Vec::new();
            match self.machine.obj(class) {
                Some(Object::Class(_)) => {
                    let made = self.made_middleware(entry, class).unwrap_or(class);
                    functions.extend(["dispatch", "__call__"].iter().filter_map(|name| self.machine.get(made, name)));
                    if let Some(options) = self.machine.get(entry, "kwargs") {
                        functions.extend(self.machine.get_item(options, "dispatch"));
                    }
                }
                Some(Object::Function(_)) => functions.push(class),
                _ => {}
            }
            for function in functions {
                let guard = self.guard(function, 0);
                let (Some(place), Some(_)) = (guard.demands, guard.reads) else { continue };
                let name = self.machine.qualified_name(class).unwrap_or_default();
                let Strings { needed, others } = self.paths_in(function);
                let by = Named { name, location: Some(place) };
                out.push(MiddlewareGuard { by, open: others, closed: needed });
                break;
            }
        }
        out
    }

    /// The object that the application makes of a middleware of the project when it starts.
    fn made_middleware(&mut self, entry: Value, class: Value) -> Option<Value> {
        let site = self.machine.class(class)?.site?;
        if self.machine.program.module(site.module).kind != ModuleKind::Project {
            return None;
        }
        let mut args =
            CallArgs { pos: vec![self.machine.unknown("what a middleware stands before")], ..CallArgs::default() };
        args.pos.extend(self.list_of(entry, "args"));
        if let Some(Object::Dict(data)) = self.machine.get(entry, "kwargs").and_then(|kwargs| self.machine.obj(kwargs))
        {
            args.open = data.open;
            args.kw = data
                .items
                .iter()
                .filter_map(|(key, (_, value))| if let DictKey::Str(name) = key { Some((*name, *value)) } else { None })
                .collect();
        }
        let made = self.machine.build(class, args).ok()?;
        matches!(self.machine.obj(made), Some(Object::Instance { .. })).then_some(made)
    }

    /// Strings with a leading slash that a function holds, or a list it names, or what it asks for a yes or no; apart
    /// those without which it refuses nobody.
    fn paths_in(&mut self, function: Value) -> Strings {
        let receiver = receiver_of(&self.machine, function);
        let Some(body) = body(&mut self.machine, function, receiver, &[]) else { return Strings::default() };
        let mut places = Vec::new();
        for raised in &body.raises {
            if self.refuses(raised) {
                places.push(raised.site);
            }
        }
        for returned in &body.returns {
            if self.is_refusing_response(returned) {
                places.push(returned.site);
            }
        }
        let mut answers: FxHashMap<Site, Vec<String>> = FxHashMap::default();
        for call in &body.calls {
            let Some(callee) = call.callee else { continue };
            let Some((_, object)) = self.machine.function(callee) else { continue };
            if self.machine.is_model(object.module) || self.is_of_library(callee) {
                continue;
            }
            let guard = self.guard(callee, 0);
            if guard.refuses.is_some() {
                places.push(call.site);
            } else if guard.reads.is_none()
                && let Some(returns) = self.machine.signature(callee).and_then(|sig| sig.returns)
                && self.machine.type_text(returns) == "bool"
            {
                let of = receiver_of(&self.machine, callee);
                let found = strings(&mut self.machine, callee, of, &[], &FxHashMap::default());
                answers.insert(call.site, found.others);
            }
        }
        let mut out = strings(&mut self.machine, function, receiver, &places, &answers);
        for list in [&mut out.needed, &mut out.others] {
            list.retain(|text| text.starts_with('/') && !text.contains(char::is_whitespace));
        }
        out
    }
}

/// What a method is bound to.
fn receiver_of(machine: &Evaluator<'_>, method: Value) -> Option<ObjectId> {
    match machine.obj(method)? {
        Object::Bound { receiver: Value::Obj(id), .. } => Some(*id),
        _ => None,
    }
}

/// The class of a dependency that is no security scheme, with the class of what it depends on.
fn class_of(dependency: &Dependency, inner: AuthClass) -> AuthClass {
    let guard = &dependency.guard;
    let asks = asks_credentials(&dependency.parameters);
    let reads = guard.reads.is_some() || asks || inner == AuthClass::Optional;
    if guard.closes.is_some() || reads && guard.demands.is_some() {
        return AuthClass::Required;
    }
    // What is only looked at lets everyone pass; a parameter alone may serve anything else.
    if guard.reads.is_some() || inner == AuthClass::Optional || asks && guard.refuses.is_some() {
        return AuthClass::Optional;
    }
    inner
}

/// Whether the code of a dependency was not read: it is of a library that is not there.
fn is_unread(dependency: &Dependency) -> bool {
    let Parameters { path, query, header, cookie, body } = &dependency.parameters;
    dependency.location.is_none()
        && dependency.dependencies.is_empty()
        && [path, query, header, cookie, body].iter().all(|place| place.is_empty())
}

/// Whether something is called after what it gives: who calls.
fn names_caller(name: &str) -> bool {
    let name = name.to_lowercase();
    [
        "current_user",
        "currentuser",
        "authenticat",
        "authoriz",
        "get_user",
        "require_user",
        "verify_token",
        "login_required",
    ]
    .iter()
    .any(|part| name.contains(part))
}

/// Whether a header, cookie or query parameter is declared that identifies a caller.
fn asks_credentials(parameters: &Parameters) -> bool {
    let mut declared = parameters.header.iter().chain(&parameters.cookie).chain(&parameters.query);
    declared.any(|parameter| is_credential(&parameter.alias))
}

/// Whether a refusal at this call does not reach the caller of the function. Of a websocket it does where nothing goes
/// on after it.
fn is_caught(call: &Call, is_socket: bool) -> bool {
    let is_caught = call.caught.iter().any(|name| {
        matches!(name.as_str(), "" | "Exception" | "BaseException")
            || name.ends_with("HTTPException")
            || names_refusal(name)
    });
    is_caught && !(is_socket && call.stops)
}

/// Whether what the code names, a variable with what it is bound to or an expression, is the caller or what identifies
/// it, rather than what is said about one of them.
fn names_identity(text: &str) -> bool {
    const SAID: &[&str] =
        &["anonym", "disabled", "enabled", "error", "expired", "fail", "invalid", "missing", "optional", "required"];
    let (name, bound) = text.split_once(" = ").unwrap_or((text, ""));
    let words = |text| <str>::split(text, |c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty());
    let is_identity = |word: &str| {
        (is_credential(word) || is_principal(word)) && !SAID.iter().any(|said| word.to_lowercase().contains(said))
    };
    // What a session of a database gives is not the caller.
    words(name).next_back().is_some_and(is_identity) || words(bound).any(|word| is_identity(word) && word != "session")
}

fn stronger(left: AuthClass, right: AuthClass) -> AuthClass {
    match (left, right) {
        (AuthClass::Required, _) | (_, AuthClass::Required) => AuthClass::Required,
        (AuthClass::Optional, _) | (_, AuthClass::Optional) => AuthClass::Optional,
        (AuthClass::Manual, _) | (_, AuthClass::Manual) => AuthClass::Manual,
        _ => left,
    }
}

/// Whether a header, cookie or parameter of that name identifies a caller.
fn is_credential(name: &str) -> bool {
    let name = name.to_lowercase().replace('_', "-");
    if name.contains("csrf") || name.contains("xsrf") || name.contains("page-token") || name.contains("next-token") {
        return false;
    }
    ["authorization", "token", "api-key", "apikey", "x-key", "secret", "signature", "session", "jwt", "credential"]
        .iter()
        .any(|word| name.contains(word))
        || ["auth", "x-auth", "remote-user", "x-user", "x-forwarded-user", "key"].contains(&name.as_str())
        || name.contains("-auth-")
        || name.starts_with("auth-")
        || name.ends_with("-auth")
}

/// Whether what is read of a request identifies its caller.
fn reads_credentials(path: &[String], key: Option<&str>) -> bool {
    let Some(first) = path.first() else { return false };
    match first.as_str() {
        "headers" | "cookies" => key.is_some_and(|key| is_credential(key) || names_authentication(key)),
        "session" | "user" | "auth" => true,
        "state" => path.get(1).is_some_and(|name| is_principal(name)),
        "scope" => key.is_some_and(|key| matches!(key, "user" | "auth" | "session")),
        _ => false,
    }
}

/// Whether something is asked for that identifies a caller, in a place where other things stand as well: in the query,
/// or in what is sent through a websocket.
fn asks_for_credentials(path: &[String], key: Option<&str>) -> bool {
    let place = path.first().map(String::as_str);
    matches!(place, Some("query_params" | "receive_json" | "receive_text" | "receive_bytes" | "receive"))
        && key.is_some_and(is_credential)
}

/// Names under which a middleware leaves the caller on the request.
fn is_principal(name: &str) -> bool {
    let name = name.to_lowercase();
    ["user", "auth", "token", "identity", "principal", "claims", "session", "account", "subject"]
        .iter()
        .any(|word| name.contains(word))
        && !name.contains("agent")
}

/// Whether a function of this name finds out who calls.
fn names_authentication(name: &str) -> bool {
    let name = name.to_lowercase();
    [
        "current_user",
        "authenticate",
        "authorization",
        "verify_token",
        "verify_jwt",
        "decode_token",
        "user_from_",
        "api_key",
    ]
    .iter()
    .any(|word| name.contains(word))
}

/// Whether an exception of this name turns a caller away.
fn names_refusal(name: &str) -> bool {
    [
        "Unauthorized",
        "Unauthorised",
        "Unauthenticated",
        "NotAuthenticated",
        "NotAuthorized",
        "Forbidden",
        "AuthenticationError",
        "AuthenticationException",
        "AuthenticationFailed",
        "AuthorizationError",
        "AuthError",
        "PermissionDenied",
        "InvalidCredential",
        "CredentialsNotValid",
        "InvalidToken",
        "AccessDenied",
    ]
    .iter()
    .any(|word| name.contains(word))
}
