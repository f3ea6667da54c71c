//! Context managers: what a `with` statement enters, and what follows its body.

use ruff_python_ast as ast;

use super::{End, Eval, Evaluator, Flow, Frame};
use crate::value::{CallArgs, EnvId, Object, ObjectId, Value};

/// The body of a `with` statement whose manager is a generator: it runs where the generator yields.
#[derive(Debug)]
pub(super) struct Within<'a> {
    /// The code that has the statement.
    frame: Frame,
    target: Option<&'a ast::Expr>,
    /// Managers that are entered inside of this one.
    rest: &'a [ast::WithItem],
    body: &'a [ast::Stmt],
    /// How many `try` were under way, and how deep calls were, where the statement stands.
    trying: u32,
    depth: u32,
    /// How the body ended, once it ran.
    end: Option<Eval<End>>,
    /// The condition on which what follows the body hangs.
    doubt: Option<u32>,
}

impl<'a> Evaluator<'a> {
    /// Enters managers one after the other, runs the body inside of them and leaves them again.
    pub(super) fn with_items(
        &mut self,
        frame: &mut Frame,
        items: &'a [ast::WithItem],
        body: &'a [ast::Stmt],
    ) -> Eval<End> {
        let Some((item, rest)) = items.split_first() else { return self.block(frame, body) };
        let manager = self.expr(frame, &item.context_expr);
        let manager = self.or_unknown(frame, &item.context_expr, manager)?;
        if let Some(Object::Suspended { function, env, coroutine: false }) = self.obj(manager) {
            return self.with_generator(frame, (*function, *env), item, rest, body);
        }
        let value = self.enter(manager);
        let value = self.or_unknown(frame, &item.context_expr, value)?;
        if let Some(target) = &item.optional_vars {
            self.bind(frame, target, value)?;
        }
        if self.suppresses(manager) {
            self.trying += 1;
            let result = self.with_items(frame, rest, body);
            self.trying -= 1;
            return if let Err(Flow::Raise(_)) = result { Ok(End::Normal) } else { result };
        }
        let result = self.with_items(frame, rest, body);
        self.leave(frame, item, manager, result)
    }

    /// Calls what an object does when it is left, `__exit__` or `__aexit__`.
    fn leave(&mut self, frame: &Frame, item: &'a ast::WithItem, manager: Value, result: Eval<End>) -> Eval<End> {
        if !matches!(self.obj(manager), Some(Object::Instance { .. })) || matches!(result, Err(Flow::Exhausted)) {
            return result;
        }
        let mut left = None;
        for name in ["__exit__", "__aexit__"] {
            let name = self.names.intern(name);
            left = left
                .or_else(|| self.class_attribute_of(manager, name).filter(|method| self.function(*method).is_some()));
        }
        let Some(method) = left else { return result };
        let error = match result {
            Err(Flow::Raise(error)) => error,
            _ => Value::None,
        };
        let class = self.class_of(error).map_or(Value::None, Value::Obj);
        let method = self.bind_method(method, manager);
        let made = self
            .call(method, CallArgs { pos: vec![class, error, Value::None], ..CallArgs::default() })
            .and_then(|value| self.awaited(value));
        let made = self.or_unknown(frame, &item.context_expr, made)?;
        match result {
            Err(Flow::Raise(_)) if self.truth(made) == Some(true) => Ok(End::Normal),
            _ => result,
        }
    }

    /// A manager that is a generator, as `contextlib.contextmanager` makes it: the body runs in place of its first
    /// `yield`, so that what stands after that comes after the body.
    fn with_generator(
        &mut self,
        frame: &mut Frame,
        (function, env): (ObjectId, EnvId),
        item: &'a ast::WithItem,
        rest: &'a [ast::WithItem],
        body: &'a [ast::Stmt],
    ) -> Eval<End> {
        let here = Frame::of_module(frame.module);
        let at = self.within.len();
        self.within.push(Some(Within {
            frame: std::mem::replace(frame, here),
            target: item.optional_vars.as_deref(),
            rest,
            body,
            trying: self.trying,
            depth: self.depth,
            end: None,
            doubt: None,
        }));
        let result = self.run_manager(function, env, at);
        let within = self.within.pop().flatten();
        let Some(within) = within else { return Ok(End::Normal) };
        *frame = within.frame;
        self.active_conditions.extend(within.doubt);
        match within.end {
            Some(Err(Flow::Raise(_))) => result.map(|()| End::Normal),
            Some(Err(flow)) => Err(flow),
            Some(Ok(end)) => {
                self.or_unknown(frame, &item.context_expr, result.map(|()| Value::None))?;
                Ok(end)
            }
            None => {
                let value = result.map(|()| Value::None);
                let value = self.or_unknown(frame, &item.context_expr, value)?;
                if let Some(target) = &item.optional_vars {
                    self.bind(frame, target, value)?;
                }
                self.with_items(frame, rest, body)
            }
        }
    }

    /// Runs the body that waits for a generator to yield.
    pub(super) fn run_within(&mut self, at: usize, value: Value) -> Eval<()> {
        let Some(mut within) = self.within.get_mut(at).and_then(Option::take) else { return Ok(()) };
        let inside = (self.trying, self.depth, self.current);
        (self.trying, self.depth) = (within.trying, within.depth);
        let conditions = self.active_conditions.len();
        let bound = match within.target {
            Some(target) => self.bind(&mut within.frame, target, value),
            None => Ok(()),
        };
        let end = bound.and_then(|()| self.with_items(&mut within.frame, within.rest, within.body));
        // What the manager does afterwards it does however the body is left.
        within.doubt = self.active_conditions.get(conditions).copied();
        self.active_conditions.truncate(conditions);
        (self.trying, self.depth, self.current) = inside;
        within.end = Some(end);
        self.within[at] = Some(within);
        end.map(drop)
    }
}
