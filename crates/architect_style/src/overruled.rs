//! Findings that one file suggests, and that the rest of it or of the program shows to be wrong.

use std::collections::{HashMap, HashSet};

use architect_source::Finding;
use ruff_python_ast::visitor::{Visitor, walk_expr, walk_stmt};
use ruff_python_ast::{CmpOp, Expr, ExprCompare, Number, Stmt};
use ruff_text_size::{Ranged as _, TextRange, TextSize};

use crate::file::Checked;

/// One name of a `from MODULE import NAME`, or one `import MODULE`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Imported {
    /// Where the name stands.
    pub start: u32,
    /// Number of dots.
    pub level: u32,
    pub module: String,
    /// What is taken from the module; the module itself where there is none.
    pub name: Option<String>,
}

/// Places where a rule of ruff reads Python and the code says something else.
pub(crate) struct Doubts<'t> {
    text: &'t str,
    /// Comparisons that make SQL.
    conditions: Places,
    /// Numbers in comparisons that have a name already, or are no quantity.
    plain_numbers: Places,
    /// Bodies of enumerations.
    enumerations: Places,
    /// Where names of decorated functions stand that another one had before.
    decorated_again: HashSet<TextSize>,
    decorated: HashSet<String>,
}

/// Parts of a text.
#[derive(Default)]
struct Places(Vec<TextRange>);

impl Places {
    fn push(&mut self, place: TextRange) {
        self.0.push(place);
    }

    /// Puts them in the order of the text, each with the furthest end so far: whether any of them holds a range is then
    /// answered without looking at all of them.
    fn sort(&mut self) {
        self.0.sort_unstable_by_key(|place| place.start());
        let mut furthest = TextSize::default();
        for place in &mut self.0 {
            furthest = furthest.max(place.end());
            *place = TextRange::new(place.start(), furthest);
        }
    }

    /// Whether a range lies inside of one of them.
    fn hold(&self, range: TextRange) -> bool {
        let before = self.0.partition_point(|place| place.start() <= range.start());
        before.checked_sub(1).is_some_and(|last| self.0[last].end() >= range.end())
    }
}

impl<'t> Doubts<'t> {
    pub fn of(body: &[Stmt], text: &'t str) -> Self {
        let mut out = Self {
            text,
            conditions: Places::default(),
            plain_numbers: Places::default(),
            enumerations: Places::default(),
            decorated_again: HashSet::new(),
            decorated: HashSet::new(),
        };
        body.iter().for_each(|statement| out.visit_stmt(statement));
        [&mut out.conditions, &mut out.plain_numbers, &mut out.enumerations].into_iter().for_each(Places::sort);
        out
    }

    pub fn overrule(&self, code: &str, range: TextRange) -> bool {
        match code {
            "E711" | "E712" => self.conditions.hold(range),
            "PLR2004" => self.plain_numbers.hold(range),
            // A member of an enumeration names a thing.
            "S105" => self.enumerations.hold(range) || !is_credential(&self.text[range]),
            "S106" | "S107" => !is_credential(&self.text[range]),
            // A decorator may keep the first function: as a route, as one case of a dispatch.
            "F811" => self.decorated_again.contains(&range.start()),
            _ => false,
        }
    }

    fn compared(&mut self, compare: &ExprCompare) {
        // `User.active == True` of an attribute of a class makes SQL; with `is`, or without, it would be another
        // condition, and always the same.
        let equal = compare.ops.iter().all(|op| matches!(op, CmpOp::Eq | CmpOp::NotEq));
        if equal && is_class_attribute(&compare.left) {
            self.conditions.push(compare.range());
        }
        let operands: Vec<&Expr> = std::iter::once(&*compare.left).chain(&compare.comparators).collect();
        let is_status = operands.iter().any(|operand| is_status(operand));
        let is_length = equal && operands.iter().any(|operand| is_length(operand));
        for operand in operands {
            let Some(number) = integer(operand) else { continue };
            // What an HTTP status means is written in a standard; how many parts a text is split into, in the line
            // that takes them apart.
            if (is_status && HTTP_STATUSES.contains(&number)) || (is_length && number <= MOST_PARTS) {
                self.plain_numbers.push(operand.range());
            }
        }
    }
}

const HTTP_STATUSES: std::ops::RangeInclusive<u64> = 100..=599;

/// Nobody takes more apart than this.
const MOST_PARTS: u64 = 4;

impl<'a> Visitor<'a> for Doubts<'_> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::ClassDef(class) if class.bases().iter().any(is_enumeration) => {
                self.enumerations.push(class.range());
            }
            Stmt::FunctionDef(function)
                if !function.decorator_list.is_empty() && !self.decorated.insert(function.name.to_string()) =>
            {
                self.decorated_again.insert(function.name.start());
            }
            _ => {}
        }
        walk_stmt(self, statement);
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        if let Expr::Compare(compare) = expr {
            self.compared(compare);
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

/// The last name of `a.b.c`.
fn last_name(expr: &Expr) -> &str {
    match expr {
        Expr::Name(name) => name.id.as_str(),
        Expr::Attribute(attribute) => attribute.attr.as_str(),
        _ => "",
    }
}

fn is_enumeration(base: &Expr) -> bool {
    let name = last_name(base);
    name.ends_with("Enum") || name.ends_with("Flag")
}

fn is_status(expr: &Expr) -> bool {
    let name = last_name(expr);
    name == "status" || name.ends_with("status_code")
}

fn is_length(expr: &Expr) -> bool {
    matches!(expr, Expr::Call(call) if matches!(&*call.func, Expr::Name(name) if name.id.as_str() == "len"))
}

fn integer(expr: &Expr) -> Option<u64> {
    match expr {
        Expr::NumberLiteral(literal) => match &literal.value {
            Number::Int(number) => number.as_u64(),
            _ => None,
        },
        _ => None,
    }
}

/// Whether a text that goes by the name of a password could be one: the kind of a token and an address could not.
fn is_credential(code: &str) -> bool {
    let Some(quote) = code.find(['"', '\'']) else { return true };
    let value = code[quote..].trim_matches(['"', '\'']).to_ascii_lowercase();
    let is_address = value.contains("://") || (value.starts_with('/') && !value.contains(char::is_whitespace));
    !is_address && !TOKEN_TYPES.contains(&&*value)
}

/// Kinds of tokens, which OAuth calls `token_type` and is full of.
const TOKEN_TYPES: &[&str] =
    &["bearer", "basic", "mac", "dpop", "access", "refresh", "jwt", "access_token", "refresh_token"];

/// The findings of all files, without those about imports that the program needs: other modules import the name from
/// there, or nothing else makes a file run that does something when it is run (`effects`).
pub(crate) fn left(checked: Vec<Checked>, effects: &[String]) -> Vec<Finding> {
    let needed = needed(&checked, effects);
    let mut out = Vec::new();
    for (index, Checked { findings, .. }) in checked.into_iter().enumerate() {
        let is_needed = |finding: &Finding| needed.contains(&(index, finding.location.start));
        out.extend(findings.into_iter().filter(|finding| finding.rule != "F401" || !is_needed(finding)));
    }
    out.sort_by(|a, b| a.location.cmp(&b.location).then_with(|| a.rule.cmp(b.rule)));
    out
}

/// Unused imports that are needed: number of the file, and where they stand.
fn needed(checked: &[Checked], effects: &[String]) -> HashSet<(usize, u32)> {
    let modules = Modules::of(checked);
    // By file: the names that others import from it, and the files that make it run.
    let mut taken: HashMap<usize, HashSet<&str>> = HashMap::new();
    let mut run_by: HashMap<usize, HashSet<usize>> = HashMap::new();
    for (index, file) in checked.iter().enumerate() {
        for import in &file.imports {
            let module = absolute(&file.path, import);
            for &target in modules.named(&module).iter().filter(|target| **target != index) {
                run_by.entry(target).or_default().insert(index);
                taken.entry(target).or_default().extend(import.name.as_deref());
            }
            let member = import.name.as_ref().map(|name| format!("{module}.{name}"));
            for &target in member.iter().flat_map(|member| modules.named(member)) {
                run_by.entry(target).or_default().insert(index);
            }
        }
    }
    let has_effect: HashSet<&str> = effects.iter().map(|path| &**path).collect();
    let mut out = HashSet::new();
    for (index, file) in checked.iter().enumerate() {
        let names = taken.get(&index);
        for (start, name) in &file.bound {
            // `import a.b` binds `a`.
            let name = name.split('.').next().unwrap_or_default();
            let is_taken = names.is_some_and(|names| names.contains(name));
            let import = file.imports.iter().find(|import| import.start == *start);
            let runs_alone = import.is_some_and(|import| {
                let module = absolute(&file.path, import);
                let whole = import.name.as_ref().map_or_else(|| module.clone(), |name| format!("{module}.{name}"));
                [whole, module].iter().flat_map(|module| modules.named(module)).any(|&target| {
                    has_effect.contains(&*checked[target].path)
                        && run_by.get(&target).is_some_and(|files| files.iter().all(|file| *file == index))
                })
            });
            if is_taken || runs_alone {
                out.insert((index, *start));
            }
        }
    }
    out
}

/// Files by the dotted names they may be imported by: source roots are not known here, so that is any ending.
struct Modules(HashMap<String, Vec<usize>>);

impl Modules {
    fn of(checked: &[Checked]) -> Self {
        let mut by_name: HashMap<String, Vec<usize>> = HashMap::new();
        for (index, file) in checked.iter().enumerate() {
            let module = dotted(&file.path);
            let mut rest = &*module;
            loop {
                by_name.entry(rest.to_owned()).or_default().push(index);
                match rest.split_once('.') {
                    Some((_, tail)) => rest = tail,
                    None => break,
                }
            }
        }
        Self(by_name)
    }

    fn named(&self, module: &str) -> &[usize] {
        self.0.get(module).map_or(&[], Vec::as_slice)
    }
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
        let import = |level, module: &str| Imported { start: 0, level, module: module.into(), name: None };
        assert_eq!(absolute("app/api/users.py", &import(1, "deps")), "app.api.deps");
        assert_eq!(absolute("app/api/__init__.py", &import(1, "deps")), "app.api.deps");
        assert_eq!(absolute("app/api/users.py", &import(2, "")), "app");
        assert_eq!(absolute("app/api/users.py", &import(9, "x")), "x");
        assert_eq!(dotted("app/api/__init__.py"), "app.api");
    }

    #[test]
    fn what_names_a_secret_is_none() {
        for other in ["\"bearer\"", "token_type='Bearer'", "\"https://a.b/token\"", "'/login/access-token'"] {
            assert!(!is_credential(other), "{other}");
        }
        for secret in ["\"hunter2\"", "password='changethis'", "'/a b'", "secret"] {
            assert!(is_credential(secret), "{secret}");
        }
    }
}
