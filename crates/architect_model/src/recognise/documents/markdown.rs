//! What the text of a document names: code spans, links, blocks of code, trees of folders.

use super::commands::{self, Cwd};
use super::{Page, Places};
use crate::documents::{Presence, Reference, ReferenceKind};

/// Files that people write; others may be made by programs and need not be there.
const WRITTEN: &[&str] = &[
    "py",
    "pyi",
    "md",
    "rst",
    "toml",
    "yml",
    "yaml",
    "ini",
    "cfg",
    "sh",
    "sql",
    "mako",
    "j2",
    "jinja",
    "ts",
    "tsx",
    "js",
    "jsx",
    "vue",
    "svelte",
    "Dockerfile",
    "tf",
    "conf",
];
/// A line with one of these speaks of what is to be made, was there once, or stands for anything.
const TENTATIVE: &[&str] = &[
    "create",
    "e.g.",
    "for example",
    "example:",
    "such as",
    "will be",
    "generated",
    "generate",
    "would",
    "rename",
    "copy ",
    "removed",
    "deprecated",
    "no longer",
    "previously",
    "formerly",
    "used to",
    "not yet",
    "planned",
    "todo",
    "add a ",
    "adding a ",
    "new file",
    "optional",
    "your ",
    "if you ",
    "let's",
    "suppose",
    "like ",
];

pub(super) fn references(page: &Page<'_>, places: &Places<'_>) -> Vec<Reference> {
    let mut out = Vec::new();
    let mut fence: Option<Fence> = None;
    let mut at = 0;
    for raw in page.text.split_inclusive('\n') {
        let start = at;
        at += raw.len();
        let line = raw.trim_end();
        let trimmed = line.trim_start();
        let mark = if trimmed.starts_with("```") { Some('`') } else { trimmed.starts_with("~~~").then_some('~') };
        match (&mut fence, mark) {
            (None, Some(mark)) => {
                let language =
                    trimmed.trim_start_matches(mark).trim().split([' ', '{', ',']).next().unwrap_or_default();
                fence =
                    Some(Fence { mark, language: language.to_lowercase(), cwd: Cwd::default(), tree: Tree::default() });
            }
            (Some(open), Some(mark)) if open.mark == mark && trimmed.trim_start_matches(mark).is_empty() => {
                fence = None
            }
            (Some(open), _) => block(page, places, open, start, line, &mut out),
            (None, None) => prose(page, places, start, line, &mut out),
        }
    }
    out
}

struct Fence {
    mark: char,
    language: String,
    cwd: Cwd,
    tree: Tree,
}

fn block(page: &Page<'_>, places: &Places<'_>, fence: &mut Fence, start: usize, line: &str, out: &mut Vec<Reference>) {
    endpoints(page, start, line, true, out);
    match fence.language.as_str() {
        "bash" | "sh" | "shell" | "console" | "zsh" | "shell-session" | "terminal" => {
            commands::read(page, places, start, line, &mut fence.cwd, out);
        }
        "python" | "py" | "python3" => imports(page, start, line, out),
        "" | "text" | "txt" | "plaintext" | "tree" => {
            fence.tree.read(page, places, start, line, out);
            if fence.language.is_empty() && !fence.tree.begun {
                commands::read(page, places, start, line, &mut fence.cwd, out);
            }
        }
        _ => {}
    }
}

fn prose(page: &Page<'_>, places: &Places<'_>, start: usize, line: &str, out: &mut Vec<Reference>) {
    let lower = line.to_lowercase();
    let tentative = TENTATIVE.iter().any(|word| lower.contains(word));
    links(page, places, start, line, out);
    let spans = code_spans(line);
    let named = |span: &str| {
        let path = span.split([':', '#']).next().unwrap_or_default();
        (path.ends_with(".py") && is_path(path)).then(|| path.to_owned())
    };
    // A name belongs to the only file of its cell, else to the one before it.
    let is_row = line.trim_start().starts_with('|');
    let cell = |at: usize| if is_row { line[..at].matches('|').count() } else { 0 };
    let only = |here: usize| {
        let mut files = spans.iter().filter(|(at, _)| cell(*at) == here).filter_map(|(_, span)| named(span));
        files.next().filter(|_| files.next().is_none()).and_then(|path| places.known(&path))
    };
    let mut file = None;
    let mut before = None;
    for (at, span) in &spans {
        let here = cell(*at);
        if before != Some(here) {
            file = only(here);
            before = Some(here);
        }
        if let Some(path) = named(span) {
            file = places.known(&path);
        }
        let offset = start + at;
        if endpoints(page, offset, span, false, out) {
            continue;
        }
        if tentative {
            continue;
        }
        let path = span.split("::").next().unwrap_or_default();
        let path = path
            .rsplit_once(':')
            .filter(|(_, line)| line.bytes().all(|b| b.is_ascii_digit() || b == b'-'))
            .map_or(path, |one| one.0);
        let path = path.split('#').next().unwrap_or_default();
        if span.contains(' ') {
            commands::read(page, places, offset, span, &mut Cwd::default(), out);
        } else if is_path(path) {
            let presence = places.presence(path, None);
            out.push(page.reference(offset, path, ReferenceKind::Path { presence, link: false }));
        } else {
            let name = span.trim_end_matches("()");
            if name.contains('.') && name.split('.').all(is_identifier) {
                let kind = ReferenceKind::Module { path: name.to_owned(), name: None, code: false };
                out.push(page.reference(offset, name, kind));
            } else if let Some(file) = &file
                && is_identifier(name)
                && (name.contains('_') || span.ends_with("()") || is_class_name(name))
            {
                let kind = ReferenceKind::Name { name: name.to_owned(), file: file.clone() };
                out.push(page.reference(offset, name, kind));
            }
        }
    }
    if !tentative {
        let mut rest = line;
        let base = line.as_ptr() as usize;
        // Outside of code, too: `- GET /users  lists them`.
        while let Some(tick) = rest.find('`') {
            endpoints(page, start + (rest.as_ptr() as usize - base), &rest[..tick], true, out);
            let after = &rest[tick + 1..];
            rest = after.find('`').map_or("", |end| &after[end + 1..]);
        }
        endpoints(page, start + (rest.as_ptr() as usize - base), rest, true, out);
    }
}

/// Contents of `` `…` `` and where they begin.
fn code_spans(line: &str) -> Vec<(usize, &str)> {
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(open) = line[at..].find('`') {
        let first = at + open;
        let ticks = line[first..].bytes().take_while(|b| *b == b'`').count();
        let inner = first + ticks;
        let Some(close) = line[inner..].find(&"`".repeat(ticks)) else { break };
        let text = &line[inner..inner + close];
        let lead = text.len() - text.trim_start().len();
        out.push((inner + lead, text.trim()));
        at = inner + close + ticks;
    }
    out
}

/// `[text](target)`, with targets that are files of the repository.
fn links(page: &Page<'_>, places: &Places<'_>, start: usize, line: &str, out: &mut Vec<Reference>) {
    let mut at = 0;
    while let Some(open) = line[at..].find("](") {
        let first = at + open + 2;
        let Some(close) = line[first..].find(')') else { break };
        at = first + close;
        let target = line[first..at].split_whitespace().next().unwrap_or_default();
        let path = target.split(['#', '?']).next().unwrap_or_default();
        let inside = !path.is_empty()
            && !path.starts_with(['/', '<', '$', '{', '@'])
            && !path.contains(':')
            && !path.contains(['{', '<', '*', '%'])
            && path.contains('.')
            // `../../issues` is an address of the site that shows the repository.
            && !path.starts_with("../..");
        if inside && !in_code(line, first) {
            let presence = match places.presence(path, None) {
                Presence::Nowhere if !path.contains("..") => Presence::Folder,
                found => found,
            };
            out.push(page.reference(start + first, path, ReferenceKind::Path { presence, link: true }));
        }
    }
}

fn in_code(line: &str, at: usize) -> bool {
    line[..at].bytes().filter(|b| *b == b'`').count() % 2 == 1
}

/// `GET /users` and `curl … http://localhost:8000/users`, as often as a text has them.
fn endpoints(page: &Page<'_>, start: usize, text: &str, within: bool, out: &mut Vec<Reference>) -> bool {
    let base = text.as_ptr() as usize;
    let words: Vec<&str> =
        text.split([' ', '\t', '|', '"', '\'', '*', '`', '(', ')', ',']).filter(|word| !word.is_empty()).collect();
    let mut found = false;
    for (at, word) in words.iter().enumerate() {
        let method = matches!(*word, "GET" | "POST" | "PUT" | "PATCH" | "DELETE").then_some(*word);
        let (Some(method), Some(path)) = (method, words.get(at + 1)) else { continue };
        let clean = path.trim_end_matches(['.', ';', ':', '?', '!']);
        let clean = clean.split('?').next().unwrap_or_default();
        let sure = clean.starts_with('/')
            && !clean.starts_with("//")
            && (within || at == 0)
            && !clean.contains(['$', '\\', '…', '[', '='])
            && !clean.contains("...")
            // `HTTP/1.1` follows what a protocol sends.
            && words.get(at + 2).is_none_or(|next| !next.starts_with("HTTP/"));
        if sure {
            let kind = ReferenceKind::Endpoint { method: method.to_owned(), path: clean.to_owned() };
            out.push(page.reference(start + (path.as_ptr() as usize - base), clean, kind));
            found = true;
        }
    }
    found
}

/// `from a.b import c` and `import a.b`.
fn imports(page: &Page<'_>, start: usize, line: &str, out: &mut Vec<Reference>) {
    let mut words = line.split_whitespace();
    let base = line.as_ptr() as usize;
    let mut push = |text: &str, path: &str, name: Option<&str>| {
        let kind = ReferenceKind::Module { path: path.to_owned(), name: name.map(str::to_owned), code: true };
        out.push(page.reference(start + (text.as_ptr() as usize - base), text, kind));
    };
    let dotted = |path: &str| path.split('.').all(is_identifier);
    match (words.next(), words.next(), words.next()) {
        (Some("from"), Some(module), Some("import")) if dotted(module) => {
            let names = line.split_once(" import ").map_or("", |(_, names)| names);
            let names = names.split('#').next().unwrap_or_default().trim_matches(['(', ')', ' ']);
            for name in names.split(',').map(|name| name.split_whitespace().next().unwrap_or_default()) {
                if is_identifier(name) {
                    push(name, module, Some(name));
                }
            }
        }
        (Some("import"), Some(module), _) if dotted(module) => push(module, module, None),
        _ => {}
    }
}

/// A drawing of folders with `├──` and `└──`.
#[derive(Default)]
struct Tree {
    begun: bool,
    /// The line before the first branch.
    root: Option<String>,
    /// Folders that are open: the column of their names, and the name.
    open: Vec<(usize, String)>,
}

impl Tree {
    fn read(&mut self, page: &Page<'_>, places: &Places<'_>, start: usize, line: &str, out: &mut Vec<Reference>) {
        let Some(branch) = line.find(['├', '└']).or_else(|| line.find("|--")).or_else(|| line.find("`--")) else {
            if !self.begun {
                let root = line.split('#').next().unwrap_or_default().trim().trim_end_matches('/');
                self.root = Some(root.to_owned()).filter(|root| root.chars().all(is_path_letter));
            }
            return;
        };
        self.begun = true;
        let name_at =
            line[branch..].find(|letter: char| is_path_letter(letter) && !matches!(letter, '-')).map(|at| branch + at);
        let Some(name_at) = name_at else { return };
        let name = line[name_at..].split([' ', '\t']).next().unwrap_or_default();
        let column = line[..name_at].chars().count();
        while self.open.last().is_some_and(|(open, _)| *open >= column) {
            self.open.pop();
        }
        let inside = self.open.iter().map(|(_, name)| name.as_str()).collect::<Vec<_>>().join("/");
        let clean = name.trim_end_matches('/');
        self.open.push((column, clean.to_owned()));
        if clean.is_empty() || !clean.chars().all(is_path_letter) || clean.contains("..") {
            return;
        }
        let path = if inside.is_empty() { clean.to_owned() } else { format!("{inside}/{clean}") };
        let root = self.root.as_deref().filter(|root| !root.is_empty() && *root != ".");
        let whole = root.map(|root| format!("{root}/{path}"));
        let found =
            [Some(path.as_str()), whole.as_deref()].into_iter().flatten().map(|path| places.presence(path, None));
        let presence = found.max().unwrap_or(Presence::Nowhere);
        let extension = clean.rsplit_once('.').map_or("", |(_, extension)| extension);
        let folder = name.ends_with('/');
        // The first level says nothing of where the tree stands.
        let judged = presence == Presence::There
            || (inside.is_empty() && whole.is_none())
            || (!folder && !WRITTEN.contains(&extension));
        if !judged && matches!(presence, Presence::Folder) {
            out.push(page.reference(start + name_at, name, ReferenceKind::Path { presence, link: false }));
        }
    }
}

/// Whether a word is the path of a file or folder that should be in the repository.
pub(super) fn is_path(word: &str) -> bool {
    let plain = word.contains('/')
        && !word.starts_with(['/', '~', '-', '@', '.', '$'])
        && !word.contains("//")
        && !word.contains("..")
        && !word.contains("path/to")
        && word.chars().all(is_path_letter);
    let name = word.rsplit('/').next().unwrap_or_default();
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    plain
        && (word.ends_with('/') && word.len() > 1
            || WRITTEN.contains(&extension)
            || name == "Dockerfile"
            || name == "Makefile")
}

fn is_path_letter(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '/' | '_' | '-' | '.')
}

/// Whether a word is a name of Python.
pub(super) fn is_identifier(word: &str) -> bool {
    !word.is_empty()
        && !word.starts_with(|letter: char| letter.is_ascii_digit())
        && word.chars().all(|letter| letter.is_alphanumeric() || letter == '_')
}

/// `SessionDep`, but neither `Session` nor `HTTP`.
fn is_class_name(word: &str) -> bool {
    let capitals = word.chars().filter(|letter| letter.is_uppercase()).count();
    word.starts_with(char::is_uppercase) && capitals > 1 && word.chars().any(char::is_lowercase)
}
