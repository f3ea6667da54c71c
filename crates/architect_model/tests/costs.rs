//! Small programs in Markdown and what their endpoints cost: `tests/costs/*.md`.
//!
//! A case is a project as `architect_mdtest` reads it, with one more block whose path is `costs`: a line for every
//! endpoint, its formula. That these numbers are right is tested in `testdata/services`, where such programs run.

#![allow(clippy::disallowed_methods, reason = "a test looks at the disk")]

use std::fmt::Write as _;
use std::path::Path;

use architect_model::requests::EntryKind;
use architect_model::{Options, Walks, analyse};
use architect_source::MemoryFileSystem;

#[test]
fn every_endpoint_costs_what_the_page_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/costs");
    let mut pages: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    pages.sort();
    let (mut wrong, mut count) = (String::new(), 0);
    for page in pages {
        let text = std::fs::read_to_string(&page).unwrap();
        let (cases, errors) = architect_mdtest::cases(&text);
        assert!(errors.is_empty(), "{}: {errors:?}", page.display());
        for case in cases.iter().filter(|case| !case.files.is_empty()) {
            count += 1;
            let expected = case.files.iter().find(|block| block.path == "costs");
            let expected = expected.unwrap_or_else(|| panic!("{}: [{}] no costs", page.display(), case.title));
            let mut files = MemoryFileSystem::default();
            for block in case.files.iter().filter(|block| block.path != "costs") {
                files.write(format!("/project/{}", block.path), block.text.as_bytes());
            }
            let mut options = Options { project: "/project".into(), walks: Walks::Endpoints, ..Options::default() };
            // Those that are found, and then the same by their names.
            for how in ["", " by name"] {
                let service = analyse(&files, &options).unwrap();
                let mut found = String::new();
                for entry in service.requests.entries.iter().filter(|entry| entry.kind == EntryKind::Endpoint) {
                    let _ = writeln!(found, "{}: {}", entry.name, entry.cost);
                }
                if found.trim() != expected.text.trim() {
                    let name = page.file_name().unwrap().to_string_lossy();
                    let title = &case.title;
                    let _ = write!(wrong, "\n{name}: [{title}]{how} costs\n{found}instead of\n{}", expected.text);
                }
                let outermost = service.applications.iter().filter(|one| one.mounted_at.is_none());
                options.applications = outermost.map(|one| one.name.clone()).collect();
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert!(count > 4, "only {count} cases were found");
}
