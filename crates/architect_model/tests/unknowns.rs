//! What cannot be known is said, with the reason, and never guessed.

use architect_model::{Options, Service, analyse};
use architect_source::MemoryFileSystem;

fn service(main: &str) -> Service {
    let mut files = MemoryFileSystem::default();
    files.write("/project/app/main.py", main.as_bytes());
    analyse(&files, &Options { project: "/project".into(), ..Options::default() }).unwrap()
}

#[track_caller]
fn says(service: &Service, what: &str, why: &str) {
    let unknowns = &service.unknowns;
    let found = unknowns.iter().any(|unknown| unknown.what == what && unknown.why == why);
    assert!(found, "{what}: {why} is not among {unknowns:#?}");
}

/// Names of the query parameters of the route at `path`.
fn query(service: &Service, path: &str) -> Vec<String> {
    let endpoints = service.endpoints();
    let endpoint = endpoints.iter().find(|endpoint| endpoint.route.path == path).expect("the route is there");
    endpoint.route.parameters.query.iter().map(|parameter| parameter.name.clone()).collect()
}

#[test]
fn a_signature_given_as_text() {
    let service = service(
        r#"
from fastapi import FastAPI
from makefun import with_signature

app = FastAPI()


@app.get("/text")
@with_signature("(a, b: int)")
def text(*args, **kwargs): ...
"#,
    );
    says(&service, "the parameters of app.main:text", "a signature that is given as text");
    assert_eq!(query(&service, "/text"), [""; 0]);
}

#[test]
fn a_parameter_whose_name_is_computed() {
    let service = service(
        r#"
import os
from inspect import Parameter, Signature

from fastapi import FastAPI

app = FastAPI()


@app.get("/name")
def named(**kwargs): ...


named.__signature__ = Signature(
    [Parameter(os.urandom(2).hex(), Parameter.KEYWORD_ONLY), Parameter("known", Parameter.KEYWORD_ONLY)]
)
"#,
    );
    says(&service, "a parameter of app.main:named", "its name is computed");
    assert_eq!(query(&service, "/name"), ["known"]);
}

/// A project with an environment that has one package.
fn with_package(main: &str, package: &str) -> Service {
    let mut files = MemoryFileSystem::default();
    files.write("/project/app/main.py", format!("from fastapi import FastAPI\napp = FastAPI()\n{main}"));
    files.write("/venv/lib/python3.12/site-packages/package/__init__.py", package.as_bytes());
    let options = Options { project: "/project".into(), python: Some("/venv".into()), ..Options::default() };
    analyse(&files, &options).unwrap()
}

#[test]
fn packages_that_only_a_library_misses_are_not_the_users_concern() {
    let main = "
import missing
import graphlib
import package

try:
    import optional
except ImportError:
    optional = None

package.value
";
    let service = with_package(main, "import speedups\nvalue = speedups.fast()\n");
    let said: Vec<_> = service.unknowns.iter().map(|unknown| (&*unknown.what, &*unknown.resolve)).collect();
    assert_eq!(said, [("package missing", "install it into the environment")]);
}

#[test]
fn what_fails_in_a_library_is_named_as_such() {
    let main = "
from package import find

limiter = find('memory')
raise ValueError('set SECRET')
";
    let package = "def find(name):\n    raise LookupError('no ' + name)\n";
    let service = with_package(main, package);
    says(&service, "a statement at import", "the package package could not be followed: LookupError: no memory");
    says(&service, "a statement at import", "it raises ValueError: set SECRET");
    let places: Vec<_> =
        service.unknowns.iter().map(|unknown| unknown.location.as_ref().unwrap().to_string()).collect();
    assert_eq!(places, ["app/main.py:7", "app/main.py:6"]);
}

#[test]
fn nothing_is_missing_where_nothing_is_asked_for() {
    let service = service(
        r#"
from fastapi import Depends, FastAPI

app = FastAPI()


class Empty:
    def helper(self): ...


class New:
    def __new__(cls, q: str = ""): ...


@app.websocket("/ws")
async def socket(websocket, empty: Empty = Depends(), new: New = Depends()): ...
"#,
    );
    assert_eq!(service.unknowns, []);
    assert_eq!(query(&service, "/ws"), ["websocket"]);
}

#[test]
fn what_would_help_is_said_where_something_would() {
    let service = service(
        "
import os
from fastapi import FastAPI
from library import router

app = FastAPI()
app.include_router(router)
app.add_api_route(object() + 1, print)
app.add_api_route(os.environ['PATH_OF_IT'] + '/x', print)
",
    );
    let said: Vec<_> = service.unknowns.iter().map(|unknown| (&*unknown.what, &*unknown.resolve)).collect();
    let environment = "install the project's environment and pass --python";
    assert_eq!(
        said,
        [
            ("package library", environment),
            ("the path of builtins:print", "pass --env for settings it needs"),
            ("the path of builtins:print", ""),
            ("the routes of an included router", environment),
        ]
    );
}

#[test]
fn a_package_without_a_version_is_an_exception_like_others() {
    let main = "
from importlib import metadata
from importlib.metadata import PackageNotFoundError

try:
    VERSION = metadata.version('app')
except PackageNotFoundError:
    VERSION = 'one'
try:
    metadata.version('app')
except Exception:
    app.add_api_route('/' + VERSION, print)
";
    let service = with_package(main, "");
    let paths: Vec<_> = service.endpoints().iter().map(|endpoint| endpoint.route.path.clone()).collect();
    assert!(paths.contains(&"/one".to_owned()), "{paths:?} {:?}", service.unknowns);
}

#[test]
fn a_router_of_a_package_has_all_that_its_module_does_to_it() {
    let package = "from fastapi import APIRouter

router = APIRouter(prefix='/pkg')
inner = APIRouter()


@inner.get('/inner')
def inside(): ...


router.include_router(inner)


@router.get('/own')
def own(): ...
";
    let main = "
from package import router

app.include_router(router)
";
    let service = with_package(main, package);
    let paths: Vec<String> = service.endpoints().iter().map(|endpoint| endpoint.path.clone()).collect();
    let own: Vec<&str> = paths.iter().map(String::as_str).filter(|path| path.starts_with("/pkg")).collect();
    assert_eq!(own, ["/pkg/inner", "/pkg/own"]);
}

/// Tables of many rows, as packages of countries, time zones or status codes make while they are imported.
fn tables(statements: usize, rows: usize) -> String {
    let row = "{'code': f'{i}', 'name': f'n{i}', 'parent': None, 'tags': [i]}";
    (0..statements).map(|at| format!("TABLE_{at} = [{row} for i in range({rows})]\n")).collect()
}

#[test]
fn large_tables_do_not_take_the_budget_of_what_follows_them() {
    let mut main = "from fastapi import APIRouter, FastAPI\n".to_owned();
    let mut files = MemoryFileSystem::default();
    for module in 0..3 {
        main += &format!("from app import tables{module}\n");
        files.write(format!("/project/app/tables{module}.py"), tables(60, 3_000).as_bytes());
    }
    main += "router = APIRouter()\nfor at in range(500):\n    router.add_api_route(f'/r/{at}', lambda: None)\n";
    main += "app = FastAPI()\napp.include_router(router)\n";
    files.write("/project/app/main.py", main.as_bytes());
    let service = analyse(&files, &Options { project: "/project".into(), ..Options::default() }).unwrap();
    assert_eq!(service.endpoints().iter().filter(|one| one.route.path.starts_with("/r/")).count(), 500);
    // What is lacking is said, once for each file.
    let lacking: Vec<_> = service.unknowns.iter().filter(|unknown| unknown.what.starts_with("the value of")).collect();
    assert!(lacking.len() <= 3 && lacking.len() == service.unknowns.len(), "{:#?}", service.unknowns);
}

#[test]
fn what_stops_for_the_budget_names_what_is_lacking() {
    let service = service(
        "
from fastapi import APIRouter, FastAPI

MANY = range(9_000)
router = APIRouter()
app = FastAPI()
app.include_router(router, tags=[[a for a in MANY] for b in MANY])
TABLE = [[a for a in MANY] for b in MANY]


@app.get('/items')
def items(): ...
",
    );
    let why = "it needs more steps than an evaluation may take";
    says(&service, "the routes that `app.include_router(router, tags=[[a for a in MANY] for b in MANY])` adds", why);
    says(&service, "the value of `TABLE`", why);
    assert!(service.endpoints().iter().any(|one| one.route.path == "/items"));
}

#[test]
fn an_include_that_a_setting_decides_against_names_the_test() {
    let service = service(
        "
import os

from fastapi import APIRouter, FastAPI

scim = APIRouter(prefix='/scim')


@scim.get('/users')
def users(): ...


app = FastAPI()
if os.getenv('ENABLE_SCIM', 'False').lower() == 'true':
    app.include_router(scim)
",
    );
    let why = "`os.getenv('ENABLE_SCIM', 'False').lower() == 'true'` decides against it";
    says(&service, "the routers that are included here", why);
}
