//! Who may call an endpoint: what asks for credentials, and what refuses a caller without them.
//!
//! Security schemes of FastAPI decide by themselves. Everything else is decided by two facts of a function, its helpers
//! included: it *reads credentials* (a header, a cookie, a session, what a middleware put on the request), and it
//! *refuses* (raises or returns 401 or 403). A dependency that does both is a guard.
//!
//! Source: fastapi/security/*.py; <https://fastapi.tiangolo.com/tutorial/security/>,
//! <https://www.starlette.io/authentication/>.

use architect_python::{Body, Call, ModuleKind, Object, ObjectId, Value, body};

use super::Recogniser;
use crate::service::{Auth, AuthClass, Dependency, Guard, Named, Parameters};

/// Helpers of helpers are followed so far.
const MAX_CALLS: u32 = 5;

/// A middleware that refuses callers, and the paths it lets through.
#[derive(Clone, Debug)]
pub(crate) struct MiddlewareGuard {
    by: Named,
    /// Paths and prefixes its code names.
    named_paths: Vec<String>,
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
        if class != AuthClass::Required {
            let exempt = |guard: &&MiddlewareGuard| {
                !guard
                    .named_paths
                    .iter()
                    .any(|named| path == named || named.len() > 1 && path.starts_with(named.as_str()))
            };
            if let Some(guard) = self.middleware_guards.iter().find(exempt) {
                class = AuthClass::Required;
                auth.by.push(guard.by.clone());
            }
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
            if let (Some(place), Some(_)) = (guard.refuses, guard.reads) {
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
            Some(own) => guard.refuses.is_none() && (lenient || !self.asks_scheme(own)),
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
        body(&mut self.machine, function, None)
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
        let guard = match body(&mut self.machine, Value::Obj(id), receiver) {
            Some(body) => self.guard_of_body(id, &body, depth),
            None => Guard::default(),
        };
        self.guards.insert(key, guard.clone());
        guard
    }

    fn guard_of_body(&mut self, id: ObjectId, body: &Body, depth: u32) -> Guard {
        let mut guard = Guard::default();
        let connections = self.connections(id, body);
        for read in &body.reads {
            if connections.contains(&read.parameter) && reads_credentials(&read.path, read.key.as_deref()) {
                guard.reads.get_or_insert(self.location(read.site));
            }
        }
        for raised in &body.raises {
            if !is_caught(raised) && self.refuses(raised) {
                guard.refuses.get_or_insert(self.location(raised.site));
            }
        }
        for returned in &body.returns {
            if self.is_refusing_response(returned) {
                guard.refuses.get_or_insert(self.location(returned.site));
            }
        }
        for call in &body.calls {
            if guard.reads.is_some() && guard.refuses.is_some() {
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
                guard.refuses.get_or_insert_with(|| place.clone());
            }
            let Some(callee) = call.callee else { continue };
            // Code of libraries knows nothing of this request unless it is handed something of it.
            if !gets_connection && self.is_of_library(callee) {
                continue;
            }
            let inner = self.guard(callee, depth + 1);
            if inner.refuses.is_some() && !is_caught(call) {
                guard.refuses.get_or_insert_with(|| place.clone());
            }
            if inner.reads.is_some() && gets_connection {
                guard.reads.get_or_insert(place);
            }
        }
        guard
    }

    /// Parameters that are the request, or hold what identifies its caller.
    fn connections(&mut self, id: ObjectId, body: &Body) -> Vec<String> {
        let sig = self.machine.signature(Value::Obj(id));
        let mut out = Vec::new();
        for name in &body.parameters {
            let sym = self.machine.names.lookup(name);
            let param = sig.as_ref().and_then(|sig| sig.params.iter().find(|param| Some(param.name) == sym));
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
        let body = body(&mut self.machine, init, None)?;
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
                    functions.extend(["dispatch", "__call__"].iter().filter_map(|name| self.machine.get(class, name)));
                    if let Some(options) = self.machine.get(entry, "kwargs") {
                        functions.extend(self.machine.get_item(options, "dispatch"));
                    }
                }
                Some(Object::Function(_)) => functions.push(class),
                _ => {}
            }
            for function in functions {
                let guard = self.guard(function, 0);
                let (Some(place), Some(_)) = (guard.refuses, guard.reads) else { continue };
                let name = self.machine.qualified_name(class).unwrap_or_default();
                let named_paths = self.paths_in(function);
                out.push(MiddlewareGuard { by: Named { name, location: Some(place) }, named_paths });
                break;
            }
        }
        out
    }

    /// Strings with a leading slash that a function, or a list it names, holds.
    fn paths_in(&mut self, function: Value) -> Vec<String> {
        let mut out = self.machine.strings_of(function);
        out.retain(|text| text.starts_with('/') && !text.contains(char::is_whitespace));
        out
    }
}

/// The class of a dependency that is no security scheme, with the class of what it depends on.
fn class_of(dependency: &Dependency, inner: AuthClass) -> AuthClass {
    let guard = &dependency.guard;
    let reads = guard.reads.is_some() || asks_credentials(&dependency.parameters) || inner == AuthClass::Optional;
    match (reads, guard.refuses.is_some()) {
        (true, true) => AuthClass::Required,
        // What is only looked at lets everyone pass; a parameter alone may serve anything else.
        (true, false) if guard.reads.is_some() || inner == AuthClass::Optional => AuthClass::Optional,
        _ => inner,
    }
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

/// Whether a refusal at this call does not reach the caller of the function.
fn is_caught(call: &Call) -> bool {
    call.caught.iter().any(|name| {
        matches!(name.as_str(), "" | "Exception" | "BaseException")
            || name.ends_with("HTTPException")
            || names_refusal(name)
    })
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
