//! Findings that one file suggests and the program shows to be wrong.

use std::collections::{HashMap, HashSet};

use architect_source::Finding;
use ruff_python_ast::visitor::{Visitor, walk_expr};
use ruff_python_ast::{CmpOp, Expr, Stmt};
use ruff_text_size::{Ranged as _, TextRange};

use crate::file::Checked;

/// A `from MODULE import NAMES`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Imported {
    /// Number of dots.
    pub level: u32,
    pub module: String,
    pub names: Vec<String>,
}

/// Places where a rule of ruff reads Python and the library reads something else.
#[derive(Default)]
pub(crate) struct Doubts {
    comparisons: Vec<TextRange>,
}

impl Doubts {
    pub fn of(body: &[Stmt]) -> Self {
        let mut out = Self::default();
        body.iter().for_each(|statement| out.visit_stmt(statement));
        out
    }

    pub fn overrule(&self, code: &str, range: TextRange) -> bool {
        matches!(code, "E711" | "E712") && self.comparisons.iter().any(|place| place.contains_range(range))
    }
}

impl<'a> Visitor<'a> for Doubts {
    fn visit_expr(&mut self, expr: &'a Expr) {
        if let Expr::Compare(compare) = expr {
            // `User.active == True` of an attribute of a class makes SQL; with `is`, or without, it would be another
            // condition, and always the same.
            let equal = compare.ops.iter().all(|op| matches!(op, CmpOp::Eq | CmpOp::NotEq));
            if equal && is_class_attribute(&compare.left) {
                self.comparisons.push(compare.range());
            }
        }
        walk_expr(self, expr);
    }
}

fn is_class_attribute(expr: &Expr) -> bool {
    let Expr::Attribute(attribute) = expr else { return false };
    match &*attribute.value {
        Expr::Name(name) => {
            let mut letters = name.id.chars();
            letters.next().is_some_and(char::is_uppercase) && letters.any(char::is_lowercase)
        }
        // A column of a table: `users.c.active`.
        Expr::Attribute(inner) => inner.attr.as_str() == "c" || is_class_attribute(&attribute.value),
        Expr::Call(call) => matches!(&*call.func, Expr::Name(name) if name.id.as_str() == "aliased"),
        _ => false,
    }
}

/// The findings of all files, without those about imports that other modules of the project import from there.
pub(crate) fn left(checked: Vec<Checked>) -> Vec<Finding> {
    let wanted = wanted(&checked);
    let mut out = Vec::new();
    for Checked { path, findings, bound, .. } in checked {
        let names = wanted.get(&path);
        let is_wanted = |finding: &Finding| {
            let bound = bound.iter().find(|(start, _)| *start == finding.location.start);
            // `import a.b` binds `a`.
            let name = bound.map(|(_, name)| name.split('.').next().unwrap_or_default());
            names.zip(name).is_some_and(|(names, name)| names.contains(name))
        };
        out.extend(findings.into_iter().filter(|finding| finding.rule != "F401" || !is_wanted(finding)));
    }
    out.sort_by(|a, b| a.location.cmp(&b.location).then_with(|| a.rule.cmp(b.rule)));
    out
}

/// By path, the names that other modules import from there.
fn wanted(checked: &[Checked]) -> HashMap<String, HashSet<String>> {
    let mut by_module: HashMap<String, Vec<&str>> = HashMap::new();
    for file in checked {
        let module = dotted(&file.path);
        // A file is imported by any ending of its path: source roots are not known here.
        let mut rest = &*module;
        loop {
            by_module.entry(rest.to_owned()).or_default().push(&file.path);
            match rest.split_once('.') {
                Some((_, tail)) => rest = tail,
                None => break,
            }
        }
    }
    let mut out: HashMap<String, HashSet<String>> = HashMap::new();
    for file in checked {
        for import in &file.imports {
            let module = absolute(&file.path, import);
            for path in by_module.get(&module).into_iter().flatten().filter(|path| **path != file.path) {
                out.entry((*path).to_owned()).or_default().extend(import.names.iter().cloned());
            }
        }
    }
    out
}

fn dotted(path: &str) -> String {
    let stem = path.strip_suffix(".py").unwrap_or(path);
    stem.strip_suffix("/__init__").unwrap_or(stem).replace('/', ".")
}

fn absolute(path: &str, import: &Imported) -> String {
    if import.level == 0 {
        return import.module.clone();
    }
    let mut folder: Vec<&str> = path.split('/').collect();
    for _ in 0..import.level {
        folder.pop();
    }
    folder.extend(import.module.split('.').filter(|part| !part.is_empty()));
    folder.join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imports_are_found_where_they_lead() {
        let import = |level, module: &str| Imported { level, module: module.into(), names: Vec::new() };
        assert_eq!(absolute("app/api/users.py", &import(1, "deps")), "app.api.deps");
        assert_eq!(absolute("app/api/__init__.py", &import(1, "deps")), "app.api.deps");
        assert_eq!(absolute("app/api/users.py", &import(2, "")), "app");
        assert_eq!(absolute("app/api/users.py", &import(9, "x")), "x");
        assert_eq!(dotted("app/api/__init__.py"), "app.api");
    }
}
