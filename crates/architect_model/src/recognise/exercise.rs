//! Runs code that nothing asks for, to find what harms the evaluator: maintainers point it at code of all kinds.

use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};

use architect_python::{CallArgs, Evaluator, ModuleId, Program, Setup, Value, body};

/// Runs every module of the project on a machine of its own, and calls what it defines with arguments that are not
/// known. Says how many modules there are and which of them made the machine panic.
pub(super) fn everything(program: &Program<'_>, setup: &Setup) -> String {
    let mut names = 0;
    let mut broken = Vec::new();
    for id in &program.project_modules {
        match catch_unwind(AssertUnwindSafe(|| module(program, setup, *id))) {
            Ok(count) => names += count,
            Err(_) => broken.push(program.module(*id).path.to_string()),
        }
    }
    let mut out = format!("{} modules, {names} names, {} panics", program.project_modules.len(), broken.len());
    for path in broken {
        let _ = write!(out, "\npanic: {path}");
    }
    out
}

fn module(program: &Program<'_>, setup: &Setup, id: ModuleId) -> usize {
    let mut machine = Evaluator::new(program, setup.clone());
    machine.import(&program.module(id).name);
    let names = machine.module_names(id);
    for (_, value) in &names {
        call(&mut machine, *value);
    }
    names.len()
}

fn call(machine: &mut Evaluator<'_>, value: Value) {
    machine.signature(value);
    machine.type_text(value);
    body(machine, value, None, &[]);
    if machine.class(value).is_none() && machine.function(value).is_none() {
        return;
    }
    if let Ok(result) = machine.invoke(value, CallArgs { open: true, ..CallArgs::default() }) {
        // What a generator yields, and what a list of results holds.
        let _ = machine.items(result);
    }
}
