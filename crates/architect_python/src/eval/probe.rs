//! What maintainers ask the machine: what an expression is, and where the budget goes.

use ruff_python_ast as ast;
use ruff_text_size::Ranged;
use rustc_hash::FxHashMap;

use super::{Evaluator, Flow, Frame};
use crate::value::{ModuleId, Object, Site, Sym, Value};

/// Expressions evaluated per function and per module-level statement, called ones included.
#[derive(Debug, Default)]
pub(super) struct Costs {
    functions: FxHashMap<(ModuleId, Sym), (u64, u64)>,
    statements: Vec<(Site, u64)>,
}

impl<'a> Evaluator<'a> {
    /// Counts from now on where the budget goes.
    pub fn count_costs(&mut self) {
        self.costs = Some(Costs::default());
    }

    pub(super) fn note_cost(&mut self, module: ModuleId, qualname: Sym, before: u64) {
        let spent = before.saturating_sub(self.total);
        if let Some(costs) = &mut self.costs {
            let entry = costs.functions.entry((module, qualname)).or_default();
            entry.0 += spent;
            entry.1 += 1;
        }
    }

    pub(super) fn note_statement_cost(&mut self, module: ModuleId, stmt: &ast::Stmt, before: u64) {
        let spent = before.saturating_sub(self.total);
        if let Some(costs) = &mut self.costs {
            costs.statements.push((Site { module, range: stmt.range() }, spent));
        }
    }

    /// The most expensive functions and module-level statements, one a line: expressions, calls, name.
    #[must_use]
    pub fn cost_report(&self, lines: usize) -> String {
        let Some(costs) = &self.costs else { return String::new() };
        let mut out = format!("{:>10}          left of the budget\n", self.total);
        let sizes = [
            (self.heap.len(), "objects"),
            (self.envs.len(), "scopes"),
            (self.unknowns.len(), "unknowns"),
            (self.externals.len(), "names of libraries that are not read"),
            (self.program.module_count(), "modules"),
        ];
        for (count, what) in sizes {
            out.push_str(&format!("{count:>10}          {what}\n"));
        }
        let mut functions: Vec<_> = costs.functions.iter().collect();
        functions.sort_by_key(|(_, (spent, _))| std::cmp::Reverse(*spent));
        for ((module, name), (spent, calls)) in functions.into_iter().take(lines) {
            let module = &self.program.module(*module).name;
            out.push_str(&format!("{spent:>10} {calls:>8} {module}:{}\n", self.names.text(*name)));
        }
        let mut statements: Vec<_> = costs.statements.iter().collect();
        statements.sort_by_key(|(_, spent)| std::cmp::Reverse(*spent));
        for (site, spent) in statements.into_iter().take(lines) {
            let module = self.program.module(site.module);
            out.push_str(&format!("{spent:>10}          {}:{}\n", module.name, module.location(site.range).line));
        }
        out
    }

    /// What `text` is in the namespace of a module, for a person to read.
    pub fn evaluate_in(&mut self, module: &str, text: &str) -> String {
        let Some(id) = self.program.find(module) else { return format!("there is no module {module}") };
        self.import(module);
        let Ok(parsed) = ruff_python_parser::parse_expression(text) else { return "not an expression".to_owned() };
        let expr: &'a ast::Expr = self.program.keep_expression(parsed.into_expr());
        let mut frame = Frame::of_module(id);
        self.fuel = super::STATEMENT_FUEL;
        match self.expr(&mut frame, expr) {
            Ok(value) => self.show(value, 0),
            Err(Flow::Raise(error)) => {
                let place = self.program.module(self.current.module).location(self.current.range);
                format!("raises {} at {}:{}", self.describe_exception(error), place.path, place.line)
            }
            Err(Flow::Exhausted) => "no result within the budget".to_owned(),
        }
    }

    fn show(&mut self, value: Value, depth: usize) -> String {
        if depth > 3 {
            return "…".to_owned();
        }
        let Value::Obj(id) = value else {
            return match value {
                Value::Unknown(reason) => {
                    let (why, site) = self.reason(reason);
                    let place = site.map(|site| self.program.module(site.module).location(site.range));
                    let place = place.map(|place| format!(" at {}:{}", place.path, place.line)).unwrap_or_default();
                    format!("Unknown({why}{place})")
                }
                _ => self.text_of_value(value, true).ok().flatten().unwrap_or_default(),
            };
        };
        match self.object(id).clone() {
            Object::List(items, open) => {
                let items: Vec<_> = items.into_iter().take(30).map(|item| self.show(item, depth + 1)).collect();
                format!("[{}{}]", items.join(", "), if open { ", *" } else { "" })
            }
            Object::Tuple(items) => {
                let items: Vec<_> = items.into_iter().take(30).map(|item| self.show(item, depth + 1)).collect();
                format!("({})", items.join(", "))
            }
            Object::Alternatives(items) => {
                let items: Vec<_> = items.into_iter().map(|item| self.show(item, depth + 1)).collect();
                format!("Either({})", items.join(" | "))
            }
            Object::Dict(data) | Object::Set(data) => {
                let mut items = Vec::new();
                for (key, value) in data.items.into_values().take(30) {
                    items.push(format!("{}: {}", self.show(key, depth + 1), self.show(value, depth + 1)));
                }
                format!("{{{}{}}}", items.join(", "), if data.open { ", *" } else { "" })
            }
            Object::Instance { class, attrs, .. } => {
                let class = self.type_text(Value::Obj(class));
                let attrs: Vec<_> = attrs
                    .iter()
                    .map(|(name, value)| {
                        format!("{}={}", self.names.text(*name).to_owned(), self.show(*value, depth + 1))
                    })
                    .collect();
                format!("<{class} {}>", attrs.join(" "))
            }
            Object::Function(function) => {
                let module = &self.program.module(function.module).name;
                format!("<function {module}:{}>", self.names.text(function.qualname))
            }
            Object::Bound { receiver, function } => {
                format!("<bound {} of {}>", self.show(function, depth + 1), self.show(receiver, depth + 1))
            }
            Object::External(path) => format!("External({})", self.names.text(path)),
            Object::Opaque { callee, args, .. } => {
                let callee = self.show(callee, depth + 1);
                let args: Vec<_> = args.pos.into_iter().map(|arg| self.show(arg, depth + 1)).collect();
                format!("Opaque({callee} called with {})", args.join(", "))
            }
            Object::Module(module) => format!("<module {}>", self.program.module(module).name),
            Object::Native(name) => format!("<native {name}>"),
            Object::Suspended { function, coroutine, .. } => {
                let function = self.show(Value::Obj(function), depth + 1);
                format!("<{} of {function}>", if coroutine { "coroutine" } else { "generator" })
            }
            _ => self.type_text(value),
        }
    }
}

impl Evaluator<'_> {
    /// Gives what is asked next its budget.
    pub(crate) fn refuel(&mut self) {
        self.fuel = super::NAME_FUEL;
    }

    /// What a name means in the scope around a function.
    pub(crate) fn free_name(&mut self, env: Option<crate::value::EnvId>, module: ModuleId, name: Sym) -> Value {
        let frame = Frame { env, ..Frame::of_module(module) };
        match self.lookup(&frame, name) {
            Ok(value) => value,
            Err(_) => self.unknown("a name that has no value within its budget"),
        }
    }

    /// What a name stands for in the functions around one.
    pub(crate) fn closed_over(&self, env: Option<crate::value::EnvId>, name: &str) -> Option<Value> {
        let name = self.names.lookup(name)?;
        let mut at = env;
        while let Some(env) = at {
            let scope = &self.envs[env.0 as usize];
            if let Some((_, value)) = scope.vars.iter().find(|(known, _)| *known == name) {
                return Some(*value);
            }
            at = scope.parent;
        }
        None
    }

    /// What a function gives for constants, where that is a constant, too.
    pub(crate) fn compute(&mut self, function: crate::value::ObjectId, args: crate::value::CallArgs) -> Option<Value> {
        self.refuel();
        match self.call(Value::Obj(function), args) {
            Ok(value @ (Value::Str(_) | Value::Int(_) | Value::Bool(_) | Value::None)) => Some(value),
            _ => None,
        }
    }

    /// The text a name has in a scope of a function.
    pub(crate) fn scope_text(&self, env: crate::value::EnvId, name: &str) -> Option<String> {
        let name = self.names.lookup(name)?;
        let scope = &self.envs[env.0 as usize];
        let (_, value) = scope.vars.iter().find(|(known, _)| *known == name)?;
        self.text(*value).map(str::to_owned)
    }

    /// What an import inside a function gives.
    pub(crate) fn import_late(&mut self, base: &str, name: Option<&str>) -> Value {
        self.refuel();
        let module = self.import_module(base);
        let value = match (module, name) {
            (Ok(module), Some(name)) => self.member(module, base, name),
            (module, _) => module,
        };
        value.unwrap_or_else(|_| self.unknown("an import that has no result"))
    }

    /// `value.name` where reading it runs no code of the program.
    pub(crate) fn peek_attribute(&mut self, value: Value, name: Sym) -> Option<Value> {
        self.attribute_opt(value, name).ok().flatten()
    }
}
