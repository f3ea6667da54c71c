//! What the commands of a document run: files, modules, tasks.

use super::{Page, Places};
use crate::documents::{Reference, ReferenceKind};

/// Reads one line of a shell. `cwd` is the folder that an earlier line changed into; nothing is said after a change
/// that cannot be followed.
pub(super) fn read(
    page: &Page<'_>,
    places: &Places<'_>,
    start: usize,
    line: &str,
    cwd: &mut Cwd,
    out: &mut Vec<Reference>,
) {
    let base = line.as_ptr() as usize;
    for command in line.split(['|', ';']).flat_map(|part| part.split("&&")) {
        let at = |word: &str| start + (word.as_ptr() as usize - base);
        let mut words =
            command.split_whitespace().skip_while(|word| matches!(*word, "$" | ">" | "sudo" | "%") || is_setting(word));
        let Some(mut program) = words.next() else { continue };
        if program.starts_with('#') {
            return;
        }
        // What runs something else in the project's environment.
        if matches!(program, "uv" | "poetry" | "pipenv" | "pdm" | "hatch" | "rye") {
            match (words.next(), words.next()) {
                (Some("run"), Some(next)) if !next.starts_with('-') => program = next,
                _ => continue,
            }
        }
        let rest: Vec<&str> = words.take_while(|word| !word.starts_with('#')).collect();
        if cwd.lost {
            return;
        }
        match program {
            "cd" | "pushd" => cwd.change(rest.first().copied()),
            // Paths are those inside of a container or of another machine.
            "docker" | "docker-compose" | "podman" | "kubectl" | "ssh" | "git" | "cp" | "mv" | "mkdir" | "touch" => {}
            "make" => {
                for target in plain(&rest) {
                    out.push(page.reference(at(target), target, task(places, "make", target)));
                }
            }
            "just" => {
                if let Some(recipe) = plain(&rest).next() {
                    out.push(page.reference(at(recipe), recipe, task(places, "just", recipe)));
                }
            }
            "npm" | "pnpm" | "yarn" | "bun" => {
                if let ["run", script, ..] = rest.as_slice()
                    && script.chars().all(is_name)
                {
                    out.push(page.reference(at(script), script, task(places, "npm", script)));
                }
            }
            "python" | "python3" | "python3.11" | "python3.12" | "python3.13" => match rest.as_slice() {
                ["-m", "pytest", tests @ ..] => paths(page, places, tests, cwd, &at, out),
                ["-m", module, ..] => modules(page, module, &at, out),
                [file, ..] if file.ends_with(".py") => paths(page, places, &[file], cwd, &at, out),
                _ => {}
            },
            "uvicorn" | "gunicorn" | "hypercorn" | "granian" => {
                if let Some(target) =
                    rest.iter().find(|word| word.contains(':') && !word.contains("//") && !word.starts_with('-'))
                {
                    let numbers =
                        target.split(':').next_back().is_some_and(|port| port.bytes().all(|b| b.is_ascii_digit()));
                    if !numbers {
                        modules(page, target, &at, out);
                    }
                }
            }
            "celery" => {
                if let ["-A" | "--app", module, ..] = rest.as_slice() {
                    modules(page, module, &at, out);
                }
            }
            "bash" | "sh" | "zsh" | "source" => {
                let script = rest.iter().filter(|word| word.ends_with(".sh") || word.ends_with(".py"));
                paths(page, places, &script.copied().collect::<Vec<_>>(), cwd, &at, out);
            }
            "pytest" | "ruff" | "mypy" | "black" => paths(page, places, &rest, cwd, &at, out),
            "fastapi" => paths(page, places, rest.get(1..).unwrap_or_default(), cwd, &at, out),
            script if script.starts_with("./") => paths(page, places, &[script], cwd, &at, out),
            _ => {}
        }
    }
}

/// The folder a block of commands is in.
#[derive(Clone, Debug, Default)]
pub(super) struct Cwd {
    pub folder: Option<String>,
    /// Whether it cannot be told any more.
    pub lost: bool,
}

impl Cwd {
    fn change(&mut self, to: Option<&str>) {
        match to {
            Some(to) if !to.starts_with(['/', '~', '$', '<', '-']) && !to.contains(['<', '$', '{']) && to != ".." => {
                let to = to.trim_matches(['/', '"', '\'']).trim_start_matches("./");
                self.folder = Some(match &self.folder {
                    Some(folder) => format!("{folder}/{to}"),
                    None => to.to_owned(),
                });
            }
            _ => self.lost = true,
        }
    }
}

fn is_setting(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty() && name.bytes().all(|b| b.is_ascii_uppercase() || b == b'_' || b.is_ascii_digit())
    })
}

/// Arguments that are neither options nor settings nor placeholders.
fn plain<'w>(words: &[&'w str]) -> impl Iterator<Item = &'w str> {
    words.iter().copied().take_while(|word| !word.starts_with('-') && word.chars().all(is_name))
}

fn is_name(letter: char) -> bool {
    letter.is_alphanumeric() || matches!(letter, '-' | '_' | '.' | ':')
}

fn paths(
    page: &Page<'_>,
    places: &Places<'_>,
    words: &[&str],
    cwd: &Cwd,
    at: &dyn Fn(&str) -> usize,
    out: &mut Vec<Reference>,
) {
    for word in words {
        let path = word.split("::").next().unwrap_or_default().trim_start_matches("./");
        if super::markdown::is_path(path) {
            let presence = places.presence(path, cwd.folder.as_deref());
            out.push(page.reference(at(word), path, ReferenceKind::Path { presence, link: false }));
        }
    }
}

fn modules(page: &Page<'_>, word: &str, at: &dyn Fn(&str) -> usize, out: &mut Vec<Reference>) {
    let target = word.trim_matches(['"', '\'', '`']).trim_end_matches("()");
    let (path, name) = target.split_once(':').map_or((target, None), |(path, name)| (path, Some(name)));
    let identifiers = |path: &str| !path.is_empty() && path.split('.').all(super::markdown::is_identifier);
    if identifiers(path) && name.is_none_or(identifiers) {
        let name = name.map(|name| name.split('.').next().unwrap_or(name).to_owned());
        let kind = ReferenceKind::Module { path: path.to_owned(), name, code: true };
        out.push(page.reference(at(word), target, kind));
    }
}

/// A task, and whether something defines it.
fn task(places: &Places<'_>, tool: &'static str, name: &str) -> ReferenceKind {
    let files: &[&str] = match tool {
        "make" => &["Makefile", "makefile", "GNUmakefile"],
        "just" => &["justfile", "Justfile", ".justfile"],
        _ => &["package.json", "frontend/package.json", "web/package.json", "ui/package.json", "client/package.json"],
    };
    let mut known = Vec::new();
    let mut defined_in = None;
    for file in files {
        let Some((path, bytes)) = places.first(&[file]) else { continue };
        let text = String::from_utf8_lossy(&bytes).into_owned();
        known.extend(if tool == "npm" { scripts(&text) } else { targets(&text) });
        defined_in = defined_in.or(Some(path));
    }
    ReferenceKind::Task { tool, name: name.to_owned(), defined_in, known }
}

/// Scripts of a `package.json`.
fn scripts(text: &str) -> Vec<String> {
    let json: serde_json::Value = serde_json::from_str(text).unwrap_or_default();
    json["scripts"].as_object().map(|scripts| scripts.keys().cloned().collect()).unwrap_or_default()
}

/// Targets of a makefile, recipes of a justfile. What includes others, or makes targets by pattern, defines `*`.
fn targets(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    for line in text.lines() {
        let words = || line.split_whitespace();
        if matches!(words().next(), Some("include" | "-include" | "import" | "sinclude")) {
            out.push("*".to_owned());
        }
        if line.starts_with([' ', '\t', '#']) {
            if line.trim_start().starts_with("alias ") {
                out.extend(words().nth(1).map(str::to_owned));
            }
            continue;
        }
        let Some((names, rest)) = line.split_once(':') else { continue };
        if rest.starts_with('=') {
            continue;
        }
        for name in names.split_whitespace() {
            out.push(if name.contains(['%', '$']) { "*".to_owned() } else { name.trim_start_matches('@').to_owned() });
        }
    }
    out
}
