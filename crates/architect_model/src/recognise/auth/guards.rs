//! What a function does about its caller, its helpers included: it *reads credentials* (a header, a cookie, a session,
//! what a middleware put on the request), and it *refuses* (raises or returns 401 or 403, closes a websocket). One that
//! does both is a guard, unless it refuses only those that bring something: `if token is None: return None` lets all
//! others pass.

use architect_python::{Body, Call, ModuleKind, Object, ObjectId, Sig, Sym, Value, body};

use super::super::Recogniser;
use crate::service::Guard;

/// Helpers of helpers are followed so far.
const MAX_CALLS: u32 = 5;

/// Functions, and what they are handed.
impl Recogniser<'_> {
    /// What a callable does about its caller.
    pub(in crate::recognise) fn guard(&mut self, callable: Value, depth: u32) -> Guard {
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

    /// Whether a callable is of the project.
    fn is_own(&self, callable: Value) -> bool {
        let module = self.machine.function(callable).map(|(_, function)| function.module);
        module.is_some_and(|module| self.machine.program.module(module).kind == ModuleKind::Project)
    }

    pub(super) fn is_of_library(&self, callable: Value) -> bool {
        let module = match self.machine.class(callable) {
            Some(class) => class.site.map(|site| site.module),
            None => self.machine.function(callable).map(|(_, function)| function.module),
        };
        module.is_some_and(|module| self.machine.program.module(module).kind == ModuleKind::ThirdParty)
    }

    pub(super) fn guard_of_function(&mut self, function: Value, receiver: Option<ObjectId>, depth: u32) -> Guard {
        let Some((id, object)) = self.machine.function(function) else { return Guard::default() };
        let (module, owner) = (object.module, object.owner);
        if self.machine.is_model(module) || depth > MAX_CALLS {
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
        let owner = receiver.or(owner);
        let guard = match body(&mut self.machine, Value::Obj(id), receiver, &given) {
            Some(body) => {
                let holders = self.holders(&given, owner, &body);
                self.guard_of_body(&sig, &body, &holders, depth)
            }
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

    /// Parameters, `self` among them, that are objects which were made of the request and keep it.
    fn holders(&mut self, given: &[(Sym, Value)], owner: Option<ObjectId>, body: &Body) -> Vec<String> {
        let mut out = Vec::new();
        for (name, class) in given {
            if self.keeps_connection(*class) {
                out.push(self.machine.names.text(*name).to_owned());
            }
        }
        if let (Some(owner), Some(first)) = (owner, body.parameters.first())
            && matches!(first.as_str(), "self")
            && self.keeps_connection(Value::Obj(owner))
        {
            out.push(first.clone());
        }
        out
    }

    /// Whether instances of a class are made of the request: `__init__(self, request: Request)`.
    fn keeps_connection(&mut self, class: Value) -> bool {
        let class = match self.machine.obj(class) {
            Some(Object::Instance { class, .. }) => Value::Obj(*class),
            Some(Object::Class(_)) => class,
            _ => return false,
        };
        let Some(init) = self.machine.get(class, "__init__") else { return false };
        if self.machine.function(init).is_none_or(|(_, function)| self.machine.is_model(function.module)) {
            return false;
        }
        let sig = self.machine.signature(init).unwrap_or_default();
        sig.params
            .iter()
            .filter_map(|param| param.annotation)
            .any(|annotation| self.derives(annotation, "HTTPConnection") || self.annotated_as_connection(annotation))
    }

    fn guard_of_body(&mut self, sig: &Sig, body: &Body, holders: &[String], depth: u32) -> Guard {
        let mut guard = Guard::default();
        let mut connections = self.connections(sig, body);
        let is_socket = self.takes_socket(sig, &connections);
        // What may be a credential is one where the caller is refused.
        let mut perhaps = None;
        for read in &body.reads {
            if holders.contains(&read.parameter) {
                let kept = read.path.get(1..).unwrap_or_default();
                if reads_credentials(kept, read.key.as_deref()) {
                    guard.reads.get_or_insert(self.location(read.site));
                } else if asks_for_credentials(kept, read.key.as_deref()) || is_some_cookie(kept) {
                    perhaps.get_or_insert(self.location(read.site));
                }
                continue;
            }
            if !connections.contains(&read.parameter) {
                continue;
            }
            if reads_credentials(&read.path, read.key.as_deref()) {
                guard.reads.get_or_insert(self.location(read.site));
            } else if asks_for_credentials(&read.path, read.key.as_deref()) {
                perhaps.get_or_insert(self.location(read.site));
            }
        }
        // What is called on them is handed the request.
        connections.extend(holders.iter().cloned());
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
            if demands_token(&call.name) && call.callee.is_none_or(|callee| !self.is_own(callee)) {
                guard.reads.get_or_insert_with(|| place.clone());
                self.refusal(call, &mut guard);
                continue;
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
}

/// Refusals.
impl Recogniser<'_> {
    /// Whether an exception ends the request with 401 or 403.
    pub(super) fn refuses(&mut self, raised: &Call) -> bool {
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
        // Exceptions of a project say `http_status_code`, too.
        let named = call.arguments.iter().find(|(key, ..)| {
            key.as_deref().is_some_and(|key| key == name || name == "status_code" && key.ends_with("_status_code"))
        });
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
    pub(super) fn is_refusing_response(&mut self, returned: &Call) -> bool {
        returned.name.ends_with("Response")
            && returned.arguments.iter().any(|(name, ..)| name.as_deref() == Some("status_code"))
            && self.argument_is(returned, "status_code", &[401, 403])
    }
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

/// Whether a header, cookie or parameter of that name identifies a caller.
pub(super) fn is_credential(name: &str) -> bool {
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

/// Whether a cookie is read, whatever its name.
fn is_some_cookie(path: &[String]) -> bool {
    path.first().is_some_and(|place| place == "cookies")
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
        // Of `starlette.authentication`, which reads `request.auth`.
        "has_required_scope",
    ]
    .iter()
    .any(|word| name.contains(word))
}

/// Whether a method of a library refuses whoever brings no valid token, as those of fastapi-jwt-auth 0.5 do.
fn demands_token(name: &str) -> bool {
    matches!(name, "jwt_required" | "fresh_jwt_required" | "jwt_refresh_token_required")
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
        "TokenError",
        "TokenExpired",
        "ExpiredToken",
        "JWTError",
        "JWTDecodeError",
        "NotLoggedIn",
        "LoginRequired",
        "AccessDenied",
    ]
    .iter()
    .any(|word| name.contains(word))
}
