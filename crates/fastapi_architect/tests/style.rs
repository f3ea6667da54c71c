//! `review --style` from outside: ruff's rules, what the project's tools say to them, and what the program knows better.

#![allow(clippy::disallowed_methods, reason = "a test looks at the disk and runs git")]

mod support;

use serde_json::Value;
use support::{MAIN, Project};

#[test]
fn style_speaks_under_the_names_of_ruff_and_obeys_the_project() {
    let project = Project::new(&MAIN.replace("import os\n", "import os\nx = object()\ny = x == None\n"));
    assert_eq!(project.rules(&[]), ["route-shadowed"]);
    let with = |rule: &str, project: &Project| project.rules(&["--style"]).iter().any(|found| found == rule);
    assert!(with("F401", &project) && with("E711", &project) && with("D100", &project));
    project.write("setup.cfg", "[flake8]\nextend-ignore = E711, W503\n");
    assert!(with("F401", &project) && !with("E711", &project));
    project.write("pyproject.toml", "[tool.ruff.lint]\nselect = ['E']\nignore = ['F401']\n");
    assert!(!with("F401", &project) && with("D100", &project));
    project.write(
        "architect.toml",
        "[style]\nenabled = true\nselect = ['E', 'F']\nignore = ['E7']\n[severity]\nE = 'error'\n",
    );
    let rules = project.rules(&[]);
    assert!(!rules.iter().any(|rule| rule.starts_with('D')), "{rules:?}");
    assert_eq!(project.rules(&["--select", "E402"]), ["E402"], "a rule of ruff that is named is asked for");
    let (_, stdout, _) = project.run(&["--style", "--format", "json"]);
    let review: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(review["summary"]["formatting"]["would_change"], 1);
}

#[test]
fn style_fixes_are_those_of_ruff() {
    let project = Project::new("import os\nimport sys\n\nprint(sys.path)\n");
    assert_eq!(project.run(&["--style", "--select", "F401", "--fix"]).0, Some(0));
    assert_eq!(project.read("app/main.py"), "import sys\n\nprint(sys.path)\n");
}

#[test]
fn what_other_modules_import_is_used() {
    let project = Project::new("from .db import Base, engine\n");
    project.write("app/db.py", "from json import dumps as Base\nfrom os import path\nengine = 1\n");
    let found = project.prints(&["--select", "F401", "--format", "concise"]);
    assert!(found.contains("app/db.py:2") && !found.contains("app/db.py:1"), "{found}");
}

#[test]
fn suppressions_of_ruff_and_of_ours_work_on_both() {
    let project = Project::new("import os  # architect: ignore[F401] needed\nimport sys  # noqa: F401\n");
    assert_eq!(project.rules(&["--select", "F401"]), [""; 0]);
    assert_eq!(project.rules(&[]), [""; 0], "ruff was not asked, so the suppression may be needed");
}

/// Rules of ruff that are found, of those that are named.
#[track_caller]
fn found(project: &Project, rules: &str) -> Vec<String> {
    project.rules(&["--select", rules])
}

#[test]
fn an_import_that_makes_the_tables_known_is_used() {
    let project = Project::new("from fastapi import FastAPI\nfrom app import models\n\napp = FastAPI()\n");
    let models = "\
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase): ...


class Post(Base):
    __tablename__ = 'posts'
    id: Mapped[int] = mapped_column(primary_key=True)
";
    project.write("app/models.py", models);
    assert_eq!(found(&project, "F401"), [""; 0]);
    project.write("app/models.py", "x = 1\n");
    assert_eq!(found(&project, "F401"), ["F401"], "nothing happens there");
    project.write("app/models.py", models);
    project.write("app/other.py", "from app.models import Post\n\nprint(Post)\n");
    assert_eq!(found(&project, "F401"), ["F401"], "others import it, too");
}

#[test]
fn a_fix_that_loses_a_route_is_not_made() {
    let main = "from fastapi import FastAPI\n\napp = FastAPI()\n\nfrom app import more  # late\n";
    let project = Project::new(main);
    project.write("app/more.py", "from app.main import app\n\n\n@app.get('/more')\ndef more(): ...\n");
    project.write("app/script.py", "from app import more\nimport os\n\nprint(more)\n");
    assert_eq!(found(&project, "F401"), ["F401", "F401"]);
    assert_eq!(project.run(&["--select", "F401", "--fix", "--unsafe-fixes"]).0, Some(1));
    assert_eq!(project.read("app/main.py"), main);
    assert_eq!(project.read("app/script.py"), "from app import more\n\nprint(more)\n", "the other one is");
}

#[test]
fn a_function_that_its_decorator_keeps_may_be_defined_again() {
    let twice = "\n\n@app.get('/a')\ndef read(): ...\n\n\n@app.get('/b')\ndef read(): ...\n";
    let project = Project::new(&format!("from fastapi import FastAPI\n\napp = FastAPI()\n{twice}"));
    assert_eq!(found(&project, "F811"), [""; 0]);
    let project = Project::new("def read(): ...\n\n\ndef read(): ...\n");
    assert_eq!(found(&project, "F811"), ["F811"]);
}

#[test]
fn a_path_parameter_that_a_dependency_reads_is_read() {
    let main = "\
from fastapi import Depends, FastAPI, Request

app = FastAPI()


def owner(request: Request) -> str:
    return request.path_params['item_id']


@app.get('/items/{item_id}', dependencies=[Depends(owner)])
def read(): ...


@app.get('/things/{thing_id}')
def thing(): ...
";
    let project = Project::new(main);
    let findings = project.prints(&["--select", "FAST003", "--format", "concise"]);
    assert!(findings.lines().count() == 1 && findings.contains("thing_id"), "{findings}");
}

#[test]
fn mapped_classes_are_looked_up_by_name() {
    let project = Project::new("from app.posts import Post\nfrom app.users import User\n\nprint(Post, User)\n");
    let base = "from sqlalchemy.orm import DeclarativeBase\n\n\nclass Base(DeclarativeBase): ...\n";
    project.write("app/base.py", base);
    let model = |own: &str, other: &str| {
        format!(
            "from sqlalchemy.orm import Mapped, mapped_column\n\nfrom app.base import Base\n\n\n\
             class {own}(Base):\n    __tablename__ = '{own}'\n    id: Mapped[int] = mapped_column(primary_key=True)\n    \
             other: Mapped['{other}']\n"
        )
    };
    project.write("app/posts.py", &model("Post", "User"));
    project.write("app/users.py", &model("User", "Postt"));
    let findings = project.prints(&["--select", "F821", "--format", "concise"]);
    assert!(findings.lines().count() == 1 && findings.contains("Postt"), "{findings}");
}

#[test]
fn numbers_and_words_that_mean_what_they_say() {
    let main = "\
from enum import Enum


class Event(str, Enum):
    TOKEN_CREATED = 'token created'


token_type = 'bearer'
TOKEN_URL = '/login/access-token'
PASSWORD = 'changethis'


def send(response, parts, retries):
    if response.status_code == 404 or len(parts) != 2:
        return 1
    if retries > 7:
        return 2
    return 3
";
    let project = Project::new(main);
    assert_eq!(found(&project, "PLR2004,S105"), ["S105", "PLR2004"]);
    let text = project.prints(&["--select", "PLR2004,S105", "--format", "concise"]);
    assert!(text.contains("main.py:10:") && text.contains("main.py:16:"), "{text}");
}

#[test]
fn what_a_program_wrote_is_left_alone() {
    let project = Project::new("# Generated by a tool, do not edit.\nimport os\nx=1\n");
    let (_, stdout, _) = project.run(&["--style", "--format", "json"]);
    let review: Value = serde_json::from_str(&stdout).unwrap();
    let of_main = |finding: &&Value| finding["location"]["path"] == "app/main.py";
    assert!(review["findings"].as_array().unwrap().iter().find(of_main).is_none(), "{stdout}");
    assert_eq!(review["summary"]["formatting"]["would_change"], 0);
}

#[test]
fn annotations_are_asked_for_where_mypy_does() {
    let project = Project::new("def f(x):\n    return x\n");
    project.write("app/legacy.py", "def f(x):\n    return x\n");
    assert_eq!(found(&project, "ANN201").len(), 2);
    project.write("mypy.ini", "[mypy]\n[mypy-app.legacy]\nignore_errors = True\n");
    let text = project.prints(&["--select", "ANN201", "--format", "concise"]);
    assert!(text.lines().count() == 1 && text.contains("app/main.py"), "{text}");
    project.write("mypy.ini", "[mypy]\ndisallow_untyped_defs = False\n");
    assert_eq!(found(&project, "ANN201"), [""; 0]);
    let project = Project::new("class A:\n    def __init__(self, x: int, **more):\n        self.x = x\n");
    assert_eq!(found(&project, "ANN204"), [""; 0], "mypy does not ask for it");
}

#[test]
fn formatting_is_counted_as_the_formatter_of_the_project_would_have_it() {
    let long = format!("x = [{}]\n", "1, ".repeat(30).trim_end_matches(", "));
    let project = Project::new(&long);
    let formatting = |project: &Project| -> Value {
        let (_, stdout, _) = project.run(&["--style", "--format", "json"]);
        let mut review: Value = serde_json::from_str(&stdout).unwrap();
        review["summary"]["formatting"].take()
    };
    let counted = |project: &Project| -> (String, u64) {
        let formatting = formatting(project);
        (formatting["formatter"].as_str().unwrap().to_owned(), formatting["would_change"].as_u64().unwrap())
    };
    assert_eq!(counted(&project), ("black".to_owned(), 1));
    project.write("pyproject.toml", "[tool.ruff]\nline-length = 120\n");
    assert_eq!(counted(&project), ("black".to_owned(), 0));
    project.write("pyproject.toml", "[tool.ruff]\nline-length = 120\n[tool.black]\n");
    assert_eq!(counted(&project), ("black".to_owned(), 1), "Black does not read it");
    project.write("pyproject.toml", "[tool.black]\nextend-exclude = '/app/'\n");
    assert_eq!(formatting(&project), Value::Null, "and is told to leave all there is");
    project.write("pyproject.toml", "");
    project.write(".pre-commit-config.yaml", "repos:\n- hooks:\n  - id: ruff-format\n");
    assert_eq!(counted(&project), ("ruff".to_owned(), 1));
}
