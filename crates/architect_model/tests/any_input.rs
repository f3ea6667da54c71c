//! No input makes the analysis panic: the programs of `tests/cases` and the models of libraries, cut, mixed and torn.
//!
//! The same inputs are drawn every time. `ARCHITECT_CASES=100000` draws more of them.

#![allow(clippy::disallowed_methods, reason = "a test reads the programs it tears")]

use std::path::Path;

use architect_model::{Options, Probe, analyse, probe};
use architect_source::MemoryFileSystem;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

/// What is put where it does not belong.
const PIECES: &[&str] = &[
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ":",
    ",",
    "=",
    "*",
    "**",
    "@",
    ".",
    "\n",
    "\t",
    " ",
    "\\",
    "\"",
    "'",
    "\"\"\"",
    "f\"{",
    "async ",
    "await ",
    "yield ",
    "lambda: ",
    "not ",
    "if ",
    "else ",
    "for x in ",
    "def f(",
    "class A(",
    "return ",
    "del ",
    "global x",
    "import ",
    "from . import *",
    "None",
    "True",
    "0",
    "-1",
    "9223372036854775807",
    "1e308",
    "...",
    "self",
    "app",
    "router",
    "Depends",
    "Optional[()]",
    "Annotated[()]",
    "Annotated[int]",
    "Union[()]",
    "Literal[()]",
    "[][0]",
    "''[9:]",
    "x[::0]",
    "'%'%()",
    "'{'.format()",
    "super()",
    "type('A',(),{})",
    "*a",
    "**a",
    "\u{feff}",
    "\u{0}",
    "é",
    "\u{1f600}",
    "#",
    "with a: ",
    "match x:\n case ",
    "try:\n",
    "except* E:\n",
    "raise",
    "__class__",
    "a.a.a",
    "1/0",
    "getattr()",
    "isinstance()",
    "print(*app)",
    "app.include_router(app.router)",
    "int|None",
];

/// A tear in a text; positions are parts of its length.
#[derive(Clone, Debug)]
enum Tear {
    Cut(u16),
    Insert(u16, usize),
    Remove(u16, u8),
    Repeat(u16, u8),
    Byte(u16, u8),
    Splice(u16, usize, u16),
}

fn tear() -> impl Strategy<Value = Tear> {
    prop_oneof![
        any::<u16>().prop_map(Tear::Cut),
        (any::<u16>(), 0..PIECES.len()).prop_map(|(at, piece)| Tear::Insert(at, piece)),
        (any::<u16>(), 1_u8..40).prop_map(|(at, length)| Tear::Remove(at, length)),
        (any::<u16>(), 1_u8..40).prop_map(|(at, length)| Tear::Repeat(at, length)),
        (any::<u16>(), any::<u8>()).prop_map(|(at, byte)| Tear::Byte(at, byte)),
        (any::<u16>(), any::<usize>(), any::<u16>()).prop_map(|(at, other, from)| Tear::Splice(at, other, from)),
    ]
}

fn apply(text: &mut Vec<u8>, tear: &Tear, programs: &[Vec<u8>]) {
    let place = |at: u16, text: &[u8]| usize::from(at) * text.len() / 65_536;
    match tear {
        Tear::Cut(at) => text.truncate(place(*at, text)),
        Tear::Insert(at, piece) => {
            let at = place(*at, text);
            text.splice(at..at, PIECES[*piece].bytes());
        }
        Tear::Remove(at, length) => {
            let at = place(*at, text);
            text.drain(at..text.len().min(at + usize::from(*length)));
        }
        Tear::Repeat(at, length) => {
            let at = place(*at, text);
            let part = text[at..text.len().min(at + usize::from(*length))].repeat(3);
            text.splice(at..at, part);
        }
        Tear::Byte(at, byte) => {
            let at = place(*at, text);
            if let Some(slot) = text.get_mut(at) {
                *slot = *byte;
            }
        }
        Tear::Splice(at, other, from) => {
            let other = &programs[other % programs.len()];
            let from = place(*from, other);
            let at = place(*at, text);
            text.splice(at..at, other[from..other.len().min(from + 200)].iter().copied());
        }
    }
}

fn programs() -> Vec<Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut out = Vec::new();
    let mut paths: Vec<_> = ["tests/cases", "tests/tables", "src/models", "../../examples/assessment/app"]
        .iter()
        .filter_map(|folder| std::fs::read_dir(root.join(folder)).ok())
        .flat_map(|entries| entries.flatten().map(|entry| entry.path()))
        .collect();
    paths.sort();
    for path in paths {
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        if path.extension().is_some_and(|extension| extension == "md") {
            let blocks = architect_mdtest::cases(&text).0.into_iter().flat_map(|case| case.files);
            out.extend(
                blocks
                    .filter(|block| !["routes", "tables"].contains(&block.path.as_str()))
                    .map(|block| block.text.into_bytes()),
            );
        } else if path.extension().is_some_and(|extension| extension == "py") {
            out.push(text.into_bytes());
        }
    }
    assert!(out.len() > 40, "only {} programs were found", out.len());
    out
}

#[test]
fn torn_programs_are_analysed() {
    // Tests have small stacks; the binary does not.
    let worker = std::thread::Builder::new().stack_size(256 << 20).spawn(tear_programs).unwrap();
    worker.join().unwrap();
}

fn tear_programs() {
    let programs = programs();
    let cases = std::env::var("ARCHITECT_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(150);
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let input = (any::<usize>(), vec(tear(), 0..8), any::<usize>(), vec(tear(), 0..4));
    let result = runner.run(&input, |(first, tears, second, more)| {
        let mut files = MemoryFileSystem::default();
        for (path, program, tears) in [("main.py", first, tears), ("other.py", second, more)] {
            let mut text = programs[program % programs.len()].clone();
            tears.iter().for_each(|tear| apply(&mut text, tear, &programs));
            files.write(format!("/project/app/{path}"), text);
        }
        files.write("/project/app/__init__.py", "from .main import *\nfrom .other import *\n");
        files.write("/project/run.py", "from fastapi import FastAPI\nfrom app import *\napp = FastAPI()\n");
        let options = Options { project: "/project".into(), documents: true, ..Options::default() };
        prop_assert!(analyse(&files, &options).is_ok());
        // Calls what the program defines, too: code that nothing reaches at import is reached here.
        let report = probe(&files, &options, &Probe::Everything);
        prop_assert!(report.contains(", 0 panics"), "{}", report);
        Ok(())
    });
    result.unwrap_or_else(|failure| panic!("{failure}"));
}
