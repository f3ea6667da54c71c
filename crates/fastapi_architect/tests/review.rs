//! `review` from outside: formats against their schemas, baselines, `--since`, fixes, configuration.

#![allow(clippy::disallowed_methods, reason = "a test looks at the disk and runs git")]

mod support;

use std::fs;

use assert_cmd::Command;
use serde_json::Value;
use support::{MAIN, Project};

/// What people who want to be noticed write into code.
fn hostile() -> Project {
    let main = "\
from fastapi import FastAPI

app = FastAPI(title='<script>alert(1)</script>')


@app.get('/a\\x1b[31m]]>\\n::error::x<img src=x>@team #1 `b` | [l](http://evil) %0A/{x}')
def one(x): ...


@app.get('/a\\x1b[31m]]>\\n::error::x<img src=x>@team #1 `b` | [l](http://evil) %0A/{y}')
def two(y):
    '''</failure><b>\\u202e'''
";
    let project = Project::new(main);
    project.write("app/\u{1b}[2J<b>&\"'`|%,:.py", "x = (\n");
    project
}

fn validator(schema: &str) -> jsonschema::Validator {
    // The bracket is meant as a letter, which not every dialect of regular expressions allows.
    let schema = schema.replace("{2}]?$", "{2}\\\\]?$");
    jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap()
}

#[track_caller]
fn valid(schema: &str, document: &str) -> Value {
    let document: Value = serde_json::from_str(document).unwrap();
    let errors: Vec<String> =
        validator(schema).iter_errors(&document).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert_eq!(errors, [""; 0]);
    document
}

const SARIF: &str = include_str!("schemas/sarif-2.1.0.json");
const GITLAB: &str = include_str!("schemas/gitlab-code-quality.json");

#[test]
fn sarif_is_what_its_schema_says() {
    for (project, options) in [(Project::new(MAIN), "--style"), (hostile(), "--all"), (hostile(), "--style")] {
        let log = valid(SARIF, &project.prints(&[options, "--format", "sarif"]));
        let run = &log["runs"][0];
        for result in run["results"].as_array().unwrap() {
            let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
            assert_eq!(run["tool"]["driver"]["rules"][index]["id"], result["ruleId"]);
        }
    }
    let clean = tempfile::tempdir().unwrap();
    let output = Command::cargo_bin("fastapi-architect").unwrap();
    let output = { output }.args(["review", "--format", "sarif"]).arg(clean.path()).output().unwrap();
    valid(SARIF, &String::from_utf8(output.stdout).unwrap());
}

#[test]
fn gitlab_is_what_its_schema_says() {
    for project in [Project::new(MAIN), hostile()] {
        let report = valid(GITLAB, &project.prints(&["--style", "--format", "gitlab"]));
        let issues = report.as_array().unwrap();
        let mut fingerprints: Vec<_> = issues.iter().map(|issue| issue["fingerprint"].to_string()).collect();
        fingerprints.sort();
        fingerprints.dedup();
        assert_eq!(fingerprints.len(), issues.len(), "GitLab shows one issue a fingerprint");
    }
}

#[test]
fn the_configuration_is_what_its_schema_says() {
    let output =
        Command::cargo_bin("fastapi-architect").unwrap().args(["explain", "configuration", "--schema"]).output();
    let schema = String::from_utf8(output.unwrap().stdout).unwrap();
    let config = serde_json::json!({
        "select": ["endpoints"], "severity": {"auth-gap": "off"}, "style": {"enabled": true},
        "context": {"rows": {"users": 1_000_000}, "database": "postgresql"}, "knowledge": {"sanitizers": ["a.b"]},
    });
    assert!(validator(&schema).is_valid(&config));
    assert!(!validator(&schema).is_valid(&serde_json::json!({"selct": []})));
}

/// An element of an XML schema: the attributes it may have, those it must have, and the elements it may hold.
fn junit_element(name: &str) -> (Vec<String>, Vec<String>, Vec<String>) {
    const XS: &str = "http://www.w3.org/2001/XMLSchema";
    let text = include_str!("schemas/junit-10.xsd");
    let schema = roxmltree::Document::parse(text).unwrap();
    let element = schema.root_element().children().find(|node| node.attribute("name") == Some(name)).unwrap();
    let named = |tag: &str, key: &str, must: bool| -> Vec<String> {
        let nodes = element.descendants().filter(|node| node.has_tag_name((XS, tag)));
        let nodes = nodes.filter(|node| !must || node.attribute("use") == Some("required"));
        nodes.filter_map(|node| node.attribute(key).map(str::to_owned)).collect()
    };
    (named("attribute", "name", false), named("attribute", "name", true), named("element", "ref", false))
}

#[test]
fn junit_is_what_its_schema_says() {
    let clean = Project::new("");
    for project in [Project::new(MAIN), hostile(), clean] {
        let (_, text, _) = project.run(&["--style", "--select", "endpoints,syntax", "--format", "junit"]);
        let document = roxmltree::Document::parse(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
        assert_eq!(document.root_element().tag_name().name(), "testsuites");
        for node in document.root().descendants().filter(roxmltree::Node::is_element) {
            let (may, must, holds) = junit_element(node.tag_name().name());
            assert!(node.attributes().all(|attribute| may.iter().any(|name| name == attribute.name())), "{node:?}");
            assert!(must.iter().all(|name| node.has_attribute(&**name)), "{node:?} lacks one of {must:?}");
            let mut inner = node.children().filter(roxmltree::Node::is_element);
            assert!(inner.all(|inner| holds.iter().any(|name| name == inner.tag_name().name())), "{node:?}");
        }
        assert!(!text.contains('\u{1b}'), "{text}");
    }
}

#[test]
fn nothing_that_is_read_is_obeyed() {
    let project = hostile();
    for format in ["text", "concise", "github", "gitlab", "junit", "markdown", "sarif", "json"] {
        for options in [&["--all"][..], &["--style"], &["--style", "--color", "never"]] {
            let (code, text, stderr) = project.run(&[options, &["--format", format]].concat());
            assert_eq!(code, Some(1), "{stderr}");
            for letter in ['\u{1b}', '\u{202e}', '\u{7}', '\r'] {
                assert!(!text.contains(letter) && !stderr.contains(letter), "{format} prints {letter:?}: {text}");
            }
        }
    }
    let commands = project.prints(&["--all", "--format", "github"]);
    assert!(
        commands.lines().all(|line| line.starts_with("::error ")
            || line.starts_with("::warning ")
            || line.starts_with("::notice "))
    );
    let markdown = project.prints(&["--all", "--format", "markdown"]);
    let outside = without_code(&markdown);
    for markup in ["<img", "<b>", "@team", "](http", "</failure>"] {
        assert!(!outside.contains(markup), "{markup} in {outside}");
    }
}

/// Markdown without its code spans, which end with as many backticks as they begin with.
fn without_code(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(start) = rest.find('`') {
        out.push_str(&rest[..start]);
        let after = rest[start..].trim_start_matches('`');
        let fence = rest.len() - start - after.len();
        let runs = after.char_indices().filter(|(at, letter)| *letter == '`' && !after[..*at].ends_with('`'));
        let end =
            runs.map(|(at, _)| at).find(|at| after[*at..].len() - after[*at..].trim_start_matches('`').len() == fence);
        match end {
            Some(end) => rest = &after[end + fence..],
            None => rest = after,
        }
    }
    out + rest
}

#[test]
fn github_names_the_place() {
    let text = Project::new(MAIN).prints(&["--format", "github"]);
    assert!(text.starts_with("::error title=fastapi-architect (route-shadowed),file=app/main.py,line="), "{text}");
    assert_eq!(text.lines().count(), 1, "{text}");
}

#[test]
fn a_baseline_leaves_what_is_new() {
    let project = Project::new(MAIN);
    let file = project.path().join("known.json");
    let file = file.to_str().unwrap();
    assert_eq!(project.run(&["--write-baseline", file]).0, Some(0));
    let (code, stdout, _) = project.run(&["--baseline", file]);
    assert_eq!(code, Some(0), "{stdout}");
    assert!(stdout.contains("no findings (1 in the baseline, 0 of it fixed)"), "{stdout}");
    // Lines move, and another finding comes.
    project.write("app/main.py", &format!("# one\n# two\n{MAIN}\n\n@app.get('/users/you')\ndef you(): ...\n"));
    let stdout = project.prints(&["--baseline", file, "--format", "concise"]);
    assert!(stdout.lines().count() == 1 && stdout.contains("/users/you"), "{stdout}");
    project.write("app/main.py", "from fastapi import FastAPI\napp = FastAPI()\n");
    let (_, stdout, _) = project.run(&["--baseline", file, "--format", "json"]);
    let review: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!((&review["summary"]["baselined"], &review["summary"]["fixed"]), (&Value::from(0), &Value::from(1)));
    let (code, _, stderr) = project.run(&["--baseline", "/no/such/file.json"]);
    assert!(code == Some(2) && stderr.contains("--write-baseline"), "{stderr}");
}

#[test]
fn since_a_revision_only_what_changed_or_what_it_causes() {
    let main = format!("{MAIN}\n\nfrom . import more, other\n");
    let project = Project::new(&main);
    project.write("app/other.py", "from .main import app\n\n\n@app.get('/items/{name}')\ndef item(name: str): ...\n");
    project.write("app/more.py", "from .other import app\n\n\n@app.get('/things/all')\ndef all_things(): ...\n");
    project.commit();
    assert_eq!(project.rules(&["--since", "HEAD"]), [""; 0], "nothing changed");
    // A line of the trace.
    let moved = main.replace("get('/users/{user_id}')", "get('/users/{user_id}', tags=['x'])");
    project.write("app/main.py", &moved);
    assert_eq!(project.rules(&["--since", "HEAD"]), ["route-shadowed"]);
    // A change whose effect stands in a file that did not change.
    project.write("app/main.py", &main);
    project.write("app/other.py", "from .main import app\n\n\n@app.get('/{kind}/{name}')\ndef item(kind, name): ...\n");
    let found = project.prints(&["--since", "HEAD", "--format", "concise"]);
    assert!(found.lines().count() >= 1 && found.contains("/things/all"), "{found}");
    project.git(&["diff", "--exit-code", "--cached"]);
    let (code, _, stderr) = project.run(&["--since", "no-such-revision"]);
    assert!(code == Some(2) && stderr.contains("no revision") && stderr.lines().count() == 1, "{stderr}");
    let (code, _, stderr) = Project::new(MAIN).run(&["--since", "HEAD"]);
    assert!(code == Some(2) && stderr.lines().count() == 1, "{stderr}");
}

const STALE: &str = "\
from fastapi import FastAPI

app = FastAPI()  # architect: ignore[auth-gap] gone


# architect: ignore[route-shadowed] gone, too
@app.get('/a')  # kept
def a(): ...
";

#[test]
fn fixes_are_shown_written_and_complete() {
    let project = Project::new(STALE);
    project.commit();
    let diff = project.prints(&["--fix", "--diff"]);
    assert!(diff.contains("-# architect: ignore[route-shadowed] gone, too\n"), "{diff}");
    assert_eq!(project.read("app/main.py"), STALE, "--diff writes nothing");
    let (code, stdout, stderr) = project.run(&["--fix"]);
    assert_eq!(code, Some(0), "{stderr}{stdout}");
    assert!(stderr.contains("fixed 2 findings in 1 file"), "{stderr}");
    let fixed = project.read("app/main.py");
    assert_eq!(fixed, "from fastapi import FastAPI\n\napp = FastAPI()\n\n\n@app.get('/a')  # kept\ndef a(): ...\n");
    // The file is unsaved now, and has something to fix again.
    project.write("app/main.py", STALE);
    project.write("app/main.py", &STALE.replace("# kept", "# changed"));
    let (code, _, stderr) = project.run(&["--fix"]);
    assert!(code == Some(2) && stderr.contains("--allow-dirty"), "{stderr}");
    assert_eq!(project.run(&["--fix", "--allow-dirty"]).0, Some(0));
    assert!(!project.read("app/main.py").contains("architect:"));
}

#[test]
fn a_swallowed_exception_is_raised_again() {
    let main = "\
from fastapi import Depends, FastAPI

app = FastAPI()


def get_db():
    try:
        yield 1
    except Exception as error:
        if error:
            print(error)  # seen

        # and logged


@app.get('/')
def read(db=Depends(get_db)): ...
";
    let project = Project::new(main);
    assert_eq!(project.rules(&[]), ["yield-dependency-swallows-exception"]);
    assert_eq!(project.run(&["--fix"]).0, Some(0));
    let expected = main.replace("print(error)  # seen\n", "print(error)  # seen\n        raise\n");
    assert_eq!(project.read("app/main.py"), expected);
    let returning = main.replace("print(error)  # seen", "return");
    let project = Project::new(&returning.replace("if error:\n            return", "return"));
    assert_eq!(project.run(&["--fix"]).0, Some(1), "a fix that does not help is not made");
    assert!(!project.read("app/main.py").contains("raise"));
}

#[test]
fn a_type_checker_that_is_not_there_is_one_line() {
    let project = Project::new(MAIN);
    let (code, stdout, stderr) = project.run(&["--with", "mypy", "--python", project.path().to_str().unwrap()]);
    assert_eq!((code, &*stdout, stderr.lines().count()), (Some(2), "", 1), "{stderr}");
    assert!(stderr.contains("no mypy"), "{stderr}");
}

#[cfg(unix)]
#[test]
fn the_type_checker_of_the_project_is_run() {
    use std::os::unix::fs::PermissionsExt as _;
    let project = Project::new(MAIN);
    let script = "#!/bin/sh\necho \"app/main.py:4:1: error: Wrong <b>  [assignment]\"\nexit 1\n";
    project.write("env/bin/mypy", script);
    project.write("env/pyvenv.cfg", "");
    fs::set_permissions(project.path().join("env/bin/mypy"), fs::Permissions::from_mode(0o755)).unwrap();
    let environment = project.path().join("env");
    let rules = project.rules(&["--with", "mypy", "--python", environment.to_str().unwrap()]);
    assert!(rules.contains(&"assignment".to_owned()), "{rules:?}");
}
