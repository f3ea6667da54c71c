//! Reads the code of a project, module by module, in parallel: its functions and classes, what they take and hold.

use architect_source::in_parallel_beside;
use rayon::prelude::*;
use ruff_python_ast as ast;
use ruff_python_ast::visitor::Visitor;
use ruff_text_size::{Ranged, TextRange};

use super::module::{docstring, first_line, read_module, style};
use super::names::{Lookups, ModuleNames, Names};
use super::read::Reader;
use super::shape::{Shape, shape};
use super::{Class, Code, Field, Function, Module as ModuleFacts, Parameter};
use crate::facts::first_yield;
use crate::parse::{Module, STACK_BYTES};

/// What the code of the given modules says. `aside` tells which paths are no part of the service; `manner` asks for how
/// the code is written, too: modules, styles of docstrings, shapes of bodies and what was missing where something is
/// raised. It needs nothing but the syntax trees, so that the program can be run meanwhile.
pub fn read_code(modules: &[&Module], manner: bool, aside: &(dyn Fn(&str) -> bool + Sync)) -> Code {
    let found: Vec<(Vec<Function>, Vec<Class>, Option<ModuleFacts>)> = in_parallel_beside(STACK_BYTES, || {
        let names = Names::new(modules.par_iter().map(|module| ModuleNames::read(module)).collect());
        (0..names.modules.len())
            .into_par_iter()
            .map(|at| {
                let aside = aside(&names.modules[at].module.path);
                let lookups = Lookups::default();
                let mut out = Collector {
                    names: &names,
                    lookups: &lookups,
                    at,
                    aside,
                    manner,
                    functions: Vec::new(),
                    classes: Vec::new(),
                    facts: None,
                };
                out.module();
                (out.functions, out.classes, out.facts)
            })
            .collect()
    });
    let mut functions = Vec::with_capacity(found.iter().map(|(own, ..)| own.len()).sum());
    let mut classes = Vec::with_capacity(found.iter().map(|(_, theirs, _)| theirs.len()).sum());
    let mut modules = Vec::new();
    for (own, theirs, facts) in found {
        functions.extend(own);
        classes.extend(theirs);
        modules.extend(facts);
    }
    Code::new(functions, classes, modules)
}

struct Collector<'n, 'a> {
    names: &'n Names<'a>,
    lookups: &'n Lookups<'a>,
    at: usize,
    aside: bool,
    manner: bool,
    functions: Vec<Function>,
    classes: Vec<Class>,
    facts: Option<ModuleFacts>,
}

impl<'a> Collector<'_, 'a> {
    fn module(&mut self) {
        let module = self.names.modules[self.at].module;
        let mut reader = Reader { top: true, ..Reader::new(self.names, self.lookups, self.at, None) };
        module.body.iter().for_each(|stmt| reader.visit_stmt(stmt));
        let nested = std::mem::take(&mut reader.nested);
        if self.manner {
            self.facts = Some(read_module(&reader, self.aside, module.location(TextRange::default())));
        }
        let mut top = reader.done(format!("{}:", module.name), module.location(TextRange::default()));
        top.aside = self.aside;
        self.functions.push(top);
        nested.into_iter().for_each(|def| self.definition(def, "", None));
    }

    fn definition(&mut self, def: Nested<'a>, prefix: &str, class: Option<&str>) {
        let module = self.names.modules[self.at].module;
        match def {
            Nested::Function(def) => {
                let qualname = format!("{prefix}{}", def.name);
                let mut reader = Reader::new(self.names, self.lookups, self.at, class.map(str::to_owned));
                reader.manner = self.manner;
                let inner = format!("{qualname}.<locals>.");
                reader.inner = Some(format!("{}:{inner}", module.name));
                reader.parameters = def
                    .parameters
                    .iter()
                    .map(|parameter| (parameter.name().as_str(), parameter.annotation()))
                    .collect();
                def.body.iter().for_each(|stmt| reader.visit_stmt(stmt));
                let nested = std::mem::take(&mut reader.nested);
                let outer = Reader::new(self.names, self.lookups, self.at, None);
                let decorators = def.decorator_list.iter().map(|one| outer.operand(&one.expression, None, 0)).collect();
                let parameters = def
                    .parameters
                    .iter()
                    .map(|one| Parameter {
                        name: one.name().to_string(),
                        annotation: one.annotation().map(|annotation| outer.text(annotation.range())),
                        class: one.annotation().and_then(|annotation| self.names.alias(self.at, annotation, 0)?.name()),
                        default: one.default().map(|default| outer.operand(default, None, 0)),
                        is_variadic: one.is_variadic(),
                        location: module.location(one.range()),
                    })
                    .collect();
                let returns_type = def.returns.as_deref().map(|one| outer.text(one.range()));
                let shape = if self.manner { shape(&reader, &def.parameters, &def.body) } else { Shape::default() };
                let mut function =
                    reader.done(format!("{}:{qualname}", module.name), module.location(def.name.range()));
                function.aside = self.aside;
                function.is_async = def.is_async;
                function.first_yield = first_yield(&def.body).map(|one| module.location(one.range()));
                function.is_generator = function.first_yield.is_some();
                function.class = class.map(str::to_owned);
                function.decorators = decorators;
                function.parameters = parameters;
                function.returns_type = returns_type;
                function.docstring = docstring(&def.body).map(first_line);
                function.docstring_style = docstring(&def.body).filter(|_| self.manner).map(style);
                let end = module.location(def.range());
                function.lines = (end.end_line.saturating_sub(end.line) + 1) as usize;
                (function.shape, function.nodes, function.body_lines) = (shape.hash, shape.nodes, shape.lines);
                self.functions.push(function);
                nested.into_iter().for_each(|def| self.definition(def, &inner, None));
            }
            Nested::Class(def) => {
                let qualname = format!("{prefix}{}", def.name);
                let name = format!("{}:{qualname}", module.name);
                let outer = Reader::new(self.names, self.lookups, self.at, None);
                let bases = def
                    .bases()
                    .iter()
                    .filter_map(|base| {
                        self.names.alias(self.at, base, 0).and_then(|base| base.name()).or_else(|| outer.resolve(base))
                    })
                    .collect();
                let mut fields = Vec::new();
                class_fields(&outer, &def.body, "", &mut fields);
                let decorators = def.decorator_list.iter().map(|one| outer.operand(&one.expression, None, 0)).collect();
                let location = module.location(def.name.range());
                let whole = module.location(def.range);
                self.classes.push(Class {
                    name: name.clone(),
                    location,
                    aside: self.aside,
                    bases,
                    fields,
                    decorators,
                    docstring: docstring(&def.body).map(first_line),
                    lines: (whole.end_line.saturating_sub(whole.line) + 1) as usize,
                });
                for stmt in &def.body {
                    match stmt {
                        ast::Stmt::FunctionDef(inner) => {
                            self.definition(Nested::Function(inner), &format!("{qualname}."), Some(&name));
                        }
                        ast::Stmt::ClassDef(inner) => {
                            self.definition(Nested::Class(inner), &format!("{qualname}."), None);
                        }
                        _ => {}
                    }
                }
            }
        }
    }
}

fn class_fields<'a>(reader: &Reader<'_, 'a>, body: &'a [ast::Stmt], prefix: &str, out: &mut Vec<Field>) {
    for stmt in body {
        match stmt {
            ast::Stmt::AnnAssign(node) => {
                if let ast::Expr::Name(name) = &*node.target {
                    out.push(Field {
                        name: format!("{prefix}{}", name.id),
                        annotation: Some(reader.text(node.annotation.range())),
                        value: node.value.as_deref().map(|value| reader.operand(value, None, 0)),
                        location: reader.location(node.range),
                    });
                }
            }
            ast::Stmt::Assign(node) => {
                if let [ast::Expr::Name(name)] = node.targets.as_slice() {
                    out.push(Field {
                        name: format!("{prefix}{}", name.id),
                        annotation: None,
                        value: Some(reader.operand(&node.value, None, 0)),
                        location: reader.location(node.range),
                    });
                }
            }
            ast::Stmt::ClassDef(node) if prefix.is_empty() => {
                class_fields(reader, &node.body, &format!("{}.", node.name), out);
            }
            _ => {}
        }
    }
}

pub(super) enum Nested<'a> {
    Function(&'a ast::StmtFunctionDef),
    Class(&'a ast::StmtClassDef),
}
