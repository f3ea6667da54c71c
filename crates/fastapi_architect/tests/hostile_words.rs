//! Names and texts that mean harm: nothing of them reaches a terminal as more than letters, and no document as markup.

#![allow(clippy::disallowed_methods, reason = "a test builds the projects on the disk")]
#![cfg(unix)]

use std::fs;
use std::path::Path;

use architect_fuzz::{Answer, CHECKS};
use assert_cmd::Command;
use tempfile::TempDir;

/// Colours, a cleared screen, text that runs backwards, a line of its own that a workflow obeys, markup.
const EVIL: &str = "e\u{1b}[31m\u{9b}2J\u{202e}\u{200f}\r\n::error file=x::FORGED\u{2028}\n<script>x()</script>``|[x](http://x)]]>&#-->";

/// The same as a literal of Python.
fn literal() -> String {
    let letters: String = EVIL.chars().map(|letter| format!("\\U{:08x}", u32::from(letter))).collect();
    format!("'{letters}'")
}

/// The same without what cannot stand in a string of one line.
fn raw() -> String {
    EVIL.replace(['\r', '\n'], " ")
}

fn main_of(routes: &str) -> String {
    let (evil, raw) = (literal(), raw());
    format!(
        "'''Says {raw}.'''
import importlib
import os

from fastapi import Depends, FastAPI, HTTPException
from pydantic import BaseModel, Field
from sqlalchemy import Column, ForeignKey, Integer, MetaData, Table
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

EVIL = {evil}
password = EVIL
secret_key = '{raw} 0123456789abcdef'  # noqa: {raw}
importlib.import_module(EVIL)
os.environ[EVIL]
open(EVIL)
unused = undefined_name  # architect: ignore[{raw}] {raw}

class Base(DeclarativeBase): ...

class Row(Base):
    '''A row {raw}.'''
    __tablename__ = EVIL
    id: Mapped[int] = mapped_column(EVIL, primary_key=True, comment=EVIL)
    other: Mapped[int] = mapped_column(ForeignKey(EVIL + '.id'))

table = Table(EVIL + '2', MetaData(), Column(EVIL, Integer), schema=EVIL)

class Model(BaseModel):
    '''A model {raw}.'''
    x: str = Field(EVIL, description=EVIL, alias=EVIL, pattern=EVIL)

app = FastAPI(title=EVIL, description=EVIL, version=EVIL, openapi_tags=[{{'name': EVIL}}])

def get_it(name: str = EVIL):
    '''Gets {raw}.'''
    raise HTTPException(404, EVIL)

@app.get('/alive')
def alive(): ...
{routes}"
    )
}

/// A project below a folder, with evil names for its files where they may be changed.
fn write(folder: &Path, main: &str) {
    let files = [
        ("app/__init__.py".to_owned(), String::new()),
        ("app/main.py".to_owned(), main.to_owned()),
        (format!("app/{}.py", EVIL.replace('/', "_")), format!("import os\n'{}'\nx = (\n", raw())),
        (format!("app/{}/mod.py", EVIL.replace('/', "_")), format!("import os\ndef f(x):\n  return x  # {}\n", raw())),
        ("README.md".to_owned(), format!("Run `python {0}.py`, see `app/gone{0}.py` and `GET /gone{0}`.\n", raw())),
        ("requirements.txt".to_owned(), format!("fastapi=={}\n{EVIL}==1\n", raw())),
        (".env".to_owned(), format!("{EVIL}={EVIL}\n")),
    ];
    for (path, text) in files {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

/// The service before, and after, in folders whose names mean harm as well.
fn service() -> (TempDir, [String; 2]) {
    let folder = tempfile::tempdir().unwrap();
    let [before, after] =
        ["before", "after"].map(|name| folder.path().join(format!("{name}{}", EVIL.replace('/', "_"))));
    write(
        &before,
        &main_of(
            "@app.get('/gone' + EVIL, tags=[EVIL], operation_id=EVIL)\ndef gone(): ...\n\
             @app.get('/kept' + EVIL)\ndef kept(q: int = 1) -> Model: ...\n",
        ),
    );
    write(
        &after,
        &main_of(
            "@app.get('/kept' + EVIL, summary=EVIL, responses={404: {'description': EVIL}})\n\
             def kept(q: str = EVIL, z: int = Depends(get_it)) -> list[Model]:\n    '''Keeps.'''\n    open(q)\n\
             @app.get('/users/{id}')\ndef one(id: str): ...\n\
             @app.get('/users/x' + EVIL)\ndef other(): ...\n\
             @app.post('/rows')\ndef post(row: Model): print(f'{row} {EVIL}')\n",
        ),
    );
    let names = [before, after].map(|path| path.to_str().unwrap().to_owned());
    (folder, names)
}

fn answer(words: &[String]) -> Answer {
    let output = Command::cargo_bin("fastapi-architect").unwrap().args(words).output().unwrap();
    Answer { code: output.status.code(), stdout: output.stdout, stderr: output.stderr, stopped: None }
}

/// What is left of Markdown without its code spans.
fn without_code(markdown: &str) -> String {
    let mut out = String::new();
    let mut rest = markdown;
    while let Some(start) = rest.find('`') {
        out.push_str(&rest[..start]);
        let length = rest[start..].len() - rest[start..].trim_start_matches('`').len();
        let (fence, inside) = rest[start..].split_at(length);
        let is_end = |(at, _): &(usize, &str)| !inside[..*at].ends_with('`') && !inside[at + length..].starts_with('`');
        match inside.match_indices(fence).find(is_end) {
            Some((end, _)) => rest = &inside[end + length..],
            None => {
                out.push_str(fence);
                rest = inside;
            }
        }
    }
    out + rest
}

#[test]
fn nothing_is_obeyed() {
    let (_folder, [before, after]) = service();
    for check in CHECKS {
        let words = check.arguments(&after, &before);
        let format = words.last().unwrap().clone();
        let answer = answer(&words);
        let complaint = check.complaint(&answer);
        assert_eq!(complaint, None, "{}", check.arguments("AFTER", "BEFORE").join(" "));
        let text = String::from_utf8(answer.stdout).unwrap();
        let told = String::from_utf8(answer.stderr).unwrap();
        let forged = text.lines().chain(told.lines()).find(|line| line.trim_start().starts_with("::error file=x"));
        assert_eq!(forged, None, "{words:?}");
        match format.as_str() {
            "junit" => {
                let document = roxmltree::Document::parse(&text).unwrap();
                assert!(document.descendants().all(|node| !node.has_tag_name("script")), "{text}");
            }
            "markdown" => {
                // A bracket that is escaped ends no link.
                let text = without_code(&text).replace("\\]", "");
                assert!(!text.contains("<script") && !text.contains("](http://x)"), "{words:?}: {text}");
            }
            "mermaid" => assert!(!text.contains("<script"), "{words:?}: {text}"),
            _ => {}
        }
    }
}

#[test]
fn logs_are_not_steered() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("::error file=x::FORGED.py");
    fs::write(file, "import os\n\n\n\"\"\"\n::error file=x::FORGED\n\"\"\"\n").unwrap();
    let main = "from fastapi import FastAPI\napp = FastAPI(description='a\\n  ::error file=x::FORGED\\n')\n";
    fs::write(folder.path().join("main.py"), main).unwrap();
    let path = folder.path().to_str().unwrap();
    for check in CHECKS {
        let text = String::from_utf8(answer(&check.arguments(path, path)).stdout).unwrap();
        let forged = text.lines().find(|line| line.trim_start().starts_with("::error file=x"));
        assert_eq!(forged, None, "{}", check.arguments("AFTER", "BEFORE").join(" "));
    }
}

#[test]
fn the_words_are_told() {
    // That nothing is obeyed has to mean more than that nothing is said.
    let (_folder, [before, after]) = service();
    for words in [
        &["review", &after, "--all", "--style", "--format", "concise"][..],
        &["review", &after, "--all", "--style"],
        &["review", &after, "--all", "--format", "markdown"],
        &["map", &after],
        &["openapi", &after, "--format", "yaml"],
        &["conventions", &after, "--format", "markdown"],
        &["diff", &before, &after, "--format", "markdown"],
        &["diff", &before, &after],
    ] {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        let answer = answer(&words);
        let text = String::from_utf8(answer.stdout).unwrap();
        assert!(text.contains("FORGED"), "{words:?}: {text}{}", String::from_utf8_lossy(&answer.stderr));
    }
}

#[test]
fn code_is_shown_and_not_obeyed() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("main.py"), format!("import os  # {}\n", raw())).unwrap();
    let path = folder.path().to_str().unwrap();
    for color in ["never", "always"] {
        let words = ["review", path, "--style", "--color", color].map(str::to_owned);
        let text = String::from_utf8(answer(&words).stdout).unwrap();
        assert!(text.contains("import os  # e") && text.contains("FORGED"), "{text}");
        assert!(!text.contains("\u{9b}") && !text.contains('\u{202e}') && !text.contains('\u{200f}'), "{text:?}");
        assert!(!text.contains("\u{1b}[31m") || color == "always", "{text:?}");
    }
}

#[test]
fn files_that_steer_us_may_mean_harm() {
    let project = |files: &[(&str, &str)]| {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("main.py"), "from fastapi import FastAPI\napp = FastAPI()\n").unwrap();
        for (path, text) in files {
            fs::write(folder.path().join(path), text).unwrap();
        }
        folder
    };
    let raw = raw();
    let toml = raw.replace('\u{1b}', "\\u001b").replace('\u{9b}', "\\u009b").replace(['`', '|'], "");
    let table = "[tool.fastapi-architect]\n";
    for (text, fails) in [
        (format!("{table}select = [\"{toml}\"]\n"), true),
        (format!("{table}\"{toml}\" = 1\n"), true),
        (format!("{table}select = 1\n"), true),
        (format!("{table}ignore = {{a = 1}}\n"), true),
        ("[tool]\nfastapi-architect = 3\n".to_owned(), true),
        (format!("{table}[tool.fastapi-architect.per-file-ignores]\n\"[[[**{{{{\" = [\"route-shadowed\"]\n"), true),
        ("[tool.ruff]\nline-length = \"x\"\nselect = 1\n".to_owned(), false),
        (format!("[tool.ruff.lint.per-file-ignores]\n\"{toml}[\" = [\"E\"]\n"), false),
        (format!("[tool.black]\nline-length = \"{toml}\"\nextend-exclude = '(((('\n"), false),
        (
            "[tool.mypy]\nexclude = '('\n[project]\nname = 1\ndependencies = 3\nrequires-python = '>=x'\n".to_owned(),
            false,
        ),
    ] {
        let folder = project(&[("pyproject.toml", &text)]);
        let path = folder.path().to_str().unwrap().to_owned();
        let answer = answer(&["review".to_owned(), path, "--style".to_owned(), "--all".to_owned()]);
        let told = String::from_utf8_lossy(&answer.stderr).into_owned();
        assert!(answer.code == Some(2) || !fails, "{text}: {told}");
        assert!(matches!(answer.code, Some(0..=2)) && told.lines().count() <= 2, "{text}: {told}");
        assert_eq!(CHECKS[1].complaint(&Answer { code: Some(0), stdout: answer.stderr, ..Answer::default() }), None);
    }
    let known = format!(
        "{{\"schema_version\": 1, \"findings\": [{{\"rule\": \"{toml}\", \"subject\": \"\", \"fingerprint\": \"\", \"count\": 18446744073709551615}}, {{\"rule\": \"x\", \"subject\": \"\", \"fingerprint\": \"\", \"count\": 18446744073709551615}}]}}"
    );
    let deep = "[".repeat(100_000);
    for (baseline, code) in [
        ("", 2),
        ("{}", 2),
        ("[1]", 2),
        (&*raw, 2),
        (&*deep, 2),
        ("{\"schema_version\": 99, \"findings\": []}", 2),
        ("{\"schema_version\": 1, \"findings\": [{\"rule\": 1}]}", 2),
        (
            "{\"schema_version\": 1, \"findings\": [{\"rule\": \"x\", \"subject\": \"\", \"fingerprint\": \"\", \"count\": -1}]}",
            2,
        ),
        (&*known, 0),
    ] {
        let folder = project(&[("known.json", baseline)]);
        let path = folder.path().to_str().unwrap().to_owned();
        let known = folder.path().join("known.json").to_str().unwrap().to_owned();
        let answer = answer(&["review".to_owned(), path, "--baseline".to_owned(), known]);
        assert_eq!(answer.code, Some(code), "{baseline:.60}: {}", String::from_utf8_lossy(&answer.stderr));
        assert!(code == 0 || answer.stderr.iter().filter(|byte| **byte == b'\n').count() == 1);
        assert_eq!(CHECKS[1].complaint(&Answer { code: Some(0), stdout: answer.stderr, ..Answer::default() }), None);
    }
}
