//! Loops: `for` and `while`, turn by turn.

use ruff_python_ast as ast;
use ruff_text_size::Ranged;

use crate::parse::ModuleKind;

use super::{End, Eval, Evaluator, Frame, LOOP_LIMIT};

/// Turns of a `while` at most that may have been its last ones.
const UNSURE_TURNS: usize = 2;

impl<'a> Evaluator<'a> {
    /// Runs a loop. What follows `continue` or `break` under a condition that is not known hangs on it as far as these
    /// reach: to the end of the turn, or of the loop. What follows such a `return` hangs on it beyond.
    fn looping(&mut self, frame: &mut Frame, run: impl FnOnce(&mut Self, &mut Frame) -> Eval<End>) -> Eval<End> {
        let (conditions, returns) = (self.active_conditions.len(), frame.returns.len());
        let end = run(self, frame);
        if frame.returns.len() == returns {
            self.active_conditions.truncate(conditions);
        }
        end
    }

    /// One turn of a loop.
    fn turn(&mut self, frame: &mut Frame, body: &'a [ast::Stmt]) -> Eval<End> {
        let (conditions, ways_out) = (self.active_conditions.len(), frame.returns.len() + frame.breaks as usize);
        let end = self.block(frame, body)?;
        if frame.returns.len() + frame.breaks as usize == ways_out {
            self.active_conditions.truncate(conditions);
        }
        Ok(end)
    }

    pub(super) fn for_statement(&mut self, frame: &mut Frame, node: &'a ast::StmtFor) -> Eval<End> {
        let iterable = self.expr(frame, &node.iter);
        let iterable = self.or_unknown(frame, &node.iter, iterable)?;
        let known = self.items(iterable)?;
        // In the project, of what has no item that is known one stands for all of them, as of what is not known at all.
        let is_own = self.program.module(frame.module).kind == ModuleKind::Project;
        let known = known.filter(|(items, complete)| *complete || !items.is_empty() || !is_own);
        let Some((items, _)) = known else {
            let site = self.site(frame, node.iter.range());
            let element = self.element_of(iterable);
            return self.looping(frame, |machine, frame| {
                machine.fork(
                    frame,
                    site,
                    &mut [
                        &mut |machine, frame| {
                            machine.bind(frame, &node.target, element)?;
                            match machine.block(frame, &node.body)? {
                                End::Return(value) => Ok(End::Return(value)),
                                _ => Ok(End::Normal),
                            }
                        },
                        &mut |_, _| Ok(End::Normal),
                    ],
                )
            });
        };
        if items.len() > LOOP_LIMIT {
            self.unknown(format!("a loop of {} turns was cut short", items.len()));
        }
        self.looping(frame, |machine, frame| {
            for item in items.into_iter().take(LOOP_LIMIT) {
                machine.bind(frame, &node.target, item)?;
                match machine.turn(frame, &node.body)? {
                    End::Break => return Ok(End::Normal),
                    End::Return(value) => return Ok(End::Return(value)),
                    _ => {}
                }
            }
            machine.block(frame, &node.orelse)
        })
    }

    pub(super) fn while_statement(&mut self, frame: &mut Frame, node: &'a ast::StmtWhile) -> Eval<End> {
        self.looping(frame, |machine, frame| machine.turns(frame, node))
    }

    fn turns(&mut self, frame: &mut Frame, node: &'a ast::StmtWhile) -> Eval<End> {
        let breaks = frame.breaks;
        let mut unsure = 0;
        for _ in 0..LOOP_LIMIT {
            let test = self.expr(frame, &node.test)?;
            match self.truth(test) {
                Some(false) => return self.block(frame, &node.orelse),
                Some(true) => {
                    let ways_out = frame.returns.len() + frame.breaks as usize;
                    match self.turn(frame, &node.body)? {
                        End::Break => return Ok(End::Normal),
                        End::Return(value) => return Ok(End::Return(value)),
                        _ => {}
                    }
                    unsure += usize::from(frame.returns.len() + frame.breaks as usize > ways_out);
                    // What is left at something unknown may turn for ever here, and seldom brings anything new.
                    if unsure >= UNSURE_TURNS {
                        let returned = frame.returns.last().filter(|_| frame.breaks == breaks);
                        return Ok(returned.map_or(End::Normal, |value| End::Return(*value)));
                    }
                }
                None => {
                    let site = self.site(frame, node.test.range());
                    return self.fork(
                        frame,
                        site,
                        &mut [
                            &mut |machine, frame| match machine.block(frame, &node.body)? {
                                End::Return(value) => Ok(End::Return(value)),
                                _ => Ok(End::Normal),
                            },
                            &mut |_, _| Ok(End::Normal),
                        ],
                    );
                }
            }
        }
        self.unknown("a loop did not end within its budget");
        Ok(End::Normal)
    }
}
