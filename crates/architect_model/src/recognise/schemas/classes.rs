//! Classes as schemas: models, enumerations, typed dictionaries, data classes and their own core schemas.

use architect_python::{Object, ObjectId, Value};
use serde_json::Value as Json;

use super::super::Recogniser;
use super::{clean_doc, scalars::external_type};
use crate::schema::{Encodings, Field, Keywords, Scalar, Schema, SchemaKind, Type};

impl Recogniser<'_> {
    pub(in crate::recognise) fn class_type(&mut self, id: ObjectId) -> Type {
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
        if bases.iter().any(|base| self.machine.external_path(*base) == Some("typing.NamedTuple")) {
            return self.model_type(id, SchemaKind::NamedTuple);
        }
        let is_named_tuple = |parent: &ObjectId| {
            let parent = self.machine.class(Value::Obj(*parent));
            parent.is_some_and(|class| self.machine.names.text(class.name) == "_NamedTuple")
        };
        if mro.iter().any(is_named_tuple) {
            return Type::Unknown(format!("`{module}.{name}` is made by `namedtuple` or derives from a named tuple"));
        }
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
    pub(in crate::recognise) fn own_core_schema(&mut self, class: Value) -> Option<Type> {
        let hook = self.machine.get(class, "__get_pydantic_core_schema__")?;
        let handler = self.machine.external("pydantic.GetCoreSchemaHandler");
        let args = architect_python::CallArgs { pos: vec![class, handler], ..Default::default() };
        let made = self.machine.invoke(hook, args).ok()?;
        self.core_schema(made, 0)
    }

    pub(in crate::recognise) fn core_schema(&mut self, value: Value, depth: u32) -> Option<Type> {
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
                    let given = args.pos.get(at).copied().or_else(|| self.argument_of(&args, name));
                    given.and_then(|given| self.core_schema(given, depth + 1)).unwrap_or(Type::Any)
                };
                let keys = Box::new(part("keys_schema", 0));
                return Some(Type::Object { keys, values: Box::new(part("values_schema", 1)) });
            }
            "list_schema" => {
                let given = args.pos.first().copied().or_else(|| self.argument_of(&args, "items_schema"));
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
                let inner = args.pos.get(1).copied().or_else(|| self.argument_of(&args, "schema"))?;
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

    pub(in crate::recognise) fn enum_type(&mut self, id: ObjectId) -> Type {
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

    pub(in crate::recognise) fn new_schema(&mut self, id: ObjectId, kind: SchemaKind) -> usize {
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

    pub(in crate::recognise) fn model_type(&mut self, id: ObjectId, kind: SchemaKind) -> Type {
        let value = Value::Obj(id);
        let index = self.new_schema(id, kind);
        let is_root = self.derives(value, "RootModel");
        let config = self.configuration(value);
        let text = |config: &Keywords, name: &str| config.get(name).and_then(Json::as_str).map(str::to_owned);
        let total = config.get("total") != Some(&Json::Bool(false));
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
            if let Some(field) = self.model_field(&param, kind, generator, total) {
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
    pub(in crate::recognise) fn root_argument(&mut self, value: Value) -> Option<Type> {
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
    pub(in crate::recognise) fn configuration(&mut self, class: Value) -> Keywords {
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
    pub(in crate::recognise) fn apply_serializers(&mut self, id: ObjectId, fields: &mut [Field]) -> Option<Type> {
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
    pub(in crate::recognise) fn computed_extra(&mut self, class: Value, fields: &mut [Field]) -> Keywords {
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
    pub(in crate::recognise) fn config_value(&mut self, class: Value, name: &str) -> Option<Value> {
        let mro = self.machine.class(class)?.mro.clone();
        mro.into_iter().find_map(|parent| {
            let config = self.machine.own_value(parent, "model_config")?;
            self.machine.get_item(config, name)
        })
    }

    pub(in crate::recognise) fn alias_generator(&mut self, class: Value) -> Option<Value> {
        let mro = self.machine.class(class)?.mro.clone();
        mro.into_iter().find_map(|parent| {
            let config = self.machine.own_value(parent, "model_config")?;
            self.machine.get_item(config, "alias_generator")
        })
    }
}
