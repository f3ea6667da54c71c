//! Items: displays, `object[index]`, slices, sizes.

use ruff_python_ast as ast;
use ruff_text_size::Ranged;

use super::{Args, Frame, Kind, Library, Machine, Size, V, Val};
use crate::value::{Object, Site, Value};

impl<'a, L: Library> Machine<'_, 'a, L> {
    /// Items of a display: each, or one for all and how many.
    pub(super) fn elements(&mut self, f: &mut Frame, elts: &'a [ast::Expr]) -> Result<Vec<Val>, (Val, Size)> {
        let mut items = Vec::with_capacity(elts.len());
        let mut rest: Option<Size> = None;
        for elt in elts {
            if let ast::Expr::Starred(starred) = elt {
                let value = self.expr(f, &starred.value);
                if let Some(known) = self.known_items(value) {
                    items.extend(known);
                } else {
                    let site = self.site(f, elt.range());
                    let (elem, size) = self.iterate(f, value, site);
                    items.push(elem);
                    rest = Some(size);
                }
            } else {
                items.push(self.expr(f, elt));
            }
        }
        match rest {
            None => Ok(items),
            Some(size) => Err((self.union(items), size)),
        }
    }

    /// How many a value holds.
    pub fn size_of(&self, val: Val) -> Size {
        match self.v(val) {
            V::Coll { size, .. } => size.clone(),
            V::Seq { items, .. } => Size::Known(u32::try_from(items.len()).unwrap_or(0)),
            V::Dict { items, rest: None, .. } => Size::Known(u32::try_from(items.len()).unwrap_or(0)),
            V::Union(parts) => {
                parts.iter().map(|part| self.size_of(*part)).reduce(super::join::larger).unwrap_or(Size::Unknown)
            }
            _ => Size::Unknown,
        }
    }

    pub(super) fn slice(&mut self, f: &mut Frame, object: Val, slice: &'a ast::ExprSlice) -> Val {
        let upper = match slice.upper.as_deref() {
            Some(ast::Expr::NumberLiteral(ast::ExprNumberLiteral { value: ast::Number::Int(int), .. })) => {
                int.as_i64().and_then(|int| u32::try_from(int).ok())
            }
            _ => None,
        };
        match self.v(object).clone() {
            V::Coll { kind, elem, size, .. } => {
                let site = Some(self.site(f, slice.range));
                let size = match (size, upper) {
                    (Size::Rows(name, None), Some(n)) => Size::Rows(name, Some(n)),
                    (Size::Input(name, None), Some(n)) => Size::Input(name, Some(n)),
                    (size, _) => size,
                };
                self.make(V::Coll { kind, elem, size, site })
            }
            V::Seq { items, tuple, .. } => {
                let site = Some(self.site(f, slice.range));
                if slice.lower.is_none() && slice.upper.is_none() {
                    return self.make(V::Seq { tuple, items, site });
                }
                let size = Size::Known(u32::try_from(items.len()).unwrap_or(0));
                let elem = self.union(items.into_vec());
                self.make(V::Coll { kind: Kind::List, elem, size, site })
            }
            V::Str(_) => self.scalar("str"),
            V::Lib(..) => {
                let site = self.site(f, slice.range);
                let end = upper.map_or(Val::UNKNOWN, |n| self.make(V::Int(i64::from(n))));
                let bounds = self.make(V::Seq { tuple: true, items: [Val::NONE, end].into(), site: None });
                L::item(self, f, object, bounds, site).unwrap_or(Val::UNKNOWN)
            }
            _ => object,
        }
    }

    /// `object[index]`.
    pub fn subscript(&mut self, f: &mut Frame, object: Val, index: Val, site: Site) -> Val {
        match self.v(object).clone() {
            V::Coll { elem, .. } => elem,
            V::Seq { items, .. } => match *self.v(index) {
                V::Int(at) => {
                    let count = i64::try_from(items.len()).unwrap_or(0);
                    let at = if at < 0 { at + count } else { at };
                    usize::try_from(at).ok().and_then(|at| items.get(at).copied()).unwrap_or(Val::UNKNOWN)
                }
                _ => self.union(items.into_vec()),
            },
            V::Dict { items, rest, .. } => match *self.v(index) {
                V::Str(name) => {
                    items.iter().find(|(n, _)| *n == name).map(|(_, v)| *v).or(rest).unwrap_or(Val::UNKNOWN)
                }
                _ => {
                    let all = items.iter().map(|(_, v)| *v).chain(rest).collect();
                    self.union(all)
                }
            },
            V::Union(parts) => {
                let parts: Vec<Val> = parts
                    .iter()
                    .filter(|part| **part != Val::NONE)
                    .map(|part| self.subscript(f, *part, index, site))
                    .collect();
                self.union(parts)
            }
            V::Lib(..) | V::Inst { .. } => {
                if let Some(value) = L::item(self, f, object, index, site) {
                    return value;
                }
                match self.class_member(object, self.names.getitem) {
                    Some(method) => {
                        let bound = self.bind_member(method, object);
                        self.call(f, bound, Args::of(vec![index]), site)
                    }
                    None => Val::UNKNOWN,
                }
            }
            V::Heap(id) => {
                let key = match self.v(index) {
                    V::Str(sym) => Some(crate::value::DictKey::Str(*sym)),
                    V::Int(int) => Some(crate::value::DictKey::Int(*int)),
                    V::Heap(id) => self.ev.key(Value::Obj(*id)),
                    _ => None,
                };
                let found = match (self.ev.object(id), key) {
                    (Object::Dict(data), Some(key)) => data.items.get(&key).map(|(_, value)| vec![*value]),
                    (Object::Dict(data), None) => Some(data.items.values().map(|(_, value)| *value).take(40).collect()),
                    (Object::List(items, _) | Object::Tuple(items), Some(crate::value::DictKey::Int(at))) => {
                        usize::try_from(at).ok().and_then(|at| items.get(at)).map(|value| vec![*value])
                    }
                    (Object::List(items, _) | Object::Tuple(items), _) => {
                        Some(items.iter().take(40).copied().collect())
                    }
                    (Object::Class(_) | Object::External(_), _) => return object,
                    _ => None,
                };
                match found {
                    Some(values) => {
                        let values = values.into_iter().map(|value| self.heap(value)).collect();
                        self.union(values)
                    }
                    None => L::item(self, f, object, index, site).unwrap_or(Val::UNKNOWN),
                }
            }
            V::Str(_) => self.scalar("str"),
            _ => Val::UNKNOWN,
        }
    }
}
