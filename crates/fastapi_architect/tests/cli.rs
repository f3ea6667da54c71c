//! The binary from outside: exit status, and what stands on which stream.

#![allow(clippy::disallowed_methods, reason = "a test looks at the disk and the clock")]

use std::process::Output;

use assert_cmd::Command;

fn run(arguments: &[&str]) -> (Option<i32>, String, String) {
    let Output { status, stdout, stderr } =
        Command::cargo_bin("fastapi-architect").unwrap().env("NO_COLOR", "1").args(arguments).output().unwrap();
    (status.code(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

#[track_caller]
fn refused(arguments: &[&str], says: &str) {
    let (code, stdout, stderr) = run(arguments);
    assert_eq!(code, Some(2), "{stderr}");
    assert_eq!(stdout, "");
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    assert!(stderr.starts_with("error: ") && stderr.contains(says), "{stderr}");
}

#[test]
fn a_folder_that_is_not_there_is_one_line() {
    refused(&["review", "/no/such/folder"], "/no/such/folder: no such folder");
    refused(&["map", "/no/such/folder", "--format", "json"], "no such folder");
    refused(&["map", "endpoint", "GET /x", "/no/such/folder"], "no such folder");
}

#[test]
fn wrong_usage_is_one_line() {
    refused(&["review", "--formt", "json"], "--format");
    refused(&["map", "endpoint", "GET", "/x", "."], "in quotes");
    refused(&["review", "--select", "unused-supression"], "did you mean unused-suppression?");
    refused(&["review", ".", "--python", "/no/such/venv"], "no such environment");
    refused(&["review", ".", "--env", "X"], "KEY=VALUE");
}

#[test]
fn an_unknown_rule_has_a_suggestion() {
    refused(&["explain", "unused-supression"], "did you mean unused-suppression?");
    let (code, stdout, _) = run(&["explain", "unused-suppression"]);
    assert_eq!(code, Some(0));
    assert!(stdout.starts_with("unused-suppression (suppressions, info)\n"), "{stdout}");
}

#[test]
fn an_empty_folder_is_clean_in_every_format() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    for arguments in [
        &["review", path][..],
        &["review", path, "--format", "concise"],
        &["review", path, "--format", "json"],
        &["map", path],
        &["map", "routes", path, "--format", "mermaid"],
        &["map", "dependencies", path],
        &["map", "tables", path],
        &["map", "tables", path, "--format", "mermaid"],
    ] {
        let (code, _, stderr) = run(arguments);
        assert_eq!(code, Some(0), "{arguments:?} {stderr}");
    }
    let (_, stdout, _) = run(&["map", path, "--format", "json"]);
    let map: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(map["schema_version"], 1);
    refused(&["map", "endpoint", "GET /x", path], "no endpoint");
}

#[test]
fn output_goes_to_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("out.json");
    let (code, stdout, _) =
        run(&["review", folder.path().to_str().unwrap(), "--format", "json", "--output", file.to_str().unwrap()]);
    assert_eq!((code, &*stdout), (Some(0), ""));
    let review: serde_json::Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    assert_eq!(review["summary"]["errors"], 0);
}

#[test]
fn help_has_examples() {
    for arguments in [&["--help"][..], &["map", "--help"], &["review", "--help"], &["explain", "--help"]] {
        let (code, stdout, _) = run(arguments);
        assert_eq!(code, Some(0));
        assert!(stdout.contains("Example"), "{stdout}");
    }
}

const TWO_APPLICATIONS: &str = "\
from fastapi import FastAPI

one = FastAPI()
two = FastAPI()


@one.get('/one')
def read_one(): ...


@two.get('/two')
def read_two(): ...


@two.get('/two')
def read_two_again(): ...
";

#[test]
fn a_project_states_its_configuration() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("main.py", TWO_APPLICATIONS);
    write("pyproject.toml", "[tool.fastapi-architect]\napp = 'main:two'\nignore = ['duplicate-route']\n");
    write("other.toml", "app = 'main:one'\n");
    let path = folder.path().to_str().unwrap();
    let other = folder.path().join("other.toml");
    let routes = |arguments: &[&str]| {
        let (code, stdout, stderr) = run(&[&["map", "routes", path], arguments].concat());
        assert_eq!(code, Some(0), "{stderr}");
        (stdout.contains("/one"), stdout.contains("/two"))
    };
    assert_eq!(routes(&[]), (false, true));
    assert_eq!(routes(&["--isolated"]), (true, true));
    assert_eq!(routes(&["--app", "main:one"]), (true, false));
    assert_eq!(routes(&["--config", other.to_str().unwrap()]), (true, false));

    let rules = |arguments: &[&str]| run(&[&["review", path, "--format", "concise"], arguments].concat()).1;
    assert!(!rules(&[]).contains("duplicate-route"), "{}", rules(&[]));
    assert!(rules(&["--isolated"]).contains("duplicate-route"));
    assert!(rules(&["--ignore", "syntax"]).contains("duplicate-route"));
}

#[test]
fn an_application_may_be_named_from_its_own_folder() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let file = folder.path().join(name);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
    };
    write("shop/pages/__init__.py", "");
    write("shop/pages/main.py", TWO_APPLICATIONS);
    write("shop/__init__.py", "");
    write("tool.py", "import shop.pages.main\n");
    let path = folder.path().to_str().unwrap();
    let (code, stdout, stderr) = run(&["map", "routes", path, "--app", "pages.main:one"]);
    assert_eq!(code, Some(0), "{stderr}");
    assert!(stdout.contains("/one") && !stdout.contains("/two"), "{stdout}");
    refused(&["map", "routes", path, "--app", "pages.main:three"], "shop.pages.main:one");
}

#[test]
fn wrong_configuration_is_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    refused(&["review", path, "--config", "/no/such/file.toml"], "/no/such/file.toml: no such file");
    refused(&["review", path, "--isolated", "--config", "x.toml"], "cannot be used with");
    for (text, says) in [
        ("colour = 'red'", "unknown key \"colour\"; there is app, "),
        ("min-severity = 'high'", "unknown variant `high`"),
        ("select = 'x'", "expected a sequence"),
        ("app = [", "line 1 is not TOML"),
        ("select = ['unused-supression']", "did you mean unused-suppression?"),
        ("env-file = '/etc/hosts'", "outside of the repository"),
    ] {
        std::fs::write(folder.path().join("architect.toml"), text).unwrap();
        refused(&["review", path], says);
    }
    std::fs::write(folder.path().join("architect.toml"), "").unwrap();
    assert_eq!(run(&["review", path]).0, Some(0));
}

#[test]
fn a_broken_pyproject_is_no_failure() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("pyproject.toml"), "a = 1\n= 2\n").unwrap();
    let path = folder.path().to_str().unwrap();
    let (code, _, stderr) = run(&["review", path]);
    assert_eq!((code, stderr.lines().count()), (Some(0), 1), "{stderr}");
    assert!(stderr.contains("line 2 is not TOML"), "{stderr}");
    assert_eq!(run(&["review", path, "--quiet"]).2, "");
}

#[cfg(unix)]
#[test]
fn variables_can_come_from_a_pipe() {
    let folder = tempfile::tempdir().unwrap();
    let source =
        "import os\nfrom fastapi import FastAPI\napp = FastAPI()\n@app.get(os.environ['PATH_OF_IT'])\ndef f(): ...\n";
    std::fs::write(folder.path().join("main.py"), source).unwrap();
    let mut command = Command::cargo_bin("fastapi-architect").unwrap();
    let output = command
        .args(["map", "routes", folder.path().to_str().unwrap(), "--env-file", "/dev/stdin"])
        .write_stdin("PATH_OF_IT=/piped\n")
        .output()
        .unwrap();
    assert!(String::from_utf8(output.stdout).unwrap().contains("/piped"));
}

/// A service whose second model has a field of a type that cannot be known.
fn half_known() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let source = "from fastapi import FastAPI\nfrom pydantic import BaseModel\nfrom elsewhere import Thing\n\n\n\
        class Item(BaseModel):\n    name: str\n    thing: Thing\n\n\n\
        app = FastAPI(title=\"Shop\")\n\n\n@app.get(\"/items\")\ndef items() -> list[Item]: ...\n";
    std::fs::write(folder.path().join("main.py"), source).unwrap();
    folder
}

#[test]
fn a_document_as_yaml_is_the_one_as_json() {
    let folder = half_known();
    let path = folder.path().to_str().unwrap();
    let (code, yaml, _) = run(&["openapi", path, "--format", "yaml"]);
    assert_eq!(code, Some(0));
    let (_, json, _) = run(&["openapi", path]);
    let yaml: serde_json::Value = serde_yaml_ng::from_str(&yaml).unwrap();
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(yaml, json);
    assert_eq!(json["info"]["title"], "Shop");
    assert_eq!(json["components"]["schemas"]["Item"]["properties"]["name"]["type"], "string");
}

#[test]
fn what_a_document_leaves_out_is_listed() {
    let folder = half_known();
    let path = folder.path().to_str().unwrap();
    let (_, _, stderr) = run(&["openapi", path]);
    assert!(stderr.contains("elsewhere"), "{stderr}");
    let list = folder.path().join("unknowns.json");
    let (code, _, stderr) = run(&["openapi", path, "--unknowns", list.to_str().unwrap()]);
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
    let list: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(list).unwrap()).unwrap();
    let whats: Vec<&str> = list.as_array().unwrap().iter().map(|one| one["what"].as_str().unwrap()).collect();
    assert!(whats.iter().any(|what| what.contains("Item.thing") || what.contains("elsewhere")), "{whats:?}");
}
