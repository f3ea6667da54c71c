//! Calls: of functions with their closures, classes, bound methods, instances, and of what is not known.

use ruff_python_ast as ast;

use super::{DEPTH_LIMIT, End, Eval, Evaluator, Flow, Frame};
use crate::facts::is_generator;
use crate::parse::ModuleKind;
use crate::value::{
    CallArgs, DictData, DictKey, EnvId, FunctionNode, ModuleId, Namespace, Object, ObjectId, Sym, Value,
};

/// Turns of a recursion at most of which each hangs on something unknown.
const DOUBTFUL_TURNS: usize = 4;

impl<'a> Evaluator<'a> {
    pub(crate) fn call_expression(&mut self, frame: &mut Frame, node: &'a ast::ExprCall) -> Eval {
        if let ast::Expr::Name(name) = &*node.func {
            if name.id.as_str() == "super" && node.arguments.args.is_empty() {
                return Ok(self.zero_super(frame));
            }
            if matches!(name.id.as_str(), "locals" | "globals") && node.arguments.args.is_empty() {
                return Ok(self.scope_dict(frame, name.id.as_str() == "globals"));
            }
        }
        let callee = self.expr(frame, &node.func)?;
        let args = self.arguments(frame, &node.arguments)?;
        let site = self.site(frame, ruff_text_size::Ranged::range(node));
        self.current = site;
        let result = match &*node.func {
            ast::Expr::Attribute(method) if self.setup.watched.contains(&method.attr.as_str()) => {
                self.called.insert(site);
                self.call_watched(callee, args)
            }
            _ => self.call(callee, args),
        };
        self.current = site;
        result
    }

    /// A call on which the program hangs: it has the budget of a statement, and leaves half of what there was to the
    /// statement that makes it, so that a long list of such calls comes to its end.
    fn call_watched(&mut self, callee: Value, args: CallArgs) -> Eval {
        let outer = self.fuel;
        let budget = outer.max(super::STATEMENT_FUEL.min(self.total / 8));
        self.fuel = budget;
        let result = self.call(callee, args);
        let used = budget - self.fuel.min(budget);
        self.fuel = outer.saturating_sub(used).max(outer / 2);
        result
    }

    fn scope_dict(&mut self, frame: &Frame, global: bool) -> Value {
        let pairs: Vec<_> = match frame.env {
            Some(env) if !global => {
                self.envs[env.0 as usize].vars.iter().map(|(name, value)| (Value::Str(*name), *value)).collect()
            }
            _ => return self.globals_of(frame.module),
        };
        self.dict(pairs)
    }

    /// `globals()` of a module: what is put into it is a name of the module, see [`Self::set_item`].
    pub(super) fn globals_of(&mut self, module: ModuleId) -> Value {
        let pairs: Vec<_> = self.state(module).ns.iter().map(|(name, value)| (*name, *value)).collect();
        self.charge(pairs.len() / 4);
        let data = DictData {
            items: pairs.into_iter().map(|(name, value)| (DictKey::Str(name), (Value::Str(name), value))).collect(),
            ..DictData::default()
        };
        if let Some(id) = self.state(module).dict {
            if let Object::Dict(known) = self.object_mut(id) {
                known.items.extend(data.items);
            }
            return Value::Obj(id);
        }
        let value = self.alloc(Object::Dict(data));
        if let Value::Obj(id) = value {
            self.state(module).dict = Some(id);
            self.namespaces.insert(id, module);
        }
        value
    }

    fn zero_super(&mut self, frame: &Frame) -> Value {
        match (frame.owner, frame.first) {
            (Some(class), Some(receiver)) => self.alloc(Object::Super { class, receiver }),
            _ => self.unknown("`super()` outside a method"),
        }
    }

    pub(crate) fn arguments(&mut self, frame: &mut Frame, arguments: &'a ast::Arguments) -> Eval<CallArgs> {
        let mut args = CallArgs::default();
        for arg in &arguments.args {
            if let ast::Expr::Starred(starred) = arg {
                let value = self.expr(frame, &starred.value)?;
                match self.items(value)? {
                    Some((items, complete)) => {
                        args.pos.extend(items);
                        args.open |= !complete;
                    }
                    None => args.open = true,
                }
            } else {
                args.pos.push(self.expr(frame, arg)?);
            }
        }
        for keyword in &arguments.keywords {
            let value = self.expr(frame, &keyword.value)?;
            match &keyword.arg {
                Some(name) => args.kw.push((self.name_of(name), value)),
                None => match self.obj(value) {
                    Some(Object::Dict(data)) => {
                        args.open |= data.open;
                        for (key, (_, value)) in data.items.clone() {
                            if let DictKey::Str(name) = key {
                                args.kw.push((name, value));
                            }
                        }
                    }
                    _ => args.open = true,
                },
            }
        }
        Ok(args)
    }

    pub(crate) fn call(&mut self, callee: Value, args: CallArgs) -> Eval {
        self.charge((args.pos.len() + args.kw.len()) / 4);
        self.burn()?;
        let Value::Obj(id) = callee else {
            return Ok(match callee {
                Value::Unknown(_) => {
                    let given = args.pos.iter().chain(args.kw.iter().map(|(_, value)| value));
                    self.handed_on.extend(given.filter_map(|value| match value {
                        Value::Obj(id) => Some(*id),
                        _ => None,
                    }));
                    callee
                }
                _ => self.unknown("a call of something that cannot be called"),
            });
        };
        match self.object(id) {
            Object::Function(_) => self.call_function(id, args),
            Object::Bound { receiver, function } => {
                let (receiver, function) = (*receiver, *function);
                let mut args = args;
                args.pos.insert(0, receiver);
                self.call(function, args)
            }
            Object::Class(_) => self.instantiate(id, args),
            Object::Native(name) => {
                let name = *name;
                self.native(name, args)
            }
            Object::Method { receiver, name } => {
                let (receiver, name) = (*receiver, *name);
                self.method(receiver, name, args)
            }
            Object::Static(function) | Object::ClassMethod(function) | Object::Property(function) => {
                let function = *function;
                self.call(function, args)
            }
            Object::Instance { .. } => match self.class_attribute_of(callee, self.known.call) {
                Some(method) => {
                    let method = self.bind_method(method, callee);
                    self.call(method, args)
                }
                None => Ok(self.unknown("a call of an object that is not modelled")),
            },
            Object::External(_) | Object::Opaque { .. } => self.call_external(callee, args),
            Object::Generic { origin, .. } => {
                let origin = *origin;
                self.call(origin, args)
            }
            Object::Alternatives(parts) => {
                let parts = parts.clone();
                let mut out = Vec::new();
                for part in parts {
                    match self.call(part, args.clone()) {
                        Ok(value) => out.push(value),
                        Err(Flow::Raise(_)) => {}
                        Err(flow) => return Err(flow),
                    }
                }
                Ok(self.alternatives(out))
            }
            _ => Ok(self.unknown("a call of something that cannot be called")),
        }
    }

    fn call_external(&mut self, callee: Value, args: CallArgs) -> Eval {
        if let Some(path) = self.external_path(callee) {
            let path = path.to_owned();
            if let Some(value) = self.known_external(&path, &args)? {
                return Ok(value);
            }
        }
        let site = self.current;
        let given = args.pos.iter().chain(args.kw.iter().map(|(_, value)| value));
        for value in given {
            if let Value::Obj(id) = value
                && let Object::Dict(_) = self.heap[id.0 as usize]
            {
                self.filled.insert(*id);
            }
        }
        Ok(self.alloc(Object::Opaque { callee, args, attrs: Namespace::default(), site }))
    }

    pub(crate) fn call_function(&mut self, id: ObjectId, args: CallArgs) -> Eval {
        if self.depth >= DEPTH_LIMIT {
            return Ok(self.unknown("calls nest too deeply to be followed"));
        }
        if self.turns_in_doubt() {
            return Ok(self.unknown("a function that calls itself under conditions that are not known"));
        }
        let key = self.remembered(id, &args);
        if let Some(known) = key.as_ref().and_then(|key| self.results.get(key)) {
            return Ok(*known);
        }
        let Object::Function(function) = self.object(id) else { return Ok(Value::None) };
        let (node, module, qualname) = (function.node, function.module, function.qualname);
        let env = self.bind_arguments(id, &args)?;
        if let FunctionNode::Def(def) = node {
            let generator = self.is_generator(node);
            if generator || def.is_async {
                return Ok(self.alloc(Object::Suspended { function: id, env, coroutine: def.is_async && !generator }));
            }
        }
        let value = if !self.abroad && self.program.module(module).kind == ModuleKind::ThirdParty {
            self.call_abroad(id, env, (module, qualname))?
        } else {
            self.run_body(id, env, false)?.0
        };
        // A call that may not happen makes what may not be there.
        let certain = self.journal.is_empty() && self.active_conditions.is_empty();
        if let (Some(key), true) = (key, certain && !matches!(value, Value::Unknown(_))) {
            self.results.insert(key, value);
        }
        Ok(value)
    }

    /// What the result of a call is kept under, where the function keeps its results.
    fn remembered(&self, id: ObjectId, args: &CallArgs) -> Option<(ObjectId, Vec<DictKey>)> {
        if args.open || !self.remembering.contains(&id) {
            return None;
        }
        let named = args.kw.iter().flat_map(|(name, value)| [Some(DictKey::Str(*name)), self.key(*value)]);
        let parts = args.pos.iter().map(|value| self.key(*value)).chain(named);
        Some((id, parts.collect::<Option<_>>()?))
    }

    /// Whether the call that is being made is under way several times already, each time below another condition that
    /// is not known: both sides of each are taken, so it would go on for ever or branch without end.
    fn turns_in_doubt(&self) -> bool {
        if self.journal.len() < DOUBTFUL_TURNS {
            return false;
        }
        let turns = self.stack.iter().filter(|site| **site == self.current).count();
        turns >= DOUBTFUL_TURNS && self.journal.len() >= turns
    }

    /// A call that enters a package of the environment: it has a budget of its own, so that machinery which we cannot
    /// follow costs its result and not the statement that uses it.
    fn call_abroad(&mut self, id: ObjectId, env: EnvId, key: (ModuleId, Sym)) -> Eval {
        if self.too_costly.contains(&key) {
            return Ok(self.too_costly_result(key));
        }
        let outer = self.fuel;
        let budget = outer.min(super::ABROAD_FUEL);
        self.fuel = budget;
        self.abroad = true;
        let (depth, stack) = (self.depth, self.stack.len());
        let memory = self.open_memory();
        let result = self.run_body(id, env, false);
        self.close_memory(memory);
        self.abroad = false;
        self.fuel = outer.saturating_sub(budget - self.fuel.min(budget));
        match result {
            Ok((value, _)) => Ok(value),
            Err(Flow::Exhausted) if self.total > 0 && self.fuel > 0 => {
                self.depth = depth;
                self.stack.truncate(stack);
                self.too_costly.insert(key);
                Ok(self.too_costly_result(key))
            }
            Err(flow) => Err(flow),
        }
    }

    fn too_costly_result(&mut self, (module, qualname): (ModuleId, Sym)) -> Value {
        let name = format!("{}.{}", self.program.module(module).name, self.names.text(qualname));
        self.unknown(format!("`{name}` has no result within its budget"))
    }

    /// Runs a function's body in a scope that holds its arguments.
    pub(crate) fn run_body(&mut self, id: ObjectId, env: EnvId, collect: bool) -> Eval<(Value, Vec<Value>)> {
        self.run_code(id, env, collect, None)
    }

    /// Runs a generator that a `with` statement enters, and the body that waits for it where it yields.
    pub(super) fn run_manager(&mut self, id: ObjectId, env: EnvId, within: usize) -> Eval<()> {
        if self.depth >= DEPTH_LIMIT {
            return Ok(());
        }
        self.run_code(id, env, true, Some(within)).map(drop)
    }

    fn run_code(
        &mut self,
        id: ObjectId,
        env: EnvId,
        collect: bool,
        resumes: Option<usize>,
    ) -> Eval<(Value, Vec<Value>)> {
        let Object::Function(function) = self.object(id) else { return Ok((Value::None, Vec::new())) };
        let (node, module, owner, qualname) = (function.node, function.module, function.owner, function.qualname);
        let first = self.envs[env.0 as usize].vars.first().map(|(_, value)| *value);
        let mut frame = Frame {
            module,
            env: Some(env),
            class: None,
            owner,
            first,
            yields: collect.then(Vec::new),
            returns: Vec::new(),
            qualname: Some(qualname),
            handling: None,
            breaks: 0,
            passed: 0,
            resumes,
        };
        self.depth += 1;
        let before = self.current;
        self.stack.push(before);
        let start = self.total;
        let conditions = self.active_conditions.len();
        let result = match node {
            FunctionNode::Def(def) => {
                self.bodies_run.insert(std::ptr::from_ref(def).addr());
                self.block(&mut frame, &def.body)
            }
            FunctionNode::Lambda(lambda) => self.expr(&mut frame, &lambda.body).map(End::Return),
        };
        // What made the rest of the body hang on a condition ends with it.
        self.active_conditions.truncate(conditions);
        self.depth -= 1;
        self.stack.pop();
        self.current = before;
        self.note_cost(module, qualname, start);
        let value = match result {
            Ok(End::Return(value)) => value,
            Ok(_) => Value::None,
            Err(Flow::Raise(_)) if !frame.returns.is_empty() => {
                let value = self.alternatives(frame.returns);
                return Ok((value, frame.yields.unwrap_or_default()));
            }
            Err(flow) => return Err(flow),
        };
        let value = if frame.returns.is_empty() {
            value
        } else {
            let mut all = frame.returns;
            all.push(value);
            self.alternatives(all)
        };
        Ok((value, frame.yields.unwrap_or_default()))
    }

    /// Whether calling the function makes a generator.
    pub(crate) fn is_generator(&mut self, node: FunctionNode<'a>) -> bool {
        let FunctionNode::Def(def) = node else { return false };
        *self.generators.entry(std::ptr::from_ref(def).addr()).or_insert_with(|| is_generator(node))
    }

    /// The values a generator yields when it is run to its end.
    pub(crate) fn run_generator(&mut self, id: ObjectId) -> Eval<Vec<Value>> {
        let Object::Suspended { function, env, .. } = self.object(id) else { return Ok(Vec::new()) };
        let (function, env) = (*function, *env);
        if self.depth >= DEPTH_LIMIT {
            return Ok(Vec::new());
        }
        self.run_body(function, env, true).map(|(_, yields)| yields)
    }

    pub(crate) fn awaited(&mut self, value: Value) -> Eval {
        match self.obj(value) {
            Some(Object::Suspended { function, env, coroutine: true }) => {
                let (function, env) = (*function, *env);
                if self.depth >= DEPTH_LIMIT {
                    return Ok(self.unknown("calls nest too deeply to be followed"));
                }
                self.run_body(function, env, false).map(|(value, _)| value)
            }
            _ => Ok(value),
        }
    }

    fn bind_arguments(&mut self, id: ObjectId, args: &CallArgs) -> Eval<EnvId> {
        let Object::Function(function) = self.object(id) else { return Ok(self.new_env(None)) };
        let (node, parent, defaults, qualname) =
            (function.node, function.env, function.defaults.clone(), function.qualname);
        let env = self.new_env(parent);
        let Some(parameters) = node.parameters() else { return Ok(env) };
        let mut vars = Vec::new();
        let mut pos = args.pos.iter().copied();
        let mut used = vec![false; args.kw.len()];
        let positional = parameters.posonlyargs.iter().chain(&parameters.args);
        let mut lacking = None;
        for (parameter, from_pos) in
            positional.map(|p| (p, true)).chain(parameters.kwonlyargs.iter().map(|p| (p, false)))
        {
            let name = self.name_of(&parameter.parameter.name);
            let given = if from_pos { pos.next() } else { None };
            let value = match given {
                Some(value) => Some(value),
                None => args.kw.iter().position(|(key, _)| *key == name).map(|at| {
                    used[at] = true;
                    args.kw[at].1
                }),
            };
            let value = match value.or_else(|| {
                // No unknown `**kwargs` names a parameter like `__base__`.
                if args.open && !self.names.text(name).starts_with("__") {
                    None
                } else {
                    defaults.iter().find(|(key, _)| *key == name).map(|(_, value)| *value)
                }
            }) {
                Some(value) => value,
                None if args.open => {
                    let text = self.names.text(name).to_owned();
                    let fallback = self.unknown(format!("argument `{text}` of a call with unknown arguments"));
                    match defaults.iter().find(|(key, _)| *key == name) {
                        Some((_, value)) => self.alternatives(vec![*value, fallback]),
                        None => fallback,
                    }
                }
                None => {
                    lacking = Some(name);
                    let text = self.names.text(name).to_owned();
                    self.unknown(format!("argument `{text}` is not given"))
                }
            };
            vars.push((name, value));
        }
        if let (Some(_), true) = (lacking, self.trying > 0) {
            let text = self.names.text(qualname).to_owned();
            return Err(self.raise("TypeError", &format!("{text}() misses an argument")));
        }
        if let Some(vararg) = &parameters.vararg {
            let name = self.name_of(&vararg.name);
            let rest: Vec<Value> = pos.collect();
            let value = if args.open { self.alloc(Object::List(rest, true)) } else { self.tuple(rest) };
            vars.push((name, value));
        }
        if let Some(kwarg) = &parameters.kwarg {
            let name = self.name_of(&kwarg.name);
            let mut data = DictData { open: args.open, ..DictData::default() };
            for (at, (key, value)) in args.kw.iter().enumerate() {
                if !used[at] {
                    data.items.insert(DictKey::Str(*key), (Value::Str(*key), *value));
                }
            }
            let value = self.alloc(Object::Dict(data));
            vars.push((name, value));
        }
        self.envs[env.0 as usize].vars = vars;
        Ok(env)
    }

    // ------------------------------------------------------ context managers

    pub(crate) fn enter(&mut self, manager: Value) -> Eval {
        match self.obj(manager) {
            Some(Object::Suspended { coroutine: false, .. }) => {
                if let Value::Obj(id) = manager {
                    let yields = self.run_generator(id)?;
                    return Ok(yields.first().copied().unwrap_or(Value::None));
                }
                Ok(Value::None)
            }
            Some(Object::Instance { .. }) => {
                for name in [self.known.enter, self.known.aenter] {
                    if let Some(method) = self.attribute_opt(manager, name)? {
                        let value = self.call(method, CallArgs::default())?;
                        return self.awaited(value);
                    }
                }
                Ok(self.unknown("what a context manager gives"))
            }
            Some(Object::Opaque { .. } | Object::External(_)) => {
                let method = self.attribute(manager, self.known.enter)?;
                self.call(method, CallArgs::default())
            }
            _ => Ok(manager),
        }
    }

    pub(crate) fn suppresses(&self, manager: Value) -> bool {
        match self.obj(manager) {
            Some(Object::Opaque { callee, .. }) => self.external_path(*callee) == Some("contextlib.suppress"),
            _ => false,
        }
    }
}
