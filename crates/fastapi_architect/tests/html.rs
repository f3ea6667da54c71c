//! Pages for a browser, from outside: what they hold, where they open, and what a project that means harm can do to
//! them. `testdata/browser` opens them.

#![allow(clippy::disallowed_methods, reason = "a test looks at the disk")]

mod support;

use serde_json::Value;
use support::{MAIN, Project};

/// Markup, terminal escapes and letters that reorder a line, wherever a project can put text of its own.
const HOSTILE: &str = r#"
from fastapi import APIRouter, Depends, FastAPI
from sqlalchemy import Column, Integer, String, create_engine
from sqlalchemy.orm import declarative_base, sessionmaker

EVIL = "</script><script>window.hacked = 1</script><img src=x onerror='window.hacked = 1'>\x1b[31m\u202e\u2028{{script}}"
app = FastAPI(title=EVIL, version=EVIL)
router = APIRouter(prefix="/a", tags=[EVIL])
Base = declarative_base()
Session = sessionmaker(create_engine("sqlite://"))


class Evil(Base):
    __tablename__ = EVIL
    id = Column(Integer, primary_key=True)
    name = Column(EVIL, String)


def depends():
    """</script><img src=x onerror='window.hacked = 1'>"""
    with Session() as db:
        yield db


@router.get("/{x}" + EVIL, name=EVIL, response_model=None, operation_id=EVIL)
def evil(x: int, db=Depends(depends)):  # </script><img src=x onerror='window.hacked = 1'>
    return [row.name for row in db.query(Evil).all()]


@router.get("/{x}" + EVIL)
def again(x: int): ...


app.include_router(router)
"#;

/// What is between two marks of a text.
#[track_caller]
fn between<'t>(text: &'t str, from: &str, to: &str) -> &'t str {
    let rest = text.split_once(from).unwrap_or_else(|| panic!("{from:?} is missing")).1;
    rest.split_once(to).unwrap_or_else(|| panic!("{to:?} is missing")).0
}

fn data(page: &str) -> Value {
    serde_json::from_str(between(page, "<script type=\"application/json\" id=\"data\">", "</script>")).unwrap()
}

fn map(project: &Project, arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut command = assert_cmd::Command::cargo_bin("fastapi-architect").unwrap();
    let output = command.arg("map").args(arguments).arg(project.path()).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[test]
fn both_commands_write_one_page_each() {
    let project = Project::new(MAIN);
    let review = project.prints(&["--format", "html"]);
    let (code, map, stderr) = map(&project, &["--format", "html"]);
    assert_eq!((code, &*stderr), (Some(0), ""), "a map reports nothing");
    assert_eq!(data(&review)["opens_at"], "/findings");
    assert_eq!(data(&map)["opens_at"], "/");
    for page in [&review, &map] {
        let data = data(page);
        assert_eq!(data["findings"][0]["rule"], "route-shadowed");
        let own: Vec<_> =
            data["endpoints"].as_array().unwrap().iter().filter(|one| one["path"] == "/users/me").collect();
        assert_eq!(own[0]["findings"], serde_json::json!([0]));
        let code = data["lines"]["0"].as_object().unwrap();
        assert!(code.values().any(|line| line == "@app.get('/users/me')"), "{code:?}");
    }
}

#[test]
fn the_same_project_gives_the_same_bytes() {
    let project = Project::new(HOSTILE);
    assert_eq!(project.run(&["--format", "html"]), project.run(&["--format", "html"]));
}

#[test]
fn a_part_says_where_the_page_opens() {
    let project = Project::new(MAIN);
    let opens = |part: &[&str]| {
        let (code, page, stderr) = map(&project, &[part, &["--format", "html"]].concat());
        assert_eq!(code, Some(0), "{stderr}");
        data(&page)["opens_at"].as_str().unwrap().to_owned()
    };
    assert_eq!(opens(&["tables"]), "/tables");
    assert_eq!(opens(&["routes"]), "/routers");
    let number: usize = opens(&["endpoint", "GET /users/me"]).strip_prefix("/endpoint/").unwrap().parse().unwrap();
    let (_, page, _) = map(&project, &["--format", "html"]);
    assert_eq!(data(&page)["endpoints"][number]["path"], "/users/me");
    let (code, stdout, stderr) = map(&project, &["endpoint", "GET /nowhere", "--format", "html"]);
    assert_eq!((code, &*stdout), (Some(2), ""));
    assert!(stderr.contains("no endpoint"), "{stderr}");
}

#[test]
fn a_project_cannot_write_markup_into_the_page() {
    let page = Project::new(HOSTILE).prints(&["--format", "html", "--all"]);
    assert!(!page.contains("<img") && !page.contains("<script>window"), "it is text");
    assert_eq!(page.matches("<script").count(), 2, "the data and the script");
    assert_eq!(page.matches("</script>").count(), 2);
    let hostile = |letter: &char| letter.is_control() && *letter != '\n' || ('\u{2028}'..='\u{202e}').contains(letter);
    assert_eq!(page.chars().find(hostile), None);
    let data = data(&page);
    let visible = "<img src=x onerror='window.hacked = 1'>\\u{1b}[31m\\u{202e}\\u{2028}{{script}}";
    for known in
        [&data["applications"][0]["title"], &data["tables"][0]["name"], &data["tables"][0]["columns"][1]["name"]]
    {
        assert!(known.as_str().unwrap().ends_with(visible), "{known}");
    }
    let paths =
        data["endpoints"].as_array().unwrap().iter().filter(|one| one["path"].as_str().unwrap().ends_with(visible));
    assert_eq!(paths.count(), 2);
}

#[test]
fn the_map_follows_the_configuration_of_reviews() {
    let project = Project::new(MAIN);
    project.write("architect.toml", "ignore = ['route-shadowed']\n");
    let (_, page, _) = map(&project, &["--format", "html"]);
    assert_eq!(data(&page)["findings"], serde_json::json!([]));
    let (_, page, _) = map(&project, &["--format", "html", "--isolated"]);
    assert_eq!(data(&page)["findings"].as_array().unwrap().len(), 1);
}

#[test]
fn what_is_known_is_counted_and_not_shown() {
    let project = Project::new(MAIN);
    let known = project.path().join("known.json");
    let known = known.to_str().unwrap();
    project.run(&["--write-baseline", known]);
    let (code, page, stderr) = project.run(&["--baseline", known, "--format", "html"]);
    assert_eq!(code, Some(0), "{stderr}");
    assert_eq!((&data(&page)["known"], &data(&page)["findings"]), (&serde_json::json!(1), &serde_json::json!([])));
}
