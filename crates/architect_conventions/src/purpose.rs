//! What a function is for, by what it does: the words a person would look for it with.

use architect_model::code::{Cause, Form, Function};

use crate::lens::{Lens, is_session_class, on_session};
use crate::words::{article, last, short};

/// What a function is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Purpose {
    /// The kind: the same for functions that do the same kind of thing.
    pub kind: Kind,
    /// A sentence without its subject and full stop.
    pub does: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Kind {
    Session,
    CurrentUser,
    Guard,
    GuardFactory,
    GetOrRaise,
    Find,
    HashPassword,
    VerifyPassword,
    CreateToken,
    DecodeToken,
    Pagination,
    Paginate,
    Settings,
    Raise,
    Clock,
    Mail,
}

impl Kind {
    /// Its name in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::CurrentUser => "current-user",
            Self::Guard => "guard",
            Self::GuardFactory => "guard-factory",
            Self::GetOrRaise => "get-or-raise",
            Self::Find => "find",
            Self::HashPassword => "hash-password",
            Self::VerifyPassword => "verify-password",
            Self::CreateToken => "create-token",
            Self::DecodeToken => "decode-token",
            Self::Pagination => "pagination-parameters",
            Self::Paginate => "paginate",
            Self::Settings => "settings",
            Self::Raise => "raise",
            Self::Clock => "clock",
            Self::Mail => "mail",
        }
    }
}

/// What a function does, where its calls say so.
pub(crate) fn purpose(lens: &Lens<'_>, function: &Function) -> Option<Purpose> {
    let of = |kind, does: String| Some(Purpose { kind, does });
    let name = short(&function.name);
    let own = last(name);
    let is_dependency = lens.dependencies.contains(function.name.as_str());
    let calls = |wanted: &[&str]| {
        function.calls.iter().find(|call| call.callee.as_deref().is_some_and(|callee| wanted.contains(&callee)))
    };
    let method = |wanted: &[&str]| function.calls.iter().find(|call| wanted.contains(&call.name.as_str()));
    let returns = function.returns_type.as_deref().unwrap_or_default();

    if function.is_generator && yields_session(function) {
        return of(Kind::Session, "yields a database session and closes it afterwards".to_owned());
    }
    if let Some(call) = method(&["hashpw", "hash", "get_password_hash"])
        && is_password_library(call.callee.as_deref(), call.receiver.as_deref())
        && function.calls.len() <= 6
    {
        return of(Kind::HashPassword, "hashes a password".to_owned());
    }
    if let Some(call) = method(&["checkpw", "verify", "verify_and_update"])
        && is_password_library(call.callee.as_deref(), call.receiver.as_deref())
        && function.calls.len() <= 6
    {
        return of(Kind::VerifyPassword, "tells whether a password matches its hash".to_owned());
    }
    let token = |verb: &str| {
        function
            .calls
            .iter()
            .any(|call| call.name == verb && call.receiver.as_deref().is_some_and(|one| last(one) == "jwt"))
    };
    if token("encode") && !is_dependency && function.branches <= 4 {
        return of(Kind::CreateToken, "creates a signed token".to_owned());
    }
    let is_resolved =
        is_dependency || lens.service.code.function(&function.name).is_some_and(|one| one.name.contains("<locals>"));
    if is_resolved && let Some(user) = current_user(lens, function, returns) {
        return of(Kind::CurrentUser, user);
    }
    if token("decode")
        && !is_dependency
        && !function.returns.is_empty()
        && function.returns_type.as_deref() != Some("None")
    {
        return of(Kind::DecodeToken, "verifies a token and returns what it says".to_owned());
    }
    if let Some(does) = get_or_raise(lens, function) {
        return of(Kind::GetOrRaise, does);
    }
    if is_dependency && refuses(lens, function) {
        return of(Kind::Guard, "refuses callers who may not".to_owned());
    }
    if returned_inner(function).is_some_and(|inner| {
        let full = format!("{}.<locals>.{inner}", function.name);
        lens.dependencies.contains(full.as_str())
            && lens.service.code.function(&full).is_some_and(|inner| refuses(lens, inner))
    }) {
        return of(Kind::GuardFactory, "makes a dependency that refuses callers who may not".to_owned());
    }
    if pagination_parameters(function).len() >= 2 && is_dependency {
        return of(
            Kind::Pagination,
            format!("reads `{}` from the query string", pagination_parameters(function).join("` and `")),
        );
    }
    if method(&["limit"]).is_some()
        && method(&["offset"]).is_some()
        && !lens.is_endpoint(&function.name)
        && pagination_parameters(function).len() >= 2
        && (own.contains("pag") || takes_query(function))
    {
        return of(Kind::Paginate, "applies pagination to a query".to_owned());
    }
    if lens.service.code.class(returns).is_none()
        && function.calls.iter().any(|call| call.callee.as_deref().is_some_and(|callee| lens.is_settings(callee)))
        && function.body_lines <= 6
    {
        return of(Kind::Settings, "returns the settings".to_owned());
    }
    if always_raises(function) {
        let what = function.raises.first().map_or("an exception", |one| one.name.as_str());
        return of(Kind::Raise, format!("raises `{what}`"));
    }
    if function.body_lines <= 2
        && function.parameters.is_empty()
        && function.calls.len() <= 2
        && calls(&["datetime.datetime.now", "datetime.datetime.utcnow"]).is_some()
    {
        return of(Kind::Clock, "returns the current time".to_owned());
    }
    if calls(&["smtplib.SMTP", "smtplib.SMTP_SSL", "emails.Message", "aiosmtplib.send", "fastapi_mail.FastMail"])
        .is_some()
        || method(&["sendmail"]).is_some()
    {
        return of(Kind::Mail, "sends an e-mail".to_owned());
    }
    if let Some(entity) = finds(lens, function) {
        return of(Kind::Find, format!("looks up {} `{entity}`, or returns `None`", article(&entity)));
    }
    None
}

fn is_password_library(callee: Option<&str>, receiver: Option<&str>) -> bool {
    let callee = callee.unwrap_or_default();
    let receiver = receiver.map(last).unwrap_or_default().to_lowercase();
    ["bcrypt.", "passlib.", "argon2.", "pwdlib."].iter().any(|library| callee.starts_with(library))
        || ["pwd_context", "password_hash", "password_hasher", "hasher", "crypt_context", "bcrypt", "pwd_ctx", "ph"]
            .contains(&receiver.as_str())
}

/// Whether what a generator yields is a session.
fn yields_session(function: &Function) -> bool {
    let typed = function.returns_type.as_deref().is_some_and(|one| {
        let inner = one.split_once('[').map_or("", |(_, inner)| inner).split([',', ']']).next().unwrap_or_default();
        matches!(last(inner.trim()), "Session" | "AsyncSession")
    });
    if typed {
        return true;
    }
    let made = function.calls.iter().any(|call| {
        let callee = call.callee.as_deref().unwrap_or(&call.name);
        is_session_class(callee) || last(callee).to_lowercase().contains("session") && !callee.contains("http")
    });
    made && function.returns_type.is_none()
}

/// What a dependency that identifies the caller returns.
fn current_user(lens: &Lens<'_>, function: &Function, returns: &str) -> Option<String> {
    let plain = returns.trim_matches(['"', '\'']).split([' ', '|', '[']).next().unwrap_or_default();
    let word = |text: &str| {
        let lower = text.to_lowercase();
        ["user", "account", "principal", "identity", "caller", "current"].iter().any(|word| lower.contains(word))
    };
    let named =
        word(last(&function.name)) && (word(plain) || plain.is_empty() || plain == "dict" || plain == "Optional");
    if !named || !refuses(lens, function) {
        return None;
    }
    let what = if plain.is_empty() || plain == "Optional" {
        "the caller".to_owned()
    } else {
        format!("the caller as `{plain}`")
    };
    Some(format!("returns {what}, or refuses the request"))
}

/// Whether a function raises an error of authentication or permission, itself or through what it calls.
pub(crate) fn refuses(lens: &Lens<'_>, function: &Function) -> bool {
    let mut names = vec![function];
    names.extend(function.calls.iter().filter_map(|call| lens.service.code.function(call.callee.as_deref()?)));
    names.iter().any(|one| {
        one.raises.iter().any(|raised| {
            let status = raised.arguments.iter().any(|argument| matches!(argument.int(), Some(401 | 403)));
            let name = raised.name.to_lowercase();
            let named = [
                "unauthorized",
                "forbidden",
                "permission",
                "authentication",
                "notauthenticated",
                "credential",
                "accessdenied",
            ];
            status || named.iter().any(|word| name.contains(word))
        })
    })
}

/// `get_user` returns a `User` or raises `NotFoundError`, and does nothing else.
fn get_or_raise(lens: &Lens<'_>, function: &Function) -> Option<String> {
    let changes = |name: &str| matches!(name, "add" | "add_all" | "delete" | "commit" | "flush" | "merge");
    let reads = !function.calls.iter().any(|call| changes(&call.name) && on_session(call));
    if lens.is_endpoint(&function.name) || !reads || function.branches > 4 || function.lines > 40 {
        return None;
    }
    let raised = function.raises.iter().find(|one| is_not_found(one) && one.context.loops == 0)?;
    let mentioned = match &raised.missing {
        Some(missing) => {
            // What is returned is what was looked for, as it is.
            let made_by =
                |call: &String| missing.made_by.name.as_ref() == Some(call) || missing.made_by.through.contains(call);
            let returned = function.returns.iter().any(|one| {
                one.value.form == Form::Name && !one.value.text.contains('.') && one.value.through.iter().any(made_by)
            });
            if !returned {
                return None;
            }
            missing.mentions.iter().find(|one| lens.mapper(one).is_some()).map(|one| last(one).to_owned())
        }
        // `if user is not None: return user`, and then it raises.
        None => {
            let found = function.returns.iter().all(|one| {
                one.context.conditional
                    && one.value.form == Form::Name
                    && !one.value.text.contains('.')
                    && !one.value.through.is_empty()
            });
            if raised.context.conditional || raised.context.handler.is_some() || function.returns.len() != 1 || !found {
                return None;
            }
            None
        }
    };
    let annotated = function.returns_type.as_deref().map(|one| one.trim_matches(['"', '\'']));
    let annotated = annotated.filter(|one| one.chars().all(|letter| letter.is_alphanumeric() || letter == '_'));
    let own = annotated.filter(|one| *one == "Self").and(function.class.as_deref()).map(|class| last(class).to_owned());
    let entity = own.or_else(|| annotated.map(str::to_owned)).or_else(|| mentioned.clone())?;
    // A function that looks up one thing and returns another is more than a lookup.
    let other =
        mentioned.is_some_and(|one| one != entity) && lens.service.mappers.iter().any(|one| last(&one.class) == entity);
    if other || matches!(entity.as_str(), "None" | "bool" | "str" | "int" | "dict" | "Response") {
        return None;
    }
    let what =
        if raised.name == "HTTPException" { "answers 404".to_owned() } else { format!("raises `{}`", raised.name) };
    Some(format!("returns {} `{entity}`, or {what}", article(&entity)))
}

/// Whether an exception says that something is not there.
pub(crate) fn is_not_found(raised: &architect_model::code::Raise) -> bool {
    let name = raised.name.to_lowercase();
    let status = raised.arguments.iter().any(|argument| argument.int() == Some(404));
    status || name.contains("notfound") || name.contains("doesnotexist") || name.contains("missing")
}

/// The entity a function looks up by itself and returns, or nothing.
fn finds(lens: &Lens<'_>, function: &Function) -> Option<String> {
    let optional = function.returns_type.as_deref().and_then(|one| {
        let one = one.trim_matches(['"', '\'']);
        one.strip_suffix("| None").or_else(|| one.strip_prefix("Optional[")?.strip_suffix(']')).map(str::trim)
    })?;
    let entity = lens.service.mappers.iter().find(|mapper| last(&mapper.class) == optional)?;
    let looks = function.calls.iter().any(|call| {
        on_session(call) && matches!(call.name.as_str(), "get" | "scalar" | "scalars" | "execute" | "exec" | "query")
    });
    // An annotation may be wrong: what ends in `.all()` is a list.
    let many = function.calls.iter().any(|call| call.name == "all");
    (looks && !many && function.raises.is_empty() && !lens.is_endpoint(&function.name) && function.branches <= 3)
        .then(|| last(&entity.class).to_owned())
}

/// Names of parameters that choose a part of a list.
pub(crate) fn pagination_parameters(function: &Function) -> Vec<&str> {
    let names = function.parameters.iter().map(|one| one.name.as_str());
    names.filter(|name| is_pagination(name)).collect()
}

pub(crate) fn is_pagination(name: &str) -> bool {
    let plain = name.replace('_', "").to_lowercase();
    matches!(
        plain.as_str(),
        "limit"
            | "offset"
            | "page"
            | "pagesize"
            | "perpage"
            | "size"
            | "skip"
            | "cursor"
            | "itemsperpage"
            | "pagenumber"
            | "start"
            | "pagetoken"
            | "top"
            | "after"
            | "before"
    )
}

fn takes_query(function: &Function) -> bool {
    function.parameters.iter().any(|one| {
        one.class
            .as_deref()
            .is_some_and(|class| class.starts_with("sqlalchemy.") && matches!(last(class), "Select" | "Query"))
            || matches!(one.name.as_str(), "query" | "stmt" | "statement")
    })
}

/// Whether every path through a function raises.
fn always_raises(function: &Function) -> bool {
    let sure = function.raises.iter().any(|one| {
        !one.context.conditional && one.context.loops == 0 && one.context.handler.is_none() && one.cause != Cause::Given
    });
    sure && function.returns.is_empty()
        && !function.is_generator
        && function.body_lines <= 8
        && !function.raises.iter().any(|one| one.name == "NotImplementedError")
        && function.class.is_none()
}

/// The function inside of a function that it returns.
fn returned_inner(function: &Function) -> Option<&str> {
    function.returns.iter().find(|one| one.value.form == Form::Name).map(|one| one.value.text.as_str())
}
