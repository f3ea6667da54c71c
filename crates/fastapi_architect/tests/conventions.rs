//! `conventions` from outside: formats, exit statuses, a committed document that stays true, rules that have to be asked.

#![allow(clippy::disallowed_methods, reason = "a test looks at the disk")]

mod support;

use std::process::Output;

use assert_cmd::Command;
use serde_json::Value;
use support::Project;

const SERVICE: &str = "\
from fastapi import FastAPI

app = FastAPI()


@app.get('/users')
def list_users(): ...


@app.get('/users/{user_id}')
def read_user(user_id: int): ...
";

fn run(project: &Project, arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::cargo_bin("fastapi-architect").unwrap();
    let command = command.current_dir(project.path()).args(arguments).env("NO_COLOR", "1");
    let Output { status, stdout, stderr } = command.output().unwrap();
    (status.code(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

#[test]
fn patterns_are_counted_with_their_reference() {
    let project = Project::new(SERVICE);
    let (code, stdout, stderr) = run(&project, &["conventions", "--format", "json"]);
    assert_eq!(code, Some(0), "{stderr}");
    let found: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(found["schema_version"], 1);
    let patterns = found["patterns"].as_array().unwrap();
    let kind = patterns.iter().find(|one| one["name"] == "endpoint-kind").unwrap();
    assert_eq!((kind["count"].as_u64(), kind["of"].as_u64()), (Some(2), Some(2)));
    assert_eq!(kind["reference"]["location"]["path"], "app/main.py");
    let (code, stdout, _) = run(&project, &["conventions"]);
    assert!(code == Some(0) && stdout.contains("Endpoints are plain functions"), "{stdout}");
}

#[test]
fn a_document_is_true_until_the_code_is_written_otherwise() {
    let project = Project::new(SERVICE);
    let (code, _, stderr) = run(&project, &["conventions", "--format", "markdown", "--output", "STANDARDS.md"]);
    assert_eq!(code, Some(0), "{stderr}");
    let check = ["conventions", "--check", "STANDARDS.md"];
    assert_eq!(run(&project, &check).0, Some(0), "{:?}", run(&project, &check));
    // Lines and counts move with every change, and are no reason to fail.
    let more = SERVICE.replace("app = FastAPI()", "# A comment.\napp = FastAPI()")
        + "\n\n@app.get('/groups')\ndef list_groups(): ...\n";
    project.write("app/main.py", &more);
    assert_eq!(run(&project, &check).0, Some(0), "{:?}", run(&project, &check));
    project.write("app/main.py", &SERVICE.replace("\ndef ", "\nasync def "));
    let (code, stdout, _) = run(&project, &check);
    assert_eq!(code, Some(1));
    assert!(stdout.contains("not true any more: - Endpoints are plain functions"), "{stdout}");
    assert!(stdout.contains("lacks: - Endpoints are `async def`"), "{stdout}");
    project.write("OTHER.md", "# Something else\n");
    let (code, _, stderr) = run(&project, &["conventions", "--check", "OTHER.md"]);
    assert!(code == Some(2) && stderr.contains("was not written by"), "{stderr}");
    let (code, _, stderr) = run(&project, &["conventions", "--check", "gone.md"]);
    assert!(code == Some(2) && stderr.contains("gone.md"), "{stderr}");
}

#[test]
fn rules_about_conventions_speak_when_they_are_asked() {
    let project = Project::new(SERVICE);
    project.write("README.md", "Endpoints are in `app/endpoints.py`.\n");
    let rules = |arguments: &[&str]| {
        let (_, stdout, stderr) = run(&project, &[&["review", "--format", "json"], arguments].concat());
        let found: Value = serde_json::from_str(&stdout).unwrap_or_else(|_| panic!("{stderr}"));
        let findings = found["findings"].as_array().unwrap().clone();
        findings.iter().map(|one| one["rule"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert!(!rules(&[]).contains(&"stale-document".to_owned()));
    assert!(rules(&["--select", "conventions"]).contains(&"stale-document".to_owned()));
    assert!(rules(&["--all"]).contains(&"stale-document".to_owned()));
}
