//! What objects of the model modules hold: arguments, annotations, places.

use architect_python::{DictKey, Object, ObjectId, Site, Sym, Value};
use architect_source::Location;

use super::Recogniser;
use super::sql::MAX_DEPTH;

impl Recogniser<'_> {
    /// The keyword argument an object of a model was made with.
    pub(super) fn keyword(&self, value: Value, name: &str) -> Option<Value> {
        let Value::Obj(id) = value else { return None };
        self.entry(self.machine.own_value(id, "kwargs")?, name)
    }

    /// All keyword arguments an object of a model was made with.
    pub(super) fn keywords(&self, value: Value) -> Vec<(Sym, Value)> {
        let Value::Obj(id) = value else { return Vec::new() };
        let kwargs = self.machine.own_value(id, "kwargs");
        match kwargs.and_then(|kwargs| self.machine.obj(kwargs)) {
            Some(Object::Dict(data)) => data
                .items
                .iter()
                .filter_map(|(key, (_, value))| if let DictKey::Str(name) = key { Some((*name, *value)) } else { None })
                .collect(),
            _ => Vec::new(),
        }
    }

    /// The positional arguments an object of a model was made with.
    pub(super) fn positional(&self, value: Value) -> Vec<Value> {
        let Value::Obj(id) = value else { return Vec::new() };
        match self.machine.own_value(id, "args").and_then(|args| self.machine.obj(args)) {
            Some(Object::Tuple(items) | Object::List(items, _)) => items.clone(),
            _ => Vec::new(),
        }
    }

    /// What a dictionary holds for a text.
    pub(super) fn entry(&self, dict: Value, name: &str) -> Option<Value> {
        match self.machine.obj(dict)? {
            Object::Dict(data) => {
                data.items.get(&DictKey::Str(self.machine.names.lookup(name)?)).map(|(_, value)| *value)
            }
            _ => None,
        }
    }

    /// What an object of a model holds.
    pub(super) fn held(&self, value: Value, name: &str) -> Option<Value> {
        let Value::Obj(id) = value else { return None };
        self.machine.own_value(id, name)
    }

    /// The same as text.
    pub(super) fn held_text(&self, value: Value, name: &str) -> Option<String> {
        self.machine.text(self.held(value, name)?).map(str::to_owned)
    }

    /// The object that is held, if it is one.
    pub(super) fn held_object(&self, value: Value, name: &str) -> Option<ObjectId> {
        match self.held(value, name) {
            Some(Value::Obj(id)) => Some(id),
            _ => None,
        }
    }

    pub(super) fn listed(&self, value: Value, name: &str) -> Vec<Value> {
        match self.held(value, name).and_then(|list| self.machine.obj(list)) {
            Some(Object::List(items, _)) => items.clone(),
            _ => Vec::new(),
        }
    }

    /// The column behind an attribute of a class or table.
    pub(super) fn plain_column(&self, value: Value) -> Option<ObjectId> {
        let Value::Obj(id) = value else { return None };
        if self.is_a(value, "Column") {
            return Some(id);
        }
        if self.is_a(value, "TableField") {
            return self.held_object(value, "column");
        }
        if self.is_a(value, "ColumnProperty") {
            return self.positional(value).first().and_then(|first| self.plain_column(*first));
        }
        None
    }

    /// Columns inside an expression.
    pub(super) fn expression_columns(&self, value: Value, out: &mut Vec<ObjectId>, depth: u32) {
        if depth > MAX_DEPTH {
            return;
        }
        if let Some(column) = self.plain_column(value) {
            out.push(column);
            return;
        }
        let parts = self.held(value, "parts").and_then(|parts| self.machine.obj(parts));
        if let Some(Object::Tuple(parts) | Object::List(parts, _)) = parts {
            for part in parts {
                self.expression_columns(*part, out, depth + 1);
            }
        }
    }

    /// The annotation of a mapped attribute, where it is written.
    pub(super) fn attribute_type(&mut self, property: Value) -> Option<Value> {
        let home = self.held(property, "home")?;
        if let Some(Value::Int(part)) = self.held(property, "part") {
            return self.part_type(property, usize::try_from(part).ok()?);
        }
        if self.machine.class(home).is_some() {
            let Value::Obj(home) = home else { return None };
            let name = self.held_text(property, "attribute")?;
            return self.machine.attribute_annotation(home, &name);
        }
        self.machine.signature(home)?.returns
    }

    /// The type of one value of a `composite()`: what its class takes in that place.
    ///
    /// Source: sqlalchemy/orm/descriptor_props.py (`_setup_for_dataclass`).
    fn part_type(&mut self, column: Value, part: usize) -> Option<Value> {
        let home = self.held_object(column, "home")?;
        let name = self.held_text(column, "attribute")?;
        let annotation = self.machine.attribute_annotation(home, &name);
        let given = self.machine.own_value(home, &name).and_then(|made| self.positional(made).first().copied());
        let class = match given.filter(|given| self.machine.class(*given).is_some()) {
            Some(class) => class,
            None => self.unwrap_mapped(annotation?).0,
        };
        self.machine.signature(class)?.params.get(part)?.annotation
    }

    /// `X` of `Mapped[X]`.
    pub(super) fn without_mapped(&self, value: Value) -> Value {
        match self.machine.obj(value) {
            Some(Object::Generic { origin, args })
                if self.machine.class(*origin).is_some_and(|class| {
                    matches!(self.machine.names.text(class.name), "Mapped" | "DynamicMapped" | "WriteOnlyMapped")
                }) =>
            {
                args.first().copied().unwrap_or(value)
            }
            _ => value,
        }
    }

    /// `X` of `X | None`.
    pub(super) fn without_none(&self, value: Value) -> Value {
        let parts = match self.machine.obj(value) {
            Some(Object::Union(parts)) => parts,
            Some(Object::Generic { origin, args }) if self.machine.external_path(*origin) == Some("typing.Union") => {
                args
            }
            _ => return value,
        };
        let mut rest = parts.iter().filter(|part| **part != Value::None);
        match (rest.next(), rest.next()) {
            (Some(one), None) => *one,
            _ => value,
        }
    }

    /// The type inside `Mapped`, `Optional` and `Annotated`; whether it may be nothing; what stands beside it.
    pub(super) fn unwrap_mapped(&mut self, value: Value) -> (Value, bool, Vec<Value>) {
        let mut value = self.without_mapped(value);
        let mut optional = false;
        let mut beside = Vec::new();
        for _ in 0..10 {
            let parts = match self.machine.obj(value) {
                Some(Object::Union(parts)) => parts.clone(),
                Some(Object::Generic { origin, args }) => match self.machine.external_path(*origin) {
                    Some("typing.Union") => args.clone(),
                    Some("typing.Annotated") => {
                        beside.extend(args.iter().skip(1).copied());
                        value = args.first().copied().unwrap_or(Value::None);
                        continue;
                    }
                    Some("typing.ClassVar" | "typing.Final" | "typing.Optional") => {
                        value = args.first().copied().unwrap_or(Value::None);
                        continue;
                    }
                    _ => break,
                },
                _ => break,
            };
            let rest: Vec<Value> = parts.iter().copied().filter(|part| *part != Value::None).collect();
            optional |= rest.len() < parts.len();
            match rest.as_slice() {
                [one] => value = *one,
                _ => break,
            }
        }
        (value, optional, beside)
    }

    /// A list, tuple or dictionary as Python prints it.
    fn collection_text(&mut self, value: Value) -> Option<String> {
        let listed = |recogniser: &mut Self, items: &[Value]| {
            items.iter().map(|item| recogniser.constant_text(*item)).collect::<Vec<_>>().join(", ")
        };
        match self.machine.obj(value)? {
            Object::List(items, _) => {
                let items = items.clone();
                Some(format!("[{}]", listed(self, &items)))
            }
            Object::Tuple(items) => {
                let items = items.clone();
                let comma = if items.len() == 1 { "," } else { "" };
                Some(format!("({}{comma})", listed(self, &items)))
            }
            Object::Dict(data) => {
                let entries: Vec<(Value, Value)> = data.items.values().copied().collect();
                let entry = |(key, value)| format!("{}: {}", self.constant_text(key), self.constant_text(value));
                Some(format!("{{{}}}", entries.into_iter().map(entry).collect::<Vec<_>>().join(", ")))
            }
            _ => None,
        }
    }

    /// A constant as Python prints it.
    pub(super) fn constant_text(&mut self, value: Value) -> String {
        match value {
            Value::Bool(true) => "True".into(),
            Value::Bool(false) => "False".into(),
            Value::Int(int) => int.to_string(),
            Value::Float(float) => format!("{float:?}"),
            Value::Str(_) => python_text(self.machine.text(value).unwrap_or_default()),
            _ => {
                if let Some((class, member)) = self.machine.enum_member(value) {
                    let inner = self.machine.get(value, "value").unwrap_or(Value::None);
                    return format!("<{class}.{member}: {}>", self.constant_text(inner));
                }
                self.collection_text(value).unwrap_or_else(|| self.machine.type_text(value))
            }
        }
    }

    /// Where a column is declared.
    pub(super) fn column_place(&self, column: Value) -> Option<Location> {
        let mut at = column;
        for _ in 0..10 {
            match self.held(at, "origin") {
                Some(origin @ Value::Obj(_)) => at = origin,
                _ => break,
            }
        }
        if let Some(place) = self.held(at, "place").and_then(|place| self.made_at(place)) {
            return Some(place);
        }
        self.made_at(at).filter(|_| !self.positional(at).is_empty() || !self.keywords(at).is_empty()).or_else(|| {
            let home = self.held_object(at, "home").or_else(|| self.held_object(column, "home"))?;
            let name = self.held_text(at, "attribute").or_else(|| self.held_text(column, "attribute"))?;
            self.machine.annotation_site(home, &name).map(|site| self.location(site))
        })
    }

    /// Where an object was made, in code that is no model.
    pub(super) fn made_at(&self, value: Value) -> Option<Location> {
        let Some(Object::Instance { site, .. }) = self.machine.obj(value) else { return None };
        let site: Site = if self.machine.is_model(site.module) { self.machine.origin(value)? } else { *site };
        // What nothing in the program asked for has no place: the class as a whole led to it.
        (!site.range.is_empty()).then(|| self.location(site))
    }

    /// The unknown condition an object was made under.
    pub(super) fn made_under(&self, value: Value) -> Option<String> {
        let site = self.machine.condition(self.condition_of(value)?);
        let module = self.machine.program.module(site.module);
        let text = module.source(site.range).unwrap_or_default();
        let text: String = text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(120).collect();
        Some(format!("depends on `{text}` ({})", self.location(site)))
    }
}

/// A text in the quotes Python would choose.
pub(super) fn python_text(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    let mut out = String::from(quote);
    for letter in text.chars() {
        match letter {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            letter if letter == quote => {
                out.push('\\');
                out.push(letter);
            }
            other => out.push(other),
        }
    }
    out.push(quote);
    out
}
