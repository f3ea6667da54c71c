//! Going on where Python would end: after an exception that nobody catches, and after what needs too many steps.
//!
//! The program under review does start. Where evaluating it ends in an exception that no `try` on the way catches, what
//! led there is something that is not known well enough: the statement has no result, which is written down, and the
//! next one runs. So a factory that configures what cannot be seen still makes its application.

use ruff_python_ast as ast;
use ruff_text_size::Ranged;

use super::{End, Eval, Evaluator, Flow, Frame, ImportFailure};
use crate::facts::only_raises;
use crate::parse::ModuleKind;
use crate::value::{CallArgs, Site, Value};

/// Calls below which statements have budgets of their own: what configures an application is not deeper.
const BUDGETED_DEPTH: u32 = 3;
/// Checks that one call passes at most; more of them are a loop that would go on for ever.
const MOST_PASSED: u32 = 40;
/// Steps that are too few to be shared.
const LEAST_SHARED: u64 = 20_000;

impl<'a> Evaluator<'a> {
    /// Runs a statement of a block. One that needs too many steps leaves some to those that follow it.
    pub(super) fn within_budget(&mut self, frame: &mut Frame, stmt: &'a ast::Stmt) -> Eval<End> {
        let shares = self.depth < BUDGETED_DEPTH && self.fuel > LEAST_SHARED && self.may_go_on(frame);
        if !shares {
            return self.statement(frame, stmt);
        }
        let kept = self.fuel / 4;
        self.fuel -= kept;
        let end = self.statement(frame, stmt);
        self.fuel += kept;
        end
    }

    /// Whether an exception, or the end of the budget, may be taken for something that is not known: the program is
    /// being imported, no `try` is under way, and this is no branch that may not be taken.
    fn may_go_on(&self, frame: &Frame) -> bool {
        self.trying == 0
            && self.running > 0
            && self.journal.is_empty()
            && self.program.module(frame.module).kind == ModuleKind::Project
    }

    /// Runs the side of an `if` that is taken. One that does nothing but raise what nobody catches is a check that the
    /// running program passes.
    pub(super) fn side(&mut self, frame: &mut Frame, body: &'a [ast::Stmt]) -> Eval<End> {
        let end = self.block(frame, body)?;
        let passes = matches!(end, End::Return(_)) && frame.passed < MOST_PASSED && only_raises(body);
        if !passes || !self.may_go_on(frame) {
            return Ok(end);
        }
        frame.passed += 1;
        Ok(End::Normal)
    }

    /// What becomes of a block after a statement that had no result.
    pub(super) fn go_on(&mut self, frame: &mut Frame, stmt: &'a ast::Stmt, flow: Flow) -> Eval<End> {
        if !self.may_go_on(frame) {
            return Err(flow);
        }
        let statement = self.site(frame, stmt.range());
        match flow {
            Flow::Raise(error) => self.note_failure(statement, error),
            Flow::Exhausted if self.total > 0 && self.fuel > LEAST_SHARED / 4 => self.note_exhausted(statement),
            Flow::Exhausted => return Err(flow),
        }
        self.current = statement;
        let value = self.unknown("a statement had no result");
        match stmt {
            ast::Stmt::Return(_) | ast::Stmt::Raise(_) => return Ok(End::Return(value)),
            ast::Stmt::Assign(node) => {
                for target in &node.targets {
                    self.bind_names(frame, target, value);
                }
            }
            ast::Stmt::AnnAssign(node) => self.bind_names(frame, &node.target, value),
            ast::Stmt::FunctionDef(ast::StmtFunctionDef { name, .. })
            | ast::Stmt::ClassDef(ast::StmtClassDef { name, .. }) => {
                let name = self.names.intern(name);
                self.assign(frame, name, value);
            }
            _ => {}
        }
        Ok(End::Normal)
    }

    /// The value of an expression on which a block hangs, or an unknown where it raises what nobody catches.
    pub(super) fn or_unknown(&mut self, frame: &Frame, expr: &ast::Expr, value: Eval) -> Eval {
        match value {
            Err(Flow::Raise(error)) if self.may_go_on(frame) => {
                let statement = self.site(frame, expr.range());
                self.note_failure(statement, error);
                self.current = statement;
                Ok(self.unknown("an expression had no result"))
            }
            value => value,
        }
    }

    pub(super) fn note_exhausted(&mut self, statement: Site) {
        if self.failed.insert(statement) {
            self.import_failures.push(ImportFailure { statement, at: self.current, error: None });
        }
    }

    /// Binds the names of a target, and nothing else of it.
    pub(super) fn bind_names(&mut self, frame: &mut Frame, target: &'a ast::Expr, value: Value) {
        match target {
            ast::Expr::Name(name) => {
                let name = self.names.intern(&name.id);
                self.assign(frame, name, value);
            }
            ast::Expr::Tuple(node) => node.elts.iter().for_each(|target| self.bind_names(frame, target, value)),
            ast::Expr::List(node) => node.elts.iter().for_each(|target| self.bind_names(frame, target, value)),
            _ => {}
        }
    }

    /// Calls a factory of the project as a module would that imports it.
    ///
    /// # Errors
    /// When the call raises or the budget is spent.
    pub fn build(&mut self, factory: Value, args: CallArgs) -> Result<Value, Flow> {
        self.running += 1;
        let made = self.invoke(factory, args);
        self.running -= 1;
        made
    }
}
