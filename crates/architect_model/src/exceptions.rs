//! Which exceptions may leave a function, through the functions it calls, and which may leave an endpoint.
//!
//! Only what the project raises itself is known; what libraries raise is not. A handler that raises again lets the
//! exception pass, one that raises something else replaces it.

use std::rc::Rc;

use architect_source::Location;
use rustc_hash::FxHashMap;

use crate::code::{Code, Context, Function, Need, Raise, argument};
use crate::service::{Dependency, Service};

/// Calls of calls are followed so far.
const MAX_CALLS: u32 = 12;
/// More exceptions than this of one function are not listed.
const MAX_LISTED: usize = 40;

/// An exception that may leave a function or an endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaving {
    /// Its class: `module:qualname` of the project, else a dotted path.
    pub class: String,
    /// The status it answers with, where it is an `HTTPException` and that is known.
    pub status: Option<u16>,
    /// `detail=`, where it is a text.
    pub detail: Option<String>,
    /// The `raise`.
    pub location: Location,
    /// The calls that lead there, outermost first.
    pub via: Vec<Location>,
    /// What parameters of the function have to be for it.
    pub needs: Vec<Need>,
}

/// What may leave functions, found on request and kept.
pub struct Escapes<'c> {
    code: &'c Code,
    known: FxHashMap<String, Rc<Vec<Leaving>>>,
}

impl std::fmt::Debug for Escapes<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Escapes({})", self.known.len())
    }
}

impl<'c> Escapes<'c> {
    /// Nothing is known yet.
    #[must_use]
    pub fn new(code: &'c Code) -> Self {
        Self { code, known: FxHashMap::default() }
    }

    /// What may leave the function of that name.
    pub fn of(&mut self, name: &str) -> Rc<Vec<Leaving>> {
        self.find(name, 0)
    }

    fn find(&mut self, name: &str, depth: u32) -> Rc<Vec<Leaving>> {
        if let Some(known) = self.known.get(name) {
            return Rc::clone(known);
        }
        let code = self.code;
        let Some(function) = code.function(name) else { return Rc::default() };
        if depth > MAX_CALLS {
            return Rc::default();
        }
        // A cycle of calls ends here; the answer is replaced below.
        self.known.insert(name.to_owned(), Rc::default());
        let mut out: Vec<Leaving> = Vec::new();
        for raised in &function.raises {
            if let Some(one) = leaving(code, raised)
                && passes(code, function, &raised.context, &one.class)
            {
                add(&mut out, one);
            }
        }
        for call in &function.calls {
            let Some(callee) = &call.callee else { continue };
            let Some(callee) = runs(code, callee) else { continue };
            // A coroutine that is not awaited and a generator that is not looped over raise nothing here.
            if callee.is_generator || callee.is_async && !call.awaited {
                continue;
            }
            for one in self.find(&callee.name.clone(), depth + 1).iter() {
                if out.len() < MAX_LISTED
                    && callee.lets(call, &one.needs)
                    && passes(code, function, &call.context, &one.class)
                {
                    let mut one = one.clone();
                    one.needs.clone_from(&call.context.needs);
                    one.via.insert(0, call.location.clone());
                    add(&mut out, one);
                }
            }
        }
        let out = Rc::new(out);
        self.known.insert(name.to_owned(), Rc::clone(&out));
        out
    }
}

fn add(out: &mut Vec<Leaving>, one: Leaving) {
    match out.iter_mut().find(|known| known.location == one.location) {
        Some(known) => known.needs.retain(|need| one.needs.contains(need)),
        None => out.push(one),
    }
}

/// The function that runs when a name is called: itself, or `__init__` of a class.
fn runs<'c>(code: &'c Code, name: &str) -> Option<&'c Function> {
    code.function(name).or_else(|| code.class(name).and_then(|class| code.method(&class.name, "__init__")))
}

fn leaving(code: &Code, raised: &Raise) -> Option<Leaving> {
    let class = raised.class.clone()?;
    let status = status(code, &class, raised);
    let detail = argument(&raised.arguments, "detail", 1).and_then(|one| one.str()).map(str::to_owned);
    Some(Leaving {
        class,
        status,
        detail,
        location: raised.location.clone(),
        via: Vec::new(),
        needs: raised.context.needs.clone(),
    })
}

/// Whether an exception of that class that is raised there leaves the function.
#[must_use]
pub fn passes(code: &Code, function: &Function, context: &Context, class: &str) -> bool {
    let ancestors = lineage(code, class);
    for at in context.tries.iter().rev() {
        let Some(one) = function.tries.get(*at) else { continue };
        let clause = one.handlers.iter().position(|handler| {
            handler.catches.is_empty() || handler.catches.iter().any(|name| ancestors.contains(&canonical(name)))
        });
        if let Some(clause) = clause {
            let again =
                function.raises.iter().any(|raised| raised.again && raised.context.handler == Some((*at, clause)));
            if !again {
                return false;
            }
        }
    }
    true
}

/// One spelling for classes that can be imported from several places.
fn canonical(name: &str) -> String {
    match name {
        "fastapi.HTTPException" | "fastapi.exceptions.HTTPException" => "fastapi.exceptions.HTTPException".to_owned(),
        "starlette.exceptions.HTTPException" | "fastapi.exceptions.StarletteHTTPException" => {
            "starlette.exceptions.HTTPException".to_owned()
        }
        other => other.strip_prefix("builtins.").unwrap_or(other).to_owned(),
    }
}

/// A class of exceptions and everything it derives from, itself first.
#[must_use]
pub fn lineage(code: &Code, class: &str) -> Vec<String> {
    let mut out: Vec<String> = code.ancestors(class).iter().map(|name| canonical(name)).collect();
    let mut at = 0;
    while at < out.len() {
        let base = match out[at].as_str() {
            "BaseException" | "object" => None,
            "Exception" | "SystemExit" | "KeyboardInterrupt" | "GeneratorExit" | "asyncio.CancelledError" => {
                Some("BaseException")
            }
            "fastapi.exceptions.HTTPException" => Some("starlette.exceptions.HTTPException"),
            "KeyError" | "IndexError" => Some("LookupError"),
            "FileNotFoundError" | "FileExistsError" | "PermissionError" | "ConnectionError" | "TimeoutError"
            | "IOError" => Some("OSError"),
            "UnicodeDecodeError" | "UnicodeEncodeError" => Some("UnicodeError"),
            "UnicodeError" | "json.JSONDecodeError" | "json.decoder.JSONDecodeError" => Some("ValueError"),
            "NotImplementedError" | "RecursionError" => Some("RuntimeError"),
            "ZeroDivisionError" | "OverflowError" => Some("ArithmeticError"),
            "ModuleNotFoundError" => Some("ImportError"),
            name if code.class(name).is_none() => Some("Exception"),
            _ => None,
        };
        if let Some(base) = base
            && !out.iter().any(|known| known == base)
        {
            out.push(base.to_owned());
        }
        at += 1;
    }
    out
}

/// Whether a class is an `HTTPException` of FastAPI or Starlette, or derives from one.
#[must_use]
pub fn is_http_exception(code: &Code, class: &str) -> bool {
    lineage(code, class).iter().any(|name| name == "starlette.exceptions.HTTPException")
}

fn status(code: &Code, class: &str, raised: &Raise) -> Option<u16> {
    if !is_http_exception(code, class) {
        return None;
    }
    let number = |value: i64| u16::try_from(value).ok().filter(|status| (100..600).contains(status));
    if code.class(class).is_none() {
        return argument(&raised.arguments, "status_code", 0)?.int().and_then(number);
    }
    if let Some(given) = raised.arguments.iter().find(|one| one.keyword.as_deref() == Some("status_code")) {
        return given.int().and_then(number);
    }
    for ancestor in code.ancestors(class) {
        if let Some(init) = code.function(&format!("{ancestor}.__init__")) {
            let default = init.parameters.iter().find(|one| one.name == "status_code");
            if let Some(default) = default.and_then(|one| one.default.as_ref()) {
                return default.int().and_then(number);
            }
            let passed = init.calls.iter().find(|call| call.name == "__init__")?;
            return passed.argument("status_code", 0)?.int().and_then(number);
        }
        let own = code.class(&ancestor).and_then(|class| class.fields.iter().find(|field| field.name == "status_code"));
        if let Some(value) = own.and_then(|field| field.value.as_ref()) {
            return value.int().and_then(number);
        }
    }
    argument(&raised.arguments, "status_code", 0)?.int().and_then(number)
}

/// What may leave each endpoint, its dependencies included, in the order of [`Service::endpoints`].
pub(crate) fn leaving_endpoints(service: &Service) -> Vec<Vec<Leaving>> {
    let mut escapes = Escapes::new(&service.code);
    service
        .endpoints()
        .iter()
        .map(|one| {
            let mut names = Vec::new();
            one.route.dependencies.iter().for_each(|dependency| callables(dependency, &mut names));
            names.extend(one.route.endpoint.iter().map(|endpoint| endpoint.name.clone()));
            let mut out = Vec::new();
            for name in names {
                let name = match service.code.class(&name) {
                    Some(class) => match service.code.method(&class.name, "__call__") {
                        Some(call) => call.name.clone(),
                        None => continue,
                    },
                    None => name,
                };
                escapes.of(&name).iter().for_each(|one| add(&mut out, one.clone()));
            }
            out
        })
        .collect()
}

fn callables(dependency: &Dependency, out: &mut Vec<String>) {
    dependency.dependencies.iter().for_each(|inner| callables(inner, out));
    if !out.contains(&dependency.call) {
        out.push(dependency.call.clone());
    }
}
