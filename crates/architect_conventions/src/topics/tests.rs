//! How the service is tested.

use std::collections::BTreeMap;

use architect_model::code::Function;

use crate::lens::{Lens, is_test};
use crate::survey::{Subject, Survey, Topic};
use crate::words::{last, short};

pub(super) fn surveys(lens: &Lens<'_>) -> Vec<Survey> {
    vec![layout(lens), form(lens), client(lens), fixtures(lens), shared(lens), overrides(lens)]
}

/// Test functions.
fn tests<'s>(lens: &Lens<'s>) -> Vec<&'s Function> {
    let code = &lens.service.code;
    let is = |one: &&Function| {
        is_test(&one.location.path) && last(short(&one.name)).starts_with("test_") && !one.name.contains("<locals>")
    };
    code.functions.iter().filter(is).collect()
}

fn layout(lens: &Lens<'_>) -> Survey {
    let mut survey = Survey::new(Topic::Tests, "test-layout", "test modules");
    let mut seen = std::collections::BTreeSet::new();
    for function in tests(lens) {
        let path = &*function.location.path;
        if !seen.insert(path) {
            continue;
        }
        // Folders of folders belong to one tree.
        let root = path.split('/').take_while(|part| !part.ends_with(".py")).collect::<Vec<_>>();
        let at = root.iter().position(|part| matches!(*part, "tests" | "test"));
        let says = match at {
            Some(at) => format!("Tests are in `{}/`", root[..=at].join("/")),
            None => "Tests stand beside what they test".to_owned(),
        };
        let subject =
            Subject { name: path.to_owned(), location: function.location.clone(), kind: "", lines: 1, merit: 0.0 };
        survey.see(says, format!("is `{path}`"), &subject);
    }
    survey
}

fn subject(lens: &Lens<'_>, function: &Function) -> Subject {
    let long = if (4..=25).contains(&function.body_lines) { 0.5 } else { 0.0 };
    Subject { merit: long, ..lens.subject(function, "A test") }
}

fn form(lens: &Lens<'_>) -> Survey {
    let mut survey = Survey::new(Topic::Tests, "test-form", "tests");
    for function in tests(lens) {
        let subject = subject(lens, function);
        match (function.class.is_some(), function.is_async) {
            (true, false) => survey.see("Tests are methods of classes", "is a method", &subject),
            (true, true) => survey.see("Tests are `async` methods of classes", "is an `async` method", &subject),
            (false, true) => survey.see("Tests are `async` functions", "is an `async` function", &subject),
            (false, false) => survey.see("Tests are plain functions", "is a plain function", &subject),
        }
    }
    survey
}

/// What talks to the service.
fn client(lens: &Lens<'_>) -> Survey {
    let mut survey = Survey::new(Topic::Tests, "test-client", "tests that call the API");
    let makes =
        |class: &str| {
            lens.service.code.functions.iter().filter(|one| one.aside).any(|one| {
                one.calls.iter().any(|call| call.callee.as_deref().is_some_and(|callee| last(callee) == class))
            })
        };
    let kind = if makes("AsyncClient") && !makes("TestClient") {
        Some("`httpx.AsyncClient`")
    } else if makes("TestClient") && !makes("AsyncClient") {
        Some("`TestClient`")
    } else {
        None
    };
    for function in tests(lens) {
        let call = function.calls.iter().find(|call| {
            let receiver = call.receiver.as_deref().unwrap_or_default();
            matches!(call.name.as_str(), "get" | "post" | "put" | "patch" | "delete" | "request")
                && receiver.to_lowercase().ends_with("client")
        });
        let Some(call) = call else { continue };
        let fixture = call.receiver.as_deref().unwrap_or_default();
        let kind = kind.map(|kind| format!(", a {kind}")).unwrap_or_default();
        let is_fixture = function.parameters.iter().any(|one| one.name == fixture);
        let what = if is_fixture {
            format!("Tests call the API through the fixture `{fixture}`{kind}")
        } else {
            format!("Tests call the API through `{fixture}`{kind}")
        };
        survey.see(what, format!("uses `{fixture}`"), &subject(lens, function));
    }
    survey
}

fn is_fixture(function: &Function) -> bool {
    function.decorators.iter().any(|one| {
        let name = one.text.split('(').next().unwrap_or_default();
        matches!(name, "pytest.fixture" | "fixture" | "pytest_asyncio.fixture")
    })
}

/// Where fixtures are.
fn fixtures(lens: &Lens<'_>) -> Survey {
    let mut survey = Survey::new(Topic::Tests, "fixture-place", "fixtures");
    for function in lens.service.code.functions.iter().filter(|one| is_fixture(one)) {
        let path = &*function.location.path;
        let name = path.rsplit('/').next().unwrap_or(path);
        let says = if name == "conftest.py" {
            "Fixtures are in `conftest.py`"
        } else if path.contains("fixtures") {
            "Fixtures are in modules of their own"
        } else {
            "Fixtures are in the modules that use them"
        };
        survey.see(says, format!("is in `{path}`"), &lens.subject(function, ""));
    }
    survey
}

/// The fixture that most tests share.
fn shared(lens: &Lens<'_>) -> Survey {
    let mut survey = Survey::new(Topic::Tests, "shared-fixture", "tests");
    let known: Vec<&str> =
        lens.service.code.functions.iter().filter(|one| is_fixture(one)).map(|one| last(short(&one.name))).collect();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let all = tests(lens);
    for function in &all {
        for parameter in function.parameters.iter().filter(|one| known.contains(&one.name.as_str())) {
            *counts.entry(&parameter.name).or_default() += 1;
        }
    }
    let Some((most, _)) = counts.iter().max_by_key(|(name, count)| (**count, std::cmp::Reverse(**name))) else {
        return survey;
    };
    for function in &all {
        if function.parameters.iter().any(|one| one.name == **most) {
            survey.see(format!("Tests take the fixture `{most}`"), format!("takes `{most}`"), &subject(lens, function));
        } else {
            survey.lack(
                format!("Tests go without the fixture `{most}`"),
                format!("goes without `{most}`"),
                &subject(lens, function),
            );
        }
    }
    survey
}

/// What tests put in place of dependencies.
fn overrides(lens: &Lens<'_>) -> Survey {
    let mut survey = Survey::new(Topic::Tests, "dependency-override", "overrides of dependencies").single();
    for function in lens.service.code.functions.iter().filter(|one| one.aside) {
        for store in function.stores.iter().filter(|store| store.target.contains("dependency_overrides[")) {
            let Some(name) = store.key.as_ref().map(|key| key.text.clone()) else { continue };
            let subject = Subject { location: store.location.clone(), ..lens.subject(function, "") };
            survey.see(format!("Tests replace `{}`", last(&name)), format!("replaces `{}`", last(&name)), &subject);
        }
    }
    survey
}
