//! Docstrings, annotations, imports, logs.

use architect_model::code::{DocstringStyle, Function, ImportOrigin, Module};

use crate::lens::Lens;
use crate::survey::{Subject, Survey, Topic};
use crate::words::{last, short};

pub(super) fn surveys(lens: &Lens<'_>) -> Vec<Survey> {
    vec![
        functions(lens),
        style(lens),
        modules(lens),
        classes(lens),
        annotations(lens),
        relative(lens),
        groups(lens),
        loggers(lens),
    ]
}

/// Functions that others are meant to call.
fn public<'s>(lens: &Lens<'s>) -> impl Iterator<Item = &'s Function> {
    let is = |one: &&Function| !one.name.contains("<locals>") && !last(short(&one.name)).starts_with('_');
    lens.functions.iter().copied().filter(is)
}

fn functions(lens: &Lens<'_>) -> Survey {
    let mut survey = Survey::new(Topic::Documentation, "function-docstrings", "public functions");
    for function in public(lens) {
        if function.docstring.is_some() {
            survey.see("Public functions have a docstring", "has a docstring", &lens.subject(function, ""));
        } else {
            survey.lack("Public functions go without a docstring", "has no docstring", &lens.subject(function, ""));
        }
    }
    survey
}

/// How arguments are documented, where they are.
fn style(lens: &Lens<'_>) -> Survey {
    let mut survey = Survey::new(Topic::Documentation, "docstring-style", "docstrings with sections").enforced();
    for function in public(lens) {
        let says = match function.docstring_style {
            Some(DocstringStyle::Google) => "Docstrings are Google's: `Args:`, `Returns:`, `Raises:`",
            Some(DocstringStyle::Numpy) => "Docstrings are NumPy's: underlined sections",
            Some(DocstringStyle::Sphinx) => "Docstrings are Sphinx's: `:param …:`",
            _ => continue,
        };
        let does = format!("writes {}", says.split(": ").nth(1).unwrap_or_default());
        survey.see(says, does, &lens.subject(function, ""));
    }
    survey
}

fn subject(module: &Module) -> Subject {
    Subject { name: module.name.clone(), location: module.location.clone(), kind: "", lines: 1, merit: 0.0 }
}

fn modules(lens: &Lens<'_>) -> Survey {
    let mut survey = Survey::new(Topic::Documentation, "module-docstrings", "modules");
    for module in lens.modules.iter().filter(|one| !one.is_package || !one.binds.is_empty()) {
        if module.docstring.is_some() {
            survey.see("Modules begin with a docstring", "has a docstring", &subject(module));
        } else {
            survey.lack("Modules begin without a docstring", "has no docstring", &subject(module));
        }
    }
    survey
}

fn classes(lens: &Lens<'_>) -> Survey {
    let mut survey = Survey::new(Topic::Documentation, "class-docstrings", "classes");
    for class in lens.classes.iter().filter(|one| !last(&one.name).starts_with('_')) {
        let subject = Subject {
            name: class.name.clone(),
            location: class.location.clone(),
            kind: "",
            lines: class.lines,
            merit: 0.0,
        };
        if class.docstring.is_some() {
            survey.see("Classes have a docstring", "has a docstring", &subject);
        } else {
            survey.lack("Classes go without a docstring", "has no docstring", &subject);
        }
    }
    survey
}

fn annotations(lens: &Lens<'_>) -> Survey {
    let mut survey = Survey::new(Topic::Documentation, "annotations", "public functions");
    for function in public(lens) {
        let own =
            function.parameters.iter().filter(|one| !matches!(one.name.as_str(), "self" | "cls" | "args" | "kwargs"));
        let typed = own.clone().filter(|one| one.annotation.is_some()).count();
        let all = own.count();
        let returns = function.returns_type.is_some();
        let subject = lens.subject(function, "");
        if typed == all && returns {
            survey.see("Functions are annotated in full: parameters and result", "is annotated in full", &subject);
        } else if typed == all && all > 0 {
            survey.see("Parameters are annotated, results are not", "has no annotation of its result", &subject);
        } else {
            survey.lack("Functions are annotated in part", "is annotated in part", &subject);
        }
    }
    survey
}

fn relative(lens: &Lens<'_>) -> Survey {
    let mut survey = Survey::new(Topic::Documentation, "own-imports", "imports of the project's own").enforced();
    for module in &lens.modules {
        for import in module.imports.iter().filter(|one| one.origin == ImportOrigin::Own && !one.names.is_empty()) {
            // A package collects what its own modules offer.
            if module.is_package {
                continue;
            }
            let subject = Subject { location: import.location.clone(), ..subject(module) };
            if import.relative {
                survey.see(
                    "The project's own modules are imported relatively: `from .models import User`",
                    "imports relatively",
                    &subject,
                );
            } else {
                survey.see(
                    "The project's own modules are imported by their full name",
                    "imports by the full name",
                    &subject,
                );
            }
        }
    }
    survey
}

/// Standard library, third party, own: in this order, with a blank line between.
fn groups(lens: &Lens<'_>) -> Survey {
    let mut survey = Survey::new(Topic::Documentation, "import-groups", "modules with imports of several kinds");
    for module in &lens.modules {
        let Some(text) = lens.service.files.get(&*module.location.path) else { continue };
        let lines: Vec<&str> = text.text.lines().collect();
        let top: Vec<_> = module.imports.iter().filter(|one| !one.for_types && one.location.column == 1).collect();
        let kinds: std::collections::BTreeSet<_> =
            top.iter().map(|one| one.origin).filter(|one| *one != ImportOrigin::Future).collect();
        if kinds.len() < 2 {
            continue;
        }
        let sorted = top.windows(2).all(|pair| pair[0].origin <= pair[1].origin);
        let blank = |from: u32, to: u32| {
            (from as usize..to.saturating_sub(1) as usize)
                .any(|at| lines.get(at).is_some_and(|line| line.trim().is_empty()))
        };
        let apart = top
            .windows(2)
            .all(|pair| pair[0].origin == pair[1].origin || blank(pair[0].location.end_line, pair[1].location.line));
        if sorted && apart {
            let say = "Imports are grouped: standard library, third party, own, with a blank line between";
            survey.see(say, "groups its imports", &subject(module));
        } else if sorted {
            survey.see(
                "Imports are sorted by origin without blank lines",
                "does not part its imports",
                &subject(module),
            );
        } else {
            survey.see("Imports are not grouped by origin", "mixes its imports", &subject(module));
        }
    }
    survey
}

fn loggers(lens: &Lens<'_>) -> Survey {
    let mut survey = Survey::new(Topic::Documentation, "loggers", "modules that log");
    for module in &lens.modules {
        for field in &module.values {
            let Some(value) = &field.value else { continue };
            let named = field.name.to_lowercase();
            if !matches!(named.as_str(), "log" | "logger" | "_logger" | "_log") {
                continue;
            }
            let call = value.text.split('(').next().unwrap_or_default();
            let argument = if value.text.contains("__name__") { "__name__" } else { "…" };
            survey.see(
                format!("A module's logger is `{} = {call}({argument})`", field.name),
                format!("writes `{} = {call}(…)`", field.name),
                &subject(module),
            );
        }
    }
    survey
}
