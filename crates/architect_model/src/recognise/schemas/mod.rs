//! Types and models as Pydantic sees them.
//!
//! Source: pydantic/_internal/_generate_schema.py and pydantic/json_schema.py of 2;
//! <https://docs.pydantic.dev/latest/concepts/json_schema/>.

mod classes;
mod fields;
mod scalars;
mod text;
mod values;

use architect_python::{Object, Value};
use serde_json::Value as Json;

use self::scalars::external_type;
pub(crate) use self::text::clean_doc;
use super::Recogniser;
use crate::schema::{Discriminator, Keywords, Scalar, Type};

/// Types nested deeper are not followed.
const MAX_DEPTH: u32 = 60;

/// Arguments of `Field` that constrain values.
pub(crate) const CONSTRAINTS: &[&str] =
    &["gt", "ge", "lt", "le", "multiple_of", "min_length", "max_length", "pattern", "regex"];

impl Recogniser<'_> {
    /// A type.
    pub(super) fn type_of(&mut self, value: Value) -> Type {
        self.depth += 1;
        let found =
            if self.depth > MAX_DEPTH { Type::Unknown("it nests too deeply".into()) } else { self.read_type(value) };
        self.depth -= 1;
        found
    }

    fn read_type(&mut self, value: Value) -> Type {
        let Value::Obj(id) = value else {
            return match value {
                Value::None => Type::Null,
                Value::Unknown(reason) => Type::Unknown(self.machine.reason(reason).0.to_owned()),
                _ => Type::Unknown("it is not a type".into()),
            };
        };
        match self.machine.object(id) {
            Object::Class(_) => self.class_type(id),
            Object::External(path) => {
                let path = self.machine.names.text(*path).to_owned();
                external_type(&path)
            }
            Object::Union(members) => {
                let members = members.clone();
                self.union_of(&members)
            }
            Object::Generic { origin, args } => {
                let (origin, args) = (*origin, args.clone());
                self.generic_type(origin, &args)
            }
            Object::TypeVar(_) => Type::Any,
            Object::Opaque { callee, args, .. } => {
                let (callee, args) = (*callee, args.clone());
                self.constrained(callee, &args)
            }
            _ => Type::Unknown(format!("`{}` is not a type that is modelled", self.machine.type_text(value))),
        }
    }

    fn union_of(&mut self, members: &[Value]) -> Type {
        Type::Union { members: members.iter().map(|member| self.type_of(*member)).collect(), discriminator: None }
    }

    /// `conint(gt=0)` and its kin.
    fn constrained(&mut self, callee: Value, args: &architect_python::CallArgs) -> Type {
        let Some(path) = self.machine.external_path(callee).map(str::to_owned) else {
            return Type::Unknown("it is the result of a call that was not followed".into());
        };
        let base = match path.rsplit('.').next().unwrap_or_default() {
            // A distinct name for a type.
            "NewType" => return args.pos.get(1).map_or(Type::Any, |ty| self.type_of(*ty)),
            "constr" => Type::Scalar(Scalar::String),
            "conint" => Type::Scalar(Scalar::Integer),
            "confloat" => Type::Scalar(Scalar::Number),
            "condecimal" => Type::Scalar(Scalar::Decimal),
            "conbytes" => Type::Scalar(Scalar::Bytes),
            "condate" => Type::Scalar(Scalar::Date),
            "conlist" | "conset" => Type::Array {
                items: Box::new(match args.pos.first().copied().or_else(|| self.argument_of(args, "item_type")) {
                    Some(item) => self.type_of(item),
                    None => Type::Any,
                }),
                unique: path.ends_with("conset"),
            },
            _ => return Type::Unknown(format!("`{path}` is not read")),
        };
        let mut facts = Keywords::new();
        for (name, value) in &args.kw {
            let name = self.machine.names.text(*name).to_owned();
            if let (true, Some(json)) = (CONSTRAINTS.contains(&name.as_str()), self.json_of(*value)) {
                facts.insert(name, json);
            }
        }
        annotated(base, facts)
    }

    fn generic_type(&mut self, origin: Value, args: &[Value]) -> Type {
        let path = match self.machine.external_path(origin) {
            Some(path) => path.to_owned(),
            None => match self.machine.class(origin) {
                Some(class) => {
                    let module = self.machine.names.text(class.module);
                    format!("{module}.{}", self.machine.names.text(class.name))
                }
                None => return Type::Unknown("a generic type of something unknown".into()),
            },
        };
        let first = |recogniser: &mut Self| args.first().map_or(Type::Any, |arg| recogniser.type_of(*arg));
        match path.rsplit('.').next().unwrap_or_default() {
            "Annotated" => {
                let inner = first(self);
                self.annotated_type(inner, &args[1..])
            }
            "Union" => self.union_of(args),
            "Optional" => {
                let inner = first(self);
                Type::Union { members: vec![inner, Type::Null], discriminator: None }
            }
            "Literal" => {
                let mut values = Vec::new();
                for arg in args {
                    match self.json_of(*arg) {
                        Some(json) => values.push(json),
                        None => return Type::Unknown("a literal that is not known".into()),
                    }
                }
                Type::Literal(values)
            }
            "list" | "List" | "Sequence" | "MutableSequence" | "Iterable" | "Collection" | "deque" | "Deque" => {
                Type::Array { items: Box::new(first(self)), unique: false }
            }
            "Generator" | "AsyncGenerator" | "Iterator" | "AsyncIterable" | "AsyncIterator" => {
                Type::Array { items: Box::new(first(self)), unique: false }
            }
            "set" | "Set" | "frozenset" | "FrozenSet" | "AbstractSet" | "MutableSet" => {
                Type::Array { items: Box::new(first(self)), unique: true }
            }
            "tuple" | "Tuple" => match args {
                [item, Value::Ellipsis] => Type::Array { items: Box::new(self.type_of(*item)), unique: false },
                _ => Type::Tuple(args.iter().map(|arg| self.type_of(*arg)).collect()),
            },
            "dict" | "Dict" | "Mapping" | "MutableMapping" | "DefaultDict" | "defaultdict" | "OrderedDict" => {
                let keys = Box::new(first(self));
                let values = Box::new(args.get(1).map_or(Type::Any, |arg| self.type_of(*arg)));
                Type::Object { keys, values }
            }
            "Counter" => Type::Object { keys: Box::new(first(self)), values: Box::new(Type::Scalar(Scalar::Integer)) },
            "type" | "Type" | "Callable" => Type::Scalar(Scalar::Callable),
            "SkipJsonSchema" => Type::Hidden,
            "SerializeAsAny" | "FailFast" | "SkipValidation" | "NotBlank" => first(self),
            "Secret" => Type::Scalar(Scalar::Password),
            "Final" | "ClassVar" | "Required" | "NotRequired" | "ReadOnly" | "InitVar" => first(self),
            "Json" => Type::Scalar(Scalar::Json),
            _ => self.type_of(origin),
        }
    }

    /// A type with what stands beside it in `Annotated`.
    fn annotated_type(&mut self, inner: Type, metadata: &[Value]) -> Type {
        match self.annotated_serializer(metadata) {
            Some(output) => {
                let inner = Box::new(self.described_type(inner, metadata));
                Type::Serialized { inner, output: Box::new(output) }
            }
            None => self.described_type(inner, metadata),
        }
    }

    fn described_type(&mut self, inner: Type, metadata: &[Value]) -> Type {
        let mut facts = Keywords::new();
        let mut discriminator = None;
        for value in metadata {
            if self.is_a(*value, "FieldInfo") {
                for (name, json) in self.field_facts(*value) {
                    facts.insert(name, json);
                }
                discriminator = discriminator.or_else(|| self.discriminator(*value));
            } else if let Some(found) = self.metadata_discriminator(*value) {
                discriminator = Some(found);
            } else if let Some(given) = self.given_schema(*value) {
                return given;
            } else {
                facts.extend(self.metadata_facts(*value));
            }
        }
        let inner = match (inner, discriminator) {
            (Type::Union { members, .. }, found @ Some(_)) => Type::Union { members, discriminator: found },
            (inner, _) => inner,
        };
        annotated(inner, facts)
    }

    fn argument_of(&self, args: &architect_python::CallArgs, name: &str) -> Option<Value> {
        args.kw.iter().find(|(known, _)| self.machine.names.text(*known) == name).map(|(_, value)| *value)
    }

    /// What was called with what, where neither was read, by the last name.
    fn foreign_call(&self, value: Value) -> Option<(String, architect_python::CallArgs)> {
        match self.machine.obj(value)? {
            Object::Opaque { callee, args, .. } => {
                let path = self.machine.external_path(*callee)?;
                Some((path.rsplit('.').next()?.to_owned(), args.clone()))
            }
            Object::External(path) => {
                let path = self.machine.names.text(*path);
                Some((path.rsplit('.').next()?.to_owned(), architect_python::CallArgs::default()))
            }
            _ => None,
        }
    }

    /// `annotated_types.Gt(3)`, `pydantic.StringConstraints(…)`.
    fn metadata_facts(&mut self, value: Value) -> Keywords {
        let mut out = Keywords::new();
        let Some((name, args)) = self.foreign_call(value) else { return out };
        let single = match name.as_str() {
            "Gt" => "gt",
            "Ge" => "ge",
            "Lt" => "lt",
            "Le" => "le",
            "MinLen" => "min_length",
            "MaxLen" => "max_length",
            "MultipleOf" => "multiple_of",
            "StringConstraints" | "Interval" => {
                for (name, value) in &args.kw {
                    let name = self.machine.names.text(*name).to_owned();
                    if CONSTRAINTS.contains(&name.as_str())
                        && let Some(json) = self.json_of(*value).filter(|json| !json.is_null())
                    {
                        out.insert(name, json);
                    }
                }
                return out;
            }
            "Len" => {
                for (at, name) in ["min_length", "max_length"].into_iter().enumerate() {
                    let given = args.pos.get(at).copied().or_else(|| self.argument_of(&args, name));
                    let json = given.and_then(|value| self.json_of(value));
                    if let Some(json) = json.filter(|json| !json.is_null() && *json != 0) {
                        out.insert(name.to_owned(), json);
                    }
                }
                return out;
            }
            _ => return out,
        };
        let given = args.pos.first().copied().or_else(|| args.kw.first().map(|(_, value)| *value));
        if let Some(json) = given.and_then(|value| self.json_of(value)) {
            out.insert(single.to_owned(), json);
        }
        out
    }

    /// `discriminator=` of a `Field`.
    fn discriminator(&mut self, info: Value) -> Option<Discriminator> {
        let value = self.option(info, "discriminator").filter(|value| *value != Value::None)?;
        match self.machine.text(value) {
            Some(name) => Some(Discriminator::Field(name.to_owned())),
            None => Some(self.metadata_discriminator(value).unwrap_or(Discriminator::Function)),
        }
    }

    /// `Discriminator(…)` in `Annotated`.
    fn metadata_discriminator(&self, value: Value) -> Option<Discriminator> {
        let (name, args) = self.foreign_call(value)?;
        if name != "Discriminator" {
            return None;
        }
        let given = args.pos.first().copied().or_else(|| self.argument_of(&args, "discriminator"))?;
        Some(match self.machine.text(given) {
            Some(name) => Discriminator::Field(name.to_owned()),
            None => Discriminator::Function,
        })
    }

    /// `WithJsonSchema(…)` and `SkipJsonSchema()` in `Annotated`.
    fn given_schema(&mut self, value: Value) -> Option<Type> {
        let (name, args) = self.foreign_call(value)?;
        match name.as_str() {
            "SkipJsonSchema" => Some(Type::Hidden),
            "WithJsonSchema" => {
                let given = args.pos.first().copied().or_else(|| self.argument_of(&args, "json_schema"))?;
                Some(match self.json_of(given) {
                    Some(Json::Object(schema)) => Type::Given(schema),
                    Some(_) => Type::Hidden,
                    None => Type::Unknown("a schema that is not known".into()),
                })
            }
            _ => None,
        }
    }

    /// The type that `PlainSerializer(…)` and its kin in `Annotated` write.
    fn annotated_serializer(&mut self, metadata: &[Value]) -> Option<Type> {
        metadata.iter().rev().find_map(|value| {
            let (name, args) = self.foreign_call(*value)?;
            if name != "PlainSerializer" && name != "WrapSerializer" {
                return None;
            }
            let function = args.pos.first().copied().or_else(|| self.argument_of(&args, "func"));
            let given = args.pos.get(1).copied().or_else(|| self.argument_of(&args, "return_type"));
            let returns = given.or_else(|| self.machine.signature(function?)?.returns)?;
            Some(self.type_of(returns))
        })
    }
}

/// Pushes constraints to the type they constrain: the one beside `None`.
fn constrain(ty: Type, constraints: &Keywords) -> Type {
    if constraints.is_empty() {
        return ty;
    }
    match ty {
        Type::Union { members, discriminator } if members.contains(&Type::Null) && members.len() == 2 => Type::Union {
            members: members
                .into_iter()
                .map(|member| if member == Type::Null { member } else { constrain(member, constraints) })
                .collect(),
            discriminator,
        },
        ty => annotated(ty, constraints.clone()),
    }
}

fn annotated(inner: Type, facts: Keywords) -> Type {
    if facts.is_empty() {
        return inner;
    }
    let constraints: Keywords = facts
        .iter()
        .filter(|(name, _)| CONSTRAINTS.contains(&name.as_str()))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    match inner {
        Type::Union { members, discriminator } if members.len() == 2 && members.contains(&Type::Null) => {
            let rest: Keywords = facts.into_iter().filter(|(name, _)| !CONSTRAINTS.contains(&name.as_str())).collect();
            let inner = constrain(Type::Union { members, discriminator }, &constraints);
            if rest.is_empty() { inner } else { Type::Annotated { inner: Box::new(inner), facts: rest } }
        }
        Type::Annotated { inner, facts: mut known } => {
            known.extend(facts);
            Type::Annotated { inner, facts: known }
        }
        inner => Type::Annotated { inner: Box::new(inner), facts },
    }
}
