//! Projects that mean harm, or are broken: the binary ends, with a status that means what it says, and whatever else
//! there is in the project is still read.

#![allow(clippy::disallowed_methods, reason = "a test builds the projects on the disk")]

use std::fs;
use std::path::Path;
use std::process::Output;

use assert_cmd::Command;
use serde_json::Value;
use tempfile::TempDir;

const MAIN: &str = "from fastapi import FastAPI\n\napp = FastAPI()\n\n\n@app.get('/alive')\ndef alive(): ...\n";

/// A project with an application, and what stands in its way.
struct Project(TempDir);

impl Project {
    fn new() -> Self {
        let project = Self(tempfile::tempdir().unwrap());
        project.write("app/__init__.py", "");
        project.write("app/main.py", MAIN);
        project
    }

    /// A project whose application first imports `app.hostile`.
    fn importing(source: impl AsRef<[u8]>) -> Self {
        let project = Self::new();
        project.write("app/hostile.py", source);
        project.write("app/main.py", format!("from . import hostile\n{MAIN}"));
        project
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    fn run(&self, arguments: &[&str]) -> (Option<i32>, String, String) {
        let mut command = Command::cargo_bin("fastapi-architect").unwrap();
        let Output { status, stdout, stderr } = command.args(arguments).arg(self.path()).output().unwrap();
        (status.code(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
    }

    /// The review, after every command has been seen to end well and to know the route.
    #[track_caller]
    fn survives(&self) -> Value {
        for arguments in [&["map"][..], &["map", "routes"], &["map", "--format", "json"], &["openapi"]] {
            let (code, stdout, stderr) = self.run(arguments);
            assert_eq!(code, Some(0), "{arguments:?}: {stderr}");
            assert!(stdout.contains("/alive"), "{arguments:?}: {stdout}");
            assert!(!stderr.contains("panicked"), "{arguments:?}: {stderr}");
        }
        for arguments in [&["review", "--all"][..], &["review", "--format", "concise"]] {
            let (code, _, stderr) = self.run(arguments);
            assert!(matches!(code, Some(0 | 1)), "{arguments:?}: {stderr}");
            assert_eq!(stderr, "", "{arguments:?}");
        }
        for format in ["text", "sarif", "github", "gitlab", "junit", "markdown", "html"] {
            let (code, stdout, stderr) = self.run(&["review", "--all", "--style", "--format", format]);
            assert!(matches!(code, Some(0 | 1)), "{format}: {stderr}");
            assert!(!stderr.contains("panicked") && !stdout.contains('\u{1b}'), "{format}: {stderr}{stdout}");
        }
        let (code, stdout, stderr) = self.run(&["review", "--format", "json"]);
        let review: Value = serde_json::from_str(&stdout).unwrap();
        let found = !review["findings"].as_array().unwrap().is_empty();
        assert_eq!(code, Some(i32::from(found)), "{stderr}");
        review
    }

    #[track_caller]
    fn says_unknown(&self, words: &[&str]) {
        let review = self.survives();
        let unknowns = review["unknowns"].as_array().unwrap();
        let said = unknowns.iter().map(Value::to_string).any(|text| words.iter().all(|word| text.contains(word)));
        assert!(said, "{words:?} in {unknowns:#?}");
    }

    #[track_caller]
    fn finds_syntax_error(&self, path: &str, says: &str) {
        let review = self.survives();
        let findings = review["findings"].as_array().unwrap();
        let of_file = |finding: &&Value| finding["rule"] == "syntax-error" && finding["subject"] == path;
        let found = findings.iter().find(of_file).unwrap_or_else(|| panic!("no syntax error in {path}: {findings:#?}"));
        assert!(found["message"].as_str().unwrap().contains(says), "{found:#}");
    }
}

#[test]
fn a_file_of_twenty_megabytes() {
    let line = "    'a line of a table that somebody generated',\n";
    let source = format!("table = [\n{}]\n", line.repeat(20_000_000 / line.len()));
    Project::importing(source).says_unknown(&["app/hostile.py", "bytes are more than"]);
}

#[test]
fn many_small_statements() {
    Project::importing("def f(): pass\n".repeat(100_000)).survives();
}

#[test]
fn a_million_lines() {
    Project::importing("x = 1\n".repeat(1_000_000)).survives();
}

#[test]
fn fixes_of_what_cannot_be_read() {
    let project = Project::importing(b"import os\nname = '\xff'\n");
    let (code, stdout, stderr) = project.run(&["review", "--style", "--fix", "--unsafe-fixes"]);
    assert!(matches!(code, Some(0..=2)) && !stderr.contains("panicked"), "{stderr}{stdout}");
    assert_eq!(fs::read(project.path().join("app/hostile.py")).unwrap(), b"import os\nname = '\xff'\n");
}

#[test]
fn loops_that_take_for_ever() {
    let project = Project::importing(
        "for number in range(10**9):
    last = number
count = 0
while count < 10**9:
    count += 1
while True:
    pass
squares = [number * number for number in range(10**9)]
total = sum(range(10**12))
everything = list(range(10**10))
import itertools
endless = list(itertools.count())
pairs = list(itertools.product(range(1000), repeat=100))
def forever():
    while True:
        yield 1
ones = [*forever()]
after = 'reached'
",
    );
    project.survives();
    let (_, stdout, _) = project.run(&["map", "--debug-eval", "app.hostile", "after"]);
    assert_eq!(stdout, "'reached'\n");
}

#[test]
fn routes_without_end() {
    let project = Project::new();
    project.write(
        "app/main.py",
        format!(
            "{MAIN}
from fastapi import APIRouter
router = APIRouter()
@router.get('/x')
def x(): ...
for number in range(60):
    router.include_router(router, prefix=f'/{{number}}')
app.include_router(router)
"
        ),
    );
    let (code, stdout, stderr) = project.run(&["map"]);
    assert_eq!(code, Some(0), "{stderr}");
    assert!(stdout.contains("/alive") && stdout.contains("too many included routers"), "{stderr}");
}

#[test]
fn recursion_without_end() {
    Project::importing(
        "def down(n):
    return down(n + 1)
down(0)
def decorate(function):
    return decorate(decorate)(function)
@decorate
def decorated(): ...
class Everything:
    def __getattr__(self, name):
        return getattr(self, name + 'x')
    @property
    def again(self):
        return self.again
    def __str__(self):
        return f'{self}'
    def __eq__(self, other):
        return other == self
Everything().foo
Everything().again
str(Everything())
Everything() == Everything()
inside = []
inside.append(inside)
str(inside)
inside == [inside]
class Node(list[\"Node\"]): ...
Type = dict[str, \"Type\"]
",
    )
    .survives();
}

#[test]
fn dependencies_in_circles() {
    let project = Project::new();
    project.write(
        "app/main.py",
        format!(
            "from fastapi import Depends
from pydantic import BaseModel
{MAIN}
class Tree(BaseModel):
    parent: 'Tree | None'
    children: list['Tree']
def a(): ...
def b(x=Depends(a)): ...
a.__defaults__ = (Depends(b),)
class Self:
    def __init__(self, again: 'Self' = Depends()): ...
@app.get('/self')
def read(it: Self = Depends(), b=Depends(b)) -> Tree: ...
"
        ),
    );
    project.survives();
}

#[test]
fn imports_in_circles() {
    let project = Project::importing("from app.hostile import *\nfrom app.main import *\nimport app.hostile as me\n");
    project.write("app/__init__.py", "from app import *\nimport app\nfrom . import app\nfrom app.app.app import x\n");
    project.survives();
}

#[test]
fn values_of_enormous_size() {
    Project::importing(
        "a = 'a' * 10**10
b = [0] * 10**10
c = 10**10**10
d = '%1000000000d' % 3
e = '{:>9999999999}'.format(1)
f = f'{1:>9999999999}'
g = 'a'.rjust(10**10)
h = 1 << 10**10
i = bytes(10**10)
j = int('9' * 100000)
k = -9223372036854775808 // -1
l = abs(-9223372036854775808)
m = list(range(-10**18, 10**18))[-1]
text, items, pair = 'ab', [1], (1, 2)
for _ in range(100):
    text, items, pair = text + text, items + items, (pair, pair)
    nested = {str(pair): pair}
import re
n = re.match('(a*)*b', 'a' * 100000)
o = re.compile('(' * 100000)
p = re.compile('(((a{1000}){1000}){1000}){1000}')
",
    )
    .survives();
}

/// A review that ends, and the most memory it held, in megabytes.
#[track_caller]
fn megabytes(source: &str) -> u64 {
    let project = Project::importing(source);
    let (code, _, stderr) = project.run(&["review", "--all", "--style", "--verbose", "--format", "concise"]);
    assert!(matches!(code, Some(0 | 1)) && !stderr.contains("panicked"), "{stderr}");
    let memory = stderr.lines().find_map(|line| line.split_once("peak memory ")?.1.strip_suffix(" MB"));
    // Systems that do not say how much it was are not asked.
    memory.map_or(0, |megabytes| megabytes.parse().unwrap())
}

#[test]
fn large_values_that_many_places_name() {
    let text = "a".repeat(1_500_000);
    let uses = "f(X)\n".repeat(200_000);
    assert!(megabytes(&format!("X = '{text}'\n{uses}")) < 1_000);
    let uses = "    f(x)\n".repeat(50_000);
    assert!(megabytes(&format!("def g(f):\n    x = '{text}'\n{uses}")) < 1_000);
    let table: String = (0..30_000).map(|number| format!("n{number}, ")).collect();
    assert!(megabytes(&format!("def g(f):\n    x = [{table}]\n{uses}")) < 1_000);
    assert!(megabytes(&format!("def g(f):\n    x = f({table})\n    y = [{table}]\n    return x == y\n")) < 1_000);
    let chain: String = (1..20_000).map(|number| format!("    x{number} = [x{}, x{0}]\n", number - 1)).collect();
    assert!(megabytes(&format!("def g(x0):\n{chain}    return f(x19999)\n")) < 1_000);
}

#[test]
fn definitions_inside_each_other() {
    let nested = |head: &str, levels: usize| -> String {
        let heads: String = (0..levels).map(|level| format!("{}{head}\n", " ".repeat(level))).collect();
        format!("{heads}{}pass\n", " ".repeat(levels))
    };
    for head in ["def f():", "class C:", "async def f(x=f):", "with f() as x:", "try:", "for x in x:"] {
        assert!(megabytes(&nested(head, 1_500)) < 1_000, "{head}");
    }
    // Deeper than what is kept of a tree.
    Project::importing(nested("def f():", 2_500)).finds_syntax_error("app/hostile.py", "levels deep");
    assert!(megabytes(&format!("x = {}1{}\n", "(".repeat(10_000), ")".repeat(10_000))) < 1_000);
}

#[test]
fn other_line_ends_and_marks() {
    for source in [
        "x = 1\r\ndef f(y):\r\n    return y\r\n",
        "x = 1\rdef f(y):\r    return y\r",
        "\u{feff}x = 1\ndef f(y):\n    return y\n",
        "\u{feff}\u{feff}x = 1\n",
        "x = 1\u{c}\n\u{c}y = 2\n\u{b}",
        "x = 1\u{2028}y = 2\u{85}\n",
        "\r\n\r\r\n",
        "",
        "\n",
        "#",
        "\\",
        "\\\n",
    ] {
        Project::importing(source).survives();
    }
}

#[test]
fn text_in_no_encoding() {
    Project::importing(b"name = '\xff\xfe'\n").finds_syntax_error("app/hostile.py", "UTF-8");
    Project::importing(b"\0\0\0\0").finds_syntax_error("app/hostile.py", "does not parse");
    Project::importing(b"x = 1\0\ny = 2\n").finds_syntax_error("app/hostile.py", "does not parse");
    let utf16: Vec<u8> = "\u{feff}x = 1\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    Project::importing(utf16).finds_syntax_error("app/hostile.py", "does not parse");
    let declared = Project::importing(b"# -*- coding: latin-1 -*-\nname = '\xe9'\n");
    assert_eq!(declared.survives()["summary"]["errors"], 0);
}

#[test]
fn syntax_that_nests_without_end() {
    let deep = |before: &str, middle: &str, after: &str| {
        format!("x = {}{middle}{}\n", before.repeat(50_000), after.repeat(50_000))
    };
    for source in [
        deep("[", "", "]"),
        deep("{1:", "1", "}"),
        deep("-", "1", ""),
        deep("not ", "1", ""),
        deep("lambda: ", "1", ""),
        deep("1 if 1 else ", "1", ""),
        deep("1 + ", "1", ""),
        deep("", "f", "()"),
        deep("", "f", "[0]"),
        deep("", "f", ".a"),
    ] {
        let project = Project::importing(&source);
        project.finds_syntax_error("app/hostile.py", "levels deep");
    }
    for source in [
        deep("(", "1", ")"),
        deep("1 < ", "1", ""),
        format!("def f(x: '{}int{}'): ...\n", "List[".repeat(50_000), "]".repeat(50_000)),
        format!("if a: pass\n{}", "elif b: pass\n".repeat(20_000)),
        format!("{}def f(): ...\n", "@a\n".repeat(20_000)),
        (0..400).map(|depth| format!("{}if x:\n", " ".repeat(depth))).collect::<String>() + &" ".repeat(400) + "pass\n",
    ] {
        Project::importing(&source).survives();
    }
}

#[test]
fn folders_in_place_of_files() {
    let project = Project::new();
    project.write("app/x.py/inner.py", "y = 1\n");
    for folder in
        ["app/main2.py/__init__.py", "pyproject.toml", "architect.toml", ".env", "requirements.txt", "uv.lock"]
    {
        fs::create_dir_all(project.path().join(folder)).unwrap();
    }
    project.survives();
}

#[cfg(unix)]
#[test]
fn links_in_circles() {
    use std::os::unix::fs::symlink;
    let project = Project::new();
    for (target, link) in [
        (".", "app/loop"),
        ("..", "app/up"),
        ("b.py", "app/a.py"),
        ("a.py", "app/b.py"),
        ("/", "app/everything"),
        (".venv", ".venv"),
        (".", "src"),
        ("/dev/zero", "app/zero.py"),
        ("/dev/zero", "requirements.txt"),
        ("/dev/zero", ".env"),
        ("/dev/zero", "pyproject.toml"),
    ] {
        symlink(target, project.path().join(link)).unwrap();
    }
    project.write("app/main.py", format!("from . import loop, a, zero\nfrom .loop import main\n{MAIN}"));
    project.survives();
}

#[cfg(unix)]
#[test]
fn pipes_that_nobody_writes_into() {
    let project = Project::new();
    for pipe in ["app/hostile.py", "pyproject.toml", "architect.toml", ".env", "requirements.txt", "app/main.pyi"] {
        let made = std::process::Command::new("mkfifo").arg(project.path().join(pipe)).status().unwrap();
        assert!(made.success());
    }
    project.write(
        "app/main.py",
        format!(
            "from pydantic_settings import BaseSettings, SettingsConfigDict
class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_file='.env')
    name: str = 'x'
settings = Settings()
from . import hostile
{MAIN}"
        ),
    );
    project.survives();
}

#[cfg(unix)]
#[test]
fn files_and_folders_without_permission() {
    use std::os::unix::fs::PermissionsExt as _;
    let project = Project::importing("x = 1\n");
    project.write("app/locked/__init__.py", "y = 1\n");
    let root = project.path().to_owned();
    let file = root.join("app/hostile.py");
    let folder = root.join("app/locked");
    let set = |path: &Path, mode: u32| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    set(&file, 0);
    set(&folder, 0);
    // Nothing is closed to root.
    let closed = fs::read(&file).is_err();
    project.survives();
    if closed {
        project.says_unknown(&["app/hostile.py", "permission denied"]);
        project.says_unknown(&["app/locked", "permission denied"]);
        set(&root, 0);
        let (code, stdout, stderr) = project.run(&["review"]);
        set(&root, 0o755);
        assert_eq!((code, &*stdout, stderr.lines().count()), (Some(2), "", 1), "{stderr}");
    }
    set(&folder, 0o755);
}

#[cfg(unix)]
#[test]
fn names_that_are_no_names() {
    use std::os::unix::ffi::OsStrExt as _;
    let project = Project::new();
    for name in [&b"\xff\xfe.py"[..], b"a\nb.py", b"a b.c.py", b".py", b"class.py", b"\x1b[31m.py"] {
        fs::write(project.path().join("app").join(std::ffi::OsStr::from_bytes(name)), "x = (\n").unwrap();
    }
    project.survives();
    let (_, stdout, _) = project.run(&["review", "--color", "never"]);
    assert!(!stdout.contains('\x1b'), "the name of a file moves the cursor: {stdout:?}");
}

#[test]
fn configuration_that_is_no_configuration() {
    let project = Project::new();
    let mut toml = b"[[[[".to_vec();
    toml.extend(b"[".repeat(100_000));
    toml.extend(b"\xff\0\n[project]\nx");
    project.write("pyproject.toml", &toml);
    project.write("uv.lock", &toml);
    project.write("requirements.txt", b"fastapi==\nfastapi==999999999999999999999.99999999999\n==\n\xff==\xfe\n");
    let mut dotenv = b"=\n==\nA\n\xff=\xfe\nB='\n".to_vec();
    dotenv.extend(b"x".repeat(1_000_000));
    dotenv.extend(b"\nexport \nC=${C}\nD=${E}\nE=${D}\n");
    project.write(".env", &dotenv);
    project.write(
        "app/main.py",
        format!(
            "from pydantic_settings import BaseSettings, SettingsConfigDict
class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_file='.env')
    a: str = 'x'
    e: int = 1
settings = Settings()
{MAIN}"
        ),
    );
    for arguments in [&["map", "routes"][..], &["review"]] {
        let (code, _, stderr) = project.run(arguments);
        assert_eq!(code, Some(0), "{stderr}");
        assert!(stderr.lines().count() <= 1 && !stderr.contains("panicked"), "{stderr}");
    }
    let (_, stdout, _) = project.run(&["map", "routes"]);
    assert!(stdout.contains("/alive"), "{stdout}");
}

#[test]
fn a_folder_without_python() {
    let folder = Project(tempfile::tempdir().unwrap());
    folder.write("README.md", "Nothing here.\n");
    assert_eq!(folder.run(&["review"]).0, Some(0));
    let (code, stdout, stderr) = folder.run(&["openapi"]);
    assert_eq!((code, &*stdout), (Some(2), ""));
    assert!(stderr.contains("no application found; name one with --app"), "{stderr}");
}

#[test]
fn an_application_that_is_not_there() {
    let project = Project::new();
    for app in ["nothing:app", "app.main:nothing", "app.main", ":", "app.main:alive", "a:b:c", "..:x", "\u{0301}:é"] {
        let (code, stdout, stderr) = project.run(&["map", "--app", app]);
        assert_eq!((code, &*stdout), (Some(2), ""), "{app}: {stderr}");
        assert_eq!(stderr.lines().count(), 1, "{app}: {stderr}");
    }
}

#[test]
fn an_application_that_cannot_be_followed() {
    let project = Project::new();
    project.write("app/made.py", "import os\nfrom missing import make\napp = make(os.environ['NAME'])\n");
    let (code, stdout, stderr) = project.run(&["map", "--app", "app.made:app"]);
    assert_eq!(code, Some(0), "{stderr}");
    assert!(stdout.contains("the application app.made:app"), "{stdout}");
    let (code, stdout, stderr) = project.run(&["openapi", "--app", "app.made:app"]);
    assert_eq!((code, &*stdout), (Some(2), ""), "{stderr}");
    assert!(stderr.contains("app.made:app could not be followed") && stderr.lines().count() == 1, "{stderr}");
}
