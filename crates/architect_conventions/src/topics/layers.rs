//! Where statements are, where settings come from, what runs beside requests.

use architect_model::code::{Class, Form};

use crate::lens::{Layer, Lens, queries, session_parameters};
use crate::survey::{Subject, Survey, Topic};
use crate::words::{last, short};

pub(super) fn surveys(lens: &Lens<'_>) -> Vec<Survey> {
    vec![
        statements(lens),
        form(lens),
        delegation(lens),
        session_first(lens),
        settings_class(lens),
        settings(lens),
        background(lens),
        tasks(lens),
    ]
}

/// Which functions speak to the database.
fn statements(lens: &Lens<'_>) -> Survey {
    let mut survey = Survey::new(Topic::Layers, "statements", "functions that speak to the database");
    for function in lens.functions.iter().filter(|one| queries(one)) {
        let (says, does) = match lens.layer(function) {
            Layer::Endpoint => ("Endpoints speak to the database themselves".to_owned(), "is an endpoint".to_owned()),
            Layer::Dependency => ("Dependencies speak to the database".to_owned(), "is a dependency".to_owned()),
            Layer::Named(layer) => (format!("The database is spoken to by {layer}"), format!("is one of the {layer}")),
            Layer::Elsewhere => {
                ("The database is spoken to from anywhere".to_owned(), "is outside of any layer".to_owned())
            }
        };
        let kind =
            if matches!(lens.layer(function), Layer::Named(_)) { "A function that speaks to the database" } else { "" };
        survey.see(says, does, &lens.subject(function, kind));
    }
    survey
}

/// Functions or methods.
fn form(lens: &Lens<'_>) -> Survey {
    let mut survey =
        Survey::new(Topic::Layers, "layer-form", "functions of layers that speak to the database").enforced();
    for function in lens.functions.iter().filter(|one| queries(one) && matches!(lens.layer(one), Layer::Named(_))) {
        let subject = lens.subject(function, "A function that speaks to the database");
        if function.class.is_some() {
            survey.see("They are methods of classes", "is a method", &subject);
        } else if !function.name.contains("<locals>") {
            survey.see("They are plain functions of modules, not methods", "is a plain function", &subject);
        }
    }
    survey
}

/// Whether endpoints leave statements to a layer.
fn delegation(lens: &Lens<'_>) -> Survey {
    let mut survey = Survey::new(Topic::Layers, "endpoint-statements", "endpoints that need the database");
    for one in &lens.endpoints {
        let takes = session_parameters(one.function).next().is_some();
        let own = queries(one.function);
        let hands_on = one.function.calls.iter().any(|call| {
            call.callee
                .as_deref()
                .and_then(|name| lens.service.code.function(name))
                .is_some_and(|callee| matches!(lens.layer(callee), Layer::Named(_)))
        });
        if own {
            survey.see("Endpoints send their statements themselves", "sends statements itself", &one.subject);
        } else if hands_on {
            survey.see(
                "Endpoints leave statements to a layer below",
                "leaves statements to a layer below",
                &one.subject,
            );
        } else if takes {
            survey.see(
                "Endpoints leave statements to other functions",
                "leaves statements to other functions",
                &one.subject,
            );
        }
    }
    survey
}

fn session_first(lens: &Lens<'_>) -> Survey {
    let mut survey = Survey::new(Topic::Layers, "session-argument", "functions of layers that take a session");
    for function in lens.functions.iter().filter(|one| matches!(lens.layer(one), Layer::Named(_))) {
        let own: Vec<_> =
            function.parameters.iter().filter(|one| !matches!(one.name.as_str(), "self" | "cls")).collect();
        let Some(at) = own.iter().position(|one| one.class.as_deref().is_some_and(crate::lens::is_session_class))
        else {
            continue;
        };
        let subject = lens.subject(function, "A function that speaks to the database");
        if function.name.ends_with("__init__") {
            survey.see("The session is handed to the constructor", "takes it in its constructor", &subject);
        } else if at == 0 {
            survey.see("The session is the first argument", "takes it first", &subject);
        } else {
            survey.see("The session comes after other arguments", "takes it after other arguments", &subject);
        }
    }
    survey
}

fn settings_classes<'s>(lens: &Lens<'s>) -> Vec<&'s Class> {
    lens.classes.iter().filter(|class| lens.is_settings(&class.name)).copied().collect()
}

fn settings_class(lens: &Lens<'_>) -> Survey {
    let mut survey = Survey::new(Topic::Settings, "settings-class", "settings classes").single();
    for class in settings_classes(lens) {
        let path = &class.location.path;
        let subject = Subject {
            name: class.name.clone(),
            location: class.location.clone(),
            kind: "",
            lines: class.lines,
            merit: if class.docstring.is_some() { 0.5 } else { 0.0 },
        };
        survey.see(
            format!("Settings are classes of `pydantic_settings` in `{path}`"),
            format!("is in `{path}`"),
            &subject,
        );
    }
    survey
}

/// How code gets at a setting.
fn settings(lens: &Lens<'_>) -> Survey {
    let mut survey = Survey::new(Topic::Settings, "settings-access", "modules that read settings").enforced();
    let classes: Vec<&str> = settings_classes(lens).iter().map(|class| class.name.as_str()).collect();
    // Values that hold the settings, and functions that return them.
    let is_settings_value = |module: &str, name: &str| {
        lens.modules.iter().find(|one| one.name == module).is_some_and(|one| {
            one.values.iter().any(|field| {
                field.name == name
                    && field.value.as_ref().is_some_and(|value| {
                        value.form == Form::Call
                            && value.name.as_deref().is_some_and(|called| {
                                classes.contains(&called) || returns_settings(lens, called, &classes)
                            })
                    })
            })
        })
    };
    for module in &lens.modules {
        let subject =
            Subject { name: module.name.clone(), location: module.location.clone(), kind: "", lines: 1, merit: 0.0 };
        let mut value = None;
        let mut function = None;
        for import in module.imports.iter().filter(|import| !import.for_types) {
            for name in &import.names {
                if is_settings_value(&import.module, name) {
                    value = Some((name.clone(), import.module.clone()));
                }
                if returns_settings(lens, &format!("{}:{name}", import.module), &classes) {
                    function = Some(name.clone());
                }
            }
        }
        let environ =
            lens.service.code.functions.iter().filter(|one| one.location.path == module.location.path).any(|one| {
                one.calls.iter().any(|call| matches!(call.callee.as_deref(), Some("os.getenv" | "os.environ.get")))
            });
        let own = classes.iter().any(|class| class.starts_with(&format!("{}:", module.name)));
        if own {
            continue;
        }
        if let Some((name, from)) = value {
            survey.see(
                format!("Code imports the object `{name}` from `{from}`"),
                format!("imports `{name}` from `{from}`"),
                &subject,
            );
        } else if let Some(name) = function {
            survey.see(format!("Code calls `{name}()` for the settings"), format!("calls `{name}()`"), &subject);
        } else if environ {
            survey.see("Code reads environment variables itself", "reads environment variables itself", &subject);
        }
    }
    survey
}

fn returns_settings(lens: &Lens<'_>, name: &str, classes: &[&str]) -> bool {
    lens.service.code.function(name).is_some_and(|function| {
        let annotated = function
            .returns_type
            .as_deref()
            .is_some_and(|one| classes.iter().any(|class| last(class) == one.trim_matches('"')));
        let returned =
            function.returns.iter().any(|one| one.value.through.iter().any(|call| classes.contains(&call.as_str())));
        annotated || returned
    })
}

/// How work is done beside a request.
fn background(lens: &Lens<'_>) -> Survey {
    let mut survey = Survey::new(Topic::Background, "background-work", "places that start background work");
    let delayed = delayed_work(lens);
    for function in &lens.functions {
        for call in &function.calls {
            let callee = call.callee.as_deref().unwrap_or_default();
            let receiver = call.receiver.as_deref().map(last).unwrap_or_default().to_lowercase();
            let says = match call.name.as_str() {
                "add_task"
                    if receiver.contains("background")
                        || receiver.contains("task")
                        || callee.ends_with("BackgroundTasks.add_task") =>
                {
                    "Work after a response is a `BackgroundTasks` task"
                }
                "delay" | "apply_async" => delayed,
                "enqueue_job" | "enqueue" | "kiq" | "send"
                    if ["queue", "pool", "redis", "arq", "broker"].iter().any(|word| receiver.contains(word))
                        || call.name == "kiq" =>
                {
                    "Work beside requests is put into a queue"
                }
                "create_task" | "ensure_future" if callee.starts_with("asyncio.") => {
                    "Work beside requests is an `asyncio` task"
                }
                "submit" | "run_in_executor" | "run_in_threadpool"
                    if receiver.contains("executor") || call.name != "submit" =>
                {
                    "Work that blocks is handed to threads"
                }
                _ => continue,
            };
            let subject = Subject { location: call.location.clone(), ..lens.subject(function, "") };
            survey.see(says, format!("calls `{}`", call.name), &subject);
        }
    }
    survey
}

/// What `.delay()` does: several libraries of tasks have it.
fn delayed_work(lens: &Lens<'_>) -> &'static str {
    let modules = lens.service.code.modules.iter().filter(|module| !module.aside);
    let imports: Vec<&str> = modules.flat_map(|module| &module.imports).map(|import| import.module.as_str()).collect();
    let is_used = |library: &str| imports.iter().any(|module| module.split('.').next() == Some(library));
    match (is_used("celery"), is_used("rq")) {
        (true, false) => "Work beside requests is a Celery task",
        (false, true) => "Work beside requests is a job of RQ",
        _ => "Work beside requests is put into a queue",
    }
}

/// Where tasks are written.
fn tasks(lens: &Lens<'_>) -> Survey {
    let mut survey = Survey::new(Topic::Background, "task-modules", "background tasks");
    let mut seen = std::collections::BTreeSet::new();
    for function in &lens.functions {
        let started = function
            .calls
            .iter()
            .filter(|call| call.name == "add_task")
            .filter_map(|call| call.argument("func", 0)?.name.as_deref());
        for name in started {
            let Some(task) = lens.service.code.function(name) else { continue };
            if !seen.insert(name) {
                continue;
            }
            let path = &task.location.path;
            survey.see(
                format!("Tasks are functions of `{path}`"),
                format!("`{}` is in `{path}`", short(name)),
                &lens.subject(task, ""),
            );
        }
        let is_task = function.decorators.iter().any(|one| {
            let name = one.text.split('(').next().unwrap_or_default();
            matches!(last(name), "task" | "shared_task" | "scheduled_task" | "background_task")
        });
        if is_task && seen.insert(&function.name) {
            let path = &*function.location.path;
            let stem = path.rsplit('/').next().unwrap_or(path);
            survey.see(
                format!("Tasks are decorated functions in `{stem}`"),
                format!("is in `{path}`"),
                &lens.subject(function, ""),
            );
        }
    }
    survey
}
