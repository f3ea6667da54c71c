//! `advise` from outside: topics, answers, facts, formats, records.

#![allow(clippy::disallowed_methods, reason = "a test looks at the disk")]

mod support;

use std::fs;

use assert_cmd::Command;
use serde_json::Value;
use support::Project;

const SERVICE: &str = "\
from fastapi import FastAPI
from sqlalchemy import create_engine

app = FastAPI()
engine = create_engine('postgresql://db/app', pool_size=3)


@app.get('/users')
def list_users(): ...
";

fn run(project: &Project, arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::cargo_bin("fastapi-architect").unwrap();
    let done = command.current_dir(project.path()).args(arguments).env("NO_COLOR", "1").output().unwrap();
    (done.status.code(), String::from_utf8(done.stdout).unwrap(), String::from_utf8(done.stderr).unwrap())
}

fn json(project: &Project, arguments: &[&str]) -> Value {
    let (code, stdout, stderr) = run(project, &[arguments, &["--format", "json"]].concat());
    assert_eq!(code, Some(0), "{stderr}");
    serde_json::from_str(&stdout).unwrap()
}

#[test]
fn topics_are_listed_and_each_of_them_answers() {
    let project = Project::new(SERVICE);
    let topics = json(&project, &["advise"])["topics"].as_array().unwrap().clone();
    assert!(topics.len() >= 22, "{}", topics.len());
    for topic in &topics {
        let name = topic["topic"].as_str().unwrap();
        let said = json(&project, &["advise", name]);
        assert_eq!((said["schema_version"].as_u64(), &said["topic"]), (Some(1), &topic["topic"]));
        assert!(!said["recommendation"].as_str().unwrap().is_empty(), "{name}");
        for key in ["why", "alternatives", "changes_when", "migration_path", "sources", "questions", "assumptions"] {
            assert!(!said[key].as_array().unwrap().is_empty(), "{name}: {key}");
        }
        let (code, text, _) = run(&project, &["advise", name, "--format", "markdown"]);
        assert!(code == Some(0) && text.contains(said["recommendation"].as_str().unwrap()), "{text}");
    }
}

#[test]
fn the_service_answers_and_the_configuration_and_an_answer_wins() {
    let project = Project::new(SERVICE);
    project.write("architect.toml", "[context]\nrequests-per-second = 400\nprocesses = 4\n");
    let said = json(&project, &["advise", "pool-size", "--answer", "held-ms=20"]);
    let facts: Vec<&str> =
        said["facts"].as_array().unwrap().iter().map(|one| one["statement"].as_str().unwrap()).collect();
    assert!(facts.contains(&"the configuration says: 400 requests per second at the busiest time"), "{facts:?}");
    assert!(facts.contains(&"an engine is made by `create_engine` with pool_size=3"), "{facts:?}");
    let asked: Vec<&str> =
        said["questions"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect();
    assert_eq!(asked, ["max-connections", "database"]);
    assert_eq!(said["arithmetic"][0], "Little's law: 400 requests/s x 20 ms held = 8 connections in use on average");
    let said = json(&project, &["advise", "pool-size", "--answer", "requests-per-second=100"]);
    assert_eq!(said["arithmetic"][0], "Little's law: 100 requests/s x 25 ms held = 2.5 connections in use on average");
}

#[test]
fn what_makes_no_sense_is_refused_in_one_line() {
    let project = Project::new(SERVICE);
    for (arguments, says) in [
        (&["advise", "pool-sise"][..], "no topic \"pool-sise\"; did you mean pool-size?"),
        (&["advise", "zzz"], "no topic \"zzz\"; there are database, "),
        (&["advise", "workers", "--answer", "cores"], "--answer cores: write ID=VALUE"),
        (&["advise", "workers", "--answer", "core=2"], "no question \"core\"; did you mean cores?"),
        (&["advise", "workers", "--answer", "cores=many"], "--answer cores: \"many\" is not a number of at least 0"),
        (&["advise", "workers", "--answer", "cost-of-failure=huge"], "\"huge\" is none of low, medium, high"),
        (&["advise", "workers", "nowhere"], "nowhere: no such folder"),
        (&["advise", "--record"], "--record needs a topic"),
    ] {
        let (code, stdout, stderr) = run(&project, arguments);
        assert_eq!((code, stdout.as_str()), (Some(2), ""), "{arguments:?}");
        assert!(stderr.contains(says) && stderr.trim_end().lines().count() == 1, "{arguments:?}: {stderr}");
    }
}

#[test]
fn records_are_numbered_and_nothing_is_overwritten() {
    let project = Project::new(SERVICE);
    project.write("docs/adr/0007-old.md", "# 7. Old\n");
    let record = ["advise", "workers", "--record", "--yes"];
    let (_, shown, _) = run(&project, &[&record[..], &["--dry-run"]].concat());
    assert!(shown.contains("# 8. Processes and workers") && !project.path().join("docs/adr/0008-workers.md").exists());
    let (code, said, stderr) = run(&project, &record);
    assert_eq!((code, said.trim()), (Some(0), "./docs/adr/0008-workers.md"), "{stderr}");
    let first = fs::read_to_string(project.path().join("docs/adr/0008-workers.md")).unwrap();
    assert!(first.starts_with("# 8. Processes and workers\n\nStatus: proposed\n"), "{first}");
    run(&project, &record);
    assert!(project.path().join("docs/adr/0009-workers.md").exists());
    assert_eq!(fs::read_to_string(project.path().join("docs/adr/0008-workers.md")).unwrap(), first);
}

#[test]
fn a_document_of_decisions_gets_a_section() {
    let project = Project::new(SERVICE);
    project.write("docs/DECISIONS.md", "# Decisions\n\n## The size is service\n\nAsked for.\n");
    let (code, _, stderr) = run(&project, &["advise", "caching", "--record", "--yes"]);
    assert_eq!(code, Some(0), "{stderr}");
    let text = fs::read_to_string(project.path().join("docs/DECISIONS.md")).unwrap();
    assert!(text.starts_with("# Decisions\n\n## The size is service\n\nAsked for.\n\n## Caching\n"), "{text}");
}

#[cfg(unix)]
#[test]
fn a_link_does_not_lead_out_of_the_project() {
    let (project, outside) = (Project::new(SERVICE), tempfile::tempdir().unwrap());
    fs::create_dir_all(project.path().join("docs")).unwrap();
    std::os::unix::fs::symlink(outside.path(), project.path().join("docs/decisions")).unwrap();
    let (code, _, stderr) = run(&project, &["advise", "caching", "--record", "--yes"]);
    assert!(code == Some(2) && stderr.contains("leads out of the project"), "{stderr}");
    assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 0);
}

#[test]
fn a_folder_without_a_service_is_advised_too() {
    let empty = tempfile::tempdir().unwrap();
    let mut command = Command::cargo_bin("fastapi-architect").unwrap();
    let done = command.current_dir(empty.path()).args(["advise", "database"]).output().unwrap();
    let text = String::from_utf8(done.stdout).unwrap();
    assert!(done.status.success() && text.contains("Assumed, because nobody said"), "{text}");
}
