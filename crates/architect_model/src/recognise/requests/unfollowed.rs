//! Coroutine methods, and functions in functions, that no request was seen to reach: registered by name, called by a
//! library, chosen by a setting. Whoever awaits them waits with the whole event loop for what their own code, or plain
//! functions that it names, waits for.

use std::collections::BTreeSet;

use rustc_hash::{FxHashMap, FxHashSet};

use super::blocking::blocking;
use crate::code::{Call, Code, Function};
use crate::requests::{BlockingCall, BlockingFact, EntryKind, Requests, Step, Wait};

/// Plain functions that lead to what waits at most.
const STEPS: usize = 3;

/// Adds what they wait for. `imported` are the modules that importing the applications imports: what else there is runs in
/// programs of its own.
pub(crate) fn collect(code: &Code, imported: &BTreeSet<String>, requests: &mut Requests) {
    if requests.entries.is_empty() {
        return;
    }
    let mut reader = Reader { code, known: FxHashMap::default() };
    // What only jobs were seen to reach has a loop of its own, as a rule; methods are called by somebody.
    let is_method = |entry: usize| {
        let entry = requests.entries.get(entry).filter(|entry| entry.kind == EntryKind::Function);
        entry.is_some_and(|entry| stands_in_another(&entry.name))
    };
    let of_others = requests.followed.iter().filter(|one| !is_method(one.entry));
    let followed: FxHashSet<(&str, u32)> = of_others.map(|one| (&*one.location.path, one.location.start)).collect();
    let mut found = Vec::new();
    let serves = |function: &&Function| {
        function.is_async
            && !function.aside
            && stands_in_another(&function.name)
            && !super::is_command(&function.location.path)
            && function.name.split(':').next().is_some_and(|module| imported.contains(module))
            && !followed.contains(&(&*function.location.path, function.location.start))
    };
    for function in code.functions.iter().filter(serves) {
        let calls: Vec<BlockingCall> = function.calls.iter().filter_map(|call| reader.waits(function, call)).collect();
        if !calls.is_empty() {
            found.push(BlockingFact {
                function: qualname(function).to_owned(),
                location: function.location.clone(),
                calls,
                entry: None,
                trace: Vec::new(),
                background: false,
            });
        }
    }
    requests.blocking.extend(found);
}

/// Whether a function, as `module:qualname`, is a method or stands in another function.
fn stands_in_another(name: &str) -> bool {
    name.split_once(':').is_some_and(|(_, qualname)| qualname.contains('.'))
}

/// A function without its module.
fn qualname(function: &Function) -> &str {
    function.name.split_once(':').map_or(function.name.as_str(), |(_, name)| name)
}

/// What waits below a call: its path, why, and the way to it.
type Below = (String, Wait, Vec<Step>);

struct Reader<'c> {
    code: &'c Code,
    /// What plain functions wait for first.
    known: FxHashMap<&'c str, Option<Below>>,
}

impl<'c> Reader<'c> {
    /// What a call in a coroutine function waits for.
    fn waits(&mut self, function: &'c Function, call: &'c Call) -> Option<BlockingCall> {
        let (what, wait, ways) = self.below(function, call, STEPS)?;
        let handling = call.context.handler.is_some();
        Some(BlockingCall { what, wait, location: call.location.clone(), ways, handling })
    }

    fn below(&mut self, function: &'c Function, call: &'c Call, steps: usize) -> Option<Below> {
        let callee = call.callee.as_deref().filter(|_| !call.awaited)?;
        let step = Step { function: qualname(function).to_owned(), location: call.location.clone() };
        if !callee.contains(':') {
            // How long it takes is a matter of its rounds, which are not known here.
            if callee == "hashlib.pbkdf2_hmac" {
                return None;
            }
            return blocking(callee).map(|wait| (callee.to_owned(), wait, vec![step]));
        }
        let plain = self.code.function(callee).filter(|one| !one.is_async && !one.is_generator && steps > 0)?;
        if !self.known.contains_key(plain.name.as_str()) {
            // A function that calls itself waits for what its other calls wait for.
            self.known.insert(&plain.name, None);
            let mut always = plain.calls.iter().filter(|call| call.context.handler.is_none());
            let found = always.find_map(|call| self.below(plain, call, steps - 1));
            self.known.insert(&plain.name, found);
        }
        let (what, wait, below) = self.known.get(plain.name.as_str()).cloned().flatten()?;
        Some((what, wait, std::iter::once(step).chain(below).collect()))
    }
}
