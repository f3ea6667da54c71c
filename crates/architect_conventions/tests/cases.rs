//! Conventions of small services, written as Markdown: the files, and in `conventions.txt` what is to be said of them.
//!
//! A line is `KIND: WHAT`. Of the kinds that a case names, everything that is said has to be there, in that order.

use std::path::Path;

use architect_conventions::{Conventions, detect};
use architect_mdtest::cases;
use architect_model::{Options, analyse};
use architect_source::MemoryFileSystem;

const EXPECTED: &str = "conventions.txt";

#[test]
fn topics() {
    run(include_str!("cases/topics.md"), "topics.md");
}

#[test]
fn helpers_and_repeats() {
    run(include_str!("cases/helpers.md"), "helpers.md");
}

#[test]
fn documents() {
    run(include_str!("cases/documents.md"), "documents.md");
}

fn run(markdown: &str, name: &str) {
    let (cases, errors) = cases(markdown);
    assert!(errors.is_empty(), "{errors:?}");
    let mut failed = Vec::new();
    for case in cases.iter().filter(|case| !case.files.is_empty()) {
        let mut files = MemoryFileSystem::default();
        let mut expected = "";
        for block in &case.files {
            if block.path == EXPECTED {
                expected = &block.text;
            } else {
                files.write(format!("/project/{}", block.path), block.text.as_bytes());
            }
        }
        let options = Options {
            project: Path::new("/project").to_path_buf(),
            documents: true,
            code: true,
            conventions: true,
            ..Options::default()
        };
        let service = analyse(&files, &options).expect("the project folder is there");
        let said = lines(&detect(&service));
        let kind = |line: &str| line.split(':').next().unwrap_or_default().to_owned();
        let expected: Vec<&str> = expected.lines().filter(|line| !line.is_empty()).collect();
        assert!(!expected.is_empty(), "{name}:{}: {} expects nothing", case.line, case.title);
        let kinds: Vec<String> = expected.iter().map(|line| kind(line)).collect();
        let of_kind: Vec<&String> = said.iter().filter(|line| kinds.contains(&kind(line))).collect();
        // `KIND: nothing` says that nothing of that kind is said.
        let expected: Vec<&str> = expected.into_iter().filter(|line| !line.ends_with(": nothing")).collect();
        if of_kind.iter().map(|line| line.as_str()).ne(expected.iter().copied()) {
            let said: Vec<&str> = of_kind.iter().map(|line| line.as_str()).collect();
            failed.push(format!("{name}:{}: {} says\n{}", case.line, case.title, said.join("\n")));
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n\n"));
}

fn lines(found: &Conventions) -> Vec<String> {
    let mut out = Vec::new();
    for one in &found.practices {
        let settled = if one.settled { "" } else { "not settled: " };
        let like = one.reference.as_ref().map(|one| format!("; like {}", one.name)).unwrap_or_default();
        let others: String = one.deviations.iter().map(|one| format!("; not {} {}", one.subject, one.does)).collect();
        let share = format!("{} of {} {}, {}", one.count, one.of, one.noun, one.strength.as_str());
        out.push(format!("{}: {settled}{} ({share}){like}{others}", one.name, one.majority));
    }
    for one in &found.exemplars {
        out.push(format!("exemplar: {}: {}", one.kind, one.example.name));
    }
    for one in &found.helpers {
        let users: Vec<&str> = one.used_by.iter().map(|one| one.name.as_str()).collect();
        out.push(format!("helper: {} ({}) {}; used by {}", one.signature, one.kind, one.does, users.join(", ")));
    }
    for one in &found.repeats {
        let helper = one.helper.as_ref().map_or("nothing", |one| one.name.as_str());
        for place in &one.places {
            out.push(format!("repeat: {} {}; use {helper}", place.name, one.does));
        }
    }
    for one in &found.stale {
        out.push(format!("stale: {}:{} {}", one.document, one.location.line, one.message));
    }
    out
}
