//! Names: the scopes of functions, the globals of modules, and the books that a fork keeps of what was bound.

use rustc_hash::FxHashSet;

use super::{Env, Eval, Evaluator, Frame, ModuleState, Place, State};
use crate::value::{EnvId, ModuleId, Namespace, Object, Sym, Value};

/// Names that are found again by where they stand.
const FIXED: usize = 1 << 14;
/// Bytes between names of a tree at least: those that stand together are found together.
const STRIDE: usize = 32;

/// Symbols of names that stay where they are as long as the machine runs: those of its program.
#[derive(Debug)]
pub(super) struct Fixed(Box<[(usize, u32, Sym)]>);

impl Default for Fixed {
    fn default() -> Self {
        Self(vec![(0, 0, Sym(0)); FIXED].into())
    }
}

impl<'a> Evaluator<'a> {
    /// The symbol of a name of a syntax tree: such names are asked for whenever their statement runs.
    pub(crate) fn name_of(&mut self, text: &'a str) -> Sym {
        let Ok(length) = u32::try_from(text.len()) else { return self.names.intern(text) };
        let start = text.as_ptr().addr();
        let slot = start / STRIDE % FIXED;
        let known = self.fixed.0[slot];
        if (known.0, known.1) == (start, length) {
            return known.2;
        }
        let sym = self.names.intern(text);
        self.fixed.0[slot] = (start, length, sym);
        sym
    }

    pub(super) fn record(&mut self, place: Place, old: Option<Value>) {
        if let Some(journal) = self.journal.last_mut() {
            journal.push((place, old));
        }
    }

    pub(crate) fn new_env(&mut self, parent: Option<EnvId>) -> EnvId {
        let id = EnvId(u32::try_from(self.envs.len()).unwrap_or(u32::MAX));
        self.weigh_env();
        self.envs.push(Env { vars: Vec::new(), parent, outer: Vec::new() });
        id
    }

    pub(crate) fn set_local(&mut self, env: EnvId, name: Sym, value: Value) {
        self.charge(self.envs[env.0 as usize].vars.len() / 64);
        let vars = &mut self.envs[env.0 as usize].vars;
        let old = match vars.iter_mut().find(|(n, _)| *n == name) {
            Some(slot) => Some(std::mem::replace(&mut slot.1, value)),
            None => {
                vars.push((name, value));
                None
            }
        };
        self.record(Place::Env(env, name), old);
    }

    pub(crate) fn set_global(&mut self, module: ModuleId, name: Sym, value: Value) {
        let old = self.state(module).ns.insert(name, value);
        self.record(Place::Global(module, name), old);
    }

    pub(crate) fn state(&mut self, module: ModuleId) -> &mut ModuleState<'a> {
        let index = module.0 as usize;
        while self.modules.len() <= index {
            self.modules.push(ModuleState {
                state: State::New,
                ns: Namespace::default(),
                failed: None,
                object: None,
                dict: None,
                doubtful: None,
                bindings: None,
                resolving: Vec::new(),
                ran: FxHashSet::default(),
                stars: Vec::new(),
                absent: FxHashSet::default(),
            });
        }
        &mut self.modules[index]
    }

    pub(crate) fn assign(&mut self, frame: &Frame, name: Sym, value: Value) {
        if let Some(env) = frame.env
            && let Some((_, global)) = self.envs[env.0 as usize].outer.iter().find(|(n, _)| *n == name)
        {
            if *global {
                self.set_global(frame.module, name, value);
            } else {
                let mut scope = self.envs[env.0 as usize].parent;
                while let Some(id) = scope {
                    if self.envs[id.0 as usize].vars.iter().any(|(n, _)| *n == name) {
                        self.set_local(id, name, value);
                        return;
                    }
                    scope = self.envs[id.0 as usize].parent;
                }
            }
            return;
        }
        if let Some(class) = frame.class {
            let old = match self.object_mut(class) {
                Object::Class(class) => class.ns.insert(name, value),
                _ => None,
            };
            self.record(Place::Attr(class, name), old);
        } else if let Some(env) = frame.env {
            self.set_local(env, name, value);
        } else {
            self.set_global(frame.module, name, value);
        }
    }

    pub(crate) fn lookup(&mut self, frame: &Frame, name: Sym) -> Eval {
        if let Some(class) = frame.class
            && let Object::Class(class) = self.object(class)
            && let Some(value) = class.ns.get(&name)
        {
            return Ok(*value);
        }
        let mut scope = frame.env;
        while let Some(id) = scope {
            let env = &self.envs[id.0 as usize];
            if let Some(at) = env.vars.iter().position(|(n, _)| *n == name) {
                let value = env.vars[at].1;
                self.charge(at / 32);
                return Ok(value);
            }
            scope = env.parent;
        }
        if let Some(value) = self.global(frame.module, name)? {
            return Ok(value);
        }
        if let Some(value) = self.builtins.get(&name) {
            return Ok(*value);
        }
        let text = self.names.text(name).to_owned();
        if frame.env.is_none() && frame.class.is_none() && self.trying > 0 {
            return Err(self.raise("NameError", &format!("name '{text}' is not defined")));
        }
        Ok(self.unknown(format!("name `{text}` is not bound where it is read")))
    }

    /// A name of a module's namespace, evaluated first if the module is read name by name.
    pub(crate) fn global(&mut self, module: ModuleId, name: Sym) -> Eval<Option<Value>> {
        if let Some(value) = self.state(module).ns.get(&name) {
            return Ok(Some(*value));
        }
        self.resolve_lazily(module, name)
    }
}
