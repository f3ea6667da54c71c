//! `match`: which case is taken, and what its pattern binds.

use ruff_python_ast as ast;

use super::{End, Eval, Evaluator, Frame};
use crate::value::{Object, Value};

impl<'a> Evaluator<'a> {
    pub(super) fn match_statement(&mut self, frame: &mut Frame, node: &'a ast::StmtMatch) -> Eval<End> {
        let subject = self.expr(frame, &node.subject)?;
        self.cases(frame, subject, &node.cases)
    }

    fn cases(&mut self, frame: &mut Frame, subject: Value, cases: &'a [ast::MatchCase]) -> Eval<End> {
        let Some((case, rest)) = cases.split_first() else { return Ok(End::Normal) };
        let mut matched = self.matches(frame, subject, &case.pattern)?;
        if matched != Some(false)
            && let Some(guard) = &case.guard
        {
            let guard = self.expr(frame, guard)?;
            matched = match (matched, self.truth(guard)) {
                (_, Some(false)) => Some(false),
                (Some(true), Some(true)) => Some(true),
                _ => None,
            };
        }
        match matched {
            Some(true) => self.block(frame, &case.body),
            Some(false) => self.cases(frame, subject, rest),
            None => {
                let site = self.site(frame, case.range);
                self.fork(
                    frame,
                    site,
                    &mut [&mut |machine, frame| machine.block(frame, &case.body), &mut |machine, frame| {
                        machine.cases(frame, subject, rest)
                    }],
                )
            }
        }
    }

    /// Whether a value has the form of a pattern; `None` where that is not known. What the pattern names is bound in any
    /// case but that it surely does not.
    fn matches(&mut self, frame: &mut Frame, subject: Value, pattern: &'a ast::Pattern) -> Eval<Option<bool>> {
        self.burn()?;
        Ok(match pattern {
            ast::Pattern::MatchValue(node) => {
                let value = self.expr(frame, &node.value)?;
                self.equal(subject, value)
            }
            ast::Pattern::MatchSingleton(node) => {
                let value = match node.value {
                    ast::Singleton::None => Value::None,
                    ast::Singleton::True => Value::Bool(true),
                    ast::Singleton::False => Value::Bool(false),
                };
                self.equal(subject, value)
            }
            ast::Pattern::MatchAs(node) => {
                let result = match &node.pattern {
                    Some(pattern) => self.matches(frame, subject, pattern)?,
                    None => Some(true),
                };
                if let (Some(name), true) = (&node.name, result != Some(false)) {
                    let name = self.names.intern(name);
                    self.assign(frame, name, subject);
                }
                result
            }
            ast::Pattern::MatchOr(node) => {
                let mut result = Some(false);
                for pattern in &node.patterns {
                    match self.matches(frame, subject, pattern)? {
                        Some(true) => return Ok(Some(true)),
                        Some(false) => {}
                        None => result = None,
                    }
                }
                result
            }
            ast::Pattern::MatchClass(node) => self.matches_class(frame, subject, node)?,
            ast::Pattern::MatchSequence(node) => self.matches_sequence(frame, subject, &node.patterns)?,
            ast::Pattern::MatchMapping(node) => self.matches_mapping(frame, subject, node)?,
            // Only inside of a sequence, which binds it.
            ast::Pattern::MatchStar(_) => Some(true),
        })
    }

    fn matches_class(
        &mut self,
        frame: &mut Frame,
        subject: Value,
        node: &'a ast::PatternMatchClass,
    ) -> Eval<Option<bool>> {
        let class = self.expr(frame, &node.cls)?;
        let mut result = self.is_instance(subject, class);
        if result == Some(false) {
            return Ok(result);
        }
        let positional = match node.arguments.patterns.len() {
            0 => Some(Vec::new()),
            // `str(text)` and the like name the value itself.
            1 if matches!(class, Value::Obj(id) if self.builtin_type(id).is_some()) => {
                return Ok(both(result, self.matches(frame, subject, &node.arguments.patterns[0])?));
            }
            _ => self.match_args(class)?,
        };
        let mut parts = Vec::new();
        for (at, pattern) in node.arguments.patterns.iter().enumerate() {
            parts.push((positional.as_ref().and_then(|names| names.get(at).copied()), pattern));
        }
        for keyword in &node.arguments.keywords {
            parts.push((Some(Value::Str(self.names.intern(&keyword.attr))), &keyword.pattern));
        }
        for (name, pattern) in parts {
            let part = match name {
                Some(Value::Str(name)) => match self.attribute_opt(subject, name)? {
                    Some(part) => part,
                    None if result == Some(true) => return Ok(Some(false)),
                    None => self.element_of(subject),
                },
                _ => self.element_of(subject),
            };
            result = both(result, self.matches(frame, part, pattern)?);
            if result == Some(false) {
                break;
            }
        }
        Ok(result)
    }

    /// What positional patterns of a class stand for: `__match_args__`, which a dataclass has from its fields.
    fn match_args(&mut self, class: Value) -> Eval<Option<Vec<Value>>> {
        let named = self.names.intern("__match_args__");
        if let Some(names) = self.class_attribute_of(class, named) {
            return Ok(self.items(names)?.map(|(names, _)| names));
        }
        let Value::Obj(id) = class else { return Ok(None) };
        if self.class(class).is_none() {
            return Ok(None);
        }
        Ok(Some(self.class_fields(id).into_iter().map(|field| Value::Str(field.name)).collect()))
    }

    fn matches_sequence(
        &mut self,
        frame: &mut Frame,
        subject: Value,
        patterns: &'a [ast::Pattern],
    ) -> Eval<Option<bool>> {
        let is_sequence = match self.obj(subject) {
            Some(Object::List(..) | Object::Tuple(_)) => true,
            Some(Object::Instance { .. }) => {
                let tuple = self.builtin_class("tuple").map(Value::Obj);
                tuple.is_some_and(|tuple| self.is_instance(subject, tuple) == Some(true))
            }
            _ => false,
        };
        let star = patterns.iter().position(|pattern| matches!(pattern, ast::Pattern::MatchStar(_)));
        let known = if is_sequence { self.items(subject)? } else { None };
        let Some((items, true)) = known else {
            if !is_sequence && self.is_surely_no_sequence(subject) {
                return Ok(Some(false));
            }
            let element = self.element_of(subject);
            for pattern in patterns {
                self.bind_star(frame, pattern, element);
                self.matches(frame, element, pattern)?;
            }
            return Ok(None);
        };
        let least = patterns.len() - usize::from(star.is_some());
        if items.len() < least || star.is_none() && items.len() > least {
            return Ok(Some(false));
        }
        let more = items.len() - least;
        let mut result = Some(true);
        let mut at = 0;
        for pattern in patterns {
            if let ast::Pattern::MatchStar(_) = pattern {
                let middle = self.list(items[at..at + more].to_vec());
                self.bind_star(frame, pattern, middle);
                at += more;
                continue;
            }
            result = both(result, self.matches(frame, items[at], pattern)?);
            if result == Some(false) {
                break;
            }
            at += 1;
        }
        Ok(result)
    }

    fn bind_star(&mut self, frame: &Frame, pattern: &'a ast::Pattern, value: Value) {
        if let ast::Pattern::MatchStar(ast::PatternMatchStar { name: Some(name), .. }) = pattern {
            let name = self.names.intern(name);
            self.assign(frame, name, value);
        }
    }

    fn is_surely_no_sequence(&self, value: Value) -> bool {
        match value {
            Value::Unknown(_) => false,
            Value::Obj(id) => matches!(self.object(id), Object::Dict(_) | Object::Set(_) | Object::Bytes(_)),
            _ => true,
        }
    }

    fn matches_mapping(
        &mut self,
        frame: &mut Frame,
        subject: Value,
        node: &'a ast::PatternMatchMapping,
    ) -> Eval<Option<bool>> {
        let Some(Object::Dict(data)) = self.obj(subject) else {
            let element = self.element_of(subject);
            for pattern in &node.patterns {
                self.matches(frame, element, pattern)?;
            }
            let plain = !matches!(subject, Value::Obj(_) | Value::Unknown(_));
            return Ok(if plain { Some(false) } else { None });
        };
        let mut others = data.clone();
        let mut result = Some(true);
        for (key, pattern) in node.keys.iter().zip(&node.patterns) {
            let key = self.expr(frame, key)?;
            let found = self.key(key).and_then(|key| others.items.shift_remove(&key));
            let part = match found {
                Some((_, part)) => part,
                None if others.open || self.key(key).is_none() => {
                    result = None;
                    self.element_of(subject)
                }
                None => return Ok(Some(false)),
            };
            result = both(result, self.matches(frame, part, pattern)?);
            if result == Some(false) {
                return Ok(result);
            }
        }
        if let Some(rest) = &node.rest {
            let name = self.names.intern(rest);
            let value = self.alloc(Object::Dict(others));
            self.assign(frame, name, value);
        }
        Ok(result)
    }
}

/// Whether one and the other holds.
fn both(one: Option<bool>, other: Option<bool>) -> Option<bool> {
    match (one, other) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}
