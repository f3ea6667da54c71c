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
