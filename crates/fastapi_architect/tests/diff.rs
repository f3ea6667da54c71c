//! `diff` from outside: what it compares, formats, exit statuses, the list of its checks.

#![allow(clippy::disallowed_methods, reason = "a test looks at the disk and runs git")]

mod support;

use std::process::Output;

use assert_cmd::Command;
use serde_json::Value;
use support::Project;

const OLD: &str = "\
from fastapi import FastAPI
from pydantic import BaseModel

app = FastAPI()


class User(BaseModel):
    name: str
    email: str


@app.get('/users')
def list_users() -> list[User]: ...
";

/// A project with two revisions, the second of which takes a field away, and a third state that is not committed.
fn revisions() -> Project {
    let project = Project::new(OLD);
    project.commit();
    project.write("app/main.py", &OLD.replace("    email: str\n", ""));
    project.commit();
    project.write("app/main.py", &OLD.replace("    email: str\n", "").replace("'/users'", "'/people'"));
    project
}

fn run(project: &Project, arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::cargo_bin("fastapi-architect").unwrap();
    let command = command.current_dir(project.path()).arg("diff").args(arguments).env("NO_COLOR", "1");
    let Output { status, stdout, stderr } = command.output().unwrap();
    (status.code(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

/// Rules of the changes, in order.
#[track_caller]
fn rules(project: &Project, arguments: &[&str]) -> Vec<String> {
    let (code, stdout, stderr) = run(project, &[arguments, &["--format", "json"]].concat());
    let diff: Value = serde_json::from_str(&stdout).unwrap_or_else(|_| panic!("{stderr}{stdout}"));
    assert_eq!(diff["schema_version"], 1);
    let changes = diff["changes"].as_array().unwrap();
    assert_eq!(code, Some(i32::from(!changes.is_empty())), "{stderr}");
    changes.iter().map(|change| change["rule"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn revisions_are_compared_with_each_other_and_with_the_work_tree() {
    let project = revisions();
    assert_eq!(rules(&project, &["HEAD~1", "HEAD"]), ["response-field-removed"]);
    assert_eq!(rules(&project, &["HEAD"]), ["operation-moved"]);
    assert_eq!(rules(&project, &["HEAD~1"]), ["operation-moved", "response-field-removed"]);
    assert_eq!(rules(&project, &["HEAD~1", "HEAD~1"]), [""; 0]);
    assert_eq!(rules(&project, &[".", "."]), [""; 0]);
    assert_eq!(rules(&project, &["HEAD", "HEAD~1", "--min-level", "risky"]), [""; 0], "a new field breaks nobody");
    assert!(project.read("app/main.py").contains("/people"), "the work tree is as it was");
}

#[test]
fn documents_and_services_mix() {
    let project = revisions();
    let openapi = |name: &str, format: &str| {
        let mut command = Command::cargo_bin("fastapi-architect").unwrap();
        let command = command.current_dir(project.path()).args(["openapi", "--format", format, "--output", name]);
        assert!(command.output().unwrap().status.success());
    };
    openapi("now.json", "json");
    openapi("now.yaml", "yaml");
    assert_eq!(rules(&project, &["now.json", "now.yaml"]), [""; 0]);
    assert_eq!(rules(&project, &["now.yaml"]), [""; 0]);
    assert_eq!(rules(&project, &["HEAD", "now.json"]), ["operation-moved"]);
    project.commit();
    assert_eq!(rules(&project, &["HEAD:now.json", "HEAD~2"]), ["operation-moved", "response-field-added"]);
}

#[test]
fn json_and_migration_notes_say_what_to_do() {
    let project = revisions();
    let (_, stdout, _) = run(&project, &["HEAD~1", "HEAD", "--format", "json"]);
    let diff: Value = serde_json::from_str(&stdout).unwrap();
    let change = &diff["changes"][0];
    assert_eq!((&diff["old"], &diff["new"]), (&Value::from("HEAD~1"), &Value::from("HEAD")));
    assert_eq!(change["level"], "breaking");
    assert_eq!(change["direction"], "response");
    assert_eq!(change["operation"], "GET /users");
    assert_eq!(change["subject"], "User.email");
    assert_eq!(change["location"]["path"], "app/main.py");
    assert_eq!(change["note"], "do not read it");
    assert_eq!(diff["summary"]["breaking"], 1);
    let (code, notes, _) = run(&project, &["HEAD~1", "HEAD", "--format", "markdown"]);
    assert_eq!(code, Some(1));
    assert_eq!(
        notes,
        "# Migration notes: `HEAD~1` to `HEAD`\n\n1 breaking, 0 risky, 0 compatible.\n\n## Breaking changes\n\n- `User.email` \
         is gone.\n  **What to do:** do not read it.\n  In `GET /users`.\n"
    );
}

#[test]
fn what_cannot_be_compared_is_one_line() {
    let project = revisions();
    project.write("not.json", "[1]");
    project.write("empty/readme.txt", "");
    for (arguments, said) in [
        (&["no-such-revision"][..], "no revision"),
        (&["not.json"], "no OpenAPI 3"),
        (&["gone.json"], "gone.json"),
        (&["HEAD", "empty"], "no application found"),
        (&["HEAD:gone.json"], "HEAD:gone.json"),
    ] {
        let (code, stdout, stderr) = run(&project, arguments);
        assert_eq!((code, &*stdout), (Some(2), ""), "{arguments:?}");
        assert!(stderr.contains(said) && stderr.lines().count() == 1, "{arguments:?} {stderr}");
    }
}

#[test]
fn checks_are_explained_and_listed() {
    let explain = |name: &str| {
        let mut command = Command::cargo_bin("fastapi-architect").unwrap();
        String::from_utf8(command.args(["explain", name]).output().unwrap().stdout).unwrap()
    };
    assert!(explain("response-field-removed").starts_with("response-field-removed (breaking"));
}
