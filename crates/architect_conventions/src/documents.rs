//! What documents of the project name and is not there any more.

use architect_model::Service;
use architect_model::code::Module;
use architect_model::documents::{Presence, Reference, ReferenceKind};
use architect_source::Location;

use crate::words::{last, short};

/// Something that a document names and that is gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stale {
    /// The document.
    pub document: String,
    /// What it names, as written.
    pub text: String,
    /// What is wrong with it, as a sentence without its full stop.
    pub message: String,
    /// Whether nothing else can be meant.
    pub sure: bool,
    /// Where the document names it.
    pub location: Location,
}

/// What documents name that is not there; see [`Stale`].
#[must_use]
pub fn stale_references(service: &Service) -> Vec<Stale> {
    let mut out: Vec<Stale> = Vec::new();
    for document in &service.documents {
        for reference in &document.references {
            let Some((message, sure)) = gone(service, reference) else { continue };
            let known = out.iter().any(|one| one.document == document.path && one.text == reference.text);
            if !known {
                let (text, location) = (reference.text.clone(), reference.location.clone());
                out.push(Stale { document: document.path.clone(), text, message, sure, location });
            }
        }
    }
    out
}

/// Why a reference leads nowhere, and whether that is sure.
fn gone(service: &Service, reference: &Reference) -> Option<(String, bool)> {
    match &reference.kind {
        ReferenceKind::Path { presence, link } => {
            let text = &reference.text;
            match presence {
                Presence::There => None,
                Presence::Folder => Some((format!("there is no `{text}`"), true)),
                Presence::Root => Some((format!("there is no `{text}`"), *link)),
                Presence::Nowhere => link.then(|| (format!("the link leads to `{text}`, which is not there"), true)),
            }
        }
        ReferenceKind::Module { path, name, code } => module_gone(service, path, name.as_deref(), *code),
        ReferenceKind::Name { name, file } => name_gone(service, name, file),
        ReferenceKind::Task { tool, name, defined_in, known } => {
            let file = defined_in.as_ref()?;
            (!known.contains(name)).then(|| (format!("`{file}` defines no `{name}` for `{tool}`"), true))
        }
        ReferenceKind::Endpoint { method, path } => endpoint_gone(service, method, path),
    }
}

fn module_of<'s>(service: &'s Service, name: &str) -> Option<&'s Module> {
    service.code.modules.iter().find(|one| one.name == name)
}

/// The longest part of a dotted path that is a module, and the rest.
fn split<'s, 'p>(service: &'s Service, path: &'p str) -> Option<(&'s Module, &'p str)> {
    let mut end = path.len();
    loop {
        if let Some(module) = module_of(service, &path[..end]) {
            return Some((module, path[end..].trim_start_matches('.')));
        }
        end = path[..end].rfind('.')?;
    }
}

fn module_gone(service: &Service, path: &str, name: Option<&str>, code: bool) -> Option<(String, bool)> {
    let (module, rest) = split(service, path)?;
    // `app.state` may well be the object and not the package.
    if !code && !module.name.contains('.') {
        return None;
    }
    let first = rest.split('.').next().filter(|one| !one.is_empty()).or(name)?;
    if binds(module, first)? || module_of(service, &format!("{}.{first}", module.name)).is_some() {
        return None;
    }
    let is_below =
        |one: &&Module| one.name.strip_prefix(&module.name).is_some_and(|rest| rest.starts_with(&format!(".{first}.")));
    if service.code.modules.iter().any(|one| is_below(&one)) {
        return None;
    }
    let what = if module.is_package && name.is_none() { "has no module or name" } else { "has no" };
    Some((format!("`{}` {what} `{first}`", module.name), code))
}

/// Whether a module binds a name; nothing where that cannot be known.
fn binds(module: &Module, name: &str) -> Option<bool> {
    let bound = module.binds.iter().any(|one| one == name);
    let open = module.binds.iter().any(|one| one == "*" || one == "__getattr__");
    if !bound && open { None } else { Some(bound) }
}

fn name_gone(service: &Service, name: &str, file: &str) -> Option<(String, bool)> {
    let module = service.code.modules.iter().find(|one| &*one.location.path == file)?;
    let code = &service.code;
    let wanted = last(name);
    let function = code.functions.iter().any(|one| &*one.location.path == file && last(short(&one.name)) == wanted);
    let class = code.classes.iter().filter(|one| &*one.location.path == file);
    let field = class
        .clone()
        .any(|one| last(short(&one.name)) == wanted || one.fields.iter().any(|field| field.name == wanted));
    if function || field || binds(module, wanted)? {
        return None;
    }
    // A sentence that names several files may mean another one.
    if code.modules.iter().any(|one| one.binds.iter().any(|bound| bound == wanted)) {
        return None;
    }
    // Names of attributes, arguments and keys are not ours to judge.
    let reads = code.functions.iter().any(|one| {
        &*one.location.path == file
            && (one.reads.iter().any(|read| read == wanted)
                || one.parameters.iter().any(|parameter| parameter.name == wanted)
                || one.keys.iter().any(|key| key == wanted)
                || one.calls.iter().any(|call| call.name == wanted))
    });
    let imported = module.imports.iter().any(|one| one.module.split('.').any(|part| part == wanted));
    (!reads && !imported).then(|| (format!("`{file}` defines no `{name}`"), true))
}

/// Segments of a path; a parameter is nothing.
fn segments(path: &str) -> Vec<Option<&str>> {
    let is_parameter =
        |one: &str| one.starts_with(['{', ':', '<', '$']) || one.bytes().all(|byte| byte.is_ascii_digit());
    path.split('/').filter(|one| !one.is_empty()).map(|one| (!is_parameter(one)).then_some(one)).collect()
}

fn same(known: &[Option<&str>], named: &[Option<&str>]) -> bool {
    // What stands for a parameter in an example may be any value.
    known.len() == named.len() && known.iter().zip(named).all(|(a, b)| a.is_none() || a == b)
}

fn endpoint_gone(service: &Service, method: &str, path: &str) -> Option<(String, bool)> {
    // Routes that exist under conditions nobody knows may be the one.
    let routes = service.endpoints();
    if routes.is_empty() || !service.unknowns.is_empty() {
        return None;
    }
    let named = segments(path);
    let mut methods: Vec<&str> = Vec::new();
    let mut kin = false;
    for route in &routes {
        let known = segments(&route.path);
        // A document may leave out the prefix of the API.
        let ends = known.len() >= named.len() && same(&known[known.len() - named.len()..], &named);
        if ends {
            methods.extend(route.route.methods.iter().map(String::as_str));
        }
        kin |= named.len() > 1 && known.iter().take(2).eq(named.iter().take(2));
    }
    if methods.contains(&method) || (methods.is_empty() && !kin) || named.is_empty() {
        return None;
    }
    methods.sort_unstable();
    methods.dedup();
    let message = if methods.is_empty() {
        format!("no route answers `{method} {path}`")
    } else {
        format!("`{path}` answers {} and not {method}", methods.join(", "))
    };
    Some((message, true))
}
