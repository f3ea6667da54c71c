//! Fields of models and what `Field` and its like say of them.

use architect_python::{Object, ObjectId, SigParam, Value};
use serde_json::Value as Json;

use super::super::Recogniser;
use super::{CONSTRAINTS, clean_doc, constrain};
use crate::schema::{Field, Keywords, SchemaKind, Type};

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
    /// What a `FieldInfo` says that reaches a document.
    pub(in crate::recognise) fn field_facts(&mut self, info: Value) -> Keywords {
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
        let aside: Vec<String> = match self.machine.get(info, "options_aside").and_then(|names| self.json_of(names)) {
            Some(Json::Array(names)) => names.iter().filter_map(Json::as_str).map(str::to_owned).collect(),
            _ => Vec::new(),
        };
        let mut extra = Keywords::new();
        // Arguments that `Field` does not have are keywords of the schema.
        for (name, value) in self.machine.get(info, "options").and_then(|all| self.dict_items(all)).unwrap_or_default()
        {
            let known = [CONSTRAINTS, DESCRIPTIONS, OPTIONS].iter().any(|names| names.contains(&name.as_str()));
            if let (false, Some(json)) = (known || aside.contains(&name), self.json_of(value)) {
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
    pub(in crate::recognise) fn option(&mut self, info: Value, name: &str) -> Option<Value> {
        let options = self.machine.get(info, "options")?;
        self.machine.get_item(options, name)
    }

    pub(in crate::recognise) fn option_text(&mut self, info: Value, name: &str) -> Option<String> {
        let value = self.option(info, name)?;
        self.machine.text(value).map(str::to_owned)
    }

    /// Whether a key of a typed dictionary may be left out.
    pub(in crate::recognise) fn may_be_absent(&self, annotation: Value, total: bool) -> bool {
        let Some(Object::Generic { origin, args }) = self.machine.obj(annotation) else { return !total };
        match self.machine.external_path(*origin) {
            Some("typing.NotRequired") => true,
            Some("typing.Required") => false,
            Some("typing.Annotated" | "typing.ReadOnly") => {
                args.first().map_or(!total, |inner| self.may_be_absent(*inner, total))
            }
            _ => !total,
        }
    }

    pub(in crate::recognise) fn model_field(
        &mut self,
        param: &SigParam,
        kind: SchemaKind,
        generator: Option<Value>,
        total: bool,
    ) -> Option<Field> {
        let name = self.machine.names.text(param.name).to_owned();
        let annotation = param.annotation.unwrap_or(Value::None);
        let optional = kind == SchemaKind::TypedDict && self.may_be_absent(annotation, total);
        let mut field = self.field(&name, annotation, param.default, optional);
        if let Some(generator) = generator {
            let whole = ["alias", "validation_alias", "serialization_alias"].map(|kind| {
                self.machine.get(generator, kind).filter(|part| !matches!(part, Value::None | Value::Unknown(_)))
            });
            let [alias, validation, serialization] = match whole {
                [None, None, None] => [Some(generator), None, None],
                parts => parts,
            };
            let made = |recogniser: &mut Self, function: Option<Value>| {
                let given = recogniser.machine.str(&name);
                let args = architect_python::CallArgs { pos: vec![given], ..Default::default() };
                let made = recogniser.machine.invoke(function?, args).ok()?;
                recogniser.machine.text(made).map(str::to_owned)
            };
            if let Some(alias) = made(self, validation.or(alias)).filter(|_| field.alias == name) {
                field.alias = alias;
            }
            if let Some(alias) = made(self, serialization.or(alias)).filter(|_| field.serialization_alias == name) {
                field.serialization_alias = alias;
            }
        }
        Some(field)
    }

    /// A field or parameter by its annotation and default.
    pub(in crate::recognise) fn field(
        &mut self,
        name: &str,
        annotation: Value,
        default: Option<Value>,
        optional: bool,
    ) -> Field {
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
        // What a serializer makes of a default is not followed.
        let unknown_default = value.is_some() && !factory && (default.is_none() || serialized.is_some());
        Field {
            name: name.to_owned(),
            alias: alias.unwrap_or_else(|| name.to_owned()),
            serialization_alias: serialization_alias.unwrap_or_else(|| name.to_owned()),
            ty,
            serialized,
            required,
            default,
            unknown_default,
            facts,
            computed: false,
            excluded,
        }
    }

    /// `validation_alias=`; of several choices the first that is a plain name.
    pub(in crate::recognise) fn validation_alias(&mut self, info: Value) -> Option<String> {
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
    pub(in crate::recognise) fn single_path(&mut self, alias: Value) -> Option<String> {
        let path = self.machine.get(alias, "path")?;
        let (items, _) = self.machine.items(path).ok()??;
        match items.as_slice() {
            [only] => self.machine.text(*only).map(str::to_owned),
            _ => None,
        }
    }

    pub(in crate::recognise) fn computed_fields(&mut self, id: ObjectId) -> Vec<Field> {
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
                    unknown_default: false,
                    facts,
                    computed: true,
                    excluded: false,
                });
            }
        }
        out
    }
}
