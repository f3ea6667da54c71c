//! Helpers worth reusing: what shared modules offer, what each does, and who uses it.

use std::collections::{BTreeMap, BTreeSet};

use architect_model::code::{Function, Parameter};
use architect_model::service::Dependency;
use architect_source::Location;

use crate::lens::Lens;
use crate::purpose::{Kind, purpose};
use crate::survey::Example;
use crate::words::{last, module, short};

/// Something to call instead of writing it again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Helper {
    /// `module:qualname`.
    pub name: String,
    /// What it is for, in the words of [`Helper::does`]'s origin: `get-or-raise`, or `documented`.
    pub kind: &'static str,
    /// What it does: a sentence without its subject and full stop, else the first line of its docstring.
    pub does: String,
    /// How it is called: `get_user(session: Session, user_id: int) -> User`.
    pub signature: String,
    /// Functions that use it, by place.
    pub used_by: Vec<Example>,
    /// Where.
    pub location: Location,
}

/// A helper without a known purpose is used by at least so many other modules.
const FEWEST_MODULES: usize = 3;

/// Who uses what: functions of the service by the name of what they call or depend on.
pub(crate) struct Uses<'s>(BTreeMap<&'s str, BTreeSet<(&'s str, u32, &'s str)>>);

impl<'s> Uses<'s> {
    pub fn new(lens: &Lens<'s>) -> Self {
        let mut out: BTreeMap<&str, BTreeSet<(&str, u32, &str)>> = BTreeMap::new();
        let code = &lens.service.code;
        let mut add = |used: &'s Function, by: &'s Function| {
            if used.name != by.name {
                let place = (&*by.location.path, by.location.line, by.name.as_str());
                out.entry(&used.name).or_default().insert(place);
            }
        };
        for function in code.functions.iter().filter(|one| !one.aside) {
            for call in &function.calls {
                if let Some(used) = call.callee.as_deref().and_then(|name| resolved(lens, name)) {
                    add(used, function);
                }
                // `Depends(get_current_user)` and `map(parse, rows)` hand a function on.
                for argument in &call.arguments {
                    if let Some(used) = argument.name.as_deref().and_then(|name| code.function(name)) {
                        add(used, function);
                    }
                }
            }
            for decorator in &function.decorators {
                if let Some(used) = decorator.name.as_deref().and_then(|name| code.function(name)) {
                    add(used, function);
                }
            }
        }
        for endpoint in &lens.endpoints {
            for one in &endpoint.route.route.dependencies {
                dependencies(lens, one, endpoint.function, &mut add);
            }
        }
        Self(out)
    }

    /// Functions that use it, by place.
    pub fn of(&self, name: &str) -> impl Iterator<Item = (&'s str, u32, &'s str)> + '_ {
        self.0.get(name).into_iter().flatten().copied()
    }

    /// How many modules use it besides its own.
    pub fn modules(&self, name: &str) -> usize {
        self.of(name).map(|(_, _, by)| module(by)).filter(|by| *by != module(name)).collect::<BTreeSet<_>>().len()
    }
}

/// A dependency is used by the endpoint or by the dependency that asks for it.
fn dependencies<'s>(
    lens: &Lens<'s>,
    node: &Dependency,
    by: &'s Function,
    add: &mut impl FnMut(&'s Function, &'s Function),
) {
    let Some(used) = lens.service.code.function(&node.call) else { return };
    add(used, by);
    node.dependencies.iter().for_each(|inner| dependencies(lens, inner, used, add));
}

/// The function of that name, also where a derived class inherits it.
fn resolved<'s>(lens: &Lens<'s>, name: &str) -> Option<&'s Function> {
    let code = &lens.service.code;
    code.function(name).or_else(|| {
        let (class, method) = name.rsplit_once('.')?;
        code.class(class)?;
        code.method(class, method)
    })
}

/// Helpers, the most used first.
pub(crate) fn helpers(lens: &Lens<'_>, uses: &Uses<'_>) -> Vec<Helper> {
    let mut out: Vec<(usize, Helper)> = Vec::new();
    for function in &lens.functions {
        let Some((kind, does)) = offered(lens, uses, function) else { continue };
        let used_by: Vec<Example> = uses
            .of(&function.name)
            .filter_map(|(_, _, by)| {
                let by = lens.service.code.function(by)?;
                Some(Example { name: by.name.clone(), location: by.location.clone() })
            })
            .collect();
        let helper = Helper {
            name: function.name.clone(),
            kind: kind.map_or("documented", Kind::as_str),
            does,
            signature: signature(function),
            used_by,
            location: function.location.clone(),
        };
        out.push((uses.modules(&function.name), helper));
    }
    out.sort_by(|(modules_a, a), (modules_b, b)| {
        let of = |modules: usize, one: &Helper| (std::cmp::Reverse(modules), std::cmp::Reverse(one.used_by.len()));
        of(*modules_a, a).cmp(&of(*modules_b, b)).then_with(|| a.location.cmp(&b.location))
    });
    out.into_iter().map(|(_, helper)| helper).collect()
}

/// What a function offers to others, where it is meant for them.
fn offered(lens: &Lens<'_>, uses: &Uses<'_>, function: &Function) -> Option<(Option<Kind>, String)> {
    let own = last(short(&function.name));
    if own.starts_with('_') || function.name.contains("<locals>") || lens.is_endpoint(&function.name) {
        return None;
    }
    let modules = uses.modules(&function.name);
    if modules == 0 {
        return None;
    }
    if let Some(found) = purpose(lens, function) {
        return Some((Some(found.kind), found.does));
    }
    // A method is reached through its class, which is what one looks for.
    if modules < FEWEST_MODULES || function.class.is_some() {
        return None;
    }
    let line = function.docstring.as_deref()?.trim().trim_end_matches('.');
    (line.split_whitespace().count() >= 2).then(|| (None, line.to_owned()))
}

/// How a function is called, as written.
pub(crate) fn signature(function: &Function) -> String {
    let own = |one: &&Parameter| !matches!(one.name.as_str(), "self" | "cls");
    let parameters: Vec<String> = function
        .parameters
        .iter()
        .filter(own)
        .map(|one| {
            let annotation = one.annotation.as_ref().map(|one| format!(": {}", spaced(one))).unwrap_or_default();
            let equals = if annotation.is_empty() { "=" } else { " = " };
            let default = one.default.as_ref().map(|one| format!("{equals}{}", spaced(&one.text))).unwrap_or_default();
            format!("{}{annotation}{default}", one.name)
        })
        .collect();
    let returns = function.returns_type.as_ref().map(|one| format!(" -> {}", spaced(one))).unwrap_or_default();
    let word = if function.is_async { "async " } else { "" };
    let name = short(&function.name);
    format!("{word}{name}({}){returns}", parameters.join(", "))
}

/// On one line.
fn spaced(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
