//! Types and models as Pydantic sees them.
//!
//! Source: pydantic/_internal/_generate_schema.py and pydantic/json_schema.py of 2;
//! <https://docs.pydantic.dev/latest/concepts/json_schema/>.

use architect_python::{Object, ObjectId, SigParam, Value};
use serde_json::Value as Json;

use super::Recogniser;
use crate::schema::{Discriminator, Encodings, Field, Keywords, Scalar, Schema, SchemaKind, Type};

/// Types nested deeper are not followed.
const MAX_DEPTH: u32 = 60;

/// Arguments of `Field` that constrain values.
pub(crate) const CONSTRAINTS: &[&str] =
    &["gt", "ge", "lt", "le", "multiple_of", "min_length", "max_length", "pattern", "regex"];

/// Arguments of `Field` that describe values.
const DESCRIPTIONS: &[&str] = &["title", "description", "examples", "deprecated", "example", "openapi_examples"];

/// Other arguments of `Field`, `Query` and the like; what is none of these is a keyword of the schema.
const OPTIONS: &[&str] = &[
    "alias",
    "alias_priority",
    "allow_inf_nan",
    "allow_mutation",
    "annotation",
    "coerce_numbers_to_str",
    "const",
    "convert_underscores",
    "decimal_places",
    "default",
    "default_factory",
    "discriminator",
    "embed",
    "exclude",
    "exclude_if",
    "fail_fast",
    "field_title_generator",
    "frozen",
    "include_in_schema",
    "init",
    "init_var",
    "json_schema_extra",
    "kw_only",
    "max_digits",
    "media_type",
    "repr",
    "serialization_alias",
    "strict",
    "union_mode",
    "unique_items",
    "validate_default",
    "validation_alias",
];

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
                items: Box::new(match args.pos.first().copied().or_else(|| self.keyword(args, "item_type")) {
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

    fn keyword(&self, args: &architect_python::CallArgs, name: &str) -> Option<Value> {
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
                    let given = args.pos.get(at).copied().or_else(|| self.keyword(&args, name));
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
        let given = args.pos.first().copied().or_else(|| self.keyword(&args, "discriminator"))?;
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
                let given = args.pos.first().copied().or_else(|| self.keyword(&args, "json_schema"))?;
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
            let function = args.pos.first().copied().or_else(|| self.keyword(&args, "func"));
            let given = args.pos.get(1).copied().or_else(|| self.keyword(&args, "return_type"));
            let returns = given.or_else(|| self.machine.signature(function?)?.returns)?;
            Some(self.type_of(returns))
        })
    }

    /// What a `FieldInfo` says that reaches a document.
    pub(super) fn field_facts(&mut self, info: Value) -> Keywords {
        let mut out = Keywords::new();
        for name in CONSTRAINTS.iter().chain(DESCRIPTIONS) {
            if let Some(value) = self.option(info, name)
                && let Some(json) = self.json_of(value)
            {
                // A limit of a date or of a duration does not show.
                let hidden = matches!(*name, "gt" | "ge" | "lt" | "le" | "multiple_of") && !json.is_number();
                if !json.is_null() && !hidden {
                    out.insert(if *name == "regex" { "pattern".into() } else { (*name).to_owned() }, json);
                }
            }
        }
        let mut extra = Keywords::new();
        // Arguments that `Field` does not have are keywords of the schema.
        for (name, value) in self.machine.get(info, "options").and_then(|all| self.dict_items(all)).unwrap_or_default()
        {
            let known = [CONSTRAINTS, DESCRIPTIONS, OPTIONS].iter().any(|names| names.contains(&name.as_str()));
            if let (false, Some(json)) = (known, self.json_of(value)) {
                extra.insert(name, json);
            }
        }
        if let Some(given) = self.option(info, "json_schema_extra")
            && let Some(Json::Object(given)) = self.json_of(given)
        {
            extra = given;
        }
        if !extra.is_empty() {
            out.insert("json_schema_extra".into(), Json::Object(extra));
        }
        out
    }

    /// An argument that a `FieldInfo` was given.
    pub(super) fn option(&mut self, info: Value, name: &str) -> Option<Value> {
        let options = self.machine.get(info, "options")?;
        self.machine.get_item(options, name)
    }

    pub(super) fn option_text(&mut self, info: Value, name: &str) -> Option<String> {
        let value = self.option(info, name)?;
        self.machine.text(value).map(str::to_owned)
    }

    fn class_type(&mut self, id: ObjectId) -> Type {
        let value = Value::Obj(id);
        if let Some(known) = self.schema_ids.get(&id) {
            return Type::Reference(*known);
        }
        if self.derives(value, "UploadFile") {
            return Type::Scalar(Scalar::Binary);
        }
        if self.machine.is_subclass_of_named(value, "Enum") {
            return self.enum_type(id);
        }
        if self.derives(value, "BaseModel") {
            return self.model_type(id, SchemaKind::Model);
        }
        if self.machine.get(value, "__dataclass_fields__").is_some_and(|value| value == Value::Bool(true)) {
            return self.model_type(id, SchemaKind::Dataclass);
        }
        let Some(class) = self.machine.class(value) else { return Type::Any };
        let (module, name) =
            (self.machine.names.text(class.module).to_owned(), self.machine.names.text(class.name).to_owned());
        let bases = class.bases.clone();
        let mro = class.mro.clone();
        if self.machine.is_typed_dict(id) {
            return self.model_type(id, SchemaKind::TypedDict);
        }
        if matches!(module.as_str(), "builtins" | "pathlib" | "pydantic") || module.starts_with("pydantic.") {
            return external_type(&format!("{module}.{name}"));
        }
        // A class with a schema of its own is, as far as documents show, mostly the type it validates.
        if let Some(found) = self.own_core_schema(value) {
            return found;
        }
        if let Some(base) =
            bases.iter().copied().find(|base| matches!(self.machine.obj(*base), Some(Object::Generic { .. })))
        {
            match self.type_of(base) {
                Type::Unknown(_) | Type::Any => {}
                known => return known,
            }
        }
        for base in bases.iter().chain(mro.iter().skip(1).map(|parent| Value::Obj(*parent)).collect::<Vec<_>>().iter())
        {
            match self.machine.obj(*base) {
                Some(Object::Class(class)) if self.machine.names.text(class.module) == "builtins" => {
                    let name = self.machine.names.text(class.name);
                    if name != "object" {
                        return external_type(&format!("builtins.{name}"));
                    }
                }
                _ => {}
            }
        }
        Type::Unknown(format!("`{module}.{name}` is a class that Pydantic is not known to handle"))
    }

    /// The type that `__get_pydantic_core_schema__` builds, where it says so in the words of `core_schema`.
    fn own_core_schema(&mut self, class: Value) -> Option<Type> {
        let hook = self.machine.get(class, "__get_pydantic_core_schema__")?;
        let handler = self.machine.external("pydantic.GetCoreSchemaHandler");
        let args = architect_python::CallArgs { pos: vec![class, handler], ..Default::default() };
        let made = self.machine.invoke(hook, args).ok()?;
        self.core_schema(made, 0)
    }

    fn core_schema(&mut self, value: Value, depth: u32) -> Option<Type> {
        let (name, args) = self.foreign_call(value)?;
        if depth > 10 {
            return None;
        }
        let scalar = match name.as_str() {
            "str_schema" => Scalar::String,
            "int_schema" => Scalar::Integer,
            "float_schema" => Scalar::Number,
            "bool_schema" => Scalar::Boolean,
            "bytes_schema" => Scalar::Bytes,
            "date_schema" => Scalar::Date,
            "datetime_schema" => Scalar::DateTime,
            "time_schema" => Scalar::Time,
            "timedelta_schema" => Scalar::Duration,
            "decimal_schema" => Scalar::Decimal,
            "dict_schema" => {
                let mut part = |name: &str, at: usize| {
                    let given = args.pos.get(at).copied().or_else(|| self.keyword(&args, name));
                    given.and_then(|given| self.core_schema(given, depth + 1)).unwrap_or(Type::Any)
                };
                let keys = Box::new(part("keys_schema", 0));
                return Some(Type::Object { keys, values: Box::new(part("values_schema", 1)) });
            }
            "list_schema" => {
                let given = args.pos.first().copied().or_else(|| self.keyword(&args, "items_schema"));
                let items = given.and_then(|given| self.core_schema(given, depth + 1)).unwrap_or(Type::Any);
                return Some(Type::Array { items: Box::new(items), unique: false });
            }
            "uuid_schema" => Scalar::Uuid,
            "url_schema" => Scalar::Uri,
            "any_schema" => return Some(Type::Any),
            "no_info_after_validator_function"
            | "with_info_after_validator_function"
            | "no_info_before_validator_function"
            | "with_info_before_validator_function"
            | "no_info_wrap_validator_function"
            | "with_info_wrap_validator_function" => {
                let inner = args.pos.get(1).copied().or_else(|| self.keyword(&args, "schema"))?;
                return self.core_schema(inner, depth + 1);
            }
            // The handler's own schema of a type.
            "GetCoreSchemaHandler" | "generate_schema" => {
                let inner = args.pos.first().copied()?;
                return Some(self.type_of(inner));
            }
            _ => return None,
        };
        Some(Type::Scalar(scalar))
    }

    fn enum_type(&mut self, id: ObjectId) -> Type {
        let value = Value::Obj(id);
        let members = self.machine.get(value, "__members__");
        let mut values = Vec::new();
        let members: Vec<Value> = match members.and_then(|members| self.machine.obj(members)) {
            Some(Object::Dict(data)) => data.items.values().map(|(_, member)| *member).collect(),
            _ => Vec::new(),
        };
        let mut unknown = None;
        for member in members {
            let inner = self.machine.get(member, "value").unwrap_or(Value::None);
            match self.json_of(inner) {
                // Aliases are members, too.
                Some(json) => values.push(json),
                None => unknown = Some("a value of the enumeration is not known".to_owned()),
            }
        }
        let index = self.new_schema(id, SchemaKind::Enum);
        let schema = &mut self.service.schemas[index];
        schema.values = values;
        schema.unknown = unknown;
        Type::Reference(index)
    }

    fn new_schema(&mut self, id: ObjectId, kind: SchemaKind) -> usize {
        let value = Value::Obj(id);
        let (name, qualified) = match self.machine.class(value) {
            Some(class) => {
                let text = |sym| self.machine.names.text(sym).to_owned();
                (text(class.name), format!("{}.{}", text(class.module), text(class.qualname)))
            }
            None => (String::new(), String::new()),
        };
        let doc = match self.machine.own_text(id, "__doc__") {
            Some(text) if kind != SchemaKind::Dataclass => Some(clean_doc(&text)).filter(|text| !text.is_empty()),
            _ => None,
        };
        let index = self.service.schemas.len();
        self.schema_ids.insert(id, index);
        let location = self.definition(value);
        self.service.schemas.push(Schema {
            name,
            qualified,
            kind,
            title: None,
            description: doc,
            fields: Vec::new(),
            extra: None,
            values: Vec::new(),
            root: None,
            keywords: Keywords::new(),
            defaults_required: false,
            serialized: None,
            encodings: Encodings::default(),
            location,
            unknown: None,
        });
        index
    }

    fn model_type(&mut self, id: ObjectId, kind: SchemaKind) -> Type {
        let value = Value::Obj(id);
        let index = self.new_schema(id, kind);
        let is_root = self.derives(value, "RootModel");
        let config = self.configuration(value);
        let text = |config: &Keywords, name: &str| config.get(name).and_then(Json::as_str).map(str::to_owned);
        let params = self.machine.class_fields(id);
        let mut fields = Vec::new();
        let mut root = None;
        let mut root_facts = Keywords::new();
        for param in params {
            if is_root && self.machine.names.text(param.name) == "root" {
                root = Some(param.annotation.map_or(Type::Any, |annotation| self.type_of(annotation)));
                let field = self.field("root", param.annotation.unwrap_or(Value::None), param.default, false);
                if let Some(default) = field.default {
                    root_facts.insert("default".into(), default);
                }
                continue;
            }
            let generator = self.alias_generator(value);
            if let Some(field) = self.model_field(&param, kind, generator) {
                fields.push(field);
            }
        }
        if is_root && root.is_none() {
            root = self.root_argument(value);
        }
        for field in self.computed_fields(id) {
            fields.push(field);
        }
        let serialized = self.apply_serializers(id, &mut fields);
        let computed_extra = self.computed_extra(value, &mut fields);
        let is = |name: &str, value: &str| config.get(name).and_then(Json::as_str) == Some(value);
        let encodings = Encodings {
            base64_input: is("val_json_bytes", "base64"),
            base64_output: is("ser_json_bytes", "base64"),
            seconds: is("ser_json_timedelta", "float") || is("ser_json_temporal", "seconds"),
        };
        let open = self.machine.class(value).is_some_and(|class| class.open);
        let schema = &mut self.service.schemas[index];
        schema.fields = fields;
        schema.root = root;
        schema.serialized = serialized;
        schema.encodings = encodings;
        schema.title = text(&config, "title");
        schema.extra = text(&config, "extra");
        schema.defaults_required =
            config.get("json_schema_serialization_defaults_required").and_then(Json::as_bool) == Some(true);
        if let Some(Json::Object(extra)) = config.get("json_schema_extra") {
            schema.keywords = extra.clone();
        }
        schema.keywords.extend(computed_extra);
        schema.keywords.extend(root_facts);
        if open && kind == SchemaKind::Model {
            schema.unknown = Some("a base class was not read".to_owned());
        }
        Type::Reference(index)
    }

    /// What `RootModel[…]` was given.
    fn root_argument(&mut self, value: Value) -> Option<Type> {
        let class = self.machine.class(value)?;
        let (mro, bases, generic) = (class.mro.clone(), class.bases.clone(), class.generic.clone());
        let mut candidates: Vec<Value> = Vec::new();
        if let Some((_, args)) = generic {
            candidates.extend(args);
        }
        for base in bases {
            if let Some(Object::Generic { args, .. }) = self.machine.obj(base) {
                candidates.extend(args.clone());
            }
        }
        for parent in mro {
            if let Some((_, args)) = self.machine.class(Value::Obj(parent)).and_then(|class| class.generic.clone()) {
                candidates.extend(args);
            }
        }
        candidates.first().map(|arg| self.type_of(*arg))
    }

    /// `model_config`, or `class Config`, of a class and its bases.
    fn configuration(&mut self, class: Value) -> Keywords {
        let mut out = Keywords::new();
        let Some(mro) = self.machine.class(class).map(|class| class.mro.clone()) else { return out };
        for parent in mro.into_iter().rev() {
            if let Some(config) = self.machine.own_value(parent, "model_config")
                && let Some(pairs) = self.dict_items(config)
            {
                for (name, value) in pairs {
                    if let Some(json) = self.json_of(value) {
                        out.insert(name, json);
                    }
                }
            }
            let keywords =
                self.machine.class(Value::Obj(parent)).map(|class| class.keywords.clone()).unwrap_or_default();
            for (name, value) in keywords {
                let name = self.machine.names.text(name).to_owned();
                if let Some(json) = self.json_of(value) {
                    out.insert(name, json);
                }
            }
            if let Some(inner) = self.machine.own_value(parent, "Config") {
                for name in ["title", "extra", "json_schema_extra", "schema_extra"] {
                    if let Some(json) = self.machine.get(inner, name).and_then(|value| self.json_of(value))
                        && !json.is_null()
                    {
                        out.insert(name.to_owned(), json);
                    }
                }
            }
        }
        out
    }

    /// What `@field_serializer` makes of fields; the type that `@model_serializer` makes of the whole.
    fn apply_serializers(&mut self, id: ObjectId, fields: &mut [Field]) -> Option<Type> {
        let marker = self.machine.names.lookup("__architect_serializes__")?;
        let mro = self.machine.class(Value::Obj(id))?.mro.clone();
        let mut whole = None;
        for parent in mro.into_iter().rev() {
            for (function, names) in self.machine.marked_functions(parent, marker) {
                let options = self.machine.get(function, "__architect_serializer__").unwrap_or(Value::None);
                let given = self.machine.get_item(options, "return_type").filter(|given| *given != Value::None);
                let returns = given.or_else(|| self.machine.signature(function)?.returns);
                let ty = returns.map(|returns| self.type_of(returns));
                if names == Value::Bool(true) {
                    whole = ty;
                    continue;
                }
                let names: Vec<String> = match self.machine.items(names) {
                    Ok(Some((items, _))) => {
                        items.into_iter().filter_map(|item| self.machine.text(item).map(str::to_owned)).collect()
                    }
                    _ => Vec::new(),
                };
                for field in
                    fields.iter_mut().filter(|field| names.iter().any(|name| *name == field.name || name == "*"))
                {
                    field.serialized.clone_from(&ty);
                }
            }
        }
        whole
    }

    /// What a function in `json_schema_extra=` of the configuration adds to a schema and to its properties.
    fn computed_extra(&mut self, class: Value, fields: &mut [Field]) -> Keywords {
        let mut out = Keywords::new();
        let Some(function) = self.config_value(class, "json_schema_extra") else { return out };
        if matches!(self.machine.obj(function), Some(Object::Dict(_)) | None) {
            return out;
        }
        let names: Vec<String> = fields.iter().map(|field| field.alias.clone()).collect();
        let mut properties = Vec::new();
        for name in &names {
            let empty = self.machine.dict(Vec::new());
            properties.push((self.machine.str(name), empty));
        }
        let properties = self.machine.dict(properties);
        let key = self.machine.str("properties");
        let mut entries = vec![(key, properties)];
        let needed: Vec<Value> =
            fields.iter().filter(|field| field.required).map(|field| self.machine.str(&field.alias)).collect();
        if !needed.is_empty() {
            let key = self.machine.str("required");
            entries.push((key, self.machine.alloc(Object::List(needed, false))));
        }
        let schema = self.machine.dict(entries);
        let takes = self.machine.signature(function).map_or(1, |sig| sig.params.len());
        let pos = if takes > 1 { vec![schema, class] } else { vec![schema] };
        if self.machine.invoke(function, architect_python::CallArgs { pos, ..Default::default() }).is_err() {
            return out;
        }
        for (name, value) in self.dict_items(schema).unwrap_or_default() {
            if name != "properties" {
                if let Some(json) = self.json_of(value) {
                    out.insert(name, json);
                }
                continue;
            }
            for (name, value) in self.dict_items(value).unwrap_or_default() {
                let Some(Json::Object(added)) = self.json_of(value) else { continue };
                let Some(field) = fields.iter_mut().find(|field| field.alias == name) else { continue };
                let known = field.facts.entry("json_schema_extra").or_insert_with(|| Json::Object(Keywords::new()));
                if let Json::Object(known) = known {
                    known.extend(added);
                }
            }
        }
        out
    }

    /// A value of `model_config`, of the nearest class that sets it.
    fn config_value(&mut self, class: Value, name: &str) -> Option<Value> {
        let mro = self.machine.class(class)?.mro.clone();
        mro.into_iter().find_map(|parent| {
            let config = self.machine.own_value(parent, "model_config")?;
            self.machine.get_item(config, name)
        })
    }

    fn alias_generator(&mut self, class: Value) -> Option<Value> {
        let mro = self.machine.class(class)?.mro.clone();
        mro.into_iter().find_map(|parent| {
            let config = self.machine.own_value(parent, "model_config")?;
            self.machine.get_item(config, "alias_generator")
        })
    }

    pub(super) fn dict_items(&self, value: Value) -> Option<Vec<(String, Value)>> {
        match self.machine.obj(value)? {
            Object::Dict(data) => Some(
                data.items
                    .values()
                    .filter_map(|(key, value)| Some((self.machine.text(*key)?.to_owned(), *value)))
                    .collect(),
            ),
            _ => None,
        }
    }

    fn model_field(&mut self, param: &SigParam, kind: SchemaKind, generator: Option<Value>) -> Option<Field> {
        let name = self.machine.names.text(param.name).to_owned();
        let annotation = param.annotation.unwrap_or(Value::None);
        let mut field = self.field(&name, annotation, param.default, kind == SchemaKind::TypedDict);
        if let Some(generator) = generator {
            let given = self.machine.str(&name);
            let args = architect_python::CallArgs { pos: vec![given], ..Default::default() };
            if let Ok(made) = self.machine.invoke(generator, args)
                && let Some(alias) = self.machine.text(made).map(str::to_owned)
            {
                if field.alias == name {
                    field.alias = alias.clone();
                }
                if field.serialization_alias == name {
                    field.serialization_alias = alias;
                }
            }
        }
        Some(field)
    }

    /// A field or parameter by its annotation and default.
    pub(super) fn field(&mut self, name: &str, annotation: Value, default: Option<Value>, optional: bool) -> Field {
        let mut facts = Keywords::new();
        let mut infos: Vec<Value> = Vec::new();
        let mut inner = annotation;
        let (mut discriminator, mut serialized, mut given_type) = (None, None, None);
        if let Some(Object::Generic { origin, args }) = self.machine.obj(annotation) {
            let (origin, args) = (*origin, args.clone());
            if self.machine.external_path(origin) == Some("typing.Annotated") {
                inner = args.first().copied().unwrap_or(Value::None);
                for value in &args[1..] {
                    if self.is_a(*value, "FieldInfo") {
                        infos.push(*value);
                    } else if let Some(found) = self.metadata_discriminator(*value) {
                        discriminator = Some(found);
                    } else if let Some(found) = self.given_schema(*value) {
                        given_type = Some(found);
                    } else {
                        facts.extend(self.metadata_facts(*value));
                    }
                }
                serialized = self.annotated_serializer(&args[1..]);
            }
        }
        let mut value = default;
        let mut required = default.is_none() && !optional;
        let mut factory = false;
        if let Some(given) = default {
            let is_field = self.machine.type_named(given, "Field");
            if self.is_a(given, "FieldInfo") || is_field {
                infos.push(given);
                value = None;
                required = !optional;
            }
        }
        let (mut alias, mut serialization_alias, mut excluded) = (None, None, false);
        for info in &infos {
            let own = self.machine.get(*info, "default");
            match own {
                Some(Value::Ellipsis) | None => {}
                Some(own) if self.machine.type_named(own, "object") => {}
                Some(own) => {
                    if value.is_none() {
                        value = Some(own);
                    }
                    required = false;
                }
            }
            if let Some(made) = self.machine.get(*info, "default_factory")
                && !matches!(made, Value::None)
                && !self.machine.type_named(made, "object")
            {
                factory = true;
                required = false;
            }
            facts.extend(self.field_facts(*info));
            let text = |recogniser: &mut Self, name: &str| recogniser.text_of(*info, name);
            if let Some(given) = text(self, "alias") {
                alias = Some(given.clone());
                serialization_alias = Some(given);
            }
            if let Some(given) = self.validation_alias(*info) {
                alias = Some(given);
            }
            if let Some(given) = self.option_text(*info, "serialization_alias") {
                serialization_alias = Some(given);
            }
            discriminator = discriminator.or_else(|| self.discriminator(*info));
            excluded |= self.option(*info, "exclude") == Some(Value::Bool(true));
        }
        let mut ty = given_type.unwrap_or_else(|| self.type_of(inner));
        if let (Type::Union { members, .. }, found @ Some(_)) = (&ty, discriminator) {
            ty = Type::Union { members: members.clone(), discriminator: found };
        }
        let constraints: Keywords =
            CONSTRAINTS.iter().filter_map(|name| Some(((*name).to_owned(), facts.remove(*name)?))).collect();
        let ty = constrain(ty, &constraints);
        // A type alias with annotations of its own hands them to its field.
        let default = match value {
            Some(value) if !factory => self.json_of(value),
            _ => None,
        };
        Field {
            name: name.to_owned(),
            alias: alias.unwrap_or_else(|| name.to_owned()),
            serialization_alias: serialization_alias.unwrap_or_else(|| name.to_owned()),
            ty,
            serialized,
            required,
            default,
            facts,
            computed: false,
            excluded,
        }
    }

    /// `validation_alias=`; of several choices the first that is a plain name.
    fn validation_alias(&mut self, info: Value) -> Option<String> {
        let given = self.machine.get(info, "validation_alias")?;
        if let Some(text) = self.machine.text(given) {
            return Some(text.to_owned());
        }
        if let Some(choices) = self.machine.get(given, "choices") {
            let choices = self.machine.items(choices).ok()??.0;
            return choices.into_iter().find_map(|choice| match self.machine.text(choice) {
                Some(text) => Some(text.to_owned()),
                None => self.single_path(choice),
            });
        }
        self.single_path(given)
    }

    /// `AliasPath("name")` without further steps.
    fn single_path(&mut self, alias: Value) -> Option<String> {
        let path = self.machine.get(alias, "path")?;
        let (items, _) = self.machine.items(path).ok()??;
        match items.as_slice() {
            [only] => self.machine.text(*only).map(str::to_owned),
            _ => None,
        }
    }

    fn computed_fields(&mut self, id: ObjectId) -> Vec<Field> {
        let Some(mro) = self.machine.class(Value::Obj(id)).map(|class| class.mro.clone()) else { return Vec::new() };
        let mut out: Vec<Field> = Vec::new();
        for parent in mro.into_iter().rev() {
            for (name, function) in self.machine.computed(parent) {
                let returns = self.machine.signature(function).and_then(|sig| sig.returns);
                let doc = self.text_of(function, "__doc__").map(|text| clean_doc(&text));
                let mut facts = Keywords::new();
                facts.insert("readOnly".into(), Json::Bool(true));
                if let Some(doc) = doc.filter(|doc| !doc.is_empty()) {
                    facts.insert("description".into(), Json::String(doc));
                }
                let ty = returns.map_or(Type::Any, |returns| self.type_of(returns));
                out.retain(|known| known.name != name);
                out.push(Field {
                    alias: name.clone(),
                    serialization_alias: name.clone(),
                    name,
                    ty,
                    serialized: None,
                    required: true,
                    default: None,
                    facts,
                    computed: true,
                    excluded: false,
                });
            }
        }
        out
    }

    /// The seconds of `timedelta(…)`.
    fn seconds(&self, args: &architect_python::CallArgs) -> Option<f64> {
        let units = ["days", "seconds", "microseconds", "milliseconds", "minutes", "hours", "weeks"];
        let factors = [86_400.0, 1.0, 1e-6, 1e-3, 60.0, 3_600.0, 604_800.0];
        let number = |value: Value| match value {
            Value::Int(int) => Some(int as f64),
            Value::Float(float) => Some(float),
            _ => None,
        };
        let mut total = 0.0;
        for (at, value) in args.pos.iter().enumerate() {
            total += number(*value)? * factors.get(at)?;
        }
        for (name, value) in &args.kw {
            let at = units.iter().position(|unit| *unit == self.machine.names.text(*name))?;
            total += number(*value)? * factors[at];
        }
        Some(total)
    }

    /// A value as JSON, where all of it is known.
    pub(super) fn json_of(&mut self, value: Value) -> Option<Json> {
        self.json_at(value, 0)
    }

    fn json_at(&mut self, value: Value, depth: u32) -> Option<Json> {
        if depth > MAX_DEPTH {
            return None;
        }
        Some(match value {
            Value::None => Json::Null,
            Value::Bool(b) => Json::Bool(b),
            Value::Int(int) => Json::from(int),
            Value::Float(float) => serde_json::Number::from_f64(float).map(Json::Number)?,
            Value::Str(sym) => Json::String(self.machine.names.text(sym).to_owned()),
            Value::Ellipsis | Value::Unknown(_) => return None,
            Value::Obj(id) => match self.machine.object(id).clone() {
                Object::List(items, false) | Object::Tuple(items) => {
                    Json::Array(items.into_iter().map(|item| self.json_at(item, depth + 1)).collect::<Option<_>>()?)
                }
                Object::Set(data) if !data.open => Json::Array(
                    data.items.into_values().map(|(item, _)| self.json_at(item, depth + 1)).collect::<Option<_>>()?,
                ),
                Object::Dict(data) if !data.open => {
                    let mut out = Keywords::new();
                    for (key, value) in data.items.into_values() {
                        let key = match self.json_at(key, depth + 1)? {
                            Json::String(text) => text,
                            Json::Null => "null".into(),
                            other => other.to_string(),
                        };
                        out.insert(key, self.json_at(value, depth + 1)?);
                    }
                    Json::Object(out)
                }
                Object::Opaque { callee, args, .. }
                    if self.machine.external_path(callee) == Some("datetime.timedelta") =>
                {
                    Json::String(iso_duration(self.seconds(&args)?))
                }
                Object::Bytes(bytes) => Json::String(String::from_utf8_lossy(&bytes).into_owned()),
                Object::Instance { .. } if self.machine.enum_member(value).is_some() => {
                    let inner = self.machine.get(value, "value")?;
                    return self.json_at(inner, depth + 1);
                }
                Object::Instance { attrs, .. } if self.is_a(value, "BaseModel") => {
                    let mut out = Keywords::new();
                    for (name, value) in attrs {
                        let name = self.machine.names.text(name).to_owned();
                        out.insert(name, self.json_at(value, depth + 1)?);
                    }
                    Json::Object(out)
                }
                _ => return None,
            },
        })
    }
}

/// A duration as Pydantic writes it.
fn iso_duration(seconds: f64) -> String {
    let sign = if seconds < 0.0 { "-" } else { "" };
    let whole = seconds.abs();
    let (days, rest) = ((whole / 86_400.0).floor(), whole % 86_400.0);
    let (hours, rest) = ((rest / 3_600.0).floor(), rest % 3_600.0);
    let (minutes, rest) = ((rest / 60.0).floor(), rest % 60.0);
    let mut out = format!("{sign}P");
    let part = |value: f64, unit: &str| if value > 0.0 { format!("{value}{unit}") } else { String::new() };
    out.push_str(&part(days, "D"));
    if hours > 0.0 || minutes > 0.0 || rest > 0.0 || days == 0.0 {
        out.push('T');
        out.push_str(&part(hours, "H"));
        out.push_str(&part(minutes, "M"));
        if rest > 0.0 || (hours == 0.0 && minutes == 0.0) {
            out.push_str(&format!("{rest}S"));
        }
    }
    out
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

/// A type by its dotted name.
fn external_type(path: &str) -> Type {
    let with = |scalar, name: &str, value: i64| {
        let mut facts = Keywords::new();
        facts.insert(name.to_owned(), Json::from(value));
        Type::Annotated { inner: Box::new(Type::Scalar(scalar)), facts }
    };
    let scalar = match path.rsplit('.').next().unwrap_or(path) {
        "bool" | "StrictBool" => Scalar::Boolean,
        "int" | "StrictInt" => Scalar::Integer,
        "float" | "StrictFloat" | "FiniteFloat" => Scalar::Number,
        "str" | "StrictStr" | "LiteralString" => Scalar::String,
        "bytes" | "StrictBytes" | "bytearray" => Scalar::Bytes,
        "Decimal" => Scalar::Decimal,
        "datetime" | "AwareDatetime" | "NaiveDatetime" | "PastDatetime" | "FutureDatetime" => Scalar::DateTime,
        "date" | "PastDate" | "FutureDate" => Scalar::Date,
        "time" => Scalar::Time,
        "timedelta" => Scalar::Duration,
        "UUID" => Scalar::Uuid,
        "UUID1" => Scalar::Uuid1,
        "UUID3" => Scalar::Uuid3,
        "UUID4" => Scalar::Uuid4,
        "UUID5" => Scalar::Uuid5,
        "AnyUrl" | "AnyWebsocketUrl" | "FileUrl" | "FtpUrl" => Scalar::Uri,
        "HttpUrl" | "AnyHttpUrl" | "WebsocketUrl" => {
            if path.ends_with("AnyHttpUrl") {
                Scalar::Uri
            } else {
                Scalar::HttpUri
            }
        }
        "PostgresDsn" | "NatsDsn" | "MongoDsn" | "KafkaDsn" | "CockroachDsn" => Scalar::MultiHostUri,
        "RedisDsn" | "AmqpDsn" | "MySQLDsn" | "MariaDBDsn" | "ClickHouseDsn" | "SnowflakeDsn" => Scalar::Uri,
        "EmailStr" => Scalar::Email,
        "NameEmail" => Scalar::NameEmail,
        "Path" | "PurePath" | "PosixPath" | "PurePosixPath" | "PathLike" => Scalar::Path,
        "FilePath" => Scalar::FilePath,
        "DirectoryPath" => Scalar::DirectoryPath,
        "IPv4Address" => Scalar::Ipv4Address,
        "IPv6Address" => Scalar::Ipv6Address,
        "IPvAnyAddress" => Scalar::IpAnyAddress,
        "SecretStr" => Scalar::Password,
        "SecretBytes" => Scalar::SecretBytes,
        "Pattern" => Scalar::Pattern,
        "Json" => Scalar::Json,
        "dict" | "Dict" | "Mapping" | "MutableMapping" | "DefaultDict" | "OrderedDict" => Scalar::Object,
        "list" | "List" | "Sequence" | "Iterable" | "tuple" | "Tuple" | "deque" => Scalar::Array,
        "set" | "Set" | "frozenset" | "FrozenSet" => {
            return Type::Array { items: Box::new(Type::Any), unique: true };
        }
        "Any" | "object" => return Type::Any,
        "None" | "NoneType" => return Type::Null,
        "PositiveInt" => return with(Scalar::Integer, "gt", 0),
        "NegativeInt" => return with(Scalar::Integer, "lt", 0),
        "NonNegativeInt" => return with(Scalar::Integer, "ge", 0),
        "NonPositiveInt" => return with(Scalar::Integer, "le", 0),
        "PositiveFloat" => return with(Scalar::Number, "gt", 0),
        "NegativeFloat" => return with(Scalar::Number, "lt", 0),
        "NonNegativeFloat" => return with(Scalar::Number, "ge", 0),
        "NonPositiveFloat" => return with(Scalar::Number, "le", 0),
        "Callable" | "type" | "Type" => Scalar::Callable,
        _ => return Type::Unknown(format!("`{path}` is not read")),
    };
    Type::Scalar(scalar)
}

/// `inspect.cleandoc`.
pub(crate) fn clean_doc(text: &str) -> String {
    let expanded = text.replace('\t', "        ");
    let mut lines: Vec<String> = expanded.split('\n').map(str::to_owned).collect();
    let margin = lines
        .iter()
        .skip(1)
        .filter(|line| !line.trim().is_empty())
        .map(|line| line.len() - line.trim_start().len())
        .min()
        .unwrap_or(0);
    if let Some(first) = lines.first_mut() {
        *first = first.trim_start().to_owned();
    }
    for line in lines.iter_mut().skip(1) {
        *line = line.get(margin.min(line.len())..).unwrap_or_default().to_owned();
    }
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    while lines.first().is_some_and(String::is_empty) {
        lines.remove(0);
    }
    lines.join("\n")
}
