//! What a program does when it is started, beyond being imported.

use ruff_python_ast as ast;

use super::{DoubtfulImport, Eval, Evaluator, Flow, Frame, STATEMENT_FUEL};
use crate::parse::Module;
use crate::value::{CallArgs, FunctionNode, ModuleId, Object, ObjectId, Site, Value};

impl Evaluator<'_> {
    /// Runs what a module does when it is started as a program, below `if __name__ == "__main__":`.
    pub fn start_program(&mut self, id: ModuleId) {
        let program = self.program;
        let Some(body) = main_block(program.module(id)) else { return };
        if self.run_module(id).is_err() {
            return;
        }
        let mut frame = Frame::of_module(id);
        self.starting(|machine| machine.block(&mut frame, body).map(|_| Value::None));
    }

    /// Calls a function that runs while a program starts, to the end of what it makes: a coroutine, a generator or a
    /// context manager. Gives its result where it has one.
    pub fn start_function(&mut self, function: Value, args: CallArgs) -> Option<Value> {
        self.starting(|machine| {
            let made = machine.call(function, args)?;
            match machine.obj(made) {
                Some(Object::Suspended { coroutine: true, .. }) => machine.awaited(made),
                Some(Object::Suspended { .. } | Object::Instance { .. }) => {
                    let _ = machine.enter(made)?;
                    Ok(made)
                }
                _ => Ok(made),
            }
        })
    }

    /// Whether the body of a function has run.
    #[must_use]
    pub fn has_run(&self, function: Value) -> bool {
        match self.function(function).map(|(_, function)| function.node) {
            Some(FunctionNode::Def(def)) => self.bodies_run.contains(&std::ptr::from_ref(def).addr()),
            _ => false,
        }
    }

    /// Runs code as the import of a module would, under no condition and within the budget of a statement.
    fn starting(&mut self, run: impl FnOnce(&mut Self) -> Eval) -> Option<Value> {
        self.fuel = STATEMENT_FUEL;
        let (current, depth, stack) = (self.current, self.depth, self.stack.len());
        self.running += 1;
        self.is_starting = true;
        let result = run(self);
        self.is_starting = false;
        self.running -= 1;
        if let Err(Flow::Exhausted) = result
            && !self.is_model(self.current.module)
        {
            self.note_exhausted(self.current);
        }
        // Where the budget ended, calls were left as they stood.
        (self.current, self.depth) = (current, depth);
        self.stack.truncate(stack);
        result.ok()
    }
}

// What is imported first where it may not be, and for certain later.
impl Evaluator<'_> {
    pub(super) fn note_doubtful_import(&mut self, id: ModuleId) {
        let Some(condition) = self.active_condition() else { return };
        let importer = self.current.module;
        let is_part = self.state(importer).doubtful.as_ref().is_some_and(|outer| outer.condition == condition);
        let start = self.heap.len();
        let importer = (is_part && importer != id).then_some(importer);
        self.state(id).doubtful = Some(DoubtfulImport { condition, importer, made: start..usize::MAX, settled: false });
    }

    pub(super) fn settle_import(&mut self, id: ModuleId) {
        // An import that only recognisers ask for says nothing.
        if self.is_starting
            && self.active_conditions.is_empty()
            && let Some(doubtful) = &mut self.state(id).doubtful
        {
            doubtful.settled = true;
        }
    }

    /// Whether an object that the import of a module made below a condition is there in any case, because the module
    /// was imported without the condition as well when the program was started.
    #[must_use]
    pub fn is_settled(&self, object: ObjectId, made: Site, condition: u32) -> bool {
        let import = |module: ModuleId| self.modules.get(module.0 as usize)?.doubtful.as_ref();
        let Some(mut at) = import(made.module).filter(|import| import.made.contains(&(object.0 as usize))) else {
            return false;
        };
        while at.condition == condition {
            match at.importer.and_then(import) {
                _ if at.settled => return true,
                Some(outer) => at = outer,
                None => return false,
            }
        }
        false
    }
}

/// The statements of a module that run where it is started as a program.
fn main_block(module: &Module) -> Option<&[ast::Stmt]> {
    module.body.iter().find_map(|stmt| match stmt {
        ast::Stmt::If(node) if is_main(&node.test) => Some(node.body.as_slice()),
        _ => None,
    })
}

/// Whether an expression is `__name__ == "__main__"`.
fn is_main(test: &ast::Expr) -> bool {
    let ast::Expr::Compare(node) = test else { return false };
    let sides = || std::iter::once(&*node.left).chain(&node.comparators);
    *node.ops == [ast::CmpOp::Eq]
        && sides().any(|side| matches!(side, ast::Expr::Name(name) if name.id.as_str() == "__name__"))
        && sides().any(|side| matches!(side, ast::Expr::StringLiteral(text) if text.value.to_str() == "__main__"))
}

/// Whether a module does anything when it is started as a program.
#[must_use]
pub fn is_program(module: &Module) -> bool {
    module.text.contains("__main__") && main_block(module).is_some()
}
