//! Projects put together from a stock of programs.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt::Write as _;

use crate::{Random, changed};

/// The files of a project, by path.
pub type Files = BTreeMap<String, String>;

/// The module that makes an application of whatever there is.
const MAIN: &str = "fuzzed_main.py";

/// Programs of one origin, whose imports may name each other.
#[derive(Clone, Debug, Default)]
pub struct Stock {
    /// The programs by their path from where imports begin.
    pub programs: Files,
}

impl Stock {
    /// The program and what it imports, and what that imports, up to so many.
    fn together(&self, start: &str, limit: usize) -> Vec<&str> {
        let mut found: Vec<&str> = Vec::new();
        let mut seen = BTreeSet::new();
        let mut queue: VecDeque<&str> =
            self.programs.get_key_value(start).map(|(path, _)| path.as_str()).into_iter().collect();
        while let Some(path) = queue.pop_front() {
            if found.len() == limit || !seen.insert(path) {
                continue;
            }
            found.push(path);
            queue.extend(self.imported(path, &self.programs[path]));
        }
        found
    }

    /// What the lines of a program import, as far as it is in stock.
    fn imported(&self, path: &str, text: &str) -> Vec<&str> {
        let folder: Vec<&str> = path.split('/').collect();
        let line = |line: &str| -> Vec<String> {
            let mut words = line.split([' ', ',']).filter(|word| !word.is_empty());
            let (first, Some(module)) = (words.next(), words.next()) else { return Vec::new() };
            let dots = module.len() - module.trim_start_matches('.').len();
            let above = if dots == 0 { String::new() } else { folder[..folder.len().saturating_sub(dots)].join("/") };
            let module = format!("{above}/{}", module.trim_start_matches('.').replace('.', "/"));
            let module = module.trim_matches('/').to_owned();
            if first == Some("from") {
                let names = words.skip(1).map(|name| format!("{module}/{name}"));
                names.chain([module.clone()]).collect()
            } else {
                vec![module]
            }
        };
        let lines = text.lines().map(str::trim).filter(|line| line.starts_with("from ") || line.starts_with("import "));
        let modules = lines.flat_map(line);
        let files = modules.flat_map(|module| [format!("{module}.py"), format!("{module}/__init__.py")]);
        files.filter_map(|file| self.programs.get_key_value(&file)).map(|(path, _)| path.as_str()).collect()
    }
}

/// A project of some programs of the stock before and after changes. Pieces of `others` may be in it.
#[must_use]
pub fn project(stock: &Stock, others: &[&str], random: &mut Random) -> (Files, Files) {
    let telling = ["Router(", "FastAPI(", "Depends(", "Mapped[", "Column(", "BaseModel"];
    let tells = |text: &str| telling.iter().any(|word| text.contains(word));
    let (good, any): (Vec<&String>, Vec<&String>) =
        stock.programs.keys().partition(|path| tells(&stock.programs[*path]));
    let from = if good.is_empty() || any.is_empty() || random.chance(85) == good.is_empty() { &any } else { &good };
    let from = if from.is_empty() { &good } else { from };
    let Some(start) = random.pick(from) else { return Default::default() };
    let paths = stock.together(start, 1 + random.below(16));
    let mut before: Files = paths.iter().map(|path| ((*path).to_owned(), stock.programs[*path].clone())).collect();
    before.insert(MAIN.to_owned(), main(&before));
    let mut after = before.clone();
    for _ in 0..=random.below(3) {
        let Some(path) = random.pick(&paths) else { break };
        let Some(text) = after.get_mut(*path) else { break };
        for _ in 0..=random.below(6) {
            *text = changed(text, others, random);
        }
    }
    if random.chance(20) {
        import_in_circles(&mut after, &paths, random);
    }
    (before, after)
}

/// Each of two programs imports all that the other has.
fn import_in_circles(files: &mut Files, paths: &[&str], random: &mut Random) {
    let (Some(one), Some(other)) = (random.pick(paths), random.pick(paths)) else { return };
    for (path, from) in [(one, other), (other, one)] {
        if let Some(text) = files.get_mut(*path) {
            *text = format!("from {} import *\nimport {0} as circle\n{text}", module(from));
        }
    }
}

fn module(path: &str) -> String {
    path.trim_end_matches(".py").trim_end_matches("/__init__").replace('/', ".")
}

/// An application with all the routers that the files may have.
fn main(files: &Files) -> String {
    let mut out = String::from("from fastapi import FastAPI\n\napp = FastAPI()\n");
    for (number, (path, text)) in files.iter().enumerate() {
        let _ = writeln!(out, "import {} as m{number}", module(path));
        for line in text.lines().filter(|line| line.contains("Router(")) {
            let name = line.split(['=', ':']).next().unwrap_or_default().trim();
            if !name.is_empty() && name.chars().all(|letter| letter == '_' || letter.is_alphanumeric()) {
                let _ = writeln!(out, "app.include_router(m{number}.{name}, prefix=\"/m{number}\")");
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stock() -> Stock {
        let programs = [
            ("app/api.py", "from app.models import A, B\nfrom . import deps\nrouter = APIRouter()\n"),
            ("app/models/__init__.py", "from .b import B\nclass A: ...\n"),
            ("app/models/b.py", "class B: ...\n"),
            ("app/deps.py", "import os\n"),
            ("app/other.py", "x = 1\n"),
        ];
        Stock { programs: programs.map(|(path, text)| (path.to_owned(), text.to_owned())).into() }
    }

    #[test]
    fn programs_come_with_what_they_import() {
        let stock = stock();
        let together = stock.together("app/api.py", 9);
        assert_eq!(together, ["app/api.py", "app/models/__init__.py", "app/deps.py", "app/models/b.py"]);
        assert_eq!(stock.together("app/api.py", 1), ["app/api.py"]);
    }

    #[test]
    fn the_application_includes_the_routers() {
        let text = main(&stock().programs);
        assert!(text.contains("import app.api as m0\napp.include_router(m0.router, prefix=\"/m0\")\n"), "{text}");
        assert!(text.contains("import app.models as m"), "{text}");
    }

    #[test]
    fn a_seed_makes_one_project() {
        let make = |seed| project(&stock(), &["y = 2\n"], &mut Random::new(seed));
        assert_eq!(make(5), make(5));
        assert!((0..20).any(|seed| make(seed).0 != make(seed).1));
        assert_eq!(project(&Stock::default(), &[], &mut Random::new(1)), Default::default());
    }
}
