//! What functions do through the functions they call.

use architect_model::code::{Call, Code, Function, Need, Parameter};
use rustc_hash::FxHashSet;

/// What was found, and the calls that lead to it with the functions they call, outermost first.
pub(crate) type Way<'c, T> = (T, Vec<(&'c Call, &'c Function)>);

/// The first call that something is found in: of the function, or of those it calls, `depth` of them at most.
///
/// Where a caller passes constants that keep a function from getting there, it does not.
pub(crate) fn search<'c, T>(
    code: &'c Code,
    function: &'c Function,
    depth: usize,
    enters: &dyn Fn(&'c Call, &'c Function) -> bool,
    find: &dyn Fn(&'c Function, &'c Call) -> Option<T>,
) -> Option<Way<'c, T>> {
    Searching { code, enters, find, seen: FxHashSet::from_iter([function.name.as_str()]) }.within(
        function,
        depth,
        &|_| true,
    )
}

struct Searching<'c, 'f, T> {
    code: &'c Code,
    enters: &'f dyn Fn(&'c Call, &'c Function) -> bool,
    find: &'f dyn Fn(&'c Function, &'c Call) -> Option<T>,
    /// Names of functions that were looked into.
    seen: FxHashSet<&'c str>,
}

impl<'c, T> Searching<'c, '_, T> {
    fn within(&mut self, function: &'c Function, depth: usize, runs: &dyn Fn(&[Need]) -> bool) -> Option<Way<'c, T>> {
        let mut calls = function.calls.iter().filter(|call| runs(&call.context.needs));
        if let Some(found) = calls.clone().find_map(|call| (self.find)(function, call)) {
            return Some((found, Vec::new()));
        }
        if depth <= 1 {
            return None;
        }
        calls.find_map(|call| {
            let callee = self.code.function(call.callee.as_deref()?)?;
            if !(self.enters)(call, callee) || !self.seen.insert(&callee.name) {
                return None;
            }
            let (found, mut way) = self.within(callee, depth - 1, &|needs| callee.lets(call, needs))?;
            way.insert(0, (call, callee));
            Some((found, way))
        })
    }
}

/// The function that is called with a name of the caller as it is, and the parameter it arrives in.
pub(crate) fn handed<'c>(code: &'c Code, call: &Call, name: &str) -> Option<(&'c Function, &'c Parameter)> {
    let callee = code.function(call.callee.as_deref()?)?;
    // What was made of it since is another value.
    let at = call.arguments.iter().position(|one| one.text == name && one.through.is_empty())?;
    let skipped = usize::from(callee.parameters.first().is_some_and(|one| matches!(one.name.as_str(), "self" | "cls")));
    let parameter = match call.arguments[at].keyword.as_deref() {
        Some(keyword) => callee.parameters.iter().find(|one| one.name == keyword),
        None => callee.parameters.get(at + skipped),
    };
    Some((callee, parameter?))
}
