//! Who may call an endpoint: what asks for credentials, and what refuses a caller without them.
//!
//! Security schemes of FastAPI decide by themselves. Everything else is decided by what functions do about their caller
//! (`guards`): dependencies, decorators, middleware (`middleware`) and the endpoint itself.
//!
//! Source: fastapi/security/*.py; <https://fastapi.tiangolo.com/tutorial/security/>,
//! <https://www.starlette.io/authentication/>.

mod guards;
mod middleware;

use architect_python::{Object, Value, body};

use self::guards::is_credential;
pub(crate) use self::middleware::MiddlewareGuard;
use super::Recogniser;
use crate::service::{Auth, AuthClass, Dependency, Guard, Named, Parameters};

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

fn stronger(left: AuthClass, right: AuthClass) -> AuthClass {
    match (left, right) {
        (AuthClass::Required, _) | (_, AuthClass::Required) => AuthClass::Required,
        (AuthClass::Optional, _) | (_, AuthClass::Optional) => AuthClass::Optional,
        (AuthClass::Manual, _) | (_, AuthClass::Manual) => AuthClass::Manual,
        _ => left,
    }
}
