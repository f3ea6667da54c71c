//! Names to values, in order of definition: the attributes of instances and classes, and the globals of modules.

use rustc_hash::FxHashMap;

use crate::value::{Sym, Value};

/// Up to so many names are looked through one by one. They stand close together, so that this is quicker than a table,
/// and of the many instances that a service is made of nearly none has more.
const FEW: usize = 32;

/// Names to values, in order of definition.
#[derive(Clone, Debug, Default)]
pub struct Namespace {
    names: Vec<Sym>,
    values: Vec<Value>,
    /// Where the names stand, of more than [`FEW`].
    places: Option<Box<FxHashMap<Sym, usize>>>,
}

impl Namespace {
    fn place(&self, name: Sym) -> Option<usize> {
        match &self.places {
            Some(places) => places.get(&name).copied(),
            None => self.names.iter().position(|known| *known == name),
        }
    }

    /// What a name stands for.
    #[must_use]
    pub fn get(&self, name: &Sym) -> Option<&Value> {
        self.place(*name).map(|at| &self.values[at])
    }

    /// Whether there is such a name.
    #[must_use]
    pub fn contains_key(&self, name: &Sym) -> bool {
        self.place(*name).is_some()
    }

    /// Gives a name another value, in the place of the one that is returned, or else behind all others.
    pub fn insert(&mut self, name: Sym, value: Value) -> Option<Value> {
        if let Some(at) = self.place(name) {
            return Some(std::mem::replace(&mut self.values[at], value));
        }
        if let Some(places) = &mut self.places {
            places.insert(name, self.names.len());
        }
        self.names.push(name);
        self.values.push(value);
        if self.places.is_none() && self.names.len() > FEW {
            let places = self.names.iter().enumerate().map(|(at, name)| (*name, at)).collect();
            self.places = Some(Box::new(places));
        }
        None
    }

    /// Takes a name out; the others stay in their order.
    pub fn shift_remove(&mut self, name: &Sym) -> Option<Value> {
        let at = self.place(*name)?;
        self.names.remove(at);
        let value = self.values.remove(at);
        if let Some(places) = &mut self.places {
            places.remove(name);
            for (at, name) in self.names.iter().enumerate().skip(at) {
                places.insert(*name, at);
            }
        }
        Some(value)
    }

    /// Keeps those of which this is true.
    pub fn retain(&mut self, mut keep: impl FnMut(&Sym, &Value) -> bool) {
        let kept: Vec<(Sym, Value)> =
            self.iter().filter(|(name, value)| keep(name, value)).map(|(name, value)| (*name, *value)).collect();
        *self = kept.into_iter().collect();
    }

    /// Takes everything out.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Number of names.
    #[must_use]
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// Names and values.
    pub fn iter(&self) -> Iter<'_> {
        self.names.iter().zip(&self.values)
    }

    /// The names.
    pub fn keys(&self) -> std::slice::Iter<'_, Sym> {
        self.names.iter()
    }

    /// The values.
    pub fn values(&self) -> std::slice::Iter<'_, Value> {
        self.values.iter()
    }
}

/// Names and values, in order.
pub type Iter<'n> = std::iter::Zip<std::slice::Iter<'n, Sym>, std::slice::Iter<'n, Value>>;

impl<'n> IntoIterator for &'n Namespace {
    type Item = (&'n Sym, &'n Value);
    type IntoIter = Iter<'n>;

    fn into_iter(self) -> Iter<'n> {
        self.iter()
    }
}

impl Extend<(Sym, Value)> for Namespace {
    fn extend<I: IntoIterator<Item = (Sym, Value)>>(&mut self, more: I) {
        for (name, value) in more {
            self.insert(name, value);
        }
    }
}

impl FromIterator<(Sym, Value)> for Namespace {
    fn from_iter<I: IntoIterator<Item = (Sym, Value)>>(items: I) -> Self {
        let mut out = Self::default();
        out.extend(items);
        out
    }
}

#[cfg(test)]
mod tests {
    use super::{FEW, Namespace};
    use crate::value::{Sym, Value};

    fn listed(namespace: &Namespace) -> Vec<(u32, Value)> {
        namespace.iter().map(|(name, value)| (name.0, *value)).collect()
    }

    #[test]
    fn names_stay_in_their_order_however_many_there_are() {
        let many = u32::try_from(2 * FEW).unwrap();
        for count in [3, many] {
            let mut namespace: Namespace = (0..count).map(|name| (Sym(name), Value::Int(i64::from(name)))).collect();
            assert_eq!(namespace.insert(Sym(1), Value::None), Some(Value::Int(1)));
            assert_eq!(namespace.shift_remove(&Sym(0)), Some(Value::Int(0)));
            assert_eq!(namespace.shift_remove(&Sym(0)), None);
            assert_eq!(namespace.insert(Sym(0), Value::Ellipsis), None);
            assert_eq!(namespace.len(), count as usize);
            assert_eq!(listed(&namespace)[0], (1, Value::None));
            assert_eq!(listed(&namespace).last(), Some(&(0, Value::Ellipsis)));
            assert_eq!(namespace.get(&Sym(count - 1)), Some(&Value::Int(i64::from(count - 1))));
            namespace.retain(|name, _| name.0 > 1);
            assert!(!namespace.contains_key(&Sym(1)) && namespace.contains_key(&Sym(2)));
        }
    }
}
