//! Statements.

use ruff_python_ast as ast;
use ruff_text_size::{Ranged, TextRange};

use super::{End, Eval, Evaluator, Flow, Frame};
use crate::facts::catches_nothing;
use crate::value::{CallArgs, DictKey, FunctionNode, FunctionObject, Namespace, Object, Site, Sym, Value};

impl<'a> Evaluator<'a> {
    pub(crate) fn block(&mut self, frame: &mut Frame, body: &'a [ast::Stmt]) -> Eval<End> {
        for stmt in body {
            let end = match self.within_budget(frame, stmt) {
                Err(flow) => self.go_on(frame, stmt, flow)?,
                Ok(end) => end,
            };
            match end {
                End::Normal => {}
                other => return Ok(other),
            }
        }
        Ok(End::Normal)
    }

    pub(crate) fn site(&self, frame: &Frame, range: TextRange) -> Site {
        Site { module: frame.module, range }
    }

    #[allow(clippy::too_many_lines)]
    pub(crate) fn statement(&mut self, frame: &mut Frame, stmt: &'a ast::Stmt) -> Eval<End> {
        self.burn()?;
        self.current = self.site(frame, stmt.range());
        match stmt {
            ast::Stmt::Expr(node) => {
                self.expr(frame, &node.value)?;
            }
            ast::Stmt::Assign(node) => {
                let value = self.expr(frame, &node.value)?;
                for target in &node.targets {
                    self.bind(frame, target, value)?;
                }
            }
            ast::Stmt::AnnAssign(node) => self.annotated(frame, node)?,
            ast::Stmt::AugAssign(node) => {
                let old = self.expr(frame, &node.target)?;
                let value = self.expr(frame, &node.value)?;
                let new = self.in_place(node.op, old, value)?;
                self.bind(frame, &node.target, new)?;
            }
            ast::Stmt::FunctionDef(node) => {
                let value = self.define(frame, node)?;
                let name = self.name_of(&node.name);
                self.assign(frame, name, value);
            }
            ast::Stmt::ClassDef(node) => {
                let value = self.define_class(frame, node)?;
                let name = self.name_of(&node.name);
                self.assign(frame, name, value);
            }
            ast::Stmt::Return(node) => {
                let value = match &node.value {
                    Some(value) => self.expr(frame, value)?,
                    None => Value::None,
                };
                return Ok(End::Return(value));
            }
            ast::Stmt::If(node) => return self.if_statement(frame, node),
            ast::Stmt::For(node) => return self.for_statement(frame, node),
            ast::Stmt::While(node) => return self.while_statement(frame, node),
            ast::Stmt::Try(node) => return self.try_statement(frame, node),
            ast::Stmt::With(node) => return self.with_items(frame, &node.items, &node.body),
            ast::Stmt::Match(node) => return self.match_statement(frame, node),
            ast::Stmt::Import(node) => self.import_statement(frame, node)?,
            ast::Stmt::ImportFrom(node) => self.import_from(frame, node)?,
            ast::Stmt::Raise(node) => {
                let value = match &node.exc {
                    Some(exc) => {
                        let value = self.expr(frame, exc)?;
                        if self.class(value).is_some() { self.call(value, CallArgs::default())? } else { value }
                    }
                    None => frame.handling.unwrap_or(Value::None),
                };
                return Err(Flow::Raise(value));
            }
            ast::Stmt::Assert(node) => {
                let value = self.expr(frame, &node.test)?;
                if self.truth(value) == Some(false) {
                    return Err(self.raise("AssertionError", "an assertion is false"));
                }
            }
            ast::Stmt::Delete(node) => {
                for target in &node.targets {
                    self.delete(frame, target)?;
                }
            }
            ast::Stmt::Global(node) => {
                for name in &node.names {
                    let name = self.names.intern(name);
                    if let Some(env) = frame.env {
                        self.envs[env.0 as usize].outer.push((name, true));
                    }
                }
            }
            ast::Stmt::Nonlocal(node) => {
                for name in &node.names {
                    let name = self.names.intern(name);
                    if let Some(env) = frame.env {
                        self.envs[env.0 as usize].outer.push((name, false));
                    }
                }
            }
            ast::Stmt::TypeAlias(node) => {
                if let ast::Expr::Name(name) = &*node.name {
                    let sym = self.name_of(&name.id);
                    self.bind_type_params(frame, node.type_params.as_deref());
                    let value = self.expr(frame, &node.value)?;
                    self.assign(frame, sym, value);
                }
            }
            ast::Stmt::Break(_) => return Ok(End::Break),
            ast::Stmt::Continue(_) => return Ok(End::Continue),
            ast::Stmt::Pass(_) | ast::Stmt::IpyEscapeCommand(_) => {}
        }
        Ok(End::Normal)
    }

    fn annotated(&mut self, frame: &mut Frame, node: &'a ast::StmtAnnAssign) -> Eval<()> {
        self.settle_annotation(frame, &node.annotation);
        if let (Some(class), ast::Expr::Name(name)) = (frame.class, &*node.target) {
            let name = self.name_of(&name.id);
            if let Object::Class(class) = self.object_mut(class) {
                match class.annotations.iter_mut().find(|(n, _)| *n == name) {
                    Some(slot) => slot.1 = &node.annotation,
                    None => class.annotations.push((name, &node.annotation)),
                }
            }
        }
        if let Some(value) = &node.value {
            let value = self.expr(frame, value)?;
            self.bind(frame, &node.target, value)?;
        }
        Ok(())
    }

    pub(crate) fn define(&mut self, frame: &mut Frame, node: &'a ast::StmtFunctionDef) -> Eval {
        self.bind_type_params(frame, node.type_params.as_deref());
        let mut decorators = Vec::with_capacity(node.decorator_list.len());
        for decorator in &node.decorator_list {
            decorators.push((self.expr(frame, &decorator.expression)?, decorator.range));
        }
        let name = self.name_of(&node.name);
        let mut value = self.make_function(frame, FunctionNode::Def(node), name)?;
        self.settle_annotations(frame, node);
        for (decorator, range) in decorators.into_iter().rev() {
            self.current = self.site(frame, range);
            value = self.decorate(decorator, value)?;
        }
        Ok(value)
    }

    /// Applies a decorator; one that is not known is taken to give back what it was given.
    pub(crate) fn decorate(&mut self, decorator: Value, value: Value) -> Eval {
        match self.obj(decorator) {
            None | Some(Object::External(_) | Object::Opaque { .. } | Object::Alternatives(_)) => {
                if let Some(Object::External(path)) = self.obj(decorator) {
                    let path = self.names.text(*path);
                    if path.ends_with("property") || path.ends_with(".validates") {
                        return Ok(self.alloc(Object::Property(value)));
                    }
                }
                Ok(value)
            }
            Some(_) => {
                let result = self.call(decorator, CallArgs { pos: vec![value], ..CallArgs::default() })?;
                Ok(
                    if matches!(result, Value::Unknown(_))
                        || matches!(self.obj(result), Some(Object::Opaque { .. } | Object::External(_)))
                    {
                        value
                    } else {
                        result
                    },
                )
            }
        }
    }

    pub(crate) fn make_function(&mut self, frame: &mut Frame, node: FunctionNode<'a>, name: Sym) -> Eval {
        let mut defaults = Vec::new();
        if let Some(parameters) = node.parameters() {
            for parameter in parameters.posonlyargs.iter().chain(&parameters.args).chain(&parameters.kwonlyargs) {
                if let Some(default) = &parameter.default {
                    let name = self.name_of(&parameter.parameter.name);
                    let value = self.expr(frame, default)?;
                    defaults.push((name, value));
                }
            }
        }
        let qualname = self.qualify(frame, name);
        let owner = frame.class.or(frame.owner);
        Ok(self.alloc(Object::Function(FunctionObject {
            node,
            module: frame.module,
            env: frame.env,
            owner,
            defaults,
            attrs: Namespace::default(),
            qualname,
        })))
    }

    pub(crate) fn qualify(&mut self, frame: &Frame, name: Sym) -> Sym {
        let prefix = if let Some(class) = frame.class {
            match self.object(class) {
                Object::Class(class) => Some((class.qualname, false)),
                _ => None,
            }
        } else {
            frame.qualname.map(|qualname| (qualname, true))
        };
        match prefix {
            Some((prefix, local)) => {
                let text = format!(
                    "{}{}.{}",
                    self.names.text(prefix),
                    if local { ".<locals>" } else { "" },
                    self.names.text(name)
                );
                self.names.intern(&text)
            }
            None => name,
        }
    }

    // ------------------------------------------------------------- branching

    fn if_statement(&mut self, frame: &mut Frame, node: &'a ast::StmtIf) -> Eval<End> {
        let mut clauses: Vec<(Option<&'a ast::Expr>, &'a [ast::Stmt])> =
            vec![(Some(&*node.test), node.body.as_slice())];
        clauses.extend(node.elif_else_clauses.iter().map(|clause| (clause.test.as_ref(), clause.body.as_slice())));
        self.clauses(frame, &clauses)
    }

    fn clauses(&mut self, frame: &mut Frame, clauses: &[(Option<&'a ast::Expr>, &'a [ast::Stmt])]) -> Eval<End> {
        let Some(((test, body), rest)) = clauses.split_first() else { return Ok(End::Normal) };
        let Some(test) = test else { return self.block(frame, body) };
        let value = match self.condition_value(frame, test) {
            Ok(value) => value,
            Err(Flow::Raise(error)) if self.trying == 0 => {
                let _ = error;
                self.unknown("the condition raises")
            }
            Err(other) => return Err(other),
        };
        if self.is_type_checking(value) && frame.env.is_none() && frame.class.is_none() {
            self.defer_bindings(frame.module, body);
        }
        match self.truth(value) {
            Some(true) => self.side(frame, body),
            Some(false) => self.clauses(frame, rest),
            None => {
                let site = self.site(frame, test.range());
                self.fork(
                    frame,
                    site,
                    &mut [&mut |machine, frame| machine.block(frame, body), &mut |machine, frame| {
                        machine.clauses(frame, rest)
                    }],
                )
            }
        }
    }

    fn try_statement(&mut self, frame: &mut Frame, node: &'a ast::StmtTry) -> Eval<End> {
        // Where the program does start, nothing was raised that leaves it.
        let catches = u32::from(!catches_nothing(node));
        self.trying += catches;
        let result = self.block(frame, &node.body);
        self.trying -= catches;
        let result = match result {
            Ok(End::Normal) => self.block(frame, &node.orelse),
            Err(Flow::Raise(error)) => self.handle(frame, node, error),
            other => other,
        };
        match self.block(frame, &node.finalbody)? {
            End::Normal => result,
            other => Ok(other),
        }
    }

    fn handle(&mut self, frame: &mut Frame, node: &'a ast::StmtTry, error: Value) -> Eval<End> {
        for ast::ExceptHandler::ExceptHandler(handler) in &node.handlers {
            let caught = match &handler.type_ {
                None => Some(true),
                Some(expr) => {
                    let class = self.expr(frame, expr)?;
                    self.is_instance(error, class)
                }
            };
            if caught == Some(false) {
                continue;
            }
            if let Some(name) = &handler.name {
                let name = self.names.intern(name);
                self.assign(frame, name, error);
            }
            let before = frame.handling.replace(error);
            let result = self.block(frame, &handler.body);
            frame.handling = before;
            return result;
        }
        Err(Flow::Raise(error))
    }

    // --------------------------------------------------------------- targets

    pub(crate) fn bind(&mut self, frame: &mut Frame, target: &'a ast::Expr, value: Value) -> Eval<()> {
        match target {
            ast::Expr::Name(name) => {
                let name = self.name_of(&name.id);
                self.assign(frame, name, value);
            }
            ast::Expr::Attribute(node) => {
                let object = self.expr(frame, &node.value)?;
                let name = self.name_of(&node.attr);
                self.set_attribute(object, name, value)?;
            }
            ast::Expr::Subscript(node) => {
                let object = self.expr(frame, &node.value)?;
                let index = self.expr(frame, &node.slice)?;
                self.set_item(object, index, value)?;
            }
            ast::Expr::Tuple(node) => self.unpack(frame, &node.elts, value)?,
            ast::Expr::List(node) => self.unpack(frame, &node.elts, value)?,
            ast::Expr::Starred(node) => self.bind(frame, &node.value, value)?,
            _ => {}
        }
        Ok(())
    }

    fn unpack(&mut self, frame: &mut Frame, targets: &'a [ast::Expr], value: Value) -> Eval<()> {
        let items = match self.items(value)? {
            Some((items, true)) => Some(items),
            _ => None,
        };
        let star = targets.iter().position(|target| matches!(target, ast::Expr::Starred(_)));
        match (items, star) {
            (Some(items), None) if items.len() == targets.len() => {
                for (target, item) in targets.iter().zip(items) {
                    self.bind(frame, target, item)?;
                }
            }
            (Some(items), Some(star)) if items.len() + 1 >= targets.len() => {
                let after = targets.len() - star - 1;
                for (target, item) in targets[..star].iter().zip(&items) {
                    self.bind(frame, target, *item)?;
                }
                let middle = self.list(items[star..items.len() - after].to_vec());
                self.bind(frame, &targets[star], middle)?;
                for (target, item) in targets[star + 1..].iter().zip(&items[items.len() - after..]) {
                    self.bind(frame, target, *item)?;
                }
            }
            _ => {
                let element = self.element_of(value);
                for target in targets {
                    self.bind(frame, target, element)?;
                }
            }
        }
        Ok(())
    }

    pub(super) fn delete_attribute(&mut self, object: Value, name: Sym) {
        let Value::Obj(id) = object else { return };
        match self.object_mut(id) {
            Object::Class(class) => {
                class.ns.shift_remove(&name);
            }
            Object::Instance { attrs, .. } => {
                attrs.shift_remove(&name);
            }
            Object::Function(function) => {
                function.attrs.shift_remove(&name);
            }
            _ => {}
        }
    }

    fn delete(&mut self, frame: &mut Frame, target: &'a ast::Expr) -> Eval<()> {
        match target {
            ast::Expr::Subscript(node) => {
                let object = self.expr(frame, &node.value)?;
                let index = self.expr(frame, &node.slice)?;
                // Lists are the same in all branches: what is taken out of one in some case may still be there.
                let condition = self.active_condition().and_then(|at| self.conditions.get(at as usize));
                let is_doubtful = condition.is_some_and(|condition| condition.site.module == self.current.module);
                if let (Value::Obj(id), Some(key)) = (object, self.key(index)) {
                    if let Object::Dict(data) = self.object_mut(id) {
                        data.items.shift_remove(&key);
                    } else if let (Object::List(items, _), DictKey::Int(index)) = (self.object_mut(id), key)
                        && let Some(index) = usize::try_from(index).ok().filter(|index| *index < items.len())
                        && !is_doubtful
                    {
                        items.remove(index);
                    }
                }
            }
            ast::Expr::Attribute(node) => {
                let object = self.expr(frame, &node.value)?;
                let name = self.name_of(&node.attr);
                self.delete_attribute(object, name);
            }
            _ => {}
        }
        Ok(())
    }
}
