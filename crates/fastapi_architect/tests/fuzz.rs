//! The commands on a few projects made of torn programs; `cargo xtask fuzz` runs them for hours on real applications.
//!
//! The same projects every time. `ARCHITECT_CASES=1000` makes more of them.

#![allow(clippy::disallowed_methods, reason = "a test reads the programs it tears")]

use std::fs;
use std::path::Path;

use architect_fuzz::{Answer, CHECKS, Files, Random, Stock, project};
use assert_cmd::Command;

/// The example, and the programs of the cases of the model.
fn stocks() -> Vec<Stock> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut example = Stock::default();
    read(&root.join("../../examples/assessment"), "", &mut example.programs);
    assert!(example.programs.len() > 20, "{:?}", example.programs.keys());
    let mut stocks = vec![example];
    for folder in ["tests/cases", "tests/tables"] {
        let mut pages: Vec<_> = fs::read_dir(root.join("../architect_model").join(folder))
            .unwrap()
            .flatten()
            .map(|entry| entry.path())
            .collect();
        pages.sort();
        for page in pages {
            let text = fs::read_to_string(&page).unwrap();
            for case in architect_mdtest::cases(&text).0 {
                let python = case.files.into_iter().filter(|file| file.path.ends_with(".py"));
                stocks.push(Stock { programs: python.map(|file| (file.path, file.text)).collect() });
            }
        }
    }
    stocks.retain(|stock| !stock.programs.is_empty());
    stocks
}

fn read(folder: &Path, inside: &str, programs: &mut Files) {
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let name = entry.file_name().into_string().unwrap();
        if entry.path().is_dir() {
            read(&entry.path(), &format!("{inside}{name}/"), programs);
        } else if name.ends_with(".py") {
            programs.insert(format!("{inside}{name}"), fs::read_to_string(entry.path()).unwrap());
        }
    }
}

fn write(folder: &Path, files: &Files) {
    for (path, text) in files {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

fn run(words: &[String]) -> Answer {
    let output = Command::cargo_bin("fastapi-architect").unwrap().args(words).output().unwrap();
    Answer { code: output.status.code(), stdout: output.stdout, stderr: output.stderr, stopped: None }
}

#[test]
fn torn_projects_are_borne() {
    let stocks = stocks();
    let others: Vec<&str> = stocks.iter().flat_map(|stock| stock.programs.values()).map(String::as_str).collect();
    let cases = std::env::var("ARCHITECT_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(24);
    for seed in 0..cases {
        let mut random = Random::new(seed);
        // Half of them of the example, which is the largest.
        let stock = if random.chance(50) { &stocks[0] } else { random.pick(&stocks).unwrap() };
        let (before, after) = project(stock, &others, &mut random);
        let folder = tempfile::tempdir().unwrap();
        let [original, project] = ["before", "after"].map(|name| folder.path().join(name));
        write(&original, &before);
        write(&project, &after);
        let [original, project] = [original, project].map(|path| path.to_str().unwrap().to_owned());
        let broken = || run(&["debug-parse".to_owned(), project.clone()]).stdout;
        let were_broken = String::from_utf8(broken()).unwrap();
        // Every command with some of the projects, and the one that says most and the fixes with all.
        let wanted =
            (0..CHECKS.len()).filter(|at| *at == 0 || CHECKS[*at].writes || random.chance(15)).collect::<Vec<_>>();
        for check in wanted.into_iter().map(|at| &CHECKS[at]) {
            let complaint = check.complaint(&run(&check.arguments(&project, &original)));
            assert_eq!(complaint, None, "seed {seed}: {}", check.arguments("AFTER", "BEFORE").join(" "));
        }
        let are_broken = String::from_utf8(broken()).unwrap();
        let last = |text: &str| text.rsplit(',').next().unwrap_or_default().to_owned();
        assert_eq!(last(&are_broken), last(&were_broken), "seed {seed}: the fixes broke a file that parsed");
    }
}
