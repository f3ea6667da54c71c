//! Reads of attributes that the class of an instance, and those of the project that it derives from, do not bind.

use std::cell::RefCell;
use std::rc::Rc;

use ruff_python_ast as ast;
use ruff_python_ast::visitor::{Visitor, walk_stmt};
use rustc_hash::{FxHashMap, FxHashSet};

use super::names::{Definition, Names, Target, path_of};
use super::read::{Local, Reader};
use super::shape::without_docstring;

/// Bases of bases, and what functions return, are followed so far.
const MAX_STEPS: u32 = 8;

/// What was worked out while a module is read: the same instances are asked for the same attributes again and again.
#[derive(Default)]
pub(super) struct Instances<'a> {
    classes: RefCell<FxHashMap<Rc<str>, Rc<Members<'a>>>>,
    /// Classes of what names of the module stand for.
    names: RefCell<FxHashMap<&'a str, Option<Rc<str>>>>,
    /// The same for values of locals and for annotations, by where they are in memory, where they stay.
    places: RefCell<FxHashMap<usize, Option<Rc<str>>>>,
}

/// What a class has.
#[derive(Default)]
struct Members<'a> {
    /// Names that it or a class of the project that it derives from binds, or that a method sets on an object.
    names: FxHashSet<&'a str>,
    /// Whether it may have others.
    is_open: bool,
    /// Annotations of its own body.
    annotated: FxHashMap<&'a str, &'a ast::Expr>,
    /// What its own methods set attributes to; nothing where there are several.
    sets: FxHashMap<&'a str, Option<&'a ast::Expr>>,
}

impl<'a> Reader<'_, 'a> {
    /// The class of the project whose instance lacks the attribute that is read.
    pub(super) fn lacking(&self, node: &'a ast::ExprAttribute) -> Option<Rc<str>> {
        if node.attr.starts_with('_') {
            return None;
        }
        let class = self.instance(&node.value, 0)?;
        let members = self.members(&class, 0);
        (!members.is_open && !members.names.contains(node.attr.as_str())).then_some(class)
    }

    /// The class of the project of which an expression is an instance, where only one can be meant.
    fn instance(&self, expr: &'a ast::Expr, depth: u32) -> Option<Rc<str>> {
        if depth > MAX_STEPS {
            return None;
        }
        match expr {
            ast::Expr::Name(name) => {
                let id = name.id.as_str();
                match self.locals.get(id) {
                    Some(Local::Expr(value @ ast::Expr::Call(_))) => {
                        let value: &'a ast::Expr = value;
                        return self.once(value, || self.instance(value, depth + 1));
                    }
                    Some(Local::Import(path)) => {
                        return match self.names.dotted(path, 0)? {
                            Target::Value(at, value, name) => self.names.instance(at, value, &name, 0),
                            _ => None,
                        };
                    }
                    Some(_) => return None,
                    None => {}
                }
                let mut parameters = self.parameters.iter();
                if let Some((_, annotation)) = parameters.find(|(known, _)| *known == id) {
                    if let Some(class) = self.own.as_ref().filter(|_| id == "self")
                        && self.parameters[0].0 == id
                    {
                        return Some(Rc::clone(class));
                    }
                    let annotation = (*annotation)?;
                    return self.once(annotation, || own(self.names.alias(self.at, annotation, 0)?));
                }
                if self.globals.contains(&id) {
                    return None;
                }
                if let Some(known) = self.lookups.instances.names.borrow().get(id) {
                    return known.clone();
                }
                let found = self.lookups.name(self.names, self.at, id).and_then(|target| match target {
                    Target::Value(at, value, name) => self.names.instance(at, value, &name, 0),
                    _ => None,
                });
                self.lookups.instances.names.borrow_mut().insert(id, found.clone());
                found
            }
            ast::Expr::Attribute(node) => {
                if let Some(class) = self.instance(&node.value, depth + 1) {
                    return self.held(&class, &node.attr, 0);
                }
                // A name of another module: `config.settings`.
                let ast::Expr::Name(module) = &*node.value else { return None };
                if self.locals.contains_key(module.id.as_str()) || self.is_parameter(&module.id) {
                    return None;
                }
                let path = self.names.modules[self.at].imports.get(module.id.as_str())?;
                let Target::Module(at) = self.names.dotted(path, 0)? else { return None };
                match self.names.within(at, &node.attr, 0)? {
                    Target::Value(at, value, name) => self.names.instance(at, value, &name, 0),
                    _ => None,
                }
            }
            ast::Expr::Call(call) => {
                let (ast::Expr::Name(_) | ast::Expr::Attribute(_)) = &*call.func else { return None };
                self.names.made(&self.target(&call.func, depth + 1)?, 0)
            }
            _ => None,
        }
    }

    /// What `find` finds for an expression, worked out once.
    fn once(&self, expr: &'a ast::Expr, find: impl FnOnce() -> Option<Rc<str>>) -> Option<Rc<str>> {
        let place = std::ptr::from_ref(expr).addr();
        if let Some(known) = self.lookups.instances.places.borrow().get(&place) {
            return known.clone();
        }
        let found = find();
        self.lookups.instances.places.borrow_mut().insert(place, found.clone());
        found
    }

    fn members(&self, class: &Rc<str>, steps: u32) -> Rc<Members<'a>> {
        if let Some(known) = self.lookups.instances.classes.borrow().get(class) {
            return Rc::clone(known);
        }
        let mut members = Members::default();
        match self.names.class(class).filter(|_| steps <= MAX_STEPS) {
            None => members.is_open = true,
            Some((at, def)) => {
                let has_metaclass = def.arguments.as_deref().is_some_and(|given| !given.keywords.is_empty());
                members.is_open = has_metaclass || !def.decorator_list.is_empty();
                members.body(&def.body);
                def.body.iter().for_each(|stmt| members.visit_stmt(stmt));
                for base in def.bases() {
                    match self.names.alias(at, base, 0) {
                        Some(Target::Own(base, Definition::Class(_))) => {
                            let base = self.members(&base, steps + 1);
                            members.is_open |= base.is_open;
                            members.names.extend(&base.names);
                        }
                        // What libraries bring is not read here.
                        Some(Target::External(_)) => {}
                        _ => members.is_open = true,
                    }
                }
            }
        }
        let members = Rc::new(members);
        self.lookups.instances.classes.borrow_mut().insert(Rc::clone(class), Rc::clone(&members));
        members
    }

    /// The class of an attribute that a class annotates, or that its `__init__` sets to a parameter.
    fn held(&self, class: &Rc<str>, name: &str, steps: u32) -> Option<Rc<str>> {
        let members = self.members(class, 0);
        let (at, def) = self.names.class(class).filter(|_| steps <= MAX_STEPS && members.names.contains(name))?;
        if let Some(annotation) = members.annotated.get(name) {
            return self.once(annotation, || own(self.names.alias(at, annotation, 0)?));
        }
        if let Some(set) = members.sets.get(name) {
            let given = (*set)?.as_name_expr()?;
            let init = def.body.iter().find_map(|stmt| match stmt {
                ast::Stmt::FunctionDef(init) if init.name.as_str() == "__init__" => Some(init),
                _ => None,
            })?;
            let annotation = init.parameters.iter().find(|one| one.name().id == given.id)?.annotation()?;
            return self.once(annotation, || own(self.names.alias(at, annotation, 0)?));
        }
        def.bases().iter().find_map(|base| self.held(&own(self.names.alias(at, base, 0)?)?, name, steps + 1))
    }
}

fn own(target: Target<'_>) -> Option<Rc<str>> {
    match target {
        Target::Own(name, Definition::Class(_)) => Some(name),
        _ => None,
    }
}

impl<'a> Names<'a> {
    /// The class of what a name of a module is bound to, where it is bound once.
    fn instance(&self, at: usize, value: &'a ast::Expr, name: &str, steps: u32) -> Option<Rc<str>> {
        let name = name.rsplit(':').next().unwrap_or(name);
        if steps > MAX_STEPS || self.modules[at].rebound.contains(name) {
            return None;
        }
        match value {
            ast::Expr::Call(call) => self.made(&self.within(at, &path_of(&call.func)?, 0)?, steps + 1),
            ast::Expr::Name(_) | ast::Expr::Attribute(_) => match self.within(at, &path_of(value)?, 0)? {
                Target::Value(at, value, name) => self.instance(at, value, &name, steps + 1),
                _ => None,
            },
            _ => None,
        }
    }

    /// The class of what calling something gives: that class, or what a function says that it returns.
    fn made(&self, callee: &Target<'a>, steps: u32) -> Option<Rc<str>> {
        if steps > MAX_STEPS {
            return None;
        }
        let Target::Own(name, definition) = callee else { return None };
        let def = match definition {
            Definition::Class(_) => return Some(Rc::clone(name)),
            Definition::Function(def) => def,
        };
        // What other decorators make of it is not known.
        let kept = def.decorator_list.iter().all(|one| {
            let func = match &one.expression {
                ast::Expr::Call(call) => &call.func,
                other => other,
            };
            path_of(func).is_some_and(|path| {
                matches!(path.rsplit('.').next(), Some("lru_cache" | "cache" | "staticmethod" | "classmethod"))
            })
        });
        if !kept || def.is_async {
            return None;
        }
        let at = self.module(name.split(':').next()?)?;
        if let Some(annotation) = def.returns.as_deref() {
            return own(self.alias(at, annotation, 0)?);
        }
        // Without an annotation, where all it does is to return one.
        let [ast::Stmt::Return(only)] = without_docstring(&def.body) else { return None };
        match only.value.as_deref()? {
            ast::Expr::Call(call) => self.made(&self.within(at, &path_of(&call.func)?, 0)?, steps + 1),
            _ => None,
        }
    }

    fn class(&self, name: &str) -> Option<(usize, &'a ast::StmtClassDef)> {
        let (module, qualname) = name.split_once(':')?;
        let at = self.module(module)?;
        match self.modules[at].definitions.get(qualname)? {
            Definition::Class(def) => Some((at, def)),
            Definition::Function(_) => None,
        }
    }
}

impl<'a> Members<'a> {
    /// Adds what the body of a class binds.
    fn body(&mut self, body: &'a [ast::Stmt]) {
        for stmt in body {
            match stmt {
                ast::Stmt::AnnAssign(node) => {
                    self.bind(&node.target);
                    if let ast::Expr::Name(name) = &*node.target {
                        self.annotated.insert(&name.id, &node.annotation);
                    }
                }
                ast::Stmt::Assign(node) => node.targets.iter().for_each(|target| self.bind(target)),
                ast::Stmt::FunctionDef(def) => {
                    self.is_open |= matches!(def.name.as_str(), "__getattr__" | "__getattribute__" | "__new__");
                    self.names.insert(&def.name);
                }
                ast::Stmt::ClassDef(def) => {
                    self.names.insert(&def.name);
                }
                ast::Stmt::If(node) => {
                    self.body(&node.body);
                    node.elif_else_clauses.iter().for_each(|clause| self.body(&clause.body));
                }
                ast::Stmt::Pass(_) => {}
                ast::Stmt::Expr(node)
                    if matches!(&*node.value, ast::Expr::StringLiteral(_) | ast::Expr::EllipsisLiteral(_)) => {}
                // Loops, imports and the like bind what the text does not show.
                _ => self.is_open = true,
            }
        }
    }

    fn bind(&mut self, target: &'a ast::Expr) {
        match target {
            ast::Expr::Name(node) => {
                self.names.insert(&node.id);
            }
            ast::Expr::Tuple(node) => node.elts.iter().for_each(|one| self.bind(one)),
            _ => {}
        }
    }

    fn set(&mut self, target: &'a ast::Expr, value: Option<&'a ast::Expr>) {
        match target {
            ast::Expr::Attribute(node) => {
                self.names.insert(&node.attr);
                self.sets.entry(&node.attr).and_modify(|known| *known = None).or_insert(value);
            }
            ast::Expr::Tuple(node) => node.elts.iter().for_each(|one| self.set(one, None)),
            _ => {}
        }
    }
}

impl<'a> Visitor<'a> for Members<'a> {
    fn visit_stmt(&mut self, stmt: &'a ast::Stmt) {
        match stmt {
            ast::Stmt::Assign(node) => node.targets.iter().for_each(|target| self.set(target, Some(&node.value))),
            ast::Stmt::AnnAssign(node) => self.set(&node.target, node.value.as_deref()),
            ast::Stmt::AugAssign(node) => self.set(&node.target, None),
            ast::Stmt::For(node) => self.set(&node.target, None),
            ast::Stmt::With(node) => {
                node.items.iter().filter_map(|item| item.optional_vars.as_deref()).for_each(|one| self.set(one, None));
            }
            _ => {}
        }
        walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, _: &'a ast::Expr) {}
}
