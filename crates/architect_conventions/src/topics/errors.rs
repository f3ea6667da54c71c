//! How the service says no.

use std::collections::BTreeMap;

use architect_model::code::{Class, Form, Function};

use crate::lens::{Layer, Lens};
use crate::survey::{Subject, Survey, Topic};
use crate::words::{last, module, short};

pub(super) fn surveys(lens: &Lens<'_>) -> Vec<Survey> {
    vec![raised(lens), detail(lens), handled(lens), body(lens), bases(lens), names(lens), place(lens)]
}

pub(crate) fn is_http_exception(lens: &Lens<'_>, class: &str) -> bool {
    let is = |name: &str| {
        matches!(
            name,
            "fastapi.HTTPException" | "fastapi.exceptions.HTTPException" | "starlette.exceptions.HTTPException"
        )
    };
    is(class) || lens.service.code.ancestors(class).iter().any(|one| is(one))
}

/// Exceptions of the project, those that are no answers by themselves.
fn is_own(lens: &Lens<'_>, class: &str) -> bool {
    lens.service.code.class(class).is_some()
}

/// What is raised where a caller is refused, in endpoints and what they call.
fn raised(lens: &Lens<'_>) -> Survey {
    let mut survey = Survey::new(Topic::Errors, "error-raising", "`raise` statements").enforced();
    for function in &lens.functions {
        let layer = lens.layer(function);
        for raise in function.raises.iter().filter(|raise| !raise.again) {
            let Some(class) = raise.class.as_deref() else { continue };
            let subject = Subject { location: raise.location.clone(), ..lens.subject(function, "") };
            let http = is_http_exception(lens, class);
            if http && !is_own(lens, class) {
                let does = if layer == Layer::Endpoint {
                    "raises `HTTPException`"
                } else {
                    "raises `HTTPException` outside of an endpoint"
                };
                survey.see("Errors are raised as `HTTPException`", does, &subject);
            } else if http {
                survey.see(
                    "Errors are raised as the project's own kinds of `HTTPException`",
                    format!("raises `{}`", raise.name),
                    &subject,
                );
            } else if is_own(lens, class) && is_answered(lens, class) {
                let say = "Errors are raised as exceptions of the project, which a handler answers";
                survey.see(say, format!("raises `{}`", raise.name), &subject);
            } else if layer == Layer::Endpoint
                && !is_own(lens, class)
                && !class.contains(':')
                && let Some((library, _)) = class.split_once('.')
            {
                survey.see(
                    format!("Errors are raised as exceptions of `{library}`"),
                    format!("raises `{}`", raise.name),
                    &subject,
                );
            }
        }
    }
    survey
}

/// Whether a handler answers exceptions of a class.
fn is_answered(lens: &Lens<'_>, class: &str) -> bool {
    let ancestors = lens.service.code.ancestors(class);
    lens.service.applications.iter().flat_map(|one| &one.exception_handlers).any(|handled| {
        // What answers every exception answers none in particular.
        !matches!(handled.name.as_str(), "builtins:Exception" | "Exception") && ancestors.contains(&handled.name)
    })
}

/// How `detail=` of an `HTTPException` is made.
fn detail(lens: &Lens<'_>) -> Survey {
    let mut survey = Survey::new(Topic::Errors, "error-detail", "`HTTPException`s");
    for function in &lens.functions {
        for raise in function.raises.iter().filter(|raise| raise.name == "HTTPException") {
            let Some(detail) = architect_model::code::argument(&raise.arguments, "detail", 1) else { continue };
            let subject = Subject { location: raise.location.clone(), ..lens.subject(function, "") };
            match detail.form {
                Form::Literal | Form::Interpolated => survey.see("`detail` is a text", "gives a text", &subject),
                Form::Dict => survey.see("`detail` is a dictionary", "gives a dictionary", &subject),
                Form::Sequence => survey.see("`detail` is a list of errors", "gives a list", &subject),
                _ if detail.str().is_some() => {
                    survey.see("`detail` is a named constant", "gives a named constant", &subject)
                }
                _ => {}
            }
        }
    }
    survey
}

/// What handlers of exceptions are there.
fn handlers<'s>(lens: &Lens<'s>) -> Vec<&'s Function> {
    let code = &lens.service.code;
    let mut out: Vec<&Function> = Vec::new();
    for function in code.functions.iter().filter(|one| !one.aside) {
        if function.decorators.iter().any(|one| one.text.contains("exception_handler(")) {
            out.push(function);
        }
        for call in function.calls.iter().filter(|call| call.name == "add_exception_handler") {
            let handler = call.argument("handler", 1).and_then(|one| one.name.as_deref());
            out.extend(handler.and_then(|name| code.function(name)));
        }
    }
    out.dedup_by(|a, b| a.name == b.name);
    out
}

fn handled(lens: &Lens<'_>) -> Survey {
    let mut survey = Survey::new(Topic::Errors, "error-handlers", "exception handlers").single();
    for function in handlers(lens) {
        let path = &function.location.path;
        survey.see(
            format!("Exceptions are answered by handlers in `{path}`"),
            format!("is in `{path}`"),
            &lens.subject(function, ""),
        );
    }
    survey
}

/// The keys of what handlers answer.
fn body(lens: &Lens<'_>) -> Survey {
    let mut survey = Survey::new(Topic::Errors, "error-body", "exception handlers").single();
    for function in handlers(lens) {
        let content = function.returns.iter().find_map(|one| {
            let value = &one.value;
            let dict = value.argument("content", 0).filter(|content| content.form == Form::Dict)?;
            (value.form == Form::Call && last(value.name.as_deref()?).ends_with("Response")).then_some(dict)
        });
        let Some(content) = content else { continue };
        let keys: Vec<&str> =
            content.items.iter().filter_map(|item| item.keyword.as_deref()).filter(|key| *key != "**").collect();
        if keys.is_empty() {
            continue;
        }
        let keys = crate::words::quoted(&keys);
        survey.see(format!("An error's body has {keys}"), format!("answers {keys}"), &lens.subject(function, ""));
    }
    survey
}

/// Exceptions that the project defines.
fn exceptions<'s>(lens: &Lens<'s>) -> Vec<&'s Class> {
    let is = |class: &&&Class| {
        lens.service.code.ancestors(&class.name).iter().skip(1).any(|one| {
            matches!(
                one.as_str(),
                "Exception" | "ValueError" | "RuntimeError" | "LookupError" | "KeyError" | "PermissionError"
            )
        }) || is_http_exception(lens, &class.name)
    };
    lens.classes.iter().filter(is).copied().collect()
}

fn subject(class: &Class) -> Subject {
    let merit = if class.docstring.is_some() { 0.5 } else { 0.0 };
    Subject {
        name: class.name.clone(),
        location: class.location.clone(),
        kind: "A domain exception",
        lines: class.lines,
        merit,
    }
}

fn bases(lens: &Lens<'_>) -> Survey {
    let mut survey = Survey::new(Topic::Exceptions, "exception-base", "exceptions").enforced();
    let all = exceptions(lens);
    let mut below: BTreeMap<String, usize> = BTreeMap::new();
    for class in &all {
        for base in lens.service.code.ancestors(&class.name).iter().skip(1) {
            *below.entry(base.clone()).or_default() += 1;
        }
    }
    let own_root = |class: &Class| {
        let own = lens
            .service
            .code
            .ancestors(&class.name)
            .into_iter()
            .skip(1)
            .filter(|one| lens.service.code.class(one).is_some());
        own.max_by_key(|one| below.get(one).copied().unwrap_or(0))
    };
    for class in &all {
        // A base is what others derive from, and says nothing of itself.
        if below.contains_key(&class.name) && own_root(class).is_none() {
            continue;
        }
        match own_root(class) {
            Some(root) => {
                let name = short(&root);
                survey.see(
                    format!("Exceptions derive from `{name}`"),
                    format!("derives from `{name}`"),
                    &subject(class),
                );
            }
            None => {
                let base = class.bases.first().map_or("Exception", |base| last(base));
                survey.see(
                    format!("Exceptions derive from `{base}`"),
                    format!("derives from `{base}`"),
                    &subject(class),
                );
            }
        }
    }
    survey
}

fn names(lens: &Lens<'_>) -> Survey {
    let mut survey = Survey::new(Topic::Exceptions, "exception-suffix", "exceptions").enforced();
    for class in exceptions(lens) {
        let end = if class.name.ends_with("Error") {
            "Error"
        } else if class.name.ends_with("Exception") {
            "Exception"
        } else {
            survey.see("Names of exceptions have no ending of their own", "has no ending", &subject(class));
            continue;
        };
        survey.see(format!("Names of exceptions end in `{end}`"), format!("ends in `{end}`"), &subject(class));
    }
    survey
}

fn place(lens: &Lens<'_>) -> Survey {
    let mut survey = Survey::new(Topic::Exceptions, "exception-module", "exceptions");
    let all = exceptions(lens);
    let mut stems: BTreeMap<&str, BTreeMap<&str, usize>> = BTreeMap::new();
    for class in &all {
        let path = &*class.location.path;
        let stem = path.rsplit('/').next().unwrap_or(path);
        *stems.entry(stem).or_default().entry(path).or_default() += 1;
    }
    for class in &all {
        let path = &*class.location.path;
        let stem = path.rsplit('/').next().unwrap_or(path);
        let spread = stems[stem].len() > 2;
        let says = if spread {
            format!("Exceptions are defined in `{stem}` of their package")
        } else {
            format!("Exceptions are defined in `{path}`")
        };
        survey.see(says, format!("is defined in `{}`", module(&class.name)), &subject(class));
    }
    survey
}
