//! Parses packages of the environment that the program may ask for, while it runs on another core.
//!
//! [`crate::prefetch`] follows the names that modules import. Which attributes of those are ever asked for
//! (`jwt.encode`) can only be guessed. Nobody sees a module that was guessed until the program asks for it: a wrong guess
//! costs the time of a core that has little else to do, never a different result.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use rustc_hash::{FxHashMap, FxHashSet};

use crate::parse::{Module, ModuleKind, parse};
use crate::prefetch::{MAX_ROUNDS, Request, follow, names_of, uses};
use crate::project::{Places, Program, display_path, read_source};

/// Bytes that are parsed on a guess at most.
const MAX_BYTES: usize = 2 << 20;

/// Modules that were parsed before anybody asked for them, by file.
#[derive(Debug, Default)]
pub(crate) struct Ahead {
    states: Mutex<FxHashMap<PathBuf, State>>,
    changed: Condvar,
    over: AtomicBool,
}

#[derive(Debug)]
enum State {
    UnderWay,
    Ready(Arc<Module>),
    Taken,
}

impl Ahead {
    fn states(&self) -> MutexGuard<'_, FxHashMap<PathBuf, State>> {
        self.states.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The module of a file, if it was parsed under this name. From here on it is the caller's, parsed or not.
    pub fn take(&self, name: &str, file: &Path) -> Option<Arc<Module>> {
        let mut states = self.states();
        while matches!(states.get(file), Some(State::UnderWay)) {
            states = self.changed.wait(states).unwrap_or_else(PoisonError::into_inner);
        }
        match states.insert(file.to_path_buf(), State::Taken) {
            Some(State::Ready(module)) if module.name == name => Some(module),
            _ => None,
        }
    }

    /// Nothing will be asked for any more.
    pub fn stop(&self) {
        self.over.store(true, Ordering::Relaxed);
    }

    fn is_over(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }

    fn settle(&self, file: &Path, state: State) {
        self.states().insert(file.to_path_buf(), state);
        self.changed.notify_all();
    }
}

/// What may be asked for, as far as it can be told before the program runs.
pub struct Guesses<'p> {
    ahead: &'p Ahead,
    places: Places<'p>,
    project: Vec<&'p Module>,
    /// Modules of the environment that were parsed before, by name.
    read: FxHashMap<&'p str, &'p Module>,
    /// Those that were guessed.
    guessed: FxHashMap<String, Arc<Module>>,
}

impl<'p> Guesses<'p> {
    pub(crate) fn of(program: &'p Program<'_>, ahead: &'p Ahead) -> Self {
        Self {
            ahead,
            places: program.places(),
            project: program.project_modules.iter().map(|id| program.module(*id)).collect(),
            read: program.third_party(),
            guessed: FxHashMap::default(),
        }
    }

    /// Parses what may be asked for, the likeliest first, until the program has run.
    pub fn read(mut self) {
        let mut left = MAX_BYTES;
        let mut seen: FxHashSet<Request> = FxHashSet::default();
        let mut requests: Vec<Request> = Vec::new();
        for module in &self.project {
            uses(module, &mut requests);
        }
        for _ in 0..MAX_ROUNDS {
            requests.retain(|request| seen.insert(request.clone()));
            for name in names_of(&requests) {
                if left == 0 || self.ahead.is_over() {
                    return;
                }
                if !self.read.contains_key(name.as_str()) && !self.guessed.contains_key(&name) {
                    left = left.saturating_sub(self.parse(name));
                }
            }
            let mut next = Vec::new();
            for (name, wanted) in &requests {
                if self.ahead.is_over() {
                    return;
                }
                if let (Some(module), Some(wanted)) = (self.known(name), wanted) {
                    follow(module, wanted, &mut next);
                }
            }
            requests = next;
        }
    }

    fn known(&self, name: &str) -> Option<&Module> {
        self.read.get(name).copied().or_else(|| self.guessed.get(name).map(|module| &**module))
    }

    /// Parses a module of the environment, and says how long it is.
    fn parse(&mut self, name: String) -> usize {
        let Some((file, is_package)) = self.places.third_party_file(&name) else { return 0 };
        {
            let mut states = self.ahead.states();
            if states.contains_key(&file) {
                return 0;
            }
            states.insert(file.clone(), State::UnderWay);
        }
        let places = self.places;
        // Whoever waits for the file parses it again, and ends where this did.
        let parsed = catch_unwind(AssertUnwindSafe(|| {
            let bytes = read_source(places.files, &file).ok()?;
            let path = display_path(places.project, &file);
            Some(parse(name.clone(), file.clone(), path, ModuleKind::ThirdParty, is_package, bytes))
        }));
        let Ok(Some(module)) = parsed else {
            self.ahead.settle(&file, State::Taken);
            return 0;
        };
        let module = Arc::new(module);
        let length = module.text.len();
        self.ahead.settle(&file, State::Ready(Arc::clone(&module)));
        self.guessed.insert(name, module);
        length
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guess_is_taken_once_and_under_its_own_name() {
        let ahead = Ahead::default();
        let guess = |name: &str| {
            let file = PathBuf::from(format!("{name}.py"));
            let module =
                parse(name.into(), file.clone(), name.into(), ModuleKind::ThirdParty, false, b"x = 1".to_vec());
            ahead.settle(&file, State::Ready(Arc::new(module)));
            file
        };
        let file = guess("one");
        assert_eq!(ahead.take("one", &file).unwrap().name, "one");
        assert!(ahead.take("one", &file).is_none());
        let file = guess("two");
        assert!(ahead.take("other.two", &file).is_none());
        assert!(ahead.take("never", Path::new("never.py")).is_none());
    }
}
