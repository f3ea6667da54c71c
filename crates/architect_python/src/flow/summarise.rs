//! Summaries: what a function of the program does, run once for each shape of arguments.

use ruff_python_ast as ast;
use ruff_text_size::Ranged;

use super::call::Target;
use super::{
    Args, CONTEXTS, DEPTH, End, Frame, Kind, Library, Machine, Named, Size, Summary, SummaryId, Sym, V, Val,
    WIDE_CONTEXTS,
};
use crate::parse::ModuleKind;
use crate::value::{FunctionNode, Object, ObjectId, ParamKind, Site, Value};

impl<'a, L: Library> Machine<'_, 'a, L> {
    /// Binds arguments to parameters; what is not given has its default, or is known by its type.
    pub(super) fn parameters(&mut self, target: &Target<'a>, args: Args) -> Vec<(Sym, Val)> {
        let mut vars: Vec<(Sym, Val)> = Vec::new();
        let Some(parameters) = target.node.parameters() else { return vars };
        let mut pos = args.pos.into_iter();
        let mut kw = args.kw;
        let mut list: Vec<(&'a ast::Parameter, ParamKind, Option<&'a ast::Expr>)> = Vec::new();
        let with = |p: &'a ast::ParameterWithDefault, kind| (&p.parameter, kind, p.default.as_deref());
        list.extend(parameters.posonlyargs.iter().map(|p| with(p, ParamKind::PositionalOnly)));
        list.extend(parameters.args.iter().map(|p| with(p, ParamKind::Normal)));
        list.extend(parameters.vararg.iter().map(|p| (&**p, ParamKind::VarArgs, None)));
        list.extend(parameters.kwonlyargs.iter().map(|p| with(p, ParamKind::KeywordOnly)));
        list.extend(parameters.kwarg.iter().map(|p| (&**p, ParamKind::VarKwargs, None)));
        for (parameter, kind, default) in list {
            let name = self.ev.name_of(&parameter.name);
            let value = match kind {
                ParamKind::VarArgs => {
                    let items: Vec<Val> = pos.by_ref().collect();
                    match args.rest {
                        Some(rest) => {
                            let elem = self.union(items.into_iter().chain([rest]).collect());
                            self.coll(elem, Size::Unknown, None)
                        }
                        None => self.make(V::Seq { tuple: true, items: items.into(), site: None }),
                    }
                }
                ParamKind::VarKwargs => {
                    let mut items = std::mem::take(&mut kw);
                    items.sort_by_key(|(n, _)| *n);
                    self.make(V::Dict { items: items.into(), rest: args.rest, site: None })
                }
                _ => {
                    let mut given = match kind {
                        ParamKind::KeywordOnly => None,
                        _ => pos.next(),
                    };
                    if given.is_none()
                        && let Some(at) = kw.iter().position(|(n, _)| *n == name)
                    {
                        given = Some(kw.remove(at).1);
                    }
                    let value = match given {
                        Some(value) => value,
                        None => match target.defaults.iter().find(|(n, _)| *n == name).map(|(_, v)| *v) {
                            Some(_) if args.rest.is_some() => Val::UNKNOWN,
                            Some(value) => self.default_of(value),
                            None => match default {
                                Some(ast::Expr::NoneLiteral(_)) => Val::NONE,
                                Some(ast::Expr::BooleanLiteral(b)) => self.bool(b.value),
                                _ => Val::UNKNOWN,
                            },
                        },
                    };
                    if value == Val::UNKNOWN {
                        let typed = parameter
                            .annotation
                            .as_deref()
                            .and_then(|expr| self.annotation(expr, target.module, target.env, target.owner));
                        typed.map_or(Val::UNKNOWN, |typed| self.of_type(typed, name, 0))
                    } else {
                        value
                    }
                }
            };
            vars.push((name, value));
        }
        vars
    }

    /// A default: that of a declaration such as `Query(...)` is what it says.
    pub(super) fn default_of(&mut self, value: Value) -> Val {
        match self.ev.obj(value) {
            Some(Object::Instance { class, .. }) if self.ev.enum_member(value).is_none() => {
                let class = *class;
                let model = self
                    .ev
                    .class(Value::Obj(class))
                    .and_then(|class| class.site)
                    .is_some_and(|site| self.ev.program.module(site.module).kind == ModuleKind::Model);
                if model { L::adopt(self, value).unwrap_or(Val::UNKNOWN) } else { self.heap(value) }
            }
            _ => self.heap(value),
        }
    }

    /// What a function returns by its annotation.
    pub(super) fn returned_type(&mut self, target: &Target<'a>, args: &Args) -> Val {
        let FunctionNode::Def(def) = target.node else { return Val::UNKNOWN };
        let Some(expr) = def.returns.as_deref() else { return Val::UNKNOWN };
        // `Self` is the class of the receiver.
        if matches!(expr, ast::Expr::Name(name) if name.id.as_str() == "Self") {
            return args.pos.first().copied().unwrap_or(Val::UNKNOWN);
        }
        match self.annotation(expr, target.module, target.env, target.owner) {
            Some(value) => self.of_type(value, target.qualname, 0),
            None => Val::UNKNOWN,
        }
    }

    /// The summary of a function for these arguments; nothing for one that is under way.
    pub(super) fn summarise(&mut self, target: Target<'a>, mut vars: Vec<(Sym, Val)>) -> Option<SummaryId> {
        let key = |vars: &[(Sym, Val)]| (target.callee, vars.iter().map(|(_, v)| *v).collect::<Box<[Val]>>());
        if let Some(known) = self.index.get(&key(&vars)) {
            return *known;
        }
        if self.depth >= DEPTH {
            return None;
        }
        // Closures are counted by their text, not by what they captured.
        let counted = match self.v(target.callee) {
            V::Closure(at, _) => {
                let at = *at;
                self.make(V::Closure(at, Box::default()))
            }
            _ => target.callee,
        };
        // What is done with one class never stands for what is done with another.
        // Nor does what an object that importing made does: a decorator's keeps the function that it calls.
        let own = vars.first().and_then(|(_, val)| match self.v(*val) {
            V::Heap(id) if matches!(self.ev.object(*id), Object::Instance { .. }) => Some(*id),
            _ => self.class_meant(*val),
        });
        let others = vars.iter().skip(1).filter_map(|(_, val)| self.class_meant(*val));
        let counted = (counted, own.into_iter().chain(others).collect::<Box<[ObjectId]>>());
        let (count, last) = self.contexts.get(&counted).copied().unwrap_or((0, 0));
        if count >= CONTEXTS {
            for slot in &mut vars {
                slot.1 = self.widen(slot.1, 0);
            }
            if let Some(known) = self.index.get(&key(&vars)) {
                return *known;
            }
            if count >= WIDE_CONTEXTS {
                return Some(last);
            }
        }
        let key = key(&vars);
        self.index.insert(key.clone(), None);
        let id = self.run(target, vars);
        self.index.insert(key, Some(id));
        self.contexts.insert(counted, (count + 1, id));
        Some(id)
    }

    /// The class that a value is, or is an instance of.
    fn class_meant(&self, val: Val) -> Option<ObjectId> {
        match self.v(val) {
            V::Heap(id) if matches!(self.ev.object(*id), Object::Class(_)) => Some(*id),
            _ => self.class_of(val),
        }
    }

    /// A value with less detail: constants become their type, attributes that only differ by call are left out.
    pub(super) fn widen(&mut self, val: Val, depth: u32) -> Val {
        match self.v(val).clone() {
            V::Bool(_) => self.scalar("bool"),
            V::Int(_) => self.scalar("int"),
            V::Str(_) => self.scalar("str"),
            V::Inst { class, tag, attrs, .. } => {
                let attrs: Vec<(Sym, Val)> = if depth > 2 {
                    Vec::new()
                } else {
                    attrs.iter().map(|(n, v)| (*n, self.widen(*v, depth + 1))).collect()
                };
                self.make(V::Inst { class, tag, site: None, attrs: attrs.into() })
            }
            V::Seq { items, .. } => {
                let items: Vec<Val> = items.iter().map(|item| self.widen(*item, depth + 1)).collect();
                let elem = self.union(items);
                self.make(V::Coll { kind: Kind::List, elem, size: Size::Unknown, site: None })
            }
            V::Coll { kind, elem, size, .. } => {
                let elem = self.widen(elem, depth + 1);
                self.make(V::Coll { kind, elem, size, site: None })
            }
            V::Dict { items, rest, .. } => {
                let items: Vec<(Sym, Val)> = items.iter().map(|(n, v)| (*n, self.widen(*v, depth + 1))).collect();
                self.make(V::Dict { items: items.into(), rest, site: None })
            }
            V::Union(parts) => {
                let parts: Vec<Val> = parts.iter().map(|part| self.widen(*part, depth + 1)).collect();
                self.union(parts)
            }
            _ => val,
        }
    }

    pub(super) fn run(&mut self, target: Target<'a>, vars: Vec<(Sym, Val)>) -> SummaryId {
        let fallback = target.clone();
        let first = vars.first().map(|(_, v)| *v);
        let is_async = matches!(target.node, FunctionNode::Def(def) if def.is_async);
        let captured = match target.node {
            FunctionNode::Def(def) if matches!(self.v(target.callee), V::Closure(..)) => {
                let name = self.ev.name_of(&def.name);
                with_itself(target.captured, name, target.callee)
            }
            _ => target.captured,
        };
        let mut frame = Frame {
            env: target.env,
            captured,
            owner: target.owner,
            first,
            vars,
            is_async,
            whole: Some(target.node.range()),
            ..Frame::new(target.module)
        };
        self.depth += 1;
        let end = match target.node {
            FunctionNode::Def(def) => self.block(&mut frame, &def.body),
            FunctionNode::Lambda(lambda) => {
                let value = self.expr(&mut frame, &lambda.body);
                frame.returns.push(value);
                End::Return
            }
        };
        self.depth -= 1;
        let mut returns = std::mem::take(&mut frame.returns);
        if end == End::Normal && matches!(target.node, FunctionNode::Def(_)) {
            returns.push(Val::NONE);
        }
        let end =
            if returns.is_empty() && end == End::Raise && frame.yields.is_empty() { End::Raise } else { End::Normal };
        let made_in = Site { module: target.module, range: target.node.range() };
        let mut value = self.union(returns);
        let yields = (!frame.yields.is_empty()).then(|| self.union(std::mem::take(&mut frame.yields)));
        if value == Val::UNKNOWN || matches!(self.v(value), V::Union(parts) if parts.contains(&Val::UNKNOWN)) {
            let mut args = Args::default();
            args.pos.extend(first);
            let typed = self.returned_type(&fallback, &args);
            if typed != Val::UNKNOWN {
                value = L::returned(self, typed, made_in);
            }
        }
        let yields = match yields {
            Some(Val::UNKNOWN) => {
                // What a generator hands out is the first argument of its type.
                let typed = self.returned_type(&fallback, &Args::default());
                match self.v(typed) {
                    V::Coll { elem, .. } => Some(*elem),
                    V::Unknown => Some(Val::UNKNOWN),
                    _ => Some(typed),
                }
                .map(|typed| L::returned(self, typed, made_in))
            }
            other => other,
        };
        let id = SummaryId::try_from(self.summaries.len()).unwrap_or(0);
        let changes = self.condensed(std::mem::take(&mut frame.changes));
        let absent = frame.lookups.is_answer();
        let range = match target.node {
            FunctionNode::Def(def) => def.name.range(),
            FunctionNode::Lambda(lambda) => lambda.range,
        };
        self.summaries.push(Summary {
            callee: target.callee,
            module: target.module,
            qualname: target.qualname,
            range,
            whole: target.node.range(),
            is_async,
            nodes: frame.into_nodes(),
            value,
            yields,
            changes,
            end,
            absent,
        });
        id
    }

    pub(super) fn all_constant(&self, args: &Args) -> bool {
        let constant = |val: &Val| matches!(self.v(*val), V::Str(_) | V::Int(_) | V::Bool(_) | V::None);
        args.pos.iter().all(constant) && args.kw.iter().all(|(_, val)| constant(val))
    }

    /// What a function without effects gives for constants: the import-time machine runs it for real.
    pub(super) fn fold(&mut self, id: SummaryId, callee: Val, args: &Args) -> Option<Val> {
        let summary = &self.summaries[id as usize];
        if !summary.nodes.is_empty() || !summary.changes.is_empty() || summary.is_async {
            return None;
        }
        if !matches!(self.v(summary.value), V::Scalar(_) | V::Unknown) {
            return None;
        }
        let V::Heap(function) = *self.v(callee) else { return None };
        let plain = |val: Val| match self.v(val) {
            V::Str(sym) => Value::Str(*sym),
            V::Int(int) => Value::Int(*int),
            V::Bool(b) => Value::Bool(*b),
            _ => Value::None,
        };
        let given = crate::value::CallArgs {
            pos: args.pos.iter().map(|val| plain(*val)).collect(),
            kw: args.kw.iter().map(|(name, val)| (*name, plain(*val))).collect(),
            open: false,
        };
        let value = self.ev.compute(function, given)?;
        let known = self.heap(value);
        self.summaries[id as usize].value = known;
        Some(known)
    }
}

/// A function that stands in another one knows itself by its name.
fn with_itself(captured: Named, name: Sym, callee: Val) -> Named {
    if captured.iter().any(|(known, _)| *known == name) {
        return captured;
    }
    let mut all = captured.into_vec();
    all.push((name, callee));
    all.into()
}
